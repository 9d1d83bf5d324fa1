"""The two networks of the assignment, exactly as its Table 1 lists their layers."""

from __future__ import annotations

from torch import nn

from mnistlab import _checks
from mnistlab.shapes import flatten_size

IMAGE_SHAPE = (1, 28, 28)
"""Shape of one MNIST image: channels, height, width."""


def fully_connected(D: int, K: int, O: int) -> nn.Sequential:
    """Network (a): flatten, then three fully-connected layers with tanh between them (Task 3).

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
    """
    _checks.sizes(D=D, K=K, O=O)
    return nn.Sequential(
        nn.Flatten(),
        nn.Linear(D, K),
        nn.Tanh(),
        nn.Linear(K, K),
        nn.Tanh(),
        nn.Linear(K, O),
    )


def convolutional(Q1: int, Q2: int, O: int) -> nn.Sequential:
    """Network (b): two blocks of convolution, max-pooling and tanh, then one layer (Task 5).

    The input size of the last layer is computed by `mnistlab.flatten_size`, not typed in.

    Parameters
    ----------
    Q1, Q2 : int
        Number of output channels of the first and the second convolution.
    O : int
        Number of outputs, one logit per class: 10 for MNIST.

    Returns
    -------
    torch.nn.Sequential
        Maps a batch of images ``(B, 1, 28, 28)`` to logits ``(B, O)``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.
    """
    _checks.sizes(Q1=Q1, Q2=Q2, O=O)
    filters = nn.Sequential(
        nn.Conv2d(1, Q1, 5, stride=1, padding=2),
        nn.MaxPool2d(2, stride=2),
        nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, stride=1, padding=2),
        nn.MaxPool2d(2, stride=2),
        nn.Tanh(),
    )
    D = flatten_size(filters, IMAGE_SHAPE)
    return nn.Sequential(
        *filters,
        nn.Flatten(),
        nn.Linear(D, O),
    )
