"""How fast the package trains, in ratios that are measured side by side.

    python benchmarks/speed.py [--rounds 5] [--network fully-connected]
    python benchmarks/speed.py --busy

The first compares with the textbook's loop. Both train the same network from the same parameters on
the same batches, an epoch each in turn, in one process, and measure it on the test set after each
epoch. What else the machine does then hits both, and their ratio is steadier than their times. The
curves must agree. Beside each time stands which part it is of the machine's limit, also measured here.

The second tells how much slower a step becomes when two other processes compute, with the package's
policy for threads that wait (see `mnistlab._threads`) and without it.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from torchvision.transforms import ToTensor

from mnistlab import (
    TASK_7,
    TASK_8,
    Specification,
    _layout,
    _threads,
    datasets,
    multiply_accumulates,
    runs,
    train,
)
from mnistlab.networks import IMAGE_SHAPE
from mnistlab.sources import DataError

AGREEMENT = 1e-4
"""How far the two loops' losses and accuracies may differ after each epoch."""

TASKS = {task.network.replace("_", "-"): task for task in (TASK_7, TASK_8)}

WITHOUT_POLICY = {"KMP_BLOCKTIME": "200", "OMP_NUM_THREADS": str(os.cpu_count())}
"""OpenMP's own defaults, set as a user would: then the package leaves threads and waiting alone."""

Epoch = Callable[[], tuple[float, float]]


def textbook(specification: Specification) -> Epoch:
    """One epoch as textbooks have it: `DataLoader` over `ToTensor`, NCHW, then the test set."""
    network = specification.build()
    training, test = datasets(ToTensor())
    order = torch.Generator().manual_seed(specification.seed)
    train_loader = DataLoader(training, specification.batch_size, shuffle=True, generator=order)
    test_loader = DataLoader(test, 1000)
    optimizer = torch.optim.SGD(network.parameters(), specification.learning_rate)

    def epoch() -> tuple[float, float]:
        network.train()
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss = cross_entropy(network(images), targets)
            loss.backward()
            optimizer.step()
        return measured(network, test_loader)

    return epoch


def measured(network: nn.Module, loader: DataLoader) -> tuple[float, float]:
    """Loss and accuracy on the test set, as textbooks compute them."""
    network.eval()
    loss, right, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            right += (logits.argmax(dim=1) == targets).sum().item()
            count += len(targets)
    return loss / count, right / count


def ours(specification: Specification) -> Epoch:
    """One epoch as `mnistlab.runs` trains it."""
    cpu = torch.device("cpu")
    network = _layout.fast(specification.build(), cpu)
    loaders = runs.loaders_of(specification)

    def epoch() -> tuple[float, float]:
        with _threads.suited_to(network):
            history = train(
                network, 1, specification.learning_rate, loaders, device=cpu, progress=False
            )
        return history.test_loss[0], history.test_accuracy[0]

    return epoch


def timed(epoch: Epoch) -> tuple[float, tuple[float, float]]:
    """Seconds of an epoch, and what it measured."""
    started = time.perf_counter()
    result = epoch()
    return time.perf_counter() - started, result


def per_second(compute: Callable[[], object], operations: float, seconds: float = 0.5) -> float:
    """Operations per second of the fastest call within so many seconds."""
    fastest, until = float("inf"), time.perf_counter() + seconds
    compute()
    while time.perf_counter() < until:
        started = time.perf_counter()
        compute()
        fastest = min(fastest, time.perf_counter() - started)
    return operations / fastest


def limits() -> dict[str, float]:
    """Floating-point operations per second that this machine reaches, by what is computed.

    A product of two matrices, and the second convolution of network (b) for a batch, forward, in
    oneDNN's own layout.
    """
    size, (channels, maps, side) = 1024, (32, 64, 14)
    matrix = torch.rand(size, size)
    convolution = nn.Conv2d(channels, maps, 5, padding=2)
    images = torch.rand(64, channels, side, side).to_mkldnn()
    with torch.no_grad():
        return {
            "matrix product": per_second(lambda: matrix @ matrix, 2 * size**3),
            "convolution": per_second(
                lambda: convolution(images), 2 * 64 * maps * channels * 25 * side**2
            ),
        }


def operations(specification: Specification) -> float:
    """Floating-point operations of an epoch and its test: a backward pass counts as two forward."""
    training, test = datasets()
    once = 2 * multiply_accumulates(specification.build(), IMAGE_SHAPE)
    return once * (3 * len(training) + len(test))


