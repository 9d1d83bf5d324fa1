"""What each right and wrong way of averaging over batches gives, to recognize it by its number."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mnistlab.check.report import Finding, finding
from mnistlab.check.training.probe import CLASSES

Batches = Sequence[tuple[Tensor, Tensor]]
"""Of each batch the images, along the first axis, and the targets, shape (B,)."""

Logits = Sequence[tuple[Tensor, Tensor]]
"""Of each batch the logits, shape (B, O), and the targets, shape (B,)."""

RIGHT = "right"

USUAL_SIZES = (10, 16, 20, 32, 50, 64, 100, 128, 200, 250, 256, 500, 512, 1000, 1024)
"""Batch sizes that people type in."""

Loss = Callable[[Tensor, Tensor], Tensor]
"""Takes logits and targets of a batch; gives a mean."""


OTHER_LOSSES: tuple[tuple[str, str, Loss], ...] = (
    ("softmax-before-cross-entropy", "the cross-entropy of softmax(logits)",
     lambda z, t: F.cross_entropy(z.softmax(dim=1), t)),
    ("softmax-before-cross-entropy", "the cross-entropy of sigmoid(logits)",
     lambda z, t: F.cross_entropy(z.sigmoid(), t)),
    ("softmax-over-images", "the cross-entropy of logits.softmax(dim=0)",
     lambda z, t: F.cross_entropy(z.softmax(dim=0), t)),
    ("softmax-over-images", "nll_loss of logits.log_softmax(dim=0)",
     lambda z, t: F.nll_loss(z.log_softmax(dim=0), t)),
    ("other-loss", "the mean squared error of the logits",
     lambda z, t: F.mse_loss(z, F.one_hot(t, CLASSES).double())),
    ("other-loss", "the mean squared error of the probabilities",
     lambda z, t: F.mse_loss(z.softmax(dim=1), F.one_hot(t, CLASSES).double())),
    ("other-loss", "nll_loss of the logits, without log_softmax", F.nll_loss),
    ("other-loss", "nll_loss of the probabilities, without a logarithm",
     lambda z, t: F.nll_loss(z.softmax(dim=1), t)),
    ("other-loss", "the binary cross-entropy of the ten outputs",
     lambda z, t: F.binary_cross_entropy_with_logits(z, F.one_hot(t, CLASSES).double())),
    ("other-loss", "a margin loss", F.multi_margin_loss),
    ("other-loss", "the cross-entropy with labels smoothed by 0.1",
     functools.partial(F.cross_entropy, label_smoothing=0.1)),
)  # fmt: skip
"""Losses that are no mean cross-entropy of the logits: the mistake, what it is in words, the loss."""


@dataclass(frozen=True)
class Candidate:
    """A number that a function may return."""

    name: str  # `RIGHT`, or the name of the mistake that gives this number
    value: float  # the number
    how: str  # how it is computed, in words
    second: str = ""  # name of a second mistake in it, if there are two
    rare: bool = False  # whether others come before it that give the same number

    @property
    def names(self) -> list[str]:
        """The names of its mistakes."""
        return [one for one in (self.name, self.second) if one not in ("", RIGHT)]


Column = Sequence[Candidate]
"""One way to compute several values: a candidate for each."""


# --- how values were computed, and what is said about it


def explanation(values: Sequence[float], columns: Iterable[Column]) -> Candidate | None:
    """The first way to compute that gives all these values, up to rounding in single precision.

    Rare ways come last. The right values may be rounded to two decimals or more.
    """
    for column in sorted(columns, key=lambda one: one[0].rare):
        wanted = [one.value for one in column]
        alike = len(values) == len(wanted) and (
            all(map(close, values, wanted))
            or (column[0].name == RIGHT and all(map(rounded, values, wanted)))
        )
        if alike:
            return column[0]
    return None


def rounded(value: float, right: float) -> bool:
    """Whether a number is another one, rounded to two, three or four decimals."""
    return any(math.isclose(value, round(right, digits), rel_tol=1e-6) for digits in (2, 3, 4))


def close(value: float, other: float) -> bool:
    """Whether two numbers agree up to rounding in single precision."""
    return math.isclose(value, other, rel_tol=1e-4, abs_tol=1e-6)


Given = dict[str, Sequence[float]]
"""What a function returned as ``"loss"`` and as ``"accuracy"``."""


def explanations(
    given: Given, columns: Mapping[str, Iterable[Column]]
) -> tuple[Given, dict[str, Candidate | None]]:
    """How losses and accuracies were computed, after an exchange if only that explains them.

    Then the first of the two that are returned is not ``given``.
    """

    def ways(values: Given) -> dict[str, Candidate | None]:
        return {what: explanation(values[what], columns[what]) for what in values}

    found, turned = ways(given), dict(zip(given, reversed(given.values()), strict=True))
    if not any(found.values()):
        other = ways(turned)
        if all(other.values()):
            return turned, other
    return given, found


def told(seen: str, how: Candidate | None, expected: str, otherwise: str) -> Iterator[Finding]:
    """The mistakes in a way to compute; ``otherwise``, if it is not known."""
    if how is None:
        yield finding(otherwise, seen, expected)
        return
    for name in how.names:
        yield finding(name, f"{seen}: {how.how}", expected)


# --- the ways to compute, the right one first


def losses(batches: Logits) -> Iterator[Candidate]:
    """The right loss, and then what wrong ways of computing it give."""
    sizes = _sizes(batches)
    sums = [F.cross_entropy(*one, reduction="sum").item() for one in batches]
    yield from _averages(sums, sizes)
    yield Candidate("summed-loss", sum(sums), "the sum over all images, not divided")
    means = sum(_means(sums, sizes))
    yield Candidate("summed-loss", means, "the sum of the batches' means, not divided")
    for name, words, loss in OTHER_LOSSES:
        others = _averages([loss(z, t).item() * len(t) for z, t in batches], sizes)
        for how, one in zip((words, f"{words}, averaged over batches"), others, strict=False):
            yield Candidate(name, one.value, how, second=one.name)


def accuracies(batches: Logits) -> Iterator[Candidate]:
    """The right accuracy, and then what wrong ways of computing it give."""
    sizes = _sizes(batches)
    right = [_count(logits.argmax(dim=1) == targets) for logits, targets in batches]
    how = f"the right answers, divided by the number of images ({sum(sizes)} in the checker's data)"
    first, *others = _averages(right, sizes)
    fractions = [
        replace(first, how=how),
        *others,
        Candidate("error-rate", 1 - first.value, "the fraction of wrong answers"),
        *_wrong_comparisons(batches, sizes),
    ]
    yield from fractions
    yield Candidate("count-for-fraction", sum(right), "the number of right answers, not divided")
    for place, one in enumerate(fractions):
        times = f"{one.how}, times 100"
        yield Candidate("percent-for-fraction", 100 * one.value, times, one.name, rare=place > 1)


def _sizes(batches: Logits) -> list[int]:
    return [len(targets) for _, targets in batches]


def _count(right: Tensor) -> float:
    return float(right.sum().item())


def _means(sums: Sequence[float], sizes: Sequence[int]) -> list[float]:
    return [one / size if size else 0.0 for one, size in zip(sums, sizes, strict=True)]


def _averages(sums: Sequence[float], sizes: Sequence[int]) -> Iterator[Candidate]:
    """Ways to make one number of the batches' sums."""
    total, images, batches, largest = sum(sums), sum(sizes), len(sizes), sizes[0]
    means = sum(_means(sums, sizes))
    full = f"{batches} batches × {largest} = {batches * largest} images"
    here = f"this loader has {images} images"
    ways = (
        (RIGHT, total / images,
         f"the sum over all images, divided by their number ({images} in the checker's data)"),
        ("mean-of-batch-means", means / batches, f"the mean of the {batches} batch means"),
        ("batches-times-batch-size", total / (batches * largest), f"the sum, divided by {full}"),
        ("batches-times-batch-size", means * largest / images,
         f"every batch mean times {largest}, also that of the last batch of {sizes[-1]}"),
        ("sums-over-batches", total / batches,
         f"the sum over all images, divided by the {batches} batches"),
        ("means-over-images", means / images,
         f"the sum of the {batches} batch means, divided by the number of images, {images}"),
        *(
            ("number-typed-in", one / number, f"{what}, divided by {shown}; {here}")
            for number, shown in ((10_000, "10 000"), (60_000, "60 000"))
            for one, what in (
                (total, "the sum over all images"), (means, "the sum of the batch means"),
            )
        ),
    )  # fmt: skip
    yield from (Candidate(*one) for one in ways)
    yield from (Candidate(*one, rare=True) for one in _rare_averages(sums, sizes))


