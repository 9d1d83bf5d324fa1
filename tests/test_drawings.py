"""Figures on a page: wide, narrow and with their numbers, also where pyplot has put a PNG beside the SVG."""

import json
from pathlib import Path

import pytest

pytest.importorskip("myst_nb", reason="the book's own packages are not installed: extra [book]")
bs4 = pytest.importorskip("bs4", reason="the book's own packages are not installed: extra [book]")

PAGE = """\
---
file_format: mystnb
kernelspec:
  name: python3
---
# A page

```{code-cell} ipython3
from matplotlib import pyplot as plt
from myst_nb import glue
from mnistlab import plots
import torch

square = torch.ones(2, 2)
glue("sliding", plots.draw_sliding(square, square, square[:1, :1] * 4, (0, 0)), display=False)
figure, axes = plt.subplots()
glue("drawing", plots.plot_softmax([0.0, 1.0, 2.0], 1), display=False)
glue("three", 3)
```

```{glue:figure} drawing
:alt: Plots, {glue:text}`three` of them.

A caption.
```

```{glue:figure} sliding
A square.
```
"""

CONFIGURATION = """\
extensions = ["myst_nb", "mnistlab.sphinxext.alt"]
nb_execution_mode = "force"
nb_execution_raise_on_error = True
"""


@pytest.mark.slow
def test_a_figure_has_a_drawing_for_each_screen_and_no_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    from sphinx.cmd.build import main

    (tmp_path / "index.md").write_text(PAGE)
    (tmp_path / "conf.py").write_text(CONFIGURATION)
    assert main(["-q", "-b", "html", str(tmp_path), str(tmp_path / "out")]) == 0
    assert "WARNING: skipping" not in capsys.readouterr().err
    page = bs4.BeautifulSoup((tmp_path / "out" / "index.html").read_text(), "html.parser")
    drawn, movable = page.select("figure")
    assert [child.name for child in movable.find_all(recursive=False)] == [
        "img", "img", "div", "figcaption"
    ]  # fmt: skip
    numbers = {"image": [[1, 1], [1, 1]], "kernel": [[1, 1], [1, 1]], "at": [0, 0]}
    assert json.loads(movable.select_one(".movable")["data-numbers"]) == numbers
    assert drawn.select(".movable") == []
    wide, narrow = drawn.select("img")
    assert (wide["class"], narrow["class"]) == (["wide"], ["narrow"])
    assert wide["alt"] == narrow["alt"] == "Plots, 3 of them."
    assert wide["src"] != narrow["src"]
