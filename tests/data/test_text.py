"""Text files as numbered lines: encodings, line ends, blocks, and the line of what is no text."""

import bz2
import gzip
import io
import lzma
import pickle
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core.errors import MlpError
from mlpcli.data import text
from mlpcli.data.text import READ, LineBlock, _end_of_last_line, line_blocks

Write = Callable[[bytes], str]
ENDS = {"LF": "\n", "CRLF": "\r\n", "CR": "\r"}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Puts bytes into a file and gives its path."""

    def put(content: bytes) -> str:
        path = tmp_path / "t.csv"
        path.write_bytes(content)
        return str(path)

    return put


def all_lines(path: str) -> list[str]:
    return [line for block in line_blocks(path) for line in block.lines]


def refusal(path: str) -> str:
    with pytest.raises(MlpError) as caught:
        all_lines(path)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize("last", ["", "end"])
def test_all_line_ends_give_the_same_lines(write: Write, end: str, last: str) -> None:
    content = end.join(["a", "", "b c", "d"]) + (end if last else "")
    assert all_lines(write(content.encode())) == ["a", "", "b c", "d"]


def test_line_ends_may_be_mixed(write: Write) -> None:
    assert all_lines(write(b"a\r\nb\nc\r\n\nd")) == ["a", "b", "c", "", "d"]


def test_two_final_line_feeds_are_one_blank_line(write: Write) -> None:
    assert all_lines(write(b"a\n\n")) == ["a", ""]


def test_an_empty_file_has_no_lines(write: Write) -> None:
    assert all_lines(write(b"")) == []


@pytest.mark.parametrize("separator", ["\x0b", "\x0c", "\x1c", "\x85", "\u2028", "\u2029"])
def test_other_separators_of_unicode_end_no_line(write: Write, separator: str) -> None:
    assert all_lines(write(f"a{separator}b\nc".encode())) == [f"a{separator}b", "c"]


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [(b"", "utf-8"), (b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be")],
)
def test_byte_order_marks_tell_the_encoding_and_vanish(write: Write, mark: bytes, encoding: str) -> None:
    words = ["Größe,世界", "😀,1"]
    assert all_lines(write(mark + "\n".join(words).encode(encoding))) == words


def packed(names: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return file.getvalue()


BINARY = {
    "a gzip file; unpack it: gunzip -c": gzip.compress(b"a,b\n1,2\n"),
    "a bzip2 file; unpack it: bunzip2 -c": bz2.compress(b"a,b\n1,2\n"),
    "an xz file; unpack it: unxz -c": lzma.compress(b"a,b\n1,2\n"),
    "an Office document; give it the suffix .xlsx if it is a workbook": packed({"xl/workbook.xml": b"<x/>"}),
    "a NumPy archive; give it the suffix .npz": packed({"x.npy": b"\x93NUMPY"}),
    "a zip archive; unpack it: unzip": packed({"t.csv": b"a,b"}),
    "an Excel workbook of the old kind; give it the suffix .xls": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
    "a Parquet file; give it the suffix .parquet": b"PAR1\x15\x04\x15\x10",
    "an SQLite database; give it the suffix .db, and add --query": b"SQLite format 3\0\x10\0",
    "a NumPy array; save features and target together": b"\x93NUMPY\x01\0v\0{'descr'",
    "a Feather file; write a table: pandas.read_feather(": b"ARROW1\0\0\xff\xff",
    "a pickle, which mlp never reads; write a table: pandas.read_pickle(": pickle.dumps({"a": 1}),
    "an HDF5 file; write a table: pandas.read_hdf(": b"\x89HDF\r\n\x1a\n\0",
    "a PDF file; save the table itself as CSV": b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n",
    "an image; save its numbers in an NPZ archive": b"\x89PNG\r\n\x1a\n\0\0",
    "an image; save its numbers": b"GIF89a\x10\0\x10\0\x80\0\0",
    "a bzip2 file": bz2.compress(b""),
    "a Feather file": b"FEA1\0\0\0\0\x01\0",  # of version 1, as pyarrow writes it
}


@pytest.mark.parametrize(("what", "content"), BINARY.items(), ids=BINARY)
def test_binary_files_are_called_by_their_name_with_what_to_do(tmp_path: Path, what: str, content: bytes) -> None:
    (tmp_path / "t.dat").write_bytes(content)
    with pytest.raises(MlpError) as caught:
        list(line_blocks(str(tmp_path / "t.dat")))
    assert str(caught.value).startswith(f"{tmp_path}/t.dat: {what}")


STARTS = [
    "PAR1",
    "BZh",
    "BZh9",
    "RDX3",
    "ARROW1",
    "FEA1",
    "GIF8",
    "GIF89a",
    "%PDF-",
    "SQLite format 3",
    "$FL2",
    "MATLAB 5",
]


@pytest.mark.parametrize("start", STARTS)
@pytest.mark.parametrize("name", ["y", "größe"])
def test_text_that_starts_like_a_binary_file_is_text(tmp_path: Path, start: str, name: str) -> None:
    (tmp_path / "t.csv").write_text(f"{start},{name}\n1,2\n", "utf-8")
    assert [block.lines for block in line_blocks(str(tmp_path / "t.csv"))] == [[f"{start},{name}", "1,2"]]


@pytest.mark.parametrize(
    ("content", "advice"),
    [
        (b"PAR1\x15\x04", "a Parquet file; save it in a file with the suffix .parquet"),
        (gzip.compress(b"a,b\n1,2\n"), "a gzip file; unpack it: gunzip -c FILE > FILE.csv"),
        (b"\x80\x04\x95", "a pickle, which mlp never reads; write a table: pandas.read_pickle('FILE')"),
    ],
    ids=["Parquet", "gzip", "pickle"],
)
def test_the_advice_on_standard_input_needs_no_name(
    monkeypatch: pytest.MonkeyPatch, content: bytes, advice: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert refusal("-").startswith(f"standard input: {advice}")


@pytest.mark.skipif(shutil.which("iconv") is None, reason="needs iconv")
def test_the_advice_on_an_encoding_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("t.csv").write_bytes("größe,y\n1,2\n".encode("cp1252"))
    with pytest.raises(
        MlpError, match=r"t\.csv:1: byte 0xf6 is not UTF-8; convert the file to UTF-8: iconv "
    ) as caught:
        list(line_blocks("t.csv"))
    subprocess.run(str(caught.value).partition("UTF-8: ")[2], shell=True, check=True)
    assert [block.lines for block in line_blocks("t-table.csv")] == [["größe,y", "1,2"]]


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
@pytest.mark.parametrize(("bad", "words"), [(b"\xe9", "0xe9"), (b"\0", "NUL")])
def test_bytes_that_are_no_text_are_placed(write: Write, end: str, bad: bytes, words: str) -> None:
    path = write(end.encode().join([b"a,b", b"1,2", b"3," + bad + b"4", b"5,6"]))
    message = refusal(path)
    assert message.startswith(f"{path}:3: ")
    assert words in message


@pytest.mark.parametrize("bad", [b"\xc0\xaf", b"\xed\xa0\x80", b"\xf8\x88", b"\x80"])
def test_overlong_forms_and_surrogates_are_refused(write: Write, bad: bytes) -> None:
    path = write(b"a,b\n" + bad + b",2\n")
    assert refusal(path).startswith(f"{path}:2: ")


@pytest.mark.parametrize("content", [b"a,b\n1,\xe4\xb8", b"\xff\xfe" + "a\nb".encode("utf-16-le")[:-1]])
def test_a_character_cut_by_the_end_of_the_file_is_refused(write: Write, content: bytes) -> None:
    path = write(content)
    assert refusal(path).startswith(f"{path}:2: ")


def test_a_bad_byte_behind_the_first_block_is_placed(write: Write) -> None:
    line = b"x" * 99 + b"\n"
    before = READ // len(line) + 1000
    path = write(line * before + b"caf\xe9\n" + line)
    assert refusal(path).startswith(f"{path}:{before + 1}: ")


def test_a_nul_behind_the_first_block_is_placed(write: Write) -> None:
    line = b"x" * 99 + b"\n"
    before = READ // len(line) + 1000
    path = write(line * before + b"a\0b\n" + line)
    assert refusal(path).startswith(f"{path}:{before + 1}: ")


@pytest.mark.parametrize("end", ENDS.values(), ids=ENDS)
def test_a_file_of_several_blocks_is_whole_and_numbered(write: Write, end: str) -> None:
    lines = [f"{k},é" for k in range(200_000)]
    blocks = list(line_blocks(write(end.join(lines).encode())))
    assert len(blocks) > 1
    assert [line for block in blocks for line in block.lines] == lines
    assert [block.first for block in blocks] == [1 + int(block.lines[0].split(",")[0]) for block in blocks]


def test_crlf_on_the_border_of_two_blocks_is_one_end(write: Write) -> None:
    first = "a" * (READ - 1)  # the carriage return is the last byte of the first read
    assert all_lines(write(f"{first}\r\nb\r\n".encode())) == [first, "b"]


def test_a_character_on_the_border_of_two_blocks_is_whole(write: Write) -> None:
    first = "a\n" * (READ // 2 - 1) + "b"  # the two bytes of é lie on both sides
    lines = all_lines(write(f"{first}é\nc".encode()))
    assert lines[-2:] == ["bé", "c"]


@pytest.mark.parametrize(
    ("content", "end"),
    [
        ("a\nb\nc", 4),
        ('a\n"b\nc', 2),  # the second line feed is inside quotes, so the last whole line is `a`
        ('a\n"b\nc"\nd', 8),
        ('a\n"b"\n"c\nd\ne', 6),
        ('"a\nb', 0),
        ("a\rb\r", 2),  # a line feed may follow the last CR
        ("a", 0),
    ],
)
def test_a_block_ends_after_its_last_whole_line(content: str, end: int) -> None:
    assert _end_of_last_line(content) == end


def test_no_block_ends_inside_a_quoted_field(write: Write) -> None:
    rows = "k\n" * (READ // 2 - 5)
    quoted = '"' + "one\ntwo\n" * 10 + '"\n'
    blocks = list(line_blocks(write((rows + quoted + rows).encode())))
    assert len(blocks) > 1
    assert all("\n".join(block.lines).count('"') % 2 == 0 for block in blocks)


@pytest.mark.parametrize(
    ("start", "what"),
    [(b"x", "not a table"), (b'1,"', "an unclosed quote; close it"), (b'1,"a"', "not a table")],
)
def test_a_line_without_end_is_refused_in_time(
    write: Write, monkeypatch: pytest.MonkeyPatch, start: bytes, what: str
) -> None:
    monkeypatch.setattr(text, "LONGEST_LINE", 1000)
    monkeypatch.setattr(text, "READ", 100)
    path = write(b"a\nb\n" + start + b"x" * 5000)
    assert refusal(path) == f"{path}:3: a line of more than 1000 characters: {what}"


@pytest.mark.parametrize(("length", "taken"), [(10, True), (11, False)])
def test_a_line_that_has_not_ended_may_be_as_long_as_the_longest(
    write: Write, monkeypatch: pytest.MonkeyPatch, length: int, taken: bool
) -> None:
    """So many characters of it are there before the next byte is read."""
    monkeypatch.setattr(text, "LONGEST_LINE", 10)
    monkeypatch.setattr(text, "READ", length)
    path = write(b"x" * length + b"\n")
    if taken:
        assert all_lines(path) == ["x" * length]
    else:
        assert "a line of more than 10 characters" in refusal(path)


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="no /dev/zero here")
def test_a_device_without_end_is_refused() -> None:
    assert "/dev/zero:1: " in refusal("/dev/zero")


@pytest.mark.skipif(not Path("/proc/self/mem").exists(), reason="no /proc here")
def test_an_error_while_reading_names_the_file() -> None:
    assert refusal("/proc/self/mem").startswith("/proc/self/mem: ")


def test_a_missing_file_is_told_in_the_systems_words(tmp_path: Path) -> None:
    path = str(tmp_path / "none.csv")
    assert refusal(path) == f"{path}: No such file or directory"


def test_a_folder_is_told_in_the_systems_words(tmp_path: Path) -> None:
    assert refusal(str(tmp_path)) == f"{tmp_path}: Is a directory"


def test_a_loop_of_links_is_told_in_the_systems_words(tmp_path: Path) -> None:
    link = tmp_path / "loop"
    link.symlink_to(link)
    assert str(link) in refusal(str(link))


def given_stdin(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


def test_a_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    given_stdin(monkeypatch, b"a,b\n1,2")
    assert all_lines("-") == ["a,b", "1,2"]


def test_messages_about_standard_input_name_it(monkeypatch: pytest.MonkeyPatch) -> None:
    given_stdin(monkeypatch, b"a\nb\xff\n")
    assert refusal("-").startswith("standard input:2: ")


def as_python_reads(path: str) -> list[str]:
    """The lines by the standard library's universal newlines."""
    with open(path, encoding="utf-8", newline=None) as file:
        found = file.read()
    return found.removesuffix("\n").split("\n") if found else []


@given(content=st.text(alphabet="ab,é世😀 \n\r", max_size=60), read=st.integers(1, 9))
def test_lines_are_those_of_universal_newlines(
    tmp_path_factory: pytest.TempPathFactory, content: str, read: int
) -> None:
    path = tmp_path_factory.getbasetemp() / "universal.txt"
    path.write_bytes(content.encode())
    with patch.object(text, "READ", read):
        blocks = list(line_blocks(str(path)))
    assert [line for block in blocks for line in block.lines] == as_python_reads(str(path))
    assert numbers_follow(blocks)


def numbers_follow(blocks: list[LineBlock]) -> bool:
    return all(one.first + len(one.lines) == two.first for one, two in pairwise(blocks))
