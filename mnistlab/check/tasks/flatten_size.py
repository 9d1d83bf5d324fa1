"""The checker of the flatten layer's size (Task 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from torch import nn

from mnistlab import _checks
from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, finding
from mnistlab.check.student.recognise import Part, ask, compare_with_formula

_Q1, _Q2 = 32, 64
_WIDTHS = (_Q2, 5, 24)
"""Values of Q2 that a function is asked for."""


@checker()
def flatten_size(value_or_f: object) -> Iterator[Finding]:
    """Check the number of values that the flatten layer of network (b) hands on (Task 4).

    Parameters
    ----------
    value_or_f : int or callable
        The number for the assignment's network, Q2 = 64; or your function, which is called as
        ``f(Q2)`` for several Q2. A tensor or an array of one whole number will do;
        for a float there is the note ``float-size``, because ``nn.Linear`` refuses it.

    Raises
    ------
    TypeError
        If it is nothing that can be checked.

    Examples
    --------
    >>> check.flatten_size(3136)
    flatten_size: passed
    """
    wrong = value_or_f is None or isinstance(value_or_f, str | bool | nn.Module)
    if wrong:
        raise TypeError(
            f"check.flatten_size was given {_checks.described(value_or_f)}; expected a number, for "
            "the assignment's network, or a function of Q2"
        )
    if callable(value_or_f):
        f, cases = value_or_f, {f"f({Q2})": (Q2,) for Q2 in _WIDTHS}
    else:
        f, cases = (lambda _: value_or_f), {"the value": (_Q2,)}
    one = "one whole number, channels · height · width"
    answers = [ask(f, arguments, shown, one) for shown, arguments in cases.items()]
    yield from compare_with_formula(
        answers, _size, _PARTS, cases, "7 · 7 · Q2", "wrong-size", constant="constant"
    )
    if isinstance(answers[0], float) and answers[0].is_integer():
        yield finding("float-size", f"{next(iter(cases))} is {answers[0]}, a float")


def _size(Q2: int, size: Callable[[int], int] = lambda Q2: 49 * Q2) -> int:
    return size(Q2)


_PARTS = tuple(Part(name, "size", {formula: meaning}) for name, meaning, formula in (
    ("pooling-forgotten", "14 · 14 values per map, as after one pooling, or as if each halved one "
     "side only", lambda Q2: 14 * 14 * Q2),
    ("pooling-forgotten", "28 · 28 values per map, as without pooling", lambda Q2: 28 * 28 * Q2),
    ("padding-forgotten", "4 · 4 values per map, as without padding", lambda Q2: 4 * 4 * Q2),
    ("padding-forgotten", "5 · 5 values per map, as without padding in one convolution, or with "
     "the padding counted on one side only: (side + 2 · padding - kernel) + 1",
     lambda Q2: 5 * 5 * Q2),
    ("padding-forgotten", "6 · 6 values per map, as without padding in one convolution, or without "
     "the + 1 in (side + 2 · padding - kernel) + 1", lambda Q2: 6 * 6 * Q2),
    ("one-side-halved", "7 · 14 values per map", lambda Q2: 7 * 14 * Q2),
    ("channels-forgotten", "7 · 7, the values of one map", lambda _: 49),
    ("channels-forgotten", "one side of one map", lambda _: 7),
    ("one-side-halved", "7 · Q2, one side of each map", lambda Q2: 7 * Q2),
    ("channels-of-the-first-convolution", "7 · 7 · Q1", lambda _: 49 * _Q1),
    ("channels-of-the-first-convolution", "7 · 7 · Q1 · Q2", lambda Q2: 49 * _Q1 * Q2),
    ("batch-counted", "64 images of 7 · 7 · Q2", lambda Q2: 49 * Q2 * 64),
    ("batch-counted", "100 images of 7 · 7 · Q2", lambda Q2: 49 * Q2 * 100),
    ("batch-counted", "1000 images of 7 · 7 · Q2", lambda Q2: 49 * Q2 * 1000),
    ("parameters-for-size", "(7 · 7 · Q2 + 1) · 10", lambda Q2: (49 * Q2 + 1) * 10),
    ("parameters-for-size", "7 · 7 · Q2 · 10", lambda Q2: 490 * Q2),
))  # fmt: skip
"""The most telling first."""
