"""Which files may be overwritten: weights, and what holds nothing."""

import os
from pathlib import Path

import numpy as np
import pytest
from cli_support import LECTURE

from mlpcli.cli.file_paths import (
    check_distinct,
    check_files,
    check_folder,
    check_runs,
    check_sweep_files,
    check_training_files,
    check_weights,
)
from mlpcli.cli.sweep_command import SweepOptions
from mlpcli.cli.train_command import CheckpointOptions, TrainingOutput
from mlpcli.core.errors import ChoiceError, MlpError
from mlpcli.files.checkpoint import MAGIC


@pytest.mark.parametrize("option", ["--output", "--save-weights"])
@pytest.mark.parametrize("content", [b"a,b\n1,2\n", b"{}", b'{"layers": []}', b"PK\x03\x04", bytes(5000)])
def test_other_files_are_not_overwritten(tmp_path: Path, content: bytes, option: str) -> None:
    path = tmp_path / "w.json"
    path.write_bytes(content)
    with pytest.raises(MlpError, match=f"choose another {option}, or --force") as caught:
        check_weights(str(path), option)
    assert str(path) in str(caught.value)
    assert path.read_bytes() == content


def test_another_programs_archive_is_not_overwritten(tmp_path: Path) -> None:
    np.savez(tmp_path / "w.npz", weights=np.ones(3))
    with pytest.raises(MlpError):
        check_weights(str(tmp_path / "w.npz"), "--output")


def test_what_holds_nothing_may_be_overwritten(tmp_path: Path) -> None:
    (tmp_path / "empty.json").write_bytes(b"")
    for path in (tmp_path / "empty.json", tmp_path / "none.json", "-", "/dev/null"):
        check_weights(str(path), "--output")


def test_another_file_behind_a_link_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    (tmp_path / "w.json").symlink_to("thesis.txt")
    with pytest.raises(MlpError):
        check_weights(str(tmp_path / "w.json"), "--output")


@pytest.mark.parametrize(
    ("read", "written", "words"),
    [
        ({}, (None, None, "w.txt"), "--save-weights w.txt: a weights file ends in .json or .npz"),
        ({}, (None, "-", "w.json"), "--output and --solution cannot both go to standard output; give each a file"),
        ({}, (None, "-", "-"), "--output and --solution cannot both go to standard output; give each a file of its"),
        ({}, ("a.md", "-", "-"), "--solution and --save-weights cannot both go to standard output; give each a file"),
        ({}, ("a.md", "./a.md", None), "--output and --solution are both ./a.md; give each a file of its own"),
        ({"weights": "-", "data": "-"}, (None, None, None), "--weights and --data: standard input can be only one"),
        ({"weights": "w.json"}, ("./w.json", None, None), "--output would overwrite the weights file"),
        ({"data": "d.csv"}, (None, "d.csv", None), "--solution would overwrite the data file"),
        ({"compare": "m.json"}, (None, None, "m.json"), "--save-weights would overwrite the compared file"),
    ],
)
def test_what_would_fail_at_the_end_is_refused_before(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    read: dict[str, str],
    written: tuple[str | None, str | None, str | None],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ChoiceError) as caught:
        check_files(read, *written)
    assert str(caught.value).startswith(words)
    assert list(tmp_path.iterdir()) == []


def test_a_weights_file_may_be_read_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And another file, if that is forced."""
    monkeypatch.chdir(tmp_path)
    check_files({"weights": "w.json", "data": "-", "compare": None}, None, "s.md", "w.json")
    Path("w.json").write_text("my notes")
    check_files({"weights": "w.json"}, "-", None, "w.json", force=True)
    with pytest.raises(MlpError, match=r"^w\.json: exists and is not an mlp weights file; choose another --save-weig"):
        check_files({"weights": "w.json"}, "-", None, "w.json")
    check_distinct({"--data": "w.json", "--output": "o.json", "--plot": None, "--history": "-", "--other": "-"})


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to be in: with a network, notes that nobody wants to lose, and what a training left."""
    monkeypatch.chdir(tmp_path)
    Path("w.json").write_bytes(LECTURE.read_bytes())
    for name in ("notes.json", "notes.csv", "notes.ckpt"):
        Path(name).write_text("my notes")
    for name in ("run.ckpt", "old.ckpt.previous"):
        Path(name).write_bytes(MAGIC)
    Path("empty.ckpt").write_bytes(b"")
    Path("h.csv").write_text("epoch,loss\n")
    Path("folder.ckpt.previous").mkdir()
    Path("folder").mkdir()
    Path("other").mkdir()
    Path("other/1.json").mkdir()
    os.mkfifo("pipe")
    return tmp_path


