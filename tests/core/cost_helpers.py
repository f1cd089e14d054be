"""Trainings whose cost the tests ask for."""

import numpy as np
from core_helpers import activation

from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.memory import Workload
from mlpcli.core.network import chain
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.tasks import TASKS

GRADIENT_RULES = [name for name, row in OPTIMIZERS.items() if row.rule is not None]


def workload(
    widths: tuple[int, ...] = (5, 7, 3),
    names: tuple[str, ...] = ("relu", "softmax"),
    loss: str = "cce",
    optimizer: str = "rmsprop",
    *,
    training: int = 20,
    validation: int = 0,
    batch: int = 8,
    epochs: int = 2,
    dtype: str = "float64",
    stored: str = "float64",
    **changes: float,
) -> Workload:
    layers = chain(widths[0], widths[1:], [activation(name) for name in names])
    objective = objective_of(LOSSES[loss], **changes)
    task = TASKS["multiclass" if loss in ("cce", "kl", "hinge") else "regression"]
    rule = pick(OPTIMIZERS, optimizer, "optimizer")
    kinds = (np.dtype(dtype), np.dtype(stored))
    return Workload(layers, objective, task, rule, *kinds, training, validation, 0, batch, epochs)


def lecture() -> Workload:
    """784-512-10, RMSprop, 60,000 images, batches of 128, 5 epochs."""
    names, images = ("relu", "softmax"), {"training": 60_000, "batch": 128, "epochs": 5, "stored": "uint8"}
    return workload((784, 512, 10), names, dtype="float32", **images)
