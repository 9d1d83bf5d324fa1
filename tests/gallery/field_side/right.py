"""The receptive field of a chain, computed in different ways, all of them right."""

import math

import torch
from torch import nn


# expect: passed
def forwards(layers):
    side, step = 1, 1
    for kernel, stride in layers:
        side += (kernel - 1) * step
        step *= stride
    return side


# expect: passed
def backwards(layers):
    side = 1
    for kernel, stride in reversed(layers):
        side = (side - 1) * stride + kernel
    return side


# expect: passed
def as_a_sum(layers):
    strides = [stride for _, stride in layers]
    return 1 + sum((k - 1) * math.prod(strides[:i]) for i, (k, _) in enumerate(layers))


# expect: passed
def recursively(layers):
    if not layers:
        return 1
    (kernel, stride), *rest = layers
    return kernel + stride * (recursively(rest) - 1)


# expect: passed
def measured(layers):
    pixels = torch.zeros(1, 1, 400, requires_grad=True)
    values = pixels
    for kernel, stride in layers:
        values = nn.functional.conv1d(values, torch.ones(1, 1, kernel), stride=stride)
    values[0, 0, 0].backward()
    return (pixels.grad != 0).sum()


# expect: passed
def of_positions(layers):
    seen = {0}
    for kernel, stride in layers[::-1]:
        seen = {place * stride + offset for place in seen for offset in range(kernel)}
    return max(seen) - min(seen) + 1
