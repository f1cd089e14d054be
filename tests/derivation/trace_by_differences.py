"""Every number of a trace by another way: the formulas written out again, and differences in place of derivatives."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
from trace_cases import CONSTANTS, Array, Case, Figures

# Four points, (f(x − 2H) − 8f(x − H) + 8f(x + H) − f(x + 2H)) / 12H, have an error of H⁴f⁽⁵⁾/30, and rounding gives
# 10⁻¹⁶/H. They reach 2H to either side, where no kink may lie.
H = 2e-4
ROOM = 0.01  # for 2H after it has gone through some layers
TOLERANCE = 1e-7  # for log ŷ, H⁴f⁽⁵⁾/30f′ is 0.8 (H/ŷ)⁴, and ŷ becomes as small as 0.015 here


# ----- The formulas -------------------------------------------------------------------------------------------------


def softmax(a: Array, alpha: None) -> Array:
    """Of the last axis."""
    powers = np.exp(a)
    result: Array = powers / powers.sum(axis=-1, keepdims=True)
    return result


FUNCTIONS: dict[str, Callable[[Array, Any], Array]] = {
    "step": lambda a, alpha: np.where(a > 0, 1.0, 0.0),
    "linear": lambda a, alpha: a,
    "sigmoid": lambda a, alpha: 1 / (1 + np.exp(-a)),
    "tanh": lambda a, alpha: 2 / (1 + np.exp(-2 * a)) - 1,
    "relu": lambda a, alpha: np.where(a > 0, a, 0.0),
    "leaky-relu": lambda a, alpha: np.where(a > 0, a, alpha * a),
    "prelu": lambda a, alpha: np.where(a > 0, a, alpha * a),
    "elu": lambda a, alpha: np.where(a > 0, a, alpha * (np.exp(a) - 1)),
    "swish": lambda a, beta: a / (1 + np.exp(-beta * a)),
    "softmax": softmax,
}
KINKED = ("step", "relu", "leaky-relu", "prelu", "elu")


def bernoulli(p: Array, y: Array) -> Array:
    """The cross-entropy of each output for itself."""
    result: Array = -y * np.log(p) - (1 - y) * np.log(1 - p)
    return result


def margins(s: Array, y: Array) -> Array:
    """sⱼ − s_y + 1 for each class j, and −∞ for the right one, y."""
    right = (s * y).sum(axis=-1, keepdims=True)
    return np.where(y == 1, -np.inf, s - right + 1)


TERMS: dict[str, Callable[[Array, Array], Array]] = {
    "mae": lambda p, y: np.abs(p - y),
    "mse": lambda p, y: (p - y) ** 2,
    "half-sse": lambda p, y: (p - y) ** 2 / 2,
    "bce": bernoulli,
    "cce": lambda p, y: -y * np.log(p),
    "ce-negatives": bernoulli,
    "hinge": lambda s, y: np.where(margins(s, y) > 0, margins(s, y), 0.0),
    "kl": lambda p, y: y * np.log(np.where(y > 0, y, 1) / p),
}


def activated(case: Case, a: Array, k: int) -> Array:
    """h of layer k."""
    function = case.functions[k - 1]
    learned = case.parameters.get(f"alpha{k}")
    return FUNCTIONS[function](a, CONSTANTS.get(function) if learned is None else learned[..., None, :])


def upwards(case: Case, h: Array, below: int) -> Figures:
    """a and h of the layers above the one that gave h. A leading axis, of h or of a parameter, stays one."""
    found = {f"h{below}": h}
    for k in case.layers[below:]:
        a = found[f"h{k - 1}"] @ case.parameters[f"W{k}"].swapaxes(-1, -2) + case.parameters[f"b{k}"][..., None, :]
        found |= {f"a{k}": a, f"h{k}": activated(case, a, k)}
    return found


def losses(case: Case, h: Array, below: int) -> Array:
    """L of each sample, from the h of a layer."""
    terms = TERMS[case.loss](upwards(case, h, below)[f"h{len(case.functions)}"], case.y)
    result: Array = terms.mean(axis=-1) if case.output_reduction == "mean" else terms.sum(axis=-1)
    return result


def batch_loss(case: Case) -> Array:
    """L of the batch."""
    each = losses(case, case.x, 0)
    result: Array = each.mean(axis=-1) if case.batch_reduction == "mean" else each.sum(axis=-1)
    return result


def penalty(case: Case) -> Any:
    """λΩ(θ)"""
    total: Any = 0.0
    for name in case.penalized:
        axes = (-1, -2) if name[0] == "W" else (-1,)
        values = case.parameters[name]
        total = total + case.l2 * (values**2).sum(axis=axes) / 2 + case.l1 * np.abs(values).sum(axis=axes)
    return total


# ----- Differences --------------------------------------------------------------------------------------------------


def difference(f: Callable[[Array], Array], x: Array, direction: Array | float) -> Array:
    """df(x + t · direction)/dt at t = 0."""
    near, far = (f(x + step * direction) - f(x - step * direction) for step in (H, 2 * H))
    result: Array = (8 * near - far) / (12 * H)
    return result


def gradient(f: Callable[[Array], Array], x: Array) -> Array:
    """∂f/∂x for each number of x, which f takes all at once, along a leading axis. The axes of x come first."""
    found = difference(f, x, np.eye(x.size).reshape(x.size, *x.shape))
    return found.reshape(x.shape + found.shape[1:])


def by_differences(case: Case) -> Figures:
    """All figures of a case that has `room`."""
    found = {**upwards(case, case.x, 0), "loss": batch_loss(case), "penalty": np.array(penalty(case))}
    found["terms"] = TERMS[case.loss](found[f"h{len(case.functions)}"], case.y)
    found["dx"] = gradient(lambda x: losses(case, x, 0).sum(axis=-1), found.pop("h0"))
    for k in case.layers:
        h, a = found[f"h{k}"], found[f"a{k}"]
        found[f"derivative{k}"] = derivative(case, a, k)
        found[f"dh{k}"] = gradient(lambda h, k=k: losses(case, h, k).sum(axis=-1), h)
        found[f"da{k}"] = gradient(lambda a, k=k: losses(case, activated(case, a, k), k).sum(axis=-1), a)
    for name, values in case.parameters.items():
        found[f"d{name}"] = gradient(lambda moved, name=name: objective_with(case, name, moved), values)
    return found


def derivative(case: Case, a: Array, k: int) -> Array:
    """f′(a), or for softmax ∂hᵢ/∂aⱼ of each sample."""
    if case.functions[k - 1] == "softmax":
        return np.array([gradient(lambda row: softmax(row, None), row).T for row in a])
    return difference(lambda a: activated(case, a, k), a, 1.0)


def objective_with(case: Case, name: str, values: Array) -> Array:
    """J with other values of one parameter."""
    moved = replace(case, parameters={**case.parameters, name: values})
    result: Array = batch_loss(moved) + penalty(moved)
    return result


def has_room(case: Case) -> bool:
    """Whether all kinks are far enough for differences."""
    found = upwards(case, case.x, 0)
    y_hat = found[f"h{len(case.functions)}"]
    distances = [found[f"a{k}"] for k in case.layers if case.functions[k - 1] in KINKED]
    if case.loss == "mae":
        distances.append(y_hat - case.y)
    if case.loss == "hinge":
        distances.append(margins(y_hat, case.y))
    return all((np.abs(distance) > ROOM).all() for distance in distances)
