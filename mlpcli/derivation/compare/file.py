"""The numbers of somebody else, as JSON: the document of a trace, or any part of it.

A quantity is at its place in the trace's document. It may also be at the top, if only one layer has a quantity of this
name and shape. Axes of length 1 may be left out, null means a missing number, and the diagonal of softmax's Jacobian is
enough.
"""

from collections.abc import Iterator, Mapping, Sequence
from math import isfinite
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import unknown
from mlpcli.data.text import open_bytes
from mlpcli.data.text import shown as name_of
from mlpcli.derivation.compare.given import Given, Place, are_single, as_given, most_significant, usual_decimals
from mlpcli.derivation.compare.header import Header, check_header
from mlpcli.files.document import FORMAT as WEIGHTS_FORMAT
from mlpcli.files.weights_json import read_json
from mlpcli.report.numbers import counted

FORMAT = "mlpcli-trace"
MOST_BYTES, MOST_AXES = 2**28, 3
ABOUT_THE_TRACE = (
    "format", "version", "rule", "round_steps", "regularizer", "optimizer", "learning_rate", "freeze_bias", "check",
    "comparison",
)  # fmt: skip
HOW_TO = 'write it as {"layers": [{"layer": 1, "dW": …}]}'

Shown = Mapping[Place, Array]  # the numbers of the trace
ON_PAPER = {  # names on paper, and what to write instead
    "L": "write loss",
    "J": "write objective, or loss without a regularizer",
    "Ω": "write penalty",
    "ŷ": "it is the h of the last layer",
    "y_hat": "it is the h of the last layer",
}
Part = tuple[Place, str, Any]  # the place in the trace, the path in the file, and the value there


class Written(str):
    """A number as it was written."""

    __slots__ = ()

    def __repr__(self) -> str:
        return str(self)


def load_numbers(path: str, shown: Shown, made_with: Header, bound: float | None = None) -> dict[Place, Given]:
    """The numbers in a file (or on standard input for `-`), by their places in the trace.

    `bound` is an additional tolerance, relative to the largest number of a quantity.

    Raises MlpError, with file and key, if something cannot be read or has no place in the trace. Raises ChoiceError if
    the file was made with other settings than the trace.
    """
    if not path:
        raise MlpError("the name of the file to compare is empty; give a JSON file")
    where = name_of(path)
    try:
        with open_bytes(path) as stream:
            document = read_json(b"", stream, where, Written, MOST_BYTES)
    except OSError as problem:
        raise MlpError(f"{where}: {problem.strerror}") from None
    _check_kind(document, where)
    check_header(document, made_with, where)
    try:
        numbers = _numbers(document, shown, bound)
    except MlpError as problem:
        raise MlpError(f"{where}: {problem}") from None
    if not numbers:
        raise MlpError(f"{where}: no numbers to compare; give the trace's JSON or any part of it")
    return numbers


def _check_kind(document: Any, where: str) -> None:
    """Raises MlpError for what is neither a trace's document nor a part of it."""
    if not isinstance(document, dict):
        raise MlpError(f'{where}: give an object such as {{"dW": [[…]]}}')
    kind = document.get("format", FORMAT)
    if kind == WEIGHTS_FORMAT:
        raise MlpError(f"{where} is a weights file; --compare takes the numbers of a trace")
    if kind != FORMAT:
        raise MlpError(f"{where}: format: '{FORMAT}' expected, found {kind!r:.40}")


def _numbers(document: dict[str, Any], shown: Shown, bound: float | None) -> dict[Place, Given]:
    given: dict[Place, tuple[Array, bool]] = {}
    for place, path, value in _document(document, shown):
        if place in given:
            raise MlpError(f"{path}: these numbers are given twice; leave one out")
        if (written := _written(value, shown[place].shape, path)) is not None:
            given[place] = written
    quantities = [texts for texts, _ in given.values()]
    style = _usual(given), most_significant(quantities), are_single(quantities), bound
    return {place: as_given(texts, transposed, *style) for place, (texts, transposed) in given.items()}


