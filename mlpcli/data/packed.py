"""Arrays in binary files: NumPy archives, and IDX, the format of MNIST.

What a file claims is checked against its bytes before memory is allocated. `numpy.load` allocates memory for any shape
in a header and unpacks any archive. Pickles are never read.
"""

import io
import os
import warnings
from collections.abc import Iterable
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

UNSUSPICIOUS = 2**23  # bytes: less is unpacked without a check
MOST_SWELLING = 200  # times; deflate reaches 1032, images of digits 5, text 20
EXCERPT = 60  # characters of a shape, a name or a reason that a message shows


def check_swelling(packed: int, unpacked: int, where: str) -> None:
    """Raises MlpError if a file claims far more data than its size makes likely: it may be a zip bomb."""
    if unpacked > max(UNSUSPICIOUS, MOST_SWELLING * packed):
        limit = f"at most {MOST_SWELLING} times as many are read"
        raise MlpError(f"{where}: declares {unpacked} bytes of data, compressed to {packed}; {limit}")


# ----- NumPy archives -----------------------------------------------------------------------------------------------

SUFFIX = ".npy"
LONGEST_HEADER = 2**14  # bytes, as in NumPy itself
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
END, COUNTED = b"PK\5\6", 10  # how the last record of an archive starts, and the offset of the number of members
LONGEST_END = 22 + 2**16  # bytes of that record and of a comment
MANY = 0xFFFF  # means that the number is stored elsewhere
ENCRYPTED = 1  # a bit of a member's flags


def read_arrays(file: BinaryIO, where: str, names: Iterable[str]) -> dict[str, Array]:
    """The arrays of a NumPy archive by name, those of `names` that it has.

    Raises MlpError with the name of an array that is damaged, or whose header does not match its bytes.
    """
    from zipfile import ZipFile  # costs 10 ms

    try:
        with ZipFile(file) as archive:
            _check_count(file, len(archive.infolist()))
            members = _members(archive, where)
            wanted = {name: members[name] for name in names if name in members}
            _check_sizes(list(wanted.values()), file.seek(0, os.SEEK_END), where)
            for member in archive.infolist():
                archive.open(member).close()  # each member repeats its name, which must be the same
            return {name: _array(archive, member, f"{where}: {name}") for name, member in wanted.items()}
    except (MlpError, MemoryError):
        raise
    except Exception as problem:  # zipfile lets many kinds through, from struct.error to UnicodeDecodeError
        raise MlpError(f"{where}: not an NPZ archive, or damaged ({_reason(problem)})") from None


