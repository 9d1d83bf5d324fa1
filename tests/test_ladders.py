"""Figures that compare networks: marks, bars, arrows and squares stand where the numbers put them.

Each check is shown to fail on a picture that is broken on purpose.
"""

from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle
from torch.nn.functional import pad

from mnistlab import plots
from mnistlab.experiments import steps
from mnistlab.experiments.gains import Gain, Spread
from mnistlab.experiments.steps import Schedule
from mnistlab.plots import ladders, moved, schedules

RUNS = {"one": [0.9, 0.8, 0.7], "two": [0.95, 0.96, 0.94]}
CORNERS = {
    ("far", "own"): [0.95, 0.94],
    ("far", "same"): [0.92, 0.90, 0.1],
    ("near", "own"): [0.97, 0.96],
    ("near", "same"): [0.98, 0.98],
}


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, object], None]:
    """Replaces a part of what draws by a faulty one."""
    return lambda name, fault: monkeypatch.setattr(ladders, name, fault, raising=False)


def marks(axes: Axes) -> list[list[float]]:
    """The places of all marks."""
    return [place for points in axes.collections for place in points.get_offsets().tolist()]


# --- rows


def check_ladder(axes: Axes) -> None:
    """Marks, bars and names of `RUNS`."""
    errors = [[1 - accuracy for accuracy in each] for each in RUNS.values()]
    assert marks(axes) == [
        [pytest.approx(error), pytest.approx(row, abs=0.2)]
        for row, each in enumerate(errors)
        for error in each
    ]
    bars = [list(bar.get_xdata()) for bar in axes.lines]
    assert bars == [pytest.approx([0.2, 0.2]), pytest.approx([0.05, 0.05])], "at the means"
    assert [label.get_text() for label in axes.get_yticklabels()] == ["one", "two"]
    assert list(axes.get_yticks()) == [0, 1], "each name stands beside its row"
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the first is at the top"


def test_every_run_of_a_ladder_is_a_mark_beside_the_name_of_its_network() -> None:
    (axes,) = plots.plot_ladder(RUNS, (), ["two"]).axes
    check_ladder(axes)
    colours = [to_hex(points.get_edgecolor()[0]) for points in axes.collections]
    assert colours == [to_hex("0.15"), plots.CONVOLUTIONAL.color.lower()]
    assert to_hex(axes.get_yticklabels()[1].get_color()) == plots.CONVOLUTIONAL.color.lower()


def test_a_ladder_that_leaves_out_a_run_or_takes_the_highest_is_found(
    broken: Callable[[str, object], None],
) -> None:
    draw = ladders._marks
    broken("_marks", lambda axes, x, y, look: draw(axes, x[:2], y[:2], look))
    (axes,) = plots.plot_ladder(RUNS).axes
    with pytest.raises(AssertionError):
        check_ladder(axes)
    broken("_marks", draw)
    broken("_mean", lambda errors, most: max(errors))
    (axes,) = plots.plot_ladder(RUNS).axes
    with pytest.raises(AssertionError, match="at the means"):
        check_ladder(axes)


def test_runs_of_a_row_that_are_equal_have_marks_that_can_be_counted(
    broken: Callable[[str, object], None],
) -> None:
    """Those next to each other are at least a tenth of a row apart, and none leaves its row."""

    def heights() -> list[float]:
        (axes,) = plots.plot_ladder({"one": [0.9] * 5, "two": [0.8] * 5}).axes
        return [y for _, y in marks(axes)]

    for row, found in enumerate((heights()[:5], heights()[5:])):
        assert all(abs(x - y) > 0.1 for x, y in pairwise(found))
        assert all(abs(y - row) < 0.2 for y in found)
    draw = ladders._marks
    broken("_marks", lambda axes, x, y, look: draw(axes, x, round(y[0]), look))
    assert set(heights()) == {0, 1}, "planted: one above the other"


def test_runs_that_have_failed_are_counted_and_not_drawn() -> None:
    (axes,) = plots.plot_ladder({"one": [0.9, 0.1, 0.92, 0.11, 0.91]}).axes
    assert len(marks(axes)) == 3
    assert "2 that failed" in axes.get_yticklabels()[0].get_text().replace("\n", " ")
    assert axes.lines[0].get_xdata() == pytest.approx([0.09, 0.09]), "the mean is of these three"


def test_a_row_of_failed_runs_has_no_mean_and_is_refused() -> None:
    with pytest.raises(ValueError, match="none of 2 runs reads half of the images"):
        plots.plot_ladder({"one": [0.9], "two": [0.1, 0.2]})


