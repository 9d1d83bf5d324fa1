"""How much faster a build executes its pages than one after the other, as MyST-NB does.

    python benchmarks/pages.py [PAGE ...]

Executes the pages of the book, or those that are named, with one kernel at a time that is started
anew and uses all cores, as MyST-NB does; and then as the build does: as many kernels at a time as
there are cores, forked where that is possible. The runs of the book must have been stored by a build:
nothing is trained but what pages themselves train.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from myst_nb.core.read import read_myst_markdown_notebook

from mnistlab.sphinxext.execute import Job, cores, execute

BOOK = Path(__file__).resolve().parent.parent / "book"


def jobs(names: list[str]) -> list[Job]:
    """The pages that have cells, read anew."""
    files = [BOOK / f"{name}.md" for name in names] or sorted(BOOK.rglob("*.md"))
    read = [Job(file.stem, file, read_myst_markdown_notebook(file.read_text())) for file in files]
    return [job for job in read if any(cell.cell_type == "code" for cell in job.notebook.cells)]


def said(job: Job, took: float) -> None:
    """Print a page and its seconds."""
    print(f"  {job.name} {took:.1f} s", flush=True)


def seconds(names: list[str], kernels: int, forked: bool) -> float:
    """Time to execute the pages with so many kernels at a time, forked or started anew."""
    pages = jobs(names)
    print(f"{len(pages)} pages, kernels at a time: {kernels}", flush=True)
    started = time.perf_counter()
    execute(pages, said, kernels=kernels, forked=forked)
    return time.perf_counter() - started


def main() -> int:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as training (default: all)")
    names = parser.parse_args().pages
    one_by_one, as_built = seconds(names, 1, forked=False), seconds(names, cores(), forked=True)
    print(f"one new kernel at a time {one_by_one:.0f} s, {cores()} forked ones at a time "
          f"{as_built:.0f} s; ratio {as_built / one_by_one:.2f}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
