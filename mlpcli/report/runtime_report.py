"""What `mlp estimate-runtime` says: the lecture's two questions first, then what is counted, measured and estimated."""

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.cost.memory import training_memory
from mlpcli.core.cost.work import PASSES, bytes_of, flops_of, multiply_adds_of, step_operations, training_work
from mlpcli.core.cost.workload import Workload
from mlpcli.core.families import spelled
from mlpcli.report.runtime_document import counted_document, flat
from mlpcli.report.sheet import Figure, Report, Sheet
from mlpcli.report.units import size, whole


def runtime_report(workload: Workload) -> Report:
    """All that was asked for."""
    document = counted_document(workload)
    sheets = (
        updates_sheet(workload),
        weights_sheet(workload),
        operations_sheet(workload),
        work_sheet(workload),
        memory_sheet(workload),
    )
    return Report("runtime", document, flat(document), sheets)


def updates_sheet(workload: Workload) -> Sheet:
    """The lecture's first question."""
    return Sheet(
        f"How many gradient updates? {workload.updates:,}",
        ("", "formula", "in numbers", "updates"),
        (
            (
                "an epoch",
                "⌈samples / n⌉",
                f"⌈{workload.training} / {workload.batch}⌉",
                whole(workload.updates_per_epoch),
            ),
            (
                "in all",
                "epochs · updates an epoch",
                f"{workload.epochs} · {workload.updates_per_epoch}",
                whole(workload.updates),
            ),
        ),
    )


def weights_sheet(workload: Workload) -> Sheet:
    """The lecture's second question."""
    item = workload.dtype.itemsize
    rows = [
        (
            Figure(str(k)),
            f"{layer.units}×{layer.inputs}",
            whole(layer.units * layer.inputs),
            size(item * layer.units * layer.inputs),
            whole(layer.units),
            spelled(layer.activation, ACTIVATIONS),
            whole(layer.size),
        )
        for k, layer in enumerate(workload.layers, 1)
    ]
    weights = sum(layer.units * layer.inputs for layer in workload.layers)
    biases = sum(layer.units for layer in workload.layers)
    total = ("Σ", "", whole(weights), size(item * weights), whole(biases), "", whole(workload.parameters))
    return Sheet(
        f"How large are the weight matrices? {workload.parameters:,} parameters with the biases, {workload.dtype.name}",
        ("layer", "W", "weights", "size", "biases", "activation", "parameters"),
        (*rows, total),
    )


def operations_sheet(workload: Workload) -> Sheet:
    """Every operation of a step."""
    operations = step_operations(workload, workload.batch)
    return Sheet(
        f"Counted: a step with n = {workload.batch} samples (a multiply–add is 2 FLOPs)",
        ("layer", "operation", "formula", "in numbers", "FLOPs"),
        tuple(
            (
                "θ" if one.layer is None else str(one.layer),
                one.name,
                one.flops.formula,
                one.flops.inserted,
                whole(one.flops.value),
            )
            for one in operations
        ),
        keys=2,
    )


def work_sheet(workload: Workload) -> Sheet:
    """A step by its stages, and the whole training."""
    operations = step_operations(workload, workload.batch)
    stages = [(stage, [one for one in operations if one.stage == stage]) for stage in PASSES]
    rows = [
        (
            name,
            whole(multiply_adds_of(those)),
            whole(2 * multiply_adds_of(those)),
            whole(flops_of(those)),
            size(bytes_of(those)),
        )
        for name, those in (*stages, ("a step", operations))
    ]
    total = sum(part.flops * part.times for part in training_work(workload))
    return Sheet(
        "Counted: forward, backward, update",
        ("", "multiply–adds", "their FLOPs", "all FLOPs", "touched"),
        (*rows, ("training", None, None, whole(total), None)),
    )


def memory_sheet(workload: Workload) -> Sheet:
    """The arrays of a training."""
    parts = training_memory(workload)
    total = sum(part.size.value for part in parts)
    return Sheet(
        "Counted: memory",
        ("arrays", "bytes", "in numbers", "size"),
        (
            *((part.name, part.size.formula, part.size.inserted, size(part.size.value)) for part in parts),
            ("Σ", "", "", size(total)),
        ),
    )
