"""The number of parameters of network (b), right, in other people's styles."""

from math import prod

import torch
from torch import nn


# expect: passed
def shapes_of_the_tensors(Q1, Q2, O):
    shapes = [(Q1, 1, 5, 5), (Q1,), (Q2, Q1, 5, 5), (Q2,), (O, Q2 * 7 * 7), (O,)]
    return sum(prod(shape) for shape in shapes)


# expect: passed
def conv_and_dense(Q1, Q2, O):
    def conv(c, q, k=5):
        return (k * k * c + 1) * q

    def dense(n, m):
        return (n + 1) * m

    return conv(1, Q1) + conv(Q1, Q2) + dense(Q2 * (28 // 4) ** 2, O)


# expect: passed
def lazily_made_and_counted(Q1, Q2, O):
    net = nn.Sequential(
        nn.LazyConv2d(Q1, 5, padding=2), nn.MaxPool2d(2), nn.LazyConv2d(Q2, 5, padding=2),
        nn.MaxPool2d(2), nn.Flatten(), nn.LazyLinear(O),
    )  # fmt: skip
    net(torch.zeros(1, 1, 28, 28))
    return nn.utils.parameters_to_vector(net.parameters()).numel()


# expect: passed
def expanded(Q1, Q2, O):
    return torch.tensor(26 * Q1 + 25 * Q1 * Q2 + Q2 + 49 * Q2 * O + O)
