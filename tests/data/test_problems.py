"""What training does not take in a table: the message names all columns, and its advice works in one round."""

import re
from math import nan
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlpcli.core.errors import MlpError
from mlpcli.data.categories import Column
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Settings
from mlpcli.data.profile import TableProfile, profile_table
from mlpcli.data.remarks import placeholder_note
from mlpcli.data.table import load_table
from mlpcli.data.targets import guess_task


def table(header: str, rows: int, row: str) -> str:
    """Rows of a header, with `{k}` in them for their number, `{two}` and `{three}` for one of two or three words."""
    texts = (row.format(k=k, two="uv"[k % 2], three=("red", "tan", "blue")[k % 3]) for k in range(rows))
    return "\n".join([header, *texts]) + "\n"


def load(folder: Path, content: str, **said: Any) -> None:
    (folder / "t.csv").write_text(content, encoding="utf-8")
    guess_task(load_table(str(folder / "t.csv"), Settings(**said)))


def refusal(folder: Path, content: str, **said: Any) -> str:
    with pytest.raises(MlpError) as caught:
        load(folder, content, **said)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{folder}/")


def profile(folder: Path, content: str, **said: Any) -> TableProfile:
    (folder / "t.csv").write_text(content, encoding="utf-8")
    settings = Settings(**said)
    return profile_table(Reader(str(folder / "t.csv"), settings))


def options(text: str) -> dict[str, Any]:
    """The options that an advice names."""
    found = {name: value.strip("'") for name, value in re.findall(r"--(\w+) ('[^']*'|[^\s;]+)", text)}
    return {name: value if name == "missing" else value.split(",") for name, value in found.items()}


PLAIN = table("a,b,y", 12, "{k},{k}.5,{two}")

