"""Checkpoints: what a training needs to go on after its last finished epoch, bit for bit.

That is the network's weights, the state of the generator that orders the training images, and the
history so far. Plain gradient descent keeps nothing from one update to the next, so there is no
state of an optimiser to keep.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor, nn

from mnistlab import _files
from mnistlab.training import History

WEIGHT = "network."
"""Stands before the name of each of the network's tensors in the file."""


@dataclass(frozen=True)
class Checkpoint:
    """State of a training after an epoch.

    Attributes
    ----------
    specification : dict
        What is being trained, for those who look at the file.
    history : History
        What was measured so far.
    weights : dict of str to torch.Tensor
        As `weights_of` gives them.
    generator : torch.Tensor
        State of the training loader's generator, ``uint8``.
    resumed_after : list of int
        Numbers of epochs that were finished each time the training was taken up again.
    """

    specification: dict[str, Any]
    history: History
    weights: dict[str, Tensor]
    generator: Tensor
    resumed_after: list[int]


def weights_of(network: nn.Module) -> dict[str, Tensor]:
    """The network's ``state_dict`` on the CPU, laid out as safetensors' format asks for."""
    return {
        name: tensor.detach().to("cpu", memory_format=torch.contiguous_format)
        for name, tensor in network.state_dict().items()
    }


def save(checkpoint: Checkpoint, path: Path) -> None:
    """Write a checkpoint, whole or not at all: tensors in safetensors' format, then a SHA-256 of it.

    Raises
    ------
    OSError
        If it can't be written; an older checkpoint is then as it was.
    """
    tensors = {WEIGHT + name: tensor for name, tensor in checkpoint.weights.items()}
    notes = {
        "specification": checkpoint.specification,
        "history": asdict(checkpoint.history),
        "resumed_after": checkpoint.resumed_after,
    }
    content = safetensors.torch.save(
        {**tensors, "generator": checkpoint.generator}, {"notes": json.dumps(notes)}
    )
    _files.write(path, content + hashlib.sha256(content).digest())


def load(path: Path) -> Checkpoint | None:
    """The checkpoint in a file; ``None`` if there is none, or it is damaged or of another format."""
    try:
        whole = path.read_bytes()
    except OSError:
        return None
    content, digest = whole[:-32], whole[-32:]
    if hashlib.sha256(content).digest() != digest:
        return None
    try:
        return _read(content)
    except (KeyError, TypeError, ValueError, SafetensorError):
        return None


def _read(content: bytes) -> Checkpoint:
    tensors = safetensors.torch.load(content)
    notes = json.loads(_metadata(content)["notes"])
    weights = {
        name.removeprefix(WEIGHT): tensor
        for name, tensor in tensors.items()
        if name.startswith(WEIGHT)
    }
    history = History.read(notes["history"], len(notes["history"]["test_loss"]))
    return Checkpoint(
        notes["specification"], history, weights, tensors["generator"], notes["resumed_after"]
    )


def _metadata(content: bytes) -> dict[str, str]:
    """The text that stands in the head of a file in safetensors' format."""
    length = int.from_bytes(content[:8], "little")
    return json.loads(content[8 : 8 + length])["__metadata__"]
