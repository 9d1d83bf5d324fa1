"""The book: its sources as written, and its pages as built.

Each check is a function that lists faults. It is shown to find a planted fault (fast, always
run), and to find none in the book (on the pages as built: marker ``book``).
"""

import ast
import inspect
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

import mnistlab
from mnistlab import experiments, runs, sources
from mnistlab.experiments import EXPERIMENTS, Experiment

NO_BOOK = "the book's own packages are not installed: extra [book]"
bs4 = pytest.importorskip("bs4", reason=NO_BOOK)
yaml = pytest.importorskip("yaml", reason=NO_BOOK)
html = pytest.importorskip("mnistlab.sphinxext.html", reason=NO_BOOK)
show = pytest.importorskip("mnistlab.sphinxext.show", reason=NO_BOOK)

REPOSITORY = Path(__file__).resolve().parent.parent
PAGES = sorted((REPOSITORY / "book").glob("*.md"))
COLUMNS = show.COLUMNS

# ----- the sources of a page -----------------------------------------------------------------

FENCE = re.compile(r"^(?P<indent> *)(?P<fence>`{3,}|:{3,}|~{3,})(?P<info>[^\n`]*)$")


@dataclass(frozen=True)
class Block:
    """A fenced block of a page: a code cell, a directive or plain code."""

    info: str
    body: str
    line: int

    @property
    def is_cell(self) -> bool:
        """Whether it is executed."""
        return self.info.startswith("{code-cell}")

    @property
    def is_code(self) -> bool:
        """Whether it is Python, executed or not; messages may be wider, since they are broken."""
        return self.is_cell or "python" in self.info

    @property
    def tags(self) -> set[str]:
        """Tags of a cell."""
        found = re.search(r"^:?tags: *(.*)$", self.body, re.MULTILINE)
        return set(re.findall(r"[\w-]+", found[1])) if found else set()

    @property
    def code(self) -> str:
        """What a cell executes: its body without the options."""
        without_yaml = re.sub(r"\A---\n.*?\n---\n", "", self.body, flags=re.DOTALL)
        return re.sub(r"\A(?::[^\n]*\n)+", "", without_yaml)


def blocks(text: str) -> Iterator[Block]:
    """The fenced blocks of a page, inner ones too."""
    lines = text.splitlines()
    for number, line in enumerate(lines):
        opening = FENCE.match(line)
        if not opening or not opening["info"].strip():
            continue
        closing = re.compile(rf"^ *{opening['fence']}$")
        body: list[str] = []
        for following in lines[number + 1 :]:
            if closing.match(following):
                break
            body.append(following.removeprefix(opening["indent"]))
        yield Block(opening["info"].strip(), "\n".join(body) + "\n", number + 1)


def cells(text: str) -> Iterator[Block]:
    """The code cells of a page."""
    return (block for block in blocks(text) if block.is_cell)


def wide_code(text: str) -> list[str]:
    """Lines of visible code, executed or not, that are wider than a phone."""
    hidden = {"remove-cell", "remove-input"}
    return [
        f"line of {len(line)} columns: {line}"
        for block in blocks(text)
        if block.is_code and not block.tags & hidden
        for line in block.code.splitlines()
        if len(line) > COLUMNS
    ]


HIDDEN = {"remove-cell", "remove-input"}
"""Tags of cells whose code a reader does not see."""
HIDDEN_LINES = 12


def long_hidden_cells(text: str) -> list[str]:
    """Cells whose code is not seen and that do more than glue: nobody reads them, no test tries them."""
    return [
        f"line {cell.line}: a hidden cell of {len(code)} lines; move what it computes into the package"
        for cell in cells(text)
        if cell.tags & HIDDEN
        and len(code := [line for line in cell.code.splitlines() if line.strip()]) > HIDDEN_LINES
    ]


def open_drawings(text: str) -> list[str]:
    """Cells that only draw, with names computed before, and are not folded: their code teaches nothing."""
    return [
        f"line {cell.line}: this cell only draws: fold it, with the tag hide-input"
        for cell in cells(text)
        if not cell.tags & {*HIDDEN, "hide-input", "hide-cell"}
        and "plots." in cell.code
        and all(map(_draws, ast.parse(re.sub(r"^%.*", "", cell.code, flags=re.M)).body))
    ]


