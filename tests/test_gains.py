"""What filtering gains: known answers for a change, and where the numbers of the table come from."""

from math import prod

import pytest

from mnistlab.experiments import gains
from mnistlab.experiments.gains import Gain
from mnistlab.runs import TASK_7, record


def test_a_gain_in_points_and_in_ratio() -> None:
    gain = Gain([0.90, 0.80], [0.95, 0.96])
    assert gain.wrong == pytest.approx((0.15, 0.045))
    assert gain.points == pytest.approx(10.5)
    assert gain.ratio == pytest.approx(0.3)
    assert gain.each == pytest.approx([0.5, 0.2])
    assert gain.ratios == pytest.approx((0.2, 0.5))
    assert gain.luck == (1, 6)
    assert gain.certain


def test_a_gain_that_is_none() -> None:
    gain = Gain([0.90, 0.80], [0.85, 0.85])
    assert gain.points == pytest.approx(0)
    assert gain.ratios[1] > 1
    assert not gain.certain


@pytest.mark.parametrize(("before", "after"), [([], []), ([0.9], [0.9, 0.8])])
def test_unequal_numbers_of_seeds_are_refused(before: list[float], after: list[float]) -> None:
    with pytest.raises(ValueError, match="expected equally many, and at least one"):
        Gain(before, after)


def test_every_gain_of_the_table_has_several_seeds() -> None:
    table = gains.gains()
    assert {len(gain.before) for gain in table.values()} == {4, 5}
    early = table["filtering, ten epochs, η = 0.01"]
    assert list(early.before) == [one.test_accuracy[9] for one in record.histories(TASK_7)]


def test_factors_of_one_walk_multiply_to_the_whole() -> None:
    """From fully-connected to convolutional there are three steps; their ratios multiply."""
    table = gains.gains()
    steps = ("few connections, and pooling", "looking near", "sharing, where things are near")
    product = prod(table[step].ratio for step in steps)
    assert product == pytest.approx(table["all three together"].ratio)


def test_the_walk_goes_from_flattening_to_filtering() -> None:
    walk = gains.walk()
    assert list(walk) == list(gains.WALK)
    whole = gains.gains()["all three together"]
    assert next(iter(walk.values())) == list(whole.before)
    assert list(walk.values())[-1] == list(whole.after)
