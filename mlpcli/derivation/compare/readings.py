"""How somebody may have gone on from one figure to the next: with all digits, with those written down, or rounded."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.given import Given
from mlpcli.derivation.compare.places import GIVEN, Place
from mlpcli.derivation.hand_calculation import carried, rounded
from mlpcli.derivation.setting import Change

MOST_DECIMALS, MOST_SIGNIFICANT = 6, 6  # to which one rounds by hand
AFTER = "_after"  # follows the names of the forward pass that is made with the new weights
Keep = Callable[[Place, Array], Array]  # what to go on with, where this has been computed
# On the slide the derivative of softmax comes from a, and not from a rounded h.
FROM_A: Mapping[str, Change] = {"∂h/∂a": "e^aᵢ / Σₖ e^aₖ (δᵢⱼ − e^aⱼ / Σₖ e^aₖ)"}
NOT_PRINTED = ("terms", "da")  # by hand these go into the next product as they are


@dataclass(frozen=True, eq=False)
class Reading:
    """One way to go on, what is said of it, and lines that go with it."""

    words: str
    keep: Keep
    changes: Mapping[str, Change] = field(default_factory=dict)


EXACTLY = Reading("", lambda place, values: values)


def with_written(reading: Reading, given: Mapping[Place, Given]) -> Reading:
    """On from the figures that were written down, and where there are none, as in the other reading."""

    def keep(place: Place, values: Array) -> Array:
        otherwise = reading.keep(place, values)
        return np.where(np.isnan(given[place].values), otherwise, given[place].values) if place in given else otherwise

    return replace(reading, keep=keep)


def by_hand(decimals: int, rule: str = "lecture") -> Reading:
    """As `step_by_hand`: what is printed is rounded; on the slide the derivative of softmax comes from a."""

    def keep(place: Place, values: Array) -> Array:
        name = place.name.removesuffix(AFTER)
        if name in GIVEN:
            return values
        return carried(values, decimals) if name in NOT_PRINTED else rounded(values, decimals)

    return Reading(_words(decimals, "decimal"), keep, FROM_A if rule == "lecture" else {})


def each_rounded(decimals: int) -> Reading:
    """Every figure is rounded, and the derivative comes from h."""
    return Reading(_words(decimals, "decimal"), _rounding(lambda values: rounded(values, decimals), GIVEN))


def each_significant(digits: int) -> Reading:
    """Every figure is rounded to so many significant digits."""
    keep = _rounding(lambda values: _significant(values, digits), GIVEN)
    return Reading(_words(digits, "significant digit"), keep)


def roundings(decimals: int | None) -> Iterator[Reading]:
    """Those that may lie behind figures with so many decimals; None for all that are usual."""
    for count in range(min(decimals or MOST_DECIMALS, MOST_DECIMALS), 0, -1):
        yield from (each_rounded(count), by_hand(count))
    yield from (each_significant(count) for count in range(MOST_SIGNIFICANT, 1, -1))


def _words(count: int, what: str) -> str:
    return f"every step is rounded to {count} {what}{'s' if count != 1 else ''}"


def _rounding(round_off: Callable[[Array], Array], never: tuple[str, ...]) -> Keep:
    def keep(place: Place, values: Array) -> Array:
        return values if place.name.removesuffix(AFTER) in never else round_off(values)

    return keep


def _significant(values: Array, digits: int) -> Array:
    sizes = np.abs(values)
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(np.where(sizes > 0, sizes, 1))))
    return np.asarray(rounded(values * scale, 0) / scale)
