"""A quantity that is wrong, as a question: which variants of the update give its numbers, and how many others."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.case import Case
from mlpcli.derivation.compare.given import Given, Place
from mlpcli.derivation.compare.mistakes import NO_MISTAKE
from mlpcli.derivation.compare.readings import Variant


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
    _met: dict[Variant, int] = field(default_factory=dict, init=False, compare=False)  # searches ask repeatedly

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

    def met(self, variant: Variant) -> int:
        """How many of all quantities the variant explains, or 0 if it does not explain this one."""
        if variant not in self._met:
            self._met[variant] = self._count_met(variant)
        return self._met[variant]

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
