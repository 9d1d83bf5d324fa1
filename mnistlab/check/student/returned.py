"""Numbers and lists of numbers as students return them: floats, tensors, arrays, in any container."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
from torch import Tensor

from mnistlab import _checks
from mnistlab.check.report.report import Finding, Found, found
from mnistlab.check.student.sandbox import Output

LONGEST = 1023
"""Binary digits; a number with more may be too large for a ``float``."""


def number(value: object) -> float | None:
    """The value as a ``float``, if it is one number: a tensor or an array of one item counts."""
    value = item_of(value)
    if not isinstance(value, Real):
        return None
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def item_of(value: Any) -> Any:
    """The number in a tensor or an array of one item; anything else as it is."""
    arrays = Tensor | np.ndarray | np.generic
    return value.item() if isinstance(value, arrays) and math.prod(value.shape) == 1 else value


def described(value: object) -> str:
    """A value as a message shows it; Python does not write numbers that are very long."""
    if isinstance(value, int) and value.bit_length() > LONGEST:
        return f"a whole number of about {round(value.bit_length() * math.log10(2))} digits"
    return _checks.described(value)


def numbers(value: object) -> list[float] | None:
    """The value as a list of ``float``, if it is a sequence of numbers."""
    if isinstance(value, str | bytes | dict):
        return None
    try:
        parts = [number(part) for part in value]  # type: ignore[attr-defined]
    except TypeError:
        return None
    return None if None in parts else [part for part in parts if part is not None]


def two(result: object, expected: str, output: Output | None = None) -> tuple[Any, Any]:
    """The two things that a function returned; what else it did ends the check.

    With ``output``, what it printed, a function that printed them is told so.
    """
    if result is None:
        raise Found(_nothing(expected, output))
    parts = [] if isinstance(result, dict | str | bytes | set) else _parts(result)
    if len(parts) != 2:
        observed = shown(result) + (f": {len(parts)} items" if parts else "")
        raise Found(found("wrong-type", f"the function returns {observed}", expected))
    return parts[0], parts[1]


def shown(value: object) -> str:
    """A value as a message shows it, and its type."""
    text = described(value)
    return text if text.startswith(("a ", "an ")) else f"{text} ({type(value).__name__})"


def _parts(value: Any) -> list[Any]:
    try:
        return list(value)
    except TypeError:
        return []


def _nothing(expected: str, output: Output | None) -> Finding:
    if output and output.text:
        observed = f"the function prints {_short(output.text)} and returns None"
        return found("printed", observed, expected)
    return found("wrong-type", "the function returns None: there is no return", expected)


def _short(text: str) -> str:
    first = text.splitlines()[0]
    return f"“{first[:40]}…”" if len(first) > 40 or "\n" in text else f"“{first}”"
