"""Foreign code runs, and everything is as before: random numbers, settings, folder, streams, figures.

How long it may run, see `mnistlab._limit`. No protection from malicious code.
"""

from __future__ import annotations

import io
import os
import random
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import Any

import numpy as np
import torch

_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|[\x00-\x08\x0b-\x1f\x7f]")

LONGEST_TURN = 300.0
"""Seconds to wait for another thread: a check is over by then, or it waits for this one."""

_turn = threading.RLock()


class Output:
    """What was printed inside."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """All of it, stripped, without what only moves a cursor or clears a line."""
        return _CONTROL.sub("", self.stream.getvalue()).strip()


@contextmanager
def preserved() -> Iterator[Output]:
    """Restore random numbers, torch's settings, folder, streams and figures afterwards.

    All of them belong to the process, so threads take turns.
    """
    output = Output()
    with ExitStack() as stack:
        stack.enter_context(_own_turn())
        stack.enter_context(_random_state())
        stack.enter_context(_torch_settings())
        stack.enter_context(_full_precision())
        stack.enter_context(_default_device())
        stack.enter_context(_folder())
        stack.enter_context(_figures())
        stack.enter_context(warnings.catch_warnings())
        warnings.simplefilter("ignore")
        stack.enter_context(redirect_stdout(output.stream))
        stack.enter_context(redirect_stderr(output.stream))
        yield output


@contextmanager
def printed() -> Iterator[Output]:
    """What is printed inside, and nothing else preserved."""
    output = Output()
    with redirect_stdout(output.stream):
        yield output


@contextmanager
def _own_turn() -> Iterator[None]:
    """No other thread is inside; the same one may be. One that waited in vain goes in beside it."""
    alone = _turn.acquire(timeout=LONGEST_TURN)
    try:
        yield
    finally:
        if alone:
            _turn.release()


@contextmanager
def _random_state() -> Iterator[None]:
    python, numpy = random.getstate(), np.random.get_state()
    devices = list(range(torch.cuda.device_count())) if torch.cuda.is_initialized() else []
    try:
        with torch.random.fork_rng(devices):
            yield
    finally:
        random.setstate(python)
        np.random.set_state(numpy)


@contextmanager
def _torch_settings() -> Iterator[None]:
    dtype, grad = torch.get_default_dtype(), torch.is_grad_enabled()
    threads = torch.get_num_threads()
    deterministic = torch.are_deterministic_algorithms_enabled()
    only_warn = torch.is_deterministic_algorithms_warn_only_enabled()
    anomaly = torch.is_anomaly_enabled()
    try:
        torch.set_grad_enabled(True)
        torch.set_default_dtype(torch.float32)  # that of the images
        torch.set_num_threads(1)  # data this small gain nothing by two, and a busy machine stalls
        yield
    finally:
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        if torch.get_num_threads() != threads:
            torch.set_num_threads(threads)
        torch.use_deterministic_algorithms(deterministic, warn_only=only_warn)
        torch.autograd.set_detect_anomaly(anomaly)


@contextmanager
def _full_precision() -> Iterator[None]:
    """Multiply matrices in single precision, whichever of torch's two settings says otherwise.

    The older one is a function; it can't be read where ``fp32_precision``, the newer one, was set.
    """
    older = None
    with suppress(RuntimeError):
        older = torch.get_float32_matmul_precision()
    newer = [(one, one.fp32_precision) for one in _with_a_precision()]
    try:
        for one, _ in newer:
            one.fp32_precision = "none"
        torch.set_float32_matmul_precision("highest")
        yield
    finally:
        if older is not None:
            torch.set_float32_matmul_precision(older)
        for one, precision in newer:
            one.fp32_precision = "none"  # it is what it inherits, unless it had one of its own
            if one.fp32_precision != precision:
                one.fp32_precision = precision


def _with_a_precision() -> list[Any]:
    """What has the newer setting, that of all before those of each; nothing before torch 2.9."""
    matmul = getattr(torch.backends.mkldnn, "matmul", None)
    all_three = (torch.backends, torch.backends.cuda.matmul, matmul)
    return [one for one in all_three if hasattr(one, "fp32_precision")]


@contextmanager
def _default_device() -> Iterator[None]:
    """Make tensors on the CPU. Where they already are, nothing is set.

    A device that is set slows each operation down, and up to torch 2.9 ``get_default_device`` fails
    once ``set_default_device(None)`` was called.
    """
    before = around = _device()
    if before.type != "cpu":
        torch.set_default_device(None)
        around = _device()  # that of a ``with torch.device(...)``, if there is one
        if around.type != "cpu":
            torch.set_default_device("cpu")
    try:
        yield
    finally:
        if before != around:
            torch.set_default_device(before)
        elif around.type != "cpu" or _device() != around:
            torch.set_default_device(None)


def _device() -> torch.device:
    """Where a tensor is made if nobody says where."""
    return torch.empty(0).device


@contextmanager
def _folder() -> Iterator[None]:
    folder = Path.cwd()
    try:
        yield
    finally:
        with suppress(OSError):  # it is gone
            os.chdir(folder)


@contextmanager
def _figures() -> Iterator[None]:
    """Show no figure, and close those that were opened."""
    from matplotlib import pyplot  # not when the package is imported

    before, show = set(pyplot.get_fignums()), pyplot.show
    pyplot.show = lambda *_, **__: None
    try:
        yield
    finally:
        pyplot.show = show
        for number in set(pyplot.get_fignums()) - before:
            pyplot.close(number)
