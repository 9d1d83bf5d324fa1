"""Figures of kernels that are kept equal for a while: when they were let go, and how far apart they went."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import fmean
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.patches import Patch
from matplotlib.ticker import FixedLocator, NullLocator, PercentFormatter

from mnistlab.findings import mean_error
from mnistlab.plots.experiments import _error_axis
from mnistlab.plots.ladders import NEITHER, _compare, _runs, _with_failed
from mnistlab.plots.style import (
    CONVOLUTIONAL,
    Drawing,
    Look,
    empty_figure,
    is_narrow,
    one_plot,
    open_mark,
    styled,
)

if TYPE_CHECKING:
    from mnistlab.experiments.steps import Schedule

EQUAL: dict[str, Any] = {"facecolor": CONVOLUTIONAL.color, "edgecolor": CONVOLUTIONAL.color}
"""Of the passes in which the kernels of all positions are equal, and learn."""

AFTERWARDS: dict[str, dict[str, Any]] = {
    "free": {"facecolor": "none", "edgecolor": NEITHER.color},
    "frozen": {"facecolor": "0.82", "edgecolor": "0.45", "hatch": "////"},
}
"""Of the passes that are left, by what the kernels do then."""


APART_TICKS = (0.02, 0.05, 0.1, 0.2, 0.5, 1.0)
"""On an axis that shows how far kernels are apart."""


@styled
def plot_schedules(
    accuracies: Mapping[str, Sequence[float]], schedules: Mapping[str, Schedule], reference: str
) -> Drawing:
    """Share of wrong answers by how long kernels were kept equal: in each row a bar over the passes, and the runs.

    Runs that get more than half of the images wrong have failed: they are counted beside the name.
    Beside a bar is a mark for each run, a bar at the mean of those that have not, and this mean as a
    multiple of the reference's, where a dotted line stands. Kernels that are free to differ in the end
    have dark diamonds, those that never differ the look of the convolutional network.

    Parameters
    ----------
    accuracies : mapping of str to sequence of float
        For each schedule, by its name, the accuracies in [0, 1], one for each seed; from top to bottom.
    schedules : mapping of str to mnistlab.experiments.steps.Schedule
        What the names in ``accuracies`` stand for.
    reference : str
        The name with which the others are compared.

    Raises
    ------
    ValueError
        If ``schedules`` lacks a name in ``accuracies``, ``reference`` is none of these, or all runs of a
        schedule have failed.
    """
    missing = [name for name in accuracies if name not in schedules]
    if missing:
        raise ValueError(f"schedules has no {missing[0]!r}; expected all of {list(accuracies)}")
    if reference not in accuracies:
        raise ValueError(f"reference is {reference!r}; expected one of {list(accuracies)}")
    done = {name: schedules[name] for name in accuracies}
    places = _places(list(done.values()))
    figure = empty_figure(1.61 + 0.46 * places[-1])
    bars, marks = figure.subplots(
        1, 2, sharey=True, width_ratios=(1, 1.15) if is_narrow() else (1, 1.9)
    )
    for place, (name, schedule) in zip(places, done.items(), strict=True):
        errors = [1 - accuracy for accuracy in accuracies[name]]
        look = NEITHER if schedule.free else CONVOLUTIONAL
        _bar(bars, place, _with_failed(name, errors), schedule, look)
        _runs(marks, errors, place, look)
    marks.set_yticks(places)
    marks.set_ylim(places[-1] + 0.5, -0.62)
    _bare(bars, max(schedule.passes for schedule in done.values()))
    _error_axis(marks, "x")
    marks.tick_params(axis="y", length=0)
    marks.set_xlabel("wrong answers" if is_narrow() else "wrong answers, test images")
    means = {name: mean_error(each) for name, each in accuracies.items()}
    _compare(marks, list(means.values()), means[reference], places)
    figure.legend(
        handles=_legend(done), loc="outside upper left", ncols=3, frameon=False, handlelength=1.2,
        columnspacing=1.2,
    )  # fmt: skip
    return figure


@styled
def plot_apart(
    runs: Mapping[str, Mapping[float, Sequence[tuple[float, float]]]], reference: Sequence[float]
) -> Drawing:
    """Share of wrong answers by how far a layer's kernels are apart at the end, both axes logarithmic.

    A diamond for each run, and a line through the means of each kind of run, with the learning rate
    beside each mean. A dotted line stands at the mean of the reference, whose kernels are equal, and
    a band reaches from its lowest to its highest run.

    Parameters
    ----------
    runs : mapping of str to mapping of float to sequence of (float, float)
        For each kind, by its name and by the learning rate of its kernels, how far they are apart,
        above 0, and the accuracy in [0, 1], of each seed.
    reference : sequence of float
        Accuracies of the convolutional network, one for each seed.
    """
    figure, axes = one_plot()
    errors = [1 - accuracy for accuracy in reference]
    axes.axhspan(min(errors), max(errors), color=CONVOLUTIONAL.color, alpha=0.18, lw=0)
    axes.axhline(fmean(errors), color=CONVOLUTIONAL.color, ls=":", lw=1.6)
    for (name, by_rate), style in zip(runs.items(), ("-", "--"), strict=False):
        means = [tuple(map(fmean, zip(*points, strict=True))) for points in by_rate.values()]
        means = [(apart, 1 - accuracy) for apart, accuracy in means]
        axes.plot(*zip(*means, strict=True), style, color=NEITHER.color, lw=1.2, label=name)
        for (rate, points), mean in zip(by_rate.items(), means, strict=True):
            apart, accuracies = zip(*points, strict=True)
            wrong = [1 - accuracy for accuracy in accuracies]
            axes.scatter(apart, wrong, **open_mark(NEITHER), zorder=3)
            beside = {"xy": mean, "xytext": (-11, 0), "ha": "right", "va": "center"}
            below = {"xy": (mean[0], min(wrong)), "xytext": (0, -9), "ha": "center", "va": "top"}
            axes.annotate(
                f"{rate:g}", **(beside if style == "--" else below), textcoords="offset points"
            )
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xlim(low / 1.25, high * 1.25)
    low, high = axes.get_ylim()
    axes.set_ylim(low / 1.15, high)
    _error_axis(axes, "y")
    axes.xaxis.set_major_locator(FixedLocator(APART_TICKS))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_xlabel("how far the kernels are apart")
    axes.set_ylabel("wrong answers" if is_narrow() else "wrong answers, test images")
    axes.text(
        0.6, fmean(errors), CONVOLUTIONAL.name, color=CONVOLUTIONAL.color, va="bottom",
        transform=axes.get_yaxis_transform(),
    )  # fmt: skip
    figure.legend(loc="outside upper left", ncols=1 if is_narrow() else 2, frameon=False)
    return figure


def _places(schedules: Sequence[Schedule]) -> list[float]:
    """Heights of the rows: those in which kernels are equal for as long stand together, apart from others."""
    places = [0.0]
    paired = len({schedule.equal for schedule in schedules}) < len(schedules)
    for before, after in pairwise(schedules):
        places.append(places[-1] + (1.5 if paired and before.equal != after.equal else 1.0))
    return places


def _bar(axes: Axes, place: float, name: str, schedule: Schedule, look: Look) -> None:
    """The passes of one row from left to right, below what they are called."""
    left = schedule.passes - schedule.equal
    shape: dict[str, Any] = {"height": 0.34, "linewidth": 1}
    axes.barh(place + 0.2, schedule.equal, **shape, **EQUAL)
    if left:
        axes.barh(
            place + 0.2, left, left=schedule.equal, **shape, **AFTERWARDS[schedule.afterwards]
        )
    axes.text(0, place - 0.06, name, va="bottom", color=look.color)


def _bare(axes: Axes, passes: int) -> None:
    axes.set_xlim(0, passes)
    axes.set_xticks([0, passes // 2, passes])
    axes.set_xlabel("passes")
    axes.tick_params(axis="y", length=0, labelleft=False)
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)


def _legend(done: Mapping[str, Schedule]) -> list[Patch]:
    """What the parts of the bars mean that are there."""
    then = {schedule.afterwards for schedule in done.values() if schedule.equal < schedule.passes}
    return [
        Patch(**EQUAL, label="kept equal"),
        *(Patch(**AFTERWARDS[kind], label=kind) for kind in AFTERWARDS if kind in then),
    ]
