"""`mlp estimate-runtime`"""

from typing import TYPE_CHECKING, Annotated, NamedTuple

from mlpcli.cli.groups import DATA, NETWORK, OBJECTIVE, OUTPUT, TRAINING, option
from mlpcli.cli.network_options import DTYPES, L1, L2, Activation, LastActivation
from mlpcli.cli.options import Format, Threads

if TYPE_CHECKING:
    from mlpcli.cost.cost import CostQuestion


class CostOptions(NamedTuple):
    """How many samples there are, the network, how it is trained, and what is measured."""

    samples: Annotated[str, option(DATA, "Number of samples, including those held out: 60000 or 6e4", metavar="N")] = (
        "60000"
    )
    test: Annotated[float, option(DATA, "Fraction held out as test set", metavar="FRACTION")] = 0.0
    validation: Annotated[float, option(DATA, "Fraction of the rest for validation", metavar="FRACTION")] = 0.0
    layers: Annotated[
        str | None,
        option(NETWORK, "Inputs, hidden units, outputs", metavar="UNITS", default="the lecture's 784,512,10"),
    ] = None
    weights: Annotated[
        str | None, option(NETWORK, "The network of this weights file", "--weights", "-w", metavar="FILE")
    ] = None
    activation: Activation = None
    output_activation: LastActivation = None
    loss: Annotated[str | None, option(OBJECTIVE, "Loss function", metavar="LOSS", default="by output activation")] = (
        None
    )
    l1: L1 = None
    l2: L2 = None
    optimizer: Annotated[str, option(TRAINING, "Update rule", metavar="RULE")] = "rmsprop"
    dtype: Annotated[
        str | None,
        option(NETWORK, "Number type", metavar=DTYPES, default="of the weights file, or float64; images: float32"),
    ] = None
    batch: Annotated[str, option(TRAINING, "Samples per update, or all", metavar="N")] = "128"
    epochs: Annotated[str, option(TRAINING, "Passes over the training data", metavar="N")] = "5"
    measure: Annotated[
        bool, option(OUTPUT, "Train for a second to measure the time, or count only", "--measure/--no-measure")
    ] = True
    gflops: Annotated[
        float | None, option(OUTPUT, "Estimate also for a machine with R GFLOP/s in matrix products", metavar="R")
    ] = None
    naive: Annotated[bool, option(OUTPUT, "Also time the lecture's naive loops", "--naive")] = False
    sweep_batch: Annotated[
        str | None, option(OUTPUT, "Estimate also with these batch sizes: 1,8,32,128,all", metavar="SIZES")
    ] = None
    format: Format = "table"
    threads: Threads = None


def estimate_runtime(*, asked: CostOptions) -> None:
    """Estimate the updates, memory and time of a training run.

    Example: mlp estimate-runtime --samples 60000 --batch 128

    Example: mlp estimate-runtime --layers 4,16,3 --samples 150 --batch 16 --epochs 500 --optimizer adam
    """
    from mlpcli.cli.values import form
    from mlpcli.cost.report import cost_report

    render = form(asked.format, 4)
    print(render(cost_report(_question(asked))), end="")


def _question(asked: CostOptions) -> "CostQuestion":
    """The options, read from their text."""
    from mlpcli.cli import values
    from mlpcli.cost.cost import CostQuestion

    sizes = [] if asked.sweep_batch is None else asked.sweep_batch.split(",")
    return CostQuestion(
        layers=None if asked.layers is None else values.layer_widths(asked.layers, "784,512,10"),
        weights=asked.weights,
        activation=asked.activation,
        output_activation=asked.output_activation,
        loss=asked.loss,
        l1=values.penalty(asked.l1, "--l1"),
        l2=values.penalty(asked.l2, "--l2"),
        optimizer=asked.optimizer,
        dtype=asked.dtype,
        samples=values.whole_number(asked.samples, "--samples", values.MOST_SAMPLES),
        validation=values.fraction(asked.validation, "--validation"),
        test=values.fraction(asked.test, "--test"),
        batch=values.batch_size(asked.batch),
        epochs=values.whole_number(asked.epochs, "--epochs", values.MOST_EPOCHS),
        threads=asked.threads,
        measure=asked.measure,
        gflops=asked.gflops,
        naive=asked.naive,
        sweep=[values.batch_size(size, "--sweep-batch") for size in sizes],
    )
