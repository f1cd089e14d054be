"""The table of tensor operations: for operands of certain shapes, the formula of one element and the line of NumPy.

A vector has one axis, a matrix two. Shapes that do not fit are refused with the axes that differ.
"""

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.report.numbers import counted

MATRIX, VECTOR = "ᵢⱼ", "ᵢ"
REPEATED = "₁"  # stands for the index of an axis of length 1 that is repeated
Operands = Mapping[str, Array]


class ElementFormula(NamedTuple):
    """One element of the result, and what else follows from the operands' shapes."""

    text: str  # in the language of formulas
    indices: str  # of the result
    lengths: dict[str, int]  # of all indices
    axes: dict[str, str]  # the index of each axis of an operand; ₁ for one along which it is repeated
    matrix: str  # the formula in matrix form
    numpy: str  # the line of NumPy
    note: str = ""
    rows: tuple[str, ...] = ()  # the vectors that are rows

    @property
    def shown(self) -> str:
        """The formula with an index for each axis."""
        text = self.text
        for symbol, letters in self.axes.items():
            text = re.sub(rf"\b{symbol}[ᵢⱼₖₛ]*(?![a-z])", symbol + letters, text)
        return text


class TensorOperation(NamedTuple):
    """A row of the table."""

    name: str
    operands: tuple[str, ...]
    formula: Callable[..., ElementFormula]  # of the operands' shapes; raises ChoiceError if they do not fit
    compute: Callable[..., Array]
    shapes: Callable[..., dict[str, tuple[int, ...]]]  # of the operands, for the numbers of --size
    sizes: tuple[str, ...]  # what these numbers are
    example: Mapping[str, str]  # as one types them
    description: str


def _add(x: tuple[int, ...], y: tuple[int, ...]) -> ElementFormula:
    """zᵢⱼ = xᵢⱼ + yᵢⱼ. As in NumPy, an axis that is missing in front, or of length 1, is repeated."""
    shape = _broadcast(x, y)
    indices = (MATRIX, VECTOR)[len(shape) < 2]
    operands = {"x": x, "y": y}
    axes = {name: _axes(own, shape, indices) for name, own in operands.items()}
    text = " + ".join(name + letters.replace(REPEATED, "") for name, letters in axes.items())
    notes = [_repeated(name, own, shape) for name, own in operands.items() if own != shape]
    return ElementFormula(
        text,
        indices,
        dict(zip(indices, shape, strict=True)),
        axes,
        "x + y",
        "z = x + y",
        "; ".join(notes),
        tuple(name for name, own in operands.items() if len(own) < len(shape)),
    )


def _axes(own: tuple[int, ...], shape: tuple[int, ...], indices: str) -> str:
    """The index of each axis of an operand; ₁ where it is repeated."""
    last, whole = indices[len(indices) - len(own) :], shape[len(shape) - len(own) :]
    return "".join(index if one == all_of else REPEATED for index, one, all_of in zip(last, own, whole, strict=True))


def _repeated(name: str, own: tuple[int, ...], shape: tuple[int, ...]) -> str:
    """What is repeated, in words."""
    if set(own) == {1}:
        return f"{name} is one number, used for each element"
    if len(own) < len(shape) or own[0] == 1:
        return f"{name} is repeated in each row"
    return f"{name} is repeated in each column"


def _broadcast(x: tuple[int, ...], y: tuple[int, ...]) -> tuple[int, ...]:
    longest = max(len(x), len(y))
    shape = []
    for k in range(-longest, 0):
        one, two = (own[k] if -k <= len(own) else 1 for own in (x, y))
        if one != two and 1 not in (one, two):
            raise ChoiceError(f"x + y: {_axis('x', x, k)} and {_axis('y', y, k)}; they must be equal, or one of them 1")
        shape.append(max(one, two))
    return tuple(shape)


def _axis(name: str, shape: tuple[int, ...], k: int) -> str:
    """How many numbers an axis has, in words."""
    what = name if len(shape) == 1 else f"each {('column', 'row')[k]} of {name}"
    return f"{what} has {counted(shape[k], 'number')}"


def _relu(x: tuple[int, ...]) -> ElementFormula:
    """zᵢⱼ = max(0, xᵢⱼ)"""
    indices = (MATRIX, VECTOR)[len(x) < 2]
    lengths = dict(zip(indices, x, strict=True))
    return ElementFormula(f"max(0, x{indices})", indices, lengths, {"x": indices}, "relu(x)", "z = np.maximum(x, 0)")


