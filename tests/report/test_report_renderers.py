"""One report in every form: the same figures, whole, with what is undefined marked as such."""

import csv
import io
import json
import math
import os
import re
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from random import Random
from types import FrameType

import numpy as np
import pytest
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.network import Network, chain
from mlpcli.core.propagation import forward
from mlpcli.derivation.forward_report import forward_report
from mlpcli.report.curves import Curve, Curves
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Cell, Prediction, Report, Sheet, side_by_side
from mlpcli.report.terminal import _body, _Column, _table, folded_line, sheet_text, shown_column
from mlpcli.report.text import Screen

THIRD, TINY = 1 / 3, 1.25e-17
ROWS: tuple[tuple[Cell, ...], ...] = (("training", 96, THIRD, None), ("test", 30, TINY, -math.pi))
EVERY_DIGIT = ("json", "csv")
FOR_PEOPLE = ("table", "markdown")


def a_report(rows: tuple[tuple[Cell, ...], ...] = ROWS, title: str = "Results", head: str = "part") -> Report:
    """A report with names, whole numbers, fractions and a figure that is not defined."""
    columns = (head, "samples", "loss", "R²")
    sheet = Sheet(title, columns, rows)
    document = {"rows": [dict(zip(columns, row, strict=True)) for row in rows]}
    return Report("trial", document, sheet, (sheet,), closing=("weights: w.json",))


def test_every_form_that_a_script_needs_is_there() -> None:
    assert {"table", "json", "csv"} <= set(RENDERERS)
    assert [name for name, row in RENDERERS.items() if row.name != name or not row.description] == []


@pytest.mark.parametrize("form", RENDERERS)
def test_every_form_names_rows_and_columns_and_ends_the_line(form: str) -> None:
    text = RENDERERS[form].render(a_report(), 4)
    assert text.endswith("\n")
    for word in ("part", "samples", "loss", "R$^{2}$" if form == "latex" else "R²", "training", "test", "96", "30"):
        assert word in text


@pytest.mark.parametrize("form", EVERY_DIGIT)
def test_programs_get_every_digit(form: str) -> None:
    text = RENDERERS[form].render(a_report(), 2)
    for value in (THIRD, TINY, -math.pi):
        assert repr(value) in text


# A third and 1.25·10⁻¹⁷ stand in one column.
AS_PEOPLE_READ = [(2, ["0.33", "1.25e-17", "-3.14"]), (5, ["0.33333", "1.25000e-17", "-3.14159"])]


@pytest.mark.parametrize("form", FOR_PEOPLE)
@pytest.mark.parametrize(("digits", "shown"), AS_PEOPLE_READ)
def test_people_get_so_many_decimals(form: str, digits: int, shown: list[str]) -> None:
    words = RENDERERS[form].render(a_report(), digits).split()
    assert [figure for figure in shown if figure not in words] == []


@pytest.mark.parametrize("form", FOR_PEOPLE)
def test_people_see_what_is_not_defined(form: str) -> None:
    assert RENDERERS[form].render(a_report(), 4).split().count("n/a") == 1


def test_in_json_what_is_not_defined_is_null() -> None:
    document = json.loads(RENDERERS["json"].render(a_report(), 4))
    assert document["rows"][0] == {"part": "training", "samples": 96, "loss": THIRD, "R²": None}
    assert (document["format"], document["version"]) == ("mlpcli-trial", 1)


def test_in_csv_what_is_not_defined_is_empty() -> None:
    rows = list(csv.reader(io.StringIO(RENDERERS["csv"].render(a_report(), 4))))
    assert rows == [
        ["part", "samples", "loss", "R²"],
        ["training", "96", repr(THIRD), ""],
        ["test", "30", repr(TINY), repr(-math.pi)],
    ]


@pytest.mark.parametrize("name", ["a,b", 'say "x"', "two\nlines", " spaces ", "=1+1", "日本", ""])
def test_any_name_survives_csv_and_json(name: str) -> None:
    report = a_report(((name, 1, 0.5, None),))
    assert list(csv.reader(io.StringIO(RENDERERS["csv"].render(report, 4))))[1][0] == name
    assert json.loads(RENDERERS["json"].render(report, 4))["rows"][0]["part"] == name


def test_a_bar_in_a_name_does_not_split_a_markdown_cell() -> None:
    lines = RENDERERS["markdown"].render(a_report((("a|b", 1, 0.5, None),)), 4).splitlines()
    table = [line.replace("\\|", "") for line in lines if line.startswith("|")]
    assert {line.count("|") for line in table} == {5}


