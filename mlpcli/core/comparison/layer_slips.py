"""Usual mistakes inside the layers: in a and h, in the derivative, on the way down, in dW and db."""

from collections.abc import Callable, Iterator, Mapping

import numpy as np

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.comparison.formulas import Formula, LayerFigures
from mlpcli.core.comparison.slip import Change, Slip

# ----- Forward ------------------------------------------------------------------------------------------------------


FORWARD = (
    Slip("no-bias", "the bias is forgotten: a = Wh", {"a": lambda f, right: f.below @ f.W.T}),
    Slip(
        "kernel",
        "W is taken as a kernel, a column for each unit; here each row is a unit",
        {"a": lambda f, right: f.below @ f.W + f.b, "dh": lambda f, right: f.above.da @ f.above.W.T},
    ),
    Slip("transposed-forward", "W is transposed in a = Wh + b", {"a": lambda f, right: f.below @ f.W + f.b}),
    Slip(
        "softmax-of-batch",
        "softmax is taken over the whole batch, not sample by sample",
        {"h": lambda f, right: right(f) if f.activation.elementwise else np.exp(f.a) / np.exp(f.a).sum()},
    ),
)

# ----- The derivative -----------------------------------------------------------------------------------------------


def _slope_at_h(f: LayerFigures, right: Formula) -> Array:
    """f′(h)"""
    return f.activation.slope(f.h, f.activation.forward(f.h, f.alpha, np.empty_like(f.h)), f.alpha)


def _diagonal(f: LayerFigures, right: Formula) -> Array:
    derivative = np.asarray(right(f))
    return derivative if f.activation.elementwise else derivative * np.eye(derivative.shape[-1])


def _error(f: LayerFigures, right: Formula) -> Array:
    """ŷ − y at the last layer"""
    return np.asarray(right(f)) if f.above else f.h - f.step.y


def _slope_from_the_right(f: LayerFigures, right: Formula) -> Array:
    """f′(a), and at a = 0 the derivative just above it"""
    if not f.activation.elementwise:
        return np.asarray(right(f))
    a = np.where(f.a == 0, np.finfo(np.float64).tiny, f.a)
    h = np.where(f.a == 0, f.activation.forward(a, f.alpha, np.empty_like(a)), f.h)
    return np.asarray(f.activation.slope(a, h, f.alpha))


DERIVATIVE = (
    Slip(
        "kink",
        "the derivative at the kink is taken from the right; here f′(0) is that from the left",
        {"derivative": _slope_from_the_right},
    ),
    Slip("no-derivative", "the derivative f′(a) is missing: da = dh", {"da": lambda f, right: f.dh}),
    Slip(
        "error-as-da",
        "da is ŷ − y, which is right for another loss (cce with softmax, bce with sigmoid)",
        {"da": _error},
        lambda trace: trace.objective.loss.name not in ("cce", "kl", "bce"),
    ),
    Slip(
        "softmax-diagonal",
        "of softmax's Jacobian only the diagonal is taken, but every output depends on every logit",
        {"derivative": _diagonal},
    ),
    Slip("derivative-at-h", "the derivative is taken at h: f′(h) for f′(a)", {"derivative": _slope_at_h}),
    Slip(
        "derivative-with-a",
        "a stands in the derivative's formula where h belongs",
        {"derivative": lambda f, right: f.activation.slope(f.a, f.a, f.alpha)},
    ),
    Slip("h-for-derivative", "h = f(a) is taken for f′(a)", {"derivative": lambda f, right: f.h}),
)

# ----- The way down -------------------------------------------------------------------------------------------------


def _from(units: slice) -> Callable[[LayerFigures, Formula], Array]:
    """dh from some of the units above."""
    return lambda f, right: f.above.da[:, units] @ f.above.W[units] if f.above else np.asarray(right(f))


