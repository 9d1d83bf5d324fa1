"""Reports say what was found in few words; the sandbox leaves everything as it was."""

from __future__ import annotations

import os
import random
import re
import signal
import site
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
import torchvision
from torch import nn
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

import mnistlab
from mnistlab import _preserved, check, sources
from mnistlab.check.report import Finding, finding, make_report
from mnistlab.check.report.mistakes import MISTAKES, SECTIONS
from mnistlab.check.student import sandbox
from mnistlab.check.student.lending import lent_mnist
from mnistlab.check.student.sandbox import call, judge, preserved

BOOK = Path(__file__).parents[2] / "book"
BAD = make_report(
    "train", [finding("momentum", "0.9", "0"), finding("optimizer-recreated", "x", "y")]
)


# --- the table and the report


def test_every_section_is_in_the_book() -> None:
    for anchor, section in SECTIONS.items():
        text = (BOOK / f"{section.page}.md").read_text()
        assert f"\n# {section.chapter}\n" in text
        assert re.search(rf"^#+ {re.escape(section.title)}$", text, re.MULTILINE), section
        slug = re.sub(r"[^a-z0-9]+", "-", section.title.lower()).strip("-")
        assert anchor == slug or f"\n({anchor})=\n" in text, anchor


def test_every_mistake_has_a_short_name_and_a_reason() -> None:
    for name, mistake in MISTAKES.items():
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name)
        assert re.fullmatch(r"[^!]+\.", mistake.why), name


def test_a_report_separates_problems_from_notes() -> None:
    assert [one.name for one in BAD.problems] == ["momentum"]
    assert [one.name for one in BAD.notes] == ["optimizer-recreated"]
    assert not BAD.passed
    note = make_report("train", [finding("optimizer-recreated", "x", "y")])
    assert note.passed
    note.require()
    assert str(note).startswith("train: passed, 1 note\n")


def test_a_name_is_reported_once_with_all_that_was_seen() -> None:
    seen = [("loss 5", "0"), ("accuracy 5", "0"), ("loss 5", "0")]
    (one,) = make_report("train", [finding("momentum", *two) for two in seen]).problems
    assert (one.observed, one.expected) == ("loss 5\naccuracy 5", "0")


def test_a_name_that_is_not_in_the_table_is_refused() -> None:
    with pytest.raises(KeyError):
        finding("something-else", "x", "y")


def test_require_raises_the_whole_report() -> None:
    with pytest.raises(check.CheckFailed, match="problem: momentum") as caught:
        BAD.require()
    assert isinstance(caught.value, AssertionError)
    assert str(BAD) in str(caught.value)


def test_text_has_no_line_of_more_than_88_columns() -> None:
    long = Finding("momentum", "word " * 60 + "\n  indented " + "x" * 100, "y", "why", "section")
    lines = str(check.Report("train", (long,))).splitlines()
    assert max(map(len, lines)) <= 88
    assert "  observed  word word" in str(check.Report("train", (long,)))


