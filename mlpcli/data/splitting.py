"""Which samples train, which watch over training, and which test it."""

from dataclasses import dataclass

import numpy as np
from numpy.random import PCG64

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError


@dataclass(frozen=True)
class Split:
    """Row numbers of the three parts."""

    training: Array
    validation: Array
    test: Array


def sizes(samples: int, validation: float, test: float) -> dict[str, int]:
    """How many samples each part has: `test` is a share of all, `validation` of those that remain.

    Raises MlpError where training, or a part that was asked for, is empty.
    """
    for_test = round(samples * test)
    for_validation = round((samples - for_test) * validation)
    parts = {"test": for_test, "validation": for_validation, "training": samples - for_test - for_validation}
    wanted = {"training": True, "validation": validation > 0, "test": test > 0}
    for part, size in parts.items():
        if wanted[part] and size < 1:
            many = f"{samples} samples leave" if samples != 1 else "1 sample leaves"
            raise MlpError(
                f"{many} none for {part} (--test {test:g}, --validation {validation:g}); "
                "give more data, or --validation 0 --test 0"
            )
    return parts


def split(samples: int, validation: float, test: float, seed: int, classes: Array | None = None) -> Split:
    """`test` is a share of all samples, `validation` of those that remain; with `classes`, of each class alike.

    The order comes from the raw output of the bit generator, which NumPy keeps stable over versions (NEP 19), so that
    a weights file finds its test samples again. Raises MlpError where training, or a part that was asked for, is empty.
    """
    order = np.argsort(PCG64([seed, 0]).random_raw(samples), kind="stable")
    if classes is not None:
        order = order[_spread(classes[order])]
    parts = sizes(samples, validation, test)
    for_test, held_out = parts["test"], parts["test"] + parts["validation"]
    return Split(
        training=order[held_out:],
        validation=order[for_test:held_out],
        test=order[:for_test],
    )


def _spread(classes: Array) -> Array:
    """An order in which every class is spread evenly, so that any cut has its share of each."""
    by_class = np.argsort(classes, kind="stable")
    counts = np.unique(classes, return_counts=True)[1]
    rank = np.concatenate([np.arange(count) for count in counts])
    place = np.empty(len(classes))
    place[by_class] = (rank + 0.5) / np.repeat(counts, counts)
    return np.argsort(place, kind="stable")
