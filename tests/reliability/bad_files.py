"""Files that lie: archives, images and documents that are not what they claim, made byte by byte."""

import gzip
import io
import json
import os
import struct
import zipfile
import zlib
from typing import Any

import numpy as np

MEBIBYTE = 2**20


class Canary:
    """Pickled, it asks whoever unpickles it to create a folder."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("canary",)


def npy(shape: str, data: bytes = b"", descr: str = "'<f8'", version: int = 1) -> bytes:
    """An array's file with a header of one's own."""
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY" + bytes([version, 0]) + len(text).to_bytes(2 if version == 1 else 4, "little") + text + data


def doubles(*values: float) -> bytes:
    return struct.pack(f"<{len(values)}d", *values)


def archive(members: dict[str, bytes], packing: int = zipfile.ZIP_STORED) -> bytes:
    """A zip file of these members."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", packing) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return file.getvalue()


def text_member(document: Any) -> bytes:
    """The JSON of a weights archive, as the array that holds it."""
    text = json.dumps(document).encode()
    return npy(f"({len(text)},)", text, "'|u1'")


UNIT = {"layers": [{"activation": "linear"}]}  # what stands in an archive beside W1


def weights_npz(packing: int = zipfile.ZIP_STORED, **members: bytes) -> bytes:
    """A weights archive of one layer."""
    named = {f"{name}.npy": content for name, content in members.items()}
    return archive({"mlp.npy": text_member(UNIT), **named}, packing)


def data_npz(**arrays: Any) -> bytes:
    """An archive of arrays that NumPy writes, pickles included."""
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def zip_bomb(name: str, descr: str = "'|u1'", **others: bytes) -> bytes:
    """A small archive with a member of 96 MiB, an honest array of zeros, which is never in memory here."""
    size = 96 * MEBIBYTE
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        with made.open(f"{name}.npy", "w") as member:
            member.write(npy(f"(1, {size // np.dtype(descr[1:-1]).itemsize})", b"", descr))
            for _ in range(size // MEBIBYTE):
                member.write(bytes(MEBIBYTE))
        for other, content in others.items():
            made.writestr(f"{other}.npy", content)
    return file.getvalue()


def claiming(packed: int, content: bytes) -> bytes:
    """An archive whose directory claims so many packed bytes for its first member."""
    place = content.index(b"PK\1\2") + 20
    return content[:place] + struct.pack("<I", packed) + content[place + 4 :]


def patched(content: bytes, old: bytes, new: bytes, count: int = -1) -> bytes:
    """The same with some bytes replaced, which must be there."""
    assert old in content
    return content.replace(old, new, count)


def idx(*sizes: int, data: bytes, kind: int = 8) -> bytes:
    """An IDX file."""
    return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + data


def gzip_of_zeros(start: bytes, size: int) -> bytes:
    """A gzip file of these bytes and so many zeros behind them."""
    packer = zlib.compressobj(1, wbits=31)
    pieces = [packer.compress(start)]
    pieces += [packer.compress(bytes(MEBIBYTE)) for _ in range(size // MEBIBYTE)]
    return b"".join([*pieces, packer.flush()])


def images(**changed: bytes) -> dict[str, bytes]:
    """The four files of MNIST with two tiny images each, some of them changed."""
    pictures = idx(2, 2, 2, data=bytes(range(8)))
    labels = idx(2, data=bytes([3, 7]))
    names = {
        "train_images": ("train-images-idx3-ubyte", pictures),
        "train_labels": ("train-labels-idx1-ubyte", labels),
        "test_images": ("t10k-images-idx3-ubyte", pictures),
        "test_labels": ("t10k-labels-idx1-ubyte", labels),
    }
    return {file: changed.get(name, content) for name, (file, content) in names.items()}


def gzipped(files: dict[str, bytes]) -> dict[str, bytes]:
    return {f"{name}.gz": gzip.compress(content, mtime=0) for name, content in files.items()}
