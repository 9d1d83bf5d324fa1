"""The digits that the package draws: always the same, like handwriting, and whole files or none."""

import ast
import hashlib
import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.datasets import MNIST

from mnistlab import (
    TASK_7,
    TASK_8,
    _layout,
    data_loaders,
    evaluate,
    record,
    sources,
    strokes,
    train,
)
from mnistlab._skeletons import SKELETONS

Images = np.ndarray
NAMES = {
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
}

SMALL = {
    "train-images-idx3-ubyte": "578823f95423b7bfe496a514d630352b2777974f505dce5d07f3544af8af3ad1",
    "train-labels-idx1-ubyte": "7ecb1a9a7056493888efa9218c16560164c1529138e2740bf2213cf0f25da02a",
    "t10k-images-idx3-ubyte": "84d28fcb251f1578bda418588080da2cb1dacd45ca2ea1aa548d71539d7e5355",
    "t10k-labels-idx1-ubyte": "ed90cece99165577f17388f105842554c40792af05863e8eb82bd2fa134c1db5",
}
"""SHA-256 digests of ``write(folder, train=300, test=100)``."""

FULL = {
    "train-images-idx3-ubyte": "f5f7e025dd3e7c0ff132b901488d4b5deb8bec58ebfcea79757e3ca8cf63cc93",
    "train-labels-idx1-ubyte": "fd814c1b79611edeade3be2b284869b35fe52ea9bafc0e6983fe67801cc602ee",
    "t10k-images-idx3-ubyte": "606dec669233b4e741f354670741025dff529c80873ed1c24d5c43728889073d",
    "t10k-labels-idx1-ubyte": "5bc7bcf848c9498a34ba0ba814ce5eac4d6fbc1b2a4f4d08b586e3e519d2b201",
}
"""SHA-256 digests of ``write(folder)``."""

SEED = 11  # of the images that most tests look at
LABELS = np.arange(6000) % 10


@pytest.fixture(scope="session")
def images() -> Images:
    """600 images of each class."""
    return strokes.draw(LABELS, SEED)


def digest(array: np.ndarray) -> str:
    return hashlib.sha256(array.tobytes()).hexdigest()


def raw(root: Path) -> Path:
    return root / "MNIST" / "raw"


