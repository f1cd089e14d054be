"""The learning rate by which somebody's new weights come out, where there is one."""

from collections.abc import Iterator, Mapping

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.given import Given
from mlpcli.derivation.compare.mistakes import Mistake
from mlpcli.derivation.compare.places import GIVEN, Place
from mlpcli.derivation.trace import Trace

ROUND = 3  # significant digits that one gives a learning rate
NEW = "_new"  # follows the names of parameters after an update
STILL = 1e-9  # what no step is, in proportion to the largest one


def other_rate(trace: Trace, given: Mapping[Place, Given], expected: Mapping[Place, Array]) -> Mistake | None:
    """The slip of an update that is as many times too long or too short for all parameters.

    With η the step is θ_new − θ, so with η′ it is η′/η times that, by every rule here. What was written for θ_new is
    known to half a unit, so each number bounds η′ on both sides; within the bounds of all, the roundest is taken.
    """
    bounds = list(_bounds(given, expected))
    if not bounds:
        return None
    low = max(below.max() for below, _ in bounds)
    high = min(above.min() for _, above in bounds)
    if not 0 < low <= high or low <= 1 <= high:
        return None
    rate, digits = _roundest(low * trace.learning_rate, high * trace.learning_rate)
    words = f"the learning rate is {rate:g}, not {trace.learning_rate:g}"
    if digits > ROUND:
        words = f"the step is {rate / trace.learning_rate:.4g} times as long as it should be"
    return Mistake(
        "other-rate",
        words,
        {"θ": lambda rule: rule.replace("η", f"{rate!r} ")},
        factor=rate / trace.learning_rate,
        fitted=digits,
    )


def _bounds(given: Mapping[Place, Given], expected: Mapping[Place, Array]) -> Iterator[tuple[Array, Array]]:
    """The least and the greatest ratio of the step made to the right one, for each number that moves."""
    written = [place for place in given if place.name.removesuffix(NEW) in GIVEN and place.name.endswith(NEW)]
    for place in (place for place in written if place.step == written[0].step):
        figures, start = given[place], expected[place._replace(name=place.name.removesuffix(NEW))]
        step = expected[place] - start
        moves = np.isfinite(figures.values) & (np.abs(step) > STILL * np.max(np.abs(step), initial=0.0))
        if moves.any():
            mine, slack = (figures.values - start)[moves], figures.tolerance[moves]
            ends = np.stack([mine - slack, mine + slack]) / step[moves]
            yield ends.min(axis=0), ends.max(axis=0)


def _roundest(low: float, high: float) -> tuple[float, int]:
    """The number between two others that has the fewest significant digits, and how many it has."""
    for digits in range(1, 17):
        number = float(f"{(low + high) / 2:.{digits - 1}e}")
        if low <= number <= high:
            return number, digits
    return (low + high) / 2, 17