@pytest.mark.parametrize("form", [*FOR_PEOPLE, "json"])
@pytest.mark.parametrize("evil", ["\x1b[31m", "\x9b2J", "\u202e", "\r", "\x07"], ids=ascii)
def test_names_titles_and_columns_cannot_steer_the_terminal(form: str, evil: str) -> None:
    report = a_report(((f"x{evil}", 1, 0.5, None),), title=f"file{evil}.csv", head=f"part{evil}")
    text = RENDERERS[form].render(report, 4)
    assert [c for c in text if not (c.isprintable() or c == "\n")] == []


@pytest.mark.parametrize("form", FOR_PEOPLE)
def test_markup_is_shown_literally(form: str) -> None:
    text = RENDERERS[form].render(a_report((("[red]x[/]:smile:", 1, 0.5, None),), title="[/b]"), 4)
    assert "[red]x[/]:smile:" in text.replace("\\[", "[")  # in Markdown, a bracket of its own
    assert "[/b]" in text


class Terminal(io.StringIO):
    """A standard output that says it is a terminal."""

    encoding = "utf-8"  # type: ignore[assignment]

    def isatty(self) -> bool:
        return True


def on_terminal(monkeypatch: pytest.MonkeyPatch, columns: int, report: Report, digits: int) -> str:
    """A report as a terminal with so many columns shows it, without styles."""
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COLUMNS", str(columns))
    with redirect_stdout(Terminal()):
        return RENDERERS["table"].render(report, digits)


MANY = tuple((f"class {k}", *(k + place / 7 for place in range(9))) for k in range(3))
NARROW = [24, 40, 80, 200]


def wide_report(rows: tuple[tuple[Cell, ...], ...] = MANY) -> Report:
    """A table with ten columns."""
    sheet = Sheet("Wide", ("name", *(f"figure {k}" for k in range(9))), rows)
    return Report("wide", {}, sheet, (sheet,))


@pytest.mark.parametrize("columns", NARROW)
def test_on_a_terminal_every_number_appears_whole_within_its_width(
    monkeypatch: pytest.MonkeyPatch, columns: int
) -> None:
    text = on_terminal(monkeypatch, columns, wide_report(), 6)
    words = text.split()
    assert [value for row in MANY for value in row[1:] if f"{value:.6f}" not in words] == []
    assert "…" not in text
    assert max(map(len, text.splitlines())) <= columns


def test_each_block_of_columns_says_which_rows_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = on_terminal(monkeypatch, 40, wide_report(), 6).splitlines()
    assert sum("class 1" in line for line in lines) >= 3
    assert [line for line in lines if "." in line and "class" not in line] == []


@pytest.mark.parametrize("digits", [20, 34])
def test_even_very_long_numbers_appear_whole(monkeypatch: pytest.MonkeyPatch, digits: int) -> None:
    assert f"{THIRD:.{digits}f}" in on_terminal(monkeypatch, 40, a_report(), digits)


def test_a_long_text_loses_no_character(monkeypatch: pytest.MonkeyPatch) -> None:
    names = ("first" + "x" * 70, "second" + "y" * 70)
    sheet = Sheet("T", ("name", "where"), tuple((f"row {k}", name) for k, name in enumerate(names)))
    text = on_terminal(monkeypatch, 40, Report("t", {}, sheet, (sheet,)), 4)
    assert (text.count("x"), text.count("y")) == (70, 70)
    for k in (0, 1):
        assert f"row {k}" in text


def test_a_long_column_name_loses_no_character(monkeypatch: pytest.MonkeyPatch) -> None:
    sheet = Sheet("T", ("name", "x" * 70), (("row", 0.5),))
    text = on_terminal(monkeypatch, 40, Report("t", {}, sheet, (sheet,)), 4)
    assert text.count("x") == 70
    assert "0.5000" in text


@pytest.mark.parametrize("width", ["20", "1", "abc", None])
def test_in_a_pipe_a_table_is_as_wide_as_it_needs(monkeypatch: pytest.MonkeyPatch, width: str | None) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    if width is not None:
        monkeypatch.setenv("COLUMNS", width)
    text = RENDERERS["table"].render(wide_report(), 12)
    rows = [line.split() for line in text.splitlines() if line.strip().startswith("class")]
    assert rows == [str(row[0]).split() + [f"{value:.12f}" for value in row[1:]] for row in MANY]
    assert os.environ.get("COLUMNS") == width


@pytest.mark.parametrize("form", RENDERERS)
def test_a_table_without_rows_is_no_mistake(form: str) -> None:
    text = RENDERERS[form].render(a_report(()), 4)
    assert ('"rows": []' if form == "json" else "part") in text


def test_columns_of_numbers_are_aligned_to_the_right() -> None:
    text = RENDERERS["table"].render(a_report((("a", 7, 10.5, 0.5), ("b", 1234, -2.25, 0.5))), 2)
    first, second = (line for line in text.splitlines() if line.strip()[:1] in ("a", "b"))
    assert first.index("10.50") + len("10.50") == second.index("-2.25") + len("-2.25")
    assert first.index("7") == second.index("1234") + 3


