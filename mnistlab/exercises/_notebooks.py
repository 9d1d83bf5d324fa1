"""The IPython in which a notebook is graded: like Jupyter's, without shells, windows and questions.

Magic commands that run Python code, or change settings of it, do so. What would start another
program does nothing, and neither does what only a hosted notebook knows, or what waits for somebody
who types; each of these is told. None of them ends its cell.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from IPython.core.alias import Alias
from IPython.core.autocall import ExitAutocall
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.text import LSString, SList
from traitlets import default
from traitlets.config import Config

from mnistlab.exercises._elsewhere import Redirected

LeftOut = Callable[[str, str], None]
"""Takes word of what was left out, as the notebook has it, and why."""

NO_SHELL = "a shell command (--shell runs it)"
NOBODY_TYPES = "it waits for somebody who types"
UNKNOWN = "there is no such magic command here"
STAYS = "the notebook goes on"

STARTERS = ("IPython.core.magics.script", "IPython.core.magics.packaging")
"""Modules whose magic commands start other programs."""

ASKERS = ("debug", "ed", "edit", "pdb")
"""Magic commands that wait for input, or for an editor."""

RUNNERS = ("capture", "macro", "prun", "rerun", "run", "time", "timeit")
"""IPython's own magic commands that run the notebook's code: what they raise, the code has raised."""


class _Exit(ExitAutocall):
    """``exit`` and ``quit``, with whatever arguments."""

    def __call__(self, *_: object, **__: object) -> None:
        """Do not exit."""
        self._ip.ask_exit()


class Shell(InteractiveShell):
    """IPython without a history on disk, windows, and programs other than Python.

    Attributes
    ----------
    may_start : bool
        Whether shell commands run.
    left_out : callable
        See `LeftOut`.
    cell : int
        Number of the cell that runs, from 1; 0 if none does.
    shown : tuple of BaseException
        What was raised and shown, also where it did not end the cell that runs.
    """

    may_start = False
    left_out: LeftOut = staticmethod(lambda what, why: None)
    cell = 0
    shown: tuple[BaseException, ...] = ()
    _spelled = ""

    @default("exiter")
    def _exiter(self) -> _Exit:
        return _Exit(self)

    # --- cells

    def run_numbered(self, number: int, source: str) -> tuple[BaseException, ...]:
        """Run a cell of the notebook; what was raised in it, also where that did not end it."""
        self.cell, self.shown = number, ()
        try:
            result = self.run_cell(source, store_history=True)
        finally:
            self.cell = 0
        raised = (*self.shown, result.error_before_exec, result.error_in_exec)
        return tuple(dict.fromkeys(one for one in raised if one is not None))

    def run_cell(self, *arguments: Any, **named: Any) -> ExecutionResult:
        """Run a cell of the notebook, or a part of one, as ``%%capture`` does, under its number."""
        before = self.execution_count
        self.execution_count = self.cell or before
        try:
            return super().run_cell(*arguments, **named)
        finally:
            self.execution_count = before

    def showtraceback(self, exc_tuple: Any = None, *arguments: Any, **named: Any) -> None:
        """Keep what was raised: ``%%capture`` and ``%run`` show errors, and raise none."""
        error = sys.exc_info()[1] if exc_tuple is None else exc_tuple[1]
        if error is not None and error not in self.shown:
            self.shown = (*self.shown, error)
        super().showtraceback(exc_tuple, *arguments, **named)

    # --- magic commands

    def run_line_magic(self, magic_name: str, line: str, _stack_depth: int = 1) -> Any:
        """Run ``%name line``, or leave it out."""
        spelled = f"%{magic_name} {line}".strip()
        if not self._runs(magic_name, self.find_line_magic(magic_name), spelled):
            return SList() if magic_name in ("sx", "system") else None
        with self._spelling(spelled), self._harmless(magic_name, spelled):
            return super().run_line_magic(magic_name, line, _stack_depth + 1)

    def run_cell_magic(self, magic_name: str, line: str, cell: str) -> Any:
        """Run ``%%name line`` with the rest of a cell, or leave it out."""
        spelled = f"%%{magic_name} {line}".strip()
        if not self._runs(magic_name, self.find_cell_magic(magic_name), spelled):
            return SList() if magic_name in ("!", "sx", "system") else None
        with self._spelling(spelled), self._harmless(magic_name, spelled):
            return super().run_cell_magic(magic_name, line, cell)

    def magic(self, arg_s: str) -> Any:
        """Run ``%arg_s``, as IPython up to 8 had it."""
        name, _, line = arg_s.partition(" ")
        return self.run_line_magic(name.lstrip("%"), line.strip(), _stack_depth=2)

    def _runs(self, name: str, function: Any, spelled: str) -> bool:
        """Whether a magic command runs; if not, it is told why."""
        module = getattr(function, "__module__", "")
        starts = module in STARTERS or isinstance(function, Alias) or name in ("!", "sx", "system")
        if name == "matplotlib":
            return False  # figures are shown nowhere: nothing to tell
        if function is None:
            why = UNKNOWN
        elif name in ASKERS:
            why = NOBODY_TYPES
        elif starts and not self.may_start:
            why = NO_SHELL
        else:
            return True
        self.left_out(spelled, why)
        return False

    @contextmanager
    def _spelling(self, spelled: str) -> Iterator[None]:
        """Name what is left out meanwhile after the magic command that wanted it."""
        before, self._spelled = self._spelled, spelled
        try:
            yield
        finally:
            self._spelled = before

    @contextmanager
    def _harmless(self, name: str, spelled: str) -> Iterator[None]:
        """A setting that can't be made ends no cell: in Jupyter it may be one."""
        function = self.find_line_magic(name) or self.find_cell_magic(name)
        is_own = str(getattr(function, "__module__", "")).startswith("IPython.")
        try:
            yield
        except Exception as error:
            if name in RUNNERS or not is_own:
                raise
            self.left_out(spelled, f"it raises {type(error).__name__}: {error}")

    # --- other programs

    def _may_start(self, spelled: str) -> bool:
        if not self.may_start:
            self.left_out(self._spelled or spelled, NO_SHELL)
        return self.may_start

    def system(self, cmd: str) -> None:
        """Run ``!cmd``, or leave it out."""
        if self._may_start(f"!{cmd}"):
            super().system_piped(cmd)

    system_piped = system_raw = system

    def getoutput(self, cmd: str, split: bool = True, depth: int = 0) -> SList | LSString:
        """What ``!cmd`` prints; nothing if it is left out."""
        if self._may_start(f"!{cmd}"):
            return super().getoutput(cmd, split, depth + 1)
        return SList() if split else LSString()

    # --- windows, and the end

    def enable_gui(self, gui: str | None = None) -> None:
        """Open no window."""

    def enable_matplotlib(self, gui: str | None = None) -> tuple[None, None]:
        """Choose no backend: figures are shown nowhere."""
        return None, None

    def ask_exit(self) -> None:
        """Stay."""
        self.left_out("exit()", STAYS)


def made(may_start: bool) -> Shell:
    """The one shell of this process."""
    shell = Shell.instance(config=Config(HistoryManager={"enabled": False}))
    shell.may_start = may_start
    shell.set_hook("show_in_pager", lambda *_, **__: None)  # ``name?`` has nobody who reads
    redirected = Redirected(lambda what, why: shell.left_out(what, why))
    shell.ast_transformers.append(redirected)
    _know_inline_backend(shell)
    return shell


def _know_inline_backend(shell: Shell) -> None:
    """``%config InlineBackend.figure_format = "retina"`` is a setting that Jupyter knows."""
    try:
        from matplotlib_inline.config import InlineBackend
    except ImportError:
        return
    shell.configurables.append(InlineBackend.instance(parent=shell))
