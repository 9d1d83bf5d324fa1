"""Runs: a specification goes in; a trained network with its history and provenance comes out.

A run is trained once and kept in two files of the home folder, ``runs/<key>.json`` and
``runs/<key>.safetensors``; later it is loaded. The key is made of the specification,
the data, the version of torch and `ARITHMETIC`: all that determines the result up to rounding.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
import tempfile
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
import torchvision
from filelock import FileLock, Timeout
from safetensors import SafetensorError
from torch import nn

from mnistlab import _checks, _files, _layout, _torch, checkpoints, data, networks, sources
from mnistlab.checkpoints import Checkpoint
from mnistlab.training import History, Log, train

ARITHMETIC = 1
"""Raised by hand whenever a change to the package alters what a run computes."""

TEST_BATCH_SIZE = 250
"""Test images that are sent through a network at once; larger batches do not fit a processor's cache."""

CHECKPOINT = ".checkpoint"
"""Suffix of the file that keeps an unfinished run after each of its epochs."""

NETWORKS = {
    "fully_connected": networks.fully_connected,
    "convolutional": networks.convolutional,
}


@dataclass(frozen=True)
class Specification:
    """All that determines a run, besides the data and the versions of the libraries.

    Attributes
    ----------
    network : str
        ``"fully_connected"`` or ``"convolutional"``.
    sizes : tuple of int
        Its sizes: ``(D, K, O)`` or ``(Q1, Q2, O)``.
    epochs : int
        At least 1.
    learning_rate : float
        The step size η, above zero.
    batch_size : int
        The assignment's B.
    seed : int
        Fixes the initial parameters and the order of the training images.

    Raises
    ------
    TypeError, ValueError
        If a value is out of range, or the network is unknown.
    """

    network: str
    sizes: tuple[int, int, int]
    epochs: int = 10
    learning_rate: float = 0.01
    batch_size: int = 64
    seed: int = 0

    def __post_init__(self) -> None:
        if not isinstance(self.network, str) or self.network not in NETWORKS:
            raise ValueError(f"network is {self.network!r}; expected one of {', '.join(NETWORKS)}")
        if not isinstance(self.sizes, tuple) or len(self.sizes) != 3:
            raise TypeError(f"sizes is {self.sizes!r}; expected three whole numbers in a tuple")
        _checks.sizes(**{f"sizes[{i}]": size for i, size in enumerate(self.sizes)})
        _checks.sizes(epochs=self.epochs, batch_size=self.batch_size)
        rate = _checks.positive("learning_rate", self.learning_rate)
        object.__setattr__(self, "learning_rate", rate)  # 1 and 1.0 are one specification
        _checks.seed(self.seed)

    def build(self) -> nn.Module:
        """The network with its initial parameters, fixed by the seed; leaves the global generator alone."""
        with torch.random.fork_rng(devices=[]):
            torch.default_generator.manual_seed(self.seed)
            return NETWORKS[self.network](*self.sizes)

    @classmethod
    def read(cls, values: dict[str, Any]) -> Specification:
        """The specification that was written to JSON with ``dataclasses.asdict``, where a tuple is a list."""
        return cls(**{**values, "sizes": tuple(values["sizes"])})


TASK_7 = Specification("fully_connected", (784, 100, 10))
"""Task 7: the fully-connected network, K = 100, ten epochs, η = 0.01."""

TASK_8 = Specification("convolutional", (32, 64, 10))
"""Task 8: the convolutional network, Q1 = 32, Q2 = 64, ten epochs, η = 0.01."""

SMALL = Specification("convolutional", (10, 13, 10))
"""A harder exercise: network (b) with at most 10 000 parameters."""

BOOK = (TASK_7, TASK_8, SMALL)
"""The runs that the book's pages ask for."""


@dataclass(frozen=True, repr=False)
class Run:
    """A finished run.

    Attributes
    ----------
    specification : Specification
        What was asked for.
    history : History
        What was measured after each epoch.
    network : torch.nn.Module
        The trained network, on the CPU.
    provenance : dict
        Where it comes from: data digests, versions, device, threads, seconds, date.
    """

    specification: Specification
    history: History
    network: nn.Module
    provenance: dict[str, Any]

    def __repr__(self) -> str:
        loss, accuracy = self.history.test_loss[-1], self.history.test_accuracy[-1]
        return f"Run of {self.specification}: test loss {loss:.4f}, test accuracy {accuracy:.2%}"


