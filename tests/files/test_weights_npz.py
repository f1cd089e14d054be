"""NPZ as an archive: what NumPy sees in it, and what is refused; no pickle ever runs."""

import io
import json
import os
import zipfile
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlpcli.core.errors import MlpError
from mlpcli.files.digest import digest_of, meaning_of, sealed
from mlpcli.files.weights_npz import encode_npz, read_npz

W1, B1, ALPHA1 = np.array([[0.1, -0.2], [0.4, 0.6]]), np.array([0.2, -0.3]), np.array([0.25, 0.5])
W2, B2 = np.array([[0.3, -0.3]], np.float64), np.array([-0.1])
DOCUMENT = {
    "format": "mlpcli-weights",
    "version": 1,
    "layers": [
        {"weights": W1, "bias": B1, "activation": "prelu", "alpha": ALPHA1},
        {"weights": W2, "bias": B2, "activation": "linear"},
    ],
    "features": ["größe", "b"],
}


def archive(**members: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, **members)
    return file.getvalue()


def described(document: Any) -> np.ndarray:
    return np.frombuffer(json.dumps(document).encode(), np.uint8)


def refusal(content: bytes) -> str:
    with pytest.raises(MlpError) as caught:
        read_npz(b"", io.BytesIO(content), "w.npz")
    assert str(caught.value).startswith("w.npz: ")
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_numpy_sees_the_arrays_by_layer() -> None:
    with np.load(io.BytesIO(encode_npz(DOCUMENT)), allow_pickle=False) as found:
        arrays = dict(found)
    rest = json.loads(arrays.pop("mlp").tobytes())
    wanted = {"W1": W1, "b1": B1, "alpha1": ALPHA1, "W2": W2, "b2": B2}
    assert {name: (a.dtype, a.tolist()) for name, a in arrays.items()} == {
        name: (a.dtype, a.tolist()) for name, a in wanted.items()
    }
    assert rest["features"] == ["größe", "b"]
    assert rest["layers"] == [{"activation": "prelu"}, {"activation": "linear"}]


def test_an_archive_is_read_back() -> None:
    found = read_npz(b"", io.BytesIO(encode_npz(DOCUMENT)), "w.npz")
    for layer, wanted in zip(found.pop("layers"), DOCUMENT["layers"], strict=True):  # type: ignore[call-overload]
        assert layer.keys() == wanted.keys()
        for key, value in wanted.items():
            assert np.array_equal(layer[key], value)
    assert found == {key: value for key, value in DOCUMENT.items() if key != "layers"}


def test_the_same_document_gives_the_same_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    first = encode_npz(DOCUMENT)
    monkeypatch.setattr("time.time", lambda: 2e9)
    assert encode_npz(DOCUMENT) == first


def test_an_archive_made_by_hand_is_read() -> None:
    found = read_npz(
        b"", io.BytesIO(archive(mlp=described({"layers": [{"activation": "relu"}]}), W1=W1, b1=B1)), "w.npz"
    )
    assert found["layers"][0]["activation"] == "relu"
    assert found["layers"][0]["weights"].tolist() == W1.tolist()


