"""What is left out of a table, and what is said about it: columns that count rows, one value, missing cells."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlpcli.core.errors import MlpError
from mlpcli.data import delimited, text
from mlpcli.data.dataset import Dataset
from mlpcli.data.layout import Settings
from mlpcli.data.table import load_table


def load(tmp_path: Path, rows: list[list[object]], **said: Any) -> Dataset:
    (tmp_path / "t.csv").write_text("".join(",".join(map(str, row)) + "\n" for row in rows))
    return load_table(str(tmp_path / "t.csv"), Settings(**said))


def counted(name: str, first: int, rows: int = 8) -> list[list[object]]:
    return [[name, "a", "y"], *([first + k, k * k % 5, "uv"[k % 2]] for k in range(rows))]


# ----- Columns that count the rows ----------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [0, 1])
def test_a_column_without_a_name_that_counts_is_left_out(tmp_path: Path, first: int) -> None:
    dataset = load(tmp_path, counted("", first))
    assert dataset.features == ("a",)
    assert dataset.x.tolist() == [[k * k % 5] for k in range(8)]
    assert dataset.notes == ("column 1 has no name and counts the rows; it is left out",)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("name", ["Id", "id", "PassengerId", "index", "Unnamed: 0", "No.", "row", "rownames", "X"])
def test_a_column_that_counts_and_is_called_so_is_left_out(tmp_path: Path, name: str, first: int) -> None:
    dataset = load(tmp_path, counted(name, first))
    assert dataset.features == ("a",)
    (note,) = dataset.notes
    assert note.startswith(f"'{name}' counts the rows; it is left out, as with --ignore ")
    kept = load(tmp_path, counted(name, first), features=[name, "a"])
    assert (kept.features, kept.notes) == ((name, "a"), ())


@pytest.mark.parametrize(("header", "weight"), [(["", "Id", "y"], None), (["Id", "w", "y"], "w")])
def test_the_only_feature_stays_though_it_counts(tmp_path: Path, header: list[object], weight: str | None) -> None:
    dataset = load(tmp_path, [header, *([k, k, "uv"[k % 2]] for k in range(8))], weight=weight)
    assert (dataset.features, dataset.x[:, 0].tolist()) == (("Id",), [*range(8)])


def test_of_two_columns_that_count_one_stays_if_there_is_no_other(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Id", "nr", "a", "y"], *([k, k, k * k % 5, "uv"[k % 2]] for k in range(8))]
    assert load(tmp_path, rows).features == ("a",)
    assert load(tmp_path, rows, ignore=["a"]).features == ("nr",)


@pytest.mark.parametrize("first", [0, 1])
@pytest.mark.parametrize("rows", [2, 3, 4])
def test_few_rows_suffice_without_a_name_and_for_an_id(tmp_path: Path, first: int, rows: int) -> None:
    for name in ("", "Id", "Unnamed: 0", "index", "nr"):
        dataset = load(tmp_path, counted(name, first, rows))
        assert dataset.features == ("a",)
        assert "counts the rows; it is left out" in dataset.notes[0]
    for name in ("x", "key", "humid", "t"):  # may be measured
        assert load(tmp_path, counted(name, first, rows)).features == (name, "a")


@pytest.mark.parametrize("rows", [4, 5])
def test_five_rows_are_not_counted_by_chance(tmp_path: Path, rows: int) -> None:
    told = ["'t' counts the rows; if it only numbers them, --ignore t leaves it out"] * (rows == 5)
    assert [*load(tmp_path, counted("t", 1, rows)).notes] == told


def test_lines_that_are_left_out_are_counted_too(tmp_path: Path) -> None:
    """Line 4 of the file is blank, and the numbers go on behind it: 0, 1, 3, 4, 5."""
    rows = [["Id", "a", "y"], *([k, k * k % 5, "uv"[k % 2]] for k in (0, 1)), [], *([k, k % 4, "u"] for k in (3, 4, 5))]
    assert load(tmp_path, rows).features == ("a",)
    rows[-1][0] = 6
    assert load(tmp_path, rows).features == ("Id", "a")
    rows[4:] = [[k, k % 4, "u"] for k in (2, 3, 4)]  # or the numbers go on as if there were no blank line
    assert load(tmp_path, rows).features == ("a",)
    rows = [["Id", "a", "y"], *([k, k * k % 5, "uv"[k % 2]] for k in (2, 3, 4, 5, 6))]  # 2 is no start
    assert load(tmp_path, rows).features == ("Id", "a")


@pytest.mark.parametrize("name", ["t", "year"])
def test_a_column_that_counts_by_another_name_is_told(tmp_path: Path, name: str) -> None:
    dataset = load(tmp_path, counted(name, 1))
    assert dataset.features == (name, "a")
    assert dataset.notes == (f"'{name}' counts the rows; if it only numbers them, --ignore {name} leaves it out",)


@pytest.mark.parametrize("change", [(1, 2), (3, 9), (8, 0)])
def test_a_column_that_does_not_count_is_a_feature(tmp_path: Path, change: tuple[int, int]) -> None:
    rows = counted("Id", 1)
    rows[change[0]][0] = change[1]
    dataset = load(tmp_path, rows)
    assert (dataset.features, dataset.notes) == (("Id", "a"), ())
    rows[0][0] = ""
    words = f"t.csv:2: column 1 has no name, but contains '{rows[1][0]}'; name it in line 1, or leave it out"
    with pytest.raises(MlpError, match=words):
        load(tmp_path, rows)


def test_the_only_feature_may_count(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Id", "y"], *([k, k % 3] for k in range(1, 9))]
    assert load(tmp_path, rows).features == ("Id",)


def test_sorted_rows_let_their_number_tell_the_class(tmp_path: Path) -> None:
    rows: list[list[object]] = [["Id", "a", "y"], *([k, k % 3, "uvw"[k // 4]] for k in range(12))]
    (note,) = load(tmp_path, rows).notes
    assert note.startswith(
        "'Id' counts the rows and predicts the target, since the rows are sorted by it; it is left out"
    )


@pytest.mark.parametrize(
    ("targets", "is_sorted"),
    [
        ([k // 2 for k in range(40)], True),  # 20 classes of two rows each
        ([k // 2 for k in range(42)], False),  # 21 are too many
        ([*(k // 2 for k in range(39)), 20], False),  # 21 in 40 rows
        ([0, 0, 1, 1, 2], False),  # three in five rows: more than half of them are different
        ([0, 0, 1, 1, 2, 2], True),
        ([0, 0, 1, 1, 0, 0], False),  # not sorted
        ([0] * 6, False),
    ],
)
def test_rows_are_sorted_by_few_targets_with_several_rows_each(
    tmp_path: Path, targets: list[int], is_sorted: bool
) -> None:
    rows = [["t", "a", "y"], *([k, k * k % 5, y] for k, y in enumerate(targets))]
    (note,) = (note for note in load(tmp_path, rows).notes if "counts" in note)
    assert ("and predicts the target, since the rows are sorted by it" in note) == is_sorted


@pytest.mark.parametrize(("last", "features"), [(19, ("a",)), (18, ("Id", "a"))])
def test_small_blocks_count_on(
    tmp_path: Path, last: int, features: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "READ", 16)
    monkeypatch.setattr(delimited, "DETECTED_IN", 16)
    rows: list[list[object]] = [["Id", "a", "y"], *([k, k % 7, k % 2] for k in range(19)), [last, 3, 1]]
    assert load(tmp_path, rows).features == features


def test_many_blocks_count_on(tmp_path: Path) -> None:
    rows: list[list[object]] = [["", "a", "y"], *([k, k % 7, "uv"[k % 2]] for k in range(100_000))]
    assert load(tmp_path, rows).x[:, 0].tolist() == [k % 7 for k in range(100_000)]
    rows[75_000][0] = 3
    with pytest.raises(MlpError, match=r"t\.csv:2: column 1 has no name, but contains '0'"):
        load(tmp_path, rows)


def test_a_column_with_one_value_is_told(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", "b", "c", "y"], *([k % 4, 2.5, "NZ", k] for k in range(8))]
    assert load(tmp_path, rows).notes[:2] == (
        "'b' has only one value, 2.5; --ignore b leaves it out",
        "'c' has only one value, NZ; --ignore c leaves it out",
    )


def notes_of(tmp_path: Path, name: str, cells: list[object], **said: Any) -> list[str]:
    """The notes on the first of two columns."""
    rows = [[cell, k % 5, "uv"[k % 2]] for k, cell in enumerate(cells)]
    return [note for note in load(tmp_path, [[name, "a", "y"], *rows], **said).notes if "become 0/1" not in note]


IDENTIFIERS = [*range(1_000_001, 1_000_013)]
SHUFFLED = [3 * k * k % 1009 + 17 for k in range(12)]


@pytest.mark.parametrize("cells", [IDENTIFIERS, SHUFFLED, [*SHUFFLED, 0]])
@pytest.mark.parametrize("name", ["id", "ID", "customer_id", "PassengerId", "userid", "order no", "Matrikel-Nr."])
def test_identifiers_are_noted(tmp_path: Path, name: str, cells: list[object]) -> None:
    (note,) = notes_of(tmp_path, name, cells)
    assert note.startswith(f"'{name}' has a different whole number in each row, like an identifier; --ignore ")
    assert not load(tmp_path, [[name, "a", "y"], *([c, k, "u"] for k, c in enumerate(cells))], ignore=[name]).notes[1:]


def test_whole_numbers_of_eight_digits_are_noted_under_any_name(tmp_path: Path) -> None:
    cells: list[object] = [23_118_507 + 977 * k for k in range(12)]
    (note,) = notes_of(tmp_path, "card", cells)
    assert note == "'card' has a different whole number in each row, like an identifier; --ignore card leaves it out"
    assert notes_of(tmp_path, "card", [*cells, cells[0]]) == []


@pytest.mark.parametrize(
    ("name", "cells"),
    [
        ("year", IDENTIFIERS),
        ("humid", SHUFFLED),
        ("acid", SHUFFLED),
        ("pH", SHUFFLED),
        ("id", [*SHUFFLED[:-1], SHUFFLED[0]]),  # one twice
        ("id", [k + 0.5 for k in SHUFFLED]),
        ("id", SHUFFLED[:9]),
        ("id", [-k for k in SHUFFLED]),
        ("id", [*SHUFFLED[:-1], 0.5]),
        ("zipper", [10115, 20095] * 6),
        ("zip", [1, 2, 3] * 4),
        ("zip", [10115.5, 20095] * 6),
        ("Bid", SHUFFLED),
    ],
)
def test_measurements_are_not_taken_for_identifiers(tmp_path: Path, name: str, cells: list[object]) -> None:
    assert notes_of(tmp_path, name, cells) == []


@pytest.mark.parametrize(
    ("name", "first", "rows", "noted"),
    [
        ("id", 17, 10, True),
        ("id", 17, 9, False),  # too few rows
        ("card", 10_000_000, 10, True),
        ("card", 9_999_999, 10, False),  # has seven digits
    ],
)
def test_ten_different_numbers_called_so_or_of_eight_digits_are_identifiers(
    tmp_path: Path, name: str, first: int, rows: int, noted: bool
) -> None:
    cells: list[object] = [first + 3 * k for k in range(rows)]
    words = f"'{name}' has a different whole number in each row, like an identifier; --ignore {name} leaves it out"
    assert notes_of(tmp_path, name, cells) == [words] * noted


def test_a_gap_among_identifiers_does_not_hide_them(tmp_path: Path) -> None:
    (note,) = notes_of(tmp_path, "id", ["", *SHUFFLED], missing="mean")
    assert note == "'id' has a different whole number in each row, like an identifier; --ignore id leaves it out"


@pytest.mark.parametrize(("largest", "noted"), [(999, False), (1000, True)])
def test_postal_codes_have_four_digits(tmp_path: Path, largest: int, noted: bool) -> None:
    words = "'zip' has postal codes, whose size means nothing; --ignore zip leaves it out, or --categories zip may help"
    assert notes_of(tmp_path, "zip", [1, 20, largest] * 4) == [words] * noted


@pytest.mark.parametrize(("columns", "more"), [(8, ""), (9, " and 1 more")])
def test_eight_text_columns_are_named(tmp_path: Path, columns: int, more: str) -> None:
    rows = [[*(f"c{k}" for k in range(columns)), "y"], *([*["pqr"[k % 3]] * columns, k] for k in range(8))]
    named = ", ".join(f"'c{k}' (3)" for k in range(8))
    assert load(tmp_path, rows).notes[-1] == (f"text columns become 0/1 features, one per category: {named}{more}")


@pytest.mark.parametrize("name", ["zip", "ZIP code", "zipcode", "postal_code", "Postcode", "plz", "home_zip"])
def test_postal_codes_are_noted(tmp_path: Path, name: str) -> None:
    (note,) = notes_of(tmp_path, name, [10115, 20095, 80331] * 4)
    assert note.startswith(f"'{name}' has postal codes, whose size means nothing; --ignore ")


@pytest.mark.parametrize(
    ("cells", "same"),
    [
        (["Yes", "yes", "no"] * 4, "'Yes' and 'yes'"),
        (["1", "1.0", "no"] * 4, "'1' and '1.0'"),
        (["1", "2", "+1", "1e0", "2.0", "x"] * 2, "'+1' and '1' and '1e0', '2' and '2.0'"),
    ],
)
def test_categories_in_several_spellings_are_noted(tmp_path: Path, cells: list[object], same: str) -> None:
    assert notes_of(tmp_path, "smoker", cells, categories=["smoker"]) == [
        f"'smoker' has {same}, which are different categories; write them alike if they are one"
    ]


def test_three_spellings_are_listed_and_the_others_counted(tmp_path: Path) -> None:
    pairs = ["'No' and 'no'", "'Oh' and 'oh'", "'Or' and 'or'", "'So' and 'so'", "'We' and 'we'"]
    for count, more in ((3, ""), (4, ", and 1 more"), (5, ", and 2 more")):
        words = [word for pair in pairs[:count] for word in pair.replace("'", "").split(" and ")]
        (note,) = notes_of(tmp_path, "word", [*words] * 2)
        assert note == (
            f"'word' has {', '.join(pairs[:3])}{more}, which are different categories; write them alike if they are one"
        )


def test_a_total_in_the_last_row_alone_is_noted(tmp_path: Path) -> None:
    towns: list[object] = ["Rome", "Bern"] * 5
    assert notes_of(tmp_path, "town", [*towns, "Total"]) == [
        "'town' is 'Total' in line 12 only; if this row has totals, remove it"
    ]
    assert notes_of(tmp_path, "town", ["Total", *towns, "Total"]) == []


def test_a_total_in_another_block_is_one_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "READ", 16)
    monkeypatch.setattr(delimited, "DETECTED_IN", 16)
    towns: list[object] = ["Rome", "Bern"] * 5
    assert notes_of(tmp_path, "town", ["Total", *towns, "Total"]) == []
    assert "in line 13 only" in notes_of(tmp_path, "town", ["Rome", *towns, "Total"])[0]


# ----- Missing values -----------------------------------------------------------------------------------------------

GAPS: list[list[object]] = [
    ["age", "sex", "y"],
    [1, "m", "u"],
    ["", "f", "v"],
    [3, "m", ""],
    ["NA", "f", "?"],
    [5, "", "u"],
    [6, "f", "v"],
    [7, "m", "u"],
]


def test_rows_with_a_missing_feature_or_target_are_dropped(tmp_path: Path) -> None:
    dataset = load(tmp_path, GAPS, missing="drop")
    assert dataset.x.tolist() == [[1, 1], [6, 0], [7, 1]]
    assert dataset.y[:, 0].tolist() == ["u", "v", "u"]
    assert dataset.lines is not None
    assert dataset.lines.tolist() == [2, 7, 8]
    assert dataset.notes[:2] == (
        "4 of 7 rows dropped: 2 for a missing feature, 2 for a missing target",
        "fewer than half of the rows are left; --ignore age keeps more, and so does --missing mean",
    )


def test_a_numeric_target_with_gaps_is_a_number(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", "y"], [1, 2], [3, ""], [5, 6], [7, 8]]
    dataset = load(tmp_path, rows, missing="drop")
    assert dataset.y.tolist() == [[2], [6], [8]]
    assert dataset.notes == ("1 of 4 rows dropped: 1 for a missing target",)


def test_a_row_that_lacks_one_of_its_targets_is_dropped(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", "y", "z"], [1, "", 2], [3, 4, 5], [5, 6, "NA"], [7, 7, 8]]
    assert load(tmp_path, rows, targets=["y", "z"], missing="drop").y.tolist() == [[4, 5], [7, 8]]


def test_missing_targets_are_refused_without_a_rule(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", "y"], [1, 2], [3, ""], [5, 6]]
    with pytest.raises(MlpError, match=r"t\.csv:3: column 2 \('y'\): the target is missing \(''\); .* --missing drop"):
        load(tmp_path, rows)


def test_rows_without_a_target_are_dropped_where_features_are_filled_in(tmp_path: Path) -> None:
    dataset = load(tmp_path, GAPS, missing="mean")
    assert dataset.lines is not None
    assert dataset.lines.tolist() == [2, 3, 6, 7, 8]
    assert dataset.notes[0] == "2 of 7 rows dropped: 2 for a missing target"


ALL_LACK: list[list[object]] = [["a", "b", "y"], [1, "", 3], ["", 4, 6], [7, 8, ""], [5, "", 1]]


@pytest.mark.parametrize(
    ("rule", "lines"), [({"missing": "mean"}, [2, 3, 5]), ({"missing": "drop", "ignore": ["b"]}, [2, 5])]
)
def test_the_advice_for_a_table_of_which_nothing_is_left_works(
    tmp_path: Path, rule: dict[str, Any], lines: list[int]
) -> None:
    with pytest.raises(MlpError) as caught:
        load(tmp_path, ALL_LACK, missing="drop")
    advice = "--ignore b keeps more, and so does --missing mean"
    assert str(caught.value).endswith(f"t.csv: every row lacks a value; {advice}")
    dataset = load(tmp_path, ALL_LACK, **rule)
    assert dataset.lines is not None
    assert dataset.lines.tolist() == lines


def test_no_column_is_to_be_ignored_where_that_keeps_no_rows(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", "b", "y"], ["", "", 3], ["", "", 6], [7, "", 1], ["", 2, 4]]
    with pytest.raises(MlpError, match=r"every row lacks a value; --missing mean keeps more$"):
        load(tmp_path, rows, missing="drop")


@pytest.mark.parametrize(
    ("lacking", "advice"),
    [
        ("abcde", "--ignore a,b,c keeps more, and so does --missing mean"),  # with a and b, 2 of 5 rows are kept
        ("abcdef", "--ignore a,b,c keeps more, and so does --missing mean"),  # 3 of 6
        ("abcdefg", "--missing mean keeps more"),  # 3 of 7
    ],
)
def test_at_most_three_columns_are_to_be_ignored_if_that_keeps_half(tmp_path: Path, lacking: str, advice: str) -> None:
    """Each row lacks the value of another column."""
    rows = [["" if name == gap else k * 7 % 5 + 0.5 for name in "abcdefgh"] for k, gap in enumerate(lacking)]
    with pytest.raises(MlpError, match=rf"every row lacks a value; {advice}$"):
        load(tmp_path, [[*"abcdefgh", "y"], *([*row, k] for k, row in enumerate(rows))], missing="drop")


@pytest.mark.parametrize(("whole", "told"), [(2, True), (3, False)])
def test_less_than_half_of_the_rows_is_told(tmp_path: Path, whole: int, told: bool) -> None:
    rows: list[list[object]] = [
        ["a", "b", "y"],
        *([k * k, k * 3 % 7, k] for k in range(whole)),
        *([9, "", k] for k in range(3)),
    ]
    words = "fewer than half of the rows are left; --ignore b keeps more, and so does --missing mean"
    assert [note for note in load(tmp_path, rows, missing="drop").notes if "half" in note] == [words] * told


@pytest.mark.parametrize("weight", [None, "w"])
def test_targets_and_weights_may_be_missing_in_all_rows_of_a_block(
    tmp_path: Path, weight: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Blocks of 16 bytes are two or three rows."""
    monkeypatch.setattr(text, "READ", 16)
    monkeypatch.setattr(delimited, "DETECTED_IN", 16)
    gaps = [[k, k % 3, "", ""] for k in range(10)]
    dataset = load(tmp_path, [["a", "b", "w", "y"], [9, 8, 7, 6], *gaps, [3, 4, 2, 5]], weight=weight, missing="drop")
    assert (dataset.y[:, 0].tolist(), [*dataset.x[:, 0]]) == ([6, 5], [9, 3])
    assert weight is None or [*dataset.weights] == [7, 2]


