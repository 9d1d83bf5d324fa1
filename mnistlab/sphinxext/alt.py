"""Figures: what a run has measured in their alt text, and the narrow drawing for phones.

MyST-NB puts ``{glue:text}`name:format``` into sentences and captions. In an option of a directive it
leaves it as it stands. Here the ``alt`` option of ``glue:figure`` is read in the same way, for those
who hear the page.

A `mnistlab.plots.Drawing` brings a second, narrow picture. Both stand in the figure, and the book's
style sheet shows the one that fits the screen (``.wide``, ``.narrow``).
"""

from __future__ import annotations

import re
from dataclasses import replace

from docutils import nodes
from myst_nb.core.variables import RetrievalError, format_plain_text, render_variable_outputs
from myst_nb.ext.glue.directives import PasteFigureDirective
from myst_nb.ext.glue.utils import glue_warning, retrieve_glue_data
from sphinx.application import Sphinx

from mnistlab.plots import NARROW_SVG

GLUED = re.compile(r"\{glue:text\}`(?P<name>[^`:]+)(?::(?P<format>[^`]*))?`")


class Figure(PasteFigureDirective):
    """A glued figure whose alt text may have glued values, wide and narrow."""

    def run(self) -> list[nodes.Node]:
        """The figure, or a warning if a value is not there or can't be formatted."""
        try:
            if "alt" in self.options:
                self.options["alt"] = GLUED.sub(self._value, self.options["alt"])
        except (RetrievalError, KeyError, ValueError) as error:
            return [glue_warning(f"in the alt text: {error}", self.document, self.line)]
        found = super().run()
        for figure in found:
            if isinstance(figure, nodes.figure):
                self._add_narrow(figure)
        return found

    def _add_narrow(self, figure: nodes.figure) -> None:
        """Put the narrow picture beside the wide one, with the same description."""
        data = retrieve_glue_data(self.document, self.arguments[0])
        # Once a page has used pyplot there is a PNG beside the SVG; the page shows the SVG.
        images = figure.findall(nodes.image)
        wide = next((image for image in images if image["uri"].endswith(".svg")), None)
        if NARROW_SVG not in data.data or wide is None:
            return
        svg = replace(data, data={"image/svg+xml": data.data[NARROW_SVG]})
        rendered = render_variable_outputs([svg], self.document, self.line, self.source)
        narrow = next(image for node in rendered for image in node.findall(nodes.image))
        narrow["alt"] = wide.get("alt", "")
        wide["classes"].append("wide")
        narrow["classes"].append("narrow")
        wide.parent.insert(wide.parent.index(wide) + 1, narrow)

    def _value(self, found: re.Match[str]) -> str:
        data = retrieve_glue_data(self.document, found["name"]).data
        return format_plain_text(data["text/plain"], found["format"] or "s")


def setup(app: Sphinx) -> None:
    """Take the place of MyST-NB's directive."""
    app.setup_extension("myst_nb")
    app.add_directive_to_domain("glue", "figure", Figure, override=True)
