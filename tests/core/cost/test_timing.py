"""Times that differ."""

import pytest

from mlpcli.core.cost import timing
from mlpcli.core.cost.timing import Timing, always, best_time, timing_of, timing_of_means


def test_timings_are_quantiles() -> None:
    assert timing_of([float(k) for k in range(11)]) == Timing(1.0, 5.0, 9.0)


def test_sums_and_multiples() -> None:
    assert Timing(1, 2, 4) + always(3) == Timing(4, 5, 7)
    assert Timing(1, 2, 4) * 2 == Timing(2, 4, 8)


def test_a_long_pause_counts_in_the_mean() -> None:
    """Ten epochs of 1 s, one of them interrupted for 10 s: two groups of five, with means of 1 and 3 s."""
    found = timing_of_means([1.0] * 7 + [11.0] + [1.0] * 2, 2)
    assert found.median == 2
    assert timing_of_means([4.0], 8) == always(4.0)


def test_the_best_time_is_the_least_disturbed_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """A clock that is read before and after: tries of 4, 1 and 3 s."""
    clock = iter([0.0, 10.0, 14.0, 20.0, 21.0, 30.0, 33.0, 40.0])
    monkeypatch.setattr(timing, "perf_counter", lambda: next(clock))
    assert best_time(lambda: None, 5.0) == 1.0