def test_rows_without_a_feature_and_rows_without_a_weight_are_counted_apart(tmp_path: Path) -> None:
    rows: list[list[object]] = [["a", "b", "w", "y"], [1, 1, "", 1], [2, "", 1, 2], [3, "", 1, 2], [4, 9, 5, 3]]
    dataset = load(tmp_path, rows, weight="w", missing="drop")
    assert dataset.x.tolist() == [[4, 9]]
    assert dataset.notes[0] == "3 of 4 rows dropped: 2 for a missing feature, 1 for a missing weight"
    dataset = load(tmp_path, rows, weight="w", missing="mean")
    assert (dataset.x[:, 0].tolist(), [*dataset.weights]) == ([2, 3, 4], [1, 1, 5])


def test_categories_are_compared_with_the_rows_of_all_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Five categories would be too many for a block of 16 bytes, but not for 30 rows."""
    monkeypatch.setattr(text, "READ", 16)
    monkeypatch.setattr(delimited, "DETECTED_IN", 16)
    rows: list[list[object]] = [["a", "b", "y"], *([f"c{k % 5}", k * k, k % 2] for k in range(30))]
    dataset = load(tmp_path, rows)
    assert dataset.columns[0].categories == ("c0", "c1", "c2", "c3", "c4")
    assert dataset.x[:, :5].argmax(axis=1).tolist() == [k % 5 for k in range(30)]
    assert dataset.x[:, 5].tolist() == [k * k for k in range(30)]


@pytest.mark.parametrize(("numbers", "advice"), [(100, ", or make the column categorical: --categories a"), (101, "")])
def test_a_column_of_more_than_100_numbers_is_no_category(tmp_path: Path, numbers: int, advice: str) -> None:
    """The cell with text counts as one number more: it is read as infinity."""
    rows: list[list[object]] = [["a", "b", "y"], *([k + 0.5, k % 3, "uv"[k % 2]] for k in range(numbers - 1))]
    with pytest.raises(MlpError, match=rf"'broken' is not a finite number; correct it{advice}$"):
        load(tmp_path, [*rows, ["broken", 1, "u"]])


@pytest.mark.parametrize("missing", [None, "drop", "mean"])
def test_a_target_without_any_value_is_refused(tmp_path: Path, missing: str | None) -> None:
    rows: list[list[object]] = [["a", "b", "y"], [1, 2, ""], ["", 4, "NA"]]
    with pytest.raises(MlpError, match=r"t\.csv: every target is missing; choose another --target$"):
        load(tmp_path, rows, missing=missing)
    assert len(load(tmp_path, rows, missing=missing or "mean", targets=["b"], ignore=["y"])) > 0


def test_rows_are_dropped_as_python_would(tmp_path: Path) -> None:
    draw = np.random.default_rng(5)
    rows: list[list[object]] = [["a", "b", "c", "y"]]
    for _ in range(300):
        cells = [int(draw.integers(9)), "pqr"[draw.integers(3)], float(draw.random()), "uv"[draw.integers(2)]]
        rows.append(["" if draw.random() < 0.1 else cell for cell in cells])
    dataset = load(tmp_path, rows, missing="drop")
    whole = [row for row in rows[1:] if "" not in row]
    assert dataset.x[:, 0].tolist() == [row[0] for row in whole]
    assert dataset.x[:, -1].tolist() == [row[2] for row in whole]
    assert dataset.y[:, 0].tolist() == [row[3] for row in whole]
    dropped, unlabeled = 300 - len(whole), sum(row[3] == "" for row in rows[1:])
    assert dataset.notes[0] == (
        f"{dropped} of 300 rows dropped: {dropped - unlabeled} for a missing feature, {unlabeled} for a missing target"
    )


@pytest.mark.parametrize(
    ("cells", "noted"),
    [
        (["999", "1.390", "1.984"], True),  # cubic centimeters, as a German spreadsheet shows them
        (["800", "-1.200", "250.000", "NA"], True),
        (["1.5", "1.390", "2"], False),  # a decimal number with another number of decimals
        (["1.390", "1.984", "2.000"], False),  # all have three decimals
        (["0.125", "2", "3"], False),  # no group of digits begins with 0
        (["1", "2", "3"], False),
    ],
)
def test_points_that_may_separate_thousands_are_noted(tmp_path: Path, cells: list[str], noted: bool) -> None:
    path = tmp_path / "cars.csv"
    path.write_text("size;power;y\n" + "".join(f"{cell};{k}.5;{k % 2}\n" for k, cell in enumerate(cells)))
    notes = load_table(str(path), Settings(missing="mean")).notes
    assert [note for note in notes if "thousands" in note] == (
        [f"'size' has decimal numbers such as {cells[1]}; if its point or comma separates thousands, remove it"] * noted
    )


def test_points_that_may_separate_thousands_of_a_target_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "cars.csv"
    path.write_text("a;y\n" + "".join(f"{k}.5;{cell}\n" for k, cell in enumerate(["999", "1.390", "1.984"])))
    notes = [note for note in load_table(str(path), Settings()).notes if "thousands" in note]
    assert notes == ["'y' has decimal numbers such as 1.390; if its point or comma separates thousands, remove it"]


@pytest.mark.parametrize(("rows", "noted"), [(200, True), (201, False)])
def test_thousands_are_doubted_in_200_rows(tmp_path: Path, rows: int, noted: bool) -> None:
    """The number with a point is in the last of these rows."""
    path = tmp_path / "cars.csv"
    path.write_text("size;y\n" + "".join(f"{k};{k % 2}\n" for k in range(rows - 1)) + "1.390;1\n2.5;1\n" * 5)
    notes = [note for note in load_table(str(path), Settings()).notes if "thousands" in note]
    assert [note.split(";")[0] for note in notes] == ["'size' has decimal numbers such as 1.390"] * noted
