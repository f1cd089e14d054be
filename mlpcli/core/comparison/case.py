"""A trace beside somebody's figures, and which of these come out with a certain mistake."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from mlpcli.core.arrays import Array
from mlpcli.core.comparison.figures import Place, figures_of
from mlpcli.core.comparison.formulas import EXACT, Formulas
from mlpcli.core.comparison.given import Given
from mlpcli.core.comparison.paper import Paper
from mlpcli.core.comparison.rates import ROUND, other_rate
from mlpcli.core.comparison.readings import EXACTLY, Reading, by_hand, each_rounded, with_written
from mlpcli.core.comparison.slip import Slip, slipped
from mlpcli.core.comparison.slips import SLIPS, slide
from mlpcli.core.tracing import Trace

MOST_STEPS = 10  # that a mistake is followed through, up to the one where a figure differs

Figures = Mapping[Place, Array]


@dataclass(frozen=True)
class Variant:
    """A slip, in all layers or in some, and how the figures were gone on with."""

    slip: Slip
    reading: Reading
    layers: tuple[int, ...] | None = None


class Case:
    """The figures of a trace, `shown`, and somebody's own, `given`."""

    def __init__(self, trace: Trace, given: Mapping[Place, Given]) -> None:
        self.trace = trace
        self.given = given
        self.shown = figures_of(trace)
        self.as_traced = EXACTLY if trace.digits is None else by_hand(trace.digits, trace.rule)
        self.as_written = with_written(self.as_traced, given)
        self.layers = range(1, 1 + len(trace.steps[0].layers))
        self._parts = 1 + len(self.layers)  # the step as a whole, and its layers
        self._paper = Paper(trace)
        self._rounded: dict[int, tuple[Reading, ...]] = {}
        self._explained: dict[tuple[Variant, int], frozenset[Place]] = {}

    @cached_property
    def expected(self) -> Figures:
        """What follows by the trace's rule from the figures that were written before."""
        last = max(place.step for place in self.given)
        return self._paper.walk([self._rule(self.as_written)] * self._parts, self.as_written.keep, 1, last)

    @cached_property
    def slips(self) -> tuple[Slip, ...]:
        """Those that can be made here, the more usual ones first."""
        usual = tuple(slip for slip in SLIPS.values() if slip.applies(self.trace))
        return (self.rate, *usual) if self.rate is not None and self.rate.fitted <= ROUND else usual

    @cached_property
    def rate(self) -> Slip | None:
        """Another learning rate, by which all new parameters come out."""
        return other_rate(self.trace, self.given, self.expected)

    def explained(self, variant: Variant, step: int) -> frozenset[Place]:
        """The given figures that come out so, up to this step."""
        if (variant, step) not in self._explained:
            found = self.figures(variant, step) or {}
            met = frozenset(p for p, given in self.given.items() if p in found and given.agrees(found[p]))
            self._explained[variant, step] = met
        return self._explained[variant, step]

    def figures(self, variant: Variant, step: int) -> Figures | None:
        """What follows from a slip; None in a network where it cannot be made."""
        right = self._rule(variant.reading)
        wrong = slipped(right, variant.slip)
        made_in = (0, *self.layers) if variant.layers is None else variant.layers
        formulas = [wrong if k in made_in else right for k in (0, *self.layers)]
        try:
            return self._paper.walk(formulas, variant.reading.keep, max(1, step - MOST_STEPS + 1), step)
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
