"""A program that runs a student's file and judges what it has defined; see `_judging`.

``python -m mnistlab.exercises._child TASK``, where TASK is JSON (see `Task`). It writes a line of
JSON for each thing that happens, so that what was found before a sudden end stays found.
"""

from __future__ import annotations

import ast
import faulthandler
import inspect
import json
import os
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TextIO

from mnistlab import check
from mnistlab._limit import Budget, TimeLimit
from mnistlab.check import report
from mnistlab.check.student import sandbox
from mnistlab.exercises import EXERCISES, Exercise
from mnistlab.exercises._running import Ran, lent_data, run
from mnistlab.exercises._verdicts import Verdict, stopped_after

HINTS = {
    EOFError: "nobody types here: input() has nothing to read",
    MemoryError: "there is a limit on memory: --memory",
}

NO_FILES = (
    "while a file is checked, MNIST's files are lent only in the folder mnistlab.sources.locate(); "
    "or call the checker where you have them, as the sheet shows"
)


@dataclass(frozen=True)
class Task:
    """What the parent asks for."""

    file: str
    names: list[str]
    """Of the exercises."""
    seconds: float
    """Of processor time, for all; the file gets half of it at most."""
    memory: float
    """In GiB."""
    shell: bool
    """Whether shell commands run."""
    results: str
    """Path of the file for the results."""
    places: str
    """Path of the file where the line goes at which the process ended."""


def main() -> None:
    """Do what the parent asks for."""
    task = Task(**json.loads(sys.argv[1]))
    with Path(task.results).open("a") as results, Path(task.places).open("w") as places:

        def write(**event: Any) -> None:
            print(json.dumps(event), file=results, flush=True)

        def tell(what: str, error: BaseException) -> None:
            write(error=described(what, error))

        def leave_out(text: str) -> None:
            write(left_out=text)

        write(began="", kept_from=os.environ.pop("MNISTLAB_KEPT_FROM", "").split())
        faulthandler.enable(places)
        _end_in_time(Budget(task.seconds), places, write)
        _be_silent()
        _limit_memory(task.memory)
        with lent_data():
            ran = run(Path(task.file), task.seconds / 2, tell, leave_out, task.shell)
            _limit_memory(task.memory)  # what the file holds does not count for the checks
            for exercise in EXERCISES:
                if exercise.name in task.names:
                    write(began=exercise.name)
                    write(verdict=asdict(judged(exercise, ran)))
    os._exit(0)  # without what the file has left for the end: threads, handlers


# --- judging


def judged(exercise: Exercise, ran: Ran) -> Verdict:
    """Call the checker of an exercise for what the file has defined."""
    reasons = [_not_done(name, exercise, ran) for name in exercise.names]
    if any(reasons):
        return Verdict(exercise.name, "not done", "; ".join(filter(None, reasons)))
    try:
        report = eval(exercise.call, {**ran.solutions, "check": check})
    except Exception as error:
        if not (isinstance(error, TypeError) and str(error).startswith("check.")):
            remark = f"{exercise.call} raises {type(error).__name__}: {error}"
            return Verdict(exercise.name, "unfinished", remark)
        report = _refused(exercise, str(error))
    return _verdict(exercise.name, report)


def _not_done(name: str, exercise: Exercise, ran: Ran) -> str:
    """Why there is nothing to judge under this name; empty if there is something."""
    if name not in ran.namespace:
        return f"{name} {ran.missed.get(name, 'is not defined')}"
    value = ran.solutions[name]
    if inspect.ismodule(value):
        return f"{name} is an imported module"
    if value is ...:
        return f"{name} is still ..."
    if inspect.isroutine(value) and str(value.__module__).startswith("mnistlab."):
        return f"{name} is the one of mnistlab"
    return f"{name} is as in the sheet" if _is_as_in_the_sheet(value, exercise) else ""


def _is_as_in_the_sheet(function: Any, exercise: Exercise) -> bool:
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (TypeError, OSError, SyntaxError):
        return False  # no function, or none whose source is known
    return ast.dump(tree) == ast.dump(ast.parse(exercise.starter))


def _refused(exercise: Exercise, message: str) -> check.Report:
    """The report where a checker was given something that it can't judge, and has said so."""
    observed, _, expected = message.partition("; expected ")
    finding = report.finding("wrong-type", observed, expected)
    return report.make_report(exercise.name, [finding])


def _verdict(name: str, report: check.Report) -> Verdict:
    problems = [asdict(one) for one in report.problems]
    notes = [asdict(one) for one in report.notes]
    if problems and problems[0]["name"] == "not-done":
        return Verdict(name, "not done", problems[0]["observed"])
    if not problems and any(one["name"] == "lent-images" for one in notes):
        remark = "trained on the few lent images"
        return Verdict(name, "not judged", remark, problems, notes, str(report))
    state = "problems" if problems else "passed"
    return Verdict(name, state, "", problems, notes, str(report))


def described(what: str, error: BaseException) -> str:
    """An error of the file, with the student's own line."""
    if isinstance(error, TimeLimit):
        text = f"{what} {stopped_after(error.spent)}; what stands below was not run"
        return "\n".join(filter(None, [text, sandbox.student_line(error)]))
    line = f"  {error.text.strip()}" if isinstance(error, SyntaxError) and error.text else ""
    hint = next((words for kind, words in HINTS.items() if isinstance(error, kind)), "")
    if isinstance(error, FileNotFoundError) and "ubyte" in str(error):
        hint = NO_FILES
    return "\n".join(filter(None, [sandbox.raised(error, what).observed, line, hint]))


# --- the process


def _end_in_time(budget: Budget, places: TextIO, write: Callable[..., None]) -> None:
    """End the process when its time is up, and write down where it was then.

    A thread looks at the budget each second, and winds up an alarm clock that goes off by itself
    if the thread gets no turn, because one call into compiled code never lets go.
    """
    slack = 5.0

    def watch() -> None:
        while (left := budget.left()) > 0:
            faulthandler.dump_traceback_later(left + slack, exit=True, file=places)
            time.sleep(min(left, 1.0))
        write(spent=budget.spent())
        faulthandler.dump_traceback_later(0.001, exit=True, file=places)

    threading.Thread(target=watch, daemon=True).start()


def _be_silent() -> None:
    """What the file prints goes nowhere, however much it is."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
        os.dup2(nowhere, stream.fileno())


def _limit_memory(gib: float) -> None:
    """Let the process use so much more than it does now. Other systems than Linux have no limit.

    What counts is private writable memory. The address space is no measure: PyTorch reserves
    several times what it uses of it.
    """
    if sys.platform != "linux":
        return
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # no core file in the student's folder
    pages = int(Path("/proc/self/statm").read_text().split()[5])
    wanted = pages * os.sysconf("SC_PAGE_SIZE") + int(gib * 2**30)
    _, most = resource.getrlimit(resource.RLIMIT_DATA)
    limit = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, most))


if __name__ == "__main__":
    main()
