"""Comparisons of runs: the statistics behind the sentences of the chapters.

A chapter states what was found in a sentence written by hand. The number in the sentence comes from
a function of this module, and a hidden cell of the chapter asserts what the sentence claims.

Throughout, ``a`` and ``b`` are the histories of the fully-connected and of the convolutional network,
one per seed, in the same order of seeds, and epochs count from 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from itertools import combinations
from math import fsum, sqrt
from statistics import fmean, median

import torch
from torch import Tensor
from torchvision.datasets import MNIST

from mnistlab import _checks
from mnistlab.runs import record
from mnistlab.training import History

Histories = Sequence[History]

LEARNED = 0.5
"""A run that reads a smaller share of the images has failed: it is counted, and left out of averages."""


def mean_error(accuracies: Iterable[float]) -> float:
    """Share of wrong answers in [0, 0.5], averaged over the runs that learned.

    Parameters
    ----------
    accuracies : iterable of float
        In [0, 1], one for each run. A run below `LEARNED` has failed, and is left out.

    Raises
    ------
    ValueError
        If there is no run that learned.

    Examples
    --------
    >>> round(mean_error([0.98, 0.96, 0.1]), 3)
    0.03
    """
    every = list(accuracies)
    learned = [accuracy for accuracy in every if accuracy >= LEARNED]
    if not learned:
        raise ValueError(f"none of {len(every)} runs reads half of the images: there is no average")
    return 1 - fmean(learned)


# --- curves over several seeds


def mean_curve(histories: Histories, quantity: str = "test_accuracy") -> list[float]:
    """Mean over the seeds after each epoch.

    Parameters
    ----------
    histories : sequence of History
        One per seed, equally long.
    quantity : str
        Name of a list of `mnistlab.History`: losses in nats per image, accuracies as fractions.

    Raises
    ------
    ValueError
        If there is no such list, no history, or the histories differ in length.
    """
    return [fmean(epoch) for epoch in _epochs(histories, quantity)]


def first_epoch(values: Iterable[float], goal: float) -> int | None:
    """The first epoch after which a curve is at ``goal`` or above; None if it never is.

    >>> first_epoch([0.84, 0.89, 0.90], 0.89)
    2
    """
    return next((epoch for epoch, value in enumerate(values, 1) if value >= goal), None)


def milestones(
    a: Histories, b: Histories, goals: Sequence[float]
) -> list[tuple[str, int | str, int | str]]:
    """After which epoch the mean accuracy of each network first reaches each goal.

    Returns
    -------
    list of (str, int or str, int or str)
        The goal in percent, the epoch of ``a`` and that of ``b``; ``"–"`` where it is not reached.
        Rows for a `mnistlab.tables.Table`.
    """
    means = mean_curve(a), mean_curve(b)
    return [
        (f"{100 * goal:g}%", *(first_epoch(mean, goal) or "–" for mean in means)) for goal in goals
    ]


def points_apart(a: Histories, b: Histories, epoch: int) -> float:
    """Mean test accuracy of ``b`` minus that of ``a`` after an epoch, in percentage points."""
    mean_a, mean_b = (_after(mean_curve(runs), epoch) for runs in (a, b))
    return 100 * (mean_b - mean_a)


def error_ratios(a: Histories, b: Histories, epoch: int) -> list[float]:
    """Wrong answers of ``b`` for each wrong answer of ``a`` after an epoch, seed by seed.

    Raises
    ------
    ValueError
        If the two have unequal numbers of seeds, there is no such epoch, or ``a`` makes no mistakes.
    """
    pairs = list(zip(_column(a, epoch), _column(b, epoch), strict=True))
    if any(accuracy_a == 1 for accuracy_a, _ in pairs):
        raise ValueError(
            f"a history of a has no wrong answer after epoch {epoch}; expected some, to divide by"
        )
    return [(1 - accuracy_b) / (1 - accuracy_a) for accuracy_a, accuracy_b in pairs]


def seed_spread(histories: Histories, epoch: int) -> float:
    """Highest minus lowest test accuracy over the seeds after an epoch, in percentage points."""
    column = _column(histories, epoch)
    return 100 * (max(column) - min(column))


def epochs_apart(a: Histories, b: Histories) -> int:
    """After how many epochs the least accurate seed of ``b`` is above the most accurate of ``a``."""
    columns = (_epochs(runs, "test_accuracy") for runs in (a, b))
    return sum(min(column_b) > max(column_a) for column_a, column_b in zip(*columns, strict=True))


def generalization_gap(histories: Histories, epoch: int) -> float:
    """Test loss after an epoch minus the training loss during it: the mean over the seeds, in nats."""
    test, training = (
        _after(mean_curve(histories, name), epoch) for name in ("test_loss", "train_loss")
    )
    return test - training


def late_changes(histories: Histories, epochs: int = 10) -> list[float]:
    """How the test loss still changes at the end, seed by seed, in nats.

    The mean of the last ``epochs`` epochs minus that of as many before: below zero the loss falls.

    Raises
    ------
    ValueError
        If a history is shorter than twice ``epochs``.
    """
    _checks.whole("epochs", epochs, 1)
    for history in histories:
        if len(history.test_loss) < 2 * epochs:
            raise ValueError(
                f"a history has {len(history.test_loss)} epochs; expected at least {2 * epochs}"
            )
    return [
        fmean(one.test_loss[-epochs:]) - fmean(one.test_loss[-2 * epochs : -epochs])
        for one in histories
    ]


# --- the same curves by the clock


def seconds_per_epoch(histories: Histories) -> float:
    """Median duration of an epoch over all seeds and epochs, in seconds."""
    return median(seconds for history in histories for seconds in history.seconds)


def hours_of_computing(histories: Histories) -> float:
    """How long the runs take together if no epoch is held up: each run's median epoch, as often as it has epochs."""
    return sum(median(one.seconds) * len(one.seconds) for one in histories) / 3600


