"""A process that has imported what pages import, and becomes a kernel as often as it is asked to.

Run as a script by `mnistlab.sphinxext.kernels`, with the names of the modules as arguments. Each line
of its input asks for a kernel, with the kernel's arguments and folder as JSON; each line of its output
is the process id of one. The first line says that everything is imported. It ends with its input, and
its kernels end with it.
"""

import importlib
import json
import os
import signal
import sys
import warnings
from typing import NoReturn


def become_kernel(arguments: list[str], folder: str) -> NoReturn:
    """Be a kernel in that folder, as if it had been started by itself, until it ends."""
    status = 1
    try:
        os.setsid()
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)  # the lines above are not the kernel's
        os.dup2(2, 1)
        os.chdir(folder)
        sys.argv = ["ipykernel_launcher", *arguments]
        from ipykernel.kernelapp import IPKernelApp

        IPKernelApp.launch_instance(arguments, parent_handle=os.getppid())
        status = 0
    finally:
        os._exit(status)


def main() -> None:
    """Import, and fork a kernel for each line."""
    os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")
    for name in sys.argv[1:]:
        importlib.import_module(name)
    warnings.filterwarnings("ignore", "This process .* is multi-threaded", DeprecationWarning)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # the system buries kernels that have ended
    print("ready", flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        pid = os.fork()
        if pid == 0:
            become_kernel(order["arguments"], order["folder"])
        print(pid, flush=True)


if __name__ == "__main__":
    main()
