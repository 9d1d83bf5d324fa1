"""What determines a run: a specification, and the networks that it can name."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import torch
from torch import nn

from mnistlab import _checks, networks

NETWORKS: dict[str, Callable[..., nn.Module]] = {
    "fully_connected": networks.fully_connected,
    "convolutional": networks.convolutional,
}
"""The networks that a specification can name; `register` adds more."""

SIDE = 28
"""Rows, and columns, of an image."""

TRAINING_IMAGES = 60_000
VALIDATION_IMAGES = 10_000

CHOICES = {
    "split": ("test", "validation"),
    "optimizer": ("sgd", "adam"),
    "labels": ("true", "random"),
}


def register(name: str, build: Callable[..., nn.Module]) -> None:
    """Let specifications name a network.

    Its runs are found again as long as it has the same layers, by what ``print`` shows of them, and
    parameters of the same shapes. What else changes, such as a ``forward``, asks for another name.

    Parameters
    ----------
    name : str
        An identifier; it becomes part of file names.
    build : callable
        Takes the sizes, whole numbers, and returns a network with initial parameters drawn from
        PyTorch's global generator. It maps ``(B, 1, 28, 28)`` to logits ``(B, 10)``.

    Raises
    ------
    ValueError
        If the name is no identifier, or another network has it.

    Examples
    --------
    >>> from torch import nn
    >>> register("linear_example", lambda D, O: nn.Sequential(nn.Flatten(), nn.Linear(D, O)))
    >>> Specification("linear_example", (784, 10)).build()[1]
    Linear(in_features=784, out_features=10, bias=True)
    """
    if not (isinstance(name, str) and name.isidentifier()):
        raise ValueError(f"name is {name!r}; expected an identifier, such as 'fully_connected'")
    if NETWORKS.get(name, build) is not build:
        raise ValueError(f"there is a network {name!r} already; choose another name")
    NETWORKS[name] = build


@dataclass(frozen=True, repr=False)
class Specification:
    """All that determines a run, besides the data and the versions of the libraries.

    The first six are the assignment's; the others have defaults that leave it as it is.

    Attributes
    ----------
    network : str
        Name of a registered network: ``"fully_connected"``, ``"convolutional"``, ...
    sizes : tuple of int
        Its sizes: ``(D, K, O)`` or ``(Q1, Q2, O)`` for these two.
    epochs : int
        At least 1. Loss and accuracy are measured after each.
    learning_rate : float
        The step size η, above zero.
    batch_size : int
        The assignment's B.
    seed : int
        Fixes the initial parameters, the order of the training images, and whatever else is drawn:
        the subset of the training images, their shifts, moves and noise, random labels.
    images : int or None
        Number of training images: a random subset, with the same seed nested in every larger one.
        Default: all that the split has.
    passes : int
        How often an epoch goes through the training images before it is measured.
    permutation : int or None
        Seed of a permutation of the pixels, one for all images, training and test. Default: none.
    block : int
        Pixels move within squares of this side, a divisor of 28, each with a permutation of its
        own; 28 is the whole image.
    shift : int
        Each time that a training image is used it is shifted by up to so many pixels, down or up
        and left or right, at random. What leaves the image is lost, zeros come in.
    moved : int
        Each image, training and test, is moved once, along each axis by up to so many pixels at
        random, but only as far as it keeps its ink.
    noise : float
        Standard deviation of noise that is added once to each pixel of each image, training and
        test, where 1 is the range of the pixels; sums are cut to that range.
    split : str
        ``"test"``: train on the 60 000 training images, measure on the test set. ``"validation"``:
        train on 50 000 of them, measure on the other 10 000.
    optimizer : str
        ``"sgd"`` or ``"adam"``.
    momentum : float
        Of ``"sgd"``; 0 is plain gradient descent.
    betas : tuple of float
        Of ``"adam"``: decay rates of the means of gradients and of their squares.
    labels : str
        ``"true"``, or ``"random"`` for training labels drawn at random.
    tied : int
        Of the network ``"untied"``: for so many passes over the images its kernels stay equal, as
        those of the convolution that it was.
    frozen : int or None
        Of a network with convolutions: after so many passes over the images their kernels are no
        longer updated; None: they are updated to the end.
    free_rate : float or None
        With ``tied``, if that ends before the run does: the step size of the kernels once they are
        free to differ, above zero. All other parameters keep ``learning_rate``; None: the kernels
        do, too.

    Raises
    ------
    TypeError, ValueError
        If a value is out of range, the network is unknown, or its sizes are too few or too many.

    Examples
    --------
    >>> Specification("fully_connected", (784, 100, 10)) == TASK_7
    True
    """

    network: str
    sizes: tuple[int, ...]
    epochs: int = 10
    learning_rate: float = 0.01
    batch_size: int = 64
    seed: int = 0
    images: int | None = None
    passes: int = 1
    permutation: int | None = None
    block: int = SIDE
    shift: int = 0
    moved: int = 0
    noise: float = 0.0
    split: str = "test"
    optimizer: str = "sgd"
    momentum: float = 0.0
    betas: tuple[float, float] = (0.9, 0.999)
    labels: str = "true"
    tied: int = 0
    frozen: int | None = None
    free_rate: float | None = None

    def __post_init__(self) -> None:
        _check_network(self.network, self.sizes)
        _checks.sizes(epochs=self.epochs, batch_size=self.batch_size, passes=self.passes)
        rate = _checks.positive("learning_rate", self.learning_rate)
        object.__setattr__(self, "learning_rate", rate)  # 1 and 1.0 are one specification
        _checks.seed(self.seed)
        for name, allowed in CHOICES.items():
            if getattr(self, name) not in allowed:
                raise ValueError(
                    f"{name} is {getattr(self, name)!r}; expected {' or '.join(map(repr, allowed))}"
                )
        self._check_kernels()
        self._check_data()
        self._check_optimizer()

    def _check_kernels(self) -> None:
        if _checks.whole("tied", self.tied, 0) and self.network != "untied":
            raise ValueError(f"tied is for the network 'untied'; leave it out for {self.network!r}")
        if self.frozen is not None:
            _checks.whole("frozen", self.frozen, 0)
            if not _has_convolution(NETWORKS[self.network], self.sizes):
                raise ValueError(
                    f"frozen is for convolutions, and the network {self.network!r} has none; leave it out"
                )
        if self.free_rate is not None:
            rate = _checks.positive("free_rate", self.free_rate)
            object.__setattr__(self, "free_rate", rate)
            if rate == self.learning_rate:
                raise ValueError(f"free_rate is the learning rate, {rate:g}; leave it out")
            if not self.tied:
                raise ValueError(
                    "free_rate is for kernels that were tied; expected tied=PASSES too"
                )
            if self.tied >= self.passes * self.epochs:
                raise ValueError(
                    f"tied is {self.tied}, of {self.passes * self.epochs} passes in all, so no kernel "
                    "comes free; make it smaller, or leave free_rate out"
                )
        for name in ("frozen", "free_rate"):
            if getattr(self, name) is not None and (self.momentum or self.optimizer != "sgd"):
                raise ValueError(
                    f"{name} is for plain gradient descent; use optimizer='sgd' without momentum"
                )

    def _check_data(self) -> None:
        most = TRAINING_IMAGES - (VALIDATION_IMAGES if self.split == "validation" else 0)
        if self.images is not None and _checks.whole("images", self.images, 1) > most:
            raise ValueError(f"images is {self.images}; expected at most {most}, or None for all")
        if self.permutation is not None:
            _checks.whole("permutation", self.permutation, 0)
        if SIDE % _checks.whole("block", self.block, 1):
            raise ValueError(f"block is {self.block}; expected a divisor of {SIDE}")
        if self.block != SIDE and self.permutation is None:
            raise ValueError("block is for a permutation of pixels; expected permutation=SEED too")
        for name in ("shift", "moved"):
            if _checks.whole(name, getattr(self, name), 0) >= SIDE:
                raise ValueError(
                    f"{name} is {getattr(self, name)}; expected less than {SIDE} pixels"
                )
        if self.noise != 0:
            object.__setattr__(self, "noise", _checks.positive("noise", self.noise))

    def _check_optimizer(self) -> None:
        decays = {"momentum": self.momentum}
        if not (isinstance(self.betas, tuple) and len(self.betas) == 2):
            raise TypeError(f"betas is {self.betas!r}; expected two numbers in a tuple")
        decays |= {f"betas[{i}]": beta for i, beta in enumerate(self.betas)}
        for name, decay in decays.items():
            if not isinstance(decay, int | float) or not 0 <= decay < 1:
                raise ValueError(f"{name} is {decay!r}; expected a number from 0 to below 1")
        object.__setattr__(self, "betas", tuple(map(float, self.betas)))  # 0 is 0.0
        if self.momentum and self.optimizer != "sgd":
            raise ValueError("momentum is for the optimizer 'sgd'; Adam has betas")
        if self.betas != Specification.betas and self.optimizer != "adam":
            raise ValueError("betas are for the optimizer 'adam'; SGD has momentum")

    def __repr__(self) -> str:
        values = ", ".join(f"{name}={value!r}" for name, value in self.values().items())
        return f"Specification({values})"

    def build(self) -> nn.Module:
        """The network with its initial parameters, fixed by the seed; leaves the global generator alone."""
        return _built(NETWORKS[self.network], self.sizes, self.seed)

    def build_optimizer(self, network: nn.Module) -> torch.optim.Optimizer:
        """The optimizer of the network's parameters, before its first step."""
        if self.optimizer == "adam":
            return torch.optim.Adam(network.parameters(), self.learning_rate, betas=self.betas)
        return torch.optim.SGD(network.parameters(), self.learning_rate, momentum=self.momentum)

    def values(self) -> dict[str, Any]:
        """The six values of the assignment, and those of the others that differ from their defaults.

        What is made of them stays as it is when a new field comes: keys, and stored specifications.
        """
        first = {"network", "sizes", "epochs", "learning_rate", "batch_size", "seed"}
        defaults = {field.name: field.default for field in fields(self)}
        return {
            name: value
            for name, value in asdict(self).items()
            if name in first or value != defaults[name]
        }

    @classmethod
    def read(cls, values: dict[str, Any]) -> Specification:
        """The specification whose `values` were written to JSON, where a tuple is a list."""
        made = {n: tuple(v) if isinstance(v, list) else v for n, v in values.items()}
        return cls(**made)


