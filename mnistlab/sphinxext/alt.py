"""Figures: what a run has measured in their alt text, and the narrow drawing for phones.

MyST-NB puts ``{glue:text}`name:format``` into sentences and captions. In an option of a directive it
leaves it as it stands. Here the ``alt`` option of ``glue:figure`` is read in the same way, for those
who hear the page.

A `mnistlab.plots.Drawing` brings a second, narrow picture. Both stand in the figure, and the book's
style sheet shows the one that fits the screen (``.wide``, ``.narrow``).

If it brings its numbers, readers can move it: an empty element below the pictures has the numbers, and a
script that the page names fills it. Without the script the pictures stay.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import replace
from typing import Any

from docutils import nodes
from myst_nb.core.variables import (
    RetrievalError,
    VariableOutput,
    format_plain_text,
    render_variable_outputs,
)
from myst_nb.ext.glue.directives import PasteFigureDirective
from myst_nb.ext.glue.utils import glue_warning, retrieve_glue_data
from sphinx.application import Sphinx

from mnistlab.plots import NARROW_SVG, NUMBERS

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
        try:
            data = retrieve_glue_data(self.document, self.arguments[0])
        except RetrievalError:
            return super().run()  # which says so
        ours = {kind: data.data[kind] for kind in (NARROW_SVG, NUMBERS) if kind in data.data}
        for kind in ours:  # MyST-NB warns of a type that it does not know
            del data.data[kind]
        try:
            found = super().run()
        finally:
            data.data.update(ours)
        for figure in found:
            if NARROW_SVG in ours and isinstance(figure, nodes.figure):
                svg = replace(data, data={"image/svg+xml": ours[NARROW_SVG]})
                self._add_narrow(figure, svg)
            if NUMBERS in ours and isinstance(figure, nodes.figure):
                self._add_numbers(figure, ours[NUMBERS])
        return found

    def _add_narrow(self, figure: nodes.figure, svg: VariableOutput) -> None:
        """Put the narrow picture beside the wide one, with the same description."""
        # Once a page has used pyplot there is a PNG beside the SVG; the page shows the SVG.
        images = figure.findall(nodes.image)
        wide = next((image for image in images if image["uri"].endswith(".svg")), None)
        if wide is None:
            return
        rendered = render_variable_outputs([svg], self.document, self.line, self.source)
        narrow = next(image for node in rendered for image in node.findall(nodes.image))
        narrow["alt"] = wide.get("alt", "")
        wide["classes"].append("wide")
        narrow["classes"].append("narrow")
        wide.parent.insert(wide.parent.index(wide) + 1, narrow)

    def _add_numbers(self, figure: nodes.figure, numbers: dict[str, Any]) -> None:
        """Put the place that a script fills above the caption."""
        text = html.escape(json.dumps(numbers), quote=True)
        place = nodes.raw("", f'<div class="movable" data-numbers="{text}"></div>', format="html")
        caption = figure.first_child_matching_class(nodes.caption)
        figure.insert(len(figure) if caption is None else caption, place)

    def _value(self, found: re.Match[str]) -> str:
        data = retrieve_glue_data(self.document, found["name"]).data
        return format_plain_text(data["text/plain"], found["format"] or "s")


def setup(app: Sphinx) -> None:
    """Take the place of MyST-NB's directive."""
    app.setup_extension("myst_nb")
    app.add_directive_to_domain("glue", "figure", Figure, override=True)
