"""Which rule a training's updates follow: plain SGD, or which departure from it.

The gradient of each batch is computed again, in double precision, from the parameters that the
network had and the images that it received. The *step* of an update is what was subtracted from the
parameters, divided by the learning rate; in plain SGD it is the gradient.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor
from torch.func import grad
from torch.nn import functional as F  # noqa: N812

from mnistlab.check.report import Finding, finding, first_answer
from mnistlab.check.training.averages import OTHER_LOSSES, Loss
from mnistlab.check.training.epochs import Epoch, Update
from mnistlab.check.training.probe import Forward, logits_of

PRECISION = 1e-4
"""Largest relative difference of a step and a rule that is taken for rounding."""

PLAIN = "after each batch, learning rate × the gradient of its mean loss is subtracted"


@dataclass(frozen=True)
class Steps:
    """The updates of a training as numbers: one row for each of n updates, p parameters."""

    steps: Tensor  # what was subtracted, divided by the learning rate, shape (n, p)
    gradients: Tensor  # of each batch's mean cross-entropy, shape (n, p)
    parameters: Tensor  # before each update, shape (n, p)
    sizes: Tensor  # images in each batch, shape (n,)
    lengths: Sequence[int]  # updates in each epoch
    batches: Sequence[Forward]  # the batches
    rate: float  # the learning rate

    @property
    def rounding(self) -> Tensor:
        """Length of each step that comes from rounding the parameters to single precision."""
        return 1e-7 * self.parameters.norm(dim=1) / self.rate


def steps_of(epochs: Sequence[Epoch], rate: float) -> Steps:
    """The numbers of a training."""
    updates: list[Update] = [one for epoch in epochs for one in epoch.updates]
    batches = [one.batch for one in updates]
    return Steps(
        steps=torch.stack([one.change for one in updates]) / -rate,
        gradients=_gradients(batches, F.cross_entropy),
        parameters=torch.stack([one.parameters for one in batches]),
        sizes=torch.tensor([float(len(one.places)) for one in batches], dtype=torch.float64),
        lengths=[len(epoch.updates) for epoch in epochs],
        batches=batches,
        rate=rate,
    )


def diagnosed(course: Steps, optimizers: Iterable[str] = ()) -> Iterator[Finding]:
    """What the updates are instead of plain SGD; nothing if they are plain SGD.

    First come the rules for the right loss, then the same with each other loss: the fewest mistakes
    that give exactly these updates. ``optimizers`` are the classes that made them, for the words
    where no rule does.
    """
    if plain(course):
        return
    one_mistake = (_scaled, *_RULES, _of_some, _of_equal_size)
    findings = first_answer(rule(course) for rule in one_mistake)
    yield from (
        findings
        or first_answer(_of_another_loss(course, *other) for other in OTHER_LOSSES)
        or [_unexplained(course, optimizers)]
    )


def _same(course: Steps, steps: Tensor, others: Tensor, rows: slice = slice(None)) -> bool:
    """Whether each row of one is the same row of the other, up to rounding.

    They are all rows of the course, or those that ``rows`` tells.
    """
    size = others.norm(dim=1) + steps.norm(dim=1)
    rounding = course.rounding[rows]
    return bool(((steps - others).norm(dim=1) <= PRECISION * size + rounding).all())


def plain(course: Steps) -> bool:
    """Whether the updates are plain SGD."""
    return _same(course, course.steps, course.gradients)


def _gradients(batches: Sequence[Forward], loss: Loss) -> Tensor:
    def of_batch(parameters: Tensor, batch: Forward) -> Tensor:
        return loss(logits_of(parameters, batch.inputs), batch.targets)

    return torch.stack([grad(of_batch)(one.parameters, one) for one in batches])


def _factors(course: Steps, others: Tensor) -> Tensor | None:
    """The number by which each row of ``others`` must be multiplied, if that gives the steps."""
    factors = (course.steps * others).sum(dim=1) / others.square().sum(dim=1).clamp(min=1e-300)
    return factors if _same(course, course.steps, factors[:, None] * others) else None


def _constant(numbers: Tensor) -> bool:
    return bool((numbers - numbers[0]).abs().max() <= 1e-3 * numbers[0].abs())


def _scaled(course: Steps) -> Iterator[Finding]:
    """Steps in the direction of the gradient, of another length."""
    factors = _factors(course, course.gradients)
    if factors is not None:
        yield _length(course, factors)


def _length(course: Steps, factors: Tensor) -> Finding:
    rates = factors * course.rate
    ratios = factors / course.sizes
    told_apart = not _constant(course.sizes) or abs(ratios[0] - 1) < 1e-3  # from another rate
    if _constant(ratios) and told_apart:
        return _of_sums(course, ratios[0].item())
    if bool((factors < 0).all()):
        return finding("wrong-direction")
    if _constant(factors):
        return finding("learning-rate", seen=rates[0].item(), rate=course.rate)
    lengths = course.steps.norm(dim=1)[(factors - 1).abs() > 1e-3]
    if len(lengths) > 1 and _constant(lengths):
        observed = (
            f"{len(lengths)} of {len(factors)} updates have the same length, whatever their "
            "gradient: is it clipped or divided by its length?"
        )
        return finding("wrong-updates", observed)
    low, high = rates.min().item(), rates.max().item()
    return finding("learning-rate-changes", low=low, high=high, rate=course.rate)


def _of_sums(course: Steps, part: float) -> Finding:
    """Steps along the gradient of each batch's sum, which is multiplied with the same number."""
    largest, smallest = int(course.sizes.max()), int(course.sizes.min())
    if abs(part - 1) < 1e-3:
        observed = "each update follows the sum of its batch's losses, not their mean: "
        return finding("summed-loss", f"{observed}{largest} images, {largest} times too large")
    if abs(part * largest - 1) < 1e-3:
        return finding("divided-by-batch-size", largest=largest, smallest=smallest)
    by = f"divided by {1 / part:.4g}" if 0 < part < 1 else f"multiplied by {part:.4g}"
    observed = f"each update follows the gradient of the sum of its batch's losses, {by}"
    return finding("summed-loss", observed)


