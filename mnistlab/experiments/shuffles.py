"""Shuffled pixels: both kinds of network on images whose pixels have been rearranged.

One permutation is drawn and applied to all images, training and test. It takes no information away,
but neighbours are neighbours no more. Here 6000 training images are used thirty times each; the
convolutional network is the small one, with 8 and 16 channels.
"""

from __future__ import annotations

from dataclasses import replace

from mnistlab.experiments.experiment import Experiment, final
from mnistlab.runs import TASK_7, TASK_8

FEW = {"images": 6000, "epochs": 1, "passes": 30}
"""Few images: there the networks differ more, and a run takes seconds."""

FULLY_CONNECTED = replace(TASK_7, **FEW)
CONVOLUTIONAL = replace(TASK_8, sizes=(8, 16, 10), **FEW)

RATES = (0.03, 0.1, 0.3, 1.0)
"""Learning rates to choose from, on the validation images."""

CANDIDATES = Experiment(
    name="shuffled-rates",
    question="Which learning rate does each network need, on images as they are and shuffled?",
    specifications=tuple(
        replace(one, learning_rate=rate, seed=seed, split="validation")
        for one in (FULLY_CONNECTED, CONVOLUTIONAL, replace(CONVOLUTIONAL, permutation=0))
        for seed in range(2)
        for rate in RATES
    ),
    measure=final,
)
