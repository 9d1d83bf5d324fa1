"""Between the two networks: known answers for layers that share, that do not, and that pool."""

import re

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mnistlab import (
    convolutional,
    count_parameters,
    fully_connected,
    ladder,
    multiply_accumulates,
    trace_shapes,
)
from mnistlab.experiments import rates
from mnistlab.local import LocallyConnected2d
from mnistlab.runs import NETWORKS, Specification, register

IMAGES = torch.rand(4, 1, 28, 28, generator=torch.Generator().manual_seed(0))


@given(
    channels=st.integers(1, 3), outputs=st.integers(1, 4), kernel=st.sampled_from([1, 3, 5]),
    padding=st.integers(0, 2), rows=st.integers(5, 9), columns=st.integers(5, 9),
    stride=st.integers(1, 3),
)  # fmt: skip
def test_with_equal_kernels_it_computes_what_a_convolution_does(
    channels: int, outputs: int, kernel: int, padding: int, rows: int, columns: int, stride: int
) -> None:
    torch.manual_seed(0)
    convolution = nn.Conv2d(channels, outputs, kernel, stride=stride, padding=padding)
    layer = LocallyConnected2d.copied_from(convolution, (rows, columns))
    images = torch.rand(2, channels, rows, columns)
    torch.testing.assert_close(layer(images), convolution(images), rtol=1e-4, atol=1e-5)


def test_with_other_kernels_it_does_not() -> None:
    torch.manual_seed(0)
    convolution = nn.Conv2d(1, 2, 3)
    layer = LocallyConnected2d.copied_from(convolution, (6, 6))
    images = torch.rand(2, 1, 6, 6)
    layer.weight.data[5, 1] += 1  # position (1, 1) of the 4 x 4, second channel
    difference = (layer(images) - convolution(images)).abs() > 1e-5
    assert difference.nonzero().tolist() == [[0, 1, 1, 1], [1, 1, 1, 1]]


def test_the_gradient_of_a_shared_kernel_is_the_sum_of_those_of_its_copies() -> None:
    torch.manual_seed(0)
    tied = convolutional(8, 16, 10)
    copy = ladder.untie(tied)
    targets = torch.tensor([3, 1, 4, 1])
    for network in (tied, copy):
        nn.functional.cross_entropy(network(IMAGES), targets).backward()
    for shared, own in zip((tied[0], tied[3]), (copy[0], copy[3]), strict=True):
        kernels = shared.weight.grad.permute(0, 2, 3, 1).flatten(1)
        torch.testing.assert_close(own.weight.grad.sum(dim=0), kernels, rtol=1e-3, atol=1e-6)
        torch.testing.assert_close(
            own.bias.grad.sum(dim=(0, 2)), shared.bias.grad, rtol=1e-3, atol=1e-6
        )


def test_the_matched_triple() -> None:
    """Between neighbours in the ladder, what is said to be equal is equal to about one percent."""
    wide, local = fully_connected(784, 577, 10), ladder.locally_connected(8, 16, 10)
    assert count_parameters(wide) == 792_231
    assert count_parameters(local) == 801_258
    assert count_parameters(convolutional(8, 16, 10)) == 11_274
    work = [
        multiply_accumulates(one, (1, 28, 28)) for one in (wide, local, convolutional(8, 16, 10))
    ]
    assert work == [791_067, 791_840, 791_840]


@pytest.mark.parametrize("name", ["locally_connected", "untied"])
def test_untied_networks_have_the_sizes_of_the_convolutional_one(name: str) -> None:
    network = Specification(name, (8, 16, 10)).build()
    assert network(IMAGES).shape == (4, 10)
    tied = Specification("convolutional", (8, 16, 10)).build()
    same = torch.allclose(network(IMAGES), tied(IMAGES), atol=1e-5)
    assert same is (name == "untied"), "one starts as the copy of the other"


@pytest.mark.parametrize(
    ("name", "sizes", "parameters"),
    [
        ("linear", (784, 10), 7850),
        ("average_pooling", (8, 16, 10), 11_274),
        ("strided", (8, 16, 10), 11_274),
        ("strided_locally_connected", (8, 16, 10), 196 * 8 * 26 + 49 * 16 * 201 + 7850),
        ("global_average", (8, 16, 10), 11_274 - 7850 + 170),
    ],
)
def test_the_other_rungs(name: str, sizes: tuple[int, ...], parameters: int) -> None:
    network = Specification(name, sizes).build()
    assert network(IMAGES).shape == (4, 10)
    assert count_parameters(network) == parameters


