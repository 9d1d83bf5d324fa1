"""Checkers of formulas: Task 4's size of the flatten layer, and Task 10's parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

import torch
from torch import nn

from mnistlab import _checks
from mnistlab.check.report.report import Finding, Found, Report, found
from mnistlab.check.student import returned
from mnistlab.check.student.recognise import Formula, Part, ask, grouped, number_from, recognised
from mnistlab.check.student.sandbox import call, judge, printed, require_function
from mnistlab.check.student.unfilled import told_if_unfilled

Sizes = tuple[int, ...]
WRONG = ("wrong-number", "")

# --- Task 4: the size of the flatten layer

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


@told_if_unfilled
def flatten_size(value_or_f: object) -> Report:
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
    """
    wrong = value_or_f is None or isinstance(value_or_f, str | bool | nn.Module)
    if wrong:
        raise TypeError(
            f"check.flatten_size was given {_checks.described(value_or_f)}; expected a number, for "
            "the assignment's network, or a function of Q2"
        )
    return judge("flatten_size", lambda: _flatten_size(value_or_f))


def _flatten_size(value_or_f: Any) -> Iterator[Finding]:
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
    number = returned.item_of(value)
    if isinstance(number, float) and number.is_integer():
        expected = "an int, which nn.Linear needs: // instead of /"
        yield found("float-size", f"{shown} is {number!r}, a float", expected)


def _size_from(value: Any, shown: str, output: str = "") -> int | float:
    """The number, also where a shape was given whose product it is."""
    if isinstance(value, tuple | list | torch.Size):
        seen = f"{shown} is {_checks.described(value)}"
        raise Found(found("wrong-type", seen, "one whole number: channels · height · width"))
    return number_from(value, shown, output)


def _judge_size(widths: Sequence[int], answers: Sequence[float]) -> Iterator[Finding]:
    expected = [49 * Q2 for Q2 in widths]
    if list(answers) == expected:
        return
    for Q2, answer, right in zip(widths, answers, expected, strict=True):
        if answer != right:
            name, meaning = _size_mistake(widths, answers)
            seen = f"{grouped(answer)} for Q2 = {Q2}" + (f": {meaning}" if meaning else "")
            yield found(name, seen, f"7 · 7 · Q2 = {grouped(right)}")
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


# --- Task 10: the formulas


def _fully_connected(
    D: int,
    K: int,
    O: int,
    layers: str = "D-K K-K K-O",
    without: Sequence[int] = (),
    bias: str = "outputs",
    fixed: str = "",
) -> int:
    widths = {"D": D, "K": K, "O": O} | _fixed(fixed)
    pairs = [[widths[symbol] for symbol in pair.split("-")] for pair in layers.split()]
    sizes = [(inputs, outputs, 1, 1) for inputs, outputs in pairs]
    return _total(sizes, without, bias)


def _convolutional(
    Q1: int,
    Q2: int,
    O: int,
    layers: str = "first second last",
    without: Sequence[int] = (),
    bias: str = "outputs",
    channels: str = "all",
    side: int = 7,
    kernel: int = 25,
    places: bool = False,
    hidden: int = 0,
    fixed: str = "",
) -> int:
    Q1, Q2, O = ({"Q1": Q1, "Q2": Q2, "O": O} | _fixed(fixed)).values()
    inputs = {"all": Q1, "one": 1}[channels]
    sizes = {
        "first": (kernel, Q1, 784 if places else 1, 1),
        "second": (kernel * inputs, Q2, 196 if places else 1, inputs),
        "last": (side * side * Q2, O, 1, 1),
        "last-Q1": (side * side * Q1, O, 1, 1),
        "last-one": (side * side, O, 1, 1),
    }
    chosen = [sizes[one] for one in layers.split()]
    if hidden:
        chosen[-1:] = [(chosen[-1][0], hidden, 1, 1), (hidden, O, 1, 1)]
    return _total(chosen, without, bias)


def _fixed(fixed: str) -> dict[str, int]:
    """Sizes that are numbers instead of arguments, such as ``"D = 784, O = 10"``."""
    pairs = (one.split(" = ") for one in fixed.split(", ") if one)
    return {symbol: int(size) for symbol, size in pairs}


def _hard_coded(*sizes: str) -> Part:
    """The assignment's sizes in place of one or two of the arguments."""
    fixed = [", ".join(some) for count in (1, 2) for some in combinations(sizes, count)]
    return Part("formula-sizes-fixed", "fixed", {one: f"always with {one}" for one in fixed})


def _total(sizes: Sequence[tuple[int, int, int, int]], without: Sequence[int], bias: str) -> int:
    """Sum over layers: weights behind an output, outputs, how often counted, kernels per output."""
    total = 0
    for number, (behind, outputs, times, kernels) in enumerate(sizes):
        biases = {"outputs": outputs, "inputs": behind, "kernels": kernels * outputs, "one": 1}[
            bias
        ]
        total += times * (behind * outputs + (0 if number in without else biases))
    return total


