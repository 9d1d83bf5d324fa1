"""The two networks: exactly the assignment's layers, for any sizes, and no others."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mnistlab import convolutional, fully_connected

CONVOLUTION = {"kernel_size": (5, 5), "stride": (1, 1), "padding": (2, 2), "dilation": (1, 1)}


def layers(network: nn.Sequential) -> list[str]:
    return [type(layer).__name__ for layer in network]


def test_layers_of_network_a() -> None:
    network = fully_connected(784, 100, 10)
    assert type(network) is nn.Sequential
    assert layers(network) == ["Flatten", "Linear", "Tanh", "Linear", "Tanh", "Linear"]
    linear = [(one.in_features, one.out_features) for one in network if isinstance(one, nn.Linear)]
    assert linear == [(784, 100), (100, 100), (100, 10)]
    assert all(one.bias is not None for one in network if isinstance(one, nn.Linear))


def test_layers_of_network_b() -> None:
    network = convolutional(32, 64, 10)
    assert type(network) is nn.Sequential
    block = ["Conv2d", "MaxPool2d", "Tanh"]
    assert layers(network) == [*block, *block, "Flatten", "Linear"]
    for place, channels in ((0, (1, 32)), (3, (32, 64))):
        convolution, pool = network[place], network[place + 1]
        assert (convolution.in_channels, convolution.out_channels) == channels
        assert {name: getattr(convolution, name) for name in CONVOLUTION} == CONVOLUTION
        assert (convolution.groups, convolution.padding_mode) == (1, "zeros")
        assert convolution.bias is not None
        assert (pool.kernel_size, pool.stride, pool.padding, pool.dilation) == (2, 2, 0, 1)
        assert not pool.ceil_mode
    assert (network[7].in_features, network[7].out_features) == (7 * 7 * 64, 10)


@settings(max_examples=25)
@given(
    shape=st.lists(st.integers(1, 6), min_size=1, max_size=3),
    K=st.integers(1, 9),
    O=st.integers(1, 12),
    B=st.integers(1, 4),
)
def test_network_a_maps_any_batch_of_d_numbers_to_logits(
    shape: list[int], K: int, O: int, B: int
) -> None:
    network = fully_connected(int(np.prod(shape)), K, O)
    assert network(torch.rand(B, *shape)).shape == (B, O)


@settings(max_examples=15)
@given(Q1=st.integers(1, 6), Q2=st.integers(1, 6), O=st.integers(1, 12), B=st.integers(1, 4))
def test_network_b_maps_any_batch_of_images_to_logits(Q1: int, Q2: int, O: int, B: int) -> None:
    assert convolutional(Q1, Q2, O)(torch.rand(B, 1, 28, 28)).shape == (B, O)


def test_a_seed_gives_the_parameters_of_the_network_written_out() -> None:
    """Computing the flatten size draws no random numbers, and no layer is built out of order."""
    torch.manual_seed(3)
    network = convolutional(4, 8, 10)
    torch.manual_seed(3)
    written_out = nn.Sequential(
        nn.Conv2d(1, 4, 5, padding=2),
        nn.MaxPool2d(2),
        nn.Tanh(),
        nn.Conv2d(4, 8, 5, padding=2),
        nn.MaxPool2d(2),
        nn.Tanh(),
        nn.Flatten(),
        nn.Linear(392, 10),
    )
    ours, theirs = network.state_dict(), written_out.state_dict()
    assert ours.keys() == theirs.keys()
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)


def test_pooling_before_tanh_gives_the_same_function_but_not_with_average_pooling() -> None:
    maps = torch.randn(5, 8, 14, 14, generator=torch.Generator().manual_seed(0))
    tanh = nn.Tanh()
    for pool, same in ((nn.MaxPool2d(2), True), (nn.AvgPool2d(2), False)):
        assert torch.equal(tanh(pool(maps)), pool(tanh(maps))) is same


@pytest.mark.parametrize("build", [fully_connected, convolutional])
@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        (0, ValueError, "is 0; expected at least 1"),
        (-5, ValueError, "is -5; expected at least 1"),
        (2.0, TypeError, r"is 2.0; expected a whole number \(int\), at least 1"),
        (True, TypeError, "is True; expected a whole number"),
        ("7", TypeError, "is '7'; expected a whole number"),
        (None, TypeError, "is None; expected a whole number"),
    ],
)
def test_a_bad_size_is_named(
    build: type, place: int, bad: object, error: type[Exception], says: str
) -> None:
    sizes: list[object] = [4, 4, 4]
    sizes[place] = bad
    name = {fully_connected: "D K O", convolutional: "Q1 Q2 O"}[build].split()[place]
    with pytest.raises(error, match=f"^{name} {says}"):
        build(*sizes)
