"""The cost of a training as a report: what is counted from its shapes, then the times that are measured and estimated.

A report is a document, each number with its unit in its name, and tables of it.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.families import spelled
from mlpcli.core.memory import CountedNumber, Workload, memory_of, training_memory
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.cost.cost import Cost, CostQuestion, cost_of
from mlpcli.cost.operations import STAGES, Share, StepOperation, Work, step_operations, training_work, work_of
from mlpcli.report.network_report import network_words
from mlpcli.report.numbers import WithUnit, counted, rate, share, size, time, whole
from mlpcli.report.sheet import Cell, Report, Sheet

CONVENTION = (
    "1 multiply-add = 2 FLOPs; any other operation on a number, a comparison or an exponential too, = 1; "
    "no gradient of the input; bytes are those that operations read and write; "
    "metrics and the evaluation after training are left out"
)


def cost_report(question: CostQuestion) -> Report:
    """The lecture's two questions first, then what is counted, measured and estimated."""
    cost = cost_of(question)
    document, workload = _counted_document(cost), cost.workload
    sheets, closing = _counted_sheets(workload, document), tuple(cost.missing_memory())
    if cost.has_times:  # only then the module of times is imported
        from mlpcli.cost.timed import answers, timed_document, timed_sheets

        document |= timed_document(cost)
        sheets += tuple(timed_sheets(cost, document))
        closing += tuple(answers(cost, document))
    title = f"Cost of training on {counted(workload.training, 'sample')}: {network_words(workload.layers)}"
    flat = Sheet("", ("figure", "value"), tuple(_leaves("", document)))
    return Report("runtime", document, flat, sheets, closing, title=title)


def _leaves(path: str, value: Any) -> Iterator[tuple[Cell, ...]]:
    """Each number in a part of the document, under its path."""
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for key, inner in pairs:
            yield from _leaves(f"{path}.{key}" if path else f"{key}", inner)
    else:
        yield path, value


# ----- As a document --------------------------------------------------------------------------------------------------


def _counted_document(cost: Cost) -> dict[str, Any]:
    """All that follows from the shapes alone."""
    workload, shares = cost.workload, training_work(cost.workload)
    operations = step_operations(workload, workload.batch)
    stages = {stage: [one for one in operations if one.stage == stage] for stage in STAGES}
    return {
        "convention": CONVENTION,
        "training": {**_training(workload), "threads": cost.asked.threads},
        "layers": _layers(workload),
        "parameters": workload.parameters,
        "parameters_bytes": workload.dtype.itemsize * workload.parameters,
        "operations": list(map(_operation, operations)),
        "step": {**{stage: _work(work_of(those)) for stage, those in stages.items()}, **_work(work_of(operations))},
        "work": list(map(_share, shares)),
        "multiply_adds": sum(share.work.multiply_adds for share in shares),
        "flops": sum(share.work.flops for share in shares),
        "memory": [{"arrays": part.name, **_quantity(part.size, "bytes")} for part in training_memory(workload)],
        "memory_bytes": memory_of(workload),
        "free_memory_bytes": cost.free,
        "fits": cost.fits(cost.asked),
        "not_measured_because": cost.asked.unmeasured,
    }


def _training(workload: Workload) -> dict[str, Any]:
    return {
        "training_samples": workload.training,
        "validation_samples": workload.validation,
        "test_samples": workload.test,
        "batch_samples": workload.batch,
        "last_batch_samples": workload.last_batch,
        "epochs": workload.epochs,
        "updates_per_epoch": workload.updates_per_epoch,
        "updates": workload.updates,
        "optimizer": spelled(workload.optimizer, OPTIMIZERS),
        "loss": workload.objective.loss.name,
        "dtype": workload.dtype.name,
    }


def _layers(workload: Workload) -> list[dict[str, Any]]:
    item = workload.dtype.itemsize
    return [
        {
            "layer": k,
            "inputs": layer.inputs,
            "units": layer.units,
            "activation": spelled(layer.activation, ACTIVATIONS),
            "weights": layer.units * layer.inputs,
            "weights_bytes": item * layer.units * layer.inputs,
            "parameters": layer.size,
            "parameters_bytes": item * layer.size,
        }
        for k, layer in enumerate(workload.layers, 1)
    ]


def _operation(one: StepOperation) -> dict[str, Any]:
    counts = {"multiply_adds": one.multiply_adds, **_quantity(one.flops, "flops"), **_quantity(one.bytes, "bytes")}
    return {"layer": one.layer, "stage": one.stage, "operation": one.name, **counts}


def _work(work: Work) -> dict[str, int]:
    return {"multiply_adds": work.multiply_adds, "product_flops": 2 * work.multiply_adds, **work._asdict()}


def _share(share: Share) -> dict[str, Any]:
    return {
        "part": share.name,
        "times": share.times,
        "multiply_adds_each": share.each.multiply_adds,
        "multiply_adds": share.work.multiply_adds,
        "flops_each": share.each.flops,
        "flops": share.work.flops,
    }


