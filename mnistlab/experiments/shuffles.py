"""Shuffled pixels: both kinds of network on images whose pixels have been rearranged.

One permutation is drawn and applied to all images, training and test. It takes no information away,
but pixels that were neighbours no longer are. Here 6000 training images are used thirty times each;
the convolutional network is the small one, with 8 and 16 channels.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import deepcopy
from dataclasses import replace

import torch
from torch import Tensor, nn

from mnistlab.experiments.experiment import Experiment, Row, best_rates, final
from mnistlab.runs import TASK_7, TASK_8, Specification

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

BEST_RATE = 0.3
"""What the experiment ``shuffled-rates`` chose for all three: the highest mean accuracy on the validation images."""

SEEDS = range(10)
"""Each draws its own initial parameters, subset, order of the images, and permutation."""

BLOCKS = (2, 4, 7, 14)
"""Sides of the squares within which pixels are shuffled."""

BLOCK_SEEDS = range(5)


def _runs(network: Specification, seed: int) -> list[Specification]:
    """The runs of a network with a seed: as the images are, shuffled, and shuffled in blocks."""
    plain = replace(network, learning_rate=BEST_RATE, seed=seed)
    shuffled = replace(plain, permutation=seed + 100)  # not the one that chose the rate
    blocks = [replace(shuffled, block=block) for block in BLOCKS if seed in BLOCK_SEEDS]
    return [plain, shuffled, *blocks]


EXPERIMENT = Experiment(
    name="shuffled-pixels",
    question="What is left of the convolutional network's lead when the pixels are shuffled?",
    specifications=tuple(
        one
        for seed in SEEDS
        for network in (FULLY_CONNECTED, CONVOLUTIONAL)
        for one in _runs(network, seed)
    ),
    measure=final,
)


def chosen_rates(rows: Sequence[Row]) -> dict[tuple[str, bool], float]:
    """The rate with the highest mean validation accuracy, by network and whether it saw shuffled pixels."""
    return best_rates(rows, lambda one: (one.network, one.permutation is not None))


def accuracies(rows: Sequence[Row], network: Specification, block: int) -> list[float]:
    """Test accuracies of a network, one for each seed.

    Parameters
    ----------
    rows : sequence of Row
        Of this experiment: ``EXPERIMENT.recorded()``.
    network : Specification
        ``FULLY_CONNECTED`` or ``CONVOLUTIONAL``.
    block : int
        Side of the squares within which pixels are shuffled: 1 for the images as they are, 28 for a
        permutation of all pixels.
    """
    return [
        row["accuracy"]
        for row in rows
        if row.specification.network == network.network
        and (1 if row.specification.permutation is None else row.specification.block) == block
    ]


def by_side(network: Specification) -> dict[int, list[float]]:
    """Test accuracies of a network for each side of the squares that was tried, one for each seed.

    Parameters
    ----------
    network : Specification
        ``FULLY_CONNECTED`` or ``CONVOLUTIONAL``.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    rows = EXPERIMENT.recorded()
    return {side: accuracies(rows, network, side) for side in (1, *BLOCKS, 28)}


def rearranged(network: nn.Sequential, places: Tensor) -> nn.Sequential:
    """The fully-connected network that computes from shuffled images what this one does from images.

    The columns of its first weight matrix are in the order of the shuffled pixels.

    Parameters
    ----------
    network : torch.nn.Sequential
        As `mnistlab.fully_connected` builds it.
    places : torch.Tensor
        A permutation of the 784 pixels, as `mnistlab.runs.permutation` returns it.
    """
    twin = deepcopy(network)
    with torch.no_grad():
        columns = network[1].weight[:, places]
        twin[1].weight.copy_(columns)
    return twin
