"""Finding, checking and fetching the files; the datasets; the loaders, bit for bit."""

import shutil
import socket
from pathlib import Path

import numpy as np
import PIL.Image
import pytest
import tiny as tiny_data
import torch
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler, SequentialSampler, Subset, random_split
from torchvision import transforms
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from mnistlab import data_loaders, datasets

pytestmark = [
    pytest.mark.usefixtures("offline"),
    # When a server fails, torchvision leaves connections for the garbage collector to close.
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
]

IMAGES = "train-images-idx3-ubyte"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test reaches a real server: the mirrors are a port of this machine where nobody listens."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    monkeypatch.setattr(MNIST, "mirrors", [f"http://127.0.0.1:{port}/"])
    monkeypatch.setenv("no_proxy", "*")


@pytest.fixture
def copied(tiny: Path, tmp_path: Path) -> Path:
    """A copy of the tiny files that a test may damage; not in use."""
    return Path(shutil.copytree(tiny, tmp_path / "copied"))


def epoch(loader: DataLoader) -> list[tuple[Tensor, Tensor]]:
    return [tuple(batch) for batch in loader]


def same(one: list[tuple[Tensor, Tensor]], other: list[tuple[Tensor, Tensor]]) -> bool:
    """Whether two lists of batches are equal: as many, of equal shape and type, bit for bit."""
    return len(one) == len(other) and all(
        a.dtype == b.dtype and torch.equal(a, b)
        for left, right in zip(one, other, strict=True)
        for a, b in zip(left, right, strict=True)
    )


def textbook(root: Path, batch_size: int, *, train: bool, seed: int = 0) -> DataLoader:
    """What `data_loaders` promises to equal."""
    dataset = MNIST(root, train=train, transform=ToTensor())
    generator = torch.Generator().manual_seed(seed)
    return DataLoader(dataset, batch_size, shuffle=train, generator=generator)


# --- the datasets


def check_test_1(train: MNIST, test: MNIST) -> None:
    """Test 1 of the assignment."""
    for dataset in (train, test):
        for index in range(100):
            image, target = dataset[index]
            assert isinstance(image, PIL.Image.Image)
            assert type(target) is int


@pytest.mark.usefixtures("tiny")
def test_test_1_of_the_assignment() -> None:
    train, test = datasets(transform=None)
    assert (len(train), len(test)) == (tiny_data.TRAIN, tiny_data.TEST)
    check_test_1(train, test)


@pytest.mark.mnist
def test_test_1_of_the_assignment_on_mnist() -> None:
    train, test = datasets()
    assert (len(train), len(test)) == (60_000, 10_000)
    check_test_1(train, test)


@pytest.mark.usefixtures("tiny")
def test_data_sets_are_those_of_torchvision_and_read_what_the_files_hold() -> None:
    for dataset, count, seed in zip(datasets(), (300, 100), (1, 2), strict=True):
        assert type(dataset) is MNIST
        images, labels = tiny_data.images_and_labels(count, seed)
        assert np.array_equal(np.stack([np.asarray(image) for image, _ in dataset]), images)
        assert [target for _, target in dataset] == labels.tolist()


@pytest.mark.usefixtures("tiny")
def test_a_transform_is_applied_to_each_image() -> None:
    train, test = datasets(ToTensor())
    for dataset in (train, test):
        image, target = dataset[7]
        assert image.shape == (1, 28, 28)
        assert target == 7


@pytest.mark.usefixtures("tiny")
def test_a_transform_that_is_none_is_named_before_any_work() -> None:
    with pytest.raises(TypeError, match=r"transform is 3; expected .*ToTensor\(\), or None"):
        datasets(3, root="nowhere")


# --- the loaders


