"""Shapes: the formula against PyTorch's layers, and the trace of a network."""

import itertools
import math
from collections.abc import Callable

import pytest
import torch
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from mnistlab import (
    convolutional,
    count_parameters,
    flatten_size,
    fully_connected,
    multiply_accumulates,
    output_size,
    trace_shapes,
)
from mnistlab.shapes import shape_text

IMAGE = (1, 28, 28)
Formula = Callable[..., int]


# --- output_size


def of_torch(layer: nn.Module, size: int) -> int | None:
    """Side of what a layer makes of a square image; ``None`` if it refuses."""
    try:
        height, width = layer(torch.zeros(1, 1, size, size)).shape[2:]
    except RuntimeError:
        return None
    assert height == width
    return height


def of_formula(formula: Formula, size: int, kernel_size: int, **options: int) -> int | None:
    """What a formula says; ``None`` if it refuses."""
    try:
        return formula(size, kernel_size, **options)
    except ValueError:
        return None


@settings(max_examples=300)
@given(
    size=st.integers(1, 30),
    kernel_size=st.integers(1, 9),
    stride=st.integers(1, 6),
    padding=st.integers(0, 6),
    dilation=st.integers(1, 4),
)
@example(size=28, kernel_size=5, stride=1, padding=2, dilation=1)  # of the assignment
@example(size=5, kernel_size=5, stride=3, padding=0, dilation=1)  # just fits
@example(size=4, kernel_size=5, stride=3, padding=0, dilation=1)  # just does not
@example(size=1, kernel_size=4, stride=1, padding=4, dilation=3)  # larger than the input
def test_output_size_agrees_with_convolution_impossible_ones_included(
    size: int, kernel_size: int, stride: int, padding: int, dilation: int
) -> None:
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    layer = nn.Conv2d(1, 1, kernel_size, **options)
    assert of_formula(output_size, size, kernel_size, **options) == of_torch(layer, size)


@settings(max_examples=200)
@given(
    size=st.integers(1, 30),
    kernel_size=st.integers(1, 9),
    stride=st.integers(1, 6),
    padding=st.integers(0, 4),
    dilation=st.integers(1, 4),
)
@example(size=28, kernel_size=2, stride=2, padding=0, dilation=1)
@example(size=2, kernel_size=3, stride=2, padding=0, dilation=1)
def test_output_size_agrees_with_max_pooling_impossible_ones_included(
    size: int, kernel_size: int, stride: int, padding: int, dilation: int
) -> None:
    assume(2 * padding <= kernel_size)  # what pooling asks for
    options = {"stride": stride, "padding": padding, "dilation": dilation}
    layer = nn.MaxPool2d(kernel_size, **options)
    assert of_formula(output_size, size, kernel_size, **options) == of_torch(layer, size)


def test_where_pooling_differs_from_convolution() -> None:
    image = torch.full((1, 1, 8, 8), -1.0)
    assert nn.MaxPool2d(3)(image).shape[-1] == output_size(8, 3, stride=3), "stride: the kernel"
    with pytest.raises(RuntimeError, match="half"):
        nn.MaxPool2d(3, padding=2)(image)
    assert nn.MaxPool2d(3, padding=1)(image).max() == -1, "padded with minus infinity, not zero"


@pytest.mark.parametrize(
    "wrong",
    [
        lambda n, k, stride, padding, dilation: (
            math.ceil((n + 2 * padding - dilation * (k - 1) - 1) / stride) + 1
        ),
        lambda n, k, stride, padding, dilation: (
            (n + padding - dilation * (k - 1) - 1) // stride + 1
        ),
        lambda n, k, stride, padding, dilation: (n + 2 * padding - k) // stride + 1,
        lambda n, k, stride, padding, dilation: (n + 2 * padding - dilation * k) // stride + 1,
        lambda n, k, stride, padding, dilation: (n + 2 * padding - dilation * (k - 1)) // stride,
    ],
    ids=["rounded up", "padded once", "without dilation", "dilation·k", "no 1"],
)
def test_the_comparison_with_pytorch_sees_a_wrong_formula(wrong: Formula) -> None:
    choices = itertools.product((11, 12, 13), (1, 2, 3), (0, 1), (1, 2))
    disagree = []
    for size, stride, padding, dilation in choices:
        options = {"stride": stride, "padding": padding, "dilation": dilation}
        said = of_formula(wrong, size, 4, **options)
        disagree += [options] * (said != of_torch(nn.Conv2d(1, 1, 4, **options), size))
    assert disagree


