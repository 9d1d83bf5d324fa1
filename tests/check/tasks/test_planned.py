"""The checker of a plan: it counts as the package does, and the book's own plan is sound."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from itertools import product

import pytest
from torch.utils.data import DataLoader

from mnistlab import History, Run, Specification, check
from mnistlab.check.report import Report
from mnistlab.check.tasks import planned
from mnistlab.experiments import places, steps
from mnistlab.runs import training
from mnistlab.runs.batches import Repeated

Change = Callable[[Specification], Specification]


def plan(rates: dict[tuple[str, int], float]) -> list[Specification]:
    return [
        Specification(
            network, (8, 16, 10), 1, rate, seed=seed, images=images, passes=180_000 // images
        )
        for (network, images), rate in rates.items()
        for seed in range(5)
    ]


def judged(change: Change) -> Report:
    return check.planned(lambda rates: [change(one) for one in plan(rates)])


def names(report: Report) -> list[str]:
    return [one.name for one in (*report.problems, *report.notes)]


def test_the_sound_plan_is_sound() -> None:
    assert names(judged(lambda one: one)) == []


@pytest.mark.parametrize("images", [1, 63, 64, 65, 600, 6000])
@pytest.mark.parametrize(("batch", "epochs", "passes"), [(64, 1, 1), (7, 3, 2), (100, 2, 5)])
def test_updates_are_counted_as_a_training_makes_them(
    images: int, batch: int, epochs: int, passes: int
) -> None:
    one = Specification(
        "convolutional", (8, 16, 10), epochs, batch_size=batch, images=images, passes=passes
    )
    batches = Repeated(DataLoader([(0, 0)] * images, batch), passes)
    assert planned._updates(one) == epochs * len(batches) == epochs * sum(1 for _ in batches)


def test_the_rates_give_nothing_away_and_are_told_apart() -> None:
    rates = set(planned.RATES.values())
    assert len(rates) == len(planned.RATES) == 4
    of_the_book = {*places.RATES.values(), *places.FEW_RATES.values(), *steps.RATES.values()}
    assert not rates & {*of_the_book, Specification.learning_rate}
    assert [*planned.RATES] == [*product(("locally_connected", "convolutional"), (600, 6000))]


OTHERS = {
    "sizes": (16, 32, 10), "batch_size": 60, "permutation": 5, "shift": 1, "moved": 4, "noise": 0.4,
    "optimizer": "adam", "momentum": 0.9, "labels": "random",
}  # fmt: skip
"""Another value of each field that is to be the same in all groups."""

WITH_ANOTHER = {
    "block": "permutation", "betas": "optimizer", "tied": "network", "free_rate": "tied",
    "frozen": "network",
}  # fmt: skip
"""Fields that stay at their defaults unless another one does not."""


def test_every_field_of_a_specification_is_thought_of() -> None:
    apart = {one.name for one in fields(Specification)} - {*OTHERS, *WITH_ANOTHER}
    assert apart == planned._APART


@pytest.mark.parametrize("field", OTHERS)
@pytest.mark.parametrize("group", planned.RATES, ids=str)
def test_what_one_group_alone_has_is_named(field: str, group: tuple[str, int]) -> None:
    def change(one: Specification) -> Specification:
        changed = (one.network, one.images) == group
        return replace(one, **{field: OTHERS[field]}) if changed else one

    (one,) = judged(change).problems
    assert one.name == "not-held-equal"
    network, images = group
    assert one.observed.startswith(
        f"{field} is {OTHERS[field]!r} for {network} with {images} images"
    )
    assert one.observed.endswith(" for the three others")


@pytest.mark.parametrize("field", OTHERS)
def test_what_all_groups_have_is_equal(field: str) -> None:
    found = names(judged(lambda one: replace(one, **{field: OTHERS[field]})))
    assert found == ["other-sizes" if field == "sizes" else "not-the-default"]


@pytest.mark.parametrize(
    ("passes", "sound"), [(275, True), (270, True), (255, False), (320, False)]
)
def test_a_tenth_more_or_less_does_not_matter(passes: int, sound: bool) -> None:
    """Of 2820 updates with 6000 images, when 600 make ten in a pass."""
    few = judged(lambda one: replace(one, passes=passes) if one.images == 600 else one)
    assert names(few) == ([] if sound else ["unequal-updates"])


def test_nothing_is_trained_and_a_trained_run_is_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training, "_train", lambda *_: pytest.fail("it was trained"))
    before = training.effective

    def trains(rates: dict[tuple[str, int], float]) -> list[Run]:
        return [training.run(one) for one in plan(rates)]

    assert names(check.planned(trains)) == ["already-run"]
    assert training.effective is before
    ready = [Run(one, History(), one.build(), {}) for one in plan(planned.RATES)[:1]]
    (one,) = check.planned(lambda rates: ready).problems
    assert (one.name, one.observed) == (
        "already-run",
        "f(rates) holds runs that are trained already",
    )


def test_what_came_first_is_all_that_is_told() -> None:
    """Without a group nothing else is asked, and copies are not too few seeds as well."""
    assert names(check.planned(lambda rates: plan(rates)[:5])) == ["group-missing"]
    assert names(judged(lambda one: replace(one, seed=0))) == ["same-run-twice"]


def test_runs_of_other_questions_are_not_judged() -> None:
    def more(rates: dict[tuple[str, int], float]) -> list[Specification]:
        return [*plan(rates), Specification("linear", (784, 10), split="validation", shift=3)]

    assert names(check.planned(more)) == ["run-not-needed"]
