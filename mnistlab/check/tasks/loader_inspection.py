"""Looks at a data loader: what its batches hold, how large they are, in which order they come."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL.Image import Image
from torch import Tensor
from torch.utils.data import ConcatDataset, DataLoader, Dataset, IterableDataset, Subset
from torchvision.datasets import MNIST, DatasetFolder, ImageFolder, VisionDataset

from mnistlab._limit import Budget
from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.student import sandbox, values

SECONDS = 1.0
"""How long a loader is iterated over that does not tell the order of its images; see `Budget`."""

BATCHES = "batches of two tensors, images and targets: a DataLoader over a dataset"


@dataclass(frozen=True)
class Look:
    """What was seen of one loader."""

    name: str  # ``"train_loader"`` or ``"test_loader"``
    batches: Sequence[tuple[Any, Any]]  # the first, the second and the last batch
    sizes: Sequence[int]  # of all batches of an epoch
    drawn: Sequence[Any]  # the datasets that the images come from
    shuffled: bool  # whether two epochs have different orders
    complete: bool = True  # whether the whole epoch was seen
    # where the images of an epoch are, in the datasets that hold them, if the loader tells it
    order: Sequence[Place] | None = None

    @property
    def images(self) -> int:
        """Images in the datasets, all of their split; in the batches, where they do not tell."""
        whole = {_key(one): one for dataset in self.drawn for one in sources(dataset)}.values()
        told = all(hasattr(one, "__len__") for one in whole)
        return sum(map(len, whole)) if told else sum(self.sizes)

    @property
    def split(self) -> str:
        """``"training"``, ``"test"``, ``"both"`` or ``"unknown"``."""
        return _one_of(set(map(split_of, self.drawn)))

    @property
    def other(self) -> str | None:
        """The name of torchvision's class, where it is that of other images than MNIST's."""
        return next(filter(None, map(other_data, self.drawn)), None)


def looked_at(loader: Any, name: str) -> Look:
    """Look at a loader; what prevents it ends the check."""
    if isinstance(loader, Dataset):
        observed = f"{name} is a dataset ({type(loader).__name__}): it gives single images"
        raise stop("wrong-type", observed, f"{BATCHES}, DataLoader({name[:-7]}_set, ...)")
    return _by_order(loader, name) if _tells_order(loader) else _by_iterating(loader, name)


def _tells_order(loader: object) -> bool:
    return (
        isinstance(loader, DataLoader)
        and type(loader).__iter__ is DataLoader.__iter__
        and loader.batch_sampler is not None
        and not isinstance(loader.dataset, IterableDataset)
    )


# --- PyTorch's loaders tell the order without loading an image


def _by_order(loader: DataLoader, name: str) -> Look:
    first, second = sandbox.call(_two_orders, loader, shown=f"for batch in {name}")
    if not first:
        raise StopCheck(_empty(name))
    order, drawn = _places(loader.dataset, [number for batch in first for number in batch])
    some = [_pair(batch, name) for batch in _loaded(loader, _some(first), name)]
    return Look(name, some, list(map(len, first)), drawn, shuffled=first != second, order=order)


def _some(batches: Sequence[Any]) -> list[Any]:
    """The first, the second and the last one."""
    return [*batches[:2], *batches[2:][-1:]]


def _two_orders(loader: DataLoader) -> tuple[list[list[int]], list[list[int]]]:
    """The numbers of the images in each batch of two epochs; random generators stay as they are."""
    inner = getattr(loader.batch_sampler, "sampler", None)
    holders = (loader, loader.sampler, loader.batch_sampler, inner)
    generators = [getattr(one, "generator", None) for one in holders]
    states = [(one, one.get_state()) for one in generators if one is not None]
    try:
        return _order(loader), _order(loader)
    finally:
        for generator, state in reversed(states):
            generator.set_state(state)


def _order(loader: DataLoader) -> list[list[Any]]:
    return [list(map(_plain, batch)) for batch in loader.batch_sampler]


def _plain(number: Any) -> Any:
    """An image's number as Python's own, whatever a sampler gives."""
    return number.item() if isinstance(number, Tensor | np.generic) else number


def _loaded(loader: DataLoader, batches: Sequence[list[int]], name: str) -> list[Any]:
    """Some batches as the loader makes them."""
    few = DataLoader(loader.dataset, batch_sampler=batches, collate_fn=loader.collate_fn)
    try:
        return sandbox.call(lambda: list(few), shown=f"next(iter({name}))")
    except StopCheck:
        if _has_pil_images(loader.dataset):
            observed = f"the images of {name} are PIL images, which can't be put into a batch"
            raise stop("not-tensors", observed, "tensors: transform=ToTensor()") from None
        raise


def _has_pil_images(dataset: Any) -> bool:
    with suppress(Exception):  # what fails here has failed in the loader
        return isinstance(dataset[0][0], Image)
    return False


def split_of(dataset: Any) -> str:
    """Which part of MNIST a dataset draws from, as torchvision's class says."""
    return _one_of({_split(one) for one in sources(dataset)})


def _split(dataset: Any) -> str:
    train = getattr(dataset, "train", None)
    return {True: "training", False: "test"}[train] if isinstance(train, bool) else "unknown"


