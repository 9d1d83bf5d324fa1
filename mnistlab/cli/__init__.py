"""The command line: ``python -m mnistlab COMMAND``, one module for each command.

Exit codes: 0 if it is done, 1 if it cannot be done, 2 for wrong usage, 130 after Ctrl-C. What cannot be
done is said in one message without a traceback; a traceback is a mistake in the package.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Any

import click

from mnistlab.cli._check import check
from mnistlab.cli._common import Stopped, could_not_be_done
from mnistlab.cli._data import data
from mnistlab.cli._exercises import exercises
from mnistlab.cli._record import record
from mnistlab.cli._runs import runs
from mnistlab.cli._train import train

COMMANDS = (data, train, runs, exercises, check, record)  # in the order of the help


class Program(click.Group):
    """A group of commands whose errors end in one message and an exit code."""

    def list_commands(self, context: click.Context) -> list[str]:
        """The commands in the order in which one needs them."""
        return list(self.commands)

    def invoke(self, context: click.Context) -> Any:
        """Run a command; turn what the package raises into what click reports."""
        try:
            with could_not_be_done():
                return super().invoke(context)
        except KeyboardInterrupt:
            raise Stopped("stopped") from None


@click.group(
    cls=Program,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="""\b
    Example, the two networks of the book:
      python -m mnistlab data fetch
      python -m mnistlab train fully-connected
      python -m mnistlab train convolutional
      python -m mnistlab runs""",
)
def program() -> None:
    """The package behind the book "Flatten or Filter", without a notebook.

    Gets the digits, trains the two networks, and shows what was trained. For more on a command:
    python -m mnistlab COMMAND --help
    """


for command in COMMANDS:
    program.add_command(command)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit: the arguments are those given, else those of the process."""
    for stream in (sys.stdout, sys.stderr):  # a folder's name may have letters that they can't show
        if hasattr(stream, "reconfigure"):  # not what others put in its place
            stream.reconfigure(errors="backslashreplace")
    program(arguments, prog_name="python -m mnistlab")