# name: the table, what the message says, and the table as it is once the advice is followed; None: with its options.
ADVICE: dict[str, tuple[str, str, str | None]] = {
    "percent": (table("p,b,y", 12, "{k}%,{k}.5,{two}"), "remove the percent sign, or leave it out with", None),
    "percent, removed": (table("p,b,y", 12, "{k}%,{k}.5,{two}"), "percent sign", table("p,b,y", 12, "{k},{k}.5,{two}")),
    "dates": (table("day;b;y", 12, "1{k}.01.2024;{k}.5;{two}"), "dates are not numbers; give days or years", None),
    "money": (table("p,b,y", 12, '"$1,{k}00",{k},{two}'), "the currency sign and the thousands separator", None),
    "euros": (
        table("p;b;y", 12, "1.1{k}0,50 €;{k};{two}"),
        "remove the currency sign and the thousands separator",
        table("p;b;y", 12, "11{k}0,50;{k};{two}"),
    ),
    "thin blanks": (
        table("p;b;y", 12, "1\u202f100,5;{k};{two}"),
        "remove the thousands separator",
        table("p;b;y", 12, "1{k}00,5;{k};{two}"),
    ),
    "long identifiers": (table("id,b,y", 12, "123456789012345671{k},{k}.5,{two}"), "not exact in float64", None),
    "two features of one name": (
        table("a,a=red,y", 12, "{three},{k},{two}"),
        "columns 'a' and 'a=red' both make the feature 'a=red'; rename one in line 1",
        table("b,a=red,y", 12, "{three},{k},{two}"),
    ),
    "units": (
        PLAIN.replace("\n", "\ncm,kg,\n", 1),
        ":2: 'cm' and 'kg' where other rows have numbers; remove line 2",
        PLAIN,
    ),
    "units of one column": (
        table("a,y", 12, "{k},{two}").replace("\n", "\ncm,u\n", 1),
        "correct it, remove line 2 if it has units, or make the column categorical: --categories a",
        table("a,y", 12, "{k},{two}"),
    ),
    "totals": (PLAIN + "Total:,78,u\n", ":14: column 1 ('a'): 'Total:' is not a finite number; remove line 14", PLAIN),
    "a footnote": (
        PLAIN + "Source: census,,\n",
        ":14: 'Source: census' where other rows have numbers; remove line 14",
        PLAIN,
    ),
    "a footnote in one cell": (PLAIN + "Source: census\n", ":14: 1 cell, but the table has 3 columns; remove", PLAIN),
    "a title": ("My table,,\n" + PLAIN, "line 1 has only 'My table', like a title; remove line 1", PLAIN),
    "a title and a blank row": ("My table,,\n,,\n" + PLAIN, "remove lines 1 to 2", PLAIN),
    "an error of a spreadsheet": (PLAIN.replace("\n3,", "\n#DIV/0!,"), "the value is missing ('#DIV/0!')", None),
    "a point of SAS": (PLAIN.replace("\n3,", "\n.,"), "the value is missing ('.')", None),
    "none as a category": (
        table("diet,b,y", 12, "{three},{k}.5,{two}").replace("red", "none"),
        "use --missing drop or --missing mean, or make it a category: --categories diet",
        None,
    ),
    "an empty column": (table("a,b,y", 12, "{k},,{two}"), "no values in 'b'; leave out with --ignore b", None),
    "a gap in feature and target": (PLAIN.replace("\n3,", "\n,").replace("7.5,v", "7.5,"), "use --missing drop", None),
    "points and commas": (
        table("a;b;y", 12, "{k},5;{k}.5;{two}"),
        "write a point, or use --decimal , if no number has a point",
        table("a;b;y", 12, "{k}.5;{k}.5;{two}"),
    ),
    "names and numbers of rows": (
        table("name,a,b,y", 12, "P{k},{k},,{two}").replace("\nP3,3", "\nP3,"),
        "no values in 'b', and too many categories in 'name' (12 in 12 rows); leave out with --ignore name,b; "
        "also in line 5: column 2 ('a'): the value is missing (''); use --missing drop",
        None,
    ),
    "text in two columns": (
        table("a,b,y", 12, "{k},{k},{two}").replace("\n3,3", "\nthree,3").replace("\n5,5", "\n5,five"),
        ":5: column 1 ('a'): 'three' is not a finite number; correct it, or make the column categorical: "
        "--categories a,b; also in line 7: column 2 ('b'): 'five' is not a finite number",
        None,
    ),
}


@pytest.mark.parametrize(("content", "said", "mended"), ADVICE.values(), ids=ADVICE)
def test_advice_works_in_one_round(tmp_path: Path, content: str, said: str, mended: str | None) -> None:
    message = refusal(tmp_path, content)
    assert said in message
    if mended is None:
        load(tmp_path, content, **options(message))
    else:
        load(tmp_path, mended)


@pytest.mark.parametrize("name", [name for name in ADVICE if "title" not in name and "in one cell" not in name])
def test_inspect_says_what_training_says(tmp_path: Path, name: str) -> None:
    content, _, mended = ADVICE[name]
    message, seen = refusal(tmp_path, content), profile(tmp_path, content)
    assert seen.problems or seen.training_needs
    for problem in seen.problems:
        assert problem.removeprefix(f"{tmp_path}/").partition(": ")[2] in message
    if not seen.problems:
        load(tmp_path, content, **options(" ".join(seen.training_needs)))
    assert not profile(tmp_path, mended or PLAIN).problems


def test_options_that_are_given_stay_in_the_advice(tmp_path: Path) -> None:
    content = table("name,city,a,y", 12, "P{k},C{k},{k},{two}")
    assert "--ignore name,city" in refusal(tmp_path, content, ignore=["name"])


@pytest.mark.parametrize("rows", [120, 90_000])
def test_text_among_many_measurements_is_to_be_corrected(tmp_path: Path, rows: int) -> None:
    """As categories, each number would be a feature."""
    content = table("a,b,y", rows, "{k}.25,{two},{three}") + "broken,u,red\n"
    assert refusal(tmp_path, content).endswith("'broken' is not a finite number; correct it")


