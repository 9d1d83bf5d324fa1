"""The checker of a harder exercise: the receptive field of a chain of layers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding
from mnistlab.check.student.recognise import Part, ask, compare_with_formula

Layers = Sequence[tuple[int, int]]

CHAINS: tuple[Layers, ...] = (
    [(5, 1), (2, 2), (5, 1), (2, 2)],
    [(3, 1), (3, 1)],
    [(7, 2), (3, 3), (2, 2), (4, 1)],
    [(4, 3)],
)
"""Kernel size and stride of each layer; network (b) first."""


@checker("field_side")
def field_side(f: Callable[[list[tuple[int, int]]], int]) -> Iterator[Finding]:
    """Check a function that computes the receptive field of a chain of layers.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(layers)`` for several lists of pairs, kernel size and
        stride, the layer at the image first. It returns the side of the square of pixels on which
        one output of the last layer depends.

    Examples
    --------
    >>> def stacked(layers):
    ...     return 1 + sum(kernel - 1 for kernel, stride in layers)
    >>> [one.name for one in check.field_side(stacked).problems]
    ['strides-ignored']
    """
    cases = {f"f({layers})": (list(layers),) for layers in CHAINS}
    answers = [ask(f, arguments, shown) for shown, arguments in cases.items()]
    expected = "1 + the sum over all layers of (kernel - 1) × the product of the strides before"
    yield from compare_with_formula(answers, _side, _PARTS, cases, expected, "wrong-number")


def _side(
    layers: Layers,
    step: str = "before",
    less: int = 1,
    start: int = 1,
    backwards: bool = False,
    gaps: int = 1,
    power: int = 1,
) -> int:
    """Side of the receptive field, or what a wrong formula gives."""
    if not gaps:
        side = start
        for kernel, stride in reversed(layers):
            side = side * stride + kernel - 1
        return side**power
    side, distance = start, 1
    for kernel, stride in reversed(layers) if backwards else layers:
        after = {"none": 1, "last": stride, "sum": distance + stride}.get(step, distance * stride)
        side += (kernel - less) * (after if step == "own" else distance)
        distance = after
    return side**power


_PARTS = (
    Part("strides-ignored", "step", {"none": "kernel - 1 added up, as if all strides were 1"}),
    Part("stride-too-early", "step", {
        "own": "a layer's own stride counted too, not only those before it",
    }),
    Part("strides-not-multiplied", "step", {
        "last": "the stride of the layer before alone, not the product of all",
        "sum": "the strides added, not multiplied",
    }),
    Part("kernel-without-minus-one", "less", {0: "kernel added in place of kernel - 1"}),
    Part("first-pixel-forgotten", "start", {0: "begun with 0; one output is one pixel wide"}),
    Part("layers-reversed", "backwards", {True: "the strides of later layers, not of earlier ones"}),
    Part("gaps-miscounted", "gaps", {
        0: "n · stride + kernel - 1; between n outputs there are n - 1 steps",
    }),
    Part("area-for-side", "power", {2: "the pixels in the square, not its side"}),
)  # fmt: skip
"""The most telling first."""
