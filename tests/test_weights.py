"""Looking into networks: matrices, receptive fields and spared units with known answers."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.colors import to_hex
from torch import Tensor, nn
from torch.nn.functional import conv2d

from mnistlab import TASK_7, TASK_8, convolutional, datasets, inspection, plots, record
from mnistlab.inspection import (
    accuracies_without,
    accuracies_without_many,
    confusions,
    convolution_matrix,
    every_output,
    features,
    lost_without_each,
    receptive_field,
    sensitivity,
)


def whole_numbers(*shape: int, seed: int) -> Tensor:
    """Small whole numbers: sums of their products are exact."""
    generator = torch.Generator().manual_seed(seed)
    return torch.randint(-9, 10, shape, generator=generator).float()


# --- a convolution as a matrix


@settings(max_examples=50)
@given(
    height=st.integers(3, 8), width=st.integers(3, 8), k=st.integers(1, 3),
    stride=st.integers(1, 3), padding=st.integers(0, 2), seed=st.integers(0, 99),
)  # fmt: skip
def test_the_matrix_does_what_the_convolution_does(
    height: int, width: int, k: int, stride: int, padding: int, seed: int
) -> None:
    image, kernel = whole_numbers(height, width, seed=seed), whole_numbers(k, k, seed=seed + 1)
    matrix = convolution_matrix(kernel, height, width, stride=stride, padding=padding)
    theirs = conv2d(image[None, None], kernel[None, None], stride=stride, padding=padding)
    assert torch.equal(matrix @ image.flatten(), theirs.flatten())


def test_the_matrix_is_sparse_and_tied() -> None:
    kernel = torch.arange(1.0, 10.0).reshape(3, 3)
    matrix = convolution_matrix(kernel, 6, 6)
    assert matrix.shape == (16, 36)
    values, counts = matrix.unique(return_counts=True)
    assert values.tolist() == list(range(10))
    assert counts[1:].tolist() == [16] * 9, "each weight once in each row"
    # Within a row of the image, the next output's row is the last one's, moved by a pixel.
    assert torch.equal(matrix[1, 1:], matrix[0, :-1])


def test_the_matrix_of_a_flipped_kernel_is_another() -> None:
    kernel, image = whole_numbers(3, 3, seed=0), whole_numbers(5, 5, seed=1)
    theirs = conv2d(image[None, None], kernel[None, None]).flatten()
    flipped = convolution_matrix(kernel.flip(0, 1), 5, 5) @ image.flatten()
    assert not torch.equal(flipped, theirs), "planted: a convolution in the mathematical sense"


@pytest.mark.parametrize("kernel", [torch.zeros(3), torch.zeros(2, 3), [[1.0]]], ids=str)
def test_a_kernel_that_is_not_square_is_named(kernel: object) -> None:
    with pytest.raises(ValueError, match=r"kernel is .*; expected .* \(k, k\)"):
        convolution_matrix(kernel, 5, 5)


def test_a_kernel_that_does_not_fit_is_named() -> None:
    with pytest.raises(ValueError, match="the kernel covers 5 pixels"):
        convolution_matrix(torch.zeros(5, 5), 4, 9)


# --- the receptive field

KNOWN = {
    "one convolution": ([nn.Conv2d(1, 2, 5, padding=2)], 5),
    "two of 3": ([nn.Conv2d(1, 2, 3, padding=1), nn.Tanh(), nn.Conv2d(2, 2, 3, padding=1)], 5),
    "a stride between": ([nn.Conv2d(1, 2, 3, stride=2, padding=1), nn.Conv2d(2, 2, 3, padding=1)], 7),
    "dilated": ([nn.Conv2d(1, 1, 3, dilation=3, padding=3)], 7),
    "average": ([nn.AvgPool2d(2), nn.Conv2d(1, 1, 3, padding=1)], 6),
    "network (b)": (list(convolutional(4, 6, 10)[:6]), 16),
    "activations": ([nn.Conv2d(1, 2, 3), nn.GELU(), nn.LeakyReLU(), nn.SiLU(), nn.Dropout2d()], 3),
}  # fmt: skip


@pytest.mark.parametrize(("layers", "side"), KNOWN.values(), ids=KNOWN)
def test_the_receptive_field_is_known_and_is_what_gradients_measure(
    layers: list[nn.Module], side: int
) -> None:
    assert receptive_field(layers) == side
    torch.manual_seed(0)
    network = nn.Sequential(*layers)
    images = torch.rand(200, 1, 40, 40)
    size = network(images).shape[-1]
    seen = sensitivity(network, images, (size // 2, size // 2)) > 0
    rows, columns = (seen.any(dim=axis).nonzero().flatten() for axis in (1, 0))
    for axis in (rows, columns):
        assert (axis[-1] - axis[0] + 1).item() == side


def test_the_border_cuts_the_receptive_field() -> None:
    torch.manual_seed(0)
    network = nn.Conv2d(1, 3, 5, padding=2)
    seen = sensitivity(network, torch.rand(9, 1, 10, 10), (0, 0)) > 0
    assert seen.sum() == 9
    assert seen[:3, :3].all()


def test_sensitivity_is_the_size_of_the_weight_of_a_linear_network() -> None:
    network = nn.Conv2d(1, 1, 3, bias=False)
    found = sensitivity(network, torch.rand(4, 1, 5, 5), (1, 2))
    torch.testing.assert_close(found[1:4, 2:5], network.weight[0, 0].abs().detach())
    assert network.weight.grad is None


def test_a_trained_network_is_asked_without_dropout_and_keeps_its_mode() -> None:
    """`mnistlab.run` returns networks in training mode."""
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Dropout(0.5), nn.Conv2d(1, 1, 3), nn.Dropout(0.5)).train()
    found = sensitivity(layers, torch.rand(4, 1, 5, 5), (1, 1))
    torch.testing.assert_close(found[1:4, 1:4], layers[1].weight[0, 0].abs().detach())
    values, targets = torch.rand(500, 20), torch.randint(10, (500,))
    rest = nn.Sequential(nn.Dropout(0.5), nn.Linear(20, 10)).train()
    right = rest[1](values).argmax(dim=1) == targets
    share = right.double().mean().item()
    assert accuracies_without(rest, values, targets, [[], []]) == [pytest.approx(share)] * 2
    assert all(module.training for module in [*layers.modules(), *rest.modules()])


def test_bad_input_of_the_receptive_field_is_named() -> None:
    with pytest.raises(ValueError, match="Linear has no receptive field"):
        receptive_field([nn.Conv2d(1, 1, 3), nn.Linear(4, 2)])
    with pytest.raises(ValueError, match="Softmax2d has no receptive field"):
        receptive_field([nn.Conv2d(1, 1, 3), nn.Softmax2d()])
    with pytest.raises(ValueError, match="is not square"):
        receptive_field([nn.Conv2d(1, 1, (3, 5))])
    network, images = convolutional(2, 3, 10), torch.rand(2, 1, 28, 28)
    with pytest.raises(ValueError, match=r"gives shape \(2, 10\); expected maps"):
        sensitivity(network, images, (0, 0))
    with pytest.raises(ValueError, match=r"place is \(7, 0\); the maps have \(7, 7\)"):
        sensitivity(network[:6], images, (7, 0))


# --- units that are held at their mean


class Tells(nn.Module):
    """Two logits: class 1 if unit 0 is above zero. Unit 1 counts for nothing."""

    def forward(self, values: Tensor) -> Tensor:
        return torch.stack([torch.zeros(len(values)), values[:, 0]], dim=1)


def test_only_the_unit_that_tells_the_classes_apart_is_missed() -> None:
    targets = torch.tensor([0, 1] * 600)
    values = torch.stack([2.0 * targets - 1.5, torch.rand(1200)], dim=1)  # mean of unit 0: −0.5
    kept = values.clone()
    assert accuracies_without(Tells(), values, targets, [[], [1], [0], [0, 1]]) == [1, 1, 0.5, 0.5]
    assert torch.equal(values, kept)


def test_what_is_lost_without_each_unit_is_in_points() -> None:
    targets = torch.tensor([0, 1] * 600)
    values = torch.stack([2.0 * targets - 1.5, torch.rand(1200)], dim=1)
    assert lost_without_each(Tells(), values, targets) == [50, 0]


def test_many_units_are_chosen_blindly_and_anew_for_each_draw() -> None:
    targets = torch.tensor([0, 1] * 600)
    values = torch.cat([2.0 * targets[:, None] - 1.5, torch.rand(1200, 9)], dim=1)
    torch.manual_seed(0)
    found = accuracies_without_many(Tells(), values, targets, (0, 0.5, 1), draws=20)
    assert found[0] == [1] * 20
    assert found[1] == [0.5] * 20
    assert 4 <= found[0.5].count(1) <= 16, "the unit that tells is among the half, or it is not"
    with pytest.raises(ValueError, match=r"shares are \[50\]; expected numbers in \[0, 1\]"):
        accuracies_without_many(Tells(), values, targets, [50])


def test_every_output_is_that_of_a_layer_in_evaluation_mode() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Dropout(0.9), nn.Linear(4, 3)).train()
    images = torch.rand(2, 2, 2)
    kept, flat, dropped, logits = every_output(network, images)
    assert kept is images
    assert torch.equal(flat, dropped), "nothing is dropped"
    assert torch.equal(logits, network[2](flat))
    assert not logits.requires_grad
    assert network.training


def test_a_map_is_held_at_its_mean_at_each_place() -> None:
    torch.manual_seed(0)
    network = convolutional(3, 4, 10)
    images, targets = torch.rand(700, 1, 28, 28), torch.randint(10, (700,))
    maps = features(network[:6], images)
    assert maps.shape == (700, 4, 7, 7)
    torch.testing.assert_close(maps, network[:6](images).detach())
    rest = network[6:]
    whole, nothing = accuracies_without(rest, maps, targets, [[], range(4)])
    assert whole == (rest(maps).argmax(dim=1) == targets).double().mean().item()
    constant = rest(maps.mean(dim=0, keepdim=True)).argmax(dim=1)
    assert nothing == (targets == constant).double().mean().item()


def test_bad_input_of_spared_units_is_named() -> None:
    with pytest.raises(ValueError, match="expected one target for each"):
        accuracies_without(Tells(), torch.rand(3, 2), torch.zeros(2, dtype=torch.long), [[0]])
    with pytest.raises(IndexError):
        accuracies_without(Tells(), torch.rand(3, 2), torch.zeros(3, dtype=torch.long), [[2]])


# --- what is taken for what


def test_confusions_have_a_row_for_each_target() -> None:
    found = confusions(torch.tensor([9, 9, 4, 0]), torch.tensor([4, 4, 4, 0]))
    assert found.sum() == 4
    assert (found[4, 9], found[4, 4], found[0, 0], found[9, 4]) == (2, 1, 1, 0)


@pytest.mark.parametrize(
    ("answers", "targets", "says"),
    [([1], [1, 2], r"expected \(N,\) twice"), ([10], [1], "from 1 to 10; expected 0 to 9")],
)
def test_bad_input_of_confusions_is_named(answers: list, targets: list, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        confusions(torch.tensor(answers), torch.tensor(targets))


# --- MNIST


@pytest.mark.mnist
@pytest.mark.usefixtures("mnist_root")
def test_the_disputed_images_are_those_that_were_published() -> None:
    labels = datasets()[1].targets[list(inspection.DISPUTED)]
    assert labels.tolist() == [8, 0, 9, 4, 2, 5, 6, 6, 5, 5, 0, 1, 4, 6, 5]


@pytest.mark.mnist
@pytest.mark.usefixtures("mnist_root")
def test_weights_of_pixels_that_are_always_blank_never_move() -> None:
    blank = (datasets()[0].data == 0).all(dim=0).flatten()
    start, end = TASK_7.build()[1].weight, record.network(TASK_7, 100)[1].weight
    assert blank.sum() == 67
    assert torch.equal(start[:, blank], end[:, blank])
    assert not torch.equal(start[:, ~blank], end[:, ~blank])
    kernels = TASK_8.build()[0].weight, record.network(TASK_8, 100)[0].weight
    assert (kernels[0] != kernels[1]).all(), "planted: a kernel has no weight that never moves"


# --- figures


def test_colours_of_weights_are_symmetric_around_zero_with_a_scale_before_and_after() -> None:
    before, after = torch.rand(3, 4, 4), 7 * torch.rand(3, 4, 4)
    after[0, 0, 0] = -100  # one weight does not make all others pale
    (axes,) = plots.draw_before_after(before, after).axes
    limits = [round(one.get_clim()[1], 4) for one in axes.get_images()]
    assert all(low == -high for low, high in (one.get_clim() for one in axes.get_images()))
    first, second = limits[0], limits[4]
    assert limits == [first] * 4 + [second] * 4, "a scale, and three pictures"
    assert 0.8 < first <= 1
    assert 5 < second < 100
    written = [text.get_text() for text in axes.texts]
    assert written == [
        *("before training", f"−{first:.2f}", f"{first:.2f}"),
        *("after", f"−{second:.2f}", f"{second:.2f}"),
    ]


def test_pictures_are_framed_in_the_second_block_only() -> None:
    pictures = torch.ones(3, 4, 4)
    (axes,) = plots.draw_before_after(pictures, pictures, marked=torch.tensor([2])).axes
    green = [one.get_xy() for one in axes.patches if to_hex(one.get_edgecolor()) == "#009e73"]
    frames = [one.get_xy() for one in axes.patches if to_hex(one.get_edgecolor()) == "#999999"]
    assert green == [frames[-1]], "the last picture of all"


@given(k=st.integers(2, 6), seed=st.integers(0, 99))
def test_the_slope_of_a_kernel_is_that_of_the_closest_plane(k: int, seed: int) -> None:
    kernel = torch.randn(k, k, dtype=torch.float64, generator=torch.manual_seed(seed))
    rows, columns = torch.meshgrid(*2 * [torch.arange(k, dtype=kernel.dtype)], indexing="ij")
    plane = torch.stack([torch.ones(k, k), rows, columns], dim=-1).reshape(-1, 3)
    wanted = kernel.reshape(-1, 1)
    left = wanted - plane @ torch.linalg.lstsq(plane, wanted).solution
    explained = 1 - left.var() / wanted.var()
    torch.testing.assert_close(inspection.slope_share(kernel), explained)


@pytest.mark.parametrize("shape", [(), (5,), (1, 1), (2, 5, 4)])
def test_a_slope_needs_a_square_kernel(shape: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=r"expected \(\.\.\., k, k\) with k at least 2"):
        inspection.slope_share(torch.zeros(shape))


def test_two_blocks_of_weights_can_have_other_titles() -> None:
    (axes,) = plots.draw_before_after(
        torch.ones(2, 3, 3), torch.ones(2, 3, 3), titles=("x", "y")
    ).axes
    assert [text.get_text() for text in axes.texts][::3] == ["x", "y"]


def test_rows_of_kernels_have_their_scales_and_names() -> None:
    rows = {"small": torch.full((2, 5, 5), 0.1), "large": torch.full((3, 5, 5), -2.0)}
    (axes,) = plots.draw_kernels(rows).axes
    limits = [round(one.get_clim()[1], 4) for one in axes.get_images()]
    assert limits == [0.1] * 3 + [2.0] * 4, "a scale, and the kernels"
    assert [text.get_text() for text in axes.texts] == [
        *("small", "−0.10", "0.10"),
        *("large", "−2.00", "2.00"),
    ]


def test_the_numbers_of_the_confusions_are_the_mistakes() -> None:
    counts = torch.eye(10, dtype=torch.long) * 900
    counts[4, 9], counts[3, 5] = 17, 2
    drawing = plots.plot_confusions(counts, counts)
    assert [sorted(text.get_text() for text in axes.texts) for axes in drawing.axes] == [
        ["17", "2"]
    ] * 2
    assert "MLP: 19" in drawing.axes[0].get_title()


def test_layers_of_the_cnn_have_its_marks_and_those_of_the_mlp_have_not() -> None:
    drawing = plots.plot_spared({"MLP, layer 1": [0.1], "CNN, maps": [0.0]})
    for one in (drawing, drawing.narrow):
        drawn = [to_hex(marks.get_edgecolor()[0]).upper() for marks in one.axes[0].collections]
        assert drawn == [plots.FULLY_CONNECTED.color, plots.CONVOLUTIONAL.color]
