"""Lends a student's function data of known content, where it would use MNIST or its own loaders."""

from __future__ import annotations

import functools
import inspect
import types
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from torch import Tensor
from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision.datasets import MNIST

import mnistlab.data

Content = tuple[Tensor, Tensor]
"""Images, ``uint8`` of shape (n, 28, 28), and targets, ``int64`` of shape (n,)."""


@contextmanager
def lent_mnist(train: Content, test: Content) -> Iterator[None]:
    """Every ``torchvision.datasets.MNIST`` made inside has this content: no file, no network.

    The methods of the class are replaced, so its name in the student's code does not matter, and
    subclasses such as ``FashionMNIST`` and those of `mnistlab` are covered.
    """

    def load(dataset: MNIST) -> Content:
        images, targets = train if dataset.train else test
        return images.clone(), targets.clone()

    replaced = {
        "_check_legacy_exist": lambda _: False,
        "_check_exists": lambda _: True,
        "download": lambda _: None,
        "_load_data": load,
    }
    with ExitStack() as stack:
        for name, method in replaced.items():
            stack.enter_context(mock.patch.object(MNIST, name, method))
        nowhere = mock.Mock(return_value=Path("lent"))
        stack.enter_context(mock.patch.object(mnistlab.data, "locate", nowhere))
        yield


@contextmanager
def lent_loaders(
    function: Callable[..., Any], train: DataLoader, test: DataLoader
) -> Iterator[None]:
    """The function finds these loaders in place of its own: in its module, closure or defaults.

    A loader is taken for the test loader if its name, its data set or its lack of shuffling says
    so. Tuples and lists of loaders are replaced as well. Everything is put back afterwards.
    """

    def stand_in(name: str, value: object) -> object:
        if isinstance(value, DataLoader):
            return test if _is_for_testing(name, value) else train
        if type(value) in (tuple, list) and any(isinstance(one, DataLoader) for one in value):
            return type(value)(stand_in(name, one) for one in value)
        return value

    with ExitStack() as stack:
        for owner in _functions(function):
            _replace_items(stack, owner.__globals__, stand_in)
            _replace_cells(stack, owner, stand_in)
            _replace_defaults(stack, owner, stand_in)
        yield


def _is_for_testing(name: str, loader: DataLoader) -> bool:
    lowered = name.lower()
    for word, answer in (("train", False), ("test", True), ("val", True), ("eval", True)):
        if word in lowered:
            return answer
    train = getattr(loader.dataset, "train", None)
    if isinstance(train, bool):
        return not train
    return not isinstance(loader.sampler, RandomSampler)


def _functions(value: object, seen: set[int] | None = None) -> Iterator[types.FunctionType]:
    """The plain functions behind a callable, and those in their closures."""
    seen = set() if seen is None else seen
    if id(value) in seen:
        return
    seen.add(id(value))
    if isinstance(value, functools.partial):
        yield from _functions(value.func, seen)
    elif isinstance(value, types.MethodType):
        yield from _functions(value.__func__, seen)
    elif isinstance(value, types.FunctionType):
        yield value
        inner = [cell.cell_contents for cell in value.__closure__ or () if _filled(cell)]
        for one in [getattr(value, "__wrapped__", None), *inner]:
            yield from _functions(one, seen)
    elif callable(value) and not isinstance(value, type | Dataset | DataLoader):
        yield from _functions(inspect.getattr_static(type(value), "__call__", None), seen)


def _filled(cell: types.CellType) -> bool:
    try:
        _ = cell.cell_contents
    except ValueError:
        return False
    return True


StandIn = Callable[[str, object], object]


def _replace_items(stack: ExitStack, items: dict[str, Any], stand_in: StandIn) -> None:
    for name, value in list(items.items()):
        other = stand_in(name, value)
        if other is not value:
            items[name] = other
            stack.callback(items.__setitem__, name, value)


def _replace_cells(stack: ExitStack, owner: types.FunctionType, stand_in: StandIn) -> None:
    for name, cell in zip(owner.__code__.co_freevars, owner.__closure__ or (), strict=True):
        if _filled(cell):
            value = cell.cell_contents
            other = stand_in(name, value)
            if other is not value:
                cell.cell_contents = other
                stack.callback(setattr, cell, "cell_contents", value)


def _replace_defaults(stack: ExitStack, owner: types.FunctionType, stand_in: StandIn) -> None:
    if owner.__defaults__:
        code = owner.__code__
        names = code.co_varnames[: code.co_argcount][-len(owner.__defaults__) :]
        pairs = zip(names, owner.__defaults__, strict=True)
        stack.callback(setattr, owner, "__defaults__", owner.__defaults__)
        owner.__defaults__ = tuple(stand_in(name, value) for name, value in pairs)
    if owner.__kwdefaults__:
        _replace_items(stack, owner.__kwdefaults__, stand_in)
