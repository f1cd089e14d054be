"""The history of a training run as CSV or JSON lines, by the file's suffix."""

import json
from collections.abc import Callable, Sequence
from math import isfinite
from typing import Any

from mlpcli.core.training_records import Epoch


def epoch_row(epoch: Epoch, metric: str) -> dict[str, Any]:
    """The results of one epoch by name. Missing values are None, and so are numbers that are not finite.

    An error in the target's own unit may overflow while the loss does not.
    """
    row = {
        "epoch": epoch.number,
        "loss": epoch.loss,
        "penalty": epoch.penalty,
        metric: epoch.metric,
        "validation_loss": epoch.validation_loss,
        f"validation_{metric}": epoch.validation_metric,
        "learning_rate": epoch.learning_rate,
        "seconds": round(epoch.seconds, 6),
        "best": epoch.best,
    }
    return {name: value if value is None or isfinite(value) else None for name, value in row.items()}


def csv_lines(rows: Sequence[dict[str, Any]]) -> str:
    """A header and one line per epoch. A missing value, as without a validation set, is empty."""
    cells = [list(rows[0]), *(["" if value is None else value for value in row.values()] for row in rows)]
    return "".join(",".join(map(str, line)) + "\n" for line in cells)


def json_lines(rows: Sequence[dict[str, Any]]) -> str:
    """One JSON object per epoch. A missing value is null."""
    return "".join(json.dumps(row, allow_nan=False) + "\n" for row in rows)


HISTORY_FILES: dict[str, Callable[[Sequence[dict[str, Any]]], str]] = {".csv": csv_lines, ".jsonl": json_lines}
BEGINNINGS = (b"epoch,", b'{"epoch"')  # of such files
