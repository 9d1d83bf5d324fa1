"""Formulas have their place before they are set, so that nothing moves when they are.

MathJax sets the formulas of a page after the page is seen. Matplotlib, which has the same typeface,
tells here how large each will be; until it is set, the style sheet keeps that much room for it.
"""

from __future__ import annotations

import re
from functools import cache

from bs4 import BeautifulSoup
from matplotlib.font_manager import FontProperties
from matplotlib.mathtext import MathTextParser

SIZE = 100
"""Of the letters that are measured, in points."""

EX = 0.442
"""An ex of MathJax's typeface in em."""

ROW = 2.95
"""Height in ex of a row of an ``array`` or of ``aligned``, which Matplotlib does not know."""

RELATION = re.compile(r"=|\\(approx|leftarrow|geq|leq)\b|[<>]")
OPERATION = re.compile(r"[-+]|\\(cdot|times|ast|pm)\b")
CLOSER = 0.2, 5 / 18, 4 / 18
"""Space in em on both sides of a relation and of an operation: Matplotlib's, and TeX's of each."""

OTHER_NAMES = (
    (r"\\ge\b", r"\\geq"),
    (r"\\le\b", r"\\leq"),
    (r"\\star\b", r"\\ast"),
    (r"\\xrightarrow\{(\\text\{\w+\})\}", r"\\overset{\1}{\\longrightarrow}"),
    (r"\\[dt]?frac\b", r"\\dfrac"),
    (r"\s+", " "),
)
"""What Matplotlib calls what MathJax knows, and what is about as large."""


def formulas_with_places(page: BeautifulSoup) -> None:
    """Say at each formula how much room it will take; what can't be measured is left as it is."""
    for formula in page.select("article span.math"):
        size = measured(formula.get_text().strip().removeprefix(r"\(").removesuffix(r"\)"))
        if size is not None:
            formula["style"] = f"--formula-width: {size[0]:.2f}ex"
    for formula in page.select("article div.math"):
        tex = formula.get_text().partition(r"\[")[2].rpartition(r"\]")[0]
        size = measured(tex)
        height = size[1] if size is not None else ROW * (tex.count(r"\\") + 1)
        formula["style"] = f"--formula-height: {height:.2f}ex"


@cache
def measured(tex: str) -> tuple[float, float] | None:
    """Width and height of a formula in MathJax's ex, within a few percent.

    ``None`` if Matplotlib can't set it.
    """
    for pattern, name in OTHER_NAMES:
        tex = re.sub(pattern, name, tex)
    letters = FontProperties(size=SIZE, math_fontfamily="cm")
    try:
        parsed = MathTextParser("path").parse(f"${tex.strip()}$", dpi=72, prop=letters)
    except ValueError:
        return None
    matplotlibs, relations, operations = CLOSER
    wider = 2 * (relations - matplotlibs) * len(RELATION.findall(tex))
    wider += 2 * (operations - matplotlibs) * len(OPERATION.findall(tex))
    return (parsed.width / SIZE + wider) / EX, parsed.height / SIZE / EX
