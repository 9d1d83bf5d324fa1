"""One-line checks of arguments, shared by every module.

Each raises at once, before any work is done, and its message says what was found, what was expected
and, where it is not obvious, what to do.
"""

from __future__ import annotations

import math

LARGEST_SEED = 2**63 - 1


def whole(name: str, value: object, least: int) -> int:
    """Return ``value`` as an ``int`` of at least ``least``.

    Raises
    ------
    TypeError
        If it is not an ``int`` (``True`` and ``3.0`` are not, nor is a number of NumPy's).
    ValueError
        If it is below ``least``.
    """
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{name} is {value!r}; expected a whole number (int), at least {least}")
    if value < least:
        raise ValueError(f"{name} is {value}; expected at least {least}")
    return value


def sizes(**named: object) -> None:
    """Check that every size (a width, a number of channels or classes) is a whole number >= 1."""
    for name, value in named.items():
        whole(name, value, 1)


def seed(value: object) -> None:
    """Check that a seed is one that PyTorch takes: a whole number from 0 to 2**63 - 1."""
    if whole("seed", value, 0) > LARGEST_SEED:
        raise ValueError(f"seed is {value}; expected at most 2**63 - 1")


def positive(name: str, value: object) -> float:
    """Return ``value`` as a positive, finite ``float``; raise TypeError or ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is {value!r}; expected a number above zero, such as 0.01")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} is {value}; expected a finite number above zero, such as 0.01")
    return float(value)
