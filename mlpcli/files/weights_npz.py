"""Weights as a NumPy archive: arrays W1, b1, (alpha1,) W2, … and the rest of the document as JSON in `mlp`."""

import io
import json
from typing import Any, BinaryIO

import numpy as np

from mlpcli.core.errors import MlpError
from mlpcli.data.packed import EXCERPT, SUFFIX, read_arrays
from mlpcli.files.archive_seal import check_seal, with_seal
from mlpcli.files.digest import KEY
from mlpcli.files.weights_json import MOST_PIPED, decode_json

DOCUMENT = "mlp"
ARRAYS = {"weights": "W", "bias": "b", "alpha": "alpha"}


def encode_npz(document: dict[str, Any]) -> bytes:
    """The archive's bytes. The same network gives the same bytes."""
    arrays, layers = {}, []
    for number, layer in enumerate(document["layers"], 1):
        arrays.update({f"{ARRAYS[key]}{number}": layer[key] for key in ARRAYS if key in layer})
        layers.append({key: value for key, value in layer.items() if key not in ARRAYS})
    text = json.dumps({**document, "layers": layers}, allow_nan=False)
    file = io.BytesIO()
    np.savez(file, **{DOCUMENT: np.frombuffer(text.encode(), np.uint8)}, **arrays)  # type: ignore[arg-type]
    return with_seal(file.getvalue())


def read_npz(start: bytes, stream: BinaryIO, where: str) -> Any:
    """The document in an archive whose first bytes have been read.

    Raises MlpError for anything that is not such an archive. Pickles are never read.
    """
    if not stream.seekable():
        stream = io.BytesIO(start + stream.read(MOST_PIPED))  # cut off, it is no archive
    text = read_arrays(stream, where, (DOCUMENT,)).get(DOCUMENT)
    if text is None or text.dtype != np.uint8:
        raise MlpError(f"{where}: not an mlp weights file (an NPZ archive without '{DOCUMENT}')")
    document = decode_json(text.tobytes(), where)
    found = document.get("layers") if isinstance(document, dict) else None
    layers = found if isinstance(found, list) else []
    names = [f"{letter}{number}" for number in range(1, len(layers) + 1) for letter in ARRAYS.values()]
    _check_members(stream, names, where)
    arrays = read_arrays(stream, where, names)
    for number, layer in enumerate(layers, 1):
        if isinstance(layer, dict):
            layer.update({key: arrays[f"{a}{number}"] for key, a in ARRAYS.items() if f"{a}{number}" in arrays})
    if isinstance(document, dict) and KEY in document:
        check_seal(stream, where)
    return document


def _check_members(stream: BinaryIO, names: list[str], where: str) -> None:
    """Raises MlpError for a member that belongs to no layer: a layer too many, or something else altogether."""
    from zipfile import ZipFile  # costs 10 ms

    with ZipFile(stream) as archive:
        known = {f"{name}{SUFFIX}" for name in (DOCUMENT, *names)}
        foreign = next((name for name in archive.namelist() if name not in known), None)
    if foreign is not None:
        layers, name = len(names) // len(ARRAYS), foreign.removesuffix(SUFFIX)[:EXCERPT]
        raise MlpError(f"{where}: {name!r} belongs to no layer; '{DOCUMENT}' describes {layers}")
