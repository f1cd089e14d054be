"""`mlp graph`"""

from typing import Annotated, NamedTuple

from mlpcli.cli.groups import DATA, NETWORK, OUTPUT, option
from mlpcli.cli.network_options import ObjectiveOptions, RandomNetworkOptions, TraceWeights
from mlpcli.cli.options import DataOptions, Digits, ReadingOptions, ReportOutput, SampleOptions, Seed


class DrawingOptions(NamedTuple):
    """What is drawn, where it goes, and in which format."""

    neurons: Annotated[bool, option(OUTPUT, "Draw units and weighted connections instead", "--neurons")] = False
    output: ReportOutput = None
    format: Annotated[
        str | None,
        option(
            OUTPUT,
            "Format of the drawing",
            "--format",
            "-f",
            metavar="DRAWING",
            default="by the suffix of --output, or text",
        ),
    ] = None
    digits: Digits = 4


def graph(
    *,
    samples: SampleOptions,
    values: Annotated[
        bool, option(DATA, "Show values and gradients of the sample that comes with the network", "--values")
    ] = False,
    data: DataOptions,
    reading: ReadingOptions,
    example: Annotated[
        str | None, option(NETWORK, "A graph of the lecture", "--example", "-e", metavar="EXAMPLE")
    ] = None,
    weights: TraceWeights = None,
    random: RandomNetworkOptions,
    objective: ObjectiveOptions,
    drawing: DrawingOptions,
    seed: Seed = 1,
) -> None:
    """Draw the computational graph of a network, or its units.

    Example: mlp graph

    Example: mlp graph --example l2 --values --output l2.svg

    Example: mlp graph --weights w.json --dataset iris --row 3 --output iris.svg

    Example: mlp graph --layers 2,3,2 --neurons --output net.png
    """
    from mlpcli.cli.graphing import GraphRequest, run_graph
    from mlpcli.cli.samples import AskedSamples
    from mlpcli.cli.sources import source_of

    asked = AskedSamples(*samples, source_of(data, reading))
    run_graph(GraphRequest(example, weights, random, seed, asked, values, objective), drawing)
