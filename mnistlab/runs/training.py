"""A run: a specification goes in; a trained network with its history and provenance comes out."""

from __future__ import annotations

import hashlib
import json
import platform
import re
import sys
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import torch
import torchvision
from filelock import FileLock, Timeout
from torch import nn

from mnistlab import _layout, _threads, _torch, sources
from mnistlab.local import freeze_later, keep_tied
from mnistlab.runs import store
from mnistlab.runs.batches import loaders_of, seeded
from mnistlab.runs.specification import NETWORKS, Specification, effective
from mnistlab.runs.store import SUFFIX, Stored
from mnistlab.training import History, Log, train

ARITHMETIC = 1
"""Raised by hand whenever a change to the package alters what a run computes."""


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
    told: Callable[..., object] | None = None,
) -> Run:
    """Load a run, or train and store it if it has not been trained before.

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
    told : callable, optional
        Is called after each update of the training.

    Returns
    -------
    Run

    Raises
    ------
    TypeError
        If ``specification`` is not one.
    ValueError
        If there is no such source, or more training images are asked for than there are.
    DataError
        If the data cannot be had, or the run must be trained and the home folder cannot be written.
    FloatingPointError
        If the loss is no longer finite.
    """
    specification = effective(specification)
    source = sources.chosen(source)
    root = sources.locate(root, source)
    path = file_of(specification, root=root, source=source)
    finished = _load(specification, path)
    if finished is None:
        with _lock(path):
            finished = _load(specification, path)  # another process may have trained it meanwhile
            if finished is None:
                finished = _train(specification, root, source, path, device, progress, told)
    return finished


def is_stored(
    specification: Specification, *, root: sources.Root = None, source: str | None = None
) -> bool:
    """Whether the run is stored, with all its epochs, and can be loaded.

    Nothing is fetched or drawn for it: without the data no run of them can be loaded.

    Parameters
    ----------
    specification, root, source
        As for `run`.

    Raises
    ------
    TypeError
        If ``specification`` is not one.
    ValueError
        If there is no such source.
    DataError
        If the data are not in the folder that is named, or are not what they should be.
    """
    specification = effective(specification)
    if not sources.are_at_hand(root, source):
        return False
    return _load(specification, file_of(specification, root=root, source=source)) is not None


def key(
    specification: Specification, *, root: sources.Root = None, source: str | None = None
) -> str:
    """Name of the run's file: readable, then a digest of all that determines the result.

    That is the specification, the data, the version of torch, and `ARITHMETIC`; of a network that
    is not the package's own its layers too. For the data's digests the data are needed: they are
    fetched or drawn if they are not there.

    Raises
    ------
    ValueError
        If there is no such source.
    DataError
        If the data cannot be had.
    """
    source = sources.chosen(source)
    determinants = {
        "specification": specification.values(),
        "data": sources.digests(root, source),
        "torch": torch.__version__.partition("+")[0],
        "arithmetic": ARITHMETIC,
        **_layers(specification),
    }
    text = json.dumps(determinants, sort_keys=True)
    sizes = "-".join(map(str, specification.sizes))
    name = (
        f"{specification.network}-{sizes}-epochs-{specification.epochs}-seed-{specification.seed}"
    )
    prefix = "" if source == "mnist" else f"{source}-"
    return f"{prefix}{name}-{hashlib.sha256(text.encode()).hexdigest()[:12]}"


def _layers(specification: Specification) -> dict[str, Any]:
    """Of a network that is not the package's own, what may change under its name."""
    build = NETWORKS[specification.network]
    if (getattr(build, "__module__", "") or "").partition(".")[0] == "mnistlab":
        return {}  # a change is told by `ARITHMETIC`
    network = specification.build()
    _torch.check_network(network)
    shapes = {name: list(getattr(one, "shape", ())) for name, one in network.state_dict().items()}
    places = re.compile(r" at 0x[0-9a-fA-F]+")  # in memory
    return {"layers": places.sub("", repr(network)), "shapes": shapes}


def folder() -> Path:
    """Where runs are stored."""
    return sources.home() / "runs"


def file_of(
    specification: Specification, *, root: sources.Root = None, source: str | None = None
) -> Path:
    """The file in which the run is stored, or will be.

    Raises
    ------
    ValueError, DataError
        As `key`.
    """
    return folder() / (key(specification, root=root, source=source) + SUFFIX)


