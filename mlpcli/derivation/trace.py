"""Every number of back-propagation, step by step: forward, loss, backward, update, and the loss after it.

The figures come from `forward` and `backward` as training runs them, and the new weights from training's own step.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from mlpcli.core.activations import Activation
from mlpcli.core.arrays import Array
from mlpcli.core.network import Network, Parameters, views
from mlpcli.core.objective import Objective, add_penalty_gradient, batch_loss, output_gradient, penalty, sample_losses
from mlpcli.core.optimizers import Optimizer, begin
from mlpcli.core.propagation import BackwardPass, ForwardPass, backward, forward, output_of
from mlpcli.core.steps import GradientDescent


@dataclass(frozen=True)
class LayerTrace:
    """One layer in one step. Rows are samples; dh and da are of each sample's own loss, d is of the objective."""

    activation: Activation
    before: Parameters  # W, b, α
    a: Array  # (n, units)
    h: Array  # (n, units)
    derivative: Array  # f′(a), (n, units); for softmax the Jacobian of each sample, (n, units, units)
    dh: Array  # (n, units)
    da: Array  # (n, units)
    d: Parameters  # dW, db, dα, with the batch reduction and the regulariser
    share: Parameters  # the regulariser's part of them
    after: Parameters  # the new W, b, α


@dataclass(frozen=True)
class StepTrace:
    """One update."""

    x: Array  # (n, inputs)
    y: Array  # (n, outputs)
    terms: Array  # (n, outputs): the summands of L, before they are reduced
    losses: Array  # (n,): L of each sample
    loss: float  # L of the batch
    penalty: float  # λΩ(θ)
    layers: tuple[LayerTrace, ...]
    dx: Array  # (n, inputs): where the way down ends
    slots: Mapping[str, tuple[Parameters, ...]]  # the optimizer's running values after the update, by name and layer
    t: int  # the number of the update
    loss_after: float
    penalty_after: float

    @property
    def objective(self) -> float:
        """J = L + λΩ"""
        return self.loss + self.penalty


@dataclass(frozen=True)
class Trace:
    """Some updates on the same samples, and what they were made with."""

    objective: Objective
    optimizer: Optimizer
    learning_rate: float
    steps: tuple[StepTrace, ...]
    network: Network  # after the last step
    rule: str = "exact"
    digits: int | None = None  # to which every step was rounded
    freeze_bias: bool = False  # whether all biases stayed as they were


def trace(
    network: Network,
    objective: Objective,
    optimizer: Optimizer,
    learning_rate: float,
    x: Array,
    y: Array,
    steps: int = 1,
    freeze_bias: bool = False,
    seed: int = 1,
) -> Trace:
    """`steps` updates of a copy of the network on the samples x, (n, inputs), with targets y, (n, outputs).

    Raises ChoiceError where the optimizer cannot serve the network.
    """
    moving = _copy(network)
    generator: Any = np.random.default_rng([seed, 2]) if optimizer.draws else None  # as in training
    update = begin(optimizer, moving, objective, generator, freeze_bias)
    found = []
    for t in range(1, steps + 1):
        before = _copy(moving)
        update(x, y, learning_rate)
        slots = update.slots if isinstance(update, GradientDescent) else {}
        running = {name: views(network.layers, slot.copy()) for name, slot in slots.items()}
        found.append(_step(before, _copy(moving), objective, x, y, running, t))
    return Trace(objective, optimizer, learning_rate, tuple(found), moving, freeze_bias=freeze_bias)


def _copy(network: Network) -> Network:
    return network.with_theta(network.theta.copy())


def _step(
    before: Network,
    after: Network,
    objective: Objective,
    x: Array,
    y: Array,
    slots: Mapping[str, tuple[Parameters, ...]],
    t: int,
) -> StepTrace:
    """Update t: what the network before it computes, and the loss of the network after it."""
    passed = forward(before, x)
    output, output_after = output_of(before, passed), output_of(after, forward(after, x))
    own = backward(before, passed, replace(objective, batch_reduction="sum", l1=0.0, l2=0.0), y)
    layers = _layers(before, after, objective, passed, own, y)
    return StepTrace(
        x,
        y,
        objective.loss.terms(output, y),
        sample_losses(objective, output, y),
        batch_loss(objective, output, y),
        penalty(objective, before),
        layers,
        own.layers[0].da @ before.parameters[0].W,
        slots,
        t,
        batch_loss(objective, output_after, y),
        penalty(objective, after),
    )