def _draws(statement: ast.stmt) -> bool:
    """Whether a statement is an import, or one call of ``plots`` whose arguments call nothing."""
    if isinstance(statement, ast.Import | ast.ImportFrom):
        return True
    calls = [node for node in ast.walk(statement) if isinstance(node, ast.Call)]
    return len(calls) == 1 and ast.unparse(calls[0].func).startswith("plots.")


DRAWING_LINES = 9


def long_drawing_cells(text: str) -> list[str]:
    """Cells that draw with `plots` and show more than that: what assembles a figure outweighs it."""
    return [
        f"line {cell.line}: {len(code)} lines for a figure; compute in a cell before, or in the package"
        for cell in cells(text)
        if not cell.tags & HIDDEN
        and re.search(r"\bplots\.(plot|draw)_", cell.code)
        and len(code := [line for line in cell.code.splitlines() if line.strip()]) > DRAWING_LINES
    ]


def visible_edits(text: str) -> list[str]:
    """Assertions for whoever edits the book, in cells that a reader sees."""
    return [
        f"line {cell.line}: {line.strip()}"
        for cell in cells(text)
        if not cell.tags & HIDDEN
        for line in cell.code.splitlines()
        if re.search(r"""assert .*["']edit""", line)
    ]


def undefined_names(text: str) -> list[str]:
    """Names in a page's visible cells that no visible cell defines: who types along gets an error."""
    visible = (cell.code for cell in cells(text) if not cell.tags & HIDDEN)
    code = re.sub(r"^[%!].*$", "", "\n".join(visible), flags=re.MULTILINE)
    command = [sys.executable, "-m", "ruff", "check", "--isolated", "--select", "F821,F823"]
    command += ["--output-format", "concise", "--no-cache", "-"]
    found = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    assert found.returncode in (0, 1), found.stderr
    return [line for line in found.stdout.splitlines() if line.startswith("-:")]


def foreign_runs(text: str) -> list[str]:
    """Calls of ``run`` for a run that is not trained before the pages."""
    own = runs.BOOK
    trained = {name for name, value in vars(runs).items() if value in own}
    faults = []
    for cell in cells(text):
        tree = ast.parse(re.sub(r"^[%!].*$", "", cell.code, flags=re.MULTILINE))
        known = trained | _over_the_books_runs(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and _last_name(node.func) == "run":
                asked = [_last_name(argument) for argument in node.args[:1]]
                if not asked or asked[0] not in known:
                    faults.append(f"{ast.unparse(node)}; expected one of {sorted(trained)}")
    return faults


def _over_the_books_runs(tree: ast.AST) -> set[str]:
    """Variables of loops over runs that the build trains: ``BOOK``, or tuples of its members.

    An experiment's specifications are looped over as rows of its record; only if all of them are the
    book's own may they be run.
    """
    loops = (node for node in ast.walk(tree) if isinstance(node, ast.For | ast.comprehension))
    return {ast.unparse(loop.target) for loop in loops if _are_the_books(loop.iter)}


def _are_the_books(node: ast.expr) -> bool:
    """Whether an expression names only runs of the book."""
    if isinstance(node, ast.Tuple | ast.List):
        return all(getattr(runs, _last_name(one), None) in runs.BOOK for one in node.elts)
    name = _last_name(node)
    if name == "specifications":
        experiment = _experiment(node)
        return experiment is not None and set(experiment.specifications) <= set(runs.BOOK)
    return name == "BOOK"


def _experiment(node: ast.expr) -> Experiment | None:
    """The experiment in ``EXPERIMENTS["name"].specifications`` or ``module.EXPERIMENT.specifications``."""
    text = ast.unparse(node).removesuffix(".specifications")
    named = re.search(r"""EXPERIMENTS\[['"]([\w-]+)['"]\]$""", text)
    if named:
        return EXPERIMENTS.get(named[1])
    module = re.search(r"(\w+)\.EXPERIMENT$", text)
    return getattr(getattr(experiments, module[1], None), "EXPERIMENT", None) if module else None


def _last_name(node: ast.expr) -> str:
    return ast.unparse(node).rpartition(".")[2]


def shown_names(text: str) -> list[str]:
    """What a page shows of the package: canonical names."""
    found = re.findall(r"^ *[`:]{3,}\{show\} +(.+)$", text, re.MULTILINE)
    names = " ".join(found).replace(",", " ").split()
    return [show.shown(name).target for name in names]


def shown_faults(pages: dict[str, str]) -> list[str]:
    """Functions that are shown twice, and functions of the package that no page shows."""
    shown = Counter(name for text in pages.values() for name in shown_names(text))
    twice = [f"{name} is shown {count} times" for name, count in shown.items() if count > 1]
    never = [f"{name} is shown on no page" for name in sorted(taught() - set(shown))]
    return twice + never


def taught() -> set[str]:
    """The public functions that chapters teach; a trace and a run are used, not taught."""
    functions = [getattr(mnistlab, name) for name in mnistlab.__all__]
    used = {"trace_shapes", "multiply_accumulates", "flatten_size", "run"}
    return {
        f"{function.__module__}.{function.__name__}"
        for function in functions
        if inspect.isfunction(function) and function.__name__ not in used
    }


GIVEN = {"0.01": "the assignment's learning rate", "2.3": "ln 10", "2.303": "ln 10"}
"""Decimals that are no measurements."""

MEASURED = re.compile(r"(?<![\w.])\d+(?:\.\d+)?\s?%|(?<![\w.])\d+\.\d+(?![\w.])")


def prose(text: str) -> str:
    """A page without its head, code, formulas, roles and links."""
    text = re.sub(r"\A---\n.*?\n---\n", "", text, flags=re.DOTALL)
    for block in blocks(text):
        if not re.match(r"\{(note|tip|warning|admonition|dropdown|glue:figure|margin)", block.info):
            text = text.replace(block.body, "\n", 1)
    text = re.sub(r"^ *[`:~]{3,}.*$", "", text, flags=re.MULTILINE)
    text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " ", text, flags=re.DOTALL)
    return re.sub(r"\{[^}\n]+\}`[^`]*`|`[^`]*`|\]\([^)]*\)|<[^>]*>", " ", text)


