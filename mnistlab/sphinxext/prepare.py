"""What happens before any page is read: data, runs, and a fingerprint of all that pages rest on.

Jupyter Book executes a page again when the page changed. It does not notice that a function of the
package, the data, a library or a run changed. So the executed pages are kept in a folder that is
named after a fingerprint of these: another fingerprint, another folder, and all pages are executed
again. Sphinx then reads every page again too, because ``nb_execution_cache_path`` is a setting on
which pages depend.

The runs are trained here, in the process of Sphinx, since nothing that a page writes while it is
executed reaches the terminal.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import re
import shutil
import time
from importlib.metadata import version
from pathlib import Path

from myst_nb.core.execute import ExecutionError
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging

import mnistlab
from mnistlab import record, runs, sources

logger = logging.getLogger(__name__)

PACKAGE = Path(mnistlab.__file__).parent

LIBRARIES = ("torch", "torchvision", "numpy", "matplotlib", "myst-nb", "ipykernel")
"""Their versions are part of the fingerprint, with Python's own."""

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""What colours a traceback on a terminal."""

CACHES_KEPT = 4
"""Folders of executed pages that are kept: a preview does not cost the full book's."""


SOURCE_IN_USE = ".source"
"""In the folder of the build: that it has fallen back to the stand-ins, and stays on them."""

FALLEN_BACK = """\
{reason}
The book is built on stand-in digits, which mnistlab draws itself; every page says so."""

STAYS = """\
The book stays on the stand-in digits that it was built on before; every page says so."""

TO_MNIST = """\
For MNIST: python -m mnistlab data fetch, or set MNISTLAB_DATA to a folder that has MNIST/raw.
"""


def before_pages(app: Sphinx, config: Config) -> None:
    """Choose the digits, train what is missing, and name the folder of executed pages.

    Runs at Sphinx's ``config-inited``: later, Sphinx has already decided which pages to read.
    """
    for folder in filter(os.environ.get, ("MNISTLAB_DATA", "MNISTLAB_HOME")):
        # Pages are executed in another folder: what is relative to this one is made absolute.
        os.environ[folder] = str(Path(os.environ[folder]).expanduser().absolute())
    try:
        # For this process, and for those that execute the pages.
        os.environ["MNISTLAB_SOURCE"] = choose_source(Path(app.outdir).parent)
        sources.locate()
        train_missing()
        name = fingerprint()
    except (sources.DataError, FloatingPointError, ValueError) as error:
        stop(str(error))
    caches = Path(app.outdir).parent / ".jupyter_cache"
    config["nb_execution_cache_path"] = str(caches / name)
    prune(caches, keep=caches / name)


def choose_source(folder: Path) -> str:
    """MNIST where it can be had, else the stand-ins: a book falls back, the library never does.

    What ``MNISTLAB_SOURCE`` or ``MNISTLAB_DATA`` ask for is used, or the build fails.
    """
    note = folder / SOURCE_IN_USE
    if os.environ.get("MNISTLAB_SOURCE"):
        return sources.chosen()
    if os.environ.get("MNISTLAB_DATA") or not sources.missing(sources.home()):
        note.unlink(missing_ok=True)
        return "mnist"
    if note.exists():
        logger.info("%s\n%s", STAYS, TO_MNIST)
        return "strokes"
    try:
        sources.fetch()
    except sources.DataError as error:
        reason = str(error).partition("\n")[0]
        logger.info("%s\n%s", FALLEN_BACK.format(reason=reason), TO_MNIST)
        note.parent.mkdir(parents=True, exist_ok=True)
        note.write_text("strokes\n", encoding="utf-8")
        return "strokes"
    return "mnist"


def train_missing() -> None:
    """Train each run of `mnistlab.runs.BOOK` that is not stored, with a word before and after."""
    for number, specification in enumerate(runs.BOOK, start=1):
        wanted = runs.effective(specification)
        missing = not runs.is_stored(specification)
        started = time.monotonic()
        if missing:
            logger.info("training run %d of %d: %s", number, len(runs.BOOK), described(wanted))
        runs.run(specification)  # one that is stored is checked, and trained again if damaged
        if missing:
            logger.info("trained in %.0f s", time.monotonic() - started)


def described(specification: runs.Specification) -> str:
    """A run in words: network, sizes and number of epochs."""
    name = specification.network.replace("_", "-")
    epochs = f"{specification.epochs} epoch{'s' if specification.epochs > 1 else ''}"
    return f"{name} network, sizes {specification.sizes}, {epochs}, seed {specification.seed}"


def fingerprint() -> str:
    """Sixteen hexadecimal digits for all that the pages rest on, besides their own text."""
    rests_on = {
        "package": source_files(PACKAGE),
        "data": sources.digests(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
        "preview": runs.preview(),
        "record": {file.name: digest(file) for file in sorted(record.FOLDER.glob("*"))},
        "runs": {runs.key(wanted): run_digest(wanted) for wanted in map(runs.effective, runs.BOOK)},
    }
    text = json.dumps(rests_on, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def source_files(package: Path) -> dict[str, str]:
    """SHA-256 digest of each source file of the package: its code, exercises and mistakes."""
    files = sorted([*package.rglob("*.py"), *package.rglob("*.md")])
    return {file.relative_to(package).as_posix(): digest(file) for file in files}


def run_digest(specification: runs.Specification) -> str:
    """SHA-256 digest of what a stored run measured."""
    return digest(runs.file_of(specification))


def digest(file: Path) -> str:
    """SHA-256 digest of a file."""
    return hashlib.sha256(file.read_bytes()).hexdigest()


def prune(caches: Path, *, keep: Path) -> None:
    """Remove the folders of executed pages that were used longest ago."""
    keep.mkdir(parents=True, exist_ok=True)
    keep.touch()
    folders = sorted(
        (folder for folder in caches.iterdir() if folder.is_dir()),
        key=lambda folder: folder.stat().st_mtime,
    )
    for folder in folders[:-CACHES_KEPT]:
        shutil.rmtree(folder, ignore_errors=True)


def after_pages(app: Sphinx, exception: Exception | None) -> None:
    """Say last, and in one line, which page failed: Jupyter Book would end with a long traceback."""
    if isinstance(exception, ExecutionError):
        reason = COLOUR.sub("", str(exception.__cause__ or "")).strip().rpartition("\n")[2]
        stop(
            f"A cell of {exception} failed{f': {reason}' if reason else ''}. See its traceback above."
        )


def stop(message: str) -> None:
    """End the build with one message and exit status 1.

    An exception would do under plain Sphinx, but Jupyter Book wraps it into a page of traceback.
    """
    raise SystemExit(f"\nThe book can't be built.\n{message}")


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("config-inited", before_pages)
    app.connect("build-finished", after_pages)
