"""Looking into a network: what its layers are as matrices, what they see, what they can spare."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import product

import torch
from torch import Tensor, nn

from mnistlab import _checks
from mnistlab._torch import evaluation, same_mode_after
from mnistlab.shapes import output_size

DISPUTED = (
    947, 1621, 1901, 2130, 2462, 2597, 2654, 3520, 3558, 5937, 6651, 6783, 8527, 9679, 9729,
)  # fmt: skip
"""Places, from 0, of the 15 test images of MNIST whose label fewer than three of five people chose.

Found by Northcutt, Athalye and Mueller (2021), who had images judged on which trained networks
disagreed with the label; the votes are published with their paper.
"""

SEES_ONE = (
    nn.Identity, nn.Tanh, nn.Sigmoid, nn.ReLU, nn.LeakyReLU, nn.PReLU, nn.ELU, nn.SELU, nn.CELU,
    nn.GELU, nn.SiLU, nn.Mish, nn.Softplus, nn.Softsign, nn.LogSigmoid, nn.Hardtanh, nn.Hardsigmoid,
    nn.Hardswish, nn.Dropout, nn.Dropout2d,
)  # fmt: skip
"""Layers whose outputs each depend on one input."""

BATCH = 500
"""Images that are held in memory at once."""


def convolution_matrix(
    kernel: Tensor, height: int, width: int, *, stride: int = 1, padding: int = 0
) -> Tensor:
    """The matrix that does to a flattened image what a kernel does to the image.

    Each output has a row, each pixel a column: many zeros, and the same few weights again and again.

    Parameters
    ----------
    kernel : torch.Tensor
        Shape ``(k, k)``.
    height, width : int
        Of the image, in pixels.
    stride, padding : int
        As in ``torch.nn.Conv2d``.

    Returns
    -------
    torch.Tensor
        Shape ``(outputs, height * width)``, of the kernel's type.

    Raises
    ------
    TypeError, ValueError
        If the kernel is not a square matrix, a number is out of its range, or the kernel does not
        fit.

    Examples
    --------
    >>> convolution_matrix(torch.tensor([[1, 2], [3, 4]]), 2, 3)
    tensor([[1, 2, 0, 3, 4, 0],
            [0, 1, 2, 0, 3, 4]])
    """
    _check_kernel(kernel)
    k = len(kernel)
    rows, columns = (
        output_size(
            n, k, stride=stride, padding=padding
        )
        for n in (height, width)
    )  # fmt: skip
    shape = rows * columns, height * width
    matrix = kernel.new_zeros(shape)
    positions = product(range(rows), range(columns))
    for output, (i, j) in enumerate(positions):
        for u, v in product(range(k), range(k)):
            y = i * stride + u - padding
            x = j * stride + v - padding
            pixel = y * width + x
            if 0 <= y < height and 0 <= x < width:
                matrix[output, pixel] = kernel[u, v]
    return matrix


def _check_kernel(kernel: Tensor) -> None:
    if not isinstance(kernel, Tensor) or kernel.ndim != 2 or kernel.shape[0] != kernel.shape[1]:
        raise ValueError(
            f"kernel is {_checks.described(kernel)}; expected a torch.Tensor of shape (k, k)"
        )


def receptive_field(layers: Iterable[nn.Module]) -> int:
    """Side of the square of pixels that one output of these layers depends on, from their sizes.

    Parameters
    ----------
    layers : iterable of torch.nn.Module
        ``Conv2d``, ``MaxPool2d`` and ``AvgPool2d`` with square kernels, and activations, in order.

    Returns
    -------
    int
        In pixels, where the image's border does not cut it.

    Raises
    ------
    ValueError
        If a layer is of another kind, or not square.

    Examples
    --------
    >>> receptive_field([nn.Conv2d(1, 8, 5), nn.MaxPool2d(2), nn.Tanh()])
    6
    """
    side, step = 1, 1
    for layer in layers:
        kernel, stride, dilation = _sizes(layer)
        side += dilation * (kernel - 1) * step
        step *= stride
    return side


def _sizes(layer: nn.Module) -> tuple[int, int, int]:
    """Kernel size, stride and dilation of a layer."""
    if isinstance(layer, SEES_ONE):
        return 1, 1, 1
    if not isinstance(layer, nn.Conv2d | nn.MaxPool2d | nn.AvgPool2d):
        raise ValueError(
            f"{type(layer).__name__} has no receptive field that its sizes tell; expected Conv2d, "
            "MaxPool2d, AvgPool2d, or an activation of each number for itself: leave out the layers "
            "from the flatten layer on"
        )
    sizes = (layer.kernel_size, layer.stride, getattr(layer, "dilation", 1))
    pairs = [one if isinstance(one, tuple) else (one, one) for one in sizes]
    if any(down != across for down, across in pairs):
        raise ValueError(f"{layer} is not square; expected equal sizes down and across")
    kernel, stride, dilation = (down for down, _ in pairs)
    return kernel, stride, dilation


def sensitivity(network: nn.Module, images: Tensor, place: tuple[int, int]) -> Tensor:
    """How strongly the outputs at one place depend on each pixel: size of the gradient.

    A pixel that makes no difference has exactly 0. A max-pooling passes on only the largest of its
    inputs, so one image shows but a part of what a network can see: use many. The network is asked in
    evaluation mode; its mode is as before afterwards.

    Parameters
    ----------
    network : torch.nn.Module
        Maps images to maps ``(N, channels, H', W')``.
    images : torch.Tensor
        Shape ``(N, C, H, W)``.
    place : (int, int)
        Row and column in the maps.

    Returns
    -------
    torch.Tensor
        Shape ``(H, W)``: mean over the images of the size of the derivative of the sum of all
        channels at this place.

    Raises
    ------
    TypeError, ValueError
        If the network is none, does not give maps, or they have no such place.
    """
    row, column = place
    images = images.clone().requires_grad_()
    with same_mode_after(network):
        network.eval()
        maps = network(images)
    _check_place(maps, place)
    outputs = maps[:, :, row, column].sum()
    gradient, = torch.autograd.grad(outputs, images)  # fmt: skip
    return gradient.abs().mean(dim=(0, 1))


def _check_place(maps: Tensor, place: tuple[int, int]) -> None:
    if maps.ndim != 4:
        raise ValueError(
            f"the network gives shape {tuple(maps.shape)}; expected maps (N, channels, H, W): leave "
            "out the layers from the flatten layer on"
        )
    if not all(0 <= at < size for at, size in zip(place, maps.shape[2:], strict=True)):
        raise ValueError(
            f"place is {place}; the maps have {tuple(maps.shape[2:])} rows and columns"
        )


def features(layers: nn.Module, images: Tensor) -> Tensor:
    """What some layers of a network compute for images, in evaluation mode and in small batches.

    Parameters
    ----------
    layers : torch.nn.Module
        Such as ``network[:3]``.
    images : torch.Tensor
        Shape ``(N, ...)``.

    Returns
    -------
    torch.Tensor
        Shape ``(N, ...)``.
    """
    with evaluation(layers):
        return torch.cat([layers(some) for some in images.split(BATCH)])


def every_output(network: nn.Sequential, images: Tensor) -> list[Tensor]:
    """The images, and what each layer makes of them in turn, in evaluation mode.

    Parameters
    ----------
    network : torch.nn.Sequential
    images : torch.Tensor
        Shape ``(N, ...)``.

    Returns
    -------
    list of torch.Tensor
        One more than there are layers; the last are the logits.

    Examples
    --------
    >>> network = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    >>> [tuple(one.shape) for one in every_output(network, torch.zeros(1, 2, 2))]
    [(1, 2, 2), (1, 4), (1, 3)]
    """
    outputs = [images]
    with evaluation(network):
        for layer in network:
            outputs.append(layer(outputs[-1]))
    return outputs


def lost_without_each(rest: nn.Module, values: Tensor, targets: Tensor) -> list[float]:
    """How much accuracy is lost without each unit or map alone, in percentage points.

    Parameters
    ----------
    rest, values, targets
        As for `accuracies_without`.

    Returns
    -------
    list of float
        One for each unit or map; negative where the network does better without it.
    """
    groups = [[unit] for unit in range(values.shape[1])]
    whole, *without = accuracies_without(rest, values, targets, [[], *groups])
    return [100 * (whole - accuracy) for accuracy in without]


def accuracies_without_many(
    rest: nn.Module,
    values: Tensor,
    targets: Tensor,
    shares: Sequence[float] = (0, 0.25, 0.5, 0.75),
    draws: int = 5,
) -> dict[float, list[float]]:
    """Accuracy without a share of all units or maps, chosen blindly.

    Parameters
    ----------
    rest, values, targets
        As for `accuracies_without`.
    shares : sequence of float
        In [0, 1].
    draws : int
        How often each share is chosen anew, with torch's global random numbers.

    Returns
    -------
    dict of float to list of float
        For each share the accuracies in [0, 1], one for each draw.

    Raises
    ------
    ValueError
        If a share is out of its range.
    """
    if not all(0 <= share <= 1 for share in shares):
        raise ValueError(f"shares are {list(shares)}; expected numbers in [0, 1]")
    units = values.shape[1]
    return {
        share: accuracies_without(
            rest, values, targets,
            [torch.randperm(units)[: round(share * units)] for _ in range(draws)],
        )
        for share in shares
    }  # fmt: skip


def accuracies_without(
    rest: nn.Module, values: Tensor, targets: Tensor, groups: Iterable[Sequence[int] | Tensor]
) -> list[float]:
    """Accuracy of a network in which some units or maps tell nothing: each is held at its mean.

    Parameters
    ----------
    rest : torch.nn.Module
        The layers that follow, asked in evaluation mode; their mode is as before afterwards.
    values : torch.Tensor
        What the units or maps are for each image, shape ``(N, units)`` or ``(N, maps, H, W)``. A
        mean is taken over the N images, at each place of a map.
    targets : torch.Tensor
        Shape ``(N,)``.
    groups : iterable of sequence of int
        Which units or maps are held, together: one accuracy for each group.

    Returns
    -------
    list of float
        Fractions in [0, 1].

    Raises
    ------
    TypeError
        If ``rest`` is no network.
    ValueError
        If there are no images, or not one target for each.
    IndexError
        If there is no such unit.
    """
    _check_targets(values, targets)
    mean = values.mean(dim=0)
    found = []
    for group in groups:
        right = 0
        for start in range(0, len(values), BATCH):
            some = slice(start, start + BATCH)
            held = values[some].clone()
            held[:, group] = mean[group]
            with evaluation(rest):
                answers = rest(held).argmax(dim=1)
            same = answers == targets[some]
            right += same.sum().item()
        found.append(right / len(values))
    return found


def _check_targets(values: Tensor, targets: Tensor) -> None:
    if len(values) == 0 or targets.shape != (len(values),):
        raise ValueError(
            f"values have shape {tuple(values.shape)}, targets {tuple(targets.shape)}; expected one "
            "target for each of at least one image"
        )


def slope_share(kernels: Tensor) -> Tensor:
    """How much of a kernel is an even slope, from one side to the opposite one in any direction.

    Parameters
    ----------
    kernels : torch.Tensor
        Shape ``(..., k, k)``, ``k`` at least 2.

    Returns
    -------
    torch.Tensor
        Shape ``(...)``, values in [0, 1]: the share of the variance of each kernel's weights that the
        plane closest to them explains. It is not a number where all weights are equal.

    Raises
    ------
    ValueError
        If the kernels are not squares, or have one weight only.

    Examples
    --------
    >>> ramp = torch.arange(3.0).expand(3, 3)
    >>> slope_share(torch.stack([ramp, ramp.T, (ramp - 1).square()])).round(decimals=3)
    tensor([1., 1., 0.])
    """
    k = kernels.shape[-1] if kernels.ndim else 0
    if kernels.ndim < 2 or kernels.shape[-2] != k or k < 2:
        raise ValueError(
            f"kernels have shape {tuple(kernels.shape)}; expected (..., k, k) with k at least 2"
        )
    weights = kernels.detach() - kernels.detach().mean(dim=(-2, -1), keepdim=True)
    ramp = torch.arange(k, dtype=weights.dtype) - (k - 1) / 2
    ramp = ramp / (k * ramp.square().sum()).sqrt()  # of length 1 as a picture of k equal rows
    across = (weights * ramp).sum(dim=(-2, -1))
    down = (weights * ramp[:, None]).sum(dim=(-2, -1))
    return (across.square() + down.square()) / weights.square().sum(dim=(-2, -1))


def confusions(answers: Tensor, targets: Tensor, classes: int = 10) -> Tensor:
    """How often each class was given each answer.

    Parameters
    ----------
    answers, targets : torch.Tensor
        ``int64`` of shape ``(N,)``, values from 0 to ``classes - 1``.
    classes : int

    Returns
    -------
    torch.Tensor
        ``int64`` of shape ``(classes, classes)``: a row for each target, a column for each answer.

    Raises
    ------
    ValueError
        If the two are not of one length, or hold other values.

    Examples
    --------
    >>> confusions(torch.tensor([0, 1, 1]), torch.tensor([0, 0, 1]), classes=2)
    tensor([[1, 1],
            [0, 1]])
    """
    if answers.shape != targets.shape or answers.ndim != 1:
        raise ValueError(
            f"answers have shape {tuple(answers.shape)}, targets {tuple(targets.shape)}; expected "
            "(N,) twice"
        )
    both = torch.cat([answers, targets])
    if len(both) and not 0 <= both.min() <= both.max() < classes:
        raise ValueError(f"values from {both.min()} to {both.max()}; expected 0 to {classes - 1}")
    pairs = classes * targets + answers
    return torch.bincount(pairs, minlength=classes**2).reshape(classes, classes)
