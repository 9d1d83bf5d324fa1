"""Checkers of the two networks: Tasks 3 and 5."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from mnistlab import _checks
from mnistlab.check._checker import checker
from mnistlab.check.network import diagnosis, reference
from mnistlab.check.network.reference import Comparison, Reference, compare
from mnistlab.check.network.trace import Trace, hidden_weights, images, in_mode, stopped, trace
from mnistlab.check.report import Finding, StopCheck, finding, stop
from mnistlab.check.student.sandbox import call, raised, student_line

Sizes = tuple[int, int, int]
BATCH = 3
"""Images in a batch: few, and not a number that a size could be mistaken for."""


@dataclass(frozen=True)
class _Task:
    """What one of the two networks is checked with."""

    symbols: tuple[str, str, str]
    assignment: Sizes
    others: Sizes
    reference: Callable[[int, int, int], Reference]
    diagnosis: diagnosis.Diagnosis
    hard_coded: str

    @property
    def expected(self) -> str:
        """What a network must have, where no single mistake is recognized."""
        count = self.reference(*self.assignment).parameters
        return f"the layers of the task and nothing else, with {count} parameters"


_FULLY_CONNECTED = _Task(
    ("D", "K", "O"), (784, 100, 10), (36, 13, 7),
    reference.fully_connected, diagnosis.fully_connected, "sizes-hard-coded",
)  # fmt: skip
_CONVOLUTIONAL = _Task(
    ("Q1", "Q2", "O"), (32, 64, 10), (4, 12, 7),
    reference.convolutional, diagnosis.convolutional, "flatten-size-hard-coded",
)  # fmt: skip


@checker("fully_connected")
def fully_connected(f: Callable[[int, int, int], nn.Module]) -> Iterator[Finding]:
    """Check a function that builds network (a), the fully-connected one (Task 3).

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(D, K, O)`` and returns a ``torch.nn.Module`` that maps a
        batch of images to logits ``(B, O)``.

    Notes
    -----
    The parameters of the network are set to random numbers and carried over to a network of the
    task. If both give the same outputs, in training and in evaluation mode, the solution is right,
    however it is written. It is asked for D, K, O = 784, 100, 10 with images ``(3, 1, 28, 28)``,
    and for 36, 13, 7 with images ``(3, 1, 6, 6)``. Takes well under a second.

    Examples
    --------
    >>> import mnistlab
    >>> check.fully_connected(mnistlab.fully_connected)
    fully_connected: passed
    """
    yield from _findings(_FULLY_CONNECTED, f)


@checker("convolutional")
def convolutional(f: Callable[[int, int, int], nn.Module]) -> Iterator[Finding]:
    """Check a function that builds network (b), the convolutional one (Task 5).

    Parameters
    ----------
    f : callable
        Your function. It is called as ``f(Q1, Q2, O)`` and returns a ``torch.nn.Module`` that maps a
        batch of images to logits ``(B, O)``.

    Notes
    -----
    As `fully_connected`; asked for Q1, Q2, O = 32, 64, 10 and 4, 12, 7 with images
    ``(3, 1, 28, 28)``.

    Examples
    --------
    >>> import mnistlab
    >>> check.convolutional(mnistlab.convolutional)
    convolutional: passed
    """
    yield from _findings(_CONVOLUTIONAL, f)


def _findings(task: _Task, f: Callable[..., Any]) -> Iterator[Finding]:
    network, late = _build(task, f, task.assignment)
    seen = _traced(task, network, training=True)  # where dropout acts
    if seen.error is None and not isinstance(seen.output, torch.Tensor):
        yield finding("wrong-type", _returned("network(images)", seen.output), "a tensor of logits")
        return
    if late:
        yield finding("layer-made-late", names=", ".join(late))
    yield from _parameters(network, seen)
    yield from _start(network)
    result = compare(network, task.reference(*task.assignment))
    if not result.equal:
        yield from _why(task, f, network, seen, result)
        return
    if seen.error is not None:  # only with the type of numbers that images have
        yield raised(seen.error, "network(images)" + _stop(seen))
        return
    yield from diagnosis.early_activations(seen)
    if result.log_softmax:
        yield finding("log-softmax-at-the-end")
    if result.cut:
        yield finding("gradients-cut", names=", ".join(result.unused))
    elif result.unused:
        yield finding("unused-parameters", names=", ".join(result.unused))
    yield from _other_sizes(task, f)


def _build(task: _Task, f: Callable[..., Any], sizes: Sizes) -> tuple[nn.Module, list[str]]:
    """The network, and the names of parameters that only its first call has made."""
    shown = f"f{sizes}"
    torch.default_generator.manual_seed(0)
    network = call(f, *sizes, shown=shown)
    if isinstance(network, nn.Module):
        begun = {name for name, _ in network.named_parameters()}
        _initialise(network, task.reference(*sizes))
        _traced(task, network, network.training, sizes)  # some make their layers only now
        late = [name for name, _ in network.named_parameters() if name not in begun]
        return network, late
    raise stop("not-a-network", _returned(shown, network))


def _returned(shown: str, value: object) -> str:
    if value is None:
        return f"{shown} returns None; is the line with return missing?"
    if isinstance(value, type) and issubclass(value, nn.Module):
        return f"{shown} returns the class {value.__name__} instead of {value.__name__}(...)"
    return f"{shown} returns {_checks.described(value)}"


def _initialise(network: nn.Module, reference: Reference) -> Exception | None:
    """Send a batch through a network with lazy layers, which then have their parameters.

    Returns the error that prevents it; 64 images may get through where few do not. What no image
    has reached gets one number.
    """
    errors: list[Exception] = []
    for count in (BATCH, 64):
        if any(map(is_lazy, network.parameters())):
            try:
                with torch.no_grad():
                    network(images(network, count, reference.image_shape))
            except Exception as error:
                errors.append(error)
    prevented = errors and any(map(is_lazy, network.parameters()))
    for one in filter(is_lazy, (*network.parameters(), *network.buffers())):
        one.materialize((1,))
    return errors[0] if prevented else None


def _traced(task: _Task, network: nn.Module, training: bool, sizes: Sizes | None = None) -> Trace:
    """What the network does with a batch of images, in training or in evaluation mode."""
    reference = task.reference(*(sizes or task.assignment))
    with in_mode(network, training):
        return trace(network, images(network, BATCH, reference.image_shape))


def _place(tensor: torch.Tensor) -> int:
    """Where a tensor's numbers are stored, whatever view of them it is."""
    return tensor.untyped_storage().data_ptr()