def listed(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# --- the same, always


def test_the_same_seed_gives_the_same_images() -> None:
    assert digest(strokes.draw(LABELS[:500], 3)) == digest(strokes.draw(LABELS[:500], 3))


def test_the_number_of_threads_does_not_matter(
    images: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    for threads in (1, 7):
        monkeypatch.setattr(strokes, "_threads", lambda threads=threads: threads)
        some = strokes.draw(LABELS[: 8 * strokes.CHUNK], SEED)
        assert digest(some) == digest(images[: 8 * strokes.CHUNK])


def test_an_image_depends_on_its_own_label_and_place_only(images: Images) -> None:
    some = strokes.draw(LABELS[: strokes.CHUNK + 5], SEED)
    np.testing.assert_array_equal(some, images[: strokes.CHUNK + 5])
    changed = LABELS[: strokes.CHUNK].copy()
    changed[7] = 3
    different = (strokes.draw(changed, SEED) != images[: strokes.CHUNK]).any(axis=(1, 2))
    assert np.flatnonzero(different).tolist() == [7]


def test_seeds_and_parts_give_different_images(images: Images) -> None:
    seen = {image.tobytes() for image in images}
    assert len(seen) == len(images)
    for other in (
        strokes.draw(LABELS[:2000], SEED + 1),
        strokes.draw(LABELS[:2000], SEED, test=True),
        strokes.draw(LABELS[:2000], SEED + 2**32),
    ):
        assert not seen & {image.tobytes() for image in other}


def test_the_bytes_are_the_pinned_ones(tmp_path: Path) -> None:
    assert strokes.write(tmp_path, train=300, test=100, progress=False) == SMALL


@pytest.mark.slow
def test_the_bytes_of_all_images_are_the_pinned_ones(tmp_path: Path) -> None:
    assert strokes.write(tmp_path, progress=False) == FULL
    content = [(tmp_path / name).read_bytes()[16:] for name in sorted(NAMES) if "images" in name]
    shown = [block[i : i + 784] for block in content for i in range(0, len(block), 784)]
    assert len(shown) == len(set(shown)) == 70_000


@pytest.mark.slow
def test_the_bytes_do_not_depend_on_the_processor(images: Images) -> None:
    """Without the processor's vector instructions, other code of NumPy's computes the images."""
    code = (
        "import hashlib, numpy as np\n"
        "from mnistlab import strokes\n"
        f"images = strokes.draw(np.arange(600) % 10, {SEED})\n"
        "print(hashlib.sha256(images.tobytes()).hexdigest())\n"
    )
    simple = {**os.environ, "NPY_DISABLE_CPU_FEATURES": " ".join(_vector_instructions())}
    done = subprocess.run([sys.executable, "-c", code], env=simple, capture_output=True, text=True)
    assert done.stdout.strip() == digest(images[:600]), done.stderr


def _vector_instructions() -> list[str]:
    try:
        from numpy._core import _multiarray_umath as umath
    except ImportError:  # NumPy 1
        from numpy.core import _multiarray_umath as umath
    return [name for name in umath.__cpu_dispatch__ if umath.__cpu_features__[name]]


EXACT = {
    "NDArray", "SeedSequence", "PCG64", "random", "random_raw",  # types, and random bits
    "arange", "array", "asarray", "empty", "full_like", "ones", "pad", "stack", "zeros",
    "float32", "float64", "floating", "int64", "integer", "intp", "uint8", "uint64",
    "argsort", "clip", "maximum", "sqrt", "accumulate", "add",
}  # fmt: skip
"""What the module may ask of NumPy: nothing whose last bit, or whose order of adding up, is free."""


def test_nothing_is_computed_that_machines_round_differently() -> None:
    tree = ast.parse(Path(strokes.__file__).read_text(encoding="utf-8"))
    assert _asked_of("np", tree) <= EXACT
    assert _asked_of("math", tree) <= {"sqrt", "fsum", "prod"}
    powers = [n for n in ast.walk(tree) if isinstance(n, ast.BinOp) and isinstance(n.op, ast.Pow)]
    assert [ast.unparse(power.left) for power in powers] == ["2.0"]  # 2.0**-53, which is exact
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.MatMult)]


def _asked_of(module: str, tree: ast.AST) -> set[str]:
    attributes = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute)]
    return {node.attr for node in attributes if ast.unparse(node).startswith(f"{module}.")}


# --- like MNIST


def test_images_are_grey_on_paper(images: Images) -> None:
    assert images.shape == (6000, 28, 28)
    assert images.dtype == np.uint8
    highest = images.max(axis=(1, 2))
    assert highest.min() > 240
    assert (images == 0).mean() > 0.75
    grey = (images > 0) & (images < 255)
    assert 0.3 < grey.sum() / (images > 0).sum() < 0.8  # anti-aliased, and full ink within


def test_images_are_centred_by_mass(images: Images) -> None:
    for axis in (1, 2):
        profile = images.sum(axis=axis, dtype=np.int64)
        centre = profile @ np.arange(28) / profile.sum(axis=1)
        assert abs(centre - 14).max() <= 0.5
        assert abs(centre.mean() - 14) < 0.05


def test_the_ink_fills_the_box_and_keeps_off_the_border(images: Images) -> None:
    inked = images > 0
    height, width = inked.any(axis=2).sum(axis=1), inked.any(axis=1).sum(axis=1)
    longer = np.maximum(height, width)
    assert longer.min() >= 18
    assert longer.max() <= strokes.BOX + 1
    border = inked[:, [0, -1]].any(axis=(1, 2)) | inked[:, :, [0, -1]].any(axis=(1, 2))
    assert border.mean() < 0.04


def test_no_two_hands_write_alike(images: Images) -> None:
    """Slant, width, ink and size of the pen vary within each class."""
    for digit in range(10):
        of_class = _measures(images[digit == LABELS])
        spread = {name: values.std() for name, values in of_class.items()}
        assert spread["slant"] > 0.15, digit
        assert spread["width"] > 0.5, digit
        assert spread["pen"] > 0.4, digit
        assert spread["ink"] > 12, digit


