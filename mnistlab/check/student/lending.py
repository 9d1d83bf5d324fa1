"""Lends a student's function data of known content, where it would use MNIST or its own loaders."""

from __future__ import annotations

import functools
import inspect
import re
import types
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

from torch.utils.data import DataLoader, Dataset, RandomSampler
from torchvision.datasets import EMNIST, KMNIST, MNIST, QMNIST, FashionMNIST

from mnistlab import sources
from mnistlab.check.student.probe_data import Content

DEPTH = 3
"""How deep loaders are looked for in containers and objects."""

LARGEST = 50
"""Containers with more items than this are not looked into."""

MOST_TYPED = 64
"""A number of images of the student's own is lent if it is larger: smaller ones may be anything."""


@contextmanager
def lent_mnist(train: Content, test: Content) -> Iterator[None]:
    """Every ``torchvision.datasets.MNIST`` made inside has this content: no file, no network.

    The methods of the class are replaced, so its name in the student's code does not matter, and
    subclasses such as ``FashionMNIST`` and those of `mnistlab` are covered; of torchvision's own,
    some replace these methods again, so theirs are replaced too. So is `mnistlab.sources.locate`,
    by what it rests on: it gives a path, and looks for no file.
    """

    def load(dataset: MNIST) -> Content:
        images, targets = train if dataset.train else test
        if isinstance(dataset, QMNIST):  # a row of eight numbers for each image, first the class
            return images.clone(), targets.unsqueeze(1).repeat(1, 8)
        return images.clone(), targets.clone()

    replaced = {
        "_check_legacy_exist": lambda _: False,
        "_check_exists": lambda _: True,
        "download": lambda _: None,
        "_load_data": load,
    }
    with ExitStack() as stack:
        for kind in (MNIST, FashionMNIST, KMNIST, EMNIST, QMNIST):
            for name in replaced.keys() & vars(kind).keys():
                stack.enter_context(mock.patch.object(kind, name, replaced[name]))
        for name in ("_locate_mnist", "_locate_strokes"):
            located = mock.Mock(return_value=Path("lent"))
            stack.enter_context(mock.patch.object(sources, name, located))
        yield


def is_lent() -> bool:
    """Whether MNIST is lent here and now."""
    return MNIST._load_data.__module__ == __name__


@contextmanager
def lent_loaders(
    function: Callable[..., Any], train: DataLoader, test: DataLoader
) -> Iterator[None]:
    """The loaders and datasets that the function can reach become these, and themselves again.

    They are changed in place, so it does not matter where the function finds them: in its module,
    its closure, its defaults, in containers or attributes there. A loader is taken for the test
    loader if its name, its dataset or its lack of shuffling says so, and its dataset with it.
    Numbers that were counted from them before, such as ``N_test = len(test_set)``, are lent too.
    """
    reached = list(_reached(function))
    done: set[int] = set()
    with ExitStack() as stack:
        _lend_counts(stack, function, list(_counts(reached, train, test)))
        for name, value in reached:
            if isinstance(value, DataLoader):
                lent = test if _is_for_testing(name, value) else train
                done.add(id(value.dataset))
                _impersonate(stack, value.dataset, lent.dataset)
                _impersonate(stack, value, lent)
        for name, value in reached:
            if isinstance(value, Dataset) and id(value) not in done:
                lent = test if _is_test_set(name, value) else train
                _impersonate(stack, value, lent.dataset)
        yield


@dataclass(frozen=True)
class _Count:
    """A number of images or batches of the student's own, and the one that is lent for it."""

    own: int
    lent: int
    testing: bool
    batches: bool


def _counts(
    reached: Sequence[tuple[str, object]], train: DataLoader, test: DataLoader
) -> Iterator[_Count]:
    for name, value in reached:
        with suppress(Exception):  # some have no length
            loader = isinstance(value, DataLoader)
            dataset = value.dataset if loader else value
            testing = _is_for_testing(name, value) if loader else _is_test_set(name, value)
            lent = test if testing else train
            if len(dataset) > MOST_TYPED:
                yield _Count(len(dataset), len(lent.dataset), testing, batches=False)
            if loader:
                yield _Count(len(value), len(lent), testing, batches=True)


def _lend_counts(stack: ExitStack, function: Callable[..., Any], counts: list[_Count]) -> None:
    """Replace numbers of images, and of batches where the name says so, until the stack unwinds."""
    for holder, name in _slots(function):
        words = set(words_of(str(name)))
        alike = {
            one
            for one in counts
            if one.own == holder[name]
            and is_for_testing(str(name)) in (None, one.testing)
            and (not one.batches or words & {"batch", "batches", "loader", "steps", "iters"})
        }
        if len({one.lent for one in alike}) == 1:
            stack.callback(holder.__setitem__, name, holder[name])
            holder[name] = alike.pop().lent


class _Cell(dict[str, Any]):
    """The cell of a closure as a dictionary of one item."""

    def __init__(self, name: str, cell: types.CellType) -> None:
        super().__init__({name: cell.cell_contents})
        self._cell = cell

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value)
        self._cell.cell_contents = value


