"""The tables of where the book's numbers come from."""

from dataclasses import replace
from pathlib import Path

import pytest

from mnistlab import Specification, provenance, runs
from mnistlab.experiments import EXPERIMENTS, Experiment
from mnistlab.experiments.experiment import curve
from mnistlab.runs import TASK_7, TASK_8, record


def cells(table: object) -> list[list[str]]:
    return [[str(cell) for cell in row] for row in table.rows]


@pytest.mark.usefixtures("tiny")
def test_runs_are_columns_with_what_determines_them() -> None:
    one = Specification("fully_connected", (784, 4, 10), 2, 0.1, 32, 7)
    found = [runs.run(each, device="cpu") for each in (one, replace(one, seed=8))]
    table = provenance.runs_table(found)
    facts = {name: values for name, *values in cells(table)}
    assert facts["seed"] == ["7", "8"]
    assert facts["sizes"] == 2 * ["784 · 4 · 10"]
    assert facts["training images"] == ["all", "all"]
    assert facts["pixels"] == ["as they are", "as they are"]
    assert facts["name"] == [runs.key(each.specification)[-12:] for each in found]


@pytest.mark.usefixtures("tiny")
def test_a_run_on_shuffled_pixels_of_a_subset_says_so() -> None:
    one = replace(runs.SHUFFLED_A, sizes=(784, 4, 10), images=60, passes=2)
    facts = dict(cells(provenance.runs_table([runs.run(one)])))
    assert (facts["training images"], facts["pixels"]) == ("60 × 2", "shuffled")


def test_the_long_runs_are_rows() -> None:
    rows = cells(provenance.record_table((record.RECORDED[0], record.RECORDED[9])))
    assert [row[0] for row in rows] == ["fully-connected, seed 0", "convolutional, seed 4"]
    assert {task.network for task in (TASK_7, TASK_8)} == {r.network for r in record.RECORDED}


def recorded(folder: Path, *rows: dict[str, float]) -> Experiment:
    """An experiment of one run, with these rows in its table."""
    one = replace(TASK_7, epochs=1)
    experiment = Experiment("small", "?", (one,), curve, folder)
    origin = {
        "data": {}, "arithmetic": 1, "versions": {}, "device": "cpu", "processor": "a fast one",
        "threads": 1, "finished": "2026-01-02T03:04:05+00:00",
    }  # fmt: skip
    experiment.add(one, list(rows), origin)
    return experiment


def test_an_experiment_is_a_row_with_its_hours(tmp_path: Path) -> None:
    experiment = recorded(tmp_path, {"epoch": 1, "seconds": 5400})
    assert cells(provenance.experiments_table([experiment])) == [
        ["small", "1", "1", "1.5", "2026-01-02", "a fast one"]
    ]


def test_an_epoch_with_several_points_took_its_time_once(tmp_path: Path) -> None:
    point = {"epoch": 1, "seconds": 5400}
    experiment = recorded(tmp_path, point | {"column": 6}, point | {"column": 8})
    assert [row[3] for row in cells(provenance.experiments_table([experiment]))] == ["1.5"]


def test_hours_that_were_not_recorded_are_not_said_to_be_none(tmp_path: Path) -> None:
    experiment = recorded(tmp_path, {"epoch": 1})
    assert [row[3] for row in cells(provenance.experiments_table([experiment]))] == ["–"]


def test_a_minute_is_not_said_to_be_no_time(tmp_path: Path) -> None:
    experiment = recorded(tmp_path, {"epoch": 1, "seconds": 60})
    assert [row[3] for row in cells(provenance.experiments_table([experiment]))] == ["< 0.1"]


def test_an_experiment_that_is_not_recorded_yet_stops_no_build() -> None:
    recorded = [one.name for one in EXPERIMENTS.values() if not one.missing()]
    assert [row[0] for row in cells(provenance.experiments_table())] == recorded
