"""Tables: in many ways to write them, read as an independent reader does, with whatever is said about their columns."""

import csv
import io
import re
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from pathlib import Path
from random import Random
from unittest.mock import patch

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.tasks import TASKS
from mlpcli.data import delimited, text
from mlpcli.data.categories import Column, columns_of
from mlpcli.data.cells import MISSING, NO_TARGET
from mlpcli.data.dataset import Dataset
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Settings
from mlpcli.data.preparation import learn_preparation
from mlpcli.data.table import load_table
from mlpcli.data.targets import encode, guess_task, learn_coding
from mlpcli.data.text import sample_file

WHOLE = re.compile(r"\s*[+-]?\d{1,300}\s*", re.ASCII)
SMALL_READ = 50  # bytes per read, so that a small file has many blocks

# ----- As it is -------------------------------------------------------------------------------------------------------

TABLE = 'a,b,kind\n1,2.5,red\n-3,4e-1,blue\n\n.5,6.,red\n7,8,"light ""blue"""\n9,NA,red\n1.25,0,"blue"\n'
WORDS = 'sex,age,port,"is in",kind\nmale,22,S,TRUE,no\nfemale,NA,"C, D",FALSE,yes\nfemale,31,,TRUE,yes\nmale,7,S,?,no\n'
WAYS = [  # to write a table
    "  1.5   2\t'a'\n 25    ?   \"b c\"\n 3.0   7   'a'\n\n  4   8   'a'\n",
    "x;y;kind\n1,5;2;red\n-3,25;4e-1;blue\n;-,5;red\n7;8;'light, blue'\n",
    "# measured on Monday\n% a,b,kind\n1,2,u\n3,4,v\n5,NA,u\n",
    'sep=|\na|b|kind\n1|2|"u|v"\n3|4|w\n5||w\n',
    "0,1,2,target\n5.1,3.5,1.4,u\n4.9,3.0,,u\n6.4,3.2,4.5,v\n",
    '"a" "b" "kind"\n"1" 1.5 2 "u"\n"2" 3.5 NA "v"\n"3" 5.5 6 "u"\n"4" 1 2 "v"\n"5" 3 4 "u"\n',
    "a,b,kind,\n1,2,u\n3,4,v\n5,6,u\n",
    "a,b,kind\n1,2,u,\n3,4,v,\n5,6,u,\n",
]
QUANTITIES = "x;y;price\n1;2;10.5\n3;4;20\n5;6;30\n"


def tables() -> list[bytes]:
    found = [
        TABLE,
        TABLE.replace(",", "\t"),
        TABLE.replace("\n", "\r\n"),
        QUANTITIES,
        WORDS,
        WORDS,
        *WAYS,
    ]
    iris = sample_file("iris.csv").read_text().splitlines(keepends=True)
    return [
        *(text.encode() for text in (*found, "".join(iris[::8]))),
        TABLE.encode("utf-8-sig"),
        TABLE.encode("utf-16"),
    ]


def use_table(path: Path) -> None:
    """A table that loads is the one that Python's csv module reads, in one piece or in many, and can be trained on."""
    dataset = load_table(str(path), Settings(missing="mean"))
    reader = Reader(str(path))
    layout = reader.layout
    target = layout.names.index(dataset.targets[0])
    rows = rows_by_csv(path, reader)[1 if layout.header else 0 :]
    rows = [row for row in rows if row[target].strip().lower() not in NO_TARGET]
    start = 0
    for column in columns_of(dataset.features, dataset.columns):
        x = dataset.x[:, start : start + len(column.features)]
        cells = [row[layout.names.index(column.name)] for row in rows]
        check_column(cells, column, x)
        start += len(column.features)
    targets = [row[target].strip() for row in rows]
    if dataset.y.dtype.kind == "U":
        assert targets == dataset.y[:, 0].tolist(), "other labels"
    else:
        assert list(map(float, targets)) == dataset.y[:, 0].tolist(), "other targets"
    known = columns_of(dataset.features, dataset.columns)
    said = Settings(None, layout.header, reader.dialect.delimiter, layout.decimal, missing="mean", known=known)
    with patch.object(text, "READ", SMALL_READ), patch.object(delimited, "DETECTED_IN", 1):
        again = load_table(str(path), said)
    assert again.features == dataset.features, "other features in blocks"
    assert np.array_equal(again.x, dataset.x, equal_nan=True), "other numbers in blocks"
    assert again.y.tolist() == dataset.y.tolist(), "other targets in blocks"
    learn(dataset)


