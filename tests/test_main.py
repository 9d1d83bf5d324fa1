"""The command line: in this process, and as a program where the process matters."""

import functools
import io
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from contextlib import nullcontext
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import tiny as tiny_data
import torch
from click.testing import CliRunner, Result
from torch import nn
from torch.nn import Flatten, Linear
from torchvision.datasets import MNIST

from mnistlab import Specification, runs, sources, strokes, train
from mnistlab.cli import _kept, main, program
from mnistlab.runs import store, training

SMALL = ["train", "fully-connected", "--K", "6", "--epochs", "3", "--learning-rate", "0.1"]
SMALL_RUN = Specification("fully_connected", (784, 6, 10), epochs=3, learning_rate=0.1)


def call(*arguments: str) -> Result:
    """Run a command; what it raises beyond what it reports is raised here too."""
    result = CliRunner().invoke(program, arguments, prog_name="python -m mnistlab")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def stopping(epoch: int) -> Any:
    """A stand-in for `train`: Ctrl-C, as it were, at the beginning of this epoch."""

    def interrupted(*arguments: Any, log: Any, **options: Any) -> Any:
        if len(log.history) == epoch - 1:
            raise KeyboardInterrupt
        return train(*arguments, log=log, **options)

    return interrupted


@pytest.fixture
def unfinished(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of a run that was stopped after two of three epochs."""
    with monkeypatch.context() as patch:
        patch.setattr(training, "train", stopping(3))
        with pytest.raises(KeyboardInterrupt):
            runs.run(SMALL_RUN, device="cpu")
    return file_of(SMALL_RUN)


def file_of(specification: Specification) -> Path:
    """The file of a run."""
    return sources.home() / "runs" / f"{runs.key(specification)}.safetensors"


def epochs_in(output: str) -> list[str]:
    """The first column of a table of epochs."""
    return re.findall(r"^ *(\d+) +\d+\.\d{4} +\d+\.\d\d%", output, re.M)


# --- help and wrong usage


@pytest.mark.parametrize(
    "command",
    [
        [], ["data"], ["data", "fetch"], ["data", "draw"], ["train"], ["runs"], ["runs", "list"],
        ["runs", "show"], ["exercises"], ["check"], ["record"],
    ],
    ids=" ".join,
)  # fmt: skip
@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_each_command_has_help_with_an_example(command: list[str], flag: str) -> None:
    result = call(*command, flag)
    assert result.exit_code == 0
    usage, _, rest = result.output.partition("\n")
    assert usage.startswith(" ".join(["Usage: python -m mnistlab", *command]))
    assert re.search(" ".join(["Example.*python -m mnistlab", *command]), rest, re.S)
    assert max(map(len, result.output.splitlines())) <= 80
    assert "..." not in rest, "a help that is cut off"


def test_the_commands_stand_in_the_order_in_which_one_needs_them() -> None:
    output = call("--help").output
    assert re.findall(r"^  (\w+)  ", output.partition("Commands:")[2], re.M) == [
        *("data", "train", "runs", "exercises", "check", "record")
    ]


def test_the_help_names_the_defaults_of_the_assignment() -> None:
    text = " ".join(call("train", "--help").output.split())
    for words in ("layers; 100 unless given", "first layer; 32 unless", "second layer; 64 unless",
                  "[default: 10;", "[default: 0.01]", "[default: 64;"):  # fmt: skip
        assert words in text


def test_the_help_of_check_says_what_counts_and_what_is_run() -> None:
    text = " ".join(call("check", "--help").output.split())
    for words in ("that is done passed, and FILE raised no error; else 1", "All of FILE is run",
                  "A script goes on too,", "such as task_7 (or task-7)"):  # fmt: skip
        assert words in text


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], r"^Usage: python -m mnistlab \[OPTIONS\] COMMAND"),
        (["date"], "No such command 'date'"),
        (["data", "now"], "No such command 'now'"),
        (["data", "--source", "digits"], "'digits' is not one of 'mnist', 'strokes'"),
        (["data", "--source", "strokes", "fetch"], "fetch has one source only"),
        (["train"], "Missing argument 'NETWORK'"),
        (["train", "recurrent"], "not one of 'fully-connected', 'convolutional'"),
        (["train", "convolutional", "--K", "5"],
         "--K belongs to the fully-connected network; the convolutional network has --Q1 and --Q2"),
        (["train", "fully-connected", "--Q1", "5"],
         "--Q1 belongs to the convolutional network; the fully-connected network has --K"),
        (["train", "fully_connected", "--Q2", "5"], "--Q2 belongs to the convolutional network"),
        (["train", "convolutional", "--Q1", "0"], "0 is not in the range x>=1"),
        (["train", "convolutional", "--epochs", "0"], "0 is not in the range x>=1"),
        (["train", "convolutional", "--epochs", "1.5"], "'1.5' is not a valid integer"),
        (["train", "convolutional", "--batch-size", "0"], "0 is not in the range x>=1"),
        (["train", "convolutional", "--seed", "-1"], "seed is -1; expected at least 0"),
        (["train", "convolutional", "--seed", str(2**63)], r"expected at most 2\*\*63 - 1"),
        (["train", "convolutional", "--learning-rate", "0"], "learning_rate is 0.0; expected a fin"),
        (["train", "convolutional", "--learning-rate", "nan"], "learning_rate is nan; expected a f"),
        (["train", "convolutional", "--device", "abacus"], "'abacus' is none; expected cpu, cuda"),
        (["runs", "show"], "Missing argument 'RUN'"),
        (["runs", "show", "a"], "there are no runs in "),
    ],
)  # fmt: skip
def test_wrong_usage_is_named_with_exit_code_2(
    arguments: list[str], message: str, own_home: Path
) -> None:
    result = call(*arguments)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert re.search(message, result.stderr)
    assert not own_home.exists(), "nothing was begun"


def test_a_wrong_setting_of_the_source_is_wrong_usage(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTLAB_SOURCE", "digits")
    result = call("data")
    assert result.exit_code == 2
    assert "MNISTLAB_SOURCE is 'digits'; expected" in result.stderr


# --- data


def never(*arguments: object, **options: object) -> None:
    pytest.fail("this must not be called")


@pytest.fixture
def untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever fetches or draws fails."""
    monkeypatch.setattr(sources, "fetch", never)
    monkeypatch.setattr(strokes, "write", never)


@pytest.fixture
def few_strokes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand-ins are drawn in a moment."""
    few = functools.partial(strokes.write, train=40, test=20, progress=False)
    monkeypatch.setattr(strokes, "write", few)


def test_data_says_where_the_files_are_and_their_digests(tiny: Path, untouched: None) -> None:
    result = call("data")
    assert result.exit_code == 0
    first, *_, last = result.stdout.splitlines()
    assert first.startswith(f"in use: mnist, in {sources.raw_folder(tiny)}, complete")
    assert re.findall(r"^  ([0-9a-f]{64})  (\S+)$", result.stdout, re.M) == [
        (digest, name) for name, digest in sources.FILES.items()
    ]
    assert last.startswith("not in use: strokes; the stand-ins are not in ")
    assert result.stderr == ""


def test_data_without_mnist_is_one_error_with_the_ways_out(untouched: None, own_home: Path) -> None:
    result = call("data")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: MNIST is not in {own_home} yet\nThree ways out")
    assert "python -m mnistlab data fetch" in result.stderr
    assert "Traceback" not in result.output
    assert not own_home.exists(), "only looked, nothing made"


def test_data_with_a_wrong_setting_names_it(
    untouched: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTLAB_DATA", str(tmp_path))
    result = call("data")
    assert result.exit_code == 1
    assert (
        f"Error: MNISTLAB_DATA is {tmp_path}, but {sources.raw_folder(tmp_path)}" in result.stderr
    )
    assert "lacks train-images-idx3-ubyte" in result.stderr


@pytest.mark.fault(
    "MNISTLAB_DATA begins with ~ and the name of a user that there is not",
    "One line names the setting, and what to write",
)
def test_data_in_the_home_of_nobody_is_told(
    untouched: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MNISTLAB_DATA", "~nobody-of-that-name/mnist")
    result = call("data")
    assert result.exit_code == 1
    says = "Error: MNISTLAB_DATA is ~nobody-of-that-name/mnist: Could not determine home directory."
    assert f"{says} Write the whole path.\n" in result.stderr


@pytest.mark.parametrize("how", ["option", "setting"])
def test_data_tells_which_source_is_in_use(
    how: str, tiny: Path, few_strokes: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if how == "setting":
        monkeypatch.setenv("MNISTLAB_SOURCE", "strokes")
    arguments = ["data", "--source", "strokes"] if how == "option" else ["data"]
    absent = call(*arguments)
    assert absent.exit_code == 1
    assert "they are drawn when they are first used" in absent.stderr
    assert f"not in use: mnist, in {sources.raw_folder(tiny)}\n" in absent.stdout
    sources.locate(source="strokes")
    drawn = call(*arguments)
    assert drawn.exit_code == 0
    assert drawn.stdout.startswith(
        f"in use: strokes, in {sources.raw_folder(sources.strokes_folder())}, complete"
    )


def test_fetch_downloads_once_into_the_home_folder(
    tiny_published: dict[str, str], tiny_files: tuple[Path, dict[str, str]], own_home: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    calls = []

    def fetch() -> Path:
        calls.append(own_home)
        shutil.copytree(tiny_files[0], own_home, dirs_exist_ok=True)
        return own_home

    monkeypatch.setattr(sources, "fetch", fetch)
    first, second = call("data", "fetch"), call("data", "fetch")
    assert (first.exit_code, second.exit_code) == (0, 0)
    where = f"in {sources.raw_folder(own_home)}, complete"
    assert first.stdout.startswith(f"MNIST is now {where}")
    assert second.stdout.startswith(f"MNIST is already {where}")
    assert calls, "it was asked for"
    assert call("data").exit_code == 0


def test_fetch_says_when_another_folder_is_used_all_the_same(tiny: Path, own_home: Path) -> None:
    shutil.copytree(tiny, own_home)
    result = call("data", "fetch")
    assert result.exit_code == 0
    assert f"MNISTLAB_DATA is set: what is used is the MNIST in {tiny}." in result.stdout


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """The only server is one that does not exist."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{port}/"])
    monkeypatch.setenv("no_proxy", "*")


