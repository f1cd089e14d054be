"""Preparation: what training learns about the columns, and prediction applies again."""

from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.samples import Scaling, unscaled
from mlpcli.data.dataset import Dataset, numbered

FULL_BYTE = 255.0


class Preparation(NamedTuple):
    """The features in order, their scaling, and the values that replace missing ones."""

    features: tuple[str, ...]
    scaling: Scaling
    fill: Array | None = None  # (features,)


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

    Raises MlpError for a column without any value.
    """
    if training.x.dtype == np.uint8:
        scaling = Scaling(np.array(0.0), np.array(FULL_BYTE if standardize else 1.0))
        return Preparation(training.features, scaling)
    missing = np.isnan(training.x)
    fill = None
    x = training.x
    if missing.any():
        if missing.all(axis=0).any():
            name = training.features[int(np.argmax(missing.all(axis=0)))]
            raise MlpError(f"{training.name}: column '{name}' has no values; remove it")
        fill = np.nanmean(x, axis=0)
        x = np.where(missing, fill, x)
    return Preparation(training.features, standardization(x) if standardize else unscaled(), fill)


def filled(x: Array, preparation: Preparation) -> Array:
    """x, (n, features), with missing values replaced by the training mean: from `fill`, or else from the scaling."""
    if x.dtype == np.uint8 or not np.isnan(x).any():
        return x
    fill = preparation.fill if preparation.fill is not None else preparation.scaling.mean
    return np.where(np.isnan(x), fill, x)


def by_order(features: tuple[str, ...], names: tuple[str, ...], named: bool) -> bool:
    """Whether columns are features by position: the file has no names for them, or the network has none."""
    if named and set(features) <= set(names):
        return False
    return len(names) == len(features) and (not named or features == numbered(len(features)))


def column_indices(features: tuple[str, ...], names: tuple[str, ...], where: str, named: bool) -> list[int]:
    """The index of each feature among the columns `names` of a file: by name, or by position (see `by_order`).

    Raises MlpError for a missing feature.
    """
    if by_order(features, names, named):
        return list(range(len(names)))
    indices = {name: index for index, name in enumerate(names)}
    missing = [name for name in features if name not in indices]
    if missing and not named:
        raise MlpError(f"{where}: {len(names)} columns, but the network takes {len(features)} features")
    if missing:
        raise MlpError(
            f"{where}: no column '{missing[0]}'; the network takes {', '.join(features[:8])}"
            + (f" and {len(features) - 8} more" if len(features) > 8 else "")
        )
    return [indices[name] for name in features]