def check_column(cells: list[str], column: Column, x: Array, missing: Collection[str] = MISSING) -> None:
    """Numbers are Python's floats; each word has its own 0/1 features, and is the one that the column names."""
    stripped = [cell.strip() for cell in cells]
    lacking = [cell.lower() in missing for cell in stripped]
    assert np.isnan(x).all(axis=1).tolist() == np.isnan(x).any(axis=1).tolist() == lacking, "other gaps"
    if column.categories is None:
        whole = [
            (int(cell), value) for cell, value in zip(stripped, x[:, 0].tolist(), strict=True) if WHOLE.fullmatch(cell)
        ]
        assert all(number == value for number, value in whole), "a rounded number"
        numbers = [np.nan if lacks else float(cell) for cell, lacks in zip(stripped, lacking, strict=True)]
        assert np.array_equal(x[:, 0], numbers, equal_nan=True), "other numbers"
        return
    assert {cell for cell, lacks in zip(stripped, lacking, strict=True) if not lacks} <= {*column.categories}
    for name, values in zip(column.features, x.T, strict=True):
        wanted = [f"{column.name}={cell}" == name for cell in stripped]
        assert [value == 1 for value in values] == wanted, "other categories"


def rows_by_csv(path: Path, reader: Reader) -> list[list[str]]:
    """The rows of a table in any dialect, by other means than the reader's."""
    content = path.read_bytes()
    marks = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
    encoding = next((name for mark, name in marks if content.startswith(mark)), "utf-8-sig")
    text = content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
    lines = text.splitlines(keepends=True) if "\n" not in text else [f"{line}\n" for line in text.split("\n")]
    above, below = lines[: reader.layout.line - 1], lines[reader.layout.line - 1 :]
    assert all(re.match(r'\s*($|[#%]|"?sep=)', line, re.IGNORECASE) for line in above), "a row was left out"
    if reader.dialect.delimiter == " ":
        rows = _cut_at_blanks("".join(below))
    else:
        rows = list(csv.reader(below, delimiter=reader.dialect.delimiter, strict=True))
    return [[_with_point(cell, reader) for cell in row] for row in rows if len(row) > 1 or any(map(str.strip, row))]


def _cut_at_blanks(text: str) -> list[list[str]]:
    """The rows of cells between runs of blanks and tabs, character by character."""
    rows: list[list[str]] = [[""]]
    inside = quoted = False
    for before, character in zip("\n" + text, text, strict=False):
        cells = rows[-1]
        if character == '"' and (inside or quoted or not cells[-1]):
            cells[-1] += '"' * (quoted and not inside and before == '"')
            inside, quoted = not inside, True
        elif character in " \t\n" and not inside:
            if cells[-1] or quoted:
                cells.append("")
            quoted = False
            if character == "\n":
                rows.append([""])
        else:
            cells[-1] += character
    return [cells if cells[-1] else cells[:-1] for cells in rows if len(cells) > 1 or cells[0]]


def _with_point(cell: str, reader: Reader) -> str:
    """A number with a decimal comma as one with a point; one with a point is none, and keeps its text otherwise."""
    other = cell.strip().translate(str.maketrans(",.", ".,"))
    if reader.layout.decimal == "." or "," not in cell.strip('"') or "_" in cell:
        return cell
    try:
        float(other)
    except ValueError:
        return cell
    return other


def learn(dataset: Dataset) -> None:
    """What training does with data before it trains."""
    assert len(dataset.x) == len(dataset.y) > 0
    assert dataset.x.shape[1:] == (len(dataset.features),)
    assert dataset.y.shape[1:] == (len(dataset.targets),)
    name, _ = guess_task(dataset)
    task = pick(TASKS, name, "task")
    coding = learn_coding(dataset, task)
    activation, loss = task.pairs[0]
    y = encode(dataset, task, coding, activation, LOSSES[loss], np.float64)
    assert np.isfinite(y).all()
    scaling = learn_preparation(dataset).scaling
    assert np.isfinite(scaling.mean).all()
    assert np.isfinite(scaling.scale).all()


