"""Text as it is shown: foreign text can do no harm, and long lines are folded without loss."""

import io
import json
import re
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from mlpcli.report.text import (
    Screen,
    clipped,
    folded,
    least_room,
    listed,
    printable,
    printable_csv,
    printable_json,
    screen,
    shortened,
    written,
)

SUM = "(−2.66548)·0.234417 + 1.48402·(−0.122362) + 1.42588·(−0.112054) / 7"
NUMBER = re.compile(r"\d+\.\d+|\d+")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\tb\nc\rd", "a\\tb\\nc\\rd"),
        ("\x07\x08\x0b\x0c\x7f", "\\x07\\x08\\x0b\\x0c\\x7f"),
        ("\x80\x9b2J", "\\x80\\x9b2J"),
        ("abc\u202ecba\u2066", "abc\\u202ecba\\u2066"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\udce9", "\\udce9"),
    ],
)
def test_what_could_steer_a_terminal_is_written_as_an_escape(text: str, shown: str) -> None:
    assert printable(text) == shown


@pytest.mark.parametrize("text", ["ŷ = h⁽²⁾", "Größe", "品種", "[red]:smile:[/]", "a b", "=cmd()", "€ − ×"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert printable(text) == text


@given(st.text(st.characters()))
def test_nothing_that_is_shown_can_steer_a_terminal(text: str) -> None:
    shown = printable(text)
    assert shown.isprintable()
    assert shown.encode().decode() == shown


@given(st.text(st.characters()))
@example("\x1b[31m\x9b\u202e\t\n")
def test_json_that_is_shown_has_the_same_strings(text: str) -> None:
    """With an escape of its own, so that it can be read back."""
    shown = printable_json(json.dumps({"a": text}, ensure_ascii=False, indent=1))
    assert json.loads(shown) == {"a": text}
    assert shown.replace("\n", "").isprintable()


def test_a_table_for_programs_keeps_its_lines_and_tabs() -> None:
    assert printable_csv("a\tb\nc\x1b") == "a\tb\nc\\x1b"


def test_only_words_that_nobody_would_read_are_shortened() -> None:
    readable, digits = "n" * 299, "9" * 6000
    assert shortened(f"no\n{readable}: '{digits}' is  too long") == f"no {readable}: '{'9' * 59}…9999' is too long"


def test_no_number_is_broken_and_nothing_is_lost() -> None:
    for room in range(11, 80):
        lines = folded(SUM, room).split("\n")
        assert least_room(SUM) == len("(−0.122362)") == 11
        assert max(map(len, lines)) <= room
        assert [number for line in lines for number in NUMBER.findall(line)] == NUMBER.findall(SUM)
        assert "".join("".join(lines).split()) == "".join(SUM.split())


def test_a_line_begins_with_its_operator() -> None:
    assert folded(SUM, 45).split("\n") == ["(−2.66548)·0.234417 + 1.48402·(−0.122362)", "+ 1.42588·(−0.112054) / 7"]


def test_a_product_is_broken_only_if_no_line_has_room_for_it() -> None:
    """The first line of 45 columns has 41; with 14 more, `+ 1.42588·` would fit behind it."""
    assert folded(SUM, 55) == folded(SUM, 45)
    assert folded("a 1.5·2.5", 7) == "a\n1.5·2.5"
    assert folded("a 1.5·2.5", 6) == "a 1.5·\n2.5"
    assert least_room("") == 0


def test_words_are_folded_between_them() -> None:
    assert folded("off-diagonal terms of softmax", 18) == "off-diagonal terms\nof softmax"


@pytest.mark.parametrize(("text", "expected"), [("abcdef", "abcdef"), ("abcdefg", "abcde…"), ("花花花花", "花花…")])
def test_text_is_clipped_to_columns(text: str, expected: str) -> None:
    assert clipped(text, 6) == expected


class Output(io.StringIO):
    """A standard output in UTF-8, which may be a terminal."""

    encoding = "utf-8"  # type: ignore[assignment]

    def __init__(self, terminal: bool) -> None:
        super().__init__()
        self.terminal = terminal

    def isatty(self) -> bool:
        return self.terminal


@pytest.mark.parametrize(
    ("terminal", "set_to", "expected"),
    [
        (False, {}, Screen(None, color=False, unicode=True)),
        (True, {}, Screen(57, color=True, unicode=True)),
        (True, {"TERM": "dumb"}, Screen(57, color=False, unicode=True)),
        (True, {"NO_COLOR": "1"}, Screen(57, color=False, unicode=True)),
        (True, {"NO_COLOR": ""}, Screen(57, color=True, unicode=True)),
        (True, {"LC_ALL": "C"}, Screen(57, color=True, unicode=False)),
        (True, {"LC_ALL": "de_DE.UTF-8", "LANG": "C"}, Screen(57, color=True, unicode=True)),
        (True, {"LANG": "POSIX"}, Screen(57, color=True, unicode=False)),
        (True, {"LANG": "C", "PYTHONIOENCODING": "utf-8:replace"}, Screen(57, color=True, unicode=True)),
        (True, {"LANG": "C", "PYTHONIOENCODING": ":replace"}, Screen(57, color=True, unicode=False)),
    ],
)
def test_a_screen_is_what_standard_output_is(
    terminal: bool, set_to: dict[str, str], expected: Screen, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("TERM", "NO_COLOR", "LC_ALL", "LC_CTYPE", "LANG", "PYTHONIOENCODING", "PYTHONUTF8"):
        monkeypatch.delenv(name, raising=False)
    for name, value in {"COLUMNS": "57", **set_to}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys, "stdout", Output(terminal))
    assert screen() == expected


@pytest.mark.parametrize(("columns", "room"), [(None, 79), (200, 79), (80, 79), (50, 49), (20, 19), (7, 19)])
def test_a_picture_has_79_columns_at_most_and_19_at_least(columns: int | None, room: int) -> None:
    shown = Screen(columns, color=False, unicode=True)
    assert shown.picture_room == room
    assert shown.room == (sys.maxsize if columns is None else columns)


@pytest.mark.parametrize(
    ("names", "text"), [([], ""), (["a"], "a"), (["a", "b"], "a or b"), (["a", "b", "c"], "a, b or c")]
)
def test_names_are_listed_as_people_list_them(names: list[str], text: str) -> None:
    assert listed(names) == text
    assert listed(names, "and") == text.replace(" or ", " and ")


def test_a_word_of_more_than_300_letters_is_shortened_to_its_ends() -> None:
    assert shortened("n" * 300) == "n" * 300
    assert shortened("a" * 60 + "b" * 236 + "c" * 5) == "a" * 60 + "…" + "c" * 5


def test_text_without_control_characters_is_in_letters_that_the_screen_has() -> None:
    assert written("α\n≤ 1", unicode=True) == "α\\n≤ 1"
    assert written("α\n≤ 1", unicode=False) == "alpha\\n<= 1"
