"""Markdown with formulas: blocks that KaTeX and MathJax read, and in which Markdown finds nothing of its own."""

import re

import pytest
from report_helpers import TRACES, drawn_trace, explained

from mlpcli.derivation.check import CENTRAL, Check, Element
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import exercise, trace_report
from mlpcli.report.markdown import markdown_report, markdown_rows
from mlpcli.report.sheet import Mathematics, Report, Sheet

TYPESET = View(typeset=True)
BLOCK = re.compile(r"^\$\$\n(.*?)\n\$\$$", re.MULTILINE | re.DOTALL)
ORDER = re.compile(r"\s*([-+*#>]|\d+[.)]|```|~~~)\s|\s*(=+|-+)$|\s*$")  # a line that Markdown takes for its own


@pytest.mark.parametrize("name", [*TRACES, "exercise"])
def test_formulas_stand_in_blocks_of_their_own(name: str) -> None:
    asked = exercise(trace_report(TRACES["l1, l2, biases"], TYPESET), 4) if name == "exercise" else explained(name)
    text = markdown_report(asked, 4)
    blocks = BLOCK.findall(text)
    assert len(blocks) >= 10
    for block in blocks:
        assert block.startswith("\\begin{aligned}\n")
        assert block.endswith("\n\\end{aligned}")
        assert "align*" not in block
        assert [line for line in block.splitlines() if ORDER.match(line)] == []
        assert re.findall(r"\\\\(?!\n)", block) == []  # GitHub spares a row's end at the end of a line only
    rest = [line for line in BLOCK.sub("", text).splitlines() if line]
    assert [line for line in rest if not re.match(r"##? |L = |step \d|Compute |In all formulas", line)] == []


def test_a_sum_that_the_formula_shows_is_not_repeated() -> None:
    text = markdown_report(explained("lecture"), 4)
    assert len(re.findall(r"^L &= ", text, re.MULTILINE)) == 1
    assert len(re.findall(r"^a_\{1\}\^\{\(1\)\} &= ", text, re.MULTILINE)) == 1  # beside matrices, a sum says more


def test_headings_are_those_of_the_sections() -> None:
    report = explained("lecture")
    assert re.findall(r"^## (.*)", markdown_report(report, 4), re.MULTILINE) == [
        section.title for section in report.sections
    ]


def test_a_table_among_the_formulas_has_one_heading() -> None:
    element = Element("W1[1,1]", 1, 0.5, 0.25, 0.5, CENTRAL, kink=False)
    text = markdown_report(trace_report(TRACES["lecture"], TYPESET, Check([element])), 2)
    assert text.count("Check: the gradient beside a numerical derivative") == 1
    assert "| W1\\[1,1] | 0.50 | 0.25 | 0.50 | central difference | WRONG |" in text
    assert text.rstrip().splitlines()[-1].startswith("check: 1 of 1 elements are off")


def test_a_report_without_formulas_is_its_tables() -> None:
    sheet = Sheet("T", ("name", "value"), (("a", 0.5),))
    assert markdown_report(Report("t", {}, sheet, (sheet,), ("done",)), 2).splitlines() == [
        "**T**",
        "",
        "| name | value |",
        "| --- | ---: |",
        "| a | 0.50 |",
        "",
        "done",
    ]


@pytest.mark.parametrize("units", [(13, 3), (11, 11)])
def test_large_layers_are_summarised_in_a_table(units: tuple[int, int]) -> None:
    report = trace_report(drawn_trace(units=units), TYPESET)
    assert report.sections == ()
    assert "| layer | tensor | shape |" in markdown_report(report, 4)


def test_closing_lines_are_paragraphs_which_no_reader_joins() -> None:
    report = Report("forward", {}, Sheet("", (), ()), (Sheet("t", ("a",), ((1.0,),)),), ("one", "two"))
    assert markdown_report(report, 2).endswith("\n\none\n\ntwo\n")


MARKUP = {
    # by CommonMark's and GitHub's rules: a sign is itself behind a backslash, and < > & are entities of HTML
    "<script>alert(1)</script>": "&lt;script&gt;alert(1)&lt;/script&gt;",
    "&lt;": "&amp;lt;",
    "a|b": "a\\|b",
    "`x`": "\\`x\\`",
    "*a* _b_ ~~c~~": "\\*a\\* \\_b\\_ \\~\\~c\\~\\~",
    "![i](u) [l](u)": "!\\[i](u) \\[l](u)",
    "$x$": "\\$x\\$",
    "\\<b>": "\\\\&lt;b&gt;",
    "\n": "\\\\n",  # two lines would be two rows
}


@pytest.mark.parametrize(("name", "written"), MARKUP.items())
def test_names_are_shown_as_they_are_and_not_obeyed(name: str, written: str) -> None:
    sheet = Sheet(name, (name, "p"), ((name, 0.5),))
    report = Report("t", {}, sheet, (sheet,), (name,), title=name, opening=(name,))
    lines = [line for line in markdown_report(report, 2).splitlines() if line]
    assert lines == [
        f"# {written}",
        written,
        f"**{written}**",
        f"| {written} | p |",
        "| --- | ---: |",
        f"| {written} | 0.50 |",
        written,
    ]
    rows = "".join(markdown_rows(("prediction", name), 1, [[[name, 0.5]]], 2)).splitlines()
    assert rows == [f"| prediction | {written} |", "| --- | ---: |", f"| {written} | 0.50 |"]


def test_an_absolute_value_in_a_formula_does_not_end_its_cell() -> None:
    sheet = Sheet("T", ("f(a)",), ((Mathematics("|a|"),),))
    assert markdown_report(Report("t", {}, sheet, (sheet,)), 2).splitlines()[-1].count("|") == 2
