"""Near, and the same everywhere: networks from the linear one to the convolutional one, step by step.

A convolution makes two assumptions: a unit sees only a neighbourhood, and all units of a channel share
their weights. Four networks have all combinations of the two, at equal work. The others change what is
left: width, the start, pooling, position. All are trained on 6000 images, thirty times each.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from torch import Tensor

from mnistlab.experiments.experiment import Experiment, Measured, Row, best_rates, final
from mnistlab.experiments.shuffles import CONVOLUTIONAL, FULLY_CONNECTED
from mnistlab.local import LocallyConnected2d
from mnistlab.parameters import count_parameters
from mnistlab.runs import Run, Specification
from mnistlab.shapes import multiply_accumulates


def _like(network: str, *sizes: int) -> Specification:
    return replace(CONVOLUTIONAL, network=network, sizes=sizes or CONVOLUTIONAL.sizes)


LOCAL = _like("locally_connected")

NETWORKS = {
    "linear": _like("linear", 784, 10),
    "fully-connected, 100": FULLY_CONNECTED,
    "fully-connected, 577": replace(FULLY_CONNECTED, sizes=(784, 577, 10)),
    "scattered, not shared": replace(LOCAL, permutation=0),
    "near, not shared": LOCAL,
    "scattered, shared": replace(CONVOLUTIONAL, permutation=0),
    "near and shared": CONVOLUTIONAL,
    "untied copy": _like("untied"),
    "average pooling": _like("average_pooling"),
    "stride 2": _like("strided"),
    "global average": _like("global_average"),
    "twice as wide": replace(CONVOLUTIONAL, sizes=(16, 32, 10)),
}
"""By name, without seed and learning rate. A permutation of all pixels takes locality away."""

UNSHARED = ("scattered, not shared", "near, not shared")
"""Each of their weights acts at one position only: they need larger steps than a convolution does."""

ALREADY = ("fully-connected, 100", "near and shared", "scattered, shared")
"""Networks that were tried at four rates in `mnistlab.experiments.shuffles`."""


def rates(name: str) -> tuple[float, ...]:
    """The learning rates that are tried for a network."""
    if name in UNSHARED:
        return (0.3, 1.0, 3.0)
    if name in ALREADY:
        return (0.03, 0.1, 0.3, 1.0)
    return (0.1, 0.3, 1.0, 3.0) if name == "global average" else (0.1, 0.3, 1.0)


SAME_START = "untied copy"
"""Is the locally connected network but for its start, and gets that network's rate."""

CANDIDATES = Experiment(
    name="ladder-rates",
    question="Which learning rate does each network of the ladder need?",
    specifications=tuple(
        replace(network, learning_rate=rate, seed=seed, split="validation")
        for name, network in NETWORKS.items()
        if name != SAME_START
        for seed in range(2)
        for rate in rates(name)
    ),
    measure=final,
)

RATES = {
    name: 1.0 if name in (*UNSHARED, SAME_START, "global average") else 0.3 for name in NETWORKS
}
"""What ``ladder-rates`` chose: the highest mean accuracy on the validation images."""

SEEDS = range(5)

SHIFTED = ("near, not shared", "near and shared")
"""Networks that are also trained on images shifted by up to `SHIFT` pixels."""

SHIFT = 2
"""In pixels, along each axis."""


def seeded(network: Specification, rate: float, seed: int, shift: int = 0) -> Specification:
    """A run of a network with its seed, and on shuffled pixels with a permutation of its own.

    It is not one of the permutations with which the rates were chosen.

    Examples
    --------
    >>> seeded(NETWORKS["scattered, shared"], rate=0.3, seed=2).permutation
    102
    """
    one = replace(network, learning_rate=rate, seed=seed, shift=shift)
    return one if one.permutation is None else replace(one, permutation=seed + 100)


def _run(name: str, seed: int, shift: int = 0) -> Specification:
    return seeded(NETWORKS[name], RATES[name], seed, shift)


EXPERIMENT = Experiment(
    name="ladder",
    question="What do locality and sharing bring, each alone and both together?",
    specifications=tuple(
        _run(name, seed) for name in NETWORKS if name != SAME_START for seed in SEEDS
    ),
    measure=final,
)

