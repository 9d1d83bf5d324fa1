"""What pages rest on, how they are executed side by side, and how executed pages are kept."""

import asyncio
import atexit
import gc
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

NO_BOOK = "the book's own packages are not installed: extra [book]"
executed = pytest.importorskip("mnistlab.sphinxext.executed", reason=NO_BOOK)
execute = pytest.importorskip("mnistlab.sphinxext.execute", reason=NO_BOOK)
kernels = pytest.importorskip("mnistlab.sphinxext.kernels", reason=NO_BOOK)
rests = pytest.importorskip("mnistlab.sphinxext.rests", reason=NO_BOOK)
nbformat = pytest.importorskip("nbformat")

REPOSITORY = Path(__file__).resolve().parent.parent

# ----- what a page rests on ------------------------------------------------------------------


@pytest.fixture
def package(tmp_path: Path) -> rests.Package:
    """A package with a core, a checker that the core does not need, and files that are no code."""
    sources = {
        "__init__.py": "from sample.core import f",
        "core.py": "from . import tools\ndef f():\n    from sample.inner import late",
        "tools.py": "",
        "alone.py": "import subprocess",
        "inner/__init__.py": "",
        "inner/late.py": "from ..tools import x",
        "check/__init__.py": "from sample.check._report import Report",
        "check/_report.py": "",
        "check/mistakes.md": "# Mistakes",
        "recorded/run.json": "{}",
        "__pycache__/core.cpython-311.pyc": "no source",
    }
    for name, text in sources.items():
        file = tmp_path / "sample" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return rests.Package(tmp_path / "sample")


CORE = {
    "__init__.py", "core.py", "tools.py", "inner/__init__.py", "inner/late.py", "recorded/run.json"
}  # fmt: skip
CHECK = {"check/__init__.py", "check/_report.py", "check/mistakes.md"}


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("import os", set()),
        ("import sample", CORE),
        ("from sample import f", CORE),
        ("def g():\n    import sample.check._report", CORE | CHECK),
        ("from sample import check", CORE | CHECK),
    ],
)
def test_a_page_rests_on_what_its_imports_reach(
    package: rests.Package, cell: str, expected: set[str]
) -> None:
    assert set(package.rests_on(["1 + 1", cell])) == expected


@pytest.mark.parametrize(
    "cell",
    [
        "%matplotlib inline",
        "!python -m sample",
        "import importlib\nimportlib.import_module('sample.' + 'check')",
        "from importlib import import_module",
        "import subprocess",
        "from runpy import run_module",
        "import os\nos.system('python -m sample')",
        "exec('import sample')",
        "__import__('sample')",
        "import sample.alone",
    ],
)
def test_in_doubt_a_page_rests_on_every_file(package: rests.Package, cell: str) -> None:
    assert set(package.rests_on([cell])) == CORE | CHECK | {"alone.py"}


def test_chapters_do_not_rest_on_the_checkers() -> None:
    package = rests.Package(REPOSITORY / "mnistlab")
    reached = package.rests_on(["from mnistlab import TASK_7, plots, record, run, sources"])
    assert {"__init__.py", "networks.py", "shapes.py"} <= set(reached)
    assert not [file for file in reached if file.startswith(("check/", "cli/", "sphinxext/"))]


