"""A program that runs another one without a network, and with some folders read-only.

``python _isolation.py SETTINGS PROGRAM ARGUMENT ...``, where SETTINGS is JSON: ``read_only`` and
``writable`` are lists of folders; the latter stay writable where they are in one of the former. On
Linux, a user needs no rights for it where the system allows user namespaces. What can't be had is
left out: the environment variable `HELD` names what holds. It begins before the packages are
loaded, because a process with threads can't enter a namespace; so it uses nothing but Python.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys
from collections.abc import Iterator

HELD = "MNISTLAB_KEPT_FROM"
"""The variable: "network", "environment", both with a space between them, or nothing."""

NEW_USER, NEW_NETWORK, NEW_MOUNTS = 0x10000000, 0x40000000, 0x00020000
READ_ONLY, REMOUNT, BIND, RECURSIVE, PRIVATE = 1, 32, 4096, 16384, 1 << 18
GET_FLAGS, SET_FLAGS, UP = 0x8913, 0x8914, 1  # of a network interface

LIBC = ctypes.CDLL(None, use_errno=True)


def main() -> None:
    """Enter as much isolation as can be had, and become the program."""
    settings = json.loads(sys.argv[1])
    os.environ[HELD] = ""
    for namespaces in ways():
        if can(namespaces, settings):
            enter(namespaces, settings)
            held = {NEW_NETWORK: "network", NEW_MOUNTS: "environment"}
            os.environ[HELD] = " ".join(name for bit, name in held.items() if bit & namespaces)
            os.environ["PIP_NO_INDEX"] = "1"  # it would try for long
            break
    os.execv(sys.argv[2], sys.argv[2:])


def ways() -> Iterator[int]:
    """Sets of namespaces to try, the best first. Root needs no user namespace, if it has its rights."""
    for namespaces in (NEW_NETWORK | NEW_MOUNTS, NEW_NETWORK):
        if os.geteuid() == 0:
            yield namespaces
        yield NEW_USER | namespaces


def can(namespaces: int, settings: dict[str, list[str]]) -> bool:
    """Try it in a process of its own: half of it could not be undone."""
    child = os.fork()
    if child == 0:
        try:
            enter(namespaces, settings)
            os._exit(0 if os.access(sys.argv[2], os.X_OK) else 1)
        except OSError:
            os._exit(1)
    return os.waitpid(child, 0)[1] == 0


def enter(namespaces: int, settings: dict[str, list[str]]) -> None:
    """Enter the namespaces, and make the folders read-only in a namespace of mounts.

    Raises
    ------
    OSError
        If the system refuses any of it.
    """
    user, group = os.geteuid(), os.getegid()
    check(LIBC.unshare(namespaces))
    if namespaces & NEW_USER:  # the user stays who it is
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"{user} {user} 1"),
            ("gid_map", f"{group} {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:  # noqa: PTH123 (nothing to import)
                file.write(text)
    raise_loopback()
    if namespaces & NEW_MOUNTS:
        mount(None, "/", RECURSIVE | PRIVATE)
        for folder in settings["read_only"]:
            bind(folder, READ_ONLY)
        for folder in settings["writable"]:
            bind(folder, 0)


def raise_loopback() -> None:
    """This machine's own address answers, as some libraries expect; no other does."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as own:
        asked = struct.pack("16sh22x", b"lo", 0)
        flags = struct.unpack("16sh22x", fcntl.ioctl(own, GET_FLAGS, asked))[1]
        fcntl.ioctl(own, SET_FLAGS, struct.pack("16sh22x", b"lo", flags | UP))


def bind(folder: str, read_only: int) -> None:
    """Mount a folder upon itself; what its file system forbids stays forbidden."""
    mount(folder, folder, BIND | RECURSIVE)
    kept = os.statvfs(folder).f_flag & (os.ST_NOSUID | os.ST_NODEV | os.ST_NOEXEC)
    mount(None, folder, REMOUNT | BIND | read_only | kept | times(folder))


def times(folder: str) -> int:
    """How the file system notes when a file was read, as mount has it."""
    flags = os.statvfs(folder).f_flag
    names = {os.ST_NOATIME: 1 << 10, os.ST_NODIRATIME: 1 << 11, os.ST_RELATIME: 1 << 21}
    return sum(value for flag, value in names.items() if flags & flag)


def mount(source: str | None, target: str, flags: int) -> None:
    """The system's call of this name."""
    encoded = None if source is None else os.fsencode(source)
    check(LIBC.mount(encoded, os.fsencode(target), None, ctypes.c_ulong(flags), None))


def check(result: int) -> None:
    """Raise the error of a call that has failed."""
    if result:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


if __name__ == "__main__":
    main()
