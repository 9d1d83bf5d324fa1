"""Figures of the recorded experiments: every run is a point."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from math import nan
from statistics import fmean, median

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.markers import TICKUP
from matplotlib.ticker import FixedLocator, FuncFormatter, NullFormatter, NullLocator
from matplotlib.transforms import ScaledTranslation

from mnistlab.findings import LEARNED
from mnistlab.plots.style import (
    CONVOLUTIONAL,
    FULLY_CONNECTED,
    Drawing,
    Look,
    empty_figure,
    is_narrow,
    one_plot,
    open_mark,
    styled,
)

ERROR_TICKS = (0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 0.9)
"""Shares of wrong answers that are written on a logarithmic axis."""

MIDDLE_TICKS = (0.01, 0.015, 0.02, 0.03, 0.04, 0.05, 0.06, 0.07, 0.1, 0.15, 0.2, 0.3, 0.5)
"""Written instead where the largest error is less than five times the smallest."""

ROUND = ("1.000000", "2.000000", "5.000000")
"""First digits of ticks that come before others where not all have room."""

FINE_TICKS = (0.012, 0.015, 0.02, 0.025, 0.03, 0.04)
"""Written instead where the errors differ so little that of the others hardly one would be seen."""

NOTE = "0.25"
"""Dark grey of what is read off the points and is no point itself."""

BARE = 1.4
"""Where an axis begins at less than one part in so many of its lowest tick, it gets another one."""

FAILED = 1 - LEARNED
"""A run that gets a larger share wrong has failed."""

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
        the means of the runs that learned, and end where most have failed: an arrow goes on to the
        median of all.
    marked : float
        A learning rate at which a vertical line stands: the assignment's.
    """
    figure, axes = one_plot(height=3.4)
    axes.axvline(marked, ymax=0.75, color="0.5", linewidth=1, linestyle=":")
    axes.annotate(
        "assignment", (marked, 0.68), (3, 0), xycoords=("data", "axes fraction"),
        textcoords="offset points", color="0.35",
    )  # fmt: skip
    _error_points(axes, fully_connected, FULLY_CONNECTED)
    _error_points(axes, convolutional, CONVOLUTIONAL)
    for values, look in ((fully_connected, FULLY_CONNECTED), (convolutional, CONVOLUTIONAL)):
        _cliff(axes, values, look)
    failed = [
        rate
        for accuracies in (fully_connected, convolutional)
        for rate, each in accuracies.items()
        if min(each) < 1 - FAILED
    ]
    if failed:
        axes.annotate(  # left of the marks: lines lead up to them, some from further right
            "guessing", (min(failed), 0.9), (-16, -3), textcoords="offset points",
            ha="right", va="top", color="0.35",
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xticks(sorted({*fully_connected, *convolutional}))
    axes.minorticks_off()
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("learning rate η")
    of = "validation images"
    axes.set_ylabel(f"wrong, {of}" if is_narrow() else f"wrong answers, {of}")
    _error_axis(axes)
    if is_narrow():  # above the plot: in it, the names would lie on marks
        names = axes.get_legend_handles_labels()
        figure.legend(*names, loc="outside upper center", ncols=2, frameon=False, handletextpad=0.1)
    else:
        axes.legend(frameon=False, loc="upper left")
    return figure


@styled
def plot_blocks(
    fully_connected: Accuracies, convolutional: Accuracies, live: Mapping[int, float] | None = None
) -> Drawing:
    """Share of wrong answers on images whose pixels are shuffled within squares: a point for each run.

    Runs that get more than half of the images wrong have failed: they are counted at the top. The
    lines go through the means of the others.

    Parameters
    ----------
    fully_connected, convolutional : mapping of int to sequence of float
        For each side of the squares, in pixels, the test accuracies in [0, 1], one for each seed: 1
        for images as they are, 28 for a permutation of all pixels.
    live : mapping of int to float, optional
        Accuracies of the fully-connected network in runs that were trained just now: filled marks.
    """
    figure, axes = one_plot(height=3.4)
    sides = sorted(set(fully_connected) | set(convolutional))
    for values, look in ((fully_connected, FULLY_CONNECTED), (convolutional, CONVOLUTIONAL)):
        found = {float(sides.index(side)): each for side, each in values.items()}
        learned = {place: [x for x in each if x >= 1 - FAILED] for place, each in found.items()}
        _error_points(axes, learned, look)
        for place, each in found.items():
            if failed := len(each) - len(learned[place]):
                axes.text(
                    place, 1.01, f"{failed}\nfailed" if is_narrow() else f"{failed} failed",
                    transform=axes.get_xaxis_transform(),
                    ha="center", va="bottom", color=look.color,
                )  # fmt: skip
    for side, accuracy in (live or {}).items():
        axes.plot(
            sides.index(side), 1 - accuracy, FULLY_CONNECTED.marker, zorder=4,
            color=FULLY_CONNECTED.color, label="trained for this copy",
        )  # fmt: skip
    axes.set_xticks(range(len(sides)), ["as it is", *(f"{side:g}" for side in sides[1:])])
    axes.set_xlabel("side of the shuffled squares")
    axes.set_ylabel("wrong answers, test images")
    _error_axis(axes)
    axes.legend(frameon=False)
    return figure


@styled
def plot_images(
    fully_connected: Accuracies,
    convolutional: Accuracies,
    worth: Mapping[int, Sequence[float]] | None = None,
) -> Drawing:
    """Share of wrong answers against the number of training images: a point for each run, lines through medians.

    Parameters
    ----------
    fully_connected, convolutional : mapping of int to sequence of float
        For each number of training images the test accuracies in [0, 1], one for each seed.
    worth : mapping of int to sequence of float, optional
        For a number of images of the convolutional network, how many the fully-connected one needs
        to make as few mistakes, and the least and the most that any seed needs: an arrow to the line, and
        a ruler on the lower axis, where alone it has a meaning.
    """
    figure, axes = one_plot(height=3.4)
    _error_points(axes, fully_connected, FULLY_CONNECTED, middle=median)
    _error_points(axes, convolutional, CONVOLUTIONAL, middle=median)
    for few, (many, *ends) in (worth or {}).items():
        height = median(1 - accuracy for accuracy in convolutional[few])
        _worth_arrow(axes, few, many, height)
        _worth_ruler(axes, few, sorted([many, *ends]))
    axes.set_xscale("log")
    axes.xaxis.set_major_locator(FixedLocator(sorted(fully_connected)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
    axes.set_xlabel("training images")
    axes.set_ylabel("wrong answers, test images")
    _error_axis(axes)
    if worth:  # room for the words of the ruler, below the line of the lowest tick
        axes.set_ylim(bottom=0.86 * axes.get_ylim()[0])
    axes.legend(frameon=False)
    return figure


def _worth_arrow(axes: Axes, few: float, many: float, height: float) -> None:
    """From the line of one network straight to that of the other, and from the head down to the lower axis."""
    edge = 0.6 * mpl.rcParams["lines.linewidth"]  # of the other line, which the head touches
    arrow = {"arrowstyle": "-|>", "color": NOTE, "lw": 1.2, "shrinkA": 0, "shrinkB": edge}
    axes.annotate("", (many, height), (few, height), arrowprops=arrow)
    axes.annotate(
        "", (many, 0), (many, height), xycoords=axes.get_xaxis_transform(), textcoords="data",
        arrowprops=arrow | {"arrowstyle": "-", "ls": (0, (1, 2)), "lw": 1, "shrinkB": 0},
    )  # fmt: skip
    axes.annotate(
        f"× {many / few:.0f}", ((few * many) ** 0.5, height), (0, 3),
        textcoords="offset points", ha="center", va="bottom",
    )  # fmt: skip


def _worth_ruler(axes: Axes, few: float, answers: Sequence[float]) -> None:
    """On the lower axis from the least number of images to the most, with a tick at each; before it, in multiples."""
    on_axis = axes.get_xaxis_transform()
    axes.plot(
        answers, [0] * len(answers), lw=4, solid_capstyle="butt", marker=TICKUP, ms=8, mew=1.4,
        color=NOTE, transform=on_axis, clip_on=False,
    )  # fmt: skip
    least, *_, most = (f"{answer / few:.0f}" for answer in answers)
    axes.annotate(
        f"by seed: × {least} to {most}", (answers[0], 0), (-5, 2), xycoords=on_axis,
        textcoords="offset points", ha="right", va="bottom",
    )  # fmt: skip


@styled
def plot_sizes(
    fully_connected: Mapping[tuple[int, int], Sequence[float]],
    convolutional: Mapping[tuple[int, int], Sequence[float]],
    names: Sequence[str] = (),
    convolutional_names: Sequence[str] = (),
) -> Drawing:
    """Share of wrong answers against the number of parameters, and against the work: a point for each run.

    Parameters
    ----------
    fully_connected, convolutional : mapping of (int, int) to sequence of float
        For each network its number of parameters and of multiply-accumulates per image, and the test
        accuracies in [0, 1], one for each seed.
    names, convolutional_names : sequence of str
        What to write above the points of each network, in the order of the mapping; below them for the
        cheapest convolutional one, clear of the other line. Default: nothing.

    Raises
    ------
    ValueError
        If there are names, but not one for each network.
    """
    networks = (
        (fully_connected, FULLY_CONNECTED, names),
        (convolutional, CONVOLUTIONAL, convolutional_names),
    )
    for values, look, told in networks:
        if told and len(told) != len(values):
            raise ValueError(
                f"{len(told)} names for {len(values)} {look.name}s; expected one per network"
            )
    figure = empty_figure(4.6 if is_narrow() else 3.6)
    panels = figure.subplots(*((2, 1) if is_narrow() else (1, 2)), sharey=True)
    for number, (axes, what) in enumerate(
        zip(panels, ("parameters", "multiply–accumulates"), strict=True)
    ):
        for values, look, told in networks:
            by_price = {float(size[number]): each for size, each in values.items()}
            _error_points(axes, by_price, look, aside=0)
            for name, (price, each) in zip(told, by_price.items(), strict=False):  # or no names
                below = look is not FULLY_CONNECTED and price == min(by_price)
                edge = below or price == axes.dataLim.x1 or look is FULLY_CONNECTED
                axes.annotate(
                    name, (price, 1 - (max(each) if below else min(each))),
                    (0 if edge else 5, -5 if below else 5), textcoords="offset points",
                    ha="center" if edge else "left", va="top" if below else "bottom",
                    color=look.color,
                )  # fmt: skip
        axes.set_xscale("log")
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.xaxis.set_major_formatter(FuncFormatter(_thousands))
        axes.set_xlabel(what)
    _error_axis(axes)
    figure.supylabel("wrong answers, test images", fontsize="medium")
    panels[0].legend(frameon=False)
    return figure


def _thousands(count: float, _: int) -> str:
    if count >= 1_000_000:
        return f"{count / 1_000_000:g}M"
    return f"{count / 1000:g}k" if count >= 1000 else f"{count:g}"


def _error_points(
    axes: Axes,
    accuracies: Accuracies,
    look: Look,
    aside: int = 1,
    middle: Callable[[list[float]], float] = fmean,
    failed: float = FAILED,
) -> None:
    """A point for the errors of each run, and a line through the ``middle`` of those that learned.

    The points of one place stand side by side, so that they can be counted: one network's to its left
    and the other's to its right, or with ``aside`` 0 about its middle. A run with more mistakes than
    ``failed`` has not learned, and the line breaks where most runs have not.
    """
    places = sorted(accuracies)
    errors = [[1 - accuracy for accuracy in accuracies[place]] for place in places]
    learned = [[error for error in each if error <= failed] for each in errors]
    line = [
        middle(good) if 2 * len(good) > len(each) else nan
        for good, each in zip(learned, errors, strict=True)
    ]
    axes.plot(places, line, look.linestyle, color=look.color)
    runs = max(map(len, errors))
    for run in range(runs):
        step = run + 0.5 - (0 if aside else runs / 2)
        has_it = [
            (place, each[run])
            for place, each in zip(places, errors, strict=True)
            if len(each) > run
        ]
        x, y = zip(*has_it, strict=True)
        axes.scatter(
            x, y, **open_mark(look), zorder=3,
            transform=axes.transData + _beside(axes, step, look), label=None if run else look.name,
        )  # fmt: skip
        axes.update_datalim(has_it)  # which points that stand beside their place do not do
    axes.margins(x=0.1 if is_narrow() else 0.08)
    axes.autoscale_view()


def _cliff(axes: Axes, accuracies: Accuracies, look: Look) -> None:
    """An arrow from the end of a line to the median of the first place at which most runs have failed."""
    middle = {place: 1 - median(each) for place, each in sorted(accuracies.items())}
    for here, beyond in pairwise(middle):
        if middle[here] <= FAILED < middle[beyond]:
            arrow = {"arrowstyle": "-|>", "color": look.color, "ls": ":", "lw": 1.4, "shrinkA": 0}
            ends = (beyond, middle[beyond]), (here, middle[here])
            axes.annotate("", *ends, arrowprops=arrow | {"shrinkB": 0})


def _beside(axes: Axes, step: float, look: Look) -> ScaledTranslation:
    """How far to the side a point stands, in steps: to the left of its place, or to the right."""
    inches = step * (1.4 if is_narrow() else 2.4) / 72 * (1 if look is CONVOLUTIONAL else -1)
    return ScaledTranslation(inches, 0, axes.figure.dpi_scale_trans)


def _error_axis(axes: Axes, which: str = "y") -> None:
    """A logarithmic axis, ``"x"`` or ``"y"``, of shares with round ticks in percent."""
    axes.set(**{f"{which}scale": "log"})
    axis = axes.xaxis if which == "x" else axes.yaxis
    low, high = axis.get_view_interval()
    coarse, fine = (
        sum(low <= tick <= high for tick in ticks) for ticks in (ERROR_TICKS, FINE_TICKS)
    )
    ticks: tuple[float, ...] = MIDDLE_TICKS if high < 5 * low else ERROR_TICKS
    if coarse < 3 and fine > coarse:
        ticks = FINE_TICKS
    ticks = _down_to(low, ticks)
    axis.set_major_locator(_WithRoom(ticks, axes) if which == "x" else FixedLocator(ticks))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(_in_percent))


def _down_to(low: float, ticks: tuple[float, ...]) -> tuple[float, ...]:
    """The ticks, and one more below them where marks could lie far below the lowest of them."""
    least = min((tick for tick in ticks if tick >= low), default=low)
    between = [tick for tick in MIDDLE_TICKS if low <= tick < least]
    return (between[0], *ticks) if between and least > BARE * low else ticks


def _in_percent(share: float, _: int | None = None) -> str:
    return f"{100 * share:g}%"


class _WithRoom(FixedLocator):
    """Of its ticks those whose words have room beside each other on the lower axis, the roundest first."""

    def __init__(self, ticks: Sequence[float], axes: Axes) -> None:
        super().__init__(ticks)
        self.axes = axes

    def __call__(self) -> list[float]:
        low, high = sorted(self.axes.xaxis.get_view_interval())
        every = super().__call__()
        shown = [float(tick) for tick in every if low <= tick <= high]
        chosen: list[float] = []
        for tick in sorted(shown, key=lambda tick: f"{tick:e}"[:8] not in ROUND):
            if all(self._room(tick, other) > 0 for other in chosen):
                chosen.append(tick)
        return sorted(chosen)

    def _room(self, one: float, other: float) -> float:
        """Points that are left between the words of two ticks."""
        axis = self.axes.xaxis
        low, high, *both = axis.get_transform().transform([*axis.get_view_interval(), one, other])
        pixels = abs((both[1] - both[0]) / (high - low)) * self.axes.bbox.width
        letters = len(_in_percent(one)) + len(_in_percent(other))
        size = float(axis.label.get_fontsize())
        return float(pixels * 72 / self.axes.figure.dpi) - size * (0.35 * letters + 0.5)
