"""`--checkpoint` and `--resume`, as a user meets them."""

import re
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest
from cli_support import Run, is_one_error_line

from mlpcli.cli import checkpoints
from mlpcli.cli.checkpoints import _excerpts
from mlpcli.cli.train_command import CheckpointOptions
from mlpcli.core.errors import MlpError
from mlpcli.files.checkpoint import Checkpoint, Resumable, load_checkpoint, save_checkpoint

IRIS = ("train", "--dataset", "iris", "--epochs", "40")
KEPT = (*IRIS, "--checkpoint", "run.ckpt")


@pytest.fixture
def whole(mlp: Run, tmp_path: Path) -> bytes:
    """The weights of the training that is never broken off."""
    assert mlp(*IRIS, "--output", "whole.json", "-q").code == 0
    return (tmp_path / "whole.json").read_bytes()


@pytest.mark.parametrize("every", [[], ["--checkpoint-every", 1], ["--checkpoint-every", 7]])
def test_checkpoints_change_nothing_about_training(mlp: Run, tmp_path: Path, whole: bytes, every: list[object]) -> None:
    assert mlp(*KEPT, *every).code == 0
    assert (tmp_path / "w.json").read_bytes() == whole


def test_resume_without_a_checkpoint_starts_from_the_beginning_and_says_so(
    mlp: Run, tmp_path: Path, whole: bytes
) -> None:
    done = mlp(*KEPT, "--resume")
    assert done.code == 0
    assert "there is no run.ckpt yet" in done.err
    assert (tmp_path / "w.json").read_bytes() == whole


def test_a_longer_training_goes_on_from_a_shorter_one(mlp: Run, tmp_path: Path, whole: bytes) -> None:
    assert mlp(*KEPT[:3], "--epochs", 13, *KEPT[5:], "--history", "h.csv").code == 0
    done = mlp(*KEPT, "--resume", "--history", "h.csv")
    assert done.code == 0
    assert "resuming after epoch 13" in done.err
    assert "40 epochs in" in done.out
    assert (tmp_path / "w.json").read_bytes() == whole
    rows = (tmp_path / "h.csv").read_text().splitlines()[1:]
    assert [row.split(",")[0] for row in rows] == [str(k) for k in range(1, 41)]


def test_a_finished_training_is_told_again_without_training(mlp: Run, tmp_path: Path, whole: bytes) -> None:
    first = mlp(*KEPT)
    (tmp_path / "w.json").unlink()
    again = mlp(*KEPT, "--resume")
    assert again.code == 0
    assert (tmp_path / "w.json").read_bytes() == whole
    assert again.out == first.out


@pytest.mark.parametrize(("layers", "told"), [("x" * 1000, f"layers {'x' * 80}…,"), ("4 inputs, 1" + "6" * 999, "…")])
def test_a_difference_is_told_in_one_line_however_long_the_setting_is(
    mlp: Run, tmp_path: Path, layers: str, told: str
) -> None:
    assert mlp(*KEPT).code == 0
    found = load_checkpoint(str(tmp_path / "run.ckpt"))
    changed = replace(found, settings={**found.settings, "layers": layers})
    save_checkpoint(changed, str(tmp_path / "run.ckpt"), keep=False)
    done = mlp(*KEPT, "--resume")
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert told in done.err
    assert "now it is 4 inputs, 16 relu, 3 softmax; use the same value, or" in done.err


@pytest.mark.parametrize("damage", [b"", b"mlpcli-check", None])
def test_a_damaged_checkpoint_is_told_and_the_one_before_taken(
    mlp: Run, tmp_path: Path, whole: bytes, damage: bytes | None
) -> None:
    assert mlp(*KEPT, "--checkpoint-every", 15).code == 0  # epochs 15, 30 and 40
    path = tmp_path / "run.ckpt"
    content = bytearray(path.read_bytes())
    content[-5] ^= 4
    path.write_bytes(content if damage is None else damage)
    done = mlp(*KEPT, "--checkpoint-every", 40, "--resume")
    assert done.code == 0
    assert "run.ckpt: " in done.err
    assert "using the previous checkpoint" in done.err
    assert "resuming after epoch 30 from run.ckpt.previous" in done.err
    assert (tmp_path / "w.json").read_bytes() == whole
    assert "resuming after epoch 40 from run.ckpt" in mlp(*KEPT, "--resume").err  # whole again
    assert load_checkpoint(str(tmp_path / "run.ckpt.previous")).state.epoch == 30  # the damaged one does not replace it


