"""--class-weight and --sample-weight, from training to evaluation, against scikit-learn on the predictions."""

import csv
import json
import random
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cli_support import Run, csv_rows
from sklearn import metrics as sk
from sklearn.utils.class_weight import compute_class_weight

from mlpcli.cli.weighting import class_weight_words, with_class_weights
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.tasks import TASKS

NAMES = ("no", "yes")


def patients(path: Path, rows: int = 60) -> list[dict[str, object]]:
    draw = random.Random(4)
    people: list[dict[str, object]] = []
    for _ in range(rows):
        sick = draw.random() < 0.25
        w = draw.choice([0, 0.5, 1, 3])
        people.append({"a": draw.gauss(sick, 1), "w": w, "b": draw.gauss(-sick, 1), "sick": NAMES[sick]})
    with open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ["a", "w", "b", "sick"])
        writer.writeheader()
        writer.writerows(people)
    return people


TRAIN = ("train", "--data", "t.csv", "--hidden", 3, "--epochs", 3, "--test", 0, "--validation", 0)


def probabilities(mlp: Run) -> list[float]:
    """Of the second class, for each row."""
    found = mlp("forward", "--weights", "w.json", "--data", "t.csv", "--format", "csv", "--digits", 17)
    assert found.code == 0, found.err
    return [float(row["yes"]) for row in csv_rows(found.out)]


def test_weighted_loss_and_metrics_are_scikit_learns(mlp: Run, tmp_path: Path) -> None:
    people = patients(tmp_path / "t.csv")
    done = mlp(*TRAIN, "--sample-weight", "w", "--class-weight", "yes=3", "--format", "json")
    assert done.code == 0, done.err
    part = json.loads(done.out)["parts"]["training"]
    y = np.array([row["sick"] == "yes" for row in people])
    w = np.array([row["w"] for row in people], float)
    p = np.array(probabilities(mlp))
    assert part["loss"] == pytest.approx(sk.log_loss(y, p, sample_weight=w * np.where(y, 3, 1)), rel=1e-9)
    assert part["accuracy"] == pytest.approx(sk.accuracy_score(y, p > 0.5, sample_weight=w), rel=1e-9)
    found = mlp("evaluate", "--weights", "w.json", "--part", "training", "--format", "json")
    document = json.loads(found.out)
    assert (document["loss"], document["accuracy"]) == (part["loss"], part["accuracy"])
    # other data have no weights unless they are asked for; classes keep theirs
    (tmp_path / "t.csv").rename(tmp_path / "u.csv")
    (tmp_path / "u.csv").write_text("".join((tmp_path / "u.csv").read_text().splitlines(True)[:-1]))
    for option, weights in (((), np.ones(59)), (("--sample-weight", "w"), w[:-1])):
        found = mlp("evaluate", "--weights", "w.json", "--data", "u.csv", *option, "--format", "json")
        expected = sk.log_loss(y[:-1], p[:-1], sample_weight=weights * np.where(y[:-1], 3, 1))
        assert json.loads(found.out)["loss"] == pytest.approx(expected, rel=1e-9)


def test_the_loss_is_called_weighted_if_samples_have_weights(mlp: Run, tmp_path: Path) -> None:
    patients(tmp_path / "t.csv")
    assert "loss (weighted bce)" in mlp(*TRAIN, "--sample-weight", "w").out
    assert "loss (bce)" in mlp(*TRAIN, "--ignore", "w").out


def test_balanced_weights_are_scikit_learns(mlp: Run, tmp_path: Path) -> None:
    """They count the training part alone, here 38 of 60 rows."""
    people = patients(tmp_path / "t.csv")
    done = mlp("train", "--data", "t.csv", "--ignore", "w", "--epochs", 2, "--class-weight", "balanced")
    assert done.code == 0, done.err
    weights = json.loads((tmp_path / "w.json").read_text())["class_weights"]
    text = ", ".join(f"{name} {weight:.4g}" for name, weight in weights.items())
    assert f"mlp: class weights: {text}\n" in done.err
    assert "loss (weighted bce)" in done.out
    found = mlp("evaluate", "--weights", "w.json", "--part", "training", "--format", "json")
    counts = [report["support"] for report in json.loads(found.out)["classes"]]
    assert sum(counts) < len(people)
    truth = np.repeat(NAMES, counts)
    expected = compute_class_weight("balanced", classes=np.array(NAMES), y=truth)
    assert list(weights.values()) == pytest.approx(expected.tolist(), rel=1e-12)


