"""The ladder, its candidates, and what it takes: known answers for what two chapters measure."""

from dataclasses import replace

import pytest

from mnistlab.experiments import Row, amounts, corners, optimizers, rates, shuffles, steps
from mnistlab.runs import TASK_7, TASK_8, Specification, record


def row(specification: Specification, accuracy: float) -> Row:
    return Row(specification, {"accuracy": accuracy, "fitted": 1.0})


@pytest.mark.parametrize("name", steps.NETWORKS)
def test_a_network_of_the_ladder_is_known_by_its_runs(name: str) -> None:
    network = replace(steps.NETWORKS[name], seed=7, learning_rate=0.2)
    assert steps.name_of(network) == name


def test_a_run_of_no_network_of_the_ladder_is_refused() -> None:
    with pytest.raises(ValueError, match="is no run of the ladder; expected one of"):
        steps.name_of(replace(shuffles.CONVOLUTIONAL, sizes=(9, 9, 10)))


def test_the_four_corners_differ_in_two_things() -> None:
    """Equal work; a permutation takes locality away, and kernels of their own take sharing away."""
    corners = {
        name: (network.network, network.permutation is not None)
        for name, network in steps.NETWORKS.items()
        if " shared" in name
    }
    assert corners == {
        "scattered, not shared": ("locally_connected", True),
        "near, not shared": ("locally_connected", False),
        "scattered, shared": ("convolutional", True),
        "near and shared": ("convolutional", False),
    }


def test_nothing_of_the_ladder_is_chosen_on_the_test_images() -> None:
    assert {one.split for one in steps.CANDIDATES.specifications} == {"validation"}
    assert {one.split for one in steps.EXPERIMENT.specifications} == {"test"}
    chose = {one.permutation for one in steps.CANDIDATES.specifications} - {None}
    measured = {one.permutation for one in steps.EXPERIMENT.specifications} - {None}
    assert chose.isdisjoint(measured)


def test_the_rates_of_the_ladder_are_those_that_were_chosen() -> None:
    chosen = steps.chosen_rates(steps.CANDIDATES.recorded())
    assert chosen | {steps.SAME_START: chosen["near, not shared"]} == steps.RATES


def test_a_rate_at_the_edge_is_refused() -> None:
    rates = {0.1: 0.8, 0.3: 0.9, 1.0: 0.7}
    network = steps.NETWORKS["stride 2"]
    rows = [row(replace(network, learning_rate=r), accuracy) for r, accuracy in rates.items()]
    assert steps.chosen_rates(rows) == {"stride 2": 0.3}
    with pytest.raises(ValueError, match="stride 2 is 0"):
        steps.chosen_rates(rows[:2])


def test_accuracies_of_the_ladder_are_by_network_and_shift() -> None:
    rows = [
        row(replace(steps.NETWORKS[name], seed=seed, shift=shift), number + seed)
        for number, name in ((10, "near, not shared"), (20, "near and shared"))
        for seed in (0, 1)
        for shift in (0, 2)
    ]
    assert steps.accuracies(rows, "near, not shared") == [10, 11]
    assert steps.accuracies(rows, "near and shared", shift=2) == [20, 21]


