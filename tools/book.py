"""Jupyter Book's command, with this Python and from this folder: ``tools/book.py build book``.

The program ``jupyter-book`` of an environment holds the path where it was installed; this does not.
And an interrupt is one line from the first moment on, while Python is still loading.
"""

from __future__ import annotations

import os
import signal
from types import FrameType


def interrupt(number: int, frame: FrameType | None) -> None:
    """End at once: nothing has been begun yet. The build has a handler of its own later."""
    print("\nInterrupted before anything was begun.", flush=True)
    os._exit(128 + number)


if __name__ == "__main__":
    for one in (signal.SIGINT, signal.SIGTERM):
        signal.signal(one, interrupt)
    if hasattr(signal, "SIGPIPE"):  # the output goes to `head`, say: end as other programs do
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    from jupyter_book.cli.main import main

    main()
