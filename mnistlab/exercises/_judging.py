"""Judges a student's file in a process of its own, with limits on time and memory.

This is the parent's side; `mnistlab.exercises._child` runs the file. No protection from malicious
code: the child may do what the user may do.
"""

from __future__ import annotations

import json
import linecache
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from mnistlab.exercises import EXERCISES
from mnistlab.exercises._verdicts import Judgement, Verdict, stopped_after

START = 300.0
"""Seconds in which Python with PyTorch must have been loaded; a cold disk can be slow."""

ALL = tuple(one.name for one in EXERCISES)


def judge(
    path: Path, names: Sequence[str] = ALL, *, seconds: float = 120.0, memory: float = 4.0
) -> Judgement:
    """Run a script or notebook in a fresh process and check what it has defined.

    Parameters
    ----------
    path : Path
        A script (``.py``) or a notebook (``.ipynb``).
    names : sequence of str
        Of the exercises to check.
    seconds : float
        Wall-clock time for the file and all checks, once Python with PyTorch is loaded. The file
        alone gets half of it.
    memory : float
        GiB that the file may use beyond what Python with PyTorch needs, and then the checks beyond
        what the file holds. On Linux.

    Raises
    ------
    RuntimeError
        If the process could not begin. What the file does raises nothing.
    """
    path = path.absolute()
    with tempfile.TemporaryDirectory(prefix="mnistlab-check-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        results, places = folder / "results", folder / "places"
        task = {"file": str(path), "names": list(names), "seconds": seconds, "memory": memory}
        code = _run({**task, "results": str(results), "places": str(places)}, folder)
        text = results.read_text(encoding="utf-8") if results.exists() else ""
        *lines, _ = text.split("\n")  # the last one is empty, or was cut when the process ended
        if not lines:
            raise RuntimeError("the process for the check could not begin")
        end = _end(code, places.read_text(encoding="utf-8"), path, seconds)
        return _judgement(path, names, [json.loads(line) for line in lines], end)


def _run(task: dict[str, Any], folder: Path) -> int | None:
    """Run the child to its end and return its exit code; None if it had to be stopped."""
    settings = {
        "MPLBACKEND": "Agg",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "IPYTHONDIR": str(folder / "ipython"),  # nothing is written where the user would find it
        "MNISTLAB_HOME": str(folder / "home"),  # what is trained on lent data is no run to keep
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "mnistlab.exercises._child", json.dumps(task)],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=os.environ | settings,
        start_new_session=True,  # a group of its own, and no terminal
    )
    try:
        return process.wait(START + task["seconds"])  # it ends itself; this is for the worst case
    except subprocess.TimeoutExpired:
        return None
    finally:  # Ctrl-C included
        with suppress(OSError):
            if hasattr(os, "killpg"):  # with the processes that it has started
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


def _end(code: int | None, places: str, path: Path, seconds: float) -> str:
    """How the process ended, with the line of the file if that was written down."""
    crash = re.match(r"(?:Fatal Python error|Windows fatal exception): (.+)", places)
    if crash:
        return f"crashed: {crash[1]}{_place(places, path)}"
    if code is None or places.startswith("Timeout"):
        return f"{stopped_after(seconds)}{_place(places, path)}"
    if code < 0:
        return f"was ended by signal {-code}" + " (no memory left?)" * (code == -9)
    return f"ended the process with exit code {code}"


def _place(dump: str, path: Path) -> str:
    """The innermost line of a file in what `faulthandler` has written; empty if there is none."""
    for name, line, function in re.findall(r'File "(.+)", line (\d+) in (.+)', dump):
        cell = re.match(r"<ipython-input-(\d+)-", name)
        if cell:
            return f"\nat Cell In[{cell[1]}], line {line}, in {function}"
        if name == str(path).encode("ascii", "backslashreplace").decode():
            text = linecache.getline(str(path), int(line)).strip()
            return f"\nat {path.name}, line {line}, in {function}:\n  {text}"
    return ""


def _judgement(
    path: Path, names: Sequence[str], events: list[dict[str, Any]], end: str
) -> Judgement:
    """Put together what the child has written, and what is known of its end."""
    errors = [event["error"] for event in events if "error" in event]
    found = {event["verdict"]["name"]: event["verdict"] for event in events if "verdict" in event}
    *_, last = [event["began"] for event in events if "began" in event]
    if not last:  # no exercise's turn came
        errors.append(f"{path.name} {end}")
    verdicts = []
    for name in (one for one in ALL if one in names):
        if name in found:
            verdicts.append(Verdict(**found[name]))
        else:
            remark = end if name == last else "its turn did not come"
            verdicts.append(Verdict(name, "unfinished", remark))
    return Judgement(str(path), verdicts, errors)
