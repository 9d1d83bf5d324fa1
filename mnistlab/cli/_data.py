"""``data``: where the digits are, and how to get them."""

from __future__ import annotations

import os
from pathlib import Path

import click
from click.core import ParameterSource

from mnistlab import sources
from mnistlab.cli._common import source_option


@click.group(
    invoke_without_command=True,
    epilog="""\b
    Examples:
      python -m mnistlab data          where the digits are
      python -m mnistlab data fetch    download MNIST""",
)
@source_option
@click.pass_context
def data(context: click.Context, source: str) -> None:
    """Say which digits are used and where they are; get them.

    Without a command of its own it changes nothing: it looks, and exits with 1 if the digits in use
    are not there.
    """
    if context.invoked_subcommand is None:
        show(source)
    elif context.get_parameter_source("source") is ParameterSource.COMMANDLINE:
        raise click.UsageError(
            f"--source is for data alone: {context.invoked_subcommand} has one source only"
        )


def show(source: str) -> None:
    """Print where both sources are, the one in use first; fail if that one is not there."""
    other = next(name for name in sources.SOURCES if name != source)
    try:
        packed = to_unpack() if source == "mnist" else {}
        if packed:
            click.echo(
                "in use: mnist, packed or under other names; mnistlab unpacks it into "
                f"{sources.home()} when it is first used, and checks it then:"
            )
            click.echo("\n".join(f"  {path}" for path in packed.values()))
        else:
            root = find(source)
            click.echo(
                f"in use: {source}, in {sources.raw_folder(root)}, complete. SHA-256 digests:"
            )
            show_digests(root, source)
    finally:
        show_other(other)


def to_unpack() -> dict[str, Path]:
    """The files that ``MNISTLAB_DATA`` has in another form, if the home folder has none of them yet."""
    named = os.environ.get("MNISTLAB_DATA")
    root = sources._folder("MNISTLAB_DATA", named) if named else None
    if root is None or not sources.missing(root) or not sources.missing(sources.home()):
        return {}
    return sources.elsewhere(root)


def show_digests(root: Path, source: str) -> None:
    """Print the digest and the name of each of the four files."""
    for name, digest in sources.digests(root, source).items():
        click.echo(f"  {digest}  {name}")


def show_other(source: str) -> None:
    """Print in one line where the source is that is not in use."""
    try:
        click.echo(f"not in use: {source}, in {sources.raw_folder(find(source))}")
    except (sources.DataError, OSError) as error:
        click.echo(f"not in use: {source}; {str(error).splitlines()[0]}")


def find(source: str) -> Path:
    """Where the source is, as `mnistlab.sources.locate`, but nothing is fetched or drawn."""
    if source == "strokes":
        folder = sources.strokes_folder()
        if sources.missing(folder):
            raise sources.DataError(
                f"the stand-ins are not in {folder} yet; they are drawn when they are first used, "
                "or by: python -m mnistlab data draw"
            )
        return sources.locate(folder, source)
    if not os.environ.get("MNISTLAB_DATA") and is_missing_at_home():
        raise sources.DataError(f"MNIST is not in {sources.home()} yet\n{sources.WAYS_OUT}")
    return sources.locate(source=source)


def is_missing_at_home() -> bool:
    """Whether the home folder lacks files of MNIST; raise DataError if it can't be looked into."""
    try:
        return bool(sources.missing(sources.home()))
    except OSError as error:
        raise sources.DataError(
            f"MNIST can't be looked for: {error}; set MNISTLAB_HOME to a folder that can be written"
            f"\n{sources.WAYS_OUT}"
        ) from error


@data.command(epilog="Example: python -m mnistlab data fetch")
def fetch() -> None:
    """Download MNIST into the package's own folder.

    About 12 MB are downloaded and 55 MB are kept, compared with the published digests. The folder is
    the one that MNISTLAB_HOME names, else the one for your caches. What is there already is not
    downloaded again; what is damaged is.
    """
    home = sources.home()
    there = is_whole(home, "mnist")
    sources.fetch()
    sources.locate(home, "mnist")
    adverb = "already" if there else "now"
    click.echo(f"MNIST is {adverb} in {sources.raw_folder(home)}, complete and as published.")
    named = os.environ.get("MNISTLAB_DATA")
    if named:
        click.echo(f"But MNISTLAB_DATA is set: what is used is the MNIST in {named}.")


@data.command(epilog="Example: python -m mnistlab data draw")
def draw() -> None:
    """Draw the stand-ins: 70 000 digits, for machines without MNIST.

    They take 55 MB and are the same on every machine. They are not MNIST, and what is measured on them
    says nothing about MNIST. To use them: --source strokes, or the setting MNISTLAB_SOURCE=strokes.
    """
    folder = sources.strokes_folder()
    there = is_whole(folder, "strokes")
    sources.locate(source="strokes")
    adverb = "already" if there else "now"
    click.echo(f"The stand-ins are {adverb} in {sources.raw_folder(folder)}, complete.")


def is_whole(folder: Path, source: str) -> bool:
    """Whether the four files are there, and those that this version of the package expects."""
    try:
        return not sources.missing(folder) and bool(sources.locate(folder, source))
    except (sources.DataError, OSError):  # what gets it there says why it can't
        return False
