"""The objective J = L(ŷ, y) + λΩ(θ): the loss, its reduction to one number, and the regularizer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mlpcli.core.activations import Activation
from mlpcli.core.arrays import Array, magnitude
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES, TARGETS, Loss
from mlpcli.core.network import Layer, Network
from mlpcli.core.outputs import Output
from mlpcli.core.tasks import off_and_on

REDUCTIONS = ("mean", "sum")


@dataclass(frozen=True)
class Objective:
    """What training minimizes.

    L of a sample is the sum or the mean of the loss's terms over the outputs. L of a batch is the mean or the sum over
    its samples; with weights it is Σ wᵢLᵢ / Σ wᵢ or Σ wᵢLᵢ (see `loss_weights`). λΩ(θ) = l2 · ½‖W‖² + l1 · ‖W‖₁, once
    per batch. Biases are regularized only if asked (Goodfellow et al., 7.1), learned slopes never (He et al. 2015).
    Keras' L2(c) has no ½: it is `l2` = 2c.
    """

    loss: Loss
    output_reduction: str
    batch_reduction: str = "mean"
    l1: float = 0.0
    l2: float = 0.0
    regularize_bias: bool = False
    class_weights: tuple[Any, ...] | None = None  # of each class, in order; in a stack, such a tuple for each network

    def output_factor(self, outputs: int) -> float:
        """The factor of each term in its sample: 1/outputs for the mean, else 1."""
        return 1 / outputs if self.output_reduction == "mean" else 1.0

    def batch_factor(self, samples: float) -> float:
        """The factor of each sample in its batch: 1/samples for the mean, else 1.

        With weights, `samples` is Σ wᵢ and the factor is that of wᵢLᵢ. If all weights are 0, so is J.
        """
        return 1 / (samples or 1) if self.batch_reduction == "mean" else 1.0

    def factor(self, samples: float, outputs: int) -> float:
        """The factor of each term of each sample in J."""
        return self.output_factor(outputs) * self.batch_factor(samples)

    @cached_property
    def class_factors(self) -> Array:
        """The weight of each class, (classes,); in a stack (R, classes)."""
        return np.array(self.class_weights, np.float64)

    @cached_property
    def regularized(self) -> bool:
        """Whether J has a regularizer."""
        return self.l1 != 0 or self.l2 != 0


def objective_of(loss: Loss, **changes: object) -> Objective:
    """The objective with the loss's default reduction over outputs, and with `changes` that are not None.

    Raises ChoiceError for an unknown reduction or an invalid penalty.
    """
    given = {name: value for name, value in changes.items() if value is not None}
    settings: dict[str, object] = {"output_reduction": loss.output_reduction, **given}
    for name in ("output_reduction", "batch_reduction"):
        if settings.get(name, "mean") not in REDUCTIONS:
            raise ChoiceError(f"{name.replace('_', ' ')} is mean or sum, not {str(settings[name])[:40]!r}")
    for name in ("l1", "l2"):
        value = float(settings.get(name, 0.0))  # type: ignore[arg-type]
        if not (np.isfinite(value) and value >= 0):
            raise ChoiceError(f"{name} must be 0 or more and finite, not {value:g}")
    return Objective(loss, **settings)  # type: ignore[arg-type]


def changed_objective(old: Objective, name: str | None, settings: Mapping[str, object]) -> Objective:
    """`old` with the loss of this name, unless None, and these settings.

    With another loss, the reduction over outputs is that loss's own. Raises ChoiceError for an unknown name.
    """
    loss = old.loss if name is None else pick(LOSSES, name, "loss")
    names = ("batch_reduction", "l1", "l2", "regularize_bias", "class_weights")
    kept = {name: getattr(old, name) for name in names}
    if loss is old.loss:
        kept["output_reduction"] = old.output_reduction
    return objective_of(loss, **{**kept, **settings})


def sample_losses(objective: Objective, output: Output, y: Array) -> Array:
    """L of each sample, (n,), from the last layer's output and targets y, (n, outputs)."""
    terms = objective.loss.terms(output, y)
    result: Array = np.add.reduce(terms, axis=-1) * objective.output_factor(y.shape[-1])
    return result


def balanced_weights(counts: Array) -> Array:
    """n/(K nᴄ) for each class ᴄ of nᴄ samples, (classes,), as scikit-learn's `compute_class_weight`.

    n is the number of samples and K that of the classes that have some. The others have 1.
    """
    there = counts > 0
    result: Array = np.where(there, counts.sum() / (np.count_nonzero(there) * np.where(there, counts, 1)), 1.0)
    return result


def loss_weights(objective: Objective, activation: Activation, y: Array, weights: Array | None) -> Array | None:
    """w of each sample in the loss, (n,): the weight of its class times its own in `weights`; None if all are 1.

    `activation` is that of the last layer: it tells "no" from "yes" in y, (n, outputs). The class of shares is that
    of the largest. For a stack, y, weights and w have a leading axis.
    """
    if objective.class_weights is None:
        return weights
    binary = y.shape[-1] == 1
    classes = (y[..., 0] > sum(off_and_on(activation.name)) / 2).astype(np.int64) if binary else np.argmax(y, axis=-1)
    factors = objective.class_factors  # of one network indexed plainly, which takes a tenth less time for a step
    own: Array = factors[classes] if factors.ndim == 1 else np.take_along_axis(factors, classes, axis=-1)
    return own if weights is None else own * weights


