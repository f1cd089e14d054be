"""Whether two models are the same bit for bit."""

from dataclasses import fields
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.propagation import forward
from mlpcli.core.samples import Scaling
from mlpcli.files.model import Example, Model, Origin


def bits(value: Any) -> Any:
    """A value in which equal bits are equal and others are not: arrays by dtype, shape and bytes."""
    if isinstance(value, np.ndarray):
        return value.dtype.str, value.shape, value.tobytes()
    if isinstance(value, float):
        return value.hex()
    if isinstance(value, tuple):  # a record is one, too
        return tuple(map(bits, value))
    if isinstance(value, (Scaling, Origin, Example)):
        return {field.name: bits(getattr(value, field.name)) for field in fields(value)}
    return value


def assert_same(one: Model, two: Model) -> None:
    assert two.network.layers == one.network.layers
    assert bits(two.network.theta) == bits(one.network.theta)
    assert two.objective == one.objective
    assert two.task == one.task
    assert bits(two.preparation) == bits(one.preparation)
    assert bits(two.coding) == bits(one.coding)
    assert bits(two.origin) == bits(one.origin)
    assert bits(two.example) == bits(one.example)
    assert two.training == one.training
    assert bits(predictions(two)) == bits(predictions(one))


def predictions(model: Model) -> Array:
    inputs = model.network.inputs
    x = np.linspace(-2, 2, 5 * inputs).reshape(5, inputs)
    with np.errstate(all="ignore"):  # θ may be anything, and overflow both times
        scaled = model.preparation.scaling.apply(x, np.empty(x.shape, model.network.dtype))
        return forward(model.network, scaled).y_hat
