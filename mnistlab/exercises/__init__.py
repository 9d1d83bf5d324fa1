"""The exercises: the assignment's tasks and tests, and a harder one for each chapter.

All of them stand in ``sheet.md``, a Markdown file: what is asked, code to begin with, a hint, and
the checker's call. The book's pages show them from there, ``python -m mnistlab exercises`` writes
them as a notebook and a script, and ``python -m mnistlab check`` judges what was made of them.
Solutions are on the book's pages only.
"""

from mnistlab.exercises._sheet import EXERCISES, SHEET, Exercise
from mnistlab.exercises._writing import write

__all__ = ["EXERCISES", "SHEET", "Exercise", "write"]
