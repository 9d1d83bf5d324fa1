"""A built book is whole, and what a build from nothing would be, whatever happened before.

A small book is built, then things are done to it that happen to people: interrupts, damaged files, a
full disk, pages that go, dates that lie. The next build must give the same tree, byte for byte.
"""

import codecs
import copy
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import accounts
import pytest
from small_book import TOC, Book, replace

whole = pytest.importorskip(
    "mnistlab.sphinxext.whole", reason="the book's own packages are not installed: extra [book]"
)

INTERRUPTS = int(os.environ.get("MNISTLAB_INTERRUPTS", "2"))
"""How many builds are interrupted; each takes as long as two builds."""


class Built(NamedTuple):
    """A small book, the tree that its first build gave, and the seconds that this build took."""

    book: Book
    tree: dict[str, str]
    seconds: float


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    book = Book(tmp_path_factory.mktemp("book"))
    start = time.monotonic()
    first = book.build("-W", "--keep-going")
    seconds = time.monotonic() - start
    assert first.status == 0, first.text
    return Built(book, book.tree(), seconds)


@pytest.fixture
def book(built: Built) -> Iterator[Book]:
    """The small book, whose pages are as they were after the test."""
    book = built.book
    sources = {file: file.read_bytes() for file in book.pages.glob("*.*")}
    yield book
    for file, content in sources.items():
        file.write_bytes(content)


# ----- without a build -----------------------------------------------------------------------


@pytest.mark.parametrize("builder", ["latex", "singlehtml", "epub", "text"])
def test_a_builder_that_does_not_work_is_refused(tmp_path: Path, builder: str) -> None:
    with pytest.raises(SystemExit, match=rf"'{builder}' does not work .* --builder html"):
        whole.refuse(tmp_path, builder)


@pytest.mark.fault(
    "The package that Python imports is that of another folder (an environment of two copies)",
    "One line names both and says how to install this one; the same bytes elsewhere are no fault",
)
def test_the_package_of_another_folder_is_not_taken_for_this_one(tmp_path: Path) -> None:
    pages, own = tmp_path / "book", tmp_path / "mnistlab"
    pages.mkdir()
    whole.refuse(pages, "html")
    shutil.copytree(whole.PACKAGE, own, ignore=shutil.ignore_patterns("__pycache__"))
    whole.refuse(pages, "html")
    with (own / "networks.py").open("a") as file:
        file.write("# changed\n")
    with pytest.raises(SystemExit) as stopped:
        whole.refuse(pages, "html")
    message = str(stopped.value)
    assert f"imports is {whole.PACKAGE}, and it is not that of these pages, {own}:" in message
    assert message.endswith(f"{sys.executable} -m pip install --editable {tmp_path}")


@pytest.mark.fault(
    "A page is saved with another encoding than UTF-8, as an old editor does on Windows",
    "One line names the page and the line, before anything is trained",
)
def test_a_page_in_another_encoding_is_named(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_bytes(codecs.BOM_UTF8 + "# Größe\r\n".encode())
    whole.refuse(tmp_path, "html")
    for encoding in ("latin-1", "utf-16"):
        (tmp_path / "page.md").write_bytes("# A title\n\nEin größerer Satz.\n".encode(encoding))
        line = 3 if encoding == "latin-1" else 1
        says = rf"page\.md, line {line}, is not saved as UTF-8: save the page"
        with pytest.raises(SystemExit, match=says):
            whole.refuse(tmp_path, "html")


def test_digests_see_content_not_dates(tmp_path: Path) -> None:
    assert whole.digests(tmp_path / "nowhere") == {}
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "b").write_text("1")
    (tmp_path / ".DS_Store").write_text("1")
    before = whole.digests(tmp_path)
    assert before.keys() == {"a/b"}
    os.utime(tmp_path / "a" / "b", (1, 1))
    assert whole.digests(tmp_path) == before
    (tmp_path / "a" / "b").write_text("2")
    assert whole.digests(tmp_path) != before


# ----- pages that change, go, and come back -------------------------------------------------------


@pytest.mark.book
@pytest.mark.timeout(1800)
@pytest.mark.fault(
    "A page is taken out of the contents (the solutions), or a file is put into the built book",
    "It is gone from the built book: page, pictures, search",
)
def test_only_what_this_build_wrote_is_in_the_book(built: Built, book: Book) -> None:
    (book.html / "solutions.html").write_text("left by somebody")
    replace(book.pages / "_toc.yml", "  - file: two\n", "")
    fewer = book.build()
    assert fewer.status == 0, fewer.text
    left = book.tree()
    assert not [name for name in left if "two" in name or "solutions" in name]
    assert not [name for name in left if name.startswith("_images/")]
    assert "Two" not in book.html.joinpath("searchindex.js").read_text()

    (book.pages / "_toc.yml").write_text(TOC)
    back = book.build()
    assert (back.status, back.executed) == (0, []), back.text
    assert book.tree() == built.tree


