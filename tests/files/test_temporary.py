"""Temporary files: those of killed processes are swept, those of living ones and all other files are not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from mlpcli.files.atomic import create, sweep, write_atomically

HOLD = (
    "import sys; from pathlib import Path; from mlpcli.files.atomic import create; "
    "print(create(Path(sys.argv[1]))[0].name, flush=True); sys.stdin.read()"
)


def holder(folder: Path) -> "subprocess.Popen[str]":
    """A process that is writing a temporary file, and has told its name."""
    return subprocess.Popen(
        [sys.executable, "-c", HOLD, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_the_file_of_a_killed_process_is_swept_by_the_next_save(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        assert (tmp_path / name).exists()
        process.send_signal(signal.SIGKILL)
    assert (tmp_path / name).exists()
    write_atomically(str(tmp_path / "w.json"), b"new")
    assert os.listdir(tmp_path) == ["w.json"]


def test_the_file_of_a_living_process_is_not(tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        assert process.stdout is not None
        name = process.stdout.readline().strip()
        write_atomically(str(tmp_path / "w.json"), b"new")
        assert sorted(os.listdir(tmp_path)) == sorted([name, "w.json"])
        process.kill()


def test_a_file_that_this_process_writes_is_not_swept_either(tmp_path: Path) -> None:
    path, descriptor = create(tmp_path)
    sweep(tmp_path)
    assert path.exists()
    os.close(descriptor)
    sweep(tmp_path)
    assert not path.exists()


def test_only_regular_files_of_exactly_this_name_are_swept(tmp_path: Path) -> None:
    names = [".mlp-1-0123456789abcdef.tmp.bak", "mlp-1-0123456789abcdef.tmp", ".mlp-x.tmp", "w.json.tmp"]
    for name in names:
        (tmp_path / name).write_text("mine")
    (tmp_path / ".mlp-1-aaaaaaaaaaaaaaaa.tmp").symlink_to(tmp_path / "w.json.tmp")
    (tmp_path / ".mlp-1-bbbbbbbbbbbbbbbb.tmp").mkdir()
    os.mkfifo(tmp_path / ".mlp-1-cccccccccccccccc.tmp")
    before = sorted(os.listdir(tmp_path))
    sweep(tmp_path)
    assert sorted(os.listdir(tmp_path)) == before


def test_a_folder_that_is_not_there_is_swept_without_a_word(tmp_path: Path) -> None:
    sweep(tmp_path / "none")


def test_two_files_never_have_one_name(tmp_path: Path) -> None:
    made = [create(tmp_path) for _ in range(50)]
    assert len({path for path, _ in made}) == 50
    for _, descriptor in made:
        os.close(descriptor)