def check_steps(axes: Axes) -> None:
    """The arrow of the second row of `RUNS`: from the first mean to the last mark."""
    arrow, change = axes.texts
    assert arrow.xyann == pytest.approx((0.2, 1)), "begins below the mean above"
    assert arrow.xy == pytest.approx((0.06, 1)), "ends at the marks"
    assert change.get_text() == "−75%", "what the means change by"


def test_an_arrow_leads_from_each_row_to_the_next(broken: Callable[[str, object], None]) -> None:
    check_steps(plots.plot_ladder(RUNS, changes=True).axes[0])
    assert plots.plot_ladder(RUNS).axes[0].texts[:] == []
    broken("signed_percent", lambda change: f"{-change:.0%}")
    with pytest.raises(AssertionError, match="what the means change by"):
        check_steps(plots.plot_ladder(RUNS, changes=True).axes[0])


def test_rows_are_told_as_a_multiple_of_the_reference() -> None:
    (axes,) = plots.plot_ladder(RUNS, reference="two").axes
    (told,) = axes.texts
    assert (told.get_text(), told.get_position()[1]) == ("× 4.00", 0)
    dotted = [line for line in axes.lines if line.get_linestyle() == ":"]
    assert [line.get_xdata() for line in dotted] == [pytest.approx([0.05, 0.05])]
    with pytest.raises(ValueError, match="reference is 'three'; expected one of"):
        plots.plot_ladder(RUNS, reference="three")


STRAYS = {"one": [0.9, 0.91, 0.6], "two": [0.95, 0.96, 0.94]}


def check_stray(axes: Axes) -> None:
    """The third run of the first row of `STRAYS` is a triangle at the end, and the others have the axis."""
    assert len(marks(axes)) == 5
    (triangle,) = (line for line in axes.lines if line.get_marker() == ">")
    assert triangle.get_ydata() == [0]
    assert [text.get_text() for text in axes.texts] == ["40%"]
    assert axes.get_xlim()[1] < 0.15, "not stretched"
    assert axes.lines[0].get_xdata() == pytest.approx([0.095, 0.095]), "the bar leaves it out"
    edge, end = axes.bbox.x1, triangle.get_transform().transform((triangle.get_xdata()[0], 0))[0]
    last = axes.transData.transform((0.1, 0))[0]
    assert last + 0.05 * axes.bbox.width < end < edge, "clear of the last mark, and in the plot"


def test_a_run_that_would_stretch_the_axis_is_a_triangle_at_its_end(
    broken: Callable[[str, object], None],
) -> None:
    for drawing in (whole := plots.plot_ladder(STRAYS)), whole.narrow:
        drawing.draw_without_rendering()
        check_stray(drawing.axes[0])
    broken("STRAY", 10.0)
    with pytest.raises(AssertionError):
        check_stray(plots.plot_ladder(STRAYS).axes[0])


def test_a_run_as_far_as_another_rows_median_is_no_stray() -> None:
    (axes,) = plots.plot_ladder(STRAYS | {"three": [0.7, 0.8]}).axes
    assert len(marks(axes)) == 8
    assert not [line for line in axes.lines if line.get_marker() == ">"]


def test_the_arrow_to_a_row_ends_at_its_last_mark_before_the_triangle() -> None:
    turned = dict(reversed(STRAYS.items()))
    (axes,) = plots.plot_ladder(turned, changes=True).axes
    (arrow,) = (text for text in axes.texts if text.arrow_patch)
    assert arrow.xy == pytest.approx((0.1, 1))


# --- pairs


def check_pair(axes: Axes, told: str) -> None:
    """One row with 10% wrong of the first network and 5% of the second."""
    assert marks(axes)[:4] == [[pytest.approx(x), 0] for x in (0.12, 0.08, 0.04, 0.06)]
    bracket = axes.lines[-1]
    assert list(bracket.get_xdata()) == pytest.approx([0.1, 0.05]), "from mean to mean"
    assert [text.get_text() for text in axes.texts] == [told]


def test_a_bracket_tells_how_far_two_networks_are_apart(
    broken: Callable[[str, object], None],
) -> None:
    pairs = {"plain": ([0.88, 0.92], [0.96, 0.94])}
    (axes,) = plots.plot_pairs(pairs).axes
    check_pair(axes, "5.0 points")
    assert axes.get_xlim()[0] == 0, "lengths of brackets can be compared"
    broken("mean", max)
    with pytest.raises(AssertionError, match="from mean to mean"):
        check_pair(plots.plot_pairs(pairs).axes[0], "5.0 points")


