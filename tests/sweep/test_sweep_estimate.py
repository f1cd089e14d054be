"""The estimate of a sweep, with times that are given instead of measured."""

from collections.abc import Callable, Sequence
from unittest.mock import Mock

import pytest
from core_helpers import random_network

from mlpcli.core.stack import Run
from mlpcli.core.training import Plan
from mlpcli.sweep import estimate
from mlpcli.sweep.block import Candidate
from mlpcli.sweep.grid import grid_of


@pytest.mark.parametrize("disturbed", range(2 * estimate.TRIALS))
def test_one_run_that_is_interrupted_changes_nothing(monkeypatch: pytest.MonkeyPatch, disturbed: int) -> None:
    """By hand: a block of 10 takes 0.5 s to build and 0.01 s for each of 100 epochs, (0.5 + 1)/10 s for a network."""
    calls: list[int] = []

    def timed(block: Sequence[int], epochs: int, build: Callable[[int], Candidate]) -> tuple[float, float]:
        calls.append(epochs)
        late = 5.0 * (len(calls) - 1 == disturbed)
        return 0.5 + late, 0.01 * epochs + late

    def no_network(network: int) -> Candidate:
        raise AssertionError(network)

    monkeypatch.setattr(estimate, "_timed", timed)
    assert estimate._seconds_of_one(range(10), 100, no_network) == pytest.approx(0.15)
    assert calls == [1, 1, 1, 8, 8, 8]  # three runs have 0.25 s: 8.3 epochs each


@pytest.mark.parametrize(("sizes", "seconds"), [((2, 28, 8), 6.8), ((2, 3), 2.5), ((4, 4), 2.8)])
def test_small_blocks_have_the_overhead_of_their_calls(
    monkeypatch: pytest.MonkeyPatch, sizes: Sequence[int], seconds: float
) -> None:
    """A block takes 1 s and 0.1 s for each of its networks: of 2, 8 and 28, 3 + 0.1 * 38 = 6.8 s."""
    build = Mock()

    def of_one(block: Sequence[int], epochs: int, by: object) -> float:
        assert (epochs, by) == (9, build)
        return (1 + 0.1 * len(block)) / len(block)

    monkeypatch.setattr(estimate, "_seconds_of_one", of_one)
    assert estimate._seconds_of_all([range(size) for size in sizes], 9, build) == pytest.approx(seconds)


def candidate(epochs: int = 4) -> Candidate:
    """A network 4-3-2 for 20 samples in batches of 8."""
    model = Mock(network=random_network(4, [3, 2], ["relu", "softmax"]))
    made: Candidate = Mock(plan=Mock(epochs=epochs, batch=8), parts={"training": range(20)}, model=model)
    return made


def test_a_kind_of_network_is_described_by_its_first_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 updates in each of 4 epochs of 5 networks; 4·3 + 3 and 3·2 + 2 parameters."""
    of_all, build = Mock(return_value=7.0), Mock(side_effect=lambda block: [candidate()] if 1 in block else [])
    monkeypatch.setattr(estimate, "_seconds_of_all", of_all)
    grid = grid_of(["seed=1:5"], {"seed": True}, None, None, 1)
    (kind,) = estimate._kinds(grid, [[1, 2, 3], [4, 5]], build).values()
    of_all.assert_called_once_with([[1, 2, 3], [4, 5]], 4, build)
    assert kind == ("seed=1", "4-3-2", 3, 5, 4, 60, 23, 7.0)


def test_kinds_that_are_not_measured_take_as_long_for_each_update(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last two have twice the epochs of 11 kinds, and so has the last of the 12 that are measured in 7 s each.

    84 s are 11 + 2 trainings of 4 epochs: those of 8 epochs take 2·84/13 s.
    """
    monkeypatch.setattr(estimate, "_seconds_of_all", lambda *_: 7.0)
    grid = grid_of(["hidden=1:14"], {"hidden": True}, None, None, 1)
    kinds = estimate._kinds(grid, [[n] for n in range(1, 15)], lambda block: [candidate(8 if block[0] > 11 else 4)])
    assert [kind.seconds for kind in kinds.values()] == pytest.approx([*[7.0] * 12, *[2 * 84 / 13] * 2])


def test_an_update_takes_as_long_as_its_calls_and_its_parameters() -> None:
    """The calls as long as 2,000 parameters: 60 updates of 23 parameters count 60·2,023."""
    assert estimate.Kind("seed=1", "4-3-2", 3, 5, 4, 60, 23, 7.0).work == 121_380


