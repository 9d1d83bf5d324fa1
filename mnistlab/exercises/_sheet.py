"""Reads the sheet of exercises.

First comes an introduction with a block of Python, the imports. An exercise begins with a heading
of the second level that ends in its name in braces, as in ``## Task 2: batches {data_loaders}``. It
has a block of Python to begin with, a paragraph that begins with ``Hint:``, and a second block,
the checker's call.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

_HEADING = re.compile(r"^## (?P<title>.+) \{(?P<name>[a-z_0-9-]+)\}$", re.MULTILINE)
_BLOCK = re.compile(r"^```python\n(.*?)^```\n?", re.MULTILINE | re.DOTALL)
_HINT = re.compile(r"^Hint: (.+?)(?:\n\n|\Z)", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Exercise:
    """One exercise.

    Attributes
    ----------
    name : str
        Short and stable, such as ``"data_loaders"``.
    title : str
        Its heading.
    text : str
        What is asked, in Markdown.
    starter : str
        Code to begin with, which defines `names`.
    hint : str
        In Markdown.
    call : str
        The checker's call, such as ``"check.data_loaders(train_loader, test_loader)"``.
    """

    name: str
    title: str
    text: str
    starter: str
    hint: str
    call: str

    @property
    def names(self) -> tuple[str, ...]:
        """What of the solution the call uses, in the order of the call."""
        nodes = ast.walk(ast.parse(self.call))
        found = (node.id for node in nodes if isinstance(node, ast.Name))
        return tuple(dict.fromkeys(name for name in found if name != "check"))


@dataclass(frozen=True)
class Sheet:
    """All exercises.

    Attributes
    ----------
    introduction : str
        In Markdown, with a heading.
    imports : str
        Code that comes before all other.
    exercises : tuple of Exercise
        In the order of the sheet.
    """

    introduction: str
    imports: str
    exercises: tuple[Exercise, ...]


def read(text: str) -> Sheet:
    """Take a sheet apart.

    Raises
    ------
    ValueError
        If a part is missing, or two exercises have the same name.
    """
    introduction, *parts = _HEADING.split(text)
    exercises = tuple(map(_exercise, parts[0::3], parts[1::3], parts[2::3]))
    names = [one.name for one in exercises]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"two exercises of the sheet are named {name}; rename one")
    (imports,) = _blocks("the introduction", introduction, 1)
    return Sheet(_BLOCK.sub("", introduction).strip(), imports, exercises)


def _exercise(title: str, name: str, body: str) -> Exercise:
    starter, call = _blocks(name, body, 2)
    hint = _HINT.search(body)
    if hint is None:
        raise ValueError(
            f"{name}, an exercise of the sheet, has no paragraph that begins with Hint:"
        )
    text = _HINT.sub("", _BLOCK.sub("", body)).strip()
    return Exercise(name, title, text, starter, hint[1].strip(), call)


def _blocks(name: str, text: str, count: int) -> list[str]:
    blocks = [block.strip() for block in _BLOCK.findall(text)]
    if len(blocks) != count:
        plural = "" if len(blocks) == 1 else "s"
        raise ValueError(
            f"{name} of the sheet has {len(blocks)} block{plural} of Python; expected {count}"
        )
    return blocks


SHEET = read(Path(__file__).with_name("sheet.md").read_text(encoding="utf-8"))
EXERCISES = SHEET.exercises
