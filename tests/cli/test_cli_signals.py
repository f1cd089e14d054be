"""Ctrl-C, `kill` and a closed terminal while training runs."""

import fcntl
import json
import os
import random
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import Mock

import numpy as np
import pytest
from cli_support import LECTURE, MLP, ROOT, Run, environment, run_in, strict_json
from forked import as_a_terminal_leaves_signals, forked
from forked import mlp as command
from test_cli_streams import PATIENCE, read_lines

from mlpcli.cli import checkpoints, signals, training
from mlpcli.cli.signals import end_at_signals
from mlpcli.core import training as core_training
from mlpcli.core.errors import MlpError
from mlpcli.files import atomic
from mlpcli.files.atomic import check_writable, write_atomically

IRIS = ("train", "--dataset", "iris", "--epochs", "3000")
SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]
MOMENTS = int(os.environ.get("MLP_KILLS", "2"))  # at which each of them comes


@pytest.fixture
def mlp(tmp_path: Path) -> Run:
    """In a process of its own, which a signal may end."""
    return lambda *words: forked(command(tmp_path, [*map(str, words)]))


def started(folder: Path, *words: object, ignored: Sequence[int] = ()) -> "subprocess.Popen[bytes]":
    """A training that has told of a tenth of its epochs, with signals as a terminal leaves them, or some ignored."""

    def arrange() -> None:
        as_a_terminal_leaves_signals()
        for number in ignored:
            signal.signal(number, signal.SIG_IGN)

    process = subprocess.Popen(
        [*MLP, *map(str, words or IRIS)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=arrange,
        env=environment(),
    )
    told = read_lines(process.stderr, 1)
    assert told[0].startswith("epoch "), told
    return process


def interrupted(process: "subprocess.Popen[bytes]", *numbers: int) -> tuple[int, str, str]:
    """Exit code, stdout and stderr after these signals."""
    with process:
        for number in numbers:
            process.send_signal(number)
        try:
            out, err = process.communicate(timeout=PATIENCE)
        finally:
            process.kill()
    return process.returncode, out.decode(), err.decode()


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_signal_saves_what_was_asked_for_and_says_where(mlp: Run, tmp_path: Path) -> None:
    kept = ("--checkpoint", "run.ckpt", "--history", "h.csv")
    code, out, err = interrupted(started(tmp_path, *IRIS, *kept), signal.SIGHUP)
    assert code == 129
    assert "Results" not in out
    last = err.splitlines()[-1]
    epochs = (tmp_path / "h.csv").read_text().splitlines()[1:]
    assert last.startswith("mlp: interrupted ")
    assert "weights: w.json; history: h.csv; checkpoint: run.ckpt" in last
    assert f"(epoch {len(epochs)})" in last
    assert "Traceback" not in err
    assert names(tmp_path) - {"run.ckpt.previous"} == {"w.json", "h.csv", "run.ckpt"}
    assert mlp("evaluate", "--weights", "w.json").code == 0
    said = strict_json((tmp_path / "w.json").read_text())["training"]["interrupted"]
    assert f"interrupted {said}; " in last


def test_what_was_interrupted_goes_on_to_the_same_weights(mlp: Run, tmp_path: Path) -> None:
    short = ("train", "--dataset", "iris", "--epochs", "1000", "--patience", 1000, "--history", "h.csv")
    assert mlp(*short, "-q").code == 0
    whole = (tmp_path / "w.json").read_bytes()
    kept = (*short, "--checkpoint", "run.ckpt")
    assert interrupted(started(tmp_path, *kept), signal.SIGINT)[0] == 130
    assert (tmp_path / "w.json").read_bytes() != whole
    assert mlp(*kept, "--resume").code == 0
    assert (tmp_path / "w.json").read_bytes() == whole
    assert len((tmp_path / "h.csv").read_text().splitlines()) == 1001


def test_patience_saves_the_best_weights_so_far(tmp_path: Path, mlp: Run) -> None:
    words = (*IRIS, "--patience", 3000, "--history", "h.csv", "--test", 0)
    code, _, err = interrupted(started(tmp_path, *words), signal.SIGINT)
    assert code == 130
    rows = [row.split(",") for row in (tmp_path / "h.csv").read_text().splitlines()]
    losses = [float(row[rows[0].index("validation_loss")]) for row in rows[1:]]
    assert f"(those of epoch {losses.index(min(losses)) + 1}, the best)" in err
    shown = mlp("evaluate", "--weights", "w.json", "--part", "validation", "--format", "json")
    assert strict_json(shown.out)["loss"] == min(losses)


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core")
class TestTwoProcesses:
    """A large network with --threads 2 is trained by two processes."""

    WORDS = ("train", "--data", "d.npz", "--hidden", 320, "--batch", 100, "--threads", 2, "--epochs", 100_000)

    @pytest.fixture
    def running(self, tmp_path: Path) -> "tuple[subprocess.Popen[bytes], int]":
        """A training that has saved a first checkpoint, and the number of its second process."""
        g = np.random.default_rng(1)
        np.savez(tmp_path / "d.npz", x=g.normal(size=(400, 300)).astype(np.float32), y=g.integers(0, 3, 400))
        process = subprocess.Popen(
            [*MLP, *map(str, self.WORDS), "--quiet", "--checkpoint", "run.ckpt"],
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            preexec_fn=as_a_terminal_leaves_signals,
            process_group=0,
            env=environment(),
        )
        wait_for(tmp_path / "run.ckpt")
        (other,) = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        return process, int(other)

    def test_ctrl_c_is_for_the_first(
        self, running: "tuple[subprocess.Popen[bytes], int]", tmp_path: Path, mlp: Run
    ) -> None:
        process, other = running
        os.killpg(process.pid, signal.SIGINT)
        code, _, err = interrupted(process)
        assert code == 130
        assert "weights: w.json" in err
        assert err.count("\n") == 1
        assert not Path(f"/proc/{other}").exists()
        assert mlp("evaluate", "--weights", "w.json", "--data", "d.npz").code == 0

    def test_if_the_second_is_killed_the_last_whole_epoch_is_saved(
        self, running: "tuple[subprocess.Popen[bytes], int]", tmp_path: Path, mlp: Run
    ) -> None:
        process, other = running
        os.kill(other, signal.SIGKILL)
        code, _, err = interrupted(process)
        assert code == 1
        lost = f"mlp: error: a process that shares the work (process {other}) was killed by SIGKILL, perhaps because "
        assert err.startswith(f"{lost}memory ran out; use --threads 1; weights: w.json (after epoch ")
        assert err.count("\n") == 1
        assert mlp("evaluate", "--weights", "w.json", "--data", "d.npz").code == 0
        again = ("train", "--data", "d.npz", "--weights", "w.json", "--threads", 1, "--epochs", 2, "-q", "--force")
        assert mlp(*again).code == 0


def test_quiet_says_where_all_the_same(tmp_path: Path) -> None:
    words = (*IRIS[:3], "--epochs", "10000000", "--checkpoint", "run.ckpt", "--quiet")
    process = subprocess.Popen(
        [*MLP, *words],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=as_a_terminal_leaves_signals,
    )
    wait_for(tmp_path / "run.ckpt")
    code, _, err = interrupted(process, signal.SIGTERM)
    assert code == 143
    assert err.startswith("mlp: interrupted ")
    assert err.count("\n") == 1


def wait_for(path: Path) -> None:
    started = time.monotonic()
    while not path.exists():
        assert time.monotonic() - started < PATIENCE
        time.sleep(0.01)


def test_weights_for_standard_output_go_there(tmp_path: Path) -> None:
    code, out, err = interrupted(started(tmp_path, *IRIS, "--output", "-"), signal.SIGTERM)
    assert code == 143
    assert json.loads(out)["layers"]
    assert "weights: standard output" in err
    assert names(tmp_path) == set()


@pytest.mark.parametrize("presses", [2, 50])
def test_a_second_ctrl_c_ends_at_once_with_files_whole(mlp: Run, tmp_path: Path, presses: int) -> None:
    assert mlp(*IRIS[:3], "--epochs", 1, "-q").code == 0
    process = started(tmp_path, *IRIS, "--checkpoint", "run.ckpt")
    code, _, err = interrupted(process, *[signal.SIGINT] * presses)
    assert code in (130, -signal.SIGINT)
    assert "Traceback" not in err
    assert not [name for name in names(tmp_path) if name.endswith(".tmp")]
    assert mlp("evaluate", "--weights", "w.json").code == 0
    assert mlp(*IRIS, "--checkpoint", "run.ckpt", "--resume", "--epochs", 1).err.count("epochs are done") == 1


def test_a_second_signal_ends_a_save_that_hangs(tmp_path: Path) -> None:
    """Nobody reads the pipe for the weights: one signal ends training, the other the wait for a reader.

    They are two kinds, since of one kind the system keeps a single one that has not been taken yet.
    """
    os.mkfifo(tmp_path / "pipe.json")
    process = started(tmp_path, *IRIS, "--output", "pipe.json")
    code, _, err = interrupted(process, signal.SIGTERM, signal.SIGINT)
    assert code in (130, 143)
    assert "stopped at once" in err
    assert "Traceback" not in err


@pytest.mark.parametrize("first", SIGNALS, ids=lambda number: signal.Signals(number).name)
def test_a_terminal_that_is_closed_ends_nothing_at_once(
    mlp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: int
) -> None:
    """Its SIGHUP may come from the shell and from the system: the second time while weights are saved."""
    measure, save = core_training.measure, training.save_model

    def interrupted_measure(*given: Any) -> tuple[float, float]:
        signal.raise_signal(first)
        return measure(*given)

    def interrupted_save(*given: Any) -> None:
        signal.raise_signal(signal.SIGHUP)
        save(*given)

    monkeypatch.setattr(core_training, "measure", interrupted_measure)
    monkeypatch.setattr(training, "save_model", interrupted_save)
    done = mlp(*IRIS, "-q")
    assert (done.code, done.err) == (128 + first, "mlp: interrupted after epoch 1 of 3000; weights: w.json\n")
    assert mlp("evaluate", "--weights", "w.json").code == 0


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.0, "interrupted after epoch 1 of 3000; weights: w.json"), (1.0, "stopped at once")]
)
def test_the_same_signal_twice_in_a_moment_is_one(
    mlp: Run, monkeypatch: pytest.MonkeyPatch, seconds: float, text: str
) -> None:
    """`timeout -s INT 9 mlp …` sends it to the process and then to the group of the process."""
    measure, clock = core_training.measure, iter(np.arange(9) * seconds)

    def interrupted_measure(*given: Any) -> tuple[float, float]:
        signal.raise_signal(signal.SIGINT)
        signal.raise_signal(signal.SIGINT)
        return measure(*given)

    monkeypatch.setattr(signals, "monotonic", lambda: next(clock))
    monkeypatch.setattr(core_training, "measure", interrupted_measure)
    done = mlp(*IRIS, "-q")
    assert done.code == 130
    assert done.err.startswith(f"mlp: {text}")


