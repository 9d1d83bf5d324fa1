"""The sliding kernel of chapter 2 in Chromium: its numbers against the package, and its use."""

import html
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from browsing import DESK, PHONE, Opened
from test_book import cells
from test_browser import PIXEL
from torch import Tensor

from mnistlab import plots
from mnistlab.filters import cross_correlate

pytestmark = pytest.mark.browser

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = REPOSITORY / "book" / "scripts"
PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>x</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="sliding.css">
<figure style="margin: 0"><img alt="drawn" src="{}"><div class="movable" data-numbers="{}"></div>
<figcaption>Moved.</figcaption></figure><script defer src="sliding.js"></script></html>"""

SMALLEST = {**PHONE, "viewport": {"width": 320, "height": 600}}


def of_the_page() -> dict[str, Any]:
    """What the cell of the book computes that draws the figure."""
    text = (REPOSITORY / "book" / "networks.md").read_text()
    [cell] = [cell for cell in cells(text) if "plots.draw_sliding(" in cell.code]
    names: dict[str, Any] = {"torch": torch, "plots": plots}
    exec(cell.code, names)
    return names


def uneven() -> dict[str, Any]:
    """An image and a kernel of which no two rows or columns are alike."""
    kernel = torch.tensor([[1.0, 0, -1], [0, -1, -1], [1, 1, 0]])
    picture = torch.arange(25.0).reshape(5, 5) ** 2 % 17 - 4
    output = cross_correlate(picture, kernel)
    return {
        "picture": picture,
        "kernel": kernel,
        "output": output,
        "figure": plots.draw_sliding(picture, kernel, output, at=(2, 1)),
    }


SHOWN = {"page": of_the_page(), "uneven": uneven()}


def made(folder: Path, numbers: dict[str, Any]) -> Path:
    """A page that is all figure, with scripts and style beside it."""
    for name in ("sliding.js", "sliding.css"):
        (folder / name).write_bytes((SCRIPTS / name).read_bytes())
    file = folder / "page.html"
    file.write_text(PAGE.format(PIXEL, html.escape(json.dumps(numbers))))
    return file


@pytest.fixture
def opened(open_page: Callable[..., Opened], tmp_path: Path) -> Opened:
    """That page with the numbers of the book, on a desk."""
    return open_page(made(tmp_path, SHOWN["page"]["figure"].numbers), DESK)


SEEN = """() => {
  const grid = (name) => {
    const cells = [...document.querySelectorAll(`.sl-${name} > :not(.sl-frame)`)]
      .map((cell) => Number(cell.textContent.replace('−', '-')));
    const side = Math.sqrt(cells.length);
    return Array.from({length: side}, (_, i) => cells.slice(i * side, (i + 1) * side));
  };
  const frame = document.querySelector('.sl-frame').getBoundingClientRect();
  const pixels = [...document.querySelectorAll('.sl-image > span')];
  const inside = pixels.filter((pixel) => {
    const { x, y, width, height } = pixel.getBoundingClientRect();
    const [across, down] = [x + width / 2, y + height / 2];
    return across > frame.left && across < frame.right && down > frame.top && down < frame.bottom;
  });
  const chosen = document.querySelectorAll('.movable [aria-checked=true]');
  const marked = [...chosen[0].parentElement.children].indexOf(chosen[0]);
  const grids = ['image', 'weights', 'output', 'window', 'kernel', 'products', 'sum'];
  return {
    ...Object.fromEntries(grids.map((name) => [name, grid(name)])),
    framed: inside.map((pixel) => Number(pixel.textContent.replace('−', '-'))),
    marked: [chosen.length, marked],
    said: document.querySelector('.movable [role=status]').textContent,
    heard: document.querySelector('.sl-products').getAttribute('aria-label'),
  };
}"""


def expected(image: Tensor, kernel: Tensor, i: int, j: int) -> dict[str, Any]:
    """What is to be seen of an image and a kernel when the window is in row i, column j."""
    output = cross_correlate(image, kernel)
    window = image[i : i + len(kernel), j : j + len(kernel)]
    products = (window * kernel).tolist()
    total = f"{output[i, j]:.0f}".replace("-", "−")
    lines = (" ".join(f"{value + 0.0:.0f}" for value in line) for line in products)
    return {
        "image": image.tolist(),
        "weights": kernel.tolist(),
        "output": output.tolist(),
        "window": window.tolist(),
        "kernel": kernel.tolist(),
        "products": products,
        "sum": [[output[i, j].item()]],
        "framed": window.flatten().tolist(),
        "marked": [1, i * len(output) + j],
        "said": f"Row {i}, column {j} of the output: the products add up to {total}.",
        "heard": f"products: {'; '.join(lines)}".replace("-", "−"),
    }


def differences(opened: Opened, image: Tensor, kernel: Tensor, i: int, j: int) -> list[str]:
    """What is seen and should not be."""
    seen = opened.page.evaluate(SEEN)
    return [
        f"({i}, {j}): {name} is {seen[name]}, not {value}"
        for name, value in expected(image, kernel, i, j).items()
        if seen[name] != value
    ]


def pressed_next(opened: Opened, i: int, j: int) -> None:
    """Go on by one, or to the first position in as many steps as it takes."""
    for _ in range(9 if (i, j) == (0, 0) else 1):
        if opened.page.evaluate(SEEN)["marked"] == [1, 3 * i + j]:
            return
        opened.page.get_by_role("button", name="next position").click()


WAYS: dict[str, Callable[[Opened, int, int], None]] = {
    "output": lambda opened, i, j: opened.page.locator(".sl-output > *").nth(3 * i + j).click(),
    "pixel": lambda opened, i, j: (
        opened.page.locator(".sl-image > span").nth(5 * (i + 1) + j + 1).click()
    ),
    "next": pressed_next,
}


def all_differences(opened: Opened, numbers: dict[str, Any], way: str) -> list[str]:
    """The same at all nine positions, reached in one way."""
    opened.page.emulate_media(reduced_motion="reduce")
    opened.page.add_style_tag(content="* { transition: none !important; }")
    found = []
    for i in range(3):
        for j in range(3):
            WAYS[way](opened, i, j)
            found += differences(opened, numbers["picture"], numbers["kernel"], i, j)
    return found


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SHOWN)
def test_all_nine_positions_have_the_products_and_the_sum_of_the_package(
    open_page: Callable[..., Opened], tmp_path: Path, name: str, way: str
) -> None:
    numbers = SHOWN[name]
    opened = open_page(made(tmp_path, numbers["figure"].numbers), DESK)
    at = numbers["figure"].numbers["at"]
    assert differences(opened, numbers["picture"], numbers["kernel"], *at) == []
    assert all_differences(opened, numbers, way) == []
    assert opened.console + opened.requests == []


FAULTS = [
    ("sliding.js", "image[y + i][x + j] * kernel", "image[y + i][x + j] + kernel"),
    ("sliding.js", "image[y + i][x + j] * kernel[i][j]", "image[y + i][x + j] * kernel[j][i]"),
    ("sliding.js", "image[row + i][column + j]", "image[column + i][row + j]"),
    ("sliding.js", "reduce((a, b) => a + b)", "reduce((a, b) => a + b, 1)"),
    ("sliding.js", 'setProperty("--row", row)', 'setProperty("--row", column)'),
    ("sliding.js", "i === row * positions + column", "i === column * positions + row"),
    ("sliding.js", "move(y - middle, x - middle)", "move(y, x)"),
    ("sliding.js", "move(y, x);", "move(x, y);"),
    ("sliding.js", "column + 1) % positions", "column + 2) % positions"),
    ("sliding.js", "add up to ${written(sumAt(row, column))}", "add up to 3"),
    ("sliding.css", "left: calc(var(--column)", "left: calc(var(--row)"),
]


@pytest.mark.parametrize(("name", "right", "wrong"), FAULTS)
def test_a_planted_fault_of_a_position_is_found(
    open_page: Callable[..., Opened], tmp_path: Path, name: str, right: str, wrong: str
) -> None:
    file = made(tmp_path, SHOWN["uneven"]["figure"].numbers)
    text = (tmp_path / name).read_text()
    assert right in text
    (tmp_path / name).write_text(text.replace(right, wrong))
    opened = open_page(file, DESK)
    assert any(all_differences(opened, SHOWN["uneven"], way) for way in WAYS)


# ----- its use


def test_the_arrow_keys_move_the_window_and_stop_at_the_border(opened: Opened) -> None:
    page = opened.page
    picture, kernel = SHOWN["page"]["picture"], SHOWN["page"]["kernel"]
    page.add_style_tag(content="* { transition: none !important; } body { height: 5000px; }")
    page.locator(".sl-weights > *").first.focus()
    page.keyboard.press("Tab")  # from the one stop of the weights to the one of the output
    i, j = 1, 0
    for key, down, right in [
        ("ArrowRight", 0, 1),
        ("ArrowUp", -1, 0),
        ("ArrowUp", 0, 0),
        ("ArrowRight", 0, 1),
        ("ArrowRight", 0, 0),
        ("ArrowDown", 1, 0),
        ("ArrowDown", 1, 0),
        ("ArrowDown", 0, 0),
        ("ArrowLeft", 0, -1),
    ]:
        page.keyboard.press(key)
        i, j = i + down, j + right
        assert differences(opened, picture, kernel, i, j) == []
        focused = page.evaluate("document.activeElement.getAttribute('aria-label')")
        value = f"{SHOWN['page']['output'][i, j]:.0f}".replace("-", "−")
        assert focused == f"{value}, output in row {i}, column {j}"
    assert page.evaluate("scrollY") == 0
    style = page.evaluate("getComputedStyle(document.activeElement).outline")
    assert "3px" in style
    assert "solid" in style
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")  # the button "next position"
    assert differences(opened, picture, kernel, 2, 2) == []


def test_a_weight_is_changed_by_keyboard_and_everything_follows(opened: Opened) -> None:
    page = opened.page
    picture, kernel = SHOWN["page"]["picture"], SHOWN["page"]["kernel"].clone()
    page.locator(".sl-weights > *").first.focus()
    for key in ("ArrowDown", "ArrowRight"):
        page.keyboard.press(key)
    for weight in (1.0, -1.0, 0.0, 1.0):
        page.keyboard.press("Enter")
        kernel[1, 1] = weight
        assert differences(opened, picture, kernel, 1, 0) == []
    name = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert name == "1, weight in row 1, column 1"
    page.get_by_role("button", name="start again").click()
    assert differences(opened, picture, SHOWN["page"]["kernel"], 1, 0) == []


def test_every_control_has_a_name_and_each_grid_is_one_stop(opened: Opened) -> None:
    page = opened.page
    group = page.get_by_role("radiogroup", name="output and position of the window")
    assert group.get_by_role("radio").count() == 9
    assert group.get_by_role("radio", checked=True).count() == 1
    weights = page.get_by_role("toolbar", name="weights of the kernel").get_by_role("button")
    assert weights.count() == 9
    assert page.locator(".movable [tabindex='0']").count() == 2
    assert page.get_by_role("img", name="image: 0 0 1 1 0; 0 0 1 1 0;").count() == 1
    assert page.get_by_role("status").count() == 1


@pytest.mark.parametrize("window", [PHONE, SMALLEST], ids=["375", "320"])
def test_it_fits_a_phone(open_page: Callable[..., Opened], tmp_path: Path, window: dict) -> None:
    opened = open_page(made(tmp_path, SHOWN["page"]["figure"].numbers), window)
    width = opened.page.evaluate("document.documentElement.scrollWidth")
    assert width <= window["viewport"]["width"]


# ----- in the book

TOO_SMALL = """() => [...document.querySelectorAll('.movable *')]
  .filter((e) => [...e.childNodes].some((node) => node.nodeType === 3 && node.data.trim()))
  .filter((e) => parseFloat(getComputedStyle(e).fontSize) < 12)
  .map((e) => `small letters: ${e.textContent}`)
  .concat([...document.querySelectorAll('.movable button')]
    .filter((e) => Math.min(e.offsetWidth, e.offsetHeight) < 24)
    .map((e) => `small button: ${e.textContent}`))"""

ENDS = """() => [...document.querySelectorAll('.movable *')].map((e) => e.getBoundingClientRect())
  .reduce(([left, right], box) => [Math.min(left, box.left), Math.max(right, box.right)], [0, 0])"""

DRAWN = "#fig-sliding > img:visible"
"""The drawing of the figure that is seen, wide or narrow."""


@pytest.mark.book
def test_the_built_page_shows_the_numbers_of_its_cell(
    open_page: Callable[..., Opened], book_html: Path
) -> None:
    opened = open_page(book_html / "networks.html", DESK)
    numbers = opened.page.locator("#fig-sliding .movable").get_attribute("data-numbers")
    assert json.loads(numbers) == SHOWN["page"]["figure"].numbers
    assert all_differences(opened, SHOWN["page"], "output") == []
    assert opened.console + opened.requests == []


@pytest.mark.book
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("window", [PHONE, SMALLEST], ids=["375", "320"])
def test_in_the_built_page_it_fits_a_phone_and_can_be_read_and_tapped(
    open_page: Callable[..., Opened], book_html: Path, window: dict, theme: str
) -> None:
    page = open_page(book_html / "networks.html", {**window, "color_scheme": theme}).page
    assert page.evaluate("document.documentElement.scrollWidth") <= window["viewport"]["width"]
    left, right = page.evaluate(ENDS)
    assert left == 0
    assert right <= window["viewport"]["width"]
    assert page.evaluate(TOO_SMALL) == []


@pytest.mark.book
@pytest.mark.parametrize("window", [DESK, PHONE], ids=["desk", "phone"])
def test_without_javascript_and_on_paper_there_is_the_drawing(
    open_page: Callable[..., Opened], book_html: Path, window: dict
) -> None:
    file = book_html / "networks.html"
    without = open_page(file, {**window, "java_script_enabled": False}).page
    assert without.locator(DRAWN).count() == 1
    assert without.locator(DRAWN).get_attribute("alt").startswith("Three grids of numbers")
    assert without.locator(".movable").inner_html() == ""
    page = open_page(file, window).page
    assert page.locator(DRAWN).count() == 0
    assert page.locator(".movable").is_visible()
    page.emulate_media(media="print")
    assert page.locator(DRAWN).count() == 1
    assert not page.locator(".movable").is_visible()
