"""Options under the heading Objective: J = L + λΩ, the loss and what is added to it."""

from typing import Annotated, Any, NamedTuple, Optional

from mlpcli.cli.options.groups import OBJECTIVE, option

Loss = Annotated[
    Optional[str],
    option(OBJECTIVE, "Loss function", "--loss", metavar="LOSS", default="by task, or of the weights file"),
]
L2 = Annotated[Optional[float], option(OBJECTIVE, "Add l2 · ½Σw²", "--l2", metavar="NUMBER")]
L1 = Annotated[Optional[float], option(OBJECTIVE, "Add l1 · Σ|w|", "--l1", metavar="NUMBER")]


ClassWeight = Annotated[
    Optional[str],
    option(
        OBJECTIVE,
        "Weight of each class in the loss: balanced, A=2,B=1, or none",
        "--class-weight",
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
        Optional[str],
        option(
            OBJECTIVE,
            "Mean or sum over a sample's outputs",
            "--output-reduction",
            metavar="mean|sum",
            default="by loss, or of the weights file",
        ),
    ] = None
    batch_reduction: Annotated[
        Optional[str],
        option(
            OBJECTIVE,
            "Mean or sum over a batch",
            "--batch-reduction",
            metavar="mean|sum",
            default="mean, or of the weights file",
        ),
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
