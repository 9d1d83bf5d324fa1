"""The command line: ``python -m mnistlab data`` says where MNIST is, and fetches it if need be."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from mnistlab import sources


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; return its exit code: 0 if it succeeded, 1 if MNIST can't be had."""
    parser = argparse.ArgumentParser(
        prog="python -m mnistlab", description="The package behind the book Flatten or Filter."
    )
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    command = commands.add_parser("data", help="say where MNIST is; fetch it if it is not there")
    command.set_defaults(run=show_data)
    try:
        parser.parse_args(arguments).run()
    except sources.DataError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def show_data() -> None:
    """Print the folder in use and the digest of each file."""
    root = sources.locate()
    print(f"MNIST is in {sources.raw_folder(root)}, complete and as published. SHA-256 digests:")
    for name, digest in sources.digests(root).items():
        print(f"  {digest}  {name}")


if __name__ == "__main__":
    sys.exit(main())
