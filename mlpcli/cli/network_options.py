"""The options under the headings Network, Objective and Training: what is trained, towards what, and how."""

from typing import Annotated, Any, NamedTuple

from mlpcli.cli.groups import NETWORK, OBJECTIVE, TRAINING, option

DTYPES = "float32|float64"
Weights = Annotated[str, option(NETWORK, "Weights file, or - for stdin", "--weights", "-w", metavar="FILE")]
StartWeights = Annotated[str | None, option(NETWORK, "Start from this weights file", "--weights", "-w", metavar="FILE")]
TraceWeights = Annotated[
    str | None, option(NETWORK, "Weights file", "--weights", "-w", metavar="FILE", default="the lecture's network")
]
Weight = Annotated[str, option(NETWORK, "The weight: w12, b1, or with its layer W2[1,2]", metavar="WEIGHT")]
Layer = Annotated[
    int | None, option(NETWORK, "Layer of a weight such as w12, counted from 1", metavar="N", default="1")
]
Over = Annotated[
    str | None, option(NETWORK, "The two weights, such as w11,b1", metavar="WEIGHTS", default="those that move most")
]
Activation = Annotated[
    str | None,
    option(NETWORK, "Hidden activation: one for all, or one each: relu,tanh", metavar="ACTIVATION", default="relu"),
]
OutputActivation = Annotated[str | None, option(NETWORK, "Output activation", metavar="ACTIVATION", default="by task")]
LastActivation = Annotated[
    str | None, option(NETWORK, "Output activation", metavar="ACTIVATION", default="softmax; one output: sigmoid")
]


class NetworkOptions(NamedTuple):
    """A new network."""

    hidden: Annotated[
        str | None,
        option(
            NETWORK,
            "Units per hidden layer: 16,8; 0 for none",
            metavar="UNITS",
            default="16; some data sets have their own",
        ),
    ] = None
    activation: Activation = None
    output_activation: OutputActivation = None
    task: Annotated[
        str | None, option(NETWORK, "What the network learns", metavar="TASK", default="from the target column")
    ] = None
    initializer: Annotated[
        str | None, option(NETWORK, "Initial weights", metavar="INITIALIZER", default="glorot-uniform")
    ] = None
    dtype: Annotated[str | None, option(NETWORK, "Number type", metavar=DTYPES, default="float64; images: float32")] = (
        None
    )


class RandomNetworkOptions(NamedTuple):
    """A random network with a random sample, for exercises and drawings."""

    layers: Annotated[
        str | None, option(NETWORK, "Random network and sample: inputs, hidden units, outputs: 2,3,2", metavar="UNITS")
    ] = None
    activation: Activation = None
    output_activation: LastActivation = None


# ----- Objective: J = L + λΩ, the loss and what is added to it --------------------------------------------------------

Loss = Annotated[
    str | None, option(OBJECTIVE, "Loss function", metavar="LOSS", default="by task, or of the weights file")
]
L2 = Annotated[float | None, option(OBJECTIVE, "Add l2 · ½Σw²", metavar="NUMBER")]
L1 = Annotated[float | None, option(OBJECTIVE, "Add l1 · Σ|w|", metavar="NUMBER")]
ClassWeight = Annotated[
    str | None,
    option(
        OBJECTIVE,
        "Weight of each class in the loss: balanced, A=2,B=1, or none",
        metavar="WEIGHTS",
        default="1 each, or of the weights file",
    ),
]


class ObjectiveOptions(NamedTuple):
    """The objective; without an option, that of the weights file or the usual one of the task."""

    loss: Loss = None
    l2: L2 = None
    l1: L1 = None
    regularize_bias: Annotated[bool, option(OBJECTIVE, "Regularize biases too", "--regularize-bias")] = False
    output_reduction: Annotated[
        str | None,
        option(
            OBJECTIVE,
            "Mean or sum over a sample's outputs",
            metavar="mean|sum",
            default="by loss, or of the weights file",
        ),
    ] = None
    batch_reduction: Annotated[
        str | None,
        option(OBJECTIVE, "Mean or sum over a batch", metavar="mean|sum", default="mean, or of the weights file"),
    ] = None
    class_weight: ClassWeight = None

    @property
    def settings(self) -> dict[str, Any]:
        """What is asked for besides the loss and the class weights, by name.

        Raises ChoiceError for a factor that cannot be one."""
        from mlpcli.cli.values import penalty

        factors = {"l1": penalty(self.l1, "--l1"), "l2": penalty(self.l2, "--l2")}
        given = {**self._asdict(), **factors, "regularize_bias": self.regularize_bias or None}
        given |= {"loss": None, "class_weight": None}
        return {name: value for name, value in given.items() if value is not None}


# ----- Training -------------------------------------------------------------------------------------------------------

Momentum = Annotated[
    float | None, option(TRAINING, "For sgd, momentum and nesterov", metavar="NUMBER", default="0.9; sgd: none")
]
Nesterov = Annotated[bool, option(TRAINING, "Nesterov's momentum, for sgd and momentum", "--nesterov")]
FreezeBias = Annotated[bool, option(TRAINING, "Do not update biases", "--freeze-bias")]


class OptimizationOptions(NamedTuple):
    """How a training run updates the parameters, and when it ends."""

    epochs: Annotated[
        str | None,
        option(
            TRAINING, "Passes over the training data", metavar="N", default="enough for 3,000 updates, from 5 to 500"
        ),
    ] = None
    batch: Annotated[str | None, option(TRAINING, "Samples per update, or all", metavar="N", default="16")] = None
    learning_rate: Annotated[
        float | None,
        option(TRAINING, "Learning rate", "--learning-rate", "--lr", metavar="NUMBER", default="by optimizer"),
    ] = None
    optimizer: Annotated[str | None, option(TRAINING, "Update rule", metavar="OPTIMIZER", default="adam")] = None
    momentum: Momentum = None
    nesterov: Nesterov = False
    schedule: Annotated[str, option(TRAINING, "Learning-rate schedule", metavar="SCHEDULE")] = "constant"
    patience: Annotated[
        int | None, option(TRAINING, "Stop after N epochs without improvement; keep the best", metavar="N")
    ] = None
    freeze_bias: FreezeBias = False

    @property
    def update_rule(self) -> str | None:
        """The optimizer: with a momentum alone, SGD, whose argument it is in Keras and PyTorch."""
        alone = self.optimizer is None and (self.momentum is not None or self.nesterov)
        return "sgd" if alone else self.optimizer


class DescentOptions(NamedTuple):
    """The paths of a plot of descents."""

    optimizer: Annotated[str, option(TRAINING, "Update rules, one or several", metavar="RULE")] = "sgd"
    batch: Annotated[
        str | None,
        option(
            TRAINING,
            "Samples per update, one or several sizes",
            metavar="NUMBERS",
            default="1,16,all; beside several optimizers or rates: all",
        ),
    ] = None
    learning_rate: Annotated[
        str, option(TRAINING, "Learning rates, one or several", "--learning-rate", "--lr", metavar="NUMBERS")
    ] = "0.1"
    updates: Annotated[str, option(TRAINING, "Updates of each path", metavar="N")] = "100"
    start: Annotated[
        str | None, option(TRAINING, "Start of both weights", metavar="NUMBERS", default="their current values")
    ] = None
