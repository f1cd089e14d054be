"""Readers: how much of a table is read before its layout is known, and its cells as the file has them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from mlpcli.data import delimited
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Settings
from mlpcli.data.text import LineBlock

PREDICTION = Settings(known=())


def blocks_read(blocks: list[list[str]], said: Settings) -> int:
    """How many of these blocks of lines are read until the layout is known."""
    read = 0

    def plain() -> Iterator[LineBlock]:
        nonlocal read
        first = 1
        for lines in blocks:
            read += 1
            yield LineBlock(first, lines)
            first += len(lines)

    Reader("t", said, plain())
    return read


@pytest.mark.parametrize(
    ("blocks", "read"),
    [
        ([["1\t2"], ["3\t4"], ["5\t6"]], 1),  # a row with a number is no header
        ([["a\tb"], ["1\t2"], ["3\t4"]], 2),
        ([["a\tb"], ["c\td"], ["e\tf"]], 2),  # two rows of text
        ([["a\tb", "c\td"], ["e\tf"], ["g\th"]], 1),
        ([["a\tb", "c\td", "e\tf"], ["1\t2"]], 1),
        ([[""], ["a\tb"], ["1\t2"], ["3\t4"]], 3),  # an empty line is no row
        ([["# a\tb"], ["1\t2"], ["3\t4"]], 2),  # nor is a comment
    ],
)
def test_predictions_wait_for_two_rows_or_one_with_a_digit(blocks: list[list[str]], read: int) -> None:
    assert blocks_read(blocks, PREDICTION) == read


@pytest.mark.parametrize(("characters", "read"), [(11, 2), (12, 2), (13, 3)])
def test_training_reads_so_many_characters_first(characters: int, read: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A block has two lines of three characters."""
    monkeypatch.setattr(delimited, "DETECTED_IN", characters)
    assert blocks_read([["1\t2", "3\t4"]] * 5, Settings()) == read


@pytest.mark.parametrize(("characters", "read"), [(5, 1), (6, 2)])
def test_predictions_do_not_wait_for_more_than_training_reads(
    characters: int, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The comments, of five characters, are no rows."""
    monkeypatch.setattr(delimited, "DETECTED_IN", characters)
    assert blocks_read([["# a\tb"], ["# c\td"], ["1\t2"], ["3\t4"]], PREDICTION) == read


def test_cells_are_told_as_the_file_has_them(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a;b;c\n1,5;x,y;2\n3,25;z;-,5\n")
    reader = Reader(str(tmp_path / "t.csv"), PREDICTION)
    cells = [reader.own_cells(block) for block in reader.line_blocks()]
    assert cells == [[["1,5", "x,y", "2"], ["3,25", "z", "-,5"]]]


@pytest.mark.parametrize(
    ("content", "starts"), [("0,1,2\n", [True, True, False]), (" 1 ,01,1.0\n", [True, False, False])]
)
def test_a_column_starts_to_count_at_0_or_1(tmp_path: Path, content: str, starts: list[bool]) -> None:
    (tmp_path / "t.csv").write_text(content)
    reader = Reader(str(tmp_path / "t.csv"), Settings(header=False))
    assert [reader.starts_to_count(k) for k in range(3)] == starts
    assert not reader.starts_to_count(3)  # the row may be too short