def test_fetch_does_not_take_damaged_files_for_mnist(
    offline: None, tiny_published: dict[str, str], tiny_files: tuple[Path, dict[str, str]],
    own_home: Path,
) -> None:  # fmt: skip
    shutil.copytree(tiny_files[0], own_home)
    damaged = sources.raw_folder(own_home) / "t10k-labels-idx1-ubyte"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    assert call("data").exit_code == 1
    assert str(damaged) in call("data").stderr
    result = call("data", "fetch")
    assert result.exit_code == 1
    assert "could not be fetched" in result.stderr


def test_fetch_that_fails_is_one_error(offline: None, own_home: Path) -> None:
    result = call("data", "fetch")
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: MNIST is not in {own_home} and could not be fetched: ")
    assert "Traceback" not in result.stderr


def test_draw_draws_once(few_strokes: None) -> None:
    where = f"in {sources.raw_folder(sources.strokes_folder())}, complete"
    assert call("data", "draw").stdout == f"The stand-ins are now {where}.\n"
    assert call("data", "draw").stdout == f"The stand-ins are already {where}.\n"


def test_draw_replaces_damaged_stand_ins(few_strokes: None) -> None:
    call("data", "draw")
    (sources.raw_folder(sources.strokes_folder()) / "t10k-labels-idx1-ubyte").write_bytes(b"")
    assert call("data", "--source", "strokes").exit_code == 1
    assert "are now in" in call("data", "draw").stdout
    assert call("data", "--source", "strokes").exit_code == 0


