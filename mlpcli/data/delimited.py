"""Files of rows and cells, read once in blocks of lines: CSV, TSV, and lines that other formats give."""

import re
from collections.abc import Iterator
from functools import partial
from itertools import islice

from mlpcli.core.errors import MlpError
from mlpcli.data.blocks import parse
from mlpcli.data.cells import as_written
from mlpcli.data.dialect import PLAIN, dialect_of, is_row, without_preamble
from mlpcli.data.layout import BY_DELIMITER, Settings, layout_of
from mlpcli.data.row_parsing import Block, ReadingPlan
from mlpcli.data.rows import TableRow, rows_of, without_empty_rows, without_first_row
from mlpcli.data.text import LineBlock, check_is_table, line_blocks, shown

DIGIT = re.compile(r"\d")
DETECTED_IN = 1 << 19  # characters, or the whole file, in which the categorical columns are detected


class Reader:
    """A delimited file that is read once, from start to end, in blocks."""

    def __init__(
        self,
        path: str,
        said: Settings = Settings(),  # noqa: B008
        plain: Iterator[LineBlock] | None = None,
        single_column_hint: str = "",
    ) -> None:
        """A text file, or lines in the plain form, cut by tabs, with what may help if they have only one column."""
        self.path = path
        blocks = line_blocks(path) if plain is None else plain
        first = self._first_block(blocks, DETECTED_IN if said.known is None else 0)
        self.notes, dialect = list[str](), PLAIN
        if plain is None:
            check_is_table(first.lines, path)
            first, given, self.notes = without_preamble(first)
            dialect = dialect_of(first, said.delimiter or given, said.decimal)
        self.dialect = dialect
        self._blocks, self.first = map(dialect.plain, blocks), dialect.plain(first)
        table = without_empty_rows(self.first, dialect.separator)
        hint = BY_DELIMITER if plain is None else single_column_hint
        laid_out = partial(layout_of, path, said=said, dialect=dialect, single_column_hint=hint)
        self.layout = laid_out(table)
        if dialect.decimal == "," and said.decimal is None:
            self.notes.append("commas in numbers are read as decimal commas; --decimal . overrides this")
        if table is not self.first and self.layout.header:
            self.notes.append(f"line {self.layout.line} has the names, since all cells above it are empty")
        elif table is not self.first:  # the empty rows may be data
            self.layout, table = laid_out(self.first), self.first
        self.notes += self.layout.notes
        self.first = without_first_row(table, self.layout.delimiter) if self.layout.header else table

    def blocks(self, plan: ReadingPlan, parsed: Block | None = None) -> Iterator[Block]:
        """All rows, as the plan says. The first ones may be `parsed` already. Raises MlpError as `parse` does."""
        blocks = self.line_blocks()
        if parsed is not None:
            next(blocks)
            yield parsed
        for lines in blocks:
            block = parse(lines, plan)
            if len(block.lines):
                yield block

    def line_blocks(self) -> Iterator[LineBlock]:
        """The lines below the header in plain form, in blocks."""
        block: LineBlock | None = self.first
        while block is not None:
            if any(block.lines):
                yield block
            block = next(self._blocks, None)

    def own_cells(self, block: LineBlock) -> list[list[str]]:
        """The cells of some rows as the file has them."""
        return [
            [as_written(cell, self.dialect.decimal) for cell in row.cells]
            for row in rows_of(block, self.path, self.layout.delimiter)
        ]

    def starts_to_count(self, column: int) -> bool:
        """Whether a column is 0 or 1 in the first row."""
        first = next(self.first_rows(), None)
        return first is not None and column < len(first.cells) and first.cells[column].strip() in ("0", "1")

    def first_rows(self) -> Iterator[TableRow]:
        """The first rows as text."""
        return rows_of(self.first, self.path, self.layout.delimiter)

    def _first_block(self, blocks: Iterator[LineBlock], most: int) -> LineBlock:
        """The first lines: `most` characters, or at least two rows, as the second tells whether the first is a header.

        So a pipe and a file are read alike, and yet predictions do not wait for rows that come later.
        """
        first, lines, characters = 1, list[str](), 0
        for block in blocks:
            first = first if lines else block.first
            lines += block.lines
            characters += sum(map(len, block.lines))
            if characters >= most and (characters >= DETECTED_IN or _has_two_rows(lines)):
                break
            lines = lines if any(map(str.strip, lines)) else []
        if not lines:
            raise MlpError(f"{shown(self.path)}: no data rows")
        return LineBlock(first, lines)


def _has_two_rows(lines: list[str]) -> bool:
    """Whether there are two rows, or one that is no header, since it has a digit."""
    rows = list(islice((line for line in lines if is_row(line)), 2))
    return len(rows) == 2 or any(map(DIGIT.search, rows))
