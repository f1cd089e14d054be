"""A network in a few lines: its layers, their activations, and how many numbers they learn."""

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.families import spelled
from mlpcli.core.network import Layer, count
from mlpcli.report.sheet import Sheet


def layer_rows(layers: tuple[Layer, ...]) -> tuple[tuple[str | int, ...], ...]:
    """One row per layer: number, units, activation, the shape of W, parameters."""
    return tuple(
        (k, layer.units, spelled(layer.activation, ACTIVATIONS), f"{layer.units}×{layer.inputs}", layer.size)
        for k, layer in enumerate(layers, 1)
    )


def network_sheet(layers: tuple[Layer, ...]) -> Sheet:
    """The summary that stands above training."""
    return Sheet(
        network_words(layers).capitalize(),
        ("layer", "units", "activation", "W", "parameters"),
        layer_rows(layers),
    )


def network_words(layers: tuple[Layer, ...]) -> str:
    """network 4-16-3, 131 parameters"""
    widths = "-".join(str(width) for width in (layers[0].inputs, *(layer.units for layer in layers)))
    return f"network {widths}, {count(layers):,} parameters"
