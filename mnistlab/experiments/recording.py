"""Making a record: the runs of an experiment that are missing, in several processes at once.

Any executor of `concurrent.futures` does: `processes` makes one of this machine's cores, and
``distributed.Client.get_executor()`` one of several machines.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Any

import torch

from mnistlab import sources
from mnistlab.experiments.experiment import Experiment, Measured
from mnistlab.runs import Specification, preview, run
from mnistlab.runs.record import RecordError, require_cpu
from mnistlab.runs.specification import TRAINING_IMAGES, VALIDATION_IMAGES


def make(
    experiment: Experiment,
    executor: Executor,
    workers: int = 1,
    report: Callable[[str], None] = print,
) -> None:
    """Train and measure the missing runs of an experiment on MNIST, and write them into its files.

    Each run is written as soon as it has arrived. What was finished before an interruption is not
    trained again, and an unfinished run goes on after its last epoch.

    Parameters
    ----------
    experiment : Experiment
        What to record.
    executor : concurrent.futures.Executor
        Does the work, one run at a time in each of its workers.
    workers : int
        How many it has, for the estimate of the time left.
    report : callable
        Is given a line of text for each run that has arrived.

    Raises
    ------
    DataError
        If MNIST cannot be had, or runs cannot be stored.
    RecordError
        If ``MNISTLAB_PREVIEW`` is set, a worker process has died, or a run that is stored was not
        trained on the CPU.
    """
    if preview():
        raise RecordError(
            "MNISTLAB_PREVIEW cuts runs to one epoch; unset it to make a record of whole ones"
        )
    sources.locate(source="mnist")
    pace = Pace(experiment, workers)
    futures = {executor.submit(measured, experiment, one): one for one in experiment.missing()}
    try:
        for future in as_completed(futures):
            specification = futures[future]
            points, provenance = future.result()
            experiment.add(specification, points, provenance)
            pace.arrived(specification, provenance["seconds"])
            report(f"{pace.line()}: {summary(specification, points)}")
    except FloatingPointError as error:
        raise RecordError(
            f"a run diverged ({specification}): {error}; leave it out of the experiment"
        ) from error
    except BrokenProcessPool as error:
        raise RecordError(
            "a worker process has died (no memory left?); what arrived before is recorded, and the "
            "same command goes on"
        ) from error
    finally:
        for future in futures:
            future.cancel()


def measured(
    experiment: Experiment, specification: Specification
) -> tuple[Measured, dict[str, Any]]:
    """Train or load a run, with one thread, and measure it: the points and the run's provenance.

    Raises
    ------
    RecordError
        If the run is stored, and was not trained on the CPU.
    """
    torch.set_num_threads(1)
    started = time.perf_counter()
    finished = run(specification, source="mnist", device="cpu", progress=False)
    require_cpu(finished)
    points = experiment.measure(finished)
    elapsed = time.perf_counter() - started
    seconds = max(finished.provenance["seconds"], round(elapsed, 1))
    return points, {**finished.provenance, "seconds": seconds}


def summary(specification: Specification, points: Sequence[dict[str, float]]) -> str:
    """A run in a line: what determines it, and the last point that was measured."""
    values = specification.values()
    name, sizes = values.pop("network"), "-".join(map(str, values.pop("sizes")))
    settings = ", ".join(f"{field} {value}" for field, value in values.items())
    last = ", ".join(f"{key} {value:.4g}" for key, value in points[-1].items())
    return f"{name.replace('_', '-')} {sizes}, {settings}: {last}"


class Pace:
    """How many runs have arrived, and how long the others will take.

    A run that is missing is expected to take as long for each image as those of its network that
    have arrived, or else as all that have.
    """

    def __init__(self, experiment: Experiment, workers: int) -> None:
        self.total = len(experiment.specifications)
        self.left = set(experiment.missing())
        self.workers = workers
        self.seconds: dict[tuple[str, tuple[int, ...]], list[float]] = {}

    def arrived(self, specification: Specification, seconds: float) -> None:
        """Note a run and how long it took."""
        self.left.discard(specification)
        each = self.seconds.setdefault((specification.network, specification.sizes), [])
        each.append(seconds / images_seen(specification))

    def time_left(self) -> float:
        """Seconds until the last run will have arrived."""
        known = {kind: sum(each) / len(each) for kind, each in self.seconds.items()}
        usual = sum(known.values()) / len(known)
        expected = (
            known.get((one.network, one.sizes), usual) * images_seen(one) for one in self.left
        )
        return sum(expected) / min(self.workers, max(len(self.left), 1))

    def line(self) -> str:
        """Both in words."""
        done = self.total - len(self.left)
        left = f", about {in_words(self.time_left())} left" if self.left else ""
        return f"{done} of {self.total}{left}"


def images_seen(specification: Specification) -> int:
    """How many images a run goes through, each as often as it is used for an update."""
    held_out = VALIDATION_IMAGES if specification.split == "validation" else 0
    images = specification.images or TRAINING_IMAGES - held_out
    return images * specification.epochs * specification.passes


def in_words(seconds: float) -> str:
    """A duration: seconds below two minutes, minutes below two hours, else hours."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


@contextmanager
def processes(workers: int) -> Iterator[Executor]:
    """An executor of so many processes on this machine, each with one thread.

    They are started anew, not forked: a forked process cannot compute with PyTorch everywhere. When
    the block ends early, what they are doing is stopped too.
    """
    executor = ProcessPoolExecutor(workers, multiprocessing.get_context("spawn"))
    before = set(multiprocessing.active_children())
    try:
        yield executor
    except BaseException:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()  # a run's finished epochs are stored
        raise
    executor.shutdown()


@contextmanager
def dask(address: str) -> Iterator[Executor]:
    """An executor of the workers of a Dask scheduler.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``"tcp://127.0.0.1:8786"``. Its workers need ``mnistlab``, MNIST,
        and a thread for each run they are to train at once. A run whose worker dies is trained by
        another.

    Raises
    ------
    RecordError
        If ``distributed`` is not installed, or there is no scheduler or no worker.
    """
    try:
        from distributed import Client
    except ImportError:
        raise RecordError(
            "--dask needs the package distributed: pip install 'mnistlab[scale]'"
        ) from None
    try:
        client = Client(address, timeout=10)
    except (OSError, ValueError) as error:
        raise RecordError(f"there is no Dask scheduler at {address}: {error}") from error
    with client:
        if not client.nthreads():
            raise RecordError(f"the scheduler at {address} has no workers; start some: dask worker")
        with client.get_executor(pure=False) as executor:
            yield executor
