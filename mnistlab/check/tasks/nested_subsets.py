"""The checker of a harder exercise: nested random subsets."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, counted, finding, stop
from mnistlab.check.student import values
from mnistlab.check.student.recognise import returned

Subsets = list[list[float]]

TOTAL, SIZES = 500, (10, 40, 200)
_CALL = f"f({TOTAL}, {list(SIZES)}, seed)"


@checker("nested_subsets")
def nested_subsets(f: Callable[[int, list[int], int], Any]) -> Iterator[Finding]:
    """Check a function that draws nested subsets at random.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(total, sizes, seed)``, with sizes that grow, and returns
        a sequence with the subset of each size: different whole numbers from 0 to ``total - 1``.
        Each subset holds the one before it, and the seed alone determines them.

    Examples
    --------
    >>> def first(total, sizes, seed):
    ...     return [list(range(size)) for size in sizes]
    >>> [one.name for one in check.nested_subsets(first).problems]
    ['seed-without-effect']
    """
    before = _state()
    subsets = _drawn(f, TOTAL, SIZES, 3)
    touched = _state() != before
    unlike = list(_each(subsets))
    yield from unlike
    again, other = (_drawn(f, TOTAL, SIZES, seed) for seed in (3, 4))
    full = _drawn(f, 5, (5,), 1)
    if subsets != again:
        yield finding("seed-ignored", call=_CALL)
    elif subsets == other:
        first = ", the first images" if set(subsets[0]) == set(range(SIZES[0])) else ""
        yield finding("seed-without-effect", first=first)
    elif touched:
        yield finding("global-seed")
    twice = any(one.name == "with-replacement" for one in unlike)  # then there are some here too
    if not twice and sorted(full[0]) != list(range(5)):
        seen = f"f(5, [5], 1) gives {', '.join(f'{one:g}' for one in full[0])}"
        yield finding("wrong-subset", seen)


def _drawn(f: Callable[..., Any], total: int, sizes: Sequence[int], seed: int) -> Subsets:
    """What the function returns, as lists of numbers."""
    shown, expected = f"f({total}, {list(sizes)}, {seed})", "a list of subsets, one for each size"
    result = returned(f, (total, list(sizes), seed), shown, expected)
    try:
        subsets = [values.numbers(list(one)) for one in result]
    except TypeError:
        subsets = [None]
    if isinstance(result, dict) or None in subsets:
        seen = f"{shown} returns {values.shown(result)}"
        raise stop("wrong-type", seen, f"{expected}: lists, tensors or arrays of numbers")
    lengths = [len(one) for one in subsets if one is not None]
    if lengths != list(sizes):
        raise stop("subset-size", call=shown, lengths=lengths, sizes=list(sizes))
    return [one for one in subsets if one is not None]


def _each(subsets: Subsets) -> Iterator[Finding]:
    """What is wrong with the numbers in them."""
    outside = [one for subset in subsets for one in subset if one not in range(TOTAL)]
    if outside:
        expected = f"whole numbers from 0 to {TOTAL - 1}"
        yield finding("wrong-subset", f"{_CALL} gives {outside[0]:g}", expected)
    twice = next((one for one in subsets if len(set(one)) < len(one)), None)
    if twice:
        yield finding("with-replacement", size=len(twice), different=len(set(twice)))
    for smaller, larger in pairwise(subsets):
        left = set(smaller) - set(larger)
        if left:
            count = counted(len(left), "number")
            yield finding("not-nested", count=count, smaller=len(smaller), larger=len(larger))
            return


def _state() -> tuple[Any, ...]:
    """Of all generators that code shares."""
    numpy = np.random.get_state()
    return random.getstate(), numpy[1].tolist(), numpy[2], torch.get_rng_state().tolist()  # type: ignore[index,union-attr]
