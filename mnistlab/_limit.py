"""Stops code that runs on and on, however busy the machine is.

What counts is the processor time of the thread that runs the code: beside other programs, or on a
machine whose processors others use too, it gets the same work done. Waiting needs no processor, so
there is a second limit on the clock, `PATIENCE` times as long.

What a process can't stop in itself stays unstopped: one long call into compiled code (a huge matrix
product, say) ends before the limit is noticed. Outside the main thread, and on Windows, a call that
waits, such as ``time.sleep``, ends first too. On Windows, and outside the main thread on macOS, no
thread can read another one's processor time: there the clock counts.
"""

from __future__ import annotations

import ctypes
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PATIENCE = 10.0
"""How many times a limit in processor time the limit on the clock is."""


class TimeLimit(BaseException):
    """The time is up. No ``Exception``, so that a student's ``except Exception`` lets it pass.

    Attributes
    ----------
    spent : str
        How much it was, once it has left `limited`, such as ``"20 seconds of processor time"``.
    """

    spent = ""


class Budget:
    """The time that the calling thread has from now on.

    Parameters
    ----------
    seconds : float
        Of its processor time. On the clock it is `PATIENCE` times as much.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._processor = _processor_clock()
        self._worked, self._began = self._processor(), time.monotonic()

    def left(self) -> float:
        """Seconds in which the time can't be up yet; none or fewer if it is. Any thread may ask."""
        worked = self._processor() - self._worked
        waited = time.monotonic() - self._began
        return min(self.seconds - worked, PATIENCE * self.seconds - waited)

    def spent(self) -> str:
        """Which of the two limits was reached, in words."""
        if time.monotonic() - self._began < PATIENCE * self.seconds:
            return f"{_counted(self.seconds)} of processor time"
        return f"{_counted(PATIENCE * self.seconds)} on the clock"


def _counted(seconds: float) -> str:
    return f"{seconds:g} second{'' if seconds == 1 else 's'}"


def _processor_clock() -> Callable[[], float]:
    """A clock of this thread's processor time, in seconds, that another thread can read."""
    if not hasattr(time, "pthread_getcpuclockid"):
        own = threading.get_ident()
        begun = time.monotonic() - time.thread_time()
        return lambda: (
            time.thread_time() if threading.get_ident() == own else time.monotonic() - begun
        )
    clock = time.pthread_getcpuclockid(threading.get_ident())
    return lambda: time.clock_gettime(clock)


@contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Raise `TimeLimit` in the running code when the time is up, again each second until it ends.

    Parameters
    ----------
    seconds : float
        See `Budget`.
    """
    main = threading.current_thread() is threading.main_thread()
    stopper = _by_signal if main and hasattr(signal, "setitimer") else _by_thread
    budget = Budget(seconds)
    try:
        with stopper(budget):
            yield
    except TimeLimit as limit:
        limit.spent = budget.spent()
        raise


@contextmanager
def _by_signal(budget: Budget) -> Iterator[None]:
    running = True

    def stop(*_: object) -> None:
        if not running:
            return
        left = budget.left()
        if left > 0:  # others had the processor
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.01))
        else:
            signal.setitimer(signal.ITIMER_REAL, 1.0)
            raise TimeLimit

    started = time.monotonic()
    old_handler = signal.signal(signal.SIGALRM, stop)
    old_delay, old_interval = signal.setitimer(signal.ITIMER_REAL, budget.seconds)
    try:
        yield
    finally:
        running = False  # an alarm from here on is ignored
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, old_handler)
        if old_delay:  # somebody else's alarm goes off when it would have
            left = max(old_delay - (time.monotonic() - started), 0.001)
            signal.setitimer(signal.ITIMER_REAL, left, old_interval)


@contextmanager
def _by_thread(budget: Budget) -> Iterator[None]:
    raise_in = ctypes.pythonapi.PyThreadState_SetAsyncExc
    caller = ctypes.c_ulong(threading.get_ident())
    ended, lock = threading.Event(), threading.Lock()
    running = True

    def watch() -> None:
        delay = budget.seconds
        while not ended.wait(delay):
            with lock:
                if not running:
                    return
                left = budget.left()
                if left <= 0:
                    raise_in(caller, ctypes.py_object(TimeLimit))
            delay = max(left, 0.01) if left > 0 else 1.0

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        running = False  # at once: one that is on its way may end what follows
        with lock:
            raise_in(caller, None)  # it is called back
        ended.set()
