"""Words as features, through every command: trained on, saved, shown by name, and applied to later rows and samples."""

import csv
import json
import random
from pathlib import Path

import pytest
from cli_support import Run, csv_rows, write_csv

from mlpcli.data.rows import cells_of

HEADER = ("Name", "Sex", "Age", "Embarked", "Survived")


def passengers(path: Path, rows: int = 60, seed: int = 1) -> list[list[object]]:
    """People like the Titanic's, of whom mostly women survive."""
    draw = random.Random(seed)
    people: list[list[object]] = []
    for number in range(rows):
        sex = draw.choice(["male", "female"])
        lives = draw.random() < (0.9 if sex == "female" else 0.1)
        people.append([f"P{number}", sex, draw.randint(1, 70), draw.choice("CQSSS"), "yes" if lives else "no"])
    with open(path, "w", newline="") as file:
        csv.writer(file).writerows([HEADER, *people])
    return people


@pytest.fixture
def trained(mlp: Run, tmp_path: Path) -> Path:
    passengers(tmp_path / "t.csv")
    done = mlp("train", "--data", "t.csv", "--ignore", "Name", "--hidden", 4, "--epochs", 40, "--seed", 3)
    assert done.code == 0, done.err
    assert "mlp: t.csv: text columns become 0/1 features, one per category: 'Sex' (2), 'Embarked' (3)" in done.err
    return tmp_path / "w.json"


FEATURES = ["Sex=male", "Age", "Embarked=C", "Embarked=Q", "Embarked=S"]


def test_the_categories_are_saved_with_the_weights(mlp: Run, trained: Path) -> None:
    document = json.loads(trained.read_text())
    assert document["features"] == ["Sex", "Age", "Embarked"]
    assert document["categories"] == {"Sex": ["female", "male"], "Embarked": ["C", "Q", "S"]}
    assert [place for place, scale in enumerate(document["scaling"]["scale"]) if scale != 1] == [1]


@pytest.mark.parametrize("suffix", [".json", ".npz"])
def test_the_test_set_is_found_again(mlp: Run, tmp_path: Path, suffix: str) -> None:
    passengers(tmp_path / "t.csv")
    done = mlp(
        "train", "--data", "t.csv", "--ignore", "1", "--epochs", 40, "--output", f"w{suffix}", "--format", "json"
    )
    found = mlp("evaluate", "--weights", f"w{suffix}", "--format", "json")
    assert found.code == 0, found.err
    assert json.loads(found.out)["loss"] == json.loads(done.out)["parts"]["test"]["loss"]


