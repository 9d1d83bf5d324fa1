"""The shape explorer in Chromium: its arithmetic against the package and PyTorch, and its use."""

import itertools
import re
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from browsing import DESK, PHONE, Opened
from torch import nn

from mnistlab import count_parameters, multiply_accumulates, output_size, trace_shapes

pytestmark = [
    pytest.mark.browser,
    pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel:UserWarning"),
]

REPOSITORY = Path(__file__).resolve().parent.parent
SCRIPTS = REPOSITORY / "book" / "scripts"
PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>x</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="explorer.css">
<div id="explorer-chain"></div>
<script defer src="shapes.js"></script><script defer src="explorer.js"></script></html>"""

SLIDERS = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>x</title>
<meta name="viewport" content="width=device-width"><link rel="stylesheet" href="explorer.css">
<div id="kernel-positions"></div>
<script defer src="shapes.js"></script><script defer src="positions.js"></script></html>"""

GRID = [
    {"kind": kind, "channels": 3, "kernel": k, "stride": s, "padding": p, "dilation": d}
    for kind, k, s, p, d in itertools.product(
        ("conv", "max", "avg"), (1, 2, 3, 5), (1, 2, 3, 4), (0, 1, 2, 4, "same"), (1, 2, 3)
    )
    if kind != "avg" or d == 1
]
SIDES = (1, 4, 7, 28)


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a page that is all explorer."""
    there = tmp_path_factory.mktemp("explorer")
    for file in SCRIPTS.iterdir():
        (there / file.name).write_bytes(file.read_bytes())
    (there / "explorer.html").write_text(PAGE)
    (there / "sliders.html").write_text(SLIDERS)
    return there


@pytest.fixture
def opened(open_page: Callable[..., Opened], folder: Path) -> Opened:
    """That page, on a desk."""
    return open_page(folder / "explorer.html", DESK)


# ----- the arithmetic

THROUGH = """([sides, grid]) => sides.map((side) => grid.map((layer) => {
  const input = { channels: 2, side, field: 1, step: 1 };
  const result = through(input, layer);
  return { ...result, line: torchLine(input, layer), formula: formula(side, layer) };
}))"""


def made(line: str) -> nn.Module:
    """The layer of a line of PyTorch."""
    return eval(line, {"nn": nn})


def refused(layer: nn.Module, side: int) -> bool:
    """Whether PyTorch refuses such an image."""
    try:
        layer(torch.zeros(1, 2, side, side))
    except (RuntimeError, TypeError):  # TypeError: a pooling with padding="same"
        return True
    return False


def faults(side: int, layer: dict, result: dict) -> list[str]:
    """Where the explorer does not say of one layer what PyTorch and the package say."""
    asked = f"{layer} on {side}"
    try:
        module = made(result["line"])
    except (TypeError, ValueError):  # padding="same" with a stride, or for a pooling
        return [] if "refused" in result else [f"{asked}: PyTorch makes no such layer"]
    if refused(module, side) != ("refused" in result):
        return [f"{asked}: PyTorch {'refuses' if refused(module, side) else 'takes'} it"]
    if "refused" in result:
        return []
    trace = trace_shapes(module, (2, side, side))
    theirs = (
        trace[0].output_shape,
        count_parameters(module),
        multiply_accumulates(module, trace.input_shape),
    )
    shape = (result["channels"], result["side"], result["side"])
    found = []
    if (shape, result["parameters"], result["products"]) != theirs:
        found.append(f"{asked}: {result}, but PyTorch {theirs}")
    if layer["padding"] != "same":
        sizes = {name: layer[name] for name in ("stride", "padding", "dilation")}
        if output_size(side, layer["kernel"], **sizes) != result["side"]:
            found.append(f"{asked}: output_size differs")
    if not result["formula"].endswith(f" = {result['side']}"):
        found.append(f"{asked}: the formula gives {result['formula']}")
    return found


def all_faults(opened: Opened) -> list[str]:
    """The faults over the whole grid."""
    results = opened.page.evaluate(THROUGH, [SIDES, GRID])
    return [
        fault
        for side, row in zip(SIDES, results, strict=True)
        for layer, result in zip(GRID, row, strict=True)
        for fault in faults(side, layer, result)
    ]


def test_every_layer_of_the_grid_is_as_pytorch_and_the_package_have_it(opened: Opened) -> None:
    assert all_faults(opened) == []


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        ("Math.floor(room / stride) + 1", "Math.ceil(room / stride) + 1"),
        ("dilation * (kernel - 1) + 1", "dilation * kernel"),
        ("2 * padding > kernel", "2 * padding > 100"),
        ("(weights + 1) * channels", "weights * channels"),
        ("if (room < 0)", "if (room < -1)"),
        ("stride > 1)", "stride > 2)"),
    ],
)
def test_a_planted_fault_of_the_arithmetic_is_found(
    open_page: Callable[..., Opened], tmp_path: Path, right: str, wrong: str
) -> None:
    text = (SCRIPTS / "shapes.js").read_text()
    assert right in text
    (tmp_path / "shapes.js").write_text(text.replace(right, wrong))
    (tmp_path / "page.html").write_text('<script src="shapes.js"></script>')
    assert all_faults(open_page(tmp_path / "page.html", DESK))


CHAINS = [
    "1x28,c32k5p2,m2,c64k5p2,m2,l3136x10",
    "3x32,c8k3p1,c8k3s2p1,a2,c4k3psamed2,l256x7",
    "1x40,c2k3,m3s2p1,c2k5s3,l50x10",
    "1x33,c2k3p2d2,c2k3p4d4,a3s2p1,l578x3",
]

TRACED = """(fragment) => {
  const state = fromFragment(fragment);
  const results = traced(state.input, state.layers);
  return { fragment: toFragment(state), results, input: state.input,
    program: program(state.input, state.layers, results, state.linear) };
}"""


@pytest.mark.parametrize("fragment", CHAINS)
def test_a_chain_runs_in_pytorch_and_has_the_shapes_that_were_said(
    opened: Opened, fragment: str
) -> None:
    said = opened.page.evaluate(TRACED, f"#{fragment}")
    assert said["fragment"] == fragment
    names: dict = {"nn": nn}
    exec(said["program"], names)
    side = said["input"]["side"]
    trace = trace_shapes(names["network"], (said["input"]["channels"], side, side))
    shapes = [(one["channels"], one["side"], one["side"]) for one in said["results"]]
    assert [layer.output_shape for layer in trace[:-2]] == shapes
    assert sum(one["parameters"] for one in said["results"]) == sum(
        layer.parameters for layer in trace[:-2]
    )


@pytest.mark.parametrize("fragment", CHAINS)
def test_a_number_sees_as_many_pixels_as_its_gradient_reaches(
    opened: Opened, fragment: str
) -> None:
    said = opened.page.evaluate(TRACED, f"#{fragment}")
    names: dict = {"nn": nn}
    exec(said["program"], names)
    filters = names["network"][:-2]
    for layer in filters:  # a maximum passes its gradient to one pixel, a mean to all
        if isinstance(layer, nn.Conv2d):
            nn.init.ones_(layer.weight)
    filters = nn.Sequential(*(averaging(layer) for layer in filters))
    channels = said["input"]["channels"]
    image = torch.zeros(1, channels, 160, 160, requires_grad=True)
    out = filters(image)
    middle = out.shape[-1] // 2
    out[0, 0, middle, middle].backward()
    rows = image.grad[0].abs().sum(dim=(0, 2)).nonzero().flatten()
    assert (rows.max() - rows.min() + 1).item() == said["results"][-1]["field"]


def averaging(layer: nn.Module) -> nn.Module:
    """A layer that sees the same pixels, and whose gradient reaches all of them."""
    if not isinstance(layer, nn.MaxPool2d):
        return layer
    return nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding)


@pytest.mark.parametrize(("arriving", "expected"), [(3136, 1000), (7, 3136)])
def test_the_error_is_pytorchs(opened: Opened, arriving: int, expected: int) -> None:
    with pytest.raises(RuntimeError) as error:
        nn.Linear(expected, 10)(torch.zeros(64, arriving))
    said = opened.page.evaluate(
        "([a, e]) => misfit(64, a, e, 10)", [arriving, expected]
    ).removeprefix("RuntimeError: ")
    assert said in str(error.value)


@pytest.mark.parametrize(
    ("side", "layer", "said"),
    [
        (28, {"kernel": 5, "stride": 3}, "The last 2 columns are never seen"),
        (28, {"kernel": 5, "stride": 2}, "The last column is never seen"),
        (28, {"kernel": 5, "stride": 2, "padding": 2}, "padding only"),
        (28, {"kernel": 5, "stride": 4, "padding": 2}, "The last column is never seen"),
        (28, {"kernel": 5}, ""),
        (28, {"kernel": 5, "stride": 6, "padding": 2}, "gaps: 5 of 28 columns are never seen"),
        (28, {"kernel": 5, "stride": 9, "padding": 2}, "gaps: 12 of 28 columns are never seen"),
        (28, {"kernel": 1, "stride": 3}, "gaps: 18 of 28 columns are never seen"),
        (5, {"kernel": 2, "stride": 3}, "gaps: 1 of 5 columns is never seen"),
        (9, {"kernel": 2, "stride": 2, "dilation": 2}, "gaps: 4 of 9 columns are never seen"),
        (9, {"kernel": 2, "stride": 4, "dilation": 2}, "gaps: 5 of 9 columns are never seen"),
        (28, {"kernel": 3, "stride": 28}, "The last 25 columns are never seen"),
    ],
)
def test_what_the_floor_leaves_out_is_said(
    opened: Opened, side: int, layer: dict, said: str
) -> None:
    layer = {"kind": "conv", "channels": 1, "stride": 1, "padding": 0, "dilation": 1, **layer}
    words = opened.page.evaluate("([side, layer]) => unseen(side, layer)", [side, layer])
    assert (said in words) if said else words == ""
    # And it is true: these columns have no gradient.
    sizes = {name: layer[name] for name in ("stride", "padding", "dilation")}
    image = torch.zeros(1, 1, side, side, requires_grad=True)
    module = nn.Conv2d(1, 1, layer["kernel"], **sizes)
    nn.init.ones_(module.weight)
    module(image).sum().backward()
    blind = (image.grad[0, 0].abs().sum(dim=0) == 0).sum().item()
    number = re.search(r"last (\d+)?|(\d+) of", words)
    assert blind == (int(number[1] or number[2] or 1) if number else 0)


@pytest.mark.parametrize(
    "text",
    ["", "#", "#what", "#1x28", "#1x28,l0x10", "#1x28,q5,l1x1", "#0x28,l1x1", "#1x28,a2d2,l1x1"],
)
def test_a_fragment_that_is_no_chain_is_none(opened: Opened, text: str) -> None:
    assert opened.page.evaluate("(text) => fromFragment(text)", text) is None


# ----- its use


def test_it_begins_with_network_b(opened: Opened) -> None:
    words = opened.page.locator(".ex-words").inner_text()
    assert words.startswith("64 × 7 × 7 = 3\u202f136 numbers reach the flatten layer; 83\u202f466")
    assert opened.page.locator(".ex-chain fieldset").count() == 4
    assert "nn.Conv2d(1, 32, 5, padding=2)" in opened.page.locator("pre").inner_text()
    assert opened.console + opened.requests == []


def test_a_change_is_kept_in_the_address(
    open_page: Callable[..., Opened], folder: Path, opened: Opened
) -> None:
    opened.page.fill("[data-layer='0'] [name=padding]", "same")
    opened.page.fill("[data-layer='0'] [name=channels]", "8")
    opened.page.click("[data-layer='3'] [data-do=remove]")
    fragment = opened.page.evaluate("location.hash")
    assert fragment == "#1x28,c8k5psame,m2,c64k5p2,l3136x10"
    again = open_page(folder / "explorer.html", DESK, fragment).page
    assert again.locator(".ex-words").inner_text() == opened.page.locator(".ex-words").inner_text()
    assert "in_features must be 12544" in again.locator(".ex-linear").inner_text()
    assert "(64x12544 and 3136x10)" in again.locator(".ex-linear").inner_text()


def test_an_impossible_setting_says_why_and_stops_there(opened: Opened) -> None:
    opened.page.fill("[data-layer='0'] [name=kernel]", "40")
    assert "covers 40 pixels, and the padded input has 32" in opened.page.inner_text(
        "[data-layer='0']"
    )
    assert "Nothing arrives here." in opened.page.inner_text("[data-layer='1']")
    assert "the reason stands there" in opened.page.inner_text(".ex-words")


@pytest.mark.parametrize("text", ["", "-1", "2.5", "many"])
def test_what_is_no_number_is_marked_and_not_used(opened: Opened, text: str) -> None:
    before = opened.page.inner_text(".ex-words")
    field = opened.page.locator("[data-layer='0'] [name=padding]")
    field.fill(text)
    assert field.get_attribute("aria-invalid") == "true"
    assert opened.page.inner_text(".ex-words") == before


def test_layers_are_added_moved_and_removed_by_keyboard(opened: Opened) -> None:
    opened.page.focus("[data-add=avg]")
    opened.page.keyboard.press("Enter")
    assert (
        opened.page.evaluate("document.activeElement.closest('[data-layer]').dataset.layer") == "4"
    )
    opened.page.focus("[data-layer='4'] [data-do=earlier]")
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate("location.hash") == "#1x28,c32k5p2,m2,c64k5p2,a2,m2,l3136x10"
    opened.page.focus("[data-layer='3'] [data-do=remove]")
    opened.page.keyboard.press("Enter")
    assert opened.page.evaluate("location.hash") == "#1x28,c32k5p2,m2,c64k5p2,m2,l3136x10"


def test_a_link_on_the_page_loads_a_chain(opened: Opened) -> None:
    opened.page.evaluate("location.hash = '#1x28,c16k5s3,l1024x10'")
    opened.page.wait_for_selector(".ex-unseen")
    assert "last 2 columns" in opened.page.inner_text(".ex-unseen")


def test_it_fits_a_phone(open_page: Callable[..., Opened], folder: Path) -> None:
    page = open_page(
        folder / "explorer.html", {**PHONE, "viewport": {"width": 320, "height": 600}}
    ).page
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


def test_the_links_of_the_built_page_are_chains(
    open_page: Callable[..., Opened], book_html: Path
) -> None:
    opened = open_page(book_html / "explorer.html", DESK)
    hashes = opened.page.evaluate(
        "() => [...document.querySelectorAll('a.chain')].map((a) => a.getAttribute('href'))"
    )
    assert len(hashes) == 5
    for text in hashes:
        assert opened.page.evaluate("(text) => toFragment(fromFragment(text))", text) == text[1:]
    assert opened.console + opened.requests == []


# ----- the sliders of chapter 3


def set_slider(opened: Opened, name: str, value: int) -> None:
    """Move a slider as the browser does when somebody drags it."""
    opened.page.locator(f"#kernel-positions input[name={name}]").fill(str(value))


@pytest.mark.parametrize("window", [DESK, PHONE], ids=["desk", "phone"])
def test_the_sliders_show_the_formula_and_the_kernels_first_and_last_position(
    open_page: Callable[..., Opened], folder: Path, window: dict
) -> None:
    opened = open_page(folder / "sliders.html", window)
    root = opened.page.locator("#kernel-positions")
    formula = root.locator(".ex-formula")
    assert formula.inner_text().endswith(" = 28")
    for name, value in (("stride", 3), ("padding", 0), ("kernel", 4)):
        set_slider(opened, name, value)
    assert formula.inner_text().endswith(f" = {output_size(28, 4, stride=3)}")
    assert root.locator("output").all_inner_texts() == ["28", "4", "3", "0", "1"]
    assert root.locator(".ex-kernel").count() == 2 * 4
    set_slider(opened, "kernel", 5)
    assert "2 columns" in root.locator(".ex-unseen").inner_text()
    assert root.locator(".ex-left").count() == 2
    width = opened.page.evaluate("document.documentElement.scrollWidth")
    assert width <= window["viewport"]["width"]


def test_a_kernel_that_does_not_fit_is_refused_in_words_and_comes_back(
    open_page: Callable[..., Opened], folder: Path
) -> None:
    opened = open_page(folder / "sliders.html", DESK)
    formula = opened.page.locator("#kernel-positions .ex-formula")
    set_slider(opened, "padding", 0)
    set_slider(opened, "side", 3)
    assert "The kernel covers 5 pixels, and the padded input has 3." in formula.inner_text()
    assert opened.page.locator("#kernel-positions svg").count() == 0
    slider = opened.page.locator("#kernel-positions input[name=side]")
    slider.press("ArrowRight")
    slider.press("ArrowRight")
    assert formula.inner_text().endswith(" = 1")
