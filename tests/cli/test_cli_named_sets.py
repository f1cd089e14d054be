"""Every named set that needs no download trains with its defaults, and scores far better than guessing."""

import json
from pathlib import Path

import pytest
from cli_support import Run, Trained, csv_rows, figures_of, strict_json, train_in

# Accuracy on samples the network has not seen. Guessing gives 1 / classes; simple published models do better than this.
UNSEEN_ACCURACY = {
    "iris": 0.85,
    "iris-2d": 0.85,
    "wine": 0.9,
    "breast-cancer": 0.9,
    "digits": 0.9,
    "moons": 0.9,
    "circles": 0.9,
    "spirals": 0.9,
}
# R² on the training samples; a straight line reaches 0.65 on all of cars, least squares 0.52 on all of diabetes.
TRAINING_R2 = {"cars": 0.5, "diabetes": 0.4}


@pytest.mark.parametrize("name", UNSEEN_ACCURACY)
def test_classes_are_told_apart_with_the_defaults(tmp_path: Path, name: str) -> None:
    test = train_in(tmp_path, "--dataset", name).report["parts"]["test"]
    assert test["accuracy"] >= UNSEEN_ACCURACY[name]
    assert (tmp_path / "w.json").exists()


@pytest.mark.parametrize("name", TRAINING_R2)
def test_quantities_are_predicted_with_the_defaults(tmp_path: Path, name: str) -> None:
    parts = train_in(tmp_path, "--dataset", name).report["parts"]
    assert parts["training"]["r2"] >= TRAINING_R2[name]
    assert parts["test"]["r2"] > 0.2  # 0 is what the mean alone reaches


def test_xor_is_learned_completely(tmp_path: Path) -> None:
    parts = train_in(tmp_path, "--dataset", "xor").report["parts"]
    assert parts["training"]["samples"] == 4
    assert parts["training"]["accuracy"] == 1.0


def test_every_named_set_is_trained_here_or_needs_a_download(mlp: Run) -> None:
    listed = {row["name"] for row in csv_rows(mlp("datasets", "--format", "csv").out)}
    assert listed == {*UNSEEN_ACCURACY, *TRAINING_R2, "xor", "mnist", "fashion-mnist"}


def test_the_list_of_sets_tells_their_size(mlp: Run) -> None:
    sets = {entry["name"]: entry for entry in strict_json(mlp("datasets", "--format", "json").out)["datasets"]}
    sizes = {name: (entry["samples"], entry["features"], entry["classes"]) for name, entry in sets.items()}
    assert sizes["iris"] == (150, 4, 3)
    assert sizes["mnist"] == (70_000, 784, 10)
    assert sizes["diabetes"] == (442, 10, None)


def test_the_list_says_whether_images_are_here(mlp: Run, tmp_path: Path) -> None:
    nowhere = {"MLP_DATA": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path)}
    rows = {row["name"]: row for row in csv_rows(mlp("datasets", "--format", "csv", env=nowhere).out)}
    assert rows["iris"]["here"] == "yes"
    assert rows["mnist"]["here"] == "no"


def test_evaluate_finds_the_test_part_of_a_named_set_again(mlp: Run, iris: Trained) -> None:
    found = strict_json(mlp("evaluate", "--weights", iris.weights, "--format", "json").out)
    assert figures_of(found) == iris.report["parts"]["test"]
    assert found["samples"] == 30  # a fifth of 150


@pytest.mark.parametrize("part", ["training", "validation"])
def test_evaluate_finds_the_other_parts_again(mlp: Run, iris: Trained, part: str) -> None:
    found = strict_json(mlp("evaluate", "--weights", iris.weights, "--part", part, "--format", "json").out)
    assert figures_of(found) == iris.report["parts"][part]


def test_evaluate_finds_the_test_part_of_a_file_again(mlp: Run, iris_file: Trained) -> None:
    flowers = iris_file.folder / "flowers.csv"
    found = strict_json(mlp("evaluate", "--weights", iris_file.weights, "--data", flowers, "--format", "json").out)
    assert figures_of(found) == iris_file.report["parts"]["test"]


def test_the_parts_are_disjoint_shares_of_the_data(iris: Trained) -> None:
    parts = iris.report["parts"]
    assert [parts[name]["samples"] for name in ("training", "validation", "test")] == [96, 24, 30]


def test_the_figures_of_classes_follow_from_the_confusion_matrix(iris: Trained) -> None:
    test = iris.report["parts"]["test"]
    counts = test["confusion"]
    assert sum(map(sum, counts)) == test["samples"]
    assert test["accuracy"] == sum(counts[k][k] for k in range(3)) / test["samples"]
    for k, report in enumerate(test["classes"]):
        assert report["support"] == sum(counts[k])
        assert report["recall"] == pytest.approx(counts[k][k] / sum(counts[k]), rel=1e-14)
        assert report["precision"] == pytest.approx(counts[k][k] / sum(row[k] for row in counts), rel=1e-14)


def test_offline_the_error_names_every_place_it_looked_in(mlp: Run, tmp_path: Path) -> None:
    places = {"MLP_DATA": "/nowhere/variable", "XDG_CACHE_HOME": str(tmp_path / "cache")}
    offline = {"https_proxy": "http://127.0.0.1:9", "http_proxy": "http://127.0.0.1:9", "no_proxy": ""}
    (tmp_path / "option").mkdir()
    found = mlp("train", "--dataset", "mnist", "--data-dir", "option", "-q", env={**places, **offline})
    assert found.code == 1
    assert found.out == ""
    for place in ("option/mnist, option", "/nowhere/variable", str(tmp_path / "cache")):
        assert place in found.err


def test_a_folder_that_is_not_there_is_named_before_anything_is_fetched(mlp: Run) -> None:
    found = mlp("train", "--dataset", "mnist", "--data-dir", "nowhere")
    assert (found.code, found.err) == (1, "mlp: error: nowhere: no such folder; correct --data-dir\n")


def test_weights_never_fetch_images_unasked_and_name_the_folder_of_training(
    mlp: Run, tmp_path: Path, iris: Trained
) -> None:
    document = strict_json(iris.weights.read_text())
    del document["digest"]
    missing = {"MLP_DATA": "", "XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    for folder, code, words in (
        ("/nowhere/images", 2, "add --data-dir /nowhere/images"),
        (
            "images",
            1,
            "give its folder with --data-dir, or download it with --dataset mnist; searched: images/mnist, images",
        ),
    ):
        data = {**document["data"], "dataset": "mnist", "data_dir": folder}
        (tmp_path / "v.json").write_text(json.dumps({**document, "data": data}))
        found = mlp("evaluate", "-w", "v.json", env=missing)
        assert (found.code, found.out) == (code, "")
        assert words in found.err
