"""Experiments: many runs that answer a question, recorded once and kept with the package.

One module for each experiment, with its specifications and what is measured; `experiment` has what
they share, `recording` makes the record::

    python -m mnistlab record learning-rates --workers 2
"""

from mnistlab.experiments import (
    amounts,
    cheap,
    corners,
    kernels,
    let_go,
    longer,
    modern,
    moved,
    optimizers,
    parts,
    per_place,
    places,
    rates,
    same_noise,
    shuffles,
    steps,
    strides,
)
from mnistlab.experiments.experiment import Experiment, Row

EXPERIMENTS = {
    one.name: one
    for one in (
        rates.EXPERIMENT,
        rates.OWN,
        rates.LONG,
        optimizers.CANDIDATES,
        optimizers.EXPERIMENT,
        shuffles.CANDIDATES,
        shuffles.EXPERIMENT,
        steps.CANDIDATES,
        steps.EXPERIMENT,
        steps.START,
        steps.TIES,
        steps.DRIFT,
        steps.FROZEN,
        corners.EXPERIMENT,
        let_go.CANDIDATES,
        let_go.EXPERIMENT,
        strides.CANDIDATES,
        strides.EXPERIMENT,
        parts.CANDIDATES,
        parts.EXPERIMENT,
        modern.CANDIDATES,
        modern.EXPERIMENT,
        modern.PLAIN_CANDIDATES,
        modern.PLAIN_LONG,
        moved.EXPERIMENT,
        places.CANDIDATES,
        places.EXPERIMENT,
        places.FEW_CANDIDATES,
        places.FEW_EXPERIMENT,
        per_place.NOISE_CANDIDATES,
        per_place.CANDIDATES,
        per_place.EXPERIMENT,
        same_noise.CANDIDATES,
        same_noise.EXPERIMENT,
        longer.EXPERIMENT,
        longer.CORNERS,
        amounts.EXPERIMENT,
        amounts.SHIFTED,
        amounts.EARLIER,
        cheap.CANDIDATES,
        cheap.EXPERIMENT,
        kernels.EXPERIMENT,
    )
}
"""All experiments, by name."""

__all__ = ["EXPERIMENTS", "Experiment", "Row"]
