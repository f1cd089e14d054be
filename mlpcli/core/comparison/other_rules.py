"""Update rules as other libraries and lectures have them, or as one gets them wrong.

Each gives the change of θ from the gradient g, and writes the running values that it remembers into the slots of the
rule that it is taken for. The conventions were read in the sources of Keras 3.15 and PyTorch 2.13.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.gradient_descent import Constant, Rule

# change(g, slots, learning_rate, t, parameters) is added to θ
Change = Callable[[Array, Sequence[Array], float, int, Mapping[str, float]], Array]


def rule_of(change: Change) -> Rule:
    """The change as an update rule, as optimizers take it."""

    def rule(
        theta: Array, g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, Constant], work: Array
    ) -> None:
        parameters = {name: constant.value for name, constant in p.items()}
        np.add(theta, change(g, slots, eta, t, parameters), out=theta)

    return rule


def averaged_momentum(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """v ← μv − (1 − μ)ηg;  θ ← θ + v: a running mean of gradients, as in Ng's course"""
    slots[0][...] = p["momentum"] * slots[0] - (1 - p["momentum"]) * eta * g
    return slots[0]


def velocity_without_rate(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """v ← μv + g;  θ ← θ − ηv, as in PyTorch: the same θ as long as η stays"""
    slots[0][...] = p["momentum"] * slots[0] + g
    return -eta * slots[0]


def lost_velocity(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """v ← −ηg;  θ ← θ + v: what was there before is forgotten"""
    slots[0][...] = -eta * g
    return slots[0]


def uncorrected_adam(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """−η m/(√v + ε), where m and v are not divided by 1 − βᵗ"""
    m, v = _means(g, slots, p["beta1"], p["beta2"])
    return -eta * m / (np.sqrt(v) + p["epsilon"])


def textbook_adam(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """−η m̂/(√v̂ + ε): algorithm 1 of Kingma and Ba 2015, as in PyTorch, with ε beside the corrected root"""
    m, v = _means(g, slots, p["beta1"], p["beta2"])
    return -eta * (m / (1 - p["beta1"] ** t)) / (np.sqrt(v / (1 - p["beta2"] ** t)) + p["epsilon"])


def late_adam(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """Adam that takes the first update for the second"""
    m, v = _means(g, slots, p["beta1"], p["beta2"])
    return -eta * _correction(t + 1, p["beta1"], p["beta2"]) * m / (np.sqrt(v) + p["epsilon"])


def crossed_adam(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """Adam with β₁ and β₂ exchanged"""
    m, v = _means(g, slots, p["beta2"], p["beta1"])
    return -eta * _correction(t, p["beta2"], p["beta1"]) * m / (np.sqrt(v) + p["epsilon"])


def rootless_adam(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """Adam without the root: m̂/(v̂ + ε)"""
    m, v = _means(g, slots, p["beta1"], p["beta2"])
    return -eta * (m / (1 - p["beta1"] ** t)) / (v / (1 - p["beta2"] ** t) + p["epsilon"])


def epsilon_beside_root(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """−ηg/(√s + ε), as RMSprop and Adagrad are in PyTorch"""
    return -eta * g / (np.sqrt(_squares(g, slots, p)) + p["epsilon"])


def rootless(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """RMSprop and Adagrad without the root: −ηg/(s + ε)"""
    return -eta * g / (_squares(g, slots, p) + p["epsilon"])


def rmsprop_of_pytorch(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """RMSprop with ρ = 0.99 and ε beside the root"""
    return epsilon_beside_root(g, slots, eta, t, {**p, "rho": 0.99})


def default_rmsprop_of_pytorch(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """torch.optim.RMSprop with its defaults: ρ = 0.99 and ε = 1e-8 beside the root"""
    return rmsprop_of_pytorch(g, slots, eta, t, {**p, "epsilon": 1e-8})


def adam_of_pytorch(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """torch.optim.Adam with its defaults: ε = 1e-8 beside the corrected root"""
    return textbook_adam(g, slots, eta, t, {**p, "epsilon": 1e-8})


def adagrad_of_pytorch(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """torch.optim.Adagrad with its defaults: s = 0 at first and ε = 1e-10 beside the root"""
    slots[0][...] -= (t == 1) * ADAGRADS_START
    return epsilon_beside_root(g, slots, eta, t, {**p, "epsilon": 1e-10})


def adagrad_from_zero(g: Array, slots: Sequence[Array], eta: float, t: int, p: Mapping[str, float]) -> Array:
    """Adagrad with s = 0 at first, as in the paper and in PyTorch; Keras starts at 0.1"""
    slots[0][...] -= (t == 1) * ADAGRADS_START
    return -eta * g / np.sqrt(_squares(g, slots, p) + p["epsilon"])


ADAGRADS_START = 0.1


def _means(g: Array, slots: Sequence[Array], beta1: float, beta2: float) -> tuple[Array, Array]:
    """m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²"""
    m, v = slots
    m[...] = beta1 * m + (1 - beta1) * g
    v[...] = beta2 * v + (1 - beta2) * g**2
    return m, v


def _correction(t: int, beta1: float, beta2: float) -> float:
    """√(1 − β₂ᵗ)/(1 − β₁ᵗ)"""
    return float((1 - beta2**t) ** 0.5 / (1 - beta1**t))


def _squares(g: Array, slots: Sequence[Array], p: Mapping[str, float]) -> Array:
    """s ← ρs + (1 − ρ)g², or where there is no ρ s ← s + g²"""
    (s,) = slots
    s[...] = p["rho"] * s + (1 - p["rho"]) * g**2 if "rho" in p else s + g**2
    return s
