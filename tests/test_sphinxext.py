"""The Sphinx extension, part by part; `test_build.py` sees it at work in a small book."""

import ast
import os
import re
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mnistlab import runs, sources
from mnistlab.runs import training

NO_BOOK = "the book's own packages are not installed: extra [book]"
html = pytest.importorskip("mnistlab.sphinxext.html", reason=NO_BOOK)
prepare = pytest.importorskip("mnistlab.sphinxext.prepare", reason=NO_BOOK)
show = pytest.importorskip("mnistlab.sphinxext.show", reason=NO_BOOK)

SOURCE = '''
from dataclasses import dataclass

LIMIT: int = 3
"""How many."""
SIZES = (
    1,  # one
    2,
)


def plain(x: int, *, scale: float = 1.0) -> float:
    """Summary.

    More.
    """

    # A comment stays.
    y: float = x * scale  # noqa: F841

    return y


def bare(x): return x


def wide(
    first_argument: int, second: str = "a, b", /, *rest: int, option: bool = False, **named: object
) -> None:
    """Summary."""
    return None


def many(size: int, kernel_size: int, *, stride: int = 1, padding: int = 0, dilation: int = 1) -> int:
    return size


def nested(x: int) -> int:
    """Outer."""

    def inner(y: int) -> int:
        """Inner."""
        return y

    return inner(x)


@dataclass(frozen=True)
class Point:
    """A point.

    With a story.
    """

    x: int
    y: int = 0

    @property
    def size(self) -> int:
        """Its size."""
        return self.x

    def only_documented(self) -> None:
        """Nothing else."""
'''


@pytest.fixture
def code(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """A function that gives the code of an object in a module made of ``SOURCE``."""
    (tmp_path / "sample.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "sample", raising=False)
    return lambda name, **options: show.shown(f"sample.{name}", **options).code


def test_docstring_and_annotations_go_and_comments_stay(code: Callable[..., str]) -> None:
    assert code("plain") == (
        "def plain(x, *, scale=1.0):\n"
        "    # A comment stays.\n"
        "    y: float = x * scale\n"
        "\n"
        "    return y"
    )


def test_options_can_be_hidden(code: Callable[..., str]) -> None:
    assert code("plain", hide_options=True).startswith("def plain(x, ...):\n")
    assert code("bare", hide_options=True) == "def bare(x): return x"


def test_a_long_signature_is_wrapped(code: Callable[..., str]) -> None:
    assert code("wide") == (
        "def wide(\n"
        "    first_argument, second='a, b', /, *rest,\n"
        "    option=False, **named,\n"
        "):\n"
        "    return None"
    )


def test_options_start_on_a_line_of_their_own(code: Callable[..., str]) -> None:
    assert code("many") == (
        "def many(\n"
        "    size, kernel_size,\n"
        "    *, stride=1, padding=0, dilation=1,\n"
        "):\n"
        "    return size"
    )


def test_a_definition_within_is_shown_in_the_same_way(code: Callable[..., str]) -> None:
    assert code("nested") == (
        "def nested(x):\n    def inner(y):\n        return y\n\n    return inner(x)"
    )


def test_a_class_keeps_its_decorator_and_fields(code: Callable[..., str]) -> None:
    assert code("Point") == (
        "@dataclass(frozen=True)\n"
        "class Point:\n"
        "    x: int\n"
        "    y: int = 0\n"
        "\n"
        "    @property\n"
        "    def size(self):\n"
        "        return self.x\n"
        "\n"
        "    def only_documented(self):\n"
        "        ..."
    )


def test_a_method_is_dedented(code: Callable[..., str]) -> None:
    assert code("Point.only_documented") == "def only_documented(self):\n    ..."


def test_a_constant_is_its_statement(code: Callable[..., str]) -> None:
    assert code("LIMIT") == "LIMIT: int = 3"
    assert code("SIZES") == "SIZES = (\n    1,  # one\n    2,\n)"


@pytest.mark.parametrize("name", ["plain", "bare", "wide", "many", "nested", "Point", "SIZES"])
def test_what_is_shown_is_python(code: Callable[..., str], name: str) -> None:
    ast.parse(code(name))


def test_a_public_name_leads_to_the_module_that_defines_it() -> None:
    assert show.shown("mnistlab.fully_connected").target == "mnistlab.networks.fully_connected"


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("mnistlab.nothing", "'mnistlab' has no 'nothing'"),
        ("nowhere.at.all", "there is no module 'nowhere'"),
        ("mnistlab.networks", "it is a module"),
        ("mnistlab.TASK_7", "does not define 'TASK_7'; name the module that does"),
        ("math.sqrt", "no source of 'math'"),
    ],
)
def test_what_cannot_be_shown_is_said(name: str, message: str) -> None:
    with pytest.raises(show.ShowError, match=re.escape(message)):
        show.shown(name)


def test_a_module_that_lacks_something_is_not_taken_for_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "needy.py").write_text("import not_installed_anywhere\n")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ModuleNotFoundError, match="not_installed_anywhere"):
        show.shown("needy.function")


