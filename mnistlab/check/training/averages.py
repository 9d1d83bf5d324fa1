"""What each right and wrong way of averaging over batches gives, to recognise it by its number."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

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
    rare: bool = False  # whether others come before it, because few people do this

    @property
    def names(self) -> list[str]:
        """The names of its mistakes."""
        return [one for one in (self.name, self.second) if one not in ("", RIGHT)]


def explanation(
    values: Sequence[float], columns: Iterable[Sequence[Candidate]]
) -> Candidate | None:
    """The first way to compute that gives all these values, up to rounding in single precision.

    A column has a candidate for each of the values. The right ones may be rounded to two decimals
    or more.
    """
    for column in columns:
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


def right_loss(batches: Logits) -> Candidate:
    """The first of the `losses`; much faster than all of them."""
    return _averages(*_loss_sums(batches))[0]


def right_accuracy(batches: Logits) -> Candidate:
    """The first of the `accuracies`."""
    return _averages(*_right_answers(batches))[0]


def losses(batches: Logits) -> list[Candidate]:
    """The right loss and what wrong ways of computing it give."""
    sums, sizes = _loss_sums(batches)
    means = _means(sums, sizes)
    return [
        *_averages(sums, sizes),
        Candidate("summed-loss", sum(sums), "the sum over all images, not divided"),
        Candidate("summed-loss", sum(means), "the sum of the batches' means, not divided"),
        *_other_losses(batches, sizes),
        *_rare_averages(sums, sizes),
    ]


def _other_losses(batches: Logits, sizes: Sequence[int]) -> list[Candidate]:
    """Mean over images, and mean of batch means, of losses that are none of the task."""
    found = []
    for name, words, loss in OTHER_LOSSES:
        sums = [loss(z, t).item() * len(t) for z, t in batches]
        found += [
            Candidate(name, one.value, how, second=one.name)
            for one, how in zip(
                _averages(sums, sizes), (words, f"{words}, averaged over batches"), strict=False
            )
        ]
    return found


def accuracies(batches: Logits) -> list[Candidate]:
    """The right accuracy and what wrong ways of computing it give."""
    right, sizes = _right_answers(batches)
    averages = _averages(right, sizes)
    how = f"the right answers, divided by the number of images ({sum(sizes)} in the checker's data)"
    averages[0] = replace(averages[0], how=how)
    fractions = [
        *averages,
        Candidate("error-rate", 1 - averages[0].value, "the fraction of wrong answers"),
        *_wrong_comparisons(batches, sizes),
    ]
    rare = _rare_averages(right, sizes)
    return [
        *fractions,
        Candidate("count-for-fraction", sum(right), "the number of right answers, not divided"),
        *map(_percent, averages[:2]),
        *rare,
        *(replace(_percent(one), rare=True) for one in (*fractions[2:], *rare)),
    ]


def _percent(one: Candidate) -> Candidate:
    return Candidate("percent-for-fraction", 100 * one.value, f"{one.how}, times 100", one.name)


def _loss_sums(batches: Logits) -> tuple[list[float], list[int]]:
    """The sum of the losses of each batch, and its number of images."""
    sums = [F.cross_entropy(*one, reduction="sum").item() for one in batches]
    return sums, [len(targets) for _, targets in batches]


def _right_answers(batches: Logits) -> tuple[list[float], list[int]]:
    """The number of right answers in each batch, and its number of images."""
    right = [_count(logits.argmax(dim=1) == targets) for logits, targets in batches]
    return right, [len(targets) for _, targets in batches]


def _count(right: Tensor) -> float:
    return float(right.sum().item())


def _means(sums: Sequence[float], sizes: Sequence[int]) -> list[float]:
    return [one / size if size else 0.0 for one, size in zip(sums, sizes, strict=True)]


def _averages(sums: Sequence[float], sizes: Sequence[int]) -> list[Candidate]:
    """Ways to make one number of the batches' sums; the right one first."""
    total, images, batches, largest = sum(sums), sum(sizes), len(sizes), sizes[0]
    means = _means(sums, sizes)
    full = f"{batches} batches × {largest} = {batches * largest} images"
    here = f"this loader has {images} images"
    return [
        Candidate(
            RIGHT, total / images,
            f"the sum over all images, divided by their number ({images} in the checker's data)"
        ),
        Candidate(
            "mean-of-batch-means", sum(means) / batches, f"the mean of the {batches} batch means"
        ),
        Candidate(
            "batches-times-batch-size", total / (batches * largest), f"the sum, divided by {full}"
        ),
        Candidate(
            "batches-times-batch-size", sum(means) * largest / images,
            f"every batch mean times {largest}, also that of the last batch of {sizes[-1]}"
        ),
        *_one_batch("last-batch-only", "last", sums[-1], sizes[-1], images),
        *_one_batch("first-batch-only", "first", sums[0], sizes[0], images),
        Candidate(
            "sums-over-batches", total / batches,
            f"the sum over all images, divided by the {batches} batches"
        ),
        Candidate(
            "means-over-images", sum(means) / images,
            f"the sum of the {batches} batch means, divided by the number of images, {images}"
        ),
        *(
            Candidate("number-typed-in", one / number, f"{what}, divided by {shown}; {here}")
            for number, shown in ((10_000, "10 000"), (60_000, "60 000"))
            for one, what in (
                (total, "the sum over all images"), (sum(means), "the sum of the batch means"),
            )
        ),
    ]  # fmt: skip


