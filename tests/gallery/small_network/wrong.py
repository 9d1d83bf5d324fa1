"""Small networks that are none, or not better."""

import torch
from torch import nn

from mnistlab import convolutional, fully_connected


def small(*last, kernel=5):
    return nn.Sequential(
        nn.Conv2d(1, 8, kernel, padding=kernel // 2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(8, 12, kernel, padding=kernel // 2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * 12, 10), *last,
    )  # fmt: skip


# expect: too-many-parameters
# says: 10 254 parameters
def a_little_too_large():
    return convolutional(11, 13, 10), 0.96, 0.93


# expect: too-many-parameters, percent-for-fraction
def the_assignments_network_in_percent():
    return convolutional(32, 64, 10), 97.1, 0.93


# expect: accuracy-not-reached
def less_accurate():
    return small(), 0.91, [0.5, 0.93]


# expect: not-network-b
# says: kernels of 3 × 3
def smaller_kernels():
    return small(kernel=3), 0.95, 0.93


# expect: not-network-b
# says: softmax
def with_probabilities():
    return small(nn.Softmax(dim=1)), 0.95, 0.93


# expect: not-network-b
# says: 0 convolutions
def a_narrow_network_a():
    return fully_connected(784, 12, 10), 0.95, 0.93


# expect: not-network-b
# says: 3 convolutions
def a_third_convolution():
    network = small()
    return nn.Sequential(nn.Conv2d(1, 1, 1), *network), 0.95, 0.93


# expect: not-a-network
def the_sizes():
    return (8, 12, 10), 0.95, 0.93


# expect: not-a-network
def the_state():
    return small().state_dict(), 0.95, 0.93


# expect: wrong-type
def a_text():
    return small(), f"{torch.tensor(0.95):.2%}", 0.93
