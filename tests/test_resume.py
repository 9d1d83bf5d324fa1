"""Training that is stopped goes on after its last finished epoch, and ends with the same bits."""

import contextlib
import gc
import random
import subprocess
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import tiny as tiny_data
import torch

from mnistlab import DataError, Run, Specification, runs, sources, train
from mnistlab.runs import store, training
from mnistlab.training import History

NETWORKS = [
    Specification("fully_connected", (784, 6, 10), epochs=5, learning_rate=0.1),
    Specification("convolutional", (2, 3, 10), epochs=5, learning_rate=0.1),
]
STATEFUL = [
    replace(NETWORKS[0], momentum=0.9),
    replace(NETWORKS[0], optimizer="adam", learning_rate=0.01, shift=2, images=200, passes=2),
]
"""Runs whose optimizer keeps something from one step to the next."""
both = pytest.mark.parametrize("specification", NETWORKS, ids=lambda one: one.network)
all_kinds = pytest.mark.parametrize("specification", [*NETWORKS, *STATEFUL], ids=str)


def run(specification: Specification) -> Run:
    return runs.run(specification, device="cpu")


def measured(history: History) -> dict[str, list[float]]:
    """The history without the durations, the only part that may differ."""
    return {name: numbers for name, numbers in asdict(history).items() if name != "seconds"}


def same_result(one: Run, other: Run) -> bool:
    """Whether history and weights of two runs agree to the last bit."""
    left, right = one.network.state_dict(), other.network.state_dict()
    return measured(one.history) == measured(other.history) and all(
        torch.equal(left[name], right[name]) for name in left
    )


def checkpoint_of(specification: Specification) -> Path:
    return sources.home() / "runs" / (runs.key(specification) + ".safetensors")


def interrupted(
    specification: Specification, monkeypatch: pytest.MonkeyPatch, epoch: int, batch: int
) -> Path:
    """The checkpoint of a run that was interrupted there, once."""
    with monkeypatch.context() as patch:
        interrupt_once(patch, epoch, batch)
        with pytest.raises(KeyboardInterrupt):
            run(specification)
    return checkpoint_of(specification)


finished: dict[Specification, Run] = {}
"""Runs that nothing has stopped; each is the same for all tests."""


@pytest.fixture
def uninterrupted(
    tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, specification: Specification
) -> Run:
    """The run as it comes out when nothing stops it, kept in another home folder."""
    if specification not in finished:
        with monkeypatch.context() as patch:
            patch.setenv("MNISTLAB_HOME", str(tmp_path / "another-home"))
            finished[specification] = run(specification)
    return finished[specification]


def interrupt_once(monkeypatch: pytest.MonkeyPatch, epoch: int, batch: int) -> None:
    """Press Ctrl-C, as it were, once: at this batch of this epoch."""
    seen = {"epoch": 0}

    def interrupted(network: Any, epochs: int, rate: float, loaders: Any, **options: Any) -> Any:
        seen["epoch"] += 1
        if seen["epoch"] == epoch:
            loaders = (Interrupting(loaders[0], batch), loaders[1])
        return train(network, epochs, rate, loaders, **options)

    monkeypatch.setattr(training, "train", interrupted)


class Interrupting:
    """A loader's batches up to a number, then Ctrl-C."""

    def __init__(self, loader: Any, batch: int) -> None:
        self.loader, self.batch = loader, batch

    def __iter__(self) -> Iterator[Any]:
        for number, batch in enumerate(self.loader, start=1):
            if number == self.batch:
                raise KeyboardInterrupt
            yield batch


