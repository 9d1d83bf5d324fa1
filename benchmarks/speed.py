"""How much faster than the textbook's loop the package trains: ratios, measured side by side.

    python benchmarks/speed.py [--rounds 5] [--network fully-connected]

Both loops train the same network from the same parameters on the same batches, an epoch each in turn,
in one process, and measure it on the test set after each epoch. What else the machine does then hits
both, and their ratio is steadier than their times. The curves must agree.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Callable

import torch
from torch import nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader
from torchvision.transforms import ToTensor

from mnistlab import TASK_7, TASK_8, Specification, _layout, datasets, runs, train
from mnistlab.sources import DataError

AGREEMENT = 1e-4
"""How far the two loops' losses and accuracies may differ after each epoch."""

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


def compare(specification: Specification, rounds: int) -> bool:
    """Print each round and the ratios; whether the curves agree."""
    name = specification.network.replace("_", "-")
    loops = {"textbook": textbook(specification), "ours": ours(specification)}
    ratios, gap = [], 0.0
    for number in range(1, rounds + 1):
        order = list(loops) if number % 2 else list(loops)[::-1]  # who begins alternates
        results = {loop: timed(loops[loop]) for loop in order}
        (slow, curve), (fast, own) = results["textbook"], results["ours"]
        ratios.append(slow / fast)
        gap = max(gap, *(abs(a - b) for a, b in zip(curve, own, strict=True)))
        print(f"{name}, round {number}: textbook {slow:.2f} s, ours {fast:.2f} s, {ratios[-1]:.2f}")
    print(
        f"{name}: {statistics.median(ratios):.2f} times as fast in the median of {rounds} rounds "
        f"({min(ratios):.2f} to {max(ratios):.2f}); largest difference of the curves {gap:.1e}"
    )
    return gap <= AGREEMENT


def main() -> int:
    """Compare for each network that is asked for; 1 if a curve differs."""
    tasks = {task.network.replace("_", "-"): task for task in (TASK_7, TASK_8)}
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5, help="epochs of each loop (default: 5)")
    parser.add_argument("--network", choices=tasks, help="one of them (default: both)")
    options = parser.parse_args()
    chosen = [tasks[options.network]] if options.network else list(tasks.values())
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    try:
        agree = [compare(task, options.rounds) for task in chosen]
    except DataError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 1
    if not all(agree):
        print(f"the curves differ by more than {AGREEMENT:g}")
    return 0 if all(agree) else 1


if __name__ == "__main__":
    raise SystemExit(main())
