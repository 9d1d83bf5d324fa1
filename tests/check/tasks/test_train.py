"""The checkers of evaluation and training tell mistakes by their numbers, and leave no trace."""

from __future__ import annotations

import functools
import itertools
import re
import sys
import types
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import pytest
import torch
from torch import Tensor, nn, optim
from torch.nn.functional import cross_entropy
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset
from torchvision.datasets import MNIST
from torchvision.transforms import ToTensor

import mnistlab
from mnistlab import check
from mnistlab.check.student import lending, probe_data
from mnistlab.check.student.lending import lent_loaders, lent_mnist
from mnistlab.check.tasks import evaluate
from mnistlab.check.training import averages, probe, update_rule
from mnistlab.check.training.averages import RIGHT, Candidate, Logits

Lists = tuple[list[float], list[float]]


def problems(report: check.Report) -> list[str]:
    return [one.name for one in report.problems]


# --- the stand-ins


def all_rows() -> Tensor:
    train, test = probe_data.content()
    return torch.cat([train[0], test[0]]).flatten(1).float() / 255


@pytest.mark.parametrize(
    ("factor", "offset"), [(1, 0), (255, 0), (1 / 0.31, -0.13 / 0.31), (2, -1)]
)
def test_every_stand_in_is_recognised_also_when_scaled(factor: float, offset: float) -> None:
    rows = all_rows() * factor + offset
    assert probe_data.recognise(rows).tolist() == list(range(len(rows)))


def test_lent_loaders_may_be_changed() -> None:
    before = [tuple(map(Tensor.clone, part)) for part in probe_data.content()]
    for loader in probe_data.loaders():
        for tensor in loader.dataset.tensors:
            tensor.zero_()
    for part, kept in zip(probe_data.content(), before, strict=True):
        assert all(map(torch.equal, part, kept))


def test_other_images_are_not_recognised() -> None:
    strange = torch.rand(100, 784, generator=torch.Generator().manual_seed(0))
    mixed = (all_rows()[:-1] + all_rows()[1:]) / 2
    assert set(probe_data.recognise(torch.cat([strange, mixed, torch.zeros(1, 784)])).tolist()) == {
        -1
    }


def test_stand_ins_are_recognised_in_a_students_autocast() -> None:
    rows = all_rows()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert probe_data.recognise(rows).tolist() == list(range(len(rows)))


def test_no_usual_batch_size_divides_the_stand_ins() -> None:
    for size in (10, 32, 50, 64, 100, 128, 200, 250, 256, 500, 512):
        assert probe_data.TRAIN % size
        assert probe_data.TEST % size


# --- evaluate: every formula has a number of its own


def gap(candidates: Iterable[Candidate]) -> float:
    """Smallest relative difference of two candidates with different names."""
    usual = [one for one in candidates if not one.rare or one.how.endswith("batch alone")]
    return min(
        abs(a.value - b.value) / max(abs(a.value), abs(b.value))
        for a, b in itertools.combinations(usual, 2)
        if a.name != b.name
    )


def answers(size: int, count: int) -> Logits:
    return evaluate._answers(evaluate._batches(size, count))


def test_every_wrong_formula_gives_another_number() -> None:
    batches = answers(evaluate.BATCH, evaluate.IMAGES)
    assert gap(averages.accuracies(batches)) > 0.05
    assert gap(averages.losses(batches)) > 0.0025  # rounding is 25 times less


def test_planted_batches_of_one_size_hide_the_mean_of_batch_means() -> None:
    assert gap(averages.losses(answers(9, 27))) < 1e-6
    assert gap(averages.accuracies(answers(9, 27))) == 0


