"""The benchmark runs, compares like with like, and notices when the two curves differ."""

import importlib.util
import re
import sys
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest

SPEED = Path(__file__).resolve().parent.parent / "benchmarks" / "speed.py"

pytestmark = pytest.mark.usefixtures("tiny")


@pytest.fixture
def speed() -> ModuleType:
    specification = importlib.util.spec_from_file_location("speed", SPEED)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def start(speed: ModuleType, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr(sys, "argv", ["speed.py", *arguments])
    return speed.main()


def test_each_round_is_a_ratio_and_the_curves_agree(
    speed: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert start(speed, monkeypatch, "--rounds", "3") == 0
    text = capsys.readouterr().out
    for name in ("fully-connected", "convolutional"):
        rounds = re.findall(rf"^{name}, round \d: textbook (.+) s, ours (.+) s, (.+)$", text, re.M)
        assert len(rounds) == 3
        median = sorted(float(ratio) for *_, ratio in rounds)[1]
        summary = re.search(
            rf"^{name}: (\S+) times as fast .*difference of the curves (\S+)$", text, re.M
        )
        assert float(summary[1]) == pytest.approx(median, abs=0.011)
        assert float(summary[2]) <= speed.AGREEMENT


def test_curves_that_differ_are_noticed(
    speed: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    true = speed.textbook
    monkeypatch.setattr(speed, "textbook", lambda one: true(replace(one, learning_rate=0.02)))
    arguments = ("--rounds", "1", "--network", "fully-connected")
    assert start(speed, monkeypatch, *arguments) == 1
    assert "the curves differ by more than 0.0001" in capsys.readouterr().out
