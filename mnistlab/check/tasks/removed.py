"""The checker of a harder exercise: which share of the mistakes a change removes."""

from __future__ import annotations

import dis
from collections.abc import Callable, Iterator, Sequence
from itertools import compress
from operator import itemgetter
from statistics import fmean, median
from typing import Any

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.student.recognise import Part, ask, explained
from mnistlab.check.student.sandbox import call
from mnistlab.check.student.values import described, item_of
from mnistlab.check.training.averages import close, rounded

Accuracies = Sequence[float]

CASES: tuple[tuple[Accuracies, Accuracies], ...] = (
    ([0.8, 0.6, 0.8], [0.9, 0.72, 0.85]),
    ([0.45, 0.3, 0.6, 0.8, 0.9], [0.52, 0.28, 0.56, 0.1, 0.95]),
    ([0.5, 0.6, 0.75], [0.8, 0.5, 0.91]),
)
"""Before and after: two seeds begin alike; some failed before, after or both; exactly half. As many
are to be left out of one list as of the other, so that whoever mis-pairs the rest gets a number."""

NONE_LEARNED: tuple[Accuracies, Accuracies] = ([0.9, 0.3, 0.3], [0.4, 0.9, 0.25])
"""Each list has a network that learned, but they belong to two seeds."""

_REFUSAL = (
    "a ValueError, with raise: each of these seeds has failed, and there is nothing to average"
)


@checker("removed")
def removed(f: Callable[[list[float], list[float]], float]) -> Iterator[Finding]:
    """Check a function that computes which share of the mistakes a change removes.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(before, after)`` with two lists of accuracies in [0, 1),
        one for each seed, in the same order of seeds. It returns the mean, over the seeds that
        learned, of the share of mistakes that the change removes. A seed has failed if either of
        its accuracies is less than one half; if all have, the function raises a ``ValueError``. The
        lists stay as they are.

    Examples
    --------
    >>> def left(before, after):
    ...     pairs = [(x, y) for x, y in zip(before, after) if min(x, y) >= 0.5]
    ...     if not pairs:
    ...         raise ValueError("no seed has learned")
    ...     return sum((1 - y) / (1 - x) for x, y in pairs) / len(pairs)
    >>> [one.name for one in check.removed(left).problems]
    ['share-left']
    """
    answers, changed = [], False
    for case in CASES:
        before, after = map(list, case)
        answers.append(_share(f, before, after, _shown(case), _words(case)))
        if not changed and (before, after) != case:
            changed = True
            yield _changed(case)  # now: the next call may end the check
    cases = {_shown(case): case for case in CASES}

    def told(shown: str, answer: float, _: float) -> tuple[str, str]:
        return f"{shown} is {answer:.4g}", _words(cases[shown])

    wrong = list(explained(answers, _removed, _PARTS, cases, told, "wrong-share", _same))
    yield from wrong
    before, after = map(list, NONE_LEARNED)
    accepted = list(_accepted(f, before, after))
    if not any(one.name in _WHO_FAILED for one in wrong):  # by a wrong rule some of these learned
        yield from accepted
    if not changed and (before, after) != NONE_LEARNED:
        yield _changed(NONE_LEARNED)


def _shown(case: tuple[Accuracies, Accuracies]) -> str:
    return f"f({case[0]}, {case[1]})"


def _words(case: tuple[Accuracies, Accuracies]) -> str:
    """The right answer, and where it comes from."""
    *most, last = (f"{_SHARES['removed'](*pair):.2g}" for pair in zip(*_kept(*case), strict=True))
    words = f"the mean of {', '.join(most)} and {last}"
    return f"{_removed(*case):.2g}, {words}: a share for each seed with which both networks learned"


def _changed(case: tuple[Accuracies, Accuracies]) -> Finding:
    seen = f"the lists that came are changed by {_shown(case)}"
    return finding("input-changed", seen, "lists that stay as they are")


