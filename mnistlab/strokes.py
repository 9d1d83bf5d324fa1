"""Stand-in digits, drawn as a pen draws them, for machines that cannot get MNIST.

A digit begins as a skeleton: a few control points for each stroke. They are moved at random, as no
two hands write alike; a smooth curve is laid through them; a pen whose width follows the pressure
goes along it; and the ink under the pen becomes grey levels, fitted into 20 × 20 pixels and centred
by mass in 28 × 28, as in MNIST.

The same seed gives the same bytes on every machine. So nothing is computed but sums, products,
quotients and square roots of single numbers, which IEEE 754 rounds in one way only, and integers;
numbers are added up in a fixed order (``sum`` has none, and Python's own changed with 3.12); the
random bits are those of PCG64, which NumPy promises to keep.
"""

from __future__ import annotations

import hashlib
import math
import os
import struct
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray
from tqdm import tqdm

from mnistlab import _checks
from mnistlab._skeletons import SKELETONS

DRAWING = 1
"""Raised by hand whenever a change to the package alters the digits, so that they are drawn anew."""

SIDE = 28
"""Height and width of an image in pixels."""

BOX = 20
"""Height and width of the box that the ink fits in, in pixels, up to a faint edge."""

PLACES = 64
"""How many discs of ink make a digit."""

EDGE = 1.05
"""Width in pixels of the grey edge between ink and paper."""

CHUNK = 256
"""Images that are drawn together, from one stream of random numbers."""

Floats = NDArray[np.floating]
Integers = NDArray[np.integer]
Images = NDArray[np.uint8]


# --- what others use


def draw(labels: ArrayLike, seed: int, *, test: bool = False) -> Images:
    """Draw one image of each class that is asked for.

    An image depends on the seed, its label and its place among the labels, on nothing else: not on
    the labels after it, nor on the number of threads.

    Parameters
    ----------
    labels : sequence of int
        Classes, 0 to 9; shape ``(N,)``.
    seed : int
        From 0 to 2**63 - 1.
    test : bool
        Draw from the random stream of the test images, which shares nothing with the other.

    Returns
    -------
    numpy.ndarray
        ``uint8`` of shape ``(N, 28, 28)``: 0 is paper, 255 full ink.

    Raises
    ------
    TypeError, ValueError
        If a label is not a whole number from 0 to 9, or the seed is out of range.
    """
    labels = _check_labels(labels)
    _checks.seed(seed)
    return _draw(labels, seed, int(test), lambda count: None)


def write(
    folder: str | os.PathLike[str],
    *,
    train: int = 60_000,
    test: int = 10_000,
    seed: int = 0,
    progress: bool = True,
) -> dict[str, str]:
    """Draw a training and a test set, and write them as MNIST's four files.

    Each class has the same number of images, up to one, in random order. The four files are put in
    place when all are on the disk; whatever stops the work before, none of them is there in part.

    Parameters
    ----------
    folder : path
        Where the files go; made if it is not there. Older files of the same names are replaced.
    train, test : int
        Number of images, at least 1.
    seed : int
        From 0 to 2**63 - 1. The training images are ``draw(labels, seed)``, the test images
        ``draw(labels, seed, test=True)``, with the labels that the files have.
    progress : bool
        Show a progress bar if the standard error stream is a terminal.

    Returns
    -------
    dict
        Name of each file with the SHA-256 digest of its content, 64 hexadecimal digits.

    Raises
    ------
    TypeError, ValueError
        If a number is out of range.
    OSError
        If the files cannot be written.
    """
    folder = _check_folder(folder)
    _checks.sizes(train=train, test=test)
    _checks.seed(seed)
    files: dict[str, bytes] = {}
    bar = tqdm(
        total=train + test,
        disable=None if progress else True,  # None: off unless standard error is a terminal
        desc="drawing digits",
        unit="image",
        leave=False,
    )
    with bar:
        for part, (name, count) in enumerate((("train", train), ("t10k", test))):
            labels = _labels(count, seed, part)
            images = _draw(labels, seed, part, bar.update)
            files[f"{name}-images-idx3-ubyte"] = idx(images)
            files[f"{name}-labels-idx1-ubyte"] = idx(labels.astype(np.uint8))
    _put(files, folder)
    return {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}


# --- how a digit is drawn; N images at once


