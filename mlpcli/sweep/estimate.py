"""How long a sweep will take: a few epochs of some of its blocks, timed, by the code that trains.

Times are those of the processor, so that other programs, which take turns with this one, do not count.
"""

from collections.abc import Callable, Iterable, Sequence
from statistics import median
from time import process_time
from typing import Any, NamedTuple

from mlpcli.core.network import count
from mlpcli.core.stack import train_stack
from mlpcli.core.training import Run
from mlpcli.report.network_report import widths_of
from mlpcli.report.numbers import counted, duration, whole
from mlpcli.report.numbers import time as clock
from mlpcli.report.sheet import Report, Sheet
from mlpcli.sweep.block import Candidate, tapered
from mlpcli.sweep.grid import Grid, kind_of, spelled_setting

SECONDS = 0.25  # of training that are measured for each kind of network
TRIALS = 3  # short runs that these are divided among
TICK = 1e-3  # seconds: a clock that counts in ticks may show 0 for less
MOST_KINDS = 12  # that are measured; others are taken to need as long for an update of a parameter
CALLS = 2000  # parameters whose update takes as long as the calls of a step
SHOWN = 20


class Kind(NamedTuple):
    """Networks that share arrays, and what one of them takes."""

    setting: str
    network: str
    stacked: int  # networks of a block
    networks: int
    epochs: int
    updates: int  # of all networks
    parameters: int
    seconds: float  # of one worker for all of them

    @property
    def work(self) -> int:
        """What the time of another kind grows with."""
        return self.updates * (CALLS + self.parameters)


# Builds the networks with these numbers, except those whose options contradict each other.
Build = Callable[[Sequence[int]], Iterable[Candidate]]


def estimate_report(grid: Grid, blocks: Sequence[list[int]], build: Build, workers: int) -> Report:
    """How many networks there are, in which blocks, and how long they take with so many workers."""
    found = _kinds(grid, tapered(list(blocks), max(1, min(workers, sum(map(len, blocks))))), build)
    blocks, kinds = [block for block in blocks if kind_of(grid.setting(block[0])) in found], list(found.values())
    networks = sum(kind.networks for kind in kinds)
    busy = max(1, min(workers, networks))
    seconds = sum(kind.seconds for kind in kinds) / busy
    names = ("first setting", "network", "networks", "at once", "epochs", "time")
    rows = tuple(
        (k.setting, k.network, whole(k.networks), k.stacked, whole(k.epochs), clock(k.seconds / busy))
        for k in kinds[:SHOWN]
    )
    document: dict[str, Any] = {
        "networks": networks,
        "blocks": len(blocks),
        "workers": workers,
        "seconds": seconds,
        "groups": [kind._asdict() for kind in kinds],
    }
    closing = (
        f"{counted(networks, 'network')}: about {duration(seconds)} "
        f"with {counted(busy, 'worker')} on an idle machine, less if training stops early"
        if kinds
        else "no network is left to train",
    )
    sheets = (Sheet("Networks that train together", names, rows),) if kinds else ()
    flat = Sheet("", Kind._fields, tuple(tuple(kind) for kind in kinds))
    return Report("sweep-estimate", document, flat, sheets, closing, title="Estimate of a sweep")


def _kinds(grid: Grid, blocks: Sequence[list[int]], build: Build) -> dict[tuple[str, ...], Kind]:
    """Each kind of network, the first ones measured. A kind without a valid one in its first block is left out."""
    groups: dict[tuple[str, ...], list[list[int]]] = {}
    for block in blocks:
        groups.setdefault(kind_of(grid.setting(block[0])), []).append(block)
    kinds: dict[tuple[str, ...], Kind] = {}
    for key, group in groups.items():
        first, networks = next(iter(build(group[0])), None), sum(map(len, group))
        if first is None:
            continue
        plan, samples = first.plan, len(first.parts["training"])
        kind = Kind(
            spelled_setting(grid.setting(group[0][0])),
            widths_of(first.model.network.layers),
            max(map(len, group)),
            networks,
            plan.epochs,
            networks * plan.epochs * -(-samples // plan.batch),
            count(first.model.network.layers),
            0.0,
        )
        if len(kinds) < MOST_KINDS:
            seconds = _seconds_of_all(group, plan.epochs, build)
        else:
            seconds = kind.work * sum(k.seconds for k in kinds.values()) / sum(k.work for k in kinds.values())
        kinds[key] = kind._replace(seconds=seconds)
    return kinds


def _seconds_of_all(blocks: Sequence[Sequence[int]], epochs: int, build: Build) -> float:
    """Seconds of all blocks: those of the smallest and the largest are measured, and others lie on the line between."""
    least, most = min(blocks, key=len), max(blocks, key=len)
    large = _seconds_of_one(most, epochs, build) * len(most)
    small = large if len(least) == len(most) else _seconds_of_one(least, epochs, build) * len(least)
    slope = (large - small) / max(len(most) - len(least), 1)
    return sum(small + slope * (len(block) - len(least)) for block in blocks)


def _seconds_of_one(block: Sequence[int], epochs: int, build: Build) -> float:
    """Seconds of one network of this block: to build it, and for each epoch, as the median of several short runs."""
    first = min(_timed(block, 1, build)[1] for _ in range(TRIALS))
    tried = min(epochs, max(2, int(SECONDS / TRIALS / max(first, TICK))))
    runs = [_timed(block, tried, build) for _ in range(TRIALS)]
    building, several = (float(median(times)) for times in zip(*runs, strict=True))
    each = max(several - first, 0.0) / max(tried - 1, 1)
    return (building + first + each * (epochs - 1)) / len(block)


def _timed(block: Sequence[int], epochs: int, build: Build) -> tuple[float, float]:
    """Seconds to build a block, and to train it for so many epochs."""
    started = process_time()
    runs = [_shortened(candidate.run, epochs) for candidate in build(block)]
    built = process_time()
    if runs:  # the data of a few seeds may have no weight
        train_stack(runs)
    return built - started, process_time() - built


def _shortened(run: Run, epochs: int) -> Run:
    return run._replace(plan=run.plan._replace(epochs=epochs, patience=None))