@pytest.mark.book
@pytest.mark.timeout(1800)
@pytest.mark.fault(
    "A page is replaced by one with an older date (unzip, rsync -a, cp -p, git stash)",
    "It is built: content decides, not dates",
)
def test_a_page_with_an_older_date_is_built(book: Book) -> None:
    replace(book.pages / "one.md", "A sentence.", "A sentence from before.")
    os.utime(book.pages / "one.md", (1_000_000_000, 1_000_000_000))
    (book.pages / "_static" / "custom.css").touch()
    assert book.build().status == 0
    assert "A sentence from before." in book.read("one")


# ----- what ends in one line --------------------------------------------------------------------


@pytest.mark.book
@pytest.mark.timeout(1800)
@pytest.mark.fault(
    "jupyter-book build . (the folder above the pages)", "One line names jupyter-book build book"
)
def test_the_folder_above_the_pages_is_not_built(book: Book) -> None:
    link = book.folder / "_toc.yml"
    link.symlink_to("book/_toc.yml")
    try:
        refused = book.build(pages=".")
    finally:
        link.unlink()
    assert refused.status == 1
    assert refused.text.strip().endswith("Build that one: jupyter-book build book")
    assert "Traceback" not in refused.text


@pytest.mark.book
@pytest.mark.timeout(1800)
@pytest.mark.fault(
    "A builder that can't show the figures is asked for (latex, singlehtml, pdfhtml, epub)",
    "One line, before anything is trained, names the builder that works",
)
@pytest.mark.parametrize("builder", ["pdflatex", "dirhtml"])
def test_jupyter_book_refuses_builders_in_one_line(book: Book, builder: str) -> None:
    before = book.tree()
    refused = book.build("--builder", builder)
    assert refused.status == 1
    assert "--builder html" in refused.text.strip().splitlines()[-1]
    assert "Traceback" not in refused.text
    assert book.tree() == before


@pytest.mark.book
@pytest.mark.timeout(1800)
@pytest.mark.fault(
    "jupyter-book clean book, though the book is built beside its pages",
    "What was built is gone, and it says so; executed pages are kept",
)
def test_the_folder_of_the_pages_can_be_cleaned(built: Built, book: Book) -> None:
    assert book.build().status == 0
    program = "from jupyter_book.cli.main import main; main()"
    clean = [sys.executable, "-c", program, "clean", "book"]
    cleaned = subprocess.run(clean, cwd=book.folder, capture_output=True, text=True, check=True)
    assert "emptied except for .jupyter_cache" in cleaned.stdout
    assert not book.html.exists()
    again = book.build("-W", "--keep-going")
    assert (again.status, again.executed) == (0, []), again.text
    assert book.tree() == built.tree


@pytest.mark.book
@pytest.mark.timeout(1800)
@pytest.mark.fault(
    "A folder with a built book is copied, and the copy is built",
    "The copy's own book, in which nothing is of the old folder; the old one stays as it is",
)
def test_a_copied_book_is_its_own(built: Built, book: Book, tmp_path: Path) -> None:
    before = book.tree()
    folder = tmp_path / "a copy – größer"
    shutil.copytree(book.folder, folder, symlinks=True)
    twin = copied(book, folder)
    replace(twin.pages / "one.md", "A sentence.", "A sentence of the twin.")
    replace(twin.package / "networks.py", "IMAGE_SHAPE = (1, 28, 28)", "IMAGE_SHAPE = (1, 30, 30)")
    after = twin.build("-W", "--keep-going")
    assert after.status == 0, after.text
    assert "A sentence of the twin." in twin.read("one")
    assert "(1, 30, 30)" in twin.read("two")
    assert book.tree() == before
    named = os.fsencode(book.folder)
    assert not [
        file for file in twin.html.rglob("*") if file.is_file() and named in file.read_bytes()
    ]


def copied(book: Book, folder: Path) -> Book:
    """The book of a copied folder, with the package, the home and the pages that are in it."""
    other = copy.copy(book)
    for name, value in vars(book).items():
        setattr(other, name, folder / value.relative_to(book.folder))
    return other


# ----- damage --------------------------------------------------------------------------------------


@pytest.mark.book
@pytest.mark.timeout(1800)
@pytest.mark.fault(
    "Cached files are damaged: doctree, environment, executed page, image",
    "A line for each kind; the build makes them again, and the book is the same",
)
def test_damaged_caches_are_made_again(built: Built, book: Book) -> None:
    build = book.folder / "_build"
    pages = sorted((build / ".jupyter_cache").glob("*/*.json"))
    damaged = [
        build / ".doctrees" / "one.doctree",
        build / ".doctrees" / "environment.pickle",
        next((build / "jupyter_execute").glob("*.svg")),
        *pages,
    ]
    for file in damaged:
        file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    again = book.build("-W", "--keep-going")
    assert again.status == 0, again.text
    assert "Traceback" not in again.text
    assert whole.CHANGED in again.text
    assert again.text.count(
        "is damaged (its digest is another): the page is executed again"
    ) == len({file.parent.name for file in pages})
    assert sorted(again.executed) == ["One", "Two"]
    assert book.tree() == built.tree


