"""A small table that prints as text and shows as HTML in a notebook."""

from __future__ import annotations

import html
from collections.abc import Sequence


def number_text(number: int) -> str:
    """A whole number as the book writes it: from five digits on in groups of three, ``"89 610"``, else ``"3136"``."""
    return f"{number:,}".replace(",", "\N{NARROW NO-BREAK SPACE}" if abs(number) > 9999 else "")


def signed(number: float, digits: int) -> str:
    """A number with its sign, a true minus where it is negative: ``"+0.046"``, ``"−0.010"``."""
    return f"{number:+.{digits}f}".replace("-", "\N{MINUS SIGN}")


PHONE = 45
"""Letters that a phone has room for: a table with longer rows becomes a list there."""


class Table:
    """Headings and rows of cells, to the right; the first column to the left, unless it holds numbers.

    In HTML a table that is too wide for a phone has the class ``stacked``: the book's style sheet
    makes a list of it there, in which each cell stands beside its heading.

    Parameters
    ----------
    headings : sequence of str
        One per column.
    rows : sequence of sequences
        One per row; ``int`` is grouped in threes, other cells are shown with ``str``.

    Raises
    ------
    ValueError
        If a row has more or fewer cells than there are headings.
    """

    def __init__(self, headings: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        self.headings = tuple(headings)
        self.rows = [tuple(_text(cell) for cell in row) for row in rows]
        self.numbered = bool(rows) and all(isinstance(row[0], int | float) for row in rows if row)
        for row in self.rows:
            if len(row) != len(self.headings):
                raise ValueError(f"row {row} has {len(row)} cells; expected {len(self.headings)}")

    def __repr__(self) -> str:
        lines, widths = [self.headings, *self.rows], self._widths()
        first = str.rjust if self.numbered else str.ljust
        return "\n".join(
            "  ".join([first(line[0], widths[0]), *map(str.rjust, line[1:], widths[1:])]).rstrip()
            for line in lines
        )

    def _widths(self) -> list[int]:
        """Letters in the longest cell of each column."""
        return [max(map(len, column)) for column in zip(self.headings, *self.rows, strict=True)]

    def _repr_html_(self) -> str:
        head = "".join(f'<th scope="col">{html.escape(heading)}</th>' for heading in self.headings)
        body = "".join(
            f"<tr><td>{_unbroken(row[0])}</td>"
            + "".join(
                f'<td data-heading="{html.escape(heading)}">{_unbroken(cell)}</td>'
                for heading, cell in zip(self.headings[1:], row[1:], strict=True)
            )
            + "</tr>"
            for row in self.rows
        )
        table = f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
        kind = " numbered" if self.numbered else ""
        kind += " stacked" if sum(self._widths()) > PHONE else ""
        return f'<table class="table mnistlab-table{kind}">{table}</table>'


def _text(cell: object) -> str:
    is_whole = isinstance(cell, int) and not isinstance(cell, bool)
    return number_text(cell) if is_whole else str(cell)


def _unbroken(cell: str) -> str:
    """A cell as HTML; a range such as 0.54–0.60 does not break over a line."""
    return html.escape(cell).replace("–", "&NoBreak;–&NoBreak;")
