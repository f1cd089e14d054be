"""The estimate of a sweep, with times that are given instead of measured."""

from collections.abc import Callable, Sequence
from unittest.mock import Mock

import pytest
from core_helpers import random_network

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


def test_small_blocks_have_the_overhead_of_their_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """A block takes 1 s and 0.1 s for each of its networks: of 2, 8 and 28, 3 + 0.1 * 38 = 6.8 s."""
    monkeypatch.setattr(estimate, "_seconds_of_one", lambda block, epochs, build: (1 + 0.1 * len(block)) / len(block))

    def no_network(network: int) -> Candidate:
        raise AssertionError(network)

    assert estimate._seconds_of_all([range(2), range(28), range(8)], 9, no_network) == pytest.approx(6.8)


def candidate(epochs: int = 4) -> Candidate:
    """A network 4-3-2 for 20 samples in batches of 8."""
    model = Mock(network=random_network(4, [3, 2], ["relu", "softmax"]))
    made: Candidate = Mock(plan=Mock(epochs=epochs, batch=8), parts={"training": range(20)}, model=model)
    return made


def test_a_kind_of_network_is_described_by_its_first_block(monkeypatch: pytest.MonkeyPatch) -> None:
    """3 updates in each of 4 epochs of 5 networks; 4·3 + 3 and 3·2 + 2 parameters."""
    monkeypatch.setattr(estimate, "_seconds_of_all", lambda *_: 7.0)
    grid = grid_of(["seed=1:5"], {"seed": True}, None, None, 1)
    (kind,) = estimate._kinds(grid, [[1, 2, 3], [4, 5]], lambda block: [candidate()] if 1 in block else []).values()
    assert kind == ("seed=1", "4-3-2", 3, 5, 4, 60, 23, 7.0)


def test_kinds_that_are_not_measured_take_as_long_for_each_update(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last one has twice the epochs of the 12 that are measured."""
    monkeypatch.setattr(estimate, "_seconds_of_all", lambda *_: 7.0)
    grid = grid_of(["hidden=1:14"], {"hidden": True}, None, None, 1)
    kinds = estimate._kinds(grid, [[n] for n in range(1, 15)], lambda block: [candidate(8 if block == [14] else 4)])
    assert [kind.seconds for kind in kinds.values()] == pytest.approx([*[7.0] * 13, 14.0])


def test_networks_are_stacked_as_the_workers_will_stack_them(monkeypatch: pytest.MonkeyPatch) -> None:
    """For two workers, 40 networks are 2 + 2, then 8 + 8, and 8 + 2 + 8 + 2; they take half of 7 s."""
    monkeypatch.setattr(estimate, "_seconds_of_all", lambda *_: 7.0)
    grid = grid_of(["seed=1:40"], {"seed": True}, None, None, 1)
    document = estimate.estimate_report(grid, [[*range(1, 41)]], lambda block: [candidate()], 2).document
    assert (document["groups"][0]["stacked"], document["seconds"]) == (8, 3.5)


def test_a_block_without_a_network_that_can_be_trained_takes_no_training() -> None:
    building, training = estimate._timed(range(3), 2, lambda block: [])
    assert building + training >= 0


def test_by_a_clock_that_has_not_ticked_no_epoch_is_taken_to_need_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def timed(block: Sequence[int], epochs: int, build: object) -> tuple[float, float]:
        calls.append(epochs)
        return 0.0, 0.0

    monkeypatch.setattr(estimate, "_timed", timed)
    assert estimate._seconds_of_one(range(2), 10**6, lambda block: []) == 0
    assert max(calls) < 100
