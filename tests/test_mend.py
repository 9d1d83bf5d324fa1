"""The last hand on a page: faults of the markup, definitions, and the policy."""

import pytest

from mnistlab.check.report.report import finding, make_report

bs4 = pytest.importorskip("bs4", reason="the book's own packages are not installed: extra [book]")
mend = pytest.importorskip("mnistlab.sphinxext.mend")
quiz = pytest.importorskip("mnistlab.sphinxext.quiz")
terms = pytest.importorskip("mnistlab.sphinxext.terms")

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"/><title>x</title><script>let a = "</p>" &&  1;</script>
</head><body><article>{}</article></body></html>
"""


def mended(body: str, **options: object) -> "bs4.BeautifulSoup":
    """The page with such an article, mended and read again."""
    return bs4.BeautifulSoup(mend.mended(PAGE.format(body), **options), "html.parser")


def test_what_has_no_fault_stays_as_it_is() -> None:
    body = """<p>a &lt; b &amp; c</p><pre>
 x  =  1
</pre><dl><dt>a</dt><dd>b</dd></dl><table><tr><th>a</th><td></td></tr></table><svg viewBox="0 0 1 1"></svg>"""
    page = mended(body)
    assert page.find("meta", attrs={"http-equiv": True})
    page.find("meta", attrs={"http-equiv": True}).decompose()
    assert str(page) == str(bs4.BeautifulSoup(PAGE.format(body), "html.parser"))
    assert page.script.string == 'let a = "</p>" &&  1;'


def test_parameters_of_a_signature_are_no_list_of_definitions() -> None:
    page = mended("<dl><dt>f(<dl><dd>a,</dd><dd>b</dd></dl>)</dt><dd>text</dd></dl>")
    assert len(page.find_all("dl")) == 1
    assert [one.get_text() for one in page.select(".sig-parameters > .sig-parameter")] == [
        "a,",
        "b",
    ]


def test_a_header_without_words_becomes_a_cell() -> None:
    page = mended('<table><tr><th scope="col"></th><th scope="col">b</th></tr></table>')
    assert [cell.name for cell in page.find("tr").find_all(True)] == ["td", "th"]
    assert not page.find("td").has_attr("scope")


def test_the_title_in_the_sidebar_is_in_a_landmark() -> None:
    page = mended('<div class="sidebar-primary-item"><a class="navbar-brand" href="#">B</a></div>')
    assert page.find("nav")["aria-label"] == "Front page"


def test_the_section_that_a_report_names_is_a_link() -> None:
    report = make_report("train", [finding("momentum", "0.9", "0")])
    page = mended(report._repr_html_())
    (link,) = page.select(".mnistlab-report dd a")
    assert link["href"] == "training.html#task-6"
    assert link.get_text() == "Training, and measuring honestly, section “Gradient descent”"
    assert not mended("<dl><dt>read</dt><dd>Two networks</dd></dl>").select("a")
    unknown = report._repr_html_().replace("Gradient", "Another")
    assert not mended(unknown).select(".mnistlab-report a")


def test_a_button_is_named_as_it_reads() -> None:
    page = mended(
        '<button class="search-button-field" aria-label="Search">Search <kbd>K</kbd></button>'
    )
    assert not page.find("button").has_attr("aria-label")
    page = mended(
        '<summary aria-label="Toggle hidden content"><p>Show code cell output</p></summary>'
    )
    assert not page.find("summary").has_attr("aria-label")
    page = mended('<button aria-label="Color mode"><i title="Light"></i></button>')
    assert page.find("i").attrs == {"aria-hidden": "true"}


def test_bibliographies_have_roles_that_exist() -> None:
    page = mended('<div role="list"><div role="doc-biblioentry">A</div></div>')
    assert page.find("div", role="list").find("div")["role"] == "listitem"


def test_entries_of_the_bibliography_have_no_label_that_no_citation_names() -> None:
    page = mended("""<div class="citation" id="w"><span class="label">[AW19]</span>
        <p>A. A and Y. W. 2019.</p></div><span class="label">mine</span>""")
    assert page.find(id="w").get_text(strip=True) == "A. A and Y. W. 2019."
    assert page.find("span").get_text() == "mine"


def test_names_of_the_bibliography_have_the_apostrophe_of_the_text() -> None:
    body = """<p><span class="bibtex-citation">d'A [<a href="#w" title="d'A.">2019</a>]</span></p>
        <div class="citation" id="w"><p>S. d'A. <em>One's work</em>.</p></div><code>'a'</code>"""
    page = mended(body)
    assert page.find("span").get_text() == "d’A [2019]"
    assert page.find("a")["title"] == "d’A."
    assert page.find("div").get_text() == "S. d’A. One’s work."
    assert page.find("code").get_text() == "'a'"


def test_an_exercise_has_no_id_that_another_has() -> None:
    body = '<section id="exercise-content"><p id="mine">x</p></section>'
    page = mended(body * 2)
    assert page.find(id="exercise-content") is None
    assert page.find(id="mine") is not None


def test_a_term_carries_its_definition() -> None:
    body = '<a href="glossary.html#term-batch">batch</a><a href="glossary.html#term-x">x</a>'
    first, second = mended(body, definitions={"term-batch": "Images, together."}).find_all("a")
    assert first["data-definition"] == "Images, together."
    assert not second.has_attr("data-definition")


# ----- the policy


def policy(page: "bs4.BeautifulSoup") -> str:
    """The policy of a page."""
    return page.find("meta", attrs={"http-equiv": "Content-Security-Policy"})["content"]


def test_the_policy_comes_first_and_names_the_scripts_that_stand_in_the_page() -> None:
    page = mended("<script>const b = 2;</script><script src='a.js'></script>")
    first, second = page.head.find_all(True, recursive=False)[:2]
    assert first.get("charset") == "utf-8"
    assert second["http-equiv"] == "Content-Security-Policy"
    text = policy(page)
    assert text.startswith("default-src 'none'; ")
    assert text.count("'sha256-") == 2
    assert mend.digest("const b = 2;") in text


def test_the_digest_is_the_one_of_the_standard() -> None:
    # From the examples of the recommendation "Content Security Policy".
    expected = "'sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng='"
    assert mend.digest("alert('Hello, world.');") == expected


def test_the_policy_lets_no_script_run_that_it_does_not_name() -> None:
    scripts = policy(mended("<p>x</p>")).partition("script-src")[2]
    assert "unsafe" not in scripts
    assert "http" not in scripts
    assert "*" not in scripts


def test_data_is_no_script() -> None:
    page = mended('<script type="application/json">{"a": 1}</script>')
    assert policy(page).count("'sha256-") == 1


# ----- definitions and questions


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (r"\eta", "η"),
        (r"-\ln p_t", "−ln pₜ"),
        (r"p_k = e^{z_k} / \sum_j e^{z_j}", "pₖ = exp(zₖ) / Σⱼ exp(zⱼ)"),
        (r"\theta \leftarrow \theta - \eta\,\nabla L(\theta)", "θ ← θ − η ∇ L(θ)"),
        ("B = 64", "B = 64"),
    ],
)
def test_a_short_formula_becomes_text(formula: str, text: str) -> None:
    assert terms.plain(formula).replace("  ", " ") == text


def test_a_question_is_read() -> None:
    lines = ["3136: That is for 28 × 28.", "", "1.5: Half: of three."]
    assert quiz.read("4096", lines, 0) == {
        "answer": 4096,
        "tolerance": 0,
        "mistakes": [(3136, "That is for 28 × 28."), (1.5, "Half: of three.")],
    }


@pytest.mark.parametrize(
    ("answer", "lines", "fault"),
    [
        ("many", [], "expected a number"),
        ("4", ["five: too many"], "NUMBER: MISTAKE"),
        ("4", ["5:"], "NUMBER: MISTAKE"),
        ("4", ["4: right"], "is the right answer"),
    ],
)
def test_a_question_that_is_wrong_is_told(answer: str, lines: list[str], fault: str) -> None:
    with pytest.raises(ValueError, match=fault):
        quiz.read(answer, lines, 0)


# ----- icons

icons = pytest.importorskip("mnistlab.sphinxext.icons")

LOADING = '<script defer src="_static/scripts/fontawesome.js?digest=1"></script>'


def test_icons_are_drawn_in_the_page_and_their_script_is_left_out() -> None:
    page = mended(f'{LOADING}<i class="theme-switch fa-solid fa-sun fa-lg" data-mode="light"></i>')
    drawn = page.find("svg")
    assert drawn["class"] == ["svg-inline--fa", "theme-switch", "fa-sun", "fa-lg"]
    assert drawn["data-mode"] == "light"
    assert drawn.path["d"].startswith("M")
    assert page.find("script", src=True) is None


def test_a_page_with_an_unknown_icon_keeps_the_script() -> None:
    body = (
        f'{LOADING}<i class="fa-solid fa-sun"></i><i class="fa-solid fa-nothing-of-this-name"></i>'
    )
    page = mended(body)
    assert len(page.find_all("i")) == 2
    assert page.find("script", src=True) is not None


@pytest.mark.parametrize(
    "name", ["magnifying-glass", "bars", "list", "arrow-up", "angle-left", "angle-right", "sun"]
)
def test_the_themes_icons_are_found(name: str) -> None:
    found = icons.find(name, -1)
    assert found is not None
    assert found.width > 0
    assert icons.find(name, -1) == found


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (
            "see (<code>pad</code>), and",
            'see <span class="together">(<code>pad</code>),</span> and',
        ),
        ("is <code>x</code>. So", 'is <span class="together"><code>x</code>.</span> So'),
        (
            '(<a href="#f"><code>f</code></a> is',
            '<span class="together">(<a href="#f"><code>f</code></a></span> is',
        ),
        (
            '= <span class="math">\\(627\\)</span>.)',
            '= <span class="together"><span class="math">\\(627\\)</span>.)</span>',
        ),
        ("a <code>b</code> c", "a <code>b</code> c"),
        ("(a <code>b</code> c)", "(a <code>b</code> c)"),
        ("<!-- ( --><code>b</code>", "<!-- ( --><code>b</code>"),
        (f"<code>{'long ' * 5}</code>.", f"<code>{'long ' * 5}</code>."),
        ("<a>b <code>c</code></a>.", "<a>b <code>c</code></a>."),
    ],
)
def test_marks_stay_with_the_word_that_they_touch(body: str, expected: str) -> None:
    paragraph = mended(f"<p>{body}</p>").p
    for formula in paragraph.select(".math"):
        del formula["style"]  # the place that is kept for it
    assert paragraph.decode_contents() == expected
    assert paragraph.get_text() == bs4.BeautifulSoup(body, "html.parser").get_text()
