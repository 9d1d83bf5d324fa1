"""The Sphinx side of the book: fresh pages, data and runs before them, code shown from the package.

Listed in ``_config.yml`` as ``mnistlab.sphinxext``. One module per concern:

- `prepare`: what happens before any page is read: MNIST is found or fetched, the runs that the
  pages ask for are trained, and the pages are executed again when anything they rest on changed;
- `show`: the ``show`` directive, which prints a function of the package without its docstring;
- `exercises`: exercises of the sheet, and books without their solutions;
- `alt`: what a run has measured, in the alt text of a figure;
- `api`: links to public names such as ``mnistlab.evaluate``;
- `scripts`: scripts and styles of single pages, such as the playground's;
- `mend`: the last hand on every page: what screen readers need, definitions, a security policy;
- `quiz`: questions in the page that answer to wrong answers;
- `html`: the preview banner, and MathJax from the built book instead of the network.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from mnistlab.sphinxext import alt, api, exercises, html, mend, prepare, quiz, scripts, show

__all__ = ["setup"]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Connect the parts to Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    prepare.setup(app)
    show.setup(app)
    exercises.setup(app)
    alt.setup(app)
    api.setup(app)
    scripts.setup(app)
    quiz.setup(app)
    mend.setup(app)
    html.setup(app)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
