"""The playground in Chromium: its JavaScript against Python and PyTorch, and a reader's hands.

Most tests need no built book: a page that has nothing but the playground, with the recorded networks
and stand-ins. Those at the end look at the page as built, with its own networks.
"""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from browsing import DESK, PHONE, Opened
from test_playground import PERMUTATION, drawings, images_and_targets, pairs

from mnistlab import playground, runs
from mnistlab.playground import packing, pen

if TYPE_CHECKING:
    from playwright import sync_api

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = REPOSITORY / "book" / "scripts"

PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>x</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="playground.css">
<style>body {{ margin: 0; height: 3000px }}</style>
<div id="playground-pad"></div><div id="pg-compare"></div>
{scripts}</html>"""


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a page that is all playground."""
    there = tmp_path_factory.mktemp("playground")
    for file in SCRIPTS.iterdir():
        (there / file.name).write_bytes(file.read_bytes())
    packed = playground.pack(pairs(), *images_and_targets(240))
    (there / "playground-data.js").write_text(playground.script(packed))
    names = ("pen.js", "network.js", "playground-data.js", "playground.js")
    scripts = "\n".join(f'<script defer src="{name}"></script>' for name in names)
    (there / "playground.html").write_text(PAGE.format(scripts=scripts))
    return there


@pytest.fixture
def opened(open_page: Callable[..., Opened], folder: Path) -> Opened:
    """That page, on a desk."""
    return open_page(folder / "playground.html", DESK)


# ----- JavaScript against Python

PREPARE = """(all) => all.map((one) => [asDrawn(one), asMnist(one)].map((i) => Array.from(i)))"""


def differing(opened: Opened) -> int:
    """How many of the stand-ins' drawings JavaScript and Python do not make the same bytes of."""
    drawn = [one for size in (3.0, 18.0, 26.5) for _, one in drawings(size)]
    drawn += [[], [[(3.25, 4.0)]], [[(0.0, 0.0), (28.0, 28.0)], [(5.0, 5.0), (5.0, 5.0)]]]
    theirs = opened.page.evaluate(PREPARE, drawn)
    ours = [[f(one).ravel().tolist() for f in (pen.as_drawn, pen.as_mnist)] for one in drawn]
    assert len(ours) > 400
    return sum(a != b for a, b in zip(theirs, ours, strict=True))


def test_javascript_and_python_make_the_same_images(opened: Opened) -> None:
    assert differing(opened) == 0


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("RADIUS = 1.4", "RADIUS = 1.41"),
        ("MIDDLE - row, MIDDLE - column", "MIDDLE - row, MIDDLE - column + 1"),
        ("+ 0.5) / SAMPLES - ay", "+ 0.4) / SAMPLES - ay"),
        ("2 * sum + mass", "2 * sum"),
    ],
)
def test_a_planted_difference_of_the_pens_is_found(
    open_page: Callable[..., Opened], folder: Path, tmp_path: Path, right: str, wrong: str
) -> None:
    text = (SCRIPTS / "pen.js").read_text()
    assert right in text
    (tmp_path / "pen.js").write_text(text.replace(right, wrong))
    (tmp_path / "page.html").write_text('<script src="pen.js"></script>')
    assert differing(open_page(tmp_path / "page.html", DESK)) > 0


LOGITS = """(images) => Object.values(PLAYGROUND.pairs).flatMap(({ permutation, networks }) =>
  Object.values(networks).map((network) => {
    const layers = network.map(unpacked);
    const seen = (pixels) => permutation ? permuted(pixels, permutation) : pixels;
    return images.map((image) => Array.from(answer(layers, seen(bytesOf(image))).logits));
  }))"""


def logits_apart(opened: Opened) -> list[tuple[float, int]]:
    """For each network the largest difference of a logit to PyTorch, and how many classes differ."""
    images, _ = images_and_targets(200)
    texts = [base64.b64encode(image.numpy().tobytes()).decode() for image in images]
    found = []
    finished = [one for pair in pairs().values() for one in pair]
    for one, theirs in zip(finished, opened.page.evaluate(LOGITS, texts), strict=True):
        shuffled = one.specification.permutation is not None
        pixels = runs.permuted(images, PERMUTATION) if shuffled else images
        with torch.no_grad():
            ours = one.network(pixels[:, None] / 255)
        theirs = torch.tensor(theirs)
        other = (theirs.argmax(dim=1) != ours.argmax(dim=1)).sum().item()
        found.append(((theirs - ours).abs().max().item(), other))
    return found


