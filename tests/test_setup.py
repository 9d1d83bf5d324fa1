"""The two set-up commands: versions, the choice of a Python, a torch that stays, the stamps."""

import contextlib
import importlib.util
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
import sysconfig
import tomllib
import venv
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


def test_every_extra_that_make_asks_for_can_be_installed() -> None:
    makefile = (REPOSITORY / "Makefile").read_text(encoding="utf-8")
    asked = set(re.findall(r"\$\(READY\)(\w+)", makefile))
    assert {"book", "test"} <= asked
    assert asked <= installer("WHAT").keys() & PROJECT["optional-dependencies"].keys()


def folders_without_a_line(readme: str, files: list[str]) -> set[str]:
    """The folders, two levels deep, that the README's table does not name."""
    folders = {"/".join(Path(file).parts[:depth]) for file in files for depth in (1, 2)}
    folders = {folder for folder in folders if any(file.startswith(f"{folder}/") for file in files)}
    return {folder for folder in folders if f"\n| `{folder}/` | " not in readme}


def test_the_table_of_folders_names_every_folder() -> None:
    if not (REPOSITORY / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no checkout of git")
    files = call(REPOSITORY, "git", "ls-files").stdout.splitlines()
    readme = (REPOSITORY / "README.md").read_text(encoding="utf-8")
    assert folders_without_a_line(readme, files) == set()
    assert folders_without_a_line(readme, ["new/file", "tools/x"]) == {"new"}


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


@pytest.mark.fault(
    "The user's own torch is in .venv, such as the CPU build",
    "It stays; what goes with another torch is not installed",
)
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


@pytest.mark.fault("PYTHON names a Python that is too old", "One line; no other is taken for it")
@needs_sh
def test_the_python_that_was_asked_for_is_not_replaced(tmp_path: Path) -> None:
    asked = python_that_says(tmp_path / "old", "3.10.13")
    python_that_says(tmp_path / "bin" / "python3", "3.12.1")
    done = run_environment(tmp_path, PATH=str(tmp_path / "bin"), PYTHON=str(asked))
    assert done.returncode == 1
    assert "is 3.10.13" in done.stderr
    assert not (tmp_path / ".venv").exists()


def copy_setup(project: Path) -> None:
    """Copy what the commands consist of."""
    project.mkdir(parents=True, exist_ok=True)
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(REPOSITORY / name, project)
    shutil.copytree(REPOSITORY / "tools", project / "tools", dirs_exist_ok=True)


def bare_environment() -> dict[str, str]:
    """The environment without what a make that runs these tests hands to what it starts."""
    makes = ("ARGS", "MAKEFLAGS", "MAKEOVERRIDES", "MFLAGS", "MAKELEVEL", "PYTHONPATH")
    return {name: value for name, value in os.environ.items() if name not in makes}


@needs_make
def test_make_installs_again_only_when_versions_may_have_changed(tmp_path: Path) -> None:
    project = tmp_path / "a folder"
    calls = project / "calls.txt"
    script(project / ".venv" / "bin" / "python", f'echo "$@" >> "{calls}"')
    (project / ".venv" / "pyvenv.cfg").touch()
    copy_setup(project)

    def make_test() -> list[str]:
        calls.write_text("", encoding="utf-8")
        subprocess.run(
            ["make", "test"], cwd=project, env=bare_environment(), check=True, capture_output=True
        )
        said = calls.read_text(encoding="utf-8").splitlines()
        return [line for line in said if line != "-c "]  # that asks whether it runs

    pytest_runs = "-m pytest -n logical --maxprocesses 3 --dist worksteal"
    assert make_test() == ["tools/install.py test", pytest_runs]
    assert make_test() == [pytest_runs]
    stamp = (project / ".venv" / ".installed-test").stat().st_mtime
    os.utime(project / "constraints.txt", (stamp + 1, stamp + 1))
    assert make_test() == ["tools/install.py test", pytest_runs]


# ----- two at once -------------------------------------------------------------------------------

SLOW_VENV = """\
if [ "$1 $2" = "-m venv" ]; then
    echo made >>made.txt
    mkdir -p .venv/bin
    touch .venv/pyvenv.cfg
    sleep 1
    exec ln -s "$PYTHON" .venv/bin/python
fi
case "$2" in *platform*) echo 3.13.0 ;; esac"""


@needs_sh
@pytest.mark.fault(
    "Two terminals run make at once in a fresh checkout",
    "One makes .venv, the other says that it waits",
)
@pytest.mark.parametrize("left", [False, True], ids=["fresh", "one was killed before"])
def test_two_at_once_make_one_environment(tmp_path: Path, left: bool) -> None:
    if left:
        dead = subprocess.Popen([sys.executable, "-c", ""])
        dead.wait()
        (tmp_path / ".venv-turn").mkdir()
        (tmp_path / ".venv-turn" / "process").write_text(str(dead.pid))
    python = script(tmp_path / "slow", SLOW_VENV)
    command = ["/bin/sh", str(REPOSITORY / "tools" / "environment.sh")]
    both = [
        subprocess.Popen(
            command, cwd=tmp_path, env={**os.environ, "PYTHON": str(python)},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
        )
        for _ in range(2)
    ]  # fmt: skip
    texts = sorted(process.communicate(timeout=60)[0] for process in both)
    assert [process.returncode for process in both] == [0, 0], texts
    assert (tmp_path / "made.txt").read_text() == "made\n"
    assert texts[0].startswith("Another make is at work on .venv: waiting")
    assert texts[1] == f"Creating .venv with {python} (3.13.0)\n"
    assert not (tmp_path / ".venv-turn").exists()


TURN = """
import runpy, sys, time
from pathlib import Path
turn = runpy.run_path(sys.argv[1])["take_turn"](Path("turn"))
for word in ("began", "ended"):
    with open("log", "a") as file:
        print(word, file=file)
    time.sleep(0.5)
"""


@needs_sh
def test_two_at_once_install_one_after_the_other(tmp_path: Path) -> None:
    command = [sys.executable, "-c", TURN, str(REPOSITORY / "tools" / "install.py")]
    both = [
        subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) for _ in range(2)
    ]
    texts = sorted(process.communicate(timeout=60)[0] for process in both)
    assert texts == ["", "Another make is installing into .venv: waiting for it.\n"]
    assert (tmp_path / "log").read_text().split() == ["began", "ended"] * 2