def compare_splits(
    splits: tuple[str, str], names: tuple[str, str], apart: bool
) -> Iterator[Finding]:
    """Whether the first of two is for training and the second for testing; see `split_of`.

    ``apart`` says whether they are known to have no image in common.
    """
    first, second = splits
    if "both" in splits:
        place, other = (0, "test") if first == "both" else (1, "training")
        yield finding("splits-overlap", f"{names[place]} holds images of the {other} set too")
    elif first == second != "unknown":
        name = "test-set-missing" if apart and first == "training" else "same-split"
        observed = f"{names[0]} and {names[1]} both hold images of the {first} set"
        yield finding(name, observed)
    elif first == "test" or second == "training":
        held = zip(names, splits, ("test", "training"), strict=True)
        wrong = [
            f"{name} holds the {split} images" for name, split, other in held if split == other
        ]
        yield finding("splits-swapped", " and ".join(wrong))


def _one_of(splits: set[str]) -> str:
    return "both" if splits >= {"training", "test"} else next(iter(splits - {"unknown"}), "unknown")


def other_data(dataset: Any) -> str | None:
    """The name of torchvision's class, where that says that the images are not those of MNIST."""
    for one in sources(dataset):
        kinds = [kind for kind in type(one).__mro__ if kind.__module__.startswith(_TORCHVISION)]
        if kinds and kinds[0] not in _CAN_BE_MNIST:
            return kinds[0].__name__
    return None


_TORCHVISION = "torchvision.datasets."
_CAN_BE_MNIST = (MNIST, VisionDataset, DatasetFolder, ImageFolder)


def sources(dataset: Any) -> list[Any]:
    """The datasets of torchvision's classes that this one draws from, or what it is a subset of.

    There are several where datasets are put together with ``ConcatDataset``.
    """
    if isinstance(getattr(dataset, "train", None), bool):
        return [dataset]
    if isinstance(dataset, ConcatDataset):
        return [one for part in dataset.datasets for one in sources(part)]
    values = vars(dataset).values() if hasattr(dataset, "__dict__") else ()
    held = next((one for one in values if isinstance(one, Dataset)), None)
    inner = [] if held is None else sources(held)
    told = isinstance(dataset, Subset) or any(_split(one) != "unknown" for one in inner)
    return inner if told else [dataset]


Place = tuple[Hashable, Any]
"""What tells an image: which dataset it is in, and its number there."""


def _place(dataset: Any, number: Any) -> tuple[Any, Any]:
    """The dataset that an image is really in, and its number there."""
    while type(dataset) in (Subset, ConcatDataset) and isinstance(number, int) and number >= 0:
        if type(dataset) is Subset:
            dataset, number = dataset.dataset, _plain(dataset.indices[number])
        else:
            part = bisect_right(dataset.cumulative_sizes, number)
            before = dataset.cumulative_sizes[part - 1] if part else 0
            dataset, number = dataset.datasets[part], number - before
    return dataset, number


def _places(dataset: Any, numbers: Sequence[Any]) -> tuple[list[Place], list[Any]]:
    """Where the images of an epoch are, and the datasets that hold them."""
    found_in = [_place(dataset, number) for number in numbers]
    drawn = {id(one): one for one, _ in found_in}
    keys = {key: _key(one) for key, one in drawn.items()}
    places = [(keys[id(one)], number) for one, number in found_in]
    return places, list(drawn.values())


def _key(dataset: Any) -> Hashable:
    """Two datasets of torchvision's class hold the same images if both are for training."""
    split = _split(dataset)
    return id(dataset) if split == "unknown" else (split, len(dataset))


# --- other loaders are iterated over


def _by_iterating(loader: Any, name: str) -> Look:
    if hasattr(loader, "__next__"):
        raise stop("wrong-type", f"{name} is an iterator: after one epoch it is used up", BATCHES)
    batches, complete = sandbox.call(_iterated, loader, shown=f"for batch in {name}")
    if not batches:
        raise StopCheck(_empty(name))
    pairs = [_pair(batch, name) for batch in batches]
    again, _ = sandbox.call(_iterated, loader, 1, shown=f"for batch in {name}")
    sizes, drawn = [len(targets) for _, targets in pairs], [getattr(loader, "dataset", None)]
    shuffled = bool(again) and not _equal(pairs[0], _pair(again[0], name))
    return Look(name, _some(pairs), sizes, drawn, shuffled, complete)


def _iterated(loader: Any, most: int | None = None) -> tuple[list[Any], bool]:
    """The batches of an epoch, and whether the time was enough for all."""
    batches: list[Any] = []
    budget = Budget(SECONDS)
    for batch in loader:
        batches.append(batch)
        if len(batches) == most or budget.left() <= 0:
            return batches, False
    return batches, True


def _equal(pair: tuple[Any, Any], other: tuple[Any, Any]) -> bool:
    return all(
        isinstance(a, Tensor) and isinstance(b, Tensor) and torch.equal(a, b)
        for a, b in zip(pair, other, strict=True)
    )


def _pair(batch: Any, name: str) -> tuple[Any, Any]:
    if not isinstance(batch, tuple | list) or len(batch) != 2:
        observed = f"a batch of {name} is {values.shown(batch)}"
    elif not hasattr(batch[1], "__len__") or getattr(batch[1], "ndim", 1) == 0:
        observed = f"{name} gives single images, each with one target"
    else:
        return batch[0], batch[1]
    raise stop("wrong-type", observed, BATCHES)


def _empty(name: str) -> Any:
    return finding("wrong-type", f"{name} gives no batch", BATCHES)


def not_mnist(names: Sequence[str | None]) -> Iterator[Finding]:
    """Whether data are of one of torchvision's classes for other images."""
    others = sorted({one for one in names if one is not None})
    if others:
        yield finding("other-data-set", classes=" and ".join(others))
