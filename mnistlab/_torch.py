"""What several modules ask of a network: its device, its mode, whether it can be used at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn
from torch.nn.parameter import UninitializedParameter

from mnistlab import _checks


def check_network(network: object) -> None:
    """Check that this is a network whose parameters exist.

    Raises
    ------
    TypeError
        If it is not a ``torch.nn.Module``, or is the class of one instead of an instance.
    ValueError
        If a lazy layer has no parameters yet, or layers are kept in a Python list.
    """
    if isinstance(network, type):
        raise TypeError(
            f"network is the class {network.__name__}; expected a network made of it: "
            f"{network.__name__}(...)"
        )
    if not isinstance(network, nn.Module):
        raise TypeError(
            f"network is {_checks.described(network)}; expected a torch.nn.Module, such as "
            "nn.Sequential(...)"
        )
    _check_registered(network)
    for name, parameter in network.named_parameters():
        if isinstance(parameter, UninitializedParameter):
            raise ValueError(
                f"parameter {name} belongs to a lazy layer that has not seen an input yet; "
                "send one batch through the network first: network(torch.zeros(1, 1, 28, 28))"
            )


def _check_registered(network: nn.Module) -> None:
    """Check that no layer hides in a Python list, where PyTorch does not see it."""
    seen = set(network.modules())
    for module in network.modules():
        for name, value in vars(module).items():
            parts = value.values() if isinstance(value, dict) else value
            hidden = isinstance(value, list | tuple | dict) and any(
                isinstance(part, nn.Module) and part not in seen for part in parts
            )
            if hidden and not name.startswith("_"):
                raise ValueError(
                    f"the layers in {type(module).__name__}.{name} are in a Python "
                    f"{type(value).__name__}, where PyTorch does not see them: their parameters are "
                    "neither counted nor trained; use nn.Sequential or nn.ModuleList"
                )


def device_of(network: nn.Module) -> torch.device:
    """Where the network's parameters are; the CPU if it has none."""
    parameter = next(network.parameters(), None)
    return torch.device("cpu") if parameter is None else parameter.device


def dtype_of(network: nn.Module) -> torch.dtype:
    """Type of the numbers that the network computes with: that of its first parameter."""
    parameter = next(network.parameters(), None)
    return torch.get_default_dtype() if parameter is None else parameter.dtype


def best_device() -> torch.device:
    """CUDA or MPS where there is one, else the CPU."""
    if torch.cuda.is_available():
        return torch.device("cuda")
    if torch.backends.mps.is_available():
        return torch.device("mps")
    return torch.device("cpu")


@contextmanager
def same_mode_after(network: nn.Module) -> Iterator[None]:
    """Whatever happens to the modes of the network's modules inside, afterwards each is as it was.

    Raises
    ------
    TypeError, ValueError
        As `check_network`.
    """
    check_network(network)
    modes = [(module, module.training) for module in network.modules()]
    try:
        yield
    finally:
        for module, mode in modes:
            module.training = mode


@contextmanager
def evaluation(network: nn.Module) -> Iterator[None]:
    """Evaluation mode, no graph for gradients; afterwards each module's mode is what it was.

    Raises
    ------
    TypeError, ValueError
        As `check_network`.
    """
    with same_mode_after(network), torch.no_grad():
        network.eval()
        yield