def bend(x: Floats, y: Floats, dice: Dice) -> tuple[Floats, Floats]:
    """Deform the plane gently, so that every hand's digits have proportions of their own.

    Parameters
    ----------
    x, y : numpy.ndarray
        Control points in about [-0.5, 0.5]; shape ``(N, C)``.
    dice : Dice
        Gives the random numbers.

    Returns
    -------
    x, y : numpy.ndarray
        The moved points.
    """
    a, b, c, d, e, f = dice.bells(6)
    middle = 0.25 - y * y
    centre = 0.25 - x * x
    across = (
        0.22 * a * x * y  # wider above, or below
        + 0.16 * b * middle  # like an arc
        + 0.40 * c * y * middle  # like an S
    )
    down = (
        0.22 * d * middle  # a high waist, or low
        + 0.14 * e * x * y  # lines that converge
        + 0.10 * f * centre
    )
    return x + across, y + down


def lean(x: Floats, y: Floats, dice: Dice) -> tuple[Floats, Floats]:
    """Make digits narrower or wider, slant them, and turn them by a few degrees.

    Parameters and returns as `bend`. The angle has no need of a sine: t is the tangent of its half.
    """
    a, b, c = dice.bells(3)
    width = 1.07 + 0.18 * a
    slant = 0.1 + 0.24 * b
    t = 0.05 * c
    x = width * x - slant * y
    cosine = (1 - t * t) / (1 + t * t)
    sine = 2 * t / (1 + t * t)
    return (
        cosine * x - sine * y,
        sine * x + cosine * y,
    )


def spline(t: Floats, haste: Floats) -> Sequence[Floats]:
    """How much each of four control points counts at t, from the second (0) to the third (1).

    Parameters
    ----------
    t : numpy.ndarray
        Where on the way, in [0, 1].
    haste : numpy.ndarray
        At 0 the pen goes through every control point, on a Catmull-Rom spline; at 1 it cuts
        corners, on a uniform B-spline. Its shape must fit that of ``t``.

    Returns
    -------
    sequence of numpy.ndarray
        Four weights that add up to 1.
    """
    s = 1 - t
    slow = (
        -t * s * s / 2,
        1 - t * t * (5 - 3 * t) / 2,
        1 - s * s * (5 - 3 * s) / 2,
        -s * t * t / 2,
    )
    fast = (
        s * s * s / 6,
        2 / 3 - t * t * (2 - t) / 2,
        2 / 3 - s * s * (2 - s) / 2,
        t * t * t / 6,
    )
    return [
        (1 - haste) * a + haste * b
        for a, b in zip(slow, fast, strict=True)
    ]  # fmt: skip


def ink(x: Floats, y: Floats, radius: Floats, grain: Floats) -> Floats:
    """How much ink a round pen leaves on each pixel.

    The pen sets a disc at each of its places: a pixel is black inside the deepest disc, white
    outside, and grey on its edge.

    Parameters
    ----------
    x, y, radius : numpy.ndarray
        Places of the pen and its radius there, in pixels; shape ``(N, PLACES)``. The centre of the
        pixel in the top left corner is (0, 0).
    grain : numpy.ndarray
        Unevenness of the paper in pixels: by how much more or less the ink spreads; shape
        ``(N, 28, 28)``.

    Returns
    -------
    numpy.ndarray
        Shape ``(N, 28, 28)``, from 0 to 1.
    """
    pixels = np.arange(SIDE, dtype=x.dtype)
    deepest = np.full_like(grain, -SIDE)
    for p in range(x.shape[1]):
        dx = pixels - x[:, p, None]
        dy = pixels - y[:, p, None]
        distance = np.sqrt(
            (dx * dx)[:, None, :]
            + (dy * dy)[:, :, None]
        )  # fmt: skip
        depth = radius[:, p, None, None] - distance
        np.maximum(deepest, depth, out=deepest)
    edge = (deepest + grain) / EDGE + 0.5
    return np.clip(edge, 0, 1)


def _draw_chunk(labels: Integers, dice: Dice) -> Images:
    """Up to `CHUNK` images; the numbers below make their statistics like MNIST's."""
    which = _choose(labels, dice)
    moves = _wobble(which, dice)
    points = _mix(which, dice) + 0.045 * moves[..., :2]
    x, y = bend(points[..., 0], points[..., 1], dice)
    x, y = lean(x, y, dice)
    points = np.stack((x, y, moves[..., 2]), axis=2)
    x, y, pressure = _curve(points, which, dice)
    width = dice.bell(1)
    radius = (1.31 + 0.35 * width + 0.05 * width * width) * (1 + 0.1 * pressure)
    radius = np.maximum(radius, 0.5)
    x, y = _fit(x, y, radius, dice)
    grain = dice.uniform(-0.25, 0.25, SIDE, SIDE)
    grey = ink(*(numbers.astype(np.float32) for numbers in (x, y, radius, grain)))
    return _centred((grey * 255 + 0.5).astype(np.uint8))


