"""A team of processes: what they share, how they end, and what happens when one is lost."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from itertools import pairwise
from pathlib import Path
from unittest.mock import Mock

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlpcli.core import team
from mlpcli.core.errors import LostProcess
from mlpcli.core.team import SharedMemory, Team, how_it_ended, part

LIVES = 20.0  # seconds at most, on a busy machine, until a process has ended
DOUBLE, TELL, FAIL = range(3)


def numbers_team(processes: int, length: int = 100) -> tuple[Team, np.ndarray]:
    """A team that doubles numbers, and tells who did it."""
    memory = SharedMemory(10_000)
    shared, who = memory.empty(length, np.float64), memory.empty(processes, np.int64)
    shared[:] = np.arange(length)
    who[:] = 0
    made = Team(processes, memory)

    def double(number: int, numbers: Sequence[int]) -> None:
        shared[part(length, processes, number, 1)] *= numbers[0]

    def tell(number: int, numbers: Sequence[int]) -> None:
        who[number] = os.getpid()

    def fail(number: int, numbers: Sequence[int]) -> None:
        assert not number

    made.tasks += [lambda: double, lambda: tell, lambda: fail]
    made.together(TELL, [])
    made.pids = who.tolist()  # type: ignore[attr-defined]
    return made, shared


def until(holds: Callable[[], bool]) -> bool:
    """Whether something comes to hold."""
    end = time.monotonic() + LIVES
    while not holds() and time.monotonic() < end:
        time.sleep(0.002)
    return holds()


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"  # it has ended, and the system has not looked yet


@given(st.integers(0, 500), st.integers(1, 9), st.sampled_from([1, 16, 32, 64]))
def test_parts_are_nearly_equal_and_make_up_the_whole(length: int, processes: int, multiple: int) -> None:
    parts = [part(length, processes, number, multiple) for number in range(processes)]
    assert [row for own in parts for row in range(length)[own]] == list(range(length))
    assert all(own.start % multiple == 0 for own in parts)
    sizes = [own.stop - own.start for own in parts]
    assert all(abs(size - length / processes) < 2 * multiple for size in sizes)
    assert all(size == 0 or size >= min(multiple, length) for size in sizes)


@pytest.mark.parametrize(
    ("length", "processes", "multiple", "ends"),
    [
        (100, 3, 16, [0, 32, 64, 100]),  # a third is 33.3, or 2.1 times 16
        (100, 2, 24, [0, 48, 100]),  # a half is 50, or 2.1 times 24
        (49, 2, 24, [0, 24, 49]),
        (47, 2, 24, [0, 0, 47]),  # two parts of 24 do not fit: one has all
        (10, 3, 1, [0, 3, 7, 10]),
    ],
)
def test_parts_end_at_the_nearest_multiple(length: int, processes: int, multiple: int, ends: list[int]) -> None:
    parts = [part(length, processes, number, multiple) for number in range(processes)]
    assert [(own.start, own.stop) for own in parts] == list(pairwise(ends))


@pytest.mark.parametrize("processes", [2, 3])
def test_each_process_does_its_part(processes: int) -> None:
    made, shared = numbers_team(processes)
    assert len(set(made.pids)) == processes
    assert made.pids[0] == os.getpid()
    made.together(DOUBLE, [2])
    made.together(DOUBLE, [5])
    assert np.array_equal(shared, 10 * np.arange(100))


def test_another_process_works_while_this_one_goes_on() -> None:
    memory = SharedMemory(1000)
    done = memory.empty(2, np.int64)
    done[:] = 0
    made = Team(3, memory)

    def count(number: int, numbers: Sequence[int]) -> None:
        if number == 1:
            done[numbers[0]] += 1

    made.tasks += [lambda: count]
    made.afterwards(0, [1])
    assert not made.afterwards_done()  # nothing was done together: it is withdrawn
    made.together(0, [0])
    assert done.tolist() == [1, 0]
    made.afterwards(0, [1])
    made.together(0, [0])
    assert made.afterwards_done()
    assert done.tolist() == [2, 1]
    made.together(0, [0])
    assert done.tolist() == [3, 1]


COUNT, ADD_UP = range(2)


def counting_team(processes: int) -> tuple[Team, np.ndarray, np.ndarray]:
    """A team whose other processes count only when they are told how far they may; its counts, and that number."""
    memory = SharedMemory(1000)
    counts, most = memory.empty(processes, np.int64), memory.empty(1, np.int64)
    counts[:], most[:] = 0, 1
    made = Team(processes, memory)

    def count(number: int, numbers: Sequence[int]) -> None:
        if number:
            until(lambda: bool(counts[number] < most[0]))
        counts[number] += 1

    def add_up(number: int, numbers: Sequence[int]) -> None:
        if not number:
            counts[0] += counts[1:].sum()

    made.tasks += [lambda: count, lambda: add_up]
    made.together(COUNT, [])
    return made, counts, most


@pytest.mark.parametrize("wait", ["finish", "start", "together"])
def test_a_task_that_is_only_started_is_waited_for_later(wait: str) -> None:
    """The next task begins when all three others have ended theirs."""
    made, counts, most = counting_team(4)
    made.start(COUNT, [])
    assert counts.tolist() == [2, 1, 1, 1]
    most[:] = 2
    if wait == "finish":
        made.finish()
        assert counts.tolist() == [2, 2, 2, 2]
    else:
        getattr(made, wait)(ADD_UP, [])
        assert counts.tolist() == [2 + 6, 2, 2, 2]


def test_what_is_only_started_does_not_keep_from_asking_for_what_was_done_before() -> None:
    made, counts, most = counting_team(2)
    most[:] = 3
    made.afterwards(COUNT, [])
    made.together(COUNT, [])
    made.start(COUNT, [])
    assert made.afterwards_done()
    assert counts.tolist() == [3, 3]  # so nothing was waited for
    most[:] = 4
    made.finish()
    assert counts.tolist() == [3, 4]


def test_an_array_is_found_again_by_its_offset() -> None:
    memory = SharedMemory(1000)
    first, second = memory.empty(3, np.float64), memory.empty((4, 5), np.float64)
    second[...] = np.arange(20).reshape(4, 5)
    assert [memory.offset(array) for array in (first, second, second[1:])] == [0, 64, 64 + 5 * 8]
    again = memory.array(memory.offset(second[1:]), (3, 5), np.float64)
    assert np.array_equal(again, second[1:])
    again[...] = 7
    assert second[1:].min() == 7
    with pytest.raises(AssertionError):
        memory.offset(np.empty(3))
    with pytest.raises(AssertionError):
        memory.empty(200, np.float64)


def test_memory_is_used_to_its_last_byte() -> None:
    memory = SharedMemory(64 + 3 * 8)
    assert memory.empty(5, np.float64).ctypes.data % 64 == 0
    assert memory.empty(3, np.float64).ctypes.data % 64 == 0
    with pytest.raises(AssertionError):
        memory.empty(1, np.uint8)


def test_memory_that_the_system_does_not_give_is_a_lack_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(*_: object) -> None:
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(team.mmap, "mmap", no_memory)
    with pytest.raises(MemoryError, match=r"^unable to share 3 MiB$"):
        SharedMemory(3 * 2**20)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (0, "ended with exit code 0"),
        (3, "ended with exit code 3"),
        (-signal.SIGKILL, "was killed by SIGKILL, perhaps because memory ran out"),
        (-signal.SIGSEGV, "was killed by SIGSEGV"),
        (-(signal.SIGRTMIN + 1), f"was killed by signal {signal.SIGRTMIN + 1}"),
    ],
)
def test_how_a_process_has_ended_is_said_in_words(code: int, words: str) -> None:
    assert how_it_ended(code) == words


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSEGV])
def test_a_process_that_is_killed_is_named(number: signal.Signals, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "PATIENCE", 0.01)
    made, _ = numbers_team(2)
    os.kill(made.pids[1], number)
    with pytest.raises(LostProcess, match=rf"process {made.pids[1]}\) was killed by {number.name}.*; use --threads 1$"):
        made.together(DOUBLE, [2])


def test_a_process_is_missed_even_if_somebody_else_has_waited_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Or nobody has to: so it is if the shell ignored SIGCHLD."""
    monkeypatch.setattr(team, "PATIENCE", 0.01)
    made, _ = numbers_team(2)
    os.kill(made.pids[1], signal.SIGKILL)
    os.waitpid(made.pids[1], 0)
    with pytest.raises(LostProcess, match=rf"\(process {made.pids[1]}\) has ended; use --threads 1$"):
        made.together(DOUBLE, [2])


