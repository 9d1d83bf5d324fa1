"""The sheet of exercises, and what ``python -m mnistlab exercises`` writes of it."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from mnistlab import check, exercises
from mnistlab.cli import program
from mnistlab.exercises import EXERCISES, SHEET, Exercise
from mnistlab.exercises._sheet import read
from mnistlab.experiments import amounts, parts

BOOK = Path(__file__).resolve().parent.parent / "book"

SOUND = """\
# A sheet

Read this.

```python
import torch
```

## One {one}

Do it.

```python
one = ...
```

Hint: With care.

```python
check.answer("one", one)
```
"""


def call(*arguments: str) -> Result:
    """Run a command; what it raises beyond what it reports is raised here too."""
    result = CliRunner().invoke(program, arguments, prog_name="python -m mnistlab")
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def statements(code: str) -> set[str]:
    """The statements of the outermost level, however they are laid out; no imports."""
    nodes = ast.parse(code).body
    return {ast.dump(node) for node in nodes if not isinstance(node, ast.Import | ast.ImportFrom)}


def solutions(page: str) -> list[str]:
    """The code that stands between ``solution-start`` and ``solution-end`` on a page."""
    parts = re.findall(r"^```{solution-start}.*?^```{solution-end}", page, re.M | re.S)
    blocks = (re.findall(r"^```{code-cell}.*?\n(.*?)^```", part, re.M | re.S) for part in parts)
    return [re.sub(r"^:.*\n", "", block, flags=re.M) for found in blocks for block in found]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Notebook and script."""
    return exercises.write(tmp_path_factory.mktemp("sheet") / "new" / "folder")


# --- the sheet


def test_a_sheet_is_taken_apart() -> None:
    sheet = read(SOUND)
    assert (sheet.introduction, sheet.imports) == ("# A sheet\n\nRead this.", "import torch")
    assert sheet.exercises == (
        Exercise("one", "One", "Do it.", "one = ...", "With care.", 'check.answer("one", one)'),
    )
    assert sheet.exercises[0].names == ("one",)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ("Hint: ", "", "one, an exercise of the sheet, has no paragraph that begins with Hint:"),
        ("```python\none = ...\n```", "", "one of the sheet has 1 block of Python; expected 2"),
        ("import torch\n```", "```\n```python\n```", "the introduction of the sheet has 2 blocks"),
        ("```python\nimport torch\n```", "", "the introduction of the sheet has 0 blocks"),
        ("## One {one}", SOUND[SOUND.index("## ") :] + "\n## Two {one}", "two exercises .* one;"),
    ],
)
def test_a_sheet_with_a_fault_is_refused(before: str, after: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(SOUND.replace(before, after))


def test_each_exercise_begins_with_what_its_checker_takes() -> None:
    names: dict[str, object] = {}
    exec(SHEET.imports, names)
    for exercise in EXERCISES:
        checker = re.match(r"check\.(\w+)\(", exercise.call)
        assert checker
        assert checker[1] in check.__all__
        exec(exercise.starter, names)  # later ones may use earlier ones
        assert set(exercise.names) <= set(names), exercise.name


def test_every_checker_has_an_exercise() -> None:
    called = {exercise.call.partition("(")[0] for exercise in EXERCISES}
    assert called == {f"check.{name}" for name in check.CHECKERS}, "see mnistlab/exercises/sheet.md"


def faults_of_pages(pages: str) -> list[str]:
    """Exercises that are not shown once on the pages, with a solution, in words."""
    lines = pages.splitlines()
    return [
        f"book/your-turn.md and book/harder.md together have {lines.count(line)} lines {line!r}"
        for exercise in EXERCISES
        for line in (
            f"```{{exercise-from-sheet}} {exercise.name}",
            f"```{{solution-start}} ex-{exercise.name}",
        )
        if lines.count(line) != 1
    ]


def test_every_exercise_is_on_one_page_with_a_solution() -> None:
    pages = "".join((BOOK / name).read_text() for name in ("your-turn.md", "harder.md"))
    assert faults_of_pages(pages) == []
    (fault,) = faults_of_pages(pages.replace("{exercise-from-sheet} shift", ""))
    assert "have 0 lines" in fault


def test_nothing_is_solved_in_the_sheet_but_what_is_to_be_mended() -> None:
    for exercise in EXERCISES:
        if exercise.name != "mended":
            body = re.sub(r"^def .+:\n    ", "", exercise.starter)
            assert set(re.sub(r"^\w.* = ", "", body, flags=re.M)) <= set("., \n"), exercise.name


# --- what is written


def test_the_notebook_is_valid_and_clean(written: tuple[Path, Path]) -> None:
    notebook = nbformat.read(written[0], as_version=nbformat.NO_CONVERT)
    nbformat.validate(notebook)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.source for cell in cells] == [
        SHEET.imports,
        *(code for one in EXERCISES for code in (one.starter, one.call)),
    ]
    assert not any(cell.outputs or cell.execution_count for cell in cells)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    assert all(part in text for one in EXERCISES for part in (one.title, one.text, one.hint))


