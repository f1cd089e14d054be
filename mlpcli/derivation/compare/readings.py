"""Readings: how somebody may have used each number in the next steps, with all digits, as written, or rounded."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.given import GIVEN, Given, Place
from mlpcli.derivation.hand_calculation import carried, rounded
from mlpcli.derivation.setting import Change
from mlpcli.report.numbers import counted

MOST_DECIMALS, MOST_SIGNIFICANT = 6, 6  # most digits of rounding by hand
Keep = Callable[[Place, Array], Array]  # the numbers that the next steps use instead of the computed ones
# On the slide, the derivative of softmax is computed from a, not from a rounded h.
FROM_A: Mapping[str, Change] = {"∂h/∂a": "e^aᵢ / Σₖ e^aₖ (δᵢⱼ − e^aⱼ / Σₖ e^aₖ)"}
NOT_PRINTED = ("terms", "da")  # a calculation by hand uses these in the next product with twice the decimals


@dataclass(frozen=True, eq=False)
class Reading:
    """A way to use numbers in the next steps, its description, and the lines that it replaces."""

    words: str
    keep: Keep
    changes: Mapping[str, Change] = field(default_factory=dict)


EXACTLY = Reading("", lambda place, values: values)


def with_written(reading: Reading, given: Mapping[Place, Given]) -> Reading:
    """The reading with the written numbers; missing ones are as in the other reading."""

    def keep(place: Place, values: Array) -> Array:
        otherwise = reading.keep(place, values)
        return np.where(np.isnan(given[place].values), otherwise, given[place].values) if place in given else otherwise

    return replace(reading, keep=keep)


def each_rounded(decimals: int) -> Reading:
    """Every number is rounded, and the derivative is computed from the rounded h."""
    return _rounding(counted(decimals, "decimal"), lambda values: rounded(values, decimals))


def each_significant(digits: int) -> Reading:
    """Every number is rounded to this many significant digits."""
    return _rounding(counted(digits, "significant digit"), lambda values: _significant(values, digits))


def as_printed(decimals: int, rule: str = "lecture") -> Reading:
    """As in `hand_calculation`: printed numbers are rounded; on the slide, softmax's derivative is computed from a."""
    reading = each_rounded(decimals)

    def keep(place: Place, values: Array) -> Array:
        return carried(values, decimals) if _plain(place) in NOT_PRINTED else reading.keep(place, values)

    return Reading(reading.words, keep, FROM_A if rule == "lecture" else {})


def roundings(decimals: int | None) -> Iterator[Reading]:
    """Readings that may explain numbers with this many decimals; with None, all usual roundings."""
    for count in range(min(decimals or MOST_DECIMALS, MOST_DECIMALS), 0, -1):
        yield from (each_rounded(count), as_printed(count))
    yield from (each_significant(count) for count in range(MOST_SIGNIFICANT, 1, -1))


def _rounding(digits: str, round_off: Callable[[Array], Array]) -> Reading:
    def keep(place: Place, values: Array) -> Array:
        return values if _plain(place) in GIVEN else round_off(values)

    return Reading(f"every step is rounded to {digits}", keep)


def _plain(place: Place) -> str:
    """The name without the mark of the new weights: h for h_after."""
    return place.name.removesuffix("_after")


def _significant(values: Array, digits: int) -> Array:
    sizes = np.abs(values)
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.where(sizes > 0, sizes, 1))))
    return np.asarray(rounded(values * scale, 0) / scale)
