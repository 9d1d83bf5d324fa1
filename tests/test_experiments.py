"""Experiments: recorded once, resumable, by any executor; every run arrives, and arrives once."""

import csv
import importlib.util
import os
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
import tiny as tiny_data
import torch
from click.testing import CliRunner

from mnistlab import Specification, _torch, runs, sources
from mnistlab.cli import program
from mnistlab.experiments import EXPERIMENTS, Experiment, amounts, rates, recording
from mnistlab.experiments import experiment as module
from mnistlab.experiments.experiment import curve, final
from mnistlab.runs import store
from mnistlab.runs.record import RecordError

SPECIFICATIONS = tuple(
    replace(one, seed=seed)
    for seed in (0, 1)
    for one in (
        Specification("fully_connected", (784, 4, 10), 2, 0.1, images=100, split="validation"),
        Specification("linear", (784, 10), 2, 0.01, optimizer="adam", betas=(0.5, 0.75)),
    )
)


PROVENANCE = {
    "data": {}, "arithmetic": 1, "versions": {}, "device": "cpu", "processor": "x", "threads": 1,
    "finished": "2030",
}  # fmt: skip


class Here(Executor):
    """An executor that computes at once, in this process."""

    def __init__(self) -> None:
        self.submitted: list[Specification] = []

    def submit(self, function: Any, /, *arguments: Any, **options: Any) -> Future:
        self.submitted.append(arguments[1])
        future: Future = Future()
        try:
            future.set_result(function(*arguments, **options))
        except Exception as error:
            future.set_exception(error)
        return future


@pytest.fixture
def experiment(tiny: Path, tmp_path: Path) -> Experiment:
    return Experiment("small", "What for?", SPECIFICATIONS, curve, tmp_path / "recorded")


def made(experiment: Experiment) -> list[str]:
    """Make the record here; the lines that were reported."""
    lines: list[str] = []
    recording.make(experiment, Here(), 1, lines.append)
    return lines


# --- the two files


def test_what_is_recorded_is_what_the_runs_measured(experiment: Experiment) -> None:
    made(experiment)
    rows = experiment.recorded()
    assert [row.specification for row in rows] == [s for s in SPECIFICATIONS for _ in range(2)]
    for specification in SPECIFICATIONS:
        finished = runs.run(specification, device="cpu")
        own = [row for row in rows if row.specification == specification]
        for name, numbers in {
            "loss": finished.history.test_loss, "accuracy": finished.history.test_accuracy,
            "train_loss": finished.history.train_loss, "epoch": [1, 2],
        }.items():  # fmt: skip
            assert [row[name] for row in own] == pytest.approx(numbers, rel=1e-6)


def test_the_table_is_plain_csv_without_columns_that_say_nothing(experiment: Experiment) -> None:
    made(experiment)
    with experiment.table.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == [
        *("network", "sizes", "epochs", "learning_rate", "batch_size", "seed", "images", "split"),
        *("optimizer", "betas", "epoch", "loss", "accuracy", "train_loss", "train_accuracy"),
        "seconds",
    ]
    assert (rows[0]["images"], rows[0]["optimizer"], rows[2]["split"]) == ("100", "", "")


def test_provenance_says_where_it_comes_from(experiment: Experiment) -> None:
    made(experiment)
    provenance = experiment.provenance()
    assert provenance["data"] == sources.FILES
    assert provenance["device"] == ["cpu"]
    assert provenance["arithmetic"] == [runs.ARITHMETIC]
    assert provenance["threads"] == [1]
    assert provenance["finished"][0] <= provenance["finished"][1]


def test_runs_of_other_data_are_not_mixed(experiment: Experiment) -> None:
    made(experiment)
    path = experiment.provenance_file
    path.write_text(path.read_text().replace(next(iter(sources.FILES.values())), "0" * 64))
    other = {**experiment.provenance(), "data": sources.FILES, "finished": "2030"}
    with pytest.raises(RecordError, match="other data"):
        experiment.add(SPECIFICATIONS[0], [{"epoch": 1}], other)


def cut(text: str) -> str:
    return text[: text.rindex(",")]


def rename(text: str) -> str:
    return text.replace("linear", "lineal")


def words(text: str) -> str:
    return text.replace("validation", "validation,validation", 1)


