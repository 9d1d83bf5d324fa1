"""The course of a training, read from what a watched network noted: updates, epochs, measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import torch
from torch import Tensor

from mnistlab.check.student import probe_data
from mnistlab.check.training.averages import Batches, Logits
from mnistlab.check.training.probe import Forward, logits_of


@dataclass(frozen=True)
class Update:
    """A batch to train with, and what the parameters were until the next one."""

    batch: Forward  # the batch, with the parameters before
    # the first other parameters until the next such batch or the end; if none, the same
    after: Tensor

    @property
    def changed(self) -> bool:
        """Whether any parameter changed."""
        return not torch.equal(self.batch.parameters, self.after)

    @property
    def finite(self) -> bool:
        """Whether all parameters are finite numbers, before and after."""
        return bool(torch.isfinite(torch.cat([self.batch.parameters, self.after])).all())

    @property
    def change(self) -> Tensor:
        """After minus before."""
        return self.after - self.batch.parameters


@dataclass(frozen=True)
class Epoch:
    """One pass over the training images: one update for each batch."""

    updates: Sequence[Update]

    @property
    def images(self) -> int:
        """Number of images."""
        return _count([one.batch for one in self.updates])

    @property
    def before(self) -> Tensor:
        """Parameters at the beginning."""
        return self.updates[0].batch.parameters

    @property
    def after(self) -> Tensor:
        """Parameters at the end."""
        return self.updates[-1].after

    @property
    def changed(self) -> bool:
        """Whether any update changed anything."""
        return any(one.changed for one in self.updates)


def updates_of(forwards: Sequence[Forward], last: Tensor) -> list[Update]:
    """All batches to train with, each with the parameters that followed it."""
    looks = _forward_only(forwards)
    kept = [one for one in forwards if id(one) not in looks]
    updates = [
        Update(one, _after(kept, number, last)) for number, one in enumerate(kept) if one.recorded
    ]
    return _of_whole_batches(_without_repeats(updates))


def _forward_only(forwards: Sequence[Forward]) -> set[int]:
    """Batches of training images through which no gradient came back, where it did in others."""
    if not any(one.backward for one in forwards):
        return set()
    return {id(one) for one in forwards if one.recorded and not one.backward and not one.on_test}


def _after(forwards: Sequence[Forward], number: int, last: Tensor) -> Tensor:
    """The first other parameters after a batch, until the next one to train with."""
    before = forwards[number].parameters
    later = forwards[number + 1 :]
    ends = (one for one in later if one.recorded or not _equal(one.parameters, before))
    return next((one.parameters for one in ends), last)


def _equal(a: Tensor, b: Tensor) -> bool:
    return a is b or torch.equal(a, b)


def _without_repeats(updates: Sequence[Update]) -> list[Update]:
    """Without batches that were only looked at again, before or after their update."""
    kept: list[Update] = []
    for update in updates:
        again = bool(kept) and torch.equal(kept[-1].batch.places, update.batch.places)
        if again and not update.changed:
            continue
        if again and not kept[-1].changed:
            kept[-1] = update
        else:
            kept.append(update)
    return kept


def _of_whole_batches(updates: Sequence[Update]) -> list[Update]:
    """With each batch that came in parts put together: the forwards between two changes.

    They are left as they are where anything contradicts this: parts that hold more images together
    than a batch of the assignment, the same image twice, or a test image; parts without an update.
    """
    groups: list[list[Update]] = [[]]
    for update in updates:
        groups[-1].append(update)
        if update.changed:
            groups.append([])
    rest = groups.pop()
    together = not rest and all(_is_one_batch(group) for group in groups if len(group) > 1)
    return [_put_together(group) for group in groups] if together else list(updates)


def _is_one_batch(parts: Sequence[Update]) -> bool:
    places = torch.cat([one.batch.places for one in parts]).tolist()
    on_test = any(one.batch.on_test for one in parts)
    return not on_test and len(set(places)) == len(places) <= probe_data.BATCH


def _put_together(parts: Sequence[Update]) -> Update:
    if len(parts) == 1:
        return parts[0]
    batches = [one.batch for one in parts]
    whole = Forward(
        torch.cat([one.inputs for one in batches]),
        torch.cat([one.places for one in batches]),
        batches[0].parameters,
        recorded=True,
        training=all(one.training for one in batches),
    )
    return Update(whole, parts[-1].after)


def epochs_of(forwards: Sequence[Forward], last: Tensor) -> list[Epoch]:
    """The passes over the training images; a new one begins when an image comes again."""
    updates = [one for one in updates_of(forwards, last) if not one.batch.on_test]
    by_batch = {id(one.batch): one for one in updates}
    passes = _passes([one.batch for one in updates])
    epochs = [Epoch([by_batch[id(batch)] for batch in one]) for one in passes]
    if any(one.changed for one in epochs):
        epochs = [one for one in epochs if one.changed]  # the others only measured
    return epochs


def finite_part(epochs: Sequence[Epoch]) -> list[Epoch]:
    """Of each epoch the updates up to the first one that leaves other than finite numbers."""
    parts = [list(takewhile(lambda one: one.finite, epoch.updates)) for epoch in epochs]
    return [Epoch(part) for part in parts if part]


def measured_within(forwards: Sequence[Forward], epochs: Sequence[Epoch]) -> int:
    """Number of test images that the network classified in the middle of an epoch, in all."""
    ends = [end for epoch in epochs for end in (epoch.before, epoch.after)]
    tests = [one for one in forwards if one.on_test]
    states = {id(one.parameters): one.parameters for one in tests}
    within = {
        key for key, state in states.items() if not any(torch.equal(state, end) for end in ends)
    }
    return _count([one for one in tests if id(one.parameters) in within])


def tests_of(forwards: Sequence[Forward]) -> Batches:
    """Inputs and targets of all test images: the batches of the largest test, then the rest."""
    tests = _passes([one for one in forwards if one.on_test])
    largest = max(tests, key=_count, default=[])  # a look at a few images is no test
    images, targets = probe_data.content()[1]
    seen = [one.places - probe_data.TRAIN for one in largest]
    rest = torch.ones(len(images), dtype=torch.bool)
    rest[torch.cat(seen) if seen else []] = False
    batches = [(one.inputs, one.targets) for one in largest]
    unseen = (probe_data.inputs(images[rest]).flatten(1).double(), targets[rest])
    return [*batches, unseen] if rest.any() else batches


def _passes(forwards: Sequence[Forward]) -> list[list[Forward]]:
    """The batches in parts: a new one begins when an image comes again."""
    parts: list[list[Forward]] = []
    seen: set[int] = set()
    for one in forwards:
        places = set(one.places.tolist())
        if not parts or places & seen:
            parts.append([])
            seen = set()
        parts[-1].append(one)
        seen |= places
    return parts


def _count(forwards: Sequence[Forward]) -> int:
    return sum(len(one.places) for one in forwards)


def tested(tests: Batches, parameters: Tensor) -> Logits:
    """Logits and targets of the test batches, for these parameters."""
    return [(logits_of(parameters, inputs), targets) for inputs, targets in tests]


def trained(epoch: Epoch, parameters: Tensor | None = None) -> Logits:
    """The same of its training batches; without parameters, each batch just before its update."""
    batches = [one.batch for one in epoch.updates]
    return [
        (logits_of(one.parameters if parameters is None else parameters, one.inputs), one.targets)
        for one in batches
    ]
