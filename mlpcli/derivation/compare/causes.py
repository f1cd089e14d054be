"""Why a figure differs: the search for the usual mistake that gives exactly what somebody has written.

A mistake explains a figure if the figure comes out to the digits given, what was right before it stays right, and no
other figure refutes it. Of several such mistakes, those count under which most of all figures come out. What these
figures cannot tell apart is named together, the more usual mistake first.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.case import Case, Variant
from mlpcli.derivation.compare.given import SINGLE, Given
from mlpcli.derivation.compare.mistakes import NO_MISTAKE, ON_THE_SLIDE
from mlpcli.derivation.compare.pen_slips import PEN_SLIPS, PenSlip
from mlpcli.derivation.compare.places import Place
from mlpcli.derivation.compare.readings import Reading, each_rounded, roundings, with_written

SURE = 4  # significant digits by which a mistake is told from most others
ENOUGH = 6  # by which it is told from hundreds of others
CLOSE, LOOSE = 3, 5  # half units of the last place: what may be a figure rounded wrongly, or rounding in between
SHORT_FLOAT = 6  # significant digits, from which on a figure may come from single precision
MOST_CAUSES = 3


@dataclass(frozen=True)
class Cause:
    """A row of SLIPS or of PEN_SLIPS, or one of the causes below, and what is said of it here."""

    name: str
    description: str
    sure: bool = True  # or a guess
    short: bool = False  # whether it is one for want of digits


@dataclass(frozen=True)
class Question:
    """A figure that neither is what the trace has nor follows from the figures before it."""

    case: Case
    place: Place
    right: frozenset[Place]  # the figures before it that are right

    @property
    def given(self) -> Given:
        return self.case.given[self.place]

    @property
    def answers(self) -> tuple[Array, Array]:
        """What it might have been: from the figures that were written before, and as the trace has it."""
        return self.case.expected[self.place], self.case.shown[self.place]

    @property
    def off(self) -> Array:
        """Which of its numbers are wrong."""
        result: Array = self.given.off(self.answers[0]) & self.given.off(self.answers[1])
        return result if result.any() else self.given.off(self.answers[1])

    @property
    def digits(self) -> int:
        """How many significant digits a mistake must meet."""
        return int(self.given.digits[self.off].sum())

    def met(self, variant: Variant) -> int:
        """How many of all figures come out so; 0 if this one does not, or one does not that was right before.

        It is 0 as well for a slip that changes this figure by less than its digits show, that another figure refutes,
        or that was fitted to more digits than there are.
        """
        if self.digits <= variant.mistake.fitted:
            return 0
        case, step = self.case, self.place.step
        if not case.comes_out(variant, self.place):
            return 0
        met, changed = case.outcome(variant, step)
        if variant.mistake is not NO_MISTAKE and self.place not in changed:
            return 0
        without = case.outcome(replace(variant, mistake=NO_MISTAKE), step).met
        return 0 if self.right & (without - met) or case.refuted(variant, step) else len(met)

    @property
    def met_alone(self) -> int:
        """How many figures are met if nothing but this one is wrong."""
        case = self.case
        return 1 + sum(given.agrees(case.shown[p]) or given.agrees(case.expected[p]) for p, given in case.given.items())


def causes_of(question: Question) -> tuple[Cause, ...]:
    """The usual mistakes that explain a figure, or nothing."""
    for search in SEARCHES_OF_GIVEN if question.place.is_given else SEARCHES:
        causes = tuple(search(question))
        if causes:
            return tuple(_judged(question, cause) for cause in causes[:MOST_CAUSES])
    return ()


def _judged(question: Question, cause: Cause) -> Cause:
    short = not question.place.is_given and (cause.short or question.digits < SURE)
    return replace(cause, sure=cause.sure and not short, short=short)


def _left_out(question: Question) -> Iterator[Cause]:
    """Nothing but zeros, which say no more than that nothing was computed."""
    if not np.nan_to_num(question.given.values).any():
        yield Cause("left-out", f"{question.place.name} is left out")


# ----- Slips, and what follows from them ----------------------------------------------------------------------------


def _slips(question: Question) -> Iterator[Cause]:
    """In all layers, or in some where that explains more; or of the pen, where more other figures are right then."""
    variants = _variants(question)
    if not any(map(question.met, variants)):
        return
    variants = [*variants, *_in_some_layers(question, variants)]
    of_the_pen = _pen_slips(question) if max(map(question.met, variants)) < question.met_alone else ()
    yield from tuple(of_the_pen) or _best(question, variants)


def _slips_in_some_layers(question: Question) -> Iterator[Cause]:
    return _best(question, _in_some_layers(question, _variants(question)))


def _in_some_layers(question: Question, variants: Sequence[Variant]) -> Iterator[Variant]:
    """The hidden layers, or one alone, where there are digits enough to tell."""
    layers = tuple(question.case.layers)
    if len(layers) == 1 or question.digits < ENOUGH:
        return
    for some in dict.fromkeys((layers[:-1], *((k,) for k in layers))):
        yield from (replace(variant, layers=some) for variant in variants if variant.mistake.is_of_layers)


def _odd_step(question: Question) -> Iterator[Cause]:
    """An update with a learning rate that nobody would choose."""
    rate = question.case.rate
    return _best(question, [Variant(rate, question.case.as_written)]) if rate is not None else iter(())


def _slips_with_rounding(question: Question) -> Iterator[Cause]:
    decimals = question.given.decimals
    readings = () if decimals is None else question.case.rounded_by_hand(decimals)
    return _best(question, _variants(question, *readings)) if readings else iter(())


def _slide(question: Question) -> Iterator[Cause]:
    """All slips of the lecture's slide together."""
    case, decimals = question.case, question.given.decimals
    if case.trace.rule == "lecture" or not ON_THE_SLIDE.applies(case.setting):
        return iter(())
    readings = (case.as_written, *(() if decimals is None else case.rounded_by_hand(decimals)))
    return _best(question, [Variant(ON_THE_SLIDE, reading) for reading in readings])


