"""Training without zero inputs: those that are 0, once scaled, in every training sample.

The weights of a zero input get no gradient and do not change, so a network without them trains to the same weights in
less time. MNIST has 67 such pixels out of 784: an epoch without them takes 8 % less time.
"""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.network import Layer, Network, empty
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import Optimizer
from mlpcli.core.samples import Samples, Scaling

LARGE = 50_000  # weights of a first layer from which on the time saved exceeds that of copying the samples
MANY = 1 / 32  # of the inputs


class Narrowed(NamedTuple):
    """What is trained instead of the whole network and its samples: the same without some of the inputs."""

    network: Network
    samples: Samples
    whole: Network
    marks: Array  # (p,): whether the narrow network has this number of the whole θ

    def take(self) -> None:
        """Copies the weights of the whole network into the narrow one."""
        if self.network is not self.whole:
            self.network.theta[...] = self.whole.theta[self.marks]

    def give_back(self) -> None:
        """Copies the trained weights into the whole network."""
        if self.network is not self.whole:
            self.whole.theta[self.marks] = self.network.theta


def may_be_narrowed(first: Layer, objective: Objective, optimizer: Optimizer) -> bool:
    """Whether zero inputs of this first layer would be left out.

    Not with a regularizer, a rule with decay, or an optimizer without a rule: these move weights without a gradient.
    """
    stays = optimizer.rule is not None and not optimizer.moves_without_gradient
    return first.units * first.inputs >= LARGE and not objective.regularized and stays


def without_zero_inputs(network: Network, objective: Objective, optimizer: Optimizer, samples: Samples) -> Narrowed:
    """The network without its zero inputs, if leaving them out changes nothing but the time; else the whole one."""
    first = network.layers[0]
    marks = network.with_theta(np.ones(network.theta.size, bool))
    whole = Narrowed(network, samples, network, marks.theta)
    if not may_be_narrowed(first, objective, optimizer):
        return whole
    zero = _zero_inputs(samples)
    if np.mean(zero) < MANY or zero.all():
        return whole
    marks.parameters[0].W[:, zero] = False
    kept = np.flatnonzero(~zero)
    narrow = empty((replace(first, inputs=len(kept)), *network.layers[1:]), network.dtype)
    narrowed = Narrowed(narrow, _narrow_samples(samples, kept), network, marks.theta)
    narrowed.take()
    return narrowed


def _zero_inputs(samples: Samples) -> Array:
    """Which features always equal the mean that scaling subtracts, (features,)."""
    mean = samples.scaling.mean
    result: Array = (samples.x.min(axis=0) == mean) & (samples.x.max(axis=0) == mean)
    return result


def _narrow_samples(samples: Samples, kept: Array) -> Samples:
    scaling = samples.scaling
    if scaling.mean.ndim:
        scaling = Scaling(scaling.mean[kept], scaling.scale[kept])
    return replace(samples, x=np.take(samples.x, kept, axis=1), scaling=scaling)
