"""What all checkers have in common: the one decorator that makes a checker."""

from __future__ import annotations

import dis
import functools
import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, ParamSpec

from mnistlab.check.report import Finding, Report, finding, make_report
from mnistlab.check.student.sandbox import judge, require_function

Arguments = ParamSpec("Arguments")


def checker(
    example: str = "", *, question: bool = False
) -> Callable[[Callable[Arguments, Iterator[Finding]]], Callable[Arguments, Report]]:
    """Make a checker of a function that yields what it finds.

    For ``...``, or a function that does nothing, the checker reports ``not-done``. Else it runs the
    findings in the sandbox, within a time limit; see `mnistlab.check.student.sandbox`. What all
    checkers return and raise is added to the docstring.

    Parameters
    ----------
    example : str
        If the first argument must be a function: how one is called in a message, such as
        ``"evaluate"``. Anything but a function is a ``TypeError``.
    question : bool
        Whether the first argument names the question, for the headline of the report.
    """

    def decorate(findings: Callable[Arguments, Iterator[Finding]]) -> Callable[Arguments, Report]:
        signature = inspect.signature(findings)
        name = findings.__name__

        @functools.wraps(findings)
        def check(*arguments: Arguments.args, **named: Arguments.kwargs) -> Report:
            given = signature.bind(*arguments, **named).arguments
            first = next(iter(given.values()))
            report = report_if_unsolved(name, given)
            if not report:
                if example:
                    require_function(name, first, example)
                report = judge(name, lambda: findings(*arguments, **named))
            return replace(report, question=first) if question else report

        check.__doc__ = _documented(findings.__doc__ or "", bool(example))
        check.__annotations__["return"] = "Report"
        check.__signature__ = signature.replace(return_annotation="Report")  # type: ignore[attr-defined]
        return check

    return decorate


_RETURNS = "Returns\n-------\nReport\n\n"
_RAISES = """Raises
------
TypeError
    If the first argument is no function, or a network in place of one.

"""


def _documented(docstring: str, takes_function: bool) -> str:
    """The docstring with the sections that are the same for all, unless it has its own."""
    text = inspect.cleandoc(docstring) + "\n\n"
    added = _RETURNS * ("\nReturns\n" not in text) + _RAISES * takes_function
    place = re.search(r"^(Raises|Notes|Examples)\n-", text, re.MULTILINE)
    at = place.start() if place else len(text)
    return text[:at] + added + text[at:]


def report_if_unsolved(checker: str, given: dict[str, Any]) -> Report | None:
    """Report ``not-done`` if arguments are as the exercise gave them; nothing for any other."""
    unsolved = [
        f"{name} is still ..."
        if value is ...
        else f"the function {getattr(value, '__name__', name)} does nothing yet"
        for name, value in given.items()
        if value is ... or _does_nothing(value)
    ]
    return make_report(checker, [finding("not-done", "; ".join(unsolved))]) if unsolved else None


def _does_nothing(value: object) -> bool:
    """Whether it is a function of no more than a docstring, ``...``, ``pass`` or a bare ``return``."""
    code = getattr(inspect.unwrap(value) if callable(value) else value, "__code__", None)
    if not inspect.iscode(code):
        return False
    steps = [one for one in dis.get_instructions(code) if one.opname not in ("RESUME", "NOP")]
    return all(
        one.opname in ("LOAD_CONST", "RETURN_CONST", "RETURN_VALUE")
        and (one.argval is None or one.argval is ...)
        for one in steps
    )
