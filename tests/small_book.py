"""A small book with its own copy of the package, data and home, built by ``jupyter-book``.

The pages note each execution in a file. MNIST is the few images of ``tiny``, which the copy of the
package takes for the published files; so the runs of the book are trained for real, in a moment.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import tiny

REPOSITORY = Path(__file__).resolve().parent.parent

NO_NETWORK = {"http_proxy": "http://127.0.0.1:9", "https_proxy": "http://127.0.0.1:9"}

PAGE = """\
---
file_format: mystnb
kernelspec:
  name: python3
  display_name: Python 3
---

# {title}

A sentence.

```{{code-cell}} ipython3
import os
with open(os.environ["EXECUTIONS"], "a") as file:
    file.write("{title}\\n")
```

{more}
"""

SHOWING = """\
See {py:func}`mnistlab.fully_connected`.

```{show} mnistlab.fully_connected
```

```{code-cell} ipython3
from mnistlab.networks import IMAGE_SHAPE
IMAGE_SHAPE
```

```{code-cell} ipython3
:tags: [remove-cell]
from IPython.display import SVG
from myst_nb import glue
square = "<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'></svg>"
glue("figure", SVG(square), display=False)
glue("end", 0.1234)
glue("what", "a line")
```

```{glue:figure} figure
:alt: Here {glue:text}`what` falls to {glue:text}`end:.2f`.

What is found.
```
"""

API = """\
# API

```{eval-rst}
.. automodule:: mnistlab.networks
   :members:
```
"""

TOC = """\
format: jb-book
root: one
chapters:
  - file: two
  - file: api
"""


@dataclass
class Outcome:
    """What one build did."""

    status: int
    text: str
    executed: list[str]


class Book:
    """A small book with its own copy of the package, data and home folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.package = folder / "source" / "mnistlab"
        self.home = folder / "home"
        self.html = folder / "_build" / "html"
        self.executions = folder / "executions"
        self.pages = folder / "book"
        self._copy_package()
        self._write_pages()

    def _copy_package(self) -> None:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REPOSITORY / "mnistlab", self.package, ignore=ignored)
        digests = tiny.write(self.home)
        source = (self.package / "sources.py").read_text()
        for name, digest in digests.items():
            source, found = re.subn(rf'("{name}": )"[0-9a-f]{{64}}"', rf'\1"{digest}"', source)
            assert found == 1
        (self.package / "sources.py").write_text(source)
        for old, new in (
            ("train: int = 60_000", "train: int = 300"),
            ("test: int = 10_000", "test: int = 100"),
        ):
            replace(self.package / "strokes.py", old, new)
        replace(self.package / "runs" / "specification.py", "images=6000", "images=300")

    def _write_pages(self) -> None:
        self.pages.mkdir()
        shutil.copy(REPOSITORY / "_config.yml", self.folder)
        shutil.copytree(REPOSITORY / "book" / "_static", self.pages / "_static")
        (self.pages / "references.bib").touch()
        (self.pages / "_toc.yml").write_text(TOC)
        (self.pages / "one.md").write_text(PAGE.format(title="One", more=""))
        (self.pages / "two.md").write_text(PAGE.format(title="Two", more=SHOWING))
        (self.pages / "api.md").write_text(API)

    def build(self, *options: str, pages: str = "book", **environment: str) -> Outcome:
        """Build the book in a process of its own."""
        with self.started(*options, pages=pages, **environment) as process:
            text, _ = process.communicate()
        return Outcome(process.returncode, text, self.executions.read_text().split())

    def started(
        self, *options: str, pages: str = "book", **environment: str
    ) -> subprocess.Popen[str]:
        """Begin to build the book."""
        self.executions.write_text("")
        return subprocess.Popen(
            [sys.executable, str(REPOSITORY / "tools" / "book.py"), "build", pages, *options],
            cwd=self.folder,
            env={
                **os.environ,
                "PYTHONPATH": str(self.folder / "source"),
                "MNISTLAB_HOME": str(self.home),
                "EXECUTIONS": str(self.executions),
                **environment,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def tree(self, html: Path | None = None) -> dict[str, str]:
        """A digest of each file of the built book."""
        html = html or self.html
        return {
            file.relative_to(html).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
            for file in sorted(html.rglob("*"))
            if file.is_file()
        }

    def read(self, page: str) -> str:
        """A built page."""
        return (self.html / f"{page}.html").read_text()


def replace(file: Path, old: str, new: str) -> None:
    """Change a file's text; the old text must be there."""
    text = file.read_text()
    assert old in text, f"{file} has no {old!r}"
    file.write_text(text.replace(old, new))
