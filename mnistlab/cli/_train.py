"""``train``: train a network, or load it if it has been trained before."""

from __future__ import annotations

from typing import Any

import click
import torch

from mnistlab import runs
from mnistlab.cli._common import SIZES, Stopped, described, name_of, source_option
from mnistlab.cli._kept import Kept, read

USUAL = {task.network: task.sizes for task in (runs.TASK_7, runs.TASK_8)}
"""The sizes of Tasks 7 and 8; D = 784 and O = 10 are fixed by MNIST."""

POSITIVE = click.IntRange(min=1)


class NetworkName(click.Choice):
    """The name of a network, with a hyphen or an underscore."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The name as the package has it."""
        return super().convert(value.replace("_", "-"), param, ctx).replace("-", "_")


def usable(context: click.Context, option: click.Parameter, value: str | None) -> str | None:
    """The device, if torch knows it and it is there; a callback for click."""
    if value is None:
        return None
    try:
        torch.device(value)
    except RuntimeError as error:
        raise click.BadParameter(f"{value!r} is none; expected cpu, cuda or mps") from error
    try:
        torch.zeros(1, device=value).item()
    except (RuntimeError, AssertionError) as error:  # NotImplementedError is a RuntimeError
        raise click.ClickException(
            f"the device {value} can't be used here; leave out --device to take the best there is"
        ) from error
    return value


@click.command(
    short_help="Train a network, or load it if it was trained before.",
    epilog="""\b
    Examples:
      python -m mnistlab train fully-connected --K 50 --epochs 5
      python -m mnistlab train convolutional --seed 1""",
)
@click.argument("network", metavar="NETWORK", type=NetworkName([name_of(name) for name in SIZES]))
@click.option("--epochs", type=POSITIVE, default=runs.TASK_7.epochs, show_default=True,
              help="How often each training image is used.")  # fmt: skip
@click.option("--learning-rate", type=float, default=runs.TASK_7.learning_rate, show_default=True,
              help="The step size.")  # fmt: skip
@click.option("--K", "K", type=POSITIVE,
              help=f"Fully-connected: width of both hidden layers; {USUAL['fully_connected'][1]} unless given.")  # fmt: skip
@click.option("--Q1", "Q1", type=POSITIVE,
              help=f"Convolutional: channels of the first layer; {USUAL['convolutional'][0]} unless given.")  # fmt: skip
@click.option("--Q2", "Q2", type=POSITIVE,
              help=f"Convolutional: channels of the second layer; {USUAL['convolutional'][1]} unless given.")  # fmt: skip
@click.option("--batch-size", type=POSITIVE, default=runs.TASK_7.batch_size, show_default=True,
              help="Training images per update.")  # fmt: skip
@click.option("--seed", type=int, default=runs.TASK_7.seed, show_default=True,
              help="Fixes the initial parameters and the order of the images.")  # fmt: skip
@click.option("--device", metavar="DEVICE", callback=usable,
              help="cpu, cuda or mps.  [default: the best there is]")  # fmt: skip
@source_option
def train(
    network: str,
    K: int | None,
    Q1: int | None,
    Q2: int | None,
    device: str | None,
    source: str,
    **options: Any,
) -> None:
    """Train NETWORK and measure it after each epoch: fully-connected or convolutional.

    What is trained is stored: the same command loads it the next time. A training that was stopped,
    with Ctrl-C or otherwise, goes on after its last finished epoch.
    """
    sizes = choose_sizes(network, {"K": K, "Q1": Q1, "Q2": Q2})
    try:
        specification = runs.Specification(network, sizes, **options)
    except (TypeError, ValueError) as error:
        raise click.UsageError(str(error)) from error
    run(specification, source, device)


def choose_sizes(network: str, given: dict[str, int | None]) -> tuple[int, int, int]:
    """The sizes that are given, else those of Tasks 7 and 8; fail on one of the other network's."""
    usual = dict(zip(SIZES[network], USUAL[network], strict=True))
    named = {symbol: size for symbol, size in given.items() if size is not None}
    for symbol in named:
        if symbol not in usual:
            owner = next(name for name, symbols in SIZES.items() if symbol in symbols)
            own = " and ".join(f"--{symbol}" for symbol in usual if symbol in given)
            raise click.UsageError(
                f"--{symbol} belongs to the {name_of(owner)} network; "
                f"the {name_of(network)} network has {own}"
            )
    first, second, third = (usual | named).values()
    return first, second, third


def run(specification: runs.Specification, source: str, device: str | None) -> None:
    """Load or train; print which of the two, the history, and where it is stored."""
    if runs.preview():
        click.echo("MNISTLAB_PREVIEW is set: one epoch only")
    specification = runs.effective(specification)
    click.echo(described(specification, source))
    key = runs.key(specification, source=source)
    before = read(key, specification)
    click.echo(announcement(before))
    try:
        finished = runs.run(specification, source=source, device=device)
    except KeyboardInterrupt:
        raise Stopped(farewell(read(key, specification))) from None
    click.echo(finished.history.table())
    click.echo(f"stored in {before.path}")


def announcement(before: Kept) -> str:
    """What is going to happen, by what is stored already."""
    if before.state == "finished":
        return "trained before: loaded"
    damage = f"damaged: {before.damage}; " if before.damage else ""
    if before.state == "unfinished":
        done = len(before.history)
        return f"{damage}stopped earlier after epoch {done}: going on with epoch {done + 1}"
    return f"{damage}training from the first epoch"


def farewell(after: Kept) -> str:
    """What is left of a training that was stopped."""
    done = len(after.history)
    if not done:
        return "stopped in the first epoch: nothing is stored yet"
    return f"stopped: the finished epochs, {done}, are stored; the same command goes on after them"
