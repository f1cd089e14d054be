"""The names that options choose from, as help shows them. They come from the tables, so a new row appears by itself."""

from collections.abc import Mapping

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.families import Row
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS
from mlpcli.data.named import DATASETS
from mlpcli.data.readers import READERS
from mlpcli.files.history import HISTORY_FILES
from mlpcli.files.weights import WEIGHT_FILES
from mlpcli.report.pictures.images import SUFFIXES
from mlpcli.report.renderers import RENDERERS


def choices() -> dict[str, str]:
    """For each family, its names in a row, with the parameters that they take."""
    families: dict[str, Mapping[str, Row]] = {
        "activations": ACTIVATIONS,
        "losses": LOSSES,
        "optimizers": OPTIMIZERS,
        "gradient_rules": {name: row for name, row in OPTIMIZERS.items() if row.rule is not None},
        "initializers": INITIALIZERS,
        "schedules": SCHEDULES,
        "tasks": TASKS,
        "datasets": DATASETS,
    }
    found = {name: ", ".join(_with_parameters(row) for row in family.values()) for name, family in families.items()}
    found["formats"] = ", ".join(RENDERERS)
    found["data_files"] = " or ".join(suffix for row in READERS.values() for suffix in row.suffixes)
    found["weight_files"] = " or ".join(WEIGHT_FILES)
    found["history_files"] = " or ".join(HISTORY_FILES)
    found["pictures"] = " or ".join(SUFFIXES)
    return found


def _with_parameters(row: Row) -> str:
    return ":".join([row.name, *(f"{key}={value:g}" for key, value in row.parameters.items())])