def check_exchanges(axes: Axes) -> None:
    """One line for each network through its means, and between them how many times as many mistakes."""
    lines = [line for line in axes.lines if line.get_linestyle() != ":"]
    assert [list(line.get_ydata()) for line in lines] == [
        pytest.approx([0.1, 0.08]), pytest.approx([0.05, 0.02]),
    ]  # fmt: skip
    assert [line.get_color() for line in lines] == [look.color for look in ladders.BOTH]
    assert [text.get_text() for text in axes.texts] == ["× 0.50", "× 0.25"]
    assert axes.get_yscale() == "log", "lines run alike where the ratio stays"
    assert len(marks(axes)) == 8, "one for each run"


def test_runs_that_stand_in_a_second_column_are_pale_there() -> None:
    pairs = {"one": ([0.9, 0.9], [0.96, 0.94]), "two": ([0.91, 0.9], [0.96, 0.94])}
    (axes,) = plots.plot_exchanges(pairs).axes
    alphas = [points.get_alpha() for points in axes.collections]
    assert alphas[:4] == [None, None, None, 0.4]
    left, right = axes.collections[0].get_offsets().tolist()
    assert abs(left[0] - right[0]) > 0.04, "equal runs stand side by side"


EXCHANGES = {"one": ([0.88, 0.92], [0.96, 0.94]), "two": ([0.93, 0.91], [0.98, 0.98])}


def test_two_lines_tell_what_an_exchange_does_to_both_networks(
    broken: Callable[[str, object], None],
) -> None:
    whole = plots.plot_exchanges(EXCHANGES)
    assert whole.narrow is not None
    for drawing in (whole, whole.narrow):
        check_exchanges(drawing.axes[0])
    broken("mean_error", min)
    with pytest.raises(AssertionError):
        check_exchanges(plots.plot_exchanges(EXCHANGES).axes[0])


def test_a_line_ends_with_its_group() -> None:
    (axes,) = plots.plot_exchanges(EXCHANGES | {"three": EXCHANGES["one"]}, groups=(2, 1)).axes
    lines = [line for line in axes.lines if line.get_linestyle() != ":"]
    assert [len(line.get_xdata()) for line in lines] == [2, 1, 2, 1]
    first, second, third = axes.get_xticks()
    assert third - second > second - first, "groups stand apart"
    with pytest.raises(ValueError, match=r"groups are \[2, 2\]; expected 2 columns in all"):
        plots.plot_exchanges(EXCHANGES, groups=(2, 2))


def test_above_the_line_of_a_group_stands_its_fully_connected_network() -> None:
    pairs = EXCHANGES | {"three": EXCHANGES["one"]}
    whole = plots.plot_exchanges(pairs, groups=(2, 1), names=["MLP", "wide MLP"])
    assert whole.narrow is not None
    for (axes,) in (whole.axes, whole.narrow.axes):
        names = {text.get_text(): text.xy for text in axes.texts if "MLP" in text.get_text()}
        highest = [1 - min(runs) for runs in (pairs["one"][0], pairs["three"][0])]
        ticks = list(axes.get_xticks())
        assert names == {
            "MLP": pytest.approx((ticks[0], highest[0])),
            "wide MLP": pytest.approx((ticks[2], highest[1])),
        }
        assert axes.get_ylim()[1] > 1.1 * max(highest), "room for the names"
    with pytest.raises(ValueError, match="expected one for each of 2 groups"):
        plots.plot_exchanges(pairs, groups=(2, 1), names=["MLP"])


# --- interaction


def check_interaction(axes: Axes) -> None:
    """Lines and changes of `CORNERS`."""
    lines = [list(line.get_ydata()) for line in axes.lines]
    assert lines == [pytest.approx([0.055, 0.09]), pytest.approx([0.035, 0.02])]
    texts = {text.get_text() for text in axes.texts}
    assert {"far", "near", "+64%", "−43%", "1 failed"} == texts


def test_an_interaction_is_two_lines_through_the_means_of_what_learned(
    broken: Callable[[str, object], None],
) -> None:
    (axes,) = plots.plot_interaction(CORNERS).axes
    check_interaction(axes)
    assert len(marks(axes)) == 2 + 2 + 2 + 2, "the failed run is not drawn"
    colours = [to_hex(points.get_edgecolor()[0]) for points in axes.collections]
    shared, alone = plots.CONVOLUTIONAL.color.lower(), to_hex("0.15")
    assert colours == [alone, alone, shared, shared] * 2, "where weights are shared"
    broken("FAILED", 1.0)
    with pytest.raises(AssertionError):
        check_interaction(plots.plot_interaction(CORNERS).axes[0])


