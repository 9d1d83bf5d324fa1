"""Scripts and styles of single pages, and the script with this build's weights.

Jupyter Book links every file of ``_static`` into every page. What one page alone needs is in the
folder ``scripts`` beside the pages; the page names it in its head::

    ---
    scripts: pen.js playground.js playground.css
    ---

A name in `WRITTEN` is no file: the build writes it, from its own runs.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from docutils import nodes
from sphinx.application import Sphinx
from sphinx.util import logging

from mnistlab import TASK_7, TASK_8, datasets, playground, run, runs

logger = logging.getLogger(__name__)

FOLDER = "scripts"
"""Beside the pages."""

FIRST = 600
"""Sphinx orders scripts by priority; those of the theme have 500 and less."""


def playground_data() -> str:
    """The script with the weights of this build's runs, and test images."""
    test = datasets()[1]
    pairs = {
        "plain": [run(TASK_7), run(TASK_8)],
        "shuffled": [run(runs.SHUFFLED_A), run(runs.SHUFFLED_B)],
    }
    packed = playground.pack(pairs, test.data, test.targets)
    return playground.script(packed)


WRITTEN: dict[str, Callable[[], str]] = {"playground-data.js": playground_data}
"""Scripts that the build writes, and what writes them."""


class PageScripts:
    """Puts scripts and styles into the built book, each once in a build, and links them in pages."""

    def __init__(self) -> None:
        self._provided: set[str] = set()

    def link(
        self,
        app: Sphinx,
        page: str,
        template: str,
        context: dict[str, Any],
        doctree: nodes.document | None,
    ) -> None:
        """Link what the head of a page names, in this page alone."""
        names = app.env.metadata.get(page, {}).get("scripts", "").split()
        if app.builder.format != "html":
            return
        for number, name in enumerate(names):
            if not self._provide(app, name):
                logger.warning(
                    "%s is not in the folder %r", name, FOLDER, location=page, type="scripts"
                )
            elif name.endswith(".css"):
                app.add_css_file(name, priority=FIRST + number)
            else:
                app.add_js_file(name, priority=FIRST + number, loading_method="defer")

    def _provide(self, app: Sphinx, name: str) -> bool:
        """Copy or write a file into the built book; whether there is such a file."""
        if name in self._provided:
            return True
        source = Path(app.srcdir) / FOLDER / name
        target = Path(app.outdir) / "_static" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if name in WRITTEN:
            target.write_text(WRITTEN[name](), encoding="utf-8")
        elif source.is_file():
            shutil.copyfile(source, target)
        else:
            return False
        self._provided.add(name)
        return True


def note(app: Sphinx, doctree: nodes.document) -> None:
    """A page rests on the scripts that it names: it is outdated when one of them changes."""
    for name in app.env.metadata[app.env.docname].get("scripts", "").split():
        if name not in WRITTEN:
            app.env.note_dependency(str(Path(app.srcdir) / FOLDER / name))


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("doctree-read", note)
    app.connect("html-page-context", PageScripts().link)
