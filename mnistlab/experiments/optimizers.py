"""Other optimizers: does the comparison of the two kinds of network rest on plain gradient descent?

On 6000 training images, thirty times each. Plain gradient descent at the same settings is part of
`mnistlab.experiments.shuffles`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mnistlab.experiments import shuffles
from mnistlab.experiments.experiment import Experiment, Row, best_rates, final
from mnistlab.runs import Specification

NETWORKS = (shuffles.FULLY_CONNECTED, shuffles.CONVOLUTIONAL)
"""The assignment's network (a), and a small network (b)."""

OPTIMIZERS: dict[str, dict[str, Any]] = {
    "momentum": {"momentum": 0.9},
    "Adam": {"optimizer": "adam"},
}
"""What is different from plain gradient descent."""

RATES = {"momentum": (0.003, 0.01, 0.03, 0.1, 0.3), "Adam": (0.0003, 0.001, 0.003, 0.01)}
"""Learning rates to choose from. A momentum of 0.9 makes steps about ten times as long."""

SEEDS = range(5)
"""Of the runs that are measured on the test images."""

CANDIDATES = Experiment(
    name="optimizer-rates",
    question="Which learning rate does each network need with momentum, and with Adam?",
    specifications=tuple(
        replace(network, seed=seed, split="validation", learning_rate=rate, **changes)
        for seed in range(2)
        for network in NETWORKS
        for name, changes in OPTIMIZERS.items()
        for rate in RATES[name]
    ),
    measure=final,
)

CHOSEN = {
    ("fully_connected", "momentum"): 0.1,
    ("fully_connected", "Adam"): 0.003,
    ("convolutional", "momentum"): 0.03,
    ("convolutional", "Adam"): 0.003,
}
"""What ``optimizer-rates`` chose: the highest mean accuracy on the validation images."""

EXPERIMENT = Experiment(
    name="optimizers",
    question="Is the convolutional network still ahead with momentum, and with Adam?",
    specifications=tuple(
        replace(network, seed=seed, learning_rate=CHOSEN[network.network, name], **changes)
        for seed in SEEDS
        for network in NETWORKS
        for name, changes in OPTIMIZERS.items()
    ),
    measure=final,
)


def name_of(specification: Specification) -> str:
    """``"plain"``, ``"momentum"`` or ``"Adam"``."""
    if specification.optimizer == "adam":
        return "Adam"
    return "momentum" if specification.momentum else "plain"


def chosen_rates(rows: Sequence[Row]) -> dict[tuple[str, str], float]:
    """For each network and optimizer the rate with the highest mean accuracy on the validation images.

    Parameters
    ----------
    rows : sequence of Row
        Of the experiment ``optimizer-rates``: ``CANDIDATES.recorded()``.

    Raises
    ------
    ValueError
        If it is the smallest or the largest that was tried: a better one may lie beyond.
    """
    return best_rates(rows, lambda one: (one.network, name_of(one)))


def accuracies(rows: Sequence[Row], network: Specification, optimizer: str) -> list[float]:
    """Test accuracies, one for each seed.

    Parameters
    ----------
    rows : sequence of Row
        Of the experiment ``optimizers``: ``EXPERIMENT.recorded()``.
    network : Specification
        One of `NETWORKS`.
    optimizer : str
        ``"momentum"`` or ``"Adam"``.
    """
    wanted = network.network, optimizer
    return [
        row["accuracy"]
        for row in rows
        if (row.specification.network, name_of(row.specification)) == wanted
    ]


def by_optimizer() -> dict[str, tuple[list[float], list[float]]]:
    """Test accuracies of both networks with each optimizer, plain gradient descent first, one for each seed.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    plain, others = shuffles.EXPERIMENT.recorded(), EXPERIMENT.recorded()
    a, b = NETWORKS
    return {
        "plain": (
            shuffles.accuracies(plain, a, 1)[: len(SEEDS)],
            shuffles.accuracies(plain, b, 1)[: len(SEEDS)],
        ),
        **{name: (accuracies(others, a, name), accuracies(others, b, name)) for name in OPTIMIZERS},
    }
