"""The seal of our own archives: the SHA-256 of every byte of the file, as the comment at its end.

The digest in the document answers for the network. A zip file says many things besides, dates, flags, sizes, some of
them twice and some that nobody looks at: without the seal, one flipped bit in six would go unnoticed there. An archive
that another program has packed anew has no seal, and needs none.
"""

import hashlib
import os
from collections.abc import Iterable
from typing import BinaryIO

from mlpcli.core.errors import MlpError

END, END_SIZE = b"PK\5\6", 22  # how the last record of a zip file starts, and its bytes, where no comment follows
MARK = "sha256:"
SIZE = len(MARK) + 64
PIECE = 2**20  # bytes per read


def with_seal(archive: bytes) -> bytes:
    """An archive without a comment, and its seal. The length of the comment is told in the two bytes before it."""
    body = archive[:-2] + SIZE.to_bytes(2, "little")
    return body + _seal([body])


def check_seal(stream: BinaryIO, where: str) -> None:
    """Raises MlpError where an archive is not byte for byte as it was sealed."""
    size = stream.seek(-SIZE, os.SEEK_END)
    found = stream.read()
    if found[-END_SIZE:].startswith(END):
        return
    stream.seek(0)
    if found != _seal(stream.read(min(PIECE, size - start)) for start in range(0, size, PIECE)):
        raise MlpError(f"{where}: damaged: its content does not have the SHA-256 that stands at its end")


def _seal(pieces: Iterable[bytes]) -> bytes:
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return f"{MARK}{digest.hexdigest()}".encode()
