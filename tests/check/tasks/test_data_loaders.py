"""The checkers of datasets, data loaders and plots."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np
import pytest
import torch
from matplotlib import pyplot
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from torch import Tensor
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    IterableDataset,
    RandomSampler,
    Sampler,
    SequentialSampler,
    Subset,
    SubsetRandomSampler,
    TensorDataset,
    WeightedRandomSampler,
    random_split,
)
from torchvision.datasets import EMNIST, KMNIST, MNIST, QMNIST, FashionMNIST
from torchvision.transforms import ToTensor

from mnistlab import check
from mnistlab.check.student import probe_data
from mnistlab.check.student.lending import lent_mnist
from mnistlab.check.tasks import data_loaders, loader_inspection

Loaders = tuple[Any, Any]


def problems(report: check.Report) -> list[str]:
    return [one.name for one in report.problems]


def notes(report: check.Report) -> list[str]:
    return [one.name for one in report.notes]


def sets(transform: Any = None) -> tuple[MNIST, MNIST]:
    return MNIST("lent", transform=transform), MNIST("lent", False, transform=transform)


# --- datasets


def test_no_file_is_read_and_the_class_is_itself_again() -> None:
    before = MNIST._load_data
    assert check.datasets(sets).passed
    assert MNIST._load_data is before
    with pytest.raises(RuntimeError, match="not found"):
        MNIST("lent")


def test_data_sets_of_the_module_are_judged_by_their_flags() -> None:
    """Made before the checker could lend anything, as at the top of a notebook."""
    content = torch.zeros(70, 28, 28, dtype=torch.uint8), torch.zeros(70, dtype=torch.long)
    with lent_mnist(content, content):
        train, test = sets()

    def giving(*pair: MNIST) -> Callable[[Any], tuple[MNIST, ...]]:
        def f(transform: Any) -> tuple[MNIST, ...]:
            for one in pair:
                one.transform = transform
            return pair

        return f

    assert check.datasets(giving(train, test)).passed
    assert problems(check.datasets(giving(test, train))) == ["splits-swapped"]
    assert problems(check.datasets(giving(train, train))) == ["same-split"]
    leaking = giving(train, test)

    def f(transform: Any) -> tuple[Any, Any]:
        first, second = leaking(transform)
        return first + second, second

    assert problems(check.datasets(f)) == ["splits-overlap"]


def test_two_parts_of_the_training_set_are_told_as_such() -> None:
    report = check.datasets(lambda transform: random_split(sets(transform)[0], [0.8, 0.2]))
    assert problems(report) == ["test-set-missing"]
    assert report.problems[0].observed.endswith("hold images of the training set")


@pytest.mark.parametrize("kind", [FashionMNIST, KMNIST, QMNIST, partial(EMNIST, split="digits")])
def test_other_data_sets_are_told_by_name_and_nothing_is_fetched(kind: Callable[..., Any]) -> None:
    def others(transform: Any) -> list[Any]:
        return [kind("no", train=one, transform=transform, download=True) for one in (True, False)]

    report = check.datasets(others)
    assert problems(report) == ["other-data-set"]
    assert report.problems[0].observed.endswith("MNIST")
    with lent_mnist(*probe_data.content()):
        train, test = others(ToTensor())
        loaders = DataLoader(train, 64, shuffle=True), DataLoader(Subset(test, range(1003)), 64)
        assert problems(check.data_loaders(*loaders)) == ["other-data-set"]


def test_half_of_the_training_images_is_not_enough() -> None:
    def f(transform: Any) -> tuple[Any, Any]:
        train, test = sets(transform)
        return random_split(train, [100, probe_data.TRAIN - 100])[0], test

    report = check.datasets(f)
    assert problems(report) == ["images-missing"]
    assert f"{probe_data.TRAIN - 100} of" in report.problems[0].observed


@pytest.mark.parametrize("target", [np.int64(3), torch.tensor(3), "3", 3.0, True])
def test_a_target_is_a_plain_int(target: object) -> None:
    def f(transform: Any) -> tuple[Any, Any]:
        return tuple(
            MNIST("lent", train, transform=transform, target_transform=lambda _: target)
            for train in (True, False)
        )

    assert problems(check.datasets(f)) == ["target-not-int"]


def test_classes_that_are_not_called_are_told() -> None:
    report = check.datasets(lambda transform: (MNIST, MNIST))
    assert problems(report) == ["wrong-type"]
    assert "the class MNIST" in report.problems[0].observed


class NoLength(list):
    """A dataset that does not know how long it is."""

    def __len__(self) -> int:
        raise NotImplementedError


@pytest.mark.parametrize(
    "image",
    [
        "a drawing of a seven",
        "7" * 784,
        ["0"] * 783 + ["ink"],
        [[0], [1, 2]],
        torch.rand(1, 28, 28, requires_grad=True),
        torch.rand(1, 28, 28).bfloat16(),
        None,
    ],
)
def test_data_sets_of_anything_are_judged(image: object) -> None:
    report = check.datasets(lambda transform: ([(image, 3)] * 5, [(image, 3)] * 5))
    assert problems(report) == ["transform-ignored", "not-pil"]


def test_a_length_that_fails_is_the_students_error() -> None:
    report = check.datasets(lambda transform: (NoLength(), NoLength()))
    assert problems(report) == ["raised"]
    assert "len(training) raises NotImplementedError" in report.problems[0].observed


def test_planted_all_images_look_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checker that can't tell the images apart takes the right sets for wrong ones."""
    monkeypatch.setattr(probe_data, "recognise", lambda rows: torch.zeros(len(rows)).long())
    assert problems(check.datasets(sets)) == ["same-split"]


