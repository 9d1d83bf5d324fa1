"""Every figure of the book, in one style.

Two colours have one meaning throughout: the fully-connected network is blue, solid, with round
markers; the convolutional one is vermillion, dashed, with square markers. Figures are
`Drawing` objects: they show as SVG in a notebook, and nothing is kept in matplotlib's global state.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from typing import ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator, PercentFormatter
from torch import Tensor

from mnistlab.shapes import ShapeTrace, shape_text
from mnistlab.tables import number_text
from mnistlab.training import History

WIDTH = 4.8
"""Width of a figure in inches: as wide as a phone's screen at a readable font size."""

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.9",
    "lines.linewidth": 1.8,
    "lines.markersize": 5,
    "image.cmap": "gray_r",
    "image.interpolation": "none",
    "svg.hashsalt": "mnistlab",
}


@dataclass(frozen=True)
class Look:
    """How one network is drawn in every figure."""

    name: str
    color: str
    linestyle: str
    marker: str


FULLY_CONNECTED = Look("fully-connected", "#0072B2", "-", "o")
"""Blue, solid, round: the fully-connected network, in every figure."""

CONVOLUTIONAL = Look("convolutional", "#D55E00", "--", "s")
"""Vermillion, dashed, square: the convolutional network, in every figure."""

MARKS = ("#009E73", "#CC79A7")
"""Colours that mark two pixels: neither is a network's."""


@contextmanager
def _book_style() -> Iterator[None]:
    """The book's style and matplotlib's defaults, whatever the user has set."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


class Drawing(Figure):
    """A matplotlib figure that shows as SVG in a notebook."""

    def _repr_svg_(self) -> str:
        file = io.StringIO()
        with _book_style():
            self.savefig(file, format="svg", dpi=200, bbox_inches="tight", metadata={"Date": None})
        return file.getvalue()


P = ParamSpec("P")


def _styled(draw: Callable[P, Drawing]) -> Callable[P, Drawing]:
    """Draw with the book's style, whatever the global one is."""

    @functools.wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> Drawing:
        with _book_style():
            return draw(*args, **kwargs)

    return in_style


def _one_plot(height: float = 3.0) -> tuple[Drawing, Axes]:
    figure = Drawing(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots()


@_styled
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
    figure, axes = _one_plot()
    _curves(
        axes,
        fully_connected.test_loss,
        convolutional.test_loss,
    )
    axes.set_xlabel("epoch")
    axes.set_ylabel("test loss (nats per image)")
    axes.set_ylim(bottom=0)
    return figure


@_styled
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
    figure, axes = _one_plot()
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


@_styled
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
    figure, axes = _one_plot()
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


@_styled
def plot_training(history: History, look: Look) -> Drawing:
    """Loss on the training images during each epoch, and on the test set after it.

    Parameters
    ----------
    history : History
        As `mnistlab.train` returns it; losses in nats per image.
    look : Look
        `FULLY_CONNECTED` or `CONVOLUTIONAL`.
    """
    figure, axes = _one_plot()
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


@_styled
def draw_digits(images: Tensor, titles: Sequence[object] = (), columns: int = 8) -> Drawing:
    """Images in a grid, black on white, each pixel a crisp square.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(N, H, W)`` or ``(N, 1, H, W)``, values in [0, 1].
    titles : sequence, optional
        One per image, written above it.
    columns : int
        Images per row.

    Raises
    ------
    ValueError
        If the shape is another, or there are titles but not one per image.
    """
    if images.ndim == 4 and images.shape[1] == 1:
        images = images.squeeze(1)
    if images.ndim != 3 or len(images) == 0:
        raise ValueError(
            f"images have shape {tuple(images.shape)}; expected (N, H, W) or (N, 1, H, W), at least "
            "one image"
        )
    if titles and len(titles) != len(images):
        raise ValueError(f"{len(titles)} titles for {len(images)} images; expected one per image")
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    height = WIDTH / columns * rows * (1.3 if titles else 1.05)
    figure = Drawing(figsize=(WIDTH, height), layout="constrained")
    grid = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in grid:
        axes.axis("off")
    for axes, image in zip(grid, images, strict=False):
        _pixels(axes, image)
    for axes, title in zip(grid, titles, strict=False):
        axes.set_title(str(title), fontsize=9, pad=3)
    return figure


def _pixels(axes: Axes, image: Tensor) -> None:
    """An image with values in [0, 1], framed, without ticks."""
    axes.axis("on")
    axes.grid(visible=False)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color="0.75", linewidth=0.6)
    axes.imshow(image.numpy(force=True), vmin=0, vmax=1)


