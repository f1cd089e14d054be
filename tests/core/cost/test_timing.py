"""Times that differ."""

from mlpcli.core.cost.timing import Timing, always, timing_of


def test_timings_are_quantiles() -> None:
    assert timing_of([float(k) for k in range(11)]) == Timing(1.0, 5.0, 9.0)


def test_sums_and_multiples() -> None:
    assert Timing(1, 2, 4) + always(3) == Timing(4, 5, 7)
    assert Timing(1, 2, 4) * 2 == Timing(2, 4, 8)
