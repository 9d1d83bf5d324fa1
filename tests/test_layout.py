"""The layout in memory: another order of the same numbers, the same network, the same training."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from mnistlab import (
    Specification,
    _layout,
    convolutional,
    data_loaders,
    fully_connected,
    run,
    train,
)
from mnistlab.runs import NETWORKS

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


class Flipped(nn.Conv2d):
    """A layer of a student's own, that oneDNN does not have."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images.flip(3))


@pytest.mark.parametrize(
    "layers",
    [
        pytest.param([nn.Conv2d(1, 2, 3, padding=1, padding_mode="circular")], id="circular"),
        pytest.param([nn.Conv2d(1, 2, 3, padding_mode="reflect")], id="reflect"),
        pytest.param([nn.Conv2d(1, 2, 3, padding="same")], id="same"),
        pytest.param([nn.Conv2d(1, 2, (3, 4), padding="same")], id="same, even kernel"),
        pytest.param([nn.Conv2d(1, 2, 3), nn.MaxPool2d(2, dilation=2)], id="dilated pooling"),
        pytest.param([nn.Conv2d(1, 2, 3), nn.MaxPool2d(3, (1, 2), 1, ceil_mode=True)], id="pooling"),
        pytest.param([nn.Conv2d(1, 2, 3), Flipped(2, 2, 3), nn.MaxPool2d(2)], id="a class of its own"),
        pytest.param([nn.Conv2d(1, 2, 3, dilation=2, bias=False), nn.ReLU(inplace=True)], id="in place"),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
def test_what_the_other_layout_does_not_have_is_computed_without_it(layers: list) -> None:
    torch.manual_seed(0)
    plain = nn.Sequential(*layers, nn.Flatten())
    other = copy.deepcopy(plain)
    images = torch.rand(3, 1, 12, 12)
    expected, found = outcome(plain, images), outcome(_layout.fast(other, CPU), images)
    for one, same in zip(found, expected, strict=True):
        torch.testing.assert_close(one, same, rtol=1e-4, atol=1e-6)


class Own(nn.Module):
    """A network that is no sequence of layers, as PyTorch's tutorials write them."""

    def __init__(self, K: int) -> None:
        super().__init__()
        self.first, self.second = nn.Conv2d(1, K, 5), nn.Conv2d(K, K, 3)
        self.last = nn.Linear(22 * 22 * K, 10)

    def forward(self, images: Tensor) -> Tensor:
        maps = torch.tanh(self.second(self.first(images)))
        return self.last(maps.view(len(maps), -1))  # not of numbers with the channels last


class Residual(nn.Sequential):
    """A sequence that does more than go through its layers."""

    def forward(self, images: Tensor) -> Tensor:
        return super().forward(images) + images.flatten(1)[:, 400:410]


@pytest.mark.parametrize(
    "build",
    [
        pytest.param(Own, id="a class of its own"),
        pytest.param(
            lambda K: nn.Sequential(
                nn.Conv2d(1, K, 3, padding=1, padding_mode="circular"),
                nn.Flatten(),
                nn.Linear(784 * K, 10),
            ),
            id="circular padding",
        ),
        pytest.param(
            lambda K: Residual(nn.Flatten(), nn.Linear(784, K), nn.Tanh(), nn.Linear(K, 10)),
            id="a sequence with more to it",
        ),
    ],
)
@pytest.mark.usefixtures("tiny")
def test_any_network_that_can_be_registered_is_trained(
    build: Callable[[int], nn.Module], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path))
    monkeypatch.setitem(NETWORKS, "own", build)
    specification = Specification("own", (3,), epochs=1, learning_rate=0.1)
    found = run(specification, progress=False, device="cpu")
    plain = train(specification.build(), 1, 0.1, data_loaders(seed=0), device="cpu", progress=False)
    np.testing.assert_allclose(found.history.test_loss, plain.test_loss, rtol=1e-5)


def test_a_network_of_another_kind_is_left_as_it_is() -> None:
    network = Own(2)
    for device in (CPU, torch.device("cuda")):
        assert _layout.fast(network, device) is network
        assert network.second.weight.is_contiguous(), "its forward may call view"


@HAS_BLOCKS
def test_a_network_without_convolutions_is_computed_as_always() -> None:
    torch.manual_seed(0)
    network, images = fully_connected(784, 20, 10), torch.rand(5, 1, 28, 28)
    assert torch.equal(_layout.fast(network, CPU)(images), network(images))