START = Experiment(
    name="ladder-start",
    question="Does a shared start help, or do shifted images, where nothing is shared afterwards?",
    specifications=(
        *(_run(name, seed, SHIFT) for seed in SEEDS for name in SHIFTED),
        *(_run(SAME_START, seed) for seed in SEEDS),
    ),
    measure=final,
)


TIED = (1, 5, 15)
"""For so many of the thirty passes the kernels of the untied copy stay equal; then they may drift."""

TIES = Experiment(
    name="ladder-ties",
    question="For how long do the weights have to be shared?",
    specifications=tuple(
        replace(
            NETWORKS[SAME_START],
            learning_rate=RATES["near and shared"],
            seed=seed,
            tied=tied,
        )
        for seed in SEEDS
        for tied in (0, *TIED)
    ),
    measure=final,
)


def drifted(run: Run) -> Measured:
    """As `mnistlab.experiments.experiment.final`, and how far the kernels of each layer have drifted apart."""
    (point,) = final(run)
    layers = [one for one in run.network.modules() if isinstance(one, LocallyConnected2d)]
    return [point | {f"apart_{n}": round(apart(one.weight), 5) for n, one in enumerate(layers, 1)}]


def apart(kernels: Tensor) -> float:
    """How far the kernels of a layer's positions are from their mean, in lengths of that mean.

    Parameters
    ----------
    kernels : torch.Tensor
        One kernel for each position, shape ``(P, Q, k)``.

    Returns
    -------
    float
        The root of the mean square distance, over the length of the mean: 0 if all are equal.

    Examples
    --------
    >>> import torch
    >>> apart(torch.tensor([[[1.0]], [[3.0]]]))
    0.5
    """
    mean = kernels.mean(dim=0)
    distance = (kernels - mean).square().sum(dim=(1, 2)).mean().sqrt()
    return (distance / mean.norm()).item()


DRIFT = Experiment(
    name="ladder-drift",
    question="How far do kernels drift apart once they are set free?",
    specifications=(
        *(one for one in TIES.specifications if one.tied),
        *(one for one in TIES.specifications if not one.tied),
        *(_run(SAME_START, seed) for seed in SEEDS),
    ),
    measure=drifted,
)


FROZEN = Experiment(
    name="ladder-frozen",
    question="If the kernels are frozen where the tie was cut, is that as good?",
    specifications=tuple(
        replace(CONVOLUTIONAL, learning_rate=RATES["near and shared"], seed=seed, frozen=passes)
        for seed in SEEDS
        for passes in (0, *TIED)
    ),
    measure=final,
)


def name_of(specification: Specification) -> str:
    """The name of a run's network in `NETWORKS`."""
    for name, network in NETWORKS.items():
        same = network.network == specification.network and network.sizes == specification.sizes
        if same and (network.permutation is None) == (specification.permutation is None):
            return name
    raise ValueError(f"{specification} is no run of the ladder; expected one of {list(NETWORKS)}")


def chosen_rates(rows: Sequence[Row]) -> dict[str, float]:
    """For each network the rate with the highest mean accuracy on the validation images.

    Parameters
    ----------
    rows : sequence of Row
        Of the experiment ``ladder-rates``: ``CANDIDATES.recorded()``.

    Raises
    ------
    ValueError
        If it is the smallest or the largest that was tried: a better one may lie beyond.
    """
    return best_rates(rows, name_of)


def accuracies(rows: Sequence[Row], name: str, shift: int = 0) -> list[float]:
    """Test accuracies of a network, one for each seed.

    Parameters
    ----------
    rows : sequence of Row
        Of the experiments ``ladder`` or ``ladder-start``.
    name : str
        One of `NETWORKS`.
    shift : int
        By up to how many pixels the training images were shifted: 0 or `SHIFT`.
    """
    return [
        row["accuracy"]
        for row in rows
        if name_of(row.specification) == name and row.specification.shift == shift
    ]


def by_network(rows: Iterable[Row], measured: str = "accuracy") -> dict[str, list[float]]:
    """Accuracies in [0, 1] of each network among some runs, by its name in `NETWORKS`, one for each seed.

    Of the test images, or, with ``"train_accuracy"``, of the training images, on average over the run.
    """
    found: dict[str, list[float]] = {}
    for row in rows:
        found.setdefault(name_of(row.specification), []).append(row[measured])
    return found


