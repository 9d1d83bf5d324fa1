"""How heavy the pages are, how soon something is seen, and whether it then jumps: over real HTTP."""

from __future__ import annotations

import gzip
import http.server
import threading
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from browsing import DESK, FORMULAS_ARE_SET, PHONE

if TYPE_CHECKING:
    from playwright import sync_api

pytestmark = pytest.mark.browser

HEAVIEST = 1_000_000
PLAYGROUND = 2_000_000
"""Bytes that come over the wire for a page, all of its files together, once it has been read to its
end; the playground brings its networks."""

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = sorted(page.stem for page in (REPOSITORY / "book").glob("*.md"))

LARGEST_SHIFT = 0.1
"""Cumulative layout shift. Up to 0.1 counts as good."""

OFF = {"width": 8, "height": 20}
"""Pixels by which the place that is kept for a formula may differ from what it takes."""

SLOWER = 4
"""By how much the processor is throttled."""

FIRST_PAINT = 1000 / SLOWER
"""Milliseconds of processor time in which a page must have got to its first contentful paint: with a
processor that is throttled they are a second, and unlike that second they are no longer on a machine
that has much else to do."""

TRIES = 3
"""Of so many the quickest counts: what shares the processor's caches takes some of its time too."""

TRACED = {"includedCategories": ["toplevel", "loading"]}

PACKED = (".html", ".js", ".css", ".svg", ".json", ".txt")

WATCH = """() => {
  window.shifts = 0;
  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifts += entry.value;
  }).observe({type: "layout-shift", buffered: true});
}"""

READ = """async () => {
  document.querySelectorAll('details').forEach((e) => { e.open = true; });
  for (let y = 0; y < document.body.scrollHeight; y += innerHeight) {
    scrollTo(0, y);
    await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  }
}"""
"""Unfold and scroll to the end, so that images come which are loaded when they are seen."""

PLACES = """() => {
  const found = [];
  for (const formula of document.querySelectorAll('.bd-article .math[style]')) {
    const side = formula.tagName === 'SPAN' ? 'width' : 'height';
    const size = () => formula.getBoundingClientRect()[side];
    const set = formula.querySelector('mjx-container');
    const after = size();
    set.remove();
    const before = size();
    formula.append(set);
    if (after) found.push([before - after, side, set.textContent]);  // else it is folded
  }
  return found;
}"""
"""How much larger the place kept for each formula is than the formula: its width in a line, else its height."""

PAINTED = """() => performance.getEntriesByName("first-contentful-paint").length > 0"""

MEASURE = """() => ({
  shift: window.shifts,
  paint: performance.getEntriesByName("first-contentful-paint")[0].startTime,
})"""


class Host(http.server.SimpleHTTPRequestHandler):
    """A host of static pages as they are in use: text is packed, and bytes are counted."""

    sent: int

    def send_head(self) -> Any:
        """Answer with the file, packed where it is text."""
        path = Path(self.translate_path(self.path))
        if not path.is_file():
            return super().send_head()
        body = path.read_bytes()
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        if path.suffix in PACKED:
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.server.sent += len(body)
        self.wfile.write(body)
        return None

    def log_message(self, *arguments: object) -> None:
        """Nothing: the tests print nothing."""


@pytest.fixture
def host() -> Iterator[Callable[[Path], http.server.ThreadingHTTPServer]]:
    """A function that serves a folder on a free port of this machine."""
    servers = []

    def serve(folder: Path) -> http.server.ThreadingHTTPServer:
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), partial(Host, directory=str(folder))
        )
        server.sent = 0
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return server

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def visited(
    browser: sync_api.Browser, server: http.server.ThreadingHTTPServer, name: str, screen: dict
) -> dict[str, float]:
    """Bytes of a page with an empty cache, its first paint in ms and its layout shift."""
    context = browser.new_context(**screen)
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    page.add_init_script(f"({WATCH})()")
    server.sent = 0
    page.goto(f"http://127.0.0.1:{server.server_address[1]}/{name}", wait_until="networkidle")
    page.wait_for_function(PAINTED)
    page.evaluate(FORMULAS_ARE_SET)
    page.wait_for_timeout(500)
    measured = page.evaluate(MEASURE)
    session.send("Emulation.setCPUThrottlingRate", {"rate": 1})  # bytes are counted, time is not
    page.evaluate(READ)
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(200)
    context.close()
    return {**measured, "bytes": server.sent}


def spent_until_paint(
    browser: sync_api.Browser, server: http.server.ThreadingHTTPServer, name: str
) -> float:
    """Milliseconds that a page's main thread has computed when something is first seen."""
    context = browser.new_context(**PHONE)
    page = context.new_page()
    session = context.new_cdp_session(page)
    events, ended = [], []
    session.on("Tracing.dataCollected", lambda data: events.extend(data["value"]))
    session.on("Tracing.tracingComplete", lambda data: ended.append(data))
    session.send("Tracing.start", {"traceConfig": TRACED, "transferMode": "ReportEvents"})
    page.goto(f"http://127.0.0.1:{server.server_address[1]}/{name}")
    page.wait_for_function(PAINTED)
    session.send("Tracing.end")
    while not ended:
        page.wait_for_timeout(20)
    context.close()
    paint = next(event for event in events if event["name"] == "firstContentfulPaint")
    thread = paint["pid"], paint["tid"]
    return sum(
        event.get("tdur", 0) / 1000
        for event in events
        if event["name"].endswith("RunTask")
        and (event["pid"], event["tid"]) == thread
        and event["ts"] <= paint["ts"]
    )


