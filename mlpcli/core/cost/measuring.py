"""The time of a training, measured: real epochs on synthetic samples, by the code that trains.

The learning rate is 0: every operation is done, and nothing diverges. Of a large data set a few batches are enough, and
of a batch that takes too long a smaller one.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from time import perf_counter

import numpy as np

from mlpcli.core.cost.memory import memory_of
from mlpcli.core.cost.synthetic import synthetic_network, synthetic_samples
from mlpcli.core.cost.workload import Workload
from mlpcli.core.errors import MlpError
from mlpcli.core.gradient_descent import GradientDescent
from mlpcli.core.network import Network
from mlpcli.core.optimizers import begin
from mlpcli.core.propagation import backward, forward, room_for_backward, room_for_forward
from mlpcli.core.samples import Samples, ShuffledBatches
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.training import Plan, evaluate_samples, train

PARTS_OF_A_STEP = ("batch", "forward", "backward", "update")
TRIAL = 256  # samples of a first batch, which tells how many can be afforded
LARGEST_SET = 2**26  # bytes of features: more than any cache holds
PARTS = 8  # of the time there is: as many epochs at least
SPARE = 2  # times the arrays that are counted: functions make others of that size for a moment


@dataclass(frozen=True)
class Timing:
    """Seconds: the middle of many, and between what limits eight of ten lie."""

    low: float
    median: float
    high: float

    def __mul__(self, factor: float) -> "Timing":
        return Timing(self.low * factor, self.median * factor, self.high * factor)

    def __add__(self, other: "Timing") -> "Timing":
        return Timing(self.low + other.low, self.median + other.median, self.high + other.high)


def timing_of(seconds: Sequence[float]) -> Timing:
    return Timing(*map(float, np.quantile(seconds, (0.1, 0.5, 0.9))))


@dataclass(frozen=True)
class Measured:
    """What was timed. `workload` is what was really trained: the whole thing, or less of it."""

    workload: Workload
    steps: int  # how many were timed
    step: Timing  # of an update, with all that goes with it
    stages: dict[str, Timing]  # parts of a step, each timed by itself in a loop of its own
    updates: Timing  # all steps of an epoch
    rest: Timing  # of an epoch: loss and metric of training, validation
    evaluation: float  # the last one, of the training samples


def measure(workload: Workload, seconds: float, available: int | None) -> Measured:
    """Trains for about so many seconds. Raises MlpError where the arrays for it do not fit into `available` bytes."""
    trial = replace(workload, batch=min(workload.batch, TRIAL, _most_rows(workload)))
    trial = _with_batches(trial, 2)
    found = measure_all(trial, 0.0, available)
    part = _affordable(workload, found, seconds / PARTS)
    return measure_all(part, seconds, available)


def _most_rows(workload: Workload) -> int:
    return max(1, LARGEST_SET // (workload.inputs * workload.stored.itemsize))


def _with_batches(workload: Workload, batches: int) -> Workload:
    """The same training on so many batches, or on all samples where these are no more."""
    training = min(workload.training, batches * workload.batch)
    validation = -(-workload.validation * training // workload.training)
    return replace(workload, training=training, validation=validation, test=0)


def _affordable(workload: Workload, trial: Measured, seconds: float) -> Workload:
    """As much of the training as takes so many seconds an epoch: fewer batches, and smaller ones where one is too much.

    Time is taken to grow with the samples, but for that of the update.
    """
    update = trial.stages["update"].median
    each = max((trial.step.median - update) / trial.workload.batch, 1e-12)
    affordable = max(trial.workload.batch, int(seconds / each))
    batch = min(workload.batch, affordable, _most_rows(workload))
    batches = max(1, min(int(seconds / (update + each * batch)), _most_rows(workload) // batch))
    return _with_batches(replace(workload, batch=batch), batches)


def check_fits(workload: Workload, available: int | None) -> None:
    """Raises MlpError where a training of this size would not fit into so many bytes."""
    needed = SPARE * memory_of(workload)
    if available is not None and needed > available:
        raise MlpError(
            f"to measure this takes up to {needed / 2**30:,.1f} GiB of memory, of which {available / 2**30:,.1f} GiB "
            "are free; --no-measure only counts"
        )


def measure_all(workload: Workload, seconds: float, available: int | None) -> Measured:
    check_fits(workload, available)
    generator = np.random.default_rng(1)
    network = synthetic_network(workload, generator)
    training = synthetic_samples(workload, workload.training, generator)
    validation = synthetic_samples(workload, workload.validation, generator) if workload.validation else None
    plan = Plan(workload.optimizer, 0.0, SCHEDULES["constant"], 10**9, workload.batch)
    stamps: list[float] = []
    epochs = train(
        network,
        workload.objective,
        workload.task,
        training,
        validation,
        plan,
        generator,
        lambda number, done, summary: stamps.append(perf_counter()),
    )
    stages = _stage_times(workload, training)
    steps: list[float] = []
    updates: list[float] = []
    rest: list[float] = []
    parts: list[tuple[float, ...]] = []
    until, warm = perf_counter() + seconds, False
    while not warm or not updates or perf_counter() < until:
        stamps.clear()
        started = perf_counter()
        next(epochs)
        ended = perf_counter()
        split = next(stages)
        if warm:
            steps += [after - before for before, after in pairwise([started, *stamps])]
            updates.append(stamps[-1] - started)
            rest.append(ended - stamps[-1])
            parts += split
        warm = True
    evaluation = _evaluation_time(workload, network, training)
    split_times = {stage: timing_of([part[k] for part in parts]) for k, stage in enumerate(PARTS_OF_A_STEP)}
    return Measured(
        workload, len(steps), timing_of(steps), split_times, timing_of(updates), timing_of(rest), evaluation
    )


def _evaluation_time(workload: Workload, network: Network, samples: Samples) -> float:
    """The shorter of two, for the first one still meets cold caches."""
    times = []
    for _ in range(2):
        started = perf_counter()
        evaluate_samples(network, workload.objective, workload.task, samples, _names(workload))
        times.append(perf_counter() - started)
    return min(times)


def _names(workload: Workload) -> tuple[str, ...]:
    """One for each class or label."""
    return tuple(map(str, range(max(2, workload.outputs) if workload.task.name != "multilabel" else workload.outputs)))


def _stage_times(workload: Workload, samples: Samples) -> Iterator[list[tuple[float, ...]]]:
    """For each epoch, the seconds of every step's stages: the functions of a step, called one by one."""
    generator = np.random.default_rng(2)
    network = synthetic_network(workload, generator)
    step = begin(workload.optimizer, network, workload.objective, generator)
    assert isinstance(step, GradientDescent)
    rooms = {
        n: (room_for_forward(network, n), room_for_backward(network, workload.objective, n, step.dtheta))
        for n in (workload.batch, workload.last_batch)
    }
    batches = ShuffledBatches(samples, workload.batch, workload.dtype)
    while True:
        times = []
        started = perf_counter()
        for x, y in batches.blocks(generator):
            gathered = (perf_counter() - started) / -(-len(y) // workload.batch)
            for first in range(0, len(y), workload.batch):
                rows = slice(first, first + workload.batch)
                up, down = rooms[len(y[rows])]
                stamps = [perf_counter()]
                passed = forward(network, x[rows], up)
                stamps.append(perf_counter())
                backward(network, passed, workload.objective, y[rows], down)
                stamps.append(perf_counter())
                step.update(0.0)
                stamps.append(perf_counter())
                times.append((gathered, *(after - before for before, after in pairwise(stamps))))
            started = perf_counter()
        yield times