def test_signals_that_are_ignored_stay_ignored(tmp_path: Path) -> None:
    """As with `nohup`, or in the background of a script."""
    words = ("train", "--dataset", "iris", "--epochs", "700")
    code, out, _ = interrupted(started(tmp_path, *words, ignored=SIGNALS), *SIGNALS)
    assert code == 0
    assert "700 epochs" in out
    assert "interrupted" not in (tmp_path / "w.json").read_text()


@pytest.mark.parametrize("place", ["save_checkpoint", "save_model"])
def test_a_signal_while_a_finished_training_is_saved_lets_that_be_done(
    mlp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    """The same files as without it, but the results are not waited for."""
    words = (*IRIS[:3], "--epochs", 20, "--checkpoint", "run.ckpt", "--checkpoint-every", 20, "-q", "--force")
    assert mlp(*words).code == 0
    whole = (tmp_path / "w.json").read_bytes()
    (tmp_path / "w.json").unlink()
    module = checkpoints if place == "save_checkpoint" else training
    save = getattr(module, place)

    def interrupted_save(*given: object, **more: object) -> None:
        signal.raise_signal(signal.SIGTERM)
        save(*given, **more)

    monkeypatch.setattr(module, place, interrupted_save)
    done = mlp(*words)
    assert done.code == 143
    assert "Results" not in done.out
    assert done.err == "mlp: interrupted after training was done; weights: w.json; checkpoint: run.ckpt (epoch 20)\n"
    assert (tmp_path / "w.json").read_bytes() == whole


def test_a_signal_is_told_although_the_checkpoint_cannot_be_saved(
    mlp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    measure, checks = core_training.measure, iter(range(100))

    def interrupted_measure(*given: Any) -> tuple[float, float]:
        if next(checks) == 4:
            signal.raise_signal(signal.SIGTERM)
        return measure(*given)

    def full(*given: object, **more: object) -> None:
        raise MlpError("run.ckpt: full")

    monkeypatch.setattr(core_training, "measure", interrupted_measure)
    monkeypatch.setattr(checkpoints, "save_checkpoint", full)
    done = mlp(*IRIS[:3], "--epochs", 20, "--checkpoint", "run.ckpt", "--checkpoint-every", 20, "-q")
    place = "after epoch 5 of 20"
    assert (done.code, done.err) == (1, f"mlp: error: interrupted {place}; run.ckpt: full; weights: w.json\n")
    assert strict_json((tmp_path / "w.json").read_text())["training"]["interrupted"] == place


def test_a_divergence_keeps_the_last_whole_epoch(mlp: Run, tmp_path: Path) -> None:
    """Targets around 10⁶ unscaled: each epoch multiplies the error, until it is no number."""
    (tmp_path / "d.csv").write_text("a,b\n" + "".join(f"{k},{k}000000\n" for k in range(1, 9)))
    words = ("train", "--data", "d.csv", "--hidden", 0, "--scaling", "none", "--optimizer", "sgd", "--batch", "all")
    kept = (
        *words,
        "--test",
        0,
        "--validation",
        0,
        "--epochs",
        900,
        "--checkpoint",
        "run.ckpt",
        "--checkpoint-every",
        900,
    )
    done = mlp(*kept, "--lr", 0.05)
    assert done.code == 3
    last = done.err.splitlines()[-1]
    assert last.startswith("mlp: error: training diverged at epoch ")
    epoch = int(last.split("at epoch ")[1].split(",")[0].split(":")[0])
    assert f"checkpoint: run.ckpt (epoch {epoch - 1})" in last
    assert "weights: w.json (the last finite ones, after epoch " in last
    assert mlp("forward", "--weights", "w.json", "--x", "0").code == 0
    assert f"resuming after epoch {epoch - 1}" in mlp(*kept, "--lr", 0.05, "--resume").err


def test_a_signal_while_data_are_read_says_that_nothing_was_written(tmp_path: Path) -> None:
    process = begun(tmp_path, "train", "--data", "-", "--target", "c")
    assert process.stdin is not None
    process.stdin.write(b"a,c\n" + b"1,2\n" * 100_000)  # more than a pipe holds: it is being read
    process.stdin.flush()
    said = "mlp: interrupted before training began; nothing was written\n"
    assert interrupted(process, signal.SIGINT) == (130, "", said)
    assert names(tmp_path) == set()


def begun(folder: Path, *words: str) -> "subprocess.Popen[bytes]":
    """`mlp` in its first line, with signals as a terminal leaves them. What Python does before is not ours."""
    ready = "import os; from mlpcli.cli.signals import end_at_signals; end_at_signals(); os.write(1, b'.')"
    program = f"{ready}; import mlpcli.__main__ as entry; entry.run()"
    process = subprocess.Popen(
        [sys.executable, "-c", program, *words],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=as_a_terminal_leaves_signals,
    )
    assert process.stdout is not None
    assert os.read(process.stdout.fileno(), 1) == b"."
    return process


@pytest.mark.parametrize(
    "command",
    [("train", "--dataset", "iris", "--epochs", "1000000"), ("forward", "--weights", str(LECTURE), "--data", "-")],
    ids=lambda command: command[0],
)
def test_at_whatever_moment_a_signal_comes_there_is_no_traceback(
    tmp_path: Path, command: tuple[str, ...], tried: Callable[[str, int], None]
) -> None:
    draw = random.Random(int(os.environ.get("MLP_KILLS_SEED", "1")))
    for number in SIGNALS * MOMENTS:
        process = begun(tmp_path, *command)
        time.sleep(draw.uniform(0, 0.4))
        code, _, err = interrupted(process, number)
        assert code == 128 + number, err
        assert "Traceback" not in err
        assert "Exception" not in err
        assert names(tmp_path) <= {"w.json"}
    tried("signals at random moments", len(SIGNALS) * MOMENTS)


@pytest.mark.parametrize("save", [lambda: check_writable("w.json"), lambda: write_atomically("w.json", b"new")])
def test_a_signal_in_any_line_of_a_save_leaves_the_old_file_or_the_new_one_and_nothing_else(
    tmp_path: Path, save: Callable[[], None]
) -> None:
    (tmp_path / "w.json").write_bytes(b"old")

    def work(moment: int) -> None:
        lines = iter(range(moment))

        def watch(frame: FrameType, event: str, _: object) -> Any:
            if frame.f_code.co_filename == atomic.__file__ and event == "line" and next(lines, None) is None:
                sys.settrace(None)
                signal.raise_signal(signal.SIGTERM)
            return watch

        os.chdir(tmp_path)
        end_at_signals()
        sys.settrace(watch)
        save()

    codes = []
    while 0 not in codes:
        codes.append(forked(partial(work, len(codes))).code)
        assert names(tmp_path) == {"w.json"}
        assert (tmp_path / "w.json").read_bytes() in (b"old", b"new")
    assert set(codes[:-1]) == {128 + signal.SIGTERM}
    assert len(codes) > 20


def test_the_first_line_needs_no_library() -> None:
    heavy = "numpy", "typer", "rich", "dataclasses", "typing", "contextlib"
    program = f"import sys, mlpcli.__main__; print([name for name in {heavy!r} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-S", "-c", program], capture_output=True, text=True, cwd=ROOT)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_killed_at_once_leaves_the_checkpoint_of_the_last_epoch_that_was_told_of(tmp_path: Path) -> None:
    process = started(tmp_path, *IRIS, "--checkpoint", "run.ckpt")
    process.kill()
    err = process.communicate()[1].decode()
    told = [int(line.split("/")[0].split()[1]) for line in err.splitlines() if line.startswith("epoch ")]
    done = run_in(tmp_path, *IRIS, "--checkpoint", "run.ckpt", "--resume", "--epochs", 1)
    epochs = int(done.stderr.split(" epochs are done")[0].split()[-1])
    assert epochs >= max([300, *told])