def sample_factors(objective: Objective, w: Array) -> Array:
    """The factor of each sample's loss in J, (n,): wᵢ/Σw for the mean, else wᵢ; for a stack (R, n)."""
    if objective.batch_reduction == "sum":
        return w
    result: Array = w * (1 / total_weight(w)[..., None])
    return result


def total_weight(w: Array) -> Any:
    """Σw over the samples, (), or 1 if all are 0; for a stack (R,)."""
    total = np.add.reduce(w, axis=-1)
    return np.where(total == 0, 1, total)


def mean_loss(objective: Objective, output: Output, y: Array, weights: Array | None = None) -> Any:
    """The mean of L over the samples, for every batch reduction: it is comparable between sets of any size.

    A float; for a stack a list of R floats. With weights Σ wᵢLᵢ / Σ wᵢ.
    """
    losses = sample_losses(objective, output, y)
    w = loss_weights(objective, output.activation, y, weights)
    if w is not None:
        return (np.vecdot(losses, w) / total_weight(w)).tolist()
    total = np.add.reduce(losses, axis=-1, dtype=np.float64)
    return (total / y.shape[-2]).tolist()


def batch_loss(objective: Objective, output: Output, y: Array, weights: Array | None = None) -> Any:
    """L of the batch, without the regularizer: a float; for a stack with the same samples a list of R floats."""
    losses = sample_losses(objective, output, y)
    w = loss_weights(objective, output.activation, y, weights)
    if w is not None:
        return (np.vecdot(losses, w).astype(np.float64) * objective.batch_factor(np.add.reduce(w).item())).tolist()
    total = np.add.reduce(losses, axis=-1, dtype=np.float64)
    return (total * objective.batch_factor(losses.shape[-1])).tolist()


def output_gradient(objective: Objective, output: Output, y: Array) -> Array:
    """dŷ = ∂J/∂ŷ, (n, outputs). It may be infinite where ŷ vanishes."""
    result: Array = objective.loss.gradient(output.y_hat, y) * objective.factor(*y.shape)
    return result


def skips_division(objective: Objective, activation: Activation) -> bool:
    """Whether da of the last layer is computed from logarithms, since dŷ = −y/ŷ may divide by 0."""
    return objective.loss.log_weights is not None and activation.logarithms is not None


def output_delta(objective: Objective, activation: Activation, a: Array, h: Array, y: Array, out: Array) -> Array:
    """∂ΣL/∂a of the last layer, (n, outputs), from logarithms (see `skips_division`).

    ΣL is the plain sum of the loss's terms; the caller multiplies by the factor of their reduction.
    """
    logs, weights = activation.logarithms, objective.loss.log_weights
    assert logs is not None
    assert weights is not None
    return logs.backward(*weights(y), a, h, out)


def penalty(objective: Objective, network: Network) -> Any:
    """λΩ(θ) = l2 · ½ Σ w² + l1 · Σ |w|, a float; for a stack (R, 1, 1)"""
    total = 0.0
    for W, b, _ in network.parameters:
        for part in (W, b) if objective.regularize_bias else (W,):
            total += objective.l2 * half_sum_of_squares(part) + objective.l1 * sum_of_absolutes(part)
    return total


def half_sum_of_squares(part: Array) -> Any:
    """½‖w‖², the part of W or b in `l2`, a float; for a stack (R, 1, 1)"""
    return 0.5 * _total(part * part)


def sum_of_absolutes(part: Array) -> Any:
    """‖w‖₁, the part of W or b in `l1`, a float; for a stack (R, 1, 1)"""
    return _total(magnitude(part))


def _total(x: Array) -> Any:
    """The sum over all axes but that of a stack, then in double precision."""
    return np.sum(x).item() if x.ndim < 3 else np.sum(x, axis=(-2, -1), keepdims=True).astype(np.float64)


def add_penalty_gradient(objective: Objective, part: Array, gradient: Array) -> None:
    """gradient += λ ∂Ω/∂w = l2 · w + l1 · sign(w), in place"""
    if objective.l2:
        gradient += objective.l2 * part
    if objective.l1:
        gradient += objective.l1 * np.sign(part)


def check_pair(objective: Objective, layers: Sequence[Layer]) -> None:
    """Raises ChoiceError if the loss cannot take the output of the last layer."""
    last = layers[-1]
    if objective.loss.of_probabilities and last.activation.logarithms is None:
        usual = "softmax" if last.units > 1 else "sigmoid"
        raise ChoiceError(
            f"{objective.loss.name} takes the logarithm of the outputs, which must be between 0 and 1; "
            f"use {usual} instead of {last.activation.name}, or the loss mse"
        )
    if objective.loss.targets == "one-hot" and last.units < 2:
        needed = f"{objective.loss.name} compares the scores of classes and needs at least two outputs"
        raise ChoiceError(f"{needed}; for one output use bce with sigmoid")


def check_targets(objective: Objective, y: Array) -> None:
    """Raises MlpError for the first sample whose targets the loss cannot take."""
    wanted, holds = TARGETS[objective.loss.targets]
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(~(holds(y) & np.isfinite(y).all(axis=-1)))
    if wrong.size:
        sample = ", ".join(f"{value:g}" for value in y[wrong[0]][:10])
        raise MlpError(f"{objective.loss.name} takes targets that are {wanted}; sample {wrong[0] + 1} has [{sample}]")
