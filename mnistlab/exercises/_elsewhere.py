"""Stands for modules that only a hosted notebook has, such as ``google.colab``.

What is asked for is found, and does nothing: ``drive.mount(...)``, ``files.upload()``.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Callable
from typing import Any
from unittest.mock import MagicMock

HOSTS = ("google.colab", "kaggle_secrets")
"""The modules, with all below them."""


def __getattr__(name: str) -> Any:
    if name.startswith("__"):
        raise AttributeError(name)
    return MagicMock(name=name)


class Redirected(ast.NodeTransformer):
    """Imports from `HOSTS` that are not installed come from this module.

    Those inside of ``try`` stay: they ask where the code runs, and here is the answer.

    Parameters
    ----------
    tell : callable
        Called with the text of each import that was changed, and the reason.
    """

    def __init__(self, tell: Callable[[str, str], None]) -> None:
        self.tell = tell

    def visit_Try(self, node: ast.Try) -> ast.Try:
        """Leave it as it is."""
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt:
        """``from google.colab import drive``."""
        host = None if node.level or node.module is None else _absent_host(node.module)
        if host is None:
            return node
        self.tell(ast.unparse(node), f"{host} is not here: what it is asked does nothing")
        names = [name for name in node.names if name.name != "*"]
        new = ast.ImportFrom(__name__, names, level=0) if names else ast.Pass()
        return ast.copy_location(new, node)

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        """``import google.colab``, or with another name."""
        host = next(filter(None, (_absent_host(one.name) for one in node.names)), None)
        if host is None:
            return node
        self.tell(ast.unparse(node), f"{host} is not here: what it is asked does nothing")
        names = [
            ast.alias(__name__, one.asname or one.name.partition(".")[0])
            if _absent_host(one.name)
            else one
            for one in node.names
        ]
        return ast.copy_location(ast.Import(names), node)


def _absent_host(module: str) -> str | None:
    """The host that a module belongs to, if it is one and is not installed."""
    for host in HOSTS:
        if f"{module}.".startswith(f"{host}."):
            return None if _is_installed(host) else host
    return None


def _is_installed(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # of the package around it
        return False
