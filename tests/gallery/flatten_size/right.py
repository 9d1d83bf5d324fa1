"""The size of the flatten layer, in different ways, all of them right."""

import math

import numpy as np
import torch
from torch import nn

# expect: passed
ANSWER = 3136

# expect: passed
AS_A_TENSOR = torch.tensor(7 * 7 * 64)

# expect: passed
AS_A_PRODUCT = np.prod([64, 7, 7])

# expect: passed
# note: float-size
AS_A_FLOAT = 28 / 4 * 28 / 4 * 64


# expect: passed
def formula(Q2):
    return 7 * 7 * Q2


# expect: passed
def step_by_step(Q2):
    side = 28
    for _ in range(2):
        side = (side + 2 * 2 - 5) // 1 + 1
        side = (side - 2) // 2 + 1
    return side**2 * Q2


# expect: passed
def by_trying(channels):
    layers = nn.Sequential(
        nn.Conv2d(1, 8, 5, padding=2), nn.MaxPool2d(2),
        nn.Conv2d(8, channels, 5, padding=2), nn.MaxPool2d(2), nn.Flatten(),
    )  # fmt: skip
    return layers(torch.zeros(1, 1, 28, 28)).shape[1]


# expect: passed
def with_prod(Q2=64):
    return math.prod((Q2, 28 // 4, 28 // 4))
