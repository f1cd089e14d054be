"""Learning-rate schedules: the rate η of an epoch from the first rate η₀."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import cos, inf, pi
from types import MappingProxyType

from mlpcli.core.families import table


@dataclass(frozen=True)
class Progress:
    """Where training stands when the rate of an epoch is asked for."""

    epoch: int  # epochs done: 0 for the first
    epochs: int  # epochs planned
    stalls: int = 0  # how often the watched loss has not improved for `patience` epochs


@dataclass(frozen=True)
class Schedule:
    """One row: the factor η/η₀ of an epoch."""

    name: str
    factor: Callable[[Progress, Mapping[str, float]], float]
    formula: str
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    hangs_on_epochs: bool = False  # on how many are planned


@dataclass(frozen=True)
class Stalls:
    """How often a loss has stood still for a number of epochs.

    As Keras' ReduceLROnPlateau, but any improvement counts, where Keras asks for 10⁻⁴.
    """

    best: float = inf
    waited: int = 0  # epochs since then, or since the last stall
    count: int = 0

    def seen(self, loss: float, patience: float) -> "Stalls":
        """After one more epoch with this loss. A stall is `patience` epochs without a new best."""
        if loss < self.best:
            return Stalls(loss, 0, self.count)
        if self.waited + 1 >= patience:
            return Stalls(self.best, 0, self.count + 1)
        return Stalls(self.best, self.waited + 1, self.count)


def power(factor: float, times: float) -> float:
    """factor^times, or infinity where that is too large for a float; training then diverges, and says so."""
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
            hangs_on_epochs=True,
        ),
        Schedule(
            "plateau",
            lambda at, p: power(p["factor"], at.stalls),
            "η₀ · factor^(times the watched loss stood still for `patience` epochs)",
            {"patience": 5, "factor": 0.5},
        ),
    ]
)
