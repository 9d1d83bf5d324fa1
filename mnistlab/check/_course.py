"""The course of a training, read from what a watched network noted: updates, epochs, measurements."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from mnistlab.check._formulas import Batches
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
    def change(self) -> Tensor:
        """After minus before."""
        return self.after - self.batch.parameters


@dataclass(frozen=True)
class Epoch:
    """One pass over the training images, and the measurement after it.

    Attributes
    ----------
    updates : sequence of Update
        One for each batch.
    tests : sequence of Forward
        The test batches between this pass and the next.
    """

    updates: Sequence[Update]
    tests: Sequence[Forward]

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
    passes: list[list[Update]] = []
    seen: set[int] = set()
    for update in updates:
        places = set(update.batch.places.tolist())
        if not passes or places & seen:
            passes.append([])
            seen = set()
        passes[-1].append(update)
        seen |= places
    epochs = [Epoch(one, ()) for one in passes]
    if any(one.changed for one in epochs):
        epochs = [one for one in epochs if one.changed]  # the others only measured
    return list(_with_tests(epochs, forwards))


def _with_tests(epochs: Sequence[Epoch], forwards: Sequence[Forward]) -> Iterator[Epoch]:
    numbers = {id(one): number for number, one in enumerate(forwards)}
    ends = [numbers[id(one.updates[-1].batch)] for one in epochs]
    starts = [numbers[id(one.updates[0].batch)] for one in epochs[1:]] + [len(forwards)]
    for epoch, end, start in zip(epochs, ends, starts, strict=True):
        yield replace(epoch, tests=[one for one in forwards[end + 1 : start] if one.on_test])


def tested(epoch: Epoch, parameters: Tensor) -> Batches:
    """Logits and targets of the test batches of an epoch, for these parameters."""
    batches = _once(epoch.tests)
    return [(logits_of(parameters, one.inputs), one.targets) for one in batches]


def trained(epoch: Epoch, parameters: Tensor | None = None) -> Batches:
    """The same of its training batches; without parameters, each batch just before its update."""
    batches = [one.batch for one in epoch.updates]
    return [
        (logits_of(one.parameters if parameters is None else parameters, one.inputs), one.targets)
        for one in batches
    ]


def _once(forwards: Sequence[Forward]) -> list[Forward]:
    """The batches up to the first image that comes again."""
    kept: list[Forward] = []
    seen: set[int] = set()
    for one in forwards:
        places = set(one.places.tolist())
        if places & seen:
            break
        kept.append(one)
        seen |= places
    return kept
