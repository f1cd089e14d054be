"""What `mlp estimate-runtime` is asked, and its answer: the training counted, measured if wanted, and what follows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple, Optional

import numpy as np

from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.memory import Workload, memory_of
from mlpcli.core.network import Layer, chain, hidden_activations
from mlpcli.core.objective import Objective, changed_objective, check_pair, objective_of
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer, optimizer_named
from mlpcli.core.tasks import TASKS, Task, choose_output, usual_pair
from mlpcli.data.dataset import sizes
from mlpcli.data.named import DATASETS
from mlpcli.files.machine import free_memory, share_training, threads_for
from mlpcli.report.numbers import size

if TYPE_CHECKING:  # if nothing is measured, nothing that measures is imported
    from mlpcli.cost.estimate import Estimate, Limits
    from mlpcli.cost.measuring import Measured
    from mlpcli.cost.timed import NaiveLoop

LECTURE = (784, 512, 10)
MOST_BATCHES = 50
LEAST_GFLOPS, MOST_GFLOPS = 1e-6, 1e9  # from a thousand operations a second to an exaflop
SECONDS = 1.0  # of training that are measured
SECONDS_OF_A_SWEEP = 0.3  # for each batch size


@dataclass(frozen=True)
class CostQuestion:
    """The options: None if the user gave no value; of a batch size, None is all samples."""

    layers: Sequence[int] | None  # inputs, hidden units, outputs: two or more
    weights: str | None
    activation: str | None
    output_activation: str | None
    loss: str | None
    l1: float | None
    l2: float | None
    optimizer: str
    dtype: str | None
    samples: int
    validation: float  # share of the training data
    test: float  # share of all samples
    batch: int | None
    epochs: int
    threads: int | None
    measure: bool
    gflops: float | None  # of another machine
    naive: bool
    sweep: Sequence[int | None]  # batch sizes

    def check(self) -> None:
        """Raises ChoiceError for a rate that no machine has, and for too many batch sizes."""
        if self.gflops is not None and not LEAST_GFLOPS <= self.gflops <= MOST_GFLOPS:
            raise ChoiceError(f"--gflops must be from {LEAST_GFLOPS:g} to {MOST_GFLOPS:g}, not {self.gflops:g}")
        if len(self.sweep) > MOST_BATCHES:
            raise ChoiceError(f"--sweep-batch takes up to {MOST_BATCHES} sizes, not {len(self.sweep)}")


def workload_of(question: CostQuestion) -> Workload:
    """All that the cost depends on. Raises ChoiceError for what `train` could not do either."""
    if question.weights is None:
        return _of_shape(question, LECTURE if question.layers is None else question.layers)
    return _of_file(question, question.weights)


def _of_shape(question: CostQuestion, widths: Sequence[int]) -> Workload:
    task, last, loss = _output(question, widths[-1])
    hidden = hidden_activations(question.activation, len(widths) - 2)
    layers = chain(widths[0], widths[1:], [*hidden, last])
    objective = objective_of(LOSSES[loss], l1=question.l1, l2=question.l2)
    dtype = question.dtype or ("float32" if _are_pixels(widths[0]) else "float64")
    return _workload(question, layers, task, objective, dtype)


def _of_file(question: CostQuestion, path: str) -> Workload:
    for option in ("layers", "activation", "output_activation"):
        if getattr(question, option) is not None:
            raise ChoiceError(f"--{option.replace('_', '-')} and --weights: the file already sets this; leave one out")
    from mlpcli.files.weights import load_model

    model = load_model(path)
    asked = {"l1": question.l1, "l2": question.l2}
    settings = {name: value for name, value in asked.items() if value is not None}
    objective = changed_objective(model.objective, question.loss, settings)
    choose_output(model.task, model.output_activation, objective.loss.name)
    dtype = question.dtype or model.network.dtype.name
    return _workload(question, model.network.layers, model.task, objective, dtype)


def _workload(
    question: CostQuestion, layers: tuple[Layer, ...], task: Task, objective: Objective, dtype: str
) -> Workload:
    check_pair(objective, layers)
    parts = sizes(question.samples, question.validation, question.test)
    return Workload(
        layers,
        objective,
        task,
        _gradient_rule(question.optimizer),
        np.dtype(dtype),
        np.dtype(np.uint8 if _are_pixels(layers[0].inputs) else np.float64),
        **parts,
        batch=min(question.batch or parts["training"], parts["training"]),
        epochs=question.epochs,
    )


def _are_pixels(inputs: int) -> bool:
    """Whether a named set has images of this size, which stay bytes and are trained in float32."""
    return any(named.features == inputs for named in DATASETS.values() if named.images is not None)


def _output(question: CostQuestion, outputs: int) -> tuple[Task, Activation, str]:
    """The task, the last activation and the loss that go together: the user's, completed by the usual ones."""
    loss = None if question.loss is None else pick(LOSSES, question.loss, "loss").name
    last = None
    if question.output_activation is not None:
        last = pick(ACTIVATIONS, question.output_activation, "output activation")
    if loss is None:
        name, loss = usual_pair(last.name if last else "softmax" if outputs > 1 else "sigmoid", outputs)
        task = TASKS[name]
    else:
        task = _task_with(last.name if last else None, loss, outputs)
    activation, loss = choose_output(task, last.name if last else None, loss)
    return task, last or ACTIVATIONS[activation], loss


