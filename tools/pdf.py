"""Print the built book: one PDF with contents, page numbers and an outline.

    python tools/pdf.py _build/html -o _build/flatten-or-filter.pdf

Chromium prints all pages as one. Where each heading comes is known only then: the book is printed
once to read the page numbers, and once more with them in the contents. Needs the extras ``[book]``
and ``[browser]``, and an installed Chromium or Chrome.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag
from look import chromium
from playwright.sync_api import Browser
from pypdf import PdfReader

PRINTED = "_printed.html"
"""The page that is printed, beside the others while it is needed."""

STYLE = """
@page { size: A4; margin: 20mm 18mm 22mm; @bottom-center { content: counter(page); font: 9pt sans-serif; } }
@page :first { @bottom-center { content: none; } }
html, body { background: #fff; color: #000; font-size: 10pt; }
body { display: block; margin: 0; }
article.bd-article { padding: 0; max-width: none; display: block; }
article.bd-article + article.bd-article { break-before: page; }
h1, h2, h3, h4 { break-after: avoid; color: #000; }
h1 { font-size: 20pt; } h2 { font-size: 15pt !important; } h3 { font-size: 12pt !important; }
figure, table, div.highlight, .shown, div.admonition.exercise > p, mjx-container { break-inside: avoid; }
div.highlight pre { font-size: 8.5pt !important; white-space: pre-wrap; }
figure img { max-height: 200mm; }
.headerlink, .copybtn, .toggle-button, .page-files,
  summary .sd-summary-chevron-right, summary .sd-summary-down, .sd-summary-icon { display: none !important; }
a { color: inherit; text-decoration: none; }
.printed-title { height: 240mm; display: flex; flex-direction: column; justify-content: center; }
.printed-title h1 { font-size: 34pt; margin: 0; }
.printed-contents { break-before: page; break-after: page; }
.printed-contents p { margin: 0.6em 0 0.1em; font-weight: bold; }
.printed-contents a { display: flex; gap: 0.5em; line-height: 1.5; }
.printed-contents a.second { padding-left: 1.5em; font-size: 9pt; }
.printed-contents a::before { content: ""; order: 1; flex: 1; border-bottom: 1px dotted #888; margin-bottom: 0.4em; }
.printed-contents a b { order: 2; font-weight: normal; min-width: 2em; text-align: right; }
"""

READY = """async () => {
  document.querySelectorAll('details').forEach((e) => { e.open = true; });
  document.querySelectorAll('.toggle-hidden').forEach((e) => e.classList.remove('toggle-hidden'));
  if (window.MathJax) await window.MathJax.startup.promise;
  await Promise.all([...document.images].map((image) => {
    image.loading = 'eager';
    return image.decode().catch(() => {});
  }));
}"""


@dataclass(frozen=True)
class Heading:
    """A line of the contents: where it leads, its text and its depth; 0 is the name of a part."""

    place: str
    text: str
    depth: int


def order(html: Path) -> list[tuple[str, str]]:
    """The pages in the order of the book, each with the name of the part that begins with it, or ``""``."""
    first = BeautifulSoup((html / "index.html").read_text(encoding="utf-8"), "html.parser")
    redirect = first.find("meta", attrs={"http-equiv": "Refresh"})
    root = str(redirect["content"]).partition("url=")[2] if redirect else "index.html"
    page = BeautifulSoup((html / root).read_text(encoding="utf-8"), "html.parser")
    pages, part = [(Path(root).stem, "")], ""
    for item in page.select("nav.bd-links p.caption, nav.bd-links a.reference.internal"):
        if item.name == "p":
            part = item.get_text(" ", strip=True)
        elif (name := Path(urlsplit(str(item["href"])).path).stem) not in ("", pages[0][0]):
            pages.append((name, part))
            part = ""
    return pages


def article_of(html: Path, name: str, names: set[str]) -> Tag:
    """A page's article; the places in it, and links to places in the book, begin with its name."""
    page = BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
    article = page.select_one("article.bd-article")
    if article is None:
        raise SystemExit(f"{name}.html has no article; is {html} a book built with this theme?")
    for node in article.find_all(id=True):
        node["id"] = f"{name}--{node['id']}"
    article["id"] = f"page--{name}"
    for link in article.find_all("a", href=True):
        address = urlsplit(str(link["href"]))
        target = Path(unquote(address.path)).stem if address.path else name
        if not address.scheme and target in names:
            link["href"] = (
                f"#{target}--{address.fragment}" if address.fragment else f"#page--{target}"
            )
    for node in article.find_all(["script", "noscript"]):
        node.decompose()
    return article


def headings(article: Tag, part: str) -> list[Heading]:
    """The lines that an article has in the contents."""
    found = [Heading("", part, 0)] if part else []
    for heading in article.find_all(["h1", "h2"]):
        section = heading.find_parent("section")
        place = str((section or article)["id"])
        for link in heading.select(".headerlink"):
            link.decompose()
        found.append(
            Heading(place, heading.get_text("", strip=False).strip(), int(heading.name[1]))
        )
    return found


def contents(lines: list[Heading], pages: dict[str, int]) -> str:
    """The contents as HTML; a page number that is not known yet is left out."""
    parts = ['<div class="printed-contents"><h1>Contents</h1>']
    for line in lines:
        text = line.text.replace("&", "&amp;").replace("<", "&lt;")
        if line.depth == 0:
            parts.append(f"<p>{text}</p>")
        else:
            kind = "first" if line.depth == 1 else "second"
            number = pages.get(line.place, "")
            parts.append(f'<a class="{kind}" href="#{line.place}">{text}<b>{number}</b></a>')
    return "".join([*parts, "</div>"])


def head_of(html: Path, names: list[str]) -> str:
    """The head of the printed page: the book's style sheets, and MathJax from a page that has it."""
    pages = [
        BeautifulSoup((html / f"{name}.html").read_text(encoding="utf-8"), "html.parser")
        for name in names
    ]
    styles = dict.fromkeys(str(link) for link in pages[0].select('link[rel="stylesheet"]'))
    with_math = next((page for page in pages if page.select_one('script[src*="mathjax"]')), None)
    scripts = [
        str(script)
        for script in (with_math.find_all("script") if with_math else [])
        if "mathjax" in str(script.get("src", "")) or "window.MathJax" in (script.string or "")
    ]
    return "\n".join([*styles, f"<style>{STYLE}</style>", *scripts])


def numbers(pdf: Path) -> dict[str, int]:
    """The page on which each place is, counted from 1."""
    reader = PdfReader(pdf)
    return {
        name.removeprefix("/"): reader.get_destination_page_number(place) + 1
        for name, place in reader.named_destinations.items()
    }


def write(browser: Browser, html: Path, body: str, head: str, title: str, target: Path) -> None:
    """Print one HTML page, made of these parts, into a file."""
    file = html / PRINTED
    file.write_text(
        f'<!doctype html><html lang="en" data-theme="light" data-mode="light"><head>'
        f'<meta charset="utf-8"><title>{title}</title>{head}</head><body>{body}</body></html>',
        encoding="utf-8",
    )
    page = browser.new_page()
    try:
        page.goto(file.resolve().as_uri())
        page.evaluate(READY)
        page.pdf(
            path=target, prefer_css_page_size=True, print_background=True, outline=True, tagged=True
        )
    finally:
        page.close()
        file.unlink()


def print_book(html: Path, target: Path) -> int:
    """Print a built book; the number of its pages.

    Raises
    ------
    SystemExit
        If there is no built book, or a line of the contents has no page.
    """
    if not (html / "index.html").is_file():
        raise SystemExit(f"there is no built book in {html}; run: make book")
    parts = order(html)
    names = [name for name, _ in parts]
    articles = [article_of(html, name, set(names)) for name in names]
    lines = [
        line
        for article, (_, part) in zip(articles, parts, strict=True)
        for line in headings(article, part)
    ]
    title = lines[0].text
    first = f'<div class="printed-title"><h1>{title}</h1></div>'
    text = "".join(map(str, articles))
    head = head_of(html, names)
    with chromium() as browser:
        write(browser, html, first + contents(lines, {}) + text, head, title, target)
        write(browser, html, first + contents(lines, numbers(target)) + text, head, title, target)
    final = numbers(target)
    lost = [line.text for line in lines if line.depth and line.place not in final]
    if lost:
        raise SystemExit(f"these headings have no page in the PDF: {', '.join(lost)}")
    return len(PdfReader(target).pages)


def main() -> None:
    """Print the book that the command line names."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("html", nargs="?", type=Path, default=Path("_build/html"))
    parser.add_argument("-o", "--output", type=Path, default=Path("_build/flatten-or-filter.pdf"))
    wanted = parser.parse_args()
    count = print_book(wanted.html, wanted.output)
    print(f"{wanted.output}: {count} pages, {wanted.output.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
