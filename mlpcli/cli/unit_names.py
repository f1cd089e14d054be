"""What the inputs and outputs of a network are called, where its weights file has names for them."""

from mlpcli.core.neurons import UnitNames
from mlpcli.data.dataset import numbered
from mlpcli.files.model import Model


def unit_names(model: Model) -> UnitNames:
    """Features, and classes, labels or targets. The one output of a binary task is the probability of its second class.

    What stands for names where a file has none, x1 and 0 for instance, is none; but classes of data may be numbers.
    """
    features, classes = model.preparation.features, model.coding.names
    inputs = () if features == numbered(model.network.inputs) else features
    if classes == numbered(model.network.outputs, "y"):
        return UnitNames(inputs)
    if model.origin is None and classes == tuple(map(str, range(len(classes)))):
        return UnitNames(inputs)
    return UnitNames(inputs, classes[-model.network.outputs :])
