"""Examples in the docstrings of the package give what stands below them.

Those of the checkers have a test of their own, which lends them their names.
"""

from __future__ import annotations

import doctest
import importlib
from pathlib import Path
from types import ModuleType

import pytest

import mnistlab

PACKAGE = Path(mnistlab.__file__).parent
MODULES = sorted(
    ".".join(("mnistlab", *file.relative_to(PACKAGE).with_suffix("").parts))
    for file in PACKAGE.rglob("*.py")
    if ">>>" in file.read_text(encoding="utf-8") and PACKAGE / "check" not in file.parents
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0, "see what was printed"


def test_planted_an_example_without_its_import(capsys: pytest.CaptureFixture[str]) -> None:
    planted = ModuleType("planted", "An example.\n\n>>> torch.ones(1)\ntensor([1.])\n")
    assert doctest.testmod(planted).failed == 1
    assert "name 'torch' is not defined" in capsys.readouterr().out


def test_there_are_examples() -> None:
    assert len(MODULES) > 10