def test_after_the_global_average_a_place_is_forgotten() -> None:
    """A shift by four pixels, away from the borders, changes nothing; elsewhere it does."""
    image = torch.zeros(1, 1, 28, 28)
    image[..., 10:14, 10:14] = IMAGES[:1, :, 10:14, 10:14]
    moved = image.roll((4, 4), dims=(2, 3))
    forgets, keeps = (Specification(n, (8, 16, 10)).build() for n in ("global_average", "strided"))
    torch.testing.assert_close(forgets(moved), forgets(image), rtol=1e-4, atol=1e-5)
    assert not torch.allclose(keeps(moved), keeps(image), atol=1e-3)


def test_a_name_belongs_to_one_network() -> None:
    with pytest.raises(ValueError, match="there is a network 'linear' already"):
        register("linear", fully_connected)
    with pytest.raises(ValueError, match="name is 'two words'; expected an identifier"):
        register("two words", fully_connected)
    register("linear", NETWORKS["linear"])


@pytest.mark.parametrize(
    ("make", "error", "says"),
    [
        (lambda: LocallyConnected2d(1, 1, (3, 3), 5), ValueError, "does not fit into"),
        (lambda: LocallyConnected2d(0, 1, (3, 3), 3), ValueError, "in_channels is 0"),
        (
            lambda: LocallyConnected2d(1, 1, (3, 3.0), 3),
            TypeError,
            "width is 3.0; expected a whole",
        ),
        (
            lambda: ladder.untie(nn.Sequential(*[nn.Conv2d(1, 1, 3)] * 3)),
            ValueError,
            "the network has 3 convolutions; expected at most 2",
        ),
    ],
)
def test_what_does_not_fit_is_named(make: object, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        make()


@pytest.mark.parametrize(
    "shape",
    [(2, 1, 9, 9), (2, 1, 5, 9), (2, 1, 4, 4), (2, 3, 5, 5), (1, 5, 5)],
    ids=["larger", "wider", "smaller", "of three channels", "one alone"],
)
def test_images_of_another_shape_are_refused_and_not_cropped(shape: tuple[int, ...]) -> None:
    layer = LocallyConnected2d(1, 2, (5, 5), 3)
    says = (
        f"images have shape {shape}; expected (B, 1, 5, 5): the layer has a kernel for each position "
        "in images of this size"
    )
    with pytest.raises(ValueError, match=re.escape(says)):
        layer(torch.rand(shape))


def test_an_image_of_another_size_is_told_with_the_layer_it_does_not_fit() -> None:
    says = "1 × 32 × 32 does not get through the network: layer 0 LocallyConnected2d"
    with pytest.raises(ValueError, match=says):
        trace_shapes(ladder.locally_connected(2, 3, 10), (1, 32, 32))


@pytest.mark.parametrize(
    "options",
    [
        {"stride": (1, 2)}, {"padding": (0, 1)}, {"padding": "same"}, {"dilation": 2},
        {"kernel_size": (3, 2)}, {"bias": False}, {"groups": 2},
        {"padding": 1, "padding_mode": "circular"},
    ],
    ids=str,
)  # fmt: skip
def test_a_convolution_that_it_would_not_copy_as_it_is_is_refused(options: dict) -> None:
    convolution = nn.Conv2d(2, 2, **({"kernel_size": 3} | options))
    with pytest.raises(
        ValueError, match=r"Conv2d\(2, 2, .* can't be copied; expected one stride, "
    ):
        LocallyConnected2d.copied_from(convolution, (8, 8))


def test_the_untied_copy_shares_nothing_with_the_original() -> None:
    tied = convolutional(2, 3, 10)
    theirs = {id(parameter) for parameter in tied.parameters()}
    assert not any(id(parameter) in theirs for parameter in ladder.untie(tied).parameters())


def test_the_sum_over_positions_is_longer_than_one_gradient_by_about_the_root() -> None:
    """Two layers of the small network, on the stand-ins: far from as many times as there are positions."""
    for seed in range(2):
        before = torch.random.get_rng_state()
        first, second = rates.first_step_factors(seed, source="strokes")
        assert 0.5 < first / 784**0.5 < 2
        assert 0.5 < second / 196**0.5 < 2
        assert torch.equal(torch.random.get_rng_state(), before), "others' draws stay as they were"
    assert rates._lengthened(torch.ones(1, 5), torch.full((4, 5), 0.25)) == pytest.approx(4), (
        "gradients that agree"
    )
    apart = torch.eye(4)
    assert rates._lengthened(apart.sum(dim=0), apart) == pytest.approx(2), (
        "at right angles: the root"
    )
