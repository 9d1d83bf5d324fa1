"""A run of a reader beside the recorded ones: what was changed, and where it lies."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from mnistlab import TASK_7, runs, sources
from mnistlab.experiments import let_go, moved, shuffles
from mnistlab.experiments.compare import (
    LOCALLY_CONNECTED,
    MLP,
    SMALL_CNN,
    Comparison,
    compare,
    recorded_errors,
)
from mnistlab.runs import Run, Specification
from mnistlab.training import History

BOOK = Path(__file__).parents[1] / "book"


def finished(specification: Specification, accuracy: float, **provenance: Any) -> Run:
    """A run as `mnistlab.run` returns it, of which only the last accuracy matters here."""
    history = History([0.1, 0.1], [0.5, accuracy], [0.1, 0.1], [0.5, 0.5], [1.0, 1.0])
    return Run(specification, history, nn.Identity(), {"data": sources.FILES} | provenance)


@pytest.mark.parametrize("base", [MLP, SMALL_CNN, LOCALLY_CONNECTED])
def test_the_networks_of_the_chapters_have_ten_recorded_seeds(base: Specification) -> None:
    assert list(recorded_errors(base)) == list(range(10))


def test_the_recorded_mistakes_are_those_of_the_record() -> None:
    rows = moved.EXPERIMENT.recorded()
    shifted = replace(SMALL_CNN, shift=2)
    expected = {
        row.specification.seed: row["accuracy"]
        for row in rows
        if row.specification == replace(shifted, seed=row.specification.seed)
        and (row.values.get("down", 0), row.values.get("right", 0)) == (0, 0)
    }
    found = recorded_errors(shifted)
    assert found.keys() == expected.keys()
    assert len(found) == 5
    shuffled = recorded_errors(replace(SMALL_CNN, permutation=3))
    assert len(shuffled) == 10, "each of its seeds has a permutation of its own"
    assert min(shuffled.values()) > max(recorded_errors(SMALL_CNN).values())


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({}, []),
        ({"seed": 99}, []),
        ({"shift": 4}, ["shift"]),
        ({"images": 3000, "passes": 60, "seed": 5}, ["images", "passes"]),
        ({"permutation": 7}, ["permutation"]),
    ],
)
def test_what_was_changed_is_named(changes: dict[str, Any], names: list[str]) -> None:
    found = compare(finished(replace(MLP, **changes), 0.94), MLP)
    assert list(found.changed) == names
    assert ("which of them did it?" in repr(found)) == (len(names) > 1)


def test_another_permutation_is_no_change() -> None:
    shuffled = replace(shuffles.FULLY_CONNECTED, learning_rate=0.3, permutation=0)
    found = compare(finished(replace(shuffled, permutation=7), 0.94), shuffled)
    assert not found.changed
    assert "changed: nothing but the seed" in repr(found)


def test_where_a_run_lies_is_counted() -> None:
    errors = {0: 0.05, 1: 0.06, 2: 0.07}
    assert [Comparison({}, errors, wrong, 9).fewer_than for wrong in (0.01, 0.055, 0.07, 0.1)] == [
        3, 2, 0, 0,
    ]  # fmt: skip
    best, inside, equal, worst = (
        repr(Comparison({}, errors, wrong, 9)) for wrong in (0.01, 0.055, 0.07, 0.1)
    )
    assert "recorded, 3 seeds: 5.00% to 7.00% wrong" in best
    assert "yours, seed 9: 1.00% wrong\nfewer than each of the 3\n" in best
    assert "fewer than 2 of the 3: within their spread" in inside
    assert "fewer than 0 of the 3: within their spread" in equal
    assert "more than each of the 3" in worst
    assert "with the same seed" not in best


def test_a_run_with_a_recorded_seed_is_set_beside_that_run() -> None:
    wrong = recorded_errors(MLP)[3]
    shown = repr(compare(finished(replace(MLP, seed=3, shift=1), 0.97), MLP))
    assert f"with the same seed it was {wrong:.2%}" in shown
    assert "changed: shift, 1 in place of 0" in shown
    assert "this is one seed" in shown


@pytest.mark.parametrize(
    ("run", "recorded", "error", "message"),
    [
        (MLP, MLP, TypeError, r"mine is Specification.*expected a finished run"),
        (finished(MLP, 0.9), "MLP", TypeError, "recorded is 'MLP'; expected a Specification"),
        (finished(MLP, 0.9, data={}), MLP, ValueError, "did not learn from MNIST"),
        (
            finished(replace(MLP, split="validation"), 0.9), MLP, ValueError,
            "measured on validation images; use split='test'",
        ),
        (finished(MLP, 0.9), replace(MLP, seed=3, shift=9), ValueError, "^0 runs of .*on record"),
    ],
)  # fmt: skip
def test_what_cannot_be_compared_is_said(
    run: Any, recorded: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        compare(run, recorded)


def test_a_run_on_other_digits_is_refused() -> None:
    mine = runs.run(replace(TASK_7, images=100, epochs=1), source="strokes", progress=False)
    with pytest.raises(ValueError, match="did not learn from MNIST, and the recorded runs did"):
        compare(mine, MLP)


def test_what_the_exercise_suggests_is_one_change_that_nobody_has_recorded() -> None:
    page = (BOOK / "harder.md").read_text(encoding="utf-8")
    known = {"MLP": MLP, "SMALL_CNN": SMALL_CNN, "LOCALLY_CONNECTED": LOCALLY_CONNECTED}
    suggested = re.findall(r"^- \*.*?`replace\(([\w.]+), (.*?)\)`", page, re.MULTILINE)
    assert len(suggested) == 7
    for name, change in suggested:
        base = let_go.FREE if name == "let_go.FREE" else known[name]
        mine = replace(base, **eval(f"dict({change})"))
        assert len(compare(finished(mine, 0.9), base).changed) == 1
        assert not recorded_errors(mine)