@pytest.mark.parametrize("written", [("w.json",), (None, "w.json")])
def test_a_report_replaces_no_network_unless_that_is_forced(folder: Path, written: tuple[str | None, ...]) -> None:
    with pytest.raises(MlpError, match=r"^w\.json: has the weights of a network; choose another --(output|solution)"):
        check_files({}, *written)
    check_files({}, *written, force=True)


def test_a_folder_that_is_missing_is_told_before_a_report_is_computed(folder: Path) -> None:
    with pytest.raises(MlpError, match="no folder"):
        check_files({}, "missing/report.md")


@pytest.mark.parametrize(("read", "written"), [("-", "./-"), ("./-", "-")])
def test_standard_streams_are_no_files_with_a_minus_as_name(folder: Path, read: str, written: str) -> None:
    Path("-").write_text("1,2\n")
    check_files({"data": read}, written)


TRAINING_MISTAKES = [  # the files of the output, those of checkpoints, and others; what is raised, and why
    ({"history": "d.csv"}, {}, {"data": "d.csv"}, ChoiceError, "--data and --history are both d.csv; give each"),
    ({"output": "v.json"}, {}, {"validation": "v.json"}, ChoiceError, "--validation-data and --output are both v.json"),
    ({"output": "p.json", "plot": "./p.json"}, {}, {}, ChoiceError, "--output and --plot are both ./p.json"),
    ({"history": "c.csv"}, {"checkpoint": "c.csv"}, {}, ChoiceError, "--history and --checkpoint are both c.csv"),
    (
        {"plot": "c.previous"},
        {"checkpoint": "c"},
        {},
        ChoiceError,
        "--plot and the previous --checkpoint are both",
    ),
    ({}, {}, {"weights": "none.json"}, MlpError, "none.json: No such file or directory; --weights is the file to"),
    ({"output": "w.txt"}, {}, {}, ChoiceError, "--output w.txt: a weights file ends in .json or .npz"),
    ({"output": "missing/w.json"}, {}, {}, MlpError, "missing/w.json: no folder"),
    ({"output": "notes.json"}, {}, {}, MlpError, "notes.json: exists and is not an mlp weights file; choose another "),
    ({"history": "missing/h.csv"}, {}, {}, MlpError, "missing/h.csv: no folder"),
    ({"history": "h.txt"}, {}, {}, ChoiceError, "--history h.txt: choose the suffix .csv or .jsonl"),
    (
        {"history": "notes.csv"},
        {},
        {},
        MlpError,
        "notes.csv: exists and is not a history; choose another --history, or --force to overwrite it",
    ),
    ({"plot": "missing/p.png"}, {}, {}, MlpError, "missing/p.png: no folder"),
    ({"plot": "p.txt"}, {}, {}, ChoiceError, "--plot p.txt: choose the suffix .svg"),
    ({}, {"resume": True}, {}, ChoiceError, "--resume needs --checkpoint FILE"),
    ({}, {"checkpoint_every": 2}, {}, ChoiceError, "--checkpoint-every needs --checkpoint FILE"),
    ({}, {"checkpoint": "c", "checkpoint_every": 0}, {}, ChoiceError, "--checkpoint-every must be 1 or more, not 0"),
    ({}, {"checkpoint": "-"}, {}, ChoiceError, "--checkpoint -: must be a file, since training resumes from it"),
    ({}, {"checkpoint": "pipe"}, {}, ChoiceError, "--checkpoint pipe: must be a file, since training resumes from it"),
    ({}, {"checkpoint": "folder"}, {}, MlpError, "folder: is a folder"),
    ({}, {"checkpoint": "folder.ckpt"}, {}, MlpError, "folder.ckpt.previous: is a folder"),
    ({}, {"checkpoint": "notes.ckpt"}, {}, MlpError, "notes.ckpt: exists and is not a checkpoint; choose another --ch"),
    ({}, {"checkpoint": "run.ckpt"}, {}, MlpError, "run.ckpt: holds an earlier training run: --resume continues it"),
    ({}, {"checkpoint": "old.ckpt"}, {}, MlpError, "old.ckpt.previous: holds an earlier training run"),
]


