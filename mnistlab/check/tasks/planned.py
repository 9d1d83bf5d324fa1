"""The checker of a harder exercise: the runs of an experiment are planned, and none is trained."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from itertools import pairwise
from typing import Any
from unittest import mock

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, counted, finding, stop
from mnistlab.check.student import values
from mnistlab.check.student.recognise import grouped, returned
from mnistlab.check.student.sandbox import call
from mnistlab.runs import Run, Specification, training

Group = tuple[str, int]
"""A network, and a number of training images."""

Groups = Mapping[Group, Sequence[Specification]]

RATES: dict[Group, float] = {
    ("locally_connected", 600): 0.8,
    ("locally_connected", 6000): 1.2,
    ("convolutional", 600): 0.25,
    ("convolutional", 6000): 0.4,
}
"""What the function is called with: four rates, none of them a default or one of the book's."""

SIZES = (8, 16, 10)
SEEDS = 5
TOLERANCE = 1.1
"""The largest number of updates over the smallest: whole passes do not always give the same."""

MOST_LISTED = 3
"""So many different values, or kinds of runs, are listed."""

_LIST = "a list of specifications, one for each run"


@checker("planned")
def planned(f: Callable[[dict[tuple[str, int], float]], Any]) -> Iterator[Finding]:
    """Check a function that plans the runs of a controlled experiment.

    The experiment is to tell whether sharing removes a larger share of the mistakes with 600
    training images than with 6000.

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(rates)`` and returns a list of `mnistlab.Specification`:
        runs of ``"locally_connected"`` and of ``"convolutional"``, both with sizes (8, 16, 10), with
        600 and with 6000 images, and at least five seeds for each. ``rates[network, images]`` is the
        learning rate that was chosen for these runs on validation images. What can be held equal is
        held equal, to within a tenth where it cannot be exact. No run is trained.

    Examples
    --------
    >>> from mnistlab import Specification
    >>> def without_images(rates):
    ...     return [Specification("convolutional", (8, 16, 10), seed=seed) for seed in range(5)]
    >>> [one.name for one in check.planned(without_images).problems]
    ['group-missing']
    """
    runs = _returned(f)
    by_group = {group: [one for one in runs if _group(one) == group] for group in RATES}
    others = [one for one in runs if _group(one) not in RATES]
    missing = [group for group, each in by_group.items() if not each]
    if missing:
        raise stop("group-missing", "\n".join(_missing(missing, others)))
    yield from _lengths(by_group)
    yield from _fields(by_group)
    yield from _rates(by_group)
    chosen_on = [group for group, each in by_group.items() if _every(each, "split") != {"test"}]
    if chosen_on:
        yield finding("measured-on-validation", groups=_place(chosen_on))
    yield from _seeds(by_group)
    for words in _counts(others):
        yield finding("run-not-needed", words)


def _group(one: Specification) -> tuple[str, int | None]:
    return one.network, one.images


def _returned(f: Callable[..., Any]) -> list[Specification]:
    """The specifications that the function returns; anything else ends the check."""

    def train(_: object) -> None:
        raise stop("already-run", "f(rates) trains a run")

    with mock.patch.object(training, "effective", train):  # the first that `run` calls
        result = returned(f, (dict(RATES),), "f(rates)", _LIST)
        if isinstance(result, Specification):
            raise stop("wrong-type", "f(rates) is a single Specification", _LIST)
        if not isinstance(result, Iterable) or isinstance(result, str | dict):
            raise stop("wrong-type", f"f(rates) is {values.shown(result)}", _LIST)
        runs = call(list, result, shown="f(rates)")
    other = next((one for one in runs if not isinstance(one, Specification)), None)
    if isinstance(other, Run):
        raise stop("already-run", "f(rates) holds runs that are trained already")
    if other is not None or None in runs:
        raise stop("wrong-type", f"f(rates) holds {values.shown(other)}", _LIST)
    return runs


# --- which runs there are


def _missing(groups: Collection[Group], others: Sequence[Specification]) -> Iterator[str]:
    """Which groups have no run, and which runs there are in their place."""
    every = len(groups) == len(RATES)
    yield f"no run {'of the four groups' if every else _place(groups, 'of')}"
    instead = list(_counts(others))
    if instead:
        more = [] if len(instead) <= MOST_LISTED else ["…"]
        yield f"but {', '.join([*instead[:MOST_LISTED], *more])}"


def _counts(runs: Sequence[Specification]) -> Iterator[str]:
    """Runs that belong to none of the groups, in words."""
    for (network, images), count in Counter(map(_group, runs)).items():
        number = "all images (images=None)" if images is None else f"{images} images"
        yield f"{counted(count, 'run')} of {network} with {number}"


def _seeds(groups: Groups) -> Iterator[Finding]:
    """What is wrong with the seeds; none is missed twice, as a copy and as too few."""
    runs = [one for each in groups.values() for one in each]
    different = len(set(runs))
    if different < len(runs):
        yield finding("same-run-twice", runs=len(runs), different=different)
    seeds = {group: _every(each, "seed") for group, each in groups.items()}
    few = {group: len(each) for group, each in seeds.items() if len(each) < SEEDS}
    if any(different == len(runs) or len(groups[group]) < SEEDS for group in few):
        words = _by_value({group: counted(count, "seed") for group, count in few.items()})
        yield finding("too-few-seeds", words)
    nested = all(a <= b for a, b in pairwise(sorted(seeds.values(), key=len)))
    if _differ(seeds) and not (few and nested):
        words = _by_value({group: _listed(each) for group, each in seeds.items()})
        yield finding("seeds-unpaired", f"seeds {words}")


# --- what is held equal


