"""The checker of the two datasets."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from PIL.Image import Image
from torch import Tensor

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.student import lending, probe_data, sandbox, values
from mnistlab.check.tasks.loader_inspection import compare_splits, not_mnist, other_data, split_of

TWO_SETS = "two datasets, the first for training and the second for testing"

SPLITS = ("training", "test")


@checker("datasets")
def datasets(function: Callable[..., Any]) -> Iterator[Finding]:
    """Check a function that makes the two datasets (Task 1, Test 1).

    Calls ``function(None)``, and ``function(transform)`` with a transform of its own. Where the
    function reads MNIST with torchvision it gets 203 training and 1003 test images of known
    content; no file is read and nothing is fetched.

    Parameters
    ----------
    function : callable
        Takes a transform; returns the training and the test dataset.
    """
    with lending.lent_mnist(*probe_data.content()):
        plain = _two_sets(function, None)
        yield from not_mnist([other_data(one) for one in plain])
        items = [_items(dataset, which) for dataset, which in zip(plain, SPLITS, strict=True)]
        problems, transformed = list(_test_1(items)), _transformed(function)
        if any(one.name == "not-pil" for one in problems):
            with suppress(StopCheck):  # the same mistake: another transform, after this one
                problems = [*transformed, *problems]  # one that is ignored is why they are not PIL
        yield from problems
        yield from _splits(plain, [_places(part) for part in items])
        yield from transformed  # nothing if it has been asked already


class _Marked:
    """What the checker's transform makes of an image."""

    def __init__(self, image: object) -> None:
        self.image = image


def _two_sets(function: Callable[..., Any], transform: object) -> tuple[Any, Any]:
    shown = "f(None)" if transform is None else "f(transform)"
    sets = values.pair(sandbox.call(function, transform, shown=shown), TWO_SETS)
    for one in sets:
        if isinstance(one, type):
            observed = f"one of the two is the class {one.__name__}, no dataset"
            raise stop("wrong-type", observed, f"{TWO_SETS}: {one.__name__}(...)")
        if not (hasattr(one, "__len__") and hasattr(one, "__getitem__")):
            raise stop("wrong-type", f"one of the two is {values.shown(one)}", TWO_SETS)
    return sets


def _items(dataset: Any, which: str) -> list[tuple[Any, Any]]:
    """All pairs of image and target, as far as there are probe images."""
    length = sandbox.call(len, dataset, shown=f"len({which})")
    count = min(length, probe_data.TRAIN + probe_data.TEST)
    return [_pair(_taken(dataset, number, which), which) for number in range(count)]


def _taken(dataset: Any, number: int, which: str) -> Any:
    return sandbox.call(dataset.__getitem__, number, shown=f"{which}[{number}]")


def _pair(item: Any, which: str) -> tuple[Any, Any]:
    if not isinstance(item, tuple | list) or len(item) != 2:
        observed = f"an item of the {which} set is {values.shown(item)}"
        raise stop("wrong-type", observed, "a pair: an image and its target")
    return item[0], item[1]


def _test_1(items: Sequence[list[tuple[Any, Any]]]) -> Iterator[Finding]:
    """The assignment's first test."""
    for part, which in zip(items, SPLITS, strict=True):
        for image, target in part[:3] + part[-1:]:
            if not isinstance(image, Image):
                yield finding("not-pil", which=which, type=values.type_name(image))
            if type(target) is not int:
                yield finding("target-not-int", which=which, type=values.type_name(target))


def _places(items: list[tuple[Any, Any]]) -> set[int] | None:
    """Which of the probe images these are; None where the images are others."""
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
    if train is None or test is None:  # other images: as far as torchvision's class says
        splits, apart = [split_of(one) for one in sets], False
    else:
        splits, apart = [_split(one) for one in (train, test)], not train & test
        if train == test:
            yield finding("same-split", "both datasets hold the same images")
        elif not apart:
            yield finding("splits-overlap", f"{len(train & test)} images are in both datasets")
        if not apart:
            return
    found = list(compare_splits((splits[0], splits[1]), ("the first dataset", "the second"), apart))
    yield from found
    if train is not None and test is not None and not found:
        count = probe_data.TRAIN + probe_data.TEST
        missing = count - len(train | test)
        if missing:
            yield finding("images-missing", f"{missing} of {count} images are in neither dataset")


def _split(places: set[int]) -> str:
    """The split of probe images, of which the training images come first."""
    if max(places) < probe_data.TRAIN:
        return "training"
    return "test" if min(places) >= probe_data.TRAIN else "both"


def _transformed(function: Callable[..., Any]) -> Iterator[Finding]:
    sets = zip(_two_sets(function, _Marked), SPLITS, strict=True)
    images = {which: _pair(_taken(dataset, 0, which), which)[0] for dataset, which in sets}
    ignored = [which for which, image in images.items() if not isinstance(image, _Marked)]
    if ignored:
        yield finding("transform-ignored", which=" and the ".join(ignored))
