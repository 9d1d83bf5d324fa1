"""Plans of an experiment on sharing and the number of images, all of them sound."""

import itertools
from dataclasses import replace

import mnistlab
from mnistlab import TASK_8, Specification
from mnistlab.experiments import amounts, places
from mnistlab.runs import Specification as Spec

NETWORKS = ["locally_connected", "convolutional"]
SIZES = (8, 16, 10)


# expect: passed
def plain(rates):
    runs = []
    for images in (600, 6000):
        for network in ("locally_connected", "convolutional"):
            for seed in range(5):
                run = Specification(
                    network,
                    (8, 16, 10),
                    epochs=1,
                    learning_rate=rates[network, images],
                    seed=seed,
                    images=images,
                    passes=180_000 // images,
                )
                runs.append(run)
    return runs


# expect: passed
def in_epochs(rates):
    """Thirty epochs of one pass each are thirty passes."""
    epochs = {600: 300, 6000: 30}
    return [
        Specification(
            network, SIZES, epochs[images], rates[network, images], seed=seed, images=images
        )
        for seed in range(5)
        for network in NETWORKS
        for images in epochs
    ]


# expect: passed
def epochs_and_passes(rates):
    """Ten times as many epochs for the one, ten times as many passes for the other."""
    return [
        Specification(network, SIZES, epochs, rate, seed=seed, images=images, passes=passes)
        for (network, images), rate in rates.items()
        for epochs, passes in [(1, 300) if images == 600 else (30, 1)]
        for seed in range(5)
    ]


# expect: passed
def default_epochs(rates):
    """Ten epochs, as nobody said otherwise: ten times as much for all."""
    return [
        mnistlab.Specification(
            network,
            SIZES,
            learning_rate=rate,
            seed=seed,
            images=images,
            passes=10 if images == 600 else 1,
        )
        for (network, images), rate in rates.items()
        for seed in range(5)
    ]


# expect: passed
def exactly_as_many_updates(rates):
    """2820 of them, in 282 passes and in thirty."""
    runs = []
    for (network, images), rate in rates.items():
        batches = -(-images // 64)
        for seed in range(5):
            runs.append(
                Spec(network, SIZES, 1, rate, seed=seed, images=images, passes=2820 // batches)
            )
    return runs


# expect: passed
def with_the_function_of_another_chapter(rates):
    return [
        Spec(net, SIZES, 1, rates[net, n], seed=s, images=n, passes=amounts.passes(n))
        for net, n, s in itertools.product(NETWORKS, [600, 6000], range(10))
    ]


# expect: passed
def of_the_book(rates):
    """Its own runs on centred images."""
    found = [*places.EXPERIMENT.specifications, *places.FEW_EXPERIMENT.specifications]
    return [
        replace(one, learning_rate=rates[one.network, one.images])
        for one in found
        if places.images_of(one) == "centred" and one.network != "fully_connected"
    ]


# expect: passed
def replaces(rates):
    base = replace(TASK_8, sizes=SIZES, epochs=1)
    many = [replace(base, seed=seed, images=6000, passes=30) for seed in range(5)]
    few = [replace(one, images=600, passes=300) for one in many]
    shared = many + few
    local = [replace(one, network="locally_connected") for one in shared]
    return [replace(one, learning_rate=rates[one.network, one.images]) for one in shared + local]


# expect: passed
def yields(rates):
    for network, images in rates:
        for seed in (3, 1, 4, 15, 9, 2, 6):
            yield Specification(
                network, SIZES, 1, rates[network, images], 64, seed, images, 60_000 // images
            )


# expect: passed
def a_set(rates):
    return {
        Specification(n, SIZES, 1, rate, seed=s, images=i, passes=(30, 300)[i == 600])
        for (n, i), rate in rates.items()
        for s in range(20, 30)
    }


# expect: passed
def pairs_of_pairs(rates):
    def one(network, images, seed):
        return Specification(
            network,
            SIZES,
            epochs=1,
            learning_rate=rates[(network, images)],
            images=images,
            passes=18_000 // images,
            seed=seed,
        )

    plan = ()
    for seed in range(100, 105):
        for images in 600, 6000:
            plan += (one("locally_connected", images, seed), one("convolutional", images, seed))
    print(len(plan), "runs")
    return plan


# expect: passed
def all_defaults_said(rates):
    return [
        Specification(
            network,
            SIZES,
            epochs=1,
            learning_rate=rate,
            batch_size=64,
            seed=seed,
            images=images,
            passes=180_000 // images,
            permutation=None,
            block=28,
            shift=0,
            moved=0,
            noise=0.0,
            split="test",
            optimizer="sgd",
            momentum=0.0,
            betas=(0.9, 0.999),
            labels="true",
            tied=0,
            frozen=None,
        )
        for (network, images), rate in rates.items()
        for seed in range(5)
    ]


# expect: passed
def short_and_long(rates):
    """Thirty passes and a hundred: was it stopped too early?"""
    return [
        Specification(
            network, SIZES, 1, rate, seed=seed, images=images, passes=passes * (6000 // images)
        )
        for (network, images), rate in rates.items()
        for passes in (30, 100)
        for seed in range(5)
    ]


# --- sound, and something to know


# expect: passed
# note: run-not-needed
# says: 5 runs of fully_connected with 6000 images
def with_an_mlp(rates):
    mlp = [
        Specification("fully_connected", (784, 100, 10), 1, 0.3, seed=s, images=6000, passes=30)
        for s in range(5)
    ]
    return plain(rates) + mlp


# expect: passed
# note: run-not-needed
# says: 10 runs of convolutional with all images (images=None)
def a_point_more(rates):
    more = [
        Specification("convolutional", SIZES, 1, 0.3, seed=s, images=images, passes=p)
        for s in range(10)
        for images, p in ((1800, 100), (None, 3))
    ]
    return [*more, *plain(rates)]


# expect: passed
# note: not-the-default
# says: moved is 4 in all groups
def on_moved_digits(rates):
    return [replace(one, moved=4) for one in plain(rates)]


# expect: passed
# note: not-the-default
# says: moved is 0 and 4 in all groups
def on_both_kinds(rates):
    return [replace(one, moved=moved) for one in plain(rates) for moved in (0, 4)]


# expect: passed
# note: not-the-default
# says: batch_size is 100 in all groups
def other_batches(rates):
    """With these, equally many passes over all images are equally many updates."""
    return [replace(one, batch_size=100) for one in plain(rates)]


# expect: passed
# note: not-the-default
# says: momentum is 0.9 in all groups
def with_momentum(rates):
    return [replace(one, momentum=0.9) for one in plain(rates)]


# expect: passed
# note: not-the-default
# says: permutation is 100 to 104 in all groups
def each_seed_shuffled(rates):
    return [replace(one, permutation=one.seed + 100) for one in plain(rates)]


# expect: passed
# note: not-the-default
# says: permutation is None and 7 in all groups
def with_and_without_a_shuffle(rates):
    return [replace(one, permutation=places) for places in (7, None) for one in plain(rates)]
