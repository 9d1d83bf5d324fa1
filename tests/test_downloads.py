"""Pages to take along: readable, without solutions where the book has none, and they run."""

import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

downloads = pytest.importorskip(
    "mnistlab.sphinxext.downloads", reason="the book's own packages are not installed"
)
execute = pytest.importorskip("mnistlab.sphinxext.execute")
references = pytest.importorskip("mnistlab.sphinxext.references")
parse_string = pytest.importorskip("pybtex.database").parse_string
repository = pytest.importorskip("mnistlab.sphinxext.repository")
package = pytest.importorskip("mnistlab.sphinxext.package")

SOLUTION = """```{solution-start} ex-evaluate
:class: dropdown
```

Solvedword.
"""
END = """```{solution-end}
```
"""


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("See {numref}`chapter %s <training>`.", "See chapter *training*."),
        ("{term}`channels <channel>` of {term}`map`", "channels of *map*"),
        ("{py:obj}`~mnistlab.evaluate`", "*evaluate*"),
        ("{glue:text}`end:.1%` right, {glue:text}`word:s`", "97.5% right, many"),
        ("{glue:text}`gone`", "…"),
        ("[network]{.convolutional} (b)", "network (b)"),
        ("{.verdict .held}\n**1. So: held.**", "**1. So: held.**"),
        ("(task-4)=\n## Sizes\n", "## Sizes\n"),
        ("$p_{k}$ and $\\frac{a}{b}$", "$p_{k}$ and $\\frac{a}{b}$"),
        ("```python\nx = {1}\n```\n", "```python\nx = {1}\n```\n"),
        ("```{raw} html\n<div></div>\n```\n", ""),
        (
            "1. A?\n\n   ```{dropdown} Answer\n   B.\n   ```\n",
            "1. A?\n\n   <details><summary>Answer</summary>\n\n   B.\n\n   </details>\n",
        ),
        (
            "```{glue:figure} curves\n:name: fig-a\n:alt: A line.\n\nIt falls.\n```\n",
            "> It falls.\n",
        ),
        ("````{note}\n```{tip}\nInner.\n```\n````\n", "> > Inner.\n"),
    ],
)
def test_a_cell_is_readable_outside_of_the_book(myst: str, plain: str) -> None:
    assert downloads.readable(myst, {"end": "0.975", "word": "'many'"}) == plain


NAMED = references.References(
    {"near": "10", "fig-four": "Figure 10.1", "output-size": "(3.1)"},
    {"near": "Near, and the same everywhere"},
    {"lecun1989": ("LeCun", "1989"), "yadav2019": ("Yadav and Bottou", "2019")},
)


@pytest.mark.parametrize(
    ("myst", "plain"),
    [
        ("See {numref}`Chapter %s <near>`.", "See Chapter 10."),
        ("In {numref}`%s <near>` and {numref}`fig-four`,", "In 10 and Figure 10.1,"),
        ("Equation {eq}`output-size` and {eq}`other`", "Equation (3.1) and *other*"),
        ("{ref}`near`, {ref}`there <near>`, {ref}`gone`", f"{NAMED.titles['near']}, there, *gone*"),
        (
            "As {cite:t}`yadav2019` say {cite}`lecun1989`",
            "As Yadav and Bottou (2019) say (LeCun, 1989)",
        ),
        (
            "```{glue:figure} four\n:name: fig-four\n\nTwo units.\n```\n",
            "> **Figure 10.1.** Two units.\n",
        ),
    ],
)
def test_references_read_as_in_the_book(myst: str, plain: str) -> None:
    assert downloads.readable(myst, {}, NAMED) == plain


def test_works_are_named_by_authors_and_year() -> None:
    people = {
        "one": "{LeCun}, Yann", "two": "Yadav, Chhavi and Bottou, Leon",
        "more": "A, B and C, D and E, F", "with": "A, B and van Gemert, Jan C.",
    }  # fmt: skip
    text = "".join(
        f"@misc{{{key}, author={{{names}}}, year=1999}}" for key, names in people.items()
    )
    names = references.works(parse_string(text, "bibtex"))
    assert names == {
        "one": ("LeCun", "1999"), "two": ("Yadav and Bottou", "1999"), "more": ("A et al.", "1999"),
        "with": ("A and van Gemert", "1999"),
    }  # fmt: skip


