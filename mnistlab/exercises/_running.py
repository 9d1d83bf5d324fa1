"""Runs a student's script or notebook, as far as it goes, and hands over what it has defined.

As when the student runs it: the folder is that of the file, and modules beside it can be imported.
Unlike then, MNIST is lent, calls of checkers are put off, no window opens, and what stands below
``if __name__ == "__main__":`` in a script is not run. In a notebook it is, as in Jupyter.
"""

from __future__ import annotations

import os
import sys
import types
import warnings
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib
import nbformat
from matplotlib import pyplot

from mnistlab import check, sources
from mnistlab.check import _lending, _sandbox, _standins

Namespace = dict[str, Any]

Tell = Callable[[str, BaseException], None]
"""Takes word of an error: what was running, and what it raised."""

NOT_RUN = ("conda", "mamba", "matplotlib", "pip", "uv")
"""Magic commands of notebooks that are passed over: they install something or open windows."""


def run(path: Path, seconds: float, tell: Tell) -> Namespace:
    """Run a file; the names it has defined, whether or not it comes to its end.

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
    with ExitStack() as stack:
        stack.enter_context(_lending.lent_mnist(*_standins.content()))
        for name, value in (("locate", Path("lent")), ("digests", {"lent": ""})):
            stack.enter_context(mock.patch.object(sources, name, mock.Mock(return_value=value)))
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


def _script(path: Path, seconds: float, tell: Tell) -> Namespace:
    name = "submission" if path.stem in sys.modules else path.stem
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module  # data classes and pickles look for their module there
    try:
        with _sandbox.limited(seconds):
            code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
            exec(code, vars(module))
    except BaseException as error:  # SystemExit and the time limit too: what is defined, is
        tell(path.name, error)
    return vars(module)


def _notebook(path: Path, seconds: float, tell: Tell) -> Namespace:
    try:
        cells = _cells(path)
        shell = _shell()
    except Exception as error:  # nbformat has many for what is no notebook
        tell(path.name, error)
        return {}
    try:
        with _sandbox.limited(seconds):
            for number, source in enumerate(cells, start=1):
                shell.execution_count = number  # as after "Restart and Run All"
                result = shell.run_cell(source, store_history=True)
                pyplot.close("all")
                error = result.error_before_exec or result.error_in_exec
                if error is not None:
                    tell(f"Cell In[{number}]", error)
                if isinstance(error, _sandbox._TimeLimit):
                    break  # there is no time left for the others
    except _sandbox._TimeLimit as error:  # between two cells, or in the shell itself
        tell(path.name, error)
    shell.builtin_trap.activate()  # functions that use ``display`` have it when they are checked
    return shell.user_ns


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
