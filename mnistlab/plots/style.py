"""One style for every figure: size, colours, and the two networks' looks."""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import ParamSpec

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

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
def book_style() -> Iterator[None]:
    """The book's style and matplotlib's defaults, whatever the user has set."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(STYLE)
        yield


class Drawing(Figure):
    """A matplotlib figure that shows as SVG in a notebook."""

    def _repr_svg_(self) -> str:
        file = io.StringIO()
        with book_style():
            self.savefig(file, format="svg", dpi=200, bbox_inches="tight", metadata={"Date": None})
        return file.getvalue()


P = ParamSpec("P")


def styled(draw: Callable[P, Drawing]) -> Callable[P, Drawing]:
    """Draw with the book's style, whatever the global one is."""

    @functools.wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> Drawing:
        with book_style():
            return draw(*args, **kwargs)

    return in_style


def one_plot(height: float = 3.0) -> tuple[Drawing, Axes]:
    """An empty figure with one plot, ``height`` inches high."""
    figure = Drawing(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots()
