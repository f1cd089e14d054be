"""What mlp inspect shows is what training does: the same columns, kinds, categories, classes and refusals."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core.errors import MlpError
from mlpcli.core.tasks import TASKS
from mlpcli.data import delimited, text
from mlpcli.data.categories import columns_of
from mlpcli.data.dataset import Dataset
from mlpcli.data.delimited import Reader
from mlpcli.data.layout import Settings
from mlpcli.data.profile import TableProfile, profile_table
from mlpcli.data.table import load_table
from mlpcli.data.targets import guess_task, learn_coding


def profile(path: Path, said: Settings) -> TableProfile:
    return profile_table(Reader(str(path), said))


def outcome(read: Callable[[Path, Settings], Any], path: Path, said: Settings) -> Any:
    """What is read, or the message of the refusal."""
    try:
        return read(path, said)
    except MlpError as problem:
        return str(problem)


def trained_on(path: Path, said: Settings) -> tuple[Dataset, str, tuple[str, ...]]:
    """The data set, its task and its classes."""
    dataset = load_table(str(path), said)
    task, _ = guess_task(dataset)
    return dataset, task, learn_coding(dataset, TASKS[task]).names


def assert_is_what_training_does(path: Path, said: Settings) -> None:
    seen, trained = outcome(profile, path, said), outcome(trained_on, path, said)
    if isinstance(seen, str):  # no table at all
        assert seen == trained
        return
    if isinstance(trained, str):
        assert seen.problems or seen.training_needs, trained
        if not seen.problems and len(seen.training_needs) == 1:
            assert_rules_work(seen.training_needs[0], path, said)
        return
    dataset, task, classes = trained
    assert (seen.task, seen.problems, seen.training_needs) == (task, (), ())
    columns = {column.name: column for column in columns_of(dataset.features, dataset.columns)}
    features = {column.name: column for column in seen.columns if "feature" in column.role}
    assert list(features) == list(columns)
    for name, column in features.items():
        assert (column.text or None) == columns[name].categories
    if TASKS[task].one_class_each and len(dataset.targets) == 1:
        (target,) = (column for column in seen.columns if column.role == "target")
        assert (target.kind, target.text) == ("categories", classes)
    assert set(dataset.notes) >= {
        note for note in seen.notes if "--task" not in note and "different classes" not in note
    }


def assert_rules_work(needs: str, path: Path, said: Settings) -> None:
    """With each of the rules for missing values that are named, no value is missing any more."""
    for rule in ("mean", "drop"):
        if f"--missing {rule}" in needs:
            trained = outcome(trained_on, path, said._replace(missing=rule))
            assert not isinstance(trained, str) or not ("missing" in trained or "lacks" in trained), trained


CLASSES = {
    "none": ["none", "mild", "none"],
    "None": ["None", "mild", "severe"],
    "signs": ["+", "-", "+"],
    "versions": ["1", "1.0", "2"],
    "zeros": ["01", "1", "1"],
    "fractions": ["0.5", "1.5", "0.5"],
    "words and numbers": ["3", "u", "v"],
    "gaps": ["", "u", "v"],
    "one class": ["u", "u", "u"],
    "words of case": ["Yes", "yes", "no"],
}


@pytest.mark.parametrize("cells", CLASSES.values(), ids=CLASSES)
@pytest.mark.parametrize("missing", [None, "drop"])
@pytest.mark.parametrize("column", ["1", "-1"])
def test_odd_columns_are_targets_and_features_as_in_training(
    tmp_path: Path, cells: list[str], missing: str | None, column: str
) -> None:
    rows = "".join(f"{cells[k % 3]},{k % 5},{k % 7}.5,{cells[k % 3]}\n" for k in range(30))
    (tmp_path / "t.csv").write_text("a,b,c,y\n" + rows)
    assert_is_what_training_does(tmp_path / "t.csv", Settings([column], missing=missing))


@pytest.mark.parametrize("missing", [None, "drop"])
@pytest.mark.parametrize("lost", [[3], [3, 4, 8]])
def test_a_counter_counts_rows_without_a_target_too(tmp_path: Path, lost: list[int], missing: str | None) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{k},{k % 4}.5,{'NA' if k in lost else 'ab'[k % 2]}" for k in range(1, 11)]
    path.write_text("\n".join(["Id,size,kind", *rows]) + "\n")
    seen = profile(path, Settings(missing=missing))
    assert [(column.kind, column.role) for column in seen.columns][:2] == [
        ("counts the rows", "left out"),
        ("numbers", "feature"),
    ]
    assert_is_what_training_does(path, Settings(missing=missing))


@pytest.mark.parametrize("missing", [None, "drop", "mean"])
@pytest.mark.parametrize("name", ["Id", ""])
@pytest.mark.parametrize(
    "counted",
    [
        [*range(1, 21), "", ""],
        [*range(1, 9), "", *range(10, 21)],
        [*range(1, 9), "", *range(9, 20)],
        ["", *range(1, 20)],
    ],
)
def test_a_counter_may_lack_rows_without_a_target(
    tmp_path: Path, counted: list[int | str], name: str, missing: str | None
) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{k},{k * 7 % 11},{k % 2}" if k else ",," for k in map(int, (k or 0 for k in counted))]
    path.write_text("\n".join([f"{name},size,y", *rows]) + "\n")
    seen = profile(path, Settings(missing=missing))
    if name or counted[0]:  # a column without a name is a counter by its first row
        assert [column.role for column in seen.columns] == ["left out", "feature", "target"]
    if missing and name:
        assert trained_on(path, Settings(missing=missing))[0].features == ("size",)
    assert_is_what_training_does(path, Settings(missing=missing))


def test_every_column_has_its_kind_its_values_and_its_role(tmp_path: Path) -> None:
    """Twelve rows: town has three categories and sex two; square lacks the value of row 3; e has none."""
    rows = [f"{k},{'ABC'[k % 3]},{'mf'[k % 2]},7,,{k * k - 9 if k != 3 else ''},0.5,{k % 3}" for k in range(12)]
    (tmp_path / "t.csv").write_text("\n".join(["n,town,sex,c,e,square,w,y", *rows]) + "\n")
    seen = profile(tmp_path / "t.csv", Settings(weight="w", ignore=["square"]))
    assert [tuple(column) for column in seen.columns] == [
        (1, "n", "counts the rows", 0, 0, 11, (), "feature"),
        (2, "town", "categories", 0, None, None, ("A", "B", "C"), "3 features"),
        (3, "sex", "categories", 0, None, None, ("f", "m"), "feature"),
        (4, "c", "one value", 0, 7, 7, (), "feature"),
        (5, "e", "empty", 12, None, None, (), "no values"),
        (6, "square", "numbers", 1, -9, 112, (), "ignored"),
        (7, "w", "one value", 0, 0.5, 0.5, (), "weight"),
        (8, "y", "categories", 0, None, None, ("0", "1", "2"), "target"),
    ]
    assert (seen.delimiter, seen.decimal, seen.header, seen.line, seen.rows) == (",", ".", True, 1, 12)
    assert (seen.task, seen.training_needs) == ("multiclass", ("--ignore square,e",))
    assert not any("'w'" in note for note in seen.notes)  # a weight may have one value
    assert seen.notes[-1] == "target 'y' has 3 different values, all whole numbers: --task multiclass"


def test_a_header_alone_is_no_table(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,b,y\n\n")
    assert outcome(profile, tmp_path / "t.csv", Settings(header=True)) == f"{tmp_path}/t.csv: no data rows"


def test_several_targets_stay_numbers_though_they_are_one_hot(tmp_path: Path) -> None:
    rows = "".join(f"{k * k},{k % 2},{1 - k % 2}\n" for k in range(9))
    (tmp_path / "t.csv").write_text("a,y,z\n" + rows)
    seen = profile(tmp_path / "t.csv", Settings(["y", "z"]))
    assert seen.task == "multiclass"
    assert [tuple(column)[2:] for column in seen.columns[1:]] == [("numbers", 0, 0, 1, (), "target")] * 2


@pytest.mark.parametrize("count", [1000, 1001])
def test_a_thousand_different_targets_are_listed_if_they_are_no_classes(tmp_path: Path, count: int) -> None:
    names = sorted(f"t{k}" for k in range(count))
    (tmp_path / "t.csv").write_text("a,y\n" + "".join(f"{k * k},{name}\n" for k, name in enumerate(names)))
    (target,) = profile(tmp_path / "t.csv", Settings()).columns[1:]
    assert tuple(target) == (2, "y", "categories", 0, None, None, tuple(names[:1000]), "target")


def test_a_target_without_values_is_empty(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,\n2,NA\n4,\n")
    seen = profile(tmp_path / "t.csv", Settings())
    assert tuple(seen.columns[1]) == (2, "y", "empty", 3, None, None, (), "target")
    assert seen.task is None
    assert seen.problems == (f"{tmp_path}/t.csv: every target is missing; choose another --target",)


@pytest.mark.parametrize(("whole", "rules"), [(0, "--missing mean"), (1, "--missing mean or --missing drop")])
def test_rows_can_be_dropped_if_one_is_whole(tmp_path: Path, whole: int, rules: str) -> None:
    """The others lack either of two features, or the target."""
    rows = ["1,,u", ",2,v", "3,4,", *["5,6,u"] * whole, ",7,v", "8,,u"]
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *rows]) + "\n")
    assert profile(tmp_path / "t.csv", Settings()).training_needs == (rules,)


def test_rows_can_be_dropped_if_one_of_another_block_is_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text, "READ", 16)
    monkeypatch.setattr(delimited, "DETECTED_IN", 16)
    (tmp_path / "t.csv").write_text("\n".join(["a,b,y", *[f"{k},,u" for k in range(9)], "5,6,v", "7,,u"]) + "\n")
    assert profile(tmp_path / "t.csv", Settings()).training_needs == ("--missing mean or --missing drop",)


@pytest.mark.parametrize("name", ["Id", ""])
@pytest.mark.parametrize("read", [text.READ, 16])
def test_a_counter_with_a_gap_needs_a_rule_with_and_without_a_name(
    tmp_path: Path, name: str, read: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text, "READ", read)
    monkeypatch.setattr(delimited, "DETECTED_IN", read)
    rows = ["0,5,u", "1,7,v", "2,6,u", ",4,", "4,9,v"]
    (tmp_path / "t.csv").write_text("\n".join([f"{name},a,y", *rows]) + "\n")
    assert profile(tmp_path / "t.csv", Settings()).training_needs == ("--missing mean or --missing drop",)


def test_a_number_for_some_rows_counts_nothing(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("Id,size,y\n" + "".join(f"{k + 1 if k < 2 else ''},{k * 7 % 11},{k % 2}\n" for k in range(20)))
    assert trained_on(path, Settings(missing="mean"))[0].features == ("Id", "size")


@pytest.mark.parametrize("column", ["1", "2"])
def test_a_number_too_large_is_a_problem_of_feature_and_target(tmp_path: Path, column: str) -> None:
    (tmp_path / "t.csv").write_text("a,y\n1,1e400\n2,3\n4,5\n")
    seen = profile(tmp_path / "t.csv", Settings([column]))
    assert (seen.columns[1].minimum, seen.columns[1].maximum) == (3, 5)
    (problem,) = seen.problems
    assert "'1e400' is too large for float64; divide the column by a power of 10" in problem
    (tmp_path / "t.csv").write_text("a,y\n1,1e300\n2,3e-100\n4,5e-100\n")  # the advice works
    assert not profile(tmp_path / "t.csv", Settings([column])).problems


@pytest.mark.parametrize("said", [{"ignore": ["a"]}, {"targets": ["a"]}, {"weight": "a"}, {"features": ["b"]}])
def test_categories_of_a_column_that_is_no_feature_are_refused_as_in_training(
    tmp_path: Path, said: dict[str, Any]
) -> None:
    path = tmp_path / "t.csv"
    path.write_text("a,b,c\n1,2,3\n2,4,5\n4,7,7\n")
    refusal = f"{path}: column 1 ('a') is not a feature; take it out of --categories"
    assert outcome(profile, path, Settings(categories=["a"], **said)) == refusal
    assert outcome(trained_on, path, Settings(categories=["a"], **said)) == refusal


@pytest.mark.parametrize("names", [49, 50, 100, 101])
def test_a_column_of_names_is_refused_as_in_training(tmp_path: Path, names: int) -> None:
    rows = "".join(f"n{k % names},{k % 5},{'uv'[k % 2]}\n" for k in range(names + 10))
    (tmp_path / "t.csv").write_text("a,b,y\n" + rows)
    assert_is_what_training_does(tmp_path / "t.csv", Settings())


@pytest.mark.parametrize("missing", [None, "drop", "mean"])
@pytest.mark.parametrize(("ends", "lost"), [(",NA", []), (", ", []), (",", []), (",,", []), (",", [3]), (",,", [3])])
def test_empty_columns_without_a_name_are_left_out_as_in_training(
    tmp_path: Path, ends: str, lost: list[int], missing: str | None
) -> None:
    path = tmp_path / "t.csv"
    rows = [f"{k * 7 % 11},{'' if k in lost else k % 5},{k % 2}" for k in range(20)]
    path.write_text(f"x,z,y{',' * ends.count(',')}\n" + "".join(f"{row}{ends}\n" for row in rows))
    seen = profile(path, Settings(missing=missing))
    assert [column.role for column in seen.columns] == ["feature", "feature", "target", *["none"] * ends.count(",")]
    assert seen.task == "binary"
    assert seen.training_needs == (("--missing mean or --missing drop",) if lost and not missing else ())
    assert_is_what_training_does(path, Settings(missing=missing))


@pytest.mark.parametrize(
    ("row", "needs"),
    [
        ("{x},,{y}", "--ignore note"),
        ("{gap},,{y}", "--ignore note; --missing mean or --missing drop"),
        ("{x},,", "--ignore note"),  # and another target
        ("{x},{x},", ""),
    ],
)
def test_the_options_that_training_needs_are_no_more_than_that(tmp_path: Path, row: str, needs: str) -> None:
    path = tmp_path / "t.csv"
    rows = [row.format(x=k * 7 % 11, y=k % 2, gap=k * 7 % 11 or "") for k in range(20)]
    path.write_text("\n".join(["x,note,y", *rows]) + "\n")
    seen = profile(path, Settings())
    assert "; ".join(seen.training_needs) == needs
    if row.endswith("{y}"):
        ignored = Settings(ignore=["note"], missing="drop" if "drop" in needs else None)
        assert trained_on(path, ignored)[0].features == ("x",)
    else:
        assert seen.problems == (f"{path}: every target is missing; choose another --target",)
    assert_is_what_training_does(path, Settings())


CELLS = st.sampled_from(
    [
        "1",
        "2",
        "2.5",
        "-3",
        "1e3",
        "1e400",
        "01",
        "1.0",
        "u",
        "v",
        "Yes",
        "yes",
        "none",
        "-",
        "",
        "NA",
        "?",
        "5%",
        "1,5",
        "$3",
        ".",
    ]
) | st.sampled_from(["2024-01-01", "01.01.2024", "#DIV/0!", "inf", "TRUE", "FALSE", "12345678901234567", "x y"])


@given(
    pools=st.lists(st.lists(CELLS, min_size=1, max_size=3), min_size=2, max_size=4),
    draws=st.lists(st.lists(st.integers(0, 2), min_size=4, max_size=4), min_size=1, max_size=25),
    said=st.fixed_dictionaries(
        {
            "missing": st.sampled_from([None, "drop", "mean"]),
            "header": st.sampled_from([None, True, False]),
            "decimal": st.sampled_from([None, ","]),
            "ignore": st.sampled_from([(), ("1",)]),
        }
    ),
)
def test_any_table_is_shown_as_training_reads_it(
    tmp_path_factory: pytest.TempPathFactory, pools: list[list[str]], draws: list[list[int]], said: dict[str, Any]
) -> None:
    """Each column has a few different cells, in some order."""
    path = tmp_path_factory.getbasetemp() / "profile.csv"
    rows = [[pool[place % len(pool)] for pool, place in zip(pools, row, strict=False)] for row in draws]
    names = [f"c{k}" for k in range(len(pools))]
    path.write_text("\n".join(";".join(row) for row in [names, *rows]) + "\n")
    assert_is_what_training_does(path, Settings(delimiter=";", **said))
