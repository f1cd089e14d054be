"""A trace beside the numbers of somebody else, and which of these numbers a mistake explains."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, cached_property, partial
from itertools import takewhile
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.given import GIVEN, Given, Place, numbers_of, place_of
from mlpcli.derivation.compare.mistakes import CALCULUS, MISTAKES, NO_MISTAKE, Mistake
from mlpcli.derivation.compare.readings import EXACTLY, Reading, Variant, as_printed, with_written
from mlpcli.derivation.formula import Name
from mlpcli.derivation.hand_calculation import EvaluatedLines, needs
from mlpcli.derivation.lines import Line, after, lines_of
from mlpcli.derivation.quantities import before, constants_of, setting_of
from mlpcli.derivation.setting import Quantity, Setting, Values, learned_by
from mlpcli.derivation.trace import Trace

MOST_STEPS = 10  # updates computed with a mistake up to the one with a wrong number, and as many after it
UNIT = 2.0**-23  # of float32
ROUND = 3  # significant digits that a person gives a learning rate
NEW = "_new"  # follows the names of parameters after an update
AFTER = "_after"  # and those of the forward pass and the loss with these
STILL = 1e-9  # a smaller step counts as none; relative to the largest step
TRIALS, SPREADS = 6, 4  # errors larger than 4 times the spread of 6 trials are very rare

Numbers = Mapping[Place, Array]
GIVEN_FORMULA = Name("given")  # of a quantity that an update starts from


class Effect(NamedTuple):
    """The effect of a variant on the given numbers."""

    met: frozenset[Place]  # those that agree with the variant
    changed: frozenset[Place]  # those that its mistake changes by more than their tolerance


class Case:
    """The numbers of a trace, `shown`, and those of somebody else, `given`."""

    def __init__(self, trace: Trace, given: Mapping[Place, Given]) -> None:
        self.trace, self.shown, self.setting = trace, numbers_of(trace), setting_of(trace)
        self.layers = range(1, 1 + self.setting.last)
        self.last_step = max(place.step for place in given)
        self.as_traced = EXACTLY if trace.digits is None else as_printed(trace.digits, trace.rule)
        self.as_written = with_written(self.as_traced)
        self._constants = {**constants_of(trace), **marks(self.setting)}
        self._after = any(place.name.endswith(AFTER) for place in given)
        self._before = cache(lambda first: before(trace, first - 1))
        self._lines: dict[tuple[Mistake, tuple[int, ...] | None, int], tuple[Setting, tuple[Line, ...]]] = {}
        self._usual: dict[tuple[Reading, int], EvaluatedLines] = {}
        self._below = cache(lambda right, place: below(self._lines_with(right)[1], place))
        self.effect = cache(self._effect)
        self.given = {**given, **self._with_float32(given)}

    def _with_float32(self, given: Mapping[Place, Given]) -> dict[Place, Given]:
        """Numbers that may come from float32, with a larger tolerance, since float32 rounds every step.

        The size of this error comes from several trials. In each, all numbers of the update change at random by up to
        one unit in their last place.
        """
        single = [place for place, numbers in given.items() if numbers.single and numbers.bound is None]
        if not single:
            return {}
        draw = np.random.default_rng(0)

        def keep(line: Line, values: Array) -> Array:
            return values if line.quantity.symbol == "y" else values * (1 + UNIT * draw.uniform(-1, 1, values.shape))

        trial, last = Variant(NO_MISTAKE, Reading("", keep)), max(place.step for place in single)
        trials = [self._walk(trial, 1, last) for _ in range(TRIALS)]
        wider: dict[Place, Given] = {}
        with np.errstate(invalid="ignore"):
            for place in single:
                spread = np.max([np.abs(numbers[place] - self.shown[place]) for numbers in trials], axis=0)
                wider[place] = replace(given[place], tolerance=np.fmax(given[place].tolerance, SPREADS * spread))
        return wider

    @cached_property
    def expected(self) -> Numbers:
        """The numbers that follow by the trace's rule from the numbers written before."""
        return self._walk(Variant(NO_MISTAKE, self.as_written), 1, self.last_step)

    @cached_property
    def by_calculus(self) -> tuple[Numbers, Numbers]:
        """The exact numbers, whatever the trace's rule: with all digits, and from the numbers written before."""
        exactly, written = (
            self._walk(Variant(CALCULUS, reading), 1, self.last_step) for reading in (EXACTLY, with_written(EXACTLY))
        )
        return exactly, written

    @cached_property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The mistakes that are possible here, the more usual ones first."""
        usual = tuple(mistake for mistake in MISTAKES.values() if mistake.applies(self.setting))
        if self.rate is None or self.rate.fitted > ROUND:
            return usual
        n, factor = self.setting.samples, self.rate.factor
        forgotten = n > 1 and bool(np.isclose([factor, 1 / factor], n).any())  # likely a sum for the mean
        return (*usual, self.rate) if forgotten else (self.rate, *usual)

    @cached_property
    def rate(self) -> Mistake | None:
        """Another learning rate that explains all new parameters."""
        return other_rate(self.trace.learning_rate, self.given, self.expected)

    def reaches(self, variant: Variant, place: Place) -> bool:
        """Whether the number at this place depends on a line that the mistake replaces. Most mistakes are far away."""
        return variant.mistake.reaches(self._below(variant.right, place))

    def comes_out(self, variant: Variant, place: Place) -> bool:
        """Whether the variant gives the numbers at this place. This computes only what they depend on."""
        numbers = self.numbers(variant, place.step, place)
        return place in numbers and self.given[place].agrees(numbers[place])

    def _effect(self, variant: Variant, step: int) -> Effect:
        """The given numbers that agree with the variant, and those that its mistake changes, around this step."""
        right, made = self.numbers(variant.right, step), self.numbers(variant, step)
        there = [(place, given) for place, given in self.given.items() if place in made]
        met = frozenset(place for place, given in there if given.agrees(made[place]))
        changed = frozenset(place for place, given in there if given.tells_apart(made[place], right[place]))
        return Effect(met, changed)

    def refuted(self, variant: Variant, step: int) -> bool:
        """Whether a given number rules the mistake out, since it would be different in every reading."""
        met, changed = self.effect(variant, step)
        if variant.reading is self.as_traced:
            written = self.effect(variant._replace(reading=self.as_written), step)
            return bool(written.changed - written.met - met)
        return bool(changed - met)

    def is_rounded(self, reading: Reading, place: Place) -> bool:
        """Whether all numbers written up to this place that are computed have the digits to which a reading rounds."""
        _, lines = self._lines_with(Variant(NO_MISTAKE, EXACTLY))
        by_place = {place_of(line.quantity, step): line for line in lines for step in range(1, place.step + 1)}
        until = takewhile(lambda each: each != place, self.shown)
        written = [each for each in (*until, place) if each in self.given and each in by_place]
        return all(self.given[each].equals(reading.keep(by_place[each], self.given[each].values)) for each in written)

    def numbers(self, variant: Variant, step: int, only: Place | None = None) -> Numbers:
        """The numbers with a mistake in the steps around this one, or `only` one of them; none if it cannot be made."""
        last = step if only else max(step, min(self.last_step, step + MOST_STEPS))
        try:
            return self._walk(variant, max(1, step - MOST_STEPS + 1), last, only)
        except (ValueError, KeyError):
            return {}

    def _walk(self, variant: Variant, first: int, last: int, only: Place | None = None) -> dict[Place, Array]:
        """All numbers of some updates, each as its line gives it, from the trace's numbers before the first of them.

        The result has the computed numbers; the next lines use what the reading makes of these. With `only`, the last
        update computes this quantity alone. Raises ValueError or KeyError if a line does not fit.
        """
        setting, lines = self._lines_with(variant)
        numbers: dict[Place, Array] = {}
        start = self._before(first)
        for t in range(first, last + 1):
            numbers |= self._shown(start, t)
            keep = partial(self._keep, variant.reading, t)
            start = {q: keep(Line(q, "", GIVEN_FORMULA, "given", frozen=True), values) for q, values in start.items()}
            given = {**start, **self._constants, Quantity("t"): np.array(t)}
            usual = self._usual.get((variant.reading, first)) if t == first else None
            evaluation = EvaluatedLines(lines, setting, given, keep, usual)
            if variant == variant.right and t == first:
                self._usual[variant.reading, first] = evaluation
            alone = only if t == last else None
            evaluation.compute(
                line.quantity for line in lines if (place_of(line.quantity, t) == alone if alone else not line.hidden)
            )
            numbers |= self._shown(evaluation.computed, t)
            if t < last:
                start = {q: start[q] for q in (Quantity("x"), Quantity("y"))} | _next(setting, evaluation.kept)
        return numbers

    def _lines_with(self, variant: Variant) -> tuple[Setting, tuple[Line, ...]]:
        """The lines with a mistake. Readings that change no line share them."""
        key = (variant.mistake, variant.layers, id(variant.reading) if variant.reading.changes else 0)
        if key not in self._lines:
            setting = self.setting._replace(changes={**variant.reading.changes, **self.setting.changes})
            setting = variant.mistake.made_in(setting, variant.layers)
            lines = lines_of(setting)
            self._lines[key] = setting, (*lines, *(after(lines) if self._after else ()))
        return self._lines[key]

    def _keep(self, reading: Reading, t: int, line: Line, values: Array) -> Array:
        """What the next lines use."""
        place = place_of(line.quantity, t)
        if place is None or place not in self.shown:
            return values
        kept, given = reading.keep(line, values), self.given.get(place) if reading.written else None
        return kept if given is None else np.where(np.isnan(given.values), kept, given.values)

    def _shown(self, values: Values, t: int) -> dict[Place, Array]:
        """The values that the trace shows, by their places."""
        places = ((place_of(quantity, t), each) for quantity, each in values.items())
        return {
            place: np.asarray(each, np.float64) for place, each in places if place is not None and place in self.shown
        }


def below(lines: Sequence[Line], place: Place) -> frozenset[str]:
    """The symbols of all quantities on which a number depends; θ for every new parameter and state."""
    by_quantity = {line.quantity: line for line in lines}
    from_before = [line.quantity for line in lines if place.step > 1 and line.section == "update"]
    waiting = from_before + [quantity for quantity in by_quantity if place_of(quantity, place.step) == place]
    seen = set[Quantity]()
    while waiting:
        quantity = waiting.pop()
        if quantity in by_quantity and quantity not in seen:
            seen.add(quantity)
            waiting += needs(by_quantity[quantity].formula)
    updated = {"θ"} if any(by_quantity[quantity].section == "update" for quantity in seen) else set()
    return frozenset(updated | {quantity.symbol.rstrip("*").partition(".")[0] for quantity in seen})


def _next(setting: Setting, kept: Values) -> Values:
    """The parameters and the optimizer state with which the next update starts."""
    values: Values = {}
    for k, layer in enumerate(setting.layers, 1):
        for letter in learned_by(layer):
            names = {letter: f"{letter}′", **{f"{s}₀.{letter}": f"{s}.{letter}" for s in setting.optimizer.slots}}
            values |= {
                Quantity(old, k): kept[Quantity(new, k)] for old, new in names.items() if Quantity(new, k) in kept
            }
    return values


def marks(setting: Setting) -> Values:
    """The values of the names that only lines of mistakes use (see `mistakes`)."""
    objective, n, m = setting.objective, setting.samples, setting.layers[-1].units
    values: Values = {Quantity("n"): n, Quantity("m"): m, Quantity("N"): 1 / objective.batch_factor(n)}
    values |= {Quantity("M"): 1 / objective.output_factor(m), Quantity("u"): np.eye(n)[-1]}
    for k, layer in enumerate(setting.layers, 1):
        values |= {Quantity("p", k): np.eye(layer.units)[0], Quantity("q", k): np.eye(layer.units)[-1]}
    return values


# ----- Another learning rate ------------------------------------------------------------------------------------------


def other_rate(usual: float, given: Mapping[Place, Given], expected: Numbers) -> Mistake | None:
    """The mistake of another learning rate: the steps of all parameters are too long or too short by one factor.

    The right step is θ_new − θ. With η′ for η it is η′/η times as long, by every rule here. Each written θ_new is
    known to half a unit of its last place, so it bounds η′ on both sides. Of the numbers within all bounds, η′ is the
    one with the fewest digits.
    """
    low, high = 0.0, np.inf
    places = [place for place in given if place.name.removesuffix(NEW) in GIVEN and place.name.endswith(NEW)]
    for place in (place for place in places if place.step == places[0].step):
        written, start = given[place], expected[place._replace(name=place.name.removesuffix(NEW))]
        step = expected[place] - start
        moves = np.isfinite(written.values) & (np.abs(step) > STILL * np.max(np.abs(step), initial=0.0))
        mine, slack = (written.values - start)[moves], written.tolerance[moves]
        ends = np.sort(np.stack([mine - slack, mine + slack]) / step[moves], axis=0)
        low, high = float(np.max(ends[0], initial=low)), float(np.min(ends[1], initial=high))
    if not 0 < low <= high < np.inf or low <= 1 <= high:
        return None
    rate, digits = _roundest(low * usual, high * usual)
    words = f"the learning rate is {rate:g}, not {usual:g}"
    if digits > ROUND:
        words = f"the step is {rate / usual:.4g} times as long as it should be"
    return Mistake("other-rate", words, {"θ": f"η → {rate!r} "}, factor=rate / usual, fitted=digits)


def _roundest(low: float, high: float) -> tuple[float, int]:
    """The number between two others with the fewest significant digits, and how many digits it has."""
    for digits in range(1, 17):
        number = float(f"{(low + high) / 2:.{digits - 1}e}")
        if low <= number <= high:
            return number, digits
    return (low + high) / 2, 17
