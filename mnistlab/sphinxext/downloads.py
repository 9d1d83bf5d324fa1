"""Each page as an executed notebook and as its source in Markdown, all of them as one archive, and the package.

The notebooks are those that the build has executed, made readable outside of the book: MyST's own
markup is turned into plain Markdown, glued values and numbers of figures stand in the sentences, and
``glue`` is `mnistlab.notebooks.glue`. So they run wherever the package is installed.
"""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import Any

import nbformat
from myst_nb.core.variables import format_plain_text
from nbformat import NotebookNode
from sphinx.application import Sphinx

from mnistlab.sphinxext import package, repository
from mnistlab.sphinxext.executed import notebook_file
from mnistlab.sphinxext.references import References, references
from mnistlab.sphinxext.show import ShowError, shown

FOLDER = "_downloads"
"""In the built book."""

ARCHIVE = "flatten-or-filter.zip"
"""Everything in one file."""

INSTALL = """\
import importlib.util

if importlib.util.find_spec("mnistlab") is None:  # as on Colab
    %pip install -q git+{address}"""

RECORD = "application/papermill.record/"
"""How the kind of a glued value begins that is not displayed."""

GLUE = "from myst_nb import glue"
OWN_GLUE = "from mnistlab.notebooks import glue"

GLUED = re.compile(r"\{glue:text\}`(?P<name>[^`:]+)(?::(?P<format>[^`]*))?`")
LABEL = re.compile(r"^ *:name: *(\S+)", re.MULTILINE)
TITLED = re.compile(r"\{[\w:.-]+\}`([^`<]+?) *<[^`>]+>`")
ROLE = re.compile(r"\{[\w:.-]+\}`~?(?:[\w.]+\.)?([^`]+)`")
FENCE = re.compile(
    r"^(?P<indent> *)(?P<marks>`{3,}|:{3,})\{(?P<name>[\w:-]+)\} *(?P<argument>[^\n]*)\n"
    r"(?P<body>.*?)^ *(?P=marks) *$\n?",
    re.MULTILINE | re.DOTALL,
)
SOLUTION = re.compile(
    r"^`{3,}\{solution-start\}.*?^`{3,}\{solution-end\}\n`{3,}$\n?", re.MULTILINE | re.DOTALL
)


def without_solutions(text: str) -> str:
    """The source of a page without what stands between ``solution-start`` and ``solution-end``."""
    return SOLUTION.sub("", text)


def glued_values(notebook: NotebookNode) -> dict[str, Any]:
    """The values that cells have glued, by name, as text."""
    found: dict[str, Any] = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            name = output.get("metadata", {}).get("scrapbook", {}).get("name")
            data = {
                kind.removeprefix(RECORD): value for kind, value in output.get("data", {}).items()
            }
            if name and "text/plain" in data:
                found[name] = data["text/plain"]
    return found


def readable(text: str, glued: dict[str, Any], named: References | None = None) -> str:
    """MyST Markdown as plain Markdown.

    Parameters
    ----------
    text : str
        A cell of a page.
    glued : dict
        As `glued_values` gives it.
    named : References, optional
        What the book calls what the page refers to; without it references read as their labels.

    Returns
    -------
    str
        Directives become what a plain reader can show: code, quotes, folded answers.
    """
    named = named or References()
    text = FENCE.sub(lambda found: _directive(found, named), text)
    text = re.sub(r"^(?:\([\w-]+\)=|\{\.[^}\n]+\})\n", "", text, flags=re.MULTILINE)
    text = GLUED.sub(lambda value: _value(value, glued), text)
    text = named.resolved(text)
    text = TITLED.sub(r"\1", text)
    text = ROLE.sub(r"*\1*", text)
    return re.sub(r"\[([^\]]+)\]\{\.[\w-]+\}", r"\1", text)


def _value(found: re.Match[str], glued: dict[str, Any]) -> str:
    if found["name"] not in glued:
        return "…"
    return format_plain_text(glued[found["name"]], found["format"] or "s")


HIDDEN = ("raw", "quiz", "tableofcontents", "solution-start", "solution-end", "nb-exec-table")
"""Directives that mean nothing outside of the book."""


def _directive(found: re.Match[str], named: References) -> str:
    """What stands in the place of a directive."""
    name, argument, indent = found["name"], found["argument"].strip(), found["indent"]
    body = re.sub(rf"^{indent}", "", found["body"], flags=re.MULTILINE)
    body = re.sub(
        r"\A(?:---\n.*?^---\n|(?:^:[\w-]+:[^\n]*\n)+)", "", body, flags=re.MULTILINE | re.DOTALL
    )
    body = FENCE.sub(lambda inner: _directive(inner, named), body)
    if name in HIDDEN:
        return ""
    if name == "show":
        return _code(argument)
    if name in ("dropdown", "admonition"):
        inside = f"<details><summary>{argument}</summary>\n\n{body.strip()}\n\n</details>\n"
        return _indented(inside, indent)
    if label := LABEL.search(found["body"]):
        body = named.caption(label[1]) + body.lstrip()
    quoted = "\n".join(f"> {line}".rstrip() for line in body.strip().splitlines())
    return _indented(f"{quoted}\n" if quoted else "", indent)


