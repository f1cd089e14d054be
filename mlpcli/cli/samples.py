"""The samples that a network is shown: from the command line, out of a data set, or those that come with it."""

import numpy as np

from mlpcli.cli.rows import Rows, first_training_sample, samples_of_rows
from mlpcli.cli.values import samples
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import unknown
from mlpcli.core.tasks import off_and_on
from mlpcli.files.model import Model
from mlpcli.report.numbers import counted


def samples_for(model: Model, x: str | None, y: str | None, rows: Rows) -> tuple[Array, Array]:
    """x, scaled, and y, (n, inputs) and (n, outputs).

    They come from a data set or from the command line, or else they are what the weights file brings along.
    """
    if rows.asked and x is not None:
        raise ChoiceError("--x gives a sample, --data, --dataset, --row and --rows find one; leave one out")
    if rows.asked:
        found, targets = samples_of_rows(model, rows)
    elif x is None and model.example.x is None and model.origin is not None:
        found, targets = first_training_sample(model)
    else:
        found, targets = inputs_for(model, x), _targets(model, x, y)
    targets = targets if y is None else _targets(model, x, y)
    if len(found) != len(targets):
        raise ChoiceError(
            f"{counted(len(found), 'sample')}, but {counted(len(targets), 'target')}; give one target for each sample"
        )
    return found, targets


def inputs_for(model: Model, x: str | None) -> Array:
    """The samples as the network sees them: scaled, where it scales."""
    if x is not None:
        given = samples(x, model.network.inputs, "--x")
    elif model.example.x is not None:
        given = model.example.x
    else:
        raise ChoiceError("the weights file has no sample of its own; give --x and --y")
    return model.preparation.scaling.apply(given, np.empty(given.shape, np.float64))


def _targets(model: Model, x: str | None, y: str | None) -> Array:
    """The targets as outputs: numbers, or classes by name."""
    if y is None:
        if model.example.y is None or x is not None:
            raise ChoiceError("give the target with --y: numbers for the outputs, or a class by name")
        return _scaled(model, model.example.y)
    names, outputs = model.coding.names, model.network.outputs
    words = [word.strip() for word in y.split(";") if word.strip()]
    if model.task.name in ("binary", "multiclass") and words and all(word in names for word in words):
        return _classes(model, [names.index(word) for word in words])
    if model.task.name in ("binary", "multiclass") and any(map(str.isalpha, y.replace("e", ""))):
        raise ChoiceError(unknown("class", next(word for word in words if word not in names), names))
    return _scaled(model, samples(y, outputs, "--y", "has that many outputs"))


def _scaled(model: Model, y: Array) -> Array:
    """Targets of a regression as the network was trained to give them."""
    scaling = model.coding.scaling
    return y if scaling is None else scaling.apply(y, np.empty(y.shape))


def _classes(model: Model, numbers: list[int]) -> Array:
    if model.task.name == "binary":
        off, on = off_and_on(model.output_activation)
        return np.array([[on if number else off] for number in numbers])
    return np.eye(model.network.outputs)[numbers]
