"""How many numbers each network learns: from a formula, and by counting (Task 10)."""

from __future__ import annotations

from torch import nn

from mnistlab import _checks, _torch


def fully_connected_parameters(D: int, K: int, O: int) -> int:
    """Number of learnable parameters of network (a), from its widths.

    Each output of a fully-connected layer has one weight per input and one bias.

    Parameters
    ----------
    D, K, O : int
        Inputs, hidden width, outputs, as in `mnistlab.fully_connected`.

    Returns
    -------
    int
        89 610 for ``D=784, K=100, O=10``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.
    """
    _checks.sizes(D=D, K=K, O=O)
    first = (D + 1) * K
    second = (K + 1) * K
    third = (K + 1) * O
    return first + second + third


def convolutional_parameters(Q1: int, Q2: int, O: int) -> int:
    """Number of learnable parameters of network (b) for 28×28 images, from its widths.

    Each output channel of a convolution has 5·5 weights per input channel and one bias. The last
    layer sees Q2 maps of 7×7 values.

    Parameters
    ----------
    Q1, Q2, O : int
        Channels and outputs, as in `mnistlab.convolutional`.

    Returns
    -------
    int
        83 466 for ``Q1=32, Q2=64, O=10``.

    Raises
    ------
    TypeError, ValueError
        If a size is not a whole number of at least 1.
    """
    _checks.sizes(Q1=Q1, Q2=Q2, O=O)
    first = (1 * 5 * 5 + 1) * Q1
    second = (Q1 * 5 * 5 + 1) * Q2
    third = (Q2 * 7 * 7 + 1) * O
    return first + second + third


def count_parameters(network: nn.Module) -> int:
    """Number of learnable parameters that a network actually has.

    Counts numbers, not tensors. A parameter that two layers share counts once; one that is frozen
    (``requires_grad=False``) and a buffer, such as a running mean, count nothing.

    Parameters
    ----------
    network : torch.nn.Module

    Returns
    -------
    int

    Raises
    ------
    TypeError
        If it is not a ``torch.nn.Module``.
    ValueError
        If a lazy layer has no parameters yet.
    """
    _torch.check_network(network)
    return sum(
        parameter.numel()
        for parameter in network.parameters()
        if parameter.requires_grad
    )  # fmt: skip
