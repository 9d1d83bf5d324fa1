"""The table of faults is current, and its markers say what it needs."""

import re
import runpy
from collections.abc import Callable
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
TOOL = runpy.run_path(str(REPOSITORY / "tools" / "faults.py"))
TABLE = REPOSITORY / "tests" / "FAULTS.md"


@pytest.fixture
def tests(tmp_path: Path) -> Callable[[str], Path]:
    """A function that writes one file of tests and returns its folder."""

    def write(source: str) -> Path:
        (tmp_path / "test_sample.py").write_text(source, encoding="utf-8")
        return tmp_path

    return write


def test_the_table_is_current() -> None:
    expected = TOOL["table"](TABLE.parent)
    assert TABLE.read_text(encoding="utf-8") == expected, "write it again: python tools/faults.py"


def test_a_marker_becomes_a_row_with_its_test(tests: Callable[[str], Path]) -> None:
    folder = tests('@pytest.mark.fault("It | breaks", "One line")\ndef test_a(): ...\n')
    assert "| It \\| breaks | One line | `test_a` |" in TOOL["table"](folder)


def test_markers_of_parameters_are_seen(tests: Callable[[str], Path]) -> None:
    marks = "pytest.param(1, marks=pytest.mark.fault('A', 'B'))"
    folder = tests(f"@pytest.mark.parametrize('x', [{marks}])\ndef test_a(x): ...\n")
    assert [(fault.what, fault.seen, fault.test) for fault in TOOL["faults"](folder)] == [
        ("A", "B", "test_a")
    ]


@pytest.mark.parametrize(
    "arguments", ["'A'", "'A', ''", "'A', 'B', 'C'", "WHAT, 'B'", "'A', seen='B'", "'A', 1"]
)
def test_planted_a_marker_that_says_too_little_is_told(
    tests: Callable[[str], Path], arguments: str
) -> None:
    folder = tests(f"\n@pytest.mark.fault({arguments})\ndef test_a(): ...\n")
    with pytest.raises(ValueError, match=re.escape("test_sample.py:2: fault() takes two texts")):
        TOOL["faults"](folder)


def test_planted_a_fault_that_is_named_twice_is_told(tests: Callable[[str], Path]) -> None:
    marker = "@pytest.mark.fault('A', 'B')\n"
    folder = tests(f"{marker}def test_a(): ...\n{marker}def test_b(): ...\n")
    with pytest.raises(ValueError, match="test_b and test_a name the same fault: A"):
        TOOL["faults"](folder)