def _check_network(network: object, sizes: object) -> None:
    if not isinstance(network, str) or network not in NETWORKS:
        raise ValueError(f"network is {network!r}; expected one of {', '.join(NETWORKS)}")
    symbols = list(inspect.signature(NETWORKS[network]).parameters)
    if not isinstance(sizes, tuple) or len(sizes) != len(symbols):
        raise TypeError(
            f"sizes is {sizes!r}; expected {len(symbols)} whole numbers in a tuple: "
            f"({', '.join(symbols)})"
        )
    _checks.sizes(**{f"sizes[{i}]": size for i, size in enumerate(sizes)})


def _built(build: Callable[..., nn.Module], sizes: tuple[int, ...], seed: int = 0) -> nn.Module:
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        return build(*sizes)


@functools.lru_cache(maxsize=64)  # an experiment asks for each of its runs
def _has_convolution(build: Callable[..., nn.Module], sizes: tuple[int, ...]) -> bool:
    return any(isinstance(layer, nn.Conv2d) for layer in _built(build, sizes).modules())


TASK_7 = Specification("fully_connected", (784, 100, 10))
"""Task 7: the fully-connected network, K = 100, ten epochs, η = 0.01."""

TASK_8 = Specification("convolutional", (32, 64, 10))
"""Task 8: the convolutional network, Q1 = 32, Q2 = 64, ten epochs, η = 0.01."""

