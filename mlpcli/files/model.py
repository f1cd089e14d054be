"""What a weights file holds: the network, and all that is needed to use it on new data."""

from dataclasses import dataclass, field
from typing import Any

from mlpcli.core.arrays import Array
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective
from mlpcli.core.tasks import Task
from mlpcli.data.preparation import Preparation
from mlpcli.data.targets import Coding


@dataclass(frozen=True)
class Origin:
    """Which data the network was trained on, and how they were split."""

    dataset: str | None  # a named set, or
    file: str | None  # a file
    targets: tuple[str, ...]
    validation: float
    test: float
    seed: int
    samples: int
    header: bool | None = None  # what was said about the file's form
    delimiter: str | None = None
    missing: str | None = None
    data_dir: str | None = None  # where a set of images was
    digest: str | None = None  # of the samples as the network takes them, so that data that have changed are noticed


@dataclass(frozen=True)
class Example:
    """A sample and a learning rate for a walk through back-propagation."""

    x: Array | None = None  # (n, inputs)
    y: Array | None = None  # (n, outputs)
    learning_rate: float | None = None


@dataclass(frozen=True)
class Model:
    """A network ready for use."""

    network: Network
    objective: Objective
    task: Task
    preparation: Preparation
    coding: Coding
    origin: Origin | None = None
    example: Example = field(default_factory=Example)
    training: dict[str, Any] = field(default_factory=dict)  # how it was trained, for the reader of the file

    @property
    def output_activation(self) -> str:
        return self.network.layers[-1].activation.name