def _slots(function: Callable[..., Any]) -> Iterator[tuple[dict[Any, Any], Any]]:
    """Where a function finds whole numbers: a dictionary, and the key in it."""
    for owner in _functions(function):
        cells = zip(owner.__code__.co_freevars, owner.__closure__ or (), strict=True)
        holders = [owner.__globals__, *(_Cell(*one) for one in cells if _filled(one[1]))]
        values = [value for holder in holders for value in list(holder.values())]
        values.append(getattr(function, "__self__", None))
        for value in values:
            if type(value) is dict and len(value) <= LARGEST:
                holders.append(value)
            elif _is_own(value, owner.__module__) and not isinstance(value, type):
                holders.append(vars(value))
        seen: set[int] = set()
        for holder in holders:
            if id(holder) not in seen:
                seen.add(id(holder))
                yield from (
                    (holder, name) for name, one in list(holder.items()) if type(one) is int
                )


def _impersonate(stack: ExitStack, value: Any, other: Any) -> None:
    """Give an object the class and the attributes of another, until the stack unwinds."""
    if not hasattr(value, "__dict__"):
        return
    before = type(value), dict(vars(value))
    stack.callback(_set, value, *before)
    _set(value, type(other), dict(vars(other)))
    if issubclass(before[0], MNIST):
        images, targets = other.tensors
        data = (images.squeeze(1) * 255).round().byte()
        _set(value, before[0], before[1] | {"data": data, "targets": targets})


def _set(value: Any, kind: type, attributes: dict[str, Any]) -> None:
    object.__setattr__(value, "__class__", kind)
    object.__setattr__(value, "__dict__", attributes)


def _is_for_testing(name: str, loader: DataLoader) -> bool:
    said = _role(name, loader.dataset)
    return not isinstance(loader.sampler, RandomSampler) if said is None else said


def _is_test_set(name: str, dataset: Dataset) -> bool:
    return bool(_role(name, dataset))


def _role(name: str, dataset: object) -> bool | None:
    """Whether something is for testing, as its name or its dataset says."""
    said = is_for_testing(name)
    train = getattr(dataset, "train", None)
    return not train if said is None and isinstance(train, bool) else said


_TRAINING = re.compile(r"train(ing)?(sets?|dl|ds)?")
_TESTING = re.compile(r"(test(ing)?|val(id|idation)?|eval(uation)?)(sets?|dl|ds)?")


def is_for_testing(name: str) -> bool | None:
    """Whether a name says that something is for testing, or for training; None if neither."""
    words = words_of(name)
    for kind, answer in ((_TRAINING, False), (_TESTING, True)):
        if any(map(kind.fullmatch, words)):
            return answer
    return None


def words_of(name: str) -> list[str]:
    """The words of a name: ``val_loader``, ``valLoader`` and ``valloader`` have the same two."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    return re.findall(r"[a-z]+", re.sub(r"(loaders?|batches|data|mnist)", r"_\1_", apart))


Named = Iterator[tuple[str, object]]


def _reached(function: Callable[..., Any]) -> Named:
    """Names and values of what a function can use: globals, closure, defaults, what these hold."""
    seen: set[int] = set()
    holder = getattr(function, "__self__", function)  # of a method, or an object that is called
    if not isinstance(holder, types.FunctionType | types.ModuleType):
        yield from _within("", holder, type(holder).__module__, DEPTH, seen)
    for owner in _functions(function):
        for name, value in _around(owner):
            yield from _within(name, value, owner.__module__, DEPTH, seen)


def _around(owner: types.FunctionType) -> Named:
    yield from list(owner.__globals__.items())
    for name, cell in zip(owner.__code__.co_freevars, owner.__closure__ or (), strict=True):
        if _filled(cell):
            yield name, cell.cell_contents
    for name, parameter in inspect.signature(owner).parameters.items():
        yield name, parameter.default


def _within(name: str, value: object, module: str | None, depth: int, seen: set[int]) -> Named:
    """A value, and what is in it if it is a container, or an object of the student's own."""
    if id(value) in seen or depth < 0:
        return
    seen.add(id(value))
    if isinstance(value, DataLoader | Dataset):
        yield name, value
        return
    parts: list[tuple[str, object]] = []
    if isinstance(value, types.FunctionType):
        parts = list(_around(value)) if value.__closure__ and value.__module__ == module else []
        depth = min(depth, 1)
    elif isinstance(value, dict) and len(value) <= LARGEST:
        parts = [(str(key), one) for key, one in value.items()]
    elif isinstance(value, list | tuple) and len(value) <= LARGEST:
        parts = [("", one) for one in value]
    elif _is_own(value, module):
        parts = list(vars(value).items())
    for key, one in parts:
        yield from _within(key, one, module, depth - 1, seen)


def _is_own(value: object, module: str | None) -> bool:
    """Whether it is a class of the student's module, an object of one, or a plain namespace."""
    if not hasattr(value, "__dict__") or isinstance(value, types.ModuleType):
        return False
    kind = value if isinstance(value, type) else type(value)
    return kind is types.SimpleNamespace or (module is not None and kind.__module__ == module)


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
