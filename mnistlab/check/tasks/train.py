"""The checker of the function that trains a network."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from mnistlab.check.report.report import Finding, Found, Report, found
from mnistlab.check.student import lending, probe_data, returned, sandbox
from mnistlab.check.student.signature import arguments_for
from mnistlab.check.student.unfilled import require_run, told_if_unfilled
from mnistlab.check.training import returned_lists, update_rule
from mnistlab.check.training.epochs import (
    Epoch,
    Update,
    epochs_of,
    finite_part,
    measured_within,
    updates_of,
)
from mnistlab.check.training.probe import (
    Watch,
    parameters_of,
    watched_network,
    watching_optimisers,
    with_precision,
)

EPOCHS, RATE = 3, 0.037
"""What the function is called with; no student has typed in this learning rate."""

SHOWN = f"f(network, {EPOCHS}, {RATE})"

EXPECTED = f"two lists, the test losses and the test accuracies, with {EPOCHS} numbers each"


@told_if_unfilled
def train(function: Callable[..., Any]) -> Report:
    """Check a function that trains a network (Task 6).

    Calls ``function(network, epochs, learning_rate)``, with loaders as further arguments if its
    signature takes them. Where it uses loaders or data sets of its module or closure, or reads
    MNIST, it gets 203 training and 1003 test images of known content.

    Parameters
    ----------
    function : callable
        Trains the network and returns two lists of numbers, one for each epoch: test losses and
        test accuracies. Tuples, arrays and tensors do as well.

    Returns
    -------
    Report

    Raises
    ------
    TypeError
        If it can't be called.
    """
    sandbox.require_function("train", function, "train")
    return sandbox.judge("train", lambda: _findings(function))


def _findings(function: Callable[..., Any]) -> Iterator[Finding]:
    network, watch = watched_network()
    start = parameters_of(network)
    result, output = _called(function, network, watch)
    torch.set_grad_enabled(True)  # the function may have switched them off; they are needed here
    if not watch.forwards:
        require_run(result, EXPECTED)
    _check_data(watch)
    last = watch.last_parameters()
    epochs = epochs_of(watch.forwards, last)
    updates = updates_of(watch.forwards, last)
    broken = list(_not_finite(updates))
    if broken:
        yield from broken
        epochs, updates = finite_part(epochs), [one for one in updates if one.finite]
        yield from _first_answer(_of_finite_part(epochs, updates, start))
    else:
        yield from _first_answer(_of_updates(watch, epochs, updates, start))
    yield from _of_network(network, epochs, start)
    told: list[Finding] = []
    if len(epochs) == EPOCHS and not broken:
        told = list(returned_lists.judged(*_two_lists(result, output), epochs, watch.forwards))
        yield from (with_precision(one, watch) for one in told)
    elif result is None:
        _two_lists(result, output)
    yield from _manner(watch, updates)
    if len(epochs) == EPOCHS and not any(one.name == "evaluated-per-batch" for one in told):
        yield from _within_epochs(watch, epochs)


# --- the call


def _called(
    function: Callable[..., Any], network: nn.Module, watch: Watch
) -> tuple[Any, sandbox.Output]:
    train, test = probe_data.loaders()
    arguments, named = arguments_for(function, [network, EPOCHS, RATE], train, test)
    with (
        lending.lent_mnist(*probe_data.content()),
        lending.lent_loaders(function, train, test),
        watching_optimisers(watch),
        sandbox.printed() as output,
    ):
        result = sandbox.call(function, *arguments, shown=SHOWN, **named)
    return result, output


# --- what it did


def _check_data(watch: Watch) -> None:
    """End the check where the network never saw an image that the checker knows."""
    if not watch.forwards:
        observed = "the network that the function was given has never been used"
        raise Found(found("another-network", observed, "the network that is given is trained"))
    strange = sum(not one.known for one in watch.forwards)
    if strange:
        observed = (
            f"{strange} of {len(watch.forwards)} batches hold images that the checker did not lend"
        )
        expected = (
            "loaders as further arguments, or loaders of the function's module, or MNIST read in "
            "the function"
        )
        raise Found(found("own-data", observed, expected))


def _first_answer(questions: Iterable[Iterator[Finding]]) -> list[Finding]:
    """What the first of these questions finds that finds anything."""
    return next(filter(None, map(list, questions)), [])


def _of_updates(
    watch: Watch, epochs: Sequence[Epoch], updates: Sequence[Update], start: Tensor
) -> Iterator[Iterator[Finding]]:
    """What may be wrong with the updates, one question after the other."""
    yield _on_test(updates)
    yield _no_change(watch, epochs)
    yield _anew(epochs, start)
    yield _one_step(epochs)
    yield _passes(epochs)
    steps = update_rule.steps_of(epochs, RATE)
    yield _without_images(watch, steps)
    yield _rounded(watch, steps) if watch.rounded else update_rule.diagnosed(steps)


def _of_finite_part(
    epochs: Sequence[Epoch], updates: Sequence[Update], start: Tensor
) -> Iterator[Iterator[Finding]]:
    """The same, where some updates left other than finite numbers and are left out."""
    yield _on_test(updates)
    yield _anew(epochs, start)
    if epochs:
        yield update_rule.diagnosed(update_rule.steps_of(epochs, RATE))


def _not_finite(updates: Sequence[Update]) -> Iterator[Finding]:
    for number, update in enumerate(updates, start=1):
        if not update.finite:
            observed = f"after update {number} of {len(updates)}, parameters are infinite or nan"
            yield found("not-finite", observed, "finite numbers to the end")
            return


def _on_test(updates: Sequence[Update]) -> Iterator[Finding]:
    tests = [one for one in updates if one.batch.on_test and one.changed]
    if tests and 2 * len(tests) > sum(one.changed for one in updates):
        observed = f"{len(tests)} updates were made with test images"
        yield found("trained-on-test-set", observed, "updates with training images only")


def _no_change(watch: Watch, epochs: Sequence[Epoch]) -> Iterator[Finding]:
    if any(one.changed for one in epochs):
        return
    expected = f"one update for each training batch: {update_rule.PLAIN}"
    if watch.steps:
        observed = (
            f"the optimiser made {watch.steps} steps, but no parameter of the network changed: "
            "is there backward() before step(), zero_grad() not between the two, and has the "
            "optimiser this network's parameters?"
        )
        yield found("step-without-effect", observed, expected)
    else:
        yield found("no-step", "no parameter of the network changed: there is no step", expected)


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
        observed = f"{others} at the beginning of epoch {which}"
        yield found("re-initialised", observed, "each epoch goes on where the last one ended")


def _one_step(epochs: Sequence[Epoch]) -> Iterator[Finding]:
    """Updates after fewer batches than there are."""
    updates = [one for epoch in epochs for one in epoch.updates]
    made = sum(one.changed for one in updates)
    complete = sum(epoch.images for epoch in epochs) == EPOCHS * probe_data.TRAIN
    if made == EPOCHS and not (complete and len(updates) == made):
        batches = -(-probe_data.TRAIN // probe_data.TRAIN_BATCH)
        observed = f"{made} updates in {EPOCHS} epochs"
        yield found("one-step-per-epoch", observed, f"{batches * EPOCHS}, one for each batch")
    elif made < len(updates):
        observed = f"{made} updates for {len(updates)} training batches"
        yield found("wrong-updates", observed, "one update for each training batch")


def _passes(epochs: Sequence[Epoch]) -> Iterator[Finding]:
    counts = [epoch.images for epoch in epochs]
    expected = f"{EPOCHS} passes over {probe_data.TRAIN} images"
    if len(epochs) != EPOCHS:
        observed = f"{len(epochs)} passes over the training images, {sum(counts)} images in all"
        yield found("epochs", observed, expected)
    elif min(counts) < probe_data.TRAIN:
        observed = f"{min(counts)} training images in an epoch"
        yield found("images-missing", observed, expected)


def _without_images(watch: Watch, steps: update_rule.Steps) -> Iterator[Finding]:
    """Batches without images; as parts of a batch, where the updates are plain, they add nothing."""
    if watch.steps_without_images or (watch.empty and not update_rule.plain(steps)):
        observed = (
            f"{watch.empty} of the batches hold no image, such as the second half x[32:64] of a "
            "batch of 11: the loss of such a batch is nan"
        )
        yield found("wrong-updates", observed, "one update for each batch of the loader")


def _rounded(watch: Watch, steps: update_rule.Steps) -> Iterator[Finding]:
    """What is wrong with updates in half precision: first the precision, if that explains them."""
    if update_rule.nearly_plain(steps):
        expected = f"{update_rule.PLAIN}, in single precision"
        observed = f"{watch.rounded}: the updates are plain SGD, up to its rounding"
        yield found("wrong-updates", observed, expected)
    else:
        yield from (with_precision(one, watch) for one in update_rule.diagnosed(steps))


def _of_network(network: nn.Module, epochs: Sequence[Epoch], start: Tensor) -> Iterator[Finding]:
    """Whether a copy was trained in place of the network itself."""
    went_on = all(torch.equal(a.after, b.before) for a, b in pairwise(epochs))
    learned = any(one.changed for one in epochs)
    if went_on and learned and torch.equal(parameters_of(network), start):
        observed = "a copy was trained; the network itself is as it was"
        yield found("another-network", observed, "the network that is given is trained")


def _manner(watch: Watch, updates: Sequence[Update]) -> Iterator[Finding]:
    """Modes, gradients and optimisers: what does not change the numbers here."""
    learned = {id(one.batch): one.batch for one in updates if one.changed}
    tests = [one for one in watch.forwards if one.on_test and id(one) not in learned]
    if any(one.tracked for one in tests):
        yield found(
            "gradients-recorded",
            "gradients are recorded while the network is tested",
            "with torch.no_grad(): around the loop over the test batches",
        )
    if any(one.training for one in tests):
        yield found(
            "tested-in-training-mode",
            "the network is in training mode while it is tested",
            "network.eval() before the test, network.train() before the next epoch",
        )
    if any(not one.training for one in learned.values()):
        yield found(
            "trained-in-evaluation-mode",
            "the network is in evaluation mode while it is trained",
            "network.train() at the beginning of each epoch",
        )
    if watch.optimisers > 1:
        observed = f"{watch.optimisers} optimisers were made"
        yield found("optimiser-per-step", observed, "one, before the first epoch")


def _within_epochs(watch: Watch, epochs: Sequence[Epoch]) -> Iterator[Finding]:
    images = measured_within(watch.forwards, epochs)
    if images > EPOCHS * probe_data.TEST:
        observed = (
            f"{images} test images were classified between two updates of an epoch, as many as "
            f"{images / probe_data.TEST:.3g} test sets"
        )
        yield found("measured-within-epochs", observed, "one measurement after each epoch")


# --- what it returned


def _two_lists(result: object, output: sandbox.Output) -> tuple[list[float], list[float]]:
    _check_no_pairs(result)
    parts = returned.two(result, EXPECTED, output)
    lists = [_one_list(part) for part in parts]
    return lists[0], lists[1]


def _check_no_pairs(result: object) -> None:
    """End the check where each epoch's two numbers stand together, as zip gives them."""
    pairs = list(result) if isinstance(result, list | tuple | np.ndarray | Tensor) else []
    if len(pairs) > 2 and all(len(returned.numbers(one) or []) == 2 for one in pairs):
        observed = f"the function returns {len(pairs)} pairs of numbers; two lists are asked for"
        raise Found(found("wrong-type", observed, EXPECTED))


def _one_list(part: object) -> list[float]:
    single = None if hasattr(part, "__len__") else returned.number(part)
    values = returned.numbers(part) if single is None else [single]
    if values is None:
        observed = f"one of the two is {returned.shown(part)}"
        raise Found(found("wrong-type", observed, EXPECTED))
    return values
