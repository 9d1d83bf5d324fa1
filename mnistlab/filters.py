"""What a convolutional and a pooling layer compute, written out for one channel.

Slow on purpose: each line is the definition. ``torch.nn.Conv2d`` and ``torch.nn.MaxPool2d`` do the
same for many channels at once; the tests compare them number by number.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import pad

from mnistlab.shapes import output_size


def cross_correlate(image: Tensor, kernel: Tensor, *, stride: int = 1, padding: int = 0) -> Tensor:
    """Slide a kernel over an image and take the weighted sum under it at each place.

    This is what ``Conv2d`` computes for one input and one output channel, without bias. A
    convolution in the mathematical sense would flip the kernel first.

    Parameters
    ----------
    image : torch.Tensor
        Shape ``(H, W)``.
    kernel : torch.Tensor
        Shape ``(k, k)``, with numbers of the same type as the image's.
    stride : int
        Step from one place to the next, in pixels.
    padding : int
        Rows and columns of zeros added on each side of the image.

    Returns
    -------
    torch.Tensor
        Shape ``(output_size(H, k, ...), output_size(W, k, ...))``.

    Raises
    ------
    TypeError, ValueError
        If the image is not a matrix, the kernel not square or of another type, or the kernel does
        not fit.
    """
    _check_matrix("image", image)
    _check_kernel(kernel, image.dtype)
    k = len(kernel)
    height, width = (
        output_size(
            n, k, stride=stride, padding=padding
        )
        for n in image.shape
    )  # fmt: skip
    image = pad(image, (padding,) * 4)
    output = image.new_zeros(height, width)
    for i in range(height):
        for j in range(width):
            y, x = i * stride, j * stride
            window = image[y:y + k, x:x + k]  # fmt: skip
            output[i, j] = (window * kernel).sum()
    return output


def max_pool(image: Tensor, size: int = 2) -> Tensor:
    """Cut an image into squares and keep the largest value of each.

    Parameters
    ----------
    image : torch.Tensor
        Shape ``(H, W)``.
    size : int
        Side of a square, and the stride. Rows and columns that do not fill one are dropped, as
        ``MaxPool2d`` does.

    Returns
    -------
    torch.Tensor
        Shape ``(H // size, W // size)``.

    Raises
    ------
    TypeError, ValueError
        If the image is not a matrix, or smaller than one square.
    """
    _check_matrix("image", image)
    height, width = (
        output_size(n, size, stride=size)
        for n in image.shape
    )  # fmt: skip
    output = image.new_zeros(height, width)
    for i in range(height):
        for j in range(width):
            y, x = i * size, j * size
            window = image[y:y + size, x:x + size]  # fmt: skip
            output[i, j] = window.max()
    return output


def _check_matrix(name: str, values: object, *, square: bool = False) -> None:
    if not isinstance(values, Tensor):
        raise TypeError(f"{name} is {type(values).__name__}; expected a torch.Tensor")
    shape = tuple(values.shape)
    if len(shape) != 2 or (square and shape[0] != shape[1]):
        expected = "(k, k)" if square else "(height, width)"
        raise ValueError(
            f"{name} has shape {shape}; expected {expected}, one channel without batch axis"
        )


def _check_kernel(kernel: object, dtype: torch.dtype) -> None:
    _check_matrix("kernel", kernel, square=True)
    if kernel.dtype != dtype:
        raise TypeError(
            f"the kernel has type {kernel.dtype}, the image {dtype}; expected the same: convert one, "
            f"as in kernel.to({dtype})"
        )
