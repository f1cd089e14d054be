"""Optimizers: update rules on the flat vector θ, each written as in its source, and the table behind `--optimizer`.

A rule changes θ and its `slots` in place; see `steps.Rule`.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy import add, divide, multiply, sqrt, subtract

from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import in_range, pick, table
from mlpcli.core.gradient_free import NormalEquations, RandomSearch, why_normal_equations_cannot
from mlpcli.core.network import Network
from mlpcli.core.objective import Objective
from mlpcli.core.steps import Constant, GradientDescent, Rule, Step

if TYPE_CHECKING:  # NumPy imports it when it is first used
    from numpy.random import Generator

Slots = Sequence[Array]  # the optimizer state
Constants = Mapping[str, Constant]  # the parameters


def sgd(theta: Array, g: Array, slots: Slots, eta: float, t: int, p: Constants, work: Array) -> None:
    """θ ← θ − ηg"""
    subtract(theta, multiply(g, eta, out=work), out=theta)


def momentum(theta: Array, g: Array, slots: Slots, eta: float, t: int, p: Constants, work: Array) -> None:
    """v ← μv − ηg;  θ ← θ + v"""
    (v,) = slots
    multiply(v, p["momentum"].array, out=v)
    subtract(v, multiply(g, eta, out=work), out=v)
    add(theta, v, out=theta)


def nesterov(theta: Array, g: Array, slots: Slots, eta: float, t: int, p: Constants, work: Array) -> None:
    """v ← μv − ηg;  θ ← θ + μv − ηg, with the new v"""
    (v,) = slots
    multiply(g, eta, out=work)
    multiply(v, p["momentum"].array, out=v)
    subtract(v, work, out=v)
    subtract(theta, work, out=theta)
    add(theta, multiply(v, p["momentum"].array, out=work), out=theta)


def adagrad(theta: Array, g: Array, slots: Slots, eta: float, t: int, p: Constants, work: Array) -> None:
    """s ← s + g²;  θ ← θ − ηg/√(s + ε), with s = 0.1 at first (as in Keras; in the paper s starts at 0)"""
    (s,) = slots
    add(s, multiply(g, g, out=work), out=s)
    _step_by_root(theta, g, s, eta, p["epsilon"].array, work)


def rmsprop(theta: Array, g: Array, slots: Slots, eta: float, t: int, p: Constants, work: Array) -> None:
    """s ← ρs + (1 − ρ)g²;  θ ← θ − ηg/√(s + ε) (as in Keras; PyTorch has √s + ε)"""
    (s,) = slots
    multiply(s, p["rho"].array, out=s)
    multiply(g, g, out=work)
    add(s, multiply(work, p["rho"].rest, out=work), out=s)
    _step_by_root(theta, g, s, eta, p["epsilon"].array, work)


def adam(theta: Array, g: Array, slots: Slots, eta: float, t: int, p: Constants, work: Array) -> None:
    """m ← β₁m + (1 − β₁)g;  v ← β₂v + (1 − β₂)g²;  θ ← θ − η √(1 − β₂ᵗ)/(1 − β₁ᵗ) · m/(√v + ε)

    The form at the end of section 2 of Kingma and Ba 2015 ("ε̂"), as in Keras and scikit-learn. PyTorch adds ε to √v̂.
    """
    m, v = slots
    beta1, beta2 = p["beta1"], p["beta2"]
    multiply(m, beta1.array, out=m)
    add(m, multiply(g, beta1.rest, out=work), out=m)
    multiply(v, beta2.array, out=v)
    multiply(g, g, out=work)
    add(v, multiply(work, beta2.rest, out=work), out=v)
    sqrt(v, out=work)
    add(work, p["epsilon"].array, out=work)
    divide(m, work, out=work)
    correction = (1 - beta2.value**t) ** 0.5 / (1 - beta1.value**t)
    subtract(theta, multiply(work, eta * correction, out=work), out=theta)


def _step_by_root(theta: Array, g: Array, s: Array, eta: float, epsilon: Array, work: Array) -> None:
    """θ ← θ − ηg/√(s + ε)"""
    add(s, epsilon, out=work)
    sqrt(work, out=work)
    divide(g, work, out=work)
    subtract(theta, multiply(work, eta, out=work), out=theta)


# ----- The table ----------------------------------------------------------------------------------------------------


class Working(NamedTuple):
    """A part of the formula that is shown by itself: its value in update t, from the optimizer state after it."""

    formula: str
    value: Callable[[Mapping[str, Array], int, Mapping[str, float]], Any]  # (slots, t, parameters) -> one, or an array
    each: bool = True  # whether each parameter of θ has its own value


@dataclass(frozen=True)
class Optimizer:
    """One row: how θ changes. A gradient rule has `rule`, and `slots` with initial values; others have `begin`."""

    name: str
    formula: str
    source: str
    learning_rate: float  # default
    rule: Rule | None = None
    slots: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    parameters: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    letters: tuple[str, ...] = ()  # of the parameters, in the formula
    begin: Callable[["Optimizer", Network, Objective, "Generator", bool], Step] | None = None
    workings: tuple[Working, ...] = ()
    moves_without_gradient: bool = False  # whether a parameter whose gradient is always 0 changes, as by decay
    updates: int = 3000  # that are usually enough for a small network
    solves: bool = False  # whether it takes all samples at once and one step
    why_not: Callable[[Network, Objective], str] | None = None  # why it cannot train a network, or an empty text


def check_optimizer(optimizer: Optimizer, network: Network, objective: Objective, remedy: str = "use adam") -> None:
    """Raises ChoiceError with the reason if the optimizer cannot train this network."""
    reason = optimizer.why_not(network, objective) if optimizer.why_not is not None else ""
    if reason:
        raise ChoiceError(f"--optimizer {optimizer.name}: {reason}; {remedy}")


def begin(
    optimizer: Optimizer, network: Network, objective: Objective, generator: "Generator", freeze_bias: bool = False
) -> Step:
    """A step that changes the θ of this network in place. Raises ChoiceError like `check_optimizer`."""
    check_optimizer(optimizer, network, objective)
    if optimizer.rule is not None:
        return GradientDescent(network, objective, optimizer.rule, optimizer.slots, optimizer.parameters, freeze_bias)
    assert optimizer.begin is not None
    return optimizer.begin(optimizer, network, objective, generator, freeze_bias)


ROOT_OF_SUM = Working("√(s + ε)", lambda slots, t, p: np.sqrt(slots["s"] + p["epsilon"]))

OPTIMIZERS = table(
    [
        Optimizer("sgd", "θ ← θ − ηg", "Robbins and Monro 1951", 0.01, sgd),
        Optimizer(
            "momentum", "v ← μv − ηg; θ ← θ + v", "Polyak 1964", 0.01, momentum, {"v": 0.0}, {"momentum": 0.9}, ("μ",)
        ),
        Optimizer(
            "nesterov",
            "v ← μv − ηg; θ ← θ + μv − ηg",
            "Nesterov 1983, in the form of Keras, PyTorch and scikit-learn",
            0.01,
            nesterov,
            {"v": 0.0},
            {"momentum": 0.9},
            ("μ",),
        ),
        Optimizer(
            "adagrad",
            "s ← s + g²; θ ← θ − ηg/√(s + ε)",
            "Duchi et al. 2011, with Keras' start s = 0.1",
            0.001,
            adagrad,
            {"s": 0.1},
            {"epsilon": 1e-7},
            ("ε",),
            workings=(ROOT_OF_SUM,),
        ),
        Optimizer(
            "rmsprop",
            "s ← ρs + (1 − ρ)g²; θ ← θ − ηg/√(s + ε)",
            "Tieleman and Hinton 2012, as in Keras",
            0.001,
            rmsprop,
            {"s": 0.0},
            {"rho": 0.9, "epsilon": 1e-7},
            ("ρ", "ε"),
            workings=(ROOT_OF_SUM,),
        ),
        Optimizer(
            "adam",
            "m ← β₁m + (1 − β₁)g; v ← β₂v + (1 − β₂)g²; θ ← θ − η√(1 − β₂ᵗ)/(1 − β₁ᵗ) · m/(√v + ε)",
            "Kingma and Ba 2015, as in Keras",
            0.001,
            adam,
            {"m": 0.0, "v": 0.0},
            {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-7},
            ("β₁", "β₂", "ε"),
            workings=(
                Working(
                    "√(1 − β₂ᵗ)/(1 − β₁ᵗ)",
                    lambda slots, t, p: (1 - p["beta2"] ** t) ** 0.5 / (1 - p["beta1"] ** t),
                    each=False,
                ),
                Working("√v + ε", lambda slots, t, p: np.sqrt(slots["v"]) + p["epsilon"]),
            ),
        ),
        Optimizer(
            "random-search",
            "z ← a draw from N(0, 1) that lets J fall, else 0; θ ← θ + ηz",
            "the lecture's naive approach",
            0.1,
            updates=60,  # each changes every weight
            parameters={"tries": 5},
            letters=("tries",),
            begin=lambda o, network, objective, generator, freeze_bias: RandomSearch(
                network, objective, o.parameters, generator, freeze_bias
            ),
        ),
        Optimizer(
            "normal-equations",
            "(c XᵀX + Λ) θ = c XᵀY",
            "the lecture's analytical approach",
            1.0,
            begin=lambda o, network, objective, generator, freeze_bias: NormalEquations(
                network, objective, freeze_bias
            ),
            solves=True,
            why_not=why_normal_equations_cannot,
        ),
    ]
)


def optimizer_named(text: str, value: float | None = None, look_ahead: bool = False) -> Optimizer:
    """The row that a text names, with the momentum `value` and Nesterov's look ahead, if given.

    sgd with a momentum is the row momentum, and with the look ahead the row nesterov, like SGD(momentum, nesterov) in
    Keras and PyTorch. Raises ChoiceError for an unknown row, and for momentum or look ahead with another row.
    """
    name, given, settings = text.strip().partition(":")
    if name.lower() == "sgd" and (given or value is not None):
        text = f"momentum{given}{settings}"
    row = pick(OPTIMIZERS, text, "optimizer")
    for option, asked in (("momentum", value is not None), ("nesterov", look_ahead)):
        if asked and row.name not in ("sgd", "momentum", "nesterov"):
            raise ChoiceError(f"--{option} belongs to --optimizer sgd, momentum or nesterov, not to {row.name}")
    if look_ahead:
        ahead = OPTIMIZERS["nesterov"]
        row = replace(ahead, parameters=row.parameters or ahead.parameters)
    if value is None:
        return row
    return replace(row, parameters={"momentum": in_range("momentum", value, "--momentum")})
