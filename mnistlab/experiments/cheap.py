"""A network (b) that does no more arithmetic than the network (a) of the assignment.

On 6000 training images, thirty times each. The network (a) is part of `mnistlab.experiments.steps`.
"""

from __future__ import annotations

from dataclasses import replace

from mnistlab.experiments import shuffles
from mnistlab.experiments.experiment import Experiment, final

NETWORK = replace(shuffles.CONVOLUTIONAL, sizes=(2, 4, 10))
"""With 2 and 4 channels: 80 360 multiply–accumulates for an image, where the assignment's (a) has 89 400."""

RATES = (0.1, 0.3, 1.0, 3.0)
"""Learning rates to choose from."""

CANDIDATES = Experiment(
    name="cheap-rates",
    question="Which learning rate does a convolutional network with 2 and 4 channels need?",
    specifications=tuple(
        replace(NETWORK, learning_rate=rate, seed=seed, split="validation")
        for seed in range(2)
        for rate in RATES
    ),
    measure=final,
)
