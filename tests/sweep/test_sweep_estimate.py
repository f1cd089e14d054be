"""The estimate of a sweep, with times that are given instead of measured."""

from collections.abc import Callable, Sequence

import pytest

from mlpcli.sweep import estimate
from mlpcli.sweep.block import Candidate


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
