"""The checker of how far kernels are apart: its formula is the book's, and each mistake has its numbers."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

import mnistlab
from mnistlab import check
from mnistlab.check.tasks import apart
from mnistlab.experiments import steps
from mnistlab.ladder import untie

WAYS = {
    (part.option, value): (part.name, words)
    for part in apart._PARTS
    for value, words in part.values.items()
}
"""Each wrong way to compute it, with its name and how a report tells it."""

each_way = pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]} {way[1]}")


@functools.cache
def layers() -> list[Tensor]:
    """Weights of layers that share nothing, shape (P, Q, n): untied copies that have drifted."""
    draw = torch.Generator().manual_seed(0)
    with torch.random.fork_rng([]):
        torch.default_generator.manual_seed(0)
        network = untie(mnistlab.convolutional(2, 3, 10))
    drifted = [network[place].weight.detach().double() for place in (0, 3)]
    return [
        weight + noise * torch.randn(weight.shape, generator=draw, dtype=torch.float64)
        for weight in drifted
        for noise in (0.003, 0.1)
    ]


def check_formula(formula: Callable[..., float]) -> None:
    """It is that of the book: for a whole layer, in one row for each position, and for one channel."""
    for weight in layers():
        for kernels in (weight, weight[:, :1]):
            expected = steps.apart(kernels)
            assert formula(kernels.flatten(1).tolist()) == pytest.approx(expected, rel=1e-9)


def test_the_checker_asks_for_what_the_book_computes() -> None:
    check_formula(apart._apart)
    shares = [steps.apart(weight) for weight in layers()]
    assert min(shares) < 0.05
    assert max(shares) > 0.5


@each_way
def test_planted_the_book_computes_something_else(way: tuple[str, object]) -> None:
    with pytest.raises(AssertionError):
        check_formula(functools.partial(apart._apart, **dict([way])))


def test_the_kernels_ask_for_all_that_they_should() -> None:
    for case in apart.CASES:
        weight = torch.tensor(case, dtype=torch.float64)
        positions, numbers = weight.shape
        assert positions != numbers  # a mean over the wrong axis does not fit by chance
        assert weight.mean(dim=0).norm() == 5
        assert "divided by 5, the length of the mean kernel" in apart._words(case)


def numbers(
    cases: tuple[apart.Kernels, ...],
) -> dict[tuple[str, object] | None, list[float]]:
    """What each way, wrong or right, gives."""
    return {
        way: [apart._apart(case, **dict([way] if way else [])) for case in cases]
        for way in (None, *WAYS)
    }


def alike(cases: tuple[apart.Kernels, ...]) -> list[tuple[object, object]]:
    """Ways that give the same numbers."""
    return [
        (one, another)
        for (one, first), (another, second) in itertools.combinations(numbers(cases).items(), 2)
        if all(map(apart._same, first, second)) or all(map(apart._same, second, first))
    ]


def test_no_two_mistakes_give_the_same_numbers() -> None:
    assert alike(apart.CASES) == []


@pytest.mark.parametrize("place", range(2))
def test_planted_without_one_of_the_cases_two_mistakes_look_alike(place: int) -> None:
    assert alike(apart.CASES[:place] + apart.CASES[place + 1 :]) != []


@each_way
def test_each_wrong_way_has_its_name_and_its_words(way: tuple[str, object]) -> None:
    def solution(weight: Tensor) -> float:
        return apart._apart(weight.tolist(), **dict([way]))

    (one,) = check.apart(solution).problems
    name, words = WAYS[way]
    assert one.name == name
    assert one.observed.endswith(f": {words}")


def scaled(factor: float) -> Callable[[Tensor], float]:
    return lambda weight: steps.apart(weight.unsqueeze(1)) * factor


@pytest.mark.parametrize("factor", [1 + 1e-6, 1 - 1e-6])
def test_another_order_or_single_precision_passes(factor: float) -> None:
    assert check.apart(scaled(factor)).passed


@pytest.mark.parametrize("factor", [1.003, 0.997])
def test_another_number_does_not_pass(factor: float) -> None:
    assert [one.name for one in check.apart(scaled(factor)).problems] == ["wrong-distance"]
