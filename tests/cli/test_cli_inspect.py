"""mlp inspect: how a file is read, what training would say to it, and what a weights file holds."""

import json
import re
from pathlib import Path
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from cli_support import Run, csv_rows

from mlpcli.data import delimited, text
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Settings
from mlpcli.data.profile import TableProfile, profile_table

TITANIC = "Id,Name,Sex,Class,Age,Fare,Note,Survived\n" + "".join(
    f"{k},P{k},{'male' if k % 3 else 'female'},{k % 3 + 1},{k if k % 4 else ''},{k / 8},,{'yes' if k % 3 else 'no'}\n"
    for k in range(1, 25)
)


def inspected(mlp: Run, *arguments: object) -> dict[str, Any]:
    found = mlp("inspect", *arguments, "--format", "json")
    assert found.code == 0, found.err
    document = json.loads(found.out)
    assert (document["format"], document["version"]) == ("mlpcli-inspection", 1)
    return dict(document)


@pytest.fixture
def titanic(tmp_path: Path) -> Path:
    (tmp_path / "t.csv").write_text(TITANIC)
    return tmp_path / "t.csv"


def test_each_column_has_its_kind_its_values_and_its_role(mlp: Run, titanic: Path) -> None:
    document = inspected(mlp, "t.csv", "--categories", "Class")
    assert (document["rows"], document["header"], document["delimiter"]) == (24, True, ",")
    roles = {c["name"]: (c["kind"], c["missing"], c["role"]) for c in document["columns"]}
    assert roles == {
        "Id": ("counts the rows", 0, "left out"),
        "Name": ("categories", 0, "too many categories"),
        "Sex": ("categories", 0, "feature"),
        "Class": ("categories", 0, "3 features"),
        "Age": ("numbers", 6, "feature"),
        "Fare": ("numbers", 0, "feature"),
        "Note": ("empty", 24, "no values"),
        "Survived": ("categories", 0, "target"),
    }
    columns = {c["name"]: c for c in document["columns"]}
    assert (columns["Age"]["minimum"], columns["Age"]["maximum"]) == (1, 23)
    assert columns["Sex"]["text"] == ["female", "male"]
    assert columns["Class"]["text"] == ["1", "2", "3"]
    assert len(columns["Name"]["text"]) == 24


def test_a_table_shows_the_range_of_numbers_and_the_first_categories(mlp: Run, titanic: Path) -> None:
    rows = csv_rows(mlp("inspect", "t.csv", "--categories", "Class", "--format", "csv").out)
    values = {row["name"]: row["values"] for row in rows}
    assert values["Age"] == "1 … 23"
    assert values["Fare"] == "0.125 … 3"
    assert values["Sex"] == "female, male"
    assert values["Class"] == "1, 2, 3"
    assert values["Note"] == ""


def test_an_option_that_the_file_does_not_take_is_refused(mlp: Run, tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.arange(6.0).reshape(3, 2), y=np.arange(3))
    found = mlp("inspect", "d.npz", "--delimiter", ";")
    assert (found.code, found.out) == (2, "")
    assert "--delimiter belongs to" in found.err


def test_weights_show_the_usual_category_the_type_of_numbers_and_the_weights_of_classes(
    mlp: Run, tmp_path: Path
) -> None:
    """Of seven ports, four are Q."""
    rows = "".join(
        f"{port},{k},{'no' if k % 2 else 'yes'}\n" for k, port in enumerate(["C", "Q", "Q", "S", "Q", "", "Q", "S"])
    )
    (tmp_path / "t.csv").write_text(f"port,age,safe\n{rows}")
    options = ("--missing", "mean", "--dtype", "float32", "--class-weight", "no=3,yes=1", "--epochs", 1)
    assert mlp("train", "--data", "t.csv", *options).code == 0
    document = inspected(mlp, "w.json")
    assert document["features"][0] == {"name": "port", "categories": ["C", "Q", "S"], "if_missing": "Q"}
    assert document["training"]["dtype"] == "float32"
    facts = mlp("inspect", "w.json").out
    assert re.search(r"class weights +no 3, yes 1", facts)
    assert re.search(r"dtype +float32", facts)


