"""Where the digits come from: MNIST found, checked or fetched, or stand-ins that are drawn.

Both sources are four files in MNIST's own format, in a folder ``MNIST/raw``, so that
``torchvision.datasets.MNIST`` reads both. This module only sees to it that they are there, whole
and genuine. It never takes one source for the other: who wants the stand-ins says so.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import json
import math
import os
import queue
import shutil
import socket
import tempfile
import threading
import time
import urllib.error
import urllib.request
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import platformdirs
from filelock import FileLock
from torchvision.datasets import MNIST
from torchvision.datasets.utils import check_integrity, download_and_extract_archive

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
"""Seconds within which one of the servers has to answer, before a file is asked for."""

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
    """The package's own folder: ``MNISTLAB_HOME``, else the user's cache folder.

    Raises
    ------
    DataError
        If the user has no home folder, as one without an account in a container.
    """
    named = os.environ.get("MNISTLAB_HOME")
    if named:
        return _folder("MNISTLAB_HOME", named)
    try:
        folder = platformdirs.user_cache_path("mnistlab")
    except RuntimeError:  # as new versions of it tell that there is none
        folder = Path("~")
    if not folder.is_absolute():
        raise DataError(
            "this user has no home folder, so there is no place for data and runs; set "
            "MNISTLAB_HOME to a folder that can be written"
        )
    return folder


def locate(root: Root = None, source: str | None = None) -> Path:
    """The folder that has ``MNIST/raw``, with all four files checked against their digests.

    For MNIST: ``root``; the environment variable ``MNISTLAB_DATA``; the home folder; a download
    into the home folder. The first two are never replaced by another: what is named must be there.
    There the files may also have Kaggle's names, lie beside one another, or be packed: then they
    are unpacked into the home folder, and that is returned. For the stand-ins: ``root``, else ``strokes`` in the home folder, where they are drawn if they
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
        If the files are missing and cannot be had, or are not what they should be.
    """
    drawn = chosen(source) == "strokes"
    try:
        return _locate_strokes(root) if drawn else _locate_mnist(root)
    except OSError as error:
        what = "the stand-ins" if drawn else "MNIST"
        ways_out = "Name another folder with MNISTLAB_HOME." if drawn else WAYS_OUT
        raise DataError(f"{what} can't be read: {error}\n{ways_out}") from error


def are_at_hand(root: Root = None, source: str | None = None) -> bool:
    """Whether `locate` would neither fetch nor draw: a folder is named, or the files are there.

    Parameters
    ----------
    root, source
        As for `locate`.

    Raises
    ------
    ValueError
        If there is no such source.
    DataError
        If the user has no home folder.
    """
    drawn = chosen(source) == "strokes"
    if root or (os.environ.get("MNISTLAB_DATA") and not drawn):
        return True
    try:
        return _is_whole(strokes_folder()) if drawn else not missing(home())
    except OSError:
        return True  # `locate` says what is the matter


def missing(root: Path) -> list[str]:
    """Names of the files that ``root/MNIST/raw`` does not have."""
    return [name for name in FILES if not (raw_folder(root) / name).is_file()]


def elsewhere(root: Path) -> dict[str, Path]:
    """The four files where others put them, whatever is in them; none if not all are there.

    Packed or unpacked, below ``root`` or in it, with a hyphen in their names or, as at Kaggle, a dot.
    """
    places = (raw_folder(root), root / "raw", root)
    found: dict[str, Path] = {}
    for name in FILES:
        spelled = name, name.replace("-idx", ".idx")
        paths = [place / one for place in places for one in spelled]
        paths += [path / path.name for path in paths]  # as Kaggle's archive is unpacked
        paths += [path.with_name(f"{path.name}.gz") for path in paths]
        for path in filter(Path.is_file, paths):
            found.setdefault(name, path)
    return found if len(found) == len(FILES) else {}


def raw_folder(root: str | os.PathLike[str]) -> Path:
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

    Files that lie there packed are unpacked instead, and damaged ones replaced. Two processes may
    ask at once: the second waits for the first.

    Returns
    -------
    pathlib.Path
        The home folder.

    Raises
    ------
    DataError
        If no server answers, what arrives is not MNIST, or the folder cannot be written.
    """
    target = home()
    try:
        if _wrong(target, FILES):
            with _workplace("MNIST", target) as folder:
                if _wrong(target, FILES):  # no other process has fetched them meanwhile
                    _download(folder)
                    _move(raw_folder(folder), target)
    except (OSError, RuntimeError) as error:
        raise DataError(
            f"MNIST is not in {target} and could not be fetched: {_reason(error)}\n{WAYS_OUT}"
        ) from error
    return target


def _locate_mnist(root: Root) -> Path:
    named = root or os.environ.get("MNISTLAB_DATA")
    if named:
        folder = _named("root" if root else "MNISTLAB_DATA", named)
    else:
        folder = fetch() if missing(home()) else home()
    return _checked(folder, FILES, WAYS_OUT)


