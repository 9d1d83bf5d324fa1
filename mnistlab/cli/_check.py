"""``check``: judge a student's script or notebook."""

from __future__ import annotations

import importlib.util
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path

import click
from click.exceptions import Exit

from mnistlab.exercises._judging import ALL, judge
from mnistlab.exercises._verdicts import STATES, Judgement, Verdict


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
    type=click.Choice(ALL),
    help="Check this exercise; may be given several times.  [default: all]",
)
@click.option(
    "--seconds",
    type=click.IntRange(1, 86400),
    default=120,
    show_default=True,
    help="Time for FILE, which gets half of it at most, and all checks.",
)
@click.option(
    "--memory",
    type=click.FloatRange(0.1, 4096),
    default=4.0,
    show_default=True,
    help="GiB for FILE, and again for the checks. Only on Linux.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def check(file: Path, only: tuple[str, ...], seconds: int, memory: float, as_json: bool) -> None:
    """Check the solutions in FILE, a script or a notebook.

    FILE is run in a fresh process, in its own folder. Then each exercise whose names it has defined
    is checked; checkers that FILE calls itself wait until then. In a script, what stands under
    if __name__ == "__main__": is not run. A notebook runs cell by cell, and goes on after an error;
    this needs ipython. What FILE prints is not shown.

    MNIST is not needed and nothing is downloaded: torchvision and mnistlab lend FILE 203 training
    and 1003 test images, so training takes seconds, and teaches little. Whether a network was
    trained well (task-7, task-8, small-network) is "not judged" then: the checker in your notebook
    tells, with MNIST. All else about these exercises is checked.

    The clock begins when PyTorch is loaded. One check stops by itself after 20 seconds.

    Exit code: 0 if all that is done passed and something is done, else 1; 2 for wrong usage.

    The document of --json has file, passed, errors (of FILE itself) and exercises. Each of these has
    name, state, remark, report (as text), problems and notes; a problem or note has name, observed,
    expected, why and section. A state is "passed", "problems", "not done", "not judged" or
    "unfinished": a limit or a crash came first.

    This is no protection from malicious code: FILE can do all that you can do.
    """
    judgement = judge(file, only or ALL, seconds=seconds, memory=memory)
    if as_json:
        click.echo(json.dumps({"passed": judgement.passed, **asdict(judgement)}, indent=2))
    else:
        click.echo("\n".join(summary(judgement)))
    raise Exit(0 if judgement.passed else 1)


def summary(judgement: Judgement) -> Iterator[str]:
    """All that is said, the total last."""
    for error in judgement.errors:
        yield f"error: {error}\n"
    width = max(len(one.name) for one in judgement.exercises)
    for one in judgement.exercises:
        yield f"{one.name:<{width}}  {in_a_line(one)}"
    for one in judgement.exercises:
        if one.state == "problems":
            yield f"\n{one.name}\n{one.report}"
    states = [one.state for one in judgement.exercises]
    counts = [f"{states.count(state)} {state}" for state in STATES if state in states]
    yield f"\n{len(states)} exercises: {', '.join(counts)}"


def in_a_line(verdict: Verdict) -> str:
    """The state of an exercise, with the names of what was found."""
    what = verdict.remark.replace("\n", " ")
    if not what:
        what = ", ".join(one["name"] for one in verdict.problems or verdict.notes)
    return f"{verdict.state}: {what}" if what else verdict.state
