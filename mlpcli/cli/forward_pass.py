"""What `mlp forward --x` shows: one pass in every detail."""

import numpy as np

from mlpcli.cli.network_options import ObjectiveOptions
from mlpcli.cli.networks import features_note, with_feature_names, with_objective
from mlpcli.cli.notes import Notes
from mlpcli.cli.prediction import check_finite, predictions
from mlpcli.cli.samples import LOSS_OVERFLOWS, checked_samples, given_inputs, targets_for
from mlpcli.cli.sources import Source
from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.objective import batch_loss, penalty, sample_losses
from mlpcli.core.propagation import ForwardPass, forward, output_of
from mlpcli.data.text import shown
from mlpcli.derivation.forward_report import Reached, forward_report
from mlpcli.derivation.trace import factors_of
from mlpcli.files.model import Model
from mlpcli.report.sheet import Report


def show_pass(
    model: Model, x: str, y: str | None, weights: str, objective: ObjectiveOptions, source: Source, notes: Notes
) -> Report:
    """Every a and h for the samples given on the command line, in the units of the training data; with y, L and J.

    Raises MlpError, which names the weights file, if an output overflows.
    """
    given = given_inputs(model, x, source, notes)
    scaled = model.preparation.scaling.apply(given, np.empty(given.shape, model.network.dtype))
    with np.errstate(all="ignore"):
        passed = forward(model.network, scaled)
    check_finite(passed.layers[-1].a, f"{shown(weights)}: --x, sample")
    reached = None
    if y is not None:
        model = with_objective(model, objective)
        reached = _reached(model, passed, checked_samples(model, given, targets_for(model, x, y))[1])
    says = predictions(model, passed.y_hat)
    report = forward_report(model.network, given, passed, says, model.coding.names, reached)
    report, words = with_feature_names(report, model), features_note(model)
    return report._replace(closing=(*report.closing, words)) if words else report


def _reached(model: Model, passed: ForwardPass, targets: Array) -> Reached:
    """L of each sample and J. Raises MlpError if they overflow."""
    objective = model.objective
    output = output_of(model.network, passed)
    with np.errstate(all="ignore"):
        losses = sample_losses(objective, output, targets)
        loss, omega = batch_loss(objective, output, targets), penalty(objective, model.network)
    if not np.isfinite(loss + omega):
        raise MlpError(LOSS_OVERFLOWS)
    factors = factors_of(model.network, objective, targets, None)
    return Reached(objective, targets, losses, loss, omega, factors)
