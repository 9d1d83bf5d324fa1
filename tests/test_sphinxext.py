"""The Sphinx extension, part by part; `test_build.py` sees it at work in a small book."""

import ast
import errno
import json
import os
import re
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO
from unittest.mock import Mock

import pytest

from mnistlab import runs, sources

NO_BOOK = "the book's own packages are not installed: extra [book]"
ending = pytest.importorskip("mnistlab.sphinxext.ending", reason=NO_BOOK)
execute = pytest.importorskip("mnistlab.sphinxext.execute", reason=NO_BOOK)
html = pytest.importorskip("mnistlab.sphinxext.html", reason=NO_BOOK)
prepare = pytest.importorskip("mnistlab.sphinxext.prepare", reason=NO_BOOK)
show = pytest.importorskip("mnistlab.sphinxext.show", reason=NO_BOOK)

SOURCE = '''
from dataclasses import dataclass

LIMIT: int = 3
"""How many."""
SIZES = (
    1,  # one
    2,
)


def plain(x: int, *, scale: float = 1.0) -> float:
    """Summary.

    More.
    """

    # A comment stays.
    y: float = x * scale  # noqa: F841

    return y


def bare(x): return x


def wide(
    first_argument: int, second: str = "a, b", /, *rest: int, option: bool = False, **named: object
) -> None:
    """Summary."""
    return None


def many(size: int, kernel_size: int, *, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return size


def nested(x: int) -> int:
    """Outer."""

    def inner(y: int) -> int:
        """Inner."""
        return y

    return inner(x)


@dataclass(frozen=True)
class Point:
    """A point.

    With a story.
    """

    x: int
    y: int = 0

    @property
    def size(self) -> int:
        """Its size."""
        return self.x

    def only_documented(self) -> None:
        """Nothing else."""
'''


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A function that gives the code of an object in a module made of ``SOURCE``."""
    (tmp_path / "sample.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sample", raising=False)
    return lambda name, **options: show.shown(f"sample.{name}", **options).code


def test_docstring_and_annotations_go_and_comments_stay(code: Callable[..., str]) -> None:
    assert code("plain") == (
        "def plain(x, *, scale=1.0):\n"
        "    # A comment stays.\n"
        "    y: float = x * scale\n"
        "\n"
        "    return y"
    )


def test_options_can_be_hidden(code: Callable[..., str]) -> None:
    assert code("plain", hide_options=True).startswith("def plain(x, ...):\n")
    assert code("bare", hide_options=True) == "def bare(x): return x"


def test_a_long_signature_is_wrapped(code: Callable[..., str]) -> None:
    assert code("wide") == (
        "def wide(\n"
        "    first_argument, second='a, b', /, *rest,\n"
        "    option=False, **named,\n"
        "):\n"
        "    return None"
    )


def test_options_start_on_a_line_of_their_own(code: Callable[..., str]) -> None:
    assert code("many") == (
        "def many(\n"
        "    size, kernel_size,\n"
        "    *, stride=1, padding=0, dilation=1,\n"
        "):\n"
        "    return size"
    )


def test_a_definition_within_is_shown_in_the_same_way(code: Callable[..., str]) -> None:
    assert code("nested") == (
        "def nested(x):\n    def inner(y):\n        return y\n\n    return inner(x)"
    )


def test_a_class_keeps_its_decorator_and_fields(code: Callable[..., str]) -> None:
    assert code("Point") == (
        "@dataclass(frozen=True)\n"
        "class Point:\n"
        "    x: int\n"
        "    y: int = 0\n"
        "\n"
        "    @property\n"
        "    def size(self):\n"
        "        return self.x\n"
        "\n"
        "    def only_documented(self):\n"
        "        ..."
    )


def test_a_method_is_dedented(code: Callable[..., str]) -> None:
    assert code("Point.only_documented") == "def only_documented(self):\n    ..."


def test_a_constant_is_its_statement(code: Callable[..., str]) -> None:
    assert code("LIMIT") == "LIMIT: int = 3"
    assert code("SIZES") == "SIZES = (\n    1,  # one\n    2,\n)"


@pytest.mark.parametrize("name", ["plain", "bare", "wide", "many", "nested", "Point", "SIZES"])
def test_what_is_shown_is_python(code: Callable[..., str], name: str) -> None:
    ast.parse(code(name))


def test_a_public_name_leads_to_the_module_that_defines_it() -> None:
    assert show.shown("mnistlab.fully_connected").target == "mnistlab.networks.fully_connected"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mnistlab.nothing", "'mnistlab' has no 'nothing'"),
        ("nowhere.at.all", "there is no module 'nowhere'"),
        ("mnistlab.networks", "it is a module"),
        ("mnistlab.TASK_7", "does not define 'TASK_7'; name the module that does"),
        ("math.sqrt", "no source of 'math'"),
    ],
)
def test_what_cannot_be_shown_is_said(name: str, message: str) -> None:
    with pytest.raises(show.ShowError, match=re.escape(message)):
        show.shown(name)


def test_a_module_that_lacks_something_is_not_taken_for_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "needy.py").write_text("import not_installed_anywhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="not_installed_anywhere"):
        show.shown("needy.function")


# ----- before the pages ----------------------------------------------------------------------


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """A folder of pages, with files beside them."""
    folder = tmp_path / "pages"
    (folder / "_static").mkdir(parents=True)
    (folder / "one.md").write_text("# One\n")
    (folder / "table.csv").write_text("1\n")
    (folder / "_static" / "style.css").write_text("a {}\n")
    return folder


def test_what_is_beside_the_pages_is_read_or_also_executed(stored: Path, pages: Path) -> None:
    executed, read = prepare.common(pages), prepare.fingerprint({}, pages)
    assert executed["beside"].keys() == {"table.csv"}
    (pages / "one.md").write_text("# Other\n")
    assert (prepare.common(pages), prepare.fingerprint({}, pages)) == (executed, read)
    (pages / "_static" / "style.css").write_text("b {}\n")
    assert prepare.common(pages) == executed
    assert prepare.fingerprint({}, pages) != read
    (pages / "table.csv").write_text("2\n")
    assert prepare.common(pages) != executed


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend that MNIST is there and the runs are stored; the folder of the runs."""
    folder = sources.home() / "runs"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sources, "digests", lambda root=None, source=None: {"file": "digest"})
    for preview in ("", "1"):
        monkeypatch.setenv("MNISTLAB_PREVIEW", preview)
        for wanted in map(runs.effective, runs.BOOK):
            (folder / f"{runs.key(wanted)}.safetensors").write_text("{}")
    monkeypatch.delenv("MNISTLAB_PREVIEW")
    return folder