SMALL = Specification("convolutional", (10, 13, 10))
"""A harder exercise: network (b) with at most 10 000 parameters."""

SHUFFLED_A = replace(TASK_7, epochs=1, learning_rate=0.3, images=6000, passes=30, permutation=100)
"""Network (a) on 6000 images with shuffled pixels: one run of ``shuffled-pixels``, trained again in each build."""

SHUFFLED_B = replace(SHUFFLED_A, network="convolutional", sizes=(8, 16, 10))
"""The same of a small network (b)."""

BOOK = (TASK_7, TASK_8, SMALL, SHUFFLED_A, SHUFFLED_B)
"""The runs that the book's pages ask for; they are trained before the pages."""


def effective(specification: Specification) -> Specification:
    """The specification that is run: cut to one epoch in a preview, else as it is."""
    if not isinstance(specification, Specification):
        raise TypeError(
            f"specification is {_checks.described(specification)}; expected a Specification, such as TASK_7"
        )
    if not preview():
        return specification
    return replace(specification, epochs=1, passes=1, free_rate=None)  # what is tied stays so


def preview() -> bool:
    """Whether ``MNISTLAB_PREVIEW`` asks for runs of one epoch."""
    return os.environ.get("MNISTLAB_PREVIEW", "0") not in ("", "0")
