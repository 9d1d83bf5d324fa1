"""The oldest declared versions, as ``make test-oldest`` computes them."""

import importlib.util
import re
import sys
import tomllib
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
spec = importlib.util.spec_from_file_location("versions_range", REPOSITORY / "tools" / "range.py")
assert spec
assert spec.loader
versions_range = importlib.util.module_from_spec(spec)
spec.loader.exec_module(versions_range)

PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]


def test_each_direct_dependency_declares_its_lowest_version() -> None:
    pins = [versions_range.lowest(one) for one in versions_range.declared(PROJECT)]
    assert len(pins) > 15
    assert all(re.fullmatch(r"[\w.-]+==\d[\w.]*", pin) for pin in pins)
    assert versions_range.lowest("jupyter-book>=1.0.4,<2") == "jupyter-book==1.0.4"


def test_one_that_declares_none_is_told() -> None:
    with pytest.raises(versions_range.RangeError, match="'numpy' declares no lowest version"):
        versions_range.lowest("numpy")


def test_the_oldest_python_is_the_declared_one_and_a_missing_one_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    with pytest.raises(versions_range.RangeError, match=r"no Python 3\.11 on the path"):
        versions_range.python("oldest", PROJECT)
    name = f"{sys.version_info.major}.{sys.version_info.minor}"
    (tmp_path / f"python{name}").symlink_to(sys.executable)
    project = {"requires-python": f">={name}"}
    assert versions_range.python("oldest", project) == str(tmp_path / f"python{name}")
    assert versions_range.python("newest", project) == str(tmp_path / f"python{name}")
    (tmp_path / f"python{name}").unlink()
    (tmp_path / f"python{name}").touch(mode=0o755)
    (tmp_path / f"python{name}").write_text("#!/bin/sh\nexit 127\n")  # as pyenv's names on the path
    managed = tmp_path / "pyenv" / "versions" / f"{name}.9" / "bin" / "python"
    managed.parent.mkdir(parents=True)
    managed.symlink_to(sys.executable)
    assert versions_range.python("oldest", project) == str(managed)


def rows(readme: str) -> dict[str, list[str]]:
    """The README's table of versions: the lowest and the pinned one by name."""
    table = re.search(r"\| \| lowest \| tested each time \|\n\|[-|]+\n((\|.*\n)+)", readme)
    assert table
    cells = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table[1].splitlines()
    ]
    return {name: versions for name, *versions in cells}


def wrong_versions(readme: str) -> set[str]:
    """What the table has otherwise than ``pyproject.toml`` and ``constraints.txt``."""
    pins = [versions_range.lowest(one) for one in versions_range.declared(PROJECT)]
    lowest = dict(pin.split("==") for pin in pins)
    lowest["Python"] = re.search(r"[\d.]+", PROJECT["requires-python"])[0]
    lines = (REPOSITORY / "constraints.txt").read_text("utf-8").split()
    pinned = dict(line.split("==") for line in lines)
    return {
        name
        for name, (oldest, tested) in rows(readme).items()
        if lowest.get(name) != oldest or (name != "Python" and pinned.get(name) != tested)
    }


def test_the_table_of_versions_tells_the_truth() -> None:
    readme = (REPOSITORY / "README.md").read_text("utf-8")
    assert len(rows(readme)) >= 10
    assert wrong_versions(readme) == set()
    planted = readme.replace("| torch | 2.4 |", "| torch | 2.3 |")
    assert wrong_versions(planted) == {"torch"}
