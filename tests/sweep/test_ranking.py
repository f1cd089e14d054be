"""Which networks are best: means, deviations, and the order of settings and of their networks."""

from typing import Any

import pytest

from mlpcli.sweep.ranking import best_networks, best_of, criterion_of, loss_kinds, settings_of

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
