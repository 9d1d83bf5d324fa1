"""What happens before any page is read: MNIST is found or fetched, and missing runs are trained.

The runs are trained here, in the process of Sphinx, since nothing that a page writes while it is
executed reaches the terminal. What the pages rest on besides their own text becomes two settings:

- ``mnistlab_fingerprint``: all of it, the whole package included; Sphinx reads every page again
  when it changes;
- ``mnistlab_common``: what every page rests on when it is executed: data, runs and versions. Which
  files of the package a page rests on is its own matter (`mnistlab.sphinxext.executed`).
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import time
from importlib.metadata import version
from pathlib import Path
from typing import Any

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.util import logging
from tqdm import tqdm

import mnistlab
from mnistlab import _files, runs, sources
from mnistlab.sphinxext import ending
from mnistlab.sphinxext.outlook import Outlook
from mnistlab.sphinxext.rests import Package

logger = logging.getLogger(__name__)

PACKAGE = Path(mnistlab.__file__).parent

LIBRARIES = (
    "torch", "torchvision", "numpy", "matplotlib", "pillow", "safetensors",
    "myst-nb", "nbclient", "ipykernel", "ipython",
)  # fmt: skip
"""Their versions are part of what pages rest on, with Python's own."""

READ_ONLY = (".md", ".ipynb", ".bib", ".yml", ".css", ".js")
"""Suffixes of files beside the pages that no cell opens."""

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
    """Choose the digits, train what is missing, and note what the pages rest on.

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
        config["mnistlab_common"] = common(Path(app.srcdir))
    except (sources.DataError, FloatingPointError, ValueError) as error:
        ending.stop(str(error))
    config["mnistlab_fingerprint"] = fingerprint(config["mnistlab_common"], Path(app.srcdir))


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
    """Train each run of `mnistlab.runs.BOOK` that is not stored, and say how long that takes."""
    missing = [specification for specification in runs.BOOK if not runs.is_stored(specification)]
    if not missing:
        return
    outlook = Outlook([runs.effective(specification) for specification in missing], tqdm.write)
    for number, specification in enumerate(missing, start=1):
        wanted = runs.effective(specification)
        started = time.monotonic()
        logger.info("training run %d of %d: %s", number, len(missing), described(wanted))
        outlook.begin()
        runs.run(specification, told=outlook.step)
        outlook.end()
        logger.info("trained in %.0f s", time.monotonic() - started)


def described(specification: runs.Specification) -> str:
    """A run in words: network, sizes and number of epochs."""
    name = specification.network.replace("_", "-")
    epochs = f"{specification.epochs} epoch{'s' if specification.epochs > 1 else ''}"
    return f"{name} network, sizes {specification.sizes}, {epochs}, seed {specification.seed}"


def common(pages: Path) -> dict[str, Any]:
    """What every page rests on when it is executed, besides its cells and the package.

    ``pages`` is the folder of the pages: a cell may open any file in it that is not a page.
    """
    return {
        "data": sources.digests(),
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in LIBRARIES},
        },
        "preview": runs.preview(),
        "runs": {runs.key(wanted): run_digest(wanted) for wanted in map(runs.effective, runs.BOOK)},
        "beside": {name: d for name, d in beside(pages).items() if not name.endswith(READ_ONLY)},
    }


def fingerprint(rest: dict[str, Any], pages: Path) -> str:
    """Sixteen hexadecimal digits for all that any page rests on, besides its own text."""
    package = Package(PACKAGE)
    rests_on = {
        "package": {name: _files.digest(file) for name, file in package.files.items()},
        "common": rest,
        "beside": beside(pages),
    }
    text = json.dumps(rests_on, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def beside(pages: Path) -> dict[str, str]:
    """SHA-256 digest of each file in the folder of the pages that is not a page itself."""
    files = sorted(
        file
        for file in pages.rglob("*")
        if file.is_file()
        and file.suffix not in (".md", ".ipynb")
        and "_build" not in file.relative_to(pages).parts
    )
    return {file.relative_to(pages).as_posix(): _files.digest(file) for file in files}


def run_digest(specification: runs.Specification) -> str:
    """SHA-256 digest of what a stored run measured."""
    return _files.digest(runs.file_of(specification))


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.add_config_value("mnistlab_fingerprint", "", "env", types=[str])
    app.add_config_value("mnistlab_common", {}, "", types=[dict])
    app.connect("config-inited", ending.told(before_pages))
