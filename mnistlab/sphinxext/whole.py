"""The built book is whole, and is what a build from nothing would be.

Sphinx decides by time stamps which pages it reads and writes, and leaves in the built book whatever
was there. So an interrupt leaves old pages for ever, a page with an older date is not read, and a
page that was taken out of the contents stays where it can be found. Here:

- pages are read again when their *content* changed;
- when anything is written, everything is, into an empty folder, which then takes the place of the
  built book: that one stays as it was until the new one is whole;
- a finished build notes the digests of all files that it leaves. If the next build finds other files,
  or no note, it reads and writes every page again. Executed pages and runs are kept apart from this,
  so that it takes seconds.
"""

from __future__ import annotations

import json
import shutil
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.util import logging

import mnistlab
from mnistlab import _files
from mnistlab.sphinxext import ending

logger = logging.getLogger(__name__)

PACKAGE = Path(mnistlab.__file__).parent

NOTE = ".whole.json"
"""In the folder of the build: what a finished build has left."""

READ = (".doctrees", "jupyter_execute")
"""Folders with what Sphinx and MyST-NB keep of the pages that they have read."""

NOT_OURS = (".DS_Store", "Thumbs.db")
"""Files that are made by looking into a folder."""

ROOM = 40e6
"""Bytes that a built book takes, if there is none from before to tell."""

LITTLE = 1e6
"""Bytes: with less than that at the end, something has not been written."""

WORKING = ("html", "linkcheck")
"""Builders that work with this book."""

UNFINISHED = "The last build was not finished: every page is read and written again."
CHANGED = (
    "Files of the last build are missing or were changed: every page is read and written again."
)
WARNED = "The last build gave warnings: every page is read again, so that they are seen."
REWRITTEN = "Files in {} are not those that the last build wrote: the book is written again."
WAITING = "Another build is at work in {}: waiting for it."

NO_BUILDER = (
    "The builder {!r} does not work with this book, whose figures and pages are made for the web. "
    "Leave out --builder, or use --builder html; a browser prints single pages to PDF."
)
NOT_THIS = (
    "The package mnistlab that this Python imports is {}, and it is not that of these pages, {}: what "
    "is changed there would have no effect. Use the environment of this folder (make book), or "
    "install its package: {} -m pip install --editable {}"
)
NO_UTF_8 = "{}, line {}, is not saved as UTF-8: save the page with that encoding."
NO_BOOK = "{} is not the folder of the pages, {} is. Build that one: jupyter-book build {}"


class Whole:
    """What one build finds, and what it leaves."""

    def __init__(self) -> None:
        self.html = Path()  # where the built book is in the end
        self.rewrite = False
        self.writing: Path | None = None
        self.touched: set[str] = set()
        self.lock: FileLock | None = None

    @property
    def build(self) -> Path:
        """The folder with all that a build makes."""
        return self.html.parent

    def begin(self, app: Sphinx, config: Config) -> None:
        """See what the last build has left, before anything else; at ``config-inited``."""
        refuse(Path(app.srcdir), Path(app.outdir).name)
        self.html = Path(app.outdir)
        self._lock()
        shutil.rmtree(self.build / ".new", ignore_errors=True)
        if (self.build / ".old").is_dir() and not any(self.html.iterdir()):
            self.html.rmdir()
            (self.build / ".old").rename(self.html)  # stopped between two renames
        note = self._note()
        message = self._doubt(note)
        if message:
            for name in READ:
                shutil.rmtree(self.build / name, ignore_errors=True)
        self.rewrite = note.get("html") != [self.html.name, digests(self.html)]
        if not message and self.rewrite and (note.get("html") or [""])[0] == self.html.name:
            message = REWRITTEN.format(self.html)
        if message:
            logger.info(message)

    def check_builder(self, app: Sphinx) -> None:
        """Refuse what would write into the built book, or begin; at ``builder-inited``."""
        refuse(Path(app.srcdir), app.builder.name)
        (self.build / NOTE).unlink(missing_ok=True)
        if app.builder.name == "linkcheck":  # Jupyter Book has it write into the built book
            self._redirect(app, self.build / "linkcheck")

    def outdated(
        self,
        app: Sphinx,
        env: BuildEnvironment,
        added: set[str],
        changed: set[str],
        removed: set[str],
    ) -> list[str]:
        """Pages whose content changed, whatever their dates say; at ``env-get-outdated``."""
        known = getattr(env, "mnistlab_contents", {})
        self.touched |= removed
        return [
            name for name in env.found_docs & known.keys() if known[name] != contents(env, name)
        ]

    def reading(self, app: Sphinx, env: BuildEnvironment, names: list[str]) -> None:
        """Note which pages are read; at ``env-before-read-docs``."""
        self.touched |= set(names)

    def before_writing(self, app: Sphinx, env: BuildEnvironment) -> list[str]:
        """Have every page written if any is, into an empty folder; at ``env-updated``."""
        env.mnistlab_contents = {name: contents(env, name) for name in env.found_docs}
        if app.builder.format != "html":
            return []
        if not (self.touched or self.rewrite or any(app.builder.get_outdated_docs())):
            return []
        # Themes make a warning of each file that they could not copy: asked before, and after.
        self._need(sum(f.stat().st_size for f in self.html.rglob("*") if f.is_file()) or ROOM)
        self.writing = self.build / ".new"
        self._redirect(app, self.writing)
        return sorted(env.found_docs)

    def finish(self, app: Sphinx, exception: Exception | None) -> None:
        """Put the new book in the place of the old one, and note what is there; at ``build-finished``."""
        if exception is not None:
            shutil.rmtree(self.build / ".new", ignore_errors=True)
            return
        if self.writing is not None:
            self._need(LITTLE)
            shutil.rmtree(self.build / ".old", ignore_errors=True)
            self.html.rename(self.build / ".old")
            self.writing.rename(self.html)
            shutil.rmtree(self.build / ".old", ignore_errors=True)
            self._redirect(app, self.html, make=False)
        link(Path(app.srcdir), self.build)
        stale = app.builder.format != "html" and (self.touched or self.rewrite)
        note = {
            "read": {name: digests(self.build / name) for name in READ},
            # Another builder may have read what the book does not have yet.
            "html": None if stale else [self.html.name, digests(self.html)],
            "warnings": app._warncount,
        }
        _files.write(self.build / NOTE, json.dumps(note).encode())

    def _need(self, size: float) -> None:
        """End the build, the old book as it was, if there is less room than this."""
        if shutil.disk_usage(self.build).free < size:
            shutil.rmtree(self.build / ".new", ignore_errors=True)
            ending.stop(
                ending.full(f"Too little room, {size / 1e6:.0f} MB are needed", str(self.build))
            )

    def _lock(self) -> None:
        """Let one build at a time work in this folder."""
        lock = FileLock(self.build / ".lock")
        with suppress(OSError, NotImplementedError):  # a file system without locks
            try:
                lock.acquire(timeout=0)
            except Timeout:
                logger.info(WAITING.format(self.build))
                lock.acquire()
        self.lock = lock  # for as long as this process runs

    def _note(self) -> dict[str, Any]:
        try:
            note = json.loads((self.build / NOTE).read_bytes())
        except (OSError, ValueError):
            return {}
        return note if isinstance(note, dict) else {}

    def _doubt(self, note: dict[str, Any]) -> str | None:
        """Why what was read by the last build is not to be trusted."""
        found = {name: digests(self.build / name) for name in READ}
        if not note:
            return UNFINISHED if any(found.values()) else None
        if note.get("read") != found:
            return CHANGED
        return WARNED if note.get("warnings") else None

    def _redirect(self, app: Sphinx, folder: Path, *, make: bool = True) -> None:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        app.outdir = app.builder.outdir = type(app.outdir)(folder)


