"""What the lists of losses and accuracies hold, recognised by their numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from mnistlab.check.report.report import Finding, found
from mnistlab.check.training.averages import (
    RIGHT,
    Batches,
    Candidate,
    Logits,
    accuracies,
    close,
    losses,
    rounded,
)
from mnistlab.check.training.epochs import Epoch, tested, tests_of, trained
from mnistlab.check.training.probe import Forward

Formulas = Callable[[Logits], list[Candidate]]

QUANTITIES: dict[str, tuple[Formulas, str]] = {
    "loss": (losses, "training-loss-for-test-loss"),
    "accuracy": (accuracies, "training-accuracy"),
}
"""For each quantity its formulas, and the name for training images in place of test images."""


def judged(
    first: Sequence[float],
    second: Sequence[float],
    epochs: Sequence[Epoch],
    forwards: Sequence[Forward],
) -> Iterator[Finding]:
    """What is wrong with the two lists that a training returned."""
    tests = tests_of(forwards)
    pairs = [("loss", first), ("accuracy", second)]
    turned = [("loss", second), ("accuracy", first)]
    if not any(_right(*one, epochs, tests) for one in pairs) and all(
        _right(*one, epochs, tests) for one in turned
    ):
        observed = "the accuracies come first, the losses second"
        yield found("order-swapped", observed, "first the test losses, then the accuracies")
        return
    for what, values in pairs:
        if not all(map(math.isfinite, values)):
            expected = f"the test {what} after each epoch, a finite number"
            yield found("not-finite", f"{what}: {_text(values)}", expected)
            return
    for what, values in pairs:
        yield from _one_list(what, values, epochs, tests)


def _right(what: str, values: Sequence[float], epochs: Sequence[Epoch], tests: Batches) -> bool:
    return not list(_one_list(what, values, epochs, tests))


def _one_list(
    what: str, values: Sequence[float], epochs: Sequence[Epoch], tests: Batches
) -> Iterator[Finding]:
    columns = _columns(what, epochs, tests)
    expected = f"test {what} after each epoch: {_text(one.value for one in columns[0])}"
    if len(values) != len(epochs):
        yield _length(what, values, epochs, tests, columns[0], expected)
        return
    if all(rounded(a, b.value) for a, b in zip(values, columns[0], strict=True)):
        return
    for column in columns:
        if _alike(values, column):
            if column[0].name != RIGHT:
                yield found(column[0].name, f"{_text(values)}: {column[0].how}", expected)
            return
    yield found("wrong-lists", f"{what}: {_text(values)}", expected)


def _columns(what: str, epochs: Sequence[Epoch], tests: Batches) -> list[tuple[Candidate, ...]]:
    """One column for each way to compute the list, the right one first; one row for each epoch.

    One batch comes last: its few images agree by chance with what another way gives, such as 1.0.
    """
    columns = zip(*(_row(what, epoch, tests) for epoch in epochs), strict=True)
    return sorted(columns, key=lambda column: column[0].name.endswith("-batch-only"))


def _row(what: str, epoch: Epoch, tests: Batches) -> list[Candidate]:
    formulas, on_training = QUANTITIES[what]
    after = formulas(tested(tests, epoch.after))
    before = formulas(tested(tests, epoch.before))[0]
    during, at_end = formulas(trained(epoch)), formulas(trained(epoch, epoch.after))
    return [
        *after,
        _renamed(before, "evaluated-before-first-epoch", "measured before each epoch"),
        *(_renamed(one, on_training, f"{one.how}, during training") for one in during),
        *(_renamed(one, on_training, f"{one.how} of the training set") for one in at_end),
    ]


def _renamed(candidate: Candidate, name: str, how: str) -> Candidate:
    return Candidate(name, candidate.value, how)


def _length(
    what: str,
    values: Sequence[float],
    epochs: Sequence[Epoch],
    tests: Batches,
    right: Sequence[Candidate],
    expected: str,
) -> Finding:
    """Why a list has another length than one number for each epoch."""
    updates = [one for epoch in epochs for one in epoch.updates]
    formulas, on_training = QUANTITIES[what]
    count = f"{len(values)} number{'' if len(values) == 1 else 's'}"
    if len(values) == len(epochs) + 1 and _alike(values[1:], right):
        observed = f"{count}: the first one belongs to the network before its first epoch"
        return found("evaluated-before-first-epoch", observed, expected)
    if len(values) == len(updates):
        if _alike(values, [formulas(tested(tests, one.after))[0] for one in updates]):
            observed = f"{count}: one measurement after each of {len(updates)} updates"
            return found("evaluated-per-batch", observed, expected)
        batches = [batch for epoch in epochs for batch in trained(epoch)]
        if _alike(values, [formulas([batch])[0] for batch in batches]):
            return found(on_training, f"{count}: the {what} of each training batch", expected)
    if len(values) in (len(tests), len(tests) * len(epochs)) and len(tests) > 1:
        observed = f"{count}: one for each test batch"
        return found("evaluated-per-batch", observed, expected)
    return found("list-length", f"{count} for {len(epochs)} epochs", expected)


def _alike(values: Sequence[float], candidates: Sequence[Candidate]) -> bool:
    return all(close(a, b.value) for a, b in zip(values, candidates, strict=True))


def _text(values: Iterator[float] | Sequence[float]) -> str:
    shown = [f"{value:.4f}" if abs(value) < 1e6 else f"{value:.4g}" for value in values]
    return ", ".join(shown[:6]) + (", …" if len(shown) > 6 else "")
