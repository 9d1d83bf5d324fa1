"""``exercises``: write the exercises as a notebook and a script."""

from __future__ import annotations

from pathlib import Path

import click

from mnistlab.exercises import EXERCISES, write


@click.command(
    short_help="Write the exercises as a notebook and a script.",
    epilog="""\b
    Example:
      python -m mnistlab exercises my-exercises
      python -m mnistlab check my-exercises/exercises.ipynb""",
)
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def exercises(folder: Path) -> None:
    """Write the exercises into DIR, as a notebook and as a script, without solutions.

    Both hold the same; take the one you like. DIR is made if there is none. Files that are there
    already are never overwritten.
    """
    notebook, script = write(folder)
    click.echo(f"{len(EXERCISES)} exercises: {notebook} and {script}")
    click.echo(f"When you have solved some: python -m mnistlab check {notebook}")
