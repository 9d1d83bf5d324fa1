"""The gallery: solutions as students write them, each with the verdict that it must get.

A folder ``gallery/CHECKER`` holds solutions for the checker of that name. Above each stands what
is expected: ``# expect: passed``, or ``# expect: name`` (or several, with commas, the most telling
first), and after it, where the report must have a note, ``# note: name``. A solution is a function,
without or with decorators, or a class; for `flatten_size` it may be a constant. For `answer`,
`data_loaders`, `plots`, `small_network`, `task_7` and `task_8` it is a function that returns the
arguments. ``# says: words``, in the last place, is a part of what the report says. Everything else in
a file is the student's own.

Each is judged twice: by a call of its checker, and as ``python -m mnistlab check FILE`` judges the
file that it stands in. Both must find the same.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import tiny
import torch
from matplotlib import pyplot
from torch.utils.data import DataLoader

from mnistlab import check
from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, finding
from mnistlab.check.report.mistakes import MISTAKES
from mnistlab.check.student.lending import is_lent, lent_mnist
from mnistlab.exercises import EXERCISES, Exercise, _child, _running
from mnistlab.exercises._verdicts import Verdict

GALLERY = Path(__file__).parents[1] / "gallery"
ENTRY = re.compile(
    r"^# expect: *(?P<names>.+?) *\n(?:# note: *(?P<notes>.+?) *\n)?"
    r"(?:# says: *(?P<words>.+?) *\n)?(?:@.*\n)*"
    r"(?:(?:def|class) +)?(?P<solution>\w+)",
    re.MULTILINE,
)


@dataclass(frozen=True)
class Entry:
    """One solution, and what is expected of its report."""

    file: Path
    solution: str
    checker: str
    names: tuple[str, ...]
    notes: tuple[str, ...]
    words: str

    def __str__(self) -> str:
        return f"{self.checker}-{self.file.stem}-{self.solution}"


def entries(file: Path) -> list[Entry]:
    text = file.read_text()
    found = [
        Entry(
            file,
            one["solution"],
            file.parent.name,
            names(one["names"]),
            names(one["notes"]),
            one["words"] or "",
        )
        for one in ENTRY.finditer(text)
    ]
    if len(found) != text.count("# expect:"):
        raise ValueError(f"{file.name}: an `# expect:` is not directly above a solution")
    return found


def names(text: str | None) -> tuple[str, ...]:
    return tuple(re.split(r"[, ]+", text)) if text and text != "passed" else ()


COSTLY = {"train", "data_loaders"}
"""Checkers that go through all the lent images, several times."""

TRANSFORMS = {
    "gradient_of_each_image_with_vmap",
    "image_by_image_with_vmap",
    "pure_functions_as_in_jax",
}
"""Solutions that call the network inside ``torch.func.grad`` or ``torch.vmap``."""

SEEN_INSIDE = pytest.mark.skipif(
    not hasattr(torch.func, "debug_unwrap"),
    reason=f"PyTorch {torch.__version__} does not show the numbers inside torch.func.grad",
)

ENTRIES = [entry for file in sorted(GALLERY.glob("*/*.py")) for entry in entries(file)]


@functools.cache
def solutions(file: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"gallery_{file.parent.name}_{file.stem}", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    with lent():  # a student's module may read MNIST when it is imported
        spec.loader.exec_module(module)
    return module


def lent() -> object:
    """A small MNIST, for solutions that make their datasets themselves."""
    train, test = (
        tuple(map(torch.from_numpy, tiny.images_and_labels(count, seed)))
        for count, seed in ((tiny.TRAIN, 1), (tiny.TEST, 2))
    )
    return lent_mnist((train[0], train[1].long()), (test[0], test[1].long()))


@pytest.fixture(autouse=True)
def _closed_figures() -> Iterator[None]:
    """Many entries draw; figures that nobody closes would be too many."""
    yield
    pyplot.close("all")


RETURNED = ("answer", "data_loaders", "plots", "small_network", "task_7", "task_8")
"""Checkers of values, or of several arguments, which a solution here returns."""

OF_MNIST = {"accuracy-not-reached", "nothing-learned", "unlike-the-record"}
"""What is not judged in a file that is handed in: the images that it is lent are few."""


def judged(entry: Entry) -> check.Report:
    judge = getattr(check, entry.checker)
    solution = getattr(solutions(entry.file), entry.solution)
    torch.default_generator.manual_seed(0)  # some draw an order of their own
    with lent() if entry.checker in ("data_loaders", "plots") else nullcontext():
        return judge(*arguments(entry, solution))


def arguments(entry: Entry, solution: Callable[..., object]) -> tuple[object, ...]:
    """What the checker is called with."""
    return tuple(solution()) if entry.checker in RETURNED else (solution,)


@functools.cache
def ran(file: Path) -> _running.Ran:
    """A file of the gallery, run as one that is handed in."""
    result = _running.Ran()
    _running._script(file, 60, lambda what, error: pytest.fail(f"{what}: {error}"), result)
    return result


def exercise_of(checker: str, question: object) -> Exercise:
    asked = {"answer": question}  # this one has an exercise for each question
    called = [
        one
        for one in EXERCISES
        if f"check.{checker}(" in one.call and asked.get(checker, one.name) == one.name
    ]
    assert called, f"no exercise in mnistlab/exercises/sheet.md calls check.{checker}"
    return called[0]


def judged_in_its_file(entry: Entry) -> Verdict:
    """The verdict on the file, in which the solution has the name that the exercise asks for."""
    with _running.lent_data():
        file = ran(entry.file)
        torch.default_generator.manual_seed(0)
        given = arguments(entry, file.solutions[entry.solution])
        exercise = exercise_of(entry.checker, given[0])
        named = dict(zip(exercise.names, given[-len(exercise.names) :], strict=True))
        return _child.judged(exercise, replace(file, namespace=file.namespace | named))


def once(parameters: list[Any], said: Callable[[Entry], object]) -> list[Any]:
    """Those that are fast, and of the slow ones the first that says what no other before it did."""
    fast = [one for one in parameters if pytest.mark.slow not in one.marks]
    seen = {said(one.values[0]) for one in fast}
    slow = {}
    for one in parameters:
        if said(one.values[0]) not in seen:
            slow.setdefault(said(one.values[0]), one)
    return [*fast, *slow.values()]


def tried(
    all_of: Callable[[Entry], object], costly: Callable[[Entry], bool] = lambda one: True
) -> list[Any]:
    """All entries; of those that take long, only the first of its kind is fast."""
    parameters, seen = [], set()
    for entry in ENTRIES:
        again = costly(entry) and all_of(entry) in seen
        seen.add(all_of(entry))
        marks = [pytest.mark.slow] if again else []
        marks += [SEEN_INSIDE] if entry.solution in TRANSFORMS else []
        parameters.append(pytest.param(entry, id=str(entry), marks=marks))
    return parameters


@pytest.mark.parametrize(
    "entry",
    tried(lambda one: (one.checker, one.names, one.notes), lambda one: one.checker in COSTLY),
)
def test_the_gallery(entry: Entry) -> None:
    report = judged(entry)
    problems = tuple(one.name for one in report.problems)
    assert problems == entry.names, f"expected {entry.names or 'passed'}, got\n{report}"
    notes = {one.name for one in report.notes}
    assert notes >= set(entry.notes), str(report)
    if report.passed:
        assert notes == set(entry.notes), str(report)
    assert max(map(len, str(report).splitlines())) <= 88
    seen = " ".join(f"{one.observed} {one.expected}" for one in (*report.problems, *report.notes))
    assert entry.words in " ".join(seen.split()).replace("\u202f", " "), str(report)


def test_words_that_no_report_says_are_found_out() -> None:
    entry = next(one for one in ENTRIES if one.words)
    test_the_gallery(entry)
    with pytest.raises(AssertionError):
        test_the_gallery(replace(entry, words="what nobody says"))


@pytest.mark.parametrize(
    "entry",
    once(
        tried(lambda one: (one.file, one.names == ())),
        lambda one: (one.checker, one.names, one.notes),
    ),
)
def test_a_file_gets_the_same_verdict(entry: Entry) -> None:
    """All files, and all that a checker says."""
    assert_same(judged_in_its_file(entry), entry)


def assert_same(verdict: Verdict, entry: Entry) -> None:
    if entry.names == ("not-done",):
        assert verdict.state == "not done"
        return
    problems = tuple(one["name"] for one in verdict.problems)
    expected = tuple(name for name in entry.names if name not in OF_MNIST)
    assert problems == expected, f"alone {entry.names or 'passed'}, in a file\n{verdict.report}"
    assert {one["name"] for one in verdict.notes} >= set(entry.notes) - OF_MNIST, verdict.report
    if expected != entry.names or OF_MNIST & set(entry.notes):
        assert verdict.state == "not judged"


def test_a_checker_that_knows_of_the_file_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The fault that this guards against: other words for the data that a file is lent."""
    entry = next(one for one in ENTRIES if one.checker == "evaluate" and not one.names)
    assert_same(judged_in_its_file(entry), entry)

    @checker("evaluate")
    def evaluate(function: object) -> Iterator[Finding]:
        if is_lent():
            yield finding("number-typed-in", "10 000", "the loader's number of images")

    monkeypatch.setattr(check, "evaluate", evaluate)
    assert judged(entry).passed
    with pytest.raises(AssertionError, match="number-typed-in"):
        assert_same(judged_in_its_file(entry), entry)


