"""What the commands share: how they fail, how they name things, the option ``--source``."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click
from click.exceptions import Exit

from mnistlab import sources
from mnistlab.runs import NETWORKS, TASK_7, Specification

SIZES = {"fully_connected": ("D", "K", "O"), "convolutional": ("Q1", "Q2", "O")}
"""The assignment's two networks, and its symbols for their sizes."""


class Stopped(click.ClickException):
    """Ctrl-C was pressed."""

    exit_code = 130  # as shells have it: 128, and 2 for the signal

    def show(self, file: object = None) -> None:
        """Print the message, on a line below the terminal's ``^C``."""
        click.echo(("\n" if sys.stderr.isatty() else "") + self.message, err=True)


@contextmanager
def could_not_be_done() -> Iterator[None]:
    """Turn the errors that are not mistakes in the program into one message and exit code 1."""
    try:
        yield
    except (BrokenPipeError, Exit, click.Abort):
        raise  # click's own affairs
    except (sources.DataError, FloatingPointError, OSError) as error:
        raise click.ClickException(str(error)) from error
    except (RuntimeError, MemoryError) as error:  # torch's: no memory, no such device, ...
        first, *_ = str(error).splitlines() or ["no more is known"]  # the others are of its inside
        raise click.ClickException(f"{type(error).__name__}: {first}") from error


def name_of(network: str) -> str:
    """A network's name in words: ``fully_connected`` is ``fully-connected``."""
    return network.replace("_", "-")


def described(specification: Specification, source: str) -> str:
    """The specification in one line."""
    symbols = inspect.signature(NETWORKS[specification.network]).parameters
    sizes = ", ".join(f"{s} = {n}" for s, n in zip(symbols, specification.sizes, strict=True))
    more = "".join(f", {name} {value!r}" for name, value in additional(specification).items())
    return (
        f"{name_of(specification.network)}, {sizes}; epochs {specification.epochs}, learning rate "
        f"{specification.learning_rate!r}, batch size {specification.batch_size}, seed "
        f"{specification.seed}{more}; {source}"
    )


def additional(specification: Specification) -> dict[str, object]:
    """What the specification has besides the six values of the assignment."""
    return {n: v for n, v in specification.values().items() if n not in TASK_7.values()}


def chosen(context: click.Context, option: click.Parameter, value: str | None) -> str:
    """The source that ``--source`` names, else ``MNISTLAB_SOURCE``; a callback for click."""
    try:
        return sources.chosen(value)
    except ValueError as error:
        raise click.UsageError(str(error), context) from error


source_option = click.option(
    "--source",
    type=click.Choice(sources.SOURCES),
    callback=chosen,
    help="MNIST, or the digits that the package draws itself.  [default: mnist, or MNISTLAB_SOURCE]",
)
