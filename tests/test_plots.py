"""Figures show the numbers they are given, in one style, and leave matplotlib as it was."""

import re
import xml.etree.ElementTree as ET
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pytest
import torch
from matplotlib import pyplot as plt
from matplotlib.colors import to_hex
from torch import nn

from mnistlab import History, convolutional, fully_connected, plots, trace_shapes

A = History([2.0, 1.0, 0.5], [0.5, 0.7, 0.9], [2.2, 1.2, 0.6], [0.4, 0.6, 0.8], [1.0] * 3)
B = History([1.0, 0.4, 0.2], [0.7, 0.9, 0.95], [1.5, 0.5, 0.3], [0.6, 0.8, 0.9], [2.0] * 3)
NETWORKS = fully_connected(784, 100, 10), convolutional(32, 64, 10)
TRACES = [trace_shapes(network, (1, 28, 28)) for network in NETWORKS]
DIGITS = torch.rand(5, 28, 28, generator=torch.Generator().manual_seed(0))
SQUARE = torch.arange(-8.0, 8.0).reshape(4, 4)

DRAWINGS: dict[str, Callable[[], plots.Drawing]] = {
    "plot_losses": lambda: plots.plot_losses(A, B),
    "plot_accuracies": lambda: plots.plot_accuracies(A, B),
    "plot_seeds": lambda: plots.plot_seeds([A, B], [B, B], "test_loss", (A, B)),
    "plot_training": lambda: plots.plot_training(A, plots.FULLY_CONNECTED),
    "draw_digits": lambda: plots.draw_digits(DIGITS, titles=range(5), columns=3),
    "draw_flattening": lambda: plots.draw_flattening(DIGITS[0], 5, 7),
    "draw_sliding": lambda: plots.draw_sliding(SQUARE, SQUARE[:3, :3], SQUARE[:2, :2], (1, 0)),
    "draw_network": lambda: plots.draw_network(TRACES[1], plots.CONVOLUTIONAL),
    "draw_networks": lambda: plots.draw_networks(*TRACES),
    "draw_maps": lambda: plots.draw_maps({"conv": torch.randn(6, 28, 28), "pool": DIGITS[:4]}),
    "plot_shares": lambda: plots.plot_shares(*TRACES),
    "plot_answers": lambda: plots.plot_answers(255 * DIGITS[0], *NETWORKS),
    "plot_batch_mean_errors": lambda: plots.plot_batch_mean_errors([1, 10, 64], [0, 0, -0.001]),
}

every_drawing = pytest.mark.parametrize("draw", DRAWINGS.values(), ids=DRAWINGS)


