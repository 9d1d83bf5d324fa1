"""What the playground's page needs of this build's runs, as the text of a script.

A page that is opened from a folder may not request files, but may load scripts. So weights, test
images and logits stand in one, in base64, the weights with two bytes each.
"""

from __future__ import annotations

import base64
import copy
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mnistlab import _checks, _torch, runs

COMPARED = 200
"""How many test images, the first ones, the page is compared on with PyTorch."""

MISTAKEN = 10
"""How many of the test images that both networks get wrong the page offers to start from."""

LARGEST = 32767
"""Largest number that has 16 bits and a sign."""

NAME = "PLAYGROUND"
"""The name under which the page's scripts find the content."""


@dataclass(frozen=True)
class Packed:
    """Pairs of trained networks, and the images to start from.

    Attributes
    ----------
    pairs : dict
        By name: ``permutation`` of the pixels that the pair sees, or ``None``; and, by name of the
        network, ``networks`` (its layers in order, see `layers`), ``accuracies`` on all test images,
        and ``logits`` for those of the page.
    images : dict
        ``indices`` in the test set, ``targets``, ``pixels`` before any permutation, which of them
        are ``wrong``: misclassified by both networks of the first pair, and which one is the
        ``example`` that the page opens with: the first on which those two disagree.
    """

    pairs: dict[str, dict[str, Any]]
    images: dict[str, Any]


def rounded(network: nn.Module) -> nn.Module:
    """A copy of a network that has the weights which the page has.

    Parameters
    ----------
    network : torch.nn.Module
        Left as it was.

    Returns
    -------
    torch.nn.Module
        Computes in single precision, with each layer's weights rounded as `in_units` does.

    Raises
    ------
    TypeError, ValueError
        If it is not a network whose parameters exist, or a weight is not finite.
    """
    _torch.check_network(network)
    copied = copy.deepcopy(network)
    with torch.no_grad():
        for name, parameter in copied.named_parameters():
            if name.endswith("weight"):
                whole, unit = in_units(parameter)
                parameter.copy_((whole * unit[:, None]).reshape(parameter.shape))
    return copied


