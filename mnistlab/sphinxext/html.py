"""What the built pages need besides their text: MathJax of their own, and the banners."""

from __future__ import annotations

import importlib.util
import shutil
from pathlib import Path

from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.errors import ExtensionError

from mnistlab import __version__, runs, sources

PREVIEW = (
    "<strong>Preview.</strong> The networks of this copy were trained for one epoch only, "
    "so its numbers and curves are not the book's."
)

STAND_INS = (
    "<strong>Not MNIST.</strong> This copy uses <em>stand-ins</em>, "
    '<a href="stand-ins.html">digits that the package draws itself</a>, instead of MNIST. '
    "What it measures and shows is about stand-ins."
)

FOOTER = 'Release {}. <a href="changes.html">Changes and known errors</a>.'
"""Names the release on every page."""

MATHJAX_PACKAGE = "sphinx-mathjax-offline"
MATHJAX_PARTS = ("input/tex", "output/svg", "a11y/assistive-mml")
"""TeX to SVG, which needs no font files: browsers refuse those to a page opened from a folder.

With it, MathML that screen readers read. The menu of the usual bundle is left out: it is a sixth of
MathJax, and makes each formula a stop of the tab key."""

MATHJAX_FILES = (
    "startup.js",
    "core.js",
    *(f"{part}.js" for part in MATHJAX_PARTS),
    "output/svg/fonts/tex.js",
    "input/tex/extensions",
)
"""What the pages load, and what MathJax loads when a formula asks for it."""


def configure(app: Sphinx, config: Config) -> None:
    """Point the pages to their own MathJax, and say on each what is not as in the book."""
    config["mathjax_path"] = "mathjax/startup.js"
    config["mathjax3_config"] = {"loader": {"load": list(MATHJAX_PARTS)}}
    config["html_theme_options"]["extra_footer"] = FOOTER.format(__version__)
    banners = [STAND_INS] if sources.chosen() == "strokes" else []
    banners += [PREVIEW] if runs.preview() else []
    if banners:
        config["html_theme_options"]["announcement"] = "<br>".join(banners)


def copy_mathjax(app: Sphinx, exception: Exception | None) -> None:
    """Copy the parts of MathJax that the pages load into the built book."""
    if exception is not None or app.builder.format != "html":
        return
    target = Path(app.outdir) / "_static" / "mathjax"
    for name in MATHJAX_FILES:
        source = mathjax() / name
        if source.is_dir():
            shutil.copytree(source, target / name, dirs_exist_ok=True)
        else:
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target / name)


def mathjax() -> Path:
    """Folder of MathJax, from the installed package that ships it."""
    found = importlib.util.find_spec(MATHJAX_PACKAGE)
    if found is None or found.origin is None:
        raise ExtensionError(f"MathJax is not installed; run: pip install {MATHJAX_PACKAGE}")
    return Path(found.origin).parent / "static" / "mathjax"


def setup(app: Sphinx) -> None:
    """Connect to Sphinx."""
    app.connect("config-inited", configure)
    app.connect("build-finished", copy_mathjax)
