"""A pool of processes that train blocks. They are forked, so all of them share the data in memory.

A process takes a block as the numbers of its networks, and gives its records back, both as JSON. What the system has
killed, for lack of memory perhaps, leaves a block: it is halved and tried again once.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import NamedTuple

from mlpcli.core.errors import ChoiceError, ConditionError, MlpError, ShortOfMemory
from mlpcli.core.team import how_it_ended
from mlpcli.files.runs import Record
from mlpcli.report.numbers import counted
from mlpcli.sweep.block import PAUSE, Work, halves, tapered

KINDS = (ChoiceError, ConditionError, ShortOfMemory, MlpError)
ERRORS: dict[str, type[MlpError]] = {kind.__name__: kind for kind in KINDS}


class Job(NamedTuple):
    """A block, and whether a process has already died of it."""

    networks: list[int]
    again: bool = False


class Worker(NamedTuple):
    """A process, the pipe to it, and its number from 1."""

    process: BaseProcess
    pipe: Connection
    number: int


class Pool:
    """Processes that work on blocks until all are done."""

    def __init__(self, work: Work, workers: int, warn: Callable[[str], None]) -> None:
        self.work, self.count, self.warn = work, workers, warn
        self.lost = 0  # networks that were in work at the end
        self._busy: dict[Worker, Job] = {}
        self._idle: list[Worker] = []

    def records(self, blocks: Sequence[list[int]], stop: Callable[[], object]) -> Iterator[list[Record]]:
        """The records of each block when it is done, in the order of `tapered`. Ends early when `stop` returns true.

        Raises the error of a block, and MlpError if a block has killed a process twice.
        """
        waiting = [Job(block) for block in reversed(tapered(list(blocks), self.count))]
        try:
            while (waiting or self._busy) and not stop():
                while waiting and len(self._busy) < self.count:
                    self._give(waiting.pop())
                for ready in wait([worker.pipe for worker in self._busy], PAUSE):
                    worker, job = next(each for each in self._busy.items() if each[0].pipe is ready)
                    records = self._take(worker, job)
                    del self._busy[worker]
                    if records is None:
                        waiting += [Job(half, again=True) for half in halves(job.networks)]
                    else:
                        self._idle.append(worker)
                        yield records
        finally:
            self._end()

    def _give(self, job: Job) -> None:
        """Hands a block to an idle process, or to a new one."""
        worker = self._idle.pop() if self._idle else self._start()
        self._busy[worker] = job
        with suppress(OSError):  # it has just died, which shows when its records are read
            worker.pipe.send_bytes(json.dumps(job.networks).encode())

    def _start(self) -> Worker:
        used = {worker.number for worker in self._busy}
        number = next(number for number in range(1, self.count + 1) if number not in used)
        ours, theirs = get_context("fork").Pipe()
        others = [worker.pipe for worker in (*self._busy, *self._idle)]
        process = get_context("fork").Process(target=_live, args=(self.work, theirs, [ours, *others]), daemon=True)
        process.start()
        theirs.close()
        return Worker(process, ours, number)

    def _take(self, worker: Worker, job: Job) -> list[Record] | None:
        """The records of a block, or None if it is to be tried again."""
        try:
            answer = json.loads(worker.pipe.recv_bytes())
        except (EOFError, OSError):
            self._bury(worker, job)
            return None
        if "error" in answer:
            raise ERRORS[answer["kind"]](answer["error"])
        records: list[Record] = answer["records"]
        return records

    def _bury(self, worker: Worker, job: Job) -> None:
        """Says of what a process has died. Raises MlpError if it is the second time."""
        worker.process.join()
        worker.pipe.close()
        how = how_it_ended(worker.process.exitcode or 0)
        which = f"worker {worker.number} (process {worker.process.pid}) {how}"
        many = counted(len(job.networks), "network")
        if job.again:
            raise MlpError(f"{which}, again on {many}; use fewer --workers or smaller networks")
        self.warn(f"{which}; its {many} are tried again in two halves")

    def _end(self) -> None:
        """Ends all processes. What they have not given back is lost."""
        self.lost = sum(len(job.networks) for job in self._busy.values())
        for worker in (*self._busy, *self._idle):
            worker.process.kill()
        for worker in (*self._busy, *self._idle):
            worker.process.join()
            worker.pipe.close()
        self._busy, self._idle = {}, []


def _live(work: Work, pipe: Connection, others: Sequence[Connection]) -> None:
    """All of a process's life: until its parent closes the pipe, or has died."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes of a terminal; the parent decides
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    for other in others:
        other.close()  # or the end of the parent would not show
    with suppress(EOFError, OSError):
        while True:
            networks = json.loads(pipe.recv_bytes())
            pipe.send_bytes(json.dumps(_answer(work, networks)).encode())
    os._exit(0)


def _answer(work: Work, networks: list[int]) -> dict[str, object]:
    try:
        return {"records": work(networks)}
    except MlpError as problem:
        return {
            "error": str(problem),
            "kind": type(problem).__name__ if type(problem).__name__ in ERRORS else "MlpError",
        }
    except MemoryError:
        os.kill(os.getpid(), signal.SIGKILL)  # as the system would
        raise
