"""`mlp tensor`: numbers against NumPy, sums that give them, shapes that do not fit, and files."""

import json
from pathlib import Path

import numpy as np
import pytest
from cli_support import Run, csv_rows, is_one_error_line, strict_json

OPERANDS = {
    "add": ["--x", "1,2;3,4", "--y", "10,20"],
    "relu": ["--x", "1,-2;-3,4"],
    "dot": ["--x", "1,2;3,4", "--y", "5,6;7,8"],
    "dense": ["--w", "0.1,-0.2;0.4,0.6", "--x", "1.8,0.5", "--b", "0.2,-0.3"],
}
RESULTS = {
    "add": [[11, 22], [13, 24]],
    "relu": [[1, 0], [0, 4]],
    "dot": [[19, 22], [43, 50]],  # 1·5 + 2·7 = 19
    "dense": [0.28, 0.72],  # the lecture's h⁽¹⁾: 0.2 + 0.1·1.8 − 0.2·0.5 = 0.28
}


@pytest.mark.parametrize("name", OPERANDS)
def test_the_result_is_that_of_a_hand_calculation(mlp: Run, name: str) -> None:
    found = strict_json(mlp("tensor", name, *OPERANDS[name], "--no-measure", "--format", "json").out)
    np.testing.assert_allclose(found["z"], RESULTS[name], rtol=1e-12)
    assert found["times"] == []
    example = strict_json(mlp("tensor", name, "--no-measure", "--format", "json").out)
    assert example["z"] == found["z"]


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("add", "zᵢⱼ = xᵢⱼ + yⱼ"),
        ("relu", "zᵢⱼ = max(0, xᵢⱼ)"),
        ("dot", "zᵢⱼ = Σₖ xᵢₖ yₖⱼ"),
        ("dense", "zᵢ = max(0, bᵢ + Σⱼ Wᵢⱼ xⱼ)"),
    ],
)
def test_the_formula_names_functions_as_they_are(mlp: Run, name: str, formula: str) -> None:
    assert strict_json(mlp("tensor", name, "--no-measure", "--format", "json").out)["formula"] == formula


@pytest.mark.parametrize("name", OPERANDS)
def test_each_sum_gives_its_number(mlp: Run, name: str) -> None:
    rows = csv_rows(mlp("tensor", name, *OPERANDS[name], "--no-measure", "--format", "csv").out)
    assert len(rows) == np.size(RESULTS[name])
    for row, value in zip(rows, np.ravel(RESULTS[name]), strict=True):
        python = row["is"].replace("·", "*").replace("−", "-")
        assert eval(python, {"max": max}) == pytest.approx(float(row["value"])) == pytest.approx(value)


def test_the_bias_is_the_weight_of_a_constant_input(mlp: Run) -> None:
    """W̃ = [W, b] and x̃ = [x; 1] stand in the page, and their product, by NumPy, is the layer's a."""
    text = mlp("tensor", "dense", *OPERANDS["dense"], "--no-measure", "--format", "latex").out
    assert r"0.1000 & -0.2000 & 0.2000 \\" in text
    assert r"\tilde W" in text
    merged = np.array([[0.1, -0.2, 0.2], [0.4, 0.6, -0.3]]) @ [1.8, 0.5, 1]
    np.testing.assert_allclose(np.maximum(merged, 0), RESULTS["dense"])


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        ("1;2", "10,20", "x is repeated in each column; y is repeated in each row"),
        ("1;2", "10", "y is one number, used for each element"),
        ("7;", "1;2", "x is one number, used for each element"),
        ("1,2;", "1,2;3,4", "x is repeated in each row"),
        ("5", "1,2", "x is one number, used for each element"),
    ],
)
def test_the_loops_of_a_repeated_operand_run_and_its_sums_are_right(mlp: Run, x: str, y: str, words: str) -> None:
    assert mlp("tensor", "add", "--x", x, "--y", y, "--no-measure").out.splitlines()[-1] == words
    found = strict_json(mlp("tensor", "add", "--x", x, "--y", y, "--no-measure", "--format", "json").out)
    one, other = (np.array(found["operands"][name]) for name in "xy")
    np.testing.assert_array_equal(found["z"], one + other)
    names: dict[str, object] = {"zeros": lambda *shape: np.zeros(shape), **found["operands"]}
    exec("\n".join(found["loops"]), names)
    np.testing.assert_array_equal(np.asarray(names["z"]), one + other)
    rows = csv_rows(mlp("tensor", "add", "--x", x, "--y", y, "--no-measure", "--format", "csv").out)
    assert [eval(row["is"]) for row in rows] == np.ravel(one + other).tolist()


