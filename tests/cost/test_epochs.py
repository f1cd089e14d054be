"""Synthetic samples are of the kind that was asked for."""

import numpy as np
import pytest
from cost_helpers import workload

from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import check_targets
from mlpcli.cost.measuring import synthetic_samples


@pytest.mark.parametrize("loss", LOSSES)
def test_synthetic_samples_suit_every_loss(loss: str) -> None:
    asked = workload(names=("relu", "sigmoid" if LOSSES[loss].of_probabilities else "linear"), loss=loss)
    samples = synthetic_samples(asked, 20, np.random.default_rng(1))
    check_targets(asked.objective, samples.y)
    assert samples.x.shape == (20, 5)
    assert (samples.x.dtype, samples.y.dtype) == (asked.stored, asked.dtype)
