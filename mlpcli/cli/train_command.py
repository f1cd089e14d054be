"""`mlp train`"""

from typing import Annotated, NamedTuple

from mlpcli.cli.groups import OUTPUT, option
from mlpcli.cli.network_options import NetworkOptions, ObjectiveOptions, OptimizationOptions, StartWeights
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import DataOptions, Digits, Format, Quiet, ReadingOptions, Seed, SplitOptions, Threads
from mlpcli.cli.signals import end_at_signals


class TrainingOutput(NamedTuple):
    """The files of a training run, and the format of its report."""

    output: Annotated[
        str, option(OUTPUT, "Weights file, {weight_files}, or - for stdout", "--output", "-o", metavar="FILE")
    ] = "w.json"
    history: Annotated[str | None, option(OUTPUT, "Metrics per epoch, {history_files}", metavar="FILE")] = None
    plot: Annotated[str | None, option(OUTPUT, "Learning curves, .svg, .png or .pdf", metavar="FILE")] = None
    force: Annotated[
        bool, option(OUTPUT, "Overwrite files not written by mlp, and checkpoints of other runs", "--force")
    ] = False
    format: Format = "table"
    digits: Digits = 4


class CheckpointOptions(NamedTuple):
    """When `train` saves its state, and whether it resumes from a saved one."""

    checkpoint: Annotated[str | None, option(OUTPUT, "Save the training state here", metavar="FILE")] = None
    checkpoint_every: Annotated[
        int | None,
        option(
            OUTPUT, "Epochs between checkpoints", metavar="N", default="once a second, and with each line of progress"
        ),
    ] = None
    resume: Annotated[
        bool, option(OUTPUT, "Continue from --checkpoint if the file exists; same result as one run", "--resume")
    ] = False


def train(
    *,
    data: DataOptions,
    split: SplitOptions,
    reading: ReadingOptions,
    network: NetworkOptions,
    weights: StartWeights = None,
    objective: ObjectiveOptions,
    optimization: OptimizationOptions,
    outputs: TrainingOutput,
    checkpoints: CheckpointOptions,
    seed: Seed = 1,
    threads: Threads = None,
    quiet: Quiet = False,
) -> None:
    """Train a network and save its weights.

    Example: mlp train --dataset iris --hidden 16,8 --epochs 100

    Example: mlp train --data houses.csv --target price --output houses.json

    Example: mlp train --dataset mnist --checkpoint run.ckpt --resume
    """
    end_at_signals("interrupted before training began; nothing was written")
    from mlpcli.cli.request import TrainingRequest
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.training import run_training

    asked = TrainingRequest(split, network, objective, optimization, seed)
    run_training(source_of(data, reading), asked, weights, threads, outputs, checkpoints, Notes(quiet))