def _slips_in_some_numbers(question: Question) -> Iterator[Cause]:
    """The first slip that explains those numbers that are off, though the others are right."""
    off = question.off
    if question.digits < ENOUGH or off.all():
        return
    for variant in _variants(question):
        found = question.case.figures(variant, question.place.step)
        if found is not None and not (question.given.off(found[question.place]) & off).any():
            yield Cause(variant.mistake.name, f"{variant.mistake.description}, {_there(off)}")
            return


def _slips_but_for_rounding(question: Question) -> Iterator[Cause]:
    """The slips that explain a short figure up to a few units of its last place."""
    given, case = question.given, question.case
    if question.digits < ENOUGH or given.decimals is None:
        return
    loose = replace(given, tolerance=given.tolerance * LOOSE)
    about = replace(question, case=Case(case.trace, {**case.given, question.place: loose}))
    for search in (_slips, _slips_with_rounding, _slide):
        for cause in search(about):
            yield Cause(cause.name, f"{cause.description}; the rest is rounding", sure=False)
            return


def _variants(question: Question, *readings: Reading) -> list[Variant]:
    """Each slip, as the trace goes on and from the figures that were written before, or in other readings."""
    case = question.case
    return [
        Variant(slip, reading) for slip in case.mistakes for reading in readings or (case.as_traced, case.as_written)
    ]


def _best(question: Question, variants: Iterable[Variant]) -> Iterator[Cause]:
    """The slips that explain most figures, the more usual ones first."""
    scores = [(question.met(variant), variant) for variant in variants]
    most = max((score for score, _ in scores), default=0)
    best: dict[str, Variant] = {}
    for score, variant in scores:
        if score == most > 0:
            best.setdefault(variant.mistake.kind or variant.mistake.name, variant)
    usual = {slip: place for place, slip in enumerate(question.case.mistakes)}
    for variant in sorted(
        _nearest(question, best.values()), key=lambda variant: usual.get(variant.mistake, len(usual))
    ):
        yield _cause(question, variant)


def _nearest(question: Question, variants: Iterable[Variant]) -> list[Variant]:
    """Those that give the figures with more digits than were written, where there are such."""
    found = list(variants)
    figures = [question.case.figures(variant, question.place.step) or {} for variant in found]
    equal = [v for v, f in zip(found, figures, strict=True) if question.given.equals(f[question.place])]
    return equal or found


def _cause(question: Question, variant: Variant) -> Cause:
    where = _where(variant.layers, len(question.case.layers))
    how = f", and {variant.reading.words}" if variant.reading.words else ""
    short = question.digits - variant.mistake.fitted < SURE
    return Cause(variant.mistake.name, f"{variant.mistake.description}{where}{how}", short=short)


def _where(layers: tuple[int, ...] | None, count: int) -> str:
    if layers is None:
        return ""
    if count > 2 and layers == tuple(range(1, count)):
        return " (in the hidden layers)"
    return f" (in layer {layers[0]} alone)"


def _there(off: Array) -> str:
    return "in this number alone" if off.sum() == 1 else "in these numbers alone"


# ----- Slips of the pen ---------------------------------------------------------------------------------------------


