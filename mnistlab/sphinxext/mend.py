"""The last hand on every built page: what the theme gets wrong for screen readers, and a policy.

Sphinx renders pages through a template bridge. The one here hands each finished page to `mended`:

- markup that the theme or Sphinx writes and that breaks rules of WCAG or HTML is put right;
- the sections that checkers' reports name become links;
- punctuation stays on the line of the code or the formula that it touches;
- icons are drawings in the page, instead of a large script that draws them;
- scripts wait until the page is there; images and formulas have their place from the beginning;
- links to the glossary carry the definition of their term, which a script shows on hover and focus;
- a Content-Security-Policy in the head names the few scripts that may run, and lets no request leave.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any

from bs4 import BeautifulSoup, Tag
from sphinx.application import Sphinx
from sphinx.builders import Builder
from sphinx.config import Config
from sphinx.jinja2glue import BuiltinTemplateLoader

from mnistlab.check.report.mistakes import SECTIONS
from mnistlab.sphinxext import downloads
from mnistlab.sphinxext.formulas import formulas_with_places
from mnistlab.sphinxext.icons import draw_icons
from mnistlab.sphinxext.loading import (
    Images,
    Size,
    colours_at_once,
    images_with_sizes,
    scripts_later,
)
from mnistlab.sphinxext.marks import marks_with_their_words
from mnistlab.sphinxext.terms import Definitions

POLICY = (
    "default-src 'none'",
    # From a folder, browsers differ in whether 'self' is the folder; http can't reach file: at all.
    "img-src 'self' file: data:",
    "font-src 'self' file:",
    # MathJax and the theme set styles in scripts and attributes.
    "style-src 'self' file: 'unsafe-inline'",
    "base-uri 'none'",
    "form-action 'self' file:",
)
"""Everything but scripts. No connection, frame, plug-in or worker is allowed at all."""


READ = {str(one): f"{one.page}.html#{anchor}" for anchor, one in reversed(SECTIONS.items())}
"""Where a section is, by its name in reports. Where two have one name, the first of them."""


def mended(
    html: str,
    definitions: Definitions | Mapping[str, str] | None = None,
    last: str = "",
    size_of: Callable[[str], Size | None] = lambda source: None,
) -> str:
    """A whole page, put right.

    Parameters
    ----------
    html : str
        The page as rendered.
    definitions : mapping, optional
        Definition of each term of the glossary, by the name of its place, such as ``"term-batch"``.
    last : str
        HTML that comes last in the page's article.
    size_of : callable, optional
        Gives width and height in pixels of the image with an address, or ``None``.

    Returns
    -------
    str
    """
    page = BeautifulSoup(html, "html.parser")
    for mend in MENDS:
        mend(page)
    images_with_sizes(page, size_of)
    for link in page.select('article a[href*="#term-"]'):
        text = (definitions or {}).get(str(link["href"]).partition("#")[2])
        if text:
            link["data-definition"] = text
    article = page.select_one("article")
    if last and article is not None:
        article.append(BeautifulSoup(last, "html.parser"))
    add_policy(page)
    return str(page)


# ----- for screen readers


def lists_of_definitions(page: BeautifulSoup) -> None:
    """Parameters of a long signature are no definitions: Sphinx writes a ``dl`` without a ``dt``."""
    for list_ in page.find_all("dl"):
        if list_.find("dt", recursive=False) is None:
            list_.name, list_["class"] = "span", "sig-parameters"
            for item in list_.find_all("dd", recursive=False):
                item.name, item["class"] = "span", "sig-parameter"


def empty_headers(page: BeautifulSoup) -> None:
    """A header without a word heads nothing: the corner of a table is a plain cell."""
    for header in page.select("article th"):
        if not header.get_text(strip=True) and header.find("img") is None:
            header.name = "td"
            header.attrs.pop("scope", None)


def logo_in_a_landmark(page: BeautifulSoup) -> None:
    """The book's title in the sidebar belongs to its navigation."""
    for item in page.select(".sidebar-primary-item:has(> a.navbar-brand)"):
        item.name, item["aria-label"] = "nav", "Front page"


def buttons(page: BeautifulSoup) -> None:
    """A button is called what can be read on it; pictures on a button that has a name add nothing."""
    for button in page.select("button.search-button-field, summary[aria-label]"):
        button.attrs.pop("aria-label", None)
    for icon in page.select("button[aria-label] i[title]"):
        del icon["title"]
        icon["aria-hidden"] = "true"