@pytest.mark.parametrize("unicode", [True, False])
@pytest.mark.parametrize("color", [True, False])
def test_tables_are_drawn_as_rich_draws_them(unicode: bool, color: bool) -> None:
    """With words and numbers, letters that take two columns, folded cells, and empty ones."""
    for seed in range(20):
        draw = Random(seed)
        words = ["", "a", "müde", "中文", "x\ny", "a long text\nthat goes\non", "−0.5"]
        many, rows = draw.randint(1, 5), draw.randint(0, 4)
        columns = [
            _Column(draw.choice(words[1:4]), draw.choices(words, k=rows), draw.random() < 0.5) for _ in range(many)
        ]
        table = Table(box=box.SIMPLE_HEAD if unicode else box.ASCII2)
        for column in columns:
            table.add_column(Text(column.name), justify="left" if column.words else "right", no_wrap=True)
        for cells in zip(*(column.cells for column in columns), strict=True):
            table.add_row(*map(Text, cells))
        text = io.StringIO()
        Console(file=text, width=1000, force_terminal=False).print(table)
        expected = [line.rstrip() for line in text.getvalue().splitlines() if line.strip()]
        found = _table(columns, Screen(None, color, unicode)).splitlines()
        head = 0 if unicode else 1
        assert found[head].startswith("\033[1m") is color
        assert [line.removeprefix("\033[1m").removesuffix("\033[0m") for line in found] == expected


@pytest.mark.parametrize("form", RENDERERS)
def test_a_pass_takes_work_in_proportion_to_its_samples(form: str) -> None:
    """Four times the samples cost four times as much; what looks at all rows for each sample costs sixteen times."""
    network = Network(chain(2, [1], [ACTIVATIONS["linear"]]), np.array([0.5, -1.0, 0.25]))

    def work(samples: int) -> int:
        x, predictions = np.ones((samples, 2)), [Prediction(None, [-0.25])] * samples
        return instructions(
            lambda: RENDERERS[form].render(forward_report(network, x, forward(network, x), predictions, ("y",)), 4)
        )

    work(1)  # imports
    assert work(160) < 5 * work(40)


def instructions(run: Callable[[], object]) -> int:
    """How many instructions of Python a call takes: no clock, and no other process, changes this."""
    count, tracer = 0, sys.gettrace()

    def watch(frame: FrameType, event: str, argument: object) -> object:
        nonlocal count
        frame.f_trace_opcodes = True
        count += event == "opcode"
        return watch

    sys.settrace(watch)  # type: ignore[arg-type]
    try:
        run()
    finally:
        sys.settrace(tracer)
    return count


@pytest.mark.parametrize("words", [True, False])
def test_a_table_as_wide_as_the_terminal_is_left_as_it_is(words: bool) -> None:
    columns = [_Column("k", ["1", "2"], False), *(_Column(name, ["ab cd", "12 45"], words) for name in "xyz")]
    table = _table(columns, Screen(None, False, False))
    width = max(map(len, table.splitlines()))
    assert _body(columns, 1, Screen(width, False, False)) == table
    narrow = _body(columns, 1, Screen(width - 1, False, False))
    assert narrow != table
    assert max(map(len, narrow.splitlines())) < width


@pytest.mark.parametrize(
    ("columns", "lines"),
    [
        (18, [" n      abcdefghij", " value  1234567"]),  # `value` with its gaps takes 8 columns, the key 10
        (17, [" n abcdefghij", " value", "   1234567"]),  # both cells begin in column 3
    ],
)
def test_a_row_that_fits_nowhere_is_a_list_with_its_cells_beside_their_names_or_below(
    columns: int, lines: list[str]
) -> None:
    table = [_Column("n", ["abcdefghij"], True), _Column("value", ["1234567"], False)]
    assert _body(table, 1, Screen(columns, False, True)).splitlines() == lines


def test_a_text_in_a_list_is_folded_beside_its_name() -> None:
    """Of 14 columns 4 are for the names, and 10 for cells."""
    table = [_Column("k", ["1234567890"], False), _Column("t", ["aa bb cc dd ee ff"], True)]
    lines = _body(table, 1, Screen(14, False, True)).splitlines()
    assert lines == [" k  1234567890", " t  aa bb cc", "    dd ee ff"]