@pytest.mark.parametrize(("output", "checkpoint", "others", "error", "words"), TRAINING_MISTAKES)
def test_what_would_fail_after_training_is_refused_before(
    folder: Path,
    output: dict[str, str],
    checkpoint: dict[str, object],
    others: dict[str, str],
    error: type[Exception],
    words: str,
) -> None:
    found = sorted(folder.rglob("*"))
    with pytest.raises(error) as caught:
        train_files(output, checkpoint, others)
    assert str(caught.value).startswith(words)
    assert sorted(folder.rglob("*")) == found


@pytest.mark.parametrize(
    ("output", "checkpoint", "others"),
    [
        ({}, {}, {"data": "-", "weights": "-"}),
        ({"output": "w.json", "history": "h.csv"}, {}, {"weights": "w.json"}),
        ({"output": "new.NPZ", "history": "new.JSONL"}, {"checkpoint": "c", "checkpoint_every": 1}, {}),
        ({"output": "notes.json", "history": "notes.csv", "force": True}, {"checkpoint": "notes.ckpt"}, {}),
        ({}, {"checkpoint": "empty.ckpt"}, {}),
        ({"force": True}, {"checkpoint": "run.ckpt"}, {}),
        ({}, {"checkpoint": "run.ckpt", "resume": True}, {}),
        ({}, {"checkpoint": "old.ckpt", "resume": True}, {}),
    ],
)
def test_files_that_training_may_write_are_not_refused(
    folder: Path, output: dict[str, object], checkpoint: dict[str, object], others: dict[str, str]
) -> None:
    train_files(output, checkpoint, others)


def train_files(output: dict[str, object], checkpoint: dict[str, object], others: dict[str, str]) -> None:
    outputs, checkpoints = TrainingOutput(**output), CheckpointOptions(**checkpoint)  # type: ignore[arg-type]
    check_training_files(outputs, checkpoints, *(others.get(name) for name in ("data", "validation", "weights")))


def test_weights_behind_a_link_that_leads_nowhere_are_not_told_as_missing(folder: Path) -> None:
    """The message about --weights and --output would not help; to read them tells more."""
    Path("link.json").symlink_to("gone.json")
    train_files({"output": "new.json"}, {}, {"weights": "link.json"})


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"resume": True}, ChoiceError, "--resume needs --output FILE"),
        ({"output": "s.csv"}, ChoiceError, "--output s.csv: must be a file with the suffix .jsonl"),
        ({"output": "missing/s.jsonl"}, MlpError, "missing/s.jsonl: no folder"),
        ({"output": "d.jsonl"}, ChoiceError, "--data and --output are both d.jsonl"),
        ({"weights": "w.txt"}, ChoiceError, "--weights w.txt: a weights file ends in"),
        ({"weights": "missing/w.json"}, MlpError, "missing/w.json: no folder"),
        ({"weights": "notes.json"}, MlpError, "notes.json: exists and is not an mlp weights file; choose another --w"),
        ({"keep_all": "notes.csv"}, ChoiceError, "--keep-all notes.csv: is a file; give a folder"),
        ({"keep_all": "missing/deep"}, MlpError, "missing/deep: no folder"),
        ({"keep_all": "other"}, MlpError, "other/1.json: is a folder"),
    ],
)
def test_what_would_fail_after_a_sweep_is_refused_before(
    folder: Path, options: dict[str, str], error: type[Exception], words: str
) -> None:
    with pytest.raises(error) as caught:
        check_sweep_files(SweepOptions(**options), "d.jsonl")  # type: ignore[arg-type]
    assert str(caught.value).startswith(words)
    assert "--force" not in str(caught.value)  # which a sweep does not have


def test_files_that_a_sweep_may_write_are_not_refused(folder: Path) -> None:
    check_sweep_files(SweepOptions(), None)
    check_sweep_files(SweepOptions(output="new.jsonl", resume=True, weights="w.json", keep_all="new"), "d.jsonl")
    check_sweep_files(SweepOptions(output="new.jsonl", keep_all="folder"), "d.jsonl")
    check_runs("NEW.JSONL")


def test_a_folder_of_networks_may_hold_other_files_but_none_with_a_networks_name(folder: Path) -> None:
    for name in ("0.json", "7a.json", "notes.json"):
        Path("folder", name).write_text("my notes")
    Path("folder/12.json").write_bytes(LECTURE.read_bytes())
    check_folder(Path("folder"))
    Path("folder/31.json").write_text("my notes")
    with pytest.raises(MlpError, match=r"^folder/31\.json: exists and is not an mlp weights file; .* --keep-all$"):
        check_folder(Path("folder"))