def _parameters(network: nn.Module, seen: Trace) -> Iterator[Finding]:
    """Parameters that PyTorch does not see or does not train."""
    hidden = hidden_weights(network, seen)
    if hidden:
        yield finding("not-registered", count=len(hidden))
    frozen = [name for name, one in network.named_parameters() if not one.requires_grad]
    if frozen:
        yield finding("frozen", names=", ".join(frozen))


def _start(network: nn.Module) -> Iterator[Finding]:
    """Whether the parameters' values leave the units of a layer any difference to learn from."""
    values = [one.detach() for one in network.parameters() if one.numel()]
    if any(one.numel() > 1 for one in values) and all(map(_constant, values)):
        zero = not any(one.any() for one in values)
        what = ("parameters", "zero") if zero else ("numbers of each parameter", "the same value")
        yield finding("starts-alike", numbers=what[0], value=what[1])


def _constant(values: torch.Tensor) -> bool:
    return bool((values == values.flatten()[0]).all())


def _why(
    task: _Task, f: Callable[..., Any], network: nn.Module, seen: Trace, result: Comparison
) -> Iterator[Finding]:
    """Why a network is not the one of the task, by its trace."""
    if _only_for_64(task, f, seen):
        yield finding(
            "batch-size-hard-coded",
            f"a batch of 64 images gets through the network, one of {BATCH} does not",
        )
        return
    if _incomplete(network, seen, result.unused):
        findings = diagnosis.activations_only(seen)
    else:
        findings = task.diagnosis(seen, task.assignment)
        findings = findings or task.diagnosis(
            _traced(task, network, training=False), task.assignment
        )
    names = {one.name for one in findings}
    if seen.error is None and names <= _ABSENT:
        others = [*_by_comparison(task, network, seen, result)]
        findings = [one for one in others if one.name not in names] or findings
    yield from findings
    if any(one.name != "log-softmax-at-the-end" for one in findings):
        return
    if seen.error is not None:
        yield raised(seen.error, "network(images)" + _stop(seen))
    elif not hidden_weights(network, seen):
        yield finding("other-function", f"{result.where}; its operations: {seen}", task.expected)


