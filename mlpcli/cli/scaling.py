"""What one must know to find the figures of a sample in the data again: which of them are scaled."""

from collections.abc import Sequence

from mlpcli.files.model import Model


def scaling_note(model: Model, outputs: Sequence[str] = ("y",)) -> str:
    """That x, and a regression's `outputs` that are shown, are not the figures of the data; nothing where they are."""
    features, targets = model.preparation.scaling, model.coding.scaling
    names = ["x"] if features.mean.any() or (features.scale != 1).any() else []
    names += outputs if targets is not None else []
    if not names:
        return ""
    listed = " and ".join(", ".join(part) for part in (names[:-1], names[-1:]) if part)
    return f"{listed} {'is' if len(names) == 1 else 'are'} (value − mean)/scale, as the network was trained"
