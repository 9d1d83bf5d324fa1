"""Is sharing worth more where things stand at more places? Images moved once, and a control with noise.

MNIST's digits are centred, so that a stroke comes back at about the same place, and a network that
shares nothing can learn it there. Here every image, training and test, is moved once at random. Moved
images are also harder, and with harder images any ratio may change; so a control makes them about
as hard with noise, and leaves them where they are. Three networks learn from 6000 images, thirty times
each, as in `mnistlab.experiments.steps`, whose runs on centred images belong to this comparison.

Written down before the first run:

1. Sharing saves a larger share of the mistakes on moved images than on centred ones, with each seed.
2. Noise does not do that: the share saved on noisy images is nearer to the one on centred images.
3. On moved images sharing saves a larger share than the step before it, from a fully-connected
   network to one that is only local. On centred images it is the other way round.
"""

from __future__ import annotations

from dataclasses import replace

from mnistlab.experiments import steps
from mnistlab.experiments.experiment import (
    Experiment,
    final,
)
from mnistlab.runs import Specification

NETWORKS = ("fully-connected, 577", "local, not shared", "local and shared")
"""Of `mnistlab.experiments.steps.NETWORKS`: equal work, and equal parameters for the first two."""

MOST = 4
"""By up to how many pixels an image is moved, down or up and left or right."""

NOISES = (0.2, 0.4, 0.6, 0.8)
"""Standard deviations that were tried: one is to make images about as hard as moving does."""

NOISE = 0.4

IMAGES = {"centred": {}, "noisy": {"noise": NOISE}, "moved": {"moved": MOST}}
"""Kinds of images, and what makes them in a specification."""


def _run(name: str, images: str, rate: float, seed: int, **changes: object) -> Specification:
    made = {**IMAGES[images], "learning_rate": rate, "seed": seed, **changes}
    return replace(steps.NETWORKS[name], **made)


CANDIDATES = Experiment(
    name="places-rates",
    question="Which learning rate does each network need on moved and on noisy images, and how much noise?",
    specifications=tuple(
        dict.fromkeys(
            (
                *(
                    _run(name, "moved", rate, seed, split="validation")
                    for name in reversed(NETWORKS)
                    for seed in range(2)
                    for rate in steps.rates(name)
                ),
                *(
                    _run("local and shared", "noisy", 0.3, seed, split="validation", noise=noise)
                    for seed in range(2)
                    for noise in NOISES
                ),
                *(
                    _run(name, "noisy", rate, seed, split="validation")
                    for name in NETWORKS
                    for seed in range(2)
                    for rate in steps.rates(name)
                ),
            )
        )
    ),
    measure=final,
)
