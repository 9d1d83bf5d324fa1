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
import importlib.util
import inspect
import linecache
import os
import re
import sys
import traceback
import types
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import matplotlib
import torch
import tqdm.notebook
import tqdm.std
from matplotlib import pyplot
from torch.utils.data import Subset, random_split

from mnistlab import check, sources, strokes
from mnistlab._limit import TimeLimit, limited
from mnistlab.check.student import lending, probe_data
from mnistlab.exercises import _reading
from mnistlab.exercises._elsewhere import Redirected

Namespace = dict[str, Any]

Tell = Callable[[str, BaseException], None]
"""Takes word of an error: what was running, and what it raised."""


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
    left_out : dict of str to None
        What of the file does not run while grading, each with the reason; a set with an order.
    own : dict
        What it has defined itself, also where an import has taken the name since; see `solutions`.
    tell_left_out : callable
        Called for each of these at once.
    """

    namespace: Namespace = field(default_factory=dict)
    missed: dict[str, str] = field(default_factory=dict)
    left_out: dict[str, None] = field(default_factory=dict)
    own: Namespace = field(default_factory=dict)
    tell_left_out: Callable[[str], None] = lambda _: None

    def miss(self, names: set[str], why: str) -> None:
        """Keep why these names may be missing; what was said of one before stays."""
        self.missed = dict.fromkeys(names, why) | self.missed

    def keep_own(self) -> None:
        """Keep what the file has defined itself up to here."""
        self.own |= {name: one for name, one in self.namespace.items() if not is_imported(one)}

    @property
    def solutions(self) -> Namespace:
        """What is judged: what the file defined, even if an import below it took the name.

        Such as ``from torchvision import datasets`` below a function ``datasets``.
        """
        taken = {name for name, one in self.namespace.items() if is_imported(one)}
        return self.namespace | {name: self.own[name] for name in taken & self.own.keys()}

    def leave_out(self, where: str, what: str, why: str) -> None:
        """Keep what does not run, once."""
        text = f"{where}: {what}: {why}"
        if text not in self.left_out:
            self.left_out[text] = None
            self.tell_left_out(text)


def is_imported(value: object) -> bool:
    """Whether something comes from a library that students import, and not from their file."""
    module = str(getattr(value, "__module__", None)).partition(".")[0]
    return isinstance(value, types.ModuleType) or (
        inspect.isroutine(value) and module in ("mnistlab", "torch", "torchvision")
    )


def run(
    path: Path, seconds: float, tell: Tell, leave_out: Callable[[str], None], shell: bool = False
) -> Ran:
    """Run a file, and tell what it has defined, whether or not it comes to its end.

    Parameters
    ----------
    path : Path
        A script, or a notebook (``.ipynb``). Absolute.
    seconds : float
        How long it may run, see `mnistlab._limit`.
    tell : callable
        Called for each error.
    leave_out : callable
        Called for what does not run while grading, with what it is and why, once for each.
    shell : bool
        Whether shell commands run, such as ``!pip install``.
    """
    sys.argv = [str(path)]
    sys.path[0] = str(path.parent)
    os.chdir(path.parent)
    runner = _notebook if path.suffix == ".ipynb" else _script
    _bars_without_widgets()
    ran = Ran(tell_left_out=leave_out)
    with _no_windows(), _checks_put_off():
        runner(path, seconds, tell, ran, shell)
    return ran


@contextmanager
def lent_data() -> Iterator[None]:
    """MNIST and its relatives have 203 training and 1003 test images of known content.

    Nothing is fetched. What `mnistlab.run` trains on them is kept where ``MNISTLAB_HOME`` says, and
    files like those of MNIST, for whoever reads them without torchvision: that must not be the user's.
    """
    no_digests = mock.Mock(return_value={"lent": ""})
    located = mock.Mock(return_value=_lent_files())
    with (
        lending.lent_mnist(*probe_data.content()),
        mock.patch.object(sources, "digests", no_digests),
        mock.patch.multiple(sources, _locate_mnist=located, _locate_strokes=located),
        mock.patch.object(torch.utils.data, "random_split", _split),
    ):
        yield


def _lent_files() -> Path:
    """A folder that has ``MNIST/raw``, with the lent images."""
    folder = sources.home() / "lent"
    raw = folder / "MNIST" / "raw"
    raw.mkdir(parents=True, exist_ok=True)
    for name, (images, targets) in zip(("train", "t10k"), probe_data.content(), strict=True):
        (raw / f"{name}-images-idx3-ubyte").write_bytes(strokes.idx(images.byte().numpy()))
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(strokes.idx(targets.byte().numpy()))
    return folder


def _split(dataset: Any, lengths: Sequence[float], *args: Any, **options: Any) -> list[Subset]:
    """`torch.utils.data.random_split`; numbers typed for MNIST, 55 000 and 5000, become shares."""
    total = sum(lengths)
    if total in (60_000, 10_000) and total != len(dataset):
        lengths = [length / total for length in lengths]
    return random_split(dataset, lengths, *args, **options)


class _PutOff(check.Report):
    """Stands for a report while the file runs."""

    def __str__(self) -> str:
        return f"{self.checker}: checked when the file has run"

    __repr__ = __str__


@contextmanager
def _checks_put_off() -> Iterator[None]:
    """A checker that the file calls does nothing: all are called once, when the file has run."""
    with ExitStack() as stack:
        for name in check.CHECKERS:
            put_off = mock.Mock(return_value=_PutOff(name))
            stack.enter_context(mock.patch.object(check, name, put_off))
        yield


@contextmanager
def _no_windows() -> Iterator[None]:
    """Showing figures does nothing, and the file can't choose where they are shown."""
    with mock.patch.object(pyplot, "show"), mock.patch.object(matplotlib, "use"):
        yield


