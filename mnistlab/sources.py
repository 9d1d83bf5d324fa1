"""Where the digits come from: MNIST found, checked or fetched, or stand-ins that are drawn.

Both sources are four files in MNIST's own format, in a folder ``MNIST/raw``, so that
``torchvision.datasets.MNIST`` reads both. This module only sees to it that they are there, whole
and genuine. It never takes one source for the other: who wants the stand-ins says so.
"""

from __future__ import annotations

import functools
import hashlib
import json
import math
import os
import queue
import shutil
import socket
import tempfile
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import platformdirs
from filelock import FileLock
from torchvision.datasets import MNIST

from mnistlab import _checks, _files, strokes

SOURCES = ("mnist", "strokes")
"""MNIST, and the stand-ins that `mnistlab.strokes` draws."""

FILES = {
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}
"""The four files of MNIST, unpacked, with their SHA-256 digests."""

WAYS_OUT = """\
Three ways out:
  - set MNISTLAB_DATA to a folder that has the four unpacked files in MNIST/raw;
  - with a network and without MNISTLAB_DATA, run: python -m mnistlab data fetch
  - do without MNIST: source="strokes", or MNISTLAB_SOURCE=strokes for all that you run, takes
    digits that mnistlab draws itself"""

ANSWER = 8.0
"""Seconds within which one of the servers has to answer before anything is asked of it."""

TIMEOUT = 10.0
"""Seconds to wait for a server that falls silent in the middle."""

DRAWN = "drawn.json"
"""Beside the stand-ins: how they were drawn, and their digests."""

Root = str | os.PathLike[str] | None


class DataError(RuntimeError):
    """The data are not there, or are not what they should be. The message says what to do."""


def chosen(source: str | None = None) -> str:
    """The source in use: the argument, else the environment variable ``MNISTLAB_SOURCE``, else MNIST.

    Raises
    ------
    ValueError
        If it is neither ``"mnist"`` nor ``"strokes"``.
    """
    setting = "MNISTLAB_SOURCE" if source is None else "source"
    value = (os.environ.get("MNISTLAB_SOURCE") or "mnist") if source is None else source
    if value not in SOURCES:
        raise ValueError(
            f'{setting} is {_checks.described(value)}; expected "mnist" or "strokes", the stand-ins '
            "that mnistlab draws"
        )
    return value


def home() -> Path:
    """The package's own folder: ``MNISTLAB_HOME``, else the user's cache folder."""
    named = os.environ.get("MNISTLAB_HOME")
    return Path(named).expanduser() if named else platformdirs.user_cache_path("mnistlab")


def locate(root: Root = None, source: str | None = None) -> Path:
    """The folder that has ``MNIST/raw``, with all four files checked against their digests.

    For MNIST: ``root``; the environment variable ``MNISTLAB_DATA``; the home folder; a download
    into the home folder. The first two are never replaced by another: what is named must be there.
    For the stand-ins: ``root``, else ``strokes`` in the home folder, where they are drawn if they
    are not there.

    Parameters
    ----------
    root : path, optional
        A folder that has ``MNIST/raw``.
    source : str, optional
        ``"mnist"`` or ``"strokes"``. Default: see `chosen`.

    Raises
    ------
    ValueError
        If there is no such source.
    DataError
        If the files are missing and can't be had, or are not what they should be.
    """
    drawn = chosen(source) == "strokes"
    try:
        return _locate_strokes(root) if drawn else _locate_mnist(root)
    except OSError as error:
        what = "the stand-ins" if drawn else "MNIST"
        raise DataError(f"{what} can't be read: {error}\n{WAYS_OUT}") from error


def missing(root: Path) -> list[str]:
    """Names of the files that ``root/MNIST/raw`` does not have."""
    return [name for name in FILES if not (raw_folder(root) / name).is_file()]


def raw_folder(root: Root) -> Path:
    """Where torchvision keeps the unpacked files below ``root``."""
    return Path(root) / "MNIST" / "raw"


def strokes_folder() -> Path:
    """Where the stand-ins are kept: never where MNIST is."""
    return home() / "strokes"


def digests(root: Root = None, source: str | None = None) -> dict[str, str]:
    """SHA-256 digest of each of the four files in use: name to 64 hexadecimal digits."""
    folder = raw_folder(locate(root, source))
    return {name: _digest(folder / name) for name in FILES}


# --- MNIST


