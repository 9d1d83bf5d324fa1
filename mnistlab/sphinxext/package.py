"""The package itself, beside the pages: for readers who have nothing but the built book.

An archive with what ``pip install mnistlab.zip`` needs. It holds the functions that the pages show, the
records and the exercises, and none of their solutions, which are in the sources of the pages.
"""

from __future__ import annotations

import zipfile
from pathlib import Path

from sphinx.application import Sphinx

ARCHIVE = "mnistlab.zip"
"""Its name among the downloads."""

BESIDE = ("pyproject.toml", "README.md", "LICENSE", "NOTICE", "constraints.txt")
"""What the package is built from, beside its folder."""


def root_of(source: Path) -> Path | None:
    """The folder of the project to which a book's pages belong, the one above or their own; else none."""
    for root in (source.parent, source):
        if (root / "pyproject.toml").is_file() and (root / "mnistlab" / "__init__.py").is_file():
            return root
    return None


def files(source: Path) -> dict[str, Path]:
    """The files of the package, by their names in the archive.

    Parameters
    ----------
    source : pathlib.Path
        The folder of the book's pages.

    Returns
    -------
    dict of str to pathlib.Path
        Empty if the book does not lie beside its package.
    """
    if (root := root_of(source)) is None:
        return {}
    inside = [
        one
        for one in sorted((root / "mnistlab").rglob("*"))
        if one.is_file() and "__pycache__" not in one.parts
    ]
    beside = [root / name for name in BESIDE if (root / name).is_file()]
    return {f"mnistlab/{one.relative_to(root).as_posix()}": one for one in beside + inside}


def write(app: Sphinx, folder: Path) -> None:
    """Write the archive into a folder of the built book, if there is anything to write."""
    if not (found := files(Path(app.srcdir))):
        return
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, file in found.items():
            # Of no date: the same package makes the same archive.
            archive.writestr(zipfile.ZipInfo(name), file.read_bytes(), zipfile.ZIP_DEFLATED)