def test_training_takes_the_table_with_what_is_to_be_added(mlp: Run, titanic: Path) -> None:
    found = mlp("inspect", "t.csv")
    assert found.out.splitlines()[-1] == "to train, add --ignore Name,Note and --missing mean or --missing drop"
    for missing in ("mean", "drop"):
        done = mlp("train", "--data", "t.csv", "--ignore", "Name,Note", "--missing", missing, "--epochs", 1)
        assert done.code == 0, done.err
    assert mlp("train", "--data", "t.csv", "--ignore", "Name,Note", "--epochs", 1).code == 1
    assert "to train" not in mlp("inspect", "t.csv", "--ignore", "Name,Note", "--missing", "mean").out


def test_the_roles_are_those_that_training_gives(mlp: Run, titanic: Path, tmp_path: Path) -> None:
    arguments = ("--ignore", "Name,Note", "--missing", "mean", "--categories", "4")
    document = inspected(mlp, "t.csv", *arguments)
    assert mlp("train", "--data", "t.csv", *arguments, "--epochs", 1).code == 0
    weights = json.loads((tmp_path / "w.json").read_text())
    used = [c["name"] for c in document["columns"] if "feature" in c["role"]]
    assert used == weights["features"] == ["Sex", "Class", "Age", "Fare"]
    words = {c["name"]: c["text"] for c in document["columns"] if c["name"] in used and c["kind"] == "categories"}
    assert words == weights["categories"]


