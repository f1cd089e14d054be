"""A team of processes that work on arrays in memory which they share.

Threads do less here. Those of NumPy's library leave all but the products to one core, and slow each other down on a
busy machine; Python's own pass the interpreter's lock back and forth some twenty times in a training step.
"""

import gc
import mmap
import os
import signal
import weakref
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, NoReturn

import numpy as np
import numpy.typing as npt

from mlpcli.core.arrays import CACHE_LINE, Array
from mlpcli.core.errors import LostProcess

NUMBERS = 8  # at most, that tell a process what to do
TRIES = 2000  # together about 0.2 ms: so long a process waits awake, then asleep, from which it takes 0.05 ms to wake
PATIENCE = 1.0  # seconds after which a waiting process looks whether the other is still alive
START, STARTS = 2.0, 5  # seconds after which a process that cannot work yet is given up for another; how many of them
ADVICE = "use --threads 1"
SQUARE = 128  # a product of this size is no longer small for OpenBLAS: it needs memory from a pool with a lock
HEARD = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # by this process; the others never hear them

# What a process, given its number, does with the numbers of an order; there may be more of them than it takes.
Task = Callable[[int, Sequence[int]], None]


class SharedMemory:
    """Memory that forked processes share. Arrays are cut from it one after the other and never given back.

    Raises MemoryError if there is not so much.
    """

    def __init__(self, size: int) -> None:
        try:
            self._bytes = np.frombuffer(mmap.mmap(-1, size), np.uint8)
        except OSError:
            raise MemoryError(f"unable to share {size / 2**20:,.0f} MiB") from None
        self._start, self._used = self._bytes.ctypes.data, 0

    def empty(self, shape: int | tuple[int, ...], dtype: npt.DTypeLike) -> Array:
        """A new array that starts on a cache line."""
        start = -(-self._used // CACHE_LINE) * CACHE_LINE
        end = start + int(np.prod(shape)) * np.dtype(dtype).itemsize
        assert end <= len(self._bytes), "whoever asked for the memory has counted the arrays"
        self._used = end
        return self._bytes[start:end].view(dtype).reshape(shape)

    def offset(self, array: Array) -> int:
        """Where an array starts."""
        offset: int = array.__array_interface__["data"][0] - self._start
        assert 0 <= offset < self._used, "it is in this memory"
        return offset

    def array(self, offset: int, shape: tuple[int, ...], dtype: npt.DTypeLike) -> Array:
        """The array that starts there."""
        return np.ndarray(shape, dtype, self._bytes.data, offset)


class Team:
    """This process, number 0, and others that it forks when there is work for them.

    They end with the team and with this process; and when common work fails or is interrupted, since it is then unknown
    how far it has come. For the next work, others are forked.

    Raises LostProcess if another process cannot be started, or is killed.
    """

    def __init__(self, processes: int, memory: SharedMemory) -> None:
        from multiprocessing import get_context  # takes 10 ms

        # Tasks are methods of objects that have the team. References to them are weak, so that it ends with the last.
        self.processes, self.tasks = processes, list[Callable[[], Task | None]]()
        self._order = memory.empty(NUMBERS, np.int64)  # the number of a task, and its own numbers
        try:
            # for the start and the end of each other process's part
            self._starts, self._ends = ([get_context("fork").Semaphore(0) for _ in range(1, processes)] for _ in "01")
        except OSError as problem:
            raise LostProcess(f"processes cannot share work here ({problem.strerror}); {ADVICE}") from None
        self._others: list[int] = []
        self._busy = 0  # others that have not been waited for
        self._later: tuple[()] | tuple[int, Sequence[int]] = ()
        self._later_runs = False  # whether it is being done
        weakref.finalize(self, _end, self._others)

    def together(self, task: int, numbers: Sequence[int]) -> None:
        """Each process does its part of a task, and this one waits for the others."""
        self.start(task, numbers)
        try:
            self._wait()
            if self._later:
                later, self._later = self._later, ()
                self._hand_out(*later, others=1)
                self._later_runs = True
        except BaseException:
            self._dismiss()
            raise

    def start(self, task: int, numbers: Sequence[int]) -> None:
        """Each process does its part of a task; this one does not wait for the others when it is done, see `finish`."""
        self.finish()
        try:
            self._hand_out(task, numbers, self.processes - 1)
            self._do(0, task, numbers)
        except BaseException:
            self._dismiss()
            raise

    def finish(self) -> None:
        """Waits until no other process is busy."""
        try:
            self._wait()
        except BaseException:
            self._dismiss()
            raise

    def afterwards(self, task: int, numbers: Sequence[int]) -> None:
        """Another process does a task as soon as the next common one is done, while this one goes on."""
        self._later = task, numbers

    def afterwards_done(self) -> bool:
        """Whether the task of `afterwards` is done. It is waited for if it has begun, and withdrawn if it has not."""
        if self._later_runs:
            self.finish()
        done, self._later = not self._later, ()
        return done

    def _wait(self) -> None:
        for process, semaphore in zip(self._others[: self._busy], self._ends, strict=False):
            while not _taken(semaphore):
                _check_alive(process)
        self._busy, self._later_runs = 0, False

    def _hand_out(self, task: int, numbers: Sequence[int], others: int) -> None:
        if not self._others:
            self._fork()
        self._order[: 1 + len(numbers)] = task, *numbers
        self._busy = others
        for semaphore in self._starts[:others]:
            semaphore.release()

    def _do(self, number: int, task: int, numbers: Sequence[int]) -> None:
        method = self.tasks[task]()
        assert method is not None, "who hands out a task still exists"
        method(number, numbers)

    def _dismiss(self) -> None:
        """Ends the other processes, whatever they are doing."""
        _end(self._others)
        self._busy, self._later_runs = 0, False
        for semaphore in (*self._starts, *self._ends):
            while semaphore.acquire(False):
                continue

    def _fork(self) -> None:
        before = signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        try:
            for number in range(1, self.processes):
                self._fork_one(number)
        except OSError as problem:
            raise LostProcess(f"cannot start another process: {problem.strerror}; {ADVICE}") from None
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)

    def _fork_one(self, number: int) -> None:
        """Forks processes until one can work: in it, nobody releases a lock that another thread has just then."""
        parent = os.getpid()
        for _ in range(STARTS):
            process = os.fork()
            if not process:
                try:
                    self._serve(number, parent)
                finally:
                    os._exit(1)
            self._others.append(process)
            if self._ends[number - 1].acquire(True, START):
                return
            _check_alive(process)
            _end([self._others.pop()])
            self._ends[number - 1].acquire(False)  # in case it was only late
        raise LostProcess(f"cannot start another process: it does not answer; {ADVICE}")

    def _serve(self, number: int, parent: int) -> NoReturn:
        """All of another process's life: until its parent ends it, or has ended."""
        gc.disable()  # what is garbage here is the parent's, and may be a temporary file
        nowhere = os.open(os.devnull, os.O_RDWR)
        for descriptor in range(3):
            os.dup2(nowhere, descriptor)
        os.closerange(3, os.sysconf("SC_OPEN_MAX"))  # or a pipe would not end with the parent
        np.seterr(all="ignore")  # what overflows is found by the parent
        square = np.ones((SQUARE, SQUARE))
        square.dot(square)  # takes the lock of OpenBLAS's memory
        self._ends[number - 1].release()
        while True:
            while not _taken(self._starts[number - 1]):
                if os.getppid() != parent:
                    os._exit(0)
            task, *numbers = self._order.tolist()
            self._do(number, task, numbers)
            self._ends[number - 1].release()


