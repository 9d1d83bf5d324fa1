"""Sees to it that the package runs with what it was tested with: its declared range of versions.

Outside of it, results may differ and checkers judge wrongly, so nothing runs: importing the package
ends in one line. Versions are read from the installed packages' metadata, before any is imported.
"""

from __future__ import annotations

import re
import sys
from importlib import metadata

PACKAGE = "mnistlab"


def too_old(extra: str | None = None) -> list[str]:
    """What is installed and older than the package declares, such as ``"torch>=2.4 (here: 2.3.1)"``.

    Parameters
    ----------
    extra : str, optional
        The extra whose requirements count, such as ``"test"``. Default: those of the package itself.
    """
    try:
        declared = metadata.requires(PACKAGE) or []
    except metadata.PackageNotFoundError:  # not installed, such as on a path of its own
        return []
    found = []
    for requirement in declared:
        wanted, _, condition = requirement.replace(" ", "").partition(";")
        named = re.search(r"extra==['\"](\w+)", condition)
        parts = re.match(r"([\w.-]+).*?>=([\d.]+)", wanted)  # such as name<2,>=1.0
        if parts and (named[1] if named else None) == extra:
            here = _installed(parts[1])
            if here and _numbers(here) < _numbers(parts[2]):
                found.append(f"{wanted} (here: {here})")
    return found


def _installed(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _numbers(version: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at their end: 2.4.0+cpu and 2.4 are the same."""
    digits = re.match(r"[\d.]*", version)
    numbers = [int(part) for part in digits[0].split(".") if part] if digits else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def require() -> None:
    """End the import of the package if something is too old.

    Raises
    ------
    ImportError
        With one line that says what is, and what to do.
    SystemExit
        Instead of it, where the package is the program: ``python -m mnistlab``.
    """
    old = too_old()
    if not old:
        return
    text = (
        f"{PACKAGE} needs {', '.join(old)}: outside of the versions that it was tested with, it "
        f"computes and grades nothing; pip install --upgrade "
        + " ".join(f"'{one.partition(' ')[0]}'" for one in old)
    )
    if sys.argv[:1] == ["-m"]:
        sys.exit(f"Error: {text}")
    raise ImportError(text)


require()