def check_test_2(train: DataLoader, test: DataLoader, batch_size: int) -> None:
    """Test 2 of the assignment."""
    train_batches = list(train)
    sizes = [len(inputs) for inputs, _ in train_batches]
    assert set(sizes[:-1]) == {batch_size}
    assert 1 <= sizes[-1] <= batch_size
    assert sum(sizes) == len(train.dataset)
    for inputs, targets in (*train_batches, *test):
        assert isinstance(inputs, Tensor)
        assert isinstance(targets, Tensor)
        assert inputs.dtype == torch.float32
        assert targets.dtype == torch.int64
        assert inputs.shape == (len(targets), 1, 28, 28)
        assert inputs.min() >= 0
        assert inputs.max() <= 1
        assert set(targets.tolist()) <= set(range(10))


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("batch_size", [64, 7, 299])
def test_test_2_of_the_assignment(batch_size: int) -> None:
    check_test_2(*data_loaders(batch_size), batch_size)


@pytest.mark.mnist
def test_test_2_of_the_assignment_on_mnist() -> None:
    train, test = data_loaders()
    check_test_2(train, test, 64)
    assert len(train) == 938
    assert [len(targets) for _, targets in train][-1] == 32


@pytest.mark.parametrize("batch_size", [1, 7, 64, 300, 512])
def test_batches_are_those_of_a_plain_loader_bit_for_bit(tiny: Path, batch_size: int) -> None:
    train, test = data_loaders(batch_size, test_batch_size=33, seed=5)
    plain = textbook(tiny, batch_size, train=True, seed=5)
    plain_test = textbook(tiny, 33, train=False)
    orders = []
    for _ in range(2):
        batches = epoch(train)
        assert same(batches, epoch(plain))
        assert same(epoch(test), epoch(plain_test))  # evaluation, between two epochs
        torch.rand(3)  # ... and anything else that draws random numbers
        orders.append(torch.cat([targets for _, targets in batches]))
    assert not torch.equal(*orders), "each epoch has an order of its own"


def test_the_comparison_of_batches_sees_one_bit_and_one_order(tiny: Path) -> None:
    train, _ = data_loaders(seed=5)
    batches = epoch(train)
    multiplied = [((x * 255).round().mul(1 / 255), t) for x, t in batches]
    assert not same(batches, multiplied), "x / 255 and x * (1 / 255) differ in the last bit"
    assert all(torch.allclose(x, y) for (x, _), (y, _) in zip(batches, multiplied, strict=True))
    assert not same(batches, epoch(textbook(tiny, 64, train=True, seed=6)))
    assert not same(batches, batches[:-1])


@pytest.mark.usefixtures("tiny")
def test_a_generator_shared_by_both_loaders_would_change_the_order() -> None:
    train, test = data_loaders(seed=5)
    shared = [
        DataLoader(one.dataset, 64, shuffle=one is train, generator=torch.Generator())
        for one in (train, test)
    ]
    shared[1].generator = shared[0].generator
    for one in shared:
        one.generator.manual_seed(5)
    first, second = epoch(train), epoch(train)
    assert same(first, epoch(shared[0]))
    epoch(shared[1])  # an evaluation, which draws from the shared generator
    assert not same(second, epoch(shared[0]))


@pytest.mark.mnist
def test_batches_of_mnist_are_those_of_a_plain_loader_bit_for_bit(mnist_root: Path) -> None:
    train, test = data_loaders(test_batch_size=512, seed=0)
    for fast, plain in (
        (train, textbook(mnist_root, 64, train=True)),
        (test, textbook(mnist_root, 512, train=False)),
    ):
        few = [batch for _, batch in zip(range(8), fast, strict=False)]
        assert same(few, [batch for _, batch in zip(range(8), plain, strict=False)])


@pytest.mark.usefixtures("tiny")
def test_loaders_are_genuine_data_loaders() -> None:
    train, test = data_loaders(64, 30)
    for loader, batch_size, sampler in ((train, 64, RandomSampler), (test, 30, SequentialSampler)):
        assert type(loader) is DataLoader
        assert loader.batch_size == batch_size
        assert type(loader.sampler) is sampler
        assert not loader.drop_last
        assert isinstance(loader.dataset, MNIST)
        assert isinstance(loader.dataset.transform, ToTensor)
    assert (len(train), len(test)) == (5, 4)
    assert (len(train.dataset), len(test.dataset)) == (300, 100)
    assert train.generator is not test.generator