def test_a_row_a_typed_sample_and_a_0_1_calculation_by_hand_agree(mlp: Run, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("Embarked,Age,Sex\nQ,30,male\n")
    row = csv_rows(mlp("forward", "--weights", "w.json", "--data", "new.csv", "--format", "csv", "--digits", 17).out)[0]
    typed = json.loads(mlp("forward", "--weights", "w.json", "--x", "male,30,Q", "--format", "json").out)["samples"][0]
    scaling = json.loads(trained.read_text())["scaling"]
    age = (30 - scaling["mean"][1]) / scaling["scale"][1]
    assert typed["x"] == [1, 30, 0, 1, 0]
    assert typed["h0"] == pytest.approx([1, age, 0, 1, 0])
    assert float(row["yes"]) == pytest.approx(typed["layers"][-1]["h"][0], rel=1e-12)


def test_categories_are_shown_by_name(mlp: Run, trained: Path) -> None:
    units = mlp("graph", "--weights", "w.json", "--neurons").out
    plot = mlp("plot", "weights", "--weights", "w.json", "--format", "json").out
    trace = mlp("backprop-trace", "--weights", "w.json", "--x", "male,30,Q", "--y", "yes").out
    page = mlp("backprop-trace", "--weights", "w.json", "--x", "male,30,Q", "--y", "yes", "--format", "html").out
    drawn = mlp("graph", "--weights", "w.json", "--x", "male,30,Q").out
    for text in (units, plot, trace, page, drawn):
        assert [name for name in FEATURES if name not in text] == []


def test_programs_read_the_names_of_the_inputs(mlp: Run, trained: Path, tmp_path: Path) -> None:
    sample = ("--weights", "w.json", "--x", "male,30,Q", "--y", "yes")
    for command in ("forward", "backprop-trace", "backprop-trace --optimizer random-search"):
        document = json.loads(mlp(*command.split(), *sample, "--format", "json").out)
        assert document["features"] == FEATURES
    (tmp_path / "mine.json").write_text(mlp("backprop-trace", *sample, "--format", "json").out)
    assert mlp("backprop-trace", *sample, "--compare", "mine.json").code == 0
    for option, matrix, names in ((), "W", FEATURES), (("--merge-bias",), "W_tilde", [*FEATURES, ""]):
        rows = csv_rows(mlp("backprop-trace", *sample, *option, "--format", "csv").out)
        assert [row["feature"] for row in rows if row["quantity"] == "dx"] == FEATURES
        for quantity in (matrix, f"d{matrix}", f"{matrix}_new"):
            units = [row["feature"] for row in rows if (row["quantity"], row["layer"]) == (quantity, "1")]
            assert units == names * 4
        assert not any(row["feature"] for row in rows if row["layer"] == "2" or row["quantity"] in ("a", "b", "h", "y"))
    assert "features" not in json.loads(mlp("backprop-trace", "--format", "json").out)
    assert "feature" not in csv_rows(mlp("backprop-trace", "--format", "csv").out)[0]


def test_an_exercise_and_a_part_of_a_trace_name_the_inputs(mlp: Run, trained: Path, tmp_path: Path) -> None:
    sample = ("--weights", "w.json", "--x", "male,30,Q", "--y", "yes")
    note = "x₁ Sex=male, x₂ Age, x₃ Embarked=C, x₄ Embarked=Q, x₅ Embarked=S"
    assert mlp("backprop-trace", *sample, "--exercise", "--output", "s.md").code == 0
    assert [(tmp_path / name).read_text().count(note) for name in ("s.md", "s-solution.md")] == [1, 1]
    rounded = mlp("backprop-trace", *sample, "--exercise", "--format", "markdown", "--round-steps", 2).out
    assert 0 < rounded.index("Every step is rounded") < rounded.index(note)
    assert mlp("backprop-trace", *sample).out.count(note) == 1
    assert mlp("backprop-trace", *sample, "--only", "backward").out.count(note) == 1
    assert note not in mlp("backprop-trace", *sample, "--layer", 2).out


def test_of_many_inputs_the_first_and_the_last_of_each_column_are_named(mlp: Run, tmp_path: Path) -> None:
    """Five columns of five categories each, and two of one input: 27 inputs."""
    rows = [[*"abcde"[k % 5] * 5, k, "no" if k % 2 else "yes", k % 3] for k in range(30)]
    write_csv(tmp_path / "t.csv", ("c1", "c2", "c3", "c4", "c5", "n", "b", "y"), rows)
    assert mlp("train", "--data", "t.csv", "--features", "c1,c2,c3,c4,c5,n,b", "--epochs", 1).code == 0
    spans = ["x₁ c1=a to x₅ c1=e", "x₆ c2=a to x₁₀ c2=e", "x₁₁ c3=a to x₁₅ c3=e", "x₁₆ c4=a to x₂₀ c4=e"]
    note = ", ".join([*spans, "x₂₁ c5=a to x₂₅ c5=e", "x₂₆ n", "x₂₇ b=yes"])
    assert note in mlp("backprop-trace", "--weights", "w.json", "--row", 0).out
    assert note in mlp("forward", "--weights", "w.json", "--x", "a,a,a,a,a,1,no").out


def test_a_trace_of_words_is_right(mlp: Run, trained: Path) -> None:
    found = mlp("backprop-trace", "--weights", "w.json", "--x", "male,30,Q; female,2,S", "--y", "yes; no", "--check")
    assert found.code == 0, found.err
    assert "elements are right" in found.out
    assert mlp("backprop-trace", "--weights", "w.json", "--row", 3).code == 0


@pytest.mark.parametrize("command", ["forward", "evaluate"])
def test_an_unseen_word_is_refused_with_its_place_or_is_no_category(
    mlp: Run, trained: Path, tmp_path: Path, command: str
) -> None:
    (tmp_path / "new.csv").write_text("Sex,Age,Embarked,Survived\nmale,30,Q,yes\nfemale,2,Z,no\n")
    found = mlp(command, "--weights", "w.json", "--data", "new.csv")
    assert (found.code, found.err) == (
        1,
        "mlp: error: new.csv:3: column 3 ('Embarked'): 'Z' did not occur in training; known are C, Q, S; correct it, "
        "or use --unknown zero\n",
    )
    found = mlp(command, "--weights", "w.json", "--data", "new.csv", "--unknown", "zero")
    assert found.code == 0
    note = "cells with a category not seen in training become 0: 1 in 'Embarked'"
    assert f"mlp: new.csv: {note}\n" in found.err


def test_a_typed_word_that_is_unknown_is_refused(mlp: Run, trained: Path) -> None:
    found = mlp("backprop-trace", "--weights", "w.json", "--x", "male,30,Z", "--y", "yes")
    assert found.code == 2
    assert "--x: Embarked: 'Z' did not occur in training; known are C, Q, S" in found.err
    assert mlp("backprop-trace", "--weights", "w.json", "--x", "male,30,Z", "--y", "yes", "--unknown", "zero").code == 0


UNSEEN = "cells with a category not seen in training become 0: 1 in 'Embarked'"


@pytest.mark.parametrize(
    "command", [("forward",), ("backprop-trace", "--y", "yes"), ("graph",), ("plot", "slice", "--y", "yes")]
)
def test_a_note_counts_the_typed_words_that_are_unknown(mlp: Run, trained: Path, command: tuple[str, ...]) -> None:
    words = (*command, "--weights", "w.json", "--x", "male,30,Z")
    assert UNSEEN not in mlp(*words).err
    found = mlp(*words, "--unknown", "zero")
    assert (found.code, found.err.count(f"mlp: --x: {UNSEEN}\n")) == (0, 1)


@pytest.mark.parametrize("command", [("backprop-trace",), ("graph",), ("plot", "slice")])
def test_notes_count_unknown_words_and_gaps_in_the_rows_of_a_file(
    mlp: Run, trained: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    (tmp_path / "new.csv").write_text("Sex,Age,Embarked,Survived\nmale,30,Z,yes\nmale,,S,no\nmale,,S,no\n")
    found = mlp(
        *command, *("-w", "w.json", "--data", "new.csv", "--rows", "0:2", "--unknown", "zero"), "--missing=mean"
    )
    assert found.code == 0
    assert f"mlp: new.csv: {UNSEEN}\n" in found.err
    assert "mlp: new.csv: missing values become the mean of the training set: 1 in 'Age'\n" in found.err


def test_a_gap_in_a_typed_sample_is_filled_as_in_training(mlp: Run, tmp_path: Path) -> None:
    """The mean of 10, 20 and 60 is 30; S is the most frequent."""
    (tmp_path / "t.csv").write_text("age,port,lives\n10,S,no\n20,S,yes\n60,C,no\n,,yes\n")
    assert mlp("train", "--data", "t.csv", "--missing", "mean", "--epochs", 1).code == 0
    found = mlp("forward", "--weights", "w.json", "--x", "NA,; 1,C", "--y", "no; no", "--format", "json")
    assert [sample["x"] for sample in json.loads(found.out)["samples"]] == [[30, 1], [1, 0]]
    note = "missing values become the mean or most frequent category of the training set: 1 in 'age', 1 in 'port'"
    assert found.err == f"mlp: --x: {note}\n"
    (tmp_path / "numbers.csv").write_text("age,size,y\n10,1,1\n20,4,2\n60,,3\n")
    assert mlp("train", "--data", "numbers.csv", "--missing", "mean", "--epochs", 1).code == 0
    found = mlp("forward", "--weights", "w.json", "--x", "?,2", "--format", "json")
    assert json.loads(found.out)["samples"][0]["x"] == [30, 2]


def test_a_gap_in_a_typed_sample_is_refused_unless_told(mlp: Run, trained: Path) -> None:
    found = mlp("forward", "--weights", "w.json", "--x", "male,,S")
    assert (found.code, found.err) == (
        2,
        "mlp: error: --x: Age: the value is missing; give one, or use --missing mean\n",
    )
    assert mlp("forward", "--weights", "w.json", "--x", "male,,S", "--missing", "mean").code == 0
    assert mlp("forward", "--weights", "w.json", "--x", "male,,S", "--missing", "max").code == 2


def test_quotes_keep_the_commas_and_semicolons_of_a_typed_word(mlp: Run, tmp_path: Path) -> None:
    rows = '"a;b",1,"u;v"\n"c,d",2,w\n"5"" pipe",3,"u;v"\n'
    (tmp_path / "t.csv").write_text(f"kind,size,class\n{rows * 3}")
    assert mlp("train", "--data", "t.csv", "--epochs", 1).code == 0
    x = '"a;b",1; "c,d" , 2;5" pipe,3;"5"" pipe",4'  # in alphabetical order: 5" pipe, a;b, c,d
    found = mlp("forward", "--weights", "w.json", "--x", x, "--y", '"u;v"; w; w; w', "--format", "json")
    assert found.code == 0, found.err
    samples = json.loads(found.out)["samples"]
    assert [sample["x"] for sample in samples] == [[0, 1, 0, 1], [0, 0, 1, 2], [1, 0, 0, 3], [1, 0, 0, 4]]
    assert [sample["y"] for sample in samples] == [[0], [1], [1], [1]]


@pytest.mark.parametrize(
    ("sample", "cells"),
    [
        ('"a;b", 1', ["a;b", "1"]),
        ('"5"" pipe",5" pipe', ['5" pipe', '5" pipe']),
        ('"a,b', ['"a', "b"]),  # a quote that nothing closes is a letter
        ('a",""', ['a"', ""]),
        ('"', ['"']),
    ],
)
def test_the_quotes_of_a_cell_are_those_around_it(sample: str, cells: list[str]) -> None:
    assert cells_of(sample) == cells


def test_a_table_in_another_format_has_the_same_categories_and_classes(mlp: Run, tmp_path: Path) -> None:
    """pandas writes True into CSV, and 2.0 in a column with gaps; Parquet has booleans and whole numbers."""
    from pyarrow import parquet, table

    draw = random.Random(5)
    rows = [(draw.random() < 0.5, draw.choice([1, 2, 3]), draw.random() < 0.5) for _ in range(40)]
    names = ("member", "class", "left")
    write_csv(tmp_path / "t.csv", names, [(member, f"{number}.0", left) for member, number, left in rows])
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    parquet.write_table(table(columns), tmp_path / "t.parquet")
    assert mlp("train", "--data", "t.csv", "--categories", "class", "--epochs", 3, "--seed", 2).code == 0
    of_all = ("--part", "all", "--format", "json")
    one, other = (mlp("evaluate", "-w", "w.json", "--data", f"t.{name}", *of_all) for name in ("csv", "parquet"))
    assert other.code == 0, other.err
    assert json.loads(one.out)["loss"] == json.loads(other.out)["loss"]
    one, other = (
        mlp("forward", "-w", "w.json", "--x", x, "--y", y) for x, y in (("True,2.0", "True"), ("true,2", "TRUE"))
    )
    assert (one.code, one.out) == (0, other.out)


def test_missing_words_are_the_most_frequent_later_too(mlp: Run, tmp_path: Path) -> None:
    passengers(tmp_path / "t.csv")
    lines = (tmp_path / "t.csv").read_text().splitlines()
    lines[5] = "P4,,3,,no"
    (tmp_path / "t.csv").write_text("\n".join(lines))
    assert "5: column" not in mlp("train", "--data", "t.csv", "--ignore", "1").err
    done = mlp("train", "--data", "t.csv", "--ignore", "1", "--missing", "mean", "--epochs", 2)
    assert done.code == 0, done.err
    (tmp_path / "new.csv").write_text("Sex,Age,Embarked\nmale,30,\nmale,30,S\n")  # S is the most frequent
    found = csv_rows(mlp("forward", "--weights", "w.json", "--data", "new.csv", "--format", "csv").out)
    assert found[0] == found[1]


def test_a_network_without_gaps_refuses_them_later_unless_told(mlp: Run, trained: Path, tmp_path: Path) -> None:
    (tmp_path / "new.csv").write_text("Sex,Age,Embarked\nmale,30,\n")
    found = mlp("forward", "--weights", "w.json", "--data", "new.csv")
    assert (found.code, "the value is missing" in found.err) == (1, True)
    assert mlp("forward", "--weights", "w.json", "--data", "new.csv", "--missing", "mean").code == 0


def test_a_gap_in_rows_to_predict_is_filled_as_the_advice_says(mlp: Run, trained: Path, tmp_path: Path) -> None:
    """Rows without a prediction cannot be dropped."""
    (tmp_path / "new.csv").write_text("Sex,Age,Embarked\nmale,,S\n")
    found = mlp("forward", "--weights", "w.json", "--data", "new.csv")
    assert found.err == "mlp: error: new.csv:2: column 2 ('Age'): the value is missing (''); use --missing mean\n"
    assert mlp("forward", "--weights", "w.json", "--data", "new.csv", "--missing", "mean").code == 0


def test_a_first_row_with_the_names_that_a_network_knows_is_a_header(mlp: Run, tmp_path: Path) -> None:
    rows = "".join(f"{k},{k * 7 % 11},{k * 3}\n" for k in range(12))
    (tmp_path / "t.csv").write_text(f"2019,2020,2021\n{rows}")
    noted = mlp("train", "--data", "t.csv", "--epochs", 1).err
    assert "the first row is not a header; columns are called x1, x2, …; --header makes it one" in noted
    assert mlp("train", "--data", "t.csv", "--header", "--epochs", 1).code == 0
    found = csv_rows(mlp("forward", "--weights", "w.json", "--data", "t.csv", "--format", "csv").out)
    assert len(found) == 12


def test_a_table_of_words_without_a_header_names_the_option(mlp: Run, tmp_path: Path) -> None:
    """Its first row looks like names. With the option, it is a row: two are predicted, and evaluated."""
    (tmp_path / "t.csv").write_text("color,shape,y\nred,a,u\nblue,b,v\nred,b,u\nblue,a,u\ngreen,a,v\n")
    assert mlp("train", "--data", "t.csv", "--epochs", 1).code == 0
    (tmp_path / "x.csv").write_text("red,a\nblue,b\n")
    (tmp_path / "xy.csv").write_text("red,a,u\nblue,b,v\n")
    advice = "if line 1 is data, add --no-header\n"
    words = ("forward", "-w", "w.json", "--data", "x.csv")
    assert mlp(*words).err == f"mlp: error: x.csv: no column 'color'; the network takes color, shape; {advice}"
    assert mlp(*words, "--no-header").out.count("\n") == 3
    assert "--no-header" not in mlp(*words, "--header").err
    words = ("evaluate", "-w", "w.json", "--data", "xy.csv")
    assert mlp(*words).err.endswith(advice)
    assert mlp(*words, "--target", 3).err.endswith(advice)
    assert json.loads(mlp(*words, "--target", 3, "--no-header", "--format", "json").out)["samples"] == 2


def test_a_first_row_that_becomes_the_header_by_order_is_named_with_the_option(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text("red,a,u\nblue,b,v\nred,b,u\nblue,a,u\ngreen,a,v\n")
    assert mlp("train", "--data", "t.csv", "--no-header", "--epochs", 1).code == 0
    (tmp_path / "x.csv").write_text("red,a\nblue,b\n")
    assert (
        "in this order: red, a; if line 1 is data, add --no-header\n"
        in mlp("forward", "-w", "w.json", "--data", "x.csv").err
    )


def test_training_goes_on_with_the_same_categories(mlp: Run, trained: Path, tmp_path: Path) -> None:
    lines = (tmp_path / "t.csv").read_text().splitlines()
    only = [lines[0], *(line for line in lines[1:] if ",Q," not in line)]
    (tmp_path / "fewer.csv").write_text("\n".join(only))
    done = mlp("train", "--data", "fewer.csv", "--weights", "w.json", "--epochs", 2, "--output", "more.json")
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "more.json").read_text())["categories"]["Embarked"] == ["C", "Q", "S"]


def test_a_validation_file_has_the_categories_of_the_training_data(mlp: Run, tmp_path: Path) -> None:
    passengers(tmp_path / "t.csv")
    (tmp_path / "v.csv").write_text("Survived,Age,Sex,Embarked\nno,3,male,S\nyes,4,male,S\n")
    done = mlp("train", "--data", "t.csv", "--ignore", "Name", "--validation-data", "v.csv", "--epochs", 2)
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "w.json").read_text())["features"] == ["Sex", "Age", "Embarked"]


