"""Curves of runs, and the other plots with axes that carry numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields

import numpy as np
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from mnistlab.plots.images import canvas
from mnistlab.plots.style import (
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
    styled,
    width,
)
from mnistlab.shapes import ShapeTrace
from mnistlab.tables import number_text
from mnistlab.training import History


@styled
def plot_losses(fully_connected: History, convolutional: History) -> Drawing:
    """Test loss after each epoch, both networks in one plot (Task 9).

    Parameters
    ----------
    fully_connected, convolutional : History
        As `mnistlab.train` returns them.

    Raises
    ------
    ValueError
        If a history has no epoch.
    """
    figure, axes = one_plot()
    _curves(
        axes,
        fully_connected.test_loss,
        convolutional.test_loss,
        bottom=0,
    )
    axes.set_xlabel("epoch")
    axes.set_ylabel("test loss (nats per image)")
    return figure


@styled
def plot_accuracies(fully_connected: History, convolutional: History) -> Drawing:
    """Test accuracy after each epoch, both networks in one plot (Task 9).

    Parameters
    ----------
    fully_connected, convolutional : History
        As `mnistlab.train` returns them.

    Raises
    ------
    ValueError
        If a history has no epoch.
    """
    figure, axes = one_plot()
    _curves(
        axes,
        fully_connected.test_accuracy,
        convolutional.test_accuracy,
    )
    axes.set_xlabel("epoch")
    axes.set_ylabel("test accuracy")
    axes.yaxis.set_major_formatter(_percent)
    return figure


@styled
def plot_seeds(
    fully_connected: Sequence[History],
    convolutional: Sequence[History],
    quantity: str = "test_loss",
    live: Sequence[History] = (),
) -> Drawing:
    """Several runs of each network: the mean over the seeds, and a band from lowest to highest.

    Parameters
    ----------
    fully_connected, convolutional : sequence of History
        One for each seed, equally long.
    quantity : str
        Name of a list of `mnistlab.History`, such as ``"test_loss"`` (nats per image) or
        ``"test_accuracy"`` (fraction, shown in percent).
    live : sequence of History
        Two more runs, of the fully-connected and of the convolutional network, to be marked by
        dots and squares. Default: none.

    Raises
    ------
    ValueError
        If there is no such list, or the histories of a network are none or not equally long.
    """
    _check_quantity(quantity)
    figure, axes = one_plot()
    _band(axes, fully_connected, quantity,
          FULLY_CONNECTED)  # fmt: skip
    _band(axes, convolutional, quantity,
          CONVOLUTIONAL)  # fmt: skip
    _mark_live(axes, live, quantity)
    _finish_seeds(axes, quantity)
    return figure


def _band(axes: Axes, histories: Sequence[History], quantity: str, look: Look) -> None:
    """The mean over the seeds after each epoch, and a band from the lowest to the highest."""
    _draw_band(axes, _lines(histories, quantity), look)


def _draw_band(axes: Axes, lines: np.ndarray, look: Look) -> None:
    """One row for each seed: their mean as a line, and a band from the lowest to the highest."""
    epochs = range(1, lines.shape[1] + 1)
    lowest, highest = lines.min(axis=0), lines.max(axis=0)
    axes.fill_between(
        epochs, lowest, highest,
        color=look.color, alpha=0.3, linewidth=0,
    )  # fmt: skip
    axes.plot(
        epochs, lines.mean(axis=0), look.linestyle,
        color=look.color, label=look.name,
    )  # fmt: skip


def _logarithmic(axes: Axes, formatter: Callable[[float, int | None], str] | str) -> None:
    """A logarithmic vertical axis with ticks at 1, 2 and 5."""
    axes.set_yscale("log")
    axes.yaxis.set_major_formatter(formatter)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_minor_locator(NullLocator())


def _mark_live(axes: Axes, live: Sequence[History], quantity: str) -> None:
    """Each epoch of a run as a mark without a line."""
    for history, look in zip(live, (FULLY_CONNECTED, CONVOLUTIONAL), strict=False):
        values = getattr(history, quantity)
        axes.scatter(
            range(1, len(values) + 1), values, s=14, marker=look.marker,
            facecolor="white", edgecolor=look.color, zorder=3,
        )  # fmt: skip


def _check_quantity(quantity: object) -> None:
    names = [column.name for column in fields(History)]
    if quantity not in names:
        raise ValueError(f"quantity is {quantity!r}; expected one of {', '.join(names)}")


def _lines(histories: Sequence[History], quantity: str) -> np.ndarray:
    """One row for each seed, one column for each epoch."""
    lengths = {len(history.test_loss) for history in histories}
    if len(lengths) != 1 or 0 in lengths:
        raise ValueError(
            f"the histories have {sorted(lengths)} epochs; expected at least one history, and all of "
            "one length"
        )
    return np.array([getattr(history, quantity) for history in histories])


def _finish_seeds(axes: Axes, quantity: str) -> None:
    """Scales and words: losses on a logarithmic axis, accuracies in percent from 90 %."""
    axes.set_xlabel("epoch")
    axes.set_ylabel(quantity.replace("_", " "))
    if quantity.endswith("loss"):
        axes.set_ylabel(f"{quantity.replace('_', ' ')} (nats per image)")
        _logarithmic(axes, "{x:g}")
    elif quantity.endswith("accuracy"):
        axes.set_ylim(bottom=max(0.9, axes.get_ylim()[0]))
        axes.yaxis.set_major_formatter(_percent)
    label_ends(axes)


def _curves(
    axes: Axes,
    fully_connected: Sequence[float],
    convolutional: Sequence[float],
    bottom: float | None = None,
) -> None:
    """One line per network over the epochs, its name at its end; ``bottom`` is where the axis begins."""
    _curve(axes, fully_connected, FULLY_CONNECTED)
    _curve(axes, convolutional, CONVOLUTIONAL)
    axes.set_ylim(bottom=bottom)  # before the names, whose heights depend on it
    label_ends(axes)


def _curve(axes: Axes, values: Sequence[float], look: Look) -> None:
    """One line over the epochs 1, 2, ..."""
    if not values:
        raise ValueError(f"the history of the {look.name} is empty; expected at least one epoch")
    epochs = range(1, len(values) + 1)
    axes.plot(epochs, values, look.linestyle, color=look.color, marker=look.marker, label=look.name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10]))


def _percent(value: float, _: int | None = None) -> str:
    """A fraction in percent, with no more digits than it needs: 0.98 is 98%."""
    return f"{100 * value:.6g}%"


def label_ends(axes: Axes, gap: float = 0.09) -> None:
    """Write each line's name at its end, at least ``gap`` of the plot's height apart.

    On a phone there is no room beside the plot, so the names stand above it, with their lines.
    """
    lines = axes.get_lines()
    if is_narrow():
        above = {"loc": "lower center", "bbox_to_anchor": (0.42, 1.0), "ncols": 2}
        small = {"handlelength": 1.5, "handletextpad": 0.5, "columnspacing": 1.0, "borderpad": 0.2}
        axes.legend(handles=lines, frameon=False, **small, **above)
        return
    axes.get_ylim()  # so that the limits are settled
    to_height = axes.transData + axes.transAxes.inverted()
    ends = [(to_height.transform(line.get_xydata()[-1])[1], line) for line in lines]
    lowest = float("-inf")
    for height, line in sorted(ends, key=lambda end: end[0]):
        place = max(height, lowest + gap)
        axes.text(
            1.01, place, line.get_label(), color=line.get_color(), va="center",
            transform=axes.transAxes,
        )  # fmt: skip
        lowest = place


@styled
def plot_training(fully_connected: History, convolutional: History) -> Drawing:
    """Loss on the training images during each epoch, and on the test set after it.

    Parameters
    ----------
    fully_connected, convolutional : History
        As `mnistlab.train` returns them; losses in nats per image. One plot for each, on one scale.
    """
    panels = (2, 1) if is_narrow() else (1, 2)
    figure = empty_figure(4.6 if is_narrow() else 3.4)
    grid = figure.subplots(*panels, sharex=True, sharey=True)
    both = ((fully_connected, FULLY_CONNECTED), (convolutional, CONVOLUTIONAL))
    for axes, (history, look) in zip(grid, both, strict=True):
        _training_and_test(axes, history, look)
        axes.set_title(look.name, color=look.color)
    figure.supxlabel("epoch", fontsize="medium")
    figure.supylabel("loss (nats per image)", fontsize="medium")
    return figure


def _training_and_test(axes: Axes, history: History, look: Look) -> None:
    """The two losses of one network."""
    epochs = range(1, len(history.train_loss) + 1)
    often = max(1, len(epochs) // 10)  # marks on at most ten or so epochs
    axes.plot(
        epochs, history.train_loss, ":", color="0.35", marker="^", markevery=often,
        label="training, during the epoch",
    )  # fmt: skip
    axes.plot(
        epochs, history.test_loss, look.linestyle, color=look.color, marker=look.marker,
        markevery=often, label="test, after the epoch",
    )  # fmt: skip
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axes.legend(frameon=False)


@styled
def plot_errors(
    fully_connected: Sequence[History],
    convolutional: Sequence[History],
    shaded: int = 0,
    overtaken: bool = False,
    levels: Sequence[float] = (),
    said: str = "",
) -> Drawing:
    """Share of wrong answers on the test set over the epochs, on a logarithmic axis.

    Parameters
    ----------
    fully_connected, convolutional : sequence of History
        One for each seed, equally long: the mean is a line, lowest to highest a band.
    shaded : int
        The first so many epochs are shaded.
    overtaken : bool
        Mark after which epoch the convolutional network is first as good, on average, as the
        fully-connected one at its end.
    levels : sequence of float
        A share of wrong answers to compare with, for each of the two: a dotted line.
    said : str
        What these are.

    Raises
    ------
    ValueError
        If the histories of a network are none or not equally long.
    """
    figure, axes = one_plot()
    for histories, look in ((fully_connected, FULLY_CONNECTED), (convolutional, CONVOLUTIONAL)):
        _draw_band(axes, 1 - _lines(histories, "test_accuracy"), look)
    if shaded:
        axes.axvspan(1, shaded, color=FRAME, alpha=0.25, linewidth=0, zorder=0)
        axes.text(
            shaded + 1, 0.985, f"shaded: the first {shaded} epochs", va="top",
            transform=axes.get_xaxis_transform(),
        )  # fmt: skip
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1, steps=[1, 2, 5, 10]))
    axes.set_ylabel("wrong answers")
    _logarithmic(axes, _percent)
    axes.margins(x=0.02)
    label_ends(axes)
    for level, look in zip(levels, (FULLY_CONNECTED, CONVOLUTIONAL), strict=False):
        axes.axhline(level, color=look.color, ls=":", lw=1.4)
    if said:
        axes.text(0.98, 0.97, said, transform=axes.transAxes, ha="right", va="top")
    if overtaken:
        _mark_overtaking(axes, lambda epoch: f"epoch {epoch:.0f}")
    return figure


def _mark_overtaking(axes: Axes, words: Callable[[float], str]) -> None:
    """A dotted line from the end of the first of two curves to where the second is as low, if it is."""
    first, second = (line.get_xydata() for line in axes.get_lines()[:2])
    end, level = first[-1]
    reached = np.flatnonzero(second[:, 1] <= level)
    if len(reached):
        place = second[reached[0], 0]
        axes.plot([place, end], [level, level], ":", color="0.35", lw=1.2, zorder=3)
        axes.plot(place, second[reached[0], 1], "o", color="0.15", ms=5, zorder=4)
        axes.annotate(words(place), (place, level), (6, 5), textcoords="offset points", va="bottom")


TIMES = {1: "1 s", 10: "10 s", 60: "1 min", 600: "10 min", 3600: "1 h", 36_000: "10 h"}
"""Seconds at which an axis of time has a mark, and what stands there."""


def _in_minutes(axes: Axes) -> None:
    """A logarithmic lower axis of seconds, marked as a clock would say them."""
    axes.set_xscale("log")
    limits = axes.get_xlim()
    axes.set_xticks(list(TIMES), list(TIMES.values()))
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_xlim(limits)


@styled
def plot_by_the_clock(
    fully_connected: Sequence[History], convolutional: Sequence[History]
) -> Drawing:
    """Mean share of wrong answers over the time that training took, both axes logarithmic.

    Marks when the convolutional network is first as good as the fully-connected one at its end.

    Parameters
    ----------
    fully_connected, convolutional : sequence of History
        One for each seed, equally long. Each epoch of a network is drawn as long as its median one.
    """
    figure, axes = one_plot()
    for histories, look in ((fully_connected, FULLY_CONNECTED), (convolutional, CONVOLUTIONAL)):
        errors = 1 - _lines(histories, "test_accuracy").mean(axis=0)
        pace = np.median([history.seconds for history in histories])
        axes.plot(
            pace * np.arange(1, len(errors) + 1), errors, look.linestyle, color=look.color,
            label=look.name,
        )  # fmt: skip
    _in_minutes(axes)
    axes.set_xlabel("training time")
    axes.set_ylabel("wrong answers")
    _logarithmic(axes, _percent)
    axes.set_ylim(bottom=0.85 * axes.get_ylim()[0])
    lines = list(axes.get_lines())
    _mark_overtaking(axes, lambda seconds: f"{seconds / 60:.0f} min")
    for line in lines:
        axes.annotate(
            line.get_label(), line.get_xydata()[-1], (0, -6), textcoords="offset points",
            ha="right", va="top", color=line.get_color(),
        )  # fmt: skip
    return figure


@styled
def plot_shares(fully_connected: ShapeTrace, convolutional: ShapeTrace) -> Drawing:
    """How many parameters each layer of each network has, and all of them: a bar for each.

    Both networks have one linear axis that begins at zero, so that lengths can be compared.

    Parameters
    ----------
    fully_connected, convolutional : ShapeTrace
        From `mnistlab.trace_shapes`.
    """
    figure = empty_figure(4.2 if is_narrow() else 2.6)
    grid = figure.subplots(*((2, 1) if is_narrow() else (1, 2)), sharex=True)
    both = ((fully_connected, FULLY_CONNECTED), (convolutional, CONVOLUTIONAL))
    for axes, (trace, look) in zip(grid, both, strict=True):
        _bars(axes, trace, look)
    figure.supxlabel("parameters", fontsize="medium")
    return figure


def _bars(axes: Axes, trace: ShapeTrace, look: Look) -> None:
    """One bar for each layer that has parameters, with their number, and one for the sum."""
    layers = [layer for layer in trace if layer.parameters]
    amounts = [layer.parameters for layer in layers]
    names = _numbered([_kind(layer.name) for layer in layers])
    bars = axes.barh([*names, "sum"], [*amounts, sum(amounts)], color=look.color, height=0.6)
    bars.patches[-1].set(facecolor="none", edgecolor=look.color, linewidth=1.5)
    labels = [number_text(amount) for amount in (*amounts, sum(amounts))]
    ground = [withStroke(linewidth=3, foreground="white")]  # where a line of the grid crosses it
    axes.bar_label(bars, labels, padding=4, path_effects=ground, zorder=3)
    axes.set_xlim(0, max(axes.get_xlim()[1], 1.45 * sum(amounts)))
    axes.xaxis.set_major_locator(MaxNLocator(3))
    axes.xaxis.set_major_formatter(lambda count, _: number_text(round(count)))
    axes.grid(visible=False, axis="y")
    axes.invert_yaxis()
    axes.set_title(look.name, color=look.color)


@styled
def draw_work(fully_connected: ShapeTrace, convolutional: ShapeTrace) -> Drawing:
    """Multiply-accumulates for one image as areas: a square for each network, cut into its layers.

    Parameters
    ----------
    fully_connected, convolutional : ShapeTrace
        From `mnistlab.trace_shapes`.
    """
    traces = ((fully_connected, FULLY_CONNECTED), (convolutional, CONVOLUTIONAL))
    sums = [sum(layer.multiply_accumulates for layer in trace) for trace, _ in traces]
    largest, title, words = (1.7, 0.35, 1.45) if is_narrow() else (2.4, 0.35, 1.6)
    sides = [largest * (amount / max(sums)) ** 0.5 for amount in sums]
    if is_narrow():  # one above the other
        corners = [(0.05, title), (0.05, 2 * title + sides[0] + 0.1)]
    else:
        left = (width() - sum(sides) - 2 * words - 0.35) / 2
        corners = [(left, title + sides[1] - sides[0]), (left + sides[0] + words + 0.35, title)]
    lowest = max(upper + side for (_, upper), side in zip(corners, sides, strict=True))
    figure, axes = canvas(lowest + 0.12)
    for (trace, look), corner, side in zip(traces, corners, sides, strict=True):
        _layers_of_work(axes, trace, look, (*corner, side))
    return figure


def _layers_of_work(
    axes: Axes, trace: ShapeTrace, look: Look, square: tuple[float, float, float]
) -> None:
    """One square, cut into a band for each layer with work to do, and their names and numbers."""
    left, upper, side = square
    layers = [layer for layer in trace if layer.multiply_accumulates]
    names = _numbered([_kind(layer.name) for layer in layers])
    whole = sum(layer.multiply_accumulates for layer in layers)
    axes.text(
        left, upper - 0.08, f"{look.name}: {number_text(whole)}", color=look.color, va="bottom"
    )
    if side < 0.6:  # too small for words beside its bands
        axes.add_patch(Rectangle((left, upper), side, side, color=look.color))
        return
    top = upper
    for name, layer in zip(names, layers, strict=True):
        height = side * layer.multiply_accumulates / whole
        edge = "white" if height > 0.02 else look.color  # a hairline would vanish between two edges
        axes.add_patch(Rectangle((left, top), side, height, fc=look.color, ec=edge, lw=1))
        place = min(max(top + height / 2, upper + 0.07), upper + side - 0.02)
        axes.text(
            left + side + 0.1,
            place,
            f"{name}: {number_text(layer.multiply_accumulates)}",
            va="center",
        )
        top += height


def _numbered(kinds: Sequence[str]) -> list[str]:
    """Each kind with its number among its like: one that occurs once has none."""
    return [
        f"{kind} {kinds[: place + 1].count(kind)}" if kinds.count(kind) > 1 else kind
        for place, kind in enumerate(kinds)
    ]


def _kind(name: str) -> str:
    """The class of a layer, without its number in the network."""
    return name.rpartition(" ")[2]


@styled
def plot_batch_mean_errors(
    batch_sizes: Sequence[int], errors: Sequence[float], marked: Sequence[int] = ()
) -> Drawing:
    """Mean of the batch accuracies minus the accuracy, by test batch size.

    Parameters
    ----------
    batch_sizes : sequence of int
    errors : sequence of float
        One per batch size, as fractions; drawn in percentage points.
    marked : sequence of int
        Batch sizes whose points are named. Default: none.
    """
    figure, axes = one_plot(3.2)
    axes.axhline(0, color="0.4", linewidth=0.8)
    points = [100 * error for error in errors]
    axes.plot(batch_sizes, points, ".", color="0.25", markersize=3, rasterized=True)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(lambda value, _: number_text(round(value)))
    axes.set_xlabel("test batch size")
    axes.set_ylabel("error (percentage points)")
    for place, size in enumerate(marked):
        error = dict(zip(batch_sizes, points, strict=True))[size]
        axes.annotate(
            number_text(size), (size, error), (size, 0.84 - place % 2 * 0.09),
            textcoords=axes.get_xaxis_transform(), ha="center", va="center",
            arrowprops={"arrowstyle": "-", "color": "0.5"}, zorder=4,
            path_effects=[withStroke(linewidth=3, foreground="white")],
        )  # fmt: skip
        axes.plot([size], [error], "o", color=MARKS[0], markersize=7, zorder=3)
    return figure


@styled
def plot_softmax(logits: Sequence[float], target: int) -> Drawing:
    """From logits to a loss: ten logits, their softmax, and -ln of the target's probability.

    Parameters
    ----------
    logits : sequence of float
        Of one image, one for each class.
    target : int
        Its class.
    """
    logits = np.asarray(logits, dtype=float)
    exponentials = np.exp(logits - logits.max())
    p = exponentials / exponentials.sum()
    figure = empty_figure(6.9 if is_narrow() else 2.9)
    figure.get_layout_engine().set(wspace=0.08)
    apart(figure)
    first, second, third = figure.subplots(*((3, 1) if is_narrow() else (1, 3)))
    colors = [MARKS[0] if number == target else "0.65" for number in range(len(logits))]
    for axes, heights, title in ((first, logits, "logits"), (second, p, "softmax: probabilities")):
        axes.bar(range(len(logits)), heights, color=colors)
        axes.axhline(0, color="0.4", linewidth=0.8)
        axes.set(xticks=range(len(logits)), title=title, xlabel="class")
        axes.grid(visible=False, axis="x")
    second.set_ylim(0, 1)
    inwards = 1 if target < len(p) / 2 else -1
    second.annotate(
        f"p = {p[target]:.2g}", (target, p[target]), (8 * inwards, 26),
        textcoords="offset points", ha="left" if inwards > 0 else "right",
        color=MARKS[0], weight="bold", arrowprops={"arrowstyle": "-", "color": MARKS[0]},
    )  # fmt: skip
    curve = np.linspace(0.005, 1, 200)
    third.plot(curve, -np.log(curve), color="0.35")
    third.plot(
        [p[target]], [-np.log(p[target])], "o", color=MARKS[0], markersize=8,
        clip_on=False, zorder=3,
    )  # fmt: skip
    third.annotate(
        f"{-np.log(p[target]):.2f} nats", (p[target], -np.log(p[target])), (9, 0),
        textcoords="offset points", va="center", color=MARKS[0], weight="bold",
    )  # fmt: skip
    third.set(title="cross-entropy: −ln p", xlabel="probability of the target", xlim=(0, 1))
    third.set_ylim(bottom=0)
    return figure