def _layers(
    before: Network, after: Network, objective: Objective, passed: ForwardPass, own: BackwardPass, y: Array
) -> tuple[LayerTrace, ...]:
    """Each layer. `own` is the backward pass of each sample's own loss."""
    whole = backward(before, passed, objective, y)
    from_loss = output_gradient(replace(objective, batch_reduction="sum"), output_of(before, passed), y)
    shares = penalty_shares(before, objective)
    return tuple(
        LayerTrace(
            layer.activation,
            before.parameters[k],
            *passed.layers[k],
            layer.activation.slope(*passed.layers[k], before.parameters[k].alpha),
            from_loss if (dh := own.layers[k].dh) is None else dh,
            own.layers[k].da,
            whole.layers[k].d,
            shares[k],
            after.parameters[k],
        )
        for k, layer in enumerate(before.layers)
    )


def penalty_shares(network: Network, objective: Objective) -> tuple[Parameters, ...]:
    """The regulariser's part of each gradient: λ₂W + λ₁ sign(W)"""
    shares = views(network.layers, np.zeros_like(network.theta))
    for (W, b, _), share in zip(network.parameters, shares, strict=True):
        add_penalty_gradient(objective, W, share.W)
        if objective.regularize_bias:
            add_penalty_gradient(objective, b, share.b)
    return shares


def parameter_names(layer: LayerTrace) -> Iterator[str]:
    """Which of W, b and α this layer has to learn."""
    yield from ("W", "b")
    if layer.activation.learned is not None:
        yield "alpha"


# ----- The one walk through a trace ----------------------------------------------------------------------------------

PARTS = ("forward", "loss", "backward", "update")


class Figure(NamedTuple):
    """A quantity of an update."""

    parts: tuple[str, ...]  # of PARTS: where it has a role
    layer: int  # from 1; 0 for what belongs to the step as a whole
    name: str
    values: Array | float
    per_sample: bool = False  # whether its first axis counts the samples


def figures_of_step(step: StepTrace) -> Iterator[Figure]:
    """Given, forward, loss, backward from the last layer down, update, loss after it."""
    numbered = list(enumerate(step.layers, 1))
    yield from (Figure(PARTS, 0, "x", step.x, True), Figure(PARTS, 0, "y", step.y, True))
    for k, layer in numbered:
        names = parameter_names(layer)
        yield from (Figure(("forward",), k, letter, getattr(layer.before, letter)) for letter in names)
    for k, layer in numbered:
        yield Figure(("forward",), k, "a", layer.a, True)
        yield Figure(("forward",), k, "h", layer.h, True)
    yield Figure(("loss",), 0, "terms", step.terms, True)
    yield from (Figure(("loss",), 0, name, getattr(step, name)) for name in ("loss", "penalty", "objective"))
    for k, layer in reversed(numbered):
        yield from _backward(k, layer)
    yield Figure(("backward",), 0, "dx", step.dx, True)
    for k, layer in numbered:
        yield from _update(step, k, layer)
    yield from (Figure(("update",), 0, name, getattr(step, name)) for name in ("loss_after", "penalty_after"))


def new(letter: str) -> str:
    """The name of a parameter after the update."""
    return f"{letter}_new"


def _backward(k: int, layer: LayerTrace) -> Iterator[Figure]:
    """A gradient has a role in the update too."""
    yield from (Figure(("backward",), k, name, getattr(layer, name), True) for name in ("dh", "derivative", "da"))
    for letter in parameter_names(layer):
        yield Figure(("backward", "update"), k, f"d{letter}", getattr(layer.d, letter))


def _update(step: StepTrace, k: int, layer: LayerTrace) -> Iterator[Figure]:
    for letter in parameter_names(layer):
        for slot, layers in step.slots.items():
            yield Figure(("update",), k, f"{slot}.{letter}", getattr(layers[k - 1], letter))
        yield Figure(("update",), k, new(letter), getattr(layer.after, letter))