SECOND = ("Paid", "Sex", "Survived", "Weight", "Age", "Embarked")  # another last column, and another order


def with_weights(people: list[list[object]], path: Path, header: tuple[str, ...]) -> None:
    """These people with weights, and what they paid, in a table with these columns."""
    rows = [
        {**dict(zip(HEADER, each, strict=True)), "Paid": "no", "Weight": 1 + k % 3} for k, each in enumerate(people)
    ]
    write_csv(path, header, [[row[name] for name in header] for row in rows])


@pytest.mark.parametrize("target", [(), ("--target", "Survived"), ("--target", "5"), ("--target", "-1")])
@pytest.mark.parametrize("weight", ["Weight", "4"])
def test_a_validation_file_has_the_target_and_the_weights_of_the_training_data(
    mlp: Run, tmp_path: Path, target: tuple[str, ...], weight: str
) -> None:
    people = passengers(tmp_path / "people.csv")
    with_weights(people, tmp_path / "t.csv", ("Sex", "Age", "Embarked", "Weight", "Survived"))
    with_weights(people, tmp_path / "v.csv", SECOND)
    words = ["train", "--data", "t.csv", "--sample-weight", weight, "--validation-data", "v.csv", "--epochs", 20]
    done = mlp(*words, *target, "--format", "json")
    assert done.err.count("no --target") == (not target)
    again = ("--data", "v.csv", "--sample-weight", "Weight", "--part", "all", "--format", "json")
    found = mlp("evaluate", "-w", "w.json", *again)
    assert json.loads(done.out)["parts"]["validation"]["loss"] == json.loads(found.out)["loss"]