def _piled_up(course: Steps) -> Iterator[Finding]:
    """Steps that follow the sum of all gradients so far, or so far in the epoch."""
    by_epoch = course.gradients.split(course.lengths)
    for sums, since in (
        (course.gradients.cumsum(dim=0), "since the beginning"),
        (torch.cat([part.cumsum(dim=0) for part in by_epoch]), "since the beginning of the epoch"),
    ):
        factors = _factors(course, sums)
        if factors is not None and _constant(factors):
            yield finding("no-zero-grad", since=since)
            if abs(factors[0].item() - 1) > 1e-3:
                seen = factors[0].item() * course.rate
                yield finding("learning-rate", seen=seen, rate=course.rate)
            return


def _with_memory_or_decay(course: Steps) -> Iterator[Finding]:
    """Momentum and weight decay: the second step has parts of earlier steps or the parameters."""
    if len(course.steps) < 2:
        return
    columns = torch.stack([course.gradients[1], course.gradients[0], course.parameters[1]], dim=1)
    parts = torch.linalg.lstsq(columns, course.steps[1][:, None]).solution
    second = slice(1, 2)
    if not _same(course, course.steps[second], (columns @ parts).T, second):
        return
    own, earlier, decay = parts.flatten().tolist()
    if abs(earlier) > 1e-3 * abs(own):
        observed = "each update contains a part of the updates before it"
        if abs(own - 1) < 1e-3:
            observed += f": the momentum is {earlier:.2g}"
        yield finding("momentum", observed)
    if abs(decay) * columns[:, 2].norm() > PRECISION * course.steps[1].norm() + course.rounding[1]:
        yield finding("weight-decay", part=decay / (own + earlier))


def _of_another_loss(course: Steps, name: str, words: str, loss: Loss) -> Iterator[Finding]:
    """Steps that follow the gradient of something else than the mean cross-entropy of the logits.

    They may have any length; and momentum, weight decay or another optimizer beside it is told too.
    """
    other = replace(course, gradients=_gradients(course.batches, loss))
    alone = _factors(other, other.gradients) is not None
    beside = [] if alone else first_answer(rule(other) for rule in (*_RULES, _of_equal_size))
    if alone or beside:
        yield from beside
        expected = "the gradient of cross_entropy(logits, targets)"
        yield finding(name, f"the updates follow the gradient of {words}", expected)


def _of_some(course: Steps) -> Iterator[Finding]:
    """Plain SGD for some of the parameters; the others stay as they are."""
    moved = (course.steps != 0).any(dim=0)
    learned = (course.gradients != 0).any(dim=0)
    if (moved == learned).all() or not moved.any():
        return
    if _same(course, course.steps[:, moved], course.gradients[:, moved]):
        still = int((learned & ~moved).sum())
        yield finding("not-all-parameters", still=still, all=moved.numel())


def _of_equal_size(course: Steps) -> Iterator[Finding]:
    """A first step against the gradient by one amount for all, as Adam and its relatives do."""
    step, gradient = course.steps[0], course.gradients[0]
    large = gradient.abs() > 1e-2 * gradient.abs().max()
    sizes = step[large].abs()
    against = step[large].sign() == gradient[large].sign()
    if sizes.std() < 0.1 * sizes.mean() and against.double().mean() > 0.999:
        amount = sizes.mean().item() * course.rate
        observed = f"the first update changes every parameter by about {amount:.2g}, as Adam does"
        yield finding("other-optimizer", observed)


_RULES = (_piled_up, _with_memory_or_decay)
"""Rules that another loss may come with."""


def _unexplained(course: Steps, optimizers: Iterable[str]) -> Finding:
    others = sorted(set(optimizers) - {"SGD"})
    if others:
        observed = f"the optimizer is {' and '.join(others)}"
        return finding("other-optimizer", observed, f"{PLAIN}: torch.optim.SGD")
    error = (course.steps - course.gradients).norm(dim=1) / course.gradients.norm(dim=1)
    first = int((error > 1e-3).int().argmax())
    observed = (
        f"update {first + 1} of {len(error)} is not learning rate × the gradient of its batch"
    )
    return finding("wrong-updates", observed)
