"""The numbers of somebody else beside a trace: which of them differ, the first that does, and the usual mistake.

A number is right if the trace has the same. If not, it may still follow from the numbers written before it: from their
rounding, or from a mistake in them. A number that is neither right nor follows is a new mistake.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from mlpcli.derivation.compare.case import Case
from mlpcli.derivation.compare.causes import causes_of
from mlpcli.derivation.compare.given import Given, Place
from mlpcli.derivation.compare.question import TRANSPOSED, Cause, Question
from mlpcli.derivation.trace import Trace

AFTER_A_MISTAKE = 3  # half units of the last place by which a number may miss what follows from rounded ones
MOST_DIFFERENCES = 8  # whose causes are searched
ALSO_WRONG = "it is transposed, and some of its numbers differ, too, without a usual cause"
ROUNDED = Cause("rounding", "it follows from your earlier numbers, which are rounded")


@dataclass(frozen=True)
class Verdict:
    """The result for one quantity."""

    place: Place
    size: int  # how many numbers of it were given
    off: int  # how many of them are not what the trace has
    follows: bool  # whether they follow from the numbers before
    precision: str  # how exact an agreement is, in words; empty if it is exact

    @property
    def agrees(self) -> bool:
        return self.off == 0

    @property
    def word(self) -> str:
        return "agrees" if self.agrees else "follows" if self.follows else "differs"


@dataclass(frozen=True)
class Difference:
    """A quantity that differs, its number with the largest error, and the causes."""

    place: Place
    index: tuple[int, ...]
    mine: float
    true: float
    causes: tuple[Cause, ...]
    shapes: tuple[tuple[int, ...], tuple[int, ...]] | None  # yours and the right one, if they differ


@dataclass(frozen=True)
class Comparison:
    """All given quantities, in the order of calculation, and the first ones with a mistake."""

    verdicts: tuple[Verdict, ...]
    differences: tuple[Difference, ...]

    @property
    def agrees(self) -> bool:
        return not self.differences


def compare(trace: Trace, given: Mapping[Place, Given]) -> Comparison:
    """The comparison of given numbers with those of a trace. Each given place is in the trace."""
    case = Case(trace, given)
    verdicts: list[Verdict] = []
    differences: list[Difference] = []
    right: set[Place] = set()
    for place in case.shown:
        if place not in given:
            continue
        verdict = _verdict(case, place, AFTER_A_MISTAKE if differences else 1)
        verdicts.append(verdict)
        if verdict.agrees or verdict.follows:
            right.add(place)
        if not verdict.agrees and len(differences) < MOST_DIFFERENCES and not (verdict.follows and differences):
            differences.append(_difference(case, verdict, frozenset(right)))
    return Comparison(tuple(verdicts), tuple(differences))


def _verdict(case: Case, place: Place, allowed: float) -> Verdict:
    """Whether a quantity is right, or follows from those before it up to this many times its tolerance."""
    given = case.given[place]
    size = int(np.isfinite(given.values).sum())
    off = size if given.transposed else int(given.off(case.shown[place]).sum())
    about = replace(given, tolerance=given.tolerance * allowed)
    follows = off > 0 and not given.transposed and about.agrees(case.expected[place])
    return Verdict(place, size, off, follows, given.precision(case.shown[place]))


def _difference(case: Case, verdict: Verdict, right: frozenset[Place]) -> Difference:
    place, given, shown = verdict.place, case.given[verdict.place], case.shown[verdict.place]
    wrong = given.off(shown) if given.off(shown).any() else np.isfinite(given.values)
    distance = np.where(wrong, np.abs(given.values - shown), -1.0)
    index = tuple(int(i) for i in np.unravel_index(np.argmax(distance), shown.shape))
    causes = (ROUNDED,) if verdict.follows else _causes(Question(case, place, right))
    shapes = (shown.shape[::-1], shown.shape) if given.transposed else None
    return Difference(place, index, float(given.values[index]), float(shown[index]), causes, shapes)


def _causes(question: Question) -> tuple[Cause, ...]:
    """Why the numbers differ. If their shape is transposed, that comes first."""
    if not question.given.transposed:
        return causes_of(question)
    if any(question.given.agrees(right) for right in question.answers):
        return (Cause("transposed", TRANSPOSED),)
    causes = causes_of(question)
    if not causes:
        return (Cause("transposed", ALSO_WRONG),)
    return causes[0]._replace(description=f"it is transposed, and {causes[0].description}"), *causes[1:]
