"""The digest in the files that we write: a flipped bit is an error, not another network or training state.

One function makes a digest from bytes and one checks it. The formats differ in the bytes that count:

- weights: the meaning of the document, so that indentation, the order of keys, and JSON or NPZ make no difference;
- an archive: also every byte of the file, since a zip file has many fields, some of which nothing else reads;
- a checkpoint: every byte after the digest.

A file that a person writes, or that another program packs again, needs none.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.samples import Samples

KEY = "digest"
ALGORITHM = "sha256:"
SIZE = len(ALGORITHM) + 64  # characters of a digest
ARRAYS = ("weights", "bias", "alpha")  # of a layer
EXACT = 2**53  # up to it, every whole number is a float64


class Damaged(MlpError):
    """Bytes of a file are missing or have changed since it was written."""


def digest_of(pieces: Iterable[bytes | memoryview]) -> str:
    """`sha256:` and the 64 hexadecimal digits of the SHA-256 of all pieces, one after the other."""
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return f"{ALGORITHM}{digest.hexdigest()}"


def check_digest(recorded: object, pieces: Iterable[bytes | memoryview], where: str, remedy: str = "") -> None:
    """Raises Damaged if the recorded digest is not that of the pieces."""
    if recorded != digest_of(pieces):
        raise Damaged(f"{where}: damaged or changed: its content does not match its digest{remedy}")


# ----- What counts --------------------------------------------------------------------------------------------------


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its digest as the last key."""
    return {**document, KEY: digest_of(meaning_of(document))}


def check_document(document: Mapping[str, Any], where: str, remedy: str) -> None:
    """Raises Damaged if a document has a digest that is not its own. The remedy is for users who have changed it."""
    if KEY in document:
        check_digest(document[KEY], meaning_of(document), where, f"; if you changed it, {remedy}")


def meaning_of(document: Mapping[str, Any]) -> Iterator[bytes]:
    """The meaning of a document of weights as bytes, without the digest itself.

    JSON with the keys in alphabetical order and every number as a float64. The arrays of the layers are represented by
    their shape and the SHA-256 of their bytes in the document's own dtype, low end first.
    """
    dtype = np.dtype(document.get("dtype", "float64")).newbyteorder("<")
    layers = [
        {key: _summary(np.asarray(value, dtype)) if key in ARRAYS else value for key, value in layer.items()}
        for layer in document["layers"]
    ]
    plain = {key: value for key, value in document.items() if key != KEY}
    yield json.dumps(_by_value({**plain, "layers": layers}), sort_keys=True).encode()


def digest_of_samples(*sets: Samples) -> str:
    """64 hexadecimal digits that differ for other samples, and for the same samples in another order."""
    return digest_of(_bytes_of_samples(sets)).removeprefix(ALGORITHM)


def _bytes_of_samples(sets: Iterable[Samples]) -> Iterator[bytes | memoryview]:
    for samples in sets:
        weights = () if samples.weights is None else (samples.weights,)
        for array in (samples.x, samples.y, samples.scaling.mean, samples.scaling.scale, *weights):
            yield f"{array.dtype.str}{array.shape}".encode()
            yield np.ascontiguousarray(array).data


def _summary(array: Array) -> dict[str, Any]:
    return {"shape": list(array.shape), "sha256": digest_of([array.tobytes()]).removeprefix(ALGORITHM)}


def _by_value(value: Any) -> Any:
    """The same value with every number as a float, since 1 and 1.0 mean the same."""
    if isinstance(value, dict):
        return {key: _by_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_by_value(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= EXACT:
        return float(value)
    return value
