"""Accuracy against the learning rate, for both networks of the assignment.

Nothing is chosen on the test set: all runs are trained on 50 000 of the training images and measured
on the other 10 000.
"""

from __future__ import annotations

from dataclasses import replace

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mnistlab import findings
from mnistlab.data import data_loaders
from mnistlab.experiments.experiment import Experiment, Row, best_rates, curve
from mnistlab.ladder import untie
from mnistlab.networks import convolutional
from mnistlab.runs import TASK_7, TASK_8, Specification, record
from mnistlab.training import History

RATES = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
"""Evenly spaced on a logarithmic axis, the assignment's 0.01 among them."""

SEEDS = range(3)

EPOCHS = {TASK_7.network: 10, TASK_8.network: 5}
"""The convolutional network gets half as many: its epochs take much longer, and it needs fewer."""

EXPERIMENT = Experiment(
    name="learning-rates",
    question="At which learning rate does each of the two networks do best?",
    specifications=tuple(
        replace(
            task, epochs=EPOCHS[task.network], learning_rate=rate, seed=seed, split="validation"
        )
        for seed in SEEDS
        for task in (TASK_7, TASK_8)
        for rate in RATES
    ),
    measure=curve,
)

OWN_RATES = {TASK_7.network: 0.3, TASK_8.network: 0.1}
"""What ``learning-rates`` chose: the highest mean accuracy on the validation images."""

OWN_SEEDS = range(4)

OWN = Experiment(
    name="own-rates",
    question="How far apart are the two networks on the test images, each at its own learning rate?",
    specifications=tuple(
        replace(
            task,
            epochs=EPOCHS[task.network],
            learning_rate=OWN_RATES[task.network],
            seed=seed,
        )
        for seed in OWN_SEEDS
        for task in (TASK_7, TASK_8)
    ),
    measure=curve,
)

LONGER = 20
"""Epochs of both networks when neither is stopped early."""

LONG = Experiment(
    name="own-rates-longer",
    question="How far apart are the two networks when each has its own learning rate and time to use it?",
    specifications=tuple(
        replace(task, epochs=LONGER, learning_rate=OWN_RATES[task.network], seed=seed)
        for seed in OWN_SEEDS
        for task in (TASK_7, TASK_8)
    ),
    measure=curve,
)


def accuracies(rows: list[Row], task: Specification, epoch: int) -> dict[float, list[float]]:
    """Validation accuracy after an epoch, for each learning rate a list with one for each seed.

    Parameters
    ----------
    rows : list of Row
        Of this experiment: ``EXPERIMENT.recorded()``.
    task : Specification
        Names the network.
    epoch : int
        From 1 to 10 or, for the convolutional network, 5.
    """
    chosen = [
        row for row in rows if row.specification.network == task.network and row["epoch"] == epoch
    ]
    rates = sorted({row.specification.learning_rate for row in chosen})
    return {
        rate: [row["accuracy"] for row in chosen if row.specification.learning_rate == rate]
        for rate in rates
    }


def errors(rows: list[Row], task: Specification, rate: float, epoch: int) -> list[float]:
    """Shares of the validation images with a wrong answer, one for each seed."""
    return [1 - accuracy for accuracy in accuracies(rows, task, epoch)[rate]]


def best_rate(rows: list[Row], task: Specification, epoch: int) -> float:
    """The learning rate with the highest mean validation accuracy after an epoch.

    Raises
    ------
    ValueError
        If it is the smallest or the largest that was tried: a better one may lie beyond.
    """
    after = [row for row in rows if row["epoch"] == epoch]
    return best_rates(after, lambda one: one.network)[task.network]


def at_own_rates() -> tuple[list[History], list[History]]:
    """Both networks over `LONGER` epochs, each at its own rate: a history for each seed.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    rows = LONG.recorded()
    a, b = ([_history(rows, task, seed) for seed in OWN_SEEDS] for task in (TASK_7, TASK_8))
    return a, b


def after_a_hundred_epochs() -> tuple[float, float]:
    """What share both networks get wrong after a hundred epochs at the assignment's rate, on average.

    Examples
    --------
    >>> a, b = after_a_hundred_epochs()
    >>> 0.02 < a < 0.025 and 0.009 < b < 0.01
    True
    """
    a, b = (1 - findings.mean_curve(record.histories(task))[-1] for task in (TASK_7, TASK_8))
    return a, b


def _history(rows: list[Row], task: Specification, seed: int) -> History:
    """The rows of one run, as the training had measured them."""
    run = sorted(
        (
            r
            for r in rows
            if (r.specification.network, r.specification.seed) == (task.network, seed)
        ),
        key=lambda row: row["epoch"],
    )
    columns = ("loss", "accuracy", "train_loss", "train_accuracy", "seconds")
    return History(*([row[column] for row in run] for column in columns))


def before_and_after() -> dict[str, tuple[list[float], list[float]]]:
    """Test accuracies of both networks at the assignment's rate and at their own, one for each seed.

    After ten epochs, and after `EPOCHS` at a network's own rate.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    own, tasks = OWN.recorded(), (TASK_7, TASK_8)
    a, b = (
        [history.test_accuracy[EPOCHS[TASK_7.network] - 1] for history in record.histories(task)]
        for task in tasks
    )
    own_a, own_b = (
        accuracies(own, task, EPOCHS[task.network])[OWN_RATES[task.network]] for task in tasks
    )
    rate_a, rate_b = (OWN_RATES[task.network] for task in tasks)
    return {
        "η = 0.01 for both": (a, b),
        f"MLP η = {rate_a}, CNN\N{NO-BREAK SPACE}η\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}{rate_b}": (
            own_a,
            own_b,
        ),
    }


def first_step_factors(seed: int, *, source: str | None = None) -> list[float]:
    """By what factor sharing lengthens the first step of plain gradient descent, for both convolutions.

    The network has 8 and 16 channels. Of gradients that have nothing to do with each other, the sum
    over P positions would be the root of P times as long as one of them.

    Parameters
    ----------
    seed : int
        Of the initial weights and of the order of the images, of which the first batch is taken.
    source : str, optional
        Where the images come from, as for `mnistlab.data_loaders`.

    Raises
    ------
    DataError
        If the images are not there.

    Examples
    --------
    >>> first, second = first_step_factors(seed=1, source="strokes")
    >>> 784 > first > second > 1
    True
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        tied = convolutional(8, 16, 10)
        untied = untie(tied)
    train_loader, _ = data_loaders(seed=seed, source=source)
    images, targets = next(iter(train_loader))
    for network in (tied, untied):
        cross_entropy(network(images), targets).backward()
    convolutions = (0, 3)
    return [_lengthened(_gradient(tied[one]), _gradient(untied[one])) for one in convolutions]


def _gradient(layer: nn.Module) -> Tensor:
    weight = layer.weight
    if not isinstance(weight, nn.Parameter) or weight.grad is None:
        raise TypeError(f"{type(layer).__name__} has no weight with a gradient")
    return weight.grad


def _lengthened(shared: Tensor, copies: Tensor) -> float:
    """A step of all copies along the shared gradient, against one along their own."""
    return (shared.norm() * len(copies) ** 0.5 / copies.norm()).item()
