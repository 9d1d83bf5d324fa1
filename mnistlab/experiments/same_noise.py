"""Few noisy images, with as much noise as the many had: what few images do, and nothing else.

The control of `mnistlab.experiments.per_place` makes 600 noisy images as hard as 600 moved ones. For that
they got more noise than the 6000 of `mnistlab.experiments.places`, so the two differ in more than number.

Written down before the first run: at equal noise, sharing removes a larger share of the mistakes with
600 images than with 6000, on average over the seeds that learned with both.
"""

from __future__ import annotations

from typing import Any

from mnistlab.experiments import places, steps
from mnistlab.experiments.experiment import Experiment, final
from mnistlab.experiments.per_place import of_few
from mnistlab.runs import Specification


def _run(name: str, rate: float, seed: int, **changes: Any) -> Specification:
    return of_few(name, rate, seed, images=places.FEW, noise=places.NOISE, **changes)


RATES_TRIED = {
    "near, not shared": (0.03, 0.1, 0.3, 1.0, 3.0),
    "near and shared": (0.1, 0.2, 0.3, 1.0),
}
"""Learning rates to choose from, with two seeds each."""

CANDIDATES = Experiment(
    name="same-noise-rates",
    question="Which learning rate does each network need on 600 images with the noise of the 6000?",
    specifications=tuple(
        _run(name, rate, seed, split="validation")
        for name, rates in RATES_TRIED.items()
        for rate in rates
        for seed in range(2)
    ),
    measure=final,
)

CHOSEN = {"near, not shared": 1.0, "near and shared": 0.2}
"""What ``same-noise-rates`` chose: the highest mean accuracy on the validation images."""

EXPERIMENT = Experiment(
    name="same-noise",
    question="Does sharing remove more with few noisy images, when the many were as noisy?",
    specifications=tuple(
        _run(name, rate, seed) for seed in places.SEEDS for name, rate in CHOSEN.items()
    ),
    measure=final,
)


def accuracies() -> dict[str, list[float]]:
    """Test accuracies of the two networks, by name, one for each seed.

    Raises
    ------
    RecordError
        If the record is missing.
    """
    return steps.by_network(EXPERIMENT.recorded())
