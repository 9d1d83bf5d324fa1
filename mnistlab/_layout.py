"""The layout of numbers in memory that convolutions on a CPU are fastest with.

oneDNN, the library that PyTorch calls for convolutions on Intel's and AMD's processors, computes them
in a layout of its own. By default each layer's numbers are brought into it and back. Here they stay
in it from a convolution to the max-pooling behind it. Only the order in memory is another: the
results are the same up to rounding.
"""

from __future__ import annotations

import platform

import torch
from torch import Tensor, nn

from mnistlab import _torch

PROCESSORS = ("x86_64", "AMD64")
"""As `platform.machine` calls those on which this was measured to be faster."""


class InBlocks(nn.Module):
    """Computes what a network of layers computes, with convolutions and poolings in oneDNN's layout.

    Parameters
    ----------
    network : torch.nn.Sequential
        Its layers and parameters are used, not copied: who trains the one has trained the other.
    """

    def __init__(self, network: nn.Sequential) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """The network's logits for images ``(B, C, H, W)`` of type ``float32``, on the CPU."""
        numbers = images
        for layer in self.network:
            blocked = isinstance(layer, nn.Conv2d | nn.MaxPool2d)
            if blocked and not numbers.is_mkldnn:
                numbers = numbers.to_mkldnn()
            if not blocked and numbers.is_mkldnn:
                numbers = numbers.to_dense()
            numbers = layer(numbers)
        return numbers


def fast(network: nn.Sequential, device: torch.device) -> nn.Module:
    """The network in the layout in which it is trained fastest on the device.

    Returns
    -------
    torch.nn.Module
        `InBlocks` with the network in it, or where that can't be had the network itself, its
        parameters in ``torch.channels_last``.
    """
    if (
        device.type == "cpu"
        and torch.backends.mkldnn.is_available()
        and platform.machine() in PROCESSORS
        and _torch.dtype_of(network) == torch.float32
    ):
        return InBlocks(network)
    return network.to(memory_format=torch.channels_last)