def typed_numbers(text: str) -> list[str]:
    """Percentages and decimals in prose, which should come from a run or a derivation."""
    return [
        f"{number[0]!r} in: {line.strip()}; glue it, or set it as a formula if you have chosen it"
        for line in prose(text).splitlines()
        for number in MEASURED.finditer(line)
        if number[0] not in GIVEN
    ]


def broken_numbers(text: str) -> list[str]:
    """Numbers such as 10 000 or 5 × 5 with a space at which a line may end; U+202F and U+00A0 do not break."""
    return [
        f"{number[0]!r} in: {line.strip()}; write it with U+202F, or U+00A0 about a ×"
        for line in prose(text).splitlines()
        for number in re.finditer(r"(?<![\d.,])\d{1,3}(?: \d{3})+(?!\d)|\d × \d", line)
    ]


def undescribed_figures(text: str) -> list[str]:
    """Figures without a name to refer to, a description or a caption."""
    found = []
    for figure in re.finditer(r"^( *)```{(glue:)?figure} (\S+)\n(.*?)^\1```", text, re.M | re.S):
        lines = [line.strip() for line in figure[4].splitlines()]
        options = {line.split(":")[1] for line in lines if line.startswith(":")}
        caption = any(line and not line.startswith(":") for line in lines)
        missing = sorted({"name", "alt"} - options) + ([] if caption else ["caption"])
        found += [f"{figure[3]} has no {what}" for what in missing]
    return found


# ----- a page as built -----------------------------------------------------------------------

Soup = "bs4.BeautifulSoup"


def soup(text: str) -> Soup:
    """A built page."""
    return bs4.BeautifulSoup(text, "html.parser")


def article(page: Soup) -> Soup:
    """What the author wrote, without the theme around it."""
    return page.find("article") or page


def figure_faults(page: Soup) -> list[str]:
    """Images without a figure; figures without number, caption or description."""
    faults = []
    for image in article(page).find_all("img"):
        figure = image.find_parent("figure")
        name = image.get("src", "?")
        if len(image.get("alt", "").split()) < 3 or image["alt"] == name:
            faults.append(f"{name} has no alt text that says what is seen")
        if "{" in image.get("alt", ""):
            faults.append(f"{name} has an alt text with markup: {image['alt']}")
        if figure is None:
            faults.append(f"{name} is in no figure")
    for figure in article(page).find_all("figure"):
        name = figure.get("id", "a figure without name")
        number = figure.find(class_="caption-number")
        caption = figure.find(class_="caption-text")
        if number is None or not re.search(r"Figure \d", number.get_text()):
            faults.append(f"{name} has no number")
        if caption is None or len(caption.get_text().split()) < 3:
            faults.append(f"{name} has no caption that states a finding")
    return faults


