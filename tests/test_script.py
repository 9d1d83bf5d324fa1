"""The plain script of the book does what the package does."""

import contextlib
import os
import re
import runpy
from pathlib import Path

import pytest

import mnistlab
from mnistlab import TASK_7, TASK_8

SCRIPT = Path(__file__).resolve().parent.parent / "book" / "assignment.py"


@pytest.fixture(scope="module")
def folder(tiny_files: tuple[Path, dict], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which the script is run, with the tiny data."""
    folder = tmp_path_factory.mktemp("script")
    (folder / "data").symlink_to(tiny_files[0])
    return folder


@pytest.fixture(scope="module")
def results(folder: Path) -> dict:
    """What the script has computed on the tiny data, run once, as a student runs it."""
    with contextlib.chdir(folder):
        return runpy.run_path(os.fspath(SCRIPT))


@pytest.mark.parametrize(("name", "task"), [("MLP", TASK_7), ("CNN", TASK_8)], ids=str)
def test_the_script_measures_what_the_package_measures(
    tiny: Path, results: dict, name: str, task: mnistlab.Specification
) -> None:
    losses, accuracies = results["results"][name]
    history = mnistlab.run(task).history
    assert losses == pytest.approx(history.test_loss, rel=1e-4)
    assert accuracies == pytest.approx(history.test_accuracy, abs=0.011), "one image of a hundred"
    assert len(losses) == 10
    assert losses[-1] < losses[0]


def test_the_script_draws_two_figures_and_counts(results: dict, folder: Path) -> None:
    assert (folder / "loss.svg").stat().st_size > 1000
    assert (folder / "accuracy.svg").stat().st_size > 1000
    for build in ("fully_connected", "convolutional"):
        sizes = {"fully_connected": (784, 100, 10), "convolutional": (32, 64, 10)}[build]
        ours = mnistlab.count_parameters(getattr(mnistlab, build)(*sizes))
        assert results["count_parameters"](results[build](*sizes)) == ours


def test_the_script_fits_a_phone_and_needs_no_package_of_ours() -> None:
    text = SCRIPT.read_text(encoding="utf-8")
    assert [line for line in text.splitlines() if len(line) > 52] == []
    assert "mnistlab" not in text
    assert "download=True" in text
    tasks = set(re.findall(r"# (?:Tasks? (\d+)|Test (\d))", text))
    assert {task or f"T{test}" for task, test in tasks} >= {*"1234569", "10", "7", "T1", "T2"}


def test_another_learning_rate_would_be_seen(tiny: Path, results: dict) -> None:
    """The comparison is sharp: a slightly different training is not taken for the same."""
    from dataclasses import replace

    losses, _ = results["results"]["MLP"]
    other = mnistlab.run(replace(TASK_7, learning_rate=0.0101)).history
    assert losses != pytest.approx(other.test_loss, rel=1e-4)
