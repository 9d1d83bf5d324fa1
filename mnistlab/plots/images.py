"""Digits, kernels and maps, drawn pixel by pixel."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.patheffects import withStroke
from matplotlib.ticker import PercentFormatter
from torch import Tensor, nn

from mnistlab import _torch
from mnistlab.plots.style import (
    CONVOLUTIONAL,
    FULLY_CONNECTED,
    MARKS,
    WIDTH,
    Drawing,
    styled,
)


@styled
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


@styled
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


@styled
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


@styled
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
    figure = Drawing(figsize=(WIDTH, 2.6), layout="constrained")
    seen, bars = figure.subplots(1, 2, width_ratios=(1, 1.3))
    _pixels(seen, image)
    pixels = image[None, None].float() / 255
    both = ((fully_connected, FULLY_CONNECTED, -0.2), (convolutional, CONVOLUTIONAL, 0.2))
    for network, look, offset in both:
        with _torch.evaluation(network):
            chances = network(pixels)[0].softmax(dim=0).tolist()
        places = [digit + offset for digit in range(len(chances))]
        hatch = None if look is FULLY_CONNECTED else "////"
        bars.barh(places, chances, 0.36, color=look.color, hatch=hatch, ec="white", label=look.name)
    bars.set(yticks=range(10), ylabel="digit", xlabel="soft-max", xlim=(0, 1))
    bars.invert_yaxis()
    bars.xaxis.set_major_formatter(PercentFormatter(1))
    bars.grid(visible=False, axis="y")
    figure.legend(*bars.get_legend_handles_labels(), loc="outside upper right", ncols=2)
    return figure
