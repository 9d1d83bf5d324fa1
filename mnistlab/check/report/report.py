"""What a checker says: findings, and the report that shows them as text and as a card."""

from __future__ import annotations

import html
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mnistlab.check.report.mistakes import MISTAKES, Name, section_of

WIDTH = 88
"""Columns of a report printed as text."""

MOST_SHOWN = 3
"""So many places of one mistake are listed, such as layers without tanh."""


@dataclass(frozen=True)
class Finding:
    """One thing that a checker found.

    Attributes
    ----------
    name : str
        Short and stable, such as ``"no-flatten"``: what scripts can rely on.
    observed, expected : str
        What the checker saw, and what it should have seen.
    why : str
        Why it matters.
    section : str
        Chapter and section of the book that explain it.
    """

    name: str
    observed: str
    expected: str
    why: str
    section: str


class CheckFailed(AssertionError):  # noqa: N818 - reads as what happened
    """A report with problems was required to have none."""


class StopCheck(Exception):  # noqa: N818 - it carries a finding and is no error of the checker
    """Ends a check: after this finding nothing more can be learned."""

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.name)
        self.finding = finding


@dataclass(frozen=True)
class Report:
    """The result of one checker. Prints as text, and shows as a card in a notebook.

    Attributes
    ----------
    checker : str
        Name of the checker, such as ``"fully_connected"``.
    problems : tuple of Finding
        What makes the solution wrong, the most telling first.
    notes : tuple of Finding
        What is worth knowing although the solution is right.
    question : str
        Which of its questions, for a checker that has several, such as ``"full-batches"``.
    """

    checker: str
    problems: tuple[Finding, ...] = ()
    notes: tuple[Finding, ...] = ()
    question: str = ""

    @property
    def passed(self) -> bool:
        """Whether there are no problems; notes do not count."""
        return not self.problems

    def require(self) -> None:
        """Do nothing if the check passed; for scripts and autograders.

        Raises
        ------
        CheckFailed
            If there are problems. An ``AssertionError`` whose message is the whole report.
        """
        if not self.passed:
            raise CheckFailed(f"\n{self}")

    def __str__(self) -> str:
        return "\n\n".join([_headline(self), *(_text(*one) for one in _findings(self))])

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return _card(self)


def finding(name: str, observed: str = "", expected: str = "", /, **values: object) -> Finding:
    """A finding whose reason and section are those of the table of mistakes.

    What was observed and what is expected are the table's too, unless they are said here. Each
    ``{name}`` in the table's words is filled with the one of ``values`` that has this name.

    Raises
    ------
    KeyError
        If no mistake has this name, or a value is missing.
    ValueError
        If either is said neither here nor there.
    """
    mistake = MISTAKES[name]
    observed = observed or mistake.observed.format(**values)
    expected = expected or mistake.expected.format(**values)
    if not (observed and expected):
        raise ValueError(f"{name}: say what is observed and expected, here or in mistakes.toml")
    return Finding(Name(name), observed, expected, mistake.why, str(section_of(name, "")))


def stop(name: str, observed: str = "", expected: str = "", /, **values: object) -> StopCheck:
    """To be raised with a `finding` after which nothing more can be learned."""
    return StopCheck(finding(name, observed, expected, **values))


def first_answer(questions: Iterable[Iterable[Finding]]) -> list[Finding]:
    """What the first of these questions finds that finds anything; the others are not asked."""
    return next(filter(None, map(list, questions)), [])


def make_report(checker: str, findings: Iterable[Finding]) -> Report:
    """Sort findings into problems and notes, in the order in which they come first.

    What was found under the same name twice, such as for the loss and for the accuracy, is one
    finding that tells both.
    """
    by_name: dict[str, list[Finding]] = {}
    for one in findings:
        by_name.setdefault(one.name, []).append(one)
    merged = [
        replace(
            same[0],
            observed=_joined(one.observed for one in same),
            expected=_joined(one.expected for one in same),
            section=str(section_of(name, checker)),
        )
        for name, same in by_name.items()
    ]
    problems = tuple(one for one in merged if MISTAKES[one.name].kind == "problem")
    notes = tuple(one for one in merged if MISTAKES[one.name].kind == "note")
    return Report(checker, problems, notes)


