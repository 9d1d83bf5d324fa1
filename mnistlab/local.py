"""A layer with the connections of a convolution, in which nothing is shared.

A convolution makes two assumptions at once: that what matters about a pixel is its neighbourhood, and
that the same pattern matters wherever it is. `LocallyConnected2d` makes the first only: each output
position has a kernel of its own. With equal kernels everywhere it computes what ``nn.Conv2d`` does.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn.functional import pad

from mnistlab import _checks


def keep_tied(
    network: nn.Module, optimizer: torch.optim.Optimizer, updates: int, faster: float = 1.0
) -> None:
    """For the next so many updates, move all kernels of a layer together, as in a convolution.

    Each position gets the sum of the gradients of all of them. So kernels that are equal stay equal.
    What is said of kernels goes for their biases too.

    Parameters
    ----------
    network : torch.nn.Module
        Its layers of the class `LocallyConnected2d` are meant.
    optimizer : torch.optim.Optimizer
        Of the network's parameters.
    updates : int
        After them each kernel, and each bias, goes its own way.
    faster : float
        By what its steps are longer then. The gradients are multiplied, which is the same as a larger
        learning rate of the kernels alone if the optimizer does plain gradient descent.

    Examples
    --------
    >>> layer = LocallyConnected2d.copied_from(nn.Conv2d(1, 2, 3), (5, 5))
    >>> optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    >>> keep_tied(layer, optimizer, updates=1)
    >>> layer(torch.rand(4, 1, 5, 5)).square().mean().backward()
    >>> optimizer.step()
    >>> torch.equal(layer.weight[0], layer.weight[8])
    True
    """
    layers = [layer for layer in network.modules() if isinstance(layer, LocallyConnected2d)]

    def add_up(update: int) -> None:
        for layer in layers:
            if update < updates:
                share_gradient(layer)
            elif faster != 1:
                for parameter in layer.parameters():
                    parameter.grad.mul_(faster)

    _before_each_update(optimizer, add_up)


def share_gradient(layer: LocallyConnected2d) -> None:
    """Give each position the sum of the gradients of all positions: that of a shared kernel and bias.

    Parameters
    ----------
    layer : LocallyConnected2d
        After ``backward``: its weight, of shape ``(positions, out, in · k · k)``, and its bias have gradients.

    Examples
    --------
    >>> layer = LocallyConnected2d(1, 2, (5, 5), 3)
    >>> layer(torch.rand(4, 1, 5, 5)).square().mean().backward()
    >>> total = layer.weight.grad.sum(dim=0)
    >>> share_gradient(layer)
    >>> all(torch.equal(each, total) for each in layer.weight.grad)
    True
    """
    for parameter in layer.parameters():
        gradient = parameter.grad
        total = gradient.sum(dim=0, keepdim=True)
        gradient.copy_(total.expand_as(gradient))


def freeze_later(network: nn.Module, optimizer: torch.optim.SGD, updates: int) -> None:
    """After so many updates, let the kernels of convolutions stay as they are, and their biases too.

    Parameters
    ----------
    network : torch.nn.Module
        Its layers of the class ``nn.Conv2d`` are meant.
    optimizer : torch.optim.SGD
        Of the network's parameters, without momentum.
    updates : int
        Until then nothing is changed.

    Raises
    ------
    ValueError
        If the network has no such layer.

    Examples
    --------
    >>> layer = nn.Conv2d(1, 2, 3)
    >>> before = layer.weight.clone()
    >>> optimizer = torch.optim.SGD(layer.parameters(), lr=0.1)
    >>> freeze_later(layer, optimizer, updates=0)
    >>> layer(torch.rand(4, 1, 5, 5)).sum().backward()
    >>> optimizer.step()
    >>> torch.equal(layer.weight, before)
    True
    """
    layers = [layer for layer in network.modules() if isinstance(layer, nn.Conv2d)]
    if not layers:
        raise ValueError(
            "the network has no Conv2d whose kernels could be frozen; leave frozen out"
        )

    def stop(update: int) -> None:
        for layer in layers if update >= updates else ():
            for parameter in layer.parameters():
                parameter.grad.zero_()

    _before_each_update(optimizer, stop)


def _before_each_update(optimizer: torch.optim.Optimizer, change: Callable[[int], None]) -> None:
    """Call ``change`` with the number of the update, from 0, when its gradients are there."""
    number = itertools.count()
    optimizer.register_step_pre_hook(lambda *_: change(next(number)))


class LocallyConnected2d(nn.Module):
    """A 2-D convolution that has another kernel at each position.

    Parameters
    ----------
    in_channels, out_channels : int
        C and Q.
    size : (int, int)
        Height H and width W of the input.
    kernel_size : int
        k, at most H + 2p and W + 2p.
    padding : int
        p rows and columns of zeros on each side.
    stride : int
        s, by which the window moves; the output has ⌊(H + 2p - k) / s⌋ + 1 rows.

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
        stride: int = 1,
    ) -> None:
        super().__init__()
        _checks.sizes(
            in_channels=in_channels,
            out_channels=out_channels,
            height=size[0],
            width=size[1],
            kernel_size=kernel_size,
            stride=stride,
        )
        _checks.whole("padding", padding, 0)
        self.in_channels, self.out_channels, self.size = in_channels, out_channels, tuple(size)
        self.kernel_size, self.padding, self.stride = kernel_size, padding, stride
        room = [one + 2 * padding - kernel_size for one in size]
        self.rows, self.columns = (one // stride + 1 for one in room)
        if min(room) < 0:
            raise ValueError(f"a kernel of {kernel_size} rows does not fit into {size}")
        inputs = in_channels * kernel_size**2
        positions = self.rows * self.columns
        bound = 1 / math.sqrt(inputs)
        weight = torch.empty(positions, out_channels, inputs).uniform_(-bound, bound)
        bias = torch.empty(positions, out_channels, 1).uniform_(-bound, bound)
        self.weight, self.bias = nn.Parameter(weight), nn.Parameter(bias)

    def forward(self, images: Tensor) -> Tensor:
        """Maps ``(B, C, H, W)`` to ``(B, Q, rows, columns)``.

        Raises
        ------
        ValueError
            If the images are of another shape than those that the layer was made for.
        """
        _check_images(images, self)
        last = images.permute(2, 3, 1, 0)  # images last
        windows = self._windows(last)
        weight, bias = self.weight, self.bias
        outputs = torch.baddbmm(bias, weight, windows)
        outputs = outputs.unflatten(0, (self.rows, -1))
        return outputs.permute(3, 2, 0, 1)

    def _windows(self, images: Tensor) -> Tensor:
        """The pixels under the kernel at each position: ``(positions, k * k * C, B)``."""
        padded = pad(images, (0, 0, 0, 0) + (self.padding,) * 4)
        down, right = ((n - 1) * self.stride + 1 for n in (self.rows, self.columns))
        slices = [
            padded[row : row + down : self.stride, column : column + right : self.stride]
            for row in range(self.kernel_size)
            for column in range(self.kernel_size)
        ]
        return torch.stack(slices, dim=2).flatten(2, 3).flatten(0, 1)

    def extra_repr(self) -> str:
        """What ``print`` shows of the layer."""
        return (
            f"{self.in_channels}, {self.out_channels}, kernel_size={self.kernel_size}, "
            f"padding={self.padding}, stride={self.stride}, positions={self.rows}x{self.columns}"
        )

    @classmethod
    def copied_from(cls, convolution: nn.Conv2d, size: tuple[int, int]) -> LocallyConnected2d:
        """The untied copy of a convolution: the same function, with one kernel for each position.

        Parameters
        ----------
        convolution : torch.nn.Conv2d
            With a square kernel and a bias, one stride, and the same number of rows and columns of
            zeros on each side; without dilation and groups.
        size : (int, int)
            Height and width of its input.

        Returns
        -------
        LocallyConnected2d

        Raises
        ------
        TypeError, ValueError
            If the convolution is of another kind, or does not fit into an input of this size.
        """
        _check_convolution(convolution)
        layer = cls(
            convolution.in_channels,
            convolution.out_channels,
            size,
            kernel_size=convolution.kernel_size[0],
            padding=convolution.padding[0],
            stride=convolution.stride[0],
        )
        shared = convolution.weight.permute(0, 2, 3, 1).flatten(1)  # Q, then row, column, channel
        with torch.no_grad():
            layer.weight.copy_(shared)
            layer.bias.copy_(convolution.bias.unsqueeze(1))
        return layer


def _check_images(images: Tensor, layer: LocallyConnected2d) -> None:
    expected = layer.in_channels, *layer.size
    if images.ndim != 4 or images.shape[1:] != expected:
        raise ValueError(
            f"images have shape {tuple(images.shape)}; expected (B, {', '.join(map(str, expected))}): "
            "the layer has a kernel for each position in images of this size"
        )


def _check_convolution(convolution: nn.Conv2d) -> None:
    """Check that a convolution does what a `LocallyConnected2d` with its kernel everywhere does."""
    pairs = convolution.kernel_size, convolution.stride, convolution.padding  # or "same", a word
    even = all(isinstance(pair, tuple) and pair[0] == pair[1] for pair in pairs)
    plain = convolution.dilation == (1, 1) and convolution.groups == 1
    if not (even and plain and convolution.padding_mode == "zeros") or convolution.bias is None:
        raise ValueError(
            f"{convolution} can't be copied; expected one stride, one number for the padding, with "
            "zeros, a square kernel, a bias, dilation 1 and one group"
        )
