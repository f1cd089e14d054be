"""Numbers that somebody else has computed: their quantities, and the range of values that each written number allows.

A written number agrees with all numbers that round to it: 0.28 agrees with 0.2838 but not with 0.2862, 1.0 with 0.96
but not with 0.94. Each number has its own count of digits: programs write 0.3 for 0.30, and some round to significant
digits. Whole numbers, and 0.0, have as many decimals as the other numbers of their quantity. There is one exception: if
a file has numbers of six or more digits, `%g` may have written them, and 123457 has six digits too.

If one number of a quantity has as many digits as a float, a program computed all of them, and they count as exact.
Numbers of six to eleven digits may come from float32. For this, those with eight or more digits must be exactly as
float32 prints them (`are_single`).
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.names import json_name
from mlpcli.derivation.quantities import shown_of
from mlpcli.derivation.setting import Quantity
from mlpcli.derivation.trace import Trace
from mlpcli.report.numbers import counted

ALL_DIGITS = 12  # significant digits; a number with as many or more was computed by a program, not typed
MOST_DECIMALS = 50  # likewise; a number with more decimals was computed
RELATIVE = 1e-9  # how much such numbers may differ, since the order of a sum changes its rounding
SINGLE_DIGITS = 8  # a decimal number with as many digits or more may not be one that float32 prints
PRINTED = 6  # significant digits of `%g` and `%f`: programs print this many, people rarely do
SINGLE = 2e-6  # how much numbers of float32 may differ, relative to the largest one
SLACK = 1e-6  # of half a unit: 0.285 is stored as 0.28499999999999998
ZERO = 2  # significant digits that a zero counts as
BY_HAND = 2  # decimals, if all numbers are whole
NOISE = 1e-15  # what remains after numbers cancel
GIVEN = ("x", "y", "W", "b", "alpha")  # in the first update; all other quantities are computed


class Place(NamedTuple):
    """A quantity of a trace. `v.W` is the part of the optimizer's state v that belongs to W."""

    step: int  # from 1
    layer: int  # from 1; 0 for what belongs to the step as a whole
    name: str

    @property
    def is_given(self) -> bool:
        """Whether the update starts from it."""
        return self.step == 1 and self.name in GIVEN


def numbers_of(trace: Trace) -> dict[Place, Array]:
    """All numbers of a trace: given, forward, loss, backward from the last layer down, update, loss after it."""
    return {
        Place(t, shown.layer, shown.name): np.asarray(shown.values, np.float64)
        for t in range(1, len(trace.steps) + 1)
        for shown in shown_of(trace, t - 1)
    }


@lru_cache(maxsize=4096)
def place_of(quantity: Quantity, step: int) -> Place | None:
    """The place of a quantity; None if it is in no document."""
    name = json_name(quantity)
    return Place(step, quantity.layer, name) if name else None


# ----- What the digits allow ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """A quantity as somebody else has written it; NaN for a missing number."""

    values: Array
    tolerance: Array  # how much each may differ
    digits: Array  # significant digits of each
    places: Array  # decimals of each
    decimals: int | None  # the largest number of decimals; None if the numbers are exact
    single: bool = False  # they may come from float32
    bound: float | None = None  # the tolerance that was given, relative to the largest number
    transposed: bool = False  # as written; `values` has the right shape

    def off(self, expected: Array) -> Array:
        """Which numbers differ from those expected, to the digits given. Every number differs from NaN."""
        with np.errstate(invalid="ignore"):
            near = np.abs(self.values - expected) <= self.tolerance
        result: Array = np.isfinite(self.values) & ~near
        return result

    def tells_apart(self, one: Array, other: Array) -> bool:
        """Whether two results differ by more than the tolerance of these numbers."""
        with np.errstate(invalid="ignore"):
            alike = np.abs(one - other) <= self.tolerance
        return bool((np.isfinite(self.values) & ~alike).any())

    def agrees(self, expected: Array) -> bool:
        return not self.off(expected).any()

    def equals(self, expected: Array) -> bool:
        """Whether they agree to all digits of a float, not only to those given."""
        return bool(np.isclose(self.values, expected, rtol=RELATIVE, atol=NOISE)[np.isfinite(self.values)].all())

    def precision(self, expected: Array) -> str:
        """How exact an agreement is, in words; nothing if it is exact."""
        if self.equals(expected):
            return ""
        distance = np.where(np.isfinite(self.values), np.abs(self.values - expected), 0.0)
        if self.decimals is not None and (distance <= _half(self.decimals)).all():
            return f"to {counted(self.decimals, 'decimal')}"
        if self.decimals is not None and (distance <= _half(self.places)).all():
            return "to the digits given"
        if self.bound is not None:
            return f"within {self.bound:g}"
        return "in single precision" if self.single else ""


