"""`mlp sweep --merge`: one file from those of the shards of a sweep, what is missing, and the report."""

import shlex
from collections.abc import Iterable, Sequence
from itertools import count

from mlpcli.cli.file_paths import check_runs
from mlpcli.cli.notes import Notes
from mlpcli.cli.sweep_command import SweepOptions
from mlpcli.cli.values import form
from mlpcli.core.errors import MlpError
from mlpcli.core.families import count_in
from mlpcli.data.text import shown
from mlpcli.files.atomic import check_new, write_new
from mlpcli.files.runs import Record, Runs, difference, line_of, read_runs
from mlpcli.report.numbers import counted
from mlpcli.report.text import listed
from mlpcli.sweep.grid import MOST_NETWORKS
from mlpcli.sweep.ranking import best_of, criterion_of, settings_of, warning_of_losses
from mlpcli.sweep.report import sweep_report, train_words

MOST_NAMED = 10  # shards


def merge_shards(files: Sequence[str], options: SweepOptions, notes: Notes) -> None:
    """All of `mlp sweep --merge`: one file from several of one sweep, and its report."""
    render = form(options.format, options.digits)
    if options.output is not None:
        check_runs(options.output)
        check_new(options.output)
    shards = {path: read_runs(path) for path in files}
    header = {**next(iter(shards.values())).header, "shard": None}
    merged: dict[int, Record] = {}
    for path, runs in shards.items():
        if why := difference(runs.header, header):
            raise MlpError(f"{shown(path)}: belongs to another sweep than {shown(files[0])} ({why}); leave it out")
        kept = [(record["network"], record, merged.setdefault(record["network"], record)) for record in runs.records]
        if others := [network for network, record, first in kept if first["weights"] != record["weights"]]:
            many = f"{shown(path)}: other weights for {counted(len(others), 'network')}, the first is {others[0]}"
            notes.warn(f"{many}; the weights of the earlier files are kept")
    records = [merged[network] for network in sorted(merged)]
    if warning := warning_of_losses(header, options.rank):
        notes.warn(warning)
    closing, criterion = _merged(header, shards, records, options, notes), criterion_of(header, options.rank)
    settings = settings_of(records, criterion)
    best = best_of(settings, criterion)
    if best is not None:
        closing.append(f"the best: {shlex.join(train_words(header, best))}")
    print(render(sweep_report(header, records, settings, criterion, {}, "", tuple(closing))), end="")


def _missing_shards(shards: Iterable[Runs]) -> list[str]:
    """The shards that have no file, if all files are shards of one division."""
    given = {str(runs.header.get("shard")) for runs in shards}
    totals = {text.partition("/")[2] for text in given}
    total = (count_in(totals.pop()) or 0) if len(totals) == 1 else 0
    if total > MOST_NETWORKS:
        return []
    return [text for text in (f"{number}/{total}" for number in range(1, total + 1)) if text not in given]


def _merged(
    header: Record, shards: dict[str, Runs], records: list[Record], options: SweepOptions, notes: Notes
) -> list[str]:
    """Writes the merged file, says what is missing, and returns the last lines of the report."""
    missing = header["networks"] - len(records)
    if missing:
        for path, runs in shards.items():
            notes.note(f"{shown(path)}: {counted(len(runs.records), 'network')}, shard {runs.header['shard'] or '1/1'}")
        done = {record["network"] for record in records}
        first = next(network for network in count(1) if network not in done)
        words = [f"{missing:,} of {counted(header['networks'], 'network')} are missing, the first is {first}"]
        if lacking := _missing_shards(shards.values()):
            more = f" and {len(lacking) - MOST_NAMED:,} more" if len(lacking) > MOST_NAMED else ""
            words.append(f"no file has shard {listed(lacking[:MOST_NAMED], 'or')}{more}")
        merged = "the merged file" if options.output is None else shown(options.output)
        first_step = "merge with --output FILE, and " if options.output is None else ""
        words.append(f"{first_step}--resume with {merged} as --output trains them")
        notes.warn("; ".join(words))
    closing = [f"{counted(len(records), 'network')} from {counted(len(shards), 'file')}"]
    if options.output is not None:
        write_new(options.output, b"".join(map(line_of, [header, *records])))
        closing.append(f"networks: {options.output}")
    return closing
