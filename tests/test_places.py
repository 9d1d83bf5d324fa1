"""Places: known answers for the comparison of centred, noisy and moved images."""

from dataclasses import replace
from itertools import product

import torch

from mnistlab import runs
from mnistlab.experiments import Row, gains, longer, modern, places, steps
from mnistlab.runs import Specification


def row(specification: Specification, accuracy: float) -> Row:
    return Row(specification, {"accuracy": accuracy})


def test_nothing_is_chosen_on_the_test_images() -> None:
    for candidates in (places.CANDIDATES, places.FEW_CANDIDATES):
        assert {one.split for one in candidates.specifications} == {"validation"}
    for experiment in (places.EXPERIMENT, places.FEW_EXPERIMENT):
        assert {one.split for one in experiment.specifications} == {"test"}


def test_the_rates_and_the_noise_are_those_that_were_chosen() -> None:
    rows = places.CANDIDATES.recorded()
    assert places.nearest_noise(rows) == places.NOISE
    of_centred = {
        ("centred", name): rate for name, rate in steps.RATES.items() if name in places.NETWORKS
    }
    assert places.chosen_rates(rows) | of_centred == places.RATES
    assert places.chosen_rates(places.FEW_CANDIDATES.recorded()) == places.FEW_RATES


def test_the_noise_is_the_one_that_makes_as_many_mistakes_as_moving() -> None:
    conv = replace(steps.NETWORKS["near and shared"], learning_rate=0.3)
    tried = dict(zip(places.NOISES, (0.97, 0.95, 0.9, 0.8), strict=True))
    rows = [row(replace(conv, noise=noise), accuracy) for noise, accuracy in tried.items()]
    for accuracy, noise in ((0.96, 0.2), (0.91, 0.6), (0.3, 0.8)):
        moved = replace(conv, moved=places.MOST)
        failed = row(replace(moved, learning_rate=1.0), 0.1)  # the better rate counts
        assert places.nearest_noise([*rows, row(moved, accuracy + 1e-6), failed]) == noise


def test_kinds_of_images_differ_in_what_makes_them_alone() -> None:
    """With one seed and network: the same start, images, order and updates, whatever the rate."""
    for experiment in (places.EXPERIMENT, places.FEW_EXPERIMENT):
        by_run: dict[tuple[str, int], list[Specification]] = {}
        for one in experiment.specifications:
            by_run.setdefault((steps.name_of(one), one.seed), []).append(one)
        for each in by_run.values():
            images = [places.images_of(one) for one in each]
            assert {"centred", "moved"} <= set(images)
            assert len(set(images)) == len(images)
            plain = {replace(one, moved=0, noise=0.0, learning_rate=0.1) for one in each}
            assert len(plain) == 1


def test_few_images_are_used_as_much_more_often() -> None:
    for experiment in (places.EXPERIMENT, places.FEW_EXPERIMENT):
        assert {(one.images or 0) * one.passes for one in experiment.specifications} == {180_000}
    assert {one.images for one in places.FEW_EXPERIMENT.specifications} == {places.FEW}


def test_centred_runs_are_those_of_the_ladder() -> None:
    rows = {one.specification: one["accuracy"] for one in steps.EXPERIMENT.recorded()}
    shared = [one for one in places.EXPERIMENT.recorded() if one.specification in rows]
    assert len(shared) == len(places.NETWORKS) * len(steps.SEEDS)
    for one in shared:
        assert abs(one["accuracy"] - rows[one.specification]) < 0.0005  # of another processor


def test_the_longer_runs_have_more_passes_and_nothing_else() -> None:
    shorter = [replace(one, passes=30) for one in longer.EXPERIMENT.specifications]
    assert set(shorter) < set(places.EXPERIMENT.specifications)
    centred = replace(modern.PLAIN["convolutional"], learning_rate=modern.PLAIN_CHOSEN, passes=30)
    assert centred in places.EXPERIMENT.specifications
    found = longer.sharing()
    assert {kind: list(gains) for kind, gains in found.items()} == {
        "centred": [30, 100], "moved": [30, 100]
    }  # fmt: skip
    each = [gain for kind in found.values() for gain in kind.values()]
    assert {len(seeds) for gain in each for seeds in (gain.before, gain.after)} == {5}
    assert found["moved"][30].before == places.accuracies("moved")["near, not shared"][:5]


def test_the_walk_is_made_once_more_with_more_passes() -> None:
    shorter = {replace(one, passes=30) for one in longer.CORNERS.specifications}
    assert shorter < set(steps.EXPERIMENT.specifications)
    walk = longer.walk()
    assert [list(by_passes) for by_passes in walk.values()] == [[30, 100]] * 3
    each = [[by_passes[passes] for by_passes in walk.values()] for passes in (30, 100)]
    for few, near, shared in each:
        assert few.after == near.before
        assert near.after == shared.before
        assert {len(one) for gain in (few, near, shared) for one in (gain.before, gain.after)} == {
            5
        }
    assert each[1][2].before == longer.sharing()["centred"][100].before
    assert each[0][1].before == list(gains.gains()["looking near"].before)[:5]
    assert tuple(walk) == gains.STEPS
    found = longer.long_accuracies()
    names = ["fully-connected, 577", "scattered, not shared", "near, not shared", "near and shared"]
    assert [each[1][0].before, *(step.after for step in each[1])] == [found[name] for name in names]


def test_a_network_reads_its_training_images_better_than_others() -> None:
    fitted = places.accuracies("centred", measured="train_accuracy")
    for name, each in places.accuracies("centred").items():
        assert min(fitted[name]) > max(each), name


def test_accuracies_are_by_images_and_network() -> None:
    rows = places.EXPERIMENT.recorded()
    found = {images: places.accuracies(images) for images in places.IMAGES}
    assert {len(each) for by_name in found.values() for each in by_name.values()} == {10}
    assert found["noisy"].keys() == set(places.LOCAL)
    few = places.accuracies("moved", places.FEW_EXPERIMENT)
    assert max(few["near and shared"]) < min(found["moved"]["near and shared"])
    assert found["moved"]["near and shared"][3] == next(
        one["accuracy"]
        for one in rows
        if one.specification.moved
        and one.specification.seed == 3
        and one.specification.network == "convolutional"
    )


def test_every_image_is_counted_at_the_place_to_which_it_was_moved() -> None:
    digits = torch.zeros(300, 28, 28, dtype=torch.uint8)
    digits[:, 10:18, 12:16] = 255
    digits[:150, 0] = 255  # half of them have no room above, and none to the sides
    counts = places.taken(digits, 2, torch.Generator().manual_seed(1))
    again = runs.moved(digits, 2, torch.Generator().manual_seed(1))
    expected = torch.zeros(5, 5, dtype=torch.int64)
    for before, after in zip(digits, again, strict=True):
        (place,) = (
            (down, right)
            for down, right in product(range(-2, 3), repeat=2)
            if torch.equal(after, before.roll((down, right), (0, 1)))
        )
        expected[place[0] + 2, place[1] + 2] += 1
    assert torch.equal(counts, expected)
    assert counts[:2].sum() < counts[3:].sum()
    assert counts.sum() == 300