def test_every_number_of_images_gets_about_as_many_updates() -> None:
    for images in amounts.IMAGES:
        updates = amounts.passes(images) * -(-images // amounts.BATCH)
        assert updates == pytest.approx(amounts.UPDATES, rel=0.01), images


def test_measured_numbers_are_by_number_of_images_and_labels() -> None:
    network = amounts.NETWORKS[0]
    rows = [
        row(replace(network, images=images, seed=seed, labels=labels), images + seed + extra)
        for images in (300, 100)
        for seed in (0, 1)
        for labels, extra in (("true", 0), ("random", 0.5))
    ]
    assert amounts.measured(rows, network) == {100: [100, 101], 300: [300, 301]}
    assert amounts.measured(rows, network, labels="random")[100] == [100.5, 101.5]
    assert amounts.measured(rows, amounts.NETWORKS[1]) == {}


@pytest.mark.parametrize(
    ("goal", "images"),
    [(0.9, 1000), (0.8, 100), (0.95, 10_000), (0.79, None), (0.96, None)],
)
def test_images_are_worth_what_the_other_line_says(goal: float, images: float | None) -> None:
    others = {10_000: [0.95], 100: [0.7, 0.8, 0.85]}
    worth = amounts.images_worth(others, [goal])
    assert worth == (None if images is None else pytest.approx(images))


def test_of_no_mistakes_it_is_not_said_how_many_images_they_are_worth() -> None:
    assert amounts.images_worth({100: [0.8], 10_000: [1.0]}, [1.0]) is None
    assert amounts.images_worth({100: [0.8], 10_000: [1.0]}, [0.9]) is None


def test_the_best_rate_is_found_for_each_optimizer() -> None:
    rates = dict(zip((0.003, 0.01, 0.03), (0.7, 0.9, 0.8), strict=True))
    momentum = replace(shuffles.CONVOLUTIONAL, momentum=0.9)
    rows = [
        row(replace(momentum, learning_rate=r, seed=s), a) for r, a in rates.items() for s in (0, 1)
    ]
    assert optimizers.chosen_rates(rows) == {("convolutional", "momentum"): 0.01}
    with pytest.raises(ValueError, match="at the edge"):
        optimizers.chosen_rates(rows[:4])
    assert optimizers.chosen_rates(optimizers.CANDIDATES.recorded()) == optimizers.CHOSEN


def test_accuracies_are_by_network_and_optimizer() -> None:
    rows = [row(one, place) for place, one in enumerate(optimizers.EXPERIMENT.specifications)]
    assert optimizers.accuracies(rows, shuffles.FULLY_CONNECTED, "momentum") == [0, 4, 8, 12, 16]
    assert optimizers.accuracies(rows, shuffles.CONVOLUTIONAL, "Adam") == [3, 7, 11, 15, 19]
    assert {one.split for one in optimizers.CANDIDATES.specifications} == {"validation"}


def test_what_is_recorded_is_found_by_name_and_by_price() -> None:
    rows = steps.EXPERIMENT.recorded()
    found = steps.recorded_accuracies()
    assert found.keys() == steps.NETWORKS.keys() - {steps.SAME_START}
    assert found["linear"] == steps.accuracies(rows, "linear")
    assert {len(each) for each in found.values()} == {5}
    prices = steps.by_price("twice as wide", "linear")
    assert list(prices.values()) == [found["twice as wide"], found["linear"]]
    assert list(prices)[1] == (7850, 7840)


def test_corners_are_named_by_what_they_have() -> None:
    found = {name: [float(i)] for i, name in enumerate(steps.NETWORKS)}
    for (line, place), each in corners.by_corner(found).items():
        (name,) = (name for name, value in found.items() if value == each)
        network = steps.NETWORKS[name]
        assert (network.permutation is None) == (line == "near")
        assert (network.network == "convolutional") == (place == "shared")


def test_ten_seeds_of_each_corner_begin_with_the_five_of_the_ladder() -> None:
    five, ten = steps.recorded_accuracies(), corners.accuracies()
    assert {len(each) for each in ten.values()} == {10}
    assert ten.keys() < five.keys()
    for name, each in ten.items():
        assert each[:5] == pytest.approx(five[name], abs=0.003), name


def test_the_seeds_that_were_added_are_five_to_nine_of_the_two_that_lacked_them() -> None:
    made = [(steps.name_of(one), one.seed) for one in corners.EXPERIMENT.specifications]
    assert sorted(made) == sorted((name, seed) for name in corners.LACKING for seed in range(5, 10))
    first = [replace(one, seed=0) for one in steps.EXPERIMENT.specifications]
    for one in corners.EXPERIMENT.specifications:
        permutation = None if one.permutation is None else 100
        assert replace(one, seed=0, permutation=permutation) in first, "as those of the ladder"


def test_what_stands_in_for_sharing_is_of_the_right_runs() -> None:
    found = steps.instead_of_sharing()
    start = steps.START.recorded()
    assert found["locally connected, shifted images"] == steps.accuracies(
        start, "near, not shared", 2
    )
    assert found["untied copy"] == steps.accuracies(start, "untied copy")
    assert list(found)[3:] == ["CNN", "CNN, shifted images"]
    assert len({tuple(each) for each in found.values()}) == 5


def test_both_networks_are_found_before_and_after_at_each_rate_and_optimizer() -> None:
    (a, b), (own_a, own_b) = rates.before_and_after().values()
    assert a == [one.test_accuracy[9] for one in record.histories(TASK_7)]
    assert b == [one.test_accuracy[9] for one in record.histories(TASK_8)]
    own = rates.OWN.recorded()
    assert own_a == rates.accuracies(own, TASK_7, 10)[0.3]
    assert own_b == rates.accuracies(own, TASK_8, 5)[0.1]
    found = optimizers.by_optimizer()
    assert list(found) == ["plain", "momentum", "Adam"]
    assert {len(each) for pair in found.values() for each in pair} == {5}
    others = optimizers.EXPERIMENT.recorded()
    assert found["Adam"][1] == optimizers.accuracies(others, optimizers.NETWORKS[1], "Adam")


def test_shuffles_are_found_for_every_side_that_was_tried() -> None:
    found = shuffles.by_side(shuffles.CONVOLUTIONAL)
    assert list(found) == [1, 2, 4, 7, 14, 28]
    rows = shuffles.EXPERIMENT.recorded()
    assert found[28] == shuffles.accuracies(rows, shuffles.CONVOLUTIONAL, 28)
    assert all(found.values())
