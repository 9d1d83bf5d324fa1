"""Curves of runs, and the other plots with axes that carry numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, PercentFormatter

from mnistlab.plots.style import CONVOLUTIONAL, FULLY_CONNECTED, Drawing, Look, one_plot, styled
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
    )
    axes.set_xlabel("epoch")
    axes.set_ylabel("test loss (nats per image)")
    axes.set_ylim(bottom=0)
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
    in_percent = PercentFormatter(1)
    axes.yaxis.set_major_formatter(in_percent)
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
    lines = _lines(histories, quantity)
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
    lengths = {len(history) for history in histories}
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
        axes.set_yscale("log")
        axes.set_ylabel(f"{quantity.replace('_', ' ')} (nats per image)")
        axes.yaxis.set_major_formatter("{x:g}")
        axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axes.yaxis.set_minor_locator(NullLocator())
    elif quantity.endswith("accuracy"):
        axes.set_ylim(bottom=max(0.9, axes.get_ylim()[0]))
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    _label_ends(axes)


def _curves(axes: Axes, fully_connected: Sequence[float], convolutional: Sequence[float]) -> None:
    """One line per network over the epochs, its name at its end."""
    _curve(axes, fully_connected, FULLY_CONNECTED)
    _curve(axes, convolutional, CONVOLUTIONAL)
    _label_ends(axes)


def _curve(axes: Axes, values: Sequence[float], look: Look) -> None:
    """One line over the epochs 1, 2, ..."""
    if not values:
        raise ValueError(
            f"the history of the {look.name} network is empty; expected at least one epoch"
        )
    epochs = range(1, len(values) + 1)
    axes.plot(epochs, values, look.linestyle, color=look.color, marker=look.marker, label=look.name)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.yaxis.set_major_locator(MaxNLocator(steps=[1, 2, 5, 10]))


def _label_ends(axes: Axes, gap: float = 0.09) -> None:
    """Write each line's name at its end, at least ``gap`` of the plot's height apart."""
    axes.get_ylim()  # so that the limits are settled
    to_height = axes.transData + axes.transAxes.inverted()
    ends = [(to_height.transform(line.get_xydata()[-1])[1], line) for line in axes.get_lines()]
    lowest = float("-inf")
    for height, line in sorted(ends, key=lambda end: end[0]):
        place = max(height, lowest + gap)
        axes.text(
            1.01, place, line.get_label(), color=line.get_color(), va="center",
            transform=axes.transAxes,
        )  # fmt: skip
        lowest = place


@styled
def plot_training(history: History, look: Look) -> Drawing:
    """Loss on the training images during each epoch, and on the test set after it.

    Parameters
    ----------
    history : History
        As `mnistlab.train` returns it; losses in nats per image.
    look : Look
        `FULLY_CONNECTED` or `CONVOLUTIONAL`.
    """
    figure, axes = one_plot()
    epochs = range(1, len(history) + 1)
    axes.plot(
        epochs,
        history.train_loss,
        ":",
        color="0.35",
        marker="^",
        label="training, during the epoch",
    )
    axes.plot(
        epochs, history.test_loss, look.linestyle, color=look.color, marker=look.marker,
        label="test, after the epoch",
    )  # fmt: skip
    axes.set_xlabel("epoch")
    axes.set_ylabel("loss (nats per image)")
    axes.set_ylim(bottom=0)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
    axes.legend(frameon=False)
    return figure


@styled
def plot_shares(
    fully_connected: ShapeTrace, convolutional: ShapeTrace, quantity: str = "parameters"
) -> Drawing:
    """How much of a quantity each layer of each network has, as a bar that is cut at the layers.

    Parameters
    ----------
    fully_connected, convolutional : ShapeTrace
        From `mnistlab.trace_shapes`.
    quantity : str
        ``"parameters"`` or ``"multiply_accumulates"``.

    Raises
    ------
    ValueError
        If ``quantity`` is another word.
    """
    labels = {
        "parameters": "parameters",
        "multiply_accumulates": "multiply–accumulates per image",
    }
    if quantity not in labels:
        raise ValueError(f"quantity is {quantity!r}; expected one of {', '.join(labels)}")
    figure, axes = one_plot(height=1.9)
    both = ((fully_connected, FULLY_CONNECTED), (convolutional, CONVOLUTIONAL))
    for row, (trace, look) in enumerate(both):
        _stacked_bar(axes, row, [getattr(layer, quantity) for layer in trace], look)
    _label_parts(axes)
    axes.set_yticks([0, 1], [look.name for _, look in both])
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel(labels[quantity])
    axes.xaxis.set_major_locator(MaxNLocator(4))
    axes.xaxis.set_major_formatter(lambda value, _: number_text(round(value)))
    return figure


def _stacked_bar(axes: Axes, row: int, amounts: Sequence[int], look: Look) -> None:
    """One bar, cut at the layers that have any; lighter from layer to layer."""
    start = 0
    for place, amount in enumerate(filter(None, amounts), start=1):
        shade = max(0.1, 0.85 - 0.25 * (place - 1))
        axes.barh(
            row, amount, left=start, height=0.6, color=look.color, alpha=shade, ec="white",
            label=f"layer {place}",
        )  # fmt: skip
        start += amount


def _label_parts(axes: Axes) -> None:
    """Write the layer into each part of the bars that is wide enough for it."""
    widest = axes.get_xlim()[1]
    for bar in axes.containers:
        if bar.patches[0].get_width() > 0.12 * widest:
            axes.bar_label(bar, [bar.get_label()], label_type="center", fontsize=9)


@styled
def plot_batch_mean_errors(batch_sizes: Sequence[int], errors: Sequence[float]) -> Drawing:
    """Mean of the batch accuracies minus the accuracy, by test batch size.

    Parameters
    ----------
    batch_sizes : sequence of int
    errors : sequence of float
        One per batch size, as fractions; drawn in percentage points.
    """
    figure, axes = one_plot()
    axes.axhline(0, color="0.4", linewidth=0.8)
    points = [100 * error for error in errors]
    axes.plot(batch_sizes, points, ".", color="0.25", markersize=3, rasterized=True)
    axes.set_xscale("log")
    axes.set_xlabel("test batch size")
    axes.set_ylabel("error (percentage points)")
    return figure
