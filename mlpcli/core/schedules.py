"""Learning-rate schedules: the learning rate η of an epoch, as a factor of the initial rate η₀."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import cos, inf, pi
from types import MappingProxyType
from typing import NamedTuple

from mlpcli.core.families import table


class Elapsed(NamedTuple):
    """How far training has come when an epoch begins."""

    epoch: int  # epochs done: 0 for the first
    epochs: int  # epochs planned
    stalls: int = 0  # how often the watched loss has not improved for `patience` epochs


@dataclass(frozen=True)
class Schedule:
    """One row: the factor η/η₀ of an epoch."""

    name: str
    factor: Callable[[Elapsed, Mapping[str, float]], float]
    formula: str
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    depends_on_epochs: bool = False  # whether the factor depends on the number of planned epochs


def power(factor: float, times: float) -> float:
    """factor^times, or infinity if that is too large for a float. Training then reports divergence."""
    try:
        return float(factor**times)
    except OverflowError:
        return inf


SCHEDULES = table(
    [
        Schedule("constant", lambda at, p: 1.0, "η₀"),
        Schedule(
            "step",
            lambda at, p: power(p["factor"], at.epoch // p["every"]),
            "η₀ · factor^⌊epoch/every⌋",
            {"every": 10, "factor": 0.5},
        ),
        Schedule("exponential", lambda at, p: power(p["factor"], at.epoch), "η₀ · factor^epoch", {"factor": 0.95}),
        Schedule(
            "cosine",
            lambda at, p: p["least"] + (1 - p["least"]) * (1 + cos(pi * at.epoch / at.epochs)) / 2,
            "η₀ · (least + (1 − least)(1 + cos(π epoch/epochs))/2)",
            {"least": 0.0},
            depends_on_epochs=True,
        ),
        Schedule(
            "plateau",
            lambda at, p: power(p["factor"], at.stalls),
            "η₀ · factor^(times the watched loss stood still for `patience` epochs)",
            {"patience": 5, "factor": 0.5},
        ),
    ]
)