def test_names_of_the_bibliography_are_written_in_unicode() -> None:
    text = (Path(__file__).parents[1] / "book" / "references.bib").read_text(encoding="utf-8")
    for authors, _ in references.works(parse_string(text, "bibtex")).values():
        assert not set(authors) & set("\\{}"), "a notebook would show it as it is written"


def test_shown_code_stands_in_the_notebook() -> None:
    text = downloads.readable("```{show} mnistlab.count_correct\n```\n", {})
    assert text.startswith("```python\ndef count_correct(")


def book_notebook() -> nbformat.NotebookNode:
    """A page as executed: a glued value, a figure, a solution."""
    v4 = nbformat.v4
    record = "application/papermill.record/"
    value = v4.new_output(
        "display_data", {f"{record}text/plain": "0.5"}, metadata={"scrapbook": {"name": "half"}}
    )
    figure = v4.new_output(
        "display_data",
        {f"{record}image/svg+xml": "<svg/>", f"{record}text/plain": "<Drawing>"},
        metadata={"scrapbook": {"name": "curves"}},
    )
    hidden = {"tags": ["remove-cell"]}
    return v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Page\n\nIt is {glue:text}`half`.\n"),
            v4.new_code_cell("from myst_nb import glue", outputs=[value, figure], metadata=hidden),
            v4.new_markdown_cell(f"Before.\n\n{SOLUTION}"),
            v4.new_code_cell("solved = 1"),
            v4.new_markdown_cell(f"{END}\nAfter.\n"),
        ]
    )


def test_a_notebook_is_made_portable() -> None:
    made = downloads.portable(book_notebook())
    nbformat.validate(made)
    text, hidden, *others = made.cells
    assert text.source == "# Page\n\nIt is 0.5."
    assert hidden.source == downloads.OWN_GLUE
    assert [list(one.data) for one in hidden.outputs] == [["image/svg+xml", "text/plain"]]
    assert hidden.metadata.jupyter.source_hidden
    sources = [cell.source for cell in others]
    assert sources == ["Before.\n\n\nSolvedword.", "solved = 1", "After."]


def test_solutions_are_left_out_where_the_book_has_none() -> None:
    made = downloads.portable(book_notebook(), solutions=False)
    text = "\n".join(cell.source for cell in made.cells)
    assert "Solvedword" not in text
    assert "solved = 1" not in text
    assert "Before." in text
    assert "After." in text
    source = downloads.without_solutions(f"Before.\n\n{SOLUTION}\nx = 1\n\n{END}\nAfter.\n")
    assert source == "Before.\n\n\nAfter.\n"


def test_the_cell_that_installs_comes_first() -> None:
    install = downloads.INSTALL.format(address="https://example.org/a/b")
    made = downloads.portable(book_notebook(), install=install)
    assert made.cells[0].source.endswith("%pip install -q git+https://example.org/a/b")


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("", ""),
        ("https://gitlab.com/a/b", ""),
        (
            "https://github.com/a/b",
            "https://colab.research.google.com/github/a/b/blob/notebooks/images.ipynb",
        ),
    ],
)
def test_colab_opens_what_is_on_github(address: str, link: str) -> None:
    assert repository.colab(address, "images") == link


# ----- the book as built

PAGES = sorted(
    page.stem
    for page in (Path(__file__).resolve().parent.parent / "book").glob("*.md")
    if page.read_text(encoding="utf-8").startswith("---\nfile_format: mystnb")
)


@pytest.mark.book
def test_every_page_is_there_to_take_along(book_html: Path) -> None:
    folder = book_html / "_downloads"
    for page in PAGES:
        text = (book_html / f"{page}.html").read_text(encoding="utf-8")
        for name in (f"{page}.ipynb", f"{page}.md", downloads.ARCHIVE):
            assert f'href="_downloads/{name}"' in text
            assert (folder / name).is_file()


@pytest.mark.book
def test_the_package_is_there_to_take_along(book_html: Path) -> None:
    text = (book_html / "intro.html").read_text(encoding="utf-8")
    assert f'href="_downloads/{package.ARCHIVE}"' in text
    with zipfile.ZipFile(book_html / "_downloads" / package.ARCHIVE) as archive:
        names = archive.namelist()
    assert {"mnistlab/pyproject.toml", "mnistlab/mnistlab/recorded/ladder.csv"} <= set(names)
    assert not [name for name in names if "__pycache__" in name or "/book/" in name]


