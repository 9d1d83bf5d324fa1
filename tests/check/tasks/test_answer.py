"""The checkers of the two tests, of what ten epochs give, and of the harder exercises."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
import torch
from PIL.Image import Image
from torch import Tensor, nn
from torch.utils.data import DataLoader

from mnistlab import check, convolutional, count_parameters, fully_connected, record
from mnistlab.check.report import Report
from mnistlab.check.student import probe_data, sandbox
from mnistlab.check.student.lending import lent_mnist
from mnistlab.check.tasks import answer, own_tests, results
from mnistlab.exercises import EXERCISES
from mnistlab.runs import TASK_7, TASK_8, Specification


def problems(report: Report) -> list[str]:
    return [one.name for one in report.problems]


def notes(report: Report) -> list[str]:
    return [one.name for one in report.notes]


HUGE = (10**400, -(10**400), 10**5000, Fraction(10**400, 3))
"""Numbers that no ``float`` can hold, the third one too long to be written."""


def observed(report: Report) -> str:
    return report.problems[0].observed


# --- test 1


def first_items(train_set: Any, test_set: Any) -> None:
    for data_set in (train_set, test_set):
        image, target = data_set[0]
        assert isinstance(image, Image)
        assert isinstance(target, int)


def all_items(train_set: Any, test_set: Any) -> None:
    for data_set in (train_set, test_set):
        for image, target in data_set:
            assert type(image) is Image
            assert type(target) is int, "a target is no int"


def other_errors(train_set: Any, test_set: Any) -> None:
    for image, target in (train_set[0], test_set[-1]):
        if not isinstance(image, Image) or not isinstance(target, int):
            raise TypeError("wrong type")


def first_set_only(train_set: Any, test_set: Any) -> None:
    first_items(train_set, train_set)


def second_set_only(train_set: Any, test_set: Any) -> None:
    first_items(test_set, test_set)


def images_only(train_set: Any, test_set: Any) -> None:
    for data_set in (train_set, test_set):
        assert isinstance(data_set[0][0], Image)


def targets_only(train_set: Any, test_set: Any) -> None:
    for data_set in (train_set, test_set):
        assert isinstance(data_set[0][1], int)


def no_tensors(train_set: Any, test_set: Any) -> None:
    for data_set in (train_set, test_set):
        assert not any(isinstance(part, Tensor) for part in data_set[0])


def false_returned(train_set: Any, test_set: Any) -> bool:
    return isinstance(train_set[0][0], Image) and isinstance(test_set[0][0], Image)


def all_of_mnist(train_set: Any, test_set: Any) -> None:
    first_items(train_set, test_set)
    assert len(train_set) == 60_000  # not asked for


def misspelt(train_set: Any, test_set: Any) -> None:
    train_set.item(0)


@pytest.mark.parametrize("solution", [first_items, all_items])
def test_a_right_first_test_passes(solution: Callable[..., object]) -> None:
    report = check.test_1(solution)
    assert report.passed, report
    assert not report.notes


def test_other_errors_than_assertions_are_a_note() -> None:
    report = check.test_1(other_errors)
    assert (problems(report), notes(report)) == ([], ["not-an-assertion"])
    assert "raises TypeError" in report.notes[0].observed


@pytest.mark.parametrize(
    ("solution", "through", "caught"),
    [
        (first_set_only, "a test set with", "a training set with"),
        (second_set_only, "a training set with", "a test set with"),
        (images_only, "for targets", "for images"),
        (targets_only, "for images", "for targets"),
        (no_tensors, "NumPy for images", "tensors"),
    ],
)
def test_what_a_first_test_lets_through_is_told(
    solution: Callable[..., object], through: str, caught: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_tests, "SHOWN", 99)
    report = check.test_1(solution)
    assert problems(report) == ["wrong-accepted"]
    assert through in observed(report)
    assert caught not in observed(report)
    assert "arguments" not in observed(report)


def test_returning_false_is_no_error() -> None:
    report = check.test_1(false_returned)
    assert problems(report) == ["wrong-accepted"]
    assert "returns False (bool) instead of raising" in observed(report)
    assert "does it look at its arguments?" not in observed(report)
    assert "does it look at its arguments?" in observed(check.test_1(lambda a, b: id(a) and None))
    assert "and 7 more" in observed(report)
    assert report.problems[0].section.endswith("“One image”")
    printing = check.test_1(lambda train_set, test_set: print("wrong"))
    assert "prints something instead of raising" in observed(printing)


@pytest.mark.parametrize(
    ("solution", "line"),
    [
        (all_of_mnist, "assert len(train_set) == 60_000  # not asked for"),
        (misspelt, "train_set.item(0)"),
    ],
)
def test_right_data_refused_is_told_with_the_students_line(
    solution: Callable[..., object], line: str
) -> None:
    report = check.test_1(solution)
    assert problems(report) == ["right-refused"]
    assert line in observed(report)
    assert "203 and 1003 images" in observed(report)
    relies = "must not rely on the numbers of images" in report.problems[0].expected
    assert relies == (solution is all_of_mnist)


# --- test 2: all conditions, and what gets through without one of them


def sizes(train_loader: Any, test_loader: Any) -> None:
    last = len(train_loader) - 1
    for number, (inputs, _) in enumerate(train_loader):
        assert number == last or len(inputs) == 64


def input_types(train_loader: Any, test_loader: Any) -> None:
    for loader in (train_loader, test_loader):
        assert all(isinstance(inputs, Tensor) for inputs, _ in loader)


def target_types(train_loader: Any, test_loader: Any) -> None:
    for loader in (train_loader, test_loader):
        assert all(isinstance(targets, Tensor) for _, targets in loader)


def bounds(part: int, least: float, most: float) -> Callable[..., None]:
    def test(train_loader: Any, test_loader: Any) -> None:
        for loader in (train_loader, test_loader):
            for batch in loader:
                values = torch.as_tensor(batch[part])
                assert values.min() >= least
                assert values.max() <= most

    return test


LARGE = 1e6
CONDITIONS: dict[str, Callable[..., None]] = {
    "sizes": sizes,
    "input types": input_types,
    "target types": target_types,
    "inputs from 0": bounds(0, 0, LARGE),
    "inputs to 1": bounds(0, -LARGE, 1),
    "targets from 0": bounds(1, 0, LARGE),
    "targets to 9": bounds(1, -LARGE, 9),
}
WITHOUT = {
    "sizes": ["batches of 32", "a first batch of 11", "batch of 65", "last batch but one of 63"],
    "input types": ["arrays of NumPy for inputs"] * 2,
    "target types": ["lists for targets"] * 2,
    "inputs from 0": ["an input of -0.1 in the last batch"] * 2,
    "inputs to 1": ["inputs from 0 to 255", "inputs from 0 to 255", *["an input of 1.1"] * 2],
    "targets from 0": ["a target of -1 in the first batch"] * 2,
    "targets to 9": ["a target of 10 in the last batch"] * 2,
}


def combined(*conditions: Callable[..., None]) -> Callable[..., None]:
    def test(train_loader: Any, test_loader: Any) -> None:
        for condition in conditions:
            condition(train_loader, test_loader)

    return test


def accepted(solution: Callable[..., object]) -> list[str]:
    report = check.test_2(solution)
    assert problems(report) == ["wrong-accepted"], report
    return re.findall(r"^- (.+)$", observed(report), re.MULTILINE)


def by_attribute(train_loader: Any, test_loader: Any) -> None:
    assert train_loader.batch_size == 64
    combined(*list(CONDITIONS.values())[1:])(train_loader, test_loader)


@pytest.mark.parametrize("solution", [combined(*CONDITIONS.values()), by_attribute])
def test_a_right_second_test_passes(solution: Callable[..., object]) -> None:
    report = check.test_2(solution)
    assert report.passed, report
    assert not report.notes


@pytest.mark.parametrize("left_out", CONDITIONS)
def test_each_condition_of_a_second_test_is_needed(
    left_out: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_tests, "SHOWN", 99)
    others = [one for name, one in CONDITIONS.items() if name != left_out]
    through = accepted(combined(*others))
    assert len(through) == len(WITHOUT[left_out])
    for seen, told in zip(through, WITHOUT[left_out], strict=True):
        assert told in seen


def only_some(which: slice) -> Callable[..., None]:
    """All conditions, on some batches of each loader."""

    def test(train_loader: Any, test_loader: Any) -> None:
        combined(*CONDITIONS.values())(list(train_loader)[which], list(test_loader)[which])

    return test


@pytest.mark.parametrize(
    ("solution", "told"),
    [
        (only_some(slice(1)), "a training loader with an input of -0.1 in the last batch"),
        (only_some(slice(-1, None)), "a training loader with a target of -1 in the first batch"),
        (lambda a, b: combined(*CONDITIONS.values())(a, a), "a test loader with inputs from 0 to"),
    ],
)
def test_every_batch_of_both_loaders_counts(
    solution: Callable[..., object], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(own_tests, "SHOWN", 99)
    assert any(told in one for one in accepted(solution))


def no_exception_for_the_last(train_loader: Any, test_loader: Any) -> None:
    assert all(len(targets) == 64 for _, targets in train_loader)


def all_but_the_last_of_mnist(train_loader: Any, test_loader: Any) -> None:
    for i, (x, _) in enumerate(train_loader):
        if i < 937:
            assert len(x) == 64


def batch_number_937(train_loader: Any, test_loader: Any) -> None:
    assert len(list(train_loader)[937][1]) == 32


def sixty_four_in_test_batches(train_loader: Any, test_loader: Any) -> None:
    assert all(len(targets) == 64 for _, targets in list(test_loader)[:-1])


def a_smaller_last_batch(train_loader: Any, test_loader: Any) -> None:
    assert len(list(train_loader)[-1][1]) < 64


@pytest.mark.parametrize(
    ("solution", "told"),
    [
        (no_exception_for_the_last, "batches of 64, 64, 64 and 11"),
        (all_but_the_last_of_mnist, "batches of 64, 64, 64 and 11"),
        (batch_number_937, "batches of 64, 64, 64 and 11"),
        (sixty_four_in_test_batches, "test batches of 50"),
        (a_smaller_last_batch, "three training batches of 64"),
    ],
)
def test_right_loaders_must_not_be_refused(solution: Callable[..., object], told: str) -> None:
    report = check.test_2(solution)
    assert problems(report) == ["right-refused"]
    assert told in observed(report)
    assert f"in {solution.__name__}" in observed(report)
    assert "small datasets of its own" in report.problems[0].expected


@pytest.mark.parametrize("checker", [check.test_1, check.test_2])
def test_what_is_no_test_is_refused(checker: Callable[..., Report]) -> None:
    with pytest.raises(TypeError, match="expected your function itself"):
        checker(None)
    assert problems(checker(lambda one: one)) == ["arguments"]


@pytest.mark.parametrize("checker", [check.test_1, check.test_2])
def test_a_students_test_leaves_nothing_and_is_stopped(
    checker: Callable[..., Report], monkeypatch: pytest.MonkeyPatch
) -> None:
    def meddling(first: Any, second: Any) -> None:
        random.seed(1), np.random.seed(1), torch.manual_seed(1)
        torch.set_default_dtype(torch.float64)
        raise AssertionError

    def endless(first: Any, second: Any) -> None:
        while True:
            pass

    def state() -> tuple[object, ...]:
        numbers = random.getstate(), np.random.get_state()[1].tolist()
        return (*numbers, torch.get_rng_state().tolist(), torch.get_default_dtype())

    before = state()
    assert problems(checker(meddling)) == ["right-refused"]
    assert state() == before
    monkeypatch.setattr(sandbox, "TIME_LIMIT", 0.3)
    assert problems(checker(endless)) == ["time-limit"]


# --- tasks 7 and 8

TASKS = pytest.mark.parametrize(
    ("checker", "task"), [(check.task_7, TASK_7), (check.task_8, TASK_8)]
)
Lists = tuple[list[float], list[float]]


def recorded(task: Specification, epochs: slice = slice(10)) -> Lists:
    history = record.load(task).history
    return history.test_loss[epochs], history.test_accuracy[epochs]


@TASKS
@pytest.mark.parametrize("kind", [list, tuple, np.array, torch.tensor])
def test_a_recorded_run_passes(
    checker: Callable[..., Report], task: Specification, kind: Callable[..., object]
) -> None:
    report = checker(*map(kind, recorded(task)))
    assert report.passed
    assert not report.notes, report


@TASKS
def test_another_seed_is_like_the_record_and_other_settings_are_not(
    checker: Callable[..., Report], task: Specification, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each run is judged by the others; half or twice as many updates, or as large, are noted."""
    everything = record.histories(task)
    for left_out in everything if len(everything) > 2 else []:
        others = [one for one in everything if one is not left_out]
        with monkeypatch.context() as patch:
            patch.setattr(record, "histories", lambda _, others=others: others)
            assert not checker(left_out.test_loss[:10], left_out.test_accuracy[:10]).notes
    slower, faster = (
        tuple([values[min(at(epoch), 99)] for epoch in range(10)] for values in whole)
        for whole in [recorded(task, slice(100))]
        for at in (lambda epoch: epoch // 2, lambda epoch: 2 * epoch + 1)
    )
    for lists in (slower, faster):
        report = checker(*lists)
        assert report.passed
        assert notes(report) == ["unlike-the-record"]
        assert f"loss {lists[0][-1]:.4f}" in report.notes[0].observed
        assert "learning rate 0.01" in report.notes[0].expected


GOOD = recorded(TASK_7)


def altered(values: list[float], place: int, value: float) -> list[float]:
    return [value if number == place else one for number, one in enumerate(values)]


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ((..., GOOD[1]), "not-done"),
        ((GOOD[0], 0.93), "wrong-type"),
        ((["a"] * 10, GOOD[1]), "wrong-type"),
        ((GOOD[0][:9], GOOD[1]), "list-length"),
        ((GOOD[0], [*GOOD[1], 0.94]), "list-length"),
        ((altered(GOOD[0], 3, float("nan")), GOOD[1]), "not-finite"),
        ((GOOD[0], altered(GOOD[1], 9, float("inf"))), "not-finite"),
        (GOOD[::-1], "order-swapped"),
        (([100 * one for one in GOOD[1]], GOOD[0]), "order-swapped"),
        ((GOOD[0], [100 * one for one in GOOD[1]]), "percent-for-fraction"),
        ((GOOD[0], [10_000 * one for one in GOOD[1]]), "count-for-fraction"),
        ((GOOD[0], [1 - one for one in GOOD[1]]), "error-rate"),
        (([one / 64 for one in GOOD[0]], GOOD[1]), "loss-unlike-accuracy"),
        ((GOOD[0], GOOD[0]), "loss-unlike-accuracy"),
        (([10_000 * one for one in GOOD[0]], GOOD[1]), "summed-loss"),
        (([157 * one for one in GOOD[0]], GOOD[1]), "summed-loss"),
        ((GOOD[0], altered(GOOD[1], 0, -0.1)), "not-an-accuracy"),
        ((altered(GOOD[0], 0, -0.1), GOOD[1]), "negative-loss"),
        (([2.3] * 10, [0.098] * 10), "nothing-learned"),
        (([2.3, *[2.31] * 9], [0.6, *[0.55] * 9]), "nothing-learned"),
        (([2.3 + epoch for epoch in range(10)], [0.1] * 10), "nothing-learned"),
    ],
)
def test_what_is_wrong_with_ten_epochs_is_named(lists: Any, expected: str) -> None:
    for checker in (check.task_7, check.task_8):
        assert problems(checker(*lists)) == [expected]