def test_training_goes_on_with_the_same_target(mlp: Run, trained: Path, tmp_path: Path) -> None:
    with_weights(passengers(tmp_path / "people.csv"), tmp_path / "more.csv", SECOND)
    on = ("train", "--weights", "w.json", "--epochs", 2, "--output", "more.json", "--data")
    done = mlp(*on, "more.csv")
    assert (done.code, "no --target" in done.err) == (0, False), done.err
    assert json.loads((tmp_path / "more.json").read_text())["data"]["targets"] == ["Survived"]
    (tmp_path / "other.csv").write_text((tmp_path / "more.csv").read_text().replace("Survived", "lives"))
    assert "other.csv: no column 'Survived', a target or the weight of the training data" in mlp(*on, "other.csv").err
    assert mlp(*on, "other.csv", "--target", "lives").code == 0


def test_a_file_written_by_hand_has_categories(mlp: Run, tmp_path: Path) -> None:
    """ŷ = 1·[colour = red] + 2·[colour = tan] + 3·[colour = violet] + 10·size"""
    document = {
        "layers": [{"weights": [[1, 2, 3, 10]]}],
        "features": ["colour", "size"],
        "categories": {"colour": ["red", "tan", "violet"]},
    }
    (tmp_path / "w.json").write_text(json.dumps(document))
    (tmp_path / "new.csv").write_text("size,colour\n1,tan\n2,red\n")
    found = csv_rows(mlp("forward", "--weights", "w.json", "--data", "new.csv", "--format", "csv").out)
    assert [float(row["y1"]) for row in found] == [12, 21]


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"features": ["colour"]}, "features: 4 different inputs expected, found 3 with their categories"),
        ({"features": None}, "features"),
        ({"categories": {"color": ["a"]}}, "categories.color: "),
        ({"categories": {"colour": ["a", "a", "b"]}}, "categories.colour: 3 different names expected"),
        ({"categories": {"colour": "red"}}, "categories.colour: a list expected"),
        ({"categories": {"colour": []}}, "features: "),
        ({"categories": ["colour"]}, "categories is not an object"),
    ],
    ids=str,
)
def test_categories_that_do_not_fit_are_refused(mlp: Run, tmp_path: Path, part: dict[str, object], words: str) -> None:
    document = {"layers": [{"weights": [[1, 2, 3, 10]]}], "features": ["colour", "size"]}
    document |= {"categories": {"colour": ["red", "tan", "violet"]}, **part}
    document = {key: value for key, value in document.items() if value is not None}
    (tmp_path / "w.json").write_text(json.dumps(document))
    found = mlp("forward", "--weights", "w.json", "--x", "tan,1")
    assert found.code == 1
    assert words in found.err
