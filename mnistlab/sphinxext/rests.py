"""What a page rests on: the files of the package that its code can reach by importing.

Taken from the sources, without running them: the page's imports, the imports of what it imports
(also those inside functions), and so on. A file that is not Python, such as a table or a sheet of
exercises, belongs to the package in whose folder it lies: who can reach a module of that package
rests on it. Code that imports in a way which can't be seen from outside, or that starts other
programs, rests on everything.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path, PurePosixPath

HIDDEN_NAMES = frozenset({"__import__", "exec", "eval"})
HIDDEN_MODULES = frozenset({"subprocess", "runpy", "pty"})
HIDDEN_ATTRIBUTES = frozenset({"import_module", "system", "popen", "run_cell", "run_line_magic"})
"""With these, code reaches files that its imports do not show."""

NO_SOURCES = ("__pycache__", ".ipynb_checkpoints")


class Package:
    """The files of a package, and which of them need which.

    Parameters
    ----------
    folder : Path
        The package's own folder, which has its ``__init__.py``.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._imports: dict[str, frozenset[str] | None] = {}

    @cached_property
    def files(self) -> dict[str, Path]:
        """Every file of the package by its path below the folder, ``"check/_report.py"``."""
        return {
            file.relative_to(self.folder).as_posix(): file
            for file in sorted(self.folder.rglob("*"))
            if file.is_file() and not {*file.relative_to(self.folder).parts} & {*NO_SOURCES}
        }

    @cached_property
    def modules(self) -> dict[str, str]:
        """The file of each module, by the module's dotted name."""
        return {self._name(file): file for file in self.files if file.endswith(".py")}

    def rests_on(self, cells: Iterable[str]) -> list[str]:
        """The files that code rests on, as paths below the package's folder."""
        found: set[str] = set()
        waiting = [imports(cell) for cell in cells]
        while waiting:
            names = waiting.pop()
            if names is None:
                return list(self.files)
            for module in {part for name in names for part in prefixes(name)} - found:
                if module in self.modules:
                    found.add(module)
                    waiting.append(self._imports_of(module))
        reached = {self.modules[module] for module in found}
        return [file for file in self.files if file in reached or self._lies_in(file, found)]

    def _imports_of(self, module: str) -> frozenset[str] | None:
        if module not in self._imports:
            file = self.modules[module]
            package = module if file.endswith("__init__.py") else module.rpartition(".")[0]
            source = self.files[file].read_text(encoding="utf-8")
            self._imports[module] = imports(source, package)
        return self._imports[module]

    def _lies_in(self, file: str, modules: set[str]) -> bool:
        """Whether a file that is not Python lies in a package of which a module is reached."""
        if file.endswith(".py"):
            return False
        folders = PurePosixPath(file).parents
        owner = next(f for f in folders if (f / "__init__.py").as_posix() in self.files)
        return self._name((owner / "__init__.py").as_posix()) in modules

    def _name(self, file: str) -> str:
        parts = [self.folder.name, *PurePosixPath(file).with_suffix("").parts]
        return ".".join(part for part in parts if part != "__init__")


def prefixes(name: str) -> list[str]:
    """A dotted name and the packages it lies in: ``a``, ``a.b``, ``a.b.c``."""
    parts = name.split(".")
    return [".".join(parts[:end]) for end in range(1, len(parts) + 1)]


def imports(source: str, package: str = "") -> frozenset[str] | None:
    """The dotted names that code imports; None where that can't be seen.

    Parameters
    ----------
    source : str
        Code of a module or of a cell. What is not Python, such as a cell with magics, gives None.
    package : str
        From which relative imports start.
    """
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return None
    names: set[str] = set()
    for node in ast.walk(tree):
        if _hides(node):
            return None
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, package)
            names.update(f"{base}.{alias.name}".strip(".") for alias in node.names)
    return None if names & HIDDEN_MODULES or _lazy(tree) else frozenset(names)


def _base(node: ast.ImportFrom, package: str) -> str:
    above = package.split(".")[: len(package.split(".")) - node.level + 1] if node.level else []
    return ".".join([*above, *filter(None, [node.module])])


def _hides(node: ast.AST) -> bool:
    if isinstance(node, ast.Name):
        return node.id in HIDDEN_NAMES
    if isinstance(node, ast.ImportFrom):
        return node.module in HIDDEN_MODULES or any(a.name in HIDDEN_ATTRIBUTES for a in node.names)
    return isinstance(node, ast.Attribute) and node.attr in HIDDEN_ATTRIBUTES


def _lazy(tree: ast.Module) -> bool:
    """Whether a module makes its names only when they are asked for."""
    return any(
        isinstance(node, ast.FunctionDef) and node.name == "__getattr__" for node in tree.body
    )
