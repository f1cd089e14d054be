"""Which networks are best: means, deviations, and the order of settings and of their networks."""

from typing import Any

import pytest

from mlpcli.sweep.ranking import (
    best_networks,
    best_of,
    criterion_of,
    effects_of,
    loss_kinds,
    settings_of,
    warning_of_losses,
)

HEADER = {"vary": {"hidden": "2|3|4", "seed": "1:3"}, "validated": True, "metric": "accuracy"}


def record(network: int, hidden: int, accuracy: float | None, loss: float | None = 1.0, **more: object) -> Any:
    lost = "epoch 1" if accuracy is None and not more else None
    numbers = {"validation_accuracy": accuracy, "validation_loss": loss}
    return {"network": network, "settings": {"hidden": hidden}, **numbers, "epochs": 3, "diverged": lost, **more}


def test_equal_numbers_have_their_mean_and_no_deviation() -> None:
    """Three times 27/40 sum to 2.0250000000000004 in floating point."""
    (setting,) = settings_of([record(k, 2, 0.675) for k in (1, 2, 3)], criterion_of(HEADER, "metric"))
    assert (setting.mean, setting.deviation) == (0.675, 0.0)


def test_a_mean_that_overflows_is_none_and_ranks_last() -> None:
    records = [record(1, 2, 0.5, 1e300), record(2, 2, 0.5, -1e300), record(3, 3, 0.5, 2.0)]
    ranked = settings_of(records, criterion_of(HEADER, "loss"))
    assert [(setting.mean, setting.values["hidden"]) for setting in ranked] == [(0.0, 2), (2.0, 3)]
    assert ranked[0].deviation is None


def test_the_best_networks_are_one_of_each_setting_before_the_second_ones() -> None:
    """Means: hidden 3 has 0.8, hidden 2 has 0.7, and a network of hidden 4 diverged. Equal accuracies rank by loss."""
    records = [
        *(record(1, 2, 0.9), record(2, 2, 0.5), record(3, 3, 0.8, 0.2), record(4, 3, 0.8, 0.1)),
        *(record(5, 4, 1.0), record(6, 4, None, None), record(7, 5, None, None, invalid="no such network")),
    ]
    criterion = criterion_of(HEADER, "metric")
    settings = settings_of(records, criterion)
    assert [one["network"] for one in best_networks(settings, criterion)] == [4, 1, 5, 3, 2]
    assert best_of(settings, criterion) == records[3]


def test_divergences_alone_have_no_best() -> None:
    criterion = criterion_of(HEADER, "metric")
    assert best_of(settings_of([record(1, 2, None, None)], criterion), criterion) is None
    assert best_of([], criterion) is None


@pytest.mark.parametrize(
    ("metric", "options", "vary", "kinds"),
    [
        ("accuracy", {}, {"output-activation": "sigmoid|softmax"}, ["output-activation"]),
        ("accuracy", {"loss": "mse"}, {"output-activation": "sigmoid|softmax"}, []),
        ("accuracy", {}, {"output-activation": "sigmoid|softmax", "loss": "mse|cce"}, ["loss"]),
        ("accuracy", {}, {"output-activation": "sigmoid"}, []),
        ("mae", {}, {"output-activation": "linear|relu"}, []),
        ("mae", {}, {"output-reduction": "sum|mean", "class-weight": "none", "hidden": "2|3"}, ["output-reduction"]),
    ],
)
def test_losses_differ_in_kind_by_these_options(
    metric: str, options: dict[str, str], vary: dict[str, str], kinds: list[str]
) -> None:
    """The output activation decides on the loss of a classification, unless the loss is given: cce or bce."""
    assert loss_kinds({"metric": metric, "options": options, "vary": vary}) == kinds


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ({"loss": "mse|cce"}, "since loss varies; use --rank metric"),
        ({"loss": "mse|cce", "class-weight": "none|balanced"}, "since loss and class-weight vary; use --rank metric"),
        ({"hidden": "2|3"}, ""),
    ],
)
def test_the_options_that_change_the_loss_are_named(vary: dict[str, str], words: str) -> None:
    header = {**HEADER, "options": {}, "vary": vary}
    assert words in warning_of_losses(header, "loss")
    assert bool(warning_of_losses(header, "loss")) == bool(words)
    assert warning_of_losses(header, "metric") == ""