def test_a_row_times_a_matrix_is_a_row(mlp: Run) -> None:
    """(1 2) times (1 2 3; 4 5 6) is (9 12 15): 1·1 + 2·4 = 9."""
    text = mlp("tensor", "dot", "--x", "1,2", "--y", "1,2,3;4,5,6", "--no-measure", "--format", "latex").out
    assert r"1 & 2" in text
    assert r"9.0000 & 12.0000 & 15.0000" in text


def test_samples_are_rows(mlp: Run) -> None:
    words = ["--w", "1,2;3,4;5,6", "--b", "1,0,-1", "--x", "1,2;3,4", "--no-measure", "--format", "json"]
    W, b, x = np.array([[1, 2], [3, 4], [5, 6]]), np.array([1, 0, -1]), np.array([[1, 2], [3, 4]])
    assert strict_json(mlp("tensor", "dense", *words).out)["z"] == np.maximum(x @ W.T + b, 0).tolist()


def test_times_of_loops_and_numpy_stand_side_by_side(mlp: Run) -> None:
    found = strict_json(mlp("tensor", "dot", "--size", "30,20,10", "--format", "json").out)
    own, other = found["times"]
    assert other["size"] == "x 30×20, y 20×10"
    assert (own["multiply_adds"], other["multiply_adds"]) == (8, 30 * 20 * 10)
    assert all(each["loops_seconds"] > 0 and each["numpy_seconds"] > 0 for each in (own, other))


def test_operands_come_from_files(mlp: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.arange(6.0).reshape(2, 3))
    (tmp_path / "y.csv").write_text("1,2\n3,4\n5,6\n")
    found = mlp("tensor", "dot", "--x", "x.npy", "--y", "y.csv", "--no-measure", "--format", "json")
    assert json.loads(found.out)["z"] == [[13, 16], [40, 52]]  # 0·1 + 1·3 + 2·5 = 13


def test_a_file_of_one_row_is_a_matrix(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "w.csv").write_text("\ufeff1,2\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("3\n")
    found = mlp("tensor", "dense", "--w", "w.csv", "--x", "1,2", "--b", "b.csv", "--no-measure", "--format", "json")
    assert json.loads(found.out)["z"] == [8]  # 1·1 + 2·2 + 3


def test_a_large_result_is_not_written_out(mlp: Run, tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.ones((30, 30)))
    found = mlp("tensor", "relu", "--x", "x.npy", "--no-measure")
    assert "900 numbers: too many to write out" in found.out
    assert "Written out" not in found.out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("dot --x 1,2;3,4 --y 1,2,3", 2, "each row of x has 2 numbers and y has 3 numbers"),
        ("dot --x 1,2 --y 1,2;3,4;5,6", 2, "x has 2 numbers and each column of y has 3 numbers"),
        ("add --x 1,2,3;4,5,6 --y 1,2", 2, "each row of x has 3 numbers and y has 2 numbers"),
        ("add --x 1,2;3,4 --y 1,2;3,4;5,6", 2, "each column of x has 2 numbers and each column of y has 3 numbers"),
        ("dense --w 1,2 --x 1,2 --b 1", 2, "--w is a vector of 2 numbers, but W is a matrix"),
        ("dense --w 1,2; --x 1,2,3 --b 1", 2, "each row of W has 2 numbers and x has 3"),
        ("dense --w 1,2; --x 1,2 --b 1,2", 2, "W has 1 row and b has 2 numbers"),
        ("dot --x 1,2", 2, "give --y too"),
        ("relu --x 1,2;3", 2, "row 2 has 1 number and row 1 has 2"),
        ("relu --x 1,a", 2, "'a' is not a finite number"),
        ("relu --size 3,3 --no-measure", 2, "leave --no-measure out"),
        ("relu --size 3", 2, "--size takes 2 numbers, rows, columns, not 1"),
        ("dot --size 9999999,9999999,2", 2, "use smaller sizes"),
        ("relu --size 9999,9999", 2, "use smaller sizes"),
        ("relu --x nowhere.csv", 1, "nowhere.csv: No such file"),
        ("relu --x words.csv", 1, "words.csv:1: column 1: 'a' is not a number; if this is a header, delete it"),
        ("relu --x later.csv", 1, "later.csv:2: column 2: 'q' is not a number; give rows of 1,2,3"),
        ("relu --x deep.npy", 1, "deep.npy: an array of float64 with the shape 2×2×2"),
        ("relu --x empty.csv", 1, "empty.csv: has no numbers"),
        ("relu --x ragged.csv", 1, "ragged.csv:2: 1 cell, but the rows above have 2"),
        ("relu --x complex.npy", 1, "complex128"),
        ("relu --x notes.txt", 2, "--x notes.txt: give a .csv or .npy file"),
        ("dot --x 1e200,1e200 --y 1e200,1e200", 1, "a number overflows"),
    ],
)
def test_mistakes_are_one_line(mlp: Run, tmp_path: Path, words: str, code: int, said: str) -> None:
    (tmp_path / "words.csv").write_text("a,b\n1,2\n")
    (tmp_path / "later.csv").write_text("1,2\n3,q\n")
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "ragged.csv").write_text("1,2\n3\n")
    (tmp_path / "notes.txt").write_text("1,2")
    np.save(tmp_path / "deep.npy", np.ones((2, 2, 2)))
    np.save(tmp_path / "complex.npy", np.array([1j]))
    found = mlp("tensor", *words.split())
    assert (found.code, found.out) == (code, "")
    assert is_one_error_line(found.err)
    assert said in found.err


