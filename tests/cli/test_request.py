"""What the options of training come to: the plan, completed by the usual numbers."""

from unittest.mock import Mock

import pytest

from mlpcli.cli.network_options import NetworkOptions, ObjectiveOptions, OptimizationOptions
from mlpcli.cli.options import SplitOptions
from mlpcli.cli.request import TrainingRequest, given_options, knobs, without
from mlpcli.core.errors import ChoiceError
from mlpcli.core.optimizers import OPTIMIZERS

ADAM = OPTIMIZERS["adam"]


def request(split: SplitOptions = SplitOptions(), seed: int = 1, **options: object) -> TrainingRequest:  # noqa: B008
    optimization = OptimizationOptions(**options)  # type: ignore[arg-type]
    return TrainingRequest(split, NetworkOptions(), ObjectiveOptions(), optimization, seed)


@pytest.mark.parametrize(
    ("samples", "batch", "epochs"),
    [
        (80, None, 500),
        (97, None, 429),
        (9_600, None, 5),
        (9_617, None, 5),
        (8_000, "10", 5),
        (5_999, "10", 5),
        (120, "1", 25),
    ],
)
def test_epochs_are_as_many_as_make_3000_updates_from_5_to_500(samples: int, batch: str | None, epochs: int) -> None:
    """Batches of 16: 80 samples are 5 updates, 97 are 7 and 3000/7 = 428.6; 9,600 are 600, just 5 times in 3000."""
    plan = request(batch=batch).plan(ADAM, samples, Mock())
    assert (plan.epochs, plan.batch) == (epochs, int(batch or 16))
    assert (plan.learning_rate, plan.patience, plan.freeze_bias) == (ADAM.learning_rate, None, False)


def test_all_samples_may_be_a_batch() -> None:
    assert request(batch="all").plan(ADAM, 1234, Mock()).batch == 1234


@pytest.mark.parametrize(
    ("split", "patience", "noted"),
    [
        (SplitOptions(validation=0.0), 3, True),
        (SplitOptions(validation=0.1), 3, False),
        (SplitOptions(), 3, False),
        (SplitOptions(validation=0.0), None, False),
        (SplitOptions(validation=0.0, validation_data="v.csv"), 3, False),
    ],
)
def test_patience_without_validation_is_noted(split: SplitOptions, patience: int | None, noted: bool) -> None:
    notes = Mock()
    request(split, patience=patience).plan(ADAM, 100, notes)
    assert [call.args for call in notes.note.call_args_list] == [
        ("--patience without validation data watches the training loss",)
    ] * noted


def test_a_patience_of_1_is_the_least() -> None:
    assert request(patience=1).plan(ADAM, 100, Mock()).patience == 1
    with pytest.raises(ChoiceError, match=r"^--patience must be 1 or more, not 0$"):
        request(patience=0).plan(ADAM, 100, Mock())


def test_ten_million_epochs_are_the_most() -> None:
    assert request(epochs="1e7").plan(ADAM, 100, Mock()).epochs == 10_000_000
    with pytest.raises(ChoiceError, match=r"^--epochs takes a whole number from 1 to 10,000,000, such as 60000 or 6e4"):
        request(epochs="10000001").plan(ADAM, 100, Mock())


def test_a_learning_rate_is_greater_than_0() -> None:
    assert request(learning_rate=1e-300).plan(ADAM, 100, Mock()).learning_rate == 1e-300
    with pytest.raises(ChoiceError, match=r"^--learning-rate must be a finite number greater than 0, not 0$"):
        request(learning_rate=0.0).plan(ADAM, 100, Mock())


@pytest.mark.parametrize(
    ("seed", "split_seed", "option"), [(-1, None, "--seed"), (-1, 0, "--seed"), (0, -1, "--split-seed"), (0, 0, "")]
)
def test_both_seeds_are_checked(seed: int, split_seed: int | None, option: str) -> None:
    asked = request(SplitOptions(split_seed=split_seed), seed)
    if not option:
        return asked.check()
    with pytest.raises(ChoiceError, match=rf"^{option} must be 0 or more, not -1$"):
        asked.check()


