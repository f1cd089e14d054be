"""Gradient descent on the surface of J over two parameters: where each optimizer, batch size and learning rate leads.

Only the two parameters are trained; after each update of training's own step, all others get their values back. So each
path lies on the surface that is drawn. Batches are shuffled as in training.
"""

from collections.abc import Iterator
from math import isqrt
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.network import Network
from mlpcli.core.optimizers import Optimizer, begin
from mlpcli.core.samples import Samples, ShuffledBatches, unscaled
from mlpcli.plot.parameters import Problem
from mlpcli.report.curves import LARGEST
from mlpcli.report.notation import Parameter, parameter_at

PLACES, FEWEST = 60, 24  # of the surface, from side to side: usually, and if each takes long
USUAL_WORK, MOST_WORK = 5 * 10**9, 2 * 10**10  # products of places, samples and parameters: some seconds, and a minute
AT_ONCE = 2**16  # numbers of a layer, for all samples and networks that are computed together
MARGIN = 0.15  # of the paths' range, on each side of them
NARROWEST = 0.5  # of the wider side of the surface
REACH = 2.0  # of the surface around the start if no path goes down


class Way(NamedTuple):
    """How to descend."""

    optimizer: Optimizer
    batch: int | None  # samples per update; None for all
    learning_rate: float

    @property
    def name(self) -> str:
        return f"{self.optimizer.name}, batch {self.batch or 'all'}, η {self.learning_rate:g}"


class Descent(NamedTuple):
    """The path of one way."""

    way: Way
    places: Array  # (updates + 1, 2), from the start; the last one may be infinite or NaN
    gradients: int  # of single samples
    objective: tuple[float, float]  # J at the start and at the end

    @property
    def diverged(self) -> bool:
        """Whether a number is not finite at the end."""
        return not (np.isfinite(self.places).all() and np.isfinite(self.objective[1]))


class Surface(NamedTuple):
    """J over two parameters."""

    parameters: tuple[Parameter, Parameter]
    across: Array  # (columns,)
    up: Array  # (rows,)
    objective: Array  # (rows, columns); may be infinite or NaN


def check_work(problem: Problem, ways: list[Way], updates: int) -> None:
    """Raises ChoiceError for a surface or for paths that take much longer than a minute."""
    n, size = len(problem.x), problem.network.theta.size
    most = MOST_WORK // FEWEST**2 // size
    if n > most:
        raise ChoiceError(
            f"{n:,} samples are too many for a surface of {size:,} parameters, at most {most:,}; use a smaller network"
        )
    together = sum(min(way.batch or n, n) for way in ways) * size
    if updates * together > MOST_WORK:
        raise ChoiceError(f"--updates {updates} is too many for these batches; use {MOST_WORK // together} or fewer")


def descents(
    problem: Problem, pair: tuple[Parameter, Parameter], start: Array, ways: list[Way], updates: int, seed: int
) -> list[Descent]:
    """The paths from one start, (2,). A path ends early if a number is no longer finite."""
    found = []
    for way in ways:
        network = _copy(problem.network, pair, start)
        moves = list(_moves(problem, network, way, updates, seed, [parameter.number for parameter in pair]))
        places = np.array([start, *(theta for theta, _ in moves)])
        with np.errstate(all="ignore"):
            one, two = (problem.value(_copy(network, pair, place)) for place in (places[0], places[-1]))
        found.append(Descent(way, places, sum(size for _, size in moves), (one, two)))
    return found


def _copy(network: Network, pair: tuple[Parameter, Parameter], values: Array) -> Network:
    """The network with other values of two parameters."""
    copy = network.with_theta(network.theta.copy())
    copy.theta[[parameter.number for parameter in pair]] = values
    return copy


