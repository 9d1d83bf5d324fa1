"""An exercise that is still as it was given is told so by every checker."""

from __future__ import annotations

import inspect
from collections.abc import Callable

import pytest
import torch

from mnistlab import check
from mnistlab.check import _checker

CHECKERS = check.CHECKERS


def dots(one, two=2, *more): ...  # noqa: ANN001, ANN002, ANN201


def only_a_docstring(one: object) -> None:
    """It has words and no code."""


def docstring_and_dots(*, one: object) -> None:
    """It has words, and dots for code."""
    ...  # noqa: PIE790


def passes(one: object) -> None:
    pass


def bare_return(one: object) -> None:
    return


@torch.no_grad()
def decorated(one: object) -> object:
    return ...


STUBS = (dots, only_a_docstring, docstring_and_dots, passes, bare_return, decorated)


def names(report: check.Report) -> list[str]:
    return [one.name for one in (*report.problems, *report.notes)]


def called(name: str, argument: object) -> check.Report:
    """A checker's report with this in place of everything that it asks for."""
    checker = getattr(check, name)
    required = [
        one for one in inspect.signature(checker).parameters.values() if one.default is one.empty
    ]
    return checker(*(argument for _ in required))


@pytest.mark.parametrize("name", CHECKERS)
def test_every_checker_tells_that_nothing_has_been_done(name: str) -> None:
    report = called(name, ...)
    assert report.checker == name
    assert names(report) == ["not-done"]
    assert "is still ..." in report.problems[0].observed


@pytest.mark.parametrize("name", CHECKERS)
def test_every_checker_tells_that_a_function_does_nothing(name: str) -> None:
    report = called(name, dots)
    assert names(report) == ["not-done"]
    assert "the function dots does nothing yet" in report.problems[0].observed


@pytest.mark.parametrize("stub", STUBS, ids=lambda stub: stub.__name__)
def test_a_function_without_code_does_nothing(stub: Callable[..., object]) -> None:
    assert names(check.count_parameters(stub)) == ["not-done"]


def test_one_of_two_will_do() -> None:
    report = check.data_loaders([], test_loader=...)
    assert [one.observed for one in report.problems] == ["test_loader is still ..."]


@pytest.mark.parametrize(
    "solution", [lambda one: one, lambda one: 5, lambda one: print(one), lambda one: one + 1, len]
)
def test_a_wrong_function_is_judged(solution: Callable[..., object]) -> None:
    found = names(check.count_parameters(solution))
    assert found
    assert "not-done" not in found


def test_planted_a_stub_that_is_not_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    assert names(check.count_parameters(dots)) == ["not-done"]
    monkeypatch.setattr(_checker, "_does_nothing", lambda _: False)
    assert names(check.count_parameters(dots)) == ["wrong-type"]
