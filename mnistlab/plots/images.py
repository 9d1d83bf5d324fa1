"""Digits, kernels and maps: pictures of numbers, drawn pixel by pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import PercentFormatter
from torch import Tensor, nn

from mnistlab import _torch
from mnistlab.plots.style import (
    CONVOLUTIONAL,
    FRAME,
    FULLY_CONNECTED,
    MARKS,
    SIGNED,
    Drawing,
    empty_figure,
    is_narrow,
    styled,
    width,
)
from mnistlab.shapes import output_size

TINTS = ("#009E73", "#CC79A7", "#E69F00", "#999999")
"""Four colours that tell the squares of a pooling layer apart."""

LIES_ON_THE_SCALE = 0.99
"""Share of the values of maps that a scale reaches: scaled by the largest alone, the others would be pale."""


# --- a canvas measured in inches


def canvas(height: float) -> tuple[Drawing, Axes]:
    """An empty figure whose coordinates are inches from its upper left corner."""
    figure = Drawing(figsize=(width(), height))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.axis("off")
    axes.set(xlim=(0, width()), ylim=(height, 0), autoscale_on=False)
    return figure, axes


def place(
    axes: Axes,
    picture: Tensor,
    corner: tuple[float, float],
    side: float,
    *,
    bound: float | None = None,
    height: float | None = None,
) -> None:
    """A matrix as a picture on a canvas, framed.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        From `canvas`.
    picture : torch.Tensor
        Shape ``(H, W)``, values in [0, 1] for ink on paper.
    corner : (float, float)
        Its upper left corner, in inches.
    side : float
        Its width in inches.
    bound : float, optional
        For values of either sign: blue at ``-bound``, white at zero, red at ``bound``.
    height : float, optional
        In inches. Default: pixels are squares.
    """
    x, y = corner
    rows, columns = picture.shape
    height = side * rows / columns if height is None else height
    scale = {"vmin": 0, "vmax": 1} if bound is None else {"vmin": -bound, "vmax": bound}
    axes.imshow(
        picture.numpy(force=True), extent=(x, x + side, y + height, y), aspect="auto",
        cmap="gray_r" if bound is None else SIGNED, **scale,
    )  # fmt: skip
    axes.add_patch(Rectangle((x, y), side, height, fill=False, ec=FRAME, lw=0.7))


def _bound(values: Tensor) -> float:
    """Where a scale of colours ends that nearly all of the values lie on."""
    return values.detach().abs().quantile(LIES_ON_THE_SCALE).item()


def arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    """An arrow on a canvas."""
    axes.annotate("", end, start, arrowprops={"arrowstyle": "->", "color": "0.35", "lw": 1.2})


def number(value: float) -> str:
    """A whole number with a true minus sign."""
    return f"{value + 0.0:.0f}".replace("-0", "0").replace("-", "−")


def _grid_of_numbers(
    axes: Axes,
    values: Tensor,
    corner: tuple[float, float],
    unit: float,
    title: str = "",
    bold: Tensor | None = None,
) -> None:
    """A matrix as squares of ``unit`` inches with a number in each, below its title; some numbers ``bold``."""
    for i, row in enumerate(values.tolist()):
        for j, value in enumerate(row):
            x, y = corner[0] + j * unit, corner[1] + i * unit
            axes.add_patch(Rectangle((x, y), unit, unit, fill=False, ec=FRAME, lw=0.7))
            told = axes.text(x + unit / 2, y + unit / 2, number(value), ha="center")
            told.set(
                va="center_baseline", weight="normal" if bold is None or not bold[i, j] else "bold"
            )
    if title:
        middle = corner[0] + values.shape[1] * unit / 2
        axes.text(middle, corner[1] - 0.07, title, ha="center", va="bottom")


def _window(
    axes: Axes, corner: tuple[float, float], at: tuple[int, int], size: int, unit: float
) -> None:
    """The frame around ``size`` squares of a grid, from row and column ``at`` on."""
    place_ = corner[0] + at[1] * unit, corner[1] + at[0] * unit
    side = size * unit
    axes.add_patch(Rectangle(place_, side, side, fill=False, ec=CONVOLUTIONAL.color, lw=2.5))


# --- digits


@styled
def draw_digits(
    images: Tensor, titles: Sequence[object] = (), columns: int = 8, phone: int = 10
) -> Drawing:
    """Images in a grid, black on white, each pixel a crisp square.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(N, H, W)`` or ``(N, 1, H, W)``, values in [0, 1].
    titles : sequence, optional
        One per image, written above it.
    columns : int
        Images per row.
    phone : int
        The same on a phone, if these are fewer.

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
    columns = min(columns, len(images), phone if is_narrow() else columns)
    rows = -(-len(images) // columns)
    height = rows * (width() / columns + (0.18 if titles else 0.02))
    figure = empty_figure(height)
    grid = list(figure.subplots(rows, columns, squeeze=False).flat)
    for axes in grid:
        axes.axis("off")
    for axes, image in zip(grid, images, strict=False):
        _pixels(axes, image)
    for axes, title in zip(grid, titles, strict=False):
        axes.set_title(str(title), pad=3)
    return figure


@styled
def draw_outlines(images: Tensor, ground: Tensor, titles: Sequence[object]) -> Drawing:
    """Each image, and beside it its outline upon another: two to a row on a phone, else all in one.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(N, H, W)``, values in [0, 1].
    ground : torch.Tensor
        Shape ``(H, W)``, values in [0, 1]: what the outlines are drawn on.
    titles : sequence
        Two per image.

    Raises
    ------
    ValueError
        If there are no images, or not two titles for each.
    """
    if len(images) == 0 or len(titles) != 2 * len(images):
        raise ValueError(
            f"{len(titles)} titles for {len(images)} images; expected two per image, at least one image"
        )
    rows = len(images) if is_narrow() else 1
    columns = 2 * len(images) // rows
    figure = empty_figure(rows * (width() / columns + 0.25))
    grid = figure.subplots(rows, columns, squeeze=False).flat
    for axes, title in zip(grid, titles, strict=True):
        axes.set_title(str(title), pad=3)
        axes.axis("off")
    for image, alone, upon in zip(images, grid[::2], grid[1::2], strict=True):
        _pixels(alone, image)
        _pixels(upon, ground)
        upon.contour(image.numpy(force=True), levels=[0.5], colors=MARKS[0], linewidths=1.8)
    return figure


def draw_misread(
    images: Tensor, targets: Tensor, answers: Tensor, columns: int = 8, phone: int = 4
) -> Drawing:
    """Images as `draw_digits` shows them, each below its target and, in brackets, an answer.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(N, H, W)`` or ``(N, 1, H, W)``, values in [0, 1].
    targets, answers : torch.Tensor
        Shape ``(N,)``.
    columns, phone : int
        Images per row, and the same on a phone.

    Raises
    ------
    ValueError
        If there is not one target and one answer for each image.
    """
    pairs = zip(targets.tolist(), answers.tolist(), strict=True)
    return draw_digits(images, [f"{target} ({answer})" for target, answer in pairs], columns, phone)


@styled
def draw_only_one_wrong(
    images: Tensor, targets: Tensor, fully_connected: Tensor, convolutional: Tensor
) -> Drawing:
    """Digits that one network reads and the other does not, each below its target and the wrong answer.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(N, 1, H, W)``, values in [0, 1].
    targets : torch.Tensor
        Shape ``(N,)``.
    fully_connected, convolutional : torch.Tensor
        What each network answers, shape ``(N,)``. The first 16 images are shown that the
        fully-connected one alone gets wrong, and the first 8 that the convolutional one does.
    """
    columns = 4 if is_narrow() else 8
    each = (width() - 0.06) / columns
    answers = {FULLY_CONNECTED: fully_connected, CONVOLUTIONAL: convolutional}
    right = {look: found == targets for look, found in answers.items()}
    groups = []
    for look, other, most in (
        (FULLY_CONNECTED, CONVOLUTIONAL, 16),
        (CONVOLUTIONAL, FULLY_CONNECTED, 8),
    ):
        groups.append((look, (~right[look] & right[other]).nonzero().flatten()[:most].tolist()))
    rows = [-(-len(places) // columns) for _, places in groups]
    figure, axes = canvas(sum(rows) * (each + 0.25) + len(groups) * 0.36)
    upper = 0.0
    for (look, places), count in zip(groups, rows, strict=True):
        axes.text(0.03, upper + 0.22, f"only the {look.name} wrong", va="bottom", color=look.color)
        for number, i in enumerate(places):
            x = 0.03 + number % columns * each
            y = upper + 0.48 + number // columns * (each + 0.25)
            title = f"{targets[i]} ({answers[look][i]})"
            axes.text(x + each / 2 - 0.03, y - 0.05, title, ha="center", va="bottom")
            place(axes, images[i, 0], (x, y), each - 0.06)
        upper += 0.36 + count * (each + 0.25)
    return figure


def _pixels(axes: Axes, image: Tensor) -> None:
    """An image with values in [0, 1], framed, without ticks."""
    axes.axis("on")
    axes.grid(visible=False)
    axes.set(xticks=[], yticks=[])
    axes.spines[:].set(visible=True, color=FRAME, linewidth=0.6)
    axes.imshow(image.numpy(force=True), vmin=0, vmax=1)


@styled
def draw_pixels(image: Tensor, rows: slice, columns: slice) -> Drawing:
    """A digit, and the numbers that a piece of it consists of.

    Parameters
    ----------
    image : torch.Tensor
        Shape ``(H, W)``, values in [0, 1]; written as whole numbers from 0 to 255.
    rows, columns : slice
        The piece, with a start and a stop.
    """
    piece = image[rows, columns]
    if is_narrow():
        unit, digit, corner, height = 3.3 / piece.shape[1], 1.7, (0.05, 2.0), 5.4
    else:
        unit, digit, corner, height = 3.9 / piece.shape[1], 2.6, (3.35, 0.05), 4.0
    figure, axes = canvas(min(height, corner[1] + len(piece) * unit + 0.05))
    upper = 0.05 if is_narrow() else (figure.get_figheight() - digit) / 2
    left = (width() - digit) / 2 if is_narrow() else 0.1
    place(axes, image, (left, upper), digit)
    pixel = digit / image.shape[1]
    start = left + columns.start * pixel, upper + rows.start * pixel
    size = len(piece) * pixel
    axes.add_patch(Rectangle(start, size, size, fill=False, ec=MARKS[1], lw=2))
    place(axes, piece, corner, unit * piece.shape[1])
    for i, row in enumerate(piece.tolist()):
        for j, value in enumerate(row):
            axes.text(
                corner[0] + (j + 0.5) * unit, corner[1] + (i + 0.5) * unit, f"{255 * value:.0f}",
                ha="center", va="center_baseline", color="white" if value > 0.5 else "black",
            )  # fmt: skip
    frame = Rectangle(corner, unit * piece.shape[1], unit * len(piece), fill=False)
    frame.set(ec=MARKS[1], lw=2)
    axes.add_patch(frame)
    return figure


@styled
def draw_flattening(image: Tensor, row: int, column: int) -> Drawing:
    """An image, two of its pixels one above the other, and where flattening puts them: a thread for each.

    Parameters
    ----------
    image : torch.Tensor
        Shape ``(H, W)``, values in [0, 1].
    row, column : int
        The upper of the two pixels.
    """
    side = 2.2 if is_narrow() else 2.8
    figure, axes = canvas(side + 1.08)
    left = (width() - side) / 2
    place(axes, image, (left, 0.05), side)
    pixel = side / image.shape[1]
    for step, color in enumerate(MARKS):
        _mark(axes, (left + column * pixel, 0.05 + (row + step) * pixel), pixel, color)
    across = image.shape[1]
    before = 2 if is_narrow() else 8
    start = row * across + column - before
    strip = image.flatten()[start : start + across + 2 * before + 1].unsqueeze(0)
    unit = (width() - 0.1) / strip.shape[1]
    upper = side + 0.45
    place(axes, strip, (0.05, upper), width() - 0.1, height=0.3)
    for step, color in enumerate(MARKS):
        where = (row + step) * across + column
        x = 0.05 + (where - start) * unit
        _mark(axes, (x, upper), unit, color, height=0.3)
        pixel_at = left + (column + 0.5) * pixel, 0.05 + (row + step + 0.5) * pixel
        (thread,) = axes.plot(*zip(pixel_at, (x + unit / 2, upper), strict=True), color=color, lw=1)
        thread.set_path_effects([withStroke(linewidth=2.5, foreground="white")])
        axes.text(x + unit / 2, upper + 0.36, where, ha="center", va="top")
    axes.text(width() / 2, upper + 0.36, "position in the list", ha="center", va="top")
    return figure


def _mark(
    axes: Axes, corner: tuple[float, float], side: float, color: str, height: float | None = None
) -> None:
    """A frame around one pixel, with a white edge that sets it off from the ink."""
    frame = Rectangle(corner, side, height or side, fill=False, ec=color, lw=2, zorder=3)
    frame.set_path_effects([withStroke(linewidth=4, foreground="white")])
    axes.add_patch(frame)


# --- what a convolutional layer does


@styled
def draw_sliding(image: Tensor, kernel: Tensor, output: Tensor, at: tuple[int, int]) -> Drawing:
    """Numbers of an image, a kernel and their cross-correlation; one window with its products.

    Readers of the book can move the window: ``book/scripts/sliding.js`` draws the same in the page.

    Parameters
    ----------
    image, kernel, output : torch.Tensor
        Matrices of small whole numbers; stride 1, no padding.
    at : (int, int)
        Row and column of the marked value of the output.
    """
    n, k, m = len(image), len(kernel), len(output)
    between = 0.3 if is_narrow() else 0.6
    unit = min(0.46, (width() - 0.1 - 2 * between) / (n + k + m))
    figure, axes = canvas((n + k) * unit + 1.05)
    left = (width() - (n + k + m) * unit - 2 * between) / 2
    upper, middle = 0.3, 0.3 + n * unit / 2
    corners = []
    for values, title, sign in (
        (image, "image", "⋆"),
        (kernel, "kernel", "="),
        (output, "output", ""),
    ):
        size = len(values) * unit
        corners.append((left, middle - size / 2))
        _grid_of_numbers(axes, values, corners[-1], unit, title)
        _operator(axes, (left + size + between / 2, middle), sign)
        left += size + between
    _window(axes, corners[0], at, k, unit)
    _window(axes, corners[2], at, 1, unit)
    window = image[at[0] : at[0] + k, at[1] : at[1] + k]
    below = upper + n * unit + 0.65
    _products(axes, window, kernel, below, (unit, between))
    figure.numbers = {"image": image.tolist(), "kernel": kernel.tolist(), "at": list(at)}
    return figure


def _operator(axes: Axes, center: tuple[float, float], sign: str) -> None:
    """A sign between two matrices. The font's star is a third as large as its other signs."""
    size = 26 if sign == "⋆" else "x-large"
    axes.text(
        *center, sign, ha="center", va="center_baseline" if sign == "⋆" else "center", size=size
    )


def _products(
    axes: Axes, window: Tensor, kernel: Tensor, upper: float, spacing: tuple[float, float]
) -> None:
    """The marked window times the kernel, number by number, and the sum of the products."""
    unit, between = spacing
    unit = min(unit, (width() - 3 * between - 0.5) / (3 * len(kernel)))
    size = len(kernel) * unit
    left = (width() - 3 * size - 3 * between - 0.3) / 2
    middle = upper + size / 2
    terms = ((window, "window", "×"), (kernel, "kernel", "="), (window * kernel, "products", "→"))
    for values, title, sign in terms:
        _grid_of_numbers(axes, values, (left, upper), unit, title)
        _operator(axes, (left + size + between / 2, middle), sign)
        left += size + between
    axes.text(left, middle, number((window * kernel).sum().item()), va="center", size="x-large")
    axes.text(left, upper - 0.07, "sum", va="bottom")
    axes.add_patch(Rectangle((left - unit * 0.28, middle - unit / 2), unit, unit, fill=False))
    axes.patches[-1].set(ec=CONVOLUTIONAL.color, lw=2.5)


@styled
def draw_positions(side: int, kernel: int, settings: Sequence[tuple[int, int]]) -> Drawing:
    """Every position of a kernel along one row of an image, for several paddings and strides.

    Parameters
    ----------
    side : int
        Pixels of the row.
    kernel : int
        Weights along one side of the kernel.
    settings : sequence of (int, int)
        Padding and stride of each drawing.
    """
    counts = [output_size(side, kernel, padding=p, stride=s) for p, s in settings]
    panel = width() if is_narrow() else width() / len(settings)
    widest = max(side + 2 * padding for padding, _ in settings)
    unit = min(0.36, 0.85 * panel / widest)
    step = 0.2
    heights = [1.15 + step * count for count in counts]
    figure, axes = canvas(sum(heights) if is_narrow() else max(heights))
    left = upper = 0.0
    for (padding, stride), count, height in zip(settings, counts, heights, strict=True):
        start = left + (panel - (side + 2 * padding) * unit) / 2
        title = f"padding {padding}, stride {stride}"
        axes.text(left + panel / 2, upper + 0.3, title, ha="center", va="bottom")
        for cell in range(side + 2 * padding):
            real = padding <= cell < padding + side
            look = {"fc": "0.7", "ls": "-"} if real else {"fill": False, "ls": ":"}
            corner = start + cell * unit, upper + 0.4
            axes.add_patch(Rectangle(corner, unit, unit, ec="0.3", lw=1, **look))
        for position in range(count):
            x = start + position * stride * unit
            y = upper + 0.4 + unit + 0.1 + position * step
            bar = Rectangle((x + 0.03, y), kernel * unit - 0.06, 0.11, fc=CONVOLUTIONAL.color, lw=0)
            axes.add_patch(bar)
        below = upper + 0.4 + unit + 0.1 + count * step + 0.02
        axes.text(left + panel / 2, below, f"{count} positions", ha="center", va="top")
        left, upper = (left, upper + height) if is_narrow() else (left + panel, upper)
    return figure


@styled
def draw_corners(
    image: Tensor,
    kernels: Tensor,
    places: Tensor,
    at: Sequence[tuple[int, int]] = ((5, 6), (16, 13)),
) -> Drawing:
    """Two units on one image, four times: with and without shared weights, near and scattered.

    The pixels that a unit sees are marked on the image, and its weights stand beside it, framed in
    the same colour.

    Parameters
    ----------
    image : torch.Tensor
        Shape ``(H, W)``, values in [0, 1]; drawn faintly.
    kernels : torch.Tensor
        Shape ``(2, k, k)``: the weights of both units; where they share, the first serves both.
    places : torch.Tensor
        A permutation of all pixels, shape ``(H W,)``, as `mnistlab.runs.permutation` returns it: what
        a window holds where it sees scattered points.
    at : sequence of (int, int)
        Row and column of each window's upper left corner.
    """
    bound = kernels.abs().max().item()
    tile, gap, upper = (0.7, 0.2, 0.32) if is_narrow() else (0.95, 0.35, 0.32)
    beside = 0 if is_narrow() else tile + 0.12
    below = tile + 0.12 if is_narrow() else 0
    side = (width() - 0.1 - gap) / 2 - beside
    step = side + beside + gap, side + below + upper + 0.1
    figure, axes = canvas(2 * step[1])
    for row, near in enumerate((False, True)):
        for column, shared in enumerate((False, True)):
            corner = 0.05 + column * step[0], upper + row * step[1]
            words = "near" if near else "scattered", "shared" if shared else "not shared"
            comma = " and " if near and shared else ", "
            axes.text(corner[0], corner[1] - 0.07, comma.join(words), va="bottom")
            place(axes, 0.3 * image, corner, side)
            pixels = (torch.arange(image.numel()) if near else places).reshape(image.shape)
            weights = kernels[[0, 0]] if shared else kernels
            for kernel, (y, x), color in zip(weights, at, MARKS, strict=True):
                seen = pixels[y : y + len(kernel), x : x + len(kernel)]
                spots = [divmod(pixel, image.shape[1]) for pixel in seen.flatten().tolist()]
                _spots(axes, spots, (*corner, side / image.shape[1]), color)
            x, y = (0, side + 0.12) if is_narrow() else (side + 0.12, 0)
            _framed(axes, weights, (corner[0] + x, corner[1] + y), tile, bound)
    return figure


def _spots(
    axes: Axes, spots: Sequence[tuple[int, int]], grid: tuple[float, float, float], color: str
) -> None:
    """The pixels that one unit sees, by row and column; ``grid``: left, upper, unit, in inches."""
    left, upper, unit = grid
    for row, column in spots:
        corner = left + column * unit, upper + row * unit
        axes.add_patch(Rectangle(corner, unit, unit, fc=color, ec="white", lw=0.5, zorder=3))


def _framed(
    axes: Axes, kernels: Tensor, corner: tuple[float, float], side: float, bound: float
) -> None:
    """A kernel for each unit, framed in its colour: beside each other on a phone, else below."""
    x, y = corner
    for kernel, color in zip(kernels, MARKS, strict=True):
        place(axes, kernel, (x, y), side, bound=bound)
        axes.add_patch(Rectangle((x, y), side, side, fill=False, ec=color, lw=2.5))
        x, y = (x + side + 0.12, y) if is_narrow() else (x, y + side + 0.12)


@styled
def draw_channels(
    inputs: Tensor, kernels: Tensor, parts: Tensor, output: Tensor, shown: int = 3
) -> Drawing:
    """Many channels into one map: each is cross-correlated with a kernel of its own; the results add up.

    A frame on each channel is as large as the kernel, which stands enlarged beside it.

    Parameters
    ----------
    inputs : torch.Tensor
        Input channels, shape ``(C, H, W)``.
    kernels : torch.Tensor
        One for each, shape ``(C, k, k)``.
    parts : torch.Tensor
        Their cross-correlations, shape ``(C, H', W')``.
    output : torch.Tensor
        The sum of all parts, plus the bias: shape ``(H', W')``.
    shown : int
        Of so many channels the first are drawn.
    """
    side = 0.66 if is_narrow() else 1.25
    between = (width() - 0.1 - 4 * side) / 3
    rows = min(shown, len(inputs))
    figure, axes = canvas(0.35 + rows * (side + 0.15) + 0.3)
    columns = [0.05 + i * (side + between) for i in range(4)]
    titles = ("channel", "kernel", "result", "one map")
    bounds = [_bound(values) for values in (inputs, kernels, parts)]
    for row in range(rows):
        upper = 0.35 + row * (side + 0.15)
        stages = zip(columns, (inputs, kernels, parts), bounds, ("⋆", "=", ""), strict=False)
        for left, values, bound, sign in stages:
            place(axes, values[row], (left, upper), side, bound=bound)
            _operator(axes, (left + side + between / 2, upper + side / 2), sign)
        window = side * kernels.shape[-1] / inputs.shape[-1]
        _enlarged(axes, (columns[0], upper), (columns[1], upper), side, window)
    middle = 0.35 + (rows * (side + 0.15) - 0.15) / 2
    for row in range(rows):
        upper = 0.35 + row * (side + 0.15) + side / 2
        arrow(axes, (columns[2] + side + 0.04, upper), (columns[3] - 0.06, middle))
    place(axes, output, (columns[3], middle - side / 2), side, bound=output.abs().max().item())
    for left, title in zip(columns, titles, strict=True):
        upper = middle - side / 2 if title == "one map" else 0.35
        axes.text(left + side / 2, upper - 0.07, title, ha="center", va="bottom")
    axes.text(
        columns[3] + side / 2, middle + side / 2 + 0.08, "sum + bias", ha="center", va="top"
    )  # fmt: skip
    left_over = len(inputs) - rows
    if left_over:
        lowest = figure.get_figheight() - 0.08
        axes.text(columns[0], lowest, f"… and {left_over} more channels", va="bottom")
    return figure


def _enlarged(
    axes: Axes, seen: tuple[float, float], beside: tuple[float, float], side: float, window: float
) -> None:
    """A window in the middle of a square at ``seen``, and lines that lead to a square ``beside`` it."""
    x, y = seen[0] + (side - window) / 2, seen[1] + (side - window) / 2
    axes.add_patch(Rectangle((x, y), window, window, fill=False, ec=MARKS[0], lw=1.6))
    axes.add_patch(Rectangle(beside, side, side, fill=False, ec=MARKS[0], lw=1.6))
    for edge, end in ((y, beside[1]), (y + window, beside[1] + side)):
        axes.plot([x + window, beside[0]], [edge, end], color=MARKS[0], lw=0.8)


@styled
def draw_pooling(values: Tensor, pooled: Tensor) -> Drawing:
    """Max-pooling of a matrix with squares of 2 × 2: each square in a tint, its largest number bold.

    Parameters
    ----------
    values : torch.Tensor
        Shape ``(2R, 2C)``, whole numbers.
    pooled : torch.Tensor
        Shape ``(R, C)``.
    """
    rows, columns = values.shape
    unit = 0.4 if is_narrow() else 0.52
    figure, axes = canvas(rows * unit + 0.4)
    left = (width() - (columns + columns // 2) * unit - 0.7) / 2
    right = left + columns * unit + 0.7
    upper = 0.3 + (rows - rows // 2) / 2 * unit
    for i in range(rows // 2):
        for j in range(columns // 2):
            tint = {"fc": TINTS[(i * (columns // 2) + j) % 4], "alpha": 0.35, "lw": 0}
            corner = left + 2 * j * unit, 0.3 + 2 * i * unit
            axes.add_patch(Rectangle(corner, 2 * unit, 2 * unit, **tint))
            axes.add_patch(Rectangle((right + j * unit, upper + i * unit), unit, unit, **tint))
    largest = values == pooled.repeat_interleave(2, dim=0).repeat_interleave(2, dim=1)
    _grid_of_numbers(axes, values, (left, 0.3), unit, f"{rows} × {columns}", bold=largest)
    _grid_of_numbers(axes, pooled, (right, upper), unit, f"{rows // 2} × {columns // 2}")
    middle = 0.3 + rows * unit / 2
    arrow(axes, (left + columns * unit + 0.12, middle), (right - 0.12, middle))
    return figure


@styled
def draw_maps(stages: Mapping[str, Tensor]) -> Drawing:
    """Some channels after each stage of a network, all at the same size on the page.

    Parameters
    ----------
    stages : mapping of str to torch.Tensor
        Name of the stage to its output for one image, shape ``(channels, H, W)``. Colours are
        symmetric around zero within each stage; the hundredth of the values that are largest in size
        share the last ones.
    """
    most = 4 if is_narrow() else 8
    channels = min(most, *(len(maps) for maps in stages.values()))
    side = (width() - 0.1) / most - 0.08
    figure, axes = canvas(len(stages) * (side + 0.42) + 0.05)
    for row, (name, maps) in enumerate(stages.items()):
        upper = 0.32 + row * (side + 0.42)
        axes.text(0.05, upper - 0.07, name, va="bottom")
        bound = _bound(maps)
        for channel in range(channels):
            place(axes, maps[channel], (0.05 + channel * (side + 0.08), upper), side, bound=bound)
    return figure


@styled
def draw_variants(maps: Mapping[str, Tensor]) -> Drawing:
    """One map as several layers would hand it on, each with its name, all at one size on the page.

    Parameters
    ----------
    maps : mapping of str to torch.Tensor
        Name of the layer to what it returns, shape ``(H, W)``: one number is written. Colours are
        symmetric around zero, and the same in all maps; the hundredth of the values that are largest
        in size share the last ones.
    """
    columns = 2 if is_narrow() else 4
    gap, title = 0.2, 0.3
    side = (width() - 0.1 - (columns - 1) * gap) / columns
    rows = -(-len(maps) // columns)
    bound = _bound(torch.cat([values.flatten() for values in maps.values()]))
    figure, axes = canvas(rows * (side + title) + 0.05)
    for index, (name, values) in enumerate(maps.items()):
        row, column = divmod(index, columns)
        x, y = corner = 0.05 + column * (side + gap), title + row * (side + title)
        axes.text(x, y - 0.07, name, va="bottom")
        place(axes, values, corner, side, bound=bound)
        if values.numel() == 1:  # no picture: its colour alone would hardly be seen
            told = f"{values.item():.2f}".replace("-", "−")
            axes.text(x + side / 2, y + side / 2, told, ha="center", va="center", size="x-large")
    return figure


# --- what both networks have learned


@styled
def draw_weights(rows: Tensor, kernels: Tensor) -> Drawing:
    """Rows of the first layer's weights as images, and below them the kernels of a convolution.

    Parameters
    ----------
    rows : torch.Tensor
        Shape ``(N, H, W)``: what hidden units of the fully-connected network weigh each pixel with.
    kernels : torch.Tensor
        Shape ``(M, k, k)``. Colours are symmetric around zero within each of the two.
    """
    per_row, small = (4, 8) if is_narrow() else (8, 16)
    side, little = ((width() - 0.1) / count - 0.08 for count in (per_row, small))
    tall = -(-len(rows) // per_row) * (side + 0.08)
    below = -(-len(kernels) // small) * (little + 0.08)
    figure, axes = canvas(tall + below + 0.85)
    first, size = rows.shape[-1], kernels.shape[-1]
    texts = (
        (rows, per_row, side, 0.3, f"weights of {len(rows)} hidden units: {first} × {first}"),
        (kernels, small, little, tall + 0.75, f"{len(kernels)} kernels: {size} × {size}"),
    )
    looks = (FULLY_CONNECTED, CONVOLUTIONAL)
    for (values, columns, unit, upper, title), look in zip(texts, looks, strict=True):
        axes.text(0.05, upper - 0.07, title, va="bottom", color=look.color)
        bound = values.abs().max().item()
        for i, value in enumerate(values):
            corner = 0.05 + i % columns * (unit + 0.08), upper + i // columns * (unit + 0.08)
            place(axes, value, corner, unit, bound=bound)
    return figure


@styled
def draw_flatten_or_filter(image: Tensor, kernel: Tensor, maps: Tensor, smaller: Tensor) -> Drawing:
    """The two words of the title: an image as one list of pixels, and an image filtered into maps.

    Parameters
    ----------
    image : torch.Tensor
        Shape ``(28, 28)``, values in [0, 1].
    kernel : torch.Tensor
        Shape ``(k, k)``: the weights that made the first map.
    maps, smaller : torch.Tensor
        Output of the first and of the last pooling for this image: shape ``(channels, H, W)``.
    """
    side = 0.95 if is_narrow() else 1.5
    start = side + (0.6 if is_narrow() else 0.75)
    room = width() - start - 0.05
    figure, axes = canvas(2 * side + 1.1)
    lower = side + 1.0
    for upper, word, look in ((0.4, "flatten", FULLY_CONNECTED), (lower, "filter", CONVOLUTIONAL)):
        axes.text(0.05, upper - 0.08, word, color=look.color, weight="bold", size="x-large")
        place(axes, image, (0.05, upper), side)
    between = 0.28
    tile = (side - between) / 2
    middle = lower + tile / 2
    ends = side + 0.12, start - 0.08
    arrow(axes, (ends[0], 0.4 + side / 2), (ends[1], 0.4 + side / 2))
    arrow(axes, (ends[0], middle), (ends[1], middle))
    _kernel_at_work(axes, kernel, (0.05, lower, side / len(image)), (sum(ends) / 2, middle + 0.1))
    _list(axes, image.flatten(), (start, 0.4), room, side)
    said = {"color": "0.35", "va": "bottom"}
    axes.text(start, 0.32, f"{image.numel()} pixels in one list", **said)
    axes.text(start, lower - 0.08, "a picture for each kernel", **said)
    count = int((room + 0.06) / (tile + 0.06))
    for row, values in enumerate((maps, smaller)):
        bound = _bound(values)
        for i in range(min(count, len(values))):
            corner = start + i * (tile + 0.06), lower + row * (tile + between)
            place(axes, values[i], corner, tile, bound=bound)
    down = start + min(count, len(maps)) * (tile + 0.06) / 2
    arrow(axes, (down, lower + tile + 0.03), (down, lower + tile + between - 0.03))
    axes.text(down + 0.12, lower + tile + between / 2, "once more", color="0.35", va="center")
    return figure


def _kernel_at_work(
    axes: Axes, kernel: Tensor, picture: tuple[float, float, float], below: tuple[float, float]
) -> None:
    """A window on a picture, given by its corner and the side of a pixel, and the kernel by itself."""
    x, y, pixel = picture
    at = 6  # the window's first row and column
    side = len(kernel) * pixel
    _mark(axes, (x + at * pixel, y + at * pixel), side, CONVOLUTIONAL.color)
    tile = 1.4 * side
    corner = below[0] - tile / 2, below[1]
    place(axes, kernel, corner, tile, bound=kernel.abs().max().item())
    _mark(axes, corner, tile, CONVOLUTIONAL.color)
    axes.text(below[0], below[1] + tile + 0.07, "kernel", ha="center", va="top", color="0.35")


def _list(
    axes: Axes, values: Tensor, corner: tuple[float, float], long: float, high: float
) -> None:
    """A list too long for one line, with a thread from the end of each line to the next."""
    left, upper = corner
    lines, strip = 3, 0.15 if is_narrow() else 0.22
    gap = (high - lines * strip) / (lines - 1)
    count = len(values)
    for line in range(lines):
        part = values[line * count // lines : (line + 1) * count // lines]
        top = upper + line * (strip + gap)
        place(axes, part[None], (left, top), long, height=strip)
        if line < lines - 1:
            x, y = (left, left + long), (top + strip, top + strip + gap)
            between = sum(y) / 2
            axes.plot([x[1], x[1], x[0], x[0]], [y[0], between, between, y[1]], color=FRAME, lw=1)


@styled
def plot_answers(image: Tensor, fully_connected: nn.Module, convolutional: nn.Module) -> Drawing:
    """An image, and how likely each network takes each digit to be.

    Parameters
    ----------
    image : torch.Tensor
        ``uint8`` of shape ``(28, 28)``.
    fully_connected, convolutional : torch.nn.Module
        Trained networks that map images ``(B, 1, 28, 28)`` to logits ``(B, 10)``.
    """
    figure = empty_figure(5.4 if is_narrow() else 3.4)
    if is_narrow():
        seen, bars = figure.subplots(2, 1, height_ratios=(1, 1.8))
    else:
        seen, bars = figure.subplots(1, 2, width_ratios=(1, 1.3))
    _pixels(seen, image / 255)
    pixels = image[None, None].float() / 255
    both = ((fully_connected, FULLY_CONNECTED, -0.2), (convolutional, CONVOLUTIONAL, 0.2))
    for network, look, offset in both:
        with _torch.evaluation(network):
            chances = network(pixels)[0].softmax(dim=0).tolist()
        places = [digit + offset for digit in range(len(chances))]
        hatch = None if look is FULLY_CONNECTED else "////"
        bars.barh(places, chances, 0.36, color=look.color, hatch=hatch, ec="white", label=look.name)
    bars.set(yticks=range(10), ylabel="digit", xlabel="softmax: probability", xlim=(0, 1))
    bars.invert_yaxis()
    bars.xaxis.set_major_formatter(PercentFormatter(1))
    bars.grid(visible=False, axis="y")
    figure.legend(
        *bars.get_legend_handles_labels(), loc="outside upper right", ncols=2, frameon=False
    )
    return figure