def _members(archive: "ZipFile", where: str) -> dict[str, "ZipInfo"]:
    """The members that are arrays, by the arrays' names."""
    arrays: dict[str, ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename.removesuffix(SUFFIX)
        if name in arrays:
            raise MlpError(f"{where}: {name[:EXCERPT]} occurs twice")
        if member.flag_bits & ENCRYPTED:
            raise MlpError(f"{where}: {name[:EXCERPT]} is encrypted")
        if member.filename.endswith(SUFFIX):
            arrays[name] = member
    return arrays


def _check_count(file: BinaryIO, members: int) -> None:
    """Raises ValueError if the archive's last record has another number of members."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_END))
    end = file.read()
    start = end.rfind(END) + COUNTED
    recorded = int.from_bytes(end[start : start + 2], "little")
    if recorded not in (members, MANY):
        raise ValueError(f"{members} members, but {recorded} recorded")


def _check_sizes(members: list["ZipInfo"], size: int, where: str) -> None:
    """Raises MlpError for a zip bomb: long runs of zeros, bytes that are not there, or bytes of several members."""
    check_swelling(sum(member.compress_size for member in members), sum(member.file_size for member in members), where)
    ordered = sorted(members, key=lambda member: member.header_offset)
    ends = [*(member.header_offset for member in ordered[1:]), size]
    for member, end in zip(ordered, ends, strict=False):  # `ends` has one even without members
        if member.header_offset + member.compress_size > end:
            name = member.filename.removesuffix(SUFFIX)[:EXCERPT]
            raise MlpError(f"{where}: {name}: overlaps what follows it; the archive is damaged")


def _array(archive: "ZipFile", member: "ZipInfo", where: str) -> Array:
    try:
        with archive.open(member) as stream, warnings.catch_warnings(action="ignore"):  # about outdated type names
            shape, dtype, start = _header(stream.read(LONGEST_HEADER))
        _check_claim(shape, dtype, member.file_size - start, where)
        with archive.open(member) as stream, warnings.catch_warnings(action="ignore"):
            array: Array = np.lib.format.read_array(stream, allow_pickle=False)
            return array
    except MlpError:
        raise
    except Exception as problem:
        raise MlpError(f"{where}: not an array, or damaged ({_reason(problem)})") from None


def _header(start: bytes) -> tuple[tuple[int, ...], "np.dtype[np.generic]", int]:
    """The shape and dtype in the header of a member, and the offset of its numbers."""
    stream = io.BytesIO(start)
    version = np.lib.format.read_magic(stream)
    if version not in HEADERS:
        raise ValueError(f"unknown version {version[0]}.{version[1]} of the format")
    try:
        shape, _, dtype = HEADERS[version](stream)
    except Exception:  # NumPy's message is about Python's syntax tree
        raise ValueError("a header without shape and type") from None
    return shape, dtype, stream.tell()


def _check_claim(shape: tuple[int, ...], dtype: "np.dtype[np.generic]", there: int, where: str) -> None:
    """Raises MlpError if an array of this shape and type does not take exactly the bytes that are there."""
    if dtype.hasobject:
        raise MlpError(f"{where}: pickled objects are never read; save plain numbers")
    whole = all(type(size) is int and size >= 0 for size in shape)  # True is not a size
    if not whole or not dtype.itemsize or prod(shape) * dtype.itemsize != there:
        raise MlpError(f"{where}: declares the shape {shape!s:.{EXCERPT}} of {dtype!s:.{EXCERPT}} for {there} bytes")


def _reason(problem: Exception) -> str:
    """The start of the error's message, or its type."""
    return " ".join(str(problem).split())[:EXCERPT] or type(problem).__name__


# ----- IDX ----------------------------------------------------------------------------------------------------------

UNSIGNED_BYTE = 0x08
MOST_DIMENSIONS = 4
MOST_BYTES = 2**30  # 20 times MNIST; a file with a hole claims any size


def read_idx(path: Path) -> Array:
    """The array in an IDX file of bytes (type 0x08), plain or gzipped. Format: http://yann.lecun.com/exdb/mnist.

    Two zero bytes, a type, the number of dimensions, their sizes, and the numbers. One byte more than the header
    declares is read at most. Raises MlpError with the place for a wrong header or length.
    """
    import gzip  # costs 3 ms
    import zlib

    try:
        with gzip.open(path) if path.suffix == ".gz" else open(path, "rb") as stream:
            head = stream.read(4)
            if len(head) < 4 or head[:2] != b"\0\0" or head[2] != UNSIGNED_BYTE or not 1 <= head[3] <= MOST_DIMENSIONS:
                raise MlpError(f"{path}: not an IDX file of bytes (it starts with {head.hex(' ') or 'nothing'})")
            sizes = stream.read(4 * head[3])
            shape = [int.from_bytes(sizes[k : k + 4], "big") for k in range(0, len(sizes), 4)]
            if len(shape) < head[3] or 0 in shape:
                raise MlpError(f"{path}: byte 4: expected the sizes of {head[3]} dimensions, found {shape}")
            wanted = prod(shape)
            _check_size(path, wanted)
            data = stream.read(wanted + 1)
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror or problem}") from None
    except (EOFError, zlib.error) as problem:
        raise MlpError(f"{path}: damaged: {problem}") from None
    if len(data) != wanted:
        has = f"{len(data)}" if len(data) < wanted else "more"
        raise MlpError(f"{path}: declares {wanted} bytes of data, but has {has}; the file is damaged")
    return np.frombuffer(data, np.uint8).reshape(shape)


def _check_size(path: Path, wanted: int) -> None:
    """Raises MlpError if a file cannot have, or is unlikely to have, this many bytes, or if they are too many."""
    size = path.stat().st_size
    if wanted > MOST_BYTES:
        raise MlpError(f"{path}: declares {wanted} bytes of data; at most {MOST_BYTES} are read")
    if path.suffix == ".gz":
        check_swelling(size, wanted, str(path))
    elif wanted > size:
        raise MlpError(f"{path}: declares {wanted} bytes of data, but has only {size}; the file is damaged")