def test_logits_are_those_of_pytorch(opened: Opened) -> None:
    for apart, other_classes in logits_apart(opened):
        assert apart < 1e-3
        assert other_classes == 0


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("sums[q + 3] += d", "sums[q + 3] += c"),
        ("pixel / 255", "pixel / 256"),
        ("-Infinity", "0"),
        ("getInt16(2 * i, true)", "getInt16(2 * i, false)"),
        ("(from) => pixels[from]", "(from) => pixels[783 - from]"),
    ],
)
def test_a_planted_fault_of_the_forward_pass_is_found(
    open_page: Callable[..., Opened], folder: Path, tmp_path: Path, right: str, wrong: str
) -> None:
    text = (SCRIPTS / "network.js").read_text()
    assert right in text
    (tmp_path / "network.js").write_text(text.replace(right, wrong))
    (tmp_path / "data.js").write_bytes((folder / "playground-data.js").read_bytes())
    page = '<script src="network.js"></script><script src="data.js"></script>'
    (tmp_path / "page.html").write_text(page)
    assert max(apart for apart, _ in logits_apart(open_page(tmp_path / "page.html", DESK))) > 1e-3


def test_the_page_compares_itself_with_pytorch(opened: Opened) -> None:
    opened.page.click("#pg-compare button")
    result = opened.page.locator("#pg-compare p")
    opened.page.locator("#pg-compare p", has_text="ms for an image.").wait_for()
    count = len(json_of(opened, "PLAYGROUND.images.indices"))
    assert result.inner_text().count(f"same class on {count} of {count}") == 4
    assert result.inner_text().count("pixels shuffled: ") == 2


def json_of(opened: Opened, expression: str) -> list:
    """What an expression has for a value in the page."""
    return json.loads(opened.page.evaluate(f"JSON.stringify({expression})"))


# ----- what the page opens with


def example(opened: Opened) -> np.ndarray:
    """The image that the page's data name as the example, 28 × 28, read by Python."""
    images = json_of(opened, "PLAYGROUND.images")
    pixels = np.frombuffer(base64.b64decode(images["pixels"]), dtype="u1")
    return pixels.reshape(-1, 28, 28)[images["example"]]


def is_the_example(opened: Opened) -> bool:
    """Whether pad and networks show the example, and the line below the pad says what a stroke does."""
    expected = example(opened) > 128
    shown = [(seen(opened, canvas) == expected).all() for canvas in (".pg-paper", ".pg-image")]
    return all(shown) and hint(opened).endswith(" Draw to replace it.")


def hint(opened: Opened) -> str:
    """The line below the pad."""
    return opened.page.locator("#pg-hint").inner_text()


SAID = """() => {
  const line = document.querySelector('.pg-words');
  window.said = [];
  new MutationObserver(() => {
    if (line.getAttribute('aria-live') !== 'off') said.push(line.textContent);
  }).observe(line, { childList: true, characterData: true, subtree: true });
}"""
"""Notes from now on what a screen reader would say: changes of a line that is live."""

FROM_THE_START = """
window.opening = { words: null, shifted: 0, focused: [], live: [] };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) opening.shifted += entry.value;
}).observe({ type: 'layout-shift', buffered: true });
document.addEventListener('focusin', (event) => opening.focused.push(event.target.tagName));
new MutationObserver((changes) => {
  if (document.querySelector('.pg-number')?.textContent)
    opening.words ??= document.querySelector('.pg-words').textContent;
  for (const { target } of changes) {
    const region = (target.closest ? target : target.parentElement)
      ?.closest('[role=status], [role=alert], [role=log], [aria-live]');
    if (region && region.getAttribute('aria-live') !== 'off') opening.live.push(region.textContent);
  }
}).observe(document, { childList: true, characterData: true, subtree: true });
"""
"""Notes, before anything of the page is there, what the line of words holds when the table is
first filled, what moves, what gets the focus and what is said."""


