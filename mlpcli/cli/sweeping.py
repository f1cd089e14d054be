"""What `mlp sweep` does, step by step: read, lay out the grid, train what is missing, rank, show."""

import os
import shlex
from collections.abc import Container, Mapping, Sequence
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

from mlpcli.cli.building import Bench
from mlpcli.cli.file_paths import check_sweep_files
from mlpcli.cli.notes import Notes
from mlpcli.cli.parts import evaluated
from mlpcli.cli.progress import sweep_progress
from mlpcli.cli.request import TrainingRequest, split_at_commas
from mlpcli.cli.signals import Interrupted, Stop
from mlpcli.cli.sources import Source
from mlpcli.cli.sweep_command import SweepOptions
from mlpcli.cli.values import form, output_path
from mlpcli.cli.varying import Workshop, first_valid, grid_for
from mlpcli.cli.weighting import loss_name
from mlpcli.core.errors import ChoiceError, ConditionError, MlpError
from mlpcli.core.samples import Samples
from mlpcli.core.stack import train_stack
from mlpcli.data.text import STDIO, shown
from mlpcli.files.machine import limit_threads
from mlpcli.files.model import Model
from mlpcli.files.runs import Record, RunsFile, check_same, runs_in
from mlpcli.files.weights import load_model, save_model
from mlpcli.report.numbers import counted, duration
from mlpcli.sweep.block import digest_of_theta, shard_of, spread, trained
from mlpcli.sweep.ranking import Criterion, best_of, criterion_of, settings_of, valid, warning_of_losses
from mlpcli.sweep.report import sweep_report, train_words

if TYPE_CHECKING:
    from mlpcli.sweep.cluster import Cluster
    from mlpcli.sweep.pool import Pool


class Sweep(NamedTuple):
    """A sweep before it begins."""

    shop: Workshop
    header: Record
    blocks: list[list[int]]  # those of this shard
    criterion: Criterion
    options: SweepOptions
    notes: Notes


def run_sweep(source: Source, asked: TrainingRequest, options: SweepOptions, notes: Notes) -> None:
    """All of `mlp sweep` but --merge."""
    render = form(options.format, options.digits)
    if options.weights is not None:
        options = options._replace(weights=output_path(options.weights))
    check_sweep_files(options, source.data)
    workers = _workers(options)
    sweep = _laid_out(source, asked, options, notes)
    if options.dry_run:
        from mlpcli.sweep.estimate import estimate_report

        sweep = _without_done(sweep)
        print(render(estimate_report(sweep.shop.grid, sweep.blocks, sweep.shop.valid, workers)), end="")
        return
    started = perf_counter()
    records, before = _trained(sweep, workers)
    took = perf_counter() - started
    closing = [f"{counted(len(valid(records[before:])), 'network')} trained in {duration(took)}"]
    if len(records) < len(sweep.shop.grid):
        closing.append(f"{len(records):,} of {counted(len(sweep.shop.grid), 'network')}: this is a shard")
    settings = settings_of(records, sweep.criterion)
    best = best_of(settings, sweep.criterion)
    measured, loss = {}, ""
    if best is not None:
        model, parts = _winner(sweep, best)
        loss = loss_name(model.objective, parts["training"].weights is not None)
        if len(records) == len(sweep.shop.grid):
            measured = {name: evaluated(samples, model) for name, samples in parts.items()}
        closing.append(f"the best: {shlex.join(train_words(sweep.header, best))}")
        if options.weights is not None:
            save_model(model, options.weights)
            closing.append(f"weights: {'standard output' if options.weights == STDIO else options.weights}")
    if options.output is not None:
        closing.append(f"networks: {options.output}")
    report = sweep_report(sweep.header, records, settings, sweep.criterion, measured, loss, tuple(closing))
    sweep.notes.results(render(report), sweep.options.weights)
    if best is None and valid(records):
        raise ConditionError("every network diverged; try a smaller --learning-rate")


def _workers(options: SweepOptions) -> int:
    if options.scheduler is not None and options.workers is not None:
        raise ChoiceError("--scheduler and --workers: the cluster has its own workers; leave one out")
    if options.scheduler is not None:
        from mlpcli.sweep.cluster import check_cluster

        check_cluster(options.scheduler)
    if options.workers is not None and options.workers < 1:
        raise ChoiceError(f"--workers must be 1 or more, not {options.workers}")
    available = getattr(os, "sched_getaffinity", lambda _: range(os.cpu_count() or 1))
    return options.workers or len(available(0))


# ----- The grid -----------------------------------------------------------------------------------------------------


def _laid_out(source: Source, asked: TrainingRequest, options: SweepOptions, notes: Notes) -> Sweep:
    """The networks of a sweep in blocks. Raises ChoiceError for a value or a combination that is not valid."""
    asked.check()
    number, total = shard_of(options.shard)
    grid = grid_for(asked, options)
    shop = Workshop(Bench(source, notes, asked.split.validation_data), asked, grid, options.keep_all)
    candidate = first_valid(shop, notes)
    for option in grid.options:
        if [option.text] == [*option.values] and "," in option.text:
            several = split_at_commas(option.name, option.text)
            notes.note(f"--vary {option.name}={option.text} is one value; {several} gives several")
    limit_threads(candidate.model.network.layers, candidate.plan.batch, 1)
    header = {**shop.header(candidate, options.sample), "shard": options.shard}
    if warning := warning_of_losses(header, options.rank):
        notes.warn(warning)
    blocks = shop.blocks()
    shard = spread(blocks, total, least=1)[number - 1 :: total] if total > 1 else blocks
    return Sweep(shop, header, shard, criterion_of(header, options.rank), options, notes)


