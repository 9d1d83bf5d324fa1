"""``python -m mnistlab check FILE``: real files, run in real processes.

A process costs seconds, because of PyTorch, so a file has many things to say at once. What needs
no process is tested without one.
"""

import json
import re
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

import nbformat
import pytest
from students import AMPLE, call, document, notebook_of, states

import mnistlab
from mnistlab import check, exercises
from mnistlab._limit import TimeLimit, limited
from mnistlab.cli import _check
from mnistlab.exercises import EXERCISES, SHEET, Exercise, _child, _judging, _running
from mnistlab.exercises._running import Ran
from mnistlab.exercises._verdicts import Judgement, Verdict

BOOK = Path(__file__).resolve().parent.parent / "book"

WRONG = {
    "datasets": """
def datasets(transform):
    mnist = torchvision.datasets.MNIST
    return mnist("data", transform=transform), mnist("data", transform=transform)
""",
    "data_loaders": """
train_set, test_set = (
    torchvision.datasets.MNIST("data", train, torchvision.transforms.ToTensor())
    for train in (True, False)
)
train_loader = torch.utils.data.DataLoader(train_set, batch_size=64)
test_loader = torch.utils.data.DataLoader(test_set, batch_size=100)
""",
    "test-1": """
def test_datasets(train_set, test_set):
    assert isinstance(train_set[0][1], int)
""",
    "fully_connected": """
def fully_connected(D, K, O):
    return nn.Sequential(
        nn.Linear(D, K), nn.Tanh(), nn.Linear(K, K), nn.Tanh(), nn.Linear(K, O)
    )
""",
    "convolutional": """
def convolutional(Q1, Q2, O):
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * Q2, O), nn.Softmax(dim=1),
    )
""",
    "evaluate": """
def evaluate(network, loader):
    network.eval()
    losses, accuracies = [], []
    with torch.no_grad():
        for inputs, targets in loader:
            outputs = network(inputs)
            losses.append(nn.functional.cross_entropy(outputs, targets).item())
            accuracies.append((outputs.argmax(1) == targets).float().mean().item())
    return sum(losses) / len(losses), sum(accuracies) / len(accuracies)
""",
    "train": """
def measure(network):
    loss = right = 0
    with torch.no_grad():
        for inputs, targets in test_loader:
            outputs = network(inputs)
            loss += nn.functional.cross_entropy(outputs, targets, reduction="sum").item()
            right += (outputs.argmax(1) == targets).sum().item()
    return loss / len(test_loader.dataset), right / len(test_loader.dataset)

def train(network, epochs, learning_rate):
    optimizer = torch.optim.SGD(network.parameters(), lr=learning_rate)
    results = []
    for _ in range(epochs):
        for inputs, targets in train_loader:
            nn.functional.cross_entropy(network(inputs), targets).backward()
            optimizer.step()
        results.append(measure(network))
    return [loss for loss, _ in results], [accuracy for _, accuracy in results]
""",
    "task-7": """
losses_a, accuracies_a = [1.0] * 10, [90.0] * 10
""",
    "fully_connected_parameters": """
def fully_connected_parameters(D, K, O):
    return D * K + K * K + K * O
""",
    "count_parameters": """
def count_parameters(network):
    return len(list(network.parameters()))
""",
}
"""Classic mistakes, by exercise."""

NAMES = {
    "datasets": "same-split",
    "data_loaders": "training-not-shuffled",
    "test-1": "wrong-accepted",
    "fully_connected": "no-flatten",
    "convolutional": "softmax-at-the-end",
    "evaluate": "mean-of-batch-means",
    "train": "no-zero-grad",
    "task-7": "percent-for-fraction",
    "fully_connected_parameters": "biases-forgotten",
    "count_parameters": "tensors-counted",
}
"""And how the checkers call them."""


def reference() -> dict[str, str]:
    """The solutions of the book's pages, by exercise."""
    text = "".join((BOOK / page).read_text("utf-8") for page in ("your-turn.md", "harder.md"))
    pattern = r"^```{solution-start} ex-(\S+)\n(.*?)^```{solution-end}"
    return {
        name: "\n".join(
            re.findall(r"^```{code-cell}.*?\n(?::[^\n]*\n)*(.*?)^```", part, re.M | re.S)
        )
        for name, part in re.findall(pattern, text, re.M | re.S)
    }


