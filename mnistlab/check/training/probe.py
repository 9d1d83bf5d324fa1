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

from mnistlab.check.report import stop
from mnistlab.check.student import probe_data

PIXELS, CLASSES = 784, 10


@dataclass(eq=False)
class Forward:
    """One batch on its way through the network."""

    inputs: Tensor  # what the network received, ``float64`` of shape (B, 784)
    # which of the probe data they are, shape (B,), -1 for others; see `probe_data.recognise`
    places: Tensor
    parameters: Tensor  # all parameters at that moment, ``float64`` of shape (7960,)
    recorded: bool  # whether recording of gradients was switched on
    training: bool  # whether the network was in training mode
    tracked: bool = False  # whether gradients were recorded: the logits require them
    backward: bool = False  # whether a gradient has come back through its logits

    @property
    def known(self) -> bool:
        """Whether all images are probe data."""
        return bool((self.places >= 0).all())

    @property
    def on_test(self) -> bool:
        """Whether all images are test images."""
        return self.known and bool((self.places >= probe_data.TRAIN).all())

    @property
    def targets(self) -> Tensor:
        """The images' targets, shape (B,)."""
        return probe_data.targets_of(self.places)


def logits_of(parameters: Tensor, inputs: Tensor) -> Tensor:
    """The watched network's function: two fully-connected layers."""
    sizes = [CLASSES * PIXELS, CLASSES, CLASSES * CLASSES, CLASSES]
    W1, b1, W2, b2 = parameters.split(sizes)
    hidden = inputs @ W1.view(CLASSES, PIXELS).T + b1
    return hidden @ W2.view(CLASSES, CLASSES).T + b2


class Watch:
    """Notes of one network, and of all optimizers while `watching_optimizers`."""

    def __init__(self, most: int | None = None) -> None:
        self.most = most  # batches, after which the check stops
        self._forwards: list[Forward] = []
        self._recognised = 0  # so many of them have their places
        self.optimizers = 0
        self.steps = 0
        self.classes: set[str] = set()  # of the optimizers that made them
        self.empty = 0  # batches without an image, while gradients were recorded
        self.steps_without_images = 0  # steps after nothing but such batches
        self.precision: torch.dtype | None = None  # of logits that are less than single
        self._last: nn.Module | None = None
        self._sizes: list[int] = []  # of batches since the last step, while gradients were recorded

    def __deepcopy__(self, _: dict[int, Any]) -> Watch:
        """A copy of the network reports here too."""
        return self

    @property
    def forwards(self) -> list[Forward]:
        """The batches so far. Which images they hold is looked up here, in all of them at once."""
        new = self._forwards[self._recognised :]
        if new:
            for one in new:  # inside torch.vmap the images of a batch have an axis of their own
                one.inputs = one.inputs.reshape(-1, PIXELS)
            places = probe_data.recognise(torch.cat([one.inputs for one in new]))
            for one, its in zip(new, places.split([len(one.inputs) for one in new]), strict=True):
                one.places = its
            self._recognised += len(new)
        return self._forwards

    def note(self, network: nn.Module, images: Tensor) -> Forward | None:
        """Note one batch that has images, before the network computes anything."""
        if self.most is not None and len(self._forwards) >= self.most:
            raise stop("time-limit", f"more than {self.most} batches", "fewer")
        recorded = torch.is_grad_enabled()
        inputs = _plain(images.detach().to("cpu", torch.float64).reshape(-1, PIXELS))
        if recorded:
            self._sizes.append(len(inputs))
        if not len(inputs):
            self.empty += recorded
            return None
        self._last, places = network, torch.empty(0, dtype=torch.int64)  # see `forwards`
        noted = Forward(inputs, places, self._parameters(network), recorded, network.training)
        self._forwards.append(noted)
        return noted

    def note_logits(self, logits: Tensor, forward: Forward | None) -> None:
        """Note in which precision the network computed, and whether a gradient comes back."""
        if forward:
            forward.tracked = logits.requires_grad
            if logits.requires_grad:
                logits.register_hook(lambda _: setattr(forward, "backward", True))
        if torch.finfo(logits.dtype).eps > torch.finfo(torch.float32).eps:
            self.precision = logits.dtype

    def note_step(self, optimizer: str) -> None:
        """Note a step of an optimizer of this class."""
        self.steps += 1
        self.classes.add(optimizer)
        self.steps_without_images += bool(self._sizes) and not any(self._sizes)
        self._sizes.clear()

    def check_precision(self) -> None:
        """Stop the check where the network computed in half precision: no number can be compared."""
        if self.precision is not None:
            name = str(self.precision).removeprefix("torch.")
            raise stop("half-precision", precision=name)

    def last_parameters(self) -> Tensor:
        """Parameters, as they are now, of the network or copy that was used last."""
        return self._parameters(self._last)

    def _parameters(self, network: nn.Module) -> Tensor:
        now = parameters_of(network)
        before = self._forwards[-1].parameters if self._forwards else None
        return before if before is not None and torch.equal(now, before) else now


def parameters_of(network: nn.Module) -> Tensor:
    """All parameters in one list of numbers, a copy."""
    parts = [one.detach().to("cpu", torch.float64).flatten() for one in network.parameters()]
    return _plain(torch.cat(parts).clone())


def _plain(tensor: Tensor) -> Tensor:
    """The numbers, without what torch.func.grad and torch.vmap wrap around them."""
    if hasattr(torch.func, "debug_unwrap"):
        return torch.func.debug_unwrap(tensor)
    return torch.from_numpy(tensor.numpy())  # older versions: an error at once where it is wrapped


class _Watched(nn.Sequential):
    """Layers in a row, with a watch that is told of every batch; a slice of them has none."""

    watch: Watch | None = None

    def forward(self, images: Tensor) -> Tensor:
        """Logits."""
        noted = self.watch.note(self, images) if self.watch else None
        logits = super().forward(images)
        if self.watch:
            self.watch.note_logits(logits, noted)
        return logits


def watched_network(most: int | None = None) -> tuple[nn.Sequential, Watch]:
    """Flatten and two fully-connected layers, 784 → 10 → 10, always the same; and its notes.

    The second layer hands on what it receives, until it is trained.
    """
    first = nn.Linear(PIXELS, CLASSES, dtype=torch.float32)
    second = nn.Linear(CLASSES, CLASSES, dtype=torch.float32)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.normal_(0, 0.1, generator=generator)
        second.weight.copy_(torch.eye(CLASSES))
        second.bias.zero_()
    network = _Watched(nn.Flatten(), first, second)
    network.watch = Watch(most)
    return network, network.watch


@contextmanager
def watching_optimizers(watch: Watch) -> Iterator[None]:
    """Count optimizers as they are made, and their steps."""
    begin = Optimizer.__init__

    def counted(optimizer: Optimizer, *arguments: Any, **named: Any) -> None:
        watch.optimizers += 1
        begin(optimizer, *arguments, **named)

    def stepped(optimizer: Optimizer, *_: Any) -> None:
        watch.note_step(type(optimizer).__name__)

    counting = mock.patch.object(Optimizer, "__init__", counted)
    with register_optimizer_step_post_hook(stepped), counting:
        yield
