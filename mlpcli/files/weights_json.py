"""Weights as JSON: one row of a matrix per line, every number with all its digits."""

import codecs
import json
from collections.abc import Callable, Iterable
from itertools import chain
from typing import Any, BinaryIO, NoReturn

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError

INDENT = "  "
PIECE = 2**20  # bytes per read
MOST_PIPED = 2**28  # bytes that may come through a pipe, and not from a file


def encode_json(document: dict[str, Any]) -> bytes:
    """The document as UTF-8 text that a person can read. The shortest decimals that give the same number back."""
    return (_value(document, "") + "\n").encode()


def read_json(
    start: bytes, stream: BinaryIO, where: str, number: Callable[[str], Any] | None = None, most: int | None = None
) -> Any:
    """The document in a stream whose first bytes have been read, as `decode_json` gives it; `most` bytes at the most.

    The first NUL byte ends the reading: no JSON has one, and a device or a hole in a file has nothing else.
    """
    most = MOST_PIPED if most is None and not stream.seekable() else most
    content = bytearray()
    for piece in chain([start], iter(lambda: stream.read(PIECE), b"")):
        if 0 in piece:
            raise MlpError(f"{where}: byte {len(content) + piece.index(0)}: a NUL byte; JSON in UTF-8 is expected")
        content += piece
        if most is not None and len(content) > most:
            raise MlpError(f"{where}: larger than {most // 2**20} MiB; give only what is needed")
    return decode_json(content.removeprefix(codecs.BOM_UTF8), where, number)


def decode_json(content: bytes | bytearray, where: str, number: Callable[[str], Any] | None = None) -> Any:
    """The document in the text, with Python's numbers or what `number` makes of the text of each.

    Raises MlpError with line and column for what is no JSON, a repeated key, or NaN.
    """
    try:
        return json.loads(
            content, object_pairs_hook=_unique, parse_constant=_refuse, parse_float=number, parse_int=number
        )
    except json.JSONDecodeError as problem:
        raise MlpError(f"{where}:{problem.lineno}:{problem.colno}: {problem.msg}; JSON is expected") from None
    except UnicodeDecodeError as problem:
        raise MlpError(f"{where}: byte {problem.start}: not UTF-8 text; JSON is expected") from None
    except RecursionError:
        raise MlpError(f"{where}: nested too deeply") from None
    except ValueError as problem:
        raise MlpError(f"{where}: {problem}") from None


def _value(value: Any, margin: str) -> str:
    inner = margin + INDENT
    if isinstance(value, dict):
        return _block("{", [f"{_text(key)}: {_value(item, inner)}" for key, item in value.items()], "}", margin)
    if isinstance(value, np.ndarray):
        return _rows(value, inner) if value.ndim > 1 else _row(value)
    if isinstance(value, list) and any(isinstance(item, (dict, list)) for item in value):
        return _block("[", [_value(item, inner) for item in value], "]", margin)
    return _text(value)


def _text(value: Any) -> str:
    """As JSON writes it; in ASCII where a file name that is no UTF-8 cannot be written otherwise."""
    text = json.dumps(value, allow_nan=False, ensure_ascii=False)
    return text if text.isprintable() else json.dumps(value, allow_nan=False)


def _block(start: str, items: list[str], end: str, margin: str) -> str:
    inner = margin + INDENT
    return start + "\n" + ",\n".join(inner + item for item in items) + "\n" + margin + end


def _rows(matrix: Array, margin: str) -> str:
    return _block("[", [_row(row) for row in matrix], "]", margin.removesuffix(INDENT))


def _row(numbers: Array) -> str:
    """str() of a NumPy number is the shortest text for its own precision: 0.1 in float32 is 0.1."""
    return "[" + ", ".join(str(number) for number in numbers) + "]"


def _unique(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key[:40]!r} is there twice")
        found[key] = value
    return found


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a number that JSON knows; all numbers must be finite")