def filled(folder: Path, solutions: dict[str, str]) -> tuple[Path, Path]:
    """The notebook and the script that `exercises.write` writes, filled by a student."""
    paths = exercises.write(folder)
    starters = {one.starter: solutions[one.name] for one in EXERCISES if one.name in solutions}
    more = f"{SHEET.imports}\nfrom torch.utils.data import DataLoader"
    notebook = nbformat.read(paths[0], as_version=4)
    script = paths[1].read_text("utf-8")
    for before, after in {**starters, SHEET.imports: more}.items():
        (cell,) = (cell for cell in notebook.cells if cell.source == before)
        cell.source = after
        assert script.count(f"\n{before}\n") == 1
        script = script.replace(f"\n{before}\n", f"\n{after}\n")
    nbformat.write(notebook, paths[0])
    paths[1].write_text(script, "utf-8")
    return paths


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The images are few, and a busy machine stalls with two."""
    monkeypatch.setenv("OMP_NUM_THREADS", "1")


# --- what it is for


@pytest.mark.slow
def test_the_reference_solutions_pass(tmp_path: Path) -> None:
    """What takes a training on MNIST is not judged, and nothing false is said about it."""
    notebook, _ = filled(tmp_path, reference())
    found = document(notebook, *AMPLE)
    untold = dict.fromkeys(("task-7", "task-8", "small-network"), "not judged")
    assert states(found) == dict.fromkeys((one.name for one in EXERCISES), "passed") | untold
    assert found["errors"] == []
    assert found["passed"]
    assert not any(one["problems"] for one in found["exercises"].values())


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["notebook", "script"])
def test_ten_classic_mistakes_get_each_its_name(kind: str, tmp_path: Path) -> None:
    notebook, script = filled(tmp_path, WRONG)
    found = document(notebook if kind == "notebook" else script, *AMPLE)
    assert found["errors"] == []
    rest = {one.name: "not done" for one in EXERCISES if one.name not in NAMES}
    assert states(found) == dict.fromkeys(NAMES, "problems") | rest
    for name, mistake in NAMES.items():
        problems = [one["name"] for one in found["exercises"][name]["problems"]]
        assert problems[0] == mistake, name
    assert not found["passed"]


@pytest.mark.fault(
    "A task is left as ... in the middle of a file", "It is not done; the others are judged"
)
@pytest.mark.slow
def test_a_task_that_is_left_as_dots_hides_no_other_of_a_script(tmp_path: Path) -> None:
    """The figures need the losses: their code raises, and what stands below is judged all the same."""
    left = ("task-7", "task-8")
    solved = {name: code for name, code in reference().items() if name not in left}
    _, script = filled(tmp_path, solved)
    found = document(script, *AMPLE)
    assert any("losses" in one for one in found["errors"])
    names = [one.name for one in EXERCISES if one.name not in (*left, "plots", "small-network")]
    assert [states(found)[name] for name in names] == ["passed"] * len(names)
    assert states(found)["task-8"] == "not done"
    assert not found["passed"]


# --- what goes wrong in a file

TROUBLE = (
    "%matplotlib widget\n%pip list\n!pip --version > pip.txt\n!echo here > echo.txt",
    "def flatten_size(Q2):\n    return 49 * Q2",
    "import sys\nsys.exit('I stop here')",
    "age = input('how old? ')",
    "import no_such_module",
    "held = []\nfor _ in range(40):\n    held.append(bytearray(10**8))",
    "torch.ones(3)",
    "print('x' * 10**7)",
    "import matplotlib\nmatplotlib.use('TkAgg')\nplt = matplotlib.pyplot\nplt.plot([1])\nplt.show()",
    "this is no Python",
    "import helper, os\nassert __name__ == '__main__' and not os.path.exists('echo.txt')",
    "def count_parameters(network):\n    return helper.count(network)",
    "import torchvision\nassert len(torchvision.datasets.MNIST('nowhere', download=True)) == 203",
    "def train(network, epochs, learning_rate):\n    display('training')\n    return 1 / 0",
    "from mnistlab import evaluate",
)
HELPER = (
    "count = lambda network: sum(one.numel() for one in network.parameters() if one.requires_grad)"
)


@pytest.mark.fault(
    "Cells of a notebook stop, ask for input, use up the memory or print without end",
    "A line each; the other cells are run and judged",
)
@pytest.mark.slow
def test_a_notebook_goes_on_after_each_kind_of_trouble(tmp_path: Path) -> None:
    (tmp_path / "helper.py").write_text(HELPER)
    path = notebook_of(tmp_path / "mine.ipynb", *TROUBLE)
    found = document(path, *AMPLE, "--memory", "1")
    told = {int(re.match(r"Cell In\[(\d+)\] raises ", one)[1]): one for one in found["errors"]}
    assert set(told) - {6} == {3, 4, 5, 7, 10}
    assert re.search(r"SystemExit:\n  I stop here\nat .*line 2, in <module>:\n  sys\.exit", told[3])
    assert re.search(r"EOFError:\n.*\nat .*\n  age = input.*\nnobody types here", told[4])
    assert "No module named 'no_such_module'" in told[5]
    if sys.platform == "linux":
        assert re.search(r"MemoryError\nat .*line 3.*\n  held.append.*\n.*--memory", told[6])
    assert "name 'torch' is not defined" in told[7]
    assert "  this is no Python" in told[10]
    assert not (tmp_path / "pip.txt").exists()
    assert not any("Traceback" in one for one in found["errors"])

    done = {name: state for name, state in states(found).items() if state != "not done"}
    assert done == {"flatten_size": "passed", "count_parameters": "passed", "train": "problems"}
    (raised,) = found["exercises"]["train"]["problems"]
    assert raised["name"] == "raised"
    assert re.search(r"ZeroDivisionError.*\n.*\nat .*\[14\], line 3, in train:", raised["observed"])
    assert found["exercises"]["evaluate"]["remark"] == "evaluate is the one of mnistlab"


CRASHES = """
import ctypes