def test_the_sizes_of_the_assignment() -> None:
    assert output_size(28, 5, padding=2) == 28
    assert output_size(28, 2, stride=2) == 14
    assert output_size(14, 5, padding=2) == 14
    assert output_size(14, 2, stride=2) == 7


def test_a_kernel_that_does_not_fit_is_explained() -> None:
    with pytest.raises(ValueError, match="the kernel covers 9 pixels") as caught:
        output_size(5, 3, padding=1, dilation=4)
    assert "(kernel_size=3, dilation=4)" in str(caught.value)
    assert "the padded input has 7 (size=5, padding=1)" in str(caught.value)
    assert "use a smaller kernel or dilation, or more padding" in str(caught.value)


@pytest.mark.parametrize("name", ["size", "kernel_size", "stride", "padding", "dilation"])
@pytest.mark.parametrize(
    ("bad", "error"),
    [(-1, ValueError), (0, ValueError), (2.0, TypeError), ((1, 2), TypeError), (True, TypeError)],
    ids=repr,
)
def test_a_bad_argument_is_named(name: str, bad: object, error: type[Exception]) -> None:
    arguments = {"size": 28, "kernel_size": 3, "stride": 1, "padding": 0, "dilation": 1}
    if (name, bad) == ("padding", 0):
        return  # the only one that may be zero
    with pytest.raises(
        error, match=rf"^{name} is .*; expected .*at least {int(name != 'padding')}"
    ):
        output_size(**(arguments | {name: bad}))


# --- the trace of a network


def test_trace_of_network_b() -> None:
    trace = trace_shapes(convolutional(32, 64, 10), IMAGE)
    assert trace.input_shape == IMAGE
    assert [(layer.name, layer.output_shape, layer.parameters) for layer in trace] == [
        ("0 Conv2d", (32, 28, 28), 832),
        ("1 MaxPool2d", (32, 14, 14), 0),
        ("2 Tanh", (32, 14, 14), 0),
        ("3 Conv2d", (64, 14, 14), 51_264),
        ("4 MaxPool2d", (64, 7, 7), 0),
        ("5 Tanh", (64, 7, 7), 0),
        ("6 Flatten", (3136,), 0),
        ("7 Linear", (10,), 31_370),
    ]
    assert trace.output_shape == (10,)
    assert len(trace) == 8
    assert trace[-1].name == "7 Linear"


def test_a_trace_is_a_table() -> None:
    trace = trace_shapes(fully_connected(784, 100, 10), IMAGE)
    lines = repr(trace).splitlines()
    assert lines[0].split() == ["layer", "output", "shape", "parameters"]
    assert lines[1].split() == ["input", "1", "×", "28", "×", "28"]
    assert lines[3].startswith("1 Linear")
    assert lines[3].endswith("  78\N{NARROW NO-BREAK SPACE}500")
    for text in ("output shape", "input", "1 × 28 × 28", "5 Linear"):
        assert f">{text}</t" in trace._repr_html_()


def hooks(network: nn.Module) -> int:
    return sum(len(m._forward_hooks) + len(m._forward_pre_hooks) for m in network.modules())


@pytest.mark.parametrize("shape", [IMAGE, (2, 28, 28)], ids=["fits", "does not fit"])
def test_the_network_is_left_as_it_was(shape: tuple[int, ...]) -> None:
    network = nn.Sequential(
        nn.Conv2d(1, 3, 5), nn.BatchNorm2d(3), nn.Dropout(), nn.Flatten(), nn.Linear(1728, 10)
    )
    network[2].eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    random_state = torch.random.get_rng_state()
    if shape == IMAGE:
        trace_shapes(network, shape)
    else:
        with pytest.raises(ValueError, match="does not get through"):
            trace_shapes(network, shape)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert [module.training for module in network] == [True, True, False, True, True]
    assert network.training
    assert all(parameter.grad is None for parameter in network.parameters())
    assert torch.equal(random_state, torch.random.get_rng_state())
    assert hooks(network) == 0
    assert torch.is_grad_enabled()


