"""Each usual mistake made once in plain NumPy, and the network and loss with which it shows.

Nothing here comes from the package: a network of 3-3-3 units, three samples, and back-propagation as it stands in
textbooks. A row gives the figures that somebody would write down who makes this mistake: the first one that is wrong,
and what is right before it as far as that is needed to tell it from other mistakes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np

Array = Any
Figures = dict[tuple[int, str], Array]  # by layer (0 for the step) and name

ETA, L2, SAMPLES, OUTPUTS = 0.5, 0.3, 3, 3
DRAW = np.random.default_rng(12)
X = DRAW.normal(size=(3, 3))
Y = np.eye(3)[[0, 2, 1]]
W1, W2 = DRAW.normal(0, 0.9, (3, 3)), DRAW.normal(0, 0.9, (3, 3))
B1, B2 = DRAW.normal(0, 0.5, 3), DRAW.normal(0, 0.5, 3)


@dataclass(frozen=True)
class Setting:
    """What is asked for."""

    hidden: str = "sigmoid"
    last: str = "sigmoid"
    loss: str = "half-sse"
    optimizer: str = "sgd"
    reduction: str = "mean"
    l2: float = 0.0
    steps: int = 1


# ----- Textbook formulas --------------------------------------------------------------------------------------------

FUNCTIONS: dict[str, Callable[[Array], Array]] = {
    "step": lambda a: (a > 0) * 1.0,
    "linear": lambda a: a,
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
    "leaky-relu": lambda a: np.where(a > 0, a, 0.01 * a),
    "prelu": lambda a: np.where(a > 0, a, 0.25 * a),
    "elu": lambda a: np.where(a > 0, a, np.exp(a) - 1),
    "swish": lambda a: a / (1 + np.exp(-a)),
    "softmax": lambda a: np.exp(a) / np.exp(a).sum(axis=1, keepdims=True),
}
SLOPES: dict[str, Callable[[Array], Array]] = {
    "step": lambda a: 0 * a,
    "linear": lambda a: 0 * a + 1,
    "sigmoid": lambda a: np.exp(-a) / (1 + np.exp(-a)) ** 2,
    "tanh": lambda a: 1 / np.cosh(a) ** 2,
    "relu": lambda a: (a > 0) * 1.0,
    "leaky-relu": lambda a: np.where(a > 0, 1, 0.01),
    "prelu": lambda a: np.where(a > 0, 1, 0.25),
    "elu": lambda a: np.where(a > 0, 1, np.exp(a)),
    "swish": lambda a: 1 / (1 + np.exp(-a)) + a * np.exp(-a) / (1 + np.exp(-a)) ** 2,
}


def _scores_below(p: Array) -> Array:
    """By how much each score comes too near to the right one."""
    return np.maximum(p - (Y * p).sum(axis=1, keepdims=True) + 1, 0) * (1 - Y)


TERMS: dict[str, Callable[[Array], Array]] = {
    "mae": lambda p: np.abs(p - Y),
    "mse": lambda p: (p - Y) ** 2,
    "half-sse": lambda p: (p - Y) ** 2 / 2,
    "bce": lambda p: np.where(Y == 1, -np.log(p), -np.log(1 - p)),  # targets are 0 or 1
    "ce-negatives": lambda p: np.where(Y == 1, -np.log(p), -np.log(1 - p)),
    "cce": lambda p: np.where(Y == 1, -np.log(p), 0),
    "kl": lambda p: np.where(Y == 1, -np.log(p), 0),
    "hinge": _scores_below,
}
GRADIENTS: dict[str, Callable[[Array], Array]] = {
    "mae": lambda p: np.where(p > Y, 1.0, -1.0),
    "mse": lambda p: 2 * (p - Y),
    "half-sse": lambda p: p - Y,
    "bce": lambda p: np.where(Y == 1, -1 / p, 1 / (1 - p)),
    "ce-negatives": lambda p: np.where(Y == 1, -1 / p, 1 / (1 - p)),
    "cce": lambda p: np.where(Y == 1, -1 / p, 0),
    "kl": lambda p: np.where(Y == 1, -1 / p, 0),
    "hinge": lambda p: (_scores_below(p) > 0) * 1.0 - Y * (_scores_below(p) > 0).sum(axis=1, keepdims=True),
}
MEANS = ("mae", "mse", "bce")  # over the outputs; the others are sums


def reduced(terms: Array, how: str, batch: str = "mean") -> Array:
    """L, over the outputs and over the samples."""
    return terms.sum() / (OUTPUTS if how == "mean" else 1) / (SAMPLES if batch == "mean" else 1)


def right(setting: Setting) -> SimpleNamespace:
    """One pass as it should be."""
    n = SimpleNamespace(f=FUNCTIONS[setting.hidden], last=FUNCTIONS[setting.last])
    n.a1 = X @ W1.T + B1
    n.h1 = n.f(n.a1)
    n.a2 = n.h1 @ W2.T + B2
    n.p = n.last(n.a2)
    n.terms = TERMS[setting.loss](n.p)
    n.loss = reduced(n.terms, "mean" if setting.loss in MEANS else "sum", setting.reduction)
    n.dp = GRADIENTS[setting.loss](n.p) / (OUTPUTS if setting.loss in MEANS else 1)
    if setting.last == "softmax":
        n.d2 = np.array([np.diag(p) - np.outer(p, p) for p in n.p])
        n.da2 = np.array([jacobian @ dp for jacobian, dp in zip(n.d2, n.dp, strict=True)])
    else:
        n.d2 = SLOPES[setting.last](n.a2)
        n.da2 = n.dp * n.d2
    count = 1 / SAMPLES if setting.reduction == "mean" else 1
    n.dW2, n.db2 = count * n.da2.T @ n.h1 + setting.l2 * W2, count * n.da2.sum(axis=0)
    n.dh1 = n.da2 @ W2
    n.d1 = SLOPES[setting.hidden](n.a1)
    n.da1 = n.dh1 * n.d1
    n.dW1, n.db1 = count * n.da1.T @ X + setting.l2 * W1, count * n.da1.sum(axis=0)
    n.penalty = setting.l2 / 2 * ((W1**2).sum() + (W2**2).sum())
    return n


# ----- The rows -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Row:
    """What somebody writes down, from the right figures."""

    written: Callable[[SimpleNamespace], Figures]
    setting: Setting = field(default_factory=Setting)


SIGMOID, BCE = Setting(), Setting(loss="bce")
SLIDE = Setting("tanh", "softmax", "ce-negatives")
SUM, PENALIZED = Setting(reduction="sum"), Setting(l2=L2)

OF_LAYERS: dict[str, Row] = {
    "no-bias": Row(lambda n: {(1, "a"): X @ W1.T}),
    "kernel": Row(lambda n: {(1, "a"): X @ W1 + B1, (2, "a"): n.f(X @ W1 + B1) @ W2 + B2}),
    "transposed-forward": Row(lambda n: {(1, "a"): X @ W1 + B1, (2, "da"): n.da2, (1, "dh"): n.da2 @ W2}),
    "no-derivative": Row(lambda n: {(2, "dh"): n.dp, (2, "da"): n.dp}),
    "softmax-diagonal": Row(lambda n: {(2, "derivative"): n.d2 * np.eye(3)}, SLIDE),
    "derivative-at-h": Row(lambda n: {(1, "derivative"): SLOPES["sigmoid"](n.h1)}),
    "derivative-with-a": Row(lambda n: {(1, "derivative"): n.a1 * (1 - n.a1)}),
    "h-for-derivative": Row(lambda n: {(1, "derivative"): n.h1}),
    "error-as-da": Row(lambda n: {(2, "dh"): n.dp, (2, "da"): n.p - Y}, Setting(loss="mse")),
    "updated-weights": Row(lambda n: {(1, "dh"): n.da2 @ (W2 - ETA * n.dW2)}),
    "softmax-of-batch": Row(lambda n: {(2, "h"): np.exp(n.a2) / np.exp(n.a2).sum()}, SLIDE),
    "dh-without-da": Row(lambda n: {(2, "da"): n.da2, (1, "dh"): np.ones((SAMPLES, OUTPUTS)) @ W2}),
    "db-sum": Row(lambda n: {(2, "da"): n.da2, (2, "dW"): n.dW2, (2, "db"): n.da2.sum(axis=0)}),
    "dW-sum": Row(lambda n: {(2, "da"): n.da2, (2, "dW"): n.da2.T @ n.h1, (2, "db"): n.db2}),
    "db-mean-twice": Row(lambda n: {(2, "da"): n.da2, (2, "dW"): n.dW2, (2, "db"): n.db2 / SAMPLES}),
    "dW-mean-twice": Row(lambda n: {(2, "da"): n.da2, (2, "dW"): n.dW2 / SAMPLES, (2, "db"): n.db2}),
    "transposed-backward": Row(lambda n: {(1, "dh"): n.da2 @ W2.T}),
    "dh-from-dh": Row(lambda n: {(2, "da"): n.da2, (1, "dh"): n.dp @ W2}),
    "first-unit-only": Row(lambda n: {(1, "dh"): np.outer(n.da2[:, 0], W2[0])}),
    "last-unit-only": Row(lambda n: {(1, "dh"): np.outer(n.da2[:, 2], W2[2])}),
    "own-h": Row(lambda n: {(2, "dW"): n.da2.T @ n.p / SAMPLES}),
    "a-below": Row(lambda n: {(2, "dW"): n.da2.T @ n.a1 / SAMPLES}),
    "no-h": Row(lambda n: {(2, "dW"): np.outer(n.da2.sum(axis=0), np.ones(3)) / SAMPLES}),
    "dW-from-dh": Row(lambda n: {(2, "da"): n.da2, (2, "dW"): n.dp.T @ n.h1 / SAMPLES}),
    "dW-transposed": Row(lambda n: {(2, "dW"): n.dW2.T}),
    "batch-sum": Row(lambda n: {(2, "da"): n.da2, (2, "dW"): n.da2.T @ n.h1}),
    "batch-mean": Row(lambda n: {(2, "da"): n.da2, (2, "dW"): n.da2.T @ n.h1 / SAMPLES}, SUM),
    "batch-mean-twice": Row(lambda n: {(2, "da"): n.da2, (2, "dW"): n.da2.T @ n.h1 / SAMPLES**2}),
    "last-sample": Row(lambda n: {(2, "dW"): np.outer(n.da2[2], n.h1[2]), (2, "db"): n.da2[2]}),
    **{
        f"activation-{name}": Row(
            lambda n, name=name: {(1, "h"): FUNCTIONS[name](n.a1), (1, "derivative"): SLOPES[name](n.a1)},
            Setting("tanh" if name != "tanh" else "sigmoid"),
        )
        for name in SLOPES
    },
}

OF_THE_LOSS: dict[str, Row] = {
    "log10": Row(lambda n: {(0, "loss"): n.loss / np.log(10), (2, "dh"): n.dp}, BCE),
    "log10-everywhere": Row(lambda n: {(0, "loss"): n.loss / np.log(10), (2, "dh"): n.dp / np.log(10)}, BCE),
    "log2": Row(lambda n: {(0, "loss"): n.loss / np.log(2), (2, "dh"): n.dp}, BCE),
    "log2-everywhere": Row(lambda n: {(0, "loss"): n.loss / np.log(2), (2, "dh"): n.dp / np.log(2)}, BCE),
    "loss-negative": Row(lambda n: {(0, "loss"): -n.loss}, BCE),
    "gradient-negative": Row(lambda n: {(2, "dh"): Y - n.p}),
    "second-sign": Row(lambda n: {(2, "dh"): -(Y / n.p + (1 - Y) / (1 - n.p))}, SLIDE),
    "second-sign-in-loss": Row(
        lambda n: {(0, "terms"): -(Y * np.log(n.p) - (1 - Y) * np.log(1 - n.p))}, Setting("tanh", loss="ce-negatives")
    ),
    "batch-mean-in-dh": Row(lambda n: {(2, "dh"): n.dp / SAMPLES, (2, "dW"): n.dW2}),
}
TOO_LARGE = {
    "half": 1 / 2,
    "double": 2,
    "over-outputs": 1 / OUTPUTS,
    "times-outputs": OUTPUTS,
    "over-samples": 1 / SAMPLES,
    "times-samples": SAMPLES,
}
for _name, _factor in TOO_LARGE.items():
    _setting = Setting(loss="mse") if _name == "times-outputs" else Setting()  # only a mean has a factor to forget
    OF_THE_LOSS[f"{_name}-everywhere"] = Row(
        lambda n, c=_factor: {(0, "terms"): n.terms, (0, "loss"): c * n.loss, (2, "dh"): c * n.dp}, _setting
    )
    OF_THE_LOSS[f"{_name}-in-loss"] = Row(lambda n, c=_factor: {(0, "loss"): c * n.loss, (2, "dh"): n.dp}, _setting)
    OF_THE_LOSS[f"{_name}-in-gradient"] = Row(lambda n, c=_factor: {(0, "loss"): n.loss, (2, "dh"): c * n.dp}, _setting)


def _of_another_loss(name: str, reduction: str, part: str) -> Row:
    """L or dŷ or both of a loss that was not asked for."""

    def written(n: SimpleNamespace) -> Figures:
        terms, dp = TERMS[name](n.p), GRADIENTS[name](n.p) / (OUTPUTS if reduction == "mean" else 1)
        if part == "gradient":
            return {(0, "loss"): n.loss, (2, "dh"): dp}
        return {(0, "loss"): reduced(terms, reduction), (2, "dh"): n.dp if part == "loss" else dp}

    return Row(written, SIGMOID if name == "bce" else BCE)


for _name in ("mae", "mse", "half-sse", "bce", "cce", "hinge", "kl"):
    for _reduction in ("mean", "sum"):
        OF_THE_LOSS[f"{_name}-{_reduction}-everywhere"] = _of_another_loss(_name, _reduction, "everywhere")
        OF_THE_LOSS[f"{_name}-{_reduction}-in-loss"] = _of_another_loss(_name, _reduction, "loss")
        if _name != "kl":  # whose gradient is that of cce
            OF_THE_LOSS[f"{_name}-{_reduction}-in-gradient"] = _of_another_loss(_name, _reduction, "gradient")

WEIGHTS = (W1**2).sum() + (W2**2).sum()
BIASES = (B1**2).sum() + (B2**2).sum()

OF_THE_REGULARISER: dict[str, Row] = {
    "no-share": Row(lambda n: {(2, "dW"): n.dW2 - L2 * W2}, PENALIZED),
    "no-penalty": Row(lambda n: {(0, "penalty"): n.penalty, (0, "objective"): n.loss}, PENALIZED),
    "penalty-in-loss": Row(lambda n: {(0, "loss"): n.loss + n.penalty}, PENALIZED),
    "l2-doubled": Row(lambda n: {(0, "penalty"): L2 * WEIGHTS, (2, "dW"): n.dW2 + L2 * W2}, PENALIZED),
    "l2-doubled-in-loss": Row(lambda n: {(0, "penalty"): L2 * WEIGHTS, (2, "dW"): n.dW2}, PENALIZED),
    "l2-doubled-in-gradient": Row(lambda n: {(0, "penalty"): n.penalty, (2, "dW"): n.dW2 + L2 * W2}, PENALIZED),
    "biases-in-penalty": Row(
        lambda n: {(0, "penalty"): L2 / 2 * (WEIGHTS + BIASES), (2, "db"): n.db2 + L2 * B2}, PENALIZED
    ),
    "share-negative": Row(lambda n: {(2, "dW"): n.dW2 - 2 * L2 * W2}, PENALIZED),
    "penalty-over-samples": Row(
        lambda n: {(0, "penalty"): n.penalty / SAMPLES, (2, "dW"): n.dW2 - L2 * W2 + L2 * W2 / SAMPLES}, PENALIZED
    ),
}


def _with(optimizer: str, steps: int = 1) -> Setting:
    return Setting(optimizer=optimizer, steps=steps)


def _second_gradient(n: SimpleNamespace) -> Array:
    """dW⁽²⁾ after a first step of −ηg with all gradients."""
    h1 = n.f(X @ (W1 - ETA * n.dW1).T + B1 - ETA * n.db1)
    p = n.last(h1 @ (W2 - ETA * n.dW2).T + B2 - ETA * n.db2)
    return ((p - Y) * p * (1 - p)).T @ h1 / SAMPLES


MU, RHO, EPSILON, BETA1, BETA2 = 0.9, 0.9, 1e-7, 0.9, 0.999


def _adam(g: Array, b1: float, b2: float, t: int) -> Array:
    """Keras' step, from running means of 0."""
    return ETA * np.sqrt(1 - b2**t) / (1 - b1**t) * (1 - b1) * g / (np.sqrt((1 - b2) * g**2) + EPSILON)


