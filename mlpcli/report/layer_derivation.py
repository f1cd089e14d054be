"""One layer of a step in formulas: forward, and backward from dh to the gradients and to the layer below."""

from collections.abc import Iterator, Sequence

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.tracing import LayerTrace, StepTrace, Trace
from mlpcli.report.layer_formulas import (
    formula_of_a,
    formula_of_da,
    formula_of_dalpha,
    formula_of_db,
    formula_of_dh,
    formula_of_dW,
    formula_of_jacobian,
    jacobian_symbol,
    slope_symbol,
)
from mlpcli.report.loss_sums import output_derivative, sums_of_output_delta, sums_of_output_derivative
from mlpcli.report.notation import raised
from mlpcli.report.pieces import Pieces, Sums, column, computed, product, reduced, row, scalar, upright
from mlpcli.report.sheet import Formula
from mlpcli.report.substitution import substituted
from mlpcli.report.sums import (
    below,
    slopes_of,
    sums_of_a,
    sums_of_da,
    sums_of_dalpha,
    sums_of_db,
    sums_of_dh,
    sums_of_dW,
    sums_of_h,
)


def samples(step: StepTrace) -> Iterator[tuple[int, str]]:
    """Each sample's place, and how it is told from the others: [2] for the second of several."""
    for n in range(len(step.x)):
        yield n, f"[{n + 1}]" if len(step.x) > 1 else ""


def forward_formulas(step: StepTrace, k: int) -> Iterator[Formula]:
    """a⁽ᵏ⁾ = W⁽ᵏ⁾ h⁽ᵏ⁻¹⁾ + b⁽ᵏ⁾ and h⁽ᵏ⁾ = f(a⁽ᵏ⁾), for each sample"""
    layer, K = step.layers[k - 1], raised(k)
    W, b, _ = layer.before
    name, output = layer.activation.name, "ŷ" if k == len(step.layers) else ""
    for n, s in samples(step):
        pieces = (*product(W, column(below(step, k)[n])), "+", column(b))
        yield Formula(f"a{K}{s}", formula_of_a(k, s), pieces, column(layer.a[n]), upright(sums_of_a(step, k, n)))
        symbol = f"{output}{s} = h{K}{s}" if output else f"h{K}{s}"
        text, pieces = f"{name}(a{K}{s}) = {layer.activation.formula}", (name, column(layer.a[n]))
        yield Formula(symbol, text, pieces, column(layer.h[n]), upright(sums_of_h(step, k, n)))


def backward_formulas(trace: Trace, step: StepTrace, k: int) -> Iterator[Formula]:
    """For each sample dh, f′ and da; then the gradients of W, b and learned slopes; below the first layer dx."""
    for n, s in samples(step):
        yield _dh(trace, step, k, n, s)
        yield from _da(trace, step, k, n, s)
    yield _dW(trace, step, k)
    yield _db(trace, step, k)
    if step.layers[k - 1].activation.learned is not None:
        yield _dalpha(trace, step, k)
    if k == 1:
        layer = step.layers[0]
        for n, s in samples(step):
            pieces = product(layer.before.W.T, column(layer.da[n]))
            sums = upright(sums_of_dh(layer, n))
            yield Formula(f"dx{s}", formula_of_dh(0, s), pieces, column(step.dx[n]), sums)


def _dh(trace: Trace, step: StepTrace, k: int, n: int, s: str) -> Formula:
    """dŷ from the loss; of a layer below, dh⁽ᵏ⁾ = W⁽ᵏ⁺¹⁾ᵀ da⁽ᵏ⁺¹⁾"""
    K, dh = raised(k), column(step.layers[k - 1].dh[n])
    if k < len(step.layers):
        above = step.layers[k]
        pieces = product(above.before.W.T, column(above.da[n]))
        return Formula(f"dh{K}{s}", formula_of_dh(k, s), pieces, dh, upright(sums_of_dh(above, n)))
    sums = upright(sums_of_output_derivative(trace, step, n))
    return Formula(f"dŷ{s} = dh{K}{s}", output_derivative(trace, step), (), dh, sums)


