"""Adam, ReLU and dropout at once, with time to learn: who is ahead then?

On 6000 training images, a hundred times each, since dropout makes learning slower. Both networks do
the same arithmetic: the fully-connected one has 577 units in a hidden layer, as in
`mnistlab.experiments.parts`, the convolutional one 8 and 16 channels.

Written down before the first run:

1. With Adam, ReLU and dropout at once, the CNN still makes fewer mistakes than the wide MLP, with
   every seed.
2. The modern parts help the wide MLP more than the CNN: of a hundred mistakes of the wide MLP, the
   CNN leaves more than it does with the plain parts, by the medians.

After the first results, a control: the plain parts, a hundred passes long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from mnistlab.experiments import steps
from mnistlab.experiments.experiment import Experiment, final
from mnistlab.runs import Specification

PLAIN = {
    "fully-connected": replace(steps.NETWORKS["fully-connected, 577"], passes=100),
    "convolutional": replace(steps.NETWORKS["near and shared"], passes=100),
}
"""The control, by name, without seed and learning rate: the networks with their plain parts."""

NETWORKS = {
    name: replace(plain, network=f"{plain.network}_modern", optimizer="adam")
    for name, plain in PLAIN.items()
}
"""The same with ReLU and dropout, trained by Adam."""

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01)
"""Learning rates to choose from; the smallest was added when 0.0003 did best for the fully-connected network."""

PLAIN_RATES = (0.03, 0.1, 0.3, 1.0)
"""Those of plain gradient descent."""

CHOSEN = {"fully-connected": 0.0003, "convolutional": 0.003}
"""What ``modern-rates`` chose: the highest mean accuracy on the validation images."""

PLAIN_CHOSEN = 0.3
"""What ``plain-long-rates`` chose for both."""


def _tried(
    networks: Mapping[str, Specification], rates: Sequence[float]
) -> tuple[Specification, ...]:
    """Two seeds of each network with each rate, measured on validation images."""
    return tuple(
        replace(network, learning_rate=rate, seed=seed, split="validation")
        for seed in range(2)
        for network in networks.values()
        for rate in rates
    )


def _measured(
    networks: Mapping[str, Specification], rates: Mapping[str, float]
) -> tuple[Specification, ...]:
    """Five seeds of each network with its rate."""
    return tuple(
        replace(networks[name], learning_rate=rate, seed=seed)
        for seed in range(5)
        for name, rate in rates.items()
    )


CANDIDATES = Experiment(
    name="modern-rates",
    question="Which learning rate does each network need with Adam, ReLU and dropout at once?",
    specifications=_tried(NETWORKS, RATES),
    measure=final,
)

EXPERIMENT = Experiment(
    name="modern",
    question="Is the convolutional network still ahead with Adam, ReLU and dropout at once?",
    specifications=_measured(NETWORKS, CHOSEN),
    measure=final,
)

PLAIN_CANDIDATES = Experiment(
    name="plain-long-rates",
    question="Which learning rate does each network need with its plain parts, for a hundred passes?",
    specifications=_tried(PLAIN, PLAIN_RATES),
    measure=final,
)

PLAIN_LONG = Experiment(
    name="plain-long",
    question="What do a hundred passes change without Adam, ReLU and dropout?",
    specifications=_measured(PLAIN, dict.fromkeys(PLAIN, PLAIN_CHOSEN)),
    measure=final,
)


def pairs() -> dict[str, tuple[list[float], list[float]]]:
    """Test accuracies of the fully-connected and the convolutional network, one for each seed.

    First with the plain parts, thirty passes long, as in `mnistlab.experiments.steps`, then with the
    same parts, a hundred passes long, and with the modern ones, as long.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    plain = steps.recorded_accuracies()
    return {
        "SGD, tanh\n30 passes": (plain["fully-connected, 577"], plain["near and shared"]),
        "SGD, tanh\n100 passes": accuracies(PLAIN_LONG),
        "Adam, ReLU,\ndropout\n100 passes": accuracies(EXPERIMENT),
    }


def accuracies(experiment: Experiment) -> tuple[list[float], list[float]]:
    """Recorded test accuracies in [0, 1] of the fully-connected and of the convolutional network, by seed.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    found: tuple[list[float], list[float]] = ([], [])
    for row in experiment.recorded():
        found[row.specification.network.startswith("convolutional")].append(row["accuracy"])
    return found
