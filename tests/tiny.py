"""A small dataset in MNIST's own format: 300 training and 100 test images of drawn digits.

The files have the names and the format of MNIST's, so the package reads them as it reads MNIST; only
the digests differ. The digits are those of `mnistlab.strokes`, the same on every machine, so numbers
that the tests pin stay valid until it draws otherwise.
"""

import functools
import hashlib
import json
import socket
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# Property tests try the same examples each time, and none fails because the machine is busy.
settings.register_profile("mnistlab", derandomize=True, deadline=None, database=None)
settings.load_profile("mnistlab")

TRAIN, TEST = 300, 100


def images_and_labels(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """``count`` images, ``uint8`` of shape (count, 28, 28), and what each of them shows: 0 to 9."""
    images, labels = _drawn(count, seed)
    return images.copy(), labels.copy()


@functools.cache
def _drawn(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from mnistlab import strokes

    labels = np.arange(count, dtype=np.uint8) % 10
    return strokes.draw(labels, seed), labels


def write(root: Path) -> dict[str, str]:
    """Write the four files below ``root``; return their names with their SHA-256 digests."""
    raw = root / "MNIST" / "raw"
    raw.mkdir(parents=True)
    for name, count, seed in (("train", TRAIN, 1), ("t10k", TEST, 2)):
        images, labels = images_and_labels(count, seed)
        head = struct.pack(">4i", 0x803, count, 28, 28)
        (raw / f"{name}-images-idx3-ubyte").write_bytes(head + images.tobytes())
        head = struct.pack(">2i", 0x801, count)
        (raw / f"{name}-labels-idx1-ubyte").write_bytes(head + labels.tobytes())
    return {path.name: digest(path.read_bytes()) for path in raw.iterdir()}


def digest(content: bytes) -> str:
    """SHA-256 in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()


def start(code: str) -> subprocess.Popen[str]:
    """Run ``code`` in a process of its own that takes the tiny files in use for MNIST."""
    from mnistlab import sources

    setting = f"from mnistlab import sources\nsources.FILES = {json.dumps(sources.FILES)}\n"
    return subprocess.Popen(
        [sys.executable, "-c", setting + code],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def pytest_collection_finish() -> None:
    """Compute with one thread: images this small gain nothing by two, and a busy machine stalls."""
    if "torch" in sys.modules:  # a test module has imported it
        sys.modules["torch"].set_num_threads(1)


@pytest.fixture(scope="session")
def tiny_files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The folder of the tiny files, and their digests. Not to be changed: all tests share it."""
    root = tmp_path_factory.mktemp("tiny")
    return root, write(root)


@pytest.fixture
def tiny_published(
    tiny_files: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> dict[str, str]:
    """Let the package take the tiny files for the published ones; where they are is not said."""
    from mnistlab import sources

    monkeypatch.setattr(sources, "FILES", tiny_files[1])
    return tiny_files[1]


@pytest.fixture
def tiny(
    tiny_files: tuple[Path, dict[str, str]],
    tiny_published: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> Path:
    """Let the package find the tiny files, and take them for MNIST."""
    monkeypatch.setenv("MNISTLAB_DATA", str(tiny_files[0]))
    return tiny_files[0]


def free_port() -> int:
    """A port on loopback that nobody listens at."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]
