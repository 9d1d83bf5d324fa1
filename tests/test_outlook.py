"""How long training will take: told early, kept true, for networks whose steps cost differently."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest
from tiny import TRAIN

from mnistlab import runs

outlook = pytest.importorskip(
    "mnistlab.sphinxext.outlook", reason="the book's own packages are not installed: extra [book]"
)

FAST = outlook.Cost(step=0.001, test=0.1, steps=900, epochs=10)
SLOW = outlook.Cost(step=0.05, test=2.0, steps=900, epochs=10)


class Machine:
    """Two runs on a machine that is ``factor`` times slower than it was when steps were timed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, factor: float) -> None:
        costs = {runs.TASK_7: FAST, runs.TASK_8: SLOW}
        monkeypatch.setattr(outlook, "measure", costs.get)
        self.factor, self.now, self.lines = factor, 0.0, []
        self.outlook = outlook.Outlook(list(costs), self.told, clock=lambda: self.now)

    def told(self, line: str) -> None:
        self.lines.append((self.now, line))

    def train(self, cost: outlook.Cost) -> None:
        self.outlook.begin()
        for step in range(1, cost.epochs * cost.steps + 1):
            self.now += self.factor * cost.step
            self.outlook.step()
            if step % cost.steps == 0:
                self.now += self.factor * cost.test
        self.outlook.end()


@pytest.mark.parametrize("factor", [1.0, 3.0])
def test_the_first_line_comes_early_and_is_about_all_runs(
    monkeypatch: pytest.MonkeyPatch, factor: float
) -> None:
    machine = Machine(monkeypatch, factor)
    machine.train(FAST)
    when, line = machine.lines[0]
    assert when == pytest.approx(factor * 100 * FAST.step)
    total = factor * (FAST.whole + SLOW.whole)
    assert f"about {outlook.in_words(total)} on this machine" in line
    assert "Ctrl-C loses nothing" in line
    assert "MNISTLAB_PREVIEW=1 make book" in machine.lines[1][1]


def test_the_time_left_stays_true_and_is_told_once_a_minute(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    machine = Machine(monkeypatch, 2.0)
    machine.train(FAST)
    machine.factor = 4.0  # the machine becomes busy
    machine.train(SLOW)
    later = machine.lines[2:]
    gaps = [b - a for (a, _), (b, _) in pairwise(later)]
    assert all(gap >= outlook.SECONDS_BETWEEN for gap in gaps)
    assert len(later) > 10
    end = machine.now
    for when, line in later[len(later) // 2 :]:
        minutes = re.fullmatch(r"about (\d+) (min|s) of training left", line)
        assert minutes is not None
        seconds = int(minutes[1]) * {"min": 60, "s": 1}[minutes[2]]
        assert seconds == pytest.approx(end - when, rel=0.25, abs=60)


def test_a_preview_does_not_name_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNISTLAB_PREVIEW", "1")
    machine = Machine(monkeypatch, 1.0)
    machine.train(FAST)
    assert not [line for _, line in machine.lines if "PREVIEW" in line]


@pytest.mark.usefixtures("tiny")
def test_steps_of_both_networks_are_timed() -> None:
    for task in (runs.TASK_7, runs.TASK_8):
        cost = outlook.measure(task)
        assert cost.step > 0
        assert cost.test > 0
        assert cost.epochs == 10
        assert cost.steps == -(-TRAIN // 64)


@pytest.mark.usefixtures("tiny")
def test_epochs_of_an_earlier_attempt_are_not_counted() -> None:
    short = replace(runs.TASK_7, epochs=3)
    stopped = iter([None] * 2 * -(-TRAIN // 64))

    def stop() -> None:
        if next(stopped, "stop") == "stop":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        runs.run(short, told=stop)
    assert outlook.epochs_left(short) == 1
    runs.run(short)
    assert outlook.epochs_left(short) == 3, "a run that is stored and of no use is trained anew"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (3, "10 s"),
        (44, "40 s"),
        (89, "90 s"),
        (100, "2 min"),
        (3540, "59 min"),
        (4800, "1 h 20 min"),
    ],
)
def test_durations_are_as_exact_as_an_estimate(seconds: float, words: str) -> None:
    assert outlook.in_words(seconds) == words
