"""Other users of this machine, for tests: real ids, which only root can take."""

import os
import shutil
import sys
from pathlib import Path

import pytest

STRANGER = 1234
"""A user id without an entry in ``/etc/passwd``."""

needs_root = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0 or shutil.which("setpriv") is None,
    reason="only root on Linux, with setpriv, can become another user",
)


def open_to_others(folder: Path) -> None:
    """Let others look into a folder of pytest's, and into those above it that pytest has made."""
    for one in (folder, *folder.parents):
        if one == folder or one.name.startswith(("pytest-", "popen-")):
            one.chmod(0o755)


def as_stranger(*command: str) -> list[str]:
    """The command, run with the id of a stranger, who may read everything and write as others may.

    The right to read lets it use this Python, which may be below a folder that is root's alone.
    """
    name = str(STRANGER)
    may_read = ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]
    become = ["setpriv", "--reuid", name, "--regid", name, "--clear-groups", *may_read]
    return [*become, "--", *command]
