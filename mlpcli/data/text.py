"""Text files and standard input as numbered lines, in blocks."""

import codecs
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

import mlpcli
from mlpcli.core.errors import MlpError

STDIO = "-"  # standard input or output, in place of a file name
READ = 1 << 20  # bytes per read
LONGEST_LINE = 1 << 21  # characters: a file with a longer one is not a table
PACKED = {b"\x1f\x8b": "a gzip file", b"PK\x03\x04": "a zip archive, as .xlsx is"}  # by their first bytes
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


class LineBlock(NamedTuple):
    """Some complete lines, without their ends, and the number of the first."""

    first: int
    lines: list[str]


def shown(path: str) -> str:
    """The name of a file in messages."""
    return "standard input" if path == STDIO else path


def open_bytes(path: str) -> BinaryIO:
    """The file opened for reading, or standard input for `-`. Raises MlpError with the system's message."""
    if path == STDIO:
        return sys.stdin.buffer
    try:
        return open(path, "rb")
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror}") from None


def sample_file(name: str) -> Path:
    """The path of a file in `sample_data/`, such as `iris.csv`: inside the installed package, or beside a checkout."""
    package = Path(mlpcli.__file__).parent
    installed = package / "sample_data"
    return (installed if installed.is_dir() else package.parent / "sample_data") / name


def line_blocks(path: str) -> Iterator[LineBlock]:
    """The file's lines in blocks of about a megabyte, or from a pipe as they arrive.

    The text is UTF-8 with or without a byte order mark, or UTF-16 with one. Lines end in LF, CRLF or CR. A block never
    ends inside quotes. Raises MlpError with the line for bytes that are not such text.
    """
    with open_bytes(path) as stream:
        name = shown(path)
        block = _read(stream, name)
        _check_plain(block, name)
        encoding = next((encoding for mark, encoding in BYTE_ORDER_MARKS if block.startswith(mark)), "utf-8")
        decoder = codecs.getincrementaldecoder(encoding)()
        first, rest = 1, ""
        while True:
            final = not block
            text = rest + _decoded(decoder, block, final, name, first + _line_ends(rest))
            cut = len(text) if final else _end_of_last_line(text)
            ready, rest = text[:cut], text[cut:]
            if len(rest) > LONGEST_LINE:
                what = "an unclosed quote; close it" if rest.count('"') % 2 else "not a table"
                place = f"{name}:{first + _line_ends(ready)}"
                raise MlpError(f"{place}: a line of more than {LONGEST_LINE} characters: {what}")
            if ready:
                lines = ready.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
                yield LineBlock(first, lines)
                first += len(lines)
            if final:
                return
            block = _read(stream, name)


def _read(stream: BinaryIO, name: str) -> bytes:
    """The next bytes: a megabyte, or from a pipe those that have arrived."""
    read = getattr(stream, "read1", stream.read)
    try:
        block: bytes = read(READ)
    except OSError as problem:
        raise MlpError(f"{name}: {problem.strerror}") from None
    return block


def _check_plain(start: bytes, name: str) -> None:
    """Raises MlpError for a compressed file, whatever its name."""
    what = next((what for signature, what in PACKED.items() if start.startswith(signature)), None)
    if what:
        raise MlpError(f"{name}: {what}; unpack it, or save the table as CSV")


def _line_ends(text: str) -> int:
    """The number of line ends in the text: LF, CRLF or CR."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, final: bool, name: str, line: int) -> str:
    try:
        text = decoder.decode(block, final)
    except UnicodeDecodeError as problem:
        at = line + _line_ends(problem.object[: problem.start].decode("latin-1"))
        byte = problem.object[problem.start]
        what = f"byte 0x{byte:02x} is not {problem.encoding.partition('-le')[0].upper()}"
        raise MlpError(f"{name}:{at}: {what}; convert the file to UTF-8") from None
    if "\0" in text:
        raise MlpError(f"{name}:{line + _line_ends(text[: text.index(chr(0))])}: a NUL byte: not a text file")
    return text


def _end_of_last_line(text: str) -> int:
    """The end of the last complete line: after a line feed outside quotes, or after a CR if there are no LF."""
    cut = text.rfind("\n") + 1 or text[:-1].rfind("\r") + 1
    odd = text.count('"', 0, cut) % 2
    while cut and odd:  # back to the line before the last quote, counting each quote once
        before = text.rfind("\n", 0, text.rfind('"', 0, cut)) + 1
        odd ^= text.count('"', before, cut) % 2
        cut = before
    return cut
