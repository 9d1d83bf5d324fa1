"""A network (b) that does no more arithmetic than the network (a) of the assignment.

On 6000 training images, thirty times each. The network (a) is part of `mnistlab.experiments.steps`.
"""

from __future__ import annotations

from dataclasses import replace

from mnistlab.experiments import shuffles
from mnistlab.experiments.experiment import Experiment, final
from mnistlab.parameters import count_parameters
from mnistlab.shapes import multiply_accumulates

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

CHOSEN = 0.3
"""What ``cheap-rates`` chose: the highest mean accuracy on the validation images."""

EXPERIMENT = Experiment(
    name="cheap",
    question="Does the convolutional network make fewer mistakes at no more arithmetic than network (a)?",
    specifications=tuple(replace(NETWORK, learning_rate=CHOSEN, seed=seed) for seed in range(5)),
    measure=final,
)


def accuracies() -> list[float]:
    """Test accuracies, one for each seed.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    return [row["accuracy"] for row in EXPERIMENT.recorded()]


def price() -> tuple[int, int]:
    """What the network costs: its parameters, and its multiply-accumulates for an image.

    Examples
    --------
    >>> price()
    (2226, 80360)
    """
    network = NETWORK.build()
    return count_parameters(network), multiply_accumulates(network, (1, 28, 28))