def flatten_size(Q2):
    return 49 * Q2

def convolutional(Q1, Q2, O):
    return ctypes.string_at(0)

def evaluate(network, loader: object):
    return 0, 0

assert evaluate.__annotations__ == {"loader": object}, "what is ours from __future__ is not theirs"

if __name__ == "__main__":
    raise SystemExit("a program, no module")

while 1: sum(range(9))
"""


@pytest.mark.fault(
    "A student's file crashes Python (segmentation fault)",
    "Which line; what was found before counts",
)
@pytest.mark.slow
def test_what_was_found_before_a_limit_or_a_crash_is_kept(tmp_path: Path) -> None:
    """The file is stopped after half of the time; then a checker's call ends the process."""
    path = tmp_path / "my solutions.py"
    path.write_text(CRASHES)
    result = call(path, "--seconds", "12", *(f"--only={name}" for name in STOPPED))
    assert result.exit_code == 1
    assert result.output == (
        "error: my solutions.py was stopped after 6 seconds of processor time (--seconds gives it "
        "more); what stands below was not run\n"
        "at my solutions.py, line 18, in <module>:\n"
        "  while 1: sum(range(9))\n\n"
        "flatten_size   passed\n"
        "convolutional  unfinished: crashed: Segmentation fault at my solutions.py, line 8, in "
        "convolutional:   return ctypes.string_at(0)\n"
        "evaluate       unfinished: its turn did not come\n\n"
        "3 exercises: 1 passed, 2 unfinished\n"
    )


STOPPED = ("flatten_size", "convolutional", "evaluate")

GOES_ON = """\
'''The docstring.'''
from __future__ import annotations

import inspect
import pickle
import sys
from dataclasses import dataclass
from multiprocessing import nothing_like_this

losses_a, accuracies_a = ..., ...
epochs = range(1, 1 + len(losses_a)); accuracies_b = 3

def flatten_size(Q2: Undefined) -> Undefined:
    return 49 * Q2

'''A string that is no docstring.'''

@dataclass
class Sizes:
    Q1: int

assert __doc__ == "The docstring."
assert pickle.loads(pickle.dumps(Sizes(3))) == Sizes(3)
assert inspect.getsource(flatten_size).endswith("return 49 * Q2\\n")
assert Sizes.__annotations__ == flatten_size.__annotations__ | {"Q1": "int"}, "told"

if len(epochs) == 10:
    losses_b = [
        1.0,
    ]

if __name__ == "__main__":
    raise RuntimeError("not run")

def train(network, epochs, learning_rate):
    ...

def stop():
    sys.exit()

for one in range(10):
    stop()

full_batches = 80
last_batch_weight: float
last_batch_weight = 4
"""


