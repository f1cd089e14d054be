"""A trace as a report: tables, formulas, and a document for programs; and a report as an exercise, with blanks."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import spelled
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer
from mlpcli.derivation.paper import explained, paper
from mlpcli.derivation.quantities import Shown, View
from mlpcli.derivation.tables import given_sheet, large, step_sheets
from mlpcli.derivation.trace import Trace
from mlpcli.report.numbers import Decimals, counted, number
from mlpcli.report.sheet import Cell, Formula, Report, Section, Sheet

if TYPE_CHECKING:  # a plain trace imports neither the check nor the hand calculation
    from mlpcli.derivation.check import Check


def trace_report(
    trace: Trace,
    view: View,
    checked: "Check | None" = None,
    true: Trace | None = None,
    background: Mapping[str, str] = MappingProxyType({}),
    features: Sequence[str] = (),
) -> Report:
    """All steps. `checked` adds numerical derivatives; `true` is the exact trace, for a trace by another rule.

    `background` adds facts about the network, by their names, and `features` the names of its inputs for programs.
    """
    sheets: list[Sheet] = [] if view.narrowed else [given_sheet(trace, view.whole, background)]
    for place in range(len(trace.steps)):
        sheets += step_sheets(trace, place, view)
        if view.explain:
            sheets.append(explained(trace, place, view))
    proofs = list(_proofs(trace, view, checked, true))
    most = 0 if trace.digits is None else 2 * trace.digits
    closing = tuple(_closing_lines(trace, checked, Decimals(view.digits, most)))
    sections = _sections(trace, proofs, view) if view.typeset and not large(trace.steps[0]) else ()
    document, flat = trace_document(trace, checked, view, features), flat_sheet(trace, view, features)
    return Report("trace", document, flat, (*sheets, *proofs), closing, sections, most_decimals=most)


def _proofs(trace: Trace, view: View, checked: "Check | None", true: Trace | None) -> Iterator[Sheet]:
    """The numerical derivatives, and the exact numbers beside a hand calculation."""
    if checked and view.only in (None, "backward"):
        yield checked.sheet(view)
    if true is not None and view.only != "forward":
        from mlpcli.derivation.hand_calculation import side_by_side

        yield side_by_side(trace, true, view)


def _sections(trace: Trace, proofs: list[Sheet], view: View) -> tuple[Section, ...]:
    """The derivation, and each proof under its own heading."""
    return (*paper(trace, view), *(Section(sheet.title, (sheet,)) for sheet in proofs))


def _closing_lines(trace: Trace, checked: "Check | None", digits: Decimals) -> Iterator[str]:
    for step in trace.steps:
        prefix = f"step {step.t}: " if len(trace.steps) > 1 else ""
        parts = f"L = {number(step.loss, digits)}"
        if trace.objective.regularized:
            parts += f", λΩ = {number(step.penalty, digits)}, J = {number(step.objective, digits)}"
        yield f"{prefix}{parts}; after the update L = {number(step.loss_after, digits)}"
    if trace.digits is not None:
        from mlpcli.derivation.hand_calculation import spelled_rounding

        yield spelled_rounding(trace.digits)
    if checked:
        yield checked.line(len(trace.steps) > 1)
    if trace.rule == "lecture":
        from mlpcli.derivation.hand_calculation import confession

        yield from confession(trace)


# ----- For programs ---------------------------------------------------------------------------------------------------


def trace_document(trace: Trace, checked: "Check | None", view: View, features: Sequence[str]) -> dict[str, Any]:
    """All numbers that are shown, for programs."""
    document = {**made_with(trace), **({"features": [*features]} if features else {})}
    document["steps"] = [_step_document(trace, k, view) for k in range(len(trace.steps))]
    if checked:
        document["check"] = checked.document
    return document


def made_with(trace: Trace) -> dict[str, Any]:
    """The rule, the objective and the optimizer of a trace: the head of its document."""
    return {
        "rule": trace.rule,
        "round_steps": trace.digits,
        **objective_document(trace.objective),
        "optimizer": optimizer_document(trace.optimizer, trace.learning_rate),
        "freeze_bias": trace.freeze_bias,
    }


def objective_document(objective: Objective) -> dict[str, Any]:
    """The loss with its reductions, and the regularizer."""
    return {
        "loss": {
            "name": objective.loss.name,
            "output_reduction": objective.output_reduction,
            "batch_reduction": objective.batch_reduction,
        },
        "regularizer": {"l1": objective.l1, "l2": objective.l2, "biases": objective.regularize_bias},
    }


def optimizer_document(optimizer: Optimizer, learning_rate: float) -> dict[str, Any]:
    """The optimizer with its parameters."""
    choice = spelled(optimizer, OPTIMIZERS)
    return {"name": optimizer.name, "choice": choice, "learning_rate": learning_rate, **optimizer.parameters}


def _step_document(trace: Trace, number: int, view: View) -> dict[str, Any]:
    """The quantities of the whole step; inside it those of each layer, and the optimizer state by layer."""
    numbered, step = enumerate(trace.network.layers, 1), trace.steps[number]
    layers: dict[int, dict[str, Any]] = {
        k: {"layer": k, "activation": spelled(layer.activation, ACTIVATIONS)}
        for k, layer in numbered
        if view.layer in (None, k)
    }
    slots: dict[str, dict[int, dict[str, Any]]] = {name: {k: {"layer": k} for k in layers} for name in step.slots}
    document: dict[str, Any] = {}
    for shown in view.shown_of(trace, number):
        slot, dot, letter = shown.name.rpartition(".")
        place = slots[slot][shown.layer] if dot else layers[shown.layer] if shown.layer else document
        place[letter] = _plain(shown.values)
    document["layers"] = list(layers.values())
    if view.only in (None, "update"):
        document["slots"] = {name: list(parts.values()) for name, parts in slots.items()}
    return document


def flat_sheet(trace: Trace, view: View, features: Sequence[str]) -> Sheet:
    """One row per number that is shown. A quantity of no sample has no sample number; a vector has no row number.

    If the inputs have names, a number that belongs to one has its name.
    """
    rows: list[tuple[Cell, ...]] = []
    for place, step in enumerate(trace.steps):
        for shown in view.shown_of(trace, place):
            names = dict(enumerate(features if shown.is_over_inputs else (), 1))
            for where, value in _numbers(shown):
                named = (names.get(where[-1] or 0),) if features else ()
                rows.append((step.t, shown.layer or None, shown.name, *where, value, *named))
    columns = ("step", "layer", "quantity", "sample", "row", "column", "value", *(("feature",) if features else ()))
    return Sheet("", columns, tuple(rows))


def _numbers(shown: Shown) -> Iterator[tuple[tuple[int | None, ...], float | None]]:
    """Each number with its sample, row and column."""
    values = np.asarray(shown.values, np.float64)
    for index in np.ndindex(values.shape):
        places = [i + 1 for i in index]
        sample = places.pop(0) if shown.per_sample else None
        yield (sample, *(None, None, *places)[-2:]), _plain(values[index])


def _plain(values: Array | float) -> Any:
    """Nested lists, or a number; None for a number that is not finite, such as dŷ if ŷ is 0: JSON cannot write it."""
    plain = np.asarray(values).astype(object)
    plain[~np.isfinite(values)] = None
    return plain.tolist()


# ----- An exercise: what is derived on paper without its results, with blanks to fill in ------------------------------


class Assignment(NamedTuple):
    """What to compute, and the symbol of what a large report leaves out although the task needs it."""

    title: str
    text: str
    needs: str = ""


ASSIGNMENTS = {  # by the kind of report
    "trace": Assignment(
        "Exercise: back-propagation by hand",
        "Compute the forward pass, the loss, the gradients from the last layer down to the first, and the update.",
    ),
    "normal-equations": Assignment(
        "Exercise: the normal equations by hand",
        "Compute G, R and H, solve H θ* = c R for θ*, and compute J and its gradient there.",
        "X",
    ),
}
NEEDED_BY_NOTHING = "dx"  # no parameter's gradient is computed from it


def exercise(report: Report, digits: int, *facts: str) -> Report:
    """The report without its results: only the formulas of its sections, with NaN for the numbers to compute.

    Tables, closing lines and the document are results too, so they are left out. The task comes first, with the number
    of decimals, and the `facts` about it.

    Raises ChoiceError if the report leaves out what is to be given.
    """
    task = ASSIGNMENTS[report.kind]
    if task.needs and all(block.symbol != task.needs for block in _formulas(report.sections)):
        raise ChoiceError(f"--exercise: {task.needs} is too large for a sheet; choose at most 10 samples")
    sections = (Section(section.title, tuple(_blanks(section))) for section in report.sections)
    kept = tuple(section for section in sections if section.blocks)
    opening = tuple(_task(task.text, kept, digits, facts))
    return Report(report.kind, {}, Sheet("", (), ()), (), sections=kept, title=task.title, opening=opening)


def _task(task: str, sections: Sequence[Section], digits: int, facts: Iterable[str]) -> Iterator[str]:
    """The task, and the facts that a student needs for it."""
    accuracy = f"to {counted(digits, 'decimal')}" if digits else "to whole numbers"
    yield f"{task} Write each number {accuracy}."
    yield from facts
    if any(re.search(r"\blog\b", block.formula) for block in _formulas(sections)):  # and not log₁₀, as on the slide
        yield "In all formulas log is the natural logarithm, to base e."


def _formulas(sections: Iterable[Section]) -> list[Formula]:
    return [block for section in sections for block in section.blocks if isinstance(block, Formula)]


def _blanks(section: Section) -> Iterator[Formula]:
    """The formulas with blanks for their values, of the same shape. A value without a formula is given and stays."""
    for block in _formulas([section]):
        if not block.formula:
            yield block
        elif not block.symbol.startswith(NEEDED_BY_NOTHING):
            yield block._replace(inserted=(), value=np.full(block.value.shape, np.nan), sums=())
