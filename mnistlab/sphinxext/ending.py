"""How a build ends before it is finished: in one line, for whoever sits in front of it.

Jupyter Book would end with a page of traceback, whatever the cause.
"""

from __future__ import annotations

import atexit
import errno
import functools
import os
import select
import shutil
import signal
import sqlite3
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn, TypeVar

from myst_nb.core.execute import ExecutionError
from sphinx.application import Sphinx
from sphinx.config import Config

from mnistlab.sphinxext.execute import PageFailedError, last_line

T = TypeVar("T")

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
"""What the system says where there is no room: the disk, a quota, a limit for files."""

INTERRUPTED = """
Interrupted. Nothing that was finished is lost: epochs, runs and executed pages are kept, and the
book that was there is as it was. The same command goes on from here."""

TOO_LATE = """
The build is over: there is nothing left to interrupt."""


def stop(message: str) -> NoReturn:
    """End the build with one message and exit status 1.

    An exception would do under plain Sphinx, but Jupyter Book wraps it into a page of traceback.
    """
    raise SystemExit(f"\nThe book can't be built.\n{message}")


def cause(error: BaseException, folder: Path | None = None) -> str | None:
    """What to say about an exception that ended a build; None where its traceback has to speak.

    ``folder`` is where a database lies: its errors do not name it.
    """
    for link in chain(error):
        if isinstance(link, PageFailedError):
            return failed(link.path, link.reason)
        if isinstance(link, ExecutionError):
            return failed(str(link), last_line(str(link.__cause__ or "")))
        if isinstance(link, OSError) and link.errno in FULL:
            where = link.filename2 or link.filename  # of a copy, the second is what is written
            if link.errno == errno.ENOSPC:
                return full(os.strerror(link.errno), where)
            return limited(os.strerror(link.errno), where)
        if getattr(link, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
            return full(str(link), folder and str(folder))
    return None


def failed(page: str | Path, reason: str) -> str:
    """That a cell of a page failed, and why."""
    return f"A cell of {page} failed{f': {reason}' if reason else ''}. See its traceback above."


def full(reason: str, file: str | bytes | None) -> str:
    """That there is no room: where, and how much is free."""
    folder = Path(os.fsdecode(file or ".")).absolute()
    while not folder.is_dir():
        folder = folder.parent
    free = shutil.disk_usage(folder).free / 1e6
    return (
        f"{reason}: {folder} ({free:.0f} MB free). Make room, and give the same command again: what "
        "was finished is kept."
    )


def limited(reason: str, file: str | bytes | None) -> str:
    """That a limit was reached which is not the size of the disk: a quota, or one for files."""
    return (
        f"{reason}: {os.fsdecode(file or '.')}. A limit on the size of files (see ulimit -f) or a "
        "quota is reached: raise it, and give the same command again: what was finished is kept."
    )


def chain(error: BaseException | None) -> list[BaseException]:
    """An exception and what led to it."""
    links: list[BaseException] = []
    while error is not None and error not in links:
        links.append(error)
        error = error.__cause__ or error.__context__ or getattr(error, "orig_exc", None)
    return links


def told(handler: Callable[..., T]) -> Callable[..., T]:
    """A handler of Sphinx's events that ends the build in one line where the cause is known."""

    @functools.wraps(handler)
    def wrapped(*arguments: Any) -> T:
        try:
            return handler(*arguments)
        except Exception as error:
            message = cause(error)
            if message is None:
                raise
            stop(message)

    return wrapped


def after_build(app: Sphinx, exception: Exception | None) -> None:
    """Say last, and in one line, what was wrong, where that is known."""
    # What is registered last is called first: packages let go of what they hold undisturbed.
    atexit.register(be_over)
    message = None if exception is None else cause(exception)
    if message is not None:
        stop(message)


class Signalled(SystemExit):
    """The end of a build by a signal."""


def catch_signals(app: Sphinx, config: Config) -> None:
    """Let Ctrl-C and a request to end be one line too, and let what is open be closed."""
    if threading.current_thread() is threading.main_thread():
        sys.unraisablehook = insist
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, interrupt)
        if hasattr(signal, "SIGPIPE"):  # not on Windows
            signal.signal(signal.SIGPIPE, hang_up)


def interrupt(number: int, frame: FrameType | None) -> None:
    """End the build; a second signal ends it at once."""
    signal.signal(number, signal.SIG_DFL)
    say(INTERRUPTED)
    raise Signalled(128 + number)


def say(message: str) -> None:
    """Print a line from within a handler, where the build may be in the middle of a ``print``."""
    try:
        print(message, flush=True)
    except RuntimeError:  # "reentrant call": the output waits for whoever reads it
        os.write(2, f"{message}\n".encode())


def insist(unraisable: sys.UnraisableHookArgs) -> None:
    """Raise once more, a moment later, what a handler raised where Python lets nothing through.

    That is so in ``__del__`` and in callbacks of `weakref`, which the build calls all the time.
    """
    ended = unraisable.exc_value
    if not isinstance(ended, Signalled):
        sys.__unraisablehook__(unraisable)
        return

    def again(number: int, frame: FrameType | None) -> None:
        raise Signalled(ended.code)

    if hasattr(signal, "setitimer"):  # not on Windows: there, it takes a second Ctrl-C
        signal.signal(signal.SIGALRM, again)
        signal.setitimer(signal.ITIMER_REAL, 0.01)


def be_over(app: Sphinx | None = None, exception: Exception | None = None) -> None:
    """From here on a first signal changes nothing: what is left to do takes a moment.

    At ``build-finished`` once the new book is in its place, and of every build when Python ends.
    """
    if exception is None and threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is interrupt:
                signal.signal(number, too_late)


def too_late(number: int, frame: FrameType | None) -> None:
    """Say that the build is over; a second signal ends it at once."""
    signal.signal(number, signal.SIG_DFL)
    say(TOO_LATE)


def hang_up(number: int, frame: FrameType | None) -> None:
    """End the build if its output goes to a program that has ended, such as ``head``.

    Else each line that can't be written would become a traceback. Other pipes than that of the
    output are for those who write into them.
    """
    output = select.poll()
    output.register(1, 0)
    if any(event & select.POLLERR for _, event in output.poll(0)):
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        raise Signalled(128 + number)


def setup(app: Sphinx) -> None:
    """Connect to Sphinx: signals before anything else, messages before other extensions."""
    app.connect("config-inited", catch_signals, priority=0)
    app.connect("build-finished", after_build, priority=1)
    app.connect("build-finished", be_over, priority=950)
