"""Weights as JSON: one row of a matrix per line, and all digits of every number."""

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
MOST_PIPED = 2**28  # bytes that are read from a pipe

# How often a character may occur in a document: this many times in any, else once per this many characters. `{},` is an
# object of a hundred bytes in three characters, so a small file of these would take gigabytes. A network has an object
# per layer and a list per unit, with numbers between them.
MOST = {"{": (100_000, 64, "objects"), "[": (500_000, 12, "lists"), ":": (200_000, 32, "keys")}


def encode_json(document: dict[str, Any]) -> bytes:
    """The document as readable UTF-8 text. Numbers are the shortest decimals that give the same number back."""
    return "".join([*_pieces(document, ""), "\n"]).encode()


def read_json(
    start: bytes, stream: BinaryIO, where: str, number: Callable[[str], Any] | None = None, most: int | None = None
) -> Any:
    """The document in a stream whose first bytes have been read, like `decode_json`; at most `most` bytes.

    Numbers are Python's, or `number` of the text of each. The first NUL byte ends the reading: JSON has none,
    while a device or a hole in a file has only these.
    """
    return _document(_text_in(start, stream, where, most), where, number)


def decode_json(content: bytes, where: str) -> Any:
    """The document in a text.

    Raises MlpError with line and column for text that is not JSON, a repeated key, or NaN, and for more structure than
    any network has.
    """
    return _document(_decoded(content, where), where, None)


def _text_in(start: bytes, stream: BinaryIO, where: str, most: int | None) -> str:
    """The complete text. The bytes that it is decoded from are freed before it is parsed."""
    most = MOST_PIPED if most is None and not stream.seekable() else most
    content = bytearray()
    for piece in chain([start], iter(lambda: stream.read(PIECE), b"")):
        if 0 in piece:
            raise MlpError(f"{where}: byte {len(content) + piece.index(0)}: a NUL byte; JSON in UTF-8 is expected")
        content += piece
        if most is not None and len(content) > most:
            raise MlpError(f"{where}: larger than {most // 2**20} MiB; use a smaller file")
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
        raise MlpError(f"{where}:{problem.lineno}:{problem.colno}: {_reason(problem)}") from None
    except _RepeatedKey:
        key, line, column = _repeated(text)
        raise MlpError(f"{where}:{line}:{column}: the key {key[:40]!r} occurs twice; remove one") from None
    except RecursionError:
        raise MlpError(f"{where}: nested too deeply") from None
    except ValueError as problem:
        raise MlpError(f"{where}: {problem}") from None


def _reason(problem: json.JSONDecodeError) -> str:
    """What is wrong with the text, or that it may be cut off if it ends too early."""
    if problem.msg.startswith("Unterminated") or not problem.doc[problem.pos :].strip():
        return "not valid JSON (the file may be cut off)"
    return f"{problem.msg}; this is not valid JSON"


def _check_structure(text: str, where: str) -> None:
    """Raises MlpError if a text has more objects, lists or keys than any network, before memory is allocated."""
    for sign, (free, spacing, what) in MOST.items():
        count = text.count(sign)
        if count > max(free, len(text) // spacing):
            raise MlpError(f"{where}: {count:,} {what} ('{sign}') in {len(text):,} characters; no network has so many")


def _pieces(value: Any, margin: str) -> Iterator[str]:
    """The text in pieces. Joining them copies it once, not once per level."""
    if isinstance(value, dict):
        yield from _block("{", [(f"{_text(key)}: ", item) for key, item in value.items()], "}", margin)
    elif _has_lines(value):
        yield from _block("[", [("", item) for item in value], "]", margin)
    elif isinstance(value, np.ndarray):
        yield _row(value)
    else:
        yield _text(value)


def _has_lines(value: Any) -> bool:
    """Whether a value is a matrix or a list of blocks, whose rows or blocks each start a line."""
    if isinstance(value, np.ndarray):
        return value.ndim > 1
    return isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value)


def _block(start: str, items: list[tuple[str, Any]], end: str, margin: str) -> Iterator[str]:
    """Items with the text before each, in one line or more."""
    inner, between = margin + INDENT, ""
    yield start + "\n"
    for before, item in items:
        yield between + inner + before
        yield from _pieces(item, inner)
        between = ",\n"
    yield "\n" + margin + end


def _text(value: Any) -> str:
    """A value as JSON; in ASCII if it cannot be printed, such as a file name that is not UTF-8."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value)


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
    unique = dict(pairs)
    if len(unique) < len(pairs):
        raise _RepeatedKey
    return unique


def _repeated(text: str) -> tuple[str, int, int]:
    """The first key that an object of the text has twice, with line and column of the second."""
    objects: list[set[str]] = []  # the keys so far of each that is open
    for match in KEY_OR_BRACE.finditer(text):
        if match[0] == "{":
            objects.append(set())
        elif match[0] == "}":
            objects.pop()
        elif match[2]:
            key = json.loads(match[1])
            if key in objects[-1]:
                break
            objects[-1].add(key)
    place = json.JSONDecodeError("", text, match.start())
    return key, place.lineno, place.colno


def _whole(text: str) -> int | float:
    """A whole number; infinite if it is too large for float64, like 1e999. The caller reports it with its place."""
    return int(text) if len(text) <= float_info.max_10_exp else float(text)


def _refuse(text: str, name: str) -> NoReturn:
    """Raises JSONDecodeError for NaN or Infinity, at its first place outside strings."""
    place = next(match.start() for match in STRING_OR_CONSTANT.finditer(text) if match[0] == name)
    raise json.JSONDecodeError(f"{name} is not a finite number", text, place)
