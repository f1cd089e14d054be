"""Tasks: which activations and losses go with them, what outputs say, and figures as scikit-learn computes them."""

import numpy as np
import pytest
from core_helpers import activation, goes_together
from sklearn import metrics as sk

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import chain
from mlpcli.core.objective import check_pair, objective_of
from mlpcli.core.tasks import TASKS, Task, choose_output, decide, evaluate, headline, off_and_on, usual_pair

ONE = np.array(1.0)
ASKED = [(a, loss) for a in (None, *ACTIVATIONS) for loss in (None, *LOSSES)]


def by_name(row: Task) -> str:
    return row.name


def outputs_of(task: Task) -> int:
    return 1 if task.name == "binary" else 3


@pytest.mark.parametrize("task", TASKS.values(), ids=by_name)
def test_each_pair_is_one_that_the_loss_takes(task: Task) -> None:
    for name, loss in task.pairs:
        check_pair(objective_of(LOSSES[loss]), chain(2, [outputs_of(task)], [activation(name)]))


@pytest.mark.parametrize(
    ("task", "pair"),
    [
        ("regression", ("linear", "mse")),
        ("binary", ("sigmoid", "bce")),
        ("multiclass", ("softmax", "cce")),
        ("multilabel", ("sigmoid", "bce")),
    ],
)
def test_usual_pair_is_the_textbooks(task: str, pair: tuple[str, str]) -> None:
    assert choose_output(TASKS[task], None, None) == pair


@pytest.mark.parametrize(
    ("task", "name", "loss", "pair"),
    [
        ("multiclass", None, "hinge", ("linear", "hinge")),
        ("multiclass", "linear", None, ("linear", "hinge")),
        ("multiclass", "sigmoid", None, ("sigmoid", "bce")),
        ("multiclass", None, "kl", ("softmax", "kl")),
        ("multiclass", None, "mse", ("softmax", "mse")),
        ("regression", "tanh", None, ("tanh", "mse")),
        ("regression", None, "mae", ("linear", "mae")),
        ("binary", "tanh", None, ("tanh", "mse")),
    ],
)
def test_what_is_asked_for_is_completed(task: str, name: str | None, loss: str | None, pair: tuple[str, str]) -> None:
    assert choose_output(TASKS[task], name, loss) == pair


@pytest.mark.parametrize("task", TASKS.values(), ids=by_name)
def test_a_choice_is_kept_or_refused_with_a_reason_and_a_way_out(task: Task) -> None:
    for name, loss in ASKED:
        fits = any(name in (None, a) and loss in (None, b) for a, b in task.pairs)
        if fits:
            chosen = choose_output(task, name, loss)
            assert chosen in task.pairs
            assert name in (None, chosen[0])
            assert loss in (None, chosen[1])
            continue
        with pytest.raises(ChoiceError, match=f"^{task.name} cannot use ") as caught:
            choose_output(task, name, loss)
        text = str(caught.value)
        assert "\n" not in text
        assert text.count("; ") == 1, "one remedy, after the reason"
        assert tuple(text.rsplit("; use ", 1)[1].split(" with ")) in task.pairs


@pytest.mark.parametrize(
    ("task", "name", "loss", "told"),
    [
        (
            "binary",
            "softmax",
            None,
            "binary cannot use softmax: softmax outputs sum to 1, so a single one is always 1; use sigmoid with bce",
        ),
        (
            "regression",
            "softmax",  # the reason against the activation comes before that against the loss
            "cce",
            "regression cannot use softmax with cce: "
            "softmax outputs sum to 1, but the numbers to predict need not; use linear with mse",
        ),
        (
            "multiclass",
            "sigmoid",
            "kl",
            "multiclass cannot use sigmoid with kl: cce and kl look at the right class only: "
            "outputs that do not sum to 1 could all become 1; use softmax with kl",
        ),
        (
            "multiclass",
            "tanh",
            "bce",
            "multiclass cannot use tanh with bce: they do not suit each other; use softmax with bce",
        ),
    ],
)
def test_a_refusal_gives_the_reason_and_a_pair_with_the_loss_that_was_asked_for(
    task: str, name: str, loss: str | None, told: str
) -> None:
    with pytest.raises(ChoiceError) as caught:
        choose_output(TASKS[task], name, loss)
    assert str(caught.value) == told


