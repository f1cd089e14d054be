"""What `mlp train` does, step by step: read, build, train, evaluate, save, show."""

import sys
from contextlib import suppress
from dataclasses import replace
from math import isfinite
from os.path import realpath
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mlpcli.cli.building import TrainingRequest, prepare
from mlpcli.cli.checkpoints import Keeper, check_checkpoints, keeper_for
from mlpcli.cli.failures import error_text
from mlpcli.cli.notes import Notes, tell
from mlpcli.cli.options.output import CheckpointOptions, TrainingOutput
from mlpcli.cli.overfitting import Overfitting, overfitting
from mlpcli.cli.progress import progress, took
from mlpcli.cli.signals import Interrupted, Stop, stop_at_signals
from mlpcli.cli.sources import Source
from mlpcli.cli.values import check_stdin, form, output_path
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError
from mlpcli.core.metrics import Evaluation
from mlpcli.core.predicting import evaluate_samples
from mlpcli.core.samples import Samples
from mlpcli.core.training import Diverged, Plan, Training
from mlpcli.core.training_records import Epoch, history_of
from mlpcli.data.text import STDIO, shown
from mlpcli.files.atomic import check_writable, write_atomically
from mlpcli.files.checkpoint import previous_of
from mlpcli.files.document import scaling_document
from mlpcli.files.history import HISTORY_FILES, check_history, epoch_row
from mlpcli.files.machine import limit_threads
from mlpcli.files.model import Model
from mlpcli.files.weights import check_overwrite, save_model, weight_file
from mlpcli.report.network_report import evaluation_document, layer_rows, network_sheet, parts_sheet
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report
from mlpcli.report.text import listed

if TYPE_CHECKING:
    from mlpcli.report.curves import Panels


def _check_files(
    outputs: TrainingOutput, checkpoints: CheckpointOptions, data: str | None, validation: str | None
) -> None:
    """Raises now, rather than after training, what would fail then."""
    kept = checkpoints.checkpoint
    files = {
        "--data": data,
        "--validation-data": validation,
        "--output": outputs.output,
        "--history": outputs.history,
        "--plot": outputs.plot,
        "--checkpoint": kept,
        "the previous --checkpoint": previous_of(kept) if kept else None,
    }
    owners: dict[str, str] = {}
    for option, path in files.items():
        if path and path != STDIO and (owner := owners.setdefault(realpath(path), option)) != option:
            raise ChoiceError(f"{owner} and {option} are both {shown(path)}; give each a file of its own")
    weight_file(outputs.output, "--output")
    check_writable(outputs.output)
    check_overwrite(outputs.output, outputs.force, "--output")
    if outputs.history is not None:
        check_writable(outputs.history)
        if Path(outputs.history).suffix.lower() not in HISTORY_FILES:
            raise ChoiceError(f"--history {outputs.history}: choose the suffix {listed(list(HISTORY_FILES))}")
        check_history(outputs.history, outputs.force)
    check_checkpoints(checkpoints, outputs.force)
    if outputs.plot is not None:
        from mlpcli.plot.forms import check_image

        check_writable(outputs.plot)
        check_image(outputs.plot, "--plot")


def run_training(
    source: Source,
    asked: TrainingRequest,
    weights: str | None,
    threads: int | None,
    outputs: TrainingOutput,
    checkpoints: CheckpointOptions,
    notes: Notes,
) -> None:
    """All of `mlp train`."""
    check_stdin(data=source.data, weights=weights, validation_data=asked.split.validation_data)
    outputs = outputs._replace(output=output_path(outputs.output))
    render = form(outputs.format, outputs.digits)
    _check_files(outputs, checkpoints, source.data, asked.split.validation_data)
    asked.check()
    if source.named is not None:
        asked = asked.or_from(source.named.settings if weights is None else {})
    model, parts, plan = prepare(source, asked, weights, notes)
    limit_threads(model.network.layers, plan.batch, threads)
    training = _training(model, parts, plan, asked.seed)
    start = "those of a file" if weights is not None else asked.network.initializer or "glorot-uniform"
    keeper = keeper_for(checkpoints, outputs.force, training, model, parts, start, notes)
    epochs = keeper.earlier_epochs()
    if outputs.format == "table" and outputs.output != STDIO:
        with suppress(BrokenPipeError):  # training continues; printing the results will fail
            print(render(_summary(model)), flush=sys.stdout.isatty())
    with stop_at_signals() as stop:
        saved = _train_and_save(training, epochs, keeper, model, outputs, notes, stop)
    if stop.asked:
        raise Interrupted(stop.asked, "; ".join(["interrupted after training was done", *saved]))
    try:
        measured = _measured(model, parts)
    except MlpError as problem:  # the weights are finite, but so large that the outputs are not
        if plan.optimizer.solves:
            raise
        ended = f"training diverged at epoch {epochs[-1].number}: {problem}"
        advice = f"try a --learning-rate smaller than {plan.learning_rate:g}"
        raise ConditionError("; ".join([ended, advice, *saved])) from None
    history = history_of(epochs, model.task.metric)
    signs = overfitting(model, measured, history, plan.patience)
    if text := signs.text(model.objective.l2):
        notes.note(text)
    _show(render(_report(model, measured, plan, epochs, outputs, signs)), outputs, notes)


