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

    Parameters
    ----------
    D : int
        Number of inputs, the pixels of one image: 784 for MNIST.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps a batch of any shape ``(B, ...)`` with D numbers per image to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

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

    Parameters
    ----------
    Q1, Q2 : int
        Output channels of the first and the second layer.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> from mnistlab import multiply_accumulates
    >>> one, shared = locally_connected(8, 16, 10), convolutional(8, 16, 10)
    >>> multiply_accumulates(one, (1, 28, 28)) == multiply_accumulates(shared, (1, 28, 28))
    True
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

    Parameters
    ----------
    Q1, Q2 : int
        Output channels of the first and the second convolution.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> print(untied(8, 16, 10)[0])
    LocallyConnected2d(1, 8, kernel_size=5, padding=2, stride=1, positions=28x28)
    """
    return untie(convolutional(Q1, Q2, O))


def untie(network: nn.Sequential) -> nn.Sequential:
    """A copy of a network in which each convolution is replaced by its untied copy.

    Parameters
    ----------
    network : torch.nn.Sequential
        As `mnistlab.convolutional` builds it: at most two ``Conv2d``, of inputs 28 × 28 and 14 × 14.

    Returns
    -------
    torch.nn.Sequential
        The same function, in which each position has a kernel and a bias of its own; it has no
        parameter in common with the network.

    Raises
    ------
    ValueError
        If there are more convolutions, or one is of a kind that
        `mnistlab.local.LocallyConnected2d.copied_from` refuses.

    Examples
    --------
    >>> import torch
    >>> network, images = convolutional(8, 16, 10), torch.rand(2, 1, 28, 28)
    >>> torch.allclose(untie(network)(images), network(images), atol=1e-5)
    True
    """
    count = sum(isinstance(layer, nn.Conv2d) for layer in network)
    if count > len(SIZES):
        raise ValueError(f"the network has {count} convolutions; expected at most {len(SIZES)}")
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
    """The convolutional network with the average of each 2 × 2 window in place of its maximum.

    Parameters
    ----------
    Q1, Q2 : int
        Output channels of the first and the second convolution.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> print(average_pooling(8, 16, 10)[1])
    AvgPool2d(kernel_size=2, stride=2, padding=0)
    """
    return _replaced(convolutional(Q1, Q2, O), nn.MaxPool2d, lambda layer: nn.AvgPool2d(2))


def strided(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network without pooling: its convolutions move by two pixels instead.

    Parameters
    ----------
    Q1, Q2 : int
        Output channels of the first and the second convolution.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> from mnistlab import trace_shapes
    >>> [layer.output_shape for layer in trace_shapes(strided(8, 16, 10), (1, 28, 28))][:3:2]
    [(8, 14, 14), (16, 7, 7)]
    """
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

    Parameters
    ----------
    Q1, Q2 : int
        Output channels of the first and the second layer.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> print(strided_locally_connected(8, 16, 10)[2])
    LocallyConnected2d(8, 16, kernel_size=5, padding=2, stride=2, positions=7x7)
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
    """The convolutional network with each of its last maps averaged to one number: no position left.

    Parameters
    ----------
    Q1, Q2 : int
        Output channels of the first and the second convolution.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> print(global_average(8, 16, 10)[-1])
    Linear(in_features=16, out_features=10, bias=True)
    """
    _checks.sizes(O=O)
    *filters, _ = convolutional(Q1, Q2, O)
    return nn.Sequential(*filters[:-1], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(Q2, O))


def fully_connected_relu(D: int, K: int, O: int) -> nn.Sequential:
    """The fully-connected network with ReLU in place of tanh.

    Parameters
    ----------
    D : int
        Number of inputs, the pixels of one image: 784 for MNIST.
    K : int
        Width of the two hidden layers.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps a batch of any shape ``(B, ...)`` with D numbers per image to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> print(fully_connected_relu(784, 100, 10)[2])
    ReLU()
    """
    return _replaced(fully_connected(D, K, O), nn.Tanh, lambda layer: nn.ReLU())


def convolutional_relu(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network with ReLU in place of tanh.

    Parameters
    ----------
    Q1, Q2 : int
        Output channels of the first and the second convolution.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> print(convolutional_relu(8, 16, 10)[2])
    ReLU()
    """
    return _replaced(convolutional(Q1, Q2, O), nn.Tanh, lambda layer: nn.ReLU())


def fully_connected_dropout(D: int, K: int, O: int) -> nn.Sequential:
    """The fully-connected network with dropout of half of its hidden units.

    Parameters
    ----------
    D : int
        Number of inputs, the pixels of one image: 784 for MNIST.
    K : int
        Width of the two hidden layers.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps a batch of any shape ``(B, ...)`` with D numbers per image to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> print(fully_connected_dropout(784, 100, 10)[-2])
    Dropout(p=0.5, inplace=False)
    """
    return _with_dropout(fully_connected(D, K, O))


def convolutional_dropout(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network with dropout of half of the values that reach its last layer.

    Parameters
    ----------
    Q1, Q2 : int
        Output channels of the first and the second convolution.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> print(convolutional_dropout(8, 16, 10)[-2])
    Dropout(p=0.5, inplace=False)
    """
    return _with_dropout(convolutional(Q1, Q2, O))


def fully_connected_modern(D: int, K: int, O: int) -> nn.Sequential:
    """The fully-connected network with ReLU in place of tanh, and dropout before its last layer.

    Parameters
    ----------
    D : int
        Number of inputs, the pixels of one image: 784 for MNIST.
    K : int
        Width of the two hidden layers.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps a batch of any shape ``(B, ...)`` with D numbers per image to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> [type(layer).__name__ for layer in fully_connected_modern(784, 100, 10)][-3:]
    ['ReLU', 'Dropout', 'Linear']
    """
    return _with_dropout(fully_connected_relu(D, K, O))


def convolutional_modern(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """The convolutional network with ReLU in place of tanh, and dropout before its last layer.

    Parameters
    ----------
    Q1, Q2 : int
        Output channels of the first and the second convolution.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.

    Examples
    --------
    >>> [type(layer).__name__ for layer in convolutional_modern(8, 16, 10)][-4:]
    ['ReLU', 'Flatten', 'Dropout', 'Linear']
    """
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
