"""MNIST: finding, checking and fetching the files, the data sets and the data loaders.

``torchvision.datasets.MNIST`` reads the files, always. This module only sees to it that they are
there, whole and genuine, and that a batch is converted in one step.
"""

from __future__ import annotations

import functools
import hashlib
import os
import shutil
import socket
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from typing import Any

import platformdirs
import torch
from filelock import FileLock
from torch import Tensor
from torch.utils.data import DataLoader, default_collate
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from mnistlab import _checks

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
  - with a network and without MNISTLAB_DATA, run: python -m mnistlab data
  - copy MNIST/raw from another machine into {home}, and leave MNISTLAB_DATA out"""

TIMEOUT = 10.0
"""Seconds to wait for a server that does not answer."""

Root = str | os.PathLike[str] | None
Loaders = tuple[DataLoader, DataLoader]


class DataError(RuntimeError):
    """MNIST is not there, or is not what was published. The message says what to do."""


def datasets(
    transform: Callable[[Any], Any] | None = None, *, root: Root = None
) -> tuple[MNIST, MNIST]:
    """The training and the test set (Task 1).

    Parameters
    ----------
    transform : callable, optional
        Applied to each image when it is taken. Without one an image stays a
        ``PIL.Image.Image`` (Test 1).
    root : path, optional
        Folder that has ``MNIST/raw``. Default: see `locate`.

    Returns
    -------
    train, test : torchvision.datasets.MNIST
        60 000 and 10 000 items ``(image, target)``; the target is an ``int`` from 0 to 9.

    Raises
    ------
    TypeError
        If ``transform`` can't be called.
    DataError
        If MNIST can't be found, fetched or trusted.
    """
    _check_transform(transform)
    root = locate(root)
    train = MNIST(
        root, train=True, transform=transform
    )  # fmt: skip
    test = MNIST(
        root, train=False, transform=transform
    )  # fmt: skip
    return train, test


def data_loaders(
    batch_size: int = 64,
    test_batch_size: int = 1000,
    *,
    root: Root = None,
    seed: int | None = None,
) -> Loaders:
    """Batches of training images in a new order each epoch, and of test images in file order (Task 2).

    The batches are bit for bit those of ``DataLoader(dataset, batch_size, shuffle=True,
    generator=generator)`` over a data set with ``ToTensor()``; they are only converted faster.
    Each loader has a random generator of its own, so evaluating never changes the next epoch.

    Parameters
    ----------
    batch_size : int
        Images per training batch, the assignment's B. The last batch has what is left:
        60 000 = 937 · 64 + 32.
    test_batch_size : int
        Images per test batch. It changes the speed, not the result.
    root : path, optional
        Folder that has ``MNIST/raw``. Default: see `locate`.
    seed : int, optional
        Fixes the order of the training images. Default: drawn from PyTorch's global generator.

    Returns
    -------
    train, test : torch.utils.data.DataLoader
        Batches ``(images, targets)``: ``float32`` of shape ``(B, 1, 28, 28)`` in [0, 1], and
        ``int64`` of shape ``(B,)`` in 0 to 9.

    Raises
    ------
    TypeError, ValueError
        If a batch size is not a whole number of at least 1, or the seed not one of at least 0.
    DataError
        If MNIST can't be found, fetched or trusted.
    """
    _checks.sizes(batch_size=batch_size, test_batch_size=test_batch_size)
    _check_seed(seed)
    train, test = _fast_datasets(root)
    train_loader = DataLoader(
        train, batch_size,
        shuffle=True, **_options(seed),
    )  # fmt: skip
    test_loader = DataLoader(
        test, test_batch_size,
        shuffle=False, **_options(seed),
    )  # fmt: skip
    return train_loader, test_loader


def home() -> Path:
    """The package's own folder: ``MNISTLAB_HOME``, else the user's cache folder."""
    named = os.environ.get("MNISTLAB_HOME")
    return Path(named).expanduser() if named else platformdirs.user_cache_path("mnistlab")


def locate(root: Root = None) -> Path:
    """The folder that has ``MNIST/raw``, with all four files checked against their digests.

    Order: ``root``; the environment variable ``MNISTLAB_DATA``; the home folder; a download into
    the home folder. The first two are never replaced by another: what is named must be there.

    Raises
    ------
    DataError
        If the files are missing and can't be fetched, or are not the published ones.
    """
    setting = "root" if root else "MNISTLAB_DATA"
    named = root or os.environ.get("MNISTLAB_DATA")
    try:
        if named:
            return _checked(_named(setting, named))
        if missing(home()):
            fetch()
        return _checked(home())
    except OSError as error:
        raise DataError(f"MNIST can't be read: {error}\n{_ways_out()}") from error


def missing(root: Path) -> list[str]:
    """Names of the files that ``root/MNIST/raw`` does not have."""
    return [name for name in FILES if not (raw_folder(root) / name).is_file()]


def raw_folder(root: Path) -> Path:
    """Where torchvision keeps the unpacked files below ``root``."""
    return Path(root) / "MNIST" / "raw"


def digests(root: Root = None) -> dict[str, str]:
    """SHA-256 digest of each of the four files in use: name to 64 hexadecimal digits."""
    folder = raw_folder(locate(root))
    return {name: _digest(folder / name) for name in FILES}


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
                _download(target)
    except DataError:
        raise
    except (OSError, HTTPException, RuntimeError) as error:
        raise DataError(
            f"MNIST is not in {target} and could not be fetched: {error}\n{_ways_out()}"
        ) from error
    return target


def _download(target: Path) -> None:
    with tempfile.TemporaryDirectory(dir=target, prefix="fetching-") as folder, _timeout(TIMEOUT):
        MNIST(folder, download=True)
        _checked(Path(folder))
        raw_folder(target).mkdir(parents=True, exist_ok=True)
        for name in FILES:
            shutil.move(raw_folder(folder) / name, raw_folder(target) / name)


def _named(setting: str, named: str | os.PathLike[str]) -> Path:
    """The folder that the user has named, if it has the files."""
    if not isinstance(named, str | os.PathLike):
        raise TypeError(f"{setting} is {_checks.described(named)}; expected the path of a folder")
    root = Path(named).expanduser()
    absent = missing(root)
    if absent:
        nearby = next((parent for parent in root.parents[:2] if not missing(parent)), None)
        hint = f"did you mean {nearby}?" if nearby else "correct it, or leave it out"
        raise DataError(
            f"{setting} is {named}, but {raw_folder(root)} lacks {', '.join(absent)}; expected the "
            f"four unpacked files of MNIST; {hint}\n{_ways_out()}"
        )
    return root


def _checked(root: Path) -> Path:
    """``root`` itself, if its four files are the published ones."""
    folder = raw_folder(root)
    absent = missing(root)
    if absent:
        raise DataError(
            f"{folder} lacks {', '.join(absent)}; expected the four unpacked files of MNIST\n"
            + _ways_out()
        )
    for name, published in FILES.items():
        found = _digest(folder / name)
        if found != published:
            raise DataError(
                f"{folder / name} is damaged, or not the published file: its SHA-256 digest is "
                f"{found}, expected {published}; delete it\n{_ways_out()}"
            )
    return root


def _ways_out() -> str:
    return WAYS_OUT.format(home=home())


def _digest(path: Path) -> str:
    """SHA-256 of a file, computed once per version of the file."""
    status = path.stat()
    return _digest_of(path, status.st_size, status.st_mtime_ns)


@functools.lru_cache(maxsize=64)
def _digest_of(path: Path, size: int, modified: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _timeout(seconds: float) -> Iterator[None]:
    """Give up on a server that is silent: torchvision itself waits for ever."""
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(seconds)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)


def _check_transform(transform: object) -> None:
    if transform is not None and not callable(transform):
        raise TypeError(
            f"transform is {_checks.described(transform)}; expected a function of one image, such as ToTensor(), "
            "or None"
        )


def _options(seed: int | None) -> dict[str, Any]:
    """What makes a `DataLoader` repeatable, and takes finished batches as they are."""
    seed = _random_seed() if seed is None else seed
    return {"generator": torch.Generator().manual_seed(seed), "collate_fn": _collate}


def _check_seed(seed: object) -> None:
    if seed is not None:
        _checks.seed(seed)


def _random_seed() -> int:
    return int(torch.randint(2**62, ()).item())


def _fast_datasets(root: Root) -> tuple[MNIST, MNIST]:
    root = locate(root)
    return _FastMNIST(root, train=True), _FastMNIST(root, train=False)


class _FastMNIST(MNIST):
    """MNIST with ``ToTensor()``, from which a `DataLoader` takes a whole batch in one step."""

    def __init__(self, root: Path, train: bool) -> None:
        super().__init__(root, train=train, transform=ToTensor())

    @property
    def raw_folder(self) -> str:
        return str(raw_folder(self.root))

    def __getitems__(self, indices: list[int]) -> Sequence[tuple[Tensor, int]]:
        plain = type(self.transform) is ToTensor and self.target_transform is None
        if not plain or min(indices) < 0:
            return [self[index] for index in indices]
        places = torch.tensor(indices)
        images = self.data.index_select(0, places).unsqueeze(1)  # faster than self.data[places]
        images = images.to(torch.get_default_dtype()).div_(255)
        return _Items(images, self.targets.index_select(0, places))


class _Items(Sequence[tuple[Tensor, int]]):
    """A finished batch that is still a sequence of items, for `Subset` and the default collate."""

    def __init__(self, images: Tensor, targets: Tensor) -> None:
        self.batch = (images, targets)

    def __len__(self) -> int:
        return len(self.batch[0])

    def __getitem__(self, index: Any) -> Any:
        images, targets = self.batch
        return images[index], int(targets[index])


def _collate(items: Sequence[tuple[Tensor, int]]) -> tuple[Tensor, Tensor]:
    """The batch itself where it is finished, else PyTorch's own way of making one."""
    return items.batch if isinstance(items, _Items) else default_collate(items)
