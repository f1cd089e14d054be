"""Pieces of formulas in numbers: 2-D arrays and the signs between them."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array

Pieces = tuple[Array | str, ...]
Sums = tuple[str, ...]


def column(vector: Array) -> Array:
    """A vector as a column."""
    return vector[:, None]


def row(vector: Array) -> Array:
    """A vector as a row."""
    return vector[None, :]


def scalar(number: Any) -> Array:
    """A number as a matrix of one."""
    return np.array([[float(number)]])


def upright(sums: Sums) -> tuple[Sums, ...]:
    """The sums of a column."""
    return tuple((text,) for text in sums)


def product(one: Array, two: Array) -> Pieces:
    """Matrices beside each other are multiplied; a number needs the sign."""
    return (one, "·", two) if 1 in (one.size, two.size) else (one, two)


def reduced(parts: Sequence[Pieces], share: float) -> Pieces:
    """The parts' sum, or their mean where each counts less than 1."""
    found: list[Array | str] = []
    for part in parts:
        found += ["+", *part] if found else part
    return tuple(found) if share == 1 else (f"1/{len(parts)} (", *found, ")")


def computed(pieces: Pieces) -> Pieces:
    """The pieces, or nothing where they are the value already."""
    return pieces if len(pieces) > 1 else ()
