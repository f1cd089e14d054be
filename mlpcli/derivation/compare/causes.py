"""Why a number differs: the search for the usual mistake that gives exactly the written number.

A mistake explains a quantity if it gives its numbers to the digits written. Right quantities before it must stay right,
and no other quantity may rule the mistake out. Of several such mistakes, those that explain most quantities are chosen.
Mistakes that fit equally well are listed together, the more usual one first.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice

import numpy as np

from mlpcli.derivation.compare.case import Case
from mlpcli.derivation.compare.mistakes import NO_MISTAKE, ON_THE_SLIDE, OTHER_ACTIVATIONS
from mlpcli.derivation.compare.question import (
    FITTED_FACTOR,
    SURE,
    Cause,
    Question,
    fixed,
    nearly_right,
    some_written_wrongly,
    there,
    written_wrongly,
)
from mlpcli.derivation.compare.readings import Reading, Variant, as_printed, each_rounded, roundings, with_written

ENOUGH = 6  # significant digits that distinguish a mistake from hundreds of others; `SURE` from most
LOOSE = 5  # half units of the last place: errors of rounding in between, besides a mistake
MOST_CAUSES = 3

Search = Callable[[Question], Iterable[Cause]]
Variants = Callable[[Question], Iterable[Variant]]


def causes_of(question: Question) -> tuple[Cause, ...]:
    """The usual mistakes that explain a difference; empty if there are none."""
    for search in SEARCHES_OF_GIVEN if question.place.is_given else SEARCHES:
        causes = tuple(search(question))[:MOST_CAUSES]
        if causes:
            return tuple(_judged(question, cause) for cause in causes)
    return ()


def _judged(question: Question, cause: Cause) -> Cause:
    short = not question.place.is_given and (cause.short or question.digits < SURE)
    return cause._replace(sure=cause.sure and not short, short=short)


# ----- What may have been done ----------------------------------------------------------------------------------------


def _usual(question: Question, *readings: Reading) -> list[Variant]:
    """Each mistake, from the trace's numbers and from those written before, or in the given readings."""
    case = question.case
    readings = readings or (case.as_traced, case.as_written)
    return [Variant(mistake, reading) for mistake in case.mistakes for reading in readings]


def _in_some_layers(question: Question) -> Iterator[Variant]:
    """Each mistake in the hidden layers only, or in one layer only, if there are enough digits to distinguish them."""
    layers = tuple(question.case.layers)
    if len(layers) == 1 or question.digits < ENOUGH:
        return
    variants = [variant for variant in _usual(question) if variant.mistake.is_of_layers]
    yield from _in_each(layers, variants)


def _usual_in_some_layers(question: Question) -> Iterator[Variant]:
    """The same with few digits: another activation is left out, since some activation fits almost any number."""
    layers = tuple(question.case.layers)
    if len(layers) > 1:
        possible = (variant for variant in _usual(question) if variant.mistake not in OTHER_ACTIVATIONS)
        yield from _in_each(layers, [variant for variant in possible if variant.mistake.is_of_layers])


def _in_each(layers: tuple[int, ...], variants: list[Variant]) -> Iterator[Variant]:
    for some in dict.fromkeys((layers[:-1], *((k,) for k in layers))):
        yield from (variant._replace(layers=some) for variant in variants)


def _odd_rate(question: Question) -> Iterator[Variant]:
    """An update with an unusual learning rate."""
    if question.case.rate is not None:
        yield Variant(question.case.rate, question.case.as_written)


def _rounded(question: Question) -> tuple[Reading, ...]:
    """Readings with rounding by hand, to as many decimals as were written."""
    decimals = question.given.decimals
    return () if decimals is None else tuple(with_written(way(decimals)) for way in (each_rounded, as_printed))


def _with_rounding(question: Question) -> Iterable[Variant]:
    readings = _rounded(question)
    return _usual(question, *readings) if readings else ()


def _slide(question: Question) -> Iterator[Variant]:
    """All mistakes of the lecture's slide together."""
    case = question.case
    if case.trace.rule != "lecture" and ON_THE_SLIDE.applies(case.setting):
        yield from (Variant(ON_THE_SLIDE, reading) for reading in (case.as_written, *_rounded(question)))


# ----- Which of it explains most --------------------------------------------------------------------------------------


def _best_of(*families: Variants) -> Search:
    """A search for the variants that explain most quantities, the more usual ones first."""
    return lambda question: _best(question, [variant for family in families for variant in family(question)])


def _best(question: Question, variants: list[Variant]) -> Iterator[Cause]:
    most = max(map(question.met, variants), default=0)
    best: dict[str, Variant] = {}
    for variant in variants:
        if question.met(variant) == most > 0:
            best.setdefault(variant.mistake.kind, variant)
    usual = {mistake: place for place, mistake in enumerate(question.case.mistakes)}
    for variant in sorted(_nearest(question, list(best.values())), key=lambda v: usual.get(v.mistake, len(usual))):
        how = f", and {variant.reading.words}" if variant.reading.words else ""
        description = f"{variant.mistake.description}{_where(variant.layers, len(question.case.layers))}{how}"
        yield Cause(variant.mistake.name, description, short=question.digits - variant.mistake.fitted < SURE)


