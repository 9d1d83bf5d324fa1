"""Figures of what a network has learned: weights, matrices, what is seen, what can be spared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from mnistlab.plots.experiments import _error_axis, _error_points
from mnistlab.plots.images import canvas, place
from mnistlab.plots.style import (
    BOTH,
    CONVOLUTIONAL,
    MARKS,
    Drawing,
    apart,
    empty_figure,
    is_narrow,
    one_plot,
    open_mark,
    styled,
    width,
)


@styled
def draw_before_after(
    before: Tensor,
    after: Tensor,
    columns: int = 8,
    titles: tuple[str, str] = ("before training", "after"),
    marked: Iterable[int] = (),
) -> Drawing:
    """The same weights before and after training, as pictures, and for each of the two a scale of colours.

    Parameters
    ----------
    before, after : torch.Tensor
        Shape ``(N, H, W)`` or ``(N, 1, H, W)``: blue below zero, white at zero, red above. A scale is
        symmetric, and 99 of 100 weights lie on it; the others have its last colours.
    columns : int
        Pictures in a row; half as many on a phone.
    titles : (str, str)
        What stands above the two blocks.
    marked : iterable of int
        Pictures of the second block that get a green frame, counted from 0.
    """
    framed = {int(one) for one in marked}
    columns = columns // 2 if is_narrow() else columns
    side = (width() - 0.1) / columns - 0.07
    tall = -(-len(before) // columns) * (side + 0.07)
    figure, axes = canvas(2 * (tall + 0.4))
    for block, (title, values) in enumerate(zip(titles, (before, after), strict=True)):
        upper = 0.3 + block * (tall + 0.4)
        bound = values.detach().abs().quantile(0.99).item()
        axes.text(0.05, upper - 0.07, title, va="bottom")
        _scale(axes, upper - 0.1, bound)
        for i, value in enumerate(values.reshape(-1, *values.shape[-2:])):
            corner = 0.05 + i % columns * (side + 0.07), upper + i // columns * (side + 0.07)
            place(axes, value, corner, side, bound=bound)
            if block == 1 and i in framed:
                axes.add_patch(Rectangle(corner, side, side, fill=False, ec=MARKS[0], lw=2.4))
    return figure


@styled
def draw_kernels(rows: Mapping[str, Tensor]) -> Drawing:
    """Kernels in rows, each row with its scale of colours.

    Parameters
    ----------
    rows : mapping of str to torch.Tensor
        Shape ``(N, k, k)`` each, with what stands above the row: blue below zero, white at zero, red
        above.
    """
    columns = max(len(kernels) for kernels in rows.values())
    side = (width() - 0.1) / columns - 0.07
    figure, axes = canvas(len(rows) * (side + 0.4))
    for i, (title, kernels) in enumerate(rows.items()):
        upper = 0.3 + i * (side + 0.4)
        bound = kernels.abs().max().item()
        axes.text(0.05, upper - 0.07, title, va="bottom")
        _scale(axes, upper - 0.1, bound, long=0.45 if is_narrow() else 0.9)
        for j, kernel in enumerate(kernels):
            place(axes, kernel, (0.05 + j * (side + 0.07), upper), side, bound=bound)
    return figure


def _scale(axes: Axes, lower: float, bound: float, long: float = 0.9) -> None:
    """The colours from ``-bound`` to ``bound``, at the right of a canvas, ``lower`` inches from its top."""
    left, high = width() - 0.75 - long, 0.11
    place(
        axes,
        torch.linspace(-bound, bound, 64)[None],
        (left, lower - high),
        long,
        bound=bound,
        height=high,
    )
    axes.text(left - 0.06, lower + 0.03, f"−{bound:.2f}", ha="right", va="bottom")
    axes.text(left + long + 0.06, lower + 0.03, f"{bound:.2f}", va="bottom")


@styled
def draw_matrices(fully_connected: Tensor, convolution: Tensor) -> Drawing:
    """The matrix of a fully-connected layer and that of a convolution, one square for each entry.

    Parameters
    ----------
    fully_connected, convolution : torch.Tensor
        Matrices of one shape. Colours are symmetric around zero within each; white is zero.
    """
    across = 1 if is_narrow() else 2
    side = (width() - 0.1) / across - 0.15
    rows, columns = convolution.shape
    tall = side * rows / columns
    figure, axes = canvas((2 // across) * (tall + 0.4) + 0.05)
    both = ("fully-connected", fully_connected), ("convolution", convolution)
    for i, ((name, matrix), look) in enumerate(zip(both, BOTH, strict=True)):
        left = 0.05 + i % across * (side + 0.25)
        upper = 0.32 + i // across * (tall + 0.4)
        axes.text(left, upper - 0.07, name, va="bottom", color=look.color)
        place(axes, matrix, (left, upper), side, bound=matrix.abs().max().item())
    return figure


@styled
def draw_seen(pictures: Mapping[str, Tensor], frame: tuple[int, int, int]) -> Drawing:
    """How strongly something depends on each pixel, with a square drawn around some of them.

    Parameters
    ----------
    pictures : mapping of str to torch.Tensor
        Title to a matrix of numbers of at least 0; the largest of each is black.
    frame : (int, int, int)
        First row, first column and side of the square.
    """
    side = min(2.6, (width() - 0.1) / len(pictures) - 0.1)
    figure, axes = canvas(side + 0.4)
    start = (width() - len(pictures) * (side + 0.1)) / 2
    for i, (title, picture) in enumerate(pictures.items()):
        left, upper = start + i * (side + 0.1), 0.3
        axes.text(left, upper - 0.07, title, va="bottom")
        place(axes, picture / picture.max(), (left, upper), side)
        row, column, size = frame
        pixel = side / picture.shape[1]
        corner = left + column * pixel, upper + row * pixel
        axes.add_patch(Rectangle(corner, size * pixel, size * pixel, fill=False, lw=2))
        axes.patches[-1].set_edgecolor(CONVOLUTIONAL.color)
    return figure


@styled
def plot_spared(drops: Mapping[str, Sequence[float]]) -> Drawing:
    """What each unit or map is worth when it alone is missing: a point for each.

    Parameters
    ----------
    drops : mapping of str to sequence of float
        Name of a layer to the accuracy that is lost, in percentage points. A layer whose name begins
        with "CNN" has the look of the convolutional network, others that of the fully-connected one.
    """
    figure, axes = one_plot(height=2.6)
    for row, (name, values) in enumerate(drops.items()):
        look = BOTH[name.startswith(CONVOLUTIONAL.name)]
        spread = [row + 0.5 * ((i * 0.618) % 1 - 0.5) for i in range(len(values))]
        axes.scatter(values, spread, **open_mark(look))
    axes.axvline(0, color="0.5", linewidth=1)
    axes.set_yticks(range(len(drops)), list(drops))
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("accuracy lost (percentage points)")
    return figure


@styled
def plot_without_many(
    fully_connected: Mapping[float, Sequence[float]], convolutional: Mapping[float, Sequence[float]]
) -> Drawing:
    """Share of wrong answers against the share of units or maps held still: a point for each draw.

    Parameters
    ----------
    fully_connected, convolutional : mapping of float to sequence of float
        For each share in [0, 1] the accuracies in [0, 1].
    """
    figure, axes = one_plot(height=3.2)
    for values, look in zip((fully_connected, convolutional), BOTH, strict=True):
        whole = {
            share: each[:1] for share, each in values.items() if share == 0
        }  # nothing was drawn
        _error_points(axes, {**values, **whole}, look)
    shares = sorted(fully_connected)
    axes.set_xticks(shares, [f"{100 * share:g}%" for share in shares])
    axes.set_xlabel("units, or maps, held at their mean")
    axes.set_ylabel("wrong answers, test images")
    _error_axis(axes)
    axes.legend(frameon=False, loc="upper left")
    return figure


@styled
def plot_confusions(fully_connected: Tensor, convolutional: Tensor) -> Drawing:
    """Which digit was taken for which, by both networks: only the mistakes, with their numbers.

    Parameters
    ----------
    fully_connected, convolutional : torch.Tensor
        Counts of shape ``(10, 10)``, a row for each target and a column for each answer.
    """
    figure = empty_figure(7.0 if is_narrow() else 4.15)
    apart(figure)
    shape = (2, 1) if is_narrow() else (1, 2)
    matrices = [one.clone().fill_diagonal_(0) for one in (fully_connected, convolutional)]
    most = max(one.max().item() for one in matrices)
    for axes, matrix, look in zip(figure.subplots(*shape), matrices, BOTH, strict=True):
        # at most a middle grey: a black number stands out on it, and turned over a white one
        axes.imshow(matrix.numpy(), vmin=0, vmax=2.4 * max(most, 1), cmap="gray_r")
        for row, column in matrix.nonzero().tolist():
            count = int(matrix[row, column])
            axes.text(column, row, count, ha="center", va="center_baseline")
        axes.set(xticks=range(10), yticks=range(10), xlabel="answer")
        axes.set_ylabel("target")  # of both: it keeps the second table's rows off the first one
        edges = np.arange(0.5, 9)
        axes.hlines(edges, -0.5, 9.5, color="0.8", lw=0.6)
        axes.vlines(edges, -0.5, 9.5, color="0.8", lw=0.6)
        axes.grid(visible=False)
        axes.set_title(f"{look.name}: {int(matrix.sum())}", color=look.color)
    return figure