def test_networks_to_compare_with_have_a_column_and_a_band() -> None:
    (axes,) = plots.plot_interaction(CORNERS, {"small": [0.93, 0.94], "large": [0.95]}).axes
    columns = [(-1.5, 0.07), (-1.5, 0.06), (-0.9, 0.05)]
    assert marks(axes)[:3] == [pytest.approx(each) for each in columns]
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        "small",
        "large",
        "own",
        "same",
    ]
    (band,) = axes.patches
    extents = band.get_path().get_extents(band.get_patch_transform())
    assert (extents.y0, extents.y1) == pytest.approx((0.05, 0.07))


@pytest.mark.parametrize("left_out", CORNERS, ids=" ".join)
def test_three_corners_are_refused(left_out: tuple[str, str]) -> None:
    three = {name: each for name, each in CORNERS.items() if name != left_out}
    with pytest.raises(ValueError, match="expected two lines with two places each"):
        plots.plot_interaction(three)


# --- what is left


def filled(axes: Axes) -> tuple[int, int, int]:
    """Squares that are filled, pale, and empty."""
    squares = [patch for patch in axes.patches if isinstance(patch, Rectangle)]
    pale = sum(to_hex(square.get_facecolor()) == to_hex("0.72") for square in squares)
    empty = sum(square.get_facecolor()[3] == 0 for square in squares)
    return len(squares) - pale - empty, pale, empty


def check_hundred(panels: list[Axes]) -> None:
    """Of ten percent wrong, five are left, then two."""
    assert [filled(axes) for axes in panels] == [(100, 0, 0), (50, 50, 0), (20, 30, 50)]


def test_a_hundred_squares_are_filled_pale_or_empty(
    broken: Callable[[str, object], None],
) -> None:
    accuracies = {"one": [0.9], "two": [0.95], "three": [0.98]}
    check_hundred(plots.draw_left_over(accuracies).axes)
    check_hundred(plots.draw_left_over(accuracies).narrow.axes[:3])
    hundred = ladders._hundred
    broken("_hundred", lambda axes, count, *rest: hundred(axes, count - 1, *rest))
    with pytest.raises(AssertionError):
        check_hundred(plots.draw_left_over(accuracies).axes)


# --- all changes


GAINS = {
    "gain": Gain([0.9, 0.9], [0.95, 0.96], "What?", "convolutional"),
    "beyond": Gain([0.9, 0.9, 0.98, 0.9], [0.92, 0.92, 0.9, 0.1], "What?"),
    "harm": Gain([0.9, 0.9], [0.85, 0.8], "Where?", "fully-connected"),
}


def at(axes: Axes, words: str) -> float:
    """The height of a text, counted in lines from the top."""
    (text,) = (text for text in axes.texts if text.get_text() == words)
    return getattr(text, "xy", text.get_position())[1]


def check_groups(axes: Axes, above: float = 0) -> None:
    """Headings and rows from top to bottom; the marks of a row stand so much below its name."""
    words = ("What?", "gain", "beyond", "Where?", "harm")
    assert sorted(words, key=lambda word: at(axes, word)) == list(words), "groups"
    assert axes.get_ylim()[0] > axes.get_ylim()[1], "the first is at the top"
    rows = {name: at(axes, name) + above for name in GAINS}
    found = {
        name: [x for x, y in marks(axes) if y == pytest.approx(row, abs=0.2)]
        for name, row in rows.items()
    }
    assert found == {
        "gain": pytest.approx([0.5, 0.4]),
        "beyond": pytest.approx([0.8, 0.8]),
        "harm": pytest.approx([1.5, 2.0]),
    }
    (beyond,) = (line for line in axes.lines if line.get_marker() == ">")
    assert list(beyond.get_ydata()) == pytest.approx([rows["beyond"]]), "five times the mistakes"
    assert at(axes, "1 failed") == pytest.approx(rows["beyond"]), "and a seed that learned nothing"


def check_looks(axes: Axes) -> None:
    """Marks, names and shares are in the look of the network after the change."""
    looks = [plots.CONVOLUTIONAL.color.lower(), to_hex("0.15"), plots.FULLY_CONNECTED.color.lower()]
    assert [to_hex(points.get_edgecolor()[0]) for points in axes.collections] == looks
    shapes = [len(points.get_paths()[0].vertices) for points in axes.collections]
    assert shapes[0] == shapes[1] < shapes[2], "a square, a diamond and a circle"
    for words in (GAINS, ("10.0 → 4.5%", "7.3 → 8.7%", "10.0 → 17.5%")):
        texts = [text for word in words for text in axes.texts if text.get_text() == word]
        assert [to_hex(text.get_color()) for text in texts] == looks, words