def test_a_loss_that_does_not_go_with_the_accuracy_blames_neither() -> None:
    report = check.task_7([one / 64 for one in GOOD[0]], GOOD[1])
    assert "Is the loss too small" in report.problems[0].expected
    assert "Or is the accuracy" in report.problems[0].expected
    assert "same numbers" in observed(check.task_7(GOOD[0], GOOD[0]))


def test_a_loss_that_rises_at_the_end_has_still_learned() -> None:
    """As with Adam and a large step: the test loss turns up, the accuracy does not."""
    losses, accuracies = [0.07, *[0.09] * 9], [0.975, *[0.98] * 9]
    assert check.task_8(losses, accuracies).passed


@pytest.mark.parametrize("task", [TASK_7, TASK_8])
def test_no_recorded_epoch_looks_like_an_error_rate(task: Specification) -> None:
    """The bound, ln 2 for each wrong answer, is kept by all that was measured, and not by chance."""
    for history in record.histories(task):
        pairs = list(zip(history.test_loss, history.test_accuracy, strict=True))
        assert all(loss > 2 * (1 - right) * np.log(2) for loss, right in pairs)
        assert all(loss < right * np.log(2) for loss, right in pairs[1:])


def test_lent_images_are_not_compared() -> None:
    poor = [2.3 - epoch / 100 for epoch in range(10)], [0.1] * 10
    with lent_mnist(*probe_data.content()):
        report = check.task_7(*poor)
        small = check.small_network(convolutional(10, 13, 10), 0.1, poor[1])
    for one in (report, small):
        assert (problems(one), notes(one)) == ([], ["lent-images"])
    assert problems(check.task_7(*poor)) == ["nothing-learned"]
    assert problems(check.small_network(convolutional(10, 13, 10), 0.1, poor[1])) == [
        "accuracy-not-reached"
    ]


