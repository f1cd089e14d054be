"""One bit of a file is not as it was written: an error in every file of ours, and in data never other numbers.

`MLP_FLIP_EVERY=1 pytest tests/reliability/test_flipped_bits.py` flips every bit of every file.
"""

import os
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from bad_files import gzipped, idx
from readers import a_checkpoint

from mlpcli.core.errors import MlpError
from mlpcli.data.dataset import Dataset
from mlpcli.data.npz import load_npz
from mlpcli.data.packed import read_idx
from mlpcli.data.text import sample_file
from mlpcli.files import checkpoint
from mlpcli.files.digest import sealed
from mlpcli.files.document import to_document
from mlpcli.files.model import Model, Origin
from mlpcli.files.weights import WEIGHT_FILES, load_model

EVERY = int(os.environ.get("MLP_FLIP_EVERY", "23"))  # odd, so that each bit of a byte is flipped somewhere

Read = Callable[[str], Any]


def flipped(content: bytes, bit: int) -> bytes:
    damaged = bytearray(content)
    damaged[bit // 8] ^= 1 << bit % 8
    return bytes(damaged)


def what_survives(content: bytes, path: Path, read: Read) -> tuple[int, list[Any]]:
    """How many bits were flipped, and what was read in spite of it."""
    survived = []
    bits = range(0, len(content) * 8, EVERY)
    for bit in bits:
        path.write_bytes(flipped(content, bit))
        try:
            survived.append(read(str(path)))
        except MlpError as problem:
            assert str(problem).startswith(str(path))  # noqa: PT017  # some are no errors
    return len(bits), survived


def a_model() -> Model:
    """Of every kind of thing that a weights file can hold."""
    model = load_model(str(sample_file("lecture.json")))
    origin = Origin("iris", None, ("species",), 0.2, 0.2, 1, 150)
    return replace(model, origin=origin, training={"optimizer": "adam", "seconds": 0.1})


OURS: dict[str, tuple[Callable[[], bytes], Read]] = {
    **{
        f"w{suffix}": (lambda row=row: row.encode(sealed(to_document(a_model()))), load_model)
        for suffix, row in WEIGHT_FILES.items()
    },
    "run.ckpt": (a_checkpoint, checkpoint.load_checkpoint),
}


@pytest.mark.parametrize("name", OURS)
def test_every_flipped_bit_in_a_file_of_ours_is_an_error(
    tmp_path: Path, tried: Callable[[str, int], None], name: str
) -> None:
    written, read = OURS[name]
    (tmp_path / name).write_bytes(written())
    read(str(tmp_path / name))  # as it was written, it is none
    count, survived = what_survives(written(), tmp_path / name, read)
    tried("flipped bits in our own files", count)
    assert survived == []


def archive() -> bytes:
    file, x, y = BytesIO(), np.arange(6.0).reshape(3, 2), np.array([0, 1, 1])
    np.savez_compressed(file, x_train=x, y_train=y, x_test=x[:2], y_test=y[:2])
    return file.getvalue()


def everything(dataset: Dataset) -> list[Any]:
    return [vars(part) | {"x": part.x.tolist(), "y": part.y.tolist(), "test": None} for part in parts_of(dataset)]


def parts_of(dataset: Dataset) -> list[Dataset]:
    return [dataset] if dataset.test is None else [dataset, dataset.test]


PACKED_IMAGE = gzipped({"i": idx(2, 2, 2, data=bytes(range(8)))})["i.gz"]
DATA: dict[str, tuple[bytes, Read]] = {
    "d.npz": (archive(), lambda path: everything(load_npz(path))),
    "i.gz": (PACKED_IMAGE, lambda path: read_idx(Path(path)).tolist()),
}


@pytest.mark.parametrize("name", DATA)
def test_a_flipped_bit_in_packed_data_is_an_error_or_changes_no_number(
    tmp_path: Path, tried: Callable[[str, int], None], name: str
) -> None:
    content, read = DATA[name]
    (tmp_path / name).write_bytes(content)
    right = read(str(tmp_path / name))
    count, survived = what_survives(content, tmp_path / name, read)
    tried("flipped bits in packed data", count)
    tried("flipped bits in packed data that change nothing", len(survived))
    assert all(found == right for found in survived)
