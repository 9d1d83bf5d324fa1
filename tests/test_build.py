"""The build at work: a small book, built by ``jupyter-book`` as readers build the real one.

The book (``small_book``) lies in a folder of its own, with a copy of the package, so that a test can
change the package, the data or a page, build again and see which pages were executed.
"""

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from small_book import NO_NETWORK, Book, Outcome, replace

from mnistlab import runs

pytest.importorskip("jupyter_book", reason="the book's own packages are not installed")

pytestmark = [pytest.mark.book, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Book, Outcome]:
    """A small book, built once, and how that went."""
    book = Book(tmp_path_factory.mktemp("book"))
    first = book.build("-W", "--keep-going")
    assert first.status == 0, first.text
    return book, first


@pytest.fixture
def book(built: tuple[Book, Outcome]) -> Iterator[Book]:
    """The small book, in the state in which its first build left it."""
    book, _ = built
    sources = {
        file: file.read_bytes() for file in (*book.pages.glob("*.*"), *book.package.rglob("*.py"))
    }
    yield book
    for file, content in sources.items():
        if file.read_bytes() != content:
            file.write_bytes(content)


def runs_stored(book: Book) -> dict[str, int]:
    """When each file of a run was written."""
    return {file.name: file.stat().st_mtime_ns for file in book.home.glob("runs/*.safetensors")}


# ----- what a page looks like, after the first build ---------------------------------------------


def test_shown_code_is_on_the_page_with_a_link(built: tuple[Book, Outcome]) -> None:
    page = built[0].read("two")
    shown = re.search(r'<div class="shown docutils container">(.*?)</p>', page, re.DOTALL)
    assert shown is not None
    text = re.sub("<[^>]*>", "", shown[1])
    assert "def fully_connected(D, K, O):" in text
    assert '"""' not in text
    assert 'href="api.html#mnistlab.networks.fully_connected"' in shown[1]


def test_an_alt_text_has_what_was_measured(built: tuple[Book, Outcome]) -> None:
    assert 'alt="Here a line falls to 0.12."' in built[0].read("two")


def test_the_foot_of_a_page_names_the_release_and_no_nameless_authors(
    built: tuple[Book, Outcome],
) -> None:
    foot = built[0].read("two").rpartition('<footer class="bd-footer-content"')[2]
    assert "Release" in foot
    assert "By the authors" not in foot


def test_a_public_name_is_a_link_to_the_api_page(built: tuple[Book, Outcome]) -> None:
    link = '<a class="reference internal" href="api.html#mnistlab.networks.fully_connected"'
    assert built[0].read("two").count(link) == 2


def test_the_docstring_of_a_constant_is_left_as_it_is(built: tuple[Book, Outcome]) -> None:
    text = re.sub("<[^>]*>", "", built[0].read("api"))
    assert "Shape of one MNIST image: channels, height, width." in text


# ----- which pages are executed --------------------------------------------------------------


def test_the_first_build_trains_the_runs_and_executes_the_pages(
    built: tuple[Book, Outcome],
) -> None:
    book, first = built
    assert sorted(first.executed) == ["One", "Two"]
    assert first.text.index(f"training run 1 of {len(runs.BOOK)}") < first.text.index(
        "reading sources"
    )
    assert len(runs_stored(book)) == len(runs.BOOK)


def test_when_nothing_changed_nothing_is_executed_or_read(book: Book) -> None:
    book.build()  # after a test that changed a file and put it back
    again = book.build("-W", "--keep-going")
    assert (again.status, again.executed) == (0, [])
    assert "0 added, 0 changed" in again.text
    assert "training run" not in again.text


def test_a_changed_sentence_executes_nothing(book: Book) -> None:
    replace(book.pages / "one.md", "A sentence.", "Another sentence.")
    changed = book.build()
    assert (changed.status, changed.executed) == (0, [])
    assert "Another sentence." in book.read("one")


def test_a_changed_package_executes_the_pages_that_import_it_and_trains_nothing(
    book: Book,
) -> None:
    before = runs_stored(book)
    replace(book.package / "networks.py", "IMAGE_SHAPE = (1, 28, 28)", "IMAGE_SHAPE = (1, 30, 30)")
    changed = book.build()
    assert changed.status == 0, changed.text
    assert changed.executed == ["Two"]
    assert "(1, 30, 30)" in book.read("two")
    assert runs_stored(book) == before


