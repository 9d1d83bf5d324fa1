"""Was sharing worth no more on moved images only because the networks were not finished?

`mnistlab.experiments.places` goes thirty times through the images. After that the convolutional network
fits 6000 moved images less well than the locally connected one. Here both go on to a hundred passes,
on centred images and on moved ones, at the rates that were chosen for thirty.

Written down before the first run: after a hundred passes, sharing removes a larger share of the mistakes
on moved images than on centred ones, with every seed.
"""

from __future__ import annotations

from dataclasses import replace

from mnistlab.experiments import modern, places, steps
from mnistlab.experiments.experiment import Experiment, final
from mnistlab.experiments.gains import Gain

PASSES = 100
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


def sharing() -> dict[str, dict[int, Gain]]:
    """What sharing changes, by the kind of images and the number of passes, with five seeds.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    local, shared = places.LOCAL
    short = {images: places.accuracies(images) for images in ("centred", "moved")}
    long = {images: places.accuracies(images, EXPERIMENT) for images in short}
    long["centred"][shared] = [
        row["accuracy"]
        for row in modern.PLAIN_LONG.recorded()
        if row.specification.network == "convolutional"
    ]
    return {
        images: {
            30: Gain(found[local][: len(SEEDS)], found[shared][: len(SEEDS)]),
            PASSES: Gain(long[images][local], long[images][shared]),
        }
        for images, found in short.items()
    }
