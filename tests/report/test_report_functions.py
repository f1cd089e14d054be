"""The reference: every row of the tables is in it, with what the tables say and nothing else."""

import numpy as np
import pytest

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.tasks import TASKS
from mlpcli.report.functions.activation import activation_report
from mlpcli.report.functions.listing import functions_report
from mlpcli.report.functions.loss import loss_report
from mlpcli.report.functions.task import task_report
from mlpcli.report.functions.vector import vector_report
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report

PLACES = np.array([-1.0, 0.0, 2.0])
SHARES = np.array([0.1, 0.5, 0.9])


def report_of(name: str) -> Report:
    if name in ACTIVATIONS:
        row = ACTIVATIONS[name]
        return (activation_report if row.elementwise else vector_report)(row, PLACES)
    if name in LOSSES:
        return loss_report(LOSSES[name], SHARES if LOSSES[name].of_probabilities else PLACES)
    return task_report(TASKS[name])


def test_the_list_has_every_row_of_every_table() -> None:
    families = {"function": ACTIVATIONS, "loss": LOSSES, "task": TASKS}
    sheets = functions_report().sheets
    assert {sheet.columns[0] for sheet in sheets} == set(families)
    for sheet in sheets:
        assert [row[0] for row in sheet.rows] == list(families[sheet.columns[0]])


def test_each_formula_range_and_reason_is_in_the_document() -> None:
    document = functions_report().document
    for entry, row in zip(document["activations"], ACTIVATIONS.values(), strict=True):
        assert (entry["formula"], entry["derivative"], entry["range"]) == (row.formula, row.derivative, row.range)
        assert entry["why_not"] == (row.hidden or None)
    for entry, loss in zip(document["losses"], LOSSES.values(), strict=True):
        assert (entry["formula"], entry["derivative"], entry["range"]) == (loss.formula, loss.derivative, loss.range)


def test_the_lecture_s_questions_are_answered() -> None:
    """Output units, activation and loss of each task, and why two functions are not for hidden layers."""
    report = functions_report()
    answers = {row[0]: row[1:] for row in report.sheets[-1].rows}
    assert [(task, answers[task][1:]) for task in answers] == [
        ("regression", ("linear", "mse")),
        ("binary", ("sigmoid", "bce")),
        ("multiclass", ("softmax", "cce")),
        ("multilabel", ("sigmoid", "bce")),
    ]
    assert [str(answers[task][0]).split()[:3] for task in ("binary", "multiclass")] == [
        ["one:", "how", "probable"],
        ["one", "for", "each"],
    ]
    *others, step, linear = report.closing
    assert "binary with tanh: a no is −1 and a yes is 1" in others
    assert step.startswith("step is not for hidden layers: its derivative is 0")
    assert linear.startswith("linear is not for hidden layers: a stack of linear layers is one linear layer")


@pytest.mark.parametrize("form", RENDERERS)
@pytest.mark.parametrize("name", [*ACTIVATIONS, *LOSSES, *TASKS])
def test_each_row_has_a_page_in_every_form(name: str, form: str) -> None:
    text = RENDERERS[form].render(report_of(name), 4)
    assert text.endswith("\n")
    assert name in text.replace("-{}", "-") or form == "csv"
    assert "nan" not in text.lower().split()