@pytest.mark.fault(
    "Ctrl-C at any batch of a training",
    "The same command goes on after the last finished epoch, and ends with the same bits",
)
@all_kinds
@pytest.mark.parametrize("epoch", [1, 2, 5])
@pytest.mark.parametrize("batch", [1, 3])
def test_after_ctrl_c_a_run_goes_on_and_ends_with_the_same_bits(
    specification: Specification,
    uninterrupted: Run,
    epoch: int,
    batch: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        interrupt_once(patch, epoch, batch)
        with pytest.raises(KeyboardInterrupt):
            run(specification)
    assert not runs.is_stored(specification)
    assert checkpoint_of(specification).exists() is (epoch > 1)
    resumed = run(specification)
    assert same_result(resumed, uninterrupted)
    assert resumed.provenance["resumed_after"] == ([epoch - 1] if epoch > 1 else [])


@pytest.mark.parametrize(
    ("specification", "lost"),
    [
        *((network, lost) for network in NETWORKS for lost in ("weights", "generator", "history")),
        *((stateful, "optimizer") for stateful in STATEFUL),
    ],
    ids=str,
)
def test_the_comparison_sees_what_a_checkpoint_would_lose(
    specification: Specification,
    uninterrupted: Run,
    lost: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Planted faults: each part of a checkpoint, left out, changes the result."""
    path = interrupted(specification, monkeypatch, 3, 2)
    checkpoint = store.load(path)
    if lost == "weights":
        weights = specification.build().state_dict()
        checkpoint = replace(checkpoint, weights=weights)
    elif lost == "generator":
        state = torch.Generator().manual_seed(specification.seed).get_state()
        checkpoint = replace(checkpoint, generator=state)
    elif lost == "optimizer":
        checkpoint = replace(checkpoint, optimizer={})
    else:
        first = {name: numbers[:1] for name, numbers in asdict(checkpoint.history).items()}
        checkpoint = replace(checkpoint, history=History(**first))
    store.save(checkpoint, path)
    assert not same_result(run(specification), uninterrupted)


@pytest.mark.fault(
    "The checkpoint of a stopped training is damaged",
    "The training begins anew, and ends with the same numbers",
)
@pytest.mark.parametrize("damage", ["cut", "one bit", "empty", "of text"])
@pytest.mark.parametrize("specification", NETWORKS[:1], ids=lambda one: one.network)
def test_a_damaged_checkpoint_is_not_used(
    specification: Specification, uninterrupted: Run, damage: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = interrupted(specification, monkeypatch, 4, 2)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    damaged = {"cut": content[:-100], "one bit": content, "empty": b"", "of text": b"no checkpoint"}
    path.write_bytes(bytes(damaged[damage]))
    finished = run(specification)
    assert same_result(finished, uninterrupted)
    assert finished.provenance["resumed_after"] == [], "it began anew"


@pytest.mark.parametrize("specification", NETWORKS[:1], ids=lambda one: one.network)
def test_a_checkpoint_of_which_only_some_weights_fit_leaves_none_behind(
    specification: Specification, uninterrupted: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = interrupted(specification, monkeypatch, 3, 2)
    checkpoint = store.load(path)
    *_, last = checkpoint.weights
    weights = checkpoint.weights | {last: torch.zeros(11)}
    store.save(replace(checkpoint, weights=weights), path)
    finished = run(specification)
    assert finished.provenance["resumed_after"] == [], "it began anew"
    assert same_result(finished, uninterrupted)


@pytest.mark.fault(
    "Windows, which replaces no file that is mapped: a run with momentum or Adam goes on",
    "Nothing of the checkpoint stays mapped: it is replaced after the next epoch",
)
@pytest.mark.skipif(not Path("/proc/self/maps").exists(), reason="this system does not tell")
@pytest.mark.parametrize("specification", STATEFUL, ids=str)
def test_a_checkpoint_that_was_read_is_not_mapped_any_more(
    specification: Specification, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = interrupted(specification, monkeypatch, 3, 2)

    def mapped() -> bool:
        gc.collect()
        return str(path) in Path("/proc/self/maps").read_text()

    checkpoint = store.load(path)
    if not mapped():
        pytest.skip("this safetensors maps no file")
    del checkpoint
    network = specification.build()
    optimizer = specification.build_optimizer(network)
    training._resume(specification, path, network, optimizer, torch.Generator())
    assert optimizer.state_dict()["state"]
    assert not mapped()


@pytest.mark.parametrize("specification", NETWORKS, ids=lambda one: one.network)
def test_a_checkpoint_is_read_as_it_was_written(
    specification: Specification, tmp_path: Path
) -> None:
    network = specification.build().to(memory_format=torch.channels_last)
    history = History([0.1, 1 / 3], [0.5, 0.6], [2.0, 1.0], [0.5, 0.6], [0.1, 0.1])
    generator = torch.Generator().manual_seed(5).get_state()
    optimizer = {"0.exp_avg": torch.rand(3), "0.step": torch.tensor(7.0)}
    weights = store.weights_of(network)
    written = store.Stored(specification, history, weights, generator, optimizer, {"a": [1]})
    store.save(written, tmp_path / "a.safetensors")
    read = store.load(tmp_path / "a.safetensors")
    assert (read.specification, read.history, read.provenance) == (
        specification,
        history,
        {"a": [1]},
    )
    assert not read.finished
    assert torch.equal(read.generator, written.generator)
    for name, tensor in network.state_dict().items():
        assert torch.equal(read.weights[name], tensor)
    assert read.optimizer.keys() == optimizer.keys()
    assert all(torch.equal(read.optimizer[name], optimizer[name]) for name in optimizer)


# --- processes that are killed, and a disk that is full

LONG = Specification("convolutional", (4, 8, 10), epochs=40, learning_rate=0.1)

PROGRAM = f"""
import torch
from mnistlab import Specification, runs
torch.set_num_threads(1)
print("ready", flush=True)
runs.run({LONG!r}, device="cpu")
print("finished", flush=True)
"""


def killed_after(seconds: float) -> bool:
    """Run the program and kill it (SIGKILL) so long after it began; whether it had finished."""
    program = tiny_data.start(PROGRAM)
    assert program.stdout is not None
    assert program.stdout.readline() == "ready\n"
    time.sleep(seconds)
    program.kill()
    output, errors = program.communicate(timeout=30)
    assert not errors, errors
    return "finished" in output


@pytest.mark.fault(
    "kill -9 at any moment of a training", "The same command goes on, and ends with the same bits"
)
@pytest.mark.slow
@pytest.mark.parametrize("specification", [LONG], ids=["convolutional"])
def test_killed_at_random_moments_a_run_ends_with_the_same_bits(
    specification: Specification, uninterrupted: Run
) -> None:
    duration = sum(uninterrupted.history.seconds)
    random.seed(4)
    kills = [killed_after(random.uniform(0.05, 0.4) * duration) for _ in range(4)]
    assert not all(kills), "none came in time: nothing was tested"
    finished = run(specification)
    assert same_result(finished, uninterrupted)
    assert finished.provenance["resumed_after"], "it was resumed at least once"
    assert not list((sources.home() / "runs").glob("*.part"))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of one megabyte in memory, where the system lets us mount one."""
    folder = tmp_path / "small disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no program `mount`, so no small disk")
    if mounted.returncode:
        pytest.skip(f"a small disk can't be mounted here: {mounted.stderr.strip()}")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.fault(
    "The disk becomes full while a network is trained",
    "One line says which epochs are stored; with room, it goes on after them",
)
@pytest.mark.parametrize("specification", NETWORKS[:1], ids=lambda one: one.network)
def test_on_a_full_disk_a_run_stops_and_goes_on_when_there_is_room(
    specification: Specification,
    uninterrupted: Run,
    small_disk: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("MNISTLAB_HOME", str(small_disk))
    ballast = small_disk / "ballast"

    def filling(*arguments: Any, log: Any, **options: Any) -> Any:
        """The disk becomes full in the third epoch."""
        history = train(*arguments, log=log, **options)
        if len(history) == 3:
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1024))
        return history

    with monkeypatch.context() as patch:
        patch.setattr(training, "train", filling)
        with pytest.raises(
            DataError, match=r"No space left.*; epochs 1 to 2 are stored; make room"
        ):
            run(specification)
    assert sorted(path.suffix for path in (small_disk / "runs").iterdir()) == [
        ".lock",
        ".safetensors",
    ]
    with pytest.raises(DataError, match=r"No space left|can't be stored"):
        run(specification)
    ballast.unlink()
    finished = run(specification)
    assert same_result(finished, uninterrupted)
    assert finished.provenance["resumed_after"] == [2]
