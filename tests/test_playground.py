"""From a drawing to an image, and from a run to the page's script."""

import base64
import json
import math
from collections.abc import Iterator

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn

from mnistlab import TASK_7, TASK_8, playground, record, runs, strokes
from mnistlab.experiments.shuffles import rearranged
from mnistlab.playground import packing, pen

LINE = [[(10.0, 5.0), (10.0, 20.0)]]


def drawings(size: float = 18.0) -> Iterator[tuple[int, list]]:
    """The strokes of the stand-ins, of every hand that writes them: class and drawing."""
    for skeleton in strokes.ALPHABET:
        for hand in skeleton.hands:
            points = hand * size + pen.MIDDLE
            yield (
                skeleton.digit,
                [[tuple(map(float, points[i])) for i in stroke] for stroke in skeleton.strokes],
            )


# ----- ink by area


def test_a_pixel_is_as_dark_as_its_part_of_the_ink() -> None:
    image = pen.as_drawn([[(2.0, 14.0), (26.0, 14.0)]]).astype(float) / 255
    # RADIUS 1.4 above and below y = 14: rows 13 and 14 are full, 12 and 15 to two fifths.
    column = image[:, 10]
    assert column[13:15].tolist() == [1.0, 1.0]
    assert column[12] == column[15] == pytest.approx(0.4, abs=1 / 16)
    assert column.sum() == pytest.approx(2 * pen.RADIUS, abs=1 / 8)


def test_a_dot_has_the_area_of_the_pens_disc() -> None:
    image = pen.as_drawn([[(9.3, 17.8)]])
    assert image.sum() / 255 == pytest.approx(math.pi * pen.RADIUS**2, rel=0.03)


def test_what_is_drawn_twice_is_as_what_is_drawn_once() -> None:
    assert (pen.as_drawn(LINE) == pen.as_drawn(LINE + LINE)).all()


def test_ink_beyond_the_edge_is_cut_off() -> None:
    assert pen.as_drawn([[(-90.0, 3.0), (90.0, 3.0)]])[:, 27].sum() > 0
    assert pen.as_drawn([[(-90.0, -90.0)]]).sum() == 0


# ----- the recipe


def box(image: np.ndarray) -> tuple[int, int]:
    """Height and width of the ink."""
    return tuple(int(np.ptp(np.flatnonzero(image.any(axis=axis)))) + 1 for axis in (1, 0))


def recipe_faults(image: np.ndarray) -> list[str]:
    """What keeps an image from being one of MNIST's."""
    found = []
    if max(box(image)) != pen.BOX:
        found.append(f"the longest side is {max(box(image))}")
    if pen.centre_of_mass(image) != (pen.MIDDLE, pen.MIDDLE):
        found.append(f"the centre of mass is {pen.centre_of_mass(image)}")
    return found


@pytest.mark.parametrize("size", [4.0, 18.0, 25.0])
def test_the_recipe_gives_images_as_in_mnist(size: float) -> None:
    for digit, drawing in drawings(size):
        assert recipe_faults(pen.as_mnist(drawing)) == [], digit


def test_planted_faults_of_the_recipe_are_found() -> None:
    image = pen.as_mnist(LINE)
    assert recipe_faults(image) == []
    assert recipe_faults(pen.shifted(image, down=1, right=0)) == ["the centre of mass is (15, 14)"]
    assert "the longest side is" in recipe_faults(pen.as_drawn(LINE))[0]


@pytest.mark.mnist
def test_the_test_images_of_mnist_follow_the_recipe(mnist_root: object) -> None:
    from mnistlab import datasets

    images = datasets(root=mnist_root)[1].data.numpy()
    faults = [fault for image in images for fault in recipe_faults(image)]
    centres = [fault for fault in faults if "centre" in fault]
    assert centres == []
    assert len(faults) < len(images) / 1000


@given(
    st.lists(
        st.lists(st.tuples(st.floats(-30, 60), st.floats(-30, 60)), min_size=1, max_size=4),
        min_size=1,
        max_size=3,
    )
)
def test_any_drawing_becomes_an_image_around_the_middle(drawing: list) -> None:
    image = pen.as_mnist(drawing)
    assert image.dtype == np.uint8
    assert image.shape == (28, 28)
    assert image.any()


def test_an_empty_drawing_is_a_blank_image() -> None:
    assert not pen.as_mnist([]).any()
    assert not pen.as_drawn([]).any()
    assert pen.centre_of_mass(pen.as_drawn([])) == (pen.MIDDLE, pen.MIDDLE)


