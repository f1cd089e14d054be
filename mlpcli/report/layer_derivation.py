"""One layer of a step in formulas: forward, and backward from dh to the gradients and to the layer below."""

from collections.abc import Iterator, Sequence

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.tracing import LayerTrace, StepTrace, Trace
from mlpcli.report.notation import raised
from mlpcli.report.pieces import Pieces, Sums, column, computed, product, reduced, reduced_text, row, scalar, upright
from mlpcli.report.sheet import Formula
from mlpcli.report.substitution import substituted
from mlpcli.report.sums import (
    below,
    output_derivative,
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
        text, pieces = f"W{K} {_below(k)}{s} + b{K}", (*product(W, column(below(step, k)[n])), "+", column(b))
        yield Formula(f"a{K}{s}", text, pieces, column(layer.a[n]), upright(sums_of_a(step, k, n)))
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
            sums = upright(sums_of_dh(trace, step, 0, n))  # x is h⁽⁰⁾
            yield Formula(f"dx{s}", f"W⁽¹⁾ᵀ da⁽¹⁾{s}", pieces, column(step.dx[n]), sums)


def _dh(trace: Trace, step: StepTrace, k: int, n: int, s: str) -> Formula:
    """dŷ from the loss; of a layer below, dh⁽ᵏ⁾ = W⁽ᵏ⁺¹⁾ᵀ da⁽ᵏ⁺¹⁾"""
    K, dh, sums = raised(k), column(step.layers[k - 1].dh[n]), sums_of_dh(trace, step, k, n)
    if k < len(step.layers):
        above, upper = step.layers[k], raised(k + 1)
        pieces = product(above.before.W.T, column(above.da[n]))
        return Formula(f"dh{K}{s}", f"W{upper}ᵀ da{upper}{s}", pieces, dh, upright(sums))
    derivative = output_derivative(trace, step)
    if "≠" not in derivative:  # else it is of words
        pairs = zip(step.layers[-1].h[n], step.y[n], strict=True)
        sums = tuple(substituted(derivative, {"ŷ": y_hat, "y": y}) for y_hat, y in pairs)
    return Formula(f"dŷ{s} = dh{K}{s}", derivative, (), dh, upright(sums))


def _da(trace: Trace, step: StepTrace, k: int, n: int, s: str) -> Iterator[Formula]:
    """da = dh ⊙ f′(a); for softmax, whose units depend on each other, da = (∂h/∂a)ᵀ dh"""
    layer, K = step.layers[k - 1], raised(k)
    dh, da, sums = column(layer.dh[n]), column(layer.da[n]), upright(sums_of_da(layer, n))
    if layer.activation.elementwise:
        slope, derivative = f"f′(a{K}{s})", column(layer.derivative[n])
        yield Formula(slope, _slope(layer), (), derivative, upright(_sums_of_slopes(layer, n)))
        yield Formula(f"da{K}{s}", f"dh{K}{s} ⊙ {slope}", (dh, "⊙", derivative), da, sums)
    else:
        jacobian = f"∂h{K}{s}/∂a{K}{s}"
        diagonal = " on the diagonal, 0 elsewhere" if trace.rule == "lecture" else ""
        entries = _sums_of_jacobian(layer, n) if trace.digits is None else ()  # it is that of a before a was rounded
        yield Formula(jacobian, layer.activation.derivative + diagonal, (), layer.derivative[n], entries)
        yield Formula(f"da{K}{s}", f"({jacobian})ᵀ dh{K}{s}", product(layer.derivative[n].T, dh), da, sums)


def _dW(trace: Trace, step: StepTrace, k: int) -> Formula:
    """dW = da hᵀ over the samples, and the regulariser's share"""
    layer, K, s = step.layers[k - 1], raised(k), _each(step)
    pairs = zip(layer.da, below(step, k), strict=True)
    products = [product(column(da), row(h)) for da, h in pairs]
    text, pieces = _over_samples(trace, f"da{K}{s} {_below(k)}{s}ᵀ", products)
    share, shares = _share(trace, f"W{K}", layer.before.W)
    return Formula(f"dW{K}", text + share, pieces + shares, layer.d.W, sums_of_dW(trace.objective, step, k))


def _db(trace: Trace, step: StepTrace, k: int) -> Formula:
    """db = da over the samples, and the regulariser's share where biases have one"""
    layer, K = step.layers[k - 1], raised(k)
    text, pieces = _over_samples(trace, f"da{K}{_each(step)}", [(column(da),) for da in layer.da])
    if trace.objective.regularize_bias:
        share, shares = _share(trace, f"b{K}", column(layer.before.b))
        text, pieces = text + share, pieces + shares
    return Formula(f"db{K}", text, computed(pieces), column(layer.d.b), upright(sums_of_db(trace.objective, step, k)))


def _dalpha(trace: Trace, step: StepTrace, k: int) -> Formula:
    """dα = dh ⊙ min(0, a) over the samples"""
    layer, K, s = step.layers[k - 1], raised(k), _each(step)
    pairs = zip(layer.dh, np.minimum(layer.a, 0), strict=True)
    products: list[Pieces] = [(column(dh), "⊙", column(negative)) for dh, negative in pairs]
    text, pieces = _over_samples(trace, f"dh{K}{s} ⊙ min(0, a{K}{s})", products)
    sums = upright(sums_of_dalpha(trace.objective, step, k))
    return Formula(f"dα{K}", text, pieces, column(layer.d.alpha), sums)


def _each(step: StepTrace) -> str:
    """How a formula over samples speaks of one of them."""
    return "[s]" if len(step.x) > 1 else ""


def _over_samples(trace: Trace, each: str, parts: Sequence[Pieces]) -> tuple[str, Pieces]:
    """The sum of a formula over the samples, or its mean."""
    share = trace.objective.batch_factor(len(parts))
    return reduced_text(f"Σₛ {each}" if len(parts) > 1 else each, len(parts), share), reduced(parts, share)


def _share(trace: Trace, name: str, values: Array) -> tuple[str, Pieces]:
    """The regulariser's part of a gradient: + λ₂ W + λ₁ sign(W)"""
    l1, l2 = trace.objective.l1, trace.objective.l2
    parts: list[tuple[str, Pieces]] = [
        (f" + λ₂ {name}", ("+", scalar(l2), "·", values)),
        (f" + λ₁ sign({name})", ("+", scalar(l1), "·", np.sign(values))),
    ]
    taken = [part for part, strength in zip(parts, (l2, l1), strict=True) if strength]
    return "".join(text for text, _ in taken), tuple(piece for _, pieces in taken for piece in pieces)


def _slope(layer: LayerTrace) -> str:
    """The formula of f′, without what a learned slope has besides."""
    return layer.activation.derivative.partition(";")[0]


def _sums_of_slopes(layer: LayerTrace, n: int) -> Sums:
    """f′ of each unit, from its a and h."""
    alphas = np.broadcast_to(np.nan if layer.before.alpha is None else layer.before.alpha, layer.a[n].shape)
    return tuple(
        substituted(_slope(layer), {"a": a, "h": h, "α": alpha, "β": alpha})
        for a, h, alpha in zip(layer.a[n], layer.h[n], alphas, strict=True)
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


def _below(k: int) -> str:
    """What layer k takes."""
    return "x" if k == 1 else f"h{raised(k - 1)}"
