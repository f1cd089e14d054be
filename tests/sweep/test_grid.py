"""The grid: values, their combinations, samples, and groups that share arrays."""

from itertools import product

import numpy as np
import pytest

from mlpcli.core.errors import ChoiceError
from mlpcli.sweep.grid import Grid, _chosen, grid_of, spelled_setting

COUNTS = ("hidden", "seed", "epochs")
NAMES = ("hidden", "learning-rate", "seed", "optimizer", "l2", "class-weight", "epochs")
KNOWN = {name: name in COUNTS for name in NAMES}


def grid(*vary: str, folds: int | None = None, sample: int | None = None, seed: int = 1) -> Grid:
    return grid_of(vary, KNOWN, folds, sample, seed)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("hidden=8|16,8|0", ["8", "16,8", "0"]),
        ("hidden=8,100|8100", ["8,100", "8100"]),
        ("seed=9007199254740993|9007199254740992", ["9007199254740993", "9007199254740992"]),
        ("--hidden=8", ["8"]),
        ("learning_rate=0.1|1e-3", ["0.1", "1e-3"]),
        ("seed=1:4", ["1", "2", "3", "4"]),
        ("seed=7|1:3|5:5", ["7", "1", "2", "3", "5"]),
        ("learning-rate=lin:0.1:0.7:7", ["0.1", "0.2", "0.3", "0.4", "0.5", "0.6", "0.7"]),
        ("learning-rate=lin:1:0:3", ["1", "0.5", "0"]),
        ("learning-rate=log:1e-4:1e-1:4", ["0.0001", "0.001", "0.01", "0.1"]),
        ("learning-rate=log:1:10:3", ["1", "3.16228", "10"]),  # √10 = 3.162278, with six digits
        ("hidden=log:8:128:5", ["8", "16", "32", "64", "128"]),
        ("hidden=log:4:8:3", ["4", "6", "8"]),  # √32 = 5.66
        ("learning-rate=lin:2:5:2", ["2", "5"]),
        ("hidden=lin:1:3:5", ["1", "2", "3"]),  # 1, 1.5, 2, 2.5, 3, rounded to even: each once
        ("optimizer=adam|sgd:0.5|rmsprop:rho=0.8", ["adam", "sgd:0.5", "rmsprop:rho=0.8"]),
    ],
)
def test_the_values_of_an_option(text: str, values: list[str]) -> None:
    assert list(grid(text).options[0].values) == values


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        (["units=8"], r"unknown option for --vary 'units': choose from hidden, learning-rate"),
        (["hidden"], r"--vary hidden: separate values by \|"),
        (["hidden=8||9"], r"separate values by"),
        (["hidden=8|8"], r"--vary hidden: 8 is given twice"),
        (["hidden=4|04"], r"--vary hidden: 4 is given twice"),
        (["learning-rate=0.1|1e-1"], r"--vary learning-rate: 0.1 is given twice"),
        (["seed=1:3|2"], r"--vary seed: 2 is given twice"),
        (["seed=3:1"], r"--vary seed: 3:1 is empty; write 1:3"),
        (["hidden=x:3"], r"--vary hidden: x:3 is not a:b with whole numbers up to 10\^18"),
        (["hidden=3:x"], r"--vary hidden: 3:x is not a:b with whole numbers up to 10\^18"),
        (["seed=1:2", "seed=4"], r"--vary seed is given twice"),
        (["learning-rate=log:0:1:3"], r"log:0:1:3 is not log:a:b:n with numbers a and b above 0 and n from 2"),
        (["learning-rate=lin:0:1:1"], r"lin:0:1:1 is not lin:a:b:n with numbers a and b and n from 2"),
        (["learning-rate=lin:0:x:4"], r"is not lin:a:b:n"),
        (["learning-rate=log:1e-300:inf:4"], r"is not log:a:b:n"),
        (["learning-rate=log:1e-300:1e300:3"], r"is not log:a:b:n"),  # the factor is no float64
        (["learning-rate=log:1e300:1e-300:3"], r"is not log:a:b:n"),
        (["learning-rate=log:-1:1:3"], r"is not log:a:b:n"),
        (["learning-rate=log:1:-1:3"], r"is not log:a:b:n"),
        (["learning-rate=lin:-1e308:1e308:3"], r"is not lin:a:b:n"),
        (["learning-rate=lin:0:1:3:4"], r"is not lin:a:b:n"),
        (["learning-rate=lin:0:1"], r"is not lin:a:b:n"),
        (["hidden=1:2:3"], r"1:2:3 is not a:b with whole numbers"),
        (["seed=1:1000000001"], r"--vary seed: 1,000,000,001 values; at most 1,000,000"),
        (["learning-rate=lin:0:1:1000000000"], r"1,000,000,000 values; at most 1,000,000"),
        (["seed=1:100000", "hidden=1:10000"], r"the grid has 1,000,000,000 networks"),
    ],
)
def test_what_a_grid_cannot_be(vary: list[str], words: str) -> None:
    with pytest.raises(ChoiceError, match=words):
        grid(*vary)


def test_an_option_has_as_many_values_as_a_sweep_may_have_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlpcli.sweep.grid.MOST_NETWORKS", 5)
    assert len(grid("seed=1:3|8|9")) == 5
    with pytest.raises(ChoiceError, match=r"^--vary seed: 6 values; at most 5$"):
        grid("seed=1:3|7:9")


def test_a_grid_has_every_combination_once() -> None:
    combinations = grid("hidden=8|16", "seed=1:3", folds=2)
    settings = [combinations.setting(network) for network in range(1, len(combinations) + 1)]
    wanted = product(("8", "16"), ("1", "2", "3"), ("1/2", "2/2"))
    assert [tuple(setting.values()) for setting in settings] == list(wanted)


