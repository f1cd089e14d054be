"""What else one must know to read the numbers of a pass: which input is which, and what is scaled."""

from collections.abc import Sequence
from itertools import accumulate, pairwise

from mlpcli.data.dataset import numbered
from mlpcli.files.model import Model
from mlpcli.report.notation import lowered
from mlpcli.report.sheet import Report
from mlpcli.report.text import listed

MOST_NAMED = 20  # features, or else columns, in a note


def scaling_note(model: Model, outputs: Sequence[str] = ("y",)) -> str:
    """Says that x, and a regression's `outputs` that are shown, are scaled; empty if they are not."""
    features, targets = model.preparation.scaling, model.coding.scaling
    names = ["x"] if features.mean.any() or (features.scale != 1).any() else []
    names += outputs if targets is not None else []
    if not names:
        return ""
    return (
        f"{listed(names, 'and')} {'is' if len(names) == 1 else 'are'} (value − mean)/scale, as the network was trained"
    )


def feature_names(model: Model) -> tuple[str, ...]:
    """The names of the inputs; none if they are only numbered."""
    names = model.preparation.features
    return () if names == numbered(len(names)) else names


def with_feature_names(report: Report, model: Model) -> Report:
    """The report with the names of the inputs in its document, if they have some."""
    names = feature_names(model)
    return report._replace(document={"features": [*names], **report.document}) if names else report


def features_note(model: Model) -> str:
    """Which input is which category or number; of many, the first and the last of each column.

    Empty if no column is categorical.
    """
    if not model.preparation.columns:
        return ""
    named = [f"x{lowered(number)} {name}" for number, name in enumerate(model.preparation.features, 1)]
    if len(named) > MOST_NAMED:
        ends = list(accumulate(len(column.features) for column in model.preparation.columns))
        spans = [named[start:end] for start, end in pairwise([0, *ends])]
        named = [" to ".join(dict.fromkeys((span[0], span[-1]))) for span in spans]
    more = f" and {len(named) - MOST_NAMED} more columns" if len(named) > MOST_NAMED else ""
    return ", ".join(named[:MOST_NAMED]) + more


def background(model: Model, trained: str = "") -> dict[str, str]:
    """What else one must know to read the numbers of a trace, by what it is about: how the network was `trained`, …"""
    facts = {"trained with": trained, "features": features_note(model), "scaling": scaling_note(model)}
    return {name: text for name, text in facts.items() if text}
