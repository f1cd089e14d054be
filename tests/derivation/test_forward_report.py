"""A forward pass as a report: titles with a few of the numbers, and the objective with its formulas."""

import numpy as np
import pytest
from core_helpers import lecture_network, random_network

from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.propagation import forward
from mlpcli.derivation.forward_report import Reached, forward_report
from mlpcli.report.sheet import Prediction, Report

X = np.array([[1.8, 0.5], [0.3, 1.2]])
LABELS = [Prediction("red", [0.4, 0.3, 0.3]), Prediction("", [0.1, 0.1, 0.8])]


def lecture_report(samples: int = 2, reached: Reached | None = None, x: np.ndarray = X) -> Report:
    passed = forward(lecture_network(), X[:samples])
    return forward_report(lecture_network(), x[:samples], passed, LABELS[:samples], ("r", "g", "b"), reached)


@pytest.mark.parametrize(("inputs", "few"), [(8, "1, 2, 3, 4, 5, 6, 7, 8"), (9, "1, 2, 3, 4, 5, 6, 7, 8, …")])
def test_a_title_has_up_to_8_inputs(inputs: int, few: str) -> None:
    network, x = random_network(inputs, [1], ["linear"]), np.arange(1.0, inputs + 1)[None]
    report = forward_report(network, x, forward(network, x), [Prediction(None, [1234567.0])], ("price",))
    assert report.sheets[0].title == f"Sample 1: x = [{few}] → price = 1.23457e+06"


def test_a_title_says_what_went_in_what_was_wanted_and_what_came_out() -> None:
    """Scaled inputs stand beside what the user gave; without a label none is said."""
    assert [sheet.title for sheet in lecture_report().sheets] == [
        "Sample 1: x = [1.8, 0.5] → red",
        "Sample 2: x = [0.3, 1.2] → no label",
    ]
    own = np.array([[18.0, 0.5], [0.3, 1.2]])
    reached = Reached(objective_of(LOSSES["cce"]), np.eye(3)[[0, 1]], np.array([0.5, 1.5]), 1.0, 0.0)
    assert [sheet.title for sheet in lecture_report(2, reached, own).sheets] == [
        "Sample 1: x = [18, 0.5], scaled [1.8, 0.5], y = [1, 0, 0] → red",
        "Sample 2: x = [0.3, 1.2], y = [0, 1, 0] → no label",
        "Objective, cce: ℓ = −y log ŷ",
    ]
    network, x = random_network(2, [2], ["linear"]), np.ones((1, 2))
    (sheet,) = forward_report(network, x, forward(network, x), [Prediction(None, [0.5, -2])], ("u", "v")).sheets
    assert sheet.title == "Sample 1: x = [1, 1] → u = 0.5, v = -2"


def test_each_unit_has_a_row_and_each_sample_a_record() -> None:
    """a⁽¹⁾ and a⁽²⁾ of the lecture's sample are 0.28, 0.72 and −0.232, −0.372, −0.46."""
    report = lecture_report(x=10 * X)
    first, second = report.sheets
    assert first.columns == ("layer", "unit", "activation", "a", "h")
    assert first.keys == 2
    assert [row[:3] for row in first.rows] == [
        (1, 1, "relu"),
        (1, 2, "relu"),
        (2, 1, "softmax"),
        (2, 2, "softmax"),
        (2, 3, "softmax"),
    ]
    assert [row[3] for row in first.rows] == pytest.approx([0.28, 0.72, -0.232, -0.372, -0.46])
    assert report.flat.columns == ("sample", "layer", "unit", "activation", "a", "h")
    assert report.flat.rows == (*((1, *row) for row in first.rows), *((2, *row) for row in second.rows))
    one, two = report.document["samples"]
    assert (one["x"], one["h0"], one["prediction"], two["prediction"]) == ([18, 5], [1.8, 0.5], "red", "")
    assert [layer["activation"] for layer in two["layers"]] == ["relu", "softmax"]
    assert [*two["layers"][0]["h"], *two["layers"][1]["h"]] == [row[4] for row in second.rows]
    assert two["layers"][1]["a"] == [row[3] for row in second.rows][2:]


@pytest.mark.parametrize(
    ("samples", "settings", "factors", "rows"),
    [
        (1, {}, None, [("L", "Σⱼ ℓⱼ", 2.0), ("J", "L", 2.0)]),
        (
            1,
            {"l2": 0.1},
            [3.0],
            [("ω", "w/Σw", 3.0), ("L", "ω Σⱼ ℓⱼ", 2.0), ("λΩ", "½ λ₂ Σ w²", 0.25), ("J", "L + λΩ", 2.25)],
        ),
        (
            2,
            {"batch_reduction": "sum"},
            [0.5, 4.0],
            [("ω[1]", "w", 0.5), ("ω[2]", "w", 4.0), ("L[1]", "Σⱼ ℓⱼ[1]", 0.75), ("L[2]", "Σⱼ ℓⱼ[2]", 1.25)],
        ),
    ],
)
def test_the_objective_is_told_with_its_formulas(
    samples: int, settings: dict[str, object], factors: list[float] | None, rows: list[tuple[str, str, float]]
) -> None:
    penalty = 0.25 if "l2" in settings else 0.0
    own = None if factors is None else np.array(factors)
    losses = np.array([0.75, 1.25])[:samples]
    reached = Reached(objective_of(LOSSES["cce"], **settings), np.eye(3)[:samples], losses, 2.0, penalty, own)
    report = lecture_report(samples, reached)
    sheet = report.sheets[-1]
    assert sheet.columns == ("quantity", "formula", "value")
    assert [*sheet.rows][: len(rows)] == rows
    assert sheet.rows[-1] == ("J", "L + λΩ" if penalty else "L", 2 + penalty)
    names = ("loss_function", "loss", "penalty", "objective")
    assert [report.document[name] for name in names] == ["cce", 2, penalty, 2 + penalty]
    assert [sample["y"] for sample in report.document["samples"]] == np.eye(3)[:samples].tolist()
    assert [sample["loss"] for sample in report.document["samples"]] == losses.tolist()
    assert report.flat.columns[-3:] == ("loss", "penalty", "objective")
    expected = [(losses[row[0] - 1], penalty, 2 + penalty) for row in report.flat.rows]  # type: ignore[operator]
    assert [row[-3:] for row in report.flat.rows] == expected