class Outline(HTMLParser):
    """The tags that are open, the text, and every attribute of a document."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []
        self.text = ""
        self.attributes: list[tuple[str, str | None]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open.append(tag)
        self.seen.append(tag)
        self.attributes += attrs

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_card_is_plain_html_that_says_it_in_words() -> None:
    one = finding("momentum", "<b>0.9</b> & more", "0")
    outline = Outline()
    outline.feed(make_report("train", [one])._repr_html_())
    assert outline.open == []
    assert not {"script", "link", "img", "style", "b"} & set(outline.seen)
    assert "<b>0.9</b> & more" in outline.text
    for word in ("1 problem", "momentum", "observed", "expected", "why", "read"):
        assert word in outline.text
    names = dict(outline.attributes)
    assert names["role"] == "group"
    assert names["aria-label"] == "train: 1 problem"
    styles = [value for name, value in outline.attributes if name == "style"]
    assert not re.search(r"(?<![-\w])color:(?!inherit)|url\(", " ".join(map(str, styles)))


# --- the sandbox


PRECISIONS = [
    one
    for one in (
        torch.backends,
        torch.backends.cuda.matmul,
        getattr(torch.backends.mkldnn, "matmul", None),
    )
    if hasattr(one, "fp32_precision")  # since torch 2.9
]


def settings() -> tuple[object, ...]:
    return (
        random.getstate(),
        np.random.get_state()[1].tolist(),
        torch.get_rng_state().tolist(),
        torch.get_default_dtype(),
        torch.get_num_threads(),
        torch.is_grad_enabled(),
        torch.are_deterministic_algorithms_enabled(),
        torch.is_anomaly_enabled(),
        torch.zeros(1).device,
        torch._C._len_torch_function_stack(),
        torch.get_float32_matmul_precision(),
        [one.fp32_precision for one in PRECISIONS],
        Path.cwd(),
        sys.stdout,
        sys.stderr,
        signal.getsignal(signal.SIGALRM),
    )


def meddle(folder: Path) -> None:
    random.seed(1), np.random.seed(1), torch.manual_seed(1)
    torch.set_default_dtype(torch.float64)
    torch.set_num_threads(3)
    torch.set_grad_enabled(False)
    torch.use_deterministic_algorithms(True)
    torch.autograd.set_detect_anomaly(True)
    torch.set_default_device("meta")
    torch.set_float32_matmul_precision("medium")
    os.chdir(folder)


@pytest.mark.parametrize("ends", ["well", "with an error", "by a limit"])
@pytest.mark.filterwarnings("ignore:Anomaly")
def test_everything_is_as_before(
    ends: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "TIME_LIMIT", 0.2)

    def solution() -> None:
        meddle(tmp_path)
        if ends == "with an error":
            raise ValueError("on purpose")
        while ends == "by a limit":
            pass

    before = settings()
    report = judge("train", finder(solution))
    after = settings()
    assert before == after
    expected = {"well": [], "with an error": ["raised"], "by a limit": ["time-limit"]}
    assert [one.name for one in report.problems] == expected[ends]


def finder(solution: Callable[[], object]) -> Callable[[], Iterator[Finding]]:
    def findings() -> Iterator[Finding]:
        call(solution)
        yield from ()

    return findings


def stubborn() -> None:
    while True:
        try:
            while True:
                pass
        except Exception:
            continue


def asleep() -> None:
    time.sleep(60)


@pytest.mark.fault("A student's function never ends", "It is stopped, and the report names it")
@pytest.mark.parametrize("solution", [stubborn, asleep])
def test_a_function_that_runs_on_is_stopped(
    solution: Callable[[], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sandbox, "TIME_LIMIT", 0.3)
    started = time.monotonic()
    report = judge("train", finder(solution))
    assert time.monotonic() - started < 60  # as long as it would sleep
    assert [one.name for one in report.problems] == ["time-limit"]
    assert f"in {solution.__name__}" in report.problems[0].observed


def test_it_is_stopped_outside_the_main_thread_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "TIME_LIMIT", 0.3)
    reports: list[check.Report] = []
    thread = threading.Thread(target=lambda: reports.append(judge("train", finder(stubborn))))
    thread.start()
    thread.join(30)
    assert [one.name for one in reports[0].problems] == ["time-limit"]


def test_findings_before_the_limit_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "TIME_LIMIT", 0.3)

    def findings() -> Iterator[Finding]:
        yield finding("momentum", "0.9", "0")
        call(stubborn)

    assert [one.name for one in judge("train", findings).problems] == ["momentum", "time-limit"]


def test_somebody_elses_alarm_still_goes_off(monkeypatch: pytest.MonkeyPatch) -> None:
    rung: list[int] = []
    old = signal.signal(signal.SIGALRM, lambda *_: rung.append(1))
    delay, interval = signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        judge("train", finder(lambda: time.sleep(0.4)))
        time.sleep(0.1)
        assert rung == [1]
    finally:
        signal.setitimer(signal.ITIMER_REAL, delay, interval)
        signal.signal(signal.SIGALRM, old)


def wrong_line() -> None:
    nn.Linear(3, 4)(torch.zeros(5))  # the student's own line


def test_an_error_is_told_with_the_students_own_line() -> None:
    report = judge("train", finder(wrong_line))
    observed = report.problems[0].observed
    assert "wrong_line(...) raises RuntimeError:" in observed
    assert "nn.Linear(3, 4)(torch.zeros(5))  # the student's own line" in observed
    number = wrong_line.__code__.co_firstlineno + 1
    assert f"at {Path(__file__).name}, line {number}, in wrong_line" in observed


def test_packages_are_libraries_wherever_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in (*site.getsitepackages(), site.getusersitepackages()):
        assert sandbox._is_library(str(Path(folder, "torch", "nn", "modules", "linear.py")))
    monkeypatch.setattr(torch, "__file__", str(tmp_path / "torch" / "__init__.py"))
    monkeypatch.setattr(sandbox, "_LIBRARIES", sandbox._library_folders())
    assert sandbox._is_library(str(tmp_path / "torch" / "functional.py"))
    assert not sandbox._is_library(str(tmp_path / "own.py"))
    assert not sandbox._is_library(__file__)


@pytest.mark.parametrize("end", [SystemExit(3), KeyError("x")])
def test_leaving_is_an_error_like_others(end: BaseException) -> None:
    def leave() -> None:
        raise end

    assert [one.name for one in judge("train", finder(leave)).problems] == ["raised"]


@pytest.mark.parametrize("end", [SystemExit(3), KeyError("x")])
def test_errors_in_what_a_student_has_built_are_told_too(end: BaseException) -> None:
    class Net(nn.Module):
        def forward(self, images: torch.Tensor) -> None:
            raise end

    report = check.fully_connected(lambda D, K, O: Net())
    assert [one.name for one in report.problems] == ["raised"]
    assert "raise end" in report.problems[0].observed


def test_a_fault_of_the_checker_is_not_blamed_on_the_student() -> None:
    with pytest.raises(TypeError, match="exactly one argument"):
        judge("train", len)  # type: ignore[arg-type]


def test_an_interruption_by_the_user_is_passed_on() -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        judge("train", finder(interrupted))


def test_nothing_is_printed_or_shown(capsys: pytest.CaptureFixture[str]) -> None:
    import matplotlib.pyplot as plt

    def solution() -> None:
        print("hello")
        print("oh", file=sys.stderr)
        plt.plot([1, 2])
        plt.show()

    before = plt.get_fignums()
    with preserved() as output:
        solution()
    assert output.text == "hello\noh"
    assert plt.get_fignums() == before
    assert capsys.readouterr() == ("", "")


def in_threads(*functions: Callable[[], object]) -> None:
    threads = [threading.Thread(target=function, daemon=True) for function in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


@pytest.mark.fault(
    "Two checks run at once, in two threads of a notebook",
    "One waits for the other; afterwards the notebook prints as before",
)
def test_two_checks_in_two_threads_leave_the_streams_as_they_were() -> None:
    inside, second_inside, over = threading.Event(), threading.Event(), threading.Event()
    reports = []

    def first() -> None:
        inside.set()
        second_inside.wait(0.3)  # it comes only if nothing holds it back

    def second() -> None:
        second_inside.set()
        over.wait(30)

    def check_first() -> None:
        reports.append(judge("train", finder(first)))
        over.set()

    def check_second() -> None:
        inside.wait(30)
        reports.append(judge("train", finder(second)))

    before = sys.stdout, sys.stderr, torch.get_num_threads()
    try:
        in_threads(check_first, check_second)
        assert (sys.stdout, sys.stderr, torch.get_num_threads()) == before
    finally:
        sys.stdout, sys.stderr, _ = before
    assert [report.passed for report in reports] == [True, True]


def test_a_check_within_a_check_waits_for_nobody() -> None:
    """Not in the thread of the other one; and in a thread that the other one waits for, not for ever."""
    inner = []

    def solution() -> None:
        inner.append(check.flatten_size(lambda Q2: 49 * Q2))

    with pytest.MonkeyPatch.context() as patch:
        assert judge("train", finder(solution)).passed
        patch.setattr(_preserved, "LONGEST_TURN", 0.2)
        assert judge("train", finder(lambda: in_threads(solution))).passed
    assert [report.passed for report in inner] == [True, True]


FIRST_IMPORT = """
import sys
from mnistlab.check.student import sandbox
import matplotlib