class Functional(nn.Module):
    """A network as students write it: some of it in layers, some in functions."""

    def __init__(self, flat: int = 3 * 12 * 12) -> None:
        super().__init__()
        self.filter = nn.Conv2d(1, 3, 5)
        self.inner = nn.ModuleDict({"last": nn.Linear(flat, 10)})

    def forward(self, x: Tensor) -> Tensor:
        x = torch.max_pool2d(self.filter(x), 2)
        return self.inner["last"](x.reshape(len(x), -1))


def test_trace_of_a_network_with_functions_in_between() -> None:
    trace = trace_shapes(Functional(), IMAGE)
    assert [(layer.name, layer.output_shape) for layer in trace] == [
        ("filter Conv2d", (3, 24, 24)),
        ("inner.last Linear", (10,)),
    ]


@pytest.mark.parametrize("dtype", [torch.float64, torch.bfloat16])
def test_the_image_has_the_type_of_the_network(dtype: torch.dtype) -> None:
    assert trace_shapes(convolutional(2, 2, 10).to(dtype), IMAGE).output_shape == (10,)


def test_layers_used_twice_and_tied_parameters_are_counted_once() -> None:
    shared = nn.Linear(6, 6)
    tied = nn.Linear(6, 6, bias=False)
    tied.weight = shared.weight
    network = nn.Sequential(shared, nn.Tanh(), shared, tied)
    trace = trace_shapes(network, (6,))
    assert [layer.parameters for layer in trace] == [42, 0, 0, 0]
    assert sum(layer.parameters for layer in trace) == count_parameters(network)
    assert [layer.multiply_accumulates for layer in trace] == [36, 0, 36, 36]


def test_frozen_parameters_are_not_learnable() -> None:
    network = fully_connected(4, 3, 2)
    network[1].weight.requires_grad_(False)
    assert [layer.parameters for layer in trace_shapes(network, (4,))][1] == 3


def test_a_wrong_guess_names_the_layer_and_shows_the_trace() -> None:
    guess = nn.Sequential(nn.Conv2d(1, 32, 5), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(800, 10))
    with pytest.raises(ValueError, match="does not get through the network") as caught:
        trace_shapes(guess, IMAGE)
    message = str(caught.value)
    assert message.startswith("an image of shape 1 × 28 × 28")
    assert "layer 3 Linear received 4608 per image" in message
    assert "(1x4608 and 800x10)" in message
    assert message.endswith("2 Flatten            4608           0")
    assert isinstance(caught.value.__cause__, RuntimeError)


def test_a_failure_between_layers_does_not_blame_a_layer_that_succeeded() -> None:
    class Guess(Functional):
        def forward(self, x: Tensor) -> Tensor:
            return self.inner["last"](self.filter(x).view(len(x), 800))

    with pytest.raises(ValueError, match="Guess fails after layer filter Conv2d, and PyTorch says"):
        trace_shapes(Guess(800), IMAGE)


@pytest.mark.parametrize(
    ("network", "shape", "says"),
    [
        (nn.Flatten(0), IMAGE, r"layer Flatten turns \(1, 1, 28, 28\), .* into \(784,\); expected"),
        (nn.Conv2d(1, 2, 5), (28, 28), r"turns \(1, 28, 28\), .* with the channels"),
        (nn.LSTM(28, 5), (28, 28), "layer LSTM returns tuple; expected one torch.Tensor"),
    ],
    ids=["flattens the batch", "without channels", "two outputs"],
)
def test_an_output_that_is_not_one_per_image_is_named(
    network: nn.Module, shape: tuple[int, ...], says: str
) -> None:
    with pytest.raises(TypeError, match=says):
        trace_shapes(network, shape)
    assert hooks(network) == 0


