"""What students' files have in them that is no solution: shells, magic commands, odd encodings.

Real files, run in real processes by a real IPython, as in `test_check_file`.
"""

import codecs
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from accounts import STRANGER, as_stranger, needs_root, open_to_others
from nbformat.v4 import new_code_cell, new_notebook, writes_json
from students import AMPLE, document, notebook_of, states

from mnistlab.check.student import sandbox
from mnistlab.exercises import EXERCISES, _child, _elsewhere, _judging, _reading, _running
from mnistlab.exercises._running import Ran

SOLVED = "def flatten_size(Q2):\n    return 49 * Q2"
ONLY = ("--only", "flatten_size")
FLATTEN_SIZE = next(one for one in EXERCISES if one.name == "flatten_size")


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The images are few, and a busy machine stalls with two."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


# --- shells

SHELLS = (
    "!pip3 install nothing; touch {}",
    "!{sys.executable} -m pip list; touch {}",
    "out = !pip list; touch {}",
    "!!touch {}",
    "!",
    "%pip list && touch {}",
    "%conda install nothing",
    "%mamba install nothing",
    "%uv pip list",
    "%sx touch {}",
    "%system touch {}",
    "%sc -l listed=touch {}",
    "%mkdir {}",
    "%alias made touch {}\n%made",
    "get_ipython().system('touch {}')",
    "get_ipython().system_raw('touch {}')",
    "get_ipython().system_piped('touch {}')",
    "got = get_ipython().getoutput('touch {}')",
    "get_ipython().run_cell_magic('bash', '', 'touch {}')",
    "for _ in range(3):\n    !touch {}",
)
"""Lines that start a shell which would make a file; Python follows in the same cell."""

SHELL_CELLS = (
    "%%bash\npip install nothing; touch {}",
    "%%sh\ntouch {}",
    "%%script bash\ntouch {}",
    "%%sx\ntouch {}",
    "%%system\ntouch {}",
    "%%!\ntouch {}",
    "%%python3\nopen('{}', 'w')",
    "%%perl\nopen(F, '>{}')",
    "mkdir {}",
    "pip install nothing",
)
"""Cells that are nothing else."""


def shell_notebook(folder: Path) -> Path:
    """A notebook with each kind of shell, and a solution that needs what stands beside them."""
    lines = [line.replace("{}", f"line-{i}") for i, line in enumerate(SHELLS)]
    beside = [f"{line}\nafter_{number} = 7" for number, line in enumerate(lines)]
    cells = [cell.replace("{}", f"cell-{i}") for i, cell in enumerate(SHELL_CELLS)]
    after = ", ".join(f"after_{number}" for number in range(len(SHELLS)))
    solved = f"def flatten_size(Q2):\n    !touch asked\n    return len({{{after}}}) * 49 * Q2"
    return notebook_of(folder / "mine.ipynb", "import sys", *beside, *cells, solved)


@pytest.mark.fault(
    "A student's file installs packages, or starts a shell in any other way",
    "No shell runs while grading; each line or cell that was left out is named, all else is judged",
)
@pytest.mark.slow
def test_no_shell_runs_while_grading(tmp_path: Path) -> None:
    found = document(shell_notebook(tmp_path), *AMPLE, *ONLY)
    assert [path.name for path in tmp_path.iterdir()] == ["mine.ipynb"]
    assert found["errors"] == []
    assert states(found) == {"flatten_size": "passed"}
    assert found["passed"]
    named = [one.partition(": ")[0] for one in found["left_out"]]
    asked = 1 + len(SHELLS) + len(SHELL_CELLS)
    assert set(named) == {f"Cell In[{number}]" for number in range(2, asked + 1)} | {"your code"}
    assert (
        "Cell In[2]: !pip3 install nothing; touch line-0: a shell command (--shell runs it)"
        in (found["left_out"])
    )
    assert f"Cell In[{asked - 9}]: %%bash: a shell command (--shell runs it)" in found["left_out"]


@pytest.mark.slow
def test_those_who_want_it_let_shells_run(tmp_path: Path) -> None:
    """Planted, too: the files that the test above finds missing are made here."""
    cells = (
        "!touch one",
        "%%bash\ntouch two",
        "three = !echo 49",
        "get_ipython().system('touch 4')",
    )
    solved = "def flatten_size(Q2):\n    return int(three[0]) * Q2"
    path = notebook_of(tmp_path / "mine.ipynb", *cells, solved)
    found = document(path, *AMPLE, *ONLY, "--shell")
    assert {"one", "two", "4"} <= {one.name for one in tmp_path.iterdir()}
    assert found["passed"]
    assert (found["left_out"], found["kept_from"]) == ([], [])


# --- what Python starts

