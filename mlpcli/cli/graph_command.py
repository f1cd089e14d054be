"""`mlp graph`"""

from typing import Annotated, Optional

import typer

from mlpcli.cli import options

GraphName = Annotated[
    Optional[str],
    typer.Option(
        "--example",
        "-e",
        metavar="NAME",
        help="A graph of the lecture: {graph_examples}.",
        rich_help_panel=options.NETWORK,
    ),
]
Units = Annotated[
    bool,
    typer.Option("--neurons", help="Draw units and weighted connections instead.", rich_help_panel=options.OUTPUT),
]
FormName = Annotated[
    Optional[str],
    typer.Option(
        "--format",
        "-f",
        help="{drawing_formats}. Default: by --output's suffix, else text.",
        rich_help_panel=options.OUTPUT,
    ),
]


def graph(
    example: GraphName = None,
    weights: options.TraceWeights = None,
    layers: options.DrawnLayers = None,
    activation: options.Activation = None,
    output_activation: options.OutputActivation = None,
    x: options.X = None,
    y: options.Y = None,
    dataset: options.Dataset = None,
    data: options.Data = None,
    target: options.Target = None,
    data_dir: options.DataDir = None,
    header: options.Header = None,
    delimiter: options.Delimiter = None,
    missing: options.Missing = None,
    row: options.Row = None,
    rows: options.Rows = None,
    values: options.Values = False,
    loss: options.Loss = None,
    output_reduction: options.OutputReduction = None,
    batch_reduction: options.BatchReduction = None,
    l1: options.L1 = None,
    l2: options.L2 = None,
    regularize_bias: options.RegularizeBias = False,
    seed: options.Seed = 1,
    neurons: Units = False,
    output: options.ReportOutput = None,
    format: FormName = None,
    digits: options.Digits = 4,
) -> None:
    """Draw a network with its loss as a computational graph, with values and gradients, or its units.

    Example: mlp graph

    Example: mlp graph --example l2 --values --output l2.svg

    Example: mlp graph --weights w.json --dataset iris --row 3 --output iris.svg

    Example: mlp graph --layers 2,3,2 --neurons --output net.png
    """
    from mlpcli.cli.drawing import Drawn
    from mlpcli.cli.graphing import Destination, GraphRequest, run_graph
    from mlpcli.cli.rows import Rows
    from mlpcli.cli.sources import Source

    changes = {
        "output_reduction": output_reduction,
        "batch_reduction": batch_reduction,
        "l1": l1,
        "l2": l2,
        "regularize_bias": regularize_bias or None,
    }
    chosen = Rows(Source(dataset, data, target, data_dir, header, delimiter, missing), row, rows)
    run_graph(
        GraphRequest(
            example,
            weights,
            Drawn(layers, activation, output_activation, seed),
            x,
            y,
            chosen,
            values,
            loss,
            changes,
            neurons,
            digits,
        ),
        Destination(output, format),
    )