def fetch() -> Path:
    """Download MNIST into the home folder with torchvision, all of it or nothing.

    Two processes may ask at once: the second waits for the first.

    Returns
    -------
    pathlib.Path
        The home folder.

    Raises
    ------
    DataError
        If no server answers, what arrives is not MNIST, or the folder can't be written.
    """
    target = home()
    try:
        target.mkdir(parents=True, exist_ok=True)
        with FileLock(target / "MNIST.lock"):
            if missing(target):
                _fetch_into(target)
    except (OSError, HTTPException, RuntimeError) as error:
        raise DataError(
            f"MNIST is not in {target} and could not be fetched: {error}\n{WAYS_OUT}"
        ) from error
    return target


def _locate_mnist(root: Root) -> Path:
    setting = "root" if root else "MNISTLAB_DATA"
    named = root or os.environ.get("MNISTLAB_DATA")
    if named:
        return _checked(_named(setting, named), FILES)
    if missing(home()):
        fetch()
    return _checked(home(), FILES)


def _fetch_into(target: Path) -> None:
    """Unpack what lies there packed, else ask one server after the other."""
    for leftover in target.glob("fetching-*"):  # of a process that was killed
        shutil.rmtree(leftover, ignore_errors=True)
    packed = [raw_folder(target) / name for name, _ in MNIST.resources]
    if all(file.is_file() for file in packed):
        try:
            return _download(target, "unpacked: ", packed)
        except RuntimeError:
            pass  # damaged: they are fetched anew
    _check_that_a_server_answers()
    failures = []
    for mirror in MNIST.mirrors:
        try:
            return _download(target, mirror)
        except (OSError, HTTPException, RuntimeError) as error:
            failures.append(f"{mirror}: {_one_line(error)}")
    raise DataError("; ".join(failures))


def _download(target: Path, mirror: str, packed: list[Path] | None = None) -> None:
    """Fetch from one server, or unpack; only what is all there and genuine gets to ``target``."""
    one_mirror = type("MNIST", (MNIST,), {"mirrors": [mirror]})
    with tempfile.TemporaryDirectory(dir=target, prefix="fetching-") as folder, _timeout(TIMEOUT):
        raw_folder(folder).mkdir(parents=True)
        for file in packed or []:
            shutil.copy(file, raw_folder(folder))
        one_mirror(folder, download=True)
        fault = _fault(Path(folder), FILES)
        if fault:
            raise RuntimeError(f"what arrived is not MNIST: {fault}")
        raw_folder(target).mkdir(parents=True, exist_ok=True)
        for name in FILES:
            (raw_folder(folder) / name).replace(raw_folder(target) / name)


def _check_that_a_server_answers() -> None:
    """Find out within seconds: a download without a network can hang for minutes."""
    answers: queue.SimpleQueue[str] = queue.SimpleQueue()

    def ask(mirror: str) -> None:
        request = urllib.request.Request(mirror + MNIST.resources[0][0], method="HEAD")
        try:
            urllib.request.urlopen(request, timeout=ANSWER).close()
            answers.put("")
        except urllib.error.HTTPError as error:
            error.close()
            answers.put("")  # an answer, if not a kind one
        except (OSError, HTTPException, ValueError) as error:
            answers.put(f"{mirror}: {_one_line(error)}")

    for mirror in MNIST.mirrors:  # daemons, since the search for a name can't be broken off
        threading.Thread(target=ask, args=(mirror,), daemon=True).start()
    failures = []
    for _ in MNIST.mirrors:
        try:
            failures.append(answers.get(timeout=ANSWER))
        except queue.Empty:
            failures.append(f"no answer within {ANSWER:g} s")
            break
        if not failures[-1]:
            return
    raise DataError("; ".join(failures))


def _named(setting: str, named: object) -> Path:
    """The folder that the user has named, if it has the files."""
    if not isinstance(named, str | os.PathLike):
        raise TypeError(f"{setting} is {_checks.described(named)}; expected the path of a folder")
    root = Path(named).expanduser()
    absent = missing(root)
    if absent:
        nearby = next((parent for parent in root.parents[:2] if not missing(parent)), None)
        hint = f"did you mean {nearby}?" if nearby else "correct it, or leave it out"
        if all((raw_folder(root) / f"{name}.gz").is_file() for name in absent):
            hint = f"they are there, but packed: unpack them with gunzip --keep {raw_folder(root)}/*.gz"
        raise DataError(
            f"{setting} is {named}, but {raw_folder(root)} lacks {', '.join(absent)}; expected the "
            f"four unpacked files of MNIST; {hint}\n{WAYS_OUT}"
        )
    return root