def drawings_for_one_screen(page: Soup) -> list[str]:
    """Figures that have a drawing for a column and none for a phone, or the other way round."""
    return [
        f"{figure.get('id', 'a figure')} has {len(wide)} wide and {len(narrow)} narrow drawings"
        for figure in article(page).find_all("figure")
        if len(wide := figure.select("img.wide")) != len(narrow := figure.select("img.narrow"))
        or (figure.select('img[src$=".svg"]') and not wide)
    ]


def reference_faults(page: Soup) -> list[str]:
    """References that lead nowhere, and markup that was not understood."""
    body = article(page)
    faults = [f"not linked: {node}" for node in body.select(".xref") if not _is_linked(node)]
    faults += [f"problem: {node}" for node in body.select(".problematic, .system-message")]
    for node in body.find_all(["pre", "code", "script"]):
        node.decompose()
    text = body.get_text(" ")  # cells of a table apart: 46% and sharing are no left-over %s
    for pattern in (r"\?\?\?", r"\{[\w:.-]+\}`", r"\[\]", r"%s", r"<class '"):
        faults += [f"left over: {found[0]!r}" for found in re.finditer(pattern, text)]
    return faults


def _is_linked(node: "bs4.Tag") -> bool:
    return node.find_parent("a") is not None or node.find("a") is not None or node.name == "a"


LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "object": "data"}


def external_resources(page: Soup) -> list[str]:
    """What a page would load from the network."""
    faults = [
        str(node)[:120]
        for name, attribute in LOADING.items()
        for node in page.find_all(name)
        if _is_remote(node.get(attribute, ""))
    ]
    faults += [str(node) for node in page.find_all("link") if _is_remote(node.get("href", ""))]
    scripts = (node.get_text() for node in page.find_all("script"))
    faults += [
        found[0]
        for text in scripts
        for found in re.finditer(r"(?:https?:)?//(?:unpkg|cdn|fonts)[\w./-]+", text)
    ]
    styles = (node.get_text() for node in page.find_all("style"))
    return faults + [fault for text in styles for fault in remote_styles(text)]


def remote_styles(text: str) -> list[str]:
    """What a style sheet would load from the network."""
    return re.findall(r"(?:@import\s+|url\()\s*['\"]?(?:https?:)?//[^'\")\s]+", text)


def _is_remote(address: str) -> bool:
    return bool(urlsplit(address).netloc)


def broken_links(folder: Path, file: Path) -> list[str]:
    """Links to a file or a place that the book does not have."""
    faults = []
    for link in soup(file.read_text()).find_all("a", href=True):
        address = urlsplit(link["href"])
        if address.scheme or address.netloc or "chain" in link.get("class", ""):
            continue  # the shape explorer's own tests follow its chains
        target = (file.parent / unquote(address.path)).resolve() if address.path else file
        if not target.is_file() or not target.is_relative_to(folder.resolve()):
            faults.append(f"{link['href']}: no such file")
        elif target.suffix == ".html" and unquote(address.fragment) not in places(target):
            faults.append(f"{link['href']}: no such place")
    return faults


def places(file: Path, known: dict[Path, set[str]] = {}) -> set[str]:  # noqa: B006
    """The names in a page to which a link can lead."""
    if file not in known:
        tags = soup(file.read_text()).find_all(True)
        known[file] = {tag["id"] for tag in tags if tag.has_attr("id")} | {""}
    return known[file]


# ----- each check finds a planted fault -------------------------------------------------------

WIDE = "```{code-cell} ipython3\n" + "x" * (COLUMNS + 1) + "\n```\n"
CELL = "```{{code-cell}} ipython3\n{}\n```\n"
FIGURE = """<article><figure id="f"><img alt="A line that falls" src="f.svg">
<figcaption><p><span class="caption-number">Figure 1.2 </span>
<span class="caption-text">It learns faster.</span></p></figcaption></figure></article>"""