def svg_text(drawing: plots.Drawing) -> str:
    """The drawing as SVG, with its text as text."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(plots.STYLE, "svg.fonttype", "none")
        return "".join(ET.fromstring(drawing._repr_svg_()).itertext())


def test_every_figure_is_tried() -> None:
    drawing = {name for name in dir(plots) if name.startswith(("plot_", "draw_"))}
    assert drawing <= DRAWINGS.keys()


@every_drawing
def test_figures_show_as_svg_and_leave_nothing_in_matplotlibs_global_state(
    draw: Callable[[], plots.Drawing],
) -> None:
    before, figures = dict(mpl.rcParams), plt.get_fignums()
    drawing = draw()
    assert type(drawing) is plots.Drawing
    root = ET.fromstring(drawing._repr_svg_())
    assert root.tag.endswith("svg")
    width = float(root.get("width").removesuffix("pt")) / 72
    assert 1 < width < 2.2 * plots.WIDTH, "two columns at most"
    assert dict(mpl.rcParams) == before
    assert plt.get_fignums() == figures


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
    drawing.canvas.draw()
    boxes = [text.get_window_extent() for text in drawing.axes[0].texts]
    assert {text.get_text() for text in drawing.axes[0].texts} == {
        plots.FULLY_CONNECTED.name,
        plots.CONVOLUTIONAL.name,
    }
    assert not boxes[0].overlaps(boxes[1])


def test_training_and_test_loss_can_be_told_apart() -> None:
    [axes] = plots.plot_training(A, plots.CONVOLUTIONAL).axes
    training, test = axes.get_lines()
    assert training.get_ydata().tolist() == A.train_loss
    assert test.get_ydata().tolist() == A.test_loss
    assert to_hex(test.get_color()).upper() == plots.CONVOLUTIONAL.color
    assert training.get_marker() != test.get_marker()
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [
        "training, during the epoch",
        "test, after the epoch",
    ]


@pytest.mark.parametrize("draw", [plots.plot_losses, plots.plot_accuracies])
def test_an_empty_history_is_named(draw: Callable[..., plots.Drawing]) -> None:
    for histories, name in (((History(), B), "fully-connected"), ((A, History()), "convolutional")):
        with pytest.raises(ValueError, match=f"history of the {name} network is empty; expected"):
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


def test_flattening_takes_neighbours_apart_by_one_row() -> None:
    drawing = plots.draw_flattening(DIGITS[0], row=5, column=7)
    ticks = drawing.axes[1].get_xticks().tolist()
    assert ticks == [5 * 28 + 7, 6 * 28 + 7]
    assert [DIGITS[0].flatten()[int(tick)] for tick in ticks] == [
        DIGITS[0][5, 7],
        DIGITS[0][6, 7],
    ]


def test_sliding_shows_every_number() -> None:
    drawing = plots.draw_sliding(SQUARE, SQUARE[:3, :3], SQUARE[:2, :2], at=(1, 0))
    for axes, values in zip(drawing.axes, (SQUARE, SQUARE[:3, :3], SQUARE[:2, :2]), strict=True):
        texts = [text.get_text() for text in axes.texts]
        assert texts == [f"{value:.0f}".replace("-", "−") for value in values.flatten().tolist()]


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


def test_maps_have_a_scale_that_is_symmetric_around_zero() -> None:
    maps = torch.tensor([0.5, -2.0]).reshape(2, 1, 1).expand(2, 4, 4)
    drawing = plots.draw_maps({"first": maps, "second": 3 * maps})
    limits = [axes.images[0].get_clim() for axes in drawing.axes]
    assert limits == [(-2, 2), (-2, 2), (-6, 6), (-6, 6)]


@pytest.mark.parametrize("quantity", ["parameters", "multiply_accumulates"])
def test_shares_add_up_to_the_whole(quantity: str) -> None:
    (axes,) = plots.plot_shares(*TRACES, quantity).axes
    for row, trace in enumerate(TRACES):
        bars = [b for b in axes.patches if b.get_y() <= row <= b.get_y() + b.get_height()]
        assert [bar.get_width() for bar in bars] == [
            getattr(layer, quantity) for layer in trace if getattr(layer, quantity)
        ]
        assert bars[-1].get_x() + bars[-1].get_width() == sum(bar.get_width() for bar in bars)


def test_shares_of_an_unknown_quantity() -> None:
    with pytest.raises(ValueError, match="'time'; expected one of parameters, multiply_acc"):
        plots.plot_shares(*TRACES, "time")


def test_shares_of_a_deep_network_are_drawn_too() -> None:
    deep = trace_shapes(nn.Sequential(*[nn.Linear(4, 4) for _ in range(9)]), (4,))
    plots.plot_shares(deep, TRACES[1])._repr_svg_()


def test_answers_are_drawn_as_the_networks_give_them() -> None:
    drawing = plots.plot_answers(255 * DIGITS[0], *NETWORKS)
    blue, vermillion = drawing.axes[1].containers
    for network, bars in ((NETWORKS[0], blue), (NETWORKS[1], vermillion)):
        with torch.no_grad():
            chances = network(DIGITS[:1, None])[0].softmax(dim=0)
        assert [bar.get_width() for bar in bars] == pytest.approx(chances.tolist(), abs=1e-6)
    assert {to_hex(bar.get_facecolor()) for bar in vermillion} == {"#d55e00"}
    assert all(bar.get_hatch() for bar in vermillion)