# --- the stand-ins


def _locate_strokes(root: Root) -> Path:
    if root:
        named = _named("root", root)
        return _checked(named, _drawn(named))
    folder = strokes_folder()
    if not _is_whole(folder):
        _draw(folder)
    return _checked(folder, _drawn(folder))


def _draw(folder: Path) -> None:
    """Draw the stand-ins, all of them or none; two processes may ask at once."""
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.with_suffix(".lock")):
            if _is_whole(folder):
                return
            for leftover in folder.parent.glob("drawing-*"):  # of a process that was killed
                shutil.rmtree(leftover, ignore_errors=True)
            with tempfile.TemporaryDirectory(dir=folder.parent, prefix="drawing-") as unfinished:
                found = strokes.write(raw_folder(unfinished))
                notes = {"drawing": strokes.DRAWING, "files": found}
                _files.write(Path(unfinished) / DRAWN, json.dumps(notes, indent=1).encode())
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                for part in ("MNIST", DRAWN):  # the note last: without it, they do not count
                    (Path(unfinished) / part).replace(folder / part)
    except OSError as error:
        raise DataError(
            f"the stand-ins can't be drawn in {folder}: {error}; set MNISTLAB_HOME to a folder that "
            "can be written"
        ) from error


def _drawn(folder: Path) -> dict[str, str]:
    """The digests that were noted when the stand-ins were drawn; none if they were not."""
    try:
        notes = json.loads((folder / DRAWN).read_bytes())
        return notes["files"] if notes["drawing"] == strokes.DRAWING else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _is_whole(folder: Path) -> bool:
    """Whether the stand-ins are there as this version draws them: if not, they are drawn anew."""
    noted = _drawn(folder)
    return (
        bool(noted)
        and not missing(folder)
        and all(_digest(raw_folder(folder) / name) == noted.get(name) for name in FILES)
    )


# --- whole and genuine


def _checked(root: Path, expected: dict[str, str]) -> Path:
    """``root`` itself, if its four files are the expected ones and nothing stands in their way."""
    fault = _fault(root, expected)
    if fault:
        raise DataError(f"{fault}\n{WAYS_OUT}")
    return root


def _fault(root: Path, expected: dict[str, str]) -> str:
    """What is wrong with the files below ``root``, in words; nothing if they are as expected."""
    folder = raw_folder(root)
    absent = missing(root)
    if absent:
        return f"{folder} lacks {', '.join(absent)}; expected four unpacked files"
    processed = folder.with_name("processed")
    if (processed / MNIST.training_file).is_file() and (processed / MNIST.test_file).is_file():
        return (
            f"{processed} has files of an old torchvision, which would be read instead of those in "
            f"{folder}; delete that folder"
        )
    for name in FILES:
        found = _digest(folder / name)
        if found != expected.get(name):
            return (
                f"{folder / name} {_damage(folder / name)}: its SHA-256 digest is {found}, expected "
                f"{expected.get(name)}; delete it"
            )
    return ""


def _damage(file: Path) -> str:
    """What is wrong with a file whose digest is not the expected one, as far as one can tell."""
    content = file.read_bytes()
    found = hashlib.sha256(content).hexdigest()
    owner = next((name for name, digest in FILES.items() if digest == found), None)
    if owner:
        return f"holds what belongs into {owner}"
    if content.startswith(b"\x1f\x8b"):
        return "is still packed (unpack it with gunzip)"
    axes = 3 if "images" in file.name else 1
    if not content.startswith(bytes([0, 0, 8, axes])) or len(content) < 4 + 4 * axes:
        return f"does not begin with the magic number {0x800 + axes} and {axes} sizes"
    sizes = [int.from_bytes(content[4 + 4 * i : 8 + 4 * i], "big") for i in range(axes)]
    surplus = len(content) - (4 + 4 * axes) - math.prod(sizes)
    if surplus:
        return f"has {abs(surplus)} bytes {'more' if surplus > 0 else 'fewer'} than its head says"
    return "is damaged, or not the published file"


def _digest(path: Path) -> str:
    """SHA-256 of a file, computed once per version of the file."""
    status = path.stat()
    return _digest_of(path, status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _digest_of(path: Path, size: int, modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


@contextmanager
def _timeout(seconds: float) -> Iterator[None]:
    """Give up on a server that is silent: torchvision itself waits for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
