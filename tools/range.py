"""Run the tests with the oldest or with the newest versions that ``pyproject.toml`` allows.

``make test-oldest`` and ``make test-newest`` call this. The oldest: the lowest declared version of
each direct dependency, on the oldest Python. The newest: what the package index has today, on the
newest Python found. Each gets an environment of its own, ``.venv-oldest`` or ``.venv-newest``, which
takes about 6 GB and is kept; arguments after the name go to pytest.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
EXTRAS = ("book", "test")
NEWEST_FIRST = ("3.14", "3.13", "3.12", "3.11")


class RangeError(Exception):
    """An environment can't be made. The message says why."""


def lowest(requirement: str) -> str:
    """The pin of a requirement's lowest version: ``"numpy>=1.26"`` gives ``"numpy==1.26"``.

    Raises
    ------
    RangeError
        If the requirement declares no lowest version.
    """
    found = re.match(r"([\w.-]+)>=([\w.]+)", requirement)
    if found is None:
        raise RangeError(
            f"{requirement!r} declares no lowest version; expected one like 'numpy>=1.26'"
        )
    return f"{found[1]}=={found[2]}"


def declared(project: dict[str, object]) -> list[str]:
    """The requirements of the package and of `EXTRAS`, as ``pyproject.toml`` has them."""
    extras = project["optional-dependencies"]
    return [*project["dependencies"], *(one for extra in EXTRAS for one in extras[extra])]


def python(which: str, project: dict[str, object]) -> str:
    """Path of the oldest or newest Python of this machine, on its path or pyenv's, that is allowed.

    Raises
    ------
    RangeError
        If there is none; for the oldest, exactly the declared version counts.
    """
    oldest = re.search(r"3\.\d+", str(project["requires-python"]))[0]
    names = [oldest] if which == "oldest" else NEWEST_FIRST
    version = "import sys; print('%d.%d' % sys.version_info[:2])"
    managed = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for name in names:
        found = [shutil.which(f"python{name}"), *managed.glob(f"{name}.*/bin/python")]
        for one in map(str, filter(None, found)):
            if output(one, "-c", version) == name:  # pyenv's names are on the path and do not run
                return one
    raise RangeError(f"no Python {' or '.join(names)} on the path or from pyenv; install one")


def output(*command: str) -> str:
    """What a command prints, stripped; nothing if it fails."""
    run = subprocess.run(command, capture_output=True, text=True)
    return "" if run.returncode else run.stdout.strip()


def run(*command: str | Path) -> None:
    """Run a command here; end with its exit status if that is not zero."""
    status = subprocess.run([*map(str, command)], cwd=REPOSITORY).returncode
    if status:
        sys.exit(status)


def environment(which: str) -> Path:
    """The Python of the environment, made or brought up to date."""
    read = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))
    project, tools = read["project"], read["build-system"]["requires"]
    wanted = declared(project)
    pins = [*map(lowest, wanted)] if which == "oldest" else wanted
    folder = REPOSITORY / f".venv-{which}"
    own, uv = folder / "bin" / "python", shutil.which("uv")
    if not own.exists():
        run(python(which, project), "-m", "venv", folder)
    installer = [uv, "pip", "install", "--python", own] if uv else [own, "-m", "pip", "install"]
    run(*installer, "--quiet", "--upgrade", *pins, "pip", *tools)
    run(*installer, "--quiet", "--no-deps", "--editable", ".")
    return own


def main() -> None:
    """Make the environment that the command line names, say what is in it, and run the tests."""
    if sys.argv[1:2] not in (["oldest"], ["newest"]):
        sys.exit("usage: range.py oldest|newest [ARGUMENT OF PYTEST ...]")
    try:
        own = environment(sys.argv[1])
    except RangeError as error:
        sys.exit(f"Error: {error}")
    names = "torch", "torchvision", "numpy", "matplotlib", "ipython", "nbformat", "click", "myst-nb"
    tell = "import sys, importlib.metadata as m; print('Python', sys.version.split()[0], *(f'{n} {m.version(n)}' for n in sys.argv[1:]), sep=', ')"
    run(own, "-c", tell, *names)
    run(own, "-m", "pytest", *sys.argv[2:])


if __name__ == "__main__":
    main()
