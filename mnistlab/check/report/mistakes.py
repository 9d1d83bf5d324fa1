"""Every mistake that a checker names: its name, why it matters, and where the book explains it.

The one list is `mistakes.md`, which begins with how it is written. It is checked when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import dropwhile
from pathlib import Path
from typing import Literal, get_args

Kind = Literal["problem", "note"]

_PAGE = re.compile(r"### (?P<page>[a-z0-9-]+): (?P<chapter>.+)")
_SECTION = re.compile(r"- (?P<key>[a-z0-9-]+): (?P<title>.+)")
_MISTAKE = re.compile(
    r"\*\*(?P<name>[a-z0-9]+(-[a-z0-9]+)*)\*\* "
    r"\((?P<kind>\S+) in (?P<checkers>\w+(, \w+)*); see (?P<page>[^#\s]+)#(?P<section>\S+)\)"
)
_SECTION_FORM = "- SECTION: TITLE"
_MISTAKE_FORM = "**NAME** (KIND in CHECKERS; see PAGE#SECTION)"


@dataclass(frozen=True)
class Section:
    """A section of the book: its anchor is a label or made from the title."""

    page: str
    chapter: str
    title: str


@dataclass(frozen=True)
class Mistake:
    """One mistake.

    Attributes
    ----------
    name : str
        Short and stable, in lower case with hyphens.
    kind : str
        ``"problem"`` or ``"note"``.
    checkers : tuple of str
        The functions of `mnistlab.check` that report it; empty for all of them.
    section : str
        Key of `SECTIONS`.
    why : str
        One sentence: why it matters.
    """

    name: str
    kind: Kind
    checkers: tuple[str, ...]
    section: str
    why: str


def read(text: str) -> tuple[dict[str, Section], dict[str, Mistake]]:
    """Take a list of mistakes apart: the sections by anchor, the mistakes by name.

    Raises
    ------
    ValueError
        If a line is not as the list's introduction says, or says what can't be.
    """
    chapters: dict[str, str] = {}
    sections: dict[str, Section] = {}
    mistakes: dict[str, Mistake] = {}
    page = ""
    numbered = enumerate(map(str.strip, text.splitlines()), 1)
    lines = dropwhile(lambda one: not one[1].startswith("## "), numbered)
    for number, line in lines:
        if line.startswith("## "):
            page = ""
        elif found := _PAGE.fullmatch(line):
            page = _new(number, "page", found["page"], chapters)
            chapters[page] = found["chapter"]
        elif page and (found := _SECTION.fullmatch(line)):
            key = _new(number, "section", found["key"], sections)
            sections[key] = Section(page, chapters[page], found["title"])
        elif found := _MISTAKE.fullmatch(line):
            name = _new(number, "mistake", found["name"], mistakes)
            kind = _known(number, "kind", found["kind"], get_args(Kind))
            place = _known(number, "page", found["page"], chapters)
            there = [key for key, one in sections.items() if one.page == place]
            section = _known(number, f"section of {place}", found["section"], there)
            checkers = () if found["checkers"] == "all" else tuple(found["checkers"].split(", "))
            _, why = next(lines, (0, ""))
            if not why or why.startswith(("**", "#")):
                raise _fault(number + 1, why or "nothing", f"one line: why {name} matters")
            mistakes[name] = Mistake(name, kind, checkers, section, why)
        elif line:
            raise _fault(number, line, f"a heading, {_SECTION_FORM} or {_MISTAKE_FORM}")
    return sections, mistakes


def _new(number: int, what: str, value: str, others: Iterable[str]) -> str:
    if value in others:
        raise _fault(number, f"the {what} {value} again", "each once")
    return value


def _known(number: int, what: str, value: str, known: Iterable[str]) -> str:
    if value not in known:
        raise _fault(number, f"{what} {value}", f"one of {', '.join(known)}")
    return value


def _fault(number: int, observed: str, expected: str) -> ValueError:
    return ValueError(f"mistakes.md, line {number}: found {observed}; expected {expected}")


SECTIONS, MISTAKES = read(Path(__file__).with_name("mistakes.md").read_text(encoding="utf-8"))
"""All sections by anchor, and all mistakes by name."""

_ELSEWHERE = {
    ("task-3", "convolutional"): "task-5",
    ("task-3", "small_network"): "task-5",
    ("test-2", "test_1"): "test-1",
    ("task-9", "train"): "task-6",
}
"""For a section and a checker the section to take instead."""


def section_of(name: str, checker: str) -> Section:
    """The section that explains a mistake; each network and each test has its own.

    Raises
    ------
    KeyError
        If no mistake has this name.
    """
    key = MISTAKES[name].section
    return SECTIONS[_ELSEWHERE.get((key, checker), key)]
