"""The steps of a sweep: who trains, which networks are left, and which are trained once more."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from cli_support import Run

from mlpcli.cli import sweeping
from mlpcli.cli.networks import network_of
from mlpcli.cli.sweep_command import SweepOptions
from mlpcli.cli.sweeping import Sweep, _is_again, _is_saved, _remaining, _without_done, _without_weights, _workers
from mlpcli.core.errors import ChoiceError
from mlpcli.files.runs import Record
from mlpcli.files.weights import save_model
from mlpcli.report.numbers import duration
from mlpcli.sweep.block import digest_of_theta

DIGEST = digest_of_theta(network_of(None).network.theta)


def test_workers_are_as_many_as_cores_unless_they_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda process: {0, 2, 5}, raising=False)
    assert [_workers(SweepOptions(workers=workers)) for workers in (None, 1, 7)] == [3, 1, 7]
    monkeypatch.delattr(os, "sched_getaffinity")
    for cores, workers in ((4, 4), (None, 1)):
        monkeypatch.setattr(os, "cpu_count", lambda cores=cores: cores)
        assert _workers(SweepOptions()) == workers


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (SweepOptions(workers=0), "--workers must be 1 or more, not 0"),
        (SweepOptions(workers=-1), "--workers must be 1 or more, not -1"),
        (SweepOptions(scheduler="tcp://h:1", workers=2), "--scheduler and --workers: the cluster has its own workers"),
    ],
)
def test_workers_that_are_none_or_somebody_else_s_are_refused(options: SweepOptions, words: str) -> None:
    with pytest.raises(ChoiceError, match=f"^{words}"):
        _workers(options)


def sweep(blocks: list[list[int]], notes: Any = None, **options: Any) -> Sweep:
    return Sweep(Mock(), {}, blocks, Mock(), SweepOptions(**options), notes or Mock())


def test_blocks_lose_the_networks_that_are_done() -> None:
    assert _remaining(sweep([[1, 2, 3], [4, 5], [6]]), {2, 4, 5}) == [[1, 3], [6]]


def test_without_resume_or_a_file_all_networks_are_left(tmp_path: Path) -> None:
    blocks = [[1, 2]]
    (tmp_path / "empty.jsonl").write_bytes(b"")
    for options in (
        {"output": str(tmp_path / "empty.jsonl")},
        {"resume": True},
        {"resume": True, "output": str(tmp_path / "none.jsonl")},
        {"resume": True, "output": str(tmp_path)},
        {"resume": True, "output": str(tmp_path / "empty.jsonl")},
    ):
        assert _without_done(sweep(blocks, **options)).blocks == blocks


@pytest.mark.parametrize(
    ("missing", "said"),
    [([], None), ([1], "training 1 network once more, since {} lacks its weights"), ([1, 3], "{} lacks their weights")],
)
def test_networks_without_their_file_of_weights_are_trained_once_more(
    tmp_path: Path, missing: list[int], said: str | None
) -> None:
    """Network 2 is not valid, and 4 is not trained yet; of 3, the file is another network's."""
    for network in (1, 3):
        if network not in missing:
            save_model(network_of(None), str(tmp_path / f"{network}.json"))
    done: dict[int, Record] = {
        1: {"network": 1, "weights": DIGEST},
        2: {"network": 2, "invalid": "why"},
        3: {"network": 3, "weights": DIGEST},
    }
    kept = sweep([[1, 2], [3, 4]], keep_all=str(tmp_path))
    assert _without_weights(kept, done) == set(missing)
    told = [call.args[0] for call in kept.notes.note.call_args_list]  # type: ignore[attr-defined]
    assert len(told) == (said is not None)
    assert said is None or told[0].endswith(said.format(tmp_path))
    assert _without_weights(sweep([[1, 2], [3, 4]]), done) == set()