def _measures(images: Images) -> dict[str, np.ndarray]:
    """Statistics of each image: ink in full pixels, pen and width in pixels, slant as a ratio."""
    ink = images / 255
    mass = ink.sum(axis=(1, 2))
    places = np.arange(28)
    x = places - (ink.sum(axis=1) @ places / mass)[:, None]
    y = places - (ink.sum(axis=2) @ places / mass)[:, None]
    xx = (ink.sum(axis=1) * x * x).sum(axis=1) / mass
    yy = (ink.sum(axis=2) * y * y).sum(axis=1) / mass
    xy = np.einsum("nyx,ny,nx->n", ink, y, x) / mass
    right, down = np.diff(ink, axis=2, append=0), np.diff(ink, axis=1, append=0)
    outline = np.sqrt(right**2 + down**2).sum(axis=(1, 2))
    return {
        "ink": mass,
        "pen": 2 * mass / outline,
        "width": np.sqrt(xx),
        "height": np.sqrt(yy),
        "slant": -xy / yy,
    }


# --- the skeletons


def test_skeletons_are_well_formed() -> None:
    assert list(SKELETONS) == list(range(10))
    for digit, ways in SKELETONS.items():
        assert len(ways) >= 2, digit
        assert math.isclose(math.fsum(share for share, _ in ways.values()), 1), digit
        for name, (_, hands) in ways.items():
            shapes = {tuple(len(stroke.split()) for stroke in hand.split("/")) for hand in hands}
            assert len(shapes) == 1, (digit, name)
            assert min(min(shapes)) >= 3, (digit, name)
            corners = {_corners(hand) for hand in hands}
            assert len(corners) == 1, (digit, name)
    for skeleton in strokes.ALPHABET:
        assert abs(skeleton.hands).max() < 0.6, skeleton.name


def _corners(hand: str) -> tuple[int, ...]:
    points = hand.replace("/", "").split()
    return tuple(i for i in range(1, len(points)) if points[i] == points[i - 1])


def test_every_skeleton_is_used_as_often_as_its_share_says() -> None:
    labels = np.arange(20_000) % 10
    which = strokes._choose(labels, strokes.Dice(1, 0, 0, len(labels)))
    for k, skeleton in enumerate(strokes.ALPHABET):
        count = (which == k).sum()
        expected = 2000 * skeleton.share
        assert abs(count - expected) < 4 * math.sqrt(expected), skeleton
        assert (labels[which == k] == skeleton.digit).all()


def test_every_hand_is_the_main_one_of_some_digits() -> None:
    for k, skeleton in enumerate(strokes.ALPHABET):
        which = np.full(400, k)
        points = strokes._mix(which, strokes.Dice(2, 0, k, 400))[:, : skeleton.hands.shape[1]]
        apart = abs(points[:, None] - skeleton.hands).max(axis=(2, 3))
        assert set(apart.argmin(axis=1)) == set(range(len(skeleton.hands)))
        assert points.min() >= skeleton.hands.min() - 1e-9  # between the hands, not beyond
        assert points.max() <= skeleton.hands.max() + 1e-9


def test_the_pen_goes_along_every_stroke() -> None:
    """Places lie on all strokes, in order, and none is far from the next."""
    for k, skeleton in enumerate(strokes.ALPHABET):
        around, t = strokes.TABLES.around[k], strokes.TABLES.t[k]
        assert ((t >= 0) & (t <= 1)).all()
        careful = np.stack(strokes.spline(t, np.zeros(1)))
        path = (careful[:, :, None] * skeleton.hands[0][around.T]).sum(axis=0)
        for stroke in skeleton.strokes:
            on = np.isin(around[:, 1], stroke)
            assert on.sum() >= 8, skeleton
            ends = skeleton.hands[0][[stroke[0], stroke[-1]]]
            np.testing.assert_allclose(path[on][[0, -1]], ends, atol=1e-12)
            assert abs(np.diff(path[on], axis=0)).max() < 0.1, skeleton


