"""Where the numbers of the book come from, as tables: its runs, the long runs, the experiments."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median
from typing import Any

from mnistlab.experiments import EXPERIMENTS, Experiment
from mnistlab.runs import Run, Specification, key, record
from mnistlab.tables import Table


def runs_table(found: Iterable[Run]) -> Table:
    """A column for each run: what determines it, and on what it was trained.

    Parameters
    ----------
    found : iterable of Run
        As `mnistlab.run` returns them.
    """
    described = [_described(one) for one in found]
    names = [one.pop("network") for one in described]
    rows = [(name, *(one[name] for one in described)) for name in described[0]]
    return Table(("", *names), rows)


def _described(one: Run) -> dict[str, Any]:
    specification, origin = one.specification, one.provenance
    return {
        "network": specification.network.replace("_", "-"),
        "sizes": " · ".join(map(str, specification.sizes)),
        "training images": _images(specification),
        "pixels": "as they are" if specification.permutation is None else "shuffled",
        "epochs": specification.epochs,
        "learning rate": specification.learning_rate,
        "batch size": specification.batch_size,
        "seed": specification.seed,
        "finished": _day(origin["finished"]),
        "seconds": f"{origin['seconds']:.0f}",
        "fastest epoch (s)": f"{min(one.history.seconds):.1f}",
        "slowest epoch (s)": f"{max(one.history.seconds):.1f}",
        "device": origin["device"],
        "processor": origin["processor"],
        "threads": origin["threads"],
        "torch": origin["versions"]["torch"],
        "arithmetic": origin["arithmetic"],
        "name": key(specification)[-12:],
    }


def _images(specification: Specification) -> str:
    """How many training images an epoch has: ``all``, or ``6000 × 30`` for a subset used thirty times."""
    images = "all" if specification.images is None else f"{specification.images}"
    return images if specification.passes == 1 else f"{images} × {specification.passes}"


def record_table(specifications: Iterable[Specification] = record.RECORDED) -> Table:
    """A row for each recorded run of a hundred epochs: when it was finished, seconds an epoch, torch."""
    rows = []
    for one in specifications:
        stored = record.load(one)
        name = f"{one.network.replace('_', '-')}, seed {one.seed}"
        pace = f"{median(stored.history.seconds):.1f}"
        torch = stored.provenance["versions"]["torch"].partition("+")[0]
        rows.append((name, _day(stored.provenance["finished"]), pace, torch))
    return Table(("run", "finished", "median", "torch"), rows)


def experiments_table(experiments: Iterable[Experiment] | None = None) -> Table:
    """A row for each recorded experiment: runs, seeds, hours of one core, when it was finished, processor.

    Default: all experiments whose runs are all recorded; one that is still being made is left out.
    The hours of an experiment whose table has no seconds are a dash.
    """
    if experiments is None:
        experiments = [one for one in EXPERIMENTS.values() if not one.missing()]
    rows = []
    for one in experiments:
        found, origin = one.recorded(), one.provenance()
        # An epoch of which several points were measured took its seconds once.
        seconds = {
            (row.specification, row.values.get("epoch")): row.values["seconds"]
            for row in found
            if "seconds" in row.values
        }
        rows.append(
            (
                one.name,
                len(one.specifications),
                len({specification.seed for specification in one.specifications}),
                _hours(list(seconds.values())),
                _day(origin["finished"][1]),
                "; ".join(origin["processor"]),
            )
        )
    return Table(("experiment", "runs", "seeds", "hours", "finished", "processor"), rows)


def _hours(seconds: Sequence[float]) -> str:
    if not seconds:
        return "–"
    hours = sum(seconds) / 3600
    return f"{hours:.1f}" if hours >= 0.05 else "< 0.1"


def _day(moment: str) -> str:
    return moment.partition("T")[0]