def opening_faults(browser: sync_api.Browser, page_file: Path, screen: dict) -> list[str]:
    """What is wrong with the first screen, before a reader has done anything."""
    with browser.new_context(**screen, offline=True) as context:
        opened = Opened(context.new_page())
        opened.page.add_init_script(FROM_THE_START)
        opened.page.goto(page_file.resolve().as_uri())
        opened.page.wait_for_function("document.readyState === 'complete'")
        opened.page.wait_for_timeout(1000)
        of = opened.page.evaluate
        bottom = (
            "(s) => document.querySelector('#playground-pad ' + s).getBoundingClientRect().bottom"
        )
        best = of(
            """() => ['fully_connected', 'convolutional'].map((name) =>
              [...document.querySelectorAll(`tbody .pg-${name}`)].findIndex((cell) =>
                cell.classList.contains('pg-first') && cell.querySelector('.pg-number').textContent))"""
        )
        height = screen["viewport"]["height"]
        last = ".pg-words" if screen is DESK else "[data-do=clear]"
        faults = {
            "the example is not on the pad": not is_the_example(opened),
            "not both answer": -1 in best or not (of("opening.words") or "").startswith("MLP: "),
            "they do not fit on the first screen": of(bottom, last) > height
            or of(bottom, ".pg-words") > height
            or (screen is DESK and of(bottom, "table") > height),
            "something is said": of("opening.live") != [],
            "something has the focus": of("opening.focused") != [],
            "something has moved": of("opening.shifted") > 0.001,
            "the time comes before the answers": of(bottom, ".pg-time") < of(bottom, ".pg-words"),
        }
    return [fault for fault, found in faults.items() if found]


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_the_page_opens_with_a_digit_and_both_answers(
    browser: sync_api.Browser, folder: Path, screen: dict
) -> None:
    assert opening_faults(browser, folder / "playground.html", screen) == []


@pytest.mark.parametrize(
    ("file", "right", "wrong", "screen", "fault"),
    [
        (
            "playground.js",
            "startFrom(testImage(example), [], nameOf(example), true);",
            "changed();",
            DESK,
            "the example is not on the pad",
        ),
        (
            "playground.js",
            "startFrom(testImage(example), [], nameOf(example), true);",
            "startFrom(testImage(example), [], nameOf(example));",
            DESK,
            "the example is not on the pad",
        ),
        (
            "playground.js",
            "if (!line.textContent) line.textContent = words;",
            "",
            PHONE,
            "not both answer",
        ),
        ("playground.js", "fillTable(probabilities, blank);", "", DESK, "not both answer"),
        ("playground.js", ' aria-live="off"', "", DESK, "something is said"),
        (
            "playground.js",
            "new ResizeObserver(",
            "pad.focus();\n  new ResizeObserver(",
            DESK,
            "something has the focus",
        ),
        (
            "playground.css",
            ".pg-words { order: -4;",
            ".pg-words { order: 1;",
            PHONE,
            "they do not fit on the first screen",
        ),
        (
            "playground.css",
            '"pad answers" 1fr "start answers" auto',
            '"start start" auto "answers answers" auto',
            DESK,
            "they do not fit on the first screen",
        ),
        (
            "playground.js",
            "new ResizeObserver(",
            "setTimeout(() => { root.style.paddingTop = '3rem'; }, 300);\n  new ResizeObserver(",
            PHONE,
            "something has moved",
        ),
        (
            "playground.js",
            '<p class="pg-words"',
            '<p class="pg-time"></p><p class="pg-words"',
            DESK,
            "the time comes before the answers",
        ),
    ],
)
def test_planted_faults_of_the_opening_are_found(
    browser: sync_api.Browser,
    folder: Path,
    tmp_path: Path,
    file: str,
    right: str,
    wrong: str,
    screen: dict,
    fault: str,
) -> None:
    changed = planted(folder, tmp_path, file, right, wrong)
    assert fault in opening_faults(browser, changed / "playground.html", screen)


def planted(folder: Path, tmp_path: Path, file: str, right: str, wrong: str) -> Path:
    """A copy of the folder with a fault."""
    changed = shutil.copytree(folder, tmp_path / "changed")
    text = (changed / file).read_text()
    assert text.count(right) == 1
    (changed / file).write_text(text.replace(right, wrong))
    return changed


