"""Weights files: the table of formats by suffix, loading and saving."""

import codecs
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.data.text import STDIO, open_bytes, shown
from mlpcli.files.atomic import write_atomically
from mlpcli.files.digest import KEY, check_document, sealed
from mlpcli.files.document import FORMAT, from_document, to_document
from mlpcli.files.model import Model
from mlpcli.files.weights_json import encode_json, read_json
from mlpcli.files.weights_npz import DOCUMENT, encode_npz, read_npz

LOOKED_AT = 2000  # bytes at the start of a file that show its format, and whether we wrote it
COMMENTS = (b"//", b"/*", b"#")  # as people write them


class WeightFile(NamedTuple):
    """One row: a format of weights files."""

    suffix: str
    encode: Callable[[dict[str, Any]], bytes]
    read: Callable[[bytes, BinaryIO, str], Any]  # the first bytes, and the stream after them
    recognizes: Callable[[bytes], bool]  # whether a file that starts with these bytes, after blanks, has this format
    unsealing: str  # how to remove a digest that no longer matches
    description: str


WEIGHT_FILES = {
    row.suffix: row
    for row in (
        WeightFile(
            ".json",
            encode_json,
            read_json,
            lambda start: start.startswith(b"{"),
            f"remove the key '{KEY}'",
            "text that a person can read and write",
        ),
        WeightFile(
            ".npz",
            encode_npz,
            read_npz,
            lambda start: start.startswith(b"PK"),
            f"save it again with np.savez, its array '{DOCUMENT}' without the key '{KEY}'",
            "a NumPy archive, for large networks",
        ),
    )
}


def weight_file(path: str, option: str = "") -> WeightFile:
    """The format for the suffix of a path; JSON for standard output, a device or a pipe.

    A message names the option that gave the path, if there is one.

    Raises ChoiceError for any other suffix.
    """
    target = Path(path)
    streamed = path == STDIO or (target.exists() and not target.is_file() and not target.is_dir())
    suffix = ".json" if streamed else target.suffix.lower()
    if suffix not in WEIGHT_FILES:
        raise ChoiceError(f"{option} {path}: a weights file ends in {' or '.join(WEIGHT_FILES)}".lstrip())
    return WEIGHT_FILES[suffix]


def load_model(path: str) -> Model:
    """The model in a file, or on standard input for `-`. The content tells the format, not the suffix.

    Raises MlpError with file and key for a file that cannot be read, does not describe a network, or has changed since
    it was written.
    """
    where = shown(path)
    try:
        with open_bytes(path) as stream:
            start = stream.read(LOOKED_AT)
            row = _format_of(start, where)
            document = row.read(start, stream, where)
    except OSError as problem:
        raise MlpError(f"{where}: {problem.strerror}") from None
    model = from_document(document, where)
    check_document(document, where, row.unsealing)
    return model


def _format_of(start: bytes, where: str) -> WeightFile:
    """The format of a file from its first bytes. A file that starts with blanks only may be JSON."""
    signature = start.removeprefix(codecs.BOM_UTF8).lstrip()
    if signature.startswith(COMMENTS):
        raise MlpError(f"{where}: starts with a comment; remove it, since JSON has no comments")
    blank = WEIGHT_FILES[".json"] if start and not signature else None
    row = next((row for row in WEIGHT_FILES.values() if row.recognizes(signature)), blank)
    if row is None:
        raise MlpError(f"{where}: not an mlp weights file (neither JSON nor an NPZ archive)")
    return row


def save_model(model: Model, path: str) -> None:
    """Writes the model in the format of the suffix. Raises MlpError if that fails; an old file then stays."""
    write_atomically(path, weight_file(path).encode(sealed(to_document(model))))


def check_no_weights(path: str | None, option: str) -> None:
    """Raises MlpError if `path`, given with `option` for a report or a picture, has the weights of a network."""
    if path not in (None, STDIO) and Path(path).is_file():
        with open(path, "rb") as file:
            if is_weights(file.read(LOOKED_AT)):
                raise MlpError(f"{shown(path)}: has the weights of a network; choose another {option}, or remove it")


def is_weights(start: bytes) -> bool:
    """Whether a file that starts with these bytes, LOOKED_AT or all, is one that `save_model` writes."""
    return FORMAT.encode() in start
