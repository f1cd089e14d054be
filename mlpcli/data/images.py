"""MNIST and Fashion-MNIST: found on this machine, or fetched once and verified."""

import hashlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.archive import read_arrays
from mlpcli.data.dataset import Dataset
from mlpcli.data.idx import read_idx
from mlpcli.data.text import open_bytes

PARTS = {  # array of the NPZ file -> IDX file
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"
TIMEOUT = 20  # seconds without an answer
LONGEST_REASON = 100  # characters

# Told how many bytes have arrived, and how many are expected (0 if unknown).
Watch = Callable[[int, int], None]


@dataclass(frozen=True)
class Download:
    """A file on the web, and the SHA-256 of its content (unpacked, where it is gzipped)."""

    url: str
    sha256: str

    @property
    def file(self) -> str:
        return self.url.rsplit("/", 1)[1]


@dataclass(frozen=True)
class ImageSet:
    """Where a set of 70,000 images may lie, and where it can be fetched."""

    name: str
    classes: tuple[str, ...]
    places: tuple[str, ...]  # where other programs keep it
    labels_sha256: str  # of the 60,000 training labels, by which it is told from a set with the same file names
    downloads: tuple[Download, ...]


MNIST = ImageSet(
    "mnist",
    tuple("0123456789"),
    ("~/.keras/datasets", "/usr/share/datasets/mnist"),
    "1feba77c54802fa5339a11837ea4b2866434b83314ec45192930f1df69120c13",
    # keras/src/datasets/mnist.py gives this sum
    (Download(f"{KERAS}/mnist.npz", "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1"),),
)
FASHION_MNIST = ImageSet(
    "fashion-mnist",
    ("T-shirt", "trouser", "pullover", "dress", "coat", "sandal", "shirt", "sneaker", "bag", "ankle boot"),
    ("~/.keras/datasets/fashion-mnist", "/usr/share/datasets/fashion-mnist"),
    "657fbd221bfc9f4198cc14b5619cc33ec57c58dd0e47af4d99d6650759e869a7",
    # The sums are those of the IDX files unpacked from Debian's package dataset-fashion-mnist.
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
    """Where fetched files are kept: $XDG_CACHE_HOME/mlp, usually ~/.cache/mlp."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(base) / "mlp"


def candidates(images: ImageSet, data_dir: str | None) -> list[Path]:
    """The folders where the set may lie, in the order they are searched."""
    named = [folder for folder in (data_dir, os.environ.get("MLP_DATA")) if folder]
    own = [Path(folder) / sub for folder in named for sub in (images.name, "")]
    return [*own, cache_folder() / images.name, *(Path(os.path.expanduser(place)) for place in images.places)]


def find(images: ImageSet, data_dir: str | None) -> Path | None:
    """The first folder that holds the set: `<name>.npz`, or four IDX files, plain or gzipped."""
    return next((folder for folder in candidates(images, data_dir) if _holds(folder, images)), None)


def load_images(images: ImageSet, data_dir: str | None, watch: Watch | None = None) -> Dataset:
    """The set, from this machine or else from the web, with its own test part; 28×28 bytes per image.

    Raises MlpError, naming every place searched, where it is neither here nor to be fetched.
    """
    folder = find(images, data_dir)
    if folder is None:
        folder = cache_folder() / images.name
        _fetch(images, folder, watch, candidates(images, data_dir))
    arrays = _read(folder, images)
    _check_identity(images, arrays["y_train"], folder)
    training = _dataset(images, arrays["x_train"], arrays["y_train"], folder)
    test = _dataset(images, arrays["x_test"], arrays["y_test"], folder)
    if test.features != training.features:
        shapes = " and ".join(str(arrays[name].shape[1:]) for name in ("x_train", "x_test"))
        raise MlpError(f"{folder}: images for training and for test are of different size, {shapes}")
    return replace(training, test=test)


def _holds(folder: Path, images: ImageSet) -> bool:
    return (folder / f"{images.name}.npz").is_file() or all(_idx_file(folder, part) for part in PARTS.values())


def _idx_file(folder: Path, part: str) -> Path | None:
    return next((p for p in (folder / part, folder / f"{part}.gz") if p.is_file()), None)


def _read(folder: Path, images: ImageSet) -> dict[str, Array]:
    archive = folder / f"{images.name}.npz"
    if archive.is_file():
        with open_bytes(str(archive)) as file:
            arrays = read_arrays(file, str(archive), PARTS)
        lacking = [name for name in PARTS if name not in arrays]
        if lacking:
            raise MlpError(f"{archive}: no array '{lacking[0]}'")
        return arrays
    files = {name: _idx_file(folder, part) for name, part in PARTS.items()}
    return {name: read_idx(path) for name, path in files.items() if path is not None}


def _check_identity(images: ImageSet, labels: Array, folder: Path) -> None:
    """MNIST and Fashion-MNIST use the same file names; the labels tell which of them lies there."""
    found = hashlib.sha256(labels.tobytes()).hexdigest()
    for other in (MNIST, FASHION_MNIST):
        if found == other.labels_sha256 and other is not images:
            raise MlpError(f"{folder}: these files are {other.name}, not {images.name}")


def _dataset(images: ImageSet, x: Array, y: Array, folder: Path) -> Dataset:
    if x.dtype != np.uint8 or x.ndim != 3 or y.dtype.kind not in "iuf" or y.shape != (len(x),) or not len(x):
        raise MlpError(
            f"{folder}: images of shape {x.shape} ({x.dtype}) do not go with labels of shape {y.shape} ({y.dtype})"
        )
    wrong = ~((y >= 0) & (y < len(images.classes)) & (y == np.floor(y)))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise MlpError(f"{folder}: label {at} is {y[at]}; {images.name} has the classes 0 to {len(images.classes) - 1}")
    height, width = x.shape[1:]
    names = tuple(f"pixel {row},{column}" for row in range(height) for column in range(width))
    return Dataset(images.name, x.reshape(len(x), -1), y.astype(np.uint8)[:, None], names, ("class",), images.classes)


# ----- Fetching -----------------------------------------------------------------------------------------------------


def _fetch(images: ImageSet, folder: Path, watch: Watch | None, searched: list[Path]) -> None:
    for download in images.downloads:
        if (folder / download.file).is_file():
            continue
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _fetch_one(download, folder, watch)
        except MlpError:
            raise
        except Exception as problem:  # whatever a strange server can make of an answer
            reason = " ".join(str(getattr(problem, "reason", None) or problem).split())[:LONGEST_REASON]
            places = ", ".join(str(place) for place in searched)
            raise MlpError(
                f"{images.name} is not on this machine and {download.url} cannot be fetched ({reason}); "
                f"put it into one of: {places}"
            ) from None


def _fetch_one(download: Download, folder: Path, watch: Watch | None) -> None:
    """Into a temporary file beside its place, and there only once its content is verified."""
    partial = folder / f".{download.file}.{os.getpid()}"
    try:
        with open(partial, "wb") as file:
            for piece in _pieces(download.url, watch):
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        found = _sha256(partial, gzipped=download.file.endswith(".gz"))
        if found != download.sha256:
            raise MlpError(f"{download.url}: the checksum is {found[:16]}…, not {download.sha256[:16]}…; not kept")
        os.replace(partial, folder / download.file)
    finally:
        partial.unlink(missing_ok=True)


def _pieces(url: str, watch: Watch | None) -> Iterator[bytes]:
    from urllib.request import urlopen  # costs 60 ms, needed once in a lifetime

    with urlopen(url, timeout=TIMEOUT) as answer:
        expected, done = int(answer.headers.get("Content-Length") or 0), 0
        while piece := answer.read(1 << 16):
            done += len(piece)
            if watch is not None:
                watch(done, expected)
            yield piece


def _sha256(path: Path, gzipped: bool) -> str:
    import gzip

    opener: Any = gzip.open if gzipped else open
    with opener(path, "rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