def _without_done(sweep: Sweep) -> Sweep:
    """The sweep without the networks that --resume finds in its file, which stays as it is."""
    options = sweep.options
    if not options.resume or options.output is None or not Path(options.output).is_file():
        return sweep
    runs = runs_in(Path(options.output).read_bytes(), options.output)
    if runs is None:
        return sweep
    check_same(runs, sweep.header, options.output)
    return sweep._replace(blocks=_remaining(sweep, {record["network"] for record in runs.records}))


def _remaining(sweep: Sweep, done: Container[int]) -> list[list[int]]:
    """The blocks without these networks."""
    return [rest for block in sweep.blocks if (rest := [network for network in block if network not in done])]


# ----- Training -----------------------------------------------------------------------------------------------------


def _trained(sweep: Sweep, workers: int) -> tuple[list[Record], int]:
    """The records of all networks, and how many of them the file had before. Raises Interrupted after a signal."""
    options, notes = sweep.options, sweep.notes
    if options.keep_all is not None:
        Path(options.keep_all).mkdir(exist_ok=True)
    file = None if options.output is None else RunsFile(options.output, sweep.header, options.resume)
    records = [] if file is None else file.records
    done = {record["network"]: record for record in records}
    again = _without_weights(sweep, done)
    blocks = _remaining(sweep, done.keys() - again)
    left = sum(map(len, blocks))
    crew = _crew(sweep, min(workers, max(1, left)))
    finished = len(done) - len(again)
    try:
        with Stop() as stop, sweep_progress(sweep.criterion, finished, finished + left, notes.quiet) as tell:
            for block in crew.records(blocks, lambda: stop.asked):
                new = [record for record in block if not _is_again(record, done, notes)]
                if file is not None and new:
                    file.append(new)
                records += new
                left -= len(block)
                tell(block)
    except MlpError as problem:
        raise type(problem)("; ".join([str(problem), *_kept(records, sweep, crew.lost)])) from None
    finally:
        if file is not None:
            file.close()
    if stop.asked and left:
        kept = _kept(records, sweep, crew.lost) or ["nothing was written"]
        raise Interrupted(stop.asked, "; ".join(["interrupted", *kept]))
    return records, len(done)


def _without_weights(sweep: Sweep, done: Mapping[int, Record]) -> set[int]:
    """The networks with a line but without a weights file in the folder, which are trained once more."""
    folder = sweep.options.keep_all
    if folder is None:
        return set()
    trained = [network for block in sweep.blocks for network in block if "invalid" not in done.get(network, {})]
    lacking = {n for n in trained if n in done and not _is_saved(f"{folder}/{n}.json", done[n]["weights"])}
    if lacking:
        many, whose = counted(len(lacking), "network"), "its" if len(lacking) == 1 else "their"
        sweep.notes.note(f"training {many} once more, since {shown(folder)} lacks {whose} weights")
    return lacking


def _is_saved(path: str, digest: str) -> bool:
    """Whether a file has the weights with this digest."""
    try:
        return digest_of_theta(load_model(path).network.theta) == digest
    except MlpError:
        return False


def _is_again(record: Record, done: Mapping[int, Record], notes: Notes) -> bool:
    """Whether it is a network that is trained once more, with a warning if its weights are others."""
    before = done.get(record["network"])
    if before is not None and before["weights"] != record["weights"]:
        notes.warn(f"network {record['network']} has other weights on this machine; the last digits may differ")
    return before is not None


def _crew(sweep: Sweep, workers: int) -> "Cluster | Pool":
    """What trains blocks."""
    work = partial(sweep.shop.train, metric=sweep.header["metric"])
    if sweep.options.scheduler is not None:
        from mlpcli.sweep.cluster import Cluster

        return Cluster(work, sweep.options.scheduler)
    from mlpcli.sweep.pool import Pool

    return Pool(work, workers, sweep.notes.warn)


def _kept(records: Sequence[Record], sweep: Sweep, lost: int) -> list[str]:
    """What the file has, for a sweep that ended too early, and how many networks were in work."""
    if sweep.options.output is None:
        return []
    many = f"{len(records):,} of {counted(sum(map(len, sweep.blocks)), 'network')} are in {sweep.options.output}"
    in_work = f", {lost:,} in training {'is' if lost == 1 else 'are'} lost" if lost else ""
    return [f"{many}{in_work}, and --resume trains the others"]


# ----- The winner ---------------------------------------------------------------------------------------------------


def _winner(sweep: Sweep, best: Record) -> tuple[Model, dict[str, Samples]]:
    """The best network, trained once more: blocks return no weights. Its data have the test set."""
    candidate = sweep.shop.candidate(best["network"])
    outcome = train_stack([candidate.run])[0]
    if digest_of_theta(outcome.theta) != best["weights"]:
        what = "the best network has other weights when it is trained on this machine; the last digits may differ"
        sweep.notes.warn(what)
    return trained(candidate, outcome), candidate.parts