@pytest.mark.parametrize("suffix", [".json", ".npz"])
def test_weights_files_keep_class_weights(mlp: Run, tmp_path: Path, suffix: str) -> None:
    patients(tmp_path / "t.csv")
    first = f"w{suffix}"
    mlp(*TRAIN, "--ignore", "w", "--class-weight", "no=0.5, yes=2", "-o", first)
    more = (*TRAIN[:3], "--epochs", 1, "--test", 0, "--validation", 0, "-w", first)
    for option, expected in (((), {"no": 0.5, "yes": 2}), (("--class-weight", "none"), None)):
        done = mlp(*more, *option, "-o", "v.json")
        assert done.code == 0, done.err
        assert json.loads((tmp_path / "v.json").read_text()).get("class_weights") == expected
    assert "no 0.5, yes 2" in mlp("inspect", first).out


def test_resuming_is_the_same_and_knows_other_weights(mlp: Run, tmp_path: Path) -> None:
    patients(tmp_path / "t.csv")
    start = ("train", "--data", "t.csv", "--hidden", 3)
    weighted = ("--sample-weight", "w", "--class-weight", "yes=3")
    assert mlp(*start, *weighted, "--epochs", 6, "-o", "whole.json").code == 0
    assert mlp(*start, *weighted, "--epochs", 3, "--checkpoint", "c").code == 0
    for other, what in ((("--sample-weight", "w", "--class-weight", "yes=2"), "class weights no 1, yes 3"),
                        (("--ignore", "w", "--class-weight", "yes=3"), "training data")):  # fmt: skip
        done = mlp(*start, *other, "--epochs", 6, "--checkpoint", "c", "--resume")
        assert done.code == 1
        assert f"was made with {what}" in done.err
    assert mlp(*start, *weighted, "--epochs", 6, "--checkpoint", "c", "--resume").code == 0
    whole, resumed = (json.loads((tmp_path / name).read_text())["layers"] for name in ("whole.json", "w.json"))
    assert whole == resumed


def test_a_sweep_varies_class_weights(mlp: Run, tmp_path: Path) -> None:
    patients(tmp_path / "t.csv")
    done = mlp("sweep", "--data", "t.csv", "--sample-weight", "w", "--hidden", 3, "--epochs", 2, "--workers", 1,
               "--vary", "class-weight=none|balanced|yes=3", "--output", "r.jsonl")  # fmt: skip
    assert done.code == 0, done.err
    _, *networks = map(json.loads, (tmp_path / "r.jsonl").read_text().splitlines())
    for network in networks:
        options = ("--sample-weight", "w", "--hidden", 3, "--class-weight", network["settings"]["class-weight"])
        alone = mlp("train", "--data", "t.csv", *options, "--epochs", 2, "--format", "json")
        assert json.loads(alone.out)["parts"]["validation"]["loss"] == network["validation_loss"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--class-weight", "maybe=2"), "--class-weight: unknown class 'maybe': choose from no, yes"),
        (("--class-weight", "2"), "is balanced, none, or a weight by class as in A=2,B=1; not '2'"),
        (("--class-weight", "yes=-1"), "the weight of 'yes' is a number from 0 to 1e+100, not '-1'"),
        (("--class-weight", "yes=nan"), "the weight of 'yes' is a number from 0 to 1e+100, not 'nan'"),
        (("--class-weight", "yes=1,yes=2"), "--class-weight: 'yes' has two weights; give one"),
        (("--class-weight", "yes=0,no=0"), "all weights are 0"),
        (("--target", "a", "--ignore", "sick", "--class-weight", "balanced"), "not regression"),
    ],
)
def test_mistakes_in_class_weights_are_usage_errors(
    mlp: Run, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    patients(tmp_path / "t.csv")
    done = mlp("train", "--data", "t.csv", "--quiet", *options)
    assert (done.code, done.out) == (2, "")
    assert message in done.err
    assert done.err.count("\n") == 1


def test_class_names_may_have_commas_and_equals_signs(mlp: Run, tmp_path: Path) -> None:
    rows = "".join(f'{k},"{("a,b", "x=1")[k % 2]}"\n' for k in range(20))
    (tmp_path / "t.csv").write_text(f"size,kind\n{rows}")
    done = mlp("train", "--data", "t.csv", "--epochs", 1, "--class-weight", "a,b=2,x=1=3")
    assert done.code == 0, done.err
    assert json.loads((tmp_path / "w.json").read_text())["class_weights"] == {"a,b": 2, "x=1": 3}


def test_named_sets_have_no_weights(mlp: Run) -> None:
    done = mlp("train", "--dataset", "iris", "--sample-weight", "w")
    kinds = "tables, spreadsheets, Parquet files, databases and archives"
    assert (done.code, done.err) == (
        2,
        f"mlp: error: --sample-weight belongs to {kinds}; iris is a named data set\n",
    )


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        ({"maybe": 2}, "class_weights.maybe: unknown class 'maybe'"),
        ({"no": -1}, "class_weights: numbers of 0 or more expected"),
        ({"no": 0, "yes": 0}, "class_weights: numbers of 0 or more expected, at least one above 0"),
        ([1, 2], "class_weights is not an object"),
    ],
)
def test_mistakes_in_a_file_are_named(mlp: Run, tmp_path: Path, weights: object, message: str) -> None:
    layer = {"weights": [[1, 2]], "bias": [0], "activation": "sigmoid"}
    document = {"layers": [layer], "classes": list(NAMES), "class_weights": weights}
    (tmp_path / "w.json").write_text(json.dumps(document))
    done = mlp("inspect", "w.json")
    assert done.code == 1
    assert f"w.json: {message}" in done.err


