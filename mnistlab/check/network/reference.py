"""The two networks of the task as plain functions, and whether a student's network equals one.

The student's parameters are set to known random numbers and carried over to the reference by their
shapes. If the outputs then agree for every batch, the network is right, however it is written.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, suppress
from dataclasses import dataclass, replace
from functools import partial
from itertools import islice, permutations, product
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import avg_pool2d, conv2d, linear, max_pool2d

from mnistlab.check.network.trace import images, in_mode

_TRIED = ((3, False), (3, True), (1, False))
"""Images in a batch, and whether the network is in training mode, in the order of the trials."""

MOST_WAYS = 24
"""Assignments of parameters that are tried; three layers have at most four."""


@dataclass(frozen=True)
class Reference:
    """A network of the task: its parameters' shapes in order, and its function.

    ``free`` is the place of the weights whose inputs may be numbered in any order: flattening
    column by column gives the same network with its inputs renamed.
    """

    shapes: tuple[tuple[int, ...], ...]
    function: Callable[..., Tensor]
    image_shape: tuple[int, ...]
    free: int

    @property
    def parameters(self) -> int:
        """How many numbers it learns."""
        return sum(math.prod(shape) for shape in self.shapes)


def fully_connected(D: int, K: int, O: int) -> Reference:
    """Network (a) for square images of D pixels."""
    side = math.isqrt(D)
    shapes = ((K, D), (K,), (K, K), (K,), (O, K), (O,))
    return Reference(shapes, _fully_connected, (1, side, D // side), free=0)


def convolutional(Q1: int, Q2: int, O: int) -> Reference:
    """Network (b) for images of 28 × 28 pixels."""
    shapes = ((Q1, 1, 5, 5), (Q1,), (Q2, Q1, 5, 5), (Q2,), (O, 49 * Q2), (O,))
    return Reference(shapes, _convolutional, (1, 28, 28), free=4)


def _identity(x: Tensor) -> Tensor:
    return x


@dataclass(frozen=True)
class _Functions:
    """The functions between the layers with weights."""

    first: Callable[[Tensor], Tensor] = torch.tanh
    second: Callable[[Tensor], Tensor] = torch.tanh
    last: Callable[[Tensor], Tensor] = _identity
    pool: Callable[[Tensor, int], Tensor] = max_pool2d


_RIGHT = _Functions()


def _fully_connected(
    x: Tensor, W1: Tensor, b1: Any, W2: Tensor, b2: Any, W3: Tensor, b3: Any, f: _Functions = _RIGHT
) -> Tensor:
    x = f.first(linear(x.flatten(1), W1, b1))
    x = f.second(linear(x, W2, b2))
    return f.last(linear(x, W3, b3))


def _convolutional(
    x: Tensor, W1: Tensor, b1: Any, W2: Tensor, b2: Any, W3: Tensor, b3: Any, f: _Functions = _RIGHT
) -> Tensor:
    x = f.first(f.pool(conv2d(x, W1, b1, padding=2), 2))
    x = f.second(f.pool(conv2d(x, W2, b2, padding=2), 2))
    return f.last(linear(x.flatten(1), W3, b3))


_CHANGES = (
    ("tanh-missing", "without the first tanh", _Functions(first=_identity)),
    ("tanh-missing", "without the second tanh", _Functions(second=_identity)),
    ("tanh-missing", "without any tanh", _Functions(_identity, _identity)),
    (
        "other-activation",
        "with the logistic function (sigmoid) for tanh",
        _Functions(torch.sigmoid, torch.sigmoid),
    ),
    ("other-activation", "with ReLU for tanh", _Functions(torch.relu, torch.relu)),
    (
        "softmax-at-the-end",
        "with a softmax at the end",
        _Functions(last=partial(torch.softmax, dim=1)),
    ),
    ("average-pooling", "with average-pooling for max-pooling", _Functions(pool=avg_pool2d)),
)
"""What people change: name of the mistake, the change in words, the functions."""


def mistaken(reference: Reference) -> Iterator[tuple[str, str, Reference]]:
    """Networks that differ from the reference in one thing: name of the mistake, what it is."""
    for name, words, functions in _CHANGES:
        if functions.pool is max_pool2d or reference.function is _convolutional:
            yield name, words, replace(reference, function=partial(reference.function, f=functions))

    def without_biases(x: Tensor, *weights: Tensor) -> Tensor:
        return reference.function(x, *(one for weight in weights for one in (weight, None)))

    weights, free = reference.shapes[::2], reference.free // 2
    yield (
        "bias-missing",
        "without biases",
        replace(reference, shapes=weights, function=without_biases, free=free),
    )


@dataclass(frozen=True)
class Comparison:
    """Whether a network equals the reference."""

    equal: bool  # same outputs for the same parameters, in both modes and for batches of any size
    log_softmax: bool = False  # equal, but for a log-softmax at the end
    cut: bool = False  # equal, but not every parameter gets a gradient
    unused: tuple[str, ...] = ()  # names of parameters on which the outputs do not depend
    where: str = ""  # if not equal, what was tried when they first differed
    alone: bool = False  # not equal, but only for a single image


def compare(network: nn.Module, reference: Reference) -> Comparison:
    """Compare a network with the reference; afterwards it is as it was before."""
    before = [(one, one.detach().clone(), one.requires_grad) for one in network.parameters()]
    buffers = [
        (layer, name, one.clone())
        for layer in network.modules()
        for name, one in layer.named_buffers(recurse=False)
    ]
    try:
        with in_mode(network, network.training):
            return _compared(network, reference)
    finally:
        network.to(torch.get_default_dtype())
        for parameter, values, learned in before:
            parameter.data = values
            parameter.requires_grad_(learned)
        for layer, name, values in buffers:
            setattr(layer, name, values)


def _compared(network: nn.Module, reference: Reference) -> Comparison:
    dtype = _widest(network, reference)
    _fill(network)
    used, unused = _used(network, reference, dtype)
    result = _compare(network, reference, used, dtype)
    if not result.equal and unused:
        everything = dict(network.named_parameters())
        if _compare(network, reference, list(everything.values()), dtype).equal:
            return Comparison(True, cut=True, unused=tuple(unused))
    return replace(result, unused=tuple(unused))


def _compare(
    network: nn.Module, reference: Reference, parameters: Sequence[Tensor], dtype: torch.dtype
) -> Comparison:
    best = (-1, "its parameters have other shapes than those of the task")
    ways = list(islice(_assignments(reference.shapes, parameters), MOST_WAYS))
    for inputs in (nullcontext, _constant_inputs):
        for ordered in ways:
            with inputs(ordered[reference.free]):
                for log in (False, True):
                    differs = _difference(network, reference, ordered, dtype, log)
                    if differs is None:
                        return Comparison(True, log)
                    best = best if log or inputs is not nullcontext else max(best, differs)
    return Comparison(False, where=best[1], alone=best[0] == len(_TRIED) - 1)


def _difference(
    network: nn.Module,
    reference: Reference,
    parameters: Sequence[Tensor],
    dtype: torch.dtype,
    log: bool,
) -> tuple[int, str] | None:
    """What was tried when the outputs first differed, and how far that was; None if they agree."""
    close = {"rtol": 1e-6, "atol": 1e-6} if dtype == torch.float64 else {"rtol": 1e-2, "atol": 1e-3}
    for far, (count, training) in enumerate(_TRIED):
        mode = "training" if training else "evaluation"
        network.train(training)
        batch = images(network, count, reference.image_shape, dtype)
        with torch.no_grad():
            expected = reference.function(batch, *parameters)
            try:
                output = network(batch)
            except Exception as error:
                return far, f"a batch of {count} raises {type(error).__name__} in {mode} mode"
        expected = expected.log_softmax(1) if log else expected
        if not isinstance(output, Tensor) or output.shape != expected.shape:
            shape = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
            right = tuple(expected.shape)
            return far, f"the outputs for a batch of {count} have the shape {shape}, not {right}"
        if not torch.allclose(output.to(dtype), expected, **close):
            text = (
                f"with the same weights, the outputs for a batch of {count} in {mode} mode differ"
            )
            return far, text
    return None


def _assignments(
    shapes: Sequence[tuple[int, ...]], parameters: Sequence[Tensor]
) -> Iterator[tuple[Tensor, ...]]:
    """All ways to take the parameters for those of the reference, transposed where that fits."""
    if len(shapes) == len(parameters):
        views = [[list(_views(one, shape)) for shape in shapes] for one in parameters]
        for order in permutations(views):
            yield from product(*(views_as[place] for place, views_as in enumerate(order)))


def _views(parameter: Tensor, shape: tuple[int, ...]) -> Iterator[Tensor]:
    """How a parameter can be read as one of this shape, as it is and transposed.

    Not copied, unless it has more than two axes in another order, such as ``channels_last``.
    """
    rows, columns = shape[0], math.prod(shape[1:])
    matrix = parameter.detach().reshape(len(parameter) if parameter.ndim else 1, -1)
    if matrix.shape == (rows, columns):
        yield matrix.reshape(shape)
    if parameter.ndim == 2 and len(shape) < 3 and matrix.shape == (columns, rows):
        yield matrix.T.reshape(shape)


@contextmanager
def _constant_inputs(weights: Tensor) -> Iterator[None]:
    """Inside, the weights do not depend on the input's number."""
    old = weights.clone()
    weights.copy_(weights.mean(dim=1, keepdim=True).expand_as(weights) * 3)
    try:
        yield
    finally:
        weights.copy_(old)


