"""What filtering gains: each change that was tried, what it does to the mistakes, and how sure that is.

Nothing is measured here. All numbers are of the recorded experiments and of the record of a hundred
epochs, on the test images.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, stdev
from typing import Literal

from mnistlab import findings
from mnistlab.experiments import (
    corners,
    moved,
    per_place,
    places,
    rates,
    same_noise,
    shuffles,
    steps,
)
from mnistlab.runs import TASK_7, TASK_8, Specification, record

WALK = {
    "wide MLP": "fully-connected, 577",
    "scattered": "scattered, not shared",
    "locally connected": "near, not shared",
    "small CNN": "near and shared",
}
"""From one end to the other at equal work: a step in words, and the network's name in `mnistlab.experiments.steps.NETWORKS`."""

STEPS = (
    "few connections, more units, pooling",
    "looking near",
    "sharing, where things are near",
)
"""The changes of `gains` that lead along it."""

LEARNING_RATE, FILTERING, NEAR_AND_SHARED, POOLING, WIDTH, SHIFTED = QUESTIONS = (
    "The learning rate",
    "Filtering",
    "Looking near and sharing",
    "Pooling and position",
    "Width",
    "Shifted training images",
)
"""What the changes ask about, in the order of the chapter's findings."""

Network = Literal["fully-connected", "convolutional", "another network"]
"""What a change leads to: one of the book's two networks, or neither."""

NETWORKS: dict[str, Network] = {
    "fully-connected, 577": "fully-connected",
    "scattered, shared": "convolutional",
    "near and shared": "convolutional",
    "twice as wide": "convolutional",
}
"""Of the networks in `mnistlab.experiments.steps.NETWORKS`, which is which; the others are neither."""


@dataclass(frozen=True)
class Gain:
    """Test accuracies before and after one change, one for each seed, in the same order of seeds.

    Attributes
    ----------
    before, after : sequence of float
        Accuracies in [0, 1].
    question : str
        What the change asks about: one of `QUESTIONS`.
    network : str
        The network after the change: ``"fully-connected"``, ``"convolutional"`` or ``"another network"``.

    Raises
    ------
    ValueError
        If they are not equally many, or none.

    Examples
    --------
    >>> gain = Gain([0.90, 0.80], [0.95, 0.94])
    >>> round(gain.ratio, 2), round(gain.points, 1)
    (0.4, 9.5)
    """

    before: Sequence[float]
    after: Sequence[float]
    question: str = ""
    network: Network = "another network"

    def __post_init__(self) -> None:
        if not self.before or len(self.before) != len(self.after):
            raise ValueError(
                f"{len(self.before)} seeds before and {len(self.after)} after; expected equally "
                "many, and at least one"
            )

    @property
    def wrong(self) -> tuple[float, float]:
        """Shares of wrong answers before and after, averaged over the seeds that learned.

        Raises
        ------
        ValueError
            If no seed learned.
        """
        before, after = map(self._of_learned, (self.before, self.after))
        return findings.mean_error(before), findings.mean_error(after)

    @property
    def points(self) -> float:
        """By how many percentage points accuracy rises."""
        before, after = self.wrong
        return 100 * (before - after)

    @property
    def ratio(self) -> float:
        """Wrong answers after the change for each one before it, averaged over the seeds that learned.

        Raises
        ------
        statistics.StatisticsError
            If no seed learned; it is a ``ValueError``.
        """
        return mean(self._of_learned(self.each))

    @property
    def each(self) -> list[float]:
        """The ratio of each seed."""
        return [(1 - y) / (1 - x) for x, y in zip(self.before, self.after, strict=True)]

    @property
    def ratios(self) -> tuple[float, float]:
        """The lowest and the highest ratio of any seed."""
        return min(self.each), max(self.each)

    @property
    def removed(self) -> float:
        """What the change removes: of each seed's mistakes a share, averaged as in `ratio`."""
        return 1 - self.ratio

    @property
    def learned(self) -> list[bool]:
        """For each seed whether both networks learned: neither reads fewer than half of the images."""
        pairs = zip(self.before, self.after, strict=True)
        return [min(pair) >= findings.LEARNED for pair in pairs]

    def _of_learned(self, each: Sequence[float]) -> list[float]:
        return [one for one, learned in zip(each, self.learned, strict=True) if learned]

    @property
    def luck(self) -> tuple[int, int]:
        """The exact permutation test, as `mnistlab.findings.permutation_test` returns it."""
        return findings.permutation_test(self.before, self.after)

    @property
    def certain(self) -> bool:
        """Whether every seed after the change is better than every seed before it."""
        return min(self.after) > max(self.before)


