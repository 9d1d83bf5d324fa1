"""Checkers of networks, sizes and counts: what their messages say; the verdicts are in the gallery."""

from __future__ import annotations

import copy
import re
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest
import torch
from torch import nn

import mnistlab
from mnistlab import check
from mnistlab.check.network import diagnosis, reference
from mnistlab.check.network.reference import compare
from mnistlab.check.network.trace import images, ordinal, trace
from mnistlab.check.report.mistakes import MISTAKES
from mnistlab.check.tasks import count_parameters, flatten_size, parameter_formulas

BUILDERS = (check.fully_connected, check.convolutional)


def names(report: check.Report) -> list[str]:
    return [one.name for one in report.problems]


def padding_1(Q1: int, Q2: int, O: int) -> nn.Module:
    return nn.Sequential(
        nn.Conv2d(1, Q1, 5, padding=1), nn.MaxPool2d(2), nn.Tanh(),
        nn.Conv2d(Q1, Q2, 5, padding=2), nn.MaxPool2d(2), nn.Tanh(),
        nn.Flatten(), nn.Linear(49 * Q2, O),
    )  # fmt: skip


# --- the package's own functions are right


@pytest.mark.parametrize(
    ("checker", "solution"),
    [
        (check.fully_connected, mnistlab.fully_connected),
        (check.convolutional, mnistlab.convolutional),
        (check.count_parameters, mnistlab.count_parameters),
        (check.fully_connected_parameters, mnistlab.fully_connected_parameters),
        (check.convolutional_parameters, mnistlab.convolutional_parameters),
        (check.flatten_size, 3136),
    ],
)
def test_the_book_passes(checker: Callable, solution: object) -> None:
    checker(solution).require()
    started = time.thread_time()
    report = checker(solution)
    assert time.thread_time() - started < 2
    assert report == check.Report(checker.__name__)


# --- arguments of the wrong kind


@pytest.mark.parametrize(
    "checker",
    [*BUILDERS, check.count_parameters, check.convolutional_parameters],
)
@pytest.mark.parametrize("given", [None, 5, nn.Linear(2, 3)])
def test_what_is_no_function_is_refused(checker: Callable, given: object) -> None:
    name = checker.__name__
    with pytest.raises(TypeError, match=rf"check.{name} was given .*; expected your function itse"):
        checker(given)


@pytest.mark.parametrize("given", [None, "3136", True, nn.Flatten()])
def test_what_is_no_size_is_refused(given: object) -> None:
    with pytest.raises(TypeError, match=r"check.flatten_size was given .*; expected a number"):
        check.flatten_size(given)


# --- what is observed


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (padding_1, ["the first convolution has padding 1 × 1", "padding 2 on every side"]),
        (
            lambda Q1, Q2, O: nn.Sequential(*mnistlab.convolutional(Q1, Q2, O)[:-1]),
            ["0 fully-connected layers", "1 fully-connected layer"],
        ),
        (
            lambda Q1, Q2, O: mnistlab.convolutional(Q1, Q2, O + 1),
            ["11 outputs", "O = 10 outputs"],
        ),
        (lambda Q1, Q2, O: nn.Identity(), ["0 convolutions: no operation that is known here"]),
    ],
)
def test_messages_hold_the_numbers(build: Callable, says: list[str]) -> None:
    text = re.sub(r"\s+", " ", str(check.convolutional(build)))
    for part in says:
        assert part in text


def test_the_place_of_a_missing_tanh_is_said() -> None:
    def build(D: int, K: int, O: int) -> nn.Module:
        first, *rest = mnistlab.fully_connected(D, K, O)
        return nn.Sequential(first, *[layer for place, layer in enumerate(rest) if place != 3])

    report = check.fully_connected(build)
    assert names(report) == ["tanh-missing"]
    assert "between the second and the third fully-connected" in report.problems[0].observed


@pytest.mark.parametrize(
    ("place", "word"),
    [(0, "first"), (7, "eighth"), (8, "9th"), (10, "11th"), (20, "21st"), (110, "111th")],
)
def test_layers_beyond_the_eighth_are_numbered(place: int, word: str) -> None:
    assert ordinal(place) == word


def test_a_flatten_before_a_convolution_is_told_with_the_shape() -> None:
    report = check.convolutional(
        lambda *sizes: nn.Sequential(nn.Flatten(), *mnistlab.convolutional(*sizes))
    )
    assert "the first convolution receives the shape (3, 784)" in report.problems[0].observed


def test_a_failing_layer_of_a_sequence_is_named_with_what_reaches_it() -> None:
    def build(D: int, K: int, O: int) -> nn.Module:
        network = mnistlab.fully_connected(D, K, O)
        network[1].weight = nn.Parameter(torch.zeros(K, 5))
        return network

    report = check.fully_connected(build)
    assert names(report) == ["width"]
    assert "has in_features=5, but receives 784 numbers" in report.problems[0].observed


def test_an_error_in_forward_has_the_students_line() -> None:
    class Net(nn.Module):
        def forward(self, images: torch.Tensor) -> torch.Tensor:
            return self.no_such_layer(images)

    report = check.fully_connected(lambda D, K, O: Net())
    assert names(report) == ["raised"]
    assert "return self.no_such_layer(images)" in report.problems[0].observed


