"""A mark stays on the line of the code or the formula that it belongs to.

A browser may begin a new line before and after whatever is set as a box, such as code that is not to
be broken, or a formula. So a line could begin with a full stop, or end with an opening bracket.
"""

from __future__ import annotations

import re

from bs4 import BeautifulSoup, NavigableString, Tag

OPENING = re.compile(r"[(\[“‘]+$")
CLOSING = re.compile(r"^[.,;:!?)\]”’]+")

LONGEST = 24
"""Characters; longer code may have to be broken on a phone."""


def marks_with_their_words(page: BeautifulSoup) -> None:
    """Put code or a formula, and the marks that touch it, into a span that is not broken."""
    for word in page.select("article :not(pre) > code, article span.math"):
        if len(word.get_text()) <= LONGEST:
            _together(page, _outermost(word))


def _outermost(word: Tag) -> Tag:
    """The link or the emphasis around it, if there is nothing else in that."""
    parent = word.parent
    alone = (
        parent is not None and parent.name in ("a", "em", "strong") and len(parent.contents) == 1
    )
    return _outermost(parent) if alone and parent is not None else word


def _together(page: BeautifulSoup, word: Tag) -> None:
    before, after = word.previous_sibling, word.next_sibling
    opening = OPENING.search(before) if type(before) is NavigableString else None
    closing = CLOSING.search(after) if type(after) is NavigableString else None
    if opening is None and closing is None:
        return
    span = word.wrap(page.new_tag("span", attrs={"class": "together"}))
    if opening is not None and before is not None:
        span.insert(0, opening[0])
        before.replace_with(opening.string[: opening.start()])
    if closing is not None and after is not None:
        span.append(closing[0])
        after.replace_with(closing.string[closing.end() :])
