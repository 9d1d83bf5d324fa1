"""The checker of what a change removes: its formula is the book's, and each mistake has its numbers."""

from __future__ import annotations

import functools
import random
from collections.abc import Callable

import pytest

from mnistlab import check
from mnistlab.check.tasks import removed
from mnistlab.experiments.gains import Gain, by_place

Pair = tuple[list[float], list[float]]

WAYS = {
    (part.option, value): (part.name, words)
    for part in removed._PARTS
    for value, words in part.values.items()
}
"""Each wrong way to compute it, with its name and how a report tells it."""

each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]} {way[1]}")


def seeds(count: int) -> Pair:
    """Accuracies of so many seeds, of which the first one has learned, and some are one half."""
    rng = random.Random(count)
    before, after = (
        [0.7, *(rng.choice([0.5, rng.random() * 0.9]) for _ in range(count))] for _ in range(2)
    )
    return before, after


@functools.cache
def of_the_book() -> list[Pair]:
    return [(list(gain.before), list(gain.after)) for gain in by_place().values()]


def check_formula(formula: Callable[..., float]) -> None:
    """It is that of the book, for its own accuracies and for others."""
    for before, after in [*removed.CASES, *map(seeds, range(30)), *of_the_book()]:
        expected = Gain(before, after).removed
        assert formula(before, after) == pytest.approx(expected, abs=1e-9), (before, after)


def test_the_checker_asks_for_what_the_book_computes() -> None:
    assert not all(all(Gain(*pair).learned) for pair in of_the_book())
    check_formula(removed._removed)
    with pytest.raises(ValueError, match="at least one data point"):
        _ = Gain(*removed.NONE_LEARNED).removed


@each_way
def test_planted_the_book_computes_something_else(way: tuple[str, object]) -> None:
    with pytest.raises(AssertionError):
        check_formula(functools.partial(removed._removed, **dict([way])))


def test_the_lists_ask_for_all_that_they_should() -> None:
    first, failures, half = removed.CASES
    assert min(*first[0], *first[1]) >= 0.5
    assert len(set(first[0])) < len(first[0])
    learned = [[x >= 0.5 for x in each] for each in failures]
    assert {*zip(*learned, strict=True)} == {(a, b) for a in (True, False) for b in (True, False)}
    assert sum(learned[0]) == sum(learned[1])
    assert half[0].count(0.5) == half[1].count(0.5) == 1
    assert max(max(each) for case in (*removed.CASES, removed.NONE_LEARNED) for each in case) < 1


def check_apart(cases: tuple[Pair, ...]) -> None:
    """No wrong way gives the numbers of another one, or the right ones."""
    found = {
        way: [removed._removed(*case, **dict([way] if way else [])) for case in cases]
        for way in (None, *WAYS)
    }
    for way, numbers in found.items():
        alike = [
            other
            for other, answers in found.items()
            if all(map(removed._same, answers, numbers))
            or all(map(removed._same, numbers, answers))
        ]
        assert alike == [way], f"{alike} give the same numbers"


def test_no_two_mistakes_give_the_same_numbers() -> None:
    check_apart(removed.CASES)


@pytest.mark.parametrize("place", range(3))
def test_planted_without_one_of_the_cases_two_mistakes_look_alike(place: int) -> None:
    with pytest.raises(AssertionError, match="give the same numbers"):
        check_apart(removed.CASES[:place] + removed.CASES[place + 1 :])


@each_way
def test_each_wrong_way_has_its_name_and_its_words(way: tuple[str, object]) -> None:
    option, value = way

    def solution(before: list[float], after: list[float]) -> float:
        if not any(Gain(before, after).learned):
            raise ValueError("no seed has learned")
        return removed._removed(before, after, **{option: value})

    (one,) = check.removed(solution).problems
    name, words = WAYS[way]
    assert one.name == name
    assert one.observed.endswith(f": {words}")


def scaled(factor: float) -> Callable[[list[float], list[float]], float]:
    return lambda before, after: Gain(before, after).removed * factor


@pytest.mark.parametrize("factor", [1 + 1e-6, 1 - 1e-6])
def test_another_order_or_single_precision_passes(factor: float) -> None:
    assert check.removed(scaled(factor)).passed


@pytest.mark.parametrize("factor", [1.003, 0.997])
def test_another_number_does_not_pass(factor: float) -> None:
    assert [one.name for one in check.removed(scaled(factor)).problems] == ["wrong-share"]


def test_a_value_error_by_accident_is_no_refusal() -> None:
    def solution(before: list[float], after: list[float]) -> float:
        for x, y in before, after:
            return 1 - (1 - y) / (1 - x)
        raise ValueError("no seed has learned")

    (one,) = check.removed(solution).problems
    assert one.name == "raised"
    assert "values to unpack" in one.observed
