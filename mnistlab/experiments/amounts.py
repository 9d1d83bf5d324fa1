"""How much it takes: accuracy against the number of training images.

And a control: labels drawn at random, which a network can only learn by heart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, pairwise
from math import log
from statistics import median
from typing import Any

from torch import Tensor

from mnistlab.experiments import shuffles
from mnistlab.experiments.experiment import Experiment, Measured, Row, final
from mnistlab.runs import Run, Specification, loaders_of
from mnistlab.runs.batches import Repeated
from mnistlab.training import evaluate, train

IMAGES = (100, 300, 1000, 3000, 10_000, 60_000)
"""Numbers of training images: with one seed, each subset is part of the next."""

UPDATES = 2820
"""The number of updates of every run, as nearly as whole passes allow. Few images are used more often."""

SEEDS = range(5)
BATCH = 64
RANDOM = 1000
"""Images with random labels: a network can only learn them by heart."""

SMALLER_RATE = 0.1
"""Tried too with random labels: they make larger gradients, and larger steps."""


def passes(images: int) -> int:
    """How often so many images must be gone through to make `UPDATES` updates.

    Examples
    --------
    >>> passes(6000), passes(60_000)
    (30, 3)
    """
    return round(UPDATES / -(-images // BATCH))


SHIFTS = (0, 2)
"""In pixels, along each axis."""

SHIFTED = Experiment(
    name="shifted-1000",
    question="Does shifting the training images help more where there are only 1000 of them?",
    specifications=tuple(
        replace(
            shuffles.FULLY_CONNECTED,
            learning_rate=0.3,
            images=1000,
            passes=passes(1000),
            shift=shift,
            seed=seed,
        )
        for seed in range(5)
        for shift in SHIFTS
    ),
    measure=final,
)


def shifted() -> tuple[list[float], list[float]]:
    """Test accuracies after 1000 images, in as many updates as elsewhere, without shifts and with them, one for each seed.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    rows = SHIFTED.recorded()
    before, after = (
        [row["accuracy"] for row in rows if row.specification.shift == shift] for shift in SHIFTS
    )
    return before, after


def _with(network: Specification, images: int, **changes: Any) -> Specification:
    return replace(network, images=images, passes=passes(images), **changes)


NETWORKS = tuple(
    replace(network, learning_rate=shuffles.BEST_RATE)
    for network in (shuffles.FULLY_CONNECTED, shuffles.CONVOLUTIONAL)
)
"""The assignment's network (a), and a small network (b)."""


def fitted(run: Run) -> Measured:
    """As `mnistlab.experiments.experiment.final`, and the accuracy on the training images themselves, measured at the end."""
    training, _ = loaders_of(run.specification, source="mnist")
    (point,) = final(run)
    _, accuracy = evaluate(run.network, training.loader)
    return [{**point, "fitted": accuracy}]


EXPERIMENT = Experiment(
    name="training-images",
    question="How many training images does each network need, and can it learn random labels?",
    specifications=tuple(
        one
        for seed in SEEDS
        for network in NETWORKS
        for one in (
            *(_with(network, images, seed=seed) for images in IMAGES),
            *(
                _with(network, RANDOM, seed=seed, labels="random", learning_rate=rate)
                for rate in (shuffles.BEST_RATE, SMALLER_RATE)
            ),
        )
    ),
    measure=fitted,
)


@dataclass(frozen=True)
class AllButLast:
    """The batches ``(images, targets)`` of a run, as `mnistlab.runs.loaders_of` has them, without the very last one."""

    batches: Repeated

    def __len__(self) -> int:
        return len(self.batches) - 1

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        return islice(iter(self.batches), len(self))


def one_update_earlier(run: Run) -> Measured:
    """As `mnistlab.experiments.experiment.final`, and ``earlier``, the test accuracy before the last update.

    To have it the run is trained once more, without its last batch.
    """
    one = run.specification
    network = one.build()
    training, test = loaders_of(one, source="mnist")
    loaders = AllButLast(training), test
    history = train(network, 1, one.learning_rate, loaders, device="cpu", progress=False)
    (point,) = final(run)
    return [{**point, "earlier": history.test_accuracy[-1]}]


EARLIER = Experiment(
    name="last-update",
    question="What does the last update of a run do, which is made on a smaller batch?",
    specifications=tuple(
        _with(network, 10_000, seed=seed) for seed in SEEDS for network in NETWORKS
    ),
    measure=one_update_earlier,
)


def before_the_last_update(network: Specification) -> list[float]:
    """Test accuracies with 10 000 images, one update before the end, one for each seed.

    Parameters
    ----------
    network : Specification
        One of `NETWORKS`.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    rows = EARLIER.recorded()
    return [row["earlier"] for row in rows if row.specification.network == network.network]


def measured(
    rows: Sequence[Row], network: Specification, name: str = "accuracy", labels: str = "true"
) -> dict[int, list[float]]:
    """For each number of training images what was measured, one number for each seed.

    Parameters
    ----------
    rows : sequence of Row
        Of this experiment: ``EXPERIMENT.recorded()``.
    network : Specification
        One of `NETWORKS`; with random labels also at `SMALLER_RATE`.
    name : str
        ``"accuracy"`` on the test images, or ``"fitted"``, that on the training images.
    labels : str
        ``"true"`` or ``"random"``.
    """
    wanted = network.network, network.learning_rate, labels
    found: dict[int, list[float]] = {}
    for row in rows:
        one = row.specification
        if (one.network, one.learning_rate, one.labels) == wanted:
            found.setdefault(one.images or 60_000, []).append(row[name])
    return dict(sorted(found.items()))


def images_worth(
    others: Mapping[int, Sequence[float]], accuracies: Sequence[float]
) -> float | None:
    """How many images the other network would need to make as few mistakes: an estimate.

    Between two numbers of images that were tried, the logarithm of the median error is taken to fall
    along a straight line against the logarithm of the number.

    Parameters
    ----------
    others : mapping of int to sequence of float
        For each number of images the accuracies of the other network.
    accuracies : sequence of float
        Those to be reached, one for each seed.

    Returns
    -------
    float or None
        None if they are not between those of the other network, or one is without a mistake: no
        mistakes have no logarithm.

    Examples
    --------
    >>> round(images_worth({100: [0.8], 10_000: [0.95]}, [0.9]))
    1000
    """
    goal = 1 - median(accuracies)
    errors = [(images, 1 - median(each)) for images, each in sorted(others.items())]
    for (fewer, above), (more, below) in pairwise(errors):
        if above >= goal >= below > 0 and above > below:
            part = log(above / goal) / log(above / below)
            return fewer * (more / fewer) ** part
    return None


def images_worth_by_seed(
    others: Mapping[int, Sequence[float]], accuracies: Sequence[float]
) -> list[float | None]:
    """`images_worth` of one seed after the other: how far the estimate can be trusted.

    Parameters
    ----------
    others : mapping of int to sequence of float
        For each number of images the accuracies in [0, 1] of the other network, one for each seed.
    accuracies : sequence of float
        Those to be reached, for the same seeds.

    Returns
    -------
    list of float or None
        For each seed how many images; None if they are not between those of the other network.

    Examples
    --------
    >>> images_worth_by_seed({100: [0.8, 0.9], 10_000: [0.95, 0.95]}, [0.8, 0.95])
    [100.0, 10000.0]
    """
    return [
        images_worth({images: [each[seed]] for images, each in others.items()}, [accuracy])
        for seed, accuracy in enumerate(accuracies)
    ]