@pytest.mark.slow
def test_what_is_seen_from_outside_is_all_that_python_loads() -> None:
    """Import what pages import, in a process of its own: no module is loaded that is not foreseen."""
    names = ["mnistlab", "mnistlab.plots", "mnistlab.check", "mnistlab.runs.record"]
    package = rests.Package(REPOSITORY / "mnistlab")
    code = "; ".join(f"import {name}" for name in names)
    listing = "import sys; print(*(m for m in sys.modules if m.partition('.')[0] == 'mnistlab'))"
    done = subprocess.run(
        [sys.executable, "-c", f"{code}; {listing}"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    )  # fmt: skip
    loaded = {package.modules[module] for module in done.stdout.split()}
    assert len(loaded) > 20
    assert loaded <= set(package.rests_on([f"import {name}" for name in names]))


# ----- executing -----------------------------------------------------------------------------


@pytest.fixture
def little_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Kernels of notebooks that need no more: they are there sooner."""
    monkeypatch.setattr(kernels, "IMPORTED", ("ipykernel.kernelapp",))


soon = pytest.mark.usefixtures("little_imported")


def job(folder: Path, name: str, *cells: str) -> execute.Job:
    """A notebook with these cells."""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(cell) for cell in cells],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3"}},
    )
    return execute.Job(name, folder / f"{name}.md", notebook)


def text(done: execute.Job, cell: int = 0) -> str:
    return "".join(output.text for output in done.notebook.cells[cell].outputs)


MEET = """\
import pathlib, time
pathlib.Path("{me}").touch()
end = time.monotonic() + 60
while not pathlib.Path("{other}").exists() and time.monotonic() < end:
    time.sleep(0.05)
print(pathlib.Path("{other}").exists())
"""


@soon
def test_notebooks_are_executed_side_by_side_in_their_folder(tmp_path: Path) -> None:
    jobs = [
        job(tmp_path, "a", MEET.format(me="a", other="b")),
        job(tmp_path, "b", MEET.format(me="b", other="a")),
    ]
    seconds: dict[str, float] = {}
    execute.execute(jobs, lambda one, took: seconds.update({one.name: took}), kernels=2)
    assert [text(one) for one in jobs] == ["True\n", "True\n"], "each waited for the other"
    assert seconds.keys() == {"a", "b"}
    assert all(not cell.metadata for one in jobs for cell in one.notebook.cells)


@soon
def test_a_kernel_has_its_share_of_the_cores_and_nothing_of_the_users_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    startup = tmp_path / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "noise.py").write_text("print('from the profile'); noise = 1")
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    one = job(tmp_path, "a", "import os; print(os.environ['OMP_NUM_THREADS'], 'noise' in dir())")
    execute.execute([one], lambda one, took: None)
    assert text(one) == f"{execute.cores()} False\n"


@soon
@pytest.mark.fault(
    "The kernel of a page dies (out of memory, a crash)",
    "One line names the page: Kernel died",
)
@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        (["1", "1 / 0"], "ZeroDivisionError: division by zero"),
        (["import os; os._exit(3)"], "Kernel died"),
    ],
)
def test_what_fails_is_named_and_the_others_are_stopped(
    tmp_path: Path, cells: list[str], reason: str
) -> None:
    slow = job(tmp_path, "slow", "import time; time.sleep(300)", "2", "3")
    start = time.monotonic()
    with pytest.raises(execute.PageFailedError) as caught:
        execute.execute([slow, job(tmp_path, "bad", *cells)], lambda one, took: None, kernels=2)
    assert time.monotonic() - start < 200
    assert (caught.value.name, caught.value.reason) == ("bad", reason)


FORKED = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")


@FORKED
def test_a_kernel_has_imported_what_pages_need_and_nothing_that_another_page_did(
    tmp_path: Path,
) -> None:
    seen = "import sys, mnistlab; print('torch' in before, hasattr(mnistlab, 'mark'), 'x' in dir())"
    cells = ["import sys; before = set(sys.modules)", seen, "mnistlab.mark = x = 1"]
    jobs = [job(tmp_path, name, *cells) for name in "abc"]
    execute.execute(jobs, lambda one, took: None, kernels=2)
    assert [text(one, 1) for one in jobs] == ["True False False\n"] * 3


@FORKED
def test_a_forked_kernel_draws_and_computes_with_all_its_threads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MPLBACKEND", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    cells = [
        "import matplotlib.pyplot as plt; plt.plot([1, 2]);",
        "import torch; print((torch.ones(2000, 2000) @ torch.ones(2000, 2000)).sum().item())\n"
        "print(torch.get_num_threads())",
        "from torch.utils.data import DataLoader; print(*DataLoader([1, 2], num_workers=1))",
    ]
    one = job(tmp_path, "a", *cells)
    execute.execute([one], lambda one, took: None, kernels=1)
    assert "image/png" in one.notebook.cells[0].outputs[-1].data
    assert text(one, 1) == f"{2000.0**3}\n{execute.cores()}\n"
    assert text(one, 2) == "tensor([1]) tensor([2])\n"


@FORKED
@pytest.mark.parametrize("script", ["import no_such_module", "print('ready', flush=True)"])
def test_where_no_kernel_can_be_forked_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], script: str
) -> None:
    """What a page needs may be there although what others need is not."""
    monkeypatch.setattr(kernels, "SCRIPT", tmp_path / "prepared.py")
    kernels.SCRIPT.write_text(script)
    one = job(tmp_path, "a", "import sys; print('torch' in sys.modules)")
    execute.execute([one], lambda one, took: None)
    assert text(one) == "False\n"
    assert ("no_such_module" in script) == ("No module named" in capfd.readouterr().err)


@FORKED
@pytest.mark.slow
def test_kernels_end_with_a_build_that_is_killed(tmp_path: Path) -> None:
    """Killed, a build can't end anything: the process that kernels are forked from misses it."""
    build = tmp_path / "build.py"
    pid = tmp_path / "pid"
    code = f"import os, pathlib, time\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))"
    build.write_text(
        "import nbformat, pathlib\nfrom mnistlab.sphinxext.execute import Job, execute\n"
        f"cells = [nbformat.v4.new_code_cell(cell) for cell in ({code!r}, 'time.sleep(300)')]\n"
        f"page = pathlib.Path({str(tmp_path / 'a.md')!r})\n"
        "execute([Job('a', page, nbformat.v4.new_notebook(cells=cells))], print)\n"
    )
    with subprocess.Popen([sys.executable, str(build)], cwd=REPOSITORY) as process:
        wait_until(lambda: pid.exists() and pid.read_text())
        process.kill()
    wait_until(lambda: not Path(f"/proc/{pid.read_text()}").exists())


def wait_until(happened: Callable[[], object], seconds: float = 120) -> None:
    """Wait; fail if it does not happen."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.05)


@pytest.fixture
def interrupt_once() -> Iterator[Callable[[Callable[[], object]], None]]:
    """Press Ctrl-C for the main thread when something is true.

    A shell lets what it starts in the background ignore Ctrl-C, and Python leaves it at that.
    """
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield _interrupt_once
    signal.signal(signal.SIGINT, before)


def _interrupt_once(ready: Callable[[], object]) -> None:
    def wait() -> None:
        while not ready():
            time.sleep(0.01)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    threading.Thread(target=wait, daemon=True).start()


@FORKED
def test_a_kernel_is_not_interrupted_before_it_is_ended() -> None:
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as process:
        kernel = kernels.ForkingProvisioner()
        kernel.pid = kernel.pgid = process.pid
        kernel.process = kernels.ForkedKernel(process.pid)
        asyncio.run(kernel.send_signal(signal.SIGINT))
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(0.5)
        asyncio.run(kernel.send_signal(signal.SIGTERM))
        assert process.wait(60) == -signal.SIGTERM


@soon
def test_an_interrupt_stops_the_kernels_without_noise(
    tmp_path: Path,
    interrupt_once: Callable[..., None],
    capfd: pytest.CaptureFixture[str],
) -> None:
    """What interrupts the waiting thread, such as Ctrl-C, ends every kernel before it goes on."""
    pid = tmp_path / "pid"
    slow = job(
        tmp_path, "slow",
        f"import os, pathlib, time\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))",
        "time.sleep(300)",
    )  # fmt: skip
    interrupt_once(lambda: pid.exists() and pid.read_text())
    with pytest.raises(KeyboardInterrupt):
        execute.execute([slow], lambda one, took: None)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    gc.collect()  # a task that nobody has asked for its exception says so when it goes
    assert capfd.readouterr() == ("", "")


@soon
@pytest.mark.fault(
    "Ctrl-C in the moment in which a page is done and its kernel ends",
    "The line that says so, and no traceback of a library's last words",
)
def test_an_interrupt_while_a_kernel_ends_leaves_nothing_for_the_exit(
    tmp_path: Path, interrupt_once: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    ending, left = threading.Event(), []
    pid = tmp_path / "pid"
    shutdown = execute.AsyncKernelManager.shutdown_kernel

    async def slowly(self: object, *arguments: object, **options: object) -> None:
        ending.set()
        await asyncio.sleep(2)
        await shutdown(self, *arguments, **options)

    monkeypatch.setattr(execute.AsyncKernelManager, "shutdown_kernel", slowly)
    monkeypatch.setattr(atexit, "register", lambda one, *_: left.append(one))
    monkeypatch.setattr(atexit, "unregister", lambda one: one in left and left.remove(one))
    code = f"import os, pathlib\npathlib.Path({str(pid)!r}).write_text(str(os.getpid()))"
    interrupt_once(ending.is_set)
    with pytest.raises(KeyboardInterrupt):
        execute.execute([job(tmp_path, "quick", code)], lambda one, took: None)
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)
    assert not [one for one in left if getattr(one, "__self__", None) and one.__self__.km is None]


# ----- keeping -------------------------------------------------------------------------------


@pytest.fixture
def kept(tmp_path: Path) -> executed.Executed:
    notebook = job(tmp_path, "a", "1").notebook
    return executed.Executed(notebook, seconds=2.5, finished=1_700_000_000.0)


def test_an_executed_page_comes_back_as_it_was(tmp_path: Path, kept: executed.Executed) -> None:
    kept.save(tmp_path / "page" / "key.json")
    assert executed.Executed.load(tmp_path / "page" / "key.json") == kept
    assert executed.Executed.load(tmp_path / "page" / "other.json") is None


@pytest.mark.fault(
    "An executed page in the cache is damaged, or half of it was written",
    "One line; the page is executed again",
)
@pytest.mark.parametrize(
    "damage",
    [
        lambda content: content[: len(content) // 2],
        lambda content: content.replace(b'"seconds": 2.5', b'"seconds": 2.6'),
        lambda content: b"",
        lambda content: b"\xff\xfe" + content,
    ],
    ids=["half", "changed", "empty", "no text"],
)
def test_a_damaged_page_is_thrown_away_with_one_line(
    tmp_path: Path,
    kept: executed.Executed,
    damage: Callable[[bytes], bytes],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lines: list[str] = []
    monkeypatch.setattr(executed.logger, "info", lambda text, *values: lines.append(text % values))
    file = tmp_path / "page" / "key.json"
    kept.save(file)
    file.write_bytes(damage(file.read_bytes()))
    assert executed.Executed.load(file) is None
    assert len(lines) == 1
    assert "the page is executed again" in lines[0]
    assert not file.exists()


def test_the_forms_used_last_are_kept(
    tmp_path: Path, kept: executed.Executed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executed, "KEPT", 2)
    folder = tmp_path / "page"
    for number, name in enumerate(["old", "recent", "again"]):
        kept.save(folder / f"{name}.json")
        if name != "again":
            os.utime(folder / f"{name}.json", (number, number))
    assert {file.stem for file in folder.iterdir()} == {"recent", "again"}


def test_a_page_gets_the_outputs_that_its_cells_had(tmp_path: Path) -> None:
    ran = job(tmp_path, "a", "1 + 1").notebook
    ran.cells[0].outputs = [nbformat.v4.new_output("stream", text="2")]
    page = job(tmp_path, "b", "1 + 1").notebook
    page.cells.insert(0, nbformat.v4.new_markdown_cell("New words."))
    filled = executed.with_outputs(page, ran)
    assert [cell.get("outputs") for cell in filled.cells] == [None, ran.cells[0].outputs]
    ran.cells.append(nbformat.v4.new_code_cell("2"))
    with pytest.raises(ValueError, match="longer"):
        executed.with_outputs(page, ran)