def _widest(network: nn.Module, reference: Reference) -> torch.dtype:
    """``float64`` if the network can compute with it, else ``float32``."""
    for dtype in (torch.float64, torch.float32):
        try:
            network.to(dtype)
            with torch.no_grad():
                network.eval()(images(network, 3, reference.image_shape, dtype))
        except Exception:
            continue
        return dtype
    return torch.float32


def _fill(network: nn.Module) -> None:
    """Known numbers, large enough to bring tanh out of its straight part."""
    draw = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.requires_grad_(True)
            behind = max(parameter[0].numel(), 1) if parameter.ndim > 1 else 4
            numbers = torch.randn(parameter.shape, generator=draw, dtype=torch.float64)
            parameter.copy_(numbers * 2 / math.sqrt(behind))


def _used(
    network: nn.Module, reference: Reference, dtype: torch.dtype
) -> tuple[list[Tensor], list[str]]:
    """The parameters that get a gradient, and the names of the others."""
    network.zero_grad(set_to_none=True)
    network.eval()
    with suppress(Exception):
        network(images(network, 3, reference.image_shape, dtype)).sum().backward()
    used = [one for one in network.parameters() if one.grad is not None]
    unused = [name for name, one in network.named_parameters() if one.grad is None]
    network.zero_grad(set_to_none=True)
    return used, unused