def _task_with(activation: str | None, loss: str, outputs: int) -> Task:
    """The first task that has such a pair; if none has, the usual one, which tells why not."""
    classes = TASKS["multiclass" if outputs > 1 else "binary"]
    for task in (TASKS["regression"], classes, TASKS["multilabel"]):
        if any(activation in (None, pair[0]) and loss == pair[1] for pair in task.pairs):
            return task
    return classes


def _gradient_rule(text: str) -> Optimizer:
    optimizer = optimizer_named(text)
    if optimizer.rule is None:
        rules = ", ".join(name for name, row in OPTIMIZERS.items() if row.rule is not None)
        raise ChoiceError(
            f"--optimizer {optimizer.name}: only optimizers with a gradient can be estimated; choose from {rules}"
        )
    return optimizer


# ----- The answer -----------------------------------------------------------------------------------------------------


class SizedTraining(NamedTuple):
    """A training, how many threads multiply its matrices, and the measurement of it, or why there is none."""

    workload: Workload
    threads: int
    measured: Optional["Measured"]
    unmeasured: str | None  # because


class Findings(NamedTuple):
    """What follows from the measurement of a training."""

    measured: "Measured"
    limits: "Limits"
    estimate: "Estimate"


class Cost(NamedTuple):
    """The training that the user asks about; the same with other batches; other machines and loops in its place."""

    asked: SizedTraining
    findings: Findings | None
    gflops: float | None  # of another machine's matrix products
    naive: tuple["NaiveLoop", ...]
    sweep: tuple[SizedTraining, ...]
    free: int | None  # bytes of memory on this machine, if that is known

    @property
    def workload(self) -> Workload:
        return self.asked.workload

    @property
    def has_times(self) -> bool:
        """Whether there is more than the shapes tell."""
        return self.findings is not None or self.gflops is not None or bool(self.naive) or bool(self.sweep)

    def fits(self, training: SizedTraining) -> bool:
        """Whether this machine has the memory for a training, or its size is unknown."""
        return self.free is None or memory_of(training.workload) <= self.free

    def missing_memory(self) -> Iterator[str]:
        """A line for each training that there is no memory for, and then for each that there is none to measure."""
        batch = self.workload.batch
        trainings = (self.asked, *(training for training in self.sweep if training.workload.batch != batch))
        for training in trainings:
            if self.free is not None and not self.fits(training):
                needs = f"it needs up to {size(memory_of(training.workload))}, but {size(self.free)} are free"
                yield f"too large for this machine with batches of {training.workload.batch:,}: {needs}"
        for training in trainings:
            if training.unmeasured is not None and self.fits(training):
                yield f"not measured with batches of {training.workload.batch:,}: {training.unmeasured}"


def cost_of(question: CostQuestion) -> Cost:
    """Counts, and measures as much as the question asks for.

    The training itself is measured once, even if the sweep has its batch size too.
    """
    question.check()
    workload = workload_of(question)
    asked = (workload, threads_for(workload.layers, workload.batch, question.threads))
    batches = dict.fromkeys(min(batch or workload.training, workload.training) for batch in question.sweep)
    swept = [(replace(workload, batch=n), threads_for(workload.layers, n, question.threads)) for n in batches]
    naive: tuple[NaiveLoop, ...] = ()
    if question.naive:
        from mlpcli.cost.timed import compare_with_naive

        naive = compare_with_naive(workload)
    free, training = free_memory(), _trained(*asked, SECONDS if question.measure else None)
    findings = None if training.measured is None else _findings(workload, training.measured)
    moment = SECONDS_OF_A_SWEEP if question.measure else None
    sweep = tuple(training if one == asked else _trained(*one, moment) for one in swept)
    return Cost(training, findings, question.gflops, naive, sweep, free)


def _trained(workload: Workload, threads: int, seconds: float | None) -> SizedTraining:
    """The training measured for that long, if there is the memory for it; None: not at all."""
    if seconds is None:
        return SizedTraining(workload, threads, None, None)
    from mlpcli.cost.measuring import TooLargeToMeasureError, measure

    processes = share_training(workload.layers, workload.batch, workload.optimizer, threads)
    try:
        return SizedTraining(workload, threads, measure(workload, seconds, free_memory(), processes), None)
    except TooLargeToMeasureError as why:
        return SizedTraining(workload, threads, None, str(why))


def _findings(workload: Workload, measured: "Measured") -> Findings:
    from mlpcli.cost.estimate import estimate, limits_of, saving, start_up

    total = estimate(workload, measured, start_up(), saving(workload.parameters))
    return Findings(measured, limits_of(measured), total)