def test_a_trace_of_trained_rows_has_their_weights(mlp: Run, tmp_path: Path) -> None:
    people = patients(tmp_path / "t.csv")
    assert mlp(*TRAIN, "--sample-weight", "w", "--class-weight", "yes=3").code == 0
    rows = [people[k] for k in range(4)]
    w = np.array([float(str(row["w"])) * (3 if row["sick"] == "yes" else 1) for row in rows])
    for data in ((), ("--data", "t.csv", "--sample-weight", "w")):
        done = mlp("backprop-trace", "--weights", "w.json", "--rows", "0:4", *data, "--check", "--format", "json")
        assert done.code == 0, done.err
        document = json.loads(done.out)
        assert document["steps"][0]["sample_factors"] == pytest.approx((w / w.sum()).tolist(), rel=1e-12)
        assert document["check"]["right"]


@pytest.mark.parametrize("optimizer", ["random-search", "normal-equations"])
def test_traces_without_a_gradient_show_no_weights(mlp: Run, tmp_path: Path, optimizer: str) -> None:
    layer = {"weights": [[1, 2], [0, 1]], "activation": "linear"}
    document = {"layers": [layer], "loss": "mse", "task": "multiclass", "class_weights": {"0": 2}}
    (tmp_path / "w.json").write_text(json.dumps({**document, "x": [[1, 2], [0, 1]], "y": [[1, 0], [0, 1]]}))
    done = mlp("backprop-trace", "--weights", "w.json", "--optimizer", optimizer)
    assert done.code == 2
    assert "takes no class or sample weights; use --optimizer sgd" in done.err


def test_forward_shows_the_weighted_loss(mlp: Run, tmp_path: Path) -> None:
    """ŷ = σ(x₁ + 2x₂) = 1/2, 0.731059; L = ln 2, −ln(1 − 0.731059) = 1.313262; w = 3, 1: L = 3.392703/4."""
    layer = {"weights": [[1, 2]], "bias": [0], "activation": "sigmoid"}
    document = {"layers": [layer], "classes": list(NAMES), "class_weights": {"yes": 3}}
    (tmp_path / "w.json").write_text(json.dumps(document))
    asked = ("forward", "--weights", "w.json", "--x", "0,0;1,0", "--y", "yes;no")
    assert json.loads(mlp(*asked, "--format", "json").out)["loss"] == pytest.approx(0.8481758, abs=1e-6)
    lines = [line.split() for line in mlp(*asked).out.splitlines()]
    assert ["ω[1]", "w/Σw", "0.7500"] in lines
    assert ["L", "Σₛ", "ω[s]", "L[s]", "0.8482"] in lines


