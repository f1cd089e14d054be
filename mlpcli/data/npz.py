"""NumPy archives as data sets: arrays x and y, or Keras' x_train, y_train, x_test and y_test."""

from dataclasses import replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.cells import EXACT, different, is_missing_target, labels_as_written, not_in_float64, numbers_in
from mlpcli.data.dataset import Dataset, check_sample_weights, numbered
from mlpcli.data.packed import read_arrays
from mlpcli.data.text import open_bytes

ENDS = ("", "_train", "_test")
NAMES = tuple(f"{letter}{end}" for end in ENDS for letter in "xy")


def load_npz(path: str, weight: str | None = None) -> Dataset:
    """An archive as a data set. Images are flattened, bytes stay bytes, other numbers become float64.

    `weight` names the array with the weights of the samples: w, or with Keras' names w_train and w_test.

    Raises MlpError if the file is not an archive, lacks an array, or has one of a wrong type or shape.
    """
    if weight in NAMES:
        raise MlpError(f"{path}: --sample-weight {weight} names features or targets; give another array, such as w")
    arrays = _read(path, (*NAMES, *(f"{weight}{end}" for end in ENDS if weight is not None)))
    if "x_train" in arrays:
        training = _dataset(path, arrays, "_train", weight)
        test = _dataset(path, arrays, "_test", weight) if "x_test" in arrays else None
        if test and (test.features, test.targets) != (training.features, training.targets):
            raise MlpError(
                f"{path}: x_test has shape {test.x.shape} and y_test {test.y.shape}, "
                f"but x_train has {training.x.shape} and y_train {training.y.shape}"
            )
        return replace(training, test=test)
    return _dataset(path, arrays, "", weight)


def _read(path: str, names: tuple[str, ...]) -> dict[str, Array]:
    with open_bytes(path) as file:
        return read_arrays(file, path, names)


def load_features(path: str) -> Array:
    """The features to predict from, (n, features): the array x, or x_test if there is no x."""
    arrays = _read(path, ("x", "x_test"))
    name = next((name for name in ("x", "x_test") if name in arrays), None)
    if name is None:
        raise MlpError(f"{path}: no array 'x'; add it")
    return _rows(path, name, arrays[name], "buif")


def _rows(path: str, name: str, values: Array, kinds: str) -> Array:
    """One row per sample, as bytes, finite float64 numbers, or text: (n, columns)."""
    if values.dtype.kind not in kinds:
        raise MlpError(f"{path}: {name} has type {values.dtype}; use numbers (or names, for y)")
    if values.ndim < 1 or 0 in values.shape:
        raise MlpError(f"{path}: {name} has shape {values.shape}; it must not be empty")
    rows = values.reshape(len(values), -1)
    if rows.dtype.kind == "U":
        rows = _numbers_or_text(path, name, np.char.strip(rows))
    return rows if rows.dtype == np.uint8 or rows.dtype.kind == "U" else _as_float64(path, name, rows)


def _as_float64(path: str, name: str, rows: Array) -> Array:
    """The same numbers. Raises MlpError if one is not finite, or is a whole number that float64 would round."""
    with np.errstate(all="ignore"):
        numbers: Array = rows.astype(np.float64)
    wrong = ~np.isfinite(numbers)
    if rows.dtype.kind in "iu" and np.abs(numbers).max() >= EXACT:
        wrong = numbers.astype(object) != rows
    if wrong.any():
        raise _not_in_float64(path, name, rows, wrong)
    return numbers


def _not_in_float64(path: str, name: str, cells: Array, wrong: Array) -> MlpError:
    """The error for the first number that float64 would round, or that is not finite."""
    row, column = np.argwhere(wrong)[0]
    what = "not finite; remove or replace it"
    if np.isfinite(float(cells[row, column])):
        what = f"not exact in float64; save {name}.astype(float) if it is a measurement"
    return MlpError(f"{path}: {name}[{row}, {column}] = {cells[row, column]} is {what}")


def _numbers_or_text(path: str, name: str, cells: Array) -> Array:
    """Text as in a table: numbers if every cell is one, else names. Raises MlpError for a missing name."""
    texts = different(cells)
    numbers = numbers_in(texts)
    if numbers is not None:
        if wrong := not_in_float64(numbers):
            raise _not_in_float64(path, name, cells, np.isin(cells, wrong))
        return cells.astype(np.float64)
    lost = next(filter(is_missing_target, texts), None)
    if lost is not None:
        row, column = np.argwhere(cells == lost)[0]
        raise MlpError(f"{path}: {name}[{row}, {column}] is '{lost}': the target is missing; remove the sample")
    return cells


def _dataset(path: str, arrays: dict[str, Array], end: str, weight: str | None) -> Dataset:
    x_name, y_name = f"x{end}", f"y{end}"
    for name in (x_name, y_name):
        if name not in arrays:
            raise MlpError(f"{path}: no array '{name}'; use x and y, or x_train, y_train, x_test and y_test")
    x, y = _rows(path, x_name, arrays[x_name], "buif"), _rows(path, y_name, arrays[y_name], "buifU")
    if len(x) != len(y) or arrays[x_name].ndim < 2 or arrays[y_name].ndim > 2:
        shapes = f"{x_name} has shape {arrays[x_name].shape} and {y_name} {arrays[y_name].shape}"
        raise MlpError(f"{path}: {shapes}; both need one row per sample")
    labels = None
    if arrays[y_name].dtype.kind == "U" and y.dtype.kind == "f":
        labels = labels_as_written(np.char.strip(arrays[y_name].reshape(len(y), -1)))
    weights = None if weight is None else _weights(path, arrays, f"{weight}{end}", len(x))
    names = numbered(x.shape[1]), numbered(y.shape[1], "y")
    return Dataset(path, x, y, *names, named=False, labels=labels, weights=weights)


def _weights(path: str, arrays: dict[str, Array], name: str, samples: int) -> Array:
    """The weights of the samples, (samples,)."""
    if name not in arrays:
        raise MlpError(f"{path}: no array '{name}'; add it, or leave --sample-weight out")
    weights = _rows(path, name, arrays[name], "buif")
    if weights.shape != (samples, 1):
        raise MlpError(f"{path}: {name} has shape {arrays[name].shape}; give one weight for each of {samples} samples")
    weights = weights[:, 0].astype(np.float64)
    check_sample_weights(weights, lambda row: f"{path}: {name}[{row}]", f"{path}: {name}")
    return weights
