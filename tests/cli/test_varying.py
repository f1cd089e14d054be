"""The networks of a sweep: which options may vary, what identifies the sweep, and which values a network has."""

from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest

from mlpcli.cli.network_options import NetworkOptions, ObjectiveOptions, OptimizationOptions
from mlpcli.cli.options import SplitOptions
from mlpcli.cli.request import TrainingRequest
from mlpcli.cli.sources import Source
from mlpcli.cli.sweep_command import SweepOptions
from mlpcli.cli.varying import Workshop, digest_of_data, grid_for
from mlpcli.core.errors import ChoiceError
from mlpcli.data.dataset import Dataset

NUMBERS = Dataset("d.csv", np.arange(6.0).reshape(3, 2), np.arange(3.0)[:, None], ("a", "b"), ("y",))


def request(**changes: Any) -> TrainingRequest:
    asked = TrainingRequest(SplitOptions(), NetworkOptions(), ObjectiveOptions(), OptimizationOptions(), 7)
    return asked._replace(**changes)


@pytest.mark.parametrize(
    ("options", "asked", "words"),
    [
        (SweepOptions(folds=1), request(), "--folds must be 2 or more, not 1"),
        (SweepOptions(folds=2), request(split=SplitOptions(validation=0.1)), "--folds and --validation: each fold is"),
        (
            SweepOptions(folds=2),
            request(split=SplitOptions(validation_data="v")),
            "--folds and --validation-data: each",
        ),
        (SweepOptions(folds=2), request(split=SplitOptions(fold="1/2")), "--folds and --fold: each fold is"),
        (SweepOptions(sample=0), request(), "--sample must be 1 or more, not 0"),
        (SweepOptions(vary=["task=binary"]), request(), "--vary task: all networks of a sweep share it; give --task o"),
        (
            SweepOptions(vary=["test=0|0.1"]),
            request(),
            "--vary test: all networks of a sweep share it; give --test onc",
        ),
        (SweepOptions(vary=["split-seed=1"]), request(), "--vary split-seed: all networks of a sweep share it; give "),
        (SweepOptions(vary=["fold=1/2|2/2"]), request(), "--vary fold: give --folds K, which varies the fold"),
        (SweepOptions(vary=["l2=0.1"]), request(objective=ObjectiveOptions(l2=1.0)), "--l2 and --vary l2: leave one"),
        (SweepOptions(vary=["l2=0.1|x"]), request(), "--vary l2: 'x' is not a number"),
    ],
)
def test_what_cannot_vary_is_refused(options: SweepOptions, asked: TrainingRequest, words: str) -> None:
    with pytest.raises(ChoiceError) as caught:
        grid_for(asked, options)
    assert str(caught.value).startswith(words)


def test_a_grid_has_each_combination_in_each_fold() -> None:
    assert len(grid_for(request(), SweepOptions())) == 1
    assert len(grid_for(request(), SweepOptions(vary=["hidden=4|8", "seed=1:3"]))) == 6
    assert len(grid_for(request(), SweepOptions(vary=["hidden=4|8"], folds=2, sample=1))) == 2
    outside = request(split=SplitOptions(validation=0.1), objective=ObjectiveOptions(l1=1.0))
    assert len(grid_for(outside, SweepOptions(vary=["l2=0|1"]))) == 2


def workshop(*vary: str, source: Source = Source(data="d.csv"), folds: int | None = None) -> Workshop:  # noqa: B008
    asked = request(objective=ObjectiveOptions(l1=0.5))
    grid = grid_for(asked, SweepOptions(vary=[*vary], folds=folds))
    return Workshop(Mock(source=source, dataset=NUMBERS), asked, grid, None)


def test_a_network_has_its_values_apart_from_its_seed_and_its_fold() -> None:
    values = [workshop("l2=0|0.1", "seed=4:5").values(network) for network in range(1, 5)]
    assert sorted((one["settings"]["l2"], one["seed"]) for one in values) == [(0, 4), (0, 5), (0.1, 4), (0.1, 5)]
    assert [one["network"] for one in values] == [1, 2, 3, 4]
    assert {tuple(one["settings"]) for one in values} == {("l2",)}
    assert {one["fold"] for one in values} == {None}
    folded = [workshop("l2=0", folds=2).values(network) for network in (1, 2)]
    assert [(one["seed"], one["fold"]) for one in folded] == [(7, "1/2"), (7, "2/2")]


@pytest.mark.parametrize("parts", [{}, {"validation": Mock()}])
def test_a_sweep_is_known_by_its_data_and_its_options_and_not_by_its_paths(parts: dict[str, Any]) -> None:
    source = Source(data="d.csv", delimiter=";", data_dir="x", known=(), sample_weight="w")
    first: Any = Mock(parts=parts, model=Mock(task=Mock(metric="mae")))
    header = workshop("l2=0|0.1", source=source).header(first, 3)
    assert header["source"] == {"data": "d.csv", "data-dir": "x"}
    assert header["options"] == {"delimiter": ";", "sample-weight": "w", "l1": 0.5}
    assert (header["vary"], header["sample"], header["seed"]) == ({"l2": "0|0.1"}, 3, 7)
    assert (header["networks"], header["metric"], header["validated"]) == (2, "mae", bool(parts))


def test_the_digest_is_that_of_all_numbers_of_the_data() -> None:
    def digest(dataset: Dataset, file: str | None = None, watched: Any = None) -> str:
        return digest_of_data(Mock(dataset=dataset), request(split=SplitOptions(validation_data=file)), watched)

    watched = Mock(x=np.zeros((1, 2)), y=np.zeros((1, 1)))
    known = digest(NUMBERS)
    assert digest(replace(NUMBERS, name="other.csv")) == known
    assert digest(NUMBERS, None, watched) == known  # a part of these data
    assert digest(NUMBERS, "v.csv", None) == known
    others = [
        digest(replace(NUMBERS, x=NUMBERS.x + 1)),
        digest(replace(NUMBERS, y=NUMBERS.y + 1)),
        digest(replace(NUMBERS, x=NUMBERS.x.reshape(2, 3))),
        digest(replace(NUMBERS, x=NUMBERS.x.view(np.int64))),
        digest(replace(NUMBERS, test=NUMBERS)),
        digest(NUMBERS, "v.csv", watched),
        digest(NUMBERS, "v.csv", Mock(x=watched.x + 1, y=watched.y)),
        digest(NUMBERS, "v.csv", Mock(x=watched.x, y=watched.y + 1)),
    ]
    assert len({known, *others}) == 1 + len(others)
