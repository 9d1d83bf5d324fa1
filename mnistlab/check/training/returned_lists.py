"""What the lists of losses and accuracies hold, recognized by their numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from mnistlab.check.report import Finding, counted, finding
from mnistlab.check.student.values import short
from mnistlab.check.training.averages import (
    Batches,
    Candidate,
    Column,
    Given,
    Logits,
    accuracies,
    explanation,
    explanations,
    losses,
    told,
)
from mnistlab.check.training.epochs import Epoch, Update, tested, tests_of, trained
from mnistlab.check.training.probe import Forward

Ways = Callable[[Logits], Iterator[Candidate]]

QUANTITIES: dict[str, tuple[Ways, str]] = {
    "loss": (losses, "training-loss-for-test-loss"),
    "accuracy": (accuracies, "training-accuracy"),
}
"""For each quantity the ways to compute it, and the name for training images in their place."""


def judged(
    first: Sequence[float],
    second: Sequence[float],
    epochs: Sequence[Epoch],
    forwards: Sequence[Forward],
) -> Iterator[Finding]:
    """What is wrong with the two lists that a training returned."""
    tests = tests_of(forwards)
    after = [tested(tests, epoch.after) for epoch in epochs]
    right = {what: [next(ways(one)) for one in after] for what, (ways, _) in QUANTITIES.items()}
    given: Given = {"loss": first, "accuracy": second}
    lists, how = explanations(given, {what: [column] for what, column in right.items()})
    if lists is not given:
        observed = "the accuracies come first, the losses second"
        yield finding("order-swapped", observed, "first the test losses, then the accuracies")
        return
    wrong = {what: values for what, values in lists.items() if how[what] is None}
    for what, values in wrong.items():
        if not all(map(math.isfinite, values)):
            expected = f"the test {what} after each epoch, a finite number"
            yield finding("not-finite", f"{what}: {_text(values)}", expected)
            return
    for what, values in wrong.items():
        expected = f"test {what} after each epoch: {_text([one.value for one in right[what]])}"
        if len(values) == len(epochs):
            columns = zip(*(_row(what, epoch, tests) for epoch in epochs), strict=True)
            way = explanation(values, columns)
            yield from told(f"{what}: {_text(values)}", way, expected, "wrong-lists")
        else:
            yield from _length(what, values, epochs, tests, expected)


def _row(what: str, epoch: Epoch, tests: Batches) -> Iterator[Candidate]:
    """What each way to compute the list gives for this epoch, the right way first."""
    ways, on_training = QUANTITIES[what]
    yield from ways(tested(tests, epoch.after))
    before = next(ways(tested(tests, epoch.before)))
    yield replace(before, name="evaluated-before-first-epoch", how="measured before each epoch")
    for words, batches in (
        ("during training", trained(epoch)),
        ("on the training set", trained(epoch, epoch.after)),
    ):
        for one in ways(batches):
            yield replace(one, name=on_training, how=f"{words}, {one.how}", second="")


def _length(
    what: str, values: Sequence[float], epochs: Sequence[Epoch], tests: Batches, expected: str
) -> Iterator[Finding]:
    """Why a list has another length than one number for each epoch."""
    updates = [one for epoch in epochs for one in epoch.updates]
    ways, on_training = QUANTITIES[what]
    count = counted(len(values), "number")

    def measured(after: Sequence[Epoch] | Sequence[Update]) -> Iterator[Column]:
        return zip(*(ways(tested(tests, one.after)) for one in after), strict=True)

    if column := explanation(values[1:], measured(epochs)):
        seen = f"{count} in the list of the {what}: the first is measured before the first epoch"
        names = ["evaluated-before-first-epoch", *column.names]
    elif column := explanation(values, measured(updates)):
        seen = f"{count} in the list of the {what}: one after each of {len(updates)} updates"
        names = ["evaluated-per-batch", *column.names]
    elif explanation(values, [[next(ways([b])) for one in epochs for b in trained(one)]]):
        seen, names = f"{count}: the {what} of each training batch", [on_training]
    elif len(values) in (len(tests), len(tests) * len(epochs)) and len(tests) > 1:
        seen, names = f"{count}: one for each test batch", ["evaluated-per-batch"]
    else:
        seen = f"{count} in the list of the {what}, for {len(epochs)} epochs"
        names = ["list-length"]
    for name in names:
        yield finding(name, seen, expected)


def _text(numbers: Sequence[float]) -> str:
    return ", ".join(map(short, numbers[:6])) + (", …" if len(numbers) > 6 else "")
