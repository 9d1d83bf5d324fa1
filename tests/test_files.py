"""Files written whole or not at all, by several processes at once too."""

import subprocess
import sys
from pathlib import Path

import pytest

from mnistlab import _files

WRITER = f"""
import os, runpy, sys
from pathlib import Path
write = runpy.run_path({_files.__file__!r})["write"]

def wait(descriptor):
    print("written", flush=True)
    sys.stdin.readline()

os.fsync = wait
write(Path(sys.argv[1]), sys.argv[2].encode() * 100_000)
"""
"""Stops when all is written and nothing is renamed yet, until a line comes in."""


def start(path: Path, letter: str) -> "subprocess.Popen[str]":
    """Begin to write letters, as far as `WRITER` stops."""
    program = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), letter],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert program.stdout is not None
    assert program.stdout.readline() == "written\n"
    return program


@pytest.mark.fault("Two programs write the same file at once", "One of the two, whole")
@pytest.mark.parametrize("order", [1, -1])
def test_two_processes_can_write_one_file_at_once(order: int, tmp_path: Path) -> None:
    path = tmp_path / "a [1].json"
    path.write_bytes(b"old")
    programs = {letter: start(path, letter) for letter in "ab"}
    assert path.read_bytes() == b"old"
    seen = []
    for letter in sorted(programs)[::order]:
        _, errors = programs[letter].communicate("go on\n", timeout=60)
        assert (programs[letter].returncode, errors) == (0, "")
        seen.append(path.read_bytes())
    first = sorted(programs)[::order][0].encode()
    assert seen == [first * 100_000] * 2, "who comes later has written first, as it were"
    assert list(tmp_path.iterdir()) == [path]


def test_what_a_killed_process_has_left_is_removed_and_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    others = [tmp_path / "a.json.part", tmp_path / "aa.json.00000000.part"]
    for other in others:
        other.touch()
    program = start(path, "a")
    program.kill()
    program.communicate()
    assert len(list(tmp_path.iterdir())) == 3
    _files.write(path, b"whole")
    assert path.read_bytes() == b"whole"
    assert sorted(tmp_path.iterdir()) == sorted([path, *others])


@pytest.mark.fault(
    "A folder is deleted while a file is written into it", "An error; nothing is overwritten"
)
def test_a_folder_that_is_gone_is_an_error_and_no_overwriting(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    program = start(folder / "a.json", "a")
    for path in folder.iterdir():
        path.unlink()
    folder.rmdir()
    _, errors = program.communicate("go on\n", timeout=60)
    assert program.returncode == 1
    assert "FileNotFoundError" in errors