def _usual(given: Mapping[Place, tuple[Array, bool]]) -> int | None:
    """The usual decimals of the computed quantities; if these are all whole, of all quantities."""
    computed = usual_decimals(texts for place, (texts, _) in given.items() if not place.is_given)
    return usual_decimals(texts for texts, _ in given.values()) if computed is None else computed


# ----- The places of the numbers ------------------------------------------------------------------------------------


def _document(document: dict[str, Any], shown: Shown) -> Iterator[Part]:
    """The whole document, with `steps`, or the first step."""
    step = {key: value for key, value in document.items() if key not in ABOUT_THE_TRACE}
    if isinstance(step.get("loss"), dict):  # the name of the loss, not its value
        del step["loss"]
    steps = _list(step.pop("steps", []), "steps")
    made = max(place.step for place in shown)
    if len(steps) > made:
        raise MlpError(f"steps: {counted(len(steps), 'step')}, but the trace has {made}; use --steps {len(steps)}")
    yield from _step(step, 1, "", shown)
    for t, value in enumerate(steps, 1):
        yield from _step(value, t, f"steps[{t - 1}]", shown)


def _step(value: Any, t: int, path: str, shown: Shown) -> Iterator[Part]:
    """The quantities of a whole step, its layers, and quantities that fit only one layer."""
    names = {place.name for place in shown if place.layer == 0 and place.step == t}
    of_layers = _names_of_layers(shown)
    for key, item in _object(value or {}, path).items():
        where = f"{path}.{key}" if path else key
        if key == "layers":
            for k, inside, layer in _layers(item, where, shown):
                yield from _layer(layer, t, k, inside, shown)
        elif key == "slots":
            yield from _slots(item, t, where, shown)
        elif key in names:
            yield Place(t, 0, key), where, item
        elif key in of_layers:
            yield _only_place(key, item, t, where, shown), where, item
        else:
            keys = ("layers", *sorted(names), *of_layers)
            raise MlpError(f"{path or 'the document'}: {_hint(key, of_layers) or unknown('key', key, keys)}")


def _hint(key: str, of_layers: Sequence[str]) -> str:
    """What to write instead of a name as on paper; empty for other keys."""
    if key in ON_PAPER:
        return f"unknown key '{key}': {ON_PAPER[key]}"
    name, layer = key[:-1], key[-1:]
    if name in of_layers and layer.isdecimal():
        return f'unknown key \'{key}\': write {{"layers": [{{"layer": {layer}, "{name}": …}}]}}'
    return ""


def _layer(value: Any, t: int, k: int, path: str, shown: Shown, slot: str = "") -> Iterator[Part]:
    """A layer's numbers, or its part of the optimizer state."""
    for key, item in _object(value or {}, path).items():
        place = Place(t, k, slot + key)
        if place in shown:
            yield place, f"{path}.{key}", item
        elif key not in ("layer", "activation"):
            names = [p.name.removeprefix(slot) for p in shown if p[:2] == (t, k) and p.name.startswith(slot)]
            raise MlpError(f"{path}: {unknown('key', key, [name for name in names if '.' not in name])}")


def _slots(value: Any, t: int, path: str, shown: Shown) -> Iterator[Part]:
    """The optimizer state, by name and layer."""
    names = {place.name.partition(".")[0] for place in shown if "." in place.name}
    for name, layers in _object(value or {}, path).items():
        if not names:
            raise MlpError(f"{path}: the optimizer of this trace keeps no running values; use another --optimizer")
        if name not in names:
            raise MlpError(f"{path}: {unknown('key', name, sorted(names))}")
        for k, inside, layer in _layers(layers, f"{path}.{name}", shown):
            yield from _layer(layer, t, k, inside, shown, f"{name}.")


def _names_of_layers(shown: Shown) -> tuple[str, ...]:
    return tuple(dict.fromkeys(place.name for place in shown if place.layer and "." not in place.name))