def _quantity(quantity: CountedNumber, unit: str) -> dict[str, Any]:
    return {f"{unit}_formula": quantity.formula, f"{unit}_inserted": quantity.inserted, unit: quantity.value}


# ----- Tables: the unit of a number is in its name ------------------------------------------------------------------

Columns = Mapping[str, str]  # head -> key of its number in the document
UNITS: Mapping[str, Callable[[Any], Cell]] = {
    "gflops_per_second": rate,
    "seconds": time,
    "bytes": size,
    "share": share,
}
OPERATIONS = {
    "k": "layer",
    "operation": "operation",
    "formula": "flops_formula",
    "in numbers": "flops_inserted",
    "FLOPs": "flops",
}
STAGE = {
    "": "stage",
    "multiply–adds": "multiply_adds",
    "their FLOPs": "product_flops",
    "all FLOPs": "flops",
    "touched": "bytes",
}
SHARE = {"": "part", "times": "times", "FLOPs each": "flops_each", "FLOPs": "flops"}
MEMORY = {"arrays": "arrays", "size": "bytes", "bytes": "bytes_formula", "in numbers": "bytes_inserted"}
WEIGHTS = {
    "layer": "layer",
    "W": "shape",
    "weights": "weights",
    "size": "weights_bytes",
    "activation": "activation",
    "parameters": "parameters",
}


def table(title: str, columns: Columns, rows: Iterable[Mapping[str, Any]], keys: int = 1) -> Sheet:
    """Rows of the document as a table. A number that a row does not have is left empty."""
    cells = tuple(
        tuple(_shown(key, row[key]) if key in row else WithUnit("") for key in columns.values()) for row in rows
    )
    return Sheet(title, tuple(columns), cells, keys)


def _shown(key: str, value: Any) -> Cell:
    """A number with the unit that is in its name, or a count."""
    if value is None or isinstance(value, str):
        return value
    form = next((form for unit, form in UNITS.items() if unit in key), whole)
    return form(value)


def _counted_sheets(workload: Workload, document: dict[str, Any]) -> tuple[Sheet, ...]:
    """The lecture's questions first, then the rest."""
    step, batch, dtype = document["step"], f"{workload.batch:,}", workload.dtype.name
    stages = [*({"stage": name, **step[name]} for name in STAGES), {"stage": "a step", **step}]
    products = {"multiply_adds": document["multiply_adds"], "product_flops": 2 * document["multiply_adds"]}
    training = {"stage": "training", **products, "flops": document["flops"]}
    in_all = {"part": "in all", "flops": document["flops"]}
    operations = ({**one, "layer": "θ" if one["layer"] is None else one["layer"]} for one in document["operations"])
    of_a_step = f"Counted: layer k in a step with n = {batch} in {dtype} (1 multiply–add = 2 FLOPs)"
    by_stage = "Counted: by stage; metrics and the evaluation after training are left out"
    memory = f"Counted: memory, {size(document['memory_bytes'])}, plus temporary arrays"
    return (
        _updates_sheet(workload),
        _weights_sheet(workload, document["layers"]),
        table(of_a_step, OPERATIONS, operations, keys=2),
        table(by_stage, STAGE, [*stages, training]),
        table(f"Counted: a training run of {counted(workload.epochs, 'epoch')}", SHARE, [*document["work"], in_all]),
        table(memory, MEMORY, document["memory"]),
    )


def _updates_sheet(workload: Workload) -> Sheet:
    """The lecture's first question."""
    each, last = workload.updates_per_epoch, workload.last_batch
    remains = f", its last batch of {last:,}" if last != workload.batch else ""
    return Sheet(
        f"How many gradient updates? {workload.updates:,}: {each:,} per epoch{remains}",
        ("", "formula", "in numbers", "updates"),
        (
            ("an epoch", "⌈samples/n⌉", f"⌈{workload.training}/{workload.batch}⌉", whole(each)),
            ("in all", "epochs·⌈samples/n⌉", f"{workload.epochs}·{each}", whole(workload.updates)),
        ),
    )


def _weights_sheet(workload: Workload, layers: list[dict[str, Any]]) -> Sheet:
    """The lecture's second question."""
    weights, in_all = (sum(layer[key] for layer in layers) for key in ("weights", "weights_bytes"))
    question = f"How large {'are the weight matrices' if len(layers) > 1 else 'is the weight matrix'}?"
    total = {"layer": "Σ", "shape": "", "weights": weights, "weights_bytes": in_all, "activation": ""}
    rows = ({**layer, "shape": f"{layer['units']}×{layer['inputs']}"} for layer in layers)
    title = f"{question} {size(in_all)}, with biases {workload.parameters:,} parameters"
    return table(title, WEIGHTS, [*rows, {**total, "parameters": workload.parameters}])
