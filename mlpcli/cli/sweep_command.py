"""`mlp sweep`"""

from typing import Annotated, Optional

import typer

from mlpcli.cli.notes import Notes
from mlpcli.cli.options.data import DataOptions, ReadingOptions, SplitOptions
from mlpcli.cli.options.network import NetworkOptions
from mlpcli.cli.options.objective import ObjectiveOptions
from mlpcli.cli.options.output import Quiet, Seed
from mlpcli.cli.options.sweep import EngineOptions, GridOptions, SweepOutput
from mlpcli.cli.options.training import OptimizationOptions
from mlpcli.cli.signals import end_at_signals


def sweep(
    *,
    files: Annotated[Optional[list[str]], typer.Argument(help="Files for --merge", metavar="FILES")] = None,
    data: DataOptions,
    split: SplitOptions,
    reading: ReadingOptions,
    network: NetworkOptions,
    objective: ObjectiveOptions,
    optimization: OptimizationOptions,
    grid: GridOptions,
    outputs: SweepOutput,
    engine: EngineOptions,
    seed: Seed = 1,
    quiet: Quiet = False,
) -> None:
    """Train many networks, compare their settings, and find the best.

    Example: mlp sweep --dataset iris --vary 'hidden=8|16|16,8' --vary seed=1:20 --output runs.jsonl

    Example: mlp sweep --dataset iris --vary 'learning-rate=0.001|0.01' --folds 5 --epochs 50

    Example: mlp sweep --merge shard1.jsonl shard2.jsonl --output runs.jsonl
    """
    end_at_signals("interrupted before training began; nothing was written")
    from mlpcli.cli.merging import check_merge, merge_shards

    check_merge(files or [], outputs, (data, split, reading, network, objective, optimization, grid, engine))
    if outputs.merge:
        merge_shards(files or [], outputs, grid.rank, Notes(quiet))
        return
    from mlpcli.cli.request import TrainingRequest
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.sweeping import run_sweep

    asked = TrainingRequest(split, network, objective, optimization, seed)
    run_sweep(source_of(data, reading), asked, grid, engine, outputs, Notes(quiet))