@pytest.mark.parametrize("task", TASKS.values(), ids=by_name)
def test_what_a_task_never_takes_has_its_reason(task: Task) -> None:
    taken = {name for pair in task.pairs for name in pair}
    for name in (*ACTIVATIONS, *LOSSES):
        if name not in taken:
            assert task.against[name]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_a_file_without_task_gets_one_that_takes_its_outputs(name: str) -> None:
    for outputs in (1, 3):
        task, loss = usual_pair(name, outputs)
        assert task in TASKS
        assert goes_together(loss, name)


@pytest.mark.parametrize(
    ("name", "outputs", "pair"),
    [
        ("softmax", 3, ("multiclass", "cce")),
        ("sigmoid", 3, ("multilabel", "bce")),
        ("sigmoid", 1, ("binary", "bce")),
        ("tanh", 1, ("regression", "mse")),
        ("step", 1, ("regression", "mse")),  # serves no task
    ],
)
def test_the_usual_task_follows_from_the_outputs(name: str, outputs: int, pair: tuple[str, str]) -> None:
    assert usual_pair(name, outputs) == pair


def test_targets_of_tanh_are_minus_1_and_1() -> None:
    assert off_and_on("tanh") == (-1, 1)
    assert all(off_and_on(name) == (0, 1) for name in ACTIVATIONS if name != "tanh")


# ----- What outputs say ---------------------------------------------------------------------------------------------


def test_class_is_that_of_the_largest_output() -> None:
    y = np.array([[0.1, 0.7, 0.2], [-3.0, -5.0, -2.0], [1.0, 0.0, 0.0]])
    assert decide(TASKS["multiclass"], "softmax", y).tolist() == [1, 2, 0]


@pytest.mark.parametrize(
    ("name", "outputs", "classes"),
    [
        ("sigmoid", [0.2, 0.49, 0.51, 0.9], [0, 0, 1, 1]),
        ("linear", [-2.0, 0.49, 0.51, 3.0], [0, 0, 1, 1]),
        ("tanh", [-0.9, -0.01, 0.01, 0.9], [0, 0, 1, 1]),
    ],
)
def test_yes_is_above_the_middle(name: str, outputs: list[float], classes: list[int]) -> None:
    found = decide(TASKS["binary"], name, np.array(outputs)[:, None])
    assert found.tolist() == classes
    labels = decide(TASKS["multilabel"], name, np.array([outputs]))
    assert labels.tolist() == [[bool(c) for c in classes]]


def test_numbers_stay_as_they_are() -> None:
    y = np.array([[1.5, -2.0]])
    assert decide(TASKS["regression"], "linear", y) is y


@pytest.mark.parametrize("name", ["tanh", "sigmoid"])
def test_targets_are_decided_as_what_they_stand_for(name: str) -> None:
    off, on = off_and_on(name)
    assert decide(TASKS["binary"], name, np.array([[off], [on]])).tolist() == [0, 1]
    assert decide(TASKS["multilabel"], name, np.array([[off, on]])).tolist() == [[False, True]]


# ----- Figures ------------------------------------------------------------------------------------------------------

G = np.random.default_rng(0)


def test_regression_is_measured_in_the_targets_own_unit() -> None:
    y, y_hat, unit = G.normal(size=(20, 2)), G.normal(size=(20, 2)), np.array([10.0, 0.5])
    found = evaluate(TASKS["regression"], "linear", y, y_hat, unit, 0.25, ("a", "b"))
    assert (found.samples, found.loss, found.classes, found.confusion) == (20, 0.25, (), None)
    expected = {
        "mae": sk.mean_absolute_error(y * unit, y_hat * unit),
        "rmse": np.sqrt(sk.mean_squared_error(y * unit, y_hat * unit)),
        "r2": sk.r2_score(y, y_hat),
    }
    assert found.metrics == pytest.approx(expected)
    assert headline(TASKS["regression"], "linear", y, y_hat, unit) == pytest.approx(expected["mae"])