def slow_pages(
    browser: sync_api.Browser, server: http.server.ThreadingHTTPServer, names: list[str]
) -> dict[str, float]:
    """Pages that compute for too long before something is seen, and for how long at least."""
    found = {}
    for name in names:
        spent = []
        while len(spent) < TRIES and min(spent, default=FIRST_PAINT) >= FIRST_PAINT:
            spent.append(spent_until_paint(browser, server, name))
        print(name, f"first paint after {min(spent):.0f} ms of processor time")
        if min(spent) >= FIRST_PAINT:
            found[name] = min(spent)
    return found


LATE = """<!doctype html><title>x</title><script src="mathjax.js" type="text/plain"></script>
<script>addEventListener('load', () => { window.MathJax = {startup: {promise: 1}}; });</script>
<img src="late.png">"""


def test_formulas_are_waited_for_before_mathjax_has_begun(
    browser: sync_api.Browser, host: Callable[[Path], Any], tmp_path: Path
) -> None:
    (tmp_path / "index.html").write_text(LATE)
    context = browser.new_context()
    page = context.new_page()
    held = []
    page.route("**/late.png", lambda route: held.append(route))
    address = f"http://127.0.0.1:{host(tmp_path).server_address[1]}/index.html"
    page.goto(address, wait_until="domcontentloaded")
    page.evaluate(f"() => {{ window.outcome = ({FORMULAS_ARE_SET})().then(() => 'set', String); }}")
    held[0].abort()
    assert page.evaluate("window.outcome") == "set"
    context.close()


HOLDS_UP = "<!doctype html><title>x</title><script>let s = 0; {work}</script><p>Text.</p>"


def test_a_script_that_holds_up_the_first_paint_is_noticed(
    browser: sync_api.Browser, host: Callable[[Path], Any], tmp_path: Path
) -> None:
    work = "for (let i = 0; i < 1e9; i++) s += i % 7;"
    (tmp_path / "slow.html").write_text(HOLDS_UP.format(work=work))
    (tmp_path / "quick.html").write_text(HOLDS_UP.format(work=""))
    assert list(slow_pages(browser, host(tmp_path), ["slow.html", "quick.html"])) == ["slow.html"]


@pytest.mark.book
def test_built_pages_are_seen_within_a_second_on_a_slow_processor(
    browser: sync_api.Browser, host: Callable[[Path], Any], book_html: Path
) -> None:
    assert slow_pages(browser, host(book_html), [f"{name}.html" for name in PAGES]) == {}


@pytest.mark.book
def test_a_link_into_a_page_that_is_laid_out_later_leads_there(
    open_page: Callable[..., Any], book_html: Path
) -> None:
    name = "mnistlab.training.evaluate"
    page = open_page(book_html / "api.html", PHONE, f"#{name}").page
    page.wait_for_timeout(500)
    top = page.evaluate("(name) => document.getElementById(name).getBoundingClientRect().top", name)
    assert 0 <= top < PHONE["viewport"]["height"]


JUMPS = """<!doctype html><html lang="en"><title>x</title><p id="late"></p>"""
JUMPS += (
    "<p>A line of text that goes across.</p>" * 60
    + """
<script>
const jump = () => document.getElementById("late").style.height = "850px";
new PerformanceObserver(() => setTimeout(jump, 100)).observe({type: "paint", buffered: true});
</script>"""
)


def test_a_planted_jump_and_a_heavy_file_are_noticed(
    browser: sync_api.Browser, host: Callable[[Path], Any], tmp_path: Path
) -> None:
    (tmp_path / "jumps.html").write_text(JUMPS)
    (tmp_path / "still.html").write_text(JUMPS.replace("850px", "0px") + "<img src='i.png'>")
    (tmp_path / "i.png").write_bytes(bytes(HEAVIEST))
    server = host(tmp_path)
    jumps = visited(browser, server, "jumps.html", DESK)
    still = visited(browser, server, "still.html", DESK)
    assert jumps["shift"] > LARGEST_SHIFT > still["shift"]
    assert still["bytes"] > HEAVIEST > jumps["bytes"] > 0


@pytest.mark.book
def test_built_pages_are_light_and_do_not_jump(
    browser: sync_api.Browser,
    host: Callable[[Path], Any],
    book_html: Path,
) -> None:
    server = host(book_html)
    faults = []
    for name in PAGES:
        limit = PLAYGROUND if name == "playground" else HEAVIEST
        seen = visited(browser, server, f"{name}.html", PHONE)
        print(name, *(f"{key} {value:.5g}" for key, value in seen.items()))
        if seen["bytes"] > limit:
            faults.append(f"{name}: {seen['bytes']} bytes; expected at most {limit}")
        if seen["shift"] > LARGEST_SHIFT:
            faults.append(f"{name}: shift {seen['shift']:.2f}")
    assert not faults, "\n".join(faults)


def formulas_out_of_place(page: sync_api.Page) -> list[str]:
    """Formulas in a line whose place was kept too narrow or wide, others too low or high."""
    return [
        f"{text}: {side} {larger:+.0f} px"
        for larger, side, text in page.evaluate(PLACES)
        if abs(larger) > OFF[side]
    ]


@pytest.mark.book
def test_the_place_of_a_formula_is_kept(open_page: Callable[..., Any], book_html: Path) -> None:
    page = open_page(book_html / "flatten.html", PHONE).page
    assert formulas_out_of_place(page) == []
    page.evaluate("document.querySelector('span.math').style = '--formula-width: 40px'")
    page.evaluate("document.querySelector('div.math').style = '--formula-height: 150px'")
    assert len(formulas_out_of_place(page)) == 2