def _download(folder: Path) -> None:
    """Have torchvision fetch from one server after the other; what is there packed it only unpacks."""
    raw = raw_folder(folder)
    raw.mkdir(parents=True)
    failures = _copy_packed(raw)
    if len(list(raw.iterdir())) < len(MNIST.resources):
        silence = _wait_for_an_answer()
        if silence:
            raise DataError("; ".join(failures + silence))
    for mirror in MNIST.mirrors:  # one by one, since torchvision asks no other after a time-out
        try:
            with _timeout(TIMEOUT):
                for name, md5 in MNIST.resources:  # what is there already is only unpacked
                    download_and_extract_archive(mirror + name, raw, filename=name, md5=md5)
            return _check_what_arrived(folder)
        except (OSError, HTTPException, RuntimeError) as error:
            failures.append(f"{mirror}: {_one_line(error)}")
    raise DataError("; ".join(failures))


def _copy_packed(raw: Path) -> list[str]:
    """Copy what lies packed in the home folder; say which of it is damaged."""
    damaged = []
    for name, md5 in MNIST.resources:
        packed = raw_folder(home()) / name
        if check_integrity(packed, md5):
            shutil.copy(packed, raw)
        elif packed.exists():
            damaged.append(f"{packed} is damaged")
    return damaged


def _check_what_arrived(folder: Path) -> None:
    damages = [f"{name} {_damage(folder, name, FILES)}" for name in _wrong(folder, FILES)]
    if damages:
        raise DataError(f"what arrived is not MNIST: {'; '.join(damages)}")


def _wait_for_an_answer() -> list[str]:
    """Why no server answers; nothing if one does. A download without a network can hang for minutes."""
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
    deadline = time.monotonic() + ANSWER
    for _ in MNIST.mirrors:
        try:
            failures.append(answers.get(timeout=max(0, deadline - time.monotonic())))
        except queue.Empty:
            failures.append(f"no answer within {ANSWER:g} s")
            break
        if not failures[-1]:
            return []
    return failures


def _named(setting: str, named: object) -> Path:
    """The folder that the user has named, if it has the files; the home folder if they were elsewhere."""
    root = _folder(setting, named).absolute()
    if not missing(root):
        return _folder(setting, named)
    files = elsewhere(root)
    if files and all(map(missing, root.parents[:2])):
        return _unpacked(files)
    raise DataError(
        f"{setting} is {named}, but {_lacks(root)}; expected the four unpacked files of MNIST; "
        f"{_hint(root)}\n{WAYS_OUT}"
    )


def _hint(root: Path) -> str:
    """What to do about a folder that lacks some of the files."""
    if not root.is_dir():
        return "there is no such folder: correct it, or leave it out"
    for parent in root.parents[:2]:
        if not missing(parent):
            return f"did you mean {parent}?"
    return "correct it, or leave it out"


def _unpacked(files: dict[str, Path]) -> Path:
    """The home folder, with what these files hold, if that is MNIST."""
    damaged = [_damage_of(path, name) for name, path in files.items()]
    if any(damaged):
        raise DataError(f"{'; '.join(filter(None, damaged))}\n{WAYS_OUT}")
    target = home()
    if _wrong(target, FILES):
        with _workplace("MNIST", target) as folder:
            raw = raw_folder(folder)
            raw.mkdir(parents=True)
            for name, path in files.items():
                (raw / name).write_bytes(_content(path))
            _check_what_arrived(folder)
            _move(raw, target)
    return target


def _damage_of(path: Path, name: str) -> str:
    """Why a file is not MNIST's of this name; nothing if it is."""
    try:
        found = hashlib.sha256(_content(path)).hexdigest()
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        return f"{path} is damaged: {_one_line(error)}"
    right = found == FILES[name]
    return (
        "" if right else f"{path} is not MNIST's {name}: its SHA-256 digest, unpacked, is {found}"
    )


def _content(path: Path) -> bytes:
    """What a file holds, unpacked if it is packed, whatever its name says."""
    content = path.read_bytes()
    return gzip.decompress(content) if content.startswith(b"\x1f\x8b") else content


# --- the stand-ins


def _locate_strokes(root: Root) -> Path:
    if root:
        return _named_strokes(root)
    folder = strokes_folder()
    if not _is_whole(folder):
        _draw(folder)
    return _checked(folder, _drawn(folder), hint="")


def _named_strokes(root: Root) -> Path:
    folder = _folder("root", root)
    hint = f"leave root out, and mnistlab draws them in {strokes_folder()}"
    if not _drawn(folder):
        raise DataError(
            f"root is {root}, but this version of mnistlab has drawn no stand-ins there (it has no "
            f"valid {DRAWN}); {hint}"
        )
    return _checked(folder, _drawn(folder), hint)


