"""The datasets and the data loaders.

``torchvision.datasets.MNIST`` reads the files, always; `mnistlab.sources` says where they are. What
this module adds is that a batch is converted in one step.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, default_collate
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from mnistlab import _checks, sources
from mnistlab.sources import Root, locate

Loaders = tuple[DataLoader, DataLoader]


def datasets(
    transform: Callable[[Any], Any] | None = None,
    *,
    root: Root = None,
    source: str | None = None,
) -> tuple[MNIST, MNIST]:
    """The training and the test set (Task 1).

    Parameters
    ----------
    transform : callable, optional
        Applied to each image when it is taken. Without one an image stays a
        ``PIL.Image.Image`` (Test 1).
    root : path, optional
        Folder that has ``MNIST/raw``. Default: see `mnistlab.sources.locate`.
    source : str, optional
        ``"mnist"``, or ``"strokes"`` for the stand-ins of `mnistlab.strokes`. Default: the
        environment variable ``MNISTLAB_SOURCE``, else ``"mnist"``.

    Returns
    -------
    train, test : torchvision.datasets.MNIST
        60 000 and 10 000 items ``(image, target)``; the target is an ``int`` from 0 to 9.

    Raises
    ------
    TypeError
        If ``transform`` cannot be called.
    ValueError
        If there is no such source.
    DataError
        If the files cannot be found, had or trusted.
    """
    _check_transform(transform)
    root = locate(root, source)
    train = MNIST(
        root, train=True, transform=transform
    )  # fmt: skip
    test = MNIST(
        root, train=False, transform=transform
    )  # fmt: skip
    return train, test


def data_loaders(
    batch_size: int = 64,
    test_batch_size: int = 1000,
    *,
    root: Root = None,
    source: str | None = None,
    seed: int | None = None,
) -> Loaders:
    """Batches of training images in a new order each epoch, and of test images in file order (Task 2).

    The batches are bit for bit those of ``DataLoader(dataset, batch_size, shuffle=True,
    generator=generator)`` over a dataset with ``ToTensor()``; they are only converted faster.
    Each loader has a random generator of its own, so evaluating never changes the next epoch.

    Parameters
    ----------
    batch_size : int
        Images per training batch, the assignment's B. The last batch has what is left:
        60 000 = 937 · 64 + 32.
    test_batch_size : int
        Images per test batch. It changes the speed, not the result.
    root : path, optional
        Folder that has ``MNIST/raw``. Default: see `mnistlab.sources.locate`.
    source : str, optional
        ``"mnist"``, or ``"strokes"`` for the stand-ins of `mnistlab.strokes`. Default: the
        environment variable ``MNISTLAB_SOURCE``, else ``"mnist"``.
    seed : int, optional
        Fixes the order of the training images. Default: drawn from PyTorch's global generator.

    Returns
    -------
    train, test : torch.utils.data.DataLoader
        Batches ``(images, targets)``: ``float32`` of shape ``(B, 1, 28, 28)`` in [0, 1], and
        ``int64`` of shape ``(B,)`` in 0 to 9.

    Raises
    ------
    TypeError, ValueError
        If a batch size is not a whole number of at least 1, the seed not one of at least 0, or
        there is no such source.
    DataError
        If the files cannot be found, had or trusted.
    """
    _checks.sizes(batch_size=batch_size, test_batch_size=test_batch_size)
    _check_seed(seed)
    train, test = datasets(
        ToTensor(), root=root, source=source
    )  # fmt: skip
    train, test = _faster(train), _faster(test)
    train_loader = DataLoader(
        train, batch_size,
        shuffle=True, **_options(seed),
    )  # fmt: skip
    test_loader = DataLoader(
        test, test_batch_size,
        shuffle=False, **_options(seed),
    )  # fmt: skip
    return train_loader, test_loader


def _check_transform(transform: object) -> None:
    if transform is not None and not callable(transform):
        raise TypeError(
            f"transform is {_checks.described(transform)}; expected a function of one image, such as ToTensor(), "
            "or None"
        )


def _options(seed: int | None) -> dict[str, Any]:
    """What makes a `DataLoader` repeatable, and takes finished batches as they are."""
    seed = _random_seed() if seed is None else seed
    return {"generator": torch.Generator().manual_seed(seed), "collate_fn": _collate}


def _check_seed(seed: object) -> None:
    if seed is not None:
        _checks.seed(seed)


def _random_seed() -> int:
    return int(torch.randint(2**62, ()).item())


def _faster(dataset: MNIST) -> MNIST:
    """The same dataset, from which a `DataLoader` takes a whole batch in one step."""
    fast = copy.copy(dataset)
    fast.__class__ = _FastMNIST
    return fast


class _FastMNIST(MNIST):
    """MNIST with ``ToTensor()``, from which a `DataLoader` takes a whole batch in one step."""

    @property
    def raw_folder(self) -> str:
        return str(sources.raw_folder(self.root))

    def __getitems__(self, indices: list[int]) -> Sequence[tuple[Tensor, int]]:
        plain = type(self.transform) is ToTensor and self.target_transform is None
        if not plain or min(indices) < 0:
            return [self[index] for index in indices]
        places = torch.tensor(indices)
        images = self.data.index_select(0, places).unsqueeze(1)  # faster than self.data[places]
        images = images.to(torch.get_default_dtype()).div_(255)
        return _Items(images, self.targets.index_select(0, places))


class _Items(Sequence[tuple[Tensor, int]]):
    """A finished batch that is still a sequence of items, for `Subset` and the default collate."""

    def __init__(self, images: Tensor, targets: Tensor) -> None:
        self.batch = (images, targets)

    def __len__(self) -> int:
        return len(self.batch[0])

    def __getitem__(self, index: Any) -> Any:
        images, targets = self.batch
        return images[index], int(targets[index])


def _collate(items: Sequence[tuple[Tensor, int]]) -> tuple[Tensor, Tensor]:
    """The batch itself where it is finished, else PyTorch's own way of making one."""
    return items.batch if isinstance(items, _Items) else default_collate(items)
