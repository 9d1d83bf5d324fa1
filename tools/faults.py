"""Write ``tests/FAULTS.md``: each fault that a test goes through, what the user sees, and the test.

A test says it with a marker, alone or on one of its parameters::

    @pytest.mark.fault("The disk is full while pages are written", "One line names the folder")

``python tools/faults.py`` writes the table again; a test fails while it is not current. Faults that
need another machine are listed here, in `NOT_TRIED`, with what is expected.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent.parent
TABLE = REPOSITORY / "tests" / "FAULTS.md"

HEAD = """\
# Faults, and what the user sees

Written by `python tools/faults.py` from the marker `fault` of the tests; do not edit it by hand.
"""

NOT_TRIED = (
    (
        "Windows: a page is open in another program while the book is built",
        "The build ends with the name of the file that can't be replaced; the old book stays",
        "Windows",
    ),
    (
        "Windows: no transport between kernel and build but TCP",
        "Pages are executed over TCP, encrypted where pyzmq can",
        "Windows",
    ),
    (
        "Windows: an account that may not make symbolic links",
        "`jupyter-book clean book` finds nothing; `jupyter-book clean .` does",
        "Windows",
    ),
    (
        "Windows: the folder is so deep that paths have more than 260 letters",
        "pip's or the system's own message; a folder nearer to the drive's root helps",
        "Windows",
    ),
    (
        "Windows, macOS: a student's file starts pip, or asks the network, from Python",
        "It can: there are no namespaces; `kept_from` in the JSON report is empty",
        "Windows, macOS",
    ),
    (
        "macOS: a folder whose name differs in case or in the form of its accents only",
        "One folder, as the file system sees it; `.venv` is taken for one that moved and made again",
        "macOS",
    ),
    (
        "Safari, Firefox or a phone opens the pages from a folder",
        "As in Chromium: no page needs a server, a module or a request",
        "those browsers",
    ),
    (
        "NFS: the home folder has no locks that work",
        "Trainings go on without a lock; the run that is stored last stays, both are the same",
        "NFS",
    ),
    (
        "A folder that is kept in step with a cloud, whose files are fetched when they are read",
        "As a slow disk; what did not come whole has another digest, and is told or made again",
        "such a folder",
    ),
    (
        "An exFAT or FAT stick: no symbolic links, no rights, times of two seconds",
        "Content decides, not dates; the environment in `.venv` can't be made there: venv says so",
        "exFAT",
    ),
    (
        "The quota of a user is used up",
        "One line, as for a limit on files, which is tried",
        "quotas",
    ),
    (
        "SELinux, AppArmor or a container forbids namespaces",
        "The file is judged all the same; `kept_from` in the JSON report is empty",
        "such a policy",
    ),
    (
        "A GPU whose memory is full",
        "torch's own message; another device is not tried unasked",
        "a GPU",
    ),
    (
        "A run is repeated on a GPU, or on another kind of processor",
        "The stored run is loaded, whatever computed it; trained anew, it differs a little",
        "a GPU",
    ),
)
"""Fault, what is expected, and the machine that it takes."""


class MarkerError(ValueError):
    """A marker does not say what the table needs. The message says where."""


@dataclass(frozen=True)
class Fault:
    """One row of the table."""

    what: str
    seen: str
    file: str
    test: str


def faults(tests: Path) -> list[Fault]:
    """The faults that the tests of a folder name, by file, in their order.

    Raises
    ------
    MarkerError
        If a marker has something else than two texts, or two markers name the same fault.
    """
    found = [fault for file in sorted(tests.rglob("test_*.py")) for fault in faults_of(file)]
    named: dict[str, Fault] = {}
    for fault in found:
        other = named.setdefault(fault.what, fault)
        if other is not fault:
            raise MarkerError(f"{fault.test} and {other.test} name the same fault: {fault.what}")
    return found


def faults_of(file: Path) -> list[Fault]:
    """The faults that one file names."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return [
        Fault(*texts(marker, file), file.name, function.name)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef)
        for decorator in function.decorator_list
        for marker in markers(decorator)
    ]


def markers(decorator: ast.expr) -> Iterator[ast.Call]:
    """The calls of ``pytest.mark.fault`` in a decorator, also those of single parameters."""
    for node in ast.walk(decorator):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
            yield node


def texts(marker: ast.Call, file: Path) -> tuple[str, str]:
    """The two texts of a marker."""
    try:
        both = tuple(map(ast.literal_eval, marker.args))
    except ValueError:
        both = ()
    whole = len(both) == 2 and all(isinstance(text, str) and text.strip() for text in both)
    if marker.keywords or not whole:
        raise MarkerError(
            f"{file.name}:{marker.lineno}: fault() takes two texts, written out: "
            "what happens, and what the user sees"
        )
    return both


def table(tests: Path) -> str:
    """The whole of ``FAULTS.md`` for a folder of tests."""
    found = faults(tests)
    parts = [HEAD, f"{len(found)} faults are gone through by the tests.\n"]
    for name in dict.fromkeys(fault.file for fault in found):
        rows = [
            (fault.what, fault.seen, f"`{fault.test}`") for fault in found if fault.file == name
        ]
        parts.append(section(f"`{name}`", ("fault", "what the user sees", "test"), rows))
    head = ("fault", "what is expected", "needs")
    parts.append(section("Not tried", head, NOT_TRIED))
    return "\n".join(parts)


def section(title: str, head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """A heading and a table of Markdown."""
    lines = [head, ("---",) * len(head), *rows]
    cells = ["| " + " | ".join(cell.replace("|", r"\|") for cell in line) + " |" for line in lines]
    return f"## {title}\n\n" + "\n".join(cells) + "\n"


def main() -> None:
    """Write the table."""
    TABLE.write_text(table(TABLE.parent), encoding="utf-8")
    print(f"{TABLE.relative_to(REPOSITORY)}: {len(faults(TABLE.parent))} faults")


if __name__ == "__main__":
    main()
