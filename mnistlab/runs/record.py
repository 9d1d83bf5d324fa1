"""The record: both networks for a hundred epochs, with five seeds, trained once and kept here.

A build of the book cannot train for two hours, and one seed proves little. So these ten runs were made
once; their measurements are part of the package, one file for each run, with where it comes from. Of
seed 0 the weights after epochs 10 and 100 are kept too. The record is always about MNIST.

Every build trains the first ten epochs of seed 0 itself, and compares them with the recorded ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import safetensors.torch
from torch import nn

from mnistlab import _files, sources
from mnistlab.runs import store, training
from mnistlab.runs.specification import TASK_7, TASK_8, Specification
from mnistlab.runs.training import Run
from mnistlab.training import History

EPOCHS = 100
SEEDS = range(5)
KEPT = (10, EPOCHS)
"""Epochs after which the weights of seed 0 are kept."""

RECORDED = tuple(
    replace(task, epochs=EPOCHS, seed=seed) for task in (TASK_7, TASK_8) for seed in SEEDS
)
"""The specifications of the ten runs."""

FOLDER = Path(__file__).parents[1] / "recorded"
"""Where their files are."""


class RecordError(RuntimeError):
    """A file of the record is missing, or is not what it should be. The message says what to do."""


@dataclass(frozen=True)
class Recorded:
    """One recorded run.

    Attributes
    ----------
    specification : Specification
        What was trained.
    history : History
        What was measured after each of the hundred epochs.
    provenance : dict
        Where it comes from: data digests, versions, processor, threads, seconds, date.
    weights : dict of int to str
        SHA-256 digests of the files of weights, by epoch; empty but for seed 0.
    """

    specification: Specification
    history: History
    provenance: dict[str, Any]
    weights: dict[int, str]


def load(specification: Specification) -> Recorded:
    """The recorded run with this specification, its epochs left aside.

    Raises
    ------
    RecordError
        If it is not one of the ten, or its file is missing or damaged.
    """
    wanted = replace(specification, epochs=EPOCHS)
    if wanted not in RECORDED:
        raise RecordError(
            f"{wanted} is not one of the {len(RECORDED)} runs of the record; it has TASK_7 and "
            f"TASK_8 with the seeds {SEEDS[0]} to {SEEDS[-1]}"
        )
    path = file_of(wanted)
    try:
        content = json.loads(path.read_bytes())
        found, history, provenance = store.parse(content)
        weights = {int(epoch): digest for epoch, digest in content["weights"].items()}
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise RecordError(
            f"the record has no run {path.stem} that can be read ({error}); "
            "restore the file, or make it: python -m mnistlab record"
        ) from error
    if found != wanted or history.epochs != EPOCHS:
        raise RecordError(f"{path} is of another specification; restore the file")
    return Recorded(found, history, provenance, weights)


def histories(task: Specification) -> list[History]:
    """What was measured in the recorded runs of a task, one history for each seed that is there.

    Raises
    ------
    RecordError
        As `load`, and if there is none.
    """
    wanted = [replace(task, epochs=EPOCHS, seed=seed) for seed in SEEDS]
    absent = missing()
    there = [one for one in wanted if one not in absent]
    return [load(one).history for one in there or wanted]


def network(task: Specification, epoch: int) -> nn.Module:
    """The network of seed 0 with its weights after an epoch, 10 or 100.

    Raises
    ------
    ValueError
        If the weights after this epoch were not kept.
    RecordError
        If the file of weights is missing or damaged.
    """
    if epoch not in KEPT:
        raise ValueError(f"epoch is {epoch!r}; expected one of {', '.join(map(str, KEPT))}")
    specification = replace(task, epochs=EPOCHS, seed=0)
    path = weights_file(specification, epoch)
    content = path.read_bytes() if path.is_file() else b""
    if hashlib.sha256(content).hexdigest() != load(specification).weights.get(epoch):
        raise RecordError(f"{path} is missing or damaged; restore it: python -m mnistlab record")
    built = specification.build()
    built.load_state_dict(safetensors.torch.load(content))
    return built


def largest_differences(live: History, recorded: History) -> tuple[float, float]:
    """By how much a live run differs from its recorded line at most, over the epochs of both.

    Returns
    -------
    loss, accuracy : float
        Largest absolute difference of the test losses, in nats per image, and of the test
        accuracies, as a fraction.
    """
    pairs = zip(zip(*live, strict=True), zip(*recorded, strict=True), strict=False)
    gaps = [(abs(a[0] - b[0]), abs(a[1] - b[1])) for a, b in pairs]
    return max(gap for gap, _ in gaps), max(gap for _, gap in gaps)


# --- making it


def file_of(specification: Specification) -> Path:
    """The file of a recorded run."""
    sizes = "-".join(map(str, specification.sizes))
    return FOLDER / f"{specification.network}-{sizes}-seed-{specification.seed}.json"


def weights_file(specification: Specification, epoch: int) -> Path:
    """The file of a recorded run's weights after an epoch."""
    stem = file_of(specification).with_suffix("")
    return stem.with_name(f"{stem.name}-epoch-{epoch}.safetensors")


