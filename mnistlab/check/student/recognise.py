"""What a student's function returns, and which mistake gives it.

A wrong formula is recognised by its numbers: the right one has parts that people get wrong, and for
each way to get some of them wrong it gives other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from typing import Any

from mnistlab._preserved import printed
from mnistlab.check.report import Finding, finding
from mnistlab.check.student.sandbox import call
from mnistlab.check.student.values import one_number
from mnistlab.tables import number_text

Formula = Callable[..., Any]

MOST_MISTAKES = 2
"""So many mistakes in one formula are told apart; with more, the numbers could be anything's."""


@dataclass(frozen=True)
class Part:
    """A part of a formula that people get wrong."""

    name: str  # name of the mistake
    option: str  # the formula's argument
    values: Mapping[Any, str]  # what it may wrongly be, with what that means, as a finding tells it


def ask(f: Callable[..., Any], arguments: Sequence[Any], shown: str) -> int | float:
    """The number that a student's function returns for these arguments."""
    with printed() as output:
        value = call(f, *arguments, shown=shown)
    return one_number(value, f"{shown} returns", "a whole number", output.text)


def recognised(
    parts: Sequence[Part], formula: Formula, asked: Sequence[Sequence[Any]], answers: Sequence[Any]
) -> list[tuple[Part, Any]]:
    """The fewest mistakes that give these answers: parts and their values; empty if there are none."""
    for count in range(1, MOST_MISTAKES + 1):
        for chosen in combinations(parts, count):
            if len({part.option for part in chosen}) < count:
                continue
            for values in product(*(part.values for part in chosen)):
                options = {part.option: v for part, v in zip(chosen, values, strict=True)}
                if [formula(*arguments, **options) for arguments in asked] == list(answers):
                    return list(zip(chosen, values, strict=True))
    return []


def explained(
    parts: Sequence[Part],
    formula: Formula,
    asked: Sequence[Sequence[Any]],
    answers: Sequence[Any],
    told: Callable[[int, Any], tuple[str, str]],
    otherwise: str,
) -> Iterator[Finding]:
    """Compare answers with the formula's, and name the mistakes that give the wrong ones.

    ``told`` takes the place of a wrong answer, and the right one; it says what was seen and what was
    expected. Of two mistakes, each is told where it alone would be seen. ``otherwise`` is the name
    of what is not recognised.
    """
    right = [formula(*arguments) for arguments in asked]
    wrong = [place for place, answer in enumerate(answers) if answer != right[place]]
    found = recognised(parts, formula, asked, answers) if wrong else []
    for part, value in found:
        alone = [formula(*arguments, **{part.option: value}) for arguments in asked]
        place = max(wrong, key=lambda i: (alone[i] == answers[i], alone[i] != right[i]))
        seen, expected = told(place, right[place])
        yield finding(part.name, f"{seen}: {part.values[value]}", expected)
    if wrong and not found:
        yield finding(otherwise, *told(wrong[0], right[wrong[0]]))


def grouped(number: float) -> str:
    """A number as the book writes it, or rounded if it is a very large one."""
    if not isinstance(number, int):
        return f"{number:g}"
    return number_text(number) if abs(number) < 10**18 else f"{Decimal(number):.3g}"