def first_stroke_faults(opened: Opened) -> list[str]:
    """What is wrong when a reader moves the example, draws, takes that back, and clears."""
    opened.page.evaluate(SAID)
    opened.page.click(".pg-moves [aria-label=down]")
    draw(opened, [(5, 25), (20, 25)])
    ink = seen(opened, ".pg-paper")
    replaced, enabled = hint(opened), opened.page.locator("input[value=drawn]").is_enabled()
    moved = opened.page.locator(".pg-moved").inner_text()
    said = opened.page.evaluate("said")
    draw(opened, [(5, 20), (20, 20)])
    both = seen(opened, ".pg-paper")
    opened.page.click("[data-do=undo]")
    opened.page.click("[data-do=undo]")
    settle(opened)
    back = is_the_example(opened)
    opened.page.click("[data-do=clear]")
    settle(opened)
    faults = {
        "the digit is still under the stroke": ink[:22].any() or not ink[25, 5:20].all(),
        "what the example was moved by moves the drawing": moved != "",
        "the recipe can't be chosen for the drawing": not enabled,
        "the line still speaks of the example": replaced != "",
        "no screen reader says the new answer": said == [] or "MLP: " not in said[-1],
        "the second stroke takes the first away": not (
            both[25, 5:20].all() and both[20, 5:20].all()
        ),
        "undo does not bring the example back": not back,
        "clear does not empty the pad": words(opened) != "No ink yet."
        or seen(opened, ".pg-paper").any()
        or hint(opened) != "Draw a digit.",
    }
    return [fault for fault, found in faults.items() if found]


def test_the_first_stroke_replaces_the_example(opened: Opened) -> None:
    settle(opened)
    assert first_stroke_faults(opened) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        ("if (state.example) {", "if (false) {", "the digit is still under the stroke"),
        (
            "state.taken = { base, named };",
            "state.taken = { base, named }; state.down = 1;",
            "what the example was moved by moves the drawing",
        ),
        ("state.taken = { base, named };", "", "undo does not bring the example back"),
        (
            "const { base, named } = state;\n      startFrom(null, []);",
            "const { base, named } = state;\n      startFrom(null, [], '', true);",
            "the second stroke takes the first away",
        ),
        ('if (state.strokes.length) return "";', "", "the line still speaks of the example"),
        (
            'line.setAttribute("aria-live", "polite");',
            "",
            "no screen reader says the new answer",
        ),
        (
            "clear: () => startFrom(null, []),",
            "clear: () => startFrom(testImage(0), []),",
            "clear does not empty the pad",
        ),
        ("disabled = state.base !== null;", "disabled = true;", "the recipe can't be chosen"),
    ],
)
def test_planted_faults_of_the_first_stroke_are_found(
    open_page: Callable[..., Opened],
    folder: Path,
    tmp_path: Path,
    right: str,
    wrong: str,
    fault: str,
) -> None:
    changed = planted(folder, tmp_path, "playground.js", right, wrong)
    opened = open_page(changed / "playground.html", DESK)
    settle(opened)
    assert any(found.startswith(fault) for found in first_stroke_faults(opened))


# ----- a reader's hands

SEVEN = [(8, 7), (19, 7), (15, 14), (12, 22)]


def settle(opened: Opened) -> None:
    """Two frames, and the line in words."""
    opened.page.evaluate(
        "() => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)))"
    )
    opened.page.wait_for_timeout(500)


