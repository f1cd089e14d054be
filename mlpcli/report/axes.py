"""Axes: their ends, a few round ticks between them, and the text of each tick."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import TypeVar

import numpy as np

from mlpcli.core.arrays import Array

ROUND = (1, 2, 2.5, 5)  # steps between ticks, times a power of ten
A = TypeVar("A", float, Array)
LARGEST = 1e150  # number that is drawn: the product of two is still finite
LEAST = 1e-300  # range that is drawn: its parts do not vanish
MOST_FIGURES = 15  # of a tick: all that a float holds for certain
GAP = 2  # columns between the texts of two ticks
SLACK = 1e-9  # of a step: rounding in a quotient that should be whole


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`, with a tick at each multiple of `step`."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> list[float]:
        """The multiples of the step, from low to high."""
        first, last = ceil(self.low / self.step - SLACK), floor(self.high / self.step + SLACK)
        return [place * self.step for place in range(first, last + 1)]

    def share(self, values: A) -> A:
        """Where values lie between the ends, from 0 to 1."""
        return (values - self.low) / (self.high - self.low)

    def text(self, tick: float) -> str:
        """A tick with the decimals that its step needs, so that no two look alike: 0.25, 1500, 2e-07, 0.6931472."""
        assert isfinite(tick)
        power = floor(log10(self.step) + SLACK)
        has_half = round(self.step / 10.0**power, 6) % 1 > 0  # 2.5 has one decimal more than 2
        if not -5 < power < 6:
            tick = 0.0 if abs(tick) < self.step / 2 else tick
            figures = floor(log10(abs(tick))) - power + 1 + has_half if tick else 1
            return f"{tick:.{min(max(3, figures), MOST_FIGURES)}g}"
        decimals = max(0, has_half - power)  # and 25 has none
        return f"{round(tick, 12) + 0.0:.{decimals}f}"


def exact_axis(arrays: Iterable[Array], most: int, counted: bool = False) -> Axis:
    """From the smallest number to the largest, with at most `most` ticks; only at whole numbers if it counts."""
    low, high = limits(arrays)
    power = max(floor(log10((high - low) / most)), 0 if counted else -400)
    steps = (factor * 10.0**exponent for exponent in range(power, power + 3) for factor in ROUND)
    axes = (Axis(low, high, step) for step in steps if not (counted and step % 1))
    return next(axis for axis in axes if len(axis.ticks) <= most)


def legible_axis(arrays: Sequence[Array], columns: int, least: int, counted: bool = False) -> Axis:
    """From the smallest number to the largest, with ticks whose texts fit into `columns` columns.

    Two ticks are at least `least` columns apart, and their texts GAP.
    """
    for most in range(max(1, columns // least), 0, -1):
        axis = exact_axis(arrays, most, counted)
        longest = max((len(axis.text(tick)) for tick in axis.ticks), default=0)
        if axis.step / (axis.high - axis.low) * columns >= longest + GAP:
            break
    return axis


def round_axis(arrays: Iterable[Array], most: int) -> Axis:
    """From a tick to a tick: the exact axis with its ends moved out to the next ticks."""
    exact = exact_axis(arrays, most)
    low, high = floor(exact.low / exact.step + SLACK), ceil(exact.high / exact.step - SLACK)
    return Axis(low * exact.step, high * exact.step, exact.step)


def limits(arrays: Iterable[Array]) -> tuple[float, float]:
    """The smallest and the largest number that can be drawn; with room around a single one; 0 and 1 without any."""
    values = np.concatenate([*(array[np.abs(array) <= LARGEST] for array in arrays), []])
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if high - low > max(SLACK * max(abs(low), abs(high)), LEAST):
        return low, high
    room = abs(low) / 10 if abs(low) > LEAST else 0.1
    return low - room, high + room


def drawable(values: Array) -> Array:
    """The values, with NaN for those that cannot be drawn: not finite, or larger than LARGEST."""
    return np.where(np.abs(values) <= LARGEST, values, np.nan)
