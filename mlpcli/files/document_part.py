"""Values out of a document that somebody may have written by hand: of the right kind, or an error that says where."""

import json
from collections.abc import Mapping
from difflib import get_close_matches
from math import isfinite
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.families import R, pick, unknown

MOST_KEYS = 1000  # of an object: each that is not known is compared with those that are
PLAIN = {int, float}  # types of numbers as JSON gives them; bool is none
WORDS = {
    str: "text in quotes", bool: "true or false", int: "a whole number", float: "a number", list: "a list",
    dict: "an object {…}",
}  # fmt: skip
EXCERPT = 40  # characters of a wrong value that a message shows
TOO_LARGE = "not a finite number; no number may be larger than 1.8e308"


class Part:
    """A dictionary inside the document that knows where it is, so that every message can say so."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise MlpError(f"{path or 'the document'} is not an object {{…}}")
        self.value, self.path = value, path

    def __contains__(self, key: str) -> bool:
        return key in self.value

    def name(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, what: str) -> MlpError:
        return MlpError(f"{self.name(key)}: {what}")

    def get(self, key: str, kind: type, default: Any = None) -> Any:
        """The value of a key, of this kind, or the default where the key is not there. null is no value."""
        if key not in self.value:
            return default
        value = self.value[key]
        if not isinstance(value, kind) or (kind is not bool and isinstance(value, bool)):
            raise self.wrong(key, f"{WORDS[kind]} expected, found {_told(value)}")
        return value

    def pick(self, key: str, family: Mapping[str, R], default: str, what: str) -> R:
        """The row of a family that is named here."""
        name = self.value.get(key, default)
        if not isinstance(name, str):
            raise self.wrong(key, f"a name in quotes expected, found {_told(name)}")
        try:
            return pick(family, name, what)
        except MlpError as problem:
            raise self.wrong(key, str(problem)) from None

    def check_keys(self, known: tuple[str, ...], all_of_them: bool = False) -> None:
        """Raises MlpError for a key that looks like a known one misspelt (or for any other, with `all_of_them`)."""
        if len(self.value) > MOST_KEYS:
            raise MlpError(f"{self.path or 'the document'}: {len(self.value):,} keys; {MOST_KEYS:,} are the most")
        for key in self.value:
            if key not in known and (all_of_them or get_close_matches(key, known, n=1, cutoff=0.75)):
                raise self.wrong(key[:40], unknown("key", key, known))

    def number(self, key: str, default: float) -> float:
        """A finite number, or the default where the key is not there."""
        return float(self.array(key, ())) if key in self else default

    def names(self, key: str, wanted: int) -> tuple[str, ...] | None:
        """So many different names, or None where the key is not there."""
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
        """Finite numbers in the given shape; None leaves a size open."""
        if key not in self:
            raise self.wrong(key, "is missing")
        value = self.value[key]
        if not isinstance(value, np.ndarray):
            _check_nesting(value, len(shape), self.name(key))
        if len(shape) == 2 and isinstance(value, list) and not value:
            raise self.wrong(key, "a matrix of at least one row expected, found an empty list")
        found = np.asarray(value, None if isinstance(value, np.ndarray) else np.float64)
        fits = found.ndim == len(shape) and all(w is None or w == s for w, s in zip(shape, found.shape, strict=True))
        if not fits:
            raise self.wrong(key, f"shape {_shape(shape)} expected, found {_shape(found.shape)}")
        if found.dtype.kind not in "fiu":
            raise self.wrong(key, f"numbers expected, found {found.dtype!s:.40}")
        if not np.isfinite(found).all():
            place = "".join(f"[{k}]" for k in np.argwhere(~np.isfinite(found))[0])
            raise self.wrong(f"{key}{place}", TOO_LARGE)
        return found

    def take(self, key: str, shape: tuple[int | None, ...]) -> Array:
        """As `array`, which then stands in the document: the lists that it was take four times as much memory."""
        found = self.value[key] = self.array(key, shape)
        return found


def _told(value: Any) -> str:
    """How messages call a value: as JSON has it, or what it is, since a list may be as long as the file."""
    if isinstance(value, (list, dict)):
        return WORDS[type(value)]
    if isinstance(value, str):
        return repr(value[:EXCERPT])
    return json.dumps(value)


def _check_nesting(value: Any, depth: int, path: str) -> None:
    """Lists to the given depth, numbers inside. The first that is not, is named."""
    if depth == 0:
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise MlpError(f"{path}: a number expected, found {_told(value)}")
        return
    if not isinstance(value, list):
        raise MlpError(f"{path}: a list expected, found {_told(value)}")
    if depth == 1 and PLAIN.issuperset(map(type, value)):  # a row as it should be, without a step for each number
        return
    for k, row in enumerate(value):
        _check_nesting(row, depth - 1, f"{path}[{k}]")
        if depth > 1 and len(row) != len(value[0]):
            raise MlpError(f"{path}[{k}]: {len(row)} numbers, where {path}[0] has {len(value[0])}")


def _shape(shape: tuple[int | None, ...]) -> str:
    return "×".join("n" if size is None else str(size) for size in shape) or "a single number"


def check_finite(value: Any, path: str) -> None:
    """Raises MlpError for a number that could not be written again."""
    if isinstance(value, float) and not isfinite(value):
        raise MlpError(f"{path}: {TOO_LARGE}")
    if isinstance(value, (dict, list)):
        for key, item in value.items() if isinstance(value, dict) else enumerate(value):
            check_finite(item, f"{path}.{key!s:.40}")
