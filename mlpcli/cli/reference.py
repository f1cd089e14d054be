"""What `mlp functions` does: find what is asked for in the tables, and the places where it is wanted."""

from collections.abc import Mapping

import numpy as np

from mlpcli.cli.values import numbers
from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import Row, pick
from mlpcli.core.losses import LOSSES, Loss
from mlpcli.core.tasks import TASKS, Task
from mlpcli.report.functions.activation import activation_report
from mlpcli.report.functions.listing import functions_report
from mlpcli.report.functions.loss import loss_report
from mlpcli.report.functions.task import task_report
from mlpcli.report.functions.vector import vector_report
from mlpcli.report.sheet import Report

NUMBERS = "-2,-1,0,1,2"
PROBABILITIES = "0.01,0.1,0.25,0.5,0.75,0.9,0.99"
VECTOR = "2,1,0.1"  # the lecture's example of a softmax
FARTHEST = 1e6  # where every curve has long become a straight line
MOST_UNITS = 100  # of a vector, whose Jacobian has as many rows and columns


def function_report(name: str | None, at: str | None) -> Report:
    """The list, or one activation, loss or task. Raises ChoiceError for a place where it is not defined."""
    if name is None:
        if at is not None:
            raise ChoiceError("--at belongs to one function: mlp functions relu --at -1,0,1")
        return functions_report()
    families: Mapping[str, Row] = {**ACTIVATIONS, **LOSSES, **TASKS}
    row = pick(families, name, "function")
    if isinstance(row, Activation):
        if row.elementwise:
            return activation_report(row, _places(NUMBERS if at is None else at))
        return vector_report(row, _vector(row, VECTOR if at is None else at))
    if isinstance(row, Loss):
        usual = PROBABILITIES if row.of_probabilities else NUMBERS
        return loss_report(row, _outputs(row, usual if at is None else at))
    assert isinstance(row, Task)
    if at is not None:
        raise ChoiceError(f"--at belongs to a function, and {row.name} is a task; leave it out")
    return task_report(row)


def _places(text: str) -> Array:
    found = numbers(text, "--at")
    if (np.abs(found) > FARTHEST).any():
        raise ChoiceError(f"--at takes numbers from −{FARTHEST:g} to {FARTHEST:g}")
    return found


def _vector(row: Activation, text: str) -> Array:
    found = _places(text)
    if not 2 <= len(found) <= MOST_UNITS:
        raise ChoiceError(f"--at for {row.name} is one vector of 2 to {MOST_UNITS} numbers, not {len(found)}")
    return found


def _outputs(row: Loss, text: str) -> Array:
    found = _places(text)
    if row.of_probabilities and not ((found > 0) & (found < 1)).all():
        raise ChoiceError(f"--at for {row.name} takes probabilities ŷ, greater than 0 and below 1")
    return found