def _layers(value: Any, path: str, shown: Shown) -> Iterator[tuple[int, str, Any]]:
    """Each layer's number, path and value. Layers without a number are allowed if the file has all layers."""
    layers, wanted = _list(value, path), max(place.layer for place in shown)
    for place, layer in enumerate(layers):
        number = layer.get("layer") if isinstance(layer, dict) else None
        if number is None and len(layers) != wanted:
            raise MlpError(f"{path}: {counted(len(layers), 'layer')}, but the network has {wanted}; {HOW_TO}")
        if number not in (None, *map(str, range(1, wanted + 1))):
            raise MlpError(f"{path}[{place}].layer: a number from 1 to {wanted} expected, found {number!r:.40}")
        yield place + 1 if number is None else int(number), f"{path}[{place}]", layer


def _only_place(name: str, value: Any, t: int, path: str, shown: Shown) -> Place:
    """The only layer that fits a quantity at the top of the document."""
    texts = _texts(value, path)
    places = sorted(place for place in shown if (place.step, place.name) == (t, name))
    fitted = {place: own for place in places if (own := _fitted(texts, shown[place].shape)) is not None}
    fitting = [place for place, (_, transposed) in fitted.items() if not transposed] or list(fitted)
    if len(fitting) == 1:
        return fitting[0]
    if not fitting:
        wanted = " or ".join(_sizes(shown[place].shape) for place in places)
        raise MlpError(f"{path}: shape {wanted} expected, found {_sizes(texts.shape)}")
    which = " and ".join(str(place.layer) for place in fitting)
    raise MlpError(f"{path}: it fits layers {which}; {HOW_TO}")


def _object(value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MlpError(f"{path} is not an object {{…}}")
    return value


def _list(value: Any, path: str) -> list[Any]:
    if not isinstance(value, list):
        raise MlpError(f"{path}: a list expected, found {value!r:.40}")
    return value


# ----- The numbers --------------------------------------------------------------------------------------------------


def _written(value: Any, shape: tuple[int, ...], path: str) -> tuple[Array, bool] | None:
    """A quantity and whether it had to be transposed, or None if all its numbers are null."""
    if value is None:
        return None
    texts = _texts(value, path)
    fitted = _fitted(texts, shape)
    if fitted is None:
        raise MlpError(f"{path}: shape {_sizes(shape)} expected, found {_sizes(texts.shape)}")
    return fitted if any(fitted[0].flat) else None


def _fitted(texts: Array, shape: tuple[int, ...]) -> tuple[Array, bool] | None:
    """The numbers in the right shape, and whether they had to be transposed; None if they do not fit."""
    if _long(texts.shape) == _long(shape):
        return texts.reshape(shape), False
    if len(shape) == 3 and _long(texts.shape) == _long(shape[:2]):
        diagonal = np.full(shape, "", dtype=object)
        units = np.arange(shape[-1])
        diagonal[:, units, units] = texts.reshape(shape[:2])
        return diagonal, False
    if len(shape) == 2 and texts.shape == shape[::-1]:
        return texts.T, True
    return None


def _long(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The axes that are longer than 1."""
    return tuple(size for size in shape if size != 1)


def _texts(value: Any, path: str, depth: int = 0) -> Array:
    """Numbers in nested lists, as the texts in the file; "" for null."""
    if not isinstance(value, list):
        return np.array(_text(value, path), dtype=object)
    if depth == MOST_AXES:
        raise MlpError(f"{path}: nested too deeply")
    if not any(isinstance(row, list) for row in value):
        return np.array([_text(number, f"{path}[{k}]") for k, number in enumerate(value)], dtype=object)
    rows = [_texts(row, f"{path}[{k}]", depth + 1) for k, row in enumerate(value)]
    for k, row in enumerate(rows):
        if row.shape != rows[0].shape:
            raise MlpError(f"{path}[{k}]: shape {_sizes(row.shape)}, but {path}[0] has {_sizes(rows[0].shape)}")
    return np.array(rows, dtype=object)


def _text(value: Any, path: str) -> str:
    if value is None:
        return ""
    if not isinstance(value, Written):
        raise MlpError(f"{path}: a number expected, found {value!r:.40}")
    if not isfinite(float(value)):
        raise MlpError(f"{path}: {value:.20} is too large for a float")
    return str(value)


def _sizes(shape: tuple[int, ...]) -> str:
    return "×".join(map(str, shape)) or "a single number"
