"""A Dask cluster that trains blocks: a block is a task, and the data are sent to each worker once.

Dask does the blocks of a worker that has died again. It is an extra, imported here alone.
"""

import re
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from importlib.util import find_spec
from typing import Any

import numpy as np

from mlpcli import __version__
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.files.runs import Record
from mlpcli.sweep.block import PAUSE, Work, tapered

WAIT = 10  # seconds for the scheduler to answer, and for workers to come
ADDRESS = re.compile(r"(\w+://)?[^/\s]+:\d+")


def check_cluster(address: str) -> None:
    """Raises ChoiceError for an address that is none, and MlpError if Dask is missing."""
    if not ADDRESS.fullmatch(address):
        raise ChoiceError(f"--scheduler takes an address such as tcp://head:8786, not '{address}'")
    if find_spec("distributed") is None:
        raise MlpError("--scheduler needs Dask: run pip install '.[dask]' in the folder of mlp")


class Cluster:
    """The cluster of a scheduler, as `Pool` is one of processes."""

    def __init__(self, work: Work, address: str) -> None:
        self.work, self.address = work, address
        self.lost = 0  # networks that were in work at the end

    def records(self, blocks: Sequence[list[int]], stop: Callable[[], object]) -> Iterator[list[Record]]:
        """The records of each block when it is done. Ends early when `stop` returns true; the cluster then stops, too.

        Raises MlpError if the scheduler cannot be reached or is lost, if the workers have other versions, or if a block
        has failed; other blocks that are done then are lost unless they have been returned.
        """
        import logging

        from distributed import Client

        logging.disable(logging.CRITICAL)  # what is lost is said in one line, below
        try:
            client = Client(self.address, timeout=WAIT)
        except (OSError, ValueError) as problem:
            what = f"no Dask scheduler answers there ({_line(problem)})"
            raise MlpError(f"--scheduler {self.address}: {what}") from None
        try:
            _check_versions(client, self.address)
            yield from self._results(client, blocks, stop)
        finally:
            client.close(timeout=1)

    def _results(self, client: Any, blocks: Sequence[list[int]], stop: Callable[[], object]) -> Iterator[list[Record]]:
        from distributed import wait

        try:
            shop = client.scatter(self.work, broadcast=True)
            tasks = tapered(list(blocks), sum(client.nthreads().values()))
            futures = client.map(_train, tasks, work=shop, pure=False, retries=0)
            waiting = dict(zip(futures, tasks, strict=True))
            while waiting and not stop():
                try:
                    done = wait([*waiting], timeout=PAUSE, return_when="FIRST_COMPLETED").done
                except TimeoutError:
                    done = set()
                    _check_alive(client, self.address)
                for future in done:
                    records = future.result()
                    del waiting[future]
                    yield records
            if waiting:
                busy = {key for keys in client.processing().values() for key in keys}
                self.lost = sum(len(networks) for future, networks in waiting.items() if future.key in busy)
                client.cancel([*waiting], force=True)
        except MlpError:
            raise
        except Exception as problem:  # whatever Dask and its workers raise: a sweep goes on with --resume
            raise MlpError(f"--scheduler {self.address}: {_line(problem)}") from None


def _train(block: list[int], work: Work) -> list[Record]:
    """Trains a block on a worker, with one thread for matrix products."""
    from threadpoolctl import threadpool_limits

    _reuse_memory()
    with threadpool_limits(1, user_api="blas"):
        return work(block)


def _reuse_memory() -> None:
    """Lets arrays that are freed be used again.

    Dask starts workers with MALLOC_TRIM_THRESHOLD_=65536, so that memory goes back to the system at once. The C library
    then fetches each array of more than 128 kB anew, which makes a stack 10 to 30 % slower.
    """
    import ctypes

    trim_threshold, mmap_threshold = -1, -3  # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h
    with suppress(AttributeError, OSError, TypeError):  # only glibc has mallopt
        libc = ctypes.CDLL(None)
        libc.mallopt(mmap_threshold, 32 << 20)  # the most that it takes
        libc.mallopt(trim_threshold, 64 << 20)


def _check_alive(client: Any, address: str) -> None:
    if client.status != "running":
        raise MlpError(f"--scheduler {address}: the scheduler is gone")


def versions() -> dict[str, str]:
    """What decides the bits of a network, as far as versions do."""
    return {"mlp": __version__, "numpy": np.__version__, "python": ".".join(map(str, sys.version_info[:2]))}


def _check_versions(client: Any, address: str) -> None:
    """Raises MlpError if there are no workers, or one has another version than this process."""
    try:
        client.wait_for_workers(1, timeout=WAIT)
        theirs = client.run(versions)
    except ModuleNotFoundError as problem:
        raise MlpError(f"--scheduler {address}: a worker has no {problem.name}; install mlp there") from None
    except Exception as problem:
        raise MlpError(f"--scheduler {address}: no workers answer ({_line(problem)})") from None
    for worker, found in theirs.items():
        for name, version in versions().items():
            if found.get(name) != version:
                raise MlpError(f"worker {worker} has {name} {found.get(name)}, not {version}; install the same version")


def _line(problem: BaseException) -> str:
    return " ".join(str(problem).split())[:200] or type(problem).__name__