def accuracy_at(histories: Histories, seconds: float) -> float | None:
    """Mean test accuracy after the last epoch that is finished at a time; None before the first.

    Every epoch is taken to last `seconds_per_epoch`. After the recorded epochs the accuracy stays
    that of the last one, which a longer training might exceed.
    """
    finished = int(seconds / seconds_per_epoch(histories) + 1e-9)  # up to rounding
    means = mean_curve(histories)
    return means[min(finished, len(means)) - 1] if finished else None


def overtaking(a: Histories, b: Histories) -> float | None:
    """Seconds after which ``b`` is at least as accurate as ``a``, both started at the same time.

    Compared whenever an epoch of ``b`` ends, with `accuracy_at`. None if it never happens.
    """
    pace = seconds_per_epoch(b)
    for epoch, accuracy in enumerate(mean_curve(b), 1):
        other = accuracy_at(a, epoch * pace)
        if other is None or accuracy >= other:
            return epoch * pace
    return None


# --- two networks on the same images


@dataclass(frozen=True)
class Disagreement:
    """On how many images two networks are wrong: both, or exactly one of them.

    The images on which exactly one is wrong decide between them. If the two were equally good, each
    such image would be the toss of a fair coin: this is the sign test, here called McNemar's test.

    Attributes
    ----------
    both, only_a, only_b : int
        Numbers of images.
    """

    both: int
    only_a: int
    only_b: int

    @property
    def tosses(self) -> int:
        """Images on which exactly one of the two is wrong."""
        return self.only_a + self.only_b

    @property
    def difference(self) -> int:
        """Images that only ``a`` gets wrong minus those that only ``b`` gets wrong."""
        return self.only_a - self.only_b

    @property
    def standard_deviation(self) -> float:
        """Standard deviation of heads minus tails for as many tosses: the root of their number."""
        return sqrt(self.tosses)

    @property
    def deviations(self) -> float:
        """The difference in standard deviations; 0 without any toss."""
        return self.difference / self.standard_deviation if self.tosses else 0.0


def disagreement(wrong_a: Tensor, wrong_b: Tensor) -> Disagreement:
    """Compare two networks image by image.

    Parameters
    ----------
    wrong_a, wrong_b : torch.Tensor
        ``bool`` of shape ``(N,)``: whether the network is wrong on each of the same images.

    Raises
    ------
    ValueError
        If they are not two such tensors of one length.
    """
    if wrong_a.dtype != torch.bool or wrong_b.dtype != torch.bool or wrong_a.ndim != 1:
        raise ValueError("expected bool tensors of shape (N,): answers != targets")
    if wrong_a.shape != wrong_b.shape:
        raise ValueError(
            f"{len(wrong_a)} and {len(wrong_b)} images; expected the same images twice"
        )
    counts = (wrong_a & wrong_b, wrong_a & ~wrong_b, wrong_b & ~wrong_a)
    return Disagreement(*(count.sum().item() for count in counts))


