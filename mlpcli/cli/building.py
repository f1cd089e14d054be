"""From a data set and the options to a network with its initial weights, and the samples to train it on."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import numpy as np

from mlpcli.cli.groups import first_given
from mlpcli.cli.network_options import NetworkOptions
from mlpcli.cli.notes import Notes
from mlpcli.cli.parts import note_filling, note_left_out, origin_of, prepared, split_parts, validation_file
from mlpcli.cli.remembered import known_columns
from mlpcli.cli.request import TrainingRequest
from mlpcli.cli.sources import Source, read
from mlpcli.cli.values import hidden_units, one_of
from mlpcli.cli.weighting import BALANCED, class_weight_words, with_class_weights
from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError, ShortOfMemory
from mlpcli.core.families import R, pick, spelled
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Layer, cast, chain, count, hidden_activations, initialize, why_it_cannot_learn
from mlpcli.core.objective import changed_objective, objective_of, sample_losses
from mlpcli.core.optimizers import check_optimizer, optimizer_named
from mlpcli.core.outputs import Output
from mlpcli.core.predicting import check_weights
from mlpcli.core.samples import Samples
from mlpcli.core.tasks import TASKS, Task, choose_output
from mlpcli.core.training import Plan
from mlpcli.data.columns import column_indices
from mlpcli.data.dataset import Dataset
from mlpcli.data.preparation import learn_preparation, target_scaling
from mlpcli.data.targets import Coding, class_notes, class_numbers, guess_task, learn_coding
from mlpcli.files.document import DTYPES
from mlpcli.files.model import Model, Origin
from mlpcli.files.weights import load_model
from mlpcli.report.numbers import counted, size

FEWEST_SPLIT = 10  # samples, of which some are held out without being asked for
FOR_FEW = {"test": 0.0, "validation": 0.0, "learning_rate": 0.01}
MOST_BYTES = 2**34
KEPT_BYTES = 2**25  # of features, in parts of the data that are kept for the next network
SURELY_FITS = 10**6  # parameters and outputs of units: some ten megabytes

T = TypeVar("T")


class Bench:
    """A data set, and what was made of it for one network and serves the next: its split, its samples as encoded."""

    def __init__(self, source: Source, notes: Notes, validation_data: str | None) -> None:
        self.source, self.dataset = source, read(source, notes, validation_data)
        self._most = max(4, KEPT_BYTES // (self.dataset.x.nbytes + 1))  # things that are kept
        self._kept: dict[Hashable, Any] = {}

    def __getstate__(self) -> dict[str, Any]:
        """Without what was made: whoever has a copy, such as another process, makes it again."""
        return {**self.__dict__, "_kept": {}}

    def once(self, key: Hashable, make: Callable[[], T]) -> T:
        """What `make` returns, made once for each key as long as it is kept."""
        if key not in self._kept:
            if len(self._kept) >= self._most:
                self._kept.clear()
            self._kept[key] = make()
        kept: T = self._kept[key]
        return kept


def prepare(
    source: Source, asked: TrainingRequest, weights: str | None, notes: Notes
) -> tuple[Model, dict[str, Samples], Plan]:
    """The network with its initial weights, the data split and encoded, and how to train."""
    earlier = None if weights is None else load_model(weights)
    if earlier is not None:
        targets = earlier.origin.targets if earlier.origin is not None and source.target is None else None
        source = replace(source, known=known_columns(earlier), known_targets=targets)
    return build(Bench(source, notes, asked.split.validation_data), asked, earlier, notes)


def build(
    bench: Bench, asked: TrainingRequest, earlier: Model | None, notes: Notes
) -> tuple[Model, dict[str, Samples], Plan]:
    """As `prepare`, with data that have been read, and the network of the weights file."""
    dataset, source = bench.dataset, bench.source
    if earlier is None and source.named is not None:
        asked = asked.or_from(source.named.settings)
    asked = _for_few(bench, asked, notes)
    cut = (asked.network.task, asked.split, asked.split_seed, earlier is None)
    if earlier is None:
        task, coding = bench.once(asked.network.task, lambda: _find_task(dataset, asked, source, notes))
        for note in class_notes(dataset, task, coding.names):
            notes.note(note)
        raw = bench.once(cut, lambda: _split(bench, asked, task, coding, notes))
        model = _new_model(bench, raw["training"], task, coding, asked, cut)
    else:
        model = _continued_model(earlier, dataset, asked)
        raw = bench.once(cut, lambda: _split(bench, asked, model.task, model.coding, notes))
    model = _weighted(model, raw["training"], asked, notes)
    last = spelled(model.network.layers[-1].activation, ACTIVATIONS)
    encoding = (*cut, last, model.objective.loss.name, model.network.dtype)
    parts, origin = bench.once(encoding, lambda: _encoded(bench, asked, raw, model, notes))
    for name, samples in parts.items():
        check_weights(model.network, model.objective, samples, f" of the {name} set")
    if model.task.name == "regression":
        remedy = "leave --scaling none out" if earlier is None else "train a new network, which scales them"
        _check_quantities(model, parts["training"].y, remedy, notes)
    wanted = asked.optimization
    optimizer = optimizer_named(wanted.update_rule or "adam", wanted.momentum, wanted.nesterov)
    check_optimizer(optimizer, model.network, model.objective)
    plan = asked.plan(optimizer, len(parts["training"]), notes)
    _check_memory(model, parts, plan)
    for warning in why_it_cannot_learn(model.network.layers):
        notes.warn(warning)
    model = replace(model, origin=origin, training=asked.facts(plan))
    return model, parts, plan


def _for_few(bench: Bench, asked: TrainingRequest, notes: Notes) -> TrainingRequest:
    """The options completed for a table of a few rows, such as the four of XOR: all are trained, in larger steps."""
    split = asked.split
    given = any(value is not None for value in (split.test, split.validation, split.fold, split.validation_data))
    if given or bench.source.dataset is not None or len(bench.dataset) >= FEWEST_SPLIT:
        return asked
    completed = asked.or_from(FOR_FEW)
    steps = completed.optimization.learning_rate
    larger = f" --learning-rate {steps:g}" if steps != asked.optimization.learning_rate else ""
    what = f"with {counted(len(bench.dataset), 'row')}, none are held out (--test 0 --validation 0{larger})"
    bench.once("few", lambda: notes.note(what))
    return completed


def _split(bench: Bench, asked: TrainingRequest, task: Task, coding: Coding, notes: Notes) -> dict[str, Dataset]:
    """The parts of the data, and the validation file if there is one."""
    raw = split_parts(bench.dataset, asked.split, task, coding, asked.split_seed, notes)
    watching = validation_file(asked.split, bench.source, bench.dataset, notes)
    for data in filter(None, (bench.dataset, watching)):
        bench.once(("filling", data.name), partial(note_filling, data, notes))
    return raw if watching is None else {**raw, "validation": watching}


def _encoded(
    bench: Bench, asked: TrainingRequest, raw: dict[str, Dataset], model: Model, notes: Notes
) -> tuple[dict[str, Samples], Origin]:
    """The parts as this network takes them, and what its file remembers of them."""
    parts = {name: prepared(part, model) for name, part in raw.items()}
    note_left_out(parts, model, notes)
    return parts, origin_of(bench.source, bench.dataset, asked.split, asked.split_seed, raw, model)


def _find_task(dataset: Dataset, asked: TrainingRequest, source: Source, notes: Notes) -> tuple[Task, Coding]:
    """The task, and the coding of its targets.

    It is the task that is asked for, that of the named data set, or the one guessed from the targets, with a note.
    """
    if asked.network.task is not None:
        task = pick(TASKS, asked.network.task, "task")
    elif source.named is not None:
        task = TASKS[source.named.task]
    else:
        name, why = guess_task(dataset)
        notes.note(f"{why}: --task {name}")
        task = TASKS[name]
    return task, learn_coding(dataset, task)


def _new_model(
    bench: Bench, training: Dataset, task: Task, coding: Coding, asked: TrainingRequest, cut: tuple[Hashable, ...]
) -> Model:
    """A new network for the data, with random weights."""
    wanted, dataset = asked.network, bench.dataset
    scales = asked.split.scaling != "none"
    output, loss = choose_output(
        task,
        _full_name(ACTIVATIONS, wanted.output_activation, "output activation"),
        _full_name(LOSSES, asked.objective.loss, "loss"),
    )
    preparation = bench.once((*cut, "preparation"), lambda: learn_preparation(training, scales))
    last = pick(ACTIVATIONS, wanted.output_activation or output, "output activation")
    if task.name == "regression" and scales:
        coding = coding._replace(scaling=target_scaling(training.y.astype(np.float64), *last.bounds))
    layers = _layers(dataset.x.shape[1], 1 if task.name == "binary" else len(coding.names), last, wanted)
    objective = objective_of(LOSSES[loss], **asked.objective.settings)
    dtype = one_of(wanted.dtype or ("float32" if dataset.x.dtype == np.uint8 else "float64"), DTYPES, "--dtype")
    _check_size(layers, np.dtype(dtype).itemsize)
    draw = pick(INITIALIZERS, wanted.initializer or "glorot-uniform", "initializer")
    network = initialize(layers, draw, np.random.default_rng([asked.seed, 1]), dtype)
    return Model(network, objective, task, preparation, coding)


def _continued_model(model: Model, dataset: Dataset, asked: TrainingRequest) -> Model:
    """The network of a weights file, to be trained further. Options that made it are rejected."""
    made_with = {**asked.network._asdict(), "dtype": None, "scaling": asked.split.scaling}
    if option := first_given(made_with):
        raise ChoiceError(f"{option} and --weights: the file already sets this; leave one out")
    column_indices(model.preparation.features, dataset.features, dataset.name, dataset.named)
    dtype = one_of(asked.network.dtype or model.network.dtype.name, DTYPES, "--dtype")
    objective = changed_objective(model.objective, asked.objective.loss, asked.objective.settings)
    choose_output(model.task, model.output_activation, objective.loss.name)
    return replace(model, network=cast(model.network, dtype), objective=objective)


def _weighted(model: Model, training: Dataset, asked: TrainingRequest, notes: Notes) -> Model:
    """The model with the class weights that are asked for; balanced ones by the classes of the training set."""
    text, names = asked.objective.class_weight, model.coding.names
    if text is None:
        return model
    counts = None
    if model.task.one_class_each:
        counts = np.bincount(class_numbers(training, names), minlength=len(names))
    objective = with_class_weights(model.objective, text, model.task, names, counts)
    if text == BALANCED:
        fold = f" of fold {asked.split.fold}" if asked.split.fold is not None else ""
        notes.note(f"class weights{fold}: {class_weight_words(names, objective)}")
    return replace(model, objective=objective)


def _check_quantities(model: Model, y: Array, remedy: str, notes: Notes) -> None:
    """Notes how the targets of a regression are scaled into the range of its output, or warns that they are not.

    Raises MlpError, with what to do, if their loss overflows for any output.
    """
    last = model.network.layers[-1].activation
    low, high = last.bounds
    with np.errstate(over="ignore"):  # 4: what optimizers square is the gradient of (ŷ − y)², 2 (ŷ − y)
        loss = 4 * sample_losses(model.objective, Output(last, 0 * y, 0 * y), y).sum()
    if not np.isfinite(loss):
        name = model.objective.loss.name
        raise MlpError(f"{name} overflows for targets as large as {np.abs(y).max():g} in {y.dtype}; {remedy}")
    if not (np.isfinite(low) or np.isfinite(high)):
        return
    low += 0.0  # no negative zero
    ends = f"from {low:.4g} to {high:.4g}"
    if not (np.isfinite(low) and np.isfinite(high)):
        ends = f"{low:.4g} or more" if np.isfinite(low) else f"{high:.4g} or less"
    outside = np.count_nonzero(((y < low) | (y > high)).any(axis=-1))
    if outside:
        notes.warn(f"{outside} of {len(y)} targets cannot be reached: outputs of {last.name} are {ends}; {remedy}")
    elif model.coding.scaling is not None:
        notes.note(f"targets are scaled to {y.min():.4g} … {y.max():.4g}, since outputs of {last.name} are {ends}")


def _check_size(layers: tuple[Layer, ...], itemsize: int) -> None:
    """Raises MlpError if parameters, gradient and Adam's two averages are too large."""
    needed = count(layers) * itemsize * 4
    if needed > MOST_BYTES:
        raise MlpError(f"{count(layers):,} parameters need {size(needed)} in training; use smaller layers")


