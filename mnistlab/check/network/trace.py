"""The operations that a network applies to a batch, noted in order, however they are spelled."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.overrides import TorchFunctionMode

from mnistlab import _torch

_NAMES = {
    "activation": """
        tanh relu relu6 sigmoid gelu leaky_relu elu selu celu silu mish softplus softsign hardtanh
        hardswish hardsigmoid logsigmoid tanhshrink hardshrink softshrink threshold prelu rrelu
        clamp clamp_min sin cos argmax normalize""",
    "conv": "conv2d",
    "linear": "linear matmul __matmul__ mm addmm",
    "max-pool": "max_pool2d adaptive_max_pool2d",
    "other-pool": "avg_pool2d adaptive_avg_pool2d lp_pool2d fractional_max_pool2d",
    "softmax": "softmax",
    "log-softmax": "log_softmax",
    "dropout": "dropout dropout1d dropout2d alpha_dropout feature_alpha_dropout",
    "normalization": "batch_norm layer_norm group_norm instance_norm local_response_norm",
    "pad": "pad",
    "reshape": "flatten view reshape",
}
"""PyTorch's names of functions, by what they are to a network."""

MOST_STEPS = 16
"""Of more operations the first ones and the last are told."""

_KINDS = {name: kind for kind, names in _NAMES.items() for name in names.split()}


@dataclass
class Step:
    """One operation."""

    kind: str  # what it is to a network: ``"linear"``, ``"conv"``, ``"activation"``, ...
    name: str  # PyTorch's name of the function, without a trailing underscore
    received: tuple[int, ...]  # shape of what it was given, batch axis included
    returned: tuple[int, ...] | None = None  # shape of what came out; None if it failed
    # for layers with weights their sizes and options; for poolings theirs
    details: dict[str, Any] = field(default_factory=dict)


@dataclass
class Trace:
    """What happened to one batch: the steps, and the error that ended them, if one did."""

    batch: Tensor
    steps: list[Step]
    output: Any = None
    error: Exception | None = None

    names: list[str] = field(default_factory=list)

    @property
    def chain(self) -> Chain:
        """The steps, grouped by the layers with weights."""
        return chain(self.steps)

    def __str__(self) -> str:
        """The operations by name, and those with weights with their sizes."""
        steps = list(map(_step_text, self.steps))
        if len(steps) > MOST_STEPS:
            steps[MOST_STEPS - 2 : -1] = ["…"]
        known = ", ".join(steps) or "no operation that is known here"
        others = sorted({name for name in self.names if name not in _KINDS})
        return known + (f" (and {', '.join(others)})" if others else "")


def trace(network: Callable[[Tensor], Any], batch: Tensor) -> Trace:
    """Send a batch through a network and note the operations, up to an error if there is one."""
    recorder = _Recorder()
    result = Trace(batch, recorder.steps, names=recorder.names)
    try:
        with recorder:
            result.output = network(batch)
    except Exception as error:
        result.error = error
    return result


@contextmanager
def in_mode(network: nn.Module, training: bool) -> Iterator[None]:
    """Inside, the network and its layers are in training or in evaluation mode."""
    modes = [(layer, layer.training) for layer in network.modules()]
    network.train(training)
    try:
        yield
    finally:
        for layer, mode in modes:
            layer.training = mode


class _Recorder(TorchFunctionMode):
    """Sees each call of a function or method of PyTorch, the outermost ones only."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.names: list[str] = []

    def __torch_function__(
        self, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None
    ) -> Any:
        name = getattr(func, "__name__", "")
        name = name if name.startswith("__") else name.rstrip("_")
        step = _step(name, args, kwargs or {}) if name in _KINDS else None
        if step is not None:
            self.steps.append(step)  # before the call: one that fails is the last
        result = func(*args, **(kwargs or {}))
        if isinstance(result, Tensor) and not name.startswith("__get"):
            self.names.append(name.strip("_"))
            if step is not None:
                step.returned = tuple(result.shape)
        return result


_ARGUMENTS = {
    "addmm": "bias input weight",
    "conv2d": "input weight bias stride padding dilation groups",
    "linear": "input weight bias",
    "max_pool2d": "input kernel_size stride padding dilation",
    "adaptive_max_pool2d": "input output_size",
    "pad": "input pad mode",
    "softmax": "input dim",
    "log_softmax": "input dim",
}
"""PyTorch's names of arguments in their order, as far as they are read."""


def _step(name: str, args: Sequence[Any], named: dict[str, Any]) -> Step | None:
    tensors = [one for one in (*args, *named.values()) if isinstance(one, Tensor)]
    if not tensors:
        return None
    step = Step(_KINDS[name], name, tuple(tensors[0].shape))
    given = dict(zip(_ARGUMENTS.get(name, "").split(), args, strict=False)) | named
    if step.kind == "linear":
        return _linear(step, tensors, given)
    if step.kind == "conv":
        step.details = _conv(given)
    elif step.kind == "max-pool":
        step.details = _pool(step, given)
    elif step.kind == "pad":
        step.details = {"widths": tuple(given["pad"]), "mode": given.get("mode", "constant")}
    elif step.kind in ("softmax", "log-softmax"):
        step.details = {"axis": given.get("dim")}
    elif step.kind == "reshape":
        step.details = {"arguments": [one for one in args[1:] if not isinstance(one, Tensor)]}
    return step


