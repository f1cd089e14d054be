"""The time of a training, measured: real epochs with the clock read, by the code that trains.

The samples are synthetic. They have the right shape and kind; their values do not matter to the clock. The learning
rate is 0: training does every operation, and nothing diverges. For a large data set a few batches are enough, and for a
batch that takes too long a smaller one.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass, field, replace
from itertools import pairwise
from math import nan
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from mlpcli.core.arrays import Array
from mlpcli.core.errors import MlpError
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.memory import Workload, memory_of
from mlpcli.core.network import Network, initialize
from mlpcli.core.predicting import evaluate_samples
from mlpcli.core.samples import Samples, Scaling
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.steps import SLICE, GradientDescent
from mlpcli.core.training import Plan, Run, Training, step_and_batches

if TYPE_CHECKING:
    from numpy.random import Generator

FOREVER = 10**9  # epochs
FULL_BYTE = 255.0
TRIAL = 256  # samples of a first batch, which tells how many can be afforded
EPOCHS = 8  # at least, in the time there is
LARGEST_SET = 2**26  # bytes of features: more than any cache holds
SPARE = 3  # times the counted arrays: the parts of a step have their own, and functions make temporary ones
BESIDES = 2**25  # bytes of the matrices that measure the machine's own rate
EVALUATIONS = 3
LONG = 0.5  # seconds of an evaluation, which is then not repeated


@dataclass(frozen=True)
class Timing:
    """The median of many times, the limits between which eight of ten lie, and their mean. Sums are of all four."""

    low: float
    median: float
    high: float
    mean: float = field(default=nan, compare=False)

    def __mul__(self, factor: float) -> "Timing":
        return Timing(*(seconds * factor for seconds in astuple(self)))

    def __add__(self, other: "Timing") -> "Timing":
        return Timing(*map(sum, zip(astuple(self), astuple(other), strict=True)))


def timing_of(seconds: Sequence[float]) -> Timing:
    """Quantiles and mean of several times."""
    low, median, high = map(float, np.quantile(seconds, (0.1, 0.5, 0.9)))
    return Timing(low, median, high, float(np.mean(seconds)))


def timing_of_means(seconds: Sequence[float], groups: int) -> Timing:
    """Quantiles of the means of consecutive groups, so that a rare long pause is spread over its group."""
    return timing_of([float(np.mean(group)) for group in np.array_split(seconds, min(groups, len(seconds)))])


def always(seconds: float) -> Timing:
    """A time that does not vary."""
    return Timing(seconds, seconds, seconds, seconds)


def best_time(function: Callable[[], object], moment: float) -> float:
    """The shortest time of at least three runs in `moment` seconds: the least disturbed one."""
    times: list[float] = []
    until = perf_counter() + moment
    while len(times) < 3 or perf_counter() < until:
        started = perf_counter()
        function()
        times.append(perf_counter() - started)
    return min(times)


# ----- Epochs with the clock read -------------------------------------------------------------------------------------


class TimedEpoch(NamedTuple):
    """Seconds of an epoch: of each step, and of what follows them."""

    steps: list[float]
    rest: float


def plan_of(workload: Workload) -> Plan:
    """To train for ever, with a learning rate of 0."""
    return Plan(workload.optimizer, 0.0, SCHEDULES["constant"], FOREVER, workload.batch)


def whole_epochs(
    workload: Workload, network: Network, training: Samples, generator: "Generator", processes: int = 1
) -> Iterator[TimedEpoch]:
    """Epochs of a training without end, with the clock read after every batch."""
    validation = synthetic_samples(workload, workload.validation, generator) if workload.validation else None
    run = Run(network, workload.objective, workload.task, training, validation, plan_of(workload), generator)
    endless = Training(run, processes)
    stamps: list[float] = []
    epochs = endless.epochs(watch=lambda number, done, summary: stamps.append(perf_counter()))
    while True:
        stamps[:] = [perf_counter()]
        next(epochs)
        yield TimedEpoch([after - before for before, after in pairwise(stamps)], perf_counter() - stamps[-1])


class Parts(NamedTuple):
    """Seconds of a step's parts."""

    batch: float  # its share of gathering and scaling the block that it is part of
    forward: float
    backward: float
    update: float


