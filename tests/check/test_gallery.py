"""The gallery: solutions as students write them, each with the verdict that it must get.

A folder ``gallery/CHECKER`` holds solutions for the checker of that name. Above each stands what
is expected: ``# expect: passed``, or ``# expect: name`` (or several, with commas, the most telling
first), and after it, where the report must have a note, ``# note: name``. A solution is a function
without or with decorators; for `flatten_size` it may be a constant. For `data_loaders` and `plots`
it is a function that returns the two arguments. Everything else in a file is the student's own.
"""

from __future__ import annotations

import functools
import importlib.util
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import pytest
import tiny
import torch
from matplotlib import pyplot
from torch.utils.data import DataLoader

from mnistlab import check
from mnistlab.check.report.mistakes import MISTAKES
from mnistlab.check.student.lending import lent_mnist

GALLERY = Path(__file__).parents[1] / "gallery"
ENTRY = re.compile(
    r"^# expect: *(?P<names>.+?) *\n(?:# note: *(?P<notes>.+?) *\n)?(?:@.*\n)*"
    r"(?:def +)?(?P<solution>\w+)",
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

    def __str__(self) -> str:
        return f"{self.checker}-{self.file.stem}-{self.solution}"


def entries(file: Path) -> list[Entry]:
    checker, text = file.parent.name, file.read_text()
    found = [
        Entry(file, one["solution"], checker, names(one["names"]), names(one["notes"]))
        for one in ENTRY.finditer(text)
    ]
    if len(found) != text.count("# expect:"):
        raise ValueError(f"{file.name}: an `# expect:` is not directly above a solution")
    return found


def names(text: str | None) -> tuple[str, ...]:
    return tuple(re.split(r"[, ]+", text)) if text and text != "passed" else ()


COSTLY = {"train", "data_loaders"}
"""Checkers that go through all the lent images, several times."""

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


def judged(entry: Entry) -> check.Report:
    checker = getattr(check, entry.checker)
    solution = getattr(solutions(entry.file), entry.solution)
    torch.manual_seed(0)  # some draw an order of their own
    if entry.checker in ("data_loaders", "plots"):
        with lent():
            arguments = solution()
            return checker(*arguments)
    return checker(solution)


def tried() -> list[object]:
    """All entries; of those that take long, only the first with an expectation is fast."""
    parameters, seen = [], set()
    for entry in ENTRIES:
        expectation = (entry.checker, entry.names, entry.notes)
        again = entry.checker in COSTLY and expectation in seen
        seen.add(expectation)
        marks = pytest.mark.slow if again else ()
        parameters.append(pytest.param(entry, id=str(entry), marks=marks))
    return parameters


@pytest.mark.parametrize("entry", tried())
def test_the_gallery(entry: Entry) -> None:
    report = judged(entry)
    problems = tuple(one.name for one in report.problems)
    assert problems == entry.names, f"expected {entry.names or 'passed'}, got\n{report}"
    notes = {one.name for one in report.notes}
    assert notes >= set(entry.notes), str(report)
    if report.passed:
        assert notes == set(entry.notes), str(report)
    assert max(map(len, str(report).splitlines())) <= 88


def test_the_gallery_is_large_enough() -> None:
    wrong = [entry for entry in ENTRIES if entry.names]
    assert len(wrong) >= 60
    assert len(ENTRIES) - len(wrong) >= 30


def test_expected_names_are_in_the_table() -> None:
    for entry in ENTRIES:
        for name, kind in [
            *((one, "problem") for one in entry.names),
            *((one, "note") for one in entry.notes),
        ]:
            assert MISTAKES[name].kind == kind, entry
            assert entry.checker in (MISTAKES[name].checkers or check.CHECKERS), entry


def test_data_loaders_are_those_of_torch() -> None:
    """The gallery's stand-in for MNIST is used: no file is read and nothing is fetched."""
    with lent():
        from torchvision.datasets import MNIST

        loader = DataLoader(MNIST("nowhere", download=True, transform=lambda _: 0), 64)
        assert len(loader.dataset) == tiny.TRAIN
