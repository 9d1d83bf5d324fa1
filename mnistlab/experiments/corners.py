"""Ten seeds for each step from flattening to filtering, so that one number can be named for each.

`mnistlab.experiments.steps` has five seeds of each network. Of four networks on the way there are ten in
other records, made for other questions; here are the five that the other two lack.

Written down before the first of these runs, for the five new seeds alone:

1. The wide fully-connected network makes more mistakes than the scattered one, and the scattered one
   more than the locally connected one, with every new seed.
2. Looking near removes between 40% and 48% of the mistakes, on average over the new seeds.
3. With all ten seeds, sharing is the smallest of the three steps: on average it removes a smaller share
   of the mistakes than few connections, more units and pooling do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mnistlab.experiments import places, shuffles, steps
from mnistlab.experiments.experiment import Experiment, final

SEEDS = range(10)

LACKING = ("fully-connected, 577", "scattered, not shared")
"""Networks of which `mnistlab.experiments.steps` has five seeds, and no other record more."""

EXPERIMENT = Experiment(
    name="corners",
    question="What do five more seeds say of the steps from flattening to filtering?",
    specifications=tuple(
        steps.seeded(steps.NETWORKS[name], steps.RATES[name], seed)
        for seed in SEEDS
        if seed not in steps.SEEDS
        for name in LACKING
    ),
    measure=final,
)


def accuracies() -> dict[str, list[float]]:
    """Test accuracies of both fully-connected networks and of the four corners, with ten seeds.

    Returns
    -------
    dict of str to list of float
        By the name in `mnistlab.experiments.steps.NETWORKS`, one for each seed.

    Raises
    ------
    RecordError
        If a record is missing.
    """
    rows, more = steps.EXPERIMENT.recorded(), steps.by_network(EXPERIMENT.recorded())
    centred = places.accuracies("centred")
    return {
        "fully-connected, 100": shuffles.by_side(shuffles.FULLY_CONNECTED)[1],
        **{name: steps.accuracies(rows, name) + more[name] for name in LACKING},
        "scattered, shared": shuffles.by_side(shuffles.CONVOLUTIONAL)[28],
        **{name: centred[name] for name in places.LOCAL},
    }


def by_corner(found: Mapping[str, Sequence[float]]) -> dict[tuple[str, str], Sequence[float]]:
    """The four networks that are local or not, and shared or not: what was found for each.

    Parameters
    ----------
    found : mapping of str to sequence of float
        From `accuracies`.

    Examples
    --------
    >>> list(by_corner(accuracies()))[-1]
    ('near', 'shared')
    """
    return {
        ("scattered", "not shared"): found["scattered, not shared"],
        ("scattered", "shared"): found["scattered, shared"],
        ("near", "not shared"): found["near, not shared"],
        ("near", "shared"): found["near and shared"],
    }
