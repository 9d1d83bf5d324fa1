"""The batches of a run: what a specification changes about the images, and what it leaves alone."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import Tensor

from mnistlab import Specification, data_loaders, runs
from mnistlab.runs import batches

SMALL = Specification("fully_connected", (784, 6, 10), epochs=2, learning_rate=0.1)

pytestmark = pytest.mark.usefixtures("tiny")


def collected(specification: Specification, part: int = 0) -> tuple[Tensor, Tensor]:
    """All images and targets of an epoch, in the order in which they come."""
    images, targets = zip(*runs.loaders_of(specification)[part], strict=True)
    return torch.cat(images), torch.cat(targets)


def as_set(images: Tensor) -> set[bytes]:
    return {image.numpy().tobytes() for image in images}


def test_the_assignments_batches_are_those_of_data_loaders_to_the_last_bit(tiny: Path) -> None:
    ours = runs.loaders_of(SMALL)
    theirs = data_loaders(64, batches.TEST_BATCH_SIZE, root=tiny, seed=0)
    for own, usual in zip(ours, theirs, strict=True):
        assert len(own) == len(usual)
        for _ in range(2):  # the order of the second epoch too
            for (images, targets), (x, y) in zip(own, usual, strict=True):
                assert torch.equal(images, x)
                assert torch.equal(targets, y)


def test_a_subset_is_nested_in_every_larger_one_and_another_for_another_seed() -> None:
    small, large, other = (
        as_set(collected(replace(SMALL, images=count, seed=seed))[0])
        for count, seed in ((100, 1), (200, 1), (100, 2))
    )
    assert len(small) == 100
    assert small < large
    assert not small <= other
    assert as_set(collected(replace(SMALL, images=100), part=1)[0]) == as_set(
        collected(SMALL, 1)[0]
    )


def test_more_images_than_there_are_is_an_error_before_training() -> None:
    with pytest.raises(ValueError, match="images is 301; expected at most 300"):
        runs.run(replace(SMALL, images=301), device="cpu")


def test_the_validation_images_are_held_out_of_the_training_images() -> None:
    specification = replace(SMALL, split="validation")
    training, validation = (as_set(collected(specification, part)[0]) for part in (0, 1))
    whole = as_set(collected(SMALL)[0])
    assert training.isdisjoint(validation)
    assert training | validation == whole
    again = as_set(collected(replace(specification, seed=5), part=1)[0])
    assert again == validation, "the same images are held out with every seed"
    assert validation.isdisjoint(as_set(collected(SMALL, part=1)[0])), "no test image is seen"


@pytest.mark.parametrize("block", [1, 2, 4, 7, 14, 28])
def test_a_permutation_moves_pixels_within_their_squares_only(block: int) -> None:
    places = runs.permutation(seed=3, block=block)
    assert places.sort().values.tolist() == list(range(784))
    rows, columns = places // 28, places % 28
    here = torch.arange(784)
    assert torch.equal(rows // block, here // 28 // block)
    assert torch.equal(columns // block, here % 28 // block)
    assert torch.equal(places, here) is (block == 1)
    assert not torch.equal(places, runs.permutation(seed=4, block=block)) or block == 1


def test_training_and_test_images_are_permuted_alike() -> None:
    shuffled = replace(SMALL, permutation=3)
    places = runs.permutation(3)
    for part in (0, 1):
        before, after = collected(SMALL, part), collected(shuffled, part)
        assert torch.equal(after[0].flatten(1), before[0].flatten(1)[:, places])
        assert torch.equal(after[1], before[1])


def test_a_permutation_must_matter_to_a_convolution_and_must_not_to_a_matrix() -> None:
    """The fully-connected layer with its columns permuted alike computes the same."""
    places = runs.permutation(3)
    images = collected(SMALL)[0]
    shuffled = runs.permuted(images, places)
    network = SMALL.build()
    expected = network(images)
    assert not torch.allclose(network(shuffled), expected, atol=1e-3)
    network[1].weight.data = network[1].weight.data[:, places]
    torch.testing.assert_close(network(shuffled), expected)


def test_shifts_move_whole_images_by_as_much_as_is_allowed() -> None:
    image = torch.zeros(1, 1, 28, 28)
    image[..., 10, 15] = 1
    many = image.repeat(3000, 1, 1, 1)
    moved = runs.shifted(many, 2, torch.Generator().manual_seed(0))
    assert torch.equal(moved.sum(dim=(1, 2, 3)), torch.ones(3000))
    spots = {divmod(spot, 28) for spot in moved.flatten(1).argmax(dim=1).tolist()}
    assert spots == {(row, column) for row in range(8, 13) for column in range(13, 18)}
    assert torch.equal(runs.shifted(many, 0, torch.Generator()), many)


def test_what_is_shifted_out_is_lost_and_zeros_come_in() -> None:
    moved = runs.shifted(torch.ones(500, 1, 28, 28), 3, torch.Generator().manual_seed(0))
    sums = {round(float(value)) for value in moved.sum(dim=(1, 2, 3))}
    assert sums == {(28 - down) * (28 - right) for down in range(4) for right in range(4)}


def test_only_training_images_are_shifted_each_time_anew() -> None:
    specification = replace(SMALL, shift=2, passes=2)
    images, _ = collected(specification)
    assert len(images) == 600
    assert len(as_set(images)) > 500, "the second pass draws other shifts"
    assert torch.equal(collected(specification, 1)[0], collected(SMALL, 1)[0])
    assert torch.equal(images, collected(specification)[0]), "the seed fixes them"


def ink(images: Tensor) -> Tensor:
    return images.flatten(1).sort().values


def test_training_and_test_images_are_moved_once_and_keep_their_ink() -> None:
    specification = replace(SMALL, moved=3)
    for part in (0, 1):
        plain, _ = collected(SMALL, part)
        moved, _ = collected(specification, part)
        assert torch.equal(ink(moved), ink(plain))
        assert not torch.equal(moved, plain)
    loader, _ = runs.loaders_of(specification)
    epochs = [as_set(torch.cat([images for images, _ in loader])) for _ in range(2)]
    assert epochs[0] == epochs[1], "once, not each time"
    other, _ = collected(replace(specification, seed=1), part=1)
    assert not torch.equal(moved, other), "the seed decides"


def test_images_are_moved_as_far_as_allowed_in_all_directions_and_not_beyond_the_edge() -> None:
    images = torch.zeros(2000, 28, 28, dtype=torch.uint8)
    images[:, 26, 10] = 7  # one row of room below
    moved = batches.moved(images, 3, torch.Generator().manual_seed(0))
    assert moved.dtype == torch.uint8
    places = moved.flatten(1).max(dim=1)
    assert (places.values == 7).all()
    rows, columns = places.indices // 28, places.indices % 28
    assert rows.unique(return_counts=True)[1].min() > 300  # of five rows and seven columns
    assert sorted(rows.unique().tolist()) == [23, 24, 25, 26, 27]
    assert sorted(columns.unique().tolist()) == list(range(7, 14))


def test_a_blank_image_is_left_alone() -> None:
    blank = torch.zeros(1, 28, 28)
    assert torch.equal(batches.moved(blank, 4, torch.Generator()), blank)


def test_noise_is_added_once_to_all_images_and_cut_to_the_range() -> None:
    specification = replace(SMALL, noise=0.2)
    for part in (0, 1):
        plain, _ = collected(SMALL, part)
        noisy, targets = collected(specification, part)
        assert torch.equal(targets, collected(SMALL, part)[1])
        assert noisy.min() == 0
        assert noisy.max() == 1
        grey = (plain > 0.4) & (plain < 0.6)  # cut at both ends alike
        assert (noisy - plain)[grey].std().item() == pytest.approx(0.2, abs=0.01)
        assert abs((noisy - plain)[grey].mean()) < 0.01
    loader, _ = runs.loaders_of(specification)
    epochs = [as_set(torch.cat([images for images, _ in loader])) for _ in range(2)]
    assert epochs[0] == epochs[1], "once, not each time"


def test_random_labels_are_random_for_training_alone() -> None:
    images, targets = collected(replace(SMALL, labels="random"))
    known = {
        image.numpy().tobytes(): int(label) for image, label in zip(*collected(SMALL), strict=True)
    }
    agree = sum(known[i.numpy().tobytes()] == int(t) for i, t in zip(images, targets, strict=True))
    assert 0 < agree < 75, "about 30 of 300"
    assert torch.equal(collected(replace(SMALL, labels="random"), 1)[1], collected(SMALL, 1)[1])


def test_passes_are_gone_through_in_new_orders() -> None:
    images, _ = collected(replace(SMALL, passes=2))
    first, second = images[:300], images[300:]
    assert as_set(first) == as_set(second)
    assert not torch.equal(first, second)
    assert len(runs.loaders_of(replace(SMALL, passes=2))[0]) == 10
