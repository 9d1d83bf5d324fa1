"""Kernels that are forked from a process which has imported what pages import.

A kernel that starts by itself imports PyTorch, torchvision and Matplotlib first: five seconds, most of
the time that most pages take. Forked from `mnistlab.sphinxext.prepared`, it is there at once, and no
page sees what another has done. Only on Linux: elsewhere a forked process can't use every library, or
there is no fork.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from jupyter_client import AsyncKernelManager
from jupyter_client.provisioning import LocalProvisioner

SCRIPT = Path(__file__).parent / "prepared.py"

IMPORTED = (
    "ipykernel.kernelapp",
    "mnistlab.check",
    "mnistlab.findings",
    "mnistlab.plots",
    "mnistlab.tables",
)
"""What most pages would have to import, which takes longer than what most pages then do.

Not ``matplotlib.pyplot``, which looks for IPython when it is imported: that must be in the kernel.
"""


class Prepared:
    """The process that kernels are forked from."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        self._ready: bool | None = None
        self._asking = threading.Lock()

    def ready(self) -> bool:
        """Wait until it has imported everything; False if it can't."""
        with self._asking:
            if self._ready is None:
                self._ready = self._answer() == "ready"
            return self._ready

    def fork(self, arguments: list[str], folder: str) -> int | None:
        """Let it become a kernel in a folder: the kernel's process id, or None if it has ended."""
        assert self.process.stdin
        order = json.dumps({"arguments": arguments, "folder": folder})
        with suppress(BrokenPipeError):
            self.process.stdin.write(f"{order}\n")
            self.process.stdin.flush()
        answer = self._answer()
        return int(answer) if answer else None

    def _answer(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().strip()


@contextmanager
def prepared(environment: Mapping[str, str]) -> Iterator[Prepared | None]:
    """A process to fork kernels from, with this environment; None where that is not possible."""
    if sys.platform != "linux":
        yield None
        return
    process = subprocess.Popen(
        [sys.executable, "-P", str(SCRIPT), *IMPORTED],  # -P: or modules beside the script would hide others
        env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        text=True, start_new_session=True,
    )  # fmt: skip
    try:
        yield Prepared(process)
    finally:
        process.kill()
        process.communicate()


class ForkedKernel:
    """A process that is not ours to wait for, with what Jupyter asks of a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def poll(self) -> int | None:
        """None while it runs; its exit status is not known here."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return -1
        return None

    def wait(self) -> int | None:
        """Called when it has ended."""
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal, if it is still there."""
        with suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


class ForkingProvisioner(LocalProvisioner):
    """Starts a kernel by forking, or in the usual way if that is not possible."""

    source: Prepared
    process: Any

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel with the arguments that the command has after ``-m ipykernel_launcher``."""
        folder = str(kwargs.get("cwd") or Path.cwd())
        pid = None
        if await asyncio.to_thread(self.source.ready):
            pid = self.source.fork(cmd[cmd.index("-m") + 2 :], folder)
        if pid is None:
            return await super().launch_kernel(cmd, **kwargs)
        self.pid = self.pgid = pid
        self.cwd, self.process = folder, ForkedKernel(pid)
        return self.connection_info

    async def send_signal(self, signum: int) -> None:
        """Send a signal, but no interrupt: Jupyter sends one before it ends a kernel.

        If the kernel is just between two cells, it would report that on the terminal.
        """
        if signum != signal.SIGINT:
            await super().send_signal(signum)


def fork_from(source: Prepared, manager: AsyncKernelManager) -> None:
    """Let a manager fork its kernel, which has not been started yet."""
    provisioner = ForkingProvisioner(kernel_spec=manager.kernel_spec, parent=manager)
    provisioner.source = source
    manager.provisioner = provisioner
