"""Shuffled pixels: known answers for what the chapter measures."""

from dataclasses import replace

import pytest
import torch

from mnistlab import convolutional, fully_connected, runs
from mnistlab.experiments import Row, shuffles
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


def test_the_runs_of_the_build_are_two_of_the_experiment() -> None:
    assert {runs.SHUFFLED_A, runs.SHUFFLED_B} < set(shuffles.EXPERIMENT.specifications)
    assert runs.SHUFFLED_A.permutation == runs.SHUFFLED_B.permutation


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
