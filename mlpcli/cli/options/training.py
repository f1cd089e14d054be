"""Options under the heading Training: the optimizer, how long it trains, and the single update of a trace."""

from typing import Annotated, NamedTuple, Optional

from mlpcli.cli.options.groups import TRAINING, option

Momentum = Annotated[
    Optional[float],
    option(TRAINING, "For sgd, momentum and nesterov", "--momentum", metavar="NUMBER", default="0.9; sgd: none"),
]
Nesterov = Annotated[bool, option(TRAINING, "Nesterov's momentum, for sgd and momentum", "--nesterov")]
FreezeBias = Annotated[bool, option(TRAINING, "Do not update biases", "--freeze-bias")]


class OptimizationOptions(NamedTuple):
    """How a training run updates the parameters, and when it ends."""

    epochs: Annotated[
        Optional[str],
        option(
            TRAINING,
            "Passes over the training data",
            "--epochs",
            metavar="N",
            default="enough for 3,000 updates, but 5 to 500",
        ),
    ] = None
    batch: Annotated[
        Optional[str], option(TRAINING, "Samples per update, or all", "--batch", metavar="N", default="16")
    ] = None
    learning_rate: Annotated[
        Optional[float],
        option(TRAINING, "Learning rate", "--learning-rate", "--lr", metavar="NUMBER", default="by optimizer"),
    ] = None
    optimizer: Annotated[
        Optional[str], option(TRAINING, "Update rule", "--optimizer", metavar="OPTIMIZER", default="adam")
    ] = None
    momentum: Momentum = None
    nesterov: Nesterov = False
    schedule: Annotated[str, option(TRAINING, "Learning-rate schedule", "--schedule", metavar="SCHEDULE")] = "constant"
    patience: Annotated[
        Optional[int],
        option(TRAINING, "Stop after N epochs without improvement; keep the best", "--patience", metavar="N"),
    ] = None
    freeze_bias: FreezeBias = False

    @property
    def update_rule(self) -> str | None:
        """The optimizer: with a momentum alone, SGD, whose argument it is in Keras and PyTorch."""
        alone = self.optimizer is None and (self.momentum is not None or self.nesterov)
        return "sgd" if alone else self.optimizer


class UpdateOptions(NamedTuple):
    """The updates of a trace."""

    learning_rate: Annotated[
        Optional[float],
        option(
            TRAINING,
            "Learning rate",
            "--learning-rate",
            "--lr",
            metavar="NUMBER",
            default="of the weights file's sample, or by optimizer",
        ),
    ] = None
    optimizer: Annotated[
        Optional[str], option(TRAINING, "Update rule", "--optimizer", metavar="OPTIMIZER", default="sgd")
    ] = None
    momentum: Momentum = None
    nesterov: Nesterov = False
    freeze_bias: FreezeBias = False
    steps: Annotated[
        int, option(TRAINING, "Number of updates; with random-search, of tries that are kept", "--steps", metavar="N")
    ] = 1
    rule: Annotated[
        str, option(TRAINING, "True gradients, or the lecture's beside them", "--rule", metavar="exact|lecture")
    ] = "exact"
    round_steps: Annotated[
        Optional[int], option(TRAINING, "Round each step to N decimals, as by hand", "--round-steps", metavar="N")
    ] = None


class DescentOptions(NamedTuple):
    """The paths of a plot of descents."""

    optimizer: Annotated[str, option(TRAINING, "Update rules, one or several", "--optimizer", metavar="RULE")] = "sgd"
    batch: Annotated[
        Optional[str],
        option(
            TRAINING,
            "Samples per update, one or several sizes",
            "--batch",
            metavar="NUMBERS",
            default="1,16,all; beside several optimizers or rates: all",
        ),
    ] = None
    learning_rate: Annotated[
        str, option(TRAINING, "Learning rates, one or several", "--learning-rate", "--lr", metavar="NUMBERS")
    ] = "0.1"
    updates: Annotated[str, option(TRAINING, "Updates of each path", "--updates", metavar="N")] = "100"
    start: Annotated[
        Optional[str],
        option(TRAINING, "Start of both weights", "--start", metavar="NUMBERS", default="their current values"),
    ] = None
