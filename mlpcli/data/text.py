"""Text files and standard input as numbered lines, in blocks."""

import codecs
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from shlex import quote
from typing import BinaryIO, NamedTuple

import mlpcli
from mlpcli.core.errors import MlpError

STDIO = "-"  # standard input or output, in place of a file name
READ = 1 << 20  # bytes per read
LONGEST_LINE = 1 << 21  # characters: a file with a longer one is not a table
NO_TEXT = re.compile(rb"[\0-\x08\x0e-\x1f\x7f-\xff]")  # a byte that plain text does not have
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
        name, size = shown(path), 0 if path == STDIO else os.fstat(stream.fileno()).st_size
        most = min(size + 1, READ) if size else READ  # a small file needs no large buffer
        block = _read(stream, name, most)
        _check_is_text(block, path)
        encoding = next((encoding for mark, encoding in BYTE_ORDER_MARKS if block.startswith(mark)), "utf-8")
        decoder = codecs.getincrementaldecoder(encoding)()
        first, rest = 1, ""
        while True:
            final = not block
            text = rest + _decoded(decoder, block, final, path, first + _line_ends(rest))
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
            block = _read(stream, name, most)


def _read(stream: BinaryIO, name: str, most: int) -> bytes:
    """The next bytes: `most`, or from a pipe those that have arrived."""
    read = getattr(stream, "read1", stream.read)
    try:
        block: bytes = read(most)
    except OSError as problem:
        raise MlpError(f"{name}: {problem.strerror}") from None
    return block


def _line_ends(text: str) -> int:
    """The number of line ends in the text: LF, CRLF or CR."""
    return text.count("\n") + text.count("\r") - text.count("\r\n")


def _decoded(decoder: codecs.IncrementalDecoder, block: bytes, final: bool, path: str, line: int) -> str:
    try:
        text = decoder.decode(block, final)
    except UnicodeDecodeError as problem:
        at = line + _line_ends(problem.object[: problem.start].decode("latin-1"))
        byte = problem.object[problem.start]
        what = f"byte 0x{byte:02x} is not {problem.encoding.partition('-le')[0].upper()}"
        is_utf_8 = problem.encoding == "utf-8"
        iconv = f": iconv -f WINDOWS-1252 -t UTF-8 {quote('FILE' if path == STDIO else path)} > {quote(beside(path))}"
        raise MlpError(f"{shown(path)}:{at}: {what}; convert the file to UTF-8{iconv * is_utf_8}") from None
    if "\0" in text:
        raise MlpError(f"{shown(path)}:{line + _line_ends(text[: text.index(chr(0))])}: a NUL byte: not a text file")
    return text


def beside(path: str) -> str:
    """A name for the same content as a table, never the file's own."""
    named = Path("FILE" if path == STDIO else path)
    table = named.with_name(named.name.removesuffix(named.suffix).removesuffix(".csv") + ".csv")
    return str(table.with_stem(f"{table.stem}-table") if table == Path(path) else table)


def _end_of_last_line(text: str) -> int:
    """The end of the last complete line: after a line feed outside quotes, or after a CR if there are no LF."""
    cut = text.rfind("\n") + 1 or text[:-1].rfind("\r") + 1
    odd = text.count('"', 0, cut) % 2
    while cut and odd:  # back to the line before the last quote, counting each quote once
        before = text.rfind("\n", 0, text.rfind('"', 0, cut)) + 1
        odd ^= text.count('"', before, cut) % 2
        cut = before
    return cut


# ----- What is no text ----------------------------------------------------------------------------------------------


def _by_pandas(kind: str) -> str:
    return f"{{what}}; write a table: pandas.read_{kind}({{path!r}}).to_csv({{table!r}}, index=False)"


def _unpacked(command: str) -> str:
    return f"{{what}}; unpack it: {command} -c {{file}} > {{to}}"


SUFFIX = "{what}; give it the suffix "
BINARY = (  # how a file starts, what it is, and what to do
    (rb"\x1f\x8b", "a gzip file", _unpacked("gunzip")),
    (rb"BZh", "a bzip2 file", _unpacked("bunzip2")),
    (rb"\xfd7zXZ", "an xz file", _unpacked("unxz")),
    (rb"\x28\xb5\x2f\xfd", "a Zstandard file", _unpacked("unzstd")),
    (rb"PK\x03\x04.*(\[Content_Types\]|docProps|xl/)", "an Office document", f"{SUFFIX}.xlsx if it is a workbook"),
    (rb"PK\x03\x04.*opendocument", "an OpenDocument spreadsheet", f"{SUFFIX}.ods"),
    (rb"PK\x03\x04.{26}[^/]*\.npy", "a NumPy archive", f"{SUFFIX}.npz"),
    (rb"PK\x03\x04", "a zip archive", "{what}; unpack it: unzip {file}"),
    (rb"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind", f"{SUFFIX}.xls"),
    (rb"PAR1", "a Parquet file", f"{SUFFIX}.parquet"),
    (rb"SQLite format 3", "an SQLite database", f"{SUFFIX}.db, and add --query"),
    (rb"\x93NUMPY", "a NumPy array", "{what}; save features and target together: numpy.savez('data.npz', x=x, y=y)"),
    (rb"ARROW1|FEA1", "a Feather file", _by_pandas("feather")),
    (rb"\x80[\x02-\x05]", "a pickle, which mlp never reads", _by_pandas("pickle")),
    (rb"\x89HDF", "an HDF5 file", _by_pandas("hdf")),
    (rb"\$FL2", "an SPSS file", _by_pandas("spss")),
    (rb"<stata_dta>|[\x71-\x73][\x01\x02]\x01\x00", "a Stata file", _by_pandas("stata")),
    (rb"RD[XA][23]\n", "an R file", "{what}; write a table in R: write.csv(data, {table!r}, row.names = FALSE)"),
    (rb"MATLAB 5", "a MATLAB file", "{what}; write a table: writetable in MATLAB, or scipy.io.loadmat in Python"),
    (rb"%PDF-", "a PDF file", "{what}; save the table itself as CSV"),
    (rb"\x89PNG|\xff\xd8\xff|GIF8", "an image", "{what}; save its numbers in an NPZ archive with the arrays x and y"),
)


def _check_is_text(start: bytes, path: str) -> None:
    """Raises MlpError for a binary file, whatever its name, with what it is and what to do."""
    if not NO_TEXT.search(start[:1000]):
        return
    for form, what, remedy in BINARY:
        if re.match(form, start[:4000], re.DOTALL):
            file, table = "FILE" if path == STDIO else path, beside(path)
            told = remedy.format(what=what, path=file, table=table, file=quote(file), to=quote(table))
            raise MlpError(f"{shown(path)}: {told}")
