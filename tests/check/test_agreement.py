"""One solution gets one verdict, whether its function is checked or the file that it stands in."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest
import tiny
import torch

from mnistlab import check
from mnistlab.check.student import lending
from mnistlab.exercises import _running
from mnistlab.exercises._running import Ran

SETUP = """
import torch
import torch.nn.functional as F
from torch.utils.data import DataLoader
from torchvision import datasets
from torchvision.transforms import ToTensor

train_set, test_set = (
    datasets.MNIST("data", train=one, download=True, transform=ToTensor()) for one in (True, False)
)
train_loader = DataLoader(train_set, batch_size=64, shuffle=True)
test_loader = DataLoader(test_set, batch_size=50)
N_test = len(test_set)
sizes = {"train": len(train_set), "test": len(test_set)}
n_batches = len(test_loader)

def train(network, epochs, lr):
    optimizer = torch.optim.SGD(network.parameters(), lr=lr)
    losses, accuracies = [], []
    for _ in range(epochs):
        network.train()
        for x, y in train_loader:
            optimizer.zero_grad()
            F.cross_entropy(network(x), y).backward()
            optimizer.step()
        network.eval()
        loss = right = n = 0
        with torch.no_grad():
            for x, y in test_loader:
                z = network(x)
                loss += F.cross_entropy(z, y, reduction="sum").item()
                right += (z.argmax(1) == y).sum().item()
                n += len(y)
        losses.append(loss / {by})
        accuracies.append(right / {by})
    return losses, accuracies
"""
MEASURES = {
    "n": [],
    "len(test_set)": [],
    "len(test_loader.dataset)": [],
    "N_test": [],
    "sizes['test']": [],
    "n_batches": ["sums-over-batches"],
    "len(test_loader)": ["sums-over-batches"],
    "sizes['train']": ["wrong-lists"],
    "60000": ["number-typed-in"],
}


def small_mnist() -> AbstractContextManager[None]:
    """Other data than the checkers', as a student's own are."""
    parts = (tiny.images_and_labels(count, seed) for count, seed in ((400, 1), (230, 2)))
    return lending.lent_mnist(
        *((torch.from_numpy(x), torch.from_numpy(y).long()) for x, y in parts)
    )


def ran(folder: Path, source: str, data: Callable[[], AbstractContextManager[None]]) -> Ran:
    path = folder / "file.py"
    path.write_text(source)
    result = Ran()
    with data():
        _running._script(path, 60, lambda name, error: pytest.fail(f"{name}: {error}"), result)
    return result


def names(report: check.Report) -> list[str]:
    return [*map(str, [one.name for one in (*report.problems, *report.notes)])]


FAST = {"n", "N_test", "n_batches", "60000"}
"""A count of the function's own, one of the module's, one of batches, and one that is typed in."""


@pytest.mark.parametrize(
    "by", [pytest.param(by, marks=() if by in FAST else pytest.mark.slow) for by in MEASURES]
)
def test_a_training_is_judged_alike_by_itself_and_in_its_file(by: str, tmp_path: Path) -> None:
    source = SETUP.replace("{by}", by)
    alone = check.train(ran(tmp_path, source, small_mnist).namespace["train"])
    inside = ran(tmp_path, source, _running.lent_data)
    with _running.lent_data():
        in_file = check.train(inside.namespace["train"])
    assert names(alone) == names(in_file) == MEASURES[by], f"{alone}\n{in_file}"


def test_numbers_that_were_lent_are_themselves_again(tmp_path: Path) -> None:
    space = ran(tmp_path, SETUP.replace("{by}", "N_test"), small_mnist).namespace
    check.train(space["train"])
    assert (space["N_test"], space["n_batches"]) == (230, 5)
    assert space["sizes"] == {"train": 400, "test": 230}


TAKEN = """
from mnistlab import evaluate
def evaluate(network, loader):
    return 1, 2
import numpy as evaluate
"""


@pytest.mark.parametrize(
    ("source", "own"),
    [
        (TAKEN, True),
        ("from torchvision import datasets as evaluate", False),
        ("def evaluate(a, b):\n    return 1\nfrom mnistlab import evaluate", True),
        ("from mnistlab import evaluate", False),
        ("def evaluate(a, b):\n    return 1\ndef evaluate(a, b):\n    return 2", True),
    ],
)
def test_an_import_below_takes_no_solution_away(source: str, own: bool, tmp_path: Path) -> None:
    result = ran(tmp_path, textwrap.dedent(source), small_mnist)
    assert _running.is_imported(result.solutions["evaluate"]) is not own
    if "return 2" in source:
        assert result.solutions["evaluate"](0, 0) != 1
