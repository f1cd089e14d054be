"""LaTeX documents: they compile as they stand, nothing is wider than the page, and no name breaks them."""

import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from report_helpers import TRACES, drawn_trace, explained

from mlpcli.derivation.check import CENTRAL, Check, Element
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import exercise, trace_report
from mlpcli.report.latex import latex_report, latex_rows, latex_text, text_points
from mlpcli.report.sheet import Report, Sheet

COMPILER = shutil.which("pdflatex")
NAMES = [
    r"a&b%c$d#e_f{g}h~i^j\k",
    "[red]",
    "*",
    "--",
    "?`!`",
    '"quoted"',
    "Größe, Œuvre, Łódź, ñandú, Ångström, ǎ",
    "日本語",
    "😀",
    "\x1b[31m\u202e",
    "x" * 200,
    "/folder" * 30,
    "many words " * 30,
    "θ − ηg/√(s + ε), ŷ, R², x₁₂, a⁽¹⁾, ½ ∞ ≤ → …",
    r"\input{secret}",
    "^^41",
    "\\\\",
    "{",
    "}",
    "%",
    "",
]
TYPESET, EXPLAINED = View(typeset=True), View(typeset=True, explain=True)


def report_of(rows: tuple[tuple[str | float | None, ...], ...], columns: tuple[str, ...], title: str = "T") -> Report:
    sheet = Sheet(title, columns, rows)
    return Report("trial", {}, sheet, (sheet,), tuple(NAMES))