@_styled
def draw_flattening(image: Tensor, row: int, column: int) -> Drawing:
    """An image, two of its pixels one above the other, and where flattening puts them.

    Parameters
    ----------
    image : torch.Tensor
        Shape ``(H, W)``, values in [0, 1].
    row, column : int
        The upper of the two pixels.
    """
    figure = Drawing(figsize=(WIDTH, 3.6), layout="constrained")
    above, below = figure.subplots(2, 1, height_ratios=(4, 1))
    _pixels(above, image)
    width = image.shape[1]
    for step, color in enumerate(MARKS):
        _mark(above, (column - 0.5, row + step - 0.5), color)
    start = row * width - 3
    stop = (row + 2) * width + 3
    strip = image.flatten()[start:stop].unsqueeze(0).numpy(force=True)
    below.imshow(strip, vmin=0, vmax=1, aspect="auto", extent=(start - 0.5, stop - 0.5, 0, 1))
    below.grid(visible=False)
    below.spines[:].set(visible=True, color="0.75", linewidth=0.6)
    places = [row * width + column, (row + 1) * width + column]
    for place, color in zip(places, MARKS, strict=True):
        _mark(below, (place - 0.5, 0), color)
    below.set(yticks=[], xticks=places, xlabel="place in the flattened image")
    return figure


def _mark(axes: Axes, corner: tuple[float, float], color: str) -> None:
    """A frame around one pixel, with a white edge that sets it off from the ink."""
    frame = Rectangle(corner, 1, 1, fill=False, ec=color, lw=2, zorder=3)
    frame.set_path_effects([withStroke(linewidth=4, foreground="white")])
    axes.add_patch(frame)


@_styled
def draw_sliding(image: Tensor, kernel: Tensor, output: Tensor, at: tuple[int, int]) -> Drawing:
    """Numbers of an image, a kernel and their cross-correlation, one window marked.

    Parameters
    ----------
    image, kernel, output : torch.Tensor
        Matrices of small whole numbers; stride 1, no padding.
    at : (int, int)
        Row and column of the marked value of the output.
    """
    sizes = [image.shape[1], kernel.shape[1], output.shape[1]]
    figure = Drawing(figsize=(WIDTH, 2.2), layout="constrained")
    left, middle, right = figure.subplots(1, 3, width_ratios=sizes)
    for axes, values, title in (
        (left, image, "image"), (middle, kernel, "kernel"), (right, output, "output"),
    ):  # fmt: skip
        _numbers(axes, values, title)
    window = Rectangle(
        (at[1] - 0.5, at[0] - 0.5), *kernel.shape, fill=False, ec=CONVOLUTIONAL.color, lw=2.5
    )
    left.add_patch(window)
    right.add_patch(
        Rectangle((at[1] - 0.5, at[0] - 0.5), 1, 1, fill=False, ec=CONVOLUTIONAL.color, lw=2.5)
    )
    return figure


def _numbers(axes: Axes, values: Tensor, title: str) -> None:
    """A matrix as a grid of numbers."""
    rows, columns = values.shape
    axes.set(
        xlim=(-0.5, columns - 0.5), ylim=(rows - 0.5, -0.5), xticks=[], yticks=[], aspect="equal"
    )
    axes.grid(visible=False)
    axes.spines[:].set(visible=True, color="0.4")
    axes.set_title(title, fontsize=10)
    for i in range(rows):
        for j in range(columns):
            axes.add_patch(Rectangle((j - 0.5, i - 0.5), 1, 1, fill=False, ec="0.8", lw=0.6))
            axes.text(j, i, f"{values[i, j]:.0f}".replace("-", "−"), ha="center", va="center")


@_styled
def draw_network(trace: ShapeTrace, look: Look) -> Drawing:
    """What a network makes of one image, from top to bottom: each shape drawn to scale.

    Channels × height × width is drawn as a stack of squares (eight at most), a vector as a bar.

    Parameters
    ----------
    trace : ShapeTrace
        From `mnistlab.trace_shapes`.
    look : Look
        `FULLY_CONNECTED` or `CONVOLUTIONAL`.
    """
    height = _column_height(trace)
    figure, axes = _one_plot(height + 0.1)
    _column(axes, trace, look, height)
    return figure


@_styled
def draw_networks(fully_connected: ShapeTrace, convolutional: ShapeTrace) -> Drawing:
    """Both networks side by side, each as in `draw_network`.

    Parameters
    ----------
    fully_connected, convolutional : ShapeTrace
        From `mnistlab.trace_shapes`.
    """
    height = max(map(_column_height, (fully_connected, convolutional)))
    figure = Drawing(figsize=(2 * WIDTH, height + 0.1), layout="constrained")
    left, right = figure.subplots(1, 2)
    _column(left, fully_connected, FULLY_CONNECTED, height)
    _column(right, convolutional, CONVOLUTIONAL, height)
    return figure


STEP = 0.42
"""Height of the arrow between two shapes, in inches."""


def _column_height(trace: ShapeTrace) -> float:
    steps = _steps(trace)
    return sum(_glyph_height(shape) for _, shape in steps) + STEP * (len(steps) - 1)