def test_late_text_in_a_column_of_codes_is_read_with_the_option(tmp_path: Path) -> None:
    """The first half of a megabyte has only numbers."""
    content = "code,b,y\n" + "1,1000000000,u\n2,3000000000,v\n" * 20_000 + "A,1,u\n" * 9
    message = refusal(tmp_path, content)
    assert "t.csv:40002: column 1 ('code'): 'A' is not a finite number; correct it, or make the column" in message
    load(tmp_path, content, **options(message))


def test_a_problem_in_the_first_rows_is_told_before_the_last_are_read(tmp_path: Path) -> None:
    rows = f"1,{'2' * 30},u\n2,{'3' * 30},v\n" * 20_000  # more than is read at a time
    assert refusal(tmp_path, f"a,b,y\n%,1,u\n{rows}1,2,3,4\n").startswith("t.csv:2: column 1 ('a'): '%'")


@pytest.mark.parametrize(
    ("cell", "hint", "corrected"),
    [
        ('"(1,200)"', "brackets mean a negative number: write a minus, and no separators", "-1200"),
        ("($45)", "brackets mean a negative number: write a minus, and no separators", "-45"),
        ("<0.5", "write the limit as a number, or leave the cell empty", "0.5"),
        (">= 10", "write the limit as a number, or leave the cell empty", "10"),
    ],
)
def test_numbers_as_accountants_and_laboratories_write_them_have_a_hint(
    tmp_path: Path, cell: str, hint: str, corrected: str
) -> None:
    path = tmp_path / "t.csv"
    content = "a,b,y\n" + "".join(f"{k}.5,{k % 3},{'uv'[k % 2]}\n" for k in range(8))
    path.write_text(content.replace("3.5", cell))
    with pytest.raises(MlpError, match=r"t\.csv:5: column 1 \('a'\): ") as caught:
        load_table(str(path), Settings())
    assert f"is not a finite number; {hint}, or make the column categorical" in str(caught.value)
    path.write_text(content.replace("3.5", corrected))
    assert load_table(str(path), Settings()).x[3, 0] == float(corrected)


@pytest.mark.parametrize(
    ("cells", "noted"),
    [
        ([5, -999, 7, -999, 3], "'a' is -999 in 2 rows"),
        ([5.5, -9999, 7, 2, 3], "'a' is -9999 in 1 row,"),
        ([5.5, -99999, 7, 2, 3], "'a' is -99999 in 1 row,"),
        (["", -999, 7, 2, 3], "'a' is -999 in 1 row,"),
        ([5, -999, 0, 0.5, 3], "'a' is -999 in 1 row,"),
        ([5, -999, -7, 2, 3], ""),
        ([5, -998, 7, 2, 3], ""),
    ],
)
def test_a_number_that_often_stands_for_a_missing_value_is_noted(
    tmp_path: Path, cells: list[object], noted: str
) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n" + "".join(f"{cell},{k * k},{k % 2}\n" for k, cell in enumerate(cells)))
    dataset = load_table(str(tmp_path / "t.csv"), Settings(missing="mean"))
    notes = [note for note in dataset.notes if "missing" in note]
    assert [note[: len(noted)] for note in notes] == [noted] * bool(noted)


@pytest.mark.parametrize(
    ("parts", "note"),
    [
        ([[1, -999, nan], [-999, 5]], "is -999 in 2 rows, "),
        ([[1, 2], [nan, -999]], "is -999 in 1 row, "),
        ([[-999, 2], [3, 4]], "is -999 in 1 row, "),
        ([[-999, 2], [-5, 4]], ""),
        ([[nan, nan], [-999, 2]], "is -999 in 1 row, "),
        ([[nan, nan], [1, 2]], ""),
    ],
)
def test_such_a_number_is_counted_in_all_parts_of_a_column(parts: list[list[float]], note: str) -> None:
    found = placeholder_note([np.array(part) for part in parts])
    assert found.startswith(note)
    assert bool(found) == bool(note)


