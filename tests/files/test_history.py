"""The record of epochs as CSV and as JSON lines."""

import csv
import io
import json
from math import inf, nan

import pytest

from mlpcli.core.training_records import Epoch
from mlpcli.files.history import HISTORY_FILES, csv_lines, epoch_row, json_lines

FIRST = Epoch(1, 2 / 3, 0.0, 0.1, None, None, 0.001, 0.25, True)
SECOND = FIRST._replace(number=2, loss=1e-300, validation_loss=1 / 7, validation_metric=1.0, best=False)
ROWS = [epoch_row(FIRST, "accuracy"), epoch_row(SECOND, "accuracy")]


def test_the_two_suffixes_of_the_issue_are_there() -> None:
    assert set(HISTORY_FILES) >= {".csv", ".jsonl"}


def test_a_record_names_its_figures() -> None:
    wanted = {"epoch": 2, "loss": 1e-300, "accuracy": 0.1, "validation_loss": 1 / 7, "validation_accuracy": 1.0}
    assert {name: ROWS[1][name] for name in wanted} == wanted


def test_csv_has_a_header_a_line_per_epoch_and_every_digit() -> None:
    rows = list(csv.DictReader(io.StringIO(csv_lines(ROWS))))
    assert [row["epoch"] for row in rows] == ["1", "2"]
    assert [float(row["loss"]) for row in rows] == [2 / 3, 1e-300]
    assert [row["validation_loss"] for row in rows] == ["", repr(1 / 7)]


def test_json_lines_are_one_object_each_with_null_for_what_is_not_there() -> None:
    records = [json.loads(line) for line in json_lines(ROWS).splitlines()]
    assert records == ROWS
    assert records[0]["validation_loss"] is None


def test_what_is_no_finite_number_is_not_there() -> None:
    """JSON has no inf, and a reader of CSV cannot know what the word means; the loss may be finite all the same."""
    row = epoch_row(SECOND._replace(metric=inf, validation_metric=nan), "mae")
    assert (row["mae"], row["validation_mae"], row["loss"], row["validation_loss"]) == (None, None, 1e-300, 1 / 7)
    assert json.loads(json_lines([row])) == row
    assert csv_lines([row]).splitlines()[1].split(",")[:6] == ["2", "1e-300", "0.0", "", repr(1 / 7), ""]


@pytest.mark.parametrize("suffix", HISTORY_FILES)
def test_every_form_ends_with_a_whole_line(suffix: str) -> None:
    assert HISTORY_FILES[suffix](ROWS).endswith("\n")


def test_columns_are_in_their_order_and_seconds_have_six_decimals() -> None:
    row = epoch_row(FIRST._replace(seconds=0.12345678), "mae")
    assert csv_lines([row]).splitlines() == [
        "epoch,loss,penalty,mae,validation_loss,validation_mae,learning_rate,seconds,best",
        f"1,{2 / 3},0.0,0.1,,,0.001,0.123457,True",
    ]
