"""What a sweep has found: the best settings, the effect of each option, what diverged, and the best network."""

import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from mlpcli.core.families import typed
from mlpcli.core.metrics import Evaluation
from mlpcli.files.runs import Record, headings, settings_in
from mlpcli.report.network_report import evaluation_document, parts_sheet
from mlpcli.report.numbers import counted, whole
from mlpcli.report.sheet import Cell, Report, Sheet
from mlpcli.report.text import METRIC_NAMES
from mlpcli.sweep.ranking import Criterion, Summary, best_of, effects_of, valid

BEST = 10
MOST_VALUES = 20  # of an option, in a table


def sweep_report(
    header: Record,
    records: Sequence[Record],
    settings: Sequence[Summary],
    criterion: Criterion,
    measured: Mapping[str, Evaluation],
    loss: str,
    closing: tuple[str, ...],
) -> Report:
    """The report of these records and their settings (see `settings_of`).

    `measured` are the parts of the data as the best network predicts them; none if it is not known.
    """
    effects = effects_of(header, records, criterion)
    sheets = [_best_sheet(header, settings, criterion)]
    sheets += [_effect_sheet(name, values, criterion) for name, values in effects.items() if len(effects) > 1]
    if any(setting.diverged for setting in settings):
        sheets.append(_diverged_sheet(header, settings))
    if invalid := _invalid(records):
        sheets.append(_listed("Not trained", ("networks", "reason"), invalid, header))
    best = best_of(settings, criterion)
    if measured and best is not None:
        sheets.append(parts_sheet(dict(measured), loss)._replace(title=f"Network {whole(best['network'])}, the best"))
    document = {
        "data": header["source"].get("dataset") or header["source"].get("data"),
        "networks": header["networks"],
        "trained": len(valid(records)),
        "diverged": sum(setting.diverged for setting in settings),
        "rank": criterion.key,
        "settings": [_document(setting) for setting in settings],
        "invalid": [{"values": values, "networks": networks, "reason": reason} for values, networks, reason in invalid],
        "effects": {name: [_document(value) for value in values] for name, values in effects.items()},
        "best": best,
        "command": shlex.join(train_words(header, best)) if best is not None else None,
        "parts": {name: evaluation_document(evaluation) for name, evaluation in measured.items()},
    }
    title = f"Sweep of {document['data']}"
    return Report("sweep-report", document, _flat(header, settings, criterion), tuple(sheets), closing, title=title)


def train_words(header: Record, record: Record) -> list[str]:
    """The command line of `mlp train` that gives a network of a sweep."""
    given = {**header["source"], **header["options"], **record["settings"], "seed": record["seed"]}
    words = ["mlp", "train"]
    for name, value in {**given, "fold": record["fold"]}.items():
        option = f"--{name}"
        if value is None or value is False:
            words += [f"--no-{name}"] if name == "header" and value is False else []
        else:
            words += [option] if value is True else [option, typed(value)]
    return words


def told(criterion: Criterion) -> str:
    """The criterion in words: validation accuracy."""
    part, _, name = criterion.key.rpartition("_")
    return f"{part or 'training'} {METRIC_NAMES.get(name, name)}"


def _document(summary: Summary) -> dict[str, Any]:
    return {
        **{"values": dict(summary.values), "networks": len(summary.records), "diverged": summary.diverged},
        **{"mean": summary.mean, "deviation": summary.deviation, "loss": summary.loss, "epochs": summary.epochs},
    }


def _numbers(summary: Summary) -> tuple[Cell, ...]:
    return len(summary.records), summary.mean, summary.deviation, summary.loss


def _columns(criterion: Criterion) -> tuple[str, ...]:
    columns = ("networks", told(criterion), "±")
    return columns if criterion.key == criterion.loss else (*columns, "loss")


def _row(summary: Summary, names: Sequence[str], criterion: Criterion) -> tuple[Cell, ...]:
    numbers = _numbers(summary)[: len(_columns(criterion))]
    return (*(typed(summary.values[name]) for name in names), *numbers)


def _best_sheet(header: Record, settings: Sequence[Summary], criterion: Criterion) -> Sheet:
    names = settings_in(header)
    many = counted(len(settings), "setting")
    title = f"Best {BEST} of {many}" if len(settings) > BEST else f"{many}, the best first" if names else "Setting"
    repeated = _repeats(header)
    rows = tuple(_row(setting, names, criterion) for setting in settings[:BEST])
    return Sheet(title + repeated, headings(names, _columns(criterion)), rows, keys=max(1, len(names)))


def _repeats(header: Record) -> str:
    """What means and deviations are over."""
    over = [{"seed": "seeds", "fold": "folds"}[name] for name in header["vary"] if name in ("seed", "fold")]
    return f": mean ± standard deviation over {' and '.join(over)}" if over else ""


def _effect_sheet(name: str, values: Sequence[Summary], criterion: Criterion) -> Sheet:
    shown = sorted(values, key=lambda value: criterion.cost(value.mean))[:MOST_VALUES]
    kept = [value for value in values if any(value is one for one in shown)]
    title = f"Effect of {name}" + (f", its best {MOST_VALUES} values" if len(kept) < len(values) else "")
    columns = _columns(criterion)
    if all(value.loss is None for value in values):  # losses of different kinds, or every network diverged
        columns = columns[:3]
    rows = tuple(_row(value, [name], criterion)[: 1 + len(columns)] for value in kept)
    return Sheet(title, headings([name], columns), rows)


def _diverged_sheet(header: Record, settings: Sequence[Summary]) -> Sheet:
    diverged = sorted((s for s in settings if s.diverged), key=lambda s: -s.diverged)
    first = [next(record["diverged"] for record in s.records if record["diverged"] is not None) for s in diverged]
    rows = [(s.values, s.diverged, len(s.records), at) for s, at in zip(diverged, first, strict=True)]
    return _listed("Diverged", ("diverged", "networks", "first at"), rows, header)


def _listed(title: str, columns: tuple[str, ...], rows: Sequence[tuple[Any, ...]], header: Record) -> Sheet:
    """The first of these settings, each with its values before its cells."""
    names = settings_in(header)
    many = f"{title}: {BEST} of {counted(len(rows), 'setting')}" if len(rows) > BEST else title
    shown = tuple((*(typed(values[name]) for name in names), *cells) for values, *cells in rows[:BEST])
    return Sheet(many, (*names, *columns), shown, keys=max(1, len(names)))


def _invalid(records: Sequence[Record]) -> list[tuple[Record, int, str]]:
    """The settings that are not trained, with their networks, and the reason of the first of these."""
    found: dict[tuple[Any, ...], list[Record]] = {}
    for record in sorted(records, key=lambda record: int(record["network"])):
        if "invalid" in record:
            found.setdefault(tuple(record["settings"].values()), []).append(record)
    return [(group[0]["settings"], len(group), group[0]["invalid"]) for group in found.values()]


def _flat(header: Record, settings: Sequence[Summary], criterion: Criterion) -> Sheet:
    """One row for each setting."""
    names, numbers = settings_in(header), ("networks", criterion.key, "deviation", criterion.loss)
    kept = len(_columns(criterion))  # of the numbers: ranked by the loss, a setting has it once
    columns = headings(names, (*numbers[:kept], "epochs", "diverged"))
    rows = tuple(
        (*(typed(s.values[name]) for name in names), *_numbers(s)[:kept], s.epochs, s.diverged) for s in settings
    )
    return Sheet("", columns, rows)
