"""The glossary's definitions, as the short plain texts that links to it carry."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from docutils import nodes
from sphinx.builders import Builder

WORDS = {
    "eta": "η",
    "theta": "θ",
    "nabla": "∇",
    "sum": "Σ",
    "star": "⋆",
    "leftarrow": "←",
    "times": "×",
    "cdot": "·",
    "infty": "∞",
    "ln": "ln",
    "dots": "…",
    ",": " ",
}
"""What the glossary's formulas have of TeX's words."""

LOWERED = str.maketrans("0123456789jkt", "₀₁₂₃₄₅₆₇₈₉ⱼₖₜ")
"""Letters that have a lowered twin."""


def plain(formula: str) -> str:
    """A short formula of TeX as text: ``p_t`` becomes ``pₜ``."""
    text = re.sub(r"\\([a-zA-Z]+|,)", lambda word: WORDS.get(word[1], word[1]), formula)
    text = re.sub(
        r"_(?:\{(\w)\}|(\w))", lambda index: (index[1] or index[2]).translate(LOWERED), text
    )
    text = re.sub(r"e\^\{([^}]*)\}", r"exp(\1)", text)
    return re.sub(r"[{}]", "", text).replace("-", "−").replace("−−", "--")


def text_of(definition: nodes.Node) -> str:
    """A definition as one line of text."""
    parts = (part for part in definition.findall() if isinstance(part, nodes.Text | nodes.math))
    pieces = [
        plain(part.astext()) if isinstance(part, nodes.math) else part.astext()
        for part in parts
        if isinstance(part, nodes.math) or not isinstance(part.parent, nodes.math)
    ]
    return re.sub(r"\s+", " ", "".join(pieces)).strip()


class Definitions:
    """Definitions by place in the glossary, looked up when the first is asked for."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def get(self, place: str) -> str | None:
        """The definition at a place such as ``"term-batch"``."""
        return self._all.get(place)

    @cached_property
    def _all(self) -> dict[str, str]:
        return dict(self._found())

    def _found(self) -> Iterator[tuple[str, str]]:
        env = self._builder.env
        objects = env.get_domain("std").get_objects()
        pages = {page for _, _, kind, page, _, _ in objects if kind == "term"}
        for page in sorted(pages):
            for item in env.get_doctree(page).findall(nodes.definition_list_item):
                definition = next(item.findall(nodes.definition))
                for term in item.findall(nodes.term):
                    yield from ((place, text_of(definition)) for place in term["ids"])
