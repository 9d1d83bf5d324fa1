"""The table of mistakes: read as its introduction says, faults in it are refused."""

from __future__ import annotations

import tomllib

import pytest

from mnistlab import check
from mnistlab.check.report import finding, make_report
from mnistlab.check.report.mistakes import MISTAKES, SECTIONS, Mistake, Section, read, section_of

TABLE = """
[pages.images]
chapter = "Images and batches"
[pages.images.sections]
one-image = "One image"
batches = "Batches: some images"

[pages.errors]
chapter = "Error messages"
[pages.errors.sections]
errors = "Error messages"

[mistakes.no-step]
aliases = ["stands-still"]
problem = ["train", "task_7"]
section = "batches"
sections = { task_7 = "errors" }
why = "Without a step: nothing."

[mistakes.odd]
note = []
section = "errors"
why = "It is odd."
"""


def test_a_table_is_taken_apart() -> None:
    sections, mistakes = read(tomllib.loads(TABLE))
    assert sections == {
        "one-image": Section("images", "Images and batches", "One image"),
        "batches": Section("images", "Images and batches", "Batches: some images"),
        "errors": Section("errors", "Error messages", "Error messages"),
    }
    assert list(map(str, sections.values())) == [
        "Images and batches, section “One image”",
        "Images and batches, section “Batches: some images”",
        "Error messages",
    ]
    assert mistakes == {
        "no-step": Mistake(
            kind="problem",
            section="batches",
            why="Without a step: nothing.",
            checkers=("train", "task_7"),
            sections={"task_7": "errors"},
            aliases=("stands-still",),
        ),
        "odd": Mistake(kind="note", section="errors", why="It is odd."),
    }


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("note = []", "remark = []", "odd: expected either problem or note, and the checkers"),
        ("note = []", "note = []\nproblem = []", "odd: expected either problem or note"),
        ('why = "It is odd."', "", "odd: .* missing 1 required .* 'why'"),
        ('why = "It is odd."', 'whi = "It is odd."', "odd: .* unexpected keyword argument 'whi'"),
        ('section = "batches"', 'section = "batch"', "no-step: no page has a section 'batch'"),
        ('task_7 = "errors"', 'task_7 = "error"', "no-step: no page has a section 'error'"),
        ("\nerrors = ", "\nbatches = ", "two pages have a section batches; rename one"),
    ],
)
def test_a_table_with_a_fault_is_refused(before: str, after: str, message: str) -> None:
    assert before in TABLE
    with pytest.raises(ValueError, match=f"^mistakes.toml, {message}|^mistakes.toml: {message}"):
        read(tomllib.loads(TABLE.replace(before, after)))


def test_each_network_and_each_test_has_its_own_section() -> None:
    assert section_of("width", "fully_connected") == SECTIONS["task-3"]
    assert section_of("width", "convolutional") == SECTIONS["task-5"]
    assert section_of("right-refused", "test_1") == SECTIONS["test-1"]
    assert section_of("right-refused", "test_2") == SECTIONS["test-2"]


def test_no_two_mistakes_have_had_the_same_name() -> None:
    names = [*MISTAKES, *(alias for one in MISTAKES.values() for alias in one.aliases)]
    assert len(set(names)) == len(names)


def test_scripts_that_look_for_an_old_name_go_on_working() -> None:
    report = make_report("train", [finding("other-optimizer", "Adam", "plain SGD")])
    names = [one.name for one in report.problems]
    for name in ("other-optimiser", "other-optimizer"):
        assert name in names
        assert names[0] == name
        assert name == names[0]
    assert "momentum" not in names
    assert names[0] != "momentum"
    assert {names[0]} == {"other-optimizer"}
    assert "problem: other-optimizer" in str(report)


def test_each_mistake_belongs_to_checkers_that_there_are() -> None:
    for name, mistake in MISTAKES.items():
        assert {*mistake.checkers, *mistake.sections} <= set(check.CHECKERS), name