@pytest.mark.parametrize("damage", [cut, rename, words])
def test_a_damaged_table_is_a_fault_with_a_way_out(experiment: Experiment, damage: Any) -> None:
    made(experiment)
    assert experiment.faults() == []
    experiment.table.write_text(damage(experiment.table.read_text()))
    (fault,) = experiment.faults()
    assert "small.csv can't be read" in fault
    assert "restore the file" in fault


@pytest.mark.fault(
    "The provenance of a recorded experiment is damaged",
    "record --check names the file, and what to do: restore it",
)
@pytest.mark.parametrize(
    "damaged", [lambda text: text[:40], lambda text: "[]", lambda text: '{"data": 1}'],
    ids=["cut", "a list", "parts missing"],
)  # fmt: skip
def test_a_damaged_provenance_is_a_fault_with_a_way_out(
    experiment: Experiment, damaged: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    made(experiment)
    path = experiment.provenance_file
    path.write_text(damaged(path.read_text()))
    (fault,) = experiment.faults()
    assert "small.json can't be read" in fault
    assert "restore the file" in fault
    with pytest.raises(RecordError, match=r"small\.json can't be read"):
        experiment.add(SPECIFICATIONS[0], [{"epoch": 1, "accuracy": 0.5}], PROVENANCE)
    monkeypatch.setitem(EXPERIMENTS, "learning-rates", experiment)
    result = CliRunner().invoke(program, ["record", "learning-rates", "--check"])
    assert result.exit_code == 1
    assert "small.json can't be read" in result.output
    assert "the record has faults" in result.output


def test_a_foreign_run_and_other_data_are_faults(experiment: Experiment) -> None:
    made(experiment)
    fewer = replace(experiment, specifications=SPECIFICATIONS[1:])
    assert "is no run of this experiment" in fewer.faults()[0]
    text = experiment.provenance_file.read_text()
    experiment.provenance_file.write_text(
        text.replace('"arithmetic": [\n  1', '"arithmetic": [\n  0')
    )
    assert experiment.faults() == ["small.json: its arithmetic is not 1"]
    experiment.provenance_file.write_text(text.replace('"cpu"', '"cpu",\n  "cuda"'))
    assert experiment.faults() == ["small.json: not all of its runs were trained on the CPU"]


def test_an_experiment_has_each_run_once() -> None:
    with pytest.raises(ValueError, match="small has a specification twice"):
        Experiment("small", "?", (SPECIFICATIONS[0], SPECIFICATIONS[0]), final)


# --- making it


def test_only_what_is_missing_is_made(experiment: Experiment) -> None:
    part = replace(experiment, specifications=SPECIFICATIONS[:3])
    made(part)
    assert experiment.missing() == [SPECIFICATIONS[3]]
    with pytest.raises(RecordError, match="1 of the 4 runs of small are not recorded; make them"):
        experiment.recorded()
    executor = Here()
    recording.make(experiment, executor, 1, lambda line: None)
    assert executor.submitted == [SPECIFICATIONS[3]]
    assert len(experiment.recorded()) == 8


def test_each_arrival_is_told_with_the_time_left(experiment: Experiment) -> None:
    first, *others = made(experiment)
    assert first.startswith("1 of 4, about ")
    assert [line.partition(",")[0].partition(":")[0] for line in others] == [
        *("2 of 4", "3 of 4", "4 of 4")
    ]
    run = next(line for line in (first, *others) if "784-4-10" in line)
    assert "fully-connected 784-4-10, epochs 2, learning_rate 0.1" in run
    assert "accuracy 0." in run


def test_the_time_left_is_by_network_and_images(experiment: Experiment) -> None:
    pace = recording.Pace(experiment, workers=1)
    pace.arrived(SPECIFICATIONS[0], seconds=4.0)  # 200 images: 0.02 s each
    assert pace.time_left() == pytest.approx(4 + 2 * 120_000 * 0.02)
    pace.arrived(SPECIFICATIONS[1], seconds=12.0)  # 120 000 images: 0.0001 s each
    assert pace.time_left() == pytest.approx(4 + 12)
    assert recording.Pace(experiment, workers=2).total == 4
    two = recording.Pace(experiment, workers=2)
    two.seconds = pace.seconds
    assert two.time_left() == pytest.approx((2 * 4 + 2 * 12) / 2)


def test_a_preview_makes_no_record(experiment: Experiment, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTLAB_PREVIEW", "1")
    with pytest.raises(RecordError, match="MNISTLAB_PREVIEW cuts runs to one epoch; unset it"):
        made(experiment)
    assert not experiment.folder.exists()


@pytest.mark.fault(
    "A run of an experiment was trained on a GPU before",
    "It is not recorded; one line names it, and a way to train it anew",
)
def test_a_run_that_was_trained_elsewhere_is_not_recorded(experiment: Experiment) -> None:
    one = SPECIFICATIONS[0]
    runs.run(one, device="cpu")
    stored = store.load(runs.file_of(one))
    elsewhere = replace(stored, provenance={**stored.provenance, "device": "cuda"})
    store.save(elsewhere, runs.file_of(one))
    with pytest.raises(RecordError, match=f"{runs.key(one)} was trained on the device cuda"):
        made(experiment)
    assert one in experiment.missing()


def test_what_an_experiment_trains_besides_is_trained_on_the_cpu(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    finished = runs.run(replace(SPECIFICATIONS[0], epochs=1), device="cpu", progress=False)
    monkeypatch.setattr(_torch, "best_device", lambda: torch.device("meta"))
    (point,) = amounts.one_update_earlier(finished)
    assert 0 <= point["earlier"] <= 1


def test_a_run_that_diverges_is_named(experiment: Experiment) -> None:
    wild = replace(SPECIFICATIONS[1], learning_rate=1e38)
    with pytest.raises(RecordError, match=r"a run diverged \(Specification.*leave it out"):
        made(replace(experiment, specifications=(wild,)))


@pytest.mark.fault(
    "Two commands record the same experiment at once", "Every run that arrives is recorded"
)
def test_two_that_record_at_once_lose_no_row(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    has_read, other_has_written = threading.Event(), threading.Event()
    write_table = module.write_table

    def slow(rows: Any) -> str:
        """The first to have read the table waits for the other one, which may not come."""
        if not has_read.is_set():
            has_read.set()
            other_has_written.wait(0.5)
        return write_table(rows)

    def add_another() -> None:
        has_read.wait(30)
        experiment.add(SPECIFICATIONS[1], [{"epoch": 1, "accuracy": 0.5}], PROVENANCE)
        other_has_written.set()

    monkeypatch.setattr(module, "write_table", slow)
    other = threading.Thread(target=add_another)
    other.start()
    experiment.add(SPECIFICATIONS[0], [{"epoch": 1, "accuracy": 0.5}], PROVENANCE)
    other.join(30)
    assert experiment.missing() == list(SPECIFICATIONS[2:])
    assert {path.name for path in experiment.folder.iterdir()} == {"small.csv", "small.json"}


# --- several processes

PROGRAM = """
import signal
from pathlib import Path
from mnistlab import Specification, sources
from mnistlab.experiments import Experiment, recording
from mnistlab.experiments.experiment import curve

if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where a shell began it
    experiment = Experiment("small", "?", {specifications!r}, curve, Path({folder!r}))
    with {executor} as executor:
        print("ready", flush=True)
        recording.make(experiment, executor, 2, lambda line: print(line, flush=True))
"""


@pytest.fixture
def tiny_everywhere(tiny: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs; Python processes that are started there take the tiny files for MNIST."""
    folder = tmp_path / "program"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(
        "import importlib.abc, sys\n"
        "class Finder(importlib.abc.MetaPathFinder):\n"
        "    def find_spec(self, name, path, target=None):\n"
        "        if name == 'mnistlab.data':\n"
        "            from mnistlab import sources\n"
        f"            sources.FILES = {sources.FILES!r}\n"
        "sys.meta_path.insert(0, Finder())\n"
    )
    repository = Path(__file__).resolve().parent.parent
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(folder), str(repository), *sys.path]))
    return folder


def start(folder: Path, specifications: tuple[Specification, ...], executor: str) -> Any:
    script = folder / "make.py"
    text = PROGRAM.format(
        specifications=specifications, folder=str(folder / "recorded"), executor=executor
    )
    script.write_text(text)
    return subprocess.Popen(
        [sys.executable, str(script)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.slow
def test_processes_make_what_one_process_makes(
    tiny_everywhere: Path, experiment: Experiment
) -> None:
    process = start(tiny_everywhere, SPECIFICATIONS, "recording.processes(2)")
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert output.count(" of 4") == 4
    made(experiment)
    ours, theirs = (
        replace(experiment, folder=f) for f in (experiment.folder, tiny_everywhere / "recorded")
    )
    timeless = [
        [(r.specification, {**r.values, "seconds": 0}) for r in e.recorded()]
        for e in (ours, theirs)
    ]
    assert timeless[0] == timeless[1]


@pytest.mark.slow
def test_stopped_with_ctrl_c_the_same_command_goes_on(
    tiny_everywhere: Path, experiment: Experiment
) -> None:
    import signal

    many = tuple(replace(SPECIFICATIONS[0], seed=seed, epochs=40) for seed in range(12))
    process = start(tiny_everywhere, many, "recording.processes(2)")
    assert process.stdout.readline() == "ready\n"
    process.stdout.readline()  # the first run has arrived
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=120)
    assert process.returncode != 0
    whole = replace(experiment, specifications=many, folder=tiny_everywhere / "recorded")
    left = len(whole.missing())
    assert 0 < left < 12
    process = start(tiny_everywhere, many, "recording.processes(2)")
    output, errors = process.communicate(timeout=300)
    assert process.returncode == 0, errors
    assert output.count(" of 12") == left, "what had arrived is not made again"
    assert len(whole.recorded()) == 12 * 40


NO_DASK = "distributed is not installed: extra [scale]"


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("distributed") is None, reason=NO_DASK)
def test_a_dask_worker_is_killed_and_every_run_arrives_once(
    tiny_everywhere: Path, experiment: Experiment
) -> None:
    """A real scheduler, two real workers, on loopback; one worker is killed in the middle."""
    many = tuple(replace(SPECIFICATIONS[0], seed=seed, epochs=60) for seed in range(10))
    address = f"tcp://127.0.0.1:{tiny_data.free_port()}"
    dask = [sys.executable, "-m", "distributed.cli.dask_scheduler"]
    port = address.rpartition(":")[2]
    programs = [
        subprocess.Popen([*dask, "--host", "127.0.0.1", "--port", port, "--no-dashboard"],
                         stderr=subprocess.DEVNULL)
    ]  # fmt: skip
    worker = [sys.executable, "-m", "distributed.cli.dask_worker", address, "--no-nanny",
              "--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1"]  # fmt: skip
    try:
        programs += [subprocess.Popen(worker, stderr=subprocess.DEVNULL) for _ in range(2)]
        wait_for_workers(address, 2)
        executor = f"recording.dask({address!r})"
        process = start(tiny_everywhere, many, executor)
        assert process.stdout.readline() == "ready\n"
        process.stdout.readline()  # the first run has arrived: others are being trained
        programs[1].kill()
        output, errors = process.communicate(timeout=300)
        assert process.returncode == 0, errors
    finally:
        for one in programs:
            one.kill()
            one.wait()
    assert 1 + output.count(" of 10") == 10
    whole = replace(experiment, specifications=many, folder=tiny_everywhere / "recorded")
    assert len(whole.recorded()) == 10 * 60


def wait_for_workers(address: str, count: int) -> None:
    from distributed import Client

    for _ in range(60):
        try:
            with Client(address, timeout=2) as client:
                client.wait_for_workers(count, timeout=60)
                return
        except OSError:
            time.sleep(0.5)
    pytest.fail(f"no scheduler with {count} workers at {address}")


# --- the command


def test_the_command_names_the_experiments_and_verifies_them() -> None:
    result = CliRunner().invoke(program, ["record", "learning-rate"])
    assert result.exit_code == 2
    for name in ("hundred-epochs", *EXPERIMENTS):
        assert name in result.output


def test_the_command_makes_an_experiment(
    experiment: Experiment, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    from mnistlab.cli import _record

    monkeypatch.setitem(EXPERIMENTS, "learning-rates", experiment)
    monkeypatch.setattr(_record.recording, "processes", lambda workers: nullcontext(Here()))
    result = CliRunner().invoke(program, ["record", "learning-rates"])
    assert result.exit_code == 0, result.output
    assert "learning-rates: 0 of 4 runs are there, 0 faults" in result.output
    assert "small: What for?" in result.output
    assert CliRunner().invoke(program, ["record", "learning-rates", "--check"]).exit_code == 0
    experiment.table.unlink()
    result = CliRunner().invoke(program, ["record", "learning-rates", "--check"])
    assert result.exit_code == 1
    assert "not complete" in result.output


# --- the experiments of the book


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=lambda one: one.name)
def test_the_record_of_the_book_is_complete_and_sound(experiment: Experiment) -> None:
    assert experiment.faults() == []
    assert experiment.recorded(), "says which command makes the runs that are missing"
    assert experiment.provenance()["device"] == ["cpu"]


def cheapest(experiment: Experiment) -> Specification:
    """A run of the first seed that takes seconds, and that rounding does not throw off: with a small step."""
    kinds = (
        *("linear", "fully_connected", "fully_connected_relu", "convolutional"),
        "strided_locally_connected",
    )
    first = min(one.seed for one in experiment.specifications)
    runs = [one for one in experiment.specifications if one.seed == first and one.network in kinds]
    return min(
        runs,
        key=lambda one: (
            *(kinds.index(one.network), one.permutation or 0, one.labels != "true"),
            *(one.sizes, abs(one.learning_rate - 0.1), one.shift, -(one.images or 60_000)),
        ),
    )


SLOW = (
    *("ladder-ties", "ladder-drift", "let-go-rates", "let-go", "places-longer", "corners-longer"),
    *("modern-rates", "modern", "plain-long-rates", "plain-long"),
)
"""All of its runs take minutes. What keeps kernels tied is held against a convolution in ``test_parts``.

The others make 9400 updates, over which rounding grows: another processor's kernels end elsewhere.
"""


OTHERS = {
    *("epochs", "sizes", "learning_rate", "seed", "split"),
    *("images", "passes", "permutation", "shift"),
}
"""What two runs of one kind may have different. A run with shifts is repeated by the program of an exercise
(``test_exercises``), one with a permutation by chapter 9."""


def repeated() -> list[Experiment]:
    """One experiment of each kind, that is, of those that make and measure their cheapest run in the same way.

    On some machines a run of the convolutional network takes minutes.
    """
    kinds: dict[object, Experiment] = {}
    experiments = [one for name, one in EXPERIMENTS.items() if name not in SLOW]
    for experiment in sorted(experiments, key=lambda one: (cheapest(one).epochs, one.name)):
        made = {
            name: value
            for name, value in asdict(cheapest(experiment)).items()
            if name not in OTHERS
        }
        kinds.setdefault((*made.items(), experiment.measure), experiment)
    return list(kinds.values())


@pytest.mark.mnist
@pytest.mark.slow
@pytest.mark.parametrize(
    "experiment",
    repeated(),
    ids=lambda one: one.name,
)
def test_a_live_run_repeats_its_recorded_line(experiment: Experiment) -> None:
    """One run of each kind, trained and measured again: the same line, and no other seed's."""
    wanted = cheapest(experiment)
    points, _ = recording.measured(experiment, wanted)
    seeds = sorted({one.seed for one in experiment.specifications})[:2]
    name = "loss" if "loss" in points[0] else "accuracy"
    lines = {
        seed: [
            row[name]
            for row in experiment.recorded()
            if row.specification == replace(wanted, seed=seed)
        ]
        for seed in seeds
    }
    live = [point[name] for point in points]
    largest = {
        seed: max(abs(x - y) for x, y in zip(live, line, strict=True))
        for seed, line in lines.items()
    }
    own, *others = (largest[seed] for seed in seeds)
    assert own < 0.005
    assert all(own < other / 2 for other in others), "another seed's line is farther away"


def test_the_best_rate_lies_within_what_was_tried() -> None:
    rows = [
        row(specification, accuracy)
        for specification, accuracy in zip(
            rates.EXPERIMENT.specifications, accuracies(), strict=True
        )
    ]
    assert rates.best_rate(rows, runs.TASK_7, epoch=10) == 0.1
    at_the_edge = [
        replace(one, values={**one.values, "accuracy": one["accuracy"] * -1}) for one in rows
    ]
    with pytest.raises(ValueError, match="at the edge of what was tried"):
        rates.best_rate(at_the_edge, runs.TASK_7, epoch=10)


def row(specification: Specification, accuracy: float) -> Any:
    from mnistlab.experiments import Row

    epoch = rates.EPOCHS[specification.network]
    return Row(specification, {"epoch": epoch, "accuracy": accuracy})


def accuracies() -> list[float]:
    """Highest at the fourth of the seven rates."""
    return [
        1 - abs(rates.RATES.index(s.learning_rate) - 3) / 10
        for s in rates.EXPERIMENT.specifications
    ]
