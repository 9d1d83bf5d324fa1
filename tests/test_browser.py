"""The built pages in Chromium, opened from the folder as a reader opens them, without a network.

Each page is opened on a desk and on a phone, light and dark. What a check finds in a page with a
planted fault is shown first.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import DESK, PHONE, Opened

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).resolve().parent.parent
NAMES = sorted(page.stem for page in (REPOSITORY / "book").glob("*.md"))

SCREENS = [
    {**screen, "color_scheme": theme} for screen in (PHONE, DESK) for theme in ("light", "dark")
]

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACw="

PAGE = """<!doctype html><html data-theme="light"><meta name="viewport" content="width=device-width">
<body style="margin: 0"><article class="bd-article">{}</article></body></html>"""


UNFOLD = """() => {
  document.querySelectorAll('details').forEach((e) => { e.open = true; });
  document.querySelectorAll('.toggle-hidden').forEach((e) => e.classList.remove('toggle-hidden'));
}"""

WIDER_THAN_THE_SCREEN = """() => {
  const width = document.documentElement.clientWidth;
  return document.documentElement.scrollWidth > width
    ? [`the page is ${document.documentElement.scrollWidth} px wide, the screen ${width}`] : [];
}"""

CUT_OFF = """() => {
  const width = document.documentElement.clientWidth;
  const scrolls = (e) => e && (/auto|scroll/.test(getComputedStyle(e).overflowX)
    || scrolls(e.parentElement));
  return [...document.querySelectorAll('.bd-article :is(p, pre, table, img, svg, mjx-container, code)')]
    .filter((e) => !e.closest('mjx-assistive-mml, .dropdown-menu'))
    .filter((e) => e.getBoundingClientRect().right > width + 1 && !scrolls(e.parentElement))
    .map((e) => `cut off: <${e.tagName.toLowerCase()}> ${e.textContent.trim().slice(0, 60)}`);
}"""

CODE_THAT_SCROLLS = """() => [...document.querySelectorAll('.bd-article pre')]
  .filter((e) => e.scrollWidth > e.clientWidth + 1)
  .filter((e) => document.documentElement.clientWidth > 480
    || !/auto|scroll/.test(getComputedStyle(e).overflowX))
  .map((e) => `scrolls sideways: ${e.textContent.trim().slice(0, 60)}`)"""
"""On a phone letters of 12 pixels come before lines that fit."""

SMALL_CODE = """() => [...document.querySelectorAll('.bd-article pre')]
  .map((e) => [parseFloat(getComputedStyle(e).fontSize), e.textContent.trim().slice(0, 60)])
  .filter(([size]) => size < 12)
  .map(([size, text]) => `letters of ${size.toFixed(1)} px: ${text}`)"""

FORMULAS_NOT_SET = """() => [...document.querySelectorAll('.bd-article .math')]
  .filter((e) => !e.querySelector('mjx-container svg') || e.querySelector('[data-mjx-error]'))
  .map((e) => `not set: ${e.textContent.slice(0, 60)}`)"""

FIGURES_ON_DARK = """() => [...document.querySelectorAll('.bd-article img')]
  .filter((e) => {
    const style = getComputedStyle(e);
    const dark = document.documentElement.dataset.theme === 'dark';
    return !/, 0\\)$/.test(style.backgroundColor) || /invert/.test(style.filter) !== dark;
  })
  .map((e) => `a card, or not turned over in the dark: ${e.getAttribute('src')}`)"""

FIGURES_CUT_SMALL = """() => [...document.querySelectorAll('.bd-article figure img.wide')]
  .filter((e) => {
    const phone = document.documentElement.clientWidth <= 480;
    const shown = (i) => i && getComputedStyle(i).display !== 'none';
    return shown(e) === phone || shown(e.parentElement.querySelector('img.narrow')) !== phone;
  })
  .map((e) => `not the drawing for this screen: ${e.getAttribute('src')}`)"""

REPEATED_IDS = """() => {
  const ids = [...document.querySelectorAll('[id]')].filter((e) => !e.closest('svg')).map((e) => e.id);
  return [...new Set(ids.filter((id, i) => ids.indexOf(id) !== i))].map((id) => `id twice: ${id}`);
}"""
"""A script would find the first, a link would lead there."""

ABOVE_THE_TITLE = """() => {
  const title = document.querySelector('.bd-article h1');
  const top = title && title.getBoundingClientRect().top;
  return [...document.querySelectorAll('.bd-article :is(p, pre, table, img, canvas, button, input)')]
    .filter((e) => title && !e.closest('h1') && e.getClientRects().length
      && e.getBoundingClientRect().bottom <= top)
    .map((e) => `above the title: <${e.tagName.toLowerCase()}> ${e.textContent.trim().slice(0, 60)}`);
}"""

CARDS_UNLIKE_EACH_OTHER = """() => {
  const heads = [...document.querySelectorAll(
    '.bd-article :is(details > summary, .admonition.dropdown > .admonition-title)')];
  const look = (e, names, part) => names.map((name) => getComputedStyle(e, part)[name]).join(' ');
  const all = (head) => [
    look(head.parentElement, ['borderLeft', 'borderRadius', 'boxShadow']),
    look(head, ['borderLeft', 'backgroundColor', 'color', 'padding', 'fontSize', 'fontWeight', 'lineHeight']),
    look(head, ['content', 'width', 'right', 'borderTop', 'transform'], '::after'),
    head.nextElementSibling ? look(head.nextElementSibling, ['borderLeftWidth']) : '',
  ].join(' | ');
  const code = (head) => head.parentElement.classList.contains('above-input');
  const first = (head) => heads.find((other) => code(other) === code(head));
  return heads.filter((head) => all(head) !== all(first(head)))
    .map((head) => `another card: ${head.textContent.trim().slice(0, 60)}: ${all(head)} is not ${all(first(head))}`);
}"""
"""Hints, answers, solutions and folded outputs are made of four kinds of elements, and look alike.