# --- the answers


def receptive_field() -> int:
    """By trying: which pixels change an output from the middle."""
    pools = nn.AvgPool2d(2)  # as wide as a max-pooling, and every pixel matters
    convolution = nn.Conv2d(1, 1, 5, padding=2)
    nn.init.ones_(convolution.weight)
    image = torch.ones(1, 1, 28, 28, requires_grad=True)
    nn.Sequential(convolution, pools, convolution, pools)(image)[0, 0, 3, 3].backward()
    return int((image.grad[0, 0] != 0).any(dim=0).sum())


def colour_flatten_size() -> int:
    blocks = nn.Sequential()
    for inputs, outputs in ((3, 16), (16, 32), (32, 64)):
        blocks.extend([nn.Conv2d(inputs, outputs, 5, padding=2), nn.MaxPool2d(2)])
    return blocks(torch.zeros(1, 3, 32, 32)).flatten(1).shape[1]


def equal_parameters() -> int:
    most = count_parameters(fully_connected(784, 100, 10))
    fits = [count_parameters(convolutional(Q, 2 * Q, 10)) <= most for Q in range(1, 60)]
    return sum(fits)


def last_batch_weight() -> float:
    """The derivative of the mean of batch means with respect to one image's loss."""
    losses = torch.ones(10_000, dtype=torch.float64, requires_grad=True)
    torch.stack([batch.mean() for batch in losses.split(64)]).mean().backward()
    return (losses.grad[-1] / losses.grad[0]).item()


