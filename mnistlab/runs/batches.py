"""The batches of a run: MNIST's, with what a specification changes about them.

A subset of the images, images moved once, noise, permuted pixels, random labels and the validation
split are made once, before the first epoch; shifts are drawn anew each time that an image is used.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from mnistlab import data, sources
from mnistlab.runs.specification import SIDE, VALIDATION_IMAGES, Specification

TEST_BATCH_SIZE = 250
"""Test images that are sent through a network at once; larger batches do not fit a processor's cache."""

SPLIT_SEED = 7
"""Seed of the permutation of the training images whose last 10 000 are the validation images."""


def loaders_of(
    specification: Specification, *, root: sources.Root = None, source: str | None = None
) -> tuple[Repeated, DataLoader]:
    """The batches that a run is trained on, and those that it is measured on.

    Parameters
    ----------
    specification : Specification
        Says which images there are, what is changed about them, and in which order they come.
    root : path, optional
        Folder that has ``MNIST/raw``. Default: see `mnistlab.sources.locate`.
    source : str, optional
        ``"mnist"`` or ``"strokes"``. Default: see `mnistlab.sources.chosen`.

    Returns
    -------
    train : Repeated
        Batches ``(images, targets)``: ``float32`` of shape ``(B, 1, 28, 28)`` in [0, 1], and
        ``int64`` of shape ``(B,)`` in 0 to 9. B is the specification's batch size.
    test : torch.utils.data.DataLoader
        The same of ``TEST_BATCH_SIZE`` images: of the test set, or of the validation images.

    Raises
    ------
    ValueError
        If there is no such source, or more training images are asked for than there are.
    DataError
        If the files cannot be found, had or trusted.
    """
    train_loader, test_loader = data.data_loaders(
        specification.batch_size,
        TEST_BATCH_SIZE,
        root=root,
        source=source,
        seed=specification.seed,
    )
    prepare(specification, train_loader.dataset, test_loader.dataset)  # before a first batch
    return Repeated(train_loader, specification.passes, specification.shift), test_loader


