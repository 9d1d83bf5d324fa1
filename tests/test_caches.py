"""Libraries get a place for their caches where the home can't be written: no page shows a complaint."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from accounts import as_stranger, needs_root, open_to_others

VARIABLES = ("MPLCONFIGDIR", "IPYTHONDIR", "JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR")

PROGRAM = """
import sys
from mnistlab import _caches
import os
from matplotlib import pyplot
pyplot.figure()
print(os.getuid(), *(os.environ.get(name) for name in names.split()), sep=";")
""".replace("names", repr(" ".join(VARIABLES)))

PLANTED = PROGRAM.replace("from mnistlab import _caches", "")


def settings(**given: str) -> dict[str, str]:
    """The environment of the tests, without what names a place for caches."""
    dropped = (*VARIABLES, "HOME", "MNISTLAB_HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME")
    return {name: value for name, value in os.environ.items() if name not in dropped} | given


def printed(program: str, folder: Path, **given: str) -> tuple[list[str], str]:
    """What the program prints for a user without an account, and what it complains of."""
    command = as_stranger(sys.executable, "-c", program)
    run = subprocess.run(
        command, cwd=folder, env=settings(**given), capture_output=True, text=True, check=True
    )
    return run.stdout.strip().split(";"), run.stderr


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A real home that a user who is not root can't write."""
    folder = tmp_path / "home"
    folder.mkdir(mode=0o555)
    return folder


@pytest.mark.fault(
    "The home folder can't be written",
    "No page shows what matplotlib, IPython or Jupyter say of their caches: they get another place",
)
@needs_root
@pytest.mark.slow
def test_libraries_do_not_complain_of_a_home_that_cannot_be_written(home: Path) -> None:
    lines, complaints = printed(PROGRAM, home, HOME=str(home))
    assert complaints == ""
    assert lines[0] == "1234"
    assert all("mnistlab-caches-" in line for line in lines[1:])
    assert not Path(lines[1]).parent.exists(), "it is gone with the process"
    assert list(home.iterdir()) == []
    _, complaints = printed(PLANTED, home, HOME=str(home))
    assert str(home) in complaints, "this test could fail"


@pytest.mark.fault(
    "There is no HOME at all, and MNISTLAB_HOME is set",
    "Libraries keep their caches below it, and the next process finds them there",
)
@needs_root
@pytest.mark.slow
def test_without_a_home_caches_are_kept_in_mnistlabs(
    home: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    own = tmp_path_factory.mktemp("own")
    open_to_others(own)
    own.chmod(0o777)
    lines, complaints = printed(PROGRAM, home, MNISTLAB_HOME=str(own))
    assert complaints == ""
    assert lines[1] == str(own / "caches" / "mplconfigdir")
    assert any((own / "caches" / "mplconfigdir").iterdir())


def test_a_home_that_can_be_written_is_left_to_the_libraries(tmp_path: Path) -> None:
    from mnistlab import _caches

    with pytest.MonkeyPatch.context() as patch:
        for name in (*VARIABLES, "MNISTLAB_HOME", "XDG_CACHE_HOME"):
            patch.delenv(name, raising=False)
        patch.setenv("HOME", str(tmp_path))
        _caches.settle()
        assert not any(name in os.environ for name in VARIABLES)
        patch.setenv("HOME", str(tmp_path / "file"))
        (tmp_path / "file").touch()
        patch.setenv("IPYTHONDIR", "mine")
        _caches.settle()
        assert os.environ["IPYTHONDIR"] == "mine"
        assert "mnistlab-caches-" in os.environ["MPLCONFIGDIR"]
        assert Path(os.environ["MPLCONFIGDIR"]).parent.is_dir()
