"""The arrays of a NumPy archive, by name. What a file claims is checked against its bytes before memory is taken.

`numpy.load` takes memory for whatever shape a header states and unpacks whatever is packed. Pickles are never read.
"""

import io
import os
import warnings
from collections.abc import Iterable
from math import prod
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.packing import check_swelling

if TYPE_CHECKING:
    from zipfile import ZipFile, ZipInfo

SUFFIX = ".npy"
LONGEST_HEADER = 2**14  # bytes; NumPy itself reads no longer ones
HEADERS = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
END, COUNTED = b"PK\5\6", 10  # how the last record of an archive starts, and where the number of members stands in it
LONGEST_END = 22 + 2**16  # bytes of that record, and of a comment
MANY = 0xFFFF  # stands for a number that is told elsewhere
ENCRYPTED = 1  # a bit of a member's flags
EXCERPT = 60  # characters of a shape, a name or a reason that a message shows


def read_arrays(file: BinaryIO, where: str, names: Iterable[str]) -> dict[str, Array]:
    """The arrays of these names, as far as they are there.

    Raises MlpError with the name of the array for one that is damaged, or is not what it claims to be.
    """
    from zipfile import ZipFile  # costs 10 ms

    try:
        with ZipFile(file) as archive:
            _check_count(file, len(archive.infolist()))
            members = _members(archive, where)
            wanted = {name: members[name] for name in names if name in members}
            _check_sizes(list(wanted.values()), file.seek(0, os.SEEK_END), where)
            for member in archive.infolist():
                archive.open(member).close()  # it has its name a second time, and that must be the same
            return {name: _array(archive, member, f"{where}: {name}") for name, member in wanted.items()}
    except (MlpError, MemoryError):
        raise
    except Exception as problem:  # zipfile lets many kinds through, from struct.error to UnicodeDecodeError
        raise MlpError(f"{where}: not an NPZ archive, or a damaged one ({_reason(problem)})") from None


def _members(archive: "ZipFile", where: str) -> dict[str, "ZipInfo"]:
    """The members that are arrays, by the arrays' names."""
    found: dict[str, ZipInfo] = {}
    for member in archive.infolist():
        name = member.filename.removesuffix(SUFFIX)
        if name in found:
            raise MlpError(f"{where}: {name[:EXCERPT]} is there twice")
        if member.flag_bits & ENCRYPTED:
            raise MlpError(f"{where}: {name[:EXCERPT]} is encrypted")
        if member.filename.endswith(SUFFIX):
            found[name] = member
    return found


def _check_count(file: BinaryIO, found: int) -> None:
    """Raises ValueError where the archive's last record tells of another number of members than were found."""
    file.seek(max(0, file.seek(0, os.SEEK_END) - LONGEST_END))
    end = file.read()
    start = end.rfind(END) + COUNTED
    told = int.from_bytes(end[start : start + 2], "little")
    if told not in (found, MANY):
        raise ValueError(f"{found} members, where {told} are told of")


def _check_sizes(members: list["ZipInfo"], size: int, where: str) -> None:
    """Raises MlpError for a bomb: zeros packed tightly, or bytes that are not there or that several members share."""
    check_swelling(sum(member.compress_size for member in members), sum(member.file_size for member in members), where)
    ordered = sorted(members, key=lambda member: member.header_offset)
    ends = [*(member.header_offset for member in ordered[1:]), size]
    for member, end in zip(ordered, ends, strict=False):  # of no members there is an end, too
        if member.header_offset + member.compress_size > end:
            name = member.filename.removesuffix(SUFFIX)[:EXCERPT]
            raise MlpError(f"{where}: {name}: claims bytes of what stands behind it; the archive is damaged")


def _array(archive: "ZipFile", member: "ZipInfo", where: str) -> Array:
    try:
        with archive.open(member) as stream, warnings.catch_warnings(action="ignore"):  # of outdated names of types
            shape, dtype, start = _header(stream.read(LONGEST_HEADER))
        _check_claim(shape, dtype, member.file_size - start, where)
        with archive.open(member) as stream, warnings.catch_warnings(action="ignore"):
            found: Array = np.lib.format.read_array(stream, allow_pickle=False)
            return found
    except MlpError:
        raise
    except Exception as problem:
        raise MlpError(f"{where}: a damaged array, or none ({_reason(problem)})") from None


def _header(start: bytes) -> tuple[tuple[int, ...], "np.dtype[np.generic]", int]:
    """The shape and dtype that the first bytes of a member state, and where its numbers begin."""
    stream = io.BytesIO(start)
    version = np.lib.format.read_magic(stream)
    if version not in HEADERS:
        raise ValueError(f"version {version[0]}.{version[1]} of the format")
    try:
        shape, _, dtype = HEADERS[version](stream)
    except Exception:  # NumPy's words are about the syntax tree of Python
        raise ValueError("a header that tells no shape and type") from None
    return shape, dtype, stream.tell()


def _check_claim(shape: tuple[int, ...], dtype: "np.dtype[np.generic]", there: int, where: str) -> None:
    """Raises MlpError where so many elements of this type do not take the bytes that are there."""
    if dtype.hasobject:
        raise MlpError(f"{where}: holds pickled objects, which are never read")
    whole = all(type(size) is int and size >= 0 for size in shape)  # True is no size
    if not whole or not dtype.itemsize or prod(shape) * dtype.itemsize != there:
        raise MlpError(f"{where}: declares the shape {shape!s:.{EXCERPT}} of {dtype!s:.{EXCERPT}} for {there} bytes")


def _reason(problem: Exception) -> str:
    """The start of what was said, or the kind of the problem."""
    return " ".join(str(problem).split())[:EXCERPT] or type(problem).__name__
