"""The benchmark runs, compares like with like, and notices when the two curves differ."""

import importlib.util
import os
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

from mnistlab import runs

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"

pytestmark = pytest.mark.usefixtures("tiny")


def loaded(name: str) -> ModuleType:
    specification = importlib.util.spec_from_file_location(name, BENCHMARKS / f"{name}.py")
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture
def speed() -> ModuleType:
    return loaded("speed")


def start(benchmark: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", [f"{benchmark.__name__}.py", *arguments])
    return benchmark.main()


def summaries(text: str) -> list[tuple[str, str]]:
    """The ratio and the difference of the curves that are told of each network."""
    summary = r"^[a-z-]+: (\S+) times as fast .*difference of the curves (\S+)$"
    return re.findall(summary, text, re.M)


def test_each_round_is_a_ratio_and_the_curves_agree(
    speed: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(speed, monkeypatch, "--rounds", "3", "--network", "fully-connected") == 0
    text = capsys.readouterr().out
    rounds = re.findall(
        r"^fully-connected, round \d: textbook (.+) s, ours (.+) s, (.+?); ", text, re.M
    )
    assert len(rounds) == 3
    median = sorted(float(ratio) for *_, ratio in rounds)[1]
    [(ratio, difference)] = summaries(text)
    assert float(ratio) == pytest.approx(median, abs=0.011)
    assert float(difference) <= speed.AGREEMENT


def test_curves_that_differ_are_noticed(
    speed: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    true = speed.textbook
    monkeypatch.setattr(speed, "textbook", lambda one: true(replace(one, learning_rate=0.02)))
    arguments = ("--rounds", "1", "--network", "fully-connected")
    assert start(speed, monkeypatch, *arguments) == 1
    assert "the curves differ by more than 0.0001" in capsys.readouterr().out


def test_a_part_of_the_machines_limit_stands_beside_each_time(
    speed: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(speed, monkeypatch, "--rounds", "1") == 0
    text = capsys.readouterr().out
    reached = re.findall(r"^the machine's limit, .*: (\d+) GFLOP/s$", text, re.M)
    assert len(reached) == 2
    assert all(int(one) > 0 for one in reached)
    assert [float(difference) <= speed.AGREEMENT for _, difference in summaries(text)] == [True] * 2
    assert len(re.findall(r"; [\d.]+ of the machine's limit$", text, re.M)) == 2
    assert speed.operations(runs.TASK_8) == 2 * 10_693_760 * (3 * 300 + 100)


@pytest.mark.slow
def test_busy_steps_are_measured_with_the_policy_and_without(
    speed: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Real busy processes and real steps; what is found is the machine's affair."""
    assert start(speed, monkeypatch, "--busy", "--rounds", "1", "--network", "fully-connected") == 0
    rows = re.findall(
        r"^fully-connected, (with|without) the policy: (\S+), (\S+), (\S+)$",
        capsys.readouterr().out, re.M,
    )  # fmt: skip
    assert [policy for policy, *_ in rows] == ["with", "without"]
    for _, quiet, busy, ratio in rows:
        assert float(busy) / float(quiet) == pytest.approx(float(ratio), abs=0.06, rel=0.05)


@pytest.mark.slow
def test_pages_are_executed_one_by_one_and_side_by_side(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    pytest.importorskip("myst_nb", reason="the book's own packages are not installed: extra [book]")
    pages = loaded("pages")
    head = "---\nfile_format: mystnb\nkernelspec: {name: python3, display_name: Python}\n---\n"
    cell = "```{code-cell} ipython3\nimport time\ntime.sleep(3)\n```\n"
    for name in ("one", "two"):
        (tmp_path / f"{name}.md").write_text(f"{head}\n# Title\n\n{cell}")
    (tmp_path / "prose.md").write_text("# No cell\n")
    monkeypatch.setattr(pages, "BOOK", tmp_path)
    monkeypatch.setattr(pages, "cores", lambda: 2)
    assert start(pages, monkeypatch) == 0
    text = capsys.readouterr().out
    assert re.findall(r"^  (one|two) ", text, re.M) != []
    assert text.count("2 pages, kernels at a time") == 2
    told = r"time (\d+) s, 2 forked ones at a time (\d+) s; ratio (.+)$"
    one, two, ratio = re.search(told, text).groups()
    assert int(one) >= 6
    assert int(two) >= 3
    assert float(ratio) == pytest.approx(int(two) / int(one), abs=0.15)


@pytest.mark.slow
@pytest.mark.mnist
def test_a_sweep_in_two_processes_has_the_table_of_one(mnist_root: Path) -> None:
    """In a process of its own: it sets what the environment says, and how many threads there are."""
    done = subprocess.run(
        [sys.executable, str(BENCHMARKS / "sweep.py"), "--runs", "2", "--network", "fully-connected"],
        env={**os.environ, "MNISTLAB_DATA": str(mnist_root)},
        cwd=BENCHMARKS.parent, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    times = r"one process with two threads ([\d.]+) s, two processes .* ([\d.]+) s; ratio ([\d.]+)"
    threads, processes, ratio = map(float, re.search(times, done.stdout).groups())
    assert ratio == pytest.approx(processes / threads, rel=0.2)  # seconds are rounded