def run(
    specification: Specification,
    *,
    root: sources.Root = None,
    source: str | None = None,
    device: str | torch.device | None = None,
    progress: bool = True,
) -> Run:
    """Load a run, or train and keep it if it has not been trained before.

    Parameters
    ----------
    specification : Specification
        Cut to one epoch, under a key of its own, while ``MNISTLAB_PREVIEW=1`` is set.
    root : path, optional
        Folder that has ``MNIST/raw``. Default: see `mnistlab.sources.locate`.
    source : str, optional
        ``"mnist"`` or ``"strokes"``. Default: see `mnistlab.sources.chosen`.
    device : str or torch.device, optional
        Where to train. Default: CUDA or MPS where there is one, else the CPU.
    progress : bool
        Show a progress bar if the standard error stream is a terminal.

    Returns
    -------
    Run

    Raises
    ------
    TypeError
        If ``specification`` is not one.
    ValueError
        If there is no such source.
    DataError
        If the data can't be had, or the run must be trained and the home folder can't be written.
    FloatingPointError
        If the loss is no longer finite.
    """
    specification = effective(specification)
    source = sources.chosen(source)
    root = sources.locate(root, source)
    path = _stem(specification, root, source)
    stored = _load(specification, path)
    if stored is None:
        with _lock(path):
            stored = _load(specification, path)  # another process may have trained it meanwhile
            if stored is None:
                stored = _train(specification, root, source, path, device, progress)
                _store(stored, path)
    return stored


def effective(specification: Specification) -> Specification:
    """The specification that is run: cut to one epoch in a preview, else as it is."""
    if not isinstance(specification, Specification):
        raise TypeError(
            f"specification is {_checks.described(specification)}; expected a Specification, such as TASK_7"
        )
    return replace(specification, epochs=1) if preview() else specification


def preview() -> bool:
    """Whether ``MNISTLAB_PREVIEW`` asks for runs of one epoch."""
    return os.environ.get("MNISTLAB_PREVIEW", "0") not in ("", "0")


def is_stored(
    specification: Specification, *, root: sources.Root = None, source: str | None = None
) -> bool:
    """Whether the run can be loaded: both its files are there."""
    path = _stem(effective(specification), root, source)
    return path.with_suffix(".json").is_file() and path.with_suffix(".safetensors").is_file()


def key(
    specification: Specification, *, root: sources.Root = None, source: str | None = None
) -> str:
    """Name of the run's files: readable, then a digest of all that determines the result."""
    source = sources.chosen(source)
    determinants = {
        "specification": asdict(specification),
        "data": sources.digests(root, source),
        "torch": torch.__version__.partition("+")[0],
        "arithmetic": ARITHMETIC,
    }
    text = json.dumps(determinants, sort_keys=True)
    sizes = "-".join(map(str, specification.sizes))
    name = (
        f"{specification.network}-{sizes}-epochs-{specification.epochs}-seed-{specification.seed}"
    )
    prefix = "" if source == "mnist" else f"{source}-"
    return f"{prefix}{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def loaders_of(
    specification: Specification, *, root: sources.Root = None, source: str | None = None
) -> data.Loaders:
    """The batches that a run is trained and tested on, as `mnistlab.data_loaders` gives them.

    Returns
    -------
    train, test : torch.utils.data.DataLoader
        Batches ``(images, targets)``: ``float32`` of shape ``(B, 1, 28, 28)`` in [0, 1], and
        ``int64`` of shape ``(B,)`` in 0 to 9. B is the specification's batch size, and for the
        test ``TEST_BATCH_SIZE``.

    Raises
    ------
    ValueError
        If there is no such source.
    DataError
        If the files can't be found, had or trusted.
    """
    return data.data_loaders(
        specification.batch_size,
        TEST_BATCH_SIZE,
        root=root,
        source=source,
        seed=specification.seed,
    )


def _stem(specification: Specification, root: sources.Root, source: str | None) -> Path:
    """The run's path in the home folder, to which ``.json`` and the like are added."""
    return sources.home() / "runs" / key(specification, root=root, source=source)