def check(text: str, folder: Path) -> None:
    """Asserts that a document is plain ASCII with balanced environments and, where a compiler is there, compiles."""
    assert text.isascii()
    open_ones: list[str] = []
    for what, name in re.findall(r"\\(begin|end)\{([a-z*]+)\}", text):
        if what == "begin":
            open_ones.append(name)
        else:
            assert open_ones.pop() == name
    assert open_ones == []
    if COMPILER is None:
        return
    (folder / "document.tex").write_text(text)
    command = [COMPILER, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "document.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, stdin=subprocess.DEVNULL, timeout=120)
    log = (folder / "document.log").read_text(encoding="latin-1")
    assert done.returncode == 0, log[-2000:]
    assert re.findall(r"^(?:Overfull|Missing character|LaTeX Warning).*", log, re.MULTILINE) == []


@pytest.mark.parametrize("name", TRACES)
def test_every_trace_compiles(name: str, tmp_path: Path) -> None:
    check(latex_report(explained(name), 4), tmp_path)


def test_a_wide_trace_and_its_exercise_compile(tmp_path: Path) -> None:
    wide = drawn_trace(["tanh", "tanh", "softmax"], units=(12, 9, 12), samples=2, optimizer="adam", l1=0.1, l2=0.1)
    check(latex_report(trace_report(wide, EXPLAINED), 4), tmp_path)
    check(latex_report(exercise(trace_report(wide, TYPESET), 4), 4), tmp_path)


def test_the_summary_of_a_large_trace_compiles(tmp_path: Path) -> None:
    check(latex_report(trace_report(drawn_trace(units=(30, 20)), EXPLAINED), 4), tmp_path)


@pytest.mark.parametrize("digits", [0, 12, 50])
def test_any_number_of_digits_fits(digits: int, tmp_path: Path) -> None:
    check(latex_report(trace_report(TRACES["l1, l2, biases"], TYPESET), digits), tmp_path)


def test_the_proofs_of_a_trace_are_tables(tmp_path: Path) -> None:
    found = TRACES["lecture"]
    element = Element("W1[1,1]", 1, 0.5, 0.5000001, 2e-7, CENTRAL, kink=False)
    text = latex_report(trace_report(found, TYPESET, Check([element]), true=found), 4)
    assert text.count(r"\begin{tabular}") == 1 + 2  # 41 figures stand side by side, 40 on a page
    assert r"W1{[}1,1{]} & $0.5000$ & $0.5000$ & $2.0000 \cdot 10^{-7}$ & central difference & right \\" in text
    check(text, tmp_path)


def test_no_name_breaks_a_document(tmp_path: Path) -> None:
    rows = tuple((name, other, 0.5, None) for name, other in zip(NAMES, reversed(NAMES), strict=True))
    check(latex_report(report_of(rows, tuple(NAMES[:4]), title=NAMES[0]), 4), tmp_path)


def test_a_table_of_many_columns_and_rows_is_cut_into_parts_and_loses_nothing(tmp_path: Path) -> None:
    draw = np.random.default_rng(2)
    rows = tuple((f"row {k}", *draw.normal(0, 1e3, 30).tolist()) for k in range(90))
    text = latex_report(report_of(rows, ("name", *(f"column {k}" for k in range(30)))), 4)
    found = sorted(float(cell) for cell in re.findall(r"\$(-?\d+\.\d{4})\$", text))
    assert found == sorted(round(value, 4) for row in rows for value in row[1:])
    check(text, tmp_path)


def test_what_is_not_finite_or_not_defined_is_said() -> None:
    rows = (("a", np.nan, None), ("b", np.inf, -np.inf), ("c", -3, 1e-17))
    text = latex_report(report_of(rows, ("name", "one", "two")), 2)
    for line in (r"a & n/a & n/a \\", r"b & $\infty$ & $-\infty$ \\", r"c & $-3$ & $1.00 \cdot 10^{-17}$ \\"):
        assert line in text


def test_predictions_are_a_document_too(tmp_path: Path) -> None:
    block = [[name, *(k / 7 for k in range(len(NAMES)))] for name in NAMES]
    check("".join(latex_rows(("prediction", *NAMES), 1, [block, block], 4)), tmp_path)
    check("".join(latex_rows(("y",), 0, [], 4)), tmp_path)


def test_accents_and_signs_are_written_and_other_letters_told_by_number() -> None:
    text = latex_report(report_of((), ("Größe", "ŷ", "R²", "x₁", "日", "a_b")), 4)
    assert r"Gr\"{o}\ss{}e & $\hat y$ & R$^{2}$ & x$_{1}$ & {[}U+65E5{]} & a\_b \\ \hline" in text


@pytest.mark.parametrize(
    ("text", "latex"),
    [
        ("W\u0303 x\u0303", r"\~{W} \~{x}"),  # no single letter has these
        ("W\u0303\u0303", r"\~{W}{[}U+0303{]}"),
        ("q\u0360", "q{[}U+0360{]}"),
        ("⌈n/2⌉ ⌊n⌋", r"$\lceil$n/2$\rceil$ $\lfloor$n$\rfloor$"),
        ("|   x", r"\textbar{} ~ ~ x"),
        ("", ""),
    ],
)
def test_text_of_reports_is_written_as_it_is_meant(text: str, latex: str, tmp_path: Path) -> None:
    assert latex_text(text) == latex
    check(latex_report(report_of(((text, 1.0),), ("word", "number")), 4), tmp_path)


def test_words_are_on_the_left_and_numbers_on_the_right() -> None:
    text = latex_report(report_of((("a", 1.0, None), ("b", 2.5, 3.0)), ("name", "value", "other")), 4)
    assert r"\begin{tabular}{lrr}" in text


@pytest.mark.parametrize(("rows", "tables"), [(0, 1), (40, 1), (41, 2), (80, 2), (81, 3)])
def test_a_page_has_forty_lines_of_a_table(rows: int, tables: int) -> None:
    text = latex_report(report_of(tuple((f"row {k}", 1.0) for k in range(rows)), ("name", "value")), 1)
    assert text.count(r"\begin{tabular}") == text.count(r"name & value \\ \hline") == tables
    assert [int(k) for k in re.findall(r"^row (\d+) &", text, re.MULTILINE)] == list(range(rows))


@pytest.mark.parametrize(("letters", "breaks"), [(24, 0), (25, 1), (48, 1), (49, 2)])
def test_a_word_of_more_than_24_letters_may_be_broken(letters: int, breaks: int) -> None:
    assert latex_text("m" * letters).count(r"\allowbreak{}") == breaks
    assert latex_text("m" * letters).replace(r"\allowbreak{}", "") == "m" * letters


def test_a_text_is_as_wide_as_all_of_its_letters() -> None:
    assert text_points("aab") == pytest.approx(2 * text_points("a") + text_points("b"))
    assert text_points("") == 0


def test_a_column_with_a_word_is_on_the_left() -> None:
    rows = [[("a", "word", 1.5), ("b", 2.5, 2.5), ("c", None, 3.5)]]
    assert r"\begin{tabular}{llr}" in "".join(latex_rows(("name", "mixed", "n"), 1, rows, 2))


def test_a_table_that_is_wider_than_the_page_goes_on_below_with_its_keys() -> None:
    """A number of 20 digits has 100 points, and 12 beside it: of 452, three fit beside a key of one letter."""
    columns = ("k", *"abcdefghij")
    text = "".join(latex_rows(columns, 1, [[("x", *[10**19] * 10)]], 2))
    heads = re.findall(r"\\begin\{tabular\}\{.*?\}\n(.*?) \\\\", text)
    assert [head.split(" & ") for head in heads] == [
        ["k", "a", "b", "c"], ["k", "d", "e", "f"], ["k", "g", "h", "i"], ["k", "j"]
    ]  # fmt: skip