def as_given(
    texts: Array,
    transposed: bool = False,
    usual: int | None = None,
    significant: int = 0,
    single: bool = False,
    bound: float | None = None,
) -> Given:
    """A quantity from its numbers as they were written, an array of texts ("" for a missing number).

    `usual` is the number of decimals of other quantities, for a quantity of whole numbers only; `significant` is the
    largest number of significant digits in any quantity; `single` says that all quantities may come from a program that
    computes in float32 (`are_single`). `bound` is an additional tolerance, relative to the largest number.
    """
    values = np.array([float(text or "nan") for text in texts.flat]).reshape(texts.shape)
    places, counts = (np.reshape(each, texts.shape) for each in zip(*map(_digits, texts.flat), strict=True))
    whole = np.reshape([_is_whole(text) for text in texts.flat], texts.shape)
    most = _decimals(texts)
    decimals = most if most is not None else BY_HAND if usual is None else usual
    computed = counts.max() >= (SINGLE_DIGITS if single else ALL_DIGITS)
    exact = bool(computed or places.max() > MOST_DECIMALS or (most is None and decimals >= ALL_DIGITS))
    sizes = np.abs(values)
    largest = np.nanmax(sizes, initial=0.0)
    single = single or (bool(computed) and _is_single(values))
    if bound is not None:
        tolerance = bound * largest + NOISE * max(1.0, largest)
    else:
        tolerance = SINGLE * largest if single else RELATIVE * sizes + NOISE * max(1.0, largest)
    if not exact:
        places = np.where(whole, np.minimum(decimals, _last_place(sizes, significant)), places)
        half = _half(places)
        tolerance = half + tolerance if single or bound is not None else np.maximum(tolerance, half)
    return Given(
        values,
        np.broadcast_to(tolerance, values.shape),
        np.where(counts > 0, counts, ZERO),
        places,
        None if exact else decimals,
        single,
        bound,
        transposed,
    )


def are_single(quantities: Iterable[Array]) -> bool:
    """Whether a program may have printed all these numbers from float32."""
    counts = {text: _digits(text)[1] for texts in quantities for text in texts.flat}
    if not PRINTED <= max(counts.values(), default=0) < ALL_DIGITS:
        return False
    return all(_as_single(t, counts[t]) == float(t) for t in counts if counts[t] >= SINGLE_DIGITS)


def _as_single(text: str, digits: int) -> float:
    """The float32 nearest to a number, as it is printed with this many digits."""
    with np.errstate(over="ignore"):
        return float(f"{np.float32(float(text)):.{digits}g}")


def most_significant(quantities: Iterable[Array]) -> int:
    """The largest number of significant digits."""
    return max((_digits(text)[1] for texts in quantities for text in texts.flat), default=0)


def usual_decimals(quantities: Iterable[Array]) -> int | None:
    """The most common number of decimals among the quantities; of equally common ones, the larger.

    None if all numbers are whole.
    """
    counts = Counter(decimals for texts in quantities if (decimals := _decimals(texts)) is not None)
    return max(counts, key=lambda decimals: (counts[decimals], decimals), default=None)


def _decimals(texts: Array) -> int | None:
    """The largest number of decimals; None if all numbers are whole, also as programs write them (1.0 and 0.0)."""
    places = [_digits(text)[0] for text in texts.flat if not _is_whole(text) and not text.endswith(".0")]
    if places and max(places) > 0:
        return max(places)
    return None


def _last_place(sizes: Array, significant: int) -> Array:
    """How many decimals `%g` shows for numbers of this size; infinity for fewer than six significant digits."""
    if significant < PRINTED:
        return np.full(sizes.shape, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        exponents = np.floor(np.log10(sizes))
    return np.asarray(np.where(np.isfinite(exponents), significant - 1 - exponents, np.inf))


def _half(places: Array | int) -> Array:
    """Half a unit of the last place, and a little more, since binary fractions are not exact."""
    return np.asarray(10.0 ** -np.asarray(places, np.float64) / 2 * (1 + SLACK))


def _is_single(values: Array) -> bool:
    """Whether all values are exactly float32 numbers. Numbers with many digits are not float32 by chance."""
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(((values.astype(np.float32) == values) | np.isnan(values)).all())


def _is_whole(text: str) -> bool:
    """Whether a number shows no decimals: 2, 0, 0.0 and 1e3, but not 2.0 or 1.5e3."""
    mantissa, _, exponent = text.lower().partition("e")
    return text != "" and (
        (float(text) == 0 and len(mantissa.partition(".")[2]) <= 1) or ("." not in mantissa and int(exponent or 0) >= 0)
    )


def _digits(text: str) -> tuple[int, int]:
    """Decimals and significant digits of a number as it was written: 0.0280 has 4 and 3, 1.2e-5 has 6 and 2."""
    mantissa, _, exponent = text.lower().partition("e")
    whole, _, fraction = mantissa.lstrip("+-").partition(".")
    return len(fraction) - int(exponent or 0), len((whole + fraction).lstrip("0"))
