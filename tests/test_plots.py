"""Figures show the numbers they are given, in one style, and leave matplotlib as it was."""

import functools
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations, pairwise

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.colors import to_hex, to_rgb
from matplotlib.lines import Line2D
from matplotlib.markers import TICKUP
from matplotlib.text import Text
from torch import nn

from mnistlab import History, convolutional, fully_connected, plots, trace_shapes
from mnistlab.experiments import gains, steps
from mnistlab.experiments.gains import Gain, Spread
from mnistlab.plots import experiments

A = History([2.0, 1.0, 0.5], [0.5, 0.7, 0.9], [2.2, 1.2, 0.6], [0.4, 0.6, 0.8], [1.0] * 3)
B = History([1.0, 0.4, 0.2], [0.7, 0.9, 0.95], [1.5, 0.5, 0.3], [0.6, 0.8, 0.9], [2.0] * 3)
NETWORKS = fully_connected(784, 100, 10), convolutional(32, 64, 10)
TRACES = [trace_shapes(network, (1, 28, 28)) for network in NETWORKS]
DIGITS = torch.rand(5, 28, 28, generator=torch.Generator().manual_seed(0))
MAPS = torch.randn(6, 28, 28, generator=torch.Generator().manual_seed(1))
SQUARE = torch.arange(-8.0, 8.0).reshape(4, 4)

POINTS = {1: [0.9, 0.91], 14: [0.95, 0.96], 28: [0.97, 0.98]}
GAP = torch.tensor([[float("nan")] * 3, [0.0, 0.5, 1.0]])
PROFILE = [{"distance": d, "accuracy": 0.9 - d / 10, "unmoved": 0.95} for d in range(3)]
SHIFTED = {s: {d: [0.9 - d / 50, 0.91 - d / 50] for d in range(3)} for s in range(4)}

WALK = {"one with a name of two lines": [0.9, 0.8, 0.91], "two": [0.95, 0.94, 0.955]}
PAIRS = {"plain": ([0.93, 0.94], [0.97, 0.98]), "another": ([0.92, 0.94], [0.97, 0.99])}
CORNERS = {
    ("far", "own"): [0.95, 0.951],
    ("far", "same"): [0.92, 0.93, 0.1],
    ("near", "own"): [0.97, 0.971],
    ("near", "same"): [0.98, 0.979],
}
GAINS = {
    "one": Gain([0.9], [0.85], "What?", "fully-connected"),
    "another": Gain([0.9, 0.9, 0.9], [0.92, 0.92, 0.1], "What?"),
    "a name as long as the book's longest": Gain([0.92, 0.93], [0.94, 0.95], "Where?"),
}

SPREADS = [
    Spread(600, 81, Gain([0.8, 0.8], [0.86, 0.88])),
    Spread(1800, 81, Gain([0.8, 0.9], [0.84, 0.93])),
    Spread(6000, 1, Gain([0.9], [0.92])),
]

REMOVED = {
    ("centred", "6000"): Gain([0.8, 0.8], [0.86, 0.88]),
    ("centred", "600"): Gain([0.8, 0.9], [0.84, 0.93]),
    ("moved", "6000"): Gain([0.8, 0.9, 0.9], [0.84, 0.93, 0.1]),
}

BY_COUNT = {
    600: Gain([0.8, 0.8], [0.86, 0.88]),
    1800: Gain([0.84, 0.86], [0.88, 0.9]),
    6000: Gain([0.9, 0.9], [0.92, 0.91]),
}

VARIANTS = {
    name: scale * torch.linspace(-1, 1, side * side).reshape(side, side)
    for name, scale, side in (
        ("tanh, then dropout", 2.0, 8),
        ("every second", 1.0, 4),
        ("the whole map", 0.5, 1),
    )
}

