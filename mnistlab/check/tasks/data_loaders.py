"""The checkers of data sets and data loaders."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from PIL.Image import Image
from torch import Tensor
from torchvision.datasets import MNIST

from mnistlab.check.report.report import Finding, Found, Report, found
from mnistlab.check.student import lending, probe_data, returned, sandbox
from mnistlab.check.student.probe_data import BATCH
from mnistlab.check.student.unfilled import told_if_unfilled
from mnistlab.check.tasks.loader_inspection import (
    BATCHES,
    Look,
    Place,
    looked_at,
    other_data,
    split_of,
)

TWO_SETS = "two data sets, the first for training and the second for testing"

SPLITS = ("training", "test")


# --- data sets


@told_if_unfilled
def datasets(function: Callable[..., Any]) -> Report:
    """Check a function that makes the two data sets (Task 1, Test 1).

    Calls ``function(None)``, and ``function(transform)`` with a transform of its own. Where the
    function reads MNIST with torchvision it gets 203 training and 1003 test images of known
    content; no file is read and nothing is fetched.

    Parameters
    ----------
    function : callable
        Takes a transform; returns the training and the test data set.

    Returns
    -------
    Report

    Raises
    ------
    TypeError
        If it can't be called.
    """
    sandbox.require_function("datasets", function, "datasets")
    return sandbox.judge("datasets", lambda: _of_datasets(function))


def _of_datasets(function: Callable[..., Any]) -> Iterator[Finding]:
    with lending.lent_mnist(*probe_data.content()):
        plain = _two_sets(function, None)
        yield from _other_data([other_data(one) for one in plain])
        items = [_items(dataset, which) for dataset, which in zip(plain, SPLITS, strict=True)]
        problems = list(_test_1(items))
        yield from problems
        yield from _splits(plain, [_places(part) for part in items])
        try:
            yield from _transformed(_two_sets(function, _Marked))
        except Found:
            if not any(one.name == "not-pil" for one in problems):
                raise  # else it is the same mistake: another transform, after this one


def _other_data(names: Sequence[str | None]) -> Iterator[Finding]:
    others = sorted({one for one in names if one is not None})
    if others:
        yield found("other-data-set", " and ".join(others), "MNIST, which the task asks for")


class _Marked:
    """What the checker's transform makes of an image."""

    def __init__(self, image: object) -> None:
        self.image = image


def _two_sets(function: Callable[..., Any], transform: object) -> tuple[Any, Any]:
    shown = "f(None)" if transform is None else "f(transform)"
    sets = returned.two(sandbox.call(function, transform, shown=shown), TWO_SETS)
    for one in sets:
        if isinstance(one, type):
            observed = f"one of the two is the class {one.__name__}, no data set"
            raise Found(found("wrong-type", observed, f"{TWO_SETS}: {one.__name__}(...)"))
        if not (hasattr(one, "__len__") and hasattr(one, "__getitem__")):
            observed = f"one of the two is {returned.shown(one)}"
            raise Found(found("wrong-type", observed, TWO_SETS))
    return sets


def _items(dataset: Any, which: str) -> list[tuple[Any, Any]]:
    """All pairs of image and target, as far as there are stand-ins."""
    length = sandbox.call(len, dataset, shown=f"len({which})")
    count = min(length, probe_data.TRAIN + probe_data.TEST)
    return [_pair(_taken(dataset, number, which), which) for number in range(count)]


def _taken(dataset: Any, number: int, which: str) -> Any:
    return sandbox.call(dataset.__getitem__, number, shown=f"{which}[{number}]")


def _pair(item: Any, which: str) -> tuple[Any, Any]:
    if not isinstance(item, tuple | list) or len(item) != 2:
        observed = f"an item of the {which} set is {returned.shown(item)}"
        raise Found(found("wrong-type", observed, "a pair: an image and its target"))
    return item[0], item[1]


def _test_1(items: Sequence[list[tuple[Any, Any]]]) -> Iterator[Finding]:
    """The assignment's first test."""
    for part, which in zip(items, SPLITS, strict=True):
        for image, target in part[:3] + part[-1:]:
            if not isinstance(image, Image):
                observed = f"without a transform, an image of the {which} set is a {_kind(image)}"
                yield found("not-pil", observed, "a PIL.Image.Image")
            if type(target) is not int:
                observed = f"a target of the {which} set is a {_kind(target)}"
                yield found("target-not-int", observed, "an int from 0 to 9")


def _kind(value: object) -> str:
    module = type(value).__module__.partition(".")[0]
    name = type(value).__name__
    return name if module in ("builtins", "__main__") else f"{module}.{name}"


