"""Sweeps on a Dask cluster of two workers on this machine: the same lines, whatever dies."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple
from unittest.mock import Mock

import pytest

from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.files.runs import Record, read_runs
from mlpcli.sweep.cluster import _check_alive, _check_versions, check_cluster, versions

DASK = [sys.executable, "-m", "dask"]
GRID = ("--dataset", "iris", "--epochs", "60", "--vary", "hidden=4|5|6|7", "--vary", "seed=1:24", "--quiet")
LONG = ("--dataset", "iris", "--epochs", "400", "--vary", "hidden=4:11", "--vary", "seed=1:50", "--quiet")


class Cluster(NamedTuple):
    """A scheduler and its workers."""

    address: str
    scheduler: "subprocess.Popen[bytes]"
    workers: "list[subprocess.Popen[bytes]]"

    def sweep(self, folder: Path, *options: str) -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-m", "mlpcli", "sweep", *options, "--scheduler", self.address]
        pipe = subprocess.PIPE
        return subprocess.Popen(words, cwd=folder, stdout=pipe, stderr=pipe, preexec_fn=_heed_signals)


def _heed_signals() -> None:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def _started(*words: str) -> "subprocess.Popen[bytes]":
    nothing = subprocess.DEVNULL
    return subprocess.Popen([*DASK, *words], stdout=nothing, stderr=nothing, start_new_session=True)


def _kill(process: "subprocess.Popen[bytes]") -> None:
    """The process with those that it has started."""
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def cluster() -> Iterator[Cluster]:
    pytest.importorskip("distributed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"tcp://127.0.0.1:{port}"
    scheduler = _started("scheduler", "--host", "127.0.0.1", "--port", str(port), "--no-dashboard")
    one = ("worker", address, "--nthreads", "1", "--no-dashboard")
    workers = [_started(*one), _started(*one)]
    yield Cluster(address, scheduler, workers)
    for process in (*workers, scheduler):
        _kill(process)


def lines(path: Path) -> dict[int, Record]:
    return {record["network"]: {**record, "seconds": None} for record in read_runs(str(path)).records}


def _wait_for_lines(path: Path) -> None:
    """Until the first block is done."""
    until = time.monotonic() + 100
    while not (path.exists() and path.read_bytes().count(b"\n") > 1):
        assert time.monotonic() < until
        time.sleep(0.05)


def test_a_cluster_gives_the_lines_of_the_pool_also_if_a_worker_dies(cluster: Cluster, tmp_path: Path) -> None:
    pool = subprocess.run([sys.executable, "-m", "mlpcli", "sweep", *GRID, "-o", "pool.jsonl"], cwd=tmp_path)
    assert pool.returncode == 0
    process = cluster.sweep(tmp_path, *GRID, "-o", "cluster.jsonl")
    _wait_for_lines(tmp_path / "cluster.jsonl")
    _kill(cluster.workers[0])
    assert (process.communicate()[1], process.returncode) == (b"", 0)
    assert lines(tmp_path / "cluster.jsonl") == lines(tmp_path / "pool.jsonl")


def test_a_scheduler_that_dies_is_one_line_and_nothing_is_lost(cluster: Cluster, tmp_path: Path) -> None:
    process = cluster.sweep(tmp_path, *LONG, "-o", "r.jsonl")
    _wait_for_lines(tmp_path / "r.jsonl")
    before = lines(tmp_path / "r.jsonl")
    _kill(cluster.scheduler)
    err = process.communicate()[1].decode()
    assert process.returncode == 1, err
    assert re.fullmatch(r"mlp: error: --scheduler tcp://\S+: .*; \d+ of 400 networks are in r\.jsonl, .*\n", err)
    assert before.items() <= lines(tmp_path / "r.jsonl").items()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_it_with_what_is_done(cluster: Cluster, tmp_path: Path, number: signal.Signals) -> None:
    process = cluster.sweep(tmp_path, *LONG, "-o", "r.jsonl")
    _wait_for_lines(tmp_path / "r.jsonl")
    process.send_signal(number)
    err = process.communicate()[1].decode()
    assert process.returncode == 128 + number, err
    many = r"\d+ of 400 networks are in r\.jsonl, \d+ in training are lost"
    assert re.fullmatch(rf"mlp: interrupted; {many}, and --resume trains the others\n", err)


def test_workers_of_another_version_are_refused(cluster: Cluster, tmp_path: Path) -> None:
    program = (
        "import sys, mlpcli.sweep.cluster as c; c.__version__ = '0.0'\n"
        f"from mlpcli.cli.main import main; sys.exit(main({['sweep', *GRID, '--scheduler', cluster.address]!r}))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert re.fullmatch(r"mlp: error: worker tcp://\S+ has mlp \S+, not 0\.0; install the same version\n", done.stderr)


# ----- Before anything is trained ------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["head", "tcp://head", "tcp://:8786", "head:port", "tcp://head:8786/x"])
def test_what_is_no_address(address: str) -> None:
    with pytest.raises(ChoiceError, match="--scheduler takes an address such as tcp://head:8786"):
        check_cluster(address)


@pytest.mark.skipif(find_spec("distributed") is not None, reason="Dask is installed")
def test_a_missing_dask_is_named_with_its_remedy() -> None:
    with pytest.raises(MlpError, match=r"--scheduler needs Dask: run pip install '\.\[dask\]'"):
        check_cluster("tcp://head:8786")


# ----- What the cluster says, by a client that says it ----------------------------------------------------------------


def client(**found: str) -> Mock:
    """A cluster of two workers; the second differs in this."""
    return Mock(run=lambda ask: {"tcp://a:1": ask(), "tcp://b:2": {**ask(), **found}})


def test_workers_of_the_same_versions_are_taken() -> None:
    _check_versions(client(), "tcp://head:8786")


@pytest.mark.parametrize("name", ["mlp", "numpy", "python"])
def test_a_worker_of_another_version_is_named(name: str) -> None:
    words = f"worker tcp://b:2 has {name} 0.0, not {versions()[name]}; install the same version"
    with pytest.raises(MlpError, match=f"^{re.escape(words)}$"):
        _check_versions(client(**{name: "0.0"}), "tcp://head:8786")


@pytest.mark.parametrize(
    ("problem", "words"),
    [
        (ModuleNotFoundError("no", name="mlpcli"), "a worker has no mlpcli; install mlp there"),
        (TimeoutError("only  0\nworkers"), "no workers answer (only 0 workers)"),
        (TimeoutError(), "no workers answer (TimeoutError)"),
        (OSError("x" * 201), f"no workers answer ({'x' * 200})"),
    ],
)
def test_workers_that_do_not_answer_are_one_line(problem: Exception, words: str) -> None:
    with pytest.raises(MlpError, match=f"^{re.escape(f'--scheduler tcp://head:8786: {words}')}$"):
        _check_versions(Mock(run=Mock(side_effect=problem)), "tcp://head:8786")


def test_a_scheduler_is_alive_as_long_as_its_client_runs() -> None:
    _check_alive(Mock(status="running"), "tcp://head:8786")
    with pytest.raises(MlpError, match=r"^--scheduler tcp://head:8786: the scheduler is gone$"):
        _check_alive(Mock(status="connecting"), "tcp://head:8786")