# ----- With what is said about its columns ----------------------------------------------------------------------------

DRAWN = 40  # tables
WAYS_TO_SAY = 4  # that are tried on each file
WITH_POINT = re.compile(r"-?\d+\.\d+(e[+-]\d+)?")
KINDS: tuple[Callable[[Random, int], str], ...] = (  # of columns: a cell in a row
    lambda draw, row: str(draw.randrange(-50, 1000)),
    lambda draw, row: f"{draw.gauss(0, 10):.2f}",
    lambda draw, row: f"{draw.gauss(0, 10):.5f}",
    lambda draw, row: f"{draw.gauss(0, 10):.1e}",
    lambda draw, row: draw.choice(["red", "green", "light, blue"]),
    lambda draw, row: draw.choice(["yes", "no"]),
    lambda draw, row: draw.choice(["TRUE", "FALSE"]),
    lambda draw, row: draw.choice(["1", "2", "3"]),
    lambda draw, row: str(row),
    lambda draw, row: "7",
    lambda draw, row: draw.choice(["", "NA", "?", "2.5", "3.25", "4"]),
    lambda draw, row: draw.choice(["none", "-", "n/a", "low", "high", "low", "high"]),
)


def drawn_tables() -> list[bytes]:
    """Tables with columns of all kinds in any order, in all dialects. The last column has no missing values."""
    return [_drawn_table(Random(f"table:{number}")) for number in range(DRAWN)]