def test_where_a_drawing_is_and_how_large_does_not_matter_to_the_recipe() -> None:
    # In eighths of a pixel: no sample point lies on the edge of the ink.
    small = [[(1.0, 1.0), (1.0, 6.0), (3.0, 7.0)]]
    there = [[(x + 17.0, y + 9.0) for x, y in stroke] for stroke in small]
    assert (pen.as_mnist(small) == pen.as_mnist(there)).all()


@pytest.mark.parametrize(("down", "right"), [(0, 0), (1, 0), (0, -3), (-28, 5), (40, 40)])
def test_a_shift_moves_every_pixel(down: int, right: int) -> None:
    image = np.arange(784, dtype=np.uint8).reshape(28, 28)
    moved = pen.shifted(image, down=down, right=right)
    for row, column in ((0, 0), (13, 20), (27, 27)):
        inside = 0 <= row - down < 28 and 0 <= column - right < 28
        assert moved[row, column] == (image[row - down, column - right] if inside else 0)


@pytest.mark.parametrize(
    ("drawing", "error"),
    [
        (7, TypeError),
        ([[1, 2]], TypeError),
        ([[]], ValueError),
        ([[(math.nan, 1.0)]], ValueError),
        ([[(1.0, 2.0, 3.0)]], TypeError),
    ],
)
def test_what_is_no_drawing_is_refused(drawing: object, error: type[Exception]) -> None:
    with pytest.raises(error, match=r"drawing .*expected"):
        pen.as_mnist(drawing)


def test_a_scale_of_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="scale is 0"):
        pen.rasterise(LINE, scale=0, left=0, top=0)


def test_both_networks_read_what_the_pen_has_written() -> None:
    """The pen and the recipe make images like those that the networks were trained on."""
    digits, drawn = zip(*drawings(), strict=True)
    images = torch.from_numpy(np.stack([pen.as_mnist(one) for one in drawn]))
    for task in (TASK_7, TASK_8):
        with torch.no_grad():
            logits = record.network(task, 10)(images[:, None] / 255)
        assert (logits.argmax(dim=1) == torch.tensor(digits)).float().mean() > 0.9


# ----- the page's script


def pairs() -> dict[str, list[runs.Run]]:
    """The recorded networks after ten epochs, as runs, and a pair for shuffled pixels.

    Of that pair, the fully-connected network is the recorded one with its weights rearranged, so that
    it answers shuffled images as that one does images; the convolutional one is not trained.
    """
    plain = [
        runs.Run(task, record.histories(task)[0], record.network(task, 10), {})
        for task in (TASK_7, TASK_8)
    ]
    networks = rearranged(plain[0].network, PERMUTATION), runs.SHUFFLED_B.build()
    shuffled = [
        runs.Run(task, one.history, network, {})
        for task, one, network in zip(
            (runs.SHUFFLED_A, runs.SHUFFLED_B), plain, networks, strict=True
        )
    ]
    return {"plain": plain, "shuffled": shuffled}


PERMUTATION = runs.permutation(runs.SHUFFLED_A.permutation)


@pytest.fixture(scope="module")
def finished() -> list[runs.Run]:
    """The runs of both pairs."""
    return [one for pair in pairs().values() for one in pair]


@pytest.fixture
def packed() -> playground.Packed:
    """Those pairs, packed with 240 images of the stand-ins."""
    return playground.pack(pairs(), *images_and_targets(240))


def images_and_targets(count: int) -> tuple[torch.Tensor, torch.Tensor]:
    """Stand-ins."""
    labels = np.arange(count) % 10
    return torch.from_numpy(strokes.draw(labels, 5)), torch.from_numpy(labels)


def numbers(text: str, kind: str) -> np.ndarray:
    """Numbers that stand in base64."""
    return np.frombuffer(base64.b64decode(text), dtype=kind)


def test_the_script_is_json_under_one_name(packed: playground.Packed) -> None:
    text = playground.script(packed)
    _, _, content = text.partition(f"const {packing.NAME} = ")
    read = json.loads(content.rstrip().removesuffix(";"))
    assert read == json.loads(json.dumps({"pairs": packed.pairs, "images": packed.images}))
    assert list(read["pairs"]) == ["plain", "shuffled"]
    for pair in read["pairs"].values():
        for part in ("networks", "accuracies", "logits"):
            assert list(pair[part]) == ["fully_connected", "convolutional"]
    assert len(text) < 1_300_000


