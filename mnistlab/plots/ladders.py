"""Figures that compare networks: every run is a mark, and what is argued about is drawn between the marks."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Collection, Mapping, Sequence
from itertools import chain, groupby, pairwise
from statistics import mean, median
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.ticker import FixedLocator, FuncFormatter, NullLocator, PercentFormatter
from numpy.typing import ArrayLike

from mnistlab.findings import mean_error
from mnistlab.plots.experiments import FAILED, _beside, _error_axis
from mnistlab.plots.style import (
    BOTH,
    CONVOLUTIONAL,
    FRAME,
    FULLY_CONNECTED,
    MARKS,
    Drawing,
    Look,
    apart,
    empty_figure,
    is_narrow,
    one_plot,
    open_mark,
    styled,
)
from mnistlab.tables import number_text

if TYPE_CHECKING:
    from mnistlab.experiments.gains import Gain, Spread

NEITHER = Look("another network", "0.15", "-", "D")
"""Dark and diamonds: a network that is neither of the two."""

LOOKS = {
    "fully-connected": FULLY_CONNECTED,
    "convolutional": CONVOLUTIONAL,
    "another network": NEITHER,
}
"""Each look, by the kind of network that a change leads to."""

SHARE = Look("what a change removes", "0.15", "", "o")
"""Dark dots: what a change does, which is neither network."""

HELP = "0.45"
"""Grey of arrows and of what is written beside them."""

RATIO_TICKS = (0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0)
"""Ratios that are written on the axis of `plot_gains`."""

RATIO_LIMITS = (0.15, 2.6)
"""Of that axis. A run beyond stands as a triangle at its end."""

STRAY = 3.0
"""A run of `plot_ladder` with more than so many times the highest median of all rows stands as a triangle."""

END = 0.03
"""Part of an axis between a triangle and the end, clear of the words beyond the axis."""


# --- rows


@styled
def plot_ladder(
    accuracies: Mapping[str, Sequence[float]],
    fully_connected: Collection[str] = (),
    convolutional: Collection[str] = (),
    *,
    changes: bool = False,
    reference: str | None = None,
) -> Drawing:
    """Share of wrong answers of several networks, a row for each: a mark for each run, a bar at their mean.

    Runs that get more than half of the images wrong have failed: they are counted beside the name, and
    left out of the mean. A run with more than `STRAY` times the highest median of all rows would
    stretch the axis: it is a triangle at the end, with its share below, and the bar leaves it out, too.

    Parameters
    ----------
    accuracies : mapping of str to sequence of float
        For each network, by the name that is written beside its marks, the accuracies in [0, 1], one
        for each seed; from top to bottom.
    fully_connected, convolutional : collection of str
        Names that are drawn in the look of one of the two networks. The others: black diamonds.
    changes : bool
        Draw each row's step from the row above, and by what share the mistakes change.
    reference : str, optional
        The network with which the others are compared: a dotted line stands at its mean, and the
        mistakes of each row are told as a multiple of its own.

    Raises
    ------
    ValueError
        If ``reference`` is no name in ``accuracies``, or all runs of a network have failed.
    """
    if reference is not None and reference not in accuracies:
        raise ValueError(f"reference is {reference!r}; expected one of {list(accuracies)}")
    looks = dict.fromkeys(fully_connected, FULLY_CONNECTED)
    looks |= dict.fromkeys(convolutional, CONVOLUTIONAL)
    rows = {name: [1 - accuracy for accuracy in each] for name, each in accuracies.items()}
    most = min(FAILED, STRAY * max(map(median, rows.values())))
    means = [_mean(errors, most) for errors in rows.values()]
    figure, axes = _rows([_with_failed(*row) for row in rows.items()])
    for place, (name, errors) in enumerate(rows.items()):
        look = looks.get(name, NEITHER)
        _runs(axes, errors, place, look, most)
        axes.get_yticklabels()[place].set_color(look.color)
    axes.set_xlabel("wrong answers, test images")
    strays = [[error for error in each if most < error <= FAILED] for each in rows.values()]
    if any(strays):
        _beyond(axes, strays, [looks.get(name, NEITHER) for name in rows])
    _error_axis(axes, "x")
    if changes:
        _step_down(axes, means, [max(e for e in each if e <= most) for each in rows.values()])
    if reference is not None:
        _compare(axes, means, _mean(rows[reference], most))
    return figure


def _mean(errors: Sequence[float], most: float = math.inf) -> float:
    """The mean of the runs that have not failed, and that have no more than ``most`` errors."""
    return mean_error(1 - error for error in errors if not most < error <= FAILED)


def _runs(
    axes: Axes, errors: Sequence[float], place: float, look: Look, most: float = math.inf
) -> None:
    """One row: a mark for each run that has not failed, up to ``most``, and a bar at the mean of all these."""
    _marks_of_row(axes, [error for error in errors if error <= min(FAILED, most)], place, look)
    axes.plot([_mean(errors, most)] * 2, [place - 0.27, place + 0.27], color=look.color, lw=2.4)


def _beyond(axes: Axes, strays: Sequence[Sequence[float]], looks: Sequence[Look]) -> None:
    """Triangles at the end of the rows that have strays, with their shares; the axis makes room for them."""
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.set_xlim(low, high * (high / low) ** (4 * END))
    for place, (errors, look) in enumerate(zip(strays, looks, strict=True)):
        if errors:
            at = axes.get_yaxis_transform()
            axes.plot(1 - END, place, marker=">", color=look.color, ms=5, transform=at)
            told = ", ".join(f"{error:.0%}" for error in sorted(errors))
            axes.annotate(
                told, (1, place), (0, -5), at, "offset points", ha="right", va="top",
                color=look.color,
            )  # fmt: skip


def _rows(names: Sequence[str], each: float = 0.42) -> tuple[Drawing, Axes]:
    """A plot with one row for each name, which stands beside it in lines of so many letters: wide, and on a phone."""
    figure, axes = one_plot()
    figure.set_figheight(0.7 + each * len(names))
    axes.set_ylim(len(names) - 0.5, -0.5)
    axes.set_yticks(
        range(len(names)),
        ["\n".join(textwrap.wrap(name, 16 if is_narrow() else 24)) for name in names],
    )
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    return figure, axes


def _with_failed(name: str, errors: Sequence[float]) -> str:
    failed = sum(error > FAILED for error in errors)
    return f"{name} (and {failed} that failed)" if failed else name


def _marks(axes: Axes, x: ArrayLike, y: ArrayLike, look: Look) -> None:
    """Open marks: ``x`` or ``y`` may be one number for all."""
    places, heights = np.broadcast_arrays(x, y)
    axes.scatter(places, heights, **open_mark(look), zorder=3)


def _marks_of_row(
    axes: Axes, values: Sequence[float], place: float, look: Look, apart: float = 0.11
) -> None:
    """Open marks in a row: each a little above or below the next larger one, so that all can be counted."""
    ranks = {index: rank for rank, index in enumerate(np.argsort(values, kind="stable"))}
    heights = [place + apart * (ranks[index] % 3 - 1) for index in range(len(values))]
    _marks(axes, values, heights, look)


def _step_down(axes: Axes, means: Sequence[float], last: Sequence[float]) -> None:
    """From each row to the next: down, then across to its ``last`` mark, with the change of the mean."""
    low, high = axes.get_xlim()
    axes.set_xlim(low, high * (1.25 if is_narrow() else 1.1))
    for place, (above, here) in enumerate(pairwise(means), start=1):
        axes.plot([above] * 2, [place - 0.7, place], color=HELP, lw=1, ls=":")
        axes.annotate(
            "", (last[place], place), (above, place),
            arrowprops={"arrowstyle": "->", "color": HELP, "lw": 1.2, "shrinkA": 0, "shrinkB": 4},
        )  # fmt: skip
        axes.annotate(
            signed_percent(here / above - 1), (above, place), (5, 0), textcoords="offset points",
            va="center", color="0.25",
        )  # fmt: skip


def _compare(
    axes: Axes, means: Sequence[float], with_: float, places: Sequence[float] | None = None
) -> None:
    """A dotted line where the compared network stands, and each row as a multiple of it."""
    axes.axvline(with_, color=CONVOLUTIONAL.color, lw=1.2, ls=":", zorder=1)
    for place, here in zip(places or range(len(means)), means, strict=True):
        if here != with_:
            axes.text(
                1.02, place, f"× {here / with_:.2f}", transform=axes.get_yaxis_transform(),
                va="center", color="0.25",
            )  # fmt: skip


def signed_percent(change: float) -> str:
    """A relative change in whole percent, with its sign: ``"−44%"``, ``"+58%"``."""
    return f"{change:+.0%}".replace("-", "−")


# --- two networks, in each row


@styled
def plot_pairs(pairs: Mapping[str, tuple[Sequence[float], Sequence[float]]]) -> Drawing:
    """Share of wrong answers of both networks in one row each: a mark for each run, a bar at the mean.

    Below, how many percentage points lie between the two, along an axis that starts at zero.

    Parameters
    ----------
    pairs : mapping of str to (sequence of float, sequence of float)
        For each row, by the name that is written beside it, the accuracies in [0, 1] of the
        fully-connected network and of the convolutional one, one for each seed.
    """
    figure, axes = _rows(list(pairs), each=0.74)
    axes.set_ylim(len(pairs) - 0.22, -0.4)
    for place, both in enumerate(pairs.values()):
        ends = []
        for accuracies, look in zip(both, BOTH, strict=True):
            errors = [1 - accuracy for accuracy in accuracies]
            _marks(axes, errors, place, look)
            ends.append(mean(errors))
            axes.plot([ends[-1]] * 2, [place - 0.2, place + 0.2], color=look.color, lw=2.4)
        axes.plot(ends, [place + 0.3] * 2, color=HELP, lw=1.2, marker="|", ms=7)
        told = f"{100 * (ends[0] - ends[1]):.1f} points"
        axes.annotate(  # clear of the ends of its bracket, which may be narrower
            told, (mean(ends), place + 0.3), (0, -6), textcoords="offset points",
            ha="center", va="top", color="0.25",
        )  # fmt: skip
    axes.set_xlabel("wrong answers, test images")
    axes.set_xlim(left=0)
    axes.xaxis.set_major_formatter(FuncFormatter(lambda share, _: f"{100 * share:g}%"))
    _name_both(figure, axes)
    return figure


@styled
def plot_exchanges(
    pairs: Mapping[str, tuple[Sequence[float], Sequence[float]]],
    groups: Sequence[int] = (),
    names: Sequence[str] = (),
) -> Drawing:
    """Share of wrong answers of both networks with one part after the other: two lines through the means.

    The axis is logarithmic: where the lines run alike, an exchange changes the ratio of the two
    little. The ratio is written between them, in each column. Runs that have stood in an earlier
    column are pale.

    Parameters
    ----------
    pairs : mapping of str to (sequence of float, sequence of float)
        For each column, by the name below it, the accuracies in [0, 1] of the fully-connected network
        and of the convolutional one, one for each seed.
    groups : sequence of int, optional
        How many columns belong together, from left to right: a line ends with its group.
    names : sequence of str, optional
        For each group, the fully-connected network in it, such as ``"wide MLP"``: stands above its line.

    Raises
    ------
    ValueError
        If the groups do not have as many columns as there are, or the names are not one for each group.
    """
    groups = groups or [len(pairs)]
    if sum(groups) != len(pairs):
        raise ValueError(f"groups are {list(groups)}; expected {len(pairs)} columns in all")
    if names and len(names) != len(groups):
        raise ValueError(f"names are {list(names)}; expected one for each of {len(groups)} groups")
    group_of = [number for number, size in enumerate(groups) for _ in range(size)]
    places = [column + 0.4 * group for column, group in enumerate(group_of)]
    figure, axes = one_plot(height=3.4)
    for look, runs in zip(BOTH, zip(*pairs.values(), strict=True), strict=True):
        for number, (x, each) in enumerate(zip(places, runs, strict=True)):
            _marks_of_column(axes, x, each, look, again=each in runs[:number])
        for group in range(len(groups)):
            points = [
                (x, mean_error(each))
                for x, each, one in zip(places, runs, group_of, strict=True)
                if one == group
            ]
            axes.plot(*zip(*points, strict=True), look.linestyle, color=look.color)
    for x, (a, b) in zip(places, pairs.values(), strict=True):
        _tell_ratio(axes, x, mean_error(a), mean_error(b))
    for group, name in enumerate(names):
        first = group_of.index(group)
        highest = 1 - min(list(pairs.values())[first][0])
        axes.annotate(
            name, (places[first], highest), (-6, 7), textcoords="offset points",
            color=FULLY_CONNECTED.color,
        )  # fmt: skip
    axes.set_xticks(places, list(pairs))
    axes.set_xlim(places[0] - 0.35, places[-1] + 0.55)
    axes.set_ylabel("wrong answers, test images")
    axes.grid(visible=False, axis="x")
    _error_axis(axes)
    if names:  # which stand above the highest marks
        axes.set_ylim(top=1.12 * axes.get_ylim()[1])
    _name_both(figure, axes)
    return figure


def _marks_of_column(
    axes: Axes, place: float, accuracies: Sequence[float], look: Look, again: bool
) -> None:
    """Open marks in a column: each a little beside the next larger one; pale, if they are shown again."""
    errors = sorted(1 - accuracy for accuracy in accuracies)
    across = [place + 0.05 * (rank % 3 - 1) for rank in range(len(errors))]
    mark = open_mark(look) | ({"alpha": 0.4} if again else {})
    axes.scatter(across, errors, **mark, zorder=3)


def _tell_ratio(axes: Axes, x: float, upper: float, lower: float) -> None:
    """How many times as many mistakes the lower network makes, halfway between the two."""
    axes.plot([x, x], [upper, lower], color=HELP, lw=1, ls=":", zorder=1)
    axes.annotate(
        f"× {lower / upper:.2f}", (x, (upper * lower) ** 0.5), (4, 0),
        textcoords="offset points", va="center", color="0.25",
    )  # fmt: skip


def _name_both(figure: Drawing, axes: Axes) -> None:
    """Above the plot, the marks of both networks and their names."""
    for look in BOTH:
        axes.scatter([], [], **open_mark(look), label=look.name)
    figure.legend(
        loc="outside upper center", ncols=2, frameon=False, handletextpad=0.1, columnspacing=1.5
    )


# --- two changes, each with and without the other


@styled
def plot_interaction(
    corners: Mapping[tuple[str, str], Sequence[float]],
    compared: Mapping[str, Sequence[float]] | None = None,
) -> Drawing:
    """What one change does with another and without it: two lines that need not run alike.

    The lines go through the means of the runs that learned; those that failed are counted above.

    Parameters
    ----------
    corners : mapping of (str, str) to sequence of float
        The accuracies in [0, 1], one for each seed, of four networks: by which line they are on, and
        by where along the axis. At the second place both are convolutional.
    compared : mapping of str to sequence of float, optional
        By the words below it, the accuracies of a fully-connected network: a column of its own at the
        left, and one band for all of them behind the lines.

    Raises
    ------
    ValueError
        If there are not two lines with the same two places, or all runs of a corner have failed.
    """
    lines, places = (list(dict.fromkeys(names)) for names in zip(*corners, strict=True))
    if len(lines) != 2 or len(places) != 2 or len(corners) != 4:
        raise ValueError(f"corners are {list(corners)}; expected two lines with two places each")
    figure, axes = one_plot(height=3.6)
    others = compared or {}
    _draw_compared(axes, [[1 - accuracy for accuracy in each] for each in others.values()])
    for line in lines:
        errors = [[1 - accuracy for accuracy in corners[line, place]] for place in places]
        for x, (place, each) in enumerate(zip(places, errors, strict=True)):
            look = CONVOLUTIONAL if place == places[-1] else NEITHER
            _column(axes, x, each, look)
        _line_with_change(axes, line, [_mean(each) for each in errors])
    columns = _left_of_lines(len(others))
    axes.set_xticks([*columns, 0, 1], [*others, *places])
    for label in axes.get_xticklabels()[: len(others)]:
        label.set_color(FULLY_CONNECTED.color)
    axes.set_xlim(min([*columns, 0]) - 0.45, 1.65 if is_narrow() else 1.45)
    axes.set_ylabel("wrong answers, test images")
    axes.grid(visible=False, axis="x")
    _error_axis(axes)
    return figure


def _left_of_lines(count: int) -> list[float]:
    """Where so many columns stand, closer to each other than to the lines."""
    return [-0.9 - 0.6 * (count - 1 - column) for column in range(count)]


def _draw_compared(axes: Axes, errors: Sequence[Sequence[float]]) -> None:
    if errors:
        every = list(chain.from_iterable(errors))
        axes.axhspan(min(every), max(every), color=FULLY_CONNECTED.color, alpha=0.12, lw=0)
        for x, each in zip(_left_of_lines(len(errors)), errors, strict=True):
            _column(axes, x, each, FULLY_CONNECTED)


def _column(axes: Axes, x: float, errors: Sequence[float], look: Look) -> None:
    """The runs of one network side by side about their place, and above the plot how many have failed."""
    drawn = [error for error in errors if error <= FAILED]
    for run, error in enumerate(drawn):
        aside = _beside(axes, run - (len(drawn) - 1) / 2, look)
        axes.scatter(x, error, **open_mark(look), zorder=3, transform=axes.transData + aside)
        axes.update_datalim([(x, error)])  # which a mark that stands beside its place does not do
    axes.autoscale_view()
    if len(drawn) < len(errors):
        axes.text(
            x, 1.01, f"{len(errors) - len(drawn)} failed", transform=axes.get_xaxis_transform(),
            ha="center", va="bottom", color=look.color,
        )  # fmt: skip


def _line_with_change(axes: Axes, name: str, means: Sequence[float]) -> None:
    before, after = means
    side = 1 if after > before else -1  # left of a line that rises, right of one that falls
    axes.plot([0, 1], means, color=NEITHER.color, lw=1.6, zorder=2)
    axes.annotate(
        name,
        (1, after),
        (14 if is_narrow() else 19, 0),
        textcoords="offset points",
        va="center",
        color=NEITHER.color,
    )
    axes.annotate(
        signed_percent(after / before - 1), (0.5, (before * after) ** 0.5), (-7 * side, 2),
        textcoords="offset points", ha="right" if side > 0 else "left", va="bottom", color="0.25",
    )  # fmt: skip


# --- what a change leaves


@styled
def draw_left_over(
    accuracies: Mapping[str, Sequence[float]], fully_connected: Collection[str] = ()
) -> Drawing:
    """Of a hundred mistakes of the first network, how many each of the next ones still makes: squares.

    Filled squares are mistakes; grey ones have gone in the last step, and empty ones before.

    Parameters
    ----------
    accuracies : mapping of str to sequence of float
        For each network, by the name that is written above its squares, the accuracies in [0, 1], one
        for each seed, in the same order of seeds: what is left with each is averaged.
    fully_connected : collection of str
        Names of networks whose squares are blue. Those of the others are dark, of the last vermillion.
    """
    first, *_ = accuracies.values()
    left = [
        round(100 * mean((1 - y) / (1 - x) for x, y in zip(first, each, strict=True)))
        for each in accuracies.values()
    ]
    columns = 2 if is_narrow() else len(left)
    rows = -(-len(left) // columns)
    figure, _ = one_plot()
    figure.set_figheight(rows * (2.2 if is_narrow() else 2.35))
    figure.clear()
    panels = figure.subplots(rows, columns, squeeze=False).flat
    for number, (axes, name, count) in enumerate(zip(panels, accuracies, left, strict=False)):
        look = FULLY_CONNECTED if name in fully_connected else NEITHER
        look = CONVOLUTIONAL if number == len(left) - 1 else look
        _hundred(axes, count, left[max(number - 1, 0)], look.color)
        axes.set_title(_two_lines(name), color=look.color, fontsize="medium")
        axes.text(0, 10.25, f"{count} left" if number else "100 mistakes", va="top")
    for axes in list(panels):
        axes.axis("off")
    return figure


def _two_lines(name: str) -> str:
    """A name on exactly two lines, so that all pictures below it begin at one height."""
    return "\n".join([*textwrap.wrap(name, 16), ""][:2])


def _hundred(axes: Axes, count: int, before: int, color: str) -> None:
    """A hundred squares in rows of ten: the first ``count`` filled, up to ``before`` grey."""
    for square in range(100):
        i, j = divmod(square, 10)
        face, edge = (color, color) if square < count else ("none", FRAME)
        if count <= square < before:
            face = edge = "0.72"
        axes.add_patch(Rectangle((j + 0.1, i + 0.1), 0.8, 0.8, lw=0.6, fc=face, ec=edge))
    axes.set(xlim=(0, 10), ylim=(11.4, 0), aspect="equal")
    axes.axis("off")


@styled
def plot_gains(
    gains: Mapping[str, Gain],
    limits: tuple[float, float] = RATIO_LIMITS,
    shaded: Collection[str] = (),
) -> Drawing:
    """Mistakes after each change for one before it: a row for each, under a heading for each question.

    A mark for each seed, a bar at the mean of those that learned, and at the right the mean shares of
    wrong answers, before and after. Runs beyond the axis are triangles. All is drawn in the look of
    the network after the change. On a phone names and shares stand above their row, and the scale at
    both ends.

    Parameters
    ----------
    gains : mapping of str to Gain
        By the name of the row, from top to bottom, as ``mnistlab.experiments.gains.gains`` returns
        them: those of one question after each other.
    limits : (float, float)
        The least and the greatest ratio on the axis, below and above 1.
    shaded : collection of str
        Names of rows that stand out from the others.

    Raises
    ------
    ValueError
        If no row has a name that is to be shaded.
    """
    unknown = sorted(set(shaded) - set(gains))
    if unknown:
        raise ValueError(f"no row is called {unknown[0]!r}; expected names of {', '.join(gains)}")
    rows, headings, end = _grouped(gains, 1.55 if is_narrow() else 1.0)
    figure, axes = one_plot()
    figure.set_figheight(0.6 + 0.25 * end)
    axes.set(xscale="log", xlim=limits, ylim=(end - 0.4, -0.6))
    for place, (name, gain) in rows.items():
        look = LOOKS[gain.network]
        _ratios(axes, place, gain, look, limits)
        if name in shaded:
            top = place - (1.1 if is_narrow() else 0.5)
            axes.axhspan(top, place + 0.5, color=MARKS[0], alpha=0.16, lw=0, zorder=0)
        axes.plot([gain.ratio] * 2, [place - 0.33, place + 0.33], color=look.color, lw=2.4)
        before, after = gain.wrong
        told = f"{100 * before:.{1 if before < 0.1 else 0}f} → {after:.1%}"
        (_name_above if is_narrow() else _name_beside)(axes, place, name, told, look.color)
    _headings(axes, headings)
    axes.spines["left"].set_visible(False)
    axes.grid(visible=False)  # its lines would go through the letters: each row has its own
    axes.xaxis.set_major_locator(FixedLocator(_ticks(limits)))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_xlabel("ratio of mistakes")
    if is_narrow():  # two screens high: the scale stands at both ends
        axes.tick_params(labeltop=True)
    return figure


@styled
def plot_per_place(spreads: Sequence[Spread]) -> Drawing:
    """Share of mistakes that sharing removes, in two plots with one column for each kind of images.

    In the first the fewest images, moved further and further; in the second, side by side, each two
    kinds of moved images that have nearly as many for each place. A mark for each seed that learned
    and a bar at their mean. A cross at the bottom: with a seed there were more mistakes, and the open
    bar leaves it out.

    Parameters
    ----------
    spreads : sequence of Spread
        As ``mnistlab.experiments.gains.per_place_gains`` returns them.
    """
    ordered = sorted(spreads, key=lambda one: -one.per_place)
    fewest = min(one.images for one in spreads)
    few = [one for one in ordered if one.images == fewest]
    pairs = [
        (one, other)
        for one, other in pairwise(ordered)
        if one.per_place < 1.2 * other.per_place and other.places > 1
    ]
    figure = empty_figure(6.4 if is_narrow() else 3.8)
    apart(figure)
    panels = (2, 1) if is_narrow() else (1, 2)
    first, second = figure.subplots(*panels, sharey=True)
    _columns(first, {number: one.gain for number, one in enumerate(few)})
    first.set_xticks(range(len(few)), [_moved_by(one) for one in few])
    first.set_title("Further and further")
    first.set_xlabel(f"{number_text(few[0].images)} images, moved by up to … pixels")
    places = {0.5 * (i // 2) + i: one for i, one in enumerate(chain.from_iterable(pairs))}
    _columns(second, {place: one.gain for place, one in places.items()})
    told = [f"{number_text(one.images)}\n{_moved_by(one)}" for one in places.values()]
    second.set_xticks(list(places), told)
    second.set_title("Equally many for each place")
    second.set_xlabel("images, moved by up to … pixels")
    _questions(second, list(places))
    first.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    first.set_ylim(0, 1.15 * second.get_ylim()[1])
    figure.align_xlabels()
    figure.supylabel("mistakes removed by sharing", fontsize="medium")
    return figure


@styled
def plot_removed(gains: Mapping[tuple[str, str], Gain]) -> Drawing:
    """Share of mistakes that a change removes: columns in groups, with a mark for each seed that learned.

    A bar stands at their mean, and its number above it. On a phone the groups stand closer together and
    every second name of many columns a line lower, so that there is room for all.

    Parameters
    ----------
    gains : mapping of (str, str) to mnistlab.experiments.gains.Gain
        By the name of the group and that of the column in it, from left to right.
    """
    figure, axes = one_plot(height=3.0)
    groups = list(dict.fromkeys(group for group, _ in gains))
    crowded = is_narrow() and max(len(column) for _, column in gains) * len(gains) > 40
    gap = 0.25 if is_narrow() and not crowded else 0.6
    places = {one: number + gap * groups.index(one[0]) for number, one in enumerate(gains)}
    _columns(axes, {places[one]: gain for one, gain in gains.items()})
    for one, gain in gains.items():
        pairs = zip(gain.each, gain.learned, strict=True)
        highest = max(1 - ratio for ratio, learned in pairs if learned)
        axes.annotate(
            f"{gain.removed:.0%}", (places[one], highest), (0, 7), textcoords="offset points",
            ha="center", color=SHARE.color,
        )  # fmt: skip
    names = [
        ("\n" if crowded and n % 2 else "") + column
        for group in groups
        for n, column in enumerate(column for each, column in gains if each == group)
    ]
    axes.set_xticks(list(places.values()), names)
    if is_narrow():
        axes.set_xlim(-0.48, max(places.values()) + 0.45)
    for group in groups:
        means = [(places[one], gain.removed) for one, gain in gains.items() if one[0] == group]
        axes.plot(*zip(*means, strict=True), color=HELP, lw=0.8, zorder=1)
        middle = mean(place for place, _ in means)
        axes.annotate(
            group, (middle, 0), (0, -35 if crowded else -22), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="center", va="top",
        )  # fmt: skip
    axes.set_ylim(0, 1.12 * axes.get_ylim()[1])
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylabel("mistakes removed by sharing")
    return figure


@styled
def plot_removed_by_seed(gains: Mapping[int, Gain]) -> Drawing:
    """Share of mistakes that a change removes, against the number of images: a thin line for each seed.

    The thick line goes through the means, which are written above it. The most images are at the left,
    as in `plot_removed`.

    Parameters
    ----------
    gains : mapping of int to mnistlab.experiments.gains.Gain
        By the number of training images, of the same seeds in the same order.

    Raises
    ------
    ValueError
        If a seed has failed, of which there would be no line.
    """
    failed = [count for count, gain in gains.items() if not all(gain.learned)]
    if failed:
        raise ValueError(f"with {failed[0]} images a seed has failed; expected seeds that learned")
    figure, axes = one_plot(height=3.0)
    for each in zip(*(gain.each for gain in gains.values()), strict=True):
        shares = [1 - ratio for ratio in each]
        axes.plot(list(gains), shares, "-", color=HELP, lw=0.8, marker="o", ms=3)
    means = [gain.removed for gain in gains.values()]
    axes.plot(list(gains), means, "-", color=SHARE.color, lw=2.6)
    for count, share in zip(gains, means, strict=True):
        highest = max(1 - ratio for ratio in gains[count].each)
        axes.annotate(
            f"{share:.0%}", (count, highest), (0, 7), textcoords="offset points", ha="center",
            color=SHARE.color,
        )  # fmt: skip
    axes.set_xscale("log")
    axes.set_xticks(list(gains), [f"{count}" for count in gains])
    axes.xaxis.set_minor_locator(NullLocator())
    axes.margins(x=0.14 if is_narrow() else 0.08)
    axes.invert_xaxis()
    axes.set_ylim(0, 1.12 * axes.get_ylim()[1])
    axes.set_xlabel("training images")
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    axes.set_ylabel("mistakes removed by sharing")
    return figure


def _moved_by(one: Spread) -> str:
    """By up to how many pixels images are moved that may lie at so many places, and how many at each."""
    distance = (math.isqrt(one.places) - 1) // 2
    return f"{f'by {distance}' if distance else 'centred'}\n{one.per_place:.0f} each"


def _columns(axes: Axes, columns: Mapping[float, Gain]) -> None:
    """What sharing removes, by place along the axis: the seeds one beside the other, and their mean."""
    color = SHARE.color
    for place, one in columns.items():
        pairs = zip(one.each, one.learned, strict=True)
        shares = [1 - ratio for ratio, learned in pairs if learned]
        across = np.linspace(place - 0.25, place + 0.25, len(shares))
        inside = [(x, share) for x, share in zip(across, shares, strict=True) if share >= 0]
        if inside:
            axes.plot(
                *zip(*inside, strict=True), SHARE.marker, color=color, ls=SHARE.linestyle, ms=3.5
            )
        if len(inside) < len(shares):
            axes.plot(place, 0.012, "X", color=color, ms=8)
            beyond = f"{min(shares):.0%}".replace("-", "−")
            axes.annotate(
                beyond, (place, 0.012), (8, 0), textcoords="offset points", va="center",
                color=color,
            )  # fmt: skip
            if inside:
                corner = place - 0.36, mean(share for _, share in inside) - 0.005
                axes.add_patch(Rectangle(corner, 0.72, 0.01, fill=False, ec=color, lw=1))
        axes.plot([place - 0.36, place + 0.36], [one.removed] * 2, color=color, lw=2.4)
    axes.margins(x=0.05)


def _questions(axes: Axes, places: Sequence[float]) -> None:
    """Above each two columns, whether they are equal."""
    height = axes.get_ylim()[1]
    for left, right in zip(places[::2], places[1::2], strict=True):
        ends = [left, left, right, right]
        axes.plot(ends, [height, 1.03 * height, 1.03 * height, height], color="0.35", lw=1)
        axes.text((left + right) / 2, 1.05 * height, "equal?", ha="center", va="bottom")


def _grouped(
    gains: Mapping[str, Gain], each: float
) -> tuple[dict[float, tuple[str, Gain]], dict[float, str], float]:
    """Heights of the rows and of the headings, counted in lines from the top, and of the end."""
    rows: dict[float, tuple[str, Gain]] = {}
    headings: dict[float, str] = {}
    line = 0.0
    for question, group in groupby(gains.items(), lambda item: item[1].question):
        headings[line] = question
        for item in group:
            line += each
            rows[line] = item
        line += 1.35
    return rows, headings, line - 0.35


def _ratios(axes: Axes, place: float, gain: Gain, look: Look, limits: tuple[float, float]) -> None:
    """One row's ground and marks. The ground is grey where a change does harm."""
    low, high = limits
    axes.add_patch(Rectangle((1, place - 0.45), high - 1, 0.9, color="0.5", alpha=0.12, lw=0))
    for tick in _ticks(limits):
        ends = [place - 0.45, place + 0.45]
        axes.plot([tick] * 2, ends, color="0.35" if tick == 1 else "0.88", lw=1, zorder=1)
    ratios = [one for one, learned in zip(gain.each, gain.learned, strict=True) if learned]
    _marks_of_row(axes, [one for one in ratios if low < one < high], place, look, apart=0.17)
    inside = (high / low) ** END
    for end, beyond in ((low * inside, "<"), (high / inside, ">")):
        if any(ratio <= low if beyond == "<" else ratio >= high for ratio in ratios):
            axes.plot(end, place, marker=beyond, color=look.color, ms=5)
    failed = gain.learned.count(False)
    if failed:  # at the end where the marks are not
        at, side = (low * inside, "left") if gain.ratio > 1 else (high / inside, "right")
        axes.text(at, place, f"{failed} failed", ha=side, va="center", color=look.color)


