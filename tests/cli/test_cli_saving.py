"""Where a training's results go when that place is full, gone, a stream, or somebody else's too."""

import json
import os
import resource
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from cli_support import MLP, Run, csv_rows, environment, is_one_error_line
from forked import Outcome, forked
from forked import mlp as command
from test_cli_streams import PATIENCE

from mlpcli.cli import checkpoints
from mlpcli.core import training
from mlpcli.core.errors import MlpError

SHORT = ("train", "--dataset", "iris", "--epochs", "2", "-q")


@pytest.mark.parametrize("option", ["--output", "--history", "--checkpoint"])
def test_a_file_size_limit_leaves_old_files_and_exits_with_1(mlp: Run, tmp_path: Path, option: str) -> None:
    names = {"--output": "w.json", "--history": "h.csv", "--checkpoint": "run.ckpt"}
    assert mlp(*SHORT, *(word for pair in names.items() for word in pair)).code == 0
    before = {name: (tmp_path / name).read_bytes() for name in names.values()}
    bytes_allowed = len(before[names[option]]) // 2  # too few for this file
    more = [*MLP, *SHORT, "--seed", "2", "--force", option, names[option]]
    if option != "--output":
        more += ["--output", "-"]  # a pipe has no size
    done = subprocess.run(
        more,
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (bytes_allowed, bytes_allowed)),
        env=environment(PYTHONDONTWRITEBYTECODE="1"),  # Python would keep its compiled files, cut off at the limit
    )
    assert done.returncode == 1
    assert is_one_error_line(done.stderr)
    assert f"{names[option]}: File too large" in done.stderr
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.fixture
def vanishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is gone when the fifth epoch of a training is measured."""
    folder, epochs, measure = tmp_path / "there", iter(range(1, 100)), training.measure
    folder.mkdir()

    def measured(*given: Any) -> tuple[float, float]:
        if next(epochs) == 5:
            shutil.rmtree(folder)
        return measure(*given)

    monkeypatch.setattr(training, "measure", measured)
    return folder


def test_weights_to_start_from_that_do_not_exist_are_perhaps_meant_as_the_output(mlp: Run, tmp_path: Path) -> None:
    done = mlp("train", "--dataset", "iris", "--weights", "new.json")
    assert (done.code, done.out, list(tmp_path.iterdir())) == (1, "", [])
    assert done.err == (
        "mlp: error: new.json: No such file or directory; --weights is the file to start from, "
        "--output the file to write\n"
    )


def test_a_folder_that_vanishes_during_training_is_told(mlp: Run, vanishing: Path) -> None:
    done = mlp("train", "--dataset", "iris", "--epochs", 10, "--output", "there/w.json")
    assert (done.code, vanishing.exists()) == (1, False)
    assert done.err.splitlines()[-1] == "mlp: error: there/w.json: No such file or directory; nothing was written"


def test_a_checkpoint_that_cannot_be_written_ends_training_with_its_weights_kept(
    mlp: Run, tmp_path: Path, vanishing: Path
) -> None:
    kept = ("--checkpoint", "there/run.ckpt", "--checkpoint-every", 1)
    done = mlp("train", "--dataset", "iris", "--epochs", 10, *kept)
    assert (done.code, vanishing.exists()) == (1, False)
    problem, place = "there/run.ckpt: No such file or directory; nothing was written", "after epoch 5 of 10"
    assert done.err.splitlines()[-1] == f"mlp: error: {problem}; weights: w.json ({place})"
    assert json.loads((tmp_path / "w.json").read_text())["training"]["interrupted"] == place
    assert mlp("evaluate", "--weights", "w.json").code == 0


class Failing:
    """A function that fails in its n-th call, in the way given."""

    def __init__(self, function: Callable[..., object], n: int, problem: Exception) -> None:
        self.function, self.left, self.problem = function, n, problem

    def __call__(self, *arguments: object, **more: object) -> object:
        self.left -= 1
        if self.left == 0:
            raise self.problem
        return self.function(*arguments, **more)


LACKING = MemoryError("Unable to allocate 8 GiB")
MACHINE = [(LACKING, "not enough memory: Unable to allocate 8 GiB"), (OSError(5, "Broken", "disk"), "disk: Broken")]


@pytest.mark.parametrize(("problem", "words"), MACHINE, ids=["memory", "system"])
def test_a_machine_that_fails_in_an_epoch_ends_training_with_the_epochs_before_kept(
    mlp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, problem: Exception, words: str
) -> None:
    """In the seventh epoch, whose batches are done: the weights are those of a training of six."""
    iris = ("train", "--dataset", "iris", "-q", "--checkpoint-every", 4)
    assert mlp(*iris, "--epochs", 6, "--output", "six.json", "--checkpoint", "six.ckpt").code == 0
    monkeypatch.setattr(training, "measure", Failing(training.measure, 7, problem))
    done = mlp(*iris, "--epochs", 40, "--history", "h.csv", "--checkpoint", "run.ckpt")
    assert (done.code, done.out.count("Results")) == (1, 0)
    kept = "weights: w.json (after epoch 6 of 40); history: h.csv; checkpoint: run.ckpt (epoch 6)"
    assert done.err == f"mlp: error: {words}; {kept}\n"
    six, found = (json.loads((tmp_path / name).read_text()) for name in ("six.json", "w.json"))
    assert found["layers"] == six["layers"]
    assert found["training"]["interrupted"] == "after epoch 6 of 40"
    assert len((tmp_path / "h.csv").read_text().splitlines()) == 7
    monkeypatch.undo()
    assert "resuming after epoch 6" in mlp(*iris[:3], "--epochs", 40, "--checkpoint", "run.ckpt", "--resume").err


def test_a_machine_that_fails_between_two_epochs_keeps_a_checkpoint_of_the_one_before(
    mlp: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An epoch that is done, of which there is no state, is none of the epochs of the checkpoint."""
    state = Failing(training.Training.state, 14, LACKING)  # before the seventh epoch it is the thirteenth
    monkeypatch.setattr(training.Training, "state", lambda training: state(training))
    words = (*SHORT[:3], "--checkpoint", "run.ckpt", "--checkpoint-every", 100, "--epochs", 40)
    done = mlp(*words, "-q")
    assert done.code == 1
    assert done.err.endswith("; weights: w.json (after epoch 7 of 40); checkpoint: run.ckpt (epoch 6)\n")
    monkeypatch.undo()
    assert "resuming after epoch 6" in mlp(*words, "--resume").err