def _moves(
    problem: Problem, network: Network, way: Way, updates: int, seed: int, trained: list[int]
) -> Iterator[tuple[Array, int]]:
    """The trained numbers of θ after each update, and the samples in its batch."""
    generator = np.random.default_rng([seed, 2])
    step = begin(way.optimizer, network, problem.objective, generator)
    size, theta, fixed = min(way.batch or len(problem.x), len(problem.x)), network.theta, network.theta.copy()
    batches = ShuffledBatches(
        Samples(problem.x, problem.y, unscaled(), np.array(1.0), problem.weights), size, network.dtype
    )
    with np.errstate(all="ignore"):
        while step.t < updates:
            for x, y, weights in batches.blocks(generator):
                for first in range(0, len(y), size):
                    own = None if weights is None else weights[first : first + size]
                    step(x[first : first + size], y[first : first + size], way.learning_rate, own)
                    fixed[trained] = theta[trained]
                    theta[...] = fixed
                    yield theta[trained], len(y[first : first + size])
                    if step.t >= updates or not np.abs(theta[trained]).max() < LARGEST:
                        return


def most_moved(problem: Problem, way: Way, updates: int, seed: int) -> tuple[Parameter, Parameter]:
    """The two parameters that move most if all are trained this way."""
    start, everything = problem.network.theta, list(range(problem.network.theta.size))
    moved = np.zeros(start.size)
    for theta, _ in _moves(problem, problem.network.with_theta(start.copy()), way, updates, seed, everything):
        moved = np.abs(theta - start) if np.isfinite(theta).all() else moved
    one, two = sorted(np.argsort(-moved, kind="stable")[:2].tolist())
    return parameter_at(problem.network, one), parameter_at(problem.network, two)


# ----- The surface --------------------------------------------------------------------------------------------------


def surface_around(
    problem: Problem,
    pair: tuple[Parameter, Parameter],
    paths: list[Descent],
    ends: tuple[tuple[float, float], tuple[float, float]] | None,
) -> Surface:
    """J between these ends of both parameters, or around the paths that go down.

    Raises MlpError if J overflows everywhere.
    """
    fitting = isqrt(USUAL_WORK // (len(problem.x) * problem.network.theta.size))
    places = min(PLACES, max(FEWEST, fitting))
    across, up = (np.linspace(*pair_of_ends, places + 1) for pair_of_ends in ends or _ends(paths))
    pairs = np.stack(np.meshgrid(across, up), axis=-1)  # (rows, columns, 2)
    values = _objective_at(problem, pair, pairs.reshape(-1, 2)).reshape(pairs.shape[:2])
    if not np.isfinite(values).any():
        raise MlpError("the loss overflows everywhere in the surface: x, y or the weights are too large")
    return Surface(pair, across, up, values)


def _objective_at(problem: Problem, pair: tuple[Parameter, Parameter], places: Array) -> Array:
    """J at each pair of values, (places, 2). Many networks are computed at once, as a stack."""
    network, values = problem.network, np.empty(len(places))
    widest = max(network.inputs, *(layer.units for layer in network.layers))
    together = max(1, AT_ONCE // (widest * len(problem.x)))
    with np.errstate(all="ignore"):
        for first in range(0, len(places), together):
            some = places[first : first + together]
            stack = network.with_theta(np.repeat(network.theta[None], len(some), axis=0))
            stack.theta[:, [parameter.number for parameter in pair]] = some
            values[first : first + together] = problem.value(stack)
    return values


def _ends(paths: list[Descent]) -> list[tuple[float, float]]:
    """The range of both parameters on paths that end below their start, or around the start."""
    down = [path.places for path in paths if not path.diverged and path.objective[1] <= path.objective[0]]
    places = np.concatenate([paths[0].places[:1], *down])
    low, high = places.min(axis=0), places.max(axis=0)
    wide = max(high - low) or 2 * REACH / NARROWEST
    room = np.maximum(MARGIN * (high - low), (NARROWEST * wide - (high - low)) / 2)
    return list(zip((low - room).tolist(), (high + room).tolist(), strict=True))
