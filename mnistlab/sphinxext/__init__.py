"""The Sphinx side of the book: fresh pages, data and runs before them, code shown from the package.

Listed in ``_config.yml`` as ``mnistlab.sphinxext``. One module per concern:

- `whole`: the built book is what a build from nothing would be, whatever happened before;
- `prepare`: what happens before any page is read: MNIST is found or fetched, and the runs that the
  pages ask for are trained; `outlook` says how long that will take;
- `executed`, `execute`, `rests`: pages are executed again when anything that they rest on changed,
  several at a time; `kernels`, `prepared`: by kernels that need not import PyTorch first;
- `ending`: a build that cannot go on ends in one line;
- `show`: the ``show`` directive, which prints a function of the package without its docstring;
- `exercises`: exercises of the sheet, and books without their solutions;
- `alt`: what a run has measured, in the alt text of a figure;
- `api`: links to public names such as ``mnistlab.evaluate``;
- `scripts`: scripts and styles of single pages, such as the playground's;
- `mend`: the last hand on every page: what screen readers need, definitions, a security policy;
  with `formulas` (their place is kept before they are set), `icons` (drawn in the page), `loading`
  (what a page loads, and when), `marks` (a full stop stays beside its code) and `terms`;
- `quiz`: questions in the page that answer to wrong answers;
- `downloads`: each page as a notebook and as its source, and the package (`package`); `references`: what their references read;
- `repository`: links to the source, to issues and to Colab, once there is an address;
- `html`: the preview banner, and MathJax from the built book instead of the network.
"""

from __future__ import annotations

from sphinx.application import Sphinx
from sphinx.util.typing import ExtensionMetadata

from mnistlab.sphinxext import (
    alt,
    api,
    downloads,
    ending,
    executed,
    exercises,
    html,
    mend,
    prepare,
    quiz,
    repository,
    scripts,
    show,
    whole,
)

__all__ = ["setup"]


def setup(app: Sphinx) -> ExtensionMetadata:
    """Connect the parts to Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    ending.setup(app)
    whole.setup(app)
    prepare.setup(app)
    executed.setup(app)
    show.setup(app)
    exercises.setup(app)
    alt.setup(app)
    api.setup(app)
    scripts.setup(app)
    quiz.setup(app)
    repository.setup(app)
    downloads.setup(app)
    mend.setup(app)
    html.setup(app)
    return {"version": "1", "parallel_read_safe": False, "parallel_write_safe": True}
