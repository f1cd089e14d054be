"""A trace as formulas, in the order in which one writes it on paper: given, forward, loss, backward, update.

A vector is a column. Of several samples, what belongs to one carries its number: a⁽¹⁾[2].
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.by_hand import spelled_loss
from mlpcli.core.tracing import StepTrace, Trace
from mlpcli.report.layer_derivation import backward_formulas, forward_formulas, samples
from mlpcli.report.loss_formulas import WHOLE, formula_of_batch, formula_of_penalty, formula_of_sample
from mlpcli.report.loss_sums import sums_of_terms
from mlpcli.report.notation import raised
from mlpcli.report.pieces import Pieces, column, computed, reduced, scalar, upright
from mlpcli.report.sheet import Formula, Section
from mlpcli.report.trace_view import EVERYTHING, View
from mlpcli.report.update_derivation import constants, update_formulas


def derivation(trace: Trace, view: View = EVERYTHING) -> tuple[Section, ...]:
    """All steps, with the sum that each number is."""
    sections = [] if view.narrowed else [_given(trace)]
    for number, step in enumerate(trace.steps):
        prefix = f"Step {step.t}. " if len(trace.steps) > 1 else ""
        sections += [replace(part, title=prefix + part.title) for part in step_sections(trace, number, view)]
    return tuple(sections)


def step_sections(trace: Trace, number: int, view: View) -> Iterator[Section]:
    """What is shown of one of the steps (counted from 0), in the order of paper."""
    step, earlier = trace.steps[number], trace.steps[number - 1] if number else None
    layers = range(1, len(step.layers) + 1)
    for k in layers:
        if view.shows("forward", k):
            yield Section(f"Forward, layer {k}", tuple(forward_formulas(step, k)))
    if view.shows("loss"):
        yield Section(f"Loss, {trace.objective.loss.name}", tuple(_loss(trace, step)))
    for k in reversed(layers):
        if view.shows("backward", k):
            yield Section(f"Backward, layer {k}", tuple(backward_formulas(trace, step, k)))
    for k in layers:
        if view.shows("update", k):
            yield Section(f"Update, layer {k}", tuple(update_formulas(trace, step, earlier, k)))
    if view.shows("update"):
        yield Section("After the update", tuple(_after(trace, step)))


def without_sums(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The same sections without the sums."""
    return tuple(
        replace(
            section,
            blocks=tuple(replace(block, sums=()) if isinstance(block, Formula) else block for block in section.blocks),
        )
        for section in sections
    )


def _given(trace: Trace) -> Section:
    """The samples, the network before the first step, and the constants of the objective and of the optimizer."""
    step, objective = trace.steps[0], trace.objective
    found: dict[str, Array] = {}
    for n, which in samples(step):
        found |= {f"x{which}": column(step.x[n]), f"y{which}": column(step.y[n])}
    for k, layer in enumerate(step.layers, 1):
        W, b, alpha = layer.before
        found |= {f"W{raised(k)}": W, f"b{raised(k)}": column(b)}
        if alpha is not None:
            found[layer.activation.letter + raised(k)] = column(np.atleast_1d(alpha))
    scalars = {"λ₁": objective.l1, "λ₂": objective.l2}
    numbers = {letter: value for letter, value in scalars.items() if value} | constants(trace)
    found |= {letter: scalar(value) for letter, value in numbers.items()}
    formulas = tuple(Formula(symbol, "", (), value) for symbol, value in found.items())
    rule = "; the slide's rule, which is not the gradient" if trace.rule == "lecture" else ""
    return Section("Given" + rule, formulas)


def _loss(trace: Trace, step: StepTrace) -> Iterator[Formula]:
    """The terms ℓ, their sum or mean L for each sample and for all, and with a regulariser J = L + λΩ."""
    objective, outputs, several = trace.objective, step.y.shape[1], len(step.x) > 1
    formula, _ = spelled_loss(objective.loss, trace.rule)
    for n, which in samples(step):
        sums = upright(sums_of_terms(trace, step, n))
        yield Formula(f"ℓ{which}", formula, (), column(step.terms[n]), sums)
        text = formula_of_sample(objective, outputs, which)
        terms = reduced([(scalar(term),) for term in step.terms[n]], objective.output_factor(outputs))
        yield Formula(f"L{which}", text, computed(terms), scalar(step.losses[n] if several else step.loss))
    if several:
        losses = reduced([(scalar(loss),) for loss in step.losses], objective.batch_factor(len(step.x)))
        yield Formula("L", formula_of_batch(objective, len(step.x)), losses, scalar(step.loss))
    if objective.regularized:
        yield _penalty(trace, step)
        yield Formula("J", WHOLE, (scalar(step.loss), "+", scalar(step.penalty)), scalar(step.objective))


def _penalty(trace: Trace, step: StepTrace) -> Formula:
    """λΩ of the weights, or of all of θ."""
    objective = trace.objective
    parts = ("W", "b") if objective.regularize_bias else ("W",)
    taken = np.concatenate([np.ravel(getattr(layer.before, part)) for layer in step.layers for part in parts])
    pieces: list[Pieces] = []
    if objective.l2:
        pieces.append((scalar(0.5), "·", scalar(objective.l2), "·", scalar(np.sum(taken**2))))
    if objective.l1:
        pieces.append((scalar(objective.l1), "·", scalar(np.sum(np.abs(taken)))))
    return Formula("λΩ", formula_of_penalty(objective), reduced(pieces, 1), scalar(step.penalty))


def _after(trace: Trace, step: StepTrace) -> Iterator[Formula]:
    """What the update has brought."""
    yield Formula("new L", "L of the new parameters", (), scalar(step.loss_after))
    if trace.objective.regularized:
        loss, penalty = scalar(step.loss_after), scalar(step.penalty_after)
        yield Formula("new λΩ", "λΩ of the new parameters", (), penalty)
        yield Formula("new J", "new L + new λΩ", (loss, "+", penalty), loss + penalty)
