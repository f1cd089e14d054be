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
from mlpcli.derivation.compare.given import Given, Place, as_given, style_of
from mlpcli.derivation.compare.header import Header, check_header
from mlpcli.files.document import FORMAT as WEIGHTS_FORMAT
from mlpcli.files.weights_json import read_json
from mlpcli.report.numbers import counted

FORMAT = "mlpcli-trace"
MOST_BYTES, MOST_AXES = 2**28, 3
ABOUT_THE_TRACE = (
    "format", "version", "rule", "round_steps", "regularizer", "optimizer", "learning_rate", "freeze_bias", "features",
    "check", "comparison",
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
    style = style_of({place: texts for place, (texts, _) in given.items()}, bound)
    return {place: as_given(texts, transposed, style) for place, (texts, transposed) in given.items()}


# ----- The places of the numbers ------------------------------------------------------------------------------------

# The trace's document as a tree: objects by their keys, lists of layers by the numbers of the layers. A name that only
# layers have is at the top too, with its places in all layers.
Tree = dict[Any, Any]
OF_EVERY_LAYER = ("layer", "activation")  # keys that are no quantities


def _document(document: dict[str, Any], shown: Shown) -> Iterator[Part]:
    """The whole document, with `steps`, or the first step."""
    step = {key: value for key, value in document.items() if key not in ABOUT_THE_TRACE}
    if isinstance(step.get("loss"), dict):  # the name of the loss, not its value
        del step["loss"]
    steps = _list(step.pop("steps", []), "steps")
    made = max(place.step for place in shown)
    if len(steps) > made:
        raise MlpError(f"steps: {counted(len(steps), 'step')}, but the trace has {made}; use --steps {len(steps)}")
    yield from _parts(step, _tree(shown, 1), "", shown)
    for t, value in enumerate(steps, 1):
        yield from _parts(value, _tree(shown, t), f"steps[{t - 1}]", shown)


def _tree(shown: Shown, t: int) -> Tree:
    """The places of a step."""
    layers: Tree = {}
    slots: Tree = {}
    anywhere: dict[str, list[Place]] = {}
    own = [place for place in shown if place.step == t]
    for place in (place for place in own if place.layer):
        slot, dot, letter = place.name.rpartition(".")
        (slots.setdefault(slot, {}) if dot else layers).setdefault(place.layer, {})[letter] = place
        anywhere.setdefault(place.name, []).append(place)
    of_the_step = {place.name: place for place in own if not place.layer}
    return {
        **{name: places for name, places in anywhere.items() if "." not in name},
        **of_the_step,
        "layers": layers,
        "slots": slots,
    }


def _parts(value: Any, tree: Any, path: str, shown: Shown) -> Iterator[Part]:
    """The numbers in a part of the document, at their places in the same part of the tree."""
    if isinstance(tree, Place):
        yield tree, path, value
    elif isinstance(tree, list):
        yield _only_place(value, sorted(tree), path, shown), path, value
    elif 1 in tree:
        for k, inside, layer in _layers(value, path, len(tree)):
            own = {key: item for key, item in _object(layer or {}, inside).items() if key not in OF_EVERY_LAYER}
            yield from _parts(own, tree[k], inside, shown)
    else:
        for key, item in _object(value or {}, path).items():
            if not tree:
                raise MlpError(f"{path}: the optimizer of this trace has no state; use another --optimizer")
            if key not in tree:
                raise MlpError(f"{path or 'the document'}: {_hint(key, tree) or unknown('key', key, sorted(tree))}")
            yield from _parts(item, tree[key], f"{path}.{key}" if path else key, shown)


def _hint(key: str, tree: Tree) -> str:
    """What to write instead of a name as on paper; empty for other keys."""
    if "_tilde" in key:
        return f"unknown key '{key}': write W and b, as a trace without --merge-bias has them"
    if key in ON_PAPER:
        return f"unknown key '{key}': {ON_PAPER[key]}"
    name, layer = key[:-1], key[-1:]
    if isinstance(tree.get(name), list) and layer.isdecimal():
        return f'unknown key \'{key}\': write {{"layers": [{{"layer": {layer}, "{name}": …}}]}}'
    return ""


def _layers(value: Any, path: str, wanted: int) -> Iterator[tuple[int, str, Any]]:
    """Each layer's number, path and value. Layers without a number are allowed if the file has all layers."""
    layers = _list(value, path)
    for place, layer in enumerate(layers):
        number = layer.get("layer") if isinstance(layer, dict) else None
        if number is None and len(layers) != wanted:
            raise MlpError(f"{path}: {counted(len(layers), 'layer')}, but the network has {wanted}; {HOW_TO}")
        if number not in (None, *map(str, range(1, wanted + 1))):
            raise MlpError(f"{path}[{place}].layer: a number from 1 to {wanted} expected, found {number!r:.40}")
        yield place + 1 if number is None else int(number), f"{path}[{place}]", layer


def _only_place(value: Any, places: Sequence[Place], path: str, shown: Shown) -> Place:
    """The only layer that fits a quantity at the top of the document."""
    texts = _texts(value, path)
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