# ----- interrupts ----------------------------------------------------------------------------------


def interrupted(book: Book, number: int, seconds: float) -> str:
    """Begin a build, and send it a signal after some seconds."""
    with book.started() as process:
        try:
            text, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            process.send_signal(number)
            text, _ = process.communicate(timeout=300)
    return text


@pytest.mark.book
@pytest.mark.timeout(24 * 3600)
@pytest.mark.fault(
    "Ctrl-C or SIGTERM at any moment of a build",
    "One line, no traceback; the next build gives the book of a build that was never interrupted",
)
def test_an_interrupted_build_leaves_no_trace(built: Built, book: Book) -> None:
    """``MNISTLAB_INTERRUPTS=50`` tries fifty moments; each with less to do than the one before."""
    choose = random.Random(INTERRUPTS)
    for attempt in range(INTERRUPTS):
        seconds = choose.uniform(0.05, 0.95) * built.seconds
        if attempt % 3 == 0:
            shutil.rmtree(book.home / "runs")
        if attempt % 3 < 2:
            shutil.rmtree(book.folder / "_build")
        else:
            replace(book.pages / "one.md", "A sentence.", "Another sentence.")
        text = interrupted(book, choose.choice([signal.SIGINT, signal.SIGTERM]), seconds)
        if attempt % 3 == 2:
            replace(book.pages / "one.md", "Another sentence.", "A sentence.")
        assert "Traceback" not in text, f"attempt {attempt}, after {seconds:.2f} s: {text}"
        after = book.build("-W", "--keep-going")
        assert after.status == 0, f"attempt {attempt}, after {seconds:.2f} s: {after.text}"
        assert book.tree() == built.tree, f"attempt {attempt}, after {seconds:.2f} s"
        print(
            f"attempt {attempt}, after {seconds:.2f} s of {built.seconds:.2f} s: equal", flush=True
        )


# ----- a full disk ---------------------------------------------------------------------------------


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own with little room; only root can make one."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)]
    if shutil.which("mount") is None or subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield disk
    subprocess.run(["umount", "-l", str(disk)], check=True)


def resize(disk: Path, size: str) -> None:
    """Give a mounted disk another size, such as ``4m``."""
    subprocess.run(["mount", "-o", f"remount,size={size}", str(disk)], check=True)


@pytest.mark.book
@pytest.mark.timeout(1800)
@pytest.mark.fault(
    "The disk is full while the book is built",
    "One line names the folder and what is free; with room, the next build goes on",
)
def test_a_full_disk_is_one_line(built: Built, book: Book, small_disk: Path) -> None:
    """Full at once, while pages are read, and before they are written."""
    for size in ("40k", "600k", "4m"):
        resize(small_disk, size)
        full = book.build("--path-output", str(small_disk))
        assert full.status == 1, full.text
        last = full.text.strip().splitlines()[-1]
        place = re.escape(str(small_disk))
        assert re.search(rf"{place}.* \(\d+ MB free\)\. Make room", last), full.text
        assert "Traceback" not in full.text

    resize(small_disk, "200m")
    after = book.build("--path-output", str(small_disk))
    assert after.status == 0, after.text
    assert book.tree(small_disk / "_build" / "html") == built.tree


# ----- a checkout that can't be written ------------------------------------------------------------

SAMPLE = """\
from hypothesis import given, strategies


@given(strategies.integers())
def test_nothing(number: int) -> None:
    assert number == number
"""


@pytest.mark.skipif(os.name != "posix", reason="folders are made read-only with chmod")
@pytest.mark.fault("Tests run in a read-only checkout", "They pass, or fail for their own reasons")
def test_tests_pass_in_a_checkout_that_cannot_be_written(tmp_path: Path) -> None:
    repository = Path(__file__).resolve().parent.parent
    checkout = tmp_path / "checkout"
    (checkout / "tests").mkdir(parents=True)
    (checkout / "tests" / "test_sample.py").write_text(SAMPLE)
    shutil.copy(repository / "pyproject.toml", checkout)
    command = [sys.executable, "-m", "pytest", "tests/test_sample.py"]
    checkout.chmod(0o555)
    done = subprocess.run(
        accounts.as_stranger(*command) if os.geteuid() == 0 else command,
        cwd=checkout,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": "/tmp"},
        capture_output=True,
        text=True,
    )
    checkout.chmod(0o755)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "1 passed" in done.stdout
    assert not (checkout / ".pytest_cache").exists(), "planted: it could be written after all"
