"""`mlp sweep`"""

from collections.abc import Iterable
from typing import Annotated, Any, NamedTuple

import typer

from mlpcli.cli.groups import GENERAL, OUTPUT, TRAINING, flag, option
from mlpcli.cli.network_options import NetworkOptions, ObjectiveOptions, OptimizationOptions
from mlpcli.cli.notes import Notes
from mlpcli.cli.options import DataOptions, Digits, Format, Quiet, ReadingOptions, Seed, SplitOptions
from mlpcli.cli.signals import end_at_signals
from mlpcli.core.errors import ChoiceError
from mlpcli.data.text import shown

OF_MERGING = ("merge", "output", "format", "digits", "rank")  # the options that merging takes


class SweepOptions(NamedTuple):
    """Which networks are trained, where the results go, and who trains."""

    vary: Annotated[
        list[str] | None,
        option(
            TRAINING,
            "Values of an option: hidden=8|16,8, seed=1:20 or lr=log:1e-4:1e-1:7; repeat for more options",
            metavar="VALUES",
        ),
    ] = None
    folds: Annotated[int | None, option(TRAINING, "Cross-validate: train each setting K times", metavar="K")] = None
    sample: Annotated[
        int | None, option(TRAINING, "Train a random sample of N combinations", metavar="N", default="all")
    ] = None
    rank: Annotated[str, option(TRAINING, "Rank settings by validation metric or loss", metavar="metric|loss")] = (
        "metric"
    )
    output: Annotated[
        str | None, option(OUTPUT, "Sweep file with a line per network, .jsonl", "--output", "-o", metavar="FILE")
    ] = None
    resume: Annotated[
        bool, option(OUTPUT, "Continue --output if the file exists; same result as one run", "--resume")
    ] = False
    weights: Annotated[
        str | None,
        option(OUTPUT, "Weights file of the best network, {weight_files}", "--weights", "-w", metavar="FILE"),
    ] = None
    keep_all: Annotated[
        str | None, option(OUTPUT, "Folder for the weights files of all networks", metavar="FOLDER")
    ] = None
    dry_run: Annotated[bool, option(OUTPUT, "Count the networks and estimate the time; train none", "--dry-run")] = (
        False
    )
    merge: Annotated[bool, option(OUTPUT, "Merge the sweep files of shards", "--merge")] = False
    format: Format = "table"
    digits: Digits = 4
    workers: Annotated[int | None, option(GENERAL, "Processes", metavar="N", default="one per core")] = None
    scheduler: Annotated[str | None, option(GENERAL, "Train on a Dask cluster: tcp://head:8786", metavar="ADDRESS")] = (
        None
    )
    shard: Annotated[
        str | None, option(GENERAL, "Train one shard of the networks: 3/8 for the third of eight", metavar="SHARD")
    ] = None


def sweep(
    *,
    files: Annotated[list[str] | None, typer.Argument(help="Files for --merge", metavar="FILES")] = None,
    data: DataOptions,
    split: SplitOptions,
    reading: ReadingOptions,
    network: NetworkOptions,
    objective: ObjectiveOptions,
    optimization: OptimizationOptions,
    options: SweepOptions,
    seed: Seed = 1,
    quiet: Quiet = False,
) -> None:
    """Train many networks, compare their settings, and find the best.

    Example: mlp sweep --dataset iris --vary 'hidden=8|16|16,8' --vary seed=1:20 --output runs.jsonl

    Example: mlp sweep --dataset iris --vary 'learning-rate=0.001|0.01' --folds 5 --epochs 50

    Example: mlp sweep --merge shard1.jsonl shard2.jsonl --output runs.jsonl
    """
    end_at_signals("interrupted before training began; nothing was written")
    if options.merge:
        _check_merge(files, (data, split, reading, network, objective, optimization, options))
        from mlpcli.cli.merging import merge_shards

        merge_shards(files or [], options, Notes(quiet))
        return
    if files:
        raise ChoiceError(f"{shown(files[0])}: only --merge takes files; the data are --data FILE")
    from mlpcli.cli.request import TrainingRequest
    from mlpcli.cli.sources import source_of
    from mlpcli.cli.sweeping import run_sweep

    asked = TrainingRequest(split, network, objective, optimization, seed)
    run_sweep(source_of(data, reading), asked, options, Notes(quiet))


def _check_merge(files: list[str] | None, groups: Iterable[Any]) -> None:
    """Raises ChoiceError without files, and for an option in these groups that merging does not take."""
    if not files:
        raise ChoiceError("--merge needs the files of the shards")
    for group in groups:
        for name, value in group._asdict().items():
            if name not in OF_MERGING and value != group._field_defaults[name]:
                raise ChoiceError(f"--merge and {flag(name)}: merging trains nothing; leave one out")