assert "matplotlib.pyplot" not in sys.modules
assert matplotlib.rcParams._get_backend_or_none() is None  # it is still to be chosen
with sandbox.preserved():
    from matplotlib import pyplot
    pyplot.switch_backend("agg")
    pyplot.plot([1, 2])
    shown = pyplot.show
assert pyplot.get_fignums() == []
assert pyplot.show is not shown
"""


@pytest.mark.slow
def test_figures_are_closed_also_if_the_function_is_the_first_to_draw() -> None:
    environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    subprocess.run([sys.executable, "-c", FIRST_IMPORT], check=True, env=environment)


@pytest.mark.fault(
    "A notebook has set another default device", "Checkers judge as always, and leave it set"
)
def test_on_another_default_device_the_checkers_work_on_the_cpu() -> None:
    def judged() -> None:
        assert check.fully_connected(mnistlab.fully_connected).passed
        assert [one.name for one in judge("train", finder(change)).problems] == []
        assert torch.zeros(1).device == torch.device("meta")

    def change() -> None:
        assert torch.zeros(1).device == torch.device("cpu")
        torch.set_default_device("meta")

    before = torch._C._len_torch_function_stack()
    with torch.device("meta"):
        judged()
    torch.set_default_device("meta")
    try:
        judged()
    finally:
        torch.set_default_device(None)
    assert torch._C._len_torch_function_stack() == before
    assert torch.zeros(1).device == torch.device("cpu")


@pytest.fixture
def own_precisions() -> Iterator[None]:
    """Whatever the test sets, afterwards products of matrices are as precise as ever."""
    if len(PRECISIONS) < 3:
        pytest.skip("this torch has no fp32_precision: it is of 2.9 and later")
    yield
    for one in PRECISIONS:
        one.fp32_precision = "none"
    torch.set_float32_matmul_precision("highest")
    for one in PRECISIONS:
        one.fp32_precision = "none"


@pytest.mark.fault(
    "A file sets PyTorch's precision by fp32_precision, which its older functions refuse to read",
    "Checkers judge as always, and leave it set",
)
@pytest.mark.usefixtures("own_precisions")
@pytest.mark.parametrize(
    ("number", "value"), [(0, "tf32"), (1, "tf32"), (2, "bf16")], ids=["all", "CUDA", "CPU"]
)
def test_with_the_precision_set_in_the_new_way_checkers_judge_as_always(
    number: int, value: str
) -> None:
    PRECISIONS[number].fp32_precision = value
    before = [one.fp32_precision for one in PRECISIONS]
    assert check.flatten_size(lambda Q2: 49 * Q2).passed
    with preserved():
        assert torch.get_float32_matmul_precision() == "highest"
        PRECISIONS[number].fp32_precision = "ieee"
    assert [one.fp32_precision for one in PRECISIONS] == before


@pytest.mark.usefixtures("own_precisions")
def test_after_a_check_the_precision_of_all_is_still_that_of_each() -> None:
    torch.backends.fp32_precision = "tf32"
    assert check.flatten_size(lambda Q2: 49 * Q2).passed
    torch.backends.fp32_precision = "ieee"
    assert [one.fp32_precision for one in PRECISIONS] == ["ieee"] * 3


DEFAULT_DEVICE = """
import torch
from mnistlab import check