@pytest.mark.parametrize("targets", [["y"], ["b", "y"]])
def test_such_a_number_in_a_target_is_noted_and_the_advice_works(tmp_path: Path, targets: list[str]) -> None:
    text = "a,b,y\n" + "".join(f"{k % 4},{k}.5,{-999 if k % 9 == 3 else k * k}\n" for k in range(20))  # k: 3, 12
    (tmp_path / "t.csv").write_text(text)
    assert [note for note in load_table(str(tmp_path / "t.csv"), Settings(targets)).notes if "missing" in note] == [
        "target 'y' is -999 in 2 rows, which often stands for a missing value; if so, leave these cells empty, and use "
        "--missing drop"
    ]
    (tmp_path / "t.csv").write_text(text.replace("-999", ""))
    dataset = load_table(str(tmp_path / "t.csv"), Settings(targets, missing="drop"))
    assert dataset.y[:, -1].tolist() == [k * k for k in range(20) if k not in (3, 12)]
    assert not [note for note in dataset.notes if "-999" in note]


@pytest.mark.parametrize(
    ("wrong", "rest"), [(4, ""), (5, "; 1 more column has such cells"), (6, "; 2 more columns have such cells")]
)
def test_four_cells_are_told_and_the_others_counted(tmp_path: Path, wrong: int, rest: str) -> None:
    """Each column has one in a row of its own; the option, which can be given once, names all of them."""
    rows = [["$5" if k == row and k < wrong else "1.5" for k in range(6)] for row in range(8)]
    ignored = ",".join("abcdef"[:wrong])
    clauses = [
        f"column {k + 1} ('{name}'): '$5' is not a finite number; remove the currency sign, or leave it out with "
        f"--ignore {ignored}"
        for k, name in enumerate("abcd")
    ]
    told = "; also in line ".join(f"{line}: {clause}" for line, clause in enumerate(clauses, 2))
    content = "a,b,c,d,e,f,y\n" + "".join(f"{','.join(row)},{k}\n" for k, row in enumerate(rows))
    assert refusal(tmp_path, content) == f"t.csv:{told}{rest}"


def test_the_first_gap_stands_for_all_and_cells_are_told_in_the_order_of_the_file(tmp_path: Path) -> None:
    """Gaps of three columns need one option; the amount in line 3 is before them."""
    content = "a,b,c,d,y\n1,2,3,4.5,5\n2,3,4,$5,6\n5,,6,7,8\n,6,,8.5,9\n6,7,8,9,9\n"
    assert refusal(tmp_path, content) == (
        "t.csv:3: column 4 ('d'): '$5' is not a finite number; remove the currency sign, or leave it out with "
        "--ignore d; also in line 4: column 2 ('b'): the value is missing (''); use --missing drop or --missing mean"
    )


@pytest.mark.parametrize(("length", "shown"), [(30, "x" * 30), (31, "x" * 30 + "…")])
def test_thirty_characters_of_a_cell_are_shown(tmp_path: Path, length: int, shown: str) -> None:
    assert f"column 1 ('a'): '{shown}' is not a finite number" in refusal(
        tmp_path, table("a,y", 9, "{k},{two}") + "x" * length + ",u\n"
    )


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_label_may_have_200_characters(tmp_path: Path, quote: str) -> None:
    load(tmp_path, f"a,y\n1,{quote}{'v' * 200}{quote}\n2,u\n3,w\n")


def test_a_label_of_200_characters_with_a_comma_is_kept_whole(tmp_path: Path) -> None:
    label = f"{'v' * 100},{'w' * 99}"
    (tmp_path / "t.csv").write_text(f'a,y\n1,"{label}"\n2,u\n3,u\n')
    assert load_table(str(tmp_path / "t.csv"), Settings()).y[:, 0].tolist() == [label, "u", "u"]


