"""Moved digits: known answers, with shifts that must matter and shifts that must not."""

import math
from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn

from mnistlab import convolutional
from mnistlab.experiments import EXPERIMENTS, Row, moved
from mnistlab.experiments.moved import CONVOLUTIONAL, FULLY_CONNECTED, OUT, answers, mismatch
from mnistlab.ladder import global_average, untie
from mnistlab.runs import Run
from mnistlab.training import History


def blots(rows: slice, columns: slice, count: int = 6) -> Tensor:
    """Blank images with random ink in a rectangle."""
    images = torch.zeros(count, 1, 28, 28)
    size = images[:, :, rows, columns].shape
    generator = torch.Generator().manual_seed(0)
    images[:, :, rows, columns] = 0.5 + torch.rand(size, generator=generator) / 2
    return images


MIDDLE = blots(slice(4, 24), slice(4, 24))


def by_place(images: Tensor) -> Tensor:
    """Logits that are largest for the row of the first ink: all that counts is the place."""
    rows = (images.amax(dim=(1, 3)) > 0).int().argmax(dim=1)
    return nn.functional.one_hot(rows, 28).float()


def by_ink(images: Tensor) -> Tensor:
    """Logits that are largest for the number of inked pixels: the place does not count."""
    return nn.functional.one_hot((images > 0).sum(dim=(1, 2, 3)) % 28, 28).float()


class Reading(nn.Module):
    """A network that computes its logits with a function."""

    def __init__(self, logits: object) -> None:
        super().__init__()
        self.logits = logits

    def forward(self, images: Tensor) -> Tensor:
        return self.logits(images)


# --- moving


def test_an_image_is_moved_down_and_right() -> None:
    image = torch.arange(9).reshape(3, 3)
    assert moved.move(image, 1, 0).tolist() == [[0, 0, 0], [0, 1, 2], [3, 4, 5]]
    assert moved.move(image, 0, -2).tolist() == [[2, 0, 0], [5, 0, 0], [8, 0, 0]]
    assert moved.move(moved.move(image, 1, 1), -1, -1).tolist() == [[0, 1, 0], [3, 4, 0], [0, 0, 0]]


@pytest.mark.parametrize(
    ("down", "right", "kept"), [(4, -4, True), (5, 0, False), (0, -5, False), (-4, 4, True)]
)
def test_ink_is_kept_up_to_the_edge(down: int, right: int, kept: bool) -> None:
    assert moved.keeps_ink(MIDDLE, down, right).tolist() == [kept] * 6


def test_whether_ink_is_kept_is_told_for_each_image() -> None:
    images = torch.cat([MIDDLE[:1], blots(slice(4, 26), slice(4, 24), 1)])
    assert moved.keeps_ink(images, 3, 0).tolist() == [True, False]


# --- what moves along