def _places(items: list[tuple[Any, Any]]) -> set[int] | None:
    """Which of the stand-ins these are; None where the images are others."""
    rows = [_row(image) for image, _ in items]
    known = [row for row in rows if row is not None]
    if not known or len(known) < len(rows):
        return None
    places = set(probe_data.recognise(torch.stack(known)).tolist())
    return None if -1 in places else places


def _row(image: Any) -> Tensor | None:
    """The numbers of an image; None if there are not as many as there should be."""
    if not isinstance(image, Tensor):
        try:
            image = torch.from_numpy(np.array(image, dtype=np.float32))
        except (TypeError, ValueError):
            return None
    return image.detach().cpu().float().flatten() if image.numel() == 784 else None


def _splits(sets: Sequence[Any], places: Sequence[set[int] | None]) -> Iterator[Finding]:
    """Whether the two sets are the training and the test images, all of them."""
    train, test = places
    if train is None or test is None:
        yield from _flags(*(split_of(one) for one in sets))
        return
    training = set(range(probe_data.TRAIN))
    testing = set(range(probe_data.TRAIN, probe_data.TRAIN + probe_data.TEST))
    expected = "all training images in the first, all test images in the second"
    if train == test:
        which = "training" if train <= training else "test"
        yield found("same-split", f"both data sets hold the {which} images", expected)
    elif train <= testing and test <= training:
        yield found("splits-swapped", "the test set comes first", expected)
    elif train & test:
        observed = f"{len(train & test)} images are in both data sets"
        yield found("splits-overlap", observed, expected)
    elif (train, test) != (training, testing):
        for which, part in (("training", training), ("test", testing)):
            if train | test <= part:
                observed = f"both data sets are parts of the {which} set"
                yield found("same-split", observed, expected)
                return
        missing = len((training | testing) - train - test)
        observed = f"{missing} of {len(training | testing)} images are in neither"
        yield found("images-missing", observed, expected)


def _flags(first: str, second: str) -> Iterator[Finding]:
    """The same question for images that are no stand-ins, as far as torchvision's class says."""
    expected = "the training set first, then the test set"
    if (first, second) == ("test", "training"):
        yield found("splits-swapped", "the test set comes first", expected)
    elif "both" in (first, second):
        place = "first" if first == "both" else "second"
        observed = f"the {place} data set holds training and test images"
        yield found("splits-overlap", observed, expected)
    elif first == second != "unknown":
        yield found("same-split", f"both data sets are the {first} set", expected)


def _transformed(sets: Sequence[Any]) -> Iterator[Finding]:
    images = [
        _pair(_taken(dataset, 0, which), which)[0]
        for dataset, which in zip(sets, SPLITS, strict=True)
    ]
    ignored = [
        which for image, which in zip(images, SPLITS, strict=True) if not isinstance(image, _Marked)
    ]
    if ignored:
        observed = f"the images of the {' and the '.join(ignored)} set do not pass the transform"
        yield found("transform-ignored", observed, "the transform of each image of both sets")


# --- data loaders


