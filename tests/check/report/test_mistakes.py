"""The table of mistakes: read as its introduction says, faults in it are refused."""

from __future__ import annotations

import ast
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

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


# --- the words in the table, and the values that the checkers give for them


def calls(source: str) -> Iterator[tuple[str, list[bool], set[str]]]:
    """Of each call: the mistake, whether each of the two texts is said there, the values."""
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("finding", "stop")):
            continue
        name, *texts = node.args
        names = [one.arg for one in node.keywords]
        if isinstance(name, ast.Constant) and None not in names:  # `**` is tried by the gallery
            said = [not (isinstance(one, ast.Constant) and one.value == "") for one in texts]
            yield name.value, [*said, False, False][:2], set(names)


def asked_for(name: str, said: list[bool]) -> set[str]:
    """The names in braces in those words of the table that a call leaves to it."""
    texts = MISTAKES[name].observed, MISTAKES[name].expected
    left = [text for text, here in zip(texts, said, strict=True) if not here]
    assert all(left), f"{name}: said neither at the call nor in the table"
    return {field for text in left for _, field, *_ in string.Formatter().parse(text) if field}


def faults(source: str) -> list[str]:
    """The mistakes whose calls give other values than the table's words ask for."""
    return [name for name, said, given in calls(source) if asked_for(name, said) != given]


MODULES = sorted(Path(check.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("module", MODULES, ids=lambda one: one.stem)
def test_a_checker_gives_the_values_that_the_table_asks_for(module: Path) -> None:
    assert faults(module.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "call",
    [
        'finding("no-step", steps=3)',
        'finding("trained-on-test-set")',
        'stop("trained-on-test-set", count=3)',
        'finding("epochs", "2 passes", passes="2 passes", epochs=3, all=203)',
    ],
)
def test_other_values_are_found(call: str) -> None:
    assert faults(call) == [ast.parse(call).body[0].value.args[0].value]
    assert faults('finding("trained-on-test-set", updates=3)') == []


def test_what_is_said_nowhere_is_found() -> None:
    with pytest.raises(AssertionError, match="neither at the call nor in the table"):
        faults('finding("width", "layers 784 → 100")')
    with pytest.raises(ValueError, match="say what is observed and expected"):
        finding("width", "layers 784 → 100")
    with pytest.raises(KeyError):
        finding("trained-on-test-set")
