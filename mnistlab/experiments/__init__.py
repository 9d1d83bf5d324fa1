"""Experiments: many runs that answer a question, recorded once and kept with the package.

One module for each experiment, with its specifications and what is measured; `experiment` has what
they share, `recording` makes the record::

    python -m mnistlab record learning-rates --workers 2
"""

from mnistlab.experiments import moved, rates, shuffles
from mnistlab.experiments.experiment import Experiment, Row

EXPERIMENTS = {
    one.name: one
    for one in (
        rates.EXPERIMENT,
        shuffles.CANDIDATES,
        shuffles.EXPERIMENT,
        moved.EXPERIMENT,
    )
}
"""All experiments, by name."""

__all__ = ["EXPERIMENTS", "Experiment", "Row"]
