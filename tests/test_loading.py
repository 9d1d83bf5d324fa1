"""What a page loads and when: scripts wait, colours are there at once, images and formulas have places."""

from pathlib import Path
from types import SimpleNamespace

import pytest

bs4 = pytest.importorskip("bs4", reason="the book's own packages are not installed: extra [book]")
formulas = pytest.importorskip("mnistlab.sphinxext.formulas")
loading = pytest.importorskip("mnistlab.sphinxext.loading")
mend = pytest.importorskip("mnistlab.sphinxext.mend")

PAGE = """<!DOCTYPE html>
<html data-theme="auto"><head><meta charset="utf-8"/>
<script data-cfasync="false">document.documentElement.dataset.theme = "auto";</script>
<script src="_static/documentation_options.js?v=1"></script>
<script src="_static/doctools.js?v=1"></script>
<script>DOCUMENTATION_OPTIONS.pagename = 'x';</script>
<script src="_static/searchtools.js"></script><script src="_static/language_data.js"></script>
<script src="searchindex.js"></script></head><body><article>{}</article></body></html>
"""

PIECE = '<svg xmlns="http://www.w3.org/2000/svg" width="30pt" height="12pt"></svg>'


def mended(body: str, **options: object) -> "bs4.BeautifulSoup":
    """The page with such an article, mended and read again."""
    return bs4.BeautifulSoup(mend.mended(PAGE.format(body), **options), "html.parser")


def test_scripts_wait_but_for_the_one_that_others_rest_on() -> None:
    scripts = {script["src"]: script.attrs for script in mended("").select("script[src]")}
    assert "defer" in scripts.pop("_static/doctools.js?v=1")
    assert "defer" not in scripts.pop("_static/documentation_options.js?v=1")
    assert not scripts, "the search is left to its page"


def test_the_page_of_the_search_keeps_its_scripts_as_they_are() -> None:
    page = mended('<div id="search-results"></div>')
    scripts = [script.attrs for script in page.select("script[src]")]
    assert len(scripts) == 5
    assert not any("defer" in script for script in scripts)


def test_the_scheme_is_chosen_at_once_and_the_policy_allows_it() -> None:
    page = mended("")
    first, second = page.select("head > script:not([src])")[:2]
    assert first.has_attr("data-cfasync")
    assert "prefers-color-scheme" in second.string
    assert mend.digest(second.string) in page.find("meta", attrs={"http-equiv": True})["content"]
    assert page.html["data-theme"] == "light", "for browsers without JavaScript"


def test_images_have_a_size_and_come_when_they_are_seen() -> None:
    body = '<img src="_images/a.svg"><img src="_images/b.svg" width="3"><img src="other.png">'
    sizes = {"_images/a.svg": (40, 16), "_images/b.svg": (3, 3)}
    a, b, other = mended(body, size_of=sizes.get).select("img")
    assert (a["width"], a["height"], a["loading"]) == ("40", "16", "lazy")
    assert not b.has_attr("height")
    assert not other.has_attr("width")


def test_the_size_of_an_image_of_the_book_is_found_by_its_name_in_the_pages(tmp_path: Path) -> None:
    (tmp_path / "piece.svg").write_text(PIECE)
    (tmp_path / "broken.svg").write_text("nothing")
    builder = SimpleNamespace(
        srcdir=tmp_path, images={"piece.svg": "a b.svg", str(tmp_path / "broken.svg"): "broken.svg"}
    )
    images = loading.Images(builder)
    assert images.size_of("_images/a%20b.svg") == (40, 16)
    assert images.size_of("_images/broken.svg") is None
    assert images.size_of("_images/c.svg") is None


@pytest.mark.parametrize(
    ("tex", "width", "height"),
    [
        # As MathJax 3.2 sets them, in its ex.
        (r"\eta = 0.01", 8.16, 2.0),
        (r"(784 + 1) \cdot 25\,088 = 19\,694\,080", 29.54, 2.26),
        (r"n + 2p \ge k", 10.59, 2.0),
        (r"p_k = \frac{e^{z_k}}{e^{z_0} + \dots + e^{z_9}} .", 20.35, 4.8),
    ],
)
def test_a_formula_is_measured_as_mathjax_sets_it(tex: str, width: float, height: float) -> None:
    found = formulas.measured(tex)
    assert found == pytest.approx((width, height), rel=0.05)


def test_what_matplotlib_does_not_know_is_not_measured() -> None:
    assert formulas.measured(r"\unheardof{x}") is None


def test_formulas_say_how_much_room_they_take() -> None:
    page = mended(
        r'<span class="math">\(x = 1\)</span><span class="math">\(\unheardof{x}\)</span>'
        r'<div class="math"><span>(1)</span>\[ x \]</div>'
        r'<div class="math">\[\begin{array}{r} 1 \\ 2 \\ 3 \end{array}\]</div>'
    )
    known, unknown = page.select("span.math")
    assert known["style"].startswith("--formula-width: 5.")
    assert not unknown.has_attr("style")
    one_row, three_rows = page.select("div.math")
    assert one_row["style"].startswith("--formula-height: 1.")
    assert three_rows["style"] == f"--formula-height: {3 * formulas.ROW:.2f}ex"
