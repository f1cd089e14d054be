"""Metrics against scikit-learn's, and None where a figure is not defined."""

import math
from collections.abc import Callable
from fractions import Fraction

import numpy as np
import pytest
from sklearn import metrics as sk

from mlpcli.core.arrays import Array
from mlpcli.core.metrics import (
    ClassReport,
    accuracy,
    class_reports,
    confusion_matrix,
    label_reports,
    mean_absolute_error,
    mean_of,
    r_squared,
    root_mean_squared_error,
    weighted_mean,
)

G = np.random.default_rng(0)
TRUTH, PREDICTED = G.integers(0, 4, 60), G.integers(0, 4, 60)
TRUE_LABELS, PREDICTED_LABELS = G.random((40, 3)) < 0.4, G.random((40, 3)) < 0.5
Y, Y_HAT = G.normal(size=(30, 2)), G.normal(size=(30, 2))
NAMES = ("a", "b", "c", "d")


def figures(reports: tuple[ClassReport, ...]) -> list[list[float | None]]:
    """Precision, recall, F1 and support, as scikit-learn gives them: a row for each figure."""
    return [list(row) for row in zip(*[(r.precision, r.recall, r.f1, r.support) for r in reports], strict=True)]


def test_confusion_counts_true_class_by_predicted_class() -> None:
    assert np.array_equal(confusion_matrix(TRUTH, PREDICTED, 4), sk.confusion_matrix(TRUTH, PREDICTED))
    found = confusion_matrix(np.array([0, 0, 2]), np.array([1, 0, 1]), 3)
    assert found.tolist() == [[1, 1, 0], [0, 0, 0], [0, 1, 0]]


@pytest.mark.parametrize("dtype", [np.uint8, np.int8, np.int64])
def test_confusion_does_not_overflow_small_integers(dtype: type) -> None:
    found = confusion_matrix(np.array([99, 99], dtype), np.array([98, 99], dtype), 100)
    assert found.shape == (100, 100)
    assert (found[99, 98], found[99, 99], found.sum()) == (1, 1, 2)


def test_accuracy_is_that_of_scikit_learn() -> None:
    assert accuracy(TRUTH, PREDICTED) == pytest.approx(sk.accuracy_score(TRUTH, PREDICTED))
    share = 1 - sk.hamming_loss(TRUE_LABELS, PREDICTED_LABELS)
    assert accuracy(TRUE_LABELS, PREDICTED_LABELS) == pytest.approx(share)


def test_class_reports_are_those_of_scikit_learn() -> None:
    reports = class_reports(confusion_matrix(TRUTH, PREDICTED, 4), NAMES)
    expected = sk.precision_recall_fscore_support(TRUTH, PREDICTED)
    np.testing.assert_allclose(figures(reports), expected)
    assert tuple(report.name for report in reports) == NAMES


def test_label_reports_are_those_of_scikit_learn() -> None:
    reports = label_reports(TRUE_LABELS, PREDICTED_LABELS, NAMES[:3])
    expected = sk.precision_recall_fscore_support(TRUE_LABELS, PREDICTED_LABELS)
    np.testing.assert_allclose(figures(reports), expected)


def test_a_class_by_hand() -> None:
    # class 0: 3 there, 4 found, 2 right: precision 2/4, recall 2/3, F1 2·2/(3 + 4) = 4/7
    (first, _) = class_reports(np.array([[2, 1], [2, 5]]), ("no", "yes"))
    assert first == ClassReport("no", pytest.approx(0.5), pytest.approx(2 / 3), pytest.approx(4 / 7), 3)


def test_what_is_not_defined_is_none() -> None:
    never_found, never_there, nowhere = class_reports(np.array([[0, 2, 0], [0, 0, 0], [0, 0, 0]]), NAMES[:3])
    assert never_found == ClassReport("a", None, 0.0, 0.0, 2)
    assert never_there == ClassReport("b", 0.0, None, 0.0, 0)
    assert nowhere == ClassReport("c", None, None, None, 0)


def test_mean_over_classes_counts_the_undefined_as_0_like_scikit_learn() -> None:
    truth, predicted = np.array([0, 0, 1, 1]), np.array([0, 2, 0, 0])
    reports = class_reports(confusion_matrix(truth, predicted, 3), NAMES[:3])
    expected = sk.precision_recall_fscore_support(truth, predicted, average="macro", zero_division=0)
    found = [mean_of([getattr(r, name) for r in reports]) for name in ("precision", "recall", "f1")]
    np.testing.assert_allclose(np.array(found, float), expected[:3])


def test_mean_of_nothing_is_none() -> None:
    assert mean_of([]) is None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (mean_absolute_error, sk.mean_absolute_error),
        (root_mean_squared_error, lambda y, y_hat: np.sqrt(sk.mean_squared_error(y, y_hat))),
        (r_squared, sk.r2_score),
    ],
)
def test_errors_of_a_regression_are_those_of_scikit_learn(
    ours: Callable[[Array, Array], float], theirs: Callable[[Array, Array], float]
) -> None:
    assert ours(Y, Y_HAT) == pytest.approx(theirs(Y, Y_HAT), rel=1e-12)
    assert ours(Y[:, :1], Y_HAT[:, :1]) == pytest.approx(theirs(Y[:, :1], Y_HAT[:, :1]), rel=1e-12)