def test_a_machine_that_fails_in_the_first_epoch_writes_nothing(
    mlp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "measure", Failing(training.measure, 1, MemoryError()))
    done = mlp(*SHORT)
    assert done.err == "mlp: error: not enough memory: a file or a network is too large for this machine\n"
    assert (done.code, os.listdir(tmp_path)) == (1, [])


@pytest.mark.parametrize(("place", "name"), [(checkpoints, "save_checkpoint"), (training, "measure")])
def test_with_patience_the_best_weights_are_kept_whatever_ends_training(
    mlp: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, place: ModuleType, name: str
) -> None:
    """A step so large that the best epoch is not the last. One failure is in an epoch, the other after it."""
    words = ("train", "--dataset", "iris", "--lr", 0.2, "--patience", 50, "--test", 0, "--history", "h.csv", "-q")
    problem = MlpError("run.ckpt: full") if name == "save_checkpoint" else LACKING
    monkeypatch.setattr(place, name, Failing(getattr(place, name), 30, problem))
    done = mlp(*words, "--checkpoint", "run.ckpt", "--checkpoint-every", 1)
    monkeypatch.undo()
    assert done.code == 1
    rows = csv_rows((tmp_path / "h.csv").read_text())
    losses = [float(row["validation_loss"]) for row in rows]
    best = losses.index(min(losses)) + 1
    assert best < len(losses)
    assert f"weights: w.json (those of epoch {best}, the best)" in done.err
    shown = mlp("evaluate", "--weights", "w.json", "--part", "validation", "--format", "json")
    assert json.loads(shown.out)["loss"] == min(losses)


