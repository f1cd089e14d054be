"""The report of a sweep: how much of it a table shows, and what stands in each column."""

from collections.abc import Sequence
from typing import Any

import pytest

from mlpcli.core.metrics import Evaluation
from mlpcli.files.runs import Record
from mlpcli.report.sheet import Report, Sheet
from mlpcli.sweep.ranking import Criterion, criterion_of, settings_of
from mlpcli.sweep.report import sweep_report, told, train_words

HEADER: Record = {
    **{"vary": {"hidden": "2|3", "learning-rate": "0.1|0.2"}, "options": {"epochs": 3, "nesterov": False}},
    **{"validated": True, "metric": "accuracy", "networks": 40, "source": {"dataset": "iris"}},
}


def record(network: int, hidden: str = "2", rate: float = 0.1, **more: Any) -> Record:
    """A network; the higher its number, the less accurate it is, and the lower is its loss."""
    numbers = {"validation_accuracy": 1 - network / 100, "validation_loss": 1 / network, "epochs": 3, "diverged": None}
    settings = {"hidden": hidden, "learning-rate": rate}
    return {"network": network, "seed": 1, "fold": None, "settings": settings, **numbers, **more}


def diverged(network: int, hidden: str, rate: float = 0.1) -> Record:
    at = f"epoch {network}, batch 2"
    return record(network, hidden, rate, validation_accuracy=None, validation_loss=None, diverged=at)


def report(records: Sequence[Record], rank: str = "metric", **changes: Any) -> Report:
    header = {**HEADER, **changes}
    criterion = criterion_of(header, rank)
    return sweep_report(header, records, settings_of(records, criterion), criterion, {}, "", ())


def sheet(found: Report, title: str) -> Sheet:
    (one,) = [one for one in found.sheets if one.title == title]
    return one


@pytest.mark.parametrize(
    ("settings", "title"),
    [(1, "1 setting, the best first"), (10, "10 settings, the best first"), (11, "Best 10 of 11 settings")],
)
def test_the_ten_best_settings_are_shown(settings: int, title: str) -> None:
    found = report([record(k, str(k)) for k in range(1, settings + 1)])
    first = found.sheets[0]
    assert (first.title, first.keys) == (title, 2)
    assert first.columns == ("hidden", "learning-rate", "networks", "validation accuracy", "±", "loss")
    assert first.rows == tuple((str(k), "0.1", 1, 1 - k / 100, None, 1 / k) for k in range(1, min(settings, 10) + 1))
    assert len(found.flat.rows) == len(found.document["settings"]) == settings


@pytest.mark.parametrize("settings", [10, 11])
def test_ten_settings_that_diverged_are_shown(settings: int) -> None:
    """That with the most networks first, with where its first one diverged."""
    records = [diverged(k, str(k)) for k in range(1, settings + 1)]
    found = report([*records, diverged(30, "2"), record(31, "2"), record(32, "99")])
    title = "Diverged" if settings == 10 else "Diverged: 10 of 11 settings"
    shown = sheet(found, title)
    assert shown.columns == ("hidden", "learning-rate", "diverged", "networks", "first at")
    assert shown.keys == 2
    assert shown.rows[0] == ("2", "0.1", 2, 3, "epoch 2, batch 2")
    assert [row[0] for row in shown.rows[1:]] == [str(k) for k in range(1, 12) if k != 2][:9]
    assert (found.document["diverged"], found.document["trained"]) == (settings + 1, settings + 3)


@pytest.mark.parametrize("settings", [10, 11])
def test_ten_settings_that_are_not_trained_are_shown(settings: int) -> None:
    records = [record(k, str(k), invalid=f"why {k}") for k in range(1, settings + 1)]
    found = report([*records, record(30, "1", invalid="why not"), record(31, "99")])
    title = "Not trained" if settings == 10 else "Not trained: 10 of 11 settings"
    shown = sheet(found, title)
    assert shown.columns == ("hidden", "learning-rate", "networks", "reason")
    assert shown.rows == (("1", "0.1", 2, "why 1"), *((str(k), "0.1", 1, f"why {k}") for k in range(2, 11)))
    assert (found.document["trained"], len(found.document["invalid"])) == (1, settings)


@pytest.mark.parametrize("values", [20, 21])
def test_twenty_values_of_an_option_are_shown(values: int) -> None:
    """The least accurate is left out; the others stand in their order, which is not that of their accuracy."""
    records = [record(values + 1 - k, str(k)) for k in range(1, values + 1)]
    found = report(records, vary={"hidden": f"1:{values}", "learning-rate": "0.1|0.2"})
    title = "Effect of hidden" if values == 20 else "Effect of hidden, its best 20 values"
    assert [row[0] for row in sheet(found, title).rows] == [str(k) for k in range(values - 19, values + 1)]
    assert len(found.document["effects"]["hidden"]) == values