@pytest.mark.parametrize(
    ("cell", "role"),
    [("three", "'three' is not a number"), ("9007199254740993", "'9007199254740993' is not exact in float64")],
)
def test_the_role_of_a_column_that_is_refused_is_why(tmp_path: Path, cell: str, role: str) -> None:
    seen = profile(tmp_path, table("a,b,y", 9, "{k},{k}.5,{two}") + f"{cell},1,u\n")
    assert [column.role for column in seen.columns] == [role, "feature", "target"]


NO_ROW = "where other rows have numbers; remove line {} if it is a header, units or a footnote".format
CATEGORICAL = "or make the column categorical: --categories"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a,b,c,y\ncm,kg,m,\n1,2,3,u\n2,3,4,v\n", f"2: 'cm' and 'kg' {NO_ROW(2)}; if line 1 is data, add --no-header"),
        ("a,b,y\n1,2,u\n2,3,v\nsum,,\n", f"4: 'sum' {NO_ROW(4)}"),
        (  # a number beside a text: no row of units
            "a,b,y\n1,2,u\n2,3,v\nx,5,w\nGesamt,,v\n",
            f"4: column 1 ('a'): 'x' is not a finite number; correct it, {CATEGORICAL} a; also in line 5: 'Gesamt' "
            f"{NO_ROW(5)}",
        ),
        (
            "a,b,y\n1,2,u\n2,3,v\n3,Sum:,v\n4,4,v\n",
            f"4: column 2 ('b'): 'Sum:' is not a finite number; remove line 4 if it has totals, {CATEGORICAL} b",
        ),
        (  # in the only column of numbers, units are right below the header
            "a,b,y\n1,2,u\n2,3,v\nx,4,v\n",
            f"4: column 1 ('a'): 'x' is not a finite number; correct it, {CATEGORICAL} a",
        ),
        ("a,y\n1,2\n3\n", "3: 1 cell, but the table has 2 columns; remove the line if it is not part of the table"),
        ("a,b,y\n1,2,u\n2,3,v\n4,5,6,7\n", "4: 4 cells, but the table has 3 columns"),
        (
            "a,b,y\n1,2,u\n3,x;y,w\n5,6,v\n",
            "3: column 2 ('b'): 'x;y' is not a finite number; --delimiter ';' would split it",
        ),
        (
            "a,b,y\n1,,2\n1,-,3\n2,u,3\n3,v,4\n4,u,4\n",
            "2: column 2 ('b'): the value is missing (''); use --missing drop or --missing mean; also in line 3: "
            "column 2 ('b'): the value is missing ('-'); use --missing drop or --missing mean, or make it a category: "
            "--categories b",
        ),
        (
            "a,,y\n1,,2\n1,z,3\n",
            "3: column 2 has no name, but contains 'z'; name it in line 1, or leave it out with --ignore 2",
        ),
    ],
)
def test_a_row_that_is_wrong_is_told_with_what_it_may_be(tmp_path: Path, content: str, words: str) -> None:
    assert refusal(tmp_path, content) == f"t.csv:{words}"


def test_a_network_s_columns_cannot_become_categories(tmp_path: Path) -> None:
    said: dict[str, Any] = {"known": (Column("a"), Column("b", ("u", "x"))), "targets": ["y"]}
    words = {"q": "'q' is not a finite number; this column contains numbers", "": "the value is missing ('')"}
    for cell, told in words.items():
        assert refusal(tmp_path, f"a,b,y\n1,u,2\n{cell},x,3\n", **said).startswith(f"t.csv:3: column 1 ('a'): {told}")


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ("q", "'q' is not a weight; weights are numbers of 0 or more"),
        ("$3", "'$3' is not a finite number; remove the currency sign"),
        ("1e400", "'1e400' is too large for float64; divide the column by a power of 10"),
    ],
)
def test_a_weight_that_is_wrong_cannot_be_ignored(tmp_path: Path, cell: str, words: str) -> None:
    message = refusal(tmp_path, f"w,b,y\n1,u,2\n{cell},x,3\n2,u,4\n", weight="w")
    assert message == f"t.csv:3: column 1 ('w'): {words}"