def test_the_script_has_the_same_code_and_compiles(written: tuple[Path, Path]) -> None:
    script = written[1].read_text(encoding="utf-8")
    compile(script, "exercises.py", "exec")
    starters = {one for exercise in EXERCISES for one in statements(exercise.starter)}
    shown = {one for exercise in EXERCISES for one in statements(f"print({exercise.call})")}
    assert statements(script) == starters | shown
    assert max(map(len, script.splitlines())) <= 100


@pytest.mark.parametrize("page", ["your-turn.md", "harder.md"])
def test_no_solution_is_written(page: str, written: tuple[Path, Path]) -> None:
    found = solutions((BOOK / page).read_text(encoding="utf-8"))
    assert len(found) >= 7
    code = written[1].read_text(encoding="utf-8")
    for solution in found:
        assert not statements(solution) & statements(code)
    with_one = f"{code}\n{found[-1]}"
    assert statements(found[-1]) & statements(with_one), "this test could fail"


def test_the_same_sheet_gives_the_same_files(written: tuple[Path, Path], tmp_path: Path) -> None:
    for path, again in zip(written, exercises.write(tmp_path), strict=True):
        assert path.read_bytes() == again.read_bytes()


# --- the command


def test_the_command_says_what_it_has_written_and_what_comes_next(tmp_path: Path) -> None:
    result = call("exercises", str(tmp_path / "mine"))
    assert result.exit_code == 0
    notebook, script = tmp_path / "mine" / "exercises.ipynb", tmp_path / "mine" / "exercises.py"
    assert notebook.is_file()
    assert script.is_file()
    first, second = result.stdout.splitlines()
    assert first == f"{len(EXERCISES)} exercises: {notebook} and {script}"
    assert second.endswith(f"python -m mnistlab check {notebook}")


@pytest.mark.parametrize("name", ["exercises.ipynb", "exercises.py"])
def test_nothing_is_overwritten(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"my work")
    result = call("exercises", str(tmp_path))
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {tmp_path / name} exists and may hold your work;")
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [name]
    assert (tmp_path / name).read_bytes() == b"my work"


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    below, itself = (call("exercises", str(tmp_path / name)) for name in ("file/below", "file"))
    assert below.exit_code == 1
    assert re.fullmatch(r"Error: \[Errno \d+\] .+file/below'\n", below.stderr)
    assert itself.exit_code == 2
    assert f"'{tmp_path / 'file'}' is a file" in itself.stderr


def programs() -> tuple[str, str, str]:
    """The programs that the harder exercises show and do not run: of a rate, of a change, and of the own row."""
    page = (BOOK / "harder.md").read_text(encoding="utf-8")
    rate, change, own_row = re.findall(r"^```python\n(.*?)^```", page, re.M | re.S)
    return rate, change, own_row


def program_of_the_own_row() -> str:
    """That of the last exercise."""
    return programs()[2]


@pytest.mark.mnist
@pytest.mark.slow
def test_the_program_of_a_rate_finds_what_is_recorded() -> None:
    """It is one of the runs from which the rate was chosen."""
    imports, shown = ast.parse(programs()[0]).body
    found: dict = {}
    exec(ast.unparse(imports), found)
    (accuracy,) = eval(ast.unparse(shown), found)
    recorded = next(
        row["accuracy"]
        for row in parts.CANDIDATES.recorded()
        if row.specification.network == "fully_connected_relu"
        and (row.specification.learning_rate, row.specification.seed) == (0.1, 0)
    )
    assert accuracy == pytest.approx(recorded, abs=0.005)


@pytest.mark.usefixtures("tiny")
def test_the_program_of_the_own_row_runs() -> None:
    program = program_of_the_own_row()
    small = program.replace("images=1000, passes=176", "images=100, passes=1")
    assert small != program
    found: dict = {}
    exec(small, found)
    assert len(found["before"]) == len(found["after"]) == 5
    assert all(0 < share < 1 for share in found["before"] + found["after"])


@pytest.mark.mnist
@pytest.mark.slow
def test_the_program_of_the_own_row_finds_what_is_recorded() -> None:
    """The page shows the program, and the record's numbers below it; two of its five seeds are tried."""
    program = program_of_the_own_row()
    assert "range(5)" in program
    found: dict = {}
    exec(program.replace("range(5)", "range(2)"), found)
    for name, accuracies in zip(("before", "after"), amounts.shifted(), strict=True):
        assert found[name] == pytest.approx([1 - one for one in accuracies[:2]], abs=0.01)
