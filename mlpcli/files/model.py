"""The content of a weights file: the network, and everything needed to use it on new data."""

from dataclasses import dataclass, field
from typing import Any

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective
from mlpcli.core.tasks import Task
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding

# The options for reading data that a network remembers of its training.
READ_AS = ("header", "delimiter", "decimal", "sheet", "query", "missing", "data_dir", "sample_weight")


@dataclass(frozen=True)
class Origin:
    """The data that the network was trained on, and their split."""

    dataset: str | None  # a named set, or
    file: str | None  # a file
    targets: tuple[str, ...]
    validation: float
    test: float
    seed: int
    samples: int
    header: bool | None = None  # the options for reading the file
    delimiter: str | None = None
    decimal: str | None = None
    sheet: str | None = None
    query: str | None = None
    missing: str | None = None
    data_dir: str | None = None  # the folder of an image set
    sample_weight: str | None = None  # the column of the samples' weights
    fold: str | None = None  # that is the validation set: 2/5
    digest: str | None = None  # of the samples as the network takes them, to notice changed data


@dataclass(frozen=True)
class Example:
    """Samples and a learning rate for a trace of back-propagation."""

    x: Array | None = None  # (n, inputs)
    y: Array | None = None  # (n, outputs)
    learning_rate: float | None = None


@dataclass(frozen=True)
class Model:
    """A network with its task, objective, preparation and coding."""

    network: Network
    objective: Objective
    task: Task
    preparation: Preparation
    coding: Coding
    origin: Origin | None = None
    example: Example = field(default_factory=Example)
    training: dict[str, Any] = field(default_factory=dict)  # how it was trained, for people who read the file

    @property
    def output_activation(self) -> str:
        """The name of the last layer's activation."""
        return self.network.layers[-1].activation.name

    @property
    def fill_rule(self) -> str | None:
        """How the network fills missing features; None if it was trained without any."""
        trained = self.origin is None or self.origin.missing == "mean" or not self.preparation.columns
        return "mean" if self.preparation.fill is not None and trained else None
