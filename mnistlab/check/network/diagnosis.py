"""What is wrong with a network that is not the one of the task: read from its trace."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby, pairwise

from mnistlab.check.network.trace import WEIGHTED, Chain, Layer, Step, Trace, side_text, stopped
from mnistlab.check.report import Finding, counted, finding

Sizes = Sequence[tuple[int, int]]
"""Inputs and outputs of each layer in order."""


def fully_connected(trace: Trace, sizes: tuple[int, int, int]) -> list[Finding]:
    """Findings for network (a), the most telling first."""
    D, K, O = sizes
    layers = trace.chain.of("linear")
    lost = _flattening(trace)
    findings = [*lost, *_additions(trace)]
    findings += _number_of_layers(trace, "linear", 3) + _number_of_layers(trace, "conv", 0)
    if not (trace.error and lost):
        for layer, after in pairwise(layers):
            pair = f"between {layer.name.removesuffix(' fully-connected layer')} and {after.name}"
            findings += _activations(layer, pair, "one tanh between two fully-connected layers")
    if not lost and (len(layers) == 3 or trace.error):
        findings += _widths(trace, layers, ((D, K), (K, K), (K, O)))
    return findings + _biases(trace)


def convolutional(trace: Trace, sizes: tuple[int, int, int]) -> list[Finding]:
    """Findings for network (b), the most telling first."""
    Q1, Q2, O = sizes
    convolutions = trace.chain.of("conv")
    findings = [*_flattened_early(convolutions), *_channels(trace, convolutions, (Q1, Q2))]
    findings += _number_of_layers(trace, "conv", 2) + _number_of_layers(trace, "linear", 1)
    findings += _windows(convolutions)
    if len(convolutions) <= 2:  # with more, it is open which of them should have a pooling
        findings += _pooling(trace, convolutions)
        for layer in convolutions:
            place, failed = f"after {layer.name}", _unfinished(trace, layer)
            findings += _activations(layer, place, "one tanh after each pooling", failed)
    findings += _additions(trace)
    lost = _flattening(trace)
    if lost or not findings or _wrong_for_what_it_receives(trace, 49 * Q2):
        findings += lost or _last_layer(trace, 49 * Q2, O)
    return findings + _biases(trace)


# --- both networks


def _flattening(trace: Trace) -> list[Finding]:
    """Whether what reaches the first fully-connected layer is one row per image."""
    linear = trace.chain.of("linear")
    if not linear:
        return []
    shape, count = linear[0].step.received, len(trace.batch)
    seen = {"count": count, "shape": shape}
    if len(shape) > 2:
        return [finding("no-flatten", **seen)]
    if len(shape) < 2 or shape[0] < count or shape[0] % count:
        return [finding("batch-axis-flattened", **seen)]
    return []


def _number_of_layers(trace: Trace, kind: str, wanted: int) -> list[Finding]:
    layers = trace.chain.of(kind)
    expected = counted(wanted, WEIGHTED[kind]) if wanted else ""
    observed = counted(len(layers), WEIGHTED[kind])
    if len(layers) > wanted:
        return [finding("layer-extra", f"{observed}: {_sizes_text(_sizes(layers))}", expected)]
    if len(layers) < wanted and trace.error is None:
        return [finding("layer-missing", f"{observed}: {trace}", expected)]
    return []


def _additions(trace: Trace) -> Iterator[Finding]:
    """Softmax, dropout, normalization, and what follows the last layer."""
    links = trace.chain
    for kind in ("dropout", "normalization"):
        steps = links.steps(kind)
        if steps:
            names = ", ".join(sorted({step.name for step in steps}))
            yield finding(kind, f"{len(steps)} × {names}", "none: the task lists no such layer")
    yield from _softmax(links)
    if links.layers and not trace.error:
        last = links.layers[-1]
        names = [step.name for step in last.kinds("activation")]
        if names and last.step.kind == "linear":
            seen = f"{_listed(names)} after the last fully-connected layer"
            yield finding("after-the-last-layer", seen)
    early = [step.name for step in links.before if step.kind == "activation"]
    if early:
        yield finding("activation-extra", f"{_listed(early)} before the first layer")


def _softmax(links: Chain) -> Iterator[Finding]:
    last = links.layers[-1].after if links.layers else []
    for step in last:
        axis = step.details.get("axis")
        where = "" if axis in (None, 1, -1) else f" along axis {axis}, which counts the images,"
        if step.kind == "softmax":
            yield finding("softmax-at-the-end", f"softmax{where} after the last layer")
        elif step.kind == "log-softmax" and where:
            yield finding("after-the-last-layer", f"log-softmax{where} after the last layer")
        elif step.kind == "log-softmax":
            yield finding("log-softmax-at-the-end")


def _activations(
    layer: Layer, place: str, expected: str, next_failed: bool = False
) -> Iterator[Finding]:
    """What is wrong at one place that must have one tanh."""
    steps = layer.kinds("activation")
    others = [step.name for step in steps if step.name != "tanh"]
    if layer.kinds("softmax", "log-softmax"):
        others.append("softmax")
    if others:
        yield finding("other-activation", f"{_listed(others)} {place}", expected)
    elif not steps and not next_failed:
        yield finding("tanh-missing", f"no tanh {place}", expected)
    elif len(steps) > 1:
        yield finding("activation-extra", f"{len(steps)} times tanh {place}", expected)


def activations_only(trace: Trace) -> list[Finding]:
    """What can be said where not all layers are recognized: which activations there are."""
    names = {step.name for step in trace.steps if step.kind == "activation"} - {"tanh"}
    seen = f"the network uses {_listed(sorted(names))}"
    return [finding("other-activation", seen)] if names else []


def _widths(trace: Trace, layers: Sequence[Layer], wanted: Sizes) -> Iterator[Finding]:
    have = _sizes(layers)
    step = layers[-1].step if layers else None
    if step is not None and step is stopped(trace) and len(step.received) == 2:
        seen = (
            f"{layers[-1].name} has in_features={step.details['inputs']}, but receives "
            f"{step.received[1]} numbers"
        )
        yield finding("width", seen, f"layers {_sizes_text(wanted)}")
        return
    if any(one != other for one, other in zip(have, wanted, strict=False)):
        yield finding("width", f"layers {_sizes_text(have)}", f"layers {_sizes_text(wanted)}")


def _biases(trace: Trace) -> list[Finding]:
    without = [layer.name for layer in trace.chain.layers if layer.step.details["bias"] is False]
    return [finding("bias-missing", layers=_listed(without))] if without else []


# --- the convolutional network


def _flattened_early(layers: Sequence[Layer]) -> Iterator[Finding]:
    """Whether a convolution receives rows of numbers, no maps."""
    for layer in layers:
        if len(layer.step.received) < 3:
            seen = f"{layer.name} receives the shape {layer.step.received}"
            yield finding("order-of-layers", seen)


def _channels(trace: Trace, layers: Sequence[Layer], wanted: tuple[int, int]) -> Iterator[Finding]:
    right = {"Q1": wanted[0], "Q2": wanted[1]}
    for number, layer in enumerate(layers):
        details, received = layer.step.details, layer.step.received
        mismatch = len(received) >= 3 and details["inputs"] != received[-3]
        if number == 0 and details["inputs"] != 1:
            yield finding("input-channels", layer=layer.name, inputs=details["inputs"])
        elif layer.step is stopped(trace) and mismatch:
            made = f"{layer.name} has in_channels={details['inputs']}"
            yield finding("channels", f"{made}, but receives {received[-3]} channels", **right)
        if number < 2 and len(layers) <= 2 and details["outputs"] != wanted[number]:
            yield finding("channels", layer=layer.name, outputs=details["outputs"], **right)
        if details["groups"] != 1:
            yield finding("grouped", layer=layer.name, groups=details["groups"])


_WINDOW = {"kernel": (5, 5), "stride": (1, 1), "dilation": (1, 1)}
"""Sizes of a convolution; its padding is looked at on its own."""

_POOLING = {"kernel": (2, 2), "stride": (2, 2), "padding": (0, 0), "dilation": (1, 1)}
"""Sizes of a pooling."""


def _unlike(layer: Step, wanted: Mapping[str, tuple[int, int]]) -> dict[str, str]:
    """The sizes of a convolution or a pooling that are others, as text."""
    return {
        one: side_text(layer.details[one])
        for one, right in wanted.items()
        if layer.details[one] != right
    }


def _windows(layers: Sequence[Layer]) -> Iterator[Finding]:
    """Kernel, padding, stride and dilation of the convolutions."""
    for layer in layers:
        details = layer.step.details
        for one, size in _unlike(layer.step, _WINDOW).items():
            yield finding({"kernel": "kernel-size"}.get(one, one), layer=layer.name, size=size)
        padding, mode = _padding(layer)
        sizes = zip(details["kernel"], details["dilation"], strict=True)
        same = tuple(spread * (side - 1) / 2 for side, spread in sizes)
        if mode != "constant":
            yield finding("padding", f"{layer.name} pads in the mode {mode!r}")
        elif padding not in ((2, 2), same):
            yield finding("padding", f"{layer.name} has padding {side_text(padding)}")


def _padding(layer: Layer) -> tuple[tuple[float, float], str]:
    """Padding of a convolution, that of a pad before it included, and its mode."""
    down, right = layer.step.details["padding"]
    mode = "constant"
    for pad in layer.pads:
        widths = pad.details["widths"]
        if len(widths) == 4:
            right, down = right + sum(widths[:2]) / 2, down + sum(widths[2:]) / 2
        if pad.details["mode"] != "constant":
            mode = pad.details["mode"]
    return (down, right), mode


def _pooling(trace: Trace, layers: Sequence[Layer]) -> Iterator[Finding]:
    numbers = [len(layer.kinds("max-pool")) for layer in layers]
    if sorted(numbers) == [0, 2]:
        seen = f"both poolings after {layers[numbers.index(2)].name}"
        yield finding("order-of-layers", seen, "one pooling after each convolution")
        return
    for layer in layers:
        pools, others = layer.kinds("max-pool"), layer.kinds("other-pool")
        if others and not pools:
            yield finding("average-pooling", name=others[0].name, layer=layer.name)
        elif len(pools) + len(others) > 1:
            names = _listed([step.name for step in (*pools, *others)])
            yield finding("pooling-extra", names=names, layer=layer.name)
        elif not pools and not _unfinished(trace, layer):
            yield finding("pooling-missing", layer=layer.name)
        for pool in pools:
            if unlike := _unlike(pool, _POOLING):
                sizes = {one: side_text(pool.details[one]) for one in ("kernel", "stride")}
                others = [f", {one} {size}" for one, size in unlike.items() if one not in sizes]
                yield finding("pooling-size", **sizes, rest="".join(others), layer=layer.name)


def early_activations(trace: Trace) -> list[Finding]:
    """The note that tanh stands before the pooling, which is the same function."""
    early = []
    for layer in trace.chain.of("conv"):
        kinds = [step.kind for step in layer.kinds("activation", "max-pool")]
        if kinds[:1] == ["activation"] and "max-pool" in kinds:
            early.append(f"after {layer.name}")
    return [finding("activation-before-pooling", places=_listed(early))] if early else []


def _unfinished(trace: Trace, layer: Layer) -> bool:
    """Whether the network failed before the next layer with weights was reached."""
    return trace.error is not None and trace.chain.layers[-1].step is layer.step


def _wrong_for_what_it_receives(trace: Trace, wanted: int) -> bool:
    """Whether the network stops at its last layer, and would do so with all else mended."""
    step = stopped(trace)
    return step is not None and step.kind == "linear" and step.details["inputs"] != wanted


def _last_layer(trace: Trace, wanted: int, O: int) -> Iterator[Finding]:
    last = trace.chain.of("linear")[-1:]
    sizes = last[0].step.details if last else {}
    failed = stopped(trace)
    reshape = failed.details["arguments"] if failed and failed.kind == "reshape" else ()
    if reshape and wanted not in reshape:  # with the right number it failed for another reason
        asked, images = ", ".join(map(str, reshape)), len(trace.batch)
        seen = f"{failed.name}({asked}) for maps of shape {failed.received}"
        each = f"rows of 7 · 7 · Q2 = {wanted} numbers, one for each of the {images} images"
        yield finding("flatten-size", seen, each)
    elif last and sizes["inputs"] != wanted:
        received = last[0].step.received[-1]
        yield finding("flatten-size", inputs=sizes["inputs"], received=received, wanted=wanted)
    elif last and sizes["outputs"] != O:
        yield finding("width", f"the last layer has {sizes['outputs']} outputs", f"O = {O} outputs")


# --- words


def _sizes(layers: Sequence[Layer]) -> Sizes:
    return [(layer.step.details["inputs"], layer.step.details["outputs"]) for layer in layers]


def _sizes_text(sizes: Sizes) -> str:
    """Such as ``"784 → 100, 10 times 100 → 100, 100 → 10"``."""
    runs = [(size, len(list(same))) for size, same in groupby(sizes)]
    return ", ".join(
        (f"{times} times " if times > 2 else f"{inputs} → {outputs}, " * (times - 1))
        + f"{inputs} → {outputs}"
        for (inputs, outputs), times in runs
    )


def _listed(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


Diagnosis = Callable[[Trace, tuple[int, int, int]], list[Finding]]
