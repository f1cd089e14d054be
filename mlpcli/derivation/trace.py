"""Every number of back-propagation, step by step: forward, loss, backward, update, and the loss after it.

The numbers come from `forward` and `backward` as training runs them, and the new weights from training's own step.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mlpcli.core.activations import Activation
from mlpcli.core.arrays import Array
from mlpcli.core.network import Network, Parameters, views
from mlpcli.core.objective import (
    Objective,
    add_penalty_gradient,
    batch_loss,
    loss_weights,
    output_gradient,
    penalty,
    sample_factors,
    sample_losses,
)
from mlpcli.core.optimizers import Optimizer
from mlpcli.core.propagation import ForwardPass, backward, forward, output_of
from mlpcli.core.steps import GradientDescent


class LayerTrace(NamedTuple):
    """One layer in one step. Rows are samples. dh and da belong to the loss of each sample, d to the objective."""

    activation: Activation
    before: Parameters  # W, b, α
    a: Array  # (n, units)
    h: Array  # (n, units)
    derivative: Array  # f′(a), (n, units); for softmax the Jacobian of each sample, (n, units, units)
    dh: Array  # (n, units)
    da: Array  # (n, units)
    d: Parameters  # dW, db, dα, with the batch reduction and the regularizer
    share: Parameters  # the regularizer's part of them
    after: Parameters  # the new W, b, α


class StepTrace(NamedTuple):
    """One update."""

    x: Array  # (n, inputs)
    y: Array  # (n, outputs)
    terms: Array  # (n, outputs): the terms of L, before their mean or sum
    losses: Array  # (n,): L of each sample
    loss: float  # L of the batch
    penalty: float  # λΩ(θ)
    layers: tuple[LayerTrace, ...]
    dx: Array  # (n, inputs): the end of the backward pass
    slots: Mapping[str, tuple[Parameters, ...]]  # the optimizer state after the update, by name and layer
    t: int  # the number of the update
    loss_after: float
    penalty_after: float

    @property
    def objective(self) -> float:
        """J = L + λΩ"""
        return self.loss + self.penalty


class Trace(NamedTuple):
    """One or more updates on the same samples, with the objective and the optimizer."""

    objective: Objective
    optimizer: Optimizer
    learning_rate: float
    steps: tuple[StepTrace, ...]
    network: Network  # after the last step
    rule: str = "exact"
    digits: int | None = None  # to which every step was rounded
    freeze_bias: bool = False  # whether all biases stayed as they were
    factors: Array | None = None  # (n,): ω, the factor of each sample's loss in L, if samples have weights

    @property
    def is_exact(self) -> bool:
        """Whether it has training's own numbers: no other rule, and no rounding."""
        return self.rule == "exact" and self.digits is None

    @property
    def sample_factors(self) -> Array:
        """The factor of each sample's loss in L, (n,): ω, or 1/n or 1 without weights."""
        samples = len(self.steps[0].x)
        return np.full(samples, self.objective.batch_factor(samples)) if self.factors is None else self.factors


def trace(
    network: Network,
    objective: Objective,
    optimizer: Optimizer,
    learning_rate: float,
    x: Array,
    y: Array,
    steps: int = 1,
    freeze_bias: bool = False,
    weights: Array | None = None,
) -> Trace:
    """`steps` updates of a copy of the network on the samples x, (n, inputs), with targets y, (n, outputs).

    `weights` are those of the samples, (n,), if they have some.

    The optimizer takes a gradient; for others, see `search` and `normal_equations`.
    """
    assert optimizer.rule is not None
    moving = _copy(network)
    update = GradientDescent(moving, objective, optimizer.rule, optimizer.slots, optimizer.parameters, freeze_bias)
    made = []
    for t in range(1, steps + 1):
        before = _copy(moving)
        update(x, y, learning_rate, weights)
        running = {name: views(network.layers, slot.copy()) for name, slot in update.slots.items()}
        made.append(_step(before, _copy(moving), objective, x, y, running, t, weights))
    factors = factors_of(network, objective, y, weights)
    return Trace(objective, optimizer, learning_rate, tuple(made), moving, freeze_bias=freeze_bias, factors=factors)


def factors_of(network: Network, objective: Objective, y: Array, weights: Array | None) -> Array | None:
    """ω, the factor of each sample's loss in L, (n,): wᵢ/Σw or wᵢ.

    None if no class and no sample has a weight, and for one sample whose factor is 1.
    """
    w = loss_weights(objective, network.layers[-1].activation, y, weights)
    factors = None if w is None else sample_factors(objective, w)
    return None if factors is None or factors.tolist() == [1] else factors


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
    weights: Array | None,
) -> StepTrace:
    """Update t: all numbers of the network before it, and the loss of the network after it."""
    passed = forward(before, x)
    output, output_after = output_of(before, passed), output_of(after, forward(after, x))
    layers = _layers(before, after, objective, passed, y, weights)
    return StepTrace(
        x=x,
        y=y,
        terms=objective.loss.terms(output, y),
        losses=sample_losses(objective, output, y),
        loss=batch_loss(objective, output, y, weights),
        penalty=penalty(objective, before),
        layers=layers,
        dx=layers[0].da @ before.parameters[0].W,
        slots=slots,
        t=t,
        loss_after=batch_loss(objective, output_after, y, weights),
        penalty_after=penalty(objective, after),
    )


def _layers(
    before: Network, after: Network, objective: Objective, passed: ForwardPass, y: Array, weights: Array | None
) -> tuple[LayerTrace, ...]:
    """Each layer: dh and da from the backward pass of each sample's loss, d from that of the objective."""
    per_sample = replace(objective, batch_reduction="sum", class_weights=None)
    own = backward(before, passed, per_sample, y).layers
    whole = backward(before, passed, objective, y, weights=weights).layers
    from_loss = output_gradient(per_sample, output_of(before, passed), y)
    shares = _penalty_shares(before, objective)
    return tuple(
        LayerTrace(
            activation=layer.activation,
            before=before.parameters[k],
            a=passed.layers[k].a,
            h=passed.layers[k].h,
            derivative=layer.activation.slope(*passed.layers[k], before.parameters[k].alpha),
            dh=from_loss if (dh := own[k].dh) is None else dh,
            da=own[k].da,
            d=whole[k].d,
            share=shares[k],
            after=after.parameters[k],
        )
        for k, layer in enumerate(before.layers)
    )


def _penalty_shares(network: Network, objective: Objective) -> tuple[Parameters, ...]:
    """The regularizer's part of each gradient: λ₂W + λ₁ sign(W)"""
    shares = views(network.layers, np.zeros_like(network.theta))
    for (W, b, _), share in zip(network.parameters, shares, strict=True):
        add_penalty_gradient(objective, W, share.W)
        if objective.regularize_bias:
            add_penalty_gradient(objective, b, share.b)
    return shares
