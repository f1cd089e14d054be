"""J and dJ/dw over one parameter w, all others fixed, and each place where the derivative is 0.

The lecture's analytical approach for one weight: the derivative as a function, its zeros w*, and the least of their
losses. J and its gradient are those of training, at 1001 points, fewer if these take long. A zero is where the sign
changes between two of them, found by bisection. Two zeros between neighboring places are missed.
"""

from collections.abc import Callable
from math import nan
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.objective import batch_loss, penalty
from mlpcli.core.propagation import backward, forward, output_of, room_for_backward, room_for_forward
from mlpcli.plot.parameters import Problem
from mlpcli.report.notation import Parameter

STEPS, FEWEST = 1000, 200  # from one end of the range to the other: usually, and if each takes long
USUAL_WORK, MOST_WORK = 2 * 10**9, 10**10  # products of steps, samples and parameters: some seconds, and a minute
REACH = 4.0  # of the range on both sides of w, at least; twice |w| if that is more
ZERO = 1e-12  # of the largest derivative: what rounding leaves of 0
JUMP = 1e-6  # of the derivatives around a change of sign: what bisection leaves of a continuous one is far less
BISECTIONS = 200  # more than halve any range to two neighboring floats

Point = tuple[float, float]  # J and dJ/dw


class Stationary(NamedTuple):
    """A place, or a range of places, where J may be least: dJ/dw is 0 or changes its sign, or the range ends."""

    kind: str
    start: float
    end: float  # start, unless J is flat from start to end
    objective: float
    derivative: float  # at start; NaN at a corner, where it jumps


class Slice(NamedTuple):
    """What is found on a range of one parameter."""

    problem: Problem
    parameter: Parameter
    w: Array  # (n,)
    objective: Array  # (n,): J; not finite if it overflows
    derivative: Array  # (n,): dJ/dw
    stationary: tuple[Stationary, ...]  # in the order of w; the first and the last are the ends
    least: int  # which of them has the least J

    @property
    def now(self) -> float:
        """The present value of the parameter."""
        return float(self.problem.network.theta[self.parameter.number])

    @property
    def letter(self) -> str:
        return self.parameter.symbol[0]


def objective_along(problem: Problem, place: int) -> Callable[[float], Point]:
    """J and dJ/dw as functions of the number at this place of θ."""
    network, objective, x, y, _, weights = problem
    moved = network.with_theta(network.theta.copy())
    rooms = room_for_forward(moved, len(x)), room_for_backward(moved, objective, len(x))

    def at(w: float) -> Point:
        moved.theta[place] = w
        passed = forward(moved, x, rooms[0])
        gradient = backward(moved, passed, objective, y, rooms[1], weights).dtheta
        loss = batch_loss(objective, output_of(moved, passed), y, weights) + penalty(objective, moved)
        return loss, float(gradient[place])

    return at


def usual_range(w: float) -> tuple[float, float]:
    """The range around the present value."""
    reach = max(REACH, 2 * abs(w))
    return w - reach, w + reach