@pytest.mark.parametrize("name", ["lr", "--lr", "learning_rate"])
def test_an_option_has_its_full_name(name: str) -> None:
    assert grid(f"{name}=0.1|1").options[0].name == "learning-rate"


def test_no_option_is_one_setting() -> None:
    assert len(grid()) == 1
    assert grid().setting(1) == {}


def test_a_sample_is_of_the_grid_and_depends_on_the_seed() -> None:
    drawn = grid("learning-rate=lin:0:1:1000", "seed=1:1000", sample=50)
    settings = {tuple(drawn.setting(network).items()) for network in range(1, 51)}
    assert len(drawn) == len(settings) == 50
    assert drawn == grid("learning-rate=lin:0:1:1000", "seed=1:1000", sample=50)
    assert drawn.numbers != grid("learning-rate=lin:0:1:1000", "seed=1:1000", sample=50, seed=2).numbers


def test_a_sample_has_all_folds_of_a_setting() -> None:
    drawn = grid("seed=1:100", folds=3, sample=5)
    seeds = [drawn.setting(network)["seed"] for network in range(1, 16)]
    assert len(drawn) == 15
    assert all(seeds.count(seed) == 3 for seed in seeds)


def test_a_sample_of_everything_is_everything() -> None:
    assert list(grid("seed=1:4", sample=9).numbers) == [0, 1, 2, 3]


def test_a_sample_of_too_many_combinations_is_refused() -> None:
    words = r"^1,080,000,000,000,000,000 combinations are too many for --sample; at most 1,000,000,000,000,000$"
    with pytest.raises(ChoiceError, match=words):
        grid("learning-rate=lin:1:2:30000", "l2=lin:1:2:30000", "seed=1:30000", "epochs=1:40000", sample=5)


def test_a_sample_of_too_many_networks_is_refused() -> None:
    with pytest.raises(ChoiceError, match=r"^1,200,000 networks are too many for --sample; at most 1,000,000$"):
        grid("seed=1:1000", "hidden=1:1000", folds=3, sample=400_000)


def test_a_sample_has_as_many_networks_as_a_sweep_may_have(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ChoiceError, match=r"^2,000,000 networks are too many for --sample; at most 1,000,000$"):
        _chosen(10**15, 2 * 10**6, 1, 1)
    monkeypatch.setattr("mlpcli.sweep.grid.MOST_NETWORKS", 6)
    assert len(grid("seed=1:5", folds=3, sample=2)) == 6
    with pytest.raises(ChoiceError, match=r"^9 networks are too many for --sample; at most 6$"):
        grid("seed=1:5", folds=3, sample=3)


def test_as_many_networks_as_a_sweep_may_have_are_taken() -> None:
    assert len(grid("seed=1:1000", "hidden=1:1000")) == 10**6
    with pytest.raises(ChoiceError, match=r"^the grid has 1,001,000 networks, but at most 1,000,000 are allowed"):
        grid("seed=1:1000", "hidden=1:1001")
    assert len(_chosen(10**15, 5, 1, 1)) == 5
    with pytest.raises(ChoiceError, match=r"^1,000,000,000,000,001 combinations are too many for --sample"):
        _chosen(10**15 + 1, 5, 1, 1)


def test_a_sample_of_as_many_settings_as_there_are_is_the_grid() -> None:
    assert grid("seed=1:4", folds=3, sample=4).numbers == range(12)
    assert len(grid("seed=1:4", folds=3, sample=3)) == 9


def test_a_sample_is_the_same_in_every_version() -> None:
    """A file of an earlier version is resumed: the raw numbers of PCG64 with these seeds, modulo 1,000 settings."""
    raw = np.random.PCG64([7, 3]).random_raw(5)
    drawn = grid("hidden=1:10", "epochs=1:100", sample=5, seed=7)
    assert len({int(number) % 1000 for number in raw}) == 5
    assert list(drawn.numbers) == sorted(int(number) % 1000 for number in raw)


def test_what_is_tried_first_has_each_value_that_may_be_wrong() -> None:
    """Of a range its ends; of folds the first; with the first values of other options."""
    tried = grid("hidden=3:9|20", "learning-rate=0.1|0.2", folds=4).trials()
    assert [tuple(setting.values()) for setting in tried] == [
        ("3", "0.1", "1/4"),
        ("9", "0.1", "1/4"),
        ("20", "0.1", "1/4"),
        ("3", "0.2", "1/4"),
    ]


def test_a_setting_is_spelled_as_it_is_typed() -> None:
    assert spelled_setting({"hidden": "8", "learning-rate": "0.01", "fold": "1/3"}) == (
        "hidden=8 learning-rate=0.01 fold 1/3"
    )
    assert spelled_setting({}) == "the only setting"


def test_groups_have_what_shares_arrays() -> None:
    groups = grid(
        "hidden=8|16", "optimizer=adam|adam:0.8|sgd", "learning-rate=0.1|0.2", "l2=0|0.1|0.2", "seed=1:2"
    ).groups()
    # 2 widths, 2 rules, with and without a penalty
    assert len(groups) == 8
    assert sorted(network for group in groups.values() for network in group) == list(range(1, 73))


def test_networks_with_class_weights_share_arrays_and_those_without_do() -> None:
    groups = grid("class-weight=balanced|none|A=2,B=3|A=4").groups()
    assert sorted(groups.values()) == [[1, 3, 4], [2]]
