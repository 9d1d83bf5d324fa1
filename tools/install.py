"""Install the package with one of its extras into the environment that runs this file.

``make`` calls ``.venv/bin/python tools/install.py book`` (or ``test``, ``browser``). The versions
are those of ``constraints.txt``, with one exception: a torch that the user has put into the
environment, such as the CPU build, stays, and the pins that go with another torch are left out.

``uv`` installs where it is on the path, pip elsewhere. What they print is shown only if they fail.
"""

from __future__ import annotations

import argparse
import csv
import importlib.metadata
import importlib.util
import platform
import re
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path
from typing import TextIO

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None

REPOSITORY = Path(__file__).resolve().parent.parent
# The version of torch that this file installed last. Any other torch is the user's.
OUR_TORCH = Path(sys.prefix) / ".torch-installed-by-make"

WHAT = {
    "book": "Jupyter Book and what it needs",
    "test": "the tools of the tests",
    "browser": "Playwright, which drives an installed browser",
    "lint": "what checks types and workflows",
    "scale": "Dask's scheduler, for experiments on several machines",
}
WITH_TORCH = "with PyTorch; once, up to 6 GB, 1 to 5 minutes"
WITHOUT_TORCH = "once, less than 400 MB, about half a minute"
# There while an installation runs: one that finds it follows one that was interrupted.
INSTALLING = Path(sys.prefix) / ".installing"

STILL_AT_WORK_SECONDS = 60
LINES_SHOWN = 40
"""Of what the installer printed, where it failed."""


def distribution(requirement: str) -> str:
    """Return the normalized name with which a requirement or a pin begins."""
    name = re.match(r"[\w.-]+", requirement)
    if name is None:
        raise ValueError(f"{requirement!r} is not a requirement; expected one like 'numpy==2.4.6'")
    return re.sub(r"[-_.]+", "-", name[0]).lower()


def pins_beside(torch: str, requirements: Iterable[str], pins: Iterable[str]) -> list[str]:
    """Return the pins to install under when the user's torch is to stay.

    ``torch`` is its version, ``requirements`` is what it asks for itself, and ``pins`` go with
    the torch that the project is tested with. Left out are that torch, its torchvision, what the
    user's torch asks for, and the libraries for GPUs, which differ from one torch to the next.
    """
    free = {"torch", "torchvision", "triton", *map(distribution, requirements)}
    kept = [
        pin
        for pin in pins
        if distribution(pin) not in free and not distribution(pin).startswith(("nvidia-", "cuda-"))
    ]
    return [f"torch=={torch}", *kept]


def pinned(name: str, pins: Iterable[str]) -> str:
    """Return the version to which a package is pinned; an empty text if it is not."""
    versions = (pin.partition("==")[2] for pin in pins if distribution(pin) == name)
    return next(versions, "")


def installed_torch() -> str | None:
    """Return the version of the torch in this environment, or None."""
    try:
        return importlib.metadata.version("torch")
    except importlib.metadata.PackageNotFoundError:
        return None


def users_torch() -> str | None:
    """Return the version of the torch that the user has put here, or None."""
    ours = OUR_TORCH.read_text(encoding="utf-8") if OUR_TORCH.exists() else None
    found = installed_torch()
    return None if found == ours else found


def discard_halves(packages: Path) -> list[str]:
    """Forget the packages that an interrupted installation left incomplete; return their names.

    An installer takes a package for installed that has its metadata, whether or not its files came.
    """
    halves = []
    for folder in packages.glob("*.dist-info"):
        if not is_whole(folder):
            halves.append(folder.name.partition("-")[0])
            shutil.rmtree(folder)
    return sorted(halves)


def is_whole(metadata: Path) -> bool:
    """Whether all files are there that the record of an installed package names.

    Read here: since Python 3.12, ``importlib.metadata`` leaves out those that are not there.
    """
    record = metadata / "RECORD"
    if not record.is_file():
        return False
    with record.open(encoding="utf-8", newline="") as file:
        names = [row[0] for row in csv.reader(file) if row]
    return all((metadata.parent / name).exists() for name in names if not name.endswith(".pyc"))


