"""Kernels of the first layer at several positions: what the drift of `mnistlab.experiments.steps` looks like.

Five runs of one seed, on 6000 training images, thirty times each: a locally connected network, one whose
kernels are equal at the start only, two whose kernels are kept equal for five passes, and a convolution.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn

from mnistlab.experiments import let_go, steps
from mnistlab.experiments.experiment import Experiment, Measured, final
from mnistlab.local import LocallyConnected2d
from mnistlab.runs import Run, Specification

ROW = 14
COLUMNS = range(6, 22, 2)
"""Positions on the maps of 28 × 28: eight of them, side by side in the middle row."""


def _run(name: str, rate: str, tied: int = 0) -> Specification:
    return replace(steps.NETWORKS[name], learning_rate=steps.RATES[rate], seed=0, tied=tied)


RUNS = {
    "each drawn at random": _run("near, not shared", "near, not shared"),
    "equal at the start": _run(steps.SAME_START, "near and shared"),
    "free after 5 passes": _run(steps.SAME_START, "near and shared", tied=5),
    "equal to the end": _run("near and shared", "near and shared"),
    "free after 5 passes, η = 10": replace(let_go.FREE, free_rate=let_go.RATES[-1]),
}
"""By what is said of their kernels. All but the first have the rate of the convolution, the last until they are free."""


def at_positions(run: Run) -> Measured:
    """As `mnistlab.experiments.experiment.final`, a point for each kernel, with its 25 weights.

    One for each channel of the first layer and each of the positions in `ROW` and `COLUMNS`.
    """
    (point,) = final(run)
    first, *_ = run.network.children()
    kernels = kernels_of(first)
    return [
        point
        | {"channel": channel, "column": column}
        | {f"w{i}": round(weight, 4) for i, weight in enumerate(kernel.tolist())}
        for channel, row in enumerate(kernels)
        for column, kernel in zip(COLUMNS, row, strict=True)
    ]


def kernels_of(layer: nn.Module) -> Tensor:
    """The kernels of a first layer at the positions: ``(channels, positions, 25)``.

    Parameters
    ----------
    layer : nn.Conv2d or mnistlab.local.LocallyConnected2d
        With one input channel, a kernel of 5 × 5 and maps of 28 × 28.

    Raises
    ------
    TypeError
        If the layer is of another kind.

    Examples
    --------
    >>> kernels_of(nn.Conv2d(1, 8, 5)).shape
    torch.Size([8, 8, 25])
    """
    if isinstance(layer, nn.Conv2d):
        return layer.weight.detach().flatten(1).unsqueeze(1).expand(-1, len(COLUMNS), -1)
    if isinstance(layer, LocallyConnected2d):
        positions = [ROW * 28 + column for column in COLUMNS]
        return layer.weight.detach()[positions].transpose(0, 1)
    raise TypeError(f"layer is {layer}; expected a Conv2d or a LocallyConnected2d")


EXPERIMENT = Experiment(
    name="kernels",
    question="What do the kernels of different positions look like?",
    specifications=tuple(RUNS.values()),
    measure=at_positions,
)


def pictures(channel: int = 0) -> dict[str, Tensor]:
    """The kernels of one channel in each of `RUNS`, as pictures of shape ``(positions, 5, 5)``.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    weights: dict[Specification, list[list[float]]] = {}
    for row in EXPERIMENT.recorded():
        if row["channel"] == channel:
            weights.setdefault(row.specification, []).append([row[f"w{i}"] for i in range(25)])
    return {name: torch.tensor(weights[run]).reshape(-1, 5, 5) for name, run in RUNS.items()}