_ABSENT = {"tanh-missing", "pooling-missing", "log-softmax-at-the-end"}
"""Findings that do not settle it: what the trace does not see may be there in other words."""


def _by_comparison(
    task: _Task, network: nn.Module, seen: Trace, result: Comparison
) -> Iterator[Finding]:
    """Why a network is wrong whose trace looks right: from what it computes."""
    for name, words, wrong in reference.mistaken(task.reference(*task.assignment)):
        if compare(network, wrong).equal:
            yield finding(name, f"the network computes the same as one {words}")
            return
    if result.alone:
        yield finding("batch-size-hard-coded", result.where, "batches of any size, one image too")
    elif _mixed(network, seen):
        text = "the outputs for an image depend on the other images of its batch"
        yield finding("batch-axis-flattened", text, "the first axis stays as it is: x.flatten(1)")


def _mixed(network: nn.Module, seen: Trace) -> bool:
    """Whether a reshape takes in the batch axis, and other images change the outputs for one."""
    reshapes = [one for one in seen.steps if one.kind == "reshape"]
    batch_first = all(
        one.received[:1] == one.returned[:1] == (len(seen.batch),) for one in reshapes
    )
    others = seen.batch.clone()
    others[1:] *= -1
    with in_mode(network, training=False):
        outputs = [trace(network, batch).output for batch in (seen.batch, others)]
    if batch_first or not all(isinstance(one, torch.Tensor) for one in outputs):
        return False
    return not torch.allclose(*(one[0] for one in outputs))


def _incomplete(network: nn.Module, seen: Trace, unused: Sequence[str]) -> bool:
    """Whether weights are used by operations that the trace does not take for layers."""
    if seen.error is not None:
        return False
    known = {_place(layer.step.details["weight"]) for layer in seen.chain.layers}
    return any(
        one.ndim > 1 and name not in unused and _place(one) not in known
        for name, one in network.named_parameters()
    )


def _only_for_64(task: _Task, f: Callable[..., Any], seen: Trace) -> bool:
    """Whether only batches of 64 get through; asked for sizes among which there is no 64."""
    if seen.error is None:
        return False
    sizes = task.others
    try:
        network, _ = _build(task, f, sizes)
    except StopCheck:
        return False
    output = trace(network, images(network, 64, task.reference(*sizes).image_shape)).output
    return isinstance(output, torch.Tensor) and output.shape == (64, sizes[-1])


def _stop(seen: Trace) -> str:
    """Where the network stopped: the operation and what reached it."""
    step = stopped(seen)
    return f" at {step.name}, which receives the shape {step.received}," if step else ""


def _other_sizes(task: _Task, f: Callable[..., Any]) -> Iterator[Finding]:
    """Whether the function builds the right network for other sizes as well."""
    sizes = task.others
    values = ", ".join(f"{s} = {n}" for s, n in zip(task.symbols, sizes, strict=True))
    expected = f"with {values} a network of these sizes"
    try:
        network, _ = _build(task, f, sizes)
    except StopCheck as end:
        yield finding("sizes-hard-coded", end.finding.observed, expected)
        return
    seen = _traced(task, network, True, sizes)
    if compare(network, task.reference(*sizes)).equal:
        return
    name = task.hard_coded if _at_last_layer(seen) else "sizes-hard-coded"
    yield finding(name, f"with {values}: {_symptom(seen)}", expected)


def _at_last_layer(seen: Trace) -> bool:
    """Whether the convolutions are as they should be and what follows them is not."""
    convolutions = seen.chain.of("conv")
    step = stopped(seen)
    right = [one.step.details["outputs"] for one in convolutions] == list(_CONVOLUTIONAL.others[:2])
    return right and step is not None and step.kind in ("linear", "reshape")


def _symptom(seen: Trace) -> str:
    if seen.error is None:
        return f"the operations are {seen}"
    first = (str(seen.error).splitlines() or [""])[0]
    place = student_line(seen.error)
    text = f"{type(seen.error).__name__}{_stop(seen)} {first}"
    return f"{text}\n{place}" if place else text
