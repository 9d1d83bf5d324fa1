"""The theme's icons as drawings in the page, instead of one and a half megabytes of script.

The theme loads the whole of Font Awesome to draw nine icons. Here the drawings of those that a page
has are taken from that script, and the script is left out of the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pydata_sphinx_theme
from bs4 import BeautifulSoup, Tag

SCRIPT = "scripts/fontawesome.js"
"""Below the static files of the theme."""

KINDS = {"fa-solid": -1, "fas": -1, "fa-regular": 0, "far": 0, "fa-brands": 0, "fab": 0}
"""Classes that mark an icon, and which of the script's drawings of that name it is: last or first."""

SIZES = re.compile(r"fa-(lg|xs|sm|\d?xl|\d+x|fw|spin|pulse)")
"""Classes that do not name an icon."""


@dataclass(frozen=True)
class Icon:
    """A drawing: its size, and its outline as SVG has it."""

    width: int
    height: int
    outline: str


@cache
def script() -> str:
    """The theme's script with all drawings; empty if this release of the theme has none."""
    theme = Path(pydata_sphinx_theme.__file__).parent / "theme" / "pydata_sphinx_theme" / "static"
    file = theme / SCRIPT
    return file.read_text(encoding="utf-8") if file.is_file() else ""


@cache
def find(name: str, which: int) -> Icon | None:
    """The drawing of an icon such as ``"sun"``; ``None`` if the script has none of that name."""
    pattern = rf"""[{{,]"?{re.escape(name)}"?:\[(\d+),(\d+),\[[^\]]*\],"[0-9a-f]+","([^"]+)"\]"""
    found = re.findall(pattern, script())
    if not found:
        return None
    width, height, outline = found[which]
    return Icon(int(width), int(height), outline)


def icon_of(element: Tag) -> Icon | None:
    """The drawing that an element asks for by its classes."""
    classes = element.get_attribute_list("class")
    [kind, *_] = [one for one in classes if one in KINDS]
    names = [one for one in classes if one.startswith("fa-") and one not in KINDS]
    names = [one.removeprefix("fa-") for one in names if not SIZES.fullmatch(one)]
    return find(names[0], KINDS[kind]) if names else None


def draw_icons(page: BeautifulSoup) -> None:
    """Put the drawings into a page, and leave the script out; nothing is done if one is not found."""
    elements = page.select(", ".join(f"i.{kind}, span.{kind}" for kind in KINDS))
    icons = [icon_of(element) for element in elements]
    if None in icons:
        return
    for element, icon in zip(elements, icons, strict=True):
        assert icon is not None
        outline = page.new_tag("path", attrs={"fill": "currentColor", "d": icon.outline})
        classes = [one for one in element.get_attribute_list("class") if one not in KINDS]
        element.name = "svg"
        element.clear()
        element.append(outline)
        element["class"] = " ".join(["svg-inline--fa", *classes])
        element["viewBox"] = f"0 0 {icon.width} {icon.height}"
        element["aria-hidden"], element["focusable"] = "true", "false"
    for loaded in page.select('script[src*="fontawesome.js"]'):
        loaded.decompose()
