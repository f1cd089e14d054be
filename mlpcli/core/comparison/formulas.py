"""Back-propagation as formulas: a line for each quantity, any of which may be replaced by another.

`trace` shows what training computes. This is the same arithmetic in plain NumPy, so that a mistake can be made in one
line on purpose.
"""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np

from mlpcli.core.activations import Activation
from mlpcli.core.arrays import Array
from mlpcli.core.gradient_descent import Rule, constants
from mlpcli.core.losses import OnPaper
from mlpcli.core.objective import Objective
from mlpcli.core.tracing import Trace

Formula = Callable[[Any], Any]  # of the figures of a step or a layer, as far as they are known
Formulas = Mapping[str, Formula]
Slots = dict[str, dict[str, Array]]  # the optimizer's running values, by parameter and by name


class StepFigures(SimpleNamespace):
    """The figures of an update."""

    trace: Trace
    t: int
    layers: list["LayerFigures"]
    x: Array
    y: Array
    terms: Array
    loss: Array
    penalty: Array
    objective: Array

    @property
    def goal(self) -> Objective:
        """What J consists of."""
        return self.trace.objective


class LayerFigures(SimpleNamespace):
    """The figures of a layer."""

    step: StepFigures
    k: int
    activation: Activation
    W: Array
    b: Array
    alpha: Any
    a: Array
    h: Array
    dh: Array
    derivative: Array
    da: Array
    count: float  # what each sample counts in J
    W_share: Array  # the regulariser's part of dW
    b_share: Array
    dW: Array
    db: Array
    rule: Rule
    rate: float
    frozen: bool
    slots: Slots

    @property
    def below(self) -> Array:
        """h of the layer below, or x."""
        return self.step.x if self.k == 1 else self.step.layers[self.k - 2].h

    @property
    def above(self) -> "LayerFigures | None":
        return self.step.layers[self.k] if self.k < len(self.step.layers) else None


# ----- The formulas -------------------------------------------------------------------------------------------------


def output(s: StepFigures) -> OnPaper:
    """The last layer, as losses take it."""
    last = s.layers[-1]
    return OnPaper(last.activation, last.a, last.h)


def reduced(s: StepFigures, goal: Objective) -> Any:
    """L from its terms."""
    return s.terms.sum() * goal.factor(*s.y.shape)


def omega(s: StepFigures, l1: float, l2: float, biases: bool) -> Any:
    """l2 · ½ Σ w² + l1 · Σ |w|"""
    parts = [part for f in s.layers for part in ((f.W, f.b) if biases else (f.W,))]
    return sum(l2 * 0.5 * np.sum(part**2) + l1 * np.sum(np.abs(part)) for part in parts)


def penalty_gradient(goal: Objective, part: Array) -> Array:
    """l2 · w + l1 · sign(w)"""
    result: Array = goal.l2 * part + goal.l1 * np.sign(part)
    return result


def through(f: LayerFigures, derivative: Array) -> Array:
    """dh ⊙ f′(a), or for softmax Σᵢ dhᵢ ∂hᵢ/∂aⱼ"""
    result: Array = f.dh * derivative if f.activation.elementwise else np.einsum("ni,nij->nj", f.dh, derivative)
    return result


def updated(f: LayerFigures, letter: str) -> Array:
    """The new W, b or α by the optimizer's rule, which changes the slots; without a rule, what the trace has."""
    trace, optimizer = f.step.trace, f.step.trace.optimizer
    if optimizer.rule is None:
        result: Array = getattr(trace.steps[f.step.t - 1].layers[f.k - 1].after, letter)
        return result
    value = np.array(getattr(f, letter))
    gradient = np.zeros_like(value) if letter == "b" and f.frozen else getattr(f, f"d{letter}")
    slots = list(f.slots[letter].values())
    parameters = constants(optimizer.parameters, value.dtype)
    f.rule(value, gradient, slots, f.rate, f.step.t, parameters, np.empty_like(value))
    return value


EXACT: Formulas = {
    "a": lambda f: f.below @ f.W.T + f.b,
    "h": lambda f: f.activation.forward(f.a, f.alpha, np.empty_like(f.a)),
    "terms": lambda s: s.goal.loss.terms(output(s), s.y),
    "loss": lambda s: reduced(s, s.goal),
    "penalty": lambda s: omega(s, s.goal.l1, s.goal.l2, s.goal.regularize_bias),
    "objective": lambda s: s.loss + s.penalty,
    "dy_hat": lambda f: f.step.goal.loss.gradient(f.h, f.step.y) * f.step.goal.output_factor(f.h.shape[-1]),
    "dh": lambda f: f.above.da @ f.above.W,
    "derivative": lambda f: f.activation.slope(f.a, f.h, f.alpha),
    "da": lambda f: through(f, f.derivative),
    "count": lambda f: f.step.goal.batch_factor(len(f.step.y)),
    "W_share": lambda f: penalty_gradient(f.step.goal, f.W),
    "b_share": lambda f: penalty_gradient(f.step.goal, f.b * f.step.goal.regularize_bias),
    "dW": lambda f: f.count * f.da.T @ f.below + f.W_share,
    "db": lambda f: f.count * f.da.sum(axis=0) + f.b_share,
    "dalpha": lambda f: f.count * f.activation.learned(f.dh, f.a),
    "dx": lambda s: s.layers[0].da @ s.layers[0].W,
    "rule": lambda f: f.step.trace.optimizer.rule,
    "rate": lambda f: f.step.trace.learning_rate,
    "frozen": lambda f: f.step.trace.freeze_bias,
    "W_new": lambda f: updated(f, "W"),
    "b_new": lambda f: updated(f, "b"),
    "alpha_new": lambda f: updated(f, "alpha"),
}
