"""Install the package with one of its extras into the environment that runs this file.

``make`` calls ``.venv/bin/python tools/install.py book`` (or ``test``, ``browser``). The versions
are those of ``constraints.txt``, with one exception: a torch that the user has put into the
environment, such as the CPU build, stays, and the pins that go with another torch are left out.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import platform
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
# The version of torch that this file installed last. Any other torch is the user's.
OUR_TORCH = Path(sys.prefix) / ".torch-installed-by-make"


def distribution(requirement: str) -> str:
    """Return the normalised name with which a requirement or a pin begins."""
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


def run(*arguments: str) -> None:
    """Run this Python; end with its exit status if that is not zero."""
    status = subprocess.run([sys.executable, *arguments], cwd=REPOSITORY).returncode
    if status:
        sys.exit(status)


def install(extra: str) -> None:
    """Install the package, editable, with ``extra``, and check that torch works."""
    pins = (REPOSITORY / "constraints.txt").read_text(encoding="utf-8").split()
    kept = users_torch()
    if kept:
        print(f"Keeping torch {kept} of .venv; other versions are those of constraints.txt.")
        pins = pins_beside(kept, importlib.metadata.requires("torch") or [], pins)
    if importlib.util.find_spec("pip") is None:
        run("-m", "ensurepip")
    with tempfile.TemporaryDirectory() as folder:
        constraints = Path(folder) / "constraints.txt"
        constraints.write_text("\n".join(pins), encoding="utf-8")
        run("-m", "pip", "install", "--constraint", str(constraints), "--editable", f".[{extra}]")
    if not kept:
        OUR_TORCH.write_text(installed_torch() or "", encoding="utf-8")
    check_torchvision()


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
    parser.add_argument("extra", choices=("book", "test", "browser", "scale"))
    install(parser.parse_args().extra)


if __name__ == "__main__":
    main()