def test_of_two_texts_the_wider_one_is_folded_until_both_fit() -> None:
    """The key takes 1 + 3 columns, the number 4 + 3, and one is the edge: of 40, 28 are left, 11 for each text.

    `short` stays whole with 5 + 3: three words of 14 + 3 fit beside it from 12 + 8 + 17 = 37 columns on.
    """
    columns = [
        _Column("k", ["1"], False),
        _Column("one", ["aaaa bbbb cccc dddd"], True),
        _Column("two", ["eeee ffff gggg"], True),
        _Column("n", ["1.25"], False),
    ]
    lines = _body(columns, 1, Screen(40, False, True)).splitlines()
    assert [re.split(" {2,}", line.strip()) for line in lines[2:]] == [
        ["1", "aaaa bbbb", "eeee ffff", "1.25"],
        ["cccc dddd", "gggg"],
    ]
    columns[2] = _Column("two", ["short"], True)
    for width, first, rest in ((37, "aaaa bbbb cccc", "dddd"), (36, "aaaa bbbb", "cccc dddd")):
        lines = _body(columns, 1, Screen(width, False, True)).splitlines()
        assert [re.split(" {2,}", line.strip()) for line in lines[2:]] == [["1", first, "short", "1.25"], [rest]]


def test_a_text_is_not_folded_below_the_width_of_its_heading() -> None:
    """Of 29 columns, 14 + 3 are for the heading and 8 + 3 for the longest word beside it; one is the edge."""
    columns = [_Column("a long heading", ["aa bb cc"], True), _Column("text", ["words all anywhere"], True)]
    lines = _body(columns, 0, Screen(29, False, True)).splitlines()
    assert [re.split(" {2,}", line.strip()) for line in lines[2:]] == [["aa bb cc", "words"], ["all"], ["anywhere"]]


def test_curves_stand_between_the_tables_and_the_closing_lines() -> None:
    curve = Curve("a line", np.array([0.0, 1.0]), np.array([0.0, 1.0]))
    text = RENDERERS["table"].render(a_report()._replace(picture=(Curves("a panel", "x", (curve,)),)), 4)
    assert text.index("test") < text.index("a panel") < text.index("weights: w.json")


def test_numbers_of_which_one_does_not_fit_beside_its_key_are_in_a_list() -> None:
    """A key of one digit and one number of 18 take 1 + 4 + 21 columns; a list needs 3 + 18 of them."""
    columns = [_Column(name, [cell], False) for name, cell in (("k", "7"), ("a", "9" * 18), ("b", "1"))]
    lines = _body(columns, 1, Screen(22, False, True)).splitlines()
    assert max(map(len, lines)) <= 22
    assert [line.split() for line in lines] == [["k", "7"], ["a", "9" * 18], ["b", "1"]]


def test_a_name_that_fills_its_place_in_a_list_has_its_cell_below() -> None:
    """The cells have no room behind `long name`, and begin in column 3, where `abc` ends."""
    columns = [_Column("abc", ["1"], False), _Column("long name", ["9" * 17], False)]
    assert _body(columns, 0, Screen(20, False, True)).splitlines() == [" abc", "   1", " long name", "   " + "9" * 17]


@pytest.mark.parametrize(
    ("cells", "texts"),
    [
        ([0.00003, 0.5], ["0.000030", "0.500000"]),
        ([0.00003, None, "a"], ["0.000030", "n/a", "a"]),  # in one notation, whatever stands between its numbers
        ([0.00003, 3], ["3.0000e-05", "3"]),  # each in its own, if counts are among them
        ([0.00003, 0.5, 3], ["3.0000e-05", "0.5000", "3"]),
        ([None, "a"], ["n/a", "a"]),
        ([3, 4], ["3", "4"]),
    ],
)
def test_numbers_of_a_column_have_one_notation_unless_counts_are_among_them(
    cells: list[Cell], texts: list[str]
) -> None:
    assert shown_column(cells, 4) == texts


def test_a_line_is_folded_between_words_only() -> None:
    """A path stays whole, so that it can be copied."""
    path = "/a/folder/with-a-name/file.json"
    assert folded_line(f"saved in {path}", Screen(20, False, True)) == f"saved in\n{path}"
    assert folded_line("as it is", Screen(8, False, True)) == "as it is"


def test_cells_and_names_are_spelled_in_letters_that_the_screen_has() -> None:
    sheet = Sheet("α of 2 × 2", ("ŷ", "λ"), (("η", 0.5),))
    assert sheet_text(sheet, 1, Screen(None, False, True)).split()[:7] == ["α", "of", "2", "×", "2", "ŷ", "λ"]
    text = sheet_text(sheet, 1, Screen(None, False, False))
    assert text.isascii()
    assert [word for word in re.split("[^a-z^]+", text) if word] == ["alpha", "of", "x", "y^", "lambda", "eta"]


def test_a_block_has_a_column_beside_its_keys_even_if_that_does_not_fit() -> None:
    assert list(side_by_side(["key", "a", "b"], 1, lambda _: False)) == [["key", "a"], ["key", "b"]]
    assert list(side_by_side(["key", "a", "b", "c"], 1, lambda block: len(block) <= 3)) == [
        ["key", "a", "b"],
        ["key", "c"],
    ]