DRAWINGS: dict[str, Callable[[], plots.Drawing]] = {
    "plot_losses": lambda: plots.plot_losses(A, B),
    "plot_accuracies": lambda: plots.plot_accuracies(A, B),
    "plot_seeds": lambda: plots.plot_seeds([A, B], [B, B], "test_loss", (A, B)),
    "plot_training": lambda: plots.plot_training(A, B),
    "plot_errors": lambda: plots.plot_errors([A, B], [B, B], shaded=2),
    "plot_by_the_clock": lambda: plots.plot_by_the_clock([A, B], [B, B]),
    "plot_softmax": lambda: plots.plot_softmax([0.0, 1.0, -2.0], 1),
    "draw_digits": lambda: plots.draw_digits(DIGITS, titles=range(5), columns=3),
    "draw_flattening": lambda: plots.draw_flattening(DIGITS[0], 5, 7),
    "draw_sliding": lambda: plots.draw_sliding(SQUARE, SQUARE[:3, :3], SQUARE[:2, :2], (1, 0)),
    "draw_network": lambda: plots.draw_network(TRACES[1], plots.CONVOLUTIONAL),
    "draw_pixels": lambda: plots.draw_pixels(DIGITS[0], slice(3, 9), slice(10, 16)),
    "draw_pooling": lambda: plots.draw_pooling(SQUARE, SQUARE[:2, :2]),
    "draw_positions": lambda: plots.draw_positions(5, 3, [(0, 1), (1, 2)]),
    "draw_corners": lambda: plots.draw_corners(DIGITS[0], MAPS[:2, :5, :5], torch.randperm(784)),
    "draw_channels": lambda: plots.draw_channels(MAPS, MAPS[:, :5, :5], MAPS, MAPS[0], shown=2),
    "draw_weights": lambda: plots.draw_weights(DIGITS - 0.5, MAPS[:, :5, :5]),
    "draw_flatten_or_filter": lambda: plots.draw_flatten_or_filter(
        DIGITS[0], MAPS[0, :5, :5], MAPS[:, :14, :14], MAPS[:, :7, :7]
    ),
    "draw_networks": lambda: plots.draw_networks(*TRACES),
    "draw_variants": lambda: plots.draw_variants(VARIANTS),
    "draw_maps": lambda: plots.draw_maps({"conv": torch.randn(6, 28, 28), "pool": DIGITS[:4]}),
    "plot_shares": lambda: plots.plot_shares(*TRACES),
    "draw_work": lambda: plots.draw_work(*TRACES),
    "plot_answers": lambda: plots.plot_answers(255 * DIGITS[0], *NETWORKS),
    "plot_batch_mean_errors": lambda: plots.plot_batch_mean_errors([1, 10, 64], [0, 0, -0.001]),
    "plot_rates": lambda: plots.plot_rates(POINTS, POINTS),
    "plot_blocks": lambda: plots.plot_blocks(POINTS, POINTS),
    "plot_blocks with a live run": lambda: plots.plot_blocks(POINTS, POINTS, {28: 0.97}),
    "plot_images": lambda: plots.plot_images(POINTS, POINTS),
    "plot_ladder": lambda: plots.plot_ladder({"one": [0.9, 0.8], "two": [0.95]}),
    "plot_ladder with changes": lambda: plots.plot_ladder(WALK, changes=True),
    "plot_ladder with a reference": lambda: plots.plot_ladder(WALK, reference="two"),
    "plot_pairs": lambda: plots.plot_pairs(PAIRS),
    "plot_exchanges": lambda: plots.plot_exchanges(PAIRS),
    "plot_exchanges in groups": lambda: plots.plot_exchanges(PAIRS, groups=(1, 1)),
    "plot_exchanges with names": lambda: plots.plot_exchanges(PAIRS, (1, 1), ["MLP", "wide MLP"]),
    "plot_schedules": lambda: plots.plot_schedules(
        {name: [0.97, 0.975] for name in steps.schedules()}, steps.schedules(), steps.TO_THE_END
    ),
    "plot_apart": lambda: plots.plot_apart(
        {"one": {0.3: [(0.04, 0.98)], 1.0: [(0.1, 0.97)]}, "two": {0.3: [(0.3, 0.97)]}}, [0.98]
    ),
    "draw_places": lambda: plots.draw_places(
        {"one,\nfew": torch.ones(9, 9), "two,\nmany": torch.full((3, 3), 60)}
    ),
    "plot_per_place": lambda: plots.plot_per_place(SPREADS),
    "plot_removed": lambda: plots.plot_removed(REMOVED),
    "plot_removed_by_seed": lambda: plots.plot_removed_by_seed(BY_COUNT),
    "plot_interaction": lambda: plots.plot_interaction(
        CORNERS, {"(a)\n100": [0.94, 0.95], "(a)\n577": [0.93, 0.94]}
    ),
    "draw_left_over": lambda: plots.draw_left_over(WALK, ["one with a name of two lines"]),
    "plot_gains": lambda: plots.plot_gains(GAINS),
    "plot_gains of the book": lambda: plots.plot_gains(gains.gains(), shaded=["looking near"]),
    "draw_moved": lambda: plots.draw_moved(DIGITS[0], torch.arange(9).reshape(3, 3)),
    "draw_only_one_wrong": lambda: plots.draw_only_one_wrong(
        DIGITS[:, None],
        torch.zeros(5, dtype=torch.int64),
        torch.tensor([0, 1, 1, 2, 0]),
        torch.tensor([3, 0, 0, 3, 0]),
    ),
    "plot_errors with an overtaking": lambda: plots.plot_errors([A], [B], overtaken=True),
    "plot_images with an arrow": lambda: plots.plot_images(POINTS, POINTS, {1: [14, 9, 30]}),
    "plot_blocks with failed runs": lambda: plots.plot_blocks(
        POINTS, {**POINTS, 14: [0.95, 0.1], 28: [0.9, 0.1, 0.1, 0.9, 0.9]}
    ),
    "draw_outlines": lambda: plots.draw_outlines(DIGITS[:2], DIGITS[2], "abcd"),
    "draw_misread": lambda: plots.draw_misread(DIGITS, torch.arange(5), torch.arange(5) + 1),
    "plot_sizes": lambda: plots.plot_sizes({(10, 20): [0.9]}, {(10, 90): [0.8], (30, 70): [0.9]}),
    "plot_sizes with names": lambda: plots.plot_sizes(
        {(10, 20): [0.9]}, {(10, 90): [0.8], (30, 70): [0.9]}, ["100"], ["2, 4", "8, 16"]
    ),
    "draw_mismatch": lambda: plots.draw_mismatch({1: GAP, 4: GAP}),
    "draw_accuracy_maps": lambda: plots.draw_accuracy_maps(SQUARE[:3, :3] / 8, SQUARE[1:, 1:] / 8),
    "plot_profiles": lambda: plots.plot_profiles(PROFILE, PROFILE[:2]),
    "plot_shifted_training": lambda: plots.plot_shifted_training(SHIFTED, SHIFTED),
    "draw_kernels": lambda: plots.draw_kernels({"one": DIGITS, "two": DIGITS - 0.5}),
    "draw_before_after": lambda: plots.draw_before_after(DIGITS - 0.5, DIGITS, columns=4),
    "draw_matrices": lambda: plots.draw_matrices(MAPS[0], MAPS[1]),
    "draw_seen": lambda: plots.draw_seen({"before": DIGITS[0], "after": DIGITS[1]}, (6, 6, 16)),
    "plot_spared": lambda: plots.plot_spared(
        {"MLP, 100 units": [0.1, 0.5], "CNN, maps": [0.0, -0.1]}
    ),
    "plot_without_many": lambda: plots.plot_without_many(
        {0.0: [0.98], 0.5: [0.7, 0.8]}, {0.0: [0.99], 0.5: [0.9]}
    ),
    "plot_confusions": lambda: plots.plot_confusions(
        SQUARE.new_ones(10, 10), SQUARE.new_ones(10, 10)
    ),
}


@pytest.fixture(scope="module", params=DRAWINGS)  # the tests of one drawing follow each other
def drawing(request: pytest.FixtureRequest) -> plots.Drawing:
    """Each drawing, drawn once for all tests that look at it."""
    before, figures = dict(mpl.rcParams), plt.get_fignums()
    drawing = DRAWINGS[request.param]()
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == figures
    return drawing