@pytest.mark.usefixtures("tiny")
def test_a_seed_fixes_the_order_and_without_one_the_global_generator_does() -> None:
    def order(seed: int | None) -> list[int]:
        train, _ = data_loaders(seed=seed)
        return [round(x.sum().item()) for images, _ in train for x in images]

    assert order(1) == order(1)
    assert order(1) != order(2)
    assert order(None) != order(None)
    torch.manual_seed(0)
    unseeded = order(None)
    torch.manual_seed(0)
    assert unseeded == order(None)


@pytest.mark.usefixtures("tiny")
def test_seeded_loaders_leave_the_global_generator_alone() -> None:
    before = torch.random.get_rng_state()
    for loader in data_loaders(seed=0):
        epoch(loader)
    assert torch.equal(before, torch.random.get_rng_state())


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("part", ["whole", "Subset", "random_split"])
@pytest.mark.parametrize("source", ["datasets", "loader.dataset"])
def test_default_collate_and_parts_of_a_data_set(source: str, part: str) -> None:
    dataset = datasets(ToTensor())[0] if source == "datasets" else data_loaders()[0].dataset
    plain = datasets(ToTensor())[0]
    indices = list(range(300))
    if part == "Subset":
        indices = [299, 3, 3, -150, 7]
        dataset = Subset(dataset, indices)
    if part == "random_split":
        dataset, _ = random_split(dataset, [250, 50], torch.Generator().manual_seed(0))
        indices = list(dataset.indices)
    batches = epoch(DataLoader(dataset, batch_size=64))
    expected = epoch(DataLoader([plain[index] for index in indices], batch_size=64))
    assert same(batches, expected)


@pytest.mark.usefixtures("tiny")
def test_items_of_a_loaders_data_set_are_ordinary_items() -> None:
    fast, plain = data_loaders()[0].dataset, datasets(ToTensor())[0]
    for index in (0, 299, -1):
        (image, target), (expected, expected_target) = fast[index], plain[index]
        assert torch.equal(image, expected)
        assert (type(target), target) == (int, expected_target)


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("changed", ["transform", "target_transform"])
def test_a_changed_transform_is_respected(changed: str) -> None:
    loader = data_loaders()[1]
    shifted = {
        "transform": transforms.Compose([ToTensor(), lambda image: image - 0.5]),
        "target_transform": lambda target: 9 - target,
    }
    setattr(loader.dataset, changed, shifted[changed])
    [(images, targets)] = epoch(loader)
    plain = datasets(ToTensor())[1]
    assert images[3].equal(plain[3][0] - 0.5 if changed == "transform" else plain[3][0])
    assert targets[3].item() == (6 if changed == "target_transform" else 3)


def test_batches_follow_the_default_type_as_to_tensor_does(tiny: Path) -> None:
    torch.set_default_dtype(torch.float64)
    try:
        batches = epoch(data_loaders()[1])
        assert batches[0][0].dtype == torch.float64
        assert same(batches, epoch(textbook(tiny, 1000, train=False)))
    finally:
        torch.set_default_dtype(torch.float32)


@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        ({"batch_size": 0}, ValueError, "batch_size is 0; expected at least 1"),
        ({"batch_size": -64}, ValueError, "batch_size is -64; expected at least 1"),
        ({"batch_size": 64.0}, TypeError, "batch_size is 64.0; expected a whole number"),
        ({"batch_size": True}, TypeError, "batch_size is True; expected a whole number"),
        ({"batch_size": "64"}, TypeError, "batch_size is '64'; expected a whole number"),
        ({"batch_size": np.int64(64)}, TypeError, "batch_size is .*64.*; expected a whole number"),
        ({"test_batch_size": None}, TypeError, "test_batch_size is None; expected a whole number"),
        ({"seed": -1}, ValueError, "seed is -1; expected at least 0"),
        ({"seed": 2**64}, ValueError, r"seed is 1844\d+; expected at most 2\*\*63 - 1"),
        ({"seed": 0.5}, TypeError, "seed is 0.5; expected a whole number"),
    ],
    ids=str,
)
def test_bad_arguments_are_named_before_any_work(
    bad: dict[str, object], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        data_loaders(**bad, root="nowhere")