def test_changes_stand_under_their_question_wide_and_on_a_phone(
    broken: Callable[[str, object], None],
) -> None:
    drawing = plots.plot_gains(GAINS)
    check_groups(drawing.axes[0])
    check_groups(drawing.narrow.axes[0], above=0.76)
    group = ladders.groupby
    broken("groupby", lambda items, key: group(list(items)[::-1], key))
    with pytest.raises(AssertionError, match="groups"):
        check_groups(plots.plot_gains(GAINS).axes[0])


def test_marks_of_another_row_are_found(broken: Callable[[str, object], None]) -> None:
    draw = ladders._marks
    broken("_marks", lambda axes, x, y, look: draw(axes, x, [one + 1 for one in y], look))
    with pytest.raises(AssertionError):
        check_groups(plots.plot_gains(GAINS).axes[0])


def test_a_change_has_the_look_of_the_network_after_it(
    broken: Callable[[str, object], None],
) -> None:
    drawing = plots.plot_gains(GAINS)
    for one in (drawing, drawing.narrow):
        check_looks(one.axes[0])
    broken("LOOKS", ladders.LOOKS | {"fully-connected": plots.CONVOLUTIONAL})
    with pytest.raises(AssertionError):
        check_looks(plots.plot_gains(GAINS).axes[0])


def bars(axes: Axes) -> list[float]:
    """Where the thick bars stand, row by row."""
    return [line.get_xdata()[0] for line in axes.lines if line.get_linewidth() == 2.4]


def test_bars_stand_at_the_mean_of_the_seeds_that_learned() -> None:
    gains = {"one": Gain([0.9, 0.8, 0.1, 0.8], [0.95, 0.86, 0.2, 0.1])}
    (ratio,) = bars(plots.plot_gains(gains).axes[0])
    assert ratio == pytest.approx((0.5 + 0.7) / 2)


def test_rows_that_stand_out_are_shaded_behind_their_marks() -> None:
    """Wide and on a phone, and no row besides; a name that no row has is refused."""
    which = list(GAINS)[1]
    for drawing in (whole := plots.plot_gains(GAINS, shaded=[which])), whole.narrow:
        (axes,) = drawing.axes
        (place,) = [text.get_position()[1] for text in axes.texts if text.get_text() == which]
        (shade,) = [
            patch
            for patch in axes.patches
            if to_hex(patch.get_facecolor()) == ladders.MARKS[0].lower()
        ]
        assert shade.get_y() < place < shade.get_y() + shade.get_height()
        marks = [points.get_offsets()[:, 1].mean() for points in axes.collections]
        inside = [shade.get_y() < mark < shade.get_y() + shade.get_height() for mark in marks]
        assert inside == [name == which for name in GAINS]
    plain = plots.plot_gains(GAINS).axes[0].patches
    assert ladders.MARKS[0].lower() not in {to_hex(patch.get_facecolor()) for patch in plain}
    with pytest.raises(ValueError, match=r"no row is called 'x'; expected names of "):
        plots.plot_gains(GAINS, shaded=["x"])


def test_what_sharing_removes_stands_in_columns_from_few_places_to_many() -> None:
    astray = Gain([0.8, 0.8], [0.9, 0.7])
    spreads = [
        Spread(600, 25, astray),
        Spread(600, 1, Gain([0.8], [0.84])),
        Spread(600, 81, Gain([0.8], [0.86])),
        Spread(1800, 81, Gain([0.8], [0.88])),
    ]
    for drawing in (whole := plots.plot_per_place(spreads)), whole.narrow:
        first, second = drawing.axes
        assert told(first) == ["centred\n600 each", "by 2\n24 each", "by 4\n7 each"]
        assert told(second) == ["600\nby 2\n24 each", "1800\nby 4\n22 each"]
        assert heights(first) == pytest.approx([0.2, 0, 0.3]), (
            "means, that of the run astray with it"
        )
        assert heights(second) == pytest.approx([0, 0.4])
        (open_bar,) = first.patches
        assert open_bar.get_y() + open_bar.get_height() / 2 == pytest.approx(0.5), "without it"
        (cross,) = (line for line in first.lines if line.get_marker() == "X")
        assert cross.get_xdata() == [1]
        assert [text.get_text() for text in second.texts].count("equal?") == 1
        assert first.get_ylim()[0] == 0


def told(axes: Axes) -> list[str]:
    """What stands under the columns."""
    return [label.get_text() for label in axes.get_xticklabels()]


