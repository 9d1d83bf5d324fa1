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
        Its layers and parameters are used, not copied: who trains the one has trained the other. A
        layer that oneDNN does not have is computed as always.
    """

    def __init__(self, network: nn.Sequential) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        """The network's logits for images ``(B, C, H, W)`` of type ``float32``, on the CPU."""
        numbers = images
        for layer in self.network:
            blocked = _has_blocks(layer)
            if blocked and not numbers.is_mkldnn:
                numbers = numbers.to_mkldnn()
            if not blocked and numbers.is_mkldnn:
                numbers = numbers.to_dense()
            numbers = layer(numbers)
        return numbers


def _has_blocks(layer: nn.Module) -> bool:
    """Whether oneDNN computes all of the layer; one of a subclass may do anything before it."""
    if type(layer) is nn.Conv2d:
        uneven = layer.padding == "same" and any(
            dilation * (kernel - 1) % 2  # another row of zeros below than above
            for kernel, dilation in zip(layer.kernel_size, layer.dilation, strict=True)
        )
        return layer.padding_mode == "zeros" and not uneven
    if type(layer) is nn.MaxPool2d:
        return layer.dilation in (1, (1, 1)) and not layer.return_indices
    return False


def fast(network: nn.Module, device: torch.device) -> nn.Module:
    """The network in the layout in which it is trained fastest on the device.

    Returns
    -------
    torch.nn.Module
        `InBlocks` with the network in it, or where that can't be had the network itself, its
        parameters in ``torch.channels_last``. A network that is not just a ``torch.nn.Sequential``
        is left as it is: what it does with its layers, and whether the order in memory matters to
        it, is its own.
    """
    if type(network) is not nn.Sequential:
        return network
    if (
        device.type == "cpu"
        and torch.backends.mkldnn.is_available()
        and platform.machine() in PROCESSORS
        and _torch.dtype_of(network) == torch.float32
    ):
        return InBlocks(network)
    return network.to(memory_format=torch.channels_last)
