"""Finding, checking and fetching the files; the data sets; the loaders, bit for bit."""

import gc
import gzip
import hashlib
import http.server
import os
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import PIL.Image
import platformdirs
import pytest
import tiny as tiny_data
import torch
from torch import Tensor
from torch.utils.data import DataLoader, RandomSampler, SequentialSampler, Subset, random_split
from torchvision import transforms
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

from mnistlab import DataError, data, data_loaders, datasets

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


# --- the data sets


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


# --- where the files are


def test_home_is_the_named_folder_else_the_users_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTLAB_HOME", "/some/where")
    assert data.home() == Path("/some/where")
    monkeypatch.setenv("MNISTLAB_HOME", "~/lab")
    assert data.home() == Path.home() / "lab"
    for unset in ("", None):
        monkeypatch.delenv("MNISTLAB_HOME")
        if unset is not None:
            monkeypatch.setenv("MNISTLAB_HOME", unset)
        assert data.home() == platformdirs.user_cache_path("mnistlab")
        monkeypatch.setenv("MNISTLAB_HOME", "")


def test_order_argument_then_environment_then_home(
    copied: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    named = shutil.copytree(copied, tmp_path / "named")
    shutil.copytree(copied, own_home)
    monkeypatch.setenv("MNISTLAB_DATA", str(named))
    assert data.locate(copied) == data.locate(str(copied)) == copied
    assert data.locate() == named
    monkeypatch.delenv("MNISTLAB_DATA")
    assert data.locate() == own_home
    monkeypatch.setenv("MNISTLAB_DATA", "")
    assert data.locate() == own_home


def test_tilde_stands_for_the_users_folder(
    copied: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("MNISTLAB_DATA", "~/copied")
    assert data.locate() == copied


def check_three_ways_out(message: str, own_home: Path) -> None:
    assert "set MNISTLAB_DATA to a folder that has the four unpacked files in MNIST/raw" in message
    assert "run: python -m mnistlab data" in message
    assert f"copy MNIST/raw from another machine into {own_home}" in message


@pytest.mark.parametrize("how", ["argument", "environment"])
def test_what_is_named_must_be_there_and_nothing_takes_its_place(
    how: str, copied: Path, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(copied, own_home)
    (data.raw_folder(copied) / IMAGES).unlink()
    if how == "environment":
        monkeypatch.setenv("MNISTLAB_DATA", str(copied))
    with pytest.raises(DataError) as caught:
        data.locate(copied if how == "argument" else None)
    assert f"{data.raw_folder(copied)} lacks {IMAGES}; expected the four" in str(caught.value)
    check_three_ways_out(str(caught.value), own_home)


def test_a_folder_without_any_file_names_all_four(tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        data.locate(tmp_path / "nothing here")
    for name in data.FILES:
        assert name in str(caught.value)


@pytest.mark.parametrize("damage", ["one bit", "truncated", "empty"])
def test_a_damaged_file_is_named(damage: str, copied: Path, own_home: Path) -> None:
    path = data.raw_folder(copied) / IMAGES
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes({"one bit": content, "truncated": content[:5000], "empty": b""}[damage])
    for use in (data.locate, data.digests, datasets, data_loaders):
        with pytest.raises(DataError) as caught:
            use(root=copied)
        assert str(path) in str(caught.value)
        assert f"digest is {tiny_data.digest(path.read_bytes())}, expected " in str(caught.value)
        assert "delete it" in str(caught.value)
    check_three_ways_out(str(caught.value), own_home)


def test_damage_is_noticed_after_the_files_were_once_accepted(copied: Path) -> None:
    data.locate(copied)
    path = data.raw_folder(copied) / IMAGES
    content = bytearray(path.read_bytes())
    content[5000] ^= 1
    path.write_bytes(content)
    os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))  # a clock may be coarse
    with pytest.raises(DataError, match="damaged"):
        data.locate(copied)


def test_a_file_that_cannot_be_read_is_one_clear_error(
    copied: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise PermissionError(13, "Permission denied", IMAGES)

    monkeypatch.setattr(Path, "open", refuse)  # a mode would not stop the administrator
    data._digest_of.cache_clear()
    with pytest.raises(DataError, match=r"can't be read: .*Permission denied(.|\n)*Three ways out"):
        data.locate(copied)


def test_digests_are_those_of_the_files(tiny: Path) -> None:
    assert data.digests() == data.digests(tiny) == data.FILES
    for name, digest in data.digests().items():
        content = (tiny / "MNIST" / "raw" / name).read_bytes()
        assert digest == hashlib.sha256(content).hexdigest()


@pytest.mark.mnist
def test_the_published_files_are_accepted(mnist_root: Path) -> None:
    assert data.digests(mnist_root) == data.FILES
    train, test = datasets(root=mnist_root)
    assert torch.bincount(train.targets).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949,
    ]  # fmt: skip
    assert train.data.float().mean().item() / 255 == pytest.approx(0.1307, abs=5e-5)
    assert len(test) == 10_000


# --- fetching, from a server of this machine


class Server(http.server.ThreadingHTTPServer):
    """Serves the packed files; counts what it is asked for."""

    daemon_threads = True

    def __init__(self, files: dict[str, bytes], silent: threading.Event | None = None) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.files, self.silent = files, silent
        self.asked: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/"


class Answer(http.server.BaseHTTPRequestHandler):
    server: Server

    def do_GET(self) -> None:
        name = self.path.strip("/")
        self.server.asked.append(name)
        if self.server.silent:
            self.server.silent.wait(10)
            return
        if name not in self.server.files:
            self.send_error(404)
            return
        content = self.server.files[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments: object) -> None:
        pass


@pytest.fixture
def packed(
    tiny_files: tuple[Path, dict[str, str]],
    tiny_published: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[str, bytes]:
    """The tiny files packed, as a server offers them; torchvision takes them for MNIST."""
    raw = data.raw_folder(tiny_files[0])
    files = {f"{name}.gz": gzip.compress((raw / name).read_bytes()) for name in tiny_published}
    sums = [(name, hashlib.md5(content).hexdigest()) for name, content in files.items()]
    monkeypatch.setattr(MNIST, "resources", sums)
    return files


@pytest.fixture
def server(packed: dict[str, bytes], monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    """A server with the tiny files, which is the only mirror."""
    with Server(packed) as server:
        monkeypatch.setattr(MNIST, "mirrors", [server.url])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield server
        server.shutdown()
        thread.join()
    gc.collect()  # the connections left open, while their warnings are ignored


def left_in(home: Path) -> list[str]:
    """What an attempt to fetch left behind, besides the lock."""
    return sorted(path.name for path in home.iterdir() if path.name != "MNIST.lock")


def test_fetched_once_checked_and_kept_in_the_home_folder(server: Server, own_home: Path) -> None:
    train, test = datasets()
    assert (len(train), len(test)) == (300, 100)
    assert set(server.asked) == {f"{name}.gz" for name in data.FILES}
    assert left_in(own_home) == ["MNIST"]
    assert sorted(path.name for path in data.raw_folder(own_home).iterdir()) == sorted(data.FILES)
    asked = len(server.asked)
    data_loaders()
    assert data.locate() == data.fetch() == own_home
    assert len(server.asked) == asked


def test_two_who_fetch_at_once_fetch_once(server: Server, own_home: Path) -> None:
    threads = [threading.Thread(target=data.fetch) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert data.missing(own_home) == []
    assert sorted(server.asked) == sorted(2 * [f"{name}.gz" for name in data.FILES])


def test_the_next_mirror_is_asked_when_one_has_no_such_file(
    server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Server({}) as empty:
        thread = threading.Thread(target=empty.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        monkeypatch.setattr(MNIST, "mirrors", [empty.url, server.url])
        assert data.locate() == own_home
        assert empty.asked
        empty.shutdown()
        thread.join()


def check_nothing_was_fetched(own_home: Path, says: str) -> None:
    with pytest.raises(DataError) as caught:
        data.locate()
    message = str(caught.value)
    assert re.search(says, message), message
    check_three_ways_out(message, own_home)
    assert left_in(own_home) == []


@pytest.mark.usefixtures("packed")
def test_without_a_network_there_are_three_ways_out(own_home: Path) -> None:
    says = f"MNIST is not in {re.escape(str(own_home))} and could not be fetched: .*"
    check_nothing_was_fetched(own_home, says)


def test_what_arrives_damaged_is_not_kept(server: Server, own_home: Path) -> None:
    server.files["t10k-labels-idx1-ubyte.gz"] = b"a portal that asks for a password"
    check_nothing_was_fetched(own_home, "could not be fetched: (.|\n)*corrupted")


def test_what_arrives_whole_but_is_not_mnist_is_not_kept(
    server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "FILES", dict.fromkeys(data.FILES, "0" * 64))
    check_nothing_was_fetched(
        own_home, "not the published file: its SHA-256 digest is .*expected 0"
    )


def test_a_server_that_stops_in_the_middle_leaves_nothing(server: Server, own_home: Path) -> None:
    del server.files["t10k-labels-idx1-ubyte.gz"]
    check_nothing_was_fetched(own_home, "could not be fetched: (.|\n)*404")


def test_a_server_that_answers_nonsense_is_one_clear_error(
    server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nonsense(handler: Answer) -> None:
        handler.wfile.write(b"no HTTP at all\r\n\r\n")

    monkeypatch.setattr(Answer, "do_GET", nonsense)
    check_nothing_was_fetched(own_home, "could not be fetched: .*no HTTP at all")


def test_a_server_that_stays_silent_is_given_up(
    server: Server, own_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data, "TIMEOUT", 0.2)
    server.silent = threading.Event()
    check_nothing_was_fetched(own_home, "could not be fetched: .*timed out")
    assert socket.getdefaulttimeout() is None
    server.silent.set()


def test_a_home_folder_that_cannot_be_made_is_one_clear_error(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path / "file" / "home"))
    with pytest.raises(DataError, match=r"could not be fetched: .*file(.|\n)*Three ways out"):
        data.locate()
    assert server.asked == []
