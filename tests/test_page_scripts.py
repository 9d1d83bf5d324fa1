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


def build(folder: Path, scripts: str) -> subprocess.CompletedProcess[str]:
    """Two pages, of which the first names scripts."""
    source = folder / "source"
    (source / "scripts").mkdir(parents=True)
    (source / "conf.py").write_text(CONFIG)
    (source / "scripts" / "own.js").write_text("const own = 1;")
    (source / "scripts" / "own.css").write_text("p { color: red }")
    (source / "index.md").write_text(f"---\nscripts: {scripts}\n---\n# One\n\n[two](two.md)\n")
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
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_script_is_copied_and_linked_in_its_page_alone(tmp_path: Path) -> None:
    done = build(tmp_path, "own.js own.css")
    assert done.stderr == ""
    html = tmp_path / "html"
    assert (html / "_static" / "own.js").read_text() == "const own = 1;"
    first, second = (html / name for name in ("index.html", "two.html"))
    for name in ("own.js", "own.css"):
        assert first.read_text().count(f"_static/{name}") == 1
        assert name not in second.read_text()


def test_a_script_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = build(tmp_path, "other.js")
    assert "other.js is not in the folder 'scripts'" in done.stderr
    assert "other.js" not in (tmp_path / "html" / "index.html").read_text()
