"""MNIST and its like, with small sets made here: finding, fetching from a server on this machine, and refusing."""

import contextlib
import gc
import gzip
import hashlib
import http.server
import io
import socket
import struct
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from forked import forked, mlp

from mlpcli.core.errors import MlpError
from mlpcli.data import images
from mlpcli.data.images import FASHION_MNIST, MNIST, PARTS, Download, ImageSet, Web, cache_folder, find, load_images

Arrays = dict[str, np.ndarray]


def small_set(n: int = 12, side: int = 4, seed: int = 0) -> Arrays:
    random = np.random.default_rng(seed)
    return {
        "x_train": random.integers(0, 256, (n, side, side)).astype(np.uint8),
        "y_train": (np.arange(n) % 10).astype(np.uint8),
        "x_test": random.integers(0, 256, (n // 2, side, side)).astype(np.uint8),
        "y_test": (np.arange(n // 2) % 10).astype(np.uint8),
    }


ARRAYS = small_set()


def as_idx(array: np.ndarray) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def as_npz(arrays: Arrays) -> bytes:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def put_idx(folder: Path, arrays: Arrays, gzipped: bool = False) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, file in PARTS.items():
        content = as_idx(arrays[name])
        path = folder / f"{file}.gz" if gzipped else folder / file
        path.write_bytes(gzip.compress(content) if gzipped else content)
    return folder


def put_npz(folder: Path, arrays: Arrays, name: str = "small") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.npz").write_bytes(as_npz(arrays))
    return folder


def image_set(*downloads: Download, name: str = "small") -> ImageSet:
    return ImageSet(name, tuple("0123456789"), (), "", downloads)


SMALL = image_set()


def write(path: str, content: bytes) -> None:
    Path(path).write_bytes(content)


WEB = Web(write)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No cache, home or proxy but the test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.delenv("MLP_DATA", raising=False)


def assert_same(dataset: object, arrays: Arrays) -> None:
    assert dataset.x.tobytes() == arrays["x_train"].tobytes()  # type: ignore[attr-defined]
    assert dataset.y[:, 0].tolist() == arrays["y_train"].tolist()  # type: ignore[attr-defined]
    assert dataset.test.x.tobytes() == arrays["x_test"].tobytes()  # type: ignore[attr-defined]
    assert dataset.test.y[:, 0].tolist() == arrays["y_test"].tolist()  # type: ignore[attr-defined]


def refusal(images: ImageSet, folder: Path | None = None) -> str:
    with pytest.raises(MlpError) as caught:
        load_images(images, None if folder is None else str(folder), WEB)
    gc.collect()  # a file or socket left open is a ResourceWarning now, in the test that left it
    assert "\n" not in str(caught.value)
    return str(caught.value)


def everything_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if not path.is_dir())


# ----- Finding ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["npz", "idx", "idx.gz"])
def test_all_forms_give_the_same_set(tmp_path: Path, form: str) -> None:
    put_npz(tmp_path, ARRAYS) if form == "npz" else put_idx(tmp_path, ARRAYS, form == "idx.gz")
    dataset = load_images(SMALL, str(tmp_path))
    assert_same(dataset, ARRAYS)
    assert dataset.x.shape == (12, 16)
    assert dataset.features[:5] == ("pixel 0,0", "pixel 0,1", "pixel 0,2", "pixel 0,3", "pixel 1,0")


def test_the_named_folder_comes_first_then_mlp_data_then_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sets = {name: small_set(seed=k) for k, name in enumerate(["named", "variable", "cache"])}
    for name in ("named", "variable"):
        put_npz(tmp_path / name, sets[name])
    put_npz(cache_folder() / "small", sets["cache"])
    assert cache_folder() == tmp_path / "cache" / "mlp"
    assert_same(load_images(SMALL, None), sets["cache"])
    monkeypatch.setenv("MLP_DATA", str(tmp_path / "variable"))
    assert_same(load_images(SMALL, None), sets["variable"])
    assert_same(load_images(SMALL, str(tmp_path / "named")), sets["named"])


def test_a_folder_of_its_own_inside_the_named_one_is_found(tmp_path: Path) -> None:
    put_idx(tmp_path / "small", ARRAYS)
    assert find(SMALL, str(tmp_path)) == tmp_path / "small"


def test_the_home_of_other_programs_is_searched(tmp_path: Path) -> None:
    put_idx(tmp_path / "home" / "theirs", ARRAYS)
    assert find(replace(SMALL, folders=("~/theirs",)), None) == tmp_path / "home" / "theirs"


def test_three_of_four_files_are_not_the_set(tmp_path: Path) -> None:
    put_idx(tmp_path, ARRAYS)
    (tmp_path / PARTS["y_test"]).unlink()
    assert find(SMALL, str(tmp_path)) is None


# ----- Refusing -----------------------------------------------------------------------------------------------------

OTHER = np.zeros((12, 4, 4), np.uint8)
WRONG = {
    # name: (changes, words)
    "one label short": ({"y_train": ARRAYS["y_train"][:-1]}, "(11,)"),
    "labels as images": ({"x_train": ARRAYS["y_train"]}, "(12,)"),
    "images as labels": ({"y_test": ARRAYS["x_test"]}, "(6, 4, 4)"),
    "parts swapped": ({"y_train": ARRAYS["y_test"], "y_test": ARRAYS["y_train"]}, "(6,"),
    "label 10": (
        {"y_train": np.array([*range(10), 3, 10], np.uint8)},
        "label 11 is 10; small has the classes 0 to 9",
    ),
    "label 255": ({"y_test": np.array([0, 255, 0, 0, 0, 0], np.uint8)}, "label 1 is 255"),
    "test images of another size": ({"x_test": np.zeros((6, 5, 5), np.uint8)}, "5, 5"),
}
WRONG_NPZ = {
    "negative label": ({"y_train": np.array([*range(10), -1, 0])}, "label 10 is -1"),
    "label between classes": ({"y_train": np.array([*range(10), 0.5, 0])}, "label 10"),
    "label NaN": ({"y_train": np.array([*range(10), np.nan, 0])}, "label 10"),
    "labels of text": ({"y_train": np.array(list("abcdefghijkl"))}, "<U1"),
    "float images": ({"x_train": OTHER / 255}, "float64"),
    "no images": ({"x_train": OTHER[:0], "y_train": ARRAYS["y_train"][:0]}, "(0, 4, 4)"),
}


@pytest.mark.parametrize(("changes", "words"), WRONG.values(), ids=WRONG)
@pytest.mark.parametrize("form", ["npz", "idx"])
def test_parts_that_do_not_fit_are_refused(tmp_path: Path, changes: Arrays, words: str, form: str) -> None:
    arrays = {**ARRAYS, **changes}
    put_npz(tmp_path, arrays) if form == "npz" else put_idx(tmp_path, arrays)
    message = refusal(SMALL, tmp_path)
    assert message.startswith(str(tmp_path))
    assert words in message


@pytest.mark.parametrize(("changes", "words"), WRONG_NPZ.values(), ids=WRONG_NPZ)
def test_archives_with_other_arrays_are_refused(tmp_path: Path, changes: Arrays, words: str) -> None:
    message = refusal(SMALL, put_npz(tmp_path, {**ARRAYS, **changes}))
    assert message.startswith(str(tmp_path))
    assert words in message


def test_an_archive_that_lacks_a_part_is_refused(tmp_path: Path) -> None:
    path = put_npz(tmp_path, {name: array for name, array in ARRAYS.items() if name != "x_test"})
    assert refusal(SMALL, path) == f"{tmp_path}/small.npz: no array 'x_test'; it needs x_train, y_train, x_test, y_test"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    put_idx(tmp_path, ARRAYS)
    (tmp_path / PARTS["x_train"]).write_bytes(as_idx(ARRAYS["x_train"])[:-1])
    assert refusal(SMALL, tmp_path).startswith(f"{tmp_path}/{PARTS['x_train']}: ")


@pytest.mark.parametrize("asked", ["mnist", "fashion-mnist"])
def test_one_set_is_not_taken_for_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: str) -> None:
    """Both use the same file names; only the labels tell them apart."""
    sets = {"mnist": small_set(20), "fashion-mnist": small_set(30)}
    known = {
        row.name: replace(row, labels_sha256=hashlib.sha256(sets[row.name]["y_train"].tobytes()).hexdigest())
        for row in (MNIST, FASHION_MNIST)
    }
    monkeypatch.setattr(images, "MNIST", known["mnist"])
    monkeypatch.setattr(images, "FASHION_MNIST", known["fashion-mnist"])
    (other,) = set(sets) - {asked}
    put_idx(tmp_path / "right", sets[asked])
    put_idx(tmp_path / "wrong", sets[other])
    assert_same(load_images(known[asked], str(tmp_path / "right")), sets[asked])
    message = refusal(known[asked], tmp_path / "wrong")
    assert message == f"{tmp_path}/wrong: these files are {other}, not {asked}"


# ----- Fetching -----------------------------------------------------------------------------------------------------


class Server:
    """Files by path, and the requests that came."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.requests: list[str] = []
        self.cut = 0  # bytes that are announced but never sent
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.requests.append(self.path)
                content = outer.files.get(self.path)
                if content is None:
                    self.send_error(404)
                    return
                self.send_response(200)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content[: len(content) - outer.cut])

            def log_message(self, *_: object) -> None:
                pass

        self.server = http.server.HTTPServer(("127.0.0.1", 0), Handler)

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.server_port}{path}"

    def download(self, path: str, content: bytes, checked: bytes | None = None) -> Download:
        """The content is served; the checksum is that of `checked`, where it is given."""
        self.files[path] = content
        return Download(self.url(path), hashlib.sha256(content if checked is None else checked).hexdigest())


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    thread = threading.Thread(target=made.server.serve_forever, args=(0.01,))
    thread.start()
    yield made
    made.server.shutdown()
    thread.join()
    made.server.server_close()


def idx_downloads(server: Server) -> list[Download]:
    """Four gzipped files, whose checksums are those of their contents."""
    contents = {file: as_idx(ARRAYS[name]) for name, file in PARTS.items()}
    return [server.download(f"/{file}.gz", gzip.compress(content), content) for file, content in contents.items()]


def test_an_archive_is_fetched_once_and_kept(server: Server, tmp_path: Path) -> None:
    small = image_set(server.download("/data/small.npz", as_npz(ARRAYS)))
    seen: list[tuple[int, int]] = []
    assert_same(load_images(small, None, Web(write, lambda done, expected: seen.append((done, expected)))), ARRAYS)
    assert seen[-1] == (len(as_npz(ARRAYS)),) * 2
    assert_same(load_images(small, None, WEB), ARRAYS)
    assert server.requests == ["/data/small.npz"]
    assert everything_in(tmp_path) == ["cache/mlp/small/small.npz"]


def test_gzipped_files_are_checked_by_their_content(server: Server, tmp_path: Path) -> None:
    small = image_set(*idx_downloads(server))
    assert_same(load_images(small, None, WEB), ARRAYS)
    assert_same(load_images(small, None, WEB), ARRAYS)
    assert server.requests == [f"/{file}.gz" for file in PARTS.values()]
    assert everything_in(tmp_path) == sorted(f"cache/mlp/small/{file}.gz" for file in PARTS.values())


def test_what_has_arrived_is_not_fetched_again(server: Server) -> None:
    downloads = idx_downloads(server)
    last = f"/{PARTS['y_test']}.gz"
    content = server.files.pop(last)
    refusal(image_set(*downloads))
    server.files[last] = content
    assert_same(load_images(image_set(*downloads), None, WEB), ARRAYS)
    assert server.requests == [*(f"/{file}.gz" for file in PARTS.values()), last]


def test_a_wrong_checksum_is_refused_and_nothing_kept(server: Server, tmp_path: Path) -> None:
    small = image_set(server.download("/small.npz", as_npz(ARRAYS), b"something else"))
    message = refusal(small)
    found, wanted = (hashlib.sha256(content).hexdigest()[:16] for content in (as_npz(ARRAYS), b"something else"))
    assert message == f"{server.url('/small.npz')}: the checksum is {found}…, not {wanted}…; not saved"
    assert everything_in(tmp_path) == []


def test_a_wrong_checksum_of_a_gzipped_file_is_refused_and_nothing_kept(server: Server, tmp_path: Path) -> None:
    downloads = idx_downloads(server)
    server.files[f"/{PARTS['x_train']}.gz"] = gzip.compress(as_idx(OTHER))
    assert "checksum" in refusal(image_set(*downloads))
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize("path", ["/small.npz", "/train-images-idx3-ubyte.gz"])
def test_a_broken_transfer_is_told_and_nothing_kept(server: Server, tmp_path: Path, path: str) -> None:
    content = as_idx(ARRAYS["x_train"])
    small = image_set(server.download(path, gzip.compress(content) if path.endswith("gz") else as_npz(ARRAYS), content))
    server.cut = 9
    assert server.url(path) in refusal(small)
    assert everything_in(tmp_path) == []


@pytest.mark.parametrize(
    "content",
    [b"<html>please log in</html>", b"\x1f\x8b\x08\0\0\0\0\0\0\xff\xff\xff\xff", b""],
    ids=["page", "bad deflate", "nothing"],
)
def test_a_page_instead_of_a_gzipped_file_is_told_and_nothing_kept(
    server: Server, tmp_path: Path, content: bytes
) -> None:
    small = image_set(server.download("/t.gz", content, b"else"))
    assert server.url("/t.gz") in refusal(small)
    assert everything_in(tmp_path) == []


@contextlib.contextmanager
def answering(content: bytes) -> Iterator[int]:
    """A port that answers one request with these bytes, which need not be HTTP."""
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(content)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        thread.join()
        listener.close()


@pytest.mark.parametrize(
    "content",
    [
        b"SSH-2.0-OpenSSH_9.6\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc",
        b"",
    ],
    ids=["not HTTP", "length no number", "bad chunk", "nothing"],
)
def test_an_answer_that_is_no_http_is_told_and_nothing_kept(tmp_path: Path, content: bytes) -> None:
    with answering(content) as port:
        url = f"http://127.0.0.1:{port}/small.npz"
        assert url in refusal(image_set(Download(url, "0" * 64)))
    assert everything_in(tmp_path) == []


def test_the_command_saves_what_it_fetches(server: Server, tmp_path: Path) -> None:
    download = server.download("/data/mnist.npz", as_npz(ARRAYS))

    def train() -> None:
        object.__setattr__(MNIST, "downloads", (download,))  # in a process of its own
        object.__setattr__(MNIST, "folders", ())
        mlp(tmp_path, ["train", "--dataset", "mnist", "--epochs", "1", "--hidden", "2", "--validation", "0", "-q"])()

    found = forked(train)
    assert (found.code, found.err) == (0, "")
    assert everything_in(tmp_path) == ["cache/mlp/mnist/mnist.npz", "w.json"]


def test_no_more_is_fetched_than_any_set_has(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_FETCHED", len(as_npz(ARRAYS)) - 1)
    small = image_set(server.download("/small.npz", as_npz(ARRAYS)))
    assert "more than" in refusal(small)
    assert everything_in(tmp_path) == []


def test_as_much_is_fetched_as_there_may_be_at_most(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MOST_FETCHED", len(as_npz(ARRAYS)))
    assert_same(load_images(image_set(server.download("/small.npz", as_npz(ARRAYS))), None, WEB), ARRAYS)


def test_an_answer_without_end_is_left_after_128_mib(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its pieces has 32 MiB; the reason that is told has no more than a hundred characters."""
    piece, seen = bytes(2**25), list[tuple[int, int]]()
    waited: list[float] = []

    def answer(url: str, timeout: float) -> Any:
        waited.append(timeout)
        return contextlib.nullcontext(SimpleNamespace(headers={}, read=lambda _: piece))

    monkeypatch.setattr("urllib.request.urlopen", answer)
    web = Web(write, lambda done, expected: seen.append((done, expected)))
    with pytest.raises(MlpError, match=r"small\.npz cannot be downloaded \(more than 128 MiB\)"):
        load_images(image_set(Download("http://here/small.npz", "0" * 64)), None, web)
    assert seen == [(2**25 * k, 0) for k in range(1, 5)]
    assert waited == [20]


def test_a_hundred_characters_of_a_reason_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def answer(url: str, timeout: float) -> Any:
        raise ValueError("a  b\n" + "c" * 200)

    monkeypatch.setattr("urllib.request.urlopen", answer)
    with pytest.raises(MlpError, match=rf"cannot be downloaded \(a b {'c' * 96}\); give its folder"):
        load_images(image_set(Download("http://here/small.npz", "0" * 64)), None, WEB)


def test_what_cannot_be_saved_is_told_as_it_is(server: Server) -> None:
    def save(path: str, content: bytes) -> None:
        raise MlpError(f"{path}: No space left on device; nothing was written")

    with pytest.raises(MlpError, match=r"^\S+/small\.npz: No space left on device; nothing was written$"):
        load_images(image_set(server.download("/small.npz", as_npz(ARRAYS))), None, Web(save))


def test_without_the_web_the_places_searched_are_named(tmp_path: Path) -> None:
    with pytest.raises(MlpError, match="not on this machine") as caught:
        load_images(SMALL, str(tmp_path / "named"))
    assert f"{tmp_path}/named/small" in str(caught.value)


def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


def test_offline_every_place_searched_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"http://127.0.0.1:{closed_port()}/small.npz"
    monkeypatch.setenv("MLP_DATA", str(tmp_path / "variable"))
    small = replace(image_set(Download(url, "0" * 64)), folders=("~/theirs", "/nowhere/at/all"))
    message = refusal(small, tmp_path / "named")
    for place in ("named", "named/small", "variable", "variable/small", "cache/mlp/small", "home/theirs"):
        assert f"{tmp_path}/{place}" in message
    assert "/nowhere/at/all" in message
    assert url in message
    assert "refused" in message
    assert everything_in(tmp_path) == []


def test_a_server_that_does_not_know_the_file_is_told(server: Server, tmp_path: Path) -> None:
    message = refusal(image_set(Download(server.url("/small.npz"), "0" * 64)))
    assert server.url("/small.npz") in message
    assert "Not Found" in message
    assert everything_in(tmp_path) == []


def test_a_cache_that_cannot_be_made_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    url = f"http://127.0.0.1:{closed_port()}/small.npz"
    assert str(tmp_path / "file") in refusal(image_set(Download(url, "0" * 64)))


@pytest.mark.parametrize("row", [MNIST, FASHION_MNIST], ids=["mnist", "fashion-mnist"])
def test_real_rows_are_fetched_safely(row: ImageSet) -> None:
    """Over TLS, with whole SHA-256 sums, into the names under which `find` looks for them."""
    assert all(download.url.startswith("https://") for download in row.downloads)
    assert all(len(bytes.fromhex(download.sha256)) == 32 for download in row.downloads)
    files = {download.file for download in row.downloads}
    assert files in ({f"{row.name}.npz"}, {f"{part}.gz" for part in PARTS.values()})
