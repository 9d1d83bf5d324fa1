"""Experiments: many runs that answer a question, recorded once and kept with the package.

One module for each experiment, with its specifications and what is measured; `experiment` has what
they share, `recording` makes the record::

    python -m mnistlab record learning-rates --workers 2
"""

from mnistlab.experiments import amounts, moved, optimizers, places, rates, shuffles, steps
from mnistlab.experiments.experiment import Experiment, Row

EXPERIMENTS = {
    one.name: one
    for one in (
        rates.EXPERIMENT,
        rates.OWN,
        optimizers.CANDIDATES,
        optimizers.EXPERIMENT,
        shuffles.CANDIDATES,
        shuffles.EXPERIMENT,
        steps.CANDIDATES,
        steps.EXPERIMENT,
        steps.START,
        moved.EXPERIMENT,
        places.CANDIDATES,
        places.EXPERIMENT,
        places.FEW_CANDIDATES,
        places.FEW_EXPERIMENT,
        amounts.EXPERIMENT,
    )
}
"""All experiments, by name."""

__all__ = ["EXPERIMENTS", "Experiment", "Row"]
