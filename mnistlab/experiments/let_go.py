"""Do kernels have to be equal later on, or only to be held equal early?

In `mnistlab.experiments.steps` kernels that were set free after five passes stay nearly equal by
themselves, so they do not tell. Here they take longer steps once they are free, so that they come apart;
the last layer keeps its rate.
"""

from __future__ import annotations

from dataclasses import replace

from mnistlab.experiments import steps
from mnistlab.experiments.experiment import Experiment

TIED = 5
"""For so many of the thirty passes the kernels stay equal: as many as brought all of the gain."""

FASTER = (1.0, 3.0, 10.0, 30.0)
"""Step sizes of the free kernels that are tried; that of all else, and theirs before, is 0.3."""

FREE = replace(
    steps.NETWORKS[steps.SAME_START], learning_rate=steps.RATES["near and shared"], tied=TIED
)

CANDIDATES = Experiment(
    name="free-rates",
    question="At which rate do free kernels come apart, and still learn?",
    specifications=tuple(replace(FREE, free_rate=rate, split="validation") for rate in FASTER),
    measure=steps.drifted,
)