def _lengths(groups: Groups) -> Iterator[Finding]:
    """Whether the runs of all groups make about as many updates."""
    updates, used = (
        {group: sorted(set(map(count, each))) for group, each in groups.items()}
        for count in (_updates, _images_used)
    )
    batches = {group: _every(each, "batch_size") for group, each in groups.items()}
    batches_alone = _differ(batches) and _alike(used)
    if not (_alike(updates) or batches_alone):
        words = {group: _listed(each, _number) for group, each in updates.items()}
        yield finding("unequal-updates", f"updates of a run: {_by_value(words)}")


def _updates(one: Specification) -> int:
    """How many updates a run makes; a smaller last batch is one too."""
    return -(-(one.images or 0) // one.batch_size) * one.passes * one.epochs


def _images_used(one: Specification) -> int:
    return (one.images or 0) * one.passes * one.epochs


def _alike(counts: Mapping[Group, Sequence[int]]) -> bool:
    """Whether numbers are about equal; a plan may have short and long trainings in each group."""
    return len({*map(len, counts.values())}) == 1 and all(
        max(each) <= TOLERANCE * min(each) for each in zip(*counts.values(), strict=True)
    )


_APART = {"network", "images", "learning_rate", "seed", "epochs", "passes", "split"}
"""Fields that are judged by themselves."""


def _fields(groups: Groups) -> Iterator[Finding]:
    """What differs between groups, or is another value than the default in all of them.

    Two values are no fault where each group has both: the experiment is then made twice.
    """
    for one in fields(Specification):
        if one.name in _APART:
            continue
        found = {group: _every(each, one.name) for group, each in groups.items()}
        usual = SIZES if one.name == "sizes" else one.default
        words = {group: _listed(each) for group, each in found.items()}
        seen = f"{one.name} is {_by_value(words)}"
        if _differ(found):
            yield finding("not-held-equal", seen, f"the same {one.name} in all four groups")
        elif any(each != {usual} for each in found.values()) and one.name == "sizes":
            yield finding("other-sizes", seen, f"sizes={SIZES}")
        elif any(each != {usual} for each in found.values()):  # sound, but of another question
            yield finding("not-the-default", seen, f"{one.name}={usual!r}, the default")


def _rates(groups: Groups) -> Iterator[Finding]:
    """What is wrong with the learning rates."""
    found = {group: _every(each, "learning_rate") for group, each in groups.items()}
    owners = {rate: group for group, rate in RATES.items()}
    different = set[float]().union(*found.values())
    if len(different) == 1:
        yield finding("one-rate-for-all", rate=_whose(*different))
        return
    for group, rates in found.items():
        if rates == {RATES[group]}:
            continue
        known = rates <= owners.keys()
        words = _whose(*rates) if len(rates) == 1 else f"learning rates {_listed(rates, _rate)}"
        yield finding(
            "rate-of-another-group" if known else "other-rate",
            f"{_name(group)}: {words}",
            f'rates["{group[0]}", {group[1]}], which is {RATES[group]:g}',
        )


def _whose(rate: float) -> str:
    """A rate, and where it comes from."""
    if rate == Specification.learning_rate:
        return f"learning_rate={rate:g}, the default"
    owner = next((group for group, one in RATES.items() if one == rate), None)
    return f"learning_rate={rate:g}" + (f", that of {_name(owner)}" if owner else "")


# --- in words


def _every(runs: Sequence[Specification], name: str) -> set[Any]:
    """The values that a field has in these runs."""
    return {getattr(one, name) for one in runs}


def _differ(found: Mapping[Group, Any]) -> bool:
    return any(one != other for one in found.values() for other in found.values())


def _name(group: Group) -> str:
    network, images = group
    return f"{network} with {images} images"


def _number(number: int) -> str:
    """As the book writes it: from five digits on in groups."""
    return str(number) if number < 10_000 else grouped(number)


def _place(groups: Collection[Group], preposition: str = "for") -> str:
    """Which groups these are, such as ``"with 600 images"`` or ``"for convolutional"``."""
    if len(groups) == len(RATES):
        return "in all groups"
    network, images = next(iter(groups))
    if set(groups) == {group for group in RATES if group[1] == images}:
        return f"with {images} images"
    if set(groups) == {group for group in RATES if group[0] == network}:
        return f"{preposition} {network}"
    return f"{preposition} {_joined(list(map(_name, groups)))}"


def _by_value(found: Mapping[Group, str]) -> str:
    """What each group has, such as ``"0 with 600 images, 4 with 6000 images"``."""
    places: dict[str, list[Group]] = {}
    for group, words in found.items():
        places.setdefault(words, []).append(group)
    rarest_first = sorted(places.items(), key=lambda one: len(one[1]))
    parts = [f"{words} {_place(place)}" for words, place in rarest_first]
    if len(found) == len(RATES) and len(rarest_first[-1][1]) == len(RATES) - 1:
        parts[-1] = f"{rarest_first[-1][0]} for the three others"
    return ("; " if any("," in words for words in places) else ", ").join(parts)


def _listed(found: Collection[Any], form: Callable[[Any], str] = repr) -> str:
    """Different values of a field, in order: ``"0 to 4"``, ``"1, 4 and 7"``."""
    *most, last = sorted(found, key=lambda one: (one is not None, one))
    whole = all(type(one) is int for one in found)
    if whole and len(most) > 1 and last - most[0] == len(most):
        return f"{most[0]} to {last}"
    words = list(map(form, (*most, last)))
    if len(most) > MOST_LISTED:
        return ", ".join([*words[:MOST_LISTED], "…", words[-1]])
    return _joined(words)


def _joined(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))


def _rate(rate: float) -> str:
    return f"{rate:g}"