@pytest.mark.parametrize(
    ("kinds", "workers", "words"),
    [
        (20, 4, "20 networks: about 35.0 s with 4 workers on an idle machine, less if training stops early"),
        (21, 3, "21 networks: about 49.0 s with 3 workers on an idle machine, less if training stops early"),
        (1, 8, "1 network: about 7.0 s with 1 worker on an idle machine, less if training stops early"),
    ],
)
def test_the_table_has_twenty_kinds_and_the_line_below_all(
    monkeypatch: pytest.MonkeyPatch, kinds: int, workers: int, words: str
) -> None:
    """Each kind is one network that takes 7 s: 20·7/4, 21·7/3."""
    monkeypatch.setattr(estimate, "_seconds_of_all", lambda *_: 7.0)
    grid = grid_of([f"hidden=1:{kinds}"], {"hidden": True}, None, None, 1)
    found = estimate.estimate_report(grid, [[n] for n in range(1, kinds + 1)], lambda block: [candidate()], workers)
    assert found.closing == (words,)
    (sheet,) = found.sheets
    assert len(sheet.rows) == min(kinds, 20)
    assert sheet.rows[0] == ("hidden=1", "4-3-2", "1", 1, "4", f"{7 / min(workers, kinds):.2f} s")
    document = found.document
    assert (document["networks"], document["blocks"], document["workers"]) == (kinds, kinds, workers)
    assert [group["setting"] for group in document["groups"]] == [f"hidden={n}" for n in range(1, kinds + 1)]
    assert len(found.flat.rows) == kinds


def test_what_is_trained_for_an_estimate_does_not_stop_early() -> None:
    plan = Plan(Mock(), 0.1, Mock(), 100, 8, patience=3)
    assert estimate._shortened(Run(*[Mock()] * 5, plan, Mock()), 7).plan == plan._replace(epochs=7, patience=None)


@pytest.mark.parametrize(("workers", "stacked", "seconds"), [(1, 18, 7.0), (2, 8, 3.5)])
def test_networks_are_stacked_as_the_workers_will_stack_them(
    monkeypatch: pytest.MonkeyPatch, workers: int, stacked: int, seconds: float
) -> None:
    """For two workers, 40 networks are 2 + 2, then 8 + 8, and 8 + 2 + 8 + 2; they take half of 7 s.

    For one worker they are 2, then 18, and 8 + 8 + 4.
    """
    monkeypatch.setattr(estimate, "_seconds_of_all", lambda *_: 7.0)
    grid = grid_of(["seed=1:40"], {"seed": True}, None, None, 1)
    document = estimate.estimate_report(grid, [[*range(1, 41)]], lambda block: [candidate()], workers).document
    assert (document["groups"][0]["stacked"], document["seconds"]) == (stacked, seconds)


def test_long_epochs_are_tried_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each takes 1 s, and a block of two has 10: (0 + 10)/2 s for a network."""
    calls: list[int] = []
    monkeypatch.setattr(estimate, "_timed", lambda block, epochs, build: calls.append(epochs) or (0.0, float(epochs)))
    assert estimate._seconds_of_one(range(2), 10, lambda block: []) == 5
    assert calls == [1, 1, 1, 2, 2, 2]


def test_a_block_without_a_network_that_can_be_trained_takes_no_training() -> None:
    building, training = estimate._timed(range(3), 2, lambda block: [])
    assert building + training >= 0


def test_building_and_training_are_timed_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock shows 10 s at the start, 11 s when three networks are built, and 15 s when they are trained."""
    clock, train = iter([10.0, 11.0, 15.0]), Mock()
    monkeypatch.setattr(estimate, "process_time", lambda: next(clock))
    monkeypatch.setattr(estimate, "train_stack", train)
    monkeypatch.setattr(estimate, "_shortened", lambda run, epochs: (run, epochs))
    assert estimate._timed([4, 5, 6], 2, lambda block: [Mock(run=network) for network in block]) == (1.0, 4.0)
    train.assert_called_once_with([(4, 2), (5, 2), (6, 2)])


def test_kinds_without_a_valid_network_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "_seconds_of_all", lambda *_: 7.0)
    grid = grid_of(["hidden=1:3"], {"hidden": True}, None, None, 1)
    found = estimate.estimate_report(grid, [[1], [2], [3]], lambda block: [] if 2 in block else [candidate()], 1)
    assert [group["setting"] for group in found.document["groups"]] == ["hidden=1", "hidden=3"]
    assert (found.document["networks"], found.document["blocks"], found.document["seconds"]) == (2, 2, 14)
    found = estimate.estimate_report(grid, [[1], [2], [3]], lambda block: [], 1)
    assert (found.closing, found.sheets, found.document["seconds"]) == (("no network is left to train",), (), 0)


def test_by_a_clock_that_has_not_ticked_no_epoch_is_taken_to_need_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def timed(block: Sequence[int], epochs: int, build: object) -> tuple[float, float]:
        calls.append(epochs)
        return 0.0, 0.0

    monkeypatch.setattr(estimate, "_timed", timed)
    assert estimate._seconds_of_one(range(2), 10**6, lambda block: []) == 0
    assert max(calls) == 83  # as if each took a millisecond of 0.25 s in three runs
    assert estimate._seconds_of_one(range(2), 1, lambda block: []) == 0
    assert calls[-6:] == [1] * 6
