"""The list of activations, losses and tasks, and the page of each."""

import numpy as np
import pytest

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError
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


def test_the_document_of_a_row_says_where_it_is_used() -> None:
    document = functions_report().document
    activations, losses, tasks = ({row["name"]: row for row in document[kind]} for kind in document)
    uses = {name: (row["usual_output_of"], row["possible_output_of"]) for name, row in activations.items()}
    assert uses["sigmoid"] == (["binary", "multilabel"], ["regression", "multiclass"])
    assert uses["linear"] == (["regression"], ["binary", "multiclass", "multilabel"])
    assert uses["softmax"] == (["multiclass"], [])
    assert uses["step"] == ([], [])
    assert {name: row["hidden_layers"] for name, row in activations.items() if row["hidden_layers"] != "yes"} == {
        "step": "no",
        "linear": "no",
        "softmax": "rarely",
    }
    assert [losses["bce"][key] for key in ("usual_for", "possible_for", "of_probabilities", "output_reduction")] == [
        ["binary", "multilabel"],
        ["multiclass"],
        True,
        "mean",
    ]
    assert [losses["hinge"][key] for key in ("usual_for", "possible_for", "of_probabilities", "targets")] == [
        [],
        ["multiclass"],
        False,
        "a single 1 for the right class and 0 for the others",
    ]
    binary = tasks["binary"]
    assert [binary[key] for key in ("output_units", "activation", "loss", "metric")] == [
        "one: how probable the second class is",
        "sigmoid",
        "bce",
        "accuracy",
    ]
    assert binary["pairs"][:2] == [["sigmoid", "bce"], ["sigmoid", "ce-negatives"]]
    assert binary["against"] == TASKS["binary"].against


@pytest.mark.parametrize(
    ("kind", "name", "key", "value"),
    [
        ("activations", "leaky-relu", "parameters", "alpha: 0.01"),
        ("activations", "relu", "parameters", ""),
        ("activations", "relu", "why_not", None),
        ("activations", "sigmoid", "usual_output_of", "binary; multilabel"),
        ("losses", "bce", "of_probabilities", "true"),
        ("losses", "mse", "of_probabilities", "false"),
        ("losses", "mse", "usual_for", "regression"),
        ("tasks", "binary", "metric", "accuracy"),
    ],
)
def test_each_fact_is_a_row_of_the_flat_table(kind: str, name: str, key: str, value: str | None) -> None:
    flat = functions_report().flat
    assert flat.columns == ("kind", "name", "property", "value")
    assert [row[3] for row in flat.rows if row[:3] == (kind, name, key)] == [value]
    assert not any(row[2] == "name" for row in flat.rows)


def test_pairs_and_reasons_of_a_task_are_one_cell_each() -> None:
    values = {row[2]: str(row[3]) for row in functions_report().flat.rows if row[:2] == ("tasks", "binary")}
    assert values["pairs"].startswith("sigmoid with bce; sigmoid with ce-negatives; sigmoid with mse; ")
    assert "; step: a binary step passes no gradient; " in values["against"]


def test_the_sheets_of_the_list_have_each_property_in_its_column() -> None:
    rows = {(sheet.title, row[0]): row[1:] for sheet in functions_report().sheets for row in sheet.rows}
    assert rows["Activations: h = f(a)", "relu"] == ("max(0, a)", "1 if a > 0 else 0")
    assert rows["Where activations are used", "sigmoid"] == ("(0, 1)", "yes", "binary, multilabel")
    assert rows["Losses: L(ŷ, y)", "mse"] == ("(ŷ − y)²", "2 (ŷ − y)")
    assert rows["Targets and ranges of losses", "mse"] == ("finite numbers", "mean of terms", "[0, ∞)")
    assert rows["Where losses are used", "bce"] == ("binary, multilabel", "multiclass")
    assert rows["Output and loss of each task", "multiclass"] == ("one for each class", "softmax", "cce")


def test_a_task_has_a_page_with_its_facts_and_pairs() -> None:
    """tanh ends at −1 and 1, which stand for no and yes; sigmoid, the usual one, has 0 and 1."""
    report = task_report(TASKS["multilabel"])
    facts, pairs = report.sheets
    assert (facts.title, dict(facts.rows)) == (  # type: ignore[arg-type]
        "Task multilabel",
        {
            "output units": "one for each label",
            "usual activation": "sigmoid",
            "usual loss": "bce",
            "metric": "accuracy",
        },
    )
    assert pairs.rows[0] == ("sigmoid", "(0, 1)", "bce, ce-negatives, mse, mae, half-sse")
    assert ("tanh", "(−1, 1)", "mse, mae, half-sse") in pairs.rows
    assert report.flat.columns == ("activation", "loss")
    assert report.flat.rows[:2] == (("sigmoid", "bce"), ("sigmoid", "ce-negatives"))
    assert report.closing[:2] == (
        "multilabel with tanh: a no is −1 and a yes is 1",
        "not softmax: softmax outputs sum to 1, but several labels may hold at once, or none",
    )
    assert not any("a no is" in line for line in task_report(TASKS["multiclass"]).closing)


def test_places_are_taken_up_to_a_million_and_only_by_functions() -> None:
    at = np.array([-1e6, 1e6])
    for name in ("relu", "mse"):
        assert function_report(name, at).flat.rows[0]
        with pytest.raises(ChoiceError, match=r"^--at takes numbers from −1e\+06 to 1e\+06$"):
            function_report(name, np.nextafter(at, np.inf))
        with pytest.raises(ChoiceError, match=r"^--at takes numbers"):
            function_report(name, np.nextafter(at, -np.inf))
    with pytest.raises(ChoiceError, match=r"^binary is a task and takes no --at; leave it out$"):
        function_report("binary", at)
    with pytest.raises(ChoiceError, match=r"^--at needs a function, as in mlp functions relu --at -1,0,1$"):
        function_report(None, at)
    assert function_report(None, None).document == functions_report().document