def _dot(x: tuple[int, ...], y: tuple[int, ...]) -> ElementFormula:
    """zᵢⱼ = Σₖ xᵢₖ yₖⱼ. A vector on the left has no i, one on the right no j."""
    if x[-1] != y[0]:
        raise ChoiceError(f"dot(x, y): {_axis('x', x, -1)} and {_axis('y', y, -len(y))}; they must be equal")
    left, right = "ᵢ" * (len(x) > 1), "ⱼ" * (len(y) > 1)
    lengths = {"ᵢ": x[0], "ⱼ": y[-1], "ₖ": y[0]}
    own = {index: lengths[index] for index in left + right + "ₖ"}
    axes = {"x": left + "ₖ", "y": "ₖ" + right}
    rows = ("x", "z") if len(x) == 1 and right else ("x",) if len(x) == 1 else ()
    return ElementFormula(
        f"Σₖ x{axes['x']} y{axes['y']}", left + right, own, axes, "x y", "z = np.dot(x, y)", rows=rows
    )


def _dense(W: tuple[int, ...], x: tuple[int, ...], b: tuple[int, ...]) -> ElementFormula:
    """zᵢ = max(0, bᵢ + Σⱼ Wᵢⱼ xⱼ); of several samples, the rows of x, zₛᵢ."""
    if len(W) != 2:
        raise ChoiceError(
            f'--w is a vector of {counted(W[0], "number")}, but W is a matrix; for one unit write --w "1,2;"'
        )
    if len(b) != 1:
        raise ChoiceError("--b is a matrix, but b is a vector with a number for each unit")
    if x[-1] != W[1]:
        raise ChoiceError(f"dense: each row of W has {W[1]} numbers and x has {x[-1]}; they must be equal")
    if b[0] != W[0]:
        raise ChoiceError(
            f"dense: W has {counted(W[0], 'row')} and b has {counted(b[0], 'number')}; they must be equal"
        )
    lengths = {"ᵢ": W[0], "ⱼ": W[1]}
    if len(x) == 1:
        text, matrix, numpy = "max(0, bᵢ + Σⱼ Wᵢⱼ xⱼ)", "relu(b + W x)", "z = np.maximum(b + np.dot(W, x), 0)"
        return ElementFormula(text, "ᵢ", lengths, {"W": "ᵢⱼ", "x": "ⱼ", "b": "ᵢ"}, matrix, numpy)
    text, matrix, numpy = "max(0, bᵢ + Σⱼ Wᵢⱼ xₛⱼ)", "relu(b + x Wᵀ)", "z = np.maximum(b + np.dot(x, W.T), 0)"
    axes, note = {"W": "ᵢⱼ", "x": "ₛⱼ", "b": "ᵢ"}, "each row of x is a sample"
    return ElementFormula(text, "ₛᵢ", {"ₛ": x[0], **lengths}, axes, matrix, numpy, note, ("b",))


def merged(operands: Operands) -> dict[str, Array]:
    """W̃ = [W, b] and x̃ = [x; 1], so that W̃ x̃ = W x + b: the bias is the weight of a constant input 1."""
    W, x, b = operands["W"], operands["x"], operands["b"]
    ones = np.ones((*x.shape[:-1], 1))
    return {"W̃": np.column_stack((W, b)), "x̃": np.concatenate((x, ones), axis=-1)}


OPERATIONS = {
    row.name: row
    for row in [
        TensorOperation(
            "add",
            ("x", "y"),
            _add,
            lambda x, y: x + y,
            lambda rows, columns: {"x": (rows, columns), "y": (columns,)},
            ("rows", "columns"),
            {"x": "1,2;3,4", "y": "10,20"},
            "x + y with broadcasting",
        ),
        TensorOperation(
            "relu",
            ("x",),
            _relu,
            lambda x: np.maximum(x, 0),
            lambda rows, columns: {"x": (rows, columns)},
            ("rows", "columns"),
            {"x": "1,-2;-3,4"},
            "relu(x), max(0, x) of each number",
        ),
        TensorOperation(
            "dot",
            ("x", "y"),
            _dot,
            lambda x, y: np.dot(x, y),
            lambda rows, inner, columns: {"x": (rows, inner), "y": (inner, columns)},
            ("rows", "inner", "columns"),
            {"x": "1,2;3,4", "y": "5,6;7,8"},
            "The dot product of vectors and matrices",
        ),
        TensorOperation(
            "dense",
            ("W", "x", "b"),
            _dense,
            lambda W, x, b: np.maximum(b + (W @ x if x.ndim == 1 else x @ W.T), 0),
            lambda samples, inputs, units: {"W": (units, inputs), "x": (samples, inputs), "b": (units,)},
            ("samples", "inputs", "units"),
            {"W": "0.1,-0.2;0.4,0.6", "x": "1.8,0.5", "b": "0.2,-0.3"},  # the lecture's first layer
            "A layer, relu(b + W x), also with b merged into W",
        ),
    ]
}