@pytest.mark.parametrize(("size", "count"), [(8, 27), (10, 20), (1, 3), (30, 27)])
def test_the_right_formulas_are_those_of_the_package(size: int, count: int) -> None:
    network, _ = probe.watched_network()
    loss, accuracy = mnistlab.evaluate(network, evaluate._batches(size, count))
    batches = answers(size, count)
    right_loss, right_accuracy = next(averages.losses(batches)), next(averages.accuracies(batches))
    assert right_loss.value == pytest.approx(loss, rel=1e-6)
    assert right_accuracy.value == pytest.approx(accuracy, rel=1e-12)
    assert right_loss.name == right_accuracy.name == RIGHT


def sums(network: nn.Module, loader: DataLoader) -> tuple[float, int, int]:
    network.eval()
    loss, correct, count = 0.0, 0, 0
    with torch.no_grad():
        for images, targets in loader:
            logits = network(images)
            loss += cross_entropy(logits, targets, reduction="sum").item()
            correct += (logits.argmax(1) == targets).sum().item()
            count += len(targets)
    network.train()
    return loss, correct, count


@pytest.mark.parametrize(
    ("returned", "names"),
    [
        (lambda loss, right, count: (loss / count, right / count), []),
        (lambda loss, right, count: torch.tensor([loss / count, right / count]), []),
        (
            lambda loss, right, count: ([loss / count], torch.tensor([right / count])),
            ["wrong-type"],
        ),
        (lambda loss, right, count: (torch.tensor([loss / count]), right / count), []),
        (lambda loss, right, count: (round(loss / count, 3), round(right / count, 2)), []),
        (lambda loss, right, count: (loss / (count - 1), right / count), ["wrong-loss"]),
        (lambda loss, right, count: (loss / count, right // count), ["wrong-accuracy"]),
        (lambda loss, right, count: {"loss": loss / count}, ["wrong-type"]),
        (lambda loss, right, count: f"{loss / count} {right / count}", ["wrong-type"]),
        (lambda loss, right, count: (str(loss / count), right / count), ["wrong-type"]),
    ],
)
def test_what_evaluate_may_return(returned: Callable[..., Any], names: list[str]) -> None:
    assert (
        problems(check.evaluate(lambda network, loader: returned(*sums(network, loader)))) == names
    )


def test_half_precision_is_told() -> None:
    def evaluate(network: nn.Module, loader: DataLoader) -> tuple[float, float]:
        with torch.autocast("cpu", dtype=torch.bfloat16):
            return mnistlab.evaluate(network, loader)

    report = check.evaluate(evaluate)
    assert problems(report) == ["half-precision"]
    assert "computed in bfloat16" in report.problems[0].observed


def test_gradients_that_evaluate_leaves_off_are_told_and_switched_on() -> None:
    def evaluate(network: nn.Module, loader: DataLoader) -> tuple[float, float]:
        torch.set_grad_enabled(False)
        return mnistlab.evaluate(network, loader)

    assert problems(check.evaluate(evaluate)) == ["gradients-left-off"]
    assert torch.is_grad_enabled()


@pytest.mark.parametrize(
    ("loss_by", "accuracy_by", "words"),
    [
        (27, 10_000, "divided by 10 000; this loader has 27 images"),
        (60_000, 27, "divided by 60 000; this loader has 27 images"),
        (27, 256, "divided by 4 batches × 64"),
    ],
)
def test_a_typed_in_number_is_told(loss_by: int, accuracy_by: int, words: str) -> None:
    def evaluate(network: nn.Module, loader: DataLoader) -> tuple[float, float]:
        loss, right, _ = sums(network, loader)
        return loss / loss_by, right / accuracy_by

    report = check.evaluate(evaluate)
    assert problems(report) == ["number-typed-in"]
    assert words in report.problems[0].observed
    assert "27 in the checker's data" in str(report.problems[0].expected) or accuracy_by != 27


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
def test_numbers_of_half_precision_are_numbers(dtype: torch.dtype) -> None:
    def rounded(network: nn.Module, loader: DataLoader) -> Tensor:
        return torch.tensor(mnistlab.evaluate(network, loader)).to(dtype)

    assert "wrong-type" not in problems(check.evaluate(rounded))


def test_evaluate_must_use_the_loader_that_it_is_given() -> None:
    own = DataLoader(TensorDataset(torch.rand(9, 1, 28, 28), torch.zeros(9).long()), 4)

    def own_loader(network: nn.Module, loader: DataLoader) -> tuple[float, float]:
        return mnistlab.evaluate(network, own)

    assert problems(check.evaluate(own_loader)) == ["own-data"]


# --- train: the rule that the updates follow


def module_with_loaders() -> types.SimpleNamespace:
    """Loaders as a student's notebook has them, of a small MNIST."""
    with lent_mnist(*(part_of(count, seed) for count, seed in ((300, 1), (100, 2)))):
        sets = MNIST("lent", transform=ToTensor()), MNIST("lent", False, transform=ToTensor())
    return types.SimpleNamespace(
        sets=sets, train=DataLoader(sets[0], 64, shuffle=True), test=DataLoader(sets[1], 1000)
    )


def part_of(count: int, seed: int) -> tuple[Tensor, Tensor]:
    generator = torch.Generator().manual_seed(seed)
    images = torch.randint(256, (count, 28, 28), dtype=torch.uint8, generator=generator)
    return images, torch.randint(10, (count,), generator=generator)


notebook = module_with_loaders()


def trained(
    network: nn.Module,
    epochs: int,
    make: Callable[..., Any],
    loss: Callable[..., Tensor] = cross_entropy,
    loaders: Sequence[Any] | None = None,
) -> Lists:
    """The textbook's loop, with one thing to choose."""
    train_loader, test_loader = loaders or (notebook.train, notebook.test)
    optimizer = make(network.parameters())
    losses, accuracies = [], []
    for _ in range(epochs):
        for images, targets in train_loader:
            optimizer.zero_grad()
            loss(network(images), targets).backward()
            optimizer.step()
        total, correct, count = sums(network, test_loader)
        losses.append(total / count)
        accuracies.append(correct / count)
    return losses, accuracies


def judged(loss: Callable[..., Tensor] = cross_entropy, **options: Any) -> check.Report:
    """The report on a training with these options of SGD."""

    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        settings = {"lr": learning_rate, **options}
        return trained(network, epochs, functools.partial(optim.SGD, **settings), loss)

    return check.train(train)


def told(report: check.Report) -> list[float]:
    """The numbers in what was observed."""
    return [float(one) for one in re.findall(r"[\d.]+\d", report.problems[0].observed)]


def test_plain_sgd_passes() -> None:
    report = judged()
    assert report.passed
    assert not report.notes


def test_gradients_that_train_leaves_off_do_not_disturb_the_checker() -> None:
    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        lists = sgd(network, epochs, learning_rate)
        torch.set_grad_enabled(False)
        return lists

    assert check.train(train).passed


def by_batch(learn: Callable[..., None], batch_size: int = 64) -> check.Report:
    """The report on a training whose epochs are made of this, called for each batch."""

    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        optimizer = optim.SGD(network.parameters(), lr=learning_rate)
        loader = DataLoader(notebook.sets[0], batch_size, shuffle=True)
        losses, accuracies = [], []
        for _ in range(epochs):
            for number, (images, targets) in enumerate(loader):
                learn(network, optimizer, images, targets, number)
            loss, right, count = sums(network, notebook.test)
            losses.append(loss / count)
            accuracies.append(right / count)
        return losses, accuracies

    return check.train(train)


def in_parts(network: nn.Module, optimizer: Any, images: Tensor, targets: Tensor, _: int) -> None:
    optimizer.zero_grad()
    for some, those in zip(images.split(16), targets.split(16), strict=True):
        (cross_entropy(network(some), those, reduction="sum") / len(targets)).backward()
    optimizer.step()


def test_parts_of_a_batch_are_one_batch() -> None:
    report = by_batch(in_parts)
    assert report.passed
    assert not report.notes


def test_parts_of_all_images_are_still_one_step_per_epoch() -> None:
    assert problems(by_batch(in_parts, 203)) == ["one-step-per-epoch"]


def test_a_step_after_every_other_batch_is_still_told() -> None:
    def every_other(
        network: nn.Module, optimizer: Any, images: Tensor, targets: Tensor, number: int
    ) -> None:
        cross_entropy(network(images), targets).backward()
        if number % 2:
            optimizer.step()
            optimizer.zero_grad()

    report = by_batch(every_other)
    assert problems(report) == ["wrong-updates"]
    assert "6 updates for 12 training batches" in report.problems[0].observed


def test_batches_without_images_are_told() -> None:
    def halves(network: nn.Module, optimizer: Any, images: Tensor, targets: Tensor, _: int) -> None:
        for part in (slice(0, 32), slice(32, 64)):
            optimizer.zero_grad()
            cross_entropy(network(images[part]), targets[part]).backward()
            optimizer.step()

    report = by_batch(halves)
    assert problems(report) == ["wrong-updates"]
    assert "3 of the batches hold no image" in report.problems[0].observed


def test_means_of_parts_without_images_are_told() -> None:
    def halves(network: nn.Module, optimizer: Any, images: Tensor, targets: Tensor, _: int) -> None:
        optimizer.zero_grad()
        for part in (slice(0, 32), slice(32, 64)):
            (cross_entropy(network(images[part]), targets[part]) / 2).backward()
        optimizer.step()

    report = by_batch(halves)
    assert problems(report) == ["wrong-updates"]
    assert "3 of the batches hold no image" in report.problems[0].observed


def test_batches_without_backward_are_no_training_batches() -> None:
    def some(network: nn.Module, optimizer: Any, images: Tensor, targets: Tensor, n: int) -> None:
        loss = cross_entropy(network(images), targets)
        if n % 2:
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    report = by_batch(some)
    assert problems(report) == ["images-missing"]


def test_updates_in_half_precision_are_told_as_such() -> None:
    def half(network: nn.Module, optimizer: Any, images: Tensor, targets: Tensor, _: int) -> None:
        optimizer.zero_grad()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss = cross_entropy(network(images), targets)
        loss.backward()
        optimizer.step()

    report = by_batch(half)
    assert problems(report) == ["half-precision"]
    assert "bfloat16" in report.problems[0].observed


@pytest.mark.parametrize(
    ("divided_by", "name", "words"),
    [
        (1, "summed-loss", "64 images, 64 times too large"),
        (64, "divided-by-batch-size", "only 11/64"),
        (203, "summed-loss", "divided by 203"),
    ],
)
def test_what_a_sum_is_divided_by_is_told(divided_by: int, name: str, words: str) -> None:
    def part_of_sum(logits: Tensor, targets: Tensor) -> Tensor:
        return cross_entropy(logits, targets, reduction="sum") / divided_by

    report = judged(part_of_sum)
    assert problems(report) == [name]
    assert words in report.problems[0].observed


def test_code_that_has_not_run_is_told() -> None:
    def generator(*_: Any) -> Any:
        yield 1

    async def coroutine(*_: Any) -> None:
        print("never")

    async def both(*_: Any) -> Any:
        yield 1

    for function in (generator, coroutine, both):
        for report in (
            check.train(lambda a, b, c, f=function: f(a, b, c)),
            check.evaluate(lambda a, b, f=function: f(a, b)),
        ):
            assert problems(report) == ["wrong-type"]
            assert "it has not run yet" in report.problems[0].observed


def test_pairs_are_told_as_pairs() -> None:
    def train(network: nn.Module, epochs: int, learning_rate: float) -> Any:
        return list(zip(*sgd(network, epochs, learning_rate), strict=True))

    report = check.train(train)
    assert problems(report) == ["wrong-type"]
    assert "3 pairs" in report.problems[0].observed


@pytest.mark.parametrize("rate", [1e-4, 0.01, 0.0369, 0.0371, 0.1, 0.5])
def test_a_wrong_learning_rate_is_told(rate: float) -> None:
    report = judged(lr=rate)
    assert problems(report) == ["learning-rate"]
    assert told(report)[0] == pytest.approx(rate, rel=0.01)


@pytest.mark.parametrize("momentum", [0.1, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_is_told(momentum: float, nesterov: bool) -> None:
    report = judged(momentum=momentum, nesterov=nesterov)
    assert problems(report) == ["momentum"]
    if not nesterov:
        assert told(report)[-1] == pytest.approx(momentum, rel=0.01)


@pytest.mark.parametrize("decay", [1e-4, 5e-4, 1e-2, 0.1])
def test_weight_decay_is_told(decay: float) -> None:
    report = judged(weight_decay=decay)
    assert problems(report) == ["weight-decay"]
    assert told(report)[0] == pytest.approx(decay, rel=0.1)


def test_both_are_told() -> None:
    assert problems(judged(momentum=0.9, weight_decay=1e-3)) == ["momentum", "weight-decay"]


def test_no_momentum_with_an_optimizer_for_each_step_is_plain_sgd() -> None:
    """Judged is what happens: momentum that never acts is no mistake."""

    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        def make(parameters: Any) -> Any:
            kept = list(parameters)
            options = {"lr": learning_rate, "momentum": 0.9}
            return types.SimpleNamespace(
                zero_grad=network.zero_grad, step=lambda: optim.SGD(kept, **options).step()
            )

        return trained(network, epochs, make)

    report = check.train(train)
    assert report.passed
    assert [one.name for one in report.notes] == ["optimizer-recreated"]


@pytest.mark.parametrize(("name", "words", "loss"), update_rule.OTHER_LOSSES)
def test_another_loss_is_told(name: str, words: str, loss: Callable[..., Tensor]) -> None:
    report = judged(lambda logits, targets: loss(logits.double(), targets))
    assert problems(report) == [name]
    assert words in report.problems[0].observed


@pytest.mark.parametrize("kind", [optim.Adam, optim.AdamW, optim.RMSprop, optim.Adagrad])
def test_another_optimizer_is_told(kind: type[optim.Optimizer]) -> None:
    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        return trained(network, epochs, functools.partial(kind, lr=learning_rate))

    assert problems(check.train(train)) == ["other-optimizer"]


@pytest.mark.parametrize(
    ("chosen", "still"),
    [
        (lambda network: [network[1].weight], 120),
        (lambda network: network[:-1].parameters(), 110),
        (lambda network: network[-1].parameters(), None),
    ],
)
def test_parameters_that_never_change_are_told(
    chosen: Callable[[nn.Sequential], Any], still: int | None
) -> None:
    def train(network: nn.Sequential, epochs: int, learning_rate: float) -> Lists:
        return trained(network, epochs, lambda _: optim.SGD(chosen(network), learning_rate))

    report = check.train(train)
    assert problems(report) == ["not-all-parameters"]
    if still:
        assert told(report) == [still, 7960]


def test_updates_that_nothing_explains_are_still_seen() -> None:
    def noisy(logits: Tensor, targets: Tensor) -> Tensor:
        return cross_entropy(logits + 0.1 * torch.rand_like(logits), targets)

    assert problems(judged(noisy)) == ["wrong-updates"]


@pytest.mark.parametrize(("rate", "update"), [(0.037e3, 12), (0.037e6, 6), (1e30, 2)])
def test_a_training_that_diverges_is_told_with_its_cause(rate: float, update: int) -> None:
    report = judged(lr=rate)
    assert problems(report) == ["not-finite", "learning-rate"]
    assert f"after update {update} of 12" in report.problems[0].observed
    assert f"{rate:.3g}" in report.problems[1].observed


def test_the_cause_of_divergence_may_be_another_one() -> None:
    def squares(logits: Tensor, targets: Tensor) -> Tensor:
        return (logits - nn.functional.one_hot(targets, 10)).square().mean()

    def undefined(logits: Tensor, targets: Tensor) -> Tensor:
        return (logits - logits).sum() / 0.0

    assert problems(judged(squares, lr=1e3)) == ["not-finite", "other-loss"]
    assert problems(judged(lr=1e4, maximize=True)) == ["not-finite", "wrong-direction"]
    assert problems(judged(undefined)) == ["not-finite"]


def test_a_network_made_anew_that_diverges_each_time_is_both() -> None:
    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        lists = []
        for _ in range(epochs):
            for layer in list(network)[1:]:
                layer.reset_parameters()
            lists.append(trained(network, 1, functools.partial(optim.SGD, lr=1e30)))
        return tuple([one for part in parts for one in part] for parts in zip(*lists, strict=True))

    assert problems(check.train(train)) == ["not-finite", "re-initialised"]


def test_updates_of_one_size_that_follow_a_sum_are_told_as_before() -> None:
    """A large step in batches of 64 alone is that of a sum only if it is 64 times too large."""

    def summed(logits: Tensor, targets: Tensor) -> Tensor:
        return cross_entropy(logits, targets, reduction="sum")

    assert problems(judged(summed)) == ["summed-loss"]
    for factor, name in ((64.0, "summed-loss"), (10.0, "learning-rate")):
        course = update_rule.Steps(
            steps=torch.ones(2, 3) * factor,
            gradients=torch.ones(2, 3),
            parameters=torch.zeros(2, 3),
            sizes=torch.tensor([64.0, 64.0]),
            lengths=[2],
            batches=[],
            rate=0.037,
        )
        assert [one.name for one in update_rule.diagnosed(course)] == [name]


def test_losses_that_are_no_finite_numbers_are_told() -> None:
    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        losses, accuracies = sgd(network, epochs, learning_rate)
        return [losses[0], float("nan"), float("inf")], accuracies

    report = check.train(train)
    assert problems(report) == ["not-finite"]
    assert "nan, inf" in report.problems[0].observed


def test_mistakes_of_different_kinds_are_all_named() -> None:
    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        losses, accuracies = trained(network, epochs, functools.partial(optim.SGD, lr=0.01))
        return losses, [100 * one for one in accuracies]

    assert problems(check.train(train)) == ["learning-rate", "percent-for-fraction"]


# --- train: where it finds its loaders


class Holder:
    """A student's class with loaders."""

    def __init__(self) -> None:
        self.loaders = {"train": notebook.train, "test": notebook.test}

    def train(self, network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        loaders = (self.loaders["train"], self.loaders["test"])
        return sgd(network, epochs, learning_rate, loaders)

    __call__ = train


def sgd(
    network: nn.Module, epochs: int, rate: float, loaders: Sequence[Any] | None = None
) -> Lists:
    return trained(network, epochs, functools.partial(optim.SGD, lr=rate), loaders=loaders)


def made_inside(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
    train_set, test_set = notebook.sets
    loaders = DataLoader(train_set, 64, shuffle=True), DataLoader(test_set, 128)
    return sgd(network, epochs, learning_rate, loaders)


def keywords(network: nn.Module, *, epochs: int, learning_rate: float) -> Lists:
    return sgd(network, epochs, learning_rate)


def positions(network: nn.Module, epochs: int, learning_rate: float, log: bool = False, /) -> Lists:
    return sgd(network, epochs, learning_rate)


def anything(*arguments: Any) -> Lists:
    return sgd(*arguments)


def loaders_in_the_middle(
    net: nn.Module, train_dl: Any, val_dl: Any, epochs: int, lr: float
) -> Lists:
    return sgd(net, epochs, lr, (train_dl, val_dl))


def loaders_without_a_name(net: nn.Module, n: int, eta: float, a: Any, b: Any) -> Lists:
    return sgd(net, n, eta, (a, b))


def with_a_device(net: nn.Module, n: int, eta: float, loaders: Any, device: Any) -> Lists:
    return sgd(net.to(device), n, eta, loaders)


def with_options(
    net: nn.Module, n: int, eta: float, batch_size: int = 7, test: bool = True
) -> Lists:
    assert (batch_size, test) == (7, True)
    return sgd(net, n, eta)


def with_an_interval(
    net: nn.Module, n: int, eta: float, print_interval: Any = None, value: Any = None,
    eval_every: Any = None, latest: Any = None, trainloader: Any = None, valLoader: Any = None,
) -> Lists:  # fmt: skip
    assert (print_interval, value, eval_every, latest) == (None, None, None, None)
    return sgd(net, n, eta, (trainloader, valLoader))


@pytest.mark.parametrize(
    ("name", "testing"),
    [
        *((one, False) for one in ("train", "train_dl", "trainset", "training_data", "dl_train")),
        *((one, False) for one in ("TrainLoader", "dataloadertrain", "mnist_train", "train2")),
        *((one, True) for one in ("test", "val_dl", "validation", "valid_set", "testing_data")),
        *((one, True) for one in ("valloader", "valLoader", "MNISTtest", "eval_loader", "testset")),
        *((one, None) for one in ("interval", "values", "latest", "evaluate", "constrain", "data")),
    ],
)
def test_names_are_read_by_words(name: str, testing: bool | None) -> None:
    assert lending.is_for_testing(name) is testing


def test_a_loader_is_lent_by_the_words_of_its_name() -> None:
    """`interval` and `latest` have nothing to do with testing, so the datasets decide."""
    train = DataLoader(notebook.sets[0], 64, shuffle=True)
    intervals, latest = {"interval": train}, {"latest": DataLoader(notebook.sets[1], 100)}

    def own(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        return sgd(network, epochs, learning_rate, (intervals["interval"], latest["latest"]))

    assert str(check.train(own)) == "train: passed"


@pytest.mark.parametrize(
    "train",
    [
        with_an_interval, Holder().train, Holder(), made_inside, keywords, positions, anything, loaders_in_the_middle,
        loaders_without_a_name, with_a_device, with_options,
        functools.partial(loaders_in_the_middle, train_dl=notebook.train, val_dl=notebook.test),
        lambda network, epochs, learning_rate: sgd(network, epochs, learning_rate),
    ],
)  # fmt: skip
def test_any_way_to_the_loaders_is_fine(
    train: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules[check.train.__module__], "_stops_early", lambda _: iter(()))
    before = state(notebook.train), state(notebook.test), notebook.sets[0].data.shape
    assert str(check.train(train)) == "train: passed"
    assert (state(notebook.train), state(notebook.test), notebook.sets[0].data.shape) == before


def state(loader: DataLoader) -> tuple[Any, ...]:
    return type(loader), id(loader.dataset), type(loader.dataset), loader.batch_size, len(loader)


@pytest.mark.parametrize(
    "train",
    [
        lambda network, epochs, learning_rate, a, b, c: [],
        lambda network, epochs, learning_rate, batch_size: [],
        lambda network, train_loader, optimizer: [],
        lambda network, epochs: [],
    ],
)
def test_a_signature_for_something_else_is_told(train: Callable[..., None]) -> None:
    assert problems(check.train(train)) == ["arguments"]


def test_data_that_can_not_be_lent_are_told() -> None:
    images, targets = torch.rand(64, 784), torch.randint(10, (64,))

    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        return sgd(network, epochs, learning_rate, ([(images, targets)], [(images, targets)]))

    assert problems(check.train(train)) == ["own-data"]


class Strange(Dataset):
    """A dataset that is read in a way of its own."""

    def __init__(self) -> None:
        self.items = [(torch.rand(1, 28, 28), 3)]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.items[index]


def test_lent_data_sets_are_themselves_again_also_after_an_error() -> None:
    train_set, test_set = Strange(), Subset(notebook.sets[1], [1, 2])
    loaders = {"train": DataLoader(train_set), "test": DataLoader(test_set)}

    def fails() -> None:
        assert len(loaders["train"].dataset) == len(train_set) == probe_data.TRAIN
        assert len(test_set) == probe_data.TEST
        raise KeyError

    with pytest.raises(KeyError), lent_loaders(fails, *probe_data.loaders()):
        fails()
    assert type(train_set) is Strange
    assert train_set[0][1] == 3
    assert list(test_set.indices) == [1, 2]
    assert loaders["train"].dataset is train_set


def test_optimizers_are_themselves_again() -> None:
    before = optim.Optimizer.__init__
    judged()
    assert optim.Optimizer.__init__ is before
    assert judged().passed  # nor is anything counted twice


def test_random_numbers_go_on_as_if_nothing_had_happened() -> None:
    torch.manual_seed(5)
    expected = torch.rand(3)
    torch.manual_seed(5)
    judged()
    check.evaluate(mnistlab.evaluate)
    assert torch.equal(torch.rand(3), expected)


def test_settings_of_the_notebook_neither_disturb_nor_change() -> None:
    threads = torch.get_num_threads()
    try:
        torch.set_default_dtype(torch.float64)
        torch.set_num_threads(2)
        with torch.no_grad():
            assert check.train(mnistlab.train).passed
            assert check.evaluate(mnistlab.evaluate).passed
            assert not torch.is_grad_enabled()
        assert torch.get_default_dtype() == torch.float64
        assert torch.get_num_threads() == 2
    finally:
        torch.set_default_dtype(torch.float32)
        torch.set_num_threads(threads)


@pytest.mark.parametrize("checker", [check.train, check.evaluate, check.datasets])
@pytest.mark.parametrize("argument", [None, 3, nn.Linear(2, 2)])
def test_what_is_no_function_is_refused(checker: Callable[..., Any], argument: Any) -> None:
    with pytest.raises(TypeError, match="expected your function"):
        checker(argument)


# --- a checker that has lost an eye is noticed


def test_planted_a_blind_comparison_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(update_rule, "PRECISION", 10.0)
    assert judged(momentum=0.9).passed


def test_planted_a_blind_comparison_of_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(averages, "close", lambda *_: True)
    assert check.evaluate(lambda network, loader: sums(network, loader)[:2]).passed


def test_planted_gradients_of_another_loss(monkeypatch: pytest.MonkeyPatch) -> None:
    right = update_rule._gradients
    monkeypatch.setattr(update_rule, "_gradients", lambda batches, loss: 2 * right(batches, loss))
    assert problems(judged()) == ["learning-rate"]


# --- count_parameters: what it says


def last_tensor(network: nn.Module) -> int:
    for one in network.parameters():
        total = one.numel()
    return total


def first_tensor(network: nn.Module) -> int:
    for one in network.parameters():
        return one.numel()
    return 0


def of_a_sequential(network: Any) -> int:
    return sum(one.numel() for layer in network for one in layer.parameters())


@pytest.mark.parametrize(
    ("count", "name", "words"),
    [
        (last_tensor, "wrong-count", "the last tensor alone"),
        (first_tensor, "wrong-count", "the first tensor alone"),
        (of_a_sequential, "raised", "of its own (not nn.Sequential)"),
    ],
)
def test_a_wrong_count_is_told_in_words(
    count: Callable[[nn.Module], int], name: str, words: str
) -> None:
    report = check.count_parameters(count)
    assert problems(report) == [name]
    assert words in report.problems[0].observed
    assert "'_" not in report.problems[0].observed  # no private name of the checker


def test_one_number_is_told_in_the_singular() -> None:
    def train(network: nn.Module, epochs: int, learning_rate: float) -> Lists:
        losses, accuracies = sgd(network, epochs, learning_rate)
        return losses, accuracies[:1]

    report = check.train(train)
    assert problems(report) == ["list-length"]
    assert report.problems[0].observed == "1 number in the list of the accuracy, for 3 epochs"
