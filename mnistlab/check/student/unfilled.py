"""An exercise that is still as it was given is told so: there is nothing to judge yet."""

from __future__ import annotations

import dis
import functools
import inspect
from collections.abc import Callable, Iterator
from typing import Any, ParamSpec

from mnistlab.check.report.report import Found, Report, found, make_report

Arguments = ParamSpec("Arguments")


def told_if_unfilled(checker: Callable[Arguments, Report]) -> Callable[Arguments, Report]:
    """Decorate a checker: for ``...``, or a function that does nothing, it reports ``not-done``."""
    signature = inspect.signature(checker)

    @functools.wraps(checker)
    def checked(*arguments: Arguments.args, **named: Arguments.kwargs) -> Report:
        given = signature.bind(*arguments, **named).arguments
        unfilled = list(_unfilled(given))
        if not unfilled:
            return checker(*arguments, **named)
        expected = "your own code in place of the dots"
        return make_report(checker.__name__, [found("not-done", "; ".join(unfilled), expected)])

    return checked


def _unfilled(given: dict[str, Any]) -> Iterator[str]:
    """What is to be told of the arguments that are as the exercise gave them."""
    for name, value in given.items():
        if value is ...:
            yield f"{name} is still ..."
        elif _does_nothing(value):
            yield f"the function {getattr(value, '__name__', name)} does nothing yet"


def require_run(result: object, expected: str) -> None:
    """End the check where the code of a called function has not run, but waits to be run.

    This is for a function that should have done something and has not: a generator that was made
    by code that did run is a matter of its own.
    """
    if inspect.iscoroutine(result):
        result.close()  # else Python warns that it was never awaited
        what = "a coroutine: it has not run yet, because of async def"
    elif inspect.isgenerator(result) or inspect.isasyncgen(result):
        what = "a generator: it has not run yet, because of yield"
    else:
        return
    hint = f"{expected}, with return in a plain def"
    raise Found(found("wrong-type", f"the function returns {what}", hint))


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
