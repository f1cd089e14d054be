"""What `mlp estimate-runtime` is asked about: the shapes of a network and of its training, without data or weights."""

from dataclasses import dataclass

import numpy as np

from mlpcli.cli.counts import counts, samples_per_update, whole_number
from mlpcli.cli.values import between, one_of
from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.cost.workload import Workload
from mlpcli.core.errors import ChoiceError
from mlpcli.core.families import pick
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Layer, chain
from mlpcli.core.objective import Objective, check_pair, objective_of
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer, optimizer_named
from mlpcli.core.tasks import TASKS, Task, choose_output, usual_pair
from mlpcli.data.named import DATASETS
from mlpcli.data.splitting import sizes
from mlpcli.files.document import DTYPES
from mlpcli.files.model import Model

LECTURE = "784,512,10"
MOST_SAMPLES = 10**12
MOST_EPOCHS = 10**7
MOST_UNITS = 10**9


@dataclass(frozen=True)
class AskedCost:
    """The options that shape the training whose cost is wanted; None where nothing was said."""

    layers: str | None
    weights: str | None
    activation: str | None
    output_activation: str | None
    loss: str | None
    l1: float | None
    l2: float | None
    optimizer: str
    dtype: str | None
    samples: str
    validation: float
    test: float
    batch: str
    epochs: str


def workload_of(asked: AskedCost) -> Workload:
    """Everything that the cost depends on. Raises ChoiceError for what `train` could not do either."""
    return _of_shape(asked) if asked.weights is None else _of_file(asked, asked.weights)


def _of_shape(asked: AskedCost) -> Workload:
    widths = _widths(LECTURE if asked.layers is None else asked.layers)
    task, last, loss = _output(asked, widths[-1])
    layers = chain(widths[0], widths[1:], [*_hidden(asked, len(widths) - 2), last])
    objective = objective_of(LOSSES[loss], l1=asked.l1, l2=asked.l2)
    dtype = asked.dtype or ("float32" if _are_pixels(widths[0]) else "float64")
    return _workload(asked, layers, task, objective, dtype)


def _of_file(asked: AskedCost, path: str) -> Workload:
    for option in ("layers", "activation", "output_activation"):
        if getattr(asked, option) is not None:
            raise ChoiceError(f"--{option.replace('_', '-')} and --weights: the file already says so; leave one out")
    from mlpcli.files.weights import load_model

    model = load_model(path)
    objective = _changed(asked, model)
    return _workload(asked, model.network.layers, model.task, objective, asked.dtype or model.network.dtype.name)


def _changed(asked: AskedCost, model: Model) -> Objective:
    """The objective of a weights file, with what was asked for instead."""
    old = model.objective
    l1, l2 = (old.l1 if asked.l1 is None else asked.l1), (old.l2 if asked.l2 is None else asked.l2)
    loss = old.loss.name
    if asked.loss is not None:
        loss = choose_output(model.task, model.output_activation, pick(LOSSES, asked.loss, "loss").name)[1]
    return objective_of(LOSSES[loss], l1=l1, l2=l2, regularize_bias=old.regularize_bias)


def _workload(asked: AskedCost, layers: tuple[Layer, ...], task: Task, objective: Objective, dtype: str) -> Workload:
    check_pair(objective, layers)
    parts = sizes(
        whole_number(asked.samples, "--samples", MOST_SAMPLES),
        between(asked.validation, "--validation", 0, 1),
        between(asked.test, "--test", 0, 1),
    )
    return Workload(
        layers,
        objective,
        task,
        _optimizer(asked.optimizer),
        np.dtype(one_of(dtype, DTYPES, "--dtype")),
        np.dtype(np.uint8 if _are_pixels(layers[0].inputs) else np.float64),
        **parts,
        batch=min(samples_per_update(asked.batch, "--batch", MOST_SAMPLES) or parts["training"], parts["training"]),
        epochs=whole_number(asked.epochs, "--epochs", MOST_EPOCHS),
    )


def _are_pixels(inputs: int) -> bool:
    """Whether so many inputs are the images of a named set, which stay bytes and are trained in float32."""
    return any(named.features == inputs for named in DATASETS.values() if named.images is not None)


def _widths(text: str) -> list[int]:
    widths = counts(text, "--layers", MOST_UNITS)
    if len(widths) < 2:
        raise ChoiceError(f"--layers takes inputs, hidden units and outputs, {LECTURE} for instance, not '{text}'")
    return widths


def _hidden(asked: AskedCost, layers: int) -> list[Activation]:
    names = ("relu" if asked.activation is None else asked.activation).split(",")
    if len(names) not in (1, layers):
        raise ChoiceError(f"--activation has {len(names)} functions for {layers} hidden layers; give one, or one each")
    return [pick(ACTIVATIONS, name, "activation") for name in (names * layers if len(names) == 1 else names)]


def _output(asked: AskedCost, outputs: int) -> tuple[Task, Activation, str]:
    """The task, the last activation and the loss that go together: what was asked for, completed by what is usual."""
    loss = None if asked.loss is None else pick(LOSSES, asked.loss, "loss").name
    last = None
    if asked.output_activation is not None:
        last = pick(ACTIVATIONS, asked.output_activation, "output activation")
    if loss is None:
        name, loss = usual_pair(last.name if last else "softmax" if outputs > 1 else "sigmoid")
        task = TASKS["binary" if name == "multilabel" and outputs == 1 else name]
    else:
        task = _task_with(last.name if last else None, loss, outputs)
    activation, loss = choose_output(task, last.name if last else None, loss)
    return task, last or ACTIVATIONS[activation], loss


def _task_with(activation: str | None, loss: str, outputs: int) -> Task:
    """The first task that has such a pair; where none has, the usual one, which tells why not."""
    classes = TASKS["multiclass" if outputs > 1 else "binary"]
    for task in (TASKS["regression"], classes, TASKS["multilabel"]):
        if any(activation in (None, pair[0]) and loss == pair[1] for pair in task.pairs):
            return task
    return classes


def _optimizer(text: str) -> Optimizer:
    optimizer = optimizer_named(text)
    if optimizer.rule is None:
        rules = ", ".join(name for name, row in OPTIMIZERS.items() if row.rule is not None)
        raise ChoiceError(f"--optimizer {optimizer.name}: only the cost of gradient rules is estimated: {rules}")
    return optimizer
