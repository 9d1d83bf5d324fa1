"""What the home folder has of each run, in whatever state its files are."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from mnistlab import checkpoints, runs, sources
from mnistlab.runs import CHECKPOINT, NETWORKS, Specification
from mnistlab.training import History

KEY = re.compile(
    rf"((?P<source>{'|'.join(sources.SOURCES)})-)?(?P<network>{'|'.join(NETWORKS)})"
    r"-(?P<sizes>\d+-\d+-\d+)-epochs-(?P<epochs>\d+)-seed-(?P<seed>\d+)-(?P<digest>[0-9a-f]{12})"
)
"""A key as `mnistlab.runs.key` makes it, taken apart."""

State = Literal["finished", "unfinished", "damaged", "absent"]


@dataclass(frozen=True)
class Kept:
    """One run's files.

    Attributes
    ----------
    path : pathlib.Path
        Without suffix; its name is the run's key.
    state : str
        ``"finished"``, ``"unfinished"`` (there is a checkpoint), ``"damaged"`` or ``"absent"``.
    history : History
        Empty for the last two.
    specification : Specification or None
        Not known of a damaged run.
    provenance : dict
        Of a finished run.
    damage : str
        Which file is damaged and how; there may be a sound checkpoint all the same.
    """

    path: Path
    state: State
    history: History = field(default_factory=History)
    specification: Specification | None = None
    provenance: dict[str, Any] = field(default_factory=dict)
    damage: str = ""

    @property
    def key(self) -> str:
        """Name of the run's files."""
        return self.path.name

    def facts(self) -> dict[str, str]:
        """What can be told of it: by its specification, else by its key; "?" for the rest."""
        match = KEY.fullmatch(self.key)
        found = {name: text for name, text in (match.groupdict() if match else {}).items() if text}
        found.setdefault("digest", self.key)
        found.setdefault("source", "mnist" if match else "?")
        if self.specification:
            values = asdict(self.specification)
            values["sizes"] = "-".join(map(str, values["sizes"]))
            found |= {name: str(value) for name, value in values.items()}
        return found


def folder() -> Path:
    """Where runs are kept."""
    return sources.home() / "runs"


def read_all() -> list[Kept]:
    """All runs in the home folder, in the order of their keys."""
    suffixes = (".json", ".safetensors", CHECKPOINT)
    try:
        keys = {path.stem for path in folder().iterdir() if path.suffix in suffixes}
    except FileNotFoundError:
        return []
    return [read(key) for key in sorted(keys)]


def read(key: str, wanted: Specification | None = None) -> Kept:
    """The run of that key; what is not the wanted one is damaged."""
    path = folder() / key
    damage = ""
    if path.with_suffix(".json").exists():
        try:
            run = runs.stored(path, wanted)
            return Kept(path, "finished", run.history, run.specification, run.provenance)
        except (OSError, ValueError) as error:
            damage = f"{path.name}, its .json or .safetensors ({error})"
    elif path.with_suffix(".safetensors").exists():
        damage = f"{path.name}.safetensors, which has no .json beside it"
    unfinished = _unfinished(path, damage)
    if unfinished:
        return unfinished
    if path.with_suffix(CHECKPOINT).exists():
        damage = damage or f"{path.name}{CHECKPOINT}"
    return Kept(path, "damaged" if damage else "absent", damage=damage)


def _unfinished(path: Path, damage: str) -> Kept | None:
    """A run of which there is a sound checkpoint."""
    checkpoint = checkpoints.load(path.with_suffix(CHECKPOINT))
    if checkpoint is None:
        return None
    try:
        specification = Specification.read(checkpoint.specification)
    except (ValueError, KeyError, TypeError):
        return None
    return Kept(path, "unfinished", checkpoint.history, specification, damage=damage)
