"""Plans in which something is missing, or not held equal."""

import random
from dataclasses import replace

import numpy as np

from mnistlab import Specification, run

SIZES = (8, 16, 10)


def sound(rates, seeds=range(5)):
    return [
        Specification(network, SIZES, 1, rate, seed=seed, images=images, passes=180_000 // images)
        for (network, images), rate in rates.items()
        for seed in seeds
    ]


# --- updates


# expect: unequal-updates
# says: updates of a run: 300 with 600 images, 2820 with 6000 images
def as_many_passes(rates):
    return [replace(one, passes=30) for one in sound(rates)]


# expect: unequal-updates
# says: updates of a run: 300 with 600 images, 2820 with 6000 images
def as_many_epochs(rates):
    return [replace(one, epochs=30, passes=1) for one in sound(rates)]


# expect: unequal-updates
# says: updates of a run: 100 with 600 images, 940 with 6000 images
def neither_epochs_nor_passes(rates):
    return [
        Specification(network, SIZES, learning_rate=rate, seed=seed, images=images)
        for (network, images), rate in rates.items()
        for seed in range(5)
    ]


# expect: unequal-updates
def the_wrong_way_round(rates):
    return [replace(one, passes=one.images // 20) for one in sound(rates)]


# expect: unequal-updates
# says: 30 000 with 600 images, 2820 with 6000 images
def both_ten_times(rates):
    """More passes where images are few, and more epochs too."""
    return [replace(one, epochs=10 if one.images == 600 else 1) for one in sound(rates)]


# expect: unequal-updates
# says: 6000 for locally_connected with 600 images, 5640 for locally_connected with 6000
def the_slow_one_for_longer(rates):
    return [
        replace(one, passes=2 * one.passes) if one.network == "locally_connected" else one
        for one in sound(rates)
    ]


# expect: unequal-updates
# says: 1500 for convolutional with 600 images
def one_group_shorter(rates):
    return [
        replace(one, passes=150) if (one.network, one.images) == ("convolutional", 600) else one
        for one in sound(rates)
    ]


# expect: unequal-updates
# says: 30, 60, 90, …, 150 with 600 images
def counts_up(rates):
    """The passes were to be added once."""
    runs = []
    for network in ("locally_connected", "convolutional"):
        for images in (600, 6000):
            passes = 0
            for seed in range(5):
                passes += 3 if images == 600 else 0
                runs.append(
                    Specification(
                        network,
                        SIZES,
                        1,
                        rates[network, images],
                        seed=seed,
                        images=images,
                        passes=passes or 2,
                    )
                )
    return runs


# expect: unequal-updates
# says: 3000 and 30 000 with 600 images, 2820 with 6000 images
def a_zero_too_many(rates):
    return [
        replace(one, passes=3000) if one.images == 600 and one.seed == 4 else one
        for one in sound(rates)
    ]


# expect: unequal-updates
# says: 600 with 600 images, 360 with 6000 images
def batches_too_large_for_it(rates):
    """As many images are used, but 600 are two batches of up to 500, not one and a fifth."""
    return [replace(one, batch_size=500) for one in sound(rates)]


# expect: unequal-updates, too-few-seeds
def two_mistakes(rates):
    return [replace(one, passes=30) for one in sound(rates, range(3))]


# --- what else is not held equal


# expect: not-held-equal
# says: batch_size is 6 with 600 images, 64 with 6000 images
def smaller_batches(rates):
    """With as many passes these are as many updates, of other batches."""
    return [
        replace(one, passes=30, batch_size=64 if one.images == 6000 else 6) for one in sound(rates)
    ]


# expect: not-held-equal
# says: batch_size is 6 with 600 images, 64 with 6000 images
def smaller_batches_and_more_passes(rates):
    """Equal batches would make the updates equal too."""
    return [replace(one, batch_size=6) if one.images == 600 else one for one in sound(rates)]


# expect: unequal-updates, not-held-equal
def smaller_batches_alone(rates):
    return [
        replace(one, passes=30, batch_size=16 if one.images == 600 else 64) for one in sound(rates)
    ]


# expect: not-held-equal
# says: sizes is (8, 16, 10) for locally_connected; (16, 32, 10) for convolutional
def a_wider_one(rates):
    return [
        replace(one, sizes=(16, 32, 10)) if one.network == "convolutional" else one
        for one in sound(rates)
    ]


# expect: not-held-equal
# says: shift is 2 with 600 images, 0 with 6000 images
def shifted_to_make_up_for_it(rates):
    return [replace(one, shift=2 if one.images == 600 else 0) for one in sound(rates)]


# expect: not-held-equal
# says: moved is 4 for convolutional with 600 images, 0 for the three others
def one_group_moved(rates):
    return [
        replace(one, moved=4) if (one.network, one.images) == ("convolutional", 600) else one
        for one in sound(rates)
    ]


# expect: not-held-equal
# says: optimizer is 'adam' for locally_connected, 'sgd' for convolutional
def another_optimizer(rates):
    return [
        replace(one, optimizer="adam") if one.network == "locally_connected" else one
        for one in sound(rates)
    ]


# expect: not-held-equal
# says: noise is 0.0 for locally_connected, 0.4 for convolutional momentum is 0.9
def two_fields(rates):
    return [
        replace(one, momentum=0.9)
        if one.network == "locally_connected"
        else replace(one, noise=0.4)
        for one in sound(rates)
    ]


# expect: not-held-equal
# says: permutation is 0 with 600 images, None with 6000 images
def shuffled_once(rates):
    return [replace(one, permutation=0) if one.images == 600 else one for one in sound(rates)]


# expect: not-held-equal
# says: labels is 'random' with 600 images
def random_labels(rates):
    return [replace(one, labels="random") if one.images == 600 else one for one in sound(rates)]


# expect: other-sizes
# says: sizes is (32, 64, 10) in all groups
def those_of_the_assignment(rates):
    return [replace(one, sizes=(32, 64, 10)) for one in sound(rates)]


# --- learning rates


# expect: one-rate-for-all
# says: all runs have learning_rate=0.01, the default
def forgets_the_rates(rates):
    return [
        Specification(network, SIZES, 1, seed=seed, images=images, passes=180_000 // images)
        for (network, images) in rates
        for seed in range(5)
    ]


# expect: one-rate-for-all
# says: all runs have learning_rate=0.4, that of convolutional with 6000 images
def holds_the_rate_equal(rates):
    return [replace(one, learning_rate=rates["convolutional", 6000]) for one in sound(rates)]


# expect: one-rate-for-all
def the_mean_rate(rates):
    mean = sum(rates.values()) / len(rates)
    return [replace(one, learning_rate=mean) for one in sound(rates)]


# expect: rate-of-another-group
# says: convolutional with 600 images: learning_rate=0.8, that of locally_connected with 600 images
def exchanged(rates):
    other = {"convolutional": "locally_connected", "locally_connected": "convolutional"}
    return [
        replace(one, learning_rate=rates[other[one.network], one.images]) for one in sound(rates)
    ]


# expect: rate-of-another-group
# says: convolutional with 600 images: learning_rate=0.4, that of convolutional with 6000 images
def one_rate_for_each_network(rates):
    return [replace(one, learning_rate=rates[one.network, 6000]) for one in sound(rates)]


# expect: rate-of-another-group
# says: rates["locally_connected", 600], which is 0.8
def one_rate_for_each_number(rates):
    return [replace(one, learning_rate=rates["convolutional", one.images]) for one in sound(rates)]


# expect: rate-of-another-group
def numbers_exchanged(rates):
    return [
        replace(one, learning_rate=rates[one.network, 6600 - one.images]) for one in sound(rates)
    ]


# expect: rate-of-another-group
# says: convolutional with 6000 images: learning rates 0.25, 0.4, 0.8 and 1.2
def a_loop_too_many(rates):
    return [replace(one, learning_rate=rate) for one in sound(rates) for rate in rates.values()]


# expect: rate-of-another-group
def by_position(rates):
    """The dictionary was taken to begin with the other network."""
    order = [("convolutional", 6000), ("convolutional", 600)]
    order += [("locally_connected", 6000), ("locally_connected", 600)]
    return [
        Specification(network, SIZES, 1, rate, seed=seed, images=images, passes=180_000 // images)
        for (network, images), rate in zip(order, rates.values())
        for seed in range(5)
    ]


# expect: other-rate
# says: locally_connected with 600 images: learning_rate=0.08
def scaled_down(rates):
    return [
        replace(one, learning_rate=one.learning_rate * one.images / 6000) for one in sound(rates)
    ]


# expect: other-rate
# says: rates["locally_connected", 6000], which is 1.2
def those_of_the_book(rates):
    known = {"locally_connected": 1.0, "convolutional": 0.3}
    return [replace(one, learning_rate=known[one.network]) for one in sound(rates)]


# expect: other-rate
# says: learning_rate=0.01, the default
def forgotten_for_one(rates):
    return [
        replace(one, learning_rate=0.01) if one.network == "convolutional" else one
        for one in sound(rates)
    ]


# expect: other-rate
def tries_some_more(rates):
    return [
        replace(one, learning_rate=one.learning_rate * factor)
        for one in sound(rates)
        for factor in (0.5, 1, 2)
    ]


# --- where it is measured


# expect: measured-on-validation
# says: split="validation" in all groups
def on_validation_images(rates):
    return [replace(one, split="validation") for one in sound(rates)]


# expect: measured-on-validation
# says: split="validation" with 600 images
def half_on_validation_images(rates):
    return [replace(one, split="validation") if one.images == 600 else one for one in sound(rates)]


# --- seeds


# expect: too-few-seeds
# says: 1 seed in all groups
def without_seeds(rates):
    return [
        Specification(network, SIZES, 1, rate, images=images, passes=180_000 // images)
        for (network, images), rate in rates.items()
    ]


# expect: too-few-seeds
# says: 3 seeds in all groups
def three_seeds(rates):
    return sound(rates, range(3))


# expect: too-few-seeds
# says: 4 seeds in all groups
def from_one_to_five(rates):
    return sound(rates, range(1, 5))


# expect: too-few-seeds
# says: 2 seeds with 6000 images
def fewer_where_it_takes_long(rates):
    return [one for one in sound(rates) if one.images == 600 or one.seed < 2]


# expect: too-few-seeds
# says: 4 seeds for locally_connected with 6000 images, convolutional with 600 images and
def lost_some(rates):
    """All but the first loop begin at the second seed."""
    return [
        one
        for one in sound(rates)
        if one.seed or (one.network, one.images) == ("locally_connected", 600)
    ]


# expect: too-few-seeds, seeds-unpaired
def few_and_others(rates):
    return [
        replace(one, seed=one.seed + 10 * (one.network == "convolutional"))
        for one in sound(rates, range(3))
    ]


# expect: seeds-unpaired
# says: seeds 0 to 4 for locally_connected, 5 to 9 for convolutional
def each_network_its_own(rates):
    return [
        replace(one, seed=one.seed + 5 * (one.network == "convolutional")) for one in sound(rates)
    ]


# expect: seeds-unpaired
# says: 15 to 19 for convolutional with 6000 images
def each_run_its_own(rates):
    return [replace(one, seed=seed) for seed, one in enumerate(sound(rates))]


# expect: seeds-unpaired
def drawn_at_random(rates):
    draw = random.Random(1)
    return [replace(one, seed=draw.randrange(10_000)) for one in sound(rates)]


# expect: seeds-unpaired
# says: seeds 0 to 9 with 600 images, 0 to 4 with 6000 images
def more_where_it_is_cheap(rates):
    return [one for one in sound(rates, range(10)) if one.images == 600 or one.seed < 5]


# expect: same-run-twice
# says: 20 runs, of which only 4 are different
def the_seed_is_forgotten(rates):
    return [
        Specification(network, SIZES, 1, rate, images=images, passes=180_000 // images)
        for (network, images), rate in rates.items()
        for seed in range(5)
    ]


# expect: same-run-twice
# says: 20 runs, of which only 4 are different
def five_times_the_list(rates):
    return without_seeds(rates) * 5


# expect: same-run-twice
# says: 24 runs, of which only 20 are different
def one_seed_again(rates):
    return sound(rates, [0, 1, 2, 3, 4, 4])


# expect: same-run-twice
def reads_too_much_into_pairs(rates):
    """For each of the two networks a loop over all four groups."""
    return [one for network in ("locally_connected", "convolutional") for one in sound(rates)]


# expect: same-run-twice, too-few-seeds
def twice_one_seed(rates):
    return without_seeds(rates) * 2


# --- groups


# expect: group-missing
# says: no run with 600 images
def only_many(rates):
    return [one for one in sound(rates) if one.images == 6000]


# expect: group-missing
# says: no run of the four groups but 5 runs of locally_connected with all images (images=None)
def the_images_are_forgotten(rates):
    return [
        Specification(network, SIZES, 1, rates[network, 6000], seed=seed, passes=30)
        for network in ("locally_connected", "convolutional")
        for seed in range(5)
    ]


# expect: group-missing
# says: no run with 6000 images but 5 runs of locally_connected with all images (images=None)
def all_images_for_6000(rates):
    return [
        replace(one, images=None, passes=3) if one.images == 6000 else one for one in sound(rates)
    ]


# expect: group-missing
# says: no run of locally_connected
def only_the_cnn(rates):
    return [one for one in sound(rates) if one.network == "convolutional"]


# expect: group-missing
# says: but 5 runs of untied with 600 images, 5 runs of untied with 6000 images
def another_local_network(rates):
    return [
        replace(one, network="untied") if one.network == "locally_connected" else one
        for one in sound(rates)
    ]


# expect: group-missing
# says: no run of locally_connected with 6000 images and convolutional with 600 images
def zipped(rates):
    return [
        Specification(
            network,
            SIZES,
            1,
            rates[network, images],
            seed=seed,
            images=images,
            passes=180_000 // images,
        )
        for network, images in zip(("locally_connected", "convolutional"), (600, 6000))
        for seed in range(5)
    ]


# expect: group-missing
# says: no run of locally_connected with 6000 images, convolutional with 600 images and
def returns_in_the_loop(rates):
    for (network, images), rate in rates.items():
        runs = []
        for seed in range(5):
            runs.append(
                Specification(
                    network, SIZES, 1, rate, seed=seed, images=images, passes=180_000 // images
                )
            )
        return runs


# expect: group-missing
# says: no run of the four groups
def nothing_is_appended(rates):
    runs = []
    for (network, images), rate in rates.items():
        Specification(network, SIZES, 1, rate, images=images, passes=180_000 // images)
    return runs


# expect: group-missing
# says: …
def many_other_numbers(rates):
    return [
        Specification("convolutional", SIZES, 1, 0.3, seed=seed, images=images, passes=30)
        for images in range(1000, 6001, 1000)
        for seed in range(5)
    ]


# --- no plan


# expect: already-run
# says: f(rates) trains a run
def runs_them(rates):
    return [run(one) for one in sound(rates)]


# expect: already-run
def runs_them_for_their_accuracies(rates):
    accuracies = {}
    for one in sound(rates):
        accuracies[one] = run(one).history.test_accuracy[-1]
    return accuracies


# expect: already-run
def runs_them_later(rates):
    for one in sound(rates):
        yield run(one, progress=False)


# expect: wrong-type
# says: f(rates) is a single Specification
def a_single_one(rates):
    for one in sound(rates):
        return one


# expect: wrong-type
# says: is the line with return missing?
def returns_nothing(rates):
    runs = sound(rates)


# expect: printed
def prints(rates):
    for one in sound(rates):
        print(one)


# expect: wrong-type
# says: f(rates) is an object of type dict
def by_group(rates):
    return {
        (network, images): [one for one in sound(rates) if one.network == network]
        for network, images in rates
    }


# expect: wrong-type
# says: f(rates) holds an object of type list
def lists_of_lists(rates):
    return [[one for one in sound(rates) if one.seed == seed] for seed in range(5)]


# expect: wrong-type
# says: f(rates) holds ('locally_connected', 600, 0)
def tuples(rates):
    return [(network, images, seed) for network, images in rates for seed in range(5)]


# expect: wrong-type
def dictionaries(rates):
    return [dict(network=network, images=images) for network, images in rates]


# expect: wrong-type
def how_many(rates):
    return len(sound(rates))


# expect: raised
# says: KeyError
def the_other_way_round(rates):
    return [
        Specification(network, SIZES, 1, rates[images, network], images=images)
        for images in (600, 6000)
        for network in ("locally_connected", "convolutional")
    ]


# expect: raised
# says: KeyError
def key_by_key(rates):
    return [
        Specification(network, SIZES, 1, rates[network][images], images=images)
        for images in (600, 6000)
        for network in ("locally_connected", "convolutional")
    ]


# expect: raised
# says: expected one of fully_connected, convolutional
def misspelled(rates):
    return [
        Specification("locally-connected", SIZES, 1, rate, images=images)
        for (network, images), rate in rates.items()
    ]


# expect: raised
# says: images is '600'; expected a whole number (int)
def as_text(rates):
    return [
        Specification(network, SIZES, 1, rates[network, int(images)], images=images)
        for images in ("600", "6000")
        for network in ("locally_connected", "convolutional")
    ]


# expect: raised
# says: expected 3 whole numbers in a tuple
def sizes_in_a_list(rates):
    return [
        Specification(network, [8, 16, 10], 1, rate, images=images)
        for (network, images), rate in rates.items()
    ]


# expect: raised
# says: passes is 300.0; expected a whole number (int)
def divided_with_a_slash(rates):
    return [
        Specification(network, SIZES, 1, rate, images=images, passes=180_000 / images)
        for (network, images), rate in rates.items()
    ]


# expect: raised
# says: write int(seed)
def seeds_of_numpy(rates):
    return [
        Specification(network, SIZES, 1, rate, seed=seed, images=images)
        for (network, images), rate in rates.items()
        for seed in np.arange(5)
    ]


# expect: arguments
def without_rates():
    return sound({("convolutional", 600): 0.3})


# expect: not-done
def not_begun(rates): ...
