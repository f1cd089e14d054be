"""A formula as values: NumPy arrays with an axis for each index.

A tree is compiled once into nested functions, since the indices of a name alone determine its axes. A search for
mistakes evaluates the same formulas thousands of times.
"""

from collections.abc import Callable, Mapping
from functools import lru_cache, reduce
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.formula import Expression, Name, Node, Number, Total, children

Quantities = Callable[[Name], Any]  # the values of a name, with an axis for each of its indices
Sizes = Mapping[str, int]  # the size of each free index
Evaluate = Callable[[Quantities, Sizes], Any]


def _appended(values: Any, last: Any) -> Any:
    """The values with another one at the end of their last axis."""
    return np.concatenate([values, np.broadcast_to(last, (*values.shape[:-1], 1))], axis=-1)


FUNCTIONS: dict[str, Callable[..., Any]] = {  # and operators
    "+": lambda *terms: reduce(np.add, terms),
    "−": np.negative,
    "·": lambda *factors: reduce(np.multiply, factors),
    "/": lambda above, below: np.where(np.equal(above, 0), 0.0, np.divide(above, below)),
    "^": np.power,
    "e^": np.exp,
    "if": lambda left, right, then, other: np.where(left > right, then, other),
    "[,]": _appended,
    "[;]": _appended,
    "√": np.sqrt,
    "|": np.abs,
    "log": np.log,
    "log₂": np.log2,
    "log₁₀": np.log10,
    "max": np.maximum,
    "min": np.minimum,
    "sign": np.sign,
    "tanh": np.tanh,
    "σ": lambda x: 1 / (1 + np.exp(-x)),
}
CONSTANTS = {"e": np.e, "π": np.pi}


class Compiled(NamedTuple):
    """A formula as a function, and the indices of the axes of its result."""

    evaluate: Evaluate
    indices: str


def value(node: Node, indices: str, quantities: Quantities, shape: tuple[int, ...] | None = None) -> Array:
    """The formula for all values of its free `indices`, with the axes in this order, broadcast to the shape.

    0 times a number that is not finite is 0, such as 0·log 0, and 0/0 is 0. Raises ValueError if shapes do not fit.
    """
    sizes = dict(zip(indices, shape, strict=True)) if shape is not None else {}
    result = np.asarray(_aligned(node, indices)(quantities, sizes))
    return result if shape is None or result.shape == shape else np.broadcast_to(result, shape)


@lru_cache(maxsize=4096)
def _aligned(node: Node, indices: str) -> Evaluate:
    """The formula with its axes in this order."""
    return _spread(compiled(node), indices)


@lru_cache(maxsize=4096)
def compiled(node: Node) -> Compiled:
    """The formula as a function, and its free indices."""
    match node:
        case Number(number, _):
            return Compiled(lambda quantities, sizes: number, "")
        case Name("δ", indices, _):
            return Compiled(lambda quantities, sizes: np.eye(sizes[indices[0]], sizes[indices[1]]), indices)
        case Name(symbol, indices, _):
            if symbol in CONSTANTS:
                return Compiled(lambda quantities, sizes: CONSTANTS[symbol], "")
            return Compiled(lambda quantities, sizes: quantities(node), indices)
        case Expression("·", factors) if any(map(_is_singular, factors)):
            return _together(_product, factors)
        case Expression(sign, operands):
            return _together(FUNCTIONS[sign], operands)
        case Total(index, Expression("·", factors)):
            return _total(index, factors)
        case Total(index, body):
            return _total(index, (body,))


def _together(function: Callable[..., Any], nodes: tuple[Node, ...]) -> Compiled:
    """The function of the nodes' values, which are broadcast against each other."""
    parts = [compiled(node) for node in nodes]
    indices = "".join(dict.fromkeys("".join(part.indices for part in parts)))
    spread = [_spread(part, indices) for part in parts]
    return Compiled(lambda quantities, sizes: function(*[part(quantities, sizes) for part in spread]), indices)


def _total(index: str, factors: tuple[Node, ...]) -> Compiled:
    """A sum over an index. `einsum` sums a product without an array of all its terms."""
    parts = [compiled(factor) for factor in factors]
    free = "".join(dict.fromkeys("".join(part.indices for part in parts)))
    if index not in free:
        raise ValueError(f"nothing in the sum over {index} depends on it")
    left = free.replace(index, "")
    letters = {each: chr(ord("a") + place) for place, each in enumerate(free)}
    operands = ",".join("".join(letters[each] for each in part.indices) for part in parts)
    subscripts = f"{operands}->{''.join(letters[each] for each in left)}"
    return Compiled(lambda q, sizes: np.einsum(subscripts, *[part.evaluate(q, sizes) for part in parts]), left)


def _spread(part: Compiled, indices: str) -> Evaluate:
    """The part with its axes in this order, and an axis of length 1 for each missing index."""
    there = [index for index in indices if index in part.indices]
    if len(there) < len(part.indices):
        raise ValueError(f"the index {part.indices} is free")
    if part.indices in ("", indices):
        return part.evaluate
    order = [part.indices.index(index) for index in there]
    places = tuple(slice(None) if index in part.indices else None for index in indices)
    return lambda quantities, sizes: part.evaluate(quantities, sizes).transpose(order)[places]


def _is_singular(node: Node) -> bool:
    """Whether it may be infinite for a finite number, such as log 0 or 1/0."""
    singular = isinstance(node, Expression) and (node.sign == "/" or node.sign.startswith("log"))
    return singular or any(map(_is_singular, children(node)))


def _product(*factors: Any) -> Any:
    """The product, where 0·∞ is 0."""
    vanishes = np.logical_or.reduce(np.broadcast_arrays(*[np.equal(factor, 0) for factor in factors]))
    return np.where(vanishes, 0.0, FUNCTIONS["·"](*factors))
