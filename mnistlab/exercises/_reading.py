"""Reads what students hand in: scripts and notebooks, in whatever encoding they were saved.

Windows' tools save as UTF-8 with a byte order mark, as UTF-16, or in the code page of the machine.
"""

from __future__ import annotations

import codecs
import json
import warnings
from pathlib import Path

import nbformat

MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)  # UTF-32's begins with one of them


class NotPython(Exception):  # noqa: N818 (its name is shown)
    """A notebook is one of another language."""


def script(path: Path) -> str | bytes:
    """The source of a script, as Python takes it.

    Bytes, whose encoding Python finds by its own rules; text where these know no way, UTF-16.
    """
    content = path.read_bytes()
    return _decoded(content) if content.startswith(MARKS) or b"\0" in content[:4] else content


def text(path: Path) -> str:
    """The text of a script as well as it can be read, for showing."""
    source = script(path)
    return source if isinstance(source, str) else source.decode("utf-8-sig", errors="replace")


def cells(path: Path) -> list[str]:
    """The code of a notebook's cells, without the empty ones.

    Raises
    ------
    NotPython
        If the notebook says that it is one of another language.
    Exception
        nbformat has many for what is no notebook.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cells without ids, and the like, do not matter here
        notebook = nbformat.reads(_decoded(path.read_bytes()), as_version=4)
    _check_language(notebook.metadata)
    sources = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return [source for source in sources if source.strip()]


def _decoded(content: bytes) -> str:
    """Text in UTF-8, -16 or -32, with or without a mark; else in the code page of Western Windows."""
    try:
        return content.decode(json.detect_encoding(content)).removeprefix("\ufeff")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _check_language(metadata: dict[str, dict[str, str]]) -> None:
    kernel, info = metadata.get("kernelspec", {}), metadata.get("language_info", {})
    language = info.get("name") or kernel.get("language") or "python"
    if language.lower() not in ("python", "ipython", "python3"):
        raise NotPython(f"this is a notebook of {language}; expected one of Python")
