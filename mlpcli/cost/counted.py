"""What a training costs by its shapes: as a document, each figure with its unit in its name, and as tables of it."""

from collections.abc import Iterator, Sequence
from typing import Any

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.families import spelled
from mlpcli.core.memory import CountedNumber, Workload, memory_of, training_memory
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.cost.cost import Cost, cost_of
from mlpcli.cost.operations import (
    STAGES,
    Operation,
    bytes_of,
    flops_of,
    multiply_adds_of,
    step_operations,
    training_work,
)
from mlpcli.cost.question import CostQuestion
from mlpcli.report.network_report import network_words
from mlpcli.report.numbers import WithUnit, counted, size, whole
from mlpcli.report.sheet import Cell, Report, Sheet

CONVENTION = (
    "1 multiply-add = 2 FLOPs; any other operation on a number, a comparison or an exponential too, = 1; "
    "no gradient of the input; bytes are those that operations read and write; "
    "metrics and the evaluation after training are left out"
)


def cost_report(question: CostQuestion) -> Report:
    """The lecture's two questions first, then what is counted, measured and estimated."""
    cost = cost_of(question)
    document, workload = counted_document(cost), cost.workload
    sheets, closing = counted_sheets(workload, document), tuple(cost.missing_memory())
    if cost.has_times:  # and only then what tells of times is imported
        from mlpcli.cost.timed import answers, timed_document, timed_sheets

        document |= timed_document(cost)
        sheets += tuple(timed_sheets(cost, document))
        closing += tuple(answers(cost, document))
    title = f"Cost of training on {counted(workload.training, 'sample')}: {network_words(workload.layers)}"
    return Report("runtime", document, flat(document), sheets, closing, title=title)


def counted_document(cost: Cost) -> dict[str, Any]:
    """All that follows from the shapes alone."""
    workload = cost.workload
    work = training_work(workload)
    return {
        "convention": CONVENTION,
        "training": {**_training(workload), "threads": cost.timed.threads},
        "layers": _layers(workload),
        "parameters": workload.parameters,
        "parameters_bytes": workload.dtype.itemsize * workload.parameters,
        **_step(step_operations(workload, workload.batch)),
        "work": [
            {
                "part": share.name,
                "times": share.times,
                "multiply_adds_each": share.multiply_adds_each,
                "multiply_adds": share.multiply_adds,
                "flops_each": share.flops_each,
                "flops": share.flops,
            }
            for share in work
        ],
        "multiply_adds": sum(share.multiply_adds for share in work),
        "flops": sum(share.flops for share in work),
        "memory": [{"arrays": part.name, **_quantity(part.size, "bytes")} for part in training_memory(workload)],
        "memory_bytes": memory_of(workload),
        "free_memory_bytes": cost.free,
        "fits": cost.fits(cost.timed),
        "not_measured_because": cost.timed.unmeasured,
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


def _step(operations: Sequence[Operation]) -> dict[str, Any]:
    stages = {stage: [one for one in operations if one.stage == stage] for stage in STAGES}
    return {
        "operations": [
            {
                "layer": one.layer,
                "stage": one.stage,
                "operation": one.name,
                "multiply_adds": one.multiply_adds,
                **_quantity(one.flops, "flops"),
                **_quantity(one.touched, "bytes"),
            }
            for one in operations
        ],
        "step": {**{stage: _sums(those) for stage, those in stages.items()}, **_sums(operations)},
    }


def _sums(operations: Sequence[Operation]) -> dict[str, int]:
    return {
        "multiply_adds": multiply_adds_of(operations),
        "product_flops": 2 * multiply_adds_of(operations),
        "flops": flops_of(operations),
        "bytes": bytes_of(operations),
    }


def _quantity(quantity: CountedNumber, unit: str) -> dict[str, Any]:
    return {f"{unit}_formula": quantity.formula, f"{unit}_inserted": quantity.inserted, unit: quantity.value}


# ----- Tables -------------------------------------------------------------------------------------------------------


def counted_sheets(workload: Workload, document: dict[str, Any]) -> tuple[Sheet, ...]:
    """The lecture's questions first, then the rest."""
    stages = [*((stage, document["step"][stage]) for stage in STAGES), ("a step", document["step"])]
    work = [(row["part"], *(whole(row[key]) for key in ("times", "flops_each", "flops"))) for row in document["work"]]
    memory, batch, dtype = size(document["memory_bytes"]), f"{workload.batch:,}", workload.dtype.name
    return (
        _updates_sheet(workload),
        _weights_sheet(workload, document["layers"]),
        Sheet(
            f"Counted: layer k in a step with n = {batch} in {dtype} (1 multiply–add = 2 FLOPs)",
            ("k", "operation", "formula", "in numbers", "FLOPs"),
            tuple(map(_operation_row, document["operations"])),
            keys=2,
        ),
        Sheet(
            "Counted: by stage; metrics and the evaluation after training are left out",
            ("", "multiply–adds", "their FLOPs", "all FLOPs", "touched"),
            (
                *((name, *_sum_cells(sums), size(sums["bytes"])) for name, sums in stages),
                ("training", *_sum_cells({**document, "product_flops": 2 * document["multiply_adds"]}), ""),
            ),
        ),
        Sheet(
            f"Counted: a training of {counted(workload.epochs, 'epoch')}",
            ("", "times", "FLOPs each", "FLOPs"),
            (*work, ("in all", WithUnit(""), WithUnit(""), whole(document["flops"]))),
        ),
        Sheet(
            f"Counted: memory, {memory}, plus temporary arrays",
            ("arrays", "size", "bytes", "in numbers"),
            tuple(
                (row["arrays"], size(row["bytes"]), row["bytes_formula"], row["bytes_inserted"])
                for row in document["memory"]
            ),
        ),
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
    weights, bytes_in_all = (sum(layer[key] for layer in layers) for key in ("weights", "weights_bytes"))
    question = f"How large {'are the weight matrices' if len(layers) > 1 else 'is the weight matrix'}?"
    rows = [
        (
            str(layer["layer"]),
            f"{layer['units']}×{layer['inputs']}",
            whole(layer["weights"]),
            size(layer["weights_bytes"]),
            layer["activation"],
            whole(layer["parameters"]),
        )
        for layer in layers
    ]
    return Sheet(
        f"{question} {size(bytes_in_all)}, with biases {workload.parameters:,} parameters",
        ("layer", "W", "weights", "size", "activation", "parameters"),
        (*rows, ("Σ", "", whole(weights), size(bytes_in_all), "", whole(workload.parameters))),
    )


def _operation_row(row: dict[str, Any]) -> tuple[Cell, ...]:
    layer = "θ" if row["layer"] is None else str(row["layer"])
    return layer, row["operation"], row["flops_formula"], row["flops_inserted"], whole(row["flops"])


def _sum_cells(sums: dict[str, Any]) -> tuple[Cell, ...]:
    return tuple(whole(sums[key]) for key in ("multiply_adds", "product_flops", "flops"))


def flat(document: dict[str, Any]) -> Sheet:
    """One row per figure, under its path in the document."""
    return Sheet("", ("figure", "value"), tuple(_leaves("", document)))


def _leaves(path: str, value: Any) -> Iterator[tuple[Cell, ...]]:
    if isinstance(value, dict | list):
        pairs = value.items() if isinstance(value, dict) else enumerate(value, 1)
        for key, inner in pairs:
            yield from _leaves(f"{path}.{key}" if path else f"{key}", inner)
    else:
        yield path, value
