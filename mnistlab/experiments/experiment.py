"""An experiment: many runs that answer one question, and the table of what they measured.

An experiment is a list of specifications and a function that measures a finished run. It is recorded
once, on MNIST, in two files of the package: ``recorded/<name>.csv`` with what was measured, a row for
each measured point, and ``recorded/<name>.json`` with where it comes from.
"""

from __future__ import annotations

import ast
import csv
import hashlib
import io
import json
import math
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from filelock import FileLock

from mnistlab import _files, sources
from mnistlab.runs import ARITHMETIC, Run, Specification
from mnistlab.runs.record import FOLDER, RecordError

# One dictionary for each measured point, all with the same names.
Measured = list[dict[str, float]]

SEVERAL = ("arithmetic", "versions", "device", "processor", "threads")
"""In what the runs of an experiment may differ: a list in its provenance."""

FIELDS = {field.name: field for field in fields(Specification)}


@dataclass(frozen=True)
class Row:
    """A measured point of a run.

    Attributes
    ----------
    specification : Specification
        Of the run.
    values : dict of str to float
        What was measured.
    """

    specification: Specification
    values: dict[str, float]

    def __getitem__(self, name: str) -> float:
        return self.values[name]


@dataclass(frozen=True)
class Experiment:
    """Runs that answer a question together.

    Attributes
    ----------
    name : str
        Of its files, and for ``python -m mnistlab record NAME``.
    question : str
        What it is to find out, in one line.
    specifications : tuple of Specification
        Its runs, each once.
    measure : callable
        Takes a finished `mnistlab.Run` and returns its measured points, a list of dictionaries with
        numbers. A function at the top level of a module, so that other processes can find it.
    folder : pathlib.Path
        Where its files are. Default: in the package.
    """

    name: str
    question: str
    specifications: tuple[Specification, ...]
    measure: Callable[[Run], Measured]
    folder: Path = FOLDER

    def __post_init__(self) -> None:
        if len(set(self.specifications)) != len(self.specifications):
            raise ValueError(f"{self.name} has a specification twice; expected each run once")

    @property
    def table(self) -> Path:
        """The file with what was measured."""
        return self.folder / f"{self.name}.csv"

    @property
    def provenance_file(self) -> Path:
        """The file with where it comes from."""
        return self.folder / f"{self.name}.json"

    def rows(self) -> list[Row]:
        """What was measured: the rows of the table, in its order; none if nothing is recorded.

        Raises
        ------
        RecordError
            If the table cannot be read.
        """
        try:
            return read_table(self.table) if self.table.exists() else []
        except (OSError, ValueError, KeyError, TypeError, SyntaxError) as error:
            raise RecordError(f"{self.table} can't be read ({error}); restore the file") from error

    def recorded(self) -> list[Row]:
        """The rows of all runs.

        Raises
        ------
        RecordError
            If a run is missing, or the table cannot be read.
        """
        missing = self.missing()
        if missing:
            raise RecordError(
                f"{len(missing)} of the {len(self.specifications)} runs of {self.name} are not "
                f"recorded; make them: python -m mnistlab record {self.name}"
            )
        return self.rows()

    def missing(self) -> list[Specification]:
        """The runs of which the table has no row."""
        there = {row.specification for row in self.rows()}
        return [one for one in self.specifications if one not in there]

    def provenance(self) -> dict[str, Any]:
        """Where the record comes from: data, versions, processors, dates; empty if there is none.

        Raises
        ------
        RecordError
            If the file cannot be read.
        """
        path = self.provenance_file
        try:
            return read_provenance(path) if path.exists() else {}
        except (OSError, ValueError) as error:
            raise RecordError(f"{path} can't be read ({error}); restore the file") from error

    def add(
        self, specification: Specification, measured: Measured, provenance: dict[str, Any]
    ) -> None:
        """Write what was measured of a run into the two files, each whole or not at all."""
        with self._lock():  # what another process adds is not overwritten
            rows = [row for row in self.rows() if row.specification != specification]
            rows += [Row(specification, point) for point in measured]
            order = {one: number for number, one in enumerate(self.specifications)}
            # stable: the points of a run stay in their order
            rows.sort(key=lambda row: order[row.specification])
            merged = merge(self.provenance(), provenance)
            self.folder.mkdir(exist_ok=True)
            _files.write(self.provenance_file, (json.dumps(merged, indent=1) + "\n").encode())
            _files.write(self.table, write_table(rows).encode())

    def _lock(self) -> FileLock:
        """That of the two files. It stays where it is, so it lies in the home folder, not beside them."""
        sources.home().mkdir(parents=True, exist_ok=True)
        place = hashlib.sha256(str(self.table.resolve()).encode()).hexdigest()[:12]
        return FileLock(sources.home() / f"record-{self.name}-{place}.lock")

    def faults(self) -> list[str]:
        """What is wrong with its files, in words; a run that is missing is no fault."""
        try:
            rows = self.rows()
        except RecordError as error:
            return [str(error)]
        foreign = {row.specification for row in rows} - set(self.specifications)
        found = [f"{self.table.name}: {one} is no run of this experiment" for one in foreign]
        try:
            provenance = self.provenance()
        except RecordError as error:
            return [*found, str(error)]
        if rows and provenance.get("data") != sources.FILES:
            found.append(
                f"{self.provenance_file.name}: its data are not the published files of MNIST"
            )
        if rows and provenance.get("arithmetic") != [ARITHMETIC]:
            found.append(f"{self.provenance_file.name}: its arithmetic is not {ARITHMETIC}")
        if rows and provenance.get("device") != ["cpu"]:
            found.append(
                f"{self.provenance_file.name}: not all of its runs were trained on the CPU"
            )
        return found


