"""Was sharing worth no more on moved images only because the networks were not finished?

`mnistlab.experiments.places` goes thirty times through the images. After that the convolutional network
fits 6000 moved images less well than the locally connected one. Here both go on to a hundred passes,
on centred images and on moved ones, at the rates that were chosen for thirty.

Written down before the first run: after a hundred passes, sharing removes a larger share of the mistakes
on moved images than on centred ones, with every seed.

The same was asked of the two networks that see shuffled images: after thirty passes, the scattered
network fits its 6000 images less well than the locally connected one. Written down before their first
run, for a hundred passes on centred images:

1. Looking near removes a smaller share of the mistakes than after thirty, on average over the seeds.
2. It is still the largest of the three steps from the wide fully-connected network to the convolutional
   one, by the medians.
3. Sharing alone still does harm: the shared scattered network makes more mistakes than the scattered
   one, with every seed.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from mnistlab.experiments import gains, modern, places, steps
from mnistlab.experiments.experiment import Experiment, final
from mnistlab.experiments.gains import Gain

SHORT, PASSES = 30, 100
"""Passes of the runs that are compared; those with 30 have other records."""

SEEDS = range(5)

RUNS = (
    ("near, not shared", "centred"),
    ("near, not shared", "moved"),
    ("near and shared", "moved"),
)
"""Networks and kinds of images; the convolutional network on centred ones is in `modern.PLAIN_LONG`."""

EXPERIMENT = Experiment(
    name="places-longer",
    question="Is sharing worth more on moved images when both networks have more time?",
    specifications=tuple(
        replace(
            steps.NETWORKS[name],
            **places.IMAGES[images],
            learning_rate=places.RATES[images, name],
            passes=PASSES,
            seed=seed,
        )
        for name, images in RUNS
        for seed in SEEDS
    ),
    measure=final,
)

SCATTERED = ("scattered, not shared", "scattered, shared")
"""Networks for which no window holds neighbours; those for which all do are in `EXPERIMENT` and `modern.PLAIN_LONG`."""

CORNERS = Experiment(
    name="corners-longer",
    question="How much of what looking near gains is time?",
    specifications=tuple(
        replace(steps.seeded(steps.NETWORKS[name], steps.RATES[name], seed), passes=PASSES)
        for name in SCATTERED
        for seed in SEEDS
    ),
    measure=final,
)


def sharing() -> dict[str, dict[int, Gain]]:
    """What sharing changes, with five seeds.

    Returns
    -------
    dict of str to dict of int to Gain
        By the kind of images, ``"centred"`` or ``"moved"``, and by the number of passes, 30 or 100: from
        the locally connected network to the convolutional one.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    local, shared = places.LOCAL
    short = {images: places.accuracies(images) for images in ("centred", "moved")}
    long = {images: places.accuracies(images, EXPERIMENT) for images in short}
    _, long["centred"][shared] = modern.accuracies(modern.PLAIN_LONG)
    return {
        images: {
            SHORT: Gain(found[local][: len(SEEDS)], found[shared][: len(SEEDS)]),
            PASSES: Gain(long[images][local], long[images][shared]),
        }
        for images, found in short.items()
    }


def walk() -> dict[str, dict[int, Gain]]:
    """What the three steps change that lead from the wide fully-connected network to the convolutional one.

    Returns
    -------
    dict of str to dict of int to Gain
        By the step, as in `mnistlab.experiments.gains.gains`, and by the number of passes, 30 or 100, on
        centred images and with five seeds.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    by_passes = {SHORT: steps.recorded_accuracies(), PASSES: long_accuracies()}
    return {
        step: {passes: Gain(found[before], found[after]) for passes, found in by_passes.items()}
        for step, (before, after) in zip(gains.STEPS, pairwise(gains.WALK.values()), strict=True)
    }


def long_accuracies() -> dict[str, list[float]]:
    """Test accuracies after a hundred passes, one for each seed, by the names of `mnistlab.experiments.steps`.

    The wide fully-connected network, and the four that are local or not, and shared or not.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    wide, shared = modern.accuracies(modern.PLAIN_LONG)
    local = places.accuracies("centred", EXPERIMENT)["near, not shared"]
    return steps.by_network(CORNERS.recorded()) | {
        "fully-connected, 577": wide,
        "near, not shared": local,
        "near and shared": shared,
    }