def in_units(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Weights as whole numbers, in units of their own for each output: two bytes a weight.

    Half precision takes as many bytes, and spends half of its values on numbers near zero. With it
    the logits of the book's networks are about ten times as far from PyTorch's.

    Parameters
    ----------
    weight : torch.Tensor
        Of shape ``(outputs, ...)``.

    Returns
    -------
    whole : torch.Tensor
        ``int16`` of shape ``(outputs, inputs)``, from -32767 to 32767.
    unit : torch.Tensor
        ``float32`` of shape ``(outputs,)``; ``whole * unit[:, None]`` is about the weight.

    Raises
    ------
    ValueError
        If a weight is not finite.
    """
    rows = weight.detach().flatten(1).double()
    if not rows.isfinite().all():
        raise ValueError("a weight is not finite; look at the run, it has diverged")
    unit = (rows.abs().amax(dim=1) / LARGEST).clamp(min=torch.finfo(torch.float32).tiny).float()
    return (rows / unit[:, None]).round().to(torch.int16), unit


def pack(pairs: Mapping[str, Sequence[runs.Run]], images: Tensor, targets: Tensor) -> Packed:
    """Networks, images and logits for the page.

    Of the images it takes the first `COMPARED`, then some of the others that all networks of the
    first pair get wrong.

    Parameters
    ----------
    pairs : mapping of str to sequence of Run
        At least one pair. The runs of a pair are of different networks, on images with the same
        permutation of their pixels, or with none.
    images : torch.Tensor
        Test images, ``uint8`` of shape ``(N, 28, 28)``.
    targets : torch.Tensor
        Shape ``(N,)``.

    Returns
    -------
    Packed

    Raises
    ------
    TypeError
        If a network has a layer that the page cannot compute.
    ValueError
        If the runs of a pair saw different permutations.
    """
    first = [_logits(one, images) for one in next(iter(pairs.values()))]
    classes = torch.stack([logits.argmax(dim=1) for logits in first])
    wrong = (classes != targets).all(dim=0)
    later = wrong.nonzero().flatten()
    later = later[later >= COMPARED][:MISTAKEN]
    indices = torch.cat([torch.arange(min(COMPARED, len(images))), later])
    apart = (classes != classes[0]).any(dim=0)[indices].nonzero().flatten().tolist()
    return Packed(
        {name: _pair(finished, images[indices]) for name, finished in pairs.items()},
        {
            "indices": indices.tolist(),
            "targets": targets[indices].tolist(),
            "pixels": _base64(images[indices].numpy()),
            "wrong": wrong[indices].nonzero().flatten().tolist(),
            "example": apart[0] if apart else 0,
        },
    )


def _pair(finished: Sequence[runs.Run], images: Tensor) -> dict[str, Any]:
    """What the page must know of runs on images with the same permutation of their pixels."""
    by_name = {one.specification.network: one for one in finished}
    permutations = {_permutation(one) for one in finished}
    if len(permutations) != 1:
        raise ValueError(
            f"the runs of a pair saw {len(permutations)} different permutations; expected one, or none"
        )
    [permutation] = permutations
    return {
        "permutation": permutation,
        "networks": {name: layers(one.network) for name, one in by_name.items()},
        "accuracies": {name: one.history.test_accuracy[-1] for name, one in by_name.items()},
        "logits": {name: _base64(_logits(one, images).numpy()) for name, one in by_name.items()},
    }


def _permutation(finished: runs.Run) -> tuple[int, ...] | None:
    """From which pixel each pixel comes that a run's network sees; ``None``: they are not permuted."""
    seen = finished.specification
    if seen.permutation is None:
        return None
    return tuple(runs.permutation(seen.permutation, seen.block).tolist())


def script(packed: Packed) -> str:
    """The text of a script that defines `NAME`; the same runs give the same text."""
    content = json.dumps({"pairs": packed.pairs, "images": packed.images})
    return f'"use strict";\n// Written by mnistlab.playground from this build\'s runs.\nconst {NAME} = {content};\n'


def _logits(finished: runs.Run, images: Tensor) -> Tensor:
    """Logits of shape (N, O), as the run's own network gives them for images as it saw them."""
    permutation = _permutation(finished)
    if permutation is not None:
        images = runs.permuted(images, torch.tensor(permutation))
    pixels = images[:, None].float() / 255
    network = finished.network
    with _torch.evaluation(network):
        return torch.cat([network(batch) for batch in pixels.split(runs.TEST_BATCH_SIZE)])


def layers(network: nn.Module) -> list[dict[str, Any]]:
    """What the page must know of each layer, in order.

    Raises
    ------
    TypeError
        If it is not an ``nn.Sequential`` of the layers that ``book/scripts/network.js`` has.
    """
    if not isinstance(network, nn.Sequential):
        raise TypeError(f"network is {_checks.described(network)}; expected an nn.Sequential")
    return [_layer(layer) for layer in network]


def _layer(layer: nn.Module) -> dict[str, Any]:
    kind = {"kind": type(layer).__name__}
    if isinstance(layer, nn.Flatten | nn.Tanh):
        return kind
    if isinstance(layer, nn.Linear) and layer.bias is not None:
        return kind | _numbers(layer)
    if isinstance(layer, nn.MaxPool2d) and _plain_pooling(layer):
        return kind | {"size": layer.kernel_size}
    if isinstance(layer, nn.Conv2d) and _plain_convolution(layer):
        sizes = {"kernel": layer.kernel_size[0], "padding": layer.padding[0]}
        return kind | sizes | _numbers(layer)
    raise TypeError(
        f"the playground can't compute {layer}; it has Flatten, Linear, Tanh, MaxPool2d with stride = "
        "kernel_size, and square Conv2d with stride 1; add the layer to book/scripts/network.js"
    )


def _plain_pooling(layer: nn.MaxPool2d) -> bool:
    return (
        isinstance(layer.kernel_size, int)
        and layer.stride == layer.kernel_size
        and (layer.padding, layer.dilation, layer.ceil_mode) == (0, 1, False)
    )


def _plain_convolution(layer: nn.Conv2d) -> bool:
    return (
        layer.bias is not None
        and len({*layer.kernel_size}) == 1
        and isinstance(layer.padding, tuple)
        and len({*layer.padding}) == 1
        and (*layer.stride, *layer.dilation, layer.groups) == (1, 1, 1, 1, 1)
        and layer.padding_mode == "zeros"
    )


def _numbers(layer: nn.Linear | nn.Conv2d) -> dict[str, Any]:
    assert layer.bias is not None, "checked in _layer"
    whole, unit = in_units(layer.weight)
    return {
        "outputs": whole.shape[0],
        "inputs": whole.shape[1],
        "weight": _base64(whole.numpy()),
        "unit": _base64(unit.numpy()),
        "bias": _base64(layer.bias.detach().float().numpy()),
    }


def _base64(array: np.ndarray) -> str:
    """An array's bytes, little-endian, as text."""
    little = array.astype(array.dtype.newbyteorder("<"))
    return base64.b64encode(little.tobytes()).decode("ascii")
