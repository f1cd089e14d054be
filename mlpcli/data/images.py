"""MNIST and Fashion-MNIST: found on this machine, or downloaded once and verified by their SHA-256."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path
from typing import NamedTuple, cast

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.dataset import Dataset
from mlpcli.data.packed import read_arrays, read_idx
from mlpcli.data.text import open_bytes

# ----- From the web -------------------------------------------------------------------------------------------------

TIMEOUT = 20  # seconds without an answer
PIECE = 2**16  # bytes per read
MOST_FETCHED = 2**27  # bytes; five times the largest file
LONGEST_REASON = 100  # characters

# Called with the number of bytes that have arrived, and that are expected (0 if unknown).
Watch = Callable[[int, int], None]


class Unreachable(MlpError):
    """A file cannot be downloaded. The user may have it elsewhere."""


class Download(NamedTuple):
    """A file on the web, and the SHA-256 of its content (uncompressed, if it is gzipped)."""

    url: str
    sha256: str

    @property
    def file(self) -> str:
        return self.url.rsplit("/", 1)[1]


class Web(NamedTuple):
    """What a download needs: a function that writes a file, and one that shows progress."""

    save: Callable[[str, bytes], None]  # a path and its content, written completely or not at all
    watch: Watch | None = None


def fetch(downloads: Iterable[Download], folder: Path, web: Web) -> None:
    """Downloads the files that are not in the folder yet.

    Raises Unreachable with the address of a file that cannot be downloaded, and MlpError for a file with a wrong
    checksum or that cannot be saved.
    """
    for download in downloads:
        if not (folder / download.file).is_file():
            try:
                folder.mkdir(parents=True, exist_ok=True)
                content = b"".join(_pieces(download.url, web.watch))
                _check(download, content)
            except MlpError:
                raise
            except Exception as problem:  # any error that a server's answer may cause
                reason = " ".join(str(getattr(problem, "reason", None) or problem).split())[:LONGEST_REASON]
                raise Unreachable(f"{download.url} cannot be downloaded ({reason})") from None
            web.save(str(folder / download.file), content)


def _pieces(url: str, watch: Watch | None) -> Iterator[bytes]:
    from urllib.request import urlopen  # costs 60 ms, needed once

    with urlopen(url, timeout=TIMEOUT) as answer:
        expected, done = int(answer.headers.get("Content-Length") or 0), 0
        while piece := answer.read(PIECE):
            done += len(piece)
            if done > MOST_FETCHED:
                raise ValueError(f"more than {MOST_FETCHED // 2**20} MiB")
            if watch is not None:
                watch(done, expected)
            yield piece


def _check(download: Download, content: bytes) -> None:
    sha256 = _sha256(content, gzipped=download.file.endswith(".gz"))
    if sha256 != download.sha256:
        raise MlpError(f"{download.url}: the checksum is {sha256[:16]}…, not {download.sha256[:16]}…; not saved")


def _sha256(content: bytes, gzipped: bool) -> str:
    import gzip

    file = BytesIO(content)
    with gzip.open(file) if gzipped else file as stream:
        return hashlib.file_digest(cast(BytesIO, stream), "sha256").hexdigest()


# ----- The sets -----------------------------------------------------------------------------------------------------

PARTS = {  # array of the NPZ file -> IDX file
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"


@dataclass(frozen=True)
class ImageSet:
    """A set of 70,000 images: where it may be stored, and where it can be downloaded."""

    name: str
    classes: tuple[str, ...]
    folders: tuple[str, ...]  # where other programs keep it
    labels_sha256: str  # of the 60,000 training labels, to tell sets with the same file names apart
    downloads: tuple[Download, ...]


MNIST = ImageSet(
    "mnist",
    tuple("0123456789"),
    ("~/.keras/datasets", "/usr/share/datasets/mnist"),
    "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    # the checksum in keras/src/datasets/mnist.py
    (Download(f"{KERAS}/mnist.npz", "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"),),
)
FASHION_MNIST = ImageSet(
    "fashion-mnist",
    ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
    ("~/.keras/datasets/fashion-mnist", "/usr/share/datasets/fashion-mnist"),
    "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
    # the checksums of the uncompressed IDX files in Debian's package dataset-fashion-mnist
    tuple(
        Download(f"{KERAS}/{file}-ubyte.gz", sha256)
        for file, sha256 in (
            ("train-images-idx3", "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
            ("train-labels-idx1", "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
            ("t10k-images-idx3", "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
            ("t10k-labels-idx1", "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
        )
    ),
)


def cache_folder() -> Path:
    """The folder of downloaded files: $XDG_CACHE_HOME/mlp, usually ~/.cache/mlp."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "mlp"