def full_batches() -> int:
    whole = [size for size in range(65, 1000) if 60_000 % size == 10_000 % size == 0]
    return min(whole)


MEASURED: dict[str, Callable[[], float]] = {
    "full-batches": full_batches,
    "receptive-field": receptive_field,
    "colour-flatten-size": colour_flatten_size,
    "equal-parameters": equal_parameters,
    "last-batch-weight": last_batch_weight,
}


def test_the_sheet_asks_for_these_answers() -> None:
    calls = " ".join(one.call for one in EXERCISES)
    assert sorted(re.findall(r'check\.answer\(\s*"([a-z-]+)"', calls)) == sorted(answer.ANSWERS)
    assert set(MEASURED) == set(answer.ANSWERS)


@pytest.mark.parametrize("name", MEASURED)
def test_the_right_answer_is_what_is_measured(name: str) -> None:
    value = MEASURED[name]()
    for kind in (float, np.float32, np.array, torch.tensor, Fraction):
        assert check.answer(name, kind(value)).passed
    for wrong in (value + 1, value - 1, 0, -value, value + 0.5):
        assert problems(check.answer(name, wrong)) == ["wrong-answer"]


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("full-batches", 64, "not above 64"),
        ("full-batches", 65, "the last training batch has 5 images"),
        ("full-batches", 75, "the last test batch has 25 images"),
        ("full-batches", 100, "there is a smaller one"),
        ("full-batches", 66.7, "a whole number of images"),
        ("receptive-field", 14, "a pooling follows"),
        ("receptive-field", 10, "without the first pooling"),
        ("receptive-field", 11, "two pixels apart"),
        ("receptive-field", 256, "not its side"),
        ("colour-flatten-size", 4096, "after two poolings"),
        ("colour-flatten-size", 3072, "the colours counted again"),
        ("colour-flatten-size", 16, "one channel"),
        ("colour-flatten-size", 1792, "only the last hands on"),
        ("equal-parameters", 32, "a larger Q is possible"),
        ("equal-parameters", 34, "more than 89\u202f610"),
        ("equal-parameters", 33.44, "a whole number"),
        ("last-batch-weight", 0.25, "the other way round"),
        ("last-batch-weight", 1, "each batch counts alike"),
        ("last-batch-weight", 3.98, "compare with another image"),
    ],
)
def test_slips_are_explained(name: str, value: float, told: str) -> None:
    report = check.answer(name, value)
    assert problems(report) == ["wrong-answer"]
    assert told in observed(report)


