"""The digest that our own files carry, so that a flipped bit is an error and not another network.

It is the SHA-256 of what the document means: keys in alphabetical order, every number as a float64, and the arrays of
the layers as their shape and bytes in the document's own dtype. So it does not matter how a file is indented, in which
order its keys stand, or whether it is JSON or NPZ; and a file that a person wrote needs none.
"""

import hashlib
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.samples import Samples

KEY = "digest"
ARRAYS = ("weights", "bias", "alpha")  # of a layer
EXACT = 2**53  # up to here every whole number is a float64


def sealed(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document with its digest as the last key."""
    return {**document, KEY: digest_of(document)}


def check_digest(document: Mapping[str, Any], where: str, way_out: str) -> None:
    """Raises MlpError where a document that is otherwise sound is not the one that was written.

    The way out is for whoever has changed it on purpose.
    """
    if KEY in document and document[KEY] != digest_of(document):
        raise MlpError(f"{where}: {KEY}: the file was damaged, or changed since; if you changed it, {way_out}")


def digest_of(document: Mapping[str, Any]) -> str:
    """`sha256:` and 64 hexadecimal digits, of everything but the digest itself."""
    dtype = np.dtype(document.get("dtype", "float64")).newbyteorder("<")
    layers = [
        {key: _summary(np.asarray(value, dtype)) if key in ARRAYS else value for key, value in layer.items()}
        for layer in document["layers"]
    ]
    plain = {key: value for key, value in document.items() if key != KEY}
    text = json.dumps(_by_value({**plain, "layers": layers}), sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def digest_of_samples(*parts: Samples) -> str:
    """64 hexadecimal digits, other ones for other samples, or the same in another order."""
    digest = hashlib.sha256()
    for samples in parts:
        for array in (samples.x, samples.y, samples.scaling.mean, samples.scaling.scale):
            digest.update(f"{array.dtype.str}{array.shape}".encode())
            digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def _summary(array: Array) -> dict[str, Any]:
    return {"shape": list(array.shape), "sha256": hashlib.sha256(array.tobytes()).hexdigest()}


def _by_value(value: Any) -> Any:
    """The same, with 1 and 1.0 alike: a number may have been written in either way since."""
    if isinstance(value, dict):
        return {key: _by_value(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_by_value(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) <= EXACT:
        return float(value)
    return value