@pytest.mark.parametrize("unit", [1.0, 1e200, 1e-200])
def test_weighted_errors_are_those_of_scikit_learn_in_whatever_unit_weights_are(unit: float) -> None:
    counts = np.where(np.arange(30) % 5, G.random(30), 0)  # every fifth sample does not count
    weights = counts * unit
    assert mean_absolute_error(Y, Y_HAT, None, weights) == pytest.approx(
        sk.mean_absolute_error(Y, Y_HAT, sample_weight=counts)
    )
    square = sk.mean_squared_error(Y, Y_HAT, sample_weight=counts)
    assert root_mean_squared_error(Y, Y_HAT, weights) == pytest.approx(square**0.5)
    r2 = sk.r2_score(Y, Y_HAT, sample_weight=counts)
    assert r_squared(Y, Y_HAT, weights) == pytest.approx(r2)
    assert r_squared(Y, Y_HAT, np.where(counts, counts, 5e-324)) == pytest.approx(r2)  # the least that is not 0


def test_r_squared_of_right_predictions_is_1_and_of_the_mean_0() -> None:
    assert r_squared(Y, Y) == 1
    assert r_squared(Y, np.broadcast_to(Y.mean(0), Y.shape)) == pytest.approx(0, abs=1e-15)


@pytest.mark.parametrize("constant", [0.0, 2.0, 0.1, -1e6 / 3])
@pytest.mark.parametrize("n", [1, 3, 10, 50])
def test_r_squared_of_a_constant_target_is_not_defined(constant: float, n: int) -> None:
    y = np.full((n, 1), constant)
    assert r_squared(y, y + 0.5) is None


def test_r_squared_is_not_defined_where_float64_cannot_hold_it() -> None:
    """1 − 1e620: the predictions miss targets of 1e-310 by 1."""
    assert r_squared(Y * 1e-310, Y_HAT) is None
    assert r_squared(Y * 1e-310, Y_HAT * 1e-310) == pytest.approx(r_squared(Y, Y_HAT), rel=1e-9)


def test_r_squared_is_not_defined_where_one_of_several_targets_is_constant() -> None:
    assert r_squared(np.column_stack([Y[:, 0], np.ones(30)]), Y_HAT) is None


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e-160, 1e155, 1e300])
def test_errors_of_huge_and_tiny_targets_are_those_of_fractions(size: float) -> None:
    """Their squares overflow, or are 0; a fraction does neither."""
    y, y_hat = Y[:, :1] * size, Y_HAT[:, :1] * size
    true, off = (
        [Fraction(v) for v in y[:, 0]],
        [Fraction(p) - Fraction(v) for v, p in zip(y[:, 0], y_hat[:, 0], strict=True)],
    )
    n, unit = len(true), Fraction(size)
    squares, mean = sum((e / unit) ** 2 for e in off), sum(true) / n
    with np.errstate(all="raise", under="ignore"):
        assert mean_absolute_error(y, y_hat) == pytest.approx(float(sum(map(abs, off)) / n), rel=1e-12, abs=5e-324)
        rmse = Fraction(math.sqrt(squares / n)) * unit
        assert root_mean_squared_error(y, y_hat) == pytest.approx(float(rmse), rel=1e-12, abs=5e-324)
        spread = sum(((v - mean) / unit) ** 2 for v in true)
        assert r_squared(y, y_hat) == pytest.approx(float(1 - squares / spread), rel=1e-12)


# ----- A stack of networks ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("outputs", [(), (3,)])
@pytest.mark.parametrize("weighted", [False, True])
def test_an_accuracy_of_a_stack_is_that_of_each_network(outputs: tuple[int, ...], weighted: bool) -> None:
    truth, predicted = G.random((4, 10, *outputs)) < 0.5, G.random((4, 10, *outputs)) < 0.5
    weights = G.random((4, 10)) if weighted else None
    found = accuracy(truth, predicted, tuple(range(1, truth.ndim)), weights)
    own = [None] * 4 if weights is None else weights
    assert found == pytest.approx(
        [accuracy(t, p, None, w) for t, p, w in zip(truth, predicted, own, strict=True)], rel=1e-14
    )
    assert found[0] == pytest.approx(np.average((truth == predicted)[0].reshape(10, -1).mean(axis=1), weights=own[0]))


@pytest.mark.parametrize("weighted", [False, True])
def test_an_error_of_a_stack_is_that_of_each_network(weighted: bool) -> None:
    y, y_hat = G.normal(size=(4, 10, 3)), G.normal(size=(4, 10, 3)) * [[[1]], [[1e9]], [[1e-9]], [[1e200]]]
    weights = G.random((4, 10)) if weighted else None
    found = mean_absolute_error(y, y_hat, (-2, -1), weights)
    own = [None] * 4 if weights is None else weights
    expected = [sk.mean_absolute_error(t, p, sample_weight=w) for t, p, w in zip(y, y_hat, own, strict=True)]
    assert found == pytest.approx(expected, rel=1e-13)


def test_samples_that_all_have_no_weight_have_no_error() -> None:
    assert weighted_mean(np.ones((2, 3)), np.zeros(2)) == 0
    assert weighted_mean(np.ones((2, 3)), np.array([[0.0, 0, 0], [0, 2, 0]])) == [0, 1]
