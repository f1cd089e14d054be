"""Preparation: what training learns about the columns, and prediction applies again."""

from collections.abc import Sequence
from shlex import quote
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.samples import Scaling, unscaled
from mlpcli.data.categories import Column, columns_of
from mlpcli.data.cells import excerpt, first_few
from mlpcli.data.dataset import Dataset
from mlpcli.data.rows import in_one_line

FULL_BYTE = 255.0
MOST_NAMED = 8  # columns in a note


class Preparation(NamedTuple):
    """The features in order, their scaling, and the values that replace missing ones."""

    features: tuple[str, ...]
    scaling: Scaling
    fill: Array | None = None  # (features,)
    columns: tuple[Column, ...] = ()  # behind the features, if some are categorical; each feature is a column otherwise


def standardization(x: Array) -> Scaling:
    """(x − mean)/σ for each column of x, (n, columns), with σ² = Σ(x − mean)²/n as in scikit-learn's StandardScaler.

    A column that varies by rounding error only counts as constant: it is centered, with scale 1.
    """
    size = np.abs(x).max(axis=0)
    size[size == 0] = 1
    shares = x / size  # whose squares cannot overflow
    mean, deviation = shares.mean(axis=0), shares.std(axis=0)
    varies = deviation > np.finfo(np.float64).eps * 10
    return Scaling(mean * size, np.where(varies, np.maximum(deviation * size, np.nextafter(0, 1)), 1.0))


def target_scaling(y: Array, low: float, high: float) -> Scaling:
    """The scaling of targets y, (n, outputs): standardized, then moved into the range of the output, `low` to `high`.

    Between two finite ends, the targets fill the middle eight tenths, like 0.1 to 0.9 of a sigmoid. With one finite
    end, they are moved away from it as far as necessary. Both leave an eighth of their range for targets outside it.
    """
    standard = standardization(y)
    z = standard.apply(y, np.empty_like(y))
    least, greatest = z.min(axis=0), z.max(axis=0)
    room, scale = (greatest - least) / 8, standard.scale
    if np.isfinite(low) and np.isfinite(high):
        stretch = np.where(room > 0, (high - low) / np.where(room > 0, 10 * room, 1), 1)
        scale, shift = scale / stretch, (low + high) / 2 - stretch * (least + greatest) / 2
    else:
        shift = np.maximum(0, low - (least - room)) + np.minimum(0, high - (greatest + room))
    return Scaling(standard.mean - shift * scale, scale)


def learn_preparation(training: Dataset, standardize: bool = True) -> Preparation:
    """The preparation from the training set alone. Bytes are divided by 255 (as in the lecture), numbers standardized.

    The 0/1 features of categories stay as they are.

    Raises MlpError for a column without any value.
    """
    if training.x.dtype == np.uint8:
        scaling = Scaling(np.array(0.0), np.array(FULL_BYTE if standardize else 1.0))
        return Preparation(training.features, scaling)
    columns = columns_of(training.features, training.columns)
    categorical = np.array([column.categories is not None for column in columns for _ in column.features])
    missing = np.isnan(training.x)
    if missing.all(axis=0).any():
        empty = training.features[int(np.argmax(missing.all(axis=0)))]
        name = next(column.name for column in columns if empty in column.features)
        what = f"column '{excerpt(name)}' has no values in the training set"
        raise MlpError(f"{training.name}: {what}; leave it out with --ignore {quote(in_one_line([name]))}")
    fill = _fill(training.x, training.columns) if missing.any() or categorical.any() else None
    x = training.x if fill is None else np.where(missing, fill, training.x)
    scaling = standardization(x) if standardize else unscaled()
    if standardize and categorical.any():
        scaling = Scaling(np.where(categorical, 0.0, scaling.mean), np.where(categorical, 1.0, scaling.scale))
    return Preparation(training.features, scaling, fill, training.columns)


def _fill(x: Array, columns: tuple[Column, ...]) -> Array:
    """The mean of each feature, (features,); of a categorical column, the features of the most frequent category."""
    fill: Array = np.nanmean(x, axis=0)
    start = 0
    for column in columns:
        end = start + len(column.features)
        if column.categories is not None:
            shares = fill[start:end]
            fill[start:end] = np.round(shares) if len(shares) == 1 else np.arange(len(shares)) == np.argmax(shares)
        start = end
    return fill


def filled(x: Array, preparation: Preparation) -> Array:
    """x, (n, features), with missing values replaced: by `fill`, or else by the mean of the scaling."""
    if x.dtype == np.uint8 or not np.isnan(x).any():
        return x
    fill = preparation.fill if preparation.fill is not None else preparation.scaling.mean
    return np.where(np.isnan(x), fill, x)


def missing_counts(x: Array) -> Array:
    """How many values of each feature of x, (n, features), are missing, (features,)."""
    none = np.zeros(x.shape[1], np.int64)
    return none if x.dtype == np.uint8 else np.isnan(x).sum(axis=0)


def filling_note(counts: Array, columns: Sequence[Column]) -> str:
    """The note on what replaces missing values. `counts` has their number in each feature of these columns.

    Empty if no value is missing.
    """
    places = np.cumsum([0, *(len(column.features) for column in columns[:-1])])
    lacking = [(column, int(counts[place])) for column, place in zip(columns, places, strict=True) if counts[place]]
    if not lacking:
        return ""
    are_categories = {column.categories is not None for column, _ in lacking}
    value = " or ".join(("mean", "most frequent category")[is_category] for is_category in sorted(are_categories))
    named = [f"{count} in '{excerpt(column.name)}'" for column, count in lacking]
    return f"missing values become the {value} of the training set: {first_few(named, MOST_NAMED, 'column')}"