def load(path: Path, wanted: Specification | None = None) -> Stored:
    """Read a run, finished or not, as this version of the package or the one before stored it.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If it is damaged, or not the run that is wanted.
    """
    older = path.with_suffix(".json")
    stored = store.load_two_files(path, older) if older.exists() else store.load(path)
    if wanted not in (None, stored.specification):
        raise ValueError("it is a run of another specification")
    return stored


def _load(specification: Specification, path: Path) -> Run | None:
    """The finished run; ``None`` if there is none, or it is damaged, so that it is trained anew."""
    try:
        stored = load(path, specification)
        network = stored.network()
    except (OSError, ValueError):
        return None
    return (
        Run(specification, stored.history, network, stored.provenance) if stored.finished else None
    )


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
            f"runs can't be stored in {path.parent}: {error}; set MNISTLAB_HOME to a folder that can "
            "be written"
        ) from error


def _train(
    specification: Specification,
    root: Path,
    source: str,
    path: Path,
    device: str | torch.device | None,
    progress: bool,
    told: Callable[..., object] | None,
) -> Run:
    """Train from the first epoch, or after the last one that an earlier attempt finished."""
    network = specification.build()
    loaders = loaders_of(specification, root=root, source=source)
    device = torch.device(device or _torch.best_device())
    trained = _layout.fast(network, device).to(device)
    optimizer = specification.build_optimizer(trained)
    history, resumed_after = _resume(specification, path, network, optimizer, loaders[0].generator)
    each_pass = len(loaders[0]) // specification.passes
    done = history.epochs * len(loaders[0])
    if specification.tied:
        free = specification.free_rate or specification.learning_rate
        keep_tied(
            trained,
            optimizer,
            specification.tied * each_pass - done,
            faster=free / specification.learning_rate,
        )
    if specification.frozen is not None:
        freeze_later(trained, optimizer, specification.frozen * each_pass - done)
    log = Log(specification.epochs, loaders[0], progress, history, told)
    with _threads.suited_to(network):
        provenance = {
            "source": source,
            "data": sources.digests(root, source),
            **_provenance(device),
            "resumed_after": resumed_after,
        }
        for epoch in range(history.epochs, specification.epochs):
            with torch.random.fork_rng([device] if device.type == "cuda" else []):
                torch.manual_seed(seeded(specification.seed, f"epoch {epoch}").initial_seed())
                train(
                    trained, 1, specification.learning_rate, loaders,
                    device=device, log=log, optimizer=optimizer,
                )  # fmt: skip
            provenance["seconds"] = round(sum(history.seconds), 1)
            provenance["finished"] = datetime.now(UTC).isoformat(timespec="seconds")
            _save(
                specification, history, network, optimizer, loaders[0].generator, provenance, path
            )
    network.to("cpu", memory_format=torch.contiguous_format)
    return Run(specification, history, network, provenance)


def _resume(
    specification: Specification,
    path: Path,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    generator: torch.Generator,
) -> tuple[History, list[int]]:
    """Bring all three to where an earlier attempt was; its history, and where it was resumed before."""
    try:
        stored = load(path, specification)
        weights = stored.network().state_dict()  # all of them fit, or none is loaded
    except (OSError, ValueError):
        return History(), []
    if stored.finished:  # what was stored is whole, but of no use
        return History(), []
    network.load_state_dict(weights)
    store.restore_optimizer(optimizer, stored.optimizer)
    generator.set_state(stored.generator)
    return stored.history, [*stored.provenance.get("resumed_after", []), stored.history.epochs]


def _save(
    specification: Specification,
    history: History,
    network: nn.Module,
    optimizer: torch.optim.Optimizer,
    generator: torch.Generator,
    provenance: dict[str, Any],
    path: Path,
) -> None:
    """Store what there is after an epoch; where that fails, say what is stored."""
    stored = Stored(
        specification,
        history,
        store.weights_of(network),
        generator.get_state(),
        store.optimizer_state(optimizer),
        provenance,
    )
    try:
        store.save(stored, path)
        path.with_suffix(".json").unlink(missing_ok=True)  # of the older format
    except OSError as error:
        done = history.epochs - 1
        before = f"epochs 1 to {done} are stored" if done else "nothing was stored yet"
        raise sources.DataError(
            f"the run can't be stored in {path.parent}: {error}; {before}; make room and run it "
            "again, or set MNISTLAB_HOME to another folder"
        ) from error


def _provenance(device: torch.device) -> dict[str, Any]:
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
    }


def _processor(device: torch.device) -> str:
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    return f"{platform.machine()}, {torch.backends.cpu.get_cpu_capability()}"
