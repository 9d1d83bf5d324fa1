"""The course of a training, read from what a watched network noted: updates, epochs, measurements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import torch
from torch import Tensor

from mnistlab.check import _standins
from mnistlab.check._formulas import Batches, Logits
from mnistlab.check._watch import Forward, logits_of


@dataclass(frozen=True)
class Update:
    """A batch with which gradients were recorded, and what the parameters were until the next one.

    Attributes
    ----------
    batch : Forward
        The batch, with the parameters before.
    after : torch.Tensor
        The parameters when the network was used the next time, or at the end.
    """

    batch: Forward
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
    """All batches with recorded gradients, each with the parameters that followed it."""
    following = [one.parameters for one in forwards[1:]] + [last]
    pairs = zip(forwards, following, strict=True)
    return _without_repeats([Update(one, after) for one, after in pairs if one.recorded])


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


def tests_of(forwards: Sequence[Forward]) -> Batches:
    """Inputs and targets of all test images: the batches of the largest test, then the rest."""
    tests = _passes([one for one in forwards if one.on_test])
    largest = max(tests, key=_count, default=[])  # a look at a few images is no test
    images, targets = _standins.content()[1]
    seen = [one.places - _standins.TRAIN for one in largest]
    rest = torch.ones(len(images), dtype=torch.bool)
    rest[torch.cat(seen) if seen else []] = False
    batches = [(one.inputs, one.targets) for one in largest]
    unseen = (_standins.inputs(images[rest]).flatten(1).double(), targets[rest])
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