def test_others_take_the_place_of_a_process_that_was_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "PATIENCE", 0.01)
    made, shared = numbers_team(3)
    os.kill(made.pids[1], signal.SIGKILL)
    with pytest.raises(LostProcess):
        made.together(TELL, [])
    assert until(lambda: not any(map(alive, made.pids[1:])))
    made.together(DOUBLE, [2])
    assert np.array_equal(shared, 2 * np.arange(100))


@pytest.mark.parametrize("delay", [0.05, 0.25])
def test_work_that_is_interrupted_is_not_taken_for_work_that_follows(delay: float) -> None:
    """A handler raises KeyboardInterrupt while this process works, or while it waits for the other."""
    memory = SharedMemory(1000)
    last = memory.empty(2, np.int64)
    made = Team(2, memory)

    def slow(number: int, numbers: Sequence[int]) -> None:
        time.sleep(0.2 + 0.4 * number)
        last[number] = numbers[0]

    made.tasks += [lambda: slow]
    before = signal.signal(signal.SIGALRM, signal.default_int_handler)
    signal.setitimer(signal.ITIMER_REAL, delay)
    try:
        with pytest.raises(KeyboardInterrupt):
            made.together(0, [1])
    finally:
        signal.signal(signal.SIGALRM, before)
    made.together(0, [2])
    assert last.tolist() == [2, 2]