def _rare_averages(sums: Sequence[float], sizes: Sequence[int]) -> list[Candidate]:
    """Ways that give the same as others by chance, so that the others come first."""
    images, batches, total, means = sum(sizes), len(sizes), sum(sums), sum(_means(sums, sizes))
    found = []
    for name, which, place in (("last-batch-only", "last", -1), ("first-batch-only", "first", 0)):
        what = f"of the {which} batch, divided by the number of batches, {batches}"
        found.append((name, sums[place] / batches, f"the sum {what}"))
        found.append((name, sums[place] / sizes[place] / batches, f"the mean {what}"))
    for size in (one for one in USUAL_SIZES if one != sizes[0]):
        how = f"{size}, but this loader's batches have {sizes[0]}"
        both = f"the sum over all images, divided by {batches} batches × {how}"
        found.append(("number-typed-in", total / (batches * size), both))
        found.append(("number-typed-in", means * size / images, f"every batch mean times {how}"))
    return [Candidate(*one, rare=True) for one in found]


def _one_batch(name: str, which: str, one: float, size: int, images: int) -> list[Candidate]:
    return [
        Candidate(name, one / size, f"the mean of the {which} batch alone"),
        Candidate(name, one, f"the sum of the {which} batch alone"),
        Candidate(name, one / images, f"the sum of the {which} batch, divided by {images}"),
    ]


def _wrong_comparisons(batches: Logits, sizes: Sequence[int]) -> list[Candidate]:
    """Right answers counted in a wrong way: by another argmax, or with all pairs compared."""
    classes = batches[0][0].shape[1]
    pairs = [_count(logits.argmax(dim=1)[:, None] == targets) for logits, targets in batches]
    all_pairs = "every answer compared with every target of its batch"
    ways = [
        (
            "argmax-over-all",
            "one argmax over the whole batch, taken as the answer for all its images",
            [_count(logits.argmax() == targets) for logits, targets in batches],
        ),
        ("compared-all-pairs", all_pairs, pairs),
        ("compared-all-pairs", all_pairs, _means(pairs, sizes)),
    ]
    if all(size in (1, classes) for size in sizes):  # else it can't be compared with the targets
        how = "for each class the image with the largest logit, taken as the answer"
        right = [_count(logits.argmax(dim=0) == targets) for logits, targets in batches]
        ways.insert(0, ("argmax-over-images", how, right))
    return [
        Candidate(name, one.value, how)
        for name, how, right in ways
        for one in _averages(right, sizes)[:2]
    ]