@pytest.mark.parametrize(
    ("check", "good", "planted"),
    [
        (wide_code, CELL.format("x" * COLUMNS), WIDE),
        (wide_code, "```text\n" + "x" * 80 + "\n```\n", "```python\n" + "x" * 80 + "\n```\n"),
        (wide_code, CELL.format(":tags: [remove-cell]\n\n" + "x" * 80), "  " + WIDE),
        (foreign_runs, CELL.format("a = run(TASK_7)"), CELL.format("a = run(TASK_9)")),
        (
            foreign_runs,
            CELL.format("%matplotlib inline\nmnistlab.run(mnistlab.TASK_8)"),
            CELL.format("mnistlab.run(Specification('convolutional', (1, 1, 10)))"),
        ),
        (
            foreign_runs,
            CELL.format("[run(each) for each in runs.BOOK]"),
            CELL.format("[run(each) for each in others]"),
        ),
        (
            foreign_runs,
            CELL.format("[run(each) for each in (TASK_7, runs.TASK_8)]"),
            CELL.format("[run(each) for each in (TASK_7, TASK_9)]"),
        ),
        (
            foreign_runs,
            CELL.format("[row.specification for row in rates.EXPERIMENT.rows()]"),
            CELL.format("for one in rates.EXPERIMENT.specifications:\n    run(one)"),
        ),
        (
            foreign_runs,
            CELL.format("for one in EXPERIMENTS['learning-rates'].specifications:\n    print(one)"),
            CELL.format("for x in EXPERIMENTS['learning-rates'].specifications:\n    run(x)"),
        ),
        (
            long_hidden_cells,
            CELL.format(":tags: [remove-cell]\n\n" + 12 * "x\n"),
            CELL.format(":tags: [remove-cell]\n\n" + 13 * "x\n"),
        ),
        (
            long_hidden_cells,
            CELL.format(13 * "x\n"),
            CELL.format(":tags: [remove-input]\n" + 13 * "x\n"),
        ),
        (
            long_drawing_cells,
            CELL.format(8 * "x\n" + "plots.plot_losses(a, b)")
            + CELL.format(20 * "x\n" + "from mnistlab import plots"),
            CELL.format(9 * "x\n" + "plots.draw_digits(images)"),
        ),
        (
            open_drawings,
            CELL.format("plots.plot_losses(run(TASK_7).history, b)")
            + CELL.format(":tags: [hide-input]\n\nfigure = plots.plot_losses(a, b)"),
            CELL.format("from mnistlab import plots\nfigure = plots.plot_losses(a, b)"),
        ),
        (
            visible_edits,
            CELL.format(':tags: [remove-cell]\n\nassert x == 7, "edit 7"'),
            CELL.format('assert x == 7, "edit 7"'),
        ),
        (
            undefined_names,
            CELL.format("%time 1")
            + CELL.format("import math\ndef f():\n    return math.pi + x\nx = 1"),
            CELL.format("x = live") + CELL.format(":tags: [remove-cell]\n\nlive = 1"),
        ),
        (foreign_runs, "run(other)", CELL.format("losses, _ = run(other).history")),
        (typed_numbers, "Ten epochs of 60 000 images.", "It reaches 98.1 % then."),
        (typed_numbers, "At $\\eta = 0.01$ it `costs 0.5`.", "The loss is 0.25 after that."),
        (typed_numbers, "It is {glue:text}`accuracy:.1f` %.", "About 93% are right."),
        (broken_numbers, "Of 10\u202f000 images, `a 10 000`.", "Of 10 000 images."),
        (broken_numbers, "A window of 5\u00a0×\u00a05.", "A window of 5 × 5."),
        (typed_numbers, CELL.format("x = 0.5"), "```{note}\nIt is 0.5 higher.\n```"),
        (
            undescribed_figures,
            "```{glue:figure} curve\n:name: fig-curve\n:alt: It falls.\n\nThe loss.\n```\n",
            "```{glue:figure} curve\n:name: fig-curve\n\nThe loss.\n```\n",
        ),
        (
            undescribed_figures,
            "",
            "```{glue:figure} curve\n:name: fig-curve\n:alt: It falls.\n```\n",
        ),
    ],
)
def test_a_planted_fault_of_a_source_is_found(
    check: Callable[[str], list[str]], good: str, planted: str
) -> None:
    assert check(good) == []
    assert len(check(planted)) == 1


