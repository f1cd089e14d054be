"""Pipes, full disks and signals."""

import os
import select
import signal
import subprocess
from pathlib import Path
from typing import IO

import pytest
from cli_support import MLP, Trained, is_one_error_line, run_in, strict_json
from forked import forked, mlp

PATIENCE = 300  # seconds after which a test gives up


def read_lines(stream: "IO[bytes] | None", count: int) -> list[str]:
    """So many lines of a running process, while its input is still open."""
    assert stream is not None
    found = b""
    while found.count(b"\n") < count:
        ready, _, _ = select.select([stream], [], [], PATIENCE)
        assert ready, f"no answer before the input ended, only {found!r}"
        block = os.read(stream.fileno(), 65536)
        assert block, "the output ended early"
        found += block
    return found.decode().splitlines()


def test_the_first_rows_are_answered_before_the_input_ends(halves: Trained) -> None:
    arguments = [*MLP, "forward", "--weights", str(halves.weights), "--data", "-", "--format", "csv"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"p,q\n1,0\n9,0\n")
        process.stdin.flush()
        first = read_lines(process.stdout, 3)
        process.stdin.write(b"1,0\n")
        process.stdin.flush()
        second = read_lines(process.stdout, 1)
        process.stdin.close()
        assert process.wait(PATIENCE) == 0
    assert [line.split(",")[0] for line in first] == ["prediction", "low", "high"]
    assert second == [first[1]]


def test_rows_before_a_bad_one_are_out(halves: Trained) -> None:
    arguments = [*MLP, "forward", "--weights", str(halves.weights), "--data", "-", "--format", "csv"]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        process.stdin.write(b"p,q\n1,0\n")
        process.stdin.flush()
        assert len(read_lines(process.stdout, 2)) == 2
        out, err = process.communicate(b"9,bad\n", timeout=PATIENCE)
    assert process.returncode == 1
    assert out == b""
    assert is_one_error_line(err.decode())
    assert ":3" in err.decode()


def test_a_reader_that_leaves_ends_the_program_quietly(halves: Trained, tmp_path: Path) -> None:
    (tmp_path / "many.csv").write_text("p,q\n" + "1.25,0.5\n" * 100_000)
    line = f"set -o pipefail; {' '.join(MLP)} forward -w {halves.weights} --data many.csv --format csv | head -1"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert done.stdout.startswith("prediction,")
    assert done.stdout.count("\n") == 1
    assert done.stderr == ""
    assert done.returncode == 128 + signal.SIGPIPE


def test_the_weights_are_saved_although_nobody_reads_the_progress(tmp_path: Path) -> None:
    line = f"{' '.join(MLP)} train --dataset iris 2>&1 | head -1"
    subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, timeout=PATIENCE)
    assert (tmp_path / "w.json").exists()


@pytest.mark.parametrize("form", ["table", "json", "csv"])
@pytest.mark.parametrize("command", ["train --dataset xor --epochs 1 -q", "datasets", "forward --dataset iris -w {w}"])
def test_a_full_device_is_one_line_and_exit_1(iris: Trained, tmp_path: Path, command: str, form: str) -> None:
    words = [word.format(w=iris.weights) for word in command.split()]
    with open("/dev/full", "w") as full:
        done = forked(mlp(tmp_path, [*words, "--format", form]), stdout=full.fileno())
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert "No space left" in done.err


@pytest.mark.parametrize("command", ["datasets", "train --dataset xor --epochs 1 -q -o -"])
def test_a_closed_standard_output_is_no_success_and_no_traceback(tmp_path: Path, command: str) -> None:
    line = f"{' '.join(MLP)} {command} >&-"
    done = subprocess.run(["bash", "-c", line], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE)
    assert "Traceback" not in done.stderr
    assert done.returncode == 1


def test_ctrl_c_ends_a_prediction_that_waits_for_rows(halves: Trained) -> None:
    process = subprocess.Popen(
        [*MLP, "forward", "--weights", str(halves.weights), "--data", "-", "--format", "csv"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    with process:
        assert process.stdin is not None
        process.stdin.write(b"p,q\n1,0\n")
        process.stdin.flush()
        read_lines(process.stdout, 2)
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stderr is not None
        assert b"Traceback" not in process.stderr.read()


def test_an_archive_of_weights_comes_through_a_pipe(iris: Trained, tmp_path: Path) -> None:
    """A pipe cannot be read from its end, where an archive has its table of contents."""
    run_in(iris.folder, "train", "--dataset", "iris", "--epochs", 1, "--output", "piped.npz", "--quiet")
    line = f"cat piped.npz | {' '.join(MLP)} inspect - --format json"
    done = subprocess.run(["bash", "-c", line], cwd=iris.folder, capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
    assert strict_json(done.stdout)["training"]["dataset"] == "iris"
