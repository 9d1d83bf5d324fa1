"""Runs a student's script or notebook, as far as it goes, and hands over what it has defined.

As when the student runs it: the folder is that of the file, and modules beside it can be imported.
Unlike then, MNIST is lent, calls of checkers are put off, no window opens, and what stands below
``if __name__ == "__main__":`` in a script is not run. In a notebook it is, as in Jupyter.

A notebook runs cell by cell. So does a script: each statement of its outermost level counts as a
cell. After an error the next cell runs, so one task that is not done hides none of those below it.
The time limit ends a file, and `SystemExit` a script. A script with a syntax error is not run.
"""

from __future__ import annotations
import __future__

import ast
import dis
import os
import re
import sys
import traceback
import types
import warnings
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib
import nbformat
from matplotlib import pyplot

from mnistlab import check, sources
from mnistlab._limit import TimeLimit, limited
from mnistlab.check.student import lending, probe_data

Namespace = dict[str, Any]

Tell = Callable[[str, BaseException], None]
"""Takes word of an error: what was running, and what it raised."""

NOT_RUN = ("conda", "mamba", "matplotlib", "pip", "uv")
"""Magic commands of notebooks that are passed over: they install something or open windows."""


@dataclass
class Ran:
    """What has come of a file.

    Attributes
    ----------
    namespace : dict
        What it has defined.
    missed : dict of str to str
        Names that it would define in what has raised, or was not reached, and what is to be said of
        them, such as ``"is not defined: line 3 raises NameError"``.
    """

    namespace: Namespace = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)

    def miss(self, names: set[str], why: str) -> None:
        """Keep why these names may be missing; what was said of one before stays."""
        self.missed = dict.fromkeys(names, why) | self.missed


def run(path: Path, seconds: float, tell: Tell) -> Ran:
    """Run a file, and tell what it has defined, whether or not it comes to its end.

    Parameters
    ----------
    path : Path
        A script, or a notebook (``.ipynb``). Absolute.
    seconds : float
        How long it may run.
    tell : callable
        Called for each error.
    """
    sys.argv = [str(path)]
    sys.path[0] = str(path.parent)
    os.chdir(path.parent)
    runner = _notebook if path.suffix == ".ipynb" else _script
    with _no_windows(), _checks_put_off():
        return runner(path, seconds, tell)


@contextmanager
def lent_data() -> Iterator[None]:
    """MNIST and its relatives have 203 training and 1003 test images of known content.

    Nothing is read or fetched, and what `mnistlab.run` trains on them is kept where
    ``MNISTLAB_HOME`` says: that must not be the user's.
    """
    no_files = mock.Mock(return_value={"lent": ""})  # of which there could be digests
    with (
        lending.lent_mnist(*probe_data.content()),
        mock.patch.object(sources, "digests", no_files),
    ):
        yield


class _PutOff(check.Report):
    """Stands for a report while the file runs."""

    def __str__(self) -> str:
        return f"{self.checker}: checked when the file has run"

    __repr__ = __str__


@contextmanager
def _checks_put_off() -> Iterator[None]:
    """A checker that the file calls does nothing: all are called once, when the file has run."""
    with ExitStack() as stack:
        for name in check.__all__:
            if isinstance(getattr(check, name), types.FunctionType):
                put_off = mock.Mock(return_value=_PutOff(name))
                stack.enter_context(mock.patch.object(check, name, put_off))
        yield


@contextmanager
def _no_windows() -> Iterator[None]:
    """Showing figures does nothing, and the file can't choose where they are shown."""
    with mock.patch.object(pyplot, "show"), mock.patch.object(matplotlib, "use"):
        yield


# --- scripts


def _script(path: Path, seconds: float, tell: Tell) -> Ran:
    module = _module(path)
    ran = Ran(vars(module))
    try:
        left = deque(_statements(path))
    except Exception as error:  # most often the syntax
        tell(path.name, error)
        text = path.read_text(encoding="utf-8", errors="replace")
        ran.miss(_stored_in(text), f"was not reached: {path.name} can't be run")
        return ran
    try:
        with limited(seconds):
            while left:
                _run_statement(left[0], path.name, ran, tell)
                left.popleft()
    except BaseException as error:  # SystemExit and the time limit too: what is defined, is
        tell(path.name, error)
        for code in left:
            ended = f"was not reached: {path.name} ended at line {_line(error, left[0])}"
            ran.miss(_stored(code), ended)
    return ran


def _module(path: Path) -> types.ModuleType:
    """An empty module of the script's name; data classes and pickles look for theirs by name."""
    name = "submission" if path.stem in sys.modules else path.stem
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    return module