def _choose(labels: Integers, dice: Dice) -> Integers:
    """Which skeleton each image begins with, by the skeletons' shares: rows of `TABLES`."""
    passed = dice.uniform(0, 1, 1) >= TABLES.bounds[labels]
    return TABLES.first[labels] + passed.sum(axis=1)


def _mix(which: Integers, dice: Dice) -> Floats:
    """Control points between those of the hands that write a skeleton, mostly near one: (N, C, 2)."""
    u = dice.uniform(0, 1, TABLES.hands.shape[1])
    parts = (u * u * u * u + 0.001) * TABLES.written[which]
    hands = TABLES.hands[which]
    total, points = 0.0, 0.0
    for h in range(parts.shape[1]):
        total = total + parts[:, h, None, None]
        points = points + parts[:, h, None, None] * hands[:, h]
    return points / total


def _wobble(which: Integers, dice: Dice) -> Floats:
    """Random numbers in three columns for the control points, alike for neighbours: (N, C, 3)."""
    noise = dice.bell(TABLES.beside.shape[1], 3)
    rows = np.arange(len(which))[:, None]
    before, here, after = (noise[rows, TABLES.beside[which, :, k]] for k in range(3))
    return (before + here + here + after) / 2.5


def _curve(points: Floats, which: Integers, dice: Dice) -> tuple[Floats, Floats, Floats]:
    """`PLACES` places on the curves along control points (N, C, 3): three times (N, PLACES)."""
    haste = dice.uniform(0, 0.7, 1)
    rows = np.arange(len(which))[:, None]
    path = 0.0
    for k, weight in enumerate(spline(TABLES.t[which], haste)):
        path = path + weight[..., None] * points[rows, TABLES.around[which, :, k]]
    return path[..., 0], path[..., 1], path[..., 2]


def _fit(x: Floats, y: Floats, radius: Floats, dice: Dice) -> tuple[Floats, Floats]:
    """Scale each curve so that its ink fills the box one way, nearly, and lies about the middle."""
    width, height = (c.max(axis=1) - c.min(axis=1) for c in (x, y))
    room = dice.uniform(0.95, 1) * (BOX - 0.6 - 2 * radius.max(axis=1))
    scale = (room / np.maximum(width, height))[:, None]
    return scale * (x - _mean(x)) + SIDE // 2, scale * (y - _mean(y)) + SIDE // 2


def _mean(numbers: Floats) -> Floats:
    """Mean along axis 1, which is kept."""
    return np.add.accumulate(numbers, axis=1)[:, -1:] / numbers.shape[1]


def _centred(images: Images) -> Images:
    """Shift by whole pixels, so that the centre of mass is within half a pixel of (14, 14)."""
    wide = images.astype(np.int64)
    mass = wide.sum(axis=(1, 2))
    columns, rows = (
        (2 * (wide.sum(axis=axis) * np.arange(SIDE)).sum(axis=1) + mass) // (2 * mass)
        for axis in (1, 2)
    )
    padded = np.pad(images, ((0, 0), (SIDE, SIDE), (SIDE, SIDE)))
    seen = np.arange(SIDE) + SIDE - SIDE // 2
    return padded[
        np.arange(len(images))[:, None, None],
        rows[:, None, None] + seen[:, None],
        columns[:, None, None] + seen,
    ]


# --- the skeletons as numbers


@dataclass(frozen=True)
class Skeleton:
    """One way to write a digit.

    Attributes
    ----------
    digit : int
        What it shows, 0 to 9.
    name : str
        In words.
    share : float
        Part of the digit's images that are written so, in [0, 1].
    hands : numpy.ndarray
        The C control points of all strokes as x and y in about [-0.5, 0.5], x to the right and y
        down, as each of H hands writes them; shape ``(H, C, 2)``.
    strokes : tuple of range
        Which of the control points belong to each stroke.
    """

    digit: int
    name: str
    share: float
    hands: Floats
    strokes: tuple[range, ...]


def _skeleton(digit: int, name: str, share: float, texts: Sequence[str]) -> Skeleton:
    hands = [[stroke.split() for stroke in text.split("/")] for text in texts]
    ends = [sum(map(len, hands[0][: k + 1])) for k in range(len(hands[0]))]
    strokes = tuple(range(*bounds) for bounds in pairwise([0, *ends]))
    points = [[point.split(",") for stroke in hand for point in stroke] for hand in hands]
    return Skeleton(digit, name, share, np.array(points, dtype=np.float64) / 100 - 0.5, strokes)