@pytest.mark.parametrize(("task", "classes"), [("multiclass", 3), ("binary", 2)])
def test_classes_are_measured_as_by_scikit_learn(task: str, classes: int) -> None:
    truth = G.integers(0, classes, 30)
    y = np.eye(classes)[truth] if task == "multiclass" else truth[:, None].astype(float)
    y_hat = G.random(y.shape)
    predicted = y_hat.argmax(1) if task == "multiclass" else (y_hat[:, 0] > 0.5).astype(int)
    found = evaluate(TASKS[task], "sigmoid", y, y_hat, ONE, 1.0, ("a", "b", "c")[:classes])
    precision, recall, f1, _ = sk.precision_recall_fscore_support(truth, predicted, average="macro", zero_division=0)
    accuracy = sk.accuracy_score(truth, predicted)
    assert found.metrics == pytest.approx({"accuracy": accuracy, "precision": precision, "recall": recall, "f1": f1})
    assert np.array_equal(found.confusion, sk.confusion_matrix(truth, predicted))
    assert [report.support for report in found.classes] == np.bincount(truth).tolist()
    assert headline(TASKS[task], "sigmoid", y, y_hat, ONE) == pytest.approx(accuracy)


def test_labels_are_measured_as_by_scikit_learn() -> None:
    y, y_hat = (G.random((30, 3)) < 0.4).astype(float), G.random((30, 3))
    predicted = (y_hat > 0.5).astype(float)
    found = evaluate(TASKS["multilabel"], "sigmoid", y, y_hat, ONE, 1.0, ("a", "b", "c"))
    precision, recall, f1, _ = sk.precision_recall_fscore_support(y, predicted, average="macro", zero_division=0)
    expected = {
        "accuracy": 1 - sk.hamming_loss(y, predicted),
        "exact_match": sk.accuracy_score(y, predicted),
        "precision": precision,
        "recall": recall,
        "f1": f1,
    }
    assert found.metrics == pytest.approx(expected)
    assert [report.name for report in found.classes] == ["a", "b", "c"]


@pytest.mark.parametrize("task", TASKS.values(), ids=by_name)
def test_the_metric_shown_while_training_is_one_that_is_measured(task: Task) -> None:
    y = np.eye(3)[:, : outputs_of(task)]
    y_hat = 0.3 + 0.1 * y
    found = evaluate(task, task.pairs[0][0], y, y_hat, ONE, 0.0, ("a", "b", "c")[: max(2, y.shape[1])])
    assert found.metrics[task.metric] == pytest.approx(headline(task, task.pairs[0][0], y, y_hat, ONE))


def test_a_class_that_is_neither_there_nor_predicted_does_not_count_in_the_macro_average() -> None:
    y = np.eye(3)[[0, 0, 1]]
    y_hat = np.eye(3)[[0, 1, 1]]
    found = evaluate(TASKS["multiclass"], "softmax", y, y_hat, ONE, 0.0, ("a", "b", "c")).metrics
    truth, predicted = [0, 0, 1], [0, 1, 1]
    assert found["precision"] == pytest.approx(sk.precision_score(truth, predicted, average="macro"))
    assert found["recall"] == pytest.approx(sk.recall_score(truth, predicted, average="macro"))
    assert found["f1"] == pytest.approx(sk.f1_score(truth, predicted, average="macro"))


@pytest.mark.parametrize(
    ("truth", "predicted"),
    [([0, 0, 1, 2], [0, 1, 1, 1]), ([0, 0, 1, 1], [0, 2, 1, 1]), ([2, 2, 0, 0], [1, 1, 0, 2])],
    ids=["never predicted", "never there", "both"],
)
def test_a_class_that_is_there_or_predicted_counts_in_the_macro_average(truth: list[int], predicted: list[int]) -> None:
    names = ("a", "b", "c")
    found = evaluate(TASKS["multiclass"], "softmax", np.eye(3)[truth], np.eye(3)[predicted], ONE, 0.0, names).metrics
    expected = sk.precision_recall_fscore_support(truth, predicted, average="macro", zero_division=0)
    assert [found[name] for name in ("precision", "recall", "f1")] == pytest.approx(expected[:3])
