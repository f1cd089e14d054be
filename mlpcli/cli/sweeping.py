"""What `mlp sweep` does, step by step: read, lay out the grid, train what is missing, rank, show."""

import os
import shlex
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

from mlpcli.cli.building import Bench
from mlpcli.cli.notes import Notes
from mlpcli.cli.options.sweep import EngineOptions, GridOptions, SweepOutput
from mlpcli.cli.progress import ROOM, console, figure
from mlpcli.cli.request import TrainingRequest
from mlpcli.cli.signals import Interrupted, Stop
from mlpcli.cli.sources import Source
from mlpcli.cli.values import form, one_of
from mlpcli.cli.varying import Workshop, full_name, knobs, train_words
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError
from mlpcli.core.predicting import evaluate_samples
from mlpcli.core.samples import Samples
from mlpcli.core.stack import block_size, train_stack
from mlpcli.data.text import STDIO, shown
from mlpcli.files.atomic import check_writable
from mlpcli.files.digest import digest_of
from mlpcli.files.machine import limit_threads
from mlpcli.files.model import Model
from mlpcli.files.runs import FORMAT, VERSION, Record, RunsFile
from mlpcli.files.weights import check_overwrite, save_model, weight_file
from mlpcli.report.numbers import counted, duration
from mlpcli.sweep.block import Candidate, digest_of_theta, trained
from mlpcli.sweep.grid import Grid, cut, grid_of, shard_of, spread, tapered
from mlpcli.sweep.ranking import RANKS, Criterion, best_of, criterion_of, settings_of
from mlpcli.sweep.report import sweep_report

MOST_SIZED = 500  # groups of networks that are built to know their size; further ones are taken to be alike
SUFFIX = ".jsonl"
PATHS = ("dataset", "data", "data-dir")  # which may differ between the machines of a sweep; their content may not


class Sweep(NamedTuple):
    """A sweep before it begins."""

    shop: Workshop
    header: Record
    blocks: list[list[int]]  # those of this shard
    criterion: Criterion

    @property
    def networks(self) -> int:
        return sum(map(len, self.blocks))


def run_sweep(
    source: Source, asked: TrainingRequest, grid: GridOptions, engine: EngineOptions, outputs: SweepOutput, notes: Notes
) -> None:
    """All of `mlp sweep` but --merge."""
    render = form(outputs.format, outputs.digits)
    _check_files(outputs, source.data)
    workers = _workers(engine)
    sweep = _laid_out(source, asked, grid, engine, outputs, notes)
    if outputs.dry_run:
        from mlpcli.sweep.estimate import estimate_report

        print(render(estimate_report(sweep.shop.grid, sweep.blocks, sweep.shop.candidate, workers)), end="")
        return
    started = perf_counter()
    records, new = _trained(sweep, engine, workers, outputs, notes)
    took = perf_counter() - started
    closing = [f"{counted(new, 'network')} trained in {duration(took)}"]
    if len(records) < len(sweep.shop.grid):
        closing.append(f"{len(records):,} of {counted(len(sweep.shop.grid), 'network')}: this is a shard")
    best = best_of(settings_of(sweep.header, records, sweep.criterion), sweep.criterion)
    measured, loss = {}, ""
    if best is not None:
        model, parts = _winner(sweep.shop, best, notes)
        loss = model.objective.loss.name
        if len(records) == len(sweep.shop.grid):
            measured = {
                name: evaluate_samples(model.network, model.objective, model.task, samples, model.coding.names)
                for name, samples in parts.items()
            }
        closing.append(f"the best: {shlex.join(train_words(sweep.header, best))}")
        if outputs.weights is not None:
            save_model(model, outputs.weights)
            closing.append(f"weights: {outputs.weights}")
    if outputs.output is not None:
        closing.append(f"networks: {outputs.output}")
    print(render(sweep_report(sweep.header, records, sweep.criterion, measured, loss, tuple(closing))), end="")
    if best is None and records:
        raise ConditionError("every network diverged; try a smaller --learning-rate")


def _check_files(outputs: SweepOutput, data: str | None) -> None:
    """Raises now, rather than after training, what would fail then."""
    if outputs.resume and outputs.output is None:
        raise ChoiceError("--resume needs --output FILE")
    if outputs.output is not None:
        check_output(outputs.output)
        if data not in (None, STDIO) and os.path.realpath(data or "") == os.path.realpath(outputs.output):
            raise ChoiceError(f"--data and --output are both {shown(outputs.output)}; give each a file of its own")
    if outputs.weights is not None:
        weight_file(outputs.weights, "--weights")
        check_writable(outputs.weights)
        check_overwrite(outputs.weights, False, "--weights")
    if outputs.keep_all is not None:
        folder = Path(outputs.keep_all)
        if folder.exists() and not folder.is_dir():
            raise ChoiceError(f"--keep-all {outputs.keep_all}: is a file; give a folder")
        check_writable(str(folder / "1.json" if folder.exists() else folder))