@told_if_unfilled
def data_loaders(train_loader: Any, test_loader: Any) -> Report:
    """Check the two data loaders (Task 2, Test 2).

    Looks at the order of the images in two epochs and at the first and last batches, so a loader
    of 60 000 images takes no longer than a small one. Where the data do not tell which part of
    MNIST they are, 60 000 and 10 000 images are expected.

    Parameters
    ----------
    train_loader, test_loader : iterable of (images, targets)
        Such as ``torch.utils.data.DataLoader``.

    Returns
    -------
    Report

    Raises
    ------
    TypeError
        If one of them gives no batches: a function, or a number.
    """
    for loader in (train_loader, test_loader):
        if not (hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")):
            raise TypeError(
                f"check.data_loaders was given {returned.shown(loader)}; expected two loaders: "
                "check.data_loaders(train_loader, test_loader)"
            )
    return sandbox.judge("data_loaders", lambda: _of_loaders(train_loader, test_loader))


def _of_loaders(train_loader: Any, test_loader: Any) -> Iterator[Finding]:
    train, test = looked_at(train_loader, "train_loader"), looked_at(test_loader, "test_loader")
    yield from _other_data([train.other, test.other])
    splits = list(_of_splits(train, test))
    if not splits and _same_set(train_loader, test_loader):
        observed = "both loaders have the same data set"
        splits.append(found("same-split", observed, "one loader for each of the two data sets"))
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


def _same_set(train_loader: Any, test_loader: Any) -> bool:
    """Whether both draw from one object, whatever data set it is."""
    sets = [getattr(loader, "dataset", None) for loader in (train_loader, test_loader)]
    return sets[0] is not None and sets[0] is sets[1]


def _of_splits(train: Look, test: Look) -> Iterator[Finding]:
    if train.split == test.split == "unknown":
        if (train.images, test.images) == (10_000, 60_000):
            observed = f"{train.images} images for training, {test.images} for testing"
            yield found("splits-swapped", observed, "the larger set for training")
        yield from _in_both(train, test)
    elif "both" in (train.split, test.split):
        yield from _leaks(train, test)
    elif train.split == test.split:
        observed = f"both loaders take images of the {train.split} set"
        yield found("same-split", observed, "one loader for each of the two data sets")
    elif train.split == "test" or test.split == "training":
        observed = "the training loader takes images of the test set"
        yield found("splits-swapped", observed, "train_loader for training, test_loader for tests")


def _leaks(train: Look, test: Look) -> Iterator[Finding]:
    for look, other in ((train, "test"), (test, "training")):
        if look.split == "both":
            observed = f"{look.name} takes images of the {other} set too"
            yield found("splits-overlap", observed, "one loader for each of the two data sets")
            return


def _in_both(train: Look, test: Look) -> Iterator[Finding]:
    """Images of data that do not tell which part of MNIST they are, but are drawn by both."""
    shared = len(set(train.order or ()) & set(test.order or ()))
    if shared == len(test.order or ()) == len(train.order or ()):
        return  # the same data set, which is told otherwise
    if shared:
        observed = f"{shared} images of train_loader are in test_loader too"
        yield found("splits-overlap", observed, "one loader for each of the two data sets")


def _test_2(name: str, images: Any, targets: Any) -> Iterator[Finding]:
    """The assignment's second test, for one batch."""
    for part, what in ((images, "images"), (targets, "targets")):
        if not isinstance(part, Tensor):
            observed = f"the {what} of {name} are a {_kind(part)}"
            yield found("not-tensors", observed, "two tensors in each batch, as ToTensor() gives")
            return
    if images.ndim == 0 or images.numel() == 0:
        observed = f"a batch of {name} has images of shape {tuple(images.shape)}"
        raise Found(found("wrong-type", observed, BATCHES))
    yield from _inputs(name, images)
    yield from _targets(name, targets, len(images))


def _inputs(name: str, images: Tensor) -> Iterator[Finding]:
    low, high = images.min().item(), images.max().item()
    observed = f"the inputs of {name} go from {low:.4g} to {high:.4g}, type {images.dtype}"
    expected = "floating-point numbers in [0, 1]"
    if high > 20 or not images.is_floating_point():
        yield found("inputs-0-to-255", observed, expected)
    elif not (low >= 0 and high <= 1):  # also if they are no numbers
        yield found("inputs-range", observed, expected)
    elif high <= 1 / 255:
        yield found("inputs-range", f"{observed}: divided by 255 twice", expected)


def _targets(name: str, targets: Tensor, count: int) -> Iterator[Finding]:
    expected = "whole numbers from 0 to 9, type torch.int64, one for each image"
    if targets.dtype != torch.int64 or tuple(targets.shape) != (count,):
        observed = f"the targets of {name} have shape {tuple(targets.shape)}, type {targets.dtype}"
        yield found("targets", observed, expected)
    elif targets.min() < 0 or targets.max() > 9:
        low, high = targets.min().item(), targets.max().item()
        yield found("targets", f"the targets of {name} go from {low} to {high}", expected)


def _missing(look: Look) -> Iterator[Finding]:
    """Images that are in the data set and in no batch, and such that come twice."""
    if look.order is not None and len(set(look.order)) < len(look.order):
        yield _repeated(look.name, look.order)
        return
    images = _whole(look)
    missing = images - sum(look.sizes)
    expected = f"all {images} images in each epoch"
    if not look.complete or missing <= 0:
        return
    observed = f"{look.name} leaves out {missing} of {images} images"
    if missing < look.sizes[0]:
        yield found("drop-last", f"{observed}, those of the last, smaller batch", expected)
    else:
        yield found("images-missing", observed, expected)


def _repeated(name: str, order: Sequence[Place]) -> Finding:
    """Images that come more than once: all equally often, as in a data set put together, or not."""
    times = set(Counter(order).values())
    if len(times) == 1:
        observed = f"in one epoch of {name}, each image comes {times.pop()} times"
        return found("images-repeated", observed, "each image once")
    twice = len(order) - len(set(order))
    observed = f"in one epoch of {name}, {twice} of {len(order)} draws are repeats"
    return found("drawn-with-replacement", observed, "each image once")


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
    observed = f"train_loader has batches of {shown}"
    yield found("batch-size", observed, f"batches of {BATCH}, the last one with what is left")


def _orders(train: Look, test: Look) -> Iterator[Finding]:
    if not train.shuffled:
        observed = "train_loader gives its images in the same order in two epochs"
        yield found("training-not-shuffled", observed, "a new order in each epoch: shuffle=True")
    if test.shuffled:
        observed = "test_loader gives its images in a new order in each epoch"
        yield found("test-shuffled", observed, "any order, such as that of the file")