def test_a_terminal_that_is_closed_does_not_keep_training_from_saving(mlp: Run, tmp_path: Path) -> None:
    """The bar cannot be drawn any more then: writing to such a terminal fails."""
    words = [*MLP, *IRIS[:3], "--epochs", "10000000", "--checkpoint", "run.ckpt"]

    def take_terminal() -> None:
        as_a_terminal_leaves_signals()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    keeper, terminal = os.openpty()
    os.set_blocking(keeper, False)
    process = subprocess.Popen(
        words,
        cwd=tmp_path,
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        start_new_session=True,
        preexec_fn=take_terminal,
        env=environment(TERM="xterm-256color", COLUMNS="100"),
    )
    os.close(terminal)
    with process:
        wait_for(tmp_path / "run.ckpt")
        os.close(keeper)
        assert process.wait(PATIENCE) == 128 + signal.SIGHUP
    said = strict_json((tmp_path / "w.json").read_text())["training"]["interrupted"]
    assert said.startswith(("after epoch ", "in epoch "))
    assert mlp("evaluate", "--weights", "w.json").code == 0


@pytest.mark.parametrize(
    ("first", "second", "later", "ends"),
    [
        (signal.SIGINT, signal.SIGINT, 0.0625, False),
        (signal.SIGINT, signal.SIGINT, 0.1, True),
        (signal.SIGINT, signal.SIGINT, 0.125, True),
        (signal.SIGINT, signal.SIGTERM, 0.0625, True),
        (signal.SIGTERM, signal.SIGHUP, 5.0, False),
        (signal.SIGHUP, signal.SIGTERM, 0.0625, True),
    ],
)
def test_a_second_signal_ends_at_once_unless_it_is_the_first_one_repeated(
    monkeypatch: pytest.MonkeyPatch, first: int, second: int, later: float, ends: bool
) -> None:
    """The same within a tenth of a second, as `timeout` sends it; or that of a terminal that is closed."""
    now = [1.0]
    monkeypatch.setattr(signals, "monotonic", lambda: now[0])
    monkeypatch.setattr(signals, "heeded", lambda: [])
    stop = signals.Stop()
    stop._take(first, None)
    now[0] += later
    if ends:
        with pytest.raises(signals.Interrupted, match=r"^stopped at once; no file is incomplete$") as caught:
            stop._take(second, None)
        assert caught.value.code == 128 + second
    else:
        stop._take(second, None)
    assert stop.asked == first


