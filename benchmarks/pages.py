"""How much faster a build executes its pages with a kernel on each core than one after the other.

    python benchmarks/pages.py [PAGE ...]

Executes the pages of the book, or those that are named, with one kernel at a time that uses all
cores, as MyST-NB does, and then as many at a time as there are cores. The runs of the book must have
been stored by a build: nothing is trained but what pages themselves train.
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


def seconds(names: list[str], kernels: int) -> float:
    """Time to execute the pages with so many kernels at a time."""
    pages = jobs(names)
    print(f"{len(pages)} pages, kernels at a time: {kernels}", flush=True)
    started = time.perf_counter()
    execute(
        pages, lambda job, took: print(f"  {job.name} {took:.1f} s", flush=True), kernels=kernels
    )
    return time.perf_counter() - started


def main() -> int:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("pages", nargs="*", metavar="PAGE", help="such as training (default: all)")
    names = parser.parse_args().pages
    one, all_cores = seconds(names, 1), seconds(names, cores())
    print(f"one kernel at a time {one:.0f} s, {cores()} at a time {all_cores:.0f} s; "
          f"ratio {all_cores / one:.2f}")  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
