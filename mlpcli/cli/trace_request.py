"""What `mlp backprop-trace` is asked for, what a trace starts from, and what it comes to; for all optimizers."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np

from mlpcli.cli.backprop_trace_command import CheckOptions, UpdateOptions
from mlpcli.cli.network_options import ObjectiveOptions
from mlpcli.cli.networks import with_objective
from mlpcli.cli.notes import Notes
from mlpcli.cli.samples import AskedSamples, weighted_samples
from mlpcli.cli.values import between
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError
from mlpcli.core.network import Network, cast
from mlpcli.core.objective import Objective
from mlpcli.core.optimizers import Optimizer
from mlpcli.files.model import Model
from mlpcli.report.sheet import Report

MOST_STEPS = 1000
MOST_PARAMETERS_IN_STEPS = 20_000_000  # of all steps together: a gigabyte, with gradients and optimizer state


class TraceRequest(NamedTuple):
    """What is to be computed."""

    samples: AskedSamples
    objective: ObjectiveOptions
    update: UpdateOptions
    checks: CheckOptions
    seed: int


class TraceStart(NamedTuple):
    """What a trace starts from."""

    network: Network  # in float64
    objective: Objective
    x: Array  # (n, inputs)
    y: Array  # (n, outputs)
    weights: Array | None  # (n,), of samples that have some

    def after(self, model: Model, network: Network) -> Model:
        """The model with this objective, and the network after the last update."""
        return replace(model, network=network, objective=self.objective)


class TraceOutcome(NamedTuple):
    """What a trace comes to."""

    report: Report
    model: Model  # with the network after the last update
    failure: str = ""  # what was asked for and does not hold: a gradient is wrong, somebody's own numbers differ


def start_of(model: Model, asked: TraceRequest, rows: slice) -> TraceStart:
    """The network with its objective, and the samples; of data without a row that is asked for, these rows."""
    model = with_objective(model, asked.objective)
    samples = weighted_samples(model, asked.samples, Notes(quiet=False), rows)
    return TraceStart(cast(model.network, np.float64), model.objective, *samples)


def learning_rate_of(model: Model, optimizer: Optimizer, asked: float | None) -> float:
    """The learning rate that is asked for, or that of the weights file's sample, or the optimizer's own."""
    rate = model.example.learning_rate or optimizer.learning_rate if asked is None else asked
    return between(rate, "--learning-rate", 0, np.inf, open_ends=True)


def check_steps(steps: int, parameters: int) -> None:
    """Raises ChoiceError for more steps than fit in memory."""
    if not 1 <= steps <= MOST_STEPS:
        raise ChoiceError(f"--steps must be from 1 to {MOST_STEPS}, not {steps}")
    most = max(1, MOST_PARAMETERS_IN_STEPS // parameters)
    if steps > most:
        raise ChoiceError(
            f"--steps {steps}: {parameters:,} parameters in each are too many to keep; use {most} or fewer"
        )