def svg_text(drawing: plots.Drawing) -> str:
    """The drawing as SVG, with its text as text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(plots.STYLE, "svg.fonttype", "none")
        return "".join(ET.fromstring(drawing._repr_svg_()).itertext())


def test_every_figure_is_tried() -> None:
    drawing = {name for name in dir(plots) if name.startswith(("plot_", "draw_"))}
    assert drawing <= DRAWINGS.keys()


def test_figures_show_as_svg_and_leave_nothing_in_matplotlibs_global_state(
    drawing: plots.Drawing,
) -> None:
    before, figures = dict(mpl.rcParams), plt.get_fignums()
    assert type(drawing) is plots.Drawing
    shown = drawing._repr_mimebundle_()
    for kind, width in (("image/svg+xml", plots.WIDE), (plots.NARROW_SVG, plots.NARROW)):
        root = ET.fromstring(shown[kind])
        assert root.tag.endswith("svg")
        assert inches(root) == pytest.approx(width, abs=0.01)
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == figures


def inches(root: ET.Element) -> float:
    """Width of an SVG."""
    return float(root.get("width").removesuffix("pt")) / 72


def test_figures_have_no_ground_of_their_own_and_black_ink(drawing: plots.Drawing) -> None:
    """So that a page can turn them over in the dark."""
    for one in (drawing, drawing.narrow):
        assert one.patch.get_alpha() == 0 or one.patch.get_facecolor()[3] == 0
        assert all(not axes.axison or axes.patch.get_facecolor()[3] == 0 for axes in one.axes)
        assert pale_ink(one) == []


def pale_ink(drawing: plots.Drawing) -> list[str]:
    """Letters, and lines and ticks of axes, that are hard to see on white or on the pixel below them."""
    letters = [
        (f"{text.get_text()!r}", contrast(text.get_color(), ground(text)))
        for text in drawing.findobj(Text)
        if text.get_text().strip() and text.get_visible()
    ]
    plotted = [axes for axes in drawing.axes if axes.axison]
    ticks = [
        (f"a tick of the {axis.axis_name} axis", contrast(tick.tick1line.get_color(), "white"))
        for axes in plotted
        for axis in (axes.xaxis, axes.yaxis)
        for tick in axis.get_major_ticks()
    ]
    spines = [
        (f"the {side} line", contrast(spine.get_edgecolor(), "white"))
        for axes in plotted
        for side, spine in axes.spines.items()
        if spine.get_visible()
    ]
    pale = [name for name, found in letters + ticks if found < 3]  # WCAG's least, for large letters
    return pale + [name for name, found in spines if found < 2.5]  # frames of images are grey


def ground(text: Text) -> object:
    """The colour on which a text stands: that of a pixel, or white."""
    x, y = text.get_position()
    on_data = text.axes is not None and text.get_transform() == text.axes.transData
    for image in reversed(text.axes.images if on_data else ()):  # the last one lies above
        left, right, lower, upper = image.get_extent()
        across, down = (x - left) / (right - left), (upper - y) / (upper - lower)
        pixels = image.to_rgba(image.get_array())
        if 0 <= across < 1 and 0 <= down < 1 and image.origin == "upper":
            *color, opacity = pixels[int(down * len(pixels)), int(across * len(pixels[0]))]
            return color if opacity else "white"
    return "white"


def contrast(one: object, other: object) -> float:
    """Contrast of two colours as WCAG has it: 1 of equal ones, 21 of black and white."""
    dark, light = sorted(map(luminance, (one, other)))
    return (light + 0.05) / (dark + 0.05)


def luminance(color: object) -> float:
    """Relative luminance as WCAG has it: 0 of black, 1 of white."""
    channels = np.array(to_rgb(color))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


@pytest.mark.parametrize(
    ("setting", "says"),
    [
        ("axes.labelcolor", "'epoch'"),
        ("xtick.color", "a tick of the x axis"),
        ("axes.edgecolor", "the left line"),
    ],
)
def test_planted_a_style_for_a_dark_ground_has_pale_ink(
    setting: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pale_ink(plots.plot_losses(A, B)) == []
    monkeypatch.setitem(plots.STYLE, setting, "0.8")
    assert says in pale_ink(plots.plot_losses(A, B))


def test_planted_black_letters_on_dark_pixels_are_found() -> None:
    drawing = plots.draw_pixels(DIGITS[0], slice(0, 6), slice(0, 6))
    assert pale_ink(drawing) == []
    for text in drawing.axes[0].texts:
        text.set_color("black")
    assert pale_ink(drawing) != []


def test_letters_are_large_enough_and_lie_neither_outside_nor_on_others(
    drawing: plots.Drawing,
) -> None:
    for one in (drawing, drawing.narrow):
        one.draw_without_rendering()
        assert letters_at_fault(one) == []
        assert letters_on_letters(one) == []


def letters_at_fault(drawing: plots.Drawing) -> list[str]:
    """Texts of a figure that is laid out that are too small, or that leave the picture."""
    page = drawing.bbox.padded(2)
    found = []
    for text in drawing.findobj(Text):
        box = text.get_window_extent()
        if not text.get_text() or not text.get_visible() or box.width == 0:
            continue
        if text.get_fontsize() * 96 / 72 < 12:
            found.append(f"{text.get_text()} has {text.get_fontsize() * 96 / 72:.1f} pixels")
        if not (page.contains(*box.min) and page.contains(*box.max)) and _is_drawn(drawing, text):
            found.append(f"{text.get_text()} leaves the picture")
    return found


def _is_drawn(drawing: plots.Drawing, text: Text) -> bool:
    """Whether a text is seen: the label of a tick beyond the axes' limits is not."""
    for axes in drawing.axes:
        for axis, number in ((axes.xaxis, 0), (axes.yaxis, 1)):
            low, high = sorted(axis.get_view_interval())
            for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks()):
                if text in (tick.label1, tick.label2):
                    return axes.axison and low <= text.get_position()[number] <= high
    return True


def test_letters_that_are_too_small_or_outside_are_found() -> None:
    drawing = plots.plot_losses(A, B)
    drawing.text(0.5, 0.5, "tiny", fontsize=8)
    drawing.text(0.9, 0.5, "far too long for the place that is left beside it")
    drawing.draw_without_rendering()
    found = letters_at_fault(drawing)
    assert len(found) == 2
    assert "tiny has 10.7 pixels" in found[0]


def letters_on_letters(drawing: plots.Drawing) -> list[str]:
    """Pairs of texts of a figure that is laid out that overlap by more than a pixel."""
    seen = {
        text: text.get_window_extent().padded(-1)
        for text in drawing.findobj(Text)
        if text.get_text().strip() and text.get_visible() and _is_drawn(drawing, text)
    }
    return [
        f"{one.get_text()!r} lies on {other.get_text()!r}"
        for (one, box), (other, below) in combinations(seen.items(), 2)
        if box.overlaps(below)
    ]


def test_letters_that_lie_on_others_are_found() -> None:
    drawing = plots.plot_ladder(WALK)
    drawing.draw_without_rendering()
    assert letters_on_letters(drawing) == []
    drawing.set_figheight(0.75)  # the two lines of the first name reach the second name
    drawing.draw_without_rendering()
    assert letters_on_letters(drawing) != []


def svg(drawing: plots.Drawing) -> str:
    """The drawing as SVG, without the names of frames: they have the last bits of the layout in them."""
    return re.sub(r'(?<=url\(#)p\w+|(?<=id=")p\w+', "", drawing._repr_svg_())


def test_the_same_figure_is_the_same_file() -> None:
    first, second = (svg(plots.plot_losses(A, B)) for _ in range(2))
    assert first == second != svg(plots.plot_losses(B, A))
    assert "<dc:date>" not in first


@pytest.mark.parametrize("user", ["dark_background", {"font.size": 30, "axes.labelsize": 20}])
def test_the_style_is_the_books_whatever_the_users_is(user: str | dict[str, object]) -> None:
    first = svg(plots.plot_losses(A, B))
    with plt.style.context(user):
        other = svg(plots.plot_losses(A, B))
    assert other == first


# --- curves


@pytest.mark.parametrize(
    ("draw", "values", "ylabel"),
    [
        (plots.plot_losses, "test_loss", "test loss (nats per image)"),
        (plots.plot_accuracies, "test_accuracy", "test accuracy"),
    ],
)
def test_curves_are_the_histories_in_the_networks_looks(
    draw: Callable[..., plots.Drawing], values: str, ylabel: str
) -> None:
    [axes] = draw(A, B).axes
    lines = axes.get_lines()
    assert len(lines) == 2
    for line, history, look in zip(
        lines, (A, B), (plots.FULLY_CONNECTED, plots.CONVOLUTIONAL), strict=True
    ):
        assert line.get_xdata().tolist() == [1, 2, 3]
        assert line.get_ydata().tolist() == getattr(history, values)
        assert to_hex(line.get_color()).upper() == look.color
        assert (line.get_linestyle(), line.get_marker()) == (look.linestyle, look.marker)
    assert axes.get_xlabel() == "epoch"
    assert axes.get_ylabel() == ylabel


def test_a_band_goes_from_the_lowest_to_the_highest_and_the_line_is_the_mean() -> None:
    [axes] = plots.plot_seeds([A, B], [B], "test_accuracy").axes
    line, other = axes.get_lines()
    assert line.get_ydata() == pytest.approx([0.6, 0.8, 0.925])
    assert other.get_ydata() == pytest.approx(B.test_accuracy)
    band = axes.collections[0].get_paths()[0].vertices
    for epoch, low, high in ((1, 0.5, 0.7), (2, 0.7, 0.9), (3, 0.9, 0.95)):
        heights = band[band[:, 0] == epoch, 1]
        assert (heights.min(), heights.max()) == pytest.approx((low, high))
    for drawn, look in zip(
        (line, other), (plots.FULLY_CONNECTED, plots.CONVOLUTIONAL), strict=True
    ):
        assert to_hex(drawn.get_color()).upper() == look.color
        assert drawn.get_linestyle() == look.linestyle
        assert drawn.get_label() == look.name
    assert axes.get_ylabel() == "test accuracy"


