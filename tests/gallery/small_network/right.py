"""Small networks, with the accuracies that people pass on."""

import numpy as np
import torch
from torch import nn

from mnistlab import convolutional


# expect: passed
def by_the_function():
    return convolutional(10, 13, 10), 0.953, [0.6, 0.8, 0.93]


class Small(nn.Module):
    def __init__(self, a=8, b=14):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, a, 5, padding=2), nn.Conv2d(a, b, 5, padding=2)
        self.pool, self.fc = nn.MaxPool2d(2), nn.Linear(49 * b, 10)

    def forward(self, x):
        x = torch.tanh(self.pool(self.conv1(x)))
        x = torch.tanh(self.pool(self.conv2(x)))
        return self.fc(torch.flatten(x, 1))


# expect: passed
def an_own_class_and_lists():
    return Small(), np.linspace(0.7, 0.95, 10), np.linspace(0.5, 0.93, 10)


# expect: passed
def in_evaluation_mode():
    return Small(4, 16).eval(), torch.tensor(0.95), 0.93