def _column(axes: Axes, trace: ShapeTrace, look: Look, space: float) -> None:
    """The shapes from top to bottom with arrows between them, centred in ``space`` inches."""
    axes.set(xlim=(0, WIDTH), ylim=(space, 0))
    axes.axis("off")
    top = (space - _column_height(trace)) / 2
    for layers, shape in _steps(trace):
        if layers:
            axes.annotate("", (1.3, top + 0.4), (1.3, top + 0.02), arrowprops={"arrowstyle": "->"})
            axes.text(1.45, top + STEP / 2, layers, va="center", color="0.35")
            top += STEP
        middle = top + _glyph_height(shape) / 2
        _glyph(axes, shape, (1.3, middle), look)
        axes.text(2.75, middle, shape_text(shape), va="center", weight="bold")
        top += _glyph_height(shape)


def _steps(trace: ShapeTrace) -> list[tuple[str, tuple[int, ...]]]:
    """Shapes in order, each with the layers that lead to it; an activation joins the layer before it."""
    steps = [("", trace.input_shape)]
    for layer in trace:
        name = layer.name.partition(" ")[2]
        layers, shape = steps[-1]
        if layers and layer.output_shape == shape and not layer.parameters:
            steps[-1] = (f"{layers}, {name}", shape)
        else:
            steps.append((name, layer.output_shape))
    return steps


def _glyph_height(shape: tuple[int, ...]) -> float:
    return 0.1 + 0.8 * shape[-1] / 28 + 0.2 if len(shape) == 3 else 0.2


def _glyph(axes: Axes, shape: tuple[int, ...], center: tuple[float, float], look: Look) -> None:
    """A stack of squares for channels × height × width, a bar for a vector."""
    x, y = center
    if len(shape) != 3:
        length = 0.15 + 2.0 * min(shape[-1], 784) / 784
        axes.add_patch(
            Rectangle((x - length / 2, y - 0.06), length, 0.12, fc=look.color, ec="white")
        )
        return
    side, copies = 0.8 * shape[-1] / 28, min(shape[0], 8)
    shift = 0.09, 0.025
    left = x - (side + shift[0] * (copies - 1)) / 2
    upper = y - (side - shift[1] * (copies - 1)) / 2
    for copy in range(copies):
        corner = (left + shift[0] * copy, upper - shift[1] * copy)
        axes.add_patch(Rectangle(corner, side, side, fc="white", ec=look.color, lw=1.2))


@_styled
def draw_maps(stages: Mapping[str, Tensor]) -> Drawing:
    """Some channels after each stage of a network, all pixels at the same scale.

    Parameters
    ----------
    stages : mapping of str to torch.Tensor
        Name of the stage to its output for one image, shape ``(channels, H, W)``. Colours are
        symmetric around zero within each stage.
    """
    channels = min(4, *(len(maps) for maps in stages.values()))
    largest = max(maps.shape[-1] for maps in stages.values())
    heights = [maps.shape[-1] for maps in stages.values()]
    figure = Drawing(figsize=(WIDTH, sum(heights) / 28 * 0.95 + 0.3 * len(stages)))
    top = 1.0
    unit = 0.95 / 28  # inches per pixel
    for (name, maps), height in zip(stages.items(), heights, strict=True):
        row = height * unit / figure.get_figheight()
        top -= 0.28 / figure.get_figheight()
        figure.text(0.02, top + 0.02, name, va="bottom")
        bound = maps.abs().max().item()
        for channel in range(channels):
            left = 0.02 + channel * 1.08 * largest * unit / WIDTH
            axes = figure.add_axes((left, top - row, height * unit / WIDTH, row))
            axes.set(xticks=[], yticks=[])
            axes.grid(visible=False)
            axes.spines[:].set(visible=True, color="0.75", linewidth=0.6)
            picture = maps[channel].numpy(force=True)
            axes.imshow(picture, cmap="RdBu_r", vmin=-bound, vmax=bound)
        top -= row
    return figure


@_styled
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
    figure, axes = _one_plot(height=1.9)
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


@_styled
def plot_batch_mean_errors(batch_sizes: Sequence[int], errors: Sequence[float]) -> Drawing:
    """Mean of the batch accuracies minus the accuracy, by test batch size.

    Parameters
    ----------
    batch_sizes : sequence of int
    errors : sequence of float
        One per batch size, as fractions; drawn in percentage points.
    """
    figure, axes = _one_plot()
    axes.axhline(0, color="0.4", linewidth=0.8)
    points = [100 * error for error in errors]
    axes.plot(batch_sizes, points, ".", color="0.25", markersize=3, rasterized=True)
    axes.set_xscale("log")
    axes.set_xlabel("test batch size")
    axes.set_ylabel("error (percentage points)")
    return figure