def compare(specification: Specification, rounds: int, limit: float) -> bool:
    """Print each round and the ratios; whether the curves agree."""
    name = specification.network.replace("_", "-")
    loops = {"textbook": textbook(specification), "ours": ours(specification)}
    ratios, gap, work = [], 0.0, operations(specification)
    for number in range(1, rounds + 1):
        order = list(loops) if number % 2 else list(loops)[::-1]  # who begins alternates
        results = {loop: timed(loops[loop]) for loop in order}
        (slow, curve), (fast, own) = results["textbook"], results["ours"]
        ratios.append(slow / fast)
        gap = max(gap, *(abs(a - b) for a, b in zip(curve, own, strict=True)))
        print(
            f"{name}, round {number}: textbook {slow:.2f} s, ours {fast:.2f} s, {ratios[-1]:.2f}; "
            f"{work / fast / limit:.2f} of the machine's limit"
        )
    print(
        f"{name}: {statistics.median(ratios):.2f} times as fast in the median of {rounds} rounds "
        f"({min(ratios):.2f} to {max(ratios):.2f}); largest difference of the curves {gap:.1e}"
    )
    return gap <= AGREEMENT


def step_time(specification: Specification, rounds: int) -> float:
    """Median seconds of an update with 64 random images, over rounds of about a second each."""
    network = _layout.fast(specification.build(), torch.device("cpu"))
    optimizer = specification.build_optimizer(network)
    images, targets = torch.rand(64, *IMAGE_SHAPE), torch.randint(10, (64,))

    def step() -> None:
        optimizer.zero_grad()
        cross_entropy(network(images), targets).backward()
        optimizer.step()

    times = []
    with _threads.suited_to(network):
        for _ in range(10):
            step()
        for _ in range(rounds):
            started, steps = time.perf_counter(), 0
            while time.perf_counter() < started + 1:
                step()
                steps += 1
            times.append((time.perf_counter() - started) / steps)
    return statistics.median(times)


@contextmanager
def busy_processes(count: int) -> Iterator[None]:
    """So many processes that compute all the time."""
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def waiting(names: list[str], rounds: int) -> None:
    """Print how long a step takes, quiet and busy, with the policy and without: a process for each."""
    print("milliseconds a step: quiet, busy, busy / quiet")
    for name in names:
        for policy, settings in (("with", {}), ("without", WITHOUT_POLICY)):
            quiet = step_in_a_process(name, rounds, settings)
            with busy_processes(2):
                busy = step_in_a_process(name, rounds, settings)
            print(f"{name}, {policy} the policy: {quiet:.2f}, {busy:.2f}, {busy / quiet:.1f}")


def step_in_a_process(name: str, rounds: int, settings: dict[str, str]) -> float:
    """Milliseconds of a step, measured by this file in a process with these settings."""
    chosen = {n: v for n, v in os.environ.items() if n not in _threads.CHOSEN_BY_USER}
    command = [sys.executable, __file__, "--steps", name, "--rounds", str(rounds)]
    output = subprocess.run(
        command, env={**chosen, **settings}, capture_output=True, text=True, check=True
    ).stdout
    return float(output)


def main() -> int:
    """Compare for each network that is asked for; 1 if a curve differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="epochs of each loop (default: 5)")
    parser.add_argument("--network", choices=TASKS, help="one of them (default: both)")
    parser.add_argument("--busy", action="store_true", help="steps beside two busy processes")
    parser.add_argument("--steps", choices=TASKS, help=argparse.SUPPRESS)
    options = parser.parse_args()
    names = [options.network] if options.network else list(TASKS)
    if options.steps:
        print(1000 * step_time(TASKS[options.steps], options.rounds))
        return 0
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    if options.busy:
        waiting(names, options.rounds)
        return 0
    reached = limits()
    for what, speed in reached.items():
        print(f"the machine's limit, {what}: {speed / 1e9:.0f} GFLOP/s")
    try:
        agree = [compare(TASKS[n], options.rounds, max(reached.values())) for n in names]
    except DataError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    if not all(agree):
        print(f"the curves differ by more than {AGREEMENT:g}")
    return 0 if all(agree) else 1


if __name__ == "__main__":
    raise SystemExit(main())
