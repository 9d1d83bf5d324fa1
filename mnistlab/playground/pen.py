"""A drawing becomes an image: ink by area, then MNIST's recipe.

A drawing is a list of strokes, a stroke a list of points ``(x, y)``. The unit is the pixel of the
28 × 28 image; x goes to the right and y down, and the pixel in the top left corner covers 0 to 1 on
both axes. A round pen leaves ink wherever its disc passes.

Every function here has a twin of the same name in ``book/scripts/pen.js``. Both do the same sums in
the same order, so that they give the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mnistlab import _checks

SIDE = 28
"""Height and width of an image in pixels."""

BOX = 20
"""Longest side of the ink in an image of MNIST, in pixels."""

MIDDLE = 14
"""Row and column, counted from 0, on which MNIST has the centre of mass."""

RADIUS = 1.4
"""Radius of the pen in pixels, as long as nothing is scaled."""

SAMPLES = 8
"""A pixel is as dark as many of its ``SAMPLES × SAMPLES`` points lie in the ink."""

Image = NDArray[np.uint8]
Points = Sequence[tuple[float, float]]
Drawing = Sequence[Points]


def as_drawn(drawing: Drawing) -> Image:
    """The image of a drawing where it was drawn, as large as it was drawn.

    Parameters
    ----------
    drawing : sequence of sequences of (float, float)
        Strokes; each has at least one point, in pixels.

    Returns
    -------
    numpy.ndarray
        ``uint8`` of shape ``(28, 28)``: 0 is paper, 255 full ink.

    Raises
    ------
    TypeError, ValueError
        If it is not made of strokes of finite points.
    """
    return rasterise(drawing, scale=1.0, left=0.0, top=0.0)


def as_mnist(drawing: Drawing) -> Image:
    """The image of a drawing as MNIST would have it.

    Scaled, pen and all, so that the longest side of the ink is 20 pixels; then shifted by whole
    pixels, so that the centre of mass lies on row and column 14.

    Parameters
    ----------
    drawing : sequence of sequences of (float, float)
        As in `as_drawn`.

    Returns
    -------
    numpy.ndarray
        ``uint8`` of shape ``(28, 28)``; all zero for a drawing without strokes.

    Raises
    ------
    TypeError, ValueError
        As `as_drawn`.
    """
    points = [point for stroke in _check_drawing(drawing) for point in stroke]
    if not points:
        return np.zeros((SIDE, SIDE), dtype=np.uint8)
    left = min(x for x, _ in points) - RADIUS
    top = min(y for _, y in points) - RADIUS
    right = max(x for x, _ in points) + RADIUS
    bottom = max(y for _, y in points) + RADIUS
    scale = BOX / max(right - left, bottom - top)
    margin = (SIDE - BOX) / 2
    image = rasterise(drawing, scale=scale, left=left - margin / scale, top=top - margin / scale)
    row, column = centre_of_mass(image)
    return shifted(image, down=MIDDLE - row, right=MIDDLE - column)


def rasterise(drawing: Drawing, *, scale: float, left: float, top: float) -> Image:
    """Ink by area: how much of each pixel the pen has passed over.

    Parameters
    ----------
    drawing : sequence of sequences of (float, float)
        As in `as_drawn`.
    scale : float
        Pixels of the image per unit of the drawing, above zero. The pen is scaled too.
    left, top : float
        The point of the drawing that comes to the image's top left corner.

    Returns
    -------
    numpy.ndarray
        ``uint8`` of shape ``(28, 28)``. What lies outside is cut off.

    Raises
    ------
    TypeError, ValueError
        As `as_drawn`; or if ``scale`` is not a positive number.
    """
    scale = _checks.positive("scale", scale)
    fine = np.zeros((SIDE * SAMPLES, SIDE * SAMPLES), dtype=bool)
    for stroke in _check_drawing(drawing):
        points = [((x - left) * scale, (y - top) * scale) for x, y in stroke]
        for start, end in zip(points, points[1:] or points, strict=False):
            _ink(fine, start, end, RADIUS * scale)
    blocks = fine.reshape(SIDE, SAMPLES, SIDE, SAMPLES)
    inside = blocks.sum(axis=(1, 3))
    return np.floor(255 * inside / SAMPLES**2 + 0.5).astype(np.uint8)


def _ink(
    fine: NDArray[np.bool_], start: tuple[float, float], end: tuple[float, float], radius: float
) -> None:
    """Mark the sample points that lie within ``radius`` of the line from ``start`` to ``end``."""
    (ax, ay), (bx, by) = start, end
    columns = _between(min(ax, bx) - radius, max(ax, bx) + radius)
    rows = _between(min(ay, by) - radius, max(ay, by) + radius)
    x = (np.arange(columns.start, columns.stop) + 0.5) / SAMPLES - ax
    y = (np.arange(rows.start, rows.stop)[:, None] + 0.5) / SAMPLES - ay
    dx, dy = bx - ax, by - ay
    length = dx * dx + dy * dy
    t = np.clip((x * dx + y * dy) / length, 0, 1) if length > 0 else 0 * (x + y)
    away_x, away_y = x - t * dx, y - t * dy
    near = away_x * away_x + away_y * away_y <= radius * radius
    fine[rows, columns] |= near


def _between(low: float, high: float) -> slice:
    """The rows or columns of sample points between two coordinates in pixels, within the image."""
    start = max(math.floor(low * SAMPLES), 0)
    return slice(start, max(start, min(math.ceil(high * SAMPLES) + 1, SIDE * SAMPLES)))


def centre_of_mass(image: Image) -> tuple[int, int]:
    """The row and the column, counted from 0, that are nearest to the ink's centre of mass.

    Parameters
    ----------
    image : numpy.ndarray
        ``uint8`` of shape ``(28, 28)``.

    Returns
    -------
    row, column : int
        14 and 14 for an image without ink. A centre half-way between two belongs to the later one.
    """
    wide = image.astype(np.int64)
    mass = int(wide.sum())
    if not mass:
        return MIDDLE, MIDDLE
    indices = np.arange(SIDE)
    down, across = (int((wide.sum(axis=axis) * indices).sum()) for axis in (1, 0))
    return (2 * down + mass) // (2 * mass), (2 * across + mass) // (2 * mass)


def shifted(image: Image, *, down: int, right: int) -> Image:
    """An image moved by whole pixels; what comes in is paper, what leaves is lost.

    Parameters
    ----------
    image : numpy.ndarray
        Of shape ``(28, 28)``.
    down, right : int
        By how many pixels; negative for up and left.

    Returns
    -------
    numpy.ndarray
        A new image of the same shape and type.
    """
    moved = np.zeros_like(image)
    (to_rows, from_rows), (to_columns, from_columns) = _overlap(down), _overlap(right)
    moved[to_rows, to_columns] = image[from_rows, from_columns]
    return moved


def _overlap(by: int) -> tuple[slice, slice]:
    """Where the rows or columns that stay in the image come to lie, and where they lay."""
    to = slice(max(by, 0), max(SIDE + min(by, 0), 0))
    return to, slice(max(-by, 0), max(SIDE + min(-by, 0), 0))


def _check_drawing(drawing: Drawing) -> list[list[tuple[float, float]]]:
    try:
        strokes = [[(float(x), float(y)) for x, y in stroke] for stroke in drawing]
    except (TypeError, ValueError) as error:
        raise TypeError(
            f"drawing is {_checks.described(drawing)}; expected strokes of points (x, y), such as "
            "[[(10.0, 5.0), (10.0, 20.0)]]"
        ) from error
    if not all(strokes):
        raise ValueError("drawing has a stroke without points; expected at least one in each")
    if not all(math.isfinite(number) for stroke in strokes for point in stroke for number in point):
        raise ValueError("drawing has a point that is not finite; expected coordinates in pixels")
    return strokes
