"""What a page's references say in the book, for text that leaves it.

In a downloaded notebook there is nothing that a reference could lead to. What remains is what it
reads: the number of a chapter or of a figure, the authors and the year of a work.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import cast

from pybtex.database import BibliographyData, Entry
from sphinx.environment import BuildEnvironment
from sphinxcontrib.bibtex.domain import BibtexDomain

NUMBERED = re.compile(
    r"\{numref\}`(?:(?P<words>[^`<]*%s[^`<]*)<(?P<of>[^`>]+)>|(?P<label>[^`<]+))`"
)
EQUATION = re.compile(r"\{eq\}`([^`]+)`")
TITLED = re.compile(r"\{(?:ref|doc)\}`([^`<]+)`")
CITED = re.compile(r"\{cite(?P<kind>:t)?\}`(?P<key>[^`]+)`")


@dataclass(frozen=True)
class References:
    """The numbers of labels, as "Figure 10.1" or "10.2", their titles, and works as authors and year."""

    numbers: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    works: dict[str, tuple[str, str]] = field(default_factory=dict)

    def resolved(self, text: str) -> str:
        """MyST Markdown in which references to numbers, titles and works are plain words.

        One that is not known reads as its label, in italics.
        """
        text = NUMBERED.sub(self._number, text)
        text = EQUATION.sub(lambda found: self.numbers.get(found[1], f"*{found[1]}*"), text)
        text = TITLED.sub(lambda found: self.titles.get(found[1], f"*{found[1]}*"), text)
        return CITED.sub(self._work, text)

    def caption(self, label: str) -> str:
        """How the caption of a figure begins."""
        return f"**{self.numbers[label]}.** " if label in self.numbers else ""

    def _number(self, found: re.Match[str]) -> str:
        label = found["of"] or found["label"]
        number = self.numbers.get(label, f"*{label}*")
        return found["words"].strip().replace("%s", number) if found["words"] else number

    def _work(self, found: re.Match[str]) -> str:
        if found["key"] not in self.works:
            return f"*{found['key']}*"
        authors, year = self.works[found["key"]]
        return f"{authors} ({year})" if found["kind"] else f"({authors}, {year})"


def references(env: BuildEnvironment) -> References:
    """All references that pages of a book can make, once its pages are numbered."""
    std, cite = env.domains["std"], cast(BibtexDomain, env.domains["cite"])
    numbers = {
        label: number
        for label, (page, anchor) in (std.anonlabels | env.domains["math"].equations).items()
        if (number := _number_of(env, page, str(anchor), label))
    }
    titles = {page: title.astext() for page, title in env.titles.items()}
    titles |= {label: title for label, (_, _, title) in std.labels.items()}
    return References(numbers, titles, works(cite.bibdata.data))


def _number_of(env: BuildEnvironment, page: str, anchor: str, label: str) -> str:
    """The number of what a label leads to; empty where it has none."""
    for kind, numbers in env.toc_fignumbers.get(page, {}).items():
        if number := numbers.get(f"equation-{label}" if kind == "displaymath" else anchor):
            dotted = ".".join(map(str, number))
            named = env.config.numfig_format.get(kind, "%s")
            return f"({dotted})" if kind == "displaymath" else named.replace("%s", dotted)
    sections = env.toc_secnumbers.get(page, {})
    return ".".join(map(str, sections.get(f"#{anchor}") or sections.get("") or ()))


def works(data: BibliographyData) -> dict[str, tuple[str, str]]:
    """Of each entry of a bibliography its authors, in short, and the year."""
    return {
        key: (_authors(entry), entry.fields.get("year", "")) for key, entry in data.entries.items()
    }


def _authors(entry: Entry) -> str:
    """One name or two, or the first and "et al."."""
    people = entry.persons.get("author") or entry.persons.get("editor") or []
    names = [" ".join(one.prelast_names + one.last_names).strip("{}") for one in people]
    return " and ".join(names) if len(names) < 3 else f"{names[0]} et al."