@pytest.mark.parametrize(
    ("name", "value"), [("epochs", "3"), ("batch", "all"), ("patience", 3), ("learning_rate", 0.1)]
)
def test_what_solves_in_one_step_takes_no_option_of_epochs(name: str, value: object) -> None:
    words = f"^--{name.replace('_', '-')} does not apply to normal-equations, which solves in one step; leave it out$"
    with pytest.raises(ChoiceError, match=words):
        request(**{name: value}).plan(OPTIMIZERS["normal-equations"], 30, Mock())


def test_what_solves_in_one_step_takes_all_samples_once() -> None:
    plan = request(freeze_bias=True).plan(OPTIMIZERS["normal-equations"], 30, Mock())
    assert (plan.epochs, plan.batch, plan.learning_rate, plan.freeze_bias) == (1, 30, 1.0, True)


def test_settings_of_a_data_set_complete_what_is_not_given_and_suit_their_own_optimizer() -> None:
    settings = {"hidden": "8", "epochs": "7", "batch": "4", "validation": 0.0}
    completed = request(batch="2").or_from(settings)
    assert (completed.network.hidden, completed.optimization.epochs, completed.optimization.batch) == ("8", "7", "2")
    assert completed.split.validation == 0.0
    other = request(optimizer="sgd").or_from(settings)
    assert (other.network.hidden, other.optimization.epochs, other.optimization.batch) == ("8", None, None)
    assert request(optimizer="adam").or_from(settings).optimization.epochs == "7"
    assert request(optimizer="sgd").or_from({**settings, "optimizer": "sgd"}).optimization.epochs == "7"
    assert request(SplitOptions(fold="1/3")).or_from(settings).split.validation is None
    assert request(SplitOptions(validation_data="v.csv")).or_from(settings).split.validation is None


def test_an_option_is_given_varied_and_taken_back_by_its_name() -> None:
    asked = request(seed=3, learning_rate=0.5, nesterov=True)
    assert given_options(asked) == {"learning-rate": 0.5, "nesterov": True}
    assert given_options(without(asked, "learning-rate")) == {"nesterov": True}
    assert without(asked, "test") == asked
    varied = asked.with_option("learning-rate", 0.1)
    assert (varied.optimization.learning_rate, varied.seed) == (0.1, 3)
    assert (asked.with_option("seed", 9).seed, asked.split_seed) == (9, 3)
    assert request(SplitOptions(split_seed=0), seed=3).split_seed == 0


@pytest.mark.parametrize(
    ("name", "text", "value", "whole"),
    [
        ("hidden", "8,4", "8,4", True),
        ("epochs", "10", "10", True),
        ("patience", "3", 3, True),
        ("seed", "3", 3, True),
        ("learning-rate", "1e-3", 0.001, False),
        ("nesterov", "TRUE", True, False),
        ("regularize-bias", "false", False, False),
        ("optimizer", "sgd:0.5", "sgd:0.5", False),
    ],
)
def test_an_option_that_varies_is_read_by_its_kind(name: str, text: str, value: object, whole: bool) -> None:
    knob = knobs()[name]
    assert (knob.read(text, name), knob.whole) == (value, whole)
    assert "task" not in knobs()


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("patience", "x", "--vary patience: 'x' is not a whole number of 0 or more"),
        ("patience", "3:x", "--vary patience: '3:x' is not a whole number of 0 or more"),
        ("seed", "-1", "--vary seed: '-1' is not a whole number of 0 or more"),
        (
            "seed",
            "1, 2",
            "--vary seed: '1, 2' is not a whole number of 0 or more; put | between values: --vary 'seed=1|2'",
        ),
        ("nesterov", "1", "--vary nesterov: '1' is not true or false"),
        ("l2", "x", "--vary l2: 'x' is not a number"),
        ("l2", "1,2", "--vary l2: '1,2' is not a number; put | between values: --vary 'l2=1|2'"),
        ("l2", "1:2", "--vary l2: '1:2' is not a number; a range is lin:a:b:n or log:a:b:n, from a to b with n values"),
    ],
)
def test_a_value_of_another_kind_is_told_with_what_it_should_be(name: str, text: str, words: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        knobs()[name].read(text, name)
    assert str(caught.value) == words