OUTWARD = (
    "import os, pathlib, socket, subprocess, sys, urllib.request",
    "started = subprocess.run([sys.executable, '-m', 'pip', 'download', 'nothing'], cwd='.')",
    "package = pathlib.Path(sys.modules['torch'].__file__).parent\n"
    "status = os.system(f'touch {package}/planted')",
    "urllib.request.urlopen('http://192.0.2.1/', timeout=30)",
    "with socket.socket() as here:\n"
    "    here.bind(('127.0.0.1', 0))\n"
    "    here.listen()\n"
    "    socket.create_connection(here.getsockname()).close()",
    "pathlib.Path('beside.txt').write_text('49')",
    "def flatten_size(Q2):\n"
    "    assert started.returncode and status\n"
    "    return int(pathlib.Path('beside.txt').read_text()) * Q2",
)


@pytest.mark.fault(
    "A student's file starts other programs from Python, such as pip by os.system",
    "They have no network and can't change Python's packages, where the system can do that",
)
@pytest.mark.slow
def test_python_reaches_no_network_and_changes_no_package(tmp_path: Path) -> None:
    path = notebook_of(tmp_path / "mine.ipynb", "import torch", *OUTWARD)
    found = document(path, *AMPLE, *ONLY)
    if found["kept_from"] != ["network", "environment"]:
        pytest.skip(f"this system keeps a file only from: {found['kept_from']}")
    (error,) = found["errors"]
    assert error.startswith("Cell In[5] raises URLError:")
    assert "Network is unreachable" in error
    assert states(found) == {"flatten_size": "passed"}
    assert (tmp_path / "beside.txt").exists()


PROGRAM = (
    "import os, socket\n"
    "for path in ('kept/new', 'kept/own/new', 'free/new'):\n"
    "    try:\n"
    "        open(path, 'w').close()\n"
    "    except OSError as error:\n"
    "        print(error.strerror, end=', ')\n"
    "    else:\n"
    "        print('written', end=', ')\n"
    "print(socket.socket().connect_ex(('192.0.2.1', 9)) != 0, end=', ')\n"
    "print(os.getuid(), os.environ['MNISTLAB_KEPT_FROM'])"
)


def isolated(folder: Path, program: str, *before: str) -> str:
    """What a Python program prints that is run in isolation, in a folder that anybody may write."""
    for name in ("kept/own", "free"):
        (folder / name).mkdir(parents=True)
    for one in (folder, *folder.rglob("*")):
        one.chmod(0o777)
    settings = {"read_only": [str(folder / "kept")], "writable": [str(folder / "kept" / "own")]}
    isolation = str(Path(_judging.__file__).with_name("_isolation.py"))
    command = [*before, "-I", "-S", isolation, json.dumps(settings), before[-1], "-c", program]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return run.stdout.strip()


HELD = "Read-only file system, written, written, True, {} network environment"


@pytest.mark.skipif(sys.platform != "linux", reason="other systems than Linux have no namespaces")
def test_isolation_keeps_from_the_network_and_from_some_folders(tmp_path: Path) -> None:
    printed = isolated(tmp_path / "here", PROGRAM, sys.executable)
    if not printed.endswith("network environment"):
        pytest.skip(f"this system allows no isolation: {printed}")
    assert printed == HELD.format(os.getuid())


