"""The checker of dropout: coins are random, and its verdict is not."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812

from mnistlab import check
from mnistlab.check.tasks import drop_values

RARE = 1e-9
"""A right solution is refused less often."""


def names(solution: Callable[[Tensor, float], Tensor]) -> list[str]:
    return [one.name for one in check.drop_values(solution).problems]


def test_no_value_is_zero_and_no_two_are_alike() -> None:
    for shape in (drop_values.SHAPE, drop_values.SMALL):
        one, *changed = drop_values._thinned(lambda x, p: x, shape, 0.2)
        assert not changed
        assert one.x.shape == shape
        assert one.share == 0
        assert len(one.x.unique()) == math.prod(shape)
        assert -1 < one.x.min() < one.x.max() < 1
        assert not one.x.requires_grad


def test_a_share_is_hardly_ever_so_far_from_its_probability() -> None:
    """By Hoeffding's inequality, which is cautious, for one call with any probability."""
    assert 2 * math.exp(-2 * math.prod(drop_values.SHAPE) * drop_values.BOUND**2) < RARE


def test_independent_coins_hardly_ever_look_as_if_they_went_together() -> None:
    images, places = drop_values.SHAPE
    alike = drop_values.P**2 + (1 - drop_values.P) ** 2
    assert math.comb(places, 2) * alike**images + math.comb(images, 2) * alike**places < RARE


def most_likely(count: int, p: float) -> float:
    """The probability of the number of heads that comes most often."""
    return max(math.comb(count, k) * p**k * (1 - p) ** (count - k) for k in range(count + 1))


def test_independent_coins_hardly_ever_fall_equally_often() -> None:
    images, places = drop_values.SHAPE
    assert most_likely(places, drop_values.P) ** (images - 1) < RARE
    assert most_likely(images, drop_values.P) ** (places - 1) < RARE
    spread = math.sqrt(images * places * drop_values.P * (1 - drop_values.P))
    assert (1.01 / (spread * math.sqrt(2 * math.pi))) ** 8 < RARE  # nine calls


def test_shares_that_have_names_are_apart() -> None:
    """No wrong way to toss is within the bounds of the right one, or of another."""
    shares = [
        [share(p) for p in (drop_values.P, drop_values.OTHER)]
        for _, _, share in drop_values._SHARES
    ]
    for one, another in itertools.combinations(shares, 2):
        assert max(abs(a - b) for a, b in zip(one, another, strict=True)) > 1.4 * drop_values.BOUND


def test_factors_that_have_names_are_apart() -> None:
    calls = [(p, p + 0.003) for p in (drop_values.P, drop_values.OTHER)]
    factors = [[factor(*call) for call in calls] for _, _, factor in drop_values._FACTORS]
    for one, another in itertools.combinations(factors, 2):
        assert max(abs(a / b - 1) for a, b in zip(one, another, strict=True)) > 1e-3


def sloppy(x: Tensor, p: float) -> Tensor:
    """Drops a zero at p = 0 too; it is drawn about once in 10⁷ times."""
    return torch.where(torch.rand(x.shape) > p, x / (1 - p), 0)


def by_numbers(x: Tensor, p: float) -> Tensor:
    return torch.where(torch.rand(x.shape) < p, 0, x / (1 - p))


@pytest.mark.parametrize("solution", [sloppy, by_numbers, F.dropout])
def test_other_random_numbers_get_the_same_verdict(
    solution: Callable[[Tensor, float], Tensor], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drop_values, "_seed", lambda: None)
    for seed in range(50):
        torch.default_generator.manual_seed(seed)
        assert names(solution) == [], seed


def test_planted_a_bound_that_is_too_narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drop_values, "_seed", lambda: None)
    monkeypatch.setattr(drop_values, "BOUND", 0.002)
    found = []
    for seed in range(20):
        torch.default_generator.manual_seed(seed)
        found += names(by_numbers)
    assert "wrong-probability" in found


def test_the_same_solution_gets_the_same_report() -> None:
    def solution(x: Tensor, p: float) -> Tensor:
        return 2 * F.dropout(x, p / 2)

    reports = []
    for seed in (1, 2):
        torch.default_generator.manual_seed(seed)
        reports.append(str(check.drop_values(solution)))
    assert reports[0] == reports[1]


def test_a_zero_that_is_drawn_once_is_forgiven_and_twice_is_not() -> None:
    def with_holes(holes: int) -> Callable[[Tensor, float], Tensor]:
        calls = iter(range(holes))

        def solution(x: Tensor, p: float) -> Tensor:
            result = by_numbers(x, p)
            if p == 0 and next(calls, None) is not None:
                result[0, 0] = 0
            return result

        return solution

    assert names(with_holes(1)) == []
    assert names(with_holes(2)) == ["wrong-at-the-edge"]


def test_the_random_numbers_of_others_go_on_as_if_nothing_had_been() -> None:
    torch.default_generator.manual_seed(3)
    expected = torch.rand(3)
    torch.default_generator.manual_seed(3)
    assert names(by_numbers) == []
    assert torch.equal(torch.rand(3), expected)
