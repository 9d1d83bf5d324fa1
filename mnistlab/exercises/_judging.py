"""Judges a student's file in a process of its own, with limits on time and memory.

This is the parent's side; `mnistlab.exercises._child` runs the file, where the system allows it
without a network and with a Python that it can't change, see `mnistlab.exercises._isolation`. No
protection from malicious code: else the child may do what the user may do.
"""

from __future__ import annotations

import json
import os
import re
import signal
import site
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import torch

from mnistlab._limit import PATIENCE
from mnistlab.exercises import EXERCISES, _reading
from mnistlab.exercises._verdicts import Judgement, Verdict, stopped_after

START = 300.0
"""Seconds in which Python with PyTorch must have been loaded; a cold disk can be slow."""

ALL = tuple(one.name for one in EXERCISES)


def judge(
    path: Path,
    names: Sequence[str] = ALL,
    *,
    seconds: float = 120.0,
    memory: float = 4.0,
    shell: bool = False,
) -> Judgement:
    """Run a script or notebook in a fresh process and check what it has defined.

    Parameters
    ----------
    path : Path
        A script (``.py``) or a notebook (``.ipynb``).
    names : sequence of str
        Of the exercises to check.
    seconds : float
        Processor time for the file and all checks, once Python with PyTorch is loaded; on the clock
        it is `mnistlab._limit.PATIENCE` times as much. The file alone gets half of it.
    memory : float
        GiB that the file may use beyond what Python with PyTorch needs, and then the checks beyond
        what the file holds. On Linux.
    shell : bool
        Whether shell commands of a notebook run. Then nothing is kept from the file.

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
        task |= {"shell": shell, "results": str(results), "places": str(places)}
        code = _run(task, folder)
        text = results.read_text(encoding="utf-8") if results.exists() else ""
        *lines, _ = text.split("\n")  # the last one is empty, or was cut when the process ended
        if not lines:
            raise RuntimeError("the process for the check could not begin")
        events = [json.loads(line) for line in lines]
        spent = next((one["spent"] for one in events if "spent" in one), f"{seconds:g} seconds")
        end = _end(code, places.read_text(encoding="utf-8"), path, spent)
        return _judgement(path, names, events, end)


def _run(task: dict[str, Any], folder: Path) -> int | None:
    """Run the child to its end and return its exit code; None if it had to be stopped."""
    settings = {
        "MPLBACKEND": "Agg",
        "PYTHONIOENCODING": "utf-8:backslashreplace",
        "IPYTHONDIR": str(folder / "ipython"),  # nothing is written where the user would find it
        "MNISTLAB_HOME": str(folder / "home"),  # what is trained on lent data is no run to keep
        "PYTHONBREAKPOINT": "0",  # nobody types
    }
    process = subprocess.Popen(
        _command(task, folder),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=os.environ | settings,
        start_new_session=True,  # a group of its own, and no terminal
    )
    try:
        # It ends itself; this is for the worst case.
        return process.wait(START + PATIENCE * task["seconds"])
    except subprocess.TimeoutExpired:
        return None
    finally:  # Ctrl-C included
        with suppress(OSError):
            if hasattr(os, "killpg"):  # with the processes that it has started
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()


def _command(task: dict[str, Any], folder: Path) -> list[str]:
    """The program that runs the child, in isolation where there is such a thing."""
    child = [sys.executable, "-m", "mnistlab.exercises._child", json.dumps(task)]
    if task["shell"] or sys.platform != "linux":
        return child
    read_only = _environment()
    own = [Path(task["file"]).resolve().parent, folder.resolve()]
    writable = [one for one in own if any(map(one.is_relative_to, read_only))]
    settings = {"read_only": [*map(str, read_only)], "writable": [*map(str, writable)]}
    program = str(Path(__file__).with_name("_isolation.py"))
    return [sys.executable, "-I", "-S", program, json.dumps(settings), *child]


def _environment() -> list[Path]:
    """The folders of this Python, its packages and this package, none of them within another."""
    named = [*sysconfig.get_paths().values(), *site.getsitepackages(), site.getusersitepackages()]
    named += [
        sys.prefix,
        sys.base_prefix,
        Path(__file__).parent.parent,
        Path(torch.__file__).parent,
    ]
    folders = {Path(one).resolve() for one in named if Path(one).is_dir()} - {Path("/")}
    return sorted(one for one in folders if folders.isdisjoint(one.parents))


def _end(code: int | None, places: str, path: Path, spent: str) -> str:
    """How the process ended, with the line of the file if that was written down."""
    crash = re.match(r"(?:Fatal Python error|Windows fatal exception): (.+)", places)
    if crash:
        return f"crashed: {crash[1]}{_place(places, path)}"
    if code is None or places.startswith("Timeout"):
        return f"{stopped_after(spent)}{_place(places, path)}"
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
            text = _line_of(path, int(line))
            return f"\nat {path.name}, line {line}, in {function}:\n  {text}"
    return ""


def _line_of(path: Path, number: int) -> str:
    with suppress(OSError):  # the file has deleted itself
        return "".join(_reading.text(path).splitlines()[number - 1 : number]).strip()
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
    left_out = [event["left_out"] for event in events if "left_out" in event]
    (kept_from,) = [event["kept_from"] for event in events if "kept_from" in event] or [[]]
    return Judgement(str(path), verdicts, errors, left_out, kept_from)
