"""What each right and wrong way of averaging over batches gives, to recognise it by its number."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mnistlab.check.student.probe_data import BATCH
from mnistlab.check.training.probe import CLASSES

Batches = Sequence[tuple[Tensor, Tensor]]
"""Of each batch the images, along the first axis, and the targets, shape (B,)."""

Logits = Sequence[tuple[Tensor, Tensor]]
"""Of each batch the logits, shape (B, O), and the targets, shape (B,)."""

RIGHT = "right"

Loss = Callable[[Tensor, Tensor], Tensor]
"""Takes logits and targets of a batch; gives a mean."""


def _one_hot(targets: Tensor) -> Tensor:
    return F.one_hot(targets, CLASSES).double()


OTHER_LOSSES: tuple[tuple[str, str, Loss], ...] = (
    (
        "soft-max-before-cross-entropy",
        "the cross-entropy of a soft-max's probabilities, not of the logits",
        lambda z, t: F.cross_entropy(z.softmax(dim=1), t),
    ),
    (
        "soft-max-before-cross-entropy",
        "the cross-entropy of sigmoid(logits)",
        lambda z, t: F.cross_entropy(z.sigmoid(), t),
    ),
    (
        "other-loss",
        "the mean squared error of the logits",
        lambda z, t: F.mse_loss(z, _one_hot(t)),
    ),
    (
        "other-loss",
        "the mean squared error of the probabilities",
        lambda z, t: F.mse_loss(z.softmax(dim=1), _one_hot(t)),
    ),
    (
        "other-loss",
        "nll_loss without a logarithm: of the logits",
        lambda z, t: F.nll_loss(z, t),
    ),
    (
        "other-loss",
        "nll_loss without a logarithm: of the probabilities",
        lambda z, t: F.nll_loss(z.softmax(dim=1), t),
    ),
    (
        "other-loss",
        "the binary cross-entropy of the ten outputs",
        lambda z, t: F.binary_cross_entropy_with_logits(z, _one_hot(t)),
    ),
    (
        "other-loss",
        "a margin loss",
        lambda z, t: F.multi_margin_loss(z, t),
    ),
    (
        "other-loss",
        "the cross-entropy with labels smoothed by 0.1",
        functools.partial(F.cross_entropy, label_smoothing=0.1),
    ),
)  # fmt: skip
"""Losses that are no mean cross-entropy of the logits: the mistake, what it is in words, the loss."""


@dataclass(frozen=True)
class Candidate:
    """A number that a function may return.

    Attributes
    ----------
    name : str
        `RIGHT`, or the name of the mistake that gives this number.
    value : float
        The number.
    how : str
        How it is computed, in words.
    """

    name: str
    value: float
    how: str


def explanation(value: float, candidates: Sequence[Candidate]) -> Candidate | None:
    """The first candidate with this value, up to rounding in single precision.

    The right one, the first of the candidates, may be rounded to two decimals or more.
    """
    exact = next((one for one in candidates if close(value, one.value)), None)
    return candidates[0] if exact is None and rounded(value, candidates[0].value) else exact


def rounded(value: float, right: float) -> bool:
    """Whether a number is another one, rounded to two, three or four decimals."""
    return any(math.isclose(value, round(right, digits), rel_tol=1e-6) for digits in (2, 3, 4))


def close(value: float, other: float) -> bool:
    """Whether two numbers agree up to rounding in single precision."""
    return math.isclose(value, other, rel_tol=1e-4, abs_tol=1e-6)


def losses(batches: Logits) -> list[Candidate]:
    """The right loss and what wrong ways of computing it give."""
    sizes = [len(targets) for _, targets in batches]
    sums = [_loss_sum(logits, targets) for logits, targets in batches]
    means = _means(sums, sizes)
    return [
        *_averages(sums, sizes),
        Candidate("summed-loss", sum(sums), "the sum over all images, not divided"),
        Candidate("summed-loss", sum(means), "the sum of the batches' means, not divided"),
        *_other_losses(batches, sizes),
    ]


def _other_losses(batches: Logits, sizes: Sequence[int]) -> list[Candidate]:
    """Mean over images, and mean of batch means, of losses that are none of the task."""
    found = []
    for name, words, loss in OTHER_LOSSES:
        sums = [loss(z, t).item() * len(t) for z, t in batches]
        found += _renamed(name, _averages(sums, sizes)[:2], words)
    return found


def accuracies(batches: Logits) -> list[Candidate]:
    """The right accuracy and what wrong ways of computing it give."""
    sizes = [len(targets) for _, targets in batches]
    answers = [(logits.argmax(dim=1), targets) for logits, targets in batches]
    right = [_count(answer == targets) for answer, targets in answers]
    averages = _averages(right, sizes)
    fraction = averages[0].value
    return [
        *averages,
        Candidate("count-for-fraction", sum(right), "the number of right answers, not divided"),
        Candidate("percent-for-fraction", 100 * fraction, "the right fraction, times 100"),
        Candidate("percent-for-fraction", 100 * averages[1].value, f"{averages[1].how}, times 100"),
        Candidate("error-rate", 1 - fraction, "the fraction of wrong answers"),
        *_arg_max_over_images(batches, sizes),
        *_arg_max_over_all(batches, sizes),
        *_all_pairs(answers, sizes),
    ]


def _loss_sum(logits: Tensor, targets: Tensor) -> float:
    return F.cross_entropy(logits, targets, reduction="sum").item()


def _count(right: Tensor) -> float:
    return float(right.sum().item())


def _means(sums: Sequence[float], sizes: Sequence[int]) -> list[float]:
    return [one / size if size else 0.0 for one, size in zip(sums, sizes, strict=True)]


def _averages(sums: Sequence[float], sizes: Sequence[int]) -> list[Candidate]:
    """Ways to make one number of the batches' sums; the right one first."""
    total, images, batches, largest = sum(sums), sum(sizes), len(sizes), sizes[0]
    means = _means(sums, sizes)
    full = f"{batches} batches × {largest} = {batches * largest} images"
    return [
        Candidate(
            RIGHT, total / images,
            f"the sum over all images, divided by their number (the checker lent {images})",
        ),
        Candidate(
            "mean-of-batch-means", sum(means) / batches, f"the mean of the {batches} batch means"
        ),
        Candidate(
            "batches-times-batch-size", total / (batches * largest), f"the sum, divided by {full}"
        ),
        Candidate(
            "batches-times-batch-size", sum(means) * largest / images,
            f"every batch mean times {largest}, also that of the last batch of {sizes[-1]}",
        ),
        *_one_batch("last-batch-only", "last", sums[-1], sizes[-1], images),
        *_one_batch("first-batch-only", "first", sums[0], sizes[0], images),
        Candidate(
            "sums-over-batches", total / batches,
            f"the sum over all images, divided by the {batches} batches",
        ),
        Candidate(
            "means-over-images", sum(means) / images,
            f"the sum of the {batches} batch means, divided by the number of images, {images}",
        ),
        *_typed_in(sums, means, sizes),
    ]  # fmt: skip