def _rare_averages(sums: Sequence[float], sizes: Sequence[int]) -> Iterator[tuple[str, float, str]]:
    """Ways that give the same as others by chance, such as 1.0 for one batch: name, value, how."""
    images, batches, total, means = sum(sizes), len(sizes), sum(sums), sum(_means(sums, sizes))
    for name, which, place in (("last-batch-only", "last", -1), ("first-batch-only", "first", 0)):
        one, mean = sums[place], sums[place] / sizes[place]
        divided = f"of the {which} batch, divided by the number of batches, {batches}"
        yield name, mean, f"the mean of the {which} batch alone"
        yield name, one, f"the sum of the {which} batch alone"
        yield name, one / images, f"the sum of the {which} batch, divided by {images}"
        yield name, one / batches, f"the sum {divided}"
        yield name, mean / batches, f"the mean {divided}"
    for size in (one for one in USUAL_SIZES if one != sizes[0]):
        how = f"{size}, but this loader's batches have {sizes[0]}"
        both = f"the sum over all images, divided by {batches} batches × {how}"
        yield "number-typed-in", total / (batches * size), both
        yield "number-typed-in", means * size / images, f"every batch mean times {how}"


def _wrong_comparisons(batches: Logits, sizes: Sequence[int]) -> Iterator[Candidate]:
    """Right answers counted in a wrong way: by another argmax, or with all pairs compared."""
    pairs = [_count(logits.argmax(dim=1)[:, None] == targets) for logits, targets in batches]
    over_images = [  # of as many pairs as there are, as `zip` makes them
        float(sum(map(torch.equal, logits.argmax(dim=0), targets))) for logits, targets in batches
    ]
    all_pairs = "every answer compared with every target of its batch"
    ways = [
        (
            "argmax-over-all",
            "one argmax over the whole batch, taken as the answer for all its images",
            [_count(logits.argmax() == targets) for logits, targets in batches],
        ),
        ("compared-all-pairs", all_pairs, pairs),
        ("compared-all-pairs", all_pairs, _means(pairs, sizes)),
        ("argmax-over-images", "for each class the image with the largest logit", over_images),
    ]
    for name, how, right in ways:
        for one in islice(_averages(right, sizes), 2):
            yield Candidate(name, one.value, how)
