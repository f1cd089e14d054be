"""A trace as formulas, in the order in which you write it on paper: given, forward, loss, backward, update.

Each formula shows a line in four ways: in matrix form, in matrix form with numbers, as values, and each value as a sum.
If there are several samples, a quantity of one sample has the sample's number: a⁽¹⁾[2].
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.derivation.formula import SAMPLE, Name, Node, Total, names, rebuilt
from mlpcli.derivation.lines import Line, lines_of
from mlpcli.derivation.matrices import Pieces, matrix_numbers, matrix_text
from mlpcli.derivation.names import in_formula, symbol_of
from mlpcli.derivation.quantities import (
    EVERYTHING,
    INPUTS,
    View,
    before,
    constants_of,
    optimizer_constants,
    setting_of,
    values_of,
)
from mlpcli.derivation.setting import Quantity, Setting, quantity_of
from mlpcli.derivation.trace import Trace
from mlpcli.derivation.values import value
from mlpcli.derivation.writing import written
from mlpcli.report.sheet import Formula, Section, Sheet, as_matrix

FROZEN = ", frozen"  # follows the formula of a bias that stays as it was


def paper(trace: Trace, view: View = EVERYTHING) -> tuple[Section, ...]:
    """All steps."""
    sections = [] if view.narrowed else [_given(trace)]
    for number, step in enumerate(trace.steps):
        prefix = f"Step {step.t}. " if len(trace.steps) > 1 else ""
        sections += [part._replace(title=prefix + part.title) for part in step_sections(trace, number, view)]
    return tuple(sections)


def explained(trace: Trace, number: int, view: View = EVERYTHING) -> Sheet:
    """One of the steps (counted from 0): each number as a sum."""
    parts = step_sections(trace, number, view._replace(explain=True))
    formulas = (block for part in parts for block in part.blocks if isinstance(block, Formula))
    rows = tuple(row for formula in formulas for row in formula.written_out)
    return Sheet("Written out", ("quantity", "is", "value"), rows)


def step_sections(trace: Trace, number: int, view: View) -> Iterator[Section]:
    """The sections of one of the steps (counted from 0), in the order in which you write them on paper."""
    step = _Step(trace, number, view)
    for part, k in view.sections(step.setting.last):
        yield step.section(f"{part.capitalize()}, {f'layer {k}' if k else trace.objective.loss.name}", part, k)
    if view.shows("update"):
        yield Section("After the update", tuple(step.after()))


class FormulaTexts:
    """The lines of an update as text: each formula as in its table (activations, losses), or in matrix form."""

    def __init__(self, setting: Setting) -> None:
        self.setting = setting
        self.lines = {line.quantity: line for line in lines_of(setting)}
        self.several = "[s]" * (setting.samples > 1)  # marks one of several samples in a formula

    def equation(self, symbol: str, k: int = 0, sample: str | None = None) -> str:
        """The symbol of a quantity and its formula: da⁽¹⁾ = dh⁽¹⁾ ⊙ f′(a⁽¹⁾)."""
        line = self.lines[Quantity(symbol, k)]
        which = (self.several if sample is None else sample) * line.indices.startswith(SAMPLE)
        return f"{symbol_of(line.quantity, self.setting, which)} = {self.text(line, which)}"

    def equations(self, symbols: Iterable[str], k: int) -> str:
        """Those of the symbols that have a line."""
        return ", ".join(self.equation(symbol, k) for symbol in symbols if Quantity(symbol, k) in self.lines)

    def text(self, line: Line, sample: str) -> str:
        """The formula of a line, for the sample that `sample` names."""
        symbol, k = line.quantity
        if symbol == "h":
            activation = self.setting.layers[k - 1].activation
            return f"{activation.name}({symbol_of(Quantity('a', k), self.setting, sample)}) = {line.words}"
        if line.words and line.section != "update":
            return line.words
        text = matrix_text(self.shown(line.formula), line.indices, in_formula(self.setting, sample or self.several))
        return text + FROZEN * line.frozen

    def shown(self, node: Node) -> Node:
        """The formula with hidden quantities replaced by their formulas, and without a sum over one sample."""
        if isinstance(node, Total) and node.over == SAMPLE and self.setting.samples == 1:
            return self.shown(node.body)
        if isinstance(node, Name):
            line = self.lines.get(quantity_of(node))
            hidden = line.formula if line is not None and line.hidden else None
            return node if hidden is None else self.shown(hidden)
        return rebuilt(node, self.shown)


class _Step:
    """One step of a trace, written line by line."""

    def __init__(self, trace: Trace, number: int, view: View) -> None:
        self.setting, self.explain = setting_of(trace, view.merged), view.explain or view.sums
        self.texts = FormulaTexts(self.setting)
        self.lines = self.texts.lines.values()
        self.values = values_of(trace, number, view.merged)
        self.exact = trace.is_exact
        for line in self.lines:  # quantities that training does not compute
            if line.quantity not in self.values and not line.hidden:
                self.values[line.quantity] = value(line.formula, line.indices, self.of)

    def section(self, title: str, part: str, k: int) -> Section:
        """The lines of a layer, or of the loss. The gradient of x follows the gradients of layer 1."""
        unseen = () if self.setting.objective.regularized else ("Ω", "J")
        frozen = [line.quantity for line in self.lines if line.frozen and "." in line.quantity.symbol]
        own = [line for line in self.lines if line.section == part and not line.hidden and line.quantity not in frozen]
        shown = [
            line
            for line in own
            if line.quantity.layer == k or (line.quantity.symbol in INPUTS and k == 1)
            if line.quantity.symbol not in unseen
        ]
        return Section(title, tuple(self._formulas(shown)))

    def _formulas(self, lines: Iterable[Line]) -> Iterator[Formula]:
        """A formula per line. Lines that belong to a sample are grouped: all of sample 1, then all of sample 2."""
        for per_sample, group in groupby(lines, lambda line: line.indices.startswith(SAMPLE)):
            own = list(group)
            for n in range(self.setting.samples if per_sample else 1):
                yield from (self.formula(line, n) for line in own)

    def formula(self, line: Line, n: int) -> Formula:
        """The line, for sample n if it belongs to one."""
        per_sample = line.indices.startswith(SAMPLE)
        sample = f"[{n + 1}]" if per_sample and self.setting.samples > 1 else ""
        values = np.asarray(self.values[line.quantity], np.float64)
        values = as_matrix(values[n] if per_sample else values)
        symbol, text = symbol_of(line.quantity, self.setting, sample), self.texts.text(line, sample)
        sums = self.sums(line, {SAMPLE: n}, values) if self.explain else ()
        return Formula(symbol, text, self.inserted(line, n), values, sums)

    def inserted(self, line: Line, n: int) -> Pieces:
        """The matrix form with numbers, if it is more than one number."""
        symbol, k = line.quantity
        if symbol == "h":
            return (self.setting.layers[k - 1].activation.name, as_matrix(np.asarray(self.values[Quantity("a", k)][n])))
        if symbol in ("ℒ", "L"):
            return self._loss(symbol, n)
        if symbol == "Ω":
            return self._penalty()
        if symbol == "J":
            return as_matrix(self.values[Quantity("L")]), "+", as_matrix(self.values[Quantity("Ω")])
        if line.words and line.section != "update":
            return ()

        def arrays(node: Node, axes: str, sample: int) -> Array:
            each = any(SAMPLE in name.indices for name in names(node))
            values = value(node, SAMPLE * each + axes, self.of)
            return as_matrix(values[n if line.indices.startswith(SAMPLE) else sample] if each else values)

        pieces = matrix_numbers(self.texts.shown(line.formula), line.indices, arrays, self.setting.samples)
        return pieces if len(pieces) > 1 else ()

    def _loss(self, symbol: str, n: int) -> Pieces:
        """The terms of a sample, or the losses of all samples, with 1/n before them if their mean is taken."""
        objective, samples = self.setting.objective, self.setting.samples
        of_batch = symbol == "L" and samples > 1
        parts = self.values[Quantity("ℒ")] if of_batch else self.values[Quantity("ℓ")][n]
        share = objective.batch_factor(samples) if of_batch else objective.output_factor(len(parts))
        pieces = [piece for part in parts for piece in ("+", as_matrix(part))][1:]
        if of_batch and self.setting.weighted:
            factors = self.values[Quantity("ω")]
            weighted = [("+", as_matrix(w), "·", as_matrix(part)) for w, part in zip(factors, parts, strict=True)]
            return tuple(piece for term in weighted for piece in term)[1:]
        if symbol == "L" and self.setting.weighted:
            pieces = [as_matrix(self.values[Quantity("ω")][0]), "· (", *pieces, ")"]
        elif len(parts) == 1:
            return ()
        return tuple(pieces) if share == 1 else (f"1/{len(parts)} (", *pieces, ")")

    def _penalty(self) -> Pieces:
        """½ λ₂ Σ w² + λ₁ Σ |w|, with each sum as a number."""
        objective, letters = self.setting.objective, "Wb" if self.setting.objective.regularize_bias else "W"
        taken = [np.ravel(self.values[Quantity(v, k)]) for k in range(1, self.setting.last + 1) for v in letters]
        weights = np.concatenate(taken)
        squares = (as_matrix(0.5), "·", as_matrix(objective.l2), "·", as_matrix(np.sum(weights**2)))
        sizes = (as_matrix(objective.l1), "·", as_matrix(np.sum(np.abs(weights))))
        both: Pieces = ("+",) if objective.l2 and objective.l1 else ()
        return (*(squares if objective.l2 else ()), *both, *(sizes if objective.l1 else ()))

    def sums(self, line: Line, at: dict[str, int], values: Array) -> tuple[tuple[str, ...], ...]:
        """Each number of the line as a sum. Nothing for W̃ and h̃, and for Ω, whose sum has a term for each weight."""
        if line.quantity.symbol in ("Ω", "W̃", "h̃", "x̃"):
            return ()
        axes = line.indices.replace(SAMPLE, "")

        def text(i: int, j: int) -> str:
            places = {**at, **dict(zip(axes, (i, j), strict=False))}
            plain = written(line.formula, places, self.of)
            if line.stable is not None and self.exact and not plain.gives(float(values[i, j])):
                return written(line.stable, places, self.of).text
            return plain.text + FROZEN * line.frozen

        return tuple(tuple(text(i, j) for j in range(values.shape[1])) for i in range(values.shape[0]))

    def of(self, name: Name) -> Any:
        """The values of a name."""
        return self.values[quantity_of(name)]

    def after(self) -> Iterator[Formula]:
        """The loss after the update, and J if there is a regularizer."""
        loss, penalty, whole = (as_matrix(np.float64(self.values[Quantity(symbol)])) for symbol in ("L*", "Ω*", "J*"))
        yield Formula("new L", "L of the new parameters", (), loss)
        if self.setting.objective.regularized:
            yield Formula("new λΩ", "λΩ of the new parameters", (), penalty)
            yield Formula("new J", "new L + new λΩ", (loss, "+", penalty), whole)


def _given(trace: Trace) -> Section:
    """The samples, the network before the first step, and the constants of the objective and of the optimizer."""
    setting, values = setting_of(trace), before(trace)
    given: dict[str, Any] = {}
    for n in range(setting.samples):
        which = f"[{n + 1}]" if setting.samples > 1 else ""
        given |= {symbol + which: values[Quantity(symbol)][n] for symbol in ("x", "y")}
        given |= {f"ω{which}": values[Quantity("ω")][n] for _ in range(setting.weighted)}
    for k in range(1, setting.last + 1):
        own = [q for q in (*values, *constants_of(trace)) if q.layer == k and "." not in q.symbol]
        given |= {symbol_of(q, setting): values.get(q, setting.layers[k - 1].activation.alpha) for q in own}
    regularizer = {"λ₁": trace.objective.l1, "λ₂": trace.objective.l2}
    given |= {symbol: value for symbol, value in regularizer.items() if value}
    given |= optimizer_constants(trace)
    title = "Given; the slide's rule, which is not the gradient" if trace.rule == "lecture" else "Given"
    return Section(title, tuple(Formula(symbol, "", (), as_matrix(value)) for symbol, value in given.items()))
