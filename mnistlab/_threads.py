"""How many threads a network is trained with, and how they wait for each other.

PyTorch computes with several threads through OpenMP. When a thread has done its share it waits for
the others, and by default it does so actively: it keeps its core busy. On a machine whose cores are
shared with other work, the thread that everybody waits for may not be running at all, and training
becomes tens of times slower. Here the active wait is bounded, and a network whose layers are too
small to be divided is trained with one thread. ``benchmarks/waiting.md`` has the measurements.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

WAITING = {"GOMP_SPINCOUNT": "10000", "KMP_BLOCKTIME": "1"}
"""A bound for the active wait: for GNU's OpenMP in turns of a loop (about a tenth of a millisecond),
for LLVM's and Intel's in milliseconds."""

CHOSEN_BY_USER = ("OMP_WAIT_POLICY", "OMP_NUM_THREADS", *WAITING)
"""Environment variables with which users say themselves how threads wait, or how many there are."""


def bound_waiting() -> None:
    """Bound the active wait, unless the user has chosen how threads wait.

    OpenMP reads these variables when PyTorch is loaded: this must run before. Where PyTorch is loaded
    already, only the processes that are started later have the bound.
    """
    if not any(name in os.environ for name in ("OMP_WAIT_POLICY", *WAITING)):
        os.environ.update(WAITING)


@contextmanager
def suited_to(network: object) -> Iterator[None]:
    """Compute with one thread if the network has no convolution; afterwards with as many as before.

    The layers of a fully-connected network of the book's size take less time than it takes to
    divide them. ``OMP_NUM_THREADS`` has precedence.
    """
    import torch  # not above: `bound_waiting` comes before PyTorch
    from torch import nn

    before = torch.get_num_threads()
    layers = list(network.modules()) if isinstance(network, nn.Module) else []
    divisible = any(isinstance(layer, nn.Conv2d) for layer in layers)
    if layers and not divisible and "OMP_NUM_THREADS" not in os.environ:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def suits_its_network(train: Callable[P, R]) -> Callable[P, R]:
    """Let a function whose first argument is a network compute within `suited_to`."""

    @functools.wraps(train)
    def in_threads(*args: P.args, **kwargs: P.kwargs) -> R:
        with suited_to(args[0] if args else kwargs.get("network")):
            return train(*args, **kwargs)

    return in_threads


bound_waiting()