def _pen_slips(question: Question) -> Iterator[Cause]:
    for slip in PEN_SLIPS.values():
        for right in question.answers:
            faulty = slip.faulty(right, question.given, question.case.trace)
            if question.given.agrees(faulty) and question.given.tells_apart(faulty, right):
                yield _pen_cause(question, slip, right)
                return


def _pen_slips_in_some_numbers(question: Question) -> Iterator[Cause]:
    off = question.off
    for slip in (slip for slip in PEN_SLIPS.values() if slip.single):
        for right in question.answers:
            faulty = slip.faulty(right, question.given, question.case.trace)
            if not (question.given.off(faulty) & off).any() and question.given.tells_apart(faulty, right):
                cause = _pen_cause(question, slip, right)
                yield Cause(cause.name, f"{cause.description}, {_there(off)}")
                return


def _pen_cause(question: Question, slip: PenSlip, right: Array) -> Cause:
    written = np.nan_to_num(question.given.values)
    with np.errstate(all="ignore"):
        ratio = np.sum(written * right) / np.sum(right * right)
    return Cause(slip.name, slip.description.format(ratio=ratio))


# ----- Rounding, and the other rule ---------------------------------------------------------------------------------


def _rule(question: Question) -> Iterator[Cause]:
    """What was written is the true figure, where the trace shows the slide's or a rounded one."""
    trace = question.case.trace
    if trace.rule == "exact" and trace.digits is None:
        return
    if any(question.given.agrees(found[question.place]) for found in question.case.by_calculus(question.place.step)):
        yield Cause("rule", "it is right by calculus; the trace is computed by the slide's rule or rounded")


def _roundings(question: Question) -> Iterator[Cause]:
    for reading in roundings(question.given.decimals):
        if question.met(Variant(NO_MISTAKE, with_written(reading, question.case.given))):
            yield Cause("rounding", reading.words)
            return


def _near(question: Question) -> Iterator[Cause]:
    """Guesses, where it is nearly right."""
    for right in question.answers:
        distance = np.abs(question.given.values - right)[question.off]
        for words, allowed in _allowances(question, right):
            if (distance <= allowed).all():
                yield Cause("rounding", words, sure=False)
                return


def _allowances(question: Question, right: Array) -> Iterator[tuple[str, Array | float]]:
    """What may bring about a small difference, and how large a one."""
    given = question.given
    if given.decimals is not None:
        yield "the last digit is rounded otherwise, or figures in between are", CLOSE * given.tolerance[question.off]
    if given.digits.max() >= SHORT_FLOAT:
        yield "it was computed in single precision", SINGLE * np.nanmax(np.abs(right), initial=0.0)
    decimals = _fewest_decimals(question)
    if decimals is not None:
        words = f"figures in between are rounded to {decimals} decimal{'s' if decimals != 1 else ''}"
        yield words, CLOSE * _rounding_error(question, decimals)


def _fewest_decimals(question: Question) -> int | None:
    """To which a figure before it was rounded, or it itself."""
    case = question.case
    before = [
        place for place in question.right if not place.is_given and not case.given[place].equals(case.shown[place])
    ]
    rounded = (case.given[place].decimals for place in (*before, question.place))
    return min((decimals for decimals in rounded if decimals is not None), default=None)


def _rounding_error(question: Question, decimals: int) -> float:
    """By how much a figure changes where all before it are rounded."""
    case, place = question.case, question.place
    found = case.figures(Variant(NO_MISTAKE, each_rounded(decimals)), place.step) or case.shown
    return float(np.nanmax(np.abs(found[place] - case.shown[place]), initial=0.0))


# ----- What is given ------------------------------------------------------------------------------------------------

OPTIONS = {"x": "--x", "y": "--y"}


def _run_with_another(question: Question) -> Iterator[Cause]:
    option = OPTIONS.get(question.place.name, "--weights")
    yield Cause("given", f"it is not computed but given, and this trace was run with another (see {option})")


# ----- The searches, in order ---------------------------------------------------------------------------------------

SEARCHES_OF_GIVEN: tuple[Callable[[Question], Iterator[Cause]], ...] = (
    _pen_slips,
    _pen_slips_in_some_numbers,
    _run_with_another,
)
SEARCHES: tuple[Callable[[Question], Iterator[Cause]], ...] = (
    _rule,
    _left_out,
    _slips,
    _roundings,
    _slips_in_some_layers,
    _odd_step,
    _pen_slips,
    _slips_with_rounding,
    _slide,
    _pen_slips_in_some_numbers,
    _slips_in_some_numbers,
    _near,
    _slips_but_for_rounding,
)