_BIASES = (
    Part("biases-forgotten", "without", {
        (0, 1, 2, 3): "weights only, no biases",
        (0, 1): "no biases in the first two layers", (1, 2): "no biases in the last two layers",
        (0, 2): "biases in the second layer only", (0,): "no biases in the first layer",
        (1,): "no biases in the second layer", (2,): "no biases in the last layer",
    }),
    Part("biases-forgotten", "bias", {"one": "one bias per layer"}),
    Part("bias-per-input", "bias", {"inputs": "a bias for each input of a layer"}),
)  # fmt: skip
_PARTS = {
    "fully_connected_parameters": (
        Part("layer-forgotten", "layers", {
            "D-K K-O": "the layers D → K and K → O only", "D-K K-K": "without the last layer",
            "K-K K-O": "without the first layer", "D-O": "one layer D → O",
        }),
        Part("layer-too-many", "layers", {"D-K K-K K-K K-O": "three hidden layers"}),
        *_BIASES,
        _hard_coded("D = 784", "K = 100", "O = 10"),
    ),
    "convolutional_parameters": (
        *_BIASES,
        Part("bias-per-kernel", "bias", {"kernels": "a bias for each of the Q1 · Q2 kernels"}),
        Part("input-channels-forgotten", "channels", {
            "one": "25 weights for each channel of the second convolution, instead of 25 · Q1",
        }),
        Part("formula-flatten-size", "side", {
            28: "28 · 28 · Q2 inputs of the last layer", 14: "14 · 14 · Q2 inputs of the last layer",
            4: "4 · 4 · Q2 inputs of the last layer", 1: "Q2 inputs of the last layer",
        }),
        Part("formula-flatten-size", "layers", {
            "first second last-Q1": "7 · 7 · Q1 inputs of the last layer",
            "first second last-one": "7 · 7 inputs of the last layer, without Q2",
        }),
        Part("formula-kernel-size", "kernel", {
            5: "5 weights in a kernel", 9: "kernels of 3 × 3", 49: "kernels of 7 × 7",
            1: "1 weight in a kernel",
        }),
        Part("layer-too-many", "hidden", {
            width: f"another fully-connected layer, of {width}, before the last"
            for width in (10, 32, 50, 64, 84, 100, 120, 128, 200, 256, 500, 512, 1000, 1024)
        }),
        _hard_coded("Q1 = 32", "Q2 = 64", "O = 10"),
        Part("sharing-forgotten", "places", {True: "the weights counted for each place"}),
        Part("layer-forgotten", "layers", {
            "first second": "the convolutions only", "first last": "without the second convolution",
            "second last": "without the first convolution", "last": "the last layer only",
        }),
    ),
}  # fmt: skip


@told_if_unfilled
def fully_connected_parameters(f: Callable[[int, int, int], int]) -> Report:
    """Check a function that computes the number of parameters of network (a) (Task 10).

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(D, K, O)`` for three sets of sizes and returns a number.

    Returns
    -------
    Report

    Raises
    ------
    TypeError
        If it is nothing that can be checked.

    Notes
    -----
    A wrong formula is recognised by its three numbers: no other one of the usual mistakes, alone
    or two together, gives the same.
    """
    asked = ((784, 100, 10), (20, 7, 3), (5, 11, 2))
    expected = "(D + 1) · K + (K + 1) · K + (K + 1) · O"
    return _formula("fully_connected_parameters", f, _fully_connected, "D K O", asked, expected)


@told_if_unfilled
def convolutional_parameters(f: Callable[[int, int, int], int]) -> Report:
    """Check a function that computes the number of parameters of network (b) (Task 10).

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(Q1, Q2, O)`` for three sets of sizes, for images of
        28 × 28 pixels, and returns a number.

    Returns
    -------
    Report

    Raises
    ------
    TypeError
        If it is nothing that can be checked.
    """
    asked = ((32, 64, 10), (3, 5, 7), (8, 2, 3))
    expected = "26 · Q1 + (25 · Q1 + 1) · Q2 + (49 · Q2 + 1) · O"
    return _formula("convolutional_parameters", f, _convolutional, "Q1 Q2 O", asked, expected)


def _formula(
    checker: str,
    f: Callable[..., Any],
    formula: Formula,
    symbols: str,
    asked: Sequence[Sizes],
    expected: str,
) -> Report:
    require_function(checker, f, checker)

    def findings() -> Iterator[Finding]:
        answers = [ask(f, sizes, f"f{sizes}") for sizes in asked]
        right = [formula(*sizes) for sizes in asked]
        wrong = [place for place in range(len(asked)) if answers[place] != right[place]]
        if not wrong:
            return
        place = wrong[0]
        values = zip(symbols.split(), asked[place], strict=True)
        case = ", ".join(f"{symbol} = {size}" for symbol, size in values)
        seen = f"{grouped(answers[place])} for {case}"
        wanted = f"{expected}: {grouped(right[place])}"
        if len(set(answers)) == 1:
            yield found("formula-constant", f"{seen}, and for all other sizes", wanted)
            return
        for name, meaning in recognised(_PARTS[checker], formula, asked, answers) or [WRONG]:
            yield found(name, seen + (f": {meaning}" if meaning else ""), wanted)

    return judge(checker, findings)