def nearest_mean_accuracy(train: MNIST, test: MNIST) -> float:
    """Accuracy without any network: each test image gets the digit whose mean image is nearest.

    Parameters
    ----------
    train, test : torchvision.datasets.MNIST
        From `mnistlab.datasets`; the means are those of the training images.

    Returns
    -------
    float
        Fraction of the test images that are recognized, in [0, 1].
    """
    pixels = train.data.flatten(1).float()
    means = torch.stack([pixels[train.targets == digit].mean(dim=0) for digit in range(10)])
    nearest = torch.cdist(test.data.flatten(1).float(), means).argmin(dim=1)
    return (nearest == test.targets).double().mean().item()


# --- a run beside its record


def repeats_record(live: History, recorded: Histories, seed: int = 0) -> tuple[str, str, bool]:
    """Whether a run repeats the recorded curve of its seed, measured by the distance to other seeds.

    Parameters
    ----------
    live : History
        The run, with no more epochs than the record.
    recorded : sequence of History
        One per seed, at least two.
    seed : int
        Which of them the run should repeat.

    Returns
    -------
    same, nearest : str
        Largest difference of the test loss from the recorded curve of the same seed, and from the
        nearest curve of another seed, in nats.
    repeats : bool
        Whether the loss is closer than a tenth of that distance, and the accuracy closer than any
        other seed's.
    """
    gaps = [record.largest_differences(live, one) for one in recorded]
    loss, accuracy = gaps.pop(seed)
    other_loss, other_accuracy = (min(column) for column in zip(*gaps, strict=True))
    repeats = loss < other_loss / 10 and accuracy < other_accuracy
    return f"{loss:.0e}", f"{other_loss:.4f}", repeats


def permutation_test(
    lower: Sequence[float],
    higher: Sequence[float],
) -> tuple[int, int]:
    """The exact permutation test of two groups of numbers: could it be luck which is which?

    If the two groups did not differ, every way to deal the numbers into two groups of these sizes
    would be equally likely.

    Parameters
    ----------
    lower, higher : sequence of float
        The two groups, such as the accuracies of two networks, one number for each seed.

    Returns
    -------
    extreme, ways : int
        In how many ways the sum of the first group is as low as it is, or lower, and how many ways
        there are. Their ratio is the probability of a difference like this by luck.

    Raises
    ------
    ValueError
        If a group is empty.

    Examples
    --------
    >>> permutation_test([1, 2, 3], [4, 5, 6])
    (1, 20)
    """
    _check_groups(lower, higher)
    both = [*lower, *higher]
    groups = combinations(both, len(lower))
    sums = [fsum(group) for group in groups]
    most = fsum(lower) + 1e-12  # up to rounding
    extreme = sum(one <= most for one in sums)
    return extreme, len(sums)


# --- helpers


def _check_groups(*groups: Sequence[float]) -> None:
    if not all(groups):
        raise ValueError("a group is empty; expected at least one number in each")


def _epochs(histories: Histories, quantity: str) -> list[tuple[float, ...]]:
    """One tuple per epoch, with a number per seed."""
    names = [one.name for one in fields(History)]
    if quantity not in names:
        raise ValueError(f"quantity is {quantity!r}; expected one of {', '.join(names)}")
    curves = [getattr(history, quantity) for history in histories]
    lengths = sorted(set(map(len, curves)))
    if len(lengths) != 1 or lengths == [0]:
        raise ValueError(
            f"the histories have {lengths} epochs; expected at least one history, and all of one length"
        )
    return list(zip(*curves, strict=True))


def _after(values: Sequence[float], epoch: int) -> float:
    if not 1 <= epoch <= len(values):
        raise ValueError(f"epoch is {epoch!r}; expected one from 1 to {len(values)}")
    return values[epoch - 1]


def _column(histories: Histories, epoch: int) -> tuple[float, ...]:
    return _after(_epochs(histories, "test_accuracy"), epoch)
