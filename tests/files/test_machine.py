"""How much memory there is: the least of what the machine, a control group and a limit of the process leave."""

import os
import resource
from pathlib import Path

import pytest

from mlpcli.core.activations import ACTIVATIONS
from mlpcli.core.errors import ChoiceError
from mlpcli.core.network import Layer, chain
from mlpcli.core.optimizers import OPTIMIZERS
from mlpcli.files import machine as module
from mlpcli.files.machine import free_memory, limit_threads, share_training, threads_for


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine with 2,000 KiB available, of which its files tell."""
    (tmp_path / "meminfo").write_text("MemTotal:        9000 kB\nMemAvailable:    2000 kB\n")
    monkeypatch.setattr(module, "MEMINFO", tmp_path / "meminfo")
    monkeypatch.setattr(module, "CONTROL_GROUP", tmp_path)
    monkeypatch.setattr("resource.getrlimit", lambda which: (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    return tmp_path


def test_what_is_available_is_in_bytes(machine: Path) -> None:
    assert free_memory() == 2000 * 1024


@pytest.mark.parametrize(("most", "free"), [("1000000", 900_000), ("max", 2000 * 1024), ("99999999", 2000 * 1024)])
def test_a_control_group_may_leave_less(machine: Path, most: str, free: int) -> None:
    (machine / "memory.max").write_text(f"{most}\n")
    (machine / "memory.current").write_text("100000\n")
    assert free_memory() == free


def test_a_machine_without_these_files_tells_what_it_has(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """300 pages, which are fewer than the 2,000 KiB that its file tells as long as there is one."""
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 300, "SC_PAGE_SIZE": 4096}.__getitem__)
    assert free_memory() == 2000 * 1024
    (machine / "meminfo").unlink()
    assert free_memory() == 300 * 4096


def test_a_limit_of_the_process_may_leave_less(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A million bytes more than it has now, but for what changes between two looks at that."""
    (line,) = (line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmSize"))
    limit = int(line.split()[1]) * 1024 + 1_000_000
    monkeypatch.setattr("resource.getrlimit", lambda which: (limit, -1) if which == resource.RLIMIT_AS else (1, 1))
    assert free_memory() == pytest.approx(1_000_000, abs=900_000)


@pytest.mark.parametrize(
    ("units", "batch", "asked", "threads"),
    [
        ((1000, 10), 200, None, 7),  # 1000·1000·200 is just large enough
        ((1000, 10), 199, None, 1),
        ((2, 100_000), 1000, None, 7),  # in the second layer: 2·100,000·1000
        ((1000, 10), 199, 3, 3),
        ((1000, 10), 200, 1, 1),
    ],
)
def test_large_products_take_all_cores_unless_another_number_is_asked_for(
    units: tuple[int, int], batch: int, asked: int | None, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    layers = chain(1000, units, [ACTIVATIONS["relu"]] * 2)
    assert threads_for(layers, batch, asked) == threads


@pytest.mark.parametrize("asked", [0, -1])
def test_no_thread_is_refused(asked: int) -> None:
    with pytest.raises(ChoiceError, match=f"^--threads must be 1 or more, not {asked}$"):
        threads_for((Layer(2, 2, ACTIVATIONS["relu"]),), 1, asked)


@pytest.mark.parametrize(
    ("batch", "asked", "cores", "processes", "threads"),
    [(128, 2, 4, 2, 1), (128, 9, 4, 4, 1), (128, 1, 4, 1, 1), (19, 2, 4, 1, 2), (128, 2, 1, 1, 1)],
)
def test_a_large_training_has_one_thread_for_each_process(
    batch: int, asked: int, cores: int, processes: int, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also on one core, where two threads would only change the bits. 19 samples are too few for MNIST's 784·512."""
    monkeypatch.setattr(os, "sched_getaffinity", {0: set(range(cores))}.__getitem__)  # 0: of this process
    limits: list[tuple[object, ...]] = []
    monkeypatch.setattr(module, "limit_threads", lambda *given: limits.append(given))
    layers = (Layer(784, 512, ACTIVATIONS["relu"]),)
    assert share_training(layers, batch, OPTIMIZERS["adam"], asked) == processes
    assert limits == [(layers, batch, threads)]


@pytest.mark.parametrize(("batch", "threads"), [(200, 7), (199, 1)])
def test_only_matrix_products_get_these_threads(batch: int, threads: int, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[object] = []
    monkeypatch.setattr("threadpoolctl.threadpool_limits", lambda limits, user_api: given.append((limits, user_api)))
    monkeypatch.setattr(os, "cpu_count", lambda: 7)
    limit_threads((Layer(1000, 1000, ACTIVATIONS["relu"]),), batch, None)
    assert given == [(threads, "blas")]


def test_a_machine_that_does_not_tell_its_cores_has_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert threads_for((Layer(1000, 1000, ACTIVATIONS["relu"]),), 1000, None) == 1
