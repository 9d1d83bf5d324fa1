"""Time limits count processor time; a limit on the clock is behind them."""

import os
import signal
import subprocess
import sys
import threading
import time
import types
from collections.abc import Callable
from typing import Any

import pytest

from mnistlab import _limit
from mnistlab._limit import TimeLimit, limited


def work(seconds: float) -> None:
    """Use so much processor time, however long it takes."""
    until = time.thread_time() + seconds
    while time.thread_time() < until:
        pass


def in_a_thread(function: Callable[[], None]) -> None:
    """Call it outside the main thread, and raise what it raises."""
    raised: list[BaseException] = []

    def catching() -> None:
        try:
            function()
        except BaseException as error:
            raised.append(error)

    thread = threading.Thread(target=catching)
    thread.start()
    thread.join(60)
    for error in raised:
        raise error


def here(function: Callable[[], None]) -> None:
    function()


everywhere = pytest.mark.parametrize("place", [here, in_a_thread])


@everywhere
def test_work_is_stopped_when_its_processor_time_is_up(
    place: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_limit, "PATIENCE", 200)  # here a busy machine may take ten times as long

    def function() -> None:
        with limited(0.3):
            work(30)

    before = time.process_time()
    with pytest.raises(TimeLimit) as caught:
        place(function)
    assert 0.25 < time.process_time() - before < 5
    assert caught.value.spent == "0.3 seconds of processor time"


@everywhere
def test_waiting_is_stopped_by_the_clock(place: Callable[..., None]) -> None:
    def function() -> None:
        with limited(0.1):
            for _ in range(300):
                time.sleep(0.1)

    started = time.monotonic()
    with pytest.raises(TimeLimit) as caught:
        place(function)
    assert 0.1 * _limit.PATIENCE <= time.monotonic() - started < 20
    assert caught.value.spent == f"{0.1 * _limit.PATIENCE:g} second on the clock"


@everywhere
def test_waiting_does_not_count_as_work(place: Callable[..., None]) -> None:
    def function() -> None:
        with limited(0.2):
            time.sleep(0.5)
            work(0.05)

    place(function)


STOPPED = """
import importlib.util, sys, time

spec = importlib.util.spec_from_file_location("limit", sys.argv[1])
limit = importlib.util.module_from_spec(spec)
spec.loader.exec_module(limit)
if sys.argv[2] == "planted":
    limit._processor_clock = lambda: time.monotonic
with limit.limited(0.6):
    print("begun", flush=True)
    until = time.thread_time() + 0.3
    while time.thread_time() < until:
        pass
print("ended")
"""


@pytest.mark.fault(
    "A process gets no processor for a while, beside others or on a virtual machine",
    "A right solution is not stopped by its time limit: what counts is processor time",
)
@pytest.mark.skipif(not hasattr(signal, "SIGSTOP"), reason="this system can't stop a process")
@pytest.mark.parametrize(("clock", "ends"), [("real", True), ("planted", False)])
def test_a_process_that_gets_no_processor_for_a_while_is_not_blamed(clock: str, ends: bool) -> None:
    """As on a busy machine, but sure: the system takes the processor away. The clock would blame it."""
    process = subprocess.Popen(
        [sys.executable, "-c", STOPPED, _limit.__file__, clock],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "begun\n"
        os.kill(process.pid, signal.SIGSTOP)
        time.sleep(1.5)
        os.kill(process.pid, signal.SIGCONT)
        assert process.stdout.read() == ("ended\n" if ends else "")


@pytest.mark.parametrize("place", [here, in_a_thread])
def test_what_stops_in_time_is_left_alone(place: Callable[..., None]) -> None:
    def function() -> None:
        with limited(0.1):
            pass
        work(0.3)
        time.sleep(0.3)

    place(function)


class Late(threading.Event):
    """An event that the limit's exception comes before, when it is set."""

    def set(self) -> None:
        raise TimeLimit


def test_nobody_watches_on_when_the_limit_comes_at_the_very_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    watchers: list[threading.Thread] = []

    def thread(**options: Any) -> threading.Thread:
        watchers.append(threading.Thread(**options))
        return watchers[0]

    def function() -> None:
        with pytest.raises(TimeLimit), _limit._by_thread(_limit.Budget(0.2)):
            pass
        watchers[0].join(3)  # it wakes up once more

    lent = types.SimpleNamespace(
        Event=Late, Lock=threading.Lock, Thread=thread, get_ident=threading.get_ident
    )
    monkeypatch.setattr(_limit, "threading", lent)
    in_a_thread(function)
    assert not watchers[0].is_alive()
