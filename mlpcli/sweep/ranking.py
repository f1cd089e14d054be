"""Which setting is best, what each option does, and what diverged."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import zip_longest
from math import inf
from typing import Any, NamedTuple

import numpy as np

from mlpcli.files.runs import Record, deviation_of, known_numbers, mean_of, place_of, settings_in
from mlpcli.report.numbers import finite


class Criterion(NamedTuple):
    """A number by which networks are compared, and whether a high one is good."""

    key: str  # of a record
    higher: bool
    loss: str  # the key of the loss, which decides between equals

    def cost(self, value: float | None) -> float:
        """What is low for a good number, and infinite for that of a network that diverged."""
        return inf if value is None else -value if self.higher else value

    def order(self, record: Record) -> tuple[float, float, int]:
        """What sorts networks from the best to the worst."""
        loss = record[self.loss]
        return self.cost(record[self.key]), inf if loss is None else loss, record["network"]


class Summary(NamedTuple):
    """What the networks with the same values have in common."""

    values: Mapping[str, Any]
    records: tuple[Record, ...]
    mean: float | None  # of the criterion, over the networks that did not diverge; None if all did, or if it overflows
    deviation: float | None  # between them (n − 1); None for one
    loss: float | None  # mean
    epochs: float  # mean
    diverged: int


def criterion_of(header: Record, rank: str) -> Criterion:
    """The validation metric or loss; without a validation set, that of the training set."""
    prefix = "validation_" if header["validated"] else ""
    if rank == "loss":
        return Criterion(f"{prefix}loss", False, f"{prefix}loss")
    return Criterion(f"{prefix}{header['metric']}", header["metric"] == "accuracy", f"{prefix}loss")


def settings_of(records: Sequence[Record], criterion: Criterion) -> list[Summary]:
    """The settings from the best to the worst: means over seeds and folds. One that diverged comes after all others."""
    groups = _grouped(records, lambda record: tuple(record["settings"].values()))
    settings = [_summary(group[0]["settings"], group, criterion) for group in groups]
    loss = Criterion(criterion.loss, False, criterion.loss)
    return sorted(settings, key=lambda s: (s.diverged > 0, criterion.cost(s.mean), loss.cost(s.loss)))


def effects_of(header: Record, records: Sequence[Record], criterion: Criterion) -> dict[str, list[Summary]]:
    """For each option that varies, its values in their order, each with the mean over all its networks.

    Losses of different kinds have no mean. Without it, a ranking by the loss has no effects of the other options.
    """
    found: dict[str, list[Summary]] = {}
    for name in settings_in(header):
        groups = _grouped(records, lambda record, name=name: record["settings"][name])  # type: ignore[misc]
        summaries = [_summary({name: group[0]["settings"][name]}, group, criterion) for group in groups]
        summaries.sort(key=lambda summary, name=name: place_of(header, name, summary.values[name]))  # type: ignore[misc]
        if not set(loss_kinds(header)) - {name}:
            found[name] = summaries
        elif criterion.key != criterion.loss:
            found[name] = [summary._replace(loss=None) for summary in summaries]
    return found


def loss_kinds(header: Record) -> list[str]:
    """The options that vary and change what the loss measures. Weights of classes count in the validation loss, too."""
    names = ["loss", "output-reduction", "class-weight"]
    if header["metric"] == "accuracy" and "loss" not in {**header["options"], **header["vary"]}:
        names.append("output-activation")  # it decides which loss is the default
    return [name for name in names if "|" in header["vary"].get(name, "")]


def warning_of_losses(header: Record, rank: str) -> str:
    """The warning for a ranking by losses of different kinds; empty for another ranking."""
    kinds = loss_kinds(header) if rank == "loss" else []
    if not kinds:
        return ""
    what = f"--rank loss compares different losses, since {' and '.join(kinds)} {'vary' if kinds[1:] else 'varies'}"
    return f"{what}; use --rank metric"


def valid(records: Iterable[Record]) -> list[Record]:
    """The networks whose options do not contradict each other: those that are trained."""
    return [record for record in records if "invalid" not in record]


def best_networks(settings: Sequence[Summary], criterion: Criterion) -> list[Record]:
    """The best network of each setting, from the best setting on; then the second ones, and so on.

    Networks that diverged are left out.
    """
    ranked = [
        [record for record in sorted(setting.records, key=criterion.order) if record["diverged"] is None]
        for setting in settings
    ]
    return [record for place in zip_longest(*ranked) for record in place if record is not None]


def best_of(settings: Sequence[Summary], criterion: Criterion) -> Record | None:
    """The best network of the best setting, or None if all networks diverged."""
    return next(iter(best_networks(settings, criterion)), None)


def _grouped(records: Iterable[Record], key: Callable[[Record], Any]) -> list[list[Record]]:
    groups: dict[Any, list[Record]] = {}
    for record in sorted(valid(records), key=lambda record: int(record["network"])):
        groups.setdefault(key(record), []).append(record)
    return list(groups.values())


def _summary(values: Mapping[str, Any], records: Sequence[Record], criterion: Criterion) -> Summary:
    numbers, losses = (known_numbers(records, key) for key in (criterion.key, criterion.loss))
    return Summary(
        values,
        tuple(records),
        finite(mean_of(numbers)),
        finite(deviation_of(numbers)),
        finite(mean_of(losses)),
        float(np.mean([record["epochs"] for record in records])),
        sum(record["diverged"] is not None for record in records),
    )
