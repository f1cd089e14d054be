"""Weights as a NumPy archive: arrays W1, b1, (alpha1,) W2, … and the rest of the document as JSON in `mlp`.

The archive ends with a comment, its seal: the digest of every byte before it.
"""

import io
import json
import os
from typing import Any, BinaryIO

import numpy as np

from mlpcli.core.errors import MlpError
from mlpcli.data.packed import EXCERPT, SUFFIX, read_arrays
from mlpcli.files.digest import KEY, SIZE, check_digest, digest_of
from mlpcli.files.weights_json import MOST_PIPED, decode_json

DOCUMENT = "mlp"
ARRAYS = {"weights": "W", "bias": "b", "alpha": "alpha"}
END, END_SIZE = b"PK\5\6", 22  # how the last record of a zip file starts, and its bytes without a comment
PIECE = 2**20  # bytes per read


def encode_npz(document: dict[str, Any]) -> bytes:
    """The bytes of the archive. The same network gives the same bytes."""
    arrays, layers = {}, []
    for number, layer in enumerate(document["layers"], 1):
        arrays.update({f"{ARRAYS[key]}{number}": layer[key] for key in ARRAYS if key in layer})
        layers.append({key: value for key, value in layer.items() if key not in ARRAYS})
    text = json.dumps({**document, "layers": layers}, allow_nan=False)
    file = io.BytesIO()
    np.savez(file, **{DOCUMENT: np.frombuffer(text.encode(), np.uint8)}, **arrays)  # type: ignore[arg-type]
    return _with_seal(file.getvalue())


def read_npz(start: bytes, stream: BinaryIO, where: str) -> Any:
    """The document in an archive whose first bytes have been read. Raises MlpError for any other file."""
    if not stream.seekable():
        stream = io.BytesIO(start + stream.read(MOST_PIPED))  # a longer one is cut off and not an archive
    text = read_arrays(stream, where, (DOCUMENT,)).get(DOCUMENT)
    if text is None or text.dtype != np.uint8:
        raise MlpError(f"{where}: not an mlp weights file (an NPZ archive without '{DOCUMENT}')")
    document = decode_json(text.tobytes(), where)
    listed = document.get("layers") if isinstance(document, dict) else None
    layers = listed if isinstance(listed, list) else []
    names = [f"{letter}{number}" for number in range(1, len(layers) + 1) for letter in ARRAYS.values()]
    _check_members(stream, names, where)
    arrays = read_arrays(stream, where, names)
    for number, layer in enumerate(layers, 1):
        if isinstance(layer, dict):
            layer.update({key: arrays[f"{a}{number}"] for key, a in ARRAYS.items() if f"{a}{number}" in arrays})
    if isinstance(document, dict) and KEY in document:
        _check_seal(stream, where)
    return document


def _check_members(stream: BinaryIO, names: list[str], where: str) -> None:
    """Raises MlpError for a member that belongs to no layer, such as that of an extra layer."""
    from zipfile import ZipFile  # costs 10 ms

    with ZipFile(stream) as archive:
        known = {f"{name}{SUFFIX}" for name in (DOCUMENT, *names)}
        foreign = next((name for name in archive.namelist() if name not in known), None)
    if foreign is not None:
        layers, name = len(names) // len(ARRAYS), foreign.removesuffix(SUFFIX)[:EXCERPT]
        raise MlpError(f"{where}: {name!r} belongs to no layer; '{DOCUMENT}' describes {layers}")


# ----- The seal -----------------------------------------------------------------------------------------------------


def _with_seal(archive: bytes) -> bytes:
    """An archive without a comment, and its seal. The two bytes before a comment state its length."""
    body = archive[:-2] + SIZE.to_bytes(2, "little")
    return body + digest_of([body]).encode()


def _check_seal(stream: BinaryIO, where: str) -> None:
    """Raises Damaged if an archive has a comment that is not its seal. One without comment was packed elsewhere."""
    size = stream.seek(-SIZE, os.SEEK_END)
    end = stream.read()
    if end[-END_SIZE:].startswith(END):
        return
    stream.seek(0)
    pieces = (stream.read(min(PIECE, size - start)) for start in range(0, size, PIECE))
    check_digest(end.decode("latin-1"), pieces, where, "; restore a copy")
