"""Exercises on pages: the box of the sheet, and books without solutions, in a small book of its own."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("sphinx_exercise", reason="the book's own packages are not installed")

from mnistlab.exercises import EXERCISES
from mnistlab.sphinxext import exercises as sphinx_exercises

pytestmark = [pytest.mark.book, pytest.mark.timeout(300)]

CONFIG = """\
extensions = ["myst_nb", "sphinx_design", "mnistlab.sphinxext.exercises"]
myst_enable_extensions = ["dollarmath"]
nb_execution_mode = "force"
numfig = True
html_theme = "basic"
html_copy_source = False
{}
"""

PAGE = """\
---
file_format: mystnb
kernelspec: {name: python3, display_name: Python 3}
---

# Exercises

```{exercise-from-sheet} evaluate
```

```{solution-start} ex-evaluate
:class: dropdown
```

Solvedword, in a sentence.

```{code-cell} ipython3
import matplotlib.pyplot as plt
evaluate = "solvedcode"
plt.plot([1, 2]);
```

```{solution-end}
```

```{code-cell} ipython3
evaluate.upper()
```
"""


class Small:
    """A small book of one page."""

    def __init__(self, folder: Path) -> None:
        self.source, self.html = folder / "source", folder / "html"
        self.source.mkdir()
        self.write(PAGE)

    def write(self, page: str) -> None:
        (self.source / "index.md").write_text(page)

    def build(self, config: str = "") -> subprocess.CompletedProcess[str]:
        (self.source / "conf.py").write_text(CONFIG.format(config))
        command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going"]
        folders = ["-E", str(self.source), str(self.html)]
        environment = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
        return subprocess.run(
            command + folders, env=environment, capture_output=True, text=True, check=False
        )

    @property
    def page(self) -> str:
        return (self.html / "index.html").read_text()

    @property
    def everything(self) -> str:
        """All text of the built book, the search index included."""
        files = [one for suffix in ("html", "js") for one in self.html.rglob(f"*.{suffix}")]
        return "".join(one.read_text().lower() for one in files)

    @property
    def images(self) -> list[Path]:
        return list((self.html / "_images").glob("*"))


@pytest.fixture
def small(tmp_path: Path) -> Small:
    return Small(tmp_path)


def test_the_box_has_what_the_sheet_says_and_the_solution_is_folded(small: Small) -> None:
    built = small.build()
    assert built.returncode == 0, built.stderr
    exercise = next(one for one in EXERCISES if one.name == "evaluate")
    text = " ".join(re.sub("<[^>]*>", "", small.page).split())
    for part in (exercise.title, exercise.text, exercise.starter, exercise.hint):
        first_words = " ".join(part.split()[:5])
        assert first_words in text
    assert re.search(r'<div class="exercise[^>]*id="ex-evaluate"', small.page)
    assert re.search(r'<div class="[^"]*\bdropdown\b[^"]*" id="(solution|index)', small.page)
    assert "<details" in small.page
    assert "SOLVEDCODE" in small.page
    assert "solvedword" in small.everything
    assert len(small.images) == 1


def test_without_solutions_nothing_of_them_is_in_the_book(small: Small) -> None:
    built = small.build("mnistlab_solutions = False")
    assert built.returncode == 0, built.stderr
    assert "ex-evaluate" in small.page
    assert "SOLVEDCODE" in small.page, "the solution is executed all the same: the checker needs it"
    assert "solvedword" not in small.everything
    assert "&quot;solvedcode" not in small.everything
    assert "plot" not in small.everything
    assert small.images == []


def test_planted_without_the_transform_they_are_in_it(small: Small) -> None:
    extension = "from mnistlab.sphinxext import exercises\n"
    idle = "exercises.LeaveOutSolutions.apply = lambda self: None\nmnistlab_solutions = False"
    built = small.build(extension + idle)
    assert built.returncode == 0, built.stderr
    assert "solvedword" in small.everything
    assert len(small.images) == 1


def test_the_other_extensions_option_is_refused(small: Small) -> None:
    built = small.build("hide_solutions = True")
    assert built.returncode != 0
    assert "set mnistlab_solutions: false in _config.yml instead" in built.stderr


def test_an_exercise_that_is_not_in_the_sheet_is_a_warning(small: Small) -> None:
    small.write(PAGE.replace("{exercise-from-sheet} evaluate", "{exercise-from-sheet} evalute"))
    built = small.build()
    assert built.returncode != 0
    assert re.search(r"index\.md:\d+: WARNING: the sheet has no exercise 'evalute'", built.stderr)
    assert "it has datasets, test-1, data_loaders" in built.stderr


ANOTHER = """
```{solution-start} ex-evaluate
:label: another
```

```{solution-end}
```
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Solvedword, in a sentence.", "## Solvedword\n\nIn a section."),
        ("```{solution-end}\n```\n", f"````{{note}}\n```{{solution-end}}\n```\n````\n{ANOTHER}"),
    ],
    ids=["in another section", "in a box"],
)
def test_a_solution_whose_end_is_elsewhere_is_named_with_its_place(
    old: str, new: str, small: Small
) -> None:
    """Where there is no end at all, sphinx-exercise says so."""
    small.write(PAGE.replace(old, new))
    built = small.build("mnistlab_solutions = False")
    assert built.returncode != 0
    line = PAGE[: PAGE.index("```{solution-start}")].count("\n") + 1
    assert re.search(rf"index\.md:{line}: this solution-start has no solution-end", built.stderr)
    assert "move it" in built.stderr


def test_every_exercise_of_the_sheet_has_a_mark_of_difficulty() -> None:
    assert sphinx_exercises.HARD.keys() == {exercise.name for exercise in EXERCISES}
    assert set(sphinx_exercises.HARD.values()) == sphinx_exercises.DIFFICULTY.keys()


@pytest.mark.parametrize(
    ("hint", "steps"),
    [
        ("One line.", ["Hint\nOne line."]),
        ("Add up sums. Divide once.", ["Hint 1\nAdd up sums.", "Hint 2\nDivide once."]),
        ("`a.b` is it, i.e. that.", ["Hint\n`a.b` is it, i.e. that."]),
    ],
)
def test_hints_come_one_sentence_at_a_time(hint: str, steps: list[str]) -> None:
    text = sphinx_exercises.hints(hint)
    assert re.findall(r"```\{dropdown\} (.*?)\n```", text, re.DOTALL) == steps
