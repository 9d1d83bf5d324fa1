"""Networks between the two of the assignment, and the two with one part exchanged.

All of them map ``(B, 1, 28, 28)`` to logits ``(B, O)``, and a `mnistlab.Specification` can name them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

from torch import nn

from mnistlab import _checks
from mnistlab.local import LocallyConnected2d
from mnistlab.networks import convolutional, fully_connected
from mnistlab.runs.specification import register

SIZES = ((28, 28), (14, 14))
"""Height and width of the images, and of the feature maps after the first pooling."""


def linear(D: int, O: int) -> nn.Sequential:
    """One layer from the pixels to the logits: no hidden layer at all.

    Examples
    --------
    >>> import torch
    >>> linear(784, 10)(torch.zeros(5, 1, 28, 28)).shape
    torch.Size([5, 10])
    """
    _checks.sizes(D=D, O=O)
    return nn.Sequential(nn.Flatten(), nn.Linear(D, O))


def locally_connected(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network with a kernel of its own at each position: local, not shared.

    It has the connections of ``convolutional(Q1, Q2, O)`` and as many multiply–accumulates.
    """
    _checks.sizes(Q1=Q1, Q2=Q2, O=O)
    return nn.Sequential(
        LocallyConnected2d(1, Q1, SIZES[0], 5, padding=2),
        nn.MaxPool2d(2),
        nn.Tanh(),
        LocallyConnected2d(Q1, Q2, SIZES[1], 5, padding=2),
        nn.MaxPool2d(2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(49 * Q2, O),
    )


def untied(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """`locally_connected`, started as the untied copy of a convolutional network.

    Before the first update it is the same function as ``convolutional(Q1, Q2, O)`` drawn from the
    same seed; from then on each position goes its own way.
    """
    return untie(convolutional(Q1, Q2, O))


def untie(network: nn.Sequential) -> nn.Sequential:
    """A copy of a network in which each convolution is replaced by its untied copy."""
    sizes = iter(SIZES)
    return nn.Sequential(
        *(
            LocallyConnected2d.copied_from(layer, next(sizes))
            if isinstance(layer, nn.Conv2d)
            else copy.deepcopy(layer)
            for layer in network
        )
    )


def average_pooling(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network with the average of each 2 × 2 window in place of its maximum."""
    return _replaced(convolutional(Q1, Q2, O), nn.MaxPool2d, lambda layer: nn.AvgPool2d(2))


def strided(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network without pooling: its convolutions move by two pixels instead."""
    _checks.sizes(Q1=Q1, Q2=Q2, O=O)
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, stride=2, padding=2),
        nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, stride=2, padding=2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(49 * Q2, O),
    )


def strided_locally_connected(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """`locally_connected` without pooling: its windows move by two pixels instead.

    It has the connections of ``strided(Q1, Q2, O)``, with a kernel of its own at each position.
    """
    _checks.sizes(Q1=Q1, Q2=Q2, O=O)
    return nn.Sequential(
        LocallyConnected2d(1, Q1, SIZES[0], 5, padding=2, stride=2),
        nn.Tanh(),
        LocallyConnected2d(Q1, Q2, SIZES[1], 5, padding=2, stride=2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(49 * Q2, O),
    )


def global_average(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network with each of its last maps averaged to one number: no position left."""
    _checks.sizes(O=O)
    *filters, _ = convolutional(Q1, Q2, O)
    return nn.Sequential(*filters[:-1], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(Q2, O))


def fully_connected_relu(D: int, K: int, O: int) -> nn.Sequential:
    """The fully-connected network with ReLU in place of tanh."""
    return _replaced(fully_connected(D, K, O), nn.Tanh, lambda layer: nn.ReLU())


def convolutional_relu(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network with ReLU in place of tanh."""
    return _replaced(convolutional(Q1, Q2, O), nn.Tanh, lambda layer: nn.ReLU())


def fully_connected_dropout(D: int, K: int, O: int) -> nn.Sequential:
    """The fully-connected network with dropout of half of its hidden units."""
    return _with_dropout(fully_connected(D, K, O))


def convolutional_dropout(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network with dropout of half of the values that reach its last layer."""
    return _with_dropout(convolutional(Q1, Q2, O))


def fully_connected_modern(D: int, K: int, O: int) -> nn.Sequential:
    """The fully-connected network with ReLU in place of tanh, and dropout before its last layer."""
    return _with_dropout(fully_connected_relu(D, K, O))


def convolutional_modern(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network with ReLU in place of tanh, and dropout before its last layer."""
    return _with_dropout(convolutional_relu(Q1, Q2, O))


def _with_dropout(network: nn.Sequential) -> nn.Sequential:
    *layers, last = network
    return nn.Sequential(*layers, nn.Dropout(0.5), last)


def _replaced(
    network: nn.Sequential, kind: type[nn.Module], build: Callable[[nn.Module], nn.Module]
) -> nn.Sequential:
    return nn.Sequential(*(build(layer) if isinstance(layer, kind) else layer for layer in network))


for _build in (
    linear, locally_connected, untied, average_pooling, strided,
    strided_locally_connected, global_average,
    fully_connected_relu, convolutional_relu, fully_connected_dropout, convolutional_dropout,
    fully_connected_modern, convolutional_modern,
):  # fmt: skip
    register(_build.__name__, _build)
