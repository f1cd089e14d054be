"""Text as it is shown: foreign text can do no harm, and long lines are folded without loss."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.report.text import clipped, folded, least_room, printable, shortened

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


def test_words_are_folded_between_them() -> None:
    assert folded("off-diagonal terms of softmax", 18) == "off-diagonal terms\nof softmax"


@pytest.mark.parametrize(("text", "expected"), [("abcdef", "abcdef"), ("abcdefg", "abcde…"), ("花花花花", "花花…")])
def test_text_is_clipped_to_columns(text: str, expected: str) -> None:
    assert clipped(text, 6) == expected