def heights(axes: Axes) -> list[float]:
    """Those of the bars."""
    return [line.get_ydata()[0] for line in axes.lines if line.get_linewidth() == 2.4]


def test_what_a_change_removes_is_drawn_as_neither_network() -> None:
    gains = {("moved", "600"): Gain([0.8, 0.8, 0.8], [0.9, 0.85, 0.7])}
    spreads = [Spread(600, places, *gains.values()) for places in (1, 9)]
    for whole in plots.plot_removed(gains), plots.plot_per_place(spreads):
        drawn = [*whole.axes[0].lines, *whole.axes[0].texts]
        assert drawn
        assert not {each.get_color() for each in drawn} & {
            plots.FULLY_CONNECTED.color, plots.CONVOLUTIONAL.color,
        }  # fmt: skip


def test_a_thin_line_joins_the_means_of_one_group_and_of_no_two() -> None:
    gains = {
        ("centred", "6000"): Gain([0.8], [0.9]), ("centred", "600"): Gain([0.8], [0.86]),
        ("moved", "600"): Gain([0.8], [0.85]),
    }  # fmt: skip
    for whole in (drawing := plots.plot_removed(gains), drawing.narrow):
        thin = [line for line in whole.axes[0].lines if line.get_linewidth() == 0.8]
        assert [list(line.get_ydata()) for line in thin] == [
            pytest.approx([0.5, 0.3]), pytest.approx([0.25])
        ]  # fmt: skip


# --- nine places


