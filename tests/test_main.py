"""The command line, in this process and as a program."""

import re
import runpy
import sys
from pathlib import Path

import pytest
from torchvision.datasets import MNIST

from mnistlab import sources
from mnistlab.__main__ import main


def test_data_says_where_the_files_are_and_their_digests(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["data"]) == 0
    output, error = capsys.readouterr()
    assert str(sources.raw_folder(tiny)) in output.splitlines()[0]
    assert re.findall(r"^  ([0-9a-f]{64})  (\S+)$", output, re.M) == [
        (digest, name) for name, digest in sources.FILES.items()
    ]
    assert error == ""


def test_data_fetches_what_is_not_there(
    tiny_published: dict[str, str], own_home: Path, monkeypatch: pytest.MonkeyPatch,
    tiny_files: tuple[Path, dict[str, str]], capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    def download(target: Path) -> None:
        sources.raw_folder(target).parent.mkdir()
        sources.raw_folder(target).symlink_to(sources.raw_folder(tiny_files[0]))

    monkeypatch.setattr(sources, "_download", download)
    assert main(["data"]) == 0
    assert str(own_home) in capsys.readouterr().out
    assert sources.missing(own_home) == []


def test_without_mnist_there_is_one_clear_error_and_no_traceback(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MNISTLAB_DATA", str(tmp_path))
    assert main(["data"]) == 1
    output, error = capsys.readouterr()
    assert output == ""
    assert error.startswith(
        f"error: MNISTLAB_DATA is {tmp_path}, but {sources.raw_folder(tmp_path)}"
    )
    assert "lacks train-images-idx3-ubyte" in error
    assert "correct it, or leave it out" in error
    assert "Three ways out" in error


def test_without_a_network_the_error_is_the_same_kind(
    own_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def unreachable(*arguments: object, **options: object) -> None:
        raise RuntimeError("Error downloading train-images-idx3-ubyte.gz")

    monkeypatch.setattr(MNIST, "download", unreachable)
    assert main(["data"]) == 1
    error = capsys.readouterr().err
    assert error.startswith(
        f"error: MNIST is not in {own_home} and could not be fetched: Error down"
    )
    assert list(own_home.glob("fetching-*")) == []


@pytest.mark.parametrize("arguments", [[], ["date"], ["data", "now"]], ids=str)
def test_a_wrong_command_shows_the_usage(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert "usage: python -m mnistlab" in capsys.readouterr().err


def test_help_names_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(["--help"])
    assert caught.value.code == 0
    assert re.search(r"^\s+data\s+say where MNIST is", capsys.readouterr().out, re.M)


def test_the_package_is_a_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MNISTLAB_DATA", str(tmp_path))
    monkeypatch.setattr(sys, "argv", ["mnistlab", "data"])
    monkeypatch.delitem(sys.modules, "mnistlab.__main__")
    with pytest.raises(SystemExit) as caught:
        runpy.run_module("mnistlab", run_name="__main__")
    assert caught.value.code == 1
    assert capsys.readouterr().err.startswith("error: ")
