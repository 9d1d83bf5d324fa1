"""Checkers of what Tasks 7 and 8 give: the losses and accuracies of ten epochs."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from mnistlab import record
from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, finding
from mnistlab.check.student import lending
from mnistlab.check.student.values import list_of
from mnistlab.runs import TASK_7, TASK_8, Specification

EPOCHS = TASK_7.epochs

CHANCE = 0.1
"""The accuracy of guessing."""

DEAREST = 20
"""If each wrong answer costs more than this on average, the loss is a sum rather than a mean.

The cost is minus the logarithm of a probability, so this would be one of e^-20.
"""

SETTLED = 5
"""The margin is taken from so many epochs, the last ones of the ten."""


@checker()
def task_7(losses: Any, accuracies: Any) -> Iterator[Finding]:
    """Check the test losses and accuracies of network (a) over ten epochs (Task 7).

    Parameters
    ----------
    losses, accuracies : sequence of ten numbers
        Lists, tuples, arrays or tensors: the mean cross-entropy on the test set after each epoch,
        and the fraction of test images that are classified correctly.

    Returns
    -------
    Report
        With the note ``unlike-the-record`` where the last loss or the last accuracy is further from
        those of the recorded runs than their seeds explain. See the notes.

    Notes
    -----
    The record has runs on MNIST that differ in the seed alone. Over the last five of the ten epochs,
    the largest distance between two of them says what a seed does; up to twice that distance below
    the smallest and above the largest recorded value counts as alike. A learning rate or a batch size
    that is wrong by a factor of two shows. With other images than MNIST's, such as the stand-in
    digits, the numbers are rightly others. So this is a note, and no problem.

    Examples
    --------
    >>> report = check.task_7([0.9] * 10, [91.0] * 10)
    >>> [one.name for one in report.problems]
    ['percent-for-fraction']
    """
    yield from _findings(TASK_7, losses, accuracies)


@checker()
def task_8(losses: Any, accuracies: Any) -> Iterator[Finding]:
    """Check the test losses and accuracies of network (b) over ten epochs (Task 8).

    As `task_7`, compared with the recorded runs of the convolutional network.

    Parameters
    ----------
    losses, accuracies : sequence of ten numbers
        As for `task_7`.
    """
    yield from _findings(TASK_8, losses, accuracies)


def _findings(task: Specification, losses: Any, accuracies: Any) -> Iterator[Finding]:
    pair = list_of(EPOCHS, losses, "losses"), list_of(EPOCHS, accuracies, "accuracies")
    problems = list(_problems(*pair))
    yield from problems
    if problems:
        return
    if lending.is_lent():
        yield finding("lent-images", numbers=f"a loss of {pair[0][-1]:.4f}")
        return
    yield from list(_learned(*pair)) or _compared(task, *pair)


# --- what can't be right, whatever the images are


def _problems(losses: Sequence[float], accuracies: Sequence[float]) -> Iterator[Finding]:
    if _swapped(losses, accuracies):
        seen = f"first {_course(losses)}, then {_course(accuracies)}"
        yield finding("order-swapped", seen, "first the losses, which fall, then the accuracies")
        return
    if min(losses) < 0:
        seen = f"the smallest loss is {min(losses):.4f}"
        yield finding("negative-loss", seen, "a mean cross-entropy, which is never below 0")
    yield from not_a_fraction(accuracies, "accuracies")
    if max(accuracies) <= 1 and losses[-1] >= 0:
        yield from _together(losses, accuracies)


def _together(losses: Sequence[float], accuracies: Sequence[float]) -> Iterator[Finding]:
    """Whether the last loss and the last accuracy, a fraction, can belong to one network."""
    loss, accuracy = losses[-1], accuracies[-1]
    seen = f"at the end a loss of {loss:.4f} and an accuracy of {accuracy:.4f}"
    wrong = 1 - accuracy
    if losses == accuracies:
        seen = "both lists have the same numbers"
        yield finding("loss-unlike-accuracy", seen, "first the losses, then the accuracies")
    elif loss < (least := wrong * math.log(2)):
        seen += (
            f": wrong answers cost ln 2 = 0.69 or more, so the loss would be {least:.4f} or more"
        )
        if accuracy < accuracies[0] and loss >= accuracy * math.log(2):
            yield finding("error-rate", seen)
        else:
            yield finding("loss-unlike-accuracy", seen)
    elif loss > math.log(10) and loss > DEAREST * wrong and accuracy > 2 * CHANCE:
        seen += f": guessing costs only ln 10 = {math.log(10):.2f} for each image"
        yield finding("summed-loss", seen, "the sum of the losses, divided by the number of images")


def _swapped(first: Sequence[float], second: Sequence[float]) -> bool:
    """Whether the first list rises at most steps, as accuracies do, and the second one falls."""
    fractions = max(first) <= 1 or 100 * CHANCE <= min(first) <= max(first) <= 100
    return fractions and _ups(first) > len(first) / 2 and _ups(second) < len(second) / 2


def _ups(values: Sequence[float]) -> int:
    return sum(before < after for before, after in pairwise(values))


def not_a_fraction(accuracies: Sequence[float], name: str) -> Iterator[Finding]:
    """What is wrong with accuracies that are no fractions from 0 to 1."""
    largest, smallest = max(accuracies), min(accuracies)
    of = "" if len(accuracies) == 1 else "a number in "
    if smallest < 0:
        seen = f"{of}{name} is {smallest:.4g}"
        yield finding("not-an-accuracy", seen, "fractions from 0 to 1")
    elif largest > 1:
        wrong = "count" if largest > 100 else "percent"
        yield finding(f"{wrong}-for-fraction", f"{of}{name} is {largest:.4g}")


def _learned(losses: Sequence[float], accuracies: Sequence[float]) -> Iterator[Finding]:
    worse = min(losses) >= losses[0] and max(accuracies) <= accuracies[0]
    if worse or accuracies[-1] < 2 * CHANCE:
        courses = {"losses": _course(losses), "accuracies": _course(accuracies)}
        yield finding("nothing-learned", **courses, chance=CHANCE)


def _course(values: Sequence[float]) -> str:
    return f"from {values[0]:.4f} to {values[-1]:.4f}"


# --- what the record says


def _compared(
    task: Specification, losses: Sequence[float], accuracies: Sequence[float]
) -> Iterator[Finding]:
    histories = record.histories(task)
    columns = (
        ("loss", losses[-1], [one.test_loss for one in histories]),
        ("accuracy", accuracies[-1], [one.test_accuracy for one in histories]),
    )
    unlike, ends = [], []
    for what, own, recorded in columns:
        last = [one[EPOCHS - 1] for one in recorded]
        low, high = min(last), max(last)
        ends.append(f"{what} {low:.4f} to {high:.4f}")
        margin = _margin(recorded)
        if not low - margin <= own <= high + margin:
            unlike.append(f"{what} {own:.4f}")
    if unlike:
        settings = {"rate": task.learning_rate, "batch": task.batch_size, "seeds": len(histories)}
        seen = {"epochs": EPOCHS, "unlike": ", ".join(unlike), "ends": " and ".join(ends)}
        yield finding("unlike-the-record", **seen, **settings)


def _margin(recorded: Sequence[Sequence[float]]) -> float:
    """Twice the largest distance between two seeds in the last of the ten epochs."""
    epochs = zip(*(one[EPOCHS - SETTLED : EPOCHS] for one in recorded), strict=True)
    return 2 * max(max(values) - min(values) for values in epochs)
