"""Experiments that followed a reader's question: nearness without pooling, few noisy images, kernels side by side."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from mnistlab.experiments import kernels, let_go, places, rates, same_noise, steps, strides
from mnistlab.experiments.experiment import Row, best_rates
from mnistlab.ladder import untie
from mnistlab.networks import convolutional
from mnistlab.runs import TASK_7, TASK_8, Specification


def by_permutation(row: Row) -> str:
    """The name of a run's network in `strides.NETWORKS`."""
    return "near" if row.specification.permutation is None else "scattered"


def test_without_pooling_the_rates_are_chosen_on_validation_images_and_not_at_the_edge() -> None:
    assert {one.split for one in strides.CANDIDATES.specifications} == {"validation"}
    assert {one.split for one in strides.EXPERIMENT.specifications} == {"test"}
    names = {row.specification: by_permutation(row) for row in strides.CANDIDATES.recorded()}
    chosen = best_rates(strides.CANDIDATES.recorded(), lambda one: names[one])
    assert chosen == dict.fromkeys(strides.NETWORKS, strides.CHOSEN)


def test_with_and_without_pooling_the_same_images_are_shuffled_alike() -> None:
    """A run is compared with one of the same seed, the same images and the same permutation."""

    def seen(specification: object) -> list[object]:
        return [
            getattr(specification, name) for name in ("seed", "images", "passes", "permutation")
        ]

    pooled = {
        name: [seen(one) for one in steps.EXPERIMENT.specifications if steps.name_of(one) == name]
        for name in ("scattered, not shared", "near, not shared")
    }
    strided = [seen(one) for one in strides.EXPERIMENT.specifications]
    assert [one for each in pooled.values() for one in each] == strided


def test_without_pooling_there_is_no_pooling_and_the_maps_are_as_large() -> None:
    network = strides.NEAR.build()
    assert not [layer for layer in network if isinstance(layer, nn.MaxPool2d)]
    sizes = [tuple(layer.weight.shape) for layer in network if hasattr(layer, "kernel_size")]
    assert sizes == [(14 * 14, 8, 25), (7 * 7, 16, 200)]


def test_few_noisy_images_have_the_noise_of_the_many_and_as_many_updates() -> None:
    for one in (*same_noise.CANDIDATES.specifications, *same_noise.EXPERIMENT.specifications):
        assert (one.images, one.noise, one.passes) == (places.FEW, places.NOISE, 300)
    assert {one.split for one in same_noise.CANDIDATES.specifications} == {"validation"}
    assert {one.split for one in same_noise.EXPERIMENT.specifications} == {"test"}
    assert best_rates(same_noise.CANDIDATES.recorded(), steps.name_of) == same_noise.CHOSEN
    assert {name: len(each) for name, each in same_noise.accuracies().items()} == dict.fromkeys(
        places.LOCAL, 10
    )


def test_a_shared_kernel_is_the_same_at_all_positions() -> None:
    """The untied copy has the kernel of the convolution at each position: rows and columns are as in it."""
    torch.manual_seed(0)
    tied = convolutional(8, 16, 10)
    shared, copies = kernels.kernels_of(tied[0]), kernels.kernels_of(untie(tied)[0])
    assert shared.shape == (8, 8, 25)
    torch.testing.assert_close(shared, copies)
    planted = untie(tied)[0]
    with torch.no_grad():
        planted.weight[kernels.ROW * 28 + kernels.COLUMNS[3], 5, 7] += 1
    different = (kernels.kernels_of(planted) - shared).abs() > 0.5
    assert different.nonzero().tolist() == [[5, 3, 7]], "channel, position, weight"
    with pytest.raises(TypeError, match="expected a Conv2d or a Locally"):
        kernels.kernels_of(nn.Linear(4, 2))


def test_the_recorded_kernels_are_those_of_their_runs() -> None:
    """The kernel of the convolution is recorded once for each position; the runs are those of the ladder."""
    pictures = kernels.pictures(channel=3)
    assert {name: tuple(each.shape) for name, each in pictures.items()} == dict.fromkeys(
        kernels.RUNS, (8, 5, 5)
    )
    tied = pictures["equal to the end"]
    assert torch.equal(tied, tied[:1].expand_as(tied))
    accuracy = {row.specification: row["accuracy"] for row in kernels.EXPERIMENT.recorded()}
    before = [
        row
        for each in (steps.EXPERIMENT, steps.DRIFT, let_go.EXPERIMENT)
        for row in each.recorded()
    ]
    assert {row.specification for row in before} > set(kernels.RUNS.values())
    for row in before:
        if row.specification in accuracy:
            assert abs(accuracy[row.specification] - row["accuracy"]) < 0.0005


def test_kernels_that_are_pushed_apart_differ_in_the_rate_of_free_kernels_alone() -> None:
    held = {one for one in steps.TIES.specifications if one.tied == let_go.TIED}
    assert len(held) == 5
    for experiment in (let_go.CANDIDATES, let_go.EXPERIMENT):
        alike = {replace(one, free_rate=None, split="test") for one in experiment.specifications}
        assert alike <= held
    assert {one.split for one in let_go.CANDIDATES.specifications} == {"validation"}
    assert {one.split for one in let_go.EXPERIMENT.specifications} == {"test"}
    assert {one.free_rate for one in let_go.EXPERIMENT.specifications} == set(let_go.RATES)


def test_the_larger_rate_is_the_largest_that_learned_and_not_the_largest_tried() -> None:
    rows = let_go.CANDIDATES.recorded()
    assert let_go.largest_that_learns(rows) == let_go.RATES[-1]
    all_learned = [Row(row.specification, row.values | {"accuracy": 0.9}) for row in rows]
    with pytest.raises(ValueError, match="still learns at the rate 30; try larger ones, too"):
        let_go.largest_that_learns(all_learned)


def test_each_seed_has_a_distance_and_an_accuracy_at_each_rate() -> None:
    for layer in (1, 2):
        found = let_go.by_rate(layer)
        assert {when: list(each) for when, each in found.items()} == {
            "free after 5 passes": [0.3, 1.0, 10.0],
            "equal at the start": [0.3, 1.0],
        }
        assert {len(seeds) for each in found.values() for seeds in each.values()} == {5}
        drifts = steps.drifts()
        assert [x for x, _ in found["free after 5 passes"][0.3]] == [
            pair[layer - 1] for pair in drifts["free after 5 passes"]
        ]
        assert [x for x, _ in found["equal at the start"][1.0]] == [
            pair[layer - 1] for pair in drifts["equal at the start, η = 1"]
        ]


@pytest.mark.parametrize("task", [TASK_7, TASK_8])
def test_twenty_epochs_begin_with_the_epochs_of_the_shorter_runs(task: Specification) -> None:
    """The same rate, seeds and images: the curves are the same until the shorter one ends."""
    longer = dict(zip((TASK_7, TASK_8), rates.at_own_rates(), strict=True))[task]
    shorter: dict[int, list[float]] = {}
    for row in rates.OWN.recorded():
        if row.specification.network == task.network:
            shorter.setdefault(row.specification.seed, []).append(row["accuracy"])
    assert sorted(shorter) == list(rates.OWN_SEEDS)
    for seed, line in shorter.items():
        assert longer[seed].epochs == rates.LONGER
        assert longer[seed].test_accuracy[: len(line)] == line
