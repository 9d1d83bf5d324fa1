"""Diagrams of the networks, drawn to scale from their traces."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from mnistlab.plots.style import (
    CONVOLUTIONAL,
    FULLY_CONNECTED,
    WIDTH,
    Drawing,
    Look,
    one_plot,
    styled,
)
from mnistlab.shapes import ShapeTrace, shape_text


@styled
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
    figure, axes = one_plot(height + 0.1)
    _column(axes, trace, look, height)
    return figure


@styled
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
