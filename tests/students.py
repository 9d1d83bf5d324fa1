"""Students' files, and the command that checks them, for the tests of both."""

import json
from pathlib import Path
from typing import Any

import nbformat
from click.testing import CliRunner, Result
from nbformat.v4 import new_code_cell, new_notebook

from mnistlab.cli import program

AMPLE = ("--seconds", "500")
"""More than any machine needs."""


def call(*arguments: object) -> Result:
    """Run ``check`` here; the file runs in a process of its own."""
    words = ["check", *map(str, arguments)]
    result = CliRunner().invoke(program, words, prog_name="python -m mnistlab")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def document(*arguments: object) -> dict[str, Any]:
    """What ``--json`` prints, with the exercises by name."""
    result = call("--json", *arguments)
    found = json.loads(result.stdout)
    assert list(found) == ["passed", "file", "exercises", "errors", "left_out", "kept_from"]
    assert result.exit_code == (0 if found["passed"] else 1)
    found["exercises"] = {one.pop("name"): one for one in found["exercises"]}
    return found


def states(found: dict[str, Any]) -> dict[str, str]:
    """The state of each exercise."""
    return {name: one["state"] for name, one in found["exercises"].items()}


def notebook_of(path: Path, *cells: str) -> Path:
    """Write a notebook with these cells."""
    nbformat.write(new_notebook(cells=[new_code_cell(cell) for cell in cells]), path)
    return path