# ----- before the pages ----------------------------------------------------------------------


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A folder of sources."""
    folder = tmp_path / "package"
    (folder / "inner").mkdir(parents=True)
    (folder / "a.py").write_text("A = 1\n")
    (folder / "inner" / "b.py").write_text("B = 2\n")
    (folder / "inner" / "sheet.md").write_text("# Exercises\n")
    (folder / "inner" / "weights.safetensors").write_text("no source")
    return folder


def test_sources_are_those_of_every_folder(package: Path) -> None:
    before = prepare.source_files(package)
    assert set(before) == {"a.py", "inner/b.py", "inner/sheet.md"}
    for name, text in (("b.py", "B = 3\n"), ("sheet.md", "# Other exercises\n")):
        (package / "inner" / name).write_text(text)
    after = prepare.source_files(package)
    assert {name for name in after if after[name] != before[name]} == {
        "inner/b.py",
        "inner/sheet.md",
    }


@pytest.fixture
def stored(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Pretend that MNIST is there and the runs are stored; the folder of the runs."""
    folder = sources.home() / "runs"
    folder.mkdir(parents=True)
    monkeypatch.setattr(sources, "digests", lambda root=None, source=None: {"file": "digest"})
    for preview in ("", "1"):
        monkeypatch.setenv("MNISTLAB_PREVIEW", preview)
        for wanted in map(runs.effective, runs.BOOK):
            (folder / f"{runs.key(wanted)}.safetensors").write_text("{}")
    monkeypatch.delenv("MNISTLAB_PREVIEW")
    return folder


def test_the_fingerprint_stays_when_nothing_changes(stored: Path) -> None:
    assert prepare.fingerprint() == prepare.fingerprint()
    assert re.fullmatch("[0-9a-f]{16}", prepare.fingerprint())


def test_a_preview_has_its_own_fingerprint(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = prepare.fingerprint()
    monkeypatch.setenv("MNISTLAB_PREVIEW", "1")
    assert prepare.fingerprint() != before


def test_other_data_change_the_fingerprint(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = prepare.fingerprint()
    keys = {specification: runs.key(specification) for specification in runs.BOOK}
    for module in (runs, training):
        monkeypatch.setattr(
            module, "key", lambda one, **_: keys[one]
        )  # so that only the digests differ
    assert prepare.fingerprint() == before
    monkeypatch.setattr(sources, "digests", lambda root=None, source=None: {"file": "another"})
    assert prepare.fingerprint() != before


def test_another_version_changes_the_fingerprint(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = prepare.fingerprint()
    monkeypatch.setattr(prepare, "version", lambda name: "0" if name == "matplotlib" else "1")
    one = prepare.fingerprint()
    monkeypatch.setattr(prepare, "version", lambda name: "0" if name == "numpy" else "1")
    assert len({before, one, prepare.fingerprint()}) == 3


def test_a_run_trained_again_changes_the_fingerprint(stored: Path) -> None:
    before = prepare.fingerprint()
    (stored / f"{runs.key(runs.BOOK[0])}.safetensors").write_text('{"history": "another"}')
    assert prepare.fingerprint() != before


def test_another_source_changes_the_fingerprint(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = prepare.fingerprint()
    source_files = prepare.source_files
    monkeypatch.setattr(
        prepare, "source_files", lambda package: {**source_files(package), "new.py": "0"}
    )
    assert prepare.fingerprint() != before


def test_other_runs_change_the_fingerprint(stored: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = prepare.fingerprint()
    monkeypatch.setattr(runs, "BOOK", runs.BOOK[:1])
    assert prepare.fingerprint() != before


def test_the_folders_used_last_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(prepare, "CACHES_KEPT", 2)
    caches = tmp_path / "caches"
    for number, name in enumerate(["old", "recent", "again"]):
        prepare.prune(caches, keep=caches / name)
        os.utime(caches / name, (number, number))
    prepare.prune(caches, keep=caches / "again")
    assert {folder.name for folder in caches.iterdir()} == {"recent", "again"}


def test_only_missing_runs_are_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []
    first, second = (replace(runs.TASK_7, seed=seed) for seed in (1, 2))
    monkeypatch.setattr(runs, "BOOK", (first, second))
    monkeypatch.setattr(runs, "is_stored", lambda specification: specification == first)
    monkeypatch.setattr(runs, "run", asked.append)
    lines = []
    monkeypatch.setattr(prepare.logger, "info", lambda text, *values: lines.append(text % values))
    prepare.train_missing()
    assert asked == [first, second]
    assert len(lines) == 2
    expected = "2 of 2: fully-connected network, sizes (784, 100, 10), 10 epochs, seed 2"
    assert lines[0] == f"training run {expected}"


def test_stopping_is_one_message_without_traceback() -> None:
    with pytest.raises(SystemExit, match=r"The book can't be built\.\nwhat to do"):
        prepare.stop("what to do")


# ----- the pages as HTML ---------------------------------------------------------------------


def test_mathjax_has_the_files_that_pages_load() -> None:
    for name in html.MATHJAX_FILES:
        assert (html.mathjax() / name).exists()


def test_without_mathjax_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(html, "MATHJAX_PACKAGE", "sphinx-mathjax-elsewhere")
    with pytest.raises(html.ExtensionError, match="pip install sphinx-mathjax-elsewhere"):
        html.mathjax()
