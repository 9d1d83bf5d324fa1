"""Checkers of the two tests, which are called with data that are right and with data that are not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset, default_collate
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from mnistlab._preserved import printed
from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, finding
from mnistlab.check.student import lending, probe_data, sandbox, values
from mnistlab.check.student.probe_data import BATCH

Test = Callable[..., object]

Cases = Iterator[tuple[str, Any, Any]]
"""What is special about the data, and the two arguments of the test."""

TEST_IMAGES = 103
"""Images of the test loaders here: enough for several batches."""

SHOWN = 3
"""So many of the wrong data that a test lets through are listed."""


@checker("test_datasets")
def test_1(f: Test) -> Iterator[Finding]:
    """Check a test of two datasets (Test 1).

    Calls ``f(train_set, test_set)``: first with datasets that are right, 203 training and 1003 test
    images of torchvision's class ``MNIST`` with ``transform=None``; then with others, in which the
    images or the targets of one of the two sets are of another type.

    Parameters
    ----------
    f : callable
        Your test. It raises ``AssertionError`` for data that are not right, and nothing for others.

    Returns
    -------
    Report
        With the note ``not-an-assertion`` where it raises something else than ``AssertionError``.
    """
    with lending.lent_mnist(*probe_data.content()):
        right = [("transform=None, with 203 and 1003 images", _mnist(True), _mnist(False))]
        errors = yield from _judged(f, "f(train_set, test_set)", right, _wrong_sets())
    others = sorted({type(one).__name__ for one in errors if not isinstance(one, AssertionError)})
    if others:
        yield finding("not-an-assertion", errors=" and ".join(others))


@checker("test_data_loaders")
def test_2(f: Test) -> Iterator[Finding]:
    """Check a test of two loaders (Test 2).

    Calls ``f(train_loader, test_loader)``: first with loaders that are right, which differ in the
    sizes of the last training batch and of the test batches; then with others, of which one has a
    fault, in all batches or in one only.

    Parameters
    ----------
    f : callable
        Your test. It raises for loaders that are not right, whatever it raises, and nothing for
        others.
    """
    yield from _judged(f, "f(train_loader, test_loader)", _right_loaders(), _wrong_loaders())


def _judged(f: Test, shown: str, right: Any, wrong: Cases) -> Any:
    """Findings about a test; returns what it has raised for data that are wrong."""
    for what, train, test in right:
        error, _ = _outcome(f, train, test, shown)
        if error is not None:
            seen = f"{sandbox.raised(error, shown).observed}\nfor data that are right: {what}"
            yield finding("right-refused", seen, _accepted(error))
            return []
    errors, accepted, remark = [], [], ""
    for what, train, test in wrong:
        error, told = _outcome(f, train, test, shown)
        errors += [error] if error is not None else []
        if error is None:
            accepted.append(what)
            remark = remark or told
    if accepted:
        idle = "" if errors else "\nno data are refused: does it look at its arguments?"
        yield finding("wrong-accepted", _listed(accepted) + (remark or idle))
    return errors


def _accepted(error: BaseException) -> str:
    """What is expected of a test that refuses data that are right."""
    expected = "no error: what the exercise asks for holds"
    if not isinstance(error, AssertionError | LookupError):
        return expected
    return (
        f"{expected}. The checker calls your test with small datasets of its own, of the sizes "
        "told above, so the test must not rely on the numbers of images or batches of MNIST"
    )


def _outcome(f: Test, train: Any, test: Any, shown: str) -> tuple[BaseException | None, str]:
    """What a test raised, if it did; else what it did instead, in words."""
    with printed() as output:
        try:
            value = sandbox.call(f, train, test, shown=shown)
        except StopCheck as end:
            if end.finding.name != "raised":
                raise
            return end.__cause__, ""
    if value is not None:
        return None, f"\nthe test returns {values.shown(value)} instead of raising an error"
    return None, "\nthe test prints something instead of raising an error" if output.text else ""


def _listed(accepted: Sequence[str]) -> str:
    listed = "\n".join(f"- {what}" for what in accepted[:SHOWN])
    more = f"\n- and {len(accepted) - SHOWN} more" if len(accepted) > SHOWN else ""
    return f"the test accepts\n{listed}{more}"


# --- datasets


def _mnist(train: bool, **options: Any) -> MNIST:
    return MNIST("lent", train=train, **options)


def _wrong_sets() -> Cases:
    faults = (
        ("tensors for images", {"transform": ToTensor()}),
        ("arrays of NumPy for images", {"transform": np.asarray}),
        ("tensors for targets", {"target_transform": torch.tensor}),
        ("numbers of NumPy for targets", {"target_transform": np.int64}),
        ("strings for targets", {"target_transform": str}),
    )
    for what, options in faults:
        yield f"a training set with {what}", _mnist(True, **options), _mnist(False)
        yield f"a test set with {what}", _mnist(True), _mnist(False, **options)


# --- loaders


def _images(train: bool) -> tuple[Tensor, Tensor]:
    """Inputs and targets of a loader that is right."""
    pixels, targets = probe_data.content()[0 if train else 1]
    count = len(targets) if train else TEST_IMAGES
    return probe_data.inputs(pixels[:count]), targets[:count].clone()


def _loader(train: bool, size: int = BATCH, **options: Any) -> DataLoader:
    return DataLoader(TensorDataset(*_images(train)), size, **options)


def _right_loaders() -> Cases:
    inputs, targets = _images(True)
    whole = len(targets) - len(targets) % BATCH
    full = DataLoader(TensorDataset(inputs[:whole], targets[:whole]), BATCH)
    shuffled = _loader(True, shuffle=True, generator=torch.Generator().manual_seed(0))
    yield "training batches of 64, 64, 64 and 11, test batches of 50", shuffled, _loader(False, 50)
    yield "training batches of 64, 64, 64 and 11, test batches of 64", _loader(True), _loader(False)
    yield (
        f"three training batches of 64, one test batch of {TEST_IMAGES}",
        full,
        _loader(False, TEST_IMAGES),
    )


def _wrong_loaders() -> Cases:
    for what, sizes in _WRONG_SIZES.items():
        order = torch.arange(sum(sizes)).split(sizes)
        batches = DataLoader(TensorDataset(*_images(True)), batch_sampler=order)
        yield f"a training loader with {what}", batches, _loader(False)
    for what, change in _FAULTS.items():
        yield f"a training loader with {what}", change(True), _loader(False)
        yield f"a test loader with {what}", _loader(True), change(False)


_WRONG_SIZES = {
    "batches of 32": [32] * 6 + [11],
    "a first batch of 11": [11, 64, 64, 64],
    "a second batch of 65": [64, 65, 64, 10],
    "a last batch but one of 63": [64, 64, 63, 12],
}


def _planted(train: bool, part: int, where: Any, value: float) -> DataLoader:
    """A loader with a value at one place of its inputs, part 0, or its targets, part 1."""
    parts = _images(train)
    parts[part][where] = value
    return DataLoader(TensorDataset(*parts), BATCH)


def _collated(train: bool, change: Callable[[Tensor, Tensor], Any]) -> DataLoader:
    return _loader(train, collate_fn=lambda items: change(*default_collate(items)))


_FAULTS: dict[str, Callable[[bool], DataLoader]] = {
    "inputs from 0 to 255": lambda train: _collated(train, lambda x, y: (x * 255, y)),
    "an input of -0.1 in the last batch": lambda train: _planted(train, 0, (-2, 0, 5, 5), -0.1),
    "an input of 1.1 in the first batch": lambda train: _planted(train, 0, (20, 0, 5, 5), 1.1),
    "a target of 10 in the last batch": lambda train: _planted(train, 1, -2, 10),
    "a target of -1 in the first batch": lambda train: _planted(train, 1, 20, -1),
    "arrays of NumPy for inputs": lambda train: _collated(train, lambda x, y: (x.numpy(), y)),
    "lists for targets": lambda train: _collated(train, lambda x, y: (x, y.tolist())),
}
"""What can be wrong with a loader, and how to make one in which it is."""