def test_a_page_that_is_changed_during_the_build_is_executed_as_it_is_read(book: Book) -> None:
    replace(book.pages / "two.md", "IMAGE_SHAPE\n```", "IMAGE_SHAPE[1:]\n```")
    edit = 'open("two.md", "w").write(page.replace("SHAPE[1:]", "SHAPE * 2"))'
    replace(
        book.pages / "one.md", "import os\n", f'import os\npage = open("two.md").read()\n{edit}\n'
    )
    changed = book.build()
    assert changed.status == 0, changed.text
    assert sorted(changed.executed) == ["One", "Two", "Two"]
    assert "(1, 28, 28, 1, 28, 28)" in book.read("two")
    assert "Executing notebook" not in changed.text, "by MyST-NB, over another transport"


def test_a_changed_checker_executes_no_page_that_does_not_use_it(book: Book) -> None:
    with (book.package / "check" / "_checker.py").open("a") as file:
        file.write("# changed\n")
    changed = book.build()
    assert (changed.status, changed.executed) == (0, []), changed.text
    assert "reading sources... [100%]" in re.sub(r"\x1b\[[0-9;]*m", "", changed.text), (
        "it may be shown"
    )

    replace(book.pages / "two.md", "import os", "import os\nfrom mnistlab import check")
    assert book.build().executed == ["Two"]
    with (book.package / "check" / "_checker.py").open("a") as file:
        file.write("# changed again\n")
    assert book.build().executed == ["Two"]


@pytest.mark.fault(
    "A table that is no code changes in the package", "Pages that may read it are executed again"
)
def test_a_changed_file_that_is_no_code_executes_the_pages_that_may_read_it(book: Book) -> None:
    table = book.package / "recorded" / "table.csv"
    table.write_text("1\n")
    try:
        assert book.build().executed == ["Two"]
    finally:
        table.unlink()


def test_planted_without_the_package_in_the_key_a_page_goes_stale(book: Book) -> None:
    package = '"package": {file: _files.digest(package.files[file]) for file in reached},'
    replace(book.package / "sphinxext" / "executed.py", package, "")
    book.build()
    replace(book.package / "networks.py", "IMAGE_SHAPE = (1, 28, 28)", "IMAGE_SHAPE = (1, 30, 30)")
    stale = book.build("--all")
    assert (stale.status, stale.executed) == (0, [])
    assert "(1, 30, 30)" not in book.read("two")


def test_nothing_is_said_about_how_kernels_are_reached(built: tuple[Book, Outcome]) -> None:
    assert "TCP" not in built[1].text
    assert "Kernel" not in built[1].text


@pytest.mark.fault(
    "Another environment has registered itself as the kernel python3",
    "Pages are executed by the Python that builds the book",
)
def test_a_kernel_that_the_user_has_registered_is_not_taken(book: Book, tmp_path: Path) -> None:
    book.build()  # after a test that changed a file and put it back
    folder = tmp_path / "kernels" / "python3"
    folder.mkdir(parents=True)
    spec = {"argv": ["/nowhere/python", "-f", "{connection_file}"], "language": "python"}
    (folder / "kernel.json").write_text(json.dumps({**spec, "display_name": "Another"}))
    replace(book.pages / "one.md", "import os", "import os  # executed by this Python")
    assert book.build(JUPYTER_PATH=str(tmp_path)).executed == ["One"]


def test_a_preview_says_so_on_every_page_and_leaves_the_rest_alone(book: Book) -> None:
    before = runs_stored(book)
    preview = book.build("-W", "--keep-going", MNISTLAB_PREVIEW="1")
    assert preview.status == 0, preview.text
    assert sorted(preview.executed) == ["One", "Two"]
    pages = ["one", "two", "api", "search"]
    assert all("trained for one epoch only" in book.read(page) for page in pages)
    assert len(runs_stored(book)) == 2 * len(runs.BOOK)

    whole = book.build("-W", "--keep-going")
    assert (whole.status, whole.executed) == (0, [])
    assert not any("trained for one epoch only" in book.read(page) for page in pages)
    assert runs_stored(book).items() >= before.items()


# ----- what ends a build ---------------------------------------------------------------------


@pytest.mark.fault(
    "A cell of a page fails",
    "Every build ends in one line: the page, the error; exit status 1, not only the first time",
)
def test_a_failed_cell_fails_every_build(book: Book) -> None:
    replace(book.pages / "two.md", "IMAGE_SHAPE\n```", "1 / 0\n```")
    first, second = book.build(), book.build()
    last = first.text.strip().splitlines()[-1]
    assert re.search(r"A cell of .*two.md failed: ZeroDivisionError: division by zero\.", last)
    assert first.status != 0
    assert second.status != 0


@pytest.mark.fault(
    "A page gives a warning, and warnings are errors", "Every build fails, not only the first"
)
def test_planted_without_the_setting_a_failed_cell_is_a_warning_each_time(book: Book) -> None:
    config = book.folder / "_config.yml"
    before = config.read_text()
    try:
        replace(config, "raise_on_error: true", "raise_on_error: false")
        replace(book.pages / "two.md", "IMAGE_SHAPE\n```", "1 / 0\n```")
        strict = [book.build("-W", "--keep-going") for _ in range(2)]
        assert [outcome.status for outcome in strict] == [1, 1]
        assert "The last build gave warnings" in strict[1].text
        assert book.build().status == 0
        assert "ZeroDivisionError" in book.read("two")
    finally:
        config.write_text(before)