def check_nine(axes: Axes) -> None:
    """A dot in the middle, moved to nine places, and answers of which two differ."""
    assert [text.get_text() for text in axes.texts] == list("884888838")
    dots = [divmod(picture.get_array().argmax(), 28) for picture in axes.images]
    assert dots == [(14 + down, 14 + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    weights = [text.get_weight() for text in axes.texts]
    assert [i for i, weight in enumerate(weights) if weight == "bold"] == [2, 7]


def test_nine_places_stand_where_the_digit_was_moved_to(monkeypatch: pytest.MonkeyPatch) -> None:
    image = torch.zeros(28, 28)
    image[14, 14] = 1
    answers = torch.tensor([[8, 8, 4], [8, 8, 8], [8, 3, 8]])
    check_nine(plots.draw_moved(image, answers).axes[0])
    with pytest.raises(AssertionError):
        check_nine(plots.draw_moved(image, answers.T).axes[0])
    with pytest.raises(ValueError, match=r"answers have shape \(9,\); expected \(3, 3\)"):
        plots.draw_moved(image, answers.flatten())
    monkeypatch.setattr(moved, "pad", lambda image, by: pad(image, [-step for step in by]))
    with pytest.raises(AssertionError):
        check_nine(plots.draw_moved(image, answers).axes[0])


def test_a_digit_that_was_misread_stands_below_its_target_and_the_answer() -> None:
    drawing = plots.draw_misread(torch.rand(2, 28, 28), torch.tensor([4, 9]), torch.tensor([9, 4]))
    assert [axes.get_title() for axes in drawing.axes] == ["4 (9)", "9 (4)"]
    with pytest.raises(ValueError, match="zip"):
        plots.draw_misread(torch.rand(2, 28, 28), torch.tensor([4]), torch.tensor([9, 4]))


def test_what_a_change_removes_stands_in_groups() -> None:
    gains = {
        ("centred", "6000"): Gain([0.8, 0.8], [0.84, 0.88]),
        ("centred", "600"): Gain([0.8, 0.8], [0.9, 0.1]),  # the second failed
        ("moved", "6000"): Gain([0.8], [0.82]),
    }
    for drawing in (whole := plots.plot_removed(gains)), whole.narrow:
        (axes,) = drawing.axes
        assert told(axes) == ["6000", "600", "6000"]
        assert heights(axes) == pytest.approx([0.3, 0.5, 0.1]), "means of the seeds that learned"
        first, second, third = axes.get_xticks()
        assert third - second > second - first, "groups stand apart"
        assert [text.get_text() for text in axes.texts] == ["30%", "50%", "10%", "centred", "moved"]


def room_between_columns(drawing: plots.Drawing) -> float:
    """The least room between the words below the columns, in pixels, all of which are level."""
    drawing.draw_without_rendering()
    (axes,) = drawing.axes
    assert {label.get_rotation() for label in axes.get_xticklabels()} == {0}
    boxes = [label.get_window_extent() for label in axes.get_xticklabels()]
    return min(after.x0 - before.x1 for before, after in pairwise(boxes)) * 96 / drawing.dpi


def test_seven_columns_have_room_for_their_names_on_a_phone() -> None:
    columns = [(kind, count) for kind in ("centred", "noisy", "moved") for count in ("6000", "600")]
    gains = dict.fromkeys([*columns, ("noisier", "600")], Gain([0.8, 0.8], [0.84, 0.88]))
    drawing = plots.plot_removed(gains)
    assert room_between_columns(drawing.narrow) > 4
    drawing.narrow.axes[0].set_xlim(-2, 8)
    assert room_between_columns(drawing.narrow) < 4


def test_the_number_of_a_column_stands_above_the_seeds_that_learned() -> None:
    """A network that failed leaves nearly all mistakes to be removed; its share is not drawn, nor is room made."""
    sound = Gain([0.8, 0.9], [0.85, 0.92])
    failed = Gain([0.8, 0.1], [0.85, 0.92])
    (axes,) = plots.plot_removed({("x", "one"): sound, ("y", "two"): failed}).axes
    heights = [text.xy[1] for text in axes.texts if text.get_text().endswith("%")]
    assert heights == pytest.approx([0.25, 0.25])
    assert max(heights) < axes.get_ylim()[1]


# --- schedules, and places


SCHEDULES = {
    "let go": Schedule(5, "free", passes=20),
    "stopped": Schedule(10, "frozen", passes=20),
    "held": Schedule(20, "free", passes=20),
}
HELD = {"let go": [0.9, 0.8, 0.1], "stopped": [0.95, 0.94], "held": [0.96, 0.96]}


def check_schedules(drawing: plots.Drawing) -> None:
    """Bars as long as what was done, and marks beside them; who is free has another look."""
    bars, runs = drawing.axes
    assert [(bar.get_x(), bar.get_width()) for bar in bars.patches] == [
        (0, 5), (5, 15), (0, 10), (10, 10), (0, 20),
    ]  # fmt: skip
    assert [bar.get_hatch() for bar in bars.patches] == [None, None, None, "////", None]
    names = ["let go (and 1 that failed)", "stopped", "held"]
    assert [text.get_text() for text in bars.texts] == names
    heights = [round(place[1]) for place in marks(runs)]
    assert heights == [0, 0, 1, 1, 2, 2], "a failed run has no mark"
    colours = [to_hex(points.get_edgecolor()[0]) for points in runs.collections]
    orange = plots.CONVOLUTIONAL.color.lower()
    assert colours == [to_hex("0.15"), orange, orange]
    means = [line.get_xdata()[0] for line in runs.lines if line.get_linestyle() == "-"]
    assert means == pytest.approx([0.15, 0.055, 0.04])
    assert [text.get_text() for text in runs.texts] == ["× 3.75", "× 1.38"]
    legend = [text.get_text() for text in drawing.legends[0].get_texts()]
    assert legend == ["kept equal", "free", "frozen"]


def test_a_row_begins_with_what_was_done_and_when() -> None:
    whole = plots.plot_schedules(HELD, SCHEDULES, "held")
    assert whole.narrow is not None
    for drawing in (whole, whole.narrow):
        check_schedules(drawing)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("_mean", lambda errors, most: max(errors)),
        ("AFTERWARDS", dict.fromkeys(("free", "frozen"), schedules.EQUAL)),
        ("NEITHER", plots.CONVOLUTIONAL),
        ("FAILED", 1.0),
    ],
)
def test_a_schedule_drawn_wrongly_is_noticed(
    monkeypatch: pytest.MonkeyPatch, name: str, fault: object
) -> None:
    monkeypatch.setattr(ladders if name in ("_mean", "FAILED") else schedules, name, fault)
    with pytest.raises(AssertionError):
        check_schedules(plots.plot_schedules(HELD, SCHEDULES, "held"))


APART = {
    "held": {0.3: [(0.04, 0.98), (0.05, 0.97)], 10.0: [(0.6, 0.98), (0.4, 0.98)]},
    "never": {0.3: [(0.3, 0.97), (0.3, 0.96)]},
}


def check_apart(drawing: plots.Drawing) -> None:
    """A mark for each run, where it is; a line through the means; the reference's band and mean."""
    (axes,) = drawing.axes
    assert [place for each in axes.collections for place in each.get_offsets().tolist()] == [
        pytest.approx((apart, 1 - accuracy))
        for by_rate in APART.values()
        for points in by_rate.values()
        for apart, accuracy in points
    ]
    reference, held, never = axes.lines
    assert reference.get_ydata() == pytest.approx([0.02, 0.02])
    assert held.get_xydata().ravel() == pytest.approx([0.045, 0.025, 0.5, 0.02])
    assert never.get_xydata().ravel() == pytest.approx([0.3, 0.035])
    (band,) = axes.patches
    assert (band.get_y(), band.get_y() + band.get_height()) == pytest.approx((0.01, 0.03))
    assert [text.get_text() for text in axes.texts] == ["0.3", "10", "0.3", "CNN"]
    assert [text.get_text() for text in drawing.legends[0].get_texts()] == ["held", "never"]