def _ticks(limits: tuple[float, float]) -> list[float]:
    return [tick for tick in RATIO_TICKS if limits[0] <= tick <= limits[1]]


def _name_beside(axes: Axes, place: float, name: str, told: str, color: str) -> None:
    beside = axes.get_yaxis_transform()
    axes.text(-0.02, place, name, transform=beside, ha="right", va="center", color=color)
    axes.annotate(
        told, (1, place), (80, 0), beside, "offset points", ha="right", va="center", color=color
    )


def _name_above(axes: Axes, place: float, name: str, told: str, color: str) -> None:
    above = axes.get_yaxis_transform()
    axes.text(0, place - 0.76, name, transform=above, va="center", color=color)
    axes.text(1, place - 0.76, told, transform=above, ha="right", va="center", color=color)


def _headings(axes: Axes, headings: Mapping[float, str]) -> None:
    """The questions in bold; beside the first one, what the numbers at the right are."""
    transform, x = axes.get_yaxis_transform(), 0 if is_narrow() else -0.02
    for place, question in headings.items():
        axes.text(
            x, place, question, transform=transform, ha="left" if is_narrow() else "right",
            va="center", weight="bold",
        )  # fmt: skip
    axes.annotate(
        "wrong answers", (1, 0), (0 if is_narrow() else 80, 0), transform, "offset points",
        ha="right", va="center", color="0.25",
    )  # fmt: skip
    axes.set_yticks(())
