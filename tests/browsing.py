"""Pages in Chromium, opened from the folder as a reader opens them, without a network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from playwright import sync_api

PHONE = {"viewport": {"width": 375, "height": 667}, "device_scale_factor": 2}
DESK = {"viewport": {"width": 1280, "height": 900}, "device_scale_factor": 1}

FORMULAS_ARE_SET = """async () => {
  if (document.readyState !== 'complete') await new Promise((go) => addEventListener('load', go));
  if (document.querySelector('script[src*="mathjax"]')) await window.MathJax.startup.promise;
}"""


@dataclass
class Opened:
    """A page, and what went wrong while it was opened."""

    page: sync_api.Page
    console: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[sync_api.Browser]:
    """Chromium without a window."""
    sync_api = pytest.importorskip("playwright.sync_api", reason="extra [browser] is not installed")
    with sync_api.sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield started
        started.close()


@pytest.fixture
def open_page(browser: sync_api.Browser) -> Iterator[Callable[..., Opened]]:
    """A function that opens a page from the disk on a screen."""
    contexts = []

    def open_file(file: Path, screen: dict, query: str = "") -> Opened:
        contexts.append(browser.new_context(**screen, offline=True))
        opened = Opened(contexts[-1].new_page())
        watch(opened)
        opened.page.goto(file.resolve().as_uri() + query)
        if screen.get("java_script_enabled", True):
            opened.page.evaluate(FORMULAS_ARE_SET)
        return opened

    yield open_file
    for context in contexts:
        context.close()


def watch(opened: Opened) -> None:
    """Note errors on the console, and requests that fail or leave the disk."""

    def message(said: sync_api.ConsoleMessage) -> None:
        if said.type == "error":
            opened.console.append(said.text)

    def request(asked: sync_api.Request) -> None:
        if not asked.url.startswith(("file:", "data:", "blob:")):
            opened.requests.append(f"leaves the disk: {asked.url}")

    opened.page.on("console", message)
    opened.page.on("pageerror", lambda error: opened.console.append(str(error)))
    opened.page.on("request", request)
    opened.page.on("requestfailed", lambda one: opened.requests.append(f"failed: {one.url}"))