def _taken(semaphore: Any) -> bool:
    """Whether the semaphore could be taken within PATIENCE."""
    return any(semaphore.acquire(False) for _ in range(TRIES)) or bool(semaphore.acquire(True, PATIENCE))


def _ending(process: int) -> "os.waitid_result | None":
    """How a child has ended; None if it has not. It stays a child, whose number no other process can get.

    Raises ChildProcessError if it is none (any more).
    """
    return os.waitid(os.P_PID, process, os.WEXITED | os.WNOHANG | os.WNOWAIT)


def _check_alive(process: int) -> None:
    """Raises LostProcess if it is not."""
    how = "has ended"
    with suppress(ChildProcessError):  # the system forgets children if SIGCHLD is ignored
        ending = _ending(process)
        if ending is None:
            return
        how = how_it_ended(ending.si_status if ending.si_code == os.CLD_EXITED else -ending.si_status)
    raise LostProcess(f"a process that shares the work (process {process}) {how}; {ADVICE}")


def how_it_ended(code: int) -> str:
    """How a process has ended, in words; the code is its exit code, or that of a signal with a minus."""
    if code >= 0:
        return f"ended with exit code {code}"
    names = {number.value: number.name for number in signal.Signals}  # most real-time signals have no name
    why = ", perhaps because memory ran out" if -code == signal.SIGKILL else ""
    return f"was killed by {names.get(-code, f'signal {-code}')}{why}"


def _end(processes: list[int]) -> None:
    """Ends those that are children of this process: not in a copy of it that somebody has forked."""
    while processes:
        process = processes.pop()
        with suppress(OSError):
            _ending(process)
            os.kill(process, signal.SIGKILL)
            os.waitpid(process, 0)


def part(length: int, processes: int, number: int, multiple: int) -> slice:
    """The range of a length that belongs to a process: all nearly equal, from one multiple to another.

    The last has the rest, too. So none is shorter than `multiple`, but for empty ones; or else one has all.
    """
    most = max(length // multiple - 1, 0)
    ends = [min(round(length * i / processes / multiple), most) * multiple for i in range(processes)]
    return slice(ends[number], [*ends, length][number + 1])