def _joined(texts: Iterable[str]) -> str:
    """Each once; of many the first ones and how many more there are."""
    different = list(dict.fromkeys(texts))
    if len(different) > MOST_SHOWN + 1:
        different[MOST_SHOWN:] = [f"and {len(different) - MOST_SHOWN} more"]
    return "\n".join(different)


def _findings(report: Report) -> list[tuple[str, Finding]]:
    """All findings, each with its kind: the problems first."""
    return [("problem", one) for one in report.problems] + [("note", one) for one in report.notes]


def _headline(report: Report) -> str:
    verdict = "passed" if report.passed else counted(len(report.problems), "problem")
    notes = f", {counted(len(report.notes), 'note')}" if report.notes else ""
    return f"{f'{report.checker} {report.question}'.rstrip()}: {verdict}{notes}"


def counted(number: int, word: str) -> str:
    """``counted(3, "number")`` is ``"3 numbers"``."""
    return f"{number} {word}" + ("" if number == 1 else "s")


def _text(kind: str, one: Finding) -> str:
    lines = [f"{kind}: {one.name}"]
    for label, value in _rows(one):
        lines += _wrapped(f"  {label:<10}", value)
    return "\n".join(lines)


def _rows(one: Finding) -> list[tuple[str, str]]:
    rows = [("observed", one.observed), ("expected", one.expected)]
    return [*rows, ("why", one.why), ("read", one.section)]


def _wrapped(label: str, value: str) -> list[str]:
    """A value in lines of `WIDTH` columns; its own line breaks are kept."""
    lines, before = [], label
    for line in value.splitlines() or [""]:
        hanging = " " * (len(label) + len(line) - len(line.lstrip()))
        text = textwrap.fill(line, WIDTH, initial_indent=before, subsequent_indent=hanging)
        lines.append(text or before)
        before = " " * len(label)
    return lines


# Only borders carry colour, and words say the same. Text and background stay those of the page, so
# the card is legible in a light and in a dark one.
_STYLES = {"problem": "#d55e00", "note": "#0072b2", "passed": "#009e73"}


def _card(report: Report) -> str:
    state = "passed" if report.passed else "problem"
    mark = "✓" if report.passed else "✗"
    headline = html.escape(_headline(report))
    style = (
        f"border:1px solid {_STYLES[state]};border-left-width:6px;border-radius:4px;"
        "padding:0.6em 0.9em;margin:0.5em 0;max-width:46em;line-height:1.45;"
        "color:inherit;background:transparent"
    )
    return (
        f'<div class="mnistlab-report" role="group" aria-label="{headline}" style="{style}">'
        f'<div style="font-weight:bold"><span aria-hidden="true">{mark}</span> {headline}</div>'
        f"{''.join(_part(*one) for one in _findings(report))}</div>"
    )


def _part(kind: str, one: Finding) -> str:
    cells = "".join(
        f'<dt style="font-weight:bold;margin:0">{label}</dt>'
        f'<dd style="margin:0;white-space:pre-wrap;overflow-wrap:anywhere">{html.escape(value)}</dd>'
        for label, value in _rows(one)
    )
    border = f"border-left:4px solid {_STYLES[kind]};padding-left:0.7em;margin-top:0.7em"
    columns = "display:grid;grid-template-columns:max-content 1fr;gap:0.15em 0.9em;margin:0.2em 0 0"
    title = f"{kind}: <code>{html.escape(one.name)}</code>"
    return (
        f'<div style="{border}"><div style="font-weight:bold">{title}</div>'
        f'<dl style="{columns}">{cells}</dl></div>'
    )
