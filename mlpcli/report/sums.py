"""Each number of a step as the sum it is: a₁⁽¹⁾ is 0.2 + 0.1·1.8 + (−0.2)·0.5.

What a layer computes for sample n has a sum per unit; a matrix has a tuple of them per row.
"""

from collections.abc import Sequence

import numpy as np

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.arrays import Array
from mlpcli.core.by_hand import spelled_loss
from mlpcli.core.families import spelled
from mlpcli.core.objective import Objective
from mlpcli.core.tracing import LayerTrace, StepTrace, Trace
from mlpcli.report.notation import factor
from mlpcli.report.pieces import Sums
from mlpcli.report.substitution import substituted


def below(step: StepTrace, k: int) -> Array:
    """What layer k takes: h⁽ᵏ⁻¹⁾, or x; (n, inputs)."""
    return step.x if k == 1 else step.layers[k - 2].h


def sums_of_a(step: StepTrace, k: int, n: int) -> Sums:
    """aᵢ = bᵢ + Σⱼ wᵢⱼ hⱼ"""
    W, b, _ = step.layers[k - 1].before
    return tuple(_sum([factor(b[i]), *_products(W[i], below(step, k)[n])]) for i in range(len(b)))


def sums_of_h(step: StepTrace, k: int, n: int) -> Sums:
    """hᵢ = f(aᵢ), with a learned slope aᵢ if aᵢ > 0 else αᵢaᵢ, for softmax e^aᵢ / Σⱼ e^aⱼ"""
    layer = step.layers[k - 1]
    if layer.activation.learned is not None:
        rule = layer.activation.formula.partition(",")[0]
        slopes = zip(layer.a[n], layer.before.alpha, strict=True)
        return tuple(substituted(rule, {"a": a, "α": alpha}) for a, alpha in slopes)
    if layer.activation.elementwise:
        name = spelled(layer.activation, ACTIVATIONS)
        return tuple(f"{name}({factor(a).strip('()')})" for a in layer.a[n])
    powers = [f"e^{factor(a)}" for a in layer.a[n]]
    return tuple(f"{power} / ({' + '.join(powers)})" for power in powers)


def sums_of_dh(trace: Trace, step: StepTrace, k: int, n: int) -> Sums:
    """dhᵢ = Σⱼ wⱼᵢ daⱼ of the layer above; of the last layer, the derivative of the loss"""
    if k < len(step.layers):
        above = step.layers[k]
        return tuple(_sum(_products(column, above.da[n])) for column in above.before.W.T)
    derivative = output_derivative(trace, step)
    pairs = zip(step.layers[-1].h[n], step.y[n], strict=True)
    return tuple(f"{derivative} at ŷ = {factor(y_hat)}, y = {factor(y)}" for y_hat, y in pairs)


def output_derivative(trace: Trace, step: StepTrace) -> str:
    """The formula of dŷ: the derivative of a term, and what the term counts."""
    _, derivative = spelled_loss(trace.objective.loss, trace.rule)
    outputs = step.y.shape[1]
    return derivative if trace.objective.output_factor(outputs) == 1 else f"1/{outputs} ({derivative})"


def sums_of_da(layer: LayerTrace, n: int) -> Sums:
    """daᵢ = dhᵢ f′(aᵢ), for softmax Σⱼ dhⱼ ∂hⱼ/∂aᵢ"""
    if layer.activation.elementwise:
        return tuple(_products(layer.dh[n], layer.derivative[n]))
    return tuple(_sum(_products(layer.dh[n], column)) for column in layer.derivative[n].T)


def sums_of_dW(objective: Objective, step: StepTrace, k: int) -> tuple[Sums, ...]:
    """dwᵢⱼ = Σ daᵢ hⱼ over the samples, reduced as the batch is, and the regulariser's share"""
    layer, h = step.layers[k - 1], below(step, k)
    return tuple(
        tuple(
            _reduced(_products(layer.da[:, i], h[:, j]), objective, layer.share.W[i, j])
            for j in range(h.shape[1])
        )
        for i in range(layer.da.shape[1])
    )  # fmt: skip


def sums_of_db(objective: Objective, step: StepTrace, k: int) -> Sums:
    """dbᵢ = Σ daᵢ over the samples, reduced as the batch is, and the regulariser's share"""
    layer = step.layers[k - 1]
    return tuple(
        _reduced([factor(da) for da in column], objective, share)
        for column, share in zip(layer.da.T, layer.share.b, strict=True)
    )


def sums_of_dalpha(objective: Objective, step: StepTrace, k: int) -> Sums:
    """dαᵢ = Σ dhᵢ min(0, aᵢ) over the samples, reduced as the batch is"""
    layer = step.layers[k - 1]
    pairs = zip(layer.dh.T, np.minimum(layer.a, 0).T, strict=True)
    return tuple(_reduced(_products(dh, negative), objective, 0) for dh, negative in pairs)


# ----- Signs --------------------------------------------------------------------------------------------------------


def _products(one: Array, two: Array) -> list[str]:
    return [f"{factor(a)}·{factor(b)}" for a, b in zip(one, two, strict=True)]


def _sum(parts: Sequence[str]) -> str:
    return " + ".join(parts)


def _reduced(samples: Sequence[str], objective: Objective, share: float) -> str:
    """The samples' sum or mean, and the regulariser's share where there is one."""
    text = _sum(samples)
    if objective.batch_factor(len(samples)) != 1:
        text = f"({text}) / {len(samples)}"
    return f"{text} + {factor(share)}" if share else text
