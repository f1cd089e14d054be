"""Guesses for a quantity that is nearly right: rounding, and single precision.

Rounding is a reason only for a number that rounding can change. −0/ŷ is 0, whatever ŷ is rounded to.
"""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.given import NOISE, SINGLE
from mlpcli.derivation.compare.mistakes import NO_MISTAKE
from mlpcli.derivation.compare.question import Cause, Question
from mlpcli.derivation.compare.readings import Variant, with_rounding_errors
from mlpcli.report.numbers import counted

CLOSE = 3  # half units of the last place: the error of a number rounded wrongly
SHORT_FLOAT = 6  # significant digits; a number with as many or more may come from single precision
TRIALS, SPREADS = 6, 4  # roundings are tried so many times; errors above 4 times their spread are very rare


def nearly_right(question: Question) -> Iterator[Cause]:
    """Guesses for a quantity that is nearly right."""
    for right in question.answers:
        distance = np.abs(question.given.values - right)[question.off]
        for words, allowed in _allowances(question, right):
            if (distance <= allowed).all():
                yield Cause("rounding", words, sure=False)
                return


def _allowances(question: Question, right: Array) -> Iterator[tuple[str, Array | float]]:
    """Reasons for a small difference, each with the largest difference that it may cause in each wrong number."""
    given, off = question.given, question.off
    if given.decimals is not None:
        words = "the last digit is rounded differently, or numbers in between are rounded"
        yield words, np.where(fixed(question, right), 0, CLOSE * given.half)[off]
    if given.digits.max() >= SHORT_FLOAT:
        yield "it was computed in single precision", SINGLE * np.nanmax(np.abs(right), initial=0.0)
    decimals = _fewest_decimals(question)
    if decimals is not None:
        words = f"numbers in between are rounded to {counted(decimals, 'decimal')}"
        yield words, SPREADS * _rounding_error(question, decimals)[off]


def fixed(question: Question, right: Array) -> Array:
    """Which numbers no rounding changes, to the decimals of this quantity: neither their own nor one before them."""
    given = question.given
    short = given.is_short(right)
    if given.decimals is None or not short[question.off].any():
        return np.full(short.shape, False)
    return np.asarray(short & (_rounding_error(question, given.decimals) == 0))


def _fewest_decimals(question: Question) -> int | None:
    """The smallest number of decimals to which this quantity or one before it was rounded."""
    case = question.case
    before = [p for p in question.right if not p.is_given and not case.given[p].equals(case.shown[p])]
    rounded = (case.given[place].decimals for place in (*before, question.place))
    return min((decimals for decimals in rounded if decimals is not None), default=None)


@lru_cache(maxsize=8)  # several searches for the same quantity ask
def _rounding_error(question: Question, decimals: int) -> Array:
    """How much each number of this quantity changes if all numbers before it are rounded; 0 if that cannot change it.

    The size comes from several trials with random errors of up to half a unit of the last place.
    """
    case, place = question.case, question.place
    draw, shown = np.random.default_rng(0), case.shown[place]
    readings = (with_rounding_errors(decimals, draw) for _ in range(TRIALS))
    trials = (case.numbers(Variant(NO_MISTAKE, reading), place.step, place) for reading in readings)
    errors = np.max([np.abs(numbers.get(place, shown) - shown) for numbers in trials], axis=0)
    return np.where(errors > NOISE * np.maximum(1, np.abs(shown)), errors, 0)
