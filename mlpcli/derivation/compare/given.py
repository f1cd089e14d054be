"""Numbers that somebody else has computed: their quantities, and the range of values that each written number allows.

A written number agrees with all numbers that round to it: 0.28 agrees with 0.2838 but not with 0.2862, 1.0 with 0.96
but not with 0.94. Each number has its own count of digits: programs write 0.3 for 0.30, and some round to significant
digits. Whole numbers, and 0.0, have as many decimals as the other numbers of their quantity. There is one exception: if
a file has numbers of six or more digits, `%g` may have written them, and 123457 has six digits too.

If one number of a quantity has as many digits as a float, a program computed all of them, and they count as exact.
Numbers of six to eleven digits may come from float32. For this, those with eight or more digits must be exactly as
float32 prints them (`style_of`).
"""

from collections import Counter
from collections.abc import Iterable, Mapping
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
TIE = 2e-7  # likewise, of a number in the middle between two decimals, which float32 may round the other way
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
    bound: float | None = None  # the error that was allowed besides rounding, relative to the largest number
    transposed: bool = False  # as written; `values` has the right shape

    def off(self, expected: Array) -> Array:
        """Which numbers differ from those expected, to the digits given. Every number differs from NaN."""
        return self._apart(self.values, expected)

    def tells_apart(self, one: Array, other: Array) -> bool:
        """Whether two results differ by more than the tolerance of these numbers."""
        return bool(self._apart(one, other).any())

    @property
    def half(self) -> Array:
        """Half a unit of the last place of each."""
        return _half(self.places)

    def _apart(self, one: Array, other: Array) -> Array:
        with np.errstate(invalid="ignore"):
            result: Array = np.isfinite(self.values) & ~(np.abs(one - other) <= self.tolerance)
        return result

    def agrees(self, expected: Array) -> bool:
        return not self.off(expected).any()

    def equals(self, expected: Array) -> bool:
        """Whether they agree to all digits of a float, not only to those given."""
        return bool(np.isclose(self.values, expected, rtol=RELATIVE, atol=NOISE)[np.isfinite(self.values)].all())

    def is_short(self, expected: Array) -> Array:
        """Which of the numbers expected have no more decimals than these, so that no rounding changes them."""
        scale = 10.0 ** np.minimum(self.places, MOST_DECIMALS)
        return np.isclose(np.rint(expected * scale) / scale, expected, rtol=RELATIVE, atol=NOISE)

    def precision(self, expected: Array) -> str:
        """How exact an agreement is, in words; nothing if it is exact."""
        if self.equals(expected):
            return ""
        distance = np.where(np.isfinite(self.values), np.abs(self.values - expected), 0.0)
        if self.decimals is not None and (distance <= _half(self.decimals)).all():
            return f"to {counted(self.decimals, 'decimal')}"
        if self.decimals is not None and (distance <= self.half).all():
            return "to the digits given"
        if self.bound is not None:
            return f"within {self.bound:g}"
        if self.decimals is not None and not self.single:
            return "to the digits given"
        return "in single precision" if self.single else ""


class Style(NamedTuple):
    """What all numbers of a file show about each of them."""

    usual: int | None = None  # decimals of most quantities, which a quantity of whole numbers has too
    significant: int = 0  # the largest number of significant digits
    single: bool = False  # whether a program may have printed all of them from float32
    bound: float | None = None  # the error to allow besides rounding, relative to the largest number of a quantity


UNKNOWN = Style()


def style_of(quantities: Mapping[Place, Array], bound: float | None = None) -> Style:
    """The style of the quantities of a file. Computed quantities say more about the decimals than given ones."""
    computed = usual_decimals(texts for place, texts in quantities.items() if not place.is_given)
    usual = usual_decimals(quantities.values()) if computed is None else computed
    digits = {text: _numeral(text).significant for texts in quantities.values() for text in texts.flat}
    most = max(digits.values(), default=0)
    single = PRINTED <= most < ALL_DIGITS and all(
        _as_single(text, count) == float(text) for text, count in digits.items() if count >= SINGLE_DIGITS
    )
    return Style(usual, most, single, bound)


def as_given(texts: Array, transposed: bool = False, style: Style = UNKNOWN) -> Given:
    """A quantity from its numbers as they were written, an array of texts ("" for a missing number)."""
    values = np.array([float(text or "nan") for text in texts.flat]).reshape(texts.shape)
    places, counts, whole = (np.reshape(each, texts.shape) for each in zip(*map(_numeral, texts.flat), strict=True))
    most = _decimals(texts)
    decimals = most if most is not None else BY_HAND if style.usual is None else style.usual
    computed = bool(counts.max() >= (SINGLE_DIGITS if style.single else ALL_DIGITS))
    exact = bool(computed or places.max() > MOST_DECIMALS or (most is None and decimals >= ALL_DIGITS))
    single = style.single or (computed and _is_single(values))
    tolerance = _of_floats(np.abs(values), single, style.bound)
    if not exact:
        places = np.where(whole, np.minimum(decimals, _last_place(np.abs(values), style.significant)), places)
        half = _half(places)
        tie = np.minimum(TIE * np.nanmax(np.abs(values), initial=0.0), half / 25)
        tolerance = half + tolerance if single or style.bound is not None else np.maximum(tolerance, half + tie)
    digits = np.where(counts > 0, counts, ZERO)
    return Given(values, tolerance, digits, places, None if exact else decimals, single, style.bound, transposed)


def _of_floats(sizes: Array, single: bool, bound: float | None) -> Array:
    """How much numbers of these sizes may differ that a program computed, or within the tolerance that was given."""
    largest = np.nanmax(sizes, initial=0.0)
    cancelled = NOISE * max(1.0, largest)
    if bound is not None:
        return np.full(sizes.shape, bound * largest + cancelled)
    return np.full(sizes.shape, SINGLE * largest) if single else RELATIVE * sizes + cancelled


def usual_decimals(quantities: Iterable[Array]) -> int | None:
    """The most common number of decimals among the quantities; of equally common ones, the larger.

    None if all numbers are whole.
    """
    counts = Counter(decimals for texts in quantities if (decimals := _decimals(texts)) is not None)
    return max(counts, key=lambda decimals: (counts[decimals], decimals), default=None)


def _decimals(texts: Array) -> int | None:
    """The largest number of decimals; None if all numbers are whole, also as programs write them (1.0 and 0.0)."""
    numerals = [_numeral(text) for text in texts.flat if not text.endswith(".0")]
    most = max((numeral.decimals for numeral in numerals if not numeral.whole), default=0)
    return most if most > 0 else None


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


def _as_single(text: str, digits: int) -> float:
    """The float32 nearest to a number, as it is printed with this many digits."""
    with np.errstate(over="ignore"):
        return float(f"{np.float32(float(text)):.{digits}g}")


class Numeral(NamedTuple):
    """How a number is written: 0.0280 has 4 decimals and 3 significant digits, 1.2e-5 has 6 and 2."""

    decimals: int
    significant: int
    whole: bool  # whether it shows no decimals: 2, 0, 0.0 and 1e3, but not 2.0 or 1.5e3


@lru_cache(maxsize=4096)
def _numeral(text: str) -> Numeral:
    mantissa, _, exponent = text.lower().partition("e")
    before, point, after = mantissa.lstrip("+-").partition(".")
    power, digits = int(exponent or 0), (before + after).lstrip("0")
    whole = text != "" and ((float(text) == 0 and len(after) <= 1) or (not point and power >= 0))
    return Numeral(len(after) - power, len(digits), whole)
