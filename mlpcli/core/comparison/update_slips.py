"""Usual mistakes in the regulariser and in the update."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from mlpcli.core.comparison import other_rules
from mlpcli.core.comparison.formulas import Formula, StepFigures, omega, penalty_gradient
from mlpcli.core.comparison.slip import Change, Slip
from mlpcli.core.gradient_descent import Rule, momentum, nesterov, sgd
from mlpcli.core.objective import Objective
from mlpcli.core.tracing import Trace

# ----- The regulariser ----------------------------------------------------------------------------------------------

SHARES = ("W_share", "b_share")


def _in_shares(change: Change) -> Mapping[str, Change]:
    return dict.fromkeys(SHARES, change)


def _in_penalty(change: Callable[[Objective], Objective]) -> Mapping[str, Change]:
    """λΩ as another objective has it."""

    def penalty(s: StepFigures, right: Formula) -> Any:
        goal = change(s.goal)
        return omega(s, goal.l1, goal.l2, goal.regularize_bias)

    return {"penalty": penalty}


def _in_gradient(change: Callable[[Objective], Objective]) -> Mapping[str, Change]:
    """The gradient of λΩ as another objective has it."""
    return {
        "W_share": lambda f, right: penalty_gradient(change(f.step.goal), f.W),
        "b_share": lambda f, right: penalty_gradient(change(f.step.goal), f.b * change(f.step.goal).regularize_bias),
    }


def _doubled(goal: Objective) -> Objective:
    return replace(goal, l2=2 * goal.l2)


def _of_others(goal: Objective) -> Objective:
    return replace(goal, regularize_bias=not goal.regularize_bias)


DOUBLED = "the l2 regulariser is λ‖W‖²"

REGULARISER = (
    Slip("no-share", "the regulariser's share of the gradient is missing", _in_shares(lambda f, right: 0.0)),
    Slip("no-penalty", "J lacks the regulariser λΩ", {"objective": lambda s, right: s.loss}),
    Slip(
        "penalty-in-loss",
        "L has the regulariser λΩ in it, which only J has",
        {
            "loss": lambda s, right: right(s) + omega(s, s.goal.l1, s.goal.l2, s.goal.regularize_bias),
            "objective": lambda s, right: s.loss,
        },
    ),
    Slip("l2-doubled-in-loss", f"{DOUBLED}, where ½λ‖W‖² is asked", _in_penalty(_doubled), kind="l2-doubled"),
    Slip(
        "l2-doubled-in-gradient",
        "the l2 regulariser's gradient is 2λW, where that of ½λ‖W‖² is λW",
        _in_gradient(_doubled),
        kind="l2-doubled",
    ),
    Slip(
        "l2-doubled",
        f"{DOUBLED} and its gradient 2λW, where ½λ‖W‖² is asked",
        {**_in_penalty(_doubled), **_in_gradient(_doubled)},
        kind="l2-doubled",
    ),
    Slip(
        "biases-in-penalty",
        "biases take part in the regulariser and should not (or the other way round)",
        {**_in_penalty(_of_others), **_in_gradient(_of_others)},
    ),
    Slip(
        "share-negative",
        "the regulariser's share of the gradient has the wrong sign",
        _in_shares(lambda f, right: -right(f)),
    ),
    Slip(
        "penalty-over-samples",
        "the regulariser is divided by the number of samples",
        {**_in_shares(lambda f, right: right(f) / len(f.step.y)), "penalty": lambda s, right: right(s) / len(s.y)},
    ),
)

# ----- The step -----------------------------------------------------------------------------------------------------


def _uphill(letter: str) -> Change:
    """θ + what is to be taken away"""
    return lambda f, right: 2 * getattr(f, letter) - right(f)


STEP = (
    Slip(
        "uphill",
        "the update goes uphill, θ + … where θ − … is right",
        {f"{letter}_new": _uphill(letter) for letter in ("W", "b", "alpha")},
    ),
    Slip("no-rate", "the learning rate is forgotten", {"rate": lambda f, right: 1.0}),
    Slip("no-update", "W and b stay as they were: there is no update", {"rate": lambda f, right: 0.0}),
    Slip("rate-twice", "the learning rate is applied twice", {"rate": lambda f, right: right(f) ** 2}),
    Slip(
        "biases-frozen",
        "the biases stay as they are and should learn (or the other way round, --freeze-bias)",
        {"frozen": lambda f, right: not right(f)},
    ),
)


# ----- The optimizer's rule -----------------------------------------------------------------------------------------


def _rule(name: str, optimizers: tuple[str, ...], rule: Rule, description: str) -> Slip:
    """Another rule, for these optimizers."""

    def applies(trace: Trace) -> bool:
        return trace.optimizer.name in optimizers

    return Slip(name, description, {"rule": lambda f, right: rule}, applies)


def _other(name: str, optimizers: tuple[str, ...], change: other_rules.Change, description: str) -> Slip:
    return _rule(name, optimizers, other_rules.rule_of(change), description)


BY_VELOCITY, BY_ROOT = ("momentum", "nesterov"), ("rmsprop", "adagrad")

RULES = (
    _rule("plain-step", (*BY_VELOCITY, *BY_ROOT, "adam"), sgd, "the step is −ηg, that of plain gradient descent"),
    _rule("no-look-ahead", ("nesterov",), momentum, "the step is v, that of momentum without Nesterov's look ahead"),
    _rule("look-ahead", ("momentum",), nesterov, "the step is μv − ηg, that of Nesterov's momentum"),
    _other(
        "averaged-velocity",
        BY_VELOCITY,
        other_rules.averaged_momentum,
        "g is averaged, v ← μv − (1 − μ)ηg, for v ← μv − ηg",
    ),
    _other(
        "velocity-without-rate",
        BY_VELOCITY,
        other_rules.velocity_without_rate,
        "v ← μv + g, as in PyTorch, for v ← μv − ηg",
    ),
    _other("lost-velocity", BY_VELOCITY, other_rules.lost_velocity, "the velocity of the step before is forgotten"),
    _other(
        "no-bias-correction", ("adam",), other_rules.uncorrected_adam, "the running means are not divided by 1 − βᵗ"
    ),
    _other(
        "epsilon-beside-corrected-root", ("adam",), other_rules.textbook_adam, "ε is added to √v̂, as in PyTorch, for √v"
    ),
    _other("late", ("adam",), other_rules.late_adam, "the updates are counted from 2 (t starts at 1)"),
    _other("crossed-betas", ("adam",), other_rules.crossed_adam, "β₁ and β₂ are exchanged"),
    _other("no-root-of-v", ("adam",), other_rules.rootless_adam, "the root of v̂ is forgotten"),
    _other(
        "epsilon-beside-root", BY_ROOT, other_rules.epsilon_beside_root, "√s + ε is taken, as in PyTorch, for √(s + ε)"
    ),
    _other(
        "adam-of-pytorch", ("adam",), other_rules.adam_of_pytorch, "ε = 1e-8 is added to √v̂, as PyTorch does by default"
    ),
    _other(
        "rmsprop-of-pytorch",
        ("rmsprop",),
        other_rules.default_rmsprop_of_pytorch,
        "it is RMSprop as in PyTorch: ρ is 0.99, and ε = 1e-8 is added to √s",
    ),
    _other(
        "adagrad-of-pytorch",
        ("adagrad",),
        other_rules.adagrad_of_pytorch,
        "it is Adagrad as in PyTorch: s starts at 0, and ε = 1e-10 is added to √s",
    ),
    _other("no-root-of-s", BY_ROOT, other_rules.rootless, "the root of s is forgotten"),
    _other(
        "rho-of-pytorch", ("rmsprop",), other_rules.rmsprop_of_pytorch, "ρ is 0.99, as in PyTorch, for 0.9 as in Keras"
    ),
    _other(
        "start-at-zero",
        ("adagrad",),
        other_rules.adagrad_from_zero,
        "s starts at 0, as in PyTorch, for 0.1 as in Keras",
    ),
)

UPDATE_SLIPS = (*REGULARISER, *RULES)
