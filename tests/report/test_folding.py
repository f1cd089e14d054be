"""Long texts on several lines: nothing is lost, no number is broken, and no line is longer than it need be."""

import re

import pytest

from mlpcli.report.folding import folded, least_room

SUM = "(−2.66548)·0.234417 + 1.48402·(−0.122362) + 1.42588·(−0.112054) / 7"
NUMBER = re.compile(r"\d+\.\d+|\d+")


@pytest.mark.parametrize("room", range(11, 80))
def test_no_number_is_broken_and_nothing_is_lost(room: int) -> None:
    lines = folded(SUM, room).split("\n")
    assert least_room(SUM) == len("(−0.122362)") == 11
    assert max(map(len, lines)) <= room
    assert [number for line in lines for number in NUMBER.findall(line)] == NUMBER.findall(SUM)
    assert "".join("".join(lines).split()) == "".join(SUM.split())


def test_a_line_begins_with_its_operator() -> None:
    assert folded(SUM, 45).split("\n") == ["(−2.66548)·0.234417 + 1.48402·(−0.122362)", "+ 1.42588·(−0.112054) / 7"]


def test_words_are_folded_between_them() -> None:
    assert folded("off-diagonal terms of softmax", 18) == "off-diagonal terms\nof softmax"
