"""Initial weights: `draw(generator, units, inputs, parameters)` returns a random matrix W, (units, inputs).

Biases start at 0, as in Keras. As there, "normal" initializers use a normal distribution truncated at two standard
deviations and scaled to the standard deviation of the formula; PyTorch's are not truncated.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import sqrt
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.families import table

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator

# The standard deviation of a standard normal truncated at ±2: √(1 − 4φ(2)/(2Φ(2) − 1)).
DEVIATION_OF_TRUNCATED_NORMAL = 0.87962566103423978


def uniform(generator: "Generator", units: int, inputs: int, limit: float) -> Array:
    """Uniform from −limit to limit"""
    return generator.uniform(-limit, limit, (units, inputs))


def truncated_normal(generator: "Generator", units: int, inputs: int, deviation: float) -> Array:
    """Normal, truncated at 2σ by drawing again, with σ such that the result has the given standard deviation"""
    drawn = generator.standard_normal((units, inputs))
    while (outside := np.abs(drawn) > 2).any():
        drawn[outside] = generator.standard_normal(int(outside.sum()))
    return drawn * (deviation / DEVIATION_OF_TRUNCATED_NORMAL)


@dataclass(frozen=True)
class Initializer:
    """One row: the distribution of W, its formula, and its source."""

    name: str
    draw: Callable[["Generator", int, int, Mapping[str, float]], Array]
    formula: str
    source: str
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))


INITIALIZERS = table(
    [
        Initializer(
            "glorot-uniform",
            lambda g, units, inputs, p: uniform(g, units, inputs, sqrt(6 / (inputs + units))),
            "U(±√(6/(inputs + units)))",
            "Glorot and Bengio 2010; Keras' default",
        ),
        Initializer(
            "glorot-normal",
            lambda g, units, inputs, p: truncated_normal(g, units, inputs, sqrt(2 / (inputs + units))),
            "N(0, 2/(inputs + units)), truncated at 2σ",
            "Glorot and Bengio 2010",
        ),
        Initializer(
            "he-uniform",
            lambda g, units, inputs, p: uniform(g, units, inputs, sqrt(6 / inputs)),
            "U(±√(6/inputs))",
            "He et al. 2015",
        ),
        Initializer(
            "he-normal",
            lambda g, units, inputs, p: truncated_normal(g, units, inputs, sqrt(2 / inputs)),
            "N(0, 2/inputs), truncated at 2σ",
            "He et al. 2015",
        ),
        Initializer(
            "lecun-uniform",
            lambda g, units, inputs, p: uniform(g, units, inputs, sqrt(3 / inputs)),
            "U(±√(3/inputs))",
            "LeCun et al. 1998",
        ),
        Initializer(
            "lecun-normal",
            lambda g, units, inputs, p: truncated_normal(g, units, inputs, sqrt(1 / inputs)),
            "N(0, 1/inputs), truncated at 2σ",
            "LeCun et al. 1998",
        ),
        Initializer(
            "uniform",
            lambda g, units, inputs, p: uniform(g, units, inputs, p["limit"]),
            "U(±limit)",
            "Keras' RandomUniform",
            parameters={"limit": 0.05},
        ),
        Initializer("zeros", lambda g, units, inputs, p: np.zeros((units, inputs)), "0", "cannot break symmetry"),
    ]
)