def test_a_process_that_fails_is_named_and_goes_no_further(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Its error does not reach what called the team, which would then go on twice."""
    monkeypatch.setattr(team, "PATIENCE", 0.01)
    parent = os.getpid()
    try:
        made, _ = numbers_team(2)
        with pytest.raises(LostProcess, match=r"ended with exit code 1; use --threads 1$"):
            made.together(FAIL, [])
    finally:
        if os.getpid() != parent:
            (tmp_path / "further").touch()
            os._exit(1)
    assert list(tmp_path.iterdir()) == []


def test_others_take_the_place_of_a_process_that_was_lost_afterwards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "PATIENCE", 0.01)
    made, shared = numbers_team(3)
    made.afterwards(FAIL, [])
    made.together(TELL, [])
    with pytest.raises(LostProcess, match=r"ended with exit code 1; use --threads 1$"):
        made.finish()
    made.together(DOUBLE, [2])
    assert np.array_equal(shared, 2 * np.arange(100))


def test_signals_and_pipes_are_left_to_the_parent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(team, "PATIENCE", 0.01)
    made, shared = numbers_team(2)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        os.kill(made.pids[1], number)
    made.together(DOUBLE, [2])
    assert np.array_equal(shared, 2 * np.arange(100))
    assert {os.readlink(f"/proc/{made.pids[1]}/fd/{name}") for name in os.listdir(f"/proc/{made.pids[1]}/fd")} == {
        "/dev/null"
    }


def test_no_process_stays_when_a_team_is_no_longer_used() -> None:
    made, _ = numbers_team(3)
    others = made.pids[1:]
    assert all(map(alive, others))
    del made
    assert until(lambda: not any(map(alive, others)))


def test_a_forked_copy_of_a_team_ends_nobody() -> None:
    made, shared = numbers_team(2)
    copy = os.fork()
    if not copy:
        del made
        os._exit(0)
    os.waitpid(copy, 0)
    made.together(DOUBLE, [2])
    assert np.array_equal(shared, 2 * np.arange(100))


@pytest.mark.parametrize("end", ["import os; os._exit(3)", "import os; os.kill(os.getpid(), 9)", "pass"])
def test_no_process_stays_when_its_parent_ends_in_any_way(end: str) -> None:
    """Nor does a pipe: `communicate` returns when nobody has it open."""
    program = f"""
import sys
sys.path[:0] = {sys.path!r}
from mlpcli.core import team
from test_team import numbers_team
team.PATIENCE = 0.05
made, _ = numbers_team(3)
print(*made.pids[1:], flush=True)
{end}
"""
    out, _ = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True).communicate()
    others = [int(word) for word in out.split()]
    assert len(others) == 2
    assert until(lambda: not any(map(alive, others)))


def test_where_no_process_can_be_started_one_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_process() -> int:
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(os, "fork", no_process)
    with pytest.raises(LostProcess, match=r"^cannot start another process: Resource.*unavailable; use --threads 1$"):
        numbers_team(2)


def test_where_no_semaphore_can_be_made_one_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """As without /dev/shm."""
    semaphore = Mock(side_effect=OSError(38, "Function not implemented"))
    monkeypatch.setattr(multiprocessing, "get_context", lambda kind: Mock(Semaphore=semaphore))
    words = r"^processes cannot share work here \(Function not implemented\); use --threads 1$"
    with pytest.raises(LostProcess, match=words):
        numbers_team(2)


@pytest.fixture
def first_is_stuck(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The first process that is forked cannot work. The processes, as they are forked."""
    fork, started = os.fork, list[int]()

    def first_is_stuck() -> int:
        process = fork()
        if not process and not started:
            time.sleep(LIVES)
        started.append(process)
        return process

    monkeypatch.setattr(os, "fork", first_is_stuck)
    monkeypatch.setattr(team, "START", 0.5)
    return started


def test_a_process_that_cannot_work_is_replaced(first_is_stuck: list[int]) -> None:
    """As if another thread had held a lock of NumPy's library when it was forked."""
    made, shared = numbers_team(2)
    assert made.pids[1] in first_is_stuck[1:]
    assert not alive(first_is_stuck[0])
    made.together(DOUBLE, [2])
    assert np.array_equal(shared, 2 * np.arange(100))


@pytest.mark.usefixtures("first_is_stuck")
def test_an_answer_that_comes_too_late_is_not_taken_for_that_of_the_next_process(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The first process of three answers when nobody waits for it any more, and before it is ended."""
    start, starting = Team._fork_one, list[Team]()
    monkeypatch.setattr(Team, "_fork_one", lambda self, number: (starting.append(self), start(self, number))[1])
    late = iter([lambda: starting[0]._ends[0].release()])
    monkeypatch.setattr(team, "_check_alive", lambda process: next(late, bool)())
    made, _ = numbers_team(3)
    assert not made._ends[0].acquire(True, 0.1)


def test_if_no_process_can_work_one_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    fork, started = os.fork, list[int]()
    monkeypatch.setattr(os, "fork", lambda: (started.append(fork()), started[-1])[1])
    monkeypatch.setattr(Team, "_serve", lambda *_: time.sleep(LIVES))
    monkeypatch.setattr(team, "START", 0.01)
    with pytest.raises(LostProcess, match=r"^cannot start another process: it does not answer; use --threads 1$"):
        numbers_team(2)
    assert len(started) == team.STARTS
    assert not any(map(alive, started))


def test_a_process_that_ends_at_its_start_is_named_and_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Team, "_serve", lambda *_: os._exit(3))
    monkeypatch.setattr(team, "START", 0.2)
    with pytest.raises(LostProcess, match=r"^a process that shares .* ended with exit code 3; use --threads 1$"):
        numbers_team(2)
