"""The statistics behind the sentences: known numbers, and what is refused."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mnistlab import TASK_7, TASK_8, History, datasets, findings
from mnistlab.runs import record


def history(*accuracies: float, seconds: float = 1.0, losses: tuple[float, ...] = ()) -> History:
    """A history with these accuracies, and with losses that fall where none are given."""
    epochs = len(accuracies)
    test = list(losses) or [1 - accuracy for accuracy in accuracies]
    return History(test, list(accuracies), [0.25] * epochs, [0.5] * epochs, [seconds] * epochs)


A = [history(0.5, 0.6, 0.8), history(0.7, 0.8, 0.8)]
B = [history(0.8, 0.7, 0.9, seconds=4.0), history(0.9, 0.9, 0.95, seconds=4.0)]


def test_means_are_over_seeds_epoch_by_epoch() -> None:
    assert findings.mean_curve(A) == pytest.approx([0.6, 0.7, 0.8])
    assert findings.mean_curve(A, "test_loss") == pytest.approx([0.4, 0.3, 0.2])
    assert findings.points_apart(A, B, 1) == pytest.approx(25)
    assert findings.seed_spread(A, 1) == pytest.approx(20)
    assert findings.error_ratios(A, B, 3) == pytest.approx([0.5, 0.25])


def test_a_run_that_failed_is_left_out_of_the_mean_error() -> None:
    assert findings.mean_error([0.9, 0.1, 0.8]) == pytest.approx(0.15)
    assert findings.mean_error(iter([0.5])) == 0.5, "half of the images is not fewer than half"
    assert findings.mean_error([0.5, 0.49]) == 0.5
    for none in ([], [0.1, 0.49]):
        with pytest.raises(ValueError, match=f"none of {len(none)} runs reads half of the images"):
            findings.mean_error(none)


def test_milestones_are_first_epochs_and_a_dash_where_there_is_none() -> None:
    rows = findings.milestones(A, B, (0.7, 0.85))
    assert rows == [("70%", 2, 1), ("85%", "–", 1)]
    assert findings.first_epoch([0.1, 0.2], 0.3) is None


def test_goals_that_differ_by_less_than_a_percent_are_told_apart() -> None:
    rows = findings.milestones(A, B, (0.29, 0.975, 0.985, 0.9999))
    assert [goal for goal, _, _ in rows] == ["29%", "97.5%", "98.5%", "99.99%"]


def test_networks_are_apart_where_every_seed_of_one_is_above_every_seed_of_the_other() -> None:
    assert findings.epochs_apart(A, B) == 2, "after epoch 2, 0.7 is not above 0.8"
    assert findings.epochs_apart(B, A) == 0


def test_gaps_and_late_changes_have_the_sign_that_is_told() -> None:
    assert findings.generalization_gap(A, 1) == pytest.approx(0.4 - 0.25)
    falling = history(*[0.5] * 4, losses=(4.0, 3.0, 2.0, 1.0))
    rising = history(*[0.5] * 4, losses=(1.0, 2.0, 3.0, 4.0))
    assert findings.late_changes([falling, rising], 2) == [-2, 2]


def test_by_the_clock_the_cheaper_network_gets_more_epochs() -> None:
    assert findings.seconds_per_epoch(B) == 4
    assert findings.accuracy_at(A, 0.5) is None
    assert findings.accuracy_at(A, 2.5) == pytest.approx(0.7)
    assert findings.accuracy_at(A, 1000) == pytest.approx(0.8), "the last recorded epoch"
    assert findings.overtaking(A, B) == 4, "0.85 after 4 s, when A has 0.8"
    slow = [history(0.7, 0.75, 0.9, seconds=4.0)]
    assert findings.overtaking(A, slow) == 12
    assert findings.overtaking(A, [history(0.1, 0.2, seconds=4.0)]) is None


@pytest.mark.parametrize("pace", [0.29, 1.1, 63.48327692649991])
def test_an_epoch_is_finished_when_it_has_lasted_its_seconds(pace: float) -> None:
    """A product divided by one of its factors is a little less than the other now and then."""
    steady = [history(*(epoch / 200 for epoch in range(1, 101)), seconds=pace)]
    found = [findings.accuracy_at(steady, epoch * pace) for epoch in range(1, 101)]
    assert found == steady[0].test_accuracy
    assert findings.accuracy_at(steady, 65 * pace - 0.001) == steady[0].test_accuracy[63]
    always_behind = [history(*(epoch / 200 - 0.001 for epoch in range(1, 101)), seconds=pace)]
    assert findings.overtaking(steady, always_behind) is None


def test_an_epoch_that_was_held_up_counts_as_the_others_of_its_run() -> None:
    held_up = replace(history(*[0.5] * 3), seconds=[900.0, 36000.0, 900.0])
    quick = history(*[0.5] * 2, seconds=1800.0)
    assert findings.hours_of_computing([held_up, quick]) == pytest.approx(0.75 + 1)


def test_disagreements_are_counted_and_compared_with_tosses_of_a_coin() -> None:
    wrong_a = torch.tensor([True] * 10 + [False] * 3)
    wrong_b = torch.tensor([True] * 1 + [False] * 9 + [True] * 0 + [False] * 3)
    found = findings.disagreement(wrong_a, wrong_b)
    assert found == findings.Disagreement(both=1, only_a=9, only_b=0)
    assert (found.tosses, found.difference, found.deviations) == (9, 9, 3.0)
    assert findings.Disagreement(5, 0, 0).deviations == 0


def test_heads_minus_tails_scatter_as_the_standard_deviation_says() -> None:
    tosses = torch.rand(4000, 100, generator=torch.Generator().manual_seed(0)) < 0.5
    differences = 2 * tosses.sum(dim=1) - 100
    expected = findings.Disagreement(0, 60, 40).standard_deviation
    assert differences.double().std().item() == pytest.approx(expected, rel=0.03)


@pytest.mark.parametrize(
    ("wrong_a", "wrong_b"),
    [
        (torch.zeros(3), torch.zeros(3, dtype=torch.bool)),
        (torch.zeros(3, dtype=torch.bool), torch.zeros(2, dtype=torch.bool)),
        (torch.zeros(1, 3, dtype=torch.bool), torch.zeros(1, 3, dtype=torch.bool)),
    ],
)
def test_what_cannot_be_compared_is_refused(wrong_a: torch.Tensor, wrong_b: torch.Tensor) -> None:
    with pytest.raises(ValueError, match="expected"):
        findings.disagreement(wrong_a, wrong_b)


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: findings.mean_curve(A, "accuracy"), "quantity is 'accuracy'; expected one of"),
        (lambda: findings.mean_curve([]), "at least one history"),
        (lambda: findings.mean_curve([history(0.1), history(0.1, 0.2)]), r"have \[1, 2\] epochs"),
        (lambda: findings.points_apart(A, B, 0), "epoch is 0; expected one from 1 to 3"),
        (lambda: findings.seed_spread(A, 4), "epoch is 4; expected one from 1 to 3"),
        (lambda: findings.late_changes(A, 2), "has 3 epochs; expected at least 4"),
        (
            lambda: findings.error_ratios([history(0.9), history(1.0)], [history(0.9)] * 2, 1),
            "a history of a has no wrong answer after epoch 1; expected some, to divide by",
        ),
    ],
)
def test_what_is_wrong_with_histories_is_named(call: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        call()


def test_a_run_repeats_its_own_seed_and_no_other() -> None:
    recorded = record.histories(TASK_8)
    assert findings.repeats_record(recorded[0], recorded)[2]
    assert not findings.repeats_record(recorded[1], recorded)[2]
    assert findings.repeats_record(recorded[1], recorded, seed=1)[2]
    nudged = History(*([value + 0.01 for value in column] for column in recorded[0]), [], [], [])
    assert not findings.repeats_record(nudged, recorded)[2]


def test_the_permutation_of_pairs_that_chapter_6_counts() -> None:
    """If the network made no difference, the labels within each pair of equal seed could be swapped."""
    gaps = [
        b.test_accuracy[-1] - a.test_accuracy[-1]
        for a, b in zip(record.histories(TASK_7), record.histories(TASK_8), strict=True)
    ]
    swaps = [
        sum(-gap if swapped >> i & 1 else gap for i, gap in enumerate(gaps))
        for swapped in range(2 ** len(gaps))
    ]
    as_extreme = sum(math.isclose(total, sum(gaps)) or total > sum(gaps) for total in swaps)
    assert (as_extreme, len(swaps)) == (1, 32)


def test_the_nearest_of_ten_means_names_the_digit(tiny: Path) -> None:
    train, test = datasets()
    assert 0.5 < findings.nearest_mean_accuracy(train, test) < 1
    train.targets = train.targets.roll(1)
    assert findings.nearest_mean_accuracy(train, test) < 0.3, "means of the wrong images"


def test_the_permutation_test_counts_the_ways_that_are_as_extreme() -> None:
    assert findings.permutation_test([0.1, 0.2], [0.3, 0.4]) == (1, 6)
    assert findings.permutation_test([0.3, 0.4], [0.1, 0.2]) == (6, 6)
    assert findings.permutation_test([0.1, 0.4], [0.2, 0.3]) == (4, 6), "a tie counts as extreme"
    assert findings.permutation_test([0.5] * 3, [0.5] * 3) == (20, 20)
    with pytest.raises(ValueError, match="a group is empty"):
        findings.permutation_test([], [0.1])
