"""The checker of a harder exercise: dropout, as it works during training.

The coins are random, so a share of zeros is compared with a wide bound, and all else must hold for
every value. A right solution that is judged by luck alone fails less often than once in 10⁹ checks.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.student import values
from mnistlab.check.student.recognise import returned
from mnistlab.check.training.averages import close

SHAPE = (100, 120)
"""Images, and hidden values of each."""

SMALL = (10, 12)
"""The same for probabilities 0 and 1, with which nothing is left to luck."""

P, OTHER = 0.2, 0.6
"""With both, a value is kept, dropped and rescaled by other numbers."""

BOUND = 0.05
"""A share of zeros may be so far from its probability: more than ten standard deviations."""

_ONCE = "a coin of its own for each value of each image, tossed anew in each call"


@dataclass(frozen=True)
class Thinned:
    """What a call returned, beside what it was given."""

    p: float
    result: Tensor  # shape (B, n)
    x: Tensor  # the same shape; no two values are alike, and none is zero

    @property
    def call(self) -> str:
        """As a message shows it."""
        return f"f(x, {self.p})"

    @property
    def dropped(self) -> Tensor:
        """Which values are zero, shape (B, n)."""
        return self.result == 0

    @property
    def share(self) -> float:
        """The share of values that are zero, from 0 to 1."""
        return self.dropped.double().mean().item()

    @property
    def factors(self) -> Tensor:
        """By how much each of the other values was multiplied, of one axis."""
        return (self.result / self.x)[~self.dropped]


@checker("drop_values")
def drop_values(f: Callable[[Tensor, float], Tensor]) -> Iterator[Finding]:
    """Check a function that drops hidden values at random, as during training.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(x, p)`` with hidden values of shape (B, n), a row for
        each image, and a probability in [0, 1]. It returns a tensor of the same shape, in which
        each value is zero with probability ``p``, independently of all others and of earlier
        calls, or else divided by ``1 - p``. With ``p`` 0 the values are as they came, with 1 all
        are zero. What came stays as it is. The random numbers may be those of any generator.

    Examples
    --------
    >>> import torch
    >>> def holes(x, p):
    ...     return x * (torch.rand(x.shape) >= p)
    >>> [one.name for one in check.drop_values(holes).problems]
    ['not-rescaled']
    """
    _seed()
    seen, told_of_change = [], False
    for p in (P, OTHER, P):
        one, *changed = _thinned(f, SHAPE, p)
        seen.append(one)
        yield from [] if told_of_change else changed  # now: the next call may end the check
        told_of_change = told_of_change or bool(changed)
        for found in _not_finite(one, "numbers, and 0 for those that are dropped"):
            raise StopCheck(found)
    first, other, again = seen
    if all(one.share in (0, 1) for one in seen):
        yield from _all_or_none(f, other)
        return
    together = list(_together(first))
    loose = 4 if together else 1  # as few coins as images, or as values, fall less evenly
    wrong = list(_shares((first, other), loose * BOUND))
    wrong += _factors((first, other), loose * 2 * BOUND if wrong else 0.0)
    yield from wrong
    yield from together
    yield from _again(f, first, again, bool(together))
    if not wrong:
        yield from _edges(f, told_of_change)


def _seed() -> None:
    """Let the generators that code shares begin alike in each check, so that its verdict is the same."""
    torch.default_generator.manual_seed(0)
    np.random.seed(0)
    random.seed(0)


def _thinned(f: Callable[..., Any], shape: tuple[int, int], p: float) -> tuple[Any, ...]:
    """What the function makes of hidden values; and a finding if it changed what it was given."""
    size = shape[0] * shape[1]
    order = torch.randperm(size, generator=torch.Generator().manual_seed(1))
    x = (2 * order.reshape(shape) + 1 - size) / size  # as tanh gives them; size is even
    given, shown, expected = x.clone(), f"f(x, {p})", f"a tensor of shape {shape}"
    result = returned(f, (given, p), shown, expected)
    if not hasattr(result, "shape"):
        raise stop("wrong-type", f"{shown} returns {values.described(result)}", expected)
    if tuple(result.shape) != shape:
        seen = f"{shown} has the shape {tuple(result.shape)}"
        raise stop("shape-changed", seen, f"{shape}, as x has it")
    one = Thinned(p, torch.as_tensor(result).detach().to(x.dtype).clone(), x)
    if torch.equal(given, x):
        return (one,)
    seen = f"the values that came are changed by {shown}"
    return one, finding("input-changed", seen, "a new tensor; x stays as it is")


def _not_finite(one: Thinned, expected: str) -> Iterator[Finding]:
    if not one.result.isfinite().all():
        what = "NaN" if one.result.isnan().any() else "infinite"
        yield finding("divided-by-zero", f"{one.call} has values that are {what}", expected)


# --- how many values are dropped

_SHARES: tuple[tuple[str, str, Callable[[float], float]], ...] = (
    ("", "", lambda p: p),
    ("keeps-with-p", "p is the share that is kept", lambda p: 1 - p),
    ("p-ignored", "one half, whatever p is", lambda p: 0.5),
    ("wrong-probability", "so many normal numbers, as of torch.randn, are less than p",
     NormalDist().cdf),
    ("wrong-probability", "so many normal numbers, as of torch.randn, are larger than p",
     lambda p: 1 - NormalDist().cdf(p)),
)  # fmt: skip
"""The right share of zeros, and what wrong ways to toss a coin give."""


def _shares(both: Sequence[Thinned], bound: float) -> Iterator[Finding]:
    """What is wrong with the numbers of zeros."""
    first, other = both
    always = ("p-ignored", "whatever p is", lambda _: first.share)
    alike = abs(first.share - other.share) < bound
    name, meaning = next(
        (
            (name, meaning)
            for name, meaning, share in (*_SHARES, *[always] * alike)
            if all(abs(one.share - share(one.p)) < bound for one in both)
        ),
        ("wrong-probability", ""),
    )
    if name:
        shown = " and ".join(f"{one.share:.0%} of the values by {one.call}" for one in both)
        seen = f"set to zero are {shown}" + (f": {meaning}" if meaning else "")
        yield finding(name, seen, f"about {P:.0%} and {OTHER:.0%}")


def _all_or_none(f: Callable[..., Any], other: Thinned) -> Iterator[Finding]:
    """What is wrong if a call drops either all values or none."""
    shares = [other.share, *(_thinned(f, SHAPE, OTHER)[0].share for _ in range(20))]
    if 0 in shares and 1 in shares:
        seen = f"{other.call} sets all values to zero, or none, as the one coin falls"
        yield finding("one-coin-for-several", seen, _ONCE)
        return
    name, what = ("wrong-probability", "all values") if other.share else ("nothing-dropped", "none")
    seen = f"{other.call} sets {what} to zero, in each call"
    yield finding(name, seen, f"about {OTHER:.0%} of the values")


# --- what becomes of the others

_FACTORS: tuple[tuple[str, str, Callable[[float, float], float]], ...] = (
    ("", "", lambda p, _: 1 / (1 - p)),
    ("not-rescaled", "as they came", lambda p, _: 1),
    ("wrong-factor", "multiplied by 1 - p", lambda p, _: 1 - p),
    ("wrong-factor", "divided by p", lambda p, _: 1 / p),
    ("wrong-factor", "multiplied by p", lambda p, _: p),
    ("wrong-factor", "divided by 1 - p twice", lambda p, _: 1 / (1 - p) ** 2),
    ("wrong-factor", "multiplied by 1 + p", lambda p, _: 1 + p),
    ("wrong-factor", "doubled, whatever p is", lambda p, _: 2),
    ("wrong-factor", "divided by the share of this call's values that is kept",
     lambda _, share: 1 / (1 - share)),
)  # fmt: skip
"""Of a probability and the share of zeros: the right factor, and what people take for it."""


def _factors(both: Sequence[Thinned], bound: float) -> Iterator[Finding]:
    """What is wrong with the values that are kept.

    Where a wrong share is dropped, and the others are rescaled as this share asks for, that is no
    second mistake; ``bound`` is for how exactly they do.
    """
    both = [one for one in both if one.share < 1]
    for one in both:
        kept = one.result[~one.dropped]
        if len(kept) > 1 and kept.min() == kept.max():
            seen = f"{one.call} has only zeros and {kept[0].item():.4g}"
            raise stop(
                "mask-returned", seen, "the values of x where they are kept, divided by 1 - p"
            )
        if not torch.allclose(one.factors, one.factors.median(), rtol=1e-4, atol=0.0):
            seen = f"{one.call} multiplies the values that it keeps by different numbers"
            yield finding("values-changed", seen, f"each value of x as 0 or divided by {1 - one.p}")
            return
    factors = [one.factors.median().item() for one in both]
    if all(abs(c * (1 - one.share) - 1) < bound for c, one in zip(factors, both, strict=True)):
        return
    unknown = "multiplied by " + " and ".join(f"{c:.4g}" for c in factors)
    name, meaning = next(
        (
            (name, meaning)
            for name, meaning, factor in _FACTORS
            if all(close(c, factor(one.p, one.share)) for c, one in zip(factors, both, strict=True))
        ),
        ("wrong-factor", unknown),
    )
    if name:
        seen = f"the values that {' and '.join(one.call for one in both)} keep are {meaning}"
        yield finding(name, seen, f"divided by 1 - p, here by {1 - P} and {1 - OTHER}")


# --- the coins


def _together(one: Thinned) -> Iterator[Finding]:
    """Whether images, or their values, go together.

    That two rows or columns of independent coins are alike happens in one of 10¹² checks.
    """
    images, places = (one.dropped.unique(dim=axis).shape[axis] for axis in (0, 1))
    usual = 3 * BOUND < one.share < 1 - 3 * BOUND  # with hardly any zeros some rows are alike
    ways = (
        (images == 1, "one-mask-for-all-images", "the same values of all images to zero"),
        (places == 1, "one-coin-for-several", "whole images to zero, and no other values"),
        (usual and images < SHAPE[0],
         "one-mask-for-all-images", "just the same values of several images to zero"),
        (usual and places < SHAPE[1],
         "one-coin-for-several", "values of an image to zero together or not"),
    )  # fmt: skip
    for so, name, what in ways:
        if so:
            yield finding(name, f"{one.call} sets {what}", _ONCE)
            return


def _again(
    f: Callable[..., Any], first: Thinned, again: Thinned, together: bool
) -> Iterator[Finding]:
    """What another call shows: are the same values dropped, or exactly as many?"""
    if torch.equal(first.dropped, again.dropped):
        seen = f"{first.call} sets the same values to zero when it is called again"
        yield finding("coins-not-anew", seen, _ONCE)
    elif not together:
        yield from _exact(f, first)


def _exact(f: Callable[..., Any], one: Thinned) -> Iterator[Finding]:
    """Whether it is counted how many are dropped.

    Of independent coins, equal numbers in all rows, all columns or nine calls do not happen.
    """
    dropped = one.dropped
    calls = (_thinned(f, SHAPE, one.p)[0].dropped for _ in range(8))
    if len(dropped.sum(dim=1).unique()) == 1:
        where = "in each image"
    elif len(dropped.sum(dim=0).unique()) == 1:
        where = "of the images in each place"
    elif all(other.sum() == dropped.sum() for other in calls):  # ends with the first that differs
        where = "in each call"
    else:
        return
    seen = f"{one.call} sets exactly as many values to zero {where}"
    yield finding("exact-number-dropped", seen, f"about {one.p:.0%}, as the coins fall")


# --- probabilities 0 and 1


def _edges(f: Callable[..., Any], told_of_change: bool) -> Iterator[Finding]:
    """What is wrong where there is nothing to toss for."""
    for p, expected in ((0.0, "all values as they came"), (1.0, "zeros only")):
        # Twice: `torch.rand(...) > p` is False for a zero, which it draws once in 10⁷ times.
        for last in (False, True):
            try:
                one, *changed = _thinned(f, SMALL, p)
            except StopCheck as end:
                if isinstance(end.__cause__, ZeroDivisionError):
                    raise stop("divided-by-zero", end.finding.observed, expected) from end
                raise
            if changed and not told_of_change:
                told_of_change = True
                yield from changed
            if torch.allclose(one.result, one.x * (1 - p), rtol=1e-4, atol=0.0):
                break
            not_finite = list(_not_finite(one, expected))
            if not_finite:
                yield from not_finite
                break
            if last:
                yield finding("wrong-at-the-edge", _edge_seen(one), expected)


def _edge_seen(one: Thinned) -> str:
    if not one.p:
        return f"{one.call} sets {one.share:.0%} of the values to zero, or changes others"
    return f"{one.call} keeps {1 - one.share:.0%} of the values"
