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
    values = [(str(key), holder[key]) for holder, key in reached]
    loaders = [(name, one) for name, one in values if isinstance(one, DataLoader)]
    datasets = [(name, one) for name, one in values if isinstance(one, Dataset)]
    counts = [*_counts(loaders, train, test), *_counts(datasets, train, test)]
    done: set[int] = set()
    with ExitStack() as stack:
        _lend_counts(stack, reached, counts)
        for name, loader in loaders:
            lent = test if _for_testing(name, loader) else train
            done.add(id(loader.dataset))
            _impersonate(stack, loader.dataset, lent.dataset)
            _impersonate(stack, loader, lent)
        for name, dataset in datasets:
            if id(dataset) not in done:
                lent = test if _for_testing(name, dataset) else train
                _impersonate(stack, dataset, lent.dataset)
        yield


@dataclass(frozen=True)
class _Count:
    """A number of images or batches of the student's own, and the one that is lent for it."""

    own: int
    lent: int
    testing: bool
    batches: bool


def _counts(
    values: Sequence[tuple[str, Any]], train: DataLoader, test: DataLoader
) -> Iterator[_Count]:
    for name, value in values:
        with suppress(Exception):  # some have no length
            testing = _for_testing(name, value)
            lent = test if testing else train
            images = len(_dataset(value))
            if images > MOST_TYPED:
                yield _Count(images, len(lent.dataset), testing, batches=False)
            if isinstance(value, DataLoader):
                yield _Count(len(value), len(lent), testing, batches=True)


def _lend_counts(stack: ExitStack, reached: Sequence[Place], counts: Sequence[_Count]) -> None:
    """Replace numbers of images, and of batches where the name says so, until the stack unwinds."""
    for holder, key in reached:
        own, words = holder[key], set(words_of(str(key)))
        if type(own) is not int:
            continue
        alike = {
            one.lent
            for one in counts
            if one.own == own
            and is_for_testing(str(key)) in (None, one.testing)
            and (not one.batches or words & {"batch", "batches", "loader", "steps", "iters"})
        }
        if len(alike) == 1:
            stack.callback(holder.__setitem__, key, own)
            holder[key] = alike.pop()


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


def _dataset(value: Any) -> Any:
    """The dataset of a loader; a dataset as it is."""
    return value.dataset if isinstance(value, DataLoader) else value


def _for_testing(name: str, value: Any) -> bool:
    """Whether a loader or a dataset is for testing: by its name, its dataset, or its order."""
    said, train = is_for_testing(name), getattr(_dataset(value), "train", None)
    if said is not None:
        return said
    if isinstance(train, bool):
        return not train
    return isinstance(value, DataLoader) and not isinstance(value.sampler, RandomSampler)


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


# --- where a function finds what it uses


class _Cell(dict[str, Any]):
    """The cell of a closure as a dictionary of one item."""

    def __init__(self, name: str, cell: types.CellType) -> None:
        super().__init__({name: cell.cell_contents})
        self._cell = cell

    def __setitem__(self, name: str, value: object) -> None:
        super().__setitem__(name, value)
        self._cell.cell_contents = value


Place = tuple[dict[Any, Any], Any]
"""A dictionary and a key in it; a copy where others, such as lists, hold the value."""


def _reached(function: Callable[..., Any]) -> Iterator[Place]:
    """The whole numbers, loaders and datasets in globals, closure, defaults, and what these hold."""
    seen: dict[int, object] = {}
    owner = getattr(function, "__self__", function)  # of a method, or an object that is called
    if not isinstance(owner, types.FunctionType | types.ModuleType):
        yield from _within({"": owner}, type(owner).__module__, DEPTH, seen)
    for plain in _functions(function):
        for holder in _around(plain):
            yield from _within(holder, plain.__module__, DEPTH, seen)


def _around(function: types.FunctionType) -> list[dict[str, Any]]:
    parameters = inspect.signature(function).parameters.values()
    defaults = {one.name: one.default for one in parameters}
    return [function.__globals__, *_cells(function), defaults]


def _cells(function: types.FunctionType) -> list[_Cell]:
    """The cells of its closure in which there is something."""
    cells = zip(function.__code__.co_freevars, function.__closure__ or (), strict=True)
    return [_Cell(name, cell) for name, cell in cells if cell != types.CellType()]


def _within(
    holder: dict[Any, Any], module: str | None, depth: int, seen: dict[int, object]
) -> Iterator[Place]:
    """Where they are in a dictionary, and so deep in what it holds; nothing is looked at twice."""
    if id(holder) in seen:
        return
    seen[id(holder)] = holder  # keeps it, so that no other object gets its number
    for key, value in list(holder.items()):
        if type(value) is int:
            yield holder, key
        elif id(value) not in seen and isinstance(value, DataLoader | Dataset):
            seen[id(value)] = value
            yield holder, key
        elif depth:
            deep = min(depth, 1) if isinstance(value, types.FunctionType) else depth
            for inner in _holders(value, module):
                yield from _within(inner, module, deep - 1, seen)


def _holders(value: Any, module: str | None) -> list[dict[Any, Any]]:
    """What a container, a closure or an object of the student's own holds."""
    if isinstance(value, types.FunctionType):
        return _around(value) if value.__closure__ and value.__module__ == module else []
    if isinstance(value, dict):
        return [value] if len(value) <= LARGEST else []
    if isinstance(value, list | tuple):
        return [dict(enumerate(value))] if len(value) <= LARGEST else []
    if _is_own(value, module):
        return [dict(vars(value)) if isinstance(value, type) else vars(value)]
    return []


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
        inner = [one for cell in _cells(value) for one in cell.values()]
        for one in [getattr(value, "__wrapped__", None), *inner]:
            yield from _functions(one, seen)
    elif callable(value) and not isinstance(value, type | Dataset | DataLoader):
        yield from _functions(inspect.getattr_static(type(value), "__call__", None), seen)