def _check_memory(model: Model, parts: Mapping[str, Samples], plan: Plan) -> None:
    """Raises ShortOfMemory if gradients, optimizer state and outputs of all layers need more memory than is free."""
    layers, optimizer = model.network.layers, plan.optimizer
    if optimizer.solves or count(layers) + plan.batch * sum(layer.units for layer in layers) < SURELY_FITS:
        return
    from mlpcli.core.memory import DATA_SET, PARAMETERS, Workload, training_memory
    from mlpcli.files.machine import free_memory

    training, validation, test = (len(parts.get(name, ())) for name in ("training", "validation", "test"))
    dtype, stored, batch = model.network.dtype, parts["training"].x.dtype, min(plan.batch, training)
    counts = (training, validation, test, batch, plan.epochs)
    workload = Workload(layers, model.objective, model.task, optimizer, dtype, stored, *counts)
    rest = [part for part in training_memory(workload) if part.name not in (PARAMETERS, DATA_SET)]
    needed, most = sum(part.size.value for part in rest), max(rest, key=lambda part: part.size.value)
    free = free_memory()
    if free is not None and needed > free:
        what = f"training needs {size(needed)} of memory, most of it for {most.name}"
        raise ShortOfMemory(f"{what}, but {size(free)} are free; use smaller layers")


def _layers(inputs: int, outputs: int, last: Activation, wanted: NetworkOptions) -> tuple[Layer, ...]:
    units = hidden_units(wanted.hidden or "16")
    hidden = hidden_activations(wanted.activation, len(units))
    return chain(inputs, [*units, outputs], [*hidden, last])


def _full_name(family: Mapping[str, R], text: str | None, what: str) -> str | None:
    """The name of the row that a text picks, or None without a text."""
    return None if text is None else pick(family, text, what).name
