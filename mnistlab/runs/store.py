"""Where runs are stored: one file each, written after every epoch, whole or not at all.

The file is in safetensors' format: the network's weights, the state of the generator that draws the
order of the images, and the optimizer's state. Its metadata hold the specification, the history and
the provenance, and a SHA-256 digest of all of it. A run is finished when its history has as many
epochs as its specification; until then the file is a checkpoint, from which training goes on with
the same bits.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn

from mnistlab import _files
from mnistlab.runs.specification import NETWORKS, Specification
from mnistlab.training import History

SUFFIX = ".safetensors"
NETWORK, OPTIMIZER, GENERATOR = "network.", "optimizer.", "generator"
"""With what the names of the tensors in a file begin."""


class UnregisteredNetworkError(ValueError):
    """A file is of a run of a network that is not registered here.

    Attributes
    ----------
    values : dict
        The specification's, as they are stored.
    history : History
        What was measured so far.
    provenance : dict
        Where it comes from.
    """

    def __init__(
        self, values: dict[str, Any], history: History, provenance: dict[str, Any]
    ) -> None:
        super().__init__(f"the network {values['network']!r} is not registered here")
        self.values, self.history, self.provenance = values, history, provenance


@dataclass(frozen=True)
class Stored:
    """A run as it is stored, finished or not.

    Attributes
    ----------
    specification : Specification
        What is trained.
    history : History
        What was measured so far.
    weights : dict of str to torch.Tensor
        The network's, as `weights_of` gives them.
    generator : torch.Tensor
        State of the training loader's generator, ``uint8``.
    optimizer : dict of str to torch.Tensor
        The optimizer's state, as `optimizer_state` gives it; empty for plain gradient descent.
    provenance : dict
        Where it comes from.
    """

    specification: Specification
    history: History
    weights: dict[str, Tensor]
    generator: Tensor
    optimizer: dict[str, Tensor] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)

    @property
    def finished(self) -> bool:
        """Whether it has all its epochs."""
        return self.history.epochs == self.specification.epochs

    def network(self) -> nn.Module:
        """The network with the stored weights.

        Raises
        ------
        ValueError
            If they are not those of such a network.
        """
        network = self.specification.build()
        try:
            network.load_state_dict(self.weights)
        except RuntimeError as error:
            raise ValueError("the weights are not those of such a network") from error
        return network


def save(stored: Stored, path: Path) -> None:
    """Write a run to a file, whole or not at all.

    Raises
    ------
    OSError
        If it cannot be written; an older file is then as it was.
    """
    tensors = {NETWORK + name: tensor for name, tensor in stored.weights.items()}
    tensors |= {OPTIMIZER + name: tensor for name, tensor in stored.optimizer.items()}
    tensors[GENERATOR] = stored.generator
    values = {
        "specification": stored.specification.values(),
        "history": asdict(stored.history),
        "provenance": stored.provenance,
    }
    text = json.dumps(values)
    metadata = {"run": text, "sha256": _digest(text, tensors)}
    _files.write(path, safetensors.torch.save(tensors, metadata))


def load(path: Path) -> Stored:
    """Read a run from a file.

    Raises
    ------
    OSError
        If there is no such file, or it cannot be read.
    ValueError
        If it is damaged, or no file of a run.
    """
    tensors, metadata = _read(path)
    text = metadata.get("run", "")
    if metadata.get("sha256") != _digest(text, tensors):
        raise ValueError("it is damaged: its digest is another")
    specification, history, provenance = parse(json.loads(text))
    if history.epochs == 0 or GENERATOR not in tensors:
        raise ValueError("it has no epoch")
    return Stored(
        specification,
        history,
        _named(NETWORK, tensors),
        tensors[GENERATOR],
        _named(OPTIMIZER, tensors),
        provenance,
    )


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """All tensors of a file, and its metadata."""
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    try:
        with safe_open(path, "pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return tensors, file.metadata() or {}
    except SafetensorError as error:
        raise ValueError(f"it is damaged: {error}") from error


def parse(content: Any) -> tuple[Specification, History, dict[str, Any]]:
    """Specification, history and provenance, as they stand in JSON.

    Raises
    ------
    UnregisteredNetworkError
        If nothing else is in the way.
    ValueError
        If they are not what they should be.
    """
    try:
        values, history, provenance = (
            content[name] for name in ("specification", "history", "provenance")
        )
        epochs = len(history["test_loss"])
        if not isinstance(provenance, dict):
            raise ValueError("the provenance is not made of names and values")
        if epochs and str(values["network"]) not in NETWORKS:
            raise UnregisteredNetworkError(values, History.read(history, epochs), provenance)
        specification = Specification.read(values)
    except (KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{type(error).__name__}: {error}") from error
    if epochs > specification.epochs:
        raise ValueError(f"it has {epochs} of {specification.epochs} epochs")
    return specification, History.read(history, epochs), provenance


def _digest(text: str, tensors: dict[str, Tensor]) -> str:
    """SHA-256 of what the metadata say, and of all tensors with their names."""
    digest = hashlib.sha256(text.encode())
    for name, tensor in sorted(tensors.items()):
        digest.update(f"{name} {tensor.dtype} {tuple(tensor.shape)}".encode())
        digest.update(tensor.numpy().tobytes())
    return digest.hexdigest()


def _named(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {n.removeprefix(prefix): t for n, t in tensors.items() if n.startswith(prefix)}


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """The network's ``state_dict`` on the CPU, laid out as safetensors' format asks for."""
    return {name: _plain(tensor) for name, tensor in network.state_dict().items()}


def optimizer_state(optimizer: torch.optim.Optimizer) -> dict[str, Tensor]:
    """The tensors that an optimizer keeps from one step to the next: ``"0.exp_avg"``, ..."""
    return {
        f"{parameter}.{name}": _plain(tensor)
        for parameter, kept in optimizer.state_dict()["state"].items()
        for name, tensor in kept.items()
        if tensor is not None
    }


def restore_optimizer(optimizer: torch.optim.Optimizer, tensors: dict[str, Tensor]) -> None:
    """Put an optimizer into the state that `optimizer_state` took.

    It gets copies: what was read is a view of the file, which Windows does not replace meanwhile.
    """
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        parameter, _, kept = name.partition(".")
        state.setdefault(int(parameter), {})[kept] = tensor.clone()
    optimizer.load_state_dict({**optimizer.state_dict(), "state": state})


def _plain(tensor: Tensor) -> Tensor:
    return tensor.detach().to("cpu", memory_format=torch.contiguous_format).clone()


def load_two_files(weights: Path, path: Path) -> Stored:
    """Read a finished run as version 0.1 stored it: JSON, and the weights in a file of their own.

    Raises
    ------
    OSError, ValueError
        As `load`.
    """
    content = json.loads(path.read_bytes())
    specification, history, provenance = parse(content)
    tensors = weights.read_bytes()
    if content.get("weights") != hashlib.sha256(tensors).hexdigest():
        raise ValueError("it is damaged: the weights are not those that were stored")
    if history.epochs != specification.epochs:
        raise ValueError(f"it has {history.epochs} of {specification.epochs} epochs")
    try:
        named = safetensors.torch.load(tensors)
    except SafetensorError as error:
        raise ValueError(f"it is damaged: {error}") from error
    return Stored(specification, history, named, torch.Generator().get_state(), {}, provenance)