@pytest.mark.fault(
    "A statement of a script fails, such as an import of what is not there",
    "The line is told; the statements below are run and judged",
)
@pytest.mark.slow
def test_a_script_goes_on_with_its_next_statement_until_it_exits(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(GOES_ON)
    found = document(path, *AMPLE)
    told = [
        re.search(r"raises (\w+).*at mine.py, line (\d+)", one, re.S) for one in found["errors"]
    ]
    assert [(one[1], int(one[2])) for one in told if one] == [
        ("ImportError", 8), ("TypeError", 11), ("AssertionError", 25), ("NameError", 27),
        ("SystemExit", 39),
    ]  # fmt: skip
    assert states(found)["flatten_size"] == "passed"
    remarks = {name: one["remark"] for name, one in found["exercises"].items()}
    assert remarks["task-7"] == "losses_a is still ...; accuracies_a is still ..."
    assert remarks["task-8"] == "losses_b is not defined: line 27 raises NameError"
    assert remarks["train"] == "train is as in the sheet"
    assert remarks["full-batches"] == "full_batches was not reached: mine.py ended at line 42"
    assert remarks["last-batch-weight"].startswith("last_batch_weight was not reached")
    assert remarks["evaluate"] == "evaluate is not defined"
    assert {states(found)[name] for name in ("task-8", "full-batches", "evaluate")} == {"not done"}


# The inner loop is left only by the time limit: it can hardly arrive where nothing catches it.
ENDLESS = """\
while True:
    try:
        while True:
            pass
    except:
        pass
"""


@pytest.mark.fault(
    "An endless loop around a bare except",
    "It is stopped, and the line is told; the exercise is unfinished, not wrong",
)
@pytest.mark.slow
def test_a_file_that_catches_everything_is_stopped_too(tmp_path: Path) -> None:
    path = tmp_path / "ünstoppable.py"
    path.write_text(ENDLESS, "utf-8")
    found = document(path, "--seconds", "2", "--only", "train")
    (error,) = found["errors"]
    assert re.match(
        r"ünstoppable\.py was stopped after 2 seconds of processor time \(.*\)\nat ünstopp.*, line \d",
        error,
    )
    assert found["exercises"]["train"]["state"] == "unfinished"
    assert list(tmp_path.iterdir()) == [path], "nothing is left behind"


@pytest.mark.fault(
    "A student's file calls compiled code that never lets go",
    "The process is ended, and the line is told",
)
@pytest.mark.slow
def test_one_call_that_never_lets_go_is_stopped_too(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("total = sum(range(10**14))", "utf-8")
    found = document(path, "--seconds", "1", "--only", "train")
    (error,) = found["errors"]
    assert error.startswith("mine.py was stopped after 1 second")
    assert "\nat mine.py, line 1, in <module>:\n  total = sum(" in error


@pytest.mark.slow
def test_what_stands_below_an_endless_cell_was_not_reached(tmp_path: Path) -> None:
    cells = ("import nothing_like_this as evaluate", "while True: pass", "%time\ntrain = print")
    path = notebook_of(tmp_path / "mine.ipynb", *cells)
    found = document(path, "--seconds", "6", "--only", "train", "--only", "evaluate")
    assert len(found["errors"]) == 2
    assert re.match(
        r"Cell In\[2\] was stopped after 3 seconds of processor time ", found["errors"][1]
    )
    assert set(states(found).values()) == {"not done"}
    remarks = [found["exercises"][name]["remark"] for name in ("evaluate", "train")]
    assert remarks == [
        "evaluate is not defined: Cell In[1] raises ModuleNotFoundError",
        "train was not reached: mine.ipynb ended at Cell In[2]",
    ]


# --- without a process

FLATTEN_SIZE = next(one for one in EXERCISES if one.name == "flatten_size")
MENDED = next(one for one in EXERCISES if one.name == "mended")
LOADERS = next(one for one in EXERCISES if one.name == "data_loaders")
TASK_7 = next(one for one in EXERCISES if one.name == "task-7")


def made(code: str, tmp_path: Path, *errors: type[BaseException]) -> Ran:
    """What has come of a script with this code, which raises these errors."""
    path = tmp_path / "made.py"
    path.write_text(code, "utf-8")
    told: list[BaseException] = []
    ran = Ran()
    _running._script(path, 20, lambda _, error: told.append(error), ran)
    assert tuple(map(type, told)) == errors
    return ran


@pytest.mark.parametrize(
    ("exercise", "code", "state", "remark"),
    [
        (FLATTEN_SIZE, "", "not done", "flatten_size is not defined"),
        (FLATTEN_SIZE, "flatten_size = ...", "not done", "flatten_size is still ..."),
        (FLATTEN_SIZE, FLATTEN_SIZE.starter, "not done", "flatten_size is as in the sheet"),
        (
            MENDED,
            f"from torch import nn\n{MENDED.starter}",
            "not done",
            "mended is as in the sheet",
        ),
        (FLATTEN_SIZE, "from mnistlab import flatten_size", "not done", "flatten_size is the one"),
        (FLATTEN_SIZE, "def flatten_size(Q2):\n    pass", "not done", ""),
        (FLATTEN_SIZE, "flatten_size = lambda Q2: 49 * Q2", "passed", ""),
        (FLATTEN_SIZE, "flatten_size = 3136", "passed", ""),
        (FLATTEN_SIZE, "flatten_size = lambda Q2: 28 * 28 * Q2", "problems", ""),
        (LOADERS, "train_loader, test_loader = 1, 2", "problems", ""),
        (
            TASK_7,
            "losses_a = accuracies_a = ...",
            "not done",
            "losses_a is still ...; accuracies_a",
        ),
    ],
)
def test_each_exercise_is_in_a_state(
    exercise: Exercise, code: str, state: str, remark: str, tmp_path: Path
) -> None:
    verdict = _child.judged(exercise, made(code, tmp_path))
    assert verdict.state == state
    assert verdict.remark.startswith(remark)
    assert bool(verdict.problems) == (state == "problems")
    assert bool(verdict.report) == (state in ("passed", "problems"))


MISSED = (
    (
        "flatten_size = nothing\nfull_batches = 80",
        (NameError,),
        "flatten_size is not defined: line 1 raises NameError",
    ),
    (
        "import sys\n\nif True:\n    sys.exit()\n\n\n@print\ndef flatten_size(Q2):\n    return 1",
        (SystemExit,),
        "flatten_size was not reached: made.py ended at line 4",
    ),
    (
        "def flatten_size(Q2):\n    return 49 Q2",
        (SyntaxError,),
        "flatten_size was not reached: made.py can't be run",
    ),
    (
        "full_batches, flatten_size = 80, 49\nreturn",
        (SyntaxError,),
        "flatten_size was not reached: made.py can't be run",
    ),
    ("1 = flatten_size == 49", (SyntaxError,), "flatten_size is not defined"),
    ("1 / 0\nfull_batches = 80", (ZeroDivisionError,), "flatten_size is not defined"),
)
"""Code, what it raises, and what is said of ``flatten_size`` then."""


@pytest.mark.parametrize(("code", "errors", "remark"), MISSED)
def test_a_name_that_an_error_has_prevented_is_told_so(
    code: str, errors: tuple[type[BaseException], ...], remark: str, tmp_path: Path
) -> None:
    verdict = _child.judged(FLATTEN_SIZE, made(code, tmp_path, *errors))
    assert (verdict.state, verdict.remark) == ("not done", remark)


def test_an_empty_script_and_one_of_comments_define_nothing(tmp_path: Path) -> None:
    for code in ("", "# nothing\n", "'only a docstring'"):
        assert set(made(code, tmp_path).namespace) >= {"__name__", "__file__"}


@pytest.mark.parametrize("future", ["", "from __future__ import annotations\n"])
def test_a_future_import_counts_for_all_statements_and_for_no_other_script(
    future: str, tmp_path: Path
) -> None:
    code = f"{future}def f(x: int): ...\nannotations = f.__annotations__"
    expected = {"x": "int" if future else int}
    assert made(code, tmp_path).namespace["annotations"] == expected


def test_locate_gives_a_path_while_a_file_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTLAB_DATA", str(tmp_path / "none"))
    monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path / "home"))
    with _running.lent_data():
        assert mnistlab.sources.locate() == mnistlab.sources.locate(source="strokes")
        assert len(mnistlab.data.datasets(None)[0]) == 203
        assert mnistlab.sources.digests() == {"lent": ""}
        raw = mnistlab.sources.locate() / "MNIST" / "raw"
        labels = (raw / "t10k-labels-idx1-ubyte").read_bytes()
        assert list(labels[8:]) == mnistlab.data.datasets(None)[1].targets.tolist()
        assert (raw / "train-images-idx3-ubyte").stat().st_size == 16 + 203 * 784
    assert [one.name for one in (tmp_path / "home").iterdir()] == ["lent"]