OF_THE_STEP: dict[str, Row] = {
    "uphill": Row(lambda n: {(2, "dW"): n.dW2, (2, "W_new"): W2 + ETA * n.dW2}),
    "no-rate": Row(lambda n: {(2, "dW"): n.dW2, (2, "W_new"): W2 - n.dW2}),
    "no-update": Row(lambda n: {(2, "dW"): n.dW2, (2, "W_new"): W2, (2, "b_new"): B2}),
    "rate-twice": Row(lambda n: {(2, "dW"): n.dW2, (2, "W_new"): W2 - ETA**2 * n.dW2}),
    "biases-frozen": Row(lambda n: {(2, "db"): n.db2, (2, "b_new"): B2}),
    "plain-step": Row(lambda n: {(2, "dW"): n.dW2, (2, "W_new"): W2 - ETA * n.dW2}, _with("adam")),
    "no-look-ahead": Row(lambda n: {(2, "v.W"): -ETA * n.dW2, (2, "W_new"): W2 - ETA * n.dW2}, _with("nesterov")),
    "look-ahead": Row(
        lambda n: {(2, "v.W"): -ETA * n.dW2, (2, "W_new"): W2 - (1 + MU) * ETA * n.dW2}, _with("momentum")
    ),
    "averaged-velocity": Row(lambda n: {(2, "v.W"): -(1 - MU) * ETA * n.dW2}, _with("momentum")),
    "velocity-without-rate": Row(lambda n: {(2, "v.W"): n.dW2, (2, "W_new"): W2 - ETA * n.dW2}, _with("momentum")),
    "lost-velocity": Row(lambda n: {(2, "W_new"): W2 - ETA * n.dW2 - ETA * _second_gradient(n)}, _with("momentum", 2)),
    "no-bias-correction": Row(
        lambda n: {(2, "W_new"): W2 - ETA * (1 - BETA1) * n.dW2 / (np.sqrt((1 - BETA2) * n.dW2**2) + EPSILON)},
        _with("adam"),
    ),
    "epsilon-beside-corrected-root": Row(
        lambda n: {(2, "W_new"): W2 - ETA * n.dW2 / (np.sqrt(n.dW2**2) + EPSILON)}, _with("adam")
    ),
    "late": Row(lambda n: {(2, "W_new"): W2 - _adam(n.dW2, BETA1, BETA2, 2)}, _with("adam")),
    "crossed-betas": Row(lambda n: {(2, "W_new"): W2 - _adam(n.dW2, BETA2, BETA1, 1)}, _with("adam")),
    "no-root-of-v": Row(lambda n: {(2, "W_new"): W2 - ETA * n.dW2 / (n.dW2**2 + EPSILON)}, _with("adam")),
    "epsilon-beside-root": Row(
        lambda n: {(2, "W_new"): W2 - ETA * n.dW2 / (np.sqrt((1 - RHO) * n.dW2**2) + EPSILON)}, _with("rmsprop")
    ),
    "no-root-of-s": Row(
        lambda n: {(2, "W_new"): W2 - ETA * n.dW2 / ((1 - RHO) * n.dW2**2 + EPSILON)}, _with("rmsprop")
    ),
    "rho-of-pytorch": Row(
        lambda n: {(2, "W_new"): W2 - ETA * n.dW2 / (np.sqrt(0.01 * n.dW2**2) + EPSILON)}, _with("rmsprop")
    ),
    "adam-of-pytorch": Row(lambda n: {(2, "W_new"): W2 - ETA * n.dW2 / (np.abs(n.dW2) + 1e-8)}, _with("adam")),
    "rmsprop-of-pytorch": Row(
        lambda n: {(2, "W_new"): W2 - ETA * n.dW2 / (0.1 * np.abs(n.dW2) + 1e-8)}, _with("rmsprop")
    ),
    "adagrad-of-pytorch": Row(lambda n: {(2, "W_new"): W2 - ETA * n.dW2 / (np.abs(n.dW2) + 1e-10)}, _with("adagrad")),
    "start-at-zero": Row(lambda n: {(2, "W_new"): W2 - ETA * n.dW2 / np.sqrt(n.dW2**2 + EPSILON)}, _with("adagrad")),
}

ROWS: Mapping[str, Row] = {**OF_LAYERS, **OF_THE_LOSS, **OF_THE_REGULARISER, **OF_THE_STEP}