@pytest.mark.parametrize(
    ("metric", "validated", "rank", "key", "higher", "loss"),
    [
        ("accuracy", True, "metric", "validation_accuracy", True, "validation_loss"),
        ("accuracy", False, "metric", "accuracy", True, "loss"),
        ("mae", True, "metric", "validation_mae", False, "validation_loss"),
        ("accuracy", True, "loss", "validation_loss", False, "validation_loss"),
    ],
)
def test_networks_are_compared_by(metric: str, validated: bool, rank: str, key: str, higher: bool, loss: str) -> None:
    header = {**HEADER, "validated": validated, "metric": metric}
    assert criterion_of(header, rank) == (key, higher, loss)


def test_a_setting_is_summed_up_and_one_that_diverged_once_comes_after_all_that_did_not() -> None:
    """Accuracies of 0.5 and 0.9: mean 0.7, deviation 0.4/√2. A diverged network counts neither way."""
    records = [
        *(record(1, 2, 0.9, 3.0), record(2, 2, 0.5, 1.0), record(3, 3, 1.0), record(4, 3, None, None)),
        *(record(5, 4, 0.25, 2.0), {**record(6, 4, 0.25, 2.5), "epochs": 6}),
    ]
    found = settings_of(records, criterion_of(HEADER, "metric"))
    assert [setting.values["hidden"] for setting in found] == [2, 4, 3]
    assert (found[0].mean, found[0].deviation) == pytest.approx((0.7, 0.4 / 2**0.5))
    assert [(setting.loss, setting.epochs, setting.diverged) for setting in found] == [
        (2.0, 3.0, 0),
        (2.25, 4.5, 0),
        (1.0, 3.0, 1),
    ]
    assert (found[2].mean, found[2].deviation) == (1.0, None)


def test_of_equal_settings_the_one_with_the_lower_loss_is_better() -> None:
    criterion = criterion_of(HEADER, "metric")
    found = settings_of([record(1, 2, 0.5, 2.0), record(2, 3, 0.5, 1.0), record(3, 4, 0.5, 3.0)], criterion)
    assert [setting.values["hidden"] for setting in found] == [3, 2, 4]


VARIED_LOSS = {**HEADER, "options": {}, "vary": {"loss": "mse|cce", "hidden": "2|3"}}


def of_loss(network: int, loss: str, hidden: int, value: float) -> Any:
    return record(network, hidden, network / 8, value, settings={"loss": loss, "hidden": hidden})


def test_losses_of_different_kinds_have_no_mean() -> None:
    """Those of one kind have: mse 0.25 and 0.75, cce 2 and 4."""
    records = [of_loss(1, "mse", 2, 0.25), of_loss(2, "mse", 3, 0.75), of_loss(3, "cce", 2, 2), of_loss(4, "cce", 3, 4)]
    found = effects_of(VARIED_LOSS, records, criterion_of(VARIED_LOSS, "metric"))
    assert [(value.mean, value.loss) for value in found["loss"]] == [(3 / 16, 0.5), (7 / 16, 3)]
    assert [(value.mean, value.loss) for value in found["hidden"]] == [(4 / 16, None), (6 / 16, None)]
    assert [*effects_of(VARIED_LOSS, records, criterion_of(VARIED_LOSS, "loss"))] == ["loss"]


def test_texts_stand_in_the_order_in_which_they_were_given_and_numbers_by_their_size() -> None:
    header = {**HEADER, "options": {}, "vary": {"optimizer": "sgd|adam", "hidden": "4|2"}}
    pairs = [("adam", 4), ("sgd", 2), ("adam", 2)]
    records = [record(k, 2, 0.5, settings={"optimizer": name, "hidden": n}) for k, (name, n) in enumerate(pairs, 1)]
    found = effects_of(header, records, criterion_of(header, "metric"))
    assert [value.values["optimizer"] for value in found["optimizer"]] == ["sgd", "adam"]
    assert [value.values["hidden"] for value in found["hidden"]] == [2, 4]