ALPHABET = tuple(
    _skeleton(digit, name, share, texts)
    for digit, ways in SKELETONS.items()
    for name, (share, texts) in ways.items()
)
"""Every skeleton, in the order of the digits."""


class _Tables:
    """What drawing needs of the skeletons: arrays with one row for each, padded to one length."""

    def __init__(self) -> None:
        skeletons = len(ALPHABET)
        most_hands = max(len(skeleton.hands) for skeleton in ALPHABET)
        most_points = max(skeleton.hands.shape[1] for skeleton in ALPHABET)
        self.hands = np.zeros((skeletons, most_hands, most_points, 2))
        self.written = np.zeros((skeletons, most_hands))  # 1 where there is a hand
        self.beside = np.zeros((skeletons, most_points, 3), dtype=np.intp)
        self.around = np.zeros((skeletons, PLACES, 4), dtype=np.intp)
        self.t = np.zeros((skeletons, PLACES))
        for k, skeleton in enumerate(ALPHABET):
            hands, points, _ = skeleton.hands.shape
            self.hands[k, :hands, :points] = skeleton.hands
            self.written[k, :hands] = 1
            self.beside[k, :points] = _beside(skeleton)
            self.around[k], self.t[k] = _places(skeleton)
        self.first, self.bounds = _shares()


def _shares() -> tuple[Integers, Floats]:
    """For each digit its first skeleton, and the bounds in [0, 1] between its skeletons."""
    digits = [skeleton.digit for skeleton in ALPHABET]
    bounds = np.ones((10, max(map(digits.count, digits)) - 1))
    for digit in range(10):
        shares = [skeleton.share for skeleton in ALPHABET if skeleton.digit == digit]
        sums = [math.fsum(shares[:k]) for k in range(1, len(shares))]
        bounds[digit, : len(sums)] = sums
    return np.array([digits.index(digit) for digit in range(10)]), bounds


def _beside(skeleton: Skeleton) -> list[tuple[int, int, int]]:
    """For each control point the one before, itself and the one after; a corner's two have the same."""
    beside: list[tuple[int, int, int]] = []
    for stroke in skeleton.strokes:
        for i in stroke:
            if i > stroke[0] and (skeleton.hands[0, i] == skeleton.hands[0, i - 1]).all():
                beside.append(beside[-1])
            else:
                beside.append((max(i - 1, stroke[0]), i, min(i + 1, stroke[-1])))
    return beside


def _places(skeleton: Skeleton) -> tuple[list[list[int]], list[float]]:
    """`PLACES` places at about even distances along the strokes.

    Each is given by the four control points around it, and by its position in [0, 1] between the
    second and the third of them.
    """
    lengths = [_lengths(skeleton.hands[0][list(stroke)]) for stroke in skeleton.strokes]
    around: list[list[int]] = []
    positions: list[float] = []
    counts = _divide(PLACES, [math.fsum(steps) for steps in lengths])
    for stroke, steps, count in zip(skeleton.strokes, lengths, counts, strict=True):
        for place in range(count):
            i, t = _position(steps, math.fsum(steps) * place / (count - 1))
            four = (stroke[0] + i + offset for offset in (-1, 0, 1, 2))
            around.append([min(max(j, stroke[0]), stroke[-1]) for j in four])
            positions.append(t)
    return around, positions


def _position(steps: Sequence[float], way: float) -> tuple[int, float]:
    """In which step one is after some way, and what part of that step is done."""
    last = len(steps) - 1
    for i, step in enumerate(steps):
        if way <= step or i == last:
            return i, min(way / step, 1.0) if step else 0.0
        way -= step
    raise AssertionError("a stroke has at least one step")


def _lengths(points: Floats) -> list[float]:
    """Distances between successive points."""
    steps = (points[1:] - points[:-1]).tolist()
    return [math.sqrt(dx * dx + dy * dy) for dx, dy in steps]


def _divide(total: int, lengths: Sequence[float]) -> list[int]:
    """``total`` divided in proportion to lengths, into whole numbers."""
    whole = math.fsum(lengths)
    ends = [round(total * math.fsum(lengths[:k]) / whole) for k in range(len(lengths) + 1)]
    return [end - start for start, end in pairwise(ends)]


TABLES = _Tables()


# --- chance, labour and files