def _same(answer: float, value: float) -> bool:
    """Whether an answer is this number; it may be rounded."""
    return close(answer, value) or rounded(answer, value)


def _share(
    f: Callable[..., Any], before: list[float], after: list[float], shown: str, words: str
) -> float:
    """What the function returns where some have learned."""
    some_failed = min(*before, *after) < _HALF
    try:
        return ask(f, (before, after), shown, "one number, the mean share")
    except StopCheck as end:
        error, seen = end.__cause__, end.finding.observed
        if _refuses(error):
            raise stop("learned-refused", seen, words) from end
        if some_failed and any(one in str(error) for one in _OTHER_LENGTHS):
            raise stop("seeds-mispaired", seen, words) from end
        raise


def _refuses(error: BaseException | None) -> bool:
    """Whether it is no accident, but raised with ``raise``, or by a mean of no numbers."""
    if not isinstance(error, ValueError) or error.__traceback__ is None:
        return False
    last = error.__traceback__
    while last.tb_next:
        last = last.tb_next
    return last.tb_frame.f_code.co_code[last.tb_lasti] == dis.opmap["RAISE_VARARGS"]


_OTHER_LENGTHS = ("broadcast", "must match", "did not match", "does not match", "zip() argument")
"""What NumPy, PyTorch and Python say where two lists are no longer equally long."""


def _accepted(f: Callable[..., Any], before: list[float], after: list[float]) -> Iterator[Finding]:
    """What is wrong where none has learned."""
    shown = _shown(NONE_LEARNED)
    try:
        value = item_of(call(f, before, after, shown=shown))
    except StopCheck as end:
        if not isinstance(end.__cause__, ValueError):
            yield finding("other-error", end.finding.observed, _REFUSAL)
    else:
        yield finding("none-learned-accepted", f"{shown} is {described(value)}", _REFUSAL)


# --- the right answer, and the wrong ones

_HALF = 0.5

_SHARES: dict[str, Callable[[float, float], float]] = {
    "removed": lambda x, y: 1 - (1 - y) / (1 - x),
    "left": lambda x, y: (1 - y) / (1 - x),
    "added": lambda x, y: (1 - y) / (1 - x) - 1,
    "of those after": lambda x, y: (1 - x) / (1 - y) - 1,
    "of those after, minus": lambda x, y: 1 - (1 - x) / (1 - y),
    "times": lambda x, y: (1 - x) / (1 - y),
    "points": lambda x, y: y - x,
    "points, minus": lambda x, y: x - y,
    "accuracy": lambda x, y: y / x,
    "accuracy gained": lambda x, y: y / x - 1,
    "accuracy lost": lambda x, y: 1 - y / x,
    "accuracy, turned round": lambda x, y: x / y,
    "accuracy lost, turned round": lambda x, y: 1 - x / y,
}
"""Of the accuracies of one seed, or of means of them, what a function may compute."""

_AVERAGES: dict[str, Callable[[Accuracies], float]] = {
    "mean": fmean, "means": fmean, "medians": median, "median": median, "sum": sum,
    "best": max, "first": itemgetter(0), "last": itemgetter(-1),
}  # fmt: skip


def _removed(
    before: Accuracies,
    after: Accuracies,
    share: str = "removed",
    average: str = "mean",
    failed: str = "left out",
    half: str = "learned",
    twins: str = "two",
    factor: int = 1,
) -> float:
    """The share of mistakes that is removed, or what a wrong way to compute it gives."""
    ratio = _SHARES[share]
    if twins == "first":
        after = [after[before.index(x)] for x in before]
    if twins == "last":
        before, after = zip(*dict(zip(before, after, strict=True)).items(), strict=True)
    x, y = _kept(before, after, failed, half)
    if average in ("means", "medians"):
        return factor * ratio(_AVERAGES[average](x), _AVERAGES[average](y))
    shares = [ratio(*pair) for pair in zip(x, y, strict=False)]
    if average == "over all":
        return factor * sum(shares) / len(before)
    return factor * _AVERAGES[average](shares)


