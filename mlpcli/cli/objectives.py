"""The objective that a command computes with: what the network was trained with, and what was asked for instead."""

from collections.abc import Mapping
from typing import Any

from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.objective import Objective, objective_of
from mlpcli.files.model import Model


def objective_for(model: Model, name: str | None, changes: Mapping[str, Any]) -> Objective:
    """The objective of the file, with the loss of that name and the changes instead, where they are not None."""
    old = model.objective
    loss = pick(LOSSES, name, "loss") if name is not None else old.loss
    kept: dict[str, Any] = {"batch_reduction": old.batch_reduction, "l1": old.l1, "l2": old.l2}
    kept["regularize_bias"] = old.regularize_bias
    if loss is old.loss:
        kept["output_reduction"] = old.output_reduction
    asked = {name: value for name, value in changes.items() if value is not None}
    return objective_of(loss, **{**kept, **asked})
