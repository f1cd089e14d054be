"""IDX, the format of MNIST: two zero bytes, a type, the number of dimensions, their sizes, and the numbers.

http://yann.lecun.com/exdb/mnist describes it. The data sets read here use bytes (type 0x08) only.
"""

import gzip
import zlib
from math import prod
from pathlib import Path

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.packing import check_swelling

UNSIGNED_BYTE = 0x08
MOST_DIMENSIONS = 4
MOST_BYTES = 2**30  # 20 times MNIST; a file with a hole claims any size


def read_idx(path: Path) -> Array:
    """The array in an IDX file, plain or gzipped. No more is read than the header declares, plus one byte.

    Raises MlpError with the place for a header or a length that is wrong.
    """
    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as stream:
            head = stream.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or head[2] != UNSIGNED_BYTE or not 1 <= head[3] <= MOST_DIMENSIONS:
                raise MlpError(f"{path}: not an IDX file of bytes (it starts with {head.hex(' ') or 'nothing'})")
            sizes = stream.read(4 * head[3])
            shape = [int.from_bytes(sizes[k : k + 4], "big") for k in range(0, len(sizes), 4)]
            if len(shape) < head[3] or 0 in shape:
                raise MlpError(f"{path}: byte 4: the sizes of {head[3]} dimensions are expected, found {shape}")
            wanted = prod(shape)
            _check_claim(path, wanted)
            data = stream.read(wanted + 1)
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror or problem}") from None
    except (EOFError, zlib.error) as problem:
        raise MlpError(f"{path}: damaged: {problem}") from None
    if len(data) != wanted:
        found = f"{len(data)}" if len(data) < wanted else "more"
        raise MlpError(f"{path}: {wanted} bytes of data are declared, {found} are there")
    return np.frombuffer(data, np.uint8).reshape(shape)


def _check_claim(path: Path, wanted: int) -> None:
    """Raises MlpError where the file cannot, or is not likely to, hold so many bytes, or they are too many."""
    size = path.stat().st_size
    if wanted > MOST_BYTES:
        raise MlpError(f"{path}: declares {wanted} bytes of data; {MOST_BYTES} are the most")
    if path.suffix == ".gz":
        check_swelling(size, wanted, str(path))
    elif wanted > size:
        raise MlpError(f"{path}: declares {wanted} bytes of data, more than the {size} it holds")