def test_live_runs_are_marked_where_they_are() -> None:
    [axes] = plots.plot_seeds([A, B], [B, B], "test_loss", (A, B)).axes
    marks = axes.collections[-2:]
    for mark, history in zip(marks, (A, B), strict=True):
        assert mark.get_offsets().tolist() == [[1 + i, y] for i, y in enumerate(history.test_loss)]
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == "test loss (nats per image)"
    assert len(plots.plot_seeds([A], [B]).axes[0].collections) == 2


@pytest.mark.parametrize(
    ("histories", "quantity", "says"),
    [
        (([A], [B]), "accuracy", "quantity is 'accuracy'; expected one of test_loss"),
        (([], [B]), "test_loss", "at least one history"),
        (([A], [History()]), "test_loss", "at least one history"),
        (([A, History(*([1.0],) * 5)], [B]), "test_loss", r"have \[1, 3\] epochs; expected"),
    ],
)
def test_bands_of_what_is_not_several_equal_runs_are_refused(
    histories: tuple[list[History], list[History]], quantity: str, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        plots.plot_seeds(*histories, quantity)


def test_the_two_looks_differ_in_more_than_colour() -> None:
    a, b = plots.FULLY_CONNECTED, plots.CONVOLUTIONAL
    assert (a.color, a.linestyle, a.marker) == ("#0072B2", "-", "o")
    assert (b.color, b.linestyle, b.marker) == ("#D55E00", "--", "s")


def test_the_loss_starts_at_zero_and_the_accuracy_is_in_per_cent() -> None:
    assert plots.plot_losses(A, B).axes[0].get_ylim()[0] == 0
    assert "%" in svg_text(plots.plot_accuracies(A, B))


@pytest.mark.parametrize("epochs", [1, 2, 10, 100])
def test_epochs_are_whole_numbers_from_one(epochs: int) -> None:
    history = History(*([0.5] * epochs for _ in range(5)))
    drawing = plots.plot_losses(history, history)
    ticks = drawing.axes[0].get_xticks()
    assert np.array_equal(ticks, ticks.round())
    assert drawing.axes[0].get_lines()[0].get_xdata()[-1] == epochs


@pytest.mark.parametrize("last", [0.2, 0.5, 0.501])
def test_the_names_at_the_ends_of_the_lines_do_not_overlap(last: float) -> None:
    other = History([1.0, 0.7, last], [0.5] * 3, [1.0] * 3, [0.5] * 3, [1.0] * 3)
    drawing = plots.plot_losses(A, other)
    drawing.draw_without_rendering()
    boxes = [text.get_window_extent() for text in drawing.axes[0].texts]
    assert {text.get_text() for text in drawing.axes[0].texts} == {
        plots.FULLY_CONNECTED.name,
        plots.CONVOLUTIONAL.name,
    }
    assert not boxes[0].overlaps(boxes[1])


def test_training_and_test_loss_can_be_told_apart() -> None:
    drawing = plots.plot_training(A, B)
    looks = (plots.FULLY_CONNECTED, plots.CONVOLUTIONAL)
    for axes, history, look in zip(drawing.axes, (A, B), looks, strict=True):
        training, test = axes.get_lines()
        assert training.get_ydata().tolist() == history.train_loss
        assert test.get_ydata().tolist() == history.test_loss
        assert to_hex(test.get_color()).upper() == look.color
        assert training.get_marker() != test.get_marker()
        assert axes.get_title() == look.name
        assert [text.get_text() for text in axes.get_legend().get_texts()] == [
            "training, during the epoch",
            "test, after the epoch",
        ]
    assert drawing.axes[0].get_ylim() == drawing.axes[1].get_ylim(), "one scale"


def test_wrong_answers_are_what_is_left_of_the_accuracy() -> None:
    [axes] = plots.plot_errors([A, B], [B, B], shaded=2).axes
    assert axes.get_lines()[0].get_ydata() == pytest.approx([0.4, 0.2, 0.075])
    assert axes.get_yscale() == "log"


def test_levels_to_compare_with_are_dotted_and_named() -> None:
    [axes] = plots.plot_errors([A], [B], levels=(0.3, 0.1), said="before").axes
    dotted = [line.get_ydata()[0] for line in axes.get_lines() if line.get_linestyle() == ":"]
    assert dotted == [0.3, 0.1]
    written = {text.get_text() for text in axes.texts}
    assert "before" in written
    assert not {one for one in written if one.startswith("_")}, "a level has no name of its own"


def test_epochs_are_counted_in_whole_numbers() -> None:
    twenty = History(*([0.5] * 20 for _ in range(5)))
    [axes] = plots.plot_errors([twenty], [twenty]).axes
    assert all(tick == round(tick) for tick in axes.get_xticks())


def test_where_the_convolutional_network_has_overtaken_is_marked() -> None:
    (axes,) = plots.plot_errors([A], [B], overtaken=True).axes
    *_, dotted, point = axes.get_lines()
    assert dotted.get_xdata() == pytest.approx([2, 3]), "0.1 wrong at the end, and after two epochs"
    assert point.get_xydata().tolist() == [[2, pytest.approx(0.1)]]
    assert "epoch 2" in {text.get_text() for text in axes.texts}
    (never,) = plots.plot_errors([B], [A], overtaken=True).axes
    assert len(never.get_lines()) == 2, "it never is as good"
    better = replace(B, test_accuracy=[0.7, 0.92, 0.95])
    (axes,) = plots.plot_errors([A], [better], overtaken=True).axes
    *_, dotted, point = axes.get_lines()
    assert dotted.get_ydata() == pytest.approx([0.1, 0.1]), (
        "the line is at what it is compared with"
    )
    assert point.get_xydata().tolist() == [[2, pytest.approx(0.08)]], "the point on the curve"


def test_by_the_clock_each_epoch_is_as_long_as_the_median_one() -> None:
    [axes] = plots.plot_by_the_clock([A, A], [B, B]).axes
    a, b, dotted, point = axes.get_lines()
    assert a.get_xdata().tolist() == [1, 2, 3]
    assert b.get_xdata().tolist() == [2, 4, 6]
    assert b.get_ydata() == pytest.approx([0.3, 0.1, 0.05])
    assert dotted.get_xdata().tolist() == [4, 3], "0.1 wrong at the end, and after four seconds"
    assert point.get_xydata().tolist() == [[4, pytest.approx(0.1)]]


def test_the_clock_says_minutes() -> None:
    slow = replace(A, test_accuracy=[0.7, 0.9, 0.95], seconds=[60, 60, 60])
    [axes] = plots.plot_by_the_clock([A], [slow]).axes
    left, right = axes.get_xlim()
    shown = [
        label.get_text()
        for place, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
        if left <= place <= right
    ]
    assert shown == ["1 s", "10 s", "1 min"]
    assert "2 min" in {text.get_text() for text in axes.texts}


def test_softmax_heights_are_probabilities_and_the_point_is_the_loss() -> None:
    logits = torch.tensor([0.0, 1.0, -2.0])
    bars, probabilities, curve = plots.plot_softmax(logits.tolist(), 1).axes
    assert [bar.get_height() for bar in bars.patches] == [0, 1, -2]
    p = logits.softmax(0)
    assert [bar.get_height() for bar in probabilities.patches] == pytest.approx(p.tolist())
    x, y = curve.get_lines()[-1].get_xydata()[0]
    assert (x, y) == pytest.approx((p[1].item(), -p[1].log().item()))
    written = [text.get_text() for axes in (probabilities, curve) for text in axes.texts]
    assert written == [f"p = {p[1]:.2g}", f"{-p[1].log():.2f} nats"]


@pytest.mark.parametrize("draw", [plots.plot_losses, plots.plot_accuracies])
def test_an_empty_history_is_named(draw: Callable[..., plots.Drawing]) -> None:
    for histories, name in (((History(), B), "MLP"), ((A, History()), "CNN")):
        with pytest.raises(ValueError, match=f"history of the {name} is empty; expected"):
            draw(*histories)


def test_batch_mean_errors_are_in_percentage_points() -> None:
    [axes] = plots.plot_batch_mean_errors([1, 10, 64], [0.0, 0.001, -0.002]).axes
    points = axes.get_lines()[-1]
    assert points.get_xdata().tolist() == [1, 10, 64]
    assert points.get_ydata() == pytest.approx([0, 0.1, -0.2])
    assert axes.get_xscale() == "log"


# --- images


@pytest.mark.parametrize("images", [DIGITS, DIGITS.unsqueeze(1)], ids=["N, H, W", "N, 1, H, W"])
def test_digits_are_crisp_dark_on_white_and_complete(images: torch.Tensor) -> None:
    drawing = plots.draw_digits(images, titles=[3, 1, 4, 1, 5], columns=3)
    shown = [axes for axes in drawing.axes if axes.images]
    assert len(drawing.axes) == 6
    assert not drawing.axes[5].axison, "the place that is left over is empty"
    for axes, image, title in zip(shown, DIGITS, "31415", strict=True):
        [picture] = axes.images
        assert np.array_equal(picture.get_array(), image.numpy())
        assert picture.get_clim() == (0, 1), "grey means the same in every image"
        assert picture.get_interpolation() in ("none", "nearest")
        assert picture.cmap(0.0)[:3] == (1, 1, 1), "paper is white"
        assert picture.cmap(1.0)[:3] == (0, 0, 0), "ink is black"
        assert axes.get_title() == title


@pytest.mark.parametrize(
    ("images", "titles", "says"),
    [
        (DIGITS[0], (), r"images have shape \(28, 28\); expected \(N, H, W\)"),
        (torch.zeros(2, 3, 28, 28), (), r"images have shape \(2, 3, 28, 28\); expected"),
        (DIGITS[:0], (), r"images have shape \(0, 28, 28\); expected .* at least one image"),
        (DIGITS, ["one"], "1 titles for 5 images; expected one per image"),
    ],
)
def test_images_that_cannot_be_drawn_are_named(
    images: torch.Tensor, titles: tuple, says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        plots.draw_digits(images, titles)


@pytest.mark.parametrize(("images", "titles"), [(DIGITS, "ab"), (DIGITS[:0], "")])
def test_an_outline_needs_two_titles(images: torch.Tensor, titles: str) -> None:
    with pytest.raises(ValueError, match=r"titles for \d images; expected two per image"):
        plots.draw_outlines(images, DIGITS[0], titles)


def test_flattening_takes_neighbours_apart_by_one_row() -> None:
    drawing = plots.draw_flattening(DIGITS[0], row=5, column=7)
    for one in (drawing, drawing.narrow):
        [axes] = one.axes
        whole, strip = (picture.get_array() for picture in axes.images)
        assert np.array_equal(whole, DIGITS[0].numpy())
        first = 5 * 28 + 7
        start = (DIGITS[0].flatten() == float(strip[0, 0])).nonzero().item()
        assert np.array_equal(strip[0], DIGITS[0].flatten()[start : start + strip.shape[1]])
        texts = [text.get_text() for text in axes.texts]
        assert texts == [str(first), str(first + 28), "position in the list"]


def numbers_in(drawing: plots.Drawing) -> list[str]:
    """The texts of a drawing that are whole numbers."""
    texts = [text.get_text() for axes in drawing.axes for text in axes.texts]
    return [text for text in texts if re.fullmatch(r"−?\d+", text)]


def written(*tensors: torch.Tensor) -> list[str]:
    values = [value for tensor in tensors for value in tensor.flatten().tolist()]
    return [f"{value + 0.0:.0f}".replace("-0", "0").replace("-", "−") for value in values]


def test_sliding_shows_every_number_and_the_products_of_the_window() -> None:
    kernel, output = SQUARE[:3, :3], SQUARE[:2, :2]
    drawing = plots.draw_sliding(SQUARE, kernel, output, at=(1, 0))
    window = SQUARE[1:4, 0:3]
    products = window * kernel
    expected = written(SQUARE, kernel, output, window, kernel, products, products.sum())
    assert numbers_in(drawing) == numbers_in(drawing.narrow) == expected
    given = {"image": SQUARE.tolist(), "kernel": kernel.tolist(), "at": [1, 0]}
    assert drawing._repr_mimebundle_()[plots.NUMBERS] == given


@pytest.mark.parametrize(("padding", "stride"), [(0, 1), (1, 1), (1, 2), (2, 3)])
def test_as_many_positions_are_drawn_as_a_convolution_has(padding: int, stride: int) -> None:
    drawing = plots.draw_positions(7, 3, [(padding, stride)])
    layer = torch.nn.Conv1d(1, 1, 3, padding=padding, stride=stride)
    count = layer(torch.zeros(1, 1, 7)).shape[-1]
    for figure in (drawing, drawing.narrow):
        (axes,) = figure.axes
        bars = [patch for patch in axes.patches if patch.get_height() == pytest.approx(0.11)]
        assert len(bars) == count
        assert len(axes.patches) == 7 + 2 * padding + count
        assert f"{count} positions" in [text.get_text() for text in axes.texts]


def test_pixels_and_pooling_show_the_numbers_they_are_given() -> None:
    drawing = plots.draw_pixels(DIGITS[0], slice(3, 9), slice(10, 16))
    assert numbers_in(drawing) == written(DIGITS[0, 3:9, 10:16] * 255)
    assert numbers_in(plots.draw_pooling(SQUARE, SQUARE[:2, :2])) == written(SQUARE, SQUARE[:2, :2])


def test_the_largest_number_of_each_square_is_bold() -> None:
    (axes,) = plots.draw_pooling(SQUARE, SQUARE[1::2, 1::2]).axes
    bold = [text.get_text() for text in axes.texts if text.get_weight() == "bold"]
    assert bold == written(SQUARE[1::2, 1::2]), "SQUARE grows to the right and downwards"


def test_threads_lead_from_the_two_pixels_to_their_places_in_the_list() -> None:
    drawing = plots.draw_flattening(DIGITS[0], row=5, column=7)
    for one in (drawing, drawing.narrow):
        (axes,) = one.axes
        image, strip = (picture.get_extent() for picture in axes.images)
        pixel = (image[1] - image[0]) / 28
        for step, (thread, told) in enumerate(zip(axes.lines, axes.texts, strict=False)):
            (x, end), (y, lowest) = thread.get_data()
            assert (x, y) == pytest.approx(
                (image[0] + 7.5 * pixel, (5.5 + step) * pixel + image[3])
            )
            assert (end, lowest) == pytest.approx((told.get_position()[0], strip[3]))


def test_many_channels_into_one_map_say_how_many_are_left_out() -> None:
    [axes] = plots.draw_channels(MAPS, MAPS[:, :5, :5], MAPS, MAPS[0], shown=2).axes
    assert len(axes.images) == 2 * 3 + 1
    assert "… and 4 more channels" in [text.get_text() for text in axes.texts]


def test_a_drawn_network_shows_what_each_of_its_layers_gave() -> None:
    network = convolutional(2, 3, 10)
    outputs = [DIGITS[:1].unsqueeze(1)]
    with torch.no_grad():
        for layer in network:
            outputs.append(layer(outputs[-1]))
    trace = trace_shapes(network, (1, 28, 28))
    [axes] = plots.draw_network(trace, plots.CONVOLUTIONAL, outputs).axes
    pictures = [picture.get_array() for picture in axes.images]
    assert [picture.shape for picture in pictures] == [
        (28, 28), *[(28, 28)] * 2, *[(14, 14)] * 2, *[(14, 14)] * 3, *[(7, 7)] * 3, (1, 147), (1, 10)
    ]  # fmt: skip
    assert np.array_equal(pictures[-1], outputs[-1].numpy())
    assert np.array_equal(pictures[3], outputs[3][0, 0].numpy()), (
        "after tanh, which joins the pooling"
    )


@pytest.mark.parametrize(
    ("trace", "look", "says"),
    [
        (TRACES[0], plots.FULLY_CONNECTED, ["1 × 28 × 28", "Flatten", "784", "Linear", "100"]),
        (TRACES[1], plots.CONVOLUTIONAL, ["32 × 14 × 14", "Conv2d", "MaxPool2d", "3136", "10"]),
    ],
)
def test_a_drawn_network_names_layers_and_shapes(
    trace: object, look: plots.Look, says: list[str]
) -> None:
    text = svg_text(plots.draw_network(trace, look))
    assert [one for one in says if one not in text] == []


def test_outputs_of_a_network_that_still_learns_are_drawn() -> None:
    maps = nn.Conv2d(1, 4, 5)(DIGITS[:1])
    assert maps.requires_grad
    plots.draw_maps({"conv": maps})
    plots.draw_digits(maps)


def test_variants_have_one_size_and_one_scale() -> None:
    drawing = plots.draw_variants(VARIANTS)
    (axes,) = drawing.axes
    assert [text.get_text() for text in axes.texts] == [*VARIANTS, "−0.50"], "one number is written"
    assert {picture.get_clim() for picture in axes.images} == {(-2, 2)}
    sides = {tuple(np.diff(picture.get_extent()[:2]).tolist()) for picture in axes.images}
    assert len({round(side, 6) for (side,) in sides}) == 1, "one size on the page"


def test_one_large_value_does_not_make_the_others_pale() -> None:
    spot = torch.ones(20, 20)
    spot[3, 3] = 100
    for drawing in (plots.draw_variants({"one": spot}), plots.draw_maps({"one": spot[None]})):
        assert [picture.get_clim() for picture in drawing.axes[0].images] == [(-1, 1)]


def test_maps_have_a_scale_that_is_symmetric_around_zero() -> None:
    maps = torch.tensor([0.5, -2.0]).reshape(2, 1, 1).expand(2, 4, 4)
    drawing = plots.draw_maps({"first": maps, "second": 3 * maps})
    limits = [picture.get_clim() for picture in drawing.axes[0].images]
    assert limits == [(-2, 2), (-2, 2), (-6, 6), (-6, 6)]
    sides = {tuple(np.diff(picture.get_extent()).tolist()) for picture in drawing.axes[0].images}
    assert len({round(width, 6) for width, *_ in sides}) == 1, "one size on the page"


def test_areas_are_the_work() -> None:
    wide = plots.draw_work(*TRACES)
    for drawing in (wide, wide.narrow):
        small, *bands = drawing.axes[0].patches
        work = [layer.multiply_accumulates for layer in TRACES[1] if layer.multiply_accumulates]
        areas = [patch.get_width() * patch.get_height() for patch in (small, *bands)]
        total = sum(layer.multiply_accumulates for layer in TRACES[0])
        assert areas == pytest.approx([area * areas[0] / total for area in (total, *work)])
        assert {round(band.get_width(), 6) for band in bands} == {
            round(sum(band.get_height() for band in bands), 6)
        }, "a square"


def test_shares_add_up_to_the_whole() -> None:
    drawing = plots.plot_shares(*TRACES)
    for axes, trace in zip(drawing.axes, TRACES, strict=True):
        *layers, whole = [bar.get_width() for bar in axes.patches]
        assert layers == [layer.parameters for layer in trace if layer.parameters]
        assert whole == sum(layers)
        assert axes.get_xscale() == "linear", "a length is an amount"
        assert axes.get_xlim() == drawing.axes[0].get_xlim(), "one scale for what is compared"
        assert axes.get_xlim()[0] == 0


def test_a_layer_of_which_there_is_one_has_no_number() -> None:
    names = [
        [label.get_text() for label in axes.get_yticklabels()]
        for axes in plots.plot_shares(*TRACES).axes
    ]
    assert names == [
        ["Linear 1", "Linear 2", "Linear 3", "sum"],
        ["Conv2d 1", "Conv2d 2", "Linear", "sum"],
    ]
    (axes,) = plots.draw_work(*TRACES).axes
    bands = [text.get_text().partition(":")[0] for text in axes.texts[2:]]
    assert bands == ["Conv2d 1", "Conv2d 2", "Linear"], "and below the names of both networks"


def test_shares_of_a_deep_network_are_drawn_too() -> None:
    deep = trace_shapes(nn.Sequential(*[nn.Linear(n, n + 1) for n in range(4, 13)]), (4,))
    drawing = plots.plot_shares(deep, TRACES[1])
    for one in (drawing, drawing.narrow):
        one.draw_without_rendering()
        bars = one.axes[0].patches
        names = [label.get_text() for label in one.axes[0].get_yticklabels()]
        assert names == [*(f"Linear {number}" for number in range(1, 10)), "sum"]
        amounts = [(n + 1) ** 2 for n in range(4, 13)]
        assert [bar.get_width() for bar in bars] == [*amounts, sum(amounts)]
        assert letters_at_fault(one) == letters_on_letters(one) == []


def test_answers_are_drawn_as_the_networks_give_them() -> None:
    drawing = plots.plot_answers(255 * DIGITS[0], *NETWORKS)
    blue, vermillion = drawing.axes[1].containers
    for network, bars in ((NETWORKS[0], blue), (NETWORKS[1], vermillion)):
        with torch.no_grad():
            chances = network(DIGITS[:1, None])[0].softmax(dim=0)
        assert [bar.get_width() for bar in bars] == pytest.approx(chances.tolist(), abs=1e-6)
    assert {to_hex(bar.get_facecolor()) for bar in vermillion} == {"#d55e00"}
    assert all(bar.get_hatch() for bar in vermillion)


def test_every_run_of_an_experiment_is_a_point() -> None:
    few, many = {0.01: [0.9, 0.91], 0.1: [0.97, 0.98, 0.96]}, {0.01: [0.95], 0.1: [0.99]}
    for plot in (plots.plot_rates, plots.plot_blocks):
        axes = plot(few, many).axes[0]
        points = [tuple(point) for each in axes.collections for point in each.get_offsets()]
        errors = sorted(round(y, 6) for _, y in points)
        assert errors == [0.01, 0.02, 0.03, 0.04, 0.05, 0.09, 0.1], "one for each run"
        lines = [line for line in axes.get_lines() if len(line.get_xdata()) == 2]
        means = [list(line.get_ydata()) for line in lines if line.get_linestyle() != ":"]
        assert means == [pytest.approx([0.095, 0.03]), pytest.approx([0.05, 0.01])]
        assert {text.get_text() for text in axes.get_legend().get_texts()} == {*("MLP", "CNN")}


def test_a_line_breaks_at_the_rates_at_which_most_runs_guess() -> None:
    rates = {0.1: [0.95, 0.96, 0.1], 0.3: [0.1, 0.1, 0.97], 1.0: [0.1, 0.9, 0.9]}
    (axes,) = plots.plot_rates(rates, {0.1: [0.9]}).axes
    (line,) = (x for x in axes.lines if x.get_color() == plots.FULLY_CONNECTED.color)
    assert list(line.get_ydata()) == pytest.approx([0.045, np.nan, 0.1], nan_ok=True)
    assert "guessing" in [text.get_text() for text in axes.texts]
    (cliff,) = (text for text in axes.texts if text.arrow_patch)
    assert (cliff.xyann, cliff.xy) == ((0.1, pytest.approx(0.05)), (0.3, pytest.approx(0.9)))
    assert sum(len(marks.get_offsets()) for marks in axes.collections) == 10, "each run has a mark"
    (axes,) = plots.plot_rates(POINTS, POINTS).axes
    assert "guessing" not in [text.get_text() for text in axes.texts]


def check_worth(axes: Axes) -> None:
    """An arrow at the height of the runs with 100 images, to 900, and below its head a ruler on the axis."""
    arrow, drop, told, ends = axes.texts
    assert arrow.xyann == (100, pytest.approx(0.1))
    assert arrow.xy == (900, pytest.approx(0.1)), "level"
    assert told.get_text() == "× 9"
    assert ends.get_text() == "by seed: × 7 to 10"
    assert (drop.xyann, drop.xy) == ((900, pytest.approx(0.1)), (900, 0)), "from head to ruler"
    ruler = ruler_of(axes)
    assert list(ruler.get_xdata()) == [700, 900, 950]
    feet = [drop.xycoords.transform(drop.xy), *ruler.get_transform().transform(ruler.get_xydata())]
    bottom = axes.get_window_extent().y0
    assert [y for _, y in feet] == [pytest.approx(bottom)] * 4, "on the axis, at no height"


def ruler_of(axes: Axes) -> Line2D:
    (ruler,) = (line for line in axes.get_lines() if line.get_marker() == TICKUP)
    return ruler


def test_an_arrow_tells_how_many_images_are_as_good() -> None:
    few, many = {100: [0.9, 0.9, 0.6], 1000: [0.95]}, {100: [0.5], 1000: [0.91]}
    check_worth(plots.plot_images(many, few, {100: [900, 700, 950]}).axes[0])
    assert plots.plot_images(many, few).axes[0].texts[:] == []
    with pytest.raises(AssertionError):
        check_worth(plots.plot_images(few, many, {100: [900, 700, 950]}).axes[0])


def test_a_ruler_with_a_height_is_found() -> None:
    few, many = {100: [0.9, 0.9, 0.6], 1000: [0.95]}, {100: [0.5], 1000: [0.91]}
    (axes,) = plots.plot_images(many, few, {100: [900, 700, 950]}).axes
    ruler_of(axes).set(transform=axes.transData, ydata=[0.07] * 3)
    with pytest.raises(AssertionError, match="at no height"):
        check_worth(axes)


def test_the_head_of_the_arrow_touches_the_line_at_which_it_points() -> None:
    drawing = plots.plot_images(POINTS, POINTS, {1: [14, 9, 30]})
    for one in (drawing, drawing.narrow):
        one.draw_without_rendering()
        (axes,) = one.axes
        arrow, *_ = axes.texts
        head = arrow.arrow_patch.get_window_extent().x1
        away = (axes.transData.transform(arrow.xy)[0] - head) * 72 / one.dpi
        assert 0 < away < 3, "points: half the line, and the edge of the head"


def check_failed(axes: Axes) -> None:
    """Two of five runs have failed, at the second place of the second network."""
    assert [text.get_text() for text in axes.texts] == ["2 failed"]
    heights = [y for points in axes.collections for _, y in points.get_offsets().tolist()]
    assert len(heights) == 2 + 2 + 3
    assert max(heights) < 0.5
    assert axes.get_lines()[1].get_ydata() == pytest.approx([0.075, 0.4 / 3]), (
        "means are of the others"
    )


def test_failed_runs_on_blocks_are_counted_and_left_out_of_the_means(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    two, some = {1: [0.9], 28: [0.9]}, {1: [0.9, 0.95], 28: [0.9, 0.1, 0.1, 0.8, 0.9]}
    check_failed(plots.plot_blocks(two, some).axes[0])
    monkeypatch.setattr(experiments, "FAILED", 1.0)
    with pytest.raises(AssertionError):
        check_failed(plots.plot_blocks(two, some).axes[0])
    monkeypatch.undo()
    draw = experiments._error_points
    through = functools.partial(draw, middle=max)
    monkeypatch.setattr(experiments, "_error_points", through)
    with pytest.raises(AssertionError, match="means are of the others"):
        check_failed(plots.plot_blocks(two, some).axes[0])


def test_digits_stand_below_the_name_of_the_one_network_that_misreads_them() -> None:
    targets, images = (
        torch.zeros(5, dtype=torch.int64),
        torch.arange(5.0)[:, None, None, None].expand(5, 1, 4, 4),
    )
    a, b = torch.tensor([0, 1, 1, 2, 0]), torch.tensor([3, 0, 0, 3, 0])
    for drawing in (figure := plots.draw_only_one_wrong(images, targets, a, b), figure.narrow):
        (axes,) = drawing.axes
        shown = [int(picture.get_array()[0, 0]) for picture in axes.images]
        assert shown == [1, 2, 0], "not the one that both get wrong, nor the one that both read"
        assert [text.get_text() for text in axes.texts] == [
            *(
                "only the MLP wrong",
                "0 (1)",
                "0 (1)",
                "only the CNN wrong",
                "0 (3)",
            )
        ]


def test_runs_at_one_place_stand_side_by_side_so_that_they_can_be_counted() -> None:
    drawing = plots.plot_images({100: [0.9] * 3, 1000: [0.95] * 3}, {100: [0.9], 1000: [0.95]})
    for figure in (drawing, drawing.narrow):
        assert figure is not None
        (axes,) = figure.axes
        figure.draw_without_rendering()
        seen = []
        for each in axes.collections:
            x, _ = each.get_offset_transform().transform(each.get_offsets()[0])
            seen.append(x - axes.transData.transform((100, 0.1))[0])
        *blue, vermillion = seen
        assert blue == sorted(blue, reverse=True), "each further to the left"
        assert len(set(seen)) == 4
        assert max(blue) < 0 < vermillion
        assert axes.bbox.x0 < axes.transData.transform((100, 0.1))[0] + min(seen), "in the plot"


def words_below(drawing: plots.Drawing) -> list[str]:
    """The words of the lower axis that are seen, and a test that they have room between them."""
    drawing.draw_without_rendering()
    (axes,) = drawing.axes
    seen = [label for label in axes.get_xticklabels() if _is_drawn(drawing, label)]
    boxes = [label.get_window_extent() for label in seen]
    gaps = [after.x0 - before.x1 for before, after in pairwise(boxes)]
    assert min(gaps) > 2
    return [label.get_text() for label in seen]


def test_where_not_all_ticks_have_room_the_roundest_do(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = {"a name that needs two lines": [0.982, 0.94], "another of them": [0.97, 0.6]}
    drawing = plots.plot_ladder(rows, reference="another of them")
    assert words_below(drawing) == ["2%", "3%", "5%", "10%", "20%"]
    assert words_below(drawing.narrow) == ["2%", "5%", "10%", "20%"]
    monkeypatch.setattr(experiments._WithRoom, "_room", lambda *_: 1)
    with pytest.raises(AssertionError):
        words_below(drawing.narrow)


def test_where_errors_differ_little_the_axis_has_more_ticks() -> None:
    for accuracies, least in (([0.987, 0.972], 3), ([0.98, 0.925], 5), ([0.99, 0.9], 4)):
        (axes,) = plots.plot_ladder({"one": accuracies}).axes
        low, high = axes.get_xlim()
        assert sum(low <= tick <= high for tick in axes.get_xticks()) >= least


def lowest_tick(least: float) -> str:
    """What is written lowest in a figure whose marks reach from ``least`` to six in a hundred."""
    pairs = {"plain": ([0.94, 0.941], [1 - least, 0.98])}
    drawing = plots.plot_exchanges(pairs)
    (axes,) = drawing.axes
    low, high = axes.get_ylim()
    shown = min(tick for tick in axes.get_yticks() if low <= tick <= high)
    return axes.yaxis.get_major_formatter()(shown)


def test_no_mark_lies_far_below_the_lowest_tick(monkeypatch: pytest.MonkeyPatch) -> None:
    assert [lowest_tick(least) for least in (0.0105, 0.0137, 0.021)] == ["1%", "1.5%", "2%"]
    monkeypatch.setattr(experiments, "BARE", 10)
    assert lowest_tick(0.0137) == "2%"


def test_the_four_corners_share_weights_and_neighbourhoods_as_they_say() -> None:
    kernels = torch.tensor([[[1.0, -1.0], [0.5, 0.0]], [[-0.5, 0.2], [0.1, 1.0]]])
    axes = plots.draw_corners(DIGITS[0], kernels, torch.randperm(784)).axes[0]
    squares = [patch for patch in axes.patches if patch.get_facecolor()[3]]
    assert len(squares) == 4 * 2 * 4, "corners, units, pixels"
    units = [squares[i : i + 4] for i in range(0, 32, 4)]
    weights = [image.get_array() for image in axes.images if image.get_array().shape == (2, 2)]
    same = [(one == two).all() for one, two in zip(weights[::2], weights[1::2], strict=True)]
    assert same == [False, True, False, True]
    spans = [max(p.get_x() for p in u) - min(p.get_x() for p in u) for u in units]
    assert all(span < 1.5 * units[-1][0].get_width() for span in spans[4:]), "two pixels wide"
    assert max(spans[:4]) > 3 * units[-1][0].get_width(), "scattered"
    names = [text.get_text() for text in axes.texts]
    assert names == [
        *("scattered, not shared", "scattered, shared"),
        *("near, not shared", "near and shared"),
    ]


# --- moved digits


def test_cells_that_have_moved_along_exactly_are_told_from_those_that_nearly_have() -> None:
    nearly = GAP.clone()
    nearly[1, 0] = 1e-12
    for gap, zeros in ((GAP, 1), (nearly, 0)):
        (axes, _) = plots.draw_mismatch({4: gap}).axes
        texts = [text.get_text() for text in axes.texts]
        assert texts.count("0") == zeros
        assert texts.count("×") == 3


def test_accuracy_maps_share_one_scale_and_have_the_middle_in_the_middle() -> None:
    both = SQUARE[:3, :3] / 8, torch.zeros(3, 3)
    *panels, _ = plots.draw_accuracy_maps(*both).axes
    for axes, shares in zip(panels, both, strict=True):
        (picture,) = axes.images
        assert picture.get_clim() == (0, 1)
        assert np.array_equal(picture.get_array(), shares)
        assert tuple(picture.get_extent()) == (-1.5, 1.5, 1.5, -1.5)


def test_a_profile_has_the_same_images_in_their_own_place_beside_it() -> None:
    (axes,) = plots.plot_profiles(PROFILE, PROFILE).axes
    dotted = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert [list(line.get_ydata()) for line in dotted] == [[0.95] * 3] * 2


def test_each_run_is_a_mark_and_the_shaded_distances_are_those_of_training() -> None:
    grid = plots.plot_shifted_training(SHIFTED, SHIFTED).axes
    for shift, axes in enumerate(grid):
        marks = [mark for points in axes.collections for mark in points.get_offsets().tolist()]
        assert len(marks) == 2 * 3 * 2
        assert [0, pytest.approx(0.1)] in marks
        words = f"trained on shifts of ±{shift}" if shift else "trained without shifts"
        assert axes.get_title() == words
        (band,) = axes.patches
        # a polygon before matplotlib 3.9, a rectangle since
        extents = band.get_path().get_extents(band.get_patch_transform())
        assert extents.x1 == pytest.approx(shift + 0.3)


def test_the_names_of_sizes_stand_clear_of_their_points_and_of_the_other_line() -> None:
    drawing = plots.plot_sizes(
        {(10, 20): [0.9, 0.8]},
        {(5, 10): [0.8, 0.7], (30, 70): [0.9, 0.6]},
        ["100"],
        ["2, 4", "8, 16"],
    )
    for number, axes in enumerate(drawing.axes):
        told = {text.get_text(): (*text.xy, text.get_va()) for text in axes.texts}
        assert told == {
            "100": ((10, 20)[number], pytest.approx(0.2), "bottom"),
            "2, 4": ((5, 10)[number], pytest.approx(0.2), "top"),
            "8, 16": ((30, 70)[number], pytest.approx(0.4), "bottom"),
        }


@pytest.mark.parametrize(
    ("names", "convolutional_names", "says"),
    [
        ([], ["2, 4"], "1 names for 2 CNNs; expected one per network"),
        (["100", "577"], ["2, 4", "8, 16"], "2 names for 1 MLPs"),
    ],
)
def test_each_network_has_a_name_or_none_has(
    names: list[str], convolutional_names: list[str], says: str
) -> None:
    with pytest.raises(ValueError, match=says):
        plots.plot_sizes(
            {(10, 20): [0.9]}, {(10, 90): [0.8], (30, 70): [0.9]}, names, convolutional_names
        )


def test_the_two_prices_of_a_network_stand_in_two_plots() -> None:
    panels = plots.plot_sizes({(10, 20): [0.9, 0.8]}, {(30, 70): [0.95]}).axes
    places = [
        [mark for points in axes.collections for mark in points.get_offsets().tolist()]
        for axes in panels
    ]
    assert places[0] == [
        [10, pytest.approx(0.1)],
        [10, pytest.approx(0.2)],
        [30, pytest.approx(0.05)],
    ]
    assert [x for x, _ in places[1]] == [20, 20, 70]
    assert [axes.get_xlabel() for axes in panels] == ["parameters", "multiply–accumulates"]
