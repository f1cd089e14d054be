"""What a training costs by its shapes alone: updates, weights, operations, memory."""

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.cost.cost import Timed
from mlpcli.core.cost.memory import memory_of, training_memory
from mlpcli.core.cost.step import STAGES, bytes_of, flops_of, multiply_adds_of, step_operations
from mlpcli.core.cost.work import training_work
from mlpcli.core.cost.workload import Workload
from mlpcli.core.families import spelled
from mlpcli.report.sheet import Figure, Sheet
from mlpcli.report.units import many, size, whole


def counted_sheets(workload: Workload) -> tuple[Sheet, ...]:
    """The lecture's questions first, then the rest."""
    return (
        updates_sheet(workload),
        weights_sheet(workload),
        operations_sheet(workload),
        stages_sheet(workload),
        work_sheet(workload),
        memory_sheet(workload),
    )


def updates_sheet(workload: Workload) -> Sheet:
    """The lecture's first question."""
    each, last = workload.updates_per_epoch, workload.last_batch
    remains = f", its last batch of {last:,}" if last != workload.batch else ""
    return Sheet(
        f"How many gradient updates? {workload.updates:,}: {each:,} an epoch{remains}",
        ("", "formula", "in numbers", "updates"),
        (
            ("an epoch", "⌈samples/n⌉", f"⌈{workload.training}/{workload.batch}⌉", whole(each)),
            ("in all", "epochs·⌈samples/n⌉", f"{workload.epochs}·{each}", whole(workload.updates)),
        ),
    )


def weights_sheet(workload: Workload) -> Sheet:
    """The lecture's second question."""
    item, layers = workload.dtype.itemsize, workload.layers
    rows = [
        (
            str(k),
            f"{layer.units}×{layer.inputs}",
            whole(layer.units * layer.inputs),
            size(item * layer.units * layer.inputs),
            spelled(layer.activation, ACTIVATIONS),
            whole(layer.size),
        )
        for k, layer in enumerate(layers, 1)
    ]
    weights = sum(layer.units * layer.inputs for layer in layers)
    question = f"How large {'are the weight matrices' if len(layers) > 1 else 'is the weight matrix'}?"
    return Sheet(
        f"{question} {size(item * weights)}, with biases {workload.parameters:,} parameters",
        ("layer", "W", "weights", "size", "activation", "parameters"),
        (*rows, ("Σ", "", whole(weights), size(item * weights), "", whole(workload.parameters))),
    )


def operations_sheet(workload: Workload) -> Sheet:
    """Every operation of a step."""
    operations = step_operations(workload, workload.batch)
    return Sheet(
        f"Counted: layer k in a step with n = {workload.batch:,} in {workload.dtype.name} (1 multiply–add = 2 FLOPs)",
        ("k", "operation", "formula", "in numbers", "FLOPs"),
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


def stages_sheet(workload: Workload) -> Sheet:
    """A step by its stages, and the whole training."""
    operations = step_operations(workload, workload.batch)
    stages = [(stage, [one for one in operations if one.stage == stage]) for stage in STAGES]
    work = training_work(workload)
    return Sheet(
        "Counted: by stage; metrics and the evaluation after training are left out",
        ("", "multiply–adds", "their FLOPs", "all FLOPs", "touched"),
        (
            *(
                (
                    name,
                    whole(multiply_adds_of(those)),
                    whole(2 * multiply_adds_of(those)),
                    whole(flops_of(those)),
                    size(bytes_of(those)),
                )
                for name, those in (*stages, ("a step", operations))
            ),
            (
                "training",
                whole(sum(share.multiply_adds for share in work)),
                whole(sum(2 * share.multiply_adds for share in work)),
                whole(sum(share.flops for share in work)),
                "",
            ),
        ),
    )


def work_sheet(workload: Workload) -> Sheet:
    """What the whole training is made of."""
    work = training_work(workload)
    return Sheet(
        f"Counted: a training of {many(workload.epochs, 'epoch')}",
        ("", "times", "FLOPs each", "FLOPs"),
        (
            *((share.name, whole(share.times), whole(share.flops_each), whole(share.flops)) for share in work),
            ("in all", Figure(""), Figure(""), whole(sum(share.flops for share in work))),
        ),
    )


def memory_sheet(workload: Workload) -> Sheet:
    """The arrays of a training."""
    parts = training_memory(workload)
    return Sheet(
        f"Counted: memory, {size(memory_of(workload))}, and what functions take for a moment",
        ("arrays", "size", "bytes", "in numbers"),
        tuple((part.name, size(part.size.value), part.size.formula, part.size.inserted) for part in parts),
    )


def too_large(workload: Workload, free: int | None) -> str:
    """That there is not enough memory."""
    assert free is not None
    needed, batch = size(memory_of(workload)), f"{workload.batch:,}"
    return f"too large for this machine with batches of {batch}: it needs up to {needed}, and {size(free)} are free"


def unmeasured(timed: Timed) -> str:
    """That there is not enough memory to measure."""
    return f"not measured with batches of {timed.workload.batch:,}: {timed.unmeasured}"