def _training(model: Model, parts: dict[str, Samples], plan: Plan, seed: int) -> Training:
    generator = np.random.default_rng([seed, 2])
    training, validation = parts["training"], parts.get("validation")
    return Training(model.network, model.objective, model.task, training, validation, plan, generator)


def _train_and_save(
    training: Training,
    epochs: list[Epoch],
    keeper: Keeper,
    model: Model,
    outputs: TrainingOutput,
    notes: Notes,
    stop: Stop,
) -> list[str]:
    """Trains, and saves the results however training ends. Returns what is saved where.

    Raises what ends training too early, with what is saved where: a divergence, a checkpoint that cannot be written,
    too little memory, a signal.
    """
    try:
        _train(training, epochs, keeper, model, notes, stop)
    except Diverged as problem:
        ended = _ended(model, diverged=problem.at)
        raise ConditionError(_saved(ended, epochs, keeper, outputs, problem.weights, str(problem))) from None
    except (MlpError, MemoryError, OSError) as problem:
        training.put_best_back()
        if not (place := training.place):
            raise
        ended, which = _ended(model, interrupted=place), _which(training, epochs) or place
        raise MlpError(_saved(ended, epochs, keeper, outputs, which, error_text(problem))) from None
    if training.finished:
        return [*_save(model, epochs, outputs, _which(training, epochs)), *keeper.words()]
    if not (place := training.place):
        why = ["interrupted before the first batch was done", "nothing was written", *keeper.words()]
        raise Interrupted(stop.asked, "; ".join(why))
    ended, which = _ended(model, interrupted=place), _which(training, epochs)
    raise Interrupted(stop.asked, _saved(ended, epochs, keeper, outputs, which, f"interrupted {place}"))


def _saved(model: Model, epochs: list[Epoch], keeper: Keeper, outputs: TrainingOutput, which: str, why: str) -> str:
    """Saves the results of a training run that ended too early. Returns why it ended, and what is saved where.

    Raises MlpError, with the same text and the problem, if saving fails.
    """
    problems, saved = list[str](), list[str]()
    try:
        keeper.at_the_end()
    except (MlpError, MemoryError) as problem:
        problems.append(error_text(problem))
    try:
        saved = _save(model, epochs, outputs, which)
    except (MlpError, MemoryError) as problem:
        problems.append(error_text(problem))
    words = "; ".join([why, *problems, *saved, *keeper.words()])
    if problems:
        raise MlpError(words)
    return words


def _train(training: Training, epochs: list[Epoch], keeper: Keeper, model: Model, notes: Notes, stop: Stop) -> None:
    """Trains the remaining epochs. Progress tells of an epoch after its checkpoint, if one is due, is saved."""
    plan = training.plan
    try:
        with progress(plan, training.samples, model.task.metric, len(epochs), notes.quiet) as bar:
            for epoch in training.epochs(bar.watch, lambda: stop.asked):
                epochs.append(epoch)
                keeper.after_epoch(epochs, bar.announces(epoch.number))
                bar.epoch(epoch)
    finally:
        _warn_of_gaps(epochs, model.task.metric, notes)
    if not training.finished:
        return
    keeper.at_the_end()
    if plan.patience is not None:
        stopped = f"stopped after epoch {epochs[-1].number}" if len(epochs) < plan.epochs else "ran to the end"
        notes.note(f"{stopped}; the weights are those of epoch {_best(epochs)}")


def _warn_of_gaps(epochs: list[Epoch], metric: str, notes: Notes) -> None:
    """Warns of epochs whose metric is not finite, which a history cannot hold."""
    gaps = [epoch.number for epoch in epochs if not isfinite(epoch.metric + (epoch.validation_metric or 0.0))]
    if gaps:
        more = f" and in {len(gaps) - 1} more" if len(gaps) > 1 else ""
        notes.warn(f"the {metric} overflows in epoch {gaps[0]}{more}; a history leaves it empty there")