def final(run: Run) -> Measured:
    """What was measured after the last epoch: losses in nats per image, accuracies in [0, 1]."""
    return curve(run)[-1:]


def curve(run: Run) -> Measured:
    """What was measured after each epoch: losses in nats per image, accuracies in [0, 1]."""
    history = run.history
    return [
        {
            "epoch": epoch,
            "loss": history.test_loss[epoch - 1],
            "accuracy": history.test_accuracy[epoch - 1],
            "train_loss": history.train_loss[epoch - 1],
            "train_accuracy": history.train_accuracy[epoch - 1],
            "seconds": round(history.seconds[epoch - 1], 2),
        }
        for epoch in range(1, history.epochs + 1)
    ]


# --- the two files


def merge(before: dict[str, Any], provenance: dict[str, Any]) -> dict[str, Any]:
    """The provenance of several runs: what they have in common, and the different ones in lists."""
    if before and before["data"] != provenance["data"]:
        raise RecordError("the runs are of other data than those before; expected the same for all")

    def different(name: str, value: Any) -> list[Any]:
        known = before.get(name, [])
        return known if value in known else [*known, value]

    dates = [*before.get("finished", []), provenance["finished"]]
    return {
        "data": provenance["data"],
        **{name: different(name, provenance[name]) for name in SEVERAL},
        "finished": [min(dates), max(dates)],
    }


def read_provenance(path: Path) -> dict[str, Any]:
    """A provenance that `merge` made.

    Raises
    ------
    OSError, ValueError
        If there is none, or it lacks a part.
    """
    content = json.loads(path.read_bytes())
    if not isinstance(content, dict) or not isinstance(content.get("data"), dict):
        raise ValueError("it has no data with their digests")
    for name in (*SEVERAL, "finished"):
        if not isinstance(content.get(name), list):
            raise ValueError(f"it has no list {name}")
    return content


def write_table(rows: Sequence[Row]) -> str:
    """The rows as CSV: first what determines the run, then what was measured.

    Columns of the specification in which all runs have the default are left out, as is a cell with
    the default.
    """
    used = {name for row in rows for name in row.specification.values()}
    columns = [name for name in FIELDS if name in used]
    names = list(rows[0].values) if rows else []
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*columns, *names])
    for row in rows:
        values = row.specification.values()
        cells = [values.get(name, "") for name in columns]
        writer.writerow([*map(_cell, cells), *(_number(row[name]) for name in names)])
    return text.getvalue()


def read_table(path: Path) -> list[Row]:
    """The rows of a table that `write_table` made."""
    with path.open(encoding="utf-8", newline="") as file:
        return [_row(cells) for cells in csv.DictReader(file, strict=True)]


def _row(cells: dict[str, str]) -> Row:
    if None in cells or None in cells.values():
        raise ValueError("a row is too short or too long")
    values = {
        name: _value(name, text) for name, text in cells.items() if name in FIELDS and text != ""
    }
    return Row(
        Specification(**values),
        {name: float(text) for name, text in cells.items() if name not in FIELDS},
    )


def _cell(value: Any) -> str:
    return value if isinstance(value, str) else repr(value)


def _value(name: str, text: str) -> Any:
    return text if FIELDS[name].type == "str" else ast.literal_eval(text)


def _number(value: float) -> str:
    """Seven digits: more than rounding leaves the same on another processor."""
    return str(int(value)) if math.isfinite(value) and value == int(value) else f"{value:.7g}"


def mean_over_seeds(rows: Iterable[Row], name: str) -> float:
    """The mean of a measured number over rows."""
    values = [row[name] for row in rows]
    return sum(values) / len(values)


def best_rates(rows: Iterable[Row], kind: Callable[[Specification], Hashable]) -> dict[Any, float]:
    """For each kind of run the learning rate with the highest mean accuracy.

    Parameters
    ----------
    rows : iterable of Row
        With an ``"accuracy"``, measured on validation images.
    kind : callable
        Takes a specification; runs of one kind are compared by their learning rates.

    Raises
    ------
    ValueError
        If a best rate is the smallest or the largest that was tried: a better one may lie beyond.
    """
    found: dict[Hashable, dict[float, list[Row]]] = {}
    for row in rows:
        rates = found.setdefault(kind(row.specification), {})
        rates.setdefault(row.specification.learning_rate, []).append(row)
    return {name: _inner_best(name, rates) for name, rates in found.items()}


def _inner_best(name: Hashable, rates: dict[float, list[Row]]) -> float:
    best = max(rates, key=lambda rate: mean_over_seeds(rates[rate], "accuracy"))
    if best in (min(rates), max(rates)):
        raise ValueError(
            f"the best learning rate of {name} is {best}, at the edge of what was tried; "
            "expected it to lie within: try rates beyond"
        )
    return best