def test_each_network_has_its_own_section() -> None:
    a = check.fully_connected(lambda D, K, O: mnistlab.fully_connected(D, K + 1, O))
    b = check.convolutional(lambda Q1, Q2, O: mnistlab.convolutional(Q1, Q2, O + 1))
    assert a.problems[0].section.endswith("“Network (a): fully-connected”")
    assert b.problems[0].section.endswith("“Network (b): convolutional”")


# --- nothing of the student's changes


def test_a_network_that_the_function_returns_each_time_is_not_changed() -> None:
    network = mnistlab.fully_connected(784, 100, 10)
    before = copy.deepcopy(network.state_dict())
    report = check.fully_connected(lambda D, K, O: network)
    assert names(report) == ["sizes-hard-coded"]
    after = network.state_dict()
    assert all(torch.equal(before[name], after[name]) for name in before)
    assert next(network.parameters()).dtype == torch.float32


def test_a_network_is_left_in_the_mode_in_which_it_was() -> None:
    network = mnistlab.fully_connected(784, 100, 10).eval()
    check.fully_connected(lambda D, K, O: network)
    assert not network.training


def test_nothing_is_fetched_and_no_file_is_needed(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("socket.socket.connect", None)
    monkeypatch.chdir(tmp_path)
    check.convolutional(mnistlab.convolutional).require()
    assert list(tmp_path.iterdir()) == []


# --- the reference and the trace


@pytest.mark.parametrize("kind", ["fully_connected", "convolutional"])
def test_the_reference_is_the_books_network(kind: str) -> None:
    sizes = (36, 13, 7) if kind == "fully_connected" else (4, 12, 7)
    network, wanted = getattr(mnistlab, kind)(*sizes), getattr(reference, kind)(*sizes)
    batch = images(network, 3, wanted.image_shape)
    with torch.no_grad():
        expected = wanted.function(batch, *network.parameters())
    torch.testing.assert_close(network(batch), expected)
    assert wanted.parameters == mnistlab.count_parameters(network)
    assert compare(network, wanted).equal


CHANGES: list[Callable[[nn.Sequential], None]] = [
    lambda network: network.__setitem__(1, nn.AvgPool2d(2)),
    lambda network: network.__setitem__(2, nn.Hardtanh()),
    lambda network: network.__setitem__(5, nn.Softsign()),
    lambda network: setattr(network[3], "padding_mode", "circular"),
    lambda network: network.append(nn.Softmax(1)),
    lambda network: network.insert(6, nn.Dropout(0.1)),
    lambda network: network.insert(3, nn.BatchNorm2d(4, affine=False)),
    lambda network: setattr(network[0], "dilation", (1, 2)),
]


@pytest.mark.parametrize("change", CHANGES)
def test_the_comparison_sees_every_change(change: Callable[[nn.Sequential], None]) -> None:
    network = mnistlab.convolutional(4, 12, 7)
    change(network)
    assert not compare(network, reference.convolutional(4, 12, 7)).equal


@pytest.mark.parametrize(
    ("changed", "name"),
    [
        ({1: nn.AvgPool2d(2), 4: nn.AvgPool2d(2)}, "average-pooling"),
        ({2: nn.Identity()}, "tanh-missing"),
        ({5: nn.Identity()}, "tanh-missing"),
        ({2: nn.Sigmoid(), 5: nn.Sigmoid()}, "other-activation"),
        ({2: nn.ReLU(), 5: nn.ReLU()}, "other-activation"),
        ({7: nn.Sequential(nn.Linear(588, 7), nn.Softmax(1))}, "softmax-at-the-end"),
    ],
)
def test_a_network_with_one_change_equals_one_mistaken_reference(
    changed: dict[int, nn.Module], name: str
) -> None:
    network = mnistlab.convolutional(4, 12, 7)
    for place, layer in changed.items():
        network[place] = layer
    wrong = reference.mistaken(reference.convolutional(4, 12, 7))
    assert [one for one, _, reference in wrong if compare(network, reference).equal] == [name]


class InVain(nn.Module):
    """Computes a tanh that nothing uses."""

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        values.tanh()
        return values


def test_planted_no_comparison_with_what_is_known_to_be_wrong(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def build(D: int, K: int, O: int) -> nn.Module:
        network = mnistlab.fully_connected(D, K, O)
        network[4] = InVain()
        return network

    assert names(check.fully_connected(build)) == ["tanh-missing"]
    monkeypatch.setattr(reference, "mistaken", lambda _: ())
    assert names(check.fully_connected(build)) == ["other-function"]


def test_a_trace_notes_an_operation_that_fails() -> None:
    seen = trace(nn.Sequential(nn.Tanh(), nn.Linear(3, 2)), torch.zeros(4, 5))
    assert isinstance(seen.error, RuntimeError)
    assert [(step.name, step.received, step.returned) for step in seen.steps] == [
        ("tanh", (4, 5), (4, 5)),
        ("linear", (4, 5), None),
    ]


@pytest.mark.parametrize("spelling", ["linear", "matmul", "addmm", "mm"])
def test_a_product_is_a_layer_however_it_is_spelled(spelling: str) -> None:
    weight, bias = torch.zeros(5, 2), torch.zeros(2)
    ways: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
        "linear": lambda x: nn.functional.linear(x, weight.T, bias),
        "matmul": lambda x: x @ weight + bias,
        "addmm": lambda x: torch.addmm(bias, x, weight),
        "mm": lambda x: x.mm(weight),
    }
    (step,) = trace(ways[spelling], torch.zeros(4, 5)).steps
    assert (step.details["inputs"], step.details["outputs"]) == (5, 2)


# --- numbers


@pytest.mark.parametrize("value", [10**400, -(10**400), 10**5000], ids=range(3))
def test_a_huge_number_is_no_size(value: int) -> None:
    for given in (value, lambda Q2: value):
        report = check.flatten_size(given)
        assert names(report) == ["wrong-type"]
        assert "a whole number of about" in report.problems[0].observed
    assert names(check.count_parameters(lambda network: value)) == ["wrong-type"]


def test_a_large_number_is_a_wrong_size() -> None:
    report = check.flatten_size(10**300)
    assert names(report) == ["wrong-size"]
    assert "1.00e+300" in report.problems[0].observed


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.int64])
def test_a_size_may_have_any_type_of_numbers(dtype: torch.dtype) -> None:
    assert check.flatten_size(torch.tensor([3136], dtype=dtype)).passed