# --- the steps from a skeleton to pixels


def test_a_spline_is_a_weighted_mean_that_begins_and_ends_where_it_should() -> None:
    t = np.linspace(0, 1, 11)
    for haste in (0.0, 0.5, 1.0):
        weights = np.stack(strokes.spline(t, np.array(haste)))
        np.testing.assert_allclose(weights.sum(axis=0), 1, atol=1e-15)
        np.testing.assert_allclose(weights, weights[::-1, ::-1], atol=1e-15)  # either way round
        positions = np.arange(-1, 3) @ weights  # straight and even, if the points are
        np.testing.assert_allclose(positions, t, atol=1e-15)
    ends = np.array([0.0, 1.0])
    careful = np.stack(strokes.spline(ends, np.array(0.0))).T
    np.testing.assert_array_equal(careful, [[0, 1, 0, 0], [0, 0, 1, 0]])
    hasty = np.stack(strokes.spline(ends, np.array(1.0))).T
    np.testing.assert_allclose(hasty, np.array([[1, 4, 1, 0], [0, 1, 4, 1]]) / 6, atol=1e-15)


class Loaded:
    """Dice that always show the same numbers."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = numbers

    def bells(self, count: int) -> list[np.ndarray]:
        assert count == len(self.numbers)
        return [np.array([[number]]) for number in self.numbers]


def test_lean_turns_without_distortion() -> None:
    x, y = np.array([[0.3, 0.0]]), np.array([[0.0, 0.4]])
    plain = strokes.lean(x, y, Loaded((1 - 1.07) / 0.18, -0.1 / 0.24, 0))
    np.testing.assert_allclose(plain, [x, y], atol=1e-15)
    turned = strokes.lean(x, y, Loaded((1 - 1.07) / 0.18, -0.1 / 0.24, 20 * math.tan(math.pi / 12)))
    cosine, sine = math.cos(math.pi / 6), math.sin(math.pi / 6)
    expected = [cosine * x - sine * y, sine * x + cosine * y]
    np.testing.assert_allclose(turned, expected, atol=1e-15)


def test_a_slant_moves_the_top_to_the_right() -> None:
    x, y = np.zeros((1, 2)), np.array([[-0.5, 0.5]])
    moved, _ = strokes.lean(x, y, Loaded(0, 1, 0))
    assert moved[0, 0] > 0 > moved[0, 1]


def test_bend_without_chance_changes_nothing() -> None:
    x, y = np.array([[0.3, 0.1]]), np.array([[-0.2, 0.4]])
    np.testing.assert_array_equal(strokes.bend(x, y, Loaded(*[0.0] * 6)), [x, y])


def test_a_disc_has_the_ink_of_its_area() -> None:
    for radius in (2.0, 5.0):
        place = np.array([[13.3]]), np.array([[14.8]]), np.array([[radius]])
        disc = strokes.ink(*place, np.zeros((1, 28, 28)))[0]
        assert math.isclose(disc.sum(), math.pi * radius**2, rel_tol=0.03)
        y, x = np.mgrid[0:28, 0:28]
        assert math.isclose((disc * x).sum() / disc.sum(), 13.3, abs_tol=0.02)
        assert math.isclose((disc * y).sum() / disc.sum(), 14.8, abs_tol=0.02)
        assert disc.min() == 0
        assert disc.max() == 1


def test_ink_on_ink_is_no_blacker() -> None:
    once = [np.full((1, 1), value) for value in (14.0, 14.0, 1.2)]
    twice = [np.full((1, 2), value) for value in (14.0, 14.0, 1.2)]
    grain = np.zeros((1, 28, 28))
    np.testing.assert_array_equal(strokes.ink(*once, grain), strokes.ink(*twice, grain))


def test_dice_are_fair() -> None:
    dice = strokes.Dice(5, 0, 0, 4000)
    uniform = dice.uniform(-1, 3, 2, 3)
    assert uniform.shape == (4000, 2, 3)
    assert -1 <= uniform.min() < -0.99
    assert 2.99 < uniform.max() < 3
    bell = dice.bell(10)
    assert abs(bell.mean()) < 0.02
    assert abs(bell.std() - 1) < 0.02
    assert abs(bell).max() < 3.5
    columns = np.concatenate([uniform.reshape(4000, 6), bell], axis=1)
    assert abs(np.corrcoef(columns.T) - np.eye(16)).max() < 0.08  # no number is thrown twice
    with pytest.raises(ValueError, match="a digit needs more than"):
        dice.uniform(0, 1, strokes.Dice.WIDTH)


# --- arguments


@pytest.fixture
def no_work(monkeypatch: pytest.MonkeyPatch) -> None:
    def work(*arguments: object) -> None:
        raise AssertionError("work began before the arguments were checked")

    monkeypatch.setattr(strokes, "_draw", work)
    monkeypatch.setattr(strokes, "_labels", work)


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("labels", "seed", "error", "says"),
    [
        ([3, 10], 0, ValueError, "labels has 10; expected classes from 0 to 9"),
        ([3, -1], 0, ValueError, "labels has -1; expected classes from 0 to 9"),
        ([3.0], 0, TypeError, r"labels is \[3.0\]; expected a list of whole numbers, such as"),
        (3, 0, TypeError, "labels is 3; expected a list of whole numbers"),
        ("314", 0, TypeError, "labels is '314'; expected a list of whole numbers"),
        ([True], 0, TypeError, "expected a list of whole numbers"),
        ([[1, 2]], 0, TypeError, "expected a list of whole numbers"),
        ([3], -1, ValueError, "seed is -1; expected at least 0"),
        ([3], 2**63, ValueError, r"seed is 9223372036854775808; expected at most 2\*\*63 - 1"),
        ([3], 1.0, TypeError, "seed is 1.0; expected a whole number"),
    ],
)
def test_draw_refuses(labels: Any, seed: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        strokes.draw(labels, seed)


def test_draw_takes_any_sequence_of_whole_numbers() -> None:
    expected = strokes.draw([3, 1, 4], 0)
    for labels in ((3, 1, 4), np.array([3, 1, 4], dtype=np.uint8), torch.tensor([3, 1, 4])):
        np.testing.assert_array_equal(strokes.draw(labels, 0), expected)
    assert strokes.draw([], 0).shape == (0, 28, 28)


@pytest.mark.usefixtures("no_work")
@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"train": 0}, ValueError, "train is 0; expected at least 1"),
        ({"test": -5}, ValueError, "test is -5; expected at least 1"),
        ({"test": 1e4}, TypeError, "test is 10000.0; expected a whole number"),
        ({"seed": -1}, ValueError, "seed is -1; expected at least 0"),
        ({"seed": None}, TypeError, "seed is None; expected a whole number"),
    ],
)
def test_write_refuses(
    tmp_path: Path, options: dict[str, Any], error: type[Exception], says: str
) -> None:
    folder = tmp_path / "raw"
    with pytest.raises(error, match=says):
        strokes.write(folder, **options)
    assert not folder.exists()


@pytest.mark.usefixtures("no_work")
def test_write_wants_a_folder(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="folder is None; expected the path of a folder"):
        strokes.write(None)  # type: ignore[arg-type]
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(NotADirectoryError, match="which is a file; expected a folder"):
        strokes.write(file)


# --- the files


@pytest.fixture(scope="session")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """The folder above ``MNIST/raw`` with 300 and 100 images, and their digests."""
    root = tmp_path_factory.mktemp("drawn") / "with a space and é"
    return root, strokes.write(raw(root), train=300, test=100, seed=4, progress=False)


def test_torchvision_reads_the_files(written: tuple[Path, dict[str, str]]) -> None:
    root, digests = written
    assert set(listed(raw(root))) == set(digests) == NAMES
    for name, expected in digests.items():
        assert hashlib.sha256((raw(root) / name).read_bytes()).hexdigest() == expected
    for test, count in ((False, 300), (True, 100)):
        read = MNIST(root, train=not test)
        assert read.data.shape == (count, 28, 28)
        drawn = strokes.draw(read.targets, 4, test=test)
        np.testing.assert_array_equal(read.data.numpy(), drawn)


def test_classes_are_as_many_in_random_order(written: tuple[Path, dict[str, str]]) -> None:
    root, _ = written
    for train_set, each in ((True, 30), (False, 10)):
        labels = MNIST(root, train=train_set).targets
        assert labels.bincount().tolist() == [each] * 10
        assert not torch.equal(labels, torch.arange(len(labels)) % 10)
        repeated = (labels[1:] == labels[:-1]).double().mean().item()
        assert 0.03 < repeated < 0.2  # 0.1 by chance
    assert np.bincount(strokes._labels(57, 1, 0)).tolist() == [6] * 7 + [5] * 3


def test_training_and_test_set_share_no_image(written: tuple[Path, dict[str, str]]) -> None:
    root, _ = written
    shown = [image.numpy().tobytes() for t in (True, False) for image in MNIST(root, train=t).data]
    assert len(set(shown)) == 400


def test_older_files_are_replaced(tmp_path: Path) -> None:
    first = strokes.write(tmp_path, train=20, test=10, seed=1, progress=False)
    second = strokes.write(tmp_path, train=20, test=10, seed=2, progress=False)
    assert not set(first.values()) & set(second.values())
    for name, expected in second.items():
        assert hashlib.sha256((tmp_path / name).read_bytes()).hexdigest() == expected


def _fail_at(count: int, error: type[BaseException], usual: Callable[..., Any]) -> Any:
    """A function that works as usual until it is called for the ``count``-th time."""
    calls = iter(range(1, count))

    def function(*arguments: Any) -> Any:
        if next(calls, None) is None:
            raise error("planted")
        return usual(*arguments)

    return function


@pytest.mark.parametrize("error", [OSError, KeyboardInterrupt])
@pytest.mark.parametrize(
    ("place", "count"), [("os.fsync", 1), ("os.fsync", 3), ("ink", 1), ("ink", 4), ("idx", 3)]
)
def test_a_failure_in_the_middle_leaves_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    place: str,
    count: int,
    error: type[BaseException],
) -> None:
    older = strokes.write(tmp_path, train=20, test=10, progress=False)
    owner, _, name = place.rpartition(".")
    target = getattr(strokes, owner) if owner else strokes
    monkeypatch.setattr(target, name, _fail_at(count, error, getattr(target, name)))
    with pytest.raises(error, match="planted"):
        strokes.write(tmp_path, train=600, test=300, seed=5, progress=False)
    with pytest.raises(error, match="planted"):
        strokes.write(tmp_path / "new", train=600, test=300, seed=5, progress=False)
    assert set(listed(tmp_path)) - {"new"} == NAMES
    assert not (tmp_path / "new").exists() or listed(tmp_path / "new") == []
    for kept, expected in older.items():  # and what was there is as it was
        assert hashlib.sha256((tmp_path / kept).read_bytes()).hexdigest() == expected


WRITE = "from mnistlab import strokes; strokes.write({folder!r}, train=20_000, test=2_000)"


@pytest.fixture
def writing(tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[str]]]:
    """Starts processes that write 22 000 images, each as soon as it is at work.

    They heed Ctrl-C even where the tests run in the background, where shells have it ignored.
    """
    processes = []

    def start() -> subprocess.Popen[str]:
        heed = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler);"
        code = f"{heed} print('at work', flush=True);" + WRITE.format(folder=str(tmp_path / "raw"))
        process = subprocess.Popen(
            [sys.executable, "-c", "import mnistlab.strokes;" + code],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        assert process.stdout is not None
        process.stdout.readline()
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="no such signals on Windows")
def test_an_interrupted_process_leaves_nothing(
    tmp_path: Path, writing: Callable[[], subprocess.Popen[str]]
) -> None:
    process = writing()
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors
    folder = tmp_path / "raw"
    assert not folder.exists() or listed(folder) == []


@pytest.mark.slow
def test_a_killed_process_leaves_no_partial_file(
    tmp_path: Path, writing: Callable[[], subprocess.Popen[str]]
) -> None:
    """Killed when its files begin to appear, and at later and later moments from then on."""
    folder = tmp_path / "raw"
    expected = strokes.write(tmp_path / "whole", train=20_000, test=2_000, progress=False)
    for delay in (0, 0.01, 0.03):
        process = writing()
        while process.poll() is None and not list(folder.glob("drawing-*")):
            time.sleep(0.001)
        time.sleep(delay)
        process.kill()
        process.wait()
        for name in NAMES & set(listed(folder)):
            content = (folder / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() == expected[name]
            (folder / name).unlink()
        for left in folder.glob("drawing-*"):
            for part in left.iterdir():
                part.unlink()
            left.rmdir()


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="root may write anywhere")
def test_a_folder_that_can_not_be_written(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(PermissionError):
        strokes.write(tmp_path, train=20, test=10, progress=False)
    assert listed(tmp_path) == []


def test_progress_is_for_terminals(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    strokes.write(tmp_path, train=20, test=10)
    captured = capsys.readouterr()
    assert captured.out == captured.err == ""


# --- worth training on, beside the real ones


def _recognised(network: nn.Module, images: Images, labels: np.ndarray) -> list[float]:
    """Fraction of each class that a network recognizes."""
    with torch.no_grad():
        logits = [network(part) for part in _inputs(images).split(1000)]
    right = torch.cat(logits).argmax(dim=1).numpy() == labels
    return [right[labels == digit].mean().item() for digit in range(10)]


def _inputs(images: Images) -> torch.Tensor:
    return torch.from_numpy(images).unsqueeze(1) / 255


@pytest.mark.mnist
def test_the_mean_real_digits_recognise_most_of_them(mnist_root: Path, images: Images) -> None:
    """The nearest of MNIST's ten mean images: right for 82 % of MNIST itself."""
    real = MNIST(mnist_root, train=True)
    means = torch.stack([real.data[real.targets == k].double().mean(dim=0) for k in range(10)])
    distances = torch.cdist(torch.from_numpy(images).double().flatten(1), means.flatten(1))
    right = distances.argmin(dim=1).numpy() == LABELS
    assert right.mean() > 0.7
    assert min(right[digit == LABELS].mean() for digit in range(10)) > 0.5


