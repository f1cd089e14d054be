"""Axes: their ends, a few round ticks between them, and how these are written."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10
from typing import TypeVar

import numpy as np

from mlpcli.core.arrays import Array

ROUND = (1, 2, 2.5, 5)  # steps between ticks, times a power of ten
A = TypeVar("A", float, Array)
LARGEST = 1e150  # a number that is drawn: the product of two of them is still finite
LEAST = 1e-300  # a range that is drawn: a part of it is not yet 0
MOST_FIGURES = 15  # of a tick: what a float has for certain
GAP = 2  # columns between the texts of two ticks
SLACK = 1e-9  # of a step: what rounding adds to a quotient that is whole


@dataclass(frozen=True)
class Axis:
    """Its ends, and how far its ticks are apart."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> list[float]:
        return ticks(self.low, self.high, self.step)

    def share(self, values: A) -> A:
        """Where values lie between the ends, from 0 to 1."""
        return (values - self.low) / (self.high - self.low)

    def text(self, tick: float) -> str:
        return tick_text(tick, self.step)


def exact_axis(arrays: Iterable[Array], most: int, counted: bool = False) -> Axis:
    """From the least number to the largest."""
    low, high = limits(arrays)
    return Axis(low, high, step(low, high, most, counted))


def legible_axis(arrays: Sequence[Array], columns: int, least: int, counted: bool = False) -> Axis:
    """From the least number to the largest, with so many ticks that their texts have room in so many columns.

    Two ticks are at least `least` columns apart, and their texts GAP.
    """
    for most in range(max(1, columns // least), 0, -1):
        axis = exact_axis(arrays, most, counted)
        longest = max((len(axis.text(tick)) for tick in axis.ticks), default=0)
        if axis.step / (axis.high - axis.low) * columns >= longest + GAP:
            break
    return axis


def round_axis(arrays: Iterable[Array], most: int) -> Axis:
    """From a tick to a tick."""
    low, high = limits(arrays)
    apart = step(low, high, most)
    return Axis(*round_ends(low, high, apart), apart)


def drawable(values: Array) -> Array:
    """The values, with NaN for what cannot be drawn: what is not finite, or beyond all bounds."""
    return np.where(np.abs(values) <= LARGEST, values, np.nan)


def limits(arrays: Iterable[Array]) -> tuple[float, float]:
    """The least and the largest number that can be drawn; some room around a single one; 0 to 1 where there is none."""
    finite = [array[np.abs(array) <= LARGEST] for array in arrays]
    values = np.concatenate([*finite, []])
    if not values.size:
        return 0.0, 1.0
    low, high = float(values.min()), float(values.max())
    if high - low > max(SLACK * max(abs(low), abs(high)), LEAST):
        return low, high
    room = abs(low) / 10 if abs(low) > LEAST else 0.1
    return low - room, high + room


def step(low: float, high: float, most: int, counted: bool = False) -> float:
    """The least round step that makes at most so many ticks; a whole number where these count something."""
    power = max(floor(log10((high - low) / most)), 0 if counted else -400)
    steps = (factor * 10.0**exponent for exponent in range(power, power + 3) for factor in ROUND)
    return next(step for step in steps if len(ticks(low, high, step)) <= most and not (counted and step % 1))


def ticks(low: float, high: float, step: float) -> list[float]:
    """The multiples of the step from low to high."""
    first, last = ceil(low / step - SLACK), floor(high / step + SLACK)
    return [place * step for place in range(first, last + 1)]


def round_ends(low: float, high: float, step: float) -> tuple[float, float]:
    """The ends moved outwards to the next ticks."""
    return floor(low / step + SLACK) * step, ceil(high / step - SLACK) * step


def tick_text(value: float, step: float) -> str:
    """A tick with the decimals that its step needs, so that no two read alike: 0.25, 1500, 2e-07, 0.6931472."""
    assert isfinite(value)
    power = floor(log10(step) + SLACK)
    has_half = round(step / 10.0**power, 6) % 1 > 0  # 2.5 has one decimal more than 2
    if not -5 < power < 6:
        value = 0.0 if abs(value) < step / 2 else value
        figures = floor(log10(abs(value))) - power + 1 + has_half if value else 1
        return f"{value:.{min(max(3, figures), MOST_FIGURES)}g}"
    decimals = max(0, has_half - power)  # and 25 has none
    return f"{round(value, 12) + 0.0:.{decimals}f}"
