"""One style for every figure: size, colours, and the two networks' looks.

A figure is drawn twice: `WIDE` for a book's column, and `NARROW` for a phone, where a picture that was
only made smaller would have letters too small to read. `styled` does so; a function that draws asks
`is_narrow` where the two should be arranged differently.

Figures have no ground of their own, and black ink. In the dark the pages turn them over (``filter:
invert(1) hue-rotate(180deg) saturate(1.4)``): black becomes white, and each colour a lighter one of
the same hue.
"""

from __future__ import annotations

import functools
import io
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, ParamSpec

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

WIDE = 704 / 96
"""Width of a figure in inches: a column of the book."""

NARROW = 326 / 96
"""Width of a figure in inches: what a phone of 375 pixels has for it."""

NARROW_SVG = "application/vnd.mnistlab.narrow+svg"
"""MIME type of the narrow drawing; notebooks do not know it and show the wide one."""

NUMBERS = "application/vnd.mnistlab.numbers+json"
"""MIME type of a drawing's numbers, from which a script of the book draws it anew; notebooks do not know it."""

STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 10.5,  # points: 14 pixels
    "axes.titlesize": "medium",
    "axes.labelsize": "medium",
    "xtick.labelsize": "medium",
    "ytick.labelsize": "medium",
    "legend.fontsize": "medium",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": "0.88",
    "lines.linewidth": 2,
    "lines.markersize": 6,
    "image.cmap": "gray_r",
    "image.interpolation": "none",
    "svg.hashsalt": "mnistlab",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "savefig.facecolor": "none",
}

NARROW_STYLE = {"font.size": 9.5, "lines.linewidth": 1.6, "lines.markersize": 4.5}
"""What is different in a narrow figure: letters of 12 to 13 pixels."""


@dataclass(frozen=True)
class Look:
    """How one network is drawn in every figure."""

    name: str
    color: str
    linestyle: str
    marker: str


FULLY_CONNECTED = Look("MLP", "#0072B2", "-", "o")
"""Blue, solid, round: the fully-connected network, or multilayer perceptron, in every figure."""

CONVOLUTIONAL = Look("CNN", "#D55E00", "--", "s")
"""Vermillion, dashed, square: the convolutional network, in every figure."""

BOTH = (FULLY_CONNECTED, CONVOLUTIONAL)
"""The MLP, then the CNN."""

MARKS = ("#009E73", "#CC79A7")
"""Colours that mark what is pointed at, such as two pixels: neither is a network's."""

SIGNED = ListedColormap(mpl.colormaps["RdBu_r"](np.linspace(0.12, 0.88, 256)), name="signed")
"""Blue below zero, white at zero, red above. Its ends are not the darkest: in the dark these would be the palest."""

FRAME = "0.6"
"""Grey of the frame around an image, and of what is only there to help."""

AREA = {False: 24, True: 16}
"""Of a run's mark, in square points, by `is_narrow`: on a phone the marks of a row stand closer."""

_narrow: ContextVar[bool] = ContextVar("narrow", default=False)


def is_narrow() -> bool:
    """Whether the figure that is being drawn is for a phone."""
    return _narrow.get()


def width() -> float:
    """Width in inches of the figure that is being drawn."""
    return NARROW if is_narrow() else WIDE


def open_mark(look: Look) -> dict[str, Any]:
    """How ``scatter`` draws a run: an open mark in its network's look."""
    size: dict[str, Any] = {"s": AREA[is_narrow()], "linewidths": 1.2 if is_narrow() else 1.4}
    return size | {"marker": look.marker, "facecolor": "none", "edgecolor": look.color}


@contextmanager
def book_style(narrow: bool = False) -> Iterator[None]:
    """The book's style and matplotlib's defaults, whatever the user has set."""
    token = _narrow.set(narrow)
    try:
        with mpl.rc_context():
            mpl.rcdefaults()
            mpl.rcParams.update(STYLE)
            if narrow:
                mpl.rcParams.update(NARROW_STYLE)
            yield
    finally:
        _narrow.reset(token)


class Drawing(Figure):
    """A matplotlib figure that shows as SVG in a notebook, on no ground of its own.

    Attributes
    ----------
    narrow : Drawing or None
        The same figure as it is drawn for a phone.
    numbers : dict or None
        What it shows, if readers of the book can move it.
    """

    narrow: Drawing | None = None
    numbers: dict[str, Any] | None = None

    def _repr_svg_(self) -> str:
        file = io.StringIO()
        with book_style():
            self.savefig(file, format="svg", dpi=200, metadata={"Date": None})
        return file.getvalue()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, Any]:
        bundle: dict[str, Any] = {"image/svg+xml": self._repr_svg_(), "text/plain": repr(self)}
        if self.narrow is not None:
            bundle[NARROW_SVG] = self.narrow._repr_svg_()
        if self.numbers is not None:
            bundle[NUMBERS] = self.numbers
        return bundle


P = ParamSpec("P")


def styled(draw: Callable[P, Drawing]) -> Callable[P, Drawing]:
    """Draw with the book's style, whatever the global one is: wide, and once more for a phone."""

    @functools.wraps(draw)
    def in_style(*args: P.args, **kwargs: P.kwargs) -> Drawing:
        with book_style():
            drawing = draw(*args, **kwargs)
        with book_style(narrow=True):
            drawing.narrow = draw(*args, **kwargs)
        return drawing

    return in_style


def one_plot(height: float = 3.6) -> tuple[Drawing, Axes]:
    """An empty figure with one plot, ``height`` inches high; on a phone at most 2.8."""
    figure = empty_figure(min(height, 2.8) if is_narrow() else height)
    return figure, figure.subplots()


def apart(figure: Drawing) -> None:
    """On a phone, where plots stand above each other: room between the words of one and the title of the next."""
    if is_narrow():
        figure.get_layout_engine().set(h_pad=0.1)


def empty_figure(height: float) -> Drawing:
    """A figure as wide as its place, ``height`` inches high, whose parts make room for each other."""
    return Drawing(figsize=(width(), height), layout="constrained")