def _draw(folder: Path) -> None:
    """Draw the stand-ins, all of them or none; two processes may ask at once."""
    try:
        with _workplace("strokes", folder) as unfinished:
            if _is_whole(folder):  # another process has drawn them meanwhile
                return
            notes = {"drawing": strokes.DRAWING, "files": strokes.write(unfinished)}
            (folder / DRAWN).unlink(missing_ok=True)  # until it is there again, none of them counts
            _move(unfinished, folder)
            _files.write(folder / DRAWN, json.dumps(notes, indent=1).encode())
    except (OSError, RuntimeError) as error:
        raise DataError(f"the stand-ins can't be drawn in {folder}: {_reason(error)}") from error


def _drawn(folder: Path) -> dict[str, str]:
    """The digests that this version noted when it drew the stand-ins; none if it did not."""
    try:
        notes = json.loads((folder / DRAWN).read_bytes())
        return dict(notes["files"]) if notes["drawing"] == strokes.DRAWING else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _is_whole(folder: Path) -> bool:
    """Whether the stand-ins are there as this version draws them: if not, they are drawn anew."""
    return not _wrong(folder, _drawn(folder))


# --- whole and genuine


def _folder(setting: str, named: object) -> Path:
    """The folder that a setting names; ``~`` stands for the user's own."""
    if not isinstance(named, str | os.PathLike):
        raise TypeError(f"{setting} is {_checks.described(named)}; expected the path of a folder")
    try:
        return Path(named).expanduser()
    except RuntimeError as error:
        raise DataError(f"{setting} is {named}: {error} Write the whole path.") from error


@contextmanager
def _workplace(name: str, target: Path) -> Iterator[Path]:
    """An empty folder to make files for ``target`` in, for one process at a time; gone afterwards."""
    raw = raw_folder(target)
    for file in FILES:
        if (raw / file).is_dir():
            raise DataError(f"{raw / file} is a folder; expected a file; delete it")
    home().mkdir(parents=True, exist_ok=True)
    prefix = f"{name}-unfinished-"
    with FileLock(home() / f"{name}.lock"):
        for leftover in home().glob(f"{prefix}*"):  # of a process that was killed
            shutil.rmtree(leftover, ignore_errors=True)
        with tempfile.TemporaryDirectory(dir=home(), prefix=prefix) as folder:
            yield Path(folder)


def _move(files: Path, root: Path) -> None:
    """Put the four files in their place below ``root``, each of them whole."""
    raw = raw_folder(root)
    raw.mkdir(parents=True, exist_ok=True)
    for name in FILES:
        (files / name).replace(raw / name)


def _wrong(root: Path, expected: dict[str, str]) -> list[str]:
    """Names of the files below ``root`` that are not there, or not the expected ones."""
    absent, raw = missing(root), raw_folder(root)
    return [name for name in FILES if name in absent or _digest(raw / name) != expected.get(name)]


def _lacks(root: Path) -> str:
    """Which files are not there, in words."""
    raw = raw_folder(root)
    names = [
        f"{name} (it is a folder)" if (raw / name).is_dir() else name for name in missing(root)
    ]
    return f"{raw} lacks {', '.join(names)}"


def _checked(root: Path, expected: dict[str, str], hint: str) -> Path:
    """``root`` itself, if its four files are the expected ones and nothing stands in their way."""
    fault = _fault(root, expected)
    if fault:
        raise DataError(f"{fault}\n{hint}".strip())
    return root


def _fault(root: Path, expected: dict[str, str]) -> str:
    """What is wrong with the files below ``root``, in words; nothing if they are as expected."""
    if missing(root):
        return f"{_lacks(root)}; expected four unpacked files"
    raw = raw_folder(root)
    processed = raw.with_name("processed")
    if (processed / MNIST.training_file).is_file() and (processed / MNIST.test_file).is_file():
        return (
            f"{processed} has files of an old torchvision, which would be read instead of those in "
            f"{raw}; delete that folder, or copy {raw} to another place"
        )
    damages = [f"{raw / name} {_damage(root, name, expected)}" for name in _wrong(root, expected)]
    return f"{'; '.join(damages)}; delete it, or put the right one there" if damages else ""


def _damage(root: Path, name: str, expected: dict[str, str]) -> str:
    """What is wrong with a file whose digest is not the expected one."""
    found = _digest(raw_folder(root) / name)
    return f"{_kind_of_damage(root, name)}: its SHA-256 digest is {found}, expected {expected.get(name)}"


def _kind_of_damage(root: Path, name: str) -> str:
    """What one can tell from the content."""
    content = (raw_folder(root) / name).read_bytes()
    found = _digest(raw_folder(root) / name)
    for what, files in (("MNIST", FILES), ("the stand-ins", _drawn(root))):
        for owner in files:
            if files[owner] == found:
                return f"holds {owner} of {what}"
    if not content:
        return "is empty"
    if content.startswith(b"\x1f\x8b"):
        return f"is still packed (rename it {name}.gz and unpack it with gunzip)"
    axes = 3 if "images" in name else 1
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


def _reason(error: Exception) -> str:
    """What went wrong; an `OSError` that gets here has to do with the folder, not with a server."""
    is_folder = isinstance(error, OSError)
    return (
        f"{error}; set MNISTLAB_HOME to a folder that can be written" if is_folder else str(error)
    )


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
