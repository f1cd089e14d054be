"""What a training run says of itself: which weights it keeps and where, how it was trained, and how it ended."""

import sys
from dataclasses import replace
from typing import Any, NoReturn
from unittest.mock import Mock

import numpy as np
import pytest

from mlpcli.cli import training as module
from mlpcli.cli.network_options import RandomNetworkOptions
from mlpcli.cli.networks import random_model
from mlpcli.cli.train_command import TrainingOutput
from mlpcli.cli.training import TrainingRun, _how, _measured, _report, _saved, _train
from mlpcli.core.errors import ConditionError, MlpError
from mlpcli.core.samples import Scaling
from mlpcli.data.targets import Coding
from mlpcli.files.model import Model, Origin
from mlpcli.report.numbers import duration


def epoch(number: int, best: bool = False, seconds: float = 2.0) -> Mock:
    return Mock(
        number=number, best=best, seconds=seconds, loss=0.5, metric=0.5, validation_loss=None, validation_metric=None
    )


def run(
    *epochs: Mock, patience: int | None = None, solves: bool = False, outputs: TrainingOutput | None = None, **more: Any
) -> TrainingRun:
    """Of a plan of five epochs."""
    plan = Mock(patience=patience, epochs=5, learning_rate=0.1, batch=16, optimizer=Mock(solves=solves))
    training = Mock(plan=plan, samples=20, finished=True, epochs=lambda watch, asked: iter(epochs))
    model = more.pop("model", Mock(training={"optimizer": "adam", "seed": 7}, task=Mock(metric="mae")))
    keeper = Mock(words=["checkpoint: c"])
    return TrainingRun(model, {}, training, keeper, [*epochs], outputs or TrainingOutput(), Mock(quiet=True))


def test_with_patience_the_weights_are_those_of_the_last_epoch_that_was_best() -> None:
    epochs = [epoch(1, best=True), epoch(2), epoch(3, best=True), epoch(4)]
    assert run(*epochs, patience=2).kept == "those of epoch 3, the best"
    assert run(*epochs).kept == ""
    assert run(patience=2).kept == ""


def test_the_place_of_the_weights_may_be_standard_output() -> None:
    assert run(outputs=TrainingOutput(output="-")).place == "weights: standard output"
    assert run(outputs=TrainingOutput(output="w.npz")).place == "weights: w.npz"


def test_how_long_training_took_is_told_with_its_settings() -> None:
    settings = "adam, learning rate 0.1, batch 16, seed 7"
    assert _how(run(epoch(1))) == f"1 epoch in {duration(2.0)}: {settings}"
    assert _how(run(epoch(1), epoch(2, seconds=3.0))) == f"2 epochs in {duration(5.0)}: {settings}"
    assert _how(run(epoch(1), solves=True)) == f"solved in {duration(2.0)}: adam"


@pytest.mark.parametrize("solves", [True, False])
def test_outputs_that_overflow_in_the_end_are_a_divergence_unless_nothing_was_descended(
    monkeypatch: pytest.MonkeyPatch, solves: bool
) -> None:
    def overflow(samples: object, model: object) -> NoReturn:
        raise MlpError("the loss overflows")

    monkeypatch.setattr(module, "evaluated", overflow)
    measured = run(epoch(1), epoch(2), solves=solves)._replace(parts={"training": Mock()})
    with pytest.raises(MlpError) as caught:
        _measured(measured, ["weights: w.json"])
    if solves:
        assert str(caught.value) == "the loss overflows"
    else:
        assert isinstance(caught.value, ConditionError)
        ended = "training diverged at epoch 2: the loss overflows"
        assert str(caught.value) == f"{ended}; try a --learning-rate smaller than 0.1; weights: w.json"


@pytest.mark.parametrize(
    ("epochs", "patience", "said"),
    [
        (3, 2, "stopped after epoch 3; the weights are those of epoch 2"),
        (5, 2, "ran to the end; the weights are those of epoch 2"),
        (5, None, None),
    ],
)
def test_a_training_with_patience_tells_when_it_stopped(epochs: int, patience: int | None, said: str | None) -> None:
    trained = run(*(epoch(k, best=k == 2) for k in range(1, epochs + 1)), patience=patience)
    trained.epochs.clear()
    _train(trained, Mock(asked=0))
    assert [done.number for done in trained.epochs] == [*range(1, epochs + 1)]
    assert [call.args for call in trained.notes.note.call_args_list] == ([(said,)] if said else [])
    assert trained.keeper.at_the_end.call_count == 1
    assert trained.keeper.after_epoch.call_count == epochs


