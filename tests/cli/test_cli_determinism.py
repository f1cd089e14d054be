"""Same seed, same machine: the same bytes, whatever surrounds the run."""

import os
import subprocess
from pathlib import Path

import numpy as np
import pytest
from cli_support import MLP, Run, environment, run_in
from forked import forked
from forked import mlp as command

WORDS = ("train", "--dataset", "iris", "--epochs", 5, "--optimizer", "adam", "--hidden", "9,5")


def weights(folder: Path, name: str, *more: object) -> bytes:
    done = forked(command(folder, [*map(str, (*WORDS, *more, "--output", name, "-q"))]))
    assert done.code == 0, done.err
    return (folder / name).read_bytes()


def weights_anew(folder: Path, name: str, *more: object, **changes: str) -> bytes:
    """From an interpreter that starts in another environment."""
    done = run_in(folder, *WORDS, *more, "--output", name, "-q", **changes)
    assert done.returncode == 0, done.stderr
    return (folder / name).read_bytes()


@pytest.mark.parametrize(("dtype", "suffix"), [("float64", ".json"), ("float32", ".npz")])
def test_weights_have_the_same_bytes_whatever_the_environment(tmp_path: Path, dtype: str, suffix: str) -> None:
    (tmp_path / "elsewhere").mkdir()
    more = ("--dtype", dtype)
    first = weights(tmp_path, "first" + suffix, *more)
    assert weights_anew(tmp_path, "other" + suffix, *more, PYTHONHASHSEED="1", TZ="Asia/Tokyo") == first
    tight = {"PYTHONHASHSEED": "2", "PYTHONUTF8": "0", "LC_ALL": "C", "LANG": "C", "COLUMNS": "20"}
    assert weights_anew(tmp_path, "other" + suffix, *more, **tight) == first
    assert weights(tmp_path / "elsewhere", "other" + suffix, *more) == first
    assert weights(tmp_path, "other" + suffix, *more, "--seed", 2) != first


def test_weights_of_a_large_network_have_the_same_bytes_with_one_core_and_with_two(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 1})
    g = np.random.default_rng(1)
    np.savez(tmp_path / "d.npz", x=g.normal(size=(400, 300)).astype(np.float32), y=g.integers(0, 3, 400))
    words = ("train", "--data", "d.npz", "--hidden", "320", "--batch", "100", "--epochs", "2", "-q")
    for threads in "12":
        done = forked(command(tmp_path, [*words, "--threads", threads, "--output", f"{threads}.npz"]))
        assert (done.code, done.err) == (0, "")
    assert (tmp_path / "1.npz").read_bytes() == (tmp_path / "2.npz").read_bytes()


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_a_row_is_predicted_alike_in_any_company(mlp: Run, tmp_path: Path, dtype: str) -> None:
    rows = [f"{k % 7},{k * k % 11},{k % 3},{(k * 5) % 13}" for k in range(300)]
    table = "\n".join(["a,b,c,d,side", *(f"{row},{k % 2}" for k, row in enumerate(rows))])
    (tmp_path / "d.csv").write_text(table)
    assert mlp("train", "--data", "d.csv", "--hidden", "64,33", "--dtype", dtype, "--epochs", 1, "-q").code == 0
    forward = ("forward", "--weights", "w.json", "--data", "-", "--format", "csv")
    together = mlp(*forward, stdin="\n".join(["a,b,c,d", *rows])).out.splitlines()[1:]
    backwards = mlp(*forward, stdin="\n".join(["a,b,c,d", *rows[::-1]])).out.splitlines()[1:]
    assert backwards[::-1] == together
    with subprocess.Popen(
        [*MLP, *forward], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=tmp_path, env=environment()
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("a,b,c,d\n")
        for start in (0, 1, 2, 9, 100):
            end = {0: 1, 1: 2, 2: 9, 9: 100, 100: 300}[start]
            process.stdin.write("".join(row + "\n" for row in rows[start:end]))
            process.stdin.flush()
            if start == 0:
                process.stdout.readline()
            answers = [process.stdout.readline().rstrip("\n") for _ in range(end - start)]
            assert answers == together[start:end]
        process.stdin.close()
