"""Training against a loop written out, and measuring that no batch size can change."""

import io
import math
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, TensorDataset
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor
from tqdm import tqdm

from mnistlab import (
    History,
    convolutional,
    count_correct,
    data_loaders,
    datasets,
    evaluate,
    fully_connected,
    train,
)
from mnistlab import _torch as torch_helpers

LISTS = ("test_loss", "test_accuracy", "train_loss", "train_accuracy")
Batch = tuple[Tensor, Tensor]


def seeded(build: Callable[..., nn.Module], *sizes: int, seed: int = 0) -> nn.Module:
    torch.manual_seed(seed)
    return build(*sizes)


def numbers(history: History) -> dict[str, list[float]]:
    """The history without the seconds, which no two trainings share."""
    return {name: getattr(history, name) for name in LISTS}


def parameters(network: nn.Module) -> Tensor:
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def random_batches(sizes: list[int], seed: int = 0) -> list[Batch]:
    generator = torch.Generator().manual_seed(seed)
    return [
        (
            torch.rand(size, 1, 28, 28, generator=generator),
            torch.randint(10, (size,), generator=generator),
        )
        for size in sizes
    ]


# --- train


def written_out(
    network: nn.Module, epochs: int, learning_rate: float, root: Path, seed: int
) -> dict[str, list[float]]:
    """Task 6 as one would write it who trusts nothing but PyTorch's layers and `DataLoader`."""
    transform = ToTensor()
    train_set = MNIST(root, train=True, transform=transform)
    test_set = MNIST(root, train=False, transform=transform)
    generator = torch.Generator().manual_seed(seed)
    train_loader = DataLoader(train_set, batch_size=64, shuffle=True, generator=generator)
    test_loader = DataLoader(test_set, batch_size=1000)
    curve: dict[str, list[float]] = {name: [] for name in LISTS}
    for _ in range(epochs):
        loss_sum, correct = 0.0, 0
        for x, y in train_loader:
            logits = network(x)
            loss = cross_entropy(logits, y)
            gradients = torch.autograd.grad(loss, list(network.parameters()))
            with torch.no_grad():
                for parameter, gradient in zip(network.parameters(), gradients, strict=True):
                    parameter.add_(gradient, alpha=-learning_rate)
            loss_sum += loss.item() * len(y)
            correct += (logits.argmax(1) == y).sum().item()
        curve["train_loss"].append(loss_sum / len(train_set))
        curve["train_accuracy"].append(correct / len(train_set))
        loss_sum, correct = 0.0, 0
        for x, y in test_loader:
            with torch.no_grad():
                logits = network(x)
            loss_sum += cross_entropy(logits, y, reduction="sum").item()
            correct += (logits.argmax(1) == y).sum().item()
        curve["test_loss"].append(loss_sum / len(test_set))
        curve["test_accuracy"].append(correct / len(test_set))
    return curve


@pytest.mark.parametrize(
    ("build", "sizes", "learning_rate"),
    [(fully_connected, (784, 20, 10), 0.1), (convolutional, (4, 8, 10), 0.1)],
)
def test_curve_is_that_of_the_loop_written_out_bit_for_bit(
    build: Callable, sizes: tuple[int, ...], learning_rate: float, tiny: Path
) -> None:
    network, plain = (seeded(build, *sizes) for _ in range(2))
    history = train(network, 3, learning_rate, data_loaders(seed=7), device="cpu")
    assert numbers(history) == written_out(plain, 3, learning_rate, tiny, seed=7)
    assert torch.equal(parameters(network), parameters(plain))


@pytest.mark.usefixtures("tiny")
@pytest.mark.parametrize("change", ["learning_rate", "order", "parameters", "batch_size"])
def test_every_determinant_changes_the_curve(change: str) -> None:
    """The comparison bit for bit would see any of these."""

    def curve(changed: str) -> dict[str, list[float]]:
        network = seeded(fully_connected, 784, 20, 10, seed=changed == "parameters")
        loaders = data_loaders(
            65 if changed == "batch_size" else 64, seed=8 if changed == "order" else 7
        )
        rate = 0.1001 if changed == "learning_rate" else 0.1
        return numbers(train(network, 2, rate, loaders, device="cpu"))

    assert curve(change) != curve("")


