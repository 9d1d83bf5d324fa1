"""The two set-up commands: versions, the choice of a Python, a torch that stays, the stamps."""

import contextlib
import os
import re
import runpy
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

REPOSITORY = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PINS = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").splitlines()

needs_make = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make")
needs_sh = pytest.mark.skipif(os.name == "nt", reason="there is no sh on Windows")


def installer(name: str) -> Callable:
    """Return a function of ``tools/install.py``."""
    return runpy.run_path(str(REPOSITORY / "tools" / "install.py"))[name]


def script(path: Path, *lines: str) -> Path:
    """Write an executable shell script."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    path.chmod(0o755)
    return path


def test_constraints_hold_names_and_versions_only() -> None:
    wrong = [pin for pin in PINS if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.]*", pin)]
    assert not wrong, "expected NAME==VERSION, without local versions, paths or markers"
    names = [installer("distribution")(pin) for pin in PINS]
    assert len(names) == len(set(names)), "a name is pinned twice"


def test_every_dependency_is_pinned_within_its_range() -> None:
    distribution = installer("distribution")
    pinned = {distribution(pin): pin.partition("==")[2] for pin in PINS}
    lines = sum(PROJECT["optional-dependencies"].values(), PROJECT["dependencies"])
    for requirement in map(Requirement, lines):
        version = pinned.get(distribution(requirement.name), "none")
        assert requirement.specifier.contains(version), f"{requirement} is pinned to {version}"


def test_citation_gives_the_version_of_the_package() -> None:
    citation = (REPOSITORY / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: {PROJECT['version']}\n" in citation


def too_new(asked: dict[str, str]) -> list[str]:
    """Which pinned packages refuse the oldest Python that the project promises."""
    oldest = re.fullmatch(r">=(3\.\d+)", PROJECT["requires-python"])[1] + ".0"
    return [pin for pin, python in asked.items() if not SpecifierSet(python).contains(oldest)]


def test_every_pin_can_be_installed_on_the_oldest_python() -> None:
    """Some packages refuse the first releases of 3.11, which Debian still has."""
    asked = {}
    for pin in PINS:
        name, _, version = pin.partition("==")
        with contextlib.suppress(metadata.PackageNotFoundError):
            found = metadata.distribution(name)
            if found.version == version:
                asked[pin] = found.metadata.get("Requires-Python") or ""
    assert len(asked) > 20
    assert too_new(asked) == []
    assert too_new({"planted==1": ">=3.11.5"}) == ["planted==1"]


def test_a_torch_that_stays_takes_its_pins_out_of_the_constraints() -> None:
    pins = ["numpy==2.4.6", "nvidia-nccl-cu13==2", "sympy==1.14.0", "torch==2.15.0"]
    pins += ["torchvision==0.29.2", "typing_extensions==4.16.0"]
    asked = ["sympy==1.13.1", "typing-extensions>=4.10", "triton; sys_platform == 'linux'"]
    kept = installer("pins_beside")("2.9.1+cpu", asked, pins)
    assert kept == ["torch==2.9.1+cpu", "numpy==2.4.6"]


def run_environment(folder: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``tools/environment.sh`` in ``folder`` with no more of an environment than given."""
    command = ["/bin/sh", str(REPOSITORY / "tools" / "environment.sh")]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)


def python_that_says(path: Path, version: str) -> Path:
    """Write a ``python`` that claims to be ``version``; its environments are empty folders."""
    numbers = tuple(map(int, version.split(".")))
    claim = f"sys.version_info = {numbers}; platform.python_version = lambda: '{version}'"
    code = f"import platform, sys; {claim}; exec(sys.argv[1])"
    make_folder = '[ "$1 $2" = "-m venv" ] && exec /bin/mkdir "$3"'
    return script(path, make_folder, f'exec "{sys.executable}" -c "{code}" "$2"')


@needs_sh
@pytest.mark.fault("The only Python is too old", "One line: what is needed, what was found")
def test_an_older_python_gets_one_clear_line(tmp_path: Path) -> None:
    python_that_says(tmp_path / "bin" / "python3", "3.10.13")
    done = run_environment(tmp_path, PATH=str(tmp_path / "bin"))
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "Python 3.11 or newer is needed; found: python3 is 3.10.13" in done.stderr
    assert not (tmp_path / ".venv").exists()


@needs_sh
@pytest.mark.fault(
    "A name on PATH is found and does not run (a version manager's)",
    "The next Python is taken",
)
def test_the_first_python_that_is_new_enough_is_used(tmp_path: Path) -> None:
    python_that_says(tmp_path / "bin" / "python3", "3.9.1")
    script(tmp_path / "bin" / "python3.13", "exit 127")  # on PATH, and yet it does not run
    python_that_says(tmp_path / "bin" / "python3.12", "3.12.1")
    done = run_environment(tmp_path, PATH=str(tmp_path / "bin"))
    assert done.returncode == 0, done.stderr
    assert "python3.12 (3.12.1)" in done.stdout
    assert (tmp_path / ".venv").is_dir()


@needs_sh
def test_the_python_that_was_asked_for_is_not_replaced(tmp_path: Path) -> None:
    asked = python_that_says(tmp_path / "old", "3.10.13")
    python_that_says(tmp_path / "bin" / "python3", "3.12.1")
    done = run_environment(tmp_path, PATH=str(tmp_path / "bin"), PYTHON=str(asked))
    assert done.returncode == 1
    assert "is 3.10.13" in done.stderr
    assert not (tmp_path / ".venv").exists()


@needs_make
def test_make_installs_again_only_when_versions_may_have_changed(tmp_path: Path) -> None:
    project = tmp_path / "a folder"
    calls = project / "calls.txt"
    script(project / ".venv" / "bin" / "python", f'echo "$@" >> "{calls}"')
    (project / ".venv" / "pyvenv.cfg").touch()
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(REPOSITORY / name, project)

    # A make that runs these tests hands its own settings, ARGS among them, to what it starts.
    makes = ("ARGS", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL")
    environment = {name: value for name, value in os.environ.items() if name not in makes}

    def make_test() -> list[str]:
        calls.write_text("", encoding="utf-8")
        subprocess.run(
            ["make", "test"], cwd=project, env=environment, check=True, capture_output=True
        )
        return calls.read_text(encoding="utf-8").splitlines()

    assert make_test() == ["tools/install.py test", "-m pytest"]
    assert make_test() == ["-m pytest"]
    stamp = (project / ".venv" / ".installed-test").stat().st_mtime
    os.utime(project / "constraints.txt", (stamp + 1, stamp + 1))
    assert make_test() == ["tools/install.py test", "-m pytest"]
