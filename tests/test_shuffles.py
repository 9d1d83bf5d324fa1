"""Shuffled pixels and numbers of images: known answers for what the chapters measure."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mnistlab import convolutional, evaluate, fully_connected, runs
from mnistlab.experiments import Row, amounts, optimizers, shuffles
from mnistlab.experiments.shuffles import CONVOLUTIONAL, FULLY_CONNECTED, rearranged

IMAGES = torch.rand(5, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("block", [4, 28])
def test_the_rearranged_network_computes_from_shuffled_images_what_the_other_does(
    block: int,
) -> None:
    places = runs.permutation(5, block)
    torch.manual_seed(0)
    network = fully_connected(784, 9, 10)
    twin = rearranged(network, places)
    torch.testing.assert_close(twin(runs.permuted(IMAGES, places)), network(IMAGES))
    assert not torch.allclose(twin(IMAGES), network(IMAGES), atol=1e-3), "planted: no shuffle"
    assert twin[1].weight is not network[1].weight


def test_a_convolution_cannot_be_rearranged() -> None:
    with pytest.raises(AttributeError):
        rearranged(convolutional(2, 3, 10), runs.permutation(5))


def rows(rates: dict[float, list[float]], network: runs.Specification) -> list[Row]:
    return [
        Row(replace(network, learning_rate=rate, seed=seed), {"accuracy": value})
        for rate, values in rates.items()
        for seed, value in enumerate(values)
    ]


def test_the_rate_with_the_highest_mean_is_chosen() -> None:
    first = rows(
        {0.03: [0.8, 0.8], 0.1: [0.9, 0.5], 0.3: [0.79, 0.82], 1.0: [0.1, 0.1]}, FULLY_CONNECTED
    )
    shuffled = replace(CONVOLUTIONAL, permutation=0)
    second = rows({0.03: [0.1], 0.1: [0.9], 0.3: [0.8], 1.0: [0.1]}, shuffled)
    assert shuffles.chosen_rates([*first, *second]) == {
        ("fully_connected", False): 0.3,
        ("convolutional", True): 0.1,
    }


def test_accuracies_are_those_of_a_network_and_a_block() -> None:
    table = [
        Row(replace(CONVOLUTIONAL, seed=seed, **changes), {"accuracy": seed + number})
        for seed in (0, 1)
        for number, changes in enumerate(
            ({}, {"permutation": 3}, {"permutation": 3, "block": 7}), start=10
        )
    ]
    found = {block: shuffles.accuracies(table, CONVOLUTIONAL, block) for block in (1, 7, 28)}
    assert found == {1: [10, 11], 28: [11, 12], 7: [12, 13]}
    assert shuffles.accuracies(table, FULLY_CONNECTED, 28) == []


def test_the_permutations_measured_are_not_those_that_chose_the_rate() -> None:
    chose = {one.permutation for one in shuffles.CANDIDATES.specifications} - {None}
    measured = {one.permutation for one in shuffles.EXPERIMENT.specifications} - {None}
    assert len(measured) == 10
    assert chose.isdisjoint(measured)
    assert {one.split for one in shuffles.CANDIDATES.specifications} == {"validation"}


def test_every_number_of_images_gets_about_as_many_updates() -> None:
    for specification in amounts.EXPERIMENT.specifications:
        batches = -(-specification.images // specification.batch_size)
        assert specification.passes * batches == pytest.approx(amounts.UPDATES, rel=0.01)


@pytest.mark.usefixtures("tiny")
def test_what_is_fitted_is_measured_on_the_runs_own_training_images(tiny: Path) -> None:
    few = replace(FULLY_CONNECTED, images=20, passes=300, learning_rate=0.3, labels="random")
    finished = runs.run(few, device="cpu")
    (point,) = amounts.fitted(finished)
    assert point["fitted"] == 1.0, "twenty random labels are learned by heart"
    true, _ = runs.loaders_of(replace(few, labels="true"))
    assert evaluate(finished.network, true.loader)[1] < 0.5, "planted: measured on the true ones"


def test_measured_numbers_are_by_number_of_images() -> None:
    network = amounts.NETWORKS[0]
    table = [
        Row(replace(network, images=images, seed=seed, labels=labels), {"fitted": images + seed})
        for images in (100, 300)
        for seed in (0, 1)
        for labels in ("true", "random")
    ]
    assert amounts.measured(table, network, "fitted") == {100: [100, 101], 300: [300, 301]}
    assert amounts.measured(table, amounts.NETWORKS[1]) == {}


def test_the_best_rate_is_found_for_each_optimizer() -> None:
    plain = rows({0.1: [0.9, 0.8], 0.3: [0.7, 0.7]}, FULLY_CONNECTED)
    others = [
        Row(replace(specification, seed=0), {"accuracy": 1 - specification.learning_rate})
        for specification in optimizers.EXPERIMENT.specifications
        if specification.seed == 0
    ]
    shuffled = rows({9.0: [1.0]}, replace(FULLY_CONNECTED, permutation=0))
    table = [*plain, *others, *shuffled]
    assert optimizers.best(table, FULLY_CONNECTED, "plain") == (0.1, [0.9, 0.8])
    assert optimizers.best(table, FULLY_CONNECTED, "momentum") == (0.003, [0.997])
    assert optimizers.best(table, CONVOLUTIONAL, "Adam") == (0.0003, [0.9997])