def test_the_only_feature_is_not_left_out(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("Id,y\n" + "".join(f"{k},{k % 3}\n" for k in range(1, 13)))
    assert [c["role"] for c in inspected(mlp, "t.csv")["columns"]] == ["feature", "target"]
    assert mlp("train", "--data", "t.csv", "--epochs", 1).code == 0
    assert json.loads((tmp_path / "w.json").read_text())["features"] == ["Id"]


def test_a_missing_target_needs_drop(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,2\n2,\n3,4\n")
    assert mlp("inspect", "t.csv").out.splitlines()[-1] == "to train, add --missing drop"


def test_other_targets_delimiters_and_no_header(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("1;2,5;x\n2;3;y\n")
    found = mlp("inspect", "t.txt", "--target", 1).out
    assert found.splitlines()[0] == "t.txt: 2 rows, 3 columns, separated by semicolons, no header"
    roles = [c["role"] for c in inspected(mlp, "t.txt", "--target", 1)["columns"]]
    assert roles == ["target", "feature", "feature"]


def test_one_value_and_a_slip_are_shown(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n5,1,u\n5,two,v\n5,3,3\n")
    columns = inspected(mlp, "t.csv")["columns"]
    assert [(c["kind"], c["role"]) for c in columns[:2]] == [
        ("one value", "feature"),
        ("numbers", "'two' is not a number"),
    ]
    assert columns[2]["text"] == ["3", "u", "v"]


def test_standard_input_and_an_archive_are_inspected(mlp: Run, tmp_path: Path) -> None:
    assert mlp("inspect", "-", stdin="a,b\n1,2\n").out.startswith("standard input: 1 row, 2 columns")
    np.savez(tmp_path / "d.npz", x=np.arange(6.0).reshape(3, 2), y=np.array(["u", "v", "u"]))
    arrays = inspected(mlp, "d.npz")["arrays"]
    assert [(a["array"], a["shape"], a["values"]) for a in arrays] == [("x", "3×2", "0 … 5"), ("y", "3×1", "u, v")]
    np.savez(tmp_path / "d.npz", x=np.arange(6.0).reshape(3, 2), y=np.arange(3), w=np.array([0.5, 1, 4]))
    weights = inspected(mlp, "d.npz", "--sample-weight", "w")["arrays"][2]
    assert (weights["array"], weights["shape"], weights["values"]) == ("w", "3", "0.5 … 4")


@pytest.mark.parametrize(
    ("y", "task", "said"),
    [
        ([0, 1, 2, 0, 1, 2], "multiclass", "target 'y1' has 3 different values, all whole numbers: --task multiclass"),
        (["u", "v", "u", "v", "u", "u"], "binary", "target 'y1' has 2 different values: --task binary"),
        ([0.5, 1, 2, 3, 4, 5], "regression", "target 'y1' is a quantity: --task regression"),
        (["u"] * 6, None, "d.npz: every sample has the class 'u'; at least 2 classes are needed"),
    ],
)
def test_an_archive_suggests_the_task_of_its_training(
    mlp: Run, tmp_path: Path, y: list[object], task: str | None, said: str
) -> None:
    np.savez(tmp_path / "d.npz", x=np.arange(12.0).reshape(6, 2), y=np.array(y))
    found = inspected(mlp, "d.npz")
    assert found["task"] == task
    assert found["notes"] + found["problems"] == [said]
    assert mlp("inspect", "d.npz").out.splitlines()[-1] == said
    assert said in mlp("train", "--data", "d.npz", "--epochs", 1).err


def test_weights_on_standard_input_are_inspected_like_a_file(mlp: Run, tmp_path: Path) -> None:
    for name in ("w.json", "w.npz"):
        assert mlp("train", "--dataset", "iris", "--epochs", 1, "-q", "--output", name).code == 0
        assert mlp("inspect", "-", stdin=(tmp_path / name).read_bytes()).out == mlp("inspect", name).out


CONTENTS = [
    "a,b,c,y\n1,x,,u\n2,y,NA,v\n3,x,4.5,u\n4,?,-1,v\n5,y,4.50,u\n",
    "n,b,y\n0,1.0,1e3\n1,1,2\n2,1.00,none\n3,1,7\n4,1,-2\n5,1,0\n",
    "a,b,y\n1,2,3\n1,3,two\n1,NA,5\n,4,?\n",
    "a;b;y\n1,5;x;2\n;x;3\n2,5;x;4,25\n",
    "a,b,y\n,,1\n,nan,2\n,-,3\n",
]


@pytest.mark.parametrize("content", CONTENTS)
@pytest.mark.parametrize("read", [16, 1 << 20])
def test_columns_read_by_numpy_are_those_read_row_by_row(tmp_path: Path, content: str, read: int) -> None:
    path, said = tmp_path / "t.csv", Settings()
    path.write_text(content)

    def profile() -> TableProfile:
        return profile_table(Reader(str(path), said))

    with patch.object(text, "READ", read), patch.object(delimited, "DETECTED_IN", 40):
        by_numpy = profile()
        with patch("mlpcli.data.profile.parse_fast", lambda *_: None):
            by_rows = profile()
    assert by_numpy == by_rows


@pytest.mark.parametrize("suffix", [".json", ".npz"])
def test_weights_are_shown_with_their_training_and_features(
    mlp: Run, titanic: Path, tmp_path: Path, suffix: str
) -> None:
    arguments = ("--ignore", "Name,Note", "--missing", "mean", "--hidden", 3, "--epochs", 2, "--l2", 0.01)
    done = mlp("train", "--data", "t.csv", *arguments, "--output", f"w{suffix}")
    assert done.code == 0, done.err
    document = inspected(mlp, f"w{suffix}")
    assert [layer["units"] for layer in document["layers"]] == [3, 1]
    assert document["training"].items() >= {"file": "t.csv", "l2": 0.01}.items()
    assert "l1" not in document["training"]
    assert (document["training"]["optimizer"], document["training"]["epochs"]) == ("adam", 2)
    assert [f["name"] for f in document["features"]] == ["Sex", "Class", "Age", "Fare"]
    assert document["features"][0] == {"name": "Sex", "categories": ["female", "male"], "if_missing": "male"}
    assert document["features"][2]["if_missing"] == pytest.approx(document["features"][2]["mean"])
    assert document["outputs"] == [{"name": "no"}, {"name": "yes"}]
    table = mlp("inspect", f"w{suffix}").out
    assert "female, male" in table
    assert [row["feature"] for row in csv_rows(mlp("inspect", f"w{suffix}", "--format", "csv").out)][1] == "Class"


def test_a_regression_shows_the_scaling_of_its_target(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k},{10 + 2 * k}.5\n" for k in range(4)))
    assert mlp("train", "--data", "t.csv", "--epochs", 1, "--test", 0, "--validation", 0).code == 0
    (output,) = inspected(mlp, "w.json")["outputs"]
    assert output["mean"] == pytest.approx(13.5)  # of 10.5, 12.5, 14.5, 16.5
    assert output["scale"] == pytest.approx(5**0.5)  # √((9 + 1 + 1 + 9)/4)


def test_a_file_that_cannot_be_read_is_refused(mlp: Run, tmp_path: Path) -> None:
    assert mlp("inspect", "none.csv").err == "mlp: error: none.csv: No such file or directory\n"
    (tmp_path / "bad.csv").write_text("a,b\n1,2,3\n")
    found = mlp("inspect", "bad.csv")
    assert (found.code, found.err) == (1, "mlp: error: bad.csv:2: 3 cells, but the table has 2 columns\n")
    (tmp_path / "bad.json").write_text('{"layers": 3}')
    assert mlp("inspect", "bad.json").code == 1


def test_inspect_shows_what_training_notes_and_names_the_cell_as_it_stands(mlp: Run, tmp_path: Path) -> None:
    rows = "".join(f"{k},5;{k}0%;{20_000 + k};{'uv'[k % 2]}\n" for k in range(1, 12))
    (tmp_path / "t.csv").write_text(f"a;share;zip;y\n{rows}")
    found = mlp("inspect", "t.csv", "--decimal", ",")
    assert found.out.splitlines()[-3:] == [
        "'zip' has postal codes, whose size means nothing; --ignore zip leaves it out, or --categories zip may help",
        "target 'y' has 2 different values: --task binary",
        "t.csv:2: column 2 ('share'): '10%' is not a finite number; remove the percent sign, or leave it out with "
        "--ignore share",
    ]
    document = inspected(mlp, "t.csv", "--decimal", ",", "--ignore", "share")
    assert (document["task"], document["problems"], document["training_needs"]) == ("binary", [], [])
    assert mlp("train", "--data", "t.csv", "--ignore", "share", "--epochs", 1).code == 0


def test_classes_in_two_spellings_are_noted_in_training_and_inspect_until_they_are_one(
    mlp: Run, tmp_path: Path
) -> None:
    """As of two tables that pandas joined: one with gaps, hence with fractions, and one without."""
    rows = [f"{k % 7}.5,{k % 2}" for k in range(30)]
    note = "target 'y' has '0' and '0.0', '1' and '1.0', which are different classes; write them alike if they are one"
    for end, notes in ((".0", 1), ("", 0)):
        (tmp_path / "t.csv").write_text("\n".join(["x,y", *rows[:15], *(row + end for row in rows[15:])]) + "\n")
        assert inspected(mlp, "t.csv")["notes"].count(note) == notes
        for command in (["train", "--force"], ["sweep", "--vary", "seed=1|2"]):
            trained = mlp(*command, "--data", "t.csv", "--epochs", 1)
            assert (trained.code, trained.err.count(note)) == (0, notes)


def test_a_wide_table_is_cut_for_people_only(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(",".join(f"c{k}" for k in range(150)) + "\n" + ",".join("1" * 150) + "\n")
    found = mlp("inspect", "t.csv").out
    assert "the first 100 of 150; --format csv and json have all" in found
    assert len(inspected(mlp, "t.csv")["columns"]) == 150


def test_a_long_table_of_a_weights_file_is_cut_beside_short_ones(mlp: Run, tmp_path: Path) -> None:
    names = [f"x{k}" for k in range(120)]
    rows = np.random.default_rng(1).normal(size=(20, 120)).round(2).tolist()
    lines = [",".join([*names, "y"]), *(",".join(map(str, [*row, k % 2])) for k, row in enumerate(rows))]
    (tmp_path / "d.csv").write_text("\n".join(lines) + "\n")
    trained = mlp(
        "train", "--data", tmp_path / "d.csv", "--target", "y", "--epochs", 1, "--output", tmp_path / "w.json"
    )
    assert trained.code == 0, trained.err
    found = mlp("inspect", tmp_path / "w.json")
    assert "the first 100 of 120; --format csv and json have all" in found.out
    assert "x99 " in found.out
    assert "x100 " not in found.out


def test_data_without_a_header_are_told(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("".join(f"{k},{k % 2}\n" for k in range(20)))
    mlp("train", "--data", "d.csv", "--no-header", "--epochs", 1, "--quiet")
    rows = dict(line.split(maxsplit=1) for line in mlp("inspect", "w.json").out.splitlines() if len(line.split()) == 2)
    assert rows["header"] == "no"


def test_a_header_alone_has_no_rows_to_show(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b,y\n")
    for header in ([], ["--header"]):
        done = mlp("inspect", "d.csv", *header)
        assert (done.code, done.out, done.err) == (1, "", "mlp: error: d.csv: no data rows\n")
