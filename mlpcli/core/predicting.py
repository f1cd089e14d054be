"""What a network says of samples that it is not being trained on, and how good that is."""

from math import isfinite

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.losses import Output
from mlpcli.core.metrics import Evaluation
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective, mean_loss
from mlpcli.core.propagation import forward, room_for_forward
from mlpcli.core.samples import Samples, Scaling, blocks
from mlpcli.core.tasks import Task, evaluate, headline

PREDICTION_BLOCK = 256  # samples that are predicted together


def predict(network: Network, x: Array, scaling: Scaling, rows: int = PREDICTION_BLOCK) -> tuple[Array, Array]:
    """a and h of the last layer for all samples, scaled and computed in blocks of so many."""
    a = np.empty((len(x), network.outputs), network.dtype)
    h = np.empty_like(a)
    room = room_for_forward(network, rows)
    with np.errstate(all="ignore"):  # what overflows shows in `a`
        for place, block in blocks(x, scaling, rows, network.dtype):
            passed = forward(network, block, room)
            n = place.stop - place.start
            a[place], h[place] = passed.layers[-1].a[:n], passed.layers[-1].h[:n]
    return a, h


def measure(network: Network, objective: Objective, task: Task, samples: Samples) -> tuple[float, float]:
    """Loss (without the regulariser) and headline metric of samples that were not trained on."""
    output = _output(network, samples)
    metric = headline(task, output.activation.name, samples.y, output.y_hat, samples.unit)
    return mean_loss(objective, output, samples.y), metric


def evaluate_samples(
    network: Network, objective: Objective, task: Task, samples: Samples, names: tuple[str, ...]
) -> Evaluation:
    """Loss (without the regulariser) and all metrics of the task. Raises MlpError where they overflow."""
    output = _output(network, samples)
    with np.errstate(all="ignore"):
        loss = mean_loss(objective, output, samples.y)
        found = evaluate(task, output.activation.name, samples.y, output.y_hat, samples.unit, loss, names)
    if not all(isfinite(figure) for figure in (loss, *found.metrics.values()) if figure is not None):
        raise MlpError("the loss or a metric overflows: outputs or targets are too large")
    return found


def _output(network: Network, samples: Samples) -> Output:
    return Output(network.layers[-1].activation, *predict(network, samples.x, samples.scaling))