def test_a_slice_is_of_the_weighted_loss(mlp: Run, tmp_path: Path) -> None:
    patients(tmp_path / "t.csv")
    assert mlp(*TRAIN, "--sample-weight", "w", "--class-weight", "yes=3").code == 0
    found = json.loads(mlp("evaluate", "--weights", "w.json", "--part", "training", "--format", "json").out)
    now = json.loads((tmp_path / "w.json").read_text())["layers"][0]["weights"][0][0]
    done = mlp("plot", "slice", "--weights", "w.json", "--weight", "W1[1,1]", f"--range={now},{now + 1}",
               "--format", "json")  # fmt: skip
    assert done.code == 0, done.err
    assert json.loads(done.out)["curve"]["objective"][0] == pytest.approx(found["loss"], rel=1e-9)


def test_a_part_without_any_weight_is_named(mlp: Run, tmp_path: Path) -> None:
    rows = "".join(f"{k}.5,{int(k == 3)},{'pq'[k % 2]}\n" for k in range(30))
    (tmp_path / "t.csv").write_text(f"a,w,y\n{rows}")
    done = mlp("train", "--data", "t.csv", "--sample-weight", "w", "--quiet")
    assert done.code == 1
    assert re.search(
        r"all \d+ samples of the (training|validation|test) set have weight 0; change the weights", done.err
    )


@pytest.mark.parametrize(("classes", "more"), [(10, ""), (11, " and 1 more"), (13, " and 3 more")])
def test_the_weights_of_ten_classes_are_named(classes: int, more: str) -> None:
    names = tuple(f"c{k}" for k in range(classes))
    weighted = replace(objective_of(LOSSES["cce"]), class_weights=tuple(k + 1 / 3 for k in range(classes)))
    named = "c0 0.3333, c1 1.333, c2 2.333, c3 3.333, c4 4.333, c5 5.333, c6 6.333, c7 7.333, c8 8.333, c9 9.333"
    assert class_weight_words(names, weighted) == named + more
    assert class_weight_words(names, objective_of(LOSSES["cce"])) == ""


def test_a_weight_of_a_class_is_at_most_1e100() -> None:
    given = with_class_weights(objective_of(LOSSES["cce"]), "b=1e100, c=0", TASKS["multiclass"], ("a", "b", "c"))
    assert given.class_weights == (1.0, 1e100, 0.0)
    with pytest.raises(ChoiceError, match=rf"as in A=2,B=1; not '{'x' * 40}'$"):
        with_class_weights(objective_of(LOSSES["cce"]), "x" * 41, TASKS["multiclass"], ("a", "b"))
    words = "counts training samples, but there are none; name the weights: a=1,b=1$"
    with pytest.raises(ChoiceError, match=words):
        with_class_weights(objective_of(LOSSES["cce"]), "balanced", TASKS["multiclass"], ("a", "b", "c"))


@pytest.mark.parametrize("text", ["", "a=1,b", "a"])
def test_text_that_is_no_weights_to_its_end_is_refused(text: str) -> None:
    with pytest.raises(ChoiceError, match=rf"a weight by class as in A=2,B=1; not '{text}'$"):
        with_class_weights(objective_of(LOSSES["cce"]), text, TASKS["multiclass"], ("a", "b"))


def test_a_class_is_named_with_or_without_quotes() -> None:
    names = ("a,b", '"c"', "d")
    for text, weights in (('"a,b"=2', (2, 1, 1)), ("a,b=2", (2, 1, 1)), ('"c"=3', (1, 3, 1))):
        given = with_class_weights(objective_of(LOSSES["cce"]), text, TASKS["multiclass"], names)
        assert given.class_weights == weights
    with pytest.raises(ChoiceError, match=rf"^--class-weight: the weight of 'd' is a number .*, not '{'9' * 40}'$"):
        with_class_weights(objective_of(LOSSES["cce"]), f"d={'9' * 400}", TASKS["multiclass"], names)
