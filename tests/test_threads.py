"""How threads wait: set before PyTorch is loaded, never over what a user has chosen."""

import json
import os
import subprocess
import sys

import pytest
import torch

from mnistlab import _threads, convolutional, fully_connected

REPORT = """
import json, os, runpy, subprocess, sys
{load}
child = subprocess.run([sys.executable, "-c", "import os; print(os.environ.get('GOMP_SPINCOUNT'))"],
                       capture_output=True, text=True).stdout.strip()
print(json.dumps([os.environ.get("GOMP_SPINCOUNT"), child]))
"""


ALONE = f"runpy.run_path({_threads.__file__!r})"
"""The module without its package, and so without PyTorch: it is loaded in no time."""


def imported(load: str, **settings: str) -> list[str | None]:
    """What stands in the environment after the import, here and in a child."""
    names = ("OMP_WAIT_POLICY", "OMP_NUM_THREADS", *_threads.WAITING)
    clean = {name: value for name, value in os.environ.items() if name not in names}
    finished = subprocess.run(
        [sys.executable, "-c", REPORT.format(load=load)],
        env={**clean, **settings}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return json.loads(finished.stdout)


@pytest.mark.slow
def test_the_wait_is_bounded_here_and_in_child_processes() -> None:
    assert imported("import mnistlab") == imported(ALONE) == ["10000", "10000"]


@pytest.mark.parametrize(
    ("settings", "found"),
    [
        ({"OMP_WAIT_POLICY": "ACTIVE"}, [None, "None"]),
        ({"GOMP_SPINCOUNT": "7"}, ["7", "7"]),
        ({"KMP_BLOCKTIME": "200"}, [None, "None"]),
    ],
    ids=str,
)
def test_what_the_user_has_chosen_stays(settings: dict[str, str], found: list[str]) -> None:
    assert imported(ALONE, **settings) == found


@pytest.fixture
def two_threads() -> object:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_a_network_without_convolutions_is_trained_with_one_thread(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    with _threads.suited_to(fully_connected(784, 100, 10)):
        assert torch.get_num_threads() == 1
    assert torch.get_num_threads() == 2
    with _threads.suited_to(convolutional(8, 16, 10)):
        assert torch.get_num_threads() == 2
    with pytest.raises(ZeroDivisionError), _threads.suited_to(fully_connected(784, 100, 10)):
        raise ZeroDivisionError
    assert torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_a_number_of_threads_that_the_user_has_chosen_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    with _threads.suited_to(fully_connected(784, 100, 10)):
        assert torch.get_num_threads() == 2
