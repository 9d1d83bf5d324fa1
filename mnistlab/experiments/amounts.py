"""How many images it takes: accuracy against the number of training images, and random labels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnistlab.experiments import shuffles
from mnistlab.experiments.experiment import Experiment, Measured, Row, final
from mnistlab.runs import Run, Specification, loaders_of
from mnistlab.training import evaluate

IMAGES = (100, 300, 1000, 3000, 10_000, 60_000)
"""Numbers of training images: with one seed, each subset is part of the next."""

UPDATES = 2820
"""Of every run, as nearly as whole passes allow: few images are used more often."""

SEEDS = range(5)
BATCH = 64
RANDOM = 1000
"""Images with random labels: a network can only learn them by heart."""


def passes(images: int) -> int:
    """How often so many images must be gone through to make `UPDATES` updates.

    Examples
    --------
    >>> passes(6000), passes(60_000)
    (30, 3)
    """
    return round(UPDATES / -(-images // BATCH))


def _with(network: Specification, images: int, **changes: object) -> Specification:
    return replace(network, images=images, passes=passes(images), **changes)


NETWORKS = tuple(
    replace(network, learning_rate=shuffles.BEST_RATE)
    for network in (shuffles.FULLY_CONNECTED, shuffles.CONVOLUTIONAL)
)


def fitted(run: Run) -> Measured:
    """As `final`, and the accuracy on the training images themselves, measured at the end."""
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
            _with(network, RANDOM, seed=seed, labels="random"),
        )
    ),
    measure=fitted,
)


def measured(
    rows: Sequence[Row], network: Specification, name: str = "accuracy", labels: str = "true"
) -> dict[int, list[float]]:
    """For each number of training images what was measured, one number for each seed.

    Parameters
    ----------
    rows : sequence of Row
        Of this experiment: ``EXPERIMENT.recorded()``.
    network : Specification
        One of `NETWORKS`.
    name : str
        ``"accuracy"`` on the test images, or ``"fitted"``, that on the training images.
    labels : str
        ``"true"`` or ``"random"``.
    """
    found: dict[int, list[float]] = {}
    for row in rows:
        one = row.specification
        if one.network == network.network and one.labels == labels:
            found.setdefault(one.images or 60_000, []).append(row[name])
    return dict(sorted(found.items()))
