"""Checkers of formulas for the number of parameters: Task 10, and a harder exercise."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from itertools import combinations
from typing import Any

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding
from mnistlab.check.student.recognise import Formula, Part, ask, compare_with_formula

Sizes = tuple[int, ...]


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
    kernel: int | tuple[int, int] = 25,
    places: tuple[int, int] = (1, 1),
    hidden: int = 0,
    fixed: str = "",
) -> int:
    Q1, Q2, O = ({"Q1": Q1, "Q2": Q2, "O": O} | _fixed(fixed)).values()
    inputs = {"all": Q1, "one": 1}[channels]
    first, second = (kernel, kernel) if isinstance(kernel, int) else kernel
    sizes = {
        "first": (first, Q1, places[0], 1),
        "second": (second * inputs, Q2, places[1], inputs),
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
        biases = {"inputs": behind, "kernels": kernels * outputs, "one": 1}.get(bias, outputs)
        places = 1 if bias == "shared" else times
        total += times * behind * outputs + (0 if number in without else places * biases)
    return total


_POSITIONS = (28 * 28, 14 * 14)
"""Where the kernels of the two convolutions stand."""

_local = functools.partial(_convolutional, places=_POSITIONS)

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
            side: f"{side} · {side} · Q2 inputs of the last layer" for side in (28, 14, 4, 5, 6, 1)
        }),
        Part("formula-flatten-size", "layers", {
            "first second last-Q1": "7 · 7 · Q1 inputs of the last layer",
            "first second last-one": "7 · 7 inputs of the last layer, without Q2",
        }),
        Part("formula-kernel-size", "kernel", {
            5: "5 weights in a kernel", 9: "kernels of 3 × 3", 49: "kernels of 7 × 7",
            1: "1 weight in a kernel",
            (25, 9): "kernels of 5 × 5 and of 3 × 3", (9, 25): "kernels of 3 × 3 and of 5 × 5",
            (25, 49): "kernels of 5 × 5 and of 7 × 7", (49, 25): "kernels of 7 × 7 and of 5 × 5",
        }),
        Part("layer-too-many", "hidden", {
            width: f"another fully-connected layer, of {width}, before the last"
            for width in (10, 32, 50, 64, 84, 100, 120, 128, 200, 256, 500, 512, 1000, 1024)
        }),
        _hard_coded("Q1 = 32", "Q2 = 64", "O = 10"),
        Part("sharing-forgotten", "places", {_POSITIONS: "the weights counted for each place"}),
        Part("layer-forgotten", "layers", {
            "first second": "the convolutions only", "first last": "without the second convolution",
            "second last": "without the first convolution", "last": "the last layer only",
        }),
    ),
}  # fmt: skip
_PARTS["local_parameters"] = (
    Part("sharing-assumed", "places", {
        (1, 1): "one kernel for all positions, as in a convolution",
        (784, 1): "one kernel for all positions in the second layer",
        (1, 196): "one kernel for all positions in the first layer",
    }),
    Part("bias-shared", "bias", {"shared": "one bias per map, not per position"}),
    Part("formula-positions", "places", {
        (196, 49): "the positions that are left after each pooling",
        (784, 784): "28 · 28 positions in the second layer too",
        (576, 64): "24 · 24 and 8 · 8 positions, as without padding",
        (576, 100): "24 · 24 and 10 · 10 positions, as without padding",
        (28, 14): "one side of each map in place of its positions",
    }),
    *(part for part in _PARTS["convolutional_parameters"] if part.option != "places"),
)  # fmt: skip


@checker("fully_connected_parameters")
def fully_connected_parameters(f: Callable[[int, int, int], int]) -> Iterator[Finding]:
    """Check a function that computes the number of parameters of network (a) (Task 10).

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(D, K, O)`` for three sets of sizes and returns a number.

    Notes
    -----
    A wrong formula is recognized by its three numbers: no other one of the usual mistakes, alone
    or two together, gives the same.

    Examples
    --------
    >>> def no_biases(D, K, O):
    ...     return D * K + K * K + K * O
    >>> [one.name for one in check.fully_connected_parameters(no_biases).problems]
    ['biases-forgotten']
    """
    asked = ((784, 100, 10), (20, 7, 3), (5, 11, 2))
    expected = "(D + 1) · K + (K + 1) · K + (K + 1) · O"
    parts = _PARTS["fully_connected_parameters"]
    yield from _formula(f, _fully_connected, parts, asked, expected)


@checker("convolutional_parameters")
def convolutional_parameters(f: Callable[[int, int, int], int]) -> Iterator[Finding]:
    """Check a function that computes the number of parameters of network (b) (Task 10).

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(Q1, Q2, O)`` for three sets of sizes, for images of
        28 × 28 pixels, and returns a number.

    Examples
    --------
    >>> def formula(Q1, Q2, O):
    ...     return 26 * Q1 + (25 * Q1 + 1) * Q2 + (49 * Q2 + 1) * O
    >>> check.convolutional_parameters(formula)
    convolutional_parameters: passed
    """
    asked = ((32, 64, 10), (3, 5, 7), (8, 2, 3))
    expected = "26 · Q1 + (25 · Q1 + 1) · Q2 + (49 · Q2 + 1) · O"
    parts = _PARTS["convolutional_parameters"]
    yield from _formula(f, _convolutional, parts, asked, expected)


@checker("local_parameters")
def local_parameters(f: Callable[[int, int, int], int]) -> Iterator[Finding]:
    """Check a formula for network (b) with locally connected layers in place of convolutions.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(Q1, Q2, O)`` for three sets of sizes, for images of
        28 × 28 pixels, and returns a number.

    Examples
    --------
    >>> from mnistlab import convolutional_parameters
    >>> [one.name for one in check.local_parameters(convolutional_parameters).problems]
    ['sharing-assumed']
    """
    asked = ((8, 16, 10), (3, 5, 7), (6, 2, 3))
    expected = "784 · 26 · Q1 + 196 · (25 · Q1 + 1) · Q2 + (49 · Q2 + 1) · O"
    yield from _formula(f, _local, _PARTS["local_parameters"], asked, expected)


def _formula(
    f: Callable[..., Any],
    formula: Formula,
    parts: Sequence[Part],
    asked: Sequence[Sizes],
    expected: str,
) -> Iterator[Finding]:
    cases = {f"f{sizes}": sizes for sizes in asked}
    answers = [ask(f, sizes, shown) for shown, sizes in cases.items()]
    yield from compare_with_formula(
        answers, formula, parts, cases, expected, "wrong-number", "formula-constant"
    )