def test_a_divergence_is_told_although_its_checkpoint_cannot_be_saved(
    mlp: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, since 3 would say that all is where it was asked for."""
    monkeypatch.setattr(checkpoints, "save_checkpoint", Failing(print, 1, MlpError("run.ckpt: full")))
    more = ("--checkpoint", "run.ckpt", "--checkpoint-every", 9)
    done = mlp("train", "--dataset", "cars", "--optimizer", "sgd", "--lr", 4, "-q", *more)
    assert done.code == 1
    assert is_one_error_line(done.err)
    parts = done.err.split("; ")
    assert parts[0].startswith("mlp: error: training diverged at epoch 3, ")
    assert parts[2:] == ["run.ckpt: full", "weights: w.json (the last finite ones, after epoch 2)\n"]
    assert json.loads((tmp_path / "w.json").read_text())["training"]["diverged"].startswith("epoch 3, ")


def test_what_ended_training_is_told_although_its_weights_cannot_be_saved(mlp: Run, tmp_path: Path) -> None:
    """Exit code 1, since 3 would say that the last finite weights are there."""
    diverging = ("train", "--dataset", "cars", "--optimizer", "sgd", "--lr", 4, "-q", "--checkpoint", "run.ckpt")
    done = mlp(*diverging, "--output", "/dev/full")
    assert done.code == 1
    assert is_one_error_line(done.err)
    parts = done.err.split("; ")
    assert parts[0].startswith("mlp: error: training diverged at epoch ")
    assert parts[2:] == [
        "/dev/full: No space left on device",
        "nothing was written",
        "checkpoint: run.ckpt (epoch 2)\n",
    ]


def test_a_history_that_cannot_be_written_does_not_hide_where_the_weights_are(
    mlp: Run, tmp_path: Path, vanishing: Path
) -> None:
    done = mlp("train", "--dataset", "iris", "--epochs", 10, "--history", "there/h.csv")
    assert (done.code, vanishing.exists()) == (1, False)
    problem = "there/h.csv: No such file or directory; nothing was written"
    assert done.err.splitlines()[-1] == f"mlp: error: {problem}; weights: w.json"
    assert json.loads((tmp_path / "w.json").read_text())["layers"]


NOBODY = 65534
PLACES = [("--output", "w.json"), ("--history", "h.csv"), ("--checkpoint", "run.ckpt"), ("--plot", "h.svg")]


@pytest.mark.parametrize("option", [option for option, _ in PLACES])
def test_a_file_without_a_name_is_told_before_training(mlp: Run, tmp_path: Path, option: str) -> None:
    done = mlp(*SHORT, option, "")
    assert (done.code, done.out, os.listdir(tmp_path)) == (2, "", [])
    assert is_one_error_line(done.err)
    assert f"{option} is empty" in done.err


@pytest.fixture
def shared() -> Iterator[Path]:
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def as_another_user(folder: Path, *words: str) -> Outcome:
    """A command as a user without any rights, where the tests may become one."""

    def work() -> None:
        os.chdir(folder)
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        command(Path("."), words)()

    return forked(work)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
@pytest.mark.parametrize(("option", "name"), PLACES, ids=lambda value: value)
def test_a_read_only_folder_is_found_before_training(shared: Path, option: str, name: str) -> None:
    (shared / "open").mkdir()
    (shared / "open").chmod(0o777)
    done = as_another_user(shared / "open", *SHORT, option, f"../{name}")
    assert (done.code, done.out) == (1, "")
    assert done.err == f"mlp: error: ../{name}: Permission denied\n"
    assert os.listdir(shared) == ["open"]
    assert os.listdir(shared / "open") == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become another user")
@pytest.mark.parametrize(("option", "name"), PLACES, ids=lambda value: value)
def test_somebody_elses_file_in_a_folder_for_all_is_found_before_training(shared: Path, option: str, name: str) -> None:
    """As in /tmp: everybody may write there, and only the owner may replace a file."""
    shared.chmod(0o1777)
    (shared / name).write_text("theirs")
    (shared / name).chmod(0o666)
    done = as_another_user(shared, *SHORT, "--force", option, name)
    assert (done.code, done.out) == (1, "")
    assert done.err == f"mlp: error: {name}: Operation not permitted\n"
    assert (shared / name).read_text() == "theirs"


@pytest.mark.parametrize("name", ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"])
def test_the_systems_names_of_standard_output_are_a_dash(mlp: Run, tmp_path: Path, name: str) -> None:
    """Into a file too, which must not be replaced under the hands of the shell."""
    with open(tmp_path / "out.json", "w") as out:
        done = forked(command(tmp_path, [*SHORT, "--output", name]), stdout=out.fileno())
    assert done.code == 0
    assert (tmp_path / "out.json").read_text() == mlp(*SHORT, "--output", "-").out


def test_weights_go_through_a_substituted_process(tmp_path: Path) -> None:
    line = f"{' '.join(MLP)} {' '.join(SHORT)} --output >(cat > part && mv part copy.json) > /dev/null"
    wait = "until [ -e copy.json ]; do sleep 0.01; done"  # the shell may end before that process
    subprocess.run(["bash", "-c", f"{line} && {wait}"], cwd=tmp_path, check=True, timeout=PATIENCE)
    assert json.loads((tmp_path / "copy.json").read_text())["layers"]


def test_several_trainings_may_write_one_file_while_it_is_read(mlp: Run, tmp_path: Path) -> None:
    assert mlp(*SHORT).code == 0
    words = [*MLP, *SHORT, "--checkpoint", "run.ckpt", "--checkpoint-every", "1", "--force"]
    writers = [
        subprocess.Popen([*words, "--epochs", "40"], cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    reads = 0
    while any(writer.poll() is None for writer in writers):
        assert json.loads((tmp_path / "w.json").read_text())["layers"]
        reads += 1
    for writer in writers:
        assert writer.communicate()[1].decode() == ""
        assert writer.returncode == 0
    assert reads
    assert {path.name for path in tmp_path.iterdir()} == {"w.json", "run.ckpt", "run.ckpt.previous"}
    assert mlp(*SHORT, "--epochs", 40, "--checkpoint", "run.ckpt", "--resume").code == 0
