"""Training a network, and measuring it honestly (Task 6)."""

from __future__ import annotations

import functools
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sized
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, ParamSpec, TypeVar
from weakref import WeakSet

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from mnistlab import _checks, _threads, _torch
from mnistlab._torch import same_mode_after
from mnistlab.data import Loaders, data_loaders
from mnistlab.shapes import trace_shapes
from mnistlab.tables import Table

Batches = Iterable[tuple[Tensor, Tensor]]
P = ParamSpec("P")
R = TypeVar("R")


@dataclass(repr=False)
class History:
    """What was measured during training: lists with one number per epoch.

    Unpacks into the two lists of Task 6: ``losses, accuracies = history``.

    Attributes
    ----------
    test_loss, test_accuracy : list of float
        Mean cross-entropy in nats per image and fraction correct in [0, 1], measured on the test
        set after each epoch.
    train_loss, train_accuracy : list of float
        The same on the training images, averaged over the epoch's updates while the network was
        still changing, each batch weighted by its size.
    seconds : list of float
        Duration of each epoch, evaluation included.
    """

    test_loss: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)
    train_loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    @classmethod
    def read(cls, values: dict[str, Any], epochs: int) -> History:
        """The history of so many epochs that was written to JSON with ``dataclasses.asdict``.

        Raises
        ------
        ValueError
            If it is not made of such lists.
        """
        names = [one.name for one in fields(cls)]
        if not isinstance(values, dict) or sorted(values) != sorted(names):
            raise ValueError(f"the history does not consist of {', '.join(names)}")
        for name, numbers in values.items():
            whole = isinstance(numbers, list) and len(numbers) == epochs
            if not (whole and all(map(_is_finite, numbers))):
                raise ValueError(f"{name} is not a list of {epochs} finite numbers")
        return cls(**values)

    def __iter__(self) -> Iterator[list[float]]:
        return iter((self.test_loss, self.test_accuracy))

    def __getitem__(self, index: int) -> list[float]:
        """The test losses for 0, the test accuracies for 1, as in Task 6."""
        return (self.test_loss, self.test_accuracy)[index]

    def table(self) -> Table:
        """One row per epoch: loss and accuracy on the test set, and seconds."""
        columns = zip(self.test_loss, self.test_accuracy, self.seconds, strict=True)
        rows = [
            (epoch, f"{loss:.4f}", f"{accuracy:.2%}", f"{seconds:.1f}")
            for epoch, (loss, accuracy, seconds) in enumerate(columns, start=1)
        ]
        return Table(("epoch", "test loss", "test accuracy", "seconds"), rows)

    def __repr__(self) -> str:
        return repr(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()

    @property
    def epochs(self) -> int:
        """Number of finished epochs."""
        return len(self.test_loss)

    def __len__(self) -> int:
        """Number of finished epochs."""
        return self.epochs


def _is_finite(value: object) -> bool:
    return type(value) in (int, float) and abs(value) <= sys.float_info.max


def evaluate(network: nn.Module, loader: Batches) -> tuple[float, float]:
    """Loss and accuracy over all images of a loader, whatever its batch size (Task 6).

    Sums over images and divides once, at the end. The mean of the batch means would give the
    images of a smaller last batch too much weight.

    Parameters
    ----------
    network : torch.nn.Module
        Maps a batch ``(B, 1, 28, 28)`` to logits ``(B, O)``. Measured in evaluation mode without
        gradients; its mode is as before afterwards.
    loader : iterable of (images, targets)
        Batches; targets are ``int64`` of shape ``(B,)`` in 0 to O - 1.

    Returns
    -------
    loss : float
        Mean cross-entropy per image, in nats.
    accuracy : float
        Fraction of images whose largest logit is the target's, in [0, 1].

    Raises
    ------
    TypeError, ValueError
        If the network or the batches are not what is described above, the images do not get
        through the network, or the loader is empty.
    """
    loss_sum, right, count = 0.0, 0, 0
    batches = _batches(network, loader)
    with same_mode_after(network), torch.no_grad():
        network.eval()
        for images, targets in batches:
            logits = network(images)
            loss_sum += cross_entropy(
                logits, targets, reduction="sum"
            ).item()  # fmt: skip
            right += count_correct(logits, targets)
            count += len(targets)
    return loss_sum / count, right / count


def count_correct(logits: Tensor, targets: Tensor) -> int:
    """Number of images whose largest logit belongs to the target.

    Parameters
    ----------
    logits : torch.Tensor
        Shape ``(B, O)``.
    targets : torch.Tensor
        Shape ``(B,)``, ``int64``.

    Raises
    ------
    ValueError
        If the shapes are others: ``(B, 1)`` compared with ``(B,)`` would give B·B answers.
    """
    _check_shapes(logits, targets)
    predictions = logits.argmax(dim=1)
    return (predictions == targets).sum().item()


def _leaves_no_bar(train: Callable[P, R]) -> Callable[P, R]:
    """Let a training that ends before its last epoch take its progress bar from the terminal."""

    @functools.wraps(train)
    def cleared(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return train(*args, **kwargs)
        except BaseException:  # Ctrl-C too
            Log.close_bars()
            raise

    return cleared


@_leaves_no_bar
@_threads.suits_its_network
def train(
    network: nn.Module,
    epochs: int,
    learning_rate: float,
    loaders: Loaders | None = None,
    *,
    device: str | torch.device | None = None,
    memory_format: torch.memory_format | None = None,
    progress: bool = True,
    log: Log | None = None,
    optimizer: torch.optim.Optimizer | None = None,
) -> History:
    """Train a network with plain stochastic gradient descent on the cross-entropy (Task 6).

    One update per training batch; after each epoch, loss and accuracy on the test set. The network
    itself is changed. A random seed acts in two places, both before this function runs: in the
    network's initial parameters (``torch.manual_seed`` before building it) and in the order of the
    training images (``data_loaders(seed=...)``). On a CPU, the same seeds and the same number of
    threads give the same result to the last bit.

    Parameters
    ----------
    network : torch.nn.Module
        Maps a batch ``(B, 1, 28, 28)`` to logits ``(B, O)``: not probabilities, no softmax.
    epochs : int
        How many times each training image is used.
    learning_rate : float
        The step size η.
    loaders : (DataLoader, DataLoader), optional
        Training and test batches. Default: ``data_loaders()``.
    device : str or torch.device, optional
        Where to compute. Default: CUDA or MPS where there is one, else the CPU. The network stays
        there.
    memory_format : torch.memory_format, optional
        ``torch.channels_last`` is faster for convolutions on a CPU, with the same curve up to
        rounding; a network that calls ``view`` on its images fails with it. Default: unchanged.
    progress : bool
        Show a progress bar if the standard error stream is a terminal.
    log : Log, optional
        Goes on with the history and the progress bar of this one, as `mnistlab.runs` does to keep
        each finished epoch. Default: a new one.
    optimizer : torch.optim.Optimizer, optional
        Of the network's parameters; ``learning_rate`` has no effect then. Default: plain stochastic
        gradient descent.

    Returns
    -------
    History
        Unpacks into the test losses and the test accuracies, one per epoch.

    Raises
    ------
    TypeError, ValueError
        If ``epochs`` or ``learning_rate`` is out of range, the network has nothing to learn, the
        optimizer has none of its parameters, or network and batches do not fit; see `evaluate`.
    DataError
        If MNIST is needed and cannot be had.
    FloatingPointError
        If the loss is no longer a finite number; says at which epoch and batch. The network is
        left as it is then, of no use.

    Notes
    -----
    Interrupted with Ctrl-C, the network keeps what it has learned so far; the history is lost. At
    the beginning of each epoch a few images are sent through the network to check its output. That
    the inputs lie in [0, 1], and that the two loaders are not the same, is not checked.
    """
    _checks.whole("epochs", epochs, 1)
    _checks.positive("learning_rate", learning_rate)
    _check_loaders(loaders)
    _prepare(network, device, memory_format)
    _check_optimizer(optimizer, network)
    loaders = loaders or data_loaders()
    train_loader, test_loader = loaders
    optimizer = optimizer or torch.optim.SGD(
        network.parameters(), learning_rate
    )  # fmt: skip
    log = log or Log(epochs, train_loader, progress)
    for _ in range(epochs):
        network.train()
        batches = _batches(network, train_loader)
        for images, targets in batches:
            optimizer.zero_grad()
            logits = network(images)
            loss = cross_entropy(logits, targets)
            loss.backward()
            optimizer.step()
            log.update(loss, logits, targets)
        result = evaluate(network, test_loader)
        log.finish_epoch(*result)
    return log.history


def _check_shapes(logits: Tensor, targets: Tensor) -> None:
    if logits.ndim != 2 or targets.shape != logits.shape[:1]:
        raise ValueError(
            f"the logits have shape {tuple(logits.shape)}, the targets {tuple(targets.shape)}; "
            "expected (B, O) and (B,)"
        )


def _check_loaders(loaders: object) -> None:
    if loaders is None:
        return
    if not (isinstance(loaders, tuple | list) and len(loaders) == 2):
        raise TypeError(
            f"loaders is {_checks.described(loaders)}; expected two, for training and for the test, "
            "such as data_loaders() returns"
        )
    for name, loader in zip(("training", "test"), loaders, strict=True):
        _check_loader(loader, f"the {name} loader")


def _check_loader(loader: object, name: str) -> None:
    if not (hasattr(loader, "__iter__") or hasattr(loader, "__getitem__")):
        raise TypeError(
            f"{name} is {_checks.described(loader)}; expected batches (images, targets), such as one "
            "of the two that data_loaders() returns"
        )
    if isinstance(loader, Sized) and len(loader) == 0:
        raise ValueError(f"{name} gave no batch: it is empty; expected at least one batch")


def _prepare(
    network: nn.Module,
    device: str | torch.device | None,
    memory_format: torch.memory_format | None,
) -> None:
    """Check that there is something to learn, and put the network where it will be computed."""
    _torch.check_network(network)
    if not any(parameter.requires_grad for parameter in network.parameters()):
        raise ValueError(
            "the network has no learnable parameters; expected at least one layer that has"
        )
    network.to(device or _torch.best_device())
    if memory_format is not None:
        network.to(memory_format=memory_format)


def _check_optimizer(optimizer: object, network: nn.Module) -> None:
    if optimizer is None:
        return
    if not isinstance(optimizer, torch.optim.Optimizer):
        raise TypeError(
            f"optimizer is {_checks.described(optimizer)}; expected a torch.optim.Optimizer, such as "
            "torch.optim.Adam(network.parameters())"
        )
    theirs = {id(one) for group in optimizer.param_groups for one in group["params"]}
    if not any(id(parameter) in theirs for parameter in network.parameters()):
        raise ValueError(
            "the optimizer has none of the network's parameters; expected one made from "
            "network.parameters(): it would train another network"
        )


def _batches(network: nn.Module, loader: Batches) -> Iterator[tuple[Tensor, Tensor]]:
    """The loader's batches on the network's device, each checked; the first with the network."""
    _check_loader(loader, "the loader")
    device = _torch.device_of(network)
    classes = None
    for batch in loader:
        images, targets = _check_batch(batch)
        if classes is None:
            classes = _number_of_classes(network, images[:2].to(device))
        _check_targets(targets, len(images), classes)
        yield images.to(device), targets.to(device)
    if classes is None:
        raise ValueError(
            "the loader gave no batch; expected at least one, and all of them again in each epoch"
        )


def _check_batch(batch: object) -> tuple[Tensor, Tensor]:
    """The images and targets of a batch, if it has both."""
    parts = tuple(batch) if isinstance(batch, list | tuple) else (batch,)
    if len(parts) != 2 or not all(isinstance(part, Tensor) for part in parts):
        found = ", ".join(type(part).__name__ for part in parts)
        raise TypeError(
            f"the loader gave ({found}); expected batches of two tensors, images and targets: use a "
            "DataLoader over a dataset with ToTensor()"
        )
    images, targets = parts
    if images.ndim < 2 or len(images) == 0:
        raise ValueError(
            f"the loader gave images of shape {tuple(images.shape)}; expected (B, ...), at least one"
        )
    return images, targets


def _number_of_classes(network: nn.Module, images: Tensor) -> int:
    """How many logits the network gives for each image, found out with a few images."""
    try:
        with _torch.evaluation(network):
            logits = network(images)
    except RuntimeError as error:
        misfit = error
    else:
        misfit = None
    if misfit is not None:
        _check_type(network, images, misfit)
        trace_shapes(network, images.shape[1:])  # names the layer that the images do not fit
        raise misfit
    if not isinstance(logits, Tensor):
        raise TypeError(f"the network returns {type(logits).__name__}; expected one torch.Tensor")
    shape = tuple(logits.shape)
    if len(shape) != 2 or shape[0] != len(images):
        raise ValueError(
            f"the network turns images of shape {tuple(images.shape)} into an output of shape "
            f"{shape}; expected ({len(images)}, number of classes), one row of logits per image: "
            "flatten all axes but the first, and end with a fully-connected layer"
        )
    _check_logits(logits)
    return shape[1]


def _check_logits(logits: Tensor) -> None:
    """Check that the network does not end in a softmax."""
    positive = bool((logits >= 0).all())
    sums = logits.sum(dim=1)
    if logits.shape[1] > 1 and positive and torch.allclose(sums, torch.ones_like(sums), atol=1e-3):
        raise ValueError(
            "the network's outputs are positive and add up to 1 for each image, as after a softmax; "
            "expected logits: leave the softmax out, cross_entropy does it"
        )


def _check_type(network: nn.Module, images: Tensor, error: RuntimeError) -> None:
    expected = _torch.dtype_of(network)
    if images.dtype != expected:
        raise TypeError(
            f"the images have type {images.dtype}, the network's parameters {expected}; expected the "
            f"same: ToTensor() gives {torch.get_default_dtype()} in [0, 1]"
        ) from error


def _check_targets(targets: Tensor, images: int, classes: int) -> None:
    """Check that there is one class number per image, and that the network has an output for it."""
    if targets.dtype != torch.int64 or tuple(targets.shape) != (images,):
        raise ValueError(
            f"the targets have shape {tuple(targets.shape)} and type {targets.dtype}; expected one "
            f"class number per image: shape ({images},), type torch.int64"
        )
    low, high = (bound.item() for bound in targets.aminmax())
    if low < 0 or high >= classes:
        shifted = low < 0 or high == classes
        hint = (
            "number the classes from 0" if shifted else "give the last layer one output per class"
        )
        raise ValueError(
            f"the targets go from {low} to {high}, but the network has {classes} outputs, for the "
            f"classes 0 to {classes - 1}; {hint}"
        )


class Log:
    """Notes the course of a training: running averages, durations, the progress bar.

    Parameters
    ----------
    epochs : int
        Of the whole training.
    loader : iterable of (images, targets)
        The training batches, to count them.
    progress : bool
        Show a progress bar if the standard error stream is a terminal.
    history : History, optional
        What was measured earlier, to go on with. Default: nothing.
    told : callable, optional
        Is called after each update.
    """

    _bars: ClassVar[WeakSet[tqdm]] = WeakSet()

    def __init__(
        self,
        epochs: int,
        loader: Batches,
        progress: bool,
        history: History | None = None,
        told: Callable[..., object] | None = None,
    ) -> None:
        self.history = History() if history is None else history
        self._told = told
        self._epochs = epochs
        batches = len(loader) if isinstance(loader, Sized) else 0
        self._bar = tqdm(
            total=epochs * batches or None,
            initial=len(self.history) * batches,
            disable=None if progress else True,  # None: off unless standard error is a terminal
            unit="batch",
            leave=False,
        )
        self._bars.add(self._bar)
        self._start_epoch()

    @classmethod
    def close_bars(cls) -> None:
        """Take the bars of trainings that have ended before their last epoch from the terminal."""
        for bar in list(cls._bars):
            bar.close()

    def _start_epoch(self) -> None:
        self._started = time.perf_counter()
        self._loss_sum, self._correct, self._images, self._batch = 0.0, 0, 0, 0
        self._bar.set_description(f"epoch {len(self.history) + 1}/{self._epochs}")

    def update(self, loss: Tensor, logits: Tensor, targets: Tensor) -> None:
        """Note one update; stop the training if its loss is not a finite number."""
        self._batch += 1
        value = self._finite(loss.item(), "loss", f"batch {self._batch}")
        self._loss_sum += value * len(targets)
        self._correct += count_correct(logits, targets)
        self._images += len(targets)
        self._bar.update()
        if self._told:
            self._told()

    def finish_epoch(self, test_loss: float, test_accuracy: float) -> None:
        """Add one number to each list of the history."""
        self._finite(test_loss, "test loss", f"after batch {self._batch}")
        self.history.test_loss.append(test_loss)
        self.history.test_accuracy.append(test_accuracy)
        self.history.train_loss.append(self._loss_sum / self._images)
        self.history.train_accuracy.append(self._correct / self._images)
        self.history.seconds.append(time.perf_counter() - self._started)
        self._bar.set_postfix_str(f"test accuracy {test_accuracy:.2%}")
        if len(self.history) < self._epochs:
            self._start_epoch()
        else:
            self._bar.close()

    def _finite(self, value: float, what: str, batch: str) -> float:
        if not math.isfinite(value):
            raise FloatingPointError(
                f"the {what} became {value} at epoch {len(self.history) + 1}, {batch}; "
                "try a smaller learning rate, and check that the inputs lie in [0, 1]"
            )
        return value