def check_output(path: str) -> None:
    """Raises ChoiceError for a path without the suffix of sweeps, and MlpError if it cannot be written."""
    if Path(path).suffix.lower() != SUFFIX:
        raise ChoiceError(f"--output {path}: must be a file with the suffix {SUFFIX}")
    check_writable(path)


def _workers(engine: EngineOptions) -> int:
    if engine.scheduler is not None and engine.workers is not None:
        raise ChoiceError("--scheduler and --workers: the cluster has its own workers; leave one out")
    if engine.scheduler is not None:
        from mlpcli.sweep.cluster import check_cluster

        check_cluster(engine.scheduler)
    if engine.workers is not None and engine.workers < 1:
        raise ChoiceError(f"--workers must be 1 or more, not {engine.workers}")
    available = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
    return engine.workers or len(available(0))


# ----- The grid -----------------------------------------------------------------------------------------------------


def _laid_out(
    source: Source,
    asked: TrainingRequest,
    options: GridOptions,
    engine: EngineOptions,
    outputs: SweepOutput,
    notes: Notes,
) -> Sweep:
    """The networks of a sweep in blocks. Raises ChoiceError for a value or a combination that is not valid."""
    asked.check()
    one_of(options.rank, RANKS, "--rank")
    number, total = shard_of(engine.shard)
    grid = _grid(asked, options)
    shop = Workshop(Bench(source, notes, asked.split.validation_data), asked, grid, outputs.keep_all)
    first, *others = grid.trials()
    candidate = shop.built(first, notes)[1]
    for trial in others:
        shop.built(trial)
    limit_threads(candidate.model.network.layers, candidate.plan.batch, 1)
    header = {**_header(shop, options, candidate), "shard": engine.shard}
    blocks = _blocks(shop)
    shard = spread(blocks, total, least=1)[number - 1 :: total] if total > 1 else blocks
    return Sweep(shop, header, shard, criterion_of(header, options.rank))


def _grid(asked: TrainingRequest, options: GridOptions) -> Grid:
    """The grid that the options describe. Raises ChoiceError if another option sets what varies."""
    if options.folds is not None:
        if options.folds < 2:
            raise ChoiceError(f"--folds must be 2 or more, not {options.folds}")
        for option in ("validation", "validation_data", "fold"):
            if getattr(asked.split, option) is not None:
                name = option.replace("_", "-")
                raise ChoiceError(f"--folds and --{name}: each fold is the validation set once; leave one out")
    if options.sample is not None and options.sample < 1:
        raise ChoiceError(f"--sample must be 1 or more, not {options.sample}")
    known = {name: knob.whole for name, knob in knobs().items()}
    grid = grid_of([*map(full_name, options.vary or [])], known, options.folds, options.sample, asked.seed)
    given = _given(asked)
    for varied in grid.options:
        if varied.name in given:
            raise ChoiceError(f"--{varied.name} and --vary {varied.name}: leave one out")
    return grid


def _given(asked: TrainingRequest) -> Record:
    """The options that do not have their default, by name. The seed is apart, since a sample is drawn with it."""
    return {
        field.replace("_", "-"): value
        for group in (asked.split, asked.network, asked.objective, asked.optimization)
        for field, value in group._asdict().items()
        if value != group._field_defaults[field]
    }


def _header(shop: Workshop, options: GridOptions, first: Candidate) -> Record:
    """Which sweep this is: its data and its options."""
    dataset, watched = shop.bench.dataset, first.parts.get("validation")
    arrays = [array for part in (dataset, dataset.test) if part is not None for array in (part.x, part.y)]
    if shop.asked.split.validation_data is not None and watched is not None:
        arrays += [watched.x, watched.y]
    named = {name.replace("_", "-"): value for name, value in vars(shop.bench.source).items() if value is not None}
    paths = {name: value for name, value in named.items() if name in PATHS}
    reading = {name: value for name, value in named.items() if name not in (*PATHS, "known", "fetches")}
    return {
        "format": FORMAT,
        "version": VERSION,
        "data": digest_of(f"{array.dtype.str}{array.shape}".encode() + array.tobytes() for array in arrays),
        "options": {**reading, **_given(shop.asked)},
        "vary": {option.name: option.text for option in shop.grid.options},
        "sample": options.sample,
        "seed": shop.asked.seed,
        "networks": len(shop.grid),
        "metric": first.model.task.metric,
        "validated": watched is not None,
        "source": paths,
    }