def _typed_in(
    sums: Sequence[float], means: Sequence[float], sizes: Sequence[int]
) -> Iterator[Candidate]:
    """What numbers of MNIST give, where a function has them in place of those of its loader."""
    name, images, batches = "number-typed-in", sum(sizes), len(sizes)
    for number, shown in ((10_000, "10 000"), (60_000, "60 000")):
        how = f"divided by {shown}; this loader has {images} images"
        yield Candidate(name, sum(sums) / number, f"the sum over all images, {how}")
        yield Candidate(name, sum(means) / number, f"the sum of the batch means, {how}")
    if sizes[0] != BATCH:
        how = f"{BATCH}, but this loader's batches have {sizes[0]}"
        both = f"divided by {batches} batches × {how}"
        yield Candidate(name, sum(sums) / (batches * BATCH), f"the sum over all images, {both}")
        yield Candidate(name, sum(means) * BATCH / images, f"every batch mean times {how}")


def _one_batch(name: str, which: str, one: float, size: int, images: int) -> list[Candidate]:
    return [
        Candidate(name, one / size, f"the mean of the {which} batch alone"),
        Candidate(name, one, f"the sum of the {which} batch alone"),
        Candidate(name, one / images, f"the sum of the {which} batch, divided by {images}"),
    ]


def _renamed(name: str, candidates: Iterable[Candidate], how: str) -> list[Candidate]:
    return [Candidate(name, one.value, how) for one in candidates]


def _arg_max_over_images(batches: Logits, sizes: Sequence[int]) -> list[Candidate]:
    """Arg-max along axis 0; elsewhere than in batches of 1 or O images it can't be compared."""
    classes = batches[0][0].shape[1]
    if any(size not in (1, classes) for size in sizes):
        return []
    right = [_count(logits.argmax(dim=0) == targets) for logits, targets in batches]
    return _renamed(
        "arg-max-over-images",
        _averages(right, sizes)[:2],
        "right answers, if for each class the image with the largest logit is looked for",
    )


def _arg_max_over_all(batches: Logits, sizes: Sequence[int]) -> list[Candidate]:
    right = [_count(logits.argmax() == targets) for logits, targets in batches]
    return _renamed(
        "arg-max-over-all",
        _averages(right, sizes)[:2],
        "right answers, if one arg-max over the whole batch is the answer for all its images",
    )


def _all_pairs(answers: Sequence[tuple[Tensor, Tensor]], sizes: Sequence[int]) -> list[Candidate]:
    pairs = [_count(answer[:, None] == targets) for answer, targets in answers]
    per_image = _means(pairs, sizes)
    return _renamed(
        "compared-all-pairs",
        [*_averages(pairs, sizes)[:2], *_averages(per_image, sizes)[:2]],
        "every answer compared with every target of its batch",
    )
