"""The pages and the package agree: the map of the front page, and the widths that the text names."""

from __future__ import annotations

import ast
import importlib
import re
from collections import Counter
from pathlib import Path

import pytest

from mnistlab import runs

REPOSITORY = Path(__file__).resolve().parent.parent
BOOK = REPOSITORY / "book"
ENTRY = re.compile(
    r"^(?P<task>Task \d+|Test \d): [^\n]+\n: (?P<text>[^\n]+)\\\n  (?P<links>[^\n]+)$", re.M
)
TASKS = {*(f"Task {number}" for number in range(1, 11)), "Test 1", "Test 2"}


def entries(text: str) -> list[dict[str, str]]:
    """The entries of the map: task, what it asks for, links to section and functions."""
    return [match.groupdict() for match in ENTRY.finditer(text[text.index("(map)=") :])]


def labels() -> set[str]:
    """Every label that a page defines."""
    return {
        label
        for page in BOOK.glob("*.md")
        for label in re.findall(r"^\(([\w-]+)\)=$", page.read_text(encoding="utf-8"), re.MULTILINE)
    }


def file_that_tests(function: object) -> Path:
    """The test file of the module, or of the package, that a function comes from."""
    return REPOSITORY / "tests" / f"test_{function.__module__.split('.')[1]}.py"


def faults(text: str) -> list[str]:
    """What the map promises and does not keep."""
    found = [f"{task} is missing" for task in TASKS - {entry["task"] for entry in entries(text)}]
    for entry in entries(text):
        sections = re.findall(r"\{ref\}`(?:[^`<]*<)?([\w-]+)>?`", entry["links"])
        names = re.findall(r"`~([\w.]+)`", entry["links"])
        if not sections or not names:
            found.append(f"{entry['task']} leads nowhere")
        found += [f"there is no section {label}" for label in sections if label not in labels()]
        for name in names:
            module, _, function = name.rpartition(".")
            answer = getattr(importlib.import_module(module), function, None)
            if answer is None:
                found.append(f"there is no {name}")
            elif not re.search(
                rf"\b{function}\(", file_that_tests(answer).read_text(encoding="utf-8")
            ):
                found.append(f"{file_that_tests(answer).name} does not test {name}")
    return found


def test_the_map_leads_from_every_task_to_a_section_a_function_and_its_test() -> None:
    text = (BOOK / "tasks.md").read_text(encoding="utf-8")
    assert len(entries(text)) == 12
    assert faults(text) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("{ref}`task-4`", "{ref}`task-44`"),
        ("~mnistlab.evaluate", "~mnistlab.evaluated"),
        ("~mnistlab.flatten_size", "~mnistlab.DataError"),
        ("Task 7: network (a), trained", "Task 17: network (a), trained"),
        ("{ref}`task-9` · ", ""),
    ],
)
def test_a_planted_fault_of_the_map_is_found(old: str, new: str) -> None:
    text = (BOOK / "tasks.md").read_text(encoding="utf-8")
    assert old in text
    assert faults(text.replace(old, new))


