"""NumPy archives as data: arrays x and y, or Keras' x_train, y_train, x_test and y_test. Pickles are never read."""

from dataclasses import replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.data.dataset import Dataset, numbered


def load_npz(path: str) -> Dataset:
    """An archive as a data set. Images are flattened; bytes stay bytes.

    Raises MlpError where the file is no archive, lacks an array, or holds one that is no numbers or does not fit.
    """
    arrays = read_arrays(path)
    if "x_train" in arrays:
        training = _dataset(path, arrays, "x_train", "y_train")
        test = _dataset(path, arrays, "x_test", "y_test") if "x_test" in arrays else None
        if test and (test.features, test.targets) != (training.features, training.targets):
            raise MlpError(
                f"{path}: x_test has shape {test.x.shape} and y_test {test.y.shape}, "
                f"where x_train has {training.x.shape} and y_train {training.y.shape}"
            )
        return replace(training, test=test)
    return _dataset(path, arrays, "x", "y")


def read_arrays(path: str) -> dict[str, Array]:
    """All arrays of an NPZ file. Whatever NumPy raises for a damaged one becomes one MlpError."""
    try:
        with open(path, "rb") as file, np.load(file, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except OSError as problem:
        raise MlpError(f"{path}: {problem.strerror or 'not an NPZ archive'}") from None
    except MemoryError:
        raise
    except Exception as problem:  # np.load lets eleven kinds through, from SyntaxError to zlib.error
        reason = str(problem).splitlines()[0] if str(problem) else type(problem).__name__
        raise MlpError(f"{path}: not an NPZ archive of plain arrays ({reason})") from None


def _dataset(path: str, arrays: dict[str, Array], x_name: str, y_name: str) -> Dataset:
    for name in (x_name, y_name):
        if name not in arrays:
            raise MlpError(f"{path}: no array '{name}'; data need x and y, or x_train, y_train, x_test and y_test")
    x, y = arrays[x_name], arrays[y_name]
    if x.dtype.kind not in "buif" or y.dtype.kind not in "buifU":
        raise MlpError(f"{path}: {x_name} is {x.dtype} and {y_name} is {y.dtype}; numbers are needed (or names, for y)")
    if x.ndim < 2 or y.ndim not in (1, 2) or len(x) != len(y) or not len(x):
        raise MlpError(
            f"{path}: {x_name} has shape {x.shape} and {y_name} {y.shape}; one row per sample is needed in both"
        )
    if 0 in x.shape or 0 in y.shape:
        raise MlpError(f"{path}: {x_name} has shape {x.shape} and {y_name} {y.shape}; there is nothing in one of them")
    x = x.reshape(len(x), -1)
    x = x if x.dtype == np.uint8 else x.astype(np.float64)
    y = y.reshape(len(y), -1)
    for name, values in ((x_name, x), (y_name, y)):
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            row, column = np.argwhere(~np.isfinite(values))[0]
            raise MlpError(f"{path}: {name}[{row}, {column}] is {values[row, column]}; all numbers must be finite")
    return Dataset(path, x, y, numbered(x.shape[1]), numbered(y.shape[1], "y"))
