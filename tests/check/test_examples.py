"""Examples in the docstrings of the public checkers give what stands below them."""

from __future__ import annotations

import doctest
import inspect

import pytest

from mnistlab import check

EXAMPLES = {
    name: text
    for name in ("", *check.CHECKERS)
    if ">>>" in (text := inspect.getdoc(getattr(check, name) if name else check) or "")
}


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_is_true(name: str) -> None:
    example = doctest.DocTestParser().get_doctest(EXAMPLES[name], {"check": check}, name, None, 0)
    said: list[str] = []
    assert doctest.DocTestRunner(verbose=False).run(example, out=said.append).failed == 0, said[0]


def test_planted_an_example_that_is_not_true() -> None:
    example = doctest.DocTestParser().get_doctest(">>> 1\n2", {}, "planted", None, 0)
    assert doctest.DocTestRunner(verbose=False).run(example, out=lambda _: None).failed == 1


def test_most_checkers_have_an_example() -> None:
    assert len(EXAMPLES) >= 10
