"""Files written whole or not at all."""

from __future__ import annotations

import glob
import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path


def write(path: Path, content: bytes) -> None:
    """Write a file under a name of its own first, and rename it when all of it is on the disk.

    Several processes or threads may write the same file at once: what is there is always the whole
    content of one of them. Who comes to the end removes what others have begun before. Of a process
    that was killed it is a leftover; one that goes on has written first, as it were, and was
    overwritten.

    Raises
    ------
    OSError
        If it cannot be written; an older file of that name is then as it was.
    """
    unfinished = path.with_name(f"{path.name}.{secrets.token_hex(4)}.part")
    try:
        with unfinished.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        begun = list(path.parent.glob(f"{glob.escape(path.name)}.????????.part"))
        _rename(unfinished, path)
    except BaseException:
        unfinished.unlink(missing_ok=True)
        raise
    for other in begun:
        with suppress(OSError):  # its writer has removed it, or Windows keeps it open
            other.unlink()


def _rename(unfinished: Path, path: Path) -> None:
    try:
        unfinished.replace(path)
    except FileNotFoundError:
        if not path.exists():
            raise  # nobody has overwritten it: the folder is gone


def digest(path: Path) -> str:
    """SHA-256 digest of a file's content, in hexadecimal digits.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