@pytest.fixture
def ended(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[object]]:
    """What would be the end of this process is noted here. Afterwards signals find the same answer as before."""
    before, noted = {number: signal.getsignal(number) for number in SIGNALS}, list[object]()
    monkeypatch.setattr(os, "_exit", noted.append)
    yield noted
    for number, answer in before.items():
        signal.signal(number, answer)


@pytest.mark.parametrize("problem", [None, OSError("closed"), RuntimeError("being written"), AttributeError("None")])
def test_a_signal_ends_with_its_last_words_whoever_reads_them(
    ended: list[object], monkeypatch: pytest.MonkeyPatch, problem: Exception | None
) -> None:
    """Nobody may read them: another signal then ends the program in the system's own way."""

    def write(place: int, text: bytes) -> None:
        ended.append((place, text, signal.getsignal(signal.SIGTERM)))

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write)
        patched.setattr(sys, "stdout", stdout := Mock(flush=Mock(side_effect=problem)))
        end_at_signals("nothing was written")
        signal.raise_signal(signal.SIGTERM)
    assert ended == [(2, b"mlp: nothing was written\n", signal.SIG_DFL), 128 + signal.SIGTERM]
    assert stdout.flush.call_count == 1


def test_signals_are_a_wish_within_training_and_the_end_after_it(ended: list[object]) -> None:
    with signals.Stop() as stop:
        assert stop.asked == 0
        signal.raise_signal(signal.SIGTERM)
        assert (stop.asked, ended) == (signal.SIGTERM, [])
    signal.raise_signal(signal.SIGTERM)
    assert ended == [128 + signal.SIGTERM]


def test_while_temporary_files_are_removed_no_signal_is_heeded(ended: list[object]) -> None:
    with pytest.raises(signals.Interrupted):
        signals._at_once(signal.SIGINT)
    assert {signal.getsignal(number) for number in SIGNALS} == {signal.SIG_IGN}
    assert ended == []