def assertions_with_messages(page: str) -> str:
    """The code of a page's cells without what draws, glues or trains: what can fail on other widths."""
    text = (BOOK / page).read_text(encoding="utf-8")
    cells = re.findall(r"^```\{code-cell\}[^\n]*\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    options = re.compile(r"^:tags:[^\n]*$|\A---\n.*?^---$", re.MULTILINE | re.DOTALL)
    code = "\n".join(options.sub("", cell) for cell in cells)
    left_out = re.compile(r"\bglue\b|\bplots\.|\brun\(|\btrained\b|\bimage\b")
    kept = [one for one in ast.parse(code).body if not left_out.search(ast.unparse(one))]
    return "\n".join(map(ast.unparse, kept))


@pytest.mark.parametrize("page", ["flatten.md", "counting.md"])
def test_the_derived_numbers_of_a_page_hold(page: str) -> None:
    exec(assertions_with_messages(page), {})


@pytest.mark.parametrize(
    ("page", "task", "sizes", "sentence"),
    [
        ("flatten.md", "TASK_8", (32, 16, 10), "3136"),
        ("counting.md", "TASK_7", (784, 50, 10), "89 610"),
        ("counting.md", "TASK_8", (16, 64, 10), "83 466"),
    ],
)
def test_another_width_names_the_sentence_to_edit(
    page: str,
    task: str,
    sizes: tuple[int, int, int],
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import mnistlab

    monkeypatch.setattr(mnistlab, task, runs.Specification(getattr(runs, task).network, sizes))
    with pytest.raises(AssertionError, match=f"edit .*{sentence}"):
        exec(assertions_with_messages(page), {})


VERDICT = re.compile(
    r"^(?:\{\.verdict \.(?P<kind>\w+)(?P<late> \.late)?\}\n)?\*\*(?P<number>\d+)\. (?P<text>[^*\n]*\b(?:held|refuted)\b[^*\n]*)\*\*",
    re.M,
)
HYPOTHESES = re.compile(r"^\{\.hypotheses\}\n(?P<items>(?:\d+\. [^\n]+\n)+)", re.M)
KINDS = {"held": {"held"}, "refuted": {"refuted"}, "partly": {"held", "refuted"}}
"""Of each mark beside a verdict, what the verdict may say."""


def verdict_faults(text: str) -> list[str]:
    """Hypotheses of a page without a verdict, verdicts on none, and marks that say something else."""
    found = []
    given = []
    for verdict in VERDICT.finditer(text):
        said = set(re.findall(r"\b(?:held|refuted)\b", verdict["text"]))
        if not said <= KINDS.get(verdict["kind"], set()):
            found.append(f"the mark of verdict {verdict['number']} is {verdict['kind']}")
        if verdict["number"] not in given[-1:]:  # a hypothesis of two sentences has two
            given.append(verdict["number"])
    asked = [
        number
        for each in HYPOTHESES.finditer(text)
        for number in re.findall(r"^(\d+)\. ", each["items"], re.M)
    ]
    if given != asked:
        found.append(f"hypotheses {', '.join(asked)}, but verdicts {', '.join(given)}")
    return found


@pytest.mark.parametrize("page", sorted(page.stem for page in BOOK.glob("*.md")))
def test_each_hypothesis_has_its_verdict(page: str) -> None:
    assert verdict_faults((BOOK / f"{page}.md").read_text(encoding="utf-8")) == []


def test_the_chapter_counts_the_verdicts_on_its_nine_guesses() -> None:
    kinds = {}
    for verdict in VERDICT.finditer((BOOK / "guesses.md").read_text(encoding="utf-8")):
        kinds[verdict["number"]] = verdict["kind"]
    assert Counter(kinds.values()) == {"held": 2, "partly": 3, "refuted": 4}
    told = "Two of them held, three held in part, and four were refuted."
    assert told in (BOOK / "places.md").read_text(encoding="utf-8")


ORIGIN = re.compile(
    r"^(?P<said>[^{*\n][^\n]*:)\n\n"
    r"(?:\{\.hypotheses\}\n(?:\d+\. [^\n]+\n)+\n)?"
    r"(?P<verdicts>(?:\{\.verdict [^}]+\}\n\*\*[^\n]+\n\n?)+)",
    re.M,
)
"""A line that says when hypotheses were written down, and the verdicts on them."""
CHAPTERS = (
    *("fair-start", "shuffled", "near", "moved", "weights", "how-much", "something-else"),
    "let-go",
)
"""Those with hypotheses, and the verdicts on them."""
LATE = re.compile(r"cannot show|only after|perhaps after")


def late_faults(text: str) -> list[str]:
    """Verdicts of unknown origin, and grey marks where none belongs or none where one does."""
    found = []
    known = []
    for origin in ORIGIN.finditer(text):
        for one in VERDICT.finditer(origin["verdicts"]):
            known.append(one["number"])
            wanted = one["kind"] == "held" and bool(LATE.search(origin["said"]))
            if bool(one["late"]) is not wanted:
                found.append(f"the mark of verdict {one['number']} is {'not ' * wanted}late")
    unknown = {one["number"] for one in VERDICT.finditer(text)} - set(known)
    return found + [f"when was hypothesis {number} written down?" for number in sorted(unknown)]


@pytest.mark.parametrize("page", CHAPTERS)
def test_what_held_but_may_have_come_late_is_marked(page: str) -> None:
    text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
    assert late_faults(text) == []
    assert VERDICT.search(text)
    for before, after in ((" .late}", "}"), (".held}", ".held .late}")):
        if before in text:
            assert late_faults(text.replace(before, after)) != []
    assert late_faults(ORIGIN.sub(r"\g<verdicts>", text)) != []


@pytest.mark.parametrize("page", CHAPTERS)
def test_the_running_text_keeps_no_score(page: str) -> None:
    """All verdicts of a chapter stand in one fold after its box."""
    text = (BOOK / f"{page}.md").read_text(encoding="utf-8")
    before, box, after = text.partition("What was asked, and what survived")
    fold = re.search(r"^(`{3,})\{dropdown\} Our hypotheses.*?^\1$", after, re.M | re.S)
    assert box
    assert fold
    assert VERDICT.search(fold[0])
    assert not VERDICT.search(before + after.replace(fold[0], ""))
    assert "how-we-judge" in fold[0]


def test_the_chapters_with_hypotheses_are_known() -> None:
    found = {page.stem for page in BOOK.glob("*.md") if HYPOTHESES.search(page.read_text("utf-8"))}
    assert found == {*CHAPTERS, "guesses"}


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("{.verdict .held .late}\n**1.", "**1.", "the mark of verdict 1 is None"),
        ("{.verdict .held .late}\n**1.", "{.verdict .refuted}\n**1.", "verdict 1 is refuted"),
        ("{.verdict .held .late}\n**1. ", "{.verdict .held}\n**4. ", "but verdicts 4, 2, 3"),
        ("3. On shuffled pixels", "On shuffled pixels", "hypotheses 1, 2, but"),
    ],
)
def test_a_planted_verdict_is_noticed(before: str, after: str, fault: str) -> None:
    text = (BOOK / "shuffled.md").read_text(encoding="utf-8")
    assert text.count(before) == 1
    assert fault in "; ".join(verdict_faults(text.replace(before, after)))