assert check.flatten_size(lambda Q2: 49 * Q2).passed
assert torch.get_default_device() == torch.device("cpu")  # torch < 2.10 fails after a None
torch.set_default_device("meta")
with torch.device("cpu"):
    assert check.flatten_size(lambda Q2: 49 * Q2).passed
assert torch.zeros(1).device == torch.device("meta")
"""


@pytest.mark.fault(
    "torch 2.4 to 2.9, whose get_default_device fails after set_default_device(None)",
    "Checkers judge as with any other torch, and the student's own calls go on working",
)
@pytest.mark.slow
def test_a_check_leaves_the_default_device_as_torch_made_it() -> None:
    subprocess.run([sys.executable, "-c", DEFAULT_DEVICE], check=True)


# --- lending


def content(count: int, seed: int) -> tuple[torch.Tensor, torch.Tensor]:
    images, labels = tiny.images_and_labels(count, seed)
    return torch.from_numpy(images), torch.from_numpy(labels).long()


def test_mnist_is_lent_wherever_it_is_read() -> None:
    with lent_mnist(content(30, 1), content(20, 2)):
        own = MNIST("no/such/folder", train=False, download=True, transform=ToTensor())
        assert len(own) == 20
        assert own[0][0].shape == (1, 28, 28)
        train, test = mnistlab.datasets()
        assert (len(train), len(test)) == (30, 20)
        loader, _ = mnistlab.data_loaders(seed=1)
        assert next(iter(loader))[0].shape == (30, 1, 28, 28)
    with pytest.raises(RuntimeError, match="not found"):
        MNIST("no/such/folder")


@pytest.mark.parametrize("source", ["mnist", "strokes"])
def test_a_function_that_asks_mnistlab_for_the_folder_needs_none(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MNISTLAB_HOME", "MNISTLAB_DATA"):
        (tmp_path / name).mkdir()
        monkeypatch.setenv(name, str(tmp_path / name))
    monkeypatch.setenv("MNISTLAB_SOURCE", source)
    monkeypatch.setattr("socket.socket.connect", None)
    known = sources._locate_mnist, sources._locate_strokes
    namespace: dict[str, object] = {"torchvision": torchvision}
    exec(solution_of_the_book("datasets"), namespace)  # its `locate` was imported beforehand
    check.datasets(namespace["datasets"]).require()
    check.datasets(lambda transform: mnistlab.datasets(transform)).require()
    assert known == (sources._locate_mnist, sources._locate_strokes)
    assert not [one for one in tmp_path.rglob("*") if one.is_file()]


def solution_of_the_book(exercise: str) -> str:
    """The code that the book gives for an exercise."""
    text = (BOOK / "your-turn.md").read_text()
    solution = text.split(f"```{{solution-start}} ex-{exercise}\n")[1]
    return re.search(r"```\{code-cell\}.*?\n(.*?)```", solution, re.DOTALL)[1]
