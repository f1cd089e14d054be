"""What a trace starts from: with it and the forward tables, an update can be computed again."""

import numpy as np
from report_helpers import drawn_trace, lecture_trace

from mlpcli.derivation.tables import given_sheet
from mlpcli.derivation.trace import Trace


def given(found: Trace, whole: bool = False, **background: str) -> dict[str, str]:
    return {str(row[0]): str(row[1]) for row in given_sheet(found, whole, background).rows}


def test_the_lectures_slide_is_given() -> None:
    assert given(lecture_trace()) == {
        "x": "1.8, 0.5",
        "y": "1, 0, 0",
        "loss": "ce-negatives, sum over 3 outputs",
        "optimizer": "sgd: θ ← θ − ηg",
        "with": "η = 0.5",
    }


def test_both_reductions_the_regulariser_and_every_constant_are_given() -> None:
    """Keras' constants of Adam, whose means start at 0."""
    found = given(drawn_trace(("tanh", "linear"), "mse", "adam", samples=2, l2=0.1))
    assert found["loss"] == "mse, mean over 3 outputs, mean over 2 samples, λ₂ = 0.1"
    assert found["with"] == "η = 0.05, β₁ = 0.9, β₂ = 0.999, ε = 1e-07, m₀ = 0, v₀ = 0"
    assert {"x[1]", "x[2]", "y[1]", "y[2]"} <= set(found)


def test_an_update_follows_from_what_is_given() -> None:
    """dW⁽¹⁾ of one sample is da xᵀ; the new W is W − η dW."""
    trace = lecture_trace()
    x, eta = np.array(given(trace)["x"].split(", "), float), float(given(trace)["with"].removeprefix("η = "))
    layer = trace.steps[0].layers[0]
    np.testing.assert_allclose(layer.before.W - eta * np.outer(layer.da[0], x), layer.after.W, rtol=1e-12)


def test_many_samples_are_told_in_short() -> None:
    trace = drawn_trace(samples=6)
    assert given(trace)["x"].startswith("6×3 numbers from ")
    assert "x[6]" in given(trace, whole=True)


def test_how_the_network_was_trained_is_told() -> None:
    assert "trained with" not in given(lecture_trace())
    assert given(lecture_trace(), trained="adam, learning rate 0.001")["trained"] == "adam, learning rate 0.001"