def test_how_far_kernels_are_apart_is_drawn_with_the_mistakes() -> None:
    whole = plots.plot_apart(APART, [0.99, 0.97])
    assert whole.narrow is not None
    for drawing in (whole, whole.narrow):
        check_apart(drawing)


@pytest.mark.parametrize("fault", [min, max])
def test_a_mean_drawn_wrongly_is_noticed(monkeypatch: pytest.MonkeyPatch, fault: object) -> None:
    monkeypatch.setattr(schedules, "fmean", fault)
    with pytest.raises(AssertionError):
        check_apart(plots.plot_apart(APART, [0.99, 0.97]))


def test_schedules_without_a_name_and_unknown_references_are_refused() -> None:
    with pytest.raises(ValueError, match=r"schedules has no 'held'; expected all of \['let go'"):
        plots.plot_schedules(HELD, {key: SCHEDULES[key] for key in ("let go", "stopped")}, "held")
    with pytest.raises(ValueError, match=r"reference is 'holt'; expected one of \['let go'"):
        plots.plot_schedules(HELD, SCHEDULES, "holt")


def test_what_schedules_say_is_what_their_runs_did() -> None:
    names = steps.schedules()
    assert list(names)[:4] == list(steps.tied_for())[:-1]
    assert set(names) == {*steps.tied_for(), *steps.frozen_after()}
    tied = sorted(one.tied for one in steps.TIES.specifications if one.seed == 0)
    assert [each.equal for each in names.values() if each.free] == tied
    frozen = sorted({one.frozen for one in steps.FROZEN.specifications} - {0, None})
    assert [each.equal for each in names.values() if each.afterwards == "frozen"] == frozen
    assert {one.passes for one in (*steps.TIES.specifications, *steps.FROZEN.specifications)} == {
        each.passes for each in names.values()
    }


def test_each_image_is_a_dot_in_the_square_of_its_place() -> None:
    counts = {"few": torch.tensor([[0, 1], [2, 3]]), "many": torch.full((1, 1), 40)}
    (axes,) = plots.draw_places(counts).axes
    assert [text.get_text() for text in axes.texts] == ["few", "2 each", "many", "40 each"]
    pictures = [image.get_array() for image in axes.images]
    side = len(pictures[1])
    for picture, each in zip(pictures, counts.values(), strict=True):
        for row, column in each.ge(0).nonzero().tolist():
            square = picture[row * side : (row + 1) * side, column * side : (column + 1) * side]
            assert square.sum() == each[row, column]
    left, right, *_ = axes.images[0].get_extent()
    assert (right - left) / 2 == pytest.approx(
        axes.images[1].get_extent()[1] - axes.images[1].get_extent()[0]
    ), "all places are equally large"


def check_by_seed(axes: Axes) -> None:
    """A thin line for each of two seeds, and a thick one through their means."""
    thin = [line for line in axes.lines if line.get_linewidth() < 1]
    (thick,) = (line for line in axes.lines if line.get_linewidth() > 2)
    assert [list(line.get_xdata()) for line in (*thin, thick)] == [[60, 600]] * 3
    assert axes.xaxis_inverted(), "the most images at the left, as in the figure after it"
    assert [list(line.get_ydata()) for line in thin] == [
        pytest.approx([0.5, 0.25]), pytest.approx([0.7, 0.25]),
    ]  # fmt: skip
    assert list(thick.get_ydata()) == pytest.approx([0.6, 0.25])
    assert [text.get_text() for text in axes.texts] == ["60%", "25%"]


def test_each_seed_is_a_line_over_the_number_of_images() -> None:
    gains = {60: Gain([0.6, 0.8], [0.8, 0.94]), 600: Gain([0.8, 0.92], [0.85, 0.94])}
    check_by_seed(plots.plot_removed_by_seed(gains).axes[0])
    swapped = {count: Gain(gain.after, gain.before) for count, gain in gains.items()}
    with pytest.raises(AssertionError):
        check_by_seed(plots.plot_removed_by_seed(swapped).axes[0])
    with pytest.raises(ValueError, match="with 600 images a seed has failed"):
        plots.plot_removed_by_seed(gains | {600: Gain([0.4, 0.92], [0.85, 0.94])})
