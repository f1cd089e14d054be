"""What `mlp train` does, step by step: read, build, train, evaluate, save, show."""

import sys
from contextlib import suppress
from dataclasses import replace
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from mlpcli.cli.building import prepare
from mlpcli.cli.checkpoints import Keeper, keeper_for
from mlpcli.cli.file_paths import check_training_files
from mlpcli.cli.notes import Notes, error_text
from mlpcli.cli.parts import evaluated
from mlpcli.cli.progress import progress, took
from mlpcli.cli.request import TrainingRequest
from mlpcli.cli.signals import Interrupted, Stop
from mlpcli.cli.sources import Source
from mlpcli.cli.train_command import CheckpointOptions, TrainingOutput
from mlpcli.cli.values import check_stdin, form, output_path
from mlpcli.cli.weighting import loss_name
from mlpcli.core.errors import ConditionError, MlpError
from mlpcli.core.metrics import Evaluation
from mlpcli.core.overfitting import Overfitting, overfitting
from mlpcli.core.samples import Samples
from mlpcli.core.training import Diverged, Plan, Run, Training
from mlpcli.core.training_records import Epoch, history_of
from mlpcli.data.text import STDIO, shown
from mlpcli.files.atomic import write_atomically
from mlpcli.files.document import scaling_document
from mlpcli.files.history import HISTORY_FILES, epoch_row
from mlpcli.files.machine import share_training
from mlpcli.files.model import Model
from mlpcli.files.weights import save_model
from mlpcli.report.network_report import evaluation_document, layers_document, network_sheet, parts_sheet
from mlpcli.report.renderers import RENDERERS
from mlpcli.report.sheet import Report

if TYPE_CHECKING:
    from mlpcli.report.curves import Panels


class TrainingRun(NamedTuple):
    """A training run: what is trained on which samples, what it has come to, and where its results go."""

    model: Model
    parts: dict[str, Samples]
    training: Training
    keeper: Keeper
    epochs: list[Epoch]  # those that are done
    outputs: TrainingOutput
    notes: Notes

    @property
    def plan(self) -> Plan:
        return self.training.plan

    @property
    def kept(self) -> str:
        """Which weights the network has, if not the last."""
        patient = self.plan.patience is not None and self.epochs
        return f"those of epoch {self.best_epoch}, the best" if patient else ""

    @property
    def best_epoch(self) -> int:
        return max(epoch.number for epoch in self.epochs if epoch.best)

    @property
    def place(self) -> str:
        """Where the weights are saved."""
        return f"weights: {self.outputs.output}" if self.outputs.output != STDIO else "weights: standard output"

    def panels(self) -> "Panels":
        """The learning curves."""
        from mlpcli.report.curves import history_panels

        return history_panels(history_of(self.epochs, self.model.task.metric))


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
    check_training_files(outputs, checkpoints, source.data, asked.split.validation_data, weights)
    asked.check()
    model, parts, plan = prepare(source, asked, weights, notes)
    samples, generator = parts["training"], np.random.default_rng([asked.seed, 2])
    processes = share_training(model.network.layers, min(plan.batch, len(samples)), plan.optimizer, threads)
    begun = Run(model.network, model.objective, model.task, samples, parts.get("validation"), plan, generator)
    training = Training(begun, processes)
    start = "those of a file" if weights is not None else asked.network.initializer or "glorot-uniform"
    keeper = keeper_for(checkpoints, outputs.force, training, model, parts, start, notes)
    run = TrainingRun(model, parts, training, keeper, keeper.earlier_epochs(), outputs, notes)
    if outputs.format == "table" and outputs.output != STDIO:
        with suppress(BrokenPipeError):  # training continues; printing the results will fail
            print(render(_summary(run.model)), flush=sys.stdout.isatty())
    with Stop() as stop:
        saved = _train_and_save(run, stop)
    if stop.asked:
        raise Interrupted(stop.asked, "; ".join(["interrupted after training was done", *saved]))
    measured = _measured(run, saved)
    signs = overfitting(run.model.task, measured, history_of(run.epochs, run.model.task.metric), run.plan.patience)
    if text := signs.text(run.model.objective.l2):
        notes.note(text)
    notes.results(render(_report(run, measured, signs)), outputs.output)


def _measured(run: TrainingRun, saved: list[str]) -> dict[str, Evaluation]:
    """The loss and the metrics of each part.

    Raises ConditionError if the weights are finite, but so large that the outputs are not.
    """
    try:
        return {name: evaluated(samples, run.model) for name, samples in run.parts.items()}
    except MlpError as problem:
        if run.plan.optimizer.solves:
            raise
        ended = f"training diverged at epoch {run.epochs[-1].number}: {problem}"
        advice = f"try a --learning-rate smaller than {run.plan.learning_rate:g}"
        raise ConditionError("; ".join([ended, advice, *saved])) from None


def _train_and_save(run: TrainingRun, stop: Stop) -> list[str]:
    """Trains, and saves the results however training ends. Returns what is saved where.

    Raises what ends training too early, with what is saved where: a divergence, a checkpoint that cannot be written,
    too little memory, a signal.
    """
    try:
        _train(run, stop)
    except Diverged as problem:
        raise ConditionError(_saved(run, {"diverged": problem.at}, problem.weights, str(problem))) from None
    except (MlpError, MemoryError, OSError) as problem:
        run.training.put_best_back()
        if not (place := run.training.place):
            raise
        raise MlpError(_saved(run, {"interrupted": place}, run.kept or place, error_text(problem))) from None
    if run.training.finished:
        return [*_save(run, run.model, run.kept), *run.keeper.words]
    if not (place := run.training.place):
        why = ["interrupted before the first batch was done", "nothing was written", *run.keeper.words]
        raise Interrupted(stop.asked, "; ".join(why))
    raise Interrupted(stop.asked, _saved(run, {"interrupted": place}, run.kept, f"interrupted {place}"))


