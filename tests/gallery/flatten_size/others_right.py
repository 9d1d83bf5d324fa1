"""The flatten size, right, in other people's styles."""

import operator
from functools import partial, reduce

import numpy as np
import torch
from torch import nn

# expect: passed
SIZE_AS_A_PRODUCT_OF_AN_ARRAY = np.prod([64, 7, 7])

# expect: passed
times_49 = partial(operator.mul, 7 * 7)


# expect: passed
def tried_with_a_blank_image(Q2):
    features = nn.Sequential(
        nn.LazyConv2d(3, 5, padding="same"), nn.MaxPool2d(2),
        nn.LazyConv2d(Q2, 5, padding="same"), nn.MaxPool2d(2),
    )  # fmt: skip
    with torch.no_grad():
        return features(torch.zeros(1, 1, 28, 28)).flatten(1).shape[1]


def conv_out(n: int, k: int, p: int, s: int) -> int:
    return (n + 2 * p - k) // s + 1


# expect: passed
def by_the_formula(Q2: int) -> int:
    layers = [(5, 2, 1), (2, 0, 2), (5, 2, 1), (2, 0, 2)]
    side = reduce(lambda n, layer: conv_out(n, *layer), layers, 28)
    return side * side * Q2


# expect: passed
# note: float-size
def true_division(n_channels):
    return n_channels * (28 / 2 / 2) ** 2
