"""``check``: judge a student's script or notebook."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
from click.exceptions import Exit

from mnistlab.exercises._judging import ALL, judge
from mnistlab.exercises._verdicts import STATES, Judgement, Verdict


class ExerciseName(click.Choice[str]):
    """A type for click: the name of an exercise, with underscores or hyphens, as one types it."""

    def __init__(self) -> None:
        self.names = {spelled(name): name for name in ALL}
        super().__init__(tuple(self.names))

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as the sheet has it."""
        known = spelled(value) if spelled(value) in self.names else value
        return self.names[super().convert(known, param, ctx)]


def spelled(name: str) -> str:
    """An exercise's name as it is shown: with underscores, like functions and checkers."""
    return name.replace("-", "_")


def script_or_notebook(context: click.Context, option: click.Parameter, value: Path) -> Path:
    """The file, if it is a script or a notebook and can be run here; a callback for click."""
    if value.suffix not in (".py", ".ipynb"):
        raise click.BadParameter(
            f"{value}; expected a script (.py) or a notebook (.ipynb)", context, option
        )
    if value.suffix == ".ipynb" and importlib.util.find_spec("IPython") is None:
        raise click.ClickException("to run a notebook, ipython is needed: pip install ipython")
    return value


@click.command(
    short_help="Check a script or notebook with solutions.",
    epilog="""\b
    Examples:
      python -m mnistlab check solutions.py
      python -m mnistlab check --only train --only evaluate solutions.ipynb""",
)
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, readable=True, path_type=Path),
    callback=script_or_notebook,
)
@click.option(
    "--only",
    metavar="NAME",
    multiple=True,
    type=ExerciseName(),
    help="Check this exercise, such as task_7 (or task-7); may be given several times. All of FILE "
    "is run nevertheless, because exercises build on each other.  [default: all]",
)
@click.option(
    "--seconds",
    type=click.IntRange(1, 86400),
    default=120,
    show_default=True,
    help="Processor time for FILE, which gets half of it at most, and all checks.",
)
@click.option(
    "--memory",
    type=click.FloatRange(0.1, 4096),
    default=4.0,
    show_default=True,
    help="GiB for FILE, and again for the checks. Only on Linux.",
)
@click.option(
    "--shell",
    is_flag=True,
    help="Let shell commands of FILE run, such as !pip install, with all that you may do.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def check(
    file: Path, only: tuple[str, ...], seconds: int, memory: float, shell: bool, as_json: bool
) -> None:
    """Check the solutions in FILE, a script or a notebook.

    FILE is run in a fresh process, in its own folder. Then each exercise whose names it has defined
    is checked; checkers that FILE calls itself wait until then. In a script, what stands under
    if __name__ == "__main__": is not run. What FILE prints is not shown.

    A notebook runs cell by cell, and goes on with the next one after an error; this needs ipython.
    A script goes on too, with its next statement that is not indented, unless the time is up or it
    calls sys.exit: what it would define below "was not reached". With a syntax error it isn't run.

    MNIST is not needed and nothing is downloaded: torchvision and mnistlab lend FILE 203 training
    and 1003 test images, so training takes seconds, and teaches little. Whether a network was
    trained well (task_7, task_8, small_network) is "not judged" then: the checker in your notebook
    tells, with MNIST. All else about these exercises is checked.

    No shell command runs, however it is written (!pip, %pip, %%bash and the like): what is left out
    is told, and the file goes on. On Linux, where the system allows it without rights, FILE also has
    no network and can't change Python and its packages. --shell lets shell commands run, and lifts
    these limits.

    What counts is processor time, so a busy machine changes nothing; on the clock the limit is ten
    times as long. It begins when PyTorch is loaded. One check stops by itself after 20 seconds.

    Exit code: 0 if something is done, all that is done passed, and FILE raised no error; else 1, so
    also if FILE raised an error and all exercises passed; 2 for wrong usage.

    The document of --json has file, passed, errors (of FILE itself), left_out (what did not run),
    kept_from ("network", "environment") and exercises. Each of these has
    name, state, remark, report (as text), problems and notes; a problem or note has name, observed,
    expected, why and section. A state is "passed", "problems", "not done", "not judged" or
    "unfinished": a limit or a crash came first. Some names have hyphens there: task-7 is task_7 here.

    This is no protection from malicious code: FILE can do all that you can do.
    """
    judgement = judge(file, only or ALL, seconds=seconds, memory=memory, shell=shell)
    if as_json:
        click.echo(json.dumps({"passed": judgement.passed, **asdict(judgement)}, indent=2))
    else:
        click.echo("\n".join(summary(judgement)))
    raise Exit(0 if judgement.passed else 1)


def summary(judgement: Judgement) -> Iterator[str]:
    """All that is said, the total last."""
    for error in judgement.errors:
        yield f"error: {error}\n"
    for one in judgement.left_out:
        yield f"left out: {one}"
    if judgement.left_out:
        yield ""
    width = max(len(one.name) for one in judgement.exercises)
    for one in judgement.exercises:
        yield f"{spelled(one.name):<{width}}  {in_a_line(one)}"
    for one in judgement.exercises:
        if one.state == "problems":
            yield f"\n{headed(one)}"
    yield f"\n{total([one.state for one in judgement.exercises])}"


def in_a_line(verdict: Verdict) -> str:
    """The state of an exercise, with the names of what was found."""
    what = verdict.remark.replace("\n", " ")
    if not what:
        what = ", ".join(one["name"] for one in verdict.problems or verdict.notes)
    state = "problem" if len(verdict.problems) == 1 else verdict.state
    return f"{state}: {what}" if what else state


def headed(verdict: Verdict) -> str:
    """The report, under the name of the exercise: that of the checker may be another."""
    headline, _, rest = verdict.report.partition("\n")
    return f"{spelled(verdict.name)}: {headline.partition(': ')[2]}\n{rest}"


def total(states: list[str]) -> str:
    """How many exercises are in each state."""
    words = {"problems": "with problems"}
    counts = (f"{states.count(one)} {words.get(one, one)}" for one in STATES if one in states)
    return f"{len(states)} exercise{'' if len(states) == 1 else 's'}: {', '.join(counts)}"
