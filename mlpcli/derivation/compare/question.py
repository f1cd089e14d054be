"""A quantity that is wrong, as a question: which variants of the update give it, and which mistakes of the pen."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from itertools import zip_longest
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.case import Case
from mlpcli.derivation.compare.given import NOISE, SINGLE, Given, Place
from mlpcli.derivation.compare.mistakes import NO_MISTAKE
from mlpcli.derivation.compare.readings import Variant, with_rounding_errors
from mlpcli.derivation.trace import Trace
from mlpcli.report.numbers import counted

SURE = 4  # significant digits that distinguish a mistake from most others
FITTED_FACTOR = "constant factor"
MOST_PLACES = 40  # decimals; a float64 has no more to cut off, and the scale stays finite
TRANSPOSED = "it is transposed (here a row of W is a unit, a row of x a sample)"


class Cause(NamedTuple):
    """A row of the table of mistakes, or one of the causes below, with its description for this case."""

    name: str
    description: str
    sure: bool = True  # or a guess
    short: bool = False  # whether it is a guess because of too few digits


@dataclass(frozen=True)
class Question:
    """A quantity that is wrong and does not follow from the numbers written before it."""

    case: Case
    place: Place
    right: frozenset[Place]  # the quantities before it that are right

    @property
    def given(self) -> Given:
        return self.case.given[self.place]

    @property
    def answers(self) -> tuple[Array, Array]:
        """The right numbers: computed from the numbers written before, and those of the trace."""
        return self.case.expected[self.place], self.case.shown[self.place]

    @cached_property
    def off(self) -> Array:
        """Which of its numbers are wrong."""
        result: Array = self.given.off(self.answers[0]) & self.given.off(self.answers[1])
        return result if result.any() else self.given.off(self.answers[1])

    @cached_property
    def digits(self) -> int:
        """How many significant digits a mistake must meet."""
        return int(self.given.digits[self.off].sum())

    @cached_property
    def met(self) -> Callable[[Variant], int]:
        """How many of all quantities a variant explains, or 0 if not this one. Searches ask repeatedly."""
        return cache(self._count_met)

    def _count_met(self, variant: Variant) -> int:
        """How many of all quantities agree with the variant.

        0 if this quantity does not agree, or if a right quantity before it does not. Also 0 if the mistake changes this
        quantity by less than its digits show, or if another quantity rules it out. A mistake that was fitted to the
        numbers gives 0 unless these have more digits than were fitted.
        """
        case, step, made = self.case, self.place.step, variant.mistake is not NO_MISTAKE
        if self.digits <= variant.mistake.fitted or (made and not case.reaches(variant, self.place)):
            return 0
        if not case.comes_out(variant, self.place):
            return 0
        met, changed = case.effect(variant, step)
        if made and self.place not in changed:
            return 0
        without = case.effect(variant.right, step).met
        return 0 if self.right & (without - met) or case.refuted(variant, step) else len(met)

    @property
    def met_alone(self) -> int:
        """How many quantities agree if only this one is wrong."""
        case = self.case
        return 1 + sum(given.agrees(case.shown[p]) or given.agrees(case.expected[p]) for p, given in case.given.items())


# ----- Mistakes of the pen: a sign, a factor, a digit or a place, in all numbers of a quantity or only in some --------


class PenMistake(NamedTuple):
    """A mistake in writing a quantity: its description as a clause, and the numbers that it gives."""

    name: str
    description: str
    faulty: Array
    single: bool = False  # whether it also happens to one number among others
    fitted: int = 0  # significant digits of a factor that was chosen to fit


def pen_mistakes(right: Array, given: Given, trace: Trace) -> Iterator[PenMistake]:
    """The mistakes of the pen that may explain the given numbers, the more usual ones first."""
    (n, m), rate = trace.steps[0].y.shape, trace.learning_rate
    yield PenMistake("sign", "it has the wrong sign", -right, single=True)
    yield PenMistake("transposed", TRANSPOSED, right.T if right.T.shape == right.shape and right.ndim == 2 else right)
    factors = {
        "½": 1 / 2, "2": 2, "n": n, "1/n": 1 / n, "outputs": m, "1/outputs": 1 / m,
        "n·outputs": n * m, "1/(n·outputs)": 1 / (n * m),
        "1/ln 10": 1 / np.log(10), "ln 10": np.log(10), "1/ln 2": 1 / np.log(2), "ln 2": np.log(2),
        "η": rate, "−η": -rate, "1/η": 1 / rate, "−1/η": -1 / rate,
    }  # fmt: skip
    for name, factor in factors.items():
        yield PenMistake(f"factor {name}", f"it has a factor {name} too many", factor * right)
    scale = 10.0 ** np.minimum(given.places, MOST_PLACES)
    cut = np.trunc(right * scale) / scale
    yield PenMistake("cut off", "it is truncated after the last decimal, not rounded", cut, single=True)
    for factor in (10.0, 100.0, 0.1, 0.01):
        shifted = np.where((given.values == 0) & (right != 0), np.nan, factor * right)  # no shift makes a number 0
        yield PenMistake(f"decimal point {factor:g}", "the decimal point is in another place", shifted, single=True)
    ordered = np.empty(right.size)  # the right numbers in the order of the given ones
    ordered[np.argsort(given.values, axis=None)] = np.sort(right, axis=None)
    yield PenMistake("order", "these are the right numbers in another order", ordered.reshape(right.shape))
    if np.count_nonzero(given.off(right)) > 1:  # a single number is a multiple of any other
        with np.errstate(all="ignore"):
            ratio = np.sum(np.nan_to_num(given.values) * right) / np.sum(right * right)
        words, digits = f"all its numbers are {ratio:.4g} times the right ones", int(given.digits.max())
        yield PenMistake(FITTED_FACTOR, words, ratio * right, fitted=digits)


def written_wrongly(question: Question) -> Iterator[Cause]:
    """A mistake of the pen in all numbers of the quantity."""
    return _miswritten(question, np.full(question.given.values.shape, True), "")


def some_written_wrongly(question: Question) -> Iterator[Cause]:
    """One that happened to the wrong numbers only."""
    return _miswritten(question, question.off, there(question.off))


def _miswritten(question: Question, wrong: Array, where: str) -> Iterator[Cause]:
    """The first mistake of the pen that gives the wrong numbers; if they are `where` says, one that happens to some."""
    given, trace = question.given, question.case.trace
    rows = [[(row, right) for row in pen_mistakes(right, given, trace)] for right in question.answers]
    for row, right in (pair for pairs in zip_longest(*rows) for pair in pairs if pair is not None):
        fits = not (given.off(row.faulty) & wrong).any() and given.tells_apart(row.faulty, right)
        if fits and (row.single or not where):
            yield Cause(row.name, row.description + where, short=question.digits - row.fitted < SURE)
            return


def there(off: Array) -> str:
    """In which numbers, for the end of a clause."""
    return ", only in this number" if off.sum() == 1 else ", only in these numbers"


# ----- Nearly right: rounding, and single precision -----------------------------------------------------------------

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
        words = "the last digit is rounded differently, or intermediate results are rounded"
        yield words, np.where(fixed(question, right), 0, CLOSE * given.half)[off]
    if given.digits.max() >= SHORT_FLOAT:
        yield "it was computed in single precision", SINGLE * np.nanmax(np.abs(right), initial=0.0)
    decimals = _fewest_decimals(question)
    if decimals is not None:
        words = f"intermediate results are rounded to {counted(decimals, 'decimal')}"
        yield words, SPREADS * _rounding_error(question, decimals)[off]


def fixed(question: Question, right: Array) -> Array:
    """Which numbers no rounding changes, to the decimals of this quantity: neither their own nor one before them.

    For these, rounding is no reason: −0/ŷ is 0, whatever ŷ is rounded to.
    """
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
