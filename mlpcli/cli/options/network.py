"""Options under the heading Network: the shape of a network and its initial weights, or the file it comes from."""

from typing import Annotated, NamedTuple, Optional

from mlpcli.cli.options.groups import NETWORK, option

DTYPES = "float32|float64"

Weights = Annotated[str, option(NETWORK, "Weights file, or - for stdin", "--weights", "-w", metavar="FILE")]
StartWeights = Annotated[
    Optional[str], option(NETWORK, "Start from this weights file", "--weights", "-w", metavar="FILE")
]
TraceWeights = Annotated[
    Optional[str], option(NETWORK, "Weights file", "--weights", "-w", metavar="FILE", default="the lecture's network")
]
Weight = Annotated[str, option(NETWORK, "The weight: w12, b1, or with its layer W2[1,2]", "--weight", metavar="WEIGHT")]
Layer = Annotated[Optional[int], option(NETWORK, "Layer of w12, from 1", "--layer", metavar="N", default="1")]
Over = Annotated[
    Optional[str],
    option(NETWORK, "The two weights, as w11,b1", "--over", metavar="WEIGHTS", default="those that move most"),
]
Activation = Annotated[
    Optional[str],
    option(
        NETWORK,
        "Hidden activation: one for all, or one each: relu,tanh",
        "--activation",
        metavar="ACTIVATION",
        default="relu",
    ),
]
OutputActivation = Annotated[
    Optional[str], option(NETWORK, "Output activation", "--output-activation", metavar="ACTIVATION", default="by task")
]
LastActivation = Annotated[
    Optional[str],
    option(
        NETWORK,
        "Output activation",
        "--output-activation",
        metavar="ACTIVATION",
        default="softmax; one output: sigmoid",
    ),
]


class NetworkOptions(NamedTuple):
    """A new network."""

    hidden: Annotated[
        Optional[str],
        option(
            NETWORK,
            "Units per hidden layer: 16,8; 0 for none",
            "--hidden",
            metavar="UNITS",
            default="16; some data sets have their own",
        ),
    ] = None
    activation: Activation = None
    output_activation: OutputActivation = None
    task: Annotated[
        Optional[str],
        option(NETWORK, "What the network learns", "--task", metavar="TASK", default="from the target column"),
    ] = None
    initializer: Annotated[
        Optional[str],
        option(NETWORK, "Initial weights", "--initializer", metavar="INITIALIZER", default="glorot-uniform"),
    ] = None
    dtype: Annotated[
        Optional[str], option(NETWORK, "Number type", "--dtype", metavar=DTYPES, default="float64; images: float32")
    ] = None


class RandomNetworkOptions(NamedTuple):
    """A random network with a random sample, for exercises and drawings."""

    layers: Annotated[
        Optional[str],
        option(NETWORK, "Random network and sample: inputs, hidden units, outputs: 2,3,2", "--layers", metavar="UNITS"),
    ] = None
    activation: Activation = None
    output_activation: LastActivation = None
