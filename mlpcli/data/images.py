"""MNIST and Fashion-MNIST: found on this machine, or fetched once and verified."""

import hashlib
import os
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.archive import read_arrays
from mlpcli.data.dataset import Dataset
from mlpcli.data.fetching import Download, Unreachable, Web, fetch
from mlpcli.data.idx import read_idx
from mlpcli.data.text import open_bytes

PARTS = {  # array of the NPZ file -> IDX file
    "x_train": "train-images-idx3-ubyte",
    "y_train": "train-labels-idx1-ubyte",
    "x_test": "t10k-images-idx3-ubyte",
    "y_test": "t10k-labels-idx1-ubyte",
}
KERAS = "https://storage.googleapis.com/tensorflow/tf-keras-datasets"


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


def load_images(images: ImageSet, data_dir: str | None, web: Web | None = None) -> Dataset:
    """The set, from this machine or else from the web, with its own test part; 28×28 bytes per image.

    Raises MlpError, naming every place searched, where it is neither here nor to be fetched.
    """
    folder = find(images, data_dir) or _fetched(images, data_dir, web)
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


def _fetched(images: ImageSet, data_dir: str | None, web: Web | None) -> Path:
    """The folder where it is now."""
    folder = cache_folder() / images.name
    places = ", ".join(str(place) for place in candidates(images, data_dir))
    if web is None:
        name = images.name
        raise MlpError(
            f"{name} is not on this machine; --data-dir FOLDER says where it is, --dataset {name} fetches it; "
            f"looked in: {places}"
        )
    try:
        fetch(images.downloads, folder, web)
    except Unreachable as problem:
        raise MlpError(
            f"{images.name} is not on this machine and {problem}; say where it is with --data-dir, or put it into one "
            f"of: {places}"
        ) from None
    return folder


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
