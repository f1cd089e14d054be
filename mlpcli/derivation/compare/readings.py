"""Readings: how the next steps use each number, with all digits, as it was written, or rounded; and variants.

A variant of an update is a mistake, the layers in which it is made, and a reading.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.mistakes import NO_MISTAKE, Mistake
from mlpcli.derivation.hand_calculation import Keep, kept_by_hand, rounded
from mlpcli.derivation.lines import Line
from mlpcli.derivation.setting import Change
from mlpcli.report.numbers import counted

MOST_DECIMALS, MOST_SIGNIFICANT = 6, 6  # most digits of rounding by hand
# On the slide, the derivative of softmax is computed from a, not from a rounded h.
FROM_A: Mapping[str, Change] = {"∂h/∂a": "e^aᵢ / Σₖ e^aₖ (δᵢⱼ − e^aⱼ / Σₖ e^aₖ)"}


@dataclass(frozen=True, eq=False)
class Reading:
    """A way to use numbers in the next steps, its description, and the lines that it replaces."""

    words: str
    keep: Keep
    changes: Mapping[str, Change] = field(default_factory=dict)
    written: bool = False  # whether written numbers are used where there are any


EXACTLY = Reading("", lambda line, values: values)


class Variant(NamedTuple):
    """A mistake, in all layers or in some, and how the next steps use each number."""

    mistake: Mistake
    reading: Reading
    layers: tuple[int, ...] | None = None

    @property
    def right(self) -> "Variant":
        """The same reading without the mistake."""
        return Variant(NO_MISTAKE, self.reading)


# Each reading is made once, so that what a search has computed with it is found again.


@lru_cache
def with_written(reading: Reading) -> Reading:
    """The reading with the written numbers; missing ones are as in the other reading."""
    return replace(reading, written=True)


@lru_cache
def each_rounded(decimals: int) -> Reading:
    """Every number is rounded, and the derivative is computed from the rounded h."""
    return _rounding(counted(decimals, "decimal"), lambda values: rounded(values, decimals))


@lru_cache
def each_significant(digits: int) -> Reading:
    """Every number is rounded to this many significant digits."""
    return _rounding(counted(digits, "significant digit"), lambda values: _significant(values, digits))


def with_rounding_errors(decimals: int, draw: np.random.Generator) -> Reading:
    """Every number that rounding changes gets an error at random, up to the largest of rounding."""
    half = 10.0**-decimals / 2

    def keep(line: Line, values: Array) -> Array:
        moved = values + half * draw.uniform(-1, 1, values.shape)
        return values if line.frozen else np.where(rounded(values, decimals) == values, values, moved)

    return Reading("", keep)


@lru_cache
def as_printed(decimals: int, rule: str = "lecture") -> Reading:
    """As in `hand_calculation`: printed numbers are rounded; on the slide, softmax's derivative is computed from a."""
    return Reading(each_rounded(decimals).words, kept_by_hand(decimals), FROM_A if rule == "lecture" else {})


def roundings(decimals: int | None) -> Iterator[Reading]:
    """Readings that may explain numbers with this many decimals; with None, all usual roundings."""
    for count in range(min(decimals or MOST_DECIMALS, MOST_DECIMALS), 0, -1):
        yield from (each_rounded(count), as_printed(count))
    yield from (each_significant(count) for count in range(MOST_SIGNIFICANT, 1, -1))


def _rounding(digits: str, round_off: Callable[[Array], Array]) -> Reading:
    words = f"every step is rounded to {digits}"
    return Reading(words, lambda line, values: values if line.frozen else round_off(values))


def _significant(values: Array, digits: int) -> Array:
    sizes = np.abs(values)
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.where(sizes > 0, sizes, 1))))
    return np.asarray(rounded(values * scale, 0) / scale)
