"""Executed pages, kept from one build to the next under a key of all that they rest on.

MyST-NB takes the outputs of a page from a cache that knows the code of the page's cells only. Here an
executed page is kept in a file of its own, ``_build/.jupyter_cache/PAGE/KEY.json``, and the key also
covers the files of the package that the page can reach (`mnistlab.sphinxext.rests`), the data, the
runs and the versions. Before Sphinx reads pages, those of them that have no such file are executed
(`mnistlab.sphinxext.execute`), and all are laid into a fresh cache for MyST-NB. A page that somebody
changes between that moment and the one at which Sphinx reads it is executed once more. Of a page from
its cache MyST-NB leaves a notebook without outputs; they are laid into it for the downloads.

A file is written whole or not at all, with a digest; one that is damaged is thrown away.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from docutils import nodes
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import MystMetadataParsingError, create_nb_reader
from myst_nb.sphinx_ import NbMetadataCollector
from nbformat import NotebookNode
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

import mnistlab
from mnistlab import _files
from mnistlab.sphinxext import ending
from mnistlab.sphinxext.execute import Job, PageFailedError, execute
from mnistlab.sphinxext.rests import Package

logger = logging.getLogger(__name__)

KEPT = 4
"""Executed forms of a page that are kept: a preview does not cost the full book's."""

FOR_MYST = ".for-myst-nb"
"""Name of the cache that MyST-NB reads."""


@dataclass(frozen=True)
class Page:
    """A page with cells: its document name, its source, what MyST-NB reads, and the key."""

    name: str
    path: Path
    notebook: NotebookNode
    key: str


@dataclass(frozen=True)
class Executed:
    """An executed page: with outputs, the seconds it took, and when it was finished (POSIX time)."""

    notebook: NotebookNode
    seconds: float
    finished: float

    def save(self, file: Path) -> None:
        """Keep it; of the page's older executed forms, those that were used last stay.

        Raises
        ------
        OSError
            If it can't be written.
        """
        content = {
            "notebook": nbformat.writes(self.notebook, nbformat.NO_CONVERT),
            "seconds": self.seconds,
            "finished": self.finished,
        }
        text = json.dumps(content)
        file.parent.mkdir(parents=True, exist_ok=True)
        _files.write(file, f"{hashlib.sha256(text.encode()).hexdigest()}\n{text}".encode())
        by_use = sorted(file.parent.glob("*.json"), key=lambda kept: kept.stat().st_mtime)
        for old in by_use[:-KEPT]:
            old.unlink(missing_ok=True)

    @classmethod
    def load(cls, file: Path) -> Executed | None:
        """The executed page in a file, or None; a damaged file is removed, with one line."""
        try:
            expected, _, text = file.read_text(encoding="utf-8").partition("\n")
            if hashlib.sha256(text.encode()).hexdigest() != expected:
                raise ValueError("its digest is another")
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            logger.info("%s is damaged (%s): the page is executed again", file, error)
            file.unlink(missing_ok=True)
            return None
        file.touch()
        content = json.loads(text)
        notebook = nbformat.reads(content["notebook"], nbformat.NO_CONVERT)
        return cls(notebook, content["seconds"], content["finished"])