def slice_of(problem: Problem, parameter: Parameter, ends: tuple[float, float]) -> Slice:
    """J and its derivative from one end to the other.

    Raises ChoiceError for too many samples, MlpError if J overflows everywhere.
    """
    samples, size = len(problem.x), problem.network.theta.size
    most = MOST_WORK // FEWEST // size
    steps = min(STEPS, max(FEWEST, USUAL_WORK // (samples * size)))
    if samples > most:
        raise ChoiceError(f"{samples:,} samples are too many for a slice of this network; choose some: --rows 0:{most}")
    at = objective_along(problem, parameter.number)
    with np.errstate(all="ignore"):
        w = np.linspace(*ends, steps + 1)
        values, slopes = np.array([at(number) for number in w.tolist()]).T
        if not np.isfinite(values).any():
            raise MlpError("the loss overflows everywhere in the range: x, y or the weights are too large")
        found = stationary(at, w, values, slopes)
    best = min(range(len(found)), key=lambda k: (_rounded(found[k].objective), found[k].kind == END))
    return Slice(problem, parameter, w, values, slopes, found, best)


def _rounded(value: float) -> float:
    """Without its last digits, so that rounding does not decide between two equal minima."""
    return float(f"{value:.11g}") if np.isfinite(value) else np.inf


# ----- Where the derivative is 0 ------------------------------------------------------------------------------------

END, FLAT, CORNER = "end of the range", "flat", "corner"
KINDS = {(-1, 1): "minimum", (1, -1): "maximum"}  # signs of dJ/dw on the left and on the right; else an inflection


def stationary(at: Callable[[float], Point], w: Array, values: Array, slopes: Array) -> tuple[Stationary, ...]:
    """The ends, each zero of dJ/dw, and each corner at which it jumps from one sign to the other."""
    size = np.abs(slopes[np.isfinite(slopes)]).max(initial=0)
    least = ZERO * max(size, np.abs(values[np.isfinite(values)]).max(initial=0) / (w[-1] - w[0]))
    signs = np.where(np.abs(slopes) <= least, 0, np.sign(slopes))  # NaN stays
    found = [
        _crossing(at, w[k], w[k + 1], max(np.abs(slopes[k : k + 2])), (int(signs[k]), int(signs[k + 1])))
        for k in np.flatnonzero(signs[:-1] * signs[1:] == -1)
    ]
    found += [_flat(at, w, run, signs, least, values[run[0]]) for run in _flat_runs(signs, values)]
    ends = [Stationary(END, float(w[k]), float(w[k]), float(values[k]), float(slopes[k])) for k in (0, -1)]
    return (ends[0], *sorted(found, key=lambda row: row.start), ends[1])


def _crossing(at: Callable[[float], Point], low: float, high: float, size: float, signs: tuple[int, int]) -> Stationary:
    """Where dJ/dw changes its sign between two places. `size` is that of the larger derivative there."""
    low, high = _bisected(lambda w: at(w)[1] * signs[0] > 0, low, high)
    one, two = at(low), at(high)
    kind = KINDS[signs]
    if min(abs(one[1]), abs(two[1])) > JUMP * size:
        text = f"{CORNER}, {kind}: {one[1]:.3g} to {two[1]:.3g}"
        return Stationary(text, high, high, two[0], nan)
    w, (value, slope) = (low, one) if abs(one[1]) < abs(two[1]) else (high, two)
    return Stationary(kind, w, w, value, slope)


def _flat_runs(signs: Array, values: Array) -> list[tuple[int, int]]:
    """First and last place of each run without a derivative and with the same J, as steps have several."""
    flat = np.flatnonzero(signs == 0)
    apart = (np.diff(flat) > 1) | ~np.isclose(np.diff(values[flat]), 0, atol=1e-9 * np.abs(values[flat]).max(initial=0))
    return [(int(run[0]), int(run[-1])) for run in np.split(flat, np.flatnonzero(apart) + 1) if len(run)]


def _flat(
    at: Callable[[float], Point], w: Array, run: tuple[int, int], signs: Array, least: float, value: float
) -> Stationary:
    """A single place, or the range in which dJ/dw is 0: the ends of the run, moved out to where that ends."""

    def same(place: float) -> bool:
        here = at(place)
        return abs(here[1]) <= least and bool(np.isclose(here[0], value, rtol=1e-9))

    first, last = run
    if first == last and 0 < first < len(w) - 1:
        kind = KINDS.get((int(signs[first - 1]), int(signs[first + 1])), "inflection")
        return Stationary(kind, float(w[first]), float(w[first]), float(value), at(w[first])[1])
    start = _bisected(lambda place: not same(place), w[first - 1], w[first])[1] if first else w[0]
    end = _bisected(same, w[last], w[last + 1])[0] if last + 1 < len(w) else w[-1]
    return Stationary(FLAT, float(start), float(end), float(value), 0.0)


def _bisected(holds: Callable[[float], bool], low: float, high: float) -> tuple[float, float]:
    """Two neighboring floats between low, where a condition holds, and high, where it does not."""
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        if not low < middle < high:
            break
        low, high = (middle, high) if holds(middle) else (low, middle)
    return float(low), float(high)
