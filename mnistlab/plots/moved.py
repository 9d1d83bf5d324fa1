"""Figures of the chapter on moved digits."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import product

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, PercentFormatter
from torch import Tensor
from torch.nn.functional import pad

from mnistlab.plots.experiments import _error_axis, _error_points
from mnistlab.plots.images import canvas, place
from mnistlab.plots.style import (
    BOTH,
    FRAME,
    MARKS,
    Drawing,
    empty_figure,
    is_narrow,
    one_plot,
    styled,
    width,
)


@styled
def draw_moved(image: Tensor, answers: Tensor) -> Drawing:
    """An image in its own place and moved by one pixel in each direction, with the answer above each.

    Answers that are not the one in the middle stand out, and so do the frames below them.

    Parameters
    ----------
    image : torch.Tensor
        Shape ``(H, W)`` or ``(1, H, W)``, values in [0, 1].
    answers : torch.Tensor
        Shape ``(3, 3)``: at ``[1 + down, 1 + right]``.

    Raises
    ------
    ValueError
        If the answers have another shape.
    """
    if answers.shape != (3, 3):
        raise ValueError(f"answers have shape {tuple(answers.shape)}; expected (3, 3)")
    each = (width() - 0.1) / 3 if is_narrow() else 1.45
    side = each - 0.32
    figure, axes = canvas(3 * each + 0.02)
    left = (width() - 3 * each) / 2
    for i, row in enumerate(answers.tolist()):
        for j, answer in enumerate(row):
            x, y = left + j * each + 0.16, i * each + 0.28
            moved = pad(image.reshape(image.shape[-2:]), (j - 1, 1 - j, i - 1, 1 - i))
            place(axes, moved, (x, y), side)
            other = answer != answers[1, 1]
            axes.text(
                x + side / 2, y - 0.05, f"{answer}", ha="center", va="bottom",
                weight="bold" if other else "normal",
            )  # fmt: skip
            if other:
                frame = Rectangle((x, y), side, side, fill=False, ec=MARKS[0], lw=3)
                axes.add_patch(frame)
    return figure


@styled
def draw_mismatch(gaps: Mapping[int, Tensor]) -> Drawing:
    """How far maps are from having moved along: a square for each cell, 0 where they have exactly.

    Parameters
    ----------
    gaps : mapping of int to torch.Tensor
        For each number of pixels what `mnistlab.experiments.moved.mismatch` returns, shape
        ``(h, w)``. Cells that are ``nan`` are crossed out.
    """
    figure = empty_figure(4.3 if is_narrow() else 2.8)
    rows = min(2, len(gaps)) if is_narrow() else 1
    panels = figure.subplots(rows, -(-len(gaps) // rows), squeeze=False).flatten()
    largest = max(np.nanmax(gap.numpy(force=True)) for gap in gaps.values())
    for axes, (pixels, gap) in zip(panels, gaps.items(), strict=False):
        values = gap.numpy(force=True)
        picture = axes.imshow(values, cmap="Greys", vmin=0, vmax=1.1 * largest)
        axes.set(xticks=[], yticks=[])
        axes.set_title(f"{pixels} pixel{'s' if pixels > 1 else ''}")
        axes.grid(visible=False)
        axes.spines[:].set(visible=True, color="0.4")
        _write_cells(axes, values)
    bar = figure.colorbar(picture, ax=panels, location="bottom", aspect=40, pad=0.05)
    bar.ax.set_xlim(0, largest)
    bar.set_label("mismatch; 1 is that of two digits")
    return figure


def _write_cells(axes: Axes, values: np.ndarray) -> None:
    """0 where a value is exactly zero, × where there is none."""
    for (row, column), value in np.ndenumerate(values):
        text = "×" if np.isnan(value) else "0" if value == 0 else ""
        color = "0.45" if text == "×" else "0.1"
        axes.text(column, row, text, ha="center", va="center", fontsize="medium", color=color)


@styled
def draw_accuracy_maps(fully_connected: Tensor, convolutional: Tensor) -> Drawing:
    """Accuracy at each displacement, a square for each, one map for each network.

    Parameters
    ----------
    fully_connected, convolutional : torch.Tensor
        From `mnistlab.experiments.moved.accuracy_map`: shape ``(2 most + 1, 2 most + 1)``, in
        [0, 1]. Paper is 0, and the stronger the colour, the more: in the dark too.
    """
    figure = empty_figure(2.65 if is_narrow() else 4.7)
    panels = figure.subplots(1, 2, sharey=True)
    for axes, shares, look in zip(panels, (fully_connected, convolutional), BOTH, strict=True):
        most = len(shares) // 2
        extent = (-most - 0.5, most + 0.5, most + 0.5, -most - 0.5)
        picture = axes.imshow(
            shares.numpy(force=True), cmap="Purples", vmin=0, vmax=1, extent=extent
        )
        axes.grid(visible=False)
        axes.set_title(look.name, color=look.color)
        axes.set_xlabel("pixels to the right")
        axes.set(xticks=range(-most, most + 1, 2), yticks=range(-most, most + 1, 2))
    panels[0].set_ylabel("pixels down")
    bar = figure.colorbar(picture, ax=panels, location="bottom", aspect=40)
    bar.ax.xaxis.set_major_formatter(PercentFormatter(1))
    bar.set_label("accuracy")
    return figure


@styled
def plot_profiles(
    fully_connected: Sequence[Mapping[str, float]], convolutional: Sequence[Mapping[str, float]]
) -> Drawing:
    """Accuracy against the distance by which a digit is moved, one line for each network.

    Parameters
    ----------
    fully_connected, convolutional : sequence of mappings
        From `mnistlab.experiments.moved.profile`. Dotted: the accuracy of the same images where
        they were.
    """
    figure, axes = one_plot()
    for lines, look in zip((fully_connected, convolutional), BOTH, strict=True):
        distances = [line["distance"] for line in lines]
        axes.plot(distances, [line["unmoved"] for line in lines], ":", color=look.color, lw=1.2)
        axes.plot(
            distances, [line["accuracy"] for line in lines], look.linestyle,
            color=look.color, marker=look.marker, label=look.name,
        )  # fmt: skip
    last = fully_connected[-1]
    axes.annotate(
        "unmoved", (last["distance"], last["unmoved"]), (0, -4), textcoords="offset points",
        ha="right", va="top", color="0.35",
    )  # fmt: skip
    axes.set_xlabel("moved by (pixels)")
    axes.set_ylabel("accuracy")
    axes.set_ylim(0, 1.02)
    axes.xaxis.set_major_locator(FixedLocator(distances))
    axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.legend(frameon=False, loc="lower left")
    return figure


@styled
def plot_shifted_training(
    fully_connected: Mapping[int, Mapping[int, Sequence[float]]],
    convolutional: Mapping[int, Mapping[int, Sequence[float]]],
) -> Drawing:
    """Share of wrong answers against the distance, a plot for each shift in training, a mark per run.

    Parameters
    ----------
    fully_connected, convolutional : mapping of int to mapping of int to sequence of float
        For each shift of the training images, and for each distance, the accuracies in [0, 1], one
        for each seed. A band is drawn behind the distances that training has had.
    """
    figure = empty_figure(5.0 if is_narrow() else 5.6)
    grid = figure.subplots(2, 2, sharex=True, sharey=True).flat
    for axes, shift in zip(grid, sorted(fully_connected), strict=True):
        axes.axvspan(-0.3, shift + 0.3, color=FRAME, alpha=0.25, linewidth=0, zorder=0)
        for values, look in zip((fully_connected, convolutional), BOTH, strict=True):
            _error_points(axes, values[shift], look, failed=1)  # a digit out of place, no failure
        axes.set_title(_trained_on(shift))
        axes.set_xticks(sorted(fully_connected[shift]))
    _error_axis(axes)
    figure.supxlabel("test digits moved by (pixels)", fontsize="medium")
    figure.supylabel("wrong answers, test images", fontsize="medium")
    handles, names = axes.get_legend_handles_labels()
    figure.legend(handles, names, loc="outside upper center", ncols=2, frameon=False)
    return figure


def _trained_on(shift: int) -> str:
    """What a network has been trained on; on a phone in two lines."""
    words = f"trained on|shifts of ±{shift}" if shift else "trained|without shifts"
    return words.replace("|", "\n" if is_narrow() else " ")


@styled
def draw_places(counts: Mapping[str, Tensor]) -> Drawing:
    """How many images lie at each place: a square for each place, and in it a dot for each image.

    Parameters
    ----------
    counts : mapping of str to torch.Tensor
        By the words above it, whole numbers of shape ``(S, S)``: a row for each move up or down, a
        column for each to the left or right. All places are drawn equally large.
    """
    slots = math.ceil(1.3 * max(each.max().item() for each in counts.values()) ** 0.5)
    gap, words_wide = (0.12, 0.9) if is_narrow() else (0.5, 1.2)
    most = max(map(len, counts.values()))
    small = sum(len(each) < most for each in counts.values())  # no wider than their words
    room = width() - 0.1 - gap * (len(counts) - 1) - small * words_wide
    cell = min(room / (most * (len(counts) - small)), 0.22)
    figure, axes = canvas(0.55 + cell * most + 0.32)
    left = (width() - room - 0.1 - small * words_wide - gap * (len(counts) - 1)) / 2 + 0.05
    for words, each in counts.items():
        side = len(each) * cell
        axes.text(left, 0.47, words, va="bottom")
        place(axes, _dots(each, slots), (left, 0.55), side)
        for line in range(1, len(each)):
            at = line * cell
            axes.plot([left, left + side], [0.55 + at] * 2, color=FRAME, lw=0.6)
            axes.plot([left + at] * 2, [0.55, 0.55 + side], color=FRAME, lw=0.6)
        mean = f"{each.double().mean().item():.0f} each"
        axes.text(left, 0.63 + side, mean, va="top", color="0.25")
        left += max(side, words_wide) + gap
    return figure


def _dots(counts: Tensor, slots: int) -> Tensor:
    """``slots`` times ``slots`` pixels for each place, of which as many are dark as it has images."""
    rng = torch.Generator().manual_seed(0)
    picture = torch.zeros(len(counts) * slots, len(counts) * slots)
    for row, column in product(range(len(counts)), repeat=2):
        dark = torch.randperm(slots**2, generator=rng)[: int(counts[row, column])]
        picture[row * slots + dark // slots, column * slots + dark % slots] = 1
    return picture
