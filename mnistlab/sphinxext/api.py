"""What the API page needs: links to public names, and docstrings of constants left as they are."""

from __future__ import annotations

import re
from typing import Any

from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

CONSTANTS = ("data", "attribute")


def link_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, text: nodes.Element
) -> nodes.Element | None:
    """Lead ``mnistlab.evaluate``, the name that readers import, to where the API page has it."""
    package, _, name = node.get("reftarget", "").rpartition(".")
    if node.get("refdomain") != "py" or package.partition(".")[0] != "mnistlab":
        return None
    domain = env.get_domain("py")
    # Checkers are imported from mnistlab.check, and some have the name of what they check.
    pattern = re.compile(rf"{re.escape(package)}\.(?!check\.)(?:[a-z_]+\.)+{re.escape(name)}")
    found = [target for target, *_ in domain.get_objects() if pattern.fullmatch(target)]
    if len(found) != 1:
        return None
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", found[0], node, text)


class ConstantDocstrings:
    """Keeps napoleon from reading ``Task 7: the network ...`` as a type and a description."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def remember(
        self, app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
    ) -> None:
        """Before napoleon."""
        self.lines = lines.copy()

    def restore(
        self, app: Sphinx, what: str, name: str, obj: Any, options: Any, lines: list[str]
    ) -> None:
        """After napoleon."""
        if what in CONSTANTS:
            lines[:] = self.lines


def setup(app: Sphinx) -> None:
    """Connect to Sphinx; napoleon's own handler has priority 500."""
    constants = ConstantDocstrings()
    app.connect("autodoc-process-docstring", constants.remember, priority=499)
    app.connect("autodoc-process-docstring", constants.restore, priority=501)
    app.connect("missing-reference", link_public_name)
