"""Weights as JSON: one row of a matrix per line, every number with all its digits."""

import json
import re
from collections.abc import Callable, Iterator
from functools import partial
from itertools import chain
from sys import float_info
from typing import Any, BinaryIO, NoReturn

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError

INDENT = "  "
PIECE = 2**20  # bytes per read
STRING = r'"(?:[^"\\]++|\\.)*+"'
STRING_OR_CONSTANT = re.compile(rf"{STRING}|NaN|-?Infinity", re.DOTALL)
KEY_OR_BRACE = re.compile(rf"({STRING})(\s*:)?|[{{}}]", re.DOTALL)
MOST_PIPED = 2**28  # bytes that may come through a pipe, and not from a file

# How often a sign may stand in a document: so many times in any, and else once in so many characters. `{},` is an
# object of a hundred bytes in three characters, and a small file of these would take gigabytes. A network has an object
# for each layer and a list for each unit, with numbers between them.
MOST = {"{": (100_000, 64, "objects"), "[": (500_000, 12, "lists"), ":": (200_000, 32, "keys")}


def encode_json(document: dict[str, Any]) -> bytes:
    """The document as UTF-8 text that a person can read. The shortest decimals that give the same number back."""
    return "".join([*_pieces(document, ""), "\n"]).encode()


def read_json(
    start: bytes, stream: BinaryIO, where: str, number: Callable[[str], Any] | None = None, most: int | None = None
) -> Any:
    """The document in a stream whose first bytes have been read, as `decode_json` gives it; `most` bytes at the most.

    The first NUL byte ends the reading: no JSON has one, and a device or a hole in a file has nothing else.
    """
    return _document(_text_in(start, stream, where, most), where, number)


def decode_json(content: bytes, where: str, number: Callable[[str], Any] | None = None) -> Any:
    """The document in the text, with Python's numbers or what `number` makes of the text of each.

    Raises MlpError with line and column for what is no JSON, a repeated key, or NaN, and for more structure than any
    network has.
    """
    return _document(_decoded(content, where), where, number)


def _text_in(start: bytes, stream: BinaryIO, where: str, most: int | None) -> str:
    """The whole text. The bytes that it is decoded from are gone when it is parsed."""
    most = MOST_PIPED if most is None and not stream.seekable() else most
    content = bytearray()
    for piece in chain([start], iter(lambda: stream.read(PIECE), b"")):
        if 0 in piece:
            raise MlpError(f"{where}: byte {len(content) + piece.index(0)}: a NUL byte; JSON in UTF-8 is expected")
        content += piece
        if most is not None and len(content) > most:
            raise MlpError(f"{where}: larger than {most // 2**20} MiB; give only what is needed")
    return _decoded(content, where)


def _decoded(content: bytes | bytearray, where: str) -> str:
    """The text, without a byte order mark."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise MlpError(f"{where}: byte {problem.start}: not UTF-8 text; JSON is expected") from None


def _document(text: str, where: str, number: Callable[[str], Any] | None) -> Any:
    _check_structure(text, where)
    try:
        return json.loads(
            text,
            object_pairs_hook=_unique,
            parse_constant=partial(_refuse, text),
            parse_float=number,
            parse_int=number or _whole,
        )
    except json.JSONDecodeError as problem:
        raise MlpError(f"{where}:{problem.lineno}:{problem.colno}: {problem.msg}; JSON is expected") from None
    except _RepeatedKey:
        key, line, column = _repeated(text)
        raise MlpError(f"{where}:{line}:{column}: the key {key[:40]!r} is there twice") from None
    except RecursionError:
        raise MlpError(f"{where}: nested too deeply") from None
    except ValueError as problem:
        raise MlpError(f"{where}: {problem}") from None


def _check_structure(text: str, where: str) -> None:
    """Raises MlpError where there are more of these signs than any network needs, before memory is taken for them."""
    for sign, (free, spacing, what) in MOST.items():
        found = text.count(sign)
        if found > max(free, len(text) // spacing):
            raise MlpError(f"{where}: {found:,} {what} ('{sign}') in {len(text):,} characters; no network has so many")


def _pieces(value: Any, margin: str) -> Iterator[str]:
    """The text in pieces, since it may be long: whoever joins them copies it once, and not once for each level."""
    if isinstance(value, dict):
        yield from _block("{", [(f"{_text(key)}: ", item) for key, item in value.items()], "}", margin)
    elif _has_lines(value):
        yield from _block("[", [("", item) for item in value], "]", margin)
    elif isinstance(value, np.ndarray):
        yield _row(value)
    else:
        yield _text(value)


def _has_lines(value: Any) -> bool:
    """Whether it is a matrix or a list of blocks, of which each row or block begins a line."""
    if isinstance(value, np.ndarray):
        return value.ndim > 1
    return isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value)


def _block(start: str, items: list[tuple[str, Any]], end: str, margin: str) -> Iterator[str]:
    """Items with what stands before each, a line or more for each."""
    inner, between = margin + INDENT, ""
    yield start + "\n"
    for before, item in items:
        yield between + inner + before
        yield from _pieces(item, inner)
        between = ",\n"
    yield "\n" + margin + end


def _text(value: Any) -> str:
    """As JSON writes it; in ASCII where a file name that is no UTF-8 cannot be written otherwise."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value, allow_nan=False)


def _row(numbers: Array) -> str:
    """The shortest text of each number in its own precision: 0.1 in float32 is 0.1.

    NumPy's str() finds it for any precision; for Python's own, repr() of a list does so in half the time.
    """
    if numbers.dtype == np.float64:
        return repr(numbers.tolist())
    return "[" + ", ".join(map(str, numbers)) + "]"


class _RepeatedKey(Exception):
    """An object has a key twice."""


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise _RepeatedKey
    return found


def _repeated(text: str) -> tuple[str, int, int]:
    """The key that an object has twice, with line and column of the second, in a text that has such an object."""
    objects: list[set[str]] = []  # the keys so far of each that is open
    for found in KEY_OR_BRACE.finditer(text):
        if found[0] == "{":
            objects.append(set())
        elif found[0] == "}":
            objects.pop()
        elif found[2]:
            key = json.loads(found[1])
            if key in objects[-1]:
                break
            objects[-1].add(key)
    place = json.JSONDecodeError("", text, found.start())
    return key, place.lineno, place.colno


def _whole(text: str) -> int | float:
    """A whole number; one that no float64 holds is infinite, as 1e999 is, for whoever can tell where it stands."""
    return int(text) if len(text) <= float_info.max_10_exp else float(text)


def _refuse(text: str, name: str) -> NoReturn:
    """Raises JSONDecodeError for NaN or Infinity, where it stands outside of strings for the first time."""
    place = next(found.start() for found in STRING_OR_CONSTANT.finditer(text) if found[0] == name)
    raise json.JSONDecodeError(f"{name} is not a finite number", text, place)
