"""The checker of a harder exercise: a learning rate is chosen."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from statistics import fmean, median
from typing import Any

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, stop
from mnistlab.check.student.recognise import Part, ask, explained
from mnistlab.check.student.sandbox import call
from mnistlab.check.student.values import described, number, one_number

Errors = dict[float, list[float]]

REFUSED = "a ValueError"
"""In place of a rate."""


@checker("best_rate")
def best_rate(f: Callable[[Errors], float]) -> Iterator[Finding]:
    """Check a function that chooses a learning rate, and refuses one at the edge.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(errors)``: for each rate the validation errors of its
        runs, one for each seed, in any order of the rates and not equally many. It returns the rate
        with the smallest mean, and raises a ``ValueError`` if it is the smallest or the largest.

    Examples
    --------
    >>> def lowest(errors):
    ...     return min(errors, key=lambda rate: min(errors[rate]))
    >>> [one.name for one in check.best_rate(lowest).problems]
    ['best-single-run', 'edge-accepted']
    """
    cases = {f"f({errors})": (errors,) for errors in CASES}
    answers = [_chosen(f, errors, shown) for shown, (errors,) in cases.items()]
    yield from explained(answers, _best, _PARTS, cases, _told, "wrong-rate")


def _told(shown: str, answer: float | str, right: float | str) -> tuple[str, str]:
    seen = f"{shown} raises {REFUSED}" if answer == REFUSED else f"{shown} is {answer:.6g}"
    return seen, _REFUSAL if right == REFUSED else f"{right}, the rate whose mean error is smallest"


CASES: tuple[Errors, ...] = (
    {0.1: [0.05, 0.07], 0.05: [0.11], 0.3: [0.02, 0.13], 1.0: [0.9, 0.9], 3.0: [0.8, 0.8],
     0.001: [0.5, 0.5]},
    {0.1: [0.09, 0.09, 0.5], 0.01: [0.1, 0.1, 0.1], 1.0: [0.9, 0.8, 0.9]},
    {0.1: [0.15, 0.15], 1.0: [0.05, 0.2], 0.01: [0.9, 0.8]},
)  # fmt: skip
"""Another answer for each way to choose; in the last two the best is the smallest, the largest."""

_REFUSAL = (
    f"{REFUSED}, with raise: the best of these rates lies at the edge, and a better one may lie "
    "beyond"
)


def _chosen(f: Callable[..., Any], errors: Errors, shown: str) -> float | str:
    """What the function returns, or that it has refused."""
    inside = errors is CASES[0]
    try:
        if inside:
            return ask(f, (copy.deepcopy(errors),), shown, "one of the rates")
        value = call(f, copy.deepcopy(errors), shown=shown)
    except StopCheck as end:
        if isinstance(end.__cause__, ValueError):
            return REFUSED
        if inside or end.finding.name != "raised":
            raise
        raise stop("other-error", end.finding.observed, _REFUSAL) from end
    if number(value) is None:
        raise stop("edge-accepted", f"{shown} is {described(value)}", _REFUSAL)
    return one_number(value, shown, "one of the rates")


def _best(
    errors: Errors, by: str = "mean", best: str = "min", edge: str = "refused", given: str = "rate"
) -> float | str:
    """The best rate, or what a wrong way to choose gives."""
    judges: dict[str, Callable[[list[float]], float]] = {
        "mean": fmean, "min": min, "max": max, "sum": sum, "median": median,
    }  # fmt: skip
    values = {rate: judges[by](runs) for rate, runs in errors.items()}
    chosen = (min if best == "min" else max)(values, key=values.__getitem__)
    rates = list(errors) if edge == "order" else sorted(errors)
    refused = {"refused": (rates[0], rates[-1]), "order": (rates[0], rates[-1]),
               "low": rates[:1], "high": rates[-1:], "accepted": (), "all": rates}[edge]  # fmt: skip
    if chosen in refused:
        return REFUSED
    place = list(errors).index(chosen)
    return {"rate": chosen, "error": values[chosen], "place": place}[given]


_PARTS = (
    Part("best-single-run", "by", {
        "min": "the rate of the best single run",
    }),
    Part("wrong-mean", "by", {
        "max": "the rate whose worst run is best", "sum": "the rate with the smallest sum",
        "median": "the rate with the smallest median",
    }),
    Part("rate-maximised", "best", {"max": "the rate with the largest error"}),
    Part("edge-accepted", "edge", {
        "accepted": "a rate at the edge is returned", "low": "the largest rate is returned",
        "high": "the smallest rate is returned",
    }),
    Part("edge-by-order", "edge", {"order": "the first and the last in the dictionary are refused"}),
    Part("always-refused", "edge", {"all": "a rate between the others is refused too"}),
    Part("error-returned", "given", {
        "error": "the error, not its rate", "place": "the place of the rate, not the rate",
    }),
)  # fmt: skip
"""The most telling first."""
