"""The checker of the function that measures loss and accuracy."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.utils.data import DataLoader, TensorDataset

from mnistlab._preserved import Output, printed
from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.student import probe_data, sandbox, values
from mnistlab.check.student.signature import check_loader_is_second
from mnistlab.check.training import averages
from mnistlab.check.training.averages import Batches, Logits, explanation
from mnistlab.check.training.probe import CLASSES, Watch, parameters_of, watched_network

BATCH, IMAGES = 8, 27
"""Batches of 8, 8, 8 and 3 images."""

EXPECTED = "two numbers, the loss and the accuracy"

FIRST = 14
"""The test image whose largest logit is the largest of all: it comes first."""

WRONG = {1, 5, 8, 9, *range(11, 15), *range(16, 23), 25}
"""Images that the network has wrong, such that no two formulas give nearly the same number."""


@checker("evaluate")
def evaluate(function: Callable[..., Any]) -> Iterator[Finding]:
    """Check a function that measures a network (Task 6). Calls ``function(network, loader)``.

    The loader gives 27 images in batches of 8, 8, 8 and 3, chosen so that every usual mistake gives
    another number. The network is in training mode when the function is called, and then once
    more in evaluation mode.

    Parameters
    ----------
    function : callable
        Takes a network and a loader; returns loss and accuracy, as a tuple, list, array or tensor.

    Examples
    --------
    >>> from mnistlab import check, evaluate
    >>> check.evaluate(evaluate)
    evaluate: passed
    """
    check_loader_is_second(function)
    network, watch = watched_network()
    before, batches = parameters_of(network), _batches(BATCH, IMAGES)
    try:
        result, output = _called(function, network, batches)
    except StopCheck as error:
        if error.finding.name == "raised" and _over_images(function):
            seen = (
                "the argmax runs along axis 0 of the logits, over the images of the batch; with a "
                f"batch of another size than {CLASSES} there is an error:\n{error.finding.observed}"
            )
            raise stop("argmax-over-images", seen) from error
        raise
    left_off = not torch.is_grad_enabled()
    torch.set_grad_enabled(True)
    if not watch.forwards:
        values.require_run(result, EXPECTED)
    watch.check_precision()
    loss, accuracy = values.two_numbers(result, EXPECTED, output.text)
    if not torch.equal(before, parameters_of(network)):
        yield finding("parameters-changed")
        return
    strange = sum(not one.known for one in watch.forwards)
    if strange:
        yield finding("own-data", strange=strange, all=len(watch.forwards))
        return
    yield from _judged(loss, accuracy, _answers(batches))
    yield from _use(network, watch, lambda: _called(function, network.eval(), batches))
    if left_off:
        yield finding("gradients-left-off")


def _batches(size: int, count: int) -> Batches:
    """Images, and targets that the network has right in a known and different part of each batch."""
    places = [FIRST, *(place for place in range(IMAGES) if place != FIRST)][:count]
    images = probe_data.inputs(probe_data.content()[1][0][places])
    network, _ = watched_network()
    with torch.no_grad():
        ranks = network(images).argsort(dim=1, descending=True)
    targets = torch.tensor(
        [rank[3 if place in WRONG else 0] for place, rank in enumerate(ranks.tolist())]
    )
    return list(zip(images.split(size), targets.split(size), strict=True))


def _called(
    function: Callable[..., Any], network: torch.nn.Module, batches: Batches
) -> tuple[Any, Output]:
    images, targets = (torch.cat(parts) for parts in zip(*batches, strict=True))
    loader = DataLoader(TensorDataset(images, targets), len(batches[0][1]))
    with printed() as output:
        result = sandbox.call(function, network, loader, shown="f(network, loader)")
    return result, output


def _answers(batches: Batches) -> Logits:
    """The logits of the watched network, with the targets."""
    network, _ = watched_network()
    with torch.no_grad():
        return [(network.double()(images.double()), targets) for images, targets in batches]


def _judged(loss: float, accuracy: float, answers: Logits) -> Iterator[Finding]:
    """What the two numbers say about how they were computed."""
    ways = {"loss": averages.losses(answers), "accuracy": averages.accuracies(answers)}
    columns = {what: [(one,) for one in candidates] for what, candidates in ways.items()}
    given: averages.Given = {"loss": [loss], "accuracy": [accuracy]}
    numbers, how = averages.explanations(given, columns)
    if numbers is not given:
        observed = f"{values.short(loss)} and {values.short(accuracy)}: the accuracy and the loss"
        yield finding("order-swapped", observed)
    for what, (value,) in numbers.items():
        right = columns[what][0][0]
        seen, expected = f"{what} {values.short(value)}", f"{what} {right.value:.4f}: {right.how}"
        yield from averages.told(seen, how[what], expected, f"wrong-{what}")


def _use(network: torch.nn.Module, watch: Watch, again: Callable[[], object]) -> Iterator[Finding]:
    """How the network was used: its mode, and whether gradients were recorded."""
    if any(one.training for one in watch.forwards):
        yield finding("training-mode")
    elif watch.forwards and not network.training:
        yield finding("mode-not-restored")
    elif again() and network.training:
        yield finding(
            "mode-not-restored", "a network in evaluation mode comes back in training mode"
        )
    if any(one.tracked for one in watch.forwards):
        yield finding("gradients-recorded")
    if not all(one.requires_grad for one in network.parameters()):
        yield finding("parameters-frozen")


def _over_images(function: Callable[..., Any]) -> bool:
    """Whether it gives, in batches as large as there are classes, what argmax along axis 0 gives."""
    network, _ = watched_network()
    batches = _batches(CLASSES, 2 * CLASSES)
    try:
        result, output = _called(function, network, batches)
        _, accuracy = values.two_numbers(result, EXPECTED, output.text)
    except StopCheck:
        return False
    how = explanation([accuracy], zip(averages.accuracies(_answers(batches)), strict=True))
    return how is not None and how.name == "argmax-over-images"
