"""The checker of single numbers: the harder exercises."""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mnistlab import parameters
from mnistlab.check.report.report import Finding, Found, Report, found
from mnistlab.check.student import returned, sandbox
from mnistlab.check.student.probe_data import BATCH
from mnistlab.check.student.recognise import grouped
from mnistlab.check.student.unfilled import told_if_unfilled

TRAIN, TEST = 60_000, 10_000
"""Images of MNIST."""


@dataclass(frozen=True)
class Answer:
    """One question.

    Attributes
    ----------
    right : float
        The answer.
    asked : str
        What is asked for, in words that do not give it away.
    explain : callable
        Takes a wrong answer; says how one comes to it, or nothing.
    """

    right: float
    asked: str
    explain: Callable[[float], str]


def _named(checker: Callable[[str, Any], Report]) -> Callable[[str, Any], Report]:
    """Decorate the checker: the report tells which question it is about."""

    @functools.wraps(checker)
    def checked(name: str, value: Any) -> Report:
        return replace(checker(name, value), question=name if isinstance(name, str) else "")

    return checked


@_named
@told_if_unfilled
def answer(name: str, value: Any) -> Report:
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
    """
    if name not in ANSWERS:
        raise ValueError(f"name is {name!r}; expected one of {', '.join(ANSWERS)}")
    return sandbox.judge("answer", lambda: _findings(ANSWERS[name], value))


def _findings(wanted: Answer, value: Any) -> Iterator[Finding]:
    given = _number(value)
    if math.isclose(given, wanted.right, rel_tol=1e-9):
        return
    why = wanted.explain(given)
    shown = grouped(int(given) if given == int(given) else given)
    yield found("wrong-answer", f"{shown}: {why}" if why else shown, wanted.asked)


def _number(value: Any) -> float:
    """The value as a number; anything else ends the check. True and False are none."""
    truth = isinstance(value, bool | np.bool_) or str(getattr(value, "dtype", "")).endswith("bool")
    number = None if truth else returned.number(value)
    if number is None or not math.isfinite(number):
        quoted = "; write it without quotation marks" if isinstance(value, str) else ""
        shape = returned.shown(value)
        raise Found(found("wrong-type", f"the answer is {shape}", f"one number{quoted}"))
    return number


# --- the questions


def _answers() -> Iterator[tuple[str, Answer]]:
    yield (
        "full-batches",
        Answer(
            next(
                size for size in itertools.count(BATCH + 1) if not TRAIN % size and not TEST % size
            ),
            f"the smallest number above {BATCH} that divides both {grouped(TRAIN)} and {grouped(TEST)}",
            _batches,
        ),
    )
    yield (
        "receptive-field",
        Answer(
            _seen("conv pool conv pool"),
            "the side of the square, in pixels, from the second max-pooling back to the input",
            _recognised(
                {
                    _seen(
                        "conv pool conv"
                    ): "an output of the second convolution; a pooling follows",
                    _seen("conv conv pool"): "as without the first pooling",
                    _seen("conv conv"): "as without the two poolings",
                    _seen("conv pool"): "an output of the first pooling",
                    _seen("conv"): "an output of the first convolution",
                    _seen("pool pool"): "as without the two convolutions",
                    _seen(
                        "conv pool conv pool", doubled=False
                    ): "neighbours behind the first pooling lie two pixels apart, not one",
                    _seen("conv pool conv pool") ** 2: "the pixels in the square, not its side",
                    _seen("conv pool conv pool")
                    - 1: "from the first to the last pixel; both count",
                    7: "the side of what comes out of the second pooling",
                    28: "the side of the whole image",
                }
            ),
        ),
    )
    yield (
        "colour-flatten-size",
        Answer(
            _handed_on(3, 64),
            "the numbers that the third block hands on: its channels times height times width",
            _recognised(
                {
                    _handed_on(2, 64): "as after two poolings",
                    _handed_on(1, 64): "as after one pooling",
                    _handed_on(0, 64): "as without poolings",
                    _handed_on(3, 16): "the channels of the first convolution",
                    _handed_on(3, 32): "the channels of the second convolution",
                    _handed_on(
                        3, 16 + 32 + 64
                    ): "the channels of all blocks; only the last hands on",
                    _handed_on(3, 3 * 64): "the colours counted again, or the numbers that come in",
                    _handed_on(3, 1): "the values of one channel",
                    64: "the channels alone, without their height and width",
                    3 * 3 * 64: "as for images of 28 × 28 pixels",
                    7 * 7 * 64: "that of the assignment's network, for images of 28 × 28 pixels",
                }
            ),
        ),
    )
    yield (
        "equal-parameters",
        Answer(
            _widest(),
            "the largest width Q with no more parameters than the fully-connected network",
            _parameters,
        ),
    )
    last = TEST % BATCH
    batches = math.ceil(TEST / BATCH)
    yield (
        "last-batch-weight",
        Answer(
            BATCH / last,
            "what an image of the last batch counts, divided by what any other image counts",
            _recognised(
                {
                    last / BATCH: "the other way round: what another image counts beside it",
                    1: "all images alike, as they should; but here each batch counts alike",
                    last: "the images of the last batch",
                    BATCH: "the images of the other batches",
                    batches: "the number of batches",
                    1 / last: "its part of the last batch; divide by that of another image",
                    1 / BATCH: "the part of another image in its batch",
                    1 / batches: "the part of each batch in the mean",
                    TEST / batches / last: "as much as it should count; compare with another image",
                }
            ),
        ),
    )


def _recognised(slips: Mapping[float, str]) -> Callable[[float], str]:
    """Looks a wrong answer up, which may have been rounded to three digits."""

    def explain(value: float) -> str:
        alike = (why for slip, why in slips.items() if math.isclose(value, slip, rel_tol=5e-3))
        return slips.get(value) or next(alike, "")

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


def _widest() -> int:
    return next(Q for Q in itertools.count(1) if _both(Q + 1)[0] > _both(Q + 1)[1])


def _parameters(Q: float) -> str:
    if int(Q) != Q or Q < 1:
        return "a width is a whole number, at least 1"
    convolutional, most = _both(int(Q))
    text = f"with Q = {grouped(int(Q))} there are {grouped(convolutional)} parameters"
    if convolutional > most:
        return f"{text}, more than {grouped(most)}"
    return f"{text}, no more than {grouped(most)}; but a larger Q is possible"


ANSWERS = dict(_answers())
"""The questions by name."""