class Dice:
    """Random numbers for a chunk of images; each image has a row of its own.

    Parameters
    ----------
    seed, part, chunk : int
        Name the stream.
    count : int
        Number of images, N.
    """

    WIDTH = 1040
    """Numbers in a row: a few more than a digit needs."""

    def __init__(self, seed: int, part: int, chunk: int, count: int) -> None:
        bits = _bits(count * self.WIDTH, seed, part, chunk)
        self._rows = (bits >> np.uint64(11)).reshape(count, self.WIDTH) * 2.0**-53
        self._used = 0

    def uniform(self, low: float, high: float, *shape: int) -> Floats:
        """Numbers in [low, high), of shape ``(N, *shape)``."""
        start, self._used = self._used, self._used + math.prod(shape)
        if self._used > self.WIDTH:
            raise ValueError(f"a digit needs more than {self.WIDTH} numbers; raise Dice.WIDTH")
        rows = self._rows[:, start : self._used].reshape(-1, *shape)
        return low + (high - low) * rows

    def bell(self, *shape: int) -> Floats:
        """Numbers with mean 0 and standard deviation 1, within ±3.5, of shape ``(N, *shape)``."""
        a, b, c, d = (self.uniform(-1, 1, *shape) for _ in range(4))
        return (a + b + c + d) * math.sqrt(0.75)

    def bells(self, count: int) -> list[Floats]:
        """As `bell`: ``count`` columns of shape ``(N, 1)``."""
        return [self.bell(1) for _ in range(count)]


def _bits(count: int, seed: int, *stream: int) -> NDArray[np.uint64]:
    """``count`` random 64-bit numbers of a stream."""
    return np.random.PCG64(np.random.SeedSequence(seed, spawn_key=stream)).random_raw(count)


def _labels(count: int, seed: int, part: int) -> Integers:
    """Classes in equal numbers, up to one, in random order."""
    order = np.argsort(_bits(count, seed, part), kind="stable")
    return order % 10


def _draw(labels: Integers, seed: int, part: int, report: Callable[[int], object]) -> Images:
    """All images, chunk by chunk, on all cores."""
    images = np.empty((len(labels), SIDE, SIDE), dtype=np.uint8)

    def draw_chunk(start: int) -> int:
        some = labels[start : start + CHUNK]
        dice = Dice(seed, part, start // CHUNK, len(some))
        images[start : start + CHUNK] = _draw_chunk(some, dice)
        return len(some)

    pool = ThreadPoolExecutor(_threads())
    try:
        for count in pool.map(draw_chunk, range(0, len(labels), CHUNK)):
            report(count)
    finally:
        pool.shutdown(cancel_futures=True)
    return images


def _threads() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def idx(array: NDArray[np.uint8]) -> bytes:
    """A file in MNIST's format, IDX: a magic number, the lengths of the axes, and the bytes.

    Parameters
    ----------
    array : numpy.ndarray
        ``uint8`` of any shape: ``(N, 28, 28)`` for images, ``(N,)`` for labels.

    Returns
    -------
    bytes

    Examples
    --------
    >>> import numpy as np
    >>> idx(np.array([3, 1, 4], dtype=np.uint8))
    b'\\x00\\x00\\x08\\x01\\x00\\x00\\x00\\x03\\x03\\x01\\x04'
    """
    head = struct.pack(f">{1 + array.ndim}I", 0x800 + array.ndim, *array.shape)
    return head + array.tobytes()


def _put(files: dict[str, bytes], folder: Path) -> None:
    """Write all files under a folder of their own first, and move them when they are on the disk."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder, prefix="drawing-") as unfinished:
        for name, content in files.items():
            with (Path(unfinished) / name).open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
        for name in files:
            (Path(unfinished) / name).replace(folder / name)


def _check_folder(folder: object) -> Path:
    if not isinstance(folder, str | os.PathLike):
        raise TypeError(f"folder is {_checks.described(folder)}; expected the path of a folder")
    path = Path(folder).expanduser()
    if path.exists() and not path.is_dir():
        raise NotADirectoryError(f"folder is {folder}, which is a file; expected a folder")
    return path


def _check_labels(labels: ArrayLike) -> Integers:
    array = np.asarray(labels)
    if array.ndim != 1 or (array.dtype.kind not in "iu" and array.size):
        raise TypeError(
            f"labels is {_checks.described(labels)}; expected a list of whole numbers, such as "
            "[3, 1, 4]"
        )
    wrong = array[(array < 0) | (array > 9)]
    if wrong.size:
        raise ValueError(f"labels has {wrong[0]}; expected classes from 0 to 9")
    return array.astype(np.intp)
