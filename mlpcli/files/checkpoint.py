"""Checkpoints: the state of training after an epoch, in one file from which it can resume.

A line that names the format, a line with the SHA-256 of everything after it, a line of JSON, and the bytes of the
arrays that it lists. The digest is checked first: nothing in a damaged file is used.
"""

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from math import isnan, nan
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.training_records import Best, Epoch, Stalls, TrainingState
from mlpcli.files.atomic import write_atomically
from mlpcli.files.digest import ALGORITHM, Damaged, check_digest, digest_of
from mlpcli.files.document_part import check_finite
from mlpcli.files.weights_json import decode_json

MAGIC = b"mlpcli-checkpoint 1\n"
START = len(MAGIC) + 64 + 1  # bytes before those that the digest covers
DTYPES = ("<f8", "<f4")
PREVIOUS = ".previous"  # added to the file name for the checkpoint before the newest
PIECE = 2**20  # bytes per read
SLOT = "slot "  # before the name of an array of optimizer state
ARRAYS = ("theta", "epochs", "best theta")  # the names of the others


@dataclass(frozen=True)
class Checkpoint:
    """A training state to resume from, and the settings it belongs to."""

    settings: Mapping[str, Any]  # text and numbers by name: the same settings give the same bits; `epochs` is one
    epochs: tuple[Epoch, ...]  # all so far
    state: TrainingState


class Resumable(NamedTuple):
    """The newest intact checkpoint, and what is wrong with a newer one."""

    checkpoint: Checkpoint
    path: str
    problem: str | None = None


def previous_of(path: str) -> str:
    """The path of the checkpoint before the newest: beside the file itself, not beside a link to it."""
    return f"{os.path.realpath(path) if os.path.islink(path) else path}{PREVIOUS}"


def save_checkpoint(checkpoint: Checkpoint, path: str, keep: bool) -> None:
    """Writes the file. With `keep`, the file that it replaces becomes the previous checkpoint.

    Raises MlpError if that fails; both old files are then still intact.
    """
    write_atomically(path, encode(checkpoint), PREVIOUS if keep else "")


def forget_previous(path: str) -> None:
    """Removes the previous checkpoint, if there is one. Raises MlpError if that fails."""
    previous = previous_of(path)
    try:
        Path(previous).unlink(missing_ok=True)
    except OSError as problem:
        raise MlpError(f"{previous}: {problem.strerror}; remove it: it belongs to an earlier training run") from None


def find_checkpoint(path: str) -> Resumable | None:
    """The checkpoint at a path, or the previous one if it is damaged or missing; None if there is neither.

    Raises MlpError if neither can be read, and if the newest may be intact: a file that this user may not read, a
    failing disk, a file of another format. Resuming from the previous one would overwrite it.
    """
    previous = previous_of(path)
    try:
        return Resumable(load_checkpoint(path), path)
    except FileNotFoundError:
        problem = "no such file"
        if not Path(previous).exists():
            return None
    except Damaged as damage:
        problem = str(damage).removeprefix(f"{path}: ")
        if not Path(previous).exists():
            raise
    return Resumable(load_checkpoint(previous), previous, problem)


def load_checkpoint(path: str) -> Checkpoint:
    """The checkpoint in one file.

    Raises FileNotFoundError if there is no file, MlpError if it cannot be read: Damaged if it has been a checkpoint.
    """
    try:
        with open(path, "rb") as file:
            _check(iter(lambda: file.read(PIECE), b""), path)  # first, since a file with a hole can claim any size
            file.seek(0)
            content = file.read()
    except FileNotFoundError:
        raise
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror}") from None
    return decode(content, path)


# ----- Out ----------------------------------------------------------------------------------------------------------


def encode(checkpoint: Checkpoint) -> bytes:
    """The bytes of the file. The same training gives the same bytes, except the seconds of its epochs."""
    state = checkpoint.state
    arrays = {"theta": state.theta, "epochs": _table(checkpoint.epochs)}
    if state.best.theta is not None:
        arrays["best theta"] = state.best.theta
    arrays.update({SLOT + name: slot for name, slot in state.slots.items()})
    arrays = {name: array.astype(array.dtype.newbyteorder("<"), order="C") for name, array in arrays.items()}
    document = {
        "settings": checkpoint.settings,
        "epoch": state.epoch,
        "t": state.t,
        "generator": state.generator,
        "stalls": state.stalls,
        "best": [state.best.loss, state.best.waited],
        "arrays": [[name, array.dtype.str, array.shape] for name, array in arrays.items()],
    }
    text = json.dumps(document, allow_nan=False).encode() + b"\n"
    body = b"".join([text, *(array.tobytes() for array in arrays.values())])
    return MAGIC + digest_of([body]).removeprefix(ALGORITHM).encode() + b"\n" + body


