"""Other optimizers: does the comparison of the two kinds of network rest on plain gradient descent?

On 6000 training images, thirty times each, measured on the validation images; plain gradient descent
at the same settings is part of `mnistlab.experiments.shuffles`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from mnistlab.experiments import shuffles
from mnistlab.experiments.experiment import Experiment, Row, final
from mnistlab.runs import Specification

NETWORKS = (shuffles.FULLY_CONNECTED, shuffles.CONVOLUTIONAL)

SETTINGS: dict[str, list[dict[str, Any]]] = {
    "momentum": [{"momentum": 0.9, "learning_rate": rate} for rate in (0.003, 0.01, 0.03, 0.1)],
    "Adam": [{"optimizer": "adam", "learning_rate": rate} for rate in (0.0003, 0.001, 0.003, 0.01)],
}
"""What is tried with each optimizer. A momentum of 0.9 makes steps about ten times as long."""

SEEDS = range(2)

EXPERIMENT = Experiment(
    name="optimizers",
    question="Is the convolutional network still ahead with momentum, and with Adam?",
    specifications=tuple(
        replace(network, seed=seed, split="validation", **setting)
        for seed in SEEDS
        for network in NETWORKS
        for settings in SETTINGS.values()
        for setting in settings
    ),
    measure=final,
)


def name_of(specification: Specification) -> str:
    """``"plain"``, ``"momentum"`` or ``"Adam"``."""
    if specification.optimizer == "adam":
        return "Adam"
    return "momentum" if specification.momentum else "plain"


def best(rows: Sequence[Row], network: Specification, optimizer: str) -> tuple[float, list[float]]:
    """The learning rate with the highest mean accuracy, and the accuracies there, one for each seed.

    Parameters
    ----------
    rows : sequence of Row
        Of this experiment and of ``shuffles.CANDIDATES``, all on validation images.
    network : Specification
        One of `NETWORKS`.
    optimizer : str
        As `name_of` has it.
    """
    found: dict[float, list[float]] = {}
    for row in rows:
        one = row.specification
        right = one.network == network.network and one.permutation is None
        if right and name_of(one) == optimizer:
            found.setdefault(one.learning_rate, []).append(row["accuracy"])
    rate = max(found, key=lambda rate: sum(found[rate]) / len(found[rate]))
    return rate, found[rate]