@pytest.mark.mnist
def test_statistics_are_like_those_of_the_real_ones(mnist_root: Path, images: Images) -> None:
    real = MNIST(mnist_root, train=False)
    tolerance = {"ink": 15, "pen": 0.4, "width": 0.5, "height": 0.7, "slant": 0.2}
    for digit in range(10):
        ours = _measures(images[digit == LABELS])
        theirs = _measures(real.data[real.targets == digit].numpy())
        for name, allowed in tolerance.items():
            assert abs(ours[name].mean() - theirs[name].mean()) < allowed, (digit, name)
            ratio = ours[name].std() / theirs[name].std()
            assert 0.6 < ratio < 1.6, (digit, name)


def test_a_network_trained_on_mnist_recognises_them(images: Images) -> None:
    network = record.network(TASK_8, epoch=10).eval()
    recognised = _recognised(network, images[:2000], LABELS[:2000])
    assert sum(recognised) / 10 >= 0.85, recognised
    assert min(recognised) >= 0.7, recognised


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_filtering_beats_flattening_on_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After 36 000 images at η = 0.01; neither has nothing left to learn."""
    digests = strokes.write(raw(tmp_path), train=12_000, test=3_000, progress=False)
    monkeypatch.setattr(sources, "FILES", digests)
    accuracy = {}
    for specification in (TASK_7, TASK_8):
        network = specification.build()
        loaders = data_loaders(root=tmp_path, seed=0)
        fast = _layout.fast(network, torch.device("cpu"))
        train(fast, 3, specification.learning_rate, loaders, device="cpu", progress=False)
        accuracy[specification.network] = evaluate(network, loaders[1])[1]
    assert 0.75 < accuracy["fully_connected"] < 0.95
    assert accuracy["fully_connected"] + 0.02 < accuracy["convolutional"] < 0.995
