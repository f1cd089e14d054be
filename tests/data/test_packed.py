"""IDX files made with struct, and all the ways in which one can be wrong."""

import gzip
import struct
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest

from mlpcli.core.errors import MlpError
from mlpcli.data.packed import check_swelling, read_arrays, read_idx


def idx(*sizes: int, data: bytes, kind: int = 8, order: str = ">") -> bytes:
    return struct.pack(f"{order}{len(sizes)}I", *sizes).join([bytes([0, 0, kind, len(sizes)]), data])


def put(folder: Path, content: bytes, name: str = "t-idx") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def refusal(path: Path) -> str:
    with pytest.raises(MlpError) as caught:
        read_idx(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("shape", [(6,), (2, 3), (2, 3, 4), (1, 2, 3, 4)])
@pytest.mark.parametrize("gzipped", [False, True])
def test_bytes_of_any_shape_are_read(tmp_path: Path, shape: tuple[int, ...], gzipped: bool) -> None:
    numbers = bytes(range(256))[-int(np.prod(shape)) :]
    content = idx(*shape, data=numbers)
    path = put(tmp_path, gzip.compress(content), "t.gz") if gzipped else put(tmp_path, content)
    found = read_idx(path)
    assert found.dtype == np.uint8
    assert found.shape == shape
    assert found.flatten().tolist() == list(numbers)


def test_two_gzip_members_are_one_file(tmp_path: Path) -> None:
    content = idx(4, data=b"abcd")
    path = put(tmp_path, gzip.compress(content[:9]) + gzip.compress(content[9:]), "t.gz")
    assert read_idx(path).tobytes() == b"abcd"


WRONG = {
    # name: (content, words)
    "empty": (b"", "nothing"),
    "three bytes": (b"\0\0\x08", "00 00 08"),
    "magic": (b"\x01\0\x08\x01" + bytes(8), "01 00 08 01"),
    "a CSV": (b"a,b\n1,2\n", "61 2c 62 0a"),
    "type": (idx(4, data=b"abcd", kind=0x0A), "0a"),
    "floats": (idx(1, data=bytes(4), kind=0x0D), "0d"),
    "no dimension": (idx(data=b""), "00 00 08 00"),
    "five dimensions": (idx(1, 1, 1, 1, 1, data=b"a"), "00 00 08 05"),
    "255 dimensions": (b"\0\0\x08\xff" + bytes(2000), "ff"),
    "sizes cut": (idx(2, 3, data=b"")[:-1], "2 dimensions"),
    "no sizes": (b"\0\0\x08\x02", "2 dimensions"),
    "one byte short": (idx(2, 3, data=bytes(5)), "6 bytes"),
    "one byte long": (idx(2, 3, data=bytes(7)), "6 bytes"),
    "no data": (idx(5, data=b""), "5 bytes"),
    "huge": (idx(2**31, 2**31, data=bytes(16)), str(2**62)),
    "beyond 64 bits": (idx(*[2**31] * 4, data=bytes(16)), str(2**124)),
    "a size of 0": (idx(0, 28, 28, data=b""), "[0, 28, 28]"),
    "byte-swapped": (idx(2, 3, data=bytes(6), order="<"), str(2 * 3 * 2**48)),
}


@pytest.mark.parametrize("gzipped", [False, True])
@pytest.mark.parametrize(("content", "words"), WRONG.values(), ids=WRONG)
def test_wrong_files_are_refused(tmp_path: Path, content: bytes, words: str, gzipped: bool) -> None:
    path = put(tmp_path, gzip.compress(content), "t.gz") if gzipped else put(tmp_path, content)
    assert words in refusal(path)


def damaged_gzip() -> dict[str, bytes]:
    good = gzip.compress(idx(1000, data=bytes(range(250)) * 4))
    wrong_sum = bytearray(good)
    wrong_sum[-6] ^= 1
    wrong_data = bytearray(good)
    wrong_data[len(good) // 2] ^= 0xFF
    return {
        "cut": good[:-9],
        "cut in the header": good[:5],
        "wrong CRC": bytes(wrong_sum),
        "wrong data": bytes(wrong_data),
        "garbage behind": good + b"garbage",
        "not gzipped": idx(4, data=b"abcd"),
    }


@pytest.mark.parametrize("content", damaged_gzip().values(), ids=damaged_gzip())
def test_damaged_gzip_files_are_refused(tmp_path: Path, content: bytes) -> None:
    refusal(put(tmp_path, content, "t.gz"))


def test_no_more_is_unpacked_than_is_declared(tmp_path: Path) -> None:
    """C6: 32 MB of zeros behind a header that declares ten images"""
    path = put(tmp_path, gzip.compress(idx(10, 28, 28, data=bytes(1 << 25)), 1), "bomb.gz")
    tracemalloc.start()
    try:
        message = refusal(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert "7840 bytes" in message
    assert peak < 1 << 20


def test_memory_is_not_taken_on_a_claim(tmp_path: Path) -> None:
    """A small gzip file cannot hold 2 GB, whatever it declares."""
    path = put(tmp_path, gzip.compress(idx(1 << 31, data=bytes(1000))), "claim.gz")
    tracemalloc.start()
    try:
        assert str(1 << 31) in refusal(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


@pytest.mark.parametrize(
    ("packed", "most"),
    [(1, 2**23), (41_943, 2**23), (41_944, 200 * 41_944), (10**6, 2 * 10**8)],  # 2²³/200 = 41943.04
)
def test_data_swell_to_8_mib_or_200_times_what_is_there(packed: int, most: int) -> None:
    check_swelling(packed, most, "f")
    words = rf"^f: declares {most + 1} bytes of data, compressed to {packed}; at most 200 times as many are read$"
    with pytest.raises(MlpError, match=words):
        check_swelling(packed, most + 1, "f")


def test_a_gib_is_read_at_most(tmp_path: Path) -> None:
    path = put(tmp_path, idx(2**30, data=b"abc"))
    assert refusal(path) == f"{path}: declares {2**30} bytes of data, but has only 11; the file is damaged"
    path = put(tmp_path, idx(2**30 + 1, data=b"abc"))
    assert refusal(path) == f"{path}: declares {2**30 + 1} bytes of data; at most {2**30} are read"


@pytest.mark.parametrize(("there", "has"), [(5, "but has 5"), (7, "but has more")])
def test_how_much_is_there_instead_is_told(tmp_path: Path, there: int, has: str) -> None:
    path = put(tmp_path, gzip.compress(idx(2, 3, data=bytes(there))), "t.gz")
    assert refusal(path) == f"{path}: declares 6 bytes of data, {has}; the file is damaged"


def test_an_encrypted_array_is_called_one(tmp_path: Path) -> None:
    """The first bit of the flags, eight bytes behind the signature of a member's entry in the directory, says so."""
    np.savez(tmp_path / "d.npz", x=np.eye(2))
    content = bytearray((tmp_path / "d.npz").read_bytes())
    content[content.index(b"PK\1\2") + 8] |= 1
    with pytest.raises(MlpError, match=r"^d: x is encrypted$"):
        read_arrays(BytesIO(content), "d", ["x"])


def test_the_second_version_of_the_header_is_read() -> None:
    file, array = BytesIO(), np.arange(6.0).reshape(2, 3)
    with zipfile.ZipFile(file, "w") as archive, archive.open("x.npy", "w") as member:
        np.lib.format.write_array(member, array, version=(2, 0))
    assert read_arrays(file, "d", ["x"])["x"].tolist() == array.tolist()


def test_65535_members_mean_that_their_number_is_elsewhere(tmp_path: Path) -> None:
    """The last record has it twice, 8 and 10 bytes behind its signature."""
    np.savez(tmp_path / "d.npz", x=np.eye(2))
    content = bytearray((tmp_path / "d.npz").read_bytes())
    end = content.rindex(b"PK\5\6")
    content[end + 8 : end + 12] = b"\xff" * 4
    assert read_arrays(BytesIO(content), "d", ["x"])["x"].tolist() == [[1, 0], [0, 1]]
    content[end + 10] = 0xFE
    with pytest.raises(MlpError, match="1 members, but 65534 recorded"):
        read_arrays(BytesIO(content), "d", ["x"])


def test_an_array_that_lies_over_the_next_one_is_refused(tmp_path: Path) -> None:
    """The entry of a in the directory, 20 and 24 bytes behind its signature, claims two more bytes than are there."""
    np.savez(tmp_path / "d.npz", a=np.eye(2), b=np.eye(3))
    content = bytearray((tmp_path / "d.npz").read_bytes())
    entry = content.index(b"PK\1\2")
    header = content.index(b"PK\3\4", 4)  # of b
    for place in (20, 24):
        content[entry + place : entry + place + 4] = (header + 1).to_bytes(4, "little")
    with pytest.raises(MlpError, match=r"^d: a: overlaps what follows it; the archive is damaged$"):
        read_arrays(BytesIO(content), "d", ["a", "b"])
    assert read_arrays(BytesIO(content), "d", ["b"])["b"].tolist() == np.eye(3).tolist()


def test_a_gzip_file_that_claims_too_much_for_its_size_is_refused(tmp_path: Path) -> None:
    path = put(tmp_path, gzip.compress(idx(2**24, data=bytes(1000))), "t.gz")
    words = f"declares {2**24} bytes of data, compressed to {path.stat().st_size}; at most 200 times as many are read"
    assert refusal(path) == f"{path}: {words}"


def test_a_header_that_is_none_is_told() -> None:
    file, text = BytesIO(), b"{"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text)
    with pytest.raises(MlpError, match=r"^d: x: not an array, or damaged \(a header without shape and type\)$"):
        read_arrays(file, "d", ["x"])


def test_an_array_that_swells_too_much_is_refused() -> None:
    """Several arrays count together: 12 MiB of zeros."""
    file = BytesIO()
    np.savez_compressed(file, a=np.zeros(3 * 2**18), b=np.zeros(3 * 2**18), small=np.eye(2))
    with pytest.raises(MlpError, match=r"^d: declares \d+ bytes of data, .*; at most 200 times as many are read$"):
        read_arrays(file, "d", ["a", "b"])
    assert read_arrays(file, "d", ["small"])["small"].tolist() == [[1, 0], [0, 1]]


def member(shape: str, data: bytes) -> BytesIO:
    """An archive with x of this shape."""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + data)
    return file


def test_a_truth_is_no_size_of_an_array_but_0_is_one() -> None:
    with pytest.raises(MlpError, match=r"^d: x: declares the shape \(True, 3\) of float64 for 24 bytes$"):
        read_arrays(member("(True, 3)", bytes(24)), "d", ["x"])
    assert read_arrays(member("(0, 3)", b""), "d", ["x"])["x"].shape == (0, 3)


def test_members_that_are_not_asked_for_have_their_own_name_too(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=np.eye(2), other=np.eye(2))
    content = (tmp_path / "d.npz").read_bytes().replace(b"other.npy", b"ether.npy", 1)
    with pytest.raises(MlpError, match=r"^d: not an NPZ archive, or damaged"):
        read_arrays(BytesIO(content), "d", ["x"])


def test_a_shape_that_is_claimed_is_shown_in_part(tmp_path: Path) -> None:
    """60 characters of (1, 1, 1, …)"""
    text = f"{{'descr': '<f8', 'fortran_order': False, 'shape': ({'1, ' * 31}9), }}\n".encode()
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("x.npy", b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(8))
    words = f"d: x: declares the shape {('(' + '1, ' * 31)[:60]} of float64 for 8 bytes"
    with pytest.raises(MlpError) as caught:
        read_arrays(BytesIO((tmp_path / "d.npz").read_bytes()), "d", ["x"])
    assert str(caught.value) == words


def test_a_missing_file_is_told_in_the_systems_words(tmp_path: Path) -> None:
    assert refusal(tmp_path / "none").endswith("No such file or directory")
    assert refusal(tmp_path / "none.gz").endswith("No such file or directory")
    assert refusal(tmp_path).endswith("Is a directory")