# --- data loaders


@pytest.fixture(scope="module")
def mnist() -> tuple[MNIST, MNIST]:
    """As many images as MNIST has."""
    generator = torch.Generator().manual_seed(0)
    parts = [
        (
            torch.randint(256, (1, 28, 28), dtype=torch.uint8, generator=generator).repeat(
                count, 1, 1
            ),
            torch.randint(10, (count,), generator=generator),
        )
        for count in (60_000, 10_000)
    ]
    with lent_mnist(*parts):
        return sets(ToTensor())


class Own(DataLoader):
    """A loader of the student's own that does something with each batch."""

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for images, targets in super().__iter__():
            yield images.to("cpu"), targets


class Stream(IterableDataset):
    """Images one after another, without numbers."""

    def __init__(self, dataset: MNIST) -> None:
        self.dataset = dataset

    def __iter__(self) -> Iterator[tuple[Tensor, int]]:
        return iter(self.dataset)


RIGHT: dict[str, Callable[[MNIST, MNIST], Loaders]] = {
    "usual": lambda a, b: (DataLoader(a, 64, True), DataLoader(b, 1000)),
    "workers": lambda a, b: (DataLoader(a, 64, True, num_workers=2), DataLoader(b, 1000)),
    "sampler": lambda a, b: (DataLoader(a, 64, sampler=RandomSampler(a)), DataLoader(b, 1)),
    "own class": lambda a, b: (Own(a, 64, True), Own(b, 1000)),
    "a part that is everything": lambda a, b: (
        DataLoader(Subset(a, range(60_000)), 64, True),
        DataLoader(b, 10_000),
    ),
}


def pairs(factor: float = 1.0, count: int = 70) -> TensorDataset:
    return TensorDataset(torch.rand(count, 1, 28, 28) * factor, torch.randint(10, (count,)))


class TensorSampler(BatchSampler):
    """Draws batches of numbers as tensors."""

    def __iter__(self) -> Iterator[Tensor]:
        return map(torch.tensor, super().__iter__())


def tensor_batches(dataset: MNIST, kind: type[Sampler]) -> DataLoader:
    return DataLoader(dataset, batch_sampler=TensorSampler(kind(dataset), 64, drop_last=False))