def rises(one: Gain, other: Gain) -> dict[int, float]:
    """By how much more of the mistakes the other change removes, for each seed that learned in both.

    Parameters
    ----------
    one, other : Gain
        Of the same seeds, in the same order.

    Returns
    -------
    dict of int to float
        By the number of the seed: a difference of shares, ``0.05`` for five percentage points.

    Raises
    ------
    ValueError
        If they do not have equally many seeds.

    Examples
    --------
    >>> found = rises(Gain([0.8, 0.9], [0.9, 0.2]), Gain([0.8, 0.9], [0.95, 0.95]))
    >>> {seed: round(rise, 2) for seed, rise in found.items()}  # the second did not learn in both
    {0: 0.25}
    """
    seeds = zip(one.each, other.each, one.learned, other.learned, strict=True)
    return {seed: x - y for seed, (x, y, *learned) in enumerate(seeds) if all(learned)}


def standard_error(differences: Iterable[float]) -> float:
    """Of the mean of some differences: their standard deviation, divided by the root of their number.

    Raises
    ------
    statistics.StatisticsError
        If there are fewer than two; it is a ``ValueError``.
    """
    each = list(differences)
    return stdev(each) / len(each) ** 0.5


def walk() -> dict[str, list[float]]:
    """Test accuracies along `WALK`, one for each seed, by what each step is called there.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    found = corners.accuracies()
    return {words: found[name] for words, name in WALK.items()}


def gains() -> dict[str, Gain]:
    """Each change, by its name in the table: question by question, and there by what it leaves.

    The steps of the walk stand together, as they are walked, at the place of the largest.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    found = _of_the_assignment() | _of_the_ladder() | _of_moving()
    largest = min(found[name].ratio for name in STEPS)

    def place(item: tuple[str, Gain]) -> tuple[int, float]:
        name, gain = item
        return QUESTIONS.index(gain.question), largest if name in STEPS else gain.ratio

    return dict(sorted(found.items(), key=place))


def _of_the_assignment() -> dict[str, Gain]:
    """On all 60 000 training images."""
    own, seeds = rates.OWN.recorded(), len(rates.OWN_SEEDS)
    a, b = (
        rates.accuracies(own, task, rates.EPOCHS[task.network])[rates.OWN_RATES[task.network]]
        for task in (TASK_7, TASK_8)
    )
    ten, hundred = (
        [
            [one.test_accuracy[epoch - 1] for one in record.histories(task)]
            for task in (TASK_7, TASK_8)
        ]
        for epoch in (10, 100)
    )

    def filtering(before: Sequence[float], after: Sequence[float]) -> Gain:
        return Gain(before, after, FILTERING, "convolutional")

    return {
        "a larger learning rate, for the MLP": Gain(
            ten[0][:seeds], a, LEARNING_RATE, "fully-connected"
        ),
        "filtering, 10 epochs, η = 0.01": filtering(*ten),
        "filtering, each at its own rate": filtering(a, b),
        "filtering, 100 epochs, η = 0.01": filtering(*hundred),
    }


def _of_the_ladder() -> dict[str, Gain]:
    """On 6000 training images, thirty times each, every network at its own rate: ten seeds where there are ten."""
    five, ten, start = steps.recorded_accuracies(), corners.accuracies(), steps.START.recorded()
    local = five["near, not shared"]

    def between(before: str, after: str, question: str = NEAR_AND_SHARED) -> Gain:
        found = ten if {before, after} <= ten.keys() else five
        network = NETWORKS.get(after, "another network")
        return Gain(found[before], found[after], question, network)

    return {
        "six times the width, for the MLP": between(
            "fully-connected, 100", "fully-connected, 577", WIDTH
        ),
        "few connections, more units, pooling": between(
            "fully-connected, 577", "scattered, not shared"
        ),
        "looking near": between("scattered, not shared", "near, not shared"),
        "looking near, if weights are shared": between("scattered, shared", "near and shared"),
        "sharing, where things are near": between("near, not shared", "near and shared"),
        "sharing, where nothing is near": between("scattered, not shared", "scattered, shared"),
        "all three steps together": between("fully-connected, 577", "near and shared"),
        "filtering, on shuffled pixels": between(
            "fully-connected, 100", "scattered, shared", FILTERING
        ),
        "an equal start, locally connected": Gain(
            local, steps.accuracies(start, "untied copy"), NEAR_AND_SHARED
        ),
        "shifted images, locally connected": Gain(
            local, steps.accuracies(start, "near, not shared", steps.SHIFT), SHIFTED
        ),
        "maximum instead of average": between("average pooling", "near and shared", POOLING),
        "pooling instead of strides": between("stride 2", "near and shared", POOLING),
        "flattening instead of global average": between(
            "global average", "near and shared", POOLING
        ),
        "twice the width, for the CNN": between("near and shared", "twice as wide", WIDTH),
    }


