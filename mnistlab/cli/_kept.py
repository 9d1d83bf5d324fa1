"""What the home folder has of each run, in whatever state its file is."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from mnistlab import runs, sources
from mnistlab.runs import Specification, folder
from mnistlab.runs.store import SUFFIX, UnregisteredNetworkError
from mnistlab.training import History

KEY = re.compile(
    rf"((?P<source>{'|'.join(sources.SOURCES)})-)?(?P<network>[^\W\d]\w*)"
    r"-(?P<sizes>\d+(-\d+)*)-epochs-(?P<epochs>\d+)-seed-(?P<seed>\d+)-(?P<digest>[0-9a-f]{12})"
)
"""A key as `mnistlab.runs.key` makes it, taken apart."""

State = Literal["finished", "unfinished", "unregistered", "damaged", "absent"]


@dataclass(frozen=True)
class Kept:
    """One run's file.

    Attributes
    ----------
    path : pathlib.Path
        Its name without suffix is the run's key.
    state : str
        ``"finished"``, ``"unfinished"`` (it has not all its epochs), ``"unregistered"`` (it is of a
        network that is not registered here), ``"damaged"`` or ``"absent"``.
    history : History
        Empty for the last two.
    specification : Specification or None
        Not known for the last three.
    values : dict
        The specification's; empty for the last two.
    provenance : dict
        Where it comes from; empty for the last two.
    damage : str
        How the file is damaged.
    """

    path: Path
    state: State
    history: History = field(default_factory=History)
    specification: Specification | None = None
    values: dict[str, Any] = field(default_factory=dict)
    provenance: dict[str, Any] = field(default_factory=dict)
    damage: str = ""

    @property
    def key(self) -> str:
        """Name of the run."""
        return self.path.stem

    @property
    def finished(self) -> bool:
        """Whether it has all its epochs."""
        return self.values.get("epochs") == len(self.history)

    def facts(self) -> dict[str, str]:
        """What can be told of it: by what is stored, else by its key; "?" for the rest."""
        match = KEY.fullmatch(self.key)
        found = {name: text for name, text in (match.groupdict() if match else {}).items() if text}
        found.setdefault("digest", self.key)
        found.setdefault("source", "mnist" if match else "?")
        if "source" in self.provenance:
            found["source"] = str(self.provenance["source"])
        found |= {name: str(value) for name, value in self.values.items()}
        if self.values:
            found["sizes"] = "-".join(map(str, self.values["sizes"]))
        return found


def read_all() -> list[Kept]:
    """All runs in the home folder, in the order of their keys."""
    try:
        keys = {path.stem for path in folder().iterdir() if path.suffix in (SUFFIX, ".json")}
    except FileNotFoundError:
        return []
    return [read(key) for key in sorted(keys)]


def read(key: str, wanted: Specification | None = None) -> Kept:
    """The run of that key; what is not the wanted one is damaged."""
    path = folder() / (key + SUFFIX)
    try:
        stored = runs.load(path, wanted)
        stored.network()
    except FileNotFoundError as error:
        absent = not path.exists() and not path.with_suffix(".json").exists()
        return Kept(path, "absent") if absent else _damaged(path, error)
    except UnregisteredNetworkError as error:
        return Kept(path, "unregistered", error.history, None, error.values, error.provenance)
    except (OSError, ValueError) as error:
        return _damaged(path, error)
    state: State = "finished" if stored.finished else "unfinished"
    values = stored.specification.values()
    return Kept(path, state, stored.history, stored.specification, values, stored.provenance)


def _damaged(path: Path, error: Exception) -> Kept:
    return Kept(path, "damaged", damage=f"{path.name} ({error})")