def _indented(text: str, indent: str) -> str:
    return "".join(f"{indent}{line}" if line.strip() else line for line in text.splitlines(True))


def _code(names: str) -> str:
    try:
        code = "\n\n\n".join(shown(name).code for name in names.replace(",", " ").split())
    except ShowError:
        return ""
    return f"```python\n{code}\n```\n"


def portable(
    notebook: NotebookNode,
    *,
    solutions: bool = True,
    install: str = "",
    named: References | None = None,
) -> NotebookNode:
    """A copy of an executed notebook that is readable, and runs, outside of the book.

    Parameters
    ----------
    notebook : NotebookNode
        As MyST-NB has executed it.
    solutions : bool
        Keep the cells of solutions.
    install : str
        Code of a cell that comes first and installs the package; none if it is empty.
    named : References, optional
        As `readable` takes it.

    Returns
    -------
    NotebookNode
    """
    glued = glued_values(notebook)
    cells, inside = [], False
    for cell in notebook.cells:
        if cell.cell_type == "code":
            if not inside:
                cells.append(_code_cell(cell))
            continue
        text = cell.source
        if not solutions:
            text, inside = _outside(text, inside)
        if text := readable(text, glued, named).strip():
            cells.append(nbformat.v4.new_markdown_cell(text))
    if install:
        cells.insert(0, nbformat.v4.new_code_cell(install))
    for number, cell in enumerate(cells):
        cell.id = f"cell-{number}"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    return nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})


def _outside(text: str, inside: bool) -> tuple[str, bool]:
    """The lines of a cell that are in no solution, and whether one is open at its end."""
    kept = []
    for line in text.splitlines(keepends=True):
        if "{solution-start}" in line:
            inside = True
        if not inside:
            kept.append(line)
        if "{solution-end}" in line:
            inside = False
    return re.sub(r"^`{3,}\s*\Z", "", "".join(kept)), inside


def _code_cell(cell: NotebookNode) -> NotebookNode:
    """A cell with its outputs: of what was glued, the figures."""
    outputs = [shown for one in cell.outputs if (shown := _output(one)) is not None]
    made = nbformat.v4.new_code_cell(cell.source.replace(GLUE, OWN_GLUE), outputs=outputs)
    if set(cell.metadata.get("tags", [])) & {"remove-cell", "hide-cell", "remove-input"}:
        made.metadata["jupyter"] = {"source_hidden": True}
    return made


def _output(output: NotebookNode) -> NotebookNode | None:
    """An output as it is; a glued figure as one that is displayed; other glued values not at all."""
    if "scrapbook" not in output.get("metadata", {}):
        return output
    data = {kind.removeprefix(RECORD): value for kind, value in output.data.items()}
    if not any(kind.startswith("image/") for kind in data):
        return None
    return nbformat.v4.new_output("display_data", data)


def write(app: Sphinx, exception: Exception | None) -> None:
    """Write the files of all pages into the built book, and the archive."""
    if exception is not None or app.builder.format != "html":
        return
    folder = Path(app.outdir) / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    package.write(app, folder)
    named = references(app.env)
    with zipfile.ZipFile(folder / ARCHIVE, "w", zipfile.ZIP_DEFLATED) as archive:
        for page in sorted(app.env.found_docs):
            for file in page_files(app, page, folder, named):
                # Of no date: the same pages make the same archive.
                entry = zipfile.ZipInfo(f"flatten-or-filter/{file.name}")
                archive.writestr(entry, file.read_bytes(), zipfile.ZIP_DEFLATED)


def page_files(app: Sphinx, page: str, folder: Path, named: References) -> list[Path]:
    """Write a page's source, and its notebook if it has one."""
    solutions = app.config.mnistlab_solutions
    source = Path(app.env.doc2path(page)).read_text(encoding="utf-8")
    files = [folder / f"{page}.md"]
    files[0].write_text(source if solutions else without_solutions(source), encoding="utf-8")
    if (executed := notebook_file(app, page)).is_file():
        notebook = portable(
            nbformat.read(executed, as_version=4),
            solutions=solutions,
            install=install_cell(app),
            named=named,
        )
        files.append(folder / f"{page}.ipynb")
        nbformat.write(notebook, files[1])
    return files


def install_cell(app: Sphinx) -> str:
    """What installs the package where it is not there, as on Colab; empty without an address."""
    address = app.config.mnistlab_repository
    return INSTALL.format(address=address) if address else ""


def links(app: Sphinx, page: str) -> str:
    """The line below a page that leads to its files, as HTML; empty for pages without a source."""
    if page not in app.env.found_docs:
        return ""
    offered = [(f"{page}.md", "source"), (ARCHIVE, "all pages in one archive")]
    if notebook_file(app, page).is_file():
        offered.insert(0, (f"{page}.ipynb", "notebook"))
    if package.root_of(Path(app.srcdir)) is not None:
        offered.append((package.ARCHIVE, "the package"))
    parts = [f'<a href="{FOLDER}/{name}" download="">{words}</a>' for name, words in offered]
    address = repository.colab(app.config.mnistlab_repository, page)
    if address and notebook_file(app, page).is_file():
        parts.append(f'<a href="{address}">on Colab</a>')
    return f'<p class="page-files">This page to take along: {", ".join(parts)}.</p>'


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("build-finished", write)