def _which(training: Training, epochs: list[Epoch]) -> str:
    """Which weights the network has at the end, if not the last."""
    return f"those of epoch {_best(epochs)}, the best" if training.plan.patience is not None and epochs else ""


def _best(epochs: list[Epoch]) -> int:
    return max(epoch.number for epoch in epochs if epoch.best)


def _ended(model: Model, **how: str) -> Model:
    """The model, with a note for the reader of its file on how training ended."""
    return replace(model, training={**model.training, **how})


def _save(model: Model, epochs: list[Epoch], outputs: TrainingOutput, which: str) -> list[str]:
    """Writes weights, history and plot. Returns what is saved where, and which weights these are, if not the last.

    Raises MlpError if one of them cannot be written, with what is saved.
    """
    save_model(model, outputs.output)
    saved = [f"{_where(outputs)} ({which})" if which else _where(outputs)]
    try:
        if outputs.history is not None and epochs:
            lines = HISTORY_FILES[Path(outputs.history).suffix.lower()]
            rows = [epoch_row(epoch, model.task.metric) for epoch in epochs]
            write_atomically(outputs.history, lines(rows).encode())
            saved.append(f"history: {outputs.history}")
        if outputs.plot is not None and epochs:
            _save_plot(outputs.plot, epochs, model)
            saved.append(f"plot: {outputs.plot}")
    except (MlpError, MemoryError) as problem:
        raise MlpError("; ".join([error_text(problem), *saved])) from None
    return saved


def _where(outputs: TrainingOutput) -> str:
    return f"weights: {outputs.output}" if outputs.output != STDIO else "weights: standard output"


def _show(text: str, outputs: TrainingOutput, notes: Notes) -> None:
    """Prints the results on stdout, or on stderr if the weights go to stdout."""
    if outputs.output != STDIO:
        print(text, end="")
    elif not notes.quiet:
        tell(text.removesuffix("\n"))


def _save_plot(path: str, epochs: list[Epoch], model: Model) -> None:
    from mlpcli.plot.forms import image
    from mlpcli.plot.history import CurvesPicture

    write_atomically(path, image(CurvesPicture(_curves(epochs, model)), Path(path).suffix))


def _curves(epochs: list[Epoch], model: Model) -> "Panels":
    from mlpcli.report.curves import history_panels

    return history_panels(history_of(epochs, model.task.metric))


def _summary(model: Model) -> Report:
    sheet = network_sheet(model.network.layers)
    return Report("network", {}, sheet, (sheet,))


def _measured(model: Model, parts: dict[str, Samples]) -> dict[str, Evaluation]:
    return {
        name: evaluate_samples(model.network, model.objective, model.task, samples, model.coding.names)
        for name, samples in parts.items()
    }


def _report(
    model: Model,
    measured: dict[str, Evaluation],
    plan: Plan,
    epochs: list[Epoch],
    outputs: TrainingOutput,
    signs: Overfitting,
) -> Report:
    results = parts_sheet(measured, model.objective.loss.name)
    document: dict[str, Any] = {
        "task": model.task.name,
        "loss": model.objective.loss.name,
        "layers": [
            dict(zip(("layer", "units", "activation", "W", "parameters"), row, strict=True))
            for row in layer_rows(model.network.layers)
        ],
        "training": {**model.training, "epochs_run": len(epochs), "seconds": sum(epoch.seconds for epoch in epochs)},
        "parts": {name: evaluation_document(evaluation) for name, evaluation in measured.items()},
        "overfitting": signs.document,
        "weights": outputs.output,
    }
    if model.coding.scaling is not None:
        document["target_scaling"] = scaling_document(model.coding.scaling)
    settings = model.training
    how = f"solved in {took(epochs)}: {settings['optimizer']}"
    if not plan.optimizer.solves:
        many = f"{len(epochs)} epochs" if len(epochs) > 1 else "1 epoch"
        how = (
            f"{many} in {took(epochs)}: {settings['optimizer']}, learning rate {plan.learning_rate:g}, "
            f"batch {plan.batch}, seed {settings['seed']}"
        )
    watched = len(epochs) > 1 and (sys.stdout.isatty() or RENDERERS[outputs.format].typesets)
    picture = _curves(epochs, model) if watched else None
    # in a table, the network's summary comes before training
    above = (network_sheet(model.network.layers),) if RENDERERS[outputs.format].typesets else ()
    origin = model.origin
    data = "" if origin is None else f" on {origin.dataset or shown(origin.file or '')}"
    closing = (how, _where(outputs))
    return Report("training", document, results, (*above, results), closing, title=f"Training{data}", picture=picture)
