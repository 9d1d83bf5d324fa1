"""Checker of a function that counts a network's parameters (Task 10)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, finding
from mnistlab.check.student.recognise import Part, ask, compare_with_formula


@checker("count_parameters")
def count_parameters(f: Callable[[nn.Module], int]) -> Iterator[Finding]:
    """Check a function that counts the learnable parameters of a network (Task 10).

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(network)`` for several small networks: with layers inside
        layers, buffers, frozen and shared parameters. It returns a number.

    Examples
    --------
    >>> def count(network):
    ...     return len(list(network.parameters()))
    >>> [one.name for one in check.count_parameters(count).problems]
    ['tensors-counted']
    """
    cases = {f"f({words})": (network,) for words, network in _networks().items()}
    given = copy.deepcopy(cases)
    answers = [ask(f, arguments, shown) for shown, arguments in given.items()]
    if any(_state(*given[shown]) != _state(*arguments) for shown, arguments in cases.items()):
        yield finding("network-changed")
    expected = "the learnable numbers of all layers"
    yield from compare_with_formula(answers, _count, _PARTS, cases, expected, "wrong-count")


# --- the networks, for which every wrong way to count gives other numbers


class ScaledNetwork(nn.Module):
    """A network with a parameter of its own, and layers inside layers."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(2))
        self.inner = nn.Sequential(nn.Linear(3, 4), nn.Sequential(nn.Tanh(), nn.Linear(4, 2)))

    def forward(self, values: Tensor) -> Tensor:
        """The scaled outputs."""
        return self.scale * self.inner(values)


def _networks() -> dict[str, nn.Module]:
    """The networks by what they are in words."""
    frozen = nn.Sequential(nn.Linear(7, 3), nn.Tanh(), nn.Linear(3, 2))
    frozen[0].requires_grad_(False)
    shared = nn.Linear(5, 5)
    tied = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 4))
    tied[2].weight = tied[0].weight
    return {
        "Flatten, Linear(6, 5), Tanh, Linear(5, 4)": nn.Sequential(
            nn.Flatten(), nn.Linear(6, 5), nn.Tanh(), nn.Linear(5, 4)
        ),
        "Conv2d(1, 3, 5), Tanh, Flatten, Linear(12, 2)": nn.Sequential(
            nn.Conv2d(1, 3, 5), nn.Tanh(), nn.Flatten(), nn.Linear(12, 2)
        ),
        "a network of a class of its own (not nn.Sequential), with layers inside layers and a "
        "parameter of its own": ScaledNetwork(),
        "a network with batch normalization, which has buffers": nn.Sequential(
            nn.Linear(3, 6), nn.BatchNorm1d(6), nn.Linear(6, 1)
        ),
        "a network whose first layer is frozen (requires_grad=False)": frozen,
        "a network that uses the same layer twice": nn.Sequential(
            shared, nn.Tanh(), nn.Sequential(shared), nn.Linear(5, 1)
        ),
        "a network in which two layers have the same weights": tied,
    }


def _state(network: nn.Module) -> list[Any]:
    """What counting must not change."""
    parameters = [
        (one.requires_grad, one.grad is None, one.sum().item()) for one in network.parameters()
    ]
    return [network.training, parameters, [name for name, _ in network.named_modules()]]


# --- the ways to count


def _count(
    network: nn.Module,
    unit: str = "numbers",
    biases: str = "all",
    frozen: bool = False,
    buffers: str = "no",
    shared: str = "once",
    layers: str = "all",
    only: str = "no",
) -> int:
    """Number of learnable parameters, or what a wrong way to count gives."""
    tensors = _tensors(network, layers, "twice" if buffers == "state" else shared)
    if biases.startswith("named"):
        tensors = [module.weight for module in _with_weights(network)]
    if biases == "named once" or layers.endswith("once"):
        tensors = list({id(one): one for one in tensors}.values())
    counted = [
        one
        for one in tensors
        if (one.requires_grad or frozen or buffers == "state" or "frozen" in unit + only)
        and (biases != "some" or one.ndim > 1)
    ]
    if buffers != "no":
        counted += list(network.buffers())
    if only != "no":
        counted = counted[:1] if only.startswith("first") else counted[-1:]
    kind = unit.removesuffix(" and frozen")
    return sum({"numbers": one.numel(), "tensors": 1, "rows": _rows(one)}[kind] for one in counted)


def _rows(tensor: Tensor) -> int:
    return len(tensor) if tensor.ndim else 1


def _with_weights(network: nn.Module) -> list[Any]:
    return [module for module in network.modules() if hasattr(module, "weight")]


def _tensors(network: nn.Module, layers: str, shared: str) -> Sequence[Tensor]:
    if layers == "again":
        return [one for module in network.modules() for one in module.parameters()]
    layers = layers.removesuffix(" once")
    kinds = {"linear": (nn.Linear,), "known": (nn.Linear, nn.Conv2d)}
    if layers in kinds:
        chosen = [one for one in network.modules() if isinstance(one, kinds[layers])]
        return [one for module in chosen for one in module.parameters()]
    if layers == "modules":
        return [one for m in _with_weights(network) for one in (m.weight, m.bias)]
    if layers == "flat":
        return [one for child in network.children() for one in child.parameters(recurse=False)]
    if layers == "children":
        return [one for child in network.children() for one in child.parameters()]
    if shared == "by layer":
        return [one for module in network.modules() for one in module.parameters(recurse=False)]
    return [one for _, one in network.named_parameters(remove_duplicate=shared == "once")]


_PARTS = (
    Part("tensors-counted", "unit", {
        unit + frozen: meaning for unit, meaning in (
            ("tensors", "the number of tensors"),
            ("rows", "the length of each tensor's first axis"),
        ) for frozen in ("", " and frozen")
    }),
    Part("layers-forgotten", "layers", {
        way + once: meaning for way, meaning in (
            ("linear", "fully-connected layers only"), ("known", "only some kinds of layers"),
            ("modules", "weight and bias of each layer only"),
            ("flat", "layers inside layers left out"),
            ("children", "the network's own parameters left out"),
        ) for once in ("", " once")  # a tensor that two layers share, for each of them or once
    }),
    Part("counted-several-times", "layers", {
        "again": "every layer counted again for each module that it is in",
    }),
    Part("biases-forgotten", "biases", {
        "some": "weights only, no biases", "named": "only what is called weight",
        "named once": "only what is called weight",
    }),
    Part("buffers-counted", "buffers", {
        "state": "everything in state_dict(), buffers too", "yes": "buffers counted too",
    }),
    Part("frozen-counted", "frozen", {True: "frozen parameters counted too"}),
    Part("shared-counted-twice", "shared", {
        "twice": "what is shared is counted twice",
        "by layer": "weights that two layers share are counted for each of them",
    }),
    Part("wrong-count", "only", {
        way + frozen: meaning for way, meaning in (
            ("first", "the first tensor alone (is return inside the loop?)"),
            ("last", "the last tensor alone (is the total set anew in the loop?)"),
        ) for frozen in ("", " and frozen")
    }),
)  # fmt: skip
"""The most telling first."""
