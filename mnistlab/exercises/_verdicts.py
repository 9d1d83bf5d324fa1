"""What is found about a student's file: a verdict on each exercise, and errors of the file itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

STATES = ("passed", "problems", "not done", "not judged", "unfinished")
"""What can be found about an exercise.

"not judged" means that only a training on MNIST could tell; it counts neither way. "unfinished"
means that a limit or a crash came first, or that the checker itself failed.
"""


def stopped_after(spent: str) -> str:
    """What a time limit has done, in words, and what helps."""
    return f"was stopped after {spent} (--seconds gives it more)"


@dataclass(frozen=True)
class Verdict:
    """What was found about one exercise.

    Attributes
    ----------
    name : str
        Of the exercise.
    state : str
        One of `STATES`.
    remark : str
        Why it is in this state, where no report says so.
    problems, notes : list of dict
        The findings of the checker's report, as dictionaries.
    report : str
        The checker's report as text.
    """

    name: str
    state: str
    remark: str = ""
    problems: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)
    report: str = ""


@dataclass(frozen=True)
class Judgement:
    """What was found about a file.

    Attributes
    ----------
    file : str
        Its path.
    exercises : list of Verdict
        In the order of the sheet.
    errors : list of str
        What went wrong in the file itself.
    left_out : list of str
        What of the file did not run, because it can't while grading, each with the reason.
    kept_from : list of str
        What the file could not reach or change: "network", "environment" (Python and its packages).
    """

    file: str
    exercises: list[Verdict]
    errors: list[str]
    left_out: list[str] = field(default_factory=list)
    kept_from: list[str] = field(default_factory=list)

    @property
    def passed(self) -> bool:
        """Whether at least one exercise passed, none has problems, and nothing went wrong."""
        states = {one.state for one in self.exercises}
        return "passed" in states and not states & {"problems", "unfinished"} and not self.errors
