"""What a student's training function is called with: also loaders, if its signature takes them."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch.utils.data import DataLoader

from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.student.lending import is_for_testing, words_of
from mnistlab.check.student.sandbox import signature_of

VARIADIC = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)

LOADERS = {"loader", "loaders", "batches", "data", "dl", "dls", "ds"}
"""Words in names of parameters that take loaders; those for training and testing come to them."""

OTHERS = (
    *("size", "epoch", "rate", "optim", "crit", "loss", "seed", "momentum", "verbose"),
    *("every", "interval", "freq"),
)
"""Parts of names of parameters that take something else."""


def arguments_for(
    function: Callable[..., Any], given: Sequence[Any], train: DataLoader, test: DataLoader
) -> tuple[list[Any], dict[str, Any]]:
    """The three arguments by position, and loaders wherever the signature takes them."""
    signature = signature_of(function)
    if signature is None:
        return list(given), {}
    parameters = [one for one in signature.parameters.values() if one.kind not in VARIADIC]
    if len(parameters) < len(signature.parameters) and len(parameters) < len(given):
        return list(given), {}  # (*args): what it hands on is not known
    _check_order(signature, [_role(one.name) for one in parameters])
    named = _loaders_for(parameters, len(given), train, test)
    free = [one for one in parameters if one.name not in named]
    if len(free) < len(given) or any(_required(one) for one in free[len(given) :]):
        raise StopCheck(_other_arguments(signature))
    named |= {one.name: value for one, value in zip(free, given, strict=False)}
    only = [one.name for one in parameters if one.kind is one.POSITIONAL_ONLY]
    return [named.pop(name) for name in only if name in named], named


_ROLES = {
    "network": r"net(work)?|model|mlp|cnn|module",
    "epochs": r"(n|num|max)?_?epochs?",
    "learning rate": r"lr|learning_?rate|eta",
    "optimizer": r"opt(imi[sz]er)?|sgd",
    "loss": r"criterion|loss(_?f(n|unc(tion)?))?",
    "device": r"device",
}


def _role(name: str) -> str:
    """What a parameter is by its name; empty if that does not say it."""
    for role, names in _ROLES.items():
        if re.fullmatch(names, name.lower()):
            return role
    return "loader" if LOADERS & set(words_of(name)) and not _is_other(name) else ""


def _check_order(signature: inspect.Signature, roles: Sequence[str]) -> None:
    """End the check where names say that the first three arguments are others, or in another order.

    Loaders may stand between them, because they are handed over by name.
    """
    placed = [*roles[:1], *(one for one in roles[1:] if one != "loader")][:3]
    wanted = ("network", "epochs", "learning rate")
    if any(role not in ("", right) for role, right in zip(placed, wanted, strict=False)):
        raise StopCheck(_other_arguments(signature))


def _other_arguments(signature: inspect.Signature) -> Finding:
    observed = f"the function has the parameters {signature}"
    expected = "(network, epochs, learning_rate) in this order, then loaders if it takes them"
    return finding("arguments", observed, expected)


def _required(parameter: inspect.Parameter) -> bool:
    return parameter.default is parameter.empty


def _loaders_for(
    parameters: Sequence[inspect.Parameter], count: int, train: DataLoader, test: DataLoader
) -> dict[str, Any]:
    """Loaders for the parameters whose names ask for them, else for one or two that are left.

    A device, which the task does not name either, is the CPU.
    """
    device = {one.name: torch.device("cpu") for one in parameters[count:] if one.name == "device"}
    parameters = [one for one in parameters if one.name not in device]
    wanted = [one.name for one in parameters[1:] if _takes_loaders(one)]
    left = [one.name for one in parameters[count:] if _required(one)]
    if not wanted and len(left) <= 2 and not any(map(_is_other, left)):
        wanted = left
    if len(wanted) == 1:
        return device | {wanted[0]: _by_name(wanted[0], train, test) or (train, test)}
    pair = (train, test)
    return device | {
        name: _by_name(name, train, test) or pair[number % 2] for number, name in enumerate(wanted)
    }


def _by_name(name: str, train: DataLoader, test: DataLoader) -> DataLoader | None:
    testing = is_for_testing(name)
    return None if testing is None else test if testing else train


def _takes_loaders(parameter: inspect.Parameter) -> bool:
    if isinstance(parameter.default, DataLoader):
        return True
    if not _required(parameter) and parameter.default is not None:
        return False
    asks = LOADERS & set(words_of(parameter.name)) or is_for_testing(parameter.name) is not None
    return bool(asks) and not _is_other(parameter.name)


def _is_other(name: str) -> bool:
    return any(part in name.lower() for part in OTHERS)


def check_loader_is_second(function: Callable[..., Any]) -> None:
    """End the check where the names of two parameters say: first the loader, then the network."""
    signature = signature_of(function)
    parameters = list(signature.parameters) if signature else []
    if [_role(name) for name in parameters[:2]] == ["loader", "network"]:
        observed = f"the function has the parameters {', '.join(parameters)}"
        raise stop("arguments", observed, "(network, loader) in this order")