def test_weights_are_saved_if_a_file_has_these(tmp_path: Path) -> None:
    path = str(tmp_path / "1.json")
    assert not _is_saved(path, DIGEST)
    save_model(network_of(None), path)
    assert _is_saved(path, DIGEST)
    assert not _is_saved(path, "other")


@pytest.mark.parametrize(
    ("network", "weights", "again", "warned"), [(1, "same", True, 0), (1, "other", True, 1), (2, "other", False, 0)]
)
def test_other_weights_of_a_network_that_is_trained_once_more_are_warned_of(
    network: int, weights: str, again: bool, warned: int
) -> None:
    notes = Mock()
    assert _is_again({"network": network, "weights": weights}, {1: {"weights": "same"}}, notes) is again
    assert notes.warn.call_count == warned


# ----- A whole sweep --------------------------------------------------------------------------------------------------

FOUR = ("sweep", "--dataset", "iris", "--epochs", 1, "--workers", 1, "--vary", "hidden=2|3", "--vary", "seed=1:2")


def test_a_report_says_how_long_it_took_and_where_the_networks_are(mlp: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter([100.0, 103.0])
    monkeypatch.setattr(sweeping, "perf_counter", lambda: next(clock))
    done = mlp(*FOUR, "--output", "r.jsonl")
    assert f"4 networks trained in {duration(3.0)}\n" in done.out
    assert "networks: r.jsonl\n" in done.out
    assert "this is a shard" not in done.out


def test_a_report_of_a_shard_says_that_it_is_one(mlp: Run) -> None:
    done = mlp(*FOUR, "--shard", "1/2", "--output", "r.jsonl")
    assert done.code == 0, done.err
    assert "2 of 4 networks: this is a shard\n" in done.out


@pytest.mark.parametrize("option", ["--seed", "--split-seed"])
def test_seeds_of_a_sweep_are_checked(mlp: Run, option: str) -> None:
    done = mlp("sweep", "--dataset", "iris", "--vary", "hidden=2|3", option, -1, "--dry-run")
    assert (done.code, done.err) == (2, f"mlp: error: {option} must be 0 or more, not -1\n")


@pytest.mark.parametrize(("vary", "noted"), [("hidden=3", False), ("hidden=3,4|5", False), ("hidden=3,4", True)])
def test_a_comma_in_a_single_value_is_noted(mlp: Run, vary: str, noted: bool) -> None:
    done = mlp("sweep", "--dataset", "iris", "--epochs", 1, "--vary", vary, "--dry-run")
    assert done.code == 0
    assert (" is one value; --vary 'hidden=3|4' gives several" in done.err) is noted


def test_progress_of_a_sweep_that_goes_on_counts_what_is_trained_once_more_as_left(
    mlp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = (*FOUR, "--output", "r.jsonl", "--keep-all", "all")
    assert mlp(*kept).code == 0
    (tmp_path / "all" / "2.json").unlink()
    counts = list[tuple[int, int]]()

    @contextmanager
    def progress(criterion: object, done: int, expected: int, quiet: bool) -> Iterator[Any]:
        counts.append((done, expected))
        yield Mock()

    monkeypatch.setattr(sweeping, "sweep_progress", progress)
    assert mlp(*kept, "--resume").code == 0
    assert counts == [(3, 4)]
    assert (tmp_path / "all" / "2.json").exists()


@pytest.mark.parametrize(
    ("output", "kept"),
    [
        ((), "nothing was written"),
        (("--output", "r.jsonl"), "0 of 4 networks are in r.jsonl, and --resume trains the others"),
    ],
)
def test_a_sweep_that_is_interrupted_at_once_says_what_it_leaves(
    mlp: Run, monkeypatch: pytest.MonkeyPatch, output: tuple[str, ...], kept: str
) -> None:
    monkeypatch.setattr(sweeping, "Stop", lambda: nullcontext(Mock(asked=signal.SIGINT)))
    done = mlp(*FOUR, *output)
    assert (done.code, done.out) == (130, "")
    assert done.err == f"mlp: interrupted; {kept}\n"
