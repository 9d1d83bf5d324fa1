"""``runs``: what was trained on this machine."""

from __future__ import annotations

from typing import Any

import click

from mnistlab.cli._common import SIZES, additional, described, name_of
from mnistlab.cli._kept import Kept, read_all
from mnistlab.cli._train import choose_sizes
from mnistlab.runs import folder
from mnistlab.tables import Table
from mnistlab.training import History

COLUMNS = {
    "digest": "run",
    "network": "network",
    "sizes": "sizes",
    "epochs": "epochs",
    "learning_rate": "rate",
    "seed": "seed",
    "source": "source",
}


@click.group(
    invoke_without_command=True,
    epilog="""\b
    Examples:
      python -m mnistlab runs
      python -m mnistlab runs show 4268""",
)
@click.pass_context
def runs(context: click.Context) -> None:
    """Show what was trained on this machine.

    Without a command of its own: a table of all runs. They are stored in the package's own folder, the
    one that MNISTLAB_HOME names, else the one for your caches.
    """
    if context.invoked_subcommand is None:
        show_all()


@runs.command("list", epilog="Example: python -m mnistlab runs list")
def list_all() -> None:
    """The same table of all runs."""
    show_all()


def show_all() -> None:
    """Print a row for each run, and a line for each that is unfinished or damaged."""
    found = read_all()
    if not found:
        click.echo(f"nothing was trained yet: there are no runs in {folder()}")
        return
    headings = (*COLUMNS.values(), "accuracy", "finished (UTC)")
    sound = [one for one in found if one.state != "damaged"]
    if sound:
        click.echo(Table(headings, [row(one) for one in sound]))
    if any(one.state == "unfinished" for one in sound):
        click.echo(
            "An unfinished run goes on when the command that began it is given again; "
            "to see it: python -m mnistlab runs show RUN"
        )
    unregistered = sorted({one.values["network"] for one in sound if one.state == "unregistered"})
    for name in unregistered:
        click.echo(
            f"Not registered here: the network {name}. Its runs are loaded after runs.register."
        )
    for one in found:
        if one.damage:
            click.echo(f"damaged: {one.damage}", err=True)


def row(one: Kept) -> list[str]:
    """A run's cells in the table."""
    facts = one.facts()
    cells = [facts.get(name, "?") for name in COLUMNS]
    cells[1] = name_of(cells[1])
    if not one.finished:
        cells[3] = f"{len(one.history)} of {cells[3]}"
    date = str(one.provenance.get("finished", "?"))[:16].replace("T", " ")
    finished = date if one.finished else "no"
    return [*cells, f"{one.history.test_accuracy[-1]:.2%}", finished]


@runs.command(epilog="Example: python -m mnistlab runs show 4268")
@click.argument("run")
def show(run: str) -> None:
    """Show one run: its history, and where it comes from.

    RUN is as in the table of runs, or the name of its files; the beginning is enough if no other run
    has the same.
    """
    one = find(run)
    if one.state == "damaged":
        raise click.ClickException(
            f"damaged: {one.damage}; the run is trained anew when the command that began it is given again"
        )
    click.echo(one.path)
    if one.damage:
        click.echo(f"damaged: {one.damage}", err=True)
    if one.specification:
        click.echo(described(one.specification, one.facts()["source"]))
    click.echo(table(one.history))
    if one.state == "unregistered":
        click.echo(way_to_load(one))
    click.echo(way_on(one) if one.state == "unfinished" else "\n".join(lines(one.provenance)))


def way_to_load(one: Kept) -> str:
    """What to do about a network that is not registered here."""
    name, done = one.values["network"], f"{len(one.history)} of {one.values['epochs']} epochs"
    return (
        f"{'' if one.finished else f'unfinished: {done}; '}of a network that is not registered "
        f"here, {name!r}: it is loaded in Python after\n  mnistlab.runs.register({name!r}, BUILD)"
    )


def table(history: History) -> Table:
    """All that was measured, a row for each epoch."""
    columns = (
        history.test_loss,
        history.test_accuracy,
        history.train_loss,
        history.train_accuracy,
        history.seconds,
    )
    rows = [
        (str(epoch), f"{a:.4f}", f"{b:.2%}", f"{c:.4f}", f"{d:.2%}", f"{seconds:.1f}")
        for epoch, (a, b, c, d, seconds) in enumerate(zip(*columns, strict=True), start=1)
    ]
    headings = (
        "epoch",
        "test loss",
        "test accuracy",
        "training loss",
        "training accuracy",
        "seconds",
    )
    return Table(headings, rows)


def find(run: str) -> Kept:
    """The one run whose key or digest begins like this."""
    found = read_all()
    matching = [one for one in found if run in (one.key, one.facts()["digest"])] or [
        one for one in found if one.key.startswith(run) or one.facts()["digest"].startswith(run)
    ]
    if len(matching) == 1:
        return matching[0]
    if not found:
        raise click.BadParameter(f"there are no runs in {folder()}")
    what = "several runs begin" if matching else "no run begins"
    names = "\n".join(f"  {one.key}" for one in matching or found)
    raise click.BadParameter(f"{what} with {run!r}; expected one of\n{names}")


def way_on(one: Kept) -> str:
    """How to finish a run that was stopped."""
    specification, source = one.specification, one.facts()["source"]
    done = f"unfinished: {len(one.history)} of {specification.epochs} epochs."
    named = dict(zip(SIZES.get(specification.network, ()), specification.sizes, strict=False))
    options = {symbol: named[symbol] for symbol in named if symbol in ("K", "Q1", "Q2")}
    usual = named and choose_sizes(specification.network, options) == specification.sizes
    if not usual or additional(specification):
        return (
            f"{done} It goes on in Python with\n"
            "  from mnistlab import Specification, run\n"
            f"  run({specification!r}, source={source!r})"
        )
    sizes = " ".join(f"--{symbol} {size}" for symbol, size in options.items())
    return (
        f"{done} It goes on with\n"
        f"  python -m mnistlab train {name_of(specification.network)} {sizes} "
        f"--epochs {specification.epochs} --learning-rate {specification.learning_rate!r} "
        f"--batch-size {specification.batch_size} --seed {specification.seed} --source {source}"
    )


def lines(provenance: dict[str, Any], indent: str = "") -> list[str]:
    """Names and values, those of a dictionary in a dictionary below its name."""
    text = []
    for name, value in provenance.items():
        if isinstance(value, dict):
            text += [f"{indent}{name}:", *lines(value, indent + "  ")]
        else:
            text.append(f"{indent}{name.replace('_', ' ')}: {value}")
    return text
