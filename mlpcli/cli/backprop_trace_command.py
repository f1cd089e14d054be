"""`mlp backprop-trace`"""

from typing import Annotated, NamedTuple

from mlpcli.cli.groups import OUTPUT, TRAINING, option
from mlpcli.cli.network_options import (
    FreezeBias,
    Momentum,
    Nesterov,
    ObjectiveOptions,
    RandomNetworkOptions,
    TraceWeights,
)
from mlpcli.cli.options import DataOptions, Digits, ReadingOptions, ReportOutput, SampleOptions, Seed


class TraceOptions(NamedTuple):
    """The updates of a trace, what it is checked against, how much of it is shown, and its files."""

    learning_rate: Annotated[
        float | None,
        option(
            TRAINING,
            "Learning rate",
            "--learning-rate",
            "--lr",
            metavar="NUMBER",
            default="of the weights file's sample, or by optimizer",
        ),
    ] = None
    optimizer: Annotated[str | None, option(TRAINING, "Update rule", metavar="OPTIMIZER", default="sgd")] = None
    momentum: Momentum = None
    nesterov: Nesterov = False
    freeze_bias: FreezeBias = False
    steps: Annotated[
        int, option(TRAINING, "Number of updates; with random-search, of tries that are kept", metavar="N")
    ] = 1
    rule: Annotated[
        str, option(TRAINING, "True gradients, or the lecture's rule beside them", metavar="exact|lecture")
    ] = "exact"
    round_steps: Annotated[int | None, option(TRAINING, "Round each step to N decimals, as by hand", metavar="N")] = (
        None
    )
    check: Annotated[
        bool, option(OUTPUT, "Check every gradient numerically; exit with 3 if one is wrong", "--check")
    ] = False
    compare: Annotated[
        str | None,
        option(
            OUTPUT,
            "Compare with your own numbers (JSON) and name the first mistake; exit with 3 if a number differs",
            metavar="FILE",
        ),
    ] = None
    tolerance: Annotated[
        float | None,
        option(
            OUTPUT,
            "Error that --compare allows, relative to a quantity's largest number; "
            "the rounding of your digits is always allowed",
            metavar="NUMBER",
            default="that of float32, if your numbers may come from it",
        ),
    ] = None
    explain: Annotated[bool, option(OUTPUT, "Show each number as a sum", "--explain")] = False
    whole: Annotated[bool, option(OUTPUT, "Show large layers number by number too", "--whole")] = False
    only: Annotated[
        str | None, option(OUTPUT, "Show only this part", metavar="forward|loss|backward|update|compare")
    ] = None
    layer: Annotated[int | None, option(OUTPUT, "Show only this layer, from 1", metavar="N")] = None
    merge_bias: Annotated[
        bool, option(OUTPUT, "Write b as the last column of W, with 1 as the last input", "--merge-bias")
    ] = False
    output: ReportOutput = None
    exercise: Annotated[
        bool, option(OUTPUT, "Leave a blank for each number to compute, and write a solution file", "--exercise")
    ] = False
    solution: Annotated[
        str | None, option(OUTPUT, "Solution file", metavar="FILE", default="sheet-solution.tex for sheet.tex")
    ] = None
    save_weights: Annotated[
        str | None, option(OUTPUT, "Weights file for the updated network, {weight_files}", metavar="FILE")
    ] = None
    force: Annotated[
        bool,
        option(
            OUTPUT,
            "Overwrite a solution file you did not name, and with --save-weights a file that is not a weights file",
            "--force",
        ),
    ] = False
    format: Annotated[
        str | None,
        option(
            OUTPUT, "Report format", "--format", "-f", metavar="FORMAT", default="by the suffix of --output, or table"
        ),
    ] = None
    digits: Digits = 4


def backprop_trace(
    *,
    samples: SampleOptions,
    data: DataOptions,
    reading: ReadingOptions,
    weights: TraceWeights = None,
    random: RandomNetworkOptions,
    objective: ObjectiveOptions,
    options: TraceOptions,
    seed: Seed = 1,
) -> None:
    """Show and check every step of back-propagation.

    Example: mlp backprop-trace

    Example: mlp backprop-trace --layers 2,3,2 --activation sigmoid --seed 7

    Example: mlp backprop-trace --layers 2,3,2 --exercise --output sheet.tex

    Example: mlp backprop-trace --weights w.json --x 5.1,3.5,1.4,0.2 --y setosa --learning-rate 0.5 --check

    Example: mlp backprop-trace --weights w.json --data iris.csv --rows 0:4

    Example: mlp backprop-trace --compare mine.json
    """
    from mlpcli.cli.samples import AskedSamples
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.tracing import TraceRequest, run_backprop_trace

    chosen = AskedSamples(*samples, source_of(data, reading))
    run_backprop_trace(TraceRequest(weights, random, chosen, objective, options, seed))
