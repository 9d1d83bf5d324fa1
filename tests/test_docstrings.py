"""Examples in the docstrings of the package give what stands below them.

Those of the checkers have a test of their own, which lends them their names.
"""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest
from torch import nn

import mnistlab
from mnistlab import ladder

PACKAGE = Path(mnistlab.__file__).parent
MODULES = sorted(
    ".".join(("mnistlab", *file.relative_to(PACKAGE).with_suffix("").parts))
    for file in PACKAGE.rglob("*.py")
    if ">>>" in file.read_text(encoding="utf-8") and PACKAGE / "check" not in file.parents
)

LADDER = sorted(
    name
    for name, one in vars(ladder).items()
    if inspect.isfunction(one) and one.__module__ == ladder.__name__ and not name.startswith("_")
)


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_are_true(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0, "see what was printed"


def test_planted_an_example_without_its_import(capsys: pytest.CaptureFixture[str]) -> None:
    planted = ModuleType("planted", "An example.\n\n>>> torch.ones(1)\ntensor([1.])\n")
    assert doctest.testmod(planted).failed == 1
    assert "name 'torch' is not defined" in capsys.readouterr().out


@pytest.mark.parametrize("build", [getattr(ladder, name) for name in LADDER], ids=LADDER)
def test_a_network_of_the_ladder_is_described_as_those_of_the_assignment_are(
    build: Callable[..., nn.Module],
) -> None:
    described = inspect.getdoc(build)
    for section in ("Parameters", "Returns", "Raises", "Examples"):
        assert f"\n{section}\n{'-' * len(section)}\n" in described, section
    for name in inspect.signature(build).parameters:
        assert re.search(rf"^(\w+, )*{name}(, \w+)* : ", described, re.MULTILINE), name


def test_the_ladder_has_all_its_networks() -> None:
    assert len(LADDER) == 14


def test_there_are_examples() -> None:
    assert len(MODULES) > 10