def test_what_pages_rest_on_stays_when_nothing_changes(stored: Path, pages: Path) -> None:
    before = prepare.common(pages)
    assert prepare.common(pages) == before
    assert json.loads(json.dumps(before)) == before
    assert re.fullmatch("[0-9a-f]{16}", prepare.fingerprint(before, pages))


def test_a_preview_rests_on_its_own_runs(
    stored: Path, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = prepare.common(pages)
    monkeypatch.setenv("MNISTLAB_PREVIEW", "1")
    assert prepare.common(pages) != before


def test_other_data_are_seen(stored: Path, pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = prepare.common(pages)
    keys = {specification: runs.key(specification) for specification in runs.BOOK}
    monkeypatch.setattr(runs, "key", keys.get)  # so that only the digests differ
    monkeypatch.setattr(prepare, "run_digest", lambda wanted: "same")
    before["runs"] = dict.fromkeys(before["runs"], "same")
    assert prepare.common(pages) == before
    monkeypatch.setattr(sources, "digests", lambda root=None, source=None: {"file": "another"})
    assert prepare.common(pages) != before


def test_another_version_is_seen(
    stored: Path, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = prepare.fingerprint(prepare.common(pages), pages)
    monkeypatch.setattr(prepare, "version", lambda name: "0" if name == "matplotlib" else "1")
    one = prepare.fingerprint(prepare.common(pages), pages)
    monkeypatch.setattr(prepare, "version", lambda name: "0" if name == "numpy" else "1")
    assert len({before, one, prepare.fingerprint(prepare.common(pages), pages)}) == 3


def test_a_run_trained_again_is_seen(stored: Path, pages: Path) -> None:
    before = prepare.common(pages)
    runs.file_of(runs.BOOK[0]).write_text('{"history": "another"}')
    assert prepare.common(pages) != before


def test_other_runs_are_seen(stored: Path, pages: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = prepare.common(pages)
    monkeypatch.setattr(runs, "BOOK", runs.BOOK[:1])
    assert prepare.common(pages) != before


def test_only_missing_runs_are_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    first, second = (replace(runs.TASK_7, seed=seed) for seed in (1, 2))
    monkeypatch.setattr(runs, "BOOK", (first, second))
    monkeypatch.setattr(runs, "is_stored", lambda specification: specification == first)
    monkeypatch.setattr(prepare, "Outlook", lambda missing, tell: Mock())
    monkeypatch.setattr(runs, "run", lambda specification, told: asked.append(specification))
    lines = []
    monkeypatch.setattr(prepare.logger, "info", lambda text, *values: lines.append(text % values))
    prepare.train_missing()
    assert asked == [second]
    assert len(lines) == 2
    expected = "1 of 1: fully-connected network, sizes (784, 100, 10), 10 epochs, seed 2"
    assert lines[0] == f"training run {expected}"


def test_stopping_is_one_message_without_traceback() -> None:
    with pytest.raises(SystemExit, match=r"The book can't be built\.\nwhat to do"):
        ending.stop("what to do")


def no_room(file: Path) -> Exception:
    """An error as Sphinx raises it when there is no room for a file."""
    try:
        try:
            raise OSError(errno.ENOSPC, "No space left on device", str(file))
        except OSError as error:
            raise RuntimeError("handler threw an exception") from error
    except RuntimeError as error:
        return error


def test_the_cause_of_an_end_is_found_below_what_others_made_of_it(tmp_path: Path) -> None:
    said = ending.cause(no_room(tmp_path / "not" / "there.html"))
    assert re.fullmatch(
        rf"No space left on device: {re.escape(str(tmp_path))} \(\d+ MB free\)\. Make room.*", said
    )
    job = execute.Job("one", tmp_path / "one.md", None)
    failed = execute.PageFailedError(job, ValueError("Traceback ...\n\x1b[31mKeyError\x1b[0m: 'x'"))
    assert ending.cause(failed) == (
        f"A cell of {tmp_path / 'one.md'} failed: KeyError: 'x'. See its traceback above."
    )
    assert ending.cause(OSError(errno.ENOENT, "No such file", "x")) is None
    assert ending.cause(ValueError("our own mistake keeps its traceback")) is None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such limits")
@pytest.mark.fault(
    "A limit on the size of files (ulimit -f) or a quota is reached while the book is built",
    "One line names the file and the kind of limit, not the room on the disk",
)
@pytest.mark.slow
def test_a_limit_that_is_not_the_size_of_the_disk_is_named(tmp_path: Path) -> None:
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(bytes(50_000))
    program = (
        "import resource, shutil, sys\n"
        "from mnistlab.sphinxext import ending\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))\n"
        "try:\n    shutil.copyfile(*sys.argv[1:])\n"
        "except OSError as error:\n    print(ending.cause(error))\n"
    )
    command = [sys.executable, "-c", program, str(source), str(target)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"File too large: {target}. A limit on the size of files (see ulimit")
    quota = ending.cause(OSError(errno.EDQUOT, "Disk quota exceeded", str(target)))
    assert re.match(rf"Disk quota exceeded: {re.escape(str(target))}\. .* quota is reached", quota)


def test_a_full_database_is_a_full_disk_in_its_folder(tmp_path: Path) -> None:
    connection = sqlite3.connect(":memory:")
    connection.execute("create table t (x)")
    connection.execute("pragma max_page_count = 3")
    with pytest.raises(sqlite3.OperationalError) as caught:
        connection.execute("insert into t values (zeroblob(100000))")
    connection.close()
    said = ending.cause(caught.value, tmp_path)
    assert re.match(rf".*full: {re.escape(str(tmp_path))} \(\d+ MB free\)", said)


def test_handlers_end_in_one_line_where_the_cause_is_known(tmp_path: Path) -> None:
    def handler(error: Exception | None) -> str:
        if error is not None:
            raise error
        return "done"

    assert ending.told(handler)(None) == "done"
    with pytest.raises(SystemExit, match="No space left on device"):
        ending.told(handler)(no_room(tmp_path / "x"))
    with pytest.raises(ValueError, match="ours"):
        ending.told(handler)(ValueError("ours"))


POSIX = pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGTERM that can be caught")
ENDS = """
import atexit, os
from mnistlab.sphinxext import ending
ending.catch_signals(None, None)

@atexit.register
def let_go():
    print("letting go", flush=True)
    os.kill(os.getpid(), {number})
    print("let go", flush=True)

ending.after_build(None, {failed})
ending.be_over(None, {failed})
if {early}:
    os.kill(os.getpid(), {number})
print("after the build", flush=True)
"""


@POSIX
@pytest.mark.fault(
    "Ctrl-C or SIGTERM after the book is finished, while Python ends",
    "One line; the book is there, and what packages do at the end is done",
)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "failed"), [(signal.SIGINT, "None"), (signal.SIGTERM, "ValueError()")]
)
def test_a_signal_while_python_ends_is_no_traceback(number: int, failed: str) -> None:
    program = ENDS.format(number=int(number), failed=failed, early=False)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout == f"after the build\nletting go\n{ending.TOO_LATE}\nlet go\n"


@POSIX
@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "failed", "said"),
    [(signal.SIGINT, "None", "TOO_LATE"), (signal.SIGTERM, "ValueError()", "INTERRUPTED")],
)
def test_a_book_that_is_there_is_not_said_to_be_interrupted(
    number: int, failed: str, said: str
) -> None:
    program = ENDS.format(number=int(number), failed=failed, early=True)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert "Traceback" not in ended.stderr
    assert ended.stdout.startswith(f"{getattr(ending, said)}\n")
    assert ("after the build" in ended.stdout) == (failed == "None")


