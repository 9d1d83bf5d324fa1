"""A layer with the connections of a convolution, in which nothing is shared.

A convolution makes two assumptions at once: that what matters about a pixel is its neighbourhood, and
that the same pattern matters wherever it is. `LocallyConnected2d` makes the first only: each output
position has a kernel of its own. With equal kernels everywhere it computes what ``nn.Conv2d`` does.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from mnistlab import _checks


class LocallyConnected2d(nn.Module):
    """A 2-D convolution with stride 1 that has another kernel at each position.

    Parameters
    ----------
    in_channels, out_channels : int
        C and Q.
    size : (int, int)
        Height H and width W of the input.
    kernel_size : int
        k, odd.
    padding : int
        p rows and columns of zeros on each side; the output has H + 2p - k + 1 rows.

    Attributes
    ----------
    weight : torch.nn.Parameter
        Shape ``(positions, Q, k * k * C)``: kernel row, kernel column, input channel.
    bias : torch.nn.Parameter
        Shape ``(positions, Q, 1)``. Both are drawn from ±1/√(C·k·k), as those of ``nn.Conv2d`` are.

    Raises
    ------
    TypeError, ValueError
        If a number is not a whole one, or the kernel does not fit.

    Examples
    --------
    >>> layer = LocallyConnected2d(1, 8, (28, 28), kernel_size=5, padding=2)
    >>> layer(torch.zeros(3, 1, 28, 28)).shape
    torch.Size([3, 8, 28, 28])
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        size: tuple[int, int],
        kernel_size: int,
        padding: int = 0,
    ) -> None:
        super().__init__()
        _checks.sizes(in_channels=in_channels, out_channels=out_channels, kernel_size=kernel_size)
        _checks.whole("padding", padding, 0)
        self.in_channels, self.out_channels = in_channels, out_channels
        self.kernel_size, self.padding = kernel_size, padding
        self.rows, self.columns = (one + 2 * padding - kernel_size + 1 for one in size)
        if min(self.rows, self.columns) < 1:
            raise ValueError(f"a kernel of {kernel_size} rows does not fit into {size}")
        inputs = in_channels * kernel_size**2
        positions = self.rows * self.columns
        bound = 1 / math.sqrt(inputs)
        weight = torch.empty(positions, out_channels, inputs).uniform_(-bound, bound)
        bias = torch.empty(positions, out_channels, 1).uniform_(-bound, bound)
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)

    def forward(self, images: Tensor) -> Tensor:
        """Maps ``(B, C, H, W)`` to ``(B, Q, rows, columns)``."""
        last = images.permute(2, 3, 1, 0)  # images last
        windows = self._windows(last)
        weight, bias = self.weight, self.bias
        outputs = torch.baddbmm(bias, weight, windows)
        outputs = outputs.unflatten(0, (self.rows, -1))
        return outputs.permute(3, 2, 0, 1)

    def _windows(self, images: Tensor) -> Tensor:
        """The pixels under the kernel at each position: ``(positions, k * k * C, B)``."""
        padded = pad(images, (0, 0, 0, 0) + (self.padding,) * 4)
        slices = [
            padded[row : row + self.rows, column : column + self.columns]
            for row in range(self.kernel_size)
            for column in range(self.kernel_size)
        ]
        return torch.stack(slices, dim=2).flatten(2, 3).flatten(0, 1)

    def extra_repr(self) -> str:
        """What ``print`` shows of the layer."""
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"padding={self.padding}, positions={self.rows}x{self.columns}"
        )

    @classmethod
    def copied_from(cls, convolution: nn.Conv2d, size: tuple[int, int]) -> LocallyConnected2d:
        """The untied copy of a convolution: the same function, with one kernel for each position.

        Parameters
        ----------
        convolution : torch.nn.Conv2d
            With a square kernel, stride 1 and a bias.
        size : (int, int)
            Height and width of its input.
        """
        if convolution.stride != (1, 1) or convolution.dilation != (1, 1) or convolution.groups > 1:
            raise ValueError(f"{convolution}; expected stride 1, dilation 1 and one group")
        kernel, padding = convolution.kernel_size[0], convolution.padding[0]
        layer = cls(convolution.in_channels, convolution.out_channels, size, kernel, padding)
        shared = convolution.weight.permute(0, 2, 3, 1).flatten(1)  # Q, then row, column, channel
        with torch.no_grad():
            layer.weight.copy_(shared)
            layer.bias.copy_(convolution.bias.unsqueeze(1))
        return layer
