"""Figures of the recorded experiments: every run is a point."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import median

from matplotlib.axes import Axes
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator

from mnistlab.plots.style import CONVOLUTIONAL, FULLY_CONNECTED, Drawing, Look, one_plot, styled

ERROR_TICKS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 0.9)
"""Shares of wrong answers that are written on a logarithmic axis."""

Accuracies = Mapping[float, Sequence[float]]


@styled
def plot_rates(
    fully_connected: Accuracies, convolutional: Accuracies, marked: float = 0.01
) -> Drawing:
    """Share of wrong answers against the learning rate, both axes logarithmic: a point for each run.

    Parameters
    ----------
    fully_connected, convolutional : mapping of float to sequence of float
        For each learning rate η the accuracies in [0, 1], one for each seed; the lines go through
        the medians of the errors.
    marked : float
        A learning rate at which a vertical line stands: the assignment's.
    """
    figure, axes = one_plot(height=3.4)
    axes.axvline(marked, color="0.5", linewidth=1, linestyle=":")
    _error_points(axes, fully_connected, FULLY_CONNECTED)
    _error_points(axes, convolutional, CONVOLUTIONAL)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("learning rate η")
    axes.set_ylabel("wrong answers, validation images")
    _error_axis(axes)
    axes.legend(frameon=False, loc="upper left")
    return figure


@styled
def plot_blocks(fully_connected: Accuracies, convolutional: Accuracies) -> Drawing:
    """Share of wrong answers on images whose pixels are shuffled within squares: a point for each run.

    Parameters
    ----------
    fully_connected, convolutional : mapping of int to sequence of float
        For each side of the squares, in pixels, the test accuracies in [0, 1], one for each seed: 1
        for images as they are, 28 for a permutation of all pixels.
    """
    figure, axes = one_plot(height=3.4)
    sides = sorted(set(fully_connected) | set(convolutional))
    for values, look in ((fully_connected, FULLY_CONNECTED), (convolutional, CONVOLUTIONAL)):
        _error_points(axes, {sides.index(side): found for side, found in values.items()}, look)
    axes.set_xticks(
        range(len(sides)), ["as it is", *(f"{side:g} × {side:g}" for side in sides[1:])]
    )
    axes.set_xlabel("pixels are shuffled within squares of")
    axes.set_ylabel("wrong answers, test images")
    _error_axis(axes)
    axes.legend(frameon=False)
    return figure


def _error_points(axes: Axes, accuracies: Accuracies, look: Look) -> None:
    """A point for the errors of each run, and a line through their medians, which a run that fails does not move."""
    places = sorted(accuracies)
    errors = [[1 - accuracy for accuracy in accuracies[place]] for place in places]
    axes.plot(places, [median(each) for each in errors], look.linestyle, color=look.color)
    for place, each in zip(places, errors, strict=True):
        axes.scatter(
            [place] * len(each), each, s=22, marker=look.marker,
            facecolor="none", edgecolor=look.color, zorder=3,
            label=look.name if place == places[0] else None,
        )  # fmt: skip


def _error_axis(axes: Axes) -> None:
    """A logarithmic axis of shares with round ticks in percent."""
    axes.set_yscale("log")
    axes.yaxis.set_major_locator(FixedLocator(ERROR_TICKS))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
