"""The lecture's naive approach: change one weight at random, keep the change if the loss falls."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, batch_loss, penalty
from mlpcli.core.propagation import LayerForward, forward, output_of, room_for_forward

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator


class RandomSearch:
    """Each weight once per batch, in random order: w ← w + η·N(0, 1), at most `tries` times, until J falls.

    The lecture tries until the loss falls; a weight that cannot make it fall would hold it for ever, hence the bound.
    """

    def __init__(
        self,
        network: Network,
        objective: Objective,
        parameters: Mapping[str, float],
        generator: "Generator",
        freeze_bias: bool = False,
    ) -> None:
        self.network = network
        self.objective = objective
        self.tries = int(parameters["tries"])
        self.generator = generator
        self.t, self.slots = 0, dict[str, Array]()  # what it does next hangs on θ and the generator alone
        self._places = np.flatnonzero(~_bias_places(network)) if freeze_bias else np.arange(network.theta.size)

    def __call__(self, x: Array, y: Array, learning_rate: float) -> LayerForward:
        theta = self.network.theta
        room = room_for_forward(self.network, len(y))
        before = forward(self.network, x).layers[-1]

        def objective() -> float:
            loss = batch_loss(self.objective, output_of(self.network, forward(self.network, x, room)), y)
            return loss + (penalty(self.objective, self.network) if self.objective.regularized else 0.0)

        best = objective()
        for place in self.generator.permutation(self._places):
            kept = theta[place]
            for change in self.generator.standard_normal(self.tries):
                theta[place] = kept + learning_rate * change
                if (found := objective()) < best:
                    best = found
                    break
                theta[place] = kept
        return before


def _bias_places(network: Network) -> Array:
    """Which numbers of θ are biases."""
    marks = network.with_theta(np.zeros(network.theta.size, dtype=bool))
    for parameters in marks.parameters:
        parameters.b[...] = True
    return marks.theta