@pytest.mark.parametrize(
    ("padding", "plus", "told"), [(4, 0, "or without the + 1"), (2, 1, "counted on one side only")]
)
def test_a_slip_in_the_formula_of_a_side_is_told(padding: int, plus: int, told: str) -> None:
    def size(Q2: int) -> int:
        side = 28
        for _ in range(2):
            side = (side + padding - 5 + plus) // 2
        return side * side * Q2

    report = check.flatten_size(size)
    assert [one.name for one in report.problems] == ["padding-forgotten"]
    assert told in report.problems[0].observed


def test_wrong_formulas_give_different_numbers() -> None:
    """No two of the ways to be wrong that are told apart have the same three numbers."""
    cases = {
        "fully_connected_parameters": (parameter_formulas._fully_connected, ((784, 100, 10), (20, 7, 3), (5, 11, 2))),
        "convolutional_parameters": (parameter_formulas._convolutional, ((32, 64, 10), (3, 5, 7), (8, 2, 3))),
        "local_parameters": (parameter_formulas._local, ((8, 16, 10), (3, 5, 7), (6, 2, 3))),
    }  # fmt: skip
    for checker, (formula, asked) in cases.items():
        seen: dict[tuple[float, ...], str] = {tuple(formula(*one) for one in asked): "right"}
        for part in parameter_formulas._PARTS[checker]:
            for value in part.values:
                answers = tuple(formula(*one, **{part.option: value}) for one in asked)
                assert seen.setdefault(answers, part.name) == part.name, (part, value)


def test_wrong_ways_to_count_give_different_numbers() -> None:
    networks = count_parameters._networks().values()
    seen = {tuple(count_parameters._count(network) for network in networks): "right"}
    for part in count_parameters._PARTS:
        for value in part.values:
            answers = tuple(
                count_parameters._count(one, **{part.option: value}) for one in networks
            )
            assert seen.setdefault(answers, part.name) == part.name, (part, value)


def test_wrong_sizes_give_different_numbers() -> None:
    """Those of a function of Q2, and as far as it can be those of a single number."""
    seen: dict[tuple[int, ...], str] = {tuple(49 * Q2 for Q2 in flatten_size._WIDTHS): "right"}
    for part in flatten_size._PARTS:
        for formula in part.values:
            answers = tuple(formula(Q2) for Q2 in flatten_size._WIDTHS)
            assert seen.setdefault(answers, part.name) == part.name


def test_counting_agrees_with_the_book() -> None:
    for network in count_parameters._networks().values():
        assert count_parameters._count(network) == mnistlab.count_parameters(network)
    for sizes in product((1, 3), (2, 5), (4, 7)):
        assert parameter_formulas._convolutional(*sizes) == mnistlab.convolutional_parameters(
            *sizes
        )
        assert parameter_formulas._fully_connected(*sizes) == mnistlab.fully_connected_parameters(
            *sizes
        )


def test_every_name_of_these_checkers_can_come_up() -> None:
    """No row of the table is without a line that reports it."""
    modules = (
        count_parameters,
        flatten_size,
        parameter_formulas,
        diagnosis,
        check.tasks.networks,
        check.student.recognise,
        check.student.values,
    )
    sources = "".join(Path(module.__file__).read_text() for module in modules)
    mine = {*(one.__name__ for one in BUILDERS), "flatten_size", "count_parameters"}
    mine |= {"fully_connected_parameters", "convolutional_parameters"}
    for name, mistake in MISTAKES.items():
        if set(mistake.checkers) & mine:
            assert f'"{name}"' in sources, name