def test_what_a_checker_refuses_is_a_wrong_type(tmp_path: Path) -> None:
    (problem,) = _child.judged(LOADERS, made("train_loader = test_loader = 1", tmp_path)).problems
    assert problem["name"] == "wrong-type"
    assert problem["observed"].startswith("check.data_loaders was given")
    assert problem["expected"].startswith("two loaders")


def test_a_checker_that_fails_leaves_the_exercise_unfinished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check, "flatten_size", lambda _: [][0])
    verdict = _child.judged(FLATTEN_SIZE, made("flatten_size = 1", tmp_path))
    assert verdict.state == "unfinished"
    assert verdict.remark.startswith("check.flatten_size(flatten_size) raises IndexError")


@pytest.mark.parametrize(
    ("code", "places", "words"),
    [
        (None, "", "was stopped after 5 seconds (--seconds gives it more)"),
        (1, "Timeout (0:00:05)!\n", "was stopped after 5 seconds (--seconds gives it more)"),
        (-11, "Fatal Python error: Segmentation fault\n\nThread", "crashed: Segmentation fault"),
        (-9, "", "was ended by signal 9 (no memory left?)"),
        (-15, "", "was ended by signal 15"),
        (3, "", "ended the process with exit code 3"),
        (0xC0000005, 'Windows fatal exception: access violation\n\n  File "/x.py", line 3 in f\n',
         "crashed: access violation\nat x.py, line 3, in f:\n  "),
        (1, 'Timeout (0:00:05)!\n  File "<ipython-input-4-0a>", line 2 in f\n',
         "was stopped after 5 seconds (--seconds gives it more)\nat Cell In[4], line 2, in f"),
    ],
)  # fmt: skip
def test_the_end_of_a_process_in_words(code: int | None, places: str, words: str) -> None:
    assert _judging._end(code, places, Path("/x.py"), "5 seconds") == words