def _da(trace: Trace, step: StepTrace, k: int, n: int, s: str) -> Iterator[Formula]:
    """da = dh ⊙ f′(a); for softmax da = (∂h/∂a)ᵀ dh"""
    layer, symbol, text = step.layers[k - 1], f"da{raised(k)}{s}", formula_of_da(step.layers[k - 1], k, s)
    dh, da, sums = column(layer.dh[n]), column(layer.da[n]), upright(sums_of_da(layer, n))
    straight = sums_of_output_delta(trace, step, n) if k == len(step.layers) else ()
    if layer.activation.elementwise:
        derivative = column(layer.derivative[n])
        yield Formula(slope_symbol(k, s), _slope(layer), (), derivative, upright(_sums_of_slopes(layer, n)))
        pieces: Pieces = (dh, "⊙", derivative)
    else:
        from_h = trace.rule == "exact" or trace.digits is None  # else from a, before ŷ was rounded
        entries = _sums_of_jacobian(layer, n) if from_h else ()
        formula = formula_of_jacobian(layer, trace.rule)
        yield Formula(jacobian_symbol(k, s), formula, (), layer.derivative[n], entries)
        pieces = product(layer.derivative[n].T, dh)
    if straight:
        yield Formula(symbol, f"{text}, straight from a", (), da, upright(straight))
    else:
        yield Formula(symbol, text, pieces, da, sums)


def _dW(trace: Trace, step: StepTrace, k: int) -> Formula:
    """dW = da hᵀ over the samples, and the regulariser's share"""
    layer, text = step.layers[k - 1], formula_of_dW(trace.objective, len(step.x), k)
    pairs = zip(layer.da, below(step, k), strict=True)
    pieces = _over_samples(trace, [product(column(da), row(h)) for da, h in pairs])
    pieces += _share(trace, layer.before.W)
    return Formula(f"dW{raised(k)}", text, pieces, layer.d.W, sums_of_dW(trace.objective, step, k))


def _db(trace: Trace, step: StepTrace, k: int) -> Formula:
    """db = da over the samples, and the regulariser's share where biases have one"""
    layer, text = step.layers[k - 1], formula_of_db(trace.objective, len(step.x), k)
    pieces = _over_samples(trace, [(column(da),) for da in layer.da])
    if trace.objective.regularize_bias:
        pieces += _share(trace, column(layer.before.b))
    sums = upright(sums_of_db(trace.objective, step, k))
    return Formula(f"db{raised(k)}", text, computed(pieces), column(layer.d.b), sums)


def _dalpha(trace: Trace, step: StepTrace, k: int) -> Formula:
    """dα = dh ⊙ min(0, a) over the samples"""
    layer, text = step.layers[k - 1], formula_of_dalpha(trace.objective, len(step.x), k)
    pairs = zip(layer.dh, np.minimum(layer.a, 0), strict=True)
    pieces = _over_samples(trace, [(column(dh), "⊙", column(negative)) for dh, negative in pairs])
    sums = upright(sums_of_dalpha(trace.objective, step, k))
    return Formula(f"dα{raised(k)}", text, pieces, column(layer.d.alpha), sums)


def _over_samples(trace: Trace, parts: Sequence[Pieces]) -> Pieces:
    """The sum of what the samples give, or its mean."""
    return reduced(parts, trace.objective.batch_factor(len(parts)))


def _share(trace: Trace, values: Array) -> Pieces:
    """The regulariser's part of a gradient: + λ₂ W + λ₁ sign(W)"""
    l1, l2 = trace.objective.l1, trace.objective.l2
    first: Pieces = ("+", scalar(l2), "·", values) if l2 else ()
    return first + (("+", scalar(l1), "·", np.sign(values)) if l1 else ())


def _slope(layer: LayerTrace) -> str:
    """The formula of f′, without what a learned slope has besides."""
    return layer.activation.derivative.partition(";")[0]


def _sums_of_slopes(layer: LayerTrace, n: int) -> Sums:
    """f′ of each unit, from its a and h."""
    return tuple(
        substituted(_slope(layer), {"a": a, "h": h, layer.activation.letter: alpha})
        for a, h, alpha in zip(layer.a[n], layer.h[n], slopes_of(layer), strict=True)
    )


def _sums_of_jacobian(layer: LayerTrace, n: int) -> tuple[Sums, ...]:
    """∂hᵢ/∂aⱼ of softmax, from h. By the slide's rule what is not on the diagonal is 0."""
    h, jacobian = layer.h[n], layer.derivative[n]
    texts = [
        [substituted(layer.activation.derivative, {"hᵢ": one, "δᵢⱼ": i == j, "hⱼ": two}) for j, two in enumerate(h)]
        for i, one in enumerate(h)
    ]
    return tuple(
        tuple(text if value else "0" for text, value in zip(*row, strict=True))
        for row in zip(texts, jacobian, strict=True)
    )
