"""Diagrams of the networks: what one image becomes, layer by layer."""

from __future__ import annotations

from collections.abc import Sequence

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor

from mnistlab.plots.images import arrow, canvas, place
from mnistlab.plots.style import (
    CONVOLUTIONAL,
    FULLY_CONNECTED,
    Drawing,
    Look,
    is_narrow,
    styled,
    width,
)
from mnistlab.shapes import ShapeTrace, shape_text

STEP = 0.36
"""Height of the arrow between two shapes, in inches."""

LABEL = 1.15
"""Width of the shape's text, in inches."""


@styled
def draw_network(trace: ShapeTrace, look: Look, outputs: Sequence[Tensor] = ()) -> Drawing:
    """What a network makes of one image, from top to bottom.

    Channels × height × width is drawn as a row of maps (some of them), a list of numbers as a strip.

    Parameters
    ----------
    trace : ShapeTrace
        From `mnistlab.trace_shapes`.
    look : Look
        `mnistlab.plots.style.FULLY_CONNECTED` or `mnistlab.plots.style.CONVOLUTIONAL`.
    outputs : sequence of torch.Tensor, optional
        The image and the output of each layer, each as a batch of one, to be shown. Default: empty
        frames.
    """
    figure, axes = canvas(_height(trace) + 0.1)
    _column(axes, trace, look, (0.0, width()), outputs)
    return figure


@styled
def draw_networks(fully_connected: ShapeTrace, convolutional: ShapeTrace) -> Drawing:
    """Both networks, each as in `draw_network`: side by side, on a phone one below the other.

    Parameters
    ----------
    fully_connected, convolutional : ShapeTrace
        From `mnistlab.trace_shapes`.
    """
    heights = [_height(trace) for trace in (fully_connected, convolutional)]
    if is_narrow():
        figure, axes = canvas(sum(heights) + 0.5)
        _column(axes, fully_connected, FULLY_CONNECTED, (0.0, width()))
        _column(axes, convolutional, CONVOLUTIONAL, (0.0, width()), top=heights[0] + 0.4)
    else:
        figure, axes = canvas(max(heights) + 0.1)
        half = width() / 2
        _column(axes, fully_connected, FULLY_CONNECTED, (0.0, half - 0.1))
        _column(axes, convolutional, CONVOLUTIONAL, (half + 0.1, half - 0.1))
    return figure


def _height(trace: ShapeTrace) -> float:
    steps = _steps(trace)
    return sum(_row_height(shape) for _, shape, _ in steps) + STEP * (len(steps) - 1)


def _column(
    axes: Axes,
    trace: ShapeTrace,
    look: Look,
    place_: tuple[float, float],
    outputs: Sequence[Tensor] = (),
    top: float = 0.05,
) -> None:
    """The shapes from top to bottom with arrows between them, at ``place_``: left edge and width."""
    left, room = place_
    for layers, shape, number in _steps(trace):
        if layers:
            arrow(axes, (left + LABEL + 0.25, top + 0.03), (left + LABEL + 0.25, top + STEP - 0.03))
            axes.text(left + LABEL + 0.4, top + STEP / 2, layers, va="center", color="0.35")
            top += STEP
        height = _row_height(shape)
        axes.text(left + LABEL, top + height / 2, shape_text(shape), ha="right", va="center")
        output = outputs[number].squeeze(0) if outputs else None
        _row(axes, shape, (left + LABEL + 0.12, top), room - LABEL - 0.17, look, output)
        top += height


def _steps(trace: ShapeTrace) -> list[tuple[str, tuple[int, ...], int]]:
    """Shapes in order, each with the layers that lead to it and the number of the last of them.

    An activation joins the layer before it.
    """
    steps = [("", trace.input_shape, 0)]
    for number, layer in enumerate(trace, 1):
        name = layer.name.partition(" ")[2]
        layers, shape, _ = steps[-1]
        if layers and layer.output_shape == shape and not layer.parameters:
            steps[-1] = (f"{layers}, {name}", shape, number)
        else:
            steps.append((name, layer.output_shape, number))
    return steps


def _row_height(shape: tuple[int, ...]) -> float:
    return (0.6 if is_narrow() else 0.7) if len(shape) == 3 else 0.22


def _row(
    axes: Axes,
    shape: tuple[int, ...],
    corner: tuple[float, float],
    room: float,
    look: Look,
    output: Tensor | None,
) -> None:
    """A row of maps for channels × height × width, a strip for a list of numbers."""
    x, y = corner
    height = _row_height(shape)
    if len(shape) != 3:
        length = room * min(1.0, 0.06 + 0.94 * (shape[-1] / 784) ** 0.5)
        _tile(
            axes, None if output is None else output.unsqueeze(0), (x, y + 0.03), length, 0.16, look
        )
        return
    maps = min(shape[0], int((room + 0.06) / (height + 0.06)))
    side = height * (0.5 + 0.5 * shape[-1] / 28)  # a smaller map is smaller, and still legible
    for number in range(maps):
        picture = None if output is None else output[number]
        tile = (x + number * (height + 0.06), y + (height - side) / 2)
        _tile(axes, picture, tile, side, side, look, paper=shape[0] == 1)


def _tile(
    axes: Axes,
    picture: Tensor | None,
    corner: tuple[float, float],
    side: float,
    height: float,
    look: Look,
    paper: bool = False,
) -> None:
    """One map or one strip: its values, or an empty frame in the network's colour."""
    if picture is not None:
        bound = None if paper else picture.abs().max().item() or 1.0
        place(axes, picture, corner, side, height=height, bound=bound)
    axes.add_patch(Rectangle(corner, side, height, fill=False, ec=look.color, lw=1.2))
