"""Where the digits come from: found, checked, fetched, drawn; each failure is one clear error."""

import codecs
import errno
import functools
import gc
import gzip
import hashlib
import http.server
import json
import multiprocessing
import os
import re
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from multiprocessing.synchronize import Barrier
from pathlib import Path

import platformdirs
import pytest
import tiny as tiny_data
import torch
from click.testing import CliRunner
from torchvision.datasets import MNIST

from mnistlab import TASK_7, DataError, data_loaders, datasets, runs, sources, strokes
from mnistlab.cli import program

if sys.platform != "win32":
    import pwd
    import resource

pytestmark = [
    pytest.mark.usefixtures("offline"),
    # When a server fails, torchvision leaves connections for the garbage collector to close.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

IMAGES = "train-images-idx3-ubyte"
LABELS = "train-labels-idx1-ubyte"

# Processes are forked, since a new one would import PyTorch again, which takes seconds.
needs_fork = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked")
ignore_fork = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")


@pytest.fixture(autouse=True, scope="module")
def no_connection_is_left() -> Iterator[None]:
    """Close what torchvision left open while its warnings are ignored."""
    yield
    gc.collect()


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a real server: the mirrors are a port of this machine where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{port}/"])
    for name in ("http_proxy", "https_proxy", "all_proxy", "MNISTLAB_SOURCE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def copied(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny files that a test may damage; not in use."""
    return Path(shutil.copytree(tiny, tmp_path / "copied"))


def content(root: Path) -> dict[str, bytes | None]:
    """All that is below a folder, besides locks: relative path to content, None for a folder."""
    return {
        str(path.relative_to(root)): path.read_bytes() if path.is_file() else None
        for path in sorted(root.rglob("*"))
        if path.suffix != ".lock"
    }


def check_whole(root: Path) -> None:
    """All four files are there and genuine, and nothing else is."""
    assert sorted(content(root)) == sorted(
        ["MNIST", "MNIST/raw", *(f"MNIST/raw/{name}" for name in sources.FILES)]
    )
    assert sources.digests(root, "mnist") == sources.FILES
    train, test = datasets(root=root, source="mnist")
    assert (len(train), len(test)) == (tiny_data.TRAIN, tiny_data.TEST)


# --- where the files are


def test_home_is_the_named_folder_else_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTLAB_HOME", "/some/where")
    assert sources.home() == Path("/some/where")
    monkeypatch.setenv("MNISTLAB_HOME", "~/lab")
    assert sources.home() == Path.home() / "lab"
    for unset in ("", None):
        monkeypatch.delenv("MNISTLAB_HOME")
        if unset is not None:
            monkeypatch.setenv("MNISTLAB_HOME", unset)
        assert sources.home() == platformdirs.user_cache_path("mnistlab")
        monkeypatch.setenv("MNISTLAB_HOME", "")


def test_order_argument_then_environment_then_home(
    copied: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = shutil.copytree(copied, tmp_path / "named")
    shutil.copytree(copied, own_home)
    monkeypatch.setenv("MNISTLAB_DATA", str(named))
    assert sources.locate(copied) == sources.locate(str(copied)) == copied
    assert sources.locate() == named
    monkeypatch.delenv("MNISTLAB_DATA")
    assert sources.locate() == own_home
    monkeypatch.setenv("MNISTLAB_DATA", "")
    assert sources.locate() == own_home


def test_tilde_stands_for_the_users_folder(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MNISTLAB_DATA", "~/copied")
    assert sources.locate() == copied


def check_three_ways_out(message: str) -> None:
    assert "set MNISTLAB_DATA to a folder that has the four unpacked files in MNIST/raw" in message
    assert "run: python -m mnistlab data fetch" in message
    assert 'source="strokes", or MNISTLAB_SOURCE=strokes' in message
    assert message.count("ways out") == 1


def message_of(call: Callable[..., object], *arguments: object, **named: object) -> str:
    with pytest.raises(DataError) as caught:
        call(*arguments, **named)
    return str(caught.value)


@pytest.mark.fault("Spaces, accents or a dash in the path of the data", "Nothing: it works")
@pytest.mark.parametrize("setting", ["root", "MNISTLAB_DATA", "MNISTLAB_HOME"])
def test_spaces_and_accents_in_the_path(
    setting: str, copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copied.rename(tmp_path / "Übung 1 – mes données")
    monkeypatch.delenv("MNISTLAB_DATA")
    if setting != "root":
        monkeypatch.setenv(setting, str(folder))
    assert sources.locate(folder if setting == "root" else None) == folder
    check_whole(folder)


def test_a_symlinked_raw_folder(copied: Path, tmp_path: Path) -> None:
    linked = tmp_path / "linked"
    sources.raw_folder(linked).parent.mkdir(parents=True)
    sources.raw_folder(linked).symlink_to(sources.raw_folder(copied))
    train, _ = datasets(root=linked)
    assert len(train) == tiny_data.TRAIN


# --- reading: what is named must be there, whole and genuine; nothing takes its place


@pytest.mark.fault(
    "One of the four files is missing from a named folder",
    "Which one; nothing else takes its place",
)
@pytest.mark.parametrize("setting", ["root", "MNISTLAB_DATA"])
@pytest.mark.parametrize("name", sources.FILES)
def test_a_missing_file_is_named_and_nothing_takes_its_place(
    name: str, setting: str, copied: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(copied, own_home)
    (sources.raw_folder(copied) / name).unlink()
    monkeypatch.setenv("MNISTLAB_DATA", str(copied))
    message = message_of(sources.locate, copied if setting == "root" else None)
    assert message.startswith(
        f"{setting} is {copied}, but {sources.raw_folder(copied)} lacks {name}; expected the four "
        "unpacked files of MNIST; correct it, or leave it out\n"
    )
    check_three_ways_out(message)


def flip(file: Path, position: int) -> None:
    """Damage one bit of a file."""
    damaged = bytearray(file.read_bytes())
    damaged[position] ^= 1
    file.write_bytes(damaged)


def swap(one: Path, other: Path) -> None:
    third = one.with_name("third")
    one.rename(third)
    other.rename(one)
    third.rename(other)


def half_download(raw: Path) -> None:
    (raw / IMAGES).rename(raw / f"{IMAGES}.part")
    os.truncate(raw / f"{IMAGES}.part", 5000)


def old_torchvision(raw: Path) -> None:
    (raw.parent / "processed").mkdir()
    for name in ("training.pt", "test.pt"):
        (raw.parent / "processed" / name).write_bytes(b"read with torch.load")


def a_folder(raw: Path) -> None:
    (raw / LABELS).unlink()
    (raw / LABELS).mkdir()


DAMAGES: dict[str, tuple[Callable[[Path], object], str]] = {
    "half-downloaded": (half_download, f"lacks {IMAGES};"),
    "a folder in its place": (a_folder, rf"lacks {LABELS} \(it is a folder\);"),
    "truncated": (
        lambda raw: os.truncate(raw / IMAGES, 5000),
        f"{IMAGES} has {16 + 300 * 784 - 5000} bytes fewer than its head says: its SHA-256",
    ),
    "cut in the head": (
        lambda raw: os.truncate(raw / LABELS, 7),
        f"{LABELS} does not begin with the magic number 2049 and 1 sizes:",
    ),
    "padded": (
        lambda raw: (raw / LABELS).write_bytes((raw / LABELS).read_bytes() + b"\0\0\0"),
        f"{LABELS} has 3 bytes more than its head says: its SHA-256",
    ),
    "empty": (lambda raw: (raw / IMAGES).write_bytes(b""), f"{IMAGES} is empty: its SHA-256"),
    "training and test images swapped": (
        lambda raw: swap(raw / IMAGES, raw / "t10k-images-idx3-ubyte"),
        f"(?=.*/{IMAGES} holds t10k-images-idx3-ubyte of MNIST: )"
        f".*/t10k-images-idx3-ubyte holds {IMAGES} of MNIST: ",
    ),
    "training and test labels swapped": (
        lambda raw: swap(raw / LABELS, raw / "t10k-labels-idx1-ubyte"),
        f"/{LABELS} holds t10k-labels-idx1-ubyte of MNIST: ",
    ),
    "images and labels swapped": (
        lambda raw: swap(raw / IMAGES, raw / LABELS),
        f"(?=.*/{IMAGES} holds {LABELS} of MNIST: ).*/{LABELS} holds {IMAGES} of MNIST: ",
    ),
    "one bit of the magic number": (
        lambda raw: flip(raw / IMAGES, 2),
        f"{IMAGES} does not begin with the magic number 2051 and 3 sizes:",
    ),
    "one bit of a size": (lambda raw: flip(raw / IMAGES, 15), "bytes fewer than its head says:"),
    "one bit of the body": (
        lambda raw: flip(raw / IMAGES, 5000),
        f"{IMAGES} is damaged, or not the published file: its SHA-256",
    ),
    "another magic number": (
        lambda raw: (raw / IMAGES).write_bytes(
            b"\0\0\x08\x01" + (raw / IMAGES).read_bytes()[4:]
        ),
        f"{IMAGES} does not begin with the magic number 2051 and 3 sizes:",
    ),
    "packed, but named as if it were not": (
        lambda raw: (raw / IMAGES).write_bytes(gzip.compress((raw / IMAGES).read_bytes())),
        rf"{IMAGES} is still packed \(rename it {IMAGES}.gz and unpack it with gunzip\):",
    ),
    "files of an old torchvision beside them": (
        old_torchvision,
        "processed has files of an old torchvision, which would be read instead of those in "
        "(.|\n)*; delete that folder, or copy ",
    ),
}  # fmt: skip
every_damage = pytest.mark.parametrize("damage", DAMAGES)


@pytest.mark.fault(
    "A file of MNIST is cut, empty, padded or half-downloaded",
    "Which file, how many bytes are missing, and what to do",
)
@pytest.mark.fault(
    "Training and test files, or images and labels, are swapped", "Which file holds which other"
)
@pytest.mark.fault(
    "A bit of a file of MNIST has flipped, or it is other data",
    "Which file, the digest found and the one expected",
)
@pytest.mark.fault(
    "A file is still packed, but has the name of an unpacked one",
    "One line: rename it and unpack it",
)
@pytest.mark.fault(
    "A folder has training.pt and test.pt of an old torchvision, which a new one would read instead",
    "Which folder to delete",
)
@every_damage
@pytest.mark.parametrize("setting", ["root", "MNISTLAB_DATA"])
def test_damage_is_one_clear_error_that_says_what_was_found_and_what_to_do(
    damage: str, setting: str, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    do, says = DAMAGES[damage]
    do(sources.raw_folder(copied))
    before = content(copied)
    monkeypatch.setenv("MNISTLAB_DATA", str(copied))
    root = copied if setting == "root" else None
    message = message_of(sources.locate, root)
    assert re.search(says, message), message
    assert "expected" in message or "delete" in message
    check_three_ways_out(message)
    for use in (sources.digests, datasets, data_loaders):
        assert message_of(use, root=root) == message
    assert content(copied) == before


def test_digests_found_and_expected_are_named(copied: Path) -> None:
    file = sources.raw_folder(copied) / IMAGES
    flip(file, 5000)
    found, expected = tiny_data.digest(file.read_bytes()), sources.FILES[IMAGES]
    assert (
        f"{file} is damaged, or not the published file: its SHA-256 digest is {found}, expected "
        f"{expected}; delete it, or put the right one there\n"
    ) in message_of(sources.locate, copied)


def test_half_of_an_old_torchvisions_files_is_not_read_and_does_no_harm(copied: Path) -> None:
    old_torchvision(sources.raw_folder(copied))
    (copied / "MNIST" / "processed" / "test.pt").unlink()
    train, _ = datasets(root=copied)
    assert len(train) == tiny_data.TRAIN


@pytest.mark.fault(
    "A file is damaged after it was once accepted, while the notebook is open",
    "The next use says so",
)
def test_damage_is_noticed_after_the_files_were_once_accepted(copied: Path) -> None:
    sources.locate(copied)
    file = sources.raw_folder(copied) / IMAGES
    modified = file.stat().st_mtime_ns
    flip(file, 5000)
    os.utime(file, ns=(0, modified + 1))  # a clock may be coarse
    assert "damaged" in message_of(sources.locate, copied)


# --- reading: hints for those who named the wrong folder


@pytest.mark.parametrize("below", ["MNIST", "MNIST/raw"])
def test_a_folder_too_deep_is_corrected(below: str, copied: Path) -> None:
    assert f"; did you mean {copied}?\n" in message_of(sources.locate, copied / below)


@pytest.mark.fault(
    "MNISTLAB_DATA is a relative path that is too deep, such as raw",
    "The right folder is named, as a whole path",
)
@pytest.mark.parametrize(("at", "named"), [("MNIST", "raw"), (".", "MNIST"), ("MNIST/raw", ".")])
def test_a_relative_folder_too_deep_is_corrected(
    at: str, named: str, copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copied / at)
    monkeypatch.setenv("MNISTLAB_DATA", named)
    message = message_of(sources.locate)
    assert message.startswith(f"MNISTLAB_DATA is {named}, but {copied}")
    assert f"; did you mean {copied}?\n" in message


def test_a_relative_folder_that_is_right_is_used(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(copied.parent)
    monkeypatch.setenv("MNISTLAB_DATA", copied.name)
    assert sources.locate() == Path(copied.name)


def test_a_folder_that_does_not_exist_is_said_not_to_exist(tmp_path: Path) -> None:
    message = message_of(sources.locate, tmp_path / "nothing here")
    assert "; there is no such folder: correct it, or leave it out\n" in message
    assert all(name in message for name in sources.FILES)
    assert not (tmp_path / "nothing here").exists()


@pytest.mark.fault(
    "MNISTLAB_DATA or MNISTLAB_HOME begins with ~somebody who has no account",
    "One line names the setting",
)
@pytest.mark.parametrize("setting", ["root", "MNISTLAB_DATA", "MNISTLAB_HOME"])
def test_a_user_who_does_not_exist(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    named = "~no-such-user-here/mnist"
    if setting != "root":
        monkeypatch.setenv(setting, named)
    message = message_of(sources.locate, named if setting == "root" else None)
    assert message.startswith(f"{setting} is {named}: ")


def test_a_root_that_is_no_path_is_told_so() -> None:
    with pytest.raises(TypeError, match="root is 42; expected the path of a folder"):
        sources.locate(42)


# --- reading: the same bytes in another form


def dotted(name: str) -> str:
    return name.replace("-idx", ".idx")


def unpacked(raw: Path, target: Path, spell: Callable[[str], str], packed: bool) -> Path:
    """The files of a folder under other names in another, and packed if that is wanted."""
    target.mkdir(parents=True)
    for name in sources.FILES:
        content = (raw / name).read_bytes()
        if packed:
            (target / f"{spell(name)}.gz").write_bytes(gzip.compress(content))
        else:
            (target / spell(name)).write_bytes(content)
    return target


every_form = pytest.mark.parametrize("packed", [False, True], ids=["unpacked", "packed"])


@pytest.mark.fault(
    "MNISTLAB_DATA has MNIST under Kaggle's names, flat, or packed",
    "It is read: the bytes are compared with the published digests",
)
@every_form
@pytest.mark.parametrize("spell", [str, dotted])
@pytest.mark.parametrize("below", ["", "raw", "MNIST/raw"])
@pytest.mark.parametrize("setting", ["root", "MNISTLAB_DATA"])
def test_the_same_bytes_in_another_form_are_read(
    setting: str,
    below: str,
    spell: Callable[[str], str],
    packed: bool,
    tiny: Path,
    own_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    named = tmp_path / "it's other"
    unpacked(sources.raw_folder(tiny), named / below, spell, packed)
    before = content(named)
    monkeypatch.setenv("MNISTLAB_DATA", str(named))
    is_usual = (spell, packed, below) == (str, False, "MNIST/raw")
    for _ in range(2):
        root = sources.locate(named if setting == "root" else None)
        assert root == (named if is_usual else own_home)
        check_whole(root)
    assert content(named) == before


def test_kaggles_archive_as_it_is_unpacked_is_read(
    tiny: Path, own_home: Path, tmp_path: Path
) -> None:
    """Beside the files with dots, folders with a hyphen in their names, each with the file again."""
    for name in sources.FILES:
        (tmp_path / "kaggle" / name).mkdir(parents=True)
        shutil.copy(sources.raw_folder(tiny) / name, tmp_path / "kaggle" / name / name)
    assert sources.locate(tmp_path / "kaggle") == own_home
    check_whole(own_home)


def test_a_file_that_a_browser_has_unpacked_keeps_its_name(
    tiny: Path, own_home: Path, tmp_path: Path
) -> None:
    flat = unpacked(sources.raw_folder(tiny), tmp_path / "flat", "{}.gz".format, packed=False)
    assert sources.locate(flat) == own_home
    check_whole(own_home)


@pytest.mark.parametrize("packed", [False, True])
def test_other_bytes_in_another_form_are_not_read(
    packed: bool, tiny: Path, own_home: Path, tmp_path: Path
) -> None:
    flat = unpacked(sources.raw_folder(tiny), tmp_path / "flat", dotted, packed)
    wrong = next(flat.glob("t10k-images*"))
    wrong.write_bytes(gzip.compress(b"no digits") if packed else b"no digits")
    message = message_of(sources.locate, flat)
    assert message.startswith(f"{wrong} is not MNIST's t10k-images-idx3-ubyte: its SHA-256 digest")
    check_three_ways_out(message)
    wrong.write_bytes(gzip.compress(b"no digits")[:-3])
    assert message_of(sources.locate, flat).startswith(f"{wrong} is damaged: ")
    wrong.unlink()
    assert "MNIST/raw lacks train-" in message_of(sources.locate, flat)
    assert not own_home.exists()


def test_where_it_lies_in_another_form_is_said_and_nothing_is_written(
    tiny: Path, own_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flat = unpacked(sources.raw_folder(tiny), tmp_path / "flat", str, packed=True)
    monkeypatch.setenv("MNISTLAB_DATA", str(flat))
    result = CliRunner().invoke(program, ["data"])
    assert result.exit_code == 0, result.output
    assert f"mnistlab unpacks it into {own_home} when it is first used" in result.output
    assert f"{flat / IMAGES}.gz" in result.output
    assert not own_home.exists()
    sources.locate()
    assert "complete. SHA-256 digests" in CliRunner().invoke(program, ["data"]).output


# --- reading: digests


def test_digests_are_those_of_the_files(tiny: Path) -> None:
    assert sources.digests() == sources.digests(tiny) == sources.FILES
    for name, digest in sources.digests().items():
        assert digest == tiny_data.digest((tiny / "MNIST" / "raw" / name).read_bytes())


@pytest.mark.mnist
def test_the_published_files_are_accepted(mnist_root: Path) -> None:
    assert sources.digests(mnist_root) == sources.FILES
    train, test = datasets(root=mnist_root)
    assert torch.bincount(train.targets).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert train.data.float().mean().item() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert len(test) == 10_000


# --- the home folder: unpacked or fetched, all of it or nothing


class Server(http.server.ThreadingHTTPServer):
    """Serves the packed files in a good or a bad manner; counts what it is asked for."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes], manner: Callable[["Answer", bytes], None]) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files, self.manner = files, manner
        self.asked: list[str] = []
        self.reached, self.released = threading.Event(), threading.Event()

    def __enter__(self) -> "Server":
        poll = {"poll_interval": 0.02}
        self.thread = threading.Thread(target=self.serve_forever, kwargs=poll)
        self.thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.released.set()
        self.shutdown()
        self.thread.join()
        self.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of those who hang up in the middle."""


class Answer(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_HEAD(self) -> None:
        if self.server.manner in (silent, nonsense, hangs_up):
            return self.server.manner(self, b"")
        return self.head(405 if self.server.manner is only_gets else 200, 0)

    def do_GET(self) -> None:
        name = self.path.rpartition("/")[2]
        self.server.asked.append(name)
        if name in self.server.files:
            self.server.manner(self, self.server.files[name])
        else:
            self.send_error(404)

    def head(self, status: int, length: int, **fields: str) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(length))
        for field, value in fields.items():
            self.send_header(field, value)
        self.end_headers()

    def wait(self) -> None:
        self.server.reached.set()
        self.server.released.wait(60)

    def log_message(self, *arguments: object) -> None:
        pass


def good(answer: Answer, content: bytes) -> None:
    answer.head(200, len(content))
    answer.wfile.write(content)


def only_gets(answer: Answer, content: bytes) -> None:
    """Good, but it refuses to say without a file whether it is there."""
    good(answer, content)


def forbidden(answer: Answer, content: bytes) -> None:
    answer.send_error(403)


def unavailable(answer: Answer, content: bytes) -> None:
    answer.send_error(503)


def portal(answer: Answer, content: bytes) -> None:
    good(answer, b"<html>Please log in to use this network.</html>")


def empty(answer: Answer, content: bytes) -> None:
    good(answer, b"")


def half(answer: Answer, content: bytes) -> None:
    answer.head(200, len(content))
    answer.wfile.write(content[: len(content) // 2])


def slow(answer: Answer, content: bytes) -> None:
    """Half of the body, the rest when the test says so."""
    half(answer, content)
    answer.wait()
    answer.wfile.write(content[len(content) // 2 :])


def silent(answer: Answer, content: bytes) -> None:
    answer.wait()


def silent_later(answer: Answer, content: bytes) -> None:
    """Silent, but not when it is only asked whether it is there."""
    answer.wait()


def hangs_up(answer: Answer, content: bytes) -> None:
    answer.close_connection = True


def nonsense(answer: Answer, content: bytes) -> None:
    answer.wfile.write(b"no HTTP at all\r\n\r\n")


def other_content(answer: Answer, content: bytes) -> None:
    """A well-formed file with other pixels or labels."""
    good(answer, gzip.compress(gzip.decompress(content)[:-1] + b"\7"))


def not_all(answer: Answer, content: bytes) -> None:
    """The last file is not there."""
    manner = forbidden if "t10k-labels" in answer.path else good
    manner(answer, content)


def in_circles(answer: Answer, content: bytes) -> None:
    there = (
        answer.path.replace("/round/", "/") if "/round/" in answer.path else f"/round{answer.path}"
    )
    answer.head(302, 0, Location=there)


def ever_onwards(answer: Answer, content: bytes) -> None:
    answer.head(302, 0, Location=f"/on{answer.path}")


BAD: dict[Callable[[Answer, bytes], None], str] = {
    forbidden: "HTTP Error 403: Forbidden",
    unavailable: "HTTP Error 503: Service Unavailable",
    portal: "corrupted",
    empty: "corrupted",
    half: "corrupted|IncompleteRead",
    slow: "timed out",
    silent: "no answer within 0.5 s|timed out",
    silent_later: "timed out",
    hangs_up: "closed connection without response",
    nonsense: "no HTTP at all",
    other_content: "corrupted",
    not_all: "HTTP Error 403: Forbidden",
    in_circles: "redirect error that would lead to an infinite loop",
    ever_onwards: "redirect error that would lead to an infinite loop",
}
every_bad_manner = pytest.mark.parametrize("manner", BAD, ids=lambda manner: manner.__name__)


@pytest.fixture
def packed(
    tiny_files: tuple[Path, dict[str, str]],
    tiny_published: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, bytes]:
    """The tiny files packed, as a server offers them; torchvision takes them for MNIST."""
    raw = sources.raw_folder(tiny_files[0])
    files = {f"{name}.gz": gzip.compress((raw / name).read_bytes()) for name in tiny_published}
    sums = [(name, hashlib.md5(content).hexdigest()) for name, content in files.items()]
    monkeypatch.setattr(MNIST, "resources", sums)
    return files


Serve = Callable[..., list[Server]]


@pytest.fixture
def serve(packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Start a server for each manner; they are the mirrors, in this order."""
    with ExitStack() as stack:

        def start(*manners: Callable[[Answer, bytes], None]) -> list[Server]:
            servers = [stack.enter_context(Server(packed, manner)) for manner in manners]
            monkeypatch.setattr(MNIST, "mirrors", [server.url for server in servers])
            return servers

        yield start


@pytest.fixture
def server(serve: Serve) -> Server:
    """A good server, the only mirror."""
    return serve(good)[0]


def check_nothing_was_fetched(own_home: Path, says: str) -> None:
    before = content(own_home) if own_home.exists() else {}
    message = message_of(sources.locate)
    assert message.startswith(f"MNIST is not in {own_home} and could not be fetched: ")
    assert re.search(says, message.partition("\n")[0]), message
    check_three_ways_out(message)
    assert content(own_home) == before
    assert socket.getdefaulttimeout() is None


def check_given_up_within(seconds: float, own_home: Path, says: str) -> None:
    started = time.monotonic()
    check_nothing_was_fetched(own_home, says)
    assert time.monotonic() - started < seconds


def test_fetched_once_checked_and_kept_in_the_home_folder(server: Server, own_home: Path) -> None:
    train, test = datasets()
    assert (len(train), len(test)) == (tiny_data.TRAIN, tiny_data.TEST)
    assert set(server.asked) == {f"{name}.gz" for name in sources.FILES}
    check_whole(own_home)
    asked = len(server.asked)
    data_loaders()
    assert sources.locate() == sources.fetch() == own_home
    assert len(server.asked) == asked


def test_fetched_into_a_folder_with_spaces_and_accents(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path / "das große Übungs heft" / "mnistlab"))
    check_whole(sources.locate())


def test_what_is_not_named_right_is_not_fetched(server: Server, tmp_path: Path) -> None:
    message_of(sources.locate, tmp_path)
    assert server.asked == []


def test_missing_in_the_home_folder_is_fetched(
    server: Server, copied: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNISTLAB_DATA")
    copied.rename(own_home)
    (sources.raw_folder(own_home) / IMAGES).unlink()
    assert sources.locate() == own_home
    check_whole(own_home)


REPAIRED = [name for name in DAMAGES if "folder" not in name and "torchvision" not in name]


@pytest.mark.fault(
    "MNIST in the package's own folder is damaged",
    "One line; data fetch mends it, and nothing is replaced unasked",
)
@pytest.mark.parametrize("damage", REPAIRED)
def test_damage_in_the_home_folder_is_fetched_anew_when_asked_for(
    damage: str, server: Server, copied: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNISTLAB_DATA")
    copied.rename(own_home)
    do, says = DAMAGES[damage]
    do(sources.raw_folder(own_home))
    if sources.missing(own_home):
        (sources.raw_folder(own_home) / f"{IMAGES}.part").unlink()
    else:  # what is there may be dear to someone: it is only replaced when that is asked for
        before = content(own_home)
        assert re.search(says, message_of(sources.locate))
        assert content(own_home) == before
        assert server.asked == []
    assert sources.fetch() == own_home
    check_whole(own_home)


def test_a_folder_in_the_place_of_a_file_stops_before_anything_is_fetched(
    server: Server, copied: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNISTLAB_DATA")
    copied.rename(own_home)
    a_folder(sources.raw_folder(own_home))
    check_nothing_was_fetched(own_home, f"{LABELS} is a folder; expected a file; delete it")
    assert server.asked == []


def put(packed: dict[str, bytes], home: Path) -> Path:
    """Put the packed files where a download by torchvision leaves them."""
    raw = sources.raw_folder(home)
    raw.mkdir(parents=True)
    for name, content in packed.items():
        (raw / name).write_bytes(content)
    return raw


@pytest.mark.fault(
    "Only the packed files were brought along on a stick, and there is no network",
    "Nothing: they are unpacked",
)
@pytest.mark.parametrize("name", ["home", "das große Übungs heft"])
def test_packed_files_in_the_home_folder_are_unpacked_without_a_network(
    name: str, packed: dict[str, bytes], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path / name))
    raw = put(packed, tmp_path / name)
    assert sources.locate() == tmp_path / name
    assert sorted(path.name for path in raw.iterdir()) == sorted([*packed, *sources.FILES])
    for file in packed:
        (raw / file).unlink()
    check_whole(tmp_path / name)


@pytest.mark.parametrize("damage", ["one bit", "cut", "empty", "missing"])
def test_a_packed_file_that_is_damaged_is_fetched_and_no_other(
    damage: str, server: Server, own_home: Path
) -> None:
    file = put(server.files, own_home) / f"{IMAGES}.gz"
    damage_packed(file, damage)
    assert sources.locate() == own_home
    assert set(server.asked) == {f"{IMAGES}.gz"}
    assert sources.digests() == sources.FILES


def damage_packed(file: Path, damage: str) -> None:
    if damage == "one bit":
        flip(file, 500)
    elif damage == "missing":
        file.unlink()
    else:
        os.truncate(file, 5000 if damage == "cut" else 0)


@pytest.mark.parametrize("damage", ["one bit", "cut", "empty"])
def test_a_packed_file_that_is_damaged_is_named_when_there_is_no_network(
    damage: str, packed: dict[str, bytes], own_home: Path
) -> None:
    file = put(packed, own_home) / f"{IMAGES}.gz"
    damage_packed(file, damage)
    check_nothing_was_fetched(own_home, f"{re.escape(str(file))} is damaged; http.*refused")


@pytest.mark.fault(
    "A file lies where the package's own folder should be",
    "One line: set MNISTLAB_HOME to a folder that can be written",
)
def test_a_file_in_the_place_of_the_home_folder_is_one_clear_error(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path / "file" / "home"))
    message = message_of(sources.locate)
    assert f"could not be fetched: [Errno {errno.ENOTDIR}]" in message
    assert "set MNISTLAB_HOME to a folder that can be written" in message
    check_three_ways_out(message)
    assert server.asked == []


# --- fetching from servers that misbehave


@pytest.mark.fault(
    "A mirror sends half of a file and hangs up",
    "One line says which mirror and what it did, then three ways out; nothing is kept",
)
@pytest.mark.fault(
    "A mirror refuses: 403, 503", "One line with the mirror's own words, then three ways out"
)
@pytest.mark.fault(
    "A captive portal answers everything with a web page",
    "What arrived is not taken for MNIST: one line, nothing is kept",
)
@pytest.mark.fault(
    "A mirror takes the request and never answers, or falls silent in the middle",
    "It is given up in seconds, with one line",
)
@pytest.mark.fault(
    "A mirror sends the reader round in circles, or onwards for ever", "One line: redirect error"
)
@every_bad_manner
def test_a_bad_server_is_one_clear_error_and_leaves_nothing(
    manner: Callable[[Answer, bytes], None],
    serve: Serve,
    own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "ANSWER", 0.5 if manner is silent else 8)
    monkeypatch.setattr(sources, "TIMEOUT", 0.5)
    serve(manner)
    check_given_up_within(15, own_home, f"could not be fetched: .*({BAD[manner]})")
    assert content(own_home) == {}


@pytest.mark.fault(
    "The first mirror is bad in any of these ways, the second is good",
    "Nothing: the second is asked",
)
@every_bad_manner
def test_the_second_server_is_asked_when_the_first_is_bad(
    manner: Callable[[Answer, bytes], None],
    serve: Serve,
    own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sources, "TIMEOUT", 1)
    bad, _ = serve(manner, good)
    assert sources.locate() == own_home
    check_whole(own_home)
    assert bad.asked


def test_a_server_that_refuses_the_first_question_is_still_asked_for_the_files(
    serve: Serve, own_home: Path
) -> None:
    serve(only_gets)
    check_whole(sources.locate())


def test_what_every_bad_server_did_is_said(serve: Serve, own_home: Path) -> None:
    one, other = serve(forbidden, portal)
    check_nothing_was_fetched(own_home, f"{one.url}: .*403.*; {other.url}: .*corrupted")


@pytest.mark.fault(
    "A mirror has other files under MNIST's names",
    "The digest found and the one expected; nothing is kept",
)
def test_what_arrives_whole_but_is_not_mnist_is_not_kept(
    server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last guard, should torchvision's own sums ever be those of other files."""
    monkeypatch.setattr(sources, "FILES", dict.fromkeys(sources.FILES, "0" * 64))
    check_nothing_was_fetched(
        own_home,
        f"what arrived is not MNIST: .*{IMAGES} is damaged, or not the published file: its SHA-256 "
        "digest is .*, expected 0",
    )


@pytest.mark.fault(
    "The disk is full, or a limit on files is reached, while MNIST is downloaded",
    "One line with the system's reason; nothing half is left",
)
@needs_fork
@ignore_fork
def test_a_disk_that_is_full_is_one_clear_error(server: Server, own_home: Path) -> None:
    def fetch_with_little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))  # less than the images take
        check_nothing_was_fetched(own_home, f"{server.url}: .*File too large")

    process = in_a_process(fetch_with_little_room)
    process.join(30)
    assert process.exitcode == 0
    assert content(own_home) == {}


@pytest.mark.fault("The network is reached through a proxy only", "Nothing: http_proxy is used")
def test_a_proxy_is_used(server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MNIST, "mirrors", ["http://only.through.the.proxy.invalid/mnist/"])
    monkeypatch.delenv("no_proxy")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.setattr(urllib.request, "_opener", None)  # it keeps the proxies of its first use
    assert sources.locate() == own_home
    assert server.asked


# --- no network at all: an error within 15 s


def test_the_real_time_limit_leaves_time_to_start() -> None:
    assert sources.ANSWER <= 10


@pytest.mark.usefixtures("packed")
def test_a_refused_connection_ends_at_once(own_home: Path) -> None:
    check_given_up_within(5, own_home, "could not be fetched: http://127.*refused")


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch, packed: dict[str, bytes]) -> Iterator[threading.Event]:
    """Two mirrors whose names nobody knows; the event ends the search for the second."""
    found = threading.Event()

    def search(host: str, *arguments: object, **named: object) -> None:
        if host == "later.invalid":
            time.sleep(0.8 * sources.ANSWER)
        if host == "never.invalid":
            found.wait(60)
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", search)
    before = set(threading.enumerate())
    yield found
    found.set()
    for thread in set(threading.enumerate()) - before:
        thread.join()


@pytest.mark.fault("No network: no name is known", "One line at once, then three ways out")
def test_names_that_nobody_knows_end_at_once(
    names: threading.Event, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MNIST, "mirrors", ["https://one.invalid/", "http://other.invalid/"])
    says = "https://one.invalid/: .*not known.*http://other.invalid/: .*not known"
    says = f"({says}|http://other.invalid/: .*not known.*https://one.invalid/: .*not known)"
    check_given_up_within(5, own_home, says)


@pytest.mark.fault(
    "The search for a name never ends (a dead name server)",
    "It is given up when the time for all mirrors is up",
)
def test_a_search_for_names_that_never_ends_is_given_up_when_the_time_is_up_for_all(
    names: threading.Event, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "ANSWER", 2)
    monkeypatch.setattr(MNIST, "mirrors", ["http://later.invalid/", "https://never.invalid/"])
    says = "http://later.invalid/: .*not known.*; no answer within 2 s"
    check_given_up_within(3.4, own_home, says)  # 0.8 · 2 s + 2 s, were the clock set back


@pytest.fixture
def black_hole() -> Iterator[str]:
    """An address of this machine where packets vanish: more callers than the queue has room for."""
    with ExitStack() as stack:
        listener = stack.enter_context(socket.socket())
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        for _ in range(8):
            caller = stack.enter_context(socket.socket())
            caller.settimeout(0.2)
            try:
                caller.connect(listener.getsockname())
            except TimeoutError:
                break
        else:
            pytest.skip("no packets vanish on this machine")
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


@pytest.mark.fault("A firewall lets packets vanish", "It is given up in seconds, with one line")
@pytest.mark.usefixtures("packed")
def test_packets_that_vanish_end_when_the_time_is_up(
    black_hole: str, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "ANSWER", 0.5)
    monkeypatch.setattr(MNIST, "mirrors", [black_hole, black_hole])
    check_given_up_within(5, own_home, "no answer within 0.5 s|timed out")


# --- fetching that is stopped, or done by several at once


def in_a_process(function: Callable[..., object], *arguments: object) -> BaseProcess:
    process = multiprocessing.get_context("fork").Process(target=function, args=arguments)
    process.start()
    return process


def fetch_until_interrupted() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell may have had it ignored
    try:
        sources.fetch()
    except KeyboardInterrupt:
        sys.exit(130)


@pytest.mark.fault("Ctrl-C while MNIST is downloaded", "It ends; nothing is left behind")
@needs_fork
@ignore_fork
def test_ctrl_c_in_the_middle_leaves_nothing_behind(serve: Serve, own_home: Path) -> None:
    server = serve(slow)[0]
    process = in_a_process(fetch_until_interrupted)
    assert server.reached.wait(30)
    assert list(own_home.glob("*unfinished*")), "it was in the middle"
    os.kill(process.pid, signal.SIGINT)
    process.join(30)
    assert process.exitcode == 130
    assert content(own_home) == {}


@pytest.mark.fault(
    "A download is killed (kill -9, a power cut)",
    "What it left does not count; the next one cleans up",
)
@needs_fork
@ignore_fork
def test_what_a_killed_process_leaves_does_not_count_and_is_cleaned_up(
    serve: Serve, own_home: Path
) -> None:
    process_server = serve(slow)[0]
    process = in_a_process(sources.fetch)
    assert process_server.reached.wait(30)
    process.kill()
    process.join(30)
    assert len(list(own_home.glob("*unfinished*"))) == 1
    assert sources.missing(own_home) == list(sources.FILES)
    serve(good)
    assert sources.locate() == own_home
    check_whole(own_home)


@pytest.mark.fault(
    "Several programs download MNIST at once", "One downloads, the others wait for it"
)
@needs_fork
@ignore_fork
def test_processes_that_fetch_at_once_fetch_once(serve: Serve, own_home: Path) -> None:
    server = serve(slow)[0]
    processes = [in_a_process(sources.fetch) for _ in range(3)]
    assert server.reached.wait(30)
    time.sleep(0.3)  # for the others, who would now ask as well
    server.released.set()
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    check_whole(own_home)
    # torchvision asks twice for each file: the first time for where it is
    assert sorted(server.asked) == sorted(2 * [f"{name}.gz" for name in sources.FILES])


def test_threads_that_fetch_at_once_fetch_once(server: Server, own_home: Path) -> None:
    threads = [threading.Thread(target=sources.fetch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    check_whole(own_home)
    assert sorted(server.asked) == sorted(2 * [f"{name}.gz" for name in sources.FILES])


@pytest.mark.slow
def test_ctrl_c_in_a_program_of_its_own(serve: Serve, own_home: Path) -> None:
    server = serve(slow)[0]
    program = tiny_data.start(
        f"""
import signal
from torchvision.datasets import MNIST
signal.signal(signal.SIGINT, signal.default_int_handler)
MNIST.mirrors, MNIST.resources = {MNIST.mirrors!r}, {MNIST.resources!r}
sources.fetch()
"""
    )
    assert server.reached.wait(60)
    program.send_signal(signal.SIGINT)
    _, errors = program.communicate(timeout=30)
    assert program.returncode != 0
    assert errors.rstrip().endswith("KeyboardInterrupt")
    assert content(own_home) == {}


# --- folders that can't be written or read, as an ordinary user


@pytest.fixture
def public() -> Iterator[Path]:
    """A folder that an ordinary user can get to, also when the tests run as the administrator."""
    folder = Path(tempfile.mkdtemp(prefix="mnistlab test "))
    folder.chmod(0o755)
    yield folder
    for path in [folder, *folder.rglob("*")]:
        if path.is_dir():
            path.chmod(0o755)
    shutil.rmtree(folder)


def become_an_ordinary_user() -> None:
    if os.getuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


def tell(there: Connection, folder: Path, function: Callable[[], object]) -> None:
    try:
        become_an_ordinary_user()
        next(folder.iterdir(), None)
    except OSError as error:
        there.send(f"skip: {error}")
        return
    try:
        there.send(repr(function()))
    except DataError as error:
        there.send(f"DataError: {error}")


def as_ordinary_user(folder: Path, function: Callable[[], object]) -> str:
    """What the function returns or the `DataError` it raises, for a user without privileges."""
    for encoding in ("hex", "idna"):
        codecs.lookup(encoding)  # loaded late, from where only the administrator may get to
    here, there = multiprocessing.get_context("fork").Pipe()
    process = in_a_process(tell, there, folder, function)
    there.close()
    try:
        answer = here.recv()
    finally:
        process.join(30)
    if answer.startswith("skip: "):
        pytest.skip(f"can't become an ordinary user: {answer}")
    return answer


def lock_up(root: Path, mode: int = 0o555) -> dict[str, bytes | None]:
    """Take the right to write from everybody; what is there."""
    before = content(root)
    for path in [*sorted(root.rglob("*"), reverse=True), root]:
        path.chmod(mode if path.is_dir() else mode & 0o444)
    return before


def count() -> list[int]:
    return [len(part) for part in datasets()]


@pytest.mark.fault(
    "The data are in a shared folder that is read-only",
    "Nothing: they are read, and nothing is written there",
)
@needs_fork
@ignore_fork
@pytest.mark.parametrize("setting", ["MNISTLAB_DATA", "MNISTLAB_HOME"])
def test_a_shared_folder_that_is_read_only_is_read_and_nothing_is_written_there(
    setting: str, tiny: Path, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(tiny, public / "shared"))
    before = lock_up(root)
    monkeypatch.delenv("MNISTLAB_DATA")
    monkeypatch.setenv(setting, str(root))
    assert as_ordinary_user(public, count) == f"[{tiny_data.TRAIN}, {tiny_data.TEST}]"
    if setting == "MNISTLAB_HOME":
        assert as_ordinary_user(public, sources.fetch) == repr(root), "there is nothing to do"
    assert content(root) == before


@pytest.mark.fault(
    "The package's own folder can't be written",
    "One line: set MNISTLAB_HOME to a folder that can be written",
)
@needs_fork
@ignore_fork
@pytest.mark.parametrize("below", ["", "not there/"])
def test_a_home_folder_that_cannot_be_written_is_one_clear_error(
    below: str, server: Server, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = public / "home"
    home.mkdir()
    lock_up(home)
    monkeypatch.setenv("MNISTLAB_HOME", str(home / below))
    answer = as_ordinary_user(public, sources.locate)
    assert answer.startswith(
        f"DataError: MNIST is not in {home / below} and could not be fetched: "
    )
    assert "Permission denied" in answer
    assert "; set MNISTLAB_HOME to a folder that can be written\n" in answer
    check_three_ways_out(answer)
    assert server.asked == []
    assert list(home.iterdir()) == []


@pytest.mark.fault(
    "The data belong to somebody else and can't be read",
    "One line: MNIST can't be read, permission denied",
)
@needs_fork
@ignore_fork
@pytest.mark.parametrize("place", ["folder", "file"])
def test_a_folder_that_cannot_be_read_is_one_clear_error(
    place: str, tiny: Path, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Path(shutil.copytree(tiny, public / "private"))
    raw = sources.raw_folder(root)
    (raw if place == "folder" else raw / IMAGES).chmod(0)
    monkeypatch.setenv("MNISTLAB_DATA", str(root))
    sources._digest_of.cache_clear()
    answer = as_ordinary_user(public, sources.locate)
    assert re.match("DataError: MNIST can't be read: .*Permission denied.*\n", answer), answer
    check_three_ways_out(answer)


# --- a user without an account or a home


def without_account(function: Callable[[], object]) -> Callable[[], object]:
    """The function, called by a user id that no account has, without ``HOME``."""

    def call() -> object:
        for name in ("HOME", "MNISTLAB_HOME", "XDG_CACHE_HOME"):
            os.environ.pop(name, None)
        return function()

    return call


needs_administrator = pytest.mark.skipif(
    sys.platform == "win32" or os.getuid() != 0, reason="only root can take any user id"
)


@pytest.fixture
def stranger(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ordinary user of these tests has no entry in ``/etc/passwd``."""
    with pytest.raises(KeyError):
        pwd.getpwuid(1234)

    def become() -> None:
        os.setgroups([])
        os.setgid(1234)
        os.setuid(1234)

    monkeypatch.setitem(globals(), "become_an_ordinary_user", become)


@pytest.mark.fault(
    "A user id without an account and without HOME, as in a container",
    "One line names MNISTLAB_HOME; what needs no home works",
)
@needs_fork
@needs_administrator
@ignore_fork
@pytest.mark.usefixtures("stranger")
def test_a_user_without_a_home_is_told_of_the_setting(
    tiny: Path, public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = "set MNISTLAB_HOME to a folder that can be written"
    for function in (sources.home, sources.fetch, runs.folder):
        answer = as_ordinary_user(public, without_account(function))
        assert answer.startswith("DataError: this user has no home folder")
        assert answer.endswith(wanted)
    root = Path(shutil.copytree(tiny, public / "data"))
    lock_up(root)
    monkeypatch.setenv("MNISTLAB_DATA", str(root))
    assert as_ordinary_user(public, without_account(sources.locate)) == repr(root)
    printed = as_ordinary_user(
        public, without_account(lambda: CliRunner().invoke(program, ["data"]).output)
    )
    assert "in use: mnist" in printed
    assert "not in use: strokes; this user has no home folder" in printed
    assert wanted in printed


@pytest.mark.fault(
    "HOME is another user's, which can't be read",
    "What is in use is told; of what is not, one line says why it can't be looked for",
)
@needs_fork
@needs_administrator
@ignore_fork
@pytest.mark.usefixtures("stranger")
def test_the_home_of_another_user_does_no_harm_to_what_does_not_use_it(
    tiny: Path, public: Path
) -> None:
    private = public / "private"
    (private / ".cache" / "mnistlab" / "strokes").mkdir(parents=True)
    private.chmod(0o700)
    root = Path(shutil.copytree(tiny, public / "data"))
    lock_up(root)

    def printed(**settings: str) -> Callable[[], object]:
        def call() -> object:
            os.environ.pop("MNISTLAB_DATA", None)
            os.environ.update({"HOME": str(private), **settings})
            return CliRunner().invoke(program, ["data"]).output

        return without_account(call)

    answer = as_ordinary_user(public, printed(MNISTLAB_DATA=str(root)))
    assert "complete. SHA-256 digests" in answer
    assert "not in use: strokes; [Errno 13] Permission denied" in answer
    answer = as_ordinary_user(public, printed())
    assert "be looked for: [Errno 13] Permission denied" in answer
    assert "set MNISTLAB_HOME to a folder that can be written" in answer


# --- the stand-ins: drawn once, into a folder of their own, never taken for MNIST


@pytest.fixture
def drawings(monkeypatch: pytest.MonkeyPatch, tiny_published: dict[str, str]) -> list[Path]:
    """Let drawing be a matter of a moment; where each drawing went."""
    where: list[Path] = []
    few = functools.partial(strokes.write, train=30, test=20, progress=False)

    def write(folder: Path) -> dict[str, str]:
        where.append(folder)
        return few(folder)

    monkeypatch.setattr(strokes, "write", write)
    monkeypatch.setattr(strokes, "DRAWING", 1, raising=False)
    return where


def check_drawn(folder: Path) -> None:
    """The four files are there with the note, are those that were noted, and nothing else is."""
    assert sorted(content(folder)) == sorted(
        ["MNIST", "MNIST/raw", "drawn.json", *(f"MNIST/raw/{name}" for name in sources.FILES)]
    )
    notes = json.loads((folder / sources.DRAWN).read_text(encoding="utf-8"))
    assert notes["drawing"] == strokes.DRAWING
    for name, digest in notes["files"].items():
        assert tiny_data.digest((sources.raw_folder(folder) / name).read_bytes()) == digest
    assert notes["files"].keys() == sources.FILES.keys()


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_stand_ins_are_drawn_once_into_a_folder_of_their_own(
    how: str, drawings: list[Path], own_home: Path, monkeypatch: pytest.MonkeyPatch, tiny: Path
) -> None:
    if how == "environment":
        monkeypatch.setenv("MNISTLAB_SOURCE", "strokes")
    source = "strokes" if how == "argument" else None
    train, test = datasets(source=source)
    assert (len(train), len(test)) == (30, 20)
    data_loaders(source=source)
    assert sources.locate(source=source) == sources.strokes_folder() == own_home / "strokes"
    assert len(drawings) == 1
    check_drawn(own_home / "strokes")
    assert [name for name in content(own_home) if not name.startswith("strokes")] == []
    assert sources.digests(source="mnist") == sources.FILES


def test_the_stand_ins_are_drawn_with_spaces_and_accents_in_the_path(
    drawings: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "das große Übungs heft"
    monkeypatch.setenv("MNISTLAB_HOME", str(home))
    assert sources.locate(source="strokes") == home / "strokes"
    check_drawn(home / "strokes")


def note(folder: Path, **changes: object) -> None:
    notes = json.loads((folder / "drawn.json").read_text(encoding="utf-8"))
    (folder / "drawn.json").write_text(json.dumps(notes | changes), encoding="utf-8")


DRAWN_DAMAGES: dict[str, Callable[[Path], object]] = {
    "one bit": lambda folder: flip(sources.raw_folder(folder) / IMAGES, 5000),
    "cut": lambda folder: os.truncate(sources.raw_folder(folder) / IMAGES, 5000),
    "a file is missing": lambda folder: (sources.raw_folder(folder) / LABELS).unlink(),
    "swapped": lambda folder: swap(
        sources.raw_folder(folder) / IMAGES, sources.raw_folder(folder) / LABELS
    ),
    "no note": lambda folder: (folder / "drawn.json").unlink(),
    "half a note": lambda folder: os.truncate(folder / "drawn.json", 50),
    "one bit of the note": lambda folder: flip(folder / "drawn.json", 100),
    "a note of something else": lambda folder: (folder / "drawn.json").write_text("[1]"),
    "a note without digests": lambda folder: note(folder, files={}),
    "drawn by another version": lambda folder: note(folder, drawing=0),
}
every_drawn_damage = pytest.mark.parametrize("damage", DRAWN_DAMAGES)


@pytest.mark.fault("Stand-ins are damaged or incomplete", "They are drawn anew")
@every_drawn_damage
def test_stand_ins_that_are_not_whole_are_drawn_anew(
    damage: str, drawings: list[Path], own_home: Path
) -> None:
    folder = sources.locate(source="strokes")
    before = content(folder)
    DRAWN_DAMAGES[damage](folder)
    assert sources.locate(source="strokes") == folder
    assert len(drawings) == 2
    assert content(folder) == before
    check_drawn(folder)


def test_stand_ins_are_drawn_anew_when_the_way_of_drawing_changes(
    drawings: list[Path], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources.locate(source="strokes")
    monkeypatch.setattr(strokes, "DRAWING", 2)
    check_drawn(sources.locate(source="strokes"))
    sources.locate(source="strokes")
    assert len(drawings) == 2


def test_what_else_is_in_the_folder_is_left_alone(drawings: list[Path], own_home: Path) -> None:
    mine = own_home / "strokes" / "my own drawings" / "a horse"
    mine.parent.mkdir(parents=True)
    mine.write_text("kept", encoding="utf-8")
    sources.locate(source="strokes")
    assert mine.read_text(encoding="utf-8") == "kept"


def test_a_named_folder_must_have_been_drawn(
    drawings: list[Path], tiny: Path, tmp_path: Path, own_home: Path
) -> None:
    drawn = shutil.copytree(sources.locate(source="strokes"), tmp_path / "drawn")
    assert sources.locate(drawn, "strokes") == drawn
    for root in (tmp_path / "nothing", tiny):
        message = message_of(sources.locate, root, "strokes")
        assert message.startswith(
            f"root is {root}, but this version of mnistlab has drawn no stand-ins there (it has no "
            "valid drawn.json); leave root out, and mnistlab draws them in "
        )
    assert len(drawings) == 1
    assert not (tmp_path / "nothing").exists()


@every_drawn_damage
def test_a_named_folder_with_damage_is_one_clear_error(
    damage: str, drawings: list[Path], tmp_path: Path
) -> None:
    drawn = Path(shutil.copytree(sources.locate(source="strokes"), tmp_path / "drawn"))
    DRAWN_DAMAGES[damage](drawn)
    before = content(drawn)
    message = message_of(datasets, root=drawn, source="strokes")
    assert str(drawn) in message
    assert f"leave root out, and mnistlab draws them in {sources.strokes_folder()}" in message
    assert "ways out" not in message, "those are for MNIST"
    assert content(drawn) == before
    assert len(drawings) == 1


def test_files_of_mnist_among_the_stand_ins_are_named(
    drawings: list[Path], tiny: Path, tmp_path: Path
) -> None:
    drawn = Path(shutil.copytree(sources.locate(source="strokes"), tmp_path / "drawn"))
    shutil.copy(sources.raw_folder(tiny) / LABELS, sources.raw_folder(drawn))
    message = message_of(sources.locate, drawn, "strokes")
    assert f"/{LABELS} holds {LABELS} of MNIST: its SHA-256 digest" in message


def test_stand_ins_are_never_taken_for_mnist(
    drawings: list[Path], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = sources.locate(source="strokes")
    message = message_of(sources.locate, drawn, "mnist")
    assert f"/{IMAGES} holds {IMAGES} of the stand-ins: its SHA-256 digest is" in message
    check_three_ways_out(message)
    monkeypatch.setenv("MNISTLAB_DATA", str(drawn))
    assert message_of(sources.locate) == message


@pytest.mark.usefixtures("packed")
def test_without_mnist_nothing_falls_back_to_stand_ins_that_are_there(
    drawings: list[Path], own_home: Path
) -> None:
    sources.locate(source="strokes")
    for use in (sources.locate, sources.digests, datasets, data_loaders):
        assert "could not be fetched" in message_of(use)
    check_drawn(own_home / "strokes")


def test_the_sources_have_digests_and_runs_of_their_own(drawings: list[Path], tiny: Path) -> None:
    mnist, stand_ins = sources.digests(source="mnist"), sources.digests(source="strokes")
    assert mnist.keys() == stand_ins.keys()
    assert set(mnist.values()).isdisjoint(stand_ins.values())
    keys = [runs.key(TASK_7, source=source) for source in sources.SOURCES]
    assert keys[0].rpartition("-")[2] != keys[1].rpartition("-")[2]
    assert runs.key(TASK_7) == keys[0]


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_a_source_that_does_not_exist_is_told_before_any_work(
    how: str, server: Server, drawings: list[Path], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "environment":
        monkeypatch.setenv("MNISTLAB_SOURCE", "minst")
    named = {"source": "minst"} if how == "argument" else {}
    setting = "source" if named else "MNISTLAB_SOURCE"
    says = (
        f'{setting} is \'minst\'; expected "mnist" or "strokes", the stand-ins that mnistlab draws'
    )
    uses = (sources.locate, sources.digests, datasets, data_loaders, sources.chosen)
    for use in (*uses, functools.partial(runs.key, TASK_7)):
        with pytest.raises(ValueError, match=f"^{re.escape(says)}$"):
            use(**named)
    assert server.asked == drawings == []
    assert not own_home.exists()


@pytest.mark.parametrize("source", ["Mnist", "", 1, ["mnist"]], ids=repr)
def test_only_the_two_names_are_sources(source: object) -> None:
    with pytest.raises(ValueError, match="source is "):
        sources.chosen(source)


def test_the_argument_comes_before_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    assert sources.chosen() == "mnist"
    monkeypatch.setenv("MNISTLAB_SOURCE", "strokes")
    assert (sources.chosen(), sources.chosen("mnist")) == ("strokes", "mnist")
    monkeypatch.setenv("MNISTLAB_SOURCE", "")
    assert sources.chosen() == "mnist"


def test_a_disk_that_is_full_while_drawing_is_one_clear_error(
    drawings: list[Path], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(folder: Path) -> None:
        (folder / IMAGES).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(strokes, "write", full)
    assert message_of(sources.locate, source="strokes") == (
        f"the stand-ins can't be drawn in {own_home / 'strokes'}: [Errno {errno.ENOSPC}] No space "
        "left on device; set MNISTLAB_HOME to a folder that can be written"
    )
    assert content(own_home) == {}


def test_a_folder_in_the_place_of_a_drawn_file_is_one_clear_error(
    drawings: list[Path], own_home: Path
) -> None:
    a_folder(sources.raw_folder(sources.locate(source="strokes")))
    message = message_of(sources.locate, source="strokes")
    assert f"{LABELS} is a folder; expected a file; delete it" in message
    assert len(drawings) == 1


def test_files_of_an_old_torchvision_beside_the_stand_ins_are_one_clear_error(
    drawings: list[Path], own_home: Path
) -> None:
    old_torchvision(sources.raw_folder(sources.locate(source="strokes")))
    message = message_of(sources.locate, source="strokes")
    assert "processed has files of an old torchvision" in message
    assert "leave root out" not in message


@needs_fork
@ignore_fork
def test_unwritable_home_without_stand_ins_is_one_clear_error(
    drawings: list[Path], public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = public / "home"
    home.mkdir()
    lock_up(home)
    monkeypatch.setenv("MNISTLAB_HOME", str(home))
    answer = as_ordinary_user(public, lambda: sources.locate(source="strokes"))
    assert answer.startswith(f"DataError: the stand-ins can't be drawn in {home / 'strokes'}: ")
    assert "Permission denied" in answer
    assert answer.endswith("; set MNISTLAB_HOME to a folder that can be written")
    assert list(home.iterdir()) == []


@needs_fork
@ignore_fork
def test_stand_ins_in_a_home_that_is_read_only_are_read(
    drawings: list[Path], public: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = public / "home"
    monkeypatch.setenv("MNISTLAB_HOME", str(home))
    sources.locate(source="strokes")
    before = lock_up(home)
    monkeypatch.setenv("MNISTLAB_SOURCE", "strokes")
    assert as_ordinary_user(public, count) == "[30, 20]"
    assert content(home) == before
    assert len(drawings) == 1


def stop_at(place: str, reached: Connection) -> None:
    """Draw, but stop for ever before the files are made, moved or noted."""

    def stop(*arguments: object) -> None:
        reached.send(place)
        time.sleep(60)

    names = {
        "made": (strokes, "write"),
        "moved": (sources, "_move"),
        "noted": (sources._files, "write"),
    }
    setattr(*names[place], stop)
    sources.locate(source="strokes")


@pytest.mark.fault(
    "The program is killed while it draws the stand-ins",
    "They are drawn anew; half of them never count",
)
@needs_fork
@ignore_fork
@pytest.mark.parametrize("older", ["none before", "damaged before"])
@pytest.mark.parametrize("place", ["made", "moved", "noted"])
def test_drawing_that_is_killed_in_the_middle_is_done_anew(
    place: str, older: str, drawings: list[Path], own_home: Path
) -> None:
    if older == "damaged before":
        flip(sources.raw_folder(sources.locate(source="strokes")) / IMAGES, 5000)
    here, there = multiprocessing.get_context("fork").Pipe()
    process = in_a_process(stop_at, place, there)
    assert here.poll(30)
    process.kill()
    process.join(30)
    assert list(own_home.glob("*unfinished*")), "it was in the middle"
    done = len(drawings)
    assert sources.locate(source="strokes") == own_home / "strokes"
    assert len(drawings) == done + 1
    check_drawn(own_home / "strokes")
    assert [name for name in content(own_home) if not name.startswith("strokes")] == []
    assert list(own_home.glob("*unfinished*")) == []


def test_ctrl_c_while_drawing_leaves_nothing_behind(
    drawings: list[Path], own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(folder: Path) -> None:
        (folder / IMAGES).write_bytes(b"half")
        raise KeyboardInterrupt

    monkeypatch.setattr(strokes, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        sources.locate(source="strokes")
    assert content(own_home) == {}


def draw_at_once(start: Barrier, there: Connection) -> None:
    draw = strokes.write

    def slowly(folder: Path) -> dict[str, str]:
        there.send("drawing")
        time.sleep(0.3)
        return draw(folder)

    strokes.write = slowly
    start.wait(30)
    sources.locate(source="strokes")


@pytest.mark.fault(
    "Several programs draw the stand-ins at once", "One draws, the others wait for it"
)
@needs_fork
@ignore_fork
def test_processes_that_draw_at_once_draw_once(drawings: list[Path], own_home: Path) -> None:
    fork = multiprocessing.get_context("fork")
    start = fork.Barrier(3)
    here, there = fork.Pipe()
    processes = [in_a_process(draw_at_once, start, there) for _ in range(3)]
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0, 0, 0]
    assert here.poll()
    here.recv()
    assert not here.poll(), "one process has drawn"
    check_drawn(own_home / "strokes")
    sources.locate(source="strokes")
    assert drawings == []