def missing() -> list[Specification]:
    """The runs of which the record has no file."""
    return [one for one in RECORDED if not file_of(one).exists()]


def make(specification: Specification, *, progress: bool = True) -> Run:
    """Train a run of the record on MNIST, or take it up where it was stopped, and write its file.

    Raises
    ------
    DataError
        If MNIST cannot be had, or the run cannot be kept.
    RecordError
        If a run is not as the record promises: cut by a preview, or trained elsewhere than on the
        CPU. And if the first ten epochs come out otherwise in a run of their own.
    """
    finished = _run(specification, progress)
    kept = {}
    if specification.seed == 0:
        for epoch in KEPT:
            part = _run(replace(specification, epochs=epoch), progress)
            _check_that_it_begins_so(finished.history, part.history)
            kept[epoch] = safetensors.torch.save(store.weights_of(part.network))
    content = {
        "specification": specification.values(),
        "provenance": finished.provenance,
        "weights": {epoch: hashlib.sha256(weights).hexdigest() for epoch, weights in kept.items()},
        "history": asdict(finished.history),
    }
    FOLDER.mkdir(exist_ok=True)
    for epoch, weights in kept.items():
        _files.write(weights_file(specification, epoch), weights)
    _files.write(file_of(specification), json.dumps(content, indent=1).encode())
    return finished


def _run(specification: Specification, progress: bool) -> Run:
    """A whole run on MNIST and the CPU."""
    finished = training.run(specification, source="mnist", device="cpu", progress=progress)
    if finished.specification != specification:
        raise RecordError(
            f"what was trained is {finished.specification}; expected {specification}: unset "
            "MNISTLAB_PREVIEW, which cuts runs to one epoch"
        )
    require_cpu(finished)
    return finished


def require_cpu(finished: Run) -> None:
    """Refuse a run on MNIST that was trained elsewhere: a stored one may have been.

    Raises
    ------
    RecordError
        If it was not trained on the CPU.
    """
    device = finished.provenance.get("device")
    if device != "cpu":
        raise RecordError(
            f"{training.key(finished.specification, source='mnist')} was trained on the device "
            f"{device}; expected cpu: set MNISTLAB_HOME to another folder, to train it anew"
        )


def faults() -> Iterator[str]:
    """What is wrong with the files of the record that are there, in words."""
    for specification in RECORDED:
        if file_of(specification).exists():
            yield from (
                f"{file_of(specification).name}: {fault}" for fault in _faults(specification)
            )


def _faults(specification: Specification) -> Iterator[str]:
    try:
        recorded = load(specification)
        for epoch in KEPT if specification.seed == 0 else ():
            network(specification, epoch)
    except RecordError as error:
        yield str(error)
        return
    if recorded.provenance.get("data") != sources.FILES:
        yield "its data are not the published files of MNIST"
    if recorded.provenance.get("arithmetic") != training.ARITHMETIC:
        yield f"its arithmetic is not {training.ARITHMETIC}, the package's"
    if recorded.provenance.get("device") != "cpu":
        yield "it was not trained on the CPU"


def _check_that_it_begins_so(whole: History, part: History) -> None:
    loss, accuracy = largest_differences(part, whole)
    if max(loss, accuracy) > 1e-4:
        raise RecordError(
            f"{len(part)} epochs by themselves differ from the first {len(part)} of the long run by "
            f"{loss:.1e} in the loss and {accuracy:.1e} in the accuracy; expected the same numbers"
        )