class Canary:
    """Pickled, it asks whoever unpickles it to create a folder."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, (str(self.path),)


@pytest.mark.parametrize("place", ["mlp", "W1", "b1"])
def test_pickles_do_not_run(tmp_path: Path, place: str) -> None:
    canary = tmp_path / "canary"
    bomb = np.array([Canary(canary)], object)
    members = {"mlp": described({"layers": [{"activation": "relu"}]}), "W1": W1, "b1": B1, place: bomb}
    content = archive(**members)
    refusal(content)
    assert not canary.exists()
    np.load(io.BytesIO(content), allow_pickle=True)[place]  # it would have sung
    assert canary.exists()


@pytest.mark.parametrize("name", ["W2", "other", "alpha0", "weights"])
def test_what_no_layer_asks_for_is_refused_unread(tmp_path: Path, name: str) -> None:
    bomb = np.array([Canary(tmp_path / "canary")], object)
    content = archive(mlp=described({"layers": [{"activation": "relu"}]}), W1=W1, **{name: bomb})
    assert refusal(content) == f"w.npz: {name!r} belongs to no layer; 'mlp' describes 1"
    assert list(tmp_path.iterdir()) == []


def test_a_member_that_is_no_array_is_refused() -> None:
    file = io.BytesIO(archive(mlp=described({"layers": [{"activation": "relu"}]}), W1=W1))
    with zipfile.ZipFile(file, "a") as made:
        made.writestr("W2", b"any bytes")
    assert "'W2'" in refusal(file.getvalue())


@pytest.mark.parametrize(
    "content",
    [
        archive(weights=W1, bias=B1),
        archive(mlp=W1),
        archive(mlp=np.array("text")),
        archive(),
    ],
    ids=["foreign names", "floats for the document", "text for the document", "empty archive"],
)
def test_archives_of_other_programs_are_refused(content: bytes) -> None:
    assert "not an mlp weights file" in refusal(content)


@pytest.mark.parametrize("text", [b"", b"{", b'{"a": NaN}', b"\xff\xfe{", b"[" * 100_000])
def test_a_document_that_is_no_json_is_refused(text: bytes) -> None:
    with pytest.raises(MlpError, match=r"^w\.npz"):
        read_npz(b"", io.BytesIO(archive(mlp=np.frombuffer(text, np.uint8))), "w.npz")


@pytest.mark.parametrize("size", range(0, len(encode_npz(sealed(DOCUMENT))), 50))
def test_every_truncation_is_refused(size: int) -> None:
    refusal(encode_npz(sealed(DOCUMENT))[:size])


def test_a_damaged_number_is_noticed() -> None:
    content = bytearray(encode_npz(DOCUMENT))
    content[content.index(np.float64(0.6).tobytes())] ^= 1
    refusal(bytes(content))


def test_an_archive_that_was_packed_anew_needs_no_seal() -> None:
    written, packed = io.BytesIO(encode_npz(sealed(DOCUMENT))), io.BytesIO()
    with np.load(written) as found:
        np.savez_compressed(packed, **found)
    one, other = (read_npz(b"", file, "w.npz") for file in (written, packed))
    assert one["digest"] == other["digest"] == digest_of(meaning_of(other))


def test_the_seal_is_the_comment_of_the_archive_and_the_digest_of_all_before() -> None:
    content = encode_npz(sealed(DOCUMENT))
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        assert packed.comment.decode() == f"sha256:{sha256(content[: -len(packed.comment)]).hexdigest()}"


@pytest.mark.parametrize("piece", [64, 100, 10_000])
def test_the_seal_is_checked_in_pieces(monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr("mlpcli.files.weights_npz.PIECE", piece)
    content = encode_npz(sealed(DOCUMENT))
    assert read_npz(b"", io.BytesIO(content), "w.npz")["version"] == 1
    damaged = bytearray(content)
    damaged[content.index(b"PK\1\2") + 4] ^= 1  # the version of the program that packed it, which nothing reads
    assert "damaged or changed" in refusal(bytes(damaged))


def test_an_archive_from_a_pipe_is_read() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    content = encode_npz(sealed(DOCUMENT))
    for size in (0, 1, 2000, len(content)):
        assert read_npz(content[:size], Pipe(content[size:]), "w.npz")["features"] == DOCUMENT["features"]


def test_a_number_that_json_does_not_have_is_not_written() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        encode_npz({"layers": [], "training": {"loss": np.inf}})


def test_a_comment_is_no_seal_where_the_document_names_no_digest() -> None:
    file = io.BytesIO(archive(mlp=described({"layers": []})))
    with zipfile.ZipFile(file, "a") as packed:
        packed.comment = b"written by hand; " * 9
    assert read_npz(b"", file, "w.npz") == {"layers": []}


@pytest.mark.parametrize("name", ["../../evil.npy", "/tmp/evil.npy"])
def test_members_named_as_paths_touch_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.chdir(tmp_path)
    file = io.BytesIO(encode_npz(DOCUMENT))
    with zipfile.ZipFile(file, "a") as made:
        made.writestr(name, b"not an array")
    read_or_refuse(file.getvalue())
    assert os.listdir(tmp_path) == []
    assert not Path("/tmp/evil.npy").exists()


def read_or_refuse(content: bytes) -> None:
    try:
        read_npz(b"", io.BytesIO(content), "w.npz")
    except MlpError as problem:
        assert str(problem).startswith("w.npz")  # noqa: PT017  # both are right


def header_of(shape: str, descr: str = "'<f8'") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


@pytest.mark.parametrize(
    "member",
    [
        header_of("(9223372036854775807, 9223372036854775807)"),
        header_of("(-1,)"),
        header_of("(2, 2)", "'|O'"),
        header_of("(2, 2)", "'nonsense'"),
        header_of("(2, 2)", "__import__('os').abort()"),
        header_of("(2, 2)"),
        b"\x93NUMPY\x09\x00",
    ],
    ids=["overflow", "negative", "object", "unknown type", "code", "no data", "version 9"],
)
def test_members_with_a_wrong_header_are_refused(member: bytes) -> None:
    file = io.BytesIO(archive(mlp=described({"layers": [{"activation": "relu"}]})))
    with zipfile.ZipFile(file, "a") as made:
        made.writestr("W1.npy", member)
    message = refusal(file.getvalue())
    assert message.startswith("w.npz: W1: ")
    assert "object at" not in message  # an address of the syntax tree that NumPy stumbled over