def test_values_are_those_at_the_places_asked_for() -> None:
    # σ(0) = ½ with slope ¼; σ(−1) = 1 − σ(1); ReLU is flat at −1 and at 0, and the identity at 2
    sigmoid = activation_report(ACTIVATIONS["sigmoid"], np.array([-1.0, 0.0, 1.0])).flat.rows
    assert sigmoid[1] == (0.0, 0.5, 0.25)
    assert sigmoid[0][1] == pytest.approx(1 - sigmoid[2][1])  # type: ignore[operator]
    relu = activation_report(ACTIVATIONS["relu"], PLACES).flat.rows
    assert relu == ((-1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (2.0, 2.0, 1.0))


def test_values_are_one_table_where_formulas_are_typeset() -> None:
    """−1, 0 and 2, with ReLU and its slope beside each."""
    report = activation_report(ACTIVATIONS["relu"], PLACES)
    rows = RENDERERS["markdown"].render(report, 0).splitlines()
    start = rows.index("| a | f(a) | f′(a) |")
    assert rows[start + 2 : start + 5] == ["| -1 | 0 | 0 |", "| 0 | 0 | 0 |", "| 2 | 2 | 1 |"]


def test_softmax_of_the_lecture_s_example() -> None:
    """softmax([2.0, 1.0, 0.1]) = [0.7, 0.2, 0.1], as the slide prints it."""
    report = vector_report(ACTIVATIONS["softmax"], np.array([2.0, 1.0, 0.1]))
    assert [round(h, 1) for h in report.document["h"]] == [0.7, 0.2, 0.1]
    jacobian = np.array(report.document["jacobian"])
    np.testing.assert_allclose(jacobian.sum(axis=0), 0, atol=1e-15)  # the outputs always sum to 1
    np.testing.assert_allclose(jacobian, jacobian.T)


def test_a_loss_is_shown_for_both_targets() -> None:
    rows = loss_report(LOSSES["bce"], np.array([0.5])).flat.rows
    assert [row[:2] for row in rows] == [(0, 0.5), (1, 0.5)]
    assert [row[2] for row in rows] == pytest.approx([np.log(2)] * 2)  # −log ½
    assert [row[3] for row in rows] == pytest.approx([2, -2])  # (1 − y)/(1 − ŷ) and −y/ŷ


@pytest.mark.parametrize("name", LOSSES)
def test_it_is_said_where_the_gradient_is_not_the_slope_of_the_loss_shown(name: str) -> None:
    """By differences of the column L over ŷ: they are ∂L/∂ŷ, or the report says why not."""
    places = np.array([0.3 - 1e-6, 0.3, 0.3 + 1e-6])
    report = loss_report(LOSSES[name], places)
    found = np.array([row[2:4] for row in report.flat.rows], float).reshape(2, 3, 2)
    slopes = (found[:, 2, 0] - found[:, 0, 0]) / 2e-6
    agree = np.allclose(slopes, found[:, 1, 1], atol=1e-6)
    assert agree != any("held fixed" in line for line in report.closing)


def test_a_jump_is_no_steep_line() -> None:
    curve = activation_report(ACTIVATIONS["step"], PLACES).picture.curves[0].lines[0]
    gaps = np.flatnonzero(np.isnan(curve.y))
    assert len(gaps) == 1
    assert (curve.y[gaps - 1], curve.y[gaps + 1]) == ([0], [1])
    smooth = activation_report(ACTIVATIONS["sigmoid"], PLACES).picture.curves[0]
    assert all(np.isfinite(line.y).all() for line in smooth.lines)


@pytest.mark.parametrize("task", TASKS.values(), ids=lambda task: task.name)
def test_a_task_s_page_has_all_its_pairs_and_all_reasons(task: object) -> None:
    row = TASKS[task.name]  # type: ignore[attr-defined]
    report = task_report(row)
    pairs = {(output, loss) for output, _, losses in report.sheets[1].rows for loss in str(losses).split(", ")}
    assert pairs == set(row.pairs)
    against = report.closing[-len(row.against) :]
    assert [line for line, reason in zip(against, row.against.values(), strict=True) if reason not in line] == []


def test_a_loss_that_serves_with_some_outputs_is_not_refused_as_a_whole() -> None:
    """Cross-entropy is the usual loss of many classes, and impossible with a sigmoid or linear outputs."""
    closing = task_report(TASKS["multiclass"]).closing
    assert [line for line in closing if line.startswith("cce only with softmax: ")] != []
    assert [line for line in closing if line.startswith(("not cce", "not hinge"))] == []
    assert [line for line in task_report(TASKS["binary"]).closing if line.startswith("not cce: ")] != []
