"""Networks, samples and objectives to trace, drawn at random: what the oracles and the package both start from.

Nothing here uses the package. Figures are named as on paper: a1, h1, derivative1, dh1, da1, dW1, db1, … by layer.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count

import numpy as np
import numpy.typing as npt
from numpy.random import Generator, default_rng

Array = npt.NDArray[np.float64]
Figures = dict[str, Array]

CONSTANTS = {"leaky-relu": 0.3, "elu": 0.7, "swish": 1.5}  # α or β, none of them the default


@dataclass(frozen=True)
class Case:
    """A network, samples, and an objective."""

    functions: tuple[str, ...]  # the activation of each layer
    parameters: Figures  # W1, b1, alpha1 where it is learned, W2, …
    x: Array  # (n, inputs)
    y: Array  # (n, outputs)
    loss: str
    output_reduction: str
    batch_reduction: str
    l1: float
    l2: float
    regularize_bias: bool

    @property
    def layers(self) -> range:
        return range(1, len(self.functions) + 1)

    @property
    def penalized(self) -> tuple[str, ...]:
        """The parameters that take part in Ω."""
        letters = "Wb" if self.regularize_bias else "W"
        return tuple(name for name in self.parameters if name[0] in letters)


def draws(hidden: str, last: str, loss: str) -> Iterator[Case]:
    """Ever new cases with up to three hidden layers of this activation (none for ""), an output activation, a loss."""
    names = [*map(ord, hidden + last + loss)]
    for number in count():
        draw = default_rng([number, *names])
        functions = (*[hidden] * int(draw.integers(1, 4)), last) if hidden else (last,)
        samples = int(draw.choice([1, 3]))
        widths = [int(draw.integers(2, 5)) for _ in range(len(functions) + 1)]
        yield Case(
            functions,
            _parameters(functions, widths, draw),
            _away_from_0(draw, (samples, widths[0])),
            _targets(loss, (samples, widths[-1]), draw),
            loss,
            *(str(draw.choice(["mean", "sum"])) for _ in range(2)),
            l1=float(draw.choice([0, 0.03])),
            l2=float(draw.choice([0, 0.2])),
            regularize_bias=bool(draw.integers(2)),
        )


def _parameters(functions: tuple[str, ...], widths: list[int], draw: Generator) -> Figures:
    found = {}
    for k, (function, inputs, units) in enumerate(zip(functions, widths, widths[1:], strict=False), 1):
        found |= {f"W{k}": _away_from_0(draw, (units, inputs)), f"b{k}": _away_from_0(draw, (units,))}
        if function == "prelu":
            found[f"alpha{k}"] = draw.uniform(0.1, 0.6, units)
    return found


def _away_from_0(draw: Generator, shape: tuple[int, ...]) -> Array:
    """|w| has a kink at 0."""
    return draw.choice([-1.0, 1.0], shape) * draw.uniform(0.1, 1, shape)


def _targets(loss: str, shape: tuple[int, int], draw: Generator) -> Array:
    """Of the kind that the loss takes."""
    if loss == "hinge":
        return np.eye(shape[1])[draw.integers(0, shape[1], shape[0])]
    if loss in ("cce", "kl"):
        return draw.dirichlet(np.ones(shape[1]), shape[0]) if draw.integers(2) else _targets("hinge", shape, draw)
    if loss in ("bce", "ce-negatives"):
        return draw.uniform(0, 1, shape) if draw.integers(2) else draw.integers(0, 2, shape).astype(float)
    return draw.normal(size=shape)
