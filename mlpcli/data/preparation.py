"""What training learned about the columns, to be applied again to whatever the network meets later."""

from dataclasses import dataclass

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.samples import Scaling, unscaled
from mlpcli.data.dataset import Dataset, numbered

FULL_BYTE = 255.0


@dataclass(frozen=True)
class Preparation:
    """The features by name and order, how they are scaled, and what stands for a missing one."""

    features: tuple[str, ...]
    scaling: Scaling
    fill: Array | None = None  # (features,)


def standardization(x: Array) -> Scaling:
    """Mean 0 and standard deviation 1 for each column (x − mean)/σ, with σ over n as in scikit-learn's StandardScaler.

    A column whose spread is no more than rounding error counts as constant and is only centred.
    """
    size = np.abs(x).max(axis=0)
    size[size == 0] = 1
    shares = x / size  # so that no square overflows
    mean, deviation = shares.mean(axis=0), shares.std(axis=0)
    varies = deviation > np.finfo(np.float64).eps * 10
    return Scaling(mean * size, np.where(varies, np.maximum(deviation * size, np.nextafter(0, 1)), 1.0))


def target_scaling(y: Array, low: float, high: float) -> Scaling:
    """Targets y, (n, outputs), standardised, and brought to where an output from `low` to `high` can follow them.

    Between two ends they fill eight tenths in the middle, as 0.1 to 0.9 of a sigmoid. Where there is one end, and only
    then as far as needed, they are moved away from it. In both cases an eighth of their spread is left as room for
    targets that training has not seen.
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
    """From the training samples alone. Bytes of images are divided by 255 (as in the lecture), numbers standardised."""
    if training.x.dtype == np.uint8:
        scaling = Scaling(np.array(0.0), np.array(FULL_BYTE if standardize else 1.0))
        return Preparation(training.features, scaling)
    missing = np.isnan(training.x)
    fill = None
    x = training.x
    if missing.any():
        if missing.all(axis=0).any():
            name = training.features[int(np.argmax(missing.all(axis=0)))]
            raise MlpError(f"{training.name}: column '{name}' has no value at all; leave it out")
        fill = np.nanmean(x, axis=0)
        x = np.where(missing, fill, x)
    return Preparation(training.features, standardization(x) if standardize else unscaled(), fill)


def filled(x: Array, preparation: Preparation) -> Array:
    """Missing features replaced by the training mean, as far as it is known: from training itself, or from scaling."""
    if x.dtype == np.uint8 or not np.isnan(x).any():
        return x
    fill = preparation.fill if preparation.fill is not None else preparation.scaling.mean
    return np.where(np.isnan(x), fill, x)


def by_order(features: tuple[str, ...], names: tuple[str, ...], named: bool) -> bool:
    """Whether columns are features as they come: the file has no names for them, or the network knows of none."""
    if named and set(features) <= set(names):
        return False
    return len(names) == len(features) and (not named or features == numbered(len(features)))


def places_of(features: tuple[str, ...], names: tuple[str, ...], where: str, named: bool) -> list[int]:
    """Which columns of a file are the network's features: by name, or as they come where `by_order` says so.

    Raises MlpError where one is missing.
    """
    if by_order(features, names, named):
        return list(range(len(names)))
    places = {name: place for place, name in enumerate(names)}
    missing = [name for name in features if name not in places]
    if missing and not named:
        raise MlpError(f"{where}: {len(names)} columns, where the network takes {len(features)} features")
    if missing:
        raise MlpError(
            f"{where}: no column '{missing[0]}'; the network takes {', '.join(features[:8])}"
            + (f" and {len(features) - 8} more" if len(features) > 8 else "")
        )
    return [places[name] for name in features]
