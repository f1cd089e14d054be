"""forward --keep: each row's own cells and its prediction, in the delimiter of the file; --spreadsheet for formulas."""

import csv
import io
import json
from pathlib import Path

import pytest
from cli_support import Run, csv_rows


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """ŷ = sigmoid(a − b), two classes."""
    document = {
        "layers": [{"weights": [[1, -1]], "activation": "sigmoid"}],
        "features": ["a", "b"],
        "classes": ["no", "=yes"],
    }
    (tmp_path / "w.json").write_text(json.dumps(document))
    return tmp_path / "w.json"


def kept(mlp: Run, delimiter: str, *arguments: object) -> list[list[str]]:
    found = mlp("forward", "--weights", "w.json", "--keep", *arguments)
    assert found.code == 0, found.err
    return list(csv.reader(io.StringIO(found.out), delimiter=delimiter))


ROWS = [
    ["name", "b", "note", "a"],
    ["Ann", "1", 'says "hi"', "2"],
    ["Bob; Cem", "3.50", "a,b", "1e0"],
    ["", "0", "-", "0.5"],
]
CHANCES = ["0.7311", "0.0759", "0.6225"]  # sigmoid(1), sigmoid(−2.5), sigmoid(½)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_cells_are_those_of_the_file(mlp: Run, weights: Path, tmp_path: Path, delimiter: str) -> None:
    with open(tmp_path / "new.csv", "w", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows(ROWS)
    rows = kept(mlp, delimiter, "--data", "new.csv", "--delimiter", delimiter)
    assert [row[:4] for row in rows] == ROWS
    assert rows[0][4:] == ["prediction", "=yes"]
    assert [row[5] for row in rows[1:]] == CHANCES
    assert [row[4] for row in rows[1:]] == ["=yes", "no", "=yes"]


def test_the_predictions_are_those_without_keep(mlp: Run, weights: Path, tmp_path: Path) -> None:
    lines = [f"{k % 7},x{k},{k % 11 / 4}" for k in range(5000)]
    (tmp_path / "new.csv").write_text("a,text,b\n" + "\n".join(lines))
    plain = csv_rows(mlp("forward", "--weights", "w.json", "--data", "new.csv", "--format", "csv").out)
    rows = kept(mlp, ",", "--data", "new.csv", "--digits", 12)
    assert [",".join(row[:3]) for row in rows[1:]] == lines
    assert [row[3] for row in rows[1:]] == [row["prediction"] for row in plain]
    assert [float(row[4]) for row in rows[1:]] == pytest.approx([float(row["=yes"]) for row in plain], abs=1e-11)


def test_decimal_commas_stay_and_are_written(mlp: Run, weights: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("a;b;c\n2,5;1,5;x\n0,25;0;1.250,5\n")
    rows = kept(mlp, ";", "--data", "new.csv", "--decimal", ",")
    assert [row[:3] for row in rows] == [["a", "b", "c"], ["2,5", "1,5", "x"], ["0,25", "0", "1.250,5"]]
    assert [row[4] for row in rows[1:]] == ["0,7311", "0,5622"]  # sigmoid(1), sigmoid(¼)


def test_formulas_are_written_as_they_are_unless_a_spreadsheet_reads_them(
    mlp: Run, weights: Path, tmp_path: Path
) -> None:
    cells = ["=cmd|' /C calc'!A0", "@SUM(1)", "+1", "-2.5", "-x", "plain"]
    (tmp_path / "new.csv").write_text("a,b,=head\n" + "".join(f"2,1,{cell}\n" for cell in cells))
    assert [row[2] for row in kept(mlp, ",", "--data", "new.csv")] == ["=head", *cells]
    rows = kept(mlp, ",", "--data", "new.csv", "--spreadsheet")
    assert [row[2] for row in rows] == ["'=head", "'=cmd|' /C calc'!A0", "'@SUM(1)", "+1", "-2.5", "'-x", "plain"]
    assert rows[1][3] == "'=yes"
    found = mlp("forward", "--weights", "w.json", "--data", "new.csv", "--format", "csv", "--spreadsheet").out
    assert found.splitlines()[0] == "prediction,'=yes"
    assert {row["prediction"] for row in csv_rows(found)} == {"'=yes"}


def test_quantities_have_the_decimals_that_are_asked_for(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text('{"layers": [{"weights": [[0.125]]}], "features": ["a"], "targets": ["y"]}')
    (tmp_path / "new.csv").write_text("a\n1\n3\n")
    assert kept(mlp, ",", "--data", "new.csv", "--delimiter", ",", "--digits", 2) == [
        ["a", "y"],
        ["1", "0.12"],
        ["3", "0.38"],
    ]


def test_a_pipe_without_a_header_is_kept(mlp: Run, weights: Path) -> None:
    found = mlp("forward", "--weights", "w.json", "--data", "-", "--keep", "--quiet", stdin="2,1\n1,3.5\n")
    assert found.out.splitlines() == ["x1,x2,prediction,=yes", "2,1,=yes,0.7311", "1,3.5,no,0.0759"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (
            ["--x", "1,2", "--keep"],
            "--keep writes the rows of a table with their predictions; give --data with a table",
        ),
        (["--dataset", "iris", "--keep"], "give --data with a table"),
        (["--data", "new.csv", "--keep", "--format", "json"], "leave --format json out"),
        (["--data", "new.csv", "--spreadsheet"], "--spreadsheet belongs to --keep or --format csv"),
    ],
)
def test_what_cannot_be_kept_is_refused(mlp: Run, weights: Path, arguments: list[str], words: str) -> None:
    found = mlp("forward", "--weights", "w.json", *arguments)
    assert found.code == 2
    assert words in found.err
