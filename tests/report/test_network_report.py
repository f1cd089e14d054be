"""A network in a few lines, and an evaluation as tables, as one flat table and as a document."""

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.metrics import ClassReport, Evaluation
from mlpcli.core.network import Layer, chain
from mlpcli.report.network_report import (
    evaluation_report,
    flat_parts,
    layers_document,
    network_sheet,
    network_words,
    parts_sheet,
)

CONFUSION = np.array([[3, 1], [0, 2]])
CLASSES = (ClassReport("cat", 1.0, 0.75, 6 / 7, 4), ClassReport("dog", 2 / 3, 1.0, 0.8, 2))
CLASSIFIED = Evaluation(6, 0.25, {"accuracy": 5 / 6, "f1": 0.5}, CLASSES, CONFUSION)
REGRESSED = Evaluation(3, 0.5, {"mae": 1.5, "r2": None}, (), None)


def layers() -> tuple[Layer, ...]:
    """4-16-3: 4·16 + 16 = 80 and 16·3 + 3 = 51 parameters."""
    return chain(4, [16, 3], [ACTIVATIONS["relu"], ACTIVATIONS["softmax"]])


def test_a_network_is_told_by_its_widths_and_its_layers_by_their_parameters() -> None:
    assert network_words(layers()) == "network 4-16-3, 131 parameters"
    assert network_words(chain(999, [1], [ACTIVATIONS["linear"]])) == "network 999-1, 1,000 parameters"
    sheet = network_sheet(layers())
    assert (sheet.title, sheet.columns) == (
        "Network 4-16-3, 131 parameters",
        ("layer", "units", "activation", "W", "parameters"),
    )
    assert sheet.rows == ((1, 16, "relu", "16×4", 80), (2, 3, "softmax", "3×16", 51))
    assert layers_document(layers())[1] == {
        "layer": 2, "units": 3, "activation": "softmax", "W": "3×16", "parameters": 51
    }  # fmt: skip


def test_an_evaluation_has_its_numbers_its_classes_and_its_confusion_matrix() -> None:
    report = evaluation_report(CLASSIFIED, "iris, test part", "cce")
    summary, classes, confusion = report.sheets
    assert (summary.title, summary.columns) == ("iris, test part", ("metric", "value"))
    assert summary.rows == (("samples", 6), ("loss (cce)", 0.25), ("accuracy", 5 / 6), ("F1", 0.5))
    assert (classes.title, classes.columns) == ("Classes", ("class", "precision", "recall", "F1", "samples"))
    assert classes.rows == (("cat", 1.0, 0.75, 6 / 7, 4), ("dog", 2 / 3, 1.0, 0.8, 2))
    assert confusion.title == "Confusion matrix (rows: true class, columns: prediction)"
    assert (confusion.columns, confusion.rows) == (("", "cat", "dog"), (("cat", 3, 1), ("dog", 0, 2)))
    assert report.document == {
        "data": "iris, test part", "samples": 6, "loss": 0.25, "accuracy": 5 / 6, "f1": 0.5,
        "classes": [vars(each) for each in CLASSES], "confusion": [[3, 1], [0, 2]],
    }  # fmt: skip


def test_a_regression_has_no_classes() -> None:
    report = evaluation_report(REGRESSED, "x", "mse")
    assert [sheet.rows for sheet in report.sheets] == [
        (("samples", 3), ("loss (mse)", 0.5), ("MAE", 1.5), ("R²", None))
    ]
    assert report.document == {"data": "x", "samples": 3, "loss": 0.5, "mae": 1.5, "r2": None}


def test_a_flat_table_has_a_row_for_each_number() -> None:
    """The confusion matrix row by row, with the true class and then the predicted one."""
    flat = evaluation_report(CLASSIFIED, "x", "cce").flat
    assert flat.columns == ("metric", "class", "predicted", "value")
    assert flat.rows == (
        ("samples", "", "", 6), ("loss", "", "", 0.25), ("accuracy", "", "", 5 / 6), ("f1", "", "", 0.5),
        ("precision", "cat", "", 1.0), ("recall", "cat", "", 0.75), ("f1", "cat", "", 6 / 7), ("support", "cat", "", 4),
        ("precision", "dog", "", 2 / 3), ("recall", "dog", "", 1.0), ("f1", "dog", "", 0.8), ("support", "dog", "", 2),
        ("confusion", "cat", "cat", 3), ("confusion", "cat", "dog", 1),
        ("confusion", "dog", "cat", 0), ("confusion", "dog", "dog", 2),
    )  # fmt: skip


def test_parts_of_the_data_are_rows_of_one_table() -> None:
    parts = {"training": REGRESSED, "test": Evaluation(2, 0.75, {"mae": 2.5, "r2": 0.5}, (), None)}
    sheet = parts_sheet(parts, "mse")
    assert (sheet.title, sheet.columns) == ("Results", ("part", "samples", "loss (mse)", "MAE", "R²"))
    assert sheet.rows == (("training", 3, 0.5, 1.5, None), ("test", 2, 0.75, 2.5, 0.5))
    flat = flat_parts(parts)
    assert flat.columns == ("part", "metric", "class", "predicted", "value")
    assert [row for row in flat.rows if row[0] == "test"] == [
        ("test", "samples", "", "", 2), ("test", "loss", "", "", 0.75),
        ("test", "mae", "", "", 2.5), ("test", "r2", "", "", 0.5),
    ]  # fmt: skip