def _kept(
    before: Accuracies, after: Accuracies, failed: str = "left out", half: str = "learned"
) -> list[list[float]]:
    """What is left of both lists: each seed, or what a wrong rule keeps."""
    first, second = (
        [x > _HALF or (x == _HALF and half not in ("failed", one)) for x in each]
        for one, each in (("failed before", before), ("failed after", after))
    )
    everywhere = [True] * len(before)
    pairs = list(zip(first, second, strict=True))
    both = {
        "left out": [all(pair) for pair in pairs],
        "kept": everywhere,
        "one learned": [any(pair) for pair in pairs],
        "guessing": [min(pair) > _GUESSING for pair in zip(before, after, strict=True)],
        "before": first,
        "after": second,
    }
    apart = {
        "each list": (first, second),
        "first list": (first, everywhere),
        "second list": (everywhere, second),
    }
    chosen = apart[failed] if failed in apart else (both[failed], both[failed])
    return [list(compress(*one)) for one in zip((before, after), chosen, strict=True)]


_GUESSING = 0.2

_PARTS = (
    Part("share-left", "share", {"left": "the share that is left, not the one that is removed"}),
    Part("points-for-share", "share", {
        "points": "by how much the accuracy rises",
        "points, minus": "the difference of the two accuracies",
    }),
    Part("accuracies-for-mistakes", "share", {
        "accuracy": "after / before, a ratio of accuracies",
        "accuracy gained": "after / before - 1, a ratio of accuracies",
        "accuracy lost": "1 - after / before, a ratio of accuracies",
        "accuracy, turned round": "before / after, a ratio of accuracies",
        "accuracy lost, turned round": "1 - before / after, a ratio of accuracies",
    }),
    Part("before-and-after-exchanged", "share", {
        "of those after, minus": "before and after are exchanged",
        "of those after": "divided by the mistakes after the change, not before it",
        "times": "the mistakes before the change for each one after it",
    }),
    Part("sign-of-share", "share", {"added": "what is removed counts below zero"}),
    Part("ratio-of-means", "average", {
        "means": "the two lists are averaged first, and then divided",
        "medians": "the medians of the two lists are taken first, and then divided",
    }),
    Part("wrong-mean", "average", {
        "median": "the median of the seeds", "sum": "the sum over the seeds",
        "best": "the largest share of any seed", "first": "the share of the first seed alone",
        "last": "the share of the last seed alone",
    }),
    Part("divided-by-all-seeds", "average", {
        "over all": "the sum is divided by the number of all seeds, failed ones too",
    }),
    Part("failed-kept", "failed", {
        "kept": "the failed seeds are in the mean",
        "one learned": "a seed is left out only if both of its networks failed",
        "guessing": "a seed is left out only if a network does little more than guess",
    }),
    Part("judged-by-one-network", "failed", {
        "before": "only the network before the change is asked whether it failed",
        "after": "only the network after the change is asked whether it failed",
    }),
    Part("seeds-mispaired", "failed", {
        "each list": "each list loses its own failed networks, and what is left belongs to other seeds",
        "first list": "failed networks are left out of the first list only",
        "second list": "failed networks are left out of the second list only",
    }),
    Part("half-counted-as-failed", "half", {
        "failed": "a network with exactly one half counts as failed",
        "failed before": "a network with exactly one half counts as failed before the change",
        "failed after": "a network with exactly one half counts as failed after the change",
    }),
    Part("equal-seeds-merged", "twins", {
        "first": "of two seeds with the same accuracy before, the first is taken twice",
        "last": "of two seeds with the same accuracy before, one is lost",
    }),
    Part("percent-for-fraction", "factor", {100: "a percentage"}),
)  # fmt: skip
"""The most telling first."""

_WHO_FAILED = {part.name for part in _PARTS if part.option == "failed"}
