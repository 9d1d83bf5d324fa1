"""Is it the number of images for each place that decides what sharing is worth?

With 6000 images sharing removes as many of the mistakes on moved images as on centred ones; with 600 it
removes many more on moved ones (`mnistlab.experiments.places`). The guess that these runs can refute: a
network that shares nothing learns a stroke anew at every place, from the images that have it there. Moved
by up to n pixels, images lie at (2n + 1)² places. So fewer images and larger moves are two ways to have
few images for each place, and should count alike. And a control that was forgotten: 600 images with noise,
as hard as the 600 that are moved, and in the middle.

Written down before the first run:

1. On 600 noisy images sharing removes a smaller share of the mistakes than on 600 moved ones as hard,
   with each seed.
2. With 600 images, the further they are moved the more sharing removes: the means over the seeds rise
   from 1 pixel (67 images for each place) to 2 (24) to 4 (7).
3. With 67 images for each place by 600 images, it removes as much as with 74 by 6000; with 24 by 600 as
   much as with 22 by 1800. "As much": the mean difference is less than twice its standard error.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mnistlab.experiments import steps
from mnistlab.experiments.experiment import (
    Experiment,
    Row,
    best_rates,
    final,
    mean_over_seeds,
)
from mnistlab.experiments.places import FEW, FEW_CANDIDATES, LOCAL, MOST, SEEDS
from mnistlab.runs import Specification

NOISES = (0.4, 0.5, 0.6, 0.7, 0.8)
"""Standard deviations that were tried: one is to make 600 images as hard as moving them does."""

NOISE = 0.5
"""What ``per-place-noise`` chose: `nearest_noise`."""

IMAGES: dict[str, dict[str, Any]] = {
    "600 noisy": {"images": FEW, "noise": NOISE},
    "600 moved by 1": {"images": FEW, "moved": 1},
    "600 moved by 2": {"images": FEW, "moved": 2},
    "1800 moved by 4": {"images": 3 * FEW, "moved": MOST},
}
"""Kinds and numbers of images, and what makes them in a specification."""


def of_few(name: str, rate: float, seed: int, **changes: Any) -> Specification:
    """A run of one of `mnistlab.experiments.steps.NETWORKS` on other images, with as many updates.

    Parameters
    ----------
    name : str
        Of the network.
    rate, seed : float, int
        Learning rate and seed.
    **changes
        Other fields of the specification; ``images`` must divide the 6000 of the network.

    Examples
    --------
    >>> of_few("near and shared", 0.3, seed=0, images=600).passes
    300
    """
    one = replace(steps.NETWORKS[name], learning_rate=rate, seed=seed, **changes)
    updates = steps.NETWORKS[name]  # as many as with 6000 images
    return replace(one, passes=updates.passes * (updates.images or 0) // (one.images or 1))


NOISE_CANDIDATES = Experiment(
    name="per-place-noise",
    question="With how much noise does a convolutional network err on 600 images as if they were moved?",
    specifications=tuple(
        of_few("near and shared", 0.2, seed, split="validation", images=FEW, noise=noise)
        for noise in NOISES
        for seed in range(2)
    ),
    measure=final,
)

RATES_TRIED = {
    "near, not shared": {0.3: 2, 1.0: 2, 3.0: 2},
    "near and shared": {0.1: 4, 0.2: 4, 0.3: 4, 1.0: 2},
}
"""Rates that are tried for each network, and with how many seeds."""

SMALLER = {("600 noisy", "near, not shared"): {0.03: 2, 0.1: 2}}
"""Tried because the smallest of the others had been the best, twice."""

CANDIDATES = Experiment(
    name="per-place-rates",
    question="Which learning rate does each network need with few images for each place?",
    specifications=tuple(
        of_few(name, rate, seed, split="validation", **made)
        for images, made in IMAGES.items()
        for name in LOCAL
        for rate, seeds in (RATES_TRIED[name] | SMALLER.get((images, name), {})).items()
        for seed in range(seeds)
    ),
    measure=final,
)

RATES = {
    ("600 noisy", "near, not shared"): 0.1,
    ("600 noisy", "near and shared"): 0.3,
    ("600 moved by 1", "near, not shared"): 1.0,
    ("600 moved by 1", "near and shared"): 0.3,
    ("600 moved by 2", "near, not shared"): 1.0,
    ("600 moved by 2", "near and shared"): 0.3,
    ("1800 moved by 4", "near, not shared"): 1.0,
    ("1800 moved by 4", "near and shared"): 0.2,
}
"""What ``per-place-rates`` chose."""

EXPERIMENT = Experiment(
    name="per-place",
    question="Is it the number of images for each place that decides what sharing is worth?",
    specifications=tuple(
        of_few(name, rate, seed, **IMAGES[images])
        for seed in SEEDS
        for (images, name), rate in RATES.items()
    ),
    measure=final,
)


def nearest_noise(rows: Sequence[Row]) -> float:
    """The noise of `NOISES` at which the convolutional network errs most nearly as on 600 moved images.

    Parameters
    ----------
    rows : sequence of Row
        Of the experiment ``per-place-noise``, measured on validation images.
    """
    tried: dict[float, list[Row]] = {}
    for row in rows:
        tried.setdefault(row.specification.noise, []).append(row)
    moved: dict[float, list[Row]] = {}
    for row in FEW_CANDIDATES.recorded():
        one = row.specification
        if one.moved and steps.name_of(one) == "near and shared":
            moved.setdefault(one.learning_rate, []).append(row)
    aim = max(mean_over_seeds(each, "accuracy") for each in moved.values())
    return min(tried, key=lambda noise: abs(mean_over_seeds(tried[noise], "accuracy") - aim))


def images_of(specification: Specification) -> str:
    """The kind and number of images of a run: one of `IMAGES`.

    Raises
    ------
    ValueError
        If the run learns from other images than these.
    """
    for name, made in IMAGES.items():
        if all(getattr(specification, field) == value for field, value in made.items()):
            return name
    raise ValueError(
        f"a run of this experiment learns from {', '.join(IMAGES)}; got {specification}"
    )


def chosen_rates(rows: Sequence[Row]) -> dict[tuple[str, str], float]:
    """For each of `IMAGES` and each network the rate that did best on the validation images.

    Parameters
    ----------
    rows : sequence of Row
        Of the experiment ``per-place-rates``: ``CANDIDATES.recorded()``.

    Raises
    ------
    ValueError
        If it is the smallest or the largest that was tried: a better one may lie beyond.
    """
    return best_rates(rows, lambda one: (images_of(one), steps.name_of(one)))


def accuracies(images: str) -> dict[str, list[float]]:
    """Test accuracies of each network on one of `IMAGES`, one for each seed.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    return steps.by_network(
        row for row in EXPERIMENT.recorded() if images_of(row.specification) == images
    )
