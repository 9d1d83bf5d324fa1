"""What every test can rely on, and where the tests find what they do not bring along.

A plain ``pytest`` runs what is fast, in one process; ``make test`` starts as many processes as there
are cores, up to three, each with module and session fixtures of its own. ``-m`` selects the rest, by
marker:

``mnist``
    needs the real MNIST, from ``MNISTLAB_DATA`` or the home folder of ``mnistlab``. Runs
    wherever it is found and is skipped elsewhere: tests download nothing. The fixture
    ``mnist_root`` is the folder that holds ``MNIST/raw``.
``book``
    looks at the book as built, or builds one. The fixture ``book_html`` is the folder of the
    built pages: ``MNISTLAB_BOOK_HTML``, else ``_build/html``.
``browser``
    opens pages in Chromium. The fixture ``chromium`` is the path of the program:
    ``MNISTLAB_CHROMIUM``, else the first one on ``PATH``.
``slow``
    takes more than a few seconds.

What an environment variable names must be there: then its absence is a failure. What no
variable names is looked for, and a test that needs it is skipped with the reason if it is not
found. ``.ci/run`` sets all three variables, so that there nothing is skipped by accident.

Every test gets a home folder of its own and none of the user's settings, so that no test reads
or writes the user's data and runs. Only a test marked ``mnist`` sees ``MNISTLAB_DATA``.
"""

import functools
import gc
import importlib.util
import itertools
import os
import shutil
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from tqdm import tqdm

# The lock that tqdm makes is shared with forked processes, and one that is killed never lets go.
tqdm.set_lock(threading.RLock())

# PyTorch and its tests are a heap of objects that stay: to look through them often finds nothing.
gc.set_threshold(20_000, 20, 100)

# Figures are drawn without a screen, also in the processes that tests start.
os.environ["MPLBACKEND"] = "Agg"

# Where several processes test side by side, each has its core, and so have those that it starts.
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")

pytest_plugins = [
    "tiny",  # fixtures with a small dataset in the place of MNIST
    "browsing",  # fixtures that open pages in Chromium
]

REPOSITORY = Path(__file__).resolve().parent.parent
CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SETTINGS = ("MNISTLAB_DATA", "MNISTLAB_HOME", "MNISTLAB_PREVIEW", "MNISTLAB_SOURCE")


LONGEST = (
    "test_build.py",
    "test_experiments.py",
    "test_weight_browser.py",
    "test_whole.py",
    "test_accessible.py",
)
"""Files whose slow tests take minutes: ``make check`` runs file by file, and no core is to wait for the last."""


def pytest_sessionstart(session: pytest.Session) -> None:
    """End at once if what would be tested is the package of another folder, with other code."""
    found = importlib.util.find_spec("mnistlab")
    if found is None or found.origin is None:
        return  # the tests will say so
    tested, own = Path(found.origin).parent, REPOSITORY / "mnistlab"
    if _code(tested) != _code(own):
        pytest.exit(
            f"mnistlab would be imported from {tested}, and its code is not that of {own}: use "
            f"make test, or install this one: {sys.executable} -m pip install -e {REPOSITORY}",
            returncode=pytest.ExitCode.USAGE_ERROR,
        )


def _code(package: Path) -> dict[Path, bytes]:
    return {file.relative_to(package): file.read_bytes() for file in package.rglob("*.py")}


@functools.cache  # looked for once, before any test has an environment of its own
def _find_mnist() -> Path | None:
    """Return the folder that holds ``MNIST/raw``, or None; unlike the package, never download."""
    named = os.environ.get("MNISTLAB_DATA")
    if named:
        return Path(named).absolute()
    from mnistlab import sources

    home = sources.home()
    return home if (home / "MNIST" / "raw").is_dir() else None


def _find_chromium() -> str | None:
    found = (shutil.which(name) for name in CHROMIUM_NAMES)
    return next((path for path in found if path), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip the tests marked ``mnist`` where there is no MNIST; begin with the files that take longest."""
    items.sort(key=lambda item: item.path.name not in LONGEST)
    needy = [item for item in items if item.get_closest_marker("mnist")]
    if needy and _find_mnist() is None:
        reason = "MNIST not found: set MNISTLAB_DATA, or python -m mnistlab data fetch"
        for item in needy:
            item.add_marker(pytest.mark.skip(reason=reason))


@pytest.fixture(scope="session")
def mnist_root() -> Path:
    """The folder that holds the real ``MNIST/raw``; for tests marked ``mnist``."""
    root = _find_mnist()
    if root is None:
        pytest.fail("a test that uses mnist_root must be marked mnist")
    if not (root / "MNIST" / "raw").is_dir():
        pytest.fail(f"MNISTLAB_DATA is {root}, but there is no folder MNIST/raw in it")
    return root


@pytest.fixture(scope="session")
def book_html() -> Path:
    """The folder of the built pages; for tests marked ``book`` or ``browser``."""
    named = os.environ.get("MNISTLAB_BOOK_HTML")
    html = Path(named).absolute() if named else REPOSITORY / "_build" / "html"
    if not (html / "index.html").is_file():
        if named:
            pytest.fail(f"MNISTLAB_BOOK_HTML is {named}, but there is no index.html in it")
        pytest.skip(f"no built book in {html}: build it with `make book`")
    return html


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of Chromium; for tests marked ``browser``."""
    named = os.environ.get("MNISTLAB_CHROMIUM")
    if named and shutil.which(named) is None:
        pytest.fail(f"MNISTLAB_CHROMIUM is {named}, which is not a program")
    found = named or _find_chromium()
    if not found:
        pytest.skip(f"no Chromium found ({', '.join(CHROMIUM_NAMES)}); see MNISTLAB_CHROMIUM")
    return found


@pytest.fixture(autouse=True, scope="session")
def no_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Take the user's settings away before the first fixture, of whatever scope, can see them."""
    _find_mnist()
    with pytest.MonkeyPatch.context() as patch:
        for name in SETTINGS:
            patch.delenv(name, raising=False)
        patch.setenv("MNISTLAB_HOME", str(tmp_path_factory.mktemp("mnistlab-home")))
        yield


_homes = itertools.count()


@pytest.fixture(autouse=True)
def own_home(
    request: pytest.FixtureRequest,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """Give the test an empty home folder, and MNIST only if it is marked ``mnist``."""
    if request.node.get_closest_marker("mnist"):
        monkeypatch.setenv("MNISTLAB_DATA", str(_find_mnist()))
    home = tmp_path_factory.getbasetemp() / f"home-{next(_homes)}"  # made by what writes to it
    monkeypatch.setenv("MNISTLAB_HOME", str(home))
    return home
