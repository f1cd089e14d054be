"""`mlp train`"""

from mlpcli.cli.notes import Notes
from mlpcli.cli.options.data import DataOptions, ReadingOptions, SplitOptions
from mlpcli.cli.options.network import NetworkOptions, StartWeights
from mlpcli.cli.options.objective import ObjectiveOptions
from mlpcli.cli.options.output import CheckpointOptions, Quiet, Seed, Threads, TrainingOutput
from mlpcli.cli.options.training import OptimizationOptions
from mlpcli.cli.signals import end_at_signals


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