def test_a_time_limit_names_the_option_that_helps() -> None:
    def endless() -> None:
        with limited(0.01):
            while True:
                pass

    with pytest.raises(TimeLimit) as caught:
        endless()
    told = _child.described("x.py", caught.value)
    assert told.startswith(
        "x.py was stopped after 0.01 seconds of processor time (--seconds gives it more); what "
    )


def test_a_result_that_was_cut_by_the_end_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.py"
    path.touch()
    verdict = {"verdict": asdict(Verdict("flatten_size", "passed"))}
    events = [{"began": ""}, {"began": "flatten_size"}, verdict, {"began": "train"}]
    whole = "".join(f"{json.dumps(event)}\n" for event in events)

    def cut(task: dict[str, Any], folder: Path) -> int:
        Path(task["results"]).write_text(whole + '{"verdict": {"name": "tra', "utf-8")
        Path(task["places"]).touch()
        return -9

    monkeypatch.setattr(_judging, "_run", cut)
    found = document(path, "--only", "flatten_size", "--only", "train")
    assert states(found) == {"flatten_size": "passed", "train": "unfinished"}
    assert found["exercises"]["train"]["remark"].startswith("was ended by signal 9")


def test_a_process_that_cannot_begin_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false" if sys.platform != "win32" else "where")
    (tmp_path / "a.py").touch()
    result = call(tmp_path / "a.py")
    assert result.exit_code == 1
    assert result.stderr == "Error: RuntimeError: the process for the check could not begin\n"


