"""The checker of the function that trains a network.

The function is called with a network that notes every batch. What was done with it is then asked in
this order, and of the questions about updates the first that finds something ends them:

1. Is it the given network, and are the images known? `_check_data`
2. The updates: `_of_updates`, one question after the other. Which rule they follow instead of plain
   SGD is found in `training.update_rule`; a new kind of wrong update belongs there.
3. The two lists: `training.returned_lists`, with the averages of `training.averages`; a new way to
   compute a wrong average belongs there.
4. Modes, gradients and optimizers, which do not change the numbers: `_mode_and_gradients`.
5. Only if nothing is wrong: do loops end early? `_stops_early`, with a second call.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mnistlab._preserved import Output, printed
from mnistlab.check._checker import checker
from mnistlab.check.report import Finding, StopCheck, finding, first_answer, stop
from mnistlab.check.report.mistakes import MISTAKES
from mnistlab.check.student import lending, probe_data, sandbox, values
from mnistlab.check.student.signature import arguments_for
from mnistlab.check.training import returned_lists, update_rule
from mnistlab.check.training.epochs import (
    Epoch,
    Update,
    epochs_of,
    finite_part,
    measured_within,
    updates_of,
)
from mnistlab.check.training.probe import Watch, parameters_of, watched_network, watching_optimizers

EPOCHS, RATE = 3, 0.037
"""What the function is called with; no student has typed in this learning rate."""

SHORT_TEST = 5
"""Images in a test batch where it matters that there are many of them."""

MOST_SHORT = 2000
"""Batches after which the call with such short ones is given up; an epoch and a test have 404."""

SHOWN = f"f(network, {EPOCHS}, {RATE})"

EXPECTED = f"two lists, the test losses and the test accuracies, with {EPOCHS} numbers each"

OWN_DATA = (
    "loaders as further arguments, or loaders of the function's module, or MNIST read in the "
    "function"
)


@checker("train")
def train(function: Callable[..., Any]) -> Iterator[Finding]:
    """Check a function that trains a network (Task 6).

    Calls ``function(network, epochs, learning_rate)``, with loaders as further arguments if its
    signature takes them. Where it uses loaders or datasets of its module or closure, or reads
    MNIST, it gets 203 training and 1003 test images of known content.

    Parameters
    ----------
    function : callable
        Trains the network and returns two lists of numbers, one for each epoch: test losses and
        test accuracies. Tuples, arrays and tensors do as well.
    """
    findings: list[Finding] = []
    for one in _of_one_training(function):
        findings.append(one)
        yield one
    if all(MISTAKES[one.name].kind == "note" for one in findings):
        yield from _stops_early(function)


def _of_one_training(function: Callable[..., Any]) -> Iterator[Finding]:
    network, watch = watched_network()
    start = parameters_of(network)
    result, output = _called(function, network, watch)
    torch.set_grad_enabled(True)  # the function may have switched them off; they are needed here
    if not watch.forwards:
        values.require_run(result, EXPECTED)
    _check_data(watch)
    watch.check_precision()
    last = watch.last_parameters()
    epochs = epochs_of(watch.forwards, last)
    updates = updates_of(watch.forwards, last)
    broken = list(_not_finite(updates))
    yield from broken
    if broken:
        epochs, updates = finite_part(epochs), [one for one in updates if one.finite]
    yield from first_answer(_of_updates(watch, epochs, updates, start, whole=not broken))
    yield from _of_network(network, epochs, start)
    told: list[Finding] = []
    if len(epochs) == EPOCHS and not broken:
        told = list(returned_lists.judged(*_two_lists(result, output), epochs, watch.forwards))
        yield from told
    elif result is None:
        _two_lists(result, output)
    yield from _mode_and_gradients(watch, updates)
    if len(epochs) == EPOCHS and not told:  # the note begins: the lists are right
        yield from _within_epochs(watch, epochs)


# --- the call


def _called(
    function: Callable[..., Any],
    network: nn.Module,
    watch: Watch,
    epochs: int = EPOCHS,
    sizes: tuple[int, int] = (probe_data.TRAIN_BATCH, probe_data.TEST_BATCH),
) -> tuple[Any, Output]:
    train, test = probe_data.loaders(*sizes)
    arguments, named = arguments_for(function, [network, epochs, RATE], train, test)
    with (
        lending.lent_mnist(*probe_data.content()),
        lending.lent_loaders(function, train, test),
        watching_optimizers(watch),
        printed() as output,
    ):
        result = sandbox.call(function, *arguments, shown=SHOWN, **named)
    return result, output


# --- what it did


def _check_data(watch: Watch) -> None:
    """End the check where the network never saw an image that the checker knows."""
    if not watch.forwards:
        raise stop("another-network", "the network that the function is given was never called")
    strange = sum(not one.known for one in watch.forwards)
    if strange:
        raise stop("own-data", "", OWN_DATA, strange=strange, all=len(watch.forwards))


def _of_updates(
    watch: Watch, epochs: Sequence[Epoch], updates: Sequence[Update], start: Tensor, whole: bool
) -> Iterator[Iterator[Finding]]:
    """What may be wrong with the updates, one question after the other.

    They are not the whole training where some left other than finite numbers: those are left out.
    """
    yield _on_test(updates)
    if whole:
        yield _no_change(watch, epochs)
    yield _anew(epochs, start)
    if whole:
        yield _one_step(epochs)
        yield _passes(epochs)
    if epochs:
        steps = update_rule.steps_of(epochs, RATE)
        if whole:
            yield _without_images(watch, steps)
        yield update_rule.diagnosed(steps, watch.classes)


def _not_finite(updates: Sequence[Update]) -> Iterator[Finding]:
    for number, update in enumerate(updates, start=1):
        if not update.finite:
            observed = f"after update {number} of {len(updates)}, some parameters are inf or nan"
            yield finding("not-finite", observed, "finite numbers to the end")
            return


def _on_test(updates: Sequence[Update]) -> Iterator[Finding]:
    tests = [one for one in updates if one.batch.on_test and one.changed]
    learned_from = all(one.batch.backward for one in tests)  # else the step may belong to another
    if tests and (learned_from or 2 * len(tests) > sum(one.changed for one in updates)):
        yield finding("trained-on-test-set", updates=len(tests))


def _no_change(watch: Watch, epochs: Sequence[Epoch]) -> Iterator[Finding]:
    if any(one.changed for one in epochs):
        return
    if watch.steps:
        yield finding("step-without-effect", steps=watch.steps)
    else:
        yield finding("no-step")


def _anew(epochs: Sequence[Epoch], start: Tensor) -> Iterator[Finding]:
    """Epochs that do not go on where the one before has ended."""
    ends = [start, *(one.after for one in epochs)]
    jumps = [
        number
        for number, (end, epoch) in enumerate(zip(ends, epochs, strict=False), start=1)
        if not torch.equal(end, epoch.before)
    ]
    if jumps:
        back = torch.equal(epochs[jumps[-1] - 1].before, start)
        others = "the initial parameters" if back else "new parameters"
        which = ", ".join(map(str, jumps))
        yield finding("re-initialised", f"{others} at the beginning of epoch {which}")


def _one_step(epochs: Sequence[Epoch]) -> Iterator[Finding]:
    """Updates after fewer batches than there are."""
    updates = [one for epoch in epochs for one in epoch.updates]
    made = sum(one.changed for one in updates)
    if made == EPOCHS:
        batches = -(-probe_data.TRAIN // probe_data.TRAIN_BATCH)
        observed = f"{made} updates in {EPOCHS} epochs"
        smallest = min(len(one.batch.places) for one in updates)
        if made == len(updates) and smallest > probe_data.BATCH:
            observed += ": all images are one batch"
        expected = f"{batches * EPOCHS} updates, one for each batch"
        yield finding("one-step-per-epoch", observed, expected)
    elif made < len(updates):
        observed = f"{made} updates for {len(updates)} training batches"
        yield finding("wrong-updates", observed, "one update for each training batch")


def _passes(epochs: Sequence[Epoch]) -> Iterator[Finding]:
    counts = [epoch.images for epoch in epochs]
    wanted = {"epochs": EPOCHS, "all": probe_data.TRAIN}
    if len(epochs) != EPOCHS:
        passes = f"{len(epochs)} pass{'' if len(epochs) == 1 else 'es'}"
        yield finding("epochs", passes=passes, images=sum(counts), **wanted)
    elif min(counts) < probe_data.TRAIN:
        observed = f"an epoch has only {min(counts)} of the {probe_data.TRAIN} training images"
        yield finding("images-missing", observed, MISTAKES["epochs"].expected.format(**wanted))


def _without_images(watch: Watch, steps: update_rule.Steps) -> Iterator[Finding]:
    """Batches without images; as parts of a batch, where the updates are plain, they add nothing."""
    if watch.steps_without_images or (watch.empty and not update_rule.plain(steps)):
        observed = (
            f"{watch.empty} of the batches hold no image, such as the second half x[32:64] of a "
            "batch of 11: the loss of such a batch is nan"
        )
        yield finding("wrong-updates", observed, "one update for each batch of the loader")


def _of_network(network: nn.Module, epochs: Sequence[Epoch], start: Tensor) -> Iterator[Finding]:
    """Whether a copy was trained in place of the network itself."""
    went_on = all(torch.equal(a.after, b.before) for a, b in pairwise(epochs))
    learned = any(one.changed for one in epochs)
    if went_on and learned and torch.equal(parameters_of(network), start):
        yield finding("another-network")


def _mode_and_gradients(watch: Watch, updates: Sequence[Update]) -> Iterator[Finding]:
    """Modes, gradients and optimizers: what does not change the numbers here."""
    learned = {id(one.batch): one.batch for one in updates if one.changed}
    tests = [one for one in watch.forwards if one.on_test and id(one) not in learned]
    if any(one.tracked for one in tests):
        yield finding("gradients-recorded")
    if any(one.training for one in tests):
        yield finding("tested-in-training-mode")
    if any(not one.training for one in learned.values()):
        yield finding("trained-in-evaluation-mode")
    if watch.optimizers > 1:
        yield finding("optimizer-recreated", optimizers=watch.optimizers)


def _within_epochs(watch: Watch, epochs: Sequence[Epoch]) -> Iterator[Finding]:
    images = measured_within(watch.forwards, epochs)
    if images > EPOCHS * probe_data.TEST:
        times = round(images / probe_data.TEST)
        yield finding("measured-within-epochs", epochs=EPOCHS, times=times)


def _stops_early(function: Callable[..., Any]) -> Iterator[Finding]:
    """Whether loops end before their loaders do, seen where these give hundreds of batches.

    This is a second call, for a solution that seems right. An error here is not the student's: no
    loader of the task gives single images. One that measures after each batch takes too long.
    """
    network, watch = watched_network(MOST_SHORT)
    try:
        _called(function, network, watch, epochs=1, sizes=(1, SHORT_TEST))
    except StopCheck:
        return
    for on_test, images, size in (
        (False, probe_data.TRAIN, 1),
        (True, probe_data.TEST, SHORT_TEST),
    ):
        some = [one for one in watch.forwards if one.on_test == on_test and one.known]
        seen = len(set(torch.cat([one.places for one in some]).tolist())) if some else images
        if seen < images:
            which, batches = "test" if on_test else "training", -(-seen // size)
            observed = f"the {which} loop ends after {batches} of {-(-images // size)} batches"
            yield finding(
                "images-missing", observed, "all batches of the loader: is there a break?"
            )


# --- what it returned


def _two_lists(result: object, output: Output) -> tuple[list[float], list[float]]:
    """The two lists; pairs of numbers, one for each epoch as zip gives them, end the check."""
    pairs = list(result) if isinstance(result, list | tuple | np.ndarray | Tensor) else []
    if len(pairs) > 2 and all(len(values.numbers(one) or []) == 2 for one in pairs):
        observed = f"the function returns {len(pairs)} pairs of numbers; two lists are asked for"
        raise stop("wrong-type", observed, EXPECTED)
    return values.two_lists(result, EXPECTED, output.text)
