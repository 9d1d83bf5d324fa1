"""``record``: make what is recorded with the package, and verify it."""

from __future__ import annotations

import os
from statistics import median

import click

from mnistlab.cli._common import Stopped, name_of
from mnistlab.experiments import EXPERIMENTS, Experiment, recording
from mnistlab.experiments.recording import in_words
from mnistlab.runs import Specification
from mnistlab.runs import record as long_runs

LONG = "hundred-epochs"
"""Name of the ten long runs among the experiments."""

STOPPED = (
    "stopped: what has arrived is recorded, finished epochs are stored; the same command goes on"
)

FIRST_GUESS = {"fully_connected": 0.5, "convolutional": 15.0}
"""Seconds per epoch, until there is a recorded run to learn it from."""


@click.command(
    short_help="Make the recorded runs of the book, or verify them.",
    epilog="""\b
    Examples:
      python -m mnistlab record --check                     verify what is there
      python -m mnistlab record learning-rates --workers 2  make what is missing
      python -m mnistlab record --dask tcp://10.0.0.1:8786  on several machines""",
)
@click.argument("experiment", required=False, type=click.Choice([LONG, *EXPERIMENTS]))
@click.option("--check", is_flag=True, help="Make nothing; verify the files that are there.")
@click.option("--workers", type=click.IntRange(min=1), default=1, show_default=True,
              help="Processes that train at once, with one thread each; with --dask, for the estimate.")  # fmt: skip
@click.option("--dask", "address", metavar="ADDRESS",
              help="Train on the workers of this Dask scheduler; needs mnistlab[scale].")  # fmt: skip
def record(experiment: str | None, check: bool, workers: int, address: str | None) -> None:
    """Make the record of EXPERIMENT, or of all: many runs, on MNIST and the CPU.

    What is recorded is verified and left alone; a run that was stopped goes on after its last
    finished epoch.
    """
    names = [experiment] if experiment else [LONG, *EXPERIMENTS]
    try:
        sound = [is_sound(name) for name in names]
        if check:
            if not all(sound):
                raise click.ClickException(
                    "the record is not complete; make the rest: python -m mnistlab record"
                )
            return
        for name in names:
            if name == LONG:
                make_long_runs()
            else:
                make(EXPERIMENTS[name], workers, address)
    except KeyboardInterrupt:
        raise Stopped(STOPPED) from None
    except long_runs.RecordError as error:
        raise click.ClickException(str(error)) from error


def is_sound(name: str) -> bool:
    """Say how much of an experiment is there, and stop at a fault; whether all of it is."""
    if name == LONG:
        faults, missing = list(long_runs.faults()), long_runs.missing()
        total = len(long_runs.RECORDED)
    else:
        experiment = EXPERIMENTS[name]
        faults = experiment.faults()
        total = len(experiment.specifications)
        missing = [] if faults else experiment.missing()
    for fault in faults:
        click.echo(fault, err=True)
    click.echo(f"{name}: {total - len(missing)} of {total} runs are there, {len(faults)} faults")
    if faults:
        raise click.ClickException(
            "the record has faults; restore the files, or delete them to make them anew"
        )
    return not missing


def make(experiment: Experiment, workers: int, address: str | None) -> None:
    """Make what is missing of an experiment."""
    if not experiment.missing():
        return
    check_folder()
    click.echo(f"{experiment.name}: {experiment.question}")
    pool = recording.dask(address) if address else recording.processes(workers)
    with pool as executor:
        recording.make(experiment, executor, workers, click.echo)


def check_folder() -> None:
    """Stop if the record can't be written, before anything is trained."""
    folder = long_runs.FOLDER
    if not os.access(folder if folder.exists() else folder.parent, os.W_OK):
        raise click.ClickException(f"the record can't be stored in {folder}")


# --- the ten long runs


def make_long_runs() -> None:
    """Make those of the ten runs that are missing, one after the other."""
    missing = long_runs.missing()
    if missing:
        check_folder()
    for specification in missing:
        if not long_runs.file_of(specification).exists():  # another command may have made it
            make_long_run(specification)


def make_long_run(specification: Specification) -> None:
    """Make one run, with a word before and after."""
    name = f"{name_of(specification.network)}, seed {specification.seed}"
    click.echo(f"{name}: {long_runs.EPOCHS} epochs; about {in_words(time_left())} left for all")
    finished = long_runs.make(specification)
    click.echo(f"{name}: test accuracy {finished.history.test_accuracy[-1]:.2%} at the end")


def time_left() -> float:
    """Seconds for all the long runs that are missing, by the pace of those that are there."""
    missing = long_runs.missing()
    there = [long_runs.load(one) for one in long_runs.RECORDED if one not in missing]
    left = 0.0
    for specification in missing:
        alike = [one for one in there if one.specification.network == specification.network]
        paces = [median(one.history.seconds) for one in alike]
        pace = median(paces) if paces else FIRST_GUESS[specification.network]
        left += long_runs.EPOCHS * pace
    return left
