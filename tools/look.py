"""Take pictures of built pages, for authors: light, dark and on a phone, each page whole.

    python tools/look.py _build/html/networks.html -o pictures
    python tools/look.py _build/html/*.html --theme dark --width 375

Needs the extra ``[browser]`` and an installed Chromium or Chrome.
"""

from __future__ import annotations

import argparse
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

WIDTHS = {"wide": 1280, "phone": 375}
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def executable() -> str | None:
    """Path of an installed Chromium or Chrome."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def chromium() -> Iterator[Browser]:
    """The installed browser, started without a window."""
    path = executable()
    if path is None:
        raise SystemExit(f"no browser: expected one of {', '.join(BROWSERS)} on the PATH")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, file: Path, width: int, theme: str) -> Iterator[Page]:
    """A built page in a window of the given width, with its formulas set."""
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme=theme,
        device_scale_factor=1,
        bypass_csp=True,  # to wait for a condition, Playwright evaluates text
    )
    page = context.new_page()
    page.goto(file.resolve().as_uri())
    page.wait_for_function("!window.MathJax || window.MathJax.startup?.promise !== undefined")
    page.evaluate("window.MathJax ? window.MathJax.startup.promise.then(() => true) : true")
    yield page
    context.close()


def arguments() -> argparse.Namespace:
    """What the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("pages", nargs="+", type=Path, help="built HTML pages")
    parser.add_argument("-o", "--output", type=Path, default=Path("pictures"))
    parser.add_argument("--theme", choices=["light", "dark"], action="append")
    parser.add_argument("--width", type=int, action="append", help="in pixels; default: 1280, 375")
    return parser.parse_args()


def main() -> None:
    """Write one PNG per page, width and theme."""
    wanted = arguments()
    wanted.output.mkdir(parents=True, exist_ok=True)
    with chromium() as browser:
        for file in wanted.pages:
            for width in wanted.width or WIDTHS.values():
                for theme in wanted.theme or ["light", "dark"]:
                    picture = wanted.output / f"{file.stem}-{width}-{theme}.png"
                    with opened(browser, file, width, theme) as page:
                        page.screenshot(path=picture, full_page=True)
                    print(picture)


if __name__ == "__main__":
    main()