Folded code is quieter than they are, and looks alike as well.
"""

TABLES_THAT_SCROLL_ON_A_PHONE = """() => [...document.querySelectorAll('.bd-article .mnistlab-table')]
  .filter((e) => document.documentElement.clientWidth <= 480
    && e.getBoundingClientRect().width > e.parentElement.clientWidth + 1)
  .map((e) => `a table of ${e.getBoundingClientRect().width.toFixed()} px: ${e.textContent.trim().slice(0, 60)}`)"""

CHECKS = (
    CARDS_UNLIKE_EACH_OTHER,
    TABLES_THAT_SCROLL_ON_A_PHONE,
    WIDER_THAN_THE_SCREEN,
    CUT_OFF,
    CODE_THAT_SCROLLS,
    SMALL_CODE,
    FORMULAS_NOT_SET,
    FIGURES_ON_DARK,
    FIGURES_CUT_SMALL,
    REPEATED_IDS,
    ABOVE_THE_TITLE,
)


def faults(opened: Opened) -> list[str]:
    """All that the checks find in a page, with all its folded parts open."""
    opened.page.evaluate(UNFOLD)
    found = [fault for check in CHECKS for fault in opened.page.evaluate(check)]
    return found + opened.console + opened.requests


@pytest.mark.parametrize(
    ("planted", "fault"),
    [
        ("<div style='width: 500px'>wide</div>", "the page is 500 px wide"),
        ("<div style='overflow: hidden'><p style='width: 500px'>x</p></div>", "cut off: <p> x"),
        (f"<pre style='overflow-x: hidden'>{'x' * 200}</pre>", "scrolls sideways"),
        ("<pre style='font-size: 8px'>x</pre>", "letters of 8.0 px: x"),
        (
            "<details><summary>s</summary><pre style='font-size: 8px'>x</pre></details>",
            "letters of 8.0 px: x",
        ),
        (
            "<details><summary>s</summary><div style='overflow: hidden'><p style='width: 500px'>"
            "folded</p></div></details>",
            "cut off: <p> folded",
        ),
        ("<span class='math'>\\(x^2\\)</span>", "not set"),
        (
            "<span class='math'><mjx-container><svg></svg><g data-mjx-error='a'></g>"
            "</mjx-container></span>",
            "not set",
        ),
        (f"<img src='{PIXEL}' alt='x' style='background: #fff'>", "a card, or not turned over"),
        (f"<img src='{PIXEL}' alt='x' style='filter: invert(1)'>", "a card, or not turned over"),
        (f"<figure><img class='wide' src='{PIXEL}' alt='x'></figure>", "not the drawing for this"),
        ("<p id='a'>x</p><p id='a'>y</p>", "id twice: a"),
        (
            "<details><summary>one</summary></details>"
            "<details><summary style='padding: 9px'>two</summary></details>",
            "another card: two",
        ),
        (
            "<details class='above-input'><summary>one</summary></details>"
            "<details><summary style='padding: 9px'>another kind</summary></details>"
            "<details class='above-input'><summary style='padding: 9px'>two</summary></details>",
            "another card: two",
        ),
        (
            "<details><summary>one</summary></details><div class='admonition dropdown' "
            "style='border-left: 3px solid'><p class='admonition-title'>two</p></div>",
            "another card: two",
        ),
        (
            "<div style='overflow: auto'><table class='mnistlab-table'><tr><td style='min-width: "
            "400px'>wide</td></tr></table></div>",
            "a table of 4",
        ),
        ("<p>early</p><h1>Title</h1>", "above the title: <p> early"),
        ("<script>console.error('broken')</script>", "broken"),
        ("<script>undefined_function()</script>", "undefined_function is not defined"),
        ("<script src='not-there.js'></script>", "failed: file:"),
        ("<script src='https://cdn.example.org/a.js'></script>", "leaves the disk"),
    ],
)
def test_a_planted_fault_is_found(
    open_page: Callable[..., Opened], tmp_path: Path, planted: str, fault: str
) -> None:
    file = tmp_path / "page.html"
    file.write_text(PAGE.format("<p>Nothing wrong here.</p>"))
    assert faults(open_page(file, SCREENS[0])) == []
    file.write_text(PAGE.format(planted))
    assert any(fault in found for found in faults(open_page(file, SCREENS[0])))


@pytest.mark.parametrize("name", [*NAMES, "search"])
def test_a_page_fits_and_works(
    open_page: Callable[..., Opened], book_html: Path, name: str
) -> None:
    found = {}
    for screen in SCREENS:
        opened = open_page(book_html / f"{name}.html", screen)
        theme = opened.page.evaluate("document.documentElement.dataset.theme")
        assert theme == screen["color_scheme"]
        found[screen["viewport"]["width"], theme] = faults(opened)
    assert {screen: list_ for screen, list_ in found.items() if list_} == {}


@pytest.mark.fault(
    "The book is opened from a folder, without a network or a server",
    "The search works, and nothing is asked of the network",
)
def test_the_search_works_without_a_network(
    open_page: Callable[..., Opened], book_html: Path
) -> None:
    opened = open_page(book_html / "search.html", DESK, "?q=convolutional")
    opened.page.wait_for_selector("#search-results li a")
    assert opened.console + opened.requests == []


def test_the_theme_can_be_switched(open_page: Callable[..., Opened], book_html: Path) -> None:
    page = open_page(book_html / "intro.html", {**DESK, "color_scheme": "light"}).page
    seen = set()
    for _ in range(3):
        page.locator(".theme-switch-button:visible").first.click()
        seen.add(page.evaluate("document.documentElement.dataset.theme"))
    assert seen == {"light", "dark"}


def test_shown_code_can_be_copied(open_page: Callable[..., Opened], book_html: Path) -> None:
    page = open_page(book_html / "networks.html", DESK).page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    shown = page.locator(".shown").first
    shown.hover()
    shown.locator("button.copybtn").click()
    page.wait_for_selector(".shown button.copybtn.success")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied.strip() == shown.locator("pre").inner_text().strip()