def _lock(path: Path) -> AbstractContextManager[object]:
    """One process trains a run; others wait and then load it."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path.parent):
            pass
        lock = FileLock(path.with_suffix(".lock"))
        try:
            return lock.acquire(timeout=0)
        except Timeout:
            print("another process is training this run: waiting for it", file=sys.stderr)
            return lock.acquire()
    except OSError as error:
        raise sources.DataError(
            f"runs can't be kept in {path.parent}: {error}; set MNISTLAB_HOME to a folder that can "
            "be written"
        ) from error


def _train(
    specification: Specification,
    root: Path,
    source: str,
    path: Path,
    device: str | torch.device | None,
    progress: bool,
) -> Run:
    """Train from the first epoch, or after the last one that an earlier attempt finished."""
    network = specification.build()
    loaders = loaders_of(specification, root=root, source=source)
    history, resumed_after = _resume(network, loaders[0].generator, path)
    log = Log(specification.epochs, loaders[0], progress, history)
    device = torch.device(device or _torch.best_device())
    trained = _layout.fast(network, device)
    for _ in range(len(history), specification.epochs):
        train(trained, 1, specification.learning_rate, loaders, device=device, log=log)
        weights, generator = checkpoints.weights_of(network), loaders[0].generator.get_state()
        values = asdict(specification)
        _keep(Checkpoint(values, history, weights, generator, resumed_after), path)
    provenance = {
        "source": source,
        "data": sources.digests(root, source),
        **_provenance(_torch.device_of(network), sum(history.seconds)),
        "resumed_after": resumed_after,
    }
    network.to("cpu", memory_format=torch.contiguous_format)
    return Run(specification, history, network, provenance)


def _resume(
    network: nn.Module, generator: torch.Generator, path: Path
) -> tuple[History, list[int]]:
    """Bring network and generator to where an earlier attempt was; its history, if there was one."""
    checkpoint = checkpoints.load(path.with_suffix(CHECKPOINT))
    if checkpoint is None:
        return History(), []
    network.load_state_dict(checkpoint.weights)
    generator.set_state(checkpoint.generator)
    return checkpoint.history, [*checkpoint.resumed_after, len(checkpoint.history)]


def _keep(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint; where that fails, say what is kept."""
    try:
        checkpoints.save(checkpoint, path.with_suffix(CHECKPOINT))
    except OSError as error:
        done = len(checkpoint.history) - 1
        kept = f"epochs 1 to {done} are kept" if done else "nothing was kept yet"
        raise sources.DataError(
            f"the run can't be kept in {path.parent}: {error}; {kept}; make room and run it again, "
            "or set MNISTLAB_HOME to another folder"
        ) from error


def _provenance(device: torch.device, seconds: float) -> dict[str, Any]:
    return {
        "arithmetic": ARITHMETIC,
        "versions": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "torchvision": torchvision.__version__,
        },
        "device": device.type,
        "processor": _processor(device),
        "threads": torch.get_num_threads(),
        "seconds": round(seconds, 1),
        "finished": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def _processor(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()}, {torch.backends.cpu.get_cpu_capability()}"


def _store(finished: Run, path: Path) -> None:
    """Write the weights, then the JSON file that vouches for them; each whole or not at all."""
    weights = safetensors.torch.save(checkpoints.weights_of(finished.network))
    record = {
        "specification": asdict(finished.specification),
        "history": asdict(finished.history),
        "provenance": finished.provenance,
        "weights": hashlib.sha256(weights).hexdigest(),
    }
    try:
        _files.write(path.with_suffix(".safetensors"), weights)
        _files.write(path.with_suffix(".json"), json.dumps(record, indent=1).encode())
        path.with_suffix(CHECKPOINT).unlink(missing_ok=True)
    except OSError as error:
        raise sources.DataError(
            f"the run can't be kept in {path.parent}: {error}; its epochs are kept; make room and "
            "run it again"
        ) from error


def _load(specification: Specification, path: Path) -> Run | None:
    """The stored run; ``None`` if there is none or its files are damaged, so that it is trained anew."""
    try:
        return stored(path, specification)
    except (OSError, ValueError):
        return None


def stored(path: Path, wanted: Specification | None = None) -> Run:
    """The run in two files of this path, to which ``.json`` and ``.safetensors`` are added.

    Raises
    ------
    OSError
        If one can't be read.
    ValueError
        If one is damaged, or the run is not the one that is wanted.
    """
    specification, history, provenance, digest = read(path.with_suffix(".json"))
    if wanted not in (None, specification):
        raise ValueError("it is a run of another specification")
    weights = path.with_suffix(".safetensors").read_bytes()
    if digest != hashlib.sha256(weights).hexdigest():
        raise ValueError("the weights are not those that were kept")
    try:
        network = specification.build()
        network.load_state_dict(safetensors.torch.load(weights))
    except (KeyError, SafetensorError, RuntimeError) as error:
        raise ValueError("the weights are not those of such a network") from error
    return Run(specification, history, network, provenance)


def read(path: Path) -> tuple[Specification, History, dict[str, Any], Any]:
    """What a JSON file says of a run: specification, history, provenance, digests of the weights.

    Raises
    ------
    OSError, ValueError
        If it can't be read, or is damaged.
    """
    content = json.loads(path.read_bytes())
    try:
        specification = Specification.read(content["specification"])
        history, provenance = content["history"], content["provenance"]
        weights = content["weights"]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if not isinstance(provenance, dict):
        raise ValueError("the provenance is not made of names and values")
    return specification, History.read(history, specification.epochs), provenance, weights