# --- train


def test_train_trains_keeps_and_loads(tiny: Path, own_home: Path) -> None:
    trained, loaded = call(*SMALL), call(*SMALL)
    assert trained.exit_code == loaded.exit_code == 0
    first, what, *table, kept = trained.stdout.splitlines()
    assert first == (
        "fully-connected, D = 784, K = 6, O = 10; epochs 3, learning rate 0.1, batch size 64, "
        "seed 0; mnist"
    )
    assert what == "training from the first epoch"
    assert table == repr(runs.run(SMALL_RUN).history).splitlines()
    assert kept == f"stored in {file_of(SMALL_RUN)}"
    assert trained.stderr == "", "no progress bar without a terminal"
    assert loaded.stdout == trained.stdout.replace(what, "trained before: loaded")


def test_train_hands_every_option_on(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def record(specification: Specification, **options: Any) -> None:
        asked.append((specification, options))
        raise sources.DataError("enough")

    monkeypatch.setattr(runs, "run", record)
    call("train", "convolutional", "--Q1", "2", "--Q2", "3", "--epochs", "4", "--seed", "7",
         "--learning-rate", "0.5", "--batch-size", "16", "--device", "cpu")  # fmt: skip
    call("train", "convolutional")
    call("train", "fully_connected")
    assert asked == [
        (Specification("convolutional", (2, 3, 10), 4, 0.5, 16, 7),
         {"source": "mnist", "device": "cpu"}),
        (runs.TASK_8, {"source": "mnist", "device": None}),
        (runs.TASK_7, {"source": "mnist", "device": None}),
    ]  # fmt: skip


def test_train_on_stand_ins_is_another_run(tiny: Path, few_strokes: None) -> None:
    assert call(*SMALL).exit_code == 0
    result = call(*SMALL, "--source", "strokes")
    assert result.exit_code == 0
    assert "seed 0; strokes\ntraining from the first epoch\n" in result.stdout
    assert "/runs/strokes-fully_connected" in result.stdout
    stored = next((sources.home() / "runs").glob("strokes-*.safetensors"))
    assert store.load(stored).provenance["source"] == "strokes"


def test_in_a_preview_one_epoch_is_trained(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTLAB_PREVIEW", "1")
    result = call(*SMALL)
    assert result.stdout.startswith("MNISTLAB_PREVIEW is set: one epoch only\n")
    assert epochs_in(result.stdout) == ["1"]
    assert "epochs-1-seed-0" in result.stdout.splitlines()[-1]


@pytest.mark.parametrize(
    ("epoch", "farewell"),
    [
        (1, "stopped in the first epoch: nothing is stored yet\n"),
        (3, "stopped: the finished epochs, 2, are stored; the same command goes on after them\n"),
    ],
)
def test_after_ctrl_c_the_same_command_goes_on(
    epoch: int, farewell: str, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(training, "train", stopping(epoch))
        stopped = call(*SMALL)
    assert stopped.exit_code == 130
    assert stopped.stderr == farewell
    assert epochs_in(stopped.stdout) == []
    resumed = call(*SMALL)
    assert resumed.exit_code == 0
    announced = "stopped earlier after epoch 2: going on with epoch 3" if epoch > 1 else "training "
    assert announced in resumed.stdout
    assert epochs_in(resumed.stdout) == ["1", "2", "3"]


def test_ctrl_c_elsewhere_ends_with_130_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sources, "fetch", interrupted)
    result = call("data", "fetch")
    assert (result.exit_code, result.stderr) == (130, "stopped\n")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (sources.DataError("no data\nway out"), "Error: no data\nway out\n"),
        (FloatingPointError("the loss became nan"), "Error: the loss became nan\n"),
        (OSError(28, "No space left"), "Error: [Errno 28] No space left\n"),
        (RuntimeError("can't allocate\nframe 0"), "Error: RuntimeError: can't allocate\n"),
        (MemoryError(), "Error: MemoryError: no more is known\n"),
    ],
    ids=lambda one: type(one).__name__,
)
def test_what_cannot_be_done_is_one_message_with_exit_code_1(
    error: Exception, message: str, tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(*arguments: object, **options: object) -> None:
        raise error

    monkeypatch.setattr(runs, "run", failing)
    result = call(*SMALL)
    assert (result.exit_code, result.stderr) == (1, message)


def test_a_mistake_in_the_package_keeps_its_traceback(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "run", lambda *arguments, **options: None)
    with pytest.raises(AttributeError):
        call(*SMALL)


def test_a_loss_that_is_not_finite_ends_the_training_with_1(tiny: Path) -> None:
    result = call(*SMALL[:-1], "1e38")
    assert result.exit_code == 1
    assert re.search(r"Error: the .*loss became .*try a smaller learning rate", result.stderr)


@pytest.mark.fault("--device cuda on a machine without a GPU", "One line: leave out --device")
def test_a_device_that_is_not_there_is_named(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def no_device(*arguments: object, **options: object) -> None:
        raise AssertionError("Torch not compiled with CUDA enabled")

    monkeypatch.setattr(torch, "zeros", no_device)
    result = call(*SMALL, "--device", "cuda")
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: the device cuda can't be used here; leave out --device")


def test_a_damaged_run_is_named_and_trained_anew(tiny: Path) -> None:
    first = call(*SMALL)
    file_of(SMALL_RUN).write_bytes(b"")
    second = call(*SMALL)
    assert second.exit_code == 0
    assert re.search(r"^damaged: fully_.*; training from the first epoch$", second.stdout, re.M)
    assert "it is damaged" in second.stdout
    assert first.stdout.splitlines()[-1] == second.stdout.splitlines()[-1]


# --- runs


def test_without_runs_the_list_says_so(own_home: Path) -> None:
    result = call("runs")
    assert result.exit_code == 0
    assert result.stdout == f"nothing was trained yet: there are no runs in {own_home / 'runs'}\n"


def test_the_list_has_a_row_for_each_run(tiny: Path, few_strokes: None, unfinished: Path) -> None:
    one_epoch = Specification("convolutional", (2, 3, 10), 1, 0.05, 32, 5)
    accuracy = runs.run(one_epoch, source="strokes", device="cpu").history.test_accuracy[-1]
    stopped = store.load(unfinished)
    result = call("runs")
    assert result.exit_code == 0
    heading, first, second, hint = result.stdout.splitlines()
    assert heading.split() == [
        *("run", "network", "sizes", "epochs", "rate", "seed", "source", "accuracy"),
        *("finished", "(UTC)"),
    ]
    digest = unfinished.stem[-12:]
    sofar = f"{stopped.history.test_accuracy[-1]:.2%}"
    assert first.split() == [
        *(digest, "fully-connected", "784-6-10", "2", "of", "3", "0.1", "0", "mnist", sofar, "no")
    ]
    assert second.split()[1:8] == [
        *("convolutional", "2-3-10", "1", "0.05", "5", "strokes", f"{accuracy:.2%}")
    ]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d$", second)
    assert hint.startswith("An unfinished run goes on")
    assert call("runs", "list").output == result.output


def test_show_tells_history_and_provenance(tiny: Path) -> None:
    history = runs.run(SMALL_RUN, device="cpu").history
    key = runs.key(SMALL_RUN)
    result = call("runs", "show", key)
    assert result.exit_code == 0
    path, described, heading, *rest = result.stdout.splitlines()
    assert path == str(file_of(SMALL_RUN))
    assert described.startswith(
        "fully-connected, D = 784, K = 6, O = 10; epochs 3, learning rate 0"
    )
    assert heading.split("  ")[0] == "epoch"
    assert rest[2].split() == [
        *("3", f"{history.test_loss[2]:.4f}", f"{history.test_accuracy[2]:.2%}"),
        *(f"{history.train_loss[2]:.4f}", f"{history.train_accuracy[2]:.2%}"),
        f"{history.seconds[2]:.1f}",
    ]
    assert f"  torch: {torch.__version__}" in rest
    assert f"  train-images-idx3-ubyte: {sources.FILES['train-images-idx3-ubyte']}" in rest
    for beginning in ("fully_con", key[-12:], key[-12:-8]):
        assert call("runs", "show", beginning).output == result.output


def test_show_wants_one_run(tiny: Path) -> None:
    keys = []
    for seed in (1, 2):
        specification = Specification("fully_connected", (784, 2, 10), 1, seed=seed)
        runs.run(specification, device="cpu")
        keys.append(runs.key(specification))
    several, none = call("runs", "show", "fully_connected"), call("runs", "show", "zebra")
    assert several.exit_code == none.exit_code == 2
    assert "several runs begin with 'fully_connected'; expected one of" in several.stderr
    assert "no run begins with 'zebra'" in none.stderr
    assert all(key in several.stderr for key in keys)


def test_show_of_an_unfinished_run_says_how_to_go_on(unfinished: Path) -> None:
    result = call("runs", "show", "fully")
    assert result.exit_code == 0
    assert epochs_in(result.stdout) == ["1", "2"]
    assert "unfinished: 2 of 3 epochs." in result.stdout
    command = re.search(r"^  python -m mnistlab (.+)$", result.stdout, re.M)
    assert command is not None
    resumed = call(*command[1].split())
    assert resumed.exit_code == 0
    assert "going on with epoch 3" in resumed.stdout


NO_COMMAND = (
    replace(SMALL_RUN, network="convolutional", sizes=(2, 3, 12)),
    replace(SMALL_RUN, sizes=(784, 6, 11)),
    replace(SMALL_RUN, momentum=0.9),
    replace(SMALL_RUN, network="linear", sizes=(784, 10), images=100),
)


@pytest.mark.parametrize(
    "changes",
    [
        {"learning_rate": 0.012345678},
        {"learning_rate": 1.23456789e-05, "batch_size": 32, "seed": 7},
        {"network": "convolutional", "sizes": (2, 3, 10)},
        {"network": "convolutional", "sizes": (2, 3, 12)},
        {"sizes": (784, 6, 11)},
        {"momentum": 0.9},
        {"network": "linear", "sizes": (784, 10), "images": 100},
    ],
    ids=str,
)
def test_the_way_on_leads_to_the_same_run(
    changes: dict[str, Any], tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    specification = replace(SMALL_RUN, **changes)
    with monkeypatch.context() as patch:
        patch.setattr(training, "train", stopping(3))
        with pytest.raises(KeyboardInterrupt):
            runs.run(specification, device="cpu")
    output = call("runs", "show", runs.key(specification)).stdout
    assert f"learning rate {specification.learning_rate!r}, " in output
    command = re.search(r"^  python -m mnistlab (.+)$", output, re.M)
    assert (command is None) is (specification in NO_COMMAND), "there is no option for it"
    if command:
        assert "going on with epoch 3" in call(*command[1].split()).stdout
    else:
        exec(textwrap.dedent(output.partition("in Python with\n")[2]), {})
    assert runs.run(specification).provenance["resumed_after"] == [2]


def test_a_damaged_run_is_listed_by_name(tiny: Path, unfinished: Path) -> None:
    """Damaged files are named, while the sound run and the unfinished one beside them are shown."""
    folder = unfinished.parent
    runs.run(Specification("fully_connected", (784, 2, 10), 1), device="cpu")
    sound = next(folder.glob("fully_connected-784-2-*.safetensors"))
    (folder / "cut.safetensors").write_bytes(sound.read_bytes()[:-9])
    (folder / "empty.safetensors").write_bytes(b"")
    (folder / "another-format.json").write_bytes(b"{")
    (folder / "no-run.safetensors").write_bytes(safetensors.torch.save({"a": torch.ones(1)}))
    (folder / "left.part").write_bytes(b"")
    result = call("runs")
    assert result.exit_code == 0
    assert len(result.stdout.splitlines()) == 1 + 2 + 1, "the sound run, the unfinished one, a hint"
    named = re.findall(r"^damaged: ([\w-]+)", result.stderr, re.M)
    assert named == ["another-format", "cut", "empty", "no-run"]
    shown = call("runs", "show", "cut")
    assert shown.exit_code == 1
    assert "Error: damaged: cut" in shown.stderr
    assert "trained anew" in shown.stderr


@pytest.fixture
def elsewhere(tiny: Path, few_strokes: None, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Files of a finished and of an unfinished run of a network that is no longer registered."""
    paths = []
    with monkeypatch.context() as patch:
        patch.setitem(runs.NETWORKS, "net2", lambda D, O: nn.Sequential(Flatten(), Linear(D, O)))
        for epochs, source in ((2, "strokes"), (3, "mnist")):
            specification = Specification("net2", (784, 10), epochs, 0.1)
            if source == "mnist":
                patch.setattr(training, "train", stopping(3))
            with nullcontext() if source == "strokes" else pytest.raises(KeyboardInterrupt):
                runs.run(specification, source=source, device="cpu")
            paths.append(runs.file_of(specification, source=source))
    assert "net2" not in runs.NETWORKS
    return paths


@pytest.mark.fault(
    "A run is of a network that a program has registered, and the command line has not",
    "It is listed with all that is known of it, and is not called damaged",
)
def test_a_run_of_a_network_that_is_not_registered_here_is_told_as_such(
    elsewhere: list[Path],
) -> None:
    result = call("runs")
    assert result.exit_code == 0
    assert result.stderr == ""
    _, unfinished, finished, hint = result.stdout.splitlines()
    assert unfinished.split()[1:9] == ["net2", "784-10", "2", "of", "3", "0.1", "0", "mnist"]
    assert unfinished.endswith(" no")
    assert finished.split()[1:7] == ["net2", "784-10", "2", "0.1", "0", "strokes"]
    assert re.search(r"\d{4}-\d\d-\d\d \d\d:\d\d$", finished)
    assert hint == "Not registered here: the network net2. Its runs are loaded after runs.register."
    shown = call("runs", "show", elsewhere[0].stem)
    assert shown.exit_code == 0
    assert epochs_in(shown.stdout) == ["1", "2"]
    assert "of a network that is not registered here, 'net2': " in shown.stdout
    assert "  mnistlab.runs.register('net2', BUILD)" in shown.stdout
    assert "unfinished" not in shown.stdout
    assert f"  torch: {torch.__version__}" in shown.stdout
    assert "unfinished: 2 of 3 epochs" in call("runs", "show", elsewhere[1].stem).stdout


def test_a_damaged_run_of_a_network_that_is_not_registered_is_damaged(
    elsewhere: list[Path],
) -> None:
    elsewhere[0].write_bytes(elsewhere[0].read_bytes()[:-1])
    assert f"damaged: {elsewhere[0].name} (it is damaged" in call("runs").stderr
    assert call("runs", "show", elsewhere[0].stem).exit_code == 1


@pytest.mark.parametrize(
    ("network", "source"),
    [("net2", "mnist"), ("Größe_A", "strokes"), ("strokes", "mnist"), ("mnist_2", "strokes")],
)
def test_a_key_says_what_it_says_whatever_the_network_is_called(network: str, source: str) -> None:
    prefix = "" if source == "mnist" else f"{source}-"
    key = f"{prefix}{network}-784-10-epochs-3-seed-0-0123456789ab"
    facts = _kept.Kept(Path(f"{key}.safetensors"), "damaged").facts()
    assert (facts["network"], facts["sizes"], facts["source"]) == (network, "784-10", source)


def test_the_source_is_that_of_the_provenance_whatever_the_file_is_called(tiny: Path) -> None:
    runs.run(SMALL_RUN, device="cpu")
    file_of(SMALL_RUN).rename(file_of(SMALL_RUN).with_stem("renamed"))
    (one,) = _kept.read_all()
    assert one.state == "finished"
    assert one.facts()["source"] == "mnist"


def test_a_run_of_which_the_source_was_not_noted_is_of_mnist(tiny: Path) -> None:
    finished = runs.run(SMALL_RUN, device="cpu")
    stored = store.load(file_of(SMALL_RUN))
    del stored.provenance["source"], stored.provenance["finished"]
    store.save(stored, file_of(SMALL_RUN))
    assert call("runs").stdout.splitlines()[1].split()[6:] == [
        *("mnist", f"{finished.history.test_accuracy[-1]:.2%}", "?")
    ]


# --- as a program

LONG = ["train", "fully-connected", "--K", "6", "--epochs", "100", "--device", "cpu"]

PROGRAM = """
import runpy, signal, sys, torch
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
torch.set_num_threads(1)
sys.argv = ["mnistlab", *{arguments!r}]
runpy.run_module("mnistlab", run_name="__main__", alter_sys=True)
"""


def start(*arguments: str) -> "subprocess.Popen[str]":
    """The command as a program that takes the tiny files for MNIST."""
    return tiny_data.start(PROGRAM.format(arguments=arguments))


def measured(record: Path) -> dict[str, list[float]]:
    """The history in a file, without the durations."""
    history = asdict(store.load(record).history)
    return {name: numbers for name, numbers in history.items() if name != "seconds"}


@pytest.mark.fault(
    "Ctrl-C in python -m mnistlab train",
    "One line says what is stored, and that the same command goes on",
)
@pytest.mark.slow
def test_a_program_that_is_interrupted_goes_on_to_the_same_result(
    tiny: Path, own_home: Path
) -> None:
    specification = Specification("fully_connected", (784, 6, 10), epochs=100)
    checkpoint = file_of(specification)
    process = start(*LONG)
    assert process.stdout is not None
    while not checkpoint.exists():
        assert process.poll() is None, process.communicate()
        time.sleep(0.005)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert re.fullmatch(r"stopped: the finished epochs, \d+, are stored; the same .*\n", errors)
    assert epochs_in(output) == []

    resumed = call(*LONG)
    assert resumed.exit_code == 0
    assert "stopped earlier after epoch" in resumed.stdout
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MNISTLAB_HOME", str(own_home / "another"))
        assert call(*LONG).stdout.splitlines()[1] == "training from the first epoch"
        whole = file_of(specification)
    assert measured(checkpoint) == measured(whole)
    one, other = (store.load(path).weights for path in (checkpoint, whole))
    assert all(torch.equal(one[name], other[name]) for name in one)


@pytest.mark.fault("The output goes to head, which hangs up", "No traceback")
@pytest.mark.slow
def test_a_broken_pipe_has_no_traceback(tiny: Path) -> None:
    process = start("data")
    assert process.stdout is not None
    process.stdout.close()  # as `head` does, but before the first line
    process.stdout = None
    _, errors = process.communicate(timeout=60)
    assert errors == ""
    assert process.returncode == 1


@pytest.mark.fault(
    "The terminal can't show a letter of a path", "The letter is escaped; no traceback"
)
@pytest.mark.slow
def test_the_package_is_a_program(tmp_path: Path) -> None:
    """Exit code, streams and a name that the output can't show, with the real ``python -m``."""
    settings = {"MNISTLAB_HOME": str(tmp_path / "données"), "PYTHONIOENCODING": "koi8-r"}
    result = subprocess.run(
        [sys.executable, "-m", "mnistlab", "data"],
        env={**os.environ, **settings}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert result.returncode == 1
    assert result.stderr.startswith("Error: MNIST is not in ")
    assert r"donn\xe9es" in result.stderr
    assert result.stdout.startswith("not in use: strokes; ")
    assert r"donn\xe9es" in result.stdout


def test_main_exits_with_the_code(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, code in ((["--help"], 0), (["data"], 1), (["date"], 2)):
        with pytest.raises(SystemExit) as caught:
            main(arguments)
        assert caught.value.code == code


def test_main_takes_whatever_stands_for_the_output(monkeypatch: pytest.MonkeyPatch) -> None:
    """Editors and other programs put streams of their own there, or none."""
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    monkeypatch.setattr(sys, "stderr", None)
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert output.getvalue().startswith("Usage: python -m mnistlab")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="there is no pseudo-terminal")
def test_on_a_terminal_a_bar_shows_the_progress(tiny: Path) -> None:
    import pty
    import termios

    terminal, inner = pty.openpty()
    termios.tcsetwinsize(inner, (24, 80))  # on a terminal without columns a bar has no length
    setting = f"from mnistlab import sources\nsources.FILES = {sources.FILES!r}\n"
    code = setting + PROGRAM.format(arguments=LONG)
    process = subprocess.Popen([sys.executable, "-c", code], stderr=inner, stdout=subprocess.PIPE)
    os.close(inner)
    read_until(terminal, b"epoch 3/100")
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    seen = read_until(terminal, b"after them")
    os.close(terminal)
    assert process.returncode == 130
    assert b"\nstopped: the finished epochs" in seen, "on a line of its own"
    assert b"epoch" in output


def read_until(terminal: int, words: bytes) -> bytes:
    """What is shown on a terminal up to certain words."""
    seen = b""
    while words not in seen:
        try:
            seen += os.read(terminal, 4096)
        except OSError:  # nobody writes to it any more
            pytest.fail(f"{words!r} were not shown: {seen!r}")
    return seen
