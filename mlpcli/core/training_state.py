"""What training has come to by the end of an epoch, as values that can be kept and gone on from."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Any

from mlpcli.core.arrays import Array
from mlpcli.core.schedules import Stalls


@dataclass(frozen=True)
class Best:
    """The lowest watched loss so far, how many epochs ago that was, and the θ that had it where it is wanted."""

    loss: float = inf
    waited: int = 0
    theta: Array | None = None  # (p,)

    def seen(self, loss: float, theta: Array | None) -> "Best":
        """After one more epoch, with its watched loss, and its θ where the best is to be put back."""
        if loss < self.loss:
            return Best(loss, 0, None if theta is None else theta.copy())
        return Best(self.loss, self.waited + 1, self.theta)


@dataclass(frozen=True)
class TrainingState:
    """All that has changed since training began. With the same samples and plan it goes on from here to the same bits.

    What it does not hold follows from these or from the plan: the learning rate from epoch and stalls, the order of the
    samples from the generator, arrays for intermediate results from nothing that came before.
    """

    epoch: int  # epochs done
    theta: Array  # (p,)
    t: int  # updates that the optimizer has counted
    slots: Mapping[str, Array]  # its running values
    generator: Mapping[str, Any]  # the state of the bit generator, in numbers and names
    stalls: Stalls
    best: Best