@pytest.mark.usefixtures("tiny")
def test_training_is_repeatable_bit_for_bit() -> None:
    networks = [seeded(convolutional, 4, 8, 10) for _ in range(2)]
    curves = [numbers(train(one, 2, 0.1, data_loaders(seed=1), device="cpu")) for one in networks]
    assert curves[0] == curves[1]
    assert torch.equal(*map(parameters, networks))


@pytest.mark.usefixtures("tiny")
def test_channels_last_gives_the_same_curve_up_to_rounding() -> None:
    networks = [seeded(convolutional, 8, 16, 10) for _ in range(2)]
    usual, faster = (
        train(one, 3, 0.1, data_loaders(seed=1), device="cpu", memory_format=memory_format)
        for one, memory_format in zip(networks, (None, torch.channels_last), strict=True)
    )
    assert networks[1][0].weight.is_contiguous(memory_format=torch.channels_last)
    assert networks[1][3].weight.is_contiguous(memory_format=torch.channels_last)
    for name in ("test_loss", "train_loss"):
        np.testing.assert_allclose(getattr(usual, name), getattr(faster, name), rtol=2e-6)
    assert usual.test_accuracy == faster.test_accuracy


def test_the_networks_learn(tiny: Path) -> None:
    for network in (seeded(fully_connected, 784, 50, 10), seeded(convolutional, 8, 16, 10)):
        start, _ = evaluate(network, data_loaders(root=tiny)[1])
        losses, accuracies = train(network, 15, 0.2, data_loaders(seed=0), device="cpu")
        assert losses[-1] < losses[0] < start
        assert accuracies[-1] > 0.5


def test_one_update_per_batch_with_the_gradient_of_the_mean_loss() -> None:
    batches = random_batches([5, 3])
    network, plain = (seeded(fully_connected, 784, 4, 10) for _ in range(2))
    train(network, 1, 0.5, (batches, batches), device="cpu")
    for x, y in batches:
        cross_entropy(plain(x), y).backward()
        with torch.no_grad():
            for parameter in plain.parameters():
                parameter -= 0.5 * parameter.grad
                parameter.grad = None
    torch.testing.assert_close(parameters(network), parameters(plain))


def test_training_averages_weigh_each_batch_by_its_size() -> None:
    batches = random_batches([8, 8, 1])
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    before = [cross_entropy(network(x), y).item() for x, y in batches]
    history = train(network, 1, 1e-12, (batches, batches), device="cpu")  # so small: no change
    weighted = np.average(before, weights=[8, 8, 1])
    assert history.train_loss[0] == pytest.approx(weighted, abs=1e-6)
    assert history.train_loss[0] != pytest.approx(np.mean(before), abs=1e-3)
    assert history.train_loss[0] == pytest.approx(history.test_loss[0], abs=1e-6)
    assert history.train_accuracy == history.test_accuracy


@pytest.mark.usefixtures("tiny")
def test_history_unpacks_into_the_two_lists_of_task_6() -> None:
    history = train(fully_connected(784, 5, 10), 2, 0.1, device="cpu")
    losses, accuracies = history
    assert losses is history.test_loss
    assert accuracies is history.test_accuracy
    assert len(history) == 2
    for name in (*LISTS, "seconds"):
        values = getattr(history, name)
        assert [type(value) for value in values] == [float, float]
        assert all(value >= 0 for value in values)
    assert all(0 < value < 60 for value in history.seconds)


@pytest.mark.usefixtures("tiny")
def test_without_loaders_those_of_the_package_are_used() -> None:
    curves = []
    for loaders in (None, data_loaders(seed=0)):
        torch.manual_seed(0)
        network = fully_connected(784, 5, 10)
        curves.append(numbers(train(network, 1, 0.1, loaders, device="cpu")))
    assert curves[0] != curves[1], "the order is drawn anew"
    assert curves[0]["train_loss"][0] == pytest.approx(curves[1]["train_loss"][0], rel=0.1)


