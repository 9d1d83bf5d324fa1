"""What a page loads, and when: seen soon, light, and nothing that moves once it is seen.

- Scripts wait until the page is there; those for a search are left to the page of the search.
- Colours are there from the beginning: the theme's own script sets them after the page is seen, and
  not at all where there is no JavaScript.
- Images say how large they are, so that their place is there before they are; and only the drawing
  that suits the screen is loaded, not the wide one and the narrow one.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePosixPath
from urllib.parse import unquote

import imagesize
from bs4 import BeautifulSoup
from sphinx.builders import Builder

OPTIONS = "documentation_options.js"
"""Small, and the scripts that stand in a page rest on it: the one script that does not wait."""

SEARCH = ("searchtools.js", "language_data.js", "searchindex.js")
"""The theme links them in every page, for a search as one types; the book has that switched off."""

SCHEME = """
    if (document.documentElement.dataset.theme === "auto") {
      const dark = matchMedia("(prefers-color-scheme: dark)").matches;
      document.documentElement.dataset.theme = dark ? "dark" : "light";
    }
  """
"""What the theme's script does later. All colours and borders rest on it."""

Size = tuple[int, int]


def scripts_later(page: BeautifulSoup) -> None:
    """Let no script hold up the first sight of a page; leave out what only the search needs."""
    if page.select_one("#search-results") is not None:
        return  # scripts that stand in it rest on those before them
    for script in page.select("head script[src]"):
        name = PurePosixPath(str(script["src"]).partition("?")[0]).name
        if name in SEARCH:
            script.decompose()
        elif name != OPTIONS:
            script["defer"] = ""


def colours_at_once(page: BeautifulSoup) -> None:
    """Choose the light or the dark scheme before anything is seen; without JavaScript, the light one."""
    chooses = page.select_one("head > script[data-cfasync]")
    if chooses is None or page.html is None:
        return
    page.html["data-theme"] = "light"
    script = page.new_tag("script")
    script.string = SCHEME
    chooses.insert_after(script)


def images_with_sizes(page: BeautifulSoup, size_of: Callable[[str], Size | None]) -> None:
    """Give images their size in pixels, and let a browser load only those that are seen."""
    for image in page.select("article img[src]"):
        size = size_of(str(image["src"]))
        if size is not None and not image.has_attr("width") and not image.has_attr("height"):
            image["width"], image["height"] = map(str, size)
            image["loading"] = "lazy"


class Images:
    """The sizes of a book's images, by the name that they have in its pages."""

    def __init__(self, builder: Builder) -> None:
        self._builder = builder

    def size_of(self, source: str) -> Size | None:
        """Width and height in pixels; ``None`` if it is no image of the book, or has no size."""
        name = PurePosixPath(unquote(source)).name
        for file, written in self._builder.images.items():
            if written == name:
                width, height = imagesize.get(Path(self._builder.srcdir) / file)
                return (round(width), round(height)) if min(width, height) > 0 else None
        return None