def _blocks(shop: Workshop) -> list[list[int]]:
    """All networks in blocks that share arrays, of the size that takes the least time for each network."""
    blocks, size = list[list[int]](), 1
    for number, group in enumerate(shop.grid.groups().values()):
        if number < MOST_SIZED:
            size = block_size(shop.candidate(group[0]).run)
        blocks += cut(group, size)
    return blocks


# ----- Training -----------------------------------------------------------------------------------------------------


def _trained(
    sweep: Sweep, engine: EngineOptions, workers: int, outputs: SweepOutput, notes: Notes
) -> tuple[list[Record], int]:
    """The records of all networks, and how many of them are new. Raises Interrupted after a signal."""
    if outputs.keep_all is not None:
        Path(outputs.keep_all).mkdir(exist_ok=True)
    file = None if outputs.output is None else RunsFile(outputs.output, sweep.header, outputs.resume)
    records = [] if file is None else file.records
    before = len(records)
    done = {record["network"] for record in records}
    blocks = [left for block in sweep.blocks if (left := [network for network in block if network not in done])]
    expected = before + sum(map(len, blocks))
    try:
        with Stop() as stop, _bar(sweep.criterion, before, expected, notes.quiet) as tell:
            for block in _engine(sweep.shop, blocks, engine, workers, lambda: stop.asked, notes):
                if file is not None:
                    file.append(block)
                records += block
                tell(block)
    except MlpError as problem:
        raise type(problem)("; ".join([str(problem), *_kept(records, sweep, outputs)])) from None
    finally:
        if file is not None:
            file.close()
    if stop.asked and len(records) < expected:
        raise Interrupted(
            stop.asked, "; ".join(["interrupted", *(_kept(records, sweep, outputs) or ["nothing was written"])])
        )
    return records, len(records) - before


def _engine(
    shop: Workshop,
    blocks: list[list[int]],
    engine: EngineOptions,
    workers: int,
    stop: Callable[[], object],
    notes: Notes,
) -> Iterator[list[Record]]:
    """The records of each block when it is done."""
    if engine.scheduler is not None:
        from mlpcli.sweep.cluster import cluster_records

        return cluster_records(engine.scheduler, shop.train, blocks, stop)
    from mlpcli.sweep.pool import Pool

    workers = min(workers, max(1, sum(map(len, blocks))))
    return Pool(shop.train, workers, notes.warn).records(tapered(blocks, workers), stop)


def _kept(records: Sequence[Record], sweep: Sweep, outputs: SweepOutput) -> list[str]:
    """What the file has, for a sweep that ended too early."""
    if outputs.output is None:
        return []
    many = f"{len(records):,} of {counted(sweep.networks, 'network')}"
    return [f"{many} are in {outputs.output}, and --resume trains the others"]


Tell = Callable[[list[Record]], None]


@contextmanager
def _bar(criterion: Criterion, done: int, expected: int, quiet: bool) -> Iterator[Tell]:
    """What to call with the records of each block: on a terminal it draws networks done, time left, and the best."""
    if quiet or not sys.stderr.isatty() or (shown_on := console()).width < ROOM:
        yield lambda block: None
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        TextColumn("{task.completed:,}/{task.total:,} networks"),
        BarColumn(bar_width=max(4, min(30, shown_on.width - 60))),
        TextColumn("{task.fields[rate]}ETA"),
        TimeRemainingColumn(compact=True),
        TextColumn("{task.fields[best]}"),
    )
    # no thread draws it: processes are forked meanwhile
    with Progress(*columns, console=shown_on, auto_refresh=False) as bar:
        task = bar.add_task("", total=expected, completed=done, rate="", best="")
        bar.refresh()
        yield _teller(bar, task, criterion)


def _teller(bar: Any, task: Any, criterion: Criterion) -> Tell:
    started, new, best = perf_counter(), 0, None

    def tell(block: list[Record]) -> None:
        nonlocal new, best
        new += len(block)
        best = min([*block, *([best] if best else [])], key=criterion.order)
        value = best[criterion.key]
        rate = f"{new / (perf_counter() - started):,.0f}/s "
        bar.update(task, advance=len(block), rate=rate, best="" if value is None else f"best {figure(value)}")
        bar.refresh()

    return tell


# ----- The winner ---------------------------------------------------------------------------------------------------


def _winner(shop: Workshop, best: Record, notes: Notes) -> tuple[Model, dict[str, Samples]]:
    """The best network, trained once more: blocks return no weights. Its data have the test set."""
    candidate = shop.candidate(best["network"])
    outcome = train_stack([candidate.run])[0]
    if digest_of_theta(outcome.theta) != best["weights"]:
        notes.warn("the best network has other weights when it is trained on this machine; the last digits may differ")
    return trained(candidate, outcome), candidate.parts
