"""The checker of a harder exercise: how far the kernels of a layer's positions are apart."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.student.recognise import Part, ask, explained
from mnistlab.check.training.averages import close, rounded

Kernels = Sequence[Sequence[float]]

CASES: tuple[Kernels, ...] = (
    ((3, -1, 2, 6), (-2, -3, 4, 3), (2, -2, 0, 3)),
    ((4, 4), (3, 6), (0, 5), (5, 0), (3, 5)),
)
"""The mean kernels are (1, -2, 2, 4) and (3, 4): both have length 5."""


@checker("apart")
def apart(f: Callable[[Tensor], float]) -> Iterator[Finding]:
    """Check a function that computes how far kernels lie from their mean.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(weight)`` with kernels of shape (P, n), a row of n
        weights for each of P positions. It returns the root mean square, over the positions, of a
        kernel's distance to the mean kernel, as a share of the mean kernel's length: 0 if all
        kernels are equal, 0.5 for half a length. What came stays as it is.

    Examples
    --------
    >>> def not_divided(weight):
    ...     return (weight - weight.mean(dim=0)).norm(dim=1).square().mean().sqrt()
    >>> [one.name for one in check.apart(not_divided).problems]
    ['not-divided']
    """
    answers, changed = [], False
    for case in CASES:
        weight = torch.tensor(case, dtype=torch.float32)
        answers.append(_share(f, weight, case))
        if not changed and not torch.equal(weight, torch.tensor(case, dtype=torch.float32)):
            changed = True
            seen = f"the kernels that came are changed by {_shown(case)}"
            yield finding("input-changed", seen, "kernels that stay as they are")
    cases = {_shown(case): (case,) for case in CASES}

    def told(shown: str, answer: float, _: float) -> tuple[str, str]:
        return f"{shown} is {answer:.4g}", _words(*cases[shown])

    yield from explained(answers, _apart, _PARTS, cases, told, "wrong-distance", _same)


def _shown(case: Kernels) -> str:
    return f"f(tensor({[list(map(float, one)) for one in case]}))"


def _words(case: Kernels) -> str:
    """The right answer, and where it comes from."""
    weight = torch.tensor(case, dtype=torch.float64)
    mean = weight.mean(dim=0)
    *most, last = (f"{one:g}" for one in (weight - mean).square().sum(dim=1).tolist())
    words = f"the root of the mean of the squared distances {', '.join(most)} and {last}"
    return f"{_apart(case):.4g}: {words}, divided by {mean.norm():g}, the length of the mean kernel"


def _same(answer: float, value: float) -> bool:
    """Whether an answer is this number; it may be rounded."""
    return close(answer, value) or rounded(answer, value)


def _share(f: Callable[..., Any], weight: Tensor, case: Kernels) -> float:
    """What the function returns; where a mean over the wrong axis does not fit, that is named."""
    try:
        return ask(f, (weight,), _shown(case), "one number, a share of the mean kernel's length")
    except StopCheck as end:
        if any(one in str(end.finding.observed) for one in _DO_NOT_FIT):
            seen, (positions, numbers) = end.finding.observed, weight.shape
            right = f"one mean for each of the {numbers} weights, over the {positions} positions"
            raise stop("mean-over-wrong-axis", seen, right) from end
        raise


_DO_NOT_FIT = ("must match the size of tensor", "could not be broadcast together")
"""What PyTorch and NumPy say where a mean has as many numbers as there are positions."""


# --- the right answer, and the wrong ones


def _apart(
    case: Kernels,
    mean: str = "of the positions",
    centre: str = "mean",
    spread: str = "distances",
    less: int = 0,
    power: int = 1,
    length: str = "of the mean",
    factor: int = 1,
) -> float:
    """How far kernels are from their mean, or what a wrong way to compute it gives."""
    weight = torch.tensor(case, dtype=torch.float64)
    if mean == "of the columns":
        weight = weight.T
    middle = _MEANS[mean](weight)
    from_middle = weight - _CENTRES[centre](weight, middle)
    typical = _SPREADS[spread](from_middle, weight, less)
    share = typical / _LENGTHS[length](weight, middle)
    if length == "its own":
        share = (from_middle.norm(dim=1) / weight.norm(dim=1)).square().mean().sqrt()
    return factor * share.item() ** power


def _rms(numbers: Tensor, less: int = 0) -> Tensor:
    """The root mean square of some numbers, or with a smaller divisor."""
    return (numbers.square().sum() / (numbers.numel() - less)).sqrt()


_MEANS: dict[str, Callable[[Tensor], Tensor]] = {
    "of the positions": lambda w: w.mean(dim=0),
    "of the columns": lambda w: w.mean(dim=0),  # of kernels that are turned round
    "of each kernel": lambda w: w.mean(dim=1, keepdim=True),
    "of all": lambda w: w.mean(),
}

_CENTRES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "mean": lambda w, mean: mean,
    "first": lambda w, _: w[0],
    "last": lambda w, _: w[-1],
    "zero": lambda w, _: torch.zeros(()).double(),
    "next": lambda w, _: w.roll(-1, dims=0),
}

_SPREADS: dict[str, Callable[[Tensor, Tensor, int], Tensor]] = {
    "distances": lambda d, _, less: _rms(d.norm(dim=1), less),
    "mean distance": lambda d, *_: d.norm(dim=1).mean(),
    "median distance": lambda d, *_: d.norm(dim=1).median(),
    "largest distance": lambda d, *_: d.norm(dim=1).max(),
    "sum": lambda d, *_: d.norm(dim=1).sum(),
    "root of the sum": lambda d, *_: d.norm(),
    "root forgotten": lambda d, _, less: _rms(d.norm(dim=1), less).square(),
    "sums of sizes": lambda d, _, less: _rms(d.abs().sum(dim=1), less),
    "std": lambda _, w, __: w.std(),
    "std of many": lambda _, w, __: w.std(correction=0),
    "each weight": lambda d, *_: _rms(d),
    "mean of stds": lambda _, w, __: w.std(dim=0).mean(),
    "mean of stds of many": lambda _, w, __: w.std(dim=0, correction=0).mean(),
    "mean size": lambda d, *_: d.abs().mean(),
    "across": lambda d, *_: _rms(d.norm(dim=0)),
}
"""Of differences from the middle, and of the kernels: what a function may take for typical."""

_LENGTHS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {
    "of the mean": lambda w, mean: mean.norm(),
    "of the first": lambda w, _: w[0].norm(),
    "of the last": lambda w, _: w[-1].norm(),
    "mean": lambda w, _: w.norm(dim=1).mean(),
    "rms": lambda w, _: _rms(w.norm(dim=1)),
    "of all": lambda w, _: w.norm(),
    "its own": lambda w, mean: mean.norm(),
    "number": lambda w, _: w.mean().abs(),
    "mean size": lambda w, _: w.abs().mean(),
    "sizes": lambda _, mean: mean.abs().sum(),
    "size": lambda _, mean: mean.abs().mean(),
    "per weight": lambda _, mean: _rms(mean),
    "squared": lambda _, mean: mean.square().sum(),
    "none": lambda *_: torch.ones(()).double(),
}
"""Of the kernels and the mean kernel: what a function may divide by."""

_PARTS = (
    Part("mean-over-wrong-axis", "mean", {
        "of each kernel": "the mean of a kernel's own weights, not that of the kernels",
        "of the columns": "the columns are taken for the kernels",
        "of all": "one mean of all weights of all kernels, which is no kernel",
    }),
    Part("compared-with-one-kernel", "centre", {
        "first": "the distances to the first kernel", "last": "the distances to the last kernel",
        "next": "the distances of each kernel to the next one",
    }),
    Part("mean-not-subtracted", "centre", {"zero": "the lengths of the kernels, not their distances"}),
    Part("numbers-for-distances", "spread", {
        "std": "the standard deviation of all weights",
        "std of many": "the standard deviation of all weights",
        "each weight": "the root mean square over single weights, not over kernels",
        "mean of stds": "the mean of the weights' standard deviations",
        "mean of stds of many": "the mean of the weights' standard deviations",
        "mean size": "the mean size of the single differences",
    }),
    Part("other-average", "spread", {
        "mean distance": "the mean of the distances", "median distance": "their median",
        "largest distance": "the largest distance", "sum": "the sum of the distances",
        "root of the sum": "the root of the sum of the squared distances, not of their mean",
    }),
    Part("summed-over-wrong-axis", "spread", {
        "across": "the squares are added up over the positions, and averaged over the weights",
    }),
    Part("root-forgotten", "spread", {"root forgotten": "the mean of the squared distances"}),
    Part("root-forgotten", "power", {2: "the square of the share"}),
    Part("sizes-for-squares", "spread", {
        "sums of sizes": "a distance is the sum of the differences' sizes",
    }),
    Part("divided-by-one-less", "less", {1: "the sum is divided by P - 1"}),
    Part("not-divided", "length", {"none": "not divided by a length"}),
    Part("divided-by-other-length", "length", {
        "of the first": "divided by the length of the first kernel",
        "of the last": "divided by the length of the last kernel",
        "mean": "divided by the mean length of the kernels",
        "rms": "divided by the root mean square length of the kernels",
        "of all": "divided by the length of all weights together",
        "its own": "each distance is divided by the length of its own kernel",
        "number": "divided by the mean of all weights, which is no length",
        "mean size": "divided by the mean size of all weights, which is no length",
        "sizes": "divided by the sum of the sizes of the mean kernel's weights",
        "size": "divided by the mean size of the mean kernel's weights",
        "per weight": "divided by the root mean square of the mean kernel's weights",
        "squared": "divided by the squared length of the mean kernel",
    }),
    Part("percent-for-fraction", "factor", {100: "a percentage"}),
)  # fmt: skip
"""The most telling first."""