def _table(epochs: tuple[Epoch, ...]) -> Array:
    """One row per epoch with its values in order, NaN for a missing one."""
    rows = [[nan if value is None else value for value in epoch] for epoch in epochs]
    return np.array(rows, np.float64)


# ----- In -----------------------------------------------------------------------------------------------------------


def decode(content: bytes, where: str) -> Checkpoint:
    """The checkpoint in these bytes. Raises MlpError for anything else."""
    _check(iter([content]), where)
    text, _, raw = content[START:].partition(b"\n")
    document = decode_json(text, where)
    check_finite(document, f"{where}: checkpoint")
    try:
        return _checkpoint(document, dict(_arrays(document["arrays"], raw)))
    except (KeyError, TypeError, ValueError, OverflowError):
        raise MlpError(f"{where}: not a checkpoint of this version of mlp") from None


def _check(pieces: Iterator[bytes], where: str) -> None:
    """Raises MlpError if the pieces of a file are not a checkpoint, Damaged if they are a damaged one."""
    first = next(pieces, b"")
    magic = first[: len(MAGIC)]
    if magic != MAGIC:
        if MAGIC.startswith(magic) or not magic.strip(b"\0"):  # cut short, or zeros, which a power cut may leave
            raise Damaged(f"{where}: damaged: its first line is missing")
        raise MlpError(f"{where}: not an mlp checkpoint; choose another --checkpoint, or --force instead of --resume")
    recorded = ALGORITHM + first[len(MAGIC) : START].decode("latin-1").removesuffix("\n")
    check_digest(recorded, chain([first[START:]], pieces), where)


def _checkpoint(document: dict[str, Any], arrays: dict[str, Array]) -> Checkpoint:
    """The checkpoint. Raises KeyError, TypeError or ValueError if a value is missing or has a wrong type."""
    epochs, settings = _epochs(arrays.pop("epochs")), dict(document["settings"])
    _count(settings["epochs"])
    if not all(value is None or type(value) in (str, int, float, bool) for value in settings.values()):
        raise ValueError
    if not all(_sound(name, array) for name, array in arrays.items()) or len(epochs) != document["epoch"]:
        raise ValueError
    best, waited = document["best"]
    level, still, stalls = document["stalls"]
    state = TrainingState(
        epoch=_count(document["epoch"]),
        theta=arrays["theta"],
        t=_count(document["t"]),
        slots={name.removeprefix(SLOT): array for name, array in arrays.items() if name.startswith(SLOT)},
        generator=dict(document["generator"]),
        stalls=Stalls(_number(level), _count(still), _count(stalls)),
        best=Best(_number(best), _count(waited), arrays.get("best theta")),
    )
    return Checkpoint(settings, epochs, state)


def _sound(name: str, array: Array) -> bool:
    """Whether all numbers are finite. In optimizer state, sums of squares may be infinite."""
    return not np.isnan(array).any() if name.startswith(SLOT) else bool(np.isfinite(array).all())


def _arrays(listed: list[tuple[str, str, list[int]]], raw: bytes) -> Iterator[tuple[str, Array]]:
    """The arrays by name. Raises ValueError for an unknown name, and if the bytes do not match the list."""
    start = 0
    if len({name for name, _, _ in listed}) < len(listed):
        raise ValueError
    for name, dtype, shape in listed:
        if not isinstance(name, str) or not (name in ARRAYS or name.startswith(SLOT)):
            raise ValueError
        if dtype not in DTYPES or not all(isinstance(size, int) and size >= 0 for size in shape):
            raise ValueError
        count = 1
        for size in shape:
            count *= size
        end = start + count * np.dtype(dtype).itemsize
        yield name, np.frombuffer(raw[start:end], dtype).reshape(shape)  # ValueError if there are fewer bytes
        start = end
    if start != len(raw):
        raise ValueError


def _epochs(table: Array) -> tuple[Epoch, ...]:
    """The rows of `_table` as epochs. Raises ValueError if a value is missing that every epoch has."""
    rows = [dict(zip(Epoch._fields, row, strict=True)) for row in table.tolist()]
    return tuple(Epoch(**_values(row)) for row in rows)


def _values(row: dict[str, float]) -> dict[str, Any]:
    """The values of an epoch from numbers."""
    held_out = {name: None if isnan(row[name]) else row[name] for name in ("validation_loss", "validation_metric")}
    values = {**row, **held_out, "number": int(row["number"]), "best": bool(row["best"])}
    # a metric is NaN where outputs overflow in the target's own unit, while the loss is finite
    if any(value is not None and isnan(value) for name, value in values.items() if name != "metric"):
        raise ValueError
    return values


def _count(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise ValueError
    return value


def _number(value: Any) -> float:
    if type(value) not in (int, float):
        raise ValueError
    return float(value)
