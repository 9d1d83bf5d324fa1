"""Definitions on hover and focus, questions that answer, and the policy, in Chromium."""

from collections.abc import Callable
from pathlib import Path

import pytest
from browsing import DESK, Opened

quiz = pytest.importorskip(
    "mnistlab.sphinxext.quiz", reason="the book's own packages are not installed: extra [book]"
)
mend = pytest.importorskip("mnistlab.sphinxext.mend")

pytestmark = pytest.mark.browser

STATIC = Path(__file__).resolve().parent.parent / "book" / "_static"

PAGE = """<!doctype html><html lang="en"><head><meta charset="utf-8"><title>x</title>
<link rel="stylesheet" href="reader.css"><script src="reader.js"></script></head>
<body><main><article><p style="margin: 100px">A <a href="#term-batch">batch</a> and
<a id="other" href="#">another link</a>.</p>{}</article></main></body></html>"""

QUESTION = '<div class="quiz" data-quiz=\'{"answer": 4096, "tolerance": 0, "mistakes": [[3136, "That is for 28."]]}\'></div>'


@pytest.fixture
def opened(open_page: Callable[..., Opened], tmp_path: Path) -> Opened:
    """A page with a term and a question, mended as the pages of the book are."""
    for name in ("reader.js", "reader.css"):
        (tmp_path / name).write_bytes((STATIC / name).read_bytes())
    html = mend.mended(PAGE.format(QUESTION), {"term-batch": "Images that pass together."})
    (tmp_path / "page.html").write_text(html)
    return open_page(tmp_path / "page.html", DESK)


def test_a_term_shows_its_definition_on_hover_and_lets_the_pointer_in(opened: Opened) -> None:
    tip = opened.page.locator("#term-definition")
    assert not tip.is_visible()
    opened.page.hover("a[data-definition]")
    assert tip.inner_text() == "Images that pass together."
    tip.hover()
    opened.page.wait_for_timeout(400)
    assert tip.is_visible()
    opened.page.mouse.move(600, 600)
    tip.wait_for(state="hidden")


def test_a_term_shows_its_definition_on_focus_and_escape_puts_it_away(opened: Opened) -> None:
    tip = opened.page.locator("#term-definition")
    opened.page.focus("a[data-definition]")
    assert tip.is_visible()
    assert opened.page.get_attribute("a[data-definition]", "aria-describedby") == "term-definition"
    opened.page.keyboard.press("Escape")
    assert not tip.is_visible()
    opened.page.focus("#other")
    opened.page.focus("a[data-definition]")
    assert tip.is_visible()
    opened.page.focus("#other")
    assert not tip.is_visible()


@pytest.mark.parametrize(
    ("given", "kind", "said"),
    [
        ("4096", "right", "Right."),
        ("4 096", "right", "Right."),
        ("4096.0", "right", "Right."),
        ("3136", "wrong", "Not quite. That is for 28."),
        ("5000", "wrong", "Not that: it is less."),
        ("-1", "wrong", "Not that: it is more."),
        ("many", "", "A number is expected, such as 12 or 0.5."),
        ("", "", "A number is expected, such as 12 or 0.5."),
    ],
)
def test_a_question_answers(opened: Opened, given: str, kind: str, said: str) -> None:
    opened.page.get_by_label("Your answer").fill(given)
    opened.page.keyboard.press("Enter")
    status = opened.page.locator(".quiz [role=status]")
    assert (status.get_attribute("class") or "") == kind
    assert status.inner_text() == said
    assert opened.console + opened.requests == []


# ----- the policy

BLOCKED = """() => {
  const script = document.createElement('script');
  script.textContent = 'window.ran = true';
  document.body.append(script);
  return window.ran === undefined;
}"""


def test_the_policy_lets_no_other_script_run_and_no_request_leave(opened: Opened) -> None:
    assert opened.page.evaluate(BLOCKED)
    refused = "(address) => fetch(address).then(() => false, () => true)"
    assert opened.page.evaluate(refused, opened.page.url)
    assert any("Content Security Policy" in text for text in opened.console)


def test_without_a_policy_the_check_would_say_so(
    open_page: Callable[..., Opened], tmp_path: Path
) -> None:
    (tmp_path / "page.html").write_text("<!doctype html><title>x</title><p>No policy.</p>")
    assert not open_page(tmp_path / "page.html", DESK).page.evaluate(BLOCKED)


def test_every_built_page_has_a_policy(book_html: Path) -> None:
    pages = [file for file in book_html.glob("*.html") if file.stem != "index"]
    without = [file.name for file in pages if "Content-Security-Policy" not in file.read_text()]
    assert len(pages) > 10
    assert without == []


@pytest.mark.book
@pytest.mark.parametrize(
    ("name", "selector"),
    [
        ("flatten", ".on-screen"),
        ("flatten", "#kernel-positions"),
        ("playground", "#playground-pad"),
        ("explorer", "#explorer-chain"),
        ("networks", ".movable"),
    ],
)
def test_what_only_a_screen_can_do_is_not_on_paper(
    open_page: Callable[..., Opened], book_html: Path, name: str, selector: str
) -> None:
    page = open_page(book_html / f"{name}.html", DESK).page
    assert page.locator(selector).is_visible()
    page.emulate_media(media="print")
    assert not page.locator(selector).is_visible()
    assert "Move a slider" not in page.locator("article").inner_text()