def _of_moving() -> dict[str, Gain]:
    """On 6000 training images, as they are or shifted at random; test digits in their place."""
    rows = moved.EXPERIMENT.recorded()

    def shifted(network: Specification, look: Network) -> Gain:
        x, y = (moved.accuracies(rows, network, shift)[0] for shift in (0, steps.SHIFT))
        return Gain(x, y, SHIFTED, look)

    return {
        "shifted training images, for the MLP": shifted(
            shuffles.FULLY_CONNECTED, "fully-connected"
        ),
        "shifted training images, for the CNN": shifted(shuffles.CONVOLUTIONAL, "convolutional"),
    }


def by_place() -> dict[str, Gain]:
    """What looking near and sharing change on centred, noisy and moved images, and on few of them.

    Returns
    -------
    dict of str to Gain
        First the step from the fully-connected network to the locally connected one, such as
        ``"flatten → near, moved"``, then that to the convolutional one, ``"sharing, 600 moved"``.
        Noisy images have the same noise, 6000 or 600; the 600 noisier ones are as hard as the moved ones.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    flat, local, shared = places.NETWORKS
    many = {images: places.accuracies(images) for images in places.IMAGES}
    few = {
        "centred": places.accuracies("centred", places.FEW_EXPERIMENT),
        "noisy": same_noise.accuracies(),
        "noisier": per_place.accuracies("600 noisy"),
        "moved": places.accuracies("moved", places.FEW_EXPERIMENT),
    }
    near = {
        f"flatten → near, {images}": Gain(each[flat], each[local], "Flatten → near, 6000 images")
        for images, each in many.items()
        if flat in each
    }

    def sharing(found: Mapping[str, Mapping[str, list[float]]], count: int) -> dict[str, Gain]:
        question = f"Sharing as well, {count} images"
        return {
            f"sharing, {count} {images}": Gain(each[local], each[shared], question, "convolutional")
            for images, each in found.items()
        }

    return near | sharing(many, 6000) | sharing(few, places.FEW)


def control() -> dict[tuple[str, str], Gain]:
    """What sharing changes on images of each kind in `by_place`, by the kind and how many there are.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    columns = [(kind, count) for kind in places.IMAGES for count in ("6000", "600")]
    found = by_place()
    return {
        (kind, count): found[f"sharing, {count} {kind}"]
        for kind, count in (*columns, ("noisier", "600"))
    }


@dataclass(frozen=True)
class Spread:
    """What sharing changes where images are spread over a number of places.

    Attributes
    ----------
    images, places : int
        How many training images there are, and at how many places they may lie.
    gain : Gain
        From the locally connected network to the convolutional one.
    """

    images: int
    places: int
    gain: Gain

    @property
    def per_place(self) -> float:
        """Images for each place, on average."""
        return self.images / self.places


def per_place_gains() -> list[Spread]:
    """What sharing changes, from the fewest images for each place to the most.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    found, (local, shared) = by_place(), places.LOCAL
    spreads = [
        Spread(images, (2 * most + 1) ** 2, found[f"sharing, {images} {kind}"])
        for images in (6000, places.FEW)
        for kind, most in (("centred", 0), ("moved", places.MOST))
    ]
    for images, made in per_place.IMAGES.items():
        if "moved" in made:
            each = per_place.accuracies(images)
            places_of_one = (2 * made["moved"] + 1) ** 2
            spreads.append(Spread(made["images"], places_of_one, Gain(each[local], each[shared])))
    return sorted(spreads, key=lambda one: one.per_place)
