"""Do kernels have to be equal later on, or only to be held equal early?

In `mnistlab.experiments.steps` kernels that were set free after five passes stayed nearly equal by
themselves, so they do not tell. Here they take longer steps once they are free, so that they come apart;
the last layer keeps its rate.

Two rates of the free kernels are run on the test images: that of a network that shares nothing, and, of
those that are tried on the validation images, the largest at which the network gets more than half of
them right. Written down before the first run of either kind:

1. At the rate of a network that shares nothing, the network makes no more mistakes than the convolutional
   one, on average over the seeds.
2. At that rate its kernels end at least five times as far apart, in both layers, as those that went on
   with their old rate, with every seed.
3. At the larger rate it makes more mistakes than the convolutional network, with every seed.

Written down after the validation runs and before the others:

4. At the larger rate its kernels end further apart, in both layers, than those of the locally connected
   network that began with equal kernels, with every seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mnistlab.experiments import steps
from mnistlab.experiments.experiment import Experiment, Row

TIED = 5
"""For so many of the thirty passes the kernels stay equal: as many as brought all of the gain."""

TRIED = (1.0, 2.0, 3.0, 5.0, 10.0, 30.0)
"""Rates of the free kernels; that of all else, and theirs before, is 0.3.

None of the first four did harm, so the last two were added, before any run met the test images.
"""

FREE = replace(
    steps.NETWORKS[steps.SAME_START], learning_rate=steps.RATES["near and shared"], tied=TIED
)

CANDIDATES = Experiment(
    name="let-go-rates",
    question="How large may the steps of free kernels be?",
    specifications=tuple(replace(FREE, free_rate=rate, split="validation") for rate in TRIED),
    measure=steps.drifted,
)


def largest_that_learns(rows: Sequence[Row]) -> float:
    """The largest rate at which the network gets more than half of the validation images right.

    Parameters
    ----------
    rows : sequence of Row
        Of the experiment ``let-go-rates``: ``CANDIDATES.recorded()``.

    Raises
    ------
    ValueError
        If it is the largest that was tried: a larger one may do, too.
    """
    learned = [row.specification.free_rate for row in rows if row["accuracy"] > 0.5]
    chosen = max(rate for rate in learned if rate is not None)
    if chosen == max(TRIED):
        raise ValueError(f"the network still learns at the rate {chosen:g}; try larger ones, too")
    return chosen


RATES = (steps.RATES[steps.SAME_START], 10.0)
"""Of free kernels, on the test images: a network's that shares nothing, and `largest_that_learns`."""

EXPERIMENT = Experiment(
    name="let-go",
    question="Do kernels that come far apart, once they are free, keep what sharing has gained?",
    specifications=tuple(
        replace(FREE, free_rate=rate, seed=seed) for rate in RATES for seed in steps.SEEDS
    ),
    measure=steps.drifted,
)


def by_rate(layer: int) -> dict[str, dict[float, list[tuple[float, float]]]]:
    """How far kernels end apart, and the test accuracy, for each seed: by when they were free, and their rate then.

    Parameters
    ----------
    layer : int
        1 or 2.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    found: dict[str, dict[float, list[tuple[float, float]]]] = {}
    for row in (*EXPERIMENT.recorded(), *steps.DRIFT.recorded()):
        run = row.specification
        if run.tied in (0, TIED):
            when = steps.free_after(run.tied)
            rate = run.free_rate or run.learning_rate
            point = row[f"apart_{layer}"], row["accuracy"]
            found.setdefault(when, {}).setdefault(rate, []).append(point)
    return {when: dict(sorted(each.items())) for when, each in found.items()}
