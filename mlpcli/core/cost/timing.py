"""Seconds that differ from time to time: their middle, and where most of them lie."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

import numpy as np


@dataclass(frozen=True)
class Timing:
    """The median of many times, and between what limits eight of ten lie. Sums and multiples are those of all three."""

    low: float
    median: float
    high: float

    def __mul__(self, factor: float) -> "Timing":
        return Timing(self.low * factor, self.median * factor, self.high * factor)

    def __add__(self, other: "Timing") -> "Timing":
        return Timing(self.low + other.low, self.median + other.median, self.high + other.high)


def timing_of(seconds: Sequence[float]) -> Timing:
    """Quantiles of several times."""
    return Timing(*map(float, np.quantile(seconds, (0.1, 0.5, 0.9))))


def timing_of_means(seconds: Sequence[float], groups: int) -> Timing:
    """Quantiles of the means of so many groups, one after the other: a rare long pause counts for all around it."""
    return timing_of([float(np.mean(group)) for group in np.array_split(seconds, min(groups, len(seconds)))])


def always(seconds: float) -> Timing:
    """One time, taken as it is."""
    return Timing(seconds, seconds, seconds)


def best_time(function: Callable[[], object], moment: float) -> float:
    """The shortest of all the times that so many seconds have room for, three at least: the least disturbed one."""
    times: list[float] = []
    until = perf_counter() + moment
    while len(times) < 3 or perf_counter() < until:
        started = perf_counter()
        function()
        times.append(perf_counter() - started)
    return min(times)
