"""Text files and standard input as numbered lines, a few at a time."""

import codecs
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from mlpcli.core.errors import MlpError

STDIO = "-"  # stands for standard input or output, wherever a file is named
READ = 1 << 20  # bytes per read
LONGEST_LINE = 1 << 21  # characters: a longer one is no table but something else
PACKED = {b"\x1f\x8b": "a gzip file", b"PK\x03\x04": "a zip archive, as .xlsx is"}  # how they begin
BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


@dataclass(frozen=True)
class Lines:
    """Some whole lines, without their ends, and the number of the first."""

    first: int
    lines: list[str]


def shown(path: str) -> str:
    """How messages call a file."""
    return "standard input" if path == STDIO else path


def open_bytes(path: str) -> BinaryIO:
    """The file for reading, or standard input for `-`. Raises MlpError with the system's words."""
    if path == STDIO:
        return sys.stdin.buffer
    try:
        return open(path, "rb")
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror}") from None


def line_blocks(path: str) -> Iterator[Lines]:
    """The file's lines in blocks of about a megabyte, or as they arrive where it is a pipe.

    UTF-8 with or without a byte order mark, or UTF-16 with one; lines end in LF, CRLF or CR. A block never ends inside
    a quoted field. Raises MlpError with the line for bytes that are no such text.
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
                what = "an unclosed quote" if rest.count('"') % 2 else "no end"
                place = f"{name}:{first + _line_ends(ready)}"
                raise MlpError(f"{place}: {what} within {LONGEST_LINE} characters; lines are shorter")
            if ready:
                lines = ready.replace("\r\n", "\n").replace("\r", "\n").removesuffix("\n").split("\n")
                yield Lines(first, lines)
                first += len(lines)
            if final:
                return
            block = _read(stream, name)


def _read(stream: BinaryIO, name: str) -> bytes:
    """The next bytes: a megabyte, or of a pipe what has arrived."""
    read = getattr(stream, "read1", stream.read)
    try:
        block: bytes = read(READ)
    except OSError as problem:
        raise MlpError(f"{name}: {problem.strerror}") from None
    return block


def _check_plain(start: bytes, name: str) -> None:
    """Raises MlpError for a packed file, whatever its name says."""
    what = next((what for signature, what in PACKED.items() if start.startswith(signature)), None)
    if what:
        raise MlpError(f"{name}: {what}; unpack it, or save the table as CSV")


def _line_ends(text: str) -> int:
    """How many lines end in the text, with LF, CRLF or CR."""
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
        raise MlpError(f"{name}:{line + _line_ends(text[: text.index(chr(0))])}: a NUL byte; this is not a text file")
    return text


def _end_of_last_line(text: str) -> int:
    """Where the last surely whole line ends: after a line feed outside quotes (or a lone CR, where there are no LF)."""
    cut = text.rfind("\n") + 1 or text[:-1].rfind("\r") + 1
    odd = text.count('"', 0, cut) % 2
    while cut and odd:  # back to the line before the last quote, counting each quote once
        before = text.rfind("\n", 0, text.rfind('"', 0, cut)) + 1
        odd ^= text.count('"', before, cut) % 2
        cut = before
    return cut