PLANS = {  # in minutes, as the plans of ``instructors`` say in words
    "three quarters of an hour to read": (45, ("intro", "images", "networks")),
    "(fifty minutes; of the last": (50, ("fair-start", "shuffled", "how-much")),
    "(an hour)": (60, ("near", "places", "gains")),
}


@pytest.mark.parametrize("words", PLANS)
def test_the_plans_for_teaching_say_how_long_their_pages_take_to_read(words: str) -> None:
    assert words in (BOOK / "instructors.md").read_text(encoding="utf-8")
    told, pages = PLANS[words]
    text = "".join((BOOK / f"{page}.md").read_text(encoding="utf-8") for page in pages)
    prose = re.sub(r"(?ms)^(`{3,})\{code-cell\}.*?^\1$", "", text)
    assert abs(len(prose.split()) / 150 - told) < 7.5, (
        "at 150 words a minute, to a quarter of an hour"
    )


WITH_S = re.compile(
    r"""(?ix)(?<![\w-])(?:re|un)?(?:
    capital|categor|central|character|custom|emphas|equal|familiar|general|ideal|initial|local|maxim
    |memor|minim|normal|optim|organ|parallel|penal|priorit|random|raster|real|recogn|regular|serial
    |special|stabil|standard|summar|symbol|synchron|token|util|vector|visual
    )is(?:e|es|ed|er|ers|ing|able|ably|ation|ations)(?![\w-])"""
)
"""Words that Oxford spelling, which goes with "optimizer" and "colour", writes with a z."""


def spelled_with_s(text: str) -> list[str]:
    """Such words in prose: not in hypotheses, which stay letter for letter, and not in code spans."""
    return WITH_S.findall(re.sub(r"`[^`\n]*`", "", HYPOTHESES.sub("", text)))


PROSE = [*BOOK.glob("*.md"), REPOSITORY / "mnistlab" / "exercises" / "sheet.md"]


@pytest.mark.parametrize("page", sorted(PROSE), ids=lambda page: page.stem)
def test_verbs_in_ize_are_written_with_a_z(page: Path) -> None:
    assert spelled_with_s(page.read_text(encoding="utf-8")) == []


def test_what_the_checkers_say_is_spelled_as_the_pages_are() -> None:
    table = (REPOSITORY / "mnistlab/check/report/mistakes.toml").read_text(encoding="utf-8")
    names = re.compile(r"^(?:aliases = .*|\[.*\])$", re.M)  # they are what scripts rely on
    assert spelled_with_s(names.sub("", table)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Ten averages recognise it; a *generalisation* of it.", ["recognise", "generalisation"]),
        ("An exercise: otherwise comprise, advise, analyse; noise; `normalise(x)`.", []),
        ("{.hypotheses}\n1. Both networks recognise it.\n\nMinimised.", ["Minimised"]),
    ],
)
def test_a_planted_spelling_is_noticed(text: str, found: list[str]) -> None:
    assert spelled_with_s(text) == found
