"""An operation on numbers as a report: the result, each element as a sum, the loops beside NumPy, work and time."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.derivation.formula import Node, parse
from mlpcli.derivation.loops import INDENT, TensorWork, loops, work_of
from mlpcli.derivation.writing import written
from mlpcli.report.notation import element
from mlpcli.report.numbers import WithUnit, counted, rounded, time, whole
from mlpcli.report.sheet import Cell, Formula, Report, Section, Sheet, as_matrix
from mlpcli.tensor.operations import REPEATED, ElementFormula, Operands, TensorOperation, merged
from mlpcli.tensor.timing import Timed, shapes_of, timed

MOST_WRITTEN = 200  # numbers of a result that are written out
MOST_TERMS = 5_000  # terms of all these sums together
GUIDE = "|   "  # of the indentation of code, which some forms would drop
MOST_SHOWN = 10_000  # numbers of a table


class Calculation(NamedTuple):
    """An operation on certain operands, and all that is shown of it."""

    operation: TensorOperation
    operands: Operands
    formula: ElementFormula
    z: Array
    sums: tuple[tuple[str, ...], ...]  # each number of z as a sum, of the shape of z as a matrix; or nothing
    code: list[str]  # the loops
    work: TensorWork
    timed: tuple[Timed, ...]

    @property
    def merged(self) -> dict[str, Array]:
        """A layer's W̃ and x̃, by symbol; of other operations nothing."""
        return merged(self.operands) if self.operation.name == "dense" else {}


def tensor_report(operation: TensorOperation, operands: Operands, sizes: Sequence[int] | None, measure: bool) -> Report:
    """All of `mlp tensor NAME`. Raises ChoiceError if shapes do not fit, MlpError if a number overflows."""
    calculation = _calculated(operation, operands, sizes, measure)
    z, sums = calculation.z, calculation.sums
    values = {**{name: operands[name] for name in operation.operands}, "z": z, **calculation.merged}
    tables = [_matrix(name, each) for name, each in values.items() if each.size <= MOST_SHOWN]
    written_out = [_written_out(z, sums)] if sums else []
    beside = (_code(calculation.code, calculation.formula), _work(calculation.work, calculation.timed))
    return Report(
        f"tensor-{operation.name}",
        _document(calculation),
        written_out[0] if sums else _matrix("z", z),
        (*tables, *written_out, *beside),
        tuple(_closing(calculation)),
        (*_sections(calculation), Section("Loops and NumPy", beside)),
        title=operation.description,
    )


def _calculated(
    operation: TensorOperation, operands: Operands, sizes: Sequence[int] | None, measure: bool
) -> Calculation:
    formula = operation.formula(*(operands[name].shape for name in operation.operands))
    shapes = shapes_of(operation, sizes)
    with np.errstate(all="ignore"):
        z = np.asarray(operation.compute(*(operands[name] for name in operation.operands)), np.float64)
    if not np.isfinite(z).all():
        raise MlpError(f"tensor {operation.name}: a number overflows; use smaller ones")
    node = parse(formula.text)
    return Calculation(
        operation,
        operands,
        formula,
        z,
        _sums(node, formula, operands, z),
        loops(node, formula.indices, formula.lengths, formula.axes),
        work_of(node, formula.lengths) * z.size,
        timed(operation, operands, shapes) if measure else (),
    )


def _closing(calculation: Calculation) -> Iterator[str]:
    if not calculation.sums:
        yield f"{counted(calculation.z.size, 'number')}: too many to write out"
    if calculation.formula.note:
        yield calculation.formula.note
    if calculation.merged:
        product = "W̃ x̃, with W̃ = [W, b] and x̃ = [x; 1]"
        if calculation.operands["x"].ndim > 1:
            product = "x̃ W̃ᵀ, with W̃ = [W, b] and x̃ = [x, 1]"
        yield f"b merged into W by a constant input 1: z is the ReLU of {product}"


def _sections(calculation: Calculation) -> Iterator[Section]:
    """The operation as formulas; a layer also with b merged into W."""
    operation, operands, formula, z, sums, *_ = calculation
    yield Section(f"z = {formula.matrix}", (*_given(operation, operands, formula.rows), _shown(formula, z, sums)))
    if calculation.merged:
        yield _merged_section(calculation.merged, operands["x"].ndim > 1, z)


def _document(calculation: Calculation) -> dict[str, Any]:
    operands, formula = calculation.operands, calculation.formula
    document = {
        "operation": calculation.operation.name,
        "operands": {name: operands[name].tolist() for name in calculation.operation.operands},
        "formula": f"z{formula.indices} = {formula.shown}",
        "z": calculation.z.tolist(),
        "loops": calculation.code,
        "numpy": formula.numpy,
        "work": calculation.work._asdict(),
        "times": [_times_document(each) for each in calculation.timed],
    }
    if calculation.merged:
        document["merged"] = {name: calculation.merged[symbol].tolist() for name, symbol in (("W", "W̃"), ("x", "x̃"))}
    return document


