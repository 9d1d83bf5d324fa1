"""Notebooks are executed several at a time, each by a kernel of its own.

Sphinx reads one page after the other, and MyST-NB executes a page while it is read: one kernel at a
time, which starts and imports PyTorch on one core while the others wait. Here as many kernels run
side by side as there are cores. They are started with the Python that builds the book, whatever
kernels the user has registered, and hear of nothing in the user's IPython profile.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import re
import tempfile
import threading
import time
from collections.abc import Callable, Coroutine, Iterable
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager
from jupyter_client.kernelspec import NATIVE_KERNEL_NAME, KernelSpecManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode

from mnistlab.sphinxext.kernels import Prepared, fork_from, prepared

COLOUR = re.compile(r"\x1b\[[0-9;]*m")
"""What colours a traceback on a terminal."""

KERNELS_AT_MOST = 8
"""Each needs about half a gigabyte of memory."""

SOCKET_PATH_AT_MOST = 90
"""Characters; systems allow about a hundred, and the client adds to them."""

STARTING_SECONDS = 600
"""How long a kernel may take to start: on a machine that does much else, longer than a minute."""


@dataclass(frozen=True)
class Job:
    """A notebook to be executed in place.

    Attributes
    ----------
    name : str
        For messages.
    path : Path
        Where the notebook lies: its kernel runs in that folder.
    notebook : NotebookNode
        Receives the outputs.
    """

    name: str
    path: Path
    notebook: NotebookNode


class PageFailedError(Exception):
    """A notebook could not be executed to its end.

    Attributes
    ----------
    name, path
        Of the job.
    traceback : str
        Of the cell.
    reason : str
        Its last line.
    """

    def __init__(self, job: Job, error: Exception) -> None:
        self.name, self.path = job.name, job.path
        self.traceback = str(error)
        self.reason = last_line(self.traceback)
        super().__init__(f"{job.path}: {self.reason}")


def last_line(traceback: str) -> str:
    """The last line of a traceback, without its colours."""
    return COLOUR.sub("", traceback).strip().rpartition("\n")[2]


def execute(
    jobs: Iterable[Job],
    finished: Callable[[Job, float], object],
    *,
    timeout: int = -1,
    kernels: int | None = None,
    forked: bool = True,
) -> None:
    """Execute notebooks, those with most cells first.

    Parameters
    ----------
    jobs : iterable of Job
        What to execute.
    finished : callable
        Is told of each job when it is done, with the seconds it took; in another thread.
    timeout : int
        Seconds a cell may take; -1 for no limit.
    kernels : int, optional
        How many run at a time. Default: one for each core, at most `KERNELS_AT_MOST`.
    forked : bool
        Whether kernels are forked from a process that has imported what pages need.

    Raises
    ------
    PageFailedError
        If a cell fails, a cell takes too long, or a kernel dies. Others are stopped then.
    """
    waiting = sorted(jobs, key=lambda job: -len(job.notebook.cells))
    if not waiting:
        return
    count = min(kernels or cores(), KERNELS_AT_MOST, len(waiting))
    with tempfile.TemporaryDirectory(prefix="book-", ignore_cleanup_errors=True) as folder:
        environment = environment_of(Path(folder), max(1, cores() // count))
        with prepared(environment) if forked else nullcontext() as source:
            clients = [
                _client(job, timeout, Path(folder) / f"{i}.json", source)
                for i, job in enumerate(waiting)
            ]
            _in_thread(_all(waiting, clients, finished, count, environment))


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def environment_of(folder: Path, threads: int) -> dict[str, str]:
    """Environment of a kernel: this process's, an empty IPython profile, its share of the cores."""
    return {"OMP_NUM_THREADS": str(threads), **os.environ, "IPYTHONDIR": str(folder / "ipython")}


class _Client(NotebookClient):
    """A client whose kernel is the one of this Python, reached without the network."""

    connection_file: Path
    source: Prepared | None = None
    manager: AsyncKernelManager | None = None

    def create_kernel_manager(self) -> AsyncKernelManager:
        manager = super().create_kernel_manager()
        if manager.kernel_name == NATIVE_KERNEL_NAME:
            manager.kernel_spec_manager = KernelSpecManager(kernel_dirs=[])
            if self.source is not None:
                fork_from(self.source, manager)
        manager.connection_file = str(self.connection_file)
        if os.name == "posix" and len(str(self.connection_file)) < SOCKET_PATH_AT_MOST:
            manager.transport = "ipc"
        elif hasattr(manager, "transport_encryption"):
            manager.transport_encryption = "auto"
        self.manager = manager
        return manager

    async def end(self) -> None:
        """End the kernel, if it is there still because its end was cut off by an interrupt.

        At exit nothing is left to do then, and nbclient, whose own end comes later, would fail to do
        it: so that is called off first, whatever becomes of the kernel.
        """
        atexit.unregister(self._cleanup_kernel)
        if self.manager is not None and self.manager.has_kernel:
            await self.manager.shutdown_kernel(now=True)


async def _all(
    jobs: list[Job],
    clients: list[_Client],
    finished: Callable[[Job, float], object],
    kernels: int,
    environment: dict[str, str],
) -> None:
    waiting = iter(zip(jobs, clients, strict=True))
    running: set[_Client] = set()

    async def work() -> None:
        for job, client in waiting:
            running.add(client)
            start = time.monotonic()
            try:
                await client.async_execute(env=environment)
            except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
                raise PageFailedError(job, error) from error
            finished(job, time.monotonic() - start)

    workers = [asyncio.ensure_future(work()) for _ in range(kernels)]
    try:
        done, _ = await asyncio.wait(workers, return_when=asyncio.FIRST_EXCEPTION)
    finally:  # where one has failed, or all are to stop, the kernels of the others end at once
        for client in running:
            client.shutdown_kernel = "immediate"
        for worker in workers:
            worker.cancel()
        await asyncio.gather(*workers, return_exceptions=True)
        await asyncio.gather(*(client.end() for client in running), return_exceptions=True)
    for worker in done:
        worker.result()


def _client(job: Job, timeout: int, connection_file: Path, source: Prepared | None) -> _Client:
    client = _Client(
        job.notebook,
        timeout=timeout,
        startup_timeout=STARTING_SECONDS,
        record_timing=False,  # it would go into the metadata, by which MyST-NB finds a page again
        resources={"metadata": {"path": str(job.path.parent)}},
    )
    client.connection_file, client.source = connection_file, source
    return client


def _in_thread(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine in a thread: nbclient would take over the signals of the main one.

    If this thread is interrupted meanwhile, the coroutine is cancelled and comes to its end first.
    """
    loop = asyncio.new_event_loop()
    task = loop.create_task(work)
    ended = threading.Event()  # an interrupted `join` takes the thread for one that has ended

    def run() -> None:
        try:
            asyncio.set_event_loop(loop)
            loop.run_until_complete(asyncio.wait([task]))
            left = asyncio.all_tasks(loop)  # of clients whose kernels have died
            for other in left:
                other.cancel()
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        finally:
            loop.close()
            ended.set()

    threading.Thread(target=run, daemon=True).start()
    try:
        while not ended.wait(1):
            pass
    except BaseException:
        with suppress(RuntimeError):  # the loop was closed in this moment
            loop.call_soon_threadsafe(task.cancel)
        ended.wait()
        raise
    task.result()
