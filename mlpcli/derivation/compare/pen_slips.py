"""Slips of the pen: mistakes that a figure shows by itself, whatever it was computed from."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.compare.given import Given
from mlpcli.derivation.trace import Trace

MOST_PLACES = 40  # decimals: so many leave nothing of a float64 to cut off, and its scale is finite

# (what is right, what was written, the trace) -> what the slip makes of it
Faulty = Callable[[Array, Given, Trace], Array]


@dataclass(frozen=True)
class PenSlip:
    """One row: a mistake, said in a clause, and what it makes of the right figures."""

    name: str
    description: str
    faulty: Faulty
    single: bool = False  # whether it also happens to one number among others


def _transposed(right: Array, given: Given, trace: Trace) -> Array:
    square = right.ndim == 2 and right.shape[0] == right.shape[1]
    return right.T if square else right


def _in_another_order(right: Array, given: Given, trace: Trace) -> Array:
    """The same numbers, the largest where the largest was written, and so on."""
    result = np.empty(right.size)
    result[np.argsort(given.values, axis=None)] = np.sort(right, axis=None)
    return result.reshape(right.shape)


def _cut_off(right: Array, given: Given, trace: Trace) -> Array:
    """What is beyond the last decimal is dropped, where it should be rounded."""
    scale = 10.0 ** np.minimum(given.places, MOST_PLACES)
    return np.asarray(np.trunc(right * scale) / scale)


def _proportional(right: Array, given: Given, trace: Trace) -> Array:
    """The multiple of the right figures that comes nearest; of a single one every figure is a multiple."""
    written = np.nan_to_num(given.values)
    if np.count_nonzero(given.off(right)) < 2:
        return right
    return np.asarray(right * (np.sum(written * right) / np.sum(right * right)))


# ----- Factors ------------------------------------------------------------------------------------------------------


def _outputs(trace: Trace) -> int:
    return int(trace.steps[0].y.shape[-1])


def _samples(trace: Trace) -> int:
    return len(trace.steps[0].y)


FACTORS: dict[str, Callable[[Trace], float]] = {
    "½": lambda trace: 1 / 2,
    "2": lambda trace: 2,
    "n": _samples,
    "1/n": lambda trace: 1 / _samples(trace),
    "outputs": _outputs,
    "1/outputs": lambda trace: 1 / _outputs(trace),
    "n·outputs": lambda trace: _samples(trace) * _outputs(trace),
    "1/(n·outputs)": lambda trace: 1 / (_samples(trace) * _outputs(trace)),
    "1/ln 10": lambda trace: 1 / np.log(10),
    "ln 10": lambda trace: np.log(10),
    "1/ln 2": lambda trace: 1 / np.log(2),
    "ln 2": lambda trace: np.log(2),
    "η": lambda trace: trace.learning_rate,
    "−η": lambda trace: -trace.learning_rate,
    "1/η": lambda trace: 1 / trace.learning_rate,
    "−1/η": lambda trace: -1 / trace.learning_rate,
}


def _times(factor: Callable[[Trace], float]) -> Faulty:
    return lambda right, given, trace: factor(trace) * right


def _shifted(factor: float) -> Faulty:
    return lambda right, given, trace: factor * right


# ----- The table ----------------------------------------------------------------------------------------------------

PEN_SLIPS: dict[str, PenSlip] = {
    row.name: row
    for row in (
        PenSlip("sign", "it has the wrong sign", lambda right, given, trace: -right, single=True),
        PenSlip("transposed", "it is transposed (here a row of W is a unit, a row of x a sample)", _transposed),
        *(PenSlip(f"factor {name}", f"it has a factor {name} too many", _times(f)) for name, f in FACTORS.items()),
        PenSlip("cut off", "it is cut off after the last decimal, not rounded", _cut_off, single=True),
        *(
            PenSlip(f"decimal point {factor:g}", "the decimal point is in another place", _shifted(factor), single=True)
            for factor in (10.0, 100.0, 0.1, 0.01)
        ),
        PenSlip("order", "these are the right numbers in another order", _in_another_order),
        PenSlip("constant factor", "it has a constant factor of {ratio:.4g} too many", _proportional),
    )
}