def epochs_in_parts(
    workload: Workload, network: Network, samples: Samples, generator: "Generator", processes: int = 1
) -> Iterator[list[Parts]]:
    """For each epoch, the parts of all its steps."""
    step, batches = step_and_batches(network, workload.objective, plan_of(workload), samples, generator, processes)
    assert isinstance(step, GradientDescent), "only gradient rules have these parts"
    while True:
        steps = []
        started = perf_counter()
        for x, y, _ in batches.blocks(generator):
            gathering = (perf_counter() - started) / -(-len(y) // workload.batch)
            for first in range(0, len(y), workload.batch):
                rows = slice(first, first + workload.batch)
                room = step.room(len(y[rows]))
                stamps = [perf_counter()]
                passed = step.forward(x[rows], room)
                stamps.append(perf_counter())
                step.backward(passed, y[rows], room)
                stamps.append(perf_counter())
                step.update(0.0)
                stamps.append(perf_counter())
                steps.append(Parts(gathering, *(after - before for before, after in pairwise(stamps))))
            started = perf_counter()
        yield steps


def synthetic_samples(workload: Workload, count: int, generator: "Generator") -> Samples:
    """Bytes like those of images, scaled by one number, or numbers with a mean and a scale per feature."""
    inputs = workload.inputs
    x = np.empty((count, inputs), workload.stored)
    if workload.pixels:
        _fill(x, generator.integers(0, 256, min(x.size, SLICE)))
        scaling = Scaling(np.array(0.0), np.array(FULL_BYTE))
    else:
        _fill(x, generator.standard_normal(min(x.size, SLICE)))
        scaling = Scaling(generator.normal(0, 0.01, inputs), np.ones(inputs))
    return Samples(x, _targets(workload, count), scaling, np.array(1.0))


def _fill(x: Array, drawn: Array) -> None:
    """Repeats a few numbers, so that no second array of this size is needed."""
    flat = x.reshape(-1)
    for start in range(0, flat.size, drawn.size):
        part = flat[start : start + drawn.size]
        part[...] = drawn[: part.size]


def _targets(workload: Workload, count: int) -> Array:
    """One 1 in each row, in turn: what every loss and every task takes."""
    y = np.zeros((count, workload.outputs), workload.dtype)
    y[np.arange(count), np.arange(count) % workload.outputs] = 1
    return y


# ----- Measuring ------------------------------------------------------------------------------------------------------


class TooLargeToMeasureError(MlpError):
    """There is not enough memory to measure."""


@dataclass(frozen=True)
class Measured:
    """What was timed. `workload` is what was trained: all of the training, or less."""

    workload: Workload
    steps: int  # how many were timed
    step: Timing  # of an update, with all that goes with it
    parts: dict[str, Timing]  # of a step, each timed by itself, in a loop of its own
    updates: Timing  # all steps of an epoch, in the mean of several epochs
    rest: Timing  # of an epoch: loss and metric of training, validation; in the mean of several
    evaluation: Timing  # the last one, of the training samples


def measure(workload: Workload, seconds: float, available: int | None, processes: int = 1) -> Measured:
    """Trains for about `seconds`. Raises TooLargeToMeasureError if it takes more than `available` bytes."""
    trial = replace(workload, batch=min(workload.batch, TRIAL, _most_rows(workload)))
    tried = measure_all(_with_batches(trial, 2), 0.0, available, processes)
    return measure_all(_affordable(workload, tried, seconds / EPOCHS), seconds, available, processes)


def measure_all(workload: Workload, seconds: float, available: int | None, processes: int = 1) -> Measured:
    """Trains on all samples for at least one epoch and `seconds`. Raises as `measure` does."""
    check_fits(workload, available)
    generator = np.random.default_rng(1)
    network = initialize(workload.layers, INITIALIZERS["glorot-uniform"], generator, workload.dtype)
    training = synthetic_samples(workload, workload.training, generator)
    epochs = whole_epochs(workload, network, training, generator, processes)
    in_parts = epochs_in_parts(workload, network, training, generator, processes)
    next(epochs), next(in_parts)  # to warm up
    whole: list[TimedEpoch] = []
    parts: list[Parts] = []
    until = perf_counter() + seconds
    while not whole or perf_counter() < until:  # by turns, so that a slow moment of the machine meets both
        whole.append(next(epochs))
        parts += next(in_parts)
    steps = [step for epoch in whole for step in epoch.steps]
    return Measured(
        workload,
        len(steps),
        timing_of(steps),
        {name: timing_of(times) for name, times in zip(Parts._fields, zip(*parts, strict=True), strict=True)},
        timing_of_means([sum(epoch.steps) for epoch in whole], EPOCHS),
        timing_of_means([epoch.rest for epoch in whole], EPOCHS),
        _evaluation(workload, network, training),
    )


def check_fits(workload: Workload, available: int | None) -> None:
    """Raises TooLargeToMeasureError if measuring a training of this size takes more than `available` bytes."""
    needed = SPARE * memory_of(workload) + BESIDES
    if available is not None and needed > available:
        raise TooLargeToMeasureError(
            f"measuring needs up to {needed / 2**30:,.1f} GiB of memory, but {available / 2**30:,.1f} GiB are free"
        )


# ----- How much of it to measure ------------------------------------------------------------------------------------


def _most_rows(workload: Workload) -> int:
    return max(1, LARGEST_SET // (workload.inputs * workload.stored.itemsize))


def _with_batches(workload: Workload, batches: int) -> Workload:
    """The same training on that many batches, or on all samples if there are fewer."""
    training = min(workload.training, batches * workload.batch)
    validation = -(-workload.validation * training // workload.training)
    return replace(workload, training=training, validation=validation, test=0)


def _affordable(workload: Workload, trial: Measured, seconds: float) -> Workload:
    """As much of the training as takes `seconds` per epoch: fewer batches, and smaller ones if one takes too long.

    All times but that of the update are taken to grow with the samples.
    """
    update = trial.parts["update"].median
    each = max((trial.step.median - update) / trial.workload.batch, 1e-12)
    affordable = max(trial.workload.batch, int(seconds / each))
    batch = min(workload.batch, affordable, _most_rows(workload))
    batches = max(1, min(int(seconds / (update + each * batch)), _most_rows(workload) // batch))
    return _with_batches(replace(workload, batch=batch), batches)


def _evaluation(workload: Workload, network: Network, samples: Samples) -> Timing:
    """Several evaluations after a first one with cold caches; only the first if it takes long."""
    names = tuple(map(str, range(2 if workload.task.name == "binary" else workload.outputs)))

    def seconds() -> float:
        started = perf_counter()
        evaluate_samples(network, workload.objective, workload.task, samples, names)
        return perf_counter() - started

    first = seconds()
    return always(first) if first > LONG else timing_of([seconds() for _ in range(EVALUATIONS)])
