"""The layout in memory: another order of the same numbers, the same network, the same training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mnistlab import _layout, convolutional, data_loaders, fully_connected, train

CPU = torch.device("cpu")
HAS_BLOCKS = pytest.mark.skipif(
    not isinstance(_layout.fast(nn.Sequential(nn.Linear(1, 1)), CPU), _layout.InBlocks),
    reason="this processor, or this build of torch, has no oneDNN as on x86",
)


def pair() -> tuple[nn.Sequential, nn.Sequential]:
    """Two networks with the same parameters."""
    networks = convolutional(8, 16, 10), convolutional(8, 16, 10)
    networks[1].load_state_dict(networks[0].state_dict())
    return networks


def outcome(network: nn.Module, images: Tensor) -> list[Tensor]:
    """Logits of a network, and the gradient of each parameter."""
    logits = network(images)
    cross_entropy(logits, torch.arange(len(images)) % 10).backward()
    return [logits.detach(), *(parameter.grad for parameter in network.parameters())]


@HAS_BLOCKS
@pytest.mark.parametrize("count", [1, 7, 64])
def test_logits_and_gradients_are_the_same_up_to_rounding(count: int) -> None:
    torch.manual_seed(count)
    plain, other = pair()
    images = torch.rand(count, 1, 28, 28)
    expected = outcome(plain, images)
    found = outcome(_layout.fast(other, CPU), images)
    for one, same in zip(found, expected, strict=True):
        assert one.shape == same.shape
        assert not one.is_mkldnn
        torch.testing.assert_close(one, same, rtol=1e-4, atol=1e-6)


@HAS_BLOCKS
def test_the_layers_in_blocks_are_those_of_the_network() -> None:
    network, _ = pair()
    seen: dict[str, bool] = {}
    for layer in network:
        layer.register_forward_hook(
            lambda layer, inputs, output: seen.update({type(layer).__name__: output.is_mkldnn})
        )
    _layout.fast(network, CPU)(torch.rand(2, 1, 28, 28))
    blocked = {"Conv2d": True, "MaxPool2d": True}
    assert seen == blocked | {"Tanh": False, "Flatten": False, "Linear": False}


@HAS_BLOCKS
def test_who_trains_the_one_has_trained_the_other() -> None:
    network, _ = pair()
    fast = _layout.fast(network, CPU)
    assert [*map(id, fast.parameters())] == [*map(id, network.parameters())]
    before = network[0].weight.detach().clone()
    with torch.no_grad():
        next(fast.parameters()).add_(1)
    assert torch.equal(network[0].weight, before + 1)
    assert fast.eval().network is network
    assert not network.training


@HAS_BLOCKS
@pytest.mark.usefixtures("tiny")
def test_the_curves_are_the_same_up_to_rounding() -> None:
    curves = []
    for network in pair():
        used = _layout.fast(network, CPU) if curves else network
        curves.append(train(used, 3, 0.1, data_loaders(seed=1), device="cpu"))
    for name in ("test_loss", "train_loss"):
        np.testing.assert_allclose(*(getattr(one, name) for one in curves), rtol=2e-6)
    assert curves[0].test_accuracy == curves[1].test_accuracy


def test_elsewhere_the_network_itself_is_taken_with_the_channels_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def layout_of(network: nn.Sequential, device: torch.device = CPU) -> bool:
        """Whether it is the same network, with the channels last."""
        assert _layout.fast(network, device) is network
        return network[3].weight.is_contiguous(memory_format=torch.channels_last)

    assert layout_of(convolutional(2, 3, 4).double()), "oneDNN has no float64"
    assert layout_of(convolutional(2, 3, 4), torch.device("cuda"))
    monkeypatch.setattr("platform.machine", lambda: "aarch64")
    assert layout_of(convolutional(2, 3, 4))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    monkeypatch.setattr("torch.backends.mkldnn.is_available", lambda: False)
    assert layout_of(convolutional(2, 3, 4))


@HAS_BLOCKS
def test_a_network_without_convolutions_is_computed_as_always() -> None:
    torch.manual_seed(0)
    network, images = fully_connected(784, 20, 10), torch.rand(5, 1, 28, 28)
    assert torch.equal(_layout.fast(network, CPU)(images), network(images))