def quietly(command: list[str]) -> None:
    """Run a command without its output; end with that output and exit status if it fails.

    A line each minute says that it is still at work.
    """
    start = time.monotonic()
    with tempfile.TemporaryFile(mode="w+", encoding="utf-8", errors="replace") as output:
        process = subprocess.Popen(
            command, cwd=REPOSITORY, stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
        try:
            while (status := waited(process)) is None:
                minutes = (time.monotonic() - start) / 60
                print(f"  still at work after {minutes:.0f} min", flush=True)
        except BaseException:
            process.terminate()
            process.wait()
            raise
        if status:
            output.seek(0)
            print(*output.read().splitlines()[-LINES_SHOWN:], sep="\n", file=sys.stderr)
            print(f"\nThis did not work (exit status {status}): {' '.join(command)}")
            sys.exit(status if status > 0 else 1)


def waited(process: subprocess.Popen[str]) -> int | None:
    """The exit status of a process, or None if it runs on for a minute."""
    try:
        return process.wait(STILL_AT_WORK_SECONDS)
    except subprocess.TimeoutExpired:
        return None


def installer() -> list[str]:
    """Return the command that installs into this environment."""
    if uv := shutil.which("uv"):
        return [uv, "pip", "install", "--python", sys.executable]
    if importlib.util.find_spec("pip") is None:
        quietly([sys.executable, "-m", "ensurepip"])
    pip = [sys.executable, "-m", "pip", "install", "--no-input", "--progress-bar", "off"]
    return [*pip, "--disable-pip-version-check"]


def take_turn(path: Path) -> TextIO:
    """Wait until no other process installs; for as long as the file that is returned is open.

    The system lets go of it when the process ends, however it ends. Windows has no such locks: there
    nobody waits.
    """
    file = path.open("w", encoding="utf-8")
    if fcntl is not None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print("Another make is installing into .venv: waiting for it.", flush=True)
            fcntl.flock(file, fcntl.LOCK_EX)
    return file


def install(extra: str) -> None:
    """Install the package, editable, with ``extra``, and check that torch works."""
    turn = take_turn(Path(sys.prefix) / ".turn")  # noqa: F841 (held until the end)
    pins = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").split()
    command, start = installer(), time.monotonic()
    name = "uv" if "uv" in Path(command[0]).name else "pip"
    size = WITHOUT_TORCH if installed_torch() else WITH_TORCH
    print(f"Installing into .venv with {name}: {WHAT[extra]} ({size})", flush=True)
    if INSTALLING.exists():
        halves = discard_halves(Path(sysconfig.get_path("purelib")))
        print(
            f"The last installation was interrupted; once more: {', '.join(halves) or 'nothing'}."
        )
    kept = users_torch()
    if not kept:
        OUR_TORCH.write_text(installed_torch() or pinned("torch", pins), encoding="utf-8")
    INSTALLING.touch()
    if kept:
        print(f"Keeping torch {kept} of .venv; other versions are those of constraints.txt.")
        pins = pins_beside(kept, importlib.metadata.requires("torch") or [], pins)
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("\n".join(pins), encoding="utf-8")
        quietly([*command, "--constraint", str(constraints), "--editable", f".[{extra}]"])
    INSTALLING.unlink()
    if not kept:
        OUR_TORCH.write_text(installed_torch() or "", encoding="utf-8")
    check_torchvision()
    print(f"Installed in {time.monotonic() - start:.0f} s.", flush=True)


def check_torchvision() -> None:
    """End with a message if torch and torchvision are not builds that go together."""
    found = subprocess.run([sys.executable, "-c", "import torchvision"], cwd=REPOSITORY)
    if found.returncode:
        sys.exit(
            f"torch {installed_torch()} and torchvision "
            f"{importlib.metadata.version('torchvision')} in .venv do not work together (see "
            "above). Install both from the same index, or remove .venv and call make again."
        )


def main() -> None:
    """Read the name of the extra from the command line and install it."""
    if sys.version_info < (3, 11):  # noqa: UP036 (whatever Python .venv was made with runs this)
        sys.exit(
            f".venv has Python {platform.python_version()}, but 3.11 or newer is needed: "
            "remove .venv and call make again."
        )
    parser = argparse.ArgumentParser(description="Install mnistlab into this environment.")
    parser.add_argument("extra", choices=tuple(WHAT))
    install(parser.parse_args().extra)


if __name__ == "__main__":
    main()
