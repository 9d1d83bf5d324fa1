"""Writes the sheet of exercises as a notebook and as a script, without solutions."""

from __future__ import annotations

import textwrap
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from mnistlab import _files
from mnistlab.exercises._sheet import SHEET, Exercise, Sheet

STEM = "exercises"
"""Name of both files, without suffix."""


def write(folder: Path) -> tuple[Path, Path]:
    """Write the notebook and the script into a folder, which is made if there is none.

    Raises
    ------
    FileExistsError
        If one of the files is there: it may hold somebody's work.
    OSError
        If they can't be written.
    """
    paths = folder / f"{STEM}.ipynb", folder / f"{STEM}.py"
    for path in paths:
        if path.exists():
            raise FileExistsError(
                f"{path} exists and may hold your work; nothing was written. "
                "Name another folder, or move the file away"
            )
    folder.mkdir(parents=True, exist_ok=True)
    _files.write(paths[0], f"{nbformat.writes(notebook(SHEET))}\n".encode())
    _files.write(paths[1], script(SHEET).encode())
    return paths


def notebook(sheet: Sheet) -> nbformat.NotebookNode:
    """The sheet as a notebook: for each exercise its text, code to begin with, and the check."""
    cells = [new_markdown_cell(sheet.introduction), new_code_cell(sheet.imports)]
    for one in sheet.exercises:
        cells += [
            new_markdown_cell(_asked(one)),
            new_code_cell(one.starter),
            new_code_cell(one.call),
        ]
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"  # not a random one: the same sheet gives the same file
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return new_notebook(cells=cells, metadata={"kernelspec": kernel})


def script(sheet: Sheet) -> str:
    """The sheet as a script with a cell for each part, as many editors know them."""
    parts = [_comment(sheet.introduction), f"# %%\n{sheet.imports}"]
    for one in sheet.exercises:
        parts += [_comment(_asked(one)), f"# %%\n{one.starter}", f"# %%\n{_printed(one.call)}"]
    return "\n\n".join(parts) + "\n"


def _asked(exercise: Exercise) -> str:
    return f"## {exercise.title}\n\n{exercise.text}\n\n*Hint.* {exercise.hint}"


def _printed(call: str) -> str:
    """A call that shows its report where there is no notebook to do so."""
    return f"print(\n{textwrap.indent(call, '    ')}\n)" if "\n" in call else f"print({call})"


def _comment(markdown: str) -> str:
    """Markdown as comments, in lines of 96 columns at most."""
    lines = []
    for paragraph in markdown.splitlines():
        lines += textwrap.wrap(paragraph, 94, break_long_words=False) or [""]
    return "\n".join(["# %% [markdown]", *(f"# {line}".rstrip() for line in lines)])
