"""Predictions in every form, row by row."""

import csv
import io
import json
from collections.abc import Iterable, Iterator

import pytest

from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Cell, Prediction

NAMES = ("no", "yes")
BLOCKS = [
    [Prediction("no", [2 / 3, 1 / 3]), Prediction("yes", [0.125, 0.875])],
    [Prediction("yes", [1e-9, 1 - 1e-9])],
]


def written(form: str, blocks: list[list[Prediction]], names: tuple[str, ...] = NAMES, labelled: bool = True) -> str:
    """The whole text."""
    columns = ("prediction", *names) if labelled else names
    return "".join(RENDERERS[form].stream(columns, int(labelled), rows_of(blocks), 4))


def rows_of(blocks: Iterable[list[Prediction]]) -> Iterator[list[list[Cell]]]:
    return ([prediction.cells for prediction in block] for block in blocks)


def test_every_form_of_reports_is_a_form_of_predictions() -> None:
    assert all(row.stream for row in RENDERERS.values())


@pytest.mark.parametrize("form", RENDERERS)
def test_rows_are_written_as_they_come(form: str) -> None:
    given = []

    def blocks() -> Iterator[list[Prediction]]:
        for block in BLOCKS:
            given.append(block)
            yield block

    texts = RENDERERS[form].stream(("prediction", *NAMES), 1, rows_of(blocks()), 4)
    seen = ""
    while "0.875" not in seen:
        seen += next(texts)
    assert len(given) == 1  # the second block was not waited for


def test_csv_has_every_digit() -> None:
    rows = list(csv.reader(io.StringIO(written("csv", BLOCKS))))
    assert rows[0] == ["prediction", "no", "yes"]
    assert [(row[0], float(row[1]), float(row[2])) for row in rows[1:]] == [
        ("no", 2 / 3, 1 / 3),
        ("yes", 0.125, 0.875),
        ("yes", 1e-9, 1 - 1e-9),
    ]


def test_json_is_one_document_with_every_digit() -> None:
    document = json.loads(written("json", BLOCKS))
    assert (document["format"], document["version"]) == ("mlpcli-predictions", 1)
    assert document["rows"][0] == {"prediction": "no", "outputs": {"no": 2 / 3, "yes": 1 / 3}}
    assert len(document["rows"]) == 3


@pytest.mark.parametrize("form", ["table", "markdown"])
def test_people_get_so_many_decimals(form: str) -> None:
    words = written(form, BLOCKS).split()
    for figure in ("0.6667", "0.3333", "0.1250", "0.8750", "1.0000e-09", "1.0000"):
        assert figure in words


def test_the_columns_of_a_table_are_aligned() -> None:
    lines = written("table", BLOCKS[:1]).splitlines()
    assert len({len(line) for line in lines}) == 1


def test_a_longer_number_later_is_not_cut() -> None:
    text = written("table", [[Prediction(None, [1.0])], [Prediction(None, [123456.789])]], ("y",), labelled=False)
    assert text.split() == ["y", "1.0000", "123456.7890"]


def test_a_regression_has_no_column_for_a_class() -> None:
    blocks = [[Prediction(None, [1.5, -2.0])]]
    assert written("csv", blocks, ("s", "d"), labelled=False) == "s,d\n1.5,-2.0\n"
    rows = json.loads(written("json", blocks, ("s", "d"), labelled=False))["rows"]
    assert rows == [{"outputs": {"s": 1.5, "d": -2.0}}]


@pytest.mark.parametrize("name", ["a,b", 'say "x"', "=1+1", "日本", "two\nlines"])
def test_any_name_survives_csv_and_json(name: str) -> None:
    blocks = [[Prediction(name, [0.25, 0.75])]]
    head, row = csv.reader(io.StringIO(written("csv", blocks, ("no", name))))
    assert head == ["prediction", "no", name]
    assert row[0] == name
    assert json.loads(written("json", blocks, ("no", name)))["rows"][0]["prediction"] == name


@pytest.mark.parametrize("form", ["table", "markdown", "json"])
@pytest.mark.parametrize("evil", ["\x1b[31m", "\x9b2J", "\u202e", "\r"], ids=ascii)
def test_names_cannot_steer_the_terminal(form: str, evil: str) -> None:
    text = written(form, [[Prediction(f"a{evil}", [0.25, 0.75])]], ("b", f"a{evil}"))
    assert [c for c in text if not (c.isprintable() or c == "\n")] == []


def test_no_rows_at_all_are_a_whole_document() -> None:
    assert json.loads(written("json", []))["rows"] == []
    assert written("csv", []) == "prediction,no,yes\n"


def test_a_bar_in_a_name_does_not_split_a_markdown_cell() -> None:
    lines = written("markdown", [[Prediction("a|b", [0.25, 0.75])]], ("no", "a|b")).splitlines()
    assert {line.replace("\\|", "").count("|") for line in lines} == {4}
