"""Counting what is learned: the formulas against the networks."""

from collections.abc import Callable

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from mnistlab import (
    convolutional,
    convolutional_parameters,
    count_parameters,
    fully_connected,
    fully_connected_parameters,
)

widths = st.integers(1, 40)


def test_the_numbers_of_the_assignment() -> None:
    assert fully_connected_parameters(784, 100, 10) == 89_610
    assert convolutional_parameters(32, 64, 10) == 83_466


@settings(max_examples=50)
@given(D=widths, K=widths, O=widths)
def test_formula_of_network_a_is_what_the_network_has(D: int, K: int, O: int) -> None:
    counted = count_parameters(fully_connected(D, K, O))
    assert fully_connected_parameters(D, K, O) == counted
    assert type(counted) is int


@settings(max_examples=30)
@given(Q1=widths, Q2=widths, O=widths)
def test_formula_of_network_b_is_what_the_network_has(Q1: int, Q2: int, O: int) -> None:
    assert convolutional_parameters(Q1, Q2, O) == count_parameters(convolutional(Q1, Q2, O))


@pytest.mark.parametrize("forgotten", ["a bias", "a layer", "an axis of the kernel"])
def test_counting_sees_a_network_that_is_not_the_assignments(forgotten: str) -> None:
    other = convolutional(4, 8, 10)
    if forgotten == "a bias":
        other[3].bias = None
    elif forgotten == "a layer":
        other[0] = nn.Identity()
    else:
        other[3] = nn.Conv2d(4, 8, (5, 1), padding=(2, 0))
    assert convolutional_parameters(4, 8, 10) != count_parameters(other)


def test_numbers_are_counted_not_tensors() -> None:
    network = nn.Linear(3, 4)
    assert count_parameters(network) == 3 * 4 + 4 != len(list(network.parameters()))


def test_frozen_parameters_and_buffers_do_not_count() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Linear(5, 6))
    assert count_parameters(network) == (9 + 1) * 2 + 2 * 2 + (5 + 1) * 6
    network[0].weight.requires_grad_(False)
    assert count_parameters(network) == 2 + 2 * 2 + (5 + 1) * 6


def test_a_shared_parameter_counts_once() -> None:
    shared = nn.Linear(5, 5)
    assert count_parameters(nn.Sequential(shared, nn.Tanh(), shared)) == 30
    tied = nn.Sequential(nn.Linear(5, 5), nn.Linear(5, 5))
    tied[1].weight = tied[0].weight
    assert count_parameters(tied) == 35


def test_a_network_without_parameters_has_none() -> None:
    assert count_parameters(nn.Flatten()) == 0


@pytest.mark.parametrize("bad", [None, nn.Linear, [nn.Linear(2, 2)], torch.ones(3)], ids=repr)
def test_what_is_no_network_is_named(bad: object) -> None:
    with pytest.raises(
        TypeError, match=r"network is .*; expected a (torch.nn.Module, such as|network made of it)"
    ):
        count_parameters(bad)


def test_a_lazy_layer_is_named() -> None:
    network = nn.Sequential(nn.Flatten(), nn.LazyLinear(10))
    with pytest.raises(ValueError, match=r"1\.weight belongs to a lazy layer .* send one batch"):
        count_parameters(network)
    network(torch.zeros(1, 4))
    assert count_parameters(network) == 50


@pytest.mark.parametrize(
    ("formula", "names"),
    [(fully_connected_parameters, ("D", "K", "O")), (convolutional_parameters, ("Q1", "Q2", "O"))],
)
@pytest.mark.parametrize(("bad", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError)])
def test_a_bad_width_is_named(
    formula: Callable[..., int], names: tuple[str, ...], bad: float, error: type[Exception]
) -> None:
    for name in names:
        with pytest.raises(error, match=f"^{name} is {bad}; expected"):
            formula(**(dict.fromkeys(names, 4) | {name: bad}))