def test_dropout_and_normalisation_train_in_training_mode_and_are_measured_in_evaluation() -> None:
    modes: dict[str, set[bool]] = {"with gradients": set(), "without": set()}

    class Spy(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            modes["with gradients" if torch.is_grad_enabled() else "without"].add(self.training)
            return x

    network = nn.Sequential(Spy(), nn.Flatten(), nn.BatchNorm1d(784), nn.Linear(784, 10))
    network.eval()
    batches = random_batches([4, 3])
    train(network, 2, 0.1, (batches, batches), device="cpu")
    assert modes == {"with gradients": {True}, "without": {False}}
    assert network[2].num_batches_tracked == 4, "checking a batch does not count as an update"


def test_frozen_layers_stay() -> None:
    network = seeded(fully_connected, 784, 4, 10)
    network[1].requires_grad_(False)
    frozen, learning = network[1].weight.clone(), network[5].weight.clone()
    train(network, 1, 0.5, (random_batches([6]), random_batches([6])), device="cpu")
    assert torch.equal(network[1].weight, frozen)
    assert not torch.equal(network[5].weight, learning)


def test_the_best_device_is_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    for cuda, mps, best in ((True, True, "cuda"), (False, True, "mps"), (False, False, "cpu")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda cuda=cuda: cuda)
        monkeypatch.setattr(torch.backends.mps, "is_available", lambda mps=mps: mps)
        assert torch_helpers.best_device() == torch.device(best)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("stream", "progress", "shown"),
    [(Terminal, True, True), (Terminal, False, False), (io.StringIO, True, False)],
    ids=["terminal", "silent", "no terminal"],
)
def test_progress_is_shown_on_a_terminal_only(
    stream: type[io.StringIO], progress: bool, shown: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    error, output = stream(), io.StringIO()
    monkeypatch.setattr(sys, "stderr", error)
    monkeypatch.setattr(sys, "stdout", output)
    batches = random_batches([3, 3])
    train(fully_connected(784, 3, 10), 2, 0.1, (batches, batches), device="cpu", progress=progress)
    assert ("epoch 1/2" in error.getvalue()) is shown
    assert bool(error.getvalue()) is shown
    assert output.getvalue() == ""


def interrupted() -> Iterator[Batch]:
    """Batches of which the second does not come: Ctrl-C."""
    yield from random_batches([3])
    raise KeyboardInterrupt


@pytest.mark.parametrize(
    ("batches", "error"),
    [
        (lambda: iter([(torch.rand(3, 1, 28, 28), torch.tensor([1, 2, 10]))]), ValueError),
        (interrupted, KeyboardInterrupt),
    ],
    ids=["a bad batch", "Ctrl-C"],
)
@pytest.mark.parametrize("place", ["training", "test"])
def test_whatever_ends_a_training_no_bar_is_left_on_the_terminal(
    place: str,
    batches: Callable[[], Iterator[Batch]],
    error: type[BaseException],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    good = random_batches([3])
    loaders = (batches(), good) if place == "training" else (good, batches())
    with pytest.raises(
        error
    ) as kept:  # as a notebook keeps the last error, and all that it leads to
        train(fully_connected(784, 3, 10), 2, 0.1, loaders, device="cpu")
    assert kept.tb
    assert "epoch 1/2" in terminal.getvalue()
    assert not tqdm._instances, "a bar that is open is redrawn below the next one"


# --- a loss that is no number


@pytest.mark.fault(
    "The loss becomes nan (a learning rate that is too large)",
    "It stops, and names epoch and batch",
)
@pytest.mark.parametrize(("epoch", "batch"), [(1, 3), (2, 1)])
def test_a_loss_that_becomes_nan_stops_at_epoch_and_batch(epoch: int, batch: int) -> None:
    class Spoiled:
        """Batches with a pixel that is not a number, in one epoch."""

        epochs = 0

        def __len__(self) -> int:
            return 4

        def __iter__(self) -> Iterator[Batch]:
            self.epochs += 1
            batches = random_batches([2] * 4)
            if self.epochs == epoch:
                batches[batch - 1][0][0, 0, 5, 5] = torch.nan
            return iter(batches)

    says = f"the loss became nan at epoch {epoch}, batch {batch}; try a smaller learning rate"
    with pytest.raises(FloatingPointError, match=says):
        train(fully_connected(784, 3, 10), 3, 0.1, (Spoiled(), random_batches([2])), device="cpu")


@pytest.mark.usefixtures("tiny")
def test_a_learning_rate_that_is_far_too_large_stops_the_training() -> None:
    network = seeded(convolutional, 2, 2, 10)
    with pytest.raises(FloatingPointError, match=r"the loss became (nan|inf) at epoch 1, batch \d"):
        train(network, 2, 1e38, device="cpu")


def test_a_test_loss_that_is_nan_stops_too() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    says = "the test loss became (nan|inf) at epoch 1, after batch 1"
    with pytest.raises(FloatingPointError, match=says):
        train(network, 1, 1e38, (random_batches([4]), random_batches([4])), device="cpu")


# --- evaluate

N = 53  # a prime: every batch size but 1 and N leaves a ragged last batch


@pytest.fixture
def measured() -> tuple[nn.Module, TensorDataset]:
    """A network, and images of which the last ones are harder than the others."""
    network = seeded(fully_connected, 784, 8, 10)
    [(images, targets)] = random_batches([N])
    with torch.no_grad():
        targets[: N - 6] = network(images[: N - 6]).argmax(dim=1)
        network[5].weight.mul_(20)
    return network, TensorDataset(images, targets)


def test_any_batch_size_gives_the_same_count_correct_and_loss(
    measured: tuple[nn.Module, TensorDataset],
) -> None:
    network, dataset = measured
    loss, accuracy = evaluate(network, [dataset.tensors])
    with torch.no_grad():
        logits = network(dataset.tensors[0])
    assert loss == pytest.approx(cross_entropy(logits, dataset.tensors[1]).item(), abs=1e-6)
    assert accuracy == (logits.argmax(1) == dataset.tensors[1]).sum().item() / N
    for batch_size in range(1, N + 1):
        result = evaluate(network, DataLoader(dataset, batch_size))
        assert result[0] == pytest.approx(loss, abs=1e-6)
        assert result[1] == accuracy, "the same count correct"


def test_the_mean_of_batch_means_is_something_else(
    measured: tuple[nn.Module, TensorDataset],
) -> None:
    """What the check above would see: the mistake that `evaluate` avoids."""
    network, dataset = measured

    def mean_of_means(batch_size: int, count: int = N) -> np.ndarray:
        part = torch.utils.data.Subset(dataset, range(count))
        return np.mean([evaluate(network, [b]) for b in DataLoader(part, batch_size)], axis=0)

    right = np.array(evaluate(network, DataLoader(dataset, N)))
    for batch_size in (10, 16, 50):
        assert (abs(mean_of_means(batch_size) - right) > 1e-3).all()
    assert mean_of_means(1) == pytest.approx(right), "the trap: right where all batches are full"
    part = evaluate(network, DataLoader(torch.utils.data.Subset(dataset, range(50)), 50))
    assert mean_of_means(10, count=50) == pytest.approx(np.array(part))


@pytest.mark.usefixtures("tiny")
def test_any_batch_size_of_the_packages_loaders_gives_the_same() -> None:
    network = seeded(convolutional, 3, 4, 10)
    results = [evaluate(network, data_loaders(64, size)[1]) for size in (1, 33, 64, 99, 100, 5000)]
    assert len({accuracy for _, accuracy in results}) == 1
    assert [loss for loss, _ in results] == pytest.approx([results[0][0]] * 6, abs=1e-6)


@pytest.mark.mnist
def test_any_batch_size_on_mnist_gives_the_same() -> None:
    network = seeded(fully_connected, 784, 100, 10)
    loss, accuracy = evaluate(network, data_loaders(64, 1000)[1])
    for batch_size in (64, 4096):
        result = evaluate(network, data_loaders(64, batch_size)[1])
        assert result == (pytest.approx(loss, abs=1e-6), accuracy)
    assert loss == pytest.approx(math.log(10), abs=0.05)


def test_the_mode_of_each_module_is_restored_also_after_an_error() -> None:
    network = nn.Sequential(nn.Flatten(), nn.Dropout(), nn.Linear(784, 10))
    for mode in (True, False):
        network.train(mode)
        network[1].train(not mode)
        before = [module.training for module in network.modules()]
        evaluate(network, random_batches([3]))
        assert [module.training for module in network.modules()] == before
        with pytest.raises(ValueError, match="the loader gave no batch"):
            evaluate(network, [])
        assert [module.training for module in network.modules()] == before
        assert torch.is_grad_enabled()


def test_measuring_is_done_in_evaluation_mode_and_changes_nothing() -> None:
    network = nn.Sequential(
        nn.Flatten(), nn.Dropout(), nn.BatchNorm1d(784), nn.Linear(784, 10)
    ).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    random_state = torch.random.get_rng_state()
    batches = random_batches([30, 20])
    result = evaluate(network, batches)
    assert result == evaluate(network, batches)
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert torch.equal(random_state, torch.random.get_rng_state())
    assert all(parameter.grad is None for parameter in network.parameters())
    x, y = (torch.cat(parts) for parts in zip(*batches, strict=True))
    expected = cross_entropy(network.eval()(x), y).item()
    assert result[0] == pytest.approx(expected, abs=1e-6)
    assert result[0] != pytest.approx(cross_entropy(network.train()(x), y).item(), abs=1e-3)


def test_results_are_plain_numbers() -> None:
    for result in evaluate(fully_connected(784, 3, 10), random_batches([3])):
        assert type(result) is float


def test_certainty_and_the_even_guess() -> None:
    """Two losses known without computing: 0 for a sure right answer, ln O for an even guess."""

    class Answer(nn.Module):
        def __init__(self, sure: float) -> None:
            super().__init__()
            self.sure = sure

        def forward(self, x: Tensor) -> Tensor:
            return self.sure * nn.functional.one_hot(x[:, 0, 0, 0].long(), 10).float()

    images = torch.zeros(20, 1, 28, 28)
    targets = torch.arange(20) % 10
    images[:, 0, 0, 0] = targets
    assert evaluate(Answer(1000.0), [(images, targets)]) == (0.0, 1.0)
    loss, accuracy = evaluate(Answer(0.0), [(images, targets)])
    assert loss == pytest.approx(math.log(10))
    assert accuracy == 0.1
    assert evaluate(Answer(-1000.0), [(images, targets)])[1] == 0


# --- count_correct


def test_count_correct_counts() -> None:
    logits = torch.tensor([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]])
    assert count_correct(logits, torch.tensor([1, 0, 0])) == 2
    assert type(count_correct(logits, torch.tensor([1, 0, 0]))) is int


@pytest.mark.parametrize(
    ("logits", "targets"),
    [((3, 10), (3, 1)), ((3, 10), (4,)), ((3,), (3,)), ((3, 10, 1), (3,)), ((3, 10), ())],
    ids=str,
)
def test_shapes_that_would_be_compared_in_silence_are_refused(
    logits: tuple[int, ...], targets: tuple[int, ...]
) -> None:
    with pytest.raises(ValueError, match=r"logits have shape .*; expected \(B, O\) and \(B,\)"):
        count_correct(torch.zeros(logits), torch.zeros(targets, dtype=torch.int64))


# --- bad input

IMAGES, TARGETS = random_batches([6])[0]
GOOD = [(IMAGES, TARGETS)]


class TwoOutputs(nn.Linear):
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        logits = super().forward(x.flatten(1))
        return logits, logits


def good_network() -> nn.Module:
    return fully_connected(784, 3, 10)


@pytest.mark.parametrize(
    ("bad", "error", "says"),
    [
        ({"epochs": 0}, ValueError, "epochs is 0; expected at least 1"),
        ({"epochs": -3}, ValueError, "epochs is -3; expected at least 1"),
        ({"epochs": 1.0}, TypeError, "epochs is 1.0; expected a whole number"),
        ({"epochs": True}, TypeError, "epochs is True; expected a whole number"),
        ({"learning_rate": 0}, ValueError, "learning_rate is 0; expected a finite number above"),
        ({"learning_rate": -0.1}, ValueError, "learning_rate is -0.1; expected a finite number"),
        ({"learning_rate": math.nan}, ValueError, "learning_rate is nan; expected a finite number"),
        ({"learning_rate": math.inf}, ValueError, "learning_rate is inf; expected a finite number"),
        ({"learning_rate": "0.1"}, TypeError, "learning_rate is '0.1'; expected a number above"),
        ({"learning_rate": None}, TypeError, "learning_rate is None; expected a number above zero"),
        ({"network": None}, TypeError, "network is None; expected a torch.nn.Module"),
        (
            {"network": nn.Linear},
            TypeError,
            r"the class Linear; expected a network made of it: Lin",
        ),
        ({"network": nn.Flatten()}, ValueError, "no learnable parameters; expected at least one"),
        ({"network": nn.LazyLinear(3)}, ValueError, "lazy layer that has not seen an input yet"),
        ({"loaders": GOOD}, TypeError, "expected two, for training and for the test"),
        ({"loaders": ()}, TypeError, r"loaders is \(\); expected two"),
        ({"loaders": DataLoader(GOOD)}, TypeError, "object of type DataLoader; expected two"),
        ({"loaders": (GOOD, None)}, TypeError, "the test loader is None; expected batches"),
        (
            {"loaders": ([], GOOD)},
            ValueError,
            "the training loader gave no batch: it is empty; exp",
        ),
        ({"loaders": (GOOD, [])}, ValueError, "the test loader gave no batch: it is empty; expect"),
        (
            {"optimizer": torch.optim.SGD(good_network().parameters(), 0.1)},
            ValueError,
            "none of the network's parameters; expected one made from network.parameters()",
        ),
        ({"optimizer": "adam"}, TypeError, "optimizer is 'adam'; expected a torch.optim.Optimizer"),
        (
            {"optimizer": torch.optim.SGD},
            TypeError,
            r"optimizer is <class .*; expected a torch\.opt",
        ),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else "",
)
def test_bad_input_of_train_is_named(
    bad: dict[str, object], error: type[Exception], says: str
) -> None:
    good = {"network": good_network(), "epochs": 1, "learning_rate": 0.1, "loaders": (GOOD, GOOD)}
    with pytest.raises(error, match=says):
        train(**(good | bad), device="cpu")


def by_evaluate(network: nn.Module, loader: object) -> None:
    evaluate(network, loader)


def by_train(network: nn.Module, loader: object) -> None:
    network.append(nn.Linear(1, 1)) if not list(network.parameters()) else None
    train(network, 1, 0.1, (loader, GOOD), device="cpu")


@pytest.mark.parametrize("use", [by_evaluate, by_train])
@pytest.mark.parametrize(
    ("layers", "error", "says"),
    [
        (
            [nn.Linear(28, 10)],
            ValueError,
            r"shape \(2, 1, 28, 28\) into an output of shape \(2, 1, 28, 10\); expected "
            r"\(2, number of classes\), one row of logits per image: flatten",
        ),
        (
            [nn.Flatten(0), nn.Linear(1568, 10)],
            ValueError,
            r"into an output of shape \(10,\); expected \(2, number of classes\)",
        ),
        (
            [nn.Conv2d(1, 4, 5), nn.Flatten(), nn.Linear(100, 10)],
            ValueError,
            "image of shape 1 × 28 × 28 does not get through the network: layer 2 Linear received "
            "2304 per image",
        ),
        ([nn.Conv2d(3, 4, 5)], ValueError, "layer 0 Conv2d received 1 × 28 × 28 per image"),
        (
            [nn.Flatten(), nn.Linear(784, 3)],
            ValueError,
            r"targets go from \d to \d, but the network has 3 outputs, for the classes 0 to 2; give",
        ),
        ([TwoOutputs(784, 10)], TypeError, "the network returns tuple; expected one torch.Tensor"),
        (
            [nn.Flatten(), nn.Linear(784, 10).double()],
            TypeError,
            "images have type torch.float32, the network's parameters torch.float64; expected the",
        ),
    ],
    ids=["not flattened", "batch flattened", "flatten size", "channels", "classes", "two", "type"],
)
def test_a_network_that_does_not_fit_the_images_is_named(
    use: Callable, layers: list[nn.Module], error: type[Exception], says: str
) -> None:
    torch.manual_seed(0)
    with pytest.raises(error, match=says):
        use(nn.Sequential(*layers), GOOD)


@pytest.mark.fault(
    "One batch in the middle of a loader is not like the others",
    "It is told what was found and what was expected, as for the first",
)
@pytest.mark.parametrize("use", [by_evaluate, by_train])
@pytest.mark.parametrize(
    ("batch", "error", "says"),
    [
        ((IMAGES, TARGETS.float()), ValueError, r"type torch.float32; expected .* torch.int64"),
        ((IMAGES, TARGETS[:, None]), ValueError, r"shape \(6, 1\) .* expected .* shape \(6,\)"),
        ((IMAGES, TARGETS[:5]), ValueError, r"shape \(5,\) .* expected .* shape \(6,\)"),
        ((IMAGES, TARGETS + 5), ValueError, r"targets go from \d to \d\d, but .* has 10 outputs"),
        ((IMAGES, TARGETS - 100), ValueError, r"targets go from -\d+ to -\d+, but .* classes 0 to"),
        (((IMAGES * 255).byte(), TARGETS), TypeError, r"type torch.uint8, .* ToTensor\(\) gives"),
        ((IMAGES[:0], TARGETS[:0]), ValueError, r"shape \(0, 1, 28, 28\); expected .* at least one"),
        ((IMAGES, 3), TypeError, r"the loader gave \(Tensor, int\); expected batches of two"),
        (IMAGES, TypeError, r"the loader gave \(Tensor\); expected batches of two tensors"),
        ((IMAGES, TARGETS, TARGETS), TypeError, r"gave \(Tensor, Tensor, Tensor\); expected"),
        (DataLoader(GOOD), TypeError, r"the loader gave \(DataLoader\); expected batches of two"),
    ],
    ids=[
        "real targets", "column of targets", "too few", "too large", "negative", "bytes", "empty",
        "number", "images alone", "three", "loader",
    ],
)  # fmt: skip
@pytest.mark.parametrize("place", ["first", "later"])
def test_a_bad_batch_is_named_wherever_it_comes(
    place: str, use: Callable, batch: object, error: type[Exception], says: str
) -> None:
    if place == "later" and "torch.uint8" in says:
        error, says = RuntimeError, "dtype|type"  # PyTorch's own words: types do not change midway
    with pytest.raises(error, match=says):
        use(good_network(), [batch] if place == "first" else [*GOOD, batch])


@pytest.mark.usefixtures("tiny")
def test_a_data_set_in_the_place_of_a_loader_is_named() -> None:
    for transform, found in ((None, r"Image, int"), (ToTensor(), "Tensor, int")):
        with pytest.raises(TypeError, match=rf"{found}\); expected .* use a DataLoader"):
            evaluate(good_network(), datasets(transform)[1])


def test_what_is_no_network_is_named() -> None:
    with pytest.raises(TypeError, match=r"network is None; expected a torch\.nn\.Module"):
        evaluate(None, GOOD)


def test_an_optimizer_of_a_part_of_the_network_trains_this_part() -> None:
    network = good_network()
    before = [layer.weight.clone() for layer in (network[1], network[5])]
    optimizer = torch.optim.SGD(network[5].parameters(), 0.1)
    train(network, 1, 0.1, (GOOD, GOOD), device="cpu", optimizer=optimizer)
    assert torch.equal(network[1].weight, before[0])
    assert not torch.equal(network[5].weight, before[1])


# --- speed, as a ratio within one run


def seconds(work: Callable[[], object]) -> float:
    """Processor time that this program spends on some work; what others do does not count."""
    start = time.process_time()
    work()
    return time.process_time() - start


def ratio(one: Callable[[], object], other: Callable[[], object], repeats: int = 7) -> float:
    """How much longer one piece of work takes than another: the fastest of each, in turns."""
    pairs = [(seconds(one), seconds(other)) for _ in range(repeats)]
    fastest = [min(times) for times in zip(*pairs, strict=True)]
    return fastest[0] / fastest[1]


@pytest.fixture
def many() -> tuple[DataLoader, DataLoader]:
    """The package's loaders over 12 000 images."""
    loaders = data_loaders(seed=0)
    for loader, copies in zip(loaders, (40, 120), strict=True):
        loader.dataset.data = loader.dataset.data.repeat(copies, 1, 1)
        loader.dataset.targets = loader.dataset.targets.repeat(copies)
        assert len(loader.dataset) == 12_000
    return loaders


def textbook(loader: DataLoader) -> DataLoader:
    """The same images from a loader as in a textbook: one by one, then collated."""
    plain = MNIST(Path(loader.dataset.root), train=loader.dataset.train, transform=ToTensor())
    plain.data, plain.targets = loader.dataset.data, loader.dataset.targets
    return DataLoader(plain, loader.batch_size)


def epoch_of_small_network(batches: Iterable[Batch]) -> None:
    network = seeded(fully_connected, 784, 100, 10)
    optimizer = torch.optim.SGD(network.parameters(), 0.01)
    for images, targets in batches:
        optimizer.zero_grad()
        cross_entropy(network(images), targets).backward()
        optimizer.step()


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_an_epoch_takes_hardly_longer_than_with_images_in_one_tensor(
    many: tuple[DataLoader, DataLoader],
) -> None:
    loader, _ = many
    images = loader.dataset.data.unsqueeze(1) / 255
    targets = loader.dataset.targets

    def indexed() -> Iterator[Batch]:
        for places in torch.randperm(len(images)).split(64):
            yield images[places], targets[places]

    by_indexing = lambda: epoch_of_small_network(indexed())  # noqa: E731
    assert ratio(lambda: epoch_of_small_network(loader), by_indexing) < 1.15
    slow = ratio(lambda: epoch_of_small_network(textbook(loader)), by_indexing, repeats=2)
    assert slow > 2, "the comparison sees a loader as in a textbook"


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_measuring_is_much_faster_than_with_a_loader_as_in_a_textbook(
    many: tuple[DataLoader, DataLoader],
) -> None:
    _, loader = many
    network = seeded(fully_connected, 784, 100, 10)
    plain = textbook(loader)
    assert evaluate(network, loader) == evaluate(network, plain)
    faster = ratio(lambda: evaluate(network, loader), lambda: evaluate(network, plain), repeats=3)
    assert faster < 0.5


@pytest.mark.slow
@pytest.mark.usefixtures("tiny")
def test_checks_and_notes_cost_little_of_a_training(many: tuple[DataLoader, DataLoader]) -> None:
    """`train` checks each batch and notes its loss; the bare loop does neither."""
    loader, test_loader = many

    def bare() -> None:
        epoch_of_small_network(loader)
        evaluate(network, test_loader)

    network = seeded(fully_connected, 784, 100, 10)
    ours = ratio(lambda: train(network, 1, 0.01, many, device="cpu", progress=False), bare)
    assert ours < 1.3
