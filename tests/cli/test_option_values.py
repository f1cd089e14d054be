"""The values of options at their limits, and what is said beyond them."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from unittest.mock import Mock, call

import numpy as np
import pytest

from mlpcli.cli import values
from mlpcli.core.errors import ChoiceError, MlpError

INSTANCE = ", such as 60000 or 6e4"


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        (values.check_digits, 0, None),
        (values.check_digits, 50, None),
        (values.check_seed, 0, None),
        (lambda text: values.whole_number(text, "--n", 10), "1", 1),
        (lambda text: values.whole_number(text, "--n", 10), "10", 10),
        (values.batch_size, " all ", None),
        (values.batch_size, "1", 1),
        (values.batch_size, "1e12", 10**12),
        (values.hidden_units, " 0 ", []),
        (values.hidden_units, "16,1e9", [16, 10**9]),
        (lambda text: values.layer_widths(text, "2,3"), "1,2", [1, 2]),
        (lambda number: values.fraction(number, "--test"), 0.0, 0.0),
        (lambda number: values.penalty(number, "--l2"), 0.0, 0.0),
        (lambda number: values.penalty(number, "--l2"), None, None),
        (lambda number: values.positive(number, "--lr"), 5e-324, 5e-324),
        (values.output_path, "/dev/fd/1", "-"),
        (values.output_path, "fd/1", "fd/1"),
    ],
)
def test_a_limit_belongs_to_what_is_taken(read: Callable[[Any], Any], text: object, value: object) -> None:
    assert read(text) == value


@pytest.mark.parametrize(
    ("read", "text", "words"),
    [
        (values.check_digits, -1, "--digits must be from 0 to 50, not -1"),
        (values.check_digits, 51, "--digits must be from 0 to 50, not 51"),
        (values.check_seed, -1, "--seed must be 0 or more, not -1"),
        (lambda text: values.whole_number(text, "--n", 10), "11", "--n takes a whole number from 1 to 10, not '11'"),
        (
            lambda text: values.whole_number(text, "--n", 59_999),
            "0",
            "--n takes a whole number from 1 to 59,999, not '0'",
        ),
        (
            lambda text: values.whole_number(text, "--n", 60_000),
            "0",
            f"--n takes a whole number from 1 to 60,000{INSTANCE}, not '0'",
        ),
        (
            values.batch_size,
            "1000000000001",
            "--batch takes all or a whole number from 1 to 1,000,000,000,000, such as 6e4, not '1000000000001'",
        ),
        (
            values.hidden_units,
            "16,1000000001",
            "--hidden takes 0 for no hidden layer, or whole numbers from 1 to 1,000,000,000, such as 16,8; "
            "not '16,1000000001'",
        ),
        (
            lambda text: values.layer_widths(text, "2,3,2"),
            "5",
            "--layers takes inputs, hidden units and outputs, such as 2,3,2, not '5'",
        ),
        (lambda number: values.fraction(number, "--test"), 1.0, "--test must be at least 0 and below 1, not 1"),
        (lambda number: values.penalty(number, "--l2"), -0.1, "--l2 must be 0 or more and finite, not -0.1"),
        (lambda number: values.positive(number, "--lr"), 0.0, "--lr must be a finite number greater than 0, not 0"),
        (
            lambda text: values.sample_rows(text, 2, "--x"),
            "1,2; 3",
            "sample 2 of --x has 1 number, but 2 are expected: the network takes that many inputs",
        ),
        (
            lambda text: values.sample_rows(text, 1, "--x"),
            "1,2",
            "--x has 2 numbers, but 1 is expected: the network takes that many inputs",
        ),
        (
            lambda text: values.sample_rows(text, 2, "--x"),
            " ;",
            "--x is empty; give 2 numbers with commas between them",
        ),
        (lambda text: values.numbers(text, "--at"), "1,inf", "--at: 'inf' is not a finite number"),
        (
            lambda text: values.tensor_of(text, "--x"),
            "1,2;3;4,5",
            "--x: row 2 has 1 number and row 1 has 2; rows must be equally long",
        ),
        (lambda text: values.tensor_of(text, "--x"), ";", "--x is empty; give a vector 1,2,3 or a matrix 1,2;3,4"),
    ],
)
def test_what_is_beyond_a_limit_is_told_with_the_limit(read: Callable[[Any], Any], text: object, words: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        read(text)
    assert str(caught.value) == words


def test_rows_are_separated_by_semicolons_and_numbers_by_commas_or_blanks() -> None:
    assert values.sample_rows("1,2; 3 4;", 2, "--x").tolist() == [[1, 2], [3, 4]]
    assert values.tensor_of("1,2;", "--x").tolist() == [[1, 2]]
    assert values.tensor_of("1,2", "--x").tolist() == [1, 2]
    assert values.samples_in('1,"a;b"; 2,c;') == ['1,"a;b"', " 2,c"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("1,2\n3\n", "x.csv:2: 1 cell, but the rows above have 2"),
        ("\n\n", "x.csv: has no numbers; give rows of 1,2,3"),
        ("1,nan\n2,3\n", "x.csv: number 2 is not finite"),
        ("1,2\n\nx,3\n", "x.csv:3: column 1: 'x' is not a number; give rows of 1,2,3"),
        (f"1,{'q' * 30}\n", f"x.csv:1: column 2: '{'q' * 20}' is not a number; if this is a header, delete it"),
    ],
)
def test_a_matrix_in_a_file_has_equally_long_rows_of_finite_numbers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: str, words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("x.csv").write_text(content)
    with pytest.raises(MlpError) as caught:
        values.tensor_of("x.csv", "--x")
    assert str(caught.value) == words


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros((1, 2, 3)), "an array of float64 with the shape 1×2×3; give"),
        (np.float64(3.0), "an array of float64 with the shape no axis; give"),
        (np.zeros(0), "an array of float64 with the shape 0; give"),
        (np.array([1j]), "an array of complex128 with the shape 1; give"),
    ],
)
def test_an_array_in_a_file_is_a_vector_or_a_matrix(tmp_path: Path, array: Any, words: str) -> None:
    np.save(tmp_path / "x.npy", array)
    with pytest.raises(MlpError, match=words):
        values.tensor_of(str(tmp_path / "x.npy"), "--x")
    np.save(tmp_path / "x.npy", np.array([[True, False]]))
    assert values.tensor_of(str(tmp_path / "x.npy"), "--x").tolist() == [[1, 0]]
    np.save(tmp_path / "x.npy", np.array([1, 2]))
    assert values.tensor_of(str(tmp_path / "x.npy"), "--x").tolist() == [1, 2]


def test_a_file_with_another_suffix_is_no_tensor(tmp_path: Path) -> None:
    (tmp_path / "x.txt").write_text("1,2\n")
    with pytest.raises(ChoiceError, match=r"^--x .*x\.txt: give a \.csv or \.npy file, or numbers such as 1,2;3,4$"):
        values.tensor_of(str(tmp_path / "x.txt"), "--x")


def test_a_report_has_the_format_of_its_suffix() -> None:
    found = {path: values.form_of_suffix(path, "-o") for path in ("r", "r.json", "a.b/r.HTML", "r.md", "r.tex")}
    assert found == {"r": None, "r.json": "json", "a.b/r.HTML": "html", "r.md": "markdown", "r.tex": "latex"}
    with pytest.raises(
        ChoiceError, match=r"^-o r\.doc: reports have the suffixes .*\.json.*; choose one, or --format$"
    ):
        values.form_of_suffix("r.doc", "-o")


def test_an_array_of_objects_is_not_unpickled(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.array([{}]), allow_pickle=True)
    with pytest.raises(MlpError, match=r"x\.npy: not a NumPy array: Object arrays cannot be loaded"):
        values.tensor_of(str(tmp_path / "x.npy"), "--x")
    (tmp_path / "x.npy").write_bytes(b"")
    with pytest.raises(MlpError, match=r"x\.npy: not a NumPy array: "):
        values.tensor_of(str(tmp_path / "x.npy"), "--x")


def test_only_one_option_can_be_standard_input() -> None:
    values.check_stdin(weights="-", data="d.csv", validation_data=None)
    with pytest.raises(ChoiceError, match=r"^--weights and --validation-data: standard input can be only one of them$"):
        values.check_stdin(weights="-", data="d.csv", validation_data="-")


@pytest.mark.parametrize(("name", "programs"), [("table", 0), ("json", 1), ("markdown", 1)])
def test_all_forms_but_the_table_are_in_utf_8_for_programs(
    monkeypatch: pytest.MonkeyPatch, name: str, programs: int
) -> None:
    monkeypatch.setattr(sys, "stdout", stdout := Mock())
    assert values.form(name, 3) == (name, 3)
    assert stdout.reconfigure.call_args_list == [call(encoding="utf-8")] * programs
