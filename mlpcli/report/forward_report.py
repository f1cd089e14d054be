"""A forward pass: every a and h, layer by layer."""

from itertools import chain
from typing import Any

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.families import spelled
from mlpcli.core.network import Network
from mlpcli.core.propagation import ForwardPass
from mlpcli.report.predictions import Prediction
from mlpcli.report.sheet import Cell, Report, Sheet


def forward_report(
    network: Network, x: Array, passed: ForwardPass, predictions: list[Prediction], targets: tuple[str, ...]
) -> Report:
    """One sheet per sample; x is what was given, `passed.x` what the network saw (scaled, where it scales)."""
    names = [spelled(layer.activation, ACTIVATIONS) for layer in network.layers]
    rows = [_rows(k, names, passed) for k in range(len(x))]
    samples = [_sample(k, x, names, passed, predictions[k]) for k in range(len(x))]
    sheets = tuple(_sheet(k, x, passed, rows[k], _says(predictions[k], targets)) for k in range(len(x)))
    columns = ("sample", "layer", "unit", "activation", "a", "h")
    return Report("forward", {"samples": samples}, Sheet("", columns, tuple(chain.from_iterable(rows))), sheets)


def _says(prediction: Prediction, targets: tuple[str, ...]) -> str:
    """A class, labels, or numbers by name in their own unit."""
    if prediction.label is not None:
        return prediction.label or "no label"
    return ", ".join(f"{name} = {value:.6g}" for name, value in zip(targets, prediction.values, strict=True))


def _rows(sample: int, names: list[str], passed: ForwardPass) -> list[tuple[Cell, ...]]:
    return [
        (sample + 1, k, unit + 1, name, float(layer.a[sample, unit]), float(layer.h[sample, unit]))
        for k, (name, layer) in enumerate(zip(names, passed.layers, strict=True), 1)
        for unit in range(layer.a.shape[1])
    ]


def _sample(k: int, x: Array, names: list[str], passed: ForwardPass, prediction: Prediction) -> dict[str, Any]:
    layers = [
        {"activation": name, "a": layer.a[k].tolist(), "h": layer.h[k].tolist()}
        for name, layer in zip(names, passed.layers, strict=True)
    ]
    found: dict[str, Any] = {"x": x[k].tolist(), "h0": passed.x[k].tolist(), "layers": layers}
    found["prediction"] = prediction.values if prediction.label is None else prediction.label
    return found


def _sheet(k: int, x: Array, passed: ForwardPass, rows: list[tuple[Cell, ...]], says: str) -> Sheet:
    given = ", ".join(f"{value:g}" for value in x[k][:8]) + (", …" if x.shape[1] > 8 else "")
    title = f"Sample {k + 1}: x = [{given}]"
    if (passed.x[k] != x[k]).any():
        scaled = ", ".join(f"{value:.4g}" for value in passed.x[k][:8]) + (", …" if x.shape[1] > 8 else "")
        title += f", scaled [{scaled}]"
    title += f" → {says}"
    return Sheet(title, ("layer", "unit", "activation", "a", "h"), tuple(row[1:] for row in rows), keys=2)