def _linear(step: Step, tensors: Sequence[Tensor], given: dict[str, Any]) -> Step | None:
    """The sizes of a fully-connected layer; a product with anything but a matrix is none."""
    if step.name == "addmm":
        tensors = tensors[1:]  # the bias comes first
    if len(tensors) < 2:
        return None
    product, weight = step.name != "linear", given.get("weight", tensors[1])
    step.received = tuple(tensors[0].shape)
    shape = tuple(weight.shape[::-1] if product else weight.shape)
    if len(shape) != 2:
        return None
    bias = given.get("bias") is not None
    known = bias or not product  # after a product, the bias may be added by another operation
    step.details = {
        "outputs": shape[0], "inputs": shape[1], "bias": bias if known else None, "weight": weight,
    }  # fmt: skip
    return step


def _conv(given: dict[str, Any]) -> dict[str, Any]:
    weight, padding = given["weight"], given.get("padding", 0)
    kernel, spread = tuple(weight.shape[2:]), _pair(given.get("dilation", 1))
    if padding == "same":
        padding = tuple(d * (k - 1) / 2 for k, d in zip(kernel, spread, strict=True))
    groups = given.get("groups", 1)
    return {
        "outputs": weight.shape[0],
        "inputs": weight.shape[1] * groups,
        "kernel": kernel,
        "stride": _pair(given.get("stride", 1)),
        "padding": _pair(0 if padding == "valid" else padding),
        "dilation": spread,
        "groups": groups,
        "bias": given.get("bias") is not None,
        "weight": weight,
    }


def _pool(step: Step, given: dict[str, Any]) -> dict[str, Any]:
    if step.name == "adaptive_max_pool2d":
        kernel = tuple(
            have // want if want and have % want == 0 else have / (want or have)
            for have, want in zip(step.received[-2:], _pair(given["output_size"]), strict=True)
        )
        return {"kernel": kernel, "stride": kernel, "padding": (0, 0), "dilation": (1, 1)}
    return {
        "kernel": _pair(given["kernel_size"]),
        "stride": _pair(given.get("stride") or given["kernel_size"]),
        "padding": _pair(given.get("padding", 0)),
        "dilation": _pair(given.get("dilation", 1)),
    }


def _pair(value: Any) -> tuple[Any, ...]:
    if isinstance(value, Sequence):
        return tuple(value) * (2 if len(value) == 1 else 1)
    return (value, value)


def _step_text(step: Step) -> str:
    if step.kind == "linear":
        return f"linear {step.details['inputs']} → {step.details['outputs']}"
    if step.kind == "conv":
        sizes = f"{step.details['inputs']} → {step.details['outputs']}"
        return f"conv2d {sizes} ({side_text(step.details['kernel'])})"
    return step.name


def side_text(sides: Sequence[int]) -> str:
    """``(5, 5)`` becomes ``"5 × 5"``."""
    return " × ".join(f"{side:g}" for side in sides)


# --- grouped by layers with weights

WEIGHTED = {"linear": "fully-connected layer", "conv": "convolution"}
"""The kinds of layers with weights, and what they are called."""

_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def ordinal(place: int) -> str:
    """``0`` becomes ``"first"``, ``8`` becomes ``"9th"``."""
    if place < len(_ORDINALS):
        return _ORDINALS[place]
    number = place + 1
    teen = number % 100 in (11, 12, 13)
    return f"{number}{'th' if teen else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"


@dataclass
class Layer:
    """A layer with weights, the paddings before it, and the steps up to the next such layer."""

    step: Step
    pads: list[Step]
    name: str  # such as ``"the first convolution"``
    after: list[Step] = field(default_factory=list)

    def kinds(self, *kinds: str) -> list[Step]:
        """The steps after it that are of these kinds."""
        return [step for step in self.after if step.kind in kinds]


@dataclass
class Chain:
    """The layers with weights in order, and what comes before the first of them."""

    before: list[Step]
    layers: list[Layer]

    def of(self, kind: str) -> list[Layer]:
        """The layers of one kind, ``"conv"`` or ``"linear"``."""
        return [layer for layer in self.layers if layer.step.kind == kind]

    def steps(self, kind: str) -> list[Step]:
        """All steps of a kind that has no weights."""
        after = [step for layer in self.layers for step in layer.after]
        return [step for step in (*self.before, *after) if step.kind == kind]


def chain(steps: Sequence[Step]) -> Chain:
    """Group the steps of a trace by the layers with weights."""
    result = Chain([], [])
    rest = result.before
    for step in steps:
        if step.kind in WEIGHTED:
            pads = [one for one in rest if one.kind == "pad"]
            place = ordinal(len(result.of(step.kind)))
            layer = Layer(step, pads, f"the {place} {WEIGHTED[step.kind]}")
            result.layers.append(layer)
            rest = layer.after
        else:
            rest.append(step)
    return result


def hidden_weights(network: nn.Module, trace: Trace) -> list[nn.Parameter]:
    """The weights of layers that the network does not list among its parameters."""
    known = {id(one) for one in network.parameters()}
    weights = [layer.step.details["weight"] for layer in trace.chain.layers]
    return [one for one in weights if isinstance(one, nn.Parameter) and id(one) not in known]


def stopped(trace: Trace) -> Step | None:
    """The step that failed, if it was one of those that are noted."""
    failed = trace.error is not None and trace.steps and trace.steps[-1].returned is None
    return trace.steps[-1] if failed else None


def images(
    network: nn.Module, count: int, shape: Sequence[int], dtype: torch.dtype | None = None
) -> Tensor:
    """Images of random numbers around zero, the same in each check, where the network is."""
    draw = torch.Generator().manual_seed(count)
    numbers = torch.randn(count, *shape, generator=draw, dtype=torch.float64)
    dtype = dtype or torch.get_default_dtype()
    return numbers.to(dtype).to(_torch.device_of(network))
