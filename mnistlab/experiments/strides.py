"""Near windows without pooling: is it the windows that gain from nearness, or the pooling?

`mnistlab.experiments.steps` takes nearness away in all layers at once. Here no layer pools, so only
the windows can be near. On 6000 training images, thirty times each.

Before the first run: without pooling, nearness still helps, with every seed. Without pooling, nearness
removes a smaller share of the mistakes than with it, on average over the seeds.
"""

from __future__ import annotations

from dataclasses import replace

from mnistlab.experiments import steps
from mnistlab.experiments.experiment import Experiment, final

NEAR = replace(steps.LOCAL, network="strided_locally_connected")

NETWORKS = {"scattered": replace(NEAR, permutation=0), "near": NEAR}
"""By name, without seed and learning rate. A permutation of all pixels takes nearness away."""

RATES = (0.3, 1.0, 3.0)
"""Learning rates to choose from."""

CANDIDATES = Experiment(
    name="ladder-strides-rates",
    question="Which learning rate do the locally connected networks without pooling need?",
    specifications=tuple(
        replace(network, learning_rate=rate, seed=seed, split="validation")
        for network in NETWORKS.values()
        for seed in range(2)
        for rate in RATES
    ),
    measure=final,
)

CHOSEN = 1.0
"""What ``ladder-strides-rates`` chose, for both: the highest mean accuracy on the validation images."""

EXPERIMENT = Experiment(
    name="ladder-strides",
    question="Does nearness help where no layer pools?",
    specifications=tuple(
        steps.seeded(network, CHOSEN, seed) for network in NETWORKS.values() for seed in steps.SEEDS
    ),
    measure=final,
)


def accuracies() -> dict[str, list[float]]:
    """Test accuracies of both networks, by name, one for each seed.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    rows = EXPERIMENT.recorded()
    return {
        name: [
            row["accuracy"]
            for row in rows
            if (row.specification.permutation is None) == (network.permutation is None)
        ]
        for name, network in NETWORKS.items()
    }


def by_pooling() -> dict[str, tuple[list[float], list[float]]]:
    """Test accuracies where nothing is shared: of scattered windows, then of near ones, with and without pooling.

    The lists are in the order of the seeds. Networks of one seed learn from the same images.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    pooled, strided = steps.recorded_accuracies(), accuracies()
    return {
        "with pooling": (pooled["scattered, not shared"], pooled["near, not shared"]),
        "without": (strided["scattered"], strided["near"]),
    }