@pytest.mark.parametrize("ask", [trace_shapes, flatten_size, multiply_accumulates])
@pytest.mark.parametrize(
    ("network", "shape", "error", "says"),
    [
        (None, IMAGE, TypeError, "network is None; expected a torch.nn.Module"),
        (nn.Tanh, IMAGE, TypeError, "network is the class Tanh; expected a network made of it"),
        (nn.LazyLinear(3), (4,), ValueError, "weight belongs to a lazy layer"),
        (nn.Tanh(), 784, TypeError, r"input_shape is 784; expected .* such as \(1, 28, 28\)"),
        (nn.Tanh(), "28", TypeError, r"input_shape is '28'; expected .* such as \(1, 28, 28\)"),
        (nn.Tanh(), (1, 0, 28), ValueError, r"input_shape\[1\] is 0; expected at least 1"),
        (nn.Tanh(), (1, 28.0, 28), TypeError, r"input_shape\[1\] is 28.0; expected a whole number"),
        (nn.BatchNorm2d(3), (3,), ValueError, "layer BatchNorm2d received 3 per image"),
        (nn.Flatten(5), IMAGE, ValueError, "layer Flatten received 1 × 28 × 28 per image"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_bad_input_is_named(
    ask: Callable, network: object, shape: object, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        ask(network, shape)


def test_a_shape_may_be_a_list_or_a_size() -> None:
    network = nn.Flatten()
    for shape in ([1, 28, 28], torch.zeros(1, 28, 28).shape):
        assert flatten_size(network, shape) == 784


def test_shapes_as_text() -> None:
    assert shape_text((32, 14, 14)) == "32 × 14 × 14"
    assert shape_text((10,)) == "10"


# --- flatten_size and multiply_accumulates


convolution = st.builds(
    lambda channels, k, stride, padding: nn.LazyConv2d(channels, k, stride, padding),
    st.integers(1, 4), st.integers(1, 5), st.integers(1, 3), st.integers(0, 2),
)  # fmt: skip
pooling = st.builds(nn.MaxPool2d, st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=60)
@given(
    layers=st.lists(convolution | pooling | st.builds(nn.Tanh), max_size=4),
    shape=st.tuples(st.integers(1, 3), st.integers(1, 20), st.integers(1, 20)),
)
def test_flatten_size_is_what_a_flatten_layer_gives(
    layers: list[nn.Module], shape: tuple[int, int, int]
) -> None:
    network = nn.Sequential(*layers)
    try:
        flat = network(torch.zeros(2, *shape)).flatten(1)
    except RuntimeError:
        assume(all(not nn.parameter.is_lazy(one) for one in network.parameters()))
        with pytest.raises(ValueError, match="does not get through"):
            flatten_size(network, shape)
    else:
        assert flatten_size(network, shape) == flat.shape[1]


def test_the_flatten_size_of_the_assignment() -> None:
    assert flatten_size(convolutional(32, 64, 10)[:-2], IMAGE) == 7 * 7 * 64 == 3136


def test_multiply_accumulates_of_the_assignment() -> None:
    assert multiply_accumulates(fully_connected(784, 100, 10), IMAGE) == 89_400
    assert multiply_accumulates(convolutional(32, 64, 10), IMAGE) == 10_693_760


@pytest.mark.parametrize(
    ("network", "shape"),
    [
        (convolutional(3, 5, 10), IMAGE),
        (fully_connected(784, 12, 10), IMAGE),
        (nn.Conv2d(4, 6, (3, 5), stride=2, padding=1, dilation=2, groups=2), (4, 20, 30)),
        (nn.Sequential(nn.Conv1d(2, 3, 5), nn.ReLU(), nn.Linear(8, 4, bias=False)), (2, 12)),
        (nn.Conv3d(1, 2, 3), (1, 5, 6, 7)),
    ],
    ids=["b", "a", "grouped", "1d", "3d"],
)
def test_multiply_accumulates_are_half_of_pytorchs_operations(
    network: nn.Module, shape: tuple[int, ...]
) -> None:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(torch.zeros(1, *shape))
    assert multiply_accumulates(network, shape) == counter.get_total_flops() / 2