# ----- The result, and each of its numbers as a sum


def _sums(node: Node, formula: ElementFormula, operands: Operands, z: Array) -> tuple[tuple[str, ...], ...]:
    """Each number of z as the sum it is, of the shape of z as a matrix; nothing if these are too many."""
    terms = np.prod([*formula.lengths.values()])
    if z.size > MOST_WRITTEN or terms > MOST_TERMS:
        return ()
    indexed = _indexed(formula, operands)
    upright = as_matrix(z)
    return tuple(
        tuple(
            written(node, dict(zip(formula.indices, (i, j), strict=False)), lambda name: indexed[name.symbol]).text
            for j in range(upright.shape[1])
        )
        for i in range(upright.shape[0])
    )


def _indexed(formula: ElementFormula, operands: Operands) -> dict[str, Array]:
    """The operands without the axes along which they are repeated, which have no index in the formula."""
    return {
        symbol: operands[symbol][tuple(0 if index == REPEATED else slice(None) for index in axes)]
        for symbol, axes in formula.axes.items()
    }


def _written_out(z: Array, sums: tuple[tuple[str, ...], ...]) -> Sheet:
    upright = as_matrix(z)
    rows: list[tuple[Cell, ...]] = [
        (element("z", upright.shape, i, j), sums[i][j], float(upright[i, j])) for i, j in np.ndindex(upright.shape)
    ]
    return Sheet("Written out", ("number", "is", "value"), tuple(rows))


def _matrix(symbol: str, values: Array) -> Sheet:
    """A matrix as a table with numbered rows and columns; a vector as a column."""
    upright = as_matrix(values)
    shape = "×".join(map(str, values.shape)) if values.ndim == 2 else counted(values.size, "number")
    columns = ("", *map(str, range(1, upright.shape[1] + 1)))
    rows = tuple((i, *map(float, row)) for i, row in enumerate(upright, 1))
    return Sheet(f"{symbol}, {shape}", columns, rows)


def _given(operation: TensorOperation, operands: Operands, rows: Sequence[str]) -> tuple[Formula, ...]:
    """The operands; vectors that are used as rows are shown as rows."""
    shown = {name: as_matrix(operands[name]) for name in operation.operands}
    return tuple(Formula(name, "", (), values.T if name in rows else values) for name, values in shown.items())


def _shown(formula: ElementFormula, z: Array, sums: tuple[tuple[str, ...], ...]) -> Formula:
    """The result; a row if it is the product of a row and a matrix."""
    if "z" in formula.rows:
        return Formula("z", formula.matrix, (), as_matrix(z).T, tuple(zip(*sums, strict=True)))
    return Formula("z", formula.matrix, (), as_matrix(z), sums)


def _merged_section(both: Mapping[str, Array], samples: bool, z: Array) -> Section:
    """The same layer without a bias, for one sample or for rows of samples."""
    blocks = (
        Formula("W̃", "[W, b]", (), both["W̃"]),
        Formula("x̃", "[x, 1]" if samples else "[x; 1]", (), as_matrix(both["x̃"])),
        Formula("z", "relu(x̃ W̃ᵀ)" if samples else "relu(W̃ x̃)", (), as_matrix(z)),
    )
    return Section("The same with b merged into W", blocks)


# ----- Loops, work and time


def _code(lines: Sequence[str], formula: ElementFormula) -> Sheet:
    """The loops beside the line of NumPy."""
    guided = [line.replace(INDENT, GUIDE) for line in lines]
    rows = tuple(zip_longest(guided, [formula.numpy], fillvalue=""))
    return Sheet("In loops, and in NumPy", ("loops", "NumPy"), rows, keys=0)


def _work(work: TensorWork, timed: Sequence[Timed]) -> Sheet:
    """Counts, and the time of loops and of NumPy."""
    if not timed:
        return Sheet("Work", ("multiply–adds", "additions", "comparisons"), (tuple(map(whole, work)),))

    def ratio(each: Timed) -> WithUnit:
        return WithUnit(rounded(each.naive / each.vectorized))

    columns = ("size", "multiply–adds", "additions", "comparisons", "loops", "NumPy", "loops/NumPy")
    rows: list[tuple[Cell, ...]] = [
        (each.size, *map(whole, each.work), time(each.naive) + each.part, time(each.vectorized), ratio(each))
        for each in timed
    ]
    return Sheet("Work and time", columns, tuple(rows))


def _times_document(timed: Timed) -> dict[str, Any]:
    return {"size": timed.size, **timed.work._asdict(), "loops_seconds": timed.naive, "numpy_seconds": timed.vectorized}