def _nearest(question: Question, variants: list[Variant]) -> list[Variant]:
    """The variants that give the numbers to all their digits, if there are any; else all variants."""
    case, place = question.case, question.place
    return [v for v in variants if question.given.equals(case.numbers(v, place.step)[place])] or variants


def _where(layers: tuple[int, ...] | None, count: int) -> str:
    if layers is None:
        return ""
    hidden = count > 2 and layers == tuple(range(1, count))
    return " (in the hidden layers)" if hidden else f" (only in layer {layers[0]})"


def _usual_or_pen(question: Question) -> Iterator[Cause]:
    """Mistakes in all layers, or in some if that explains more; or of the pen, if more quantities are right then."""
    most = max(map(question.met, _usual(question)))
    if most:
        of_the_pen = tuple(written_wrongly(question)) if most < question.met_alone else ()
        yield from of_the_pen or _best_of(_usual, _in_some_layers)(question)


def _with_few_digits(question: Question) -> Iterator[Cause]:
    """Mistakes in some layers, and the one of the pen that fits as well without a fitted factor."""
    if question.digits < ENOUGH:
        causes = tuple(_best_of(_usual_in_some_layers)(question))
        yield from causes
        yield from (cause for cause in written_wrongly(question) if causes and cause.name != FITTED_FACTOR)


def _roundings(question: Question) -> Iterator[Cause]:
    """The first way to round that explains the quantity, and that no number with more digits refutes."""
    readings = (way for way in roundings(question.given.decimals) if question.case.is_rounded(way, question.place))
    met = (reading for reading in readings if question.met(Variant(NO_MISTAKE, with_written(reading))))
    yield from (Cause("rounding", reading.words) for reading in islice(met, 1))


def _in_some_numbers(question: Question) -> Iterator[Cause]:
    """The first mistake that explains the wrong numbers, if the other numbers of the quantity are right."""
    off, place = question.off, question.place
    if question.digits < ENOUGH or off.all():
        return
    made = ((v.mistake, question.case.numbers(v, place.step).get(place)) for v in _usual(question))
    met = (
        mistake for mistake, numbers in made if numbers is not None and not (question.given.off(numbers) & off).any()
    )
    yield from (Cause(mistake.name, f"{mistake.description}{there(off)}") for mistake in islice(met, 1))


def _besides_rounding(question: Question) -> Iterator[Cause]:
    """The first mistake that explains numbers with few digits, to a few units of their last place."""
    given, case = question.given, question.case
    if question.digits < ENOUGH or given.decimals is None:
        return
    factor = np.where(fixed(question, case.shown[question.place]), 1, LOOSE)
    loose = replace(given, tolerance=given.tolerance * factor)
    about = replace(question, case=Case(case.trace, {**case.given, question.place: loose}))
    causes = (
        cause for search in (_usual_or_pen, _best_of(_with_rounding), _best_of(_slide)) for cause in search(about)
    )
    yield from (Cause(each.name, f"{each.description}; the rest is rounding", sure=False) for each in islice(causes, 1))


# ----- Other reasons --------------------------------------------------------------------------------------------------


def _calculus(question: Question) -> Iterator[Cause]:
    """The written numbers are exact, but the trace has the slide's numbers or rounded ones."""
    by_hand = not question.case.trace.is_exact
    if by_hand and any(question.given.agrees(true[question.place]) for true in question.case.by_calculus):
        yield Cause("rule", "it is right by calculus; the trace is computed by the slide's rule or rounded")


def _left_out(question: Question) -> Iterator[Cause]:
    """All numbers are 0, so nothing was computed."""
    if not np.nan_to_num(question.given.values).any():
        yield Cause("left-out", f"{question.place.name} is left out")


def _run_with_another(question: Question) -> Iterator[Cause]:
    option = {"x": "--x", "y": "--y"}.get(question.place.name, "--weights")
    yield Cause("given", f"it is not computed but given, and this trace was run with another (see {option})")


# ----- The searches, in order -----------------------------------------------------------------------------------------

SEARCHES_OF_GIVEN: tuple[Search, ...] = (written_wrongly, some_written_wrongly, _run_with_another)
SEARCHES: tuple[Search, ...] = (
    _calculus,
    _left_out,
    _usual_or_pen,
    _roundings,
    _best_of(_in_some_layers),
    _with_few_digits,
    _best_of(_odd_rate),
    written_wrongly,
    _best_of(_with_rounding),
    _best_of(_slide),
    some_written_wrongly,
    _in_some_numbers,
    nearly_right,
    _besides_rounding,
)
