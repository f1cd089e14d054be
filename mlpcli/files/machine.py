"""The machine's share for training: threads for matrix products, and free memory."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from mlpcli.core.errors import ChoiceError
from mlpcli.core.network import Layer

if TYPE_CHECKING:
    from mlpcli.core.optimizers import Optimizer

MEMINFO = Path("/proc/meminfo")
CONTROL_GROUP = Path("/sys/fs/cgroup")
# Multiply–adds in a layer's product from which several threads are worth their risk. MNIST's first layer has 51
# million with a batch of 128: two threads take 2/3 of the time on an idle machine, and ten times as long on a busy one.
WORTH_A_THREAD = 200_000_000


def limit_threads(layers: tuple[Layer, ...], batch: int, asked: int | None) -> Any:
    """Sets the number of threads for matrix products. Raises ChoiceError like `threads_for`."""
    from threadpoolctl import threadpool_limits

    return threadpool_limits(threads_for(layers, batch, asked), user_api="blas")


def share_training(layers: tuple[Layer, ...], batch: int, optimizer: "Optimizer", asked: int | None) -> int:
    """Sets the number of threads for a training. Returns how many processes share it: at most one for each core.

    If it is large, each has one thread, also when there is only one core, so that the results have the same bits on any
    number of cores. Raises ChoiceError like `threads_for`.
    """
    threads = threads_for(layers, batch, asked)
    if threads > 1:
        from mlpcli.core.parallel import most_processes

        if most := most_processes(layers, batch, optimizer):
            limit_threads(layers, batch, 1)
            return min(threads, len(os.sched_getaffinity(0)), most)
    limit_threads(layers, batch, threads)
    return 1


def threads_for(layers: tuple[Layer, ...], batch: int, asked: int | None) -> int:
    """The user's number; by default one for small products and all cores for large ones.

    Raises ChoiceError for a number below 1.
    """
    if asked is not None and asked < 1:
        raise ChoiceError(f"--threads must be 1 or more, not {asked}")
    largest = max(layer.units * layer.inputs for layer in layers) * batch
    return asked or (1 if largest < WORTH_A_THREAD else os.cpu_count() or 1)


def free_memory() -> int | None:
    """Free memory in bytes: the least of what the machine, a control group and `ulimit -v` leave; None if unknown."""
    return min(_limits(), default=None)


def _limits() -> Iterator[int]:
    with suppress(OSError, ValueError):
        lines = dict(line.split(":", 1) for line in MEMINFO.read_text().splitlines())
        yield int(lines["MemAvailable"].split()[0]) * 1024
    with suppress(OSError, ValueError):  # "max" is no limit
        yield int((CONTROL_GROUP / "memory.max").read_text()) - int((CONTROL_GROUP / "memory.current").read_text())
    with suppress(ImportError, OSError, ValueError, IndexError):
        import resource

        limit = resource.getrlimit(resource.RLIMIT_AS)[0]
        if limit != resource.RLIM_INFINITY:
            yield limit - int(Path("/proc/self/statm").read_text().split()[0]) * os.sysconf("SC_PAGE_SIZE")
    if not MEMINFO.exists():
        with suppress(OSError, ValueError):
            yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
