"""Network (b) with the habits of other libraries."""

import torch
from torch import nn


class ConvBlock(nn.Sequential):
    def __init__(self, c_in, c_out):
        super().__init__(nn.Conv2d(c_in, c_out, 5, padding="same"), nn.MaxPool2d(2), nn.Tanh())


# expect: passed
class Measured(nn.Module):
    """The size of the last layer is seen on an image of zeros."""

    def __init__(self, Q1, Q2, O):
        super().__init__()
        self.features = nn.Sequential(ConvBlock(1, Q1), ConvBlock(Q1, Q2), nn.Flatten())
        with torch.no_grad():
            size = self.features(torch.zeros(1, 1, 28, 28)).shape[1]
        self.classifier = nn.Linear(size, O)

    def forward(self, x):
        return self.classifier(self.features(x))


class Stack(nn.Module):
    """In the manner of Keras: add, add, add."""

    def __init__(self):
        super().__init__()
        self.layers = []

    def add(self, layer):
        self.layers.append(layer)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


# expect: not-registered, other-activation
def added(Q1, Q2, O):
    model = Stack()
    model.add(nn.Conv2d(1, Q1, kernel_size=(5, 5), padding=2))
    model.add(nn.MaxPool2d((2, 2)))
    model.add(nn.ReLU())
    model.add(nn.Conv2d(Q1, Q2, kernel_size=(5, 5), padding=2))
    model.add(nn.MaxPool2d((2, 2)))
    model.add(nn.ReLU())
    model.add(nn.Flatten())
    model.add(nn.Linear(7 * 7 * Q2, O))
    return model


def blocks(widths, O):
    for inputs, outputs in zip((1, *widths), widths, strict=False):
        yield from (nn.Conv2d(inputs, outputs, 5, padding=2), nn.MaxPool2d(2), nn.Tanh())
    yield from (nn.Flatten(), nn.LazyLinear(O))


# expect: passed
def two_blocks(Q1, Q2, O):
    network = nn.Sequential(*blocks((Q1, Q2), O))
    network(torch.zeros(1, 1, 28, 28))
    return network


# expect: layer-extra
# says: 4 convolutions: 1 → 32, 32 → 32, 32 → 64, 64 → 64
def four_blocks(Q1, Q2, O):
    network = nn.Sequential(*blocks((Q1, Q1, Q2, Q2), O))
    network(torch.zeros(1, 1, 28, 28))
    return network


# expect: layer-extra
# says: 4 fully-connected layers
def a_head_of_four(Q1, Q2, O):
    head = (nn.Linear(49 * Q2, 120), nn.Tanh(), nn.Linear(120, 84), nn.Tanh(),
            nn.Linear(84, 84), nn.Tanh(), nn.Linear(84, O))  # fmt: skip
    return nn.Sequential(*two_blocks(Q1, Q2, O)[:-1], *head)
