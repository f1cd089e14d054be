"""Values in a document that may be written by hand: of the right type and shape, or an error with the place."""

import json
from collections.abc import Collection, Mapping, Sequence
from difflib import get_close_matches
from math import isfinite
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import R, pick, unknown

MOST_KEYS = 1000  # of an object: each unknown one is compared with the known ones
PLAIN = {int, float}  # the types of JSON numbers; bool is not one
WORDS = {
    str: "text in quotes", bool: "true or false", int: "a whole number", float: "a number", list: "a list",
    dict: "an object {…}",
}  # fmt: skip
OTHER_NAMES = dict.fromkeys(("lr", "eta", "η"), "learning_rate")  # which would pass for keys of another program
EXCERPT = 40  # characters of a wrong value that a message shows
TOO_LARGE = "not a finite number; use numbers up to 1.8e308"

Shape = tuple[int, ...]


class Part:
    """A dictionary in the document that knows its place, for messages."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise MlpError(f"{path or 'the document'} is not an object {{…}}")
        self.value, self.path = value, path

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def name(self, key: str) -> str:
        """The place of a key in the document: `layers[0].bias`."""
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, what: str) -> MlpError:
        """The error for the value of a key."""
        return MlpError(f"{self.name(key)}: {what}")

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """The value of a key, or the default without the key. Raises MlpError for another type, null included."""
        if key not in self.value:
            return default
        value = self.value[key]
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise self.wrong(key, f"{WORDS[kind]} expected, found {_told(value)}")
        return value

    def pick(self, key: str, family: Mapping[str, R], default: str, what: str) -> R:
        """The row of a family that the value of a key names. Raises MlpError for an unknown name."""
        name = self.value.get(key, default)
        if not isinstance(name, str):
            raise self.wrong(key, f"a name in quotes expected, found {_told(name)}")
        try:
            return pick(family, name, what)
        except MlpError as problem:
            raise self.wrong(key, str(problem)) from None

    def check_keys(self, known: tuple[str, ...], all_of_them: bool = False) -> None:
        """Raises MlpError for a key that looks like a misspelled known one; with `all_of_them`, for any unknown key."""
        if len(self.value) > MOST_KEYS:
            raise MlpError(f"{self.path or 'the document'}: {len(self.value):,} keys; use at most {MOST_KEYS:,}")
        for key in self.value:
            if OTHER_NAMES.get(key) in known:
                raise self.wrong(key, f"this key is called '{OTHER_NAMES[key]}'; rename it")
            if key not in known and (all_of_them or get_close_matches(key, known, n=1, cutoff=0.75)):
                raise self.wrong(key[:40], unknown("key", key, known))

    def number(self, key: str, default: float) -> float:
        """The finite number of a key, or the default without the key."""
        return float(self.array(key, ())) if key in self else default

    def names(self, key: str, wanted: int) -> tuple[str, ...] | None:
        """The names of a key, `wanted` different ones, or None without the key."""
        if key not in self:
            return None
        names = self.get(key, list)
        for place, name in enumerate(names):
            if not isinstance(name, str):
                raise self.wrong(f"{key}[{place}]", f"{WORDS[str]} expected, found {_told(name)}")
        if len(names) != wanted or len(set(names)) != wanted:
            raise self.wrong(key, f"{wanted} different names expected")
        return tuple(names)

    def array(self, key: str, shape: tuple[int | None, ...]) -> Array:
        """The finite numbers of a key in the given shape, where None stands for any size."""
        if key not in self:
            raise self.wrong(key, "missing; add it")
        value = self.value[key]
        if not isinstance(value, np.ndarray):
            _check_nesting(value, len(shape), self.name(key))
        if len(shape) == 2 and isinstance(value, list) and not value:
            raise self.wrong(key, "a matrix of at least one row expected, found an empty list")
        array = np.asarray(value, None if isinstance(value, np.ndarray) else np.float64)
        fits = array.ndim == len(shape) and all(w is None or w == s for w, s in zip(shape, array.shape, strict=True))
        if not fits:
            raise self.wrong(key, f"shape {_shape(shape)} expected, found {_shape(array.shape)}")
        if array.dtype.kind not in "fiu":
            raise self.wrong(key, f"numbers expected, found {array.dtype!s:.40}")
        if not np.isfinite(array).all():
            place = "".join(f"[{k}]" for k in np.argwhere(~np.isfinite(array))[0])
            raise self.wrong(f"{key}{place}", TOO_LARGE)
        return array

    def take(self, key: str, shape: tuple[int | None, ...]) -> Array:
        """Like `array`, and replaces the lists in the document, which take four times as much memory."""
        array = self.value[key] = self.array(key, shape)
        return array


def _told(value: Any) -> str:
    """A value in messages: as JSON, or its type, since a list may be as long as the file."""
    if isinstance(value, (list, dict)):
        return WORDS[type(value)]
    if isinstance(value, str):
        return repr(value[:EXCERPT])
    return json.dumps(value)


def _check_nesting(value: Any, depth: int, path: str) -> None:
    """Raises MlpError for the first value that is not a list, down to the given depth, or not a number there."""
    if depth == 0:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise MlpError(f"{path}: a number expected, found {_told(value)}")
        return
    if not isinstance(value, list):
        raise MlpError(f"{path}: a list expected, found {_told(value)}")
    if depth == 1 and PLAIN.issuperset(map(type, value)):  # a row of numbers, without a step for each
        return
    for k, row in enumerate(value):
        _check_nesting(row, depth - 1, f"{path}[{k}]")
        if depth > 1 and len(row) != len(value[0]):
            raise MlpError(f"{path}[{k}]: {len(row)} numbers, but {path}[0] has {len(value[0])}")


def _shape(shape: tuple[int | None, ...]) -> str:
    return "×".join("n" if size is None else str(size) for size in shape) or "a single number"


def check_finite(value: Any, path: str) -> None:
    """Raises MlpError for a number that is not finite, which could not be written again."""
    if isinstance(value, float) and not isfinite(value):
        raise MlpError(f"{path}: {TOO_LARGE}")
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            check_finite(item, f"{path}.{key!s:.40}")


# ----- Shapes that must match ---------------------------------------------------------------------------------------
# W⁽ᵏ⁾ has one row per unit and one column per input: as many columns as W⁽ᵏ⁻¹⁾ has rows, as many rows as b⁽ᵏ⁾ has
# numbers. Keras' kernels are the transpose, and so are the matrices of many hand calculations.


def check_chain(shapes: Sequence[Shape], biases: Sequence[int | None]) -> None:
    """Raises MlpError with the layer and both shapes if the matrices and biases of a network do not match.

    `shapes` are those of all W; `biases` the sizes of all b, None for a layer without one.
    """
    broken = next((k for k in range(len(shapes)) if not _joins(k, shapes, biases)), None)
    if broken is None:
        return
    for turned in ([broken], [broken - 1], range(len(shapes))):
        _check_turned(turned, shapes, biases)
    units, inputs = shapes[broken]
    if broken and inputs != shapes[broken - 1][0]:
        before = shapes[broken - 1][0]
        what = f"shape n×{before} expected, found {units}×{inputs}; layers[{broken - 1}] has {before} units"
        raise MlpError(f"layers[{broken}].weights: {what}")
    what = f"shape {units} expected, found {biases[broken]}; the weights have {units} rows, one for each unit"
    raise MlpError(f"layers[{broken}].bias: {what}")


def _check_turned(turned: Collection[int], shapes: Sequence[Shape], biases: Sequence[int | None]) -> None:
    """Raises MlpError if everything matches once these matrices are transposed."""
    other = [shape[::-1] if k in turned else shape for k, shape in enumerate(shapes)]
    if not all(_joins(k, other, biases) for k in range(len(shapes))):
        return
    first = next(k for k, shape in enumerate(shapes) if other[k] != shape)
    what = f"shape {_spelled(other[first])} expected, found {_spelled(shapes[first])}"
    looks = "it looks transposed, like all matrices" if len(turned) > 1 else "it looks transposed"
    raise MlpError(f"layers[{first}].weights: {what}; {looks}: each row is a unit, each column one of its inputs")


def _joins(k: int, shapes: Sequence[Shape], biases: Sequence[int | None]) -> bool:
    """Whether a layer has one input per unit of the layer before, and one bias per unit."""
    units, inputs = shapes[k]
    return (k == 0 or inputs == shapes[k - 1][0]) and biases[k] in (None, units)


def _spelled(shape: Shape) -> str:
    return "×".join(map(str, shape))