def test_the_effect_of_a_value_is_the_mean_over_all_its_networks() -> None:
    """hidden 3: accuracies 0.98 and 0.96, losses 1/2 and 1/4."""
    found = report([record(1, "2"), record(2, "3"), record(4, "3", 0.2), diverged(5, "2", 0.2)])
    (two, three) = sheet(found, "Effect of hidden").rows
    assert two == ("2", 2, 0.99, None, 1.0)
    assert three == ("3", 2, pytest.approx(0.97), pytest.approx(0.02 / 2**0.5), pytest.approx(0.375))
    assert sheet(found, "Effect of learning-rate").columns[0] == "learning-rate"
    alone = report([record(1, "2"), record(2, "3")], vary={"hidden": "2|3"})
    assert len(alone.sheets) == 1  # the settings are the values
    assert alone.sheets[0].keys == 1
    assert (report([record(1)], vary={}).sheets[0].title, report([record(1)], vary={}).sheets[0].keys) == ("Setting", 1)


def test_ranked_by_the_loss_a_table_has_it_once() -> None:
    found = report([record(1, "2"), record(2, "3")], "loss")
    assert found.sheets[0].columns == ("hidden", "learning-rate", "networks", "validation loss", "±")
    assert found.sheets[0].rows[0] == ("3", "0.1", 1, 0.5, None)
    names = ("hidden", "learning-rate", "networks", "validation_loss", "deviation", "epochs", "diverged")
    assert (found.flat.columns, found.flat.rows[0]) == (names, ("3", "0.1", 1, 0.5, None, 3.0, 0))
    by_metric = report([record(1, "2"), record(2, "3")]).flat
    assert by_metric.columns == (*names[:3], "validation_accuracy", "deviation", "validation_loss", *names[5:])
    assert by_metric.rows[0] == ("2", "0.1", 1, 0.99, None, 1.0, 3.0, 0)


def test_the_effect_on_losses_of_different_kinds_is_left_out() -> None:
    values = [("mse", "2"), ("cce", "2"), ("mse", "3"), ("cce", "3")]
    records = [record(k, settings={"loss": loss, "hidden": n}) for k, (loss, n) in enumerate(values, 1)]
    found = report(records, vary={"loss": "mse|cce", "hidden": "2|3"})
    assert sheet(found, "Effect of loss").columns[1:] == ("networks", "validation accuracy", "±", "loss")
    hidden = sheet(found, "Effect of hidden")
    assert hidden.columns == ("hidden", "networks", "validation accuracy", "±")
    assert [(row[0], len(row)) for row in hidden.rows] == [("2", 4), ("3", 4)]


def test_a_value_whose_networks_all_diverged_leaves_the_losses_of_others() -> None:
    shown = sheet(report([record(1, "2"), diverged(2, "3"), record(4, "4")]), "Effect of hidden")
    assert shown.columns[-1] == "loss"
    assert [(row[0], row[-1]) for row in shown.rows] == [("2", 1.0), ("3", None), ("4", 0.25)]


def test_a_sweep_of_nothing_lists_its_only_setting() -> None:
    found = report([record(1, settings={}), {**diverged(2, "2"), "settings": {}}], vary={})
    listed = sheet(found, "Diverged")
    assert (listed.columns, listed.rows, listed.keys) == (
        ("diverged", "networks", "first at"),
        ((1, 2, "epoch 2, batch 2"),),
        1,
    )


def test_what_the_best_network_does_on_each_part_is_shown() -> None:
    criterion, records = criterion_of(HEADER, "metric"), [record(2), record(1, "3")]
    measured = {"training": Evaluation(90, 0.25, {"accuracy": 0.9}), "test": Evaluation(30, 0.5, {"accuracy": 0.8})}
    found = sweep_report(HEADER, records, settings_of(records, criterion), criterion, measured, "cce", ("done",))
    shown = sheet(found, "Network 1, the best")
    assert shown.columns[:3] == ("part", "samples", "loss (cce)")
    assert shown.rows == (("training", 90, 0.25, 0.9), ("test", 30, 0.5, 0.8))
    assert [*found.document["parts"]] == ["training", "test"]
    assert found.closing == ("done",)


def test_the_best_network_is_in_the_document_with_its_command() -> None:
    found = report([record(1), record(2, "3", seed=7, fold="2/5")]).document
    assert (found["data"], found["networks"], found["rank"], found["best"]["network"]) == (
        *("iris", 40, "validation_accuracy"),
        1,
    )
    assert found["command"] == "mlp train --dataset iris --epochs 3 --hidden 2 --learning-rate 0.1 --seed 1"
    nothing = report([diverged(1, "2")], source={"data": "f.csv"})
    assert (nothing.document["best"], nothing.document["command"], nothing.title) == (None, None, "Sweep of f.csv")


def test_a_network_of_a_file_without_a_header_is_trained_without_one() -> None:
    """Options that are off, or not given, are left out, but for the header, which would be detected."""
    source = {"data": "my f.csv", "header": False, "delimiter": None, "ignore": ["a", "b c"]}
    words = train_words({**HEADER, "source": source, "options": {"shuffle": False, "nesterov": True}}, record(1))
    assert words[:6] == ["mlp", "train", "--data", "my f.csv", "--no-header", "--ignore"]
    assert words[7:] == ["--nesterov", "--hidden", "2", "--learning-rate", "0.1", "--seed", "1"]


@pytest.mark.parametrize(
    ("key", "words"),
    [("validation_accuracy", "validation accuracy"), ("accuracy", "training accuracy"), ("loss", "training loss")],
)
def test_a_ranking_is_told_with_its_part_of_the_data(key: str, words: str) -> None:
    assert told(Criterion(key, True, "loss")) == words
