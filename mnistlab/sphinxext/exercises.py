"""Exercises on pages: the ``exercise-from-sheet`` directive, and books without solutions.

    ```{exercise-from-sheet} data_loaders
    ```

shows an exercise of `mnistlab.exercises` in a box of sphinx-exercise, labelled ``ex-data_loaders``:
how hard it is, what is asked, code to
begin with, and collapsed hints, one for each sentence. Its solution follows on the page, between
``solution-start`` and ``solution-end``. ``mnistlab_solutions: false`` in ``_config.yml`` leaves
these out. (sphinx-exercise's own ``hide_solutions`` drops only where such a solution starts, and
shows what is in it.)
"""

from __future__ import annotations

import re

from docutils import nodes
from docutils.statemachine import StringList
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging
from sphinx.util.docutils import SphinxDirective
from sphinx_exercise.nodes import solution_end_node, solution_start_node

from mnistlab.exercises import EXERCISES, Exercise
from mnistlab.sphinxext.show import COLUMNS

logger = logging.getLogger(__name__)

BOX = """\
````{{exercise}} {title}
:label: ex-{name}
:nonumber:

*{difficulty}*

{text}

```python
{starter}
```

{hints}
````
"""

DIFFICULTY = {
    1: "● ○ ○ a line or two",
    2: "● ● ○ something to think about",
    3: "● ● ● to try, to derive, or to search for",
}
"""How hard an exercise is, as its box says it."""

HARD = {
    "datasets": 1,
    "test-1": 1,
    "data_loaders": 1,
    "test-2": 2,
    "fully_connected": 1,
    "flatten_size": 2,
    "convolutional": 2,
    "evaluate": 2,
    "train": 2,
    "task-7": 1,
    "task-8": 1,
    "plots": 2,
    "fully_connected_parameters": 1,
    "convolutional_parameters": 2,
    "count_parameters": 1,
    "full-batches": 1,
    "receptive-field": 2,
    "colour-flatten-size": 1,
    "equal-parameters": 2,
    "mended": 2,
    "last-batch-weight": 1,
    "small-network": 3,
    "best_rate": 2,
    "permute_pixels": 2,
    "local_parameters": 2,
    "removed": 2,
    "planned": 2,
    "shift": 2,
    "field_side": 2,
    "nested_subsets": 2,
    "drop_values": 2,
    "apart": 2,
}
"""Which of these each exercise of the sheet has; 2 if it is not here."""

STEP = re.compile(r"(?<=[.?!:]) (?=[A-Z`])")
"""Between two sentences of a hint."""


class ExerciseFromSheet(SphinxDirective):
    """Show an exercise of the sheet; see the module's docstring."""

    required_arguments = 1
    has_content = False

    def run(self) -> list[nodes.Node]:
        """The box, or a warning if there is no such exercise."""
        name = self.arguments[0]
        exercise = next((one for one in EXERCISES if one.name == name), None)
        if exercise is None:
            known = ", ".join(one.name for one in EXERCISES)
            self._complain(f"the sheet has no exercise {name!r}; it has {known}")
            return []
        widest = max(map(len, f"{exercise.starter}\n{exercise.call}".splitlines()))
        if widest > COLUMNS:
            self._complain(f"{name} has code of {widest} columns; a page shows at most {COLUMNS}")
        return self._box(exercise)

    def _box(self, exercise: Exercise) -> list[nodes.Node]:
        source, _ = self.get_source_info()
        text = BOX.format(
            **vars(exercise),
            difficulty=DIFFICULTY[HARD.get(exercise.name, 2)],
            hints=hints(exercise.hint),
        )
        parent = nodes.Element()
        self.state.nested_parse(StringList(text.splitlines(), source), self.lineno, parent)
        return parent.children

    def _complain(self, message: str) -> None:
        logger.warning(message, location=self.get_location(), type="exercises")


def hints(hint: str) -> str:
    """The sentences of a hint, each folded away for itself: one may be enough."""
    steps = STEP.split(hint)
    titles = ["Hint"] if len(steps) == 1 else [f"Hint {k}" for k in range(1, len(steps) + 1)]
    return "\n\n".join(
        f"```{{dropdown}} {title}\n{step}\n```" for title, step in zip(titles, steps, strict=True)
    )


class LeaveOutSolutions(SphinxTransform):
    """Remove what stands between ``solution-start`` and ``solution-end``, if the book is to have none.

    Runs while a page is read, before its images are collected: nothing of a solution is in the
    built pages, the search index or the folder of images.
    """

    default_priority = 5  # sphinx-exercise joins starts and ends at 10

    def apply(self) -> None:
        """Remove the nodes, and what sphinx-exercise knows of them."""
        if self.config.mnistlab_solutions:
            return
        for start in list(self.document.findall(solution_start_node)):
            siblings = start.parent.children
            first = siblings.index(start)
            marks = [
                number
                for number, node in enumerate(siblings)
                if number > first and isinstance(node, solution_start_node | solution_end_node)
            ]
            if not marks or isinstance(siblings[marks[0]], solution_start_node):
                raise ExtensionError(
                    f"{logging.get_node_location(start)}: this solution-start has no solution-end "
                    "beside it; move it out of boxes and before the next heading: a solution has "
                    "no headings"
                )
            del start.parent[first : marks[0] + 1]


def check_options(app: Sphinx, config: Config) -> None:
    """Refuse the option that would show what it says it hides."""
    if config.hide_solutions:
        raise ExtensionError(
            "hide_solutions of sphinx-exercise does not hide solutions that hold cells, as those of "
            "this book; set mnistlab_solutions: false in _config.yml instead"
        )


def setup(app: Sphinx) -> None:
    """Register the directive, the transform and the option."""
    app.setup_extension("sphinx_exercise")
    app.add_config_value("mnistlab_solutions", True, "env", types=[bool])
    app.add_directive("exercise-from-sheet", ExerciseFromSheet)
    app.add_transform(LeaveOutSolutions)
    app.connect("config-inited", check_options)