def _statements(path: Path) -> list[types.CodeType]:
    """The statements of a script's outermost level, each compiled as if all others were there.

    Line numbers stay those of the file. What it imports from ``__future__`` counts for all
    statements, and of all strings that stand alone only the first is the module's docstring.
    """
    source, name = path.read_bytes(), str(path)
    whole = compile(source, name, "exec", dont_inherit=True)  # finds what is wrong in any part
    flags = whole.co_flags & __future__.annotations.compiler_flag  # the only one that may be off
    return [
        compile(ast.Module([node], type_ignores=[]), name, "exec", flags, dont_inherit=True)
        for number, node in enumerate(ast.parse(source, name).body)
        if number == 0 or not _is_constant(node)
    ]


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _run_statement(code: types.CodeType, name: str, ran: Ran, tell: Tell) -> None:
    """Run a statement; an error in it ends the statement, and not the script."""
    try:
        exec(code, ran.namespace)
    except Exception as error:
        tell(name, error)
        where = f"line {_line(error, code)}"
        ran.miss(_stored(code), f"is not defined: {where} raises {type(error).__name__}")


def _line(error: BaseException, code: types.CodeType) -> int:
    """The line of a statement in which an error arose."""
    frames = traceback.walk_tb(error.__traceback__)
    first = next((line for _, _, line in code.co_lines() if line), code.co_firstlineno)
    return next((line for frame, line in frames if frame.f_code is code), first)


def _stored(code: types.CodeType) -> set[str]:
    """The names that a statement gives to something: by ``=``, ``def``, ``import``, ``with`` ..."""
    steps = dis.get_instructions(code)
    return {step.argval for step in steps if step.opname in ("STORE_NAME", "STORE_GLOBAL")}


def _stored_in(text: str) -> set[str]:
    """The same for code that can't be compiled, as well as it can be seen."""
    parts = (one[1] or one[2] for one in _STORES.finditer(text))
    return {name for part in parts for name in re.findall(r"[^\W\d]\w*", part)}


_STORES = re.compile(r"^ *(?:def|class) +(\w+)|^([\w ,.]+)=(?!=)", re.MULTILINE)


# --- notebooks


def _notebook(path: Path, seconds: float, tell: Tell) -> Ran:
    try:
        cells = _cells(path)
        shell = _shell()
    except Exception as error:  # nbformat has many for what is no notebook
        tell(path.name, error)
        return Ran()
    ran, left = Ran(shell.user_ns), deque(enumerate(cells, start=1))
    try:
        with limited(seconds):
            while left:
                _run_cell(shell, *left[0], ran, tell)
                left.popleft()
    except TimeLimit as error:
        where = _cell_name(left[0][0]) if left else path.name
        tell(where, error)
        for _, source in left:
            ended = f"was not reached: {path.name} ended at {where}"
            ran.miss(_stored_in_cell(shell, source), ended)
    shell.builtin_trap.activate()  # functions that use ``display`` have it when they are checked
    return ran


def _run_cell(shell: Any, number: int, source: str, ran: Ran, tell: Tell) -> None:
    """Run a cell; an error in it ends the cell, and not the notebook."""
    shell.execution_count = number  # as after "Restart and Run All"
    result = shell.run_cell(source, store_history=True)
    pyplot.close("all")
    error = result.error_before_exec or result.error_in_exec
    if isinstance(error, TimeLimit):
        raise error  # there is no time left for the others
    if error is not None:
        where = _cell_name(number)
        tell(where, error)
        why = f"is not defined: {where} raises {type(error).__name__}"
        ran.miss(_stored_in_cell(shell, source), why)


def _cell_name(number: int) -> str:
    return f"Cell In[{number}]"


def _stored_in_cell(shell: Any, source: str) -> set[str]:
    """The names that a cell gives to something."""
    try:
        return _stored(compile(shell.transform_cell(source), "", "exec", dont_inherit=True))
    except Exception:  # the syntax, or what IPython makes of it
        return _stored_in(source)


def _cells(path: Path) -> list[str]:
    """The code of a notebook's cells, without the empty ones."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # cells without ids, and the like, do not matter here
        notebook = nbformat.read(path, as_version=4)
    sources = (cell.source for cell in notebook.cells if cell.cell_type == "code")
    return [source for source in sources if source.strip()]


def _shell() -> Any:
    """IPython without a history on disk, windows and installations."""
    from IPython.core.interactiveshell import InteractiveShell  # the package does without it
    from traitlets.config import Config

    shell = InteractiveShell.instance(config=Config(HistoryManager={"enabled": False}))
    for name in NOT_RUN:
        shell.register_magic_function(lambda *_: None, "line", name)
    system = shell.system
    shell.system = lambda command: None if command.split()[0] in NOT_RUN else system(command)
    return shell