class Pages:
    """The pages of one build."""

    def __init__(self) -> None:
        self.package = Package(Path(mnistlab.__file__).parent)
        self.folder = Path()
        self.finished: dict[str, float] = {}
        self.executed: dict[str, NotebookNode] = {}
        self.laid_out: dict[str, str] = {}

    def begin(self, app: Sphinx, config: Config) -> None:
        """Say where MyST-NB finds executed pages; at ``config-inited``."""
        self.folder = Path(app.doctreedir).parent / ".jupyter_cache"
        config["nb_execution_cache_path"] = str(self.folder / FOR_MYST)
        for older in self.folder.glob("*/global.db"):  # of the last build, or of older versions
            shutil.rmtree(older.parent, ignore_errors=True)

    def before_reading(self, app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
        """Execute pages that are about to be read, unless they are kept; at ``env-before-read-docs``."""
        found = (self._page(env, name, _text(env, name)) for name in names)
        self._provide([page for page in found if page is not None], env)

    def reading(self, app: Sphinx, name: str, source: list[str]) -> None:
        """Execute a page once more if its cells are not those that were executed; at ``source-read``."""
        page = self._page(app.env, name, source[0])
        if page is not None and self.laid_out.get(name) != page.key:
            self._provide([page], app.env)

    def _provide(self, pages: list[Page], env: BuildEnvironment) -> None:
        """Let MyST-NB find these pages, executed."""
        kept = {page.name: Executed.load(self._file(page)) for page in pages}
        missing = [page for page in pages if kept[page.name] is None]
        kept |= self._execute(missing, env.mystnb_config.execution_timeout)
        try:
            self._lay_out([(page, kept[page.name]) for page in pages])
        except Exception as error:
            message = ending.cause(error, self.folder)
            if message is None:
                raise
            ending.stop(message)

    def after_reading(self, app: Sphinx, doctree: nodes.document) -> None:
        """Say when the page was executed, and lay its outputs into its notebook; at ``doctree-read``."""
        name = app.env.docname
        finished = self.finished.get(name)
        data = NbMetadataCollector.get_exec_data(app.env, name)
        if finished and data:
            NbMetadataCollector.set_exec_data(app.env, name, {**data, "mtime": finished})
        if executed := self.executed.pop(name, None):
            file = notebook_file(app, name)
            notebook = with_outputs(nbformat.read(file, nbformat.NO_CONVERT), executed)
            _files.write(file, nbformat.writes(notebook).encode())

    def _page(self, env: BuildEnvironment, name: str, text: str | None) -> Page | None:
        """A page with cells, of this text; None where MyST-NB is to do as it always does."""
        path, settings = Path(env.doc2path(name)), env.mystnb_config
        excluded = any(path.match(pattern) for pattern in settings.execution_excludepatterns)
        forgiving = settings.execution_allow_errors or not settings.execution_raise_on_error
        if (
            settings.execution_mode != "cache"
            or excluded
            or forgiving
            or settings.execution_in_temp
            or text is None
        ):
            return None
        try:
            reader = create_nb_reader(str(path), env.myst_config, settings, text)
            notebook = None if reader is None else reader.read(text)
        except MystMetadataParsingError:
            return None  # what is wrong with the page is told when it is read
        if notebook is None:
            return None
        if settings.metadata_key in notebook.metadata:  # it has settings of its own
            return None
        return Page(name, path, notebook, key(notebook, self.package, env.config.mnistlab_common))

    def _file(self, page: Page) -> Path:
        return self.folder / page.name / f"{page.key}.json"

    def _execute(self, pages: list[Page], timeout: int) -> dict[str, Executed]:
        done: dict[str, Executed] = {}
        by_name = {page.name: page for page in pages}

        def finished(job: Job, seconds: float) -> None:
            executed = Executed(job.notebook, seconds, time.time())
            executed.save(self._file(by_name[job.name]))
            done[job.name] = executed
            logger.info(
                "executed %s in %.0f s (%d of %d)", job.name, seconds, len(done), len(pages)
            )

        try:
            execute(
                [Job(page.name, page.path, page.notebook) for page in pages],
                finished,
                timeout=timeout,
            )
        except PageFailedError as error:
            logger.warning("%s", error.traceback, location=error.name)
            ending.stop(ending.failed(error.path, error.reason))
        return done

    def _lay_out(self, pages: list[tuple[Page, Executed]]) -> None:
        """Make a cache for MyST-NB that has these pages and nothing else."""
        cache = get_cache(self.folder / FOR_MYST)
        for page, executed in pages:
            bundle = CacheBundleIn(
                executed.notebook, str(page.path), data={"execution_seconds": executed.seconds}
            )
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            self.finished[page.name] = executed.finished
            self.executed[page.name] = executed.notebook
            self.laid_out[page.name] = page.key
        cache.db.dispose()


def notebook_file(app: Sphinx, name: str) -> Path:
    """Where MyST-NB leaves the notebook of a page that it has read."""
    return Path(app.outdir).parent / "jupyter_execute" / f"{name}.ipynb"


def with_outputs(notebook: NotebookNode, executed: NotebookNode) -> NotebookNode:
    """A page's notebook, whose code cells get the outputs that the same cells had when executed."""
    cells, ran = (
        [cell for cell in one.cells if cell.cell_type == "code"] for one in (notebook, executed)
    )
    for cell, done in zip(cells, ran, strict=True):
        cell.outputs, cell.execution_count = done.outputs, done.execution_count
    return notebook


def _text(env: BuildEnvironment, name: str) -> str | None:
    """The text of a page; None where it is none: what is wrong with it is told when it is read."""
    try:
        return Path(env.doc2path(name)).read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return None


def key(notebook: NotebookNode, package: Package, common: Any) -> str:
    """Sixteen hexadecimal digits for a page's code and for all that the code rests on.

    ``common`` is what all pages rest on besides the package; it goes into JSON.
    """
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    reached = package.rests_on(cell.source for cell in cells)
    rests_on = {
        "cells": [[cell.source, cell.metadata] for cell in cells],
        "kernel": notebook.metadata.get("kernelspec"),
        "package": {file: _files.digest(package.files[file]) for file in reached},
        "common": common,
    }
    text = json.dumps(rests_on, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    pages = Pages()
    app.connect("config-inited", ending.told(pages.begin))
    app.connect("env-before-read-docs", ending.told(pages.before_reading))
    app.connect("source-read", ending.told(pages.reading), priority=900)
    app.connect("doctree-read", pages.after_reading)
