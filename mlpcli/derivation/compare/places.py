"""Every figure of a trace has its place: a step, a layer and a name, in the order in which one computes on paper.

The names are those of the trace's JSON.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.quantities import json_name, shown_of
from mlpcli.derivation.setting import Quantity
from mlpcli.derivation.trace import Trace

GIVEN = ("x", "y", "W", "b", "alpha")  # in the first update; all else is computed


class Place(NamedTuple):
    """Where a figure belongs. `v.W` is the part of the optimizer's running value v that goes with W."""

    step: int  # from 1
    layer: int  # from 1; 0 for what belongs to the step as a whole
    name: str

    @property
    def is_given(self) -> bool:
        """Whether it is what one starts from."""
        return self.step == 1 and self.name in GIVEN


def figures_of(trace: Trace) -> dict[Place, Array]:
    """All figures of a trace: given, forward, loss, backward from the last layer down, update, loss after it."""
    return {
        Place(t, shown.layer, shown.name): np.asarray(shown.values, np.float64)
        for t in range(1, len(trace.steps) + 1)
        for shown in shown_of(trace, t - 1)
    }


@lru_cache(maxsize=4096)
def place_of(quantity: Quantity, step: int) -> Place | None:
    """The place of a quantity; None for what no document has."""
    name = json_name(quantity)
    return Place(step, quantity.layer, name) if name else None
