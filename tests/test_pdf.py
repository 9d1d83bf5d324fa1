"""The book on paper: contents whose page numbers are right, and links that lead somewhere."""

import importlib.util
import re
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.usefixtures("chromium")]

pypdf = pytest.importorskip("pypdf", reason="extra [browser] is not installed")
pytest.importorskip("bs4", reason="the book's own packages are not installed: extra [book]")

TOOLS = Path(__file__).resolve().parent.parent / "tools"

PAGE = """<!doctype html><html><head><link rel="stylesheet" href="book.css"></head><body>
<nav class="bd-links"><a class="reference internal" href="#">One</a>
<p class="caption">The part</p><a class="reference internal" href="two.html">Two</a></nav>
<article class="bd-article">{}</article></body></html>"""

ONE = """<section id="one"><h1>One<a class="headerlink" href="#one">#</a></h1>
<p>See <a href="two.html#deep">deep</a>.</p></section>"""
TWO = """<section id="two"><h1>Two</h1><p style="height: 290mm">Long.</p>
<section id="deep"><h2>Deep &amp; down</h2><details><summary>A</summary><p>Folded.</p></details>
</section></section>"""


@pytest.fixture
def pdf(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The tool."""
    monkeypatch.syspath_prepend(str(TOOLS))
    spec = importlib.util.spec_from_file_location("pdf", TOOLS / "pdf.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "pdf", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A built book of two pages."""
    (tmp_path / "index.html").write_text('<meta http-equiv="Refresh" content="0; url=one.html">')
    (tmp_path / "one.html").write_text(PAGE.format(ONE))
    (tmp_path / "two.html").write_text(PAGE.format(TWO))
    (tmp_path / "book.css").write_text("p { margin: 0 }")
    return tmp_path


def test_pages_come_in_the_order_of_the_contents(pdf: ModuleType, small: Path) -> None:
    assert pdf.order(small) == [("one", ""), ("two", "The part")]


def print_book(html: Path, target: Path) -> subprocess.CompletedProcess[str]:
    """Print in a process of its own: the browser of other tests may be open in this one."""
    command = [sys.executable, str(TOOLS / "pdf.py"), str(html), "-o", str(target)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_a_small_book_is_printed(pdf: ModuleType, small: Path, tmp_path: Path) -> None:
    target = tmp_path / "book.pdf"
    printed = print_book(small, target)
    assert printed.returncode == 0, printed.stderr
    assert f"{len(pypdf.PdfReader(target).pages)} pages" in printed.stdout
    pages = [page.extract_text() for page in pypdf.PdfReader(target).pages]
    contents = pages[1]
    for title in ("One", "Two", "Deep & down"):
        [number] = re.findall(rf"^{title}\D*(\d+)$", contents, re.MULTILINE)
        assert title in pages[int(number) - 1]
        assert number in pages[int(number) - 1].splitlines()  # at the foot of the page
    assert "The part" in contents
    assert any("Folded." in page for page in pages)
    assert not (small / pdf.PRINTED).exists()


def test_a_heading_without_a_page_is_told(small: Path, tmp_path: Path) -> None:
    (small / "book.css").write_text("#deep, #two--deep { display: none }")
    printed = print_book(small, tmp_path / "book.pdf")
    assert printed.returncode == 1
    assert "Deep & down" in printed.stderr
    assert "Traceback" not in printed.stderr


def test_without_a_book_it_says_what_to_do(pdf: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match="make book"):
        pdf.print_book(tmp_path, tmp_path / "book.pdf")


def test_the_whole_book_is_printed(book_html: Path, tmp_path: Path) -> None:
    html = tmp_path / "html"
    shutil.copytree(book_html, html)
    target = tmp_path / "book.pdf"
    printed = print_book(html, target)
    assert printed.returncode == 0, printed.stderr
    pages = pypdf.PdfReader(target).pages
    assert len(pages) > 50
    text = "".join(page.extract_text() for page in pages[:6])
    assert "Contents" in text
