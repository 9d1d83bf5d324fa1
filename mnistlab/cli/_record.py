"""``record``: make the ten long runs that are kept with the package, and verify them."""

from __future__ import annotations

import os
from statistics import median

import click

from mnistlab import record as recorded
from mnistlab import runs
from mnistlab.cli._common import Stopped, name_of

FIRST_GUESS = {"fully_connected": 0.5, "convolutional": 15.0}
"""Seconds per epoch, until there is a recorded run to learn it from."""


@click.command(
    short_help="Make the ten long runs of the book, or verify them.",
    epilog="""\b
    Examples:
      python -m mnistlab record            make what is missing: hours
      python -m mnistlab record --check    only verify what is there""",
)
@click.option("--check", is_flag=True, help="Make nothing; verify the files that are there.")
def record(check: bool) -> None:
    """Make the record: both networks, 100 epochs, five seeds, on MNIST and the CPU.

    Files that are there are verified and left alone; a run that was stopped goes on after its last
    finished epoch. Two of these commands may work side by side: no run is trained twice.
    """
    faults = list(recorded.faults())
    for fault in faults:
        click.echo(fault, err=True)
    missing = recorded.missing()
    there = len(recorded.RECORDED) - len(missing)
    click.echo(f"{there} of {len(recorded.RECORDED)} runs are there, {len(faults)} faults")
    if faults:
        raise click.ClickException(
            "the record has faults; restore the files, or delete them to make them anew"
        )
    if check:
        if missing:
            raise click.ClickException(
                "the record is not complete; make the rest: python -m mnistlab record"
            )
        return
    folder = recorded.FOLDER
    if missing and not os.access(folder if folder.exists() else folder.parent, os.W_OK):
        raise click.ClickException(f"the record can't be kept in {folder}")
    for specification in missing:
        if not recorded.file_of(specification).exists():  # another command may have made it
            make(specification)


def make(specification: runs.Specification) -> None:
    """Make one run, with a word before and after."""
    name = f"{name_of(specification.network)}, seed {specification.seed}"
    click.echo(f"{name}: {recorded.EPOCHS} epochs; about {in_words(time_left())} left for all")
    try:
        finished = recorded.make(specification)
    except KeyboardInterrupt:
        raise Stopped("stopped: finished epochs are kept; the same command goes on") from None
    except recorded.RecordError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{name}: test accuracy {finished.history.test_accuracy[-1]:.2%} at the end")


def time_left() -> float:
    """Seconds for all the runs that are missing, by the pace of those that are there."""
    missing = recorded.missing()
    there = [recorded.load(one) for one in recorded.RECORDED if one not in missing]
    left = 0.0
    for specification in missing:
        alike = [one for one in there if one.specification.network == specification.network]
        paces = [median(one.history.seconds) for one in alike]
        pace = median(paces) if paces else FIRST_GUESS[specification.network]
        left += recorded.EPOCHS * pace
    return left


def in_words(seconds: float) -> str:
    """A duration: minutes below two hours, else hours."""
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
