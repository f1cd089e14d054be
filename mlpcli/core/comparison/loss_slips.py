"""Usual mistakes in the loss and in dŷ: logarithms, signs, factors, and the loss of another lecture."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.comparison.formulas import Formula, LayerFigures, StepFigures, output, reduced
from mlpcli.core.comparison.slip import Change, Slip
from mlpcli.core.losses import LOSSES, Loss
from mlpcli.core.objective import REDUCTIONS, Objective
from mlpcli.core.tracing import Trace


def _has_logarithms(trace: Trace) -> bool:
    return trace.objective.loss.log_weights is not None


def _is_two_sided(trace: Trace) -> bool:
    return trace.objective.loss.two_sided


# ----- Logarithms and signs -----------------------------------------------------------------------------------------


def _logarithm(base: int) -> Iterator[Slip]:
    terms: Mapping[str, Change] = {"terms": lambda s, right: right(s) / np.log(base)}
    both: Mapping[str, Change] = {**terms, "dy_hat": lambda f, right: right(f) / np.log(base)}
    name, words = f"log{base}", f"log{base} is taken for ln"
    yield Slip(name, words, terms, _has_logarithms, name)
    yield Slip(f"{name}-everywhere", f"{words}, in L and in dŷ", both, _has_logarithms, name)


def _terms_with_wrong_sign(s: StepFigures, right: Formula) -> Array:
    """−(y log ŷ − (1 − y) log(1 − ŷ))"""
    return np.asarray(-2 * s.y * output(s).log - right(s))


def _gradient_with_wrong_sign(f: LayerFigures, right: Formula) -> Array:
    """−(y/ŷ + (1 − y)/(1 − ŷ)), as the lecture prints it"""
    first = np.where(f.step.y == 0, 0, -f.step.y / f.h) * f.step.goal.output_factor(f.h.shape[-1])
    return np.asarray(2 * first - right(f))


SIGNS = (
    Slip("loss-negative", "the minus before the sum in L is forgotten", {"terms": lambda s, right: -right(s)}),
    Slip("gradient-negative", "dŷ has the wrong sign, as in y − ŷ for ŷ − y", {"dy_hat": lambda f, right: -right(f)}),
    Slip(
        "second-sign",
        "the second term of dŷ has the wrong sign: it is −y/ŷ + (1 − y)/(1 − ŷ)",
        {"dy_hat": _gradient_with_wrong_sign},
        _is_two_sided,
    ),
    Slip(
        "second-sign-in-loss",
        "the second term of L has the wrong sign: it is −y log ŷ − (1 − y) log(1 − ŷ)",
        {"terms": _terms_with_wrong_sign},
        _is_two_sided,
    ),
)

# ----- Factors ------------------------------------------------------------------------------------------------------

# What can be too much or missing, and by how much the figure is then too large for a batch with targets y.
FACTORS: dict[str, tuple[str, Callable[[Array], float]]] = {
    "half": ("a factor ½ too many", lambda y: 1 / 2),
    "double": ("a factor 2 too many, as where a ½ is forgotten", lambda y: 2),
    "over-outputs": ("a factor 1/outputs too many, as in a mean where the sum is asked", lambda y: 1 / y.shape[-1]),
    "times-outputs": ("no factor 1/outputs, as in a sum where the mean is asked", lambda y: y.shape[-1]),
    "over-samples": ("a factor 1/n too many, for n samples", lambda y: 1 / len(y)),
    "times-samples": ("no factor 1/n, as in a sum over the n samples where the mean is asked", lambda y: len(y)),
}


def _factors() -> Iterator[Slip]:
    for name, (words, factor) in FACTORS.items():
        loss, gradient = _times_in_loss(factor), _times_in_gradient(factor)
        yield Slip(f"{name}-in-loss", f"L has {words}", loss, kind=name)
        yield Slip(f"{name}-in-gradient", f"dŷ has {words}", gradient, kind=name)
        yield Slip(f"{name}-everywhere", f"L and dŷ have {words}", {**loss, **gradient}, kind=name)


def _times_in_loss(factor: Callable[[Array], float]) -> Mapping[str, Change]:
    return {"loss": lambda s, right: factor(s.y) * right(s)}


def _times_in_gradient(factor: Callable[[Array], float]) -> Mapping[str, Change]:
    return {"dy_hat": lambda f, right: factor(f.step.y) * right(f)}


MEAN_IN_DH = Slip(
    "batch-mean-in-dh",
    "dh and da have the batch's 1/n in them; here they are those of each sample's own loss",
    {"dy_hat": lambda f, right: right(f) / len(f.step.y), "count": lambda f, right: 1.0},
    lambda trace: trace.objective.batch_reduction == "mean",
)

# ----- Other losses -------------------------------------------------------------------------------------------------


# Losses that share their terms or their gradient with one before them cannot be told from it.
DIFFERENT_TERMS = [row for row in LOSSES.values() if row.name != "ce-negatives"]  # those of bce
DIFFERENT_GRADIENTS = [row for row in DIFFERENT_TERMS if row.name != "kl"]  # that of cce


def _other_losses() -> Iterator[Slip]:
    for loss in DIFFERENT_TERMS:
        for reduction in REDUCTIONS:
            name, words = f"{loss.name}-{reduction}", f"{loss.name} as a {reduction}, {loss.formula}"
            value, gradient = _value_of(loss, reduction), _gradient_of(loss, reduction)
            yield Slip(f"{name}-in-loss", f"L is {words}", value, kind=name)
            if loss in DIFFERENT_GRADIENTS:
                yield Slip(f"{name}-in-gradient", f"dŷ is that of {words}", gradient, kind=name)
            yield Slip(f"{name}-everywhere", f"the loss is {words}", {**value, **gradient}, kind=name)


def _value_of(loss: Loss, reduction: str) -> Mapping[str, Change]:
    return {
        "terms": lambda s, right: loss.terms(output(s), s.y),
        "loss": lambda s, right: reduced(s, _goal(s, loss, reduction)),
    }


def _gradient_of(loss: Loss, reduction: str) -> Mapping[str, Change]:
    def gradient(f: LayerFigures, right: Formula) -> Array:
        return loss.gradient(f.h, f.step.y) * _goal(f.step, loss, reduction).output_factor(f.h.shape[-1])

    return {"dy_hat": gradient}


def _goal(s: StepFigures, loss: Loss, reduction: str) -> Objective:
    return replace(s.goal, loss=loss, output_reduction=reduction)


LOSS_SLIPS = (*_logarithm(10), *_logarithm(2), *SIGNS, *_factors(), MEAN_IN_DH, *_other_losses())