SWALLOWED = """
import signal, time, weakref
from mnistlab.sphinxext import ending
ending.catch_signals(None, None)

class Thing:
    def __del__(self):
        signal.raise_signal({number})

thing = Thing()
if {callback}:
    Thing.__del__ = lambda self: None
    watched = weakref.ref(thing, lambda _: signal.raise_signal({number}))
try:
    del thing
    time.sleep(60)
finally:
    print("closed")
print("went on")
"""


@POSIX
@pytest.mark.fault(
    "Ctrl-C or SIGTERM in a callback of weakref or in __del__, where Python ignores exceptions",
    "One line, and the build ends all the same",
)
@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "callback"),
    [(signal.SIGINT, True), (signal.SIGTERM, False)],
    ids=["weakref", "__del__"],
)
def test_a_signal_that_python_ignores_ends_the_build(number: int, callback: bool) -> None:
    program = SWALLOWED.format(number=int(number), callback=callback)
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (128 + number, "")
    assert ended.stdout == f"{ending.INTERRUPTED}\nclosed\n"


@pytest.mark.slow
def test_what_else_python_ignores_is_still_said() -> None:
    program = SWALLOWED.format(number="'no number'", callback=False).replace("60", "0")
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (0, "closed\nwent on\n")
    assert "TypeError" in ended.stderr


