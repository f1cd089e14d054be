"""A trace beside somebody's figures, and which of these come out with a certain mistake."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.comparison.figures import Place, figures_of
from mlpcli.core.comparison.formulas import EXACT, Formulas
from mlpcli.core.comparison.given import Given
from mlpcli.core.comparison.paper import Paper
from mlpcli.core.comparison.rates import ROUND, other_rate
from mlpcli.core.comparison.readings import EXACTLY, Reading, by_hand, each_rounded, with_written
from mlpcli.core.comparison.slip import NO_SLIP, Slip, slipped
from mlpcli.core.comparison.slips import SLIPS, slide
from mlpcli.core.tracing import Trace

MOST_STEPS = 10  # that a mistake is followed through, up to the one where a figure differs, and after it
UNIT = 2.0**-23  # of float32
TRIALS, SPREADS = 6, 4  # so many spreads of so many trials are hardly ever exceeded

Figures = Mapping[Place, Array]


@dataclass(frozen=True)
class Variant:
    """A slip, in all layers or in some, and how the figures were gone on with."""

    slip: Slip
    reading: Reading
    layers: tuple[int, ...] | None = None


class Outcome(NamedTuple):
    """What a variant makes of the figures that were given."""

    met: frozenset[Place]  # those that come out so
    changed: frozenset[Place]  # those that its slip makes differ by more than their digits allow


class Case:
    """The figures of a trace, `shown`, and somebody's own, `given`."""

    def __init__(self, trace: Trace, given: Mapping[Place, Given]) -> None:
        self.trace = trace
        self.shown = figures_of(trace)
        self.as_traced = EXACTLY if trace.digits is None else by_hand(trace.digits, trace.rule)
        self.layers = range(1, 1 + len(trace.steps[0].layers))
        self._parts = 1 + len(self.layers)  # the step as a whole, and its layers
        self._paper = Paper(trace)
        self.given = self._with_float32(given)
        self.as_written = with_written(self.as_traced, self.given)
        self._rounded: dict[int, tuple[Reading, ...]] = {}
        self._outcomes: dict[tuple[Variant, int], Outcome] = {}
        self._right: dict[tuple[Reading, int], Figures] = {}

    def _with_float32(self, given: Mapping[Place, Given]) -> Mapping[Place, Given]:
        """The figures that may come from float32, with what its rounding of every number does to each of them.

        All numbers of the update are changed at random by up to one unit in their last place, several times.
        """
        single = [place for place, figures in given.items() if figures.single and figures.bound is None]
        if not single:
            return given
        draw = np.random.default_rng(0)

        def keep(place: Place, values: Array) -> Array:
            return values if place.name == "y" else values * (1 + UNIT * draw.uniform(-1, 1, values.shape))

        rules, last = [self._rule(self.as_traced)] * self._parts, max(place.step for place in single)
        walks = [self._paper.walk(rules, keep, 1, last) for _ in range(TRIALS)]
        result = dict(given)
        with np.errstate(invalid="ignore"):
            for place in single:
                spread = np.max([np.abs(found[place] - self.shown[place]) for found in walks], axis=0)
                wider = np.fmax(given[place].tolerance, SPREADS * spread)
                result[place] = replace(given[place], tolerance=wider)
        return result

    @cached_property
    def expected(self) -> Figures:
        """What follows by the trace's rule from the figures that were written before."""
        last = max(place.step for place in self.given)
        return self._paper.walk([self._rule(self.as_written)] * self._parts, self.as_written.keep, 1, last)

    @cached_property
    def slips(self) -> tuple[Slip, ...]:
        """Those that can be made here, the more usual ones first."""
        usual = tuple(slip for slip in SLIPS.values() if slip.applies(self.trace))
        if self.rate is None or self.rate.fitted > ROUND:
            return usual
        n, factor = (
            len(self.trace.steps[0].y),
            self.rate.changes["rate"](None, lambda _: None) / self.trace.learning_rate,
        )
        forgotten = n > 1 and bool(np.isclose([factor, 1 / factor], n).any())  # rather a sum where the mean is asked
        return (*usual, self.rate) if forgotten else (self.rate, *usual)

    @cached_property
    def rate(self) -> Slip | None:
        """Another learning rate, by which all new parameters come out."""
        return other_rate(self.trace, self.given, self.expected)

    def outcome(self, variant: Variant, step: int) -> Outcome:
        """Which of the given figures come out so, and which the slip changes, in the steps around this one."""
        if (variant, step) not in self._outcomes:
            found, right = self.figures(variant, step) or {}, self._without_slip(variant.reading, step)
            there = [(place, given) for place, given in self.given.items() if place in found]
            met = frozenset(place for place, given in there if given.agrees(found[place]))
            changed = frozenset(place for place, given in there if given.tells_apart(found[place], right[place]))
            self._outcomes[variant, step] = Outcome(met, changed)
        return self._outcomes[variant, step]

    def refuted(self, variant: Variant, step: int) -> bool:
        """Whether a given figure shows that the slip was not made: it would be another, whichever way one goes on."""
        outcome = self.outcome(variant, step)
        if variant.reading is self.as_traced:
            written = self.outcome(replace(variant, reading=self.as_written), step)
            return bool(written.changed - written.met - outcome.met)
        return bool(outcome.changed - outcome.met)

    def _without_slip(self, reading: Reading, step: int) -> Figures:
        if (reading, step) not in self._right:
            self._right[reading, step] = self.figures(Variant(NO_SLIP, reading), step) or {}
        return self._right[reading, step]

    def figures(self, variant: Variant, step: int) -> Figures | None:
        """What follows from a slip in the steps around this one; None in a network where it cannot be made."""
        right = self._rule(variant.reading)
        wrong = slipped(right, variant.slip)
        made_in = (0, *self.layers) if variant.layers is None else variant.layers
        formulas = [wrong if k in made_in else right for k in (0, *self.layers)]
        last = min(max(place.step for place in self.given), step + MOST_STEPS)
        try:
            return self._paper.walk(formulas, variant.reading.keep, max(1, step - MOST_STEPS + 1), max(step, last))
        except (ValueError, IndexError, KeyError):
            return None

    def by_calculus(self, step: int) -> tuple[Figures, Figures]:
        """What is true, whatever the trace's rule: with all digits, and from the figures that were written before."""
        readings, formulas = (EXACTLY, with_written(EXACTLY, self.given)), [EXACT] * self._parts
        exactly, from_written = (self._paper.walk(formulas, reading.keep, 1, step) for reading in readings)
        return exactly, from_written

    def rounded_by_hand(self, decimals: int) -> tuple[Reading, ...]:
        """From the figures that were written before, and rounded to so many decimals where there are none."""
        if decimals not in self._rounded:
            self._rounded[decimals] = tuple(with_written(way(decimals), self.given) for way in (each_rounded, by_hand))
        return self._rounded[decimals]

    def _rule(self, reading: Reading) -> Formulas:
        """The formulas that the trace goes by."""
        formulas: Formulas = {**EXACT, **reading.formulas}
        if self.trace.rule == "lecture":
            for slip in slide(self.trace):
                formulas = slipped(formulas, slip)
        return formulas