def refuse(pages: Path, builder: str) -> None:
    """End a build that can't come out well, before it has trained anything."""
    if builder not in WORKING:
        ending.stop(NO_BUILDER.format(builder))
    inner = pages / "book"
    if (inner / "_toc.yml").is_file() and (pages / "_toc.yml").exists():
        ending.stop(NO_BOOK.format(pages, inner, inner.name))
    own = pages.parent / PACKAGE.name
    there = (own / "__init__.py").is_file() and not own.samefile(PACKAGE)
    if there and code(own) != code(PACKAGE):
        ending.stop(NOT_THIS.format(PACKAGE, own, sys.executable, pages.parent))
    for page in sorted(pages.glob("*.md")):
        content = page.read_bytes()
        try:
            content.decode("utf-8")
        except UnicodeDecodeError as error:
            ending.stop(NO_UTF_8.format(page, content[: error.start].count(b"\n") + 1))


def code(folder: Path) -> dict[str, str]:
    """Digests of what a package consists of, without what Python makes of it."""
    return {name: digest for name, digest in digests(folder).items() if "__pycache__" not in name}


def link(pages: Path, build: Path) -> None:
    """Let ``jupyter-book clean PAGES``, which looks below the pages, find what was built beside them.

    A symbolic link; without it the command would remove nothing and say nothing. Where links can't
    be made, ``make clean`` is what is left.
    """
    if build == pages.parent / "_build":
        with suppress(OSError, NotImplementedError):  # it is there, or the system has none
            (pages / "_build").symlink_to(Path("..", "_build"), target_is_directory=True)


def contents(env: BuildEnvironment, name: str) -> dict[str, str]:
    """Digests of a page's source, and of the files that it includes."""
    files = [Path(env.doc2path(name))]
    files += [Path(env.srcdir) / file for file in sorted(env.dependencies[name])]
    return {file.as_posix(): _files.digest(file) if file.is_file() else "" for file in files}


def digests(folder: Path) -> dict[str, str]:
    """SHA-256 digest of each file in a folder, by its path below it; empty if there is none."""
    return {
        file.relative_to(folder).as_posix(): _files.digest(file)
        for file in sorted(folder.rglob("*"))
        if file.is_file() and file.name not in NOT_OURS
    }


def setup(app: Sphinx) -> None:
    """Connect to Sphinx: first of all at the beginning, last of all at the end."""
    whole = Whole()
    app.connect("config-inited", ending.told(whole.begin), priority=10)
    app.connect("builder-inited", ending.told(whole.check_builder), priority=10)
    app.connect("env-get-outdated", ending.told(whole.outdated))
    app.connect("env-before-read-docs", whole.reading)
    app.connect("env-updated", ending.told(whole.before_writing), priority=900)
    app.connect("build-finished", ending.told(whole.finish), priority=900)