def _bars_without_widgets() -> None:
    """Progress bars of a notebook do not need the widgets that only a notebook shows."""
    if tqdm.notebook.IProgress is None:
        tqdm.notebook.tqdm = tqdm.notebook.tqdm_notebook = tqdm.std.tqdm
        tqdm.notebook.trange = tqdm.notebook.tnrange = tqdm.std.trange


# --- scripts


def _script(path: Path, seconds: float, tell: Tell, ran: Ran, shell: bool = False) -> None:
    ran.namespace = vars(_module(path))
    try:
        source = _understood(path, ran, shell)
        left = deque(_statements(path, source, ran))
    except Exception as error:  # most often the syntax
        tell(path.name, error)
        ran.miss(_stored_in(_reading.text(path)), f"was not reached: {path.name} can't be run")
        return
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


def _module(path: Path) -> types.ModuleType:
    """An empty module of the script's name; data classes and pickles look for theirs by name."""
    name = "submission" if path.stem in sys.modules else path.stem
    module = types.ModuleType(name)
    module.__file__ = str(path)
    sys.modules[name] = module
    return module


def _understood(path: Path, ran: Ran, shell: bool) -> str | bytes:
    """The source of a script, as Python; what editors and converters leave in it is IPython's."""
    source = _reading.script(path)
    if isinstance(source, str):  # in an encoding that Python does not know: lines are shown
        linecache.cache[str(path)] = (len(source), None, source.splitlines(True), str(path))
    text = _reading.text(path)
    try:
        compile(source, str(path), "exec", dont_inherit=True)
        speaks = re.search(r"\bget_ipython\b|\bdisplay\(", text)
    except SyntaxError:
        source = _without_magic(source, text, str(path))
        speaks = True
    if speaks and importlib.util.find_spec("IPython"):
        _shell(ran, lambda _: path.name, shell).builtin_trap.activate()
    return source


def _without_magic(source: str | bytes, text: str, name: str) -> str | bytes:
    """A script whose ``%magic`` and ``!command`` are calls, as in a notebook; if that is no Python, itself."""
    if importlib.util.find_spec("IPython") is None:
        return source
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        transformed = TransformerManager().transform_cell(text)
        compile(transformed, name, "exec", dont_inherit=True)
    except SyntaxError:
        return source
    return transformed


def _statements(path: Path, source: str | bytes, ran: Ran) -> list[types.CodeType]:
    """The statements of a script's outermost level, each compiled as if all others were there.

    Line numbers stay those of the file. What it imports from ``__future__`` counts for all
    statements, and of all strings that stand alone only the first is the module's docstring.
    """
    name = str(path)
    whole = compile(source, name, "exec", dont_inherit=True)  # finds what is wrong in any part
    flags = whole.co_flags & __future__.annotations.compiler_flag  # the only one that may be off
    redirected = Redirected(lambda text, why: ran.leave_out(path.name, text, why))
    tree = ast.fix_missing_locations(redirected.visit(ast.parse(source, name)))
    return [
        compile(ast.Module([node], type_ignores=[]), name, "exec", flags, dont_inherit=True)
        for number, node in enumerate(tree.body)
        if number == 0 or not _is_constant(node)
    ]


def _is_constant(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _run_statement(code: types.CodeType, name: str, ran: Ran, tell: Tell) -> None:
    """Run a statement; an error in it ends the statement, and not the script."""
    try:
        exec(code, ran.namespace)
        ran.keep_own()
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


def _notebook(path: Path, seconds: float, tell: Tell, ran: Ran, may_start: bool = False) -> None:
    try:
        cells = _reading.cells(path)
        shell = _shell(ran, _place_of, may_start)
    except Exception as error:  # nbformat has many for what is no notebook
        tell(path.name, error)
        return
    ran.namespace, left = shell.user_ns, deque(enumerate(cells, start=1))
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


def _run_cell(shell: Any, number: int, source: str, ran: Ran, tell: Tell) -> None:
    """Run a cell; an error in it ends the cell, and not the notebook."""
    before = len(ran.left_out)
    errors = shell.run_numbered(number, source)
    ran.keep_own()
    pyplot.close("all")
    for error in errors:
        if isinstance(error, TimeLimit):
            raise error  # there is no time left for the others
    where = _cell_name(number)
    for error in errors:
        tell(where, error)
        why = f"is not defined: {where} raises {type(error).__name__}"
        ran.miss(_stored_in_cell(shell, source), why)
    if source.startswith("%%") and len(ran.left_out) > before:
        ran.miss(_stored_in(source), f"is not defined: {where} was left out")


def _place_of(count: int) -> str:
    return _cell_name(count) if count else "your code"


def _cell_name(number: int) -> str:
    return f"Cell In[{number}]"


def _stored_in_cell(shell: Any, source: str) -> set[str]:
    """The names that a cell gives to something."""
    try:
        return _stored(compile(shell.transform_cell(source), "", "exec", dont_inherit=True))
    except Exception:  # the syntax, or what IPython makes of it
        return _stored_in(source)


def _shell(ran: Ran, place: Callable[[int], str], may_start: bool) -> Any:
    """IPython, which tells what it leaves out."""
    from mnistlab.exercises import _notebooks  # the package does without IPython

    shell = _notebooks.made(may_start)
    shell.left_out = lambda what, why: ran.leave_out(place(shell.cell), what, why)
    return shell