@pytest.mark.parametrize(
    ("check", "good", "planted"),
    [
        (figure_faults, FIGURE, FIGURE.replace("Figure 1.2", "")),
        (figure_faults, FIGURE, FIGURE.replace("It learns faster.", "")),
        (figure_faults, FIGURE, FIGURE.replace("A line that falls", "f.svg")),
        (figure_faults, FIGURE, FIGURE.replace("A line that falls", "")),
        (figure_faults, FIGURE, FIGURE.replace("falls", "falls to {glue:text}`end`")),
        (figure_faults, FIGURE, FIGURE + '<img alt="A line that falls" src="g.svg">'),
        (
            drawings_for_one_screen,
            '<figure><img class="wide" src="a.svg"><img class="narrow" src="b.svg"></figure>',
            '<figure><img class="wide" src="a.svg"></figure>',
        ),
        (
            drawings_for_one_screen,
            '<figure><img src="a.png"></figure>',
            '<figure><img src="a.svg"></figure>',
        ),
        (
            reference_faults,
            '<p>See <a href="#f"><span class="xref">Figure 1</span></a>. <code>{ref}`x`</code></p>',
            '<p>See <span class="xref">fig-f</span>.</p>',
        ),
        (reference_faults, "<p>Two questions?</p>", "<p>Figure ??? shows it.</p>"),
        (reference_faults, "<pre>[]</pre>", "<p>As shown by [].</p>"),
        (reference_faults, "<p>Fine.</p>", "<p>See {numref}`fig-f`.</p>"),
        (reference_faults, "<p>Fine.</p>", '<div class="system-message">Unknown</div>'),
        (
            external_resources,
            '<script src="_static/a.js"></script><a href="https://example.org">out</a>',
            '<script src="https://cdn.example.org/a.js"></script>',
        ),
        (
            external_resources,
            '<link href="_static/a.css">',
            '<link href="//fonts.example.org/a.css">',
        ),
        (external_resources, "<p>x</p>", '<script>const a = "https://unpkg.com/a"</script>'),
        (
            external_resources,
            "<style>p {background: url(a.png)}</style>",
            "<style>@import 'https://fonts.example.org/a.css'</style>",
        ),
    ],
)
def test_a_planted_fault_of_a_page_is_found(
    check: Callable[[Soup], list[str]], good: str, planted: str
) -> None:
    assert check(soup(f"<article>{good}</article>")) == []
    assert len(check(soup(f"<article>{planted}</article>"))) == 1


@pytest.mark.parametrize("href", ["b.html", "#nowhere", "c.html#nowhere", "../outside.html"])
def test_a_planted_broken_link_is_found(tmp_path: Path, href: str) -> None:
    folder = tmp_path / "book"
    folder.mkdir()
    (tmp_path / "outside.html").touch()
    (folder / "c.html").write_text('<p id="here"></p>')
    page = folder / "a.html"
    page.write_text(
        '<a href="c.html#here">a</a><a href="#">b</a><a href="https://b.org">c</a>'
        '<a class="chain" href="#1x28,m2,l196x10">d</a>'
    )
    assert broken_links(folder, page) == []
    page.write_text(f'<a href="{href}">a</a>')
    assert len(broken_links(folder, page)) == 1


def test_a_planted_second_showing_is_found() -> None:
    text = "\n".join(f"```{{show}} {name}\n```" for name in sorted(taught()))
    once = {"one": text, "two": ""}
    assert shown_faults(once) == []
    twice = {**once, "two": "```{show} mnistlab.evaluate\n```"}
    assert shown_faults(twice) == ["mnistlab.training.evaluate is shown 2 times"]
    never = text.replace("```{show} mnistlab.training.train\n```", "")
    assert shown_faults({"one": never}) == ["mnistlab.training.train is shown on no page"]


# ----- the sources of the book ---------------------------------------------------------------


def each(check: Callable[[str], list[str]]) -> dict[str, list[str]]:
    """The faults that a check finds in the sources, by page."""
    found = {page.name: check(page.read_text()) for page in PAGES}
    return {name: faults for name, faults in found.items() if faults}


def test_code_cells_fit_a_phone() -> None:
    assert each(wide_code) == {}


def test_pages_ask_for_the_runs_that_the_build_trains() -> None:
    assert each(foreign_runs) == {}


def test_hidden_cells_only_glue() -> None:
    assert each(long_hidden_cells) == {}


def test_a_cell_that_draws_does_little_else() -> None:
    assert each(long_drawing_cells) == {}


def test_cells_that_only_draw_are_folded() -> None:
    found = {page: len(cells) for page, cells in each(open_drawings).items()}
    assert found == {"ten-epochs.md": 1}, "there, the two plots that Task 9 asks for"