@pytest.mark.parametrize("name", answer.ANSWERS)
def test_the_right_answer_is_never_told(name: str) -> None:
    right = str(int(answer.ANSWERS[name].right))
    for value in {*range(1, 100), 256, 512, 1792, 3072, 3136, 4096, 0.25, 3.98} - {int(right)}:
        numbers = re.findall(r"\d+", str(check.answer(name, value)).replace("\u202f", ""))
        assert right not in numbers, check.answer(name, value)


@pytest.mark.parametrize("value", ["80", True, np.True_, torch.tensor(True), None, [80, 1]])
def test_what_is_no_number_is_named(value: object) -> None:
    report = check.answer("full-batches", value)
    assert problems(report) == ["wrong-type"]
    assert ("quotation marks" in report.problems[0].expected) == isinstance(value, str)


def test_an_unknown_question_is_refused_with_those_that_exist() -> None:
    with pytest.raises(ValueError, match=r"receptive_field.*full-batches, receptive-field, "):
        check.answer("receptive_field", 3)


@pytest.mark.parametrize("name", answer.ANSWERS)
def test_the_headline_says_which_question_it_is(name: str) -> None:
    right, wrong, open_ = (
        check.answer(name, value) for value in (answer.ANSWERS[name].right, -1, ...)
    )
    assert str(right) == f"answer {name}: passed"
    assert f'aria-label="answer {name}: 1 problem"' in wrong._repr_html_()
    assert str(open_).startswith(f"answer {name}: 1 problem\n\nproblem: not-done\n")
    assert {one.checker for one in (right, wrong, open_)} == {"answer"}


