"""From a data set and the options to a network with its initial weights, and the samples to train it on."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple, TypeVar

import numpy as np

from mlpcli.cli.notes import Notes
from mlpcli.cli.options.data import SplitOptions
from mlpcli.cli.options.network import NetworkOptions
from mlpcli.cli.options.objective import ObjectiveOptions
from mlpcli.cli.options.training import OptimizationOptions
from mlpcli.cli.sources import Source, read_file
from mlpcli.cli.values import MOST_PARAMETERS, batch_size, between, hidden_units, one_of
from mlpcli.core.activations import ACTIVATIONS, Activation
from mlpcli.core.arrays import Array
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.core.families import R, pick, spelled
from mlpcli.core.initializers import INITIALIZERS
from mlpcli.core.losses import LOSSES
from mlpcli.core.network import Layer, cast, chain, count, hidden_activations, initialize, why_it_cannot_learn
from mlpcli.core.objective import changed_objective, check_pair, check_targets, objective_of, sample_losses
from mlpcli.core.optimizers import OPTIMIZERS, Optimizer
from mlpcli.core.outputs import Output
from mlpcli.core.samples import Samples
from mlpcli.core.schedules import SCHEDULES
from mlpcli.core.tasks import TASKS, Task, choose_output, decide
from mlpcli.core.training import Plan
from mlpcli.data.dataset import Dataset, Split, split
from mlpcli.data.preparation import column_indices, filled, learn_preparation, target_scaling
from mlpcli.data.targets import Coding, class_numbers, encode, guess_task
from mlpcli.files.digest import digest_of_samples
from mlpcli.files.document import DTYPES
from mlpcli.files.model import Model, Origin

SCALINGS = ("standard", "none")
MOST_BYTES = 2**34
ALREADY_HELD = ("parameters", "data set")  # of the memory of a training run, before it begins
SURELY_FITS = 10**6  # parameters and outputs of units: some ten megabytes
MOST_LEFT_OUT = 5  # at most so many classes without a sample in some part are named

G = TypeVar("G", bound=tuple[Any, ...])


class Asked(NamedTuple):
    """The options of `train` that shape the network and its training."""

    split: SplitOptions
    network: NetworkOptions
    objective: ObjectiveOptions
    optimization: OptimizationOptions
    seed: int

    def or_from(self, settings: Mapping[str, Any]) -> "Asked":
        """Completed by the settings that suit a named data set.

        Learning rate, batch and epochs suit the data set's optimizer; another one keeps its own defaults.
        """
        if self.optimization.update_rule not in (None, settings.get("optimizer", "adam")):
            others = ("optimizer", "learning_rate", "batch", "epochs")
            settings = {name: value for name, value in settings.items() if name not in others}
        split, network, objective, optimization, seed = self
        return Asked(
            _completed(split, settings),
            _completed(network, settings),
            _completed(objective, settings),
            _completed(optimization, settings),
            seed,
        )


def _completed(group: G, settings: Mapping[str, Any]) -> G:
    """A group of options with these settings for options that are not given."""
    wanted = {name: value for name, value in settings.items() if getattr(group, name, 0) is None}
    completed: G = group._replace(**wanted)  # type: ignore[attr-defined]
    return completed


def cut(dataset: Dataset, asked: Asked, task: Task, coding: Coding) -> dict[str, Dataset]:
    """The parts of the data: training, validation, test (the data set's own, if it has one)."""
    test = 0.0 if dataset.test is not None else between(_or(asked.split.test, 0.2), "--test", 0, 1)
    validation = 0.0 if asked.split.validation_data else between(_or(asked.split.validation, 0.2), "--validation", 0, 1)
    places = cut_rows(dataset, task, coding, validation, test, asked.seed)
    parts = {"training": dataset.rows(places.training)}
    if len(places.validation):
        parts["validation"] = dataset.rows(places.validation)
    if dataset.test is not None and asked.split.test != 0:
        parts["test"] = dataset.test
    elif len(places.test):
        parts["test"] = dataset.rows(places.test)
    return parts


def cut_rows(dataset: Dataset, task: Task, coding: Coding, validation: float, test: float, seed: int) -> Split:
    """Row numbers of the parts, with each class spread evenly over them."""
    classes = class_numbers(dataset, coding.names) if task.name in ("binary", "multiclass") else None
    try:
        return split(len(dataset), validation, test, seed, classes)
    except MlpError as problem:
        raise MlpError(f"{dataset.name}: {problem}") from None


def note_left_out(parts: Mapping[str, Samples], model: Model, notes: Notes) -> None:
    """Notes classes without a sample in some part."""
    if model.task.name not in ("binary", "multiclass"):
        return
    names, decided = model.coding.names, [decide(model.task, model.output_activation, p.y) for p in parts.values()]
    counts = np.array([np.bincount(classes, minlength=len(names)) for classes in decided])  # (parts, classes)
    left_out = np.flatnonzero(counts.any(axis=0) & ~counts.all(axis=0))
    for k in left_out[:MOST_LEFT_OUT]:
        total = counts[:, k].sum()
        lacking = " and ".join(part for part, count in zip(parts, counts[:, k], strict=True) if not count)
        notes.note(f"class '{names[k]}' has {total} sample{'s' * bool(total > 1)}, and none in {lacking}")
    if len(left_out) > MOST_LEFT_OUT:
        notes.note(f"{len(left_out) - MOST_LEFT_OUT} more classes have no sample in some part")


def find_task(dataset: Dataset, asked: Asked, source: Source, notes: Notes) -> Task:
    """The task that is asked for, that of the named data set, or the one guessed from the targets, with a note."""
    if asked.network.task is not None:
        return pick(TASKS, asked.network.task, "task")
    if source.named is not None:
        return TASKS[source.named.task]
    name, why = guess_task(dataset)
    notes.note(f"{why}: --task {name}")
    return TASKS[name]


def new_model(dataset: Dataset, training: Dataset, task: Task, coding: Coding, asked: Asked) -> Model:
    """A new network for the data, with random weights."""
    wanted = asked.network
    scaling = one_of(_or(asked.split.scaling, "standard"), SCALINGS, "--scaling")
    output, loss = choose_output(
        task,
        _full_name(ACTIVATIONS, wanted.output_activation, "output activation"),
        _full_name(LOSSES, asked.objective.loss, "loss"),
    )
    preparation = learn_preparation(training, scaling == "standard")
    last = pick(ACTIVATIONS, _or(wanted.output_activation, output), "output activation")
    if task.name == "regression" and scaling == "standard":
        coding = replace(coding, scaling=target_scaling(training.y.astype(np.float64), *last.bounds))
    layers = _layers(dataset.x.shape[1], 1 if task.name == "binary" else len(coding.names), last, wanted)
    objective = objective_of(LOSSES[loss], **asked.objective.settings)
    check_pair(objective, layers)
    dtype = one_of(_or(wanted.dtype, "float32" if dataset.x.dtype == np.uint8 else "float64"), DTYPES, "--dtype")
    check_size(layers, np.dtype(dtype).itemsize)
    draw = pick(INITIALIZERS, _or(wanted.initializer, "glorot-uniform"), "initializer")
    network = initialize(layers, draw, np.random.default_rng([asked.seed, 1]), dtype)
    return Model(network, objective, task, preparation, coding)


def continued_model(model: Model, dataset: Dataset, asked: Asked) -> Model:
    """The network of a weights file, to be trained further. Options that made it are rejected."""
    made_with = {**asked.network._asdict(), "dtype": None, "scaling": asked.split.scaling}
    for option, value in made_with.items():
        if value is not None:
            raise ChoiceError(f"--{option.replace('_', '-')} and --weights: the file already sets this; leave one out")
    column_indices(model.preparation.features, dataset.features, dataset.name, dataset.named)
    dtype = one_of(_or(asked.network.dtype, model.network.dtype.name), DTYPES, "--dtype")
    objective = changed_objective(model.objective, asked.objective.loss, asked.objective.settings)
    choose_output(model.task, model.output_activation, objective.loss.name)
    return replace(model, network=cast(model.network, dtype), objective=objective)


def prepared(dataset: Dataset, model: Model) -> Samples:
    """Samples as the network takes them."""
    preparation = model.preparation
    places = column_indices(preparation.features, dataset.features, dataset.name, dataset.named)
    if places != list(range(dataset.x.shape[1])):
        dataset = replace(dataset, x=dataset.x[:, places], features=preparation.features)
    dataset = replace(dataset, x=filled(dataset.x, preparation))
    if dataset.x.dtype != np.uint8 and not np.isfinite(dataset.x).all():
        row, column = np.argwhere(~np.isfinite(dataset.x))[0]
        raise MlpError(f"{dataset.place(int(row))}: no '{preparation.features[column]}'; --missing drop leaves it out")
    loss = model.objective.loss
    y = encode(dataset, model.task, model.coding, model.output_activation, loss, model.network.dtype)
    check_targets(model.objective, y)
    return Samples(dataset.x, y, preparation.scaling, unit_of(model.coding))


def check_quantities(model: Model, y: Array, remedy: str, notes: Notes) -> None:
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
    ends = f"from {low:.4g} to {high:.4g}"
    if not (np.isfinite(low) and np.isfinite(high)):
        ends = f"{low:.4g} or more" if np.isfinite(low) else f"{high:.4g} or less"
    outside = np.count_nonzero(((y < low) | (y > high)).any(axis=-1))
    if outside:
        notes.warn(f"{outside} of {len(y)} targets cannot be reached: outputs of {last.name} are {ends}; {remedy}")
    elif model.coding.scaling is not None:
        notes.note(f"targets are scaled to {y.min():.4g} … {y.max():.4g}, since outputs of {last.name} are {ends}")


def data_digest(dataset: Dataset, model: Model) -> str:
    """The digest of these data, with the test set that they bring along."""
    return digest_of_samples(*(prepared(part, model) for part in (dataset, dataset.test) if part is not None))


def unit_of(coding: Coding) -> Array:
    """What one unit of an output is worth in the target's own unit."""
    return coding.scaling.scale if coding.scaling is not None else np.array(1.0)


def plan_for(optimizer: Optimizer, samples: int, asked: Asked, notes: Notes) -> Plan:
    """The plan for training so many samples."""
    wanted = asked.optimization
    if optimizer.solves:
        for option in ("epochs", "batch", "patience", "learning_rate"):
            if getattr(wanted, option) is not None:
                name = option.replace("_", "-")
                raise ChoiceError(
                    f"--{name} does not apply to {optimizer.name}, which solves in one step; leave it out"
                )
        return Plan(optimizer, 1.0, SCHEDULES["constant"], 1, samples, None, wanted.freeze_bias)
    batch = batch_size(wanted.batch or "16") or samples
    updates = -(-samples // batch)
    epochs = wanted.epochs if wanted.epochs is not None else min(500, max(5, -(-optimizer.updates // updates)))
    if not 1 <= epochs <= 10**7:
        raise ChoiceError(f"--epochs must be from 1 to 10,000,000, not {epochs}")
    if wanted.patience is not None and asked.split.validation == 0 and asked.split.validation_data is None:
        notes.note("--patience without validation data watches the training loss")
    if wanted.patience is not None and wanted.patience < 1:
        raise ChoiceError(f"--patience must be 1 or more, not {wanted.patience}")
    rate = between(_or(wanted.learning_rate, optimizer.learning_rate), "--learning-rate", 0, np.inf, open_ends=True)
    schedule = pick(SCHEDULES, wanted.schedule, "schedule")
    return Plan(optimizer, rate, schedule, epochs, batch, wanted.patience, wanted.freeze_bias)


def origin_of(source: Source, dataset: Dataset, asked: Asked, parts: Mapping[str, Dataset], model: Model) -> Origin:
    """Which data these are and how they are split, so that `evaluate` finds the test set again."""
    own_test = dataset.test is not None
    return Origin(
        dataset=source.dataset,
        file=source.data,
        header=source.header,
        delimiter=source.delimiter,
        missing=source.missing,
        data_dir=source.data_dir,
        targets=dataset.targets,
        validation=_or(asked.split.validation, 0.2)
        if "validation" in parts and not asked.split.validation_data
        else 0.0,
        test=_or(asked.split.test, 0.2) if "test" in parts and not own_test else 0.0,
        seed=asked.seed,
        samples=len(dataset),
        digest=data_digest(dataset, model),
    )


def training_notes(plan: Plan, asked: Asked) -> dict[str, Any]:
    """How the network was trained, for the reader of its file."""
    return {
        "optimizer": spelled(plan.optimizer, OPTIMIZERS),
        "learning_rate": plan.learning_rate,
        "schedule": spelled(plan.schedule, SCHEDULES),
        "epochs": plan.epochs,
        "batch": plan.batch,
        "seed": asked.seed,
    }


def validation_file(asked: Asked, source: Source, dataset: Dataset, notes: Notes) -> Dataset | None:
    """The validation set from a file, with the same target columns."""
    if asked.split.validation_data is None:
        return None
    if asked.split.validation is not None:
        raise ChoiceError("--validation and --validation-data: leave one out")
    if source.dataset is not None:
        source = replace(source, target=",".join(dataset.targets))
    return read_file(source, asked.split.validation_data, notes)


def warn_of(layers: tuple[Layer, ...], notes: Notes) -> None:
    for warning in why_it_cannot_learn(layers):
        notes.warn(warning)


def check_size(layers: tuple[Layer, ...], itemsize: int) -> None:
    """Raises MlpError if parameters, gradient and Adam's two averages are too large."""
    needed = count(layers) * itemsize * 4
    if count(layers) > MOST_PARAMETERS or needed > MOST_BYTES:
        raise MlpError(f"{count(layers):,} parameters need {needed / 2**30:.1f} GiB in training; use smaller layers")


def check_memory(model: Model, parts: Mapping[str, Samples], plan: Plan) -> None:
    """Raises MlpError if gradients, optimizer state and outputs of all layers need more memory than is free."""
    layers, optimizer = model.network.layers, plan.optimizer
    if optimizer.solves or count(layers) + plan.batch * sum(layer.units for layer in layers) < SURELY_FITS:
        return
    from mlpcli.core.memory import Workload, training_memory
    from mlpcli.files.machine import free_memory

    training, validation, test = (len(parts.get(name, ())) for name in ("training", "validation", "test"))
    dtype, stored, batch = model.network.dtype, parts["training"].x.dtype, min(plan.batch, training)
    counts = (training, validation, test, batch, plan.epochs)
    workload = Workload(layers, model.objective, model.task, optimizer, dtype, stored, *counts)
    rest = [part for part in training_memory(workload) if part.name not in ALREADY_HELD]
    needed, most = sum(part.size.value for part in rest), max(rest, key=lambda part: part.size.value)
    free = free_memory()
    if free is not None and needed > free:
        what = f"training needs {needed / 2**30:.1f} GiB of memory, most of it for {most.name}"
        raise MlpError(f"{what}, and {free / 2**30:.1f} GiB are free; use smaller layers")


def _layers(inputs: int, outputs: int, last: Activation, wanted: NetworkOptions) -> tuple[Layer, ...]:
    units = hidden_units("16" if wanted.hidden is None else wanted.hidden)
    hidden = hidden_activations(wanted.activation, len(units)) if units else []
    return chain(inputs, [*units, outputs], [*hidden, last])


def _full_name(family: Mapping[str, R], text: str | None, what: str) -> str | None:
    """The name of the row that a text picks, or None without a text."""
    return None if text is None else pick(family, text, what).name


def _or(value: Any, default: Any) -> Any:
    return default if value is None else value