def _drawn_table(draw: Random) -> bytes:
    kinds = [*draw.sample(KINDS, draw.randrange(2, 6)), draw.choice(KINDS[:8])]
    rows = [[kind(draw, row) for kind in kinds] for row in range(draw.randrange(12, 30))]
    names = [f"{draw.choice(['a', 'is in', 'Größe', 'x=y'])}{k}" for k in range(len(kinds))]
    delimiter = draw.choice(",;\t| ")
    if delimiter != "," and draw.random() < 0.3:
        rows = [[cell.replace(".", ",") if WITH_POINT.fullmatch(cell) else cell for cell in row] for row in rows]
    if delimiter == " ":
        rows = [[cell or "NA" for cell in row] for row in rows]
    written = io.StringIO()
    quoting = draw.choice([csv.QUOTE_MINIMAL, csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
    csv.writer(written, delimiter=delimiter, quoting=quoting, lineterminator="\n").writerows([names, *rows])
    return written.getvalue().encode()


def use_as_said(path: Path) -> None:
    """A table is read as it is, and then with drawn options, alike by an independent reader, and so is a later file."""
    use_table(path)
    draw = Random(path.read_bytes())
    for _ in range(WAYS_TO_SAY):
        said = _drawn_settings(draw, Reader(str(path)))
        if _is_accepted(str(path), said):
            _Said(path, said, load_table(str(path), said)).check(draw)


def _drawn_settings(draw: Random, reader: Reader) -> Settings:
    names = reader.layout.names

    def some(most: int) -> list[str]:
        places = draw.sample(range(len(names)), min(draw.randrange(most + 1), len(names)))
        return [names[k] if draw.random() < 0.5 else str(k + 1) for k in places]

    return Settings(
        targets=some(2) or None if draw.random() < 0.5 else None,
        header=draw.choice([None, None, reader.layout.header]),
        delimiter=draw.choice([None, reader.dialect.delimiter]),
        decimal=draw.choice([None, reader.dialect.decimal]),
        missing=draw.choice(["mean", "mean", "drop", None]),
        features=some(len(names)) or None if draw.random() < 0.3 else None,
        ignore=some(1),
        categories=some(2),
        weight=draw.choice([None, None, *some(1)]),
    )


class _Said:
    """A table as it was read, beside its cells as another reader has them."""

    def __init__(self, path: Path, said: Settings, dataset: Dataset) -> None:
        self.said, self.dataset = said, dataset
        self.reader = Reader(str(path), said)
        self.layout = self.reader.layout
        rows = rows_by_csv(path, self.reader)[1 if self.layout.header else 0 :]
        self.targets = [self._place(name) for name in dataset.targets]
        self.weight = [] if said.weight is None else [self._place(said.weight)]
        self.asked = [self._place(name) for name in said.categories]
        known = columns_of(dataset.features, dataset.columns)
        self.columns = {self._place(column.name): column for column in known}
        self.all_rows = rows
        self.rows = [row for row in rows if not self._lacks(row)]

    def _place(self, wanted: str) -> int:
        names = self.layout.names
        return names.index(wanted) if wanted in names else (int(wanted) - 1) % len(names)

    def _missing(self, k: int) -> Collection[str]:
        return NO_TARGET if k in self.targets or k in self.asked else MISSING

    def _lacks(self, row: Sequence[str]) -> bool:
        """Whether a row is left out: for a target or a weight always, and for a feature if it is not filled in."""
        used = (*self.targets, *self.weight, *(self.columns if self.said.missing == "drop" else ()))
        return any(row[k].strip().lower() in self._missing(k) for k in used)

    def check(self, draw: Random) -> None:
        self._check_roles()
        start, said, dataset = 0, self.said, self.dataset
        assert len(self.rows) == len(dataset)
        for k, column in self.columns.items():
            x = dataset.x[:, start : start + len(column.features)]
            check_column([row[k] for row in self.rows], column, x, self._missing(k))
            start += len(column.features)
        assert start == dataset.x.shape[1]
        cells = [[row[k].strip() for k in self.targets] for row in self.rows]
        assert dataset.y.tolist() == (cells if dataset.y.dtype.kind == "U" else [[*map(float, row)] for row in cells])
        if said.weight is not None:
            assert dataset.weights is not None
            assert dataset.weights.tolist() == [float(row[self.weight[0]]) for row in self.rows]
        self._check_later(draw)

    def _check_roles(self) -> None:
        """All columns are features that are not something else, or only number the rows."""
        said, names = self.said, self.layout.names
        others = {*self.targets, *self.weight, *map(self._place, said.ignore)}
        wanted = range(len(names)) if said.features is None else map(self._place, said.features)
        for k in {*wanted} - others - {*self.columns}:
            cells = [row[k].strip() for row in self.all_rows]
            counted = [[str(number + first) for number in range(len(cells))] for first in (0, 1)]
            assert (not names[k] and not any(cells)) or [f"{float(cell):.0f}" for cell in cells] in counted
        assert not others & {*self.columns}
        assert list(self.columns) == sorted(self.columns)

    def _check_later(self, draw: Random) -> None:
        """A file with the columns in another order, among others, has the same features; a new word is refused."""
        order = draw.sample(range(len(self.layout.names)), len(self.layout.names))
        order = [k for k in order if k in (*self.columns, *self.targets, *self.weight)]
        later = Path(f"{self.reader.path}-later.csv")
        weight = None if not self.weight else self.layout.names[self.weight[0]]
        said = Settings(self.dataset.targets, True, ",", ".", missing=self.said.missing, weight=weight)
        said = said._replace(known=tuple(self.columns.values()))

        def write(rows: list[list[str]]) -> str:
            written = io.StringIO()
            header = ["extra", *(self.layout.names[k] for k in order)]
            writer = csv.writer(written, lineterminator="\n")
            writer.writerows([header, *(["0", *(row[k] for k in order)] for row in rows)])
            later.write_text(written.getvalue(), newline="")
            return str(later)

        same = _accepted(write(self.rows), said)
        np.testing.assert_array_equal(same.x, self.dataset.x, "other features in another order")
        assert same.features == self.dataset.features
        words = [k for k, column in self.columns.items() if column.categories is not None]
        if words:
            odd = [[*row] for row in self.rows]
            odd[0][words[0]] = "never seen"
            assert not _is_accepted(write(odd), said), "a new word is a category"
            place = [k for k, name in enumerate(same.features) if name in self.columns[words[0]].features]
            assert not _accepted(str(later), said._replace(others=True)).x[0, place].any()


def _is_accepted(path: str, said: Settings) -> bool:
    with suppress(MlpError):
        load_table(path, said)
        return True
    return False


def _accepted(path: str, said: Settings) -> Dataset:
    try:
        return load_table(path, said)
    except MlpError as problem:
        raise AssertionError(f"refused: {problem}") from None
