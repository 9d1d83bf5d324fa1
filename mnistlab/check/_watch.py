"""A small network that notes every batch it receives, with its parameters at that moment.

What a training does can be read from these notes, whatever its code looks like: which images were
used, in which order, and how the parameters changed between two batches.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import torch
from torch import Tensor, nn
from torch.optim.optimizer import Optimizer, register_optimizer_step_post_hook

from mnistlab.check import _standins

CLASSES = 10


@dataclass(frozen=True)
class Forward:
    """One batch on its way through the network.

    Attributes
    ----------
    inputs : torch.Tensor
        What the network received, ``float64`` of shape (B, 784).
    places : torch.Tensor
        Which of the stand-ins they are, shape (B,), -1 for others; see `_standins.recognise`.
    parameters : torch.Tensor
        All parameters at that moment, ``float64`` of shape (7850,).
    recorded : bool
        Whether gradients were recorded.
    training : bool
        Whether the network was in training mode.
    """

    inputs: Tensor
    places: Tensor
    parameters: Tensor
    recorded: bool
    training: bool

    @property
    def known(self) -> bool:
        """Whether all images are stand-ins."""
        return bool((self.places >= 0).all())

    @property
    def on_test(self) -> bool:
        """Whether all images are test images."""
        return self.known and bool((self.places >= _standins.TRAIN).all())

    @property
    def targets(self) -> Tensor:
        """The images' targets, shape (B,)."""
        return _standins.targets_of(self.places)

    @property
    def logits(self) -> Tensor:
        """What the network answered, computed again in double precision."""
        return logits_of(self.parameters, self.inputs)


def logits_of(parameters: Tensor, inputs: Tensor) -> Tensor:
    """The watched network's function: one fully-connected layer."""
    weight = parameters[:-CLASSES].view(CLASSES, -1)
    return inputs @ weight.T + parameters[-CLASSES:]


class Watch:
    """Notes of one network, and of all optimisers while `watching_optimisers`."""

    def __init__(self) -> None:
        self.forwards: list[Forward] = []
        self.optimisers = 0
        self.steps = 0
        self._last: nn.Module | None = None

    def __deepcopy__(self, _: dict[int, Any]) -> Watch:
        """A copy of the network reports here too."""
        return self

    def note(self, layer: nn.Linear, arguments: tuple[Tensor, ...]) -> None:
        """Forward hook of the layer."""
        inputs = arguments[0].detach().to("cpu", torch.float64).reshape(-1, layer.in_features)
        places = _standins.recognise(inputs)
        recorded = torch.is_grad_enabled()
        self._last = layer
        self.forwards.append(
            Forward(inputs, places, self._parameters(layer), recorded, layer.training)
        )

    def last_parameters(self) -> Tensor:
        """Parameters, as they are now, of the network or copy that was used last."""
        return self._parameters(self._last)

    def _parameters(self, layer: nn.Module) -> Tensor:
        now = parameters_of(layer)
        before = self.forwards[-1].parameters if self.forwards else None
        return before if before is not None and torch.equal(now, before) else now


def parameters_of(network: nn.Module) -> Tensor:
    """All parameters in one list of numbers, a copy."""
    parts = [one.detach().to("cpu", torch.float64).flatten() for one in network.parameters()]
    return torch.cat(parts).clone()


def watched_network() -> tuple[nn.Sequential, Watch]:
    """Flatten and one fully-connected layer, 784 → 10, always the same; and its notes."""
    layer = nn.Linear(784, CLASSES, dtype=torch.float32)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in layer.parameters():
            parameter.normal_(0, 0.1, generator=generator)
    watch = Watch()
    layer.register_forward_pre_hook(watch.note)
    return nn.Sequential(nn.Flatten(), layer), watch


@contextmanager
def watching_optimisers(watch: Watch) -> Iterator[None]:
    """Count optimisers as they are made, and their steps."""
    begin = Optimizer.__init__

    def counted(optimiser: Optimizer, *arguments: Any, **named: Any) -> None:
        watch.optimisers += 1
        begin(optimiser, *arguments, **named)

    def stepped(*_: Any) -> None:
        watch.steps += 1

    hook = register_optimizer_step_post_hook(stepped)
    try:
        with mock.patch.object(Optimizer, "__init__", counted):
            yield
    finally:
        hook.remove()