@pytest.mark.parametrize(("depth", "stride"), [(1, 1), (2, 2), (4, 2), (6, 4)])
def test_maps_move_along_exactly_by_multiples_of_the_stride(depth: int, stride: int) -> None:
    torch.manual_seed(0)
    layers = convolutional(3, 4, 10)[:depth]
    for down in range(1, 5):
        gap = mismatch(layers, MIDDLE, down, down // stride)
        inner = gap[down // stride + 2 : -2]
        if down % stride:
            assert inner.max() > 0.01
            assert mismatch(layers, MIDDLE, down, down // stride + 1)[2:-2].max() > 0.01
        else:
            assert torch.count_nonzero(inner) == 0


def test_borders_break_it() -> None:
    torch.manual_seed(0)
    gap = mismatch(convolutional(3, 4, 10)[:6], MIDDLE, 4, 1)
    assert gap[0].isnan().all()
    assert torch.count_nonzero(gap[2:6]) == 0
    assert (gap[1] > 0.01).all()
    assert (gap[6] > 0.01).all()


def test_without_sharing_nothing_moves_along() -> None:
    torch.manual_seed(0)
    network = untie(convolutional(3, 4, 10))
    network[0].weight.data += 0.1 * torch.randn(network[0].weight.shape)
    assert mismatch(network[:6], MIDDLE, 4, 1)[2:6].min() > 0.01


def test_away_from_the_border_each_layer_moves_along_by_multiples_of_its_stride() -> None:
    torch.manual_seed(0)
    network = convolutional(3, 4, 10)
    low = blots(slice(4, 20), slice(4, 24))
    found = moved.mismatches_inside(network, low)
    exact = {name: [gap == 0 for gap in gaps] for name, gaps in found.items()}
    assert exact == {
        "convolution 1": [True, True, True, True],
        "pooling 1": [False, True, False, True],
        "convolution 2": [False, True, False, True],
        "pooling 2": [False, False, False, True],
    }
    network[3].weight.data[0, 0, 0, 0] = float("nan")  # a fault of the second convolution alone
    faulty = moved.mismatches_inside(network, low)
    assert faulty["pooling 1"] == found["pooling 1"]
    assert all(gap != gap for gap in faulty["convolution 2"])


def test_a_network_without_convolutions_has_no_maps_to_move() -> None:
    with pytest.raises(ValueError, match="neither a Conv2d nor a MaxPool2d"):
        moved.mismatches_inside(nn.Sequential(nn.Flatten()), MIDDLE)


def test_classes_are_those_of_the_largest_logits_and_there_may_be_no_image() -> None:
    torch.manual_seed(0)
    network = convolutional(3, 4, 10)
    with torch.no_grad():
        assert torch.equal(moved.classes(network, MIDDLE), network(MIDDLE).argmax(dim=1))
        assert moved.classes(network, MIDDLE[:0]).tolist() == []


@pytest.mark.parametrize(("down", "cells"), [(-1, 0), (1, -1)])
def test_maps_are_moved_down_only(down: int, cells: int) -> None:
    with pytest.raises(ValueError, match="is -1; expected at least 0"):
        mismatch(nn.MaxPool2d(2), MIDDLE, down, cells)


# --- what the networks answer


def test_a_network_that_reads_the_place_changes_with_each_row() -> None:
    found = answers(Reading(by_place), MIDDLE, most=4)
    assert found.shape == (9, 9, 6)
    for down in range(-4, 5):
        assert (found[4 + down] == 4 + down).all()


def test_a_network_that_does_not_read_the_place_does_not_change() -> None:
    found = answers(Reading(by_ink), MIDDLE, most=4)
    assert (found == found[4, 4]).all()
    assert not moved.unsteady(found).any()


def test_where_ink_would_be_lost_there_is_no_answer() -> None:
    images = torch.cat([MIDDLE[:1], blots(slice(4, 27), slice(4, 24), 1)])
    found = answers(Reading(by_ink), images, most=3)
    assert (found[:, :, 0] != OUT).all()
    assert (found[:5, :, 1] != OUT).all(), "up, and by one pixel down"
    assert (found[5:, :, 1] == OUT).all(), "by two and three pixels down"


def test_an_image_that_can_not_be_moved_is_answered_where_it_is() -> None:
    found = answers(Reading(by_ink), torch.ones(2, 1, 28, 28), most=1)
    assert (found != OUT).sum((0, 1)).tolist() == [1, 1]
    assert (found[1, 1] != OUT).all()


def test_the_network_is_left_in_its_mode() -> None:
    network = convolutional(2, 3, 10).train()
    answers(network, MIDDLE, most=0)
    assert network.training


@pytest.mark.parametrize("images", [MIDDLE[:0], MIDDLE[:, 0]])
def test_images_of_another_shape_are_refused(images: Tensor) -> None:
    with pytest.raises(ValueError, match="expected \\(N, 1, 28, 28\\)"):
        answers(Reading(by_ink), images)


def test_a_distance_is_a_whole_number() -> None:
    with pytest.raises(TypeError, match=r"most is 1\.5; expected a whole number"):
        answers(Reading(by_ink), MIDDLE, most=1.5)


# --- accuracies

ANSWERS = torch.full((3, 3, 4), 7)
ANSWERS[0, 1] = torch.tensor([7, 7, 3, OUT])  # up
ANSWERS[1, 2] = torch.tensor([OUT, OUT, OUT, OUT])  # right
TARGETS = torch.tensor([7, 7, 7, 2])


def test_a_map_counts_only_images_that_keep_their_ink() -> None:
    shares = moved.accuracy_map(ANSWERS, TARGETS)
    assert shares[1, 1] == 0.75
    assert shares[0, 1] == pytest.approx(2 / 3)
    assert shares[1, 2].isnan()


def test_a_profile_counts_pairs_of_image_and_displacement() -> None:
    home, one = moved.profile(ANSWERS, TARGETS)
    assert home == {"distance": 0, "pairs": 4, "accuracy": 0.75, "unmoved": 0.75, "changed": 0}
    assert one["pairs"] == 6 * 4 + 3
    assert one["accuracy"] == pytest.approx((6 * 3 + 2) / 27)
    assert one["unmoved"] == pytest.approx((6 * 3 + 3) / 27)
    assert one["changed"] == pytest.approx(1 / 27)


def test_where_no_image_keeps_its_ink_a_profile_has_no_accuracy() -> None:
    found = ANSWERS.clone()
    found[moved.distances(1) == 1] = OUT
    home, one = moved.profile(found, TARGETS)
    assert home["accuracy"] == 0.75
    assert one["pairs"] == 0
    assert all(math.isnan(one[name]) for name in ("accuracy", "unmoved", "changed"))


def test_the_distance_is_the_larger_of_the_two_steps() -> None:
    assert moved.distances(2).tolist() == [
        [2, 2, 2, 2, 2], [2, 1, 1, 1, 2], [2, 1, 0, 1, 2], [2, 1, 1, 1, 2], [2, 2, 2, 2, 2],
    ]  # fmt: skip


def test_unsteady_images_are_those_with_another_answer_next_door() -> None:
    assert moved.unsteady(ANSWERS).tolist() == [False, False, True, False]
    wider = torch.full((5, 5, 1), 7)
    wider[0, 0] = 3  # two pixels away
    assert moved.unsteady(wider).tolist() == [False]


# --- corners


def test_patches_have_two_places_as_far_from_their_corners() -> None:
    images, targets = moved.patches(4, 3, torch.Generator().manual_seed(0))
    assert targets.tolist() == [0, 1, 0, 1]
    ink = (images[:, 0] > 0).nonzero()
    for number in range(4):
        rows_and_columns = ink[ink[:, 0] == number, 1:]
        first = 21 if number % 2 else 3
        assert rows_and_columns.amin(dim=0).tolist() == [first, first]
        assert rows_and_columns.amax(dim=0).tolist() == [first + 3, first + 3]


def test_away_from_the_borders_both_places_give_the_same_logits() -> None:
    """A shift that must not matter, and one that must, for a network with no position left."""
    torch.manual_seed(0)
    network = global_average(4, 5, 2)
    for inset, same in ((10, True), (4, False), (0, False)):
        generator = torch.Generator().manual_seed(1)
        images, _ = moved.patches(1, inset, generator)
        far = moved.move(images, 24 - 2 * inset, 24 - 2 * inset)
        gap = (network(far) - network(images)).abs().max().item()
        assert (gap < 1e-6) is same


def test_corners_are_told_apart_places_away_from_them_are_not() -> None:
    assert moved.told_apart(inset=0) > 0.95
    assert 0.4 < moved.told_apart(inset=10, updates=20) < 0.6


@pytest.mark.parametrize("inset", [-1, 12])
def test_the_two_places_of_a_patch_are_not_one(inset: int) -> None:
    with pytest.raises(ValueError, match="inset is"):
        moved.patches(2, inset, torch.Generator())


# --- the experiment


def test_each_network_is_trained_with_each_shift_and_each_seed() -> None:
    runs = moved.EXPERIMENT.specifications
    assert len(runs) == len(moved.SEEDS) * len(moved.SHIFTS) * 2
    assert EXPERIMENTS["moved-digits"] is moved.EXPERIMENT
    assert {one.split for one in runs} == {"test"}
    assert {one.learning_rate for one in runs} == {0.3}


def test_the_record_has_all_of_its_runs_and_no_other() -> None:
    assert moved.EXPERIMENT.missing() == []
    assert moved.EXPERIMENT.faults() == []
    first_seeds = tuple(one for one in moved.EXPERIMENT.specifications if one.seed < 3)
    planted = replace(moved.EXPERIMENT, specifications=first_seeds)
    assert len(planted.faults()) == 16, "runs of two seeds that the experiment does not name"


def test_accuracies_are_those_of_a_network_and_a_shift() -> None:
    rows = [
        Row(
            replace(network, shift=shift, seed=seed),
            {"distance": d, "accuracy": 100 * shift + 10 * seed + d, "changed": 0.5},
        )
        for network in (FULLY_CONNECTED, CONVOLUTIONAL)
        for shift in (0, 2)
        for seed in (0, 1)
        for d in (0, 1)
    ]
    assert moved.accuracies(rows, CONVOLUTIONAL, 2) == {0: [200, 210], 1: [201, 211]}
    assert moved.accuracies(rows, FULLY_CONNECTED, 0, "changed") == {0: [0.5] * 2, 1: [0.5] * 2}
    assert moved.accuracies(rows, FULLY_CONNECTED, 3) == {}


@pytest.mark.mnist
def test_a_finished_run_is_measured_on_every_fourth_test_image() -> None:
    network = FULLY_CONNECTED.build()
    first, *others = moved.displaced(Run(FULLY_CONNECTED, History(), network, {}))
    assert (first["pairs"], first["distance"], first["changed"]) == (2500, 0, 0)
    assert [line["distance"] for line in others] == [1, 2, 3, 4]
    pairs = [line["pairs"] / (8 * line["distance"]) for line in others]
    assert pairs == sorted(pairs, reverse=True), "the farther, the fewer keep their ink"
    assert all(0 < line["changed"] < 1 for line in others)
