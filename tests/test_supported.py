"""Outside of the declared range of versions nothing runs, and one line says so."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from mnistlab import _supported


def pretend(folder: Path, **versions: str) -> dict[str, str]:
    """An environment whose installed packages say that they are these versions."""
    for name, version in versions.items():
        info = folder / f"{name}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
    path = os.pathsep.join(filter(None, (str(folder), os.environ.get("PYTHONPATH"))))
    return {**os.environ, "PYTHONPATH": path}


def needs_metadata() -> None:
    if not _supported.metadata.requires("mnistlab"):
        pytest.skip("mnistlab is not installed: nothing says what it needs")


@pytest.mark.fault(
    "An installed package is older than the versions that were tested",
    "One line names it, what is needed and how to get it; nothing is graded",
)
@pytest.mark.parametrize("command", ["check", "import"])
def test_an_environment_out_of_the_range_says_so_and_grades_nothing(
    command: str, tmp_path: Path
) -> None:
    needs_metadata()
    (tmp_path / "mine.py").write_text("def flatten_size(Q2):\n    return 49 * Q2\n")
    (tmp_path / "old").mkdir()
    environment = pretend(tmp_path / "old", torch="1.13.1", click="8.1.7")
    arguments = (
        ["-m", "mnistlab", "check", "mine.py"] if command == "check" else ["-c", "import mnistlab"]
    )
    run = subprocess.run(
        [sys.executable, *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert (run.returncode, run.stdout) == (1, "")
    last = run.stderr.splitlines()[-1]
    assert "mnistlab needs torch>=" in last
    assert "(here: 1.13.1), click>=" in last
    assert "pip install --upgrade 'torch>=" in last
    if command == "check":
        assert run.stderr.splitlines() == [last]
        assert last.startswith("Error: ")
    else:
        assert last.startswith("ImportError: ")


def test_this_environment_is_in_the_range() -> None:
    needs_metadata()
    assert _supported.too_old() == []
    assert _supported.too_old("test") == []
    assert _supported.too_old("book") == []


@pytest.mark.parametrize(
    "declared", ["jupyter-book<2,>=1.0.4", "jupyter-book>=1.0.4,<2", "jupyter-book >=1.0.4, <2"]
)
def test_a_lower_bound_is_found_wherever_it_stands(
    declared: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Metadata have the bounds in another order than pyproject.toml; version 2 is another program."""
    requires = ["torch>=2.4", f'{declared}; extra == "book"']
    monkeypatch.setattr(_supported.metadata, "requires", lambda name: requires)
    for version, old in (("1.0.3", True), ("1.0.4.post1", False)):
        monkeypatch.setattr(_supported.metadata, "version", lambda name, here=version: here)
        told = [f"{declared.replace(' ', '')} (here: {version})"]
        assert _supported.too_old("book") == (told if old else [])


@pytest.mark.parametrize(
    ("version", "numbers"),
    [
        ("2.4", (2, 4)),
        ("2.4.0+cpu", (2, 4)),
        ("2.10.1a0+git12", (2, 10, 1)),
        ("4", (4,)),
        ("1.0.4.post1", (1, 0, 4)),
        ("unknown", ()),
    ],
)
def test_versions_are_compared_by_their_numbers(version: str, numbers: tuple[int, ...]) -> None:
    assert _supported._numbers(version) == numbers
