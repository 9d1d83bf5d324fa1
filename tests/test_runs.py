"""Runs: trained once, found again exactly when they would come out the same, never half a file."""

import errno
import functools
import json
import math
import multiprocessing
import os
import sys
import time
from contextlib import nullcontext
from dataclasses import FrozenInstanceError, asdict, replace
from multiprocessing.connection import Connection
from multiprocessing.sharedctypes import Synchronized
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import tiny as tiny_data
import torch
from torch import nn

from mnistlab import (
    TASK_7,
    TASK_8,
    DataError,
    Run,
    Specification,
    data_loaders,
    runs,
    sources,
    train,
)
from mnistlab.cli import _kept
from mnistlab.runs import store, training
from mnistlab.training import History, Log

SMALL = Specification("fully_connected", (784, 6, 10), epochs=2, learning_rate=0.1)
SMALL_B = Specification("convolutional", (2, 3, 10), epochs=1, learning_rate=0.1)


@pytest.fixture
def trainings(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> list[nn.Module]:
    """Every network that `runs` trains, in order."""
    trained: list[nn.Module] = []

    def counted(network: nn.Module, *args: Any, **options: Any) -> History:
        if all(network is not known for known in trained):  # once for each epoch
            trained.append(network)
        return train(network, *args, **options)

    monkeypatch.setattr(training, "train", counted)
    return trained


def run(specification: Specification = SMALL, **options: Any) -> Run:
    return runs.run(specification, device="cpu", **options)


def same_weights(one: nn.Module, other: nn.Module) -> bool:
    left, right = one.state_dict(), other.state_dict()
    return left.keys() == right.keys() and all(torch.equal(left[n], right[n]) for n in left)


def same(one: Run, other: Run) -> bool:
    """Whether two runs are the same one: bit for bit, durations and date included."""
    return (
        one.specification == other.specification
        and one.history == other.history
        and one.provenance == other.provenance
        and same_weights(one.network, other.network)
    )


def files(home: Path) -> list[str]:
    """What is kept, without the locks."""
    return sorted(path.name for path in (home / "runs").iterdir() if path.suffix != ".lock")


def stem(home: Path, specification: Specification = SMALL) -> Path:
    return home / "runs" / f"{runs.key(specification)}.safetensors"


# --- specifications


def test_the_runs_of_the_assignment() -> None:
    assert TASK_7.values() == {
        "network": "fully_connected", "sizes": (784, 100, 10), "epochs": 10,
        "learning_rate": 0.01, "batch_size": 64, "seed": 0,
    }  # fmt: skip
    assert TASK_8.values() == TASK_7.values() | {"network": "convolutional", "sizes": (32, 64, 10)}
    assert set(runs.BOOK) >= {TASK_7, TASK_8}


def test_a_specification_is_frozen_and_can_be_a_key() -> None:
    with pytest.raises(FrozenInstanceError):
        SMALL.epochs = 3
    assert {SMALL: 1}[replace(SMALL)] == 1


def test_the_seed_fixes_the_initial_parameters_and_nothing_else() -> None:
    state = torch.random.get_rng_state()
    built = replace(SMALL, seed=3).build()
    assert torch.equal(state, torch.random.get_rng_state())
    torch.manual_seed(3)
    assert same_weights(built, runs.NETWORKS[SMALL.network](*SMALL.sizes))
    assert not same_weights(built, SMALL.build())


@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        (
            {"network": "conv"},
            ValueError,
            "network is 'conv'; expected one of fully_connected, conv",
        ),
        ({"network": []}, ValueError, r"network is \[\]; expected one of"),
        (
            {"sizes": (784, 100)},
            TypeError,
            r"sizes is \(784, 100\); expected 3 whole .* \(D, K, O\)",
        ),
        ({"sizes": [784, 100, 10]}, TypeError, "expected 3 whole numbers in a tuple"),
        ({"sizes": (784, 0, 10)}, ValueError, r"sizes\[1\] is 0; expected at least 1"),
        ({"sizes": (784, 9.0, 10)}, TypeError, r"sizes\[1\] is 9.0; expected a whole number"),
        ({"epochs": 0}, ValueError, "epochs is 0; expected at least 1"),
        ({"epochs": 2.5}, TypeError, "epochs is 2.5; expected a whole number"),
        ({"batch_size": -1}, ValueError, "batch_size is -1; expected at least 1"),
        (
            {"learning_rate": 0.0},
            ValueError,
            "learning_rate is 0.0; expected a finite number above",
        ),
        ({"learning_rate": float("nan")}, ValueError, "learning_rate is nan; expected a finite"),
        ({"learning_rate": "fast"}, TypeError, "learning_rate is 'fast'; expected a number"),
        ({"seed": -1}, ValueError, "seed is -1; expected at least 0"),
        ({"seed": None}, TypeError, "seed is None; expected a whole number"),
        ({"images": 0}, ValueError, "images is 0; expected at least 1"),
        (
            {"images": 50_001, "split": "validation"},
            ValueError,
            "images is 50001; expected at most",
        ),
        ({"images": 60_001}, ValueError, "images is 60001; expected at most 60000, or None"),
        ({"passes": 0}, ValueError, "passes is 0; expected at least 1"),
        ({"permutation": -1}, ValueError, "permutation is -1; expected at least 0"),
        ({"permutation": 1, "block": 5}, ValueError, "block is 5; expected a divisor of 28"),
        ({"block": 7}, ValueError, "block is for a permutation of pixels; expected permutation="),
        ({"shift": 28}, ValueError, "shift is 28; expected less than 28 pixels"),
        ({"split": "valid"}, ValueError, "split is 'valid'; expected 'test' or 'validation'"),
        ({"optimizer": "Adam"}, ValueError, "optimizer is 'Adam'; expected 'sgd' or 'adam'"),
        ({"momentum": 1.0}, ValueError, "momentum is 1.0; expected a number from 0 to below 1"),
        ({"momentum": 0.9, "optimizer": "adam"}, ValueError, "momentum is for the optimizer 'sgd'"),
        ({"betas": (0.5, 0.9)}, ValueError, "betas are for the optimizer 'adam'"),
        ({"moved": 28}, ValueError, "moved is 28; expected less than 28 pixels"),
        ({"noise": -0.1}, ValueError, "noise is -0.1; expected"),
        ({"noise": "much"}, TypeError, "noise is 'much'; expected"),
        ({"betas": (0.9, 1.0)}, ValueError, r"betas\[1\] is 1.0; expected a number from 0 to"),
        ({"betas": 0.9}, TypeError, "betas is 0.9; expected two numbers in a tuple"),
        ({"frozen": 1}, ValueError, "frozen is for convolutions, and .*'fully_connected' has none"),
        (
            {"network": "untied", "tied": 2, "free_rate": 0.5},
            ValueError,
            "tied is 2, of 2 passes in all, so no kernel comes free; make it smaller, or leave free_r",
        ),
        ({"labels": "none"}, ValueError, "labels is 'none'; expected 'true' or 'random'"),
    ],
    ids=lambda one: str(one) if isinstance(one, dict) else "",
)
def test_a_bad_specification_is_named(
    bad: dict[str, Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        replace(SMALL, **bad)


@pytest.mark.parametrize("ask", [runs.run, runs.is_stored, runs.effective])
@pytest.mark.parametrize("bad", [None, "convolutional", {"network": "convolutional"}], ids=repr)
def test_what_is_no_specification_is_named(ask: Any, bad: Any) -> None:
    with pytest.raises(TypeError, match=r"specification is .*; expected a Specification, such as"):
        ask(bad)


# --- the key


def determinants() -> dict[str, Any]:
    fields = {
        "network": "convolutional", "sizes": (784, 7, 10), "epochs": 3, "learning_rate": 0.11,
        "batch_size": 65, "seed": 1, "images": 200, "passes": 2, "permutation": 0, "block": 14,
        "shift": 1, "moved": 1, "noise": 0.1, "split": "validation", "optimizer": "adam", "momentum": 0.5,
        "betas": (0.5, 0.9), "labels": "random",
        "tied": 1, "frozen": 1, "free_rate": 0.5,
    }  # fmt: skip
    assert fields.keys() == asdict(SMALL).keys(), "every field is tried"
    return fields


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize(("field", "value"), determinants().items())
def test_the_key_changes_with_every_part_of_the_specification(field: str, value: object) -> None:
    needed = {
        "block": {"permutation": 1},
        "betas": {"optimizer": "adam"},
        "tied": {"network": "untied"},
        "free_rate": {"network": "untied", "tied": 1},
        "frozen": {"network": "convolutional"},
    }
    base = replace(SMALL, **needed.get(field, {}))
    assert runs.key(replace(base, **{field: value})) != runs.key(base) == runs.key(replace(base))


@pytest.mark.fault(
    "The data or torch are others than when a run was stored",
    "The stored run is not taken for it: it has another key",
)
@pytest.mark.parametrize("changed", ["data", "torch", "arithmetic"])
def test_the_key_changes_with_what_else_determines_the_result(
    changed: str, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = runs.key(SMALL)
    if changed == "data":
        other = sources.digests() | {"train-labels-idx1-ubyte": "0" * 64}
        monkeypatch.setattr(sources, "digests", lambda root=None, source=None: other)
    elif changed == "torch":
        monkeypatch.setattr(torch, "__version__", "99.0.0")
    else:
        monkeypatch.setattr(training, "ARITHMETIC", runs.ARITHMETIC + 1)
    assert runs.key(SMALL) != before


def test_the_key_is_that_of_the_same_numbers_on_another_machine(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    version = torch.__version__.partition("+")[0]
    keys = set()
    for build in ("", "+cpu", "+cu130"):
        monkeypatch.setattr(torch, "__version__", version + build)
        keys.add(runs.key(SMALL))
    monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path / "elsewhere"))
    keys |= {runs.key(SMALL), runs.key(SMALL, root=tiny)}
    assert len(keys) == 1
    for field, base in (
        ("learning_rate", SMALL), ("noise", SMALL),
        ("free_rate", replace(SMALL, network="untied", tied=1)),
    ):  # fmt: skip
        whole, broken = (replace(base, **{field: value}) for value in (1, 1.0))
        assert whole == broken
        assert runs.key(whole) == runs.key(broken)
    adam = replace(SMALL, optimizer="adam")
    whole, broken = (replace(adam, betas=(zero, 0.999)) for zero in (0, 0.0))
    assert runs.key(whole) == runs.key(broken)


def test_whether_kernels_can_be_frozen_is_asked_of_the_network_and_of_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Also of one that is registered; before data are needed, and without a random number."""
    state = torch.random.get_rng_state()
    monkeypatch.setitem(runs.NETWORKS, "mine", lambda K: nn.Sequential(nn.Conv2d(1, K, 28)))
    assert Specification("mine", (10,), frozen=1).frozen == 1
    monkeypatch.setitem(runs.NETWORKS, "mine", lambda K: nn.Sequential(nn.Linear(784, K)))
    with pytest.raises(ValueError, match=r"frozen is for convolutions, and .*'mine' has none"):
        Specification("mine", (10,), frozen=1)
    assert torch.equal(state, torch.random.get_rng_state())


def test_in_a_preview_kernels_that_were_to_come_free_stay_tied(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    tied = replace(SMALL, network="untied", tied=1)
    monkeypatch.setenv("MNISTLAB_PREVIEW", "1")
    assert runs.effective(replace(tied, free_rate=0.5)) == replace(tied, epochs=1)


def test_the_keys_of_the_packages_networks_stay_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(torch, "__version__", "0")
    monkeypatch.setattr(sources, "digests", lambda root=None, source=None: {})
    assert [runs.key(one) for one in (TASK_7, Specification("untied", (2, 3, 10)))] == [
        "fully_connected-784-100-10-epochs-10-seed-0-8d92bb5f5c66",
        "untied-2-3-10-epochs-10-seed-0-dd1cad08e783",
    ]


def mine(activation: type[nn.Module]) -> Any:
    return lambda K: nn.Sequential(nn.Flatten(), nn.Linear(784, K), activation(), nn.Linear(K, 10))


@pytest.mark.fault(
    "A network that a program has registered is changed, and registered by the same name",
    "The stored run of the network that it was is not taken for its own",
)
def test_a_registered_network_that_was_changed_is_trained_anew(
    trainings: list[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    for build in (
        mine(nn.Tanh),
        mine(nn.ReLU),
        mine(nn.Tanh),
        lambda K: nn.Sequential(*mine(nn.Tanh)(K), nn.Linear(10, 10)),
    ):
        monkeypatch.setitem(runs.NETWORKS, "mine", build)
        assert repr(run(Specification("mine", (8,), epochs=1)).network) == repr(build(8))
    assert len(trainings) == 3, "the third is the first one again"


@pytest.mark.usefixtures("tiny")
def test_the_key_of_a_registered_network_is_the_same_in_each_session(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What stands in a description for a place in memory is no part of the network."""

    class Applied(nn.Flatten):
        def __init__(self) -> None:
            super().__init__()
            self.something = object()

        def extra_repr(self) -> str:
            return repr(self.something)

    kept = [nn.Sequential(Applied(), nn.Linear(784, 10)) for _ in range(2)]
    assert repr(kept[0]) != repr(kept[1])
    keys = set()
    for one in kept:
        monkeypatch.setitem(runs.NETWORKS, "mine", functools.partial(lambda one, K: one, one))
        keys.add(runs.key(Specification("mine", (8,))))
    assert len(keys) == 1


@pytest.mark.usefixtures("tiny")
def test_the_key_can_be_read() -> None:
    assert runs.key(SMALL).startswith("fully_connected-784-6-10-epochs-2-seed-0-")
    assert "." not in runs.key(SMALL), "a suffix is added to it"


# --- trained once, then loaded


@pytest.mark.parametrize("specification", [SMALL, SMALL_B], ids=["a", "b"])
def test_a_run_is_trained_once_and_then_loaded(
    specification: Specification, trainings: list[nn.Module], own_home: Path
) -> None:
    assert not runs.is_stored(specification)
    first = run(specification)
    assert runs.is_stored(specification)
    second = run(specification)
    assert len(trainings) == 1
    assert same(first, second)
    assert first.network is not second.network
    assert first.network.training == second.network.training
    key = runs.key(specification)
    assert files(own_home) == [f"{key}.safetensors"]


@pytest.mark.parametrize("specification", [replace(SMALL, seed=3), SMALL_B], ids=["a", "b"])
def test_a_run_is_what_train_gives_up_to_rounding(specification: Specification, tiny: Path) -> None:
    network = specification.build()
    loaders = data_loaders(specification.batch_size, root=tiny, seed=specification.seed)
    losses, accuracies = train(
        network, specification.epochs, specification.learning_rate, loaders, device="cpu"
    )
    finished = run(specification)
    assert finished.specification == specification
    assert finished.history.test_loss == pytest.approx(losses, rel=1e-6)
    assert finished.history.test_accuracy == accuracies
    for name, tensor in network.state_dict().items():
        torch.testing.assert_close(finished.network.state_dict()[name], tensor)


@pytest.mark.usefixtures("tiny")
def test_a_run_can_be_made_in_float64_too() -> None:
    torch.set_default_dtype(torch.float64)
    try:
        finished = run(replace(SMALL_B, epochs=1))
    finally:
        torch.set_default_dtype(torch.float32)
    assert next(finished.network.parameters()).dtype == torch.float64


@pytest.mark.usefixtures("tiny")
def test_what_is_stored_can_be_read_without_the_package(own_home: Path) -> None:
    finished = run(SMALL_B)
    with safetensors.safe_open(stem(own_home, SMALL_B), "pt") as file:
        stored = json.loads(file.metadata()["run"])
        weights = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    assert stored["specification"] == SMALL_B.values() | {"sizes": list(SMALL_B.sizes)}
    assert stored["history"] == asdict(finished.history)
    assert stored["provenance"] == finished.provenance
    for name, tensor in finished.network.state_dict().items():
        assert tensor.device.type == "cpu"
        assert tensor.is_contiguous()
        assert torch.equal(tensor, weights[f"network.{name}"])


@pytest.mark.usefixtures("tiny")
def test_provenance_says_where_a_run_comes_from() -> None:
    finished = run()
    provenance = finished.provenance
    assert provenance["data"] == sources.FILES
    assert provenance["arithmetic"] == runs.ARITHMETIC
    assert provenance["versions"]["torch"] == torch.__version__
    assert provenance["versions"].keys() == {"python", "torch", "torchvision"}
    assert provenance["device"] == "cpu"
    assert provenance["threads"] == torch.get_num_threads()
    assert provenance["seconds"] == pytest.approx(sum(finished.history.seconds), abs=0.051)
    assert provenance["finished"].startswith("20")
    assert provenance["processor"]


def test_a_run_that_would_come_out_otherwise_is_trained_anew(
    trainings: list[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    run()
    monkeypatch.setattr(training, "ARITHMETIC", runs.ARITHMETIC + 1)
    run()
    run(replace(SMALL, seed=1))
    assert len(trainings) == 3


def test_the_data_may_be_named(
    trainings: list[nn.Module], tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MNISTLAB_DATA")
    first = run(root=tiny)
    assert runs.is_stored(SMALL, root=tiny)
    assert same(first, run(root=str(tiny)))
    assert len(trainings) == 1


@pytest.mark.parametrize("source", sources.SOURCES)
def test_whether_a_run_is_stored_is_told_without_fetching_or_drawing(
    source: str, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("fetch", "_draw"):
        monkeypatch.setattr(sources, name, lambda *_: pytest.fail("this must not be called"))
    assert not runs.is_stored(SMALL, source=source)
    assert not own_home.exists()


def test_with_a_wrong_name_of_the_data_no_run_is_said_to_be_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(DataError, match="root is"):
        runs.is_stored(SMALL, root=tmp_path)
    monkeypatch.setenv("MNISTLAB_DATA", str(tmp_path))
    with pytest.raises(DataError, match="MNISTLAB_DATA is"):
        runs.is_stored(SMALL)


def test_without_mnist_nothing_is_trained(trainings: list[nn.Module], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Three ways out"):
        run(root=tmp_path)
    assert trainings == []


def test_a_training_that_fails_keeps_nothing(trainings: list[nn.Module], own_home: Path) -> None:
    wild = replace(SMALL_B, learning_rate=1e38)
    for _ in range(2):
        with pytest.raises(FloatingPointError, match="epoch 1, batch"):
            run(wild)
    assert files(own_home) == []
    assert len(trainings) == 2, "the lock is free again"


# --- previews


@pytest.mark.parametrize(
    ("value", "preview"), [(None, False), ("", False), ("0", False), ("1", True), ("yes", True)]
)
def test_what_asks_for_a_preview(
    value: str | None, preview: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if value is not None:
        monkeypatch.setenv("MNISTLAB_PREVIEW", value)
    assert runs.preview() is preview
    assert runs.effective(SMALL) == (replace(SMALL, epochs=1) if preview else SMALL)


def test_a_preview_is_one_epoch_and_never_mixed_with_a_real_run(
    trainings: list[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTLAB_PREVIEW", "1")
    preview = run()
    assert len(preview.history) == preview.specification.epochs == 1
    assert runs.is_stored(SMALL)
    assert same(preview, run())
    monkeypatch.setenv("MNISTLAB_PREVIEW", "0")
    assert not runs.is_stored(SMALL)
    real = run()
    assert len(real.history) == real.specification.epochs == 2
    assert len(trainings) == 2
    monkeypatch.setenv("MNISTLAB_PREVIEW", "1")
    assert same(preview, run())


# --- damage


def damage_bytes(change: Any) -> Any:
    def damage(path: Path) -> None:
        path.write_bytes(change(path.read_bytes()))

    return damage


def damage_metadata(change: Any) -> Any:
    """Change what the file says of the run, with a digest that fits."""

    def damage(path: Path) -> None:
        tensors, metadata = store._read(path)
        text = json.dumps(change(json.loads(metadata["run"])))
        digest = store._digest(text, tensors)
        content = safetensors.torch.save(tensors, {"run": text, "sha256": digest})
        path.write_bytes(content)

    return damage


def with_history(**changes: Any) -> Any:
    return damage_metadata(lambda stored: {**stored, "history": stored["history"] | changes})


DAMAGE = {
    "empty": damage_bytes(lambda content: b""),
    "truncated": damage_bytes(lambda content: content[:-4]),
    "not text": damage_bytes(lambda content: b"\xff" + content),
    "one bit of the weights": damage_bytes(lambda content: content[:-1] + bytes([content[-1] ^ 1])),
    "one digit of the history": damage_bytes(
        lambda content: content.replace(b"test_loss", b"test_lass")
    ),
    "no metadata": lambda path: path.write_bytes(
        safetensors.torch.save(SMALL.build().state_dict())
    ),
    "a list": damage_metadata(lambda stored: [stored]),
    "without provenance": damage_metadata(lambda stored: (stored.pop("provenance"), stored)[1]),
    "history uneven": with_history(test_loss=[1.0]),
    "history empty": damage_metadata(lambda stored: {**stored, "history": {}}),
    "history a number": with_history(test_loss=1.0),
    "history with more": with_history(more=[]),
    "history of text": with_history(seconds=["1", "2"]),
    "history of nothing": with_history(test_loss=[None, None]),
    "history not finite": with_history(test_loss=[1.0, math.nan]),
    "history too large": with_history(test_loss=[1.0, 10**400]),
    "history of truths": with_history(test_loss=[1.0, True]),
    "history a list": damage_metadata(lambda stored: {**stored, "history": []}),
    "provenance a list": damage_metadata(lambda stored: {**stored, "provenance": []}),
    "another specification": damage_metadata(
        lambda stored: {**stored, "specification": stored["specification"] | {"seed": 1}}
    ),
    "fewer epochs than it has": damage_metadata(
        lambda stored: {**stored, "specification": stored["specification"] | {"epochs": 1}}
    ),
}


@pytest.mark.fault("A stored run is damaged", "It is trained anew and mended")
@pytest.mark.parametrize("damage", DAMAGE)
def test_a_damaged_run_is_trained_anew_and_mended(
    damage: str, trainings: list[nn.Module], own_home: Path
) -> None:
    first = run()
    DAMAGE[damage](stem(own_home))
    assert not runs.is_stored(SMALL)
    assert _kept.read(runs.key(SMALL), SMALL).state == "damaged", "as the command line sees it"
    second = run()
    assert len(trainings) == 2
    assert [*second.history] == [*first.history]
    assert same_weights(first.network, second.network)
    assert same(second, run())
    assert len(trainings) == 2


@pytest.mark.fault(
    "A stored run is renamed to the name of another", "It is not taken for the other"
)
def test_the_run_of_another_specification_is_not_taken(
    trainings: list[nn.Module], own_home: Path
) -> None:
    run()
    run(SMALL_B)
    stem(own_home, SMALL_B).replace(stem(own_home))
    assert _kept.read(runs.key(SMALL), SMALL).state == "damaged"
    run()
    assert len(trainings) == 3


def test_weights_of_other_sizes_are_damage_everywhere(
    trainings: list[nn.Module], own_home: Path
) -> None:
    """A digest that fits, for weights that do not fit the network."""
    run()
    weights = replace(SMALL, sizes=(784, 5, 10)).build().state_dict()
    store.save(replace(store.load(stem(own_home)), weights=weights), stem(own_home))
    assert _kept.read(runs.key(SMALL)).state == "damaged"
    run()
    assert len(trainings) == 2


# --- as version 0.1 stored runs


def store_as_before(finished: Run, path: Path) -> None:
    """Two files: the weights alone, and JSON that vouches for them."""
    weights = safetensors.torch.save(store.weights_of(finished.network))
    path.write_bytes(weights)
    values = {
        "specification": finished.specification.values(),
        "history": asdict(finished.history),
        "provenance": finished.provenance,
        "weights": tiny_data.digest(weights),
    }
    path.with_suffix(".json").write_text(json.dumps(values), encoding="utf-8")


def test_a_run_that_an_older_version_stored_is_loaded(
    trainings: list[nn.Module], own_home: Path
) -> None:
    finished = run()
    store_as_before(finished, stem(own_home))
    assert runs.is_stored(SMALL)
    assert same(run(), finished)
    assert _kept.read(runs.key(SMALL), SMALL).state == "finished"
    assert len(trainings) == 1


@pytest.mark.fault("A run that an older version stored is damaged", "It is trained anew")
@pytest.mark.parametrize("damage", ["weights", "weights missing", "JSON", "JSON missing"])
def test_a_damaged_run_of_an_older_version_is_trained_anew(
    damage: str, trainings: list[nn.Module], own_home: Path
) -> None:
    path = stem(own_home)
    store_as_before(run(), path)
    damaged = path if damage.startswith("weights") else path.with_suffix(".json")
    if damage.endswith("missing"):
        damaged.unlink()
    else:
        damaged.write_bytes(damaged.read_bytes()[:-4])
    assert _kept.read(runs.key(SMALL), SMALL).state == "damaged"
    second = run()
    assert len(trainings) == 2
    assert same(second, run())
    assert files(own_home) == [path.name], "in the format of this version"


# --- whole or not at all


@pytest.mark.parametrize("epoch", [1, 2])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_file_that_cannot_be_written_leaves_what_was_there(
    step: str, epoch: int, trainings: list[nn.Module], own_home: Path
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        sync, replace_file, seen = os.fsync, Path.replace, []

        def full_disk(descriptor: int) -> None:
            seen.append(descriptor)
            if len(seen) == epoch:
                raise OSError(errno.ENOSPC, "No space left on device")
            sync(descriptor)

        def refused(path: Path, target: Path) -> Path:
            seen.append(target)
            if len(seen) == epoch:
                raise PermissionError(errno.EACCES, "Permission denied")
            return replace_file(path, target)

        patch.setattr(os, "fsync", full_disk) if step == "fsync" else None
        patch.setattr(Path, "replace", refused) if step == "replace" else None
        with pytest.raises(
            DataError, match=r"the run can't be stored in .*runs: .*(No space|denied)"
        ):
            run()
    assert stem(own_home).exists() is (epoch == 2)
    assert not runs.is_stored(SMALL)
    resumed = run()
    assert same(resumed, run())
    assert resumed.provenance["resumed_after"] == ([1] if epoch == 2 else [])
    assert not [name for name in files(own_home) if name.endswith(".part")]


# Processes are forked: they need not import PyTorch again, and they do not compute, which a forked
# process could not do everywhere.
needs_fork = pytest.mark.skipif(sys.platform != "linux", reason="processes are forked")
ignore_fork = pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
STAND_IN = History([2.0, 1.0], [0.5, 0.6], [2.0, 1.0], [0.5, 0.6], [0.1, 0.1])


def stand_in_for_train(*arguments: object, log: Log, **options: object) -> None:
    """One epoch of `STAND_IN`, without computing."""
    done = len(log.history)
    for numbers, known in zip(asdict(log.history), asdict(STAND_IN).values(), strict=True):
        getattr(log.history, numbers).append(known[done])


def run_until(place: str, reached: Connection) -> None:
    """Ask for a run, but stop for ever while training or while writing one of its files."""
    calls = 0

    def stop(*arguments: object, **options: object) -> None:
        nonlocal calls
        calls += 1
        if calls == {"training": 1, "first epoch": 1, "last epoch": 2}[place]:
            reached.send(place)
            time.sleep(60)

    if place == "training":
        training.train = stop
    else:
        training.train = stand_in_for_train
        os.fsync = stop
    run()


@needs_fork
@ignore_fork
@pytest.mark.parametrize("place", ["training", "first epoch", "last epoch"])
def test_a_process_killed_in_the_middle_leaves_no_half_run(
    place: str, trainings: list[nn.Module], own_home: Path
) -> None:
    fork = multiprocessing.get_context("fork")
    here, there = fork.Pipe()
    process = fork.Process(target=run_until, args=(place, there))
    process.start()
    assert here.poll(30)
    assert here.recv() == place
    process.kill()
    process.join()
    assert stem(own_home).exists() is (place == "last epoch")
    assert not runs.is_stored(SMALL)
    first, second = run(), run()
    assert same(first, second)
    kept = first.history.test_loss[0] == STAND_IN.test_loss[0]
    assert kept is (place == "last epoch"), "finished epochs are stored"
    assert files(own_home) == [f"{runs.key(SMALL)}.safetensors"]


def run_at_once(start: Barrier, trainings: Synchronized, locked: bool) -> None:
    """Ask for a run at the same moment as the others; count the trainings."""

    def slow(*arguments: object, log: Log, **options: object) -> None:
        with trainings.get_lock():
            trainings.value += not log.history
        time.sleep(0.2)
        stand_in_for_train(log=log)

    training.train = slow
    if not locked:
        training._lock = lambda path: nullcontext(path.parent.mkdir(parents=True, exist_ok=True))
    start.wait(30)
    assert run().history == STAND_IN


@pytest.mark.fault(
    "Several notebooks ask for the same run at once", "One trains, the others wait and load"
)
@needs_fork
@ignore_fork
@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("locked", [True, False], ids=["locked", "planted fault: no lock"])
def test_processes_that_ask_at_once_train_once(locked: bool) -> None:
    fork = multiprocessing.get_context("fork")
    start, trainings = fork.Barrier(3), fork.Value("i", 0)
    processes = [
        fork.Process(target=run_at_once, args=(start, trainings, locked)) for _ in range(3)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert (trainings.value == 1) is locked
    if locked:
        assert [process.exitcode for process in processes] == [0, 0, 0]


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_two_programs_that_ask_at_once_train_once() -> None:
    code = f"""
import json, sys, time
from mnistlab import Specification, runs
from mnistlab.runs import training

def slow(*arguments, train=training.train, log, **options):
    if not log.history:
        print("trained")
        time.sleep(1)
    return train(*arguments, log=log, **options)

training.train = slow
print("ready", flush=True)
sys.stdin.readline()
finished = runs.run({SMALL!r}, device="cpu")
print(json.dumps([finished.history.test_loss, finished.provenance]))
"""
    programs = [tiny_data.start(code) for _ in range(2)]
    for program in programs:
        assert program.stdout.readline() == "ready\n"
    for program in programs:
        program.stdin.write("go\n")
        program.stdin.flush()
    outputs = [program.communicate(timeout=60) for program in programs]
    assert [program.returncode for program in programs] == [0, 0], outputs
    lines = [output.splitlines() for output, _ in outputs]
    assert sorted(map(len, lines)) == [1, 2], "one has trained, the other has waited and loaded"
    assert lines[0][-1] == lines[1][-1]


# --- a home folder that can't be written


@pytest.mark.fault(
    "Runs can't be stored where they should be", "One line, before anything is trained"
)
def test_a_file_in_the_way_of_the_home_folder_is_named_before_training(
    trainings: list[nn.Module], own_home: Path
) -> None:
    own_home.mkdir()
    (own_home / "runs").write_text("in the way", encoding="utf-8")
    with pytest.raises(
        DataError, match=r"can't be stored in .*runs: .*; set MNISTLAB_HOME to a folder"
    ):
        run()
    assert trainings == []


def test_a_folder_that_is_read_only_is_named_before_training_but_can_be_loaded_from(
    trainings: list[nn.Module], monkeypatch: pytest.MonkeyPatch
) -> None:
    stored = run()

    def refuse(*arguments: object, **options: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(training.tempfile, "TemporaryFile", refuse)  # a mode would not stop root
    assert same(stored, run())
    with pytest.raises(
        DataError, match=r"Permission denied; set MNISTLAB_HOME to a folder that can"
    ):
        run(SMALL_B)
    assert len(trainings) == 1


# --- what a run computes

PINNED = {
    Specification("fully_connected", (784, 16, 10), 2, 0.1): {
        "test_loss": [2.2269975, 2.1690594],
        "test_accuracy": [0.17, 0.27],
        "train_loss": [2.2744442, 2.1977929],
        "train_accuracy": [35 / 300, 77 / 300],
    },
    Specification("convolutional", (4, 8, 10), 2, 0.1): {
        "test_loss": [2.2826651, 2.2574013],
        "test_accuracy": [0.26, 0.32],
        "train_loss": [2.2986041, 2.2736365],
        "train_accuracy": [43 / 300, 62 / 300],
    },
}
"""Computed with torch 2.15 on x86-64, ARITHMETIC 1. Other versions and processors differ by
rounding, about 1e-7 here, as long as `torch.manual_seed` gives the same random numbers."""

PINNED_DATA = "a9a3f8eb9787db06f9769394f2fc52b587244cee993cd9b58bd165bfc5799aa1"


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("specification", PINNED, ids=lambda one: one.network)
def test_a_run_computes_what_it_always_has(specification: Specification) -> None:
    """Fails when a change alters results. If that is meant, raise ARITHMETIC and pin anew."""
    assert runs.ARITHMETIC == 1, "pin the numbers of the new arithmetic"
    digests = "".join(digest for _, digest in sorted(sources.FILES.items()))
    assert tiny_data.digest(digests.encode()) == PINNED_DATA, "the tests' data have changed"
    history = asdict(run(specification).history)
    for name, expected in PINNED[specification].items():
        assert history[name] == pytest.approx(expected, rel=1e-6), name
