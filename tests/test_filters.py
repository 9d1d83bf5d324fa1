"""Cross-correlation and max-pooling, written out, against PyTorch's layers, number by number."""

import numpy as np
import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import conv2d, max_pool2d

from mnistlab.filters import cross_correlate, max_pool
from mnistlab.shapes import output_size

sides = st.integers(1, 9)


def whole_numbers(*shape: int, seed: int) -> Tensor:
    """Small whole numbers: sums of their products are exact, in whatever order."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-9, 10, shape, generator=generator).float()


@settings(max_examples=80)
@given(
    height=sides, width=sides, k=st.integers(1, 5), stride=st.integers(1, 3),
    padding=st.integers(0, 3), seed=st.integers(0, 99),
)  # fmt: skip
def test_cross_correlation_is_what_a_convolutional_layer_computes(
    height: int, width: int, k: int, stride: int, padding: int, seed: int
) -> None:
    image, kernel = whole_numbers(height, width, seed=seed), whole_numbers(k, k, seed=seed + 1)
    if k > min(height, width) + 2 * padding:
        with pytest.raises(ValueError, match=f"the kernel covers {k} pixels"):
            cross_correlate(image, kernel, stride=stride, padding=padding)
        return
    ours = cross_correlate(image, kernel, stride=stride, padding=padding)
    theirs = conv2d(image[None, None], kernel[None, None], stride=stride, padding=padding)
    assert torch.equal(ours, theirs[0, 0])


def test_broken_numbers_agree_up_to_rounding() -> None:
    generator = torch.Generator().manual_seed(0)
    image, kernel = (torch.randn(n, n, generator=generator) for n in (12, 5))
    theirs = conv2d(image[None, None], kernel[None, None], padding=2)[0, 0]
    torch.testing.assert_close(cross_correlate(image, kernel, padding=2), theirs)


def test_a_convolution_in_the_mathematical_sense_flips_the_kernel() -> None:
    image, kernel = whole_numbers(6, 7, seed=1), whole_numbers(3, 3, seed=2)
    convolved = torch.zeros(8, 9)
    for i, j in np.ndindex(6, 7):
        convolved[i : i + 3, j : j + 3] += image[i, j] * kernel
    assert torch.equal(cross_correlate(image, kernel.flip(0, 1), padding=2), convolved)
    assert not torch.equal(cross_correlate(image, kernel, padding=2), convolved)


@settings(max_examples=60)
@given(height=sides, width=sides, size=st.integers(1, 4), seed=st.integers(0, 99))
def test_max_pooling_is_what_a_pooling_layer_computes(
    height: int, width: int, size: int, seed: int
) -> None:
    assume(size <= min(height, width))
    image = (
        whole_numbers(height, width, seed=seed) - 20
    )  # below zero: an empty output is no maximum
    ours = max_pool(image, size)
    assert torch.equal(ours, max_pool2d(image[None, None], size)[0, 0])
    assert ours.shape == (height // size, width // size)


def test_the_default_square_of_max_pooling_is_the_assignments() -> None:
    image = torch.arange(16.0).reshape(4, 4)
    assert max_pool(image).tolist() == [[5, 7], [13, 15]]


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32, torch.int64])
def test_the_type_of_the_numbers_stays(dtype: torch.dtype) -> None:
    image = whole_numbers(5, 5, seed=0).to(dtype)
    assert cross_correlate(image, image[:3, :3]).dtype == dtype
    assert max_pool(image).dtype == dtype


def test_double_precision_is_kept() -> None:
    image = torch.full((3, 3), 0.1, dtype=torch.float64)
    kernel = torch.ones(1, 1, dtype=torch.float64)
    assert torch.equal(cross_correlate(image, kernel), image)
    assert max_pool(image, 1)[0, 0].item() == 0.1


def test_sizes_are_those_of_output_size() -> None:
    output = cross_correlate(torch.zeros(9, 12), torch.zeros(4, 4), stride=2, padding=1)
    assert output.shape == tuple(output_size(n, 4, stride=2, padding=1) for n in (9, 12))


IMAGE, KERNEL = torch.zeros(4, 4), torch.zeros(3, 3)


@pytest.mark.parametrize(
    ("arguments", "options", "error", "says"),
    [
        ((IMAGE[None], KERNEL), {}, ValueError, r"image has shape \(1, 4, 4\); expected \(height"),
        ((IMAGE, KERNEL[0]), {}, ValueError, r"kernel has shape \(3,\); expected \(k, k\)"),
        ((IMAGE, KERNEL[:2]), {}, ValueError, r"kernel has shape \(2, 3\); expected \(k, k\)"),
        (
            (IMAGE, IMAGE.new_zeros(5, 5)),
            {},
            ValueError,
            "the kernel covers 5 pixels .* input has 4",
        ),
        ((IMAGE.tolist(), KERNEL), {}, TypeError, "image is list; expected a torch.Tensor"),
        ((IMAGE, KERNEL.numpy()), {}, TypeError, "kernel is ndarray; expected a torch.Tensor"),
        (
            (IMAGE, KERNEL.long()),
            {},
            TypeError,
            "kernel has type torch.int64, the image torch.float",
        ),
        ((IMAGE, KERNEL), {"stride": 0}, ValueError, "stride is 0; expected at least 1"),
        ((IMAGE, KERNEL), {"padding": -1}, ValueError, "padding is -1; expected at least 0"),
        ((IMAGE, KERNEL), {"padding": 0.5}, TypeError, "padding is 0.5; expected a whole number"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_bad_input_of_cross_correlate_is_named(
    arguments: tuple, options: dict, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        cross_correlate(*arguments, **options)


@pytest.mark.parametrize(
    ("image", "size", "error", "says"),
    [
        (IMAGE[None], 2, ValueError, r"image has shape \(1, 4, 4\); expected \(height, width\)"),
        (None, 2, TypeError, "image is NoneType; expected a torch.Tensor"),
        (IMAGE, 5, ValueError, "covers 5 pixels .* input has 4"),
        (IMAGE, 0, ValueError, "kernel_size is 0; expected at least 1"),
        (IMAGE, 2.0, TypeError, "kernel_size is 2.0; expected a whole number"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_bad_input_of_max_pool_is_named(
    image: object, size: object, error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        max_pool(image, size)
