"""`mlp graph`"""

from typing import Annotated, Optional

from mlpcli.cli.options.data import DataOptions, ReadingOptions, SampleOptions
from mlpcli.cli.options.groups import DATA, NETWORK, option
from mlpcli.cli.options.network import RandomNetworkOptions, TraceWeights
from mlpcli.cli.options.objective import ObjectiveOptions
from mlpcli.cli.options.output import DrawingOptions, Seed


def graph(
    *,
    samples: SampleOptions,
    values: Annotated[
        bool, option(DATA, "Show values and gradients of the sample that comes with the network", "--values")
    ] = False,
    data: DataOptions,
    reading: ReadingOptions,
    example: Annotated[
        Optional[str], option(NETWORK, "A graph of the lecture", "--example", "-e", metavar="EXAMPLE")
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
