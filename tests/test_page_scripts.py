"""Scripts and styles of single pages, in a small book of its own."""

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("myst_parser", reason="the book's own packages are not installed")

CONFIG = """\
extensions = ["myst_parser", "mnistlab.sphinxext.scripts"]
html_theme = "basic"
html_copy_source = False
"""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The folder of a built book, and what was said; of its two pages the first names scripts."""
    folder = tmp_path_factory.mktemp("scripts")
    source = folder / "source"
    (source / "scripts").mkdir(parents=True)
    (source / "conf.py").write_text(CONFIG)
    (source / "scripts" / "own.js").write_text("const own = 1;")
    (source / "scripts" / "own.css").write_text("p { color: red }")
    (source / "index.md").write_text(
        "---\nscripts: own.js own.css other.js\n---\n# One\n\n[two](two.md)\n"
    )
    (source / "two.md").write_text("---\norphan: true\n---\n# Two\n\nText.\n")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-b",
        "html",
        str(source),
        str(folder / "html"),
    ]
    return folder / "html", subprocess.run(command, capture_output=True, text=True).stderr


def test_a_script_is_copied_and_linked_in_its_page_alone(built: tuple[Path, str]) -> None:
    html, said = built
    assert "own." not in said
    assert (html / "_static" / "own.js").read_text() == "const own = 1;"
    first, second = (html / name for name in ("index.html", "two.html"))
    for name in ("own.js", "own.css"):
        assert first.read_text().count(f"_static/{name}") == 1
        assert name not in second.read_text()


def test_a_script_that_is_not_there_is_told(built: tuple[Path, str]) -> None:
    html, said = built
    [line] = said.splitlines()
    assert "other.js is not in the folder 'scripts'" in line
    assert "other.js" not in (html / "index.html").read_text()
