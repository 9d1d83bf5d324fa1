"""Shapes: what size a layer's output has, and what reaches the flatten layer."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Self

import torch
from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from mnistlab import _checks, _torch
from mnistlab.local import LocallyConnected2d
from mnistlab.tables import Table


def output_size(
    size: int, kernel_size: int, *, stride: int = 1, padding: int = 0, dilation: int = 1
) -> int:
    """Length of one side of a convolution's output.

    Follows ``torch.nn.Conv2d`` along one axis. It holds for ``torch.nn.MaxPool2d`` too, but
    there ``stride`` defaults to ``kernel_size`` and ``padding`` may be half the kernel at most.

    Parameters
    ----------
    size : int
        Length of the input's side in pixels.
    kernel_size, stride, padding, dilation : int
        As in ``Conv2d``; ``padding`` is added at both ends.

    Returns
    -------
    int
        Length of the output's side in pixels, at least 1.

    Raises
    ------
    TypeError, ValueError
        If an argument is not a whole number in its range, or the kernel does not fit into the
        padded input.
    """
    _check_convolution(size, kernel_size, stride, padding, dilation)
    padded = size + 2 * padding
    extent = dilation * (kernel_size - 1) + 1
    return (padded - extent) // stride + 1


def _check_convolution(
    size: int, kernel_size: int, stride: int, padding: int, dilation: int
) -> None:
    _checks.sizes(size=size, kernel_size=kernel_size, stride=stride, dilation=dilation)
    _checks.whole("padding", padding, 0)
    padded = size + 2 * padding
    extent = dilation * (kernel_size - 1) + 1
    if extent > padded:
        raise ValueError(
            f"the kernel covers {extent} pixels (kernel_size={kernel_size}, dilation={dilation}) but "
            f"the padded input has {padded} (size={size}, padding={padding}); use a smaller kernel "
            "or dilation, or more padding"
        )


@dataclass(frozen=True)
class Layer:
    """One row of a `ShapeTrace`.

    Attributes
    ----------
    name : str
        The layer's place in the network and its class, such as ``"3 Conv2d"``.
    output_shape : tuple of int
        Shape of the layer's output for one image, without the batch axis.
    parameters : int
        Number of learnable parameters that belong to this layer.
    multiply_accumulates : int
        Multiplications, each with its addition, for one image; see `multiply_accumulates`.
    """

    name: str
    output_shape: tuple[int, ...]
    parameters: int
    multiply_accumulates: int


class ShapeTrace(Sequence[Layer]):
    """The layers that one image passes, in order: a sequence of `Layer`.

    Prints as a table, and shows as one in a notebook. ``input_shape`` and ``output_shape`` are the
    network's own, without the batch axis; a layer that is used twice has its parameters counted
    at the first use.
    """

    def __init__(
        self,
        input_shape: tuple[int, ...],
        layers: Sequence[Layer],
        output_shape: tuple[int, ...] | None = None,
    ) -> None:
        self.input_shape = input_shape
        self.output_shape = output_shape
        self._layers = tuple(layers)

    def __len__(self) -> int:
        return len(self._layers)

    def __getitem__(self, index: int | slice) -> Any:
        return self._layers[index]

    def table(self) -> Table:
        """Name, output shape and parameters: the input, then one row per layer."""
        rows = [("input", shape_text(self.input_shape), "")]
        rows += [(one.name, shape_text(one.output_shape), one.parameters) for one in self]
        return Table(("layer", "output shape", "parameters"), rows)

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def trace_shapes(network: nn.Module, input_shape: Sequence[int]) -> ShapeTrace:
    """Send one blank image through a network and note what comes out of every layer.

    Parameters
    ----------
    network : torch.nn.Module
        Left as it was: same parameters, same mode, no gradients recorded.
    input_shape : sequence of int
        Shape of one image without the batch axis: ``(1, 28, 28)`` for MNIST.

    Returns
    -------
    ShapeTrace
        Name, output shape and number of learnable parameters per layer.

    Raises
    ------
    TypeError, ValueError
        If ``input_shape`` is not made of whole numbers of at least 1, or ``network`` is not a
        network whose parameters exist.
    TypeError
        If a layer returns something else than one tensor that keeps the batch axis.
    ValueError
        If a layer cannot take what reaches it. The message names the layer, and shows the trace
        up to it.
    """
    shape = _check_shape(network, input_shape)
    with _torch.evaluation(network), _Recorder(network) as recorder:
        image = torch.zeros(1, *shape).to(_torch.device_of(network), _torch.dtype_of(network))
        try:
            output = network(image)
        except (RuntimeError, ValueError, IndexError) as error:
            raise ValueError(_misfit(shape, recorder, error)) from error
        output_shape = _per_image("the network", (image,), output)
    return ShapeTrace(shape, recorder.layers, output_shape)


def flatten_size(network: nn.Module, input_shape: Sequence[int]) -> int:
    """Number of values that a network, or a part of one, computes for one image.

    Applied to the layers before a flatten layer it is the number of inputs that the first
    fully-connected layer needs (Task 4).

    Parameters
    ----------
    network : torch.nn.Module
        The layers before the flatten layer.
    input_shape : sequence of int
        Shape of one image without the batch axis: ``(1, 28, 28)`` for MNIST.

    Returns
    -------
    int
        Channels x height x width of the output.

    Raises
    ------
    TypeError, ValueError
        As `trace_shapes`.
    """
    return math.prod(trace_shapes(network, input_shape).output_shape)


def multiply_accumulates(network: nn.Module, input_shape: Sequence[int]) -> int:
    """Multiplications, each with its addition, that the layers do for one image.

    Counts ``Conv1d``, ``Conv2d``, ``Conv3d``, ``Linear`` and `mnistlab.local.LocallyConnected2d` layers, and no
    others: for each, the number of its outputs times the number of weights behind each output. So products with a padded
    zero count; biases, activations and pooling do not.

    Parameters
    ----------
    network : torch.nn.Module
    input_shape : sequence of int
        Shape of one image without the batch axis.

    Returns
    -------
    int
        89 400 for the assignment's network (a), 10 693 760 for network (b).

    Raises
    ------
    TypeError, ValueError
        As `trace_shapes`.
    """
    return sum(layer.multiply_accumulates for layer in trace_shapes(network, input_shape))


def shape_text(shape: Sequence[int]) -> str:
    """A shape as text: ``(32, 14, 14)`` becomes ``"32 × 14 × 14"``."""
    return " × ".join(map(str, shape))


def _check_shape(network: nn.Module, input_shape: Sequence[int]) -> tuple[int, ...]:
    expected = "expected the shape of one image, without the batch axis, such as (1, 28, 28)"
    if not isinstance(input_shape, Sequence | torch.Size) or isinstance(input_shape, str):
        raise TypeError(f"input_shape is {_checks.described(input_shape)}; {expected}")
    shape = tuple(_checks.whole(f"input_shape[{i}]", n, 1) for i, n in enumerate(input_shape))
    _torch.check_network(network)
    volumes = any("3d" in type(module).__name__ for module in network.modules())
    if not shape or (len(shape) > 3 and not volumes):
        raise ValueError(f"input_shape is {shape}; {expected}")
    return shape


def _leaves(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """The modules without children: the layers that do the work."""
    for name, module in network.named_modules():
        if next(module.children(), None) is None:
            yield name, module


class _Recorder:
    """Notes what comes out of each layer of a network while an image passes through it."""

    def __init__(self, network: nn.Module) -> None:
        self.layers: list[Layer] = []
        self.place = f"{type(network).__name__} fails before its first layer"
        self.hint = ""
        self._network = network
        self._counted: set[Tensor] = set()
        self._handles: list[RemovableHandle] = []

    def __enter__(self) -> Self:
        for name, module in _leaves(self._network):
            label = f"{name} {type(module).__name__}".strip()
            before, after = partial(self._before, label), partial(self._after, label)
            self._handles.append(module.register_forward_pre_hook(before))
            self._handles.append(module.register_forward_hook(after))
        return self

    def __exit__(self, *exception: object) -> None:
        for handle in self._handles:
            handle.remove()

    def _before(self, label: str, module: nn.Module, inputs: tuple[object, ...]) -> None:
        shapes = [tuple(one.shape) for one in inputs if isinstance(one, Tensor)]
        if any(shape[:1] != (1,) for shape in shapes):
            raise TypeError(
                f"before layer {label} the batch axis was lost: for one image it received "
                f"{', '.join(map(str, shapes))}, expected (1, ...); use nn.Flatten() or x.flatten(1), "
                "not torch.flatten(x) or x.view(-1, n)"
            )
        texts = [shape_text(shape[1:]) for shape in shapes]
        self.place = f"layer {label} received {', '.join(texts)} per image"
        self.hint = _hint(module, shapes[0][1:]) if shapes else ""

    def _after(
        self, label: str, module: nn.Module, inputs: tuple[object, ...], output: object
    ) -> None:
        self.place = f"{type(self._network).__name__} fails after layer {label}"
        self.hint = ""
        shape = _per_image(f"layer {label}", inputs, output)
        new = {one for one in module.parameters() if one.requires_grad} - self._counted
        self._counted |= new
        parameters = sum(one.numel() for one in new)
        self.layers.append(Layer(label, shape, parameters, math.prod(shape) * _products(module)))


def _per_image(what: str, inputs: tuple[object, ...], output: object) -> tuple[int, ...]:
    """Shape of the output for one image, without the batch axis."""
    if not isinstance(output, Tensor):
        raise TypeError(f"{what} returns {type(output).__name__}; expected one torch.Tensor")
    if output.ndim == 0 or output.shape[0] != 1:
        given = ", ".join(str(tuple(one.shape)) for one in inputs if isinstance(one, Tensor))
        raise TypeError(
            f"{what} turns {given}, a batch of one image, into {tuple(output.shape)}; expected "
            "(1, ...): the first axis numbers the images and stays; input_shape is without it, but "
            "with the channels"
        )
    return tuple(output.shape[1:])


def _products(module: nn.Module) -> int:
    """Products behind each value that a layer computes."""
    if isinstance(module, nn.Linear):
        return module.in_features
    if isinstance(module, nn.Conv1d | nn.Conv2d | nn.Conv3d):
        return module.weight[0].numel()
    if isinstance(module, LocallyConnected2d):
        return module.weight.shape[-1]
    return 0


def _hint(module: nn.Module, received: tuple[int, ...]) -> str:
    """What to do if this layer cannot take what it received for one image."""
    if isinstance(module, nn.Linear) and len(received) > 1:
        return (
            f"Put nn.Flatten() before it; then {math.prod(received)} values per image reach it: "
            f"nn.Linear({math.prod(received)}, {module.out_features}).\n"
        )
    if isinstance(module, nn.Linear):
        return (
            f"It was made for {module.in_features} values and receives {received[-1]}: use "
            f"nn.Linear({received[-1]}, {module.out_features}), if the layers before it are right.\n"
        )
    if isinstance(module, nn.Conv2d) and len(received) == 3 and received[0] != module.in_channels:
        return (
            f"It was made for {module.in_channels} channels and receives {received[0]}: use "
            f"nn.Conv2d({received[0]}, ...), if the layers before it are right.\n"
        )
    return ""


def _misfit(shape: tuple[int, ...], recorder: _Recorder, error: Exception) -> str:
    return (
        f"an image of shape {shape_text(shape)} does not get through the network: "
        f"{recorder.place}, and PyTorch says:\n  {error}\n{recorder.hint}"
        f"The trace up to there:\n{ShapeTrace(shape, recorder.layers)}"
    )