@needs_root
@pytest.mark.skipif(not Path("/usr/bin/python3").exists(), reason="no Python that all users have")
def test_isolation_needs_no_rights(tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("open")
    open_to_others(folder)
    stranger = as_stranger("/usr/bin/python3")
    printed = isolated(folder / "here", PROGRAM, *stranger)
    if printed.endswith("MNISTLAB_KEPT_FROM"):
        pytest.skip("this system has no user namespaces")
    assert printed == HELD.format(STRANGER)


# --- magic commands, and what only a hosted notebook has

RUN = (
    "%matplotlib notebook\n%config InlineBackend.figure_format = 'retina'\na = 1",
    "%pylab inline\nplot([1, 2]), show()\na += int(array([1]).sum())",
    "%%time\na += 1",
    "%%capture printed\na += 1\nprint(a)",
    "%%writefile helper.py\nextra = 1",
    "%run helper.py\na += extra",
    "%cd ..\n%cd -q here\n%env SOME=1\nimport os, helper\na += int(os.environ['SOME'])",
    "%load_ext autoreload\n%autoreload 2\nb = %time a\na += b - a + 1",
    "?a\na?\nlen??\n%pinfo a\n%who\n%lsmagic\n%history\n%timeit -n 1 -r 1 a\na += 1",
    "from IPython.display import HTML, clear_output\n"
    "display(HTML('x')); clear_output(wait=True)\nfrom tqdm.notebook import tqdm, trange\n"
    "for _ in tqdm(trange(1)):\n    a += 1",
    "await __import__('asyncio').sleep(0)\nbreakpoint()\na += 1",
    "try:\n    import google.colab\nexcept ImportError:\n    a += 1",
    "get_ipython().magic('matplotlib inline'); 'IPKernelApp' in get_ipython().config\na += 1",
    "%%html\n<b>bold</b>",
    "%%javascript\nalert(1)",
)
"""Cells that do here what they do in Jupyter; they count."""
COUNTED = 12

LEFT_OUT = {
    "%load_ext tensorboard\na += 1": "it raises ModuleNotFoundError: ",
    "%tensorflow_version 2.x\na += 1": "there is no such magic command here",
    "%load nothing_here.py\na += 1": "it raises ValueError: ",
    "exit()\na += 1": "the notebook goes on",
    "quit(0)\na += 1": "the notebook goes on",
    "%debug\na += 1": "it waits for somebody who types",
    "%edit\na += 1": "it waits for somebody who types",
    "%pdb on\na += 1": "it waits for somebody who types",
    "from google.colab import drive, files\ndrive.mount('/content/drive')\n"
    "for name in files.upload().keys():\n    print(name)\na += 1": "google.colab is not here",
    "import google.colab as g\ng.output.clear()\na += 1": "google.colab is not here",
    "from kaggle_secrets import UserSecretsClient\n"
    "key = UserSecretsClient().get_secret('key')\na += 1": "kaggle_secrets is not here",
    "exit": "the notebook goes on",
    "%%bigquery\nSELECT 1": "there is no such magic command here",
}
"""Cells, of which one line each does nothing, and what is said of it."""


@pytest.mark.fault(
    "A notebook has magic commands, builtins and modules of Colab, VS Code or Kaggle",
    "They run, or are left out with a line that says why; the rest of the cell runs",
)
@pytest.mark.slow
def test_what_colab_and_others_leave_in_a_notebook_changes_no_verdict(tmp_path: Path) -> None:
    total = COUNTED + sum("a += 1" in cell for cell in LEFT_OUT)
    solved = (
        f"def flatten_size(Q2):\n    assert a == {total}, a\n    display(a)\n    return 49 * Q2"
    )
    (tmp_path / "here").mkdir()
    path = notebook_of(tmp_path / "here" / "mine.ipynb", *RUN, *LEFT_OUT, solved)
    found = document(path, *AMPLE, *ONLY)
    assert found["errors"] == []
    assert found["exercises"]["flatten_size"]["problems"] == []
    assert found["passed"]
    said = iter(found["left_out"])
    for number, why in enumerate(LEFT_OUT.values(), start=len(RUN) + 1):
        place, _, words = next(said).partition(": ")
        assert (place, why in words) == (f"Cell In[{number}]", True), words
    assert list(said) == []


RAISED = {
    "%%capture\n1 / 0": "ZeroDivisionError",
    "%run missing.py": "",
    "get_ipython().run_cell('1 / 0')": "ZeroDivisionError",
    "%%time\n1 / 0": "ZeroDivisionError",
    "age = input()": "EOFError",
    "%%bigquery named\nflatten_size = lambda Q2: 49 * Q2": "",
}


@pytest.mark.slow
def test_what_a_magic_command_swallows_is_told(tmp_path: Path) -> None:
    found = document(notebook_of(tmp_path / "mine.ipynb", *RAISED), *AMPLE, *ONLY)
    told = "\n".join(found["errors"])
    for number, error in enumerate(RAISED.values(), start=1):
        assert f"Cell In[{number}] raises {error}" in told or not error
    assert "Cell In[2] raises" in told
    remark = "flatten_size is not defined: Cell In[6] was left out"
    assert found["exercises"]["flatten_size"]["remark"] == remark


SAVED_BY_COLAB = """\
# -*- coding: utf-8 -*-
\"\"\"Saved by Colab as a script.\"\"\"

!pip install nothing
get_ipython().run_line_magic('matplotlib', 'inline')
from google.colab import drive
drive.mount('/content/drive')

def flatten_size(Q2):
    display(Q2)
    return 49 * Q2

1 / 0
"""


@pytest.mark.fault(
    "A script that was saved from a notebook has lines with ! and % in it",
    "It is read as the notebook would be; its shells are left out with a line each",
)
@pytest.mark.slow
def test_a_script_saved_from_a_notebook_is_judged(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(SAVED_BY_COLAB, "utf-8")
    found = document(path, *AMPLE, *ONLY)
    (error,) = found["errors"]
    assert error.startswith("mine.py raises ZeroDivisionError:")
    assert "at mine.py, line 13" in error
    assert states(found) == {"flatten_size": "passed"}
    assert found["left_out"] == [
        "mine.py: from google.colab import drive: google.colab is not here: what it is asked does "
        "nothing",
        "mine.py: !pip install nothing: a shell command (--shell runs it)",
    ]


def test_what_is_installed_is_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _elsewhere._absent_host("google.colab.drive") == "google.colab"
    assert _elsewhere._absent_host("google.colaborate") is None
    monkeypatch.setattr(_elsewhere, "HOSTS", ("torch",))
    assert _elsewhere._absent_host("torch.nn") is None


# --- encodings

CODE = "größe = 'Ж'  # ≥ 49"
ENCODINGS = {
    "UTF-8": ("utf-8", b""),
    "UTF-8 with a mark": ("utf-8", codecs.BOM_UTF8),
    "UTF-16 with a mark": ("utf-16-le", codecs.BOM_UTF16_LE),
    "UTF-16, big endian, with a mark": ("utf-16-be", codecs.BOM_UTF16_BE),
    "UTF-16 without a mark": ("utf-16-le", b""),
    "UTF-32 with a mark": ("utf-32-le", codecs.BOM_UTF32_LE),
}
every_encoding = pytest.mark.parametrize("encoding", ENCODINGS)


def saved(path: Path, text: str, encoding: str) -> Path:
    """A file with this text, as Windows' tools save it, with their ends of lines."""
    name, mark = ENCODINGS[encoding]
    path.write_bytes(mark + text.replace("\n", "\r\n").encode(name))
    return path


@pytest.mark.fault(
    "A notebook was saved by Windows' tools: a byte order mark, UTF-16, a code page",
    "It is read like any other",
)
@every_encoding
def test_a_notebook_is_read_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    text = writes_json(new_notebook(cells=[new_code_cell(CODE)]))
    assert _reading.cells(saved(tmp_path / "mine.ipynb", text, encoding)) == [CODE]


def test_a_notebook_in_a_code_page_is_read(tmp_path: Path) -> None:
    text = writes_json(new_notebook(cells=[new_code_cell("größe = 49")]))
    (tmp_path / "mine.ipynb").write_bytes(text.encode("cp1252"))
    assert _reading.cells(tmp_path / "mine.ipynb") == ["größe = 49"]


@pytest.mark.fault(
    "A script was saved as UTF-16, which Python itself does not read",
    "It is read, and an error in it is told with its line",
)
@every_encoding
def test_a_script_is_read_in_any_encoding(encoding: str, tmp_path: Path) -> None:
    text = f"{CODE}\n{SOLVED}\nassert flatten_size(1) == 49\nraise ValueError(größe)  # told\n"
    path = saved(tmp_path / "made.py", text, encoding)
    ran, told = Ran(), []
    _running._script(path, 20, lambda _, error: told.append(error), ran)
    (error,) = told
    assert str(error) == "Ж"
    assert sandbox.student_line(error).endswith(
        "line 5, in <module>:\n  raise ValueError(größe)  # told"
    )
    assert _judging._line_of(path, 5) == "raise ValueError(größe)  # told"
    assert _child.judged(FLATTEN_SIZE, ran).state == "passed"


@pytest.mark.fault(
    "A notebook of another language, such as R, is handed in",
    "One line says of which, and what was expected",
)
def test_a_notebook_of_another_language_is_told_so(tmp_path: Path) -> None:
    kernel = {"name": "ir", "display_name": "R", "language": "R"}
    notebook = new_notebook(cells=[new_code_cell("x <- 1")], metadata={"kernelspec": kernel})
    (tmp_path / "mine.ipynb").write_text(writes_json(notebook), "utf-8")
    with pytest.raises(_reading.NotPython, match="this is a notebook of R; expected one of Python"):
        _reading.cells(tmp_path / "mine.ipynb")


# --- a busy machine

WORKS = """\
import time

def work(seconds):
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass

work(3)

def flatten_size(Q2):
    work(0.1)
    return 49 * Q2
"""
BUSY = "import time\nuntil = time.monotonic() + 120\nwhile time.monotonic() < until: pass"


@pytest.mark.fault(
    "A right file is checked on a busy machine",
    "The same verdict as on a quiet one: limits count processor time",
)
@pytest.mark.slow
def test_a_right_file_passes_on_a_busy_machine(tmp_path: Path) -> None:
    """Beside three busy processes for each core, 3 seconds of work take longer than 4 on the clock.

    Each busy process has a session of its own: Linux may share the processor out by sessions, and
    the file that is checked has one.
    """
    path = tmp_path / "mine.py"
    path.write_text(
        f"import time\nbegan = time.monotonic()\n{WORKS}\nassert took() > 4\n".replace(
            "took()", "time.monotonic() - began"
        ),
        "utf-8",
    )
    beside = [
        subprocess.Popen([sys.executable, "-c", BUSY], start_new_session=True)
        for _ in range(3 * (os.cpu_count() or 1))
    ]
    try:
        found = document(path, "--seconds", "8", *ONLY)
    finally:
        for process in beside:
            process.kill()
            process.wait()
    assert found["errors"] == []
    assert found["passed"]
