"""The plot of a slice: J and dJ/dw as curves, and the lecture's four steps of the analytical approach as tables."""

from math import nan

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.plot.forms import Plot, WithTables
from mlpcli.plot.history import CurvesPicture
from mlpcli.plot.parameters import Problem
from mlpcli.plot.slice import CORNER, END, FLAT, Slice, Stationary, usual_range
from mlpcli.report.curves import Curve, Curves
from mlpcli.report.notation import Parameter, element, raised
from mlpcli.report.numbers import counted, finite, significant
from mlpcli.report.sheet import Cell, Report, Sheet

DIGITS = 4
FAR = 1.5  # of the usual range: where J still falls at the end of a longer one, it may fall forever
NAMES = ("kind", "from", "to", "objective", "derivative", "least")  # in JSON and CSV


def slice_plot(found: Slice) -> Plot:
    """The curves of J and of its derivative, with each w*, and the four steps."""
    problem, w, title = found.problem, found.parameter, found.problem.title
    curves = (
        _curves(found, f"{problem.J} of {title}", found.objective),
        _curves(found, f"d{problem.J}/d{w.symbol}", None),
    )
    picture = WithTables(CurvesPicture(curves), (_steps(found), _losses(found)), (_closing(found),))
    columns = [[*map(finite, values.tolist())] for values in (found.w, found.objective, found.derivative)]
    places = [(row.kind, *map(finite, row[1:]), k == found.least) for k, row in enumerate(found.stationary)]
    rows: list[tuple[Cell, ...]] = [("curve", x, *row, "") for x, *row in zip(columns[0], *columns, strict=True)]
    rows += [(*row[:-1], "least" * (k == found.least)) for k, row in enumerate(places)]
    document = {
        "title": title,
        "parameter": w.key,
        "value": found.now,
        "objective": "loss + penalty" if problem.objective.regularized else "loss",
        "samples": len(problem.x),
        "curve": dict(zip(("w", "objective", "derivative"), columns, strict=True)),
        "stationary": [dict(zip(NAMES, place, strict=True)) for place in places],
    }
    return Plot(picture, Report("slice", document, Sheet("", NAMES, tuple(rows)), ()))


def _derivative(problem: Problem, w: Parameter) -> str:
    """The formula of dJ/dw in back-propagation: 1/n Σ da₂⁽¹⁾ x₁ + λ₂ w₂₁⁽¹⁾."""
    layer, k, objective = problem.network.layers[w.layer - 1], w.layer, problem.objective
    factors = [element(f"da{raised(k)}", (layer.units, 1), w.at[0], 0)]
    if w.letter == "W":
        factors.append(element(f"h{raised(k - 1)}" if k > 1 else "x", (layer.inputs, 1), w.at[1], 0))
    elif w.letter == "α":
        factors = [f"∂h/∂α {factors[0].replace('da', 'dh')}"]
    total = "" if len(problem.x) == 1 else {"mean": "1/n Σ ", "sum": "Σ "}[objective.batch_reduction]
    total = "Σ ω " if problem.weights is not None or objective.class_weights is not None else total
    terms = [total + " ".join(factors)]
    if w.letter == "W" or (w.letter == "b" and objective.regularize_bias):
        terms += [f"λ₂ {w.symbol}"] if objective.l2 else []
        terms += [f"λ₁ sign({w.symbol})"] if objective.l1 else []
    return " + ".join(terms)


def _curves(found: Slice, title: str, objective: Array | None) -> Curves:
    """J with a marker at the present value, or for None its derivative, and the places w* as points."""
    step = found.w[1] - found.w[0]
    present = np.flatnonzero(np.abs(found.w - found.now) <= step / 2)[:1]
    w_star = np.array([end for row in found.stationary[1:-1] for end in dict.fromkeys((row.start, row.end))])
    if objective is None:
        name, values, at_w_star = "derivative", found.derivative, np.zeros_like(w_star)
    else:
        name, values, at_w_star = found.problem.J, objective, np.interp(w_star, found.w, objective)
        name += f", now at {found.now:.3g}" if len(present) else ""
    line = Curve(name, found.w, values, marks=present)
    apart = (np.column_stack([column, np.full_like(column, nan)]).ravel() for column in (w_star, at_w_star))
    return Curves(title, found.parameter.symbol, (line, Curve(f"{found.letter}*", *apart)) if len(w_star) else (line,))


# ----- Tables -------------------------------------------------------------------------------------------------------


def _steps(found: Slice) -> Sheet:
    """The lecture's four steps."""
    J, name, least = found.problem.J, found.parameter.symbol, found.stationary[found.least]
    kind, others = least.kind.partition(":")[0], found.problem.network.theta.size - 1
    zeros = [_where(row) + " (jumps)" * row.kind.startswith(CORNER) for row in found.stationary if row.kind != END]
    results = {
        "choose a weight": f"{name} = {significant(found.now, DIGITS)}; {counted(others, 'other parameter')} fixed",
        f"d{J}/d{name} as a function": f"{_derivative(found.problem, found.parameter)}, at {len(found.w)} points",
        "where it is 0": "; ".join(zeros) or f"nowhere from {found.w[0]:g} to {found.w[-1]:g}",
        f"the least {J}": f"{significant(least.objective, DIGITS)} at {_where(least)}, {kind}",
    }
    rows = tuple((number, *row) for number, row in enumerate(results.items(), 1))
    return Sheet("The analytical approach, for one weight", ("step", "what", "result"), rows)


def _where(row: Stationary) -> str:
    start, end = significant(row.start, DIGITS), significant(row.end, DIGITS)
    return start if row.start == row.end else f"{start} … {end}"


def _losses(found: Slice) -> Sheet:
    """Each w*, with the ends of the range beside them."""
    J, w = found.problem.J, found.letter
    rows = tuple(
        (_where(row), finite(row.objective), finite(_rounded(row)), row.kind + " ← least" * (k == found.least))
        for k, row in enumerate(found.stationary)
    )
    return Sheet(f"{J} at each {w}*", (f"{w}*", J, f"d{J}/d{w}", "kind"), rows)


def _rounded(row: Stationary) -> float:
    """The derivative, without what rounding leaves of 0."""
    return row.derivative if row.kind == END or np.isnan(row.derivative) else 0.0


def _closing(found: Slice) -> str:
    """What the least of them means."""
    least, name, J = found.stationary[found.least], found.parameter.symbol, found.problem.J
    if least.kind == FLAT and (least.start, least.end) == (found.w[0], found.w[-1]):
        return f"{J} does not depend on {name} in this range"
    if least.kind != END:
        return f"{J} is least at {name} = {_where(least)}, in this range, all other parameters fixed"
    length = found.w[-1] - found.w[0]
    low, high = (found.w[0] - length, found.w[-1]) if found.least == 0 else (found.w[0], found.w[-1] + length)
    usual = -np.subtract(*usual_range(found.now))
    further = f"--range {low:g},{high:g} goes further" if length < FAR * usual else "it may fall forever"
    return f"no {found.letter}* has the least {J}, which falls up to the end of the range; {further}"