def candidates(images: ImageSet, data_dir: str | None) -> list[Path]:
    """The folders where the set may be stored, in the order in which they are searched."""
    named = [folder for folder in (data_dir, os.environ.get("MLP_DATA")) if folder]
    own = [Path(folder) / sub for folder in named for sub in (images.name, "")]
    return [*own, cache_folder() / images.name, *(Path(os.path.expanduser(folder)) for folder in images.folders)]


def find(images: ImageSet, data_dir: str | None) -> Path | None:
    """The first folder with the set, as `<name>.npz` or as four IDX files, plain or gzipped; None if there is none."""
    return next((folder for folder in candidates(images, data_dir) if _holds(folder, images)), None)


def load_images(images: ImageSet, data_dir: str | None, web: Web | None = None) -> Dataset:
    """The set from this machine, else from the web, with its own test set: x is (n, 784), bytes.

    Raises MlpError with all folders searched if it is not on this machine and cannot be downloaded.
    """
    folder = find(images, data_dir) or _fetched(images, data_dir, web)
    arrays = _read(folder, images)
    _check_identity(images, arrays["y_train"], folder)
    training = _dataset(images, arrays["x_train"], arrays["y_train"], folder)
    test = _dataset(images, arrays["x_test"], arrays["y_test"], folder)
    if test.features != training.features:
        shapes = " and ".join(str(arrays[name].shape[1:]) for name in ("x_train", "x_test"))
        raise MlpError(f"{folder}: training and test images have different shapes, {shapes}")
    return replace(training, test=test)


def _holds(folder: Path, images: ImageSet) -> bool:
    return (folder / f"{images.name}.npz").is_file() or all(_idx_file(folder, part) for part in PARTS.values())


def _idx_file(folder: Path, part: str) -> Path | None:
    return next((p for p in (folder / part, folder / f"{part}.gz") if p.is_file()), None)


def _fetched(images: ImageSet, data_dir: str | None, web: Web | None) -> Path:
    """The folder with the set, after its download."""
    folder = cache_folder() / images.name
    searched = ", ".join(map(str, candidates(images, data_dir)))
    if web is None:
        name = images.name
        raise MlpError(
            f"{name} is not on this machine; give its folder with --data-dir, or download it with --dataset {name}; "
            f"searched: {searched}"
        )
    try:
        fetch(images.downloads, folder, web)
    except Unreachable as problem:
        raise MlpError(
            f"{images.name} is not on this machine and {problem}; give its folder with --data-dir, or copy it to one "
            f"of: {searched}"
        ) from None
    return folder


def _read(folder: Path, images: ImageSet) -> dict[str, Array]:
    archive = folder / f"{images.name}.npz"
    if archive.is_file():
        with open_bytes(str(archive)) as file:
            arrays = read_arrays(file, str(archive), PARTS)
        missing = [name for name in PARTS if name not in arrays]
        if missing:
            raise MlpError(f"{archive}: no array '{missing[0]}'; it needs {', '.join(PARTS)}")
        return arrays
    files = {name: _idx_file(folder, part) for name, part in PARTS.items()}
    return {name: read_idx(path) for name, path in files.items() if path is not None}


def _check_identity(images: ImageSet, labels: Array, folder: Path) -> None:
    """Raises MlpError if the labels are those of the other set: MNIST and Fashion-MNIST use the same file names."""
    sha256 = hashlib.sha256(labels.tobytes()).hexdigest()
    for other in (MNIST, FASHION_MNIST):
        if sha256 == other.labels_sha256 and other is not images:
            raise MlpError(f"{folder}: these files are {other.name}, not {images.name}")


def _dataset(images: ImageSet, x: Array, y: Array, folder: Path) -> Dataset:
    if x.dtype != np.uint8 or x.ndim != 3 or y.dtype.kind not in "iuf" or y.shape != (len(x),) or not len(x):
        raise MlpError(
            f"{folder}: images of shape {x.shape} ({x.dtype}) do not match labels of shape {y.shape} ({y.dtype})"
        )
    wrong = ~((y >= 0) & (y < len(images.classes)) & (y == np.floor(y)))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise MlpError(f"{folder}: label {at} is {y[at]}; {images.name} has the classes 0 to {len(images.classes) - 1}")
    height, width = x.shape[1:]
    names = tuple(f"pixel {row},{column}" for row in range(height) for column in range(width))
    return Dataset(images.name, x.reshape(len(x), -1), y.astype(np.uint8)[:, None], names, ("class",), images.classes)
