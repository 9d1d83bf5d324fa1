"""No page has a barrier that axe-core knows: WCAG 2.2, levels A and AA, and best practice.

Each page is looked at with its folded parts open, light on a desk and dark on a phone.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import DESK, PHONE, Opened
from test_browser import NAMES, UNFOLD

pytestmark = [pytest.mark.browser, pytest.mark.slow]

RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    },
    "rules": {"label-content-name-mismatch": {"enabled": True}},
    "resultTypes": ["violations"],
}

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A page</title></head>
<body><main><h1>A page</h1>{}</main></body></html>"""


def barriers(opened: Opened) -> list[str]:
    """What axe-core finds in a page, with all its folded parts open."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="extra [browser]")
    opened.page.evaluate(UNFOLD)
    # axe notes where everything is, and then scrolls: what is laid out only then would move the rest
    opened.page.add_style_tag(content="* { content-visibility: visible !important; }")
    opened.page.wait_for_timeout(300)
    found = axe.Axe().run(opened.page, options=RULES).response["violations"]
    return [
        f"{violation['id']}: {node['html'][:120]}: {node['failureSummary']}"
        for violation in found
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ("<img src='data:image/gif;base64,R0lGODlhAQABAAAAACw='>", "image-alt"),
        ("<p style='color: #aaa; background: #fff'>Pale.</p>", "color-contrast"),
        ("<dl><dd>nothing is defined</dd></dl>", "definition-list"),
        ("<button aria-label='Send'>Search</button>", "label-content-name-mismatch"),
        ("<table><tr><th scope='col'></th></tr><tr><td>1</td></tr></table>", "empty-table-header"),
        ("<details><summary>s</summary><input></details>", "label"),
    ],
)
def test_a_planted_barrier_is_found(
    open_page: Callable[..., Opened], tmp_path: Path, planted: str, rule: str
) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGE.format("<p>Nothing wrong here.</p>"))
    assert barriers(open_page(file, DESK)) == []
    file.write_text(PAGE.format(planted))
    assert any(found.startswith(f"{rule}:") for found in barriers(open_page(file, DESK)))


@pytest.mark.parametrize("name", [*NAMES, "search"])
def test_a_page_has_no_barrier(
    open_page: Callable[..., Opened], book_html: Path, name: str
) -> None:
    file = book_html / f"{name}.html"
    desk, phone = {**DESK, "color_scheme": "light"}, {**PHONE, "color_scheme": "dark"}
    for screen in (phone,) if name == "api" else (desk, phone):  # by far the longest page
        assert barriers(open_page(file, screen)) == []
