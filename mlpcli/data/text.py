"""Text files and standard input as numbered lines, in blocks."""

import codecs
import os
import re
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
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
        if NO_TEXT.search(block[:1000]):
            _check_format(block[:4000].decode("latin-1"), BINARY_FORMATS, path)
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


# ----- Other formats ------------------------------------------------------------------------------------------------


class OtherFormat(NamedTuple):
    """Files that are no tables of text."""

    start: str  # a regular expression for the first bytes, each as one character
    what: str
    remedy: str


def _by_pandas(kind: str, options: str = "") -> str:
    return f"write a table: pandas.read_{kind}({{path!r}}{options}).to_csv({{table!r}}, index=False)"


def _unpacked(command: str) -> str:
    return f"unpack it: {command} -c {{file}} > {{to}}"


SUFFIX = "{give} the suffix "
BINARY_FORMATS = (
    OtherFormat(r"\x1f\x8b", "a gzip file", _unpacked("gunzip")),
    OtherFormat(r"BZh[1-9](1AY&SY|\x17rE8P\x90)", "a bzip2 file", _unpacked("bunzip2")),
    OtherFormat(r"\xfd7zXZ\0", "an xz file", _unpacked("unxz")),
    OtherFormat(r"\x28\xb5\x2f\xfd", "a Zstandard file", _unpacked("unzstd")),
    OtherFormat(
        r"PK\x03\x04.*(\[Content_Types\]|docProps|xl/)", "an Office document", f"{SUFFIX}.xlsx if it is a workbook"
    ),
    OtherFormat(r"PK\x03\x04.*opendocument", "an OpenDocument spreadsheet", f"{SUFFIX}.ods"),
    OtherFormat(r"PK\x03\x04.{26}[^/]*\.npy", "a NumPy archive", f"{SUFFIX}.npz"),
    OtherFormat(r"PK\x03\x04", "a zip archive", "unpack it: unzip {file}"),
    OtherFormat(r"\xd0\xcf\x11\xe0", "an Excel workbook of the old kind", f"{SUFFIX}.xls"),
    OtherFormat(r"PAR1\x15", "a Parquet file", f"{SUFFIX}.parquet"),
    OtherFormat(r"SQLite format 3\0", "an SQLite database", f"{SUFFIX}.db, and add --query"),
    OtherFormat(r"\x93NUMPY", "a NumPy array", "save features and target together: numpy.savez('data.npz', x=x, y=y)"),
    OtherFormat(r"(ARROW1|FEA1)\0", "a Feather file", _by_pandas("feather")),
    OtherFormat(r"\x80[\x02-\x05]", "a pickle, which mlp never reads", _by_pandas("pickle")),
    OtherFormat(r"\x89HDF", "an HDF5 file", _by_pandas("hdf")),
    OtherFormat(r"\$FL2@\(#\)", "an SPSS file", _by_pandas("spss")),
    OtherFormat(r"<stata_dta>|[\x71-\x73][\x01\x02]\x01\0", "a Stata file", _by_pandas("stata")),
    OtherFormat(r"RD[XA][23]\n", "an R file", "write a table in R: write.csv(data, {table!r}, row.names = FALSE)"),
    OtherFormat(
        r"MATLAB 5\.0 MAT-file", "a MATLAB file", "write a table: writetable in MATLAB, or scipy.io.loadmat in Python"
    ),
    OtherFormat(r"%PDF-\d\.\d", "a PDF file", "save the table itself as CSV"),
    OtherFormat(
        r"\x89PNG|\xff\xd8\xff|GIF8[79]a.[\0-\x08]",
        "an image",
        "save its numbers in an NPZ archive with the arrays x and y",
    ),
)
TEXT_FORMATS = (  # after comments
    OtherFormat(
        r"(?i:@relation)\b", "ARFF", "keep its rows, and add --no-header: sed '1,/^@[Dd][Aa][Tt][Aa]/d' {file} > {to}"
    ),
    OtherFormat(r'\{\s*"format": *"mlpcli-weights"', "an mlp weights file, not data", "give it with --weights"),
    OtherFormat(r"\{[^\n]*\}\n\{", "JSON Lines, not a table", _by_pandas("json", ", lines=True")),
    OtherFormat(r'\{\s*("|$)|\[\s*([{\["]|$)', "JSON, not a table", _by_pandas("json")),
    OtherFormat(r"(?i:<(!doctype|html|\?xml|svg))\b", "a web page or XML, not a table", "save the table itself"),
)
STARTS = ("@", "{", "[", "<")  # of text in these


def check_is_table(lines: Iterable[str], path: str) -> None:
    """Raises MlpError for text in another format, with what it is and what to do."""
    rows = (line.strip() for line in lines)
    start = "\n".join(islice((row for row in rows if row and not row.startswith(("#", "%"))), 3))
    if start.startswith(STARTS):
        _check_format(start, TEXT_FORMATS, path)


def _check_format(start: str, formats: Iterable[OtherFormat], path: str) -> None:
    """Raises MlpError if a file with this start has one of the formats."""
    for form in formats:
        if re.match(form.start, start, re.DOTALL):
            file, table = "FILE" if path == STDIO else path, beside(path)
            give = "save it in a file with" if path == STDIO else "give it"
            remedy = form.remedy.format(path=file, table=table, file=quote(file), to=quote(table), give=give)
            raise MlpError(f"{shown(path)}: {form.what}; {remedy}")
