"""The checker of a harder exercise: a small network that is the better one."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from statistics import fmean
from typing import Any

from torch import nn

from mnistlab import record
from mnistlab.check._checker import checker
from mnistlab.check.network import reference
from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.report.mistakes import MISTAKES
from mnistlab.check.student import lending, sandbox, values
from mnistlab.check.student.recognise import grouped
from mnistlab.check.tasks import networks, results
from mnistlab.runs import TASK_7

MOST = 10_000
"""Parameters that the network may have."""


@checker()
def small_network(network: nn.Module, accuracy: Any, accuracy_a: Any = None) -> Iterator[Finding]:
    """Check a small network (b) that is more accurate than network (a) after ten epochs.

    Parameters
    ----------
    network : torch.nn.Module
        Network (b) with widths of your choice, 10 outputs and at most 10 000 parameters. It stays as
        it is.
    accuracy : number, or sequence of numbers
        Its test accuracy after ten epochs, a fraction. Of a sequence the last number counts.
    accuracy_a : number, or sequence of numbers, optional
        That of network (a), trained on the same images. Default: the mean of the recorded runs on
        MNIST.

    Notes
    -----
    There is no MNIST here: the checker can't measure the accuracies, and compares those that it is
    given.
    """
    if not isinstance(network, nn.Module):
        seen = f"small_network is {values.shown(network)}"
        raise stop("not-a-network", seen, "the network itself, a torch.nn.Module")
    copied = sandbox.call(copy.deepcopy, network).cpu()
    error = networks._initialise(copied, reference.convolutional(1, 1, 10))
    if error is not None:
        raise StopCheck(sandbox.raised(error, "network(images)")) from error
    count = sum(one.numel() for one in copied.parameters())
    if count > MOST:
        yield finding("too-many-parameters", count=grouped(count), most=grouped(MOST))
    yield from _structure(copied)
    yield from _accuracies(accuracy, accuracy_a)


def _structure(network: nn.Module) -> Iterator[Finding]:
    """Whether it is network (b), with the widths that its kernels have."""
    expected = "network (b) of Task 5, convolutional(Q1, Q2, 10)"
    kernels = [one for one in network.parameters() if one.ndim == 4]
    if len(kernels) != 2:
        seen = f"{len(kernels)} convolutions among network.parameters()"
        yield finding("not-network-b", seen, f"{expected}: two convolutions")
        return
    widths = tuple(len(one) for one in sorted(kernels, key=lambda one: one.shape[1]))
    sizes = (*widths, 10)
    task = replace(networks._CONVOLUTIONAL, assignment=sizes, others=sizes)
    findings = list(networks._findings(task, lambda *_: network))
    problems = [one for one in findings if MISTAKES[one.name].kind == "problem"]
    if problems:
        yield finding("not-network-b", problems[0].observed, problems[0].expected)


def _accuracies(accuracy: Any, accuracy_a: Any) -> Iterator[Finding]:
    if accuracy_a is None:
        accuracy_a = fmean(
            one.test_accuracy[results.EPOCHS - 1] for one in record.histories(TASK_7)
        )
    own, other = _last("small_accuracy", accuracy), _last("network (a)'s accuracy", accuracy_a)
    wrong = [
        *results.not_a_fraction([own], "small_accuracy"),
        *results.not_a_fraction([other], "network (a)'s accuracy"),
    ]
    yield from wrong
    if not wrong and lending.is_lent():
        yield finding("lent-images", numbers=f"an accuracy of {own:.4f}")
    elif not wrong and not own > other:  # also if one of them is not a number
        yield finding("accuracy-not-reached", own=own, other=other)


def _last(name: str, value: Any) -> float:
    """A number, or the last one of several; anything else ends the check."""
    numbers = None if isinstance(value, bool) else values.one_or_more(value)
    if not numbers:
        seen = f"{name} is {values.shown(value)}"
        raise stop("wrong-type", seen, "a test accuracy, a fraction from 0 to 1")
    return numbers[-1]