@pytest.mark.parametrize("value", HUGE, ids=range(len(HUGE)))
def test_a_huge_number_is_no_answer(value: Any) -> None:
    assert problems(check.answer("full-batches", value)) == ["wrong-type"]


@pytest.mark.parametrize("value", [10**20, 10**308, -(10**25)], ids=range(3))
def test_a_large_number_is_a_wrong_one(value: int) -> None:
    for name in answer.ANSWERS:
        report = check.answer(name, value)
        assert problems(report) == ["wrong-answer"]
        assert f"{value:.2e}" in observed(report)


# --- the small network

SIZES = (10, 13, 10)


class OwnSmall(nn.Module):
    """Network (b) in another spelling, with its last layer first."""

    def __init__(self, kernel: int = 5) -> None:
        super().__init__()
        self.last = nn.Linear(13 * 49, 10)
        self.second = nn.Conv2d(10, 13, kernel, padding="same")
        self.first = nn.Conv2d(1, 10, 5, padding="same")

    def forward(self, images: Tensor) -> Tensor:
        """Logits."""
        values = nn.functional.max_pool2d(self.first(images), 2).tanh()
        values = nn.functional.max_pool2d(self.second(values), 2).tanh()
        return self.last(values.flatten(1))


@pytest.mark.parametrize("network", [convolutional(*SIZES), OwnSmall(), convolutional(1, 19, 10)])
def test_a_right_small_network_passes_and_stays_as_it_is(network: nn.Module) -> None:
    network.eval()
    before = [one.clone() for one in network.parameters()]
    state = torch.get_rng_state()
    for arguments in ((0.9333,), ([0.8, 0.95],), (0.5, 0.4), (0.5, torch.tensor([0.9, 0.4]))):
        report = check.small_network(network, *arguments)
        assert report.passed, report
        assert not report.notes
    assert all(map(torch.equal, before, network.parameters()))
    assert not any(one.training for one in network.modules())
    assert torch.equal(torch.get_rng_state(), state)


