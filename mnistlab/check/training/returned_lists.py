"""What the lists of losses and accuracies hold, recognised by their numbers."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence

from mnistlab.check.report import Finding, finding
from mnistlab.check.student.values import short
from mnistlab.check.training import averages
from mnistlab.check.training.averages import Batches, Candidate, Logits, explanation
from mnistlab.check.training.epochs import Epoch, tested, tests_of, trained
from mnistlab.check.training.probe import Forward

Formulas = Callable[[Logits], list[Candidate]]

QUANTITIES: dict[str, tuple[Formulas, Callable[[Logits], Candidate], str]] = {
    "loss": (averages.losses, averages.right_loss, "training-loss-for-test-loss"),
    "accuracy": (averages.accuracies, averages.right_accuracy, "training-accuracy"),
}
"""For each quantity its formulas, the right one, and the name for training images in their place."""


def judged(
    first: Sequence[float],
    second: Sequence[float],
    epochs: Sequence[Epoch],
    forwards: Sequence[Forward],
) -> Iterator[Finding]:
    """What is wrong with the two lists that a training returned."""
    tests = tests_of(forwards)
    after = [tested(tests, epoch.after) for epoch in epochs]
    right = {what: list(map(of_right, after)) for what, (_, of_right, _) in QUANTITIES.items()}
    pairs, turned = ({"loss": a, "accuracy": b} for a, b in ((first, second), (second, first)))
    wrong = {
        what: values for what, values in pairs.items() if not explanation(values, [right[what]])
    }
    if len(wrong) == 2 and all(explanation(turned[what], [right[what]]) for what in turned):
        observed = "the accuracies come first, the losses second"
        yield finding("order-swapped", observed, "first the test losses, then the accuracies")
        return
    for what, values in wrong.items():
        if not all(map(math.isfinite, values)):
            expected = f"the test {what} after each epoch, a finite number"
            yield finding("not-finite", f"{what}: {_text(values)}", expected)
            return
    for what, values in wrong.items():
        expected = f"test {what} after each epoch: {_text(one.value for one in right[what])}"
        if len(values) == len(epochs):
            yield from _explained(what, values, epochs, tests, expected)
        else:
            yield from _length(what, values, epochs, tests, expected)


def _explained(
    what: str, values: Sequence[float], epochs: Sequence[Epoch], tests: Batches, expected: str
) -> Iterator[Finding]:
    seen, how = f"{what}: {_text(values)}", explanation(values, _columns(what, epochs, tests))
    if how is None:
        yield finding("wrong-lists", seen, expected)
        return
    for name in how.names:
        yield finding(name, f"{seen}: {how.how}", expected)


def _columns(what: str, epochs: Sequence[Epoch], tests: Batches) -> list[tuple[Candidate, ...]]:
    """One column for each way to compute the list, the right one first; one row for each epoch.

    Last comes what agrees by chance with what another way gives, such as 1.0 for one batch.
    """
    columns = zip(*(_row(what, epoch, tests) for epoch in epochs), strict=True)
    return sorted(columns, key=lambda one: one[0].rare or one[0].name.endswith("-only"))


def _row(what: str, epoch: Epoch, tests: Batches) -> list[Candidate]:
    formulas, _, on_training = QUANTITIES[what]
    after = formulas(tested(tests, epoch.after))
    before = formulas(tested(tests, epoch.before))[0]
    during, at_end = formulas(trained(epoch)), formulas(trained(epoch, epoch.after))
    return [
        *after,
        _renamed(before, "evaluated-before-first-epoch", "measured before each epoch"),
        *(_renamed(one, on_training, f"during training, {one.how}") for one in during),
        *(_renamed(one, on_training, f"on the training set, {one.how}") for one in at_end),
    ]


def _renamed(candidate: Candidate, name: str, how: str) -> Candidate:
    return Candidate(name, candidate.value, how)


def _length(
    what: str, values: Sequence[float], epochs: Sequence[Epoch], tests: Batches, expected: str
) -> Iterator[Finding]:
    """Why a list has another length than one number for each epoch."""
    updates = [one for epoch in epochs for one in epoch.updates]
    formulas, _, on_training = QUANTITIES[what]
    count = f"{len(values)} number{'' if len(values) == 1 else 's'}"
    after_epochs = [formulas(tested(tests, one.after)) for one in epochs]
    after_updates = [formulas(tested(tests, one.after)) for one in updates]
    batches = [formulas([batch]) for epoch in epochs for batch in trained(epoch)]
    if column := explanation(values[1:], zip(*after_epochs, strict=True)):
        seen = f"{count} in the list of the {what}: the first is measured before the first epoch"
        names = ["evaluated-before-first-epoch", *column.names]
    elif column := explanation(values, zip(*after_updates, strict=True)):
        seen = f"{count} in the list of the {what}: one after each of {len(updates)} updates"
        names = ["evaluated-per-batch", *column.names]
    elif explanation(values, [[one[0] for one in batches]]):
        seen, names = f"{count}: the {what} of each training batch", [on_training]
    elif len(values) in (len(tests), len(tests) * len(epochs)) and len(tests) > 1:
        seen, names = f"{count}: one for each test batch", ["evaluated-per-batch"]
    else:
        seen = f"{count} in the list of the {what}, for {len(epochs)} epochs"
        names = ["list-length"]
    for name in names:
        yield finding(name, seen, expected)


def _text(numbers: Iterator[float] | Sequence[float]) -> str:
    shown = [short(one) for one in numbers]
    return ", ".join(shown[:6]) + (", …" if len(shown) > 6 else "")
