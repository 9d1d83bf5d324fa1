"""How much faster two processes with one thread each make a sweep than one process with two threads.

    python benchmarks/sweep.py [--runs 200]

Both train the same small convolutional networks on MNIST, one sweep after the other in one go, each
into a home folder of its own. Starting the processes counts. The tables must be the same.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import torch

from mnistlab import Specification, runs, sources
from mnistlab.experiments import Experiment, recording
from mnistlab.experiments.experiment import final

GAP = 1e-3
"""By how much losses may differ: threads add in another order, and 32 updates enlarge that."""


class InThisProcess(Executor):
    """Computes at once, with the threads of this process."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any, **options: Any) -> Future:
        """Train a run as `recording.measured` does, but with all threads."""
        experiment, specification = arguments
        finished = runs.run(specification, source="mnist", device="cpu", progress=False)
        future: Future = Future()
        future.set_result((experiment.measure(finished), finished.provenance))
        return future


def sweep(count: int, folder: Path) -> Experiment:
    """So many runs of about half a second."""
    return Experiment(
        "sweep",
        "How long does it take?",
        tuple(
            Specification("convolutional", (4, 8, 10), 1, 0.1, seed=seed, images=2000)
            for seed in range(count)
        ),
        final,
        folder,
    )


def timed(count: int, executor: AbstractContextManager[Executor]) -> tuple[float, list[float]]:
    """Seconds of a sweep in an empty home folder, and the losses."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["MNISTLAB_HOME"] = name
        experiment = sweep(count, Path(name) / "recorded")
        started = time.perf_counter()
        with executor as pool:
            recording.make(experiment, pool, 2, lambda line: None)
        return time.perf_counter() - started, [row["loss"] for row in experiment.recorded()]


def main() -> int:
    """Print both times and their ratio; 1 if the tables differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200, help="how many (default: 200)")
    count = parser.parse_args().runs
    os.environ["MNISTLAB_DATA"] = str(sources.locate(source="mnist").absolute())
    torch.set_num_threads(2)
    threads, losses = timed(count, nullcontext(InThisProcess()))
    processes, others = timed(count, recording.processes(2))
    print(f"{count} runs: one process with two threads {threads:.1f} s, two processes with one "
          f"thread each {processes:.1f} s; ratio {processes / threads:.2f}")  # fmt: skip
    gap = max(abs(a - b) for a, b in zip(losses, others, strict=True))
    print(f"largest difference of the losses {gap:.1e}")
    return 0 if gap <= GAP else 1


if __name__ == "__main__":
    sys.exit(main())