@needs_make
@pytest.mark.fault("make runs with -j", "Installations into .venv follow each other all the same")
def test_with_j_installations_follow_each_other(tmp_path: Path) -> None:
    copy_setup(tmp_path)
    say = 'case "$1" in tools/install.py) echo began >>log; sleep 0.3; echo ended >>log ;; esac'
    script(tmp_path / ".venv" / "bin" / "python", say)
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    done = subprocess.run(
        ["make", "-j4", "check"], cwd=tmp_path, env=bare_environment(), capture_output=True
    )
    assert done.returncode == 0, done.stderr
    words = (tmp_path / "log").read_text().split()
    assert len(words) >= 6
    assert words == ["began", "ended"] * (len(words) // 2)


# ----- folders that were moved, copied, or come from another system ------------------------------

NAMES = ["a copy", "dollar $HOME", "quote's", 'double "quote"', "hash #1", "accent é", "a&b;c"]


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small project with this one's commands, and its package installed, editable, in .venv."""
    folder = tmp_path_factory.mktemp("projects") / "original"
    copy_setup(folder)
    (folder / "README.md").touch()
    for name in ("LICENSE", "NOTICE"):
        (folder / name).touch()
    (folder / "mnistlab").mkdir()
    (folder / "mnistlab" / "__init__.py").touch()
    pyproject = (folder / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        pyproject.replace(
            "[build-system]", '[project.scripts]\nsay = "mnistlab:say"\n[build-system]'
        ),
        encoding="utf-8",
    )
    venv.create(folder / ".venv", symlinks=True)
    if not all(importlib.util.find_spec(name) for name in ("pip", "setuptools")):
        pytest.skip("pip and setuptools are not in the environment of the tests")
    wanted = tomllib.loads(pyproject)["build-system"]["requires"]
    old = [
        one for one in map(Requirement, wanted) if metadata.version(one.name) not in one.specifier
    ]
    if old:
        pytest.skip(f"the environment of the tests has an older one than {old[0]}")
    install = ["-m", "pip", "install", "--no-deps", "--no-build-isolation", "--editable", "."]
    subprocess.run(
        [str(folder / ".venv" / "bin" / "python"), *install],
        cwd=folder,
        env={**bare_environment(), "PYTHONPATH": sysconfig.get_path("purelib")},
        check=True,
        capture_output=True,
    )
    call(folder, "make", "environment")
    return folder


def call(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        command, cwd=folder, env=bare_environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done


def package_of(folder: Path) -> Path:
    """The folder of the package that the environment of a folder imports."""
    code = "import mnistlab; print(mnistlab.__file__)"
    python = folder / ".venv" / "bin" / "python"
    return Path(call(Path("/"), str(python), "-c", code).stdout.strip()).parent


@needs_make
@needs_sh
@pytest.mark.fault(
    "A folder is copied, and the copy is built", "One line; the copy builds with its own package"
)
def test_a_copied_folder_uses_its_own_package(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project, copy, symlinks=True)
    assert package_of(copy) == project / "mnistlab", "planted: so it was before"
    said = call(copy, "make", "environment").stdout.strip()
    assert (
        said == f"This folder was moved or copied from {project}: its .venv now belongs to {copy}."
    )
    assert package_of(copy) == copy / "mnistlab"
    assert package_of(project) == project / "mnistlab"
    assert call(copy, "make", "environment").stdout == "", "and says it once"


@needs_make
@needs_sh
@pytest.mark.fault(
    "A folder is moved or renamed, to a name with a space, $, quote, # or accent",
    "One line; commands and programs of .venv work as before",
)
@pytest.mark.parametrize("name", NAMES)
def test_a_moved_folder_works_whatever_its_name(project: Path, tmp_path: Path, name: str) -> None:
    first = tmp_path / "first"
    shutil.copytree(project, first, symlinks=True)
    (first / "mnistlab" / "__init__.py").write_text("def say() -> None:\n    print('said')\n")
    moved = first.rename(tmp_path / name)
    call(moved, "make", "environment")
    assert package_of(moved) == moved / "mnistlab"
    assert call(tmp_path, str(moved / ".venv" / "bin" / "say")).stdout == "said\n"
    again = moved.rename(tmp_path / "back")
    call(again, "make", "environment")
    assert package_of(again) == again / "mnistlab"
    assert call(tmp_path, str(again / ".venv" / "bin" / "say")).stdout == "said\n"


@needs_make
@needs_sh
@pytest.mark.fault(
    "The Python with which .venv was made is gone, or .venv is of another machine",
    "One line; it is made again",
)
@pytest.mark.slow
def test_an_environment_that_does_not_run_is_made_again(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project, copy, symlinks=True)
    for python in (copy / ".venv" / "bin").glob("python*"):
        python.unlink()
    (copy / ".venv" / "bin" / "python").symlink_to("/nowhere/python3")
    done = call(copy, "make", "environment", f"PYTHON={sys.executable}")
    assert "does not run here (its Python is gone): it is made again" in done.stderr
    assert call(copy, str(copy / ".venv" / "bin" / "python"), "-c", "print(1)").stdout == "1\n"


@needs_make
@needs_sh
def test_an_environment_elsewhere_is_left_alone(project: Path, tmp_path: Path) -> None:
    copy_setup(tmp_path / "other")
    (tmp_path / "other" / ".venv").symlink_to(project / ".venv")
    assert call(tmp_path / "other", "make", "environment").stdout == ""
    assert package_of(project) == project / "mnistlab"


@needs_make
@needs_sh
@pytest.mark.fault("A checkout or zip has the line ends of Windows", "The commands work as before")
def test_line_ends_of_windows_do_not_get_in_the_way(project: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(project, copy, symlinks=True)
    for file in [copy / "Makefile", *(copy / "tools").iterdir()]:
        if file.is_file():
            file.write_bytes(file.read_bytes().replace(b"\n", b"\r\n"))
    assert "moved or copied" in call(copy, "make", "environment").stdout
    assert package_of(copy) == copy / "mnistlab"
    assert "make book" in call(copy, "make", "help").stdout


def test_git_gives_every_file_the_line_ends_of_unix() -> None:
    if not (REPOSITORY / ".git").exists() or shutil.which("git") is None:
        pytest.skip("no checkout of git")
    listed = call(REPOSITORY, "git", "ls-files", "--eol").stdout.splitlines()
    wrong = [line for line in listed if "i/crlf" in line or "attr/text=auto eol=lf" not in line]
    assert not [line for line in wrong if "attr/-text" not in line and "i/-text" not in line]


# ----- calling the book's program ----------------------------------------------------------------


@needs_sh
@pytest.mark.fault(
    "Ctrl-C in the first seconds, while Python loads its libraries", "One line, no traceback"
)
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_while_python_loads_is_one_line(tmp_path: Path, number: int) -> None:
    slow = tmp_path / "jupyter_book" / "cli"
    slow.mkdir(parents=True)
    (slow / "main.py").write_text("import time\nprint('loading', flush=True)\ntime.sleep(60)\n")
    for folder in (slow, slow.parent):
        (folder / "__init__.py").touch()
    with subprocess.Popen(
        [sys.executable, str(REPOSITORY / "tools" / "book.py"), "build", "book"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout.readline() == "loading\n"
        process.send_signal(number)
        text, _ = process.communicate(timeout=60)
    assert (process.returncode, text) == (
        128 + number,
        "\nInterrupted before anything was begun.\n",
    )


# ----- installing --------------------------------------------------------------------------------


def fake_distribution(packages: Path, name: str, *, record: bool, files: bool) -> None:
    """What an installer leaves of a package: its metadata, maybe its record, maybe its files."""
    info = packages / f"{name}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    if record:
        (info / "RECORD").write_text(f"{name}.py,,\n{info.name}/METADATA,,\n")
    if files:
        (packages / f"{name}.py").touch()


@pytest.mark.fault(
    "Installing is interrupted (Ctrl-C, a power cut)",
    "The next make installs what is incomplete once more, and says so",
)
def test_halves_of_an_interrupted_installation_are_forgotten(tmp_path: Path) -> None:
    fake_distribution(tmp_path, "whole", record=True, files=True)
    fake_distribution(tmp_path, "norecord", record=False, files=True)
    fake_distribution(tmp_path, "nofiles", record=True, files=False)
    assert installer("discard_halves")(tmp_path) == ["nofiles", "norecord"]
    assert [folder.name for folder in tmp_path.glob("*.dist-info")] == ["whole-1.0.dist-info"]


@pytest.mark.fault(
    "pip or uv fails (no network, a full disk)", "The end of what it said, and the command"
)
def test_what_fails_shows_its_output_and_what_works_does_not(
    capfd: pytest.CaptureFixture[str],
) -> None:
    quietly = installer("quietly")
    quietly([sys.executable, "-c", "print('noise')"])
    assert capfd.readouterr() == ("", "")
    with pytest.raises(SystemExit) as caught:
        quietly([sys.executable, "-c", "print('noise'); raise SystemExit('the reason')"])
    assert caught.value.code == 1
    out, err = capfd.readouterr()
    assert err == "noise\nthe reason\n"
    assert "This did not work (exit status 1)" in out


@needs_sh
@pytest.mark.parametrize("there", [True, False])
def test_uv_installs_where_it_is_on_the_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, there: bool
) -> None:
    if there:
        script(tmp_path / "uv", "exit 0")
    monkeypatch.setenv("PATH", str(tmp_path))
    command = installer("installer")()
    begin = [str(tmp_path / "uv"), "pip", "install", "--python", sys.executable]
    assert (
        command[:5] == begin if there else command[:4] == [sys.executable, "-m", "pip", "install"]
    )


@pytest.mark.fault(
    "pytest runs in a copied folder, with the environment of the old one",
    "One line names both folders; nothing is tested",
)
@pytest.mark.slow
def test_the_package_of_another_folder_is_not_tested(tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    for name in ("conftest.py", "tiny.py", "browsing.py"):
        shutil.copy(REPOSITORY / "tests" / name, tmp_path / "tests")
    shutil.copy(REPOSITORY / "pyproject.toml", tmp_path)
    (tmp_path / "tests" / "test_sample.py").write_text("def test_nothing(): pass\n")
    for code in ("# another\n", ""):
        package = tmp_path / "mnistlab"
        shutil.rmtree(package, ignore_errors=True)
        shutil.copytree(
            REPOSITORY / "mnistlab", package, ignore=shutil.ignore_patterns("__pycache__")
        )
        with (package / "shapes.py").open("a") as file:
            file.write(code)
        done = subprocess.run(
            [sys.executable, "-P", "-m", "pytest"],
            cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if code:
            assert done.returncode == pytest.ExitCode.USAGE_ERROR
            assert f"mnistlab would be imported from {REPOSITORY / 'mnistlab'}" in done.stderr
            assert done.stdout.splitlines()[0].startswith("=") or "passed" not in done.stdout
        else:
            assert "1 passed" in done.stdout, done.stdout + done.stderr
