"""What filtering gains: known answers for a change, and where the numbers of the table come from."""

from dataclasses import replace
from itertools import groupby
from math import prod
from operator import itemgetter

import pytest

from mnistlab.experiments import corners, gains, per_place, places, same_noise, steps
from mnistlab.experiments.gains import Gain
from mnistlab.runs import TASK_7, record


def test_a_gain_in_points_and_in_ratio() -> None:
    gain = Gain([0.90, 0.80], [0.95, 0.96])
    assert gain.wrong == pytest.approx((0.15, 0.045))
    assert gain.points == pytest.approx(10.5)
    assert gain.ratio == pytest.approx(0.35)  # of 0.5 and 0.2
    assert gain.each == pytest.approx([0.5, 0.2])
    assert gain.ratios == pytest.approx((0.2, 0.5))
    assert gain.removed == pytest.approx(0.65)  # of 0.5 and 0.8
    assert gain.luck == (1, 6)
    assert gain.certain


def test_seeds_that_had_failed_before_a_change_do_not_count_in_what_it_removes() -> None:
    gain = Gain([0.90, 0.10], [0.95, 0.95])
    assert gain.removed == 1 - gain.ratio == pytest.approx(0.5)
    assert gain.wrong == pytest.approx((0.1, 0.05))
    with pytest.raises(ValueError, match="none of 0 runs reads half of the images"):
        _ = Gain([0.1], [0.9]).wrong


def test_half_of_the_images_is_not_fewer_than_half() -> None:
    gain = Gain([0.5, 0.49, 0.8, 0.8], [0.8, 0.8, 0.5, 0.49])
    assert gain.learned == [True, False, True, False]
    assert gain.removed == pytest.approx((0.6 - 1.5) / 2)


def test_without_a_seed_that_learned_nothing_is_said() -> None:
    """None of these pairs learned, though each list has a network that did."""
    with pytest.raises(ValueError, match="at least one data point"):
        _ = Gain([0.9, 0.1], [0.1, 0.9]).removed


def test_a_rise_is_of_the_seeds_that_learned_in_both() -> None:
    one, other = Gain([0.8, 0.9, 0.4], [0.9, 0.95, 0.9]), Gain([0.8, 0.9, 0.9], [0.95, 0.3, 0.95])
    assert gains.rises(one, other) == {0: pytest.approx(0.25)}
    assert gains.rises(one, one) == {0: 0, 1: 0}
    with pytest.raises(ValueError, match="shorter"):
        gains.rises(one, Gain([0.9], [0.95]))


def test_the_standard_error_of_a_mean() -> None:
    assert gains.standard_error([1.0, 3.0]) == pytest.approx(1.0)
    assert gains.standard_error(iter([0.1] * 5)) == pytest.approx(0.0)
    with pytest.raises(ValueError, match="at least two"):
        gains.standard_error([1.0])


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
    assert {len(gain.before) for gain in table.values()} == {4, 5, 10}
    ten = [name for name, gain in table.items() if len(gain.before) == 10]
    assert {*gains.STEPS, "all three steps together"} < set(ten)
    early = table["filtering, 10 epochs, η = 0.01"]
    assert list(early.before) == [one.test_accuracy[9] for one in record.histories(TASK_7)]


def check_questions(table: dict[str, Gain]) -> None:
    """All questions in their order; the changes of one from the smallest ratio to the largest.

    Only the steps of the walk stand together, as they are walked, where the largest of them belongs.
    """
    first = list(table).index(gains.STEPS[0])
    assert tuple(table)[first : first + len(gains.STEPS)] == gains.STEPS
    largest = min(table[name].ratio for name in gains.STEPS)
    ratios = [(g.question, largest if n in gains.STEPS else g.ratio) for n, g in table.items()]
    groups = [(q, [ratio for _, ratio in g]) for q, g in groupby(ratios, itemgetter(0))]
    assert [question for question, _ in groups] == list(gains.QUESTIONS)
    assert all(each == sorted(each) for _, each in groups)


def test_changes_are_grouped_by_question_and_sorted_by_ratio() -> None:
    table = gains.gains()
    check_questions(table)
    with pytest.raises(AssertionError):
        check_questions(dict(reversed(table.items())))
    with pytest.raises(AssertionError):
        check_questions(dict(sorted(table.items(), key=lambda item: item[1].ratio)))


ALONE = "sharing, where nothing is near"
"""Ends with a convolution, too, on shuffled pixels."""


def check_networks(table: dict[str, Gain]) -> None:
    """What ends with (a), with (b), or with the network of the walk that is both near and shared."""
    ends = [
        found["near and shared"] for found in (corners.accuracies(), steps.recorded_accuracies())
    ]
    for name, gain in table.items():
        if name.endswith("for the MLP"):
            assert gain.network == "fully-connected", name
        filters = name.endswith("for the CNN") or name.startswith("filtering") or name == ALONE
        if filters or gain.after in ends:
            assert gain.network == "convolutional", name
    others = {name for name, gain in table.items() if gain.network == "another network"}
    assert others == {
        "few connections, more units, pooling", "looking near",
        "an equal start, locally connected", "shifted images, locally connected",
    }  # fmt: skip


def test_every_change_tells_which_network_it_leads_to() -> None:
    table = gains.gains()
    check_networks(table)
    for name, gain in table.items():
        wrong = "convolutional" if gain.network == "fully-connected" else "fully-connected"
        with pytest.raises(AssertionError):
            check_networks(table | {name: replace(gain, network=wrong)})


def test_factors_of_one_walk_multiply_to_the_whole() -> None:
    """From fully-connected to convolutional there are three steps; their ratios multiply, with each seed."""
    table = gains.gains()
    whole = table["all three steps together"]
    by_seed = zip(*(table[step].each for step in gains.STEPS), strict=True)
    assert list(map(prod, by_seed)) == pytest.approx(whole.each)
    assert prod(table[step].ratio for step in gains.STEPS) == pytest.approx(whole.ratio, abs=0.005)


def test_the_walk_goes_from_flattening_to_filtering() -> None:
    walk = gains.walk()
    assert list(walk) == list(gains.WALK)
    whole = gains.gains()["all three steps together"]
    assert next(iter(walk.values())) == list(whole.before)
    assert list(walk.values())[-1] == list(whole.after)


def test_the_control_names_its_images_as_their_specifications_do() -> None:
    """The few noisy images have the noise of the many; the noisier ones have more."""
    found = gains.control()
    assert [count for _, count in found] == ["6000", "600", "6000", "600", "6000", "600", "600"]
    shared = [row["accuracy"] for row in same_noise.EXPERIMENT.recorded()][1::2]
    assert found["noisy", "600"].after == shared
    assert same_noise.EXPERIMENT.specifications[0].noise == places.NOISE < per_place.NOISE
    assert found["noisier", "600"].after == per_place.accuracies("600 noisy")["near and shared"]


def test_what_sharing_does_by_place_is_of_the_same_seeds() -> None:
    found = gains.by_place()
    assert {len(gain.before) for gain in found.values()} == {10}
    many = places.accuracies("moved")
    step = found["sharing, 6000 moved"]
    assert step.before == many["near, not shared"] == found["flatten → near, moved"].after
    assert step.after == many["near and shared"]
    few = places.accuracies("moved", places.FEW_EXPERIMENT)
    assert found["sharing, 600 moved"].after == few["near and shared"]