def bibliography_roles(page: BeautifulSoup) -> None:
    """``doc-biblioentry`` is no longer a role; a list needs items."""
    for entry in page.select('[role="doc-biblioentry"], [role="doc-biblioref"]'):
        del entry["role"]
    for list_ in page.select('div[role="list"]'):
        for item in list_.find_all("div", recursive=False):
            item["role"] = "listitem"


def bibliography_labels(page: BeautifulSoup) -> None:
    """Citations name author and year: a label such as [AW19] before an entry is one that nothing uses."""
    for label in page.select(".citation > .label"):
        label.decompose()


def apostrophes_of_names(page: BeautifulSoup) -> None:
    """Sphinx sets apostrophes of the text, and leaves those that come from the bibliography straight."""
    for work in page.select("article :is(.citation, .bibtex-citation)"):
        for text in work.find_all(string=lambda text: "'" in text):
            text.replace_with(text.replace("'", "’"))
        for link in work.select("[title]"):
            link["title"] = str(link["title"]).replace("'", "’")


def links_of_reports(page: BeautifulSoup) -> None:
    """In the book, what a checker tells to read is one click away."""
    for text in page.select(".mnistlab-report dt:-soup-contains-own('read') + dd"):
        place = READ.get(text.get_text())
        if place is not None:
            link = page.new_tag("a", href=place)
            link.string = text.get_text()
            text.clear()
            text.append(link)


def repeated_ids(page: BeautifulSoup) -> None:
    """An id names one place: sphinx-exercise gives the same one to the body of every exercise."""
    for body in page.select('[id="exercise-content"], [id="solution-content"]'):
        del body["id"]


MENDS: tuple[Callable[[BeautifulSoup], None], ...] = (
    lists_of_definitions,
    empty_headers,
    logo_in_a_landmark,
    buttons,
    bibliography_roles,
    bibliography_labels,
    apostrophes_of_names,
    links_of_reports,
    repeated_ids,
    draw_icons,
    scripts_later,
    colours_at_once,
    formulas_with_places,
    marks_with_their_words,
)
"""What is done to every page, in this order."""


# ----- the policy


def add_policy(page: BeautifulSoup) -> None:
    """Put the policy first in the head: it rules what comes after it."""
    if page.head is None:
        return
    scripts = " ".join(dict.fromkeys(map(digest, inline_scripts(page))))
    content = "; ".join([*POLICY, f"script-src 'self' file: {scripts}".strip()])
    meta = page.new_tag("meta", attrs={"http-equiv": "Content-Security-Policy", "content": content})
    charset = page.head.find("meta", charset=True)
    if charset is None:
        page.head.insert(0, meta)
    else:
        charset.insert_after(meta)


def inline_scripts(page: BeautifulSoup) -> list[str]:
    """The scripts that stand in a page."""
    return [script.string or "" for script in page.find_all("script", src=False) if is_code(script)]


def is_code(script: Tag) -> bool:
    """Whether a browser runs it; data of other types it does not."""
    return script.get("type", "text/javascript") in ("", "text/javascript", "module")


def digest(script: str) -> str:
    """How a policy names a script that stands in the page."""
    found = hashlib.sha256(script.encode()).digest()
    return f"'sha256-{base64.b64encode(found).decode('ascii')}'"


# ----- in Sphinx


class MendingLoader(BuiltinTemplateLoader):
    """Sphinx's own template bridge, and `mended` after it."""

    def init(self, builder: Builder, *args: Any, **kwargs: Any) -> None:
        """Remember the builder: the glossary is known when all pages are read."""
        super().init(builder, *args, **kwargs)
        self._app = builder.app
        self._definitions = Definitions(builder)
        self._images = Images(builder)

    def render(self, template: str, context: dict[str, Any]) -> str:  # type: ignore[override]
        """Render; what is a whole page is mended."""
        html = super().render(template, context)
        if "</html>" not in html:
            return html  # a part of a page
        files = downloads.links(self._app, context.get("pagename", ""))
        return mended(html, self._definitions, files, self._images.size_of)


def configure(app: Sphinx, config: Config) -> None:
    """Take the place of Sphinx's template bridge."""
    config["template_bridge"] = f"{__name__}.{MendingLoader.__name__}"


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("config-inited", configure)