@pytest.mark.parametrize(
    ("found", "passed"),
    [
        (["passed", "not done", "not judged"], True),
        (["not done", "not judged"], False),
        (["passed", "problems"], False),
        (["passed", "unfinished"], False),
        ([], False),
    ],
)
def test_a_file_passes_if_all_that_is_done_is_right(found: list[str], passed: bool) -> None:
    verdicts = [Verdict("name", state) for state in found]
    assert Judgement("file", verdicts, []).passed is passed
    assert not Judgement("file", verdicts, ["an error"]).passed


# --- the names of exercises, and the summary


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("test_1", "test-1"),
        ("test-1", "test-1"),
        ("data-loaders", "data_loaders"),
        ("data_loaders", "data_loaders"),
        ("colour-flatten_size", "colour-flatten-size"),
    ],
)
def test_only_takes_hyphens_and_underscores_alike(
    typed: str, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []

    def judge(path: Path, names: tuple[str, ...], **_: float) -> Judgement:
        asked.extend(names)
        return Judgement(str(path), [Verdict(one, "passed") for one in names], [])

    monkeypatch.setattr(_check, "judge", judge)
    (tmp_path / "a.py").touch()
    found = document(tmp_path / "a.py", "--only", typed)
    assert asked == list(found["exercises"]) == [name]


def test_no_two_exercises_differ_in_hyphens_alone() -> None:
    assert len({_check.spelled(one.name) for one in EXERCISES}) == len(EXERCISES)


def test_the_summary_has_one_spelling_of_names_and_counts_right(tmp_path: Path) -> None:
    exercise = next(one for one in EXERCISES if one.name == "last-batch-weight")
    one = _child.judged(exercise, made("last_batch_weight = 3", tmp_path))
    first, second, *rest = "\n".join(_check.summary(Judgement("a.py", [one], []))).splitlines()
    name = one.problems[0]["name"]
    assert (first, second) == (f"last_batch_weight  problem: {name}", "")
    assert rest[:3] == ["last_batch_weight: 1 problem", "", f"problem: {name}"]
    assert rest[-1] == "1 exercise: 1 with problems"
    assert _check.total(["problems", "passed", "problems"]) == (
        "3 exercises: 1 passed, 2 with problems"
    )


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "Missing argument 'FILE'"),
        (["none.py"], "'none.py' does not exist"),
        (["."], "'.' is a directory"),
        ([__file__, "--only", "task-11"], "'task-11' is not one of 'datasets', 'test_1', 'data_l"),
        ([__file__, "--seconds", "0"], "0 is not in the range 1<=x<=86400"),
        ([__file__, "--memory", "0"], "0.0 is not in the range"),
        ([BOOK / "your-turn.md"], "your-turn.md; expected a script (.py) or a notebook (.ipynb)"),
    ],
)
def test_wrong_usage_is_named_with_exit_code_2(arguments: list[object], message: str) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


@pytest.mark.fault(
    "IPython is not installed, and a notebook is handed in", "One line: pip install ipython"
)
def test_without_ipython_a_notebook_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = notebook_of(tmp_path / "mine.ipynb")
    monkeypatch.setitem(sys.modules, "IPython", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    result = call(path)
    assert result.exit_code == 1
    assert result.stderr == "Error: to run a notebook, ipython is needed: pip install ipython\n"


SPLIT_BY_NUMBER = """\
import torch
from torch.utils.data import DataLoader, random_split
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

full, test = (MNIST("data", train=train, transform=ToTensor()) for train in (True, False))
training, _ = random_split(full, [55_000, 5_000])
train_loader = DataLoader(training, batch_size=64, shuffle=True)
test_loader = DataLoader(test, batch_size=250)
raw = open("data/MNIST/raw/train-images-idx3-ubyte", "rb")
weights = open("weights.pt", "rb")
"""


@pytest.mark.slow
def test_numbers_of_mnist_and_its_files_in_a_file_are_understood(tmp_path: Path) -> None:
    path = tmp_path / "mine.py"
    path.write_text(SPLIT_BY_NUMBER)
    found = document(path, *AMPLE)
    of_mnist, of_another = found["errors"]
    assert "only in the folder mnistlab.sources.locate()" in of_mnist
    assert "mnistlab" not in of_another
    problems = found["exercises"]["data_loaders"]["problems"]
    assert [one["name"] for one in problems] == ["images-missing"]
