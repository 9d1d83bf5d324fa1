"""Gives libraries a place for their caches where the user's home can't be written.

Without one they make do, but say so at length, and where they say it may be a reader's page: of the
home that matplotlib could not write, of the one that IPython found to be no place for a history.
"""

from __future__ import annotations

import atexit
import os
import shutil
import sys
import tempfile
from pathlib import Path


def settle() -> None:
    """Name a folder for each library whose own can't be written, for it and those it starts.

    What the user has set stays. The folder is ``caches`` in ``MNISTLAB_HOME``, if that is set and
    can be written, else a temporary one.
    """
    homeless = [name for name, folders in _usual().items() if not all(map(_can_be_made, folders))]
    homeless = [name for name in homeless if not os.environ.get(name)]
    if homeless:
        folder = _folder()
        for name in homeless:
            os.environ[name] = str(folder / name.lower())


def _usual() -> dict[str, tuple[Path, ...]]:
    """Where libraries keep what they keep, and the variables that name another place."""
    home = Path(os.path.expanduser("~"))  # noqa: PTH111 (it stays "~" where there is none)
    if sys.platform != "linux":
        names = ("MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")
        return dict.fromkeys(names, (home,))
    config = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache")
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    usual = {
        "MPLCONFIGDIR": (config / "matplotlib", cache / "matplotlib"),
        "IPYTHONDIR": (home / ".ipython",),
        "JUPYTER_CONFIG_DIR": (home / ".jupyter",),
        "JUPYTER_DATA_DIR": (data / "jupyter",),
    }
    if os.environ.get("MNISTLAB_HOME"):  # else it is where mnistlab's own home folder is
        usual["XDG_CACHE_HOME"] = (cache / "fontconfig",)
    return usual


def _can_be_made(folder: Path) -> bool:
    """Whether a folder can be written, or made."""
    if not folder.is_absolute():
        return False
    there = next((one for one in (folder, *folder.parents) if os.path.lexists(one)), folder)
    return there.is_dir() and os.access(there, os.W_OK | os.X_OK)


def _folder() -> Path:
    """A folder for all of them."""
    named = os.environ.get("MNISTLAB_HOME")
    expanded = os.path.expanduser(named or "~")  # noqa: PTH111
    own = Path(expanded).absolute() / "caches"
    if named and not expanded.startswith("~") and _can_be_made(own):
        own.mkdir(parents=True, exist_ok=True)  # IPython wants it to be there
        return own
    folder = Path(tempfile.mkdtemp(prefix="mnistlab-caches-"))
    atexit.register(_remove, folder, os.getpid())
    return folder


def _remove(folder: Path, process: int) -> None:
    """Remove the folder, when the process that has made it ends, and not one forked from it."""
    if os.getpid() == process:
        shutil.rmtree(folder, ignore_errors=True)


settle()
