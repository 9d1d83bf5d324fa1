"""How much faster two processes with one thread each make a sweep than one process with two threads.

    python benchmarks/sweep.py [--runs 200] [--network fully-connected]

Both train the same small networks on MNIST, one sweep after the other in one go, each into a home
folder of its own. Starting the processes counts. The tables must be the same.

How much there is to gain depends on the network: what one run makes good use of two threads for, two
runs can't use again. In one process, too, each network has the threads that the package gives it.
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
from dataclasses import replace
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


NETWORKS = {
    "fully-connected": Specification("fully_connected", (784, 100, 10), 1, 0.1, images=20_000),
    "convolutional": Specification("convolutional", (4, 8, 10), 1, 0.1, images=2000),
}
"""Runs of about half a second."""


def timed(
    runs: tuple[Specification, ...], executor: AbstractContextManager[Executor]
) -> tuple[float, list[float]]:
    """Seconds of a sweep in an empty home folder, and the losses."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["MNISTLAB_HOME"] = name
        folder = Path(name) / "recorded"
        experiment = Experiment("sweep", "How long does it take?", runs, final, folder)
        started = time.perf_counter()
        with executor as pool:
            recording.make(experiment, pool, 2, lambda line: None)
        return time.perf_counter() - started, [row["loss"] for row in experiment.recorded()]


def compared(name: str, count: int) -> bool:
    """Print both times and their ratio; False if the tables differ."""
    specifications = tuple(replace(NETWORKS[name], seed=seed) for seed in range(count))
    threads, losses = timed(specifications, nullcontext(InThisProcess()))
    processes, others = timed(specifications, recording.processes(2))
    print(f"{name}, {count} runs: one process with two threads {threads:.1f} s, two processes with "
          f"one thread each {processes:.1f} s; ratio {processes / threads:.2f}", flush=True)  # fmt: skip
    gap = max(abs(a - b) for a, b in zip(losses, others, strict=True))
    print(f"largest difference of the losses {gap:.1e}", flush=True)
    return gap <= GAP


def main() -> int:
    """Compare the sweeps of each network; 1 if their tables differ."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--runs", type=int, default=200, help="how many (default: 200)")
    parser.add_argument(
        "--network", choices=list(NETWORKS), action="append", help="default: both, one by one"
    )
    options = parser.parse_args()
    os.environ["MNISTLAB_DATA"] = str(sources.locate(source="mnist").absolute())
    torch.set_num_threads(2)
    agree = [compared(name, options.runs) for name in options.network or NETWORKS]
    return 0 if all(agree) else 1


if __name__ == "__main__":
    sys.exit(main())
