"""Exercises on pages: the ``exercise-from-sheet`` directive, and books without solutions.

    ```{exercise-from-sheet} data_loaders
    ```

shows an exercise of `mnistlab.exercises` in a box of sphinx-exercise, labelled ``ex-data_loaders``:
what is asked, code to begin with, and a collapsed hint. Its solution follows on the page, between
``solution-start`` and ``solution-end``. ``mnistlab_solutions: false`` in ``_config.yml`` leaves
these out. (sphinx-exercise's own ``hide_solutions`` drops only where such a solution starts, and
shows what is in it.)
"""

from __future__ import annotations

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

{text}

```python
{starter}
```

```{{dropdown}} Hint
{hint}
```
````
"""


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
        text = BOX.format(**vars(exercise))
        parent = nodes.Element()
        self.state.nested_parse(StringList(text.splitlines(), source), self.lineno, parent)
        return parent.children

    def _complain(self, message: str) -> None:
        logger.warning(message, location=self.get_location(), type="exercises")


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