def test_the_script_has_the_weights_to_sixteen_bits(
    packed: playground.Packed, finished: list[runs.Run]
) -> None:
    assert len(finished) == 4
    for one in finished:
        pair = packed.pairs["plain" if one.specification.permutation is None else "shuffled"]
        last = pair["networks"][one.specification.network][-1]
        units = numbers(last["unit"], "<f4")[:, None]
        weight = numbers(last["weight"], "<i2").reshape(last["outputs"], last["inputs"]) * units
        assert np.abs(weight - one.network[-1].weight.detach().numpy()).max() < units.max()
        assert (numbers(last["bias"], "<f4") == one.network[-1].bias.detach().numpy()).all()


def test_the_images_are_the_first_and_some_that_both_get_wrong(packed: playground.Packed) -> None:
    images = packed.images
    count = len(images["indices"])
    assert images["indices"][: packing.COMPARED] == list(range(packing.COMPARED))
    assert len(images["targets"]) == count <= packing.COMPARED + packing.MISTAKEN
    assert numbers(images["pixels"], "u1").size == count * 784
    for i in images["wrong"]:
        for logits in packed.pairs["plain"]["logits"].values():
            ten = numbers(logits, "<f4").reshape(count, 10)[i]
            assert ten.argmax() != images["targets"][i]
    assert set(range(packing.COMPARED, count)) <= set(images["wrong"])


def disagreeing(packed: playground.Packed) -> list[int]:
    """The page's images of which the first pair's networks think differently, by their logits."""
    count = len(packed.images["indices"])
    said = [
        numbers(logits, "<f4").reshape(count, 10).argmax(axis=1)
        for logits in packed.pairs["plain"]["logits"].values()
    ]
    return np.flatnonzero(said[0] != said[1]).tolist()


def test_the_page_opens_with_the_first_image_on_which_both_disagree(
    packed: playground.Packed,
) -> None:
    images, targets = images_and_targets(240)
    assert packed.images["example"] == disagreeing(packed)[0]
    agreed = [i for i in range(240) if i not in disagreeing(packed)][:20]
    without = playground.pack(pairs(), images[agreed], targets[agreed])
    assert disagreeing(without) == []
    assert without.images["example"] == 0


def test_the_pair_for_shuffled_pixels_is_packed_with_its_permutation(
    packed: playground.Packed,
) -> None:
    plain, shuffled = packed.pairs["plain"], packed.pairs["shuffled"]
    assert plain["permutation"] is None
    assert list(shuffled["permutation"]) == PERMUTATION.tolist()
    same, other = (
        [numbers(pair["logits"][name], "<f4") for pair in (plain, shuffled)]
        for name in ("fully_connected", "convolutional")
    )
    assert np.abs(same[0] - same[1]).max() < 1e-3, "the rearranged network saw shuffled images"
    assert np.abs(other[0] - other[1]).max() > 1


def test_a_pair_with_two_permutations_is_refused() -> None:
    plain, shuffled = pairs().values()
    with pytest.raises(ValueError, match="saw 2 different permutations; expected one"):
        playground.pack({"both": [plain[0], shuffled[1]]}, *images_and_targets(20))


def test_rounding_moves_no_logit_by_a_thousandth(finished: list[runs.Run]) -> None:
    images, _ = images_and_targets(200)
    for one in finished:
        with torch.no_grad():
            exact = one.network(images[:, None] / 255)
            apart = (playground.rounded(one.network)(images[:, None] / 255) - exact).abs().max()
        assert 0 < apart < 1e-3


@pytest.mark.parametrize(
    "layer",
    [
        nn.ReLU(),
        nn.Linear(4, 2, bias=False),
        nn.MaxPool2d(2, stride=1),
        nn.MaxPool2d(3, padding=1),
        nn.Conv2d(1, 2, 3, stride=2),
        nn.Conv2d(1, 2, (3, 5)),
        nn.Conv2d(1, 2, 3, dilation=2),
        nn.Conv2d(1, 2, 3, padding=1, padding_mode="reflect"),
        nn.Conv2d(1, 2, 3, padding="same"),
    ],
)
def test_a_layer_that_the_page_does_not_have_is_refused(layer: nn.Module) -> None:
    with pytest.raises(TypeError, match="the playground can't compute"):
        packing.layers(nn.Sequential(layer))


def test_weights_that_are_not_finite_are_refused() -> None:
    with pytest.raises(ValueError, match="not finite"):
        playground.in_units(torch.full((2, 3), torch.nan))


def test_weights_that_are_all_zero_stay_zero() -> None:
    whole, unit = playground.in_units(torch.zeros(2, 3))
    assert not (whole * unit[:, None]).any()
