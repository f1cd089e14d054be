"""The pool of processes: every block once, whatever dies, and no process is left."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from mlpcli.core.errors import ChoiceError, LostProcess, MlpError
from mlpcli.files.runs import Record
from mlpcli.sweep.pool import Pool, _answer

BLOCKS = [[1, 2, 3], [4, 5, 6, 7], [8]]


def records(networks: Sequence[int]) -> list[Record]:
    return [{"network": network} for network in networks]


def trained(work: Callable[[Sequence[int]], list[Record]], workers: int, said: list[str] | None = None) -> list[int]:
    """The networks of all blocks, in the order of their numbers."""
    pool = Pool(work, workers, (said if said is not None else []).append)
    return sorted(record["network"] for block in pool.records(BLOCKS, lambda: False) for record in block)


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_every_network_is_trained_once(workers: int) -> None:
    assert trained(records, workers) == list(range(1, 9))


def test_a_process_trains_one_block_after_the_other() -> None:
    pool = Pool(lambda networks: [{"network": os.getpid()}], 1, print)
    processes = [record["network"] for block in pool.records(BLOCKS, lambda: False) for record in block]
    assert len(processes) == 3
    assert len({*processes}) == 1
    assert processes[0] != os.getpid()


def test_a_process_that_is_killed_is_named_and_its_block_tried_again_in_halves(tmp_path: Path) -> None:
    def work(networks: Sequence[int]) -> list[Record]:
        if 5 in networks and len(networks) == 4:
            os.kill(os.getpid(), signal.SIGKILL)
        (tmp_path / "-".join(map(str, networks))).touch()
        return records(networks)

    said: list[str] = []
    assert trained(work, 2, said) == list(range(1, 9))
    assert {"4-5", "6-7"} <= {path.name for path in tmp_path.iterdir()}
    assert len(said) == 1
    assert (
        "was killed by SIGKILL, perhaps because memory ran out; its 4 networks are tried again in two halves" in said[0]
    )
    assert said[0].startswith("worker ")


def test_a_block_that_kills_again_ends_the_sweep() -> None:
    def work(networks: Sequence[int]) -> list[Record]:
        if 5 in networks:
            os.kill(os.getpid(), signal.SIGKILL)
        return records(networks)

    pool = Pool(work, 1, lambda text: None)
    with pytest.raises(
        MlpError, match=r"^worker 1 \(process \d+\) was killed by SIGKILL.*, again on 2 networks; use fewer"
    ):
        list(pool.records(BLOCKS, lambda: False))
    assert pool.lost == 2


def test_a_process_out_of_memory_is_treated_alike() -> None:
    def work(networks: Sequence[int]) -> list[Record]:
        if len(networks) > 2:
            raise MemoryError
        return records(networks)

    said: list[str] = []
    assert trained(work, 2, said) == list(range(1, 9))
    assert len(said) == 2


@pytest.mark.parametrize("kind", [MlpError, ChoiceError])
def test_an_error_keeps_its_kind_and_its_words(kind: type[MlpError]) -> None:
    def work(networks: Sequence[int]) -> list[Record]:
        if 8 in networks:
            raise kind("no such thing")
        return records(networks)

    with pytest.raises(kind, match="no such thing"):
        trained(work, 2)


def test_a_stop_ends_all_processes_at_once() -> None:
    def work(networks: Sequence[int]) -> list[Record]:
        time.sleep(60)
        return records(networks)

    until = time.monotonic() + 0.3
    pool = Pool(work, 2, print)
    assert list(pool.records(BLOCKS, lambda: time.monotonic() > until)) == []
    assert pool.lost == 7  # of two processes, the first two blocks: 4 + 3
    assert time.monotonic() < until + 30
    with pytest.raises(ChildProcessError):  # no child is left
        os.waitpid(-1, os.WNOHANG)


@pytest.mark.parametrize(("kind", "told"), [(ChoiceError, "ChoiceError"), (LostProcess, "MlpError")])
def test_an_error_that_the_parent_does_not_know_is_one_of_data(kind: type[MlpError], told: str) -> None:
    def work(networks: Sequence[int]) -> list[Record]:
        raise kind(f"not {networks}")

    assert _answer(work, [3]) == {"error": "not [3]", "kind": told}
    assert _answer(records, [3, 4]) == {"records": [{"network": 3}, {"network": 4}]}


def test_a_process_heeds_the_signal_to_end_and_leaves_those_of_a_terminal_to_its_parent() -> None:
    """Whatever the parent does about them."""

    def work(networks: Sequence[int]) -> list[Record]:
        for number in (signal.SIGINT, signal.SIGHUP):
            os.kill(os.getpid(), number)
        if len(networks) == 4:
            os.kill(os.getpid(), signal.SIGTERM)
        return records(networks)

    said: list[str] = []
    before = signal.signal(signal.SIGTERM, lambda number, frame: None)
    try:
        assert trained(work, 2, said) == list(range(1, 9))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(said) == 1
    assert "SIGTERM" in said[0]
    assert said[0].endswith("; its 4 networks are tried again in two halves")
