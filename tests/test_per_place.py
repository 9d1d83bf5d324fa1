"""Images for each place: nothing is chosen on test images, and what is compared is alike."""

from dataclasses import replace

import pytest

from mnistlab.experiments import Row, gains, per_place, places, steps


def test_nothing_is_chosen_on_the_test_images() -> None:
    for candidates in (per_place.NOISE_CANDIDATES, per_place.CANDIDATES):
        assert {one.split for one in candidates.specifications} == {"validation"}
    assert {one.split for one in per_place.EXPERIMENT.specifications} == {"test"}


def test_the_noise_and_the_rates_are_those_that_were_chosen() -> None:
    assert per_place.nearest_noise(per_place.NOISE_CANDIDATES.recorded()) == per_place.NOISE
    assert per_place.chosen_rates(per_place.CANDIDATES.recorded()) == per_place.RATES


def test_the_noise_is_the_one_that_makes_as_many_mistakes_as_moving() -> None:
    one = per_place.NOISE_CANDIDATES.specifications[0]
    for right in (0.4, 0.7):  # moved images: 83.5 % on validation images
        rows = [
            Row(replace(one, noise=noise), {"accuracy": 0.83 if noise == right else 0.7})
            for noise in per_place.NOISES
        ]
        assert per_place.nearest_noise(rows) == right


def test_a_rate_at_the_edge_of_what_was_tried_is_refused() -> None:
    rows = [
        one for one in per_place.CANDIDATES.recorded() if one.specification.learning_rate >= 0.1
    ]
    with pytest.raises(ValueError, match=r"600 noisy.*at the edge"):
        per_place.chosen_rates(rows)


def test_every_run_makes_as_many_updates_as_those_it_is_compared_with() -> None:
    runs = per_place.EXPERIMENT.specifications
    assert {(one.images or 0) * one.passes for one in runs} == {180_000}
    assert {one.seed for one in runs} == set(places.SEEDS)
    assert {steps.name_of(one) for one in runs} == set(places.LOCAL)


def test_each_run_is_of_one_kind_of_images() -> None:
    for one in per_place.EXPERIMENT.specifications:
        fitting = [
            name
            for name, made in per_place.IMAGES.items()
            if replace(one, **made) == one
        ]  # fmt: skip
        assert fitting == [per_place.images_of(one)]
    with pytest.raises(ValueError, match=r"learns from 600 noisy, .*; got "):
        per_place.images_of(places.EXPERIMENT.specifications[0])


def test_spreads_go_from_few_images_for_each_place_to_many() -> None:
    spreads = gains.per_place_gains()
    assert [(one.images, one.places, round(one.per_place)) for one in spreads] == [
        (600, 81, 7), (1800, 81, 22), (600, 25, 24), (600, 9, 67),
        (6000, 81, 74), (600, 1, 600), (6000, 1, 6000),
    ]  # fmt: skip
    by_place = gains.by_place()
    assert spreads[0].gain.each == by_place["sharing, 600 moved"].each
    assert spreads[-1].gain.each == by_place["sharing, 6000 centred"].each
    assert {len(one.gain.each) for one in spreads} == {10}
