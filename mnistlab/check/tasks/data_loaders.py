"""The checker of the two data loaders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import torch
from torch import Tensor
from torchvision.datasets import MNIST

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, finding, stop
from mnistlab.check.student import lending, values
from mnistlab.check.student.probe_data import BATCH
from mnistlab.check.tasks.loader_inspection import (
    BATCHES,
    Look,
    Place,
    compare_splits,
    looked_at,
    not_mnist,
)


@checker()
def data_loaders(train_loader: Any, test_loader: Any) -> Iterator[Finding]:
    """Check the two data loaders (Task 2, Test 2).

    Looks at the order of the images in two epochs and at the first and last batches, so a loader
    of 60 000 images takes no longer than a small one. Where the data do not tell which part of
    MNIST they are, 60 000 and 10 000 images are expected.

    Parameters
    ----------
    train_loader, test_loader : iterable of (images, targets)
        Such as ``torch.utils.data.DataLoader``.

    Raises
    ------
    TypeError
        If one of them gives no batches: a function, or a number.
    """
    for loader in (train_loader, test_loader):
        if not (hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")):
            raise TypeError(
                f"check.data_loaders was given {values.shown(loader)}; expected two loaders: "
                "check.data_loaders(train_loader, test_loader)"
            )
    train, test = looked_at(train_loader, "train_loader"), looked_at(test_loader, "test_loader")
    yield from not_mnist([train.other, test.other])
    splits = list(_of_splits(train, test))
    datasets = [getattr(loader, "dataset", None) for loader in (train_loader, test_loader)]
    if not splits and datasets[0] is not None and datasets[0] is datasets[1]:
        splits.append(finding("same-split", "both loaders have the same dataset"))
    yield from splits
    if any(one.name == "splits-swapped" for one in splits):
        return
    for look in (train, test):
        for images, targets in look.batches:
            yield from _test_2(look.name, images, targets)
        if not splits:
            yield from _missing(look)
    yield from _sizes(train)
    yield from _orders(train, test)


def _of_splits(train: Look, test: Look) -> Iterator[Finding]:
    splits, names = (train.split, test.split), (train.name, test.name)
    if splits == ("unknown", "unknown"):
        if (train.images, test.images) == (10_000, 60_000):
            observed = f"{train.images} images for training, {test.images} for testing"
            yield finding("splits-swapped", observed)
        yield from _in_both(train, test)
    apart = train.order and test.order and not set(train.order) & set(test.order)
    yield from compare_splits(splits, names, bool(apart))


def _in_both(train: Look, test: Look) -> Iterator[Finding]:
    """Images of data that do not tell which part of MNIST they are, but are drawn by both."""
    shared = len(set(train.order or ()) & set(test.order or ()))
    if shared == len(test.order or ()) == len(train.order or ()):
        return  # the same dataset, which is told otherwise
    if shared:
        yield finding("splits-overlap", f"{shared} images of train_loader are in test_loader too")


def _test_2(name: str, images: Any, targets: Any) -> Iterator[Finding]:
    """The assignment's second test, for one batch."""
    for part, what in ((images, "images"), (targets, "targets")):
        if not isinstance(part, Tensor):
            yield finding("not-tensors", f"the {what} of {name} are a {values.type_name(part)}")
            return
    if images.ndim == 0 or images.numel() == 0:
        observed = f"a batch of {name} has images of shape {tuple(images.shape)}"
        raise stop("wrong-type", observed, BATCHES)
    yield from _inputs(name, images)
    yield from _targets(name, targets, len(images))


def _inputs(name: str, images: Tensor) -> Iterator[Finding]:
    low, high = images.min().item(), images.max().item()
    observed = f"the inputs of {name} go from {low:.4g} to {high:.4g}, type {images.dtype}"
    if high > 20 or not images.is_floating_point():
        yield finding("inputs-0-to-255", observed)
    elif not (low >= 0 and high <= 1):  # also if they are no numbers
        yield finding("inputs-range", observed)
    elif high <= 1 / 255:
        yield finding("inputs-range", f"{observed}: divided by 255 twice")


def _targets(name: str, targets: Tensor, count: int) -> Iterator[Finding]:
    if targets.dtype != torch.int64 or tuple(targets.shape) != (count,):
        observed = f"the targets of {name} have shape {tuple(targets.shape)}, type {targets.dtype}"
        yield finding("targets", observed)
    elif targets.min() < 0 or targets.max() > 9:
        low, high = targets.min().item(), targets.max().item()
        yield finding("targets", f"the targets of {name} go from {low} to {high}")


def _missing(look: Look) -> Iterator[Finding]:
    """Images that are in the dataset and in no batch, and such that come twice."""
    if look.order is not None and len(set(look.order)) < len(look.order):
        yield _repeated(look.name, look.order)
        return
    images = _whole(look)
    missing = images - sum(look.sizes)
    expected = f"all {images} images in each epoch"
    if not look.complete or missing <= 0:
        return
    observed = f"{look.name} leaves out {missing} of {images} images"
    if missing == images % look.sizes[0]:
        yield finding("drop-last", f"{observed}, those of the last, smaller batch", expected)
    else:
        yield finding("images-missing", observed, expected)


def _repeated(name: str, order: Sequence[Place]) -> Finding:
    """Images that come more than once: all equally often, as in a dataset put together, or not."""
    times = set(Counter(order).values())
    if len(times) == 1:
        return finding("images-repeated", loader=name, times=times.pop())
    repeats = len(order) - len(set(order))
    return finding("drawn-with-replacement", loader=name, repeats=repeats, draws=len(order))


def _whole(look: Look) -> int:
    """Images of its split; of data that do not tell theirs, as many as MNIST has, here or at all."""
    if look.split != "unknown":
        return look.images
    training = look.name == "train_loader"
    known = [60_000 if training else 10_000]
    if lending.is_lent():
        known.append(len(MNIST("lent", train=training)))
    return min((one for one in known if one >= look.images), default=look.images)


def _sizes(train: Look) -> Iterator[Finding]:
    others = sorted({size for size in train.sizes[:-1] if size != BATCH})
    if not others and train.sizes[-1] <= BATCH:
        return
    shown = ", ".join(map(str, others[:3] or train.sizes[-1:]))
    yield finding("batch-size", sizes=shown, right=BATCH)


def _orders(train: Look, test: Look) -> Iterator[Finding]:
    if not train.shuffled:
        yield finding("training-not-shuffled")
    if test.shuffled:
        yield finding("test-shuffled")
