"""`mlp backprop-trace` on rows of a data set."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from cli_support import Run, strict_json

IRIS = Path(__file__).parent.parent.parent / "sample_data" / "iris.csv"
SPECIES = ["setosa", "versicolor", "virginica"]


@pytest.fixture
def trained(mlp: Run) -> Run:
    """`mlp`, in a folder with a network trained on Iris."""
    assert mlp("train", "--dataset", "iris", "--epochs", 2, "-q").code == 0
    return mlp


def step(run: Run, *arguments: object) -> dict[str, Any]:
    done = run("backprop-trace", "--weights", "w.json", "--format", "json", *arguments)
    assert done.code == 0, done.err
    found: dict[str, Any] = json.loads(done.out)["steps"][0]
    return found


def file_row(place: int, tmp_path: Path) -> tuple[list[float], list[float]]:
    """A row of the file, scaled and encoded by hand from what the weights file says."""
    with IRIS.open() as lines:
        cells = list(csv.reader(lines))[place + 1]  # below the header
    scaling = json.loads((tmp_path / "w.json").read_text())["scaling"]
    x = [(float(c) - m) / s for c, m, s in zip(cells[:4], scaling["mean"], scaling["scale"], strict=True)]
    return x, [float(cells[4] == name) for name in SPECIES]


@pytest.mark.parametrize("where", [["--data", IRIS], ["--dataset", "iris"], []])
@pytest.mark.parametrize("place", [0, 3, 149])
def test_a_row_is_the_one_of_the_file_counted_from_0(
    trained: Run, tmp_path: Path, where: list[object], place: int
) -> None:
    found = step(trained, *where, "--row", place)
    x, y = file_row(place, tmp_path)
    assert found["x"][0] == pytest.approx(x, rel=1e-12)
    assert found["y"] == [y]


@pytest.mark.parametrize(
    ("rows", "places"), [("0:4", [0, 1, 2, 3]), ("148:", [148, 149]), (":2", [0, 1]), ("70,7", [70, 7])]
)
def test_rows_are_a_batch_with_the_mean_gradient(trained: Run, tmp_path: Path, rows: str, places: list[int]) -> None:
    batch = step(trained, "--data", IRIS, "--rows", rows)
    one_by_one = [step(trained, "--data", IRIS, "--row", place) for place in places]
    assert batch["x"] == [single["x"][0] for single in one_by_one]
    assert batch["y"] == [file_row(place, tmp_path)[1] for place in places]
    for k in range(2):
        mean = np.mean([single["layers"][k]["dW"] for single in one_by_one], axis=0)
        np.testing.assert_allclose(batch["layers"][k]["dW"], mean, rtol=1e-9, atol=1e-15)


def test_a_row_can_be_given_another_target(trained: Run, tmp_path: Path) -> None:
    found = step(trained, "--row", 3, "--y", "virginica")
    assert found["x"][0] == pytest.approx(file_row(3, tmp_path)[0], rel=1e-12)
    assert found["y"] == [[0, 0, 1]]


def test_data_alone_is_its_first_row(trained: Run, tmp_path: Path) -> None:
    assert step(trained, "--data", IRIS)["x"][0] == pytest.approx(file_row(0, tmp_path)[0], rel=1e-12)


@pytest.mark.parametrize(
    ("arguments", "words", "code"),
    [
        (["--row", 150], "has the rows 0 to 149", 2),
        (["--row", -1], "has the rows 0 to 149", 2),
        (["--rows", "140:151"], "has the rows 0 to 149", 2),
        (["--rows", "4:4"], "selects no row", 2),
        (["--rows", "0-4"], "a range such as 0:4", 2),
        (["--rows", "٣"], "a range such as 0:4", 2),
        (["--row", 1, "--rows", "0:2"], "leave one out", 2),
        (["--row", 1, "--x", "1,2,3,4"], "leave it out", 2),
        (["--data", IRIS, "--dataset", "iris"], "either --dataset NAME", 2),
        (["--data", "nowhere.csv"], "nowhere.csv", 1),
        (["--data", IRIS, "--target", "colour"], "colour", 1),
    ],
)
def test_what_is_no_row_is_refused_in_one_line(trained: Run, arguments: list[object], words: str, code: int) -> None:
    done = trained("backprop-trace", "--weights", "w.json", *arguments)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
    assert done.err.count("\n") == 1


@pytest.mark.parametrize("command", ["graph", "backprop-trace"])
@pytest.mark.parametrize("network", [(), ("--layers", "2,3,2")], ids=["the lecture's", "drawn"])
@pytest.mark.parametrize("rows", [("--row", "3"), ("--rows", "0:4")], ids=["row", "rows"])
def test_rows_of_no_data_are_told_what_names_data(
    mlp: Run, command: str, network: tuple[str, ...], rows: tuple[str, str]
) -> None:
    done = mlp(command, *network, *rows)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(
        f"mlp: error: {' '.join(rows)} takes rows of data; give --dataset or --data, or the --weights"
    )
    assert "weights file" not in done.err


def test_data_from_a_pipe_cannot_be_found_again(mlp: Run) -> None:
    pipe = IRIS.read_text()
    assert mlp("train", "--data", "-", "--epochs", 1, "-q", "-o", "w.json", stdin=pipe).code == 0
    done = mlp("graph", "--weights", "w.json", "--row", 3)
    assert done.code == 2
    assert "trained on standard input, which cannot be reread; give --dataset or --data" in done.err


def test_a_drawn_network_takes_over_the_classes_of_the_data(mlp: Run) -> None:
    """Row 2 of Iris is a setosa, the first of its three classes; row 100 a virginica, the last."""
    for row, one_hot in ((2, [1, 0, 0]), (100, [0, 0, 1])):
        found = mlp("backprop-trace", "--layers", "4,3,3", "--dataset", "iris", "--row", row, "-f", "json")
        assert strict_json(found.out)["steps"][0]["y"] == [one_hot]


def test_a_drawn_network_of_other_outputs_does_not_fit_the_data(mlp: Run) -> None:
    found = mlp("backprop-trace", "--layers", "4,3,2", "--dataset", "iris", "--row", 2)
    assert found.code == 1
    assert found.err.count("\n") == 1


@pytest.mark.parametrize("command", ["backprop-trace", "graph"])
@pytest.mark.parametrize("data", ["xor", "iris", "wine", "moons", "cars", "diabetes", "labels.csv"])
def test_data_that_do_not_fit_the_lectures_network_are_told_one_that_does(
    mlp: Run, tmp_path: Path, command: str, data: str
) -> None:
    (tmp_path / "labels.csv").write_text("a,b,red,big\n1,2,1,0\n2,1,1,1\n3,1,0,1\n")
    where = ["--data", data, "--target", "red,big"] if "." in data else ["--dataset", data]
    done = mlp(command, *where)
    assert (done.code, done.out, done.err.count("\n")) == (1 if data in ("xor", "moons", "labels.csv") else 2, "", 1)
    advice = re.search("; give the --weights of a network trained on these data, or (--layers .*)$", done.err)
    assert advice is not None, done.err
    assert mlp(command, *where, *advice[1].split()).code == 0


def test_a_row_whose_class_the_network_knows_is_traced(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "flowers.csv").write_text("a,b,species\n1,2,setosa\n2,1,tulip\n")
    assert mlp("backprop-trace", "--data", "flowers.csv", "--row", 0).code == 0
    assert "does not know the class 'tulip'" in mlp("backprop-trace", "--data", "flowers.csv", "--row", 1).err
