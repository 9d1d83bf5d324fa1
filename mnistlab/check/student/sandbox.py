"""Runs a student's function: within a time limit, with everything as before afterwards.

What the time limit can't stop, see `mnistlab._limit`. No protection from malicious code.
"""

from __future__ import annotations

import inspect
import linecache
import os
import site
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from mnistlab import _checks
from mnistlab._limit import TimeLimit, limited
from mnistlab._preserved import preserved
from mnistlab.check.report import Finding, Report, StopCheck, counted, finding, make_report, stop

TIME_LIMIT = 20.0
"""Seconds of processor time that all calls of one check may take together."""

_PACKAGE = Path(__file__).resolve().parents[2]


def _library_folders() -> tuple[str, ...]:
    """Where Python's library and installed packages are: also a user's, and another one's."""
    named = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    torchs = str(Path(torch.__file__).parent)  # wherever it comes from
    folders = [*named, *site.getsitepackages(), site.getusersitepackages(), torchs]
    return tuple(str(Path(one).resolve()) + os.sep for one in folders)


_LIBRARIES = _library_folders()


def judge(checker: str, findings: Callable[[], Iterator[Finding]]) -> Report:
    """Collect what a generator of findings finds, in a sandbox.

    The generator calls the student's code with `call`. It may end early: by ``return``, by
    raising `StopCheck`, or because `call` does so.
    """
    collected: list[Finding] = []
    try:
        with preserved(), limited(TIME_LIMIT):
            for one in findings():
                collected.append(one)  # one by one: those before a time limit count
    except StopCheck as end:
        collected.append(end.finding)
    except TimeLimit as limit:
        text = f"stopped after {limit.spent}, {student_line(limit)}".removesuffix(", ")
        collected.append(finding("time-limit", text))
    except (Exception, SystemExit) as error:  # not by way of `call`: in a forward, for instance
        if not student_line(error):
            raise  # a fault of the checker
        collected.append(raised(error, "your code"))
    return make_report(checker, collected)


def call(function: Callable[..., Any], *arguments: Any, shown: str = "", **named: Any) -> Any:
    """Call a student's function; what it raises becomes a finding that ends the check.

    ``shown`` is the call as the finding tells it, such as ``f(784, 100, 10)``.

    Raises
    ------
    StopCheck
        If the function does not take these arguments, or raises anything.
    """
    _check_arguments(function, arguments, named)
    try:
        return function(*arguments, **named)
    except (StopCheck, TimeLimit, KeyboardInterrupt):
        raise
    except BaseException as error:
        raise StopCheck(raised(error, shown or _name(function) + "(...)")) from error


def signature_of(function: Callable[..., Any]) -> inspect.Signature | None:
    """The signature; some functions of compiled code have none."""
    with suppress(TypeError, ValueError):
        return inspect.signature(function)
    return None


def _check_arguments(
    function: Callable[..., Any], arguments: tuple[Any, ...], named: dict[str, Any]
) -> None:
    """End the check if the function does not take these arguments."""
    signature = signature_of(function)
    try:
        if signature:
            signature.bind(*arguments, **named)
    except TypeError as error:
        count = counted(len(arguments) + len(named), "argument")
        seen = f"{_name(function)}{signature} can't be called with {count}: {error}"
        raise stop("arguments", seen, f"a function of {count}") from error


def require_function(checker: str, function: object, example: str) -> None:
    """Raise TypeError unless the checker was given a function, and no network."""
    if not callable(function) or isinstance(function, torch.nn.Module):
        raise TypeError(
            f"check.{checker} was given {_checks.described(function)}; expected your function "
            f"itself, without calling it: check.{checker}({example})"
        )


def raised(error: BaseException, shown: str) -> Finding:
    """The finding for an exception, with the student's own line."""
    lines = str(error).strip().splitlines() or [""]
    message = "\n".join(f"  {line}" for line in lines[:8] if line.strip())
    text = f"{shown} raises {type(error).__name__}" + (f":\n{message}" if message else "")
    place = student_line(error)
    return finding("raised", f"{text}\n{place}" if place else text)


def student_line(error: BaseException) -> str:
    """Where an exception arose, in the student's own code: file or cell, number, text."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_library(frame.filename)]
    if not own:
        return ""
    frame = own[-1]
    text = (frame.line or linecache.getline(frame.filename, frame.lineno or 0)).strip()
    return f"at {_source(frame.filename)}, line {frame.lineno}, in {frame.name}:\n  {text}"


def _is_library(filename: str) -> bool:
    if filename.startswith("<frozen"):
        return True
    path = str(Path(filename).resolve())
    return path.startswith(_LIBRARIES) or Path(path).is_relative_to(_PACKAGE)


def _source(filename: str) -> str:
    """A file's name, or the cell's as IPython numbers it."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if shell is not None:
        with suppress(Exception):  # IPython's own naming is a courtesy, not a promise
            named = shell.compile.format_code_name(filename)
            if named:
                return " ".join(named)
    return Path(filename).name


def _name(function: object) -> str:
    return getattr(function, "__name__", type(function).__name__)