@pytest.mark.parametrize(
    ("change", "named"),
    [
        (["--hidden", 8], "layers 4 inputs, 16 relu, 3 softmax"),
        (["--activation", "leaky-relu:0.3"], "16 leaky-relu:alpha=0.3"),
        (["--dtype", "float32"], "dtype float64"),
        (["--loss", "mse", "--output-activation", "sigmoid"], "3 sigmoid"),
        (["--loss", "ce-negatives"], "loss cce"),
        (["--l2", 0.1], "l2 0.0"),
        (["--initializer", "he-normal"], "first weights glorot-uniform"),
        (["--optimizer", "sgd"], "optimizer adam"),
        (["--optimizer", "adam:beta1=0.8"], "adam:beta1=0.8"),
        (["--lr", 0.01], "learning rate 0.001"),
        (["--schedule", "cosine"], "schedule constant"),
        (["--batch", 8], "batch 16"),
        (["--seed", 2], "seed 1"),
        (["--patience", 3], "patience None"),
        (["--freeze-bias"], "freeze bias False"),
        (["--test", 0.1], "training data 96 samples"),
        (["--scaling", "none"], "training data 96 samples"),
        (["--epochs", 39], "--epochs 39"),
    ],
    ids=lambda value: str(value[0]) if isinstance(value, list) else "",
)
def test_another_training_is_refused_and_the_difference_named(
    mlp: Run, tmp_path: Path, change: list[object], named: str
) -> None:
    assert mlp(*KEPT, "-q").code == 0
    before = {file.name: file.read_bytes() for file in tmp_path.iterdir()}
    done = mlp(*KEPT, *change, "--resume")
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert named in done.err
    assert done.out == ""
    assert {file.name: file.read_bytes() for file in tmp_path.iterdir()} == before


def test_other_data_are_refused(mlp: Run, tmp_path: Path) -> None:
    table = tmp_path / "d.csv"
    rows = [f"{k},{k * k % 7},{k % 2}" for k in range(30)]
    command = ("train", "--data", "d.csv", "--epochs", 3, "--checkpoint", "run.ckpt", "-q")
    table.write_text("a,b,c\n" + "\n".join(rows))
    assert mlp(*command).code == 0
    table.write_text("a,b,c\n" + "\n".join([*rows[:7], "7,1.5,1", *rows[8:]]))
    done = mlp(*command, "--resume")
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert "data" in done.err


