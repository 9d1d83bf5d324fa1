"""One-line checks of arguments, shared by every module.

Each raises at once, before any work is done, and its message says what was found, what was expected
and, where it is not obvious, what to do.
"""

from __future__ import annotations

import inspect
import math

import numpy as np
from torch import Tensor, nn

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
        number = hasattr(value, "__index__") and not isinstance(value, bool)
        hint = f": write int({name})" if number else ""
        raise TypeError(
            f"{name} is {described(value)}; expected a whole number (int), at least {least}{hint}"
        )
    if value < least:
        raise ValueError(f"{name} is {value}; expected at least {least}")
    return value


def described(value: object) -> str:
    """A value as a message shows it: short, whatever it is."""
    if isinstance(value, Tensor):
        return f"a tensor of shape {tuple(value.shape)}"
    if isinstance(value, nn.Module):
        return f"a network ({type(value).__name__})"
    if inspect.isroutine(value):
        return f"the function {value.__name__}"
    text = repr(value)
    if isinstance(value, np.generic) and not text.startswith("np."):  # as NumPy 1 writes it
        text = f"np.{type(value).__name__}({text})"
    short = len(text) <= 60 and "\n" not in text
    return text if short and " at 0x" not in text else f"an object of type {type(value).__name__}"


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
        raise TypeError(f"{name} is {described(value)}; expected a number above zero, such as 0.01")
    if not (math.isfinite(value) and value > 0):
        raise ValueError(f"{name} is {value}; expected a finite number above zero, such as 0.01")
    return float(value)
