"""The table that prints as text and shows as HTML."""

import html.parser

import pytest

from mnistlab.tables import Table, number_text, signed

SPACE = "\N{NARROW NO-BREAK SPACE}"


class Cells(html.parser.HTMLParser):
    """Collects the text of each cell, by row; checks that every tag is closed."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: object) -> None:
        self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.rows[-1][-1] += data


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (999, "999"),
        (-3136, "-3136"),
        (89_610, f"89{SPACE}610"),
        (-1234567, f"-1{SPACE}234{SPACE}567"),
    ],
)
def test_numbers_of_five_digits_and_more_are_grouped_in_threes(number: int, text: str) -> None:
    assert number_text(number) == text


def test_text_is_aligned() -> None:
    table = Table(("layer", "numbers"), [("a long name", 12), ("short", 10_000)])
    assert repr(table).splitlines() == [
        "layer        numbers",
        "a long name       12",
        f"short         10{SPACE}000",
    ]


def test_a_table_without_rows_is_its_headings() -> None:
    assert repr(Table(("a", "b"), [])) == "a  b"


def test_html_has_the_same_cells_and_no_open_tag() -> None:
    table = Table(("a < b", "n"), [("<script>", 1000), ('"x" & y', True)])
    cells = Cells(table._repr_html_())
    assert cells.open == []
    assert cells.rows == [["a < b", "n"], ["<script>", "1000"], ['"x" & y', "True"]]
    assert "<script>" not in table._repr_html_()


@pytest.mark.parametrize("row", [(), (1,), (1, 2, 3)], ids=repr)
def test_a_row_with_too_few_or_too_many_cells_is_named(row: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match=f"has {len(row)} cells; expected 2"):
        Table(("a", "b"), [(1, 2), row])


def test_signed_numbers_have_a_true_minus() -> None:
    assert [signed(0.0456, 3), signed(-0.01, 2)] == ["+0.046", "−0.01"]


def test_a_first_column_of_numbers_is_aligned_like_numbers() -> None:
    table = Table(("batch", "exact"), [(64, "no"), (1000, "yes")])
    assert repr(table).splitlines() == ["batch  exact", "   64     no", " 1000    yes"]
    assert 'class="table mnistlab-table numbered"' in table._repr_html_()
    assert "numbered" not in Table(("layer", "numbers"), [("conv", 1)])._repr_html_()


def test_a_range_does_not_break_over_a_line() -> None:
    table = Table(("change", "ratio"), [("a – b", "0.56 (0.54–0.60)")])
    assert "0.56 (0.54&NoBreak;–&NoBreak;0.60)" in table._repr_html_()
    assert "0.54–0.60" in repr(table), "as text it is what it was"


def test_a_table_too_wide_for_a_phone_can_become_a_list_there() -> None:
    wide = Table(("change", "wrong & right", "ratio"), [("x" * 30, "6.8 → 2.4%", "0.35")])
    assert 'class="table mnistlab-table stacked"' in wide._repr_html_()
    cells = "<td>" + "x" * 30 + '</td><td data-heading="wrong &amp; right">6.8 → 2.4%</td>'
    assert cells in wide._repr_html_(), "each cell but the first has its heading with it"
    narrow = Table(wide.headings, [("x" * 20, "6.8 → 2.4%", "0.35")])
    assert "stacked" not in narrow._repr_html_()