def test_other_validation_data_are_refused(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\n" + "".join(f"{k},{k % 2}\n" for k in range(30)))
    command = ("train", "--data", "d.csv", "--epochs", 3, "--checkpoint", "run.ckpt", "--test", 0, "-q")
    for more in (["--validation-data", "v.csv"], ["--validation", 0]):
        (tmp_path / "v.csv").write_text("a,b\n1,0\n2,1\n")
        assert mlp(*command, *more, "--force").code == 0
        assert mlp(*command, *more, "--resume").code == 0
        (tmp_path / "v.csv").write_text("a,b\n1,0\n3,1\n")
        done = mlp(*command, "--validation-data", "v.csv", "--resume")
        assert done.code == 1
        assert "was made with validation data " in done.err


def test_samples_are_known_by_sixteen_digits(mlp: Run, tmp_path: Path) -> None:
    """Or trainings that an earlier version began could not be resumed. Of 150 samples, a fifth is the test set."""
    assert mlp(*KEPT, "-q").code == 0
    settings = load_checkpoint(str(tmp_path / "run.ckpt")).settings
    for name, samples in {"training": 96, "validation": 24}.items():
        assert re.fullmatch(rf"{samples} samples \([0-9a-f]{{16}}\)", settings[f"{name} data"])


def test_the_checkpoint_that_training_resumes_from_is_kept_beside_the_next(mlp: Run, tmp_path: Path) -> None:
    assert mlp(*KEPT[:3], "--epochs", 13, *KEPT[5:], "-q").code == 0
    assert mlp(*KEPT, "--checkpoint-every", 40, "--resume", "-q").code == 0
    assert load_checkpoint(str(tmp_path / "run.ckpt.previous")).state.epoch == 13


def test_a_state_is_taken_up_and_told_and_one_that_does_not_fit_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    state = Mock(epoch=3)
    resumed = Resumable(Checkpoint({"epochs": 5}, (), state), "run.ckpt.previous", None)
    monkeypatch.setattr(checkpoints, "find_checkpoint", lambda path: resumed)
    training = Mock(plan=Mock(epochs=5, schedule=Mock(depends_on_epochs=False)))
    keeper = checkpoints.Keeper(CheckpointOptions("run.ckpt", resume=True), False, training, {}, Mock())
    assert keeper.earlier_epochs() == []
    assert keeper.words == ["checkpoint: run.ckpt.previous (epoch 3)"]  # is told however this training ends
    training.restore.side_effect = MlpError("no momentum of layer 2")
    with pytest.raises(MlpError, match=r"^run\.ckpt\.previous: no momentum of layer 2$"):
        keeper.earlier_epochs()


def test_a_checkpoint_that_cannot_be_saved_is_not_told_as_saved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its error says more."""
    monkeypatch.setattr(checkpoints, "save_checkpoint", Mock(side_effect=MlpError("run.ckpt: No space left on device")))
    training = Mock(plan=Mock(epochs=1))
    training.state.return_value = Mock(epoch=1)
    keeper = checkpoints.Keeper(CheckpointOptions("run.ckpt"), False, training, {}, Mock())
    with pytest.raises(MlpError):
        keeper.after_epoch([Mock(number=1)], announced=False)
    assert keeper.words == []


def test_a_schedule_that_hangs_on_the_number_of_epochs_wants_the_same_number(mlp: Run) -> None:
    assert mlp(*KEPT, "--schedule", "cosine", "-q").code == 0
    done = mlp(*KEPT[:3], "--epochs", 50, *KEPT[5:], "--schedule", "cosine", "--resume")
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert "use --epochs 40" in done.err
    assert mlp(*KEPT, "--schedule", "cosine", "--resume").code == 0


@pytest.mark.parametrize("change", [["--lr", 0.01], ["--schedule", "cosine"]], ids=lambda change: change[0])
def test_force_goes_on_with_another_learning_rate(mlp: Run, tmp_path: Path, change: list[object]) -> None:
    assert mlp(*KEPT[:3], "--epochs", 9, *KEPT[5:], "--history", "h.csv", "-q").code == 0
    refused = mlp(*KEPT, *change, "--resume")
    assert refused.code == 1
    assert "or add --force to change it" in refused.err
    assert mlp(*KEPT, *change, "--resume", "--force", "--history", "h.csv").code == 0
    header, *rows = [line.split(",") for line in (tmp_path / "h.csv").read_text().splitlines()]
    rates = [float(row[header.index("learning_rate")]) for row in rows]
    assert len(rates) == 40
    assert set(rates[:9]) == {0.001}
    assert 0.001 not in rates[9:]


def test_force_does_not_go_on_with_another_network(mlp: Run) -> None:
    assert mlp(*KEPT, "-q").code == 0
    assert mlp(*KEPT, "--hidden", 8, "--resume", "--force").code == 1


def test_an_earlier_training_is_not_overwritten_unless_forced(mlp: Run, tmp_path: Path) -> None:
    assert mlp(*KEPT, "-q").code == 0
    before = (tmp_path / "run.ckpt").read_bytes()
    done = mlp(*KEPT, "--seed", 2)
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert "--resume" in done.err
    assert "--force" in done.err
    assert (tmp_path / "run.ckpt").read_bytes() == before
    assert mlp(*KEPT, "--seed", 2, "--force").code == 0
    assert (tmp_path / "run.ckpt").read_bytes() != before


def test_the_first_checkpoint_of_a_new_training_takes_the_place_of_all_of_an_earlier_one(
    mlp: Run, tmp_path: Path
) -> None:
    """Or the earlier one would stand in for a damaged newest, since the settings are the same."""
    assert mlp(*KEPT, "--checkpoint-every", 15, "-q").code == 0
    assert (tmp_path / "run.ckpt.previous").exists()
    assert mlp(*KEPT, "--checkpoint-every", 40, "-q", "--force").code == 0
    assert {path.name for path in tmp_path.iterdir()} == {"w.json", "run.ckpt"}
    with open(tmp_path / "run.ckpt", "ab") as file:
        file.write(b"x")
    done = mlp(*KEPT, "--resume")
    assert done.code == 1
    assert "run.ckpt: damaged" in done.err


def test_the_one_before_alone_is_an_earlier_training_too(mlp: Run, tmp_path: Path, whole: bytes) -> None:
    assert mlp(*KEPT, "--checkpoint-every", 15, "-q").code == 0
    (tmp_path / "run.ckpt").unlink()
    done = mlp(*KEPT)
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert "run.ckpt.previous: holds an earlier training run: --resume continues it, --force starts over" in done.err
    done = mlp(*KEPT, "--resume")
    assert "resuming after epoch 30 from run.ckpt.previous" in done.err
    assert (tmp_path / "w.json").read_bytes() == whole


@pytest.mark.parametrize("earlier", [False, True])
def test_a_file_that_is_no_checkpoint_is_not_overwritten_and_not_read(mlp: Run, tmp_path: Path, earlier: bool) -> None:
    """Nor where the checkpoint before it is there."""
    if earlier:
        assert mlp(*KEPT, "--checkpoint-every", 15, "-q").code == 0
    (tmp_path / "run.ckpt").write_text("my notes")
    for more in ([], ["--resume"]):
        done = mlp(*KEPT, *more)
        assert done.code == 1
        assert is_one_error_line(done.err)
        assert "no checkpoint" in done.err or "not an mlp checkpoint" in done.err or "not a checkpoint" in done.err
        assert (tmp_path / "run.ckpt").read_text() == "my notes"


@pytest.mark.parametrize(
    "words",
    [
        ["--resume"],
        ["--checkpoint-every", 3],
        ["--checkpoint", "run.ckpt", "--checkpoint-every", 0],
        ["--checkpoint", "-"],
        ["--checkpoint", "/dev/null"],
        ["--checkpoint", "w.json"],
        ["--checkpoint", "w", "--output", "w.previous"],
        ["--checkpoint", "run.ckpt", "--history", "run.ckpt"],
    ],
    ids=lambda words: " ".join(map(str, words)),
)
def test_options_that_make_no_sense_are_usage_errors(mlp: Run, tmp_path: Path, words: list[object]) -> None:
    done = mlp(*IRIS, *words)
    assert done.code == 2
    assert is_one_error_line(done.err)
    assert list(tmp_path.iterdir()) == []


def test_what_solves_in_one_step_has_nothing_to_go_on_with(mlp: Run, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,b\n1,2\n2,4.5\n3,6\n4,8\n5,9\n")
    done = mlp("train", "--data", "d.csv", "--hidden", 0, "--optimizer", "normal-equations", "--checkpoint", "run.ckpt")
    assert done.code == 2
    assert "one step" in done.err


def test_a_place_that_cannot_be_written_is_found_before_training(mlp: Run, tmp_path: Path) -> None:
    done = mlp(*IRIS, "--checkpoint", "none/run.ckpt")
    assert done.code == 1
    assert is_one_error_line(done.err)
    assert done.out == ""
    assert list(tmp_path.iterdir()) == []


def test_training_goes_on_from_the_weights_of_a_file_that_has_been_replaced_since(mlp: Run, tmp_path: Path) -> None:
    """The file that training began with may be the one that it writes to: what counts is what the checkpoint says."""
    assert mlp(*IRIS, "--output", "first.json", "-q").code == 0
    more = ("train", "--dataset", "iris", "--weights", "first.json", "-q", "--lr", 0.01)
    assert mlp(*more, "--epochs", 9).code == 0
    wanted = (tmp_path / "w.json").read_bytes()
    (tmp_path / "w.json").unlink()
    assert mlp(*more, "--epochs", 4, "--output", "first.json", "--checkpoint", "run.ckpt").code == 0
    assert mlp(*more, "--epochs", 9, "--checkpoint", "run.ckpt", "--resume").code == 0
    assert (tmp_path / "w.json").read_bytes() == wanted


@pytest.mark.parametrize(
    ("one", "two", "shown"),
    [
        ("16 relu", "8 relu", ["16 relu", "8 relu"]),
        ("a" * 80, "a" * 79 + "b", ["a" * 80, "a" * 79 + "b"]),
        ("x" + "a" * 80, "y" + "a" * 80, ["x" + "a" * 79 + "…", "y" + "a" * 79 + "…"]),
        # the difference is the 41st of 80 characters; one of the texts goes on
        ("a" * 50 + "b" * 40, "a" * 50 + "c" * 41, ["…" + "a" * 40 + "b" * 40, "…" + "a" * 40 + "c" * 40 + "…"]),
        ("a" * 90, "a" * 100, ["…" + "a" * 40, "…" + "a" * 50]),
    ],
)
def test_of_long_settings_eighty_characters_around_the_first_difference_are_told(
    one: str, two: str, shown: list[str]
) -> None:
    assert _excerpts(one, two) == shown


def test_a_checkpoint_is_due_after_a_second_or_with_a_line_of_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By default. Of 10 epochs, the second is announced, the fourth is a second later, and the last is last."""
    now = [0.0]
    monkeypatch.setattr(checkpoints, "perf_counter", lambda: now[0])
    saved, kept = list[int](), list[bool]()

    def save(checkpoint: Checkpoint, path: str, keep: bool) -> None:
        saved.append(checkpoint.state.epoch)
        kept.append(keep)

    monkeypatch.setattr(checkpoints, "save_checkpoint", save)
    training = Mock(plan=Mock(epochs=10))
    options = CheckpointOptions(str(tmp_path / "run.ckpt"))
    keeper = checkpoints.Keeper(options, False, training, {}, Mock())
    assert keeper.words == ["no checkpoint yet, since no epoch is finished"]
    times = {1: 0.5, 2: 0.75, 3: 1.5, 4: 1.75, 5: 1.875, 10: 2.0}
    for number, later in times.items():
        now[0], training.state.return_value = later, Mock(epoch=number)
        keeper.after_epoch([Mock(number=k) for k in range(1, number + 1)], announced=number == 2)
    assert saved == [2, 4, 10]
    assert kept == [False, True, True]  # what was there before the first is not of this training
    assert keeper.words == [f"checkpoint: {options.checkpoint} (epoch 10)"]
