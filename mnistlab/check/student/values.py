"""Reads what students return: numbers and lists, as floats, tensors or arrays, in any container.

`one_number`, `two_numbers` and `list_of` end the check with a finding where the value is something
else; `number` and `numbers` give None instead.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from decimal import Decimal
from numbers import Integral, Real
from typing import Any, TypeVar

import numpy as np
from torch import Tensor

from mnistlab import _checks
from mnistlab.check.report import stop

Value = TypeVar("Value")

LONGEST = 1023
"""Binary digits; a number with more may be too large for a ``float``."""


# --- values that a check needs, or it ends


def one_number(value: object, shown: str, expected: str) -> int | float:
    """A finite number; an ``int`` only if it came as a whole number's type. True and False are none.

    ``shown`` says what it is, such as ``"f(3)"`` or ``"the answer"``; ``expected`` is such as
    ``"a whole number"``.

    Raises
    ------
    StopCheck
        With ``wrong-type`` if it is anything else.
    """
    value = item_of(value)
    read = None if isinstance(value, bool) else number(value)
    if read is None or not math.isfinite(read):
        expected += "; write it without quotation marks" if isinstance(value, str) else ""
        raise stop("wrong-type", f"{shown} is {described(value)}", expected)
    return int(value) if isinstance(value, Integral) else read


def pair(result: object, expected: str, output: str = "") -> tuple[Any, Any]:
    """Unpack the returned pair, or stop the check with ``wrong-type`` or ``printed``."""
    require_returned(result, "the function", expected, output)
    parts = list(result) if np.iterable(result) and not isinstance(result, _NO_PAIRS) else []
    if len(parts) != 2:
        observed = shown(result) + (f": {len(parts)} items" if parts else "")
        raise stop("wrong-type", f"the function returns {observed}", expected)
    return parts[0], parts[1]


_NO_PAIRS = (dict, str, bytes, set)


def require_returned(value: object, shown: str, expected: str, output: str = "") -> None:
    """Stop the check where a call gave None: was the result printed, or return forgotten?"""
    if value is None and output:
        seen = f"{shown} prints {_last_line(output)} and returns None"
        raise stop("printed", seen, f"{expected}, handed on with return")
    if value is None:
        raise stop(
            "wrong-type", f"{shown} returns None; is the line with return missing?", expected
        )


def two_numbers(result: object, expected: str, output: str = "") -> tuple[float, float]:
    """The two numbers that a function returned; they need not be finite."""
    return _both(number, result, expected, output)


def two_lists(result: object, expected: str, output: str = "") -> tuple[list[float], list[float]]:
    """The two lists of numbers that a function returned; one number alone is a list of one."""
    return _both(one_or_more, result, expected, output)


def _both(
    read: Callable[[object], Value | None], result: object, expected: str, output: str
) -> tuple[Value, Value]:
    values = []
    for part in pair(result, expected, output):
        value = read(part)
        if value is None:
            raise stop("wrong-type", f"one of the two values is {shown(part)}", expected)
        values.append(value)
    return values[0], values[1]


def list_of(count: int, value: object, name: str) -> list[float]:
    """As many finite numbers as there are epochs, from a sequence."""
    read, expected = numbers(value), f"a list of {count} numbers, one for each epoch"
    if read is None:
        raise stop("wrong-type", f"{name} is {shown(value)}", expected)
    if len(read) != count:
        raise stop("list-length", count=len(read), name=name, right=count)
    for epoch, one in enumerate(read, start=1):
        if not math.isfinite(one):
            raise stop("not-finite", f"{name} has {one} after epoch {epoch}")
    return read


def require_run(result: object, expected: str) -> None:
    """Stop the check where the code of a called function has not run, but waits to be run.

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
    raise stop("wrong-type", f"the function returns {what}", hint)


# --- values as they are


def number(value: object) -> float | None:
    """The value as a ``float``, if it is one number: a tensor or an array of one item counts."""
    value = item_of(value)
    if not isinstance(value, Real | Decimal):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def numbers(value: object) -> list[float] | None:
    """The value as a list of ``float``, if it is a sequence of numbers."""
    if isinstance(value, str | bytes | dict):
        return None
    try:
        parts = [number(part) for part in value]  # type: ignore[attr-defined]
    except TypeError:
        return None
    return None if None in parts else [part for part in parts if part is not None]


def one_or_more(value: object) -> list[float] | None:
    """The same; a number that is in no sequence is a list of one."""
    single = number(value)
    return numbers(value) if single is None else [single]


def item_of(value: Any) -> Any:
    """The number in a tensor or an array of one item; anything else as it is."""
    arrays = Tensor | np.ndarray | np.generic
    return value.item() if isinstance(value, arrays) and math.prod(value.shape) == 1 else value


def described(value: object) -> str:
    """A value as a message shows it; Python does not write numbers that are very long."""
    if isinstance(value, int) and value.bit_length() > LONGEST:
        return f"a whole number of about {round(value.bit_length() * math.log10(2))} digits"
    return _checks.described(value)


def shown(value: object) -> str:
    """A value as a message shows it, and its type."""
    text = described(value)
    return text if text.startswith(("a ", "an ", "the ")) else f"{text} ({type(value).__name__})"


def type_name(value: object) -> str:
    """The name of a value's type, with its package, such as ``"numpy.ndarray"``."""
    module = type(value).__module__.partition(".")[0]
    name = type(value).__name__
    return name if module in ("builtins", "__main__") else f"{module}.{name}"


def short(value: float) -> str:
    """A number with four decimals; a very large one with four digits."""
    return f"{value:.4f}" if abs(value) < 1e6 else f"{value:.4g}"


def _last_line(text: str) -> str:
    last = text.splitlines()[-1].strip()
    return f"“{last[:40]}…”" if len(last) > 40 else f"“{last}”"
