"""A run of your own beside recorded ones: what did you change, and does it lie outside their spread?

::

    from dataclasses import replace
    from mnistlab import run
    from mnistlab.experiments.compare import MLP, compare

    compare(run(replace(MLP, shift=4)), MLP)
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from mnistlab import sources
from mnistlab.experiments import EXPERIMENTS, shuffles, steps
from mnistlab.runs import Run, Specification

MLP = replace(shuffles.FULLY_CONNECTED, learning_rate=steps.RATES["fully-connected, 100"])
"""The run of the MLP that most chapters of the book start from: 6000 images, thirty times each."""

SMALL_CNN = replace(shuffles.CONVOLUTIONAL, learning_rate=steps.RATES["near and shared"])
"""That of the small convolutional network."""

LOCALLY_CONNECTED = replace(steps.LOCAL, learning_rate=steps.RATES["near, not shared"])
"""That of the locally connected network."""

OF_A_SEED = ("seed", "permutation")
"""What may differ between runs that are the same but for chance: each seed may have its own permutation."""


@dataclass(frozen=True)
class Comparison:
    """What `compare` found; it prints as a few lines of text.

    Attributes
    ----------
    changed : dict of str to (object, object)
        Fields of the specification that differ, with the recorded value and yours. That one of the
        two has shuffled pixels counts, which permutation it has does not.
    recorded : dict of int to float
        Share of wrong answers on the test images in [0, 1], by the seed of each recorded run.
    wrong : float
        Yours.
    seed : int
        Of your run.
    """

    changed: Mapping[str, tuple[Any, Any]]
    recorded: Mapping[int, float]
    wrong: float
    seed: int

    @property
    def fewer_than(self) -> int:
        """How many of the recorded runs have more mistakes than yours."""
        return sum(one > self.wrong for one in self.recorded.values())

    def __repr__(self) -> str:
        return "\n".join([*self._changes(), *self._spread(), *self._doubts()])

    def _changes(self) -> list[str]:
        if not self.changed:
            return ["changed: nothing but the seed"]
        return [
            f"changed: {name}, {new!r} in place of {old!r}"
            for name, (old, new) in self.changed.items()
        ]

    def _spread(self) -> list[str]:
        low, high = min(self.recorded.values()), max(self.recorded.values())
        runs, fewer = len(self.recorded), self.fewer_than
        if fewer == runs:
            place = f"fewer than each of the {runs}"
        elif self.wrong > high:
            place = f"more than each of the {runs}"
        else:
            place = f"fewer than {fewer} of the {runs}: within their spread"
        return [
            f"recorded, {runs} seeds: {low:.2%} to {high:.2%} wrong",
            f"yours, seed {self.seed}: {self.wrong:.2%} wrong",
            place,
        ]

    def _doubts(self) -> list[str]:
        found = []
        if len(self.changed) > 1:
            found.append(f"{len(self.changed)} things changed: which of them did it?")
        if self.seed in self.recorded:
            same = self.recorded[self.seed]
            found.append(f"with the same seed it was {same:.2%}")
        found.append("this is one seed: repeat it with others")
        return found


def compare(mine: Run, recorded: Specification) -> Comparison:
    """Compare a run of yours with recorded ones, from which it should differ in one thing.

    Parameters
    ----------
    mine : Run
        What `mnistlab.run` returned: on the real MNIST, measured on the test images.
    recorded : Specification
        Of recorded runs, such as `MLP`, `SMALL_CNN` or `LOCALLY_CONNECTED`. Its seed does not count:
        all recorded seeds are taken.

    Returns
    -------
    Comparison

    Raises
    ------
    TypeError
        If ``mine`` is not a run, or ``recorded`` not a specification.
    ValueError
        If ``mine`` did not learn from MNIST or was measured on validation images, or if fewer than
        two runs like ``recorded`` are on record.
    RecordError
        If a record cannot be read.

    Examples
    --------
    >>> recorded_errors(SMALL_CNN).keys() >= {0, 1, 2, 3, 4}
    True
    """
    if not isinstance(mine, Run):
        raise TypeError(
            f"mine is {mine!r}; expected a finished run: compare(run(specification), …)"
        )
    if not isinstance(recorded, Specification):
        raise TypeError(
            f"recorded is {recorded!r}; expected a Specification, such as compare.SMALL_CNN"
        )
    if mine.provenance.get("data") != sources.FILES:
        raise ValueError(
            "your run did not learn from MNIST, and the recorded runs did; point MNISTLAB_DATA at it"
        )
    if mine.specification.split != "test":
        raise ValueError("your run was measured on validation images; use split='test'")
    errors = recorded_errors(recorded)
    if len(errors) < 2:
        raise ValueError(
            f"{len(errors)} runs of {recorded} are on record, whatever their seed; expected a "
            "specification of the book's experiments, such as compare.SMALL_CNN"
        )
    wrong = round(1 - mine.history.test_accuracy[-1], 6)
    return Comparison(
        _changed(recorded, mine.specification), errors, wrong, mine.specification.seed
    )


def recorded_errors(like: Specification) -> dict[int, float]:
    """Shares of wrong answers on the test images of all recorded runs that differ by chance alone, by seed.

    Raises
    ------
    RecordError
        If a record cannot be read.
    """
    found: dict[int, float] = {}
    for experiment in EXPERIMENTS.values():
        alike = {one for one in experiment.specifications if not _changed(like, one)}
        if alike:
            last = {row.specification: row for row in experiment.rows()}
            for one in alike & last.keys():
                found.setdefault(one.seed, round(1 - last[one]["accuracy"], 6))
    return dict(sorted(found.items()))


def _changed(old: Specification, new: Specification) -> dict[str, tuple[Any, Any]]:
    """The fields that differ, but for chance."""
    before, after = asdict(old), asdict(new)
    changed = {
        name: (before[name], after[name])
        for name in before
        if name not in OF_A_SEED and before[name] != after[name]
    }
    shuffled = [one.permutation is not None for one in (old, new)]
    if shuffled[0] != shuffled[1]:
        changed["permutation"] = (old.permutation, new.permutation)
    return changed