WAY_DOWN = (
    Slip(
        "updated-weights",
        "dh is computed with weights that were already updated, not with those of the forward pass",
        {"dh": lambda f, right: f.above.da @ f.above.W_new},
    ),
    Slip(
        "dh-without-da",
        "dh lacks da: it is a sum of the weights above, where Wᵀda is right",
        {"dh": lambda f, right: np.ones_like(f.above.da) @ f.above.W if f.above else right(f)},
    ),
    Slip("transposed-backward", "W is transposed in dh = Wᵀda", {"dh": lambda f, right: f.above.da @ f.above.W.T}),
    Slip(
        "dh-from-dh",
        "dh comes from dh of the layer above, without that layer's derivative",
        {"dh": lambda f, right: f.above.dh @ f.above.W},
    ),
    Slip(
        "first-unit-only",
        "dh has the share of the first unit above alone; it is a sum over all of them",
        {"dh": _from(slice(0, 1))},
    ),
    Slip(
        "last-unit-only",
        "dh has the share of the last unit above alone; it is a sum over all of them",
        {"dh": _from(slice(-1, None))},
    ),
)

# ----- dW and db ----------------------------------------------------------------------------------------------------


def _gradient(da: str, factor: Callable[[LayerFigures], Array]) -> Change:
    """dW = daᵀ · factor, with another da or another factor"""
    return lambda f, right: f.count * getattr(f, da).T @ factor(f) + f.W_share


def _a_below(f: LayerFigures) -> Array:
    return f.step.x if f.k == 1 else np.asarray(f.step.layers[f.k - 2].a)


def _in_gradient(name: str, count: Callable[[LayerFigures], float]) -> Change:
    """dW or db alone, where each sample counts otherwise."""
    if name == "db":
        return lambda f, right: count(f) * f.da.sum(axis=0) + f.b_share
    return lambda f, right: count(f) * f.da.T @ f.below + f.W_share


WEIGHTS = (
    Slip(
        "own-h", "dW is taken with h of its own layer, not of the layer below", {"dW": _gradient("da", lambda f: f.h)}
    ),
    Slip("a-below", "dW is taken with a of the layer below, not with its h", {"dW": _gradient("da", _a_below)}),
    Slip("no-h", "dW lacks h of the layer below", {"dW": _gradient("da", lambda f: np.ones_like(f.below))}),
    Slip("dW-from-dh", "dW is taken with dh, not with da", {"dW": _gradient("dh", lambda f: f.below)}),
    Slip("dW-transposed", "dW is transposed", {"dW": lambda f, right: right(f).T}),
    Slip("batch-sum", "dW and db are summed over the batch, not averaged", {"count": lambda f, right: 1.0}),
    Slip(
        "batch-mean",
        "dW and db are averaged over the batch, not summed",
        {"count": lambda f, right: 1 / len(f.step.y)},
    ),
    Slip(
        "batch-mean-twice",
        "dW and db are divided by the number of samples twice",
        {"count": lambda f, right: 1 / len(f.step.y) ** 2},
    ),
    *(
        Slip(f"{name}-{kind}", f"{name} is {words}; {other} is not", {name: change})
        for name, other in (("db", "dW"), ("dW", "db"))
        for kind, words, change in (
            ("sum", "summed over the batch, not averaged", _in_gradient(name, lambda f: 1.0)),
            (
                "mean-twice",
                "divided by the number of samples twice",
                _in_gradient(name, lambda f: f.count / len(f.step.y)),
            ),
        )
    ),
    Slip(
        "last-sample",
        "dW and db are those of the last sample alone",
        {
            "dW": lambda f, right: f.da[-1:].T @ f.below[-1:] + f.W_share,
            "db": lambda f, right: f.da[-1] + f.b_share,
        },
    ),
)

# ----- Other activations --------------------------------------------------------------------------------------------


def _other_activations() -> Iterator[Slip]:
    for row in ACTIVATIONS.values():
        if row.elementwise:
            yield Slip(f"activation-{row.name}", f"the activation is {row.name}, {row.formula}", _as_with(row))


def _as_with(row: Activation) -> Mapping[str, Change]:
    def derivative(f: LayerFigures, right: Formula) -> Array:
        slope = row.slope(f.a, f.h, row.alpha)
        return slope if f.activation.elementwise else slope[..., None] * np.eye(slope.shape[-1])

    return {"h": lambda f, right: row.forward(f.a, row.alpha, np.empty_like(f.a)), "derivative": derivative}


LAYER_SLIPS = (*FORWARD, *DERIVATIVE, *WAY_DOWN, *WEIGHTS)
OTHER_ACTIVATIONS = tuple(_other_activations())
