"""The normal equations as a report: the derivation, its matrices with their numbers, θ*, and what solving costs."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.formula import Name
from mlpcli.derivation.gradient_free.dependent_columns import Dependence, dependences, dependent_sheet
from mlpcli.derivation.gradient_free.normal_equations import ONES, Solution, element_formula, solving_cost, sums_of
from mlpcli.derivation.matrices import matrix_numbers, matrix_text
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import objective_document
from mlpcli.derivation.tables import given_loss, given_samples
from mlpcli.report.notation import indices, lowered
from mlpcli.report.numbers import LARGE, WithUnit, counted, number, size, time, whole
from mlpcli.report.sheet import Cell, Formula, Mathematics, Report, Rows, Section, Sheet, as_matrix

if TYPE_CHECKING:
    from mlpcli.derivation.check import Check

MOST_ROWS = 10  # of X as a matrix, and numbers in a row of Xᵀ
MOST_COLUMNS = 12  # of X; with more, its matrices are shown only with --whole
MOST_PARAMETERS = 60
LEFT_OUT = "--whole shows each number of G, R, H and θ*"
GROWING = (100, 10_000, 1_000_000)  # columns for which the cost is shown
PER_SECOND = 1e10  # multiply–adds, of a usual processor core
ZERO = 1e-8  # of the largest number of c XᵀY: a gradient that rounding made


def solution_report(
    found: Solution, view: View, background: Mapping[str, str], checked: "Check | None" = None
) -> Report:
    """What is given, the derivation, its matrices with their numbers, θ*, and the cost.

    `checked` adds the numerical derivatives at θ*.
    """
    shown = view.whole or len(found.names) <= MOST_COLUMNS
    others = dependences(found) if found.singular else []
    given = _given(found, view, background)
    steps = Sheet("Derivation", ("", "formula"), tuple((what, Mathematics(text)) for what, text in found.steps))
    solved = [_parameters(found)] if view.whole or found.theta.size <= MOST_PARAMETERS else []
    below = [dependent_sheet(found, others)] if others else []
    matrices = [_matrix(found, symbol) for symbol in ("G", "R", "H")] if shown else []
    explained = [_written_out(found)] if view.explain and shown else []
    closing, document = [*_closing(found, view.digits), *([] if shown and solved else [LEFT_OUT])], {}
    proofs = list[Sheet]()
    if checked:
        proofs.append(checked.sheet(view))
        closing.append(checked.line(several_steps=False))
        document["check"] = checked.document
    proofs.append(_cost(found))
    return Report(
        "normal-equations",
        {**_document(found, others), **document},
        _flat(found),
        (given, steps, *matrices, *explained, *below, *solved, *proofs),
        tuple(closing),
        _sections(found, view, given, steps, [*below, *proofs]) if shown and view.typeset else (),
        title="The normal equations",
    )


def _given(found: Solution, view: View, background: Mapping[str, str]) -> Sheet:
    system = found.system
    samples, outputs = system.Y.shape
    x, y = found.shown["X"][:, : found.x.shape[1]], found.shown["Y"] if ONES in found.names else found.y
    rows: list[tuple[Cell, ...]] = [*given_samples(x, y, view.whole)]
    rows.append(("loss", given_loss(found.objective, samples, outputs)))
    rows.append(("c", f"{system.c:g}: L = c/2 · sum of squares"))
    if ONES in found.names:
        rows.append(("X", "(x, 1): the column of ones belongs to b"))
    else:
        rows.append(("Y", "y − b: biases stay as they are"))
    return Sheet("Given", ("quantity", "value"), (*rows, *background.items()))


# ----- Matrices, and θ* -----------------------------------------------------------------------------------------------


def _matrix(found: Solution, symbol: str) -> Sheet:
    """A matrix with a row for each column of X. Columns of G and H are those of X, those of R are outputs."""
    values = found.shown[symbol]
    head = found.outputs if symbol == "R" else found.names
    rows: Rows = tuple((name, *map(float, row)) for name, row in zip(found.names, values, strict=True))
    return Sheet(f"{symbol} = {_text(found, symbol)}", ("", *head), rows)


def _text(found: Solution, symbol: str) -> str:
    """The formula in matrices, as it follows from that of one element."""
    text = matrix_text(element_formula(found, symbol), "ᵢⱼ", lambda name: name.symbol)
    return text.replace("θ", "θ*")


def _parameters(found: Solution) -> Sheet:
    """A row for each parameter: its column of X, its value, and the derivative of J there."""
    rows: list[tuple[Cell, ...]] = [
        (Mathematics(symbol), found.names[j], *(float(found.shown[name][j, i]) for name in ("θ", "dθ")))
        for symbol, (j, i) in _symbols(found)
    ]
    return Sheet("Solution", ("parameter", "column", "θ*", "dθ there"), tuple(rows), keys=2)


def _symbols(found: Solution) -> Iterator[tuple[str, tuple[int, int]]]:
    """The symbol of each parameter, output by output, and its place in θ."""
    for i in range(found.theta.shape[1]):
        for j, name in enumerate(found.names):
            yield (f"b{lowered(i + 1)}" if name == ONES else f"w{indices(i, j)}"), (j, i)


def _written_out(found: Solution) -> Sheet:
    formulas = (Formula(symbol, "", (), found.shown[symbol], sums_of(found, symbol)) for symbol in ("G", "R", "H"))
    rows = tuple(row for formula in formulas for row in formula.written_out)
    return Sheet("Written out", ("number", "is", "value"), rows)


def _sections(found: Solution, view: View, given: Sheet, steps: Sheet, others: list[Sheet]) -> tuple[Section, ...]:
    """The same on paper: matrices beside their formulas."""
    matrices, few = found.shown, len(found.system.X) <= MOST_ROWS

    def formula(symbol: str) -> Formula:
        node = element_formula(found, symbol)
        inserted = matrix_numbers(node, "ᵢⱼ", lambda each, indices, _: _array(matrices, each), 1)
        sums = sums_of(found, symbol) if symbol != "dθ" and (view.explain or view.sums) else ()
        shown = inserted if few or symbol in ("H", "dθ") else ()
        return Formula(symbol, _text(found, symbol), shown, matrices[symbol], sums)

    known = [Formula(symbol, "", (), matrices[symbol]) for symbol in ("X", "Y") if few]
    known.append(Formula("c", _factor(found), (), as_matrix(matrices["c"])))
    known += [Formula("Λ", "", (), matrices["Λ"])] * bool(found.objective.l2)
    inverse = found.steps[-1][1].partition(" = ")[2].replace("Xᵀ Y", "R")
    value = np.array([[found.loss + found.penalty]])
    objective = Formula("J", found.steps[0][1].partition(" = ")[2].replace("θ", "θ*"), (), value)
    return (
        Section("Given", (given,)),
        Section("As matrices", tuple(known)),
        Section("Derivation", (steps,)),
        Section("The equations in numbers", (formula("G"), formula("R"), formula("H"))),
        Section("Solution", (Formula("θ*", inverse, (), matrices["θ"]), objective, formula("dθ"))),
        *(Section(sheet.title, (sheet,)) for sheet in others),
    )


def _factor(found: Solution) -> str:
    """c as a quotient, 2/(3·2) for the mean over 3 samples and 2 outputs; empty if nothing is averaged."""
    objective, counts = found.objective, found.system.Y.shape
    means = (objective.batch_reduction == "mean", objective.output_reduction == "mean")
    parts = [str(count) for count, mean in zip(counts, means, strict=True) if mean and count > 1]
    return "" if not parts else f"2/{parts[0]}" if len(parts) == 1 else f"2/({'·'.join(parts)})"


def _array(matrices: Mapping[str, Array], node: Any) -> Array:
    assert isinstance(node, Name)
    return np.atleast_2d(matrices[node.symbol])


# ----- The cost -------------------------------------------------------------------------------------------------------


def _cost(found: Solution) -> Sheet:
    """How the work grows with the number of columns."""
    (samples, outputs), own = found.system.Y.shape, len(found.names)
    rows: list[tuple[Cell, ...]] = []
    for p in sorted({own, *GROWING}):
        cost = solving_cost(p, samples, outputs)
        seconds = time((cost.product + cost.solving) / PER_SECOND)
        product, solving, gradient = map(_count, (cost.product, cost.solving, cost.gradient))
        rows.append((whole(p), size(cost.memory), product, solving, seconds, gradient))
    columns = ("p", "memory of G", "for G and R", "for θ*", "at 10¹⁰/s", "one gradient")
    n, m = counted(samples, "sample"), counted(outputs, "output")
    return Sheet(f"Multiply–adds for p columns, {n} and {m}: about p³/6 for θ*", columns, tuple(rows))


def _count(count: int) -> WithUnit:
    """All digits, or three of a very large number."""
    return whole(count) if count < LARGE else WithUnit(f"{count:.2e}".replace("e+0", "e").replace("e+", "e"))


def _closing(found: Solution, digits: int) -> Iterator[str]:
    largest = float(np.abs(found.gradient).max())
    scale = max(float(np.abs(found.system.c * found.matrices["R"]).max()), np.finfo(float).tiny)
    zero = ", 0 except for rounding" if largest <= ZERO * scale else ""
    values = f"L = {number(found.loss, digits)}"
    if found.objective.regularized:
        values += f", λΩ = {number(found.penalty, digits)}, J = {number(found.loss + found.penalty, digits)}"
    yield f"at θ* {values}; the largest |dθ| is {largest:.1e}{zero}"
    eigenvalues = found.eigenvalues
    if not found.singular:
        span = f"its eigenvalues are from {eigenvalues[-1]:.4g} to {eigenvalues[0]:.4g}"
        yield f"H is positive definite, {span}: this is the only minimum of J"
        return
    lacking = counted(len(found.names) - found.rank, "direction")
    yield (
        f"H is singular, with rank {found.rank} for {len(found.names)} columns: J is constant in {lacking}, "
        "so there are infinitely many minima; θ* is the one nearest to 0"
    )


# ----- For programs ---------------------------------------------------------------------------------------------------


def _document(found: Solution, others: list[Dependence]) -> dict[str, Any]:
    matrices = found.matrices
    samples, outputs = found.system.Y.shape
    named = {"X": "X", "Y": "Y", "G": "XtX", "R": "XtY", "H": "hessian", "θ": "theta", "dθ": "gradient"}
    return {
        **objective_document(found.objective),
        "columns": list(found.names),
        "outputs": list(found.outputs),
        "c": found.system.c,
        "penalties": found.system.penalties.tolist(),
        **{name: matrices[symbol].tolist() for symbol, name in named.items()},
        "loss_after": found.loss,
        "penalty_after": found.penalty,
        "rank": found.rank,
        "eigenvalues": found.eigenvalues.tolist(),
        "dependent_columns": [
            {"column": found.names[each.column], "of": {found.names[k]: factor for k, factor in each.of.items()}}
            for each in others
        ],
        "multiply_adds": [
            {**cost._asdict(), "bytes": cost.memory}
            for p in sorted({len(found.names), *GROWING})
            for cost in [solving_cost(p, samples, outputs)]
        ],
    }


def _flat(found: Solution) -> Sheet:
    """A row for each parameter."""
    rows = tuple(
        (symbol, found.names[j], found.outputs[i], float(found.theta[j, i]), float(found.gradient[j, i]))
        for symbol, (j, i) in _symbols(found)
    )
    return Sheet("", ("parameter", "column", "output", "value", "gradient"), rows)