def on_screen(opened: Opened, points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Where pixels of the pad are in the window."""
    opened.page.locator(".pg-paper").scroll_into_view_if_needed()
    box = opened.page.locator(".pg-paper").bounding_box()
    return [
        (box["x"] + x / 28 * box["width"], box["y"] + y / 28 * box["height"]) for x, y in points
    ]


def draw(opened: Opened, points: list[tuple[float, float]] = SEVEN) -> None:
    """A stroke with the mouse."""
    first, *others = on_screen(opened, points)
    mouse = opened.page.mouse
    mouse.move(*first)
    mouse.down()
    for point in others:
        mouse.move(*point, steps=8)
    mouse.up()
    settle(opened)


def touch(opened: Opened, points: list[tuple[float, float]]) -> None:
    """A stroke with a finger, no faster than a finger is: after a leap Chromium takes no tap."""
    first, *others = on_screen(opened, points)
    session = opened.page.context.new_cdp_session(opened.page)

    def send(kind: str, *fingers: tuple[float, float]) -> None:
        sent = {"type": f"touch{kind}", "touchPoints": [{"x": x, "y": y} for x, y in fingers]}
        session.send("Input.dispatchTouchEvent", sent)
        opened.page.wait_for_timeout(16)

    send("Start", first)
    for start, end in zip([first, *others], others, strict=False):
        for part in np.linspace(0, 1, 9)[1:]:
            send("Move", tuple((1 - part) * np.array(start) + part * np.array(end)))
    send("End")
    settle(opened)


def words(opened: Opened) -> str:
    """The line that says what both answer."""
    return opened.page.locator(".pg-words").inner_text()


def ink_at(opened: Opened, x: float, y: float, canvas: str = ".pg-paper") -> int:
    """How opaque the canvas is at a pixel of the pad: 0 to 255."""
    return opened.page.evaluate(
        """([canvas, x, y]) => {
          const c = document.querySelector(canvas);
          const place = [x, y].map((at) => Math.floor(at / 28 * c.width));
          return c.getContext('2d').getImageData(...place, 1, 1).data[3];
        }""",
        [canvas, x, y],
    )


def seen(opened: Opened, canvas: str = ".pg-image") -> np.ndarray:
    """Where the image that the networks see, or the pad, has ink, 28 × 28, read from its canvas."""
    half = [(row + 0.5, column + 0.5) for row in range(28) for column in range(28)]
    dark = opened.page.evaluate(
        """([canvas, places]) => {
          const c = document.querySelector(canvas);
          const data = c.getContext('2d').getImageData(0, 0, c.width, c.height).data;
          return places.map(([y, x]) => data[4 * (Math.floor(y / 28 * c.height) * c.width
            + Math.floor(x / 28 * c.width)) + 3]);
        }""",
        [canvas, half],
    )
    return np.array(dark).reshape(28, 28) > 128


@pytest.mark.parametrize("screen", [DESK, PHONE])
def test_ink_appears_under_the_mouse(
    open_page: Callable[..., Opened], folder: Path, screen: dict
) -> None:
    opened = open_page(folder / "playground.html", screen)
    draw(opened, [(5, 5), (20, 5)])
    assert ink_at(opened, 5, 5) == ink_at(opened, 20, 5) == 255
    assert ink_at(opened, 12, 8) == ink_at(opened, 23, 5) == 0
    assert opened.console + opened.requests == []


def test_both_networks_answer_in_bars_numbers_and_words(opened: Opened) -> None:
    draw(opened)
    assert words(opened).startswith("MLP: 7 (")
    assert "CNN: 7 (" in words(opened)
    for kind in ("fully_connected", "convolutional"):
        bars = opened.page.locator(f"tbody .pg-{kind}")
        assert bars.count() == 10
        widest = opened.page.evaluate(
            f"""() => [...document.querySelectorAll('tbody .pg-{kind} .pg-bar span')]
              .map((e) => e.getBoundingClientRect().width).reduce((a, w, i, all) =>
                w > all[a] ? i : a, 0)"""
        )
        assert widest == 7
        assert "%" in bars.nth(7).inner_text()


def test_the_page_is_answered_by_touch_and_does_not_scroll_meanwhile(
    open_page: Callable[..., Opened], folder: Path
) -> None:
    opened = open_page(folder / "playground.html", {**PHONE, "has_touch": True})
    on_screen(opened, SEVEN)  # scrolls to the pad
    before = opened.page.evaluate("scrollY")
    touch(opened, SEVEN)
    assert words(opened).startswith("MLP: 7 (")
    assert opened.page.evaluate("scrollY") == before


def test_on_a_phone_who_pushes_sees_the_answers(
    open_page: Callable[..., Opened], folder: Path
) -> None:
    opened = open_page(folder / "playground.html", PHONE)
    settle(opened)
    arrows, bars, words, pad = (
        opened.page.locator(each).bounding_box()
        for each in (".pg-moves", "#playground-pad table", ".pg-words", ".pg-paper")
    )
    assert words["y"] < pad["y"] < arrows["y"] < bars["y"]
    height = PHONE["viewport"]["height"]
    assert bars["y"] + bars["height"] - arrows["y"] < 0.7 * height
    assert arrows["y"] + arrows["height"] - words["y"] < 0.9 * height


def test_a_second_finger_does_not_tear_the_stroke(opened: Opened) -> None:
    first = on_screen(opened, [(5, 5), (5, 20)])
    opened.page.evaluate(
        """([start, end]) => {
          const pad = document.querySelector('.pg-paper');
          pad.setPointerCapture = () => {};
          const send = (type, id, [clientX, clientY]) => pad.dispatchEvent(
            new PointerEvent(type, { pointerId: id, clientX, clientY, button: 0 }));
          send('pointerdown', 1, start);
          send('pointerdown', 2, [start[0] + 200, start[1]]);
          send('pointermove', 2, [end[0] + 200, end[1]]);
          send('pointermove', 1, end);
          send('pointerup', 1, end);
        }""",
        first,
    )
    settle(opened)
    assert ink_at(opened, 5, 15) == 255
    assert opened.page.evaluate(
        "document.querySelector('.pg-paper').getContext('2d').canvas.width > 0"
    )
    opened.page.click("[data-do=undo]")
    settle(opened)
    assert is_the_example(opened)


def test_a_digit_is_drawn_by_keyboard(opened: Opened) -> None:
    opened.page.focus(".pg-paper")
    keyboard = opened.page.keyboard

    def press(key: str, times: int = 1) -> None:
        for _ in range(times):
            keyboard.press(key)

    press("ArrowUp", 8)
    press("ArrowLeft", 6)
    press(" ")
    press("ArrowRight", 11)
    for _ in range(7):
        press("ArrowDown", 2)
        press("ArrowLeft")
    assert "pen down at row 20" in opened.page.get_attribute(".pg-paper", "aria-label")
    press(" ")
    settle(opened)
    assert words(opened).startswith("MLP: 7 (")
    press("Backspace")
    settle(opened)
    assert hint(opened).endswith(" Draw to replace it.")
    press("Backspace")
    settle(opened)
    assert words(opened) == "No ink yet."


def test_the_pad_is_left_by_the_tab_key(opened: Opened) -> None:
    opened.page.focus(".pg-paper")
    opened.page.keyboard.press("Tab")
    assert opened.page.evaluate("document.activeElement.dataset.do") == "undo"


@pytest.mark.parametrize(
    ("button", "key", "down", "right"),
    [("down", "ArrowDown", 1, 0), ("left", "ArrowLeft", 0, -1), ("up", "ArrowUp", -1, 0)],
)
def test_buttons_and_keys_move_the_image_by_one_pixel(
    opened: Opened, button: str, key: str, down: int, right: int
) -> None:
    draw(opened)
    before = seen(opened)
    opened.page.click(f".pg-moves [aria-label={button}]")
    settle(opened)
    assert (seen(opened) == pen.shifted(before, down=down, right=right)).all()
    opened.page.keyboard.press(key)
    settle(opened)
    assert (seen(opened) == pen.shifted(before, down=2 * down, right=2 * right)).all()
    opened.page.click("[data-do=back]")
    settle(opened)
    assert (seen(opened) == before).all()


def test_the_switch_shows_what_the_recipe_does(opened: Opened) -> None:
    draw(opened, [(x / 3, y / 3) for x, y in SEVEN])
    as_mnist = seen(opened)
    opened.page.check("input[value=drawn]")
    settle(opened)
    as_drawn = seen(opened)
    assert as_drawn[14:].sum() == as_drawn[:, 14:].sum() == 0
    assert max(np.ptp(np.flatnonzero(as_mnist.any(axis=1))), 0) >= 17


def test_undo_clear_keep_and_resize(opened: Opened) -> None:
    draw(opened, [(5, 5), (20, 5)])
    draw(opened, [(5, 20), (20, 20)])
    opened.page.click("[data-do=keep]")
    opened.page.click("[data-do=undo]")
    settle(opened)
    assert (ink_at(opened, 12, 5), ink_at(opened, 12, 20)) == (255, 0)
    opened.page.set_viewport_size({"width": 400, "height": 700})
    settle(opened)
    assert (ink_at(opened, 12, 5), ink_at(opened, 12, 20)) == (255, 0)
    opened.page.click("[data-do=clear]")
    settle(opened)
    assert words(opened) == "No ink yet."
    opened.page.click("[aria-label='your drawing 1']")
    settle(opened)
    assert (ink_at(opened, 12, 5), ink_at(opened, 12, 20)) == (255, 255)


def test_a_test_image_is_a_start_and_can_be_drawn_on(opened: Opened) -> None:
    opened.page.click("[aria-label='test image 7, a 7']")
    settle(opened)
    shown = images_and_targets(8)[0][7].numpy()
    assert (seen(opened) == (shown > 128)).all()
    assert hint(opened).lower() == "test image 7, a 7. draw on it, or clear it."
    draw(opened, [(1, 1), (1, 26)])
    assert ink_at(opened, 1, 15, ".pg-image") > 200
    assert ink_at(opened, 14, 8, ".pg-image") > 100
    opened.page.click("[data-do=undo]")
    opened.page.click("[data-do=undo]")
    settle(opened)
    assert words(opened) == "No ink yet."


# ----- shuffled pixels


def shuffle_button(opened: Opened) -> sync_api.Locator:
    """The button, found by its role and its name, as a screen reader finds it."""
    return opened.page.get_by_role("button", name="Shuffle the pixels")


def shuffle_faults(opened: Opened) -> list[str]:
    """What is wrong after a test image has been shuffled."""
    opened.page.click("[aria-label='test image 7, a 7']")
    settle(opened)
    before, on_the_pad = words(opened), ink_at(opened, 14, 8)
    shuffle_button(opened).click()
    settle(opened)
    image = images_and_targets(8)[0][7]
    shuffled, prefix = runs.permuted(image, PERMUTATION).numpy() > 128, "With shuffled pixels, "
    after = words(opened).removeprefix(prefix)
    faults = {
        "the networks do not see the permutation": (seen(opened) != shuffled).any(),
        "the pad has lost the image as it was": ink_at(opened, 14, 8) != on_the_pad,
        "it is not said in words": not words(opened).startswith(prefix),
        # The fully-connected network of this pair has the weights of the other one, rearranged.
        "the fully-connected network answers something else": fully_connected(before)
        != fully_connected(after),
        "the convolutional network is the same one": before == after,
    }
    return [fault for fault, found in faults.items() if found]


def fully_connected(said: str) -> str:
    """What the line in words says of the fully-connected network."""
    return said.partition(", CNN: ")[0]


def test_shuffled_pixels_are_shown_and_answered_by_the_pair_that_knows_them(
    opened: Opened,
) -> None:
    assert shuffle_faults(opened) == []


@pytest.mark.parametrize(
    ("right", "wrong", "fault"),
    [
        (
            "permutation ? permuted(image(), permutation) : image()",
            "image()",
            "the networks do not see the permutation",
        ),
        (
            "ready(PLAYGROUND.pairs.shuffled)",
            "{ ...ready(PLAYGROUND.pairs.plain), permutation: PLAYGROUND.pairs.shuffled.permutation }",
            "the fully-connected network answers something else",
        ),
        ('"With shuffled pixels, "', '""', "it is not said in words"),
    ],
)
def test_planted_faults_of_the_shuffle_are_found(
    open_page: Callable[..., Opened],
    folder: Path,
    tmp_path: Path,
    right: str,
    wrong: str,
    fault: str,
) -> None:
    changed = planted(folder, tmp_path, "playground.js", right, wrong)
    assert fault in shuffle_faults(open_page(changed / "playground.html", DESK))


def test_the_shuffle_is_a_switch_for_the_keyboard(opened: Opened) -> None:
    draw(opened)
    before, trained = words(opened), opened.page.locator(".pg-trained").inner_text()
    assert "images as they are" in trained
    button = shuffle_button(opened)
    button.focus()
    states = [button.get_attribute("aria-pressed")]
    for _ in range(2):
        opened.page.keyboard.press("Space")
        settle(opened)
        states.append(button.get_attribute("aria-pressed"))
        if states[-1] == "true":
            assert "whose pixels are shuffled" in opened.page.locator(".pg-trained").inner_text()
            name = opened.page.locator(".pg-image").get_attribute("aria-label")
            assert name == "The image that the networks see, its pixels shuffled"
    assert states == ["false", "true", "false"]
    assert words(opened) == before
    assert opened.page.locator(".pg-trained").inner_text() == trained


def test_a_finger_shuffles_what_a_finger_has_drawn(
    open_page: Callable[..., Opened], folder: Path
) -> None:
    opened = open_page(folder / "playground.html", {**PHONE, "has_touch": True})
    touch(opened, SEVEN)
    shuffle_button(opened).tap()
    opened.page.locator("[data-do=shuffle][aria-pressed=true]").wait_for()
    settle(opened)
    assert words(opened).startswith("With shuffled pixels, MLP: 7 (")
    assert opened.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_an_image_is_moved_first_and_then_shuffled(opened: Opened) -> None:
    opened.page.click("[aria-label='test image 7, a 7']")
    shuffle_button(opened).click()
    opened.page.click(".pg-moves [aria-label=down]")
    settle(opened)
    moved = pen.shifted(images_and_targets(8)[0][7].numpy(), down=1, right=0)
    assert (
        seen(opened) == (runs.permuted(torch.from_numpy(moved), PERMUTATION).numpy() > 128)
    ).all()


def test_a_drawing_is_kept_as_it_was_before_the_shuffle(opened: Opened) -> None:
    draw(opened)
    before = words(opened)
    shuffle_button(opened).click()
    opened.page.click("[data-do=keep]")
    opened.page.click("[data-do=clear]")
    shuffle_button(opened).click()
    opened.page.click("[aria-label='your drawing 1']")
    settle(opened)
    assert words(opened) == before


def test_each_pair_has_maps_of_its_own(opened: Opened) -> None:
    draw(opened)
    opened.page.click(".pg-maps summary")

    def counts() -> list[str]:
        notes = opened.page.locator(".pg-maps .pg-note").all_inner_texts()
        return [note.partition(" ")[0] for note in notes]

    assert counts() == ["32", "64"]
    shuffle_button(opened).click()
    settle(opened)
    assert counts() == ["8", "16"]
    widths = "[...document.querySelectorAll('.pg-maps canvas')].map((c) => c.width)"
    assert opened.page.evaluate(widths) == [8 * 29 - 1, 8 * 15 - 1]


def test_the_maps_of_both_convolutions_are_drawn(opened: Opened) -> None:
    draw(opened)
    opened.page.click(".pg-maps summary")
    settle(opened)
    canvases = opened.page.locator(".pg-maps canvas")
    assert canvases.count() == 2
    for i, (across, down, side) in enumerate([(8, 4, 28), (16, 4, 14)]):
        size = canvases.nth(i).evaluate("(c) => [c.width, c.height]")
        assert size == [across * (side + 1) - 1, down * (side + 1) - 1]
        strengths = canvases.nth(i).evaluate(
            """(c) => Math.max(...c.getContext('2d').getImageData(0, 0, c.width, c.height).data
              .filter((_, i) => i % 4 === 3))"""
        )
        assert strengths == 255


def test_a_frame_has_one_pass_at_most(opened: Opened) -> None:
    draw(opened)
    passes = opened.page.evaluate(
        """async () => {
          const root = document.getElementById('playground-pad');
          const pad = root.querySelector('.pg-paper');
          pad.setPointerCapture = () => {};
          const before = Number(root.dataset.passes);
          const send = (type, x) => pad.dispatchEvent(new PointerEvent(type,
            { pointerId: 1, clientX: x, clientY: 50, button: 0 }));
          send('pointerdown', 10);
          for (let x = 10; x < 200; x++) send('pointermove', x);
          send('pointerup', 200);
          await new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
          return Number(root.dataset.passes) - before;
        }"""
    )
    assert passes == 1


# ----- the page as built


def test_the_built_page_answers(open_page: Callable[..., Opened], book_html: Path) -> None:
    opened = open_page(book_html / "playground.html", DESK)
    draw(opened)
    assert words(opened).startswith("MLP: ")
    assert opened.console + opened.requests == []


@pytest.mark.parametrize("screen", [DESK, PHONE], ids=["desk", "phone"])
def test_the_built_page_opens_with_a_digit_and_both_answers(
    browser: sync_api.Browser, book_html: Path, screen: dict
) -> None:
    assert opening_faults(browser, book_html / "playground.html", screen) == []


def test_the_built_page_has_the_logits_of_its_runs(
    open_page: Callable[..., Opened], book_html: Path
) -> None:
    opened = open_page(book_html / "playground.html", DESK)
    opened.page.click("#pg-compare button")
    opened.page.locator("#pg-compare p", has_text="ms for an image.").wait_for()
    result = opened.page.locator("#pg-compare p").inner_text()
    count = len(json_of(opened, "PLAYGROUND.images.indices"))
    assert count >= packing.COMPARED
    assert result.count(f"same class on {count} of {count}") == 4
    for part in result.split(";"):
        assert 0 < float(part.partition("logits apart by ")[2].split()[0]) < 1e-3


def test_without_javascript_there_are_a_sentence_and_a_picture(
    open_page: Callable[..., Opened], book_html: Path
) -> None:
    page = open_page(book_html / "playground.html", {**DESK, "java_script_enabled": False}).page
    assert page.locator("noscript p").is_visible()
    assert "needs JavaScript" in page.locator("noscript p").inner_text()
    assert page.locator("#fig-answers img:visible").count() == 1
    with_it = open_page(book_html / "playground.html", DESK).page
    assert with_it.locator("noscript p").count() == 0
    assert with_it.locator("#fig-answers img:visible").count() == 0, "the pad is there instead"


def test_only_the_playground_loads_its_scripts(book_html: Path) -> None:
    loading = [
        file.name for file in book_html.glob("*.html") if "playground-data.js" in file.read_text()
    ]
    assert loading == ["playground.html"]
