"""Each number of a step as the sum it is: a₁⁽¹⁾ is 0.2 + 0.1·1.8 + (−0.2)·0.5.

What a layer computes for sample n has a sum per unit; a matrix has a tuple of them per row.
"""

from collections.abc import Sequence

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.objective import Objective
from mlpcli.core.tracing import LayerTrace, StepTrace
from mlpcli.report.notation import factor
from mlpcli.report.pieces import Sums
from mlpcli.report.substitution import substituted

LARGE = 100  # of such an a, six digits leave e^a with three


def below(step: StepTrace, k: int) -> Array:
    """What layer k takes: h⁽ᵏ⁻¹⁾, or x; (n, inputs)."""
    return step.x if k == 1 else step.layers[k - 2].h


def sums_of_a(step: StepTrace, k: int, n: int) -> Sums:
    """aᵢ = bᵢ + Σⱼ wᵢⱼ hⱼ"""
    W, b, _ = step.layers[k - 1].before
    return tuple(_sum([factor(b[i]), *_products(W[i], below(step, k)[n])]) for i in range(len(b)))


def sums_of_h(step: StepTrace, k: int, n: int) -> Sums:
    """hᵢ = f(aᵢ), for softmax e^aᵢ / Σⱼ e^aⱼ"""
    layer, f = step.layers[k - 1], step.layers[k - 1].activation
    if not f.elementwise:
        powers = powers_of(layer.a[n])
        return tuple(f"{power} / ({' + '.join(powers)})" for power in powers)
    rule = f.formula.partition(",")[0] if f.learned is not None else f.formula
    slopes = zip(layer.a[n], slopes_of(layer), strict=True)
    return tuple(substituted(rule, {"a": a, f.letter: alpha}) for a, alpha in slopes)


def powers_of(a: Array) -> list[str]:
    """e^aⱼ of each unit; of large a less the largest, which leaves their shares as they are and keeps their digits."""
    largest = a.max() if np.abs(a).max() > LARGE else 0
    return [f"e^{factor(one)}" for one in a - largest]


def slopes_of(layer: LayerTrace) -> Array:
    """The parameter of the activation for each unit: learned, or the same for all, or NaN where it has none."""
    alpha = layer.before.alpha if layer.activation.learned is not None else layer.activation.alpha
    return np.broadcast_to(np.nan if alpha is None else alpha, layer.a.shape[1:])


def sums_of_dh(above: LayerTrace, n: int) -> Sums:
    """dhᵢ = Σⱼ wⱼᵢ daⱼ of the layer above"""
    return tuple(_sum(_products(column, above.da[n])) for column in above.before.W.T)


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