def _saved(run: TrainingRun, ended: dict[str, str], which: str, why: str) -> str:
    """Saves the results of a run that ended too early. Returns why it ended, and what is saved where.

    The weights file says how it `ended`. Raises MlpError, with the same text and the problem, if saving fails.
    """
    problems, saved = list[str](), list[str]()
    try:
        run.keeper.at_the_end()
    except (MlpError, MemoryError) as problem:
        problems.append(error_text(problem))
    try:
        saved = _save(run, replace(run.model, training={**run.model.training, **ended}), which)
    except (MlpError, MemoryError) as problem:
        problems.append(error_text(problem))
    words = "; ".join([why, *problems, *saved, *run.keeper.words])
    if problems:
        raise MlpError(words)
    return words


def _train(run: TrainingRun, stop: Stop) -> None:
    """Trains the remaining epochs. Progress tells of an epoch after its checkpoint, if one is due, is saved."""
    plan, training, epochs, metric = run.plan, run.training, run.epochs, run.model.task.metric
    try:
        with progress(plan, training.samples, metric, len(epochs), run.notes.quiet) as bar:
            for epoch in training.epochs(bar.watch, lambda: stop.asked):
                epochs.append(epoch)
                run.keeper.after_epoch(epochs, bar.announces(epoch.number))
                bar.epoch(epoch)
    finally:
        _warn_of_gaps(epochs, metric, run.notes)
    if not training.finished:
        return
    run.keeper.at_the_end()
    if plan.patience is not None:
        stopped = f"stopped after epoch {epochs[-1].number}" if len(epochs) < plan.epochs else "ran to the end"
        run.notes.note(f"{stopped}; the weights are those of epoch {run.best_epoch}")


def _warn_of_gaps(epochs: list[Epoch], metric: str, notes: Notes) -> None:
    """Warns of epochs whose metric is not finite, which a history cannot hold."""
    gaps = [epoch.number for epoch in epochs if not isfinite(epoch.metric + (epoch.validation_metric or 0.0))]
    if gaps:
        more = f" and in {len(gaps) - 1} more" if len(gaps) > 1 else ""
        notes.warn(f"the {metric} overflows in epoch {gaps[0]}{more}; a history leaves it empty there")


def _save(run: TrainingRun, model: Model, which: str) -> list[str]:
    """Writes weights, history and plot. Returns what is saved where, and which weights these are, if not the last.

    Raises MlpError if one of them cannot be written, with what is saved.
    """
    outputs = run.outputs
    save_model(model, outputs.output)
    saved = [f"{run.place} ({which})" if which else run.place]
    try:
        if outputs.history is not None and run.epochs:
            lines = HISTORY_FILES[Path(outputs.history).suffix.lower()]
            rows = [epoch_row(epoch, model.task.metric) for epoch in run.epochs]
            write_atomically(outputs.history, lines(rows).encode())
            saved.append(f"history: {outputs.history}")
        if outputs.plot is not None and run.epochs:
            _save_plot(outputs.plot, run)
            saved.append(f"plot: {outputs.plot}")
    except (MlpError, MemoryError) as problem:
        raise MlpError("; ".join([error_text(problem), *saved])) from None
    return saved


def _save_plot(path: str, run: TrainingRun) -> None:
    from mlpcli.plot.forms import image
    from mlpcli.plot.history import CurvesPicture

    write_atomically(path, image(CurvesPicture(run.panels()), Path(path).suffix))


def _summary(model: Model) -> Report:
    sheet = network_sheet(model.network.layers)
    return Report("network", {}, sheet, (sheet,))


def _report(run: TrainingRun, measured: dict[str, Evaluation], signs: Overfitting) -> Report:
    """The results. In a table, the network's summary comes before training."""
    model, epochs, renderer = run.model, run.epochs, RENDERERS[run.outputs.format]
    weighs_samples = model.origin is not None and model.origin.sample_weight is not None
    results = parts_sheet(measured, loss_name(model.objective, weighs_samples))
    document: dict[str, Any] = {
        "task": model.task.name,
        "loss": model.objective.loss.name,
        "layers": layers_document(model.network.layers),
        "training": {**model.training, "epochs_run": len(epochs), "seconds": sum(epoch.seconds for epoch in epochs)},
        "parts": {name: evaluation_document(evaluation) for name, evaluation in measured.items()},
        "overfitting": signs.document,
        "weights": run.outputs.output,
    }
    if model.objective.class_weights is not None:
        document["class_weights"] = dict(zip(model.coding.names, model.objective.class_weights, strict=True))
    if model.coding.scaling is not None:
        document["target_scaling"] = scaling_document(model.coding.scaling)
    watched = len(epochs) > 1 and (sys.stdout.isatty() or renderer.typesets)
    picture = run.panels() if watched else ()
    above = (network_sheet(model.network.layers),) if renderer.typesets else ()
    origin = model.origin
    data = "" if origin is None else f" on {origin.dataset or shown(origin.file or '')}"
    closing = (_how(run), run.place)
    return Report("training", document, results, (*above, results), closing, title=f"Training{data}", picture=picture)


def _how(run: TrainingRun) -> str:
    """How long training took, and its settings."""
    epochs, settings = run.epochs, run.model.training
    if run.plan.optimizer.solves:
        return f"solved in {took(epochs)}: {settings['optimizer']}"
    many = f"{len(epochs)} epochs" if len(epochs) > 1 else "1 epoch"
    return (
        f"{many} in {took(epochs)}: {settings['optimizer']}, learning rate {run.plan.learning_rate:g}, "
        f"batch {run.plan.batch}, seed {settings['seed']}"
    )