def recorded_accuracies() -> dict[str, list[float]]:
    """Test accuracies of each network of the experiment ``ladder``, by name, one for each seed.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    rows = EXPERIMENT.recorded()
    return {name: accuracies(rows, name) for name in NETWORKS if name != SAME_START}


def instead_of_sharing() -> dict[str, list[float]]:
    """Test accuracies of the local networks, one for each seed: another start, or shifted images.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    rows, start = EXPERIMENT.recorded(), START.recorded()
    local, shared = SHIFTED
    return {
        "locally connected": accuracies(rows, local),
        SAME_START: accuracies(start, SAME_START),
        "locally connected, shifted images": accuracies(start, local, SHIFT),
        "CNN": accuracies(rows, shared),
        "CNN, shifted images": accuracies(start, shared, SHIFT),
    }


@dataclass(frozen=True)
class Schedule:
    """For how many passes the kernels of all positions are kept equal, and what becomes of them then.

    Attributes
    ----------
    equal : int
        Passes in which they are equal, as in a convolution, and learn.
    afterwards : str
        In those that are left each kernel is ``"free"`` to change alone, or all are ``"frozen"``.
    passes : int
        In all.
    """

    equal: int
    afterwards: Literal["free", "frozen"]
    passes: int = CONVOLUTIONAL.passes

    @property
    def free(self) -> bool:
        """Whether the kernels may differ in the end."""
        return self.afterwards == "free" and self.equal < self.passes


TO_THE_END = "equal to the end"
"""The convolutional network, among schedules."""


def schedules() -> dict[str, Schedule]:
    """What the names of `tied_for` and `frozen_after` stand for."""
    return {
        **{free_after(tied): Schedule(tied, "free") for tied in (0, *TIED)},
        **{f"frozen after {_passes(count)}": Schedule(count, "frozen") for count in TIED},
        TO_THE_END: Schedule(CONVOLUTIONAL.passes, "free"),
    }


def tied_for() -> dict[str, list[float]]:
    """Test accuracies of the untied copy, one for each seed, by how long its kernels were kept equal.

    After thirty of thirty passes it is the convolutional network.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    rows = TIES.recorded()
    found = {
        free_after(tied): [row["accuracy"] for row in rows if row.specification.tied == tied]
        for tied in (0, *TIED)
    }
    convolution = accuracies(EXPERIMENT.recorded(), "near and shared")
    return found | {TO_THE_END: convolution}


def free_after(tied: int) -> str:
    """What kernels are called that were kept equal for so many passes.

    Examples
    --------
    >>> free_after(0), free_after(5)
    ('equal at the start', 'free after 5 passes')
    """
    return f"free after {_passes(tied)}" if tied else "equal at the start"


def _passes(count: int) -> str:
    return f"{count} pass{'' if count == 1 else 'es'}"


def drifts() -> dict[str, list[tuple[float, float]]]:
    """How far the kernels of both layers have drifted apart at the end, for each seed, by when they were set free.

    The first have the rate of the locally connected network, all others that of the convolution.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    found: dict[tuple[int, float], list[tuple[float, float]]] = {}
    for row in DRIFT.recorded():
        run = row.specification
        found.setdefault((run.tied, run.learning_rate), []).append((row["apart_1"], row["apart_2"]))
    larger, rate = RATES[SAME_START], RATES["near and shared"]
    return {
        f"{free_after(0)}, η = {larger:g}": found[0, larger],
        free_after(0): found[0, rate],
        **{free_after(tied): found[tied, rate] for tied in TIED},
    }


def frozen_after() -> dict[str, list[float]]:
    """Test accuracies of the convolution, one for each seed, by after how many passes its kernels were frozen.

    Those that were never trained, frozen after no pass, are left out.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    rows = FROZEN.recorded()
    return {
        f"frozen after {_passes(count)}": [
            row["accuracy"] for row in rows if row.specification.frozen == count
        ]
        for count in TIED
    }


def by_price(*names: str) -> dict[tuple[int, int], list[float]]:
    """Test accuracies of networks, by what they cost: parameters, and multiply-accumulates per image.

    Parameters
    ----------
    *names : str
        Of `NETWORKS`.

    Raises
    ------
    RecordError
        If the record is missing.

    Examples
    --------
    >>> list(by_price("near and shared"))
    [(11274, 791840)]
    """
    found = recorded_accuracies()
    built = {name: NETWORKS[name].build() for name in names}
    return {
        (count_parameters(network), multiply_accumulates(network, (1, 28, 28))): found[name]
        for name, network in built.items()
    }
