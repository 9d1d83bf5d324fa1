"""Every mistake that a checker names: its name, why it matters, and where the book explains it.

They stand in `mistakes.toml`, which begins with how it is written.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, get_args

Kind = Literal["problem", "note"]


@dataclass(frozen=True)
class Section:
    """A section of the book: its anchor is a label or made from the title."""

    page: str
    chapter: str
    title: str

    def __str__(self) -> str:
        """The section as a report names it."""
        alone = self.title == self.chapter
        return self.chapter if alone else f"{self.chapter}, section “{self.title}”"


@dataclass(frozen=True, kw_only=True)
class Mistake:
    """One mistake; what the fields hold, the table's introduction says."""

    kind: Kind
    section: str
    why: str
    observed: str = ""
    expected: str = ""
    checkers: tuple[str, ...] = ()
    sections: dict[str, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()


def read(table: Mapping[str, Any]) -> tuple[dict[str, Section], dict[str, Mistake]]:
    """Take the table apart: the sections by key, the mistakes by name.

    Raises
    ------
    ValueError
        If something is missing, has another name than the table's introduction says, or refers to
        what is not there.
    """
    sections: dict[str, Section] = {}
    for page, one in table["pages"].items():
        for key, title in one["sections"].items():
            if key in sections:
                raise ValueError(f"mistakes.toml: two pages have a section {key}; rename one")
            sections[key] = Section(page, one["chapter"], title)
    mistakes = {name: _mistake(name, entry, sections) for name, entry in table["mistakes"].items()}
    return sections, mistakes


def _mistake(name: str, entry: dict[str, Any], sections: Mapping[str, Section]) -> Mistake:
    kinds = entry.keys() & set(get_args(Kind))
    if len(kinds) != 1:
        raise ValueError(
            f"mistakes.toml, {name}: expected either problem or note, and the checkers"
        )
    rest = {key: value for key, value in entry.items() if key not in kinds}
    rest["aliases"] = tuple(entry.get("aliases", ()))
    (kind,) = kinds
    try:
        mistake = Mistake(kind=kind, checkers=tuple(entry[kind]), **rest)
    except TypeError as error:  # a key that is missing, or that there is not
        raise ValueError(f"mistakes.toml, {name}: {error}") from None
    for key in (mistake.section, *mistake.sections.values()):
        if key not in sections:
            raise ValueError(f"mistakes.toml, {name}: no page has a section {key!r}")
    return mistake


SECTIONS, MISTAKES = read(tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8")))
"""All sections by key, and all mistakes by name."""


class Name(str):
    """Name of a mistake. It equals the names that the mistake had before, too.

    So ``"old-name" in [one.name for one in report.problems]`` goes on working. Sets and dictionaries
    know the present name only.
    """

    __slots__ = ()
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        return str.__eq__(self, other) is True or other in MISTAKES[str(self)].aliases

    def __ne__(self, other: object) -> bool:
        return not self == other


def section_of(name: str, checker: str) -> Section:
    """The section that explains a mistake; each network and each test has its own.

    Raises
    ------
    KeyError
        If no mistake has this name.
    """
    mistake = MISTAKES[name]
    return SECTIONS[mistake.sections.get(checker, mistake.section)]