def test_a_network_that_has_seen_no_image_stays_so() -> None:
    network = nn.Sequential(*list(convolutional(*SIZES))[:-1], nn.LazyLinear(10))
    assert check.small_network(network, 0.95).passed
    assert isinstance(network[-1].weight, nn.UninitializedParameter)


def test_an_error_before_a_lazy_layer_is_told() -> None:
    network = nn.Sequential(nn.Conv2d(3, 8, 5), *list(convolutional(8, 16, 10))[1:-1])
    report = check.small_network(network.append(nn.LazyLinear(10)), 0.95)
    assert problems(report) == ["raised"]
    assert "got 1 channels" in observed(report)
    assert isinstance(network[-1].weight, nn.UninitializedParameter)


def test_a_lazy_layer_that_is_never_used_does_no_harm() -> None:
    network = OwnSmall()
    network.left_over = nn.LazyLinear(10)
    assert check.small_network(network, 0.95).passed
    assert isinstance(network.left_over.weight, nn.UninitializedParameter)


def test_an_accuracy_that_is_not_a_number_is_not_reached() -> None:
    for arguments in ((torch.nan, 0.9), (0.9, torch.nan)):
        report = check.small_network(convolutional(*SIZES), *arguments)
        assert problems(report) == ["accuracy-not-reached"]


def test_an_accuracy_may_have_any_type_of_numbers() -> None:
    accuracy = torch.tensor(0.95, dtype=torch.bfloat16, requires_grad=True)
    assert check.small_network(convolutional(*SIZES), accuracy, 0.9).passed
    assert check.small_network(convolutional(*SIZES), [0.9, accuracy], 0.9).passed


@pytest.mark.parametrize(
    ("network", "accuracy", "names", "told"),
    [
        (convolutional(11, 13, 10), 0.95, ["too-many-parameters"], "10\u202f254 parameters"),
        (OwnSmall(3), 0.95, ["not-network-b"], "kernels of 3 × 3"),
        (fully_connected(784, 12, 10), 0.95, ["not-network-b"], "0 convolutions"),
        (nn.Sequential(*convolutional(*SIZES), nn.Softmax(1)), 0.95, ["not-network-b"], "softmax"),
        (nn.Sequential(*list(convolutional(*SIZES))[:-1]), 0.95, ["not-network-b"], "layer"),
        (convolutional(*SIZES), 0.93, ["accuracy-not-reached"], "93.00%"),
        (convolutional(*SIZES), 95.1, ["percent-for-fraction"], "95.1"),
        (convolutional(*SIZES), 9510, ["count-for-fraction"], "9510"),
        (convolutional(*SIZES), -0.9, ["not-an-accuracy"], "-0.9"),
        (convolutional(*SIZES), "95 %", ["wrong-type"], "small_accuracy is '95 %'"),
        (convolutional(*SIZES), True, ["wrong-type"], "True"),
        (convolutional(*SIZES), [], ["wrong-type"], "[]"),
        (convolutional, 0.95, ["not-a-network"], "convolutional"),
        (convolutional(32, 64, 10), 0.9, ["too-many-parameters", "accuracy-not-reached"], "83"),
    ],
)
def test_what_is_wrong_with_a_small_network_is_named(
    network: Any, accuracy: Any, names: list[str], told: str
) -> None:
    report = check.small_network(network, accuracy)
    assert problems(report) == names, report
    assert told in observed(report)


def test_network_a_is_that_of_the_same_images() -> None:
    network = convolutional(*SIZES)
    assert problems(check.small_network(network, 0.99, [0.5, 0.995])) == ["accuracy-not-reached"]
    assert problems(check.small_network(network, 0.99, 93.2)) == ["percent-for-fraction"]
    assert results.EPOCHS == 10


def test_loaders_of_the_checks_are_as_they_say() -> None:
    """The sizes that a finding tells are those of the loaders that were given."""
    for what, train, test in own_tests._right_loaders():
        lengths = [len(targets) for _, targets in train]
        assert lengths[:-1] == [64] * (len(lengths) - 1), what
        assert isinstance(test, DataLoader)
    wrong = list(own_tests._wrong_loaders())
    assert len({what for what, _, _ in wrong}) == len(wrong) == 18