@pytest.mark.book
@pytest.mark.slow
def test_pip_installs_the_package_from_the_archive(book_html: Path, tmp_path: Path) -> None:
    """What torch and the others are, is not asked: only that the package and its records are there."""
    archive = book_html / "_downloads" / package.ARCHIVE
    pip = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet"]
    subprocess.run([*pip, "--target", str(tmp_path), str(archive)], check=True)
    code = (
        "import mnistlab, mnistlab.experiments.gains as g; print(mnistlab.__file__, len(g.gains()))"
    )
    environment = {**os.environ, "PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path, env=environment, check=True, capture_output=True, text=True,
    )  # fmt: skip
    where, count = ran.stdout.split()
    assert Path(where) == tmp_path / "mnistlab" / "__init__.py"
    assert count == "20"


def test_a_book_without_its_package_offers_none(tmp_path: Path) -> None:
    (tmp_path / "book").mkdir()
    assert package.files(tmp_path / "book") == {}
    (tmp_path / "pyproject.toml").write_text("")
    assert package.files(tmp_path / "book") == {}
    (tmp_path / "mnistlab").mkdir()
    (tmp_path / "mnistlab" / "__init__.py").write_text("")
    assert list(package.files(tmp_path / "book")) == [
        "mnistlab/pyproject.toml", "mnistlab/mnistlab/__init__.py"
    ]  # fmt: skip


@pytest.mark.book
def test_notebooks_have_the_outputs_and_the_numbers_of_the_book(book_html: Path) -> None:
    without = []
    for page in PAGES:
        notebook = notebook_of(page, book_html)
        code = [cell for cell in notebook.cells if cell.cell_type == "code"]
        text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
        source = (book_html / "_downloads" / f"{page}.md").read_text(encoding="utf-8")
        assert text.count("…") == source.count("…"), page
        assert not re.search(r"\{(ref|numref|doc|eq|cite|cite:t|glue:text)\}`", text), page
        figures = re.findall(r"\{glue:figure\}", source)
        shown = [
            one for cell in code for one in cell.outputs if "image/svg+xml" in one.get("data", {})
        ]
        if len(shown) < len(figures):
            without.append(page)
    assert not without


@pytest.mark.fault(
    "A page is downloaded as a notebook and run elsewhere",
    "It runs where there is only the package, without the book's tools",
)
@pytest.mark.book
@pytest.mark.slow
@pytest.mark.mnist
def test_the_downloaded_notebooks_run_where_there_is_only_the_package(
    book_html: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "myst_nb.py").write_text("raise ImportError('it is not installed here')")
    path = os.pathsep.join(filter(None, [str(tmp_path), os.environ.get("PYTHONPATH")]))
    monkeypatch.setenv("PYTHONPATH", path)
    monkeypatch.setenv("MNISTLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("MNISTLAB_PREVIEW", "1")
    pages = importing(book_html)
    run: list[str] = []
    execute.execute(
        [downloaded(page, book_html, tmp_path) for page in pages],
        lambda job, took: run.append(job.name),
    )
    assert sorted(run) == sorted(pages)
    assert len(run) > 5, "no more than these import anything"


def importing(book_html: Path) -> list[str]:
    """Pages that together import all modules that any page imports."""
    imported = {page: modules(notebook_of(page, book_html)) for page in PAGES}
    left, chosen = set().union(*imported.values()), []
    while left:
        page = max(imported, key=lambda page: len(imported[page] & left))
        chosen.append(page)
        left -= imported[page]
    return chosen


def modules(notebook: nbformat.NotebookNode) -> set[str]:
    """What the cells import: packages, and the parts of ``mnistlab``."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    pattern = r"^ *(?:from|import) (\w+(?:\.\w+)?)"
    return {name for source in code for name in re.findall(pattern, source, re.M)}


def notebook_of(page: str, book_html: Path) -> nbformat.NotebookNode:
    return nbformat.read(book_html / "_downloads" / f"{page}.ipynb", as_version=4)


def downloaded(page: str, book_html: Path, folder: Path) -> execute.Job:
    """The notebook of a page, in a folder of its own."""
    notebook = notebook_of(page, book_html)
    (folder / page).mkdir()
    return execute.Job(page, folder / page / f"{page}.ipynb", notebook)
