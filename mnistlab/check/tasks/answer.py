"""The checker of single numbers: the harder exercises."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from mnistlab import parameters
from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, finding
from mnistlab.check.student.probe_data import BATCH
from mnistlab.check.student.recognise import grouped
from mnistlab.check.student.values import one_number

TRAIN, TEST = 60_000, 10_000
"""Images of MNIST."""


@dataclass(frozen=True)
class Answer:
    """One question."""

    right: float  # the answer
    asked: str  # what is asked for, in words that do not give it away
    explain: Callable[[float], str]  # takes a wrong answer; says how one comes to it, or nothing


@checker(question=True)
def answer(name: str, value: Any) -> Iterator[Finding]:
    """Check the answer to a harder exercise that asks for one number.

    Parameters
    ----------
    name : str
        ``"full-batches"``, ``"receptive-field"``, ``"colour-flatten-size"``,
        ``"equal-parameters"`` or ``"last-batch-weight"``.
    value : number
        Your answer: an ``int``, a ``float``, or a tensor or an array of one number.

    Returns
    -------
    Report
        What is observed says how one comes to the usual wrong answers. The right one is not told.

    Raises
    ------
    ValueError
        If there is no exercise of this name that asks for a number.

    Examples
    --------
    >>> check.answer("full-batches", 80)
    answer full-batches: passed
    """
    if name not in ANSWERS:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(ANSWERS)}")
    wanted = ANSWERS[name]
    given = one_number(value, "the answer", "one number")
    if math.isclose(given, wanted.right, rel_tol=1e-9):
        return
    why = wanted.explain(given)
    told = {"given": grouped(given), "why": f": {why}" if why else ""}
    yield finding("wrong-answer", **told, asked=wanted.asked)


# --- how one comes to wrong answers


def _slips(*slips: tuple[float, str]) -> Callable[[float], str]:
    """Looks a wrong answer up, which may have been rounded to three digits."""

    def explain(value: float) -> str:
        alike = (why for slip, why in slips if math.isclose(value, slip, rel_tol=5e-3))
        return dict(slips).get(value) or next(alike, "")

    return explain


def _batches(size: float) -> str:
    if int(size) != size:
        return "a batch has a whole number of images"
    if size <= BATCH:
        return f"not above {BATCH}"
    for images, which in ((TRAIN, "training"), (TEST, "test")):
        if images % size:
            return f"the last {which} batch has {images % int(size)} images"
    return "it divides both numbers; there is a smaller one that does"


def _seen(layers: str, doubled: bool = True) -> int:
    """Side of the square of pixels on which one output of these layers depends."""
    side, step = 1, 1
    for layer in layers.split():
        side += {"conv": 4, "pool": 1}[layer] * step
        step *= 2 if layer == "pool" and doubled else 1
    return side


def _handed_on(poolings: int, channels: int) -> int:
    """Numbers that a flatten layer hands on, for images of 32 × 32 pixels."""
    return (32 // 2**poolings) ** 2 * channels


def _both(Q: int) -> tuple[int, int]:
    """Parameters of the convolutional network with the widths Q and 2 Q, and of the other one."""
    convolutional = parameters.convolutional_parameters(Q, 2 * Q, 10)
    return convolutional, parameters.fully_connected_parameters(784, 100, 10)


def _parameters(Q: float) -> str:
    if int(Q) != Q or Q < 1:
        return "a width is a whole number, at least 1"
    convolutional, most = _both(int(Q))
    text = f"with Q = {grouped(int(Q))} there are {grouped(convolutional)} parameters"
    if convolutional > most:
        return f"{text}, more than {grouped(most)}"
    return f"{text}, no more than {grouped(most)}; but a larger Q is possible"


# --- the questions

_LAST, _BATCHES = TEST % BATCH, math.ceil(TEST / BATCH)
"""Images in the last test batch of the training batch size, and the number of such batches."""

ANSWERS = {
    "full-batches": Answer(
        next(size for size in itertools.count(BATCH + 1) if not TRAIN % size and not TEST % size),
        f"the smallest number above {BATCH} that divides both {grouped(TRAIN)} and {grouped(TEST)}",
        _batches,
    ),
    "receptive-field": Answer(
        _seen("conv pool conv pool"),
        "the side of the square, in pixels, from the second max-pooling back to the input",
        _slips(
            (_seen("conv pool conv"),
             "what an output of the second convolution sees; a pooling follows"),
            (_seen("conv conv pool"), "as without the first pooling"),
            (_seen("conv conv"), "as without the two poolings"),
            (_seen("conv pool"), "what an output of the first pooling sees"),
            (_seen("conv"), "what an output of the first convolution sees"),
            (_seen("pool pool"), "as without the two convolutions"),
            (_seen("conv pool conv pool", doubled=False),
             "neighbours behind the first pooling lie two pixels apart, not one"),
            (_seen("conv pool conv pool") ** 2, "the pixels in the square, not its side"),
            (_seen("conv pool conv pool") - 1, "from the first to the last pixel; both count"),
            (7, "the side of what comes out of the second pooling"),
            (28, "the side of the whole image"),
        ),
    ),
    "colour-flatten-size": Answer(
        _handed_on(3, 64),
        "the numbers that the third block hands on: its channels times height times width",
        _slips(
            (_handed_on(2, 64), "as after two poolings"),
            (_handed_on(1, 64), "as after one pooling"),
            (_handed_on(0, 64), "as without poolings"),
            (_handed_on(3, 16), "the channels of the first convolution"),
            (_handed_on(3, 32), "the channels of the second convolution"),
            (_handed_on(3, 16 + 32 + 64), "the channels of all blocks; only the last hands on"),
            (_handed_on(3, 3 * 64), "the colours counted again, or the numbers that come in"),
            (_handed_on(3, 1), "the values of one channel"),
            (64, "the channels alone, without their height and width"),
            (3 * 3 * 64, "as for images of 28 × 28 pixels"),
            (7 * 7 * 64, "that of the assignment's network, for images of 28 × 28 pixels"),
        ),
    ),
    "equal-parameters": Answer(
        next(Q for Q in itertools.count(1) if _both(Q + 1)[0] > _both(Q + 1)[1]),
        "the largest width Q with no more parameters than the fully-connected network",
        _parameters,
    ),
    "last-batch-weight": Answer(
        BATCH / _LAST,
        "what an image of the last batch counts, divided by what any other image counts",
        _slips(
            (_LAST / BATCH, "the other way round: what another image counts beside it"),
            (1, "all images alike, as they should; but here each batch counts alike"),
            (_LAST, "the number of images in the last batch"),
            (BATCH, "the number of images in each other batch"),
            (_BATCHES, "the number of batches"),
            (1 / _LAST, "its part of the last batch; divide by that of another image"),
            (1 / BATCH, "the part of another image in its batch"),
            (1 / _BATCHES, "the part of each batch in the mean"),
            (TEST / _BATCHES / _LAST, "as much as it should count; compare with another image"),
        ),
    ),
}  # fmt: skip
"""The questions by name."""
