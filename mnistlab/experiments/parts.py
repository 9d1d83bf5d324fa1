"""Other parts: do ReLU and dropout change who is ahead?

On 6000 training images, thirty times each. The networks with tanh and without dropout are part of
`mnistlab.experiments.steps`. Dropout is given to the wide fully-connected network, since it leaves
only half of the hidden units at a time.
"""

from __future__ import annotations

from dataclasses import replace

from mnistlab.experiments import steps
from mnistlab.experiments.experiment import Experiment, final
from mnistlab.runs import Specification

NETWORKS = {
    "fully-connected, ReLU": replace(
        steps.NETWORKS["fully-connected, 100"], network="fully_connected_relu"
    ),
    "convolutional, ReLU": replace(steps.NETWORKS["near and shared"], network="convolutional_relu"),
    "fully-connected, dropout": replace(
        steps.NETWORKS["fully-connected, 577"], network="fully_connected_dropout"
    ),
    "convolutional, dropout": replace(
        steps.NETWORKS["near and shared"], network="convolutional_dropout"
    ),
}
"""By name, without seed and learning rate."""

RATES = (0.03, 0.1, 0.3, 1.0)
"""Learning rates to choose from."""

CANDIDATES = Experiment(
    name="parts-rates",
    question="Which learning rate does each network need with ReLU, and with dropout?",
    specifications=tuple(
        replace(network, learning_rate=rate, seed=seed, split="validation")
        for network in NETWORKS.values()
        for seed in range(2)
        for rate in RATES
    ),
    measure=final,
)

CHOSEN = {
    "fully-connected, ReLU": 0.3,
    "convolutional, ReLU": 0.1,
    "fully-connected, dropout": 0.3,
    "convolutional, dropout": 0.3,
}
"""What ``parts-rates`` chose: the highest mean accuracy on the validation images."""

SEEDS = range(5)
"""Of the runs that are measured on the test images."""

EXPERIMENT = Experiment(
    name="parts",
    question="Is the convolutional network still ahead with ReLU, and what does dropout do for each?",
    specifications=tuple(
        replace(NETWORKS[name], learning_rate=rate, seed=seed)
        for seed in SEEDS
        for name, rate in CHOSEN.items()
    ),
    measure=final,
)


def name_of(one: Specification) -> str:
    """The name of a run's network in `NETWORKS`."""
    return next(name for name, network in NETWORKS.items() if network.network == one.network)


def pairs() -> dict[str, tuple[list[float], list[float]]]:
    """Test accuracies of the fully-connected and the convolutional network, one for each seed.

    As in `mnistlab.experiments.steps`, with ReLU, and with dropout. The fully-connected network with
    dropout has 577 hidden units in a layer, so one as wide without dropout stands before it.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    rows, plain = EXPERIMENT.recorded(), steps.recorded_accuracies()
    found: dict[str, list[float]] = {name: [] for name in NETWORKS}
    for row in rows:
        found[name_of(row.specification)].append(row["accuracy"])
    return {
        "tanh": (plain["fully-connected, 100"], plain["near and shared"]),
        "ReLU": (found["fully-connected, ReLU"], found["convolutional, ReLU"]),
        "no\ndropout": (plain["fully-connected, 577"], plain["near and shared"]),
        "with\ndropout": (
            found["fully-connected, dropout"],
            found["convolutional, dropout"],
        ),
    }
