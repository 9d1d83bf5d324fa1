"""What a run has measured, in the alt text of a figure.

MyST-NB puts ``{glue:text}`name:format``` into sentences and captions. In an option of a directive it
leaves it as it stands. Here the ``alt`` option of ``glue:figure`` is read in the same way, for those
who hear the page.
"""

from __future__ import annotations

import re

from docutils import nodes
from myst_nb.core.variables import RetrievalError, format_plain_text
from myst_nb.ext.glue.directives import PasteFigureDirective
from myst_nb.ext.glue.utils import glue_warning, retrieve_glue_data
from sphinx.application import Sphinx

GLUED = re.compile(r"\{glue:text\}`(?P<name>[^`:]+)(?::(?P<format>[^`]*))?`")


class Figure(PasteFigureDirective):
    """A glued figure whose alt text may have glued values."""

    def run(self) -> list[nodes.Node]:
        """The figure, or a warning if a value is not there or can't be formatted."""
        try:
            if "alt" in self.options:
                self.options["alt"] = GLUED.sub(self._value, self.options["alt"])
        except (RetrievalError, KeyError, ValueError) as error:
            return [glue_warning(f"in the alt text: {error}", self.document, self.line)]
        return super().run()

    def _value(self, found: re.Match[str]) -> str:
        data = retrieve_glue_data(self.document, found["name"]).data
        return format_plain_text(data["text/plain"], found["format"] or "s")


def setup(app: Sphinx) -> None:
    """Take the place of MyST-NB's directive."""
    app.setup_extension("myst_nb")
    app.add_directive_to_domain("glue", "figure", Figure, override=True)