def test_assertions_for_editors_are_out_of_the_readers_sight() -> None:
    assert each(visible_edits) == {}


def test_no_number_breaks_at_the_end_of_a_line() -> None:
    assert each(broken_numbers) == {}


def test_the_visible_cells_of_a_page_define_what_they_use() -> None:
    assert each(undefined_names) == {}


def test_every_figure_has_a_name_a_description_and_a_caption() -> None:
    assert each(undescribed_figures) == {}


def test_no_measured_number_is_typed() -> None:
    assert each(typed_numbers) == {}


def test_every_function_that_is_taught_is_shown_on_one_page() -> None:
    assert shown_faults({page.name: page.read_text() for page in PAGES}) == []


def test_the_contents_list_every_page() -> None:
    contents = yaml.safe_load((REPOSITORY / "book" / "_toc.yml").read_text())
    listed = [contents["root"]]
    listed += [chapter["file"] for part in contents["parts"] for chapter in part["chapters"]]
    pages = {page.stem for page in PAGES}
    assert pages - set(listed) == set(), "book/_toc.yml does not list these pages"
    assert set(listed) - pages == set(), "book/_toc.yml lists pages that book/ does not have"
    assert len(listed) == len(pages), "book/_toc.yml lists a page twice"
    assert (REPOSITORY / "_toc.yml").resolve() == REPOSITORY / "book" / "_toc.yml"


# ----- the book as built ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def built(book_html: Path) -> dict[str, str]:
    """The built pages that have a source, by name."""
    return {page.stem: (book_html / f"{page.stem}.html").read_text() for page in PAGES}


def every(check: Callable[[Soup], list[str]], pages: dict[str, str]) -> dict[str, list[str]]:
    """The faults that a check finds in built pages, by page."""
    found = {name: check(soup(text)) for name, text in pages.items()}
    return {name: faults for name, faults in found.items() if faults}


@pytest.mark.book
def test_every_figure_has_number_caption_and_description(built: dict[str, str]) -> None:
    assert sum(text.count("<figure") for text in built.values()) > 0
    assert every(figure_faults, built) == {}


@pytest.mark.book
def test_every_figure_is_drawn_for_a_column_and_for_a_phone(built: dict[str, str]) -> None:
    assert every(drawings_for_one_screen, built) == {}


@pytest.mark.book
def test_every_reference_leads_somewhere(built: dict[str, str]) -> None:
    assert every(reference_faults, built) == {}


@pytest.mark.book
def test_every_link_within_the_book_leads_somewhere(book_html: Path) -> None:
    found = {file.name: broken_links(book_html, file) for file in book_html.glob("*.html")}
    assert {name: faults for name, faults in found.items() if faults} == {}


@pytest.mark.book
def test_nothing_is_loaded_from_the_network(book_html: Path) -> None:
    pages = {file.name: file.read_text() for file in book_html.glob("*.html")}
    assert every(external_resources, pages) == {}
    styles = {file.name: remote_styles(file.read_text()) for file in book_html.rglob("*.css")}
    assert {name: faults for name, faults in styles.items() if faults} == {}


def banner_faults(pages: dict[str, str]) -> list[str]:
    """Names of pages whose banner is not the one for the digits that the book was built on."""
    published = all(digest[:16] in pages["built"] for digest in sources.FILES.values())
    return [name for name, text in pages.items() if (html.STAND_INS in text) is published]


def test_planted_banners_are_found() -> None:
    table = " ".join(digest[:16] for digest in sources.FILES.values())
    on_mnist = {"built": table, "intro": ""}
    on_strokes = {"built": f"0123456789abcdef {html.STAND_INS}", "intro": html.STAND_INS}
    assert banner_faults(on_mnist) == banner_faults(on_strokes) == []
    assert banner_faults({**on_mnist, "intro": html.STAND_INS}) == ["intro"]
    assert banner_faults({**on_strokes, "intro": ""}) == ["intro"]


@pytest.mark.book
def test_every_page_says_when_the_digits_are_not_those_of_mnist(built: dict[str, str]) -> None:
    assert banner_faults(built) == []


@pytest.mark.book
def test_the_book_is_no_preview(built: dict[str, str]) -> None:
    assert [name for name, text in built.items() if html.PREVIEW in text] == []