class NumPySampler(Sampler):
    """Draws single numbers of NumPy."""

    def __init__(self, dataset: MNIST) -> None:
        self.count = len(dataset)

    def __iter__(self) -> Iterator[Any]:
        return iter(np.random.permutation(self.count))

    def __len__(self) -> int:
        return self.count


RIGHT |= {
    "batches of numbers as tensors": lambda a, b: (
        tensor_batches(a, RandomSampler),
        tensor_batches(b, SequentialSampler),
    ),
    "numbers of NumPy": lambda a, b: (
        DataLoader(a, 64, sampler=NumPySampler(a)),
        DataLoader(b, 1000),
    ),
}


@pytest.mark.parametrize("name", RIGHT)
def test_right_loaders_of_70_000_images(name: str, mnist: tuple[MNIST, MNIST]) -> None:
    started = time.thread_time()
    assert str(check.data_loaders(*RIGHT[name](*mnist))) == "data_loaders: passed"
    assert time.thread_time() - started < 4  # of the processor, on a slow one too


WRONG: dict[str, tuple[list[str], Callable[[MNIST, MNIST], Loaders]]] = {
    "validation split": (
        ["images-missing"],
        lambda a, b: (DataLoader(Subset(a, range(50_000)), 64, True), DataLoader(b, 1000)),
    ),
    "validation split as test": (
        ["same-split"],
        lambda a, _: (DataLoader(a, 64, True), DataLoader(Subset(a, range(10_000)), 1000)),
    ),
    "batches of numbers as tensors, in order": (
        ["training-not-shuffled"],
        lambda a, b: (tensor_batches(a, SequentialSampler), DataLoader(b, 1000)),
    ),
    "sampler of a part": (
        ["images-missing"],
        lambda a, b: (
            DataLoader(a, 64, sampler=SubsetRandomSampler(range(50_000))),
            DataLoader(b, 1000),
        ),
    ),
    "weighted": (
        ["drawn-with-replacement"],
        lambda a, b: (
            DataLoader(a, 64, sampler=WeightedRandomSampler(torch.ones(60_000), 60_000)),
            DataLoader(b, 1000),
        ),
    ),
    "used up": (
        ["wrong-type"],
        lambda a, b: (iter(DataLoader(a, 64, True)), DataLoader(b, 1000)),
    ),
    "no batches": (["wrong-type"], lambda a, b: (DataLoader(a, None), DataLoader(b, None))),
    "one batch": (
        ["wrong-type"],
        lambda a, b: (next(iter(DataLoader(a, 64))), next(iter(DataLoader(b, 64)))),
    ),
    "empty": (["wrong-type"], lambda _, b: ([], DataLoader(b, 1000))),
    "single pairs of tensors": (
        ["wrong-type"],
        lambda a, b: (DataLoader(pairs(), None), DataLoader(pairs(), None)),
    ),
    "a list of single pairs": (["wrong-type"], lambda a, b: (list(pairs()), DataLoader(b, 1000))),
    "an empty batch": (
        ["wrong-type"],
        lambda a, b: ([pairs()[:0], pairs()[:64]], DataLoader(b, 1000)),
    ),
    "one number for all images": (
        ["wrong-type"],
        lambda a, b: ([(torch.tensor(0.5), pairs()[:64][1])], DataLoader(b, 1000)),
    ),
    "not a number": (
        ["inputs-range"],
        lambda a, b: (DataLoader(a, 64, True), DataLoader(pairs(torch.nan, 10_000), 1000)),
    ),
    "a sampler that fails": (
        ["raised"],
        lambda a, b: (DataLoader(a, batch_sampler=[3, 4]), DataLoader(b, 1000)),
    ),
    "items that can't be put into a batch": (
        ["raised"],
        lambda a, b: (DataLoader([(object(), 1)], 64), DataLoader(b, 1000)),
    ),
    "two mistakes": (
        ["drop-last", "batch-size", "training-not-shuffled"],
        lambda a, b: (DataLoader(a, 128, drop_last=True), DataLoader(b, 1000)),
    ),
    "stream of a part": (
        ["images-missing", "training-not-shuffled"],
        lambda a, b: (DataLoader(Stream(Subset(a, range(200))), 64), DataLoader(b, 1000)),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_loaders(name: str, mnist: tuple[MNIST, MNIST]) -> None:
    names, make = WRONG[name]
    assert problems(check.data_loaders(*make(*mnist))) == names


def test_the_loaders_go_on_as_if_nobody_had_looked(mnist: tuple[MNIST, MNIST]) -> None:
    def first(loader: DataLoader) -> Tensor:
        return next(iter(loader))[1]

    def loaders(seed: int) -> tuple[DataLoader, DataLoader]:
        generator = torch.Generator().manual_seed(seed)
        return DataLoader(mnist[0], 64, True, generator=generator), DataLoader(mnist[1], 1000)

    looked_at, untouched = loaders(1), loaders(1)
    assert check.data_loaders(*looked_at).passed
    assert torch.equal(first(looked_at[0]), first(untouched[0]))


def batches(images: Tensor, targets: Tensor) -> DataLoader:
    return DataLoader(TensorDataset(images, targets), 64, shuffle=True)


@pytest.mark.parametrize(
    ("images", "targets", "names"),
    [
        (torch.rand(70, 1, 28, 28), torch.randint(10, (70,)), []),
        (torch.rand(70, 1, 28, 28).double(), torch.randint(10, (70,)), []),
        (torch.rand(70, 1, 28, 28) * 255, torch.randint(10, (70,)), ["inputs-0-to-255"]),
        (torch.ones(70, 1, 28, 28).byte(), torch.randint(10, (70,)), ["inputs-0-to-255"]),
        (torch.rand(70, 1, 28, 28) * 2 - 1, torch.randint(10, (70,)), ["inputs-range"]),
        (torch.rand(70, 1, 28, 28) / 255, torch.randint(10, (70,)), ["inputs-range"]),
        (torch.rand(70, 1, 28, 28), torch.randint(1, 11, (70,)), ["targets"]),
        (torch.rand(70, 1, 28, 28), torch.rand(70, 10), ["targets"]),
        (torch.rand(70, 1, 28, 28), torch.randint(10, (70,)).float(), ["targets"]),
        (torch.rand(70, 1, 28, 28), torch.randint(10, (70, 1)), ["targets"]),
    ],
)
def test_what_is_in_the_batches(images: Tensor, targets: Tensor, names: list[str]) -> None:
    targets[:1].fill_(10 if "targets" in names else 0)
    test = DataLoader(TensorDataset(torch.rand(5, 1, 28, 28), torch.arange(5)), 2)
    with lent_mnist(*((torch.zeros(n, 28, 28).byte(), torch.zeros(n).long()) for n in (70, 5))):
        assert problems(check.data_loaders(batches(images, targets), test)) == names


@pytest.mark.parametrize("argument", [None, 3, lambda: 0])
def test_what_gives_no_batches_is_refused(argument: object) -> None:
    with pytest.raises(TypeError, match="expected two loaders"):
        check.data_loaders(argument, argument)


def test_planted_an_order_that_always_differs(
    monkeypatch: pytest.MonkeyPatch, mnist: tuple[MNIST, MNIST]
) -> None:
    unshuffled = DataLoader(mnist[0], 64), DataLoader(mnist[1], 1000)
    assert problems(check.data_loaders(*unshuffled)) == ["training-not-shuffled"]
    right = loader_inspection._two_orders
    monkeypatch.setattr(loader_inspection, "_two_orders", lambda loader: (right(loader)[0], []))
    assert check.data_loaders(*unshuffled).passed


def test_planted_images_of_own_data_are_not_counted(
    monkeypatch: pytest.MonkeyPatch, mnist: tuple[MNIST, MNIST]
) -> None:
    part = TensorDataset(torch.rand(70, 1, 28, 28), torch.randint(10, (70,)))
    loaders = DataLoader(part, 64, True), DataLoader(mnist[1], 1000)
    assert problems(check.data_loaders(*loaders)) == ["images-missing"]
    monkeypatch.setattr(data_loaders, "_whole", lambda look: look.images)
    assert check.data_loaders(*loaders).passed


def test_planted_another_batch_size(
    monkeypatch: pytest.MonkeyPatch, mnist: tuple[MNIST, MNIST]
) -> None:
    monkeypatch.setattr(data_loaders, "BATCH", 32)
    loaders = DataLoader(mnist[0], 64, True), DataLoader(mnist[1], 1000)
    assert problems(check.data_loaders(*loaders)) == ["batch-size"]


# --- plots


LOSSES, ACCURACIES = ([0.9, 0.5], [0.5, 0.1]), ([0.8, 0.9], [0.9, 0.97])


def two_plots() -> tuple[Axes, Axes]:
    figure = Figure()
    pair = figure.subplots(1, 2)
    for axes, lists, quantity in zip(pair, (LOSSES, ACCURACIES), ("loss", "accuracy"), strict=True):
        for name, values in zip("ab", lists, strict=True):
            axes.plot([1, 2], values, label=name)
        axes.set(xlabel="epoch", ylabel=quantity)
        axes.legend()
    return tuple(pair)


def unlabelled(axes: Axes) -> None:
    axes.set_xlabel("")


def unnamed(axes: Axes) -> None:
    axes.get_legend().remove()


def emptied(axes: Axes) -> None:
    for line in list(axes.get_lines()):
        line.remove()


def one_left(axes: Axes) -> None:
    axes.get_lines()[0].remove()


def negative(axes: Axes) -> None:
    axes.get_lines()[0].set_ydata([0.5, -0.5])


def same(axes: Axes) -> None:
    axes.get_lines()[0].set_ydata(axes.get_lines()[1].get_ydata())


def in_percent(axes: Axes) -> None:
    axes.get_lines()[0].set_ydata([80, 90])


@pytest.mark.parametrize(
    ("which", "change", "name"),
    [
        (0, unlabelled, "axis-without-label"),
        (1, unlabelled, "axis-without-label"),
        (0, unnamed, "lines-not-named"),
        (1, emptied, "nothing-drawn"),
        (1, one_left, "network-missing"),
        (0, negative, "negative-loss"),
        (1, negative, "not-an-accuracy"),
        (0, same, "same-line-twice"),
        (1, in_percent, "not-an-accuracy"),
    ],
)
def test_one_change_to_right_plots_is_named(
    which: int, change: Callable[[Axes], None], name: str
) -> None:
    pair = two_plots()
    assert check.plots(*pair).passed
    change(pair[which])
    assert problems(check.plots(*pair)) == [name]


def test_lines_that_mark_a_value_are_no_curves() -> None:
    losses, accuracies = two_plots()
    accuracies.axhline(0.98, color="grey")
    accuracies.axvline(1, color="grey")
    assert str(check.plots(losses, accuracies)) == "plots: passed"


def test_a_figure_with_one_plot_will_do() -> None:
    pair = []
    for quantity, lists in (("loss", LOSSES), ("accuracy", ACCURACIES)):
        figure = Figure()
        axes = figure.subplots()
        for name, values in zip("ab", lists, strict=True):
            axes.plot([1, 2], values)
            axes.text(2, values[-1], name)
        axes.set_ylabel(quantity)
        figure.supxlabel("epoch")
        pair.append(figure)
    assert check.plots(*pair).passed


@pytest.mark.parametrize("argument", [None, pyplot, [1, 2], Figure()])
def test_what_is_no_axes_is_named(argument: object) -> None:
    assert problems(check.plots(argument, argument)) == ["wrong-type"]
