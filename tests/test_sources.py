"""Where the digits come from: found, checked, fetched, drawn; each failure is one clear error."""

import gc
import gzip
import hashlib
import http.server
import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import platformdirs
import pytest
import tiny as tiny_data
import torch
from torchvision.datasets import MNIST

from mnistlab import DataError, data_loaders, datasets, sources

pytestmark = [
    pytest.mark.usefixtures("offline"),
    # When a server fails, torchvision leaves connections for the garbage collector to close.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

IMAGES = "train-images-idx3-ubyte"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a real server: the mirrors are a port of this machine where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{port}/"])
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def copied(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny files that a test may damage; not in use."""
    return Path(shutil.copytree(tiny, tmp_path / "copied"))


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


def check_three_ways_out(message: str, own_home: Path) -> None:
    assert "set MNISTLAB_DATA to a folder that has the four unpacked files in MNIST/raw" in message
    assert "run: python -m mnistlab data fetch" in message
    assert 'source="strokes", or MNISTLAB_SOURCE=strokes' in message


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_what_is_named_must_be_there_and_nothing_takes_its_place(
    how: str, copied: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(copied, own_home)
    (sources.raw_folder(copied) / IMAGES).unlink()
    if how == "environment":
        monkeypatch.setenv("MNISTLAB_DATA", str(copied))
    with pytest.raises(DataError) as caught:
        sources.locate(copied if how == "argument" else None)
    assert f"{sources.raw_folder(copied)} lacks {IMAGES}; expected the four" in str(caught.value)
    check_three_ways_out(str(caught.value), own_home)


def test_a_folder_without_any_file_names_all_four(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        sources.locate(tmp_path / "nothing here")
    for name in sources.FILES:
        assert name in str(caught.value)


@pytest.mark.parametrize("damage", ["one bit", "truncated", "empty"])
def test_a_damaged_file_is_named(damage: str, copied: Path, own_home: Path) -> None:
    path = sources.raw_folder(copied) / IMAGES
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes({"one bit": content, "truncated": content[:5000], "empty": b""}[damage])
    for use in (sources.locate, sources.digests, datasets, data_loaders):
        with pytest.raises(DataError) as caught:
            use(root=copied)
        assert str(path) in str(caught.value)
        assert f"digest is {tiny_data.digest(path.read_bytes())}, expected " in str(caught.value)
        assert "delete it" in str(caught.value)
    check_three_ways_out(str(caught.value), own_home)


def test_damage_is_noticed_after_the_files_were_once_accepted(copied: Path) -> None:
    sources.locate(copied)
    path = sources.raw_folder(copied) / IMAGES
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))  # a clock may be coarse
    with pytest.raises(DataError, match="damaged"):
        sources.locate(copied)


def test_a_file_that_cannot_be_read_is_one_clear_error(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise PermissionError(13, "Permission denied", IMAGES)

    monkeypatch.setattr(Path, "open", refuse)  # a mode would not stop the administrator
    sources._digest_of.cache_clear()
    with pytest.raises(DataError, match=r"can't be read: .*Permission denied(.|\n)*Three ways out"):
        sources.locate(copied)


def test_digests_are_those_of_the_files(tiny: Path) -> None:
    assert sources.digests() == sources.digests(tiny) == sources.FILES
    for name, digest in sources.digests().items():
        content = (tiny / "MNIST" / "raw" / name).read_bytes()
        assert digest == hashlib.sha256(content).hexdigest()


@pytest.mark.mnist
def test_the_published_files_are_accepted(mnist_root: Path) -> None:
    assert sources.digests(mnist_root) == sources.FILES
    train, test = datasets(root=mnist_root)
    assert torch.bincount(train.targets).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert train.data.float().mean().item() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert len(test) == 10_000


# --- fetching, from a server of this machine


class Server(http.server.ThreadingHTTPServer):
    """Serves the packed files; counts what it is asked for."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes], silent: threading.Event | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files, self.silent = files, silent
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Answer(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.strip("/")
        self.server.asked.append(name)
        if self.server.silent:
            self.server.silent.wait(10)
            return
        if name not in self.server.files:
            self.send_error(404)
            return
        content = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


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


@pytest.fixture
def server(packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with the tiny files, which is the only mirror."""
    with Server(packed) as server:
        monkeypatch.setattr(MNIST, "mirrors", [server.url])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    gc.collect()  # the connections left open, while their warnings are ignored


def left_in(home: Path) -> list[str]:
    """What an attempt to fetch left behind, besides the lock."""
    return sorted(path.name for path in home.iterdir() if path.name != "MNIST.lock")


def test_fetched_once_checked_and_kept_in_the_home_folder(server: Server, own_home: Path) -> None:
    train, test = datasets()
    assert (len(train), len(test)) == (300, 100)
    assert set(server.asked) == {f"{name}.gz" for name in sources.FILES}
    assert left_in(own_home) == ["MNIST"]
    assert sorted(path.name for path in sources.raw_folder(own_home).iterdir()) == sorted(
        sources.FILES
    )
    asked = len(server.asked)
    data_loaders()
    assert sources.locate() == sources.fetch() == own_home
    assert len(server.asked) == asked


def test_two_who_fetch_at_once_fetch_once(server: Server, own_home: Path) -> None:
    threads = [threading.Thread(target=sources.fetch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sources.missing(own_home) == []
    assert sorted(server.asked) == sorted(2 * [f"{name}.gz" for name in sources.FILES])


def test_the_next_mirror_is_asked_when_one_has_no_such_file(
    server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server({}) as empty:
        thread = threading.Thread(target=empty.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.setattr(MNIST, "mirrors", [empty.url, server.url])
        assert sources.locate() == own_home
        assert empty.asked
        empty.shutdown()
        thread.join()


def check_nothing_was_fetched(own_home: Path, says: str) -> None:
    with pytest.raises(DataError) as caught:
        sources.locate()
    message = str(caught.value)
    assert re.search(says, message), message
    check_three_ways_out(message, own_home)
    assert left_in(own_home) == []


@pytest.mark.usefixtures("packed")
def test_without_a_network_there_are_three_ways_out(own_home: Path) -> None:
    says = f"MNIST is not in {re.escape(str(own_home))} and could not be fetched: .*"
    check_nothing_was_fetched(own_home, says)


def test_what_arrives_damaged_is_not_kept(server: Server, own_home: Path) -> None:
    server.files["t10k-labels-idx1-ubyte.gz"] = b"a portal that asks for a password"
    check_nothing_was_fetched(own_home, "could not be fetched: (.|\n)*corrupted")


def test_what_arrives_whole_but_is_not_mnist_is_not_kept(
    server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "FILES", dict.fromkeys(sources.FILES, "0" * 64))
    check_nothing_was_fetched(
        own_home, "not the published file: its SHA-256 digest is .*expected 0"
    )


def test_a_server_that_stops_in_the_middle_leaves_nothing(server: Server, own_home: Path) -> None:
    del server.files["t10k-labels-idx1-ubyte.gz"]
    check_nothing_was_fetched(own_home, "could not be fetched: (.|\n)*404")


def test_a_server_that_answers_nonsense_is_one_clear_error(
    server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nonsense(handler: Answer) -> None:
        handler.wfile.write(b"no HTTP at all\r\n\r\n")

    monkeypatch.setattr(Answer, "do_GET", nonsense)
    check_nothing_was_fetched(own_home, "could not be fetched: .*no HTTP at all")


def test_a_server_that_stays_silent_is_given_up(
    server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "TIMEOUT", 0.2)
    server.silent = threading.Event()
    check_nothing_was_fetched(own_home, "could not be fetched: .*timed out")
    assert socket.getdefaulttimeout() is None
    server.silent.set()


def test_a_home_folder_that_cannot_be_made_is_one_clear_error(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(DataError, match=r"could not be fetched: .*file(.|\n)*Three ways out"):
        sources.locate()
    assert server.asked == []