def test_the_gallery_is_large_enough() -> None:
    wrong = [entry for entry in ENTRIES if entry.names]
    assert len(wrong) >= 60
    assert len(ENTRIES) - len(wrong) >= 30


def faults_of_expectations(all_entries: list[Entry]) -> list[str]:
    """What the gallery expects that the table of mistakes does not have, in words."""
    found = []
    for one in all_entries:
        for name, kind in [*((n, "problem") for n in one.names), *((n, "note") for n in one.notes)]:
            mistake = MISTAKES.get(name)
            if mistake is None or mistake.kind != kind:
                found.append(f"{one}: mistakes.toml has no {kind} {name}")
            elif one.checker not in (mistake.checkers or check.CHECKERS):
                found.append(f"{one}: mistakes.toml does not have {one.checker} in that of {name}")
    return found


def faults_of_coverage(all_entries: list[Entry]) -> list[str]:
    """Checkers without a right or a wrong solution, and their mistakes that none makes, in words.

    ``lent-images`` is a note about a file's run, see ``tests/check/tasks/test_answer.py``.
    """
    verdicts = {(one.checker, "wrong" if one.names else "right") for one in all_entries}
    made = {name for one in all_entries for name in (*one.names, *one.notes)}
    missing = [
        f"tests/gallery/{checker}/{verdict}.py is missing, or has no solution"
        for checker in check.CHECKERS
        for verdict in ("right", "wrong")
        if (checker, verdict) not in verdicts
    ]
    of_some = {name for name, mistake in MISTAKES.items() if mistake.checkers} - {"lent-images"}
    return missing + [f"no solution in tests/gallery makes {name}" for name in of_some - made]


def test_expected_names_are_in_the_table() -> None:
    assert faults_of_expectations(ENTRIES) == []
    planted = replace(ENTRIES[0], names=("no-such-mistake",), notes=())
    assert faults_of_expectations([planted]) == [
        f"{planted}: mistakes.toml has no problem no-such-mistake"
    ]


def test_every_checker_and_every_mistake_is_tried() -> None:
    assert faults_of_coverage(ENTRIES) == []
    without = [one for one in ENTRIES if one.checker != "shift" or not one.names]
    assert "tests/gallery/shift/wrong.py is missing, or has no solution" in faults_of_coverage(
        without
    )


def test_data_loaders_are_those_of_torch() -> None:
    """The gallery's stand-in for MNIST is used: no file is read and nothing is fetched."""
    with lent():
        from torchvision.datasets import MNIST

        loader = DataLoader(MNIST("nowhere", download=True, transform=lambda _: 0), 64)
        assert len(loader.dataset) == tiny.TRAIN