def test_an_empty_operand_is_no_folder(mlp: Run) -> None:
    found = mlp("tensor", "relu", "--x", "")
    assert (found.code, found.out) == (2, "")
    assert found.err == "mlp: error: --x is empty; give a vector 1,2,3 or a matrix 1,2;3,4\n"


def test_an_operand_can_come_from_standard_input(mlp: Run) -> None:
    found = mlp(
        "tensor", "dot", "--x", "-", "--y", "1,1", "--no-measure", "--format", "json", stdin="1,2\r\n\r\n3,4\r\n"
    )
    assert strict_json(found.out)["z"] == [3, 7]  # 1 + 2, 3 + 4
    wrong = mlp("tensor", "dot", "--x", "-", "--y", "1,1", stdin="1,2\n3,x\n")
    assert (wrong.code, wrong.out) == (1, "")
    assert "standard input:2: column 2: 'x' is not a number" in wrong.err


LAYER = ("--w", "0.1,-0.2;0.4,0.6", "--b", "0.2,-0.3")  # the lecture's first


@pytest.mark.parametrize("x", ["1.8,0.5", "1.8,0.5;1,2;0,3"])
def test_the_document_has_the_layer_with_its_merged_bias(mlp: Run, x: str) -> None:
    found = strict_json(mlp("tensor", "dense", *LAYER, "--x", x, "--no-measure", "--format", "json").out)
    W, inputs = (np.array(found["merged"][name]) for name in ("W", "x"))
    assert W.shape == (2, 3)
    np.testing.assert_allclose(np.maximum(inputs @ W.T, 0), found["z"], rtol=1e-15)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (np.array([1.0, np.nan, 2.0]), "x.npy: number 2 is not finite"),
        (np.array([["a"]]), "x.npy: an array of <U1 with the shape 1×1; give a vector or matrix of real numbers"),
        (np.ones((2, 2, 2)), "x.npy: an array of float64 with the shape 2×2×2"),
        (b"no array", "x.npy: not a NumPy array: "),
        (b"", "x.npy: not a NumPy array: "),
        ({"a": np.ones(3)}, "x.npy: not a NumPy array: "),
        (np.array([{}], dtype=object), "x.npy: not a NumPy array: "),
    ],
    ids=["NaN", "text", "three axes", "text file", "empty", "archive", "objects"],
)
def test_a_saved_array_that_is_no_tensor_is_told(mlp: Run, tmp_path: Path, content: object, words: str) -> None:
    if isinstance(content, bytes):
        (tmp_path / "x.npy").write_bytes(content)
    elif isinstance(content, dict):
        with open(tmp_path / "x.npy", "wb") as file:
            np.savez(file, **content)
    else:
        np.save(tmp_path / "x.npy", np.asarray(content))
    done = mlp("tensor", "relu", "--x", "x.npy")
    assert is_one_error_line(done.err)
    assert (done.code, words in done.err) == (1, True)


def test_biases_are_a_vector(mlp: Run) -> None:
    done = mlp("tensor", "dense", "--w", "1,2;3,4", "--x", "1,2", "--b", "1,2;3,4")
    told = "--b is a matrix, but b is a vector with a number for each unit"
    assert (done.code, done.err) == (2, f"mlp: error: {told}\n")


def test_loops_and_numpy_are_timed_unless_they_are_only_to_be_counted(mlp: Run) -> None:
    for words, times in (([], 1), (["--measure"], 1), (["--no-measure"], 0)):
        assert len(strict_json(mlp("tensor", "relu", *words, "--format", "json").out)["times"]) == times


@pytest.mark.parametrize(
    ("words", "options"),
    [
        (("add", "--x", "-", "--y", "-"), "--x and --y"),
        (("dense", "--w", "-", "--x", "1,2", "--b", "-"), "--w and --b"),
    ],
)
def test_one_operand_comes_from_standard_input(mlp: Run, words: tuple[str, ...], options: str) -> None:
    done = mlp("tensor", *words, stdin="1,2\n")
    said = f"mlp: error: {options}: standard input can be only one of them\n"
    assert (done.code, done.out, done.err) == (2, "", said)
