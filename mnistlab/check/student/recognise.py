"""What a student's function returns, and which mistake gives it.

A wrong formula is recognized by its numbers: the right one has parts that people get wrong, and for
each way to get some of them wrong it gives other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations, product
from operator import eq
from typing import Any

from mnistlab._preserved import printed
from mnistlab.check.report import Finding, finding
from mnistlab.check.student.sandbox import call
from mnistlab.check.student.values import one_number, require_returned
from mnistlab.tables import number_text

Formula = Callable[..., Any]
"""The right function; further arguments with defaults, its options, make it wrong."""

Cases = Mapping[str, Sequence[Any]]
"""What a function is asked for: each call as a message shows it, and its arguments."""

MOST_MISTAKES = 2
"""So many mistakes in one formula are told apart; with more, the numbers could be anything's."""


@dataclass(frozen=True)
class Part:
    """A part of a formula that people get wrong."""

    name: str  # name of the mistake
    option: str  # the formula's option
    values: Mapping[Any, str]  # what it may wrongly be, with what that means, as a finding tells it


def ask(
    f: Callable[..., Any], arguments: Sequence[Any], shown: str, expected: str = "a whole number"
) -> int | float:
    """The number that a student's function returns for these arguments."""
    return one_number(returned(f, arguments, shown, expected), shown, expected)


def returned(f: Callable[..., Any], arguments: Sequence[Any], shown: str, expected: str) -> Any:
    """What a student's function returns; None, with or without something printed, ends the check."""
    with printed() as output:
        value = call(f, *arguments, shown=shown)
    require_returned(value, shown, expected, output.text)
    return value


def compare_with_formula(
    answers: Sequence[float],
    formula: Formula,
    parts: Sequence[Part],
    cases: Cases,
    expected: str,
    otherwise: str,
    constant: str = "",
) -> Iterator[Finding]:
    """Compare numbers with a formula's, and name the mistakes that give the wrong ones.

    ``expected`` is the right formula in words. ``otherwise`` is the name of what is not recognized,
    and ``constant`` that of one number for all cases, if this is no single mistake in the formula.
    """

    same_for_all = len(answers) > len(set(answers)) == 1
    if constant and same_for_all and len(recognised(parts, formula, cases, answers)) != 1:
        parts, otherwise = (), constant

    def told(shown: str, answer: float, right: int) -> tuple[str, str]:
        again = ", as for all other sizes" if otherwise == constant else ""
        return f"{shown} is {grouped(answer)}{again}", f"{grouped(right)}: {expected}"

    yield from explained(answers, formula, parts, cases, told, otherwise)


def explained(
    answers: Sequence[Any],
    formula: Formula,
    parts: Sequence[Part],
    cases: Cases,
    told: Callable[[str, Any, Any], tuple[str, str]],
    otherwise: str,
    same: Callable[[Any, Any], bool] = eq,
) -> Iterator[Finding]:
    """The same for answers of any kind.

    ``told`` takes a call, its wrong answer and the right one; it says what was seen and what was
    expected. Of two mistakes, each is told where it alone would be seen. ``same`` says whether an
    answer is a number of the formula.
    """
    calls, right = list(cases), [formula(*arguments) for arguments in cases.values()]
    wrong = [place for place, answer in enumerate(answers) if not same(answer, right[place])]
    found = recognised(parts, formula, cases, answers, same) if wrong else []
    for part, value in found:
        alone = [formula(*arguments, **{part.option: value}) for arguments in cases.values()]
        place = max(wrong, key=lambda i: (same(answers[i], alone[i]), not same(alone[i], right[i])))
        seen, expected = told(calls[place], answers[place], right[place])
        yield finding(part.name, f"{seen}: {part.values[value]}", expected)
    if wrong and not found:
        yield finding(otherwise, *told(calls[wrong[0]], answers[wrong[0]], right[wrong[0]]))


def recognised(
    parts: Sequence[Part],
    formula: Formula,
    cases: Cases,
    answers: Sequence[Any],
    same: Callable[[Any, Any], bool] = eq,
) -> list[tuple[Part, Any]]:
    """The fewest mistakes that give these answers: parts and their values; empty if there are none."""
    for count in range(1, MOST_MISTAKES + 1):
        for chosen in combinations(parts, count):
            if len({part.option for part in chosen}) < count:
                continue
            for values in product(*(part.values for part in chosen)):
                options = {part.option: v for part, v in zip(chosen, values, strict=True)}
                pairs = zip(cases.values(), answers, strict=True)
                if all(same(answer, formula(*arguments, **options)) for arguments, answer in pairs):
                    return list(zip(chosen, values, strict=True))
    return []


def grouped(number: float) -> str:
    """A number as the book writes it, or rounded if it is a very large one."""
    if number != int(number):
        return f"{number:g}"
    whole = int(number)
    return number_text(whole) if abs(whole) < 10**18 else f"{Decimal(whole):.3g}"
