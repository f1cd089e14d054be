"""The outputs of an epoch: the first of them that is not finite."""

from math import inf, nan

import numpy as np
import pytest
from core_helpers import random_network

from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import objective_of
from mlpcli.core.predicting import EpochOutputs
from mlpcli.core.tasks import TASKS


@pytest.mark.parametrize(
    ("rows", "start", "first"),
    [
        ([[1, 2], [3, 4]], 0, None),
        ([[1e308, 1e308], [1e308, 0]], 0, None),  # their sum is not finite
        ([[1, 2], [3, inf], [nan, 0], [0, 0]], 0, 1),
        ([[1, 2], [3, inf], [nan, 0], [0, 0]], 2, 2),
        ([[1, 2], [3, inf], [nan, 0], [0, 0]], 3, None),
        ([[inf, -inf], [1, nan]], 1, 1),
    ],
)
def test_the_first_output_that_is_not_finite(rows: list[list[float]], start: int, first: int | None) -> None:
    network, a = random_network(1, [2], ["linear"]), np.array(rows, float)
    outputs = EpochOutputs(network, objective_of(LOSSES["mse"]), TASKS["regression"], len(a), np.array(1.0))
    outputs.add(a, a)
    with np.errstate(all="ignore"):
        assert outputs.first_not_finite(start) == first