@pytest.mark.fault(
    "MNIST was asked for, or a folder was named, and it is not there",
    "Nothing is executed; what was looked for where, and three ways out; no stand-ins unasked",
)
@pytest.mark.parametrize(
    "environment",
    [
        {"MNISTLAB_DATA": "nowhere"},
        {"MNISTLAB_HOME": "elsewhere", "MNISTLAB_SOURCE": "mnist", **NO_NETWORK},
    ],
    ids=["named folder is empty", "asked for, but no network"],
)
def test_without_the_mnist_that_was_asked_for_there_is_one_clear_message(
    book: Book, environment: dict[str, str], tmp_path: Path
) -> None:
    folders = {
        name: str(tmp_path / value)
        for name, value in environment.items()
        if name in ("MNISTLAB_DATA", "MNISTLAB_HOME")
    }
    stopped = book.build(**{**environment, **folders})
    assert (stopped.status, stopped.executed) == (1, [])
    assert "The book can't be built." in stopped.text
    assert "Three ways out" in stopped.text
    assert "Traceback" not in stopped.text


@pytest.mark.fault(
    "No MNIST and no network",
    "The book is built on stand-in digits, and the terminal and every page say so",
)
def test_without_mnist_the_book_falls_back_and_stays_until_mnist_is_there(
    book: Book, tmp_path: Path
) -> None:
    """One book, four builds: without MNIST and network; again; with MNIST in place; asked for."""
    home = tmp_path / "home"
    pages = ["one", "two", "api", "search"]

    def banners() -> set[bool]:
        return {"Not MNIST." in book.read(page) for page in pages}

    fallen = book.build("-W", "--keep-going", MNISTLAB_HOME=str(home), **NO_NETWORK)
    assert fallen.status == 0, fallen.text
    assert re.search(r"could not be fetched: .*\nThe book is built on stand-in digits", fallen.text)
    assert "python -m mnistlab data fetch" in fallen.text
    assert banners() == {True}
    assert sorted(fallen.executed) == ["One", "Two"]
    assert {file.name.partition("-")[0] for file in home.glob("runs/*.safetensors")} == {"strokes"}

    stays = book.build("-W", "--keep-going", MNISTLAB_HOME=str(home), **NO_NETWORK)
    assert (stays.status, stays.executed) == (0, [])
    assert "stays on the stand-in digits" in stays.text
    assert "could not be fetched" not in stays.text, "the network is not asked again"

    shutil.copytree(book.home / "MNIST", home / "MNIST")
    back = book.build("-W", "--keep-going", MNISTLAB_HOME=str(home), **NO_NETWORK)
    assert back.status == 0, back.text
    assert "stand-in" not in back.text
    assert banners() == {False}
    assert len(list(home.glob("runs/*.safetensors"))) == 2 * len(runs.BOOK), (
        "runs of both, side by side"
    )

    asked = book.build(MNISTLAB_HOME=str(home), MNISTLAB_SOURCE="strokes", **NO_NETWORK)
    assert asked.status == 0, asked.text
    assert "training run" not in asked.text
    assert banners() == {True}


def test_planted_a_silent_fallback_is_seen(book: Book, tmp_path: Path) -> None:
    replace(book.package / "sphinxext" / "html.py", 'sources.chosen() == "strokes"', "False")
    silent = book.build(MNISTLAB_HOME=str(tmp_path / "home"), **NO_NETWORK)
    assert silent.status == 0, silent.text
    assert "Not MNIST." not in book.read("one")


def test_what_is_not_there_or_too_much_is_a_warning(book: Book) -> None:
    replace(
        book.pages / "two.md",
        "{show} mnistlab.fully_connected",
        "{show} mnistlab.not_there textwrap.TextWrapper",
    )
    replace(book.pages / "two.md", "`end:.2f`", "`unknown:.2f`")
    strict = book.build("-W", "--keep-going")
    assert strict.status != 0
    for warning in (
        r"can't show 'mnistlab\.not_there': 'mnistlab' has no 'not_there'",
        r"textwrap\.TextWrapper has a line of \d+ columns; a page shows at most 52",
        r"textwrap\.TextWrapper has \d+ lines; a page shows at most 25",
        r"py:obj reference target not found: textwrap\.TextWrapper",
        r"in the alt text: No key 'unknown' found in glue data",
    ):
        assert re.search(rf"two\.md:\d+: WARNING: {warning}", strict.text), warning
