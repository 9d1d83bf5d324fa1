"""Let .venv belong to the folder in which it lies, after that folder was moved or copied.

An environment is full of the path of the folder in which it was made: in the first lines of its
scripts, in the scripts that activate it, and in the note of where this project's package is. A copy
would quietly use the package of the folder it was copied from.

    .venv/bin/python tools/moved.py OLD_FOLDER NEW_FOLDER

Ends with exit status 1 if the package is then not found in the new folder.
"""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

PACKAGE = "mnistlab"
FIRST_LINE_AT_MOST = 127
"""Bytes of a first line ``#!...`` that every system reads."""

HEAD = re.compile(
    rb"""\#!(?:/bin/sh\n'''exec'[ ]"(?P<long>[^"\n]*)"[ ]"\$0"[ ]"\$@"\n'[ ]'''|(?P<short>[^\n]*))\n""",
    re.VERBOSE,
)
"""How pip begins a script: with the path of the Python, or with a line of sh if that has a space."""


BESIDE = """#!/bin/sh\n'''exec' "$(dirname -- "$0")/python" "$0" "$@"\n' '''\n"""
"""First lines of a script that is run by the Python beside it: both sh and Python can read them."""


def head(python: str) -> bytes:
    """The first lines of a script that is run by ``python``, whatever is in its path."""
    line = f"#!{python}\n".encode()
    plain = re.fullmatch(r"[\w./+-]+", python) and len(line) <= FIRST_LINE_AT_MOST
    return line if plain else BESIDE.encode()


def mend_scripts(folder: Path, old: str, new: str) -> None:
    """Let the scripts of an environment be run by its own Python, and activate it."""
    for file in folder.iterdir():
        if file.is_symlink() or not file.is_file():
            continue
        content = file.read_bytes()
        found = HEAD.match(content)
        python = (found["long"] or found["short"] or b"").decode() if found else ""
        if found and python.startswith(f"{old}/"):
            content = head(new + python.removeprefix(old)) + content[found.end() :]
        elif file.name.lower().startswith("activate"):
            content = content.replace(f"{old}/.venv".encode(), f"{new}/.venv".encode())
        else:
            continue
        file.write_bytes(content)


def mend_package(packages: Path, old: str, new: str) -> None:
    """Let the environment find this project's package in the new folder."""
    for file in packages.glob(f"__editable___{PACKAGE}_*_finder.py"):
        text = file.read_text(encoding="utf-8")
        found = re.search(r"^(MAPPING\b[^=\n]*= )(\{.*\})$", text, re.MULTILINE)
        if found:
            folders = ast.literal_eval(found[2])
            mapping = {name: moved(folder, old, new) for name, folder in folders.items()}
            text = text[: found.start(2)] + repr(mapping) + text[found.end(2) :]
            file.write_text(text, encoding="utf-8")
    for file in packages.glob(f"__editable__.{PACKAGE}-*.pth"):
        lines = file.read_text(encoding="utf-8").splitlines()
        file.write_text("\n".join(moved(line, old, new) for line in lines), encoding="utf-8")
    for file in packages.glob(f"{PACKAGE}-*.dist-info/direct_url.json"):
        content = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps({**content, "url": Path(new).as_uri()}), encoding="utf-8")


def moved(path: str, old: str, new: str) -> str:
    """A path in the old folder, in the new one; any other as it is."""
    return new + path.removeprefix(old) if path == old or path.startswith(f"{old}/") else path


def package_found() -> Path | None:
    """Where this environment finds the package; None if it has none."""
    code = f"import importlib.util as u; s = u.find_spec({PACKAGE!r}); print(s.origin if s else '')"
    done = subprocess.run(
        [sys.executable, "-I", "-c", code], cwd="/", capture_output=True, text=True
    )
    return Path(done.stdout.strip()) if done.stdout.strip() else None


def main(old: str, new: str) -> int:
    """Mend what can be mended; whether the environment then belongs to the new folder."""
    environment = Path(new) / ".venv"
    print(f"This folder was moved or copied from {old}: its .venv now belongs to {new}.")
    mend_scripts(environment / "bin", old, new)
    config = environment / "pyvenv.cfg"
    config.write_text(config.read_text().replace(f" {old}/.venv", f" {new}/.venv"))
    for packages in environment.glob("lib/python*/site-packages"):
        mend_package(packages, old, new)
    found = package_found()
    return 0 if found in (None, Path(new) / PACKAGE / "__init__.py") else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
