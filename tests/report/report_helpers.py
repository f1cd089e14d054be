"""What the tests of formulas share: traces of every kind, and formulas evaluated as Python does it."""

import math
import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache

import numpy as np
from core_helpers import activation, lecture_network

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Network, chain, count
from mlpcli.core.objective import objective_of
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.derivation.quantities import View
from mlpcli.derivation.report import trace_report
from mlpcli.derivation.trace import Trace, trace
from mlpcli.report.sheet import Formula, Report, Section

PYTHON = {
    "−": "-",
    "·": "*",
    "⊙": "*",
    "½": "0.5",
    "²": "**2",
    "^": "**",
    "√": "sqrt",
    "σ(": "activation('sigmoid')(",
    "log₁₀": "log10",
}


def lecture_trace(loss: str = "ce-negatives") -> Trace:
    """The lecture's network, sample and learning rate."""
    x, y = np.array([[1.8, 0.5]]), np.array([[1.0, 0.0, 0.0]])
    return trace(lecture_network(), objective_of(LOSSES[loss]), OPTIMIZERS["sgd"], 0.5, x, y)


def drawn_trace(
    activations: Sequence[str] = ("tanh", "softmax"),
    loss: str = "cce",
    optimizer: str = "sgd",
    samples: int = 1,
    steps: int = 1,
    units: Sequence[int] = (4, 3),
    freeze_bias: bool = False,
    largest: float = 0.9,
    **changes: object,
) -> Trace:
    """A drawn network of 3 inputs, with targets that are one of the outputs."""
    draw = np.random.default_rng(8)
    layers = chain(3, units, [activation(name) for name in activations])
    network = Network(layers, draw.uniform(-largest, largest, count(layers)))
    x, y = draw.uniform(-1, 1, (samples, 3)), np.eye(units[-1])[np.arange(samples) % units[-1]]
    objective = objective_of(LOSSES[loss], **changes)
    return trace(network, objective, OPTIMIZERS[optimizer], 0.05, x, y, steps, freeze_bias)


RULES = [name for name, row in OPTIMIZERS.items() if row.rule is not None]

# Each of these is a trace of another kind: activations, losses, optimizers, batches, regularisers, steps.
TRACES = {
    "lecture": lecture_trace(),
    **{f"hidden {name}": drawn_trace([name, "softmax"]) for name in ACTIVATIONS},
    "leaky-relu:0.3": drawn_trace(["leaky-relu:0.3", "softmax"], samples=2),
    **{f"optimizer {name}": drawn_trace(optimizer=name, samples=2, steps=2, l2=0.1) for name in RULES},
    "batch, sum": drawn_trace(samples=3, batch_reduction="sum"),
    "l1, l2, biases": drawn_trace(samples=2, l1=0.02, l2=0.3, regularize_bias=True),
    "prelu in a batch": drawn_trace(["prelu", "linear"], "mse", samples=4),
    "bce, mean": drawn_trace(["tanh", "sigmoid"], "bce", samples=2),
    "half-sse": drawn_trace(["sigmoid", "sigmoid"], "half-sse"),
    "mae": drawn_trace(["relu", "linear"], "mae"),
    "hinge": drawn_trace(["relu", "linear"], "hinge"),
    "kl": drawn_trace(loss="kl"),
    "one unit a layer": drawn_trace(["tanh", "sigmoid"], "bce", samples=2, units=(1, 1), l2=0.1),
    "three layers": drawn_trace(["tanh", "relu", "softmax"], units=(4, 2, 3)),
    "biases frozen": drawn_trace(freeze_bias=True, optimizer="adam"),
    "near 0": drawn_trace(optimizer="adam", steps=2, largest=1e-4),
    "near 0, mse": drawn_trace(["tanh", "tanh"], "mse", optimizer="rmsprop", samples=2, largest=1e-4, l2=1e-5),
}


@cache
def explained(name: str) -> Report:
    """One of these, with every number as a sum and every formula to typeset."""
    return trace_report(TRACES[name], View(typeset=True, explain=True))


def formulas_of(sections: Sequence[Section]) -> Iterator[Formula]:
    for section in sections:
        yield from (block for block in section.blocks if isinstance(block, Formula))


def evaluated_sum(text: str) -> float:
    """A sum as Python computes it: `0.5·sigmoid(0.3) − √2` and the like."""
    text = text.removesuffix(", frozen")
    plain = re.sub(r"(log₁₀|log|√) ?([\d.e−]+)", r"\1(\2)", text)  # a function of a number without brackets
    plain = re.sub(r"\|(.*?)\|", r"abs(\1)", plain)
    plain = re.sub(rf"((?:{'|'.join(ACTIVATIONS)})[\w:=.]*)\(", r"activation('\1')(", plain)
    for sign, replacement in PYTHON.items():
        plain = plain.replace(sign, replacement)
    return float(eval(plain, {"__builtins__": {}, **FUNCTIONS}))


def evaluated_pieces(
    pieces: Sequence[Array | str], activation: Activation | None = None, alpha: object = None
) -> Array:
    """Matrices beside each other are multiplied, ⊙ multiplies number by number, a name is the activation."""
    if isinstance(pieces[0], str) and pieces[0] in ACTIVATIONS:
        assert activation is not None
        assert activation.name == pieces[0]
        (a,) = pieces[1:]
        assert not isinstance(a, str)
        return activation.forward(a.T.copy(), alpha, np.empty(a.T.shape)).T
    text, values, before = "", {}, ""
    for place, piece in enumerate(pieces):
        if isinstance(piece, str):
            text += re.sub(r"(\d) \(", r"\1 * (", piece.replace("−", "-").replace("·", "*").replace("⊙", "*"))
        else:
            values[f"v{place}"] = piece.item() if piece.size == 1 else piece
            text += (" @ " if before == "array" else " ") + f"v{place} "
        before = "sign" if isinstance(piece, str) else "array"
    return np.atleast_2d(eval(text, {"__builtins__": {}, **values}))


def _log(x: float) -> float:
    """Where x is 0, it stands in 0 log 0, which is 0."""
    return math.log(x) if x > 0 else 0.0


def _activation(text: str) -> Callable[[float], float]:
    """The function of one number that `leaky-relu:alpha=0.3` names."""
    row = activation(text)
    return lambda a: float(row.forward(np.array([float(a)]), row.alpha, np.empty(1))[0])


FUNCTIONS = {
    "activation": _activation, "e": math.e, "sqrt": math.sqrt, "log": _log, "log10": math.log10, "abs": abs,
    "max": max, "min": min, "sign": lambda x: float(np.sign(x)),
}  # fmt: skip
