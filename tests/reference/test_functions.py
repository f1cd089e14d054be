"""The list of activations, losses and tasks, and the page of each."""

import numpy as np
import pytest

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.losses import LOSSES
from mlpcli.core.tasks import TASKS
from mlpcli.reference.functions import function_report, functions_report, task_report
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Formula, Report

PLACES = np.array([-1.0, 0.0, 2.0])
SHARES = np.array([0.1, 0.5, 0.9])


def report_of(name: str) -> Report:
    if name in TASKS:
        return function_report(name, None)
    return function_report(name, SHARES if name in LOSSES and LOSSES[name].of_probabilities else PLACES)


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


def test_the_list_explains_every_letter_of_hinge() -> None:
    assert "hinge: ŷ_y = Σⱼ yⱼ ŷⱼ, c = 1 − y if ŷ − ŷ_y + 1 > 0 else 0" in functions_report().closing


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


@pytest.mark.parametrize("name", [*ACTIVATIONS, *LOSSES, *TASKS])
def test_each_row_has_a_page_in_every_form(name: str) -> None:
    for form in RENDERERS:
        text = RENDERERS[form].render(report_of(name), 4)
        assert text.endswith("\n")
        assert name in text.replace("-{}", "-") or form == "csv"
        assert "nan" not in text.lower().split()


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


def test_a_long_vector_has_no_formulas() -> None:
    """Of three numbers, the vector a is a matrix on the page; of a hundred there are tables alone."""
    (few,), (many,) = (function_report("softmax", np.zeros(count)).sections for count in (3, 100))
    assert [isinstance(block, Formula) for block in few.blocks].count(True) > 0
    assert not any(isinstance(block, Formula) for block in many.blocks)
