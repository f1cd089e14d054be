"""A model as a document of plain values, and back. The formats differ only in how they write it.

A document may be written by hand: {"layers": [{"weights": [[…]], "bias": […], "activation": "relu"}, …]} is enough.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import spelled, unknown
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Layer, Network, check_layers, empty
from mlpcli.core.objective import Objective, check_pair, objective_of
from mlpcli.core.samples import Scaling, unscaled
from mlpcli.core.tasks import TASKS, Task, choose_output, usual_pair
from mlpcli.data.categories import Column, features_of
from mlpcli.data.dataset import fold_in, numbered
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding
from mlpcli.files.document_part import Part, check_chain, check_finite
from mlpcli.files.model import READ_AS, Example, Model, Origin

FORMAT, VERSION = "mlpcli-weights", 1
DTYPES = ("float64", "float32")
MOST_UNNAMED = 1_000_000  # inputs without names in a document: a made-up name takes eight times the memory of a number
LAYER_KEYS = ("weights", "bias", "activation", "alpha")
KEYS = (
    "format", "version", "task", "loss", "dtype", "layers", "l1", "l2", "regularize_bias", "class_weights", "classes",
    "targets", "features", "categories", "scaling", "target_scaling", "missing", "data", "training", "x", "y",
    "learning_rate", "digest",
)  # fmt: skip


def to_document(model: Model) -> dict[str, Any]:
    """The model as nested dictionaries, lists, numbers and arrays, the most interesting first.

    Raises MlpError if a weight is not finite.
    """
    if not np.isfinite(model.network.theta).all():
        raise MlpError("the weights are not finite; nothing was written")
    document: dict[str, Any] = {
        "format": FORMAT,
        "version": VERSION,
        "task": model.task.name,
        "loss": {
            "name": model.objective.loss.name,
            "output_reduction": model.objective.output_reduction,
            "batch_reduction": model.objective.batch_reduction,
        },
        "dtype": model.network.dtype.name,
        "layers": [
            _layer_to_document(layer, parameters._asdict())
            for layer, parameters in zip(model.network.layers, model.network.parameters, strict=True)
        ],
    }
    for name in ("l1", "l2", "regularize_bias"):
        if getattr(model.objective, name):
            document[name] = getattr(model.objective, name)
    if model.objective.class_weights is not None:
        document["class_weights"] = dict(zip(model.coding.names, model.objective.class_weights, strict=True))
    document |= _data_to_document(model)
    if model.training:
        document["training"] = model.training
    for key, value in vars(model.example).items():
        if value is not None:
            document[key] = np.asarray(value).tolist()
    return document


def from_document(document: Any, where: str) -> Model:
    """The model that a document describes. Missing keys get defaults, by its last activation.

    Raises MlpError with the file and the key for anything wrong.
    """
    try:
        return _model(Part(document, ""))
    except MlpError as problem:
        raise MlpError(f"{where}: {problem}") from None


# ----- Out ----------------------------------------------------------------------------------------------------------


def _layer_to_document(layer: Layer, parameters: Mapping[str, Array]) -> dict[str, Any]:
    document = {
        "weights": parameters["W"],
        "bias": parameters["b"],
        "activation": spelled(layer.activation, ACTIVATIONS),
    }
    return {**document, "alpha": parameters["alpha"]} if layer.learns_alpha else document


def _data_to_document(model: Model) -> dict[str, Any]:
    """The names of features and targets, their scaling, and where the data come from."""
    preparation, coding = model.preparation, model.coding
    names, columns = "targets" if model.task.name == "regression" else "classes", preparation.columns
    document: dict[str, Any] = {names: list(coding.names)}
    document["features"] = [column.name for column in columns] if columns else list(preparation.features)
    if columns:
        document["categories"] = {c.name: list(c.categories) for c in columns if c.categories is not None}
    document["scaling"] = scaling_document(preparation.scaling)
    if coding.scaling is not None:
        document["target_scaling"] = scaling_document(coding.scaling)
    if preparation.fill is not None:
        document["missing"] = preparation.fill.tolist()
    if model.origin is not None:
        origin = {key: value for key, value in vars(model.origin).items() if value is not None}
        document["data"] = {**origin, "targets": list(model.origin.targets)}
    return document


def scaling_document(scaling: Scaling) -> dict[str, Any]:
    """The mean and the scale as lists, or as numbers."""
    return {"mean": scaling.mean.tolist(), "scale": scaling.scale.tolist()}


# ----- In -----------------------------------------------------------------------------------------------------------


def _model(top: Part) -> Model:
    if (name := top.get("format", str, FORMAT)) != FORMAT:
        raise MlpError(f"format is {name[:40]!r}, not '{FORMAT}'")
    if (version := top.get("version", int, VERSION)) != VERSION:
        raise MlpError(f"version {version!s:.20} is unknown; this program reads version {VERSION}")
    top.check_keys(KEYS)
    top.get("digest", str)
    network = _network(top)
    objective, task = _objective_and_task(top, network)
    check_pair(objective, network.layers)
    coding = _coding(top, task, network)
    return Model(
        network,
        replace(objective, class_weights=_class_weights(top, task, coding)),
        task,
        _preparation(top, network),
        coding,
        _origin(top),
        _example(top, network),
        _training(top),
    )


def _network(top: Part) -> Network:
    listed = top.get("layers", list) if top.value.get("layers") is not None else None
    if not listed:
        raise MlpError("not an mlp weights file: no list 'layers' with weights")
    parts = [Part(value, f"layers[{k}]") for k, value in enumerate(listed)]
    matrices = [part.take("weights", (None, None)) for part in parts]
    biases = [part.take("bias", (None,)) if "bias" in part else None for part in parts]
    check_chain([W.shape for W in matrices], [None if b is None else len(b) for b in biases])
    arrays: list[tuple[Array, Array, Any]] = []
    layers: list[Layer] = []
    for part, W, b in zip(parts, matrices, biases, strict=True):
        part.check_keys(LAYER_KEYS, all_of_them=True)
        activation = part.pick("activation", ACTIVATIONS, "linear", "activation")
        layers.append(Layer(W.shape[1], W.shape[0], activation))
        alpha = part.array("alpha", (W.shape[0],)) if "alpha" in part else activation.alpha
        arrays.append((W, np.zeros(W.shape[0]) if b is None else b, alpha))
    dtype = top.get("dtype", str, "float64")
    if dtype not in DTYPES:
        raise top.wrong("dtype", f"{dtype[:40]!r} is not one of {', '.join(DTYPES)}")
    check_layers(layers)
    network = empty(tuple(layers), dtype)
    with np.errstate(over="ignore"):
        for k, (layer, parameters) in enumerate(zip(layers, network.parameters, strict=True)):
            parameters.W[...], parameters.b[...] = arrays[k][:2]
            if layer.learns_alpha:
                parameters.alpha[...] = arrays[k][2]
            for key, values in zip(("weights", "bias", "alpha"), parameters, strict=True):
                if values is not None and not np.isfinite(values).all():
                    raise parts[k].wrong(key, f"a number is too large for {dtype}")
    return network


def _objective_and_task(top: Part, network: Network) -> tuple[Objective, Task]:
    last = network.layers[-1]
    usual_task, usual_loss = usual_pair(last.activation.name, last.units)
    given = top.value.get("loss", usual_loss)
    loss = Part({"name": given} if isinstance(given, str) else given, "loss")
    objective = objective_of(
        loss.pick("name", LOSSES, usual_loss, "loss"),
        output_reduction=loss.get("output_reduction", str),
        batch_reduction=loss.get("batch_reduction", str),
        l1=top.number("l1", 0.0),
        l2=top.number("l2", 0.0),
        regularize_bias=top.get("regularize_bias", bool, False),
    )
    task = top.pick("task", TASKS, usual_task, "task")
    if (task.name == "binary" and last.units != 1) or (task.name == "multiclass" and last.units < 2):
        raise top.wrong("task", f"{task.name} takes {task.units}; the last layer has {last.units}")
    if "task" in top:
        choose_output(task, last.activation.name, objective.loss.name)
    return objective, task


def _scaling(top: Part, key: str, columns: int) -> Scaling | None:
    if key not in top:
        return None
    part = Part(top.value[key], key)

    def numbers(name: str) -> Array:
        return part.array(name, (columns,) if isinstance(part.value.get(name), (list, np.ndarray)) else ())

    scale = numbers("scale")
    if not (scale > 0).all():
        raise part.wrong("scale", "must be greater than 0")
    return Scaling(numbers("mean"), scale)


def _preparation(top: Part, network: Network) -> Preparation:
    columns = _columns(top, network.inputs)
    names = features_of(columns) if columns else top.names("features", network.inputs)
    if names is None and network.inputs > MOST_UNNAMED:
        raise top.wrong("features", f"missing; more than {MOST_UNNAMED:,} inputs need names")
    return Preparation(
        names or numbered(network.inputs),
        _scaling(top, "scaling", network.inputs) or unscaled(),
        top.array("missing", (network.inputs,)) if "missing" in top else None,
        columns,
    )


def _columns(top: Part, inputs: int) -> tuple[Column, ...]:
    """The columns behind the features if some are categorical; else none."""
    if "categories" not in top:
        return ()
    part = Part(top.value["categories"], "categories")
    names = top.get("features", list)
    if names is None:
        raise top.wrong("features", "missing; add the columns that 'categories' belongs to")
    names = top.names("features", len(names)) or ()
    for name in part.value:
        if name not in names:
            raise part.wrong(name[:40], unknown("column", name, names))
    columns = tuple(Column(name, part.names(name, len(part.get(name, list, [])))) for name in names)
    features = features_of(columns)
    if len(set(features)) != inputs or len(features) != inputs or any(c.categories == () for c in columns):
        raise top.wrong("features", f"{inputs} different inputs expected, found {len(features)} with their categories")
    return columns


def _coding(top: Part, task: Task, network: Network) -> Coding:
    if task.name == "regression":
        names = top.names("targets", network.outputs) or numbered(network.outputs, "y")
        return Coding(names, _scaling(top, "target_scaling", network.outputs))
    wanted = 2 if task.name == "binary" else network.outputs
    return Coding(top.names("classes", wanted) or tuple(str(k) for k in range(wanted)))


def _class_weights(top: Part, task: Task, coding: Coding) -> tuple[float, ...] | None:
    if "class_weights" not in top:
        return None
    part = Part(top.value["class_weights"], "class_weights")
    if not task.one_class_each:
        raise top.wrong("class_weights", f"{task.name} has no classes to weigh; remove it")
    for name in part.value:
        if name not in coding.names:
            raise part.wrong(name[:40], unknown("class", name, coding.names))
    weights = tuple(part.number(name, 1.0) for name in coding.names)
    if min(weights) < 0 or not any(weights):
        raise top.wrong("class_weights", "numbers of 0 or more expected, at least one above 0")
    return weights


def _origin(top: Part) -> Origin | None:
    if "data" not in top:
        return None
    part = Part(top.value["data"], "data")
    targets = part.get("targets", list, [])
    if not all(isinstance(name, str) for name in targets):
        raise part.wrong("targets", "names expected")
    kinds = dict.fromkeys(("dataset", "file", *READ_AS, "fold", "digest"), str) | {"header": bool}
    given = {name: part.get(name, kind) for name, kind in kinds.items()}
    fold, missing = given["fold"], given["missing"]
    if fold is not None and fold_in(fold) is None:
        raise part.wrong("fold", f"a fold such as 2/5 expected, found '{fold[:20]}'")
    if missing not in (None, "drop", "mean"):
        raise part.wrong("missing", f"drop or mean expected, found '{missing[:20]}'")
    return Origin(
        **given,
        targets=tuple(targets),
        validation=_share(part, "validation"),
        test=_share(part, "test"),
        seed=_count(part, "seed"),
        samples=_count(part, "samples"),
    )


def _training(top: Part) -> dict[str, Any]:
    notes: dict[str, Any] = top.get("training", dict, {})
    check_finite(notes, "training")
    return notes


def _share(part: Part, key: str) -> float:
    value = part.number(key, 0.0)
    if not 0 <= value < 1:
        raise part.wrong(key, f"a fraction of at least 0 and below 1 expected, found {value:g}")
    return value


def _count(part: Part, key: str) -> int:
    value: int = part.get(key, int, 0)
    if value < 0:
        raise part.wrong(key, f"0 or more expected, found {value!s:.20}")
    return value


def _example(top: Part, network: Network) -> Example:
    def rows(key: str, columns: int) -> Array | None:
        """One sample as a list, or several as a list of lists: (n, columns) in both cases."""
        if key not in top:
            return None
        value = top.value[key]
        if not isinstance(value, list):
            raise top.wrong(key, f"a sample as a list of length {columns} expected, or a list of samples")
        many = bool(value) and isinstance(value[0], list)
        return top.array(key, (None, columns) if many else (columns,)).reshape(-1, columns)

    rate = top.number("learning_rate", 0.0) if "learning_rate" in top else None
    if rate is not None and rate <= 0:
        raise top.wrong("learning_rate", f"greater than 0 expected, found {rate:g}")
    return Example(rows("x", network.inputs), rows("y", network.outputs), rate)
