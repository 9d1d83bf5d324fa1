"""The checker of the flatten layer's size (Task 4)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import nn

from mnistlab import _checks
from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, finding
from mnistlab.check.student import values
from mnistlab.check.student.recognise import grouped
from mnistlab.check.student.sandbox import call, printed
from mnistlab.check.student.values import one_number

Sizes = tuple[int, ...]


SIDES = {
    14: (
        "pooling-forgotten",
        "14 · 14 values per map, as after one pooling, or as if each halved one side only",
    ),
    28: ("pooling-forgotten", "28 · 28 values per map, as without pooling"),
    4: ("padding-forgotten", "4 · 4 values per map, as without padding"),
    5: (
        "padding-forgotten",
        "5 · 5 values per map, as without padding in one convolution, or with the padding counted "
        "on one side only: (side + 2 · padding - kernel) + 1",
    ),
    6: (
        "padding-forgotten",
        "6 · 6 values per map, as without padding in one convolution, or without the + 1 in "
        "(side + 2 · padding - kernel) + 1",
    ),
}
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

    Returns
    -------
    Report

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
    if not callable(value_or_f):
        yield from _judge_size([_Q2], [_size_from(value_or_f, "the value")])
        yield from _float("the value", value_or_f)
        return
    answers = []
    for Q2 in _WIDTHS:
        with printed() as output:
            value = call(value_or_f, Q2, shown=f"f({Q2})")
        answers.append(_size_from(value, f"f({Q2})", output.text))
    yield from _judge_size(_WIDTHS, answers)
    yield from _float(f"f({Q2})", value)


def _float(shown: str, value: Any) -> Iterator[Finding]:
    """That a number is a float, although it is a whole one: ``nn.Linear`` would refuse it."""
    number = values.item_of(value)
    if isinstance(number, float) and number.is_integer():
        expected = "an int, which nn.Linear needs: // instead of /"
        yield finding("float-size", f"{shown} is {number!r}, a float", expected)


def _size_from(value: Any, shown: str, output: str = "") -> int | float:
    """The number, also where a shape was given whose product it is."""
    if isinstance(value, tuple | list | torch.Size):
        seen = f"{shown} is {_checks.described(value)}"
        raise StopCheck(finding("wrong-type", seen, "one whole number: channels · height · width"))
    return one_number(value, f"{shown} returns", "one whole number", output)


def _judge_size(widths: Sequence[int], answers: Sequence[float]) -> Iterator[Finding]:
    expected = [49 * Q2 for Q2 in widths]
    if list(answers) == expected:
        return
    for Q2, answer, right in zip(widths, answers, expected, strict=True):
        if answer != right:
            name, meaning = _size_mistake(widths, answers)
            seen = f"{grouped(answer)} for Q2 = {Q2}" + (f": {meaning}" if meaning else "")
            yield finding(name, seen, f"7 · 7 · Q2 = {grouped(right)}")
            return


def _size_mistake(widths: Sequence[int], answers: Sequence[float]) -> tuple[str, str]:
    """Name and meaning of the formula that gives these numbers."""
    if len(answers) > 1 and len(set(answers)) == 1 and answers[0] == 49 * _Q2:
        return "constant", "the same number whatever Q2 is"
    for name, meaning, formula in _wrong_sizes():
        if all(answer == formula(Q2) for Q2, answer in zip(widths, answers, strict=True)):
            return name, meaning
    return "wrong-size", ""


def _wrong_sizes() -> Iterator[tuple[str, str, Callable[[int], int]]]:
    for side, (name, meaning) in SIDES.items():
        yield name, meaning, lambda Q2, side=side: side * side * Q2
    yield "one-side-halved", "7 · 14 values per map", lambda Q2: 7 * 14 * Q2
    yield "channels-forgotten", "7 · 7, the values of one map", lambda _: 49
    yield "channels-forgotten", "one side of one map", lambda _: 7
    yield "one-side-halved", "7 · Q2, one side of each map", lambda Q2: 7 * Q2
    yield "channels-of-the-first-convolution", "7 · 7 · Q1", lambda _: 49 * _Q1
    yield "channels-of-the-first-convolution", "7 · 7 · Q1 · Q2", lambda Q2: 49 * _Q1 * Q2
    for batch in (64, 100, 1000):
        meaning = f"{batch} images of 7 · 7 · Q2"
        yield "batch-counted", meaning, lambda Q2, batch=batch: 49 * Q2 * batch
    yield "parameters-for-size", "(7 · 7 · Q2 + 1) · 10", lambda Q2: (49 * Q2 + 1) * 10
    yield "parameters-for-size", "7 · 7 · Q2 · 10", lambda Q2: 490 * Q2