def prepare(specification: Specification, train: data.MNIST, test: data.MNIST) -> None:
    """Change the two datasets as the specification says; with its defaults they stay as they are."""
    if specification.split == "validation":
        order = torch.randperm(len(train.data), generator=seeded(SPLIT_SEED, "split"))
        held_out = min(VALIDATION_IMAGES, len(order) // 2)  # fewer where there are fewer images
        kept, validation = order[:-held_out], order[-held_out:]
        test.data, test.targets = train.data[validation], train.targets[validation]
        train.data, train.targets = train.data[kept], train.targets[kept]
    if specification.images is not None:
        chosen = subset(len(train.data), specification.images, specification.seed)
        train.data, train.targets = train.data[chosen], train.targets[chosen]
    for name, dataset in (("training", train), ("test", test)):
        if specification.moved:
            generator = seeded(specification.seed, f"moves of the {name} images")
            dataset.data = moved(dataset.data, specification.moved, generator)
        if specification.noise:
            generator = seeded(specification.seed, f"noise of the {name} images")
            dataset.data = noisy(dataset.data, specification.noise, generator)
    if specification.permutation is not None:
        places = permutation(specification.permutation, specification.block)
        train.data, test.data = permuted(train.data, places), permuted(test.data, places)
    if specification.labels == "random":
        generator = seeded(specification.seed, "labels")
        train.targets = torch.randint(10, train.targets.shape, generator=generator)


def subset(total: int, size: int, seed: int) -> Tensor:
    """Which ``size`` of ``total`` images: with one seed, a small subset is part of a larger one.

    Parameters
    ----------
    total : int
        Number of images that there are.
    size : int
        Number of images that are chosen, at most ``total``.
    seed : int
        Of the choice.

    Returns
    -------
    torch.Tensor
        ``int64`` of shape ``(size,)``: different numbers from 0 to ``total - 1``, in random order.

    Raises
    ------
    ValueError
        If there are fewer images.

    Examples
    --------
    >>> small, large = subset(60_000, 100, seed=0), subset(60_000, 1000, seed=0)
    >>> small.equal(large[:100])
    True
    """
    if size > total:
        raise ValueError(f"images is {size}; expected at most {total}, as many as there are")
    return torch.randperm(total, generator=seeded(seed, "subset"))[:size]


def permutation(seed: int, block: int = SIDE) -> Tensor:
    """From which pixel each pixel of a permuted image comes.

    Parameters
    ----------
    seed : int
        Of the permutation.
    block : int
        Side of the squares within which pixels move, each with a permutation of its own: a divisor
        of 28.

    Returns
    -------
    torch.Tensor
        ``int64`` of shape ``(784,)``: each number from 0 to 783 once, rows one after the other.

    Examples
    --------
    >>> places = permutation(seed=1, block=14)
    >>> places.sort().values.equal(torch.arange(784))
    True
    """
    generator = seeded(seed, f"permutation within {block}")
    pixels = torch.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    places = torch.empty_like(pixels)
    for row in range(0, SIDE, block):
        for column in range(0, SIDE, block):
            square = slice(row, row + block), slice(column, column + block)
            order = torch.randperm(block * block, generator=generator)
            places[square] = pixels[square].flatten()[order].reshape(block, block)
    return places.flatten()


def permuted(images: Tensor, places: Tensor) -> Tensor:
    """The images, each with the same permutation of its pixels.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(..., 28, 28)``.
    places : torch.Tensor
        As `permutation` returns it.
    """
    return images.flatten(-2)[..., places].reshape(images.shape)


def shifted(images: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Each image shifted by up to ``most`` pixels along each axis, at random; zeros come in.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(B, 1, H, W)``.
    most : int
        Each shift from ``-most`` to ``most`` is equally likely.
    generator : torch.Generator
        Draws the shifts.
    """
    steps = torch.randint(2 * most + 1, (2, len(images)), generator=generator)
    return _cut_out(images[:, 0], steps, most).unsqueeze(1)


def moved(images: Tensor, most: int, generator: torch.Generator) -> Tensor:
    """Each image moved by up to ``most`` pixels along each axis, but only as far as it keeps its ink.

    Parameters
    ----------
    images : torch.Tensor
        Shape ``(N, H, W)``, of any type; zeros come in.
    most : int
        Of the moves up to ``most`` at which an image keeps its ink, each is equally likely.
    generator : torch.Generator
        Draws the moves.

    Returns
    -------
    torch.Tensor
        Shape and type of ``images``.

    Examples
    --------
    >>> digit = torch.zeros(1, 28, 28)
    >>> digit[0, :20, 10] = 1  # no room above, eight rows below
    >>> placed = moved(digit.repeat(500, 1, 1), 4, torch.Generator().manual_seed(0))
    >>> placed.any(dim=2).int().argmax(dim=1).unique()  # the first row with ink
    tensor([0, 1, 2, 3, 4])
    """
    steps = []
    for across in (2, 1):  # rows with ink, columns with ink
        ink = images.ne(0).any(dim=across).int()
        before, after = ink.argmax(dim=1), ink.flip(1).argmax(dim=1)
        least, greatest = -before.clamp(max=most), after.clamp(max=most)
        drawn = torch.rand(len(images), generator=generator)
        steps.append(least + (drawn * (greatest - least + 1)).long())
    return _cut_out(images, most - torch.stack(steps), most)


def noisy(images: Tensor, deviation: float, generator: torch.Generator) -> Tensor:
    """The images with Gaussian noise added to each pixel, rounded and cut to 0 to 255.

    Parameters
    ----------
    images : torch.Tensor
        ``uint8`` of shape ``(N, H, W)``.
    deviation : float
        Standard deviation of the noise, as a part of 255.
    generator : torch.Generator
        Draws the noise.

    Returns
    -------
    torch.Tensor
        ``uint8`` of the same shape.
    """
    noise = torch.randn(images.shape, generator=generator)
    return (images + 255 * deviation * noise).round().clamp(0, 255).to(images.dtype)


def _cut_out(images: Tensor, steps: Tensor, most: int) -> Tensor:
    """From each image with ``most`` zeros around it, what begins at its row and column ``steps``."""
    count, height, width = images.shape
    padded = torch.nn.functional.pad(images, (most,) * 4)
    rows = steps[0].view(-1, 1, 1) + torch.arange(height).view(1, -1, 1)
    columns = steps[1].view(-1, 1, 1) + torch.arange(width).view(1, 1, -1)
    return padded[torch.arange(count).view(-1, 1, 1), rows, columns]


class Repeated:
    """A loader's batches, gone through several times in each epoch, shifted where that is asked for.

    Parameters
    ----------
    loader : torch.utils.data.DataLoader
        Draws another order each time.
    passes : int
        How often.
    shift : int
        See `shifted`.
    """

    def __init__(self, loader: DataLoader, passes: int = 1, shift: int = 0) -> None:
        self.loader, self.passes, self.shift = loader, passes, shift
        self.generator = loader.generator

    def __len__(self) -> int:
        return self.passes * len(self.loader)

    def __iter__(self) -> Iterator[tuple[Tensor, Tensor]]:
        for _ in range(self.passes):
            for images, targets in self.loader:
                if self.shift:
                    images = shifted(images, self.shift, self.generator)
                yield images, targets


def seeded(seed: int, purpose: str) -> torch.Generator:
    """A generator for a purpose: with one seed, two purposes draw different numbers.

    Parameters
    ----------
    seed : int
        As in `mnistlab.Specification`.
    purpose : str
        What is drawn, in words, such as ``"labels"``: any two texts give two generators.

    Returns
    -------
    torch.Generator
        On the CPU, at its beginning.

    Examples
    --------
    >>> torch.rand(1, generator=seeded(0, "labels")) == torch.rand(1, generator=seeded(0, "moves"))
    tensor([False])
    """
    digest = hashlib.sha256(f"{purpose} {seed}".encode()).digest()
    return torch.Generator().manual_seed(int.from_bytes(digest[:7]))