WAITS = """
from mnistlab.sphinxext import ending
ending.catch_signals(None, None)
print("ready", flush=True)
print("x" * 1_000_000, flush=True)
"""


@POSIX
@pytest.mark.fault(
    "Ctrl-C or SIGTERM while the output waits for whoever reads it, such as less",
    "One line, no traceback",
)
@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=lambda one: one.name)
def test_a_signal_in_the_middle_of_a_print_is_one_line(number: int) -> None:
    buffered = {name: text for name, text in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(
        [sys.executable, "-c", WAITS],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=buffered,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "ready\n"
        full, before = waiting(process.stdout), -1
        while full == 0 or full != before:
            time.sleep(0.5)
            full, before = waiting(process.stdout), full
        process.send_signal(number)
        errors = [process.stderr.readline() for _ in ending.INTERRUPTED.splitlines()]
        assert "".join(errors) == f"{ending.INTERRUPTED}\n"
        said, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (128 + number, "")
    assert set(said) <= set("x\n")


def waiting(pipe: IO[str]) -> int:
    """How many bytes in a pipe wait to be read."""
    import fcntl  # not on Windows
    import termios

    (number,) = struct.unpack("i", fcntl.ioctl(pipe, termios.FIONREAD, b"0000"))
    return number


TALKS = """
import logging, os, sys
from mnistlab.sphinxext import ending
ending.catch_signals(None, None)
logging.basicConfig(stream=sys.stdout, level=logging.INFO)
here, there = os.pipe()
os.close(here)
try:
    os.write(there, b"into a pipe that is not the output")
except BrokenPipeError:
    print("told", flush=True)
sys.stdin.readline()
for number in range(1000):
    logging.info("line %d", number)
"""


@pytest.mark.skipif(os.name != "posix", reason="Windows has no SIGPIPE")
@pytest.mark.fault(
    "The output of a build goes to head, which hangs up",
    "Nothing: the build ends, as other programs do; the same command goes on",
)
@pytest.mark.slow
def test_a_build_whose_output_nobody_reads_ends() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", TALKS],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout.readline() == "told\n"
        process.stdout.close()
        process.stdin.write("go on\n")
        process.stdin.close()
        assert process.stderr.read() == ""
        assert process.wait(60) == 128 + signal.SIGPIPE


# ----- the pages as HTML ---------------------------------------------------------------------


def test_mathjax_has_the_files_that_pages_load() -> None:
    for name in html.MATHJAX_FILES:
        assert (html.mathjax() / name).exists()


def test_without_mathjax_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MATHJAX_PACKAGE", "sphinx-mathjax-elsewhere")
    with pytest.raises(html.ExtensionError, match="pip install sphinx-mathjax-elsewhere"):
        html.mathjax()


def test_private_decorators_are_not_shown() -> None:
    code = show.shown("mnistlab.train", hide_options=True).code
    assert code.startswith("def train(")
    assert "optimizer.step()" in code