def test_what_ended_a_training_is_told_with_every_problem_of_saving(monkeypatch: pytest.MonkeyPatch) -> None:
    def save(run: TrainingRun, model: Mock, which: str) -> list[str]:
        assert model.training["interrupted"] == "after epoch 1"
        if which == "none":
            raise MlpError("w.json: full")
        return [f"weights: w.json ({which})"]

    monkeypatch.setattr(module, "_save", save)
    ended = {"interrupted": "after epoch 1"}
    model = random_model(RandomNetworkOptions(), "2,1", 1)
    fine = run(epoch(1), model=model)
    assert _saved(fine, ended, "the best", "why") == "why; weights: w.json (the best); checkpoint: c"
    with pytest.raises(MlpError, match=r"^why; w\.json: full; checkpoint: c$"):
        _saved(fine, ended, "none", "why")
    fine.keeper.at_the_end.side_effect = MlpError("c: full")
    with pytest.raises(MlpError, match=r"^why; c: full; weights: w\.json \(the best\); checkpoint: c$"):
        _saved(fine, ended, "the best", "why")


# ----- The report -----------------------------------------------------------------------------------------------------


def reported(model: Model, epochs: int = 2, form: str = "json", terminal: bool = False) -> Any:
    trained = run(*(epoch(k + 1) for k in range(epochs)), model=model, outputs=TrainingOutput(format=form))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(sys, "stdout", Mock(isatty=lambda: terminal))
        patched.setattr(module, "parts_sheet", lambda measured, loss: Mock(title=f"Results: {loss}"))
        return _report(trained, {}, Mock(document=[]))


def model(layers: str = "2,3,2", last: str | None = None, **changes: Any) -> Model:
    made = random_model(RandomNetworkOptions(layers, None, last), layers, 1)
    return replace(made, training={"optimizer": "adam", "seed": 7}, **changes)


def test_the_document_of_a_training_has_what_describes_it() -> None:
    document = reported(model()).document
    assert (document["task"], document["loss"], document["weights"]) == ("multiclass", "cce", "w.json")
    assert document["training"] == {"optimizer": "adam", "seed": 7, "epochs_run": 2, "seconds": 4.0}
    assert not {"class_weights", "target_scaling"} & document.keys()


def test_weights_of_classes_and_the_scaling_of_targets_are_in_the_document() -> None:
    classes = model()
    classes = replace(classes, objective=replace(classes.objective, class_weights=(1.0, 3.0)))
    assert reported(classes).document["class_weights"] == {"0": 1.0, "1": 3.0}
    scaled = model("2,3,1", "linear", coding=Coding(("y",), Scaling(np.array([5.0]), np.array([2.0]))))
    assert {*reported(scaled).document} - {*reported(classes).document} == {"target_scaling"}


def origin(dataset: str | None, file: str | None, weight: str | None = None) -> Origin:
    known: dict[str, Any] = {"targets": ("y",), "validation": 0.0, "test": 0.0, "seed": 1, "samples": 1}
    return Origin(dataset=dataset, file=file, sample_weight=weight, **known)


def test_the_loss_is_weighted_if_samples_have_weights() -> None:
    for known, loss in ((None, "cce"), (origin(None, "d.csv"), "cce"), (origin(None, "d.csv", "w"), "weighted cce")):
        assert reported(model(origin=known)).sheets[-1].title == f"Results: {loss}"


def test_the_title_names_the_data() -> None:
    def title(dataset: str | None, file: str | None) -> str:
        return str(reported(model(origin=origin(dataset, file))).title)

    assert title("iris", None) == "Training on iris"
    assert title(None, "d.csv") == "Training on d.csv"
    assert reported(model()).title == "Training"


@pytest.mark.parametrize(
    ("epochs", "form", "terminal", "drawn"),
    [
        (2, "table", True, True),
        (1, "table", True, False),
        (2, "table", False, False),
        (2, "html", False, True),
        (1, "html", False, False),
    ],
)
def test_curves_of_several_epochs_are_drawn_on_a_terminal_and_on_a_page(
    epochs: int, form: str, terminal: bool, drawn: bool
) -> None:
    report = reported(model(), epochs, form, terminal)
    assert bool(report.picture) is drawn
    assert len(report.sheets) == (2 if form == "html" else 1)  # a page has the network above its results
